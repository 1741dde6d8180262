"""Every row of the status table, on every level, by what leads to it; source: reference number-insight §5."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from fake_nexmo.apis.insight.model import ROWS, TROUBLES, InsightRefusal
from fake_nexmo.core.change import Change
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account
from tests.house import House

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
GOOD = {"api_key": KEY, "api_secret": SECRET}
GB = "447700900123"
ACCOUNT = f"accounts/{KEY}"
CALLBACK = "http://127.0.0.1:9/insight"
LEVELS = {
    "insight.basic": "/ni/basic",
    "insight.standard": "/ni/standard",
    "insight.advanced": "/ni/advanced",
    "insight.advanced_async": "/ni/advanced/async",
}
OTHERS = [name for name in LEVELS if name != "insight.basic"]
INCOMPLETE = "Your request is incomplete and missing some mandatory parameters"
MOBILE = {"network_code": "23410", "name": "Telefonica UK Limited (O2)", "country": "GB", "network_type": "mobile"}
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'


async def ask(house: House, operation: str, form: str = "json", **params: Any) -> httpx.Response:
    """One look-up by POST; what is None is left out."""
    given = {**GOOD, "number": GB, "callback": CALLBACK, **params}
    given = {name: value for name, value in given.items() if value is not None}
    answer = await house.client.post(f"{LEVELS[operation]}/{form}", data=given)
    assert answer.status_code == 200
    return answer


def refused(operation: str, status: int, text: str) -> dict[str, Any]:
    """A refusal's two members; the asynchronous level names the text in its own way."""
    return {"status": status, ("error_text" if operation.endswith("async") else "status_message"): text}


def in_xml(operation: str, status: int, text: str) -> str:
    """The same in XML."""
    if operation.endswith("async"):
        inside = f"  <status>{status}</status>\n  <error_text>{text}</error_text>\n"
    else:
        inside = f'  <error code="{status}">{text}</error>\n'
    root = "format" if operation == "insight.basic" else "lookup"
    return f"{PROLOG}<{root}>\n{inside}</{root}>\n"


async def arm(house: House, target: str, **said: Any) -> None:
    await house.control("POST", "faults", {"target": target, **said}, 201)


async def balance(house: House) -> str:
    return str((await house.control("GET", ACCOUNT))["balance"])


# ---------------------------------------------------------------------------------------------- by the request itself


@pytest.mark.parametrize("operation", LEVELS)
@pytest.mark.parametrize(
    ("params", "status", "text"),
    [
        ({"api_key": None}, 3, INCOMPLETE),
        ({"api_secret": None}, 3, INCOMPLETE),
        ({"api_key": None, "api_secret": None}, 3, INCOMPLETE),
        ({"api_key": "", "number": "x"}, 3, INCOMPLETE),
        ({"api_secret": "wr0ngS3cret"}, 4, "Invalid credentials"),
        ({"api_key": "eeee0000"}, 4, "Invalid credentials"),
        ({"api_secret": "wr0ngS3cret", "number": None}, 4, "Invalid credentials"),
        ({"sig": "0" * 32, "api_secret": None, "timestamp": "1772355600"}, 4, "Invalid credentials"),
        ({"sig": "0" * 32}, 4, "Invalid credentials"),
        ({"number": None}, 3, INCOMPLETE),
        ({"number": ""}, 3, INCOMPLETE),
        ({"number": "  "}, 3, INCOMPLETE),
        ({"number": "12ab"}, 3, "Invalid request :: Not valid number format detected [ 12ab ]"),
        ({"number": GB, "country": "US"}, 3, f"Invalid request :: Not valid number format detected [ {GB} ]"),
    ],
)
async def test_what_is_wrong_with_a_request(
    house: House, operation: str, params: dict[str, Any], status: int, text: str
) -> None:
    """In JSON and XML, in this order of checks; nothing is charged, nothing is set."""
    assert (await ask(house, operation, **params)).json() == refused(operation, status, text)
    assert (await ask(house, operation, "xml", **params)).text == in_xml(operation, status, text)
    assert await balance(house) == "100.00 EUR"
    assert await house.store.pending("default") == []


CALLBACKS = [None, "", "shop", "ftp://shop.test/x", "http://", "http://shop.test:0/", "http://shop.test:99999/"]
CALLBACKS += ["http://[x", "http://my shop.test/", "http://shop.test/a b", "http://shop.test/\r\nX: y"]


@pytest.mark.parametrize("callback", CALLBACKS)
async def test_the_asynchronous_level_needs_somewhere_to_call(house: House, callback: str | None) -> None:
    """Before the number is looked at; other levels don't care; source: reference number-insight §3."""
    for number in (GB, "12ab"):
        answer = await ask(house, "insight.advanced_async", callback=callback, number=number)
        assert answer.json() == refused("async", 3, INCOMPLETE)
    assert (await ask(house, "insight.advanced", callback=callback)).json()["status"] == 0


@pytest.mark.parametrize(
    ("operation", "cnam", "price"),
    [
        ("insight.standard", "false", "0.005"),
        ("insight.standard", "true", "0.015"),
        ("insight.advanced", "false", "0.03"),
        ("insight.advanced", "true", "0.04"),
        ("insight.advanced_async", "false", "0.03"),
        ("insight.advanced_async", "true", "0.04"),
    ],
)
async def test_who_has_too_little_gets_nothing(house: House, operation: str, cnam: str, price: str) -> None:
    """9, and nothing is taken; the price itself is enough; source: reference number-insight §9, §13.7."""
    short = f"{int(price[2:].ljust(8, '0')) - 1:09d}"
    await house.control("PATCH", ACCOUNT, {"balance": f"0.{short[1:]} EUR"})
    answer = await ask(house, operation, cnam=cnam)
    assert answer.json() == refused(operation, 9, "Partner quota exceeded")
    assert (await ask(house, operation, "xml", cnam=cnam)).text == in_xml(operation, 9, "Partner quota exceeded")
    assert await balance(house) == f"0.{short[1:]} EUR"
    assert await house.store.pending("default") == []

    await house.control("PATCH", ACCOUNT, {"balance": f"{price} EUR"})
    assert (await ask(house, operation, cnam=cnam)).json()["status"] == 0


async def test_basic_is_free_for_who_has_nothing(house: House) -> None:
    """Source: reference number-insight §9."""
    await house.control("PATCH", ACCOUNT, {"balance": "0 EUR"})
    assert (await ask(house, "insight.basic")).json()["status"] == 0


@pytest.mark.parametrize("operation", LEVELS)
async def test_an_account_without_the_facility(house: House, operation: str) -> None:
    """19, which the level basic does not have."""
    account = house.world.accounts[0]
    start = await house.store.peek("default")
    stored = await house.store.get("default", Account, account.id)
    assert stored is not None
    await house.store.commit("default", start.epoch, Change(put=(replace(stored, rest_enabled=False),)))

    status, text = (4, "Invalid credentials") if operation == "insight.basic" else (19, "Facility Not Allowed")
    assert (await ask(house, operation)).json() == refused(operation, status, text)
    assert (await ask(house, operation, "xml")).text == in_xml(operation, status, text)


async def test_a_suspended_account_has_no_credentials(house: House) -> None:
    """As reference number-insight names no status for it."""
    await house.control("PATCH", ACCOUNT, {"suspended": True})
    assert (await ask(house, "insight.standard")).json()["status"] == 4


BROKEN = (b"{", b"nonsense", b"[1, 2]", b'"text"', b"null", b'{"number": }', b"\xff\xfe{}", b"[" * 5000)


@pytest.mark.parametrize("operation", OTHERS)
@pytest.mark.parametrize("body", BROKEN, ids=lambda body: repr(body[:10]))
async def test_what_says_it_is_json_and_is_not_cannot_be_read(house: House, operation: str, body: bytes) -> None:
    """999, wherever the credentials stand; wrong ones come first; source: reference number-insight §5."""
    expected = refused(operation, 999, "Request unparseable")
    path, media = f"{LEVELS[operation]}/json", {"content-type": "application/json; charset=utf-8"}
    alone = await house.client.post(path, content=body, headers=media)
    beside = await house.client.post(path, content=body, headers=media, auth=(KEY, SECRET))
    wrong = await house.client.post(path, content=body, headers=media, params={**GOOD, "api_secret": "wr0ng"})

    assert (alone.status_code, alone.json()) == (200, expected)
    assert beside.json() == expected
    assert wrong.json() == refused(operation, 4, "Invalid credentials")
    [one, _] = (await house.control("GET", "requests"))["items"]
    assert one["outcome"] == "999 Request unparseable"


async def test_basic_reads_what_it_can(house: House) -> None:
    """It has no 999: a body that cannot be read says nothing."""
    media = {"content-type": "application/json"}
    alone = await house.client.post("/ni/basic/json", content=b"{", headers=media)
    beside = await house.client.post("/ni/basic/json", content=b"{", headers=media, params={**GOOD, "number": GB})
    assert alone.json() == {"status": 3, "status_message": INCOMPLETE}
    assert beside.json()["status"] == 0


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}", b"<xml/>"])
async def test_what_can_be_read_is_not_unparseable(house: House, body: bytes) -> None:
    """Nothing at all, an empty object, and what does not say that it is JSON."""
    media = {"content-type": "text/plain" if body == b"<xml/>" else "application/json"}
    answer = await house.client.post("/ni/advanced/json", content=body, headers=media, params={**GOOD, "number": GB})
    assert answer.json()["status"] == 0


# ------------------------------------------------------------------------------------------------------------ by fault


HARD = [
    ("throttled", 1, "Back off", True),
    ("incomplete", 3, INCOMPLETE, False),
    ("invalid_number", 3, f"Invalid request :: Not valid number format detected [ {GB} ]", False),
    ("not_found", 3, f"Invalid request :: Not valid number format detected [ {GB} ]", False),
    ("bad_credentials", 4, "Invalid credentials", False),
    ("server_error", 5, "Internal Error", True),
    ("unavailable", 5, "Internal Error", True),
    ("no_credit", 9, "Partner quota exceeded", False),
    ("not_enabled", 19, "Facility Not Allowed", False),
    ("barred", 19, "Facility Not Allowed", False),
    ("unparseable", 999, "Request unparseable", False),
]


@pytest.mark.parametrize("operation", LEVELS)
@pytest.mark.parametrize(("name", "status", "text", "numbered"), HARD)
async def test_every_hard_row_by_fault(
    house: House, operation: str, name: str, status: int, text: str, numbered: bool
) -> None:
    """1 and 5 name their request; basic has an internal error for what it does not know; nothing is charged."""
    if operation == "insight.basic" and not ROWS[TROUBLES[name]].basic:
        status, text, numbered = 5, "Internal Error", True
    await arm(house, operation, answer=name)

    answer = (await ask(house, operation)).json()
    request = answer.get("request_id", "")
    xml = (await ask(house, operation, "xml")).text

    assert answer == {**refused(operation, status, text), **({"request_id": request} if numbered else {})}
    if not numbered:
        assert xml == in_xml(operation, status, text)
    else:
        assert len(request) == 36
        tag = "requestId" if operation.endswith("async") else "request_id"
        line = f"  <{tag}>{xml.partition(f'<{tag}>')[2][:36]}</{tag}>\n"
        assert xml.replace(line, "") == in_xml(operation, status, text) != xml
    assert await balance(house) == "100.00 EUR"
    assert await house.store.pending("default") == []


SOFT = [
    ("timed_out", 43, "Lookup Handler timed out"),
    ("unable", 44, "Lookup Handler unable to handle request"),
    ("no_handler", 45, "No handler available to service this request"),
]


def soft(request: str, status: int, text: str, price: str, refund: str, left: str) -> dict[str, Any]:
    """All that stands in an answer of the level standard without live data, but for the network."""
    return {
        "status": status,
        "status_message": text,
        "request_id": request,
        "international_format_number": GB,
        "national_format_number": "07700 900123",
        "country_code": "GB",
        "country_code_iso3": "GBR",
        "country_name": "United Kingdom",
        "country_prefix": "44",
        "request_price": price,
        **({"refund_price": refund} if refund else {}),
        "remaining_balance": left,
    }


@pytest.mark.parametrize(("name", "status", "text"), SOFT)
@pytest.mark.parametrize(("effect", "taken"), [("none", False), ("applied", True)])
async def test_every_soft_row_by_fault_has_the_whole_answer(
    house: House, name: str, status: int, text: str, effect: str, taken: bool
) -> None:
    """Charged where the fault lets the look-up happen, else paid back; source: reference number-insight §5."""
    await arm(house, "insight.*", answer=name, effect=effect)

    standard = (await ask(house, "insight.standard")).json()
    advanced = (await ask(house, "insight.advanced")).json()

    first, second = ("99.99500000", "99.96500000") if taken else ("100.00000000", "100.00000000")
    carriers = {"current_carrier": MOBILE, "original_carrier": MOBILE}
    refund = "" if taken else "0.00500000"
    assert standard == {
        **soft(standard["request_id"], status, text, "0.00500000", refund, first),
        **carriers,
        "ported": "unknown",
    }
    refund = "" if taken else "0.03000000"
    assert advanced == {
        **soft(advanced["request_id"], status, text, "0.03000000", refund, second),
        "lookup_outcome": 1,
        "lookup_outcome_message": "Partial success - some fields populated",
        **carriers,
        "valid_number": "valid",
        "reachable": "unknown",
        "ported": "unknown",
        "roaming": {"status": "unknown"},
    }
    assert await balance(house) == ("99.965 EUR" if taken else "100.00 EUR")
    items = (await house.control("GET", "requests"))["items"]
    assert [(each["about"], each["outcome"]) for each in items] == [
        (standard["request_id"], f"{status} {text}"),
        (advanced["request_id"], f"{status} {text}"),
    ]


@pytest.mark.parametrize(("name", "status", "text"), SOFT)
async def test_a_soft_row_on_the_asynchronous_level(house: House, name: str, status: int, text: str) -> None:
    """The acknowledgement whole, with a text of its own; source: reference number-insight §7 (C)."""
    await arm(house, "insight.advanced_async", answer=name)
    answer = (await ask(house, "insight.advanced_async", number="+44 7700 900123")).json()
    xml = (await ask(house, "insight.advanced_async", "xml")).text

    assert answer == {
        "request_id": answer["request_id"],
        "number": "+44 7700 900123",
        "remaining_balance": "100.00000000",
        "request_price": "0.03000000",
        "status": status,
        "error_text": "Live mobile lookup not returned",
    }
    assert f"<status>{status}</status>\n  <error_text>Live mobile lookup not returned</error_text>" in xml
    assert await house.store.pending("default") == []


@pytest.mark.parametrize("name", [name for name, _, _ in SOFT] + ["lookup_failed"])
async def test_basic_knows_no_soft_row(house: House, name: str) -> None:
    """It looks nothing up, so it is an internal error there."""
    await arm(house, "insight.basic", answer=name)
    answer = (await ask(house, "insight.basic")).json()
    assert answer == {"status": 5, "status_message": "Internal Error", "request_id": answer["request_id"]}


async def test_a_soft_row_needs_a_number(house: House) -> None:
    """A request that is about none is refused as ever."""
    await arm(house, "insight.*", answer="unable")
    answer = (await ask(house, "insight.advanced", number="12ab")).json()
    assert answer == refused("", 3, "Invalid request :: Not valid number format detected [ 12ab ]")
    assert (await ask(house, "insight.advanced", number=None)).json() == refused("", 3, INCOMPLETE)


async def test_a_soft_row_knows_what_is_declared(house: House) -> None:
    """Networks that differ are still told; a number that somebody owns is nobody's phone."""
    await house.control("PUT", f"handsets/{GB}", {"network": "23415", "roaming": True})
    await arm(house, "insight.*", answer="timed_out")
    ported = (await ask(house, "insight.advanced")).json()
    owned = (await ask(house, "insight.advanced", number="447700900000")).json()

    assert (ported["current_carrier"]["network_code"], ported["ported"]) == ("23415", "ported")
    assert ported["roaming"] == {"status": "unknown"}
    assert (owned["status"], owned["current_carrier"]) == (43, MOBILE)


NOBODY = {"network_code": "NONE", "name": "Unknown", "country": "GB", "network_type": "unknown"}
NOTHING: dict[str, Any] = {
    "current_carrier": NOBODY,
    "original_carrier": NOBODY,
    "valid_number": "unknown",
    "reachable": "unknown",
    "ported": "unknown",
    "roaming": {"status": "unknown"},
}


@pytest.mark.parametrize("by", ["fault", "phone"])
async def test_a_look_up_that_fails_is_paid_back_whole(house: House, by: str) -> None:
    """Outcome 2, by a fault or by a phone of which nothing is known; source: reference number-insight §6.4, §9."""
    if by == "fault":
        await arm(house, "insight.*", answer="lookup_failed")
    else:
        await house.control("PUT", f"handsets/{GB}", {"valid": "unknown"})

    advanced = (await ask(house, "insight.advanced", cnam="true")).json()
    standard = (await ask(house, "insight.standard")).json()

    assert advanced == {
        **soft(advanced["request_id"], 0, "Success", "0.04000000", "0.04000000", "100.00000000"),
        "lookup_outcome": 2,
        "lookup_outcome_message": "Failed",
        **NOTHING,
        "caller_identity": {"caller_type": "unknown", "caller_name": "unknown"},
        "caller_name": "unknown",
        "caller_type": "unknown",
    }
    assert standard == {
        **soft(standard["request_id"], 0, "Success", "0.00500000", "0.00500000", "100.00000000"),
        "current_carrier": NOBODY,
        "original_carrier": NOBODY,
        "ported": "unknown",
    }


async def test_a_fault_that_does_it_twice_charges_twice(house: House) -> None:
    """The first answer stands; source: design §8."""
    await arm(house, "insight.advanced", effect="twice")
    answer = (await ask(house, "insight.advanced")).json()
    assert answer["remaining_balance"] == "99.97000000"
    assert await balance(house) == "99.94 EUR"


async def test_a_fault_finds_its_number(house: House) -> None:
    """As it was asked for."""
    await arm(house, "insight.*", to=GB, answer="throttled")
    assert (await ask(house, "insight.basic")).json()["status"] == 1
    assert (await ask(house, "insight.basic", number="447700900124")).json()["status"] == 0


@pytest.mark.parametrize("operation", LEVELS)
@pytest.mark.parametrize("way", ["account", "world"])
async def test_beyond_the_limit_of_a_second(house: House, operation: str, way: str) -> None:
    """So many are answered, and paid for; the others are throttled until the second is over."""
    if way == "account":
        await house.control("PATCH", ACCOUNT, {"limits": {"insight": "2/s"}})
    else:
        await house.control("PATCH", "settings", {"insight_limit": 2})

    statuses = [(await ask(house, operation)).json()["status"] for _ in range(2)]
    paid = await balance(house)
    one = (await ask(house, operation)).json()
    xml = (await ask(house, operation, "xml")).text

    assert statuses == [0, 0]
    assert one == {**refused(operation, 1, "Back off"), "request_id": one["request_id"]}
    assert uuid.UUID(one["request_id"]).version == 4
    assert "Back off" in xml
    assert await balance(house) == paid
    await house.control("POST", "clock/advance", {"by": "1s"})
    assert (await ask(house, operation)).json()["status"] == 0


async def test_what_is_malformed_does_not_count_towards_the_limit(house: House) -> None:
    await house.control("PATCH", ACCOUNT, {"limits": {"insight": "1/s"}})

    statuses = [(await ask(house, "insight.basic", number=number)).json()["status"] for number in ("12ab", GB, GB)]

    assert statuses == [3, 0, 1]


async def test_an_accounts_own_limit_comes_before_the_worlds(house: House) -> None:
    await house.control("PATCH", "settings", {"insight_limit": 1})
    await house.control("PATCH", ACCOUNT, {"limits": {"insight": "2/s"}})

    statuses = [(await ask(house, "insight.basic")).json()["status"] for _ in range(3)]

    assert statuses == [0, 0, 1]


def test_every_row_has_its_status() -> None:
    """The whole table; source: reference number-insight §5."""
    assert {row: ROWS[row].status for row in InsightRefusal} == {
        InsightRefusal.THROTTLED: 1,
        InsightRefusal.INCOMPLETE: 3,
        InsightRefusal.INVALID_NUMBER: 3,
        InsightRefusal.BAD_CREDENTIALS: 4,
        InsightRefusal.SERVER_ERROR: 5,
        InsightRefusal.NO_CREDIT: 9,
        InsightRefusal.NOT_ENABLED: 19,
        InsightRefusal.TIMED_OUT: 43,
        InsightRefusal.UNABLE: 44,
        InsightRefusal.NO_HANDLER: 45,
        InsightRefusal.LOOKUP_FAILED: 0,
        InsightRefusal.UNPARSEABLE: 999,
    }


async def test_ids_are_seeded(house: House) -> None:
    """By the request's place in the world."""
    answer = (await ask(house, "insight.basic")).json()
    assert answer["request_id"] == Moment(0, 1, 42).uuid(Use.REQUEST)
