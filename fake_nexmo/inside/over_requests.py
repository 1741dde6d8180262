"""The fake behind requests: what its adapter would have got from urllib3, without a connection.

Repeating is the adapter's own business on a real connection too, so its ``max_retries`` holds; only the waiting
between two tries is left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import requests.adapters
from urllib3 import HTTPHeaderDict, HTTPResponse, Retry
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError, ReadTimeoutError, ResponseError

from fake_nexmo.inside.exchange import Answer, Ask, Dropped, TooLate

if TYPE_CHECKING:
    from fake_nexmo.inside.fake import Fake


def adapter_for(fake: Fake) -> requests.adapters.HTTPAdapter:
    """An adapter that answers whatever host the session was told."""
    return _Inside(fake)


class _Inside(requests.adapters.HTTPAdapter):
    def __init__(self, fake: Fake) -> None:
        super().__init__()
        self._fake = fake

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer a request; see `answer_requests`."""
        del stream, verify, cert, proxies
        return answer_requests(self._fake, self, request, timeout)


def answer_requests(
    fake: Fake, adapter: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, timeout: Any
) -> requests.Response:
    """The answer that an adapter gives.

    Raises:
        requests.ConnectionError: a fault dropped the connection.
        requests.ReadTimeout: the reply would come after the client's time-out.
        requests.exceptions.RetryError: the adapter repeats such answers, and had too many of them.
    """
    ask = _asked(request, timeout)
    try:
        raw = _repeated(fake, ask, adapter.max_retries, request.url or "")
    except MaxRetryError as error:
        kind = requests.exceptions.RetryError if isinstance(error.reason, ResponseError) else requests.ConnectionError
        raise kind(error, request=request) from None
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error, request=request) from None
    except ProtocolError as error:
        raise requests.ConnectionError(error, request=request) from None
    return adapter.build_response(request, raw)


class Pool:
    """What stands for urllib3's connections where an adapter asks for some to send one request by."""

    def __init__(self, fake: Fake, request: requests.PreparedRequest) -> None:
        self._fake = fake
        self._request = request

    def urlopen(self, *, retries: Retry, timeout: Any, **_: Any) -> HTTPResponse:
        """The answer, or what urllib3 raises."""
        return _repeated(self._fake, _asked(self._request, timeout), retries, self._request.url or "")


def _repeated(fake: Fake, ask: Ask, retries: Retry, url: str) -> HTTPResponse:
    """Ask until an answer comes that the adapter does not repeat. Source: urllib3's ``urlopen`` (C)."""
    while True:
        try:
            raw = _raw(fake.answer(ask), url)
        except (Dropped, TooLate) as error:
            retries = retries.increment(ask.method, url, error=_failed(error, ask, url))
            continue
        if not retries.is_retry(ask.method, raw.status, "retry-after" in raw.headers):
            return raw
        try:
            retries = retries.increment(ask.method, url, response=raw)
        except MaxRetryError:
            if retries.raise_on_status:
                raise
            return raw


def _asked(request: requests.PreparedRequest, timeout: Any) -> Ask:
    parts = urlsplit(request.url or "")
    headers = [(b"host", parts.netloc.rpartition("@")[2].encode())]
    headers += [(_octets(name).lower(), _octets(value)) for name, value in request.headers.items()]
    method = request.method or "GET"
    return Ask(method, parts.path or "/", parts.query.encode(), headers, _body(request.body), _patience(timeout))


def _body(given: Any) -> bytes:
    if given is None:
        return b""
    if isinstance(given, str | bytes):
        return _octets(given)
    if hasattr(given, "read"):
        return _octets(given.read())
    return b"".join(_octets(each) for each in _chunks(given))


def _chunks(given: Iterable[str | bytes]) -> Iterable[str | bytes]:
    return given


def _octets(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _patience(timeout: Any) -> float | None:
    """The time-out for reading, in any of the forms that requests takes."""
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    read = getattr(timeout, "read_timeout", timeout)
    return read if isinstance(read, int | float) else None


def _failed(error: Dropped | TooLate, ask: Ask, url: str) -> HTTPError:
    if isinstance(error, TooLate):
        message = f"Read timed out. (read timeout={ask.patience}; {error})"
        return ReadTimeoutError(None, url, message)  # type: ignore[arg-type]  # there is no pool to name
    gone = RemoteDisconnected("Remote end closed connection without response")
    return ProtocolError("Connection aborted.", gone)


def _raw(answer: Answer, url: str) -> HTTPResponse:
    """What urllib3 would have made of it; it finds out by itself that a body is cut off."""
    headers = HTTPHeaderDict()
    for name, value in answer.headers:
        headers.add(name.decode("latin-1"), value.decode("latin-1"))
    return HTTPResponse(
        body=io.BytesIO(answer.body),
        headers=headers,
        status=answer.status,
        version=11,
        reason=_reason(answer.status),
        preload_content=False,
        decode_content=False,
        request_url=url,
        enforce_content_length=True,
    )


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
