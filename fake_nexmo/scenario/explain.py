"""A scenario explained: the merged world, what it may name, what happens when, and which fault stands before which."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from msgspec import UNSET

from fake_nexmo.core.instant import duration_words, parse_duration, rfc3339
from fake_nexmo.core.records import Fault
from fake_nexmo.scenario import sayings
from fake_nexmo.scenario.cast import characters_of
from fake_nexmo.scenario.document import Document, TimelineStep
from fake_nexmo.scenario.dump import dump
from fake_nexmo.scenario.faults import to_fault
from fake_nexmo.scenario.judge import characters_in, names_of, start_of
from fake_nexmo.scenario.judge_plot import offset
from fake_nexmo.scenario.shadows import meetings
from fake_nexmo.scenario.timeline import unarmed
from fake_nexmo.scenario.vocabulary import Vocabulary

_WIDTH = 100
_TIED = "\u00a0"


def explain(document: Document, vocabulary: Vocabulary) -> str:
    """What a scenario comes to, as a text of several parts."""
    parts = [
        ("The whole of it, with what it extends and its variables filled in", _whole(document)),
        ("Timeline", _timeline(document, vocabulary)),
        ("Expectations", [sayings.expectation(each) for each in document.expect]),
        ("Faults that meet: the first one that matches acts", _faults(document, vocabulary)),
        ("Characters that can be named", _listed(characters_in(document))),
        ("Magic numbers", _magic(document, vocabulary)),
        ("Operations that can be named", _listed(vocabulary.operations)),
        ("Webhooks that can be named", _listed(f"webhook.{each}" for each in vocabulary.webhooks)),
        ("Events that can be named", _listed(vocabulary.events)),
    ]
    return "\n".join(_part(title, lines) for title, lines in parts)


def _part(title: str, lines: list[str]) -> str:
    said = "\n".join(f"  {each}".rstrip() for each in lines or ["none"])
    return f"{title}:\n{said}\n"


def _whole(document: Document) -> list[str]:
    return dump(document, "yaml").splitlines()


def _timeline(document: Document, vocabulary: Vocabulary) -> list[str]:
    """Steps, the faults that begin and end by themselves, and the end in the order of time; then what waits."""
    begin = document.clock.start if document.clock is not None else None
    at: int | None = 0
    timed: list[tuple[int, str]] = []
    waiting: list[str] = []
    for step in document.timeline:
        at = offset(step, at, begin)
        if at is not None:
            timed.append((at, f"{_shown_at(document, at)}  {sayings.act(step)}"))
        elif step.when is not UNSET:
            waiting.append(f"when {step.when}{_which(step)}: {sayings.act(step)}")
        else:
            waiting.append(f"at {step.at}: {sayings.act(step)}")
    timed += _weather(document, vocabulary)
    if document.ends is not None:
        ends = parse_duration(document.ends)
        timed.append((ends, f"{_shown_at(document, ends)}  the scenario ends"))
    return [said for _, said in sorted(timed, key=lambda each: each[0])] + waiting


def _weather(document: Document, vocabulary: Vocabulary) -> list[tuple[int, str]]:
    """When faults begin and end that nobody arms: those that are armed from the start."""
    start, later = start_of(document), unarmed(document.timeline)
    told = []
    for fault in _armed(document, vocabulary):
        for at, does in ((fault.starts_at, "begins"), (fault.until_at, "ends")):
            # Without a start of the clock nobody can say how far an instant is away.
            known = start or does == "begins" or document.faults[fault.name].until is UNSET
            if at is not None and known and fault.name not in later:
                told.append((at - start, f"{_shown_at(document, at - start)}  {fault.name}: {does}"))
    return told


def _shown_at(document: Document, at: int) -> str:
    begins = document.clock is not None and document.clock.start is not None
    instant = f"  {rfc3339(start_of(document) + at)}" if begins else ""
    return f"{'+' + duration_words(at):>8}{instant}"


def _which(step: TimelineStep) -> str:
    said = [f"{word} {value}" for word, value in (("to", step.to), ("from", step.from_), ("about", step.about))
            if value is not UNSET]  # fmt: skip
    after = f", {step.after} later" if step.after is not UNSET else ""
    return (f" ({', '.join(said)})" if said else "") + after


def _faults(document: Document, vocabulary: Vocabulary) -> list[str]:
    return [f"{first} stands before {second}" for first, second in meetings(_armed(document, vocabulary))]


def _armed(document: Document, vocabulary: Vocabulary) -> list[Fault]:
    """The faults as they are when they are armed at the start."""
    start, names = start_of(document), names_of(document.handsets, vocabulary)
    return [to_fault(name, facts, names, start) for name, facts in document.faults.items()]


def _magic(document: Document, vocabulary: Vocabulary) -> list[str]:
    """The ranges, then the digits with their characters."""
    _, magic = characters_of(document, vocabulary)
    # A line ends between two of them, never within one.
    digits = (f"{digits}{_TIED}{like}" for digits, like in sorted(magic.digits.items()))
    lines = textwrap.wrap(", ".join(digits), _WIDTH, break_on_hyphens=False)
    return [*(f"{each.first}..{each.last}" for each in magic.ranges), *(each.replace(_TIED, " ") for each in lines)]


def _listed(names: Iterable[str]) -> list[str]:
    """Names in lines; those of another API, or of another kind of thing, begin a line of their own."""
    groups: dict[str, list[str]] = {}
    for name in names:
        group, dot, _ = name.partition(".")
        groups.setdefault(group if dot else "", []).append(name)
    lines = (textwrap.wrap(" ".join(each), _WIDTH, break_on_hyphens=False) for each in groups.values())
    return [line for wrapped in lines for line in wrapped]
