"""A call arrives at a number, and an NCCO arrives for a call. Pure.

Source: reference ncco §4.5, §5.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import ask_rules, due_rules, event_rules, hooks_rules, ivr_rules, run_rules
from fake_nexmo.apis.voice.actions_model import Action
from fake_nexmo.apis.voice.ask_rules import Heard
from fake_nexmo.apis.voice.due_rules import timer
from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.apis.voice.flow_rules import ANSWERED, signs
from fake_nexmo.apis.voice.ivr_model import Branch, Turn
from fake_nexmo.apis.voice.model import OWNER, Call
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Application, Delivery, Direction, Handset, Number
from fake_nexmo.core.settings import value
from fake_nexmo.network import calls
from fake_nexmo.numbering.plan import look_up

RATE: Final = 450_000
"""Of an inbound call, per minute in 10^-8 EUR. Source: reference voice §3 (D)."""

# How long the caller of a call with no NCCO hears nothing. Source: reference ncco §2.6 (B).
_GIVES_UP: Final = SECOND


def arrive(
    sender: str,
    number: Number,
    account: Account,
    application: Application | None,
    settings: Mapping[str, Any],
    moment: Moment,
    other: str = "",
) -> Outcome[Leg]:
    """Somebody calls an owned number: its application is asked what to do; without one the call is rejected.

    Args:
        sender: who calls.
        number: what is called.
        account: who owns and pays.
        application: what the number is linked to.
        settings: of the world, the account's profile among them.
        moment: now.
        other: the leg that calls, if it is one of this world.

    Source: reference voice §3 (A for the ids), §9.3 (A); ncco §5.5 (D for the rejection).
    """
    there = look_up(sender)
    leg = Leg(
        id=moment.hex_id(Use.CALL),
        owner=OWNER,
        account=account.id,
        direction=Direction.INBOUND,
        sender=sender,
        to=number.id,
        network=there.network if there else "",
        rate=RATE,
        created_at=moment.now,
        about=application.id if application else "",
        conversation=f"CON-{moment.uuid(Use.CONVERSATION)}",
        other=other,
    )
    call = _called(leg, application, settings)
    if not call.answer.url:
        rejected = calls.refuse(leg, moment)
        whose = f"its application {application.label!r}" if application else "it"
        lacks = "has no voice.answer_url" if application else "has no application"
        noted = ask_rules.noted(leg, (f"a call to {number.id} was rejected: {whose} {lacks}",), moment)
        return Outcome(Change(put=(call,)) + rejected.change + noted, rejected.answer)
    ringing = calls.arrive(leg, moment)
    told = event_rules.told(call, leg, LegStatus.RINGING, moment) + event_rules.told(
        call, leg, LegStatus.STARTED, moment
    )
    asked = ask_rules.ask(call, ringing.answer, call.answer, moment, first=True)
    return Outcome(ringing.change + told + asked, ringing.answer)


def taken(
    call: Call, leg: Leg, account: Account, caller: Handset, delivery: Delivery, heard: Heard, moment: Moment
) -> Change:
    """What follows from an answer: the NCCO runs, or the fallback is asked, or the call goes on or ends without.

    Args:
        call: whose leg it is.
        leg: what the NCCO is for.
        account: who pays.
        caller: whoever called, where the call is inbound and answered by this.
        delivery: the webhook that was answered; nothing happens if its answer is not waited for any more.
        heard: the answer.
        moment: now.

    Source: reference ncco §4.5 (B).
    """
    if leg.over or not call.asking or call.asked != delivery.facts["asked"]:
        return Change()
    asked = delivery.kind == event_rules.ANSWER and bool(call.fallback.url)
    if heard.actions is not None:
        there = _come(replace(call, asking=False), leg, delivery, heard.actions, asked=asked)
        if leg.status is LegStatus.ANSWERED:
            return run_rules.run(there, leg, account, moment, heard.actions)
        source = ivr_rules.place(delivery.method, delivery.url)
        return _accepted(replace(call, ncco=heard.actions, asking=False, given=source), leg, caller, moment)
    reported = ask_rules.reported(call, leg, delivery, heard, moment)
    call = _failed(call, delivery, heard)
    if asked:
        return (
            reported
            + Change(put=(call,))
            + ask_rules.fall_back(call, leg, dict(delivery.facts), delivery.url, heard, moment)
        )
    return reported + _without(replace(call, asking=False), leg, account, moment, first=delivery.facts["first"])


def replied(call: Call, leg: Leg, account: Account, delivery: Delivery, heard: Heard, moment: Moment) -> Change:
    """What follows from the reply to what an action reported: another NCCO replaces the rest, or the rest goes on.

    Args:
        call: whose leg it is.
        leg: what the NCCO runs on.
        account: who pays.
        delivery: the webhook that was answered; nothing happens if its answer is not waited for any more.
        heard: the answer; an NCCO of no actions replaces nothing.
        moment: now.

    Source: reference ncco §2.2 (B, D), §4.5 (B).
    """
    if leg.over or not _awaited(call, delivery):
        return Change()
    if delivery.kind == event_rules.EVENT:
        call = replace(call, way=ivr_rules.taken(call.way, Branch(Turn.CONNECT, str(delivery.facts["name"]))))
    if heard.actions:
        scene = ivr_rules.scene(ivr_rules.place(delivery.method, delivery.url), heard.actions)
        there = replace(call, partner="", way=ivr_rules.arrived(call.way, scene, ivr_rules.NOTIFIED))
        return run_rules.run(there, leg, account, moment, heard.actions)
    if heard.actions is not None:
        on = replace(call, partner="", way=ivr_rules.settled(call.way))
        return run_rules.go_on(on, leg, account, moment)
    reported = ask_rules.reported(call, leg, delivery, heard, moment)
    call = _failed(call, delivery, heard)
    if delivery.kind != event_rules.FALLBACK and call.fallback.url:
        return (
            reported
            + Change(put=(call,))
            + ask_rules.fall_back(call, leg, dict(delivery.facts), delivery.url, heard, moment)
        )
    return reported + run_rules.go_on(replace(call, partner="", way=ivr_rules.settled(call.way)), leg, account, moment)


def given_up(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """End a call whose NCCO was not to be had. Source: reference ncco §2.6, §4.5 (B)."""
    if leg.status is LegStatus.ANSWERED:
        return run_rules.end(call, leg, account, moment, why=ivr_rules.FINISHED)
    over = calls.give_up(leg, moment)
    assert over.answer is not None, "an inbound call rings until it is answered, cancelled or given up"
    after = replace(call, way=ivr_rules.over(call.way, ivr_rules.FINISHED))
    return over.change + Change(put=(after,)) + event_rules.status_told(call, over.answer, moment)


def _come(call: Call, leg: Leg, delivery: Delivery, actions: Sequence[Action], *, asked: bool) -> Call:
    """The call when it has come to an NCCO that it asked for: its first one, or one that it was transferred to."""
    source = ivr_rules.place(delivery.method, delivery.url)
    if delivery.facts["first"]:
        return run_rules.at_first(call, leg, source, actions, asked=asked)
    way = call.way if delivery.kind == event_rules.FALLBACK else ivr_rules.settled(call.way)
    return replace(call, way=ivr_rules.arrived(way, ivr_rules.scene(source, actions), ivr_rules.TRANSFERRED))


def _failed(call: Call, delivery: Delivery, heard: Heard) -> Call:
    """The call when no NCCO was to be had where it was asked for."""
    source = ivr_rules.place(delivery.method, delivery.url)
    return replace(call, way=ivr_rules.failed(call.way, heard.failure, source))


def _awaited(call: Call, delivery: Delivery) -> bool:
    """Whether a reply is still waited for."""
    if "waits" in delivery.facts:
        return call.waits == int(delivery.facts["waits"])
    return call.partner == str(delivery.facts["uuid"])


def _called(leg: Leg, application: Application | None, settings: Mapping[str, Any]) -> Call:
    """What is known of a leg that comes in.

    Doubt: no request was made, so the URLs of its recordings begin as the setting ``base_url`` says, or as live.
    """
    number = Endpoint(EndpointType.PHONE, leg.to)
    caller = Endpoint(EndpointType.PHONE, leg.sender)
    call = Call(id=leg.id, account=leg.account, application=leg.about, sender=caller, to=number, answer=Callback())
    if application is None:
        return call
    return replace(
        call,
        event=hooks_rules.event(application),
        answer=hooks_rules.answer(application),
        fallback=hooks_rules.fallback(application),
        signed=signs(application, value(settings, "profile")),
        origin=value(settings, "base_url").rstrip("/"),
        limited=value(settings, "voice_rate_limits"),
        owned_only=value(settings, "voice_from") == "owned",
        runs_on=value(settings, "voice_record_limit") == "runs_on",
    )


def _accepted(call: Call, leg: Leg, caller: Handset, moment: Moment) -> Change:
    """An inbound call is answered when its NCCO is there. Source: reference voice §9.3 (D), ncco §5.5."""
    answered = calls.answer(leg, caller, moment)
    assert answered.answer is not None, "an inbound call rings until then"
    told = event_rules.status_told(call, answered.answer, moment)
    return Change(put=(call,), timers=(timer(leg, ANSWERED, moment.now),)) + answered.change + told


def _without(call: Call, leg: Leg, account: Account, moment: Moment, *, first: bool) -> Change:
    """No NCCO is to be had: a call that has none ends a second later, another one goes on with what it has."""
    if first:
        due = timer(leg, due_rules.GIVE_UP, moment.now + _GIVES_UP, call.waits)
        return Change(put=(call,), timers=(due,))
    if call.running < 0:
        return run_rules.end(call, leg, account, moment, why=ivr_rules.FINISHED)
    return Change(put=(call,))
