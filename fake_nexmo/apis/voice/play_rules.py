"""What a leg is made to hear, and waiting: the actions ``talk``, ``stream`` and ``wait``. Pure.

Source: reference ncco §3.4, §3.5, §3.8, §5.4, §5.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from fake_nexmo.apis.voice.actions_model import Action, InputAction, Prompt, StreamAction, TalkAction, WaitAction
from fake_nexmo.apis.voice.begin_rules import Begun
from fake_nexmo.apis.voice.company_rules import said_to, shared
from fake_nexmo.apis.voice.due_rules import NEXT, timer
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, Line, Sound, Speaker
from fake_nexmo.core.moment import Moment
from fake_nexmo.network.speech import heard, spoken_for

STREAM: Final = 5 * SECOND
"""How long a file plays. Source: reference ncco §5.6 (D): its length is not known, since it is not looked at."""


def talk(call: Call, leg: Leg, action: TalkAction, moment: Moment) -> Begun:
    """Say a text as often as it is to be said."""
    line = Line(moment.now, Speaker.PLATFORM, heard(action.text), lasts=spoken_for(action.text))
    return _play(call, leg, action, line, moment)


def stream(call: Call, leg: Leg, action: StreamAction, moment: Moment) -> Begun:
    """Play a file as often as it is to be played."""
    line = Line(moment.now, Speaker.PLATFORM, action.url, sound=Sound.STREAM, lasts=STREAM)
    return _play(call, leg, action, line, moment)


def wait(call: Call, leg: Leg, action: WaitAction, moment: Moment) -> Begun:
    """Do nothing for a while."""
    return Begun(call, leg, Change(timers=(timer(leg, NEXT, moment.now + action.lasts, call.waits),)), True)


def input_after(rest: Sequence[Action]) -> int | None:
    """Which of the actions to come is the input that prompts lead to; None: something else comes before it, or none.

    Source: reference ncco §3.4, §5.4 (B; D: a prompt that no input follows cannot be interrupted).
    """
    for k, action in enumerate(rest):
        if not isinstance(action, Prompt):
            return k if isinstance(action, InputAction) else None
    return None


def _play(call: Call, leg: Leg, action: Prompt, line: Line, moment: Moment) -> Begun:
    spoken, ears = said_to(call, leg, line)
    playing = replace(call, barge=call.barge or action.barge, saying=line)
    lasts = action.loop * line.lasts
    # What outlasts the call needs no end of its own.
    over = (timer(leg, NEXT, moment.now + lasts, call.waits),) if 0 < lasts <= call.length_s * SECOND else ()
    # Whoever does something on hearing it finds the next action begun.
    return Begun(playing, spoken, Change(timers=(*over, *ears, *shared(call, leg, moment))), True)
