"""The Numbers API's commands, answers and refusals, and the record of a number that was given back."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

from msgspec import Struct

from fake_nexmo.core.records import Application, Handset, Number, Record, World
from fake_nexmo.core.rest import Row

T = TypeVar("T")

OWNER = "numbers"
"""The API by its name in the registry."""
RENEWAL = "renewal"
"""The timer by which another month of a number is charged."""


class NumbersRefusal(Enum):
    """Every refusal of the Numbers API. Source: reference numbers §4 to §6, account §1.2."""

    BAD_CREDENTIALS = "bad_credentials"
    MISSING_COUNTRY = "missing_country"
    MISSING_MSISDN = "missing_msisdn"
    METHOD_FAILED = "method_failed"
    NEEDS_ADDRESS = "needs_address"
    NOT_FOUND = "not_found"
    WRONG_METHOD = "wrong_method"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


# Source: reference numbers §4, §5, §6; account §1.2, §9.
# NOT_FOUND, THROTTLED and SERVER_ERROR are given only when a fault asks for them.
ROWS: Mapping[NumbersRefusal, Row] = {
    NumbersRefusal.BAD_CREDENTIALS: Row(401, "authentication failed"),
    NumbersRefusal.MISSING_COUNTRY: Row(400, "Bad Request", "country", mark="A"),
    # Doubt: captures show the country alone; when both are missing, we name the country alone too.
    NumbersRefusal.MISSING_MSISDN: Row(400, "Bad Request", "msisdn", mark="A"),
    NumbersRefusal.METHOD_FAILED: Row(420, "method failed", mark="A"),
    NumbersRefusal.NEEDS_ADDRESS: Row(
        420,
        "Numbers from this country can be requested from the Dashboard (https://dashboard.nexmo.com/buy-numbers)"
        " as they require a valid local address to be provided before being purchased.",
    ),
    NumbersRefusal.NOT_FOUND: Row(404, "not found", mark="D"),
    NumbersRefusal.WRONG_METHOD: Row(405, "method not allowed", mark="D"),
    NumbersRefusal.THROTTLED: Row(429, "too many requests", mark="D"),
    NumbersRefusal.SERVER_ERROR: Row(500, "unknown error"),
}

# What a trouble of a fault means: a row by its name, or a common trouble. Source: design §8; numbers §4 for the credit.
# Doubt: the API knows no "barred" and "unavailable"; the nearest rows stand in.
TROUBLES: Mapping[str, NumbersRefusal] = {
    **{row.value: row for row in NumbersRefusal},
    "no_credit": NumbersRefusal.METHOD_FAILED,
    "barred": NumbersRefusal.METHOD_FAILED,
    "unavailable": NumbersRefusal.SERVER_ERROR,
}


class Body(Enum):
    """What the body of a request is, by its label and by its first octet. Source: reference numbers §1.1."""

    FORM = "form"
    JSON = "json"
    MISLABELLED = "mislabelled"


class Match(Enum):
    """Where in a number a pattern is looked for. Source: reference numbers §2."""

    START = "0"
    ANYWHERE = "1"
    END = "2"


class Window(Struct, frozen=True, gc=False):
    """Which numbers of those that fit are shown.

    Attributes:
        pattern: digits that the number holds, where ``match`` says; empty: any number fits.
        size: how many a page holds, 1 to 100.
        index: the page, from 1.
    """

    pattern: str = ""
    match: Match = Match.START
    size: int = 10
    index: int = 1


class ListOwned(Struct, frozen=True, gc=False):
    """What ``numbers.list`` asks for; what is empty or None filters nothing."""

    window: Window
    country: str = ""
    application_id: str = ""
    has_application: bool | None = None


class Search(Struct, frozen=True, gc=False):
    """What ``numbers.search`` asks for; a number must have all the features."""

    window: Window
    country: str
    type: str = ""
    features: frozenset[str] = frozenset()


class Named(Struct, frozen=True, gc=False):
    """The number that is to be bought, cancelled or updated.

    Attributes:
        target_key: the API key of the account it is done for; empty: the caller.
    """

    country: str
    msisdn: str
    target_key: str = ""


class Links(Struct, frozen=True, gc=False):
    """Where a number is to lead from now on; what is empty is removed or, of ``voice_type``, kept.

    Attributes:
        voice_type: ``sip``, ``tel``, ``vxml`` or ``app``.
        voice_status_url: None: not spoken of; empty: removed.
    """

    app_id: str = ""
    inbound_url: str = ""
    smpp_system_type: str = ""
    voice_type: str = ""
    voice_value: str = ""
    voice_status_url: str | None = None
    messages_type: str = ""
    messages_value: str = ""


class Series(Struct, frozen=True):
    """Numbers of one country that are alike.

    Attributes:
        cost: of one month, in 10^-8 EUR.
        msisdns: the numbers, ascending.
        needs_address: they are sold only to those who show an address in the country.
    """

    country: str
    type: str
    features: tuple[str, ...]
    cost: int
    msisdns: tuple[str, ...]
    needs_address: bool = False


class Released(Record, frozen=True, kw_only=True, gc=False):
    """A number that is in no series of the stock and was given back: it is for sale like any other.

    Attributes:
        cost: of one month, in 10^-8 EUR.
    """

    country: str
    type: str
    features: tuple[str, ...]
    cost: int

    def keys(self) -> tuple[str, ...]:
        return (f"country/{self.country}",)


class Shelf(Struct, frozen=True, gc=False):
    """What is known of a number that somebody wants to buy.

    Attributes:
        stocked: the series of the stock that holds it.
        released: it was given back.
        number: somebody owns it.
        phone: a declared phone has it.
    """

    stocked: Series | None
    released: Released | None
    number: Number | None
    phone: Handset | None
    world: World


class Offer(Struct, frozen=True, gc=False):
    """A number for sale."""

    msisdn: str
    series: Series


class Owned(Struct, frozen=True, gc=False):
    """A number that the caller owns, and the application it is linked to."""

    number: Number
    application: Application | None = None


class Listing(Struct, Generic[T], frozen=True, gc=False):
    """One page of what fits.

    Attributes:
        count: of all pages.
    """

    count: int
    items: tuple[T, ...]
