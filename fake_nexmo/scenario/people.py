"""Handsets in a scenario's words: the model, and the way to records and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from fake_nexmo.core.instant import duration_words, parse_duration
from fake_nexmo.core.pattern import parse_pattern
from fake_nexmo.core.records import ORDINARY, Crowd, Handset, PartStatus, Reaction, SmsStep, Trouble
from fake_nexmo.handsets.lookup import CallerType, Ported, Reach, Validity
from fake_nexmo.numbering.number import NumberType
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.scenario.call_steps import check_call_steps
from fake_nexmo.scenario.code_steps import read_code_steps
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.facts import fixed_code, known
from fake_nexmo.scenario.receipt_steps import check_receipts

Duration = str | float
Share = str | float

_RANGE = re.compile(r"\+?(\d{7,15})\.\.\+?(\d{7,15})")
_COUNTRY = re.compile("[A-Z]{2}")
_CALLS = re.compile(r"(\d+)(?:(\.\.)(\d*))?")
# Source: reference sms §10.2 (D): the code that goes with a status by default.
_ERR_CODES = {"expired": "2", "failed": "1", "rejected": "6", "unknown": "1"}
_FACTS = (
    *("line", "machine", "on_call", "on_code", "answers", "code", "original_network", "ported", "roaming"),
    *("reachable", "valid", "type", "caller", "ip_country", "look_up"),
)

_OF_CROWDS = ("range", "mix", "like", "sticky")

StatusName = Literal["accepted", "buffered", "delivered", "failed", "rejected", "expired", "unknown"]


class ReactionFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One receipt: a status, its reason, how long after the step before, and how likely."""

    status: StatusName = "delivered"
    err_code: str | int | None = None
    after: Duration | None = None
    share: Share | None = None


class ReceiptsFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What becomes of message parts: one receipt, or a sequence of them."""

    after: Duration | None = None
    status: StatusName | None = None
    err_code: str | int | None = None
    sequence: list[ReactionFacts] | None = None


class SubmissionFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a send to the phone is refused with, and which sends: ``1..2``, ``3``, ``2..``."""

    answer: str
    calls: str | int | None = None


class SmsStepFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the person does when an SMS arrives: ``reply`` with a text, ``echo`` the one that came, or ``ignore``.

    Attributes:
        once: only the first message that fits is taken.
    """

    reply: str | None = None
    echo: bool = False
    ignore: bool = False
    if_text: str | None = None
    after: Duration | None = None
    once: bool = False


class RoamingFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where a phone roams: a country, a network of it, or both."""

    country: str = ""
    network: str = ""


class CallerFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who a number belongs to, for Number Insight."""

    type: CallerType | UnsetType = UNSET
    name: str = ""
    first_name: str = ""
    last_name: str = ""


class HandsetFacts(Struct, forbid_unknown_fields=True):
    """A phone and the person behind it, or a crowd of them. Source: scenario format, ``handsets.NAME``."""

    number: str | UnsetType = UNSET
    range: str | UnsetType = UNSET
    mix: dict[str, Share] | UnsetType = UNSET
    sticky: bool | UnsetType = UNSET
    network: str | UnsetType | None = UNSET
    like: str | UnsetType = UNSET
    power: bool | UnsetType = UNSET
    submission: str | SubmissionFacts | UnsetType = UNSET
    receipts: ReceiptsFacts | UnsetType = UNSET
    on_sms: list[SmsStepFacts] | UnsetType = UNSET
    line: Literal["free", "busy", "silent", "unreachable"] | UnsetType = UNSET
    machine: dict[str, Any] | UnsetType = UNSET
    on_call: list[dict[str, Any]] | UnsetType = UNSET
    on_code: list[dict[str, Any]] | UnsetType = UNSET
    answers: Literal["by_hand"] | UnsetType = UNSET
    code: str | UnsetType = UNSET
    original_network: str | UnsetType | None = UNSET
    ported: bool | Ported | UnsetType | None = UNSET
    roaming: bool | RoamingFacts | UnsetType | None = UNSET
    reachable: bool | Reach | UnsetType | None = UNSET
    valid: bool | Validity | UnsetType | None = UNSET
    type: NumberType | UnsetType | None = UNSET
    caller: CallerFacts | UnsetType = UNSET
    ip_country: str | UnsetType = UNSET
    look_up: Literal["live", "silent"] | UnsetType = UNSET


def to_handset(
    number: str, name: str, facts: HandsetFacts, troubles: Mapping[str, object], characters: Mapping[str, object]
) -> Handset:
    """The record of a phone.

    ``troubles`` are the names that ``submission`` may take, and ``characters`` those that ``like`` may.

    Raises:
        ScenarioError: a fact that cannot be.
    """
    if look_up(number) is None:
        raise ScenarioError("number", f"{number!r} is no phone number; write E.164 digits such as 447700900001")
    for word in ("range", "mix", "sticky"):
        if getattr(facts, word) is not UNSET:
            raise ScenarioError(word, "a handset is one number or a range of them, not both")
    like = facts.like if facts.like is not UNSET else ORDINARY
    known(like, characters, "like", "character")
    return Handset(id=number, name=name, like=like, **behaviour(facts, troubles))


def behaviour(facts: HandsetFacts, troubles: Mapping[str, object] | None) -> dict[str, Any]:
    """How a phone behaves, as the members that records of phones and of characters have in common.

    ``troubles`` are the names that ``submission`` may take; None: any.

    Raises:
        ScenarioError: a fact that cannot be.
    """
    if facts.on_code is not UNSET:
        facts = replace(facts, on_code=read_code_steps(facts.on_code))
    fixed_code("" if facts.code is UNSET else facts.code)
    check_call_steps(() if facts.on_call is UNSET else facts.on_call)
    _check_look_up(facts)
    return {
        "power": None if facts.power is UNSET else facts.power,
        "network": _network(facts.network, "network") or "",
        "receipts": () if facts.receipts is UNSET else reactions(facts.receipts, "receipts"),
        "submission": _submission(facts.submission, troubles),
        "on_sms": None if facts.on_sms is UNSET else tuple(_step(each, k) for k, each in enumerate(facts.on_sms)),
        "rest": _rest(facts),
    }


def to_crowd(name: str, facts: HandsetFacts, characters: Mapping[str, object]) -> Crowd:
    """A range of phones; ``characters`` are the names that its mix may have.

    Raises:
        ScenarioError: a fact that cannot be.
    """
    read = _RANGE.fullmatch(facts.range if facts.range is not UNSET else "")
    if read is None or int(read[1]) > int(read[2]):
        raise ScenarioError("range", f"{facts.range!r} is no range; write it like 447700900100..447700900999")
    for word in facts.__struct_fields__:
        if word not in _OF_CROWDS and getattr(facts, word) is not UNSET:
            raise ScenarioError(word, f"a range of phones has {', '.join(_OF_CROWDS)} alone, not {word!r}")
    if facts.mix is not UNSET and facts.like is not UNSET:
        raise ScenarioError("mix", "like and mix both say how the phones behave; keep one")
    given = facts.mix if facts.mix is not UNSET else {facts.like if facts.like is not UNSET else ORDINARY: 1.0}
    for like in given:
        known(like, characters, "like" if facts.mix is UNSET else f"mix.{like}", "character")
    shares = {like: parse_share(share, f"mix.{like}") for like, share in given.items()}
    total = sum(shares.values())
    if not 0.999 <= total <= 1.001:
        raise ScenarioError("mix", f"the shares add up to {total:.1%}, not to 100%")
    sticky = facts.sticky if facts.sticky is not UNSET else True
    return Crowd(name, int(read[1]), int(read[2]), tuple(shares.items()), sticky)


def crowd_facts(crowd: Crowd) -> HandsetFacts:
    """A range of phones in a scenario's words."""
    return HandsetFacts(range=f"{crowd.first}..{crowd.last}", mix=dict(crowd.mix), sticky=crowd.sticky)


def handset_facts(handset: Handset) -> HandsetFacts:
    """A phone in a scenario's words."""
    said: dict[str, Any] = {"number": handset.id, "like": handset.like, **handset.rest}
    if handset.power is not None:
        said["power"] = handset.power
    if handset.network:
        said["network"] = handset.network
    if handset.submission is not None:
        trouble = handset.submission
        last = "" if trouble.last is None else str(trouble.last)
        said["submission"] = {"answer": trouble.answer, "calls": f"{trouble.first}..{last}"}
    if handset.receipts:
        said["receipts"] = {"sequence": [_said(each) for each in handset.receipts]}
    if handset.on_sms is not None:
        said["on_sms"] = [_said_step(each) for each in handset.on_sms]
    return msgspec.convert(said, HandsetFacts)


def reactions(facts: ReceiptsFacts, path: str) -> tuple[Reaction, ...]:
    """The receipts that facts spell, in their order.

    Raises:
        ScenarioError: both forms are used, a value cannot be, or a step can never be taken.
    """
    alone = facts.after is not None or facts.status is not None or facts.err_code is not None
    if facts.sequence is not None and alone:
        raise ScenarioError(path, "say one receipt (after, status, err_code) or a sequence, not both")
    if facts.sequence is not None:
        if not facts.sequence:
            raise ScenarioError(f"{path}.sequence", "a sequence holds at least one receipt")
        steps = tuple(_reaction(each, f"{path}.sequence.{k}") for k, each in enumerate(facts.sequence))
        check_receipts(steps, f"{path}.sequence")
        return steps
    one = ReactionFacts(facts.status or "delivered", facts.err_code, facts.after)
    return (_reaction(one, path),)


def parse_share(given: Share, path: str) -> float:
    """A share between 0 and 1: ``5%``, ``0.05`` or ``1/20``.

    Raises:
        ScenarioError: it is none.
    """
    try:
        text = str(given).strip()
        part, of, whole = text.partition("/")
        share = float(text[:-1]) / 100 if text.endswith("%") else float(part) / float(whole if of else 1)
    except (ValueError, ZeroDivisionError):
        share = -1.0
    if not 0 <= share <= 1:
        raise ScenarioError(path, f"{given!r} is no share; write 5% or 0.05")
    return share


def parse_calls(given: str | int, path: str) -> tuple[int, int | None]:
    """The first and the last of a range of calls, counted from 1: ``3``, ``1..2``, ``2..``.

    Raises:
        ScenarioError: it is none.
    """
    read = _CALLS.fullmatch(str(given).strip())
    if read is not None:
        first = int(read[1])
        last = first if read[2] is None else int(read[3]) if read[3] else None
        if first >= 1 and (last is None or last >= first):
            return first, last
    raise ScenarioError(path, f"{given!r} is no range of calls; write 3, 1..2 or 2..")


def parse_span(given: Duration, path: str) -> int:
    """Microseconds of a duration.

    Raises:
        ScenarioError: it is none.
    """
    try:
        return parse_duration(given)
    except ValueError as error:
        raise ScenarioError(path, str(error)) from None


def pattern(text: str, path: str) -> str:
    """A pattern that can be read.

    Raises:
        ScenarioError: it cannot.
    """
    try:
        return parse_pattern(text).text
    except ValueError as error:
        raise ScenarioError(path, str(error)) from None


def _reaction(facts: ReactionFacts, path: str) -> Reaction:
    code = facts.err_code if facts.err_code is not None else _ERR_CODES.get(facts.status, "0")
    if not (str(code).isascii() and str(code).isdigit()):
        raise ScenarioError(f"{path}.err_code", f"{code!r} is no error code; it is a number such as 6")
    return Reaction(
        after=1_000_000 if facts.after is None else parse_span(facts.after, f"{path}.after"),
        status=PartStatus(facts.status),
        err_code=str(code),
        share=1.0 if facts.share is None else parse_share(facts.share, f"{path}.share"),
    )


def _submission(given: str | SubmissionFacts | UnsetType, troubles: Mapping[str, object] | None) -> Trouble | None:
    if given is UNSET:
        return None
    facts = SubmissionFacts(given) if isinstance(given, str) else given
    if troubles is not None:
        known(facts.answer, troubles, "submission", "trouble")
    first, last = (1, None) if facts.calls is None else parse_calls(facts.calls, "submission.calls")
    return Trouble(facts.answer, first, last)


def _step(facts: SmsStepFacts, k: int) -> SmsStep:
    path = f"on_sms.{k}"
    if [facts.ignore, facts.echo, facts.reply is not None].count(True) != 1:
        raise ScenarioError(path, "a step is either reply: TEXT, echo: true or ignore: true")
    return SmsStep(
        reply="" if facts.echo else facts.reply,
        if_text="" if facts.if_text is None else pattern(facts.if_text, f"{path}.if_text"),
        after=1_000_000 if facts.after is None else parse_span(facts.after, f"{path}.after"),
        once=facts.once,
        echo=facts.echo,
    )


def _network(given: str | UnsetType | None, path: str) -> str | None:
    """A network's code; None: it is not said, or said to be nothing."""
    if given is UNSET or given is None:
        return None
    if not given:
        raise ScenarioError(path, "a network is named by its MCC and MNC, such as 23410")
    return given


def _check_look_up(facts: HandsetFacts) -> None:
    """Refuse facts for Number Insight that nobody could tell."""
    _network(facts.original_network, "original_network")
    if isinstance(facts.roaming, RoamingFacts):
        if not (facts.roaming.country or facts.roaming.network):
            raise ScenarioError("roaming", "a phone roams in a country, in a network, or in both")
        if facts.roaming.country:
            _country(facts.roaming.country, "roaming.country")
    if facts.ip_country is not UNSET:
        _country(facts.ip_country, "ip_country")


def _country(given: str, path: str) -> None:
    if not _COUNTRY.fullmatch(given):
        raise ScenarioError(path, f"{given!r} is no country; write two letters such as FR")


def _rest(facts: HandsetFacts) -> dict[str, Any]:
    """The facts that are kept as they were said; a network that is said to be nothing is one of them."""
    rest = {each: msgspec.to_builtins(said) for each in _FACTS if (said := getattr(facts, each)) is not UNSET}
    return rest if facts.network is not None else {**rest, "network": None}


def _said(reaction: Reaction) -> dict[str, Any]:
    said: dict[str, Any] = {
        "status": reaction.status.value,
        "err_code": reaction.err_code,
        "after": duration_words(reaction.after),
    }
    return said if reaction.share == 1 else {**said, "share": reaction.share}


def _said_step(step: SmsStep) -> dict[str, Any]:
    said: dict[str, Any] = {"after": duration_words(step.after)}
    said |= {"ignore": True} if step.reply is None else {"echo": True} if step.echo else {"reply": step.reply}
    said |= {"once": True} if step.once else {}
    return said if not step.if_text else {**said, "if_text": step.if_text}
