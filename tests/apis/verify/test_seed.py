"""Every Verify request of nexmo-go v0.8.1 as it goes out, and its structs for the answers: all texts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.apis.verify.desk import ALICE, BOB, KEY, SECRET, Desk

CREDENTIALS = {"api_key": KEY, "api_secret": SECRET}
START = ("request_id", "status", "error_text")
CHECK = ("event_id", "status", "price", "currency", "error_text")
CONTROL = ("status", "command", "error_text")
SEARCHED = (
    *("request_id", "account_id", "number", "sender_id", "date_submitted", "date_finalized", "first_event_date"),
    *("last_event_date", "status", "price", "currency"),
)
CHECKED = ("date_received", "code", "status", "ip_address")


async def ask(desk: Desk, path: str, body: dict[str, Any]) -> Any:
    """As the library's ``sling`` sends it: a JSON body, the type it says, a line feed at the end."""
    answer = await desk.client.post(
        f"/verify/{path}",
        content=json.dumps({**body, **CREDENTIALS}).encode() + b"\n",
        headers={"Content-Type": "application/json", "User-Agent": "nexmo-go/0.8.1"},
    )
    assert answer.headers["content-type"].startswith("application/json")
    return answer.json()


def assert_decodes(read: dict[str, Any], *members: str) -> None:
    """Every member that the Go struct has is a text, or absent."""
    for member in members:
        assert isinstance(read.get(member, ""), str), member


@pytest.mark.parametrize(
    "body",
    [
        {"number": ALICE, "brand": "Golang Docs"},
        {
            "number": "07700900101",
            "brand": "Golang Docs",
            "country": "GB",
            "sender_id": "Golang",
            "code_length": 6,
            "lg": "en-gb",
            "require_type": "All",
            "pin_expiry": 120,
            "next_event_wait": 60,
            "workflow_id": 4,
        },
    ],
)
async def test_start(desk: Desk, body: dict[str, Any]) -> None:
    """Numbers in JSON are understood; all answers are texts (checklist 1)."""
    read = await ask(desk, "json", body)
    assert_decodes(read, *START)
    assert (read["status"], read.get("error_text", "")) == ("0", "")
    stand = await desk.stand(read["request_id"])
    assert stand["number"] == ALICE
    if "code_length" in body:
        assert (len(stand["code"]), stand["pin_expiry"], stand["next_event_wait"], stand["workflow"]) == (6, 120, 60, 4)
    refused = await ask(desk, "json", body)
    assert_decodes(refused, *START)
    assert refused["error_text"]


async def test_check(desk: Desk) -> None:
    """The library reads ``event_id`` as its RequestID."""
    request_id = await desk.start()
    wrong = await ask(desk, "check/json", {"request_id": request_id, "code": await desk.wrong(request_id)})
    right = await ask(
        desk, "check/json", {"request_id": request_id, "code": await desk.code(request_id), "ip_address": "192.0.2.1"}
    )
    for read in (wrong, right):
        assert_decodes(read, *CHECK)
    assert (right["status"], right["event_id"]) == ("0", (await desk.stand(request_id))["event_id"])


async def test_control(desk: Desk) -> None:
    """Answered normally, though the library takes every answer for an error."""
    request_id = await desk.start()
    for cmd in ("cancel", "trigger_next_event"):
        assert_decodes(await ask(desk, "control/json", {"request_id": request_id, "cmd": cmd}), *CONTROL)


@pytest.mark.parametrize("count", [1, 2])
async def test_search(desk: Desk, count: int) -> None:
    """Ids repeated in the query, be it one; a list, and no status at the top (checklist 2)."""
    one, two = await desk.start(), await desk.start(number=BOB)
    await desk.check(one, await desk.wrong(one))
    ids = "".join(f"&request_ids={each}" for each in (one, two)[:count])
    answer = await desk.client.get(f"/verify/search/json?api_key={KEY}&api_secret={SECRET}{ids}")

    read = answer.json()
    assert list(read) == ["verification_requests"]
    assert [each["request_id"] for each in read["verification_requests"]] == [one, two][:count]
    for each in read["verification_requests"]:
        assert_decodes(each, *SEARCHED)
        for checked in each["checks"]:
            assert_decodes(checked, *CHECKED)
    assert len(read["verification_requests"][0]["checks"]) == 1
    nobody = await desk.client.get(f"/verify/search/json?api_key={KEY}&api_secret={SECRET}&request_ids=nobody")
    assert nobody.json() == {"status": "101", "error_text": "No response found"}


@pytest.mark.parametrize("root", ["", "/"])
async def test_node_asks_everything_by_get(desk: Desk, root: str) -> None:
    """Version 2 of that library puts all parameters into the query (checklist 11)."""

    async def get(path: str, **params: Any) -> Any:
        answer = await desk.client.get(f"/verify/{path}{root}", params={**CREDENTIALS, **params})
        return answer.json()

    started = await get("json", number=ALICE, brand="Acme", workflow_id=6)
    request_id = started["request_id"]
    payment = await get("psd2/json", number=BOB, payee="Acme", amount=12.3)
    assert (await get("check/json", request_id=request_id, code="00000"))["status"] in {"3", "16"}
    assert (await get("control/json", request_id=payment["request_id"], cmd="trigger_next_event"))["status"] == "0"
    assert (await get("search/json", request_id=request_id))["status"] == "IN PROGRESS"
    assert (
        len((await get("search/json", request_ids=[request_id, payment["request_id"]]))["verification_requests"]) == 2
    )
    assert (await get("check/json", request_id=request_id, code=await desk.code(request_id)))["status"] == "0"
