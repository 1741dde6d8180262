"""Troubles by name: how the SMS API words what a handset or a fault refuses with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.apis.sms import troubles_rules as troubles
from fake_nexmo.apis.sms import wire
from fake_nexmo.apis.sms.model import ROWS, SmsRefusal
from fake_nexmo.scenario.faults import COMMON

NOW = 1_767_225_600_250_000

# Source: design §8, the common troubles.
WORDED = {
    "throttled": SmsRefusal.THROTTLED,
    "bad_credentials": SmsRefusal.BAD_CREDENTIALS,
    "no_credit": SmsRefusal.NO_CREDIT,
    "barred": SmsRefusal.NUMBER_BARRED,
    "server_error": SmsRefusal.SERVER_ERROR,
    "unavailable": SmsRefusal.COMMUNICATION_FAILED,
    "not_found": SmsRefusal.UNROUTABLE,
}


def test_every_common_trouble_and_every_row_has_a_name() -> None:
    """The words of the design, and the rows in lower case."""
    assert set(COMMON) == set(WORDED)
    assert {**{row.name.lower(): row for row in SmsRefusal}, **WORDED} == troubles.ROWS


@pytest.mark.parametrize("name", troubles.ROWS)
def test_a_trouble_has_all_facts_that_its_row_shows(name: str) -> None:
    """So that it reads as if the rule had refused."""
    refusal = troubles.refusal(name, "+447700900001", 10**10, NOW)

    assert refusal.row is troubles.ROWS[name]
    assert refusal.facts == {
        "to": "447700900001",
        "network": "23410",
        "price": 3_330_000,
        "balance": 10**10,
        "wait_ms": 750,
        "max": 30,
        "start_ms": 1_767_225_600_000,
        "since_ms": 250,
    }
    [element] = wire.refused(troubles.ROWS[name], refusal.facts)
    assert dict(element)["status"] == str(ROWS[troubles.ROWS[name]].status)
    assert "{" not in dict(element)["error-text"]
    assert {"to", "status", "error-text", "remaining-balance", "message-price", "network"} >= dict(element).keys()


@pytest.mark.parametrize(("to", "shown"), [("", None), ("+", None), ("0", "0"), ("Acme", "Acme")])
def test_a_recipient_that_is_no_number_has_no_network(to: str, shown: str | None) -> None:
    """A fault acts before the form is judged."""
    facts = troubles.refusal("no_credit", to, 5, NOW).facts

    assert (facts["to"], facts["network"], facts["price"], facts["balance"]) == (shown, None, None, 5)
    [element] = wire.refused(SmsRefusal.NO_CREDIT, facts)
    assert element == [
        *([("to", shown)] if shown else []),
        ("status", "9"),
        ("error-text", "Quota Exceeded - rejected"),
        ("remaining-balance", "0.00000005"),
    ]


@given(st.integers(0, 10**16))
def test_the_wait_is_what_is_left_of_the_second(now: int) -> None:
    """Milliseconds, rounded up, never zero; source: reference sms §7 (A)."""
    facts = troubles.refusal("throttled", "", 0, now).facts
    start, since, wait = facts["start_ms"], facts["since_ms"], facts["wait_ms"]

    assert isinstance(start, int)
    assert isinstance(since, int)
    assert isinstance(wait, int)
    assert start * 1000 + since * 1000 <= now < start * 1000 + since * 1000 + 1000
    assert start % 1000 == 0
    assert 1 <= wait <= 1000
    assert since + wait == 1000
