"""Rows, and how they are printed."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

_BEGAN = time.perf_counter()


class Row(Struct, kw_only=True):
    """One line of the table.

    Attributes:
        figure: what was measured, with its unit; empty: it was not.
        reference: what it is compared with, measured in the same run; empty: nothing.
        ratio: the figure over its reference.
        spread: lowest and highest ratio of the rounds.
        goal: what is to be reached; empty: the row is for orientation.
        met: None: there is no goal, or nothing was measured.
        note: how it was measured, or why it was not.
    """

    name: str
    what: str
    figure: str = ""
    reference: str = ""
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    goal: str = ""
    met: bool | None = None
    note: str = ""


def say(text: str) -> None:
    """A line of progress."""
    print(f"bench: {time.perf_counter() - _BEGAN:5.1f} s  {text}", file=sys.stderr, flush=True)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """Median of the ratios of rounds, and the lowest and highest of them."""
    each = [a / b for a, b in zip(ours, theirs, strict=True)]
    return statistics.median(each), (min(each), max(each))


def text(rows: Sequence[Row]) -> str:
    """The table as it is printed."""
    head = ("what", "figure", "reference", "ratio (spread)", "goal", "met")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"[{k}] {row.note}" for k, row in _noted(rows)]
    marks = {id(row): k for k, row in _noted(rows)}
    for at, row in enumerate(rows):
        if id(row) in marks:
            lines[at + 2] += f"  [{marks[id(row)]}]"
    return "\n".join([*lines, "", *notes])


def as_json(rows: Sequence[Row], facts: dict[str, str]) -> dict[str, Any]:
    """What ``--json`` writes."""
    return {"machine": facts, "rows": rows}


def _noted(rows: Sequence[Row]) -> list[tuple[int, Row]]:
    return list(enumerate((row for row in rows if row.note), 1))


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    if row.spread is not None:
        ratio += f" ({row.spread[0]:.2f}..{row.spread[1]:.2f})"
    met = "" if row.met is None else "met" if row.met else "NOT MET"
    return (row.what, row.figure or "not run", row.reference, ratio, row.goal, met)
