"""Faults on the operations of the Voice API: every trouble in the API's own words."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.apis.voice import API
from fake_nexmo.apis.voice.model import VoiceRefusal
from fake_nexmo.apis.voice.replies import TROUBLES
from fake_nexmo.apis.voice.wire import ROWS
from tests.apis.voice.desk import (
    BAD_STATE,
    BODIES,
    CALLS,
    FORBIDDEN,
    FROM,
    GOOD,
    NOT_FOUND,
    TO,
    UNAUTHORIZED,
    UUID,
    WRONG_VERB,
    Desk,
    assert_answer,
    missing,
    wrong,
)

INTERNAL = '{"type":"INTERNAL_SERVER_ERROR","error_title":"Internal Server Error"}'
VALUE = "Invalid parameter provided"

# What each trouble answers: status and body, but for the rows that name a parameter. Source: reference voice §2.
ANSWERS: dict[str, tuple[int, str]] = {
    "unauthorized": (401, UNAUTHORIZED),
    "forbidden": (403, FORBIDDEN),
    "wrong_verb": (405, WRONG_VERB),
    "bad_state": (400, BAD_STATE),
    "unreadable": (400, BAD_STATE),
    "not_found": (404, NOT_FOUND),
    "throttled": (429, ""),
    "internal": (500, INTERNAL),
    "bad_credentials": (401, UNAUTHORIZED),
    "no_credit": (403, FORBIDDEN),
    "barred": (403, FORBIDDEN),
    "server_error": (500, INTERNAL),
    "unavailable": (500, INTERNAL),
}
OPERATIONS = [
    (operation.name, operation.methods[0], path.replace("{uuid}", UUID))
    for operation in API.operations
    for path in operation.paths
]
ABOUT = {
    "voice.create_call": "to",
    "voice.list_calls": "page_size",
    "voice.modify_call": "action",
    "voice.start_talk": "text",
    "voice.start_stream": "stream_url",
    "voice.send_dtmf": "digits",
    "voice.subscribe_dtmf": "event_url",
}


def body_of(operation: str, trouble: str) -> tuple[int, str]:
    """What a trouble answers on an operation."""
    name = ABOUT.get(operation, "uuid")
    named = {"missing": (400, missing(name)), "invalid": (400, wrong((name, VALUE)))}
    status, body = {**ANSWERS, **named}[trouble]
    if operation != "voice.get_recording":
        return status, body
    # Source: reference auth §6.6 (A).
    return (
        status,
        f'{{"status":{status},"title":"Missing parameters"}}' if trouble == "missing" else f'{{"status":{status}}}',
    )


def content_of(method: str, path: str) -> Any:
    if method == "POST":
        return GOOD
    return BODIES.get((method, path.removeprefix(f"{CALLS}/{UUID}")))


async def arm(desk: Desk, target: str, **said: Any) -> None:
    """Arm a fault."""
    words = {name.rstrip("_"): word for name, word in said.items()}
    await desk.house.control("POST", "faults", {"target": target, **words}, 201)


def test_every_row_has_words_and_is_a_trouble() -> None:
    assert set(ROWS) == set(VoiceRefusal)
    assert set(TROUBLES) == {*ANSWERS, "missing", "invalid"}


@pytest.mark.parametrize(("operation", "method", "path"), OPERATIONS)
@pytest.mark.parametrize("trouble", sorted(TROUBLES))
async def test_every_trouble_of_every_operation(
    desk: Desk, operation: str, method: str, path: str, trouble: str
) -> None:
    """To the byte."""
    await arm(desk, operation, answer=trouble)

    answer = await desk.ask(method, path, content_of(method, path))

    assert_answer(answer, *body_of(operation, trouble))
    [entry] = (await desk.house.control("GET", "requests"))["items"]
    assert (entry["operation"], entry["fault"]) == (operation, "fault-1")
    assert entry["outcome"] == f"{answer.status_code} {TROUBLES[trouble].value}"


@pytest.mark.parametrize(
    "said",
    [{"to": TO}, {"from_": FROM}, {"to": "4477009000*"}, {"param": {"answer_method": "POST"}}],
)
async def test_a_fault_reads_the_body(desk: Desk, said: Any) -> None:
    """Numbers as they stand in their endpoints."""
    await arm(desk, "voice.create_call", answer="throttled", **said)
    other: dict[str, Any] = {
        "to": [{"type": "vbc", "extension": "789"}],
        "from": "12015550100",
        "answer_url": ["https://shop.test"],
    }

    hit = await desk.ask("POST", CALLS, {**GOOD, "answer_method": "POST"})
    missed = await desk.ask("POST", CALLS, other)

    assert (hit.status_code, missed.status_code) == (429, 201)


@pytest.mark.parametrize("content", [{"to": []}, {"to": [{}], "from": {}}, {"to": 5}, {}])
async def test_a_fault_reads_any_body(desk: Desk, content: Any) -> None:
    """And misses where there is nothing to read."""
    await arm(desk, "voice.create_call", answer="throttled", to=TO)

    assert (await desk.ask("POST", CALLS, content)).status_code == 400
    assert (await desk.ask("POST", CALLS, data=b"{")).status_code == 400


async def test_a_call_can_be_made_and_yet_be_refused(desk: Desk) -> None:
    """The operation happens; source: design of faults."""
    await arm(desk, "voice.create_call", answer="server_error", effect="applied")

    assert_answer(await desk.ask("POST", CALLS, GOOD), 500, INTERNAL)
    assert (await desk.ask("GET", CALLS)).json()["count"] == 1


async def test_a_call_can_be_made_twice(desk: Desk) -> None:
    await arm(desk, "voice.create_call", effect="twice")

    first = await desk.create()

    listed = (await desk.ask("GET", CALLS)).json()
    assert listed["count"] == 2
    assert first["uuid"] in [each["uuid"] for each in listed["_embedded"]["calls"]]
