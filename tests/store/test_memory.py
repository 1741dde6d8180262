"""The memory engine keeps the laws of a store."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from fake_nexmo.store.memory import MemoryStore, wall_clock
from fake_nexmo.store.protocol import Store

# The suite is no test file by its name; its asserts are to explain themselves all the same.
pytest.register_assert_rewrite("tests.store.conformance")

from tests.store.conformance import StoreLaws, Wall  # noqa: E402 - after the line above, or it comes too late


@asynccontextmanager
async def _open(wall: Wall, retention: int) -> AsyncIterator[Store]:
    store = MemoryStore(retention=retention, wall=wall)
    yield store
    await store.close()


class TestMemoryStore(StoreLaws):
    """Every law, over plain dictionaries in one process."""

    @staticmethod
    def open_store(wall: Wall, retention: int) -> AbstractAsyncContextManager[Store]:
        return _open(wall, retention)


def test_the_walls_clock_is_the_machines() -> None:
    """Microseconds since the epoch, between two readings of the machine's own clock."""
    before = time.time_ns() // 1_000
    assert before <= wall_clock() <= time.time_ns() // 1_000
