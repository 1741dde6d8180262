"""Listening: the action ``input``, keys and speech that come to it, and how it is over. Pure.

A key counts at the instant at which it is pressed; speech lasts as long as its text, and is over when silence followed
it for long enough. Every time something comes in, the wait for the end begins anew under a new number.

Source: reference ncco §3.6, §4.7, §5.4, §5.6.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import event_rules as events
from fake_nexmo.apis.voice import ivr_rules
from fake_nexmo.apis.voice.actions_model import InputAction
from fake_nexmo.apis.voice.begin_rules import Begun, place
from fake_nexmo.apis.voice.due_rules import NEXT, timer
from fake_nexmo.apis.voice.model import Call, Listening, Recording
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, Line
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.network.speech import spoken_for

_SURE: Final = 0.85


def begin(call: Call, leg: Leg, action: InputAction, moment: Moment) -> Begun:
    """Listen; in the asynchronous mode each key is reported while the next actions run."""
    if action.each_key:
        return Begun(replace(call, barge=False, each_key=place(action.where, call)), leg, Change(), False)
    return _waiting(replace(call, barge=False), leg, Listening(wanted=action, until=moment.now + _patience(action)))


def minds(wanted: InputAction, call: Call, line: Line, source: str) -> bool:
    """Whether an input is concerned with what comes from a leg: with keys of its own, and words of whom it listens to.

    Source: reference ncco §3.6 (B).
    """
    return source == (call.id if line.digits else wanted.speaker or call.id)


def take_keys(call: Call, leg: Leg, digits: str, moment: Moment) -> Begun | None:
    """Keys come to an input; None: it does not listen to them, or to nothing but what is being said.

    The answer does not wait where the input is over with them.
    """
    listening = call.listening
    if listening is None or not listening.wanted.dtmf or listening.words:
        return None
    keys = listening.digits
    for digit in digits.replace("p", ""):
        if digit == "#" and listening.wanted.on_hash:
            return _told(call, leg, replace(listening, digits=keys, keyed=True), moment, timed_out=False)
        keys += digit
        if len(keys) == listening.wanted.digits_max:
            return _told(call, leg, replace(listening, digits=keys, keyed=True), moment, timed_out=False)
    until = moment.now + listening.wanted.between
    return _waiting(call, leg, replace(listening, digits=keys, keyed=True, until=until))


def take_words(call: Call, leg: Leg, text: str, moment: Moment) -> Begun | None:
    """Something is said to an input; None: it does not listen to that, or not any more since keys were pressed.

    Source: reference ncco §3.6 (B; D for keys and speech at once), §5.6 (D).
    """
    listening = call.listening
    if listening is None or not listening.wanted.speech or listening.keyed:
        return None
    begun = listening.began if listening.words else moment.now
    over, limit = moment.now + spoken_for(text) + listening.wanted.silence, begun + listening.wanted.longest
    reason = "end_on_silence_timeout" if over < limit else "max_duration"
    words = f"{listening.words} {text}".strip()
    after = replace(listening, words=words, began=begun, until=min(over, limit), reason=reason)
    return _waiting(call, leg, after)


def time_up(call: Call, leg: Leg, moment: Moment) -> Begun:
    """An input is over because nothing more came."""
    assert call.listening is not None, "it is the input that runs"
    return _told(call, leg, call.listening, moment, timed_out=not call.listening.words)


def _patience(wanted: InputAction) -> int:
    """How long it waits for something at all: of two the one that is over first. Source: reference ncco §3.6 (D)."""
    if not wanted.speech:
        return wanted.between
    return min(wanted.between, wanted.starts) if wanted.dtmf else wanted.starts


def _waiting(call: Call, leg: Leg, listening: Listening) -> Begun:
    after = replace(call, listening=listening, waits=call.waits + 1)
    return Begun(after, leg, Change(timers=(timer(leg, NEXT, listening.until, after.waits),)), True)


def _told(call: Call, leg: Leg, listening: Listening, moment: Moment, *, timed_out: bool) -> Begun:
    """Report what came in; the call waits for the reply, if anybody is there to give one."""
    wanted = listening.wanted
    facts: dict[str, Any] = {
        "name": events.INPUT,
        "old": wanted.old,
        "digits": listening.digits,
        "timed_out": timed_out,
    }
    if listening.words:
        facts |= {"digits": None, "timed_out": False}
    if not wanted.dtmf:
        facts["digits"], facts["timed_out"] = None, False
    if wanted.speech:
        facts["speech"] = {"timeout_reason": listening.reason, "results": _results(listening.words, moment)}
    branch = ivr_rules.heard_out(
        listening.digits, listening.words, keys=wanted.dtmf, by_hash=listening.keyed and not timed_out
    )
    heard = replace(call, listening=None, way=ivr_rules.taken(call.way, branch))
    if not wanted.saves or not listening.words:
        return events.asked(events.INPUT, heard, leg, place(wanted.where, call), facts, moment)
    saved = _saved(call, listening, moment)
    facts |= {"saved": saved.id, "origin": call.origin}
    heard = replace(heard, recorded=call.recorded + 1)
    told = events.asked(events.INPUT, heard, leg, place(wanted.where, call), facts, moment)
    return told._replace(change=Change(put=(saved,)) + told.change)


def _saved(call: Call, listening: Listening, moment: Moment) -> Recording:
    """What was said, to be fetched. Source: reference ncco §3.6, §4.7 (B).

    Doubt: where nothing was said there is nothing to fetch, and no URL.
    """
    return Recording(
        id=moment.uuid(Use.RECORDING, 3 * call.recorded),
        account=call.account,
        application=call.application,
        call=listening.wanted.speaker or call.id,
        began_at=listening.began,
        ended_at=moment.now,
        channels=1,
    )


def _results(words: str, moment: Moment) -> list[dict[str, str]]:
    """What was understood, and how surely. Source: reference ncco §4.7 (A: a text of digits)."""
    sure = _SURE + moment.roll("confidence") / 10
    return [{"confidence": f"{sure:.7f}", "text": words}] if words else []
