"""What the network tells of codes on their way, and the timers that it leads to. Pure.

A hook sees no store, so it sets a timer, due now, whose rule loads what it needs.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from fake_nexmo.apis.verify.event_rules import INDEX
from fake_nexmo.apis.verify.model import OWNER, Verification
from fake_nexmo.apis.verify.people_rules import SEEN
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Mischief, Timer
from fake_nexmo.network.carry import Passage

PAID: Final = "paid"
"""The timer by which the price of a call is known."""


def on_message(passage: Passage, _: Account, moment: Moment, __: Mischief | None) -> Change:
    """A message arrived as a whole: its code was seen.

    Doubt: whether receipts of these messages go to the account's webhook is not documented; none is sent.
    """
    if not passage.arrived:
        return Change()
    return _timer(SEEN, passage.message.about, int(passage.message.extra[INDEX]), moment)


def on_leg(leg: Leg, _: Account, moment: Moment) -> Change:
    """A call was answered by a person: its code was heard; or it ended, and has a price."""
    k = int(leg.extra[INDEX])
    if leg.status is LegStatus.ANSWERED and not leg.machine:
        return _timer(SEEN, leg.about, k, moment)
    if leg.status is LegStatus.COMPLETED and leg.price:
        return _timer(PAID, leg.about, k, moment)
    return Change()


def paid(verification: Verification, k: int, leg: Leg | None) -> Change:
    """Write the price of a call to its event; nothing happens when the call is kept no longer.

    Source: reference verify §11 (B): the sum may still change shortly after the end.
    """
    if leg is None:
        return Change()
    sendings = verification.sendings
    priced = replace(sendings[k], price=leg.price)
    return Change(put=(replace(verification, sendings=(*sendings[:k], priced, *sendings[k + 1 :])),))


def _timer(what: str, request_id: str, k: int, moment: Moment) -> Change:
    return Change(timers=(Timer(due_at=moment.now, owner=OWNER, what=what, subject=request_id, k=k),))
