"""Whole lives of verifications in virtual time: every instant, channel, code, status, and what search says then.

The table is that of reference verify §9.1 and §9.2; codes are named A, B, C in the order of their making.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.verify.desk import ALICE, Desk
from tests.house import open_house


def seconds(at: str) -> int:
    """Seconds since the world began."""
    return int(at[11:13]) * 3600 + int(at[14:16]) * 60 + int(at[17:19])


async def live(desk: Desk, request_id: str) -> tuple[list[tuple[int, str, str]], int, str]:
    """Let it live to its end: its events as (instant, channel, code), when it ended, and how.

    The clock is stepped from event to event, so that the code is read when each has run; the code that the phone
    saw, and the one in the message or the call, are the same.
    """
    told = []
    for _ in range(9):
        stand = await desk.stand(request_id)
        if stand["phase"] != "IN PROGRESS":
            break
        event = stand["events"][-1]
        seen = await desk.house.control("GET", f"handsets/{ALICE}/code")
        assert seen["code"] == stand["code"]
        named = "ABC"[list(dict.fromkeys(stand["codes"])).index(stand["code"])]
        entry = (seconds(event["at"]), event["type"], named)
        if entry not in told:
            told.append(entry)
        start = await desk.house.store.peek("default")
        pending = await desk.house.store.pending("default")
        due = min(each.due_at for each in pending if each.subject == request_id)
        await desk.house.advance((due - start.clock.at) / 1_000_000)
    stand = await desk.stand(request_id)
    await desk.house.advance("2h")
    assert {**await desk.stand(request_id), "events": 0, "seq": 0} == {**stand, "events": 0, "seq": 0}
    return told, seconds(stand["finalized_at"]), str(stand["phase"])


WORKFLOWS: list[tuple[str, list[tuple[int, str, str]], int]] = [
    ("1", [(0, "sms", "A"), (125, "tts", "A"), (305, "tts", "B")], 605),
    ("2", [(0, "sms", "A"), (125, "sms", "A"), (305, "tts", "B")], 605),
    ("3", [(0, "tts", "A"), (150, "tts", "A")], 300),
    ("4", [(0, "sms", "A"), (120, "sms", "A")], 300),
    ("5", [(0, "sms", "A"), (120, "tts", "A")], 300),
    ("6", [(0, "sms", "A")], 300),
    ("7", [(0, "tts", "A")], 300),
]


@pytest.mark.parametrize(("workflow", "events", "end"), WORKFLOWS)
@pytest.mark.parametrize(
    "person", ["answers", "voicemail", "no-answer", "busy", "unreachable", "switched-off", "rejects"]
)
async def test_each_workflow_whoever_is_called(
    desk: Desk, workflow: str, events: list[tuple[int, str, str]], end: int, person: str
) -> None:
    """Nothing that happens at the phone moves the events: they run by the clock (checklist 7)."""
    await desk.house.control("PUT", f"handsets/{ALICE}", {"like": person})
    request_id = await desk.start(workflow_id=workflow)
    assert await live(desk, request_id) == (events, end, "EXPIRED")
    assert [each["type"] for each in (await desk.search(request_id))["events"]] == [each[1] for each in events]


@pytest.mark.parametrize(
    ("expiry", "wait", "instants", "codes", "end"),
    [
        ("", "", [0, 125, 305], "AAB", 605),
        ("360", "120", [0, 120, 240], "AAA", 360),
        ("240", "120", [0, 120, 240], "AAB", 480),
        ("120", "120", [0, 120, 240], "ABC", 360),
        ("200", "120", [0, 120, 240], "ABC", 360),
        ("400", "120", [0, 120, 240], "ABC", 360),
        ("600", "", [0, 125, 305], "AAA", 600),
        ("", "60", [0, 60, 120], "AAA", 300),
        ("60", "", [0, 125, 305], "ABC", 365),
        ("3600", "900", [0, 900, 1800], "AAA", 3600),
    ],
)
async def test_the_life_of_codes(desk: Desk, expiry: str, wait: str, instants: list[int], codes: str, end: int) -> None:
    """The table of reference verify §9.2 for the default workflow (checklist 8)."""
    request_id = await desk.start(pin_expiry=expiry, next_event_wait=wait)
    told, finalized, phase = await live(desk, request_id)
    assert [at for at, _, _ in told] == instants
    assert "".join(code for _, _, code in told) == codes
    assert (finalized, phase) == (end, "EXPIRED")


async def test_a_whole_life_by_its_traces(desk: Desk) -> None:
    """Everything that is written down of the default workflow, and what it cost."""
    request_id = await desk.start()
    await desk.house.advance("11m")
    stand, found = await desk.stand(request_id), await desk.search(request_id)
    [sms], calls = await desk.items("messages"), await desk.items("calls")
    first, second = stand["codes"]

    assert await desk.events() == [
        ("00:00:00", "started"),
        ("00:00:00", "event_sent"),
        ("00:02:05", "event_sent"),
        ("00:05:05", "event_sent"),
        ("00:10:05", "expired"),
    ]
    spoken = "Please enter your Acme activation code {0}, I repeat {0}, valid the next 5 minutes."
    assert [(each["at"][14:19], each["status"], each["from"], each["to"], each["about"]) for each in calls] == [
        ("02:05", "completed", "442079460000", ALICE, request_id),
        ("05:05", "completed", "442079460000", ALICE, request_id),
    ]
    assert [each["transcript"] for each in calls] == [
        [
            {
                "at": f"2026-01-01T00:{at}.000Z",
                "speaker": "platform",
                "kind": "talk",
                "length": 5.667,
                "text": spoken.format(code),
                "digits": code,
            }
        ]
        for at, code in (("02:07", first), ("05:07", second))
    ]
    prices = [sms["price"], *(each["price"] for each in calls)]
    assert [each["price"] for each in stand["events"]] == prices == ["0.03330000", "0.00333000", "0.00333000"]
    assert found == {
        "request_id": request_id,
        "account_id": "abcd1234",
        "number": ALICE,
        "sender_id": "verify",
        "date_submitted": "2026-01-01 00:00:00",
        "date_finalized": "2026-01-01 00:10:05",
        "checks": [],
        "first_event_date": "2026-01-01 00:00:00",
        "last_event_date": "2026-01-01 00:05:05",
        "price": "0",
        "currency": "EUR",
        "status": "EXPIRED",
        "estimated_price_messages_sent": "0.03996",
        "events": [
            {"id": sms["id"], "type": "sms"},
            {"id": calls[0]["uuid"], "type": "tts"},
            {"id": calls[1]["uuid"], "type": "tts"},
        ],
    }
    assert await desk.balance() == "99.96004 EUR"


async def test_deductions_by_the_clock(desk: Desk) -> None:
    """A message when it is sent, a call when it ends, the verification when it succeeds (checklist 14)."""
    told: list[Any] = []
    request_id = await desk.start()
    for by in (0, 124, 1, 7, 1, 100):
        await desk.house.advance(by)
        told.append((await desk.balance(), (await desk.search(request_id))["estimated_price_messages_sent"]))
    await desk.check(request_id, await desk.code(request_id))
    told.append((await desk.balance(), (await desk.search(request_id))["estimated_price_messages_sent"]))
    assert told == [
        ("99.9667 EUR", "0.03330"),
        ("99.9667 EUR", "0.03330"),
        ("99.9667 EUR", "0.03330"),
        ("99.9667 EUR", "0.03330"),
        ("99.96337 EUR", "0.03663"),
        ("99.96337 EUR", "0.03663"),
        ("99.91337 EUR", "0.03663"),
    ]


async def test_a_call_that_ends_after_the_verification_is_paid_for(desk: Desk) -> None:
    """The sum may still change after the end."""
    request_id = await desk.start(workflow_id="7")
    await desk.house.advance("3s")
    await desk.check(request_id, await desk.code(request_id))
    before = (await desk.search(request_id))["estimated_price_messages_sent"]
    await desk.house.advance("1m")
    assert (before, (await desk.search(request_id))["estimated_price_messages_sent"]) == ("0.00000", "0.00333")
    assert await desk.balance() == "99.94667 EUR"


@pytest.mark.parametrize(
    ("person", "status", "machine"),
    [("voicemail", "completed", True), ("busy", "busy", False), ("unreachable", "unanswered", False)],
)
async def test_calls_that_reach_nobody(desk: Desk, person: str, status: str, machine: bool) -> None:
    """They are events all the same; only an answered one costs something."""
    await desk.house.control("PUT", f"handsets/{ALICE}", {"like": person})
    request_id = await desk.start(workflow_id="7", sender_id="4420794600")
    await desk.house.advance("2m")
    [call] = await desk.items("calls")
    assert (call["status"], call["machine"], call["from"]) == (status, machine, "4420794600")
    assert len((await desk.search(request_id))["events"]) == 1
    assert (await desk.balance() == "100.00 EUR") is (not machine)


async def test_a_long_message_is_paid_by_the_part(desk: Desk) -> None:
    """A text outside the GSM alphabet holds seventy characters a part; its id is that of the first."""
    await desk.settings(verify_pin_code=True)
    request_id = await desk.start(lg="cs-cz", brand="Ř" * 18, pin_code="1234567890", workflow_id="6")
    [message] = await desk.items("messages")
    assert (message["type"], len(message["ids"]), message["price"]) == ("unicode", 1, "0.03330000")

    payment = {"number": "447700900102", "payee": "Ř" * 18, "amount": "123456.78", "lg": "cs-cz"}
    other = (await desk.post("psd2/json", **payment))["request_id"]
    message = (await desk.items("messages"))[-1]
    assert (message["type"], len(message["ids"]), message["price"]) == ("unicode", 2, "0.06660000")
    found = await desk.search(other)
    assert (found["events"][0]["id"], found["estimated_price_messages_sent"]) == (message["id"], "0.06660")
    assert (await desk.search(request_id))["estimated_price_messages_sent"] == "0.03330"


async def test_a_person_types_the_code(desk: Desk) -> None:
    """What arrived or was heard sets the person off; the machine of a voicemail types nothing."""
    await desk.house.control("PUT", f"handsets/{ALICE}", {"like": "wrong-coder"})
    request_id = await desk.start(workflow_id="5")
    await desk.house.advance("2m10s")
    assert "verify.typed" in [each["name"] for each in await desk.items("events")]
    assert (await desk.stand(request_id))["phase"] == "IN PROGRESS"


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_same_seed_draws_the_same_codes(seed: int) -> None:
    """And another one others."""
    told = []
    for each in (seed, seed, seed + 10):
        async with open_house(seed=each) as house:
            desk = Desk(house)
            request_id = await desk.start(code_length="6")
            await house.advance("6m")
            told.append((request_id, (await desk.stand(request_id))["codes"]))
    assert told[0] == told[1]
    assert told[0] != told[2]


async def test_a_clock_that_jumps_leaves_the_app_its_time(desk: Desk) -> None:
    """What a verification waits for is passed by advancing alone. Source: design §5."""
    request_id = await desk.start()
    for _ in range(3):
        pending = await desk.house.store.pending("default")
        assert [each.deadline for each in pending if each.subject == request_id] == [True]
        await desk.control(request_id, "trigger_next_event")
