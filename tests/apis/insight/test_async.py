"""The asynchronous level, from the acknowledgement to a real receiver; source: reference number-insight §7."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.apis.insight import retries
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import HOUR, MINUTE, SECOND
from fake_nexmo.core.records import Delivery, Number, Timer
from tests.house import House, open_house
from tests.receiver import Answer, Receiver

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
GOOD = {"api_key": KEY, "api_secret": SECRET}
GB, FIXED = "447700900123", "442079460123"
ACCOUNT = f"accounts/{KEY}"
MOBILE = {"network_code": "23410", "name": "Telefonica UK Limited (O2)", "country": "GB", "network_type": "mobile"}
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The customer's server."""
    async with Receiver() as one:
        yield one


async def ask(
    house: House, receiver: Receiver, number: str = GB, path: str = "/ni/advanced/async/json", **params: Any
) -> dict[str, Any]:
    """Ask for a look-up by POST; the acknowledgement."""
    given = {**GOOD, "number": number, "callback": f"{receiver.url}/insight?of=shop", **params}
    answer = await house.client.post(path, data=given)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    read: dict[str, Any] = answer.json()
    return read


async def webhooks(house: House) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await house.control("GET", "webhooks"))["items"]
    return items


async def arm(house: House, **said: Any) -> None:
    await house.control("POST", "faults", {"target": "webhook.insight", **said}, 201)


def body(request: str, number: str = GB, national: str = "07700 900123", **more: Any) -> dict[str, Any]:
    """The callback about a British phone at home."""
    return {
        "status": 0,
        "status_message": "Success",
        "lookup_outcome": 0,
        "lookup_outcome_message": "Success",
        "request_id": request,
        "international_format_number": number,
        "national_format_number": national,
        "country_code": "GB",
        "country_code_iso3": "GBR",
        "country_name": "United Kingdom",
        "country_prefix": "44",
        "request_price": "0.03000000",
        "remaining_balance": "99.97000000",
        "current_carrier": MOBILE,
        "original_carrier": MOBILE,
        "valid_number": "valid",
        "reachable": "reachable",
        "ported": "not_ported",
        "roaming": {"status": "not_roaming"},
        **more,
    }


async def test_acknowledged_now_and_told_later(house: House, receiver: Receiver) -> None:
    """The whole of both: same request id, POST, JSON, no signature, no text in the acknowledgement."""
    await house.control("PATCH", ACCOUNT, {"webhooks": {"signed": True}})
    answer = await ask(house, receiver, "+44 7700 900123")
    summary = await house.advance("1s")

    request = answer["request_id"]
    assert answer == {
        "request_id": request,
        "number": "+44 7700 900123",
        "remaining_balance": "99.97000000",
        "request_price": "0.03000000",
        "status": 0,
    }
    assert list(answer) == ["request_id", "number", "remaining_balance", "request_price", "status"]
    [got] = receiver.requests
    assert (got.method, got.path, got.query) == ("POST", "/insight", "of=shop")
    assert got.json() == body(request)
    assert list(got.json()) == list(body(request))
    assert dict(got.headers).keys() == {"Host", "Accept", "Content-Type", "Content-Length", "User-Agent"}
    assert got.header("Content-Type") == "application/json"
    assert (summary["timers"], summary["delivered"], summary["pending"]) == (1, 1, 0)
    [told] = await webhooks(house)
    assert (told["kind"], told["about"], told["state"]) == ("insight", request, "delivered")
    assert await house.store.pending("default") == []


async def test_an_answer_in_xml_has_a_callback_in_xml(house: House, receiver: Receiver) -> None:
    """Camel case now, the elements of the level advanced later; source: reference number-insight §8."""
    params = {**GOOD, "number": GB, "callback": receiver.url}
    answer = await house.client.get("/ni/advanced/async/xml", params=params)
    await house.advance("1s")

    request = answer.text.partition("<requestId>")[2][:36]
    assert (answer.headers["content-type"], answer.text) == (
        "text/xml",
        (
            f"{PROLOG}<lookup>\n"
            f"  <requestId>{request}</requestId>\n"
            f"  <number>{GB}</number>\n"
            "  <remainingBalance>99.97000000</remainingBalance>\n"
            "  <requestPrice>0.03000000</requestPrice>\n"
            "  <status>0</status>\n"
            "  <error_text>Success</error_text>\n"
            "</lookup>\n"
        ),
    )
    country = 'country_code="GB" country_code_iso3="GBR" country_name="United Kingdom" country_prefix="44"'
    network = 'network_code="23410" name="Telefonica UK Limited (O2)" country="GB" network_type="mobile"'
    [got] = receiver.requests
    assert (got.header("Content-Type"), got.body.decode()) == (
        "text/xml",
        (
            f"{PROLOG}<lookup>\n"
            f"  <request_id>{request}</request_id>\n"
            "  <international_format_number>447700900123</international_format_number>\n"
            '  <lookup_outcome code="0">Success</lookup_outcome>\n'
            f"  <local_number {country}>07700 900123</local_number>\n"
            '  <error code="0">Success</error>\n'
            "  <request_price>0.03000000</request_price>\n"
            "  <remaining_balance>99.97000000</remaining_balance>\n"
            f"  <current_carrier {network}/>\n"
            f"  <original_carrier {network}/>\n"
            "  <valid_number>valid</valid_number>\n"
            "  <reachable>reachable</reachable>\n"
            "  <ported>not_ported</ported>\n"
            '  <roaming status="not_roaming"/>\n'
            "</lookup>\n"
        ),
    )


FLAT = {
    "number": GB,
    "status": 0,
    "status_message": "Success",
    "number_type": "mobile",
    "carrier_network_code": "23410",
    "carrier_network_name": "Telefonica UK Limited (O2)",
    "carrier_country_code": "GB",
    "valid": "valid",
    "ported": "not_ported",
    "reachable": "reachable",
    "roaming": "not_roaming",
}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, {}),
        (
            {"roaming": {"country": "IT", "network": "22201"}},
            {"roaming": "roaming", "roaming_country_code": "IT", "roaming_network_code": "22201"},
        ),
        (
            {"like": "slow"},
            {
                "status": 1,
                "status_message": "Partial success - some fields populated",
                "ported": "unknown",
                "reachable": "unknown",
                "roaming": "unknown",
            },
        ),
        (
            {"network": None, "roaming": None},
            {
                "status": 1,
                "status_message": "Partial success - some fields populated",
                "number_type": None,
                "carrier_network_code": None,
                "carrier_network_name": None,
                "carrier_country_code": None,
                "ported": "unknown",
                "roaming": None,
            },
        ),
    ],
)
async def test_the_old_form_is_flat(
    house: House, receiver: Receiver, facts: dict[str, Any], said: dict[str, Any]
) -> None:
    """Its status is the outcome; what is unknown of old is ignored; source: reference number-insight §3, §7."""
    await house.control("PUT", f"handsets/{GB}", facts)
    features = {"features": "type", "callback_method": "GET", "callback_timeout": "1", "client_ref": "x"}
    answer = await ask(house, receiver, path="/ni/json", **features)
    await house.advance("1s")

    [got] = receiver.requests
    assert answer["status"] == 0
    assert (got.method, got.header("Content-Type")) == ("POST", "application/json")
    assert got.json() == {"request_id": answer["request_id"], **FLAT, **said}


async def test_the_old_form_in_xml(house: House, receiver: Receiver) -> None:
    """The same members as elements."""
    await house.client.post("/ni//xml/", data={**GOOD, "number": GB, "callback": receiver.url})
    await house.advance("1s")

    [got] = receiver.requests
    lines = got.body.decode().splitlines()
    assert got.header("Content-Type") == "text/xml"
    assert lines[3:-1] == [f"  <{name}>{value}</{name}>" for name, value in FLAT.items()]


async def test_a_look_up_that_fails_says_2_in_the_old_form(house: House, receiver: Receiver) -> None:
    """And is paid back; source: reference number-insight §7 (B)."""
    await house.control("PUT", f"handsets/{GB}", {"valid": "unknown"})
    await ask(house, receiver, path="/ni/json")
    await house.advance("1s")
    [got] = receiver.requests
    assert (got.json()["status"], got.json()["status_message"]) == (2, "Failed")
    assert (await house.control("GET", ACCOUNT))["balance"] == "100.00 EUR"


async def test_the_phone_is_asked_when_the_callback_falls_due(house: House, receiver: Receiver) -> None:
    """Not when the request is made: half a second to a second lies between."""
    await ask(house, receiver)
    [timer] = await house.store.pending("default")
    start = await house.store.peek("default")
    assert SECOND // 2 <= timer.due_at - start.clock.at < SECOND
    await house.advance("0.499s")
    assert receiver.requests == []
    await house.control("POST", f"handsets/{GB}/power", {"on": False})
    await house.advance("0.501s")

    assert receiver.requests[0].json()["reachable"] == "absent"


async def test_the_delay_is_drawn_by_seed(receiver: Receiver) -> None:
    """Each request its own, the same for the same seed."""

    async def delays(seed: int) -> list[int]:
        async with open_house(seed=seed) as house:
            for _ in range(30):
                await ask(house, receiver)
            start = await house.store.peek("default")
            pending = await house.store.pending("default")
            return [each.due_at - start.clock.at for each in pending if isinstance(each, Timer)]

    one, again, other = await delays(1), await delays(1), await delays(2)
    assert one == again != other
    assert len(set(one)) == 30
    assert all(SECOND // 2 <= each < SECOND for each in one)
    assert max(one) - min(one) > SECOND // 3


async def test_soft_codes_stand_in_the_callback(house: House, receiver: Receiver) -> None:
    """The acknowledgement knows nothing of them yet; the name of a British number is paid back at once."""
    answer = await ask(house, receiver, FIXED, cnam="true", real_time_data="true")
    await house.advance("1s")

    landline = {"network_code": "GB-FIXED", "name": "United Kingdom Landline", "country": "GB"}
    landline["network_type"] = "landline"
    assert (answer["status"], answer["request_price"]) == (0, "0.04000000")
    assert answer["remaining_balance"] == "99.97000000"
    expected = body(
        answer["request_id"],
        FIXED,
        "020 7946 0123",
        status=44,
        status_message="Lookup Handler unable to handle request",
        lookup_outcome=1,
        lookup_outcome_message="Partial success - some fields populated",
        request_price="0.04000000",
        refund_price="0.01000000",
        current_carrier=landline,
        original_carrier=landline,
        reachable="unknown",
        ported="unknown",
        roaming={"status": "unknown"},
        caller_identity={"caller_type": "unknown", "caller_name": "unknown"},
        caller_name="unknown",
        caller_type="unknown",
    )
    assert receiver.requests[0].json() == expected


@pytest.mark.parametrize("limit", ["100.00 EUR", "unlimited"])
async def test_what_fails_is_paid_back_with_the_callback(house: House, receiver: Receiver, limit: str) -> None:
    """The rest of the price, where a name was paid back already; an unlimited account has paid nothing."""
    await house.control("PATCH", ACCOUNT, {"balance": limit})
    await house.control("PUT", f"handsets/{GB}", {"valid": "unknown"})
    answer = await ask(house, receiver, cnam="true")
    await house.advance("1s")

    told = receiver.requests[0].json()
    assert (told["lookup_outcome"], told["lookup_outcome_message"]) == (2, "Failed")
    assert (told["request_price"], told["refund_price"]) == ("0.04000000", "0.04000000")
    if limit == "unlimited":
        assert told["remaining_balance"] == answer["remaining_balance"]
    else:
        assert (answer["remaining_balance"], told["remaining_balance"]) == ("99.97000000", "100.00000000")
    assert (await house.control("GET", ACCOUNT))["balance"] == limit


async def test_what_is_paid_back_never_exceeds_what_an_account_can_have(house: House, receiver: Receiver) -> None:
    """Somebody topped it up to the brim meanwhile."""
    most = "90071992.54740991"
    await house.control("PUT", f"handsets/{GB}", {"valid": "unknown"})
    await ask(house, receiver)
    await house.control("PATCH", ACCOUNT, {"balance": f"{most} EUR"})
    await house.advance("2s")

    [got] = receiver.requests
    assert (got.json()["refund_price"], got.json()["remaining_balance"]) == ("0.03000000", most)
    assert (await house.control("GET", ACCOUNT))["balance"] == f"{most} EUR"


async def test_who_paid_nothing_is_paid_nothing_back(house: House, receiver: Receiver) -> None:
    """The account was unlimited when the look-up was charged, and is not any more when it fails."""
    await house.control("PATCH", ACCOUNT, {"balance": "unlimited"})
    await house.control("PUT", f"handsets/{GB}", {"valid": "unknown"})
    await ask(house, receiver)
    await house.control("PATCH", ACCOUNT, {"balance": "5.00 EUR"})
    await house.advance("2s")

    [got] = receiver.requests
    assert (got.json()["refund_price"], got.json()["remaining_balance"]) == ("0.03000000", "5.00000000")
    assert (await house.control("GET", ACCOUNT))["balance"] == "5.00 EUR"


async def test_the_callback_of_2020_has_warnings_about_addresses(house: House, receiver: Receiver) -> None:
    """By the profile of the account or of the world at its instant; source: reference number-insight §6.6."""
    await house.control("PATCH", "settings", {"profile": "2020"})
    await ask(house, receiver, ip="192.0.2.1")
    await house.advance("1s")
    await house.control("PATCH", ACCOUNT, {"profile": "current"})
    await ask(house, receiver, ip="192.0.2.1")
    await house.advance("1s")

    then, today = (each.json() for each in receiver.requests)
    assert (then["ip"], then["ip_warnings"], then["ip_match_level"]) == ("192.0.2.1", "no_warning", "Country Level")
    assert "ip" not in today


async def test_an_owned_number_is_looked_up_as_on_the_other_levels(house: House, receiver: Receiver) -> None:
    """It is nobody's phone."""
    await ask(house, receiver, "12015550100")
    await house.advance("1s")
    assert receiver.requests[0].json()["status"] == 45


async def test_an_owned_number_has_no_character_by_its_digits(house: House, receiver: Receiver) -> None:
    """Its last digits would make it that of a phone that is switched off; on no level is it one."""
    owned = "447700900007"
    start = await house.store.peek("default")
    given = await house.store.get("default", Number, "447700900000")
    assert given is not None
    off = await house.client.get("/ni/advanced/json", params={**GOOD, "number": owned})
    await house.store.commit("default", start.epoch, Change(put=(replace(given, id=owned, version=0),)))
    on = await house.client.get("/ni/advanced/json", params={**GOOD, "number": owned})
    await ask(house, receiver, number=owned)
    await house.advance("1s")

    told = receiver.requests[0].json()
    assert [each["reachable"] for each in (off.json(), on.json(), told)] == ["absent", "reachable", "reachable"]


# ----------------------------------------------------------------------------------------------------------- retries


@pytest.mark.parametrize("profile", ["current", "2020"])
async def test_what_is_not_received_is_tried_again(house: House, receiver: Receiver, profile: str) -> None:
    """5 s, doubling, whatever the profile; the same body each time; source: reference number-insight §7."""
    await house.control("PATCH", "settings", {"profile": profile})
    receiver.say(Answer(500), Answer(429), Answer(hang_up=True), Answer(503), Answer(204))
    await ask(house, receiver)
    await house.advance("80s")

    [told] = await webhooks(house)
    at = [attempt["at"] for attempt in told["attempts"]]
    assert told["state"] == "delivered"
    assert [attempt["status"] for attempt in told["attempts"]] == [500, 429, None, 503, 204]
    seconds = [60 * int(each[14:16]) + float(each[17:-1]) for each in at]
    assert [round(b - a, 3) for a, b in itertools.pairwise(seconds)] == [5.0, 10.0, 20.0, 40.0]
    assert len({each.body for each in receiver.requests}) == 1


@pytest.mark.parametrize("status", [301, 400, 404, 410])
async def test_what_is_refused_is_dropped(house: House, receiver: Receiver, status: int) -> None:
    """Source: reference webhooks §4."""
    receiver.answer_by(lambda _: Answer(status))
    await ask(house, receiver)
    await house.advance("1h")
    [told] = await webhooks(house)
    assert (told["state"], len(told["attempts"])) == ("given_up", 1)


async def test_after_a_day_it_is_given_up(house: House, receiver: Receiver) -> None:
    """Eight steps up to a quarter of an hour, and then each quarter of an hour."""
    receiver.answer_by(lambda _: Answer(500))
    await ask(house, receiver)
    await house.advance("25h")
    [told] = await webhooks(house)
    assert told["state"] == "given_up"
    assert len(told["attempts"]) == 9 + (24 * 3600 - 1275) // 900


def test_the_ladder() -> None:
    """Every step of it; source: reference number-insight §7."""
    one = Delivery(
        kind="insight",
        owner="insight",
        account="main",
        about="r",
        subject="r",
        url="http://shop.test",
        method="POST",
        facts={},
        created_at=0,
        due_at=0,
    )
    waits = [retries.delay(one, n, "current") for n in (1, 2, 3, 8, 9, 200)]
    assert waits == [5 * SECOND, 10 * SECOND, 20 * SECOND, 640 * SECOND, 15 * MINUTE, 15 * MINUTE]
    assert retries.delay(one, 1, "2020") == 5 * SECOND
    late = Delivery(**{**{f: getattr(one, f) for f in one.__struct_fields__}, "due_at": 24 * HOUR - 15 * MINUTE})
    assert retries.delay(late, 99, "current") == 15 * MINUTE
    over = Delivery(**{**{f: getattr(one, f) for f in one.__struct_fields__}, "due_at": 24 * HOUR - 15 * MINUTE + 1})
    assert retries.delay(over, 99, "current") is None
    assert [retries.succeeded(status) for status in (0, 199, 200, 204, 299, 300)] == [
        False,
        False,
        True,
        True,
        True,
        False,
    ]
    tried = [retries.retried(status, "2020") for status in (0, 301, 404, 429, 430, 499, 500, 599)]
    assert tried == [True, False, False, True, False, False, True, True]


# ------------------------------------------------------------------------------------------------------------ faults


async def test_a_callback_comes_three_times(house: House, receiver: Receiver) -> None:
    """At its gap."""
    await arm(house, repeat=3, gap="300ms")
    answer = await ask(house, receiver)
    await house.advance("2s")
    assert [each.json() for each in receiver.requests] == [body(answer["request_id"])] * 3
    items = await webhooks(house)
    assert [each["fault"] for each in items] == ["fault-1"] * 3


async def test_a_callback_comes_late(house: House, receiver: Receiver) -> None:
    """By a minute, where no delay is said."""
    await arm(house, deliver="late")
    await ask(house, receiver)
    await house.advance("60s")
    assert receiver.requests == []
    await house.advance("1s")
    assert len(receiver.requests) == 1


async def test_a_callback_comes_before_its_acknowledgement(house: House, receiver: Receiver) -> None:
    """The reply waits for it."""
    await arm(house, deliver="before_response")
    answer = await ask(house, receiver)
    [got] = receiver.requests
    assert got.json()["request_id"] == answer["request_id"]


@pytest.mark.parametrize("gap", [{}, {"gap": "2s"}])
async def test_shuffled_callbacks_are_spread_by_seed(house: House, receiver: Receiver, gap: dict[str, str]) -> None:
    """Over the gap, or over five seconds."""
    await arm(house, repeat=8, order="shuffled", **gap)
    await ask(house, receiver)
    await house.advance("20s")
    at = [each["attempts"][0]["at"] for each in await webhooks(house)]
    assert len(receiver.requests) == len(set(at)) == 8
    assert at != sorted(at)


@pytest.mark.parametrize("signature", ["none", "wrong"])
async def test_a_signature_there_is_none_of_cannot_be_wrong(house: House, receiver: Receiver, signature: str) -> None:
    """The body stays as it is; source: reference number-insight §7, webhooks §6."""
    await arm(house, signature=signature)
    answer = await ask(house, receiver)
    await house.advance("1s")
    assert receiver.requests[0].json() == body(answer["request_id"])


async def test_a_fault_on_callbacks_finds_its_number(house: House, receiver: Receiver) -> None:
    """Matched once, with the request."""
    await arm(house, to="447700900124", repeat=2)
    await ask(house, receiver)
    await ask(house, receiver, "+44 7700 900124")
    await house.advance("1s")
    faults = (await house.control("GET", "faults"))["items"]
    assert len(receiver.requests) == 3
    assert [each["matches"] for each in faults] == [1]


@pytest.mark.parametrize(("effect", "calls"), [("none", 0), ("applied", 1), ("twice", 2)])
async def test_whether_a_refused_look_up_calls_back(house: House, receiver: Receiver, effect: str, calls: int) -> None:
    """Only if it happened; source: design §8."""
    said = {"target": "insight.advanced_async", "effect": effect, "answer": "server_error"}
    await house.control("POST", "faults", said, 201)
    answer = await ask(house, receiver)
    await house.advance("1s")
    assert answer["status"] == 5
    assert len(receiver.requests) == calls
    assert (await house.control("GET", ACCOUNT))["balance"] == ("100.00 EUR", "99.97 EUR", "99.94 EUR")[calls]
