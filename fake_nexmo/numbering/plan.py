"""What a phone number says by its first digits: its country, its network, and what an SMS part to it costs.

``look_up`` answers for any *possible* number: digits only, no leading zero, a country's calling code, a
length that can occur there. Whether the number is assigned, or valid by its country's plan, is another
question: see `number`.

Calling codes, areas and lengths are in ``prefixes.json``, which is made from phonenumbers; the networks' prefixes and
prices in ``countries.json``. Both are read at the first look-up, without loading phonenumbers. Networks follow prefixes
alone: nothing here knows that a number was ported.

Calling codes without a country (freephone 800, satellites 870 and 881, networks 882 and 883, and the
like) are not known prefixes. A country that is listed without a price (Vatican City) has its numbers in the country
that it shares its calling code with.

Source: reference sms §5 row ``to`` (A), §8.3 (A, D), pricing §8 (D), README rulings (which numbers are
accepted).
Doubt: the service's own reach is not known; a country that it does not serve has a price here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from fake_nexmo.core.records import OwnNetwork, OwnNetworks
from fake_nexmo.numbering.tables import tables

NO_NETWORKS: Final[OwnNetworks] = {}
"""A world that says nothing of networks."""


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


def calling_code(country: str) -> str | None:
    """The calling code of a country (ISO 3166-1 alpha-2) without the plus; None: it has none that we know."""
    return _plan().codes.get(country)


def world() -> tuple[str, ...]:
    """Every country that has a calling code, by its two letters."""
    return tuple(sorted(_plan().codes))


def on_network(there: Destination, network: str, own: OwnNetworks) -> Destination:
    """The destination of a phone that is on a network of its own choice, in a world that has prices of its own.

    Args:
        there: where its number leads.
        network: the one that somebody said it is on; empty: by its digits.
        own: what the world says of networks.

    Doubt: whether the service charges by a ported number's new network is not documented; by its digits, unless the
        world says what the new one costs.
    """
    if not (network or own):
        return there
    found = replace(there, network=network) if network else there
    said = own.get(found.network)
    price = _said(said, "sms") if said is not None else None
    return found if price is None else replace(found, price=price)


def charged_as(there: Destination, network: str, own: OwnNetworks) -> str:
    """The network whose rate a call to a phone has; see `on_network`, also for what is asked for."""
    return network if network in own else there.network


def price_of(country: str, network: str, product: str, own: OwnNetworks = NO_NETWORKS) -> int:
    """What a product costs in 10^-8 EUR: ``sms`` per part, ``voice`` per minute.

    Args:
        country: ISO 3166-1 alpha-2, one of `world`.
        network: MCC and MNC or the word in their place; one that is not listed costs what its country does.
        product: ``sms``, ``sms-transit`` or ``voice``.
        own: what a world says of networks, which comes first.

    Source: reference pricing §8 (D).
    Doubt: countries that are not listed cost what their part of the world does; how much, is our choice.
    """
    said = _said(own[network], product) if network in own else None
    if said is not None:
        return said
    known = tables()
    named = known.networks.get(network)
    if named is not None and named.country == country:
        prices = named.prices
    else:
        listed = known.countries.get(country)
        prices = listed.prices if listed and listed.prices else known.zones[_plan().codes[country][0]]
    return prices[product] if product in prices else prices[known.stand_ins[product]]


def _said(network: OwnNetwork, product: str) -> int | None:
    """What a world says that a product costs on a network; None: nothing."""
    found = network.prices.get(product)
    return network.prices.get(tables().stand_ins.get(product, "")) if found is None else found


class _Prefixes(msgspec.Struct, frozen=True):
    """``prefixes.json``; its ``about`` says what is what."""

    codes: dict[str, str]
    lengths: dict[str, str]
    areas: dict[str, dict[str, str]]
    others: dict[str, str]


class _Route(NamedTuple):
    destination: Destination
    lengths: int  # bit n is set: n digits in all are possible


class _Plan(NamedTuple):
    routes: dict[str, _Route]  # by prefix; the longest one decides
    prefix_max: int
    codes: dict[str, str]  # calling codes by country


_DATA: Final = Path(__file__).with_name("prefixes.json")
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
    """All prefixes of the tables: calling codes, then areas, then networks; of two that fit, the longer decides."""
    read = msgspec.json.decode(_DATA.read_bytes(), type=_Prefixes)
    listed = tables().countries
    unpriced = {each.code for each in listed.values() if each.prices is None}
    homes = read.others | {country: code for code, country in read.codes.items()}
    leads = dict(read.codes)
    for code, areas in read.areas.items():
        for country, digits in areas.items():
            homes.setdefault(country, code)
            if country not in unpriced:
                leads |= {code + lead: country for lead in digits.split()}
    lengths = {code: _lengths(read, code) for code in read.lengths}
    routes = {lead: _Route(_unplaced(country, homes), lengths[homes[country]]) for lead, country in leads.items()}
    for lead, network in tables().ranges.items():
        destination = Destination(network.country, network.code, network.prices["sms"])
        routes[lead] = _Route(destination, lengths[listed[network.country].prefix])
    return _Plan(routes, max(map(len, routes)), homes)


def _unplaced(country: str, homes: dict[str, str]) -> Destination:
    """A number of the country that is in no network's range."""
    listed = tables().countries.get(country)
    prices = listed.prices if listed and listed.prices else tables().zones[homes[country][0]]
    return Destination(country, f"{country}-UNKNOWN", prices["sms"])


def _lengths(read: _Prefixes, code: str) -> int:
    """The lengths possible behind a calling code, as bits: ``"7 9-10"`` is 7, 9 and 10 digits more."""
    bits = 0
    for span in read.lengths[code].split():
        low, _, high = span.partition("-")
        for size in range(int(low), int(high or low) + 1):
            bits |= 1 << len(code) + size
    return bits
