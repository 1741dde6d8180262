"""Entries of a world's collections, and finding the ones that a test speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_nexmo.scenario.matching import Compared, Found

_NUMBERS = frozenset({"to", "from", "number"})


class Entry(dict[str, Any]):
    """One entry in the control API's words; each word is an attribute too, ``from`` as ``from_``."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name.rstrip("_")]
        except KeyError:
            raise AttributeError(f"it has {', '.join(self)}, and no {name!r}") from None


def fits(entry: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """Whether every field is as it is wanted."""
    return all(field_fits(name, entry.get(name), wanted) for name, wanted in fields.items())


def field_fits(name: str, has: Any, wanted: Any) -> bool:
    """Whether one field is as it is wanted: a pattern as scenarios write them, an expression, or the value itself."""
    from fake_nexmo.core.pattern import Pattern

    if isinstance(wanted, re.Pattern):
        return isinstance(has, str) and wanted.search(has) is not None
    if isinstance(wanted, str) and isinstance(has, str):
        return Pattern(wanted).matches(has, number=name in _NUMBERS)
    return bool(has == wanted)


def compared(entry: Entry, fields: Mapping[str, Any]) -> list[Compared]:
    """An entry beside what is wanted of it."""
    from fake_nexmo.scenario.matching import Compared

    return [
        Compared(name, entry.get(name), wanted, field_fits(name, entry.get(name), wanted))
        for name, wanted in fields.items()
    ]


def as_found(kind: str, entries: Sequence[Entry]) -> list[Found]:
    """Entries as scenarios judge them."""
    from fake_nexmo.scenario.matching import Found

    return [Found(kind, each, 0, each.get("seq", 0)) for each in entries]


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by their names in the control API: those that Python keeps for itself are written with ``_``."""
    return {name.rstrip("_"): value for name, value in fields.items()}
