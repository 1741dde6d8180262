"""Fixtures of the client's tests."""

from __future__ import annotations

import pytest

from tests.client.face import Face
from tests.house import House


@pytest.fixture(params=["sync", "async"])
async def face(house: House, request: pytest.FixtureRequest) -> Face:
    """One kind of client, then the other."""
    return Face(house, request.param)
