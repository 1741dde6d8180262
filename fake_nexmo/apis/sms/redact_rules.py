"""Making the text and the person's number of a message unreadable. Pure. Source: reference sms §15."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import HOUR
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Direction, Message
from fake_nexmo.core.refusal import Refusal

WAIT = HOUR
PRODUCTS = ("sms", "voice", "number-insight", "verify", "verify-sdk", "messages")


class RedactRefusal(Enum):
    """Every refusal of ``/v1/redact``. Source: reference sms §15 (B)."""

    BAD_CREDENTIALS = "bad_credentials"
    PREMATURE = "premature"
    UNPROVISIONED = "unprovisioned"
    NOT_FOUND = "not_found"
    INVALID_JSON = "invalid_json"
    INVALID_PRODUCT = "invalid_product"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


TROUBLES: Mapping[str, RedactRefusal] = {
    "bad_credentials": RedactRefusal.BAD_CREDENTIALS,
    "barred": RedactRefusal.UNPROVISIONED,
    "no_credit": RedactRefusal.UNPROVISIONED,
    "not_found": RedactRefusal.NOT_FOUND,
    "throttled": RedactRefusal.THROTTLED,
}
"""The rows of the common troubles; any other one is a server error here."""


class Redact(Struct, frozen=True, gc=False):
    """What is to be redacted.

    Attributes:
        product: None: it was not named.
        direction: None: it is none that there is.
    """

    id: str
    product: str | None
    direction: Direction | None


def redact(command: Redact, message: Message | None, account: Account, moment: Moment, *, wait: bool) -> Outcome[None]:
    """Make a message unreadable; one that is so already stays as it is.

    Args:
        command: what is asked for.
        message: the one whose id, or whose part's, it is; None: there is none.
        account: who asks.
        moment: now.
        wait: whether 60 minutes must have passed since it was submitted.

    Raises:
        Refusal: a row of the table; nothing changes.

    Source: reference sms §15 (B).
    Doubt: several parts are one message here, so redacting one of their ids redacts them all. A type that there is not
    is refused as JSON that cannot be read; and what was refused at its submission cannot be redacted.
    """
    if command.product not in PRODUCTS:
        raise Refusal(RedactRefusal.INVALID_PRODUCT, product=command.product)
    if command.direction is None:
        raise Refusal(RedactRefusal.INVALID_JSON)
    if message is None or command.product != "sms" or not _matches(message, command, account):
        raise Refusal(RedactRefusal.NOT_FOUND, id=command.id, direction=command.direction)
    if wait and moment.now - message.submitted_at < WAIT:
        raise Refusal(RedactRefusal.PREMATURE, id=command.id)
    if message.redacted_at is not None:
        return Outcome(Change(), None)
    return Outcome(Change(put=(replace(message, redacted_at=moment.now),)), None)


def _matches(message: Message, command: Redact, account: Account) -> bool:
    return message.account == account.id and message.owner == "sms" and message.direction is command.direction
