"""How a verification goes on by itself: its events, when they fall due, how long a code lives. Pure.

The theory, from reference verify §9.2: a code is valid for ``pin_expiry`` seconds. An event that runs when the current
code is that old makes a new one, and its age begins at zero; any other event repeats the current code. When all events
have run, the verification lives until the current code does not any more. So a verification that is in progress waits
for exactly one timer: its next event, or its expiry.
"""

from __future__ import annotations

from msgspec.structs import replace

from fake_nexmo.apis.verify.model import OWNER, WORKFLOWS, Channel, Verification
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Handset, Timer
from fake_nexmo.handsets.typing import code_of

EVENT = "event"
"""The timer of the next event."""
EXPIRY = "expiry"
"""The timer that ends a verification that nobody finished."""


def channels(verification: Verification) -> tuple[Channel, ...]:
    """The channels of all its events."""
    return WORKFLOWS[verification.workflow].channels


def events_left(verification: Verification) -> int:
    """How many events have not run."""
    return len(channels(verification)) - len(verification.sendings)


def is_stale(verification: Verification, now: int) -> bool:
    """Whether its current code has reached the end of its life."""
    return now >= verification.code_at + verification.expiry_s * SECOND


def timer_id(verification: Verification) -> str:
    """The id of the one timer that a verification in progress waits for."""
    return f"{OWNER}/{verification.id}/{EVENT if events_left(verification) else EXPIRY}"


def next_timer(verification: Verification, now: int) -> Timer:
    """The timer that a verification waits for once an event has run now.

    It is a deadline: a clock that jumps by itself leaves the app its time to check the code.

    Source: reference verify §9.1 (B), §9.2 (D for the sum); design §5.
    """
    left = events_left(verification)
    if left:
        wait_s = verification.wait_s
        if wait_s is None:
            wait_s = WORKFLOWS[verification.workflow].waits_s[len(verification.sendings) - 1]
        due_at = now + wait_s * SECOND
    else:
        due_at = verification.code_at + verification.expiry_s * SECOND
    return Timer(
        id=timer_id(verification),
        due_at=due_at,
        owner=OWNER,
        what=EVENT if left else EXPIRY,
        subject=verification.id,
        deadline=True,
    )


def renewed(verification: Verification, account: Account, phone: Handset, moment: Moment) -> Verification:
    """The verification with the code that an event sends now: the current one, or a new one when that is too old.

    A new code begins the counting of wrong ones anew.

    Source: reference verify §9.2 (B; D for the code that the account supplied: it is used to the end).
    Doubt: the age of a supplied code begins anew all the same, so that the verification lives as long as any other.
    """
    if verification.codes and not is_stale(verification, moment.now):
        return verification
    if verification.supplied:
        return replace(verification, codes=verification.codes or (verification.code,), code_at=moment.now)
    code = fixed_code(account, phone) or _drawn(verification, moment)
    return replace(verification, code=code, codes=(*verification.codes, code), code_at=moment.now, tries=0)


def fixed_code(account: Account, phone: Handset) -> str:
    """The code that a test fixed, for the phone or for the whole account; empty: none, it is drawn."""
    return code_of(phone) or account.code


def _drawn(verification: Verification, moment: Moment) -> str:
    """A code by the dice, leading zeros included; never one that the verification had before."""
    length, k = verification.code_length, 0
    while True:
        code = f"{int(moment.roll('code', k) * 10**length):0{length}d}"
        if code not in verification.codes:
            return code
        k += 1
