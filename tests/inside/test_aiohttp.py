"""Clients of aiohttp at the fake: its own sessions, answers and errors, and no connection."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import aiohttp
import aiohttp.abc
import jwt
import pytest
from aiohttp.connector import BaseConnector, TCPConnector

from fake_nexmo.inside.arrivals import when_imported
from fake_nexmo.inside.block import RealServiceBlocked, blocked
from fake_nexmo.inside.fake import Fake
from fake_nexmo.inside.intercept import intercepted
from tests.inside.fakes import SENT, URL, Asgi, Wsgi, form, items
from tests.receiver import Answer, Receiver

BALANCE = "https://rest.nexmo.com/account/get-balance"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"abcd1234:s3cr3tS3cr3t").decode()}
CREDENTIALS = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A fake in the way of every client."""
    made = Fake(seed=1)
    with intercepted(made):
        yield made


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A session that was opened before the fake was in its way, or without one."""
    async with aiohttp.ClientSession() as opened:
        yield opened


# The same answers.


async def test_a_form_is_answered(http: aiohttp.ClientSession, fake: Fake) -> None:
    async with http.post(URL, data=form()) as answer:
        read = await answer.json()

    assert type(answer) is aiohttp.ClientResponse
    assert (answer.status, answer.reason, read) == (200, "OK", SENT)
    assert answer.headers["Content-Type"] == "application/json"
    assert (str(answer.url), answer.ok, answer.connection) == (URL, True, None)


async def test_a_session_that_was_opened_later_is_answered(fake: Fake) -> None:
    async with aiohttp.request("POST", URL, data=form()) as answer:
        assert await answer.json() == SENT


async def test_query_and_escaped_path_arrive_as_they_were_sent(http: aiohttp.ClientSession, fake: Fake) -> None:
    async with http.get(BALANCE, params=CREDENTIALS) as answer:
        assert await answer.json() == {"value": 100.0, "autoReload": False}
    async with http.get("https://api.nexmo.com/v9/tea%20pots?a=1") as gap:
        assert (gap.status, (await gap.json(content_type=None))["gap"]) == (501, "GET /v9/tea pots")


async def test_json_goes_in(http: aiohttp.ClientSession, fake: Fake) -> None:
    async with http.post(
        "https://api.nexmo.com/verify/json", json={**CREDENTIALS, "number": "447700900001", "brand": "A"}
    ) as one:
        assert (await one.json())["status"] == "0"

    assert [each["number"] for each in items(fake, "verifications")] == ["447700900001"]


async def test_xml_comes_out(http: aiohttp.ClientSession, fake: Fake) -> None:
    async with http.post("https://rest.nexmo.com/sms/xml", data=form()) as answer:
        read = ET.fromstring(await answer.text())

    assert answer.content_type in {"text/xml", "application/xml"}
    assert read.findtext(".//messageId") == SENT["messages"][0]["message-id"]  # type: ignore[index]


async def test_basic_credentials(fake: Fake) -> None:
    async with aiohttp.ClientSession(headers=BASIC) as http, http.get(BALANCE) as answer:
        assert await answer.json() == {"value": 100.0, "autoReload": False}


async def test_a_token(http: aiohttp.ClientSession, fake: Fake) -> None:
    application = fake.world.applications[0]
    now = int(time.time())
    claims = {"application_id": application.application_id, "iat": now, "exp": now + 60, "jti": "one"}
    assert application.private_key
    token = jwt.encode(claims, application.private_key, "RS256")
    asked = {
        "to": [{"type": "phone", "number": "447700900001"}],
        "from": {"type": "phone", "number": "447700900000"},
        "ncco": [{"action": "talk", "text": "Hello"}],
    }

    async with http.post(
        "https://api.nexmo.com/v1/calls", json=asked, headers={"Authorization": f"Bearer {token}"}
    ) as answer:
        assert (answer.status, (await answer.json())["status"]) == (201, "started")

    assert [each["to"] for each in items(fake, "calls")] == ["447700900001"]


@pytest.mark.parametrize("body", ["octets", "chunks", "announced", "large"])
async def test_any_kind_of_body(http: aiohttp.ClientSession, fake: Fake, body: str) -> None:
    octets = urlencode(form()).encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield octets[:10]
        yield octets[10:]

    named: dict[str, Any] = {
        "octets": {"data": octets},
        "chunks": {"data": chunks()},
        "announced": {"data": octets, "expect100": True},
        "large": {"data": octets + b"&more=" + b"x" * 300_000},
    }

    async with http.post(URL, headers={"Content-Type": "application/x-www-form-urlencoded"}, **named[body]) as answer:
        assert await answer.json() == SENT


async def test_an_answer_without_a_body(http: aiohttp.ClientSession, fake: Fake) -> None:
    async with http.head(BALANCE, params=CREDENTIALS) as head:
        assert await head.read() == b""


async def test_a_refusal_may_be_raised(fake: Fake) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as http:
        with pytest.raises(aiohttp.ClientResponseError) as raised:
            await http.get(BALANCE, params={**CREDENTIALS, "api_secret": "wrong"})

    assert (raised.value.status, str(raised.value.request_info.real_url).partition("?")[0]) == (401, BALANCE)


async def test_cookies_go_where_they_belong(fake: Fake) -> None:
    seen: list[str] = []
    inner = fake.app

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope["headers"]).get(b"cookie", b"").decode())

        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"set-cookie", b"till=7"), (b"set-cookie", b"shop=a")]
            await send(message)

        await inner(scope, receive, told)

    fake.app = app  # type: ignore[assignment]
    async with aiohttp.ClientSession(cookies=SimpleCookie("mine=1")) as http:
        for _ in range(2):
            async with http.get(BALANCE, params=CREDENTIALS) as answer:
                assert answer.status == 200

    assert seen == ["mine=1", "mine=1; shop=a; till=7"]


async def test_a_redirect_leads_into_the_fake(http: aiohttp.ClientSession, fake: Fake) -> None:
    async with Receiver() as receiver:
        receiver.say(Answer(302, headers=(("Location", f"{BALANCE}?{urlencode(CREDENTIALS)}"),)))
        async with http.get(f"{receiver.url}/there") as answer:
            assert await answer.json() == {"value": 100.0, "autoReload": False}

    assert [each.status for each in answer.history] == [302]


async def test_what_a_trace_sees(fake: Fake) -> None:
    seen: list[str] = []

    async def note(session: Any, context: Any, facts: Any) -> None:
        seen.append(type(facts).__name__)

    config = aiohttp.TraceConfig()
    config.on_request_start.append(note)
    config.on_request_chunk_sent.append(note)
    config.on_request_end.append(note)
    async with aiohttp.ClientSession(trace_configs=[config]) as http, http.post(URL, data=form()) as answer:
        assert answer.status == 200

    assert seen == ["TraceRequestStartParams", "TraceRequestChunkSentParams", "TraceRequestEndParams"]


async def test_a_proxy_changes_nothing(http: aiohttp.ClientSession, fake: Fake) -> None:
    for url in (URL, URL.replace("https", "http")):
        async with http.post(url, data=form(), proxy="http://127.0.0.1:1") as answer:
            assert (await answer.json())["messages"][0]["status"] == "0"


async def test_a_connector_of_any_kind_is_met(fake: Fake, tmp_path: Path) -> None:
    """Its limit is that of real connections, and there is none."""
    for connector in (aiohttp.UnixConnector(str(tmp_path / "none")), TCPConnector(limit=1, force_close=True)):
        async with aiohttp.ClientSession(connector=connector) as http:
            answers = await asyncio.gather(*(http.post(URL, data=form()) for _ in range(3)))
            assert [(await each.json())["messages"][0]["status"] for each in answers] == ["0"] * 3


async def test_other_hosts_go_where_they_were_going(http: aiohttp.ClientSession, fake: Fake) -> None:
    async with Receiver() as receiver, http.get(f"{receiver.url}/a") as answer:
        assert await answer.text() == "OK"
        assert [each.path for each in receiver.requests] == ["/a"]


async def test_a_socket_of_the_web_is_refused(http: aiohttp.ClientSession, fake: Fake) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
        await http.ws_connect("wss://api.nexmo.com/v9/teapots")

    assert raised.value.status == 501


# Many at once.


async def test_many_at_once(http: aiohttp.ClientSession, fake: Fake) -> None:
    async def send(text: str) -> str:
        async with http.post(URL, data=form(text=text)) as answer:
            return str((await answer.json())["messages"][0]["status"])

    assert await asyncio.gather(*(send(f"Hi {k}") for k in range(50))) == ["0"] * 50
    assert sorted(each["text"] for each in items(fake, "messages")) == sorted(f"Hi {k}" for k in range(50))


def test_loops_on_several_threads(fake: Fake) -> None:
    statuses: list[int] = []

    async def send() -> None:
        async with aiohttp.ClientSession() as http:
            for _ in range(10):
                async with http.post(URL, data=form()) as answer:
                    statuses.append(answer.status)

    threads = [threading.Thread(target=asyncio.run, args=(send(),)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert statuses == [200] * 40
    assert len(items(fake, "messages")) == 40


# Webhooks to apps in the same process.


@pytest.mark.parametrize("kind", [Wsgi, Asgi])
async def test_webhooks_of_what_it_sent_reach_a_mounted_app(http: aiohttp.ClientSession, fake: Fake, kind: Any) -> None:
    app = kind()
    fake.mount("https://shop.test", app)
    async with http.post(URL, data=form(callback="https://shop.test/receipt")) as answer:
        assert answer.status == 200

    fake.control("POST", "clock/advance", {"by": "1m"})

    assert len(app.asked) == 1
    assert [each["state"] for each in items(fake, "webhooks")] == ["delivered"]


async def test_an_app_may_ask_while_it_is_asked(http: aiohttp.ClientSession, fake: Fake) -> None:
    async def send() -> None:
        async with http.post(URL, data=form(text="Thank you")) as answer:
            assert answer.status == 200

    app = Asgi(then=send)
    fake.mount("https://shop.test", app)
    fake.control("PATCH", "numbers/447700900000", {"inbound_sms": "https://shop.test/in"})
    fake.control("POST", "faults", {"target": "webhook.receipt", "deliver": "before_response"})

    async with http.post(URL, data=form(callback="https://shop.test/receipt")) as answer:
        assert answer.status == 200

    assert [each["text"] for each in items(fake, "messages")] == ["Hi", "Thank you"]
    assert len(app.asked) == 1


# Troubles, in its own words.


def trouble(fake: Fake, **words: Any) -> None:
    """Arm a fault at sending."""
    fake.control("POST", "faults", {"target": "sms.send", **words})


async def test_a_dropped_connection(http: aiohttp.ClientSession, fake: Fake) -> None:
    trouble(fake, then="drop_connection", effect="none")

    with pytest.raises(aiohttp.ServerDisconnectedError, match="Server disconnected"):
        await http.post(URL, data=form())

    assert items(fake, "messages") == []


async def test_a_truncated_reply(http: aiohttp.ClientSession, fake: Fake) -> None:
    trouble(fake, then="truncate")

    async with http.post(URL, data=form()) as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        with pytest.raises(aiohttp.ClientPayloadError, match="Response payload is not completed"):
            await answer.read()


async def test_a_reply_after_the_time_out(http: aiohttp.ClientSession, fake: Fake) -> None:
    trouble(fake, delay="4s")
    began = time.perf_counter()

    with pytest.raises(aiohttp.SocketTimeoutError, match="Timeout on reading data from socket"):
        await http.post(URL, data=form(), timeout=aiohttp.ClientTimeout(sock_read=3))
    with pytest.raises(TimeoutError) as raised:
        await http.post(URL, data=form(), timeout=aiohttp.ClientTimeout(total=3))
    assert not isinstance(raised.value, aiohttp.ClientError)
    with pytest.raises(TimeoutError):
        await http.post(URL, data=form(), timeout=aiohttp.ClientTimeout(total=3, sock_read=3.5))

    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("limit", [None, 5, 0])
async def test_a_reply_before_the_time_out_comes_at_once(
    http: aiohttp.ClientSession, fake: Fake, limit: float | None
) -> None:
    trouble(fake, delay="4s")
    began = time.perf_counter()

    async with http.post(URL, data=form(), timeout=aiohttp.ClientTimeout(total=limit)) as answer:
        assert answer.status == 200

    assert time.perf_counter() - began < 2


async def test_a_status_that_has_no_name(http: aiohttp.ClientSession, fake: Fake) -> None:
    trouble(fake, answer={"http": 599})

    async with http.post(URL, data=form()) as answer:
        assert (answer.status, answer.reason) == (599, "")


async def test_a_connection_may_be_closed_twice(http: aiohttp.ClientSession, fake: Fake) -> None:
    trouble(fake, then="truncate")
    answer = await http.post(URL, data=form())

    answer.close()
    answer.close()

    assert answer.closed
    assert answer.connection is None


async def test_a_body_that_breaks_off_is_no_request(http: aiohttp.ClientSession, fake: Fake) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"from=Acme"
        raise ZeroDivisionError("no more")

    with pytest.raises(aiohttp.ClientConnectionError):
        await http.post(URL, data=chunks())

    assert items(fake, "requests") == []


async def test_a_bug_of_ours_is_told_to_whoever_asked(http: aiohttp.ClientSession, fake: Fake) -> None:
    async def broken(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    fake.app = broken  # type: ignore[assignment]

    with pytest.raises(ZeroDivisionError, match="a bug"):
        await http.post(URL, data=form())


async def test_whoever_gives_up_is_not_answered(http: aiohttp.ClientSession, fake: Fake) -> None:
    waiting = asyncio.Event()
    ended: list[str] = []

    async def patient(*_: Any) -> None:
        waiting.set()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    fake.app = patient  # type: ignore[assignment]
    asking = asyncio.create_task(http.post(URL, data=form()))
    await waiting.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert ended == ["cancelled"]


# In the way, and out of it.


def test_everything_is_as_it_was_afterwards() -> None:
    before = (BaseConnector.connect, TCPConnector._resolve_host)
    with intercepted(Fake()), blocked(print):
        during = (BaseConnector.connect, TCPConnector._resolve_host)
        with intercepted(Fake()), blocked(print):
            assert (BaseConnector.connect, TCPConnector._resolve_host) == during

    assert (BaseConnector.connect, TCPConnector._resolve_host) == before
    assert not set(before) & set(during)


async def test_a_session_outlives_fakes(http: aiohttp.ClientSession) -> None:
    first, second = Fake(seed=1), Fake(seed=2)
    for each in (first, second):
        with intercepted(each):
            async with http.post(URL, data=form()) as answer:
                assert answer.status == 200
    with blocked(lambda _: None), pytest.raises(aiohttp.ClientConnectorError):
        await http.post(URL, data=form())

    assert [len(items(each, "messages")) for each in (first, second)] == [1, 1]


_LATER = """
import asyncio
import sys

from fake_nexmo.inside.block import blocked
from fake_nexmo.inside.fake import Fake
from fake_nexmo.inside.intercept import intercepted

told, before = [], list(sys.meta_path)
with intercepted(Fake(seed=1)), blocked(told.append):
    assert "aiohttp" not in sys.modules
    import aiohttp
    from aiohttp import connector

    async def ask():
        async with aiohttp.ClientSession() as http:
            async with http.get("https://api.nexmo.com/v9/teapots") as answer:
                return answer.status
    assert asyncio.run(ask()) == 501
    during = connector.BaseConnector.connect
assert connector.BaseConnector.connect is not during
assert sys.meta_path == before
print(told)
"""


def test_one_that_is_imported_later_is_met_then() -> None:
    done = subprocess.run([sys.executable, "-c", _LATER], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_nobody_waits_for_a_module_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "arrives_late.py").write_text("name = 'late'\n")
    monkeypatch.syspath_prepend(tmp_path)
    told: list[str] = []
    with when_imported("arrives_late", lambda module: told.append(module.name)):
        spec = importlib.util.find_spec("arrives_late")
        assert spec is not None
        assert spec.loader is not None
        assert importlib.util.find_spec("arrives_never") is None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert told == []


def test_finders_of_the_old_kind_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until Python 3.12 there might be some."""
    (tmp_path / "arrives_late.py").write_text("name = 'late'\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [object(), *sys.meta_path])
    with when_imported("arrives_late", lambda module: None):
        assert importlib.util.find_spec("arrives_late") is not None


# Keeping away from the real service.


class _Resolver(aiohttp.abc.AbstractResolver):
    """A resolver that asks nothing of Python's ``socket``, as one in C does."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
        raise AssertionError(f"{host} is looked up")

    async def close(self) -> None:
        """Nothing is open."""


async def test_the_real_service_is_out_of_reach() -> None:
    told: list[str] = []
    with blocked(told.append):
        for connector in (TCPConnector(), TCPConnector(resolver=_Resolver())):
            async with aiohttp.ClientSession(connector=connector) as http:
                with pytest.raises(aiohttp.ClientConnectorError, match=r"reach the real api\.nexmo\.com") as raised:
                    await http.get("https://api.nexmo.com/")
                assert isinstance(raised.value.os_error, RealServiceBlocked)

    assert told == ["api.nexmo.com"] * 2


async def test_other_names_are_looked_up_as_ever(http: aiohttp.ClientSession) -> None:
    told: list[str] = []
    with blocked(told.append):
        async with Receiver() as receiver, http.get(f"http://localhost:{receiver.port}/") as answer:
            assert (await answer.text(), told) == ("OK", [])
