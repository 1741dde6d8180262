"""Laws of the Numbers API under random walks: money adds up, a number has one owner at most, lists are the history."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fake_nexmo.apis.numbers.stock import series_with
from fake_nexmo.core.money import words
from tests.apis.numbers.desk import (
    AUTH,
    BUY,
    CANCEL,
    DONE,
    KEY,
    MINE,
    NO,
    OTHER,
    OTHER_KEY,
    PHONE,
    THEIRS,
    UPDATE,
    assert_answer,
    balance,
    msisdns,
    offered,
    open_desk,
    owned,
    post,
)
from tests.house import House

T = TypeVar("T")

WANTED = [
    *(MINE, THEIRS, PHONE, "447700900110", "447700900111", "447700900120", "442079460100", "448081570100"),
    *("447700900200", "12015550150"),
]
OWNERS = {"main": (AUTH, KEY), "other": (OTHER, OTHER_KEY)}
CREDIT = 100 * 10**8


class Trade(RuleBasedStateMachine):
    """Two accounts buy, cancel and update numbers; a model says who owns what and what each has paid.

    Every step is one request to a whole emulator.

    Attributes:
        TAKEN: a declared phone, and one of a declared crowd.
    """

    TAKEN: ClassVar[set[str]] = {PHONE, "447700900120"}

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.opened = open_desk()
        self.house: House = self.run(self.opened.__aenter__())
        self.owner = {MINE: "main", THEIRS: "other"}
        self.paid = {"main": 0, "other": 0}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry out one request."""
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.loop.close()

    @rule(who=st.sampled_from(sorted(OWNERS)), msisdn=st.sampled_from(WANTED))
    def buys(self, who: str, msisdn: str) -> None:
        """What is for sale in GB is bought, and paid for."""
        series = series_with("GB", msisdn)
        sold = series is not None and msisdn not in self.owner and msisdn not in self.TAKEN
        answer = self.run(post(self.house, BUY, OWNERS[who][0], msisdn=msisdn))
        assert_answer(answer, 200 if sold else 420, DONE if sold else NO)
        if sold and series is not None:
            self.owner[msisdn] = who
            self.paid[who] += series.cost

    @rule(who=st.sampled_from(sorted(OWNERS)), msisdn=st.sampled_from(WANTED))
    def cancels(self, who: str, msisdn: str) -> None:
        """Only one's own."""
        own = self.owner.get(msisdn) == who
        answer = self.run(post(self.house, CANCEL, OWNERS[who][0], msisdn=msisdn))
        assert_answer(answer, 200 if own else 420, DONE if own else NO)
        if own:
            del self.owner[msisdn]

    @rule(who=st.sampled_from(sorted(OWNERS)), msisdn=st.sampled_from(WANTED))
    def updates(self, who: str, msisdn: str) -> None:
        """Only one's own, and nobody pays or owns otherwise after it."""
        own = self.owner.get(msisdn) == who
        answer = self.run(post(self.house, UPDATE, OWNERS[who][0], msisdn=msisdn, moHttpUrl="http://shop.test/in"))
        assert_answer(answer, 200 if own else 420, DONE if own else NO)

    @invariant()
    def lists_are_bought_less_cancelled(self) -> None:
        """In each account's list its own numbers, ascending; so none has two owners."""
        for who, (auth, _) in OWNERS.items():
            listed = self.run(owned(self.house, auth, size="100"))
            mine = sorted(msisdn for msisdn, owner in self.owner.items() if owner == who)
            assert msisdns(listed) == mine
            assert listed.get("count", 0) == len(mine)

    @invariant()
    def claims_are_the_owners(self) -> None:
        """And nobody's where nobody owns."""
        for msisdn in WANTED:
            held = self.run(self.house.store.holder("default", f"number/{msisdn}"))
            assert held == self.owner.get(msisdn)

    @invariant()
    def balances_add_up(self) -> None:
        """Nothing but first months was paid, and nothing given back."""
        for who, (_, key) in OWNERS.items():
            assert self.run(balance(self.house, key)) == words(CREDIT - self.paid[who])

    @invariant()
    def what_is_owned_is_not_for_sale(self) -> None:
        """Pool and owned are 170 numbers less the phones, always."""
        shelf = self.run(offered(self.house))
        stocked = sum(1 for each in self.owner if series_with("GB", each))
        assert shelf["count"] == 170 - 11 - stocked


TestTrade = Trade.TestCase
TestTrade.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
