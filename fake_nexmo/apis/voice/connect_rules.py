"""Calling somebody into a call: the action ``connect``, and how its legs end. Pure.

The leg that a `connect` makes is a call of its own, in the same conversation; its `host` is the one that runs the NCCO.
What one does to the other goes by timers, so that every change is about one of them.

Source: reference ncco §3.3, §5.2, §5.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import due_rules, event_rules, flow_rules, ivr_rules, run_rules
from fake_nexmo.apis.voice.actions_model import ConnectAction
from fake_nexmo.apis.voice.begin_rules import place
from fake_nexmo.apis.voice.company_rules import said_to, shared, takes_part
from fake_nexmo.apis.voice.create_rules import INVALID_NUMBER, NOWHERE, Home, pick, route
from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.apis.voice.ivr_model import CONNECTED, Branch, Turn, Way
from fake_nexmo.apis.voice.model import OWNER, Call
from fake_nexmo.apis.voice.play_rules import STREAM
from fake_nexmo.apis.voice.rules import rate_of
from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, Line, Sound, Speaker
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Direction, Number

# Doubt: the texts of errors but for the one of the syntax are not documented.
TOO_MANY: Final = "Rate limit exceeded."
NOT_OWNED: Final = "The number in from is not owned by the account."

_ALONE: Final = SECOND


def dial(
    action: ConnectAction,
    call: Call,
    leg: Leg,
    account: Account,
    numbers: Sequence[Number],
    named: Number | None,
    made: int,
    moment: Moment,
    home: Home = NOWHERE,
) -> Change:
    """Call somebody into a call.

    Args:
        action: whom, and how.
        call: the call that runs it.
        leg: an answered one.
        account: who pays.
        numbers: of the application, to pick the caller's from.
        named: the number that the action names as the caller's, if anybody owns that.
        made: how many calls the account has made in this second.
        moment: now.
        home: where the phone that is called is at home.

    Source: reference ncco §2.6, §3.3, §5.2 (B, D); voice §1 (B) for the limit.
    Doubt: a connection beyond the limit is reported as an error, and the next action runs; so it is with a number that
    is not the account's, where that matters. The caller's own number, which is taken where none is named, always may.
    """
    counter, most = rate_of(account, moment.now, creating=True)
    if call.limited and made >= most:
        refused = event_rules.told(call, leg, event_rules.ERROR, moment, reason=TOO_MANY)
        return refused + run_rules.go_on(call, leg, account, moment)
    if call.owned_only and action.sender and (named is None or named.account != account.id):
        refused = event_rules.told(call, leg, event_rules.ERROR, moment, reason=NOT_OWNED)
        return refused + run_rules.go_on(call, leg, account, moment)
    second, there = _called(action, call, leg, numbers, moment, home)
    host, ringing = _rings_back(action, replace(call, partner=second.id), leg, moment)
    counted = Change(counters=(Add(counter, 1, until_at=moment.now + SECOND),))
    return counted + Change(put=(host,)) + ringing + flow_rules.begin(second, there, account, moment)


def join(host: Call, leg: Leg, second: Call, there: Leg, account: Account, moment: Moment) -> Change:
    """A connected leg is heard by its host from now on; what the host does next begins.

    Args:
        host: what it was connected to.
        leg: the host's.
        second: the one that joins.
        there: its leg; where a machine has just begun to greet, that is heard.
        account: who pays.
        moment: now.

    Source: reference ncco §5.2 (B).
    Doubt: of what is said at its end before it has joined nothing else is heard, nor is a machine's beep.
    """
    joined = replace(second, joined=True)
    way = ivr_rules.passed(host.way, Branch(Turn.CONNECT, CONNECTED))
    with_it = replace(host, partner="", legs=(*host.legs, second.id), way=way)
    greets = there.machine and there.transcript[0].at == moment.now
    greeting = shared(joined, there, moment, 0) if greets else ()
    return Change(put=(joined,)) + run_rules.go_on(with_it, leg, account, moment) + Change(timers=greeting)


def left(
    host: Call, leg: Leg, second: Call, there: Leg, account: Account, moment: Moment, heirs: Sequence[Call] = ()
) -> Change:
    """A connected leg is over or elsewhere: its host's next action begins if it waited for that, or the host is alone.

    Args:
        host: what it was connected to, and ``leg`` an answered one.
        leg: the host's.
        second: the one that is over, or elsewhere by now.
        there: its leg.
        account: who pays.
        moment: now.
        heirs: those that were connected to that one, who stay with the host.

    Source: reference ncco §5.2, §5.3 (A, B).
    """
    kept = Change(put=tuple(replace(each, host=host.id) for each in heirs))
    others = tuple(each for each in host.legs if each != second.id)
    after = replace(host, legs=(*others, *(each.id for each in heirs)))
    if host.partner == second.id:
        # Where somebody is asked what to do now, the reply decides.
        if second.replaces and second.event.url and there.status in event_rules.REASONS:
            return Change()
        way = ivr_rules.passed(host.way, Branch(Turn.CONNECT, there.status.value))
        return kept + run_rules.go_on(replace(after, partner="", way=way), leg, account, moment)
    if second.id not in host.legs:
        return Change()
    if after.legs or after.doing or after.asking or not there.over:
        return kept + Change(put=(after,))
    return run_rules.end(after, leg, account, moment)


def deserted(others: Sequence[Call], moment: Moment, *, moved: bool) -> Change:
    """Somebody has left a conversation; if only one is left there, that one may be hung up on.

    Args:
        others: who takes part in it still.
        moment: now.
        moved: who has left is not over, but elsewhere.

    Source: reference ncco §5.3, voice §7 (D).
    Doubt: how soon who was left alone by a transfer is hung up on is not documented. It is a second, so that both ends
    of a call can be taken elsewhere, one after the other.
    """
    if len(others) != 1:
        return Change()
    return Change(timers=(due_rules.alone(others[0].id, moment.now + (_ALONE if moved else 0)),))


def alone(call: Call, leg: Leg, others: Sequence[Call], account: Account, moment: Moment) -> Change:
    """A leg that may have been left alone is hung up on, unless its NCCO has something to do, or asks for another.

    Args:
        call: what takes part in a conversation.
        leg: an answered one.
        others: who takes part in that too.
        account: who pays.
        moment: now.

    Source: reference ncco §5.3 (D).
    """
    if others or call.legs or call.room or call.doing or call.asking or not takes_part(call):
        return Change()
    return run_rules.end(call, leg, account, moment)


# What is called, and what is heard meanwhile.


def _rings_back(action: ConnectAction, call: Call, leg: Leg, moment: Moment) -> tuple[Call, Change]:
    """The first leg hears a tone of the application's until somebody answers. Source: reference ncco §3.3 (B)."""
    if not action.ringback:
        return call, Change()
    line = Line(moment.now, Speaker.PLATFORM, action.ringback, sound=Sound.STREAM, lasts=STREAM)
    rung, ears = said_to(call, leg, line)
    return replace(call, saying=line), Change(put=(rung,), timers=ears)


def _called(
    action: ConnectAction, call: Call, leg: Leg, numbers: Sequence[Number], moment: Moment, home: Home
) -> tuple[Call, Leg]:
    sender = _sender(action, call, numbers, moment)
    network, rate, possible = route(action.to, home)
    second = Call(
        id=moment.uuid(Use.CALL),
        account=call.account,
        application=call.application,
        sender=sender,
        to=action.to,
        event=place(action.where, call),
        answer=Callback(action.on_answer, "GET"),
        fallback=call.fallback,
        signed=call.signed,
        origin=call.origin,
        limited=call.limited,
        owned_only=call.owned_only,
        runs_on=call.runs_on,
        detection=action.detection,
        length_s=action.length_s,
        barred="" if possible else INVALID_NUMBER,
        host=call.id,
        replaces=action.replaces,
        way=Way(at=call.way.at),
    )
    there = Leg(
        id=second.id,
        owner=OWNER,
        account=leg.account,
        direction=Direction.OUTBOUND,
        sender=sender.address,
        to=action.to.address,
        network=network,
        rate=rate,
        created_at=moment.now,
        about=leg.about,
        conversation=leg.conversation,
        ringing_s=action.ringing_s,
    )
    return second, there


def _sender(action: ConnectAction, call: Call, numbers: Sequence[Number], moment: Moment) -> Endpoint:
    """Who calls: the number named, one of the application's, or who called or was called first.

    Source: reference ncco §3.3 (B; D for where nobody is named).
    """
    if action.sender:
        return Endpoint(EndpointType.PHONE, action.sender)
    if action.random_sender:
        found = pick(numbers, action.to, moment)
        if found is not None:
            return found
    return call.sender or Endpoint(EndpointType.PHONE, "unknown")
