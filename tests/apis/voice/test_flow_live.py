"""Calls on a clock that runs, by a server of its own: nothing waits for a slow receiver but what is asked of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from tests.apis.voice.stage import OWNED, PERSON, ncco
from tests.live import FarWorld, Live, open_live, open_world
from tests.receiver import Answer, Receiver

TALK = {"action": "talk", "text": "x" * 150}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("calls")) as opened:
        yield opened


async def set_up(world: FarWorld, receiver: Receiver, **voice: Any) -> dict[str, Any]:
    """Have the application's webhooks go to a receiver; the application with its key."""
    (known,) = (await world.control("GET", ""))["applications"]
    urls = {"answer_url": f"{receiver.url}/answer", "event_url": f"{receiver.url}/event"}
    await world.control("PATCH", f"applications/{known['id']}", {"voice": {**urls, **voice}})
    await world.control("PATCH", f"numbers/{OWNED}", {"application": known["name"]})
    read: dict[str, Any] = known
    return read


async def test_an_outbound_call_on_a_running_clock(live: Live) -> None:
    """A hundred times as fast as the wall's; each report comes once, and in order."""
    async with Receiver() as receiver, open_world(live.http, "fast", {"mode": "x100"}) as world:
        application = await set_up(world, receiver)
        claims = {"application_id": application["id"], "iat": _now(), "jti": "1"}
        answer = await world.client.post(
            "/v1/calls",
            json={
                "to": [{"type": "phone", "number": PERSON}],
                "from": {"type": "phone", "number": OWNED},
                "ncco": [TALK],
            },
            headers={"Authorization": f"Bearer {jwt.encode(claims, application['private_key'], 'RS256')}"},
        )
        assert answer.status_code == 201, answer.text
        told = [each.json()["status"] for each in await receiver.wait_for(4)]

    assert told == ["started", "ringing", "answered", "completed"]


async def test_an_inbound_call_on_a_running_clock(live: Live) -> None:
    """An NCCO is what a call waits for, and nothing else."""
    async with Receiver() as receiver, open_world(live.http, "slow", {"mode": "x100"}) as world:
        await set_up(world, receiver, event_url=None, answer_method="POST")
        receiver.answer_by(lambda _: ncco(TALK))
        await world.control("POST", f"handsets/{PERSON}/call", {"to": OWNED})
        (call,) = await _calls(world, "completed")

    assert [line["text"] for line in call["transcript"]] == [TALK["text"]]
    assert [each.path for each in receiver.requests] == ["/answer"]


async def test_a_call_ends_though_its_reports_hang(live: Live) -> None:
    """Reports wait for one another, never the call for them."""
    gate = asyncio.Event()
    async with Receiver() as receiver, open_world(live.http, "hangs", {"mode": "x100"}) as world:
        application = await set_up(world, receiver)
        receiver.answer_by(lambda _: Answer(until=gate))
        claims = {"application_id": application["id"], "iat": _now(), "jti": "1"}
        await world.client.post(
            "/v1/calls",
            json={
                "to": [{"type": "phone", "number": PERSON}],
                "from": {"type": "phone", "number": OWNED},
                "ncco": [TALK],
            },
            headers={"Authorization": f"Bearer {jwt.encode(claims, application['private_key'], 'RS256')}"},
        )
        await _calls(world, "completed")
        before = len(receiver.requests)
        gate.set()
        told = [each.json()["status"] for each in await receiver.wait_for(4)]

    assert (before, told) == (1, ["started", "ringing", "answered", "completed"])


async def _calls(world: FarWorld, status: str) -> list[dict[str, Any]]:
    """The calls of the world once one has reached a status."""
    found: list[dict[str, Any]] = (await world.control("GET", f"calls?status={status}&wait=10s"))["items"]
    return found


def _now() -> int:
    return int(time.time())
