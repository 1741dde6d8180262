"""The account: its balance, and what messages and calls cost.

Source: reference account §2, pricing §2 to §5.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias, TypeVar

from msgspec import Struct

from fake_nexmo_client.exchange import Manner, Plan, segment
from fake_nexmo_client.reading import fill, read_document

Product: TypeAlias = Literal["sms", "sms-transit", "voice"]
T = TypeVar("T")


class Balance(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is left, in EUR, and whether more is bought by itself."""

    value: Decimal
    auto_reload: bool = False


class NetworkPrice(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an SMS to a network costs, in EUR; ``network`` is its name."""

    code: str = ""
    network: str = ""
    mt_price: Decimal | None = None


class CountryPrices(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an SMS to a country costs; ``mt`` None: no price. Source: reference pricing §3 (A)."""

    country: str = ""
    name: str = ""
    prefix: str = ""
    mt: Decimal | None = None
    networks: tuple[NetworkPrice, ...] = ()
    country_display_name: str = ""


class PrefixPrices(Struct, frozen=True, kw_only=True):
    """The countries of a dialling prefix. Source: reference pricing §3 (A)."""

    count: int
    prices: tuple[CountryPrices, ...] = ()


class NetworkDetails(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a product costs to a network.

    Attributes:
        type: a word of `NetworkType`.
        ranges: leading digits of its numbers.
        aliases: other codes of the same operator.
    """

    type: str = ""
    price: Decimal | None = None
    currency: str = ""
    ranges: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()
    mcc: str = ""
    mnc: str = ""
    network_code: str = ""
    network_name: str = ""


class ProductPrices(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a product costs in a country; ``default_price`` None: no price. Source: reference pricing §4 (A)."""

    country_code: str = ""
    country_name: str = ""
    country_display_name: str = ""
    dialing_prefix: str = ""
    default_price: Decimal | None = None
    currency: str = ""
    networks: tuple[NetworkDetails, ...] = ()


class PhonePrice(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What a product costs to a number. Source: reference pricing §5 (B/C)."""

    phone: str = ""
    country_code: str = ""
    network_code: str = ""
    network: str = ""
    price: Decimal | None = None


def balance() -> Plan[Balance]:
    """Ask for the balance."""
    return _get(Balance, "account/get-balance")


def country_pricing(country: str) -> Plan[CountryPrices]:
    """Ask what SMS to a country cost; ``country`` is two letters."""
    return _get(CountryPrices, "account/get-pricing/outbound", country=country)


def product_pricing(product: Product, country: str) -> Plan[ProductPrices]:
    """Ask what a product costs in a country."""
    return _get(ProductPrices, f"account/get-pricing/outbound/{segment(product)}", country=country)


def prefix_pricing(prefix: str) -> Plan[PrefixPrices]:
    """Ask what SMS to the countries of a dialling prefix cost."""
    return _get(PrefixPrices, "account/get-prefix-pricing/outbound", prefix=prefix)


def phone_pricing(product: Product, phone: str) -> Plan[PhonePrice]:
    """Ask what a product costs to one number."""
    return _get(PhonePrice, f"account/get-phone-pricing/outbound/{segment(product)}", phone=phone)


def _get(kind: type[T], path: str, **params: str) -> Plan[T]:
    return Plan("GET", path, Manner.QUERY, params, lambda response: fill(kind, read_document(response), response))
