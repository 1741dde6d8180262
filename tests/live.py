"""Real servers for tests: ``fake-nexmo serve`` in a process of its own, worlds on it, and official client libraries.

Nothing here sleeps. A server's start is awaited by looking at its process and its ready file in turn, its end by
waiting for the process, and everything that may not come has a bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).with_name("fake-nexmo")
PATIENCE_S = 30.0
#: The instant at which the clock of `open_world` stands.
NOON = "2026-03-01T12:00:00Z"

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_TRUST = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without proxies, trust settings and names of the service, and with some more."""
    dropped = {*_PROXIES, *(name.lower() for name in _PROXIES), *_TRUST}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith(("FAKE_NEXMO_", "NEXMO_", "VONAGE_"))
    }
    return kept | more


class Stopped(NamedTuple):
    """A server that has ended.

    Attributes:
        status: the exit status; negative: the signal that ended it.
        pending: the lines of the pending file; None: there is no such file.
    """

    status: int
    out: str
    err: str
    pending: list[dict[str, str]] | None
    took_s: float


class Live:
    """A server in a process of its own.

    Attributes:
        ready: what the ready file said when it was first seen.
        folder: where its files are.
    """

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.ready: dict[str, Any] = {}

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready.json"

    @property
    def pending_file(self) -> Path:
        return self.folder / "pending.jsonl"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def http(self) -> str:
        return str(self.ready["http"])

    @property
    def https(self) -> str:
        return str(self.ready["https"])

    @property
    def place(self) -> str:
        """Host and port, as libraries take them."""
        return self.http.removeprefix("http://")

    @property
    def ca_file(self) -> str:
        return str(self.ready["ca_file"])

    @property
    def out(self) -> str:
        return (self.folder / "stdout").read_text()

    @property
    def err(self) -> str:
        return (self.folder / "stderr").read_text()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the server, and to nobody else."""
        self.process.send_signal(number)

    def wait(self) -> Stopped:
        """Wait for the end of a server that was told to stop."""
        began = time.monotonic()
        status = self.process.wait(PATIENCE_S)
        took_s = time.monotonic() - began
        pending = None
        if self.pending_file.exists():
            pending = [json.loads(line) for line in self.pending_file.read_text().splitlines()]
        return Stopped(status, self.out, self.err, pending, took_s)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Stopped:
        """Tell the server to stop, and wait for its end."""
        self.tell(number)
        return self.wait()

    def wait_until_ready(self) -> None:
        """Wait for the ready file; it is read once, so a half-written one would show."""
        until = time.monotonic() + PATIENCE_S
        while not self.ready_file.exists():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.005)
                raise AssertionError(f"the server ended with {self.process.returncode}: {self.err}")
            assert time.monotonic() < until, f"the server is not ready after {PATIENCE_S:g} s: {self.err}"
        self.ready = json.loads(self.ready_file.read_text())


@contextmanager
def open_live(folder: Path, *args: str, home: Path | None = None) -> Iterator[Live]:
    """A server on a free port, with its data, ready file and pending file in a folder; killed if it is still there."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = clean_environment(FAKE_NEXMO_HOME=str(home or folder / "home"))
    files = ["--ready-file", str(folder / "ready.json"), "--pending-file", str(folder / "pending.jsonl")]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        command = [str(COMMAND), "serve", "--port", "0", *files, *args]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
    live = Live(process, folder)
    try:
        live.wait_until_ready()
        yield live
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(PATIENCE_S)


def trusting(ca_file: str | Path) -> ssl.SSLContext:
    """A client's TLS context that trusts our authority and nobody else."""
    return ssl.create_default_context(cafile=str(ca_file))


class FarWorld:
    """A world on a running server, by its control API.

    Attributes:
        client: speaks to the server by plain HTTP.
    """

    def __init__(self, client: httpx.AsyncClient, made: Mapping[str, Any]) -> None:
        self.client = client
        self.name: str = made["world"]
        account = made["accounts"][0]
        self.key: str = account["api_key"]
        self.secret: str = account["api_secret"]
        self.signature_secret: str = account["signature_secret"]

    async def control(self, method: str, path: str, content: Any = None) -> Any:
        """Call the control API below the world; anything but success fails the test."""
        answer = await self.client.request(method, f"/_fake/worlds/{self.name}/{path}", json=content)
        assert answer.is_success, answer.text
        return answer.json()

    async def account(self, **facts: Any) -> dict[str, Any]:
        """Change facts of the account; the whole account afterwards."""
        changed: dict[str, Any] = await self.control("PATCH", f"accounts/{self.key}", facts)
        return changed

    async def balance(self) -> str:
        """The balance of the account, in a scenario's words."""
        return str((await self.account())["balance"])

    async def items(self, collection: str, **query: str) -> list[dict[str, Any]]:
        """The entries of a collection."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        found: list[dict[str, Any]] = (await self.control("GET", f"{collection}?{asked}"))["items"]
        return found

    async def advance(self, by: str) -> dict[str, Any]:
        """Advance the clock."""
        done: dict[str, Any] = await self.control("POST", "clock/advance", {"by": by})
        return done

    async def send(self, **params: str) -> list[dict[str, str]]:
        """Send an SMS with the world's credentials; the messages of the answer."""
        given = {"api_key": self.key, "api_secret": self.secret, "from": "Acme", "to": "447700900001", "text": "Hi"}
        given |= {name.rstrip("_").replace("__", "-"): value for name, value in params.items()}
        answer = await self.client.post("/sms/json", data=given)
        assert answer.status_code == 200, answer.text
        messages: list[dict[str, str]] = answer.json()["messages"]
        return messages


@asynccontextmanager
async def open_client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server, with as many connections as it likes."""
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_S, limits=limits) as client:
        yield client


async def make_world(client: httpx.AsyncClient, name: str, clock: Any = None, seed: int = 42) -> FarWorld:
    """A fresh world; absent a clock, it stands still at `NOON`. Worlds of one seed draw the same message ids."""
    wanted = {"name": name, "seed": seed, "clock": clock or {"mode": "manual", "start": NOON}}
    answer = await client.post("/_fake/worlds", json=wanted)
    assert answer.status_code == 201, answer.text
    return FarWorld(client, answer.json())


@asynccontextmanager
async def open_world(url: str, name: str, clock: Any = None) -> AsyncIterator[FarWorld]:
    """A fresh world on a server, and a client for it."""
    async with open_client(url) as client:
        yield await make_world(client, name, clock)


# Official client libraries.


class Sdk:
    """A client library at work in its own virtual environment, told line by line what to do."""

    def __init__(self, orders: asyncio.StreamWriter, outcomes: asyncio.StreamReader) -> None:
        self._orders = orders
        self._outcomes = outcomes

    async def call(self, what: str, **params: Any) -> Any:
        """Have it do one thing; what the library returned, or ``{"raised": …, "text": …}``."""
        self._orders.write(json.dumps({"call": what, "params": params}).encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            line = await self._outcomes.readline()
        assert line, "the script ended"
        return json.loads(line)


def sdk_python(name: str) -> Path:
    """The interpreter of a library's virtual environment; without one the test is skipped."""
    python = ROOT / ".sdk" / name / "bin" / "python"
    if not python.exists():
        pytest.skip(f"the library {name} is not installed: 'make .sdk/{name}/.set-up' installs it")
    return python


@asynccontextmanager
async def open_sdk(name: str, script: str = "drive", **environment: str) -> AsyncIterator[Sdk]:
    """A library's script from ``tests/sdk/scripts``, in an environment without other proxies and trust settings.

    Without the library the test is skipped.
    """
    process = await asyncio.create_subprocess_exec(
        sdk_python(name),
        ROOT / "tests" / "sdk" / "scripts" / f"{script}_{name}.py",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,  # a whole price list is one line
        env=clean_environment(**environment),
    )
    assert process.stdin, "the script was started with pipes"
    assert process.stdout, "the script was started with pipes"
    try:
        yield Sdk(process.stdin, process.stdout)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
