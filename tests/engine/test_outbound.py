"""Where webhooks may go, how they get there, and what comes back when they don't."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.engine import outbound as module
from fake_nexmo.engine.outbound import HttpAnswer, HttpCall, Outbound, SendFailed, TargetRefused, route
from tests.receiver import Answer, Received, Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server of the app under test."""
    async with Receiver() as one:
        yield one


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    """The way out, with nothing allowed beyond the neighbourhood."""
    one = Outbound()
    yield one
    await one.aclose()


class StandIn(asyncio.SelectorEventLoop):
    """A loop without a network: look-ups are answered from a table, connections are noted and refused."""

    def __init__(self, names: dict[str, list[str]]) -> None:
        super().__init__()
        self.names = names
        self.asked: list[str] = []
        self.called: list[str] = []

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> Any:
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.names[host]]

    async def create_connection(  # type: ignore[override]
        self, _: Any, host: Any = None, port: Any = None, **__: Any
    ) -> Any:
        self.called.append(f"{host} {port}")
        raise ConnectionRefusedError(111, "Connect call failed")


def attempt(url: str, *allow: str, names: dict[str, list[str]] | None = None) -> tuple[StandIn, str, str]:
    """One call without a network: the loop, the kind of the outcome, its text."""
    loop = StandIn(names or {})

    async def go() -> tuple[str, str]:
        out = Outbound(allow=allow)
        try:
            await out.send(HttpCall("GET", url))
        except (SendFailed, TargetRefused) as error:
            return type(error).__name__, error.detail
        finally:
            await out.aclose()
        raise AssertionError("nothing answers on this loop")

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return loop, *runner.run(go())


async def failure(outbound: Outbound, call: HttpCall) -> tuple[str, str]:
    """Reason and sentence of a call that must fail."""
    with pytest.raises(SendFailed) as failed:
        await outbound.send(call)
    assert str(failed.value) == failed.value.detail
    return failed.value.reason, failed.value.detail


# ----------------------------------------------------------------------------------------------------- the request


async def test_a_get_is_sent_as_it_was_worded(outbound: Outbound, receiver: Receiver) -> None:
    """Only Host and Accept are added; no user agent, no encodings, no cookies."""
    call = HttpCall("GET", receiver.url + "/dlr?own=1&text=a+b%20c#part", (("User-Agent", "Nexmo/1"),))

    answer = await outbound.send(call)

    [got] = receiver.requests
    assert (got.method, got.path, got.query, got.body) == ("GET", "/dlr", "own=1&text=a+b%20c", b"")
    assert got.headers == (("Host", f"127.0.0.1:{receiver.port}"), ("User-Agent", "Nexmo/1"), ("Accept", "*/*"))
    assert answer == HttpAnswer(200, (("content-length", "2"),), b"OK", answer.took_s)
    assert 0 < answer.took_s < 5


async def test_a_body_is_sent_with_its_length(outbound: Outbound, receiver: Receiver) -> None:
    body = b'{"text":"\xc3\xa9"}'
    await outbound.send(HttpCall("POST", receiver.url, (("Content-Type", "application/json"),), body))
    await outbound.send(HttpCall("POST", receiver.url))

    first, second = receiver.requests
    assert (first.method, first.path, first.body) == ("POST", "/", body)
    assert [first.header("content-type"), first.header("content-length")] == ["application/json", "13"]
    assert (second.header("content-length"), second.body) == ("0", b"")


async def test_headers_of_the_call_win(outbound: Outbound, receiver: Receiver) -> None:
    """A host that was routed elsewhere, a signature beside credentials in the URL: the call knows better."""
    headers = (("host", "shop.test"), ("accept", "text/plain"), ("authorization", "Bearer t"))
    await outbound.send(HttpCall("GET", receiver.url.replace("//", "//u:p@"), headers))

    assert receiver.requests[0].headers == headers


@pytest.mark.parametrize(
    ("user", "header"),
    [("u:p", "Basic dTpw"), ("u", "Basic dTo="), ("u%40x:p%3A%2F", "Basic dUB4OnA6Lw=="), ("", None)],
)
async def test_credentials_in_the_url_become_a_header(
    outbound: Outbound, receiver: Receiver, user: str, header: str | None
) -> None:
    await outbound.send(HttpCall("GET", receiver.url.replace("//", f"//{user}@")))

    assert receiver.requests[0].header("authorization") == header
    assert receiver.requests[0].header("host") == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize(
    ("written", "path", "query"),
    [
        ("", "/", ""),
        ("?a=1", "/", "a=1"),
        ("/a b/\u00e9?x=\u00fc|", "/a%20b/%C3%A9", "x=%C3%BC%7C"),
        ("/100%/%41", "/100%/%41", ""),
        ("/a\r\nX-Evil: 1", "/aX-Evil:%201", ""),
        ("//two//x\\y?q=\\d?e", "//two//x%5Cy", "q=%5Cd?e"),
    ],
)
async def test_what_a_path_cannot_hold_is_encoded(
    outbound: Outbound, receiver: Receiver, written: str, path: str, query: str
) -> None:
    await outbound.send(HttpCall("GET", receiver.url + written))

    assert [(one.path, one.query) for one in receiver.requests] == [(path, query)]


# ------------------------------------------------------------------------------------------------------ the answer


async def test_a_redirect_is_an_answer(outbound: Outbound, receiver: Receiver) -> None:
    receiver.say(Answer(302, b"", (("Location", receiver.url + "/other"), ("Set-Cookie", "a=1"))))

    first = await outbound.send(HttpCall("GET", receiver.url))
    await outbound.send(HttpCall("GET", receiver.url))

    assert (first.status, first.headers[1]) == (302, ("location", receiver.url + "/other"))
    assert [(one.path, one.header("cookie")) for one in receiver.requests] == [("/", None), ("/", None)]


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, b"abc"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil it ends", 200, b"until it ends"),
        (b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx", 404, b"x"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno", 500, b"no"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOKand more", 200, b"OK"),
    ],
)
async def test_answers_of_every_framing(
    outbound: Outbound, receiver: Receiver, raw: bytes, status: int, body: bytes
) -> None:
    """Whatever the first answer leaves on its connection, the second call is not troubled by it."""
    receiver.say(Answer(raw=raw, then_close=True))

    first = await outbound.send(HttpCall("GET", receiver.url))
    second = await outbound.send(HttpCall("GET", receiver.url))

    assert (first.status, first.body, second.body) == (status, body, b"OK")
    assert len(receiver.requests) == 2


async def test_a_long_body_is_cut(outbound: Outbound, receiver: Receiver) -> None:
    """It is an answer all the same; the rest is not read."""
    receiver.say(Answer(200, b"x" * module.BODY_MAX), Answer(200, b"y" * (module.BODY_MAX + 1)))

    whole = await outbound.send(HttpCall("GET", receiver.url))
    cut = await outbound.send(HttpCall("GET", receiver.url))

    assert (len(whole.body), whole.truncated) == (module.BODY_MAX, False)
    assert (cut.status, cut.body, cut.truncated) == (200, b"y" * module.BODY_MAX, True)
    assert (await outbound.send(HttpCall("GET", receiver.url))).body == b"OK"


@pytest.mark.parametrize(
    ("answer", "reason", "sentence"),
    [
        (Answer(hang_up=True), "connection", "{url}/a closed the connection without an answer."),
        (
            Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then_close=True),
            "connection",
            "{url}/a closed the connection in the middle of its answer.",
        ),
        (Answer(raw=b"SSH-2.0-OpenSSH\r\n\r\n"), "protocol", "{url}/a did not answer in HTTP: "),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000), "protocol", "{url}/a did not answer in HTTP: "),
        (Answer(raw=b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n"), "protocol", "{url}/a did not answer in HTTP: "),
    ],
)
async def test_what_is_no_answer_says_so(
    outbound: Outbound, receiver: Receiver, answer: Answer, reason: str, sentence: str
) -> None:
    """One readable sentence, without the secrets of the URL."""
    receiver.say(answer)
    url = receiver.url.replace("//", "//user:secret@") + "/a?token=secret"

    got, detail = await failure(outbound, HttpCall("GET", url))

    assert got == reason
    assert detail.startswith(sentence.format(url=receiver.url))
    assert "secret" not in detail
    assert detail.endswith(".")


# ------------------------------------------------------------------------------------------------------- time-outs


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
async def test_the_whole_answer_has_one_cap(outbound: Outbound, receiver: Receiver, begun: bytes) -> None:
    """Silence, or an answer that began and does not end."""
    receiver.say(Answer(raw=begun, until=None if begun else asyncio.Event()))

    got = await failure(outbound, HttpCall("GET", receiver.url, response_s=0.05))

    assert got == ("timeout", f"{receiver.url}/ did not answer within 0.05 s.")
    assert (await outbound.send(HttpCall("GET", receiver.url))).status == 200
    assert receiver.connections == 2


async def test_an_answer_in_time_is_waited_for(outbound: Outbound, receiver: Receiver) -> None:
    gate = asyncio.Event()
    receiver.say(Answer(until=gate))
    call = asyncio.create_task(outbound.send(HttpCall("GET", receiver.url)))

    await receiver.wait_for(1)
    assert not call.done()
    gate.set()

    assert (await call).status == 200


async def test_waiting_for_a_place_in_the_pool_costs_no_time(receiver: Receiver) -> None:
    """The second call waits for the first, longer than its own cap, and is answered."""
    out = Outbound(pool_size=1)
    receiver.say(Answer(until=asyncio.Event()))

    first, second = await asyncio.gather(
        out.send(HttpCall("GET", receiver.url, response_s=0.3)),
        out.send(HttpCall("GET", receiver.url, response_s=0.2)),
        return_exceptions=True,
    )
    await out.aclose()

    assert isinstance(first, SendFailed)
    assert isinstance(second, HttpAnswer)
    assert second.took_s < 0.2


async def test_connecting_has_its_own_cap(outbound: Outbound) -> None:
    """A listener that never shakes hands for TLS."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        got = await failure(outbound, HttpCall("GET", url, connect_s=0.05))

    assert got == ("timeout", f"No connection to {url} within 0.05 s.")


async def test_a_closed_port_is_refused(outbound: Outbound) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"

    assert await failure(outbound, HttpCall("GET", url + "/a?b")) == (
        "connection",
        f"No connection to {url}: connection refused.",
    )


# ----------------------------------------------------------------------------------------------- kept connections


async def test_a_connection_is_kept(outbound: Outbound, receiver: Receiver) -> None:
    for _ in range(3):
        await outbound.send(HttpCall("POST", receiver.url, body=b"x"))

    assert receiver.connections == 1


async def close_unannounced() -> None:
    """A server that closes after each answer without saying so: no call fails, none is made twice."""
    out = Outbound()
    async with Receiver() as receiver:
        receiver.answer_by(lambda received: Answer(body=received.body, then_close=True))
        for k in range(200):
            assert (await out.send(HttpCall("POST", receiver.url, body=b"%d" % k))).body == b"%d" % k
        assert [received.body for received in receiver.requests] == [b"%d" % k for k in range(200)]
        await out.aclose()


async def hang_up_later() -> None:
    """An app that dies over its second call sees that call once; the failure is told."""
    out = Outbound()
    async with Receiver() as receiver:
        receiver.say(Answer(), Answer(hang_up=True))
        await out.send(HttpCall("GET", receiver.url))
        assert (await failure(out, HttpCall("GET", receiver.url)))[0] == "connection"
        assert ([received.connection for received in receiver.requests]) == [1, 1]
        await out.aclose()


async def long_answers() -> None:
    """Longer than any buffer on the way, plain and over TLS, read to the end or cut."""
    out = Outbound()
    for tls in (None, server_tls("127.0.0.1")):
        async with Receiver(tls=tls) as receiver:
            receiver.say(Answer(body=b"x" * module.BODY_MAX), Answer(body=b"y" * 4 * module.BODY_MAX))
            assert (await out.send(HttpCall("GET", receiver.url))).body == b"x" * module.BODY_MAX
            assert (await out.send(HttpCall("GET", receiver.url))).truncated
            assert (await out.send(HttpCall("GET", receiver.url))).body == b"OK"
    await out.aclose()


async def time_out_and_go_on() -> None:
    """A time-out ends one call and its connection, nothing else."""
    out = Outbound()
    async with Receiver() as receiver:
        receiver.say(Answer(until=asyncio.Event()))
        call = HttpCall("GET", receiver.url, response_s=0.05)
        assert (await failure(out, call))[0] == "timeout"
        assert (await out.send(call)).status == 200
        await out.aclose()


async def tls_and_back() -> None:
    """A self-signed certificate will do on loopback, also on a kept connection."""
    out = Outbound()
    async with Receiver(tls=server_tls("127.0.0.1")) as receiver:
        for _ in range(3):
            assert (await out.send(HttpCall("GET", receiver.url))).status == 200
        assert receiver.connections == 1
        receiver.answer_by(lambda _: Answer(then_close=True))
        for _ in range(20):
            assert (await out.send(HttpCall("GET", receiver.url))).status == 200
        assert len(receiver.requests) == 23
        await out.aclose()


@pytest.mark.parametrize("loop", ["stock", "uvloop"])
@pytest.mark.parametrize("play", [close_unannounced, hang_up_later, long_answers, time_out_and_go_on, tls_and_back])
def test_on_both_loops(loop: str, play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """What depends on a loop's transports holds on both; nothing is left for the collector to warn about."""
    factory = pytest.importorskip("uvloop").new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(play())
    gc.collect()


async def test_calls_run_side_by_side_and_each_origin_is_bounded(receiver: Receiver) -> None:
    out = Outbound(pool_size=3)
    gate = asyncio.Event()
    receiver.answer_by(lambda _: Answer(until=gate))
    calls = [asyncio.create_task(out.send(HttpCall("GET", receiver.url))) for _ in range(8)]

    await receiver.wait_for(3)
    assert len(receiver.requests) == 3
    gate.set()

    assert {answer.status for answer in await asyncio.gather(*calls)} == {200}
    assert (len(receiver.requests), receiver.connections) == (8, 3)
    await out.aclose()


async def test_an_app_that_hangs_holds_up_no_other(receiver: Receiver) -> None:
    out = Outbound(pool_size=1)
    receiver.say(Answer(until=asyncio.Event()))
    calls = [asyncio.create_task(out.send(HttpCall("GET", receiver.url))) for _ in range(3)]
    await receiver.wait_for(1)

    async with Receiver() as other:
        assert (await out.send(HttpCall("GET", other.url))).status == 200
        await out.aclose()

    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [str(end) for end in ends] == ["fake-nexmo was stopped during the call."] * 3
    assert len(receiver.requests) == 1


async def test_an_idle_origin_makes_room_for_another(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ORIGINS_MAX", 1)
    out = Outbound()
    async with Receiver() as other:
        for url in (receiver.url, other.url, receiver.url):
            assert (await out.send(HttpCall("GET", url))).status == 200
        assert (receiver.connections, other.connections) == (2, 1)
        await out.aclose()


async def test_connections_without_work_are_closed(
    outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that waits for open connections when it stops is not held up for long."""
    monkeypatch.setattr(module, "IDLE_S", 0.02)
    await outbound.send(HttpCall("GET", receiver.url))
    assert outbound._sweeper is not None

    async with asyncio.timeout(5):
        await outbound._sweeper

    await outbound.send(HttpCall("GET", receiver.url))
    assert receiver.connections == 2


async def test_closing_ends_calls_under_way(receiver: Receiver) -> None:
    out = Outbound()
    receiver.say(Answer(until=asyncio.Event()))
    call = asyncio.create_task(out.send(HttpCall("GET", receiver.url)))
    await receiver.wait_for(1)

    await out.aclose()

    with pytest.raises(SendFailed):
        await call
    assert await failure(out, HttpCall("GET", receiver.url)) == (
        "connection",
        "fake-nexmo was stopped during the call.",
    )
    await out.aclose()


async def test_a_cancelled_call_leaves_nothing_behind(outbound: Outbound, receiver: Receiver) -> None:
    receiver.say(Answer(until=asyncio.Event()))
    call = asyncio.create_task(outbound.send(HttpCall("GET", receiver.url)))
    await receiver.wait_for(1)

    call.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await call

    assert (await outbound.send(HttpCall("GET", receiver.url))).status == 200


async def test_cancelling_at_any_moment_loses_no_place(receiver: Receiver) -> None:
    out = Outbound(pool_size=2)
    for steps in range(30):
        calls = [asyncio.create_task(out.send(HttpCall("POST", receiver.url, body=b"x"))) for _ in range(4)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(out.send(HttpCall("GET", receiver.url)) for _ in range(4)))
    await out.aclose()

    assert [answer.status for answer in answers] == [200] * 4


# ------------------------------------------------------------------------------------------------- where they may go

LOCAL = [
    ("http://127.0.0.1", "127.0.0.1 80"),
    ("HTTP://127.8.9.10:8080/x", "127.8.9.10 8080"),
    ("https://127.0.0.1", "127.0.0.1 443"),
    ("http://[::1]:5000", "::1 5000"),
    ("http://[::ffff:127.0.0.1]", "127.0.0.1 80"),
    ("http://[::ffff:7f00:1]", "127.0.0.1 80"),
    ("http://2130706433/", "127.0.0.1 80"),
    ("http://0x7f.1/", "127.0.0.1 80"),
    ("http://0X7F000001/", "127.0.0.1 80"),
    ("http://127.1/", "127.0.0.1 80"),
    ("http://0177.0.0.1/", "127.0.0.1 80"),
    ("http://127.0.0.1./", "127.0.0.1 80"),
    ("http://\uff11\uff12\uff17.0.0.1/", "127.0.0.1 80"),
    ("http://10.1.2.3", "10.1.2.3 80"),
    ("http://172.16.0.1", "172.16.0.1 80"),
    ("http://172.31.255.254", "172.31.255.254 80"),
    ("http://192.168.1.1:0080", "192.168.1.1 80"),
    ("http://[fd12::1]", "fd12::1 80"),
    ("http://u:p@10.0.0.1:99/", "10.0.0.1 99"),
    ("http://8.8.8.8@10.0.0.1/", "10.0.0.1 80"),
    ("  http://10.0.0.1 ", "10.0.0.1 80"),
]


@pytest.mark.parametrize(("url", "called"), LOCAL)
def test_the_neighbourhood_is_called(url: str, called: str) -> None:
    """Loopback and private, in every spelling; nothing is looked up."""
    loop, kind, _ = attempt(url)

    assert (loop.called, loop.asked, kind) == ([called], [], "SendFailed")


NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "[fe80::1]",
    "[::ffff:169.254.169.254]",
    "0xa9fea9fe",
    "2852039166",
    "0.0.0.0",
    "0",
    "[::]",
    "224.0.0.1",
    "[ff02::1]",
    "255.255.255.255",
    "240.0.0.1",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[fd00:ec2::254]",
]


@pytest.mark.parametrize("host", NEVER)
@pytest.mark.parametrize("allow", [(), ("0.0.0.0/0", "::/0")])
def test_some_addresses_are_never_called(host: str, allow: tuple[str, ...]) -> None:
    loop, kind, detail = attempt(f"http://{host}/", *allow)

    assert (loop.called, loop.asked, kind) == ([], [], "TargetRefused")
    assert detail.endswith("; webhooks never go there.")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("134744072", "8.8.8.8"),
        ("[::ffff:8.8.8.8]", "8.8.8.8"),
        ("[2001:4860:4860::8888]", "2001:4860:4860::8888"),
        ("100.64.0.1", "100.64.0.1"),
        ("172.32.0.1", "172.32.0.1"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_the_outside_is_called_only_when_allowed(host: str, address: str) -> None:
    loop, kind, detail = attempt(f"http://{host}/")
    assert (loop.called, kind) == ([], "TargetRefused")
    assert detail == (
        f"{address} is neither a loopback nor a private address; to allow it, start fake-nexmo with"
        f" --allow-webhooks-to {address}."
    )

    for allow in (address, "0.0.0.0/0" if "." in address else "::/0"):
        loop, kind, _ = attempt(f"http://{host}/", allow)
        assert (loop.called, kind) == ([f"{address} 80"], "SendFailed")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop",
        "/dlr",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http:127.0.0.1",
        "http:///dlr",
        "http://:80/",
        "http://user@/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:" + "9" * 5000,
        "http://127.0.0.1:8o/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://08/",
        "http://[::1",
        "http://[::1%25lo]/",
        "http://[1.2.3.4]/",
        "http://[:]/",
        "http://::1/",
        "http://a b/",
        "http://10.0.0.1\\@8.8.8.8/",
        "http://8.8.8.8\\@10.0.0.1/",
        "http://127.0.0.1%00.shop/",
        "http://%31%32%37.0.0.1/",
        "http://shop..local/",
        "http://.local/",
        "http://" + "a" * 64 + "/",
        "http://" + "a." * 130 + "local/",
        "http://\u2603\u200d/",
        "http://\ud800/",
        "http://shop/\ud800",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    loop, kind, detail = attempt(url)

    assert (loop.called, loop.asked, kind) == ([], [], "TargetRefused")
    assert detail.startswith("The URL of ")


# --------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name",
    [
        "shop",
        "my_shop-1",
        "shop.local",
        "a.b.internal",
        "shop.lan",
        "shop.home.arpa",
        "shop.svc",
        "host.docker.internal",
    ],
)
def test_names_nearby_are_looked_up(name: str) -> None:
    """A service of docker-compose, a machine on the desk: the system knows them."""
    loop, kind, _ = attempt(f"http://{name.upper()}.:81/", names={name: ["172.18.0.2"]})

    assert (loop.asked, loop.called, kind) == ([name], ["172.18.0.2 81"], "SendFailed")


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "shop.localhost"])
def test_localhost_needs_no_look_up(name: str) -> None:
    loop, kind, _ = attempt(f"http://{name}/", names={})

    assert (loop.asked, loop.called, kind) == ([], ["127.0.0.1 80", "::1 80"], "SendFailed")


@pytest.mark.parametrize("name", ["hooks.example.com", "shop.test", "b\u00fccher.example", "local.com", "arpa.home"])
def test_public_names_are_refused_without_a_look_up(name: str) -> None:
    """The question alone would leave the house."""
    loop, kind, detail = attempt(f"https://{name}/x?secret=1")

    assert (loop.asked, loop.called, kind) == ([], [], "TargetRefused")
    shown = name.replace("b\u00fccher", "xn--bcher-kva")
    assert detail == (
        f"{shown} is not a local name and was not looked up: route it to a local server with the world's routes, or"
        f" start fake-nexmo with --allow-webhooks-to {shown}."
    )


@pytest.mark.parametrize("allow", ["hooks.example.com", "HOOKS.example.com.", "0.0.0.0/0"])
def test_allowed_names_are_looked_up_and_called(allow: str) -> None:
    loop, kind, _ = attempt("http://hooks.example.com/", allow, names={"hooks.example.com": ["203.0.113.9"]})

    assert (loop.asked, loop.called, kind) == (["hooks.example.com"], ["203.0.113.9 80"], "SendFailed")


def test_an_allowed_name_opens_no_door_to_what_is_never_called() -> None:
    names = {"hooks.example.com": ["169.254.169.254"]}
    loop, kind, detail = attempt("http://hooks.example.com/", "hooks.example.com", names=names)

    assert (loop.called, kind) == ([], "TargetRefused")
    assert detail == (
        "hooks.example.com leads elsewhere: 169.254.169.254 is a link-local address; webhooks never go there."
    )


def test_a_local_name_that_leads_outside_is_refused() -> None:
    loop, kind, detail = attempt("http://shop/", names={"shop": ["203.0.113.9", "::ffff:203.0.113.9"]})

    assert (loop.asked, loop.called, kind) == (["shop"], [], "TargetRefused")
    assert "--allow-webhooks-to shop" in detail


def test_of_several_addresses_the_allowed_ones_are_tried() -> None:
    loop, kind, _ = attempt("http://shop/", names={"shop": ["203.0.113.9", "10.0.0.1", "fe80::1%3", "10.0.0.2"]})

    assert (loop.called, kind) == (["10.0.0.1 80", "10.0.0.2 80"], "SendFailed")


def test_an_unknown_name_is_a_failed_call() -> None:
    _, kind, detail = attempt("http://shopp/?secret")

    assert (kind, detail) == ("SendFailed", "The name shopp is not known.")


async def test_the_address_that_was_judged_is_called(
    outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is loopback once and something else the next time is asked once; the Host header keeps the name."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked = []

    async def turncoat(host: str, port: int, **_: object) -> object:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", turncoat)
    receiver.say(Answer(headers=(("Connection", "close"),)))
    url = f"http://rebind.local:{receiver.port}/"

    await outbound.send(HttpCall("GET", url))
    with pytest.raises(TargetRefused):
        await outbound.send(HttpCall("GET", url))

    assert asked == ["rebind.local", "rebind.local"]
    assert [received.header("host") for received in receiver.requests] == [f"rebind.local:{receiver.port}"]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "neither a network"),
        ("10.0.0.5/8", "not the start of a network; did you mean 10.0.0.0/8?"),
        ("10.0.0.0/33", "does not appear to be"),
        ("https://hooks.example.com", "neither a network"),
        ("hooks.example.com:443", "neither a network"),
        ("hooks example", "neither a network"),
        ("1.2.3", "neither a network"),
        ("169.254.0.0/16", "this is a link-local address; webhooks never go there."),
        ("fe80::1", "this is a link-local address; webhooks never go there."),
    ],
)
def test_a_bad_allowance_is_told(value: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="--allow-webhooks-to") as told:
        Outbound(allow=[value])

    assert sentence in str(told.value)


# ----------------------------------------------------------------------------------------------------------- TLS


def server_tls(*names: str, asked: list[str] | None = None) -> ssl.SSLContext:
    """A server's side of TLS with a certificate of an authority that nobody knows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert(*names).configure_cert(context)
    if asked is not None:
        context.sni_callback = lambda _, name, __: asked.append(name)
    return context


async def test_a_name_is_kept_in_tls(outbound: Outbound, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def loopback(_: str, port: int, **__: object) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", loopback)
    async with Receiver(tls=server_tls("other.local", asked=asked)) as receiver:
        await outbound.send(HttpCall("GET", f"https://shop.local:{receiver.port}/"))
        assert receiver.requests[0].header("host") == f"shop.local:{receiver.port}"
        await outbound.aclose()

    assert asked == ["shop.local"]


async def test_tls_to_a_server_without_it(outbound: Outbound, receiver: Receiver) -> None:
    receiver.answer_by(lambda _: Answer())
    with socket.create_server(("127.0.0.1", 0)) as plain:
        url = f"https://127.0.0.1:{plain.getsockname()[1]}"
        call = asyncio.create_task(failure(outbound, HttpCall("GET", url)))
        plain.setblocking(False)
        peer, _ = await asyncio.get_running_loop().sock_accept(plain)
        with peer:
            await asyncio.get_running_loop().sock_sendall(peer, b"HTTP/1.1 400 Bad Request\r\n\r\n")
            reason, detail = await call

    assert (reason, detail[: len(url) + 13]) == ("connection", f"No TLS with {url}:")


def test_certificates_of_the_outside_are_checked() -> None:
    """Live refuses self-signed ones; only the neighbourhood is trusted."""
    context = module._tls(trusting=False)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) > 50


async def test_ipv6_loopback(outbound: Outbound) -> None:
    try:
        receiver = await Receiver(host="::1").__aenter__()
    except OSError:
        pytest.skip("no IPv6 here")
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_exit(receiver)
        assert (await outbound.send(HttpCall("GET", receiver.url))).status == 200
        assert (await outbound.send(HttpCall("GET", f"http://localhost:{receiver.port}"))).status == 200
        assert receiver.requests[0].header("host") == f"[::1]:{receiver.port}"
        await outbound.aclose()


# --------------------------------------------------------------------------------------------------------- routes


@pytest.mark.parametrize(
    ("url", "routes", "goal"),
    [
        ("https://shop.test/dlr?a=1", {}, "https://shop.test/dlr?a=1"),
        ("https://shop.test/dlr?a=1", {"https://shop.test": "http://127.0.0.1:5"}, "http://127.0.0.1:5/dlr?a=1"),
        ("HTTPS://Shop.Test:443/x", {"https://SHOP.test/": "http://127.0.0.1:5/"}, "http://127.0.0.1:5/x"),
        ("https://shop.test", {"https://shop.test:443": "http://127.0.0.1:5"}, "http://127.0.0.1:5"),
        ("https://shop.test?a=1", {"https://shop.test": "http://127.0.0.1:5"}, "http://127.0.0.1:5?a=1"),
        ("http://shop.test/x", {"https://shop.test": "http://127.0.0.1:5"}, "http://shop.test/x"),
        ("https://shop.test:8443/x", {"https://shop.test": "http://127.0.0.1:5"}, "https://shop.test:8443/x"),
        ("https://shop.test.evil/x", {"https://shop.test": "http://127.0.0.1:5"}, "https://shop.test.evil/x"),
        (
            "https://shop.test/api/x",
            {"https://shop.test": "http://a", "https://shop.test/api": "http://b/c"},
            "http://b/c/x",
        ),
        (
            "https://shop.test/apis",
            {"https://shop.test/api": "http://b", "https://shop.test": "http://a"},
            "http://a/apis",
        ),
        ("https://shop.test/api?q", {"https://shop.test/api/": "http://b"}, "http://b?q"),
        ("https://u:p@shop.test/x", {"https://shop.test": "http://127.0.0.1:5"}, "http://u:p@127.0.0.1:5/x"),
        ("https://u:p@shop.test/x", {"https://shop.test": "http://me@127.0.0.1:5"}, "http://me@127.0.0.1:5/x"),
        ("https://b\u00fccher.test/x", {"https://xn--bcher-kva.test": "http://a"}, "http://a/x"),
        ("nonsense", {"https://shop.test": "http://a"}, "nonsense"),
        ("https://shop.test/x", {"nonsense": "http://a"}, "https://shop.test/x"),
    ],
)
def test_routes(url: str, routes: dict[str, str], goal: str) -> None:
    assert route(url, routes) == goal


# ----------------------------------------------------------------------------------------------------------- laws

HOSTS = st.one_of(
    st.sampled_from([*NEVER, "127.1", "[::1]", "localhost", "shop", "a.example", "xn--a", "\u00df.local", "0x7f.1"]),
    st.text(max_size=20),
    st.integers(0, 1 << 33).map(str),
    st.ip_addresses(v=6).map("[{}]".format),
)
URLS = st.one_of(
    st.text(),
    st.tuples(
        st.sampled_from(["http://", "https://", "HTTP://u:p@", "http:", " https://@"]),
        HOSTS,
        st.sampled_from(["", ":80", ":", ":99999", ":-1", ":\u0663"]),
        st.text(max_size=20),
    ).map("".join),
)


@given(URLS)
def test_any_text_is_judged_in_words(url: str) -> None:
    """Whatever stands where a URL should: a failed call or a refusal, and only allowed addresses are called."""
    loop, kind, detail = attempt(url, names={"shop": ["10.0.0.1"]})

    assert kind in {"SendFailed", "TargetRefused"}
    assert detail.endswith((".", "..."))
    for called in loop.called:
        address = ipaddress.ip_address(called.split(" ")[0])
        assert address.is_loopback or (address.is_private and not address.is_link_local)


@given(st.text(), st.dictionaries(st.one_of(st.text(), URLS), st.text(), max_size=3))
def test_routing_never_fails(url: str, routes: dict[str, str]) -> None:
    assert isinstance(route(url, routes), str)


def test_importing_costs_little() -> None:
    """What a call needs is imported by the first call."""
    script = "import sys, json, fake_nexmo.engine.outbound; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(subprocess.check_output([sys.executable, "-c", script])))

    assert not loaded & {"httpx", "httpcore", "h11", "idna", "certifi", "anyio"}


# --------------------------------------------------------------------------------------- the receiver of the tests


async def test_the_receiver_remembers(outbound: Outbound, receiver: Receiver) -> None:
    """What other tests rely on: order, parameters, forms, JSON, turns and a callable."""

    def by_path(received: Received) -> Answer:
        return Answer(404 if received.path == "/gone" else 200)

    receiver.answer_by(by_path)
    receiver.say(Answer(500))
    urls = [receiver.url + path for path in ("/a?x=1+2&y=", "/gone", "/c")]
    statuses = [(await outbound.send(HttpCall("POST", url, (), b'{"k":"v"}'))).status for url in urls]

    first, second, third = await receiver.wait_for(3)
    assert statuses == [500, 404, 200]
    assert (first.params, first.json(), first.form) == ({"x": "1 2", "y": ""}, {"k": "v"}, {'{"k":"v"}': ""})
    assert first.at <= second.at <= third.at
    with pytest.raises(AssertionError, match="3 of 4 requests"):
        await receiver.wait_for(4, timeout=0.01)
