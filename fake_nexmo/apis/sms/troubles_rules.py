"""Troubles by name: how the SMS API words what a handset or a fault refuses with. Pure.

Source: design §8: a common trouble, or a row of the refusal table in lower case; always HTTP 200 here.
"""

from __future__ import annotations

from collections.abc import Mapping

from fake_nexmo.apis.sms.model import SmsRefusal
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.numbering.plan import look_up

# The throughput that is named in the text of the second throttling row. Source: reference sms §9 (B).
_THROUGHPUT = 30

# Doubt: SMS knows no "unavailable" and no "not found"; the nearest rows stand in.
COMMON: Mapping[str, SmsRefusal] = {
    "throttled": SmsRefusal.THROTTLED,
    "bad_credentials": SmsRefusal.BAD_CREDENTIALS,
    "no_credit": SmsRefusal.NO_CREDIT,
    "barred": SmsRefusal.NUMBER_BARRED,
    "server_error": SmsRefusal.SERVER_ERROR,
    "unavailable": SmsRefusal.COMMUNICATION_FAILED,
    "not_found": SmsRefusal.UNROUTABLE,
}

ROWS: Mapping[str, SmsRefusal] = {**{row.value: row for row in SmsRefusal}, **COMMON}
"""Every name that a trouble may have."""


def refusal(name: str, to: str, balance: int, now: int) -> Refusal:
    """The refusal that a trouble asks for, with all facts that its row may show.

    ``to`` is the recipient as it came, ``balance`` the account's in 10^-8 EUR, ``now`` the world's instant.
    """
    there = look_up(to.removeprefix("+"))
    into_second = now % SECOND
    return Refusal(
        ROWS[name],
        to=to.removeprefix("+") or None,
        network=there.network if there else None,
        price=there.price if there else None,
        balance=balance,
        wait_ms=(SECOND - into_second + 999) // 1000,
        max=_THROUGHPUT,
        start_ms=(now - into_second) // 1000,
        since_ms=into_second // 1000,
    )
