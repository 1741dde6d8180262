"""The timers of the Verify API: the next event, the end of a verification, the price of a call."""

from __future__ import annotations

from fake_nexmo.apis.verify import check_rules, control_rules, hook_rules
from fake_nexmo.apis.verify.loading import load_account, load_party
from fake_nexmo.apis.verify.model import Verification
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Timer, World
from fake_nexmo.core.settings import value
from fake_nexmo.store.protocol import View


async def event(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    """The next event falls due. Source: reference verify §9.1 (B)."""
    verification = await _verification(view, timer)
    world = await view.get(World, "world")
    assert world is not None, "every world has its facts"
    account = await load_account(view, verification.account)
    party = await load_party(view, world, account, verification.number, moment)
    uuids = value(world.settings, "message_ids") == "uuid"
    return Outcome(control_rules.due(verification, party, moment, uuids=uuids), None)


async def expiry(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    """Nobody finished the verification. Source: reference verify §9.2 (B, D)."""
    return Outcome(check_rules.expire(await _verification(view, timer), moment), None)


async def paid(view: View, timer: Timer, moment: Moment) -> Outcome[None]:  # noqa: ARG001 - a timer is handed all three
    """A call ended, and its price is known; nothing happens when the verification is kept no longer.

    Source: reference verify §11 (B).
    """
    verification = await view.get(Verification, timer.subject)
    if verification is None:
        return Outcome(Change(), None)
    leg = await view.get(Leg, verification.sendings[timer.k].id)
    return Outcome(hook_rules.paid(verification, timer.k, leg), None)


async def _verification(view: View, timer: Timer) -> Verification:
    found = await view.get(Verification, timer.subject)
    assert found is not None, "a verification with a timer pending is never dropped"
    return found
