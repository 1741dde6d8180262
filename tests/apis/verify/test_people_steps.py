"""People who type their codes: from the start of a verification to the account's own application, a real receiver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from fake_nexmo.core.change import Change
from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import SECOND, parse_instant
from fake_nexmo.core.records import Timer
from tests.house import House
from tests.receiver import Answer, Received, Receiver

ALICE = "447700900101"
STARTED = "/verify/json"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The customer's application."""
    async with Receiver() as one:
        yield one


@pytest.fixture(autouse=True)
def no_bug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A rule that fails is logged and its timer dropped: no test may end so."""
    yield
    assert [each.getMessage() for each in caplog.get_records("call")] == []


async def start(house: House, number: str = ALICE, **params: str) -> str:
    """Begin a verification; its request id."""
    given = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "number": number, "brand": "Acme", **params}
    answer = (await house.client.post(STARTED, data=given)).json()
    assert answer["status"] == "0", answer
    return str(answer["request_id"])


async def entry(house: House, request_id: str) -> dict[str, Any]:
    """The verification as the control API shows it."""
    found: dict[str, Any] = await house.control("GET", f"verifications/{request_id}")
    return found


async def items(house: House, query: str) -> list[dict[str, Any]]:
    """What a collection answers."""
    found: list[dict[str, Any]] = (await house.control("GET", query))["items"]
    return found


async def typing(house: House) -> list[float]:
    """The seconds at which somebody typed something."""
    found = await items(house, "events?name=verify.typed")
    return [(parse_instant(each["at"]) - STANDING_START) / SECOND for each in found]


async def person(house: House, *steps: dict[str, Any], **facts: Any) -> None:
    """Declare the person."""
    await house.control("PUT", f"handsets/{ALICE}", {"on_code": list(steps), **facts})


def step(url: str, code: str = "{code}", **more: Any) -> dict[str, Any]:
    """A step that types a code into a form."""
    return {"submit": {"url": url, "form": {"phone": "{number}", "code": code}}, **more}


def form(received: Received) -> dict[str, str]:
    """A form as it came."""
    assert (received.method, received.path, received.query) == ("POST", "/otp", "")
    assert received.header("Content-Type") == "application/x-www-form-urlencoded"
    return received.form


async def test_a_wrong_code_first_and_the_right_one_ten_seconds_later(house: House, receiver: Receiver) -> None:
    """The example of the scenario format: seen after a second, typed a second later."""
    url = receiver.url + "/otp"
    await person(house, step(url, "{wrong_code}"), step(url, after="10s"))

    request_id = await start(house)
    await house.advance("30s")

    code = (await entry(house, request_id))["code"]
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    assert [form(each) for each in receiver.requests] == [
        {"phone": ALICE, "code": wrong},
        {"phone": ALICE, "code": code},
    ]
    assert await typing(house) == [2, 12]
    first, _ = await items(house, "webhooks?kind=submit")
    assert first == {
        "seq": first["seq"],
        "at": "2026-01-01T00:00:02.000Z",
        "id": first["id"],
        "kind": "submit",
        "about": request_id,
        "account": "main",
        "url": url,
        "method": "POST",
        "state": "delivered",
        "next_at": None,
        "facts": {
            "number": ALICE,
            "code": wrong,
            "step": 0,
            "phase": "IN PROGRESS",
            "form": {"phone": ALICE, "code": wrong},
            "json": None,
        },
        "fault": None,
        "attempts": [
            {
                "at": "2026-01-01T00:00:02.000Z",
                "method": "POST",
                "url": url,
                "status": 200,
                "error": None,
                "took_ms": first["attempts"][0]["took_ms"],
            }
        ],
    }


@pytest.mark.parametrize("status", [302, 404, 422, 500])
async def test_any_answer_will_do(house: House, receiver: Receiver, status: int) -> None:
    """It is sent once."""
    receiver.answer_by(lambda _: Answer(status))
    await person(house, step(receiver.url + "/otp"))

    await start(house)
    await house.advance("1m")

    (webhook,) = await items(house, "webhooks")
    assert (webhook["state"], [each["status"] for each in webhook["attempts"]]) == ("delivered", [status])
    assert len(receiver.requests) == 1


async def test_no_answer_is_given_up(house: House) -> None:
    """A person does not try again by itself."""
    async with Receiver() as closed:
        url = closed.url
    await person(house, step(url + "/otp"))

    await start(house, workflow_id="6")
    await house.advance("1d")

    (webhook,) = await items(house, "webhooks")
    assert (webhook["state"], len(webhook["attempts"])) == ("given_up", 1)


async def test_address_that_is_not_our_own_is_refused(house: House) -> None:
    """Nothing leaks, as for all webhooks."""
    await person(house, step("https://example.com/otp"))

    await start(house)
    await house.advance("1m")

    (webhook,) = await items(house, "webhooks")
    assert webhook["state"] == "refused"


async def test_json_in_another_method_along_a_route(house: House, receiver: Receiver) -> None:
    """And with the number in its path."""
    await house.control("PUT", "routes", {"https://shop.test": receiver.url})
    body = {"phone": "+{number}", "codes": ["{code}"], "tries": 1}
    await person(house, {"submit": {"url": "https://shop.test/otp/{number}", "method": "PUT", "json": body}})

    request_id = await start(house)
    await house.advance("1m")

    (received,) = receiver.requests
    assert (received.method, received.path) == ("PUT", f"/otp/{ALICE}")
    assert received.header("Content-Type") == "application/json"
    code = (await entry(house, request_id))["code"]
    assert received.json() == {"phone": f"+{ALICE}", "codes": [code], "tries": 1}


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        # The code is sent at 0 s and expires at 300 s; the next one is spoken at 305 s, heard 2 s later, and lives
        # until 605 s.
        ("447700900012", [2, 308]),
        ("447700900013", [301, 606]),
        ("447700900001", []),
    ],
)
async def test_stock_characters_type_into_the_worlds_form(
    house: House, receiver: Receiver, number: str, seconds: list[float]
) -> None:
    """Each code once, though it is sent twice; by magic of their digits."""
    await house.control("PATCH", "settings", {"code_form": {"url": receiver.url + "/otp", "form": {"code": "{code}"}}})

    request_id = await start(house, number)
    codes = [(await entry(house, request_id))["code"]]
    await house.advance("310s")
    codes.append((await entry(house, request_id))["code"])
    await house.advance("1h")

    assert await typing(house) == seconds
    assert codes[0] != codes[1]
    typed = [form(each)["code"] for each in receiver.requests]
    assert len(typed) == len(seconds)
    if number.endswith("13"):
        assert typed == codes
    assert number.endswith("13") or not set(typed) & set(codes)
    phases = [each["facts"]["phase"] for each in await items(house, "webhooks")]
    assert phases == (["IN PROGRESS", "EXPIRED"] if number.endswith("13") else ["IN PROGRESS"] * len(seconds))


@pytest.mark.parametrize("number", ["447700900012", "447700900013"])
async def test_without_a_form_nothing_is_sent(house: House, number: str) -> None:
    """It is written down."""
    request_id = await start(house, number, workflow_id="6")
    await house.advance("10m")

    (event,) = await items(house, "events?name=verify.typed")
    assert event == {
        "seq": event["seq"],
        "at": "2026-01-01T00:00:02.000Z" if number.endswith("12") else "2026-01-01T00:05:01.000Z",
        "name": "verify.typed",
        "about": request_id,
        "account": "main",
        "number": number,
    }
    assert await items(house, "webhooks") == []


async def test_a_step_without_a_url_uses_the_worlds_form(house: House, receiver: Receiver) -> None:
    """With the fields of its own."""
    await house.control(
        "PATCH", "settings", {"code_form": {"url": receiver.url + "/otp", "form": {"phone": "{number}"}}}
    )
    await person(house, {"submit": {"form": {"pin": "{code}"}}}, {"submit": {}})

    request_id = await start(house)
    await house.advance("1m")

    code = (await entry(house, request_id))["code"]
    assert [form(each) for each in receiver.requests] == [{"pin": code}, {"phone": ALICE}]


async def test_a_code_that_is_heard_is_typed(house: House, receiver: Receiver) -> None:
    """When the phone is answered, two seconds after it rings."""
    await person(house, step(receiver.url + "/otp"))

    await start(house, workflow_id="7")
    await house.advance("1m")

    assert (len(receiver.requests), await typing(house)) == (1, [3])


@pytest.mark.parametrize(
    ("facts", "workflow"),
    [({"like": "voicemail"}, "7"), ({"line": "busy"}, "7"), ({"like": "unreachable"}, "6"), ({"power": False}, "6")],
)
async def test_a_code_that_nobody_saw_is_not_typed(
    house: House, receiver: Receiver, facts: dict[str, Any], workflow: str
) -> None:
    """A machine does not type."""
    await person(house, step(receiver.url + "/otp"), **facts)

    await start(house, workflow_id=workflow)
    await house.advance("1h")

    assert (receiver.requests, await typing(house)) == ([], [])


@pytest.mark.parametrize(
    ("fault", "seconds", "matches"),
    [
        ({"repeat": 3, "gap": "10s"}, [2, 12, 22], 1),
        ({"delay": "1m"}, [62], 1),
        ({"to": ALICE, "account": "main", "repeat": 2}, [2, 2], 1),
        ({"to": "447700900102", "repeat": 2}, [2], 0),
        ({"call": 2, "repeat": 2}, [2], 1),
    ],
)
async def test_a_fault_on_the_form(
    house: House, receiver: Receiver, fault: dict[str, Any], seconds: list[float], matches: int
) -> None:
    """It is matched once, when the step is due; a step that sends nothing is no match."""
    await house.control("POST", "faults", {"name": "bad", "target": "webhook.submit", **fault}, 201)
    await person(house, step(receiver.url + "/otp"), {"submit": {}, "after": "1s"})

    await start(house, workflow_id="6")
    await house.advance("2m")

    found = await items(house, "webhooks?kind=submit")
    at = [(parse_instant(each["attempts"][0]["at"]) - STANDING_START) / SECOND for each in found]
    assert (at, len(await typing(house))) == (seconds, 2)
    assert {each["fault"] for each in found} == {"bad" if matches and fault.get("call") != 2 else None}
    assert [each["matches"] for each in (await house.control("GET", "faults"))["items"]] == [matches]


async def test_a_code_is_typed_though_the_verification_is_closed(house: House, receiver: Receiver) -> None:
    """People do not know; the facts of the webhook do."""
    await person(house, step(receiver.url + "/otp", after="10s"))
    request_id = await start(house)
    code = (await entry(house, request_id))["code"]
    params = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "request_id": request_id, "code": code}
    assert (await house.client.post("/verify/check/json", data=params)).json()["status"] == "0"

    await house.advance("1m")

    (webhook,) = await items(house, "webhooks")
    assert (form(receiver.requests[0])["code"], webhook["facts"]["phase"]) == (code, "SUCCESS")


async def test_owned_number_types_nothing(house: House, receiver: Receiver) -> None:
    """Nobody is behind it, whatever range it is in."""
    await house.control("PUT", "handsets/crowd", {"range": "447700900000..447700900999", "like": "wrong-coder"})
    await house.control("PATCH", "settings", {"code_form": {"url": receiver.url + "/otp"}})

    await start(house, "447700900000", workflow_id="6")
    await start(house, "447700900500", workflow_id="6")
    await house.advance("1m")

    assert [each["number"] for each in await items(house, "events?name=verify.typed")] == ["447700900500"]


async def test_step_that_was_taken_back_is_not_taken(house: House, receiver: Receiver) -> None:
    """By the time it is due, the person behaves otherwise."""
    await person(house, step(receiver.url + "/otp", after="1m"))
    await start(house)
    await house.advance("10s")
    await person(house)

    await house.advance("5m")

    assert (receiver.requests, await typing(house)) == ([], [])


async def test_code_of_a_verification_that_is_gone(house: House) -> None:
    """A message may be under way for longer than its entry is kept."""
    opened = await house.store.peek("default")
    timer = Timer(due_at=STANDING_START, owner="verify", what="seen", subject="gone")
    await house.store.commit("default", opened.epoch, Change(timers=(timer,)))

    done = await house.advance("1s")

    assert (done["timers"], await typing(house)) == (1, [])


async def test_clock_that_jumps_does_not_pass_the_expiry(house: House) -> None:
    """What waits for the end of a code is a deadline, as that end is."""
    await start(house, "447700900013", workflow_id="6")
    await house.advance("1s")

    waiting = {each.what: each.deadline for each in await house.store.pending("default") if isinstance(each, Timer)}

    assert waiting == {"expiry": True, "type": True}
