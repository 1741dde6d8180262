"""Websockets of calls inside one process: to mounted apps without a socket, and for real to others."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from fake_nexmo.engine.outbound import Exchanged, SendFailed, SocketCall
from fake_nexmo.inside import loop
from fake_nexmo.inside import sockets as module
from fake_nexmo.inside.apps import Mount
from fake_nexmo.inside.fake import Fake
from fake_nexmo.inside.sockets import open_mounted
from tests.inside.fakes import Wsgi, async_client, client, items
from tests.socket_peer import Peer

LOW = "audio/l16;rate=8000"
CONNECTED = '{"event":"websocket:connected","content-type":"audio/l16;rate=8000"}'
SOUND = b"\x10\x27" * 160
URI = "wss://shop.test/bots/one?a=1"


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A fake whose ids are known, with an application."""
    one = Fake(seed=1)
    yield one
    one.close()


class Bot:
    """An app that parrots sound, and remembers what it was sent and where that was.

    Attributes:
        silent: it says nothing.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self.messages: list[str | bytes] = []
        self.ended: int | None = None
        self.asked: list[tuple[str, str, str, dict[str, str]]] = []
        self.threads: set[int] = set()
        self.socket: WebSocket
        self.silent = silent
        self.app = Starlette(routes=[WebSocketRoute("/bots/{name}", self.serve)])

    async def serve(self, socket: WebSocket) -> None:
        """Answer one connection."""
        self.socket = socket
        self.asked.append((socket.url.scheme, socket.url.path, socket.url.query, dict(socket.headers)))
        self.threads.add(threading.get_ident())
        await socket.accept()
        try:
            while True:
                await self.reply(socket, await socket.receive())
        except (WebSocketDisconnect, RuntimeError):
            return

    async def reply(self, socket: WebSocket, message: Any) -> None:
        """Take in one message."""
        if message["type"] == "websocket.disconnect":
            self.ended = message["code"]
            raise WebSocketDisconnect(message["code"])
        said = message.get("text") or message["bytes"]
        self.messages.append(said)
        if isinstance(said, bytes) and any(said) and not self.silent:
            await socket.send_bytes(SOUND)

    def short(self) -> list[Any]:
        """Texts, and how many frames there were of sound and of silence."""
        frames = [each for each in self.messages if isinstance(each, bytes)]
        sounding = sum(1 for each in frames if any(each))
        return [*(each for each in self.messages if isinstance(each, str)), sounding, len(frames) - sounding]


def asked(fake: Fake, uri: str = URI, **more: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """A request to call an app, and its headers."""
    known = fake.world.applications[0]
    claims = {"application_id": known.application_id, "iat": 1_772_355_600, "jti": "1"}
    fake.control("PATCH", "settings", {"jwt_time": "virtual"})
    claims["iat"] = fake.now() // 1_000_000
    body = {
        "to": [{"type": "websocket", "uri": uri, "content-type": LOW}],
        "from": {"type": "phone", "number": "447700900000"},
        "ncco": [{"action": "talk", "text": "x" * 15}, {"action": "wait", "timeout": 60}],
        "event_url": ["https://shop.test/events"],
        **more,
    }
    return body, {"Authorization": f"Bearer {jwt.encode(claims, known.private_key, 'RS256')}"}


def create(fake: Fake, uri: str = URI, **more: Any) -> None:
    """Call an app."""
    body, headers = asked(fake, uri, **more)
    with client(fake) as http:
        answer = http.post("https://api.nexmo.com/v1/calls", json=body, headers=headers)
        assert answer.status_code == 201, answer.text


def advance(fake: Fake, by: str) -> None:
    """Let time pass."""
    fake.control("POST", "clock/advance", {"by": by})


def lines(fake: Fake) -> list[tuple[str, str, float]]:
    """What was heard on the one call."""
    (call,) = items(fake, "calls")
    return [(each["speaker"], each["kind"], each["length"]) for each in call["transcript"]]


def test_a_mounted_app_talks_without_a_socket(fake: Fake) -> None:
    """It hears and is heard, frame by frame, from a synchronous test."""
    bot, events = Bot(), Wsgi()
    fake.mount("https://shop.test/events", events)
    fake.mount("https://shop.test", bot.app)
    create(fake)
    advance(fake, "3.1s")

    assert bot.short() == [CONNECTED, 50, 100]
    assert lines(fake) == [("platform", "talk", 1), ("person", "audio", 1)]
    ((scheme, path, query, headers),) = bot.asked
    assert (scheme, path, query, headers) == ("wss", "/bots/one", "a=1", {"host": "shop.test"})
    assert threading.get_ident() not in bot.threads
    assert [json.loads(each["body"])["status"] for each in events.asked] == ["started", "answered"]


async def test_a_mounted_app_talks_with_a_caller_on_a_loop(fake: Fake) -> None:
    """The house waits on the caller's loop, the app runs on its own."""
    bot = Bot()
    fake.mount("https://shop.test", bot.app)
    body, headers = asked(fake)
    async with async_client(fake) as http:
        answer = await http.post("https://api.nexmo.com/v1/calls", json=body, headers=headers)
        assert answer.status_code == 201
        await http.post("http://localhost/_fake/worlds/default/clock/advance", json={"by": "3.1s"})
    assert bot.short() == [CONNECTED, 50, 100]
    assert lines(fake) == [("platform", "talk", 1), ("person", "audio", 1)]


def test_an_app_leaves(fake: Fake) -> None:
    """By closing, or by returning."""

    class Leaves(Bot):
        async def reply(self, socket: WebSocket, message: Any) -> None:
            await socket.close(4000)
            self.ended = (await socket.receive())["code"]

    bot = Leaves()
    fake.mount("https://shop.test", bot.app)
    create(fake)
    advance(fake, "1s")
    (call,) = items(fake, "calls")
    assert (call["status"], bot.ended) == ("completed", 4000)


def test_an_app_that_raises_counts_as_one_that_closed(fake: Fake) -> None:
    """And its failure is kept, for the test to be told of."""

    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        raise LookupError("no")

    fake.mount("https://shop.test/events", Wsgi())
    fake.mount("https://shop.test", breaks)
    create(fake)
    advance(fake, "1s")
    (call,) = items(fake, "calls")
    assert call["status"] == "completed"
    assert [(url, type(error)) for url, error in fake.outbound.crashes] == [(URI, LookupError)]


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1000})


async def returns(scope: Any, receive: Any, send: Any) -> None:
    await receive()


@pytest.mark.parametrize("app", [refuses, returns, Wsgi()], ids=["refuses", "returns", "WSGI"])
def test_handshakes_that_fail(fake: Fake, app: Any) -> None:
    """An app that does not accept, or cannot."""
    fake.mount("https://shop.test", app)
    create(fake)
    advance(fake, "1s")
    (call,) = items(fake, "calls")
    assert (call["status"], call["detail"]) == ("failed", "cannot_route")


def test_what_is_not_mounted_is_called_for_real(fake: Fake) -> None:
    """Under the address check."""
    create(fake, "wss://bot.example.com/x")
    advance(fake, "1s")
    (call,) = items(fake, "calls")
    assert call["status"] == "failed"


async def test_a_real_app_is_called_from_the_private_loop(fake: Fake) -> None:
    """While the test's own loop serves it."""

    async def echo(talk: Any, message: Any) -> None:
        if isinstance(message, bytes) and any(message):
            await talk.say(SOUND)

    async with Peer(echo) as peer:
        await asyncio.to_thread(create, fake, peer.url)
        await asyncio.to_thread(advance, fake, "3.1s")
        assert [kind for _, kind in peer.talk.short()[1:]] == ["sound", "silence"]
        assert lines(fake) == [("platform", "talk", 1), ("person", "audio", 1)]
        await asyncio.to_thread(fake.close)
        await peer.talk.over.wait()
        assert peer.talk.ended == 1001


def test_what_an_app_says_of_its_own_accord_is_taken_in_by_the_next_call(fake: Fake) -> None:
    """No time has to pass for it."""
    bot = Bot(silent=True)
    fake.mount("https://shop.test", bot.app)
    create(fake)
    advance(fake, "2s")
    loop.run(bot.socket.send_bytes(SOUND))
    assert lines(fake) == [("platform", "talk", 1), ("person", "audio", 0.02)]


def test_sockets_are_closed_with_their_world(fake: Fake) -> None:
    """By the next call after a reset."""
    bot = Bot()
    fake.mount("https://shop.test", bot.app)
    create(fake)
    advance(fake, "1s")
    fake.control("POST", "reset")
    fake.settle()
    assert bot.ended == 1001


def test_a_clock_that_jumps_stands_in_silence(fake: Fake) -> None:
    """Until the app speaks, and when that was heard, again. Source: design §5."""
    bot = Bot(silent=True)
    ncco = [{"action": "connect", "endpoint": [{"type": "websocket", "uri": URI, "content-type": LOW}]}]

    def answers(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(ncco).encode()]

    fake.mount("https://shop.test", bot.app)
    fake.mount("https://shop.test/answer", answers)
    fake.mount("https://shop.test/events", Wsgi())
    known = fake.world.applications[0].application_id
    urls = {"answer_url": "https://shop.test/answer", "event_url": "https://shop.test/events"}
    fake.control("PATCH", f"applications/{known}", {"voice": urls})
    fake.control("PUT", "clock", {"mode": "auto"})
    began = fake.now()

    fake.control("POST", "handsets/447700900101/call", {"to": "447700900000"})
    fake.settle()
    assert fake.now() - began == 100_000
    loop.run(bot.socket.send_bytes(SOUND * 50))
    fake.settle()
    assert fake.now() - began == 1_100_000
    assert [each["status"] for each in items(fake, "calls")] == ["answered", "answered"]


async def test_an_app_that_is_busy_is_waited_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says later is for later."""
    monkeypatch.setattr(module, "BUSY_S", 0.01)
    go = asyncio.Event()

    async def busy(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await go.wait()
        await send({"type": "websocket.send", "text": "late"})
        await receive()

    arrived = asyncio.Event()
    socket = await open_mounted(Mount("https://shop.test", busy, True), SocketCall("wss://shop.test/"), print)
    socket.arrived = arrived.set
    first = await socket.exchange(["x"])
    go.set()
    await arrived.wait()
    second = await socket.exchange([])
    assert (first.received, second.received, second.is_open) == ((), ("late",), True)
    await socket.close(1000)
    assert await socket.exchange(["y"]) == Exchanged((), is_open=False, why="It was closed.")


async def test_an_app_that_never_accepts_is_bounded() -> None:
    """As a handshake over the wire is."""

    async def never(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    with pytest.raises(SendFailed) as failed:
        await open_mounted(
            Mount("https://shop.test", never, True), SocketCall("wss://shop.test/", response_s=0.01), print
        )
    assert (failed.value.reason, failed.value.detail) == (
        "timeout",
        "The app at https://shop.test did not accept within 0.01 s.",
    )


async def test_an_app_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """When its socket is closed."""
    monkeypatch.setattr(module, "_CLOSE_S", 0.01)
    cancelled: list[bool] = []

    async def stays(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    socket = await open_mounted(Mount("https://shop.test", stays, True), SocketCall("wss://shop.test/"), print)
    await socket.close(1000)
    assert cancelled == [True]


async def test_an_app_that_sends_what_it_may_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own mistake, as a server has it."""
    crashes: list[BaseException] = []

    async def wrong(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "http.response.start", "status": 200})

    socket = await open_mounted(Mount("https://shop.test", wrong, True), SocketCall("wss://shop.test/"), crashes.append)
    exchanged = await socket.exchange(["x"])
    assert (exchanged.is_open, exchanged.why) == (
        False,
        "The app at https://shop.test closed the websocket: 1011 it raised RuntimeError.",
    )
    assert [str(each) for each in crashes] == ["an app may not send 'http.response.start' now"]
    await socket.close(1000)
