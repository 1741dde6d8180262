"""Cues: which event sets which step off, and that each is set off once; and what a change spends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.change import Add, Change, Set
from fake_nexmo.core.plot import Cue, Plot, Told, awaited, spending, step, taken
from fake_nexmo.core.records import Event

ALICE, OWNED = "447700900001", "447700900000"
NOW = 5_000_000


def told(name: str = "message.received", about: str = "m1") -> Told:
    return Told(Event(at=NOW, name=name, about=about, number=ALICE), OWNED, ALICE)


FITTING = {
    "name alone": Cue(0, "message.received"),
    "to": Cue(0, "message.received", to=OWNED),
    "to with a plus": Cue(0, "message.received", to=f"+{OWNED}"),
    "from a prefix": Cue(0, "message.received", sender="4477*"),
    "about": Cue(0, "message.received", about="m1"),
    "all": Cue(0, "message.received", to=OWNED, sender="/1$/", about="/^m/"),
}
OTHER = {
    "name": Cue(0, "message.delivered"),
    "to": Cue(0, "message.received", to=ALICE),
    "from": Cue(0, "message.received", sender=OWNED),
    "about": Cue(0, "message.received", about="m"),
    "one of several": Cue(0, "message.received", to=OWNED, sender=OWNED),
}


@pytest.mark.parametrize("cue", FITTING.values(), ids=FITTING.keys())
def test_an_event_that_fits_sets_the_step_off(cue: Cue) -> None:
    """And takes the cue out."""
    plot = Plot(cues=(cue,), version=3)

    assert taken(plot, [told()], NOW) == Change(put=(Plot(version=3),), timers=(step(0, NOW),))


@pytest.mark.parametrize("cue", OTHER.values(), ids=OTHER.keys())
def test_another_event_changes_nothing(cue: Cue) -> None:
    """The cue waits on."""
    assert taken(Plot(cues=(cue,)), [told()], NOW) == Change()


def test_several_events_set_a_step_off_once() -> None:
    """The first one that fits does, however many are written down at once; order is that of events, then of steps."""
    plot = Plot(
        cues=(Cue(4, "call.answered"), Cue(1, "message.received", after=7), Cue(2, "message.received"), Cue(9, "x"))
    )

    change = taken(plot, [told(), told("call.answered"), told()], NOW)

    assert [(each.k, each.due_at) for each in change.timers] == [(1, NOW + 7), (2, NOW), (4, NOW)]
    assert change.only(Plot).cues == (Cue(9, "x"),)


def test_only_awaited_events_are_looked_at() -> None:
    """By their names."""
    events = (Event(at=1, name="call.started", about="a"), Event(at=1, name="call.answered", about="a"))

    assert awaited(Plot(cues=(Cue(0, "call.answered"),)), Change(log=events)) == [events[1]]
    assert awaited(Plot(), Change(log=events)) == []


def test_what_is_charged_is_spent_and_what_comes_back_at_once_is_not() -> None:
    """Of each account; what is set or paid in is none of it."""
    change = Change(
        counters=(
            *(Add("balance/a", -500, floor=0), Add("balance/a", 100), Add("balance/b", 900)),
            *(Set("balance/c", 0), Add("rate/a", -1), Add("balance/d", -1)),
        )
    )

    assert spending(change) == (Add("spent/a", 400), Add("spent/d", 1))


@given(st.lists(st.sampled_from(["a", "b", "c"])), st.lists(st.sampled_from(["a", "b", "c"])))
def test_every_cue_is_taken_at_most_once(names: list[str], events: list[str]) -> None:
    """Whatever happens in whichever order: none is lost, none comes twice."""
    plot = Plot(cues=tuple(Cue(k, name) for k, name in enumerate(names)))
    steps: list[int] = []
    for name in events:
        change = taken(plot, [told(name)], NOW)
        steps += [each.k for each in change.timers]
        plot = change.only(Plot) if change else plot

    assert sorted([*steps, *(cue.k for cue in plot.cues)]) == list(range(len(names)))
    assert {names[k] for k in steps} == set(names) & set(events)
