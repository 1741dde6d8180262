"""The fake behind aiohttp: the connection that its connector would have opened, with the service at the other end.

What aiohttp writes is read as a server reads it, and the reply is given to its own protocol as octets, so that
everything above a connection is aiohttp's own: cookies, redirects, compression, time-outs, and the words of its errors.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
import h11
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import BaseConnector, Connection

from fake_nexmo.inside.exchange import Answer, Ask, Dropped, TooLate

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientTimeout

    from fake_nexmo.inside.fake import Fake

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# aiohttp's own before 3.10.
_SocketTimeoutError = getattr(aiohttp, "SocketTimeoutError", aiohttp.ServerTimeoutError)


def connection(fake: Fake, connector: BaseConnector, request: ClientRequest, timeout: ClientTimeout) -> Connection:
    """A connection for one request, whatever its host, proxy or certificates; it is none of the connector's pool."""
    loop = asyncio.get_running_loop()
    protocol = ResponseHandler(loop)
    protocol.connection_made(_Wire(fake, request, timeout, protocol, loop))
    # One that is given back is closed: the next request may be another fake's, or nobody's.
    protocol.force_close()
    return Connection(connector, request.connection_key, protocol, loop)


class _Wire(asyncio.Transport):
    """A connection that is none: what is written to it reaches the fake."""

    def __init__(
        self,
        fake: Fake,
        request: ClientRequest,
        timeout: ClientTimeout,
        protocol: ResponseHandler,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__()
        self._fake = fake
        self._url = request.url
        self._timeout = timeout
        self._protocol = protocol
        self._loop = loop
        self._server = h11.Connection(h11.SERVER)
        self._head: Any = None
        self._body = b""
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    # What aiohttp does with it.

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Read on; when the request is whole, answer it."""
        self._server.receive_data(bytes(data))
        while (event := self._server.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Request):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self._task = self._loop.create_task(self._answer())
        if event is h11.NEED_DATA and self._server.they_are_waiting_for_100_continue:
            self._server.send(h11.InformationalResponse(status_code=100, headers=[]))
            self._loop.call_soon(self._protocol.data_received, _CONTINUE)

    def close(self) -> None:
        """Nobody waits for the reply any more."""
        if self._closing:
            return
        self._closing = True
        if self._task is not None:
            self._task.cancel()
        self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._closing

    def get_write_buffer_size(self) -> int:
        """Nothing waits to be written."""
        return 0

    def pause_reading(self) -> None:
        """The reply comes in one piece, and the protocol keeps what is too much for it."""

    def resume_reading(self) -> None:
        """See `pause_reading`."""

    # What the service does.

    async def _answer(self) -> None:
        protocol = self._protocol
        try:
            answer = await self._fake.answer_async(self._asked())
        except Dropped:
            protocol.connection_lost(None)
        except TooLate:
            protocol.set_exception(self._too_late())
        except Exception as error:  # noqa: BLE001 - it is for whoever asked
            protocol.set_exception(error)
        else:
            protocol.data_received(_octets(answer, with_body=self._head.method != b"HEAD"))
            if not answer.whole or not any(name == b"content-length" for name, _ in answer.headers):
                protocol.connection_lost(None)

    def _asked(self) -> Ask:
        head = self._head
        limits = [each for each in (self._timeout.total, self._timeout.sock_read) if each]
        return Ask(
            head.method.decode("ascii"),
            self._url.raw_path,
            self._url.raw_query_string.encode("ascii"),
            list(head.headers),
            self._body,
            min(limits, default=None),
        )

    def _too_late(self) -> TimeoutError:
        """What aiohttp raises when its own limit is over: that of the socket, or that of the whole request."""
        read, total = self._timeout.sock_read, self._timeout.total
        if read and (not total or read <= total):
            late: TimeoutError = _SocketTimeoutError("Timeout on reading data from socket")
            return late
        return TimeoutError()


def _octets(answer: Answer, *, with_body: bool) -> bytes:
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = ""
    lines = [f"HTTP/1.1 {answer.status} {reason}\r\n".encode("ascii")]
    lines += [b"%s: %s\r\n" % each for each in answer.headers]
    return b"".join([*lines, b"\r\n", answer.body if with_body else b""])
