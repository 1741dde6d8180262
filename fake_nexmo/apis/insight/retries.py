"""When the callback of a look-up counts as received, and when it is tried again. Pure.

Source: reference number-insight §7 (B; D for the schedule, that of SMS of today whatever the profile); webhooks §3, §4.
"""

from __future__ import annotations

from fake_nexmo.core.instant import HOUR, SECOND
from fake_nexmo.core.records import Delivery

CONNECT_S = 3.0
RESPONSE_S = 15.0

_FIRST = 5 * SECOND
_LONGEST = 900 * SECOND
_LIFE = 24 * HOUR


def succeeded(status: int) -> bool:
    """Any 2xx is a receipt. Source: reference webhooks §4."""
    return 200 <= status <= 299


def retried(status: int, _: str) -> bool:
    """Whether another attempt follows this answer; status 0 is no answer at all."""
    return status == 0 or status == 429 or status >= 500


def delay(delivery: Delivery, attempts: int, _: str) -> int | None:
    """Microseconds from the n-th attempt to the next: 5 s, doubling to 15 min; None: 24 h are over by then."""
    wait = min(_FIRST << min(attempts - 1, 20), _LONGEST)
    return wait if delivery.due_at + wait - delivery.created_at <= _LIFE else None
