"""Conversations that have a name: the action ``conversation``. Pure.

Source: reference ncco §1, §3.2, §5.3.
Doubt: who enters before the conversation has started hears the music that they bring, else that of whoever brought
some first; those who wait and hear none hear it from then on.
"""

from __future__ import annotations

from msgspec.structs import replace

from fake_nexmo.apis.voice import event_rules, record_rules
from fake_nexmo.apis.voice.actions_model import ConversationAction
from fake_nexmo.apis.voice.company_rules import hush, placed, reaches, shared
from fake_nexmo.apis.voice.due_rules import TAPE, leave, timer
from fake_nexmo.apis.voice.model import Call, Room
from fake_nexmo.apis.voice.play_rules import STREAM
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, Line, Sound, Speaker
from fake_nexmo.core.moment import Moment, Use


def room_id(action: ConversationAction, call: Call) -> str:
    """Which conversation a call is about to enter: its name counts within the application. Source: ncco §1 (B)."""
    return f"{call.application}/{action.name}"


def enter(action: ConversationAction, room: Room | None, call: Call, leg: Leg, moment: Moment) -> Change:
    """A leg leaves its own conversation for a named one, and nothing of its NCCO comes after that.

    Whoever was connected to it stays where it was, and what was recorded there ends.

    Source: reference ncco §3.1, §3.2 (B), §5.3, §11 D.
    """
    known = room or Room(id=room_id(action, call), conversation=f"CON-{moment.uuid(Use.CONVERSATION)}")
    started = known.started or action.starts
    taped_by = known.taped_by or (call.id if action.record else "")
    music = known.music or ("" if started else action.music)
    there = replace(known, members=(*known.members, call.id), started=started, taped_by=taped_by, music=music)
    inside = replace(
        placed(call, action),
        rest=(),
        legs=(),
        room=there.id,
        ends_room=action.ends,
        away=bool(call.host),
        recorders=(),
    )
    moved = replace(leg, conversation=there.conversation)
    change = record_rules.all_done(call, leg, moment)
    change += _told(call, moved, leg.conversation, moment) + Change(put=(there,))
    if started:
        waiting = () if known.started else known.members
        change += Change(put=(inside, moved), timers=tuple(hush(each, 0, moment) for each in waiting))
    else:
        change += waits(inside, moved, action.music or music, moment, first=music != known.music)
    if started and taped_by and taped_by in {call.id, *(() if known.started else known.members)}:
        taper = leg if taped_by == call.id else replace(leg, id=taped_by)
        change += Change(timers=(timer(taper, TAPE, moment.now),))
    return change


def waits(call: Call, leg: Leg, music: str, moment: Moment, *, first: bool) -> Change:
    """A leg that has entered waits for others, with music if there is any; the first that brings some, for all."""
    if not music or call.earmuffed:
        return Change(put=(call, leg))
    line = Line(moment.now, Speaker.PLATFORM, music, sound=Sound.STREAM, lasts=STREAM)
    waiting, ears = reaches(call, leg, line)
    brings = shared(call, leg, moment) if first else ()
    return Change(put=(replace(call, saying=line), waiting), timers=(*ears, *brings))


def tape(call: Call, leg: Leg, moment: Moment) -> Change:
    """A conversation that has started is recorded, until the leg that wanted that leaves it.

    Source: reference ncco §3.2 (B: when it begins).
    Doubt: that it ends when that leg leaves before the others.
    """
    if not call.room or not isinstance(call.doing, ConversationAction):
        return Change()
    begun = record_rules.begin(call, leg, call.doing.tape, moment)
    kept = replace(begun.call, waits=call.waits)
    return begun.change + Change(put=(kept,))


def exit_room(room: Room, call: Call, moment: Moment) -> Change:
    """A leg has left a named conversation; everybody leaves with it, if it was to be so.

    Source: reference ncco §3.2, §5.3 (B).
    """
    members = tuple(each for each in room.members if each != call.id)
    taped_by = "" if room.taped_by == call.id else room.taped_by
    music = room.music if members else ""
    after = replace(room, members=members, started=room.started and bool(members), taped_by=taped_by, music=music)
    others = members if call.ends_room else ()
    left = replace(call, room="", ends_room=False)
    return Change(put=(after, left), timers=tuple(leave(each, moment) for each in others))


def _told(call: Call, moved: Leg, before: str, moment: Moment) -> Change:
    return event_rules.told(call, moved, event_rules.TRANSFER, moment, conversation_from=before)
