"""Faults that a test has armed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_fake_nexmo.entries import Entry

if TYPE_CHECKING:
    from pytest_fake_nexmo.door import Door


class Fault:
    """A fault that a test armed; see design of faults: ``name`` and the other words as the control API shows them."""

    def __init__(self, door: Door, words: Mapping[str, Any]) -> None:
        self._door = door
        self.words = Entry(words)
        self.name: str = words["name"]

    def disarm(self) -> None:
        """Let it act no more."""
        self._door.note("act", f"the fault {self.name!r} is disarmed")
        self._door.control("DELETE", f"faults/{quote(self.name, safe='')}")
