"""When a webhook of a call counts as received, and when it is tried again. Pure.

Source: reference ncco §4.1 (B; D for repeating mere reports, and for there being no pause).
"""

from __future__ import annotations

from fake_nexmo.core.records import Delivery

CONNECT_S = 1.0
ANSWER_S = 5.0
"""How long an NCCO may take to come."""
EVENT_S = 10.0
"""How long the answer to a report may take."""

ATTEMPTS = 2
_RETRIED = frozenset((0, 429, 503, 504))


def succeeded(status: int) -> bool:
    """Any 2xx is a receipt."""
    return 200 <= status <= 299


def retried(status: int, _: str) -> bool:
    """Whether another attempt follows this answer; status 0 is no answer at all.

    Doubt: a URL that cannot be and trouble with TLS are not repeated by the service; here they are no answer as any.
    """
    return status in _RETRIED


def delay(_: Delivery, attempts: int, __: str) -> int | None:
    """Microseconds from the n-th attempt to the next: one repeat, at once; None: that was it."""
    return 0 if attempts < ATTEMPTS else None
