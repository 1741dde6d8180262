"""Which verifications a search finds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from fake_nexmo.apis.verify.check_rules import owned
from fake_nexmo.apis.verify.model import Verification, VerifyRefusal, Ways
from fake_nexmo.apis.verify.rules import present
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.core.refusal import Refusal

IDS_MAX: Final = 10


class Search(Struct, frozen=True, gc=False):
    """What is looked for.

    Attributes:
        ids: each once, in the order they came.
        several: the answer is a list, however many are found.
    """

    ids: tuple[str, ...]
    several: bool


def well_formed(request_id: str, request_ids: Sequence[str]) -> Search:
    """Judge what a search asks for.

    Raises:
        Refusal: MISSING, or TOO_MANY_IDS.

    Source: reference verify §5 (B; D for a single ``request_ids``, for both parameters, and for none).
    """
    several = tuple(dict.fromkeys(each for each in request_ids if each))
    ids = tuple(dict.fromkeys((*((request_id,) if request_id else ()), *several)))
    present(("request_id", ids[0] if ids else ""))
    if len(ids) > IDS_MAX:
        raise Refusal(VerifyRefusal.TOO_MANY_IDS)
    return Search(ids, bool(several))


def found(
    verifications: Sequence[Verification | None], account: Account, ways: Ways, moment: Moment
) -> tuple[Verification, ...]:
    """Those of the account that can be seen; one that has just ended may not be seen yet.

    Raises:
        Refusal: NOT_FOUND, when there is none.

    Source: reference verify §5 (B; D for those that are left out of a list).
    """
    shown = tuple(
        each
        for each in (owned(one, account) for one in verifications)
        if each is not None
        and (each.finalized_at is None or moment.now >= each.finalized_at + ways.search_lag_s * SECOND)
    )
    if not shown:
        raise Refusal(VerifyRefusal.NOT_FOUND)
    return shown
