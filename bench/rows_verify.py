"""Rows about Verify: checks per second, and a whole life of a verification."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from bench import load
from bench.inside import FORM, Inside, clean, scope, step, step_app
from bench.machine import LOAD_CORE, pinned
from bench.processes import KEY, SECRET, Process, free_port, reference, started
from bench.rows_server import running
from bench.table import Row, ratios, say

_SCRIPT = Path(__file__).with_name("check.lua")
_WHAT = "Verify check, the right code of a verification each"
_GOAL = ">= 0.7"
_CODE = "1234"


def check(*, quick: bool) -> list[Row]:
    """Checks per second, and processor time per check, beside the bare route."""
    if not load.installed():
        return [Row(name="check", what=_WHAT, goal=_GOAL, note=load.HOW_TO_INSTALL)]
    rounds, count = (3, 3_000) if quick else (6, 10_000)
    port = free_port()
    ours, theirs = [], []
    with started(reference(port), port) as bare, running("--clock", "manual") as server:
        for k in range(rounds):
            server.control("POST", "reset")
            server.make_rich()
            server.control("PATCH", f"accounts/{KEY}", {"code": _CODE})
            ids = list(_started(server, count))
            ours.append(_checks(server, "/verify/check/json", ids))
            theirs.append(_checks(bare, "/sms/json", ids))
            say(f"check, round {k + 1} of {rounds}: {ours[-1].per_s:.0f}/s against {theirs[-1].per_s:.0f}/s")
            stand = server.call("GET", f"/_fake/worlds/default/verifications/{ids[-1]}")
            assert stand["phase"] == "SUCCESS", "the codes were right"
    ratio, spread = ratios([each.per_s for each in ours], [each.per_s for each in theirs])
    cpu, cpu_spread = ratios([each.cpu_us for each in theirs], [each.cpu_us for each in ours])
    return [
        Row(
            name="check",
            what=_WHAT,
            figure=f"{statistics.median(each.per_s for each in ours):.0f}/s",
            reference=f"{statistics.median(each.per_s for each in theirs):.0f}/s (form)",
            ratio=ratio,
            spread=spread,
            goal=_GOAL,
            met=ratio >= 0.7,
        ),
        Row(
            name="check",
            what="  processor time of the server",
            figure=f"{statistics.median(each.cpu_us for each in ours):.1f} us each",
            reference=f"{statistics.median(each.cpu_us for each in theirs):.1f} us (form)",
            ratio=cpu,
            spread=cpu_spread,
            goal=_GOAL,
            met=cpu >= 0.7,
            note="reference over ours; steadier than the rate when others use the machine",
        ),
    ]


def verify(*, quick: bool) -> list[Row]:
    """Workflow 1 from its start to its expiry: 605 virtual seconds, one SMS and two calls."""
    inside = Inside()
    took = []
    for k in range(20 if quick else 200):
        clean()
        began = time.perf_counter()
        _start(inside, _number(k))
        step(inside.engine.advance("default", 605 * 1_000_000))
        took.append(time.perf_counter() - began)
    page = step(inside.engine.store.since("default", _verification(inside), 0))
    assert {each.phase for each in page.items} == {"EXPIRED"}, "each has lived to its end"  # type: ignore[union-attr]
    median = statistics.median(took)
    say(f"verify: {median * 1e3:.2f} ms")
    return [
        Row(
            name="verify",
            what="a verification from start to expiry in-process, 605 virtual seconds, three events",
            figure=f"{median * 1e3:.2f} ms",
            goal="<= 10 ms",
            met=median <= 0.01,
        )
    ]


def _number(k: int) -> str:
    """One of ten thousand French numbers for fiction; none of them has a character by its digits."""
    return f"3363998{k:04d}"


def _verification(inside: Inside) -> type:
    kind: type = inside.engine.registry["verify"].collections["verifications"].kind
    return kind


def _start(inside: Inside, number: str) -> None:
    body = urlencode({"api_key": KEY, "api_secret": SECRET, "number": number, "brand": "Acme"}).encode()
    headers = ((b"content-type", FORM.encode()),)
    answer = json.loads(step_app(inside.app, scope("POST", "/verify/json", headers), body)[2])
    assert answer["status"] == "0", answer


def _started(server: Process, count: int) -> Iterator[str]:
    """Verifications that are in progress."""
    for k in range(count):
        form = urlencode({"api_key": KEY, "api_secret": SECRET, "number": _number(k), "brand": "Acme"})
        yield server.call("POST", "/verify/json", form=form)["request_id"]


def _checks(server: Process, path: str, ids: list[str]) -> load.Load:
    """One check for each request id.

    Raises:
        RuntimeError: an answer was not 200, or wrk failed.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".ids") as file:
        file.write("\n".join(ids) + "\n")
        file.flush()
        command = [*pinned(LOAD_CORE), "wrk", "-t1", f"-c{load.CONNECTIONS}", "-d90s", "-s", str(_SCRIPT)]
        before, began = server.cpu_s(), time.perf_counter()
        run = subprocess.run(
            [*command, f"{server.url}{path}", "--", file.name], capture_output=True, text=True, check=False, timeout=120
        )
        took, used = time.perf_counter() - began, server.cpu_s() - before
    if run.returncode or "requests in" in run.stdout:
        raise RuntimeError(f"wrk: status {run.returncode} {run.stdout}{run.stderr}")
    return load.Load(len(ids), len(ids) / took, used / len(ids) * 1e6, float("nan"))
