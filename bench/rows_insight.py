"""Rows about Number Insight: look-ups per second, and the first use of the numbering plan."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
from pathlib import Path

from bench import load
from bench.processes import HERE, PYTHON, Process, free_port, reference, started
from bench.rows_server import running
from bench.table import Row, ratios, say

_SCRIPT = Path(__file__).with_name("insight.lua")
_PATHS = {"basic": "/ni/basic/json", "advanced": "/ni/advanced/json"}
_GOALS = {"basic": ">= 0.7", "advanced": ""}
_FIRST_MS = 100
_FIRST = """
from time import perf_counter
began = perf_counter()
from fake_nexmo.numbering.number import describe
assert describe("447700900123").national == "07700 900123"
print((perf_counter() - began) * 1e3)
"""


def insight(*, quick: bool) -> list[Row]:
    """Look-ups per second beside the bare route, which parses the same form."""
    what = {level: f"Number Insight {level}" for level in _PATHS}
    if not load.installed():
        return [Row(name="insight", what=what["basic"], goal=_GOALS["basic"], note=load.HOW_TO_INSTALL)]
    rounds, seconds = (3, 1) if quick else (6, 3)
    port = free_port()
    with contextlib.ExitStack() as stack:
        bare = stack.enter_context(started(reference(port, "form"), port))
        ours = stack.enter_context(running("--clock", "manual"))
        measured: dict[str, list[load.Load]] = {name: [] for name in ("form", *_PATHS)}
        for k in range(rounds):
            for name, runs in measured.items():
                runs.append(_round(bare if name == "form" else ours, _PATHS.get(name, load.SEND), seconds))
            shown = ", ".join(
                f"{name} {runs[-1].per_s:.0f}/s {runs[-1].cpu_us:.0f} us" for name, runs in measured.items()
            )
            say(f"insight, round {k + 1} of {rounds}: {shown}")
    return [_compared(what[level], measured[level], measured["form"], _GOALS[level]) for level in _PATHS]


def _round(server: Process, path: str, seconds: int) -> load.Load:
    """One round, warmed up."""
    load.send(server, 1, path=path, script=_SCRIPT)
    return load.send(server, seconds, path=path, script=_SCRIPT)


def _compared(what: str, mine: list[load.Load], theirs: list[load.Load], goal: str) -> Row:
    ratio, spread = ratios([each.per_s for each in mine], [each.per_s for each in theirs])
    return Row(
        name="insight",
        what=what,
        figure=f"{statistics.median(each.per_s for each in mine):.0f}/s, "
        f"{statistics.median(each.cpu_us for each in mine):.1f} us of processor time",
        reference=f"{statistics.median(each.per_s for each in theirs):.0f}/s (form)",
        ratio=ratio,
        spread=spread,
        goal=goal,
        met=ratio >= 0.7 if goal else None,
    )


def first(*, quick: bool) -> list[Row]:
    """What the first number costs that is described: imports and tables."""
    took = [_once() for _ in range(7 if quick else 25)]
    median = statistics.median(took)
    say(f"first use of the numbering plan: {median:.1f} ms")
    return [
        Row(
            name="first",
            what="first use of the numbering plan: import, and describe one number",
            figure=f"{median:.1f} ms ({min(took):.1f}..{max(took):.1f})",
            goal=f"<= {_FIRST_MS} ms",
            met=median <= _FIRST_MS,
            note="in a fresh interpreter, which is not counted",
        )
    ]


def _once() -> float:
    done = subprocess.run([PYTHON, "-c", _FIRST], check=True, cwd=HERE.parent, capture_output=True, text=True)
    return float(done.stdout)
