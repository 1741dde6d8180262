"""What customers report of their messages and calls: whether they led to what they were sent for. Pure.

Source: reference sms §14.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from fake_nexmo.apis.sms.model import Conversion
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import parse_instant
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account
from fake_nexmo.core.refusal import Refusal

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class ConversionRefusal(Enum):
    """Every refusal of ``/conversions``. Source: reference sms §14."""

    BAD_CREDENTIALS = "bad_credentials"
    NOT_ENABLED = "not_enabled"
    MISSING = "missing"
    INVALID = "invalid"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


TROUBLES: Mapping[str, ConversionRefusal] = {
    "bad_credentials": ConversionRefusal.BAD_CREDENTIALS,
    "no_credit": ConversionRefusal.NOT_ENABLED,
    "barred": ConversionRefusal.NOT_ENABLED,
    "throttled": ConversionRefusal.THROTTLED,
}
"""The rows of the common troubles; any other one is a server error here."""


class Convert(Struct, frozen=True, gc=False):
    """What is reported, as it was given.

    Attributes:
        product: ``sms`` or ``voice``.
    """

    product: str
    about: str
    delivered: str
    timestamp: str


def convert(command: Convert, account: Account, moment: Moment, *, enabled: bool) -> Outcome[Conversion]:
    """Remember a report; whether there is such a message or call is not looked at.

    Raises:
        Refusal: NOT_ENABLED, MISSING or INVALID, with the fields concerned.

    Source: reference sms §14 (B; D for unknown ids).
    Doubt: 420 and 423 are both documented for wrong parameters; here 420 is for what is missing, 423 for what is wrong.
    """
    if not enabled:
        raise Refusal(ConversionRefusal.NOT_ENABLED)
    given = (("about", command.about), ("delivered", command.delivered))
    missing = tuple(name for name, text in given if not text)
    if missing:
        raise Refusal(ConversionRefusal.MISSING, fields=missing)
    delivered = _FLAGS.get(command.delivered.strip().lower())
    at = _instant(command.timestamp) if command.timestamp else moment.now
    if delivered is None or at is None:
        wrong = (("delivered", delivered), ("timestamp", at))
        raise Refusal(ConversionRefusal.INVALID, fields=tuple(name for name, read in wrong if read is None))
    made = Conversion(
        id=moment.hex_id(Use.REQUEST),
        account=account.id,
        product=command.product,
        about=command.about,
        delivered=delivered,
        converted_at=at,
        reported_at=moment.now,
    )
    return Outcome(Change(put=(made,)), made)


def _instant(text: str) -> int | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        return parse_instant(text)
    except ValueError:
        return None
