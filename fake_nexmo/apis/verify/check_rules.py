"""Whether a code is right, and how a verification closes. Pure."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from fake_nexmo.apis.verify import event_rules as events
from fake_nexmo.apis.verify import workflow_rules as workflow
from fake_nexmo.apis.verify.model import (
    MOVES,
    Check,
    Checked,
    Phase,
    Step,
    Verification,
    VerifyRefusal,
    Ways,
    running,
)
from fake_nexmo.apis.verify.rules import present
from fake_nexmo.core.change import Add, Change, Free, Outcome
from fake_nexmo.core.machine import may, step
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Timer
from fake_nexmo.core.refusal import Refusal

ID_MAX: Final = 32
CODE_MIN: Final = 4
CODE_MAX: Final = 6
PIN_CODE_MAX: Final = 10


def well_formed(request_id: str, code: str) -> None:
    """Judge what a check says.

    Raises:
        Refusal: MISSING, then INVALID.

    Source: reference verify §4 (B; D for the bounds, and for an empty code, which is missing).
    """
    present(("request_id", request_id), ("code", code))
    if len(request_id) > ID_MAX:
        raise Refusal(VerifyRefusal.INVALID, name="request_id")
    if not CODE_MIN <= len(code) <= PIN_CODE_MAX:
        raise Refusal(VerifyRefusal.INVALID, name="code")


def check(
    request_id: str,
    code: str,
    ip_address: str,
    verification: Verification | None,
    account: Account,
    timer: Timer | None,
    ways: Ways,
    moment: Moment,
) -> Outcome[Checked | Refusal]:
    """Compare a code with the current one: right, it closes the verification; wrong ones are counted.

    Args:
        request_id: as it came.
        code: as it came.
        ip_address: as it came; it is kept and never read.
        verification: the one of that id; None: there is none.
        account: who asks.
        timer: what the verification waits for.
        ways: how the world has the API.
        moment: now.

    Returns:
        What was right; or WRONG_CODE or TRIES_SPENT, which are written down.

    Raises:
        Refusal: CLOSED, or INVALID for a code that is longer than any of it can be; nothing changes.

    Source: reference verify §4 (B, C; D for exact comparison and for a code that is too old), §11 (D).
    """
    found = owned(verification, account)
    if found is None or not may(MOVES, found.phase, Step.CODE_RIGHT):
        raise Refusal(VerifyRefusal.CLOSED, id=request_id)
    if len(code) > max(PIN_CODE_MAX if found.supplied else CODE_MAX, len(found.code)):
        raise Refusal(VerifyRefusal.INVALID, name="code")
    event = _judge(found, code, ways, moment)
    tried = replace(
        found,
        phase=step(MOVES, found.phase, event, refusal=VerifyRefusal.CLOSED),
        checks=(*found.checks, Check(moment.now, code, valid=event is Step.CODE_RIGHT, ip_address=ip_address)),
    )
    if event is Step.CODE_RIGHT:
        return _right(tried, account, timer, ways, moment)
    tried = replace(tried, tries=found.tries + 1)
    log = Change(log=(events.event("code_wrong", tried, moment),))
    if event is Step.CODE_WRONG:
        return Outcome(Change(put=(tried,)) + log, Refusal(VerifyRefusal.WRONG_CODE, id=request_id))
    return Outcome(log + closed(tried, "failed", timer, moment), Refusal(VerifyRefusal.TRIES_SPENT, id=request_id))


def closed(verification: Verification, name: str, timer: Timer | None, moment: Moment) -> Change:
    """Write down a verification that has reached its end: its number is free and nothing more happens.

    Args:
        verification: as it is at its end.
        name: of the event in the log.
        timer: what it waited for; None: nothing, or it is being carried out.
        moment: now.

    Source: reference verify §9.3 (B).
    """
    over = replace(verification, finalized_at=moment.now)
    return Change(
        put=(over,),
        drop=() if timer is None else (timer,),
        claims=(Free(running(over.account, over.number), over.id),),
        log=(events.event(name, over, moment),),
    )


def expire(verification: Verification, moment: Moment) -> Change:
    """The last code is too old and nobody finished; nothing happens when the verification closed meanwhile."""
    if not may(MOVES, verification.phase, Step.TIME_UP):
        return Change()
    phase = MOVES[verification.phase][Step.TIME_UP]
    return closed(replace(verification, phase=phase), Phase.EXPIRED.value.lower(), None, moment)


def owned(verification: Verification | None, account: Account) -> Verification | None:
    """The verification, if it is the account's. Source: reference verify §4, §6: another's is unknown."""
    return verification if verification is not None and verification.account == account.id else None


def _judge(verification: Verification, code: str, ways: Ways, moment: Moment) -> Step:
    """Source: reference verify §4 (B; D for a code that is too old, and for one that was supplied: §9.2)."""
    stale = workflow.is_stale(verification, moment.now) and not verification.supplied
    if code == verification.code and not stale:
        return Step.CODE_RIGHT
    return Step.TRIES_SPENT if verification.tries + 1 >= ways.tries_max else Step.CODE_WRONG


def _right(
    verification: Verification, account: Account, timer: Timer | None, ways: Ways, moment: Moment
) -> Outcome[Checked | Refusal]:
    """It succeeded, and its price is due.

    Doubt: of several events that carried the code, the newest is said to be the one it was read from.
    """
    done = replace(verification, price=ways.price, event_id=verification.sendings[-1].id)
    change = closed(done, "code_right", timer, moment)
    if not account.unlimited:
        change += Change(counters=(Add(account.balance, -ways.price),))
    return Outcome(change, Checked(done))
