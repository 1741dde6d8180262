"""Steps and names of a scenario in a world that has moved on: phones renamed, times over, timers taken away."""

from __future__ import annotations

from typing import Any

from fake_nexmo.core.moment import Moment
from fake_nexmo.core.plot import step
from fake_nexmo.scenario.play import Player
from fake_nexmo.web.commit import WorldView
from tests.house import House

CLOCK = {"start": "2026-03-01T09:00:00Z", "mode": "manual"}
ALICE = "447700900601"


async def test_a_name_that_a_phone_lost_is_where_the_scenario_declared_it(house: House) -> None:
    """Faults, steps, verdicts and exports speak of that number."""
    said: dict[str, Any] = {
        "clock": CLOCK,
        "handsets": {"alice": {"number": ALICE}},
        "faults": {"late": {"target": "sms.send", "to": "alice", "answer": "throttled"}},
        "timeline": [{"at": "10s", "fault": "late", "do": "arm"}],
        "expect": [{"message": {"to": "alice"}}],
        "strict": {"unused_fault": "fail"},
    }
    await house.control("PUT", "scenario", said)
    await house.control("PUT", "handsets/dora", {"number": ALICE})

    await house.send(to=ALICE)
    verdicts = await house.control("GET", "expectations?final=true")
    await house.advance("10s")

    assert [each["state"] for each in verdicts["items"]] == ["met"]
    assert [each["why"] for each in verdicts["strict"]] == [[]]
    assert [each["to"] for each in (await house.control("GET", "faults"))["items"]] == [ALICE]
    assert (await house.control("GET", "scenario"))["faults"]["late"]["to"] == ALICE
    assert (await house.control("GET", "scenario"))["expect"] == [{"message": {"to": ALICE}}]


async def test_a_step_that_arms_a_fault_whose_time_is_over_says_so(house: House) -> None:
    """It is taken, changes nothing, and what was wrong stands in the verdicts."""
    fault = {"target": "sms.send", "answer": "throttled", "until": "2026-03-01T09:10:00Z"}
    steps = [{"at": "20m", "fault": "late", "do": "arm"}]
    await house.control("PUT", "scenario", {"clock": CLOCK, "faults": {"late": fault}, "timeline": steps})

    await house.advance("20m")

    assert (await house.control("GET", "faults"))["items"] == []
    problems = (await house.control("GET", "expectations"))["problems"]
    assert problems == ["timeline.0 (late: arm): it ends before it starts, so it can never act"]


async def test_of_a_step_that_an_edit_took_away_no_fault_is_asked(house: House) -> None:
    """A worker may still have it in hand; nobody knows any more what it was."""
    player = Player(house.engine.registry)

    assert await player.occasion(WorldView(house.store, "default"), step(5, 0), Moment(0, 1, 42)) is None
