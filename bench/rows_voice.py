"""Rows about the Voice API: calls made per second, each with a token of its application."""

from __future__ import annotations

import contextlib
import re
import statistics
import subprocess
import time
from pathlib import Path

import jwt

from bench import load
from bench.machine import LOAD_CORE, pinned
from bench.processes import Process, free_port, reference, started
from bench.rows_server import running
from bench.table import Row, ratios, say

_SCRIPT = Path(__file__).with_name("voice.lua")
_GOAL = 0.4


def voice(*, quick: bool) -> list[Row]:
    """Calls made per second, the token checked each time, beside the bare route that parses a form.

    Raises:
        RuntimeError: a call was not made, or wrk failed.
    """
    what = "call made: token checked, NCCO checked, stored, reported (--clock manual)"
    if not load.installed():
        return [Row(name="voice", what=what, goal=f">= {_GOAL}", note=load.HOW_TO_INSTALL)]
    rounds, seconds = (3, 1) if quick else (6, 3)
    port = free_port()
    ours, theirs = [], []
    with started(reference(port, "form"), port) as bare, running("--clock", "manual") as server:
        for k in range(rounds):
            server.control("POST", "reset")
            token = _token(server)
            with contextlib.suppress(RuntimeError):
                _create(server, token, 1)  # to be warm
            ours.append(_create(server, token, seconds))
            theirs.append(load.send(bare, seconds).per_s)
            say(f"voice, round {k + 1} of {rounds}: {ours[-1]:.0f}/s beside {theirs[-1]:.0f}/s")
    ratio, spread = ratios(ours, theirs)
    return [
        Row(
            name="voice",
            what=what,
            figure=f"{statistics.median(ours):.0f}/s",
            reference=f"{statistics.median(theirs):.0f}/s (form)",
            ratio=ratio,
            spread=spread,
            goal=f">= {_GOAL}",
            met=ratio >= _GOAL,
            note="one token for all calls of a round, as libraries that cache theirs do",
        )
    ]


def _token(server: Process) -> str:
    """A token of the world's application, good for a quarter of an hour."""
    known = server.call("GET", "/_fake/worlds/default")["applications"][0]
    claims = {"application_id": known["id"], "iat": int(time.time()), "jti": "1298498081"}
    return jwt.encode(claims, known["private_key"], "RS256")


def _create(server: Process, token: str, seconds: int) -> float:
    """Make calls for so long; how many a second."""
    command = [*pinned(LOAD_CORE), "wrk", "-t1", f"-c{load.CONNECTIONS}", f"-d{seconds}s", "-s", str(_SCRIPT)]
    run = subprocess.run(
        [*command, f"{server.url}/v1/calls", "--", token],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 30,
    )
    found = re.search(r"Requests/sec:\s*([\d.]+)", run.stdout)
    if run.returncode or found is None or "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise RuntimeError(f"wrk: {run.stdout}{run.stderr}")
    return float(found[1])
