"""Searching an application's calls: filters, order and pages. Pure. Source: reference voice §5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from fake_nexmo.apis.voice import loose_rules as loose
from fake_nexmo.apis.voice.body_rules import Wrong
from fake_nexmo.apis.voice.model import OWNER, VoiceRefusal
from fake_nexmo.apis.voice.ncco_rules import VALUE
from fake_nexmo.core.instant import parse_instant
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.refusal import Refusal

PAGE_SIZE: Final = 10
PAGE_SIZE_MAX: Final = 100
MACHINE: Final = "machine"
STATUSES: Final = frozenset({*(each.value for each in LegStatus), MACHINE})
"""What can be asked for; ``human`` cannot. Source: reference voice §5.1 (B)."""
FILTERS: Final = ("status", "date_start", "date_end", "order", "conversation_uuid")
"""What a link repeats besides its page. Source: reference voice §5.2 (D)."""


class Search(Struct, frozen=True, gc=False):
    """Which calls are asked for.

    Attributes:
        after: made at this instant or later, and ``before`` at this one or sooner; None: no matter when.
        index: which page it is, from 0; or how many calls stand before it, as the world has it.
        newest_first: the order.
        repeated: the caller's filters, as links repeat them.
    """

    status: str = ""
    after: int | None = None
    before: int | None = None
    conversation: str = ""
    size: int = PAGE_SIZE
    index: int = 0
    newest_first: bool = False
    repeated: tuple[tuple[str, str], ...] = ()


class Page(Struct, frozen=True, gc=False):
    """A page of what was found.

    Attributes:
        count: how many there are in all.
        last: the index of the last page; None: there is nothing.
        next, previous: the indexes of those pages; None: there is none.
    """

    legs: tuple[Leg, ...]
    count: int
    size: int
    index: int
    last: int | None
    next: int | None
    previous: int | None


def read(params: Mapping[str, str], *, order: str) -> Search:
    """What is asked for; an empty parameter counts as absent, an unknown one is ignored.

    Args:
        params: of the query.
        order: ``asc`` or ``desc``, where nobody says.

    Raises:
        Refusal: INVALID, naming every parameter that cannot be.

    Source: reference voice §5.1 (B; D for refusing what is out of range).
    Doubt: whether an instant itself is "after" it; it is here, and "before" it too.
    """
    wrong: list[Wrong] = []
    given = {name: value for name, value in params.items() if value}
    status, wanted = given.get("status", ""), given.get("order", order)
    size, index = loose.whole(given.get("page_size", PAGE_SIZE)), loose.whole(given.get("record_index", 0))
    after, before = (_instant(given.get(name, ""), name, wrong) for name in ("date_start", "date_end"))
    if status and status not in STATUSES:
        wrong.append(Wrong("status", VALUE))
    if size is None or not 1 <= size <= PAGE_SIZE_MAX:
        wrong.append(Wrong("page_size", VALUE))
    if index is None or index < 0:
        wrong.append(Wrong("record_index", VALUE))
    if wanted not in ("asc", "desc"):
        wrong.append(Wrong("order", VALUE))
    if wrong:
        raise Refusal(VoiceRefusal.INVALID, wrong=tuple(wrong))
    return Search(
        status=status,
        after=after,
        before=before,
        conversation=given.get("conversation_uuid", ""),
        size=size or PAGE_SIZE,
        index=index or 0,
        newest_first=wanted == "desc",
        repeated=tuple((name, value) for name, value in given.items() if name in FILTERS),
    )


def matching(search: Search, legs: Iterable[Leg]) -> list[Leg]:
    """Those of an application's legs that are asked for, unordered."""
    return [leg for leg in legs if _matches(search, leg)]


def page(search: Search, found: Sequence[Leg], *, by_offset: bool) -> Page:
    """A page of what was found, by the instant at which each was made, then by uuid.

    Args:
        search: what is asked for.
        found: all that matches.
        by_offset: the index counts calls, not pages.

    Source: reference voice §5.1, §5.2 (A for the links; D for the order and what the index counts).
    """
    ordered = sorted(found, key=lambda leg: (leg.created_at, leg.id), reverse=search.newest_first)
    step = search.size if by_offset else 1
    start = search.index if by_offset else search.index * search.size
    count = len(ordered)
    before = max(search.index - step, 0)
    has_before = search.index > 0 and (before if by_offset else before * search.size) < count
    return Page(
        legs=tuple(ordered[start : start + search.size]),
        count=count,
        size=search.size,
        index=search.index,
        last=(count - 1) // search.size * step if count else None,
        next=search.index + step if start + search.size < count else None,
        previous=before if has_before else None,
    )


def _instant(text: str, name: str, wrong: list[Wrong]) -> int | None:
    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        wrong.append(Wrong(name, VALUE))
        return None


def _matches(search: Search, leg: Leg) -> bool:
    """Doubt: ``machine`` finds every leg that a machine answered, whatever became of it since.

    Source: reference voice §9.2 (B).
    """
    return (
        leg.owner == OWNER
        and (not search.status or (leg.machine if search.status == MACHINE else leg.status == search.status))
        and (search.after is None or leg.created_at >= search.after)
        and (search.before is None or leg.created_at <= search.before)
        and (not search.conversation or leg.conversation == search.conversation)
    )
