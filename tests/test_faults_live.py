"""Faults on a live server: replies that are lost, cut short or late, and calls that are counted under load."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.live import FarWorld, Live, open_live, open_world, trusting
from tests.receiver import Answer, Receiver

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One server for all tests of this file; each has its own world."""
    with open_live(tmp_path_factory.mktemp("faults")) as opened:
        yield opened


@pytest.fixture
async def world(live: Live) -> AsyncIterator[FarWorld]:
    """A fresh world with a standing clock."""
    async with open_world(live.http, f"faults-{next(_NUMBERS)}") as opened:
        yield opened


async def arm(world: FarWorld, target: str = "sms.send", **said: Any) -> None:
    """Arm a fault."""
    await world.control("POST", "faults", {"target": target, **said})


def form(world: FarWorld) -> dict[str, str]:
    """A send with the world's credentials."""
    return {
        "api_key": world.key,
        "api_secret": world.secret,
        "from": "Acme",
        "to": "447700900101",
        "text": "Hi",
    }


LOST = {
    "drop_connection": "Server disconnected without sending a response.",
    "truncate": "peer closed connection without sending complete message body",
}


@pytest.mark.parametrize("then", LOST)
@pytest.mark.parametrize(("effect", "inbox"), [("applied", 1), ("none", 0), ("twice", 2)])
async def test_a_client_that_loses_its_reply_sees_the_connection_close(
    world: FarWorld, then: str, effect: str, inbox: int
) -> None:
    """What happened, happened, once or as often as the fault says; the next request is answered on a new connection."""
    await arm(world, name="lost", call=1, then=then, effect=effect)

    with pytest.raises(httpx.RemoteProtocolError) as lost:
        await world.client.post("/sms/json", data=form(world))

    assert str(lost.value).startswith(LOST[then])
    assert len(await world.items("messages")) == inbox
    [entry] = await world.items("requests")
    assert (entry["fault"], entry["operation"], entry["about"] is not None) == ("lost", "sms.send", inbox > 0)
    assert [each["status"] for each in await world.send()] == ["0"]


@pytest.mark.parametrize("then", LOST)
async def test_a_reply_is_lost_over_tls_too(live: Live, world: FarWorld, then: str) -> None:
    """The client hears nothing more."""
    await arm(world, call=1, then=then)

    async with httpx.AsyncClient(verify=trusting(live.ca_file), trust_env=False, base_url=live.https) as client:
        with pytest.raises(httpx.TransportError):
            await client.post("/sms/json", data=form(world))
        again = await client.post("/sms/json", data=form(world))

    assert again.json()["messages"][0]["status"] == "0"
    assert len(await world.items("messages")) == 2


async def test_a_truncated_reply_is_the_first_half_of_the_whole(world: FarWorld) -> None:
    """With the headers of the whole, its length included."""
    await arm(world, call=1, then="truncate", answer="bad_credentials")
    got = b""

    async def read(reply: httpx.Response) -> None:
        nonlocal got
        async for chunk in reply.aiter_raw():
            got += chunk

    async with world.client.stream("POST", "/sms/json", data=form(world)) as cut:
        with pytest.raises(httpx.RemoteProtocolError):
            await read(cut)

    await arm(world, name="whole", answer="bad_credentials")
    whole = await world.client.post("/sms/json", data=form(world))
    assert (cut.status_code, cut.headers["content-length"]) == (200, str(len(whole.content)))
    assert got == whole.content[: len(whole.content) // 2]


async def test_a_lost_trouble_was_still_not_carried_out(world: FarWorld) -> None:
    """The trouble would have been the answer."""
    await arm(world, call=1, then="drop_connection", answer="throttled")

    with pytest.raises(httpx.RemoteProtocolError):
        await world.client.post("/sms/json", data=form(world))

    assert await world.items("messages") == []
    [entry] = await world.items("requests")
    assert entry["outcome"].startswith("1 Throughput Rate Exceeded")


async def test_a_delay_passes_in_real_time_and_holds_up_nobody_else(world: FarWorld) -> None:
    """The message is there before its reply is; the world's clock stands still meanwhile."""
    await arm(world, call=1, delay="1s")
    began = time.monotonic()

    slow = asyncio.create_task(world.send())
    found = await world.control("GET", "messages?wait=5s")
    quick = await world.send()
    answered = slow.done()
    [element] = await slow
    took = time.monotonic() - began

    assert not answered
    assert took >= 1
    assert found["items"][0]["id"] == element["message-id"]
    assert [each["status"] for each in quick] == ["0"]
    assert (await world.control("GET", "clock"))["now"] == "2026-03-01T12:00:00.000Z"


async def test_a_client_that_gives_up_on_a_late_reply_has_sent_its_message(world: FarWorld) -> None:
    """A time-out says nothing about what happened."""
    await arm(world, call=1, delay="2s")

    with pytest.raises(httpx.ReadTimeout):
        await world.client.post("/sms/json", data=form(world), timeout=0.2)

    assert len(await world.items("messages")) == 1


async def test_a_spread_delay_is_never_the_same(world: FarWorld) -> None:
    """Log-normal around its median, drawn for each match."""
    await arm(world, delay={"median": "20ms", "p99": "200ms"})
    took = []
    for _ in range(5):
        began = time.monotonic()
        await world.send()
        took.append(time.monotonic() - began)

    assert sum(took) < 5
    assert max(took) > 0.02


async def test_a_delayed_trouble_is_late_too(world: FarWorld) -> None:
    """The delay is the reply's, whatever it says."""
    await arm(world, delay="200ms", answer={"http": 503, "retry_after": 7})
    began = time.monotonic()

    answer = await world.client.post("/sms/json", data=form(world))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert time.monotonic() - began >= 0.2


async def test_a_reply_waits_for_the_receipt_that_comes_before_it(world: FarWorld) -> None:
    """Until the first attempt was answered; source: design §8."""
    await arm(world, "webhook.receipt", deliver="before_response")
    held = asyncio.Event()
    async with Receiver() as receiver:
        receiver.say(Answer(until=held))
        sending = asyncio.create_task(world.send(callback=receiver.url))
        [got] = await receiver.wait_for(1)
        answered = sending.done()
        held.set()
        [element] = await sending

    assert not answered
    assert (got.params["messageId"], got.params["status"]) == (element["message-id"], "delivered")
    [webhook] = await world.items("webhooks")
    assert webhook["state"] == "delivered"


async def test_a_receipt_that_fails_before_the_response_does_not_hold_it_up(world: FarWorld) -> None:
    """The first attempt is waited for, its retries are not."""
    await arm(world, "webhook.receipt", deliver="before_response")
    async with Receiver() as receiver:
        receiver.say(Answer(500))
        [element] = await world.send(callback=receiver.url)
        first = len(receiver.requests)
        await world.advance("5s")

        assert (element["status"], first) == ("0", 1)
        assert [got.params["messageId"] for got in receiver.requests] == [element["message-id"]] * 2


@pytest.mark.parametrize(("said", "hit"), [({"call": 1}, 1), ({"calls": "1..7"}, 7), ({"every": 10}, 10)])
async def test_of_a_hundred_parallel_sends_exactly_those_are_hit(
    world: FarWorld, said: dict[str, Any], hit: int
) -> None:
    """However they race; source: scenario format, "transitions are atomic"."""
    await arm(world, name="f", answer="throttled", **said)

    answers = await asyncio.gather(*(world.send() for _ in range(100)))

    statuses = [element["status"] for [element] in answers]
    assert (statuses.count("1"), statuses.count("0")) == (hit, 100 - hit)
    assert len(await world.items("messages")) == 100 - hit
    faults = (await world.control("GET", "faults"))["items"]
    assert [(each["name"], each["matches"]) for each in faults] == [("f", 100)]
    entries = await world.items("requests")
    assert [each["fault"] for each in entries].count("f") == hit


async def test_a_fault_that_is_spent_under_load_is_disarmed_once(world: FarWorld) -> None:
    """And what others armed meanwhile stays."""
    await arm(world, name="spent", calls="1..3", until="spent", answer="throttled")
    await arm(world, name="stays", call=1_000)

    answers = await asyncio.gather(*(world.send() for _ in range(50)))

    assert [element["status"] for [element] in answers].count("1") == 3
    faults = (await world.control("GET", "faults"))["items"]
    assert [(each["name"], each["matches"]) for each in faults] == [("stays", 50)]


async def test_parallel_sends_to_a_throttled_phone_are_refused_twice(world: FarWorld) -> None:
    """The first two that come, whoever they are."""
    answers = await asyncio.gather(*(world.send(to="447700900020") for _ in range(50)))

    assert sorted(element["status"] for [element] in answers) == ["0"] * 48 + ["1"] * 2
