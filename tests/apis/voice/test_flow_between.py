"""Calls between two numbers of one world: the one that calls follows the one that came, and the other way round."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_nexmo.apis.voice import due_rules, flow
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Direction, Timer
from fake_nexmo.network import calls
from fake_nexmo.web.commit import WorldView
from tests.apis.voice.desk import START, UUID, make_call, make_leg
from tests.apis.voice.stage import OWNED, Stage, ncco, open_stage
from tests.house import House
from tests.receiver import Answer

LONG = {"action": "talk", "text": "x" * 150}
"""Ten seconds."""
MOMENT = Moment(START + 5_000_000, 7, 42)
ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="")


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def between(stage: Stage, **said: Any) -> str:
    """Call the number that the application has, from another number; the uuid of the leg that calls."""
    ends: dict[str, Any] = {
        "to": [{"type": "phone", "number": OWNED}],
        "from": {"type": "phone", "number": "12015550100"},
    }
    return await stage.create(**{**ends, "ncco": [LONG, LONG], **said})


def by_leg(stage: Stage) -> tuple[list[str], list[str]]:
    """What was reported of the leg that calls, and of the one that came."""
    out = [each["status"] for each in stage.events() if each.get("direction") == "outbound"]
    return out, [each["status"] for each in stage.events() if each.get("direction") == "inbound"]


async def test_the_application_answers_and_hangs_up(stage: Stage) -> None:
    """Both are answered at once, and end together; both are charged."""
    await between(stage)
    await stage.house.advance("2m")

    assert by_leg(stage) == (
        ["started", "ringing", "answered", "completed"],
        ["ringing", "started", "answered", "completed"],
    )
    out, came = await stage.calls()
    assert (out["answered_at"], out["ended_at"]) == (came["answered_at"], came["ended_at"])
    assert (came["from"], came["to"], came["uuid"].count("-")) == ("12015550100", OWNED, 0)
    ended = [each for each in stage.events() if each["status"] == "completed"]
    assert [(each["direction"], each["disconnected_by"]) for each in ended] == [
        ("inbound", "platform"),
        ("outbound", "user"),
    ]
    assert await stage.house.store.pending("default") == []


async def test_the_caller_hangs_up(stage: Stage) -> None:
    """The other end follows."""
    stage.answer = ncco(LONG)
    uuid = await between(stage)
    await stage.house.advance("3s")
    await stage.modify(uuid, action="hangup")
    await stage.house.advance("1m")

    ended = [each for each in stage.events() if each["status"] == "completed"]
    assert [(each["direction"], each["disconnected_by"]) for each in ended] == [
        ("outbound", "platform"),
        ("inbound", "user"),
    ]


async def test_an_application_that_fails_is_not_reached(stage: Stage) -> None:
    """The caller hears of it when the call is given up."""
    stage.answer = Answer(500)
    await between(stage)
    await stage.house.advance("1m")

    assert by_leg(stage) == (
        ["started", "ringing", "unanswered", "completed"],
        ["ringing", "started", "completed"],
    )


async def test_a_number_without_an_application_rejects(stage: Stage) -> None:
    """And is not told."""
    await stage.house.control("PATCH", f"numbers/{OWNED}", {"application": None})
    await between(stage)
    await stage.house.advance("1m")

    assert by_leg(stage) == (["started", "rejected"], [])


async def test_the_caller_gives_up_while_it_rings(stage: Stage) -> None:
    """What came is cancelled."""
    stage.answer = Answer(500)
    uuid = await between(stage)
    await stage.house.advance("500ms")
    await stage.modify(uuid, action="hangup")
    await stage.house.advance("1m")

    assert by_leg(stage) == (
        ["started", "ringing", "cancelled", "completed"],
        ["ringing", "started", "cancelled", "completed"],
    )


async def test_an_outage_keeps_them_apart(stage: Stage) -> None:
    """Nothing arrives."""
    fault = {"name": "outage", "target": "network.*", "receipts": {"status": "failed"}}
    await stage.house.control("POST", "faults", fault, 201)
    await between(stage)
    await stage.house.advance("1m")

    assert by_leg(stage) == (["started", "failed", "completed"], [])


@pytest.mark.parametrize("there", LegStatus)
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("status", LegStatus)
def test_a_leg_follows_the_other_in_every_state(status: LegStatus, direction: Direction, there: LegStatus) -> None:
    """Whatever cannot be any more does not happen."""
    leg = make_leg(status, direction=direction, other="there")
    over = there not in {LegStatus.STARTED, LegStatus.RINGING, LegStatus.ANSWERED}
    wanted: LegStatus | None = None
    if status is LegStatus.RINGING and there is LegStatus.ANSWERED:
        wanted = LegStatus.ANSWERED
    elif status is LegStatus.ANSWERED and over:
        wanted = LegStatus.COMPLETED
    elif status in {LegStatus.STARTED, LegStatus.RINGING} and over:
        wanted = LegStatus.UNANSWERED if direction is Direction.OUTBOUND else LegStatus.CANCELLED

    outcome = calls.follow(leg, there, ACCOUNT, MOMENT)

    assert (outcome.answer.status if outcome.answer else None) is wanted
    assert [each.what for each in outcome.change.timers] == (["other"] if wanted else [])
    assert all(isinstance(each, Leg) for each in outcome.change.put)


async def test_each_end_hears_the_other(stage: Stage) -> None:
    """What one application says is what the other's input understands; keys that it sends are keys that come in."""
    event = [f"{stage.receiver.url}/in"]
    listen = {"action": "input", "type": ["speech"], "eventUrl": event}
    keys = {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 2}, "eventUrl": event}
    stage.answer = ncco(listen, keys, {"action": "talk", "text": "Thanks, goodbye"})
    music = {"action": "stream", "streamUrl": ["https://shop.test/music.mp3"]}
    said = {"action": "talk", "text": "To sales please"}
    uuid = await between(stage, ncco=[said, {"action": "wait", "timeout": 4}, music])
    await stage.house.advance("4.5s")
    answer = await stage.desk.ask("PUT", f"/v1/calls/{uuid}/dtmf", {"digits": "42"})
    assert answer.status_code == 200
    await stage.house.advance("1m")

    came = [each.json() for each in stage.receiver.requests if each.path == "/in"]
    assert [each["speech"]["results"][0]["text"] for each in came[:1]] == ["To sales please"]
    assert [each["dtmf"]["digits"] for each in came] == [None, "42"]
    lines = [
        [(line["speaker"], line["kind"], line["text"] or line.get("digits", "")) for line in each["transcript"]]
        for each in await stage.calls()
    ]
    assert lines[0][:3] == [
        ("platform", "talk", "To sales please"),
        ("platform", "dtmf", "42"),
        ("person", "talk", "Thanks, goodbye"),
    ]
    assert lines[1][:3] == [
        ("person", "talk", "To sales please"),
        ("person", "dtmf", "42"),
        ("platform", "talk", "Thanks, goodbye"),
    ]


async def test_a_code_that_is_spoken_to_an_application(stage: Stage) -> None:
    """What another API has said on the line is heard, too: its words, none of which is a key."""
    listen = {"action": "input", "type": ["speech", "dtmf"], "dtmf": {"timeOut": 10}, "speech": {"maxDuration": 1}}
    stage.answer = ncco({**listen, "eventUrl": [f"{stage.receiver.url}/in"]})
    asked = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "number": OWNED, "brand": "Acme", "workflow_id": "7"}
    await stage.house.client.post("/verify/json", data=asked)
    await stage.house.advance("1m")

    caller, called = await stage.calls()
    (said,) = (line["text"] for line in caller["transcript"])
    assert [(line["speaker"], line["text"]) for line in called["transcript"]] == [("person", said)]
    (told,) = (json.loads(each) for each in stage.sent_to("/in"))
    assert [each["text"] for each in told["speech"]["results"]] == [said]
    assert told["dtmf"]["digits"] is None


async def test_a_far_end_that_says_nothing_after_all(stage: Stage) -> None:
    """Nothing is heard."""
    await stage.desk.put(make_call(), make_leg(LegStatus.ANSWERED, other="far"))
    await stage.desk.put(make_leg(LegStatus.CANCELLED, id="far"))
    timer = Timer(due_at=START, owner="voice", what=due_rules.ECHO, subject=UUID)
    view = WorldView(stage.house.store, "default")

    assert (await flow.TIMERS[due_rules.ECHO](view, timer, MOMENT)).change == Change()


async def test_a_file_at_the_far_end_is_no_words(stage: Stage) -> None:
    """It is sound; keys that are sent on the answer are taken."""
    stage.answer = ncco({"action": "input", "type": ["speech"], "speech": {"startTimeout": 9}})
    file = {"action": "stream", "streamUrl": ["https://shop.test/music.mp3"]}
    to = [{"type": "phone", "number": OWNED, "dtmfAnswer": "1"}]
    await between(stage, to=to, ncco=[file])
    await stage.house.advance("1m")

    came = (await stage.calls())[1]
    assert [(line["kind"], line["text"]) for line in came["transcript"]] == [("dtmf", ""), ("audio", "")]


async def test_the_far_end_of_a_leg_that_is_not_kept(stage: Stage) -> None:
    """Nothing is heard from there."""
    await stage.desk.put(make_call(), make_leg(LegStatus.ANSWERED, other="gone"))
    timer = Timer(due_at=START, owner="voice", what=due_rules.ECHO, subject=UUID)

    outcome = await flow.TIMERS[due_rules.ECHO](WorldView(stage.house.store, "default"), timer, MOMENT)

    assert outcome.change == Change()
