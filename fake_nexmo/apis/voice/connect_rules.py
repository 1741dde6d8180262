"""Calling somebody into a call: the action ``connect``, and how its legs end. Pure.

The leg that a `connect` makes is a call of its own, in the same conversation; its `host` is the one that runs the NCCO.
What one does to the other goes by timers, so that every change is about one of them.

Source: reference ncco §3.3, §5.2, §5.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import begin_rules as options
from fake_nexmo.apis.voice import event_rules, flow_rules, run_rules
from fake_nexmo.apis.voice import loose_rules as loose
from fake_nexmo.apis.voice.create_rules import BEEP_S, INVALID_NUMBER, pick, route
from fake_nexmo.apis.voice.due_rules import leave
from fake_nexmo.apis.voice.endpoint_rules import AUDIO
from fake_nexmo.apis.voice.model import OWNER, Call, Callback, Detection, Endpoint, EndpointType
from fake_nexmo.apis.voice.rules import rate_of
from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Direction, Number

# Doubt: the texts of errors but for the one of the syntax are not documented.
TOO_MANY: Final = "Rate limit exceeded."

_NUMBER: Final = re.compile(r"[+]?([0-9]{7,15})")


def dial(call: Call, leg: Leg, account: Account, numbers: Sequence[Number], made: int, moment: Moment) -> Change:
    """Call whom the running ``connect`` says.

    Args:
        call: that runs it.
        leg: an answered one.
        account: who pays.
        numbers: of the application, to pick the caller's from.
        made: how many calls the account has made in this second.
        moment: now.

    Source: reference ncco §2.6, §3.3, §5.2 (B, D); voice §1 (B) for the limit.
    Doubt: a connection beyond the limit is reported as an error, and the next action runs.
    """
    counter, most = rate_of(account, moment.now, creating=True)
    if call.limited and made >= most:
        refused = event_rules.told(call, leg, event_rules.ERROR, moment, reason=TOO_MANY)
        return refused + run_rules.go_on(replace(call, action={}), leg, account, moment)
    second, there = _called(call, leg, numbers, moment)
    host = replace(call, action={}, partner=second.id)
    counted = Change(counters=(Add(counter, 1, until_at=moment.now + SECOND),))
    return counted + Change(put=(host,)) + flow_rules.begin(second, there, account, moment)


def join(host: Call, leg: Leg, second: Call, account: Account, moment: Moment) -> Change:
    """A connected leg is heard by its host from now on; what the host does next begins.

    Source: reference ncco §5.2 (B).
    """
    joined = replace(second, joined=True)
    with_it = replace(host, partner="", legs=(*host.legs, second.id))
    return Change(put=(joined,)) + run_rules.go_on(with_it, leg, account, moment)


def left(host: Call, leg: Leg, second: Call, there: Leg, account: Account, moment: Moment) -> Change:
    """A connected leg is over: its host's next action begins if it waited for that, or the host is hung up on.

    Args:
        host: what it was connected to, and ``leg`` an answered one.
        leg: the host's.
        second: the one that is over.
        there: its leg.
        account: who pays.
        moment: now.

    Source: reference ncco §5.2, §5.3 (A, B).
    """
    if host.partner == second.id:
        # Where somebody is asked what to do now, the reply decides.
        if second.replaces and second.event.url and there.status in event_rules.REASONS:
            return Change()
        return run_rules.go_on(replace(host, partner=""), leg, account, moment)
    if second.id not in host.legs:
        return Change()
    after = replace(host, legs=tuple(each for each in host.legs if each != second.id))
    if after.legs or after.doing or after.asking:
        return Change(put=(after,))
    return run_rules.end(after, leg, account, moment)


def deserted(host: Call, legs: Sequence[Leg], moment: Moment) -> Change:
    """A leg is over that others were connected to: those that are alone now are hung up.

    Args:
        host: the call that is over.
        legs: those connected to it, as far as they are known.
        moment: now.

    Source: reference ncco §5.3 (D).
    """
    alone = [each for each in legs if each.id == host.partner and not each.over]
    others = [each for each in legs if each.id in host.legs and each.status is LegStatus.ANSWERED]
    if len(others) < 2:
        alone += others
    return Change(timers=tuple(leave(each.id, moment) for each in alone))


# What is called.


def _called(call: Call, leg: Leg, numbers: Sequence[Number], moment: Moment) -> tuple[Call, Leg]:
    action = call.action
    to = _endpoint(action["endpoint"][0])
    sender = _sender(call, to, numbers, moment)
    network, rate, possible = route(to)
    on_answer = action["endpoint"][0].get("onAnswer") or {}
    second = Call(
        id=moment.uuid(Use.CALL),
        account=call.account,
        application=call.application,
        sender=sender,
        to=to,
        event=options.event_of(action, call),
        answer=Callback(options.first(on_answer, "url"), "GET"),
        fallback=call.fallback,
        signed=call.signed,
        origin=call.origin,
        limited=call.limited,
        detection=_detection(action),
        length_s=options.whole(action, "limit", 7200, 1, 7200),
        barred="" if possible else INVALID_NUMBER,
        host=call.id,
        replaces=action.get("eventType") == "synchronous",
    )
    there = Leg(
        id=second.id,
        owner=OWNER,
        account=leg.account,
        direction=Direction.OUTBOUND,
        sender=sender.address,
        to=to.address,
        network=network,
        rate=rate,
        created_at=moment.now,
        about=leg.about,
        conversation=leg.conversation,
        ringing_s=options.whole(action, "timeout", 60, 1, 120),
    )
    return second, there


def _endpoint(given: Mapping[str, Any]) -> Endpoint:
    """Whom to call. Source: reference ncco §3.3 (B, C; D for the audio where it is not said).

    Doubt: what cannot be called at all is a call that is rejected.
    """
    kind = EndpointType(given["type"])
    headers: dict[str, Any] = dict(given.get("headers") or {})
    if kind is EndpointType.PHONE:
        number = str(loose.text(given["number"]))
        match = _NUMBER.fullmatch(number)
        return Endpoint(kind, match[1] if match else number, dtmf=given.get("dtmfAnswer") or "")
    if kind is EndpointType.SIP:
        standard = given.get("standardHeaders") or given.get("standard_headers") or {}
        uri = given.get("uri") or f"sip:{given.get('user')}@{given.get('domain')}"
        return Endpoint(kind, uri, headers={**headers, **standard})
    if kind is EndpointType.WEBSOCKET:
        audio = given.get("content-type") or given.get("contentType") or AUDIO[0]
        return Endpoint(kind, given["uri"], shown={"content-type": audio, "headers": headers}, headers=headers)
    return Endpoint(kind, str(loose.text(given["extension" if kind is EndpointType.VBC else "user"])))


def _sender(call: Call, to: Endpoint, numbers: Sequence[Number], moment: Moment) -> Endpoint:
    """Who calls: the number named, one of the application's, or who called or was called first.

    Source: reference ncco §3.3 (B; D for where nobody is named).
    """
    said = loose.text(call.action.get("from"))
    if said:
        return Endpoint(EndpointType.PHONE, said.removeprefix("+"))
    if options.flag(call.action, "randomFromNumber"):
        found = pick(numbers, to, moment)
        if found is not None:
            return found
    return call.sender or Endpoint(EndpointType.PHONE, "unknown")


def _detection(action: Mapping[str, Any]) -> Detection | None:
    """What is done about machines; the advanced one overrides the simple one. Source: reference ncco §3.3 (B)."""
    advanced = action.get("advancedMachineDetection") or action.get("advanced_machine_detection")
    simple = action.get("machineDetection")
    if not advanced:
        return Detection(hang_up=simple == "hangup") if simple else None
    known = Detection(hang_up=advanced.get("behavior") == "hangup", mode=advanced.get("mode") or "detect")
    return replace(known, beep_s=options.whole(advanced, "beep_timeout", known.beep_s, *BEEP_S))
