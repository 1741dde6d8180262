"""wrk: one thread on a core of its own, and what it says afterwards."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench.machine import LOAD_CORE, pinned
from bench.processes import Process

CONNECTIONS = 16
HOW_TO_INSTALL = "wrk is missing; install it, on Debian and Ubuntu: apt-get install wrk"
SEND = "/sms/json"
_COUNTED_S = 90
_SCRIPT = Path(__file__).with_name("send.lua")


class Load(NamedTuple):
    """What came of one load.

    Attributes:
        per_s: answers per second.
        cpu_us: processor time of the server for each answer, in microseconds.
        p99_ms: the slowest hundredth took at least this long.
    """

    requests: int
    per_s: float
    cpu_us: float
    p99_ms: float


def installed() -> bool:
    """Whether wrk is there."""
    return shutil.which("wrk") is not None


def send(server: Process, seconds: int, *, path: str = SEND, script: Path = _SCRIPT) -> Load:
    """Send SMS for so long, or what another script asks for.

    Raises:
        RuntimeError: an answer was none of success, or wrk failed.
    """
    before = server.cpu_s()
    run = _wrk(server, seconds, path=path, script=script)
    used = server.cpu_s() - before
    if run.returncode or "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise RuntimeError(f"wrk: {run.stdout}{run.stderr}")
    requests = int(_found(r"(\d+) requests in", run.stdout))
    return Load(
        requests,
        float(_found(r"Requests/sec:\s*([\d.]+)", run.stdout)),
        used / max(requests, 1) * 1e6,
        _milliseconds(_found(r"99%\s+([\d.]+[mu]?s)", run.stdout)),
    )


def send_count(server: Process, count: int, *, vary: bool = False, callback: str = "") -> None:
    """Send so many SMS, and a few more, as many as are under way when the last is answered.

    Args:
        server: who is asked.
        count: how many; more than a minute and a half is not spent on them.
        vary: each message has a text of its own.
        callback: where receipts go.

    Raises:
        RuntimeError: an answer was not 200, or the time ran out.
    """
    run = _wrk(server, _COUNTED_S, str(count), "1" if vary else "0", *([callback] if callback else []))
    if run.returncode or run.stdout.count("requests in"):
        raise RuntimeError(f"wrk did not send {count} messages: status {run.returncode} {run.stdout}{run.stderr}")


def _wrk(
    server: Process, seconds: int, *arguments: str, path: str = SEND, script: Path = _SCRIPT
) -> subprocess.CompletedProcess[str]:
    command = [*pinned(LOAD_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script), f"{server.url}{path}", "--", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 30)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"wrk did not say {pattern!r}: {text}")
    return match[1]


def _milliseconds(text: str) -> float:
    size = float(text.rstrip("mus"))
    return size / 1000 if text.endswith("us") else size if text.endswith("ms") else size * 1000
