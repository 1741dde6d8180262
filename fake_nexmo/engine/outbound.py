"""The one place from which fake-nexmo calls out: webhooks and the websockets of calls, and nothing else.

HTTP and each connection are httpcore's, the engine inside httpx: it has no redirects, cookies or proxies of the
environment to switch off. What is ours is where a call may go, how long it may take, and when it is sent again.

**Nothing leaks.** Webhooks go to loopback and private addresses, and to what ``--allow-webhooks-to`` names. A name is
looked up once, each answer is judged, and the connection is made to that very number, so neither a second look-up nor
a number in disguise (``0x7f.1``) slips by. A name that looks public is refused without a look-up: that is a call too.

**Time is capped as documented**, in real time: one cap for making the connection (look-up and TLS included), another
for the whole answer, from the connection on. Waiting for a place is our own business and counts for neither. Each
origin has its own places, so an app that hangs holds up calls to itself only.

**A call is made once.** A kept connection may be closed by the peer while our bytes are under way. Sending again
blindly would show an app whose handler dies one attempt twice; reporting a failure would invent one. The kernel knows:
bytes that nobody read are answered with a reset, an app that read them and hung up leaves an ordinary end. So what was
reset before the first byte of an answer, on a kept connection, is sent again on another; nothing else ever is.
Doubt: an app that reads and then resets on purpose sees that call twice. Over TLS, and where the reset comes later than
the end, such a call may fail instead; a close that was seen before the call never does harm.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import ipaddress
import os
import re
import select
import socket
import time
import unicodedata
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar, cast

import msgspec

if TYPE_CHECKING:
    import ssl

    import httpcore

T = TypeVar("T")

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Reason: TypeAlias = Literal["timeout", "connection", "protocol"]

FLAG = "--allow-webhooks-to"

# Doubt: no limit for the answer to a webhook is known. We read one mebibyte and drop the rest.
BODY_MAX = 1 << 20

# How long a connection is kept without work, in seconds. Servers close idle ones after two to five seconds (gunicorn,
# uvicorn, Node), and some cannot stop while one is open; under load a connection never waits this long.
IDLE_S = 1.0

# How many origins are remembered while nothing is under way there; those with calls under way are not limited.
ORIGINS_MAX = 64


class HttpCall(msgspec.Struct, frozen=True):
    """One attempt, worded and signed already.

    Attributes:
        headers: Sent in this order. ``Host``, ``Accept``, ``Content-Length`` and ``Authorization`` (from credentials
            in the URL) are added where they are missing; a user agent is not.
        connect_s: Cap for look-up, TCP and TLS together, in seconds of real time.
        response_s: Cap for the whole answer, counted from the connection on.

    Source: reference webhooks §2, §3 (B; the credentials in the URL: D).
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    connect_s: float = 3.0
    response_s: float = 15.0


class HttpAnswer(msgspec.Struct, frozen=True):
    """What the app answered; a redirect is an answer like any other.

    Attributes:
        headers: As they came, names in lower case.
        body: At most ``BODY_MAX`` bytes.
        took_s: From the first step of the attempt to the last byte, in seconds of real time.
        truncated: The body was longer than ``body``.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    took_s: float
    truncated: bool = False


class SocketCall(msgspec.Struct, frozen=True):
    """A websocket to be opened.

    Attributes:
        url: Of ``ws`` or ``wss``.
        headers: Of the handshake, beside its own; ``Authorization`` from credentials in the URL is added.
        connect_s: Cap for look-up, TCP and TLS together, in seconds of real time.
        response_s: Cap for the answer to the handshake, counted from the connection on.
        patience_s: Cap for each exchange on the open socket.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    connect_s: float = 3.0
    response_s: float = 15.0
    patience_s: float = 10.0


class Exchanged(msgspec.Struct, frozen=True):
    """What came of an exchange on a websocket.

    Attributes:
        received: Messages of the peer, oldest first, those from before the exchange among them.
        is_open: The socket can be used further.
        why: Why it cannot, in one sentence; empty while it can.
    """

    received: tuple[str | bytes, ...]
    is_open: bool
    why: str = ""


class Socket(Protocol):
    """An open websocket to an app.

    Attributes:
        arrived: Called when something came, or the peer closed, outside an exchange; it must return at once.
    """

    arrived: Callable[[], None]

    async def exchange(self, messages: Sequence[str | bytes]) -> Exchanged:
        """Send messages in order, and take in what the peer has sent once it has read them and could reply."""
        ...

    async def close(self, code: int) -> None:
        """Close it, if it is open."""
        ...


class SendFailed(Exception):  # noqa: N818
    """The attempt was made and brought no answer.

    Attributes:
        reason: ``timeout``, ``connection`` (refused, reset, closed early, name or certificate bad) or ``protocol``
            (what came back is not HTTP, or no handshake).
        detail: One sentence; URLs in it have neither credentials nor query.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail


class TargetRefused(Exception):  # noqa: N818
    """No attempt was made: webhooks do not go there, or the URL is none.

    Attributes:
        detail: One sentence or two: what is wrong, and what would allow it.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Outbound:
    """Makes webhook calls over kept connections. Belongs to one event loop; close it before the loop ends."""

    def __init__(self, *, allow: Sequence[str] = (), pool_size: int = 32) -> None:
        """Prepare; nothing is opened before the first call.

        Args:
            allow: Networks (``203.0.113.0/24``), addresses or host names beyond loopback and private networks.
            pool_size: How many calls to one origin are under way at once; further ones wait.

        Raises:
            ValueError: A value of ``allow`` is none of these, or lies where webhooks never go.
        """
        self._allowed = _Allowed(allow)
        self._pool_size = pool_size
        self._origins: dict[tuple[str, str, int], _Origin] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._closed = False

    async def send(self, call: HttpCall) -> HttpAnswer:
        """Make one attempt.

        Raises:
            TargetRefused: Nothing was sent, and nothing was looked up that is not local or allowed.
            SendFailed: The attempt brought no answer.

        Source: reference webhooks §2, §3; sms §12 (B; redirects not followed: D).
        """
        target = _parse(call.url)
        self._allowed.check_host(target)
        origin = self._origins.get(target.origin) or self._new_origin(target)
        origin.calls += 1
        try:
            async with origin.places:
                return await origin.exchange(call, target)
        finally:
            origin.calls -= 1
            origin.idle_since = time.monotonic()

    async def open_socket(self, call: SocketCall) -> Socket:
        """Open a websocket; whoever opens it closes it.

        Raises:
            TargetRefused: Nothing was opened, and nothing was looked up that is not local or allowed.
            SendFailed: There was no connection, or no handshake.
        """
        target = _parse(call.url, _SOCKETS)
        self._allowed.check_host(target)
        if self._closed:
            raise _stopped()
        from fake_nexmo.engine.socket_client import Place, open_socket

        user, _, password = target.user.partition(":")
        credentials = (urllib.parse.unquote(user), urllib.parse.unquote(password)) if target.user else None
        path, _, query = target.path.partition("?")
        place = Place(target.secure, target.host, target.port, path, query, credentials, target.shown)

        async def connect(make: Callable[[], asyncio.Protocol]) -> None:
            opener = functools.partial(asyncio.get_running_loop().create_connection, make)
            await _reach(target, self._allowed, call.connect_s, opener)

        return await open_socket(place, call, connect)

    async def aclose(self) -> None:
        """Close every connection and wait until it is closed; calls under way fail, later ones too."""
        self._closed = True
        self._wake.set()
        if self._sweeper is not None:
            await asyncio.wait([self._sweeper])

    def _new_origin(self, target: _Target) -> _Origin:
        if self._closed:
            raise _stopped()
        origin = self._origins[target.origin] = _Origin(target, self._allowed, self._pool_size)
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep())
        if len(self._origins) > ORIGINS_MAX:
            self._wake.set()
        return origin

    async def _sweep(self) -> None:
        """Close what was not used for ``IDLE_S`` or is one too many; alone in closing, so that nobody cuts it short."""
        while self._origins:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE_S):
                    await self._wake.wait()
            self._wake.clear()
            limit = time.monotonic() - IDLE_S
            for key, origin in sorted(self._origins.items(), key=lambda item: item[1].idle_since):
                spare = origin.idle_since <= limit or len(self._origins) > ORIGINS_MAX
                if self._closed or (spare and not origin.calls):
                    del self._origins[key]
                    await origin.aclose()
                else:
                    await origin.sweep()


def route(url: str, routes: Mapping[str, str]) -> str:
    """Where a webhook really goes: the longest matching origin (and path) of ``routes`` is replaced, the rest kept.

    Names match whatever their case, the port of a scheme matches its absence, a path matches whole segments only.
    Credentials of the URL are kept unless the replacement has its own. What matches nothing is returned unchanged.

    >>> route("https://shop.test/dlr?a=1", {"https://SHOP.test:443": "http://127.0.0.1:5000/app"})
    'http://127.0.0.1:5000/app/dlr?a=1'

    Doubt: a thing of this emulator; the real service has no such table.
    """
    rest, best, goal = _rest(url), -1, ""
    origin = _origin(url) if routes else None
    for front, to in routes.items():
        prefix = _rest(front).rstrip("/")
        below = rest.startswith(prefix) and rest[len(prefix) : len(prefix) + 1] in ("", "/", "?", "#")
        if below and len(prefix) > best and origin is not None and _origin(front) == origin:
            best, goal = len(prefix), to.rstrip("/")
    if best < 0:
        return url
    user = _parse(url).user
    if user and "@" not in goal.partition("://")[2].partition("/")[0]:
        goal = goal.replace("://", f"://{user}@", 1)
    return goal + rest[best:]


def route_socket(url: str, routes: Mapping[str, str]) -> str:
    """Where a websocket really goes: as `route`, where ``ws`` stands for ``http`` and ``wss`` for ``https``.

    >>> route_socket("wss://shop.test/bot?a=1", {"https://shop.test": "http://127.0.0.1:5000"})
    'ws://127.0.0.1:5000/bot?a=1'
    """
    gone = route(as_http(url), routes)
    return re.sub("^http", "ws", gone, flags=re.IGNORECASE)


def as_http(url: str) -> str:
    """The URL of a websocket as it is looked for in tables of those of webhooks."""
    return re.sub("^ws(?=s?://)", "http", url, flags=re.IGNORECASE)


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        return _parse(url).origin
    except TargetRefused:
        return None


def _rest(url: str) -> str:
    """What stands behind the host."""
    return re.sub(r"[^/?#]*//[^/?#]*", "", url.strip(), count=1)


# ----------------------------------------------------------------------------------------------------- one origin


class _Attempt(msgspec.Struct):
    """What befell the call that the running task makes; httpcore tells a stream nothing about its call.

    Attributes:
        kept: It went out on a connection that had served another call.
        heard: Something of an answer came.
        ended: The peer closed its side.
        reset: The peer threw away what we sent.
    """

    cap: asyncio.Timeout
    response_s: float
    stream: _Stream | None = None
    kept: bool = False
    heard: bool = False
    ended: bool = False
    reset: bool = False


_attempt: ContextVar[_Attempt] = ContextVar("_attempt")


class _Origin:
    """The connections to one scheme, host and port, httpcore's each, and the network that they stand on.

    httpcore's own pool is not used: it loses a place for good when a call is cancelled at the wrong moment, and looks
    at all connections for each call. TLS is made together with the connection, when the judged address is known; so
    httpcore is told that everything is plain HTTP.
    """

    def __init__(self, target: _Target, allowed: _Allowed, pool_size: int) -> None:
        self.places = asyncio.Semaphore(pool_size)
        self.calls = 0
        self.idle_since = time.monotonic()
        self._target = target
        self._allowed = allowed
        self._closed = False
        self._open_ones: set[httpcore.AsyncHTTPConnection] = set()
        self._idle: list[httpcore.AsyncHTTPConnection] = []

    async def exchange(self, call: HttpCall, target: _Target) -> HttpAnswer:
        """Send one request and read its answer; once more for as long as kept connections turn out to be closed."""
        import httpcore

        started = time.perf_counter()
        while True:
            self._check_open()
            cap = asyncio.timeout(None)
            attempt = _Attempt(cap, call.response_s)
            _attempt.set(attempt)
            try:
                async with cap:
                    status, headers, body = await self._ask(_worded(call, target))
            except (OSError, httpcore.RemoteProtocolError) as error:
                self._check_open()
                if attempt.kept and attempt.reset and not attempt.heard:
                    continue  # ends: each round takes one kept connection away
                raise _failure(attempt, target.shown, error) from None
            took_s = time.perf_counter() - started
            return HttpAnswer(status, headers, bytes(body[:BODY_MAX]), took_s, len(body) > BODY_MAX)

    async def sweep(self) -> None:
        """Close what was kept for too long, or was closed by the peer."""
        for connection in [one for one in self._idle if one.has_expired()]:
            self._idle.remove(connection)
            await self._drop(connection)

    async def aclose(self) -> None:
        self._closed = True
        self._idle.clear()
        for connection in list(self._open_ones):
            await self._drop(connection)

    def _check_open(self) -> None:
        if self._closed:
            raise _stopped()

    async def _ask(self, request: httpcore.Request) -> tuple[int, tuple[tuple[str, str], ...], bytearray]:
        connection = await self._take()
        body = bytearray()
        try:
            response = await connection.handle_async_request(request)
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > BODY_MAX:
                    break
            else:
                await response.aclose()
        finally:
            if connection.is_idle() and not self._closed:
                self._idle.append(connection)
            else:
                await self._drop(connection)
        headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers)
        return response.status, headers, body

    async def _take(self) -> httpcore.AsyncHTTPConnection:
        """The connection that was used last, or a new one."""
        import httpcore

        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await self._drop(connection)
        network = cast("httpcore.AsyncNetworkBackend", self)  # it is one, without an import at the top
        origin = httpcore.Origin(b"http", self._target.host.encode(), self._target.port)
        connection = httpcore.AsyncHTTPConnection(origin, keepalive_expiry=IDLE_S, network_backend=network)
        self._open_ones.add(connection)
        return connection

    async def _drop(self, connection: httpcore.AsyncHTTPConnection) -> None:
        self._open_ones.discard(connection)
        await connection.aclose()

    async def connect_tcp(self, *, timeout: float, **_: object) -> _Stream:
        """Open a connection to the first address of the origin that is allowed and answers; the last error counts."""
        reader, writer = await _reach(self._target, self._allowed, timeout, asyncio.open_connection)
        stream = _Stream(reader, writer)
        try:
            self._check_open()
        except SendFailed:
            await stream.aclose()
            raise
        return stream


async def _reach(target: _Target, allowed: _Allowed, timeout: float, opener: Callable[..., Awaitable[T]]) -> T:
    """A connection to the first address of a target that is allowed and answers; the last error counts.

    Args:
        target: Whose host was checked.
        allowed: What judges its addresses.
        timeout: Cap for look-up, TCP and TLS together.
        opener: Makes the connection, as ``asyncio.open_connection`` does.

    Raises:
        TargetRefused: None of its addresses is allowed.
        SendFailed: There is no connection.
    """
    try:
        async with asyncio.timeout(timeout):
            *others, last = await _addresses(target, allowed)
            for address in others:
                with contextlib.suppress(SendFailed, TimeoutError):
                    async with asyncio.timeout(timeout / (len(others) + 1)):
                        return await _open(target, address, opener)
            return await _open(target, last, opener)
    except TimeoutError:
        raise SendFailed("timeout", f"No connection to {target.site} within {timeout:g} s.") from None


async def _addresses(target: _Target, allowed: _Allowed) -> list[Address]:
    """The allowed addresses of a target; a number in the URL stands for itself.

    Raises:
        TargetRefused: None of its addresses is allowed.
    """
    if target.address is not None:
        return [target.address]  # judged by check_host
    if target.host == "localhost" or target.host.endswith(".localhost"):
        # Doubt: RFC 6761 lets us answer by ourselves. IPv4 first: most servers for development listen there.
        return [ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1")]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SendFailed("connection", f"The name {target.host} is not known.") from None
    addresses = dict.fromkeys(_plain(ipaddress.ip_address(entry[4][0])) for entry in found)
    refusals = {address: allowed.refusal(address, target.host) for address in addresses}
    if all(refusals.values()):
        raise TargetRefused(f"{target.host} leads elsewhere: {next(iter(refusals.values()))}")
    return [address for address, refusal in refusals.items() if refusal is None]


async def _open(target: _Target, address: Address, opener: Callable[..., Awaitable[T]]) -> T:
    """Connect to an address, not to a name: nothing is looked up a second time."""
    import ssl

    try:
        return await opener(
            host=str(address),
            port=target.port,
            ssl=_tls(trusting=_is_local(address)) if target.secure else None,
            server_hostname=target.host if target.secure else None,
        )
    except ssl.SSLCertVerificationError as error:
        why = f"The certificate of {target.site} was not accepted: {error.verify_message}."
        raise SendFailed("connection", why) from None
    except (OSError, ValueError) as error:
        what = "TLS with" if isinstance(error, ssl.SSLError) else "connection to"
        raise SendFailed("connection", f"No {what} {target.site}: {_words(error)}.") from None


class _Stream:
    """One connection, as an ``httpcore.AsyncNetworkStream``; time-outs are the attempt's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._socket: socket.socket = writer.get_extra_info("socket")
        self._used = False

    async def write(self, buffer: bytes, **_: object) -> None:
        attempt = _attempt.get()
        if attempt.stream is None:  # the connection stands: from here on the answer's cap counts
            attempt.stream, attempt.kept, self._used = self, self._used, True
            attempt.cap.reschedule(asyncio.get_running_loop().time() + attempt.response_s)
        if buffer:
            self._writer.write(buffer)

    async def read(self, max_bytes: int, **_: object) -> bytes:
        attempt = _attempt.get()
        try:
            await self._writer.drain()
            data = await self._reader.read(max_bytes)
        except ConnectionError:
            attempt.reset = True
            raise
        if data:
            attempt.heard = True
        else:
            attempt.ended, attempt.reset = True, self._was_reset()
        return data

    async def aclose(self) -> None:
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def get_extra_info(self, info: str) -> Any:
        return self._is_over() if info == "is_readable" else None

    def _is_over(self) -> bool:
        """Whether the peer closed the connection, or speaks without being asked."""
        if self._writer.is_closing() or self._reader.at_eof() or self._socket.fileno() < 0:
            return True
        if not hasattr(select, "poll"):  # Windows
            return False
        poll = select.poll()
        poll.register(self._socket.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _was_reset(self) -> bool:
        """Whether the peer's kernel threw our bytes away; see the head of this module."""
        try:
            return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        except OSError:  # closed on this side too
            return False


def _worded(call: HttpCall, target: _Target) -> httpcore.Request:
    import httpcore

    given = {name.lower() for name, _ in call.headers}
    headers = [] if "host" in given else [("Host", target.authority)]
    headers += call.headers
    if "accept" not in given:
        headers.append(("Accept", "*/*"))
    if target.authorization is not None and "authorization" not in given:
        headers.append(("Authorization", target.authorization))
    if (call.body or call.method in ("POST", "PUT", "PATCH")) and "content-length" not in given:
        headers.append(("Content-Length", str(len(call.body))))
    return httpcore.Request(
        call.method,
        httpcore.URL(scheme=b"http", host=target.host.encode(), port=target.port, target=target.path.encode()),
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        content=call.body,
        extensions={"timeout": {"connect": call.connect_s}},
    )


def _failure(attempt: _Attempt, shown: str, error: Exception) -> SendFailed:
    """Why there is no answer."""
    if attempt.cap.expired():
        return SendFailed("timeout", f"{shown} did not answer within {attempt.response_s:g} s.")
    if attempt.ended:
        when = "in the middle of its answer" if attempt.heard else "without an answer"
        return SendFailed("connection", f"{shown} closed the connection {when}.")
    if isinstance(error, OSError):
        return SendFailed("connection", f"{shown} broke the connection: {_words(error)}.")
    return SendFailed("protocol", f"{shown} did not answer in HTTP: {_sentence(error)}.")


def _stopped() -> SendFailed:
    return SendFailed("connection", "fake-nexmo was stopped during the call.")


@functools.cache
def _tls(*, trusting: bool) -> ssl.SSLContext:
    """Made when first needed, since reading the roots takes long. Trusting: any certificate will do.

    Source: reference webhooks §2, §8 (live refuses self-signed ones: B; off for local addresses is our choice: D).
    """
    import httpx

    context = httpx.create_ssl_context(verify=not trusting, trust_env=False)
    if not trusting:
        context.load_default_certs()  # the machine's own roots beside those of certifi
    return context


def _words(error: Exception) -> str:
    """An error of the system, without the addresses and numbers that Python adds."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, str):  # TLS
        return reason.replace("_", " ").lower()
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    return _sentence(error) or type(error).__name__


def _sentence(error: Exception) -> str:
    return str(error).rstrip(".")


# --------------------------------------------------------------------------------------------------- who may be called

# Never called, whatever is allowed: they mean another machine to whoever reads them, or many, or none.
_NEVER: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "an unspecified address"),
        ("169.254.0.0/16", "a link-local address"),
        ("224.0.0.0/4", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::/128", "an unspecified address"),
        ("fe80::/10", "a link-local address"),
        ("ff00::/8", "a multicast address"),
        ("2001::/32", "a tunnel to another address"),
        ("2002::/16", "a tunnel to another address"),
        # Two clouds answer with a machine's secrets here, as all do at the link-local 169.254.169.254.
        ("fd00:ec2::254/128", "the metadata service of a cloud"),
        ("fd20:ce::254/128", "the metadata service of a cloud"),
    )
)

_PRIVATE: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)

# Endings that no public name has, but names of machines, containers and services nearby.
# Doubt: not `test`, though it is set aside too: a world full of `shop.test` would ask the outside about each.
_NEARBY = frozenset(("localhost", "local", "internal", "lan", "docker", "svc"))


class _Allowed:
    """What ``--allow-webhooks-to`` said, and the verdicts that follow."""

    def __init__(self, allow: Sequence[str]) -> None:
        self._names: set[str] = set()
        self._networks: list[Network] = []
        for value in allow:
            network = _network(value)
            if network is None:
                self._names.add(_allowed_name(value))
            else:
                self._networks.append(network)
        # Whoever allows every address allows the question for it too.
        self._everywhere = any(network.prefixlen == 0 for network in self._networks)

    def check_host(self, target: _Target) -> None:
        """Judge what can be judged before any look-up.

        Raises:
            TargetRefused: A forbidden address, or a name that may not be looked up.
        """
        if target.address is not None:
            if target.address.is_loopback:
                return
            refusal = self.refusal(target.address)
            if refusal is not None:
                raise TargetRefused(refusal)
        elif not (_is_nearby(target.host) or target.host in self._names or self._everywhere):
            raise TargetRefused(
                f"{target.host} is not a local name and was not looked up: route it to a local server with the"
                f" world's routes, or start fake-nexmo with {FLAG} {target.host}."
            )

    def refusal(self, address: Address, name: str = "") -> str | None:
        """Why an address is not called, if it is not; ``name`` is the one it was found under."""
        if _is_local(address):
            return None
        for network, what in _NEVER:
            if address in network:
                return f"{address} is {what}; webhooks never go there."
        if address.version == 6 and address.is_reserved:
            return f"{address} is a reserved address; webhooks never go there."
        if name in self._names or any(address in network for network in self._networks):
            return None
        return (
            f"{address} is neither a loopback nor a private address; to allow it, start fake-nexmo with"
            f" {FLAG} {name or address}."
        )


def _network(value: str) -> Network | None:
    """A network or address of ``--allow-webhooks-to``; None when the value must be a name."""
    address, slash, _ = value.partition("/")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        if slash or ":" in value or _is_number(value):
            raise ValueError(f"{FLAG} {value}: neither a network (10.0.0.0/8), an address nor a host name.") from None
        return None
    try:
        network = ipaddress.ip_network(value)
    except ValueError as error:
        try:
            meant = ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f"{FLAG} {value}: {_sentence(error)}.") from None
        raise ValueError(f"{FLAG} {value}: not the start of a network; did you mean {meant}?") from None
    for never, what in _NEVER:
        if network.version == never.version and network.subnet_of(never):  # type: ignore[arg-type]
            raise ValueError(f"{FLAG} {value}: this is {what}; webhooks never go there.")
    return network


def _allowed_name(value: str) -> str:
    try:
        return _host(value)[0]
    except (ValueError, OSError):
        raise ValueError(f"{FLAG} {value}: neither a network (10.0.0.0/8), an address nor a host name.") from None


def _is_local(address: Address) -> bool:
    """Loopback or private: called without being allowed, and trusted whatever its certificate."""
    if any(address == never.network_address for never, _ in _NEVER if never.prefixlen == never.max_prefixlen):
        return False
    return address.is_loopback or any(address in network for network in _PRIVATE)


def _is_nearby(name: str) -> bool:
    """Whether the system may be asked for a name: one word, or with an ending that is never public."""
    last = name.rpartition(".")[2]
    return "." not in name or last in _NEARBY or name.endswith(".home.arpa")


def _plain(address: Address) -> Address:
    """An IPv4 address in IPv6 clothes, undressed."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


# --------------------------------------------------------------------------------------------------------------- URLs

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_WEBHOOKS = ("http", "https")
_SOCKETS = ("ws", "wss")

# What may stand in a path or query as it is; the rest is percent-encoded, a lone percent sign is left alone.
_SAFE = "!$%&'()*+,-./:;=?@[]_~"


class _Target(msgspec.Struct, frozen=True):
    """A URL, taken apart; not judged yet.

    Attributes:
        host: In lower case and ASCII, without the dot of the root.
        address: The address, when the host is one in any of its spellings.
        path: With the query, as it is asked for.
        user: Credentials, as written.
    """

    scheme: str
    host: str
    port: int
    address: Address | None
    path: str
    user: str

    @property
    def secure(self) -> bool:
        return self.scheme in ("https", "wss")

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def site(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def shown(self) -> str:
        """The URL as texts show it: without credentials and query."""
        return self.site + self.path.partition("?")[0]

    @property
    def authorization(self) -> str | None:
        """The header that the credentials become.

        Source: reference webhooks §2 (D).
        """
        if not self.user:
            return None
        name, _, password = self.user.partition(":")
        pair = urllib.parse.unquote_to_bytes(name) + b":" + urllib.parse.unquote_to_bytes(password)
        return "Basic " + base64.b64encode(pair).decode("ascii")


def _parse(url: str, schemes: tuple[str, str] = _WEBHOOKS) -> _Target:
    """Take a URL apart.

    Raises:
        TargetRefused: It is no URL, or has another scheme. The text never repeats it: it may hold a secret.
    """
    what = "webhook" if schemes == _WEBHOOKS else "websocket"
    try:
        parts = urllib.parse.urlsplit(url.strip())
        port = _port(parts, schemes)
        host, address = _host(parts.hostname or "")
        path = urllib.parse.quote((parts.path or "/") + ("?" + parts.query if parts.query else ""), safe=_SAFE)
    except KeyError:
        start = f"{schemes[0]}:// or {schemes[1]}://"
        raise TargetRefused(f"The URL of a {what} starts with {start}, and this one does not.") from None
    except (ValueError, OSError):
        raise TargetRefused(f"The URL of the {what} has no host and port that can be called.") from None
    return _Target(parts.scheme, host, port, address, path, parts.netloc.rpartition("@")[0])


def _port(parts: urllib.parse.SplitResult, schemes: tuple[str, str]) -> int:
    """The port; KeyError for other schemes, ValueError for no port, or where a backslash makes readers disagree."""
    if parts.scheme not in schemes:
        raise KeyError(parts.scheme)
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    if port == 0 or "\\" in parts.netloc:
        raise ValueError(port)
    return port


def _host(text: str) -> tuple[str, Address | None]:
    """A host and, if it is one, its address; ``127.1``, ``0x7f.1`` and ``2130706433`` are 127.0.0.1 to everybody.

    Raises:
        ValueError, OSError: It is neither a name nor an address.
    """
    if ":" in text:
        address: Address = _plain(ipaddress.IPv6Address(text))
        if "%" in text:
            raise ValueError(text)
        return str(address), address
    name = (text if text.isascii() else _in_ascii(text)).lower().removesuffix(".")
    if _is_number(name):
        address = ipaddress.IPv4Address(socket.inet_aton(name))
        return str(address), address
    if not _NAME.fullmatch(name):
        raise ValueError(text)
    return name, None


def _is_number(host: str) -> bool:
    return _NUMBER.fullmatch(host) is not None


def _in_ascii(text: str) -> str:
    import httpx

    try:
        return httpx.URL(scheme="http", host=unicodedata.normalize("NFKC", text)).raw_host.decode()
    except httpx.InvalidURL:
        raise ValueError(text) from None
