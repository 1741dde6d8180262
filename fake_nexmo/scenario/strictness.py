"""What is wrong although nobody wrote an expectation about it: the words of ``strict``. Pure.

Doubt: what is not said is "as ever"; for a scenario that is judged by itself that means: it is ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import UNSET, Struct

from fake_nexmo.scenario.document import Strict
from fake_nexmo.scenario.matching import Found
from fake_nexmo.scenario.telling import cut, titled

_ASKED = frozenset({"url_check", "submit"})
"""Kinds of webhooks whose answer is somebody's question: a no is no failure."""
_BAD_STATES = frozenset({"given_up", "refused"})


class Breach(Struct, frozen=True):
    """Something that ``strict`` weighs.

    Attributes:
        rule: one of its words.
        weight: ``fail`` or ``warn``.
    """

    rule: str
    weight: str
    what: str


class FaultUse(Struct, frozen=True):
    """A fault of the scenario, and how often it was met; ``needed`` is how often it must be, to act once."""

    name: str
    target: str
    matches: int
    needed: int
    chance: float


class Loose(Struct, frozen=True):
    """What ``strict`` looks at.

    Attributes:
        entries: messages, calls and webhooks, by kind.
        expected: ids of the messages that expectations found.
        unknown: numbers that nobody declared or owns.
        lost: requests with a credential or host that nobody has, each in a few words.
    """

    entries: Mapping[str, Sequence[Found]]
    expected: Collection[str]
    unknown: Collection[str]
    faults: Sequence[FaultUse]
    lost: Sequence[str]


def breaches(strict: Strict, loose: Loose) -> list[Breach]:
    """Everything that weighs more than nothing."""
    found = []
    for rule, find in _RULES.items():
        weight = getattr(strict, rule)
        if weight is UNSET or weight == "ignore":
            continue
        found += [Breach(rule, weight, cut(what)) for what in find(loose)]
    return found


def _unexpected(loose: Loose) -> list[str]:
    """Messages that were sent and that no expectation speaks of."""
    return [
        f"Nobody expected the message to {each.words['to']}: {each.words['text']!r} ({each.id})"
        for each in loose.entries["message"]
        if each.words["direction"] == "outbound" and each.id not in loose.expected
    ]


def _unused(loose: Loose) -> list[str]:
    """Faults that never acted; those left to chance do not count."""
    return [
        f"The fault {each.name!r} on {each.target} never acted: it was met {_times(each.matches)}."
        for each in loose.faults
        if each.chance == 1 and each.matches < each.needed
    ]


def _failed(loose: Loose) -> list[str]:
    """Webhooks that nobody took, those whose last attempt failed and that wait for another included."""
    found = []
    for each in loose.entries["webhook"]:
        said = each.words
        if said["kind"] in _ASKED or not said["attempts"]:
            continue
        if said["state"] in _BAD_STATES or said["state"] == "pending":
            last = said["attempts"][-1]
            came = f"HTTP {last['status']}" if last["status"] else last["error"]
            found.append(f"The webhook {titled(each)} failed {_times(len(said['attempts']))}: {came}")
    return found


def _lost(loose: Loose) -> list[str]:
    return list(loose.lost)


def _unknown(loose: Loose) -> list[str]:
    """Traffic to numbers that nobody declared."""
    return [
        f"Nobody declared {each.words['to']}, the number of the {each.kind} {each.id}."
        for kind in ("message", "call")
        for each in loose.entries[kind]
        if each.words["direction"] == "outbound" and each.words["to"] in loose.unknown
    ]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


_RULES = {
    "unexpected_message": _unexpected,
    "unused_fault": _unused,
    "failed_webhook": _failed,
    "lost_request": _lost,
    "unknown_number": _unknown,
}
