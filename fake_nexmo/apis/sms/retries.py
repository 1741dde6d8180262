"""When an SMS webhook counts as received, and when it is tried again. Pure.

Source: reference sms §12.2, webhooks §3, §4 (B).
"""

from __future__ import annotations

from fake_nexmo.core.instant import HOUR, SECOND
from fake_nexmo.core.records import Delivery

CONNECT_S = 3.0
RESPONSE_S = 15.0

_STEP_2020 = 60 * SECOND
_FIRST = 5 * SECOND
_LONGEST = 900 * SECOND
_LIFE_2020 = {"receipt": 72 * HOUR}
_LIFE = 24 * HOUR


def succeeded(status: int) -> bool:
    """Any 2xx is a receipt. Source: reference sms §12.2, Decision."""
    return 200 <= status <= 299


def retried(status: int, profile: str) -> bool:
    """Whether another attempt follows this answer; status 0 is no answer at all."""
    return profile == "2020" or status == 0 or status == 429 or status >= 500


def delay(delivery: Delivery, attempts: int, profile: str) -> int | None:
    """Microseconds from the n-th attempt to the next; None when the webhook's life is over by then.

    2020: every 60 s, receipts for 72 h, inbound messages for 24 h. Current: 5 s, doubling to 15 min, for 24 h.
    """
    wait = _STEP_2020 if profile == "2020" else min(_FIRST << min(attempts - 1, 20), _LONGEST)
    life = _LIFE_2020.get(delivery.kind, _LIFE) if profile == "2020" else _LIFE
    return wait if delivery.due_at + wait - delivery.created_at <= life else None
