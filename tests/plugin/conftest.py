"""What every test of the plugin starts from."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator

import pytest

_OF_THE_MACHINE = re.compile(
    r"CI|BUILD_NUMBER|COLUMNS|FORCE_COLOR|NO_COLOR|PYTEST_ADDOPTS|\w+_PROXY|(FAKE_)?NEXMO_\w+|VONAGE_\w+", re.IGNORECASE
)


@pytest.fixture(autouse=True)
def _anywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What pytest prints, how long its lines are and what programs find does not depend on where the tests run."""
    for name in filter(_OF_THE_MACHINE.fullmatch, tuple(os.environ)):
        monkeypatch.delenv(name)
    before = os.environ.get("TZ")
    if before is None or not hasattr(time, "tzset"):
        yield
        return
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.setenv("TZ", before)
    time.tzset()
