"""The countries and networks that have a price of their own, as ``countries.json`` has them. Pure, read at first use.

Source: reference pricing §8 (D for prices and ranges; MCC and MNC are public facts).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from fake_nexmo.core.money import parse_money

_DATA: Final = Path(__file__).with_name("countries.json")


class Network(Struct, frozen=True, gc=False):
    """A network, or what a country's price list names in the place of one.

    Attributes:
        country: ISO 3166-1 alpha-2.
        code: MCC and MNC, or a word such as ``GB-FIXED``.
        type: ``mobile``, ``landline``, ``landline_premium``, ``landline_tollfree``, ``virtual``, ``pager`` or
            ``unknown``.
        mcc: three digits, and ``mnc`` two or three; empty for what is no mobile network.
        ranges: leading digits of its numbers, the calling code included.
        aliases: other codes of the same operator.
        prices: by product, in 10^-8 EUR: an SMS part, a minute of a call.
    """

    country: str
    code: str
    name: str
    type: str
    mcc: str
    mnc: str
    ranges: tuple[int, ...]
    aliases: tuple[str, ...]
    prices: Mapping[str, int]


class PricedCountry(Struct, frozen=True, gc=False):
    """A country as the price list has it.

    Attributes:
        code: ISO 3166-1 alpha-2.
        display_name: how lists show it; may differ from ``name``.
        prefix: the calling code; some countries share one.
        prices: by product, in 10^-8 EUR, where no network says otherwise; None: it is listed without a price.
    """

    code: str
    name: str
    display_name: str
    prefix: str
    prices: Mapping[str, int] | None
    networks: tuple[Network, ...]


class Tables(NamedTuple):
    """The whole list.

    Attributes:
        countries: by code, in the order of the file.
        networks: by code and by alias.
        ranges: the network of each range.
        zones: prices of countries that are not listed, by the first digit of their calling code.
        products: the words of paths, and ``stand_ins`` whose price a product without one takes.
    """

    countries: Mapping[str, PricedCountry]
    networks: Mapping[str, Network]
    ranges: Mapping[str, Network]
    zones: Mapping[str, Mapping[str, int]]
    products: tuple[str, ...]
    stand_ins: Mapping[str, str]


@lru_cache(maxsize=1)
def tables() -> Tables:
    """The list, read once."""
    read = msgspec.json.decode(_DATA.read_bytes(), type=_File)
    countries = {each.countryCode: _country(each) for each in read.countries}
    networks = [network for country in countries.values() for network in country.networks]
    by_code = {alias: network for network in networks for alias in network.aliases}
    by_code |= {network.code: network for network in networks}
    return Tables(
        countries=countries,
        networks=by_code,
        ranges={str(lead): network for network in networks for lead in network.ranges},
        zones={digit: _prices(prices) for digit, prices in read.zonePrices.items()},
        products=read.products,
        stand_ins=read.productFallback,
    )


class _Network(Struct, frozen=True):
    type: str
    networkCode: str  # noqa: N815 - as the file has it
    networkName: str  # noqa: N815
    prices: dict[str, str]
    mcc: str = ""
    mnc: str = ""
    ranges: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()


class _Country(Struct, frozen=True):
    countryCode: str  # noqa: N815
    countryName: str  # noqa: N815
    countryDisplayName: str  # noqa: N815
    dialingPrefix: str  # noqa: N815
    defaultPrices: dict[str, str] | None  # noqa: N815
    networks: tuple[_Network, ...]


class _File(Struct, frozen=True):
    zonePrices: dict[str, dict[str, str]]  # noqa: N815
    products: tuple[str, ...]
    productFallback: dict[str, str]  # noqa: N815
    countries: tuple[_Country, ...]


def _country(read: _Country) -> PricedCountry:
    return PricedCountry(
        code=read.countryCode,
        name=read.countryName,
        display_name=read.countryDisplayName,
        prefix=read.dialingPrefix,
        prices=None if read.defaultPrices is None else _prices(read.defaultPrices),
        networks=tuple(
            Network(
                country=read.countryCode,
                code=each.networkCode,
                name=each.networkName,
                type=each.type,
                mcc=each.mcc,
                mnc=each.mnc,
                ranges=each.ranges,
                aliases=each.aliases,
                prices=_prices(each.prices),
            )
            for each in read.networks
        ),
    )


def _prices(read: Mapping[str, str]) -> Mapping[str, int]:
    return {product: parse_money(text) for product, text in read.items()}
