"""US short codes: which SMS a call to one of them becomes, and who opted in to alerts. Pure.

Source: reference sms §15a (B; C for marketing).

Doubt: the reference has the parameters and the form of the answers, and no more. So the texts, the number of the shared
short code, and which parameter is refused as what, are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from fake_nexmo.apis.sms.model import MessageType, OptIn, Send, SmsRefusal
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.numbering.plan import look_up

SHORT_CODE = "12345"
"""The short code that two-factor codes and alerts come from."""
PAGE_SIZE = 20


class TwoFactor(Struct, frozen=True, gc=False):
    """A code to be sent, as it was given; nothing is judged yet."""

    to: str
    pin: str
    client_ref: str


class Alert(Struct, frozen=True, gc=False):
    """An alert to be sent, as it was given.

    Attributes:
        template: which text; empty: the first.
        fields: what the template is filled with, in the order it came.
    """

    to: str
    type: str
    template: str
    fields: Mapping[str, str]
    wants_receipt: bool
    client_ref: str


class Marketing(Struct, frozen=True, gc=False):
    """A message of a campaign, as it was given."""

    sender: str
    to: str
    keyword: str
    text: str


class Page(Struct, frozen=True, gc=False):
    """A page of those who opted in, and how many they are in all."""

    count: int
    members: Sequence[OptIn]


def two_factor(command: TwoFactor) -> Send:
    """The SMS that carries a code.

    Raises:
        Refusal: what is missing or wrong.
    """
    _needed((command.to, SmsRefusal.MISSING_TO), (command.pin, SmsRefusal.MISSING_PIN))
    _american(command.to)
    if not _is_digits(command.pin):
        raise Refusal(SmsRefusal.INVALID_PIN)
    return Send(
        sender=SHORT_CODE,
        to=command.to,
        type=MessageType.TEXT.value,
        text=f"Your code is {command.pin}",
        client_ref=command.client_ref,
    )


def alert(command: Alert) -> Send:
    """The SMS of an alert: the number of its template, and what it is filled with.

    Raises:
        Refusal: what is missing or wrong.
    """
    _needed((command.to, SmsRefusal.MISSING_TO))
    _american(command.to)
    if command.type not in {MessageType.TEXT.value, MessageType.UNICODE.value}:
        raise Refusal(SmsRefusal.INVALID_TYPE)
    template = command.template or "0"
    if not _is_digits(template):
        raise Refusal(SmsRefusal.INVALID_TEMPLATE)
    filled = "".join(f"; {name}: {value}" for name, value in command.fields.items())
    return Send(
        sender=SHORT_CODE,
        to=command.to,
        type=command.type,
        text=f"Alert {template}{filled}",
        wants_receipt=command.wants_receipt,
        client_ref=command.client_ref,
    )


def marketing(command: Marketing) -> Send:
    """The SMS of a campaign, from the short code that is named; the text is the caller's own.

    Raises:
        Refusal: what is missing or wrong.
    """
    _needed(
        (command.sender, SmsRefusal.MISSING_FROM),
        (command.to, SmsRefusal.MISSING_TO),
        (command.keyword, SmsRefusal.MISSING_KEYWORD),
        (command.text, SmsRefusal.MISSING_TEXT),
    )
    _american(command.to)
    if not (_is_digits(command.sender) and len(command.sender) in {5, 6}):
        raise Refusal(SmsRefusal.CAMPAIGN_SHORT_CODE)
    return Send(sender=command.sender, to=command.to, type=MessageType.TEXT.value, text=command.text)


def page(members: Sequence[OptIn], size: str, number: str) -> Page:
    """One page, counted from 1; a size or number that cannot be read counts as absent."""
    each, at = _positive(size) or PAGE_SIZE, _positive(number) or 1
    return Page(len(members), members[(at - 1) * each : at * each])


def opt_in(number: str, known: OptIn | None, account: Account, moment: Moment) -> Outcome[OptIn]:
    """Enter a number among those who opted in; one that stands there stays as it is.

    Raises:
        Refusal: INVALID_MSISDN, when it is no number of the United States.
    """
    there = look_up(number)
    if there is None or there.country != "US":
        raise Refusal(SmsRefusal.INVALID_MSISDN)
    if known is not None:
        return Outcome(Change(), known)
    made = OptIn(id=opt_in_id(account, number), account=account.id, number=number, opted_in_at=moment.now)
    return Outcome(Change(put=(made,)), made)


def opt_in_id(account: Account, number: str) -> str:
    """The id of a number's record."""
    return f"{account.id}/{number}"


def _needed(*given: tuple[str, SmsRefusal]) -> None:
    for text, row in given:
        if not text:
            raise Refusal(row)


def _american(to: str) -> None:
    """Refuse a recipient outside the United States; a number that nobody can have is refused when it is routed."""
    if not _is_digits(to):
        raise Refusal(SmsRefusal.NOT_NUMERIC)
    there = look_up(to)
    if there is not None and there.country != "US":
        raise Refusal(SmsRefusal.CAMPAIGN_MSISDN)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _positive(text: str) -> int:
    """A number from 1 to six digits; 0 for anything else."""
    return int(text) if _is_digits(text) and len(text) < 7 else 0
