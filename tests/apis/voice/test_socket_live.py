"""Websockets of calls by a server of its own, on clocks that run and on one that jumps; nobody advances them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.apis.voice.stage import OWNED, PERSON
from tests.live import FarWorld, Live, open_live, open_world
from tests.socket_peer import Message, Peer, Talk

LOW = "audio/l16;rate=8000"
SOUND = [b"\x10\x27" * 160] * 25
TALK = {"action": "talk", "text": "x" * 45}


FROM = {"from": {"type": "phone", "number": OWNED}, "event_url": ["http://127.0.0.1:9/nobody"]}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("sockets")) as opened:
        yield opened


async def create(world: FarWorld, **said: Any) -> None:
    """Make a call with the world's first application."""
    (known,) = (await world.control("GET", ""))["applications"]
    claims = {"application_id": known["id"], "iat": int(time.time()), "jti": "1"}
    answer = await world.client.post("/v1/calls", json={**FROM, **said}, headers=bearer(claims, known["private_key"]))
    assert answer.status_code == 201, answer.text


def bearer(claims: dict[str, Any], key: str) -> dict[str, str]:
    """The header of a request with a token."""
    return {"Authorization": f"Bearer {jwt.encode(claims, key, 'RS256')}"}


async def completed(world: FarWorld) -> dict[str, Any]:
    """The newest call that is over, once there is one."""
    found = (await world.control("GET", "calls?status=completed&wait=20s"))["items"]
    assert found, "no call was over in time"
    call: dict[str, Any] = found[-1]
    return call


async def parrot(talk: Talk, message: Message) -> None:
    """An app that says something when it is spoken to, and leaves when that was heard."""
    if isinstance(message, str) and "notify" in message:
        await talk.close()
    elif isinstance(message, bytes) and any(message) and len([each for each in talk.frames if any(each)]) == 1:
        await talk.say(*SOUND, json.dumps({"action": "notify"}))


@pytest.mark.parametrize("mode", ["x20", "auto"])
async def test_an_app_talks_and_leaves(live: Live, mode: str) -> None:
    """Whether the clock runs or jumps, the call goes on by itself to its end."""
    async with Peer(parrot) as peer, open_world(live.http, f"talks-{mode}", {"mode": mode}) as world:
        await create(
            world,
            to=[{"type": "websocket", "uri": peer.url, "content-type": LOW}],
            ncco=[TALK, {"action": "wait", "timeout": 600}],
        )
        call = await completed(world)
        await peer.talk.over.wait()

    (said,) = [each for each in call["transcript"] if each["speaker"] == "person"]
    assert (said["kind"], said["length"]) == ("audio", 0.5)
    assert peer.talk.texts[1:] == ['{"event":"websocket:notify"}']


async def test_frames_come_as_time_passes(live: Live) -> None:
    """On a real clock fifty of them in a second, ten at a time."""
    async with Peer() as peer, open_world(live.http, "real", {"mode": "real"}) as world:
        began = time.monotonic()
        await create(world, to=[{"type": "websocket", "uri": peer.url}], ncco=[{"action": "wait", "timeout": 60}])
        await peer.wait_for(lambda: bool(peer.talks) and len(peer.talk.frames) >= 50)
        took = time.monotonic() - began

    assert took >= 1
    assert {len(each) for each in peer.talk.frames} == {640}


async def test_an_app_that_hangs_holds_up_nobody_else(live: Live) -> None:
    """Its handshake is waited for apart from all else in its world."""
    never = asyncio.Event()

    async def hangs() -> None:
        await never.wait()

    async with Peer() as peer, open_world(live.http, "hangs", {"mode": "x50"}) as world:
        peer.before = hangs
        await create(world, to=[{"type": "websocket", "uri": peer.url}], ncco=[TALK])
        await create(world, to=[{"type": "phone", "number": PERSON}], ncco=[TALK])
        call = await completed(world)
        never.set()

    assert call["to"] == PERSON


async def test_a_server_that_stops_says_goodbye(tmp_path: Path) -> None:
    """The app is told that it goes away, not that the call is over."""
    async with Peer() as peer:
        with open_live(tmp_path) as own:
            (known,) = own.ready["applications"]
            claims = {"application_id": known["id"], "iat": int(time.time()), "jti": "1"}
            key = await asyncio.to_thread(Path(known["private_key_file"]).read_text)
            async with httpx.AsyncClient(base_url=own.http) as client:
                said = {"to": [{"type": "websocket", "uri": peer.url}], "ncco": [{"action": "wait"}], **FROM}
                answer = await client.post("/v1/calls", json=said, headers=bearer(claims, key))
                assert answer.status_code == 201, answer.text
                await peer.wait_for(lambda: bool(peer.talks) and bool(peer.talk.frames))
            stopped = await asyncio.to_thread(own.stop)
            await peer.talk.over.wait()
    assert (peer.talk.ended, stopped.status) == (1001, 0)
