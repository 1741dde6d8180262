"""What is collected while an edited scenario is compared with the world that lives by it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import fields, replace

from fake_nexmo.core.change import Add, Change, Claim, Free, Set
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Event, Handset, Number, Record, World
from fake_nexmo.keys.pair import KeyPair
from fake_nexmo.scenario.cast import characters_of
from fake_nexmo.scenario.document import ClockFacts, Document
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.judge import names_of
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.replot import Going
from fake_nexmo.scenario.stock import whole_world
from fake_nexmo.scenario.vocabulary import Vocabulary
from fake_nexmo.scenario.worlds import DEFAULT

REVISED = "scenario.reloaded"
"""The name of the event that an edit is. Doubt: that an edit is an event is our addition, so that it can be awaited."""

T = TypeVar("T")
S = TypeVar("S", bound=Struct)


class Live(Struct, frozen=True):
    """What a world holds at this moment of what a scenario speaks of.

    Attributes:
        balances: of accounts, by their names.
    """

    world: World
    accounts: Mapping[str, Account]
    balances: Mapping[str, int]
    applications: Mapping[str, Application]
    numbers: Mapping[str, Number]
    phones: Mapping[str, Handset]
    going: Going


class Revision(Struct, frozen=True):
    """What comes of an edit.

    Attributes:
        news: what it changes, each thing in a few words.
        restart: what it says otherwise that only a new start of the world can change.
        kept: credentials that it spells and another world has, so that what was there stays.
    """

    change: Change
    news: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Diff(NamedTuple):
    """Names of what is new, of what is said otherwise, and of what is gone."""

    added: list[str]
    changed: list[str]
    removed: list[str]


def diff(old: Mapping[str, T], new: Mapping[str, T]) -> Diff:
    """What two tables have not in common."""
    return Diff(
        [name for name in new if name not in old],
        [name for name in new if name in old and new[name] != old[name]],
        [name for name in old if name not in new],
    )


def overlay(live: S, old: S, new: S) -> S:
    """Live facts, but for those that an edit says otherwise: they are as it says."""
    said = {each.name: getattr(new, each.name) for each in fields(new)}
    return replace(live, **{name: value for name, value in said.items() if value != getattr(old, name)})


class Edit:
    """The change that an edit makes, as far as it is collected.

    Attributes:
        said: the scenario as it was, and ``document`` as it is now.
        old: the world that the one speaks of, and ``new`` that of the other.
        names: what the faults of the new scenario may name; ``characters`` and ``magic`` are its people's.
        taken: credentials that other worlds have, as they are claimed.
        draw_pair: a key pair that the world has not taken yet.
        world: the world's facts from now on.
        news: what changes, each thing in a few words; ``kept`` are credentials that were not to be had.
        records: those that are put, and ``drop`` those that go, by kind and id.
        rest: what is part of the change besides.
    """

    def __init__(
        self,
        document: Document,
        live: Live,
        made: Change,
        taken: Collection[str],
        draw_pair: Callable[[], KeyPair],
        vocabulary: Vocabulary,
        moment: Moment,
    ) -> None:
        self.document = document
        self.said = live.going.script.said
        self.live = live
        self.taken = taken
        self.draw_pair = draw_pair
        self.vocabulary = vocabulary
        self.moment = moment
        self.old, self.new = worlds_of(document, live)
        self.names = names_of(document.handsets, vocabulary)
        self.characters, self.magic = characters_of(document, vocabulary)
        self.world = live.world
        self.news: list[str] = []
        self.kept: list[str] = []
        self.rest = Change()
        self.records: dict[tuple[type, str], Record] = {}
        self.drop: dict[tuple[type, str], Record] = {}
        self.steps: list[Add | Set] = [*made.counters]
        self.frees: list[Free] = []
        self.claims: list[Claim] = [each for each in made.claims if isinstance(each, Claim)]
        self._made = {(type(each), each.id): each for each in made.put}

    def told(self, section: str, old: Mapping[str, T], new: Mapping[str, T]) -> Diff:
        """Tell what is not the same in a section; faults are also looked at for their order."""
        found = diff(old, new)
        for verb, each in zip(("added", "changed", "removed"), found, strict=True):
            self.news += [f"{section}.{name} {verb}" for name in each]
        if not any(found) and list(old) != list(new) and section == "faults":
            self.news.append(f"{section} in another order")
        return found

    def of_made(self, kind: type[Record], name: str, live: Mapping[str, Record]) -> Record:
        """Something that was made for this edit, in the place of what has its name."""
        made, there = self._made[kind, name], live.get(name)
        return made if there is None else replace(made, version=there.version)

    def put(self, record: Record) -> None:
        """Have a record put; what was to be put in its place before is forgotten."""
        self.records[type(record), record.id] = record

    def revision(self) -> Revision:
        """All of it as one change."""
        self._check_claims()
        if self.world != self.live.world:
            self.put(self.world)
        put = tuple(each for place, each in self.records.items() if place not in self.drop)
        change = Change(
            put=put, drop=tuple(self.drop.values()), counters=tuple(self.steps), claims=(*self.frees, *self.claims)
        )
        change += self.rest
        if change and self.news:
            change += Change(log=(Event(at=self.moment.now, name=REVISED, about=self.document.scenario),))
        return Revision(change, tuple(self.news), tuple(_restart(self.said, self.document)), tuple(self.kept))

    def _check_claims(self) -> None:
        """Refuse a credential that something else in this world was given while it lived."""
        held = {f"key/{each.api_key}": each.id for each in self.live.accounts.values()}
        held |= {f"application/{each.application_id}": each.id for each in self.live.applications.values()}
        freed = {each.name for each in self.frees}
        for claim in self.claims:
            if claim.name in held and claim.name not in freed:
                raise ScenarioError("", f"{claim.name.partition('/')[2]!r} belongs to {held[claim.name]!r} already")


def worlds_of(document: Document, live: Live) -> tuple[WorldFacts, WorldFacts]:
    """The worlds that the old scenario and the new one speak of."""
    spelled_out = live.world.name == DEFAULT
    said = live.going.script.said
    return whole_world(said.world, spelled_out=spelled_out), whole_world(document.world, spelled_out=spelled_out)


def _restart(old: Document, new: Document) -> Iterable[str]:
    """What of seed and clock an edit says otherwise."""
    if new.seed != old.seed:
        yield "seed"
    was, now = old.clock or ClockFacts(), new.clock or ClockFacts()
    yield from (f"clock.{part}" for part in ("start", "mode") if getattr(now, part) != getattr(was, part))
