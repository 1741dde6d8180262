"""Troubles by name: how the Verify API words what a fault refuses with. Pure. Source: design §8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fake_nexmo.apis.verify.model import VerifyRefusal
from fake_nexmo.apis.verify.refusal_model import ProblemRefusal
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.numbering.number import parse
from fake_nexmo.numbering.plan import look_up

START: Final = ("verify.start", "verify.psd2")
NEWER: Final = ("verify.unblock_network", "verify.templates")
"""Operations whose refusals are problem documents."""

# Doubt: Verify knows no "unavailable"; its own internal error stands in.
ROWS: Mapping[str, VerifyRefusal] = {
    **{row.value: row for row in VerifyRefusal},
    "server_error": VerifyRefusal.INTERNAL,
    "unavailable": VerifyRefusal.INTERNAL,
}
PROBLEM_ROWS: Mapping[str, ProblemRefusal] = {
    **{row.value: row for row in ProblemRefusal},
    "bad_credentials": ProblemRefusal.UNAUTHORIZED,
    "no_credit": ProblemRefusal.FORBIDDEN,
    "barred": ProblemRefusal.FORBIDDEN,
    "not_found": ProblemRefusal.NO_BLOCK,
}
TROUBLES: Mapping[str, VerifyRefusal | ProblemRefusal] = {**PROBLEM_ROWS, **ROWS}
"""Every name that a trouble may have, on one stack or the other."""

# What is not found, by operation; only search has a row of that name.
_NOT_FOUND: Mapping[str, VerifyRefusal] = {
    "verify.start": VerifyRefusal.UNROUTABLE,
    "verify.psd2": VerifyRefusal.UNROUTABLE,
    "verify.check": VerifyRefusal.CLOSED,
    "verify.control": VerifyRefusal.NOT_ACTIVE,
}


def refusal(operation: str, name: str, params: Mapping[str, str]) -> Refusal:
    """The refusal that a trouble asks for, with all facts that its row may show.

    A row that only the other stack has is a server error.
    """
    if operation in NEWER:
        return Refusal(PROBLEM_ROWS.get(name, ProblemRefusal.SERVER_ERROR), name="network")
    row = ROWS.get(name, VerifyRefusal.INTERNAL)
    if row is VerifyRefusal.NOT_FOUND:
        row = _NOT_FOUND.get(operation, row)
    there = look_up(parse(params.get("number", "")) or "")
    return Refusal(
        row,
        id=params.get("request_id", ""),
        name="number" if operation in START else "request_id",
        network=there.network if there else "",
    )
