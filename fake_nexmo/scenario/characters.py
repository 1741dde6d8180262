"""Characters and magic numbers in a scenario's words: the model, and the way to records. Pure.

A character is said in the keys of a handset, all but those that say which phone it is. It may be like another one, and
says then only in what it differs.

Doubt: what the format says of characters is that those of the package are a scenario file. That a scenario may declare
its own, and give magic numbers others, follows from it; the words are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from fake_nexmo.core.records import ANYBODY, AREA, Character, Magic, MagicRange
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.facts import known
from fake_nexmo.scenario.people import HandsetFacts, behaviour

_RANGE = re.compile(rf"\+?(\d*(?:{AREA})?\d+)\.\.\+?(\d*(?:{AREA})?\d+)")
WHICH = ("number", "range", "mix", "sticky")
"""The keys of a handset that say which phone it is; a character has none of them."""


class MagicFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Numbers that have a character without being declared: by their last two digits.

    Attributes:
        ranges: instead of those of the package; ``digits`` besides.
    """

    ranges: list[str] | UnsetType = UNSET
    digits: dict[str, str] | UnsetType = UNSET


def to_characters(
    said: Mapping[str, HandsetFacts], below: Mapping[str, Character], troubles: Mapping[str, object] | None
) -> Mapping[str, Character]:
    """Those below, and over them those that a scenario declares.

    Raises:
        ScenarioError: a fact that cannot be.
    """
    return {**below, **{name: to_character(name, said, below, troubles) for name in said}} if said else below


def to_character(
    name: str, said: Mapping[str, HandsetFacts], below: Mapping[str, Character], troubles: Mapping[str, object] | None
) -> Character:
    """The character that a scenario declares under a name, with all that it has from those that it is like.

    One that is like its own name is like the one below that it takes the place of.

    Args:
        name: one of those that are declared.
        said: all that are declared.
        below: those that they are laid over.
        troubles: the names that ``submission`` may take; None: any.

    Raises:
        ScenarioError: a fact that cannot be; its path begins within the character.
    """
    made = _own(said[name], troubles)
    way, like = [name], said[name].like
    while like is not UNSET:
        if like == way[-1] or like not in said:
            if len(way) == 1:
                known(like, below if like == name else {**said, **below}, "like", "character")
            return _over(made, below.get(like, ANYBODY))
        if like in way:
            raise ScenarioError("like", f"a character is not made from itself: {' -> '.join([*way, like])}")
        # What is wrong with another one is said there.
        with suppress(ScenarioError):
            made = _over(made, _own(said[like], troubles))
        way.append(like)
        like = said[like].like
    return made


def to_magic(facts: MagicFacts, below: Magic, characters: Mapping[str, object]) -> Magic:
    """The magic numbers of a scenario, laid over those below.

    Raises:
        ScenarioError: a fact that cannot be.
    """
    if facts == MagicFacts():
        return below
    for error in magic_flaws(facts, characters):
        raise error
    ranges = below.ranges
    if facts.ranges is not UNSET:
        ranges = tuple(parse_magic_range(each, "ranges") for each in facts.ranges)
    return Magic(ranges, below.digits if facts.digits is UNSET else {**below.digits, **facts.digits})


def magic_flaws(facts: MagicFacts, characters: Mapping[str, object]) -> Iterator[ScenarioError]:
    """Everything that is wrong with magic numbers, if their ranges can be read: one too many, or nobody's name."""
    earlier: list[MagicRange] = []
    for k, each in enumerate(() if facts.ranges is UNSET else facts.ranges):
        read = parse_magic_range(each, f"ranges.{k}")
        if any(_covers(one, read) for one in earlier):
            yield ScenarioError(f"ranges.{k}", "a range before it has all of these numbers, so it adds none")
        earlier.append(read)
    for digits, like in ({} if facts.digits is UNSET else facts.digits).items():
        try:
            known(like, characters, f"digits.{digits}", "character")
        except ScenarioError as error:
            yield error


def parse_magic_range(text: str, path: str) -> MagicRange:
    """A range of magic numbers: ``447700900001..447700900099``, ``1NPA5550101..1NPA5550199``.

    Raises:
        ScenarioError: it is none.
    """
    read = _RANGE.fullmatch(text.strip())
    if read is not None:
        first, last = read[1], read[2]
        alike = len(first) == len(last) and first.find(AREA) == last.find(AREA)
        if alike and first <= last and 7 <= len(first) <= 15:
            return MagicRange(first, last)
    raise ScenarioError(path, f"{text!r} is no range; write it like 447700900001..447700900099, with NPA for any area")


def _own(facts: HandsetFacts, troubles: Mapping[str, object] | None) -> Character:
    """What a character says itself."""
    for word in WHICH:
        if getattr(facts, word) is not UNSET:
            raise ScenarioError(word, f"a character is how phones behave, not which; {word!r} is for handsets")
    return Character(**behaviour(facts, troubles))


def _over(own: Character, other: Character) -> Character:
    """What a character says, and for the rest what another one says."""
    said: dict[str, Any] = {
        "power": other.power if own.power is None else own.power,
        "network": own.network or other.network,
        "receipts": own.receipts or other.receipts,
        "submission": other.submission if own.submission is None else own.submission,
        "on_sms": other.on_sms if own.on_sms is None else own.on_sms,
        "rest": {**other.rest, **own.rest},
    }
    return replace(own, **said)


def _covers(wide: MagicRange, narrow: MagicRange) -> bool:
    lowest, highest = narrow.first.replace(AREA, "000"), narrow.last.replace(AREA, "999")
    return wide.holds(lowest) and wide.holds(highest)
