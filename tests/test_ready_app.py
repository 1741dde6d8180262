"""``fake_nexmo.app``: the ready ASGI app."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

import fake_nexmo
from fake_nexmo.asgi import ReadyApp, ready_app

SEND = {
    "api_key": "abcd1234",
    "api_secret": "s3cr3tS3cr3t",
    "from": "Acme",
    "to": "447700900001",
    "text": "Hi",
}


def test_the_app_is_made_once() -> None:
    """On first access, and the same ever after; other names are no attributes."""
    assert fake_nexmo.app is fake_nexmo.app is ready_app()
    with pytest.raises(AttributeError, match="module 'fake_nexmo' has no attribute 'apps'"):
        _ = fake_nexmo.apps


async def test_a_message_is_sent_and_delivered_without_a_server() -> None:
    """The engine's loop starts with the first request; the clock is advanced, so nobody waits."""
    app = ReadyApp()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        sent = (await client.post("/sms/json", data=SEND)).json()
        advanced = (await client.post("/_fake/worlds/default/clock/advance", json={"by": "2s"})).json()
        inbox = (await client.get("/_fake/worlds/default/messages")).json()
    await follow_life(app, "lifespan.shutdown")

    assert [each["status"] for each in sent["messages"]] == ["0"]
    assert advanced["timers"] == 1
    assert [each["status"] for each in inbox["items"]] == ["delivered"]


async def test_the_app_follows_the_life_of_its_server() -> None:
    """Startup and shutdown are each answered."""
    told = await follow_life(ReadyApp(), "lifespan.startup", "lifespan.shutdown")

    assert told == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


async def follow_life(app: ReadyApp, *events: str) -> list[Any]:
    """Tell an app of its server's life; what it answers."""
    coming: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    for event in events:
        coming.put_nowait({"type": event})
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    await app({"type": "lifespan"}, coming.get, send)
    return told
