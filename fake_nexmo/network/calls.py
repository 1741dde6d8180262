"""Carrying a call to a person: it rings, is answered or not, is spoken on, and ends. Pure.

Whoever calls has found the phone (`handsets.characters.person`). Each step is a timer of the network; after each, the
owner of the leg is told what the leg is by then. Some offsets count from the call's start, as its source has them.

Source: reference voice §9.2, §9.4 (D for the offsets).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import MOVES, Leg, LegEvent, LegStatus, Line, Sound, Speaker
from fake_nexmo.core.machine import may
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.pattern import Pattern
from fake_nexmo.core.records import Account, Direction, Event, Handset, Timer
from fake_nexmo.handsets.calls import (
    CallStep,
    Doing,
    Manner,
    beeps_after,
    call_step,
    greeting,
    listens,
    manner,
    picks_up_after,
    rejects_after,
)
from fake_nexmo.network.speech import pressed_for, spoken_for

OWNER = "network"
RING = "ring"
"""The timer that has the phone ring."""
PICK_UP = "pick_up"
"""The timer by which somebody, or a machine, answers."""
RING_OUT = "ring_out"
"""The timer that ends a call that nobody answers."""
HANG_UP = "hang_up"
"""The timer by which the platform hangs up, because it has said all."""
PERSON = "person"
"""The timer by which the person on the line does the next thing; ``step`` says which."""

OTHER: Final = "other"
"""The timer by which a leg follows the one at its other end."""
HEARS: Final = "hears"
"""The timer by which the person on the line has heard a line to its end; ``k`` says which."""
TONE: Final = "tone"
"""The timer by which a machine beeps."""

_LATE: Final = 1
"""The ``k`` of the person's timer when the words that they waited for have not come."""

BEEPED: Final = "(beep)"
"""What is written down of a machine's beep."""

_RINGS_AFTER: Final = SECOND // 100


class _End(NamedTuple):
    """How a call that is not connected ends."""

    event: LegEvent
    detail: str
    after: int


# By the timer that ends it. Source: reference voice §9.1 (B), §9.4 (D).
# Doubt: which detail goes with a network that is out is not documented; the nearest is that nothing could be routed.
NOT_CONNECTED: Final[Mapping[str, _End]] = {
    "busy": _End(LegEvent.BUSY, "", SECOND),
    "reject": _End(LegEvent.REJECT, "declined", SECOND // 5),
    "fail": _End(LegEvent.FAIL, "cannot_route", SECOND // 2),
    "not_reached": _End(LegEvent.NOT_REACHED, "unavailable", 20 * SECOND),
}
BARRED: Final = "barred"
"""The timer by which the platform refuses a call that it does not place."""
_OF_MANNERS: Final = {Manner.BUSY: "busy", Manner.REJECTS: "reject", Manner.UNREACHABLE: "not_reached"}

WHATS: Final = frozenset((RING, PICK_UP, RING_OUT, HANG_UP, PERSON, BARRED, OTHER, HEARS, TONE, *NOT_CONNECTED))


def place(leg: Leg, moment: Moment, *, answers_after: int | None = None, barred: str = "") -> Change:
    """Start a call: the leg is stored, and the network looks for the phone.

    Args:
        leg: what is carried.
        moment: now.
        answers_after: microseconds until it is answered without ringing; None: it rings.
        barred: the detail with which the platform rejects it; empty: it does not.
    """
    timer = _timer(leg, RING, moment.now + _RINGS_AFTER)
    if barred:
        leg = replace(leg, extra={**leg.extra, BARRED: barred})
        timer = _timer(leg, BARRED, moment.now + NOT_CONNECTED["reject"].after)
    elif answers_after is not None:
        timer = _timer(leg, PICK_UP, moment.now + answers_after)
    return Change(put=(leg,), timers=(timer,), log=(_event(leg, moment),))


def arrive(leg: Leg, moment: Moment) -> Outcome[Leg]:
    """A person's call has come to the platform, which lets it ring until it knows what to do with it."""
    ringing = _moved(leg, LegEvent.RING)
    return Outcome(Change(put=(ringing,), log=(_event(leg, moment), _event(ringing, moment))), ringing)


def refuse(leg: Leg, moment: Moment) -> Outcome[Leg]:
    """A person's call has come to the platform, which has no use for it."""
    rejected = replace(_moved(leg, LegEvent.REJECT), ended_at=moment.now)
    return Outcome(Change(put=(rejected,), log=(_event(leg, moment), _event(rejected, moment))), rejected)


def ring(leg: Leg, person: Handset, moment: Moment, *, outage: bool = False) -> Outcome[Leg | None]:
    """The phone rings, or can't; None when nothing is new: it is over, or what ends it takes a while to be known.

    Args:
        leg: what is carried.
        person: the phone, and who is behind it.
        moment: now.
        outage: a fault has the network out.
    """
    if not may(MOVES, leg.status, LegEvent.RING):
        return Outcome(Change(), None)
    how = manner(person)
    declines = rejects_after(person) if how is Manner.REJECTS else None
    what = "fail" if outage else _OF_MANNERS.get(how, "") if declines is None else ""
    if what:
        due_at = max(moment.now, leg.created_at + NOT_CONNECTED[what].after)
        return Outcome(Change(timers=(_timer(leg, what, due_at),)), None)
    ringing = _moved(leg, LegEvent.RING)
    timer = _answer(leg, person, how, declines, moment)
    return Outcome(Change(put=(ringing,), timers=(timer,), log=(_event(ringing, moment),)), ringing)


def pick_up(leg: Leg, person: Handset, moment: Moment) -> Outcome[Leg | None]:
    """Somebody answers, or a machine, and the platform says what it has to say; None when it stopped ringing.

    A phone that was switched off, or whose line was taken, while it rang is not answered any more.
    """
    if not may(MOVES, leg.status, LegEvent.PICK_UP):
        return Outcome(Change(), None)
    how = manner(person)
    if how in _OF_MANNERS:
        return not_connected(leg, _OF_MANNERS[how], moment)
    return answer(leg, person, moment, machine=how is Manner.MACHINE)


def answer(leg: Leg, person: Handset, moment: Moment, *, machine: bool = False) -> Outcome[Leg | None]:
    """A leg is answered, by a machine that greets or by somebody who does what they do on the line.

    Args:
        leg: one that can be.
        person: the phone, and who is behind it.
        moment: now.
        machine: it is their machine.
    """
    timers: list[Timer] = []
    at = moment.now
    answered = replace(_moved(leg, LegEvent.PICK_UP), machine=machine, answered_at=moment.now)
    if machine:
        greets = Line(at, Speaker.MACHINE, greeting(person), sound=Sound.SPEECH)
        answered = answered.with_lines(replace(greets, lasts=spoken_for(greets.text)))
        at += spoken_for(greets.text)
        if not leg.script:
            timers.append(_timer(leg, TONE, moment.now + beeps_after(person)))
    else:
        answered = replace(answered, listens=listens(person))
    for speech in leg.script:
        line, lasts = Line(at, Speaker.PLATFORM, speech.text, speech.digits), spoken_for(speech.text)
        answered, ears = speak(answered, line, lasts)
        timers += ears
        at += lasts
    if leg.script:
        timers.append(_timer(leg, HANG_UP, at))
    if not machine:
        answered, then = _then(answered, person, 0, moment.now)
        timers += then
    change = Change(put=(answered,), timers=tuple(timers), log=(_event(answered, moment),))
    return Outcome(change + _followed(leg, moment), answered)


def speak(leg: Leg, line: Line, lasts: int) -> tuple[Leg, tuple[Timer, ...]]:
    """Something is said on a leg: the leg with it, and the timer by which the person has heard it, if they listen.

    Args:
        leg: an answered one.
        line: what is said, and when it begins.
        lasts: microseconds that it takes.
    """
    ears = (replace(_timer(leg, HEARS, line.at + lasts), k=len(leg.transcript)),) if leg.listens else ()
    return leg.with_lines(replace(line, lasts=lasts)), ears


def tone(leg: Leg, moment: Moment) -> Outcome[Leg | None]:
    """A machine beeps, if it is still spoken to. Source: reference voice §9.4 (D)."""
    if leg.status is not LegStatus.ANSWERED:
        return Outcome(Change(), None)
    beep = Line(moment.now, Speaker.MACHINE, BEEPED, sound=Sound.BEEP)
    return Outcome(Change(put=(leg.with_lines(beep),)), None)


def not_connected(leg: Leg, what: str, moment: Moment) -> Outcome[Leg | None]:
    """A call is not connected, for one of the reasons of `NOT_CONNECTED`; None when it is over or answered."""
    end = NOT_CONNECTED[what]
    if not may(MOVES, leg.status, end.event):
        return Outcome(Change(), None)
    return _ended(leg, end.event, end.detail, moment)


def bar(leg: Leg, moment: Moment) -> Outcome[Leg | None]:
    """The platform refuses a call, with the detail that it was placed with; None when it is over already."""
    if not may(MOVES, leg.status, LegEvent.REJECT):
        return Outcome(Change(), None)
    extra = {name: fact for name, fact in leg.extra.items() if name != BARRED}
    return _ended(replace(leg, extra=extra), LegEvent.REJECT, leg.extra[BARRED], moment)


def ring_out(leg: Leg, moment: Moment) -> Outcome[Leg | None]:
    """Nobody answered; None when it does not ring any more."""
    if not may(MOVES, leg.status, LegEvent.RING_OUT):
        return Outcome(Change(), None)
    return _ended(leg, LegEvent.RING_OUT, "", moment)


def cancel(leg: Leg, moment: Moment) -> Outcome[Leg | None]:
    """Whoever calls ends it before it is answered; None when that is too late."""
    if not may(MOVES, leg.status, LegEvent.CANCEL):
        return Outcome(Change(), None)
    return _ended(leg, LegEvent.CANCEL, "", moment)


def give_up(leg: Leg, moment: Moment) -> Outcome[Leg | None]:
    """The platform ends a call to it that it knows nothing to do with; None when that is too late."""
    if not may(MOVES, leg.status, LegEvent.GIVE_UP):
        return Outcome(Change(), None)
    return _ended(leg, LegEvent.GIVE_UP, "", moment, by="platform")


def hang_up(leg: Leg, account: Account, moment: Moment, *, by: str = "platform") -> Outcome[Leg | None]:
    """An answered call ends, and its price is due; None when it is not answered, or over.

    Source: reference voice §3 (R): the balance falls by the price when the leg completes.
    """
    if not may(MOVES, leg.status, LegEvent.HANG_UP):
        return Outcome(Change(), None)
    over = _ended(leg, LegEvent.HANG_UP, "", moment, by=by)
    price = over.answer.price if over.answer else 0
    if not price or account.unlimited:
        return over
    return Outcome(over.change + Change(counters=(Add(account.balance, -price),)), over.answer)


def connect(leg: Leg, there: Leg, moment: Moment) -> Outcome[Leg | None]:
    """A call has come to another leg of this world, which lets it ring for as long as nobody answers it.

    Args:
        leg: an outbound one that looks for its phone.
        there: the inbound leg that it has led to.
        moment: now.
    """
    if there.over:
        return not_connected(leg, "reject", moment)
    ringing = replace(_moved(leg, LegEvent.RING), other=there.id)
    timer = _timer(leg, RING_OUT, moment.now + leg.ringing_s * SECOND)
    return Outcome(Change(put=(ringing,), timers=(timer,), log=(_event(ringing, moment),)), ringing)


def follow(leg: Leg, there: LegStatus, account: Account, moment: Moment) -> Outcome[Leg | None]:
    """A leg follows the one at its other end: it is answered, not connected, or hung up; None when nothing is new.

    Args:
        leg: what follows.
        there: how far the leg at the other end got.
        account: who pays.
        moment: now.

    Doubt: how a caller hears of an application that could not say what to do is not documented; here the number is
    not reached.
    """
    if MOVES[there]:
        answers = there is LegStatus.ANSWERED and leg.status is LegStatus.RINGING
        return answer(leg, Handset(id=leg.to), moment) if answers else Outcome(Change(), None)
    if leg.status is LegStatus.ANSWERED:
        return hang_up(leg, account, moment, by="user")
    if leg.direction is Direction.INBOUND:
        return cancel(leg, moment)
    return not_connected(leg, "not_reached", moment)


class Acted(NamedTuple):
    """What came of what a person did on the line.

    Attributes:
        change: the leg, and the next thing to do.
        leg: as it is by now, where its status is new; None: it is not.
        told: the leg on which keys were pressed or something was said; None: nothing was.
    """

    change: Change
    leg: Leg | None = None
    told: Leg | None = None


def act(leg: Leg, person: Handset, timer: Timer, account: Account, moment: Moment) -> Acted:
    """The person on the line does the next thing that they have to do; nothing when the call is over.

    Args:
        leg: the call.
        person: what they do.
        timer: which step it is, and whether they do what they do instead, since the words for it did not come.
        account: who pays if they hang up.
        moment: now.

    Doubt: after what was done instead of a step, the steps behind it follow.
    """
    k, late = timer.step, timer.k == _LATE
    before = leg
    if leg.status is not LegStatus.ANSWERED or (late and leg.ear != k):
        return Acted(Change())
    step = call_step(person, k)
    if late and step is not None:
        leg, step = replace(leg, ear=-1), step.otherwise or CallStep(Doing.WAIT)
    if step is None:
        return Acted(Change())
    if step.doing is Doing.HANG_UP:
        over = hang_up(leg, account, moment, by="user")
        return Acted(over.change, over.answer)
    lasts, spoke = 0, step.doing in {Doing.PRESS, Doing.SAY}
    after = leg
    if step.doing is Doing.PRESS:
        after, lasts = press(leg, step.text, moment), pressed_for(step.text)
    elif step.doing is Doing.SAY:
        after, lasts = say(leg, step.text, moment), spoken_for(step.text)
    after, timers = _then(after, person, k + 1, moment.now + lasts)
    return Acted(Change(put=() if after is before else (after,), timers=timers), None, after if spoke else None)


def hear(leg: Leg, person: Handset, k: int, moment: Moment) -> Change:
    """The person has heard the ``k``-th line to its end: if they waited for that, they do what they do then.

    Doubt: words that were over before the person began to wait for them are not heard any more, nor are those of a
    line that was broken off.
    """
    line = leg.transcript[k]
    step = call_step(person, leg.ear) if leg.ear >= 0 else None
    if leg.status is not LegStatus.ANSWERED or step is None or line.cut or not Pattern(step.hears).matches(line.text):
        return Change()
    timer = replace(_timer(leg, PERSON, moment.now + (step.after or 0)), step=leg.ear)
    return Change(put=(replace(leg, ear=-1),), timers=(timer,))


def press(leg: Leg, digits: str, moment: Moment) -> Leg:
    """The leg when the person has pressed keys."""
    return leg.with_lines(Line(moment.now, Speaker.PERSON, "", digits, sound=Sound.DTMF, lasts=pressed_for(digits)))


def say(leg: Leg, text: str, moment: Moment) -> Leg:
    """The leg when the person has said something."""
    return leg.with_lines(Line(moment.now, Speaker.PERSON, text, sound=Sound.SPEECH, lasts=spoken_for(text)))


def _answer(leg: Leg, person: Handset, how: Manner, declines: int | None, moment: Moment) -> Timer:
    """What ends the ringing: somebody answers or declines, or it is too late for either."""
    limit = moment.now + leg.ringing_s * SECOND
    if how in {Manner.SILENT, Manner.BY_HAND}:
        return _timer(leg, RING_OUT, limit, deadline=how is Manner.BY_HAND)
    after = picks_up_after(person, leg.ringing_s * SECOND) if declines is None else declines
    due_at = max(moment.now, leg.created_at + after)
    if due_at >= limit:
        return _timer(leg, RING_OUT, limit)
    return _timer(leg, PICK_UP if declines is None else "reject", due_at)


def _then(leg: Leg, person: Handset, k: int, at: int) -> tuple[Leg, tuple[Timer, ...]]:
    """What comes of the ``k``-th thing that the person does, if there is one: it is due, or words are waited for."""
    step: CallStep | None = call_step(person, k)
    if step is None:
        return leg, ()
    timer = replace(_timer(leg, PERSON, at), step=k)
    if not step.hears:
        return leg, (replace(timer, due_at=at + (step.after or 0)),)
    late = () if step.within is None else (replace(timer, due_at=at + step.within, k=_LATE),)
    return replace(leg, ear=k), late


def _followed(leg: Leg, moment: Moment) -> Change:
    """The timer by which the leg at the other end follows, if there is one."""
    if not leg.other:
        return Change()
    return Change(timers=(Timer(due_at=moment.now, owner=OWNER, what=OTHER, subject=leg.other),))


def _ended(leg: Leg, event: LegEvent, detail: str, moment: Moment, *, by: str = "") -> Outcome[Leg | None]:
    over = replace(_moved(leg, event), detail=detail, ended_at=moment.now, ended_by=by)
    return Outcome(Change(put=(over,), log=(_event(over, moment),)) + _followed(leg, moment), over)


def _moved(leg: Leg, event: LegEvent) -> Leg:
    return replace(leg, status=MOVES[leg.status][event])


def _timer(leg: Leg, what: str, due_at: int, *, deadline: bool = False) -> Timer:
    return Timer(due_at=due_at, owner=OWNER, what=what, subject=leg.id, deadline=deadline)


def _event(leg: Leg, moment: Moment) -> Event:
    """The event ``call.<status>``. Source: design §7."""
    return Event(at=moment.now, name=f"call.{leg.status}", about=leg.id, account=leg.account, number=leg.person)
