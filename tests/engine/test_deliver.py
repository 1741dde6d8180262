"""Webhooks on their way: attempts, retries on the world's clock, order, routes, refused targets, sending again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import DAY, HOUR, SECOND, rfc3339
from tests.house import House, open_house
from tests.receiver import Answer, Receiver

LONG = "x" * 400
"""Three parts, so three receipts of one message."""


def at(seconds: float) -> str:
    """So many seconds after a standing clock's start."""
    return rfc3339(STANDING_START + round(seconds * SECOND))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver on a free port."""
    async with Receiver() as opened:
        yield opened


@contextlib.asynccontextmanager
async def driving(house: House) -> AsyncIterator[None]:
    """The engine's loop at work."""
    task = asyncio.create_task(house.engine.drive())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def webhooks(house: House) -> list[dict[str, Any]]:
    """All webhooks of the world ``default``."""
    items: list[dict[str, Any]] = (await house.control("GET", "webhooks"))["items"]
    return items


def tries(webhook: dict[str, Any]) -> list[tuple[str, int | None]]:
    """When a webhook was tried, and what was answered."""
    return [(each["at"], each["status"]) for each in webhook["attempts"]]


async def test_entry_of_a_delivered_webhook_is_whole(house: House, receiver: Receiver) -> None:
    """It says what was sent where and what was answered."""
    sent = await house.send(callback=receiver.url)
    message = sent["messages"][0]["message-id"]

    await house.advance("1s")

    (entry,) = await webhooks(house)
    query = receiver.requests[0].query
    assert entry == {
        "seq": entry["seq"],
        "at": at(1),
        "id": entry["id"],
        "kind": "receipt",
        "about": message,
        "account": "main",
        "url": receiver.url,
        "method": "GET",
        "state": "delivered",
        "next_at": None,
        "facts": entry["facts"],
        "fault": None,
        "attempts": [
            {
                "at": at(1),
                "method": "GET",
                "url": f"{receiver.url}?{query}",
                "status": 200,
                "error": None,
                "took_ms": 0,
            }
        ],
    }


async def test_retries_fall_due_on_the_worlds_clock(house: House, receiver: Receiver) -> None:
    """A failed webhook waits five seconds, then ten, of the world's time; each attempt is written down."""
    receiver.say(Answer(500), Answer(503))
    await house.send(callback=receiver.url)

    first = await house.advance("1s")
    waiting = (await webhooks(house))[0]
    second = await house.advance("5s")
    early = await house.advance("9.999999s")
    last = await house.advance("1us")

    assert (waiting["state"], waiting["next_at"]) == ("pending", at(6))
    counts = [(each["timers"], each["delivered"], each["failed"], each["pending"]) for each in (first, second, early)]
    assert counts == [(1, 0, 1, 1), (0, 0, 1, 1), (0, 0, 0, 1)]
    assert (last["delivered"], last["failed"], last["pending"]) == (1, 0, 0)
    assert tries((await webhooks(house))[0]) == [(at(1), 500), (at(6), 503), (at(16), 200)]


async def test_ladder_of_24_hours(house: House, receiver: Receiver) -> None:
    """5 s, doubling to a quarter of an hour, for a day; then it is given up and never tried again."""
    receiver.answer_by(lambda received: Answer(500))
    await house.send(callback=receiver.url)

    summary = await house.advance("2d")

    instants, wait, passed = [1.0], 5.0, 0.0
    while passed + wait <= DAY / SECOND:
        passed += wait
        instants.append(1 + passed)
        wait = min(2 * wait, 900)
    (entry,) = await webhooks(house)
    assert tries(entry) == [(at(instant), 500) for instant in instants]
    assert (entry["state"], entry["next_at"]) == ("given_up", None)
    assert (summary["failed"], summary["pending"]) == (len(instants), 0)
    assert (await house.advance("2d"))["failed"] == 0


@pytest.mark.parametrize(
    ("profile", "status", "state"),
    [
        ("current", 404, "given_up"),
        ("current", 302, "given_up"),
        ("current", 429, "pending"),
        ("current", 500, "pending"),
        ("current", 204, "delivered"),
        ("2020", 404, "pending"),
        ("2020", 204, "delivered"),
    ],
)
async def test_profile_decides_what_is_retried(
    house: House, receiver: Receiver, profile: str, status: int, state: str
) -> None:
    """Today a plain refusal ends it; in 2020 everything but success was tried again."""
    await house.control("PATCH", "settings", {"profile": profile})
    receiver.say(Answer(status))
    await house.send(callback=receiver.url)

    await house.advance("1s")

    assert [(each["state"], tries(each)) for each in await webhooks(house)] == [(state, [(at(1), status)])]


async def test_profile_of_an_account_comes_before_the_worlds(house: House, receiver: Receiver) -> None:
    """One account may live in 2020: a minute between attempts."""
    await house.control("PATCH", "accounts/abcd1234", {"profile": "2020"})
    receiver.say(Answer(404))
    await house.send(callback=receiver.url)

    await house.advance("61s")

    assert [tries(each) for each in await webhooks(house)] == [[(at(1), 404), (at(61), 200)]]


async def test_no_answer_is_an_attempt_with_an_error(house: House, receiver: Receiver) -> None:
    """A receiver that hangs up is tried again; the entry says why there was no status."""
    receiver.say(Answer(hang_up=True))
    await house.send(callback=receiver.url)

    await house.advance("6s")

    (entry,) = await webhooks(house)
    assert tries(entry) == [(at(1), None), (at(6), 200)]
    assert entry["attempts"][0]["error"].startswith("connection: ")


async def test_retry_that_waits_holds_up_nothing(house: House, receiver: Receiver) -> None:
    """The second part's receipt does not wait for the first part's retry."""
    receiver.say(Answer(500))
    await house.send(text=LONG, callback=receiver.url)

    await house.advance("1s")

    assert [each["state"] for each in await webhooks(house)] == ["pending", "delivered", "delivered"]
    await house.advance("5s")
    parts = [each.params["messageId"] for each in receiver.requests]
    assert parts == [*(each["about"] for each in await webhooks(house)), parts[0]]


async def test_webhooks_of_one_subject_go_out_in_order(receiver: Receiver) -> None:
    """On a running clock messages go side by side, the receipts of one message one after another."""
    gate = asyncio.Event()
    async with open_house(clock="real") as house:
        slow = await house.send(text=LONG, callback=f"{receiver.url}/slow")
        quick = await house.send(text=LONG, callback=f"{receiver.url}/quick")
        house.wall += SECOND
        receiver.answer_by(lambda received: Answer(until=gate) if received.path == "/slow" else Answer())
        async with driving(house):
            await receiver.wait_for(4)
            meanwhile = [each.params["messageId"] for each in receiver.requests]
            gate.set()
            await receiver.wait_for(6)
            while not all(each["state"] == "delivered" for each in await webhooks(house)):
                page = await house.control("GET", "webhooks")
                await house.control("GET", f"webhooks?since={page['since']}&wait=5s")

    ids = {path: [each["message-id"] for each in sent["messages"]] for path, sent in (("s", slow), ("q", quick))}
    assert [each for each in meanwhile if each in ids["s"]] == ids["s"][:1]
    assert [each for each in meanwhile if each in ids["q"]] == ids["q"]
    assert [each.params["messageId"] for each in receiver.requests if each.path == "/slow"] == ids["s"]


async def test_routes_lead_webhooks_elsewhere(house: House, receiver: Receiver) -> None:
    """A host that only the world's user knows is replaced; the entry shows where it went and for what."""
    await house.control("PUT", "routes", {"http://shop.test": receiver.url})
    await house.send(callback="http://shop.test/dlr?a=1")

    await house.advance("1s")

    (request,) = receiver.requests
    (entry,) = await webhooks(house)
    assert (request.path, request.params["a"], request.params["status"]) == ("/dlr", "1", "delivered")
    assert (entry["url"], entry["state"]) == ("http://shop.test/dlr?a=1", "delivered")
    shown = f"{receiver.url}/dlr?{request.query} (for http://shop.test/dlr?{request.query})"
    assert entry["attempts"][0]["url"] == shown


async def test_public_targets_are_refused_and_never_tried_again(house: House) -> None:
    """Nothing leaks out of a test: the entry says what would allow it, and no retry follows."""
    await house.send(callback="http://203.0.113.7/dlr")

    summary = await house.advance("1d")

    (entry,) = await webhooks(house)
    assert (summary["delivered"], summary["failed"], summary["pending"]) == (0, 1, 0)
    assert (entry["state"], entry["next_at"], tries(entry)) == ("refused", None, [(at(1), None)])
    error = entry["attempts"][0]["error"]
    assert error.startswith("refused: ")
    assert "--allow-webhooks-to" in error


# Sending again.


@pytest.mark.parametrize(
    ("first", "state", "pause"), [(200, "delivered", "0s"), (404, "given_up", "0s"), (500, "pending", "1s")]
)
async def test_webhook_is_sent_again_whatever_became_of_it(
    house: House, receiver: Receiver, first: int, state: str, pause: str
) -> None:
    """It is sent at once, with the facts of the first time, and answered when it was."""
    receiver.say(Answer(first))
    await house.send(callback=receiver.url)
    await house.advance("1s")
    (before,) = await webhooks(house)
    await house.advance(pause)

    answer = await house.control("POST", f"webhooks/{before['id']}/resend")

    (after,) = await webhooks(house)
    assert before["state"] == state
    assert answer == {**after, "settled": True}
    assert (after["state"], after["next_at"]) == ("delivered", None)
    assert tries(after) == [(at(1), first), (at(1 if pause == "0s" else 2), 200)]
    ours = [each.params for each in receiver.requests]
    assert {**ours[0], "message-timestamp": ""} == {**ours[1], "message-timestamp": ""}
    assert (await house.advance("1d"))["delivered"] == 0


async def test_refused_webhook_can_be_sent_again_once_it_has_a_route(house: House, receiver: Receiver) -> None:
    """The way out of a refused target: name a route and send it again."""
    await house.send(callback="http://203.0.113.7/dlr")
    await house.advance("1s")
    (before,) = await webhooks(house)
    await house.control("PUT", "routes", {"http://203.0.113.7": receiver.url})

    answer = await house.control("POST", f"webhooks/{before['id']}/resend")

    assert (before["state"], answer["state"]) == ("refused", "delivered")


async def test_webhook_given_up_after_a_day_is_tried_once_more_only(house: House, receiver: Receiver) -> None:
    """Its life is over: sent again in vain it is given up again, without a new ladder."""
    receiver.answer_by(lambda received: Answer(500))
    await house.send(callback=receiver.url)
    await house.advance("2d")
    (before,) = await webhooks(house)

    answer = await house.control("POST", f"webhooks/{before['id']}/resend")

    assert answer["state"] == "given_up"
    assert len(answer["attempts"]) == len(before["attempts"]) + 1


async def test_webhook_that_nobody_knows_cannot_be_sent_again(house: House) -> None:
    """404 with the id that was asked for."""
    assert await house.control("POST", "webhooks/w99/resend", None, 404) == {
        "type": "urn:fake-nexmo:no-such-webhook",
        "title": "No such webhook",
        "status": 404,
        "detail": "The world has no webhook 'w99'.",
    }


async def test_webhook_sent_again_from_its_own_handler_comes_once_more(house: House, receiver: Receiver) -> None:
    """Asked for while the first attempt is under way, the second one follows it; both are written down."""
    answers: list[Any] = []
    done = asyncio.Event()

    async def again() -> None:
        try:
            (entry,) = await webhooks(house)
            answers.append(await house.control("POST", f"webhooks/{entry['id']}/resend"))
        finally:
            done.set()

    tasks: list[asyncio.Task[None]] = []

    def answer_by(_: object) -> Answer:
        if not tasks:
            tasks.append(asyncio.create_task(again()))
        return Answer(until=done)

    receiver.answer_by(answer_by)
    await house.send(callback=receiver.url)

    summary = await house.advance("1s")
    await asyncio.gather(*tasks)

    (entry,) = await webhooks(house)
    assert [(each["settled"], each["state"], each["attempts"]) for each in answers] == [(False, "pending", [])]
    assert (entry["state"], tries(entry)) == ("delivered", [(at(1), 200), (at(1), 200)])
    assert len(receiver.requests) == 2
    assert summary["pending"] == 0


async def test_receiver_that_never_answers_is_cut_off_in_real_time(house: House, receiver: Receiver) -> None:
    """A webhook's latency costs no time of the world: attempts are at the instants of the clock."""
    gate = asyncio.Event()
    receiver.say(Answer(500, until=gate))
    await house.send(callback=receiver.url)
    advance = asyncio.create_task(house.advance("6s"))
    await receiver.wait_for(1)
    house.wall += HOUR
    gate.set()
    await advance

    (entry,) = await webhooks(house)
    assert tries(entry) == [(at(1), 500), (at(6), 200)]
    assert [each["took_ms"] for each in entry["attempts"]] == [3_600_000, 0]
