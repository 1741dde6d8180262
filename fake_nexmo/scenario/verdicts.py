"""Judging expectations by what is in a world. Pure.

A verdict says how an expectation stands now. It is ``met`` when it would be, were this the end; ``unmet`` when nothing
that comes can mend it; else ``pending``. At the end what is pending is unmet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import UNSET, Struct

from fake_nexmo.core.instant import parse_duration
from fake_nexmo.core.money import parse_money
from fake_nexmo.core.money import words as money_words
from fake_nexmo.scenario import telling
from fake_nexmo.scenario.document import MATCHES, Expectation, Spent
from fake_nexmo.scenario.matching import Compared, Found, Names, bounds, compare
from fake_nexmo.scenario.sayings import claim_of, expectation

State = Literal["met", "unmet", "pending"]


class Verdict(Struct, frozen=True):
    """How an expectation stands.

    Attributes:
        said: the expectation in a few words; ``name`` what it calls what it finds, empty: nothing.
        found: ids of what fits.
        why: in lines, with the nearest miss field by field; none when it is met.
        around: in lines, what happened around that.
        at: the instant that those lines are about; None: the end.
    """

    said: str
    kind: str
    name: str
    state: State
    found: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    at: int | None = None


class Facts(Struct, frozen=True):
    """What expectations are judged by.

    Attributes:
        start: the instant the world was made at, and ``now`` the one it shows.
        entries: by kind, in the order of their making.
        spent: by account, in 10^-8 EUR.
    """

    start: int
    now: int
    entries: Mapping[str, Sequence[Found]]
    spent: Mapping[str, int]
    phones: Mapping[str, str]
    accounts: Mapping[str, str]


def judge(expected: Sequence[Expectation], facts: Facts, *, final: bool) -> list[Verdict]:
    """A verdict on each expectation; ``final``: nothing comes any more."""
    judge_one = _Judge(facts, final=final)
    return [judge_one.judge(each) for each in expected]


class _Judge:
    """Judges expectations in their order, each with the names that those before it gave."""

    def __init__(self, facts: Facts, *, final: bool) -> None:
        self.facts = facts
        self.final = final
        self.names = Names(facts.start, facts.phones, facts.accounts, {})
        self.named: dict[str, list[Found]] = {}

    def judge(self, each: Expectation) -> Verdict:
        """A verdict on one."""
        claim = claim_of(each)
        if claim == "spent":
            assert each.spent is not UNSET, "it is one"
            return self._spent(each, each.spent)
        if claim == "order":
            assert each.order is not UNSET, "it is one"
            return self._order(each, each.order)
        return self._match(each, claim)

    def _match(self, each: Expectation, claim: str) -> Verdict:
        never = claim == "never"
        holder = each.never if never else each
        kind = next(kind for kind in MATCHES if getattr(holder, kind) is not UNSET)
        entries = self.facts.entries[kind]
        lines = [compare(each, getattr(holder, kind), found, self.names) for found in entries]
        fitting = [found for found, said in zip(entries, lines, strict=True) if all(one.fits for one in said)]
        if each.as_ is not UNSET:
            self.named[each.as_] = fitting
            self.names.ids[each.as_] = set().union(*(found.ids for found in fitting))
        least, most = (0, 0) if never else (1, None) if each.count is UNSET else bounds(each.count)
        if len(fitting) >= least and (most is None or len(fitting) <= most):
            return self._verdict(each, kind, "met", found=fitting)
        if len(fitting) > least:
            why = telling.too_many(kind, fitting)
            return self._verdict(each, kind, "unmet", telling.wanted(each, least, most), why, fitting, fitting[-1].at)
        state = self._open(each, lines)
        near, why = telling.miss(kind, entries, lines, fitting)
        at = near.at if near is not None else None
        return self._verdict(each, kind, state, telling.wanted(each, least, most), why, fitting, at)

    def _open(self, each: Expectation, lines: Sequence[Sequence[Compared]]) -> State:
        """Whether what is missing may still come, or what is there still become it."""
        late = each.before is not UNSET and self.facts.now >= self.facts.start + parse_duration(each.before)
        coming = any(all(one.fits or one.moves for one in said) for said in lines)
        return "unmet" if self.final or (late and not coming) else "pending"

    def _spent(self, each: Expectation, said: Spent) -> Verdict:
        account = self.facts.accounts.get(said.account, said.account)
        spent = self.facts.spent.get(account, 0)
        state: State = "met"
        if said.at_least is not UNSET and spent < parse_money(said.at_least):
            state = "unmet" if self.final else "pending"
        if said.at_most is not UNSET and spent > parse_money(said.at_most):
            state = "unmet"
        return self._verdict(each, "spent", state, telling.heading(each), [f"The account spent {money_words(spent)}."])

    def _order(self, each: Expectation, said: Sequence[str]) -> Verdict:
        places = [self._place(name) for name in said]
        there = [place.made for place in places if place is not None]
        state: State = "met"
        if None in places:
            state = "unmet" if self.final else "pending"
        if there != sorted(there):
            state = "unmet"
        found = [place for place in places if place is not None]
        why = telling.sequence(said, places)
        at = found[-1].at if found else None
        return self._verdict(each, "order", state, telling.heading(each), why, found, at)

    def _place(self, name: str) -> Found | None:
        """What a name in an order stands for: the first that was found, or the first webhook about it."""
        first, _, kind = name.partition(".")
        if not kind:
            return next(iter(self.named[first]), None)
        about = self.names.ids[first]
        hooks = self.facts.entries["webhook"]
        return next((each for each in hooks if each.words["kind"] == kind and each.words["about"] in about), None)

    def _verdict(
        self,
        each: Expectation,
        kind: str,
        state: State,
        heading: str = "",
        why: Sequence[str] = (),
        found: Sequence[Found] = (),
        at: int | None = None,
    ) -> Verdict:
        lines = () if state == "met" else (*telling.wrapped(heading), *map(telling.cut, why))
        name = "" if each.as_ is UNSET else each.as_
        ids = tuple(one.id for one in found)
        return Verdict(expectation(each), kind, name, state, found=ids, why=lines, at=at)
