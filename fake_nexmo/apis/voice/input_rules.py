"""Listening: the action ``input``, keys and speech that come to it, and how it is over. Pure.

A key counts at the instant at which it is pressed; speech lasts as long as its text, and is over when silence followed
it for long enough. Every time something comes in, the wait for the end begins anew under a new number.

Source: reference ncco §3.6, §4.7, §5.4, §5.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import event_rules as events
from fake_nexmo.apis.voice import loose_rules as loose
from fake_nexmo.apis.voice.begin_rules import Action, Begun, event_of, flag, span, whole
from fake_nexmo.apis.voice.due_rules import NEXT, timer
from fake_nexmo.apis.voice.model import Call, Listening
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.network.speech import spoken_for

_SURE: Final = 0.85


def begin(call: Call, leg: Leg, action: Action, moment: Moment) -> Begun:
    """Listen; in the asynchronous mode each key is reported while the next actions run.

    Doubt: the settings of an asynchronous input must be empty; what they say counts for nothing.
    """
    where = event_of(action, call)
    if action.get("mode") == "asynchronous":
        return Begun(replace(call, each_key=where), leg, Change(), False)
    listening = replace(_read(action), where=where, until=moment.now)
    listening = replace(listening, until=moment.now + _patience(listening))
    return _waiting(replace(call, barge=False), leg, listening)


def take_keys(call: Call, leg: Leg, digits: str, moment: Moment) -> Begun | None:
    """Keys come to an input; None: it does not listen to them, or to nothing but what is being said.

    The answer does not wait where the input is over with them.
    """
    listening = call.listening
    if listening is None or not listening.dtmf or listening.words:
        return None
    keys = listening.digits
    for digit in digits.replace("p", ""):
        if digit == "#" and listening.on_hash:
            return _told(call, leg, replace(listening, digits=keys, keyed=True), moment, timed_out=False)
        keys += digit
        if len(keys) == listening.digits_max:
            return _told(call, leg, replace(listening, digits=keys, keyed=True), moment, timed_out=False)
    until = moment.now + listening.between
    return _waiting(call, leg, replace(listening, digits=keys, keyed=True, until=until))


def take_words(call: Call, leg: Leg, text: str, moment: Moment) -> Begun | None:
    """Something is said to an input; None: it does not listen to that, or not any more since keys were pressed.

    Source: reference ncco §3.6 (B; D for keys and speech at once), §5.6 (D).
    """
    listening = call.listening
    if listening is None or not listening.speech or listening.keyed:
        return None
    begun = listening.began if listening.words else moment.now
    over, limit = moment.now + spoken_for(text) + listening.silence, begun + listening.longest
    reason = "end_on_silence_timeout" if over < limit else "max_duration"
    words = f"{listening.words} {text}".strip()
    after = replace(listening, words=words, began=begun, until=min(over, limit), reason=reason)
    return _waiting(call, leg, after)


def time_up(call: Call, leg: Leg, moment: Moment) -> Begun:
    """An input is over because nothing more came."""
    assert call.listening is not None, "it is the input that runs"
    return _told(call, leg, call.listening, moment, timed_out=not call.listening.words)


def _read(action: Action) -> Listening:
    """What an input listens to and for how long.

    Source: reference ncco §3.6 (B; D for which form the webhook has, and for forms that are mixed).
    """
    kinds = loose.texts(action.get("type"))
    old = kinds is None and not any(isinstance(action.get(each), Mapping) for each in ("dtmf", "speech"))
    if kinds is None:
        kinds = [each for each in ("dtmf", "speech") if isinstance(action.get(each), Mapping)]
    # Those of the top level are the older ones.
    dtmf: dict[str, Any] = {**action, **_said(action.get("dtmf"))}
    speech = _said(action.get("speech"))
    return Listening(
        old=old,
        dtmf="dtmf" in kinds or not kinds,
        speech="speech" in kinds,
        digits_max=whole(dtmf, "maxDigits", 4, 1, 20),
        on_hash=flag(dtmf, "submitOnHash"),
        between=whole(dtmf, "timeOut", 3, 0, 10) * SECOND,
        starts=span(speech, "startTimeout", 10, 1, 60),
        silence=span(speech, "endOnSilence", 2, 0.4, 10),
        longest=span(speech, "maxDuration", 60, 1, 60),
    )


def _said(options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None} if options else {}


def _patience(listening: Listening) -> int:
    """How long it waits for something at all: of two the one that is over first. Source: reference ncco §3.6 (D)."""
    if not listening.speech:
        return listening.between
    return min(listening.between, listening.starts) if listening.dtmf else listening.starts


def _waiting(call: Call, leg: Leg, listening: Listening) -> Begun:
    after = replace(call, listening=listening, waits=call.waits + 1)
    return Begun(after, leg, Change(timers=(timer(leg, NEXT, listening.until, after.waits),)), True)


def _told(call: Call, leg: Leg, listening: Listening, moment: Moment, *, timed_out: bool) -> Begun:
    """Report what came in; the call waits for the reply, if anybody is there to give one."""
    facts: dict[str, Any] = {"old": listening.old, "digits": listening.digits, "timed_out": timed_out}
    if listening.words:
        facts |= {"digits": None, "timed_out": False}
    if not listening.dtmf:
        facts["digits"], facts["timed_out"] = None, False
    if listening.speech:
        facts["speech"] = {"timeout_reason": listening.reason, "results": _results(listening.words, moment)}
    return events.asked(
        events.INPUT, replace(call, listening=None), leg, listening.where, {"name": events.INPUT, **facts}, moment
    )


def _results(words: str, moment: Moment) -> list[dict[str, str]]:
    """What was understood, and how surely. Source: reference ncco §4.7 (A: a text of digits)."""
    sure = _SURE + moment.roll("confidence") / 10
    return [{"confidence": f"{sure:.7f}", "text": words}] if words else []
