"""How a call goes: what is done to a leg, by REST or by its application, and what follows from it. Pure.

An NCCO is run by `run_rules`, asked for by `ask_rules`; here is what begins, moves and ends.

Source: reference voice §7, §8, §9; ncco §5.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import ask_rules, due_rules, event_rules, record_rules, run_rules
from fake_nexmo.apis.voice.due_rules import timer
from fake_nexmo.apis.voice.event_rules import TRANSFER, status_told, told
from fake_nexmo.apis.voice.model import Call, Callback, EndpointType, Talk
from fake_nexmo.apis.voice.play_rules import PLAYED, STREAM
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus, Line, Speaker
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Application
from fake_nexmo.network import calls
from fake_nexmo.network.speech import heard, spoken_for

ANSWERED: Final = "answered"
"""The timer by which an answered call goes on, when that was reported."""
LENGTH: Final = "length"
"""The timer that ends a call that lasts too long."""

# When those that do not ring are there. Source: reference voice §9.4 (D).
_AT_ONCE: Final = {EndpointType.APP: SECOND // 2, EndpointType.WEBSOCKET: SECOND // 10}


def begin(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """Start an outbound call: both records are stored, it is reported, and the network carries it.

    Source: reference voice §4.6, §9.3.
    """
    assert account.id == leg.account, "who asks for a call pays for it"
    placed = calls.place(leg, moment, answers_after=_AT_ONCE.get(call.to.type), barred=call.barred)
    return Change(put=(call,)) + placed + told(call, leg, LegStatus.STARTED, moment)


def hang_up(call: Call, leg: Leg, account: Account, moment: Moment, *, by: str = "platform") -> Change:
    """End a leg that is not over: an answered one is completed, another one cancelled.

    Source: reference voice §7 (B).
    """
    return run_rules.end(call, leg, account, moment, by=by)


def transfer(
    call: Call, leg: Leg, account: Account, moment: Moment, *, ncco: tuple[Any, ...] | None, url: str
) -> Change:
    """Take an answered leg to a conversation of its own, and have it run another NCCO: the one given, or that of a URL.

    The one that runs is dropped when the new one is there.

    Source: reference voice §7 (B, D), ncco §5.1.
    Doubt: what goes on while an NCCO is fetched, and after it was not to be had, is not documented; we take it that
    the old one does, as it does after an event's reply.
    """
    there = replace(leg, conversation=f"CON-{moment.uuid(Use.CONVERSATION)}")
    reported = record_rules.all_done(call, leg, moment)
    reported += told(call, there, TRANSFER, moment, conversation_from=leg.conversation)
    if call.host or call.room:
        reported += Change(timers=(timer(leg, due_rules.PARTED, moment.now),))
    # Whoever was connected to it stays where it was.
    silent = replace(call, playing=None, legs=(), away=True, recorders=())
    if call.taping >= 0:
        silent = replace(silent, taping=-1, waits=call.waits + 1)
        reported += Change(timers=(timer(leg, due_rules.NEXT, moment.now, silent.waits),))
    if ncco is not None:
        there = there.broken_off() if call.doing in PLAYED else there
        return reported + run_rules.run(replace(silent, asking=False), there, account, moment, ncco)
    where = Callback(url, call.answer.method)
    return reported + Change(put=(there,)) + ask_rules.ask(silent, there, where, moment, first=False)


def say(call: Call, leg: Leg, moment: Moment, *, text: str, language: str, loop: int, level: float) -> Change:
    """Speak to an answered leg beside its NCCO; what was played to it before is replaced.

    Source: reference voice §8.2, §8.5 (D: a second one replaces the first).
    """
    lasts = spoken_for(text)
    talk = Talk("talk", len(leg.transcript), _end(moment, lasts, loop), language, level)
    return _played(call, leg, moment, heard(text), lasts, talk)


def play(call: Call, leg: Leg, moment: Moment, *, url: str, loop: int, level: float) -> Change:
    """Play a file to an answered leg beside its NCCO; what was played to it before is replaced.

    Source: reference voice §8.1; ncco §5.6 (D): five seconds, since the file is not looked at.
    """
    talk = Talk("stream", len(leg.transcript), _end(moment, STREAM, loop), "", level)
    return _played(call, leg, moment, url, STREAM, talk)


def stop(call: Call, leg: Leg, moment: Moment, kind: str) -> Change:
    """Stop what REST plays, if it is of that kind (``talk`` or ``stream``); nothing else changes.

    Source: reference voice §8.2 (D).
    """
    assert leg.id == call.id, "a call and its leg have one id"
    playing = call.playing
    if playing is None or playing.kind != kind or (playing.ends_at is not None and playing.ends_at <= moment.now):
        return Change()
    return Change(put=(replace(call, playing=None),))


def send_dtmf(call: Call, leg: Leg, moment: Moment, digits: str) -> Change:
    """Send keys to an answered leg. Source: reference voice §8.3."""
    assert leg.id == call.id, "a call and its leg have one id"
    return Change(put=(leg.with_lines(Line(moment.now, Speaker.PLATFORM, "", digits)),))


def signs(application: Application, profile: str) -> bool:
    """Whether the webhooks of an application's calls carry a token.

    Source: reference webhooks §9: what it says of itself, else no in 2020 and yes today.
    """
    said = application.capabilities.get("voice", {}).get("signed_callbacks")
    return bool(said) if said is not None else profile != "2020"


def on_status(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """What follows when the network has brought a leg to a new status: it is reported, and goes on or is over."""
    assert account.id == leg.account, "who asks for a call pays for it"
    change = record_rules.all_done(call, leg, moment) if leg.over else Change()
    change += status_told(call, leg, moment)
    if leg.status is LegStatus.ANSWERED:
        return change + Change(timers=(timer(leg, ANSWERED, moment.now),))
    return change + (run_rules.tidied(leg, moment) if leg.over else Change())


def on_line(call: Call, leg: Leg, digits: str, moment: Moment) -> Change:
    """What follows when somebody pressed keys, or said something: the last line of the leg.

    Source: reference voice §8.4 (B), ncco §4.8 (D).
    """
    change = Change()
    for digit in digits.replace("p", ""):
        facts = {"name": event_rules.KEY, **event_rules.parties(call, leg), "at": moment.now, "digit": digit}
        if call.dtmf_url:
            change += event_rules.sent(event_rules.EVENT, call, leg, Callback(call.dtmf_url), facts, moment)
        if call.each_key.url:
            change += event_rules.sent(event_rules.INPUT, call, leg, call.each_key, facts, moment)
    if not run_rules.hearkens(call):
        return change
    return change + Change(timers=(timer(leg, due_rules.HEARD, moment.now, len(leg.transcript) - 1),))


def answered(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """What follows when it was reported that a leg was answered: its keys are sent, and its NCCO runs or is fetched.

    Source: reference voice §4.6 (B); ncco §7 for waiting until it is known who answered.
    """
    if call.to.dtmf:
        leg = leg.with_lines(Line(moment.now, Speaker.PLATFORM, "", call.to.dtmf))
    timers = [
        replace(timer(leg, LENGTH, moment.now + call.length_s * SECOND), id=due_rules.length_id(leg.id), deadline=True)
    ]
    wait = run_rules.verdict_after(call)
    if wait is not None:
        timers.append(timer(leg, due_rules.VERDICT, moment.now + wait))
    change = Change(timers=tuple(timers))
    # A transfer that came with the report of the answer stands: its NCCO runs already, or is asked for.
    if run_rules.holds(call) or call.waits or call.asking:
        return change + Change(put=(leg,))
    return change + run_rules.start(call, leg, account, moment)


def _end(moment: Moment, lasts: int, loop: int) -> int | None:
    return moment.now + lasts * loop if loop else None


def _played(call: Call, leg: Leg, moment: Moment, text: str, lasts: int, talk: Talk) -> Change:
    spoken, ears = calls.speak(leg, Line(moment.now, Speaker.PLATFORM, text), lasts)
    return Change(put=(replace(call, playing=talk), spoken), timers=ears)
