"""How failures are told: what was wanted, the nearest miss field by field, and what happened around it.

Everything fits 100 columns, the eight that pytest puts in front of a failure in a function included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from pytest_fake_nexmo.entries import Entry, field_fits, nearest

if TYPE_CHECKING:
    from fake_nexmo.inside.chronicle import Line

WIDTH = 92
LINES_SHOWN = 30
# How much of two long texts is shown before and after the place where they part.
_BEFORE, _AFTER = 20, 20


def wanted(fields: Mapping[str, Any]) -> str:
    """Fields as a test wrote them."""
    return ", ".join(f"{name}={_value(value)}" for name, value in fields.items()) or "any"


def miss(kind: str, entries: Sequence[Entry], fields: Mapping[str, Any]) -> list[str]:
    """The nearest miss, field by field."""
    near = nearest(entries, fields)
    if near is None:
        return [f"There is no {kind} at all."]
    of = f"The nearest of {len(entries)} {kind}s" if len(entries) > 1 else f"The only {kind}"
    lines = [cut(f"{of}, {titled(near)}:")]
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        has = near.get(name)
        if field_fits(name, has, value):
            lines.append(cut(f"    {name.ljust(width)}  {has!r}"))
        else:
            seen, meant = _apart(has, value, WIDTH - width - len("  x " + "  wanted "))
            lines += [cut(f"  x {name.ljust(width)}  {seen}"), cut(f"    {''.ljust(width)}  wanted {meant}")]
    return lines


def titled(entry: Entry) -> str:
    """An entry in a few words."""
    name = next((str(entry[word]) for word in ("id", "uuid", "request_id", "operation", "name") if entry.get(word)), "")
    way = " to ".join(str(entry[word]) for word in ("from", "to") if entry.get(word))
    return " ".join(each for each in (name, way, f"at {_time(entry['at'])}") if each)


def found(kind: str, entries: Sequence[Entry]) -> list[str]:
    """Entries that are there, one in a line."""
    lines = [f"  {titled(each)}  {_value(each['text']) if each.get('text') else ''}".rstrip() for each in entries]
    fitting = f"is one {kind} that fits" if len(entries) == 1 else f"are {len(entries)} {kind}s that fit"
    return [f"There {fitting}:", *map(cut, lines)]


def story(lines: Sequence[Line], messages: Sequence[Entry]) -> list[str]:
    """What happened: requests, webhooks, acts and moves of the clock, in order."""
    if not lines:
        return ["Nothing happened: no request reached this world."]
    texts = {part: each for each in messages for part in (each["ids"] or [each["id"]])}
    shown = lines[-LINES_SHOWN:]
    left = len(lines) - len(shown)
    head = f"What happened, the last {len(shown)} of {len(lines)}:" if left else "What happened:"
    return [head, *(cut(_told(line, texts)) for line in shown)]


def counted(count: int, kind: str) -> str:
    """``no message``, ``one message``, ``2 messages``."""
    return f"{ {0: 'no', 1: 'one'}.get(count, count) } {kind}{'' if count < 2 else 's'}"


def place(url: str) -> str:
    """A URL without query and credentials, which may hold secrets."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def folded(said: str) -> list[str]:
    """A saying of any length, in lines that fit."""
    return [line for each in said.splitlines() for line in wrap(each, WIDTH, subsequent_indent="  ")]


def cut(line: str) -> str:
    """A line that fits."""
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _apart(has: Any, wanted: Any, room: int) -> tuple[str, str]:
    """Two values, so that what tells them apart stands within so many characters of their beginning."""
    if not isinstance(has, str) or not isinstance(wanted, str) or wanted.startswith("/"):
        return repr(has), _value(wanted)
    pairs = enumerate(zip(has, wanted, strict=False))
    same = next((k for k, (one, other) in pairs if one != other), min(len(has), len(wanted)))
    if same < room - _AFTER:
        return repr(has), repr(wanted)
    begin = same - _BEFORE
    return f"…{has[begin:]!r}", f"…{wanted[begin:]!r}"


def _told(line: Line, messages: Mapping[str, Entry]) -> str:
    from fake_nexmo.core.instant import rfc3339

    at = _time(rfc3339(line.at)) if line.at else "            "
    said = f"  {at}  {line.kind:7}  {line.what}"
    if line.outcome:
        said += f"  -> {line.outcome}"
    message = messages.get(line.about)
    if message is not None and line.kind == "request":
        said += f"  to {message['to']} {_value(message['text'])}"
    return said


def _time(instant: str) -> str:
    """The time of the day, of an RFC 3339 instant."""
    return instant.partition("T")[2].removesuffix("Z")


def _value(value: Any) -> str:
    return f"/{value.pattern}/" if isinstance(value, re.Pattern) else repr(value)
