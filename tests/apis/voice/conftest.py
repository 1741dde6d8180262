"""Fixtures of the Voice API's tests."""

from __future__ import annotations

import pytest

from tests.apis.voice.desk import Desk
from tests.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    """A caller with the key of the application ``main``."""
    return Desk(house)
