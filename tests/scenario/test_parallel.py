"""What a scenario lets happen once happens once, however many ask at the same time.

Source: scenario format, "Transitions are atomic: parallel requests never both take the same ``call: 1``".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from fake_nexmo.asgi import build_app
from fake_nexmo.control.base import Control
from fake_nexmo.engine.build import build_engine
from fake_nexmo.scenario.load import load_object
from fake_nexmo.scenario.worlds import make_world, plan_of
from tests.house import House
from tests.receiver import Receiver
from tests.scenario.example import NAMES
from tests.store.faraway import FarawayStore

CROWD = 100
WORLD: dict[str, Any] = {
    "seed": 7,
    "clock": {"mode": "manual"},
    "handsets": {
        "alice": {"number": "447700900601", "submission": {"answer": "throttled", "calls": "1..2"}},
        "late": {"number": "447700900602", "submission": {"answer": "throttled", "calls": "50..51"}},
        "bob": {"number": "447700900603"},
        "carol": {"number": "447700900604"},
        "dora": {"number": "447700900605"},
    },
    "faults": {
        "once": {"target": "sms.send", "to": "bob", "call": 1, "answer": "barred"},
        "third": {"target": "sms.send", "to": "carol", "calls": "3..5", "answer": "barred", "until": "spent"},
        "twice": {"target": "webhook.receipt", "to": "dora", "call": 7, "repeat": 2},
    },
    "timeline": [{"when": "message.submitted", "to": "bob", "note": "the first of them"}],
    "expect": [
        {"message": {"to": "alice"}, "count": "98"},
        {"message": {"to": "bob"}, "count": "99"},
        {"request": {"fault": "once"}, "count": "1"},
        {"request": {"fault": "third"}, "count": "3"},
    ],
}


@pytest.fixture
async def far(house: House) -> House:
    """The emulator over a store that is far away, with the world of the scenario."""
    house.store = FarawayStore(wall=lambda: house.wall)
    await house.engine.stop(0)
    house.engine = build_engine(house.store, lambda: house.wall)
    house.app = build_app(house.engine, Control(house.engine, clock="manual"))
    house.client._transport.app = house.app  # type: ignore[attr-defined] # its one place in the client
    await make_world(house.store, lambda: house.wall, plan_of(load_object(WORLD, NAMES), NAMES, name="default"))
    return house


async def crowd(house: House, to: str, **params: str) -> Counter[str]:
    """A hundred sends at the same time; how often each status came."""
    sent = await asyncio.gather(*(house.send(to=to, **params) for _ in range(CROWD)))
    return Counter(each["messages"][0]["status"] for each in sent)


@pytest.mark.parametrize("to", ["447700900601", "447700900602"])
async def test_a_phone_refuses_as_many_submissions_as_it_says(far: House, to: str) -> None:
    """The first two, or the fiftieth and the next: two of a hundred, never one, never three."""
    assert await crowd(far, to) == {"0": CROWD - 2, "1": 2}
    assert await far.store.counter("default", f"submissions/{to}") == CROWD


async def test_a_fault_on_one_call_takes_one_call(far: House) -> None:
    """Exactly one of a hundred; it is counted once for each of them."""
    assert await crowd(far, "447700900603") == {"0": CROWD - 1, "7": 1}
    faults = (await far.control("GET", "faults"))["items"]
    assert [(each["name"], each["matches"]) for each in faults] == [("once", CROWD), ("third", 0), ("twice", 0)]


async def test_a_fault_that_is_spent_is_disarmed_once(far: House) -> None:
    """After its three calls; what is armed beside it stays."""
    assert await crowd(far, "447700900604") == {"0": CROWD - 3, "7": 3}
    assert [each["name"] for each in (await far.control("GET", "faults"))["items"]] == ["once", "twice"]


async def test_a_step_that_waits_is_set_off_by_one_event(far: House) -> None:
    """By the first of a hundred: it is taken once."""
    await crowd(far, "447700900603")
    await far.advance("1m")

    assert [each["about"] for each in (await far.control("GET", "events?name=note"))["items"]] == ["the first of them"]


async def test_expectations_count_each_of_them(far: House) -> None:
    """None is lost and none is counted twice."""
    for to in ("447700900601", "447700900603", "447700900604"):
        await crowd(far, to)

    verdicts = await far.control("GET", "expectations?final=true")
    assert [each["state"] for each in verdicts["items"]] == ["met"] * 4


async def test_a_fault_on_one_webhook_takes_one_webhook(far: House) -> None:
    """The receipt of the seventh is sent twice, all others once."""
    async with Receiver() as receiver:
        await crowd(far, "447700900605", callback=receiver.url)
        await far.advance("1m")

        times = Counter(str(each.params["messageId"]) for each in receiver.requests)
    assert Counter(times.values()) == {1: CROWD - 1, 2: 1}


async def test_a_balance_is_spent_to_the_last_message_and_no_further(far: House) -> None:
    """What pays for ten pays for ten of a hundred."""
    await far.control("PATCH", "accounts/abcd1234", {"balance": "0.333 EUR"})

    assert await crowd(far, "447700900699") == {"0": 10, "9": CROWD - 10}
