"""An export loads and comes to an end, whatever became of the world since its scenario was written."""

from __future__ import annotations

from typing import Any

from fake_nexmo.scenario.document import Document, TimelineStep
from fake_nexmo.scenario.load import load_object
from fake_nexmo.scenario.loadable import loadable
from fake_nexmo.scenario.people import HandsetFacts
from tests.house import House
from tests.scenario.example import NAMES

CLOCK = {"start": "2026-03-01T09:00:00Z", "mode": "manual"}


async def test_a_step_that_an_event_put_behind_the_end_is_left_out(house: House) -> None:
    """It is carried out in the world that lives, after the verdicts; no file can say that. So are those behind it."""
    steps: list[dict[str, Any]] = [
        {"when": "message.delivered", "after": "50m", "note": "one"},
        {"at": "+20m", "note": "two"},
        {"at": "50m", "note": "three"},
        {"at": "+5m", "note": "four"},
    ]
    said = {"clock": CLOCK, "handsets": {"alice": {"number": "447700900601"}}, "timeline": steps, "ends": "1h"}
    await house.control("PUT", "scenario", said)
    await house.advance("30m")
    await house.send(to="447700900601")
    await house.advance("1s")

    document = await house.control("GET", "scenario")

    left = [(each["at"], each["note"]) for each in document["timeline"]]
    assert (left, document["ends"]) == ([("19m59s", "three"), ("24m59s", "four")], "29m59s")
    assert load_object(document, NAMES)


def test_of_two_names_the_one_that_is_meant_is_left_out() -> None:
    """One name may begin like another, with a dot behind."""
    document = Document(
        handsets={
            "ann": HandsetFacts(number="447700900601"),
            "ann.like": HandsetFacts(number="447700900602", like="nobody"),
        }
    )

    assert list(loadable(document, NAMES, {}).handsets) == ["ann"]


def test_a_note_that_cannot_be_taken_is_left_out() -> None:
    """Nothing of it can be said otherwise."""
    steps = [TimelineStep(when="nothing.at_all", note="one"), TimelineStep(at="1s", note="two")]

    assert loadable(Document(timeline=steps), NAMES, {}).timeline == steps[1:]
