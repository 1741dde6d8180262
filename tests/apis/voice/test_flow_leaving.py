"""Who leaves a conversation, by whatever way, and what becomes of those who are left: whole traces in virtual time."""

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
from tests.apis.voice.stage import Stage, ncco, open_stage, seconds
from tests.house import House

FIRST, SECOND, THIRD, FOURTH = "447700900101", "447700900102", "447700900103", "447700900104"
MUSIC = "https://shop.test/music.mp3"
HELLO = {"action": "talk", "text": "Hello to all of you, friends."}
#: How long that takes.
HELLO_S = 1.933
WAIT = {"action": "wait", "timeout": 60}
ROOM = {"action": "conversation", "name": "room"}


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    """Four people who answer at once."""
    async with open_stage(house) as opened:
        for number in (FIRST, SECOND, THIRD, FOURTH):
            await phone(opened, number)
        yield opened


async def phone(stage: Stage, number: str, *steps: Any) -> None:
    """Declare somebody, who answers at once and then does some things."""
    said = {"on_call": [{"answer": {"after": "0s"}}, *steps]}
    await stage.house.control("PUT", f"handsets/{number}", said)


def connect(number: str, **end: Any) -> dict[str, Any]:
    """The action that calls somebody in."""
    return {"action": "connect", "endpoint": [{"type": "phone", "number": number, **end}]}


def whisper(stage: Stage, *actions: Any) -> dict[str, Any]:
    """What a called leg is asked to run for itself before it joins."""
    stage.replies["/whisper"] = [ncco(*actions)]
    return {"onAnswer": {"url": f"{stage.receiver.url}/whisper"}}


async def call(stage: Stage, number: str, *actions: Any) -> str:
    """Call somebody, who answers; the uuid."""
    uuid = await stage.create(to=[{"type": "phone", "number": number}], ncco=list(actions))
    await stage.house.advance("0.1s")
    return uuid


async def transfer(stage: Stage, uuid: str, *actions: Any) -> None:
    """Give a leg another NCCO."""
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "ncco": list(actions)})


async def ends(stage: Stage) -> list[tuple[str, str, float | None]]:
    """The legs in the order of their making: whose, how far they got, and when they were over."""
    return [
        (each["to"], each["status"], each["ended_at"] and round(seconds(each["ended_at"]), 3))
        for each in await stage.calls()
    ]


async def heard(stage: Stage, number: str) -> list[tuple[float, str, str, bool]]:
    """What was heard on a leg: when, by whom, what, and whether it was broken off."""
    (found,) = (each for each in await stage.calls() if each["to"] == number)
    return [
        (
            round(seconds(each["at"]), 3),
            each.get("by") or each["speaker"],
            each["text"] or each["digits"],
            each.get("cut", False),
        )
        for each in found["transcript"]
    ]


# By an NCCO of one's own.


async def test_who_enters_a_room_instead_of_joining(stage: Stage) -> None:
    """The one who called them does not wait for them any more, and they are heard in the room.

    Source: reference ncco §3.2, §5.2.
    """
    await phone(stage, SECOND, {"say": "Anybody?", "after": "10s"}, {"hang_up": {"after": "20s"}})
    await call(stage, THIRD, ROOM)
    await call(stage, FIRST, connect(SECOND, **whisper(stage, ROOM)), HELLO)
    await stage.house.advance("1m")

    assert await ends(stage) == [
        (THIRD, "answered", None),
        (FIRST, "completed", round(0.12 + HELLO_S, 3)),
        (SECOND, "completed", 30.653),
    ]
    assert await heard(stage, THIRD) == [(10.12, SECOND, "Anybody?", False)]


async def test_who_moves_elsewhere_instead_of_joining(stage: Stage) -> None:
    """See above. Source: reference ncco §3.9, §5.2."""
    await phone(stage, SECOND, {"hang_up": {"after": "20s"}})
    await call(stage, THIRD, ROOM)
    there = (await stage.calls())[0]["conversation_uuid"]
    move = {"action": "transfer", "conversationId": there}
    await call(stage, FIRST, connect(SECOND, **whisper(stage, move)), HELLO)
    await stage.house.advance("1m")

    assert await ends(stage) == [
        (THIRD, "answered", None),
        (FIRST, "completed", round(0.12 + HELLO_S, 3)),
        (SECOND, "completed", 20.12),
    ]


async def test_who_moves_elsewhere_from_a_call_that_is_over(stage: Stage) -> None:
    """Nobody is left to be told."""
    await phone(stage, FIRST, {"hang_up": {"after": "5s"}})
    await call(stage, THIRD, ROOM)
    there = (await stage.calls())[0]["conversation_uuid"]
    move = {"action": "transfer", "conversationId": there}
    go = {"action": "wait", "timeout": 5}
    await call(stage, FIRST, connect(SECOND, **whisper(stage, go, move)), HELLO)
    await stage.house.advance("1m")

    assert [status for _, status, _ in await ends(stage)] == ["answered", "completed", "completed"]


async def test_who_was_called_in_is_left_behind_by_who_enters_a_room(stage: Stage) -> None:
    """They are alone, and hung up on. Source: reference ncco §3.2, §5.3 (D)."""
    await call(stage, FIRST, connect(SECOND), ROOM)
    await stage.house.advance("1m")

    assert await ends(stage) == [(FIRST, "answered", None), (SECOND, "completed", 1.02)]


async def test_a_recording_ends_with_its_conversation(stage: Stage) -> None:
    """When its leg enters a room. Source: reference ncco §3.1 (B)."""
    record = {"action": "record", "eventUrl": [f"{stage.receiver.url}/record"]}
    await call(stage, FIRST, record, {"action": "wait", "timeout": 5}, ROOM)
    await stage.house.advance("1m")

    assert len(stage.sent_to("/record")) == 1


async def test_a_recording_ends_with_its_conversation_when_everybody_moves(stage: Stage) -> None:
    """See above. Source: reference ncco §3.1, §3.9 (B)."""
    await call(stage, THIRD, ROOM)
    there = (await stage.calls())[0]["conversation_uuid"]
    record = {"action": "record", "eventUrl": [f"{stage.receiver.url}/record"]}
    await call(stage, FIRST, record, connect(SECOND), HELLO, {"action": "transfer", "conversationId": there})
    await stage.house.advance("1m")

    assert len(stage.sent_to("/record")) == 1


# Somebody called in who calls others in.


async def test_who_was_called_in_calls_in_a_third(stage: Stage) -> None:
    """When the one in the middle leaves, the two others are still two. Source: reference ncco §5.3 (D)."""
    await phone(stage, SECOND, {"hang_up": {"after": "10s"}})
    await phone(stage, THIRD, {"say": "Still there?", "after": "20s"}, {"hang_up": {"after": "10s"}})
    await call(stage, FIRST, connect(SECOND, **whisper(stage, connect(THIRD))), {"action": "wait", "timeout": 5})
    await stage.house.advance("1m")

    assert await ends(stage) == [
        (FIRST, "completed", 31.03),
        (SECOND, "completed", 10.02),
        (THIRD, "completed", 30.83),
    ]
    assert await heard(stage, FIRST) == [(20.03, THIRD, "Still there?", False)]


async def test_the_one_in_the_middle_is_transferred_away(stage: Stage) -> None:
    """See above."""
    await phone(stage, THIRD, {"hang_up": {"after": "20s"}})
    await call(stage, FIRST, connect(SECOND, **whisper(stage, connect(THIRD))))
    middle = (await stage.calls())[1]["uuid"]
    await stage.house.advance("10s")
    await transfer(stage, middle, WAIT)
    await stage.house.advance("5s")
    assert [status for _, status, _ in await ends(stage)] == ["answered"] * 3
    await stage.house.advance("1m")

    assert await ends(stage) == [
        (FIRST, "completed", 20.23),
        (SECOND, "completed", 70.1),
        (THIRD, "completed", 20.03),
    ]


# While somebody is being called.


async def test_the_first_one_is_hung_up_on_while_it_rings(stage: Stage) -> None:
    """Nobody is called any more. Source: reference ncco §5.3 (D)."""
    await stage.house.control("PUT", f"handsets/{SECOND}", {"like": "no-answer"})
    uuid = await call(stage, FIRST, connect(SECOND))
    await stage.modify(uuid, action="hangup")
    await stage.house.advance("1m")

    assert await ends(stage) == [(FIRST, "completed", 0.1), (SECOND, "cancelled", 0.1)]


async def test_the_first_one_has_talked_for_long_enough_while_it_rings(stage: Stage) -> None:
    """See above."""
    await stage.house.control("PUT", f"handsets/{SECOND}", {"like": "no-answer"})
    await stage.create(to=[{"type": "phone", "number": FIRST}], ncco=[connect(SECOND)], length_timer=5)
    await stage.house.advance("1m")

    assert await ends(stage) == [(FIRST, "completed", 5.01), (SECOND, "cancelled", 5.01)]


# By a transfer.


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_both_ends_are_transferred_one_after_the_other(stage: Stage, order: tuple[int, int]) -> None:
    """Whoever is first leaves the other one alone, but only for an instant. Source: reference voice §7 (D)."""
    await call(stage, FIRST, connect(SECOND))
    await stage.house.advance("5s")
    legs = [each["uuid"] for each in await stage.calls()]
    for k in order:
        await transfer(stage, legs[k], ROOM)
    await stage.house.advance("1m")

    first, second = await stage.calls()
    assert first["conversation_uuid"] == second["conversation_uuid"]
    assert [first["status"], second["status"]] == ["answered", "answered"]


async def test_who_is_left_behind_by_two_transfers_at_once(stage: Stage) -> None:
    """Is alone all the same."""
    uuid = await call(stage, FIRST, connect(SECOND))
    destination = {"type": "ncco", "ncco": [WAIT]}
    for _ in range(2):
        await stage.desk.ask("PUT", f"/v1/calls/{uuid}", {"action": "transfer", "destination": destination})
    await stage.house.advance("5m")

    assert await ends(stage) == [(FIRST, "completed", 60.1), (SECOND, "completed", 1.1)]


async def test_who_is_left_behind_by_a_transfer_and_a_hang_up_at_once(stage: Stage) -> None:
    """Is alone all the same."""
    uuid = await call(stage, FIRST, connect(SECOND))
    destination = {"type": "ncco", "ncco": [WAIT]}
    for said in ({"action": "transfer", "destination": destination}, {"action": "hangup"}):
        await stage.desk.ask("PUT", f"/v1/calls/{uuid}", said)
    await stage.house.advance("5m")

    assert await ends(stage) == [(FIRST, "completed", 0.1), (SECOND, "completed", 0.1)]


async def test_two_are_left_behind_by_a_transfer(stage: Stage) -> None:
    """They stay until one of them leaves the other alone. Source: reference ncco §5.1, §5.3 (B, D)."""
    await phone(stage, THIRD, {"hang_up": {"after": "20s"}})
    uuid = await call(stage, FIRST, connect(SECOND), connect(THIRD))
    await stage.house.advance("5s")
    await transfer(stage, uuid, WAIT)
    await stage.house.advance("5s")
    assert [status for _, status, _ in await ends(stage)] == ["answered"] * 3
    await stage.house.advance("5m")

    assert await ends(stage) == [
        (FIRST, "completed", 65.1),
        (SECOND, "completed", 20.23),
        (THIRD, "completed", 20.03),
    ]


async def test_the_one_who_is_left_has_something_to_do(stage: Stage) -> None:
    """Their NCCO goes on. Source: reference voice §7 (D)."""
    await call(stage, FIRST, connect(SECOND), WAIT)
    await transfer(stage, (await stage.calls())[1]["uuid"], WAIT)
    await stage.house.advance("5m")

    assert await ends(stage) == [(FIRST, "completed", 60.02), (SECOND, "completed", 60.1)]


@pytest.mark.parametrize("status", [LegStatus.COMPLETED, LegStatus.RINGING])
async def test_being_alone_means_nothing_to_a_leg_that_is_not_on_the_line(stage: Stage, status: LegStatus) -> None:
    """Nothing changes."""
    await stage.desk.put(make_call(), make_leg(status))
    timer = Timer(due_at=START, owner=OWNER, what=due_rules.ALONE, subject=UUID)
    view = WorldView(stage.house.store, "default")

    assert (await flow.TIMERS[due_rules.ALONE](view, timer, Moment(START, 1, 42))).change == Change()


# Into a room that has not started, and one that is over.


async def test_who_is_moved_into_a_room_waits_there_with_music(stage: Stage) -> None:
    """Until somebody comes who need not wait. Source: reference ncco §3.2, §3.9 (B)."""
    await call(stage, THIRD, {**ROOM, "startOnEnter": False, "musicOnHoldUrl": [MUSIC]})
    there = (await stage.calls())[0]["conversation_uuid"]
    await call(stage, FIRST, connect(SECOND), {"action": "transfer", "conversationId": there})
    await stage.house.advance("10s")
    assert await heard(stage, FIRST) == [(0.12, "platform", MUSIC, False)]
    await call(stage, FOURTH, ROOM)
    await stage.house.advance("1m")

    assert await heard(stage, FIRST) == await heard(stage, SECOND) == [(0.12, "platform", MUSIC, True)]


async def test_who_is_moved_into_a_room_leaves_it_by_a_transfer(stage: Stage) -> None:
    """The music is broken off."""
    await call(stage, THIRD, {**ROOM, "startOnEnter": False, "musicOnHoldUrl": [MUSIC]})
    there = (await stage.calls())[0]["conversation_uuid"]
    uuid = await call(stage, FIRST, {"action": "transfer", "conversationId": there})
    await stage.house.advance("2s")
    await transfer(stage, uuid, HELLO)

    assert await heard(stage, FIRST) == [(0.11, "platform", MUSIC, True), (2.2, "platform", HELLO["text"], False)]


async def test_a_move_to_a_room_that_everybody_has_left(stage: Stage) -> None:
    """There is no such conversation. Source: reference ncco §3.2, §3.9 (B, D)."""
    uuid = await call(stage, THIRD, ROOM)
    there = (await stage.calls())[0]["conversation_uuid"]
    await stage.modify(uuid, action="hangup")
    await call(stage, FIRST, {"action": "transfer", "conversationId": there}, HELLO)
    await stage.house.advance("1m")

    assert [each["reason"] for each in stage.events() if "reason" in each] == ["Conversation not found."]
    assert (await ends(stage))[1] == (FIRST, "completed", round(0.11 + HELLO_S, 3))


# What was said of somebody in a room.


@pytest.mark.parametrize(
    ("before", "inside", "after"),
    [
        ([], [], True),
        (["mute"], [], False),
        ([], ["mute"], False),
        ([], ["unmute"], True),
        (["mute"], ["unmute"], True),
    ],
)
async def test_who_was_muted_by_a_room_is_heard_after_it(
    stage: Stage, before: list[str], inside: list[str], after: bool
) -> None:
    """But not who was muted by REST. Source: reference ncco §3.2, voice §7."""
    listen = {"action": "input", "type": ["speech"], "eventUrl": [f"{stage.receiver.url}/in"]}
    uuid = await call(stage, FIRST, {"action": "wait", "timeout": 1}, {**ROOM, "mute": True})
    for action in before:
        await stage.modify(uuid, action=action)
    await stage.house.advance("2s")
    assert (await stage.desk.call(uuid)).muted
    for action in inside:
        await stage.modify(uuid, action=action)
    await transfer(stage, uuid, listen)
    await stage.house.control("POST", f"handsets/{FIRST}/say", {"text": "Hello?"})
    await stage.house.advance("1m")

    (told,) = stage.sent_to("/in")
    assert ("Hello?" in told) is after


# What is said at one instant.


async def test_two_things_said_at_one_instant_are_both_heard(stage: Stage) -> None:
    """Each is a line of its own."""
    await call(stage, FIRST, connect(SECOND))
    for text in ("One.", "Two."):
        await stage.house.control("POST", f"handsets/{SECOND}/say", {"text": text})
    await stage.house.advance("1s")

    assert await heard(stage, FIRST) == [(0.1, SECOND, "One.", False), (0.1, SECOND, "Two.", False)]


async def test_a_recording_waits_for_who_speaks_already(stage: Stage) -> None:
    """Silence is counted from the end of what is being said. Source: reference ncco §3.1 (B)."""
    await phone(stage, FIRST, {"say": "x" * 60})
    await call(stage, FIRST, {"action": "record", "endOnSilence": 3, "eventUrl": [f"{stage.receiver.url}/record"]})
    await stage.house.advance("1m")

    (told,) = stage.sent_to("/record")
    assert '"timestamp":"2026-01-01T00:00:07.510Z"' in told
