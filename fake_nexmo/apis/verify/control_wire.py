"""Verifications as the control API shows them. Pure."""

from __future__ import annotations

from typing import Any, Final

from fake_nexmo.apis.verify.model import Verification
from fake_nexmo.core.instant import rfc3339
from fake_nexmo.core.money import format_money

FIELDS: Final = frozenset(
    (
        *("seq", "at", "request_id", "account", "number", "brand", "sender", "network", "language", "workflow"),
        *("phase", "code", "price", "amount"),
    )
)
"""What the collection can be filtered by."""


def entry(verification: Verification) -> dict[str, Any]:
    """One verification, with its current code and all that it had.

    Source: design §7 for the names.
    """
    over = verification.finalized_at
    return {
        "seq": verification.seq,
        "at": rfc3339(verification.submitted_at),
        "request_id": verification.id,
        "account": verification.account,
        "number": verification.number,
        "brand": verification.brand,
        "amount": verification.amount or None,
        "sender": verification.sender,
        "network": verification.network,
        "language": verification.language,
        "workflow": verification.workflow,
        "phase": verification.phase.value,
        "code": verification.code,
        "codes": list(verification.codes),
        "code_at": rfc3339(verification.code_at),
        "pin_expiry": verification.expiry_s,
        "next_event_wait": verification.wait_s,
        "tries": verification.tries,
        "events": [
            {
                "id": each.id,
                "type": each.channel.value,
                "at": rfc3339(each.at),
                "price": format_money(each.price),
            }
            for each in verification.sendings
        ],
        "checks": [
            {
                "at": rfc3339(each.at),
                "code": each.code,
                "valid": each.valid,
                "ip_address": each.ip_address or None,
            }
            for each in verification.checks
        ],
        "event_id": verification.event_id or None,
        "price": format_money(verification.price),
        "finalized_at": None if over is None else rfc3339(over),
    }
