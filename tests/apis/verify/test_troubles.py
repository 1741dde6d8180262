"""Faults on the Verify API: every trouble it can word, on every operation, and what they leave."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.apis.verify import API
from fake_nexmo.apis.verify.model import VerifyRefusal
from fake_nexmo.apis.verify.refusal_model import PROBLEMS, ROWS, ProblemRefusal
from fake_nexmo.apis.verify.troubles_rules import NEWER, PROBLEM_ROWS, TROUBLES
from fake_nexmo.apis.verify.troubles_rules import ROWS as ROWS_BY_NAME
from tests.apis.verify.desk import ALICE, BOB, GOOD, Desk

OPERATIONS = [(each.name, each.paths[0]) for each in API.operations]
PARAMS = {"number": ALICE, "brand": "Acme", "request_id": "r1"}


async def arm(desk: Desk, target: str, **said: Any) -> None:
    await desk.house.control("POST", "faults", {"target": target, **said}, 201)


@pytest.mark.parametrize(("operation", "path"), OPERATIONS)
@pytest.mark.parametrize("trouble", sorted(TROUBLES))
async def test_every_trouble_on_every_operation(desk: Desk, operation: str, path: str, trouble: str) -> None:
    """HTTP 200 and the row's status, or the newer calls' own HTTP status; nothing happens."""
    await arm(desk, operation, answer=trouble)
    answer = await desk.client.post(path, data={**GOOD, **PARAMS})

    if operation in NEWER:
        assert answer.status_code == PROBLEMS[PROBLEM_ROWS.get(trouble, ProblemRefusal.SERVER_ERROR)].status
        assert list(answer.json()) == ["type", "title", "detail", "instance"]
    else:
        row = ROWS_BY_NAME.get(trouble, VerifyRefusal.INTERNAL)
        status = "6" if row is VerifyRefusal.NOT_FOUND and operation != "verify.search" else ROWS[row].status
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert await desk.items("verifications") == []


async def test_a_trouble_knows_its_facts(desk: Desk) -> None:
    """Whole answers of rows that name something."""
    await arm(desk, "verify.start", answer="blocked", call=1)
    await arm(desk, "verify.start", answer="concurrent", call=2)
    await arm(desk, "verify.start", answer="blocked", call=3)
    await arm(desk, "verify.check", answer="closed")
    network = "The number you are trying to verify is blocklisted for verification"
    assert await desk.post("json", number="+447700900101", brand="A") == {
        "status": "7",
        "error_text": network,
        "network": "23410",
    }
    assert await desk.post("json", number=ALICE, brand="A") == {
        "request_id": "",
        "status": "10",
        "error_text": "Concurrent verifications to the same number are not allowed",
        "network": "23410",
    }
    assert (await desk.post("json", number="x", brand="A"))["network"] == ""
    assert (await desk.post("check/json", request_id="r1", code="1"))["request_id"] == "r1"


async def test_what_is_applied_though_it_is_refused(desk: Desk) -> None:
    """The answer is the fault's; the verification runs."""
    await arm(desk, "verify.start", answer="server_error", effect="applied")
    assert await desk.post("json", number=ALICE, brand="Acme") == {"status": "5", "error_text": "Internal Error"}
    [started] = await desk.items("verifications")
    assert started["phase"] == "IN PROGRESS"


async def test_what_happens_twice(desk: Desk) -> None:
    """The second start finds the first running, the second check finds it closed; two events are triggered."""
    await arm(desk, "verify.*", effect="twice")
    request_id = await desk.start()
    assert len(await desk.items("verifications")) == 1
    assert await desk.check(request_id, await desk.code(request_id)) == "0"
    assert await desk.balance() == "99.9167 EUR"
    assert [each["outcome"] for each in await desk.items("requests") if each["operation"] == "verify.start"] == [
        "done a second time by 'fault-1': refused as concurrent"
    ]
    other = await desk.start(number=BOB)
    assert await desk.control(other, "trigger_next_event") == "0"
    assert len((await desk.stand(other))["events"]) == 3


async def test_faults_hit_by_number(desk: Desk) -> None:
    """What a start is about is its number."""
    await arm(desk, "verify.start", to=BOB, answer="throttled")
    assert await desk.start()
    assert (await desk.post("json", number=BOB, brand="Acme"))["status"] == "1"


async def test_a_wrong_code_counts_twice(desk: Desk) -> None:
    """The operation happens twice, a refused one too; the first answer goes out."""
    request_id = await desk.start()
    await arm(desk, "verify.check", effect="twice")

    assert await desk.check(request_id, await desk.wrong(request_id)) == "16"

    assert [each["status"] for each in (await desk.search(request_id))["checks"]] == ["INVALID", "INVALID"]
    [entry] = [each for each in await desk.items("requests") if each["operation"] == "verify.check"]
    assert entry["outcome"] == "16 The code provided does not match the expected value"
