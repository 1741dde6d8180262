"""What the person behind a number does next. Pure.

A handset says what it says; its character fills the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.pattern import Pattern
from fake_nexmo.core.records import ORDINARY, Handset, PartStatus, Reaction, SmsStep, Trouble

# What becomes of a message where nobody says anything; as a scenario's ``receipts: {}`` has it.
_AS_EVER = (Reaction(SECOND, PartStatus.DELIVERED, "0"),)


def is_on(person: Handset) -> bool:
    """Whether the phone is switched on."""
    on = person.character.power if person.power is None else person.power
    return on is not False


def is_ordinary(person: Handset) -> bool:
    """Whether a submission to the phone goes as one to a number that has nobody behind it."""
    mine = person.character
    if person.like != ORDINARY or mine.submission is not None or mine.network or mine.power is False:
        return False
    return mine.receipts in ((), _AS_EVER) and not mine.rest.get("ported")


def reactions(person: Handset) -> Sequence[Reaction]:
    """What becomes of a message part, step by step."""
    return person.receipts or person.character.receipts or _AS_EVER


def trouble(person: Handset, before: int) -> str | None:
    """What a submission is refused with, when ``before`` submissions were made to the phone; None: nothing."""
    found = submission(person)
    if found is None:
        return None
    nth = before + 1
    hit = nth >= found.first and (found.last is None or nth <= found.last)
    return found.answer if hit else None


def submissions_to(number: str) -> str:
    """The name of the counter of submissions to a phone that refuses some of them."""
    return f"submissions/{number}"


def submitted(person: Handset, before: int) -> Change:
    """Count a submission to a phone that refuses some of them, after ``before`` others; nothing for any other phone.

    As long as the count decides, it is guarded: of submissions made at one time each is another one of them.
    """
    found = submission(person)
    if found is None:
        return Change()
    nth = before + 1
    decides = nth < found.first or (found.last is not None and nth <= found.last)
    guard = nth if decides else None
    return Change(counters=(Add(submissions_to(person.id), 1, floor=guard, ceiling=guard),))


def submission(person: Handset) -> Trouble | None:
    """What submissions to the phone are refused with, now or later; None: they never are."""
    return person.submission if person.submission is not None else person.character.submission


def taken_step(person: Handset, start: int, k: int, moment: Moment) -> int | None:
    """The number of the first step from ``start`` on that the dice take for part ``k``; None: no further one."""
    for number, reaction in enumerate(reactions(person)):
        if number >= start and (reaction.share >= 1 or moment.roll(f"receipt/{number}", k) < reaction.share):
            return number
    return None


def reply_to(person: Handset, text: str) -> int | None:
    """The number of the step that answers an SMS: the first whose text fits; None: the person does nothing."""
    for number, step in enumerate(sms_steps(person)):
        if (step.once and number in person.replied) or (step.if_text and not Pattern(step.if_text).matches(text)):
            continue
        return None if step.reply is None else number
    return None


def sms_step(person: Handset, number: int) -> SmsStep | None:
    """A step by its number; None: the person does not have it any more."""
    steps = sms_steps(person)
    return steps[number] if number < len(steps) else None


def sms_steps(person: Handset) -> Sequence[SmsStep]:
    """What the person does when messages arrive."""
    return person.on_sms if person.on_sms is not None else person.character.on_sms or ()
