"""Delivery receipts, from the submission to a real receiver: when they come, where to, and every field of them."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fake_nexmo.core.records import Timer
from fake_nexmo.core.signature import SignatureMethod, verify
from tests.house import House
from tests.receiver import Answer, Received, Receiver

ACCOUNT = "accounts/abcd1234"
SIGNING = "fake-nexmo-signature-secret-000001"
METHODS = ("GET", "POST", "POST-JSON")
NAMES = (
    "msisdn",
    "to",
    "network-code",
    "messageId",
    "price",
    "status",
    "scts",
    "err-code",
    "api-key",
    "client-ref",
    "message-timestamp",
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The customer's server."""
    async with Receiver() as one:
        yield one


async def hooks(house: House, receipts: str, **more: object) -> None:
    """Set the account's webhooks."""
    await house.control("PATCH", ACCOUNT, {"webhooks": {"receipts": receipts, **more}})


async def send(house: House, **params: str) -> list[str]:
    """Send a message; the ids of its parts."""
    answer = await house.send(**params)
    assert {each["status"] for each in answer["messages"]} == {"0"}
    return [each["message-id"] for each in answer["messages"]]


async def webhooks(house: House) -> list[dict[str, Any]]:
    """Every webhook of the world."""
    items: list[dict[str, Any]] = (await house.control("GET", "webhooks"))["items"]
    return items


def said(received: Received, method: str) -> dict[str, str]:
    """The parameters of a receipt in the form of the account, in their order."""
    if method == "GET":
        assert (received.method, received.body) == ("GET", b"")
        return received.params
    assert (received.method, received.query) == ("POST", "")
    read: dict[str, str] = received.json() if method == "POST-JSON" else received.form
    return read


def receipt(message_id: str, **more: str) -> dict[str, str]:
    """The receipt of a part that was delivered at the first second of the world."""
    return {
        "msisdn": "447700900001",
        "to": "Acme",
        "network-code": "23410",
        "messageId": message_id,
        "price": "0.03330000",
        "status": "delivered",
        "scts": "2601010000",
        "err-code": "0",
        "api-key": "abcd1234",
        "message-timestamp": "2026-01-01 00:00:01",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


@pytest.mark.parametrize("method", METHODS)
async def test_a_receipt_has_every_field_in_its_order(house: House, receiver: Receiver, method: str) -> None:
    """``msisdn`` is the recipient and ``to`` the sender; all are text; source: reference sms §10.2 (A)."""
    await hooks(house, receiver.url + "/dlr", method=method)
    [message_id] = await send(house, client__ref="order 77 & é")

    summary = await house.advance("1s")

    [got] = receiver.requests
    fields = said(got, method)
    assert fields == receipt(message_id, client_ref="order 77 & é")
    assert tuple(fields) == NAMES
    assert got.path == "/dlr"
    assert (summary["timers"], summary["delivered"], summary["failed"], summary["pending"]) == (1, 1, 0, 0)


async def test_the_bytes_of_a_receipt_by_get(house: House, receiver: Receiver) -> None:
    """Blanks as plus, colons encoded, nothing but the headers of the reference; source: reference sms §12.1 (A)."""
    await hooks(house, receiver.url + "/dlr")
    [message_id] = await send(house, from_="Acme & Co", client__ref="ü=1")

    await house.advance("1s")

    [got] = receiver.requests
    assert got.query == (
        f"msisdn=447700900001&to=Acme+%26+Co&network-code=23410&messageId={message_id}&price=0.03330000"
        "&status=delivered&scts=2601010000&err-code=0&api-key=abcd1234&client-ref=%C3%BC%3D1"
        "&message-timestamp=2026-01-01+00%3A00%3A01"
    )
    assert dict(got.headers) == {
        "Host": f"127.0.0.1:{receiver.port}",
        "User-Agent": "Nexmo/MessagingHUB/v1.0",
        "Accept": "*/*",
    }


@pytest.mark.parametrize(
    ("method", "media", "agent"),
    [
        ("POST", "application/x-www-form-urlencoded; charset=UTF-8", "Nexmo/MessagingHUB/v1.0"),
        ("POST-JSON", "application/json", "Jakarta Commons-HttpClient/3.1"),
    ],
)
async def test_the_headers_of_a_posted_receipt(
    house: House, receiver: Receiver, method: str, media: str, agent: str
) -> None:
    """Media type and user agent by form; source: reference sms §12.1."""
    await hooks(house, receiver.url, method=method)
    await send(house)

    await house.advance("1s")

    [got] = receiver.requests
    assert {name.lower(): value for name, value in got.headers} == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-type": media,
        "user-agent": agent,
        "accept": "*/*",
        "content-length": str(len(got.body)),
    }


async def test_a_receipt_comes_a_second_after_the_submission(house: House, receiver: Receiver) -> None:
    """Never before, and once; source: reference sms §10.1, webhooks §4 rule 1."""
    await hooks(house, receiver.url)
    await send(house)

    assert (await house.advance("999999us"))["timers"] == 0
    assert receiver.requests == []
    await house.advance("1us")
    assert len(receiver.requests) == 1
    await house.advance("4d")
    assert len(receiver.requests) == 1


async def test_scts_is_the_minute_of_delivery_in_utc(house: House, receiver: Receiver) -> None:
    """``YYMMDDHHMM`` of the world's clock, and the push right after it; source: reference sms §10.2."""
    await hooks(house, receiver.url)
    await house.advance("59d23h59m58s")  # 2026-03-01T23:59:58Z
    await send(house)
    await house.advance("1s")
    await send(house)
    await house.advance("1s")

    assert [(got.params["scts"], got.params["message-timestamp"]) for got in receiver.requests] == [
        ("2603012359", "2026-03-01 23:59:59"),
        ("2603020000", "2026-03-02 00:00:00"),
    ]


async def test_each_part_has_its_receipt_in_order(house: House, receiver: Receiver) -> None:
    """One each, with the id of the part and the price of one; source: reference sms §10.1."""
    await hooks(house, receiver.url)
    ids = await send(house, text="A" * 400, client__ref="c")

    summary = await house.advance("1s")

    assert len(ids) == 3
    assert [got.params for got in receiver.requests] == [receipt(each, client_ref="c") for each in ids]
    assert (summary["timers"], summary["delivered"]) == (3, 3)
    [message] = (await house.control("GET", "messages"))["items"]
    assert (message["ids"], message["status"]) == (ids, "delivered")
    assert [each["about"] for each in await webhooks(house)] == ids


async def test_receipts_of_several_messages_come_in_the_order_of_submission(house: House, receiver: Receiver) -> None:
    """Due at the same instant, set in this order."""
    await hooks(house, receiver.url)
    ids = [(await send(house, to=f"44770090010{k}"))[0] for k in range(5)]

    await house.advance("1s")

    assert [got.params["messageId"] for got in receiver.requests] == ids


async def test_the_callback_of_the_request_comes_first(house: House, receiver: Receiver) -> None:
    """For that message only, and in the form of the account; source: reference sms §10.1."""
    await hooks(house, receiver.url + "/account", method="POST-JSON")
    [one] = await send(house, callback=receiver.url + "/request")
    [two] = await send(house)

    await house.advance("1s")

    assert [(got.path, got.json()["messageId"]) for got in receiver.requests] == [("/request", one), ("/account", two)]


async def test_a_callback_needs_no_url_of_the_account(house: House, receiver: Receiver) -> None:
    """Either is enough."""
    [message_id] = await send(house, callback=receiver.url + "/request")

    await house.advance("1s")

    assert [got.params for got in receiver.requests] == [receipt(message_id)]


async def test_the_url_is_fixed_when_the_message_is_submitted(house: House, receiver: Receiver) -> None:
    """Later changes are for later messages; source: reference webhooks §4 rule 3 (D)."""
    await hooks(house, receiver.url + "/old")
    [old] = await send(house)
    await hooks(house, receiver.url + "/new")
    [new] = await send(house)
    await hooks(house, "")
    await send(house)

    await house.advance("1s")

    assert [(got.path, got.params["messageId"]) for got in receiver.requests] == [("/old", old), ("/new", new)]


async def test_a_url_that_is_set_too_late_gets_nothing(house: House, receiver: Receiver) -> None:
    """The message was submitted without one."""
    await send(house)
    await hooks(house, receiver.url)

    await house.advance("1s")

    assert (receiver.requests, await webhooks(house)) == ([], [])


async def test_without_a_url_a_message_is_delivered_all_the_same(house: House) -> None:
    """No webhook, but the status and the event."""
    [message_id] = await send(house)

    summary = await house.advance("1s")

    assert (summary["timers"], summary["delivered"], summary["failed"]) == (1, 0, 0)
    assert await webhooks(house) == []
    [message] = (await house.control("GET", "messages"))["items"]
    assert message["status"] == "delivered"
    events = (await house.control("GET", "events"))["items"]
    assert [(each["name"], each["about"], each["number"]) for each in events] == [
        ("message.submitted", message_id, "447700900001"),
        ("message.delivered", message_id, "447700900001"),
    ]


async def test_who_wants_no_receipt_gets_none(house: House, receiver: Receiver) -> None:
    """Neither at the callback nor at the account's URL; source: reference sms §10.1."""
    await hooks(house, receiver.url)
    await send(house, status__report__req="0", callback=receiver.url)

    await house.advance("1h")

    assert (receiver.requests, await webhooks(house)) == ([], [])


async def test_a_refused_message_has_no_receipt(house: House, receiver: Receiver) -> None:
    """Source: reference sms §10.1."""
    await hooks(house, receiver.url)
    assert (await house.send(to="0"))["messages"][0]["status"] == "6"

    summary = await house.advance("1d")

    assert (receiver.requests, summary["timers"]) == ([], 0)


@pytest.mark.parametrize("method", METHODS)
async def test_the_callback_keeps_its_own_query(house: House, receiver: Receiver, method: str) -> None:
    """By GET the receipt is appended to it, posted it stays in the URL; source: reference sms §12.1."""
    await hooks(house, "", method=method)
    [message_id] = await send(house, callback=receiver.url + "/dlr?shop=7&x=a%20b")

    await house.advance("1s")

    [got] = receiver.requests
    if method == "GET":
        assert got.query.startswith("shop=7&x=a%20b&msisdn=447700900001&")
        assert got.params == {"shop": "7", "x": "a b", **receipt(message_id)}
    else:
        assert got.query == "shop=7&x=a%20b"
        assert (got.json() if method == "POST-JSON" else got.form) == receipt(message_id)


async def test_a_target_beyond_the_neighbourhood_is_refused(house: House) -> None:
    """Nothing is sent, it is written down why, and nothing is tried again."""
    await hooks(house, "http://203.0.113.5/dlr")
    [message_id] = await send(house)

    summary = await house.advance("1d")

    [webhook] = await webhooks(house)
    assert (webhook["about"], webhook["state"], webhook["next_at"]) == (message_id, "refused", None)
    [attempt] = webhook["attempts"]
    assert attempt["status"] is None
    assert attempt["error"].startswith("refused: ")
    assert (summary["delivered"], summary["failed"], summary["pending"]) == (0, 1, 0)


async def test_a_public_host_can_be_routed_home(house: House, receiver: Receiver) -> None:
    """The route decides where the webhook really goes; path and query stay."""
    await house.control("PUT", "routes", {"https://shop.test": receiver.url})
    [message_id] = await send(house, callback="https://shop.test/dlr?a=1")

    await house.advance("1s")

    [got] = receiver.requests
    assert (got.path, got.params) == ("/dlr", {"a": "1", **receipt(message_id)})
    [webhook] = await webhooks(house)
    assert (webhook["url"], webhook["state"]) == ("https://shop.test/dlr?a=1", "delivered")


# ----------------------------------------------------------------------------------------------------- signatures


async def signed_receipt(house: House, receiver: Receiver, form: str, digest: str) -> tuple[str, dict[str, str]]:
    """A signed receipt by this form and digest: its id and its fields."""
    await hooks(house, receiver.url, method=form, signed=True)
    await house.control("PATCH", ACCOUNT, {"signature": {"method": digest}})
    [message_id] = await send(house, client__ref="a&b=c é")
    await house.advance("1s")
    return message_id, said(receiver.requests[-1], form)


@pytest.mark.parametrize("digest", list(SignatureMethod))
@pytest.mark.parametrize("form", METHODS)
async def test_a_signed_receipt_can_be_verified(
    house: House, receiver: Receiver, form: str, digest: SignatureMethod
) -> None:
    """Stamp of wall time, a nonce, and a signature over all; lower case for the hash, upper case for HMAC."""
    message_id, fields = await signed_receipt(house, receiver, form, digest.value)

    assert tuple(fields) == (*NAMES, "timestamp", "nonce", "sig")
    assert fields == receipt(
        message_id, client_ref="a&b=c é", timestamp="1772355600", nonce=fields["nonce"], sig=fields["sig"]
    )
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", fields["nonce"])
    assert verify(digest, fields, SIGNING, fields["sig"])
    upper = fields["sig"].upper()
    assert fields["sig"] == (upper.lower() if digest is SignatureMethod.MD5HASH else upper)
    assert not verify(digest, fields | {"status": "failed"}, SIGNING, fields["sig"])


async def test_unsigned_accounts_send_neither_stamp_nor_nonce(house: House, receiver: Receiver) -> None:
    """Source: reference sms §10.2, rows 12 to 14."""
    await hooks(house, receiver.url, signed=False)
    [message_id] = await send(house)
    await house.advance("1s")

    assert receiver.requests[0].params == receipt(message_id)


async def test_the_stamp_can_follow_the_clock_of_the_world(house: House, receiver: Receiver) -> None:
    """With ``jwt_time: virtual``; else it is wall time; source: reference README rulings."""
    await house.control("PATCH", "settings", {"jwt_time": "virtual"})
    _, fields = await signed_receipt(house, receiver, "GET", "md5hash")

    assert fields["timestamp"] == "1767225601"


async def test_each_attempt_has_a_fresh_stamp_and_nonce(house: House, receiver: Receiver) -> None:
    """The same message otherwise; every signature is right; source: reference sms §12.2 (D)."""
    receiver.say(Answer(500), Answer(500))
    await hooks(house, receiver.url, signed=True)
    [message_id] = await send(house)

    await house.advance("1s")
    house.wall += 5_000_000
    await house.advance("5s")
    house.wall += 70_000_000
    await house.advance("10s")

    got = [each.params for each in receiver.requests]
    assert [each["messageId"] for each in got] == [message_id] * 3
    assert [each["timestamp"] for each in got] == ["1772355600", "1772355605", "1772355675"]
    assert [each["message-timestamp"][-8:] for each in got] == ["00:00:01", "00:00:06", "00:00:16"]
    assert [each["scts"] for each in got] == ["2601010000"] * 3
    assert len({each["nonce"] for each in got}) == 3
    assert len({each["sig"] for each in got}) == 3
    assert all(verify(SignatureMethod.MD5HASH, each, SIGNING, each["sig"]) for each in got)
    kept = set(NAMES) - {"message-timestamp", "client-ref"}
    assert len({tuple(each[name] for name in NAMES if name in kept) for each in got}) == 1


_SDK = Path(__file__).parents[3] / ".sdk"
_PROGRAMS = {
    "vonage": """
import json, sys
from vonage_http_client import Auth
secret, method, receipts = json.load(sys.stdin)
auth = Auth(api_key="abcd1234", signature_secret=secret, signature_method=method)
print(json.dumps([auth.check_signature(dict(each)) for each in receipts]))
""",
    "nexmo": """
import json, sys, nexmo
secret, method, receipts = json.load(sys.stdin)
name = None if method == "md5hash" else method
client = nexmo.Client(key="k", secret="s", signature_secret=secret, signature_method=name)
print(json.dumps([client.check_signature(dict(each)) for each in receipts]))
""",
}


def check_with_sdk(sdk: str, method: str, receipts: list[dict[str, str]]) -> list[bool]:
    """What the helper of an official library says of each receipt."""
    python = _SDK / sdk / "bin" / "python"
    if not python.exists():
        pytest.skip(f"the environment of the library {sdk} is not installed")
    given = json.dumps([SIGNING, method, receipts])
    done = subprocess.run([python, "-W", "ignore", "-c", _PROGRAMS[sdk]], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answers: list[bool] = json.loads(done.stdout)
    return answers


@pytest.mark.sdk
@pytest.mark.parametrize(
    ("sdk", "digest"),
    [("nexmo", method.value) for method in SignatureMethod]
    # That library cannot choose the plain hash; source: reference sms §4.5.
    + [("vonage", method.value) for method in SignatureMethod if method is not SignatureMethod.MD5HASH],
)
async def test_the_helpers_of_official_libraries_accept_our_receipts(
    house: House, receiver: Receiver, sdk: str, digest: str
) -> None:
    """In all three forms; one that was changed on the way is refused."""
    got = [(await signed_receipt(house, receiver, form, digest))[1] for form in METHODS]

    answers = check_with_sdk(sdk, digest, [*got, got[0] | {"status": "failed"}])

    assert answers == [True, True, True, False]


# ---------------------------------------------------------------------------------------------------------- people

ALICE = "447700900101"


async def declare(house: House, number: str = ALICE, **facts: object) -> None:
    """Declare how a phone behaves."""
    await house.control("PUT", f"handsets/{number}", facts)


async def power(house: House, on: bool, number: str = ALICE) -> dict[str, Any]:
    """Switch a phone on or off."""
    answer: dict[str, Any] = await house.control("POST", f"handsets/{number}/power", {"on": on})
    return answer


def steps(receiver: Receiver) -> list[tuple[str, str, str]]:
    """Status, error code and time of each receipt so far."""
    return [
        (got.params["status"], got.params["err-code"], got.params["message-timestamp"][5:]) for got in receiver.requests
    ]


# What comes of a message to each stock character within four days: the status of the submission, then its receipts.
# Source: scenario format, "Stock characters and magic numbers"; reference sms §7, §10.2 for the codes.
DELIVERED = [("delivered", "0", "01-01 00:00:01")]
STOCK: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "01": ("0", DELIVERED),
    "02": ("0", DELIVERED),
    "03": ("0", DELIVERED),
    "04": ("0", DELIVERED),
    "05": ("0", DELIVERED),
    "06": ("0", [("failed", "1", "01-01 00:00:01")]),
    "07": ("0", [("buffered", "0", "01-01 00:00:01"), ("expired", "2", "01-04 00:00:00")]),
    "08": ("0", [("delivered", "0", "01-03 23:59:59")]),
    "09": ("0", DELIVERED),
    "10": ("7", []),
    "11": ("0", [("failed", "11", "01-01 00:00:01")]),
    "12": ("0", DELIVERED),
    "13": ("0", DELIVERED),
    "14": ("0", DELIVERED),
    "15": ("0", DELIVERED),
    "17": ("0", DELIVERED),
    "18": ("0", DELIVERED),
    "20": ("1", []),
    "21": ("9", []),
    "22": ("0", DELIVERED),
    "99": ("0", DELIVERED),
}


@pytest.mark.parametrize("digits", STOCK)
@pytest.mark.parametrize("range_", ["4477009000", "120155501"])
async def test_every_stock_character_has_its_receipts(
    house: House, receiver: Receiver, range_: str, digits: str
) -> None:
    """Without declaring anybody, in both ranges; nothing is charged for what is refused."""
    await hooks(house, receiver.url)

    answer = await house.send(to=range_ + digits)
    await house.advance("4d")

    status, receipts = STOCK[digits]
    assert answer["messages"][0]["status"] == status
    assert steps(receiver) == receipts
    assert ((await house.control("GET", ACCOUNT))["balance"] == "100.00 EUR") is (status != "0")


@pytest.mark.parametrize("number", ["447700900000", "447700900110", "447700900999", "12015550210"])
async def test_other_numbers_answer(house: House, receiver: Receiver, number: str) -> None:
    """Outside the ranges, and 00 within, nobody has magic."""
    await hooks(house, receiver.url)
    await send(house, to=number)
    await house.advance("4d")

    assert steps(receiver) == DELIVERED


async def test_the_refusals_of_stock_characters_are_the_services_own(house: House) -> None:
    """Word for word; the throttled phone takes the third; source: reference sms §7 (A, C)."""

    async def refused(number: str) -> dict[str, str]:
        answer = await house.send(to=number)
        assert answer["message-count"] == "1"
        element: dict[str, str] = answer["messages"][0]
        return element

    assert await refused("447700900010") == {"to": "447700900010", "status": "7", "error-text": "Number barred."}
    assert await refused("447700900021") == {
        "to": "447700900021",
        "status": "9",
        "error-text": "Quota Exceeded - rejected",
        "remaining-balance": "100.00000000",
        "message-price": "0.03330000",
        "network": "23410",
    }
    throttled = {
        "to": "447700900020",
        "status": "1",
        "error-text": "Throughput Rate Exceeded - please wait [ 1000 ] and retry",
        "network": "23410",
    }
    assert [await refused("447700900020") for _ in range(2)] == [throttled, throttled]
    assert (await refused("447700900020"))["status"] == "0"


async def test_one_message_in_three_to_a_flaky_phone_fails(house: House) -> None:
    """By seed; source: scenario format, the table."""
    for _ in range(300):
        await house.send(to="447700900016")
    await house.advance("1s")

    messages = (await house.control("GET", "messages"))["items"]
    ends = [(each["status"], each["parts"][0]["err_code"]) for each in messages]
    assert set(ends) == {("failed", "1"), ("delivered", "0")}
    assert 75 < ends.count(("failed", "1")) < 125


async def test_a_ported_phone_is_in_another_network(house: House, receiver: Receiver) -> None:
    """In the answer and in the receipt, at the price of its digits; source: reference sms §8.3 (B)."""
    await hooks(house, receiver.url)

    answer = await house.send(to="447700900009")
    await house.advance("1s")

    [element] = answer["messages"]
    [got] = receiver.requests
    assert element["network"] in {"23415", "23420", "23430", "23433"}
    assert got.params == receipt(element["message-id"], msisdn="447700900009", network_code=element["network"])


async def test_a_declared_network_is_in_the_receipt(house: House, receiver: Receiver) -> None:
    """A phone that was ported since keeps what a message was sent with."""
    await hooks(house, receiver.url)
    await declare(house, network="23420")
    [one] = await send(house, to=ALICE)
    await house.control("POST", f"handsets/{ALICE}/port", {"network": "23433"})
    [two] = await send(house, to=ALICE)
    await house.advance("1s")

    assert [(got.params["messageId"], got.params["network-code"]) for got in receiver.requests] == [
        (one, "23420"),
        (two, "23433"),
    ]


async def test_a_declared_handset_wins_over_magic(house: House, receiver: Receiver) -> None:
    """Over the digits of a barred phone."""
    await hooks(house, receiver.url)
    await declare(house, "447700900010", receipts={"status": "rejected", "after": "3s"})
    await send(house, to="447700900010")
    await house.advance("1d")

    assert steps(receiver) == [("rejected", "6", "01-01 00:00:03")]


@pytest.mark.parametrize("sticky", [True, False])
async def test_a_crowd_is_mixed_by_seed(house: House, sticky: bool) -> None:
    """Each number keeps its character, or each message meets another; every message of it ends as it was drawn."""
    numbers = [f"447700900{k}" for k in range(100, 200)]
    mix = {"answers": "50%", "unreachable": "30%", "barred": "20%"}
    await declare(house, "crowd", range="447700900100..447700900199", mix=mix, sticky=sticky)

    first, second = [
        [(await house.send(to=each, text="A" * 161))["messages"][0]["status"] for each in numbers] for _ in range(2)
    ]
    await house.advance("1s")

    messages = (await house.control("GET", "messages"))["items"]
    ends = {each["id"]: {part["status"] for part in each["parts"]} for each in messages}
    assert all(len(statuses) == 1 for statuses in ends.values())
    delivered = sum(statuses == {"delivered"} for statuses in ends.values())
    failed = sum(statuses == {"failed"} for statuses in ends.values())
    refused = [*first, *second].count("7")
    assert delivered + failed + refused == 200
    assert (70 < delivered < 130, 35 < failed < 85, 20 < refused < 60) == (True, True, True)
    assert (first == second) is sticky


async def test_a_crowd_is_the_same_for_the_same_seed(house: House) -> None:
    """And another for another seed."""

    async def drawn(world: str, seed: int) -> list[str]:
        await house.control("POST", "/worlds", {"name": world, "seed": seed, "clock": "manual"}, 201)
        path = f"/worlds/{world}/handsets"
        facts = {"range": "447700900100..447700900199", "mix": {"busy": "50%", "slow": "50%"}}
        await house.control("PUT", f"{path}/crowd", facts)
        return [(await house.control("GET", f"{path}/447700900{k}"))["like"] for k in range(100, 200)]

    one, two, three = await drawn("a", 7), await drawn("b", 7), await drawn("c", 8)
    assert one == two
    assert one != three


@pytest.mark.parametrize("code", [*range(16), *range(50, 55), 95, 99])
async def test_every_error_code_can_be_had(house: House, receiver: Receiver, code: int) -> None:
    """By ``receipts``; source: reference sms §10.2, the second table."""
    await hooks(house, receiver.url)
    await declare(house, receipts={"status": "failed", "err_code": code})
    await send(house, to=ALICE)
    await house.advance("1s")

    assert steps(receiver) == [("failed", str(code), "01-01 00:00:01")]


@pytest.mark.parametrize(
    ("status", "err_code", "event"),
    [
        ("delivered", "0", "message.delivered"),
        ("failed", "1", "message.failed"),
        ("rejected", "6", "message.failed"),
        ("expired", "2", "message.failed"),
        ("unknown", "1", "message.failed"),
    ],
)
async def test_every_final_status_can_be_had(
    house: House, receiver: Receiver, status: str, err_code: str, event: str
) -> None:
    """With the error code that goes with it; source: reference sms §10.2 (D)."""
    await hooks(house, receiver.url)
    await declare(house, receipts={"status": status, "after": "2s"})
    await send(house, to=ALICE)
    await house.advance("4d")

    assert steps(receiver) == [(status, err_code, "01-01 00:00:02")]
    [message] = (await house.control("GET", "messages"))["items"]
    events = (await house.control("GET", "events"))["items"]
    assert (message["status"], events[-1]["name"]) == (status, event)


@pytest.mark.parametrize("status", ["accepted", "buffered"])
@pytest.mark.parametrize(("ttl", "end"), [("20000", "01-01 00:00:20"), ("", "01-04 00:00:00")])
async def test_a_message_that_stays_under_way_expires(
    house: House, receiver: Receiver, status: str, ttl: str, end: str
) -> None:
    """When its ttl is over, or after 72 hours; source: reference sms §10.1, §5 ttl (B)."""
    await hooks(house, receiver.url)
    await declare(house, receipts={"status": status})
    await send(house, to=ALICE, ttl=ttl)
    await house.advance("4d")

    assert steps(receiver) == [(status, "0", "01-01 00:00:01"), ("expired", "2", end)]


async def test_a_sequence_of_receipts_is_told_step_by_step(house: House, receiver: Receiver) -> None:
    """Each counts its time from the one before; for each part."""
    await hooks(house, receiver.url)
    sequence = [{"status": "accepted", "after": "2s"}, {"status": "failed", "err_code": 9, "after": "1m"}]
    await declare(house, receipts={"sequence": sequence})
    ids = await send(house, to=ALICE, text="A" * 161)
    await house.advance("1h")

    assert steps(receiver) == [("accepted", "0", "01-01 00:00:02")] * 2 + [("failed", "9", "01-01 00:01:02")] * 2
    assert [got.params["messageId"] for got in receiver.requests] == ids * 2


async def test_a_step_with_a_share_is_taken_by_its_dice(house: House) -> None:
    """A quarter fails; the same again for the same seed."""
    sequence = [{"status": "failed", "err_code": 7, "share": "25%"}, {"status": "delivered"}]
    await declare(house, receipts={"sequence": sequence})

    for _ in range(200):
        await house.send(to=ALICE)
    await house.advance("1s")

    statuses = [each["status"] for each in (await house.control("GET", "messages"))["items"]]
    assert set(statuses) == {"failed", "delivered"}
    assert 30 < statuses.count("failed") < 75


async def test_a_message_to_a_phone_that_is_off_is_buffered_once_and_delivered_when_it_is_on(
    house: House, receiver: Receiver
) -> None:
    """At once then; its expiry is gone with it."""
    await hooks(house, receiver.url)
    await power(house, on=False)
    ids = await send(house, to=ALICE, text="A" * 161)
    await house.advance("1h")
    await power(house, on=False)
    await house.advance("1h")
    waiting = steps(receiver)

    answer = await power(house, on=True)

    assert waiting == [("buffered", "0", "01-01 00:00:01")] * 2
    assert answer["settled"] is True
    assert steps(receiver)[2:] == [("delivered", "0", "01-01 02:00:00")] * 2
    assert [got.params["messageId"] for got in receiver.requests] == ids * 2
    assert await house.store.pending("default") == []
    assert (await house.advance("4d"))["timers"] == 0


async def test_a_phone_that_is_switched_off_again_lets_the_next_message_wait(house: House, receiver: Receiver) -> None:
    """Each message on its own."""
    await hooks(house, receiver.url)
    for _ in range(2):
        await power(house, on=False)
        await send(house, to=ALICE)
        await house.advance("1m")
        await power(house, on=True)

    assert [status for status, _, _ in steps(receiver)] == ["buffered", "delivered"] * 2


@pytest.mark.parametrize(("ttl", "end"), [("20000", "01-01 00:00:20"), ("", "01-04 00:00:00")])
async def test_what_waits_for_a_phone_expires(house: House, receiver: Receiver, ttl: str, end: str) -> None:
    """With error code 2 when its ttl is over; switched on later, the phone gets nothing."""
    await hooks(house, receiver.url)
    await power(house, on=False)
    await send(house, to=ALICE, ttl=ttl)
    await house.advance("4d")

    answer = await power(house, on=True)
    await house.advance("1d")

    assert steps(receiver) == [("buffered", "0", "01-01 00:00:01"), ("expired", "2", end)]
    assert answer["settled"] is True


async def test_an_accepted_message_expires_too_when_its_phone_goes_off(house: House, receiver: Receiver) -> None:
    """It was never buffered, and yet it waits."""
    await hooks(house, receiver.url)
    await declare(house, receipts={"sequence": [{"status": "accepted"}, {"status": "delivered", "after": "1m"}]})
    await send(house, to=ALICE)
    await house.advance("30s")
    await power(house, on=False)
    await house.advance("4d")

    assert steps(receiver) == [("accepted", "0", "01-01 00:00:01"), ("expired", "2", "01-04 00:00:00")]


async def test_an_expiry_is_a_deadline_that_a_jumping_clock_never_passes(house: House) -> None:
    """Only an advance does; source: design §5."""
    await house.control("PUT", "clock", {"mode": "auto"})
    await power(house, on=False)
    await house.send(to=ALICE, ttl="20000")
    driving = asyncio.create_task(house.engine.drive())
    try:
        found = await house.control("GET", "messages?status=buffered&wait=5s")
    finally:
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)
    clock = await house.control("GET", "clock")
    [expiry] = await house.store.pending("default")

    assert len(found["items"]) == 1
    assert isinstance(expiry, Timer)
    assert (expiry.what, expiry.deadline) == ("expiry", True)
    assert clock["now"] == "2026-01-01T00:00:01.000Z"
    await house.advance("20s")
    assert [each["status"] for each in (await house.control("GET", "messages"))["items"]] == ["expired"]


async def test_a_flaky_phone_that_was_off_rolls_its_dice_when_it_is_on(house: House) -> None:
    """Some of what waited fails, most does not."""
    await declare(house, like="flaky", power=False)
    for _ in range(100):
        await house.send(to=ALICE)
    await house.advance("1m")
    await power(house, on=True)

    statuses = [each["status"] for each in (await house.control("GET", "messages"))["items"]]
    assert set(statuses) == {"failed", "delivered"}
    assert 18 < statuses.count("failed") < 50


async def test_refusals_of_a_phone_are_of_any_row(house: House) -> None:
    """A common trouble or a row of the table, for the calls it names."""
    await declare(house, submission={"answer": "illegal_sender", "calls": "2.."})

    answers = [(await house.send(to=ALICE))["messages"] for _ in range(3)]

    refused = [{"to": ALICE, "status": "15", "error-text": "Illegal Sender Address - rejected"}]
    assert answers[0][0]["status"] == "0"
    assert answers[1:] == [refused, refused]
    assert (await house.control("GET", ACCOUNT))["balance"] == "99.9667 EUR"
    entries = (await house.control("GET", "requests"))["items"]
    assert [each["outcome"] for each in entries] == [None, *["15 Illegal Sender Address - rejected"] * 2]
