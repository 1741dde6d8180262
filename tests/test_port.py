"""One port: what is said first decides, and whatever is said, the port goes on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import resource
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
import uvloop

from fake_nexmo.authority import Authority
from fake_nexmo.port import OnePort, Receive, Scope, Send

Parser = Literal["httptools", "h11"]
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
PATIENCE_S = 5.0
# More than the system's buffers take from us while nobody reads.
LARGE = 50_000_000
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Reply(NamedTuple):
    """A reply as it came, without its date."""

    status: str
    headers: dict[str, str]
    body: bytes


def echo(method: str = "GET", path: str = "/a", query: str = "", scheme: str = "http", body: str = "") -> Reply:
    """What the app under test answers."""
    facts = {"method": method, "path": path, "query": query, "scheme": scheme, "body": body}
    words = json.dumps(facts).encode()
    return Reply("HTTP/1.1 200 OK", {"content-length": str(len(words))}, words)


def problem(status: int, title: str, detail: str, **more: str) -> Reply:
    """A refusal of the port's own."""
    words = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    body = json.dumps(words).encode()
    headers = {
        "content-type": "application/problem+json",
        "content-length": str(len(body)),
        "connection": "close",
    }
    return Reply(f"HTTP/1.1 {status} {title}", headers, body)


def not_outside(host: str) -> Reply:
    return problem(502, "Bad Gateway", f"fake-nexmo never calls the outside: nothing was sent to {host}.", host=host)


class Line:
    """A client's connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def reply(self) -> Reply:
        """Read one whole reply; those of uvicorn's carry a date."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, *lines = head.decode().removesuffix("\r\n\r\n").split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            if "date" in headers:
                assert abs(parsedate_to_datetime(headers.pop("date")).timestamp() - time.time()) < 60
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Reply(status, headers, body)

    async def ask(self, data: bytes) -> Reply:
        self.send(data)
        return await self.reply()

    async def rest(self) -> bytes:
        """Everything up to the end of the connection, however it ends."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


class Site:
    """An app behind the port, and clients of it."""

    def __init__(self, authority: Authority, log: pytest.LogCaptureFixture) -> None:
        self.authority = authority
        self.log = log
        self.foreign: list[tuple[str, str, str]] = []
        self.entered = asyncio.Event()
        self.release = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.lines: list[Line] = []
        self.http: Parser = "httptools"
        self.port: OnePort

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        if scope["path"] == "/hang":
            self.entered.set()
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        if scope["path"] == "/large":
            body = b"x" * LARGE
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LARGE)]})
            await send({"type": "http.response.body", "body": body})
            self.entered.set()
            return
        query = scope["query_string"].decode()
        assert scope["raw_path"].decode() == scope["path"]
        reply = echo(scope["method"], scope["path"], query, scope["scheme"], body.decode())
        headers = [(b"content-length", reply.headers["content-length"].encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    def on_foreign(self, host: str, method: str, target: str) -> None:
        self.foreign.append((host, method, target))

    def make(self, *, host: str = "127.0.0.1", port: int = 0, first_bytes_s: float = 10.0) -> OnePort:
        return OnePort(
            self.app,
            host=host,
            port=port,
            tls=self.authority,
            on_foreign=self.on_foreign,
            names=("fake.test",),
            http=self.http,
            first_bytes_s=first_bytes_s,
        )

    async def line(self, name: str | None = None, *, port: OnePort | None = None) -> Line:
        """A new connection; over TLS, to that name, when one is given."""
        to = self.port if port is None else port
        tls = None if name is None else self.trust()
        line = Line(*await asyncio.open_connection(to.host, to.port, ssl=tls, server_hostname=name))
        self.lines.append(line)
        return line

    async def upgrade(self, line: Line, name: str) -> None:
        await line.writer.start_tls(self.trust(), server_hostname=name)

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority.ca_file)

    def said(self) -> list[str]:
        """What our log says at INFO and above."""
        return [r.getMessage() for r in self.log.records if r.name == "fake_nexmo.port" and r.levelno >= logging.INFO]

    async def close(self) -> None:
        for line in self.lines:
            line.writer.close()
        for line in self.lines:
            with contextlib.suppress(OSError):
                await line.writer.wait_closed()
        self.release.set()
        assert await self.port.stop(PATIENCE_S)


@contextlib.asynccontextmanager
async def opened(authority: Authority, log: pytest.LogCaptureFixture, http: Parser) -> AsyncIterator[Site]:
    """A running site; at its end the loop has nothing to complain about."""
    troubles: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    log.set_level(logging.DEBUG)
    site = Site(authority, log)
    site.http = http
    site.port = site.make()
    await site.port.start()
    try:
        yield site
    finally:
        await site.close()
    assert not site.port._state.connections
    assert not site.port._waiting
    assert not site.port._handing_over
    assert troubles == []
    assert [record for record in log.records if record.exc_info] == []


def everywhere(scene: Callable[[Site], Awaitable[None]]) -> Callable[..., None]:
    """Play a scene with both parsers, on both kinds of event loop."""

    @pytest.mark.parametrize("http", ["httptools", "h11"])
    @pytest.mark.parametrize("loop", LOOPS)
    def play(loop: str, http: Parser, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
        async def run() -> None:
            async with opened(authority, caplog, http) as site:
                await scene(site)

        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(run())
        gc.collect()

    play.__doc__ = scene.__doc__
    return play


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that has no event of its own, for a short while."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.load(folder=tmp_path_factory.mktemp("home"))


GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"


@everywhere
async def test_plain_http(site: Site) -> None:
    """Plain requests follow one another on one connection, bodies and queries included."""
    line = await site.line()

    assert await line.ask(b"GET /a?b=c HTTP/1.1\r\nhost: x\r\n\r\n") == echo(query="b=c")
    post = b"POST /p HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
    assert await line.ask(post) == echo("POST", "/p", body="abc")


@everywhere
async def test_pipelined_requests_are_answered_in_order(site: Site) -> None:
    """Three requests in one piece, three replies."""
    line = await site.line()

    line.send(b"".join(b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n" % number for number in range(3)))

    assert [await line.reply() for _ in range(3)] == [echo(path=f"/{number}") for number in range(3)]


@everywhere
async def test_https_with_and_without_a_name(site: Site) -> None:
    """The same port speaks TLS, to the service's names, to addresses, and to other names by a minted certificate."""
    for name in ("rest.nexmo.com", "eu.api.vonage.com", "localhost", "127.0.0.1", "two.deep.nexmo.com", "other.test"):
        line = await site.line(name)
        assert await line.ask(GET) == echo(scheme="https"), name


@everywhere
async def test_a_client_that_distrusts_us_is_told_the_remedy(site: Site) -> None:
    """One line that names the certificate to trust; then the port goes on."""

    def distrust() -> None:
        with socket.create_connection(("127.0.0.1", site.port.port)) as sock:
            ssl.create_default_context().wrap_socket(sock, server_hostname="rest.nexmo.com")

    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(distrust)

    await until(site.said)
    assert site.said() == [f"A client refused the TLS certificate (TLSV1_ALERT_UNKNOWN_CA): {remedy(site)}"]
    assert await (await site.line()).ask(GET) == echo()


@everywhere
async def test_a_client_that_hangs_up_in_the_handshake_is_told_too(site: Site) -> None:
    """Clients of asyncio's distrust us without a word: they hang up."""
    stranger = ssl.create_default_context()

    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("127.0.0.1", site.port.port, ssl=stranger, server_hostname="rest.nexmo.com")

    await until(site.said)
    assert site.said() == [f"A client hung up during the TLS handshake, as some do in distrust: {remedy(site)}"]


def remedy(site: Site) -> str:
    return (
        f"make it trust {site.authority.ca_file} (SSL_CERT_FILE, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, "
        "or its own setting)."
    )


@everywhere
async def test_connect_then_tls(site: Site) -> None:
    """Inside a tunnel to one of our names: TLS as if there were no proxy, kept alive."""
    line = await site.line()
    line.send(b"CONNECT rest.nexmo.com:443 HTTP/1.1\r\nHost: rest.nexmo.com:443\r\nProxy-Connection: x\r\n\r\n")
    assert await line.reader.readexactly(len(ESTABLISHED)) == ESTABLISHED

    await site.upgrade(line, "rest.nexmo.com")

    assert await line.ask(GET) == echo(scheme="https")
    assert await line.ask(GET) == echo(scheme="https")
    assert site.foreign == []


@everywhere
async def test_connect_then_plain(site: Site) -> None:
    """Inside a tunnel, plain HTTP works too, even sent before the tunnel was confirmed."""
    line = await site.line()

    line.send(b"CONNECT api.nexmo.com:80 HTTP/1.1\r\n\r\n" + GET)

    assert await line.reader.readexactly(len(ESTABLISHED)) == ESTABLISHED
    assert await line.reply() == echo()


@everywhere
async def test_names_that_are_ours(site: Site) -> None:
    """The service's domains and what is under them, loopback, the bound host, and names given."""
    ours = [
        "nexmo.com", "VONAGE.com", "api-eu.vonage.com.", "a.b.c.nexmo.com", "localhost", "127.0.0.1", "[::1]",
        "[0:0:0:0:0:0:0:1]", "fake.test",
    ]  # fmt: skip
    for name in ours:
        line = await site.line()
        line.send(f"CONNECT {name}:443 HTTP/1.1\r\n\r\n".encode())
        assert await line.reader.readexactly(len(ESTABLISHED)) == ESTABLISHED, name
    assert site.foreign == []


@everywhere
async def test_connect_elsewhere_is_refused_and_reported(site: Site) -> None:
    """Nothing leaves this machine; the connection ends."""
    for name in ("example.com", "evilnexmo.com", "nexmo.com.evil.test", "10.0.0.1", "sub.fake.test"):
        line = await site.line()
        assert await line.ask(f"CONNECT {name}:443 HTTP/1.1\r\n\r\n".encode()) == not_outside(name)
        assert await line.rest() == b""
        assert site.foreign.pop() == (name, "CONNECT", f"{name}:443")
    assert site.foreign == []


@everywhere
async def test_connect_that_makes_no_sense(site: Site) -> None:
    """Refused with a reason, however long or odd."""
    words = "The first line of a CONNECT is: CONNECT host:port HTTP/1.1"
    target = "CONNECT takes a target of host and port."
    cases = {
        b"CONNECT \r\n\r\n": problem(400, "Bad Request", words),
        b"CONNECT a:1\r\n\r\n": problem(400, "Bad Request", words),
        b"CONNECT a b HTTP/1.1\r\n\r\n": problem(400, "Bad Request", words),
        b"CONNECT a:1 SPDY/3\r\n\r\n": problem(400, "Bad Request", words),
        b"CONNECT :443 HTTP/1.1\r\n\r\n": problem(400, "Bad Request", target),
        b"CONNECT a:b HTTP/1.1\r\n\r\n": problem(400, "Bad Request", target),
        b"CONNECT [::1:443 HTTP/1.1\r\n\r\n": problem(400, "Bad Request", target),
        b"CONNECT \xff\x00:443 HTTP/1.1\r\n\r\n": problem(400, "Bad Request", target),
        b"CONNECT a:1 HTTP/1.1\r\nx: " + b"x" * 9000: problem(
            431, "Request Header Fields Too Large", "The head of a CONNECT has at most 8192 bytes."
        ),
    }
    for data, reply in cases.items():
        line = await site.line()
        assert await line.ask(data) == reply
        assert await line.rest() == b""
    assert site.foreign == []


@everywhere
async def test_connect_too_late(site: Site) -> None:
    """A tunnel is asked for first thing on a connection, and not inside TLS."""
    late = problem(400, "Bad Request", "CONNECT must be the first request of its connection, and not inside TLS.")
    line = await site.line()
    assert await line.ask(GET) == echo()

    assert await line.ask(b"CONNECT rest.nexmo.com:443 HTTP/1.1\r\nhost: x\r\n\r\n") == late

    secure = await site.line("localhost")
    assert await secure.ask(b"CONNECT rest.nexmo.com:443 HTTP/1.1\r\nhost: x\r\n\r\n") == late


@everywhere
async def test_absolute_targets_are_cut_to_their_path(site: Site) -> None:
    """What a proxy's client sends reaches the app as if it had called us directly; the connection stays."""
    line = await site.line()
    cases = {
        "http://rest.nexmo.com/sms/json": echo(path="/sms/json"),
        "http://rest.nexmo.com/sms/json?a=b": echo(path="/sms/json", query="a=b"),
        "HTTP://user:pw@API.nexmo.com:80/x": echo(path="/x"),
        "https://api.nexmo.com/": echo(path="/"),
        "http://api.nexmo.com": echo(path="/"),
        "http://api.nexmo.com?a=/b://c": echo(path="/", query="a=/b://c"),
        "http://[::1]:80/x": echo(path="/x"),
        "/x?u=http://example.com/": echo(path="/x", query="u=http://example.com/"),
    }
    for target, reply in cases.items():
        assert await line.ask(f"GET {target} HTTP/1.1\r\nhost: x\r\n\r\n".encode()) == reply, target
    assert site.foreign == []


@everywhere
async def test_odd_targets_are_no_trouble(site: Site) -> None:
    """Targets that are neither path nor URL are the parser's or the app's to refuse; nothing is reported."""
    for target in ("*", "x", "http:///a", "http://:80/a", "http://a:b/c", "ftp+x://a/b", "://a", "a:1"):
        line = await site.line()
        reply = await line.ask(f"OPTIONS {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        assert reply.status in ("HTTP/1.1 400 Bad Request", "HTTP/1.1 200 OK"), target
    assert site.foreign == []


@everywhere
async def test_absolute_target_elsewhere_is_refused_and_reported(site: Site) -> None:
    """By host name, whatever the Host header says; requests before it on the connection are served."""
    target = "http://example.com:8080/a?b=c"
    line = await site.line()
    line.send(GET + f"POST {target} HTTP/1.1\r\nhost: rest.nexmo.com\r\ncontent-length: 1\r\n\r\nx".encode())

    assert await line.reply() == echo()
    assert await line.reply() == not_outside("example.com")
    assert await line.rest() == b""
    assert site.foreign == [("example.com", "POST", target)]


@everywhere
async def test_first_bytes_one_by_one(site: Site) -> None:
    """However slowly it begins, a connection is understood: plain, almost CONNECT, and CONNECT."""
    for start, reply in {b"GET": "GET", b"COPY": "COPY", b"CONNECX": None}.items():
        line = await site.line()
        await dribble(site, line, start)
        answer = await line.ask(b" /a HTTP/1.1\r\nhost: x\r\n\r\n")
        if reply is not None:
            assert answer == echo(reply)
        else:
            # httptools knows all methods there are, h11 takes any word for one.
            assert answer.status in ("HTTP/1.1 400 Bad Request", "HTTP/1.1 200 OK")

    line = await site.line()
    await dribble(site, line, b"CONNECT localhost:1 HTTP/1.1\r\nhost: x\r\n\r")
    line.send(b"\n")
    assert await line.reader.readexactly(len(ESTABLISHED)) == ESTABLISHED
    assert await line.ask(GET) == echo()


async def dribble(site: Site, line: Line, data: bytes) -> None:
    """Send bytes singly; each is taken by the port before the next, until the port knows enough."""
    await until(lambda: site.port._waiting)
    (arrival,) = site.port._waiting
    for at in range(1, len(data) + 1):
        line.send(data[at - 1 : at])
        await until(lambda: len(arrival._taken) == at or not site.port._waiting)  # noqa: B023


@everywhere
async def test_tls_that_starts_with_one_byte(site: Site) -> None:
    """The first byte alone already tells TLS; the handshake follows when it comes."""
    trust, incoming, outgoing = site.trust(), ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    line = await site.line()
    line.send(hello[:1])
    await until(lambda: site.port._handing_over)

    line.send(hello[1:])

    answer = await line.reader.readexactly(1)
    assert answer == b"\x16"


@everywhere
async def test_silence_is_ended_without_work(site: Site) -> None:
    """Who says nothing, or half a word, is cut off in time, and waiting for it costs no processor time."""
    impatient = site.make(first_bytes_s=0.4)
    await impatient.start()
    lines = [await site.line(port=impatient) for _ in range(4)]
    for line, word in zip(lines, (b"", b"CONN", b"CONNECT localhost:1 HT", b"\x16"), strict=True):
        line.send(word)
    spent_s = time.process_time()

    assert [await line.rest() for line in lines] == [b""] * 4

    assert time.process_time() - spent_s < 0.2
    assert await impatient.stop(0)


@everywhere
async def test_gone_at_once(site: Site) -> None:
    """Clients that leave, politely or not, at any point before their first request, are forgotten."""
    for word in (b"", b"C", b"CONNECT loc", b"\x16\x03", b"GE"):
        for rude in (False, True):
            sock = socket.create_connection(("127.0.0.1", site.port.port))
            if rude:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            sock.sendall(word)
            sock.close()

    assert await (await site.line()).ask(GET) == echo()
    await until(lambda: not site.port._waiting and not site.port._handing_over)


@everywhere
async def test_garbage_is_answered_and_the_port_goes_on(site: Site) -> None:
    """Bytes that are no HTTP: 400. What only looks like TLS: an end. Others are served all the same."""
    for garbage in (b"\x00\x01\x02\r\n\r\n", b"hello\r\n\r\n", b"\xff" * 100 + b"\r\n\r\n"):
        line = await site.line()
        line.send(garbage)
        assert (await line.rest()).startswith(b"HTTP/1.1 400 ")
    line = await site.line()
    line.send(b"\x16GET / HTTP/1.1\r\n\r\n")
    # An alert, or nothing, but no HTTP.
    assert b"HTTP" not in await line.rest()

    assert await (await site.line()).ask(GET) == echo()
    assert site.said() == []


@everywhere
async def test_an_offered_upgrade_is_ignored(site: Site) -> None:
    """Java's client offers HTTP/2 with each request: answered by HTTP/1.1, body and all, without a word in the log."""
    offer = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAA\r\n"
    post = b"POST /a HTTP/1.1\r\nhost: x\r\n" + offer + b"content-length: 2\r\n\r\nhi"
    for name, scheme in ((None, "http"), ("localhost", "https")):
        line = await site.line(name)
        assert await line.ask(GET) == echo(scheme=scheme)
        for _ in range(2):
            assert await line.ask(post) == echo("POST", scheme=scheme, body="hi")
        assert await line.ask(post.replace(b"/a", b"http://rest.nexmo.com/b")) == echo("POST", "/b", "", scheme, "hi")
        line.send(post[:-2])
        assert await line.ask(b"ho") == echo("POST", scheme=scheme, body="ho")
        elsewhere = post.replace(b"/a", b"http://example.com/b")
        assert await line.ask(elsewhere) == not_outside("example.com")
    assert site.foreign == [("example.com", "POST", "http://example.com/b")] * 2
    assert [record for record in site.log.records if record.levelno >= logging.WARNING] == []


@everywhere
async def test_two_hundred_at_once(site: Site) -> None:
    """Plain, over TLS and through the proxy, side by side, each twice on its connection."""

    async def one(number: int) -> list[Reply]:
        line = await site.line("rest.nexmo.com" if number % 4 == 0 else None)
        if number % 4 == 1:
            line.send(b"CONNECT localhost:80 HTTP/1.1\r\n\r\n")
            assert await line.reader.readexactly(len(ESTABLISHED)) == ESTABLISHED
        return [await line.ask(b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n" % number) for _ in range(2)]

    replies = await asyncio.gather(*(one(number) for number in range(200)))

    schemes = ["http" if number % 4 else "https" for number in range(200)]
    assert replies == [[echo(path=f"/{n}", scheme=schemes[n])] * 2 for n in range(200)]


@everywhere
async def test_stop_lets_requests_finish_and_refuses_new_ones(site: Site) -> None:
    """In flight: answered in full, then closed. Idle or silent: closed. New: refused."""
    busy = [await site.line(), await site.line("localhost")]
    idle = [await site.line(), await site.line("localhost"), await site.line()]
    for line in idle[:2]:
        await line.ask(GET)
    for line in busy:
        site.entered.clear()
        line.send(GET.replace(b"/a", b"/hang"))
        await site.entered.wait()

    stopping = asyncio.create_task(site.port.stop(PATIENCE_S))
    await asyncio.sleep(0)

    with pytest.raises(ConnectionRefusedError):
        await site.line()
    assert [await line.rest() for line in idle] == [b""] * 3
    assert not stopping.done()
    site.release.set()
    for line, scheme in zip(busy, ("http", "https"), strict=True):
        reply = await line.reply()
        assert reply._replace(headers={}) == echo(path="/hang", scheme=scheme)._replace(headers={})
        assert await line.rest() == b""
    assert await stopping is True


@everywhere
async def test_stop_ends_after_the_grace(site: Site) -> None:
    """A request that hangs is cut off, and so is a TLS handshake that never comes; the answer is no."""
    line, half = await site.line(), await site.line()
    half.send(b"\x16\x03")
    line.send(GET.replace(b"/a", b"/hang"))
    await site.entered.wait()

    assert await site.port.stop(0.05) is False

    assert site.cancelled.is_set()
    assert [await one.rest() for one in (line, half)] == [b"", b""]
    assert site.said() == ["requests in flight that are cut off: 1"]
    assert await site.port.stop(0) is True


@everywhere
async def test_stop_waits_for_a_slow_reader(site: Site) -> None:
    """A reply is finished when it has left us; who does not read it in the grace gets a part of it."""
    for grace_s, finished in ((PATIENCE_S, True), (0.6, False)):
        site.entered.clear()
        port = site.make()
        await port.start()
        line = await site.line(port=port)
        line.send(GET.replace(b"/a", b"/large"))
        await site.entered.wait()

        stopping = asyncio.create_task(port.stop(grace_s))
        await asyncio.sleep(0)
        if finished:
            assert len((await line.reply()).body) == LARGE

        assert await stopping is finished
        if not finished:
            assert len(await line.rest()) < LARGE


@everywhere
async def test_no_more_files(site: Site) -> None:
    """When the process has no descriptor left, one line says so, and connections are served once it has."""
    loop = asyncio.get_running_loop()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as client:
        client.setblocking(False)
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, limits[1]))
        spent = []
        try:
            with contextlib.suppress(OSError):
                while True:
                    spent.append(os.dup(client.fileno()))
            await loop.sock_connect(client, ("127.0.0.1", site.port.port))
            await until(site.said)
        finally:
            for descriptor in spent:
                os.close(descriptor)
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)

        await loop.sock_sendall(client, GET)

        async with asyncio.timeout(PATIENCE_S):
            assert (await loop.sock_recv(client, 100)).startswith(b"HTTP/1.1 200 OK\r\n")
    assert site.said() == ["no connection can be accepted for now: Too many open files"]


@everywhere
async def test_hosts_and_ports(site: Site) -> None:
    """Names and IPv6 addresses can be listened on; a taken port is an error of the system's."""
    with pytest.raises(OSError, match="in use"):
        await site.make(port=site.port.port).start()
    for host in ("localhost", "::1") if _has_ipv6() else ("localhost",):
        other = site.make(host=host)
        await other.start()
        assert other.port > 0
        assert await (await site.line(port=other)).ask(GET) == echo()
        assert await other.stop(1)


def _has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as sock:
        sock.bind(("::1", 0))
        return True
    return False


async def test_without_a_folder_for_certificates_stop_needs_no_start(authority: Authority, tmp_path: Path) -> None:
    """A port that was never started is stopped already."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """Never called."""

    port = OnePort(app, host="127.0.0.1", port=0, tls=authority, on_foreign=print)

    assert await port.stop(0) is True
