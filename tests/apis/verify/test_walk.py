"""Random walks over all calls of the Verify API and moves of the clock: what is always true.

- Closed stays closed.
- Never are two verifications running for one number.
- The balance has fallen by exactly the prices of all verifications and their events, once nothing is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fake_nexmo.apis.verify.model import Phase, Verification
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.money import parse_money
from tests.apis.verify.desk import Desk
from tests.house import open_house

T = TypeVar("T")
NUMBERS = [f"447700900{k:03d}" for k in (1, 2, 5, 7)]
START = parse_money("100.00 EUR")
CLOSED = {each.value for each in Phase} - {"IN PROGRESS"}


class Walk(RuleBasedStateMachine):
    """A customer who does whatever comes to mind."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.opened = open_house()
        self.desk: Desk
        self.ids: list[str] = []
        self.ended: dict[str, dict[str, Any]] = {}

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(doing)

    @initialize()
    def open(self) -> None:
        self.desk = Desk(self.run(self.opened.__aenter__()))

    @rule(
        number=st.sampled_from(NUMBERS),
        workflow=st.integers(1, 7),
        expiry=st.sampled_from(["", "60", "120", "600"]),
        wait=st.sampled_from(["", "60", "120"]),
    )
    def start(self, number: str, workflow: int, expiry: str, wait: str) -> None:
        params = {"workflow_id": str(workflow), "pin_expiry": expiry, "next_event_wait": wait}
        answer = self.run(self.desk.post("json", number=number, brand="Acme", **params))
        if answer["status"] == "0":
            self.ids.append(answer["request_id"])
        else:
            assert answer["status"] == "10"
            assert answer["request_id"] in self.ids

    @rule(number=st.sampled_from(NUMBERS))
    def pay(self, number: str) -> None:
        answer = self.run(self.desk.post("psd2/json", number=number, payee="Shop", amount="5"))
        if answer["status"] == "0":
            self.ids.append(answer["request_id"])

    @rule(which=st.integers(0, 9), is_right=st.booleans())
    def check(self, which: int, is_right: bool) -> None:
        if not self.ids:
            return
        request_id = self.ids[-1 - which % len(self.ids)]
        code = self.run(self.desk.code(request_id) if is_right else self.desk.wrong(request_id))
        phase = self.run(self.desk.stand(request_id))["phase"]
        status = self.run(self.desk.check(request_id, code))
        assert status in ({"6"} if phase in CLOSED else {"0", "16", "17"} if is_right else {"16", "17"})

    @rule(which=st.integers(0, 9), cmd=st.sampled_from(["cancel", "trigger_next_event"]))
    def control(self, which: int, cmd: str) -> None:
        if not self.ids:
            return
        request_id = self.ids[-1 - which % len(self.ids)]
        phase = self.run(self.desk.stand(request_id))["phase"]
        status = self.run(self.desk.control(request_id, cmd))
        assert status in ({"6"} if phase in CLOSED else {"0", "19"})

    @rule(by=st.sampled_from([1, 7, 29, 30, 60, 125, 180, 299, 300, 700]))
    def wait(self, by: int) -> None:
        self.run(self.desk.house.advance(by))

    @invariant()
    def closed_stays_closed(self) -> None:
        for request_id in self.ids:
            stand = self.run(self.desk.stand(request_id))
            kept = {name: stand[name] for name in ("phase", "finalized_at", "checks", "code", "tries", "price")}
            if request_id in self.ended:
                assert kept == self.ended[request_id]
            elif stand["phase"] in CLOSED:
                self.ended[request_id] = kept

    @invariant()
    def one_runs_for_each_number(self) -> None:
        if not self.ids:
            return
        numbers = [each["number"] for each in self.run(self.desk.items("verifications")) if each["phase"] not in CLOSED]
        assert len(numbers) == len(set(numbers))

    @invariant()
    def the_balance_is_what_is_left(self) -> None:
        """A call that has ended and whose price is not yet with its event is what is under way."""
        if not self.ids:
            return
        self.run(self.desk.house.advance(0))
        store = self.desk.house.store
        spent = 0
        for request_id in self.ids:
            one = self.run(store.get("default", Verification, request_id))
            assert one is not None
            spent += one.price + sum(each.price for each in one.sendings)
        legs = self.run(store.find("default", Leg, "", limit=10_000))
        assert sum(each.price for each in legs) <= spent
        assert parse_money(self.run(self.desk.balance())) == START - spent

    def teardown(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.loop.close()


Walk.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestWalk = Walk.TestCase
