"""What a leg is made to hear, and waiting: the actions ``talk``, ``stream`` and ``wait``. Pure.

Source: reference ncco §3.4, §3.5, §3.8, §5.4, §5.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import loose_rules as loose
from fake_nexmo.apis.voice.begin_rules import Action, Begun, first, flag, span
from fake_nexmo.apis.voice.due_rules import NEXT, timer
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, Line, Speaker
from fake_nexmo.core.moment import Moment
from fake_nexmo.network import calls
from fake_nexmo.network.speech import heard, spoken_for

STREAM: Final = 5 * SECOND
"""How long a file plays. Source: reference ncco §5.6 (D): its length is not known, since it is not looked at."""

PLAYED: Final = frozenset(("talk", "stream"))


def talk(call: Call, leg: Leg, action: Action, moment: Moment) -> Begun:
    """Say a text as often as it is to be said."""
    return _play(call, leg, action, heard(action["text"]), spoken_for(action["text"]), moment)


def stream(call: Call, leg: Leg, action: Action, moment: Moment) -> Begun:
    """Play a file as often as it is to be played."""
    return _play(call, leg, action, first(action, "streamUrl"), STREAM, moment)


def wait(call: Call, leg: Leg, action: Action, moment: Moment) -> Begun:
    """Do nothing for a while. Source: reference ncco §3.8 (B for the bounds)."""
    lasts = span(action, "timeout", 10, 0.1, 7200)
    return Begun(call, leg, Change(timers=(timer(leg, NEXT, moment.now + lasts, call.waits),)), True)


def input_after(rest: Sequence[Any]) -> int | None:
    """Which of the actions to come is the input that prompts lead to; None: something else comes before it, or none.

    Source: reference ncco §3.4, §5.4 (B; D: a prompt that no input follows cannot be interrupted).
    """
    for k, action in enumerate(rest):
        if action["action"] not in PLAYED:
            return k if action["action"] == "input" else None
    return None


def _play(call: Call, leg: Leg, action: Action, text: str, lasts: int, moment: Moment) -> Begun:
    loop = loose.whole(action.get("loop"))
    loop = 1 if loop is None else max(loop, 0)
    spoken, ears = calls.speak(leg, Line(moment.now, Speaker.PLATFORM, text), lasts)
    playing = replace(call, barge=call.barge or flag(action, "bargeIn"))
    # What outlasts the call needs no end of its own.
    ends = 0 < loop * lasts <= call.length_s * SECOND
    over = (timer(leg, NEXT, moment.now + loop * lasts, call.waits),) if ends else ()
    # Whoever does something on hearing it finds the next action begun.
    return Begun(playing, spoken, Change(timers=(*over, *ears)), True)
