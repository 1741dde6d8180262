"""The stock characters, and phones that are like them, for tests of rules that are handed a phone."""

from __future__ import annotations

from typing import Any

from fake_nexmo.core.records import Handset, World
from fake_nexmo.handsets.characters import known_as
from fake_nexmo.scenario.stock import stock

CHARACTERS = stock().characters
WORLD = World(name="default", seed=42, made_at=0, characters=CHARACTERS, magic=stock().magic)


def phone(number: str, like: str = "answers", **facts: Any) -> Handset:
    """A phone as it is found in a world: with its character."""
    return known_as(Handset(id=number, like=like, **facts), WORLD)
