"""How verdicts are told: what was expected, the nearest miss field by field, and what happened around it. Pure.

Scenarios and tests in Python are told by the same words. Every line fits 100 columns where it is printed two columns
in; pytest prints eight columns in, so what it shows is cut to `NARROW`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from fake_nexmo.core.instant import duration_words, rfc3339
from fake_nexmo.scenario.document import Expectation
from fake_nexmo.scenario.matching import Compared, Found, Span
from fake_nexmo.scenario.sayings import expectation

WIDTH = 98
NARROW = 92
AROUND = 6
"""How many things that happened are shown before what it is about, and how many after."""

LISTED = 10
"""How many entries are listed where there are more; the others are counted."""

# How much of two long texts is shown before and after the place where they part.
_BEFORE, _AFTER = 20, 20


class Happened(Struct, frozen=True, order=True):
    """Something that happened: when, in which order, and what."""

    at: int
    made: int
    what: str


def heading(each: Expectation) -> str:
    """What was expected."""
    return f"Expected: {expectation(each)}"


def wanted(each: Expectation, least: int, most: int | None) -> str:
    """How often what was expected."""
    if most == 0:
        often = "never"
    elif least == most:
        often = "once" if least == 1 else f"{least} times"
    elif most is None:
        often = "at least once" if least == 1 else f"{least} times or more"
    else:
        often = f"{least} to {most} times"
    return f"Expected {often}: {expectation(each).removeprefix('never ')}"


def too_many(kind: str, found: Sequence[Found]) -> list[str]:
    """Entries that fit, where fewer should."""
    fit = f"is one {kind} that fits" if len(found) == 1 else f"are {len(found)} {kind}s that fit"
    return [f"There {fit}:", *listed([f"    {titled(each)}{_said(each)}" for each in found])]


def listed(lines: Sequence[str]) -> list[str]:
    """Lines of a list; of a long one the first, and how many more there are."""
    left = len(lines) - LISTED
    return [*lines] if left <= 1 else [*lines[:LISTED], f"    … and {left} more"]


def miss(
    kind: str, entries: Sequence[Found], lines: Sequence[Sequence[Compared]], fitting: Sequence[Found]
) -> tuple[Found | None, list[str]]:
    """The nearest miss, and its fields beside what was wanted: of those with most fields that fit, the newest."""
    missed = [(found, said) for found, said in zip(entries, lines, strict=True) if not all(one.fits for one in said)]
    why = too_many(kind, fitting) if fitting else []
    if not missed:
        return None, why or [f"There is no {kind} at all."]
    near, fields = max(reversed(missed), key=lambda each: sum(one.fits for one in each[1]))
    of = f"The nearest of {len(missed)} {kind}s" if len(missed) > 1 else f"The only {'other ' if why else ''}{kind}"
    width = max(len(one.name) for one in fields)
    told = [f"{of}, {titled(near)}:"]
    for one in fields:
        if one.fits:
            told.append(f"    {one.name.ljust(width)}  {_value(one.has)}")
        else:
            seen, meant = _apart(one.has, one.wanted, NARROW - width - len("    " + "  wanted "))
            told += [f"  x {one.name.ljust(width)}  {seen}", f"    {' ' * width}  wanted {meant}"]
    return near, [*why, *told]


def sequence(names: Sequence[str], places: Sequence[Found | None]) -> list[str]:
    """When things happened that should have happened in an order."""
    width = max(map(len, names), default=0)
    told, before = [], -1
    for name, place in zip(names, places, strict=True):
        if place is None:
            told.append(f"  x {name.ljust(width)}  did not happen")
            continue
        late = place.made < before
        said = ", too early" if late else ""
        told.append(f"  {'x' if late else ' '} {name.ljust(width)}  {titled(place)}{said}")
        before = max(before, place.made)
    return told


def around(happened: Sequence[Happened], at: int | None) -> tuple[str, ...]:
    """What happened around an instant, or, where that is None, last; in order."""
    if not happened:
        return ("Nothing happened.",)
    middle = (
        len(happened) if at is None else next((k for k, each in enumerate(happened) if each.at > at), len(happened))
    )
    first = max(0, min(middle - AROUND, len(happened) - 2 * AROUND))
    shown = happened[first : first + 2 * AROUND]
    whole = len(shown) == len(happened)
    head = "What happened:" if whole else f"What happened around it, {len(shown)} of {len(happened)}:"
    return (head, *(cut(f"  {clock_time(each.at)}  {each.what}") for each in shown))


def titled(found: Found) -> str:
    """An entry in a few words."""
    words = found.words
    if found.kind == "webhook":
        way = f"{words['kind']} to {place(words['url'])}"
    elif found.kind == "verification":
        way = f"of {words['number']}"
    elif found.kind == "event":
        way = str(words["number"] or words["about"] or "")
    else:
        way = " to ".join(str(words[word]) for word in ("from", "to") if words.get(word))
    return " ".join(each for each in (found.id, way, f"at {_time(words['at'])}") if each)


def place(url: str) -> str:
    """A URL without query and credentials, which may hold secrets."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def outcome(status: Any, fault: str | None, said: str | None) -> str:
    """What came of a request: its status, the fault that acted, and what was refused."""
    by = f" by the fault {fault!r}" if fault and fault not in (said or "") else ""
    return f"{status}{by}{f' ({said})' if said else ''}"


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"


def wrapped(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """A text, in as many lines as it takes to say all of it."""
    deeper = f"{indent}    "
    return [
        line
        for each in text.splitlines()
        for line in textwrap.wrap(_plain(each), width, initial_indent=indent, subsequent_indent=deeper)
    ]


def cut(line: str, width: int = WIDTH) -> str:
    """A line that fits, and moves nothing on a terminal."""
    line = _plain(line)
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def clock_time(at: int) -> str:
    """The time of the day."""
    return _time(rfc3339(at))


def _time(instant: str) -> str:
    return instant.partition("T")[2].removesuffix("Z")


def _said(found: Found) -> str:
    return f"  {found.words['text']!r}" if found.words.get("text") else ""


def _apart(has: Any, wanted: Any, room: int) -> tuple[str, str]:
    """Two values, so that what tells them apart stands within so many characters of their beginning."""
    if not isinstance(has, str) or not isinstance(wanted, str) or wanted.startswith("/"):
        return _value(has), _wanted(wanted)
    pairs = enumerate(zip(has, wanted, strict=False))
    same = next((k for k, (one, other) in pairs if one != other), min(len(has), len(wanted)))
    if same < room - _AFTER:
        return repr(has), repr(wanted)
    begin = same - _BEFORE
    return f"…{has[begin:]!r}", f"…{wanted[begin:]!r}"


def _value(has: Any) -> str:
    if isinstance(has, Span):
        return f"{duration_words(has)} after the start"
    return "nothing" if has is None or has == [] else " | ".join(map(repr, has)) if isinstance(has, list) else repr(has)


def _wanted(said: Any) -> str:
    if isinstance(said, list):
        return ", then ".join(map(_wanted, said))
    if isinstance(said, re.Pattern):
        return f"/{said.pattern}/"
    return said if isinstance(said, str) and said.startswith("/") else repr(said)
