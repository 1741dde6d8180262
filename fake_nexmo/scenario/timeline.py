"""A scenario's timeline as the timers and cues of a world that is made now. Pure.

A step is taken at an instant, after an event, or so long after the step before it. Where nobody can say when the step
before will be taken, since that waits for an event, this one is set when it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import UNSET, UnsetType

from fake_nexmo.core.instant import parse_duration, parse_instant
from fake_nexmo.core.plot import ENDS, OWNER, SUBJECT, Cue, step
from fake_nexmo.core.records import Timer
from fake_nexmo.scenario.document import Document, TimelineStep


def instants(timeline: Sequence[TimelineStep], start: int) -> list[int | None]:
    """When each step is taken in a world that starts at an instant; None: nobody can say."""
    found: list[int | None] = []
    before: int | None = start
    for each in timeline:
        before = _instant(each, before, start)
        found.append(before)
    return found


def timers(document: Document, start: int) -> tuple[Timer, ...]:
    """The timers of a world that is made now: of its steps, in their order, and of its end.

    Doubt: whether a clock that jumps by itself jumps to the steps of a timeline is not said. It does, as to everything
    that goes on by itself; it does not pass the end.
    """
    steps = tuple(step(k, at) for k, at in enumerate(instants(document.timeline, start)) if at is not None)
    if document.ends is None:
        return steps
    return (*steps, end(start + parse_duration(document.ends)))


def end(due_at: int) -> Timer:
    """The timer of a scenario's end."""
    return Timer(id=ENDS, due_at=due_at, owner=OWNER, what=ENDS, subject=SUBJECT, deadline=True)


def cues(document: Document, phones: Mapping[str, str]) -> tuple[Cue, ...]:
    """The steps that wait for events; ``phones`` are the numbers of phones by their names."""
    return tuple(
        Cue(
            k=k,
            event=each.when,
            to=_whom(each.to, phones),
            sender=_whom(each.from_, phones),
            about="" if each.about is UNSET else each.about,
            after=0 if each.after is UNSET else parse_duration(each.after),
        )
        for k, each in enumerate(document.timeline)
        if each.when is not UNSET
    )


def following(timeline: Sequence[TimelineStep], k: int, now: int) -> tuple[Timer, ...]:
    """The timer of the step behind one that was taken now, where it counts from that and could not be set before."""
    if k + 1 >= len(timeline) or instants(timeline, now)[k] is not None:
        return ()
    after = timeline[k + 1].at
    if after is UNSET or not after.startswith("+"):
        return ()
    return (step(k + 1, now + parse_duration(after[1:])),)


def unarmed(timeline: Sequence[TimelineStep]) -> set[str]:
    """The faults that are not armed when the world is made: those that the timeline arms before it disarms them.

    Doubt: that a fault which is armed later is not armed before is our reading; arming it would do nothing else.
    """
    first: dict[str, str] = {}
    for each in timeline:
        if each.fault is not UNSET and each.do is not UNSET:
            first.setdefault(each.fault, each.do)
    return {name for name, does in first.items() if does == "arm"}


def _instant(each: TimelineStep, before: int | None, start: int) -> int | None:
    if each.at is UNSET:
        return None
    if each.at.startswith("+"):
        return None if before is None else before + parse_duration(each.at[1:])
    try:
        return start + parse_duration(each.at)
    except ValueError:
        return parse_instant(each.at)


def _whom(said: str | UnsetType, phones: Mapping[str, str]) -> str:
    return "" if said is UNSET else phones.get(said, said)
