"""How verdicts are told: what was expected, the nearest miss field by field, and what happened around it. Pure.

Every line fits 100 columns where it is printed two columns in.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from fake_nexmo.core.instant import duration_words, rfc3339
from fake_nexmo.scenario.document import Expectation
from fake_nexmo.scenario.matching import Compared, Found, Span
from fake_nexmo.scenario.sayings import expectation

WIDTH = 98
AROUND = 6
"""How many things that happened are shown before what it is about, and how many after."""


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
        times = "never"
    elif least == most:
        times = "once" if least == 1 else f"{least} times"
    elif most is None:
        times = "at least once" if least == 1 else f"{least} times or more"
    else:
        times = f"{least} to {most} times"
    return f"Expected {times}: {expectation(each).removeprefix('never ')}"


def too_many(kind: str, found: Sequence[Found]) -> list[str]:
    """Entries that fit, where fewer should."""
    fit = f"is one {kind} that fits" if len(found) == 1 else f"are {len(found)} {kind}s that fit"
    return [f"There {fit}:", *(f"    {titled(each)}" for each in found)]


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
        told.append(f"  {' ' if one.fits else 'x'} {one.name.ljust(width)}  {_value(one.has)}")
        if not one.fits:
            told.append(f"    {' ' * width}  wanted {_wanted(one.wanted)}")
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
    return (head, *(cut(f"  {_time(each.at)}  {each.what}") for each in shown))


def titled(found: Found) -> str:
    """An entry in a few words."""
    way = " to ".join(str(found.words[word]) for word in ("from", "to") if found.words.get(word))
    if found.kind == "webhook":
        way = f"{found.words['kind']} to {found.words['url']}"
    elif found.kind == "verification":
        way = f"of {found.words['number']}"
    return " ".join(each for each in (found.id, way, f"at {_time(found.at)}") if each)


def wrapped(line: str) -> list[str]:
    """A line, in as many as it takes to say all of it."""
    return textwrap.wrap(_plain(line), WIDTH, subsequent_indent="    ")


def cut(line: str) -> str:
    """A line that fits, and moves nothing on a terminal."""
    line = _plain(line)
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _time(at: int) -> str:
    """The time of the day."""
    return rfc3339(at).partition("T")[2].removesuffix("Z")


def _value(has: Any) -> str:
    if isinstance(has, Span):
        return f"{duration_words(has)} after the start"
    return "nothing" if has is None or has == [] else " | ".join(map(repr, has)) if isinstance(has, list) else repr(has)


def _wanted(said: Any) -> str:
    if isinstance(said, list):
        return ", then ".join(map(_wanted, said))
    return said if isinstance(said, str) and said.startswith("/") else repr(said)
