"""The stock characters, and the numbers that have them without being declared.

A character fills what a handset does not say of itself. What it says to a look-up is in `lookup`; what it does in
calls and with codes comes with those APIs.

Source: scenario format, "Stock characters and magic numbers". Error codes of receipts: reference sms §10.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.instant import HOUR, SECOND
from fake_nexmo.core.moment import Moment, draw
from fake_nexmo.core.records import Crowd, Handset, PartStatus, Reaction, SmsStep, Trouble
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.numbering.tables import tables

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
    # Its network is another than that of its digits: see `person`.
    "ported": Character(),
    "barred": Character(submission=Trouble("number_barred")),
    # Doubt: how the service ends a message to a landline is not said; "Unroutable" is the nearest of its codes.
    "landline": Character(receipts=(Reaction(SECOND, PartStatus.FAILED, "11"),)),
    "wrong-coder": Character(),
    "late-coder": Character(),
    # Doubt: how soon a person answers is not said; here after one second.
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
_DRAMA = re.compile(r"4477009000(?!00)[0-9]{2}|1[0-9]{3}55501(?!00)[0-9]{2}")


def person(number: str, stored: Handset | None, crowds: Sequence[Crowd], moment: Moment, about: str = "") -> Handset:
    """The phone behind a number: as it is stored, else drawn from a crowd, else by magic, else one that answers.

    A drawn one keeps its character when its crowd is sticky; it depends on seed and number then, not on the moment.
    Else it is drawn for each message: ``about`` is its id, or empty while the message is being made in this moment.
    Doubt: with ids in the form of UUIDs the draw at the submission and the one for the receipts are two.
    """
    if stored is not None:
        phone = stored
    elif crowds:
        phone = Handset(id=number, like=_character(number, crowds, moment, about))
    else:
        phone = _undeclared(number)
    if phone.like == "ported" and not phone.network:
        return replace(phone, network=other_network(moment.seed, number))
    return phone


def is_stock(number: str) -> bool:
    """Whether a number's last two digits choose a character."""
    return _DRAMA.fullmatch(number) is not None and number[-2:] in _MAGIC


def _character(number: str, crowds: Sequence[Crowd], moment: Moment, about: str) -> str:
    if crowds and number.isdigit():
        value = int(number)
        for crowd in crowds:
            if crowd.first <= value <= crowd.last:
                return _drawn(crowd, number, moment.seed, about or moment.message_id())
    return _undeclared(number).like


@lru_cache(maxsize=16_384)
def _undeclared(number: str) -> Handset:
    """Who is behind a number that nobody declared."""
    return Handset(id=number, like=_MAGIC.get(number[-2:], "answers") if _DRAMA.fullmatch(number) else "answers")


def _drawn(crowd: Crowd, number: str, seed: int, about: str) -> str:
    purpose = f"crowd/{number}" if crowd.sticky else f"crowd/{number}/{about}"
    die = draw(seed, crowd.name, purpose) / (1 << 128)
    for like, share in crowd.mix:
        die -= share
        if die < 0:
            return like
    return crowd.mix[-1][0]


@lru_cache(maxsize=1024)
def other_network(seed: int, number: str) -> str:
    """A mobile network of the number's country that is not its own, by seed; empty where none is known."""
    here = look_up(number)
    listed = tables().countries.get(here.country) if here else None
    if here is None or listed is None:
        return ""
    others = [each.code for each in listed.networks if each.mcc and here.network not in (each.code, *each.aliases)]
    return others[draw(seed, number, "ported") % len(others)] if others else ""
