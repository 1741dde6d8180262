"""What the person behind a number does when the phone rings, and while they are on the line. Pure.

What a phone says itself comes first; where it says nothing, its character does, key by key.

Source: scenario format, the keys of a handset, and the steps of ``on_call``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from fake_nexmo.core.instant import SECOND, parse_duration
from fake_nexmo.core.records import Handset
from fake_nexmo.handsets import people

GREETING = "Hello, nobody is here. Please leave a message after the beep."
"""What a machine says where its owner does not say."""

LAST_MOMENT: Final = "last_moment"
"""The word, in place of a duration, for one second before the phone stops ringing."""

# Doubt: how soon people answer is not said, but of the stock characters; here as those.
_PICK_UP = 2 * SECOND
# Source: reference voice §9.4 (D).
_BEEP: Final = 4 * SECOND


class Manner(StrEnum):
    """How a call to a phone goes."""

    ANSWERS = "answers"
    BY_HAND = "by_hand"
    MACHINE = "machine"
    BUSY = "busy"
    REJECTS = "rejects"
    SILENT = "silent"
    UNREACHABLE = "unreachable"


class Doing(StrEnum):
    """What a person does on the line."""

    ANSWER = "answer"
    REJECT = "reject"
    PRESS = "press"
    SAY = "say"
    HANG_UP = "hang_up"
    WAIT = "wait"


class CallStep(Struct, frozen=True, gc=False):
    """One step of what a person does in a call.

    Attributes:
        after: microseconds since the step before, or since the phone was called; None: it was not said.
        late: a call is answered a second before the phone stops ringing.
        text: the keys pressed, or the words said.
        hears: the pattern of the words that it waits for; empty: for none.
        within: microseconds for which it waits for them; None: as long as the call lasts.
        otherwise: what is done instead when they did not come; None: nothing.
    """

    doing: Doing
    after: int | None = None
    text: str = ""
    hears: str = ""
    within: int | None = None
    otherwise: CallStep | None = None
    late: bool = False


_OF_LINES: Mapping[str, Manner] = {
    "busy": Manner.BUSY,
    "silent": Manner.SILENT,
    "unreachable": Manner.UNREACHABLE,
}
_OF_STEPS: Mapping[Doing, Manner] = {Doing.ANSWER: Manner.ANSWERS, Doing.REJECT: Manner.REJECTS}


def manner(person: Handset) -> Manner:
    """How a call to the phone goes: by its power, then by what it says, then by what its character says.

    Doubt: what a step of ``on_call`` says of answering counts before the character, but not when it is to be answered
    by hand or by a machine.
    """
    if not people.is_on(person):
        return Manner.UNREACHABLE
    return _manner(person.rest) or _manner(person.character.rest) or Manner.ANSWERS


def _manner(said: Mapping[str, Any]) -> Manner | None:
    """How a call goes: by the line, then by who answers; None: it is not said."""
    line = said.get("line", "")
    if line in _OF_LINES:
        return _OF_LINES[line]
    if said.get("answers") == Manner.BY_HAND:
        return Manner.BY_HAND
    if "machine" in said:
        return Manner.MACHINE
    opening = _opening(said)
    if opening is not None:
        return _OF_STEPS[opening.doing]
    return Manner.ANSWERS if line == "free" else None


def picks_up_after(person: Handset, ringing: int) -> int:
    """Microseconds from the call's start until somebody, or a machine, answers.

    Who does not say when, answers in time.

    Args:
        person: who is called.
        ringing: how long it may ring, in microseconds.
    """
    own = _opening(person.rest) if manner(person) is Manner.ANSWERS else None
    for opening in (own, _opening(person.character.rest)):
        if opening is None or opening.doing is not Doing.ANSWER:
            continue
        if opening.late:
            return max(ringing - SECOND, 0)
        if opening.after is not None:
            return opening.after
    return min(_PICK_UP, ringing)


def rejects_after(person: Handset) -> int | None:
    """Microseconds from the call's start until somebody lets it ring no longer and declines; None: it never rings."""
    opening = _opening(person.rest) or _opening(person.character.rest)
    return opening.after if opening is not None and opening.doing is Doing.REJECT else None


def greeting(person: Handset) -> str:
    """What the phone's machine says first."""
    return str(_of_machine(person, "greeting") or GREETING)


def beeps_after(person: Handset) -> int:
    """Microseconds from the answer until the phone's machine beeps. Source: reference voice §9.4 (D)."""
    said = _span(_of_machine(person, "beep_after"))
    return _BEEP if said is None else said


def _of_machine(person: Handset, word: str) -> Any:
    """What is said of the phone's machine; None: nothing."""
    machines = (person.rest.get("machine"), person.character.rest.get("machine"))
    return next((each[word] for each in machines if isinstance(each, Mapping) and each.get(word) is not None), None)


def call_step(person: Handset, k: int) -> CallStep | None:
    """The ``k``-th thing that the person does once the call is answered, from 0; None: nothing more."""
    steps = _on_line(person)
    return steps[k] if k < len(steps) else None


def listens(person: Handset) -> bool:
    """Whether anything that the person does waits for words."""
    return any(step.hears for step in _on_line(person))


def _on_line(person: Handset) -> tuple[CallStep, ...]:
    """The steps once the call is answered."""
    steps = _steps(person.rest if "on_call" in person.rest else person.character.rest)
    return steps[1:] if steps and steps[0].doing in _OF_STEPS else steps


def _opening(said: Mapping[str, Any]) -> CallStep | None:
    """The step that says whether and when the phone is answered, if the first one does."""
    steps = _steps(said)
    return steps[0] if steps and steps[0].doing in _OF_STEPS else None


def _steps(said: Mapping[str, Any]) -> tuple[CallStep, ...]:
    """The steps up to the first that cannot be carried out."""
    steps: list[CallStep] = []
    for each in said.get("on_call") or ():
        step = _step(each)
        if step is None:
            break
        steps.append(step)
    return tuple(steps)


def _step(said: Mapping[str, Any]) -> CallStep | None:
    doing = next((each for each in Doing if each in said), None)
    if doing is None:
        return None
    what = said[doing]
    within = what if isinstance(what, Mapping) else {}
    delay = said.get("after", within.get("after"))
    after = _span(delay)
    if doing is Doing.WAIT:
        after = (after or 0) + (_span(what) or 0)
    text = str(what) if doing in {Doing.PRESS, Doing.SAY} else ""
    otherwise = said.get("else")
    return CallStep(
        doing,
        after,
        text,
        str(said.get("when_heard") or ""),
        _span(said.get("within")),
        _step({otherwise: True} if isinstance(otherwise, str) else otherwise) if otherwise else None,
        late=delay == LAST_MOMENT,
    )


def _span(said: Any) -> int | None:
    """A duration as a scenario spells it; None: it is none."""
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    try:
        return parse_duration(said)
    except ValueError:
        return None
