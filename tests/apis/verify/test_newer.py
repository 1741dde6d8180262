"""``/verify/network-unblock`` and ``/verify/templates``: whole answers and every refusal."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.apis.verify.desk import ALICE, BOB, GOOD, KEY, SECRET, Desk

BASE = "https://developer.vonage.com/api-errors"
BASIC = httpx.BasicAuth(KEY, SECRET)


async def unblock(desk: Desk, body: Any, **how: Any) -> httpx.Response:
    """Ask by JSON with Basic."""
    return await desk.client.post("/verify/network-unblock", json=body, **({"auth": BASIC} | how))


def assert_problem(answer: httpx.Response, status: int, kind: str, title: str, detail: str) -> None:
    read = answer.json()
    instance = read["instance"]
    assert (len(instance), set(instance) <= set("0123456789abcdef")) == (32, True)
    expected = {"type": f"{BASE}#{kind}", "title": title, "detail": detail, "instance": instance}
    assert (answer.status_code, list(read.items())) == (status, list(expected.items()))
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("name", ["unblock_duration", "duration"])
@pytest.mark.parametrize("duration", [3600, "3600"])
@pytest.mark.parametrize("way", ["basic", "json"])
async def test_a_network_is_unblocked_for_a_time(desk: Desk, name: str, duration: Any, way: str) -> None:
    """Under either name of the duration (checklist 12), with credentials in the header or in the body."""
    await desk.settings(verify_blocked=["23410"])
    assert (await desk.post("json", number=ALICE, brand="Acme"))["status"] == "7"
    body = {"network": "23410", name: duration}
    answer = await (unblock(desk, body) if way == "basic" else unblock(desk, {**GOOD, **body}, auth=None))

    assert answer.status_code == 202
    assert answer.text == '{"network":"23410","unblocked_until":"2026-01-01T01:00:00Z"}'
    await desk.start()
    await desk.house.advance("3599s")
    await desk.start(number=BOB)
    await desk.house.advance("1s")
    assert (await desk.post("json", number="447700900103", brand="Acme"))["status"] == "7"
    assert (await unblock(desk, body)).json()["unblocked_until"] == "2026-01-01T02:00:00Z"


async def test_without_a_duration_it_is_a_day(desk: Desk) -> None:
    """The longest there is; an entry that is a prefix is lifted by its own name; other entries stay."""
    await desk.settings(verify_blocked=["4477009001", "23410"])
    for entry in ("4477009001", "23410"):
        answer = await unblock(desk, {"network": entry, "duration": None})
        assert answer.json() == {"network": entry, "unblocked_until": "2026-01-02T00:00:00Z"}
        status = (await desk.post("json", number=ALICE, brand="Acme"))["status"]
        assert status == ("7" if entry == "4477009001" else "0")


async def test_a_block_is_lifted_for_one_account(desk: Desk) -> None:
    """Zero seconds are over at once."""
    await desk.settings(verify_blocked=["23410"])
    assert (await unblock(desk, {"network": "23410", "unblock_duration": 0})).status_code == 202
    assert (await desk.post("json", number=ALICE, brand="Acme"))["status"] == "7"


@pytest.mark.parametrize("network", ["26201", "23410"])
async def test_no_active_block(desk: Desk, network: str) -> None:
    """One that is not listed, or is lifted already."""
    await desk.settings(verify_blocked=["23410"])
    await unblock(desk, {"network": "23410"})
    answer = await unblock(desk, {"network": network})
    assert_problem(answer, 404, "bad-request", "Not Found", "The network you provided does not have an active block.")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "network"),
        ({"network": ""}, "network"),
        ({"network": "23410", "unblock_duration": 86_401}, "unblock_duration"),
        ({"network": "23410", "unblock_duration": -1}, "unblock_duration"),
        ({"network": "23410", "unblock_duration": "1h"}, "unblock_duration"),
        ({"network": "23410", "duration": 1.5}, "unblock_duration"),
    ],
)
async def test_what_cannot_be_read(desk: Desk, body: dict[str, Any], name: str) -> None:
    """422; a day is the bound."""
    await desk.settings(verify_blocked=["23410"])
    detail = f"The value of the parameter {name} is not valid."
    assert_problem(await unblock(desk, body), 422, "unprocessable", "Unprocessable Entity", detail)
    assert (await unblock(desk, {"network": "23410", "unblock_duration": 86_400})).status_code == 202


@pytest.mark.parametrize("path", ["network-unblock", "templates"])
@pytest.mark.parametrize("auth", [None, httpx.BasicAuth(KEY, "wr0ng"), httpx.BasicAuth("nobody00", SECRET)])
async def test_wrong_credentials(desk: Desk, path: str, auth: httpx.BasicAuth | None) -> None:
    """401, whatever is wrong with them."""
    answer = await desk.client.post(f"/verify/{path}", json={}, auth=auth or httpx.USE_CLIENT_DEFAULT)
    assert_problem(answer, 401, "unauthorized", "Unauthorized", "You did not provide correct credentials.")


@pytest.mark.parametrize("why", ["barred", "not enabled"])
async def test_accounts_that_may_not(desk: Desk, why: str) -> None:
    """403."""
    if why == "barred":
        await desk.account(suspended=True)
    else:
        await desk.settings(verify_network_unblock=False)
    answer = await unblock(desk, {"network": "23410"})
    detail = "Your account does not have permission to perform this action."
    assert_problem(answer, 403, "forbidden", "Forbidden", detail)


async def test_a_template_is_handed_in(desk: Desk) -> None:
    """201; versions count by action and language, and nothing is ever sent in it."""
    body = {"action_type": "sms", "lg": "en-gb", "template": "Your code: ${pin}", "type": "custom"}
    told = [await desk.client.post("/verify/templates", json=body, auth=BASIC) for _ in range(2)]
    told.append(await desk.client.post("/verify/templates", json={**body, "action_type": "voice"}, auth=BASIC))

    assert [each.status_code for each in told] == [201] * 3
    assert told[0].text == (
        '{"account_id":"abcd1234","action_type":"sms","lg":"en-gb","version":1,"status":"pending",'
        '"template":"Your code: ${pin}","type":"custom"}'
    )
    assert [json.loads(each.text)["version"] for each in told] == [1, 2, 1]
    request_id = await desk.start()
    assert (await desk.items("messages"))[0][
        "text"
    ] == f"Acme code: {await desk.code(request_id)}. Valid for 5 minutes."


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"action_type": "fax"}, "action_type"),
        ({"lg": "xx-xx"}, "lg"),
        ({"lg": ""}, "lg"),
        ({"template": ""}, "template"),
    ],
)
async def test_a_template_that_is_none(desk: Desk, changed: dict[str, str], name: str) -> None:
    """400."""
    body = {"action_type": "sms", "lg": "en-gb", "template": "Your code: ${pin}", "type": "custom", **changed}
    answer = await desk.client.post("/verify/templates", json=body, auth=BASIC)
    detail = f"The value of the parameter {name} is not valid."
    assert_problem(answer, 400, "bad-request", "Bad Request", detail)
