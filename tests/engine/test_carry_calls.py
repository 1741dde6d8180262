"""Spoken calls from the first ring to the last word: whole traces on the world's clock, and who pays."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.core.change import Change
from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import SECOND, parse_instant
from fake_nexmo.core.legs import Leg, Speech
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Direction, Event, Timer
from fake_nexmo.engine.carry import foresee
from fake_nexmo.network import calls
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import Api
from fake_nexmo.web.replies import not_emulated
from tests.house import House

PERSON = "447700900101"
SAID = "Your code is 4 7 1 1."
TALK = 1.4
"""Seconds that it takes to say it: 21 characters, fifteen of them a second."""
RATE = 6_000_000
"""Per minute: a thousandth of a euro each second."""


class Probe:
    """An API that owns legs and writes down what it is told of them."""

    def __init__(self, house: House, *, listens: bool = True) -> None:
        self.house = house
        house.engine.registry = {
            **house.engine.registry,
            "probe": Api(
                name="probe",
                title="Probe",
                operations=(),
                word_refusal=lambda call, refusal: not_emulated("probe"),
                wrong_verb=lambda call: not_emulated("probe"),
                on_leg=self._on_leg if listens else None,
            ),
        }

    async def place(self, to: str = PERSON, ringing_s: int = 60, **facts: Any) -> str:
        """Call somebody and say the code; the uuid of the leg."""
        start = await self.house.store.begin("default")
        moment = Moment(STANDING_START, start.ordinal, 42)
        said: dict[str, Any] = {
            "id": moment.uuid(Use.CALL),
            "owner": "probe",
            "account": "main",
            "about": "r1",
            "direction": Direction.OUTBOUND,
            "sender": "12015550100",
            "to": to,
            "network": "23410",
            "rate": RATE,
            "created_at": moment.now,
            "ringing_s": ringing_s,
            "script": (Speech(SAID, "en-gb", "4711"),),
        }
        leg = Leg(**(said | facts))
        await self.house.store.commit("default", start.epoch, calls.place(leg, moment))
        await self.house.engine.settle("default")
        return leg.id

    async def trace(self) -> list[tuple[float, str]]:
        """The events of calls, in their order, each with its second."""
        found: list[dict[str, Any]] = (await self.house.control("GET", "events"))["items"]
        return [
            (seconds(each["at"]), each["name"].removeprefix("call."))
            for each in found
            if each["name"].startswith("call.")
        ]

    async def told(self) -> list[str]:
        """What its hook was told, in order."""
        found: list[dict[str, Any]] = (await self.house.control("GET", "events?name=probe.told"))["items"]
        return [each["about"] for each in found]

    async def call(self) -> dict[str, Any]:
        """The one call of the world."""
        (found,) = (await self.house.control("GET", "calls"))["items"]
        assert isinstance(found, dict)
        return found

    async def _on_leg(self, view: View, leg: Leg, account: Account, moment: Moment) -> Change:
        about = f"{leg.status.value} {leg.detail} {account.id}"
        return Change(log=(Event(at=moment.now, name="probe.told", about=about, account=account.id),))


def seconds(at: str) -> float:
    """Seconds since the world's start."""
    return (parse_instant(at) - STANDING_START) / SECOND


async def balance(house: House) -> str:
    """What the account has left."""
    return str((await house.control("GET", "accounts/abcd1234"))["balance"])


async def phone(house: House, **facts: Any) -> None:
    """Declare the person."""
    await house.control("PUT", f"handsets/{PERSON}", facts)


# When it rings, and when a call that is not connected ends: source: reference voice §9.4 (D).
ANSWERED = [(0, "started"), (0.01, "ringing"), (2, "answered"), (2 + TALK, "completed")]


@pytest.mark.parametrize(
    ("facts", "trace", "detail"),
    [
        ({}, ANSWERED, None),
        ({"like": "busy"}, [(0, "started"), (1, "busy")], None),
        ({"line": "busy"}, [(0, "started"), (1, "busy")], None),
        ({"like": "rejects"}, [(0, "started"), (0.2, "rejected")], "declined"),
        ({"like": "unreachable"}, [(0, "started"), (20, "unanswered")], "unavailable"),
        ({"line": "unreachable"}, [(0, "started"), (20, "unanswered")], "unavailable"),
        ({"like": "switched-off"}, [(0, "started"), (20, "unanswered")], "unavailable"),
        ({"power": False}, [(0, "started"), (20, "unanswered")], "unavailable"),
        ({"like": "no-answer"}, [(0, "started"), (0.01, "ringing"), (60.01, "timeout")], None),
        ({"line": "silent"}, [(0, "started"), (0.01, "ringing"), (60.01, "timeout")], None),
        ({"answers": "by_hand"}, [(0, "started"), (0.01, "ringing"), (60.01, "timeout")], None),
        (
            {"like": "slow"},
            [(0, "started"), (0.01, "ringing"), (59, "answered"), (59 + TALK, "completed")],
            None,
        ),
        (
            {"machine": {"greeting": "Beep."}},
            [(0, "started"), (0.01, "ringing"), (2, "answered"), (2 + 0.5 + TALK, "completed")],
            None,
        ),
        ({"like": "busy", "line": "free"}, ANSWERED, None),
    ],
)
async def test_whole_trace_of_a_call(
    house: House, facts: dict[str, Any], trace: list[tuple[float, str]], detail: str | None
) -> None:
    """By the manner of who is called; the owner is told of each status but the first, in the same order."""
    await phone(house, **facts)
    probe = Probe(house)

    await probe.place()
    await house.advance("5m")

    assert await probe.trace() == trace
    call = await probe.call()
    assert (call["status"], call["detail"]) == (trace[-1][1], detail)
    assert [each.split()[0] for each in await probe.told()] == [name for _, name in trace[1:]]
    assert await house.store.pending("default") == []


async def test_entry_of_a_call_to_a_machine(house: House) -> None:
    """Everything that was heard, when, and what it cost: from 2 s to 6.4 s are four seconds by whole ones."""
    await phone(house, like="voicemail", machine={"greeting": "Nobody is here, so leave a message."})
    probe = Probe(house)

    uuid = await probe.place()
    await house.advance("1s")
    ringing = await probe.call()
    await house.advance("1m")

    # 35 characters are 2.333333 s, and the code is said after them.
    end = "2026-01-01T00:00:05.733Z"
    call = await probe.call()
    assert call == {
        "seq": call["seq"],
        "at": "2026-01-01T00:00:00.000Z",
        "uuid": uuid,
        "conversation_uuid": None,
        "direction": "outbound",
        "owner": "probe",
        "about": "r1",
        "account": "main",
        "from": "12015550100",
        "to": PERSON,
        "status": "completed",
        "detail": None,
        "machine": True,
        "network": "23410",
        "rate": "0.06000000",
        "price": "0.00400000",
        "duration": 4,
        "answered_at": "2026-01-01T00:00:02.000Z",
        "ended_at": end,
        "transcript": [
            {
                "at": "2026-01-01T00:00:02.000Z",
                "speaker": "machine",
                "kind": "speech",
                "length": 2.333,
                "text": "Nobody is here, so leave a message.",
            },
            {
                "at": "2026-01-01T00:00:04.333Z",
                "speaker": "platform",
                "kind": "talk",
                "length": 1.4,
                "text": SAID,
                "digits": "4711",
            },
        ],
    }
    assert ringing == call | {
        "seq": ringing["seq"],
        "status": "ringing",
        "machine": False,
        "price": "0.00000000",
        "duration": 0,
        "answered_at": None,
        "ended_at": None,
        "transcript": [],
    }


async def test_balance_falls_by_the_price_at_the_end(house: House) -> None:
    """Not before; from 2 s to 3.4 s is one whole second."""
    probe = Probe(house)
    await probe.place()
    await house.advance("3s")
    during = await balance(house)

    await house.advance("1s")

    assert (during, await balance(house), (await probe.call())["price"]) == ("100.00 EUR", "99.999 EUR", "0.00100000")


async def test_unlimited_account_pays_nothing(house: House) -> None:
    """The price is told all the same."""
    await house.control("PATCH", "accounts/abcd1234", {"balance": "unlimited"})
    probe = Probe(house)

    await probe.place()
    await house.advance("1m")

    assert (await balance(house), (await probe.call())["price"]) == ("unlimited", "0.00100000")


async def test_call_that_nobody_answers_costs_nothing(house: House) -> None:
    """However long it rang."""
    await phone(house, like="no-answer")
    await Probe(house).place()

    await house.advance("5m")

    assert await balance(house) == "100.00 EUR"


async def test_phone_that_is_switched_off_while_it_rings_is_not_answered(house: House) -> None:
    """It can't be."""
    probe = Probe(house)
    await probe.place()
    await house.advance("1s")
    await house.control("POST", f"handsets/{PERSON}/power", {"on": False})

    await house.advance("1m")

    assert await probe.trace() == [(0, "started"), (0.01, "ringing"), (2, "unanswered")]


async def test_owned_number_without_an_answer_url_rejects(house: House) -> None:
    """Both legs are over: the one that called, and the one that came."""
    probe = Probe(house)

    await probe.place("447700900000", ringing_s=30)
    await house.advance("1m")

    trace = await probe.trace()
    assert [each for each in trace if each[1] != "mistake"] == [
        *((0, "started"), (0.01, "started"), (0.01, "rejected")),
        (0.01, "rejected"),
    ]
    assert trace.count((0.01, "mistake")) == 1
    found = (await house.control("GET", "calls"))["items"]
    assert [(each["direction"], each["owner"], each["status"]) for each in found] == [
        ("outbound", "probe", "rejected"),
        ("inbound", "voice", "rejected"),
    ]


async def test_owned_number_whose_calls_go_elsewhere_rings_until_it_stops(house: House) -> None:
    """That is not emulated."""
    await house.control("PATCH", "numbers/447700900000", {"voice": {"type": "tel", "value": "447700900102"}})
    probe = Probe(house)

    await probe.place("447700900000", ringing_s=30)
    await house.advance("1m")

    assert await probe.trace() == [(0, "started"), (0.01, "ringing"), (30.01, "timeout")]


@pytest.mark.parametrize(
    ("fault", "last"),
    [
        ({"target": "network.23410", "receipts": {"status": "failed"}}, "failed"),
        ({"target": "network.23410", "receipts": {"status": "delivered"}}, "completed"),
        ({"target": "network.23410", "to": PERSON, "receipts": {"status": "failed"}}, "failed"),
        ({"target": "network.23410", "account": "main", "receipts": {"status": "failed"}}, "failed"),
        ({"target": "network.23410", "to": "447700900102", "receipts": {"status": "failed"}}, "completed"),
        ({"target": "network.23415", "receipts": {"status": "failed"}}, "completed"),
    ],
)
async def test_network_that_is_out(house: House, fault: dict[str, Any], last: str) -> None:
    """It is looked at once, when the ringing falls due; source: design §8."""
    await house.control("POST", "faults", {"name": "outage", **fault}, 201)
    probe = Probe(house)

    await probe.place()
    await house.advance("1m")

    call = await probe.call()
    assert (call["status"], call["detail"]) == (last, "cannot_route" if last == "failed" else None)
    matches = (await house.control("GET", "faults"))["items"][0]["matches"]
    assert matches == (0 if "0102" in fault.get("to", "") or fault["target"] == "network.23415" else 1)


async def test_calls_of_one_person_are_apart(house: House) -> None:
    """Each leg has its own steps."""
    probe = Probe(house)
    one = await probe.place()
    await house.advance("1s")
    two = await probe.place("447700900102")
    await house.advance("1m")

    found = (await house.control("GET", "calls"))["items"]
    assert [(each["uuid"], each["status"], each["ended_at"]) for each in found] == [
        (one, "completed", "2026-01-01T00:00:03.400Z"),
        (two, "completed", "2026-01-01T00:00:03.400Z"),
    ]


async def test_owner_without_a_hook_is_not_told(house: House) -> None:
    """The call goes its way."""
    probe = Probe(house, listens=False)

    await probe.place()
    await house.advance("1m")

    assert (await probe.trace(), await probe.told()) == (ANSWERED, [])


async def test_owner_is_told_with_detail_and_account(house: House) -> None:
    """The leg as it is by then, and who pays."""
    await phone(house, like="rejects")
    probe = Probe(house)

    await probe.place()
    await house.advance("1s")

    assert await probe.told() == ["rejected declined main"]


async def test_foreseeing_a_call_changes_nothing(house: House) -> None:
    """It leads to no webhook by itself."""
    probe = Probe(house)
    await probe.place()
    await house.advance("1s")
    before = await house.control("GET", "calls")
    (timer,) = await house.store.pending("default")
    assert isinstance(timer, Timer)

    owed = await foresee(house.store, house.engine.registry, await house.store.peek("default"), timer)

    assert (owed, await house.control("GET", "calls")) == ((), before)


async def test_jumping_clock_does_not_pass_the_ringing_of_a_phone_answered_by_hand(house: House) -> None:
    """That is a deadline, as design §5 has it; the ringing of a phone that nobody answers is none."""
    await phone(house, answers="by_hand")
    probe = Probe(house)
    await probe.place()
    await house.advance("1s")

    (timer,) = await house.store.pending("default")

    assert (timer.deadline, timer.due_at) == (True, STANDING_START + 60 * SECOND + 10_000)
