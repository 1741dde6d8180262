"""What a mounted app may expect of the server that it thinks it is behind, and what it can do to whoever called it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from types import FrameType, ModuleType
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from fake_nexmo.engine.outbound import HttpCall, SendFailed
from fake_nexmo.inside.apps import Mount, call_asgi
from fake_nexmo.inside.fake import Fake
from fake_nexmo.inside.stepping import Gate
from tests.inside.fakes import URL, Asgi, Wsgi, client, form, items


@pytest.fixture
def fake() -> Fake:
    """A fake whose ids are known."""
    return Fake(seed=1)


def act(fake: Fake, path: str = "/dlr") -> None:
    """Send an SMS, and let its receipt come."""
    with client(fake) as http:
        http.post(URL, data=form(callback=f"https://shop.test{path}"))
    fake.control("POST", "clock/advance", {"by": "1s"})


def statuses(fake: Fake) -> list[int | None]:
    """What each attempt of the only webhook was answered."""
    (webhook,) = items(fake, "webhooks")
    return [each["status"] for each in webhook["attempts"]]


async def call(app: Any, response_s: float = 5.0) -> tuple[int, bytes]:
    """Call an ASGI app as a webhook does; status and body."""
    asked = HttpCall("POST", "https://shop.test/in", body=b"{}", response_s=response_s)
    answer = await call_asgi(Mount("https://shop.test", app, is_asgi=True), asked)
    return answer.status, answer.body


# Frameworks.


async def pieces() -> AsyncIterator[bytes]:
    for each in (b"a", b"b", b"c"):
        await asyncio.sleep(0)
        yield each


@pytest.fixture(scope="module")
def django_apps() -> Iterator[dict[str, Any]]:
    """An app of three views, over ASGI and WSGI."""
    django, conf, http, urls = map(import_module, ("django", "django.conf", "django.http", "django.urls"))

    async def view(_: Any) -> Any:
        await asyncio.sleep(0)
        return http.HttpResponse("abc")

    views = {
        "sync": lambda _: http.HttpResponse("abc"),
        "async": view,
        "stream": lambda _: http.StreamingHttpResponse([b"a", b"bc"]),
    }
    module = ModuleType("urls_of_a_test")
    module.urlpatterns = [urls.path(name, each) for name, each in views.items()]  # type: ignore[attr-defined]
    if not conf.settings.configured:
        conf.settings.configure(SECRET_KEY="for tests")
    changed = import_module("django.test.utils").override_settings(ROOT_URLCONF=module, ALLOWED_HOSTS=["shop.test"])
    with changed:
        django.setup()
        yield {
            "asgi": import_module("django.core.asgi").get_asgi_application(),
            "wsgi": import_module("django.core.wsgi").get_wsgi_application(),
        }


@pytest.mark.parametrize("path", ["/sync", "/async", "/stream"])
@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
def test_django_answers(fake: Fake, django_apps: dict[str, Any], kind: str, path: str) -> None:
    """Over ASGI it listens for a client that goes away while it makes its answer: none does."""
    fake.mount("https://shop.test", django_apps[kind])

    act(fake, path)

    assert statuses(fake) == [200]


@pytest.mark.parametrize("reads", [True, False])
async def test_a_stream_comes_whole(reads: bool) -> None:
    async def stream(request: Request) -> StreamingResponse:
        if reads:
            await request.body()
        return StreamingResponse(pieces())

    assert await call(Starlette(routes=[Route("/in", stream, methods=["POST"])])) == (200, b"abc")


# An answer, and what comes after it.


async def test_headers_may_be_left_out() -> None:
    """Source: the ASGI specification."""

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    assert await call(bare) == (204, b"")


async def test_a_client_goes_away_when_it_has_its_answer() -> None:
    heard: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def listen() -> None:
            while not heard or heard[-1] != "http.disconnect":
                heard.append((await receive())["type"])

        listens = asyncio.create_task(listen())
        await asyncio.sleep(0.001)
        heard.append("answers")
        await Asgi()(scope, receive_nothing, send)
        await listens

    async def receive_nothing() -> Any:
        return {"body": b""}

    assert await call(app) == (200, b"fine")
    assert heard == ["http.request", "answers", "http.disconnect"]


def work(then: Callable[[], object]) -> Starlette:
    """An app with a background task."""

    async def answer(_: Request) -> PlainTextResponse:
        return PlainTextResponse("fine", background=BackgroundTask(then))

    return Starlette(routes=[Route("/in", answer, methods=["POST"])])


async def test_what_an_app_does_after_its_answer_is_waited_for() -> None:
    done: list[bool] = []

    assert await call(work(lambda: done.append(True))) == (200, b"fine")
    assert done == [True]


async def test_an_error_after_the_answer_is_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """As behind a server, which has sent it."""

    def fail() -> None:
        raise LookupError("no such customer")

    assert await call(work(fail)) == (200, b"fine")
    assert "the app at https://shop.test raised after its answer" in caplog.text


async def test_work_after_the_answer_has_its_time_too() -> None:
    """It is ended, and the answer stands."""

    async def hang(scope: Any, receive: Any, send: Any) -> None:
        await Asgi()(scope, receive, send)
        await asyncio.Event().wait()

    assert await call(hang, response_s=0.01) == (200, b"fine")


async def test_an_answer_without_an_end_is_what_was_sent() -> None:
    async def bare(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    assert await call(bare) == (200, b"")


async def test_an_answer_that_is_begun_and_never_ended_is_too_slow() -> None:
    async def hang(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    with pytest.raises(SendFailed, match=r"did not answer within 0\.01 s"):
        await call(hang, response_s=0.01)


# What reaches through an app.


@pytest.fixture
def alarm() -> Iterator[Callable[[], object]]:
    """Raises an alarm in the main thread, as tools do that limit the time of a test."""

    def ring(number: int, frame: FrameType | None) -> None:
        pytest.fail("time is up")

    before = signal.signal(signal.SIGUSR1, ring)
    yield lambda: os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)


def test_nobody_but_the_main_thread_is_interrupted(fake: Fake) -> None:
    """An app that raises it elsewhere crashes, and does not end the loop that others need."""

    async def interrupt() -> None:
        raise KeyboardInterrupt

    fake.mount("https://shop.test", Asgi(then=interrupt))
    act(fake)
    fake.mount("https://shop.test", Asgi())
    fake.control("POST", "clock/advance", {"by": "1h"})

    assert statuses(fake) == [500, 200]


async def main_thread_waits() -> None:
    """Until the main thread is where it waits for the private loop."""
    while sys._current_frames()[threading.main_thread().ident or 0].f_code.co_name != "wait":  # noqa: ASYNC110
        await asyncio.sleep(0)


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="there is no such signal")
@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_an_alarm_is_for_the_test_and_not_for_the_app(fake: Fake, alarm: Callable[[], object], kind: str) -> None:
    """Else the app would hang again when its webhook is tried again."""
    cancelled = threading.Event()

    def hang() -> None:
        alarm()
        time.sleep(60)

    async def hang_async() -> None:
        await main_thread_waits()
        alarm()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    fake.mount("https://shop.test", Wsgi(then=hang) if kind == "wsgi" else Asgi(then=hang_async))

    with pytest.raises(pytest.fail.Exception, match="time is up"):
        act(fake)

    assert (fake.outbound.crashes, fake.now() > 0) == ([], True)
    assert kind == "wsgi" or cancelled.wait(5)


class Telling(logging.Handler):
    """Sends an SMS for each error."""

    def __init__(self, fake: Fake) -> None:
        super().__init__(logging.ERROR)
        self.fake = fake

    def emit(self, record: logging.LogRecord) -> None:
        with client(self.fake) as http:
            http.post(URL, data=form(to="447700900100", text=record.getMessage()))


@pytest.mark.parametrize("clock", ["manual", "auto"])
async def test_whoever_hears_of_a_crash_may_call_the_fake(clock: str) -> None:
    """From a thread and from a loop."""
    fake = Fake(seed=1, clock=clock)
    hears = Telling(fake)
    fake.mount("https://shop.test", lambda environ, start_response: 1 // 0)
    logging.getLogger().addHandler(hears)
    try:
        await asyncio.to_thread(act, fake)
        fake.control("POST", "faults", {"target": "webhook.receipt", "deliver": "before_response"})
        await asyncio.to_thread(act, fake)
    finally:
        logging.getLogger().removeHandler(hears)

    told = [each["text"] for each in items(fake, "messages", to="447700900100")]
    assert len(told) >= 2
    assert set(told) == {"the app at https://shop.test raised"}


async def test_whoever_is_inside_is_refused_and_does_not_wait_for_itself() -> None:
    gate = Gate()

    async def again() -> int:
        return gate.step(answer())

    async def answer() -> int:
        return 7

    with pytest.raises(RuntimeError, match="called from within itself"):
        gate.step(again())
    with pytest.raises(RuntimeError, match="called from within itself"):
        await gate.drive(again())
    assert gate.step(answer()) == await gate.drive(answer()) == 7
