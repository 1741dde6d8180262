"""Expectations: judged when they are written, and again when the test is over."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_fake_nexmo import telling
from pytest_fake_nexmo.entries import Entry, fits
from pytest_fake_nexmo.errors import NexmoFailure

if TYPE_CHECKING:
    from pytest_fake_nexmo.world import Nexmo


class Expectation:
    """How often something is to be in the world."""

    def __init__(self, nexmo: Nexmo, kind: str, fields: Mapping[str, Any]) -> None:
        self.kind = kind
        self.fields = fields
        self.place = ""
        self._nexmo = nexmo
        self._times: int | None = None

    def once(self) -> None:
        """Exactly once."""
        __tracebackhide__ = True
        self._write(1)

    def never(self) -> None:
        """Never."""
        __tracebackhide__ = True
        self._write(0)

    def times(self, count: int) -> None:
        """Exactly so many times."""
        __tracebackhide__ = True
        self._write(count)

    def covers(self, entry: Entry) -> bool:
        """Whether it speaks of an entry."""
        return fits(entry, self.fields)

    def unmet(self) -> list[str]:
        """Why it is not met, in lines; none when it is."""
        entries = self._nexmo.entries(self.kind)
        have = [each for each in entries if self.covers(each)]
        if len(have) == self._times:
            return []
        wanted = "never" if self._times == 0 else "once" if self._times == 1 else f"{self._times} times"
        lines = telling.head(f"Expected {wanted}: {self.kind} with {telling.wanted(self.fields)}")
        if self.place:
            lines.append(telling.cut(f"  (expected in {self.place})"))
        if have and len(have) > (self._times or 0):
            return [*lines, *telling.found(self.kind, have)]
        return [*lines, *telling.miss(self.kind, entries, self.fields)]

    def _write(self, times: int) -> None:
        __tracebackhide__ = True
        self._times = times
        self._nexmo.expectations.append(self)
        unmet = self.unmet()
        if unmet:
            self._nexmo.expectations.remove(self)
            raise NexmoFailure("\n".join([*unmet, *self._nexmo.story_lines()]))
        self.place = _place()


class Expect:
    """``nexmo.expect``: what is to be in the world."""

    def __init__(self, nexmo: Nexmo) -> None:
        self._nexmo = nexmo

    def message(self, **fields: Any) -> Expectation:
        """A message, whichever way it went."""
        __tracebackhide__ = True
        return self._of("message", fields)

    def call(self, **fields: Any) -> Expectation:
        """A call."""
        __tracebackhide__ = True
        return self._of("call", fields)

    def verification(self, **fields: Any) -> Expectation:
        """A verification."""
        __tracebackhide__ = True
        return self._of("verification", fields)

    def webhook(self, **fields: Any) -> Expectation:
        """A webhook, however often it was tried."""
        __tracebackhide__ = True
        return self._of("webhook", fields)

    def request(self, **fields: Any) -> Expectation:
        """A request to an emulated API."""
        __tracebackhide__ = True
        return self._of("request", fields)

    def event(self, **fields: Any) -> Expectation:
        """An event, such as ``message.delivered``."""
        __tracebackhide__ = True
        return self._of("event", fields)

    def _of(self, kind: str, fields: Mapping[str, Any]) -> Expectation:
        __tracebackhide__ = True
        return Expectation(self._nexmo, kind, self._nexmo.understood(kind, fields))


def _place() -> str:
    """File and line of whoever wrote the expectation: the first frame outside this package."""
    here = str(Path(__file__).parent)
    frame = sys._getframe(1)  # noqa: SLF001 - the way `inspect` goes too, without reading files
    while frame.f_back is not None and frame.f_code.co_filename.startswith(here):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
