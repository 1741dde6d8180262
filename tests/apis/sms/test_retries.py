"""The retry ladder: which answers lead to another attempt, when it comes, and when it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.sms import API, retries
from fake_nexmo.core.instant import HOUR, SECOND
from fake_nexmo.core.records import Delivery
from fake_nexmo.engine.runner import Engine
from tests.house import House
from tests.receiver import Answer, Receiver

ACCOUNT = "accounts/abcd1234"
PROFILES = ("current", "2020")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The customer's server."""
    async with Receiver() as one:
        yield one


async def account(house: House, url: str, profile: str | None = None) -> None:
    """Where receipts go, and the account's own profile."""
    await house.control("PATCH", ACCOUNT, {"webhooks": {"receipts": url}, "profile": profile})


async def only_webhook(house: House) -> dict[str, Any]:
    """The one webhook of the world."""
    [webhook] = (await house.control("GET", "webhooks"))["items"]
    found: dict[str, Any] = webhook
    return found


def seconds(webhook: dict[str, Any]) -> list[float]:
    """When each attempt was made, in seconds after the first."""
    instants = [datetime.fromisoformat(each["at"]).timestamp() for each in webhook["attempts"]]
    return [at - instants[0] for at in instants]


# Source: reference sms §12.2: 5 s, doubling, at most 15 min, for 24 h.
LADDER = [0, 5, 15, 35, 75, 155, 315, 635, 1275]
while LADDER[-1] + 900 <= 24 * 3600:
    LADDER.append(LADDER[-1] + 900)


async def test_the_current_ladder(house: House, receiver: Receiver) -> None:
    """5 s, doubling, then every 15 minutes for 24 hours; source: reference sms §12.2, webhooks §4 (B)."""
    receiver.answer_by(lambda _: Answer(503))
    await account(house, receiver.url)
    await house.send()

    summary = await house.advance("3d")

    webhook = await only_webhook(house)
    assert seconds(webhook) == LADDER
    assert LADDER[:10] == [0, 5, 15, 35, 75, 155, 315, 635, 1275, 2175]
    assert (len(LADDER), LADDER[-1]) == (103, 85875)
    assert (webhook["state"], webhook["next_at"]) == ("given_up", None)
    assert (summary["failed"], summary["pending"]) == (103, 0)
    assert len(receiver.requests) == 103


async def test_the_ladder_of_2020(house: House, receiver: Receiver) -> None:
    """Every 60 s for 72 hours; source: reference sms §12.2, webhooks §4 (B)."""
    receiver.answer_by(lambda _: Answer(503))
    await account(house, receiver.url, "2020")
    await house.send()

    await house.advance("4d")

    webhook = await only_webhook(house)
    assert seconds(webhook) == [60 * k for k in range(72 * 60 + 1)]
    assert (webhook["state"], webhook["next_at"]) == ("given_up", None)


async def test_the_profile_of_the_world_decides_unless_the_account_has_its_own(
    house: House, receiver: Receiver
) -> None:
    """Asked anew at each attempt."""
    receiver.answer_by(lambda _: Answer(404))
    await house.control("PATCH", "settings", {"profile": "2020"})
    await account(house, receiver.url)
    await house.send()
    await house.advance("2m1s")
    assert seconds(await only_webhook(house)) == [0, 60, 120]

    await account(house, receiver.url, "current")
    await house.advance("1m")
    webhook = await only_webhook(house)
    assert (seconds(webhook), webhook["state"]) == ([0, 60, 120, 180], "given_up")


async def test_a_pending_webhook_says_when_it_is_tried_again(house: House, receiver: Receiver) -> None:
    """And the summary counts it."""
    receiver.say(Answer(500), Answer(500))
    await account(house, receiver.url)
    await house.send()

    summary = await house.advance("6s")
    webhook = await only_webhook(house)
    assert (webhook["state"], webhook["next_at"]) == ("pending", "2026-01-01T00:00:16.000Z")
    assert [each["status"] for each in webhook["attempts"]] == [500, 500]
    assert (summary["delivered"], summary["failed"], summary["pending"]) == (0, 2, 1)

    summary = await house.advance("10s")
    webhook = await only_webhook(house)
    assert (webhook["state"], webhook["next_at"]) == ("delivered", None)
    assert [each["status"] for each in webhook["attempts"]] == [500, 500, 200]
    assert (summary["delivered"], summary["failed"], summary["pending"]) == (1, 0, 0)


async def outcome(house: House, receiver: Receiver, answer: Answer, profile: str) -> tuple[int, str]:
    """How many attempts are made when the first is answered so and the others well, and where it ends."""
    receiver.say(answer)
    await account(house, receiver.url, profile)
    await house.send()
    await house.advance("10m")
    webhook = await only_webhook(house)
    assert len(receiver.requests) == len(webhook["attempts"])
    return len(webhook["attempts"]), webhook["state"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 205, 206, 299])
@pytest.mark.parametrize("profile", PROFILES)
async def test_any_2xx_is_a_receipt(house: House, receiver: Receiver, status: int, profile: str) -> None:
    """Whatever stands in the body; source: reference sms §12.2, Decision."""
    assert await outcome(house, receiver, Answer(status, body=b""), profile) == (1, "delivered")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 410, 422, 451, 499])
async def test_what_is_no_trouble_of_the_server_is_dropped_today_and_retried_in_2020(
    house: House, receiver: Receiver, status: int
) -> None:
    """Redirects and 4xx but 429; source: reference sms §12.2 (B)."""
    assert await outcome(house, receiver, Answer(status), "current") == (1, "given_up")


@pytest.mark.parametrize("status", [300, 302, 304, 400, 404, 410, 429, 500, 503])
async def test_in_2020_everything_but_2xx_is_tried_again(house: House, receiver: Receiver, status: int) -> None:
    """Source: reference sms §12.2 (B)."""
    answer = Answer(status, body=b"" if status == 304 else b"OK")
    assert await outcome(house, receiver, answer, "2020") == (2, "delivered")


@pytest.mark.parametrize("status", [429, 500, 501, 502, 503, 504, 599])
async def test_trouble_of_the_server_is_tried_again_today(house: House, receiver: Receiver, status: int) -> None:
    """429 and 5xx; source: reference sms §12.2 (B)."""
    assert await outcome(house, receiver, Answer(status), "current") == (2, "delivered")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("answer", [Answer(hang_up=True), Answer(raw=b"SSH-2.0-x\r\n", then_close=True)])
async def test_no_answer_is_tried_again(house: House, receiver: Receiver, answer: Answer, profile: str) -> None:
    """A connection that is closed early, or that speaks no HTTP; source: reference sms §12.2 (B)."""
    assert await outcome(house, receiver, answer, profile) == (2, "delivered")
    failed = (await only_webhook(house))["attempts"][0]
    assert failed["status"] is None
    assert failed["error"]


async def test_a_redirect_is_not_followed(house: House, receiver: Receiver) -> None:
    """It is a failure like any other; source: reference sms §12.2 (D)."""
    async with Receiver() as elsewhere:
        receiver.say(Answer(307, headers=(("Location", elsewhere.url),)))
        await account(house, receiver.url, "2020")
        await house.send()
        await house.advance("1s")

        webhook = await only_webhook(house)
        assert (webhook["state"], webhook["attempts"][0]["status"]) == ("pending", 307)
        assert elsewhere.requests == []


def hurry(engine: Engine, response_s: float) -> None:
    """Give the receivers of receipts less time; the cap is real time."""
    webhook = replace(API.webhooks["receipt"], response_s=response_s)
    registry = {**engine.registry, "sms": replace(API, webhooks={"receipt": webhook})}
    engine.registry = registry


async def test_a_server_that_takes_too_long_is_tried_again(house: House, receiver: Receiver) -> None:
    """The time-out is a cap in real time and costs no time of the world; source: reference sms §12.2 (B)."""
    hurry(house.engine, 0.02)
    receiver.say(Answer(raw=b""))  # nothing ever comes back
    await account(house, receiver.url)
    await house.send()

    summary = await house.advance("1s")
    assert (summary["to"], summary["failed"]) == ("2026-01-01T00:00:01.000Z", 1)
    failed = (await only_webhook(house))["attempts"][0]
    assert failed["status"] is None
    assert failed["error"].startswith("timeout: ")
    await house.advance("5s")
    webhook = await only_webhook(house)
    assert (seconds(webhook), webhook["state"]) == ([0, 5], "delivered")


def test_the_caps_are_the_documented_ones() -> None:
    """3 s to connect, 15 s for the answer; source: reference sms §12.2, webhooks §3 (B)."""
    receipt = API.webhooks["receipt"]
    assert (receipt.connect_s, receipt.response_s) == (3.0, 15.0)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_server_that_was_down_for_hours_gets_every_receipt(house: House, profile: str) -> None:
    """Nobody listens for five hours of the world; then everything comes, once each."""
    async with Receiver() as gone:
        down = gone.url
    await house.control("PUT", "routes", {"http://shop.test": down})
    await account(house, "http://shop.test/dlr", profile)
    ids = []
    for _ in range(5):
        answer = await house.send(text="A" * 161)
        ids += [each["message-id"] for each in answer["messages"]]
        summary = await house.advance("1h")
    assert (summary["delivered"], summary["pending"]) == (0, 10)

    async with Receiver() as back:
        await house.control("PUT", "routes", {"http://shop.test": back.url})
        summary = await house.advance("15m")

    assert (summary["delivered"], summary["failed"], summary["pending"]) == (10, 0, 0)
    assert sorted(got.params["messageId"] for got in back.requests) == sorted(ids)
    items = (await house.control("GET", "webhooks"))["items"]
    assert {each["state"] for each in items} == {"delivered"}
    assert all(each["error"].startswith("connection: ") for item in items for each in item["attempts"][:-1])


async def test_a_webhook_that_waits_holds_up_nothing(house: House, receiver: Receiver) -> None:
    """Receipts of other messages, and of the other parts, overtake the one that failed; source: webhooks §5."""
    await account(house, receiver.url)
    answer = await house.send(text="A" * 161)
    first, second = (each["message-id"] for each in answer["messages"])
    receiver.say(Answer(500))

    await house.advance("1s")
    third = (await house.send())["messages"][0]["message-id"]
    await house.advance("10s")

    assert [got.params["messageId"] for got in receiver.requests] == [first, second, third, first]


# --------------------------------------------------------------------------------------------------------- the table


def delivery(kind: str, due_at: int, created_at: int = 0) -> Delivery:
    """A webhook whose next attempt is due then."""
    return Delivery(
        kind=kind,
        owner="sms",
        account="main",
        about="m",
        subject="m",
        url="http://shop.test/",
        method="GET",
        facts={},
        created_at=created_at,
        due_at=due_at,
    )


@pytest.mark.parametrize(
    ("kind", "profile", "due_at", "attempts", "wait"),
    [
        ("receipt", "current", 0, 1, 5 * SECOND),
        ("receipt", "current", 0, 8, 640 * SECOND),
        ("receipt", "current", 0, 9, 900 * SECOND),
        ("receipt", "current", 0, 10_000, 900 * SECOND),
        ("receipt", "current", 24 * HOUR - 900 * SECOND, 50, 900 * SECOND),
        ("receipt", "current", 24 * HOUR - 900 * SECOND + 1, 50, None),
        ("receipt", "2020", 0, 1, 60 * SECOND),
        ("receipt", "2020", 72 * HOUR - 60 * SECOND, 4320, 60 * SECOND),
        ("receipt", "2020", 72 * HOUR - 60 * SECOND + 1, 4321, None),
        ("inbound_sms", "2020", 24 * HOUR - 60 * SECOND, 1440, 60 * SECOND),
        ("inbound_sms", "2020", 24 * HOUR - 60 * SECOND + 1, 1441, None),
        ("inbound_sms", "current", 24 * HOUR - 899 * SECOND, 50, None),
    ],
)
def test_the_delay_after_each_attempt(kind: str, profile: str, due_at: int, attempts: int, wait: int | None) -> None:
    """Receipts live 72 hours in 2020, inbound messages 24; today both 24; source: reference sms §12.2."""
    assert retries.delay(delivery(kind, due_at), attempts, profile) == wait
    later = 7 * HOUR
    assert retries.delay(delivery(kind, due_at + later, later), attempts, profile) == wait


@given(status=st.integers(0, 999))
def test_every_status_is_received_retried_or_dropped(status: int) -> None:
    """2020 drops nothing; source: reference sms §12.2."""
    received = retries.succeeded(status)
    assert received == (status // 100 == 2)
    assert retries.retried(status, "2020")
    assert retries.retried(status, "current") == (status in {0, 429} or status >= 500)
