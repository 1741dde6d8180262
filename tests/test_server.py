"""The server as a whole: what it says when it is ready, how it stops, and that it outlives whatever comes in."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from fake_nexmo.authority import AuthorityError
from fake_nexmo.server import Options, Server, UsageError, start
from tests.live import (
    PATIENCE_S,
    FarWorld,
    clean_environment,
    make_world,
    open_client,
    open_live,
    open_world,
    trusting,
)
from tests.receiver import Answer, Receiver

ACCOUNT = {
    "name": "main",
    "api_key": "abcd1234",
    "api_secret": "s3cr3tS3cr3t",
    "signature_secret": "fake-nexmo-signature-secret-000001",
    "signature_method": "md5hash",
}
#: Over before any grace that a test gives is.
NEVER_S = 3.0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder of servers inside this process."""
    folder = tmp_path / "home"
    monkeypatch.setenv("FAKE_NEXMO_HOME", str(folder))
    return folder


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[Server]:
    """A server inside this process."""
    server = await start(Options(port=0, **options))
    try:
        yield server
    finally:
        await server.stop(0)


async def own_world(client: httpx.AsyncClient) -> FarWorld:
    """The world ``default`` of a server."""
    answer = await client.get("/_fake/worlds/default")
    return FarWorld(client, answer.json())


def id_and_key(server: Server) -> tuple[str, str]:
    """The application's id and its private key, from the ready file."""
    application = server.ready()["applications"][0]
    return application["id"], Path(application["private_key_file"]).read_text()


# Ready.


def test_the_ready_file_says_what_the_design_promises(tmp_path: Path) -> None:
    """Every member, and each of them is true: addresses answer, the authority signs, keys belong together."""
    with open_live(tmp_path, "--seed", "7") as live:
        world = httpx.get(f"{live.http}/_fake/worlds/default", trust_env=False).json()
        application = live.ready["applications"][0]
        key_file = Path(application["private_key_file"])
        private = key_file.read_text()
        assert live.ready == {
            "http": live.http,
            "https": live.http.replace("http://", "https://"),
            "proxy": live.http,
            "ca_file": str(live.home / "ca.pem"),
            "control": f"{live.http}/_fake",
            "world": "default",
            "accounts": [ACCOUNT],
            "applications": [
                {
                    "name": "main",
                    "account": "main",
                    "id": world["applications"][0]["id"],
                    "private_key_file": str(key_file),
                    "public_key": world["applications"][0]["public_key"],
                }
            ],
        }
        assert live.http.startswith("http://127.0.0.1:")
        assert live.ready_file.stat().st_mode & 0o777 == 0o600
        assert (key_file.stat().st_mode & 0o777, key_file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert private == world["applications"][0]["private_key"]
        public = load_pem_private_key(private.encode(), None).public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        assert application["public_key"] == pem
        with httpx.Client(verify=trusting(live.ca_file), trust_env=False) as client:
            assert client.get(f"{live.https}/_fake/health").json()["worlds"] == ["default"]
        with httpx.Client(proxy=live.ready["proxy"], verify=trusting(live.ca_file), trust_env=False) as client:
            answer = client.post("https://rest.nexmo.com/sms/json", data={})
            assert answer.json()["messages"] == [{"status": "2", "error-text": "Missing api_key"}]

        live.stop()

        assert [live.ready_file.exists(), key_file.exists()] == [False, False]
        assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "pending.jsonl", "stderr", "stdout"]


async def test_a_seed_gives_the_same_application_and_key_twice() -> None:
    """Same seed, same bytes; another seed, others."""
    facts = []
    for seed in (7, 7, 8):
        async with opened(seed=seed) as server:
            facts.append(id_and_key(server))

    assert facts[0] == facts[1]
    assert facts[0][0] != facts[2][0]
    assert facts[0][1] != facts[2][1]


async def test_two_servers_of_one_seed_do_not_share_a_key_file() -> None:
    """Each has its own, so that the one that stops first takes nothing from the other."""
    async with opened(seed=7) as first, opened(seed=7) as second:
        files = [Path(each.ready()["applications"][0]["private_key_file"]) for each in (first, second)]
        await first.stop(0)

        assert [each.exists() for each in files] == [False, True]


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", "[::1]"),
        ("::", "[::1]"),
    ],
)
async def test_the_addresses_that_a_server_names_answer(host: str, shown: str) -> None:
    """Whatever it listens on, what it prints can be called, by http and by https with its own authority."""
    if ":" in host:
        _need_ipv6()
    async with opened(host=host) as server:
        port = server.http.rpartition(":")[2]
        assert (server.http, server.https) == (f"http://{shown}:{port}", f"https://{shown}:{port}")
        context = trusting(server.authority.ca_file)
        async with httpx.AsyncClient(verify=context, trust_env=False) as client:
            answers = [(await client.get(f"{each}/_fake/health")).json() for each in (server.http, server.https)]

    assert [each["status"] for each in answers] == ["ok", "ok"]


def _need_ipv6() -> None:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"clock": "x0"},
            "--clock: 'x0' is not a clock mode; take real, xN (such as x60, up to x1000000), manual or auto",
        ),
        ({"retention": 0}, "--retention: 0 is too few; keep at least 1 entry per kind and world"),
        (
            {"control_from": ["nowhere"]},
            "--control-from: 'nowhere' is no network; write it like 10.0.0.0/8 or 10.1.2.3, or any",
        ),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_bound(options: dict[str, Any], message: str) -> None:
    """A wrong option is one sentence."""
    with pytest.raises(UsageError) as refused:
        await start(Options(port=0, **options))

    assert str(refused.value) == message


def test_a_data_folder_that_is_a_file_is_named(home: Path) -> None:
    """The remedy is in the sentence."""
    home.write_text("a file")
    with pytest.raises(AuthorityError) as refused:
        asyncio.run(start(Options(port=0)))

    assert str(refused.value) == (
        f"The data folder {home} cannot be used (File exists: home): "
        "set FAKE_NEXMO_HOME to a folder that can be read and written."
    )


# Stopping.


class Load:
    """Clients that send until the server goes away.

    Attributes:
        acknowledged: the id of every part that the server said yes to, and the URL its receipt was asked for at.
    """

    def __init__(self, world: FarWorld, callbacks: list[str]) -> None:
        self.world = world
        self.callbacks = callbacks
        self.acknowledged: dict[str, str] = {}

    async def send_on(self) -> None:
        """Send until the connection breaks; every third message has two parts."""
        with contextlib.suppress(httpx.TransportError):
            for turn in range(1_000_000):
                callback = self.callbacks[turn % len(self.callbacks)]
                text = "Hi" if turn % 3 else "A" * 161
                for part in await self.world.send(text=text, callback=callback):
                    assert part["status"] == "0", part
                    self.acknowledged[part["message-id"]] = callback


def pending_entry(world: str, message_id: str, url: str) -> dict[str, str]:
    return {"world": world, "kind": "receipt", "message-id": message_id, "url": url}


def in_order(entries: list[dict[str, str]]) -> list[list[str]]:
    """Entries in an order of their own, so that two lists can be compared."""
    return sorted(list(each.values()) for each in entries)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_no_acknowledged_message_is_lost_when_the_server_stops_under_load(
    tmp_path: Path, number: signal.Signals
) -> None:
    """What was promised was delivered or is listed, never both, never neither: as timer, first attempt or retry."""
    async with Receiver() as receiver:
        ok, busy = f"{receiver.url}/ok", f"{receiver.url}/busy"
        receiver.answer_by(lambda received: Answer(503 if received.path == "/busy" else 200))
        with open_live(tmp_path) as live:
            async with open_client(live.http) as client:
                running = Load(await make_world(client, "running", "x2", seed=1), [ok, busy])
                standing = Load(await make_world(client, "standing", seed=2), [ok])
                # Requests to the world `default`, too: all worlds count.
                default = Load(await own_world(client), [ok])
                loads = [running, running, running, standing, default]
                tasks = [asyncio.create_task(each.send_on()) for each in loads]
                await receiver.wait_for(300, timeout=PATIENCE_S)
                live.tell(number)
                await asyncio.gather(*tasks)
                stopped = await asyncio.to_thread(live.wait)

    delivered = [each.params["messageId"] for each in receiver.requests if each.path == "/ok"]
    refused = {each.params["messageId"] for each in receiver.requests if each.path == "/busy"}
    owed = [
        pending_entry(load.world.name, message_id, url)
        for load in (running, standing, default)
        for message_id, url in load.acknowledged.items()
        if message_id not in delivered
    ]
    assert stopped.status == 0
    assert stopped.pending is not None
    assert in_order(stopped.pending) == in_order(owed)
    assert len(delivered) == len(set(delivered))
    assert set(delivered) <= running.acknowledged.keys() | default.acknowledged.keys()
    # All three kinds were there: delivered, retrying, and not yet due.
    assert delivered
    assert refused
    assert any(each["message-id"] in refused for each in stopped.pending)
    assert any(each["message-id"] not in refused and each["url"] == busy for each in stopped.pending)
    assert standing.acknowledged.keys() <= {each["message-id"] for each in stopped.pending}
    count = len(stopped.pending)
    assert stopped.err == f"fake-nexmo: stopped; {count} webhooks pending, listed in {live.pending_file}\n"
    assert stopped.took_s < 10


async def test_a_receiver_that_hangs_holds_the_stop_up_for_the_grace_only() -> None:
    """After the grace its attempt is cut off, and the webhook is among those still owed."""
    async with Receiver() as receiver:
        receiver.answer_by(lambda _: Answer(until=asyncio.Event()))
        server = await start(Options(port=0, clock="x60"))
        try:
            async with open_client(server.http) as client:
                world = await own_world(client)
                (part,) = await world.send(callback=receiver.url)
            await receiver.wait_for(1)
        finally:
            began = time.monotonic()
            pending = await server.stop(0.3)
        took_s = time.monotonic() - began

    assert pending == [pending_entry("default", part["message-id"], receiver.url)]
    assert 0.3 <= took_s < NEVER_S


async def test_an_attempt_that_ends_within_the_grace_is_delivered_and_not_listed() -> None:
    """A stop waits for the answer of a receiver that is merely slow."""
    async with Receiver() as receiver:
        answer_now = asyncio.Event()
        receiver.answer_by(lambda _: Answer(until=answer_now))
        server = await start(Options(port=0, clock="x60"))
        async with open_client(server.http) as client:
            world = await own_world(client)
            await world.send(callback=receiver.url)
        await receiver.wait_for(1)
        idle, idle_writer = await _idle(server)
        stopping = asyncio.create_task(server.stop(PATIENCE_S))
        await _hung_up(idle)
        answer_now.set()
        pending = await stopping
        await _close(idle_writer)

    assert (pending, len(receiver.requests)) == ([], 1)


async def test_a_request_under_way_at_the_stop_is_answered_and_its_receipt_listed() -> None:
    """What was begun is finished: the rest of the body may come after the signal."""
    form = b"api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900001&text=Hi&callback=http://127.0.0.1:9/"
    server = await start(Options(port=0))
    reader, writer = await _connect(server)
    writer.write(b"POST /sms/json HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(form) + form[:20])
    await writer.drain()
    idle, idle_writer = await _idle(server)  # what was sent before it is read by now
    stopping = asyncio.create_task(server.stop(PATIENCE_S))
    await _hung_up(idle)
    writer.write(form[20:])
    async with asyncio.timeout(PATIENCE_S):
        body = (await reader.read()).partition(b"\r\n\r\n")[2]
    await _close(writer)
    await _close(idle_writer)
    pending = await stopping

    (part,) = json.loads(body)["messages"]
    assert part["status"] == "0"
    assert pending == [pending_entry("default", part["message-id"], "http://127.0.0.1:9/")]


async def test_a_client_that_never_finishes_its_request_holds_the_stop_up_for_the_grace_only() -> None:
    """Half a body is cut off in the end."""
    server = await start(Options(port=0))
    reader, writer = await _connect(server)
    writer.write(b"POST /sms/json HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\napi_key=abcd")
    await writer.drain()
    _, idle_writer = await _idle(server)  # what was sent before it is read by now
    began = time.monotonic()
    pending = await server.stop(0.3)
    took_s = time.monotonic() - began
    left = await reader.read()
    await _close(writer)
    await _close(idle_writer)

    assert (pending, left) == ([], b"")
    assert 0.3 <= took_s < NEVER_S


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)])
async def test_a_second_signal_ends_the_server_at_once(tmp_path: Path, number: signal.Signals, status: int) -> None:
    """Whoever does not want to wait for a hanging receiver need not; no private key stays behind even so."""
    async with Receiver() as receiver:
        receiver.answer_by(lambda _: Answer(until=asyncio.Event()))
        with open_live(tmp_path, "--clock", "x60") as live:
            async with open_client(live.http) as client:
                world = await own_world(client)
                await world.send(callback=receiver.url)
            await receiver.wait_for(1)
            live.tell(number)
            host, _, port = live.place.partition(":")
            await _refuses_at(host, int(port))
            stopped = await asyncio.to_thread(live.stop, number)

    assert (stopped.status, stopped.err.strip(), stopped.pending) == (status, "", None)
    assert stopped.took_s < NEVER_S
    assert [each.name for each in (live.home / "keys").iterdir()] == []


# Webhooks over hours.


@pytest.mark.parametrize(
    ("profile", "ladder_s"),
    [("current", [5, 10, 20, 40, 80, 160, 320, 640, *[900] * 9]), ("2020", [60] * 150)],
)
async def test_a_receiver_that_was_down_for_hours_gets_every_receipt_once(profile: str, ladder_s: list[int]) -> None:
    """Refused, cut off and answered with 503 meanwhile, each receipt comes once it is back, on the service's ladder."""
    async with opened() as server, Receiver() as receiver, open_world(server.http, "down") as world:
        await world.account(profile=profile)
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            await world.control("PUT", "routes", {"http://shop.test": f"http://127.0.0.1:{closed.getsockname()[1]}"})
            sent = [(await world.send(callback="http://shop.test/a"))[0]["message-id"] for _ in range(3)]
            early = await world.advance("1h")
            sent += [part["message-id"] for part in await world.send(callback="http://shop.test/b", text="A" * 161)]
            late = await world.advance("1h")
        down_count = len(receiver.requests)
        receiver.say(Answer(503), Answer(hang_up=True), Answer(429))
        await world.control("PUT", "routes", {"http://shop.test": receiver.url})
        back = await world.advance("15m")
        again = await world.advance("15m")
        rest = await world.advance("24h")
        webhooks = await world.items("webhooks")

    assert (down_count, early["delivered"], early["pending"]) == (0, 0, 3)
    assert (late["delivered"], late["pending"]) == (0, 5)
    assert back["delivered"] + again["delivered"] == 5
    assert (rest["delivered"], rest["failed"], rest["pending"]) == (0, 0, 0)
    came = [each.params["messageId"] for each in receiver.requests]
    assert sorted(set(came)) == sorted(sent)
    assert len(came) == 8
    assert [(each["about"], each["state"]) for each in webhooks] == [(each, "delivered") for each in sent]
    assert [each["attempts"][-1]["status"] for each in webhooks] == [200] * 5
    at = [datetime.fromisoformat(each["at"]) for each in webhooks[0]["attempts"]]
    gaps = [after - before for before, after in itertools.pairwise(at)]
    assert gaps == [timedelta(seconds=each) for each in ladder_s[: len(gaps)]]
    assert at[-1] - at[0] >= timedelta(hours=2)


# Whatever comes in.

CHAFF = random.Random(42)
GARBAGE = {
    "random": CHAFF.randbytes(3000),
    "random line": CHAFF.randbytes(300).replace(b"\n", b"") + b"\r\n\r\n",
    "NULs": bytes(5000),
    "a TLS record of nonsense": b"\x16\x03\x01\x02\x00" + CHAFF.randbytes(512),
    "half a TLS record": b"\x16\x03",
    "a CONNECT to nowhere": b"CONNECT  HTTP/1.1\r\n\r\n",
    "an endless CONNECT": b"CONNECT " + b"a" * 20_000,
    "half a request": b"POST /sms/json HTTP/1.1\r\nHost: x\r\nContent-Le",
    "half a body": b"POST /sms/json HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\napi_key=abcd1234",
    "an endless header": b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    "endless headers": b"GET / HTTP/1.1\r\n" + b"X-Y: z\r\n" * 20_000 + b"\r\n",
    "an endless target": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
    "a target of no sort": b"GET \xff\xfe%%% HTTP/1.1\r\nHost: x\r\n\r\n",
    "an escape that is none": b"GET /sms/json?%ZZ=%u1234&=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "a length below zero": b"POST /sms/json HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello",
    "two lengths": b"POST /sms/json HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "chunks that are none": b"POST /sms/json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "a body too large": b"POST /sms/json HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"a" * 2_000_000,
}


@pytest.mark.parametrize("what", GARBAGE)
async def test_the_server_outlives_garbage(what: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is thrown at it, others are served meanwhile and afterwards, and it logs no error."""
    async with opened() as server, open_client(server.http) as client:
        world = await own_world(client)
        reader, writer = await _connect(server)
        with contextlib.suppress(ConnectionError):
            writer.write(GARBAGE[what])
            await writer.drain()
        meanwhile = await world.send()
        with contextlib.suppress(ConnectionError, OSError):
            writer.write_eof()
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                await reader.read()
        await _close(writer)
        afterwards = await world.send()

    assert [each[0]["status"] for each in (meanwhile, afterwards)] == ["0", "0"]
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("media", "body", "text"),
    [
        ("application/x-www-form-urlencoded", b"%ff%fe=%00&\xff\xfe", "Missing api_key"),
        ("application/x-www-form-urlencoded", b"&" * 100_000, "Missing api_key"),
        ("application/json", b"\xff\xfe", "Missing api_key"),
        ("application/json", b"[" * 100_000, "Missing api_key"),
        ("application/json", b'{"a":' * 100_000, "Missing api_key"),
        ("application/json", b'{"api_key": {"a": []}}', "Missing api_secret"),
        ("application/json", b'{"api_key": "\\ud800", "api_secret": "\\udfff"}', "Missing api_key"),
        ("application/json; charset=latin-1", b"1e999", "Missing api_key"),
    ],
)
async def test_bodies_that_make_no_sense_are_refused_as_the_service_would(media: str, body: bytes, text: str) -> None:
    """Nonsense is a missing or wrong parameter, never HTTP 500."""
    async with opened() as server, open_client(server.http) as client:
        answer = await client.post("/sms/json", content=body, headers={"Content-Type": media})

    assert (answer.status_code, answer.json()["messages"][0]["error-text"]) == (200, text)


async def test_a_slow_client_is_served_in_the_end() -> None:
    """A request that comes in single bytes is answered as any other, and holds nobody up."""
    form = b"api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900001&text=Hi"
    request = (
        b"POST /sms/json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(form) + form
    )
    async with opened() as server, open_client(server.http) as client:
        world = await own_world(client)
        reader, writer = await _connect(server)
        for at in range(len(request)):
            writer.write(request[at : at + 1])
            await writer.drain()
            if at % 40 == 0:
                await world.send()
        async with asyncio.timeout(PATIENCE_S):
            answered, _, body = (await reader.read()).partition(b"\r\n\r\n")
        await _close(writer)

    assert answered.startswith(b"HTTP/1.1 200 ")
    assert [each["status"] for each in json.loads(body)["messages"]] == ["0"]


async def test_hundreds_of_silent_connections_keep_nobody_out() -> None:
    """Connections that say nothing wait beside the others."""
    async with opened() as server, open_client(server.http) as client:
        silent = [await _connect(server) for _ in range(300)]
        answer = await client.get("/_fake/health")
        for _, writer in silent:
            await _close(writer)

    assert answer.json()["status"] == "ok"


# What is imported.

HEAVY = ("httpx", "cryptography", "phonenumbers", "pytest", "starlette", "uvicorn", "trustme", "asyncio", "click")
FIRST_REQUEST = """
import asyncio, json, ssl, sys
from fake_nexmo.server import Options, start

FORM = b"api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900001&text=Hi"
HEAD = b"POST /sms/json HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n"

async def ask(port, context):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    writer.write(HEAD % len(FORM) + FORM)
    body = (await reader.read()).partition(b"\\r\\n\\r\\n")[2]
    writer.close()
    return json.loads(body)["messages"][0]["status"]

async def main():
    server = await start(Options(port=0))
    port = int(server.http.rpartition(":")[2])
    context = ssl.create_default_context(cafile=server.ready()["ca_file"])
    statuses = [await ask(port, None), await ask(port, context)]
    print(json.dumps([statuses, sorted(set(sys.modules) & set(sys.argv[1:]))]))
    await server.stop(0)

asyncio.run(main())
"""


def run_python(code: str, *args: str, home: Path) -> Any:
    """What a fresh interpreter prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        env=clean_environment(FAKE_NEXMO_HOME=str(home)),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", ["fake_nexmo", "pytest_fake_nexmo", "fake_nexmo.cli"])
def test_an_import_brings_nothing_heavy_along(module: str, home: Path) -> None:
    """``import fake_nexmo`` and the plugin that every pytest run loads are light; so is ``fake-nexmo --help``."""
    code = (
        "import sys; before = set(sys.modules); __import__(sys.argv[1]); import json; "
        "print(json.dumps(sorted((set(sys.modules) - before) & set(sys.argv[2:]))))"
    )
    expected = {"fake_nexmo.cli": ["click"], "pytest_fake_nexmo": ["pytest"]}.get(module, [])

    assert run_python(code, module, *HEAVY, home=home) == expected


def test_a_first_request_imports_neither_client_nor_certificate_maker(home: Path) -> None:
    """With the authority's files in place, http and https are answered without httpx, cryptography or trustme."""
    names = ("httpx", "cryptography", "trustme", "phonenumbers", "pytest")

    first = run_python(FIRST_REQUEST, *names, home=home)
    second = run_python(FIRST_REQUEST, *names, home=home)

    assert first == [["0", "0"], ["cryptography", "trustme"]]
    assert second == [["0", "0"], []]


# Connections of our own.


async def _connect(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(server.http.rpartition(":")[2]))


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _idle(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that was answered once and is kept open."""
    reader, writer = await _connect(server)
    writer.write(b"GET /_fake/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    return reader, writer


async def _hung_up(idle: asyncio.StreamReader) -> None:
    """Wait until the server closes an idle connection, as it does first of all when it stops."""
    async with asyncio.timeout(PATIENCE_S):
        await idle.read()


async def _refuses_at(host: str, port: int) -> None:
    """Wait until a port takes no connection any more."""
    async with asyncio.timeout(PATIENCE_S):
        # A connection that was accepted in the last moment is reset.
        with contextlib.suppress(ConnectionRefusedError, ConnectionResetError):
            while True:
                _, writer = await asyncio.open_connection(host, port)
                await _close(writer)
