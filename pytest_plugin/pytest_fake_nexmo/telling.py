"""How failures are told: what was wanted, the nearest miss field by field, and what happened around it.

Scenarios tell theirs by the same words, which stand in the house.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_fake_nexmo.entries import Entry, as_found, compared

if TYPE_CHECKING:
    from fake_nexmo.inside.chronicle import Line

LINES_SHOWN = 30
_HEAD_MOST = 5


def head(said: str) -> list[str]:
    """What a failure begins with, in lines; the first stands behind the name of its type."""
    from fake_nexmo.scenario.telling import NARROW, wrapped

    lines = wrapped(said, width=NARROW - len("NexmoFailure: "))
    return lines if len(lines) <= _HEAD_MOST else [*lines[:_HEAD_MOST], "    …"]


def wanted(fields: Mapping[str, Any]) -> str:
    """Fields as a test wrote them."""
    return ", ".join(f"{name}={_value(value)}" for name, value in fields.items()) or "any"


def miss(kind: str, entries: Sequence[Entry], fields: Mapping[str, Any]) -> list[str]:
    """What fits, if anything does, and the nearest miss, field by field."""
    from fake_nexmo.scenario import telling

    have = as_found(kind, entries)
    lines = [compared(each, fields) for each in entries]
    fitting = [found for found, said in zip(have, lines, strict=True) if all(one.fits for one in said)]
    return list(map(cut, telling.miss(kind, have, lines, fitting)[1]))


def found(kind: str, entries: Sequence[Entry]) -> list[str]:
    """Entries that are there, one in a line."""
    from fake_nexmo.scenario import telling

    return list(map(cut, telling.too_many(kind, as_found(kind, entries))))


def story(lines: Sequence[Line], messages: Sequence[Entry]) -> list[str]:
    """What happened: requests, webhooks, acts and moves of the clock, in order."""
    if not lines:
        return ["Nothing happened: no request reached this world."]
    texts = {part: each for each in messages for part in (each["ids"] or [each["id"]])}
    shown = lines[-LINES_SHOWN:]
    left = len(lines) - len(shown)
    head = f"What happened, the last {len(shown)} of {len(lines)}:" if left else "What happened:"
    return [head, *(cut(_told(line, texts)) for line in shown)]


def cut(line: str) -> str:
    """A line that fits 100 columns where pytest prints it."""
    from fake_nexmo.scenario.telling import NARROW
    from fake_nexmo.scenario.telling import cut as cut_to

    return cut_to(line, NARROW)


def _told(line: Line, messages: Mapping[str, Entry]) -> str:
    from fake_nexmo.scenario.telling import clock_time

    at = clock_time(line.at) if line.at else "            "
    said = f"  {at}  {line.kind:7}  {line.what}"
    if line.outcome:
        said += f"  -> {line.outcome}"
    message = messages.get(line.about)
    if message is not None and line.kind == "request":
        said += f"  to {message['to']} {_value(message['text'])}"
    return said


def _value(value: Any) -> str:
    return f"/{value.pattern}/" if isinstance(value, re.Pattern) else repr(value)
