"""What the person behind a number does next. Pure.

A handset says what it says; its character fills the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from fake_nexmo.core.moment import Moment
from fake_nexmo.core.pattern import Pattern
from fake_nexmo.core.records import Handset, Reaction, SmsStep, Trouble
from fake_nexmo.handsets.characters import CHARACTERS, Character


def is_on(person: Handset) -> bool:
    """Whether the phone is switched on."""
    return _character(person).power if person.power is None else person.power


def reactions(person: Handset) -> Sequence[Reaction]:
    """What becomes of a message part, step by step."""
    return person.receipts or _character(person).receipts


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


def submission(person: Handset) -> Trouble | None:
    """What submissions to the phone are refused with, now or later; None: they never are."""
    return person.submission if person.submission is not None else _character(person).submission


def taken_step(person: Handset, start: int, k: int, moment: Moment) -> int | None:
    """The number of the first step from ``start`` on that the dice take for part ``k``; None: no further one."""
    for number, reaction in enumerate(reactions(person)):
        if number >= start and (reaction.share >= 1 or moment.roll(f"receipt/{number}", k) < reaction.share):
            return number
    return None


def reply_to(person: Handset, text: str) -> int | None:
    """The number of the step that answers an SMS: the first whose text fits; None: the person does nothing."""
    for number, step in enumerate(_sms_steps(person)):
        if (step.once and number in person.replied) or (step.if_text and not Pattern(step.if_text).matches(text)):
            continue
        return None if step.reply is None else number
    return None


def sms_step(person: Handset, number: int) -> SmsStep | None:
    """A step by its number; None: the person does not have it any more."""
    steps = _sms_steps(person)
    return steps[number] if number < len(steps) else None


def _sms_steps(person: Handset) -> Sequence[SmsStep]:
    return person.on_sms if person.on_sms is not None else _character(person).on_sms


def _character(person: Handset) -> Character:
    return CHARACTERS[person.like]
