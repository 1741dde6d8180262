"""Getting in the way of clients that know nothing of a fake, and out of it again.

httpx is met at its real transports, requests at its real adapter and aiohttp at its connectors, so that whatever a
client was told about hosts, proxies or certificates does not matter, and transports of other makers that wrap these
work as well. What is not for a service host goes on to where it was going. Other libraries that replace the same
functions meanwhile are left alone: whoever came last is asked first, and a function of ours that was replaced lets
everything pass once it is over. aiohttp is met when the process has imported it, or as soon as it does.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from fake_nexmo.inside.arrivals import when_imported
from fake_nexmo.inside.fake import Fake
from fake_nexmo.inside.hosts import is_service

# A module is imported, and so changed, by any thread, the one that holds this among them.
_lock = threading.RLock()
_fakes: list[Fake] = []
_undo: list[tuple[Any, str, Any, Any]] = []
_waiting = ExitStack()


@contextmanager
def intercepted(fake: Fake) -> Iterator[None]:
    """Let every client of httpx, requests and aiohttp, on any thread of this process, reach a fake at service hosts."""
    with _lock:
        _fakes.append(fake)
        if len(_fakes) == 1:
            _replace_all()
    try:
        yield
    finally:
        with _lock:
            _fakes.remove(fake)
            if not _fakes:
                _put_back()


def _newest() -> Fake | None:
    """The fake that was put in the way last."""
    try:
        return _fakes[-1]
    except IndexError:
        return None


def _replace_all() -> None:
    _replace_httpx()
    if importlib.util.find_spec("requests") is not None:
        _replace_requests()
    _waiting.enter_context(when_imported("aiohttp.connector", _replace_aiohttp))


def _replace_httpx() -> None:
    import httpx

    from fake_nexmo.inside.over_httpx import AsyncInside, Inside

    ask, ask_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        fake = _newest()
        if fake is None or not is_service(request.url.host):
            return ask(self, request)
        return Inside(fake).handle_request(request)

    async def handle_async_request(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        fake = _newest()
        if fake is None or not is_service(request.url.host):
            return await ask_async(self, request)
        return await AsyncInside(fake).handle_async_request(request)

    _replace(httpx.HTTPTransport, "handle_request", handle_request)
    _replace(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request)


def _replace_requests() -> None:
    from urllib.parse import urlsplit

    from requests.adapters import HTTPAdapter

    from fake_nexmo.inside.over_requests import Pool, answer_requests

    pass_on = HTTPAdapter.send
    connect = HTTPAdapter.__dict__.get("get_connection_with_tls_context")

    def send(self: HTTPAdapter, request: Any, stream: Any = False, timeout: Any = None, **more: Any) -> Any:
        fake = _newest()
        if fake is None or not is_service(urlsplit(request.url).hostname or ""):
            return pass_on(self, request, stream, timeout, **more)
        return answer_requests(fake, self, request, timeout)

    def get_connection(self: HTTPAdapter, request: Any, *args: Any, **named: Any) -> Any:
        """Whoever remembered the adapter's own `send` before, as `responses` does for what it lets pass, comes here."""
        assert connect is not None, "it is replaced only where it is there"
        fake = _newest()
        if fake is None or not is_service(urlsplit(request.url).hostname or ""):
            return connect(self, request, *args, **named)
        return Pool(fake, request)

    _replace(HTTPAdapter, "send", send)
    if connect is not None:
        _replace(HTTPAdapter, "get_connection_with_tls_context", get_connection)


def _replace_aiohttp(module: Any) -> None:
    connect = module.BaseConnector.connect

    async def connect_inside(self: Any, request: Any, traces: Any, timeout: Any) -> Any:
        fake = _newest()
        if fake is None or not is_service(request.url.host or ""):
            return await connect(self, request, traces, timeout)
        from fake_nexmo.inside.over_aiohttp import connection

        return connection(fake, self, request, timeout)

    with _lock:
        if _fakes:
            _replace(module.BaseConnector, "connect", connect_inside)


def _replace(owner: Any, name: str, new: Any) -> None:
    _undo.append((owner, name, owner.__dict__[name], new))
    setattr(owner, name, new)


def _put_back() -> None:
    _waiting.close()
    while _undo:
        owner, name, old, new = _undo.pop()
        if owner.__dict__.get(name) is new:
            setattr(owner, name, old)
