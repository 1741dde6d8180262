"""Fixtures of the tests of the Verify API."""

from __future__ import annotations

import pytest

from tests.apis.verify.desk import Desk
from tests.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    """An account of the world ``default`` that verifies numbers."""
    return Desk(house)
