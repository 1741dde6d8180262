"""What the person behind a number does with the code of a verification. Pure.

Each code is typed once, from the first step to the last, however often it is sent; see `handsets.typing`. A person
does not know that a verification has ended, so what is due is typed all the same; the facts of the webhook say which
phase it found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from fake_nexmo.apis.verify.model import OWNER, Verification
from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.forms import Form
from fake_nexmo.core.instant import DAY, SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Delivery, Event, Timer
from fake_nexmo.handsets.typing import CodeStep, wrong_code
from fake_nexmo.network.weather import misled

SEEN: Final = "seen"
"""The timer of a code that has just been seen or heard; its ``k`` is the event that carried it."""
TYPE: Final = "type"
"""The timer of a step of the person's; ``step`` is its number, ``k`` as above."""
SUBMIT: Final = "submit"
"""The kind of webhook that hands a form in."""

# How long it is remembered that a code was typed: longer than any message is under way.
_MEMORY = 30 * DAY


class Sent(Struct, frozen=True, gc=False):
    """The code that an event carried.

    Attributes:
        k: which of the verification's codes it is, from 0.
        expires_at: when it is not valid any more.
    """

    code: str
    k: int
    expires_at: int


def sent(verification: Verification, event: int) -> Sent:
    """The code that the ``event``-th event carried, counted from 0.

    Source: reference verify §9.2 (B): an event makes a new code when the current one is too old, else it repeats it.
    """
    life = verification.expiry_s * SECOND
    made_at, k = verification.sendings[0].at, 0
    for sending in verification.sendings[1 : event + 1]:
        if sending.at >= made_at + life:
            made_at, k = sending.at, k + (not verification.supplied)
    return Sent((verification.codes or (verification.code,))[k], k, made_at + life)


def typed_once(verification: Verification, code: Sent) -> str:
    """The name of the counter of how often a code set its reader off."""
    return f"typed/{verification.id}/{code.k}"


def see(verification: Verification, event: int, steps: Sequence[CodeStep], before: int, moment: Moment) -> Change:
    """The person sees or hears a code; the first step is on its way, unless the code was typed before.

    Args:
        verification: what the code is for.
        event: which of its events carried the code.
        steps: what the person does with codes.
        before: how often this very code set them off already.
        moment: now.
    """
    if not steps or before:
        return Change()
    code = sent(verification, event)
    once = Add(typed_once(verification, code), 1, ceiling=1, until_at=moment.now + _MEMORY)
    return Change(counters=(once,), timers=(_next(verification, event, 0, steps, moment),))


def type_code(
    verification: Verification, timer: Timer, steps: Sequence[CodeStep], form: Form, moment: Moment
) -> Change:
    """The person types a code, and the next step is on its way; without a URL nothing is sent.

    Args:
        verification: what the code is for, whatever has become of it.
        timer: the step that is due, with what a fault does to its webhook.
        steps: what the person does with codes, by now.
        form: the world's form.
        moment: now.
    """
    if timer.step >= len(steps):
        return Change()
    step = steps[timer.step]
    whole = step.form.over(form)
    code = sent(verification, timer.k).code
    wrong = wrong_code(code, verification.codes)
    typed = step.types(whole, code, wrong)
    change = Change(log=(_event(verification, moment),))
    if whole.url:
        said = {"number": verification.number, "code": typed, "wrong_code": wrong}
        change += _submitted(verification, timer, whole.filled(said), typed, moment)
    if timer.step + 1 < len(steps):
        change += Change(timers=(_next(verification, timer.k, timer.step + 1, steps, moment),))
    return change


def _next(verification: Verification, event: int, number: int, steps: Sequence[CodeStep], moment: Moment) -> Timer:
    """The timer of a step. One that waits for the end of a code is a deadline, as that end is."""
    return Timer(
        due_at=steps[number].due_at(moment.now, sent(verification, event).expires_at),
        owner=OWNER,
        what=TYPE,
        subject=verification.id,
        k=event,
        step=number,
        deadline=steps[number].after is None,
    )


def _submitted(verification: Verification, timer: Timer, form: Form, typed: str, moment: Moment) -> Change:
    """One webhook, or as many as a fault repeats it, when and in the order that the fault says."""
    facts: dict[str, Any] = {
        "number": verification.number,
        "code": typed,
        "step": timer.step,
        "phase": verification.phase.value,
        "form": None if form.fields is None else dict(form.fields),
        "json": form.json,
    }
    shuffled = timer.mischief is not None and timer.mischief.shuffled
    delivery = Delivery(
        kind=SUBMIT,
        owner=OWNER,
        account=verification.account,
        about=verification.id,
        # Steps that are shuffled keep no order among themselves either.
        subject=f"{verification.id}/{timer.k}/{timer.step}" if shuffled else verification.id,
        url=form.url,
        method=form.method,
        facts=facts,
        created_at=moment.now,
        due_at=moment.now,
    )
    return Change(deliveries=misled(delivery, timer.mischief, moment))


def _event(verification: Verification, moment: Moment) -> Event:
    return Event(
        at=moment.now,
        name=f"{OWNER}.typed",
        about=verification.id,
        account=verification.account,
        number=verification.number,
    )
