"""What the operations of the SMS API decide. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from fake_nexmo.apis.sms import troubles_rules as troubles
from fake_nexmo.apis.sms import types_rules as types
from fake_nexmo.apis.sms.model import MessageType, Send, Sent, SmsRefusal
from fake_nexmo.core.change import Add, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import (
    Account,
    Direction,
    Handset,
    Message,
    Mischief,
    OwnNetworks,
    Part,
    PartStatus,
)
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.handsets import people
from fake_nexmo.network import carry
from fake_nexmo.network.segments import Segments, count_text, count_unicode
from fake_nexmo.numbering.plan import NO_NETWORKS, Destination, look_up, on_network

TEXT_MAX = 3200
TTL_MS = (20_000, 604_800_000)
_TYPES = {each.value: each for each in MessageType}
_SPOKEN = (MessageType.TEXT, MessageType.UNICODE)
_BINARY = MessageType.BINARY.value


def rate_of(account: Account, now: int) -> str:
    """The name of the counter of messages in this second."""
    return f"rate/sms/{account.id}/{now // SECOND}"


def send(
    command: Send,
    account: Account,
    phone: Handset,
    balance: int,
    in_second: int,
    moment: Moment,
    *,
    submissions: int = 0,
    mischief: Mischief | None = None,
    uuids: bool = False,
    own: OwnNetworks = NO_NETWORKS,
) -> Outcome[Sent | Refusal]:
    """Accept one outbound message: count its parts, charge them, and hand it to the network.

    The order of checks is the service's: presence, format, throughput, routing, length, balance.

    Args:
        command: what is asked for.
        account: who pays.
        phone: the phone it goes to, and the person behind it.
        balance: the account's balance before, in 10^-8 EUR.
        in_second: how many messages the account sent in this second of the world's clock.
        moment: now, and the ids of the parts.
        submissions: how many were made to a phone that refuses some of them.
        mischief: what a fault does to the receipts.
        uuids: whether the ids are UUIDs instead of hex digits.
        own: what the world says of networks.

    Returns:
        What was sent; or a refusal that the phone's character asks for, which counts as a submission to it.

    Raises:
        Refusal: a row of the table; nothing changes.

    Source: reference sms §5.1 (D; A for credentials before parameters, ttl before routing).
    """
    kind = _present(command)
    _well_formed(command)
    assert kind is not None, "a type that does not exist is refused by its form"
    limit = account.sms_limit
    destination = look_up(command.to)
    if limit is not None and in_second >= limit:
        raise Refusal(
            SmsRefusal.THROTTLED,
            to=command.to,
            network=destination.network if destination else None,
            wait_ms=(SECOND - moment.now % SECOND + 999) // 1000,
        )
    if destination is None:
        raise Refusal(SmsRefusal.UNROUTABLE, to=command.to)
    counted = people.submitted(phone, submissions)
    trouble = people.trouble(phone, submissions) if counted.counters else None
    if trouble is not None:
        return Outcome(counted, troubles.refusal(trouble, command.to, balance, moment.now))
    segments = _count(kind, command)
    charged = on_network(destination, phone.network, own)
    total = segments.parts * charged.price
    if balance < total and not account.unlimited:
        raise Refusal(
            SmsRefusal.NO_CREDIT,
            to=command.to,
            balance=balance,
            price=charged.price,
            network=destination.network,
        )
    message = _message(command, account, charged, _parts(segments.parts, moment, uuids=uuids), moment)
    charges = counted.counters + _charges(account, total, moment)
    return Outcome(carry.submit(message, phone, moment, mischief, charges), Sent(message, account.unlimited))


def _present(command: Send) -> MessageType | None:
    """Presence: ``from``, ``to``, then what the type carries; None is a type that does not exist."""
    if not command.sender:
        raise Refusal(SmsRefusal.MISSING_FROM)
    if not command.to:
        raise Refusal(SmsRefusal.MISSING_TO)
    kind = _TYPES.get(command.type)
    if kind is None:
        return None
    if kind not in _SPOKEN:
        types.present(kind, command.content)
    elif not command.text:
        raise Refusal(SmsRefusal.MISSING_TEXT)
    return kind


def _well_formed(command: Send) -> None:
    """Format, in the order of reference sms §5.1."""
    to = command.to
    if not (to.isascii() and to.isdigit()):
        raise Refusal(SmsRefusal.NOT_NUMERIC)
    if command.type not in _TYPES:
        raise Refusal(SmsRefusal.INVALID_TYPE)
    # Doubt: a ttl that is no number is refused like one out of range.
    if command.ttl and not TTL_MS[0] <= _number(command.ttl) <= TTL_MS[1]:
        raise Refusal(SmsRefusal.INVALID_TTL)
    if command.message_class and not 0 <= _number(command.message_class) <= 3:
        raise Refusal(SmsRefusal.INVALID_CLASS)
    if command.callback:
        _well_formed_callback(command.callback)
    # Doubt: the parameter is undocumented; what the status for it exists for is taken to be a wrong form.
    if command.network_code and not (command.network_code.isascii() and command.network_code.isdigit()):
        raise Refusal(SmsRefusal.INVALID_NETWORK)
    # Doubt: where in the order these come is not known.
    if command.type == _BINARY:
        types.well_formed(command.content)


def _well_formed_callback(url: str) -> None:
    """An absolute http or https URL.

    Doubt: the 100 characters of reference sms §5 are the limit of one library; the service's is unknown, so we have
    none of our own.
    """
    if "://" not in url:
        raise Refusal(SmsRefusal.CALLBACK_PROTOCOL)
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise Refusal(SmsRefusal.INVALID_CALLBACK)


def _count(kind: MessageType, command: Send) -> Segments:
    if kind not in _SPOKEN:
        return types.count(kind, command.content)
    text = command.text
    if len(text) > TEXT_MAX:
        raise Refusal(SmsRefusal.TOO_LONG)
    return count_unicode(text) if kind is MessageType.UNICODE else count_text(text)


def _charges(account: Account, total: int, moment: Moment) -> tuple[Add, ...]:
    charges: tuple[Add, ...] = ()
    if not account.unlimited:
        charges = (Add(account.balance, -total, floor=0),)
    if account.sms_limit is not None:
        second = moment.now // SECOND
        charges += (Add(rate_of(account, moment.now), 1, ceiling=account.sms_limit, until_at=(second + 1) * SECOND),)
    return charges


def _parts(count: int, moment: Moment, *, uuids: bool) -> tuple[Part, ...]:
    """Source: reference sms §6 for both forms of the id."""
    return tuple(
        [
            Part(
                id=moment.uuid(Use.MESSAGE, k) if uuids else moment.message_id(k),
                status=PartStatus.SUBMITTED,
                err_code="0",
                status_at=moment.now,
            )
            for k in range(count)
        ]
    )


def _message(
    command: Send, account: Account, destination: Destination, parts: tuple[Part, ...], moment: Moment
) -> Message:
    spoken = _TYPES[command.type] in _SPOKEN
    return Message(
        id=parts[0].id,
        owner="sms",
        account=account.id,
        direction=Direction.OUTBOUND,
        sender=command.sender,
        to=command.to,
        type=command.type,
        text=command.text if spoken else "",
        parts=parts,
        network=destination.network,
        price=destination.price,
        submitted_at=moment.now,
        receipt_url=(command.callback or account.receipt_url) if command.wants_receipt else "",
        client_ref=command.client_ref,
        account_ref=command.account_ref,
        ttl_ms=int(command.ttl) if command.ttl else None,
        message_class=int(command.message_class) if command.message_class else None,
        extra={} if spoken else types.facts(_TYPES[command.type], command.content),
    )


def _number(text: str) -> int:
    """A whole number as it came, -1 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
