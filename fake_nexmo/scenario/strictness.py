"""What is wrong although nobody wrote an expectation about it: the words of ``strict``. Pure.

Doubt: what is not said is "as ever"; for a scenario that is judged by itself that means: it is ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby

from msgspec import UNSET, Struct

from fake_nexmo.scenario.document import Strict
from fake_nexmo.scenario.matching import Found
from fake_nexmo.scenario.telling import LISTED, cut, place, times, wrapped

_ASKED = frozenset({"url_check", "submit"})
"""Kinds of webhooks whose answer is somebody's question: a no is no failure."""
_BAD_STATES = frozenset({"given_up", "refused"})


class Breach(Struct, frozen=True):
    """Something that ``strict`` weighs.

    Attributes:
        rule: one of its words.
        weight: ``fail`` or ``warn``.
        why: more about it, in lines; ``about`` is the id of the entry that it is about, empty: none.
    """

    rule: str
    weight: str
    what: str
    why: tuple[str, ...] = ()
    about: str = ""


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
        entries: messages, calls and webhooks, by kind; as far as the rules that weigh something look at them.
        expected: ids of the messages that expectations found.
        unknown: numbers that nobody declared or owns.
        lost: requests with a credential or host that nobody has, each in a few words.
    """

    entries: Mapping[str, Sequence[Found]]
    expected: Collection[str]
    unknown: Collection[str]
    faults: Sequence[FaultUse]
    lost: Sequence[str]


def weights_of(strict: Strict) -> dict[str, str]:
    """What a scenario says of strictness, by rule; what it does not say is left out."""
    said = {rule: getattr(strict, rule) for rule in _RULES}
    return {rule: weight for rule, weight in said.items() if weight is not UNSET}


def breaches(weights: Mapping[str, str], loose: Loose) -> list[Breach]:
    """Everything that weighs more than nothing; ``weights`` are ``fail``, ``warn`` or ``ignore``, by rule."""
    found = []
    for rule, find in _RULES.items():
        weight = weights.get(rule, "ignore")
        if weight != "ignore":
            found += [Breach(rule, weight, cut(what), tuple(why), about) for what, why, about in find(loose)]
    return found


def some_of(found: Sequence[Breach]) -> list[Breach]:
    """What is shown of them: of those against one rule the first, and how many more there are."""
    shown = []
    for rule, group in groupby(found, key=lambda each: each.rule):
        each = list(group)
        left = len(each) - LISTED
        shown += each if left <= 1 else [*each[:LISTED], Breach(rule, each[0].weight, f"… and {left} more")]
    return shown


def nobody_has(method: str, path: str, why: str, name: str) -> str:
    """A request with a credential or host that nobody has, in a few words."""
    return f"{method} {path} came with the {why} {name!r}, which nobody has."


_Breaches = Iterator[tuple[str, Sequence[str], str]]
"""What is wrong, more about it in lines, and the id of what it is about."""


def _unexpected(loose: Loose) -> _Breaches:
    """Messages that were sent and that no expectation speaks of."""
    for each in loose.entries["message"]:
        if each.words["direction"] == "outbound" and each.id not in loose.expected:
            text = each.words["text"]
            yield f"Nobody expected the message {each.id} to {each.words['to']}: {text!r}", (), each.id


def _unused(loose: Loose) -> _Breaches:
    """Faults that never acted; those left to chance do not count."""
    for each in loose.faults:
        if each.chance == 1 and each.matches < each.needed:
            met = f"was met {times(each.matches)}" if each.matches else "was never met"
            yield f"The fault {each.name!r} on {each.target} never acted: it {met}.", (), each.name


def _failed(loose: Loose) -> _Breaches:
    """Webhooks that nobody took, those whose last attempt failed and that wait for another included."""
    for each in loose.entries["webhook"]:
        said = each.words
        if said["kind"] in _ASKED or not said["attempts"]:
            continue
        if said["state"] in _BAD_STATES or said["state"] == "pending":
            last = said["attempts"][-1]
            then = ", another try is due" if said["state"] == "pending" else ""
            came = [f"  HTTP {last['status']}"] if last["status"] else wrapped(last["error"], "  ")
            head = f"The webhook {said['kind']} to {place(said['url'])} failed {times(len(said['attempts']))}{then}:"
            yield head, came, each.id


def _lost(loose: Loose) -> _Breaches:
    for each in loose.lost:
        yield each, (), ""


def _unknown(loose: Loose) -> _Breaches:
    """Traffic to numbers that nobody declared."""
    for kind in ("message", "call"):
        for each in loose.entries[kind]:
            if each.words["direction"] == "outbound" and each.words["to"] in loose.unknown:
                yield f"Nobody declared {each.words['to']}, the number of the {each.kind} {each.id}.", (), each.id


_RULES = {
    "unexpected_message": _unexpected,
    "unused_fault": _unused,
    "failed_webhook": _failed,
    "lost_request": _lost,
    "unknown_number": _unknown,
}
