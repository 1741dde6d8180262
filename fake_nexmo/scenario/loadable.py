"""A live world's document made one that loads: what names something that is gone is said otherwise, or left out. Pure.

A world lives on after its scenario was written: a number is bought that a phone had, a phone is taken to a network that
no table knows, a fault is over that an expectation speaks of. The judge of scenarios itself says what would be refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import UNSET, Struct
from msgspec.structs import replace

from fake_nexmo.numbering.plan import look_up
from fake_nexmo.numbering.tables import tables
from fake_nexmo.scenario.document import MATCHES, Document, Expectation, TimelineStep
from fake_nexmo.scenario.dump import plain
from fake_nexmo.scenario.flaws import Flaws
from fake_nexmo.scenario.judge import judge
from fake_nexmo.scenario.model import NetworkFacts
from fake_nexmo.scenario.nodes import Table, of_object
from fake_nexmo.scenario.people import HandsetFacts, RoamingFacts
from fake_nexmo.scenario.sayings import act
from fake_nexmo.scenario.vocabulary import Vocabulary

S = TypeVar("S", bound=Struct)

_REPLY = re.compile(r"on_sms\.\d+")
_WHOM = ("handset", "to", "from_", "number")
"""Words that may name a phone."""


def loadable(document: Document, vocabulary: Vocabulary, numbers: Mapping[str, str]) -> Document:
    """The document, as it loads.

    Args:
        document: of a live world.
        vocabulary: the names that it may use.
        numbers: of the world's phones, by their names; one that the document does not declare is called by it.

    Doubt: what an export makes of an expectation that nobody can meet any more is not said. It is left out, and so is
    what speaks of it; a step that can be taken no more is a note, for others may count from it.
    """
    gone = {name: number for name, number in numbers.items() if name not in document.handsets}
    document = replace(
        document,
        world=replace(document.world, networks={**document.world.networks, **_networks(document)}),
        timeline=[_spelled(each, gone) for each in document.timeline],
        expect=[_expected(each, gone) for each in document.expect],
    )
    while refused := _refused(document, vocabulary):
        document = replace(
            document,
            handsets={
                name: _without(each, ways) if ways else each
                for name, each in document.handsets.items()
                if all(map(_REPLY.fullmatch, ways := refused.get(("handsets", name), ())))
            },
            faults={name: each for name, each in document.faults.items() if ("faults", name) not in refused},
            timeline=[
                step
                for k, each in enumerate(document.timeline)
                for step in _taken(each, refused.get(("timeline", str(k)), ()))
            ],
            expect=[each for k, each in enumerate(document.expect) if ("expect", str(k)) not in refused],
        )
    return document


def _refused(document: Document, vocabulary: Vocabulary) -> dict[tuple[str, str], list[str]]:
    """What would be refused, by section and name or number: the ways to it from there."""
    root = of_object(plain(document))
    assert isinstance(root, Table), "a document is a table"
    flaws = Flaws(root)
    judge(document, vocabulary, flaws)
    found: dict[tuple[str, str], list[str]] = {}
    for each in flaws.found:
        section, _, rest = each.path.partition(".")
        assert section in {"handsets", "faults", "timeline", "expect"}, f"an export that does not load: {each}"
        named: Collection[str] = [rest.partition(".")[0]]
        if section in {"handsets", "faults"}:
            named = getattr(document, section)
        # The names of phones and faults may hold dots.
        name = max((name for name in named if rest == name or rest.startswith(f"{name}.")), key=len)
        found.setdefault((section, name), []).append(rest.removeprefix(name).removeprefix("."))
    return found


def _without(facts: HandsetFacts, ways: Collection[str]) -> HandsetFacts:
    """A phone without the replies that are never reached."""
    assert facts.on_sms is not UNSET, "it has some"
    return replace(facts, on_sms=[each for k, each in enumerate(facts.on_sms) if f"on_sms.{k}" not in ways])


def _taken(step: TimelineStep, ways: Collection[str]) -> Sequence[TimelineStep]:
    """What is left of a step: of one behind the end nothing, for those that count from it are left out, too."""
    if not ways:
        return (step,)
    return () if "at" in ways or step.note is not UNSET else (_as_note(step),)


def _networks(document: Document) -> dict[str, NetworkFacts]:
    """The networks that phones were taken to and no table knows, each in the country of its phone's number."""
    found = {}
    for name, facts in document.handsets.items():
        roaming = facts.roaming.network if isinstance(facts.roaming, RoamingFacts) else ""
        for code in (facts.network, facts.original_network, roaming):
            known = not isinstance(code, str) or code in tables().networks or code in document.world.networks
            there = look_up(_number(name, facts)) if code and not known else None
            if there is not None and isinstance(code, str):
                found[code] = NetworkFacts(name=code, country=there.country)
    return found


def _number(name: str, facts: HandsetFacts) -> str:
    return facts.number if isinstance(facts.number, str) else name


def _spelled(said: S, gone: Mapping[str, str]) -> S:
    """The same, with the number in place of a name that nobody has any more."""
    named: dict[str, Any] = {word: getattr(said, word, UNSET) for word in _WHOM}
    return replace(said, **{word: gone[name] for word, name in named.items() if isinstance(name, str) and name in gone})


def _expected(each: Expectation, gone: Mapping[str, str]) -> Expectation:
    never = each.never
    if never is not UNSET:
        return replace(each, never=_matched(never, gone))
    return _matched(each, gone)


def _matched(holder: S, gone: Mapping[str, str]) -> S:
    said = {kind: getattr(holder, kind) for kind in MATCHES}
    return replace(holder, **{kind: _spelled(match, gone) for kind, match in said.items() if match is not UNSET})


def _as_note(step: TimelineStep) -> TimelineStep:
    return TimelineStep(at=step.at, when=step.when, after=step.after, note=act(step))
