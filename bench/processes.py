"""Server processes: started on a core of their own, watched through /proc, and ended by their id."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.machine import SERVER_CORE, pinned

HERE = Path(__file__).parent
PYTHON = sys.executable
KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
BALANCE = "80000000 EUR"
"""More than any load spends, and still money: the counter's guard is judged by every send."""

_TICKS = os.sysconf("SC_CLK_TCK")
_START_S = 30.0
_COMPLAINTS = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as we run


class Process:
    """A server that was started, with its port."""

    def __init__(self, popen: subprocess.Popen[bytes], port: int) -> None:
        self.popen = popen
        self.port = port

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """Seconds of processor time that it has used, user and system, all threads; NaN where there is no /proc."""
        try:
            fields = Path(f"/proc/{self.popen.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def rss(self) -> int:
        """Bytes of memory that it holds; 0 where there is no /proc."""
        try:
            pages = Path(f"/proc/{self.popen.pid}/statm").read_text(encoding="ascii").split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def call(self, method: str, path: str, content: Any = None, form: str = "", timeout: float = 60.0) -> Any:
        """Ask it something; the JSON of the answer, or its text.

        Raises:
            RuntimeError: the status is none of success.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            if form:
                connection.request(method, path, form, {"Content-Type": "application/x-www-form-urlencoded"})
            else:
                body = None if content is None else json.dumps(content)
                connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:200]}")
        return json.loads(text) if "json" in (answer.headers.get("content-type") or "") else text

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """Ask the control API about the world ``default``."""
        return self.call(method, f"/_fake/worlds/default/{path}", content)

    def make_rich(self) -> None:
        """Give the account more money than the load can spend."""
        self.control("PATCH", f"accounts/{KEY}", {"balance": BALANCE})

    def settle(self, timeout_s: float = 60.0) -> float:
        """Wait until it does nothing any more; how many seconds that took."""
        began = time.perf_counter()
        before = self.cpu_s()
        while time.perf_counter() - began < timeout_s:
            time.sleep(0.3)
            now = self.cpu_s()
            if now - before < 0.02:
                break
            before = now
        return time.perf_counter() - began


@contextlib.contextmanager
def started(
    command: Sequence[str], port: int, *, core: str = SERVER_CORE, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """A server process that accepts connections; ended, and killed if need be, when the block is left."""
    popen = launch(command, core=core, env=env)
    try:
        wait_for_port(popen, port)
        yield Process(popen, port)
    finally:
        end(popen)


def launch(command: Sequence[str], *, core: str = SERVER_CORE, env: Mapping[str, str] | None = None) -> Any:
    """Start a process and wait for nothing; ``env`` is added to our own."""
    return subprocess.Popen(
        [*pinned(core), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=_COMPLAINTS,
        env={**os.environ, **(env or {})},
        cwd=HERE.parent,
    )


def end(popen: subprocess.Popen[bytes]) -> None:
    """End a process of ours."""
    popen.terminate()
    try:
        popen.wait(5)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()


def wait_for_port(popen: subprocess.Popen[bytes], port: int) -> None:
    """Wait until somebody accepts connections there.

    Raises:
        RuntimeError: the process ended, or half a minute is over.
    """
    until = time.perf_counter() + _START_S
    while time.perf_counter() < until:
        if popen.poll() is not None:
            raise RuntimeError(f"a server ended with status {popen.returncode} before it answered: {_complaint()}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.01)
            continue
        return
    raise RuntimeError(f"a server did not listen within {_START_S:g} s: {popen.args!r}")


def _complaint() -> str:
    """The last line that any of our processes wrote to its standard error."""
    _COMPLAINTS.seek(0)
    lines = _COMPLAINTS.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def free_port() -> int:
    """A port of loopback that is free at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def emulator(port: int, *options: str) -> list[str]:
    """The command of a fake-nexmo server."""
    code = "from fake_nexmo.cli import main; main()"
    return [PYTHON, "-c", code, "serve", "--quiet", "--seed", "1", "--port", str(port), *options]


def reference(port: int, app: str = "form") -> list[str]:
    """The command of the bare server: ``form`` or ``qsl``, for how it parses, or ``receiver``."""
    if app == "receiver":
        return [PYTHON, str(HERE / "receiver.py"), str(port)]
    return [PYTHON, str(HERE / "echo.py"), app, str(port)]
