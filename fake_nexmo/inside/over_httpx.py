"""The fake behind httpx: transports for clients that know of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import httpx

from fake_nexmo.inside.exchange import Answer, Ask, Dropped, TooLate

if TYPE_CHECKING:
    from fake_nexmo.inside.fake import Fake


class Inside(httpx.BaseTransport):
    """Answers whatever host the client was told: the path decides."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request.

        Raises:
            httpx.RemoteProtocolError: a fault dropped the connection.
            httpx.ReadTimeout: the reply would come after the client's time-out.
        """
        ask = asked(request, request.read())
        try:
            return answered(self._fake.answer(ask), request)
        except (Dropped, TooLate) as error:
            raise failed(error, request) from None


class AsyncInside(httpx.AsyncBaseTransport):
    """The same for clients on an event loop."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; see `Inside`."""
        ask = asked(request, await request.aread())
        try:
            return answered(await self._fake.answer_async(ask), request)
        except (Dropped, TooLate) as error:
            raise failed(error, request) from None


def asked(request: httpx.Request, body: bytes) -> Ask:
    """The request in the house's words."""
    path, _, query = request.url.raw_path.partition(b"?")
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    timeout = request.extensions.get("timeout")
    patience = timeout.get("read") if timeout else None
    return Ask(request.method, path.decode("latin-1"), query, headers, body, patience)


def answered(answer: Answer, request: httpx.Request) -> httpx.Response:
    """The answer in httpx's words; one that was cut off breaks where its body is read."""
    stream = httpx.ByteStream(answer.body) if answer.whole else _CutOff(answer)
    response = httpx.Response(answer.status, headers=answer.headers, stream=stream, request=request)
    # Else httpx tries every name and value for the encoding that they are in.
    response.headers.encoding = "iso-8859-1"
    return response


def failed(error: Dropped | TooLate, request: httpx.Request) -> httpx.TransportError:
    """What httpx raises where no answer comes, in the words that it has on a real connection."""
    if isinstance(error, TooLate):
        return httpx.ReadTimeout(f"timed out: {error}", request=request)
    return httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)


class _CutOff(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose connection is dropped in its middle."""

    def __init__(self, answer: Answer) -> None:
        self._body = answer.body
        self._expected = dict(answer.headers).get(b"content-length", b"more").decode()

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise self._error()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body
        raise self._error()

    def _error(self) -> httpx.RemoteProtocolError:
        return httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(self._body)} bytes, expected {self._expected})"
        )
