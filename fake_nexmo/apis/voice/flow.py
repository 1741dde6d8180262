"""What happens to calls by itself: each timer, answered webhook and new status loads its call, and a rule decides."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from fake_nexmo.apis.voice import (
    arrive_rules,
    ask_rules,
    company,
    connect_rules,
    due_rules,
    event_rules,
    events_wire,
    flow_rules,
    ivr_rules,
    record_rules,
    retries,
    room_rules,
    run_rules,
    socket_ends_rules,
    socket_rules,
)
from fake_nexmo.apis.voice.actions_model import ConnectAction, ConversationAction
from fake_nexmo.apis.voice.ends_model import EndpointType
from fake_nexmo.apis.voice.homes import home_of, phone_at
from fake_nexmo.apis.voice.live import Live, awaited, load, on_line
from fake_nexmo.apis.voice.model import Call, Room
from fake_nexmo.apis.voice.rules import rate_of
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Delivery, Number, Timer
from fake_nexmo.handsets.calls import beeps_after
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import Answered, TimerRule, Webhook


async def on_leg(view: View, leg: Leg, account: Account, moment: Moment) -> Change:
    """What follows when the network has brought a leg to a new status; the leg itself is stored by the network."""
    call = await view.get(Call, leg.id)
    return Change() if call is None else flow_rules.on_status(call, leg, account, moment)


async def on_press(view: View, leg: Leg, digits: str, _: Account, moment: Moment) -> Change:
    """Report each key to whoever wants that, and have the platform take in what was pressed; or said: no digits."""
    call = await view.get(Call, leg.id)
    return Change() if call is None else flow_rules.on_line(call, leg, digits, moment)


async def take(view: View, delivery: Delivery, answered: Answered, moment: Moment) -> Change:
    """What follows when an application was asked for an NCCO, or told what may lead to one.

    Source: reference ncco §2.1, §4.5.
    """
    asks = delivery.facts.keys() & {"asked", "waits", "host", "left"}
    about = delivery.facts.get("host") or delivery.facts.get("left") or delivery.about
    live = await load(view, about) if asks else None
    if live is None:
        return Change()
    if "left" in asks:
        return await _abandoned(view, live, delivery, answered, moment)
    if "asked" not in asks:
        return _replied(live, delivery, answered, moment)
    caller = await phone_at(view, live.leg.sender, moment, live.leg.id)
    heard = ask_rules.read(answered.status, answered.media, answered.body, answered.error)
    return arrive_rules.taken(live.call, live.leg, live.account, caller, delivery, heard, moment)


async def _abandoned(view: View, live: Live, delivery: Delivery, answered: Answered, moment: Moment) -> Change:
    """What the end of a websocket means for the call that it was connected to, when the application has replied."""
    gone = delivery.facts["uuid"]
    second, there = await view.get(Call, gone), await view.get(Leg, gone)
    if second is None or there is None:
        return Change()
    heard = ask_rules.read_reply(answered.status, answered.media, answered.body, answered.error)
    return socket_ends_rules.replied(live.call, live.leg, second, there, live.account, delivery, heard, moment)


def _replied(live: Live, delivery: Delivery, answered: Answered, moment: Moment) -> Change:
    heard = ask_rules.read_reply(answered.status, answered.media, answered.body, answered.error)
    return arrive_rules.replied(live.call, live.leg, live.account, delivery, heard, moment)


# Timers.


async def _answered(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    if live is None:
        return Outcome(Change(), None)
    there = await view.get(Leg, live.leg.other) if live.leg.other else None
    spoken = flow_rules.spoken_to(live.leg, there, moment) if there is not None else Change()
    return Outcome(flow_rules.answered(live.call, live.leg, live.account, moment) + spoken, None)


async def _next(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await awaited(view, timer)
    if live is None:
        return Outcome(Change(), None)
    return Outcome(run_rules.time_up(live.call, live.leg, live.account, moment), None)


async def _heard(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    if live is None:
        return Outcome(Change(), None)
    line = live.leg.transcript[timer.step]
    heard = run_rules.take_in(live.call, live.leg, line, live.account, moment, source=live.leg.id)
    return Outcome(heard, None)


async def _length(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    if live is None:
        return Outcome(Change(), None)
    return Outcome(run_rules.end(live.call, live.leg, live.account, moment, why=ivr_rules.TOO_LONG), None)


async def _verdict(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    if live is None:
        return Outcome(Change(), None)
    called = await phone_at(view, live.leg.to, moment, live.leg.id)
    return Outcome(run_rules.verdict(live.call, live.leg, live.account, beeps_after(called), moment), None)


async def _beep(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    if live is None:
        return Outcome(Change(), None)
    return Outcome(run_rules.beeped(live.call, live.leg, live.account, moment, in_vain=bool(timer.step)), None)


async def _give_up(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await load(view, timer.subject)
    if live is None or live.call.waits != timer.step or live.call.asking:
        return Outcome(Change(), None)
    return Outcome(arrive_rules.given_up(live.call, live.leg, live.account, moment), None)


async def _tidy(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    """What a call that is over leaves behind: a timer, the legs that were connected to it, the one that it was to."""
    length = await view.get(Timer, due_rules.length_id(timer.subject))
    change = Change(drop=(length,)) if length else Change()
    call, leg = await view.get(Call, timer.subject), await view.get(Leg, timer.subject)
    if call is None or leg is None:
        return Outcome(change, None)
    if call.to.type is EndpointType.WEBSOCKET:
        change += Change(timers=(socket_rules.pump(leg.id, moment.now),))
    if call.partner:
        change += Change(timers=(due_rules.leave(call.partner, moment),))
    if call.room:
        return Outcome(change + await _exit(view, call, moment), None)
    if call.host and not call.parting:
        change += await company.left(view, call, leg, moment)
    for conversation in (leg.conversation, *call.came_from):
        change += await company.deserted(view, leg, conversation, moment)
    return Outcome(change, None)


async def _enter(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await awaited(view, timer)
    if live is None:
        return Outcome(Change(), None)
    action = live.call.doing
    assert isinstance(action, ConversationAction), "it waits for this timer"
    room = await view.get(Room, room_rules.room_id(action, live.call))
    change = room_rules.enter(action, room, live.call, live.leg, moment)
    if live.call.host and not live.call.away:
        change += await company.left(view, live.call, live.leg, moment)
    if live.call.legs:
        change += await company.deserted(view, live.leg, live.leg.conversation, moment)
    return Outcome(change, None)


async def _tape(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    return Outcome(room_rules.tape(live.call, live.leg, moment) if live is not None else Change(), None)


async def _exit(view: View, call: Call, moment: Moment) -> Change:
    """What it means for a named conversation that a leg has left it."""
    room = await view.get(Room, call.room)
    return Change() if room is None else room_rules.exit_room(room, call, moment)


async def _taped(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    if live is None:
        return Outcome(Change(), None)
    return Outcome(record_rules.long_enough(live.call, live.leg, timer.step, moment), None)


async def _dial(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await awaited(view, timer)
    if live is None:
        return Outcome(Change(), None)
    action = live.call.doing
    assert isinstance(action, ConnectAction), "it waits for this timer"
    named = await view.get(Number, action.sender) if action.sender else None
    numbers = await view.find(Number, f"application/{live.call.application}", limit=1_000)
    made = await view.counter(rate_of(live.account, moment.now, creating=True)[0])
    home = await home_of(view, action.to, moment)
    called = connect_rules.dial(action, live.call, live.leg, live.account, numbers, named, made, moment, home)
    return Outcome(called, None)


async def _join(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    host = await load(view, live.call.host) if live is not None else None
    if live is None or host is None or host.call.partner != live.leg.id:
        return Outcome(Change(), None)
    return Outcome(connect_rules.join(host.call, host.leg, live.call, live.leg, host.account, moment), None)


async def _parted(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await load(view, timer.subject)
    if live is None:
        return Outcome(Change(), None)
    leg, call = live.leg, replace(live.call, came_from=())
    if call.room:
        return Outcome(await _exit(view, call, moment), None)
    change = Change(put=(call,)) + (await company.left(view, call, leg, moment) if call.host else Change())
    for conversation in live.call.came_from:
        change += await company.deserted(view, leg, conversation, moment)
    return Outcome(change, None)


async def _leave(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await load(view, timer.subject)
    if live is None:
        return Outcome(Change(), None)
    return Outcome(run_rules.end(live.call, live.leg, live.account, moment), None)


TIMERS: Mapping[str, TimerRule] = {
    **company.TIMERS,
    flow_rules.ANSWERED: _answered,
    flow_rules.LENGTH: _length,
    due_rules.NEXT: _next,
    due_rules.HEARD: _heard,
    due_rules.VERDICT: _verdict,
    due_rules.BEEP: _beep,
    due_rules.GIVE_UP: _give_up,
    due_rules.TIDY: _tidy,
    due_rules.TAPED: _taped,
    due_rules.DIAL: _dial,
    due_rules.ENTER: _enter,
    due_rules.TAPE: _tape,
    due_rules.JOIN: _join,
    due_rules.LEAVE: _leave,
    due_rules.PARTED: _parted,
}


def _webhook(response_s: float, source: str, *, asks: bool) -> Webhook:
    return Webhook(
        events_wire.word,
        retries.succeeded,
        retries.retried,
        retries.delay,
        connect_s=retries.CONNECT_S,
        response_s=response_s,
        source=source,
        take=take if asks else None,
    )


WEBHOOKS: Mapping[str, Webhook] = {
    event_rules.ANSWER: _webhook(retries.ANSWER_S, "ncco §4.1, §4.3", asks=True),
    event_rules.EVENT: _webhook(retries.EVENT_S, "ncco §4.1, §4.4", asks=True),
    event_rules.INPUT: _webhook(retries.EVENT_S, "ncco §4.1, §4.7", asks=True),
    event_rules.NOTIFY: _webhook(retries.EVENT_S, "ncco §4.1, §4.9", asks=True),
    event_rules.RECORD: _webhook(retries.EVENT_S, "ncco §4.1, §4.6", asks=False),
    event_rules.FALLBACK: _webhook(retries.ANSWER_S, "ncco §4.1, §4.5", asks=True),
}
