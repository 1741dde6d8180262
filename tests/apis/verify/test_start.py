"""``/verify/json`` and ``/verify/xml``: every parameter, every refusal and their order, through the whole house."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Number
from fake_nexmo.core.signature import SignatureMethod, sign
from tests.apis.verify.desk import ALICE, BOB, GOOD, KEY, SECRET, XML_PROLOG, Desk

CONCURRENT = "Concurrent verifications to the same number are not allowed"
BARRED = "The api_key you supplied is for an account that has been barred from submitting messages"
DEMO = (
    "Your Vonage account is still in demo mode. While in demo mode you must add target numbers to the approved list "
    "for your account. Add funds to your account to remove this limitation."
)


def missing(name: str) -> dict[str, str]:
    text = f"Your request is incomplete and missing the mandatory parameter: {name}"
    return {"status": "2", "error_text": text}


def invalid(name: str) -> dict[str, str]:
    return {"status": "3", "error_text": f"Invalid value for param: {name}"}


# ------------------------------------------------------------------------------------------------------ whole answers


async def test_a_start_in_json(desk: Desk) -> None:
    """Two members, both texts, compact."""
    answer = await desk.client.post("/verify/json", data={**GOOD, "number": ALICE, "brand": "Acme"})

    [started] = await desk.items("verifications")
    request_id = started["request_id"]
    assert len(request_id) == 32
    assert set(request_id) <= set("0123456789abcdef")
    assert answer.text == f'{{"request_id":"{request_id}","status":"0"}}'
    assert answer.headers["content-type"] == "application/json"
    assert (await desk.items("requests"))[-1]["about"] == request_id


async def test_a_start_in_xml(desk: Desk) -> None:
    """The document of the reference."""
    text = await desk.xml("xml", number=ALICE, brand="Acme")

    [started] = await desk.items("verifications")
    assert text == (
        f"{XML_PROLOG}<verify_response>\n    <request_id>{started['request_id']}</request_id>\n"
        "    <status>0</status>\n</verify_response>\n"
    )


async def test_a_refusal_in_xml(desk: Desk) -> None:
    """Under the same root; what a text holds is escaped."""
    assert await desk.xml("xml", number="x", brand="Acme") == (
        f"{XML_PROLOG}<verify_response>\n    <status>3</status>\n"
        "    <error_text>Invalid value for param: number</error_text>\n</verify_response>\n"
    )


async def test_what_is_kept_of_a_start(desk: Desk) -> None:
    """The whole entry of the control API, the message, and the code that the phone saw."""
    request_id = await desk.start()

    [message] = await desk.items("messages")
    code = await desk.code(request_id)
    assert await desk.stand(request_id) == {
        "seq": (await desk.stand(request_id))["seq"],
        "at": "2026-01-01T00:00:00.000Z",
        "request_id": request_id,
        "account": "main",
        "number": ALICE,
        "brand": "Acme",
        "amount": None,
        "sender": "verify",
        "network": "23410",
        "language": "en-gb",
        "workflow": 1,
        "phase": "IN PROGRESS",
        "code": code,
        "codes": [code],
        "code_at": "2026-01-01T00:00:00.000Z",
        "pin_expiry": 300,
        "next_event_wait": None,
        "tries": 0,
        "events": [{"id": message["id"], "type": "sms", "at": "2026-01-01T00:00:00.000Z", "price": "0.03330000"}],
        "checks": [],
        "event_id": None,
        "price": "0.00000000",
        "finalized_at": None,
    }
    assert (message["from"], message["to"], message["owner"], message["about"], message["price"]) == (
        "verify",
        ALICE,
        "verify",
        request_id,
        "0.03330000",
    )
    assert message["text"] == f"Acme code: {code}. Valid for 5 minutes."
    assert await desk.events() == [("00:00:00", "started"), ("00:00:00", "event_sent")]
    seen = await desk.house.control("GET", f"handsets/{ALICE}/code")
    assert seen["code"] == code


@pytest.mark.parametrize("way", ["get", "query", "form", "json", "slashes"])
async def test_every_way_of_asking(desk: Desk, way: str) -> None:
    """GET and POST; query, form and JSON with numbers in it."""
    params: dict[str, Any] = {**GOOD, "number": ALICE, "brand": "Acme", "code_length": 6, "workflow_id": 6}
    if way == "get":
        answer = await desk.client.get("/verify/json", params=params)
    elif way == "query":
        answer = await desk.client.post("/verify/json", params=params)
    elif way == "form":
        answer = await desk.client.post("/verify/json", data=params)
    elif way == "json":
        answer = await desk.client.post("/verify/json", json=params)
    else:
        answer = await desk.client.post("/verify//json/", data=params)

    assert answer.json()["status"] == "0"
    [started] = await desk.items("verifications")
    assert (len(started["code"]), started["workflow"]) == (6, 6)


# ---------------------------------------------------------------------------------------------------------- parameters

VALUES: list[tuple[str, list[str], list[str]]] = [
    ("brand", ["A", "A" * 18, "Ü" * 18], ["A" * 19]),
    ("country", ["gb", "GB", "us", ""], ["G", "GBR", "ZZ", "44"]),
    ("sender_id", ["A", "Acme1234567", "447700900", ""], ["Acme12345678", "Acme Inc", "Ämter", "+44"]),
    ("code_length", ["4", "6", ""], ["5", "3", "7", "4.0", "four", "-4", "٤"]),
    ("lg", ["en-us", "de-de", "cy-cy", "yue-cn", ""], ["en", "xx-xx", "EN-US", "bg-bg"]),
    ("pin_expiry", ["60", "3600", "300", ""], ["59", "3601", "x", "0"]),
    ("next_event_wait", ["60", "900", ""], ["59", "901", "x", "0"]),
    ("workflow_id", ["1", "2", "3", "4", "5", "6", "7", ""], ["0", "8", "x", "11"]),
    ("require_type", ["All", "MOBILE", "landline", "nonsense"], []),
]


@pytest.mark.parametrize(("name", "value"), [(name, each) for name, right, _ in VALUES for each in right])
async def test_values_that_are_taken(desk: Desk, name: str, value: str) -> None:
    """The bounds themselves belong to what is right; an empty one is absent."""
    assert (await desk.post("json", **{"number": ALICE, "brand": "Acme", name: value}))["status"] == "0"


@pytest.mark.parametrize(("name", "value"), [(name, each) for name, _, wrong in VALUES for each in wrong])
async def test_values_that_are_refused(desk: Desk, name: str, value: str) -> None:
    """Each by its own name, and nothing is started."""
    assert await desk.post("json", **{"number": ALICE, "brand": "Acme", name: value}) == invalid(name)
    assert await desk.items("verifications") == []


@pytest.mark.parametrize(
    ("number", "country", "found"),
    [
        (ALICE, "", ALICE),
        ("+447700900101", "", ALICE),
        ("00447700900101", "", ALICE),
        ("+44 (7700) 900-101", "", ALICE),
        ("44.7700.900/101", "", ALICE),
        ("07700900101", "gb", ALICE),
        ("7700900101", "GB", ALICE),
        (ALICE, "GB", ALICE),
        (ALICE, "US", ALICE),
        ("+447700900101", "US", ALICE),
        ("2015550123", "us", "12015550123"),
        (ALICE, "AT", ALICE),
        ("12015550123", "DE", "12015550123"),
        ("13812345678", "CN", "8613812345678"),
        ("13812345678", "DE", "13812345678"),
        ("07700900101", "", None),
        ("07700900101", "ZZ", None),
        ("44", "", None),
        ("44770090010123456", "", None),
        ("447700abc101", "", None),
        ("+", "", None),
        ("999447700900101", "", None),
    ],
)
async def test_numbers(desk: Desk, number: str, country: str, found: str | None) -> None:
    """International or national with a country; compared and shown as E.164 digits."""
    answer = await desk.post("json", number=number, country=country, brand="Acme")
    if found is None:
        assert answer == invalid("number")
    else:
        assert [each["number"] for each in await desk.items("verifications")] == [found]


@pytest.mark.parametrize(
    ("expiry", "wait", "taken"),
    [
        ("", "", (300, None)),
        ("600", "", (600, None)),
        ("", "60", (300, 60)),
        ("", "120", (300, 120)),
        ("240", "120", (240, 120)),
        ("200", "120", (120, 120)),
        ("400", "120", (120, 120)),
        ("60", "120", (120, 120)),
        ("300", "120", (120, 120)),
    ],
)
async def test_an_expiry_that_is_no_multiple_of_the_wait(
    desk: Desk, expiry: str, wait: str, taken: tuple[int, int | None]
) -> None:
    """Is silently as long as the wait, when both are given (checklist 8)."""
    started = await desk.stand(await desk.start(pin_expiry=expiry, next_event_wait=wait))
    assert (started["pin_expiry"], started["next_event_wait"]) == taken


@pytest.mark.parametrize(
    ("settings", "pin_code", "answer"),
    [
        ({}, "1234", {"status": "20", "error_text": "This account does not support the parameter: pin_code."}),
        ({}, "x", {"status": "20", "error_text": "This account does not support the parameter: pin_code."}),
        ({"verify_pin_code": True}, "1234", None),
        ({"verify_pin_code": True}, "AB12cd34EF", None),
        ({"verify_pin_code": True}, "123", invalid("pin_code")),
        ({"verify_pin_code": True}, "12345678901", invalid("pin_code")),
        ({"verify_pin_code": True}, "12 34", invalid("pin_code")),
    ],
)
async def test_a_code_of_ones_own(
    desk: Desk, settings: dict[str, Any], pin_code: str, answer: dict[str, str] | None
) -> None:
    """Needs enabling."""
    await desk.settings(**settings)
    got = await desk.post("json", number=ALICE, brand="Acme", pin_code=pin_code)
    if answer is None:
        assert await desk.code(got["request_id"]) == pin_code
        assert (await desk.items("messages"))[0]["text"] == f"Acme code: {pin_code}. Valid for 5 minutes."
    else:
        assert got == answer


async def test_a_supplied_code_is_used_to_the_end(desk: Desk) -> None:
    """No other is ever generated, and it is right between its expiry and the event that repeats it."""
    await desk.settings(verify_pin_code=True)
    request_id, another = await desk.start(pin_code="4711"), await desk.start(number=BOB, pin_code="4711")
    wrong = [await desk.check(request_id, "0000")]
    await desk.house.advance("302s")
    wrong.append(await desk.check(request_id, "1111"))
    assert await desk.check(another, "4711") == "0"
    await desk.house.advance("50s")

    started = await desk.stand(request_id)
    assert wrong == ["16", "16"]
    assert (started["codes"], started["tries"], len(started["events"])) == (["4711"], 2, 3)
    assert await desk.check(request_id, "4711") == "0"


# ------------------------------------------------------------------------------------------------------------- codes


async def test_codes_are_fixed_by_the_phone_then_by_the_account_else_drawn(desk: Desk) -> None:
    """As tests want them; drawn ones have as many digits as is asked for."""
    drawn = await desk.code(await desk.start())
    longer = await desk.code(await desk.start(number="447700900103", code_length="6"))
    await desk.account(code="2468")
    await desk.house.control("PUT", f"handsets/{BOB}", {"code": "9753"})
    by_account = await desk.code(await desk.start(number="447700900104"))
    by_phone = await desk.code(await desk.start(number=BOB))

    assert (len(drawn), len(longer), by_account, by_phone) == (4, 6, "2468", "9753")
    assert (drawn + longer).isdigit()


async def test_leading_zeros_are_possible(desk: Desk) -> None:
    """One of ten codes has one."""
    codes = [await desk.code(await desk.start(number=f"447700900{k}")) for k in range(200, 300)]

    assert {len(each) for each in codes} == {4}
    assert any(each.startswith("0") for each in codes)
    assert len(set(codes)) > 90


async def test_the_language_follows_the_number(desk: Desk) -> None:
    """Unless it is said."""
    for number, language in (("4915112345678", "de-de"), ("33639980001", "fr-fr"), ("46701740605", "sv-se")):
        assert (await desk.stand(await desk.start(number=number)))["language"] == language
    assert (await desk.stand(await desk.start(lg="es-mx")))["language"] == "es-mx"
    assert [each["text"].partition(":")[0] for each in await desk.items("messages")] == [
        "Acme-Code",
        "Code Acme ",
        "Acme-kod",
        "Código de Acme",
    ]


async def test_a_sender_is_who_the_message_is_from(desk: Desk) -> None:
    """And what search shows."""
    request_id = await desk.start(sender_id="AcmeShop")
    assert (await desk.items("messages"))[0]["from"] == "AcmeShop"
    assert (await desk.search(request_id))["sender_id"] == "AcmeShop"


# -------------------------------------------------------------------------------------------------------- credentials

WRONG_AT_START = {"status": "4", "error_text": "Invalid credentials were provided"}
WRONG = {"status": "4", "error_text": "Bad credentials"}
NO_KEY = {"status": "2", "error_text": "Missing api_key"}
NO_SECRET = {"status": "2", "error_text": "Missing api_secret"}
JSON_PATHS = ["json", "psd2/json", "check/json", "search/json", "control/json"]


@pytest.mark.parametrize("path", JSON_PATHS)
@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({}, NO_KEY),
        ({"api_secret": SECRET}, NO_KEY),
        ({"api_key": ""}, NO_KEY),
        ({"api_key": KEY}, NO_SECRET),
        ({"api_key": KEY, "api_secret": "wr0ng"}, WRONG),
        ({"api_key": "nobody00", "api_secret": SECRET}, WRONG),
        ({"api_key": KEY, "sig": "0" * 32, "timestamp": "1"}, WRONG),
        ({**GOOD, "sig": "0" * 32}, WRONG),
    ],
)
async def test_wrong_credentials(desk: Desk, path: str, params: dict[str, str], answer: dict[str, str]) -> None:
    """Before any other parameter is looked at; always HTTP 200."""
    if answer is WRONG and path in {"json", "psd2/json"}:
        answer = WRONG_AT_START
    got = await desk.client.post(f"/verify/{path}", data=params)
    assert (got.status_code, got.json()) == (200, answer)


async def test_missing_credentials_in_xml(desk: Desk) -> None:
    """As captured, in every document."""
    for path, root in (("xml", "verify_response"), ("check/xml", "verify_response"), ("search/xml", "verify_response")):
        got = await desk.client.get(f"/verify/{path}")
        assert got.text == (
            f"{XML_PROLOG}<{root}>\n    <status>2</status>\n    <error_text>Missing api_key</error_text>\n</{root}>\n"
        )
    got = await desk.client.get("/verify/control/xml")
    assert got.text == (
        f"{XML_PROLOG}<response>\n    <status>2</status>\n    <error_text>Missing api_key</error_text>\n</response>\n"
    )


@pytest.mark.parametrize("path", JSON_PATHS)
async def test_basic_is_taken_unless_the_world_says_no(desk: Desk, path: str) -> None:
    """The strict switch reproduces 2020 (checklist 13); parameters count either way."""

    async def ask(params: dict[str, str], basic: tuple[str, str] | None) -> Any:
        auth = httpx.BasicAuth(*basic) if basic else None
        return (await desk.client.post(f"/verify/{path}", data=params, auth=auth or httpx.USE_CLIENT_DEFAULT)).json()

    right, wrong = (KEY, SECRET), (KEY, "wr0ng")
    nothing_else = await ask(GOOD, None)
    assert nothing_else["error_text"].startswith("Your request is incomplete")
    bad = WRONG_AT_START if path in {"json", "psd2/json"} else WRONG
    loose = [await ask({}, right), await ask({}, wrong), await ask({"api_key": KEY}, right), await ask(GOOD, wrong)]
    assert loose == [nothing_else, bad, nothing_else, nothing_else]

    await desk.settings(verify_basic=False)
    strict = [await ask({}, right), await ask({}, wrong), await ask({"api_key": KEY}, right), await ask(GOOD, wrong)]
    assert strict == [NO_KEY, NO_KEY, NO_SECRET, nothing_else]


async def test_a_signature_stands_for_the_secret(desk: Desk) -> None:
    """By the algorithm of the SMS API."""
    await desk.settings(signature_window=False)
    params = {"api_key": KEY, "number": ALICE, "brand": "Acme", "timestamp": "1772355600"}
    sig = sign(SignatureMethod.MD5HASH, params, "fake-nexmo-signature-secret-000001")
    got = await desk.client.post("/verify/json", data={**params, "sig": sig})
    assert got.json()["status"] == "0"


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", [*JSON_PATHS, "xml", "network-unblock", "templates"])
async def test_other_verbs_are_forbidden(desk: Desk, path: str, verb: str) -> None:
    """By the gateway, before credentials."""
    got = await desk.client.request(verb, f"/verify/{path}")
    assert (got.status_code, got.json()) == (403, {"type": "FORBIDDEN", "error_title": "Forbidden"})
    posted = path in {"network-unblock", "templates"}
    assert set(got.headers["allow"].split(", ")) == ({"POST"} if posted else {"GET", "POST"})


# ----------------------------------------------------------------------------------------------------- order of checks


async def test_the_order_of_checks(desk: Desk) -> None:
    """Each answer is mended in turn, and the next one comes: the list of reference §3.1."""
    await desk.settings(
        verify_limit=1,
        verify_demo=True,
        verify_blocked=["447700900101"],
        verify_unsupported=["23410"],
    )
    await desk.account(suspended=True, balance="0.00 EUR")
    await desk.house.advance("1s")
    told = []

    async def ask(**params: str) -> None:
        told.append(await desk.post("json", **params))

    await ask(api_secret="wr0ng")
    await ask(lg="xx")
    await ask(number="x", lg="xx")
    await ask(number="x", brand="A" * 19, lg="xx")
    await ask(number=ALICE, brand="A" * 19, lg="xx")
    await ask(number=ALICE, brand="Acme", lg="xx")
    await ask(number=ALICE, brand="Acme")
    await desk.account(suspended=False)
    assert (await desk.post("search/json", request_id="x"))["status"] == "101"
    await ask(number=ALICE, brand="Acme")
    await desk.house.advance("1s")
    await ask(number=ALICE, brand="Acme")
    assert told == [
        WRONG_AT_START,
        missing("number"),
        missing("brand"),
        invalid("number"),
        invalid("brand"),
        invalid("lg"),
        {"status": "8", "error_text": BARRED},
        {"status": "1", "error_text": "Throttled"},
        {"status": "29", "error_text": DEMO},
    ]

    told.clear()
    await desk.settings(verify_approved=["+" + ALICE], verify_limit=0)
    await ask(number=ALICE, brand="Acme")
    await desk.settings(verify_blocked=[])
    await ask(number=ALICE, brand="Acme")
    await desk.settings(verify_unsupported=[])
    await ask(number=ALICE, brand="Acme")
    await desk.account(balance="1.00 EUR")
    await desk.start()
    await desk.settings(verify_blocked=["23410"])
    await desk.account(balance="0.00 EUR")
    await ask(number=ALICE, brand="Acme")
    assert [each["status"] for each in told] == ["7", "15", "9", "10"]


async def test_a_second_start_answers_the_running_id(desk: Desk) -> None:
    """And changes nothing, however the number is written; for payments alike (checklist 4)."""
    request_id = await desk.start()
    before = await desk.stand(request_id), await desk.balance()
    refused = {"request_id": request_id, "status": "10", "error_text": CONCURRENT, "network": "23410"}

    assert await desk.post("json", number="+44 7700 900101", brand="Other") == refused
    assert await desk.post("psd2/json", number=ALICE, payee="Shop", amount="9.99") == refused
    assert await desk.xml("xml", number=ALICE, brand="Acme") == (
        f"{XML_PROLOG}<verify_response>\n    <request_id>{request_id}</request_id>\n    <status>10</status>\n"
        f"    <error_text>{CONCURRENT}</error_text>\n    <network>23410</network>\n</verify_response>\n"
    )
    await desk.settings(profile="2020")
    assert await desk.post("json", number=ALICE, brand="Other") == {
        "request_id": request_id,
        "status": "10",
        "error_text": CONCURRENT,
    }
    assert (await desk.stand(request_id), await desk.balance()) == before
    assert await desk.start(number=BOB)


@pytest.mark.parametrize("end", ["SUCCESS", "FAILED", "CANCELLED", "EXPIRED"])
async def test_the_number_is_free_again_when_it_ended(desk: Desk, end: str) -> None:
    """At that very instant, whichever end it was."""
    request_id = await desk.start()
    if end == "SUCCESS":
        await desk.check(request_id, await desk.code(request_id))
    elif end == "FAILED":
        wrong = await desk.wrong(request_id)
        assert [await desk.check(request_id, wrong) for _ in range(3)] == ["16", "16", "17"]
    elif end == "CANCELLED":
        await desk.house.advance("30s")
        await desk.control(request_id, "cancel")
    else:
        await desk.house.advance("604s")
        assert (await desk.post("json", number=ALICE, brand="Acme"))["status"] == "10"
        await desk.house.advance("1s")

    assert (await desk.stand(request_id))["phase"] == end
    assert await desk.start() != request_id


async def test_of_many_starts_at_once_one_runs(desk: Desk) -> None:
    """The others are told its id."""
    answers = await asyncio.gather(*(desk.post("json", number=ALICE, brand="Acme") for _ in range(20)))

    [started] = await desk.items("verifications")
    assert sorted(each["status"] for each in answers) == ["0"] + ["10"] * 19
    assert {each["request_id"] for each in answers} == {started["request_id"]}
    assert await desk.balance() == "99.9667 EUR"


@pytest.mark.parametrize(
    ("entry", "number", "text"),
    [
        ("23410", ALICE, "The network you are trying to verify has been blocked due to possible fraudulent activity"),
        ("4477009001", ALICE, "The number you are trying to verify is blocklisted for verification"),
        ("+447700900101", ALICE, "The number you are trying to verify is blocklisted for verification"),
        ("4477009002", ALICE, None),
        ("26201", ALICE, None),
        ("", ALICE, None),
    ],
)
async def test_what_is_blocked(desk: Desk, entry: str, number: str, text: str | None) -> None:
    """A network or a prefix of numbers; the answer names the network; one text for both in 2020."""
    await desk.settings(verify_blocked=["26202", entry])
    got = await desk.post("json", number=number, brand="Acme")
    if text is None:
        assert got["status"] == "0"
        return
    assert got == {"status": "7", "error_text": text, "network": "23410"}
    await desk.settings(profile="2020")
    assert await desk.post("json", number=number, brand="Acme") == {
        "status": "7",
        "error_text": "The number you are trying to verify is blacklisted for verification",
        "network": "23410",
    }


async def test_a_ported_phone_is_on_the_network_it_was_ported_to(desk: Desk) -> None:
    """Blocks and answers go by that."""
    await desk.house.control("PUT", f"handsets/{ALICE}", {"network": "23415"})
    await desk.settings(verify_blocked=["23415"])
    assert (await desk.post("json", number=ALICE, brand="Acme"))["network"] == "23415"


@pytest.mark.parametrize(
    ("entry", "status"), [("23410", "15"), ("4477009001", "15"), ("23415", "0"), ("4477009002", "0")]
)
async def test_what_is_not_served(desk: Desk, entry: str, status: str) -> None:
    """A network or a prefix of numbers."""
    await desk.settings(verify_unsupported=[entry])
    got = await desk.post("json", number=ALICE, brand="Acme")
    assert got["status"] == status
    if status == "15":
        assert got == {"status": "15", "error_text": "The destination number is not in a supported network"}


async def test_the_rate_is_counted_per_second_if_the_world_has_one(desk: Desk) -> None:
    """Over all calls of the API; the next second is a new one; off by default."""
    throttled = {"status": "1", "error_text": "Throttled"}
    await desk.settings(verify_limit=3)
    request_id = await desk.start()
    await desk.house.advance("1s")

    told = [
        await desk.post("json", number=BOB, brand="Acme"),
        await desk.search(request_id),
        await desk.post("check/json", request_id=request_id, code="00000"),
        await desk.search(request_id),
        await desk.post("control/json", request_id=request_id, cmd="cancel"),
        await desk.post("check/json", request_id=request_id, code="0000"),
        await desk.post("psd2/json", number=ALICE, payee="A", amount="1"),
    ]
    assert told[3:] == [throttled] * 4
    await desk.house.advance("1s")
    assert (await desk.search(request_id))["status"] == "IN PROGRESS"


async def test_requests_that_are_refused_count_towards_the_rate(desk: Desk) -> None:
    """Whatever the call."""
    request_id = await desk.start()
    await desk.settings(verify_limit=1)
    for path, params, status in (
        ("json", {"number": ALICE, "brand": "Acme"}, "10"),
        ("psd2/json", {"number": ALICE, "payee": "A", "amount": "1"}, "10"),
        ("check/json", {"request_id": "nobody", "code": "0000"}, "6"),
        ("search/json", {"request_id": "nobody"}, "101"),
        ("control/json", {"request_id": request_id, "cmd": "cancel"}, "19"),
        ("control/json", {"request_id": "nobody", "cmd": "trigger_next_event"}, "6"),
    ):
        await desk.house.advance("1s")
        told = [(await desk.post(path, **params))["status"] for _ in range(2)]
        assert told == [status, "1"]


async def test_minutes_are_whole(desk: Desk) -> None:
    """Rounded down."""
    await desk.start(pin_code="", pin_expiry="119")
    assert (await desk.items("messages"))[0]["text"].endswith("Valid for 1 minutes.")


@pytest.mark.parametrize(
    ("workflow", "balance", "status"),
    [
        ("1", "0.08330000 EUR", "0"),
        ("1", "0.08329999 EUR", "9"),
        ("6", "0.08330000 EUR", "0"),
        ("7", "0.08330000 EUR", "0"),
        ("7", "0.08329999 EUR", "9"),
        ("1", "unlimited", "0"),
    ],
)
async def test_the_balance_must_cover_the_first_event_and_the_price(
    desk: Desk, workflow: str, balance: str, status: str
) -> None:
    """A part costs 0.0333, a minute of a call too, the verification 0.05."""
    await desk.account(balance=balance)
    got = await desk.post("json", number=ALICE, brand="Acme", workflow_id=workflow)
    assert got["status"] == status
    if status == "9":
        assert got == {"status": "9", "error_text": "Partner quota exceeded"}


@pytest.mark.parametrize(
    ("character", "answers"),
    [
        (
            "barred",
            [("7", "The number you are trying to verify is blocklisted for verification")] * 2,
        ),
        ("throttled", [("1", "Throttled")] * 2 + [("0", None)]),
        ("broke", [("9", "Partner quota exceeded")]),
        ("unreachable", [("0", None)]),
        ("switched-off", [("0", None)]),
        ("landline", [("0", None)]),
    ],
)
async def test_what_a_phone_refuses(desk: Desk, character: str, answers: list[tuple[str, str | None]]) -> None:
    """The troubles of its character, in the words of this API."""
    await desk.house.control("PUT", f"handsets/{ALICE}", {"like": character})
    told = [await desk.post("json", number=ALICE, brand="Acme") for _ in answers]
    assert [(each["status"], each.get("error_text")) for each in told] == answers


@pytest.mark.parametrize(
    ("trouble", "answer"),
    [
        ("unreachable", {"status": "6", "error_text": "The Vonage platform was unable to process this message for the "
                         "following reason: The request could not be routed."}),
        ("server_error", {"status": "5", "error_text": "Internal Error"}),
        ("account_barred", {"status": "8", "error_text": BARRED}),
        ("demo", {"status": "29", "error_text": DEMO}),
    ],
)  # fmt: skip
async def test_what_a_scenario_has_a_phone_refuse(desk: Desk, trouble: str, answer: dict[str, str]) -> None:
    """Rows of the SMS API's table; what has no row here cannot be routed."""
    await desk.house.control("PUT", f"handsets/{ALICE}", {"submission": trouble})
    assert await desk.post("json", number=ALICE, brand="Acme") == answer


async def test_barred_accounts_may_check_and_search(desk: Desk) -> None:
    """Status 8 is for starts and control alone, after their parameters are judged."""
    request_id = await desk.start()
    code = await desk.code(request_id)
    await desk.house.control("POST", "faults", {"target": "verify.search", "call": 2, "answer": "throttled"}, 201)
    await desk.account(suspended=True)

    barred = {"status": "8", "error_text": BARRED}
    assert await desk.post("control/json", request_id=request_id) == missing("cmd")
    assert await desk.post("control/json", request_id=request_id, cmd="cancel") == barred
    assert await desk.post("psd2/json", number=BOB, payee="A", amount="1") == barred
    assert (await desk.search(request_id))["status"] == "IN PROGRESS"
    assert (await desk.search(request_id))["status"] == "1"
    assert await desk.check(request_id, code) == "0"


async def test_an_owned_number_gets_the_code_as_a_message(desk: Desk) -> None:
    """It is never a person, whatever its digits mean."""
    start = await desk.house.store.peek("default")
    owned = Number(id="447700900010", account="main", country="GB")
    await desk.house.store.commit("default", start.epoch, Change(put=(owned,)))
    request_id = await desk.start(number="447700900010")
    await desk.house.advance("2s")
    told = [(each["direction"], each["text"]) for each in await desk.items("messages")]
    text = f"Acme code: {await desk.code(request_id)}. Valid for 5 minutes."
    assert told == [("outbound", text), ("inbound", text)]


async def test_ids_of_messages_can_be_uuids(desk: Desk) -> None:
    """As the world's setting has it, for later events too."""
    await desk.settings(message_ids="uuid")
    request_id = await desk.start(workflow_id="4")
    await desk.house.advance("121s")
    ids = [each["id"] for each in (await desk.search(request_id))["events"]]
    assert [len(each) for each in ids] == [36, 36]
    assert ids == [each["id"] for each in await desk.items("messages")]


async def test_an_account_has_a_rate_of_its_own(desk: Desk) -> None:
    """It comes before the world's."""
    await desk.settings(verify_limit=10)
    await desk.account(limits={"verify": "1/s"})
    await desk.start()
    assert await desk.post("json", number=BOB, brand="Acme") == {"status": "1", "error_text": "Throttled"}
