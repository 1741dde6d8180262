"""A store that is far away: before each of its answers everybody else gets a turn, as over a network.

The engine in one process answers at once, so that nobody ever comes between what a decision reads and what it writes.
Here somebody always does: what is still right then rests on the laws of a store, and holds for every one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypeVar

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Record
from fake_nexmo.store.memory import MemoryStore
from fake_nexmo.store.protocol import Start

R = TypeVar("R", bound=Record)


class FarawayStore(MemoryStore):
    """The engine in one process behind a wire that takes a while."""

    async def begin(self, world: str) -> Start:
        await asyncio.sleep(0)
        return await super().begin(world)

    async def peek(self, world: str) -> Start:
        await asyncio.sleep(0)
        return await super().peek(world)

    async def get(self, world: str, kind: type[R], record_id: str) -> R | None:
        await asyncio.sleep(0)
        return await super().get(world, kind, record_id)

    async def find(
        self, world: str, kind: type[R], key: str, after: int = 0, limit: int = 100, *, newest: bool = False
    ) -> Sequence[R]:
        await asyncio.sleep(0)
        return await super().find(world, kind, key, after, limit, newest=newest)

    async def counter(self, world: str, name: str) -> int:
        await asyncio.sleep(0)
        return await super().counter(world, name)

    async def holder(self, world: str, name: str) -> str | None:
        await asyncio.sleep(0)
        return await super().holder(world, name)

    async def draw(self, world: str, counter: str) -> int:
        await asyncio.sleep(0)
        return await super().draw(world, counter)

    async def commit(self, world: str, epoch: int, change: Change) -> Mapping[str, int]:
        await asyncio.sleep(0)
        return await super().commit(world, epoch, change)
