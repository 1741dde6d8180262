"""A whole emulator inside the test's process: no socket, no thread, and a wall clock that the test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from fake_nexmo.asgi import Emulator, build_app
from fake_nexmo.control.base import Control
from fake_nexmo.engine.build import build_engine
from fake_nexmo.engine.runner import Engine
from fake_nexmo.scenario.worlds import Made, Plan, make_world
from fake_nexmo.store.memory import MemoryStore

# 2026-03-01T09:00:00Z
WALL_START = 1_772_355_600_000_000


class House:
    """The parts of an emulator, and a client that speaks to it.

    Attributes:
        wall: the wall's instant, in microseconds; time passes when the test says so.
        world: the world ``default``, with the credentials of the design.
    """

    def __init__(self) -> None:
        self.wall = WALL_START
        self.store = MemoryStore(wall=lambda: self.wall)
        self.engine: Engine = build_engine(self.store, lambda: self.wall)
        self.app: Emulator = build_app(self.engine, Control(self.engine, clock="manual"))
        self.client: httpx.AsyncClient = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app), base_url="http://127.0.0.1:6396"
        )
        self.world: Made

    async def send(self, **params: str) -> dict[str, Any]:
        """Send an SMS with the default credentials; names with a dash are written with two underscores."""
        given = {
            "api_key": "abcd1234",
            "api_secret": "s3cr3tS3cr3t",
            "from": "Acme",
            "to": "447700900001",
            "text": "Hi",
        }
        given |= {name.rstrip("_").replace("__", "-"): value for name, value in params.items()}
        answer = await self.client.post("/sms/json", data=given)
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read

    async def control(self, method: str, path: str, content: Any = None, status: int = 200) -> Any:
        """Call the control API below ``/_fake/worlds/default`` (or ``/_fake`` for a path that begins with a slash)."""
        url = f"/_fake{path}" if path.startswith("/") else f"/_fake/worlds/default/{path}"
        answer = await self.client.request(method, url, json=content)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def advance(self, by: str | float) -> dict[str, Any]:
        """Advance the clock of the world ``default``."""
        read: dict[str, Any] = await self.control("POST", "clock/advance", {"by": by})
        return read


@asynccontextmanager
async def open_house(*, clock: str = "manual", seed: int = 42) -> AsyncIterator[House]:
    """An emulator with the world ``default``; the engine's loop runs only if the test starts it."""
    house = House()
    house.world = await make_world(house.store, lambda: house.wall, Plan(name="default", seed=seed, clock=clock))
    try:
        yield house
    finally:
        await house.client.aclose()
        await house.engine.stop(1)
