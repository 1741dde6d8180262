"""Conversations that have a name, and being moved to another one: the actions ``conversation`` and ``transfer``. Pure.

Source: reference ncco §1, §3.2, §3.9, §5.3.
Doubt: since no sound is carried, who hears whom changes nothing but what the call says of itself.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import begin_rules as options
from fake_nexmo.apis.voice import event_rules, record_rules, run_rules
from fake_nexmo.apis.voice.due_rules import TAPE, leave, timer
from fake_nexmo.apis.voice.model import Call, Room
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, Line, Speaker
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account

# Doubt: the texts of errors but for the one of the syntax are not documented.
UNKNOWN: Final = "Conversation not found."


def room_id(call: Call) -> str:
    """Which conversation a call is about to enter: its name counts within the application. Source: ncco §1 (B)."""
    return f"{call.application}/{call.action['name']}"


def enter(room: Room | None, call: Call, leg: Leg, moment: Moment) -> Change:
    """A leg leaves its own conversation for a named one, and nothing of its NCCO comes after that.

    Source: reference ncco §3.2 (B), §5.3, §11 D.
    """
    action = call.action
    known = room or Room(id=room_id(call), conversation=f"CON-{moment.uuid(Use.CONVERSATION)}")
    started = known.started or action.get("startOnEnter") is None or options.flag(action, "startOnEnter")
    taped_by = known.taped_by or (call.id if options.flag(action, "record") else "")
    there = replace(known, members=(*known.members, call.id), started=started, taped_by=taped_by)
    inside = replace(
        call,
        rest=(),
        room=there.id,
        ends_room=options.flag(action, "endOnExit"),
        muted=call.muted or options.flag(action, "mute"),
    )
    moved = replace(leg, conversation=there.conversation)
    music = options.first(action, "musicOnHoldUrl")
    heard = moved.with_lines(Line(moment.now, Speaker.PLATFORM, music)) if music and not started else moved
    change = _told(call, moved, leg.conversation, moment) + Change(put=(there, inside, heard))
    if started and taped_by and taped_by in {call.id, *(() if known.started else known.members)}:
        taper = leg if taped_by == call.id else replace(leg, id=taped_by)
        change += Change(timers=(timer(taper, TAPE, moment.now),))
    return change


def tape(call: Call, leg: Leg, moment: Moment) -> Change:
    """A conversation that has started is recorded, until the leg that wanted that leaves it.

    Source: reference ncco §3.2 (B: when it begins).
    Doubt: that it ends when that leg leaves before the others.
    """
    if not call.room:
        return Change()
    wanted: dict[str, Any] = {key: call.action.get(key) for key in ("eventUrl", "eventMethod", "transcription")}
    begun = record_rules.begin(call, leg, wanted, moment)
    kept = replace(begun.call, waits=call.waits)
    return begun.change + Change(put=(kept,))


def exit_room(room: Room, call: Call, moment: Moment) -> Change:
    """A leg has left a named conversation; everybody leaves with it, if it was to be so.

    Source: reference ncco §3.2, §5.3 (B).
    """
    members = tuple(each for each in room.members if each != call.id)
    taped_by = "" if room.taped_by == call.id else room.taped_by
    after = replace(room, members=members, started=room.started and bool(members), taped_by=taped_by)
    others = members if call.ends_room else ()
    left = replace(call, room="", ends_room=False)
    return Change(put=(after, left), timers=tuple(leave(each, moment) for each in others))


def move(room: Room | None, call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """An NCCO moves its leg to a conversation that there is already; if there is none, the next action runs.

    Source: reference ncco §3.9 (B, D).
    Doubt: only named conversations are found.
    """
    if room is None:
        error = event_rules.told(call, leg, event_rules.ERROR, moment, reason=UNKNOWN)
        return error + run_rules.go_on(replace(call, action={}), leg, account, moment)
    there = replace(room, members=(*room.members, call.id))
    inside = replace(call, rest=(), room=room.id, muted=call.muted or options.flag(call.action, "mute"))
    moved = replace(leg, conversation=room.conversation)
    return _told(call, moved, leg.conversation, moment) + Change(put=(there, inside, moved))


def _told(call: Call, moved: Leg, before: str, moment: Moment) -> Change:
    return event_rules.told(call, moved, event_rules.TRANSFER, moment, conversation_from=before)
