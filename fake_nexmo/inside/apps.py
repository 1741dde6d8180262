"""Calling a WSGI or ASGI app in the same process, as a server would that a webhook came to."""

from __future__ import annotations

import inspect
import io
import logging
import re
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from fake_nexmo.engine.outbound import HttpAnswer, HttpCall, SendFailed, SocketCall, route
from fake_nexmo.inside.exchange import decoded
from fake_nexmo.store.steady import steady_s

Wsgi = Callable[..., Iterable[bytes]]
Asgi = Callable[..., Awaitable[None]]
_ASGI_PARAMETERS = 3
# What may stand in a path as it is; a lone percent sign is left alone.
_SAFE = "!$%&'()*+,-./:;=@[]_~"
_PEER = ("127.0.0.1", 1)
_PORTS = {"http": 80, "https": 443}

log = logging.getLogger(__name__)


class Mount(Struct, frozen=True):
    """An app and the URL that it is mounted at."""

    url: str
    app: Any
    is_asgi: bool

    @property
    def prefix(self) -> str:
        """The path that the app does not see as its own."""
        return urlsplit(self.url).path.rstrip("/")


class Mounts:
    """Which app a URL leads to: the longest URL wins, as with a world's routes."""

    def __init__(self) -> None:
        self._mounts: dict[str, Mount] = {}

    def add(self, url: str, app: Any) -> None:
        """Mount an app; another one at the same URL makes way.

        Raises:
            ValueError: the URL is none.
            TypeError: the app is neither WSGI nor ASGI.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is no place for an app; write an origin such as https://shop.test")
        self._mounts[url] = Mount(url, app, is_asgi(app))

    def find(self, url: str) -> Mount | None:
        """The app that a URL leads to; None: nobody mounted one there."""
        table = {each: f"http://mount-{k}.invalid" for k, each in enumerate(self._mounts)}
        host = urlsplit(route(url, table)).hostname or ""
        for k, mount in enumerate(self._mounts.values()):
            if host == f"mount-{k}.invalid":
                return mount
        return None


def is_asgi(app: Any) -> bool:
    """Whether an app is ASGI, else it is WSGI.

    Raises:
        TypeError: it is neither.
    """
    if not callable(app):
        raise TypeError(f"{app!r} cannot be called, so it is neither a WSGI nor an ASGI app")
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__):
        return True
    try:
        needed = [each for each in inspect.signature(app).parameters.values() if each.default is each.empty]
    except ValueError:
        return False
    plain = [each for each in needed if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return len(plain) == _ASGI_PARAMETERS


def call_wsgi(mount: Mount, call: HttpCall) -> HttpAnswer:
    """Call a WSGI app in this thread.

    Raises:
        SendFailed: its answer took longer than the webhook waits, or it never began one.
    """
    head: list[tuple[int, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], failure: Any = None) -> Callable[[bytes], object]:
        if failure is None and head:
            raise RuntimeError("start_response was called a second time without exc_info")
        head[:] = [(int(status.partition(" ")[0]), headers)]
        return written.append

    began = steady_s()
    result = mount.app(_environ(mount, call), start_response)
    try:
        written.extend(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    took_s = steady_s() - began
    if not head:
        raise SendFailed("protocol", f"The app at {mount.url} never called start_response.")
    if took_s > call.response_s:
        raise too_slow(mount, call)
    status, headers = head[0]
    return HttpAnswer(status, tuple((name.lower(), value) for name, value in headers), b"".join(written), took_s)


async def call_asgi(mount: Mount, call: HttpCall) -> HttpAnswer:
    """Call an ASGI app on the running loop, and let it do what it does after its answer.

    Raises:
        SendFailed: its answer took longer than the webhook waits, or it never began one.
    """
    import asyncio

    exchange = _Exchange(call)
    cap = asyncio.timeout(call.response_s)
    try:
        async with cap:
            await mount.app(_scope(mount, call), exchange.receive, exchange.send)
    except (SystemExit, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise
        # Of all that an app can raise, these would end the loop itself, and whoever waits for it would wait on.
        raise RuntimeError(f"the app at {mount.url} called for the end of the process: {error!r}") from error
    except Exception as error:
        if exchange.answer is None:
            if isinstance(error, TimeoutError) and cap.expired():
                raise too_slow(mount, call) from None
            raise
        # A server has sent the answer by now.
        log.exception("the app at %s raised after its answer", mount.url)
    answer = exchange.answer or exchange.taken()
    if answer is None:
        raise SendFailed("protocol", f"The app at {mount.url} sent no answer.")
    return answer


class _Exchange:
    """The server's side of one request to an ASGI app.

    Attributes:
        answer: what the app answered; None: it has not ended its answer.
    """

    def __init__(self, call: HttpCall) -> None:
        import asyncio

        self.answer: HttpAnswer | None = None
        self._asked = [{"type": "http.request", "body": call.body, "more_body": False}]
        self._sent: list[Any] = []
        self._began = steady_s()
        self._ended = asyncio.Event()

    async def receive(self) -> Any:
        """The whole request; after that nothing more comes while the app has not answered."""
        if self._asked:
            return self._asked.pop()
        await self._ended.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take a piece of the answer."""
        self._sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body") and self.answer is None:
            self.answer = self.taken()
            self._ended.set()

    def taken(self) -> HttpAnswer | None:
        """What was sent so far; None: nothing."""
        if not self._sent:
            return None
        head, *rest = self._sent
        named = head.get("headers", ())
        headers = tuple((bytes(n).decode("latin-1").lower(), bytes(v).decode("latin-1")) for n, v in named)
        body = b"".join(each.get("body", b"") for each in rest if each["type"] == "http.response.body")
        return HttpAnswer(head["status"], headers, body, steady_s() - self._began)


def socket_scope(mount: Mount, call: SocketCall) -> dict[str, Any]:
    """What an ASGI app is called with for a websocket."""
    asked = HttpCall("GET", re.sub("^ws", "http", call.url, flags=re.IGNORECASE), call.headers)
    scope = _scope(mount, asked)
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept"]
    del scope["method"]
    scheme = "wss" if scope["scheme"] == "https" else "ws"
    return {**scope, "type": "websocket", "scheme": scheme, "headers": headers, "subprotocols": []}


def too_slow(mount: Mount, call: HttpCall) -> SendFailed:
    """The failure of a webhook whose answer does not come in time. Source: reference webhooks §2, §3 (B)."""
    return SendFailed("timeout", f"The app at {mount.url} did not answer within {call.response_s:g} s.")


def _parts(call: HttpCall) -> tuple[str, str, str, int, list[tuple[str, str]]]:
    """Scheme, path, host and port that the app is called with, and all headers."""
    parts = urlsplit(call.url)
    path = quote(parts.path or "/", safe=_SAFE)
    port = parts.port or _PORTS[parts.scheme]
    given = {name.lower() for name, _ in call.headers}
    headers = [] if "host" in given else [("Host", parts.netloc.rpartition("@")[2])]
    headers += call.headers
    if "accept" not in given:
        headers.append(("Accept", "*/*"))
    if parts.username is not None and "authorization" not in given:
        headers.append(("Authorization", _basic(parts.username, parts.password or "")))
    if (call.body or call.method in {"POST", "PUT", "PATCH"}) and "content-length" not in given:
        headers.append(("Content-Length", str(len(call.body))))
    return parts.scheme, path, parts.hostname or "", port, headers


def _basic(name: str, password: str) -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()


def _query(call: HttpCall) -> str:
    return quote(urlsplit(call.url).query, safe=_SAFE + "?")


def _environ(mount: Mount, call: HttpCall) -> dict[str, Any]:
    scheme, path, host, port, headers = _parts(call)
    prefix = mount.prefix
    environ: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": _wsgi_text(prefix),
        "PATH_INFO": _wsgi_text(path[len(prefix) :]),
        "QUERY_STRING": _query(call),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": _PEER[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return environ


def _wsgi_text(path: str) -> str:
    """A path as WSGI has it: its octets as Latin-1. Source: PEP 3333."""
    return unquote(path, "latin-1")


def _scope(mount: Mount, call: HttpCall) -> dict[str, Any]:
    scheme, path, host, port, headers = _parts(call)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": call.method,
        "scheme": scheme,
        "path": decoded(path),
        "raw_path": path.encode("ascii"),
        "root_path": mount.prefix,
        "query_string": _query(call).encode("ascii"),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": _PEER,
        "server": (host, port),
    }
