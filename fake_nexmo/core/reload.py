"""Auto-reload: when the service looks whether an account's balance is below its threshold.

The service looks every five to ten minutes; ours looks every six, on whole multiples of six minutes of the world's
clock. A look that would find nothing is never set: the timer is there only while the balance is below the threshold.
It is set by whatever finds the balance there: a request that charges, reads or is refused, and a reload that was not
enough. So a world whose accounts are rich enough has no such timer, and nobody need remember to make one.

Source: reference account §3 (B; D for the six minutes); design §5: a deadline.
Doubt: what a running call or another timer charges is noticed by the account's next request, not at once.
"""

from __future__ import annotations

from fake_nexmo.core.instant import MINUTE
from fake_nexmo.core.records import Account, Timer

EVERY = 6 * MINUTE
OWNER = "account"
"""The API that carries the timer out, by its name in the registry."""
WHAT = "auto_reload"


def is_low(account: Account, balance: int) -> bool:
    """Whether the service would reload the account; never one that is not debited at all."""
    known = account.auto_reload
    return known is not None and known.enabled and not account.unlimited and balance < known.threshold


def next_look(account: Account, balance: int, now: int) -> Timer | None:
    """The timer that an account with such a balance needs; None: it needs none.

    Its id names account and instant, so it is set at most once however many requests ask for it.
    """
    if not is_low(account, balance):
        return None
    due_at = (now // EVERY + 1) * EVERY
    return Timer(
        id=f"{WHAT}/{account.id}/{due_at}", due_at=due_at, owner=OWNER, what=WHAT, subject=account.id, deadline=True
    )
