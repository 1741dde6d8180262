"""What every test of the room inside starts from."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients go where they are told to, whatever the machine's environment says of proxies."""
    for name in tuple(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
