"""People on the phone by the control API: in which state of their call they can do what, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.records import Direction
from tests.apis.voice.desk import make_call, make_leg
from tests.apis.voice.stage import OWNED, PERSON, TALK, TALK_S, Stage, open_stage
from tests.house import House
from tests.receiver import Answer

BODIES: dict[str, dict[str, Any]] = {
    "answer": {},
    "reject": {},
    "hangup": {},
    "press": {"digits": "1"},
    "say": {"text": "Hello?"},
}
OUT, IN = Direction.OUTBOUND, Direction.INBOUND
STARTED, RINGING, ANSWERED = LegStatus.STARTED, LegStatus.RINGING, LegStatus.ANSWERED
#: What becomes of the call; what is not here cannot be done.
MOVES = {
    ("answer", OUT, RINGING): ANSWERED,
    ("reject", OUT, RINGING): LegStatus.REJECTED,
    ("hangup", OUT, ANSWERED): LegStatus.COMPLETED,
    ("hangup", IN, ANSWERED): LegStatus.COMPLETED,
    ("hangup", IN, RINGING): LegStatus.CANCELLED,
    ("press", OUT, ANSWERED): ANSWERED,
    ("press", IN, ANSWERED): ANSWERED,
    ("say", OUT, ANSWERED): ANSWERED,
    ("say", IN, ANSWERED): ANSWERED,
}


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


@pytest.mark.parametrize("status", LegStatus)
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("act", BODIES)
async def test_every_act_in_every_state(stage: Stage, act: str, direction: Direction, status: LegStatus) -> None:
    """What can be done is; else 409 where the call goes on, and 422 where none does, each with what would do."""
    ends = {"sender": OWNED, "to": PERSON} if direction is OUT else {"sender": PERSON, "to": OWNED}
    await stage.desk.put(make_call(ncco=()), make_leg(status, direction=direction, **ends))
    wanted = MOVES.get((act, direction, status))
    live = status in (STARTED, RINGING, ANSWERED)

    done = await stage.act(act, 200 if wanted else 409 if live else 422, **BODIES[act])

    if wanted is not None:
        assert (done["status"], done["settled"]) == (
            LegStatus.COMPLETED if (act, status) == ("answer", RINGING) else wanted,
            True,
        )
    else:
        kind, title = ("wrong-state", "Not now") if live else ("no-call", "No call")
        assert (done["type"], done["title"]) == (f"urn:fake-nexmo:{kind}", title)
        assert act in done["detail"]


async def test_what_would_do_is_said(stage: Stage) -> None:
    """In words."""
    none = await stage.act("press", 422, digits="1")
    await stage.desk.put(make_call(), make_leg(RINGING, to=PERSON))
    wrong = await stage.act("press", 409, digits="1")

    assert none["detail"] == f"{PERSON} has no call that goes on; press takes a call that was answered."
    assert wrong["detail"] == (
        f"The outbound call {make_call().id} of {PERSON} is ringing; press takes a call that was answered."
    )


@pytest.mark.parametrize(
    ("act", "said", "path"),
    [
        ("press", {"digits": ""}, "digits"),
        ("press", {"digits": "12a"}, "digits"),
        ("say", {"text": "  "}, "text"),
        ("call", {"too": "1"}, "too"),
    ],
)
async def test_what_cannot_be_done_at_all(stage: Stage, act: str, said: dict[str, Any], path: str) -> None:
    """422 with where it stands."""
    assert (await stage.act(act, 422, **said))["path"] == path


async def test_a_call_answered_by_hand(stage: Stage) -> None:
    """It rings until somebody answers; then it goes as any other."""
    await stage.phone(answers="by_hand")
    await stage.create()
    await stage.house.advance("30s")
    done = await stage.act("answer")
    await stage.act("say", text="Hello?")
    await stage.house.advance("5m")

    assert done["status"] == "answered"
    assert stage.told() == [
        (0, "started"),
        (0.01, "ringing"),
        (30, "answered"),
        (pytest.approx(30 + TALK_S), "completed"),
    ]
    assert await stage.heard() == [(30, "platform", TALK["text"]), (30, "person", "Hello?")]
    assert await stage.house.store.pending("default") == []


async def test_a_call_declined_by_hand(stage: Stage) -> None:
    """There is no end after that. Source: reference voice §9.1 (B)."""
    await stage.phone(answers="by_hand")
    await stage.create()
    await stage.house.advance("3s")
    done = await stage.act("reject")
    await stage.house.advance("5m")

    assert (done["status"], done["detail"]) == ("rejected", "declined")
    assert stage.told() == [(0, "started"), (0.01, "ringing"), (3, "rejected")]


async def test_hanging_up_is_reported_a_little_later(stage: Stage) -> None:
    """By the clock of the world. Source: reference voice §9.4 (D)."""
    await stage.create()
    await stage.house.advance("3s")
    done = await stage.act("hangup")
    before = len(stage.told())
    await stage.house.advance("5m")

    assert (done["status"], before, stage.told()[before:]) == ("completed", 3, [(3.2, "completed")])
    assert (stage.events()[-1]["disconnected_by"], stage.events()[-1]["duration"]) == ("user", "1")


async def test_a_caller_who_hangs_up_while_the_application_is_asked(stage: Stage) -> None:
    """The answer comes too late."""
    made = await stage.act("call", to=OWNED)
    assert made["status"] == "answered"
    stage.answer = Answer(500)
    made = await stage.act("call", to=OWNED)
    assert made["status"] == "ringing"
    done = await stage.act("hangup")
    await stage.house.advance("5m")

    assert done["status"] == "cancelled"
    assert [name for _, name in stage.told()][4:] == [
        *("ringing", "started", "answer", "Failed to retrieve the NCCO.", "cancelled", "completed"),
        "completed",
    ]


async def test_keys_are_reported_one_by_one_to_who_subscribed(stage: Stage) -> None:
    """Source: reference voice §8.4, ncco §4.8 (D for the form)."""
    uuid = await stage.create(ncco=[{**TALK, "loop": 0}])
    await stage.house.advance("3s")
    await stage.act("press", digits="9")
    answer = await stage.desk.ask("PUT", f"/v1/calls/{uuid}/input/dtmf", {"event_url": [f"{stage.receiver.url}/event"]})
    assert answer.status_code == 200
    await stage.act("press", digits="1p#")

    call = await stage.entry()
    assert [body for body in stage.bodies() if "dtmf" in body] == [
        f'{{"dtmf":{{"digits":"{digit}","timed_out":false}},"from":"{OWNED}","to":"{PERSON}","uuid":"{uuid}",'
        f'"conversation_uuid":"{call["conversation_uuid"]}","timestamp":"2026-01-01T00:00:03.000Z"}}'
        for digit in "1#"
    ]
    assert [line["digits"] for line in call["transcript"] if "digits" in line] == ["9", "1p#"]


async def test_keys_by_the_steps_of_a_person_are_reported_too(stage: Stage) -> None:
    """As if pressed by hand."""
    await stage.phone(on_call=[{"answer": {}}, {"press": "42", "after": "2s"}])
    uuid = await stage.create(ncco=[{**TALK, "loop": 0}])
    await stage.house.advance("3s")
    await stage.desk.ask("PUT", f"/v1/calls/{uuid}/input/dtmf", {"event_url": [f"{stage.receiver.url}/event"]})
    await stage.house.advance("3s")

    assert stage.told()[3:] == [(4, "key 4"), (4, "key 2")]


async def test_the_newest_call_that_goes_on_is_meant(stage: Stage) -> None:
    """Though one that was made later is over."""
    await stage.phone(answers="by_hand")
    one = await stage.create()
    two = await stage.create()
    await stage.house.advance("1s")
    await stage.modify(two, action="hangup")

    done = await stage.act("answer")

    assert done["uuid"] == one


async def test_a_phone_answered_by_hand_does_not_ring_out_by_itself(house: House) -> None:
    """A clock that jumps by itself does not pass a deadline, nor the end of a call that may last for hours."""
    async with open_stage(house) as stage:
        await stage.phone(answers="by_hand")
        await stage.create(ncco=[{**TALK, "loop": 0}])
        await stage.house.advance("1s")
        ringing = [each.deadline for each in await house.store.pending("default")]
        await stage.act("answer")
        lasting = [each.deadline for each in await house.store.pending("default")]

    assert (ringing, lasting) == ([True], [True, True])
