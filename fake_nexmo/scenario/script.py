"""What a world remembers of its scenario, beyond the people and the weather that are records of their own."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fake_nexmo.core.records import Record
from fake_nexmo.scenario.document import Expectation, Strict, TimelineStep
from fake_nexmo.scenario.faults import FaultFacts
from fake_nexmo.scenario.model import NetworkFacts

SCRIPT = "script"


class Script(Record, frozen=True, kw_only=True, gc=False):
    """What a world's scenario says beyond its records, so that it is carried out, judged, and exported again.

    Attributes:
        name: of the scenario.
        start_at: the instant that its world was made at.
        faults: every fault it declares, armed or not.
    """

    id: str = SCRIPT
    name: str = ""
    start_at: int = 0
    networks: Mapping[str, NetworkFacts] = {}
    faults: Mapping[str, FaultFacts] = {}
    timeline: tuple[TimelineStep, ...] = ()
    expect: tuple[Expectation, ...] = ()
    ends: str | float | None = None
    strict: Strict = msgspec.field(default_factory=Strict)


class Played(Record, frozen=True, kw_only=True, gc=False):
    """A step of the timeline that was taken; its ``id`` is its number, from 0.

    Attributes:
        problem: why it could not be done; empty: it was.
    """

    at: int
    problem: str = ""
