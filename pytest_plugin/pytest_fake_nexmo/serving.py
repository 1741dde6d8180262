"""A server for a whole run of tests: one process, shared by all workers of pytest-xdist.

Who runs the whole, pytest itself or the controller of pytest-xdist, keeps a `Watch`. The first process that needs the
server starts it, and is the first because it makes the file ``claim``; the others wait until it is ready. The server
holds a connection to the watch and ends itself when that ends: when the run does, and when who runs it dies.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pytest_fake_nexmo.errors import NexmoUsageError

_PATIENCE_S = 30.0
_LOOK_AGAIN_S = 0.01
_WATCHED = Path(__file__).with_name("watched.py")


class Share:
    """What the processes of one run agree by.

    Attributes:
        folder: where they meet.
        port: of loopback, where the server's watch is kept.
        process: the server, where this process has started it.
    """

    def __init__(self, folder: str, port: int) -> None:
        self.folder = Path(folder)
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    def leave(self) -> None:
        """Let the server be, which lives on."""
        if self.process is not None:
            # Else it would be warned of, since nobody has waited for it.
            self.process.returncode = 0


class Watch(Share):
    """What who runs the whole keeps: a port that nobody is answered at, and the folder of the run."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(tempfile.mkdtemp(prefix="fake-nexmo-"), self._listener.getsockname()[1])

    def close(self) -> None:
        """Let the server end, if one was started, and wait until it has."""
        self._listener.setblocking(False)
        with suppress(BlockingIOError):
            connection, _ = self._listener.accept()
            with connection, suppress(OSError):
                connection.settimeout(_PATIENCE_S)
                connection.shutdown(socket.SHUT_WR)
                # Its end of the connection lives as long as it does.
                connection.recv(1)
        self._listener.close()
        if self.process is not None:
            self.process.wait(_PATIENCE_S)
        shutil.rmtree(self.folder, ignore_errors=True)


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
def open_server(url: str | None, share: Share | None = None) -> Iterator[Server]:
    """A server: the one that runs at a URL, else the one of this run, which is started if need be.

    Args:
        url: None: none runs.
        share: by which the processes of the run agree; None: this process is the only one.

    Raises:
        NexmoUsageError: nobody answers at the URL, or it could not be started.
    """
    if url:
        with _met(url) as met:
            yield met
        return
    shared, leave = (share, share.leave) if share is not None else _alone()
    try:
        with _met(_shared(shared)) as server:
            yield server
    finally:
        leave()


def _alone() -> tuple[Share, Callable[[], None]]:
    watch = Watch()
    return watch, watch.close


@contextmanager
def _met(url: str) -> Iterator[Server]:
    """A server that answers; the connection to it is closed at the end."""
    server = Server(url)
    try:
        server.ask("GET", "/health")
        yield server
    finally:
        server.client.close()


def _shared(share: Share) -> str:
    """The origin of the server of a run."""
    try:
        (share.folder / "claim").touch(exist_ok=False)
    except FileExistsError:
        return _awaited(share)
    try:
        return _begun(share)
    except NexmoUsageError as error:
        _write(share.folder / "failed", str(error))
        raise


def _begun(share: Share) -> str:
    """Start the server and wait until it answers."""
    ready = share.folder / "ready.json"
    command = [sys.executable, str(_WATCHED), str(share.port), str(share.folder), "serve", "--port", "0", "--quiet"]
    with (share.folder / "server.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--ready-file", str(ready)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_inherited(os.environ),
            # Who presses Ctrl-C means the tests; they end the server when they are done.
            start_new_session=True,
        )
    until = time.monotonic() + _PATIENCE_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            process.wait()
            said = (share.folder / "server.log").read_text(errors="replace").strip()
            raise NexmoUsageError(f"the server did not start: {said or 'it said nothing'}")
        time.sleep(_LOOK_AGAIN_S)
    share.process = process
    return _origin(share)


def _awaited(share: Share) -> str:
    """Wait until the server that another process starts answers."""
    until = time.monotonic() + _PATIENCE_S
    while not (share.folder / "ready.json").exists():
        failed = share.folder / "failed"
        if failed.exists():
            raise NexmoUsageError(failed.read_text())
        if time.monotonic() > until:
            raise NexmoUsageError("the server did not start: the worker that began to start it has ended")
        time.sleep(_LOOK_AGAIN_S)
    return _origin(share)


def _origin(share: Share) -> str:
    read: dict[str, Any] = json.loads((share.folder / "ready.json").read_text())
    return str(read["http"])


def _write(path: Path, text: str) -> None:
    """Write a file that nobody sees half of."""
    half = path.with_suffix(".half")
    half.write_text(text)
    half.replace(path)


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the server; a coverage tool or a proxy of the tests' own is no business of its."""
    return {name: value for name, value in environment.items() if not name.lower().endswith("_proxy")}
