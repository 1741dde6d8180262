"""The Number Insight API's commands, answers, records and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum

from msgspec import Struct

from fake_nexmo.core.records import Record
from fake_nexmo.handsets.lookup import Found
from fake_nexmo.numbering.number import PhoneNumber


class Level(StrEnum):
    """How much is asked. Source: reference number-insight §1 (B)."""

    BASIC = "basic"
    STANDARD = "standard"
    ADVANCED = "advanced"
    ASYNC = "advanced_async"


class InsightRefusal(Enum):
    """Every refusal, and the soft ones that carry a whole answer. Source: reference number-insight §2, §3, §5."""

    THROTTLED = "throttled"
    INCOMPLETE = "incomplete"
    INVALID_NUMBER = "invalid_number"
    BAD_CREDENTIALS = "bad_credentials"
    SERVER_ERROR = "server_error"
    NO_CREDIT = "no_credit"
    NOT_ENABLED = "not_enabled"
    TIMED_OUT = "timed_out"
    UNABLE = "unable"
    NO_HANDLER = "no_handler"
    LOOKUP_FAILED = "lookup_failed"
    UNPARSEABLE = "unparseable"


class Row(Struct, frozen=True):
    """One row of the status table.

    Attributes:
        status: the number on the wire.
        text: ``{…}`` is filled from the refusal's facts.
        soft: the answer carries all that is known besides.
        numbered: the refusal names its request.
        basic: the level basic has it too.
        mark: the evidence for the text.
    """

    status: int
    text: str
    soft: bool = False
    numbered: bool = False
    basic: bool = True
    mark: str = "C"


_INCOMPLETE = "Your request is incomplete and missing some mandatory parameters"

# Source: reference number-insight §3, §5, §12 (the texts of 1, 5, 9, 19, 43, 45 and 999 are doubtful).
# SERVER_ERROR and LOOKUP_FAILED are given only when a fault asks for them.
ROWS: Mapping[InsightRefusal, Row] = {
    InsightRefusal.THROTTLED: Row(1, "Back off", numbered=True),
    InsightRefusal.INCOMPLETE: Row(3, _INCOMPLETE),
    InsightRefusal.INVALID_NUMBER: Row(3, "Invalid request :: Not valid number format detected [ {number} ]", mark="A"),
    InsightRefusal.BAD_CREDENTIALS: Row(4, "Invalid credentials"),
    InsightRefusal.SERVER_ERROR: Row(5, "Internal Error", numbered=True),
    InsightRefusal.NO_CREDIT: Row(9, "Partner quota exceeded"),
    InsightRefusal.NOT_ENABLED: Row(19, "Facility Not Allowed", basic=False),
    # Doubt: which of the texts goes with 43 and which with 45 is a guess of the reference.
    InsightRefusal.TIMED_OUT: Row(43, "Lookup Handler timed out", soft=True, basic=False, mark="D"),
    InsightRefusal.UNABLE: Row(44, "Lookup Handler unable to handle request", soft=True, basic=False, mark="A"),
    InsightRefusal.NO_HANDLER: Row(
        45, "No handler available to service this request", soft=True, basic=False, mark="D"
    ),
    # Doubt: the status beside an outcome of 2 is not documented; any but 43 to 45 leaves an answer out or is success.
    InsightRefusal.LOOKUP_FAILED: Row(0, "Success", soft=True, basic=False, mark="D"),
    InsightRefusal.UNPARSEABLE: Row(999, "Request unparseable", basic=False, mark="D"),
}

# What a trouble of a fault means: a row by its name, or a common trouble. Source: design §8.
# Doubt: the API knows no "barred", "unavailable" and "not_found"; the nearest rows stand in.
TROUBLES: Mapping[str, InsightRefusal] = {
    **{row.value: row for row in InsightRefusal},
    "barred": InsightRefusal.NOT_ENABLED,
    "unavailable": InsightRefusal.SERVER_ERROR,
    "not_found": InsightRefusal.INVALID_NUMBER,
}


class Command(Struct, frozen=True, gc=False):
    """What a look-up is asked for, as it was given; nothing is judged yet."""

    level: Level
    number: str
    country: str = ""
    cnam: bool = False
    ip: str = ""
    real_time: bool = False
    callback: str = ""


class Prices(Struct, frozen=True, gc=False):
    """What look-ups cost, in 10^-8 EUR. Source: reference number-insight §9."""

    standard: int
    advanced: int
    cnam: int


class Answer(Struct, frozen=True, gc=False):
    """What is answered, whatever the level.

    Attributes:
        status: the row of the status table; None: success.
        outcome: 0 everything, 1 something, 2 nothing was found out.
        found: what the look-up found; None on the level basic, which only reads the number.
        price: what was charged, and ``refund`` what of it was paid back, in 10^-8 EUR.
        cnam: whether the name was asked for.
        ip: the address that was compared; empty: none.
    """

    level: Level
    request_id: str
    number: PhoneNumber
    status: InsightRefusal | None = None
    outcome: int = 0
    found: Found | None = None
    price: int = 0
    refund: int = 0
    cnam: bool = False
    ip: str = ""
    real_time: bool = False


class Lookup(Record, frozen=True, kw_only=True, gc=False):
    """An asynchronous look-up that is still to be made; its ``id`` is the request id. It is dropped when it was made.

    Attributes:
        account: internal id of the account that paid.
        command: what was asked for.
        msisdn: the number in E.164 digits.
        price: what it costs, and ``refund`` what of it was paid back already.
        charged: the account paid the price: it was not unlimited.
        xml: the callback is in XML.
        flat: the callback has the form of before 2017.
    """

    account: str
    command: Command
    msisdn: str
    price: int
    refund: int
    charged: bool
    xml: bool
    flat: bool
