"""What a phone number says by itself: its country, its network, and what an SMS part to it costs.

``look_up`` answers for any *possible* number: digits only, no leading zero, a country's calling code, a
length that can occur there. Whether the number is assigned, or valid by its country's plan, is another
question.

The facts are in ``networks.json``, read at the first look-up. Prefixes of networks come from the
project's own table, ``docs/reference/countries.json``; of the countries that have no table there, only
calling code and lengths are known. Networks follow prefixes alone: nothing here knows that a number was
ported.

Calling codes without a country (freephone 800, satellites 870 and 881, networks 882 and 883, and the
like) and ``+379``, which Vatican City has but does not use, are not known prefixes.

Source: reference sms §5 row ``to`` (A), §8.3 (A, D), pricing §8 (D), README rulings (which numbers are
accepted).
Doubt: the service's own reach is not known; a country that it does not serve has a price here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from fake_nexmo.core.money import parse_money


class Destination(msgspec.Struct, frozen=True, gc=False):
    """Where a number is: equal for all numbers of one network.

    ``country`` is ISO 3166-1 alpha-2 (and ``XK``), ``price`` that of one SMS part in 10^-8 EUR.
    ``network`` is five or six digits, MCC and MNC; or a word for what is no mobile network,
    ``GB-FIXED``; or ``<country>-UNKNOWN``.

    Doubt: what the service calls the network of a number it cannot place is not documented for SMS. Its
    price lists have ``ZW-UNKNOWN`` (reference pricing §3, A), so that is what a number outside all
    ranges gets.
    """

    country: str
    network: str
    price: int


def look_up(msisdn: str) -> Destination | None:
    """The destination of an international number written in digits alone, or ``None``.

    ``None`` is for a number nobody can have: not digits, a leading zero, no country's calling code, or
    a length that does not occur in that country, never outside 7 to 15 digits.

    Source: reference sms §5 row ``to`` (A), README rulings (which numbers are accepted).
    """
    return _look_up(msisdn)


class _Country(msgspec.Struct, frozen=True):
    price: str
    networks: dict[str, str]


class _Tables(msgspec.Struct, frozen=True):
    """``networks.json``; its ``about`` says what is what."""

    unlisted_price: str
    codes: dict[str, str]
    areas: dict[str, dict[str, str]]
    lengths: dict[str, str]
    countries: dict[str, _Country]


class _Route(NamedTuple):
    destination: Destination
    lengths: int  # bit n is set: n digits in all are possible


class _Plan(NamedTuple):
    routes: dict[str, _Route]  # by prefix; the longest one decides
    prefix_max: int


_DATA: Final = Path(__file__).with_name("networks.json")
_DIGITS_MIN: Final = 7
_DIGITS_MAX: Final = 15
_CACHED_MAX: Final = 16_384


# Numbers met before cost one dictionary look-up. A wrong number is remembered too, which is as well for
# load tests.
@lru_cache(maxsize=_CACHED_MAX)
def _look_up(msisdn: str) -> Destination | None:
    if not (_DIGITS_MIN <= len(msisdn) <= _DIGITS_MAX and msisdn.isascii() and msisdn.isdigit()):
        return None
    plan = _plan()
    for size in range(plan.prefix_max, 0, -1):
        route = plan.routes.get(msisdn[:size])
        if route is not None:
            return route.destination if route.lengths >> len(msisdn) & 1 else None
    return None


@lru_cache(maxsize=1)
def _plan() -> _Plan:
    """All prefixes of the tables: calling codes, then areas, then networks, each overruling the former."""
    tables = msgspec.json.decode(_DATA.read_bytes(), type=_Tables)
    routes: dict[str, _Route] = {}
    for code, country in tables.codes.items():
        routes[code] = _Route(_unplaced(tables, country), _lengths(tables, code))
    for code, areas in tables.areas.items():
        lengths = _lengths(tables, code)
        for country, leads in areas.items():
            route = _Route(_unplaced(tables, country), lengths)
            routes.update({code + lead: route for lead in leads.split()})
    _add_networks(routes, tables)
    return _Plan(routes, max(map(len, routes)))


def _add_networks(routes: dict[str, _Route], tables: _Tables) -> None:
    possible = {code: _lengths(tables, code) for code in (*tables.codes, *tables.areas)}
    for country, table in tables.countries.items():
        price = parse_money(table.price)
        for network, prefixes in table.networks.items():
            destination = Destination(country, network, price)
            for prefix in prefixes.split():
                # No calling code begins another one, so the one that fits is the country's.
                code = next(prefix[:size] for size in (1, 2, 3) if prefix[:size] in possible)
                routes[prefix] = _Route(destination, possible[code])


def _unplaced(tables: _Tables, country: str) -> Destination:
    """A number of the country that is in no network's range.

    Doubt: countries without a table of their own all cost the same; what, is our choice.
    """
    table = tables.countries.get(country)
    price = parse_money(tables.unlisted_price if table is None else table.price)
    return Destination(country, f"{country}-UNKNOWN", price)


def _lengths(tables: _Tables, code: str) -> int:
    """The lengths possible behind a calling code, as bits: ``"7 9-10"`` is 7, 9 and 10 digits more."""
    spans = tables.lengths.get(code)
    if spans is None:
        return sum(1 << size for size in range(_DIGITS_MIN, _DIGITS_MAX + 1))
    bits = 0
    for span in spans.split():
        low, _, high = span.partition("-")
        for size in range(int(low), int(high or low) + 1):
            bits |= 1 << len(code) + size
    return bits
