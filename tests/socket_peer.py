"""A websocket app for tests: a real server on a free loopback port that remembers what it was sent.

It listens and says nothing unless told otherwise: ``peer.say_by(...)`` names a coroutine that is handed each message,
and the `Talk` to reply on. What it was sent is told in short by `Talk.short`: texts as they are, and runs of frames by
their number and whether they are silent.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import itertools
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Self, TypeAlias

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Message: TypeAlias = str | bytes

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Talk:
    """One connection as the app sees it.

    Attributes:
        messages: what came, oldest first.
        path: what was asked for, with its query.
        headers: of the handshake.
        ended: the code with which it was closed; None: it is open.
    """

    def __init__(self, connection: ServerConnection) -> None:
        self.messages: list[Message] = []
        self.ended: int | None = None
        self.over = asyncio.Event()
        self._connection = connection
        assert connection.request is not None, "a handshake was made"
        self.path = connection.request.path
        self.headers = list(connection.request.headers.raw_items())

    async def say(self, *messages: Message) -> None:
        """Send messages."""
        for message in messages:
            await self._connection.send(message)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        await self._connection.close(code, reason)

    def drop(self) -> None:
        """Break the connection off, without a word."""
        self._connection.transport.abort()

    async def mumble(self, data: bytes) -> None:
        """Send something as a text that is none."""
        await self._connection.send(data, text=True)

    def header(self, name: str) -> str | None:
        """A header of the handshake by its name in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def frames(self) -> list[bytes]:
        """The binary messages."""
        return [each for each in self.messages if isinstance(each, bytes)]

    @property
    def texts(self) -> list[str]:
        """The others."""
        return [each for each in self.messages if isinstance(each, str)]

    def short(self) -> list[Any]:
        """What came: each text, and for runs of frames how many there were, and of what kind."""
        kinds = ((_kind(each), each) for each in self.messages)
        runs = ((kind, list(each)) for kind, each in itertools.groupby(kinds, key=lambda pair: pair[0]))
        return [said for kind, run in runs for said in (_texts(run) if kind == "text" else [(len(run), kind)])]

    def digest(self) -> str:
        """The hash of all frames, one after the other."""
        return hashlib.sha256(b"".join(self.frames)).hexdigest()[:16]


def _kind(message: Message) -> str:
    if isinstance(message, str):
        return "text"
    return "sound" if any(message) else "silence"


def _texts(run: list[tuple[str, Message]]) -> list[Message]:
    return [message for _, message in run]


Reply: TypeAlias = Callable[[Talk, Message], Awaitable[None]]
Greet: TypeAlias = Callable[[Talk], Awaitable[None]]


async def _nothing(*_: object) -> None:
    """Say nothing."""


class Peer:
    """The server; use it with ``async with``.

    Attributes:
        talks: every connection that was made, oldest first.
        refuses: the status with which handshakes are refused; 0: they are not.
        before: awaited before each handshake is answered.
    """

    def __init__(self, reply: Reply = _nothing, *, greet: Greet = _nothing, refuses: int = 0, ssl: Any = None) -> None:
        self.talks: list[Talk] = []
        self.refuses = refuses
        self.before: Callable[[], Awaitable[None]] = _nothing
        self._reply = reply
        self._greet = greet
        self._ssl = ssl
        self._server: Server
        self._came = asyncio.Condition()

    @property
    def talk(self) -> Talk:
        """The one connection there was."""
        (talk,) = self.talks
        return talk

    @property
    def port(self) -> int:
        """The port that was free."""
        return self._port

    @property
    def url(self) -> str:
        """Where to connect to."""
        return f"ws{'s' if self._ssl else ''}://127.0.0.1:{self.port}/socket"

    async def wait_for(self, right: Callable[[], bool], timeout: float = 5.0) -> None:
        """Wait until something is so that becomes so by a message, or the end of a connection."""
        async with asyncio.timeout(timeout), self._came:
            await self._came.wait_for(right)

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve, "127.0.0.1", 0, process_request=self._process, ssl=self._ssl, compression=None, max_size=None
        )
        self._port: int = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close(close_connections=True)
        await self._server.wait_closed()

    async def _process(self, connection: ServerConnection, _: Request) -> Response | None:
        await self.before()
        return connection.respond(HTTPStatus(self.refuses), "no\n") if self.refuses else None

    async def _serve(self, connection: ServerConnection) -> None:
        talk = Talk(connection)
        self.talks.append(talk)
        await self._tell()
        try:
            await self._greet(talk)
            async for message in connection:
                talk.messages.append(message)
                await self._reply(talk, message)
                await self._tell()
        except ConnectionClosed:
            pass
        finally:
            await connection.wait_closed()
            talk.ended = connection.close_code
            talk.over.set()
            await self._tell()

    async def _tell(self) -> None:
        async with self._came:
            self._came.notify_all()


class Deaf:
    """A server that shakes hands and then reads nothing any more, so that no ping is ever answered."""

    def __init__(self, *, reads: bool = False) -> None:
        self._reads = reads
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        self._server.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a server's handler runs in a task"
        self._tasks.add(task)
        try:
            await self._shake_hands(reader, writer)
            await self._over.wait()
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _shake_hands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = next(
            line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
        )
        accept = base64.b64encode(hashlib.sha1(key + _MAGIC).digest())
        writer.write(b"HTTP/1.1 101 -\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
        writer.write(accept + b"\r\n\r\n")
        if self._reads:
            with contextlib.suppress(OSError):
                await reader.read(-1)
