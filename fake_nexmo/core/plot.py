"""A world's plot: what its scenario has happen when something else happens, and what its accounts have spent. Pure.

A scenario's steps are timers of the world, so that the clock, a snapshot and a fork keep them. One that waits for an
event is a *cue* in the world's `Plot`: the commit that writes such an event down takes the cue out and sets the timer,
whole or not at all, so that an event sets a step off once, however many others are written down beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.pattern import Pattern
from fake_nexmo.core.records import Event, Record, Timer

PLOT = "plot"
OWNER = "scenario"
"""Who owns the timers of a plot; no API."""
STEP = "step"
ENDS = "ends"
SUBJECT = "timeline"
"""All timers of a plot have one subject, so that their order is kept on every clock."""

_BALANCE = "balance/"


class Cue(Struct, frozen=True, gc=False):
    """A step of the timeline that waits for an event.

    Attributes:
        k: which step.
        event: the event's name; patterns ``to``, ``sender`` and ``about`` say which, empty: any.
        after: microseconds between the event and the step.
    """

    k: int
    event: str
    to: str = ""
    sender: str = ""
    about: str = ""
    after: int = 0


class Plot(Record, frozen=True, kw_only=True, gc=False):
    """The cues that still wait, in the order of the timeline. A world without a scenario has none of this kind.

    Doubt: whether a step is taken at each such event or at the first one is not said. A step is one act, so each cue
    is taken once.
    """

    id: str = PLOT
    cues: tuple[Cue, ...] = ()


class Told(Struct, frozen=True, gc=False):
    """An event, and who was concerned: the one it went to, and the one it came from."""

    event: Event
    to: str
    sender: str


def step(k: int, due_at: int) -> Timer:
    """The timer of a step."""
    return Timer(id=f"timeline/{k}", due_at=due_at, owner=OWNER, what=STEP, subject=SUBJECT, k=k)


def awaited(plot: Plot, change: Change) -> Sequence[Event]:
    """The events in a change whose names a cue waits for."""
    names = {cue.event for cue in plot.cues}
    return [event for event in change.log if event.name in names]


def taken(plot: Plot, told: Sequence[Told], now: int) -> Change:
    """The steps that events set off: each cue by the first event that fits it."""
    left, timers = list(plot.cues), []
    for each in told:
        for cue in [cue for cue in left if _fits(cue, each)]:
            left.remove(cue)
            timers.append(step(cue.k, now + cue.after))
    if not timers:
        return Change()
    return Change(put=(replace(plot, cues=tuple(left)),), timers=tuple(timers))


def spent(account: str) -> str:
    """The name of the counter of what an account has spent since its world was made, in 10^-8 EUR."""
    return f"spent/{account}"


def spending(change: Change) -> tuple[Add, ...]:
    """What accounts spend by a change: what it charges them, less what it pays back.

    Doubt: what is paid back in a change of its own is not told apart from a payment, so it stays spent.
    """
    sums: dict[str, int] = {}
    for each in change.counters:
        if isinstance(each, Add) and each.counter.startswith(_BALANCE):
            sums[each.counter] = sums.get(each.counter, 0) + each.delta
    return tuple(Add(spent(name.removeprefix(_BALANCE)), -total) for name, total in sums.items() if total < 0)


def _fits(cue: Cue, told: Told) -> bool:
    if cue.event != told.event.name or (cue.about and not Pattern(cue.about).matches(told.event.about)):
        return False
    return all(
        not wanted or Pattern(wanted).matches(has, number=True)
        for wanted, has in ((cue.to, told.to), (cue.sender, told.sender))
    )
