"""The asynchronous level: what is acknowledged now, looked up a little later, and told to the callback. Pure.

The price is charged with the acknowledgement; the phone is looked up when the callback falls due, since that is what
takes the service its seconds. What a look-up that fails costs is paid back then.

Source: reference number-insight §7.
Doubt: the acknowledgement names no code of the look-up, since it was not made yet: 43 to 45 stand in the callback.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from fake_nexmo.apis.insight.model import Answer, Command, Lookup, Prices
from fake_nexmo.apis.insight.rules import charges, judged, price_of, refunded, request_id
from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Delivery, Handset, Mischief, OwnNetworks, Timer
from fake_nexmo.handsets import lookup
from fake_nexmo.network.weather import misled
from fake_nexmo.numbering.number import PhoneNumber
from fake_nexmo.numbering.plan import NO_NETWORKS

OWNER = "insight"
WHAT = "look_up"
KIND = "insight"


def acknowledge(
    command: Command,
    known: PhoneNumber,
    account: Account,
    balance: int,
    prices: Prices,
    moment: Moment,
    *,
    xml: bool,
    flat: bool,
    mischief: Mischief | None = None,
) -> Outcome[Lookup]:
    """Take a look-up on: charge it, and set the timer that makes it half a second to a second later.

    Args:
        command: what is asked for.
        known: what its number says by its digits.
        account: who pays.
        balance: its balance before, in 10^-8 EUR.
        prices: what look-ups cost in this world.
        moment: now, the id, and the die for the delay.
        xml: the callback is in XML.
        flat: the callback has the form of before 2017.
        mischief: what a fault does to the callback.

    Raises:
        Refusal: NO_CREDIT; nothing changes.
    """
    price, refund = price_of(command, known, prices)
    paid = charges(account, balance, price, refund)
    wanted = Lookup(
        id=request_id(moment),
        account=account.id,
        command=command,
        msisdn=known.msisdn,
        price=price,
        refund=refund,
        charged=not account.unlimited,
        xml=xml,
        flat=flat,
    )
    at_once = mischief is not None and mischief.before_response
    after = 0 if at_once else SECOND // 2 + int(moment.roll("insight delay") * SECOND) // 2
    timer = Timer(due_at=moment.now + after, owner=OWNER, what=WHAT, subject=wanted.id, mischief=mischief)
    return Outcome(paid + Change(put=(wanted,), timers=(timer,)), wanted)


def carry_out(
    wanted: Lookup,
    known: PhoneNumber,
    phone: Handset,
    account: Account,
    balance: int,
    timer: Timer,
    moment: Moment,
    *,
    owned: bool,
    old: bool,
    own: OwnNetworks = NO_NETWORKS,
) -> Outcome[Answer]:
    """Make a look-up that was taken on, and tell its callback.

    Args:
        wanted: what was taken on.
        known: what its number says by its digits.
        phone: the phone it is about, as it is now.
        account: who paid.
        balance: its balance now, in 10^-8 EUR: the callback tells it.
        timer: carries what a fault does to the callback.
        moment: now.
        owned: whether an account of this world owns the number.
        old: whether it is worded as in 2020.
        own: what the world says of networks.

    Doubt: which balance a callback tells, that of the acknowledgement or that of its own instant, is not documented.
    """
    found = lookup.look(phone, known, moment.seed, owned=owned, own=own)
    paid = Prices(standard=0, advanced=wanted.price, cnam=0)
    answer = judged(wanted.command, known, found, paid, wanted.id)
    more = wanted.price - wanted.refund if answer.outcome == 2 else 0
    answer = replace(answer, price=wanted.price, refund=wanted.refund + more)
    change = refunded(account, balance, more) if wanted.charged else Change()
    left = balance + sum(each.delta for each in change.counters if isinstance(each, Add))
    facts = {"answer": msgspec.to_builtins(answer), "remaining": left, "old": old, "xml": wanted.xml}
    told = _told(wanted, account, {**facts, "flat": wanted.flat}, moment, timer.mischief)
    return Outcome(change + Change(drop=(wanted,), deliveries=told), answer)


def _told(
    wanted: Lookup, account: Account, facts: dict[str, Any], moment: Moment, bad: Mischief | None
) -> tuple[Delivery, ...]:
    """One callback, or as many as a fault repeats it, when and in the order that the fault says."""
    delivery = Delivery(
        kind=KIND,
        owner=OWNER,
        account=account.id,
        about=wanted.id,
        subject=wanted.id,
        url=wanted.command.callback,
        method="POST",
        facts=facts,
        created_at=moment.now,
        due_at=moment.now,
    )
    return misled(delivery, bad, moment)
