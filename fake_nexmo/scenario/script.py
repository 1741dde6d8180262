"""What a world remembers of its scenario, beyond the people and the weather that are records of their own."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fake_nexmo.core.records import Record
from fake_nexmo.scenario.document import Document, Expectation, Strict, TimelineStep
from fake_nexmo.scenario.faults import FaultFacts
from fake_nexmo.scenario.model import NetworkFacts

SCRIPT = "script"


class Script(Record, frozen=True, kw_only=True, gc=False):
    """What a world's scenario says, so that it is carried out, judged, exported, and compared with an edit of it.

    Attributes:
        said: the whole of it, as it was loaded last.
        start_at: the instant that its world was made at.
    """

    id: str = SCRIPT
    said: Document = msgspec.field(default_factory=Document)
    start_at: int = 0

    @property
    def name(self) -> str:
        """Of the scenario."""
        return self.said.scenario

    @property
    def networks(self) -> Mapping[str, NetworkFacts]:
        """Those it declares."""
        return self.said.world.networks

    @property
    def faults(self) -> Mapping[str, FaultFacts]:
        """Every fault it declares, armed or not."""
        return self.said.faults

    @property
    def timeline(self) -> tuple[TimelineStep, ...]:
        """Its steps, in their order."""
        return tuple(self.said.timeline)

    @property
    def expect(self) -> tuple[Expectation, ...]:
        """What it expects, in its order."""
        return tuple(self.said.expect)

    @property
    def ends(self) -> str | float | None:
        """When it is judged at last, from the start; None: when somebody asks."""
        return self.said.ends

    @property
    def strict(self) -> Strict:
        """What it makes of things that nobody expected."""
        return self.said.strict


class Played(Record, frozen=True, kw_only=True, gc=False):
    """A step of the timeline that was taken.

    Attributes:
        k: its number, from 0; negative: an edit of the scenario took it out of the timeline since.
        said: what was done, in a few words.
        note: it was a note, which is an event of its own.
        problem: why it could not be done; empty: it was.
    """

    k: int
    at: int
    said: str
    note: bool = False
    problem: str = ""

    @property
    def place(self) -> str:
        """Where it stands in the scenario."""
        return f"timeline.{self.k}" if self.k >= 0 else "timeline"
