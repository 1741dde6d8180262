"""Running an NCCO: one action after the other, until the last one is over and the platform hangs up. Pure.

An action that takes time sets a timer for its end; the timer carries the number of the wait, so that one of an NCCO
that was dropped meanwhile does nothing.

Source: reference ncco §5.1, §5.6, §7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import ask_rules, input_rules, ivr_rules, play_rules, record_rules
from fake_nexmo.apis.voice.actions_model import (
    Action,
    ConnectAction,
    ConversationAction,
    InputAction,
    NotifyAction,
    PayAction,
    Prompt,
    RecordAction,
    StreamAction,
    TalkAction,
    TransferAction,
    WaitAction,
)
from fake_nexmo.apis.voice.begin_rules import Begun, place
from fake_nexmo.apis.voice.company_rules import hushed, quiet
from fake_nexmo.apis.voice.due_rules import BEEP, DIAL, ENTER, JOIN, MOVE, TIDY, leave, timer
from fake_nexmo.apis.voice.event_rules import (
    AFTER_HANG_UP,
    EVENT,
    NOTIFY,
    PAYMENT,
    asked,
    parties,
    sent,
    status_told,
    told,
)
from fake_nexmo.apis.voice.ivr_model import Branch, Turn
from fake_nexmo.apis.voice.ivr_rules import ALONE, FINISHED, INLINE, NOTIFIED
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus, Line
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Event, Timer
from fake_nexmo.network import calls

_PLAIN_VERDICT: Final = 3 * SECOND
# Doubt: people and machines both say something when they answer, so that the silence of five seconds never comes.
_SPEECH_VERDICT: Final = 2 * SECOND


def start(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """Run the NCCO of a leg that was answered, or ask for it first; ``leg`` may have lines that are not stored yet."""
    if call.ncco is not None:
        asked = bool(call.given and call.fallback.url)
        return run(at_first(call, leg, call.given or INLINE, call.ncco, asked=asked), leg, account, moment, call.ncco)
    if call.host and not call.answer.url:
        return go_on(call, leg, account, moment)
    return Change(put=(leg,)) + ask_rules.ask(call, leg, call.answer, moment, first=True)


def at_first(call: Call, leg: Leg, source: str, actions: Sequence[Action], *, asked: bool) -> Call:
    """The call when it has come to its first NCCO; ``asked``: a fallback would have been asked for it."""
    verdict = call.verdict if holds(call) else ""
    scene = ivr_rules.scene(source, actions)
    way = ivr_rules.began(call.way, scene, leg.direction.value, verdict, connected=bool(call.host), asked=asked)
    return replace(call, way=way)


def run(call: Call, leg: Leg, account: Account, moment: Moment, actions: Sequence[Action]) -> Change:
    """Run an NCCO, instead of what may be running."""
    left = Change(timers=(leave(call.partner, moment),)) if call.partner else Change()
    call, leg = quiet(call, leg, moment)
    return left + go_on(replace(idle(call), rest=tuple(actions)), leg, account, moment)


def go_on(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """Begin the next action that the call waits for; after the last one the platform hangs up.

    Nothing is hung up while another NCCO is being fetched, or while somebody is connected: who was called by another
    leg joins it then, and stays.

    Source: reference ncco §5.1, §5.2, §5.3 (B, D).
    """
    change = Change()
    if isinstance(call.doing, ConnectAction):
        call, leg = quiet(call, leg, moment)
    while call.rest:
        action = call.rest[0]
        begins = replace(
            call,
            rest=call.rest[1:],
            running=call.running + 1,
            waits=call.waits + 1,
            doing=action,
            saying=None,
            listening=None,
        )
        begun = _BEGINS[type(action)](begins, leg, action, moment)
        call, leg = begun.call, begun.leg
        change += begun.change
        if begun.waits:
            return change + Change(put=(call, leg))
    stays = bool(call.host) and not call.away
    if stays and not call.joined:
        return change + Change(put=(idle(call), leg), timers=(timer(leg, JOIN, moment.now),))
    if call.asking or call.legs or stays:
        return change + Change(put=(idle(call), leg))
    return change + end(call, leg, account, moment, why=FINISHED)


def idle(call: Call) -> Call:
    """The call when nothing runs in it, and no timer of what ran is waited for."""
    waits = call.waits + 1
    return replace(call, rest=(), running=-1, waits=waits, doing=None, saying=None, listening=None, partner="")


def time_up(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """The running action is over by time."""
    if call.taping >= 0:
        return settle(record_rules.stop(call, leg, moment), account, moment)
    if call.listening is None:
        return go_on(call, leg, account, moment)
    return settle(input_rules.time_up(call, leg, moment), account, moment)


def take_in(call: Call, leg: Leg, line: Line, account: Account, moment: Moment, *, source: str) -> Change:
    """Somebody pressed keys or spoke: prompts are interrupted where they can be, and the input takes what came.

    Args:
        call: what may take it in.
        leg: its leg, an answered one.
        line: what came.
        account: who pays.
        moment: now.
        source: the leg on which that was; of others only words come here.

    Source: reference ncco §3.6, §5.4 (B).
    """
    if call.taping >= 0:
        done = record_rules.take_in(call, leg, line, moment)
        return Change() if done is None else settle(done, account, moment)
    broken = Change()
    k = play_rules.input_after(call.rest) if interruptible(call) else None
    if k is not None:
        wanted = call.rest[k]
        assert isinstance(wanted, InputAction), "the prompts lead to it"
        if not input_rules.minds(wanted, call, line, source):
            return Change()
        broken = hushed(call, moment)
        leg = quiet(call, leg, moment)[1]
        ahead = replace(call, rest=call.rest[k + 1 :], running=call.running + k + 1, doing=wanted)
        call = input_rules.begin(ahead, leg, wanted, moment).call
    elif call.listening is None or not input_rules.minds(call.listening.wanted, call, line, source):
        return Change()
    take = input_rules.take_keys if line.digits else input_rules.take_words
    taken = take(call, leg, line.digits or line.text, moment)
    return Change() if taken is None else broken + settle(taken, account, moment)


def interruptible(call: Call) -> bool:
    """Whether a prompt is heard that may be interrupted."""
    return call.barge and isinstance(call.doing, Prompt)


def hearkens(call: Call) -> bool:
    """Whether what is pressed or said may come to something."""
    return call.listening is not None or call.taping >= 0 or interruptible(call)


def settle(begun: Begun, account: Account, moment: Moment) -> Change:
    """What follows from an action that something came to: it goes on waiting, or the next one begins."""
    if begun.waits:
        return begun.change + Change(put=(begun.call, begun.leg))
    return begun.change + go_on(begun.call, begun.leg, account, moment)


def end(call: Call, leg: Leg, account: Account, moment: Moment, *, why: Branch = ALONE, by: str = "platform") -> Change:
    """End a leg that is not over, report it, and leave nothing behind; ``leg`` and ``call`` are stored as they are."""
    live = leg.status is LegStatus.ANSWERED
    over = calls.hang_up(leg, account, moment, by=by) if live else calls.cancel(leg, moment)
    assert over.answer is not None, "a leg that is over is not ended again"
    # Whom it calls is called no more; see `tidied`.
    way = ivr_rules.over(call.way, why)
    after = replace(idle(call), partner=call.partner, asking=False, recorders=(), taping=-1, way=way)
    recorded = record_rules.all_done(call, leg, moment) + hushed(call, moment)
    return over.change + Change(put=(after,)) + recorded + status_told(after, over.answer, moment) + tidied(leg, moment)


def tidied(leg: Leg, moment: Moment) -> Change:
    """Have taken away what the leg had still to come, when its end is known. Source: reference voice §9.4 (D)."""
    late = AFTER_HANG_UP if leg.ended_by == "user" else 0
    return Change(timers=(timer(leg, TIDY, moment.now + late),))


# Machines.


def verdict_after(call: Call) -> int | None:
    """Microseconds from the answer until it is known who answered; None: nobody wants to know.

    Source: reference voice §9.4 (D).
    """
    if call.detection is None:
        return None
    return _SPEECH_VERDICT if call.detection.mode else _PLAIN_VERDICT


def holds(call: Call) -> bool:
    """Whether the NCCO waits until it is known who answered. Source: reference ncco §7 (B)."""
    return call.detection is not None and call.detection.mode in {"detect", "detect_beep"}


def verdict(call: Call, leg: Leg, account: Account, beep_after: int, moment: Moment) -> Change:
    """Report who answered: a machine may be hung up on or waited for, and an NCCO that waited for this begins.

    Args:
        call: one that asked for it.
        leg: an answered one.
        account: who pays.
        beep_after: microseconds from the answer to the machine's beep.
        moment: now.

    Source: reference ncco §7, voice §9.3.
    """
    assert call.detection is not None, "nobody asked"
    name = "machine" if leg.machine else "human"
    found = Branch(Turn.VERDICT, name)
    judged = replace(call, verdict=name, way=ivr_rules.passed(call.way, found) if call.way.steps else call.way)
    change = told(call, leg, name, moment) + _logged(leg, name, moment)
    if leg.machine and call.detection.hang_up:
        way = call.way if call.way.steps or call.host else replace(call.way, taken=found)
        return change + end(replace(judged, way=way), leg, account, moment, why=found)
    if leg.machine and call.detection.mode == "detect_beep":
        return change + Change(put=(judged,), timers=(_beep(call, leg, beep_after, moment),))
    if holds(call) and _waits(call):
        return change + start(judged, leg, account, moment)
    return change + Change(put=(judged,))


def beeped(call: Call, leg: Leg, account: Account, moment: Moment, *, in_vain: bool) -> Change:
    """The machine beeped, or was waited for long enough: that is reported, and the NCCO begins.

    Source: reference voice §9.3 (B), ncco §4.4.
    """
    state = "beep_timeout" if in_vain else "beep_start"
    change = told(call, leg, "machine", moment, sub_state=state)
    return change + start(call, leg, account, moment) if _waits(call) else change


# Helpers.


def _waits(call: Call) -> bool:
    """Whether no NCCO was begun or asked for yet; a transfer may have come before the verdict."""
    return not call.waits and not call.asked


def _notify(call: Call, leg: Leg, action: NotifyAction, moment: Moment) -> Begun:
    """Tell the application something of its own, and wait for the reply. Source: reference ncco §3.7, §4.9 (B)."""
    facts = {"name": NOTIFY, "payload": action.payload}
    call = replace(call, way=ivr_rules.taken(call.way, NOTIFIED))
    return asked(NOTIFY, call, leg, place(action.where, call), facts, moment)


def _looked_into(what: str, call: Call, leg: Leg, _: Action, moment: Moment) -> Begun:
    """Begin what other records are needed for: a timer at this very instant looks them up."""
    return Begun(call, leg, Change(timers=(timer(leg, what, moment.now, call.waits),)), True)


def _pay(call: Call, leg: Leg, action: PayAction, moment: Moment) -> Begun:
    """Say that it was not paid. Source: reference ncco §3.10 (D): what there is no more always fails."""
    where = place(action.where, call)
    if not where.url:
        return Begun(call, leg, Change(), False)
    facts = {"name": PAYMENT, **parties(call, leg), "at": moment.now}
    return Begun(call, leg, sent(EVENT, call, leg, where, facts, moment), False)


_BEGINS: Mapping[type[Action], Callable[[Call, Leg, Any, Moment], Begun]] = {
    TalkAction: play_rules.talk,
    StreamAction: play_rules.stream,
    WaitAction: play_rules.wait,
    InputAction: input_rules.begin,
    NotifyAction: _notify,
    ConnectAction: partial(_looked_into, DIAL),
    ConversationAction: partial(_looked_into, ENTER),
    TransferAction: partial(_looked_into, MOVE),
    PayAction: _pay,
    RecordAction: record_rules.begin,
}


def _beep(call: Call, leg: Leg, beep_after: int, moment: Moment) -> Timer:
    """When the machine beeps, or when nobody waits any longer, whichever comes first."""
    assert call.detection is not None, "somebody wants to know"
    assert leg.answered_at is not None, "a machine answered"
    patience = leg.answered_at + call.detection.beep_s * SECOND
    if leg.answered_at + beep_after > patience:
        return timer(leg, BEEP, patience, 1)
    return timer(leg, BEEP, max(moment.now, leg.answered_at + beep_after))


def _logged(leg: Leg, name: str, moment: Moment) -> Change:
    return Change(
        log=(Event(at=moment.now, name=f"call.{name}", about=leg.id, account=leg.account, number=leg.person),)
    )
