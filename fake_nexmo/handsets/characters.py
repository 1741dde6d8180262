"""The stock characters, and the numbers that have them without being declared.

A character fills what a handset does not say of itself. What it does in calls, with codes and for Number Insight comes
with those APIs.

Source: scenario format, "Stock characters and magic numbers". Error codes of receipts: reference sms §10.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from fake_nexmo.core.instant import HOUR, SECOND
from fake_nexmo.core.moment import Moment, draw
from fake_nexmo.core.records import Crowd, Handset, PartStatus, Reaction, SmsStep, Trouble

_DELIVERED = (Reaction(SECOND, PartStatus.DELIVERED, "0"),)
# The longest that a message lives when its sender does not say. Source: reference sms §5, ttl (B).
_LIFE = 72 * HOUR


class Character(Struct, frozen=True):
    """How a kind of person behaves."""

    receipts: tuple[Reaction, ...] = _DELIVERED
    power: bool = True
    submission: Trouble | None = None
    on_sms: tuple[SmsStep, ...] = ()


CHARACTERS: Mapping[str, Character] = {
    "answers": Character(),
    "busy": Character(),
    "no-answer": Character(),
    "rejects": Character(),
    "voicemail": Character(),
    # Doubt: which err-code goes with an unreachable phone is not said; the reference pairs "failed" with 1.
    "unreachable": Character(receipts=(Reaction(SECOND, PartStatus.FAILED, "1"),)),
    "switched-off": Character(power=False),
    # Doubt: "everything at the edge of its time-out": a receipt comes one second before the message would expire.
    "slow": Character(receipts=(Reaction(_LIFE - SECOND, PartStatus.DELIVERED, "0"),)),
    "ported": Character(),
    "barred": Character(submission=Trouble("number_barred")),
    # Doubt: how the service ends a message to a landline is not said; "Unroutable" is the nearest of its codes.
    "landline": Character(receipts=(Reaction(SECOND, PartStatus.FAILED, "11"),)),
    "wrong-coder": Character(),
    "late-coder": Character(),
    "opt-outer": Character(on_sms=(SmsStep(reply="STOP", once=True),)),
    "parrot": Character(on_sms=(SmsStep(reply="", echo=True),)),
    "flaky": Character(
        receipts=(Reaction(SECOND, PartStatus.FAILED, "1", 1 / 3), Reaction(SECOND, PartStatus.DELIVERED, "0"))
    ),
    "roaming": Character(),
    "throttled": Character(submission=Trouble("throttled", 1, 2)),
    "broke": Character(submission=Trouble("no_credit")),
}

_MAGIC: Mapping[str, str] = {
    "01": "answers",
    "02": "busy",
    "03": "no-answer",
    "04": "rejects",
    "05": "voicemail",
    "06": "unreachable",
    "07": "switched-off",
    "08": "slow",
    "09": "ported",
    "10": "barred",
    "11": "landline",
    "12": "wrong-coder",
    "13": "late-coder",
    "14": "opt-outer",
    "15": "parrot",
    "16": "flaky",
    "17": "roaming",
    "20": "throttled",
    "21": "broke",
}
# The drama numbers of Ofcom and of North America whose last two digits choose a character.
_DRAMA = re.compile(r"4477009000(?!00)\d\d|1\d{3}55501(?!00)\d\d")


def person(number: str, stored: Handset | None, crowds: Sequence[Crowd], moment: Moment) -> Handset:
    """The phone behind a number: as it is stored, else drawn from a crowd, else by magic, else one that answers.

    A drawn one keeps its character when its crowd is sticky; it depends on seed and number then, not on the moment.
    """
    if stored is not None:
        return stored
    if crowds and number.isdigit():
        value = int(number)
        for crowd in crowds:
            if crowd.first <= value <= crowd.last:
                return Handset(id=number, like=_drawn(crowd, number, moment))
    if _DRAMA.fullmatch(number):
        return Handset(id=number, like=_MAGIC.get(number[-2:], "answers"))
    return Handset(id=number)


def _drawn(crowd: Crowd, number: str, moment: Moment) -> str:
    if crowd.sticky:
        die = draw(moment.seed, crowd.name, f"crowd/{number}") / (1 << 128)
    else:
        die = moment.roll(f"crowd/{crowd.name}")
    for like, share in crowd.mix:
        die -= share
        if die < 0:
            return like
    return crowd.mix[-1][0]
