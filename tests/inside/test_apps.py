"""Webhooks of a fake to apps in the same process, and to those that are not."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from fake_nexmo.engine.outbound import HttpCall, SendFailed
from fake_nexmo.inside.apps import Mount, call_asgi, call_wsgi, is_asgi
from fake_nexmo.inside.exchange import Ask
from fake_nexmo.inside.fake import Fake
from tests.inside.fakes import URL, Asgi, Wsgi, async_client, client, form, items
from tests.receiver import Receiver

RECEIPTS = "https://shop.test/receipts"


@pytest.fixture
def fake() -> Fake:
    """A fake whose ids are known."""
    return Fake(seed=1)


def send(fake: Fake, **more: str) -> None:
    """Send an SMS whose receipts are asked for."""
    with client(fake) as http:
        assert http.post(URL, data=form(callback=RECEIPTS, **more)).json()["messages"][0]["status"] == "0"


def advance(fake: Fake, by: str) -> dict[str, Any]:
    """Let time pass."""
    read: dict[str, Any] = fake.control("POST", "clock/advance", {"by": by})
    return read


def test_a_wsgi_app_is_called_in_the_callers_thread(fake: Fake) -> None:
    threads: list[int] = []
    app = Wsgi(then=lambda: threads.append(threading.get_ident()))
    fake.mount("https://shop.test", app)
    send(fake)

    done = advance(fake, "1m")

    assert (done["delivered"], done["failed"], threads) == (1, 0, [threading.get_ident()])
    (asked,) = app.asked
    seen = {name: asked[name] for name in ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "HTTP_HOST", "SERVER_PORT")}
    assert seen == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/receipts",
        "HTTP_HOST": "shop.test",
        "SERVER_PORT": "443",
    }
    assert "msisdn=447700900001" in asked["QUERY_STRING"]


def test_an_asgi_app_is_run_on_a_private_loop_for_a_synchronous_caller(fake: Fake) -> None:
    threads: list[str] = []

    async def note() -> None:
        await asyncio.sleep(0)
        threads.append(threading.current_thread().name)

    app = Asgi(then=note)
    fake.mount("https://shop.test", app)
    send(fake)

    assert advance(fake, "1m")["delivered"] == 1
    assert threads == ["fake-nexmo webhooks"]
    (asked,) = app.asked
    assert (asked["path"], asked["raw_path"], asked["root_path"]) == ("/receipts", b"/receipts", "")
    assert (asked["scheme"], asked["server"], asked["method"]) == ("https", ("shop.test", 443), "GET")


async def test_an_asgi_app_is_awaited_for_a_caller_on_a_loop(fake: Fake) -> None:
    threads: list[int] = []

    async def note() -> None:
        await asyncio.sleep(0)
        threads.append(threading.get_ident())

    fake.mount("https://shop.test", Asgi(then=note))
    fake.control("POST", "faults", {"target": "webhook.receipt", "deliver": "before_response"})

    async with async_client(fake) as http:
        await http.post(URL, data=form(callback=RECEIPTS))

    assert threads == [threading.get_ident()]


async def test_a_wsgi_app_gets_a_worker_thread_from_a_loop(fake: Fake) -> None:
    threads: list[int] = []
    fake.mount("https://shop.test", Wsgi(then=lambda: threads.append(threading.get_ident())))
    fake.control("POST", "faults", {"target": "webhook.receipt", "deliver": "before_response"})

    async with async_client(fake) as http:
        await http.post(URL, data=form(callback=RECEIPTS))

    assert len(threads) == 1
    assert threads != [threading.get_ident()]


def test_what_a_request_made_due_is_carried_out_before_the_next_call(fake: Fake) -> None:
    app = Wsgi()
    fake.mount("https://shop.test", app)
    fake.control("PUT", "handsets/447700900001", {"receipts": {"after": "0s"}})
    send(fake)
    after_the_reply = len(app.asked)

    send(fake, to="447700900100")

    assert (after_the_reply, len(app.asked)) == (0, 1)


def test_what_is_due_is_carried_out_by_settle_too(fake: Fake) -> None:
    app = Wsgi()
    fake.mount("https://shop.test", app)
    fake.control("PUT", "handsets/447700900001", {"receipts": {"after": "0s"}})
    send(fake)

    fake.settle()

    assert len(app.asked) == 1


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_a_handler_may_call_the_fake(fake: Fake, kind: str) -> None:
    """Requests, acts and looks from within a webhook: no lock is held, and no runner begins inside another."""
    answers: list[Any] = []

    def handle() -> None:
        with client(fake) as http:
            answers.append(http.post(URL, data=form(to="447700900100")).status_code)
        act = fake.control("POST", "handsets/447700900101/sms", {"to": "447700900000", "text": "Hello"})
        answers.append(act["settled"])

    async def handle_async() -> None:
        async with async_client(fake) as http:
            answers.append((await http.post(URL, data=form(to="447700900100"))).status_code)
        act = await asyncio.to_thread(
            fake.control, "POST", "handsets/447700900101/sms", {"to": "447700900000", "text": "Hello"}
        )
        answers.append(act["settled"])

    fake.mount("https://shop.test", Wsgi(then=handle) if kind == "wsgi" else Asgi(then=handle_async))
    send(fake)
    advance(fake, "1m")

    assert answers == [200, False]
    assert len(items(fake, "messages")) == 3


def test_an_app_that_raises_is_a_500_and_is_remembered(fake: Fake, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise LookupError("no such customer")

    fake.mount("https://shop.test", Wsgi(then=fail))
    send(fake)

    assert advance(fake, "1s")["failed"] == 1
    (webhook,) = items(fake, "webhooks")
    assert (webhook["state"], webhook["attempts"][0]["status"]) == ("pending", 500)
    assert [(url.partition("?")[0], repr(error)) for url, error in fake.outbound.crashes] == [
        (RECEIPTS, "LookupError('no such customer')")
    ]
    assert "the app at https://shop.test raised" in caplog.text


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_an_app_that_never_answers_is_a_failure(fake: Fake, kind: str) -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        return

    fake.mount("https://shop.test", (lambda environ, start: []) if kind == "wsgi" else silent)
    send(fake)

    assert advance(fake, "1s")["failed"] == 1
    assert items(fake, "webhooks")[0]["attempts"][0]["error"].startswith("protocol: The app at https://shop.test")


SLOW = HttpCall("POST", "https://shop.test/in", body=b"{}", response_s=0.001)


def test_a_wsgi_app_that_takes_too_long_is_a_time_out() -> None:
    """It cannot be interrupted; its answer does not count."""
    mount = Mount("https://shop.test", Wsgi(then=lambda: threading.Event().wait(0.01)), is_asgi=False)

    with pytest.raises(SendFailed, match=r"did not answer within 0\.001 s") as failed:
        call_wsgi(mount, SLOW)

    assert failed.value.reason == "timeout"


async def test_an_asgi_app_that_takes_too_long_is_cancelled() -> None:
    app = Asgi(then=asyncio.Event().wait)

    with pytest.raises(SendFailed, match=r"did not answer within 0\.001 s"):
        await call_asgi(Mount("https://shop.test", app, is_asgi=True), SLOW)


async def test_a_time_out_of_the_apps_own_is_an_error_like_any_other() -> None:
    async def fail() -> None:
        raise TimeoutError("the database")

    with pytest.raises(TimeoutError, match="the database"):
        await call_asgi(Mount("https://shop.test", Asgi(then=fail), is_asgi=True), SLOW)


def test_whether_an_app_is_asgi() -> None:
    assert [is_asgi(each) for each in (Wsgi(), Asgi(), Instance(), dict)] == [False, True, True, False]


def test_a_webhook_may_take_the_world_away(fake: Fake) -> None:
    fake.mount("https://shop.test", Wsgi(then=lambda: fake.control("DELETE", "/worlds/default")))
    fake.control("PUT", "handsets/447700900001", {"receipts": {"after": "0s"}})
    send(fake)

    fake.settle()

    assert (fake.troubles, fake.now()) == ([], 0)


def test_a_coroutine_without_a_loop_is_stepped(fake: Fake) -> None:
    """As on another kind of loop, such as trio's."""
    asking = fake.answer_async(Ask("GET", "/", b"", [], b""))

    with pytest.raises(StopIteration) as done:
        asking.send(None)

    assert done.value.value.status == 501


def test_an_app_below_a_path_sees_its_own_part_of_it(fake: Fake) -> None:
    root, shop = Wsgi(), Wsgi("204 No Content")
    fake.mount("https://shop.test", root)
    fake.mount("https://SHOP.test:443/shop/", shop)
    with client(fake) as http:
        for path in ("/shop/receipts%2Fnew", "/shopping", "/shop"):
            http.post(URL, data=form(callback=f"https://shop.test{path}"))

    advance(fake, "1m")

    assert [(each["SCRIPT_NAME"], each["PATH_INFO"]) for each in shop.asked] == [
        ("/shop", "/receipts/new"),
        ("/shop", ""),
    ]
    assert [each["PATH_INFO"] for each in root.asked] == ["/shopping"]


def test_a_route_of_the_world_leads_to_a_mounted_app(fake: Fake) -> None:
    app = Wsgi()
    fake.mount("http://shop.inside", app)
    fake.control("PUT", "routes", {"https://shop.test": "http://shop.inside"})
    send(fake)

    advance(fake, "1m")

    assert [each["HTTP_HOST"] for each in app.asked] == ["shop.inside"]


def test_credentials_in_the_url_become_a_header(fake: Fake) -> None:
    app = Wsgi()
    fake.mount("https://shop.test", app)
    with client(fake) as http:
        http.post(URL, data=form(callback="https://me:p%40ss@shop.test/in"))

    advance(fake, "1m")

    assert app.asked[0]["HTTP_AUTHORIZATION"] == "Basic bWU6cEBzcw=="
    assert app.asked[0]["HTTP_HOST"] == "shop.test"


def test_a_wsgi_app_may_write_and_is_closed(fake: Fake) -> None:
    """The old way of WSGI, and an answer that is begun anew after an error."""
    closed: list[bool] = []

    class Body(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def app(environ: Any, start_response: Any) -> Body:
        start_response("500 Oh", [])
        with pytest.raises(RuntimeError, match="second time"):
            start_response("200 OK", [])
        write = start_response("200 OK", [], (None, None, None))
        write(b"old")
        return Body()

    fake.mount("https://shop.test", app)
    send(fake)

    assert advance(fake, "1m")["delivered"] == 1
    assert closed == [True]


class Instance:
    """An ASGI app of the kind that a plain function wraps."""

    def __init__(self) -> None:
        self.inner = Asgi()

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return self.inner(scope, receive, send)


def test_an_app_of_three_arguments_is_asgi(fake: Fake) -> None:
    app = Instance()
    fake.mount("https://shop.test", app)
    send(fake)

    assert advance(fake, "1m")["delivered"] == 1
    assert len(app.inner.asked) == 1


@pytest.mark.parametrize(
    ("url", "app", "says"),
    [
        ("shop.test", Wsgi(), "'shop.test' is no place for an app"),
        ("ftp://shop.test", Wsgi(), "is no place for an app"),
        ("https://shop.test/?a=1", Wsgi(), "is no place for an app"),
        ("https://shop.test", "app", "'app' cannot be called"),
    ],
)
def test_what_cannot_be_mounted_is_refused(fake: Fake, url: str, app: Any, says: str) -> None:
    with pytest.raises((ValueError, TypeError), match=says):
        fake.mount(url, app)


# Nobody mounted it.


async def test_a_url_that_nobody_mounted_is_called_for_real(fake: Fake) -> None:
    async with Receiver() as receiver:
        async with async_client(fake) as http:
            await http.post(URL, data=form(callback=f"{receiver.url}/dlr"))
        done = await asyncio.to_thread(advance, fake, "1m")
        fake.close()

    assert (done["delivered"], done["failed"]) == (1, 0)
    assert len(receiver.requests) == 1


async def test_the_same_from_a_loop(fake: Fake) -> None:
    fake.control("POST", "faults", {"target": "webhook.receipt", "deliver": "before_response"})
    async with Receiver() as receiver:
        async with async_client(fake) as http:
            await http.post(URL, data=form(callback=f"{receiver.url}/dlr"))
        fake.close()

    assert len(receiver.requests) == 1


def test_a_public_address_is_never_called(fake: Fake) -> None:
    send(fake)

    assert advance(fake, "1m")["failed"] == 1
    (webhook,) = items(fake, "webhooks")
    assert webhook["state"] == "refused"
    assert webhook["attempts"][0]["error"].startswith("refused: shop.test is not a local name")


# Time.


def test_a_clock_on_auto_jumps_on_before_the_next_call() -> None:
    fake = Fake(seed=1, clock="auto")
    app = Wsgi()
    fake.mount("https://shop.test", app)
    send(fake)

    assert items(fake, "messages")[0]["status"] == "delivered"
    assert len(app.asked) == 1


def test_a_clock_that_runs_is_looked_at_with_each_call() -> None:
    fake = Fake(seed=1, clock="x1000000")
    app = Wsgi()
    fake.mount("https://shop.test", app)
    send(fake)
    while not app.asked:
        fake.settle()

    assert items(fake, "messages")[0]["status"] == "delivered"


def test_webhooks_that_go_round_in_circles_end_and_are_told(fake: Fake) -> None:
    """Each receipt at once leads to another message."""
    fake.control("PUT", "handsets/447700900001", {"receipts": {"after": "0s"}})
    fake.control("PATCH", "accounts/abcd1234", {"balance": "unlimited"})
    fake.mount("https://shop.test", Wsgi(then=lambda: send(fake)))
    send(fake)

    fake.settle()

    (trouble,) = fake.troubles
    assert trouble.startswith("more than 1000 causes at one instant")


def test_one_fake_serves_many_threads(fake: Fake) -> None:
    app = Wsgi()
    fake.mount("https://shop.test", app)
    fake.control("PUT", "handsets/447700900001", {"receipts": {"after": "0s"}})

    def work() -> None:
        for _ in range(25):
            send(fake)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    fake.settle()

    ids = [each["id"] for each in items(fake, "messages")]
    assert (len(ids), len(set(ids)), len(app.asked)) == (200, 200, 200)
    assert {each["state"] for each in items(fake, "webhooks")} == {"delivered"}


@pytest.mark.parametrize("first", ["act", "advance"])
def test_the_clock_and_acts_wait_for_another_thread(fake: Fake, first: str) -> None:
    """A worker's request has a webhook under way when the test goes on."""
    entered, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        assert go_on.wait(30)

    fake.mount("https://shop.test", Wsgi(then=hold))
    fake.control("PUT", "handsets/447700900001", {"receipts": {"after": "0s"}})
    send(fake)
    worker = threading.Thread(target=fake.settle)
    worker.start()
    assert entered.wait(30)
    threading.Timer(0.05, go_on.set).start()

    if first == "act":
        act = fake.control("POST", "handsets/447700900101/sms", {"to": "447700900000", "text": "Hello"})
        done = advance(fake, "1s")
    else:
        done = advance(fake, "1s")
        act = fake.control("POST", "handsets/447700900101/sms", {"to": "447700900000", "text": "Hello"})
    worker.join()

    assert (act["settled"], done["settled"]) == (True, True)
    assert {each["state"] for each in items(fake, "webhooks")} == {"delivered"}


async def test_one_fake_serves_many_tasks(fake: Fake) -> None:
    fake.mount("https://shop.test", Asgi())
    fake.control("PUT", "handsets/447700900001", {"receipts": {"after": "0s"}})

    async with async_client(fake) as http:
        answers = await asyncio.gather(*(http.post(URL, data=form(callback=RECEIPTS)) for _ in range(50)))
        await http.get("https://localhost/_fake/health")

    assert len({each.json()["messages"][0]["message-id"] for each in answers}) == 50
    assert {each["state"] for each in items(fake, "webhooks")} == {"delivered"}


async def test_a_call_that_is_cancelled_leaves_the_fake_whole(fake: Fake) -> None:
    """What was under way when its caller went is due again, and the next runner has it."""
    begun = asyncio.Event()

    async def hang_once() -> None:
        if not begun.is_set():
            begun.set()
            await asyncio.sleep(60)

    app = Asgi(then=hang_once)
    fake.mount("https://shop.test", app)
    fake.control("POST", "faults", {"target": "webhook.receipt", "deliver": "before_response", "call": 1})
    async with async_client(fake) as http:
        task = asyncio.ensure_future(http.post(URL, data=form(callback=RECEIPTS)))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        again = await http.post(URL, data=form())
    await asyncio.to_thread(fake.control, "POST", "clock/advance", {"by": "1s"})

    assert again.status_code == 200
    [webhook] = fake.control("GET", "webhooks")["items"]
    assert webhook["state"] == "delivered"
