"""What a clock says, and how it is set. Pure: the wall's instant is handed in."""

from __future__ import annotations

import re
from decimal import Decimal

from msgspec.structs import replace

from fake_nexmo.core.instant import parse_instant
from fake_nexmo.core.records import Clock, ClockMode

STANDING_START = parse_instant("2026-01-01T00:00:00Z")
"""Where a clock that stands still starts when it is not told: a fixed instant, so that a seed gives the same bytes."""

_SCALED = re.compile(r"x(\d+(?:\.\d+)?)")
_FASTEST = 1_000_000


def now(clock: Clock, wall: int) -> int:
    """The world's instant at an instant of the wall."""
    if clock.rate == 0 or clock.held:
        return clock.at
    elapsed = wall - clock.wall_at
    return clock.at + (elapsed if clock.rate == 1 else int(elapsed * clock.rate))


def runs(clock: Clock) -> bool:
    """Whether time passes by itself at this moment."""
    return clock.rate != 0 and not clock.held


def wall_of(clock: Clock, at: int) -> int:
    """The wall's instant at which a running clock will say ``at``; of a standing one, its anchor."""
    if not runs(clock):
        return clock.wall_at
    return clock.wall_at + -int(-(at - clock.at) // clock.rate)


def parse_mode(text: str) -> tuple[ClockMode, float]:
    """Mode and rate of ``real``, ``x60``, ``manual`` or ``auto``.

    Raises:
        ValueError: it is none of these.
    """
    if text in {"manual", "auto"}:
        return ClockMode(text), 0
    if text == "real":
        return ClockMode.REAL, 1
    scaled = _SCALED.fullmatch(text)
    if scaled and 0 < float(scaled[1]) <= _FASTEST:
        return ClockMode.SCALED, float(scaled[1])
    raise ValueError(f"{text!r} is not a clock mode; take real, xN (such as x60, up to x{_FASTEST}), manual or auto")


def mode_words(clock: Clock) -> str:
    """The mode as `parse_mode` reads it."""
    if clock.mode is not ClockMode.SCALED:
        return clock.mode.value
    plain = format(Decimal(repr(clock.rate)), "f")
    return f"x{plain.rstrip('0').rstrip('.') if '.' in plain else plain}"


def make(mode: str, wall: int, start: int | None = None) -> Clock:
    """A new clock in that mode; without ``start`` a running one begins at the wall's instant.

    Raises:
        ValueError: no such mode.
    """
    kind, rate = parse_mode(mode)
    begin = start if start is not None else (wall if rate else STANDING_START)
    return Clock(mode=kind, rate=rate, at=begin, wall_at=wall, start=start)


def anew(clock: Clock, wall: int) -> Clock:
    """The same clock as it was when it was made, from this instant of the wall on."""
    fresh = make(mode_words(clock), wall, clock.start)
    return replace(clock, at=fresh.at, wall_at=wall, held="")


def change_mode(clock: Clock, mode: str, wall: int) -> Clock:
    """The clock in another mode; the instant it shows stays, so that nothing falls due by the change itself.

    Raises:
        ValueError: no such mode.
    """
    kind, rate = parse_mode(mode)
    return replace(clock, mode=kind, rate=rate, at=now(clock, wall), wall_at=wall)


def set_to(clock: Clock, at: int, wall: int, held: str | None = None) -> Clock:
    """The clock showing ``at``; ``held`` names who holds it still from now on, empty lets it run."""
    return replace(clock, at=at, wall_at=wall, held=clock.held if held is None else held)
