"""A websocket to an app, by the library made for it: opened, spoken on, closed. Imported when the first is opened.

**What an exchange means.** Messages are sent as fast as the app takes them, then a ping goes after them. Its pong says
that the app's machine has read all of it; libraries answer pings by themselves, though, before the app's own code had
its turn. So a second ping goes when the first has come back, and another as long as each brings something new: an app
that replies to what it hears without waiting for anything else has replied by then. An app that takes its time replies
after the exchange, and `LiveSocket.arrived` tells of that.

**What is bounded.** Each exchange has its patience, in real time. A peer that does not read, or answers no ping, is
taken for gone: its connection is dropped. What came outside an exchange is kept up to a limit; beyond it nothing more
is read, and the app's own sending waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus, WebSocketException
from websockets.uri import WebSocketURI

from fake_nexmo.engine.outbound import Exchanged, SendFailed, SocketCall

CLOSE_S: Final = 1.0
"""How long a peer may take to close its side when we have closed ours."""

INBOX_MAX: Final = 4096
"""How many messages are kept while nobody asks for them."""

# Doubt: no limit for one message is known. This one is the library's own: half a minute of sound.
MESSAGE_MAX: Final = 1 << 20

ROUNDS: Final = (2, 5)
"""How many pings an exchange takes, at least and at most."""

# Not every system has it.
_QUICK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)

_log = logging.getLogger(__name__)
_log.setLevel(logging.WARNING)


class Place(NamedTuple):
    """Where a websocket is, taken apart and judged.

    Attributes:
        credentials: Of the URL; None: it has none.
        shown: The place as texts show it.
    """

    secure: bool
    host: str
    port: int
    path: str
    query: str
    credentials: tuple[str, str] | None
    shown: str


Connect = Callable[[Callable[[], asyncio.Protocol]], Awaitable[None]]
"""Connects a protocol to the place."""


async def open_socket(place: Place, call: SocketCall, connect: Connect) -> LiveSocket:
    """Connect and shake hands.

    Raises:
        SendFailed: There was no connection, or no handshake.
    """
    shown = place.shown
    given = {name.lower() for name, _ in call.headers}
    user, password = place.credentials if place.credentials and "authorization" not in given else (None, None)
    uri = WebSocketURI(place.secure, place.host, place.port, place.path, place.query, user, password)
    connection: ClientConnection | None = None

    def make() -> ClientConnection:
        nonlocal connection
        protocol = ClientProtocol(uri, max_size=MESSAGE_MAX, logger=_log)
        connection = ClientConnection(protocol, ping_interval=None, close_timeout=CLOSE_S, max_queue=INBOX_MAX)
        return connection

    await connect(make)
    assert connection is not None, "whoever connects makes a connection"
    try:
        async with asyncio.timeout(call.response_s):
            await connection.handshake(call.headers, None)
    except BaseException as error:
        connection.transport.abort()
        if isinstance(error, Exception):
            raise _failure(shown, call, error) from None
        raise
    return LiveSocket(connection, shown, call.patience_s)


def _failure(shown: str, call: SocketCall, error: Exception) -> SendFailed:
    """Why there is no handshake."""
    if isinstance(error, TimeoutError):
        return SendFailed("timeout", f"{shown} did not answer the handshake within {call.response_s:g} s.")
    if isinstance(error, InvalidStatus):
        return SendFailed("protocol", f"{shown} answered {error.response.status_code} to the handshake.")
    if isinstance(error, InvalidMessage | OSError | EOFError):
        return SendFailed("connection", f"{shown} gave no answer to the handshake that can be read.")
    return SendFailed("protocol", f"{shown} did not shake hands: {str(error).rstrip('.')}.")


class LiveSocket:
    """An open websocket; see `outbound.Socket`. Belongs to one event loop."""

    def __init__(self, connection: ClientConnection, shown: str, patience_s: float) -> None:
        self.arrived: Callable[[], None] = lambda: None
        self._connection = connection
        self._shown = shown
        self._patience_s = patience_s
        self._socket: socket.socket = connection.transport.get_extra_info("socket")
        self._inbox: list[str | bytes] = []
        self._why = ""
        self._listens = False
        self._room = asyncio.Event()
        self._room.set()
        self._reader = asyncio.create_task(self._read())

    async def exchange(self, messages: Sequence[str | bytes]) -> Exchanged:
        """See `Socket.exchange`."""
        self._listens = True
        self._room.set()
        cap = asyncio.timeout(self._patience_s)
        try:
            async with cap:
                await self._converse(messages)
        except ConnectionClosed:
            await self._over()
        except TimeoutError:
            if not cap.expired():
                raise
            self._why = f"{self._shown} did not read what it was sent, or answer pings, within {self._patience_s:g} s."
            self._connection.transport.abort()
            await self._over()
        finally:
            self._listens = False
        received, self._inbox = tuple(self._inbox), []
        self._room.set()
        return Exchanged(received, not self._reader.done(), self._why)

    async def close(self, code: int) -> None:
        """See `Socket.close`."""
        self.arrived = lambda: None
        # Whoever waits to tell more has nobody to tell it to.
        self._listens = True
        self._room.set()
        with contextlib.suppress(WebSocketException, OSError):
            await self._connection.close(code)
        await self._over()

    async def _converse(self, messages: Sequence[str | bytes]) -> None:
        least, most = ROUNDS
        for message in messages:
            await self._connection.send(message)
        for k in range(most):
            before = len(self._inbox)
            self._acknowledge_at_once()
            await (await self._connection.ping())
            if k + 1 >= least and len(self._inbox) == before:
                return

    async def _over(self) -> None:
        """Wait until the end of the connection has been read."""
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        """Take in messages as they come, until the connection ends."""
        try:
            while True:
                if not self._listens and len(self._inbox) >= INBOX_MAX:
                    self._room.clear()
                    await self._room.wait()
                message = await self._connection.recv()
                self._inbox.append(message)
                self._acknowledge_at_once()
                self._tell()
        except ConnectionClosed as closed:
            self._why = self._why or f"{self._shown} closed the connection: {_code(closed)}."
        self._tell()

    def _acknowledge_at_once(self) -> None:
        """Have the system acknowledge what comes next without delay, where it can be told to.

        Many servers, uvicorn among them, leave Nagle's algorithm on: the second of two small messages is sent when the
        first one was acknowledged, which takes forty milliseconds unless somebody hurries. It holds for a while only.
        """
        if _QUICK is not None and self._socket.fileno() >= 0:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)

    def _tell(self) -> None:
        if not self._listens:
            self.arrived()


def _code(closed: ConnectionClosed) -> str:
    """How a connection was closed: by the peer's code, by ours, or by neither."""
    frame = closed.rcvd or closed.sent
    if frame is None:
        return "without saying so"
    return f"{frame.code} {frame.reason}".strip()
