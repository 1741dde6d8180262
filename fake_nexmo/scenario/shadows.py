"""Which fault hides which: of two that would act on the same thing, only the first one in order does. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from fake_nexmo.core.pattern import Pattern
from fake_nexmo.core.records import Fault


def shadow(first: Fault, second: Fault) -> bool:
    """Whether the first fault acts whenever the second would, so that the second never does."""
    if first.chance < 1 or not _covers_target(first.target, second.target) or not _covers_time(first, second):
        return False
    if not _covers_words(first, second):
        return False
    always = first.first == 1 and first.last is None and first.every in {0, 1}
    return always or (_alike(first, second) and _covers_calls(first, second))


def overlap(first: Fault, second: Fault) -> bool:
    """Whether the first fault may act in the second one's place, now and then."""
    meet = _covers_target(first.target, second.target) or _covers_target(second.target, first.target)
    return meet and not _apart(first, second)


def meetings(faults: Sequence[Fault]) -> list[tuple[str, str]]:
    """Pairs of faults that meet, by name: the first one is asked before the second."""
    return [
        (first.name, second.name) for k, second in enumerate(faults) for first in faults[:k] if overlap(first, second)
    ]


def _covers_target(wide: str, narrow: str) -> bool:
    """Whether every target that one pattern names is named by another; ``*`` stands for no webhook and no network."""
    return wide == narrow or (_kind(wide) == _kind(narrow) and fnmatchcase(narrow, wide))


def _kind(target: str) -> str:
    head = target.partition(".")[0]
    return head if head in {"webhook", "network"} else ""


def _covers_time(first: Fault, second: Fault) -> bool:
    begins = first.starts_at is None or (second.starts_at is not None and first.starts_at <= second.starts_at)
    ends = first.until_at is None or (second.until_at is not None and second.until_at <= first.until_at)
    return begins and ends and not first.spent


def _covers_words(first: Fault, second: Fault) -> bool:
    """Whether what fits the second one's predicates always fits the first one's."""
    numbers = all(
        not wide or wide == narrow or _within(wide, narrow)
        for wide, narrow in ((first.to, second.to), (first.sender, second.sender))
    )
    others = all(not wide or wide == narrow for wide, narrow in _plain(first, second))
    return numbers and others and all(second.params.get(name) == wanted for name, wanted in first.params.items())


def _within(wide: str, narrow: str) -> bool:
    """Whether a number, or a prefix of one, lies within a pattern."""
    return narrow.rstrip("*").isdigit() and wide.endswith("*") and narrow.startswith(wide[:-1])


def _plain(first: Fault, second: Fault) -> tuple[tuple[str, str], ...]:
    return (first.account, second.account), (first.text, second.text)


def _alike(first: Fault, second: Fault) -> bool:
    """Whether both count the same matches."""
    return (
        first.target == second.target
        and (first.account, first.to, first.sender, first.text)
        == (second.account, second.to, second.sender, second.text)
        and first.params == second.params
        and (first.starts_at, first.until_at) == (second.starts_at, second.until_at)
    )


def _covers_calls(first: Fault, second: Fault) -> bool:
    if first.every:
        return bool(second.every) and second.every % first.every == 0
    if second.every:
        return False
    last = first.last is None or (second.last is not None and second.last <= first.last)
    return first.first <= second.first and last


def _apart(first: Fault, second: Fault) -> bool:
    """Whether two faults never meet: plain predicates differ, or the one is over before the other begins."""
    if any(one and other and one != other for one, other in _plain(first, second)):
        return True
    for one, other in ((first.to, second.to), (first.sender, second.sender)):
        if one and other and one != other and not _meet(one, other):
            return True
    if first.until_at is not None and second.starts_at is not None and first.until_at <= second.starts_at:
        return True
    return second.until_at is not None and first.starts_at is not None and second.until_at <= first.starts_at


def _meet(one: str, other: str) -> bool:
    """Whether two patterns may fit one number; of regular expressions nobody knows."""
    if "/" in one[:1] + other[:1]:
        return True
    if one.endswith("*") and other.endswith("*"):
        return one[:-1].startswith(other[:-1]) or other[:-1].startswith(one[:-1])
    return Pattern(one).matches(other, number=True) or Pattern(other).matches(one, number=True)
