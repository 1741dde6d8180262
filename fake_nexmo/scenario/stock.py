"""What comes with the package: the world without a scenario, the stock characters and the magic numbers.

Both are scenario files of the library, ``default`` and ``stock``. They are read once in a process, when a world is
made first, and in the quick way: that they are right is what a test says. Every world has the same characters by
reference.

Source: design §7, "the world default without a scenario"; scenario format, "Stock characters and magic numbers".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from fake_nexmo.core.records import Character, Magic
from fake_nexmo.scenario import library, quick
from fake_nexmo.scenario.characters import MagicFacts, to_characters, to_magic
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.people import HandsetFacts


class Stock(Struct, frozen=True):
    """The characters that every world has, by name, and the numbers that have one without being declared."""

    characters: Mapping[str, Character]
    magic: Magic


@lru_cache(maxsize=1)
def stock() -> Stock:
    """The stock characters and magic numbers."""
    said = msgspec.convert(_read("stock"), _People)
    characters = to_characters(said.characters, {}, None)
    return Stock(characters, to_magic(said.magic, Magic(), characters))


def default_world(*, spelled_out: bool) -> WorldFacts:
    """The world that is made without a scenario.

    Args:
        spelled_out: whether the credentials are those of the world ``default``; elsewhere they are drawn.
    """
    spelled, drawn = _default()
    return spelled if spelled_out else drawn


def whole_world(said: WorldFacts, *, spelled_out: bool) -> WorldFacts:
    """The world that a scenario says; where it has no account at all, with what the default world holds.

    Doubt: what a file about handsets and faults alone stands on is not said; here on the default account, application
    and numbers, unless it says its own applications or numbers.

    Args:
        said: what the scenario says.
        spelled_out: as for `default_world`.
    """
    if said.accounts:
        return said
    usual = default_world(spelled_out=spelled_out)
    return WorldFacts(
        settings=said.settings,
        accounts=usual.accounts,
        applications={**usual.applications, **said.applications},
        networks=said.networks,
        numbers=said.numbers or usual.numbers,
    )


@lru_cache(maxsize=1)
def _default() -> tuple[WorldFacts, WorldFacts]:
    """The world of the file, and the same without the credentials that it spells out."""
    said = msgspec.convert(_read("default")["world"], WorldFacts)
    accounts = {
        name: replace(each, api_key=UNSET, api_secret=UNSET, api_secrets=UNSET) for name, each in said.accounts.items()
    }
    applications = {name: replace(each, id=UNSET) for name, each in said.applications.items()}
    return said, replace(said, accounts=accounts, applications=applications)


class _People(Struct):
    """What a server needs of a scenario that has nothing but people."""

    characters: dict[str, HandsetFacts]
    magic: MagicFacts


def _read(name: str) -> dict[str, Any]:
    return quick.read((library.folder() / f"{name}.yaml").read_text("utf-8"))
