"""Carrying a message to a person and back: the network between an account and a phone. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.machine import Table, may
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Event, Handset, Message, Part, PartStatus, Timer
from fake_nexmo.handsets import people

RECEIPT = "receipt"
"""The timer that carries what the phone did with a part back to the account."""

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

_EVENTS = {PartStatus.DELIVERED: "message.delivered"}


def submit(message: Message, handset: Handset | None, moment: Moment) -> Change:
    """Hand a message to the network: it is stored, and each part's fate is set on the clock."""
    reaction = people.on_message(handset)
    return Change(
        put=(message,),
        timers=tuple(
            Timer(due_at=moment.now + reaction.after, owner="network", what=RECEIPT, subject=message.id, k=k)
            for k in range(len(message.parts))
        ),
        log=(
            Event(
                at=moment.now,
                name="message.submitted",
                about=message.id,
                account=message.account,
                number=message.to,
            ),
        ),
    )


def receipt(message: Message, k: int, handset: Handset | None, moment: Moment) -> Outcome[Message | None]:
    """Carry back what the phone did with a part; the message as it is now, or None when nothing moved.

    A part that is final stays as it is.
    """
    part = message.parts[k]
    reaction = people.on_message(handset)
    if not may(MOVES, part.status, reaction.status):
        return Outcome(Change(), None)
    moved = Part(id=part.id, status=reaction.status, err_code=reaction.err_code, status_at=moment.now)
    now = replace(message, parts=(*message.parts[:k], moved, *message.parts[k + 1 :]))
    return Outcome(Change(put=(now,), log=_told(now, moment)), now)


def _told(message: Message, moment: Moment) -> tuple[Event, ...]:
    """An event when the whole message is delivered, or has failed, by this part."""
    name = _EVENTS.get(message.status, "message.failed") if message.status in _FINAL else ""
    if not name:
        return ()
    return (Event(at=moment.now, name=name, about=message.id, account=message.account, number=message.to),)
