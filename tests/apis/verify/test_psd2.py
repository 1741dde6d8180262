"""``/verify/psd2/json``: what differs from a start."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.apis.verify.texts import LANGUAGES, PAYMENT_LANGUAGES, SPOKEN_IN_ENGLISH
from tests.apis.verify.desk import ALICE, BOB, GOOD, Desk

RIGHT = {"number": ALICE, "payee": "Acme Shop", "amount": "99.99"}


async def test_a_payment(desk: Desk) -> None:
    """The answer is that of a start, and so are those of check, search and control."""
    answer = await desk.post("psd2/json", **RIGHT)
    request_id = answer["request_id"]
    assert answer == {"request_id": request_id, "status": "0"}
    stand = await desk.stand(request_id)
    assert (stand["brand"], stand["amount"], stand["language"], stand["workflow"]) == ("Acme Shop", "99.99", "en-gb", 1)
    [message] = await desk.items("messages")
    code = stand["code"]
    text = f"Code: {code}. Use it to authorise the payment of 99.99 EUR to Acme Shop."
    assert (message["text"], message["from"]) == (text, "verify")

    await desk.house.advance("130s")
    [call] = await desk.items("calls")
    assert [line["text"] for line in call["transcript"]] == [text]
    assert (await desk.search(request_id))["status"] == "IN PROGRESS"
    assert await desk.control(request_id, "cancel") == "19"
    assert await desk.check(request_id, code) == "0"


@pytest.mark.parametrize("way", ["get", "form", "json"])
async def test_every_way_of_asking(desk: Desk, way: str) -> None:
    """An amount may be a number."""
    params: dict[str, Any] = {**GOOD, **RIGHT, "amount": 99.99}
    if way == "get":
        answer = await desk.client.get("/verify/psd2/json", params=params)
    elif way == "form":
        answer = await desk.client.post("/verify/psd2/json", data=params)
    else:
        answer = await desk.client.post("/verify/psd2/json", json=params)
    assert (await desk.stand(answer.json()["request_id"]))["amount"] == "99.99"


@pytest.mark.parametrize(
    ("drop", "name"),
    [({"number", "payee", "amount"}, "number"), ({"payee", "amount"}, "payee"), ({"amount"}, "amount")],
)
async def test_what_is_missing(desk: Desk, drop: set[str], name: str) -> None:
    """In this order; a brand does not stand for the payee."""
    params = {key: value for key, value in RIGHT.items() if key not in drop}
    assert await desk.post("psd2/json", brand="Acme", **params) == {
        "status": "2",
        "error_text": f"Your request is incomplete and missing the mandatory parameter: {name}",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", "x"),
        ("payee", "A" * 19),
        ("amount", "0"),
        ("amount", "0.00"),
        ("amount", "-1"),
        ("amount", "1,50"),
        ("amount", "1e3"),
        ("amount", "EUR 5"),
        ("amount", "1.123456789"),
        ("amount", "1234567890123"),
        ("lg", "en-us"),
        ("lg", "ja-jp"),
        ("code_length", "5"),
        ("workflow_id", "8"),
        ("pin_expiry", "59"),
        ("next_event_wait", "901"),
        ("country", "ZZ"),
    ],
)
async def test_what_is_wrong(desk: Desk, name: str, value: str) -> None:
    """By the parameter's name."""
    answer = await desk.post("psd2/json", **{**RIGHT, name: value})
    assert answer == {"status": "3", "error_text": f"Invalid value for param: {name}"}


@pytest.mark.parametrize(
    ("amount", "named"), [("5", "5.00"), ("05.5", "5.50"), ("0.01", "0.01"), ("1.2345", "1.2345"), ("10.10", "10.10")]
)
async def test_how_amounts_are_named(desk: Desk, amount: str, named: str) -> None:
    """With two decimals at least."""
    await desk.post("psd2/json", **{**RIGHT, "amount": amount})
    assert f"payment of {named} EUR" in (await desk.items("messages"))[0]["text"]


async def test_what_payments_ignore(desk: Desk) -> None:
    """A sender, a code of one's own, a required type."""
    params = {"sender_id": "far too long a sender", "pin_code": "1", "require_type": "x"}
    request_id = (await desk.post("psd2/json", **RIGHT, **params))["request_id"]
    assert (await desk.stand(request_id))["sender"] == "verify"


@pytest.mark.parametrize("credentials", [GOOD, {**GOOD, "api_secret": "wrong"}, {"api_key": "nobody"}, {}])
async def test_there_is_no_xml(desk: Desk, credentials: dict[str, str]) -> None:
    """404, whoever asks; who is known is written down."""
    answer = await desk.client.post("/verify/psd2/xml", data={**credentials, **RIGHT})
    assert (answer.status_code, answer.json()) == (404, {"type": "NOT_FOUND", "error_title": "Not Found"})
    assert await desk.items("verifications") == []
    asked = [each["outcome"] for each in await desk.items("requests")]
    assert asked == (["404 Not Found"] if "api_secret" in credentials else [])


async def test_the_language_follows_the_number(desk: Desk) -> None:
    """Among those that payments have; else it is British English."""
    for number, language in (("3725123456", "ee-et"), ("353209123456", "ga-ie"), ("12015550123", "en-gb")):
        answer = await desk.post("psd2/json", **{**RIGHT, "number": number})
        assert (await desk.stand(answer["request_id"]))["language"] == language


@pytest.mark.parametrize("language", sorted(PAYMENT_LANGUAGES))
async def test_every_language_of_payments(desk: Desk, language: str) -> None:
    """Is taken, written, and spoken, in English where the service cannot speak it."""
    answer = await desk.post("psd2/json", **RIGHT, lg=language, workflow_id="5")
    await desk.house.advance("3m")
    [message], [call] = await desk.items("messages"), await desk.items("calls")
    code = await desk.code(answer["request_id"])
    for text in (message["text"], call["transcript"][0]["text"]):
        assert all(fact in text for fact in (code, "99.99 EUR", "Acme Shop"))
    if language in SPOKEN_IN_ENGLISH:
        assert call["transcript"][0]["text"].startswith("Code: ")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
async def test_every_language_of_starts(desk: Desk, language: str) -> None:
    """Is taken, written and spoken."""
    request_id = await desk.start(number=BOB, lg=language, workflow_id="5")
    await desk.house.advance("3m")
    [message], [call] = await desk.items("messages"), await desk.items("calls")
    code = await desk.code(request_id)
    for text, times in ((message["text"], 1), (call["transcript"][0]["text"], 2)):
        assert text.count(code) == times
        assert "Acme" in text
        assert "5" in text


def test_the_lists_are_those_of_the_reference() -> None:
    """Thirty-nine and twenty-one."""
    assert (len(LANGUAGES), len(PAYMENT_LANGUAGES)) == (39, 21)
