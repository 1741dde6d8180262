"""One listening port for HTTP, HTTPS and CONNECT.

Programs that are under test reach the emulator by plain HTTP, by HTTPS, or through it as their proxy, all on one port.
What a connection speaks shows in its first bytes:

====================  ===============================================================================================
``0x16``              a TLS handshake: uvicorn's HTTP protocol, behind TLS
``CONNECT `` …        a proxy's tunnel: its head is read and answered here, then the bytes inside decide in the same way
anything else         uvicorn's HTTP protocol, plain
====================  ===============================================================================================

We accept the sockets ourselves, look at these bytes without taking them from the socket (``MSG_PEEK``), and only then
give the socket to the event loop, with TLS or without. From there on it is an ordinary uvicorn connection; nothing of
ours stands in its way but one comparison per request, which finds targets in absolute form (``GET http://host/path``,
what clients send to a proxy for plain HTTP): they are cut to their path, for the path alone decides what is called.

Peeking has one trap. A level-triggered selector reports a socket for as long as bytes wait in it, so waiting for *more*
bytes while leaving the first ones there would spin. Therefore bytes that may still become ``CONNECT`` are taken, and
handed to the HTTP protocol first when they turn out to be something else (``COPY``); the head of a CONNECT is taken as
it arrives, but never a byte beyond its end, since what follows belongs to the tunnel.

The emulator never calls the outside: a CONNECT or an absolute target for somebody else's host is refused with 502, and
the owner is told, so that the request shows up where lost requests are listed.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import ipaddress
import json
import logging
import socket
import ssl
import sys
import time
import types
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from uvicorn.config import Config
from uvicorn.server import ServerState

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
#: Told of a request for somebody else: the host, the method, and the target as the client wrote it, secrets included.
OnForeign = Callable[[str, str, str], None]

#: Under this name the state of a request's scope holds a function that ends its connection after what was sent so far.
HANG_UP: Final = "fake_nexmo.hang_up"

#: These names, and all names under them, are the emulated service's.
DOMAINS: Final = ("nexmo.com", "vonage.com")

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_BACKLOG: Final = 2048
# So many connections are accepted before the others get their turn again.
_ACCEPTS_MAX: Final = 128
_ACCEPT_RETRY_S: Final = 0.25
_HEAD_MAX: Final = 8192
_CONNECT: Final = b"CONNECT "
_TLS_HANDSHAKE: Final = 0x16
_TLS_SHUTDOWN_S: Final = 5.0
# How long a refused client may take to read the refusal.
_LINGER_S: Final = 2.0
# How long `stop` waits for closed connections whose replies are all handed to the system already.
_FAREWELL_S: Final = 0.5

# How OpenSSL names the alerts by which clients say that they do not trust the one who signed our certificate.
_DISTRUST: Final = ("UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE", "UNKNOWN_ISSUER")


class TlsSource(Protocol):
    """Where the port gets its certificates from; `fake_nexmo.authority.Authority` is one."""

    @property
    def ca_file(self) -> Path:
        """The certificate that clients must trust, as they are told when they do not."""

    def context(self) -> ssl.SSLContext:
        """The TLS context for accepted connections."""


class OnePort:
    """An ASGI app on one port that speaks HTTP, HTTPS and CONNECT; belongs to the event loop it is started on."""

    def __init__(
        self,
        app: App,
        *,
        host: str,
        port: int,
        tls: TlsSource,
        on_foreign: OnForeign,
        names: Collection[str] = (),
        http: Literal["auto", "httptools", "h11"] = "auto",
        ws: type[asyncio.Protocol] | None = None,
        keep_alive_s: int = 75,
        first_bytes_s: float = 10.0,
    ) -> None:
        """Prepare; nothing listens before `start`.

        Args:
            app: An ASGI 3 app; lifespan is not run.
            host: Name or IP address to listen on; of a name's addresses, the first.
            port: The port; 0 takes a free one.
            tls: Certificates.
            on_foreign: Called once for each request that is refused because its host is not ours.
            names: More host names that are ours, exactly as given.
            http: uvicorn's parser; `auto` is httptools where it is installed, else h11.
            ws: uvicorn's WebSocket protocol class; without one, an upgrade that is offered is not taken.
            keep_alive_s: Seconds for which an idle connection stays open.
            first_bytes_s: Seconds in which a client must have said what it speaks, its TLS handshake included.
        """
        self.host: Final = host
        #: The real port, once started; until then the one asked for.
        self.port = port
        self._tls = tls
        self._on_foreign = on_foreign
        self._ours = frozenset(_plain_name(name) for name in (*_LOOPBACK, host, *names))
        self._first_bytes_s = first_bytes_s
        self._app = app
        self._ws = ws
        self._keep_alive_s = keep_alive_s
        self._guest_class = _guest_class(http)
        self._configs: dict[type[_Guest], Config] = {}
        self._state = ServerState()
        self._listener: socket.socket | None = None
        self._waiting: set[_Arrival] = set()
        self._handing_over: set[asyncio.Task[None]] = set()
        self._gone = asyncio.Event()
        self._tick_timer: asyncio.TimerHandle | None = None
        self._retry_timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Listen; from its return on, connections are answered.

        Raises:
            OSError: The port is taken, or the host is not an address of this machine.
        """
        self._loop = asyncio.get_running_loop()
        self._config(self._guest_class)
        self._listener = await _listen(self.host, self.port)
        self.port = self._listener.getsockname()[1]
        self._tick()
        self._loop.add_reader(self._listener, self._accept)

    async def stop(self, grace_s: float) -> bool:
        """Stop accepting, let requests in flight finish, and close everything.

        Args:
            grace_s: Seconds that requests in flight are given; then they are cancelled and their connections cut.

        Returns:
            Whether all of them finished.
        """
        if self._listener is None:
            return True
        deadline = self._loop.time() + grace_s
        self._stop_accepting()
        await self._settle_arrivals()
        for connection in list(self._state.connections):
            # A connection that is closing after an error refuses the farewell; it needs none.
            with contextlib.suppress(Exception):
                connection.shutdown()
        finished = await self._requests_finish(deadline) and await self._replies_leave(deadline)
        await self._abort()
        if self._tick_timer is not None:
            self._tick_timer.cancel()
        return finished

    def is_ours(self, name: str) -> bool:
        """Whether a host name or IP address, as written in a target, is answered here."""
        name = _plain_name(name)
        return name in self._ours or any(name == domain or name.endswith(f".{domain}") for domain in DOMAINS)

    # Accepting.

    def _accept(self) -> None:
        assert self._listener is not None, "connections are accepted while listening only"
        for _ in range(_ACCEPTS_MAX):
            try:
                sock, _peer = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    raise
                # The connection stays in the queue and would be reported again at once.
                logger.error("no connection can be accepted for now: %s", error.strerror)  # noqa: TRY400
                self._loop.remove_reader(self._listener)
                self._retry_timer = self._loop.call_later(_ACCEPT_RETRY_S, self._accept_again)
                return
            sock.setblocking(False)
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            arrival = _Arrival(self, self._loop, sock, self._first_bytes_s)
            self._waiting.add(arrival)
            arrival.look()

    def _accept_again(self) -> None:
        if self._listener is not None:
            self._loop.add_reader(self._listener, self._accept)

    def left(self, arrival: _Arrival) -> None:
        """Forget an arrival: it was handed over or closed."""
        self._waiting.discard(arrival)

    def hand_over(self, sock: socket.socket, taken: bytes, *, secure: bool) -> None:
        """Make an accepted socket a connection of uvicorn's, behind TLS if asked for.

        Args:
            sock: The socket; the connection's from now on.
            taken: What was read from it already.
            secure: Whether a TLS handshake comes first.
        """
        task = self._loop.create_task(self._serve(sock, taken, secure=secure))
        self._handing_over.add(task)
        task.add_done_callback(self._handing_over.discard)

    async def _serve(self, sock: socket.socket, taken: bytes, *, secure: bool) -> None:
        def guest() -> asyncio.Protocol:
            return self.guest(self._guest_class, taken)

        try:
            if secure:
                await self._loop.connect_accepted_socket(
                    guest,
                    sock,
                    ssl=self._tls.context(),
                    ssl_handshake_timeout=self._first_bytes_s,
                    ssl_shutdown_timeout=_TLS_SHUTDOWN_S,
                )
            else:
                await self._loop.connect_accepted_socket(guest, sock)
        except ssl.SSLError as error:
            self._tls_failed(error)
        except ConnectionResetError:
            if secure:
                self._tell_remedy("A client hung up during the TLS handshake, as some do in distrust")
        except OSError as error:
            # The client went away, or did not finish its handshake in time.
            logger.debug("a connection ended before its first request: %s", error)

    def _tls_failed(self, error: ssl.SSLError) -> None:
        reason = error.reason or str(error)
        if any(alert in reason for alert in _DISTRUST):
            self._tell_remedy(f"A client refused the TLS certificate ({reason})")
        else:
            logger.debug("a TLS handshake failed: %s", reason)

    def _tell_remedy(self, what: str) -> None:
        logger.info(
            "%s: make it trust %s (SSL_CERT_FILE, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, or its own setting).",
            what,
            self._tls.ca_file,
        )

    # Targets that are not a path.

    def divert(self, target: bytes) -> tuple[bytes, App | None]:
        """Judge a target that is no path.

        Returns:
            The path to call, and the app that answers instead of ours when the target is not for us.
        """
        scheme, mark, rest = target.partition(b"://")
        if mark and scheme.isalpha():
            cut = min(at for at in (rest.find(b"/"), rest.find(b"?"), len(rest)) if at >= 0)
            authority, path = rest[:cut], rest[cut:]
            if not path.startswith(b"/"):
                path = b"/" + path
            host = _host_of(authority.rpartition(b"@")[2])
            if host is None:
                return path, _refusal(HTTPStatus.BAD_REQUEST, "The target names no host.")
            return path, None if self.is_ours(host) else self._foreign(host, target)
        if target.rpartition(b":")[2].isdigit():
            # A CONNECT later on a connection, or inside TLS: the bytes after it are the HTTP parser's already.
            detail = "CONNECT must be the first request of its connection, and not inside TLS."
            return b"/", _refusal(HTTPStatus.BAD_REQUEST, detail)
        return target, None

    def tunnel(self, target: bytes) -> tuple[HTTPStatus, bytes]:
        """Judge a CONNECT: the status to answer, and the body that says why when it is refused."""
        host = _host_of(target)
        if host is None:
            return HTTPStatus.BAD_REQUEST, _problem(HTTPStatus.BAD_REQUEST, "CONNECT takes a target of host and port.")
        if self.is_ours(host):
            return HTTPStatus.OK, b""
        self._on_foreign(host, "CONNECT", target.decode("latin-1"))
        return HTTPStatus.BAD_GATEWAY, _problem(HTTPStatus.BAD_GATEWAY, _never(host), host)

    def _foreign(self, host: str, target: bytes) -> App:
        refuse = _refusal(HTTPStatus.BAD_GATEWAY, _never(host), host)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            self._on_foreign(host, scope["method"], target.decode("latin-1"))
            await refuse(scope, receive, send)

        return answer

    def _door(self, app: App) -> App:
        """The app, behind a check of the target: for parsers that leave an absolute target whole in the scope.

        It is a plain function that returns the app's own coroutine: a path costs a comparison, no second coroutine.
        """

        def enter(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            target: bytes = scope.get("raw_path", b"/")
            if target.startswith(b"/"):
                return app(scope, receive, send)
            query: bytes = scope["query_string"]
            whole = target + b"?" + query if query else target
            path, instead = self.divert(whole)
            raw_path = path.partition(b"?")[0]
            scope["raw_path"], scope["path"] = raw_path, _unquoted(raw_path)
            return (instead or app)(scope, receive, send)

        return enter

    # Connections.

    def guest(self, kind: type[_Guest], taken: bytes) -> _Guest:
        """A protocol for one connection, of which some first bytes were taken already."""
        guest = kind(config=self._config(kind), server_state=self._state, app_state={})  # type: ignore[call-arg]
        # uvicorn's own switch for this changes the loggers of the whole process.
        guest.access_log = False
        guest.port = self
        guest.taken = taken
        return guest

    def _config(self, kind: type[_Guest]) -> Config:
        config = self._configs.get(kind)
        if config is None:
            config = self._configs[kind] = Config(
                self._door(self._app) if kind.sees_target_late else self._app,
                interface="asgi3",
                http=kind,
                ws=self._ws or "none",
                lifespan="off",
                log_config=None,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=self._keep_alive_s,
            )
            config.load()
        return config

    def connection_gone(self) -> None:
        """Note that a connection is closed: `stop` may be waiting for the last one."""
        self._gone.set()

    def _tick(self) -> None:
        """Set the date that replies carry; once a second."""
        date = formatdate(time.time(), usegmt=True).encode("ascii")
        self._state.default_headers = [(b"date", date)]
        self._tick_timer = self._loop.call_later(1.0, self._tick)

    # Stopping.

    def _stop_accepting(self) -> None:
        assert self._listener is not None, "there is a listener to stop"
        self._loop.remove_reader(self._listener)
        self._listener.close()
        self._listener = None
        if self._retry_timer is not None:
            self._retry_timer.cancel()

    async def _settle_arrivals(self) -> None:
        for arrival in list(self._waiting):
            arrival.close()
        # A task that is cancelled before its first step never touches its socket, so each takes that step first; a
        # plain connection is through after a few, and only TLS handshakes are left to cancel.
        for _ in range(4):
            await asyncio.sleep(0)
        tasks = list(self._handing_over)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _requests_finish(self, deadline: float) -> bool:
        # A request that was pipelined behind another gets its task when that one is done: look again.
        while tasks := set(self._state.tasks):
            left_s = deadline - self._loop.time()
            if left_s <= 0:
                return False
            await asyncio.wait(tasks, timeout=left_s)
        return True

    async def _replies_leave(self, deadline: float) -> bool:
        """Wait until closed connections are gone; for long only where a reply has not left us yet."""
        farewell = min(deadline, self._loop.time() + _FAREWELL_S)
        while await self._one_is_gone(farewell):
            pass
        while any(_unsent(connection) for connection in self._state.connections):
            if not await self._one_is_gone(deadline):
                return False
        return True

    async def _one_is_gone(self, deadline: float) -> bool:
        if not self._state.connections:
            return False
        self._gone.clear()
        try:
            async with asyncio.timeout_at(deadline):
                await self._gone.wait()
        except TimeoutError:
            return False
        return True

    async def _abort(self) -> None:
        tasks = list(self._state.tasks)
        for connection in list(self._state.connections):
            connection.transport.abort()
        if tasks:
            logger.info("requests in flight that are cut off: %d", len(tasks))
            with _cancelled_quietly():
                for task in tasks:
                    task.cancel()
                # An app that does not let go is left behind.
                await asyncio.wait(tasks, timeout=_FAREWELL_S)
        deadline = self._loop.time() + _FAREWELL_S
        while await self._one_is_gone(deadline):
            pass


class _Arrival:
    """A connection that has not yet said what it speaks."""

    __slots__ = ("_loop", "_port", "_seconds", "_sock", "_taken", "_timer", "_watched")

    def __init__(self, port: OnePort, loop: asyncio.AbstractEventLoop, sock: socket.socket, seconds: float) -> None:
        self._port = port
        self._loop = loop
        self._sock = sock
        self._seconds = seconds
        self._taken = b""
        self._timer: asyncio.TimerHandle | None = None
        self._watched = False

    def look(self) -> None:
        """Look at the first bytes; decide, or wait for more of them."""
        try:
            seen = self._sock.recv(len(_CONNECT), socket.MSG_PEEK)
            if not seen:
                self.close()
                return
            start = self._taken + seen
            if start.startswith(_CONNECT):
                self._read_head()
            elif _CONNECT.startswith(start):
                self._take(len(seen))
                self._watch(self.look)
            else:
                self._hand_over(secure=start[0] == _TLS_HANDSHAKE)
        except (BlockingIOError, InterruptedError):
            self._watch(self.look)
        except OSError:
            self.close()

    def close(self) -> None:
        """Close the connection without a word."""
        self._leave()
        self._sock.close()

    def _read_head(self) -> None:
        seen = self._sock.recv(_HEAD_MAX, socket.MSG_PEEK)
        head = self._taken + seen
        end = head.find(b"\r\n\r\n")
        if end >= 0:
            self._take(end + 4 - len(self._taken))
            self._taken = b""
            self._answer(head[:end])
            return
        self._take(len(seen))
        if len(self._taken) >= _HEAD_MAX:
            too_large = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self._refuse(too_large, _problem(too_large, f"The head of a CONNECT has at most {_HEAD_MAX} bytes."))
        else:
            self._watch(self.look)

    def _answer(self, head: bytes) -> None:
        words = head.partition(b"\r\n")[0].split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            bad = HTTPStatus.BAD_REQUEST
            self._refuse(bad, _problem(bad, "The first line of a CONNECT is: CONNECT host:port HTTP/1.1"))
            return
        status, body = self._port.tunnel(words[1])
        if status is not HTTPStatus.OK:
            self._refuse(status, body)
            return
        # Nothing was sent on this socket before: its buffer takes these few bytes at once.
        self._sock.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._stop_timer()
        self.look()

    def _refuse(self, status: HTTPStatus, body: bytes) -> None:
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"content-type: application/problem+json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self._sock.send(head.encode("ascii") + body)
        # To close a socket with unread bytes in it resets the connection, and the reply may be lost with it.
        self._sock.shutdown(socket.SHUT_WR)
        self._stop_timer()
        self._seconds = _LINGER_S
        self._watch(self._drain)

    def _drain(self) -> None:
        try:
            if self._sock.recv(65_536):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self.close()

    def _take(self, size: int) -> None:
        self._taken += self._sock.recv(size)

    def _watch(self, react: Callable[[], None]) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self.close)
        # Adding a reader replaces the one before.
        self._loop.add_reader(self._sock, react)
        self._watched = True

    def _hand_over(self, *, secure: bool) -> None:
        self._leave()
        self._port.hand_over(self._sock, self._taken, secure=secure)

    def _leave(self) -> None:
        self._stop_timer()
        if self._watched:
            self._loop.remove_reader(self._sock)
            self._watched = False
        self._port.left(self)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


# uvicorn's protocols, as our guests.


class _Guest(asyncio.Protocol):
    """What we add to a protocol of uvicorn's, in front of it."""

    #: Whether the parser shows the target to the app only, so that the app needs `OnePort._door` before it.
    sees_target_late = True

    access_log: bool
    app_state: dict[str, Any]
    port: OnePort
    taken: bytes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # An app that is to play a broken line finds this in its scope's state.
        self.app_state = {HANG_UP: transport.close}
        if self.taken:
            self.data_received(self.taken)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.port.connection_gone()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a server may ignore an offer to upgrade, and Java's client offers h2c with every request."""


def _guest_class(http: Literal["auto", "httptools", "h11"]) -> type[_Guest]:
    if http == "auto":
        try:
            return _httptools_guest()
        except ImportError:
            return _h11_guest()
    return _httptools_guest() if http == "httptools" else _h11_guest()


@functools.cache
def _h11_guest() -> type[_Guest]:
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class H11Guest(_Guest, H11Protocol):
        """uvicorn over h11."""

    return H11Guest


@functools.cache
def _httptools_guest() -> type[_Guest]:  # noqa: C901  # (a class inside, not one long decision)
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class HttpToolsGuest(_Guest, HttpToolsProtocol):
        """uvicorn over httptools.

        It drops the host of an absolute target before the app sees it, so the target is judged here. And it never
        reads the body of a request that offers an upgrade, as Java's client does by default (h2c): such a connection
        goes on with h11, from the head of that request on.
        """

        sees_target_late = False
        _offer: bytes | None = None
        _body_at = 0

        def data_received(self, data: bytes) -> None:
            HttpToolsProtocol.data_received(self, data)
            if self._offer is not None:
                self._go_on_with_h11(self._offer + data[self._body_at :])

        def on_headers_complete(self) -> None:
            if self.parser.should_upgrade() and self._is_idle() and not self._should_upgrade():
                self._offer = self._head()
                # What the parser still reports of this request is not for an earlier one.
                self.cycle = _OVER
            elif self.url.startswith(b"/"):
                HttpToolsProtocol.on_headers_complete(self)
            else:
                self._divert()

        def _divert(self) -> None:
            self.url, instead = self.port.divert(self.url)
            app = self.app
            if instead is not None:
                self.app = instead
            try:
                HttpToolsProtocol.on_headers_complete(self)
            finally:
                self.app = app

        def _is_idle(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def _head(self) -> bytes:
            version = self.parser.get_http_version().encode("ascii")
            first = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)
            return first + b"".join(b"%b: %b\r\n" % header for header in self.headers) + b"\r\n"

        def _unsupported_upgrade_warning(self) -> None:
            # Called while the parser's notice is handled, which says how far it has read.
            notice = sys.exception()
            self._body_at = notice.args[0] if notice is not None else 0

        def _go_on_with_h11(self, data: bytes) -> None:
            self._unset_keepalive_if_required()
            self.connections.discard(self)
            guest = self.port.guest(_h11_guest(), data)
            self.transport.set_protocol(guest)
            guest.connection_made(self.transport)

    return HttpToolsGuest


# Stands for a request that is answered, or that somebody else answers.
_OVER: Final[Any] = types.SimpleNamespace(response_complete=True)


def _unsent(connection: Any) -> bool:
    return bool(connection.transport.get_write_buffer_size())


@contextlib.contextmanager
def _cancelled_quietly() -> Any:
    """Keep uvicorn from logging the requests that we cancel as errors of the app."""

    def other(record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))

    errors = logging.getLogger("uvicorn.error")
    errors.addFilter(other)
    try:
        yield
    finally:
        errors.removeFilter(other)


# Names, replies, addresses.


def _host_of(authority: bytes) -> str | None:
    """The host in ``host:port``, ``host``, or ``[::1]:port``; nothing when there is none."""
    text = authority.decode("latin-1")
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            return None
        port = port[1:]
    else:
        host, _, port = text.partition(":")
    if not host or not host.isprintable() or (port and not port.isdecimal()):
        return None
    return _plain_name(host)


def _plain_name(name: str) -> str:
    """A name as we compare it: lower case, no final dot, no brackets, IPv6 addresses in their short form."""
    name = name.lower().strip("[]").rstrip(".")
    if ":" in name:
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_address(name))
    return name


def _unquoted(raw_path: bytes) -> str:
    from urllib.parse import unquote

    return unquote(raw_path.decode("ascii"))


def _never(host: str) -> str:
    return f"fake-nexmo never calls the outside: nothing was sent to {host}."


def _problem(status: HTTPStatus, detail: str, host: str | None = None) -> bytes:
    """A problem body (RFC 9457)."""
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    if host is not None:
        problem["host"] = host
    return json.dumps(problem).encode("ascii")


def _refusal(status: HTTPStatus, detail: str, host: str | None = None) -> App:
    """An app that answers with a problem and closes the connection."""
    body = _problem(status, detail, host)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode("ascii")),
        (b"connection", b"close"),
    ]

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status.value, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


async def _listen(host: str, port: int) -> socket.socket:
    """A listening socket on the first address of a host."""
    kind = socket.SOCK_STREAM
    try:
        # An address needs no thread to be looked up in; and octets no codec for names, which takes a while to load.
        found = socket.getaddrinfo(host.encode(), port, type=kind, flags=socket.AI_NUMERICHOST | socket.AI_PASSIVE)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)
    family, _, proto, _, address = found[0]
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
