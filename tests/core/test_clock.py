"""Clocks: what they show, how they are set, and that setting them never turns time back by itself."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.clock import (
    STANDING_START,
    anew,
    change_mode,
    make,
    mode_words,
    now,
    parse_mode,
    runs,
    set_to,
    wall_of,
)
from fake_nexmo.core.instant import DAY, HOUR, SECOND, parse_instant
from fake_nexmo.core.records import Clock, ClockMode

WALL = parse_instant("2026-06-01T12:00:00Z")
MODES = st.sampled_from(["real", "manual", "auto", "x60", "x0.5", "x1", "x3.7", "x1000"])
RUNNING = st.sampled_from(["real", "x60", "x0.5", "x1", "x3.7", "x1000"])
SPANS = st.integers(0, 400 * DAY)
STARTS = st.none() | st.integers(0, 4_000_000_000 * SECOND)


@pytest.mark.parametrize(
    ("mode", "kind", "rate"),
    [
        ("real", ClockMode.REAL, 1),
        ("manual", ClockMode.MANUAL, 0),
        ("auto", ClockMode.AUTO, 0),
        ("x60", ClockMode.SCALED, 60),
        ("x0.5", ClockMode.SCALED, 0.5),
        ("x1", ClockMode.SCALED, 1),
        ("x1000000", ClockMode.SCALED, 1_000_000),
    ],
)
def test_a_mode_is_read(mode: str, kind: ClockMode, rate: float) -> None:
    """The four modes of the design, N with or without a fraction."""
    assert parse_mode(mode) == (kind, rate)


@pytest.mark.parametrize(
    "mode", ["", "x", "x0", "x0.0", "x-1", "x1000001", "60", "X60", "x1e3", " real", "fast", "x1."]
)
def test_what_is_no_mode_is_refused_with_the_modes(mode: str) -> None:
    """The text says what was given and what there is."""
    with pytest.raises(ValueError, match="is not a clock mode; take real, xN") as refused:
        parse_mode(mode)
    assert repr(mode) in str(refused.value)


@pytest.mark.parametrize("mode", ["real", "manual", "auto", "x60", "x0.5", "x1", "x3.7", "x123456", "x99999.9"])
def test_the_words_of_a_mode_are_read_back(mode: str) -> None:
    """They are what a control reply shows and what a reset reads."""
    assert mode_words(make(mode, WALL)) == mode


@pytest.mark.parametrize("mode", ["x1000000", "x123456.7", "x0.00001"])
def test_the_words_of_an_extreme_mode_are_read_back_too(mode: str) -> None:
    """Every mode that may be given can be reset."""
    assert parse_mode(mode_words(make(mode, WALL))) == parse_mode(mode)


@pytest.mark.parametrize(
    ("mode", "start", "at"),
    [
        ("real", None, WALL),
        ("x60", None, WALL),
        ("manual", None, STANDING_START),
        ("auto", None, STANDING_START),
        ("real", 5, 5),
        ("manual", 5, 5),
        ("manual", 0, 0),
    ],
)
def test_a_new_clock_begins_where_it_is_told_or_by_its_mode(mode: str, start: int | None, at: int) -> None:
    """A running one at the wall's instant, a standing one at a fixed one, the same for every run of a seed."""
    kind, rate = parse_mode(mode)
    clock = make(mode, WALL, start)
    assert clock == Clock(mode=kind, rate=rate, at=at, wall_at=WALL, start=start)
    assert now(clock, WALL) == at


def test_a_clock_of_no_mode_is_not_made() -> None:
    """Neither anew nor from another."""
    with pytest.raises(ValueError, match="'fast' is not a clock mode"):
        make("fast", WALL)
    with pytest.raises(ValueError, match="'fast' is not a clock mode"):
        change_mode(make("real", WALL), "fast", WALL)


@pytest.mark.parametrize(
    ("mode", "elapsed"), [("real", HOUR), ("x60", 60 * HOUR), ("x0.5", HOUR // 2), ("manual", 0), ("auto", 0)]
)
def test_time_passes_by_the_rate(mode: str, elapsed: int) -> None:
    """An hour of the wall is N hours of the world; a standing clock stays."""
    clock = make(mode, WALL, 5)
    assert now(clock, WALL + HOUR) == 5 + elapsed
    assert runs(clock) == bool(elapsed)


@pytest.mark.parametrize("mode", ["real", "x60", "manual"])
def test_a_held_clock_stands(mode: str) -> None:
    """While it is advanced only its setting moves it; let go it runs on from there, if it ran."""
    held = set_to(make(mode, WALL), 5, WALL, held="advance")
    assert (now(held, WALL + HOUR), runs(held), held.held) == (5, False, "advance")

    stepped = set_to(held, 9, WALL + HOUR)
    assert (now(stepped, WALL + 2 * HOUR), stepped.held) == (9, "advance")

    free = set_to(stepped, 9, WALL + 2 * HOUR, held="")
    assert (now(free, WALL + 2 * HOUR), free.held, runs(free)) == (9, "", mode != "manual")
    assert now(free, WALL + 3 * HOUR) == 9 + int(HOUR * free.rate)


@given(MODES, STARTS, SPANS, SPANS)
def test_time_never_goes_back_while_the_wall_goes_on(mode: str, start: int | None, first: int, more: int) -> None:
    """A later instant of the wall is no earlier instant of the world."""
    clock = make(mode, WALL, start)
    assert now(clock, WALL) <= now(clock, WALL + first) <= now(clock, WALL + first + more)


@given(MODES, STARTS, SPANS, SPANS)
def test_holding_and_letting_go_turns_nothing_back(mode: str, start: int | None, before: int, more: int) -> None:
    """The clock shows the same right before and right after, and goes on from there."""
    clock = make(mode, WALL, start)
    wall = WALL + before
    shown = now(clock, wall)

    held = set_to(clock, shown, wall, held="advance")
    assert now(held, wall) == now(held, wall + more) == shown
    free = set_to(held, shown, wall + more, held="")
    assert now(free, wall + more) == shown
    assert now(free, wall + 2 * more) >= shown


@given(MODES, MODES, STARTS, SPANS, SPANS)
def test_a_change_of_mode_keeps_the_instant(mode: str, other: str, start: int | None, before: int, after: int) -> None:
    """Nothing falls due by the change itself; from then on the new mode counts."""
    clock = make(mode, WALL, start)
    changed = change_mode(clock, other, WALL + before)

    assert now(changed, WALL + before) == now(clock, WALL + before)
    assert (changed.mode, changed.rate) == parse_mode(other)
    assert now(changed, WALL + before + after) == changed.at + int(after * changed.rate)
    assert (changed.start, changed.held) == (clock.start, clock.held)


@given(RUNNING, STARTS, SPANS)
def test_wall_of_is_the_first_instant_at_which_the_clock_shows_it(mode: str, start: int | None, ahead: int) -> None:
    """Then the world's instant is reached, a microsecond of the wall before it is not."""
    clock = make(mode, WALL, start)
    at = clock.at + ahead
    wall = wall_of(clock, at)

    assert wall >= WALL
    # Fractions of a rate cost a microsecond where floats cannot say them.
    slack = 0 if clock.rate == int(clock.rate) else 1
    assert now(clock, wall + slack) >= at
    if ahead:
        assert now(clock, wall - 1 - slack) < at


@given(RUNNING, STARTS, SPANS)
def test_wall_of_undoes_now(mode: str, start: int | None, elapsed: int) -> None:
    """The wall's instant of what the clock shows is this one, within the microseconds that show the same."""
    clock = make(mode, WALL, start)
    assume(clock.rate >= 1)
    wall = WALL + elapsed
    slack = 0 if clock.rate == int(clock.rate) else 1
    assert abs(wall_of(clock, now(clock, wall)) - wall) <= slack


@pytest.mark.parametrize("clock", [make("manual", WALL, 5), set_to(make("real", WALL), 5, WALL, held="advance")])
def test_wall_of_a_standing_clock_is_its_anchor(clock: Clock) -> None:
    """It will say nothing else by itself."""
    assert wall_of(clock, 5 + HOUR) == WALL


@given(MODES, MODES, STARTS, SPANS)
def test_a_clock_begun_anew_is_as_it_was_made(mode: str, other: str, start: int | None, later: int) -> None:
    """Whatever was done to it but its mode: same start, nobody holds it, anchored at this instant of the wall."""
    clock = set_to(make(mode, WALL, start), 99, WALL + 5, held="advance")
    assert anew(clock, WALL + later) == make(mode, WALL + later, start)

    moved = change_mode(clock, other, WALL + later)
    assert anew(moved, WALL + later) == make(other, WALL + later, start)


def test_the_standing_start_is_a_fixed_instant() -> None:
    """A seed gives the same bytes in every year."""
    assert clocks.STANDING_START == 1_767_225_600_000_000
