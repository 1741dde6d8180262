"""Websockets to apps: where they may go, how they are opened, what an exchange takes in, and what ends them."""

from __future__ import annotations

import asyncio
import base64
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
import trustme

from fake_nexmo.engine import socket_client
from fake_nexmo.engine.outbound import (
    Exchanged,
    Outbound,
    SendFailed,
    Socket,
    SocketCall,
    TargetRefused,
    route_socket,
)
from tests.receiver import Answer, Receiver
from tests.socket_peer import Deaf, Message, Peer, Talk

FRAME = b"\x01\x02" * 160


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    """The way out, with nothing allowed beyond the neighbourhood."""
    one = Outbound()
    yield one
    await one.aclose()


async def echo(talk: Talk, message: Message) -> None:
    """An app that says what it hears."""
    await talk.say(message)


async def opened(outbound: Outbound, url: str, **said: float) -> Socket:
    """An open socket."""
    return await outbound.open_socket(SocketCall(url, **said))  # type: ignore[arg-type]


# Where they go.


@pytest.mark.parametrize(
    ("url", "routes", "expected"),
    [
        ("wss://shop.test/bot?a=1", {}, "wss://shop.test/bot?a=1"),
        ("wss://shop.test/bot?a=1", {"https://shop.test": "http://127.0.0.1:5000"}, "ws://127.0.0.1:5000/bot?a=1"),
        ("ws://shop.test/bot", {"http://shop.test": "https://127.0.0.1:5000/x"}, "wss://127.0.0.1:5000/x/bot"),
        ("ws://shop.test/bot", {"https://shop.test": "http://127.0.0.1:5000"}, "ws://shop.test/bot"),
        ("WSS://u:p@shop.test", {"https://shop.test": "http://127.0.0.1:5000"}, "ws://u:p@127.0.0.1:5000"),
    ],
)
def test_routes_of_webhooks_lead_websockets_too(url: str, routes: dict[str, str], expected: str) -> None:
    """What is said of ``https`` holds for ``wss``, and of ``http`` for ``ws``."""
    assert route_socket(url, routes) == expected


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1/", "The URL of a websocket starts with ws:// or wss://, and this one does not."),
        ("127.0.0.1", "The URL of a websocket starts with ws:// or wss://, and this one does not."),
        ("ws://127.0.0.1:0/", "The URL of the websocket has no host and port that can be called."),
        (
            "wss://bot.example.com/x",
            (
                "bot.example.com is not a local name and was not looked up: route it to a local server with the world's"
                " routes, or start fake-nexmo with --allow-webhooks-to bot.example.com."
            ),
        ),
        (
            "ws://8.8.8.8/",
            (
                "8.8.8.8 is neither a loopback nor a private address; to allow it, start fake-nexmo with"
                " --allow-webhooks-to 8.8.8.8."
            ),
        ),
    ],
)
async def test_places_that_are_never_called(outbound: Outbound, url: str, detail: str) -> None:
    """The check of addresses is that of webhooks."""
    with pytest.raises(TargetRefused) as refused:
        await opened(outbound, url)
    assert refused.value.detail == detail


# How they are opened.


async def test_the_handshake_says_what_it_is_told_to(outbound: Outbound) -> None:
    """Path and query as they are, the headers given, and neither compression nor the name of a library."""
    async with Peer() as peer:
        call = SocketCall(f"{peer.url}?a=1%20b", (("Authorization", "Bearer x"), ("X-More", "y")))
        socket = await outbound.open_socket(call)
        await socket.close(1000)
        await peer.talk.over.wait()

    names = [name for name, _ in peer.talk.headers]
    assert peer.talk.path == "/socket?a=1%20b"
    assert names == [
        *("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Authorization", "X-More"),
    ]
    assert (peer.talk.header("authorization"), peer.talk.header("x-more")) == ("Bearer x", "y")
    assert peer.talk.ended == 1000


async def test_credentials_of_the_url_are_sent_unless_others_are(outbound: Outbound) -> None:
    """As for webhooks."""
    async with Peer() as peer:
        url = peer.url.replace("ws://", "ws://jo%40:s3cr3t@")
        for headers in ((), (("authorization", "mine"),)):
            await (await outbound.open_socket(SocketCall(url, headers))).close(1000)

    said = [talk.header("Authorization") for talk in peer.talks]
    assert said == ["Basic " + base64.b64encode(b"jo@:s3cr3t").decode(), "mine"]


async def test_a_local_certificate_is_trusted(outbound: Outbound) -> None:
    """The rules of trust are those of webhooks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with Peer(echo, ssl=context) as peer:
        assert peer.url.startswith("wss://")
        socket = await opened(outbound, peer.url)
        assert await socket.exchange(["hello"]) == Exchanged(("hello",), is_open=True)
        await socket.close(1000)


async def refused_by_status(outbound: Outbound) -> str:
    async with Peer(refuses=403) as peer:
        return await failure(outbound, peer.url, peer.port)


async def redirected(outbound: Outbound) -> str:
    async with Receiver() as receiver, Peer() as peer:
        receiver.say(Answer(302, headers=(("Location", peer.url),)))
        said = await failure(outbound, receiver.url.replace("http", "ws"), receiver.port)
        assert peer.talks == []
        return said


async def no_websocket(outbound: Outbound) -> str:
    async with Receiver() as receiver:
        return await failure(outbound, receiver.url.replace("http", "ws"), receiver.port)


async def wrong_accept(outbound: Outbound) -> str:
    async with Receiver() as receiver:
        raw = b"HTTP/1.1 101 -\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
        receiver.say(Answer(raw=raw))
        return await failure(outbound, receiver.url.replace("http", "ws"), receiver.port)


async def hung_up(outbound: Outbound) -> str:
    async with Receiver() as receiver:
        receiver.say(Answer(hang_up=True))
        return await failure(outbound, receiver.url.replace("http", "ws"), receiver.port)


async def garbage(outbound: Outbound) -> str:
    async with Receiver() as receiver:
        receiver.say(Answer(raw=b"hello\r\n\r\n"))
        return await failure(outbound, receiver.url.replace("http", "ws"), receiver.port)


async def hangs(outbound: Outbound) -> str:
    never = asyncio.Event()
    async with Receiver() as receiver:
        receiver.say(Answer(until=never))
        return await failure(outbound, receiver.url.replace("http", "ws"), receiver.port)


async def nobody_there(outbound: Outbound) -> str:
    async with Peer() as peer:
        url, port = peer.url, peer.port
    return await failure(outbound, url, port)


async def failure(outbound: Outbound, url: str, port: int) -> str:
    """Why a socket was not opened, with the port left out."""
    with pytest.raises(SendFailed) as failed:
        await opened(outbound, url, response_s=0.1)
    return f"{failed.value.reason}: {failed.value.detail}".replace(f":{port}", "")


@pytest.mark.parametrize(
    ("play", "expected"),
    [
        (refused_by_status, "protocol: ws://127.0.0.1/socket answered 403 to the handshake."),
        (redirected, "protocol: ws://127.0.0.1/ answered 302 to the handshake."),
        (no_websocket, "protocol: ws://127.0.0.1/ answered 200 to the handshake."),
        (wrong_accept, "protocol: ws://127.0.0.1/ did not shake hands: invalid Sec-WebSocket-Accept header: x."),
        (hung_up, "connection: ws://127.0.0.1/ gave no answer to the handshake that can be read."),
        (garbage, "connection: ws://127.0.0.1/ gave no answer to the handshake that can be read."),
        (hangs, "timeout: ws://127.0.0.1/ did not answer the handshake within 0.1 s."),
        (nobody_there, "connection: No connection to ws://127.0.0.1: connection refused."),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_handshakes_that_fail(outbound: Outbound, play: object, expected: str) -> None:
    """Each says why; a redirect is an answer like any other and is not followed."""
    assert await play(outbound) == expected  # type: ignore[operator]


# What an exchange takes in.


async def test_an_app_that_replies_at_once_is_heard_in_the_same_exchange(outbound: Outbound) -> None:
    """Every echo is there, in order, however often this is tried."""
    async with Peer(echo) as peer:
        socket = await opened(outbound, peer.url)
        for k in range(100):
            said: list[str | bytes] = [f"{k}", *(FRAME for _ in range(10))]
            assert await socket.exchange(said) == Exchanged(tuple(said), is_open=True)
        await socket.close(1000)
    assert len(peer.talk.messages) == 1100


async def test_a_reply_to_a_reply_is_heard_too(outbound: Outbound) -> None:
    """As long as each ping brings something, another follows."""

    async def counts(talk: Talk, message: Message) -> None:
        await talk.say(*(["again"] if len(talk.messages) == 1 else []), f"{len(talk.messages)}")

    async with Peer(counts) as peer:
        socket = await opened(outbound, peer.url)
        assert await socket.exchange(["x", "y"]) == Exchanged(("again", "1", "2"), is_open=True)
        await socket.close(1000)


async def test_an_app_that_takes_its_time_announces_itself(outbound: Outbound) -> None:
    """What comes outside an exchange is kept for the next one, and told of; what comes within it is not told of."""
    arrived = asyncio.Event()
    go = asyncio.Event()

    async def later(talk: Talk, _: Message) -> None:
        await go.wait()
        await talk.say("late", FRAME)

    async with Peer(later) as peer:
        socket = await opened(outbound, peer.url)
        socket.arrived = arrived.set
        assert await socket.exchange(["x"]) == Exchanged((), is_open=True)
        assert not arrived.is_set()
        go.set()
        await arrived.wait()
        await peer.wait_for(lambda: len(peer.talk.messages) == 1)
        assert await socket.exchange([]) == Exchanged(("late", FRAME), is_open=True)
        await socket.close(1000)


async def test_an_app_that_talks_without_being_asked_has_to_wait_at_a_limit(
    outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost: beyond the limit it is read when somebody asks."""
    monkeypatch.setattr(socket_client, "INBOX_MAX", 3)

    async def talks(talk: Talk) -> None:
        await talk.say(*(f"{k}" for k in range(500)))

    async with Peer(greet=talks) as peer:
        socket = await opened(outbound, peer.url)
        told = asyncio.Semaphore(0)
        socket.arrived = told.release
        for _ in range(3):
            await told.acquire()
        exchanged = Exchanged((), is_open=True)
        said: list[str | bytes] = []
        while len(said) < 500 and exchanged.is_open:
            exchanged = await socket.exchange([])
            said += exchanged.received
        assert said == [f"{k}" for k in range(500)]
        await socket.close(1000)


# What ends them.


async def test_what_was_said_before_the_end_is_heard(outbound: Outbound) -> None:
    """The app talks and closes: its last words are taken in with the end."""

    async def leaves(talk: Talk, _: Message) -> None:
        await talk.say("bye", FRAME)
        await talk.close(4001, "enough")

    async with Peer(leaves) as peer:
        socket = await opened(outbound, peer.url)
        expected = Exchanged(("bye", FRAME), is_open=False, why=f"{peer.url} closed the connection: 4001 enough.")
        assert await socket.exchange(["x", FRAME]) == expected
        assert await socket.exchange(["y"]) == replace_received(expected)
        await socket.close(1000)


def replace_received(exchanged: Exchanged) -> Exchanged:
    """The same with nothing received."""
    return Exchanged((), exchanged.is_open, exchanged.why)


async def test_an_end_between_exchanges_is_announced(outbound: Outbound) -> None:
    """Somebody who waits for something else hears of it."""
    arrived = asyncio.Event()
    async with Peer() as peer:
        socket = await opened(outbound, peer.url)
        socket.arrived = arrived.set
        await peer.wait_for(lambda: bool(peer.talks))
        await peer.talk.close()
        await arrived.wait()
        assert not (await socket.exchange([])).is_open


async def test_an_end_without_a_word(outbound: Outbound) -> None:
    """The app's process died."""

    async def dies(talk: Talk, _: Message) -> None:
        talk.drop()

    async with Peer(dies) as peer:
        socket = await opened(outbound, peer.url)
        exchanged = await socket.exchange(["x"])
        assert exchanged == Exchanged((), False, f"{peer.url} closed the connection: without saying so.")


@pytest.mark.parametrize("reads", [False, True], ids=["it reads nothing", "it answers no ping"])
async def test_a_peer_that_is_deaf_is_given_up(outbound: Outbound, reads: bool) -> None:
    """Patience is bounded, and the connection is dropped."""
    async with Deaf(reads=reads) as url:
        socket = await opened(outbound, url, patience_s=0.1)
        exchanged = await socket.exchange([bytes(1 << 20)] * 20)
        why = f"{url} did not read what it was sent, or answer pings, within 0.1 s."
        assert exchanged == Exchanged((), is_open=False, why=why)
        await socket.close(1000)


async def test_a_message_that_is_too_large_ends_it(outbound: Outbound) -> None:
    """One mebibyte is read, a byte more is not."""

    async def shouts(talk: Talk, message: Message) -> None:
        await talk.say(bytes(socket_client.MESSAGE_MAX + (message == "more")))

    async with Peer(shouts) as peer:
        socket = await opened(outbound, peer.url)
        good = await socket.exchange(["x"])
        while not good.received:
            good = await socket.exchange([])
        assert (len(good.received[0]), good.is_open) == (socket_client.MESSAGE_MAX, True)
        bad = await socket.exchange(["more"])
        while bad.is_open:
            bad = await socket.exchange([])
        assert bad.received == ()
        assert bad.why.startswith(f"{peer.url} closed the connection: 1009 ")
        await peer.talk.over.wait()
    assert peer.talk.ended == 1009


async def test_text_that_is_none_ends_it(outbound: Outbound) -> None:
    """RFC 6455: a text is UTF-8."""

    async def mumbles(talk: Talk, _: Message) -> None:
        await talk.mumble(b"\xff\xfe")

    async with Peer(mumbles) as peer:
        socket = await opened(outbound, peer.url)
        exchanged = await socket.exchange(["x"])
        assert (exchanged.received, exchanged.is_open) == ((), False)
        assert exchanged.why.startswith(f"{peer.url} closed the connection: 1007 ")


async def test_closing_waits_for_the_other_side_a_second_at_most(
    outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peer that never closes its side is left."""
    monkeypatch.setattr(socket_client, "CLOSE_S", 0.05)
    async with Deaf() as url:
        await (await opened(outbound, url)).close(1000)


async def test_closing_ends_an_exchange_that_is_under_way(outbound: Outbound) -> None:
    """As when a world is reset while its app is slow."""
    async with Deaf(reads=True) as url:
        socket = await opened(outbound, url)
        exchange = asyncio.create_task(socket.exchange(["x"]))
        await asyncio.sleep(0)
        socket_client_close = asyncio.create_task(socket.close(1001))
        assert not (await exchange).is_open
        await socket_client_close


async def test_a_way_out_that_is_closed_opens_nothing(outbound: Outbound) -> None:
    """Whoever stops calls nobody."""
    async with Peer() as peer:
        await outbound.aclose()
        with pytest.raises(SendFailed) as failed:
            await opened(outbound, peer.url)
    assert failed.value.detail == "fake-nexmo was stopped during the call."
    assert peer.talks == []


def test_the_library_is_imported_when_the_first_socket_is_opened() -> None:
    """Neither ``import fake_nexmo`` nor a server's start pays for it."""
    code = "import sys, fake_nexmo, fake_nexmo.server, fake_nexmo.engine.runner; print('websockets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
