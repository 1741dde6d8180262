"""The Pricing API's questions, answers and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from fake_nexmo.core.rest import Row


class PricingRefusal(Enum):
    """Every refusal of ``/account/get-…-pricing``. Source: reference pricing §6, account §1.2."""

    BAD_CREDENTIALS = "bad_credentials"
    MISSING_COUNTRY = "missing_country"
    MISSING_PREFIX = "missing_prefix"
    MISSING_PHONE = "missing_phone"
    METHOD_FAILED = "method_failed"
    NOT_FOUND = "not_found"
    WRONG_METHOD = "wrong_method"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


# Source: reference pricing §6; account §1.2 for the verb and the body of 429.
# SERVER_ERROR is given only when a fault asks for it.
# Doubt: a 404 of the service is said to have HTML or nothing in it; several libraries read JSON from every 4xx.
ROWS: Mapping[PricingRefusal, Row] = {
    PricingRefusal.BAD_CREDENTIALS: Row(401, "authentication failed", mark="A"),
    PricingRefusal.MISSING_COUNTRY: Row(400, "Bad Request", "country", mark="A"),
    PricingRefusal.MISSING_PREFIX: Row(400, "Bad Request", "prefix", mark="A"),
    PricingRefusal.MISSING_PHONE: Row(400, "Bad Request", "phone", mark="A"),
    PricingRefusal.METHOD_FAILED: Row(420, "method failed", mark="A"),
    PricingRefusal.NOT_FOUND: Row(404, "not found", mark="D"),
    PricingRefusal.WRONG_METHOD: Row(405, "method not allowed", mark="D"),
    PricingRefusal.THROTTLED: Row(429, "too many requests", mark="D"),
    PricingRefusal.SERVER_ERROR: Row(500, "unknown error", mark="C"),
}

# What a trouble of a fault means: a row by its name, or a common trouble. Source: design §8.
# Doubt: pricing knows no "no_credit", "barred" and "unavailable"; the nearest rows stand in.
TROUBLES: Mapping[str, PricingRefusal] = {
    **{row.value: row for row in PricingRefusal},
    "no_credit": PricingRefusal.METHOD_FAILED,
    "barred": PricingRefusal.METHOD_FAILED,
    "unavailable": PricingRefusal.SERVER_ERROR,
}


class Choice(Struct, frozen=True, gc=False):
    """Which prices are asked for, and in which of the two families of answers. Source: reference pricing §1.

    Attributes:
        product: ``sms``, ``sms-transit`` or ``voice``.
        typed: the family of 2017 on; else that of before, which has SMS prices only.
        in_path: the product stood in the path, not in the query.
    """

    product: str
    typed: bool
    in_path: bool


class NetworkPrice(Struct, frozen=True, gc=False):
    """What one network costs.

    Attributes:
        price: in 10^-8 EUR; the other attributes are those of `numbering.tables.Network`.
    """

    type: str
    code: str
    name: str
    mcc: str
    mnc: str
    ranges: tuple[int, ...]
    aliases: tuple[str, ...]
    price: int


class CountryPrices(Struct, frozen=True, gc=False):
    """What one country costs.

    Attributes:
        code: ISO 3166-1 alpha-2.
        prefix: the calling code.
        price: where no network says otherwise, in 10^-8 EUR; None: the country is listed without a price.
    """

    code: str
    name: str
    display_name: str
    prefix: str
    price: int | None
    networks: tuple[NetworkPrice, ...]


class PhonePrice(Struct, frozen=True, gc=False):
    """What one number costs.

    Attributes:
        phone: as it was sent.
        country: ISO 3166-1 alpha-2.
        network: the code of the network whose range the number is in; empty: it is in none.
        price: in 10^-8 EUR.
    """

    phone: str
    country: str
    network: str
    price: int
