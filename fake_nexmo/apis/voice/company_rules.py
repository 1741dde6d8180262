"""Who hears whom in a call, and what is said to all of them. Pure.

What is said is first of all a line of the leg that says it, or to which it is said; a timer at the very same instant
brings it to the others.

Source: reference ncco §1, §3.2, §5.2 (B: what the first leg's NCCO says is heard by both); voice §7, §8.5 (B).
"""

from __future__ import annotations

from msgspec.structs import replace

from fake_nexmo.apis.voice.actions_model import ConnectAction, ConversationAction, Prompt, TransferAction
from fake_nexmo.apis.voice.due_rules import ECHO, HUSH, SPREAD, timer
from fake_nexmo.apis.voice.ends_model import EndpointType
from fake_nexmo.apis.voice.model import OWNER, Call
from fake_nexmo.apis.voice.socket_rules import pump
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, Line
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Timer
from fake_nexmo.network import calls

SAYING = -1
"""The ``step`` of the timer that brings to others what the call says, instead of a line of the leg."""


def has_company(call: Call) -> bool:
    """Whether there may be others in its conversation."""
    return bool(call.legs or call.room or (call.joined and not call.away))


def takes_part(call: Call) -> bool:
    """Whether it is heard in its conversation, and hears it: a leg that was called in does when it was joined."""
    return call.joined or call.away or not call.host


def hears(listener: Call, speaker: Call) -> bool:
    """Whether one hears what is said at the other one's end.

    Source: reference voice §7 (B), ncco §3.2 (B).
    """
    if speaker.muted or listener.earmuffed:
        return False
    to_all = speaker.heard_by is None or listener.id in speaker.heard_by
    return to_all and (listener.hears is None or speaker.id in listener.hears)


def placed(call: Call, action: ConversationAction | TransferAction) -> Call:
    """The call as an action has it hear and be heard in the conversation that it comes to."""
    return replace(
        call,
        muted=call.muted or action.muted,
        muted_there=action.muted and (call.muted_there or not call.muted),
        heard_by=action.heard_by,
        hears=action.hears,
    )


def unplaced(call: Call) -> Call:
    """The call when it leaves a conversation: nothing counts any more that was said of it there.

    Source: reference ncco §3.2, voice §7.
    Doubt: who was muted by REST stays so.
    """
    return replace(call, muted=call.muted and not call.muted_there, muted_there=False, heard_by=None, hears=None)


def said_to(call: Call, leg: Leg, line: Line) -> tuple[Leg, tuple[Timer, ...]]:
    """Something is heard on a leg, unless that hears nothing: the leg, and the timers by which it is taken in."""
    return (leg, ()) if call.earmuffed else reaches(call, leg, line)


def reaches(call: Call, leg: Leg, line: Line) -> tuple[Leg, tuple[Timer, ...]]:
    """Something is heard on a leg: the leg, and the timers by which it is taken in, also where its far end is a leg."""
    spoken, ears = calls.speak(leg, line, line.lasts)
    if leg.other:
        there = Timer(due_at=line.at, owner=OWNER, what=ECHO, subject=leg.other, step=len(leg.transcript))
        ears = (*ears, there)
    if call.to.type is EndpointType.WEBSOCKET:
        ears = (*ears, pump(leg.id, line.at))
    return spoken, ears


def shared(call: Call, leg: Leg, moment: Moment, step: int = SAYING) -> tuple[Timer, ...]:
    """The timer by which others hear what the call says, or a line of its leg; none if it is alone."""
    return (timer(leg, SPREAD, moment.now, step),) if has_company(call) else ()


def hushed(call: Call, moment: Moment) -> Change:
    """Whoever was connected hears no more of what the call says, since that is broken off."""
    if call.saying is None or not isinstance(call.doing, Prompt):
        return Change()
    return Change(timers=tuple(hush(each, call.saying.at, moment) for each in call.legs))


def hush(leg_id: str, at: int, moment: Moment) -> Timer:
    """The timer by which something is not heard any more on a leg: what began at an instant; 0: what the call says."""
    return Timer(due_at=moment.now, owner=OWNER, what=HUSH, subject=leg_id, step=at)


def quiet(call: Call, leg: Leg, moment: Moment) -> tuple[Call, Leg]:
    """What is heard only until something else comes is broken off: a prompt, the ringing, the music of a room."""
    if call.saying is None or not isinstance(call.doing, Prompt | ConnectAction | ConversationAction):
        return call, leg
    return replace(call, saying=None), leg.broken_off(call.saying, moment.now)
