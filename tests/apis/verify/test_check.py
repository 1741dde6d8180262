"""``/verify/check``: whole answers, every refusal, attempts per code, and every phase."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.apis.verify.desk import ALICE, GOOD, XML_PROLOG, Desk

WRONG = "The code provided does not match the expected value"
SPENT = "The wrong code was provided too many times. Request terminated"


def closed(request_id: str, platform: str = "Vonage") -> dict[str, str]:
    text = (
        f"The {platform} platform was unable to process this message for the following reason: "
        f"Request '{request_id}' was not found or it has been verified already."
    )
    return {"request_id": request_id, "status": "6", "error_text": text}


async def test_a_right_code(desk: Desk) -> None:
    """The whole answer in JSON, compact, and what is written down."""
    request_id = await desk.start()
    [event] = (await desk.stand(request_id))["events"]
    await desk.house.advance("10s")
    code = await desk.code(request_id)
    params = {"request_id": request_id, "code": code, "ip_address": "192.0.2.1", "ip": "192.0.2.2"}
    answer = await desk.client.post("/verify/check/json", json={**GOOD, **params})

    assert answer.text == (
        f'{{"request_id":"{request_id}","status":"0","event_id":"{event["id"]}","price":"0.05000000",'
        '"currency":"EUR","estimated_price_messages_sent":"0.03330"}'
    )
    stand = await desk.stand(request_id)
    assert (stand["phase"], stand["finalized_at"], stand["event_id"], stand["price"]) == (
        "SUCCESS",
        "2026-01-01T00:00:10.000Z",
        event["id"],
        "0.05000000",
    )
    assert stand["checks"] == [
        {"at": "2026-01-01T00:00:10.000Z", "code": code, "valid": True, "ip_address": "192.0.2.1"}
    ]
    assert await desk.events() == [("00:00:00", "started"), ("00:00:00", "event_sent"), ("00:00:10", "code_right")]
    await desk.house.advance("1h")
    assert len((await desk.stand(request_id))["events"]) == 1


async def test_answers_in_xml(desk: Desk) -> None:
    """Success and refusal under one root."""
    request_id = await desk.start()
    wrong = await desk.wrong(request_id)
    [event] = (await desk.stand(request_id))["events"]

    assert await desk.xml("check/xml", request_id=request_id, code=wrong) == (
        f"{XML_PROLOG}<verify_response>\n    <request_id>{request_id}</request_id>\n    <status>16</status>\n"
        f"    <error_text>{WRONG}</error_text>\n</verify_response>\n"
    )
    assert await desk.xml("check/xml", request_id=request_id, code=await desk.code(request_id)) == (
        f"{XML_PROLOG}<verify_response>\n    <request_id>{request_id}</request_id>\n    <status>0</status>\n"
        f"    <event_id>{event['id']}</event_id>\n    <price>0.05000000</price>\n    <currency>EUR</currency>\n"
        "    <estimated_price_messages_sent>0.03330</estimated_price_messages_sent>\n</verify_response>\n"
    )
    assert "<status>6</status>" in await desk.xml("check/xml", request_id="<&>", code="1234")
    assert "<request_id>&lt;&amp;&gt;</request_id>" in await desk.xml("check/xml", request_id="<&>", code="1234")
    assert "<request_id>\N{REPLACEMENT CHARACTER}</request_id>" in await desk.xml(
        "check/xml", request_id="\x01", code="1234"
    )


@pytest.mark.parametrize(
    ("params", "status", "text"),
    [
        ({}, "2", "Your request is incomplete and missing the mandatory parameter: request_id"),
        ({"code": "1234"}, "2", "Your request is incomplete and missing the mandatory parameter: request_id"),
        ({"request_id": "a"}, "2", "Your request is incomplete and missing the mandatory parameter: code"),
        ({"request_id": "a", "code": ""}, "2", "Your request is incomplete and missing the mandatory parameter: code"),
        ({"request_id": "a" * 33, "code": "1"}, "3", "Invalid value for param: request_id"),
        ({"request_id": "a" * 32, "code": "123"}, "3", "Invalid value for param: code"),
        ({"request_id": "a" * 32, "code": "12345678901"}, "3", "Invalid value for param: code"),
    ],
)
async def test_parameters(desk: Desk, params: dict[str, str], status: str, text: str) -> None:
    """Presence, then form; an empty one is missing."""
    assert await desk.post("check/json", **params) == {"status": status, "error_text": text}


async def test_a_code_too_long_or_short_is_no_attempt(desk: Desk) -> None:
    """It is written down nowhere; ten characters are for codes that were supplied."""
    request_id = await desk.start()
    invalid = {"status": "3", "error_text": "Invalid value for param: code"}
    for code in ("123", "1234567", "1234567890"):
        assert await desk.post("check/json", request_id=request_id, code=code) == invalid
    stand = await desk.stand(request_id)
    assert (stand["checks"], stand["tries"]) == ([], 0)

    await desk.settings(verify_pin_code=True)
    own = await desk.start(number="447700900102", pin_code="ABCDEFGHIJ")
    assert await desk.check(own, "1234567890") == "16"
    assert await desk.check(own, "ABCDEFGHIJ") == "0"


@pytest.mark.parametrize("change", [str.lower, lambda code: code + " ", lambda code: " " + code])
async def test_codes_are_compared_to_the_letter(desk: Desk, change: Any) -> None:
    """No trimming, no folding."""
    await desk.settings(verify_pin_code=True)
    request_id = await desk.start(pin_code="ABCD")
    assert await desk.check(request_id, change("ABCD")) == "16"


async def test_three_wrong_codes_end_it(desk: Desk) -> None:
    """Two may be mended; after the third nothing helps (checklist 9)."""
    request_id = await desk.start()
    wrong, right = await desk.wrong(request_id), await desk.code(request_id)

    told = [await desk.post("check/json", request_id=request_id, code=wrong) for _ in range(3)]
    after = [await desk.post("check/json", request_id=request_id, code=code) for code in (right, wrong)]

    first = {"request_id": request_id, "status": "16", "error_text": WRONG}
    assert told == [first, first, {"request_id": request_id, "status": "17", "error_text": SPENT}]
    assert after == [closed(request_id)] * 2
    stand = await desk.stand(request_id)
    assert (stand["phase"], stand["tries"], [each["valid"] for each in stand["checks"]]) == ("FAILED", 3, [False] * 3)
    await desk.house.advance("1h")
    assert [name for _, name in await desk.events()] == [
        *("started", "event_sent", "code_wrong", "code_wrong", "code_wrong", "failed")
    ]
    assert await desk.balance() == "99.9667 EUR"


async def test_the_fourth_ends_it_if_the_world_says_so(desk: Desk) -> None:
    """The other reading of the guide."""
    await desk.settings(verify_wrong_codes=4)
    request_id = await desk.start()
    wrong = await desk.wrong(request_id)
    assert [await desk.check(request_id, wrong) for _ in range(5)] == ["16", "16", "16", "17", "6"]


async def test_attempts_are_counted_anew_for_a_new_code(desk: Desk) -> None:
    """At 305 s of the default workflow; the old code is wrong from then on (checklist 7)."""
    request_id = await desk.start()
    old, wrong = await desk.code(request_id), "0000"
    await desk.house.advance("299s")
    told = [await desk.check(request_id, wrong), await desk.check(request_id, wrong)]
    await desk.house.advance("6s")
    told += [await desk.check(request_id, old), await desk.check(request_id, wrong)]
    assert told == ["16"] * 4
    assert await desk.check(request_id, await desk.code(request_id)) == "0"


async def test_a_code_that_is_too_old_is_wrong(desk: Desk) -> None:
    """Between its expiry and the event that makes a new one; it is right to the last microsecond before."""
    request_id, other = await desk.start(), await desk.start(number="447700900102")
    code, second = await desk.code(request_id), await desk.code(other)
    await desk.house.advance("299.999999s")
    assert await desk.check(other, second) == "0"
    await desk.house.advance("0.000001s")
    assert await desk.check(request_id, code) == "16"
    assert (await desk.stand(request_id))["phase"] == "IN PROGRESS"


async def test_the_event_that_carried_the_code_is_the_newest(desk: Desk) -> None:
    """Of the SMS and the call that carried it."""
    request_id = await desk.start()
    await desk.house.advance("200s")
    answer = await desk.post("check/json", request_id=request_id, code=await desk.code(request_id))
    sms, call = (await desk.stand(request_id))["events"]
    assert answer == {
        "request_id": request_id,
        "status": "0",
        "event_id": call["id"],
        "price": "0.05000000",
        "currency": "EUR",
        "estimated_price_messages_sent": "0.03663",
    }
    assert (sms["price"], call["price"]) == ("0.03330000", "0.00333000")
    assert await desk.balance() == "99.91337 EUR"


async def test_unknown_and_foreign_requests(desk: Desk) -> None:
    """One text for both; the word for the platform is the profile's, or what the world says."""
    request_id = await desk.start()
    other = await desk.house.control("POST", "/worlds", {"name": "other", "seed": 7}, 201)
    account = other["accounts"][0]
    foreign = await desk.client.post(
        "/verify/check/json",
        data={
            "api_key": account["api_key"],
            "api_secret": account["api_secret"],
            "request_id": request_id,
            "code": "1234",
        },
    )
    assert foreign.json() == closed(request_id)
    assert await desk.post("check/json", request_id="nobody", code="1234") == closed("nobody")
    await desk.settings(profile="2020")
    assert await desk.post("check/json", request_id="nobody", code="1234") == closed("nobody", "Nexmo")
    await desk.settings(verify_brand_word="Vonage")
    assert await desk.post("check/json", request_id="nobody", code="1234") == closed("nobody")


@pytest.mark.parametrize(
    ("settings", "price"),
    [
        ({}, "0.05000000"),
        ({"profile": "2020"}, "0.10000000"),
        ({"verify_price": "0.07 EUR"}, "0.07000000"),
        ({"verify_price": "0"}, "0.00000000"),
    ],
)
async def test_the_price_of_success(desk: Desk, settings: dict[str, str], price: str) -> None:
    """By profile, or as the world says (checklist 14)."""
    await desk.settings(**settings)
    request_id = await desk.start()
    answer = await desk.post("check/json", request_id=request_id, code=await desk.code(request_id))
    assert answer["price"] == price
    assert (await desk.search(request_id))["price"] == price


async def test_of_many_right_checks_at_once_one_is_right(desk: Desk) -> None:
    """And it is paid for once."""
    request_id = await desk.start()
    code = await desk.code(request_id)
    told = await asyncio.gather(*(desk.check(request_id, code) for _ in range(10)))
    assert sorted(told) == ["0"] + ["6"] * 9
    assert await desk.balance() == "99.9167 EUR"


async def test_an_unlimited_account_pays_nothing(desk: Desk) -> None:
    """Though prices are named."""
    await desk.account(balance="unlimited")
    request_id = await desk.start()
    answer = await desk.post("check/json", request_id=request_id, code=await desk.code(request_id))
    assert (answer["price"], answer["estimated_price_messages_sent"]) == ("0.05000000", "0.03330")
    assert await desk.balance() == "unlimited"


async def test_a_balance_may_fall_below_nothing_by_what_comes_later(desk: Desk) -> None:
    """Later events run and a success is paid for, covered or not."""
    await desk.account(balance="0.0833 EUR")
    request_id = await desk.start(workflow_id="4")
    await desk.house.advance("120s")
    assert await desk.check(request_id, await desk.code(request_id)) == "0"
    assert await desk.balance() == "-0.0333 EUR"


async def test_a_balance_below_its_threshold_is_reloaded(desk: Desk) -> None:
    """Whatever brought it there: the account's requests are watched."""
    await desk.account(
        balance="10.00 EUR",
        auto_reload={"enabled": True, "trx": "00X123456Y7890123Z", "amount": "20.00 EUR", "threshold": "9.99 EUR"},
    )
    await desk.start(number=ALICE)
    await desk.house.advance("6m")
    assert (await desk.balance()).startswith("29.9")
