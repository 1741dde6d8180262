"""``nexmo.clock``: the clock of a test's world."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_fake_nexmo.entries import Entry

if TYPE_CHECKING:
    from pytest_fake_nexmo.door import Door


class Clock:
    """``nexmo.clock``: the clock of the test's world."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def advance(self, by: str | float) -> Entry:
        """Let time pass (``5m``, ``1h30m``, or a number of seconds), and carry out everything due on the way."""
        __tracebackhide__ = True
        line = self._door.note("clock", f"advances by {_duration(by)}")
        done = Entry(self._door.control("POST", "clock/advance", {"by": by}))
        line.outcome = f"{done['timers']} timers, {done['delivered']} webhooks delivered, {done['failed']} failed"
        return done

    def now(self) -> datetime:
        """What the clock shows, in UTC."""
        return datetime.fromisoformat(self._door.control("GET", "clock")["now"])


def _duration(given: Any) -> str:
    """A duration in the usual words; what is none, as it was given."""
    from fake_nexmo.core.instant import duration_words, parse_duration

    try:
        return duration_words(parse_duration(given))
    except (ValueError, TypeError):
        return repr(given)
