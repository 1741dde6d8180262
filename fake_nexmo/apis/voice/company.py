"""What happens by itself among those who are in one conversation: what is said spreads, and legs move to others."""

from __future__ import annotations

from collections.abc import Mapping

from fake_nexmo.apis.voice import company_rules, connect_rules, due_rules, flow_rules, hearing_rules, move_rules
from fake_nexmo.apis.voice.actions_model import TransferAction
from fake_nexmo.apis.voice.hearing_rules import Party
from fake_nexmo.apis.voice.live import Live, awaited, load, on_line
from fake_nexmo.apis.voice.model import Call, Room
from fake_nexmo.apis.voice.move_rules import Target
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Timer
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import TimerRule


async def _spread(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    """Others hear what was said; before their conversation has started nothing but the music."""
    live = await on_line(view, timer)
    if live is None or not company_rules.takes_part(live.call):
        return Outcome(Change(), None)
    by_call = timer.step == company_rules.SAYING
    line = live.call.saying if by_call else live.leg.transcript[timer.step]
    room = await view.get(Room, live.call.room) if live.call.room else None
    # In a conversation with a name the call itself brings music, as long as that has not started, and nothing else.
    if line is None or (room is not None and room.started is by_call):
        return Outcome(Change(), None)
    others = await company_of(view, live.leg)
    return Outcome(hearing_rules.spread(line, Party(live.call, live.leg), others, live.account, moment), None)


async def _echo(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    there = await view.get(Leg, live.leg.other) if live is not None else None
    if live is None or there is None or timer.step >= len(there.transcript):
        return Outcome(Change(), None)
    return Outcome(flow_rules.echoed(live.call, live.leg, there.transcript[timer.step], moment), None)


async def _hush(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    if live is None:
        return Outcome(Change(), None)
    return Outcome(hearing_rules.hushed(Party(live.call, live.leg), timer.step, moment), None)


async def _move(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await awaited(view, timer)
    if live is None:
        return Outcome(Change(), None)
    action = live.call.doing
    assert isinstance(action, TransferAction), "it waits for this timer"
    target = await _target(view, live, action.conversation)
    company = await company_of(view, live.leg) if company_rules.takes_part(live.call) else ()
    mover = Party(live.call, live.leg)
    moved = move_rules.move(action, target, mover, company, live.account, moment)
    if target is None or company_rules.takes_part(live.call):
        return Outcome(moved, None)
    return Outcome(moved + await left(view, live.call, live.leg, moment), None)


async def _target(view: View, live: Live, conversation: str) -> Target | None:
    """Another conversation of the same application, with a name or with somebody in it."""
    rooms = await view.find(Room, f"conversation/{conversation}", limit=1)
    room = next((each for each in rooms if each.id.startswith(f"{live.call.application}/")), None)
    if room is not None and room.members:
        return Target(conversation, room)
    legs = [each for each in await view.find(Leg, f"conversation/{conversation}", limit=1_000) if not each.over]
    found = [await view.get(Call, each.id) for each in legs if each.status is LegStatus.ANSWERED]
    calls = [each for each in found if each is not None and each.application == live.call.application]
    if not calls or conversation == live.leg.conversation:
        return None
    return Target(conversation, None, next((each for each in calls if each.away or not each.host), None))


async def _alone(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    live = await on_line(view, timer)
    if live is None:
        return Outcome(Change(), None)
    others = [each.call for each in await company_of(view, live.leg)]
    return Outcome(connect_rules.alone(live.call, live.leg, others, live.account, moment), None)


async def company_of(view: View, one: Leg, conversation: str = "") -> list[Party]:
    """Who takes part in a conversation, its own if none is said, beside a leg."""
    found = []
    for leg in await view.find(Leg, f"conversation/{conversation or one.conversation}", limit=1_000):
        call = await view.get(Call, leg.id)
        there = leg.id != one.id and leg.status is LegStatus.ANSWERED
        if there and call is not None and company_rules.takes_part(call):
            found.append(Party(call, leg))
    return found


async def left(view: View, call: Call, leg: Leg, moment: Moment) -> Change:
    """What it means for the call that a leg was connected to that this is over, or elsewhere."""
    host = await load(view, call.host)
    if host is None:
        return Change()
    company = await company_of(view, host.leg)
    heirs = [each.call for each in company if each.call.host == call.id and not each.call.away]
    return connect_rules.left(host.call, host.leg, call, leg, host.account, moment, heirs)


async def deserted(view: View, leg: Leg, conversation: str, moment: Moment) -> Change:
    """What it means for those who are left in a conversation that a leg is over, or elsewhere."""
    others = [each.call for each in await company_of(view, leg, conversation)]
    return connect_rules.deserted(others, moment, moved=not leg.over)


TIMERS: Mapping[str, TimerRule] = {
    due_rules.SPREAD: _spread,
    due_rules.ECHO: _echo,
    due_rules.HUSH: _hush,
    due_rules.MOVE: _move,
    due_rules.ALONE: _alone,
}
