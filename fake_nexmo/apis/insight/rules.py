"""What the levels of Number Insight decide: whether a request is one, what it costs, and what is found out. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from fake_nexmo.apis.insight.model import Answer, Command, InsightRefusal, Level, Prices
from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.money import AMOUNT_MAX
from fake_nexmo.core.records import Account, Handset, OwnNetworks
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.urls import is_absolute
from fake_nexmo.handsets import lookup
from fake_nexmo.handsets.lookup import NOTHING, Found, Ported, Reach, Roaming, Silence, Validity
from fake_nexmo.numbering.number import PhoneNumber, carrier, describe, parse
from fake_nexmo.numbering.plan import NO_NETWORKS, calling_code

# Source: reference number-insight §3.
_FORM = re.compile(r"[0-9-+()\s]*")
_INTERNATIONAL = re.compile(r"[()\s-]*(?:\+|00)")

# What nothing live of a phone is said with. Source: reference number-insight §5, §6.4 (A for the landline).
_SILENT: Mapping[Silence, InsightRefusal] = {
    Silence.SLOW: InsightRefusal.TIMED_OUT,
    Silence.LANDLINE: InsightRefusal.UNABLE,
    Silence.UNSERVED: InsightRefusal.NO_HANDLER,
}
_FAILED = InsightRefusal.LOOKUP_FAILED


def checked(command: Command) -> PhoneNumber:
    """The number that a request is about: presence of what it must have, then the form of the number.

    Raises:
        Refusal: INCOMPLETE, for no number or, on the asynchronous level, no callback; then INVALID_NUMBER.

    Source: reference number-insight §3 (A for the text, D for the rest).
    Doubt: a callback that is no absolute http or https URL is refused as if it were missing.
    """
    if not command.number.strip():
        raise Refusal(InsightRefusal.INCOMPLETE)
    if command.level is Level.ASYNC and not is_absolute(command.callback):
        raise Refusal(InsightRefusal.INCOMPLETE)
    msisdn = _msisdn(command.number, command.country)
    known = describe(msisdn) if msisdn is not None else None
    if known is None:
        raise Refusal(InsightRefusal.INVALID_NUMBER, number=command.number)
    return known


def rate_of(account: Account, now: int) -> str:
    """The name of the counter of look-ups in this second."""
    return f"rate/insight/{account.id}/{now // SECOND}"


def admitted(account: Account, in_second: int, most: int, moment: Moment) -> Change:
    """Count a look-up towards the account's rate, where it has one.

    Args:
        account: whose it is.
        in_second: how many it made in this second before.
        most: how many it may make; 0: as many as it likes.
        moment: now, and the id.

    Raises:
        Refusal: THROTTLED.

    Source: reference number-insight §5 (C).
    Doubt: how many the service allows is not documented, nor whether one that is refused counts; it does not.
    """
    if most <= 0:
        return Change()
    if in_second >= most:
        raise Refusal(InsightRefusal.THROTTLED, request_id=request_id(moment))
    until_at = (moment.now // SECOND + 1) * SECOND
    return Change(counters=(Add(rate_of(account, moment.now), 1, ceiling=most, until_at=until_at),))


def read(command: Command, known: PhoneNumber, moment: Moment) -> Outcome[Answer]:
    """The level basic: what a number says by its digits; nobody is asked, and nothing is charged.

    Source: reference number-insight §6.2, §9.
    """
    return Outcome(Change(), Answer(command.level, request_id(moment), known))


def look_up(
    command: Command,
    known: PhoneNumber,
    phone: Handset,
    account: Account,
    balance: int,
    prices: Prices,
    moment: Moment,
    *,
    owned: bool,
    own: OwnNetworks = NO_NETWORKS,
) -> Outcome[Answer]:
    """The levels standard and advanced: charge, ask the network, and pay back what could not be had.

    Args:
        command: what is asked for.
        known: what its number says by its digits.
        phone: the phone it is about.
        account: who pays.
        balance: its balance before, in 10^-8 EUR.
        prices: what look-ups cost in this world.
        moment: the id.
        owned: whether an account of this world owns the number.
        own: what the world says of networks.

    Raises:
        Refusal: NO_CREDIT; nothing changes.

    Source: reference number-insight §5, §6.3, §6.4, §9.
    """
    found = lookup.look(phone, known, moment.seed, owned=owned, own=own)
    answer = judged(command, known, found, prices, request_id(moment))
    return Outcome(charges(account, balance, answer.price, answer.refund), answer)


def judged(
    command: Command,
    known: PhoneNumber,
    found: Found,
    prices: Prices,
    request: str,
    *,
    forced: InsightRefusal | None = None,
) -> Answer:
    """What is answered about a phone, and what it costs.

    Args:
        command: what is asked for.
        known: what its number says by its digits.
        found: what the look-up found.
        prices: what look-ups cost.
        request: the request's id.
        forced: a soft row that a fault asks for; None: as the phone has it.

    Source: reference number-insight §5, §6.4 ("Consistency rules"), §9.
    Doubt: which look-ups fail is not documented; that of a number whose validity is declared unknown does, on every
        level, whatever else is declared of it.
    """
    live = command.level is not Level.STANDARD
    status = forced
    if status is None and live:
        status = _SILENT.get(found.silence)
    nothing = forced is _FAILED or found.valid == Validity.UNKNOWN
    if forced is not None or nothing:
        found = _without_live(found, nothing=nothing, country=known.country)
    outcome = _outcome(found, status)
    price, refund = price_of(command, known, prices)
    return Answer(
        level=command.level,
        request_id=request,
        number=known,
        status=status,
        outcome=outcome,
        found=found if live else _supposed(found),
        price=price,
        refund=price if outcome == 2 else refund,
        cnam=command.cnam,
        ip=command.ip if live else "",
        real_time=command.real_time and command.level is Level.ADVANCED,
    )


def paid_back(answer: Answer, *, happened: bool) -> Answer:
    """The same answer, where nothing of it happened: whatever it would cost is paid back."""
    return answer if happened else replace(answer, refund=answer.price)


def price_of(command: Command, known: PhoneNumber, prices: Prices) -> tuple[int, int]:
    """What a look-up costs, and what of that is paid back at once: the name of a number that is not American.

    Source: reference number-insight §9.
    """
    price = prices.standard if command.level is Level.STANDARD else prices.advanced
    if not command.cnam:
        return price, 0
    return price + prices.cnam, 0 if known.country == "US" else prices.cnam


def charges(account: Account, balance: int, price: int, refund: int) -> Change:
    """Take a price from a balance, and pay back a part of it.

    Raises:
        Refusal: NO_CREDIT, when the balance is below the price; nothing changes.

    Source: reference number-insight §9 (D for the refund in the same step).
    """
    if account.unlimited:
        return Change()
    if balance < price:
        raise Refusal(InsightRefusal.NO_CREDIT)
    return Change(counters=(Add(account.balance, -price, floor=0),)) + refunded(account, balance - price, refund)


def refunded(account: Account, balance: int, refund: int) -> Change:
    """Pay something back to a balance, which can hold no more than `AMOUNT_MAX`."""
    back = min(refund, AMOUNT_MAX - balance)
    if account.unlimited or not back:
        return Change()
    return Change(counters=(Add(account.balance, back, ceiling=AMOUNT_MAX),))


def request_id(moment: Moment) -> str:
    """The id of a request: a lower-case UUID. Source: reference number-insight §6.1."""
    return moment.uuid(Use.REQUEST)


def _msisdn(number: str, country: str) -> str | None:
    """E.164 digits; None: it is no number, or not one of that country.

    Source: reference number-insight §3 (D).
    Doubt: a country in lower case is taken.
    """
    if not _FORM.fullmatch(number):
        return None
    if not country or not _INTERNATIONAL.match(number):
        return parse(number, country)
    code, msisdn = calling_code(country.upper()), parse(number)
    return msisdn if code is not None and msisdn is not None and msisdn.startswith(code) else None


def _without_live(found: Found, *, nothing: bool, country: str) -> Found:
    """What is left of a look-up that did not come to an end; ``nothing``: not even the networks.

    Source: reference number-insight §5 ("live fields unknown"), §6.3 (C for the words of a carrier unknown).
    """
    left = replace(
        found,
        reach=Reach.UNKNOWN,
        roaming=Roaming("unknown"),
        silence=Silence.SLOW,
        ported=Ported.PORTED if found.ported == Ported.PORTED else Ported.UNKNOWN,
        said=True,
    )
    if not nothing:
        return left
    nobody = carrier("", country)
    return replace(left, current=nobody, original=nobody, ported=Ported.UNKNOWN, valid=Validity.UNKNOWN)


def _outcome(found: Found, status: InsightRefusal | None) -> int:
    """Source: reference number-insight §6.4 (0 needs status 0; 2 is nothing determined).

    Doubt: how much must be known for an outcome of 0 is not documented; everything that the level says.
    """
    if status is _FAILED or found.valid == Validity.UNKNOWN:
        return 2
    carriers = (found.current, found.original)
    live = (found.valid, found.reach, found.ported, found.roaming.status if found.roaming else None)
    whole = not {None, NOTHING}.intersection(carriers) and not {None, "unknown"}.intersection(live)
    return 0 if whole and status is None and found.silence is Silence.NONE else 1


def _supposed(found: Found) -> Found:
    """What the level standard says, which asks no network: that a number is where it seems to be, it only assumes.

    Source: reference number-insight §6.3.
    """
    placed = all(each is not None and each.code not in ("", "NONE") for each in (found.current, found.original))
    if found.said or not placed or found.ported not in (Ported.NOT_PORTED, Ported.UNKNOWN):
        return found
    return replace(found, ported=Ported.ASSUMED_NOT_PORTED)
