"""Whether a verification starts, and what it comes to. Pure.

The order of the checks is the service's. Source: reference verify §3, §3.1 (B, D), §7.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from fake_nexmo.apis.verify import event_rules as events
from fake_nexmo.apis.verify import workflow_rules as workflow
from fake_nexmo.apis.verify.model import Party, Plan, Start, Unblocked, Verification, VerifyRefusal, Ways, running
from fake_nexmo.apis.verify.texts import LANGUAGES, PAYMENT_LANGUAGES, language_of
from fake_nexmo.core.change import Add, Change, Claim, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Handset
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.handsets import people
from fake_nexmo.numbering.number import describe, parse
from fake_nexmo.numbering.plan import calling_code, look_up
from fake_nexmo.numbering.tables import tables

BRAND_MAX: Final = 18
EXPIRY_S: Final = 300
"""How long a code is valid when nobody says. Source: reference verify §3 (B)."""

# What a person's handset refuses submissions with, in the words of this API.
# Doubt: these are the troubles of the SMS API; a number that is barred there is blocked here, and so on.
_HANDSET_TROUBLES: Final = {
    "throttled": VerifyRefusal.THROTTLED,
    "barred": VerifyRefusal.BLOCKED,
    "number_barred": VerifyRefusal.BLOCKED,
    "account_barred": VerifyRefusal.BARRED,
    "no_credit": VerifyRefusal.NO_CREDIT,
    "server_error": VerifyRefusal.INTERNAL,
    "unavailable": VerifyRefusal.INTERNAL,
    "communication_failed": VerifyRefusal.INTERNAL,
    "demo": VerifyRefusal.DEMO,
    "bad_credentials": VerifyRefusal.BAD_CREDENTIALS,
}

_NONE: Mapping[str, Unblocked] = {}
_NUMBER = re.compile(r"[0-9+().\-/\s]+")
_SENDER = re.compile(r"[A-Za-z0-9]{1,11}")
_PIN_CODE = re.compile(r"[A-Za-z0-9]{4,10}")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,8})?")


def rate_of(account: Account, now: int) -> str:
    """The name of the counter of requests in this second."""
    return f"rate/verify/{account.id}/{now // SECOND}"


def admitted(account: Account, in_second: int, ways: Ways, moment: Moment) -> Change:
    """Count a request towards the account's rate, if the world has one.

    Raises:
        Refusal: THROTTLED.

    Source: reference verify §2 (B); README rulings: off unless the world sets it.
    """
    if ways.limit <= 0:
        return Change()
    if in_second >= ways.limit:
        raise Refusal(VerifyRefusal.THROTTLED)
    until_at = (moment.now // SECOND + 1) * SECOND
    return Change(counters=(Add(rate_of(account, moment.now), 1, ceiling=ways.limit, until_at=until_at),))


def plan(command: Start, ways: Ways) -> Plan:
    """Judge what a start says: first what is missing, then what is wrong, each in the order of the table.

    Raises:
        Refusal: MISSING or INVALID with the parameter's ``name``, or NO_PIN_CODE.

    Source: reference verify §3 (B; A for the words), §7.
    Doubt: a parameter that is there and empty counts as absent.
    """
    present(("number", command.number), ("payee" if command.payment else "brand", command.brand))
    if command.payment:
        present(("amount", command.amount))
    country = command.country.upper()
    number = _international(command.number, country)
    _fits(len(command.brand) <= BRAND_MAX, "payee" if command.payment else "brand")
    amount = _amount(command.amount) if command.payment else ""
    _fits(not country or (len(country) == 2 and calling_code(country) is not None), "country")
    _fits(not command.sender or _SENDER.fullmatch(command.sender) is not None, "sender_id")
    code_length = _whole(command.code_length, "code_length", 4, 6) or 4
    _fits(code_length != 5, "code_length")
    known = PAYMENT_LANGUAGES if command.payment else LANGUAGES
    _fits(not command.language or command.language in known, "lg")
    expiry_s = _whole(command.expiry, "pin_expiry", 60, 3600) or EXPIRY_S
    wait_s = _whole(command.wait, "next_event_wait", 60, 900)
    workflow_id = _whole(command.workflow, "workflow_id", 1, 7) or 1
    if command.pin_code:
        if not ways.pin_code:
            raise Refusal(VerifyRefusal.NO_PIN_CODE)
        _fits(_PIN_CODE.fullmatch(command.pin_code) is not None, "pin_code")
    # Source: reference verify §3 (B): no error, and only when both are given.
    if command.expiry and wait_s is not None and expiry_s % wait_s:
        expiry_s = wait_s
    there = look_up(number)
    assert there is not None, "a number that nobody can have is wrong"
    return Plan(
        number=number,
        brand=command.brand,
        sender=command.sender or "verify",
        code_length=code_length,
        language=command.language or language_of(there.country, payment=command.payment),
        expiry_s=expiry_s,
        wait_s=wait_s,
        workflow=workflow_id,
        pin_code=command.pin_code,
        amount=amount,
    )


def present(*pairs: tuple[str, str]) -> None:
    """Refuse a request that lacks a mandatory parameter: the first that is missing.

    Raises:
        Refusal: MISSING.
    """
    for name, value in pairs:
        if not value:
            raise Refusal(VerifyRefusal.MISSING, name=name)


def start(
    command: Plan,
    party: Party,
    ways: Ways,
    moment: Moment,
    *,
    holder: str | None = None,
    lifted: Mapping[str, Unblocked] = _NONE,
    submissions: int = 0,
) -> Outcome[Verification | Refusal]:
    """Start a verification: its first event runs at once.

    Args:
        command: what is asked for, well-formed.
        party: whom it concerns.
        ways: how the world has the API.
        moment: now, the ids, and the dice of the code.
        holder: the verification that is in progress for the account and the number; None: there is none.
        lifted: what the account did about entries of the block list that hit the number, by entry.
        submissions: how many were made to a phone that refuses some of them.

    Returns:
        The verification; or a refusal that the phone's character asks for, which counts as a submission to it.

    Raises:
        Refusal: DEMO, CONCURRENT, BLOCKED or NETWORK_BLOCKED, UNSUPPORTED_NETWORK, NO_CREDIT; nothing changes.

    Source: reference verify §3.1 steps 5 to 9, §3.2 (B), §9 (B), §11 (D).
    """
    network = network_of(command.number, party.phone)
    if ways.approved is not None and command.number not in ways.approved:
        raise Refusal(VerifyRefusal.DEMO)
    if holder is not None:
        raise Refusal(VerifyRefusal.CONCURRENT, id=holder, network=network)
    for entry in hits(ways.blocked, command.number, network):
        if entry not in lifted or moment.now >= lifted[entry].until_at:
            row = VerifyRefusal.NETWORK_BLOCKED if entry == network else VerifyRefusal.BLOCKED
            raise Refusal(row, network=network)
    if hits(ways.unsupported, command.number, network):
        raise Refusal(VerifyRefusal.UNSUPPORTED_NETWORK)
    counted = people.submitted(party.phone, submissions)
    if counted:
        trouble = people.trouble(party.phone, submissions)
        if trouble is not None:
            row = _HANDSET_TROUBLES.get(trouble, VerifyRefusal.UNROUTABLE)
            return Outcome(counted, Refusal(row, network=network))
    begun = workflow.renewed(_begun(command, party, network, moment), party.account, party.phone, moment)
    cost = events.cost(begun, party.networks)
    if party.balance < cost.needed + ways.price and not party.account.unlimited:
        raise Refusal(VerifyRefusal.NO_CREDIT)
    first = events.run(begun, party, moment, keep=ways.price, uuids=ways.uuids)
    opened = Change(
        claims=(Claim(running(begun.account, begun.number), begun.id),), log=(events.event("started", begun, moment),)
    )
    return Outcome(counted + opened + first.change, first.answer)


def network_of(number: str, phone: Handset) -> str:
    """MCC and MNC of a phone, or the word in their place: its own if somebody said so, else by its digits."""
    there = look_up(number)
    assert there is not None, "a number that nobody can have is wrong"
    return phone.network or there.network


def hits(entries: tuple[str, ...], number: str, network: str) -> tuple[str, ...]:
    """The entries of a list of networks and prefixes that cover a number.

    Doubt: an entry that is a network's code is never a prefix, though a number may begin with these digits.
    """
    known = tables().networks if entries else {}
    return tuple(each for each in entries if each == network or (each not in known and number.startswith(each)))


def _begun(command: Plan, party: Party, network: str, moment: Moment) -> Verification:
    """The verification before its first event; unless it was supplied, it has no code yet."""
    return Verification(
        id=moment.hex_id(Use.REQUEST),
        account=party.account.id,
        number=command.number,
        brand=command.brand,
        network=network,
        sender=command.sender,
        language=command.language,
        workflow=command.workflow,
        code=command.pin_code,
        code_at=moment.now,
        submitted_at=moment.now,
        expiry_s=command.expiry_s,
        wait_s=command.wait_s,
        code_length=command.code_length,
        amount=command.amount,
        supplied=bool(command.pin_code),
    )


def _international(text: str, country: str) -> str:
    """The number in E.164 digits.

    Source: reference verify §3 (D), §15: the number wins over ``country`` if it parses as E.164.
    Doubt: it does not win over a national number of ``country`` that can be somebody's by the country's plan, unless
    it begins with a plus: ten digits of an American one may also be an Egyptian one.
    """
    _fits(_NUMBER.fullmatch(text) is not None, "number")
    number = parse(text)
    national = parse(text, country) if country and not text.strip().startswith("+") else None
    if national is not None and (number is None or _is_valid(national)):
        number = national
    if number is None:
        raise Refusal(VerifyRefusal.INVALID, name="number")
    return number


def _is_valid(number: str) -> bool:
    """Whether it can be somebody's by its country's plan."""
    described = describe(number)
    return described is not None and described.valid


def _amount(text: str) -> str:
    """The amount of a payment as messages name it: two decimals at least. Source: reference verify §7 (B, D)."""
    _fits(_AMOUNT.fullmatch(text) is not None and Decimal(text) > 0, "amount")
    whole, _, decimals = text.partition(".")
    return f"{int(whole)}.{decimals.rstrip('0').ljust(2, '0')}"


def _whole(text: str, name: str, low: int, high: int) -> int | None:
    """A whole number within bounds; None: it is absent."""
    if not text:
        return None
    _fits(text.isascii() and text.isdigit() and len(text) < 19 and low <= int(text) <= high, name)
    return int(text)


def _fits(is_right: bool, name: str) -> None:
    if not is_right:
        raise Refusal(VerifyRefusal.INVALID, name=name)
