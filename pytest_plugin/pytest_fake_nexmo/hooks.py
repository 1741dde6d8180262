"""Hooks that a ``conftest.py`` may have: what scenario files need when they are tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_fake_nexmo.world import Nexmo


def pytest_nexmo_apps(path: Path, nexmo: Nexmo) -> Mapping[str, Any] | None:
    """The apps that a scenario file is played with: WSGI or ASGI apps by their URLs, or by names of its ``vars``.

    They are asked for when the world is made, and its credentials stand in the environment. What several of these
    hooks answer is taken together; of two apps at one URL the one of the nearest ``conftest.py`` stays.
    """


def pytest_nexmo_begin(path: Path, nexmo: Nexmo) -> None:
    """Do what nobody in a scenario file does, such as signing somebody up: its apps are there, no time has passed."""
