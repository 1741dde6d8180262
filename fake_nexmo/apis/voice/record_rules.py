"""Recording: the action ``record``, and how a recording ends. Pure.

While it is made a recording is part of its call; when it ends it becomes a record of its own. The NCCO waits for one
that silence, a key or a limit of time ends, and for the report of it, which comes half a second after the end.

Source: reference ncco §3.1, §4.6, §5.1, §5.6.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import event_rules as events
from fake_nexmo.apis.voice.actions_model import LONGEST, RecordAction
from fake_nexmo.apis.voice.begin_rules import Begun, place
from fake_nexmo.apis.voice.due_rules import NEXT, TAPED, timer
from fake_nexmo.apis.voice.model import Call, Recorder, Recording
from fake_nexmo.apis.voice.wave_wire import size_of
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, Line, Sound, Speaker
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.network.calls import BEEPED
from fake_nexmo.network.speech import spoken_for

_TOLD_AFTER: Final = SECOND // 2
_TEXT_TOLD_AFTER: Final = 3 * SECOND


def begin(call: Call, leg: Leg, action: RecordAction, moment: Moment) -> Begun:
    """Begin to record.

    Source: reference ncco §3.1 (B; D, and a setting, for whether a limit of time alone is waited for).
    """
    ids = [moment.uuid(Use.RECORDING, 3 * call.recorded + k) for k in range(3)]
    recorder = Recorder(
        number=call.recorded,
        file=ids[0],
        uuid=ids[1],
        began_at=moment.now,
        until=moment.now + action.limit,
        channels=action.channels,
        where=place(action.where, call),
        key=action.key,
        silence=action.silence,
        text_file=ids[2] if action.text else "",
        text_where=place(action.text_where, call),
    )
    blocks = action.blocks and not (action.timed and call.runs_on)
    if action.beeps:
        leg = leg.with_lines(Line(moment.now, Speaker.PLATFORM, BEEPED, sound=Sound.BEEP))
    taping = recorder.number if blocks else -1
    began = replace(
        call, recorders=(*call.recorders, recorder), recorded=call.recorded + 1, taping=taping, waits=call.waits + 1
    )
    if blocks:
        over = timer(leg, NEXT, _patience(recorder, _said_until(leg, moment.now)), began.waits)
    else:
        over = timer(leg, TAPED, recorder.until, recorder.number)
    # A limit that nobody chose is nothing that a clock which jumps by itself goes on for, when the call is long over.
    idle = over.due_at == moment.now + LONGEST
    return Begun(began, leg, Change(timers=(replace(over, idle=idle),)), blocks)


def take_in(call: Call, leg: Leg, line: Line, moment: Moment) -> Begun | None:
    """Keys or words come to a recording that the NCCO waits for; None: that changes nothing."""
    recorder = _taped(call)
    if line.digits:
        return stop(call, leg, moment) if recorder.key and recorder.key in line.digits else None
    if not recorder.silence:
        return None
    waiting = replace(call, waits=call.waits + 1)
    due_at = _patience(recorder, _said_until(leg, moment.now + spoken_for(line.text)))
    return Begun(waiting, leg, Change(timers=(timer(leg, NEXT, due_at, waiting.waits),)), True)


def stop(call: Call, leg: Leg, moment: Moment) -> Begun:
    """The recording that the NCCO waits for is done; the NCCO goes on when that was told."""
    recorder = _taped(call)
    change = _done(call, leg, recorder, moment, after=_TOLD_AFTER)
    waiting = replace(call, recorders=_without(call, recorder), taping=-1, waits=call.waits + 1)
    over = timer(leg, NEXT, moment.now + _TOLD_AFTER, waiting.waits)
    return Begun(waiting, leg, change + Change(timers=(over,)), True)


def long_enough(call: Call, leg: Leg, number: int, moment: Moment) -> Change:
    """A recording beside the NCCO is long enough, if it is still made."""
    recorder = next((each for each in call.recorders if each.number == number), None)
    if recorder is None:
        return Change()
    done = _done(call, leg, recorder, moment, after=_TOLD_AFTER)
    return done + Change(put=(replace(call, recorders=_without(call, recorder)),))


def all_done(call: Call, leg: Leg, moment: Moment) -> Change:
    """Every recording ends at once, since the call does, or leaves its conversation.

    Source: reference ncco §5.1 (D: told before the call's end).
    """
    change = Change()
    for recorder in call.recorders:
        change += _done(call, leg, recorder, moment, after=0)
    return change


def _patience(recorder: Recorder, since: int) -> int:
    """When a recording ends if nothing more is heard."""
    return min(recorder.until, since + recorder.silence) if recorder.silence else recorder.until


def _said_until(leg: Leg, until: int) -> int:
    """When whoever speaks on a leg has said what they say; that instant at the earliest."""
    said = (each.at + each.lasts for each in leg.transcript if each.text and each.speaker is not Speaker.PLATFORM)
    return max((until, *said))


def _taped(call: Call) -> Recorder:
    return next(each for each in call.recorders if each.number == call.taping)


def _without(call: Call, recorder: Recorder) -> tuple[Recorder, ...]:
    return tuple(each for each in call.recorders if each is not recorder)


def _done(call: Call, leg: Leg, recorder: Recorder, moment: Moment, *, after: int) -> Change:
    made = Recording(
        id=recorder.file,
        account=call.account,
        application=call.application,
        call=call.id,
        began_at=recorder.began_at,
        ended_at=moment.now,
        channels=recorder.channels,
    )
    facts: dict[str, Any] = {
        "conversation": leg.conversation,
        "uuid": leg.id,
        "recording": recorder.uuid,
        "origin": call.origin,
    }
    sound = {
        "name": events.RECORD,
        "file": recorder.file,
        "began_at": recorder.began_at,
        "ended_at": moment.now,
        "size": size_of(moment.now - recorder.began_at, recorder.channels),
    }
    change = Change(put=(made,)) + _told(call, leg, recorder.where, {**facts, **sound}, moment, after)
    if not recorder.text_file:
        return change
    text = replace(made, id=recorder.text_file, text=True)
    told = {**facts, "name": events.TRANSCRIBED, "file": recorder.text_file}
    return change + Change(put=(text,)) + _told(call, leg, recorder.text_where, told, moment, _TEXT_TOLD_AFTER)


def _told(call: Call, leg: Leg, where: Any, facts: dict[str, Any], moment: Moment, after: int) -> Change:
    if not where.url:
        return Change()
    at = moment.now + after
    return events.sent(events.RECORD, call, leg, where, {**facts, "at": at}, moment, due_at=at)
