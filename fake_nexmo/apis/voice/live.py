"""Calls that are not over, loaded with whom they concern."""

from __future__ import annotations

from msgspec import Struct

from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.records import Account, Timer
from fake_nexmo.store.protocol import View


class Live(Struct, frozen=True, gc=False):
    """A call that is not over, with whom it concerns."""

    call: Call
    leg: Leg
    account: Account


async def load(view: View, leg_id: str) -> Live | None:
    """A call that is not over; None: it is, or it is not kept any more."""
    call, leg = await view.get(Call, leg_id), await view.get(Leg, leg_id)
    if call is None or leg is None or leg.over:
        return None
    account = await view.get(Account, leg.account)
    assert account is not None, "a leg belongs to an account of its world"
    return Live(call, leg, account)


async def awaited(view: View, timer: Timer) -> Live | None:
    """The answered call whose running action waits for a timer; None: it is over, or waits for something else."""
    live = await on_line(view, timer)
    return live if live is not None and live.call.waits == timer.step else None


async def on_line(view: View, timer: Timer) -> Live | None:
    """The answered call that a timer is about; None: it is over."""
    live = await load(view, timer.subject)
    return live if live is not None and live.leg.status is LegStatus.ANSWERED else None
