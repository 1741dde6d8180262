"""A scenario explained: the merged world, what it may name, what happens when, and which fault stands before which."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from msgspec import UNSET

from fake_nexmo.core.instant import duration_words, parse_duration, rfc3339
from fake_nexmo.core.records import Fault
from fake_nexmo.scenario import sayings
from fake_nexmo.scenario.cast import gaps
from fake_nexmo.scenario.document import Document, TimelineStep
from fake_nexmo.scenario.dump import dump
from fake_nexmo.scenario.faults import to_fault
from fake_nexmo.scenario.judge import names_of, start_of
from fake_nexmo.scenario.judge_plot import offset
from fake_nexmo.scenario.shadows import meetings
from fake_nexmo.scenario.vocabulary import Vocabulary

_WIDTH = 100


def explain(document: Document, vocabulary: Vocabulary) -> str:
    """What a scenario comes to, as a text of several parts."""
    parts = [
        ("The whole of it, with what it extends and its variables filled in", _whole(document)),
        ("Timeline", _timeline(document)),
        ("Expectations", [sayings.expectation(each) for each in document.expect]),
        ("Faults that meet: the first one that matches acts", _faults(document, vocabulary)),
        ("Not done yet", gaps(document)),
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


def _timeline(document: Document) -> list[str]:
    """Steps at an instant in the order of time, then those that wait for an event, then the end."""
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
    if document.ends is not None:
        ends = parse_duration(document.ends)
        timed.append((ends, f"{_shown_at(document, ends)}  the scenario ends"))
    return [said for _, said in sorted(timed, key=lambda each: each[0])] + waiting


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
    start = start_of(document)
    names = names_of(document.handsets, vocabulary)
    armed: list[Fault] = [to_fault(name, facts, names, start) for name, facts in document.faults.items()]
    return [f"{first} stands before {second}" for first, second in meetings(armed)]


def _listed(names: Iterable[str]) -> list[str]:
    return textwrap.wrap(" ".join(names), _WIDTH)
