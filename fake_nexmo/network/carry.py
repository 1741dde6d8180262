"""Carrying a message to a person and back: the network between an account and a phone. Pure.

Whoever calls has found the phone (`handsets.characters.person`) and loaded what a rule asks for. What the network tells
the owner of a message is a `Passage`; what the owner makes of it is its own affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.change import Add, Change, Outcome, Set
from fake_nexmo.core.instant import HOUR
from fake_nexmo.core.machine import Table, may
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import (
    Direction,
    Event,
    Handset,
    Message,
    Mischief,
    Number,
    Part,
    PartStatus,
    Reaction,
    Timer,
    Waiting,
)
from fake_nexmo.handsets import people
from fake_nexmo.network.segments import delivered_text, delivered_unicode, is_gsm, split_text, split_unicode

OWNER = "network"
RECEIPT = "receipt"
"""The timer that carries what the phone did with a part back to the account."""
EXPIRY = "expiry"
"""The timer that ends a part which waited too long."""
REPLY = "reply"
"""The timer that carries what a person answers to an SMS."""

# Source: reference sms §5, ttl (B): how long a message lives when its sender does not say.
LIFE = 72 * HOUR

_FINAL = (PartStatus.DELIVERED, PartStatus.FAILED, PartStatus.REJECTED, PartStatus.EXPIRED, PartStatus.UNKNOWN)

# Source: reference sms §10.1 (B): the allowed paths of a part.
MOVES: Table[PartStatus, PartStatus] = {
    PartStatus.SUBMITTED: {to: to for to in (PartStatus.ACCEPTED, PartStatus.BUFFERED, *_FINAL)},
    PartStatus.ACCEPTED: {to: to for to in (PartStatus.DELIVERED, PartStatus.FAILED, PartStatus.EXPIRED)},
    PartStatus.BUFFERED: {to: to for to in (PartStatus.DELIVERED, PartStatus.EXPIRED, PartStatus.FAILED)},
    # What is final stays.
    PartStatus.DELIVERED: {},
    PartStatus.FAILED: {},
    PartStatus.REJECTED: {},
    PartStatus.EXPIRED: {},
    PartStatus.UNKNOWN: {},
}

# Source: reference sms §10.2 (D): the code that goes with ``expired``.
_EXPIRED = Reaction(0, PartStatus.EXPIRED, "2")
# Source: the same: 0 goes with ``buffered``.
_BUFFERED = Reaction(0, PartStatus.BUFFERED, "0")

# The step of a timer that was set because the phone was switched on: whichever comes next for the part as it is.
_ANY_STEP = -1


class Passage(Struct, frozen=True, gc=False):
    """A part of a message reached a new status.

    Attributes:
        message: as it is now.
        k: the number of the part, from 0.
        arrived: with this part the whole message arrived at the phone.
    """

    message: Message
    k: int
    arrived: bool = False


def submit(
    message: Message,
    person: Handset,
    moment: Moment,
    mischief: Mischief | None = None,
    charges: tuple[Add | Set, ...] = (),
) -> Change:
    """Hand a message to the network: it is stored and charged, and each part's fate is set on the clock."""
    return Change(
        put=(message,),
        counters=charges,
        timers=tuple([_next_step(message, k, 0, person, moment, mischief) for k in range(len(message.parts))]),
        log=(_event("message.submitted", message, message.to, moment),),
    )


def receipt(
    message: Message, timer: Timer, person: Handset, outage: Reaction | None, expiry: Timer | None, moment: Moment
) -> Outcome[Passage | None]:
    """Carry back what the network or the phone did with a part; None when nothing moved.

    Args:
        message: what is carried.
        timer: the step that is due, with the part's number.
        person: the phone; one that is off lets the part wait.
        outage: what the network says instead while a fault has it out.
        expiry: the timer that would end the part while it waits; dropped when the part ends before.
        moment: now.
    """
    k, status = timer.k, message.parts[timer.k].status
    if status in _FINAL:
        return Outcome(Change(), None)
    if outage is None and not people.is_on(person):
        return _wait(message, timer, person, expiry, moment)
    step = timer.step if outage is not None else _due_step(message, timer, person, moment)
    reaction = outage or (None if step is None else people.reactions(person)[step])
    if step is None or reaction is None or not may(MOVES, status, reaction.status):
        return Outcome(_onward(message, timer, step, person, expiry, moment), None)
    now = _moved(message, k, reaction, moment)
    arrived = now.status is PartStatus.DELIVERED
    change = Change(put=(now,), log=_told(now, moment))
    if reaction.status not in _FINAL:
        change += _onward(now, timer, step, person, expiry, moment)
    elif expiry is not None:
        change += Change(drop=(expiry,))
    if arrived:
        change += _answered(now, person, moment)
    return Outcome(change, Passage(now, k, arrived))


def expire(message: Message, timer: Timer, person: Handset, moment: Moment) -> Outcome[Passage | None]:
    """End a part that waited too long; None when it ended before."""
    if not may(MOVES, message.parts[timer.k].status, PartStatus.EXPIRED):
        return Outcome(Change(), None)
    now = _moved(message, timer.k, _EXPIRED, moment)
    change = Change(put=(now,), log=_told(now, moment))
    left = tuple(each for each in person.waiting if each != Waiting(message.id, timer.k))
    if left != person.waiting:
        change += Change(put=(replace(person, waiting=left),))
    return Outcome(change, Passage(now, timer.k))


def power(person: Handset, *, on: bool, moment: Moment) -> Change:
    """Switch a phone on or off; what waited for it is on its way the moment it is on."""
    return declare(replace(person, power=on), moment)


def declare(person: Handset, moment: Moment) -> Change:
    """Store a phone as it is from now on; if it is on, what waited for it is on its way."""
    if not people.is_on(person):
        return Change(put=(person,))
    timers = tuple(
        Timer(due_at=moment.now, owner=OWNER, what=RECEIPT, subject=each.message, k=each.k, step=_ANY_STEP)
        for each in person.waiting
    )
    return Change(put=(replace(person, waiting=()),), timers=timers)


def arrive(
    sender: str, number: Number, owner: str, text: str, moment: Moment, *, network: str, extra: Mapping[str, Any]
) -> Outcome[Message]:
    """A message from a person arrives at an owned number, cut into parts as the phone sends them.

    A text is ``unicode`` when it has a character outside GSM 7-bit; ``extra`` with a ``body`` makes it ``binary``.

    Source: reference sms §11 (A, B).
    """
    kind = "binary" if "body" in extra else "text" if is_gsm(text) else "unicode"
    count = 1 if kind == "binary" else len(split_text(text) if kind == "text" else split_unicode(text))
    facts = dict(extra)
    if count > 1:
        facts["concat_ref"] = 1 + int(moment.roll("concat") * 255)
    message = Message(
        id=moment.message_id(0),
        owner=owner,
        account=number.account,
        direction=Direction.INBOUND,
        sender=sender,
        to=number.id,
        type=kind,
        text=text,
        parts=tuple(
            Part(id=moment.message_id(k), status=PartStatus.DELIVERED, err_code="0", status_at=moment.now)
            for k in range(count)
        ),
        network=network,
        price=0,
        submitted_at=moment.now,
        extra=facts,
    )
    return Outcome(Change(put=(message,), log=(_event("message.received", message, sender, moment),)), message)


def reply(message: Message, timer: Timer, person: Handset) -> Outcome[str | None]:
    """What the person answers to a message that arrived; None when nothing any more."""
    step = people.sms_step(person, timer.step)
    if step is None or step.reply is None or (step.once and timer.step in person.replied):
        return Outcome(Change(), None)
    change = Change()
    if step.once:
        change = Change(put=(replace(person, replied=(*person.replied, timer.step)),))
    return Outcome(change, seen_text(message) if step.echo else step.reply)


def seen_text(message: Message) -> str:
    """The text of a message as it is seen where it arrives. Source: reference sms §8.1 (B, D)."""
    return delivered_unicode(message.text) if message.type == "unicode" else delivered_text(message.text)


def completes(message: Message, k: int) -> bool:
    """Whether the message has arrived as a whole once its part ``k`` has."""
    others = (part.status for at, part in enumerate(message.parts) if at != k)
    here = may(MOVES, message.parts[k].status, PartStatus.DELIVERED)
    return here and all(status is PartStatus.DELIVERED for status in others)


def expiry_id(message: Message, k: int) -> str:
    """The id of the timer that ends a part which waits."""
    return f"{EXPIRY}/{message.id}/{k}"


def expires_at(message: Message) -> int:
    """When a message that did not arrive is given up. Source: reference sms §5, ttl (B)."""
    return message.submitted_at + (LIFE if message.ttl_ms is None else message.ttl_ms * 1000)


def _next_step(
    message: Message, k: int, start: int, person: Handset, moment: Moment, mischief: Mischief | None
) -> Timer:
    """The timer of the next thing that happens to a part: a step of the phone's, or the end of its life before that.

    Source: reference sms §10.1: what is still pending after its ttl expires.
    """
    step = people.taken_step(person, start, k, moment)
    if step is None:
        return _expiry(message, k, mischief)
    due_at = moment.now + people.reactions(person)[step].after
    if mischief is not None and mischief.before_response and start == 0:
        due_at = moment.now
    if due_at > expires_at(message):
        return _expiry(message, k, mischief)
    return Timer(due_at=due_at, owner=OWNER, what=RECEIPT, subject=message.id, k=k, step=step, mischief=mischief)


def _expiry(message: Message, k: int, mischief: Mischief | None) -> Timer:
    return Timer(
        id=expiry_id(message, k),
        due_at=expires_at(message),
        owner=OWNER,
        what=EXPIRY,
        subject=message.id,
        k=k,
        mischief=mischief,
        deadline=True,
    )


def _wait(
    message: Message, timer: Timer, person: Handset, expiry: Timer | None, moment: Moment
) -> Outcome[Passage | None]:
    """A part waits for a phone that is off; the account is told once that it is buffered."""
    k = timer.k
    waiting = Waiting(message.id, k)
    if waiting in person.waiting:
        return Outcome(Change(), None)
    change = Change(put=(replace(person, waiting=(*person.waiting, waiting)),))
    if expiry is None:
        change += Change(timers=(_expiry(message, k, timer.mischief),))
    if not may(MOVES, message.parts[k].status, PartStatus.BUFFERED):
        return Outcome(change, None)
    now = _moved(message, k, _BUFFERED, moment)
    return Outcome(change + Change(put=(now,)), Passage(now, k))


def _due_step(message: Message, timer: Timer, person: Handset, moment: Moment) -> int | None:
    """The step that is due: the timer's own.

    A phone that was switched on, or that behaves otherwise by now, is at the first step that is still possible and
    that its dice take.
    """
    known = people.reactions(person)
    if 0 <= timer.step < len(known):
        return timer.step
    step = people.taken_step(person, 0, timer.k, moment)
    while step is not None and not may(MOVES, message.parts[timer.k].status, known[step].status):
        step = people.taken_step(person, step + 1, timer.k, moment)
    return step


def _onward(
    message: Message, timer: Timer, step: int | None, person: Handset, expiry: Timer | None, moment: Moment
) -> Change:
    """What follows a step that is not the end of a part: the next one, or its expiry; nothing when that is set."""
    following = _expiry(message, timer.k, timer.mischief)
    if step is not None:
        following = _next_step(message, timer.k, step + 1, person, moment, timer.mischief)
    if expiry is not None and following.what == EXPIRY:
        return Change()
    return Change(timers=(following,))


def _moved(message: Message, k: int, reaction: Reaction, moment: Moment) -> Message:
    moved = Part(id=message.parts[k].id, status=reaction.status, err_code=reaction.err_code, status_at=moment.now)
    return replace(message, parts=(*message.parts[:k], moved, *message.parts[k + 1 :]))


def _answered(message: Message, person: Handset, moment: Moment) -> Change:
    """The timer of the person's answer, if there is one."""
    number = people.reply_to(person, seen_text(message))
    step = None if number is None else people.sms_step(person, number)
    if number is None or step is None:
        return Change()
    due_at = moment.now + step.after
    return Change(timers=(Timer(due_at=due_at, owner=OWNER, what=REPLY, subject=message.id, step=number),))


def _told(message: Message, moment: Moment) -> tuple[Event, ...]:
    """An event when the whole message is delivered, or has ended otherwise, by this part."""
    statuses = {part.status for part in message.parts}
    if not statuses <= set(_FINAL):
        return ()
    name = "message.delivered" if statuses == {PartStatus.DELIVERED} else "message.failed"
    return (_event(name, message, message.to, moment),)


def _event(name: str, message: Message, number: str, moment: Moment) -> Event:
    return Event(at=moment.now, name=name, about=message.id, account=message.account, number=number)
