"""Fixtures that all tests may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.house import House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """An emulator in this process with the world ``default`` on a manual clock, seed 42."""
    async with open_house() as opened:
        yield opened
