"""Rows beside mock servers made for any API: Prism and Mockoon, installed under ``.bench/node`` when asked for."""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench import load
from bench.processes import HERE, free_port, started
from bench.rows_server import running
from bench.table import Row, ratios, say

_FOLDER = HERE.parent / ".bench" / "node"
_SPEC = str(HERE / "sms.openapi.json")
_WARM_S = 3


class Peer(NamedTuple):
    """A mock server.

    Attributes:
        arguments: of its command; ``PORT`` stands for the port.
        goal: how many times its rate is to be reached.
    """

    name: str
    package: str
    binary: str
    arguments: tuple[str, ...]
    goal: float


_PRISM = ("mock", "--host", "127.0.0.1", "--port", "PORT", _SPEC)
_MOCKOON = ("start", "--data", _SPEC, "--port", "PORT", "--hostname", "127.0.0.1", "--disable-log-to-file")
PEERS = (
    Peer("Prism", "@stoplight/prism-cli", "prism", _PRISM, 12),
    Peer("Prism, its log off", "@stoplight/prism-cli", "prism", (*_PRISM, "--verboseLevel", "silent"), 12),
    Peer("Mockoon", "@mockoon/cli", "mockoon-cli", _MOCKOON, 6),
)


def peers(*, quick: bool, wanted: bool) -> list[Row]:
    """Sends per second beside each peer that is installed, or can be."""
    if not wanted:
        return [_not_run(peer, "not run: --peers") for peer in PEERS]
    if not load.installed():
        return [_not_run(peer, load.HOW_TO_INSTALL) for peer in PEERS]
    return [_against(peer, quick=quick) for peer in PEERS]


def _against(peer: Peer, *, quick: bool) -> Row:
    binary = _FOLDER / "node_modules" / ".bin" / peer.binary
    why = "" if binary.exists() else _install(peer.package)
    if why:
        return _not_run(peer, why)
    try:
        ours, theirs = _measured(peer, binary, rounds=2 if quick else 4, seconds=1 if quick else 3)
    except RuntimeError as error:
        return _not_run(peer, f"{peer.name} did not do it: {error}".splitlines()[0])
    ratio, spread = ratios([each.per_s for each in ours], [each.per_s for each in theirs])
    per_s = statistics.median(each.per_s for each in theirs)
    cpu_us = statistics.median(each.cpu_us for each in theirs)
    mine = statistics.median(each.per_s for each in ours)
    say(f"{peer.name}: {per_s:.0f}/s, {cpu_us:.0f} us; ours {mine:.0f}/s")
    return Row(
        name="peers",
        what=f"SMS send beside {peer.name}",
        figure=f"{mine:.0f}/s",
        reference=f"{per_s:.0f}/s, {cpu_us:.0f} us of processor",
        ratio=ratio,
        spread=spread,
        goal=f">= {peer.goal:g}",
        met=ratio >= peer.goal,
        note="ours on --clock real: receipts are carried out too",
    )


def _measured(peer: Peer, binary: Path, *, rounds: int, seconds: int) -> tuple[list[load.Load], list[load.Load]]:
    """Loads of ours and of the peer, in turns, after both have been warmed up: node compiles as it goes."""
    port = free_port()
    ours, theirs = [], []
    with contextlib.ExitStack() as stack:
        command = [str(binary), *(each.replace("PORT", str(port)) for each in peer.arguments)]
        other = stack.enter_context(started(command, port))
        server = stack.enter_context(running("--clock", "real"))
        load.send(other, _WARM_S)
        for _ in range(rounds):
            theirs.append(load.send(other, seconds))
            load.send(server, 1)
            ours.append(load.send(server, seconds))
            server.settle()
    return ours, theirs


def _not_run(peer: Peer, why: str) -> Row:
    return Row(name="peers", what=f"SMS send beside {peer.name}", goal=f">= {peer.goal:g}", note=why)


def _install(package: str) -> str:
    """Install with npm; why it did not work, or nothing."""
    if shutil.which("npm") is None:
        return "npm is missing"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    say(f"npm install {package}")
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", package]
    run = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, check=False, timeout=240)
    return f"npm install {package} failed: {run.stderr[:200]}" if run.returncode else ""
