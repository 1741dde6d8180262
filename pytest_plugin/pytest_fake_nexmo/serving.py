"""A server for a whole run of tests: one process, shared by all workers of pytest-xdist.

The first worker that needs it starts it, the last one that had it ends it. They agree by files in a folder that all
workers of a run share: who holds ``lock`` may start or end it, and each has a file of its own in ``users``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pytest_fake_nexmo.errors import NexmoUsageError

_PATIENCE_S = 30.0
_LOOK_AGAIN_S = 0.01
_START = "from fake_nexmo.cli import main; main()"


class Server:
    """A live server.

    Attributes:
        http: its origins, and its address as a proxy.
        control: the origin and path of its control API.
        ca_file: the certificate of its local authority, and ``bundle`` that and the public roots.
    """

    def __init__(self, url: str) -> None:
        import httpx

        self.http = url.rstrip("/")
        self.https = self.http.replace("http://", "https://", 1)
        self.proxy = self.http
        self.control = f"{self.http}/_fake"
        self.client = httpx.Client(base_url=self.control, trust_env=False, timeout=60)
        self._trust: tuple[Path, Path] | None = None

    @property
    def ca_file(self) -> Path:
        """See the class."""
        return self._trusted()[0]

    @property
    def bundle(self) -> Path:
        """See the class."""
        return self._trusted()[1]

    def ask(self, method: str, path: str, content: Any = None) -> Any:
        """Call the control API, below ``/_fake``.

        Raises:
            NexmoUsageError: it did not do it, or nobody is there.
            LookupError: there is no such thing.
        """
        __tracebackhide__ = True
        import httpx

        try:
            answer = self.client.request(method, path, json=content)
        except httpx.HTTPError as error:
            raise NexmoUsageError(f"no fake-nexmo server answers at {self.http}: {error}") from None
        read = answer.json() if answer.content else None
        if answer.status_code < 300:
            return read
        detail = read.get("detail", answer.text) if isinstance(read, dict) else answer.text
        if answer.status_code == 404:
            raise LookupError(detail)
        raise NexmoUsageError(detail)

    def _trusted(self) -> tuple[Path, Path]:
        if self._trust is None:
            from fake_nexmo.authority import trust_files

            self._trust = trust_files(self.client.get("/ca.pem").text)
        return self._trust


@contextmanager
def open_server(url: str | None, folder: Path) -> Iterator[Server]:
    """A server: the one that runs at a URL, else one that is started for this run in a folder that its workers share.

    Raises:
        NexmoUsageError: nobody answers at the URL, or it could not be started.
    """
    if url:
        with _met(url) as met:
            yield met
        return
    folder.mkdir(parents=True, exist_ok=True)
    users = folder / "users"
    mine = users / str(os.getpid())
    with _locked(folder):
        users.mkdir(exist_ok=True)
        if not any(users.iterdir()):
            _begin(folder)
        mine.touch()
    try:
        with _met(json.loads((folder / "ready.json").read_text())["http"]) as server:
            yield server
    finally:
        with _locked(folder):
            mine.unlink()
            if not any(users.iterdir()):
                _end(folder)


@contextmanager
def _met(url: str) -> Iterator[Server]:
    """A server that answers; the connection to it is closed at the end."""
    server = Server(url)
    try:
        server.ask("GET", "/health")
        yield server
    finally:
        server.client.close()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone among the workers; a lock that was left by one that died is broken after a while."""
    lock = folder / "lock"
    until = time.monotonic() + 2 * _PATIENCE_S
    while True:
        try:
            lock.mkdir()
        except FileExistsError:
            if time.monotonic() > until:
                raise NexmoUsageError(f"{lock} is held by a worker that does not give it back; remove it") from None
            time.sleep(_LOOK_AGAIN_S)
        else:
            break
    try:
        yield
    finally:
        lock.rmdir()


def _begin(folder: Path) -> None:
    """Start the server and wait until it answers."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-c", _START, "serve", "--port", "0", "--quiet", "--ready-file", str(ready)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_inherited(os.environ)
        )
    (folder / "pid").write_text(str(process.pid))
    until = time.monotonic() + _PATIENCE_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            said = (folder / "server.log").read_text(errors="replace").strip()
            raise NexmoUsageError(f"the server did not start: {said or 'it said nothing'}")
        time.sleep(_LOOK_AGAIN_S)
    _processes[process.pid] = process


_processes: dict[int, subprocess.Popen[bytes]] = {}


def _end(folder: Path) -> None:
    """End the server and wait until it has ended, where it is a child of ours."""
    pid = int((folder / "pid").read_text())
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    process = _processes.pop(pid, None)
    if process is not None:
        process.wait(_PATIENCE_S)


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the server; a coverage tool or a proxy of the tests' own is no business of its."""
    return {name: value for name, value in environment.items() if not name.lower().endswith("_proxy")}
