"""What the person behind a number does with a code that was seen or heard: types it somewhere. Pure.

A code that is seen sets off the person's steps once, from the first to the last; one that is sent again sets off
nothing new, another code sets them off anew.
Doubt: whether the same code seen twice is typed twice is not said; who has typed it once has done what there is to do.

Source: scenario format, the keys of a handset, and the steps of ``on_code``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Struct

from fake_nexmo.core.forms import Form, read_form
from fake_nexmo.core.instant import SECOND, parse_duration
from fake_nexmo.core.records import Handset

EXPIRED: Final = "expired"
"""The word, in place of a duration, for one second past the code's expiry."""

# Doubt: how fast people type is not said; here as fast as they answer an SMS.
_AFTER = SECOND


class CodeStep(Struct, frozen=True, gc=False):
    """One code that a person types.

    Attributes:
        form: where it goes; what it does not say is said by the world's form.
        after: microseconds since the code was seen, or since the step before; None: one second past its expiry.
        wrong: a wrong code is typed wherever the form asks for the code.
    """

    form: Form = Form()
    after: int | None = _AFTER
    wrong: bool = False

    def due_at(self, now: int, expires_at: int) -> int:
        """When it is typed, if what it comes after was at ``now``."""
        return max(now, expires_at + SECOND) if self.after is None else now + self.after

    def types(self, form: Form, code: str, wrong: str) -> str:
        """Which of the two codes is typed into a form; the right one where the form asks for both."""
        return wrong if self.wrong or form.names() & {"code", "wrong_code"} == {"wrong_code"} else code


def code_steps(person: Handset) -> Sequence[CodeStep]:
    """What the person does with a code, in order: as the handset says, else as its character has it."""
    said = person.rest.get("on_code")
    if said is None:
        said = person.character.rest.get("on_code")
    return _read(msgspec.json.encode(said)) if said else ()


def code_of(person: Handset) -> str:
    """The code that every verification of the phone has, as it or its character says; empty: they are drawn."""
    return str(person.rest.get("code") or person.character.rest.get("code") or "")


def wrong_code(code: str, codes: Collection[str]) -> str:
    """A code of the same length that is none of those; always the same one."""
    size = 10 ** len(code)
    first = int(code) if code.isascii() and code.isdigit() else 0
    candidates = (f"{(first + k) % size:0{len(code)}d}" for k in range(1, len(codes) + 2))
    return next(each for each in candidates if each not in codes)


@lru_cache(maxsize=1024)
def _read(said: bytes) -> tuple[CodeStep, ...]:
    """The steps of a handset; they were looked through when it was declared."""
    return tuple(
        CodeStep(
            form=read_form(each["submit"]),
            after=_AFTER if each.get("after") is None else _span(each["after"]),
            wrong=each.get("wrong", False),
        )
        for each in msgspec.json.decode(said)
    )


def _span(after: str | float) -> int | None:
    return None if after == EXPIRED else parse_duration(after)
