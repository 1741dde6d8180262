"""What the person behind a number does next. Until handsets are declared, everyone behaves like ``answers``."""

from __future__ import annotations

from msgspec import Struct

from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.records import Handset, PartStatus


class Reaction(Struct, frozen=True, gc=False):
    """What becomes of a message part, and how long after its submission.

    Attributes:
        after: microseconds on the world's clock.
        err_code: the reason in the receipt; "0" is none.
    """

    after: int
    status: PartStatus
    err_code: str


# Source: scenario format, stock characters: receipt delivered after 1 s; reference sms §10.1 (B for "normally one
# final receipt", D for the second).
_ANSWERS = Reaction(SECOND, PartStatus.DELIVERED, "0")


def on_message(handset: Handset | None) -> Reaction:
    """What the phone does with a message part; None is a number that nobody declared."""
    assert handset is None or handset.like == "answers", "no other character is made yet"
    return _ANSWERS
