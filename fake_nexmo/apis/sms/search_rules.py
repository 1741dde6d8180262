"""Finding messages and rejections again, and remembering what was refused. Pure.

Source: reference sms §13.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.apis.sms.model import Rejection, Send, Sent
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import DAY, parse_instant
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import REDACTED, Account, Direction, Message
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.network.segments import delivered_unicode, split_text, split_unicode
from fake_nexmo.numbering.plan import look_up

IDS_MAX = 10

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
REQUIRED = "Is required."
# Doubt: the sentences for what is there and wrong are ours; "Is required." is documented.
INVALID_DATE = "Must be a date, YYYY-MM-DD."
TOO_MANY = f"Must be {IDS_MAX} at most."


class SearchRefusal(Enum):
    """Every refusal of ``/search``. Source: reference sms §13 (B; D for those that faults alone cause)."""

    BAD_REQUEST = "bad_request"
    BAD_CREDENTIALS = "bad_credentials"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


TROUBLES: Mapping[str, SearchRefusal] = {
    "bad_credentials": SearchRefusal.BAD_CREDENTIALS,
    "throttled": SearchRefusal.THROTTLED,
}
"""The rows of the common troubles; any other one is a server error here."""


class Found(Struct, frozen=True, gc=False):
    """A part of a message, which is what a message id names.

    Attributes:
        k: the number of the part, from 0.
        body: what the part carries.
    """

    message: Message
    k: int
    body: str


class Days(Struct, frozen=True, gc=False):
    """A day in UTC, counted from the epoch, and a recipient."""

    day: int
    to: str

    @property
    def key(self) -> str:
        """The look-up key of what went to that number; account and day are looked at record by record."""
        return f"to/{self.to}"

    def hold(self, record: Message | Rejection, account: Account) -> bool:
        """Whether a record is the account's, of that day."""
        at = record.submitted_at if isinstance(record, Message) else record.rejected_at
        return record.account == account.id and at // DAY == self.day


# What is asked for.


def one_id(message_id: str) -> str:
    """The id that is asked for.

    Raises:
        Refusal: BAD_REQUEST, when there is none.
    """
    if not message_id:
        raise _bad({"id": REQUIRED})
    return message_id


def ids_or_day(ids: Sequence[str], date: str, to: str) -> tuple[str, ...] | Days:
    """What a search for several messages asks for: one to ten ids, or a day and a recipient.

    Raises:
        Refusal: BAD_REQUEST, naming what is missing or wrong.

    Doubt: beside ids, date and recipient are ignored; with nothing at all, the ids are what is missing.
    """
    asked = tuple(each for each in ids if each)
    if len(asked) > IDS_MAX:
        raise _bad({"ids": TOO_MANY})
    if asked:
        # An id that is asked for twice is found once.
        return tuple(dict.fromkeys(asked))
    if not date and not to:
        raise _bad({"ids": REQUIRED})
    return day(date, to)


def day(date: str, to: str) -> Days:
    """A day and a recipient, both required.

    Raises:
        Refusal: BAD_REQUEST, naming what is missing or wrong.
    """
    at = _day_of(date)
    if at is not None and to:
        return Days(at, to.removeprefix("+"))
    wrong = {}
    if at is None:
        wrong["date"] = INVALID_DATE if date else REQUIRED
    if not to:
        wrong["to"] = REQUIRED
    raise _bad(wrong)


# What is found.


def part_of(message: Message | None, message_id: str, account: Account) -> Found | None:
    """The part of that id, if the message is the account's and one that this API sent or received."""
    if message is None or not _is_own(message, account):
        return None
    k = next(k for k, part in enumerate(message.parts) if part.id == message_id)
    return Found(message, k, body(message, k))


def parts_of(messages: Iterable[Message], to: str, account: Account) -> list[Found]:
    """All parts of the messages to a recipient.

    Doubt: what was redacted has no number any more, so it is not found by it; by its id it is.
    """
    return [
        Found(message, k, body(message, k))
        for message in messages
        if _is_own(message, account) and shown(message).to == to
        for k in range(len(message.parts))
    ]


def shown(message: Message) -> Message:
    """The message with the person's number as it may be shown. Source: reference sms §15."""
    if message.redacted_at is None:
        return message
    if message.direction is Direction.OUTBOUND:
        return replace(message, to=REDACTED)
    return replace(message, sender=REDACTED)


def body(message: Message, k: int) -> str:
    """What a part carries, with the characters that were sent.

    Doubt: what stands there for types that carry no text is not known: the hex of a binary message, the card of a
    ``vcard`` or ``vcal``, the title and the address of a push; of several parts each shows the whole of it.
    """
    if message.redacted_at is not None:
        return REDACTED
    extra = message.extra
    if message.type == "unicode":
        return split_unicode(message.text)[k]
    if message.type == "text":
        arrived = split_text(message.text)
        start = sum(map(len, arrived[:k]))
        return message.text[start : start + len(arrived[k])]
    if message.type == "wappush":
        return f"{extra['title']} {extra['url']}"
    return str(extra["body" if message.type == "binary" else message.type])


# What was refused.


def remembered(
    command: Send, account: Account, outcome: Outcome[Sent | Refusal], moment: Moment, *, uuids: bool = False
) -> Outcome[Sent | Refusal]:
    """A no to a message that has a recipient, written down with the id that the message would have had.

    Doubt: which refusals the service lists is not known; here it is all that a recipient was named for.
    """
    refusal = outcome.answer
    assert isinstance(refusal, Refusal), "what was sent is no rejection"
    if not command.to:
        return outcome
    rejection = _rejection(command, account, refusal, moment, uuids=uuids)
    return Outcome(outcome.change + Change(put=(rejection,)), refusal)


def _rejection(command: Send, account: Account, refusal: Refusal, moment: Moment, *, uuids: bool) -> Rejection:
    there = look_up(command.to)
    return Rejection(
        id=moment.uuid(Use.MESSAGE) if uuids else moment.message_id(),
        account=account.id,
        sender=command.sender,
        to=command.to,
        body=command.content.body.upper() if command.type == "binary" else delivered_unicode(command.text),
        network=there.network if there else "",
        row=str(refusal.row.value),
        facts=refusal.facts,
        rejected_at=moment.now,
    )


def _is_own(message: Message, account: Account) -> bool:
    return message.account == account.id and message.owner == "sms"


def _day_of(date: str) -> int | None:
    if not _DATE.fullmatch(date):
        return None
    try:
        return parse_instant(date) // DAY
    except ValueError:
        return None


def _bad(wrong: Mapping[str, str]) -> Refusal:
    return Refusal(SearchRefusal.BAD_REQUEST, wrong=wrong)
