"""Faults on every operation of the Numbers API are worded as it would. Source: design §8."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from fake_nexmo.apis.numbers.model import ROWS, TROUBLES, NumbersRefusal
from fake_nexmo.apis.numbers.wire import json_answer, refused, xml_answer
from fake_nexmo.core.records import Fault, FaultEffect
from tests.apis.numbers.desk import (
    ADDRESS,
    AUTH,
    BUY,
    CANCEL,
    DONE,
    FREE,
    LIST,
    MINE,
    NO,
    NO_COUNTRY,
    NO_MSISDN,
    PROLOG,
    SEARCH,
    UNAUTHORIZED,
    UPDATE,
    WRITES,
    XML,
    arm,
    assert_answer,
    balance,
    msisdns,
    open_desk,
    owned,
    post,
    requests,
)
from tests.house import House

COMMON = {"throttled", "bad_credentials", "no_credit", "barred", "server_error", "unavailable", "not_found"}
OPERATIONS = {
    "numbers.list": LIST,
    "numbers.search": SEARCH,
    "numbers.buy": BUY,
    "numbers.cancel": CANCEL,
    "numbers.update": UPDATE,
}
BODIES = {
    NumbersRefusal.BAD_CREDENTIALS: (401, UNAUTHORIZED),
    NumbersRefusal.MISSING_COUNTRY: (400, NO_COUNTRY),
    NumbersRefusal.MISSING_MSISDN: (400, NO_MSISDN),
    NumbersRefusal.METHOD_FAILED: (420, NO),
    NumbersRefusal.NEEDS_ADDRESS: (420, ADDRESS),
    NumbersRefusal.NOT_FOUND: (404, '{"error-code":"404","error-code-label":"not found"}'),
    NumbersRefusal.WRONG_METHOD: (405, '{"error-code":"405","error-code-label":"method not allowed"}'),
    NumbersRefusal.THROTTLED: (429, '{"error-code":"429","error-code-label":"too many requests"}'),
    NumbersRefusal.SERVER_ERROR: (500, '{"error-code":"500","error-code-label":"unknown error"}'),
}


@pytest.fixture
async def desk() -> AsyncIterator[House]:
    async with open_desk() as house:
        yield house


async def ask(house: House, path: str, msisdn: str, **headers: str) -> httpx.Response:
    """The operation, with all it needs."""
    said = {"country": "GB", "msisdn": msisdn}
    if path in WRITES:
        return await house.client.post(path, data=said, auth=AUTH, headers=headers)
    return await house.client.get(path, params=said, auth=AUTH, headers=headers)


def test_every_common_trouble_and_every_row_has_its_words() -> None:
    """By its name."""
    assert TROUBLES.keys() == COMMON | {row.value for row in NumbersRefusal}
    assert ROWS.keys() == BODIES.keys() == set(NumbersRefusal)


@pytest.mark.parametrize("row", NumbersRefusal)
def test_every_row_to_the_byte(row: NumbersRefusal) -> None:
    """Codes are texts."""
    status, body = BODIES[row]
    assert (ROWS[row].code, json_answer(refused(row)).decode()) == (status, body)
    assert xml_answer("response", refused(row)).decode().startswith(f"{PROLOG}<response><")


@pytest.mark.parametrize("name", sorted(TROUBLES))
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_trouble_on_every_operation(desk: House, operation: str, name: str) -> None:
    """In its words, JSON and XML; nothing is done."""
    await arm(desk, Fault(name="f", target=operation, effect=FaultEffect.NONE, answer=name))
    path, (status, body) = OPERATIONS[operation], BODIES[TROUBLES[name]]

    answer = await ask(desk, path, FREE if path == BUY else MINE)
    xml = await ask(desk, path, FREE if path == BUY else MINE, **XML)

    assert_answer(answer, status, body)
    root = "response" if path in WRITES else "inbound-numbers"
    assert xml.content == xml_answer(root, refused(TROUBLES[name]))
    assert [(each["fault"], each["status"]) for each in await requests(desk)] == [("f", status)] * 2
    await desk.control("DELETE", "faults/f", None, 204)
    assert msisdns(await owned(desk)) == [MINE]
    assert await balance(desk) == "100.00 EUR"


@pytest.mark.parametrize("answer", ["throttled", "server_error"])
async def test_a_purchase_whose_reply_is_lost_was_made(desk: House, answer: str) -> None:
    """An effect that is applied beside an answer."""
    await arm(desk, Fault(name="f", target="numbers.*", params={"msisdn": "/^4477009001/"}, answer=answer))

    refusal = await post(desk, BUY, msisdn=FREE)
    other = await post(desk, BUY, msisdn="442079460100")

    assert_answer(refusal, *BODIES[TROUBLES[answer]])
    assert_answer(other, 200, DONE)
    assert await balance(desk) == "97.85 EUR"
