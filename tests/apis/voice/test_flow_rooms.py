"""Conversations with a name, moves to them, and payments that fail: whole traces in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_nexmo.apis.voice import due_rules, flow
from fake_nexmo.apis.voice.model import OWNER
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Timer
from fake_nexmo.web.commit import WorldView
from tests.apis.voice.desk import START, UUID, make_call, make_leg
from tests.apis.voice.stage import OWNED, PERSON, TALK, TALK_S, Stage, ncco, open_stage, seconds
from tests.house import House

OTHER = "447700900102"
THIRD = "447700900103"
ROOM = {"action": "conversation", "name": "room"}


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def call(stage: Stage, to: str, *actions: Any) -> str:
    """Call somebody into an NCCO; the uuid."""
    return await stage.create(to=[{"type": "phone", "number": to}], ncco=list(actions))


async def phone(stage: Stage, number: str, hang_up: float) -> None:
    """Somebody who hangs up so many seconds after the answer."""
    steps: list[dict[str, Any]] = [{"answer": {}}, {"hang_up": {"after": hang_up}}]
    await stage.house.control("PUT", f"handsets/{number}", {"on_call": steps})


async def trace(stage: Stage) -> list[tuple[float, str]]:
    """What was reported behind the answers: when, of whom, and what."""
    names = {PERSON: "1", OTHER: "2", THIRD: "3"}
    who = {each["uuid"]: names.get(each["to"], "4") for each in await stage.calls()}
    told = []
    for each in stage.events():
        name = each.get("status") or each.get("type") or each.get("reason") or "recorded"
        if name not in {"started", "ringing", "answered"}:
            told.append((round(seconds(each["timestamp"]), 3), f"{who.get(each.get('uuid', ''), '')} {name}".strip()))
    return told


async def test_two_people_in_a_room(stage: Stage) -> None:
    """Each moves there, and leaves alone; later actions never run. Source: reference ncco §3.2, §5.3 (B)."""
    await phone(stage, PERSON, 10)
    await phone(stage, OTHER, 20)
    await call(stage, PERSON, ROOM, TALK)
    await call(stage, OTHER, ROOM, TALK)
    before = [each["conversation_uuid"] for each in await stage.calls()]
    await stage.house.advance("3h")

    assert await trace(stage) == [(2, "1 transfer"), (2, "2 transfer"), (12.2, "1 completed"), (22.2, "2 completed")]
    legs = await stage.calls()
    assert len({each["conversation_uuid"] for each in legs} - set(before)) == 1
    assert [each["transcript"] for each in legs] == [[], []]
    moved = [each for each in stage.events() if each.get("type") == "transfer"]
    assert [each["conversation_uuid_from"] for each in moved] == before
    assert {each["conversation_uuid_to"] for each in moved} == {legs[0]["conversation_uuid"]}
    assert await stage.house.store.pending("default") == []


async def test_a_room_keeps_its_id(stage: Stage) -> None:
    """When everybody has left. Source: reference ncco §3.2 (B)."""
    await phone(stage, PERSON, 5)
    await call(stage, PERSON, ROOM)
    await stage.house.advance("1m")
    await call(stage, PERSON, ROOM)
    await call(stage, PERSON, {**ROOM, "name": "another"})
    await stage.house.advance("3s")

    ids = [each["conversation_uuid"] for each in await stage.calls()]
    assert ids[0] == ids[1] != ids[2]


async def test_a_conference_with_a_moderator(stage: Stage) -> None:
    """Music until they come, a recording from then on; when they leave everybody does.

    Source: reference ncco §3.2, §11 D (B).
    """
    guest = {**ROOM, "startOnEnter": False, "musicOnHoldUrl": ["https://shop.test/music.mp3"], "record": "true"}
    await call(stage, PERSON, guest)
    await stage.house.advance("5s")
    await phone(stage, OTHER, 10)
    await call(stage, OTHER, {**ROOM, "endOnExit": True, "mute": True})
    await stage.house.advance("3h")

    assert await trace(stage) == [
        *((2, "1 transfer"), (7, "2 transfer"), (17.2, "2 completed")),
        *((17.2, "recorded"), (17.2, "1 completed")),
    ]
    recorded = next(each for each in stage.events() if "recording_url" in each)
    assert (recorded["start_time"], recorded["end_time"]) == ("2026-01-01T00:00:07Z", "2026-01-01T00:00:17Z")
    first = (await stage.calls())[0]
    assert [each["text"] for each in first["transcript"]] == ["https://shop.test/music.mp3"]
    assert await stage.house.store.pending("default") == []


async def test_a_recording_from_the_start(stage: Stage) -> None:
    """One for the conversation, by who asked first. Source: reference ncco §3.2 (B)."""
    await phone(stage, PERSON, 10)
    await phone(stage, OTHER, 10)
    await call(stage, PERSON, {**ROOM, "record": True, "eventUrl": [f"{stage.receiver.url}/r"], "transcription": {}})
    await stage.house.advance("1s")
    await call(stage, OTHER, {**ROOM, "record": True})
    await stage.house.advance("3h")

    said = [each.json() for each in stage.receiver.requests if each.path == "/r"]
    assert [(each.get("end_time"), each.get("status")) for each in said] == [
        ("2026-01-01T00:00:12Z", None),
    ]
    assert stage.events()[-1]["status"] == "transcribed"
    assert [each["duration"] for each in await stage.calls()] == [10, 10]


async def test_leaving_a_room_by_a_transfer(stage: Stage) -> None:
    """Counts as leaving it. Source: reference voice §7."""
    uuid = await call(stage, PERSON, {**ROOM, "endOnExit": "true"})
    await call(stage, OTHER, ROOM)
    await stage.house.advance("5s")
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "ncco": [TALK]})
    await stage.house.advance("1m")

    assert await trace(stage) == [
        *((2, "1 transfer"), (2, "2 transfer"), (5, "1 transfer"), (5, "2 completed")),
        (round(5 + TALK_S, 3), "1 completed"),
    ]


async def test_leaving_before_the_recording_begins(stage: Stage) -> None:
    """Nothing is recorded."""
    await phone(stage, PERSON, 3)
    await call(stage, PERSON, {**ROOM, "startOnEnter": False, "record": True})
    await stage.house.advance("10s")
    await phone(stage, OTHER, 3)
    await call(stage, OTHER, ROOM)
    await stage.house.advance("1m")

    assert "recorded" not in [name for _, name in await trace(stage)]


# Moves by an NCCO.


@pytest.mark.parametrize("key", ["conversationId", "conversation_id"])
async def test_a_move_to_a_room(stage: Stage, key: str) -> None:
    """The leg is in it from then on. Source: reference ncco §3.9 (B)."""
    await call(stage, OTHER, {**ROOM, "endOnExit": True})
    await stage.house.advance("3s")
    there = (await stage.calls())[0]["conversation_uuid"]
    await phone(stage, PERSON, 5)
    await call(stage, PERSON, {"action": "transfer", key: there, "mute": True}, TALK)
    await stage.house.advance("4s")

    assert (await stage.calls())[1]["conversation_uuid"] == there
    await stage.house.advance("1m")
    assert await trace(stage) == [(2, "2 transfer"), (5, "1 transfer"), (10.2, "1 completed")]


@pytest.mark.parametrize("conversation", ["CON-1", "own", "over", "ringing", ""])
async def test_a_move_to_a_conversation_that_there_is_not(stage: Stage, conversation: str) -> None:
    """Is reported, and the next action runs. Source: reference ncco §3.9 (D)."""
    await stage.house.control(
        "PUT", f"handsets/{OTHER}", {"like": "no-answer" if conversation == "ringing" else "busy"}
    )
    if conversation in {"over", "ringing"}:
        await call(stage, OTHER, TALK)
        await stage.house.advance("2s")
        conversation = (await stage.calls())[0]["conversation_uuid"]
    go = {"action": "notify", "payload": {}, "eventUrl": [f"{stage.receiver.url}/go"]}
    uuid = await call(stage, PERSON, {"action": "wait", "timeout": 1}, go)
    legs = {each["uuid"]: each for each in await stage.calls()}
    target = legs[uuid]["conversation_uuid"] if conversation == "own" else conversation
    stage.replies["/go"] = [ncco({"action": "transfer", "conversationId": target}, TALK)]
    began = seconds(legs[uuid]["at"])
    await stage.house.advance("30s")

    assert [each for each in await trace(stage) if each[1].startswith(("1", "Conv"))] == [
        (began + 3, "Conversation not found."),
        (round(began + 3 + TALK_S, 3), "1 completed"),
    ]


async def test_a_move_of_everybody_to_a_room(stage: Stage) -> None:
    """Each leg of the conversation is there on its own from then on, and is reported. Source: reference ncco §3.9."""
    await phone(stage, OTHER, 20)
    await phone(stage, THIRD, 30)
    await phone(stage, PERSON, 10)
    await call(stage, OTHER, ROOM)
    await stage.house.advance("3s")
    there = (await stage.calls())[0]["conversation_uuid"]
    connect = {"action": "connect", "endpoint": [{"type": "phone", "number": THIRD}]}
    await call(stage, PERSON, connect, {"action": "transfer", "conversationId": there, "canHear": []}, TALK)
    await stage.house.advance("5s")

    assert [each["conversation_uuid"] for each in await stage.calls()] == [there] * 3
    calls = [await stage.desk.call(each["uuid"]) for each in await stage.calls()]
    assert [(each.host, each.legs, each.hears) for each in calls] == [("", (), None), ("", (), ()), ("", (), None)]
    await stage.house.advance("2h")
    assert await trace(stage) == [
        *((2, "2 transfer"), (7, "1 transfer"), (7, "3 transfer")),
        *((15.2, "1 completed"), (22.2, "2 completed"), (37.2, "3 completed")),
    ]
    assert await stage.house.store.pending("default") == []


async def test_a_move_to_somebody_else_s_call(stage: Stage) -> None:
    """Its NCCO governs: what it says is heard by all, and who is left alone is hung up.

    Source: reference ncco §3.9, §5.3 (B).
    """
    await phone(stage, PERSON, 20)
    await phone(stage, THIRD, 60)
    await call(stage, OTHER, {"action": "wait", "timeout": 10}, TALK, {"action": "wait", "timeout": 1})
    await stage.house.advance("3s")
    there = (await stage.calls())[0]["conversation_uuid"]
    connect = {"action": "connect", "endpoint": [{"type": "phone", "number": THIRD}]}
    await call(stage, PERSON, connect, {"action": "transfer", "conversation_id": there}, TALK)
    await stage.house.advance("1m")

    host, first, second = await stage.calls()
    assert [each["conversation_uuid"] for each in (host, first, second)] == [there] * 3
    assert [[line["text"] for line in each["transcript"]] for each in (host, first, second)] == [[TALK["text"]]] * 3
    await phone(stage, OTHER, 1)
    await stage.house.advance("2h")
    # The first leaves by itself, then the third; then nobody is left, and the NCCO is over.
    assert await trace(stage) == [
        *((7, "1 transfer"), (7, "3 transfer"), (25.2, "1 completed")),
        *((67.2, "3 completed"), (67.2, "2 completed")),
    ]


async def test_a_move_to_those_whom_somebody_left_behind(stage: Stage) -> None:
    """Nobody's NCCO governs there any more: who comes hears and is heard."""
    await phone(stage, OTHER, 60)
    await phone(stage, THIRD, 60)
    ends = [{"action": "connect", "endpoint": [{"type": "phone", "number": number}]} for number in (OTHER, THIRD)]
    uuid = await call(stage, "447700900104", *ends)
    await stage.house.advance("7s")
    there = (await stage.calls())[0]["conversation_uuid"]
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "ncco": [TALK]})
    said = {"on_call": [{"answer": {}}, {"say": "Anybody?", "after": "3s"}]}
    await stage.house.control("PUT", f"handsets/{PERSON}", said)
    await call(stage, PERSON, {"action": "transfer", "conversationId": there})
    await stage.house.advance("10s")

    lines = [[line["text"] for line in each["transcript"]] for each in await stage.calls()]
    assert lines == [[TALK["text"]], ["Anybody?"], ["Anybody?"], ["Anybody?"]]


# Payments.


@pytest.mark.parametrize("told", [True, False])
async def test_nobody_pays(stage: Stage, told: bool) -> None:
    """It fails at once, and the next action runs. Source: reference ncco §3.10 (D)."""
    if not told:
        await stage.application(event_url=None)
    uuid = await call(stage, PERSON, {"action": "pay", "amount": 9.99}, TALK)
    await stage.house.advance("1m")

    conversation = (await stage.entry())["conversation_uuid"]
    wanted = (
        f'{{"from":"{OWNED}","to":"{PERSON}","type":"payment","uuid":"{uuid}","conversation_uuid":"{conversation}",'
        '"status":"failure","timestamp":"2026-01-01T00:00:02.000Z"}'
    )
    assert [each for each in stage.bodies() if "payment" in each] == [wanted] * told
    assert (await stage.entry())["duration"] == 2


# What comes too late.


@pytest.mark.parametrize("what", [due_rules.ENTER, due_rules.MOVE, due_rules.DIAL, due_rules.TAPE, due_rules.TAPED])
async def test_timers_of_what_was_dropped_meanwhile(stage: Stage, what: str) -> None:
    """Do nothing."""
    await stage.desk.put(make_call(waits=3, room=""), make_leg(LegStatus.ANSWERED))
    timer = Timer(due_at=START, owner=OWNER, what=what, subject=UUID, step=2)

    outcome = await flow.TIMERS[what](WorldView(stage.house.store, "default"), timer, Moment(START, 7, 42))

    assert outcome.change == Change()


async def test_a_room_that_is_not_kept(stage: Stage) -> None:
    """Is left all the same."""
    await stage.desk.put(make_call(room="main/room"), make_leg(LegStatus.COMPLETED))
    timer = Timer(due_at=START, owner=OWNER, what=due_rules.TIDY, subject=UUID)

    outcome = await flow.TIMERS[due_rules.TIDY](WorldView(stage.house.store, "default"), timer, Moment(START, 7, 42))

    assert outcome.change == Change()
