"""Which webhooks report on a call, and what they tell. Pure.

Order is kept among the webhooks of a leg, apart from its timers: whoever is slow to answer a report does not hold up
the call.

Source: reference ncco §4.2, §4.4, webhooks §4, §5.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice.begin_rules import Begun
from fake_nexmo.apis.voice.ends_model import Callback, EndpointType
from fake_nexmo.apis.voice.model import OWNER, Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Delivery

ANSWER: Final = "answer"
EVENT: Final = "event"
FALLBACK: Final = "fallback"
INPUT: Final = "input"
NOTIFY: Final = "notify"
RECORD: Final = "record"

TRANSFER: Final = "transfer"
ERROR: Final = "error"
KEY: Final = "key"
PAYMENT: Final = "payment"
TRANSCRIBED: Final = "transcribed"
DISCONNECTED: Final = "disconnected"

REASONS: Final = frozenset(
    (LegStatus.BUSY, LegStatus.CANCELLED, LegStatus.FAILED, LegStatus.REJECTED, LegStatus.TIMEOUT, LegStatus.UNANSWERED)
)
"""Why a leg was not connected. Source: reference ncco §5.2 (B)."""

AFTER_HANG_UP: Final = SECOND // 5
"""How long after the far side hung up the platform reports it. Source: reference voice §9.4 (D)."""

SYNTAX: Final = "Syntax error in NCCO. Invalid value type or action."
"""What is wrong with an NCCO that is wrong. Source: reference ncco §2.6 (A)."""
# Doubt: that a failed download is reported is known from support articles, its wording is not.
DOWNLOAD: Final = "Failed to retrieve the NCCO."


def told(call: Call, leg: Leg, name: str, moment: Moment, *, after: int = 0, **more: Any) -> Change:
    """Report something of a leg, if anybody listens.

    Args:
        call: whose leg it is.
        leg: as it is by now.
        name: a status, ``human``, ``machine``, or one of the names above.
        moment: when it happens.
        after: microseconds by which the report is later than that.
        more: what else is to be told.
    """
    if not call.event.url:
        return Change()
    at = moment.now + after
    facts = {"name": name, **parties(call, leg), "at": at, **_settled(call, leg, name), **more}
    return sent(EVENT, call, leg, call.event, facts, moment, due_at=at)


def status_told(call: Call, leg: Leg, moment: Moment) -> Change:
    """Report the status that a leg has reached, and its end after it, if that is one.

    Source: reference voice §9.1, §9.3 (B): no ``completed`` after ``rejected``.
    Doubt: the reference has a fifth of a second between hanging up and ``completed``, and in its worked flows none when
    it is the platform that hangs up; so only the far side's is late. What was not connected is over at once.
    """
    if leg.status is LegStatus.COMPLETED:
        late = AFTER_HANG_UP if leg.ended_by == "user" else 0
        return told(call, leg, LegStatus.COMPLETED, moment, after=late)
    asks: dict[str, Any] = {"host": call.host} if call.replaces and leg.status in REASONS else {}
    change = told(call, leg, leg.status, moment, **asks)
    if not leg.over or leg.status is LegStatus.REJECTED:
        return change
    return change + told(call, leg, LegStatus.COMPLETED, moment)


def asked(kind: str, call: Call, leg: Leg, where: Callback, facts: dict[str, Any], moment: Moment) -> Begun:
    """Report what an action came to, and wait for the reply, which may hold another NCCO.

    With nobody to report to it is as if the reply were empty. Source: reference ncco §4.2 (B).
    """
    waiting = replace(call, waits=call.waits + 1)
    if not where.url:
        return Begun(waiting, leg, Change(), False)
    told = {**parties(call, leg), "at": moment.now, **facts, "waits": waiting.waits}
    return Begun(waiting, leg, sent(kind, call, leg, where, told, moment), True)


def sent(
    kind: str, call: Call, leg: Leg, where: Callback, facts: dict[str, Any], moment: Moment, *, due_at: int = 0
) -> Change:
    """One webhook of a leg.

    Args:
        kind: one of those above.
        call: whose leg it is.
        leg: what it is about.
        where: its URL and method, fixed from now on.
        facts: what it is worded from.
        moment: when it is set.
        due_at: when it goes out; 0: now.

    Doubt: all webhooks of a leg go out one after the other (reference ncco §4.1, D), so an app that is slow to take a
    report gets the request for its NCCO later; live, the platform does not wait for reports (webhooks §5, B).
    """
    chosen = {"connect_ms": where.connect_ms, "response_ms": where.response_ms}
    # What another webhook was sent with, whose facts these are, is not for this one.
    facts = {name: fact for name, fact in facts.items() if name not in chosen}
    facts |= {name: time_ms for name, time_ms in chosen.items() if time_ms is not None}
    signed = {"signed": True} if call.signed else {}
    return Change(
        deliveries=(
            Delivery(
                kind=kind,
                owner=OWNER,
                account=call.account,
                about=leg.id,
                subject=f"{leg.id}/webhooks",
                url=where.url,
                method=where.method,
                facts={**facts, **signed},
                application=call.application if call.signed else "",
                exposed=True,
                created_at=moment.now,
                due_at=due_at or moment.now,
            ),
        )
    )


def parties(call: Call, leg: Leg) -> dict[str, Any]:
    """Who speaks with whom, where."""
    return {
        "uuid": leg.id,
        "conversation": leg.conversation,
        "from": call.sender.address if call.sender else None,
        "to": call.to.address,
        "direction": leg.direction.value,
    }


def _settled(call: Call, leg: Leg, name: str) -> dict[str, Any]:
    """What only some reports tell: why it was not connected, what it cost, what a SIP call carries."""
    facts: dict[str, Any] = {}
    if EndpointType.APP in {call.to.type, call.sender.type if call.sender else None}:
        facts["app"] = True
    if call.to.headers:
        facts["headers"] = dict(call.to.headers)
    if name == leg.status and leg.detail:
        facts["detail"] = leg.detail
    if name == LegStatus.COMPLETED:
        facts |= {
            "network": leg.network,
            "rate": leg.rate,
            "price": leg.price,
            "duration_s": leg.duration_s,
            "answered_at": leg.answered_at,
            "ended_at": leg.ended_at,
            "by": leg.ended_by,
        }
    return facts
