"""Carrying out one timer: the owner's rule and the timer's end are one commit."""

from __future__ import annotations

from typing import Any

from fake_nexmo.core.change import Change
from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.records import Delivery, Timer
from fake_nexmo.engine.carry import carry_out, foresee
from tests.house import House

URL = "http://127.0.0.1:9/dlr"


async def _only_timer(house: House) -> Timer:
    (item,) = await house.store.pending("default")
    assert isinstance(item, Timer)
    return item


async def test_rule_and_the_timers_end_are_one_commit(house: House) -> None:
    """After it the part has its status, the webhook is set at the due instant, and the timer is gone."""
    sent = await house.send(callback=URL)
    timer = await _only_timer(house)
    start = await house.store.peek("default")

    await carry_out(house.store, house.engine.registry, start, timer)

    (delivery,) = await house.store.pending("default")
    assert isinstance(delivery, Delivery)
    assert (delivery.about, delivery.url, delivery.due_at) == (
        sent["messages"][0]["message-id"],
        URL,
        STANDING_START + SECOND,
    )
    messages = (await house.control("GET", "messages"))["items"]
    assert [each["status"] for each in messages] == ["delivered"]


async def test_timer_that_is_gone_changes_nothing(house: House) -> None:
    """Two workers may hold the same timer for a moment; the second finds it gone."""
    await house.send(callback=URL)
    timer = await _only_timer(house)
    start = await house.store.peek("default")
    await carry_out(house.store, house.engine.registry, start, timer)
    before = await house.control("GET", "webhooks")

    await carry_out(house.store, house.engine.registry, start, timer)

    assert await house.control("GET", "webhooks") == before


async def test_timer_that_was_moved_changes_nothing(house: House) -> None:
    """A timer that was put off since it was claimed is left for its new instant."""
    await house.send(callback=URL)
    timer = await _only_timer(house)
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(put=(timer,)))

    await carry_out(house.store, house.engine.registry, start, timer)

    assert (await _only_timer(house)).version == timer.version + 1
    assert (await house.control("GET", "webhooks"))["items"] == []


async def test_moment_of_a_timer_is_its_due_instant_on_any_clock(house: House) -> None:
    """However late it is carried out, what it does is stamped with the instant it was due."""
    await house.send()
    timer = await _only_timer(house)
    await house.control("PUT", "clock", {"mode": "real"})
    house.wall += 90 * SECOND

    await carry_out(house.store, house.engine.registry, await house.store.peek("default"), timer)

    parts: list[dict[str, Any]] = (await house.control("GET", "messages"))["items"][0]["parts"]
    assert [each["status_at"] for each in parts] == ["2026-01-01T00:00:01.000Z"]


async def test_foreseeing_changes_nothing(house: House) -> None:
    """The webhooks that a timer leads to are told without setting them."""
    await house.send(callback=URL)
    timer = await _only_timer(house)
    before = await house.control("GET", "messages")

    owed = await foresee(house.store, house.engine.registry, await house.store.peek("default"), timer)

    assert [(each.kind, each.url) for each in owed] == [("receipt", URL)]
    assert await house.control("GET", "messages") == before


async def test_timer_of_a_message_that_is_gone_changes_nothing(house: House) -> None:
    """Another worker carried it out, and the message has left the store since; no fault is matched."""
    await house.control("POST", "faults", {"target": "network.*", "receipts": {"status": "failed"}}, 201)
    timer = Timer(id="gone", version=1, due_at=STANDING_START, owner="network", what="receipt", subject="gone")

    await carry_out(house.store, house.engine.registry, await house.store.peek("default"), timer)

    assert [each["matches"] for each in (await house.control("GET", "faults"))["items"]] == [0]
    assert (await house.control("GET", "messages"))["items"] == []
