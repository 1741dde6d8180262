"""The one place from which fake-nexmo calls out: webhooks, and nothing but webhooks.

Three promises are kept here, each at the only spot where it can be kept.

**Nothing leaks.** Webhooks go to loopback and private addresses, and to what ``--allow-webhooks-to`` names. The
address that is judged is the address that is connected to: a name is looked up once, each answer is judged, and the
connection is made to that very number, so neither a second look-up nor a number in disguise (``0x7f.1``,
``2130706433``) slips by. A look-up is a call to the outside too: a name that looks public is refused without one.
Proxies of the environment are not read, redirects are not followed, cookies are not kept.

**Time is capped as documented.** Making the connection (look-up and TLS included) has one cap, the whole answer has
another that starts when the connection stands. Both are real time. Waiting for a free place in the pool is our own
business and counts for neither.

**A call is made once.** A connection that is kept alive may have been closed by the peer while our bytes were under
way. Calling again blindly would show the app one attempt twice, whenever its handler dies; reporting a failure would
invent one. The kernel knows: bytes that reach a closed socket, or that nobody had read when it was closed, are answered
with a reset, while an app that read our bytes and hung up leaves an ordinary end. Only what was reset before the first
byte of an answer, on a kept connection, is sent again, on a new one.
Doubt: an app that resets connections on purpose after reading, on a kept connection, sees that call twice. Over TLS
the reset shows only when the peer says goodbye as TLS wants it; if not, the attempt has failed.

The HTTP/1.1 state machine is h11, the one inside httpx. The pool around it is ours: those of httpx and httpcore look at
every connection for every request, which costs more than a millisecond per call at a hundred connections.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import ipaddress
import os
import re
import socket
import time
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias, cast

import msgspec

if TYPE_CHECKING:
    import ssl

    import h11

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Reason: TypeAlias = Literal["timeout", "connection", "protocol"]

FLAG = "--allow-webhooks-to"

# Doubt: no limit for the answer to a webhook is known. We read one mebibyte and drop the rest.
BODY_MAX = 1 << 20

# How long a connection is kept without work, in seconds. Servers close idle ones after two to five seconds (gunicorn,
# uvicorn, Node), and some cannot stop while one is open; under load a connection never waits this long.
IDLE_S = 1.0


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


class SendFailed(Exception):  # noqa: N818
    """The attempt was made and brought no answer.

    Attributes:
        reason: ``timeout``, ``connection`` (refused, reset, closed early, name or certificate bad) or ``protocol``
            (what came back is not HTTP).
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

    def __init__(self, *, allow: Sequence[str] = (), pool_size: int = 100) -> None:
        """Prepare; nothing is opened before the first call.

        Args:
            allow: Networks (``203.0.113.0/24``), addresses or host names beyond loopback and private networks.
            pool_size: How many calls are under way at once, and how many connections are open; further calls wait.

        Raises:
            ValueError: A value of ``allow`` is none of these, or lies where webhooks never go.
        """
        self._allowed = _Allowed(allow)
        self._pool_size = pool_size
        self._slots = asyncio.Semaphore(pool_size)
        self._lines: set[_Line] = set()
        self._idle: dict[_Place, list[_Line]] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def send(self, call: HttpCall) -> HttpAnswer:
        """Make one attempt.

        Raises:
            TargetRefused: Nothing was sent, and nothing was looked up that is not local or allowed.
            SendFailed: The attempt brought no answer.

        Source: reference webhooks §2, §3; sms §12 (B; redirects not followed: D).
        """
        target, path = _split(call.url)
        self._allowed.check_host(target)
        async with self._slots:
            started = time.perf_counter()
            while True:
                line = self._kept(target.place) or await self._connect(target, call.connect_s)
                try:
                    answer = await line.exchange(call, target, path)
                except _NeverRead:
                    continue  # ends: each round takes one kept connection away
                finally:
                    self._put_back(line)
                return msgspec.structs.replace(answer, took_s=time.perf_counter() - started)

    async def aclose(self) -> None:
        """Close every connection and wait until it is closed; calls under way fail, later ones too."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        lines = list(self._lines)
        for line in lines:
            line.abort()
        await asyncio.gather(*(line.lost for line in lines))
        self._idle.clear()

    # ------------------------------------------------------------------------------------------- connections

    async def _connect(self, target: _Target, connect_s: float) -> _Line:
        """Open a connection to the first address of the target that is allowed and answers."""
        self._make_room()
        try:
            async with asyncio.timeout(connect_s):
                addresses = await self._addresses(target)
                line = await self._open_first(target, addresses, connect_s / len(addresses))
        except TimeoutError:
            raise SendFailed("timeout", f"No connection to {target.shown} within {connect_s:g} s.") from None
        if self._closed:
            line.abort()
            raise SendFailed("connection", "fake-nexmo was stopped during the call.")
        return line

    async def _addresses(self, target: _Target) -> list[Address]:
        """The allowed addresses of a target; a number in the URL stands for itself.

        Raises:
            TargetRefused: None of its addresses is allowed.
        """
        if target.address is not None:
            return [target.address]  # judged by check_host
        if _is_localhost(target.host):
            # Doubt: RFC 6761 lets us answer by ourselves. IPv4 first: most servers for development listen there.
            return [ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1")]
        found = await _look_up(target)
        refusals = {address: self._allowed.refusal(address, target.host) for address in found}
        allowed = [address for address, refusal in refusals.items() if refusal is None]
        if not allowed:
            raise TargetRefused(f"{target.host} leads elsewhere: {refusals[found[0]]}")
        return allowed

    async def _open_first(self, target: _Target, addresses: list[Address], each_s: float) -> _Line:
        """Try the addresses in order, each for its share of the time; the last error counts."""
        for address in addresses[:-1]:
            try:
                async with asyncio.timeout(each_s):
                    return await self._open(target, address)
            except (SendFailed, TimeoutError):
                continue
        return await self._open(target, addresses[-1])

    async def _open(self, target: _Target, address: Address) -> _Line:
        """Connect to an address, not to a name: nothing is looked up a second time."""
        import ssl

        loop = asyncio.get_running_loop()
        secure = target.scheme == "https"
        try:
            _, line = await loop.create_connection(
                lambda: _Line(target.place, self._lines),
                str(address),
                target.port,
                ssl=_tls(trusting=_is_local(address)) if secure else None,
                server_hostname=target.host if secure else None,
            )
        except ssl.SSLCertVerificationError as error:
            why = f"The certificate of {target.shown} was not accepted: {error.verify_message}."
            raise SendFailed("connection", why) from None
        except ssl.SSLError as error:
            raise SendFailed("connection", f"No TLS with {target.shown}: {_words(error)}.") from None
        except (OSError, ValueError) as error:
            raise SendFailed("connection", f"No connection to {target.shown}: {_words(error)}.") from None
        return line

    def _kept(self, place: _Place) -> _Line | None:
        """Take a kept connection, the one that was used last."""
        lines = self._idle.get(place)
        while lines:
            line = lines.pop()
            if not lines:
                del self._idle[place]
            if line.usable:
                return line
        return None

    def _put_back(self, line: _Line) -> None:
        """Keep a connection for the next call if it can be used again, else close it."""
        if not line.finish() or self._closed:
            line.abort()
            return
        line.idle_since = time.monotonic()
        self._idle.setdefault(line.place, []).append(line)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(IDLE_S, self._sweep_idle)

    def _sweep_idle(self) -> None:
        """Close what was not used for ``IDLE_S``."""
        self._sweep = None
        limit = time.monotonic() - IDLE_S
        for place, lines in list(self._idle.items()):
            for line in lines:
                if line.idle_since <= limit:
                    line.abort()
            self._idle[place] = [line for line in lines if line.usable]
            if not self._idle[place]:
                del self._idle[place]
        if self._idle:
            self._sweep = asyncio.get_running_loop().call_later(IDLE_S, self._sweep_idle)

    def _make_room(self) -> None:
        """Close the connection that was kept longest when no other may be opened."""
        if len(self._lines) < self._pool_size or not self._idle:
            return
        place, lines = min(self._idle.items(), key=lambda item: item[1][0].idle_since)
        lines.pop(0).abort()
        if not lines:
            del self._idle[place]


def route(url: str, routes: Mapping[str, str]) -> str:
    """Where a webhook really goes: the longest matching origin (and path) of ``routes`` is replaced, the rest kept.

    Names match whatever their case, the port of a scheme matches its absence, a path matches whole segments only.
    Credentials of the URL are kept unless the replacement has its own. What matches nothing is returned unchanged.

    >>> route("https://shop.test/dlr?a=1", {"https://SHOP.test:443": "http://127.0.0.1:5000/app"})
    'http://127.0.0.1:5000/app/dlr?a=1'

    Doubt: a thing of this emulator; the real service has no such table.
    """
    if not routes:
        return url
    try:
        target, user, rest = _parts(url)
    except TargetRefused:
        return url
    prefixes = {_route_path(key, target.place): goal for key, goal in routes.items()}
    fitting = [prefix for prefix in prefixes if prefix is not None and _is_below(rest, prefix)]
    if not fitting:
        return url
    longest = max(fitting, key=len)
    return _with_user(prefixes[longest].rstrip("/"), user) + rest[len(longest) :]


# --------------------------------------------------------------------------------------------------- one connection


class _NeverRead(Exception):  # noqa: N818
    """A kept connection was closed before the peer read anything of this call."""


class _Line(asyncio.Protocol):
    """One connection and the exchange that is under way on it.

    ``lost`` is done once the transport is closed for good.
    """

    def __init__(self, place: _Place, lines: set[_Line]) -> None:
        import h11

        self.place = place
        self.idle_since = 0.0
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines = lines
        self._h11 = h11.Connection(h11.CLIENT)
        self._used = False
        self._reset()

    def _reset(self) -> None:
        self._waiter: asyncio.Future[HttpAnswer] | None = None
        self._shown = ""
        self._heard = False
        self._head: h11.Response | None = None
        self._body = bytearray()

    @property
    def usable(self) -> bool:
        """Whether a call may be made on it now, as far as this side knows."""
        return self._waiter is None and not self._transport.is_closing()

    async def exchange(self, call: HttpCall, target: _Target, path: str) -> HttpAnswer:
        """Send one request and wait for the whole answer.

        Raises:
            SendFailed: No answer, in time or at all.
            _NeverRead: Nothing of it reached the app.
        """
        request = self._worded(call, target, path)
        self._shown = _shown(target, path)
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(call.response_s):
                self._transport.write(request)
                return await self._waiter
        except TimeoutError:
            why = f"{self._shown} did not answer within {call.response_s:g} s."
            raise SendFailed("timeout", why) from None

    def finish(self) -> bool:
        """Make ready for the next call; False when the connection cannot be used again."""
        import h11

        ours, theirs = self._h11.our_state, self._h11.their_state
        extra, _ = self._h11.trailing_data
        if ours is not h11.DONE or theirs is not h11.DONE or extra or self._transport.is_closing():
            return False
        self._h11.start_next_cycle()
        self._used = True
        self._reset()
        return True

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _worded(self, call: HttpCall, target: _Target, path: str) -> bytes:
        """The bytes of the request. Raises ``h11.LocalProtocolError`` for headers that no request may have."""
        import h11

        given = {name.lower() for name, _ in call.headers}
        headers = [] if "host" in given else [("Host", target.authority)]
        headers += call.headers
        if "accept" not in given:
            headers.append(("Accept", "*/*"))
        if target.authorization is not None and "authorization" not in given:
            headers.append(("Authorization", target.authorization))
        if (call.body or call.method in ("POST", "PUT", "PATCH")) and "content-length" not in given:
            headers.append(("Content-Length", str(len(call.body))))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        sent = self._h11.send(h11.Request(method=call.method, target=path, headers=raw)) or b""
        if call.body:
            sent += self._h11.send(h11.Data(data=call.body)) or b""
        return sent + (self._h11.send(h11.EndOfMessage()) or b"")

    # What the transport says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without inheriting from it
        self._lines.add(self)

    def data_received(self, data: bytes) -> None:
        import h11

        if self._waiter is None:
            self.abort()  # nobody asked
            return
        self._heard = True
        try:
            self._h11.receive_data(data)
            self._read_events()
        except h11.RemoteProtocolError as error:
            self._fail(SendFailed("protocol", f"{self._shown} did not answer in HTTP: {_sentence(error)}."))

    def eof_received(self) -> None:
        import h11

        if self._waiter is None or self._waiter.done():
            return
        if not self._heard:
            self._fail(_NeverRead() if self._used and self._was_reset() else self._hung_up())
            return
        try:
            self._h11.receive_data(b"")  # it ends a body of unsaid length
            self._read_events()
        except h11.RemoteProtocolError:
            self._fail(SendFailed("connection", f"{self._shown} closed the connection in the middle of its answer."))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._heard and self._used and isinstance(exc, BrokenPipeError | ConnectionResetError):
            self._fail(_NeverRead())
        elif exc is not None:
            self._fail(SendFailed("connection", f"{self._shown} broke the connection: {_words(exc)}."))
        else:
            self._fail(self._hung_up())
        self._lines.discard(self)
        self.lost.set_result(None)

    def _read_events(self) -> None:
        import h11

        while True:
            event = self._h11.next_event()
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > BODY_MAX:
                    self._answer(truncated=True)
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._answer(truncated=False)
                return
            elif not isinstance(event, h11.InformationalResponse):
                return  # more is to come, or nothing will

    def _answer(self, *, truncated: bool) -> None:
        assert self._head is not None, "a body comes after its head"
        assert self._waiter is not None, "nothing is read that nobody waits for"
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._head.headers)
        if not self._waiter.done():
            answer = HttpAnswer(self._head.status_code, headers, bytes(self._body[:BODY_MAX]), 0.0, truncated)
            self._waiter.set_result(answer)

    def _fail(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)

    def _hung_up(self) -> SendFailed:
        return SendFailed("connection", f"{self._shown} closed the connection without an answer.")

    def _was_reset(self) -> bool:
        """Whether the peer's kernel threw our bytes away; see the head of this module."""
        ours: socket.socket = self._transport.get_extra_info("socket")
        return ours.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


@functools.cache
def _tls(*, trusting: bool) -> ssl.SSLContext:
    """Made when first needed, since reading the roots takes long. Trusting: any certificate will do.

    Source: reference webhooks §2, §8 (live refuses self-signed ones: B; off for local addresses is our choice: D).
    """
    import ssl

    if trusting:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())  # a slim container has no roots of its own
    return context


async def _look_up(target: _Target) -> list[Address]:
    """What the system says about a name, in its order, each address once."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not addresses:
        raise SendFailed("connection", f"The name {target.host} is not known.")
    return list(dict.fromkeys(_plain(address) for address in addresses))


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
        return _host_name(value)
    except TargetRefused:
        raise ValueError(f"{FLAG} {value}: neither a network (10.0.0.0/8), an address nor a host name.") from None


def _is_local(address: Address) -> bool:
    """Loopback or private: called without being allowed, and trusted whatever its certificate."""
    if any(address == never.network_address for never, _ in _NEVER if never.prefixlen == never.max_prefixlen):
        return False
    return address.is_loopback or any(address in network for network in _PRIVATE)


def _is_localhost(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


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

_URL = re.compile(r"(https?)://([^/?#\\]*)(.*)", re.IGNORECASE | re.DOTALL)
_BRACKETED = re.compile(r"\[([0-9a-f]*:[0-9a-f:.]*)\](?::([0-9]*))?", re.IGNORECASE)
_BARE = re.compile(r"([^:\[\]]+)(?::([0-9]*))?")
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_PORTS = {"http": 80, "https": 443}

# What may stand in a path or query as it is; the rest is percent-encoded, a lone percent sign is left alone.
_SAFE = "!$%&'()*+,-./:;=?@[]_~"


class _Place(msgspec.Struct, frozen=True):
    """What must be the same for a connection to be used again, or a route to match."""

    scheme: str
    host: str
    port: int


class _Target(msgspec.Struct, frozen=True):
    """The front part of a URL, taken apart; not judged yet.

    Attributes:
        address: The address, when the host is one in any of its spellings.
        authority: Host and port, as the ``Host`` header and our texts say them.
        authorization: The header that credentials in the URL become.
    """

    place: _Place
    address: Address | None
    authority: str
    authorization: str | None

    @property
    def scheme(self) -> str:
        return self.place.scheme

    @property
    def host(self) -> str:
        return self.place.host

    @property
    def port(self) -> int:
        return self.place.port

    @property
    def shown(self) -> str:
        return f"{self.scheme}://{self.authority}"


def _split(url: str) -> tuple[_Target, str]:
    """Take a URL apart: whom to call, and the path and query to ask for.

    Raises:
        TargetRefused: It is no URL, or not one of http or https. The text never repeats it: it may hold a secret.
    """
    target, _, rest = _parts(url)
    path = rest.partition("#")[0]
    if not path.startswith("/"):
        path = "/" + path
    return target, urllib.parse.quote(path, safe=_SAFE)


def _parts(url: str) -> tuple[_Target, str, str]:
    """The target, the credentials as written, and the rest of a URL."""
    found = _URL.fullmatch(url.strip())
    if found is None:
        raise TargetRefused("The URL of a webhook starts with http:// or https://, and this one does not.")
    try:
        url.encode()
    except UnicodeEncodeError:
        _refuse_url("half of a character stands alone")
    scheme, authority, rest = found.groups()
    target = _target(scheme.lower(), authority)
    return target, authority.rpartition("@")[0], rest


@functools.lru_cache(maxsize=1024)
def _target(scheme: str, authority: str) -> _Target:
    user, _, host_port = authority.rpartition("@")
    found = _BRACKETED.fullmatch(host_port) or _BARE.fullmatch(host_port)
    if found is None:
        _refuse_url("its host cannot be read")
    text, port_text = found.groups()
    # A port of a thousand zeros is a number for everybody but int().
    digits = (port_text or "").lstrip("0")[:6]
    port = int(digits) if digits else 0 if port_text else _PORTS[scheme]
    if not 0 < port < 1 << 16:
        _refuse_url("there is no such port")
    address = _literal(text)
    host = str(address) if address is not None else _host_name(text)
    shown_host = f"[{host}]" if ":" in host else host
    authority = shown_host if port == _PORTS[scheme] else f"{shown_host}:{port}"
    return _Target(_Place(scheme, host, port), address, authority, _basic(user) if user else None)


def _literal(text: str) -> Address | None:
    """The address that a host is, if it is one; ``127.1``, ``0x7f.1`` and ``2130706433`` are 127.0.0.1 to everybody."""
    if ":" in text:
        try:
            return _plain(ipaddress.IPv6Address(text))
        except ValueError:
            _refuse_url("the address in brackets is none")
    name = text if text.isascii() else _in_ascii(text)
    name = name.lower().removesuffix(".")
    if not _is_number(name):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(name))
    except OSError:
        _refuse_url("its host looks like an address and is none")


def _is_number(host: str) -> bool:
    return _NUMBER.fullmatch(host) is not None


def _host_name(text: str) -> str:
    """A host name in lower case, in ASCII, without the dot of the root."""
    name = text if text.isascii() else _in_ascii(text)
    name = name.lower().removesuffix(".")
    if len(name) > 253 or _NAME.fullmatch(name) is None:
        _refuse_url("its host is not a name")
    return name


def _in_ascii(text: str) -> str:
    import idna

    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except idna.IDNAError:
        _refuse_url("its host is not a name")


def _basic(user: str) -> str:
    """Credentials in a URL as a header.

    Source: reference webhooks §2 (D).
    """
    name, _, password = user.partition(":")
    pair = urllib.parse.unquote_to_bytes(name) + b":" + urllib.parse.unquote_to_bytes(password)
    return "Basic " + base64.b64encode(pair).decode("ascii")


def _refuse_url(why: str) -> NoReturn:
    raise TargetRefused(f"The URL of the webhook is not one that can be called: {why}.")


def _shown(target: _Target, path: str) -> str:
    """A URL as texts show it: without credentials and query."""
    return target.shown + path.partition("?")[0]


def _route_path(route_url: str, place: _Place) -> str | None:
    """The path of a route when it is a route for this place; a route that is no URL is for none."""
    try:
        target, _, rest = _parts(route_url)
    except TargetRefused:
        return None
    return rest.rstrip("/") if target.place == place else None


def _is_below(rest: str, prefix: str) -> bool:
    return rest.startswith(prefix) and rest[len(prefix) : len(prefix) + 1] in ("", "/", "?", "#")


def _with_user(url: str, user: str) -> str:
    scheme, _, rest = url.partition("://")
    if not user or "@" in rest.partition("/")[0]:
        return url
    return f"{scheme}://{user}@{rest}"
