"""Faults in a scenario's words: the model, and the way to records and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from fake_nexmo.core.instant import duration_words, parse_instant, rfc3339
from fake_nexmo.core.records import Delay, Fault, FaultEffect, HttpAnswer
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.people import (
    Duration,
    ReceiptsFacts,
    Share,
    parse_calls,
    parse_share,
    parse_span,
    pattern,
    reactions,
)

COMMON = ("throttled", "bad_credentials", "no_credit", "barred", "server_error", "unavailable", "not_found")
"""Troubles that every API words in its own way."""
_NUMBERS = re.compile(r"\+?[0-9]*\*?")


class HttpFacts(Struct, forbid_unknown_fields=True):
    """An answer that is a bare HTTP status, with or without ``Retry-After``."""

    http: int
    retry_after: Duration | None = None


class DelayFacts(Struct, forbid_unknown_fields=True):
    """A delay by its median and 99th percentile."""

    median: Duration
    p99: Duration | None = None


class FaultFacts(Struct, forbid_unknown_fields=True, rename={"for_": "for", "from_": "from"}):
    """A fault. Source: design §8."""

    target: str
    name: str | UnsetType = UNSET
    call: int | UnsetType = UNSET
    calls: str | int | UnsetType = UNSET
    every: int | UnsetType = UNSET
    chance: Share | UnsetType = UNSET
    account: str | UnsetType = UNSET
    to: str | UnsetType = UNSET
    from_: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    param: dict[str, str] | UnsetType = UNSET
    effect: Literal["none", "applied", "twice"] | UnsetType = UNSET
    answer: str | HttpFacts | UnsetType = UNSET
    delay: Duration | DelayFacts | UnsetType = UNSET
    then: Literal["drop_connection", "truncate"] | UnsetType = UNSET
    starts: Duration | UnsetType = UNSET
    for_: Duration | UnsetType = UNSET
    until: str | UnsetType = UNSET
    repeat: int | UnsetType = UNSET
    gap: Duration | UnsetType = UNSET
    order: Literal["shuffled"] | UnsetType = UNSET
    deliver: Literal["late", "before_response"] | UnsetType = UNSET
    signature: Literal["none", "wrong"] | UnsetType = UNSET
    receipts: ReceiptsFacts | UnsetType = UNSET


class Names(Struct, frozen=True):
    """What a fault may name.

    Attributes:
        operations: each with the rows that its API can refuse with.
        webhooks: the kinds of webhooks.
        handsets: the names of declared phones and their numbers.
    """

    operations: Mapping[str, Collection[str]]
    webhooks: Collection[str]
    handsets: Mapping[str, str]


def to_fault(name: str, facts: FaultFacts, names: Names, now: int) -> Fault:
    """The fault that facts spell, armed at an instant of the world's clock.

    Raises:
        ScenarioError: a fact that cannot be, or a fault that can never act.
    """
    kind = _kind(facts.target, names)
    _allowed(facts, kind)
    first, last, every = _when(facts)
    starts_at = now + parse_span(facts.starts, "starts") if facts.starts is not UNSET else None
    answer = _answer(facts.answer, facts.target, names)
    return Fault(
        name=name,
        target=facts.target,
        first=first,
        last=last,
        every=every,
        chance=1.0 if facts.chance is UNSET else _chance(facts.chance),
        account="" if facts.account is UNSET else facts.account,
        to=_recipient(facts.to, names),
        sender=_whom(facts.from_, "from", names),
        text="" if facts.text is UNSET else pattern(facts.text, "text"),
        params={} if facts.param is UNSET else {n: pattern(p, f"param.{n}") for n, p in facts.param.items()},
        effect=_effect(facts.effect, answer),
        answer=answer,
        delay=_delay(facts.delay),
        then="" if facts.then is UNSET else facts.then,
        starts_at=starts_at,
        until_at=_until(facts, now if starts_at is None else starts_at),
        spent=facts.until == "spent",
        repeat=1 if facts.repeat is UNSET else _at_least(facts.repeat, 1, "repeat"),
        gap=0 if facts.gap is UNSET else parse_span(facts.gap, "gap"),
        shuffled=facts.order is not UNSET,
        deliver="" if facts.deliver is UNSET else facts.deliver,
        signature="" if facts.signature is UNSET else facts.signature,
        receipt=None if facts.receipts is UNSET else _receipt(facts.receipts),
    )


def fault_words(fault: Fault) -> dict[str, Any]:
    """A fault as the control API shows it; what is as ever is left out."""
    said: dict[str, Any] = {"name": fault.name, "target": fault.target}
    if (fault.first, fault.last) != (1, None):
        said["calls"] = f"{fault.first}..{'' if fault.last is None else fault.last}"
    said |= {
        key: value
        for key, value, usual in (
            ("every", fault.every, 0),
            ("chance", fault.chance, 1.0),
            ("account", fault.account, ""),
            ("to", fault.to, ""),
            ("from", fault.sender, ""),
            ("text", fault.text, ""),
            ("param", dict(fault.params), {}),
            ("then", fault.then, ""),
            ("repeat", fault.repeat, 1),
            ("deliver", fault.deliver, ""),
            ("signature", fault.signature, ""),
        )
        if value != usual
    }
    said["effect"] = fault.effect.value
    if fault.answer is not None:
        said["answer"] = msgspec.to_builtins(fault.answer)
    if fault.delay is not None:
        said["delay"] = _delay_words(fault.delay)
    if fault.gap:
        said["gap"] = duration_words(fault.gap)
    if fault.shuffled:
        said["order"] = "shuffled"
    if fault.receipt is not None:
        said["receipts"] = {"status": fault.receipt.status.value, "err_code": fault.receipt.err_code}
    if fault.spent:
        said["until"] = "spent"
    if fault.starts_at is not None:
        said["starts_at"] = rfc3339(fault.starts_at)
    if fault.until_at is not None:
        said["until_at"] = rfc3339(fault.until_at)
    return said


_OF_OPERATIONS = ("effect", "answer", "then", "param")
_OF_WEBHOOKS = ("repeat", "gap", "order", "deliver", "signature")
_OF_NETWORKS = ("receipts",)


def _kind(target: str, names: Names) -> str:
    """``operation``, ``webhook`` or ``network``."""
    if target.startswith("network."):
        return "network"
    if target.startswith("webhook."):
        wanted = target.removeprefix("webhook.")
        if any(fnmatchcase(kind, wanted) for kind in names.webhooks):
            return "webhook"
        targets = [f"webhook.{kind}" for kind in names.webhooks]
    else:
        if any(fnmatchcase(operation, target) for operation in names.operations):
            return "operation"
        targets = [*names.operations, *(f"webhook.{kind}" for kind in names.webhooks)]
    near = get_close_matches(target, targets, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(targets))}, and network.MCCMNC"
    raise ScenarioError("target", f"nothing is called {target!r}; {hint}")


def _allowed(facts: FaultFacts, kind: str) -> None:
    """Refuse words that mean nothing for such a target."""
    foreign = {
        "operation": _OF_NETWORKS + tuple(each for each in _OF_WEBHOOKS),
        "webhook": _OF_NETWORKS + _OF_OPERATIONS,
        "network": _OF_OPERATIONS + _OF_WEBHOOKS + ("delay",),
    }[kind]
    for word in foreign:
        if getattr(facts, word) is not UNSET:
            raise ScenarioError(word, f"{word!r} means nothing for a fault on {facts.target!r}, which is a {kind}")
    if kind == "network" and facts.receipts is UNSET:
        raise ScenarioError("receipts", "a fault on a network says what becomes of receipts, such as {status: failed}")


def _when(facts: FaultFacts) -> tuple[int, int | None, int]:
    said = [each for each in ("call", "calls", "every") if getattr(facts, each) is not UNSET]
    if len(said) > 1:
        raise ScenarioError(said[1], f"{said[0]} and {said[1]} both say which calls; keep one")
    if facts.every is not UNSET:
        return 1, None, _at_least(facts.every, 1, "every")
    if facts.call is not UNSET:
        call = _at_least(facts.call, 1, "call")
        return call, call, 0
    if facts.calls is not UNSET:
        return *parse_calls(facts.calls, "calls"), 0
    return 1, None, 0


def _chance(given: Share) -> float:
    chance = parse_share(given, "chance")
    if chance == 0:
        raise ScenarioError("chance", "with a chance of 0 it can never act")
    return chance


def _recipient(given: str | UnsetType, names: Names) -> str:
    """Whom; a plain word that is no number can only be the name of a phone."""
    to = _whom(given, "to", names)
    if to and not _NUMBERS.fullmatch(to) and not to.startswith("/"):
        near = get_close_matches(to, names.handsets, 1)
        hint = f"did you mean {near[0]!r}?" if near else "write a number, a prefix like 4477009*, /a pattern/ or a name"
        raise ScenarioError("to", f"no phone is called {to!r}; {hint}")
    return to


def _whom(given: str | UnsetType, path: str, names: Names) -> str:
    """A number, a prefix, a pattern, or the name of a declared phone."""
    if given is UNSET:
        return ""
    return names.handsets.get(given) or pattern(given, path)


def _answer(given: str | HttpFacts | UnsetType, target: str, names: Names) -> str | HttpAnswer | None:
    if given is UNSET:
        return None
    if isinstance(given, HttpFacts):
        if not 200 <= given.http <= 599:
            raise ScenarioError("answer.http", f"{given.http} is no HTTP status")
        wait = None if given.retry_after is None else parse_span(given.retry_after, "answer.retry_after")
        return HttpAnswer(given.http, None if wait is None else -(-wait // 1_000_000))
    if given in COMMON:
        return given
    rows = {row for name, rows in names.operations.items() if fnmatchcase(name, target) for row in rows}
    if given not in rows:
        near = get_close_matches(given, [*COMMON, *rows], 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join([*COMMON, *sorted(rows)])}"
        raise ScenarioError("answer", f"{target} has no answer {given!r}; {hint}")
    return given


def _effect(given: str | UnsetType, answer: object) -> FaultEffect:
    if given is UNSET:
        return FaultEffect.APPLIED if answer is None else FaultEffect.NONE
    return FaultEffect(given)


def _delay(given: Duration | DelayFacts | UnsetType) -> Delay | None:
    if given is UNSET:
        return None
    if not isinstance(given, DelayFacts):
        return Delay(parse_span(given, "delay"))
    median = parse_span(given.median, "delay.median")
    p99 = None if given.p99 is None else parse_span(given.p99, "delay.p99")
    if median == 0 or (p99 is not None and p99 < median):
        raise ScenarioError("delay", "the median must be above 0 and not above the 99th percentile")
    return Delay(median, p99)


def _delay_words(delay: Delay) -> Any:
    if delay.p99 is None:
        return duration_words(delay.median)
    return {"median": duration_words(delay.median), "p99": duration_words(delay.p99)}


def _until(facts: FaultFacts, start: int) -> int | None:
    """The instant it ends: ``for`` so long from the start, or ``until`` it; ``spent`` and ``disarmed`` name none."""
    if facts.for_ is not UNSET:
        if facts.until is not UNSET:
            raise ScenarioError("until", "for and until both say when it ends; keep one")
        return start + parse_span(facts.for_, "for")
    if facts.until == "spent" and facts.call is UNSET and facts.calls is UNSET:
        raise ScenarioError("until", "spent goes with call or calls: without them it never is")
    if facts.until is UNSET or facts.until in {"spent", "disarmed"}:
        return None
    try:
        end = parse_instant(facts.until)
    except ValueError:
        raise ScenarioError(
            "until", f"{facts.until!r} is not understood; take spent, disarmed or an instant like 2026-03-01T09:00:00Z"
        ) from None
    if end <= start:
        raise ScenarioError("until", "it ends before it starts, so it can never act")
    return end


def _receipt(facts: ReceiptsFacts) -> Any:
    if facts.sequence is not None and len(facts.sequence) > 1:
        raise ScenarioError("receipts.sequence", "a network that is out says one thing of every part")
    return reactions(facts, "receipts")[0]


def _at_least(given: int, least: int, path: str) -> int:
    if given < least:
        raise ScenarioError(path, f"{given} is too small; it is at least {least}")
    return given
