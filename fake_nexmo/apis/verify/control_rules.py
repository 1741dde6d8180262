"""What a customer can do to a verification in progress: cancel it, or have its next event run at once. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from fake_nexmo.apis.verify import check_rules as checks
from fake_nexmo.apis.verify import event_rules as events
from fake_nexmo.apis.verify import workflow_rules as workflow
from fake_nexmo.apis.verify.model import MOVES, Party, Step, Verification, VerifyRefusal
from fake_nexmo.apis.verify.rules import present
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.machine import may, step
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Timer
from fake_nexmo.core.refusal import Refusal

CANCEL_AFTER: Final = 30 * SECOND
"""Before that a verification cannot be cancelled. Source: reference verify §6 (B; D for the boundary)."""


class Command(StrEnum):
    """What ``cmd`` may be. Source: reference verify §6 (B)."""

    CANCEL = "cancel"
    TRIGGER = "trigger_next_event"


def well_formed(request_id: str, cmd: str) -> Command:
    """The command that a request names.

    Raises:
        Refusal: MISSING, then INVALID.

    Source: reference verify §6 (B).
    """
    present(("request_id", request_id), ("cmd", cmd))
    if cmd not in tuple(Command):
        raise Refusal(VerifyRefusal.INVALID, name="cmd")
    return Command(cmd)


def cancel(
    request_id: str, verification: Verification | None, account: Account, timer: Timer | None, moment: Moment
) -> Outcome[None]:
    """Cancel a verification; it must be half a minute old, and its second event must not have run.

    Raises:
        Refusal: NOT_ACTIVE, then TOO_EARLY, then TOO_LATE; nothing changes.

    Source: reference verify §6 (B; D for the order of the two rules).
    """
    found = _active(request_id, verification, account)
    phase = step(MOVES, found.phase, Step.CANCEL, refusal=VerifyRefusal.NOT_ACTIVE)
    if moment.now < found.submitted_at + CANCEL_AFTER:
        raise Refusal(VerifyRefusal.TOO_EARLY, id=request_id)
    if len(found.sendings) > 1:
        raise Refusal(VerifyRefusal.TOO_LATE, id=request_id)
    return Outcome(checks.closed(replace(found, phase=phase), "cancelled", timer, moment), None)


def trigger(
    request_id: str,
    verification: Verification | None,
    party: Party,
    timer: Timer | None,
    moment: Moment,
    *,
    uuids: bool = False,
) -> Outcome[None]:
    """Run the next event at once; what follows waits from now on.

    Raises:
        Refusal: NOT_ACTIVE, then NO_EVENTS, then NO_CREDIT; nothing changes.

    Source: reference verify §6 (B, D), §12 (B: status 9 can be the answer of control).
    Doubt: that the balance must cover the event; the price of the verification itself is not looked at again.
    """
    found = _active(request_id, verification, party.account)
    if not workflow.events_left(found):
        raise Refusal(VerifyRefusal.NO_EVENTS, id=request_id)
    if party.balance < events.cost(found, party.networks).needed and not party.account.unlimited:
        raise Refusal(VerifyRefusal.NO_CREDIT)
    ran = events.run(found, party, moment, keep=0, uuids=uuids)
    dropped = Change(drop=() if timer is None else (timer,))
    return Outcome(ran.change + dropped, None)


def due(verification: Verification, party: Party, moment: Moment, *, uuids: bool = False) -> Change:
    """The next event falls due; nothing happens when the verification closed meanwhile."""
    if not may(MOVES, verification.phase, Step.SEND):
        return Change()
    return events.run(verification, party, moment, keep=None, uuids=uuids).change


def _active(request_id: str, verification: Verification | None, account: Account) -> Verification:
    found = checks.owned(verification, account)
    if found is None or not may(MOVES, found.phase, Step.SEND):
        raise Refusal(VerifyRefusal.NOT_ACTIVE, id=request_id)
    return found
