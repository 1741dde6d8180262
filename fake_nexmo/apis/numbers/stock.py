"""The numbers for sale in a fresh world: ``stock.json``, read at the first search or purchase.

A country that is not in it has no numbers: its search answers as for one that nobody serves. German landline drama
numbers are left out, since the reference's pool has mobile numbers of that country alone.

Source: reference numbers §8 (D; the costs are invented).
Doubt: the service's own stock changes by the hour; ours is the same for every world.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from fake_nexmo.apis.numbers.model import Series
from fake_nexmo.core.money import parse_money

_DATA: Final = Path(__file__).with_name("stock.json")


def series_of(country: str) -> tuple[Series, ...]:
    """All series of a country (ISO 3166-1 alpha-2, capitals), in the order of the file."""
    return _stock().get(country, ())


def series_with(country: str, msisdn: str) -> Series | None:
    """The series of a country that holds a number."""
    return next((each for each in series_of(country) if msisdn in each.msisdns), None)


class _Item(Struct, frozen=True, forbid_unknown_fields=True):
    country: str
    type: str
    features: tuple[str, ...]
    cost: str
    ranges: tuple[tuple[int, int], ...]
    fictional: bool
    needs_address: bool = False


class _File(Struct, frozen=True):
    series: tuple[_Item, ...]


@lru_cache(maxsize=1)
def _stock() -> Mapping[str, tuple[Series, ...]]:
    found: dict[str, tuple[Series, ...]] = {}
    for each in msgspec.json.decode(_DATA.read_bytes(), type=_File).series:
        msisdns = tuple(str(number) for first, last in each.ranges for number in range(first, last + 1))
        series = Series(
            each.country, each.type, each.features, parse_money(each.cost), msisdns, needs_address=each.needs_address
        )
        found[each.country] = (*found.get(each.country, ()), series)
    return found
