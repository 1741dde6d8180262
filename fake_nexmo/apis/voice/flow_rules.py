"""How a call goes: what is done to a leg, by REST or by its application, and what follows from it. Pure.

An NCCO is run by `run_rules`, asked for by `ask_rules`; here is what begins, moves and ends.

Source: reference voice §7, §8, §9; ncco §5.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import ask_rules, due_rules, event_rules, ivr_rules, record_rules, run_rules, socket_rules
from fake_nexmo.apis.voice.actions_model import Action
from fake_nexmo.apis.voice.company_rules import has_company, hushed, reaches, shared, unplaced
from fake_nexmo.apis.voice.due_rules import timer
from fake_nexmo.apis.voice.ends_model import Callback, EndpointType
from fake_nexmo.apis.voice.event_rules import TRANSFER, status_told, told
from fake_nexmo.apis.voice.model import Call, Talk
from fake_nexmo.apis.voice.play_rules import STREAM
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus, Line, Sound, Speaker
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Application, Timer
from fake_nexmo.network import calls
from fake_nexmo.network.speech import heard, pressed_for, spoken_for

ANSWERED: Final = "answered"
"""The timer by which an answered call goes on, when that was reported."""
LENGTH: Final = "length"
"""The timer that ends a call that lasts too long."""

# When those that do not ring are there. Source: reference voice §9.4 (D).
_APP: Final = SECOND // 2
_WEBSOCKET: Final = SECOND // 10


def begin(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """Start an outbound call: both records are stored, it is reported, and the network carries it.

    Source: reference voice §4.6, §9.3.
    """
    assert account.id == leg.account, "who asks for a call pays for it"
    there = _APP if call.to.type is EndpointType.APP else None
    placed = calls.place(leg, moment, answers_after=there, barred=call.barred)
    if call.to.type is EndpointType.WEBSOCKET and not call.barred:
        placed = replace(placed, timers=(timer(leg, socket_rules.OPEN, moment.now + _WEBSOCKET),))
    return Change(put=(call,)) + placed + told(call, leg, LegStatus.STARTED, moment)


def hang_up(call: Call, leg: Leg, account: Account, moment: Moment, *, by: str = "platform") -> Change:
    """End a leg that is not over: an answered one is completed, another one cancelled.

    Source: reference voice §7 (B).
    """
    return run_rules.end(call, leg, account, moment, why=ivr_rules.ASKED_TO, by=by)


def transfer(
    call: Call, leg: Leg, account: Account, moment: Moment, *, ncco: tuple[Action, ...] | None, url: str
) -> Change:
    """Take an answered leg to a conversation of its own, and have it run another NCCO: the one given, or that of a URL.

    The one that runs is dropped when the new one is there.

    Source: reference voice §7 (B, D), ncco §5.1.
    Doubt: what goes on while an NCCO is fetched, and after it was not to be had, is not documented; we take it that
    the old one does, as it does after an event's reply.
    """
    there = replace(leg, conversation=f"CON-{moment.uuid(Use.CONVERSATION)}")
    reported = record_rules.all_done(call, leg, moment) + hushed(call, moment)
    reported += told(call, there, TRANSFER, moment, conversation_from=leg.conversation)
    # Whoever was connected to it stays where it was.
    silent = replace(unplaced(call), playing=None, legs=(), away=True, recorders=())
    if call.host or has_company(call):
        silent = replace(silent, came_from=(*call.came_from, leg.conversation))
        reported += Change(timers=(timer(leg, due_rules.PARTED, moment.now),))
    if call.taping >= 0:
        silent = replace(silent, taping=-1, waits=call.waits + 1)
        reported += Change(timers=(timer(leg, due_rules.NEXT, moment.now, silent.waits),))
    if ncco is not None:
        scene = ivr_rules.scene(ivr_rules.INLINE, ncco)
        way = ivr_rules.arrived(ivr_rules.settled(call.way), scene, ivr_rules.TRANSFERRED)
        return reported + run_rules.run(replace(silent, asking=False, way=way), there, account, moment, ncco)
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
    return Change(put=(replace(call, playing=None), _stopped(call, leg, moment)))


def send_dtmf(call: Call, leg: Leg, moment: Moment, digits: str) -> Change:
    """Send keys to an answered leg; a websocket in its conversation is told of them. Source: reference voice §8.3."""
    assert leg.id == call.id, "a call and its leg have one id"
    sent, ears = reaches(call, leg, _keys(digits, moment))
    return Change(put=(sent,), timers=(*ears, *shared(call, leg, moment, len(leg.transcript))))


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
    change += status_told(call, leg, moment) + (hushed(call, moment) if leg.over else Change())
    way = ivr_rules.over(call.way, ivr_rules.HUNG_UP) if leg.over else call.way
    if way is not call.way:
        change += Change(put=(replace(call, way=way),))
    if leg.status is LegStatus.ANSWERED:
        return change + Change(timers=(timer(leg, ANSWERED, moment.now),))
    return change + (run_rules.tidied(leg, moment) if leg.over else Change())


def on_line(call: Call, leg: Leg, digits: str, moment: Moment) -> Change:
    """What follows when somebody pressed keys, or said something: the last line of the leg.

    Source: reference voice §7, §8.4 (B), ncco §4.8 (D).
    Doubt: who is muted is not understood by an input either, since nothing of what they say is sent to it; their keys
    count, for they are no sound.
    """
    change = Change()
    for digit in digits.replace("p", ""):
        facts = {"name": event_rules.KEY, **event_rules.parties(call, leg), "at": moment.now, "digit": digit}
        if call.dtmf_url:
            change += event_rules.sent(event_rules.EVENT, call, leg, Callback(call.dtmf_url), facts, moment)
        if call.each_key.url:
            change += event_rules.sent(event_rules.INPUT, call, leg, call.each_key, facts, moment)
    if call.each_key.url and digits.replace("p", ""):
        change += Change(put=(replace(call, way=ivr_rules.keyed(call.way, digits)),))
    k = len(leg.transcript) - 1
    if run_rules.hearkens(call) and (digits or not call.muted):
        change += Change(timers=(timer(leg, due_rules.HEARD, moment.now, k),))
    return change + Change(timers=shared(call, leg, moment, k))


def echoed(call: Call, leg: Leg, line: Line, moment: Moment) -> Change:
    """What follows when something is heard from a far end that is a leg of this world too: as if a person was there.

    Doubt: of a file that is played there nothing is understood.
    """
    words = line.sound is not Sound.STREAM
    digits = line.digits if line.sound is Sound.DTMF else ""
    came = replace(line, speaker=Speaker.PERSON, by="", text=line.text if words else "", digits=digits)
    after = leg.with_lines(came if words else replace(came, sound=Sound.AUDIO))
    return Change(put=(after,)) + on_line(call, after, digits, moment)


def spoken_to(leg: Leg, there: Leg, moment: Moment) -> Change:
    """The timers by which a leg that was answered now hears what the one at its far end is made to say.

    That follows at this very instant, and says all that it has to, one line after the other.
    """
    timers, at = list[Timer](), moment.now
    for k, speech in enumerate(there.script):
        timers.append(timer(leg, due_rules.ECHO, at, k))
        at += spoken_for(speech.text)
    return Change(timers=tuple(timers))


def answered(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """What follows when it was reported that a leg was answered: its keys are sent, and its NCCO runs or is fetched.

    Source: reference voice §4.6 (B); ncco §7 for waiting until it is known who answered.
    """
    timers: list[Timer] = []
    if call.to.dtmf:
        leg, ears = reaches(call, leg, _keys(call.to.dtmf, moment))
        timers += ears
    timers.append(
        replace(timer(leg, LENGTH, moment.now + call.length_s * SECOND), id=due_rules.length_id(leg.id), deadline=True)
    )
    wait = run_rules.verdict_after(call)
    if wait is not None:
        timers.append(timer(leg, due_rules.VERDICT, moment.now + wait))
    change = Change(timers=tuple(timers))
    # A transfer that came with the report of the answer stands: its NCCO runs already, or is asked for.
    if run_rules.holds(call) or call.waits or call.asking:
        return change + Change(put=(leg,))
    return change + run_rules.start(call, leg, account, moment)


def _keys(digits: str, moment: Moment) -> Line:
    return Line(moment.now, Speaker.PLATFORM, "", digits, sound=Sound.DTMF, lasts=pressed_for(digits))


def _stopped(call: Call, leg: Leg, moment: Moment) -> Leg:
    """The leg when what REST has it hear is broken off, if that is not over."""
    playing = call.playing
    if playing is None or (playing.ends_at is not None and playing.ends_at <= moment.now):
        return leg
    return leg.broken_off(leg.transcript[playing.line], moment.now)


def _end(moment: Moment, lasts: int, loop: int) -> int | None:
    return moment.now + lasts * loop if loop else None


def _played(call: Call, leg: Leg, moment: Moment, text: str, lasts: int, talk: Talk) -> Change:
    """Doubt: a leg that hears nothing of its conversation hears this, which is not said to the conversation."""
    line = Line(moment.now, Speaker.PLATFORM, text, sound=Sound(talk.kind), lasts=lasts)
    spoken, ears = reaches(call, _stopped(call, leg, moment), line)
    return Change(put=(replace(call, playing=talk), spoken), timers=ears)
