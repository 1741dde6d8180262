"""Faults on the operations of the Account API are worded as the stack that they hit would."""

from __future__ import annotations

import httpx
import pytest
from msgspec.structs import replace

from fake_nexmo.apis.account.model import (
    ACCOUNT_TROUBLES,
    PROBLEMS,
    ROWS,
    SECRET_TROUBLES,
    TROUBLES,
    AccountRefusal,
    SecretRefusal,
)
from fake_nexmo.apis.account.wire import json_answer, problem, refused
from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Fault, FaultEffect
from tests.house import House

BASIC = httpx.BasicAuth("abcd1234", "s3cr3tS3cr3t")
ALL = "/accounts/abcd1234/secrets"
COMMON = {"throttled", "bad_credentials", "no_credit", "barred", "server_error", "unavailable", "not_found"}


async def arm(house: House, fault: Fault) -> None:
    """Arm a fault in the world."""
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(put=(replace(start.world, faults=(fault,)),)))


def test_every_common_trouble_has_a_row_on_either_stack() -> None:
    """And so has every row of the own table, by its name."""
    assert COMMON | {row.value for row in AccountRefusal} == ACCOUNT_TROUBLES.keys()
    assert COMMON | {row.value for row in SecretRefusal} == SECRET_TROUBLES.keys()
    assert TROUBLES.keys() == ACCOUNT_TROUBLES.keys() | SECRET_TROUBLES.keys()


@pytest.mark.parametrize("name", sorted(TROUBLES))
async def test_a_trouble_in_the_words_of_the_old_stack(house: House, name: str) -> None:
    """A row that only the other stack has is a server error; nothing is done."""
    await arm(house, Fault(name="f", target="account.top_up", effect=FaultEffect.NONE, answer=name))

    answer = await house.client.post("/account/top-up", auth=BASIC)

    row = ACCOUNT_TROUBLES.get(name, AccountRefusal.SERVER_ERROR)
    assert (answer.status_code, answer.content) == (ROWS[row].code, json_answer(refused(row)))
    [entry] = (await house.control("GET", "requests"))["items"]
    assert (entry["fault"], entry["outcome"]) == ("f", f"{ROWS[row].code} {ROWS[row].label}")


@pytest.mark.parametrize("name", sorted(TROUBLES))
async def test_a_trouble_in_the_words_of_the_newer_stack(house: House, name: str) -> None:
    """With the facts that its row shows."""
    await arm(house, Fault(name="f", target="account.get_secret", effect=FaultEffect.NONE, answer=name))

    answer = await house.client.get(f"{ALL}/some-id", auth=BASIC)

    row = SECRET_TROUBLES.get(name, SecretRefusal.SERVER_ERROR)
    facts = {"key": "abcd1234", "id": "some-id", "method": "GET"}
    assert answer.status_code == PROBLEMS[row].status
    assert answer.json() == problem(row, facts, "current", answer.json()["instance"])


async def test_a_top_up_that_is_made_twice_is_credited_twice(house: House) -> None:
    """The first answer goes out."""
    await house.control("PATCH", "accounts/abcd1234", {"auto_reload": True})
    await arm(house, Fault(name="f", target="account.top_up", effect=FaultEffect.TWICE))

    answer = await house.client.post("/account/top-up", data={"trx": "00X123456Y7890123Z"}, auth=BASIC)

    assert answer.text == '{"error-code":"200","error-code-label":"success"}'
    assert (await house.control("GET", "accounts/abcd1234"))["balance"] == "120.00 EUR"
