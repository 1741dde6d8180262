"""The official Python library ``vonage`` 4, unmodified, against a real server: by its options and through the proxy."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.live import FarWorld, Live, Sdk, open_live, open_sdk, open_world, sdk_python
from tests.receiver import Received, Receiver

pytestmark = pytest.mark.sdk

LONG = "A" * 161
UNICODE = "Zażółć gęślą ☕ 😀"
METHODS = ("md5", "sha1", "sha256", "sha512")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    sdk_python("vonage")
    with open_live(tmp_path_factory.mktemp("vonage")) as opened:
        yield opened


def options(live: Live, way: str) -> dict[str, str]:
    """The library's options: told where the server is, or left as they are, since the proxy leads to it."""
    return {} if way == "proxy" else {"rest_host": live.place, "api_host": live.place}


@asynccontextmanager
async def opened_sdk(live: Live, way: str = "options") -> AsyncIterator[Sdk]:
    """The library in an environment that trusts our authority, with the proxy set when it shall come that way."""
    environment = {"REQUESTS_CA_BUNDLE": live.ca_file}
    if way == "proxy":
        environment["HTTPS_PROXY"] = live.http
    async with open_sdk("vonage", **environment) as sdk:
        yield sdk


@asynccontextmanager
async def connected(live: Live, world: FarWorld, way: str = "options") -> AsyncIterator[Sdk]:
    """The library with the world's key and secret."""
    async with opened_sdk(live, way) as sdk:
        await sdk.call("connect", auth={"api_key": world.key, "api_secret": world.secret}, options=options(live, way))
        yield sdk


def accepted(to: str, balances: list[str], ids: list[str], client_ref: str | None = None) -> dict[str, Any]:
    """What the library returns for an accepted message."""
    return {
        "message_count": str(len(ids)),
        "messages": [
            {
                "to": to,
                "message_id": message_id,
                "status": "0",
                "remaining_balance": balance,
                "message_price": "0.03330000",
                "network": "23410",
                "client_ref": client_ref,
                "account_ref": None,
            }
            for message_id, balance in zip(ids, balances, strict=True)
        ],
    }


def read_receipt(received: Received, form: str) -> dict[str, str]:
    """The parameters of a receipt, wherever its form puts them."""
    if form == "POST-JSON":
        read: dict[str, str] = received.json()
        return read
    return received.params if form == "GET" else received.form


def refused(code: int, text: str) -> dict[str, str]:
    """What the library raises for a refused message."""
    return {"raised": "SmsError", "text": f"Sms.send_message method failed with error code {code}: {text}"}


@pytest.mark.parametrize("way", ["options", "proxy"])
async def test_messages_are_accepted_whichever_way_the_library_comes(live: Live, way: str) -> None:
    """Plain, long and unicode messages come back in the library's own types, and stand in the world as sent."""
    async with (
        open_world(live.http, f"accepts-{way}") as world,
        connected(live, world, way) as sdk,
    ):
        plain = await sdk.call("send", to="447700900001", from_="Acme", text="Tea & cake = joy", client_ref="order-77")
        long = await sdk.call("send", to="447700900002", from_="Acme", text=LONG)
        other = await sdk.call("send", to="447700900003", from_="447700900000", text=UNICODE, type="unicode")
        messages = await world.items("messages")

    assert [(each["from"], each["to"], each["type"], each["text"]) for each in messages] == [
        ("Acme", "447700900001", "text", "Tea & cake = joy"),
        ("Acme", "447700900002", "text", LONG),
        ("447700900000", "447700900003", "unicode", UNICODE),
    ]
    ids = [each["ids"] for each in messages]
    assert plain == accepted("447700900001", ["99.96670000"], ids[0], "order-77")
    assert long == accepted("447700900002", ["99.93340000", "99.90010000"], ids[1])
    assert other == accepted("447700900003", ["99.86680000"], ids[2])
    assert len({message_id for each in ids for message_id in each}) == 4


@pytest.mark.parametrize("way", ["options", "proxy"])
async def test_refusals_are_raised_with_their_status_and_text(live: Live, way: str) -> None:
    """Every refusal arrives as the library's own error, charges nothing, and is written down."""
    message = {"to": "447700900001", "from_": "Acme", "text": "Hi"}
    async with (
        open_world(live.http, f"refuses-{way}") as world,
        connected(live, world, way) as sdk,
    ):
        outcomes = []
        outcomes.append(await sdk.call("send", **{**message, "text": ""}))
        outcomes.append(await sdk.call("send", **{**message, "to": "0447700900001"}))
        outcomes.append(await sdk.call("send", **{**message, "to": "44770090000x"}))
        outcomes.append(await sdk.call("send", **message, callback="shop.test/receipt"))
        outcomes.append(await sdk.call("send", **{**message, "text": "A" * 3201}))
        await world.account(balance="0.03 EUR")
        outcomes.append(await sdk.call("send", **message))
        assert await world.balance() == "0.03 EUR"
        await world.account(balance="unlimited", limits={"sms": "1/s"})
        outcomes.append({"status": (await sdk.call("send", **message))["messages"][0]["status"]})
        outcomes.append(await sdk.call("send", **message))
        await world.account(suspended=True)
        outcomes.append(await sdk.call("send", **message))
        await sdk.call("connect", auth={"api_key": world.key, "api_secret": "wr0ng"}, options=options(live, way))
        outcomes.append(await sdk.call("send", **message))
        requests = await world.items("requests")

    assert outcomes == [
        refused(2, "Missing Message Text"),
        refused(6, "Unroutable message - rejected"),
        refused(3, "to address is not numeric"),
        refused(23, "Bad callback :: Missing Protocol"),
        refused(12, "Message too long"),
        refused(9, "Quota Exceeded - rejected"),
        {"status": "0"},
        refused(1, "Throughput Rate Exceeded - please wait [ 1000 ] and retry"),
        refused(8, "Partner account barred"),
        refused(4, "Bad Credentials"),
    ]
    assert [each["outcome"] for each in requests] == [
        "2 Missing Message Text",
        "6 Unroutable message - rejected",
        "3 to address is not numeric",
        "23 Bad callback :: Missing Protocol",
        "12 Message too long",
        "9 Quota Exceeded - rejected",
        None,
        "1 Throughput Rate Exceeded - please wait [ 1000 ] and retry",
        "8 Partner account barred",
        "4 Bad Credentials",
    ]


async def test_the_broken_signature_of_the_library_is_refused_unless_the_world_tolerates_it(live: Live) -> None:
    """The library hashes what it does not send: status 14, but ``signature_python4`` accepts just that form."""
    message = {"to": "447700900001", "from_": "Acme", "text": "Tea & cake = joy ☕", "type": "unicode"}
    outcomes: dict[str, list[Any]] = {}
    async with open_world(live.http, "python4") as world, opened_sdk(live) as sdk:
        for method in METHODS:
            auth = {"api_key": world.key, "signature_secret": world.signature_secret, "signature_method": method}
            await world.account(signature={"secret": world.signature_secret, "method": method})
            await sdk.call("connect", auth=auth, options=options(live, "options"))
            await world.control("PATCH", "settings", {"signature_python4": False})
            outcomes[method] = [await sdk.call("send", **message)]
            await world.control("PATCH", "settings", {"signature_python4": True})
            outcomes[method].append((await sdk.call("send", **message))["messages"][0]["status"])
            wrong = {**auth, "signature_secret": "another secret"}
            await sdk.call("connect", auth=wrong, options=options(live, "options"))
            outcomes[method].append(await sdk.call("send", **message))
        messages = await world.items("messages")

    bad = refused(14, "Invalid Signature")
    assert outcomes == {method: [bad, "0", bad] for method in METHODS}
    assert [each["text"] for each in messages] == ["Tea & cake = joy ☕"] * 4


@pytest.mark.parametrize("form", ["GET", "POST", "POST-JSON"])
async def test_receipts_hold_all_fields_and_a_signature_that_the_library_accepts(live: Live, form: str) -> None:
    """One receipt for each part, signed by the account's method; one changed value and the library says no."""
    judged = {}
    async with Receiver() as receiver, open_world(live.http, f"receipts-{form}") as world, opened_sdk(live) as sdk:
        await world.account(webhooks={"receipts": f"{receiver.url}/receipt", "method": form, "signed": True})
        began = int(time.time())
        for method in METHODS:
            await world.account(signature={"secret": world.signature_secret, "method": method})
            await world.send(text=LONG, client__ref="a&b=c d")
            await world.advance("1s")
            receipts = [read_receipt(each, form) for each in receiver.requests[-2:]]
            auth = {"api_key": world.key, "signature_secret": world.signature_secret, "signature_method": method}
            await sdk.call("connect", auth=auth)
            right = [await sdk.call("check", **each) for each in receipts]
            wrong = [await sdk.call("check", **{**each, "err-code": "1"}) for each in receipts]
            judged[method] = (right, wrong)
        ended = int(time.time())
        messages = await world.items("messages")

    came = receiver.requests
    assert judged == {method: ([True, True], [False, False]) for method in METHODS}
    assert [(each.method, each.path) for each in came] == [("GET" if form == "GET" else "POST", "/receipt")] * 8
    receipts = [read_receipt(each, form) for each in came]
    stamps = [(each.pop("timestamp"), each.pop("nonce"), each.pop("sig")) for each in receipts]
    assert receipts == [
        {
            "msisdn": "447700900001",
            "to": "Acme",
            "network-code": "23410",
            "messageId": message_id,
            "price": "0.03330000",
            "status": "delivered",
            "scts": "2603011200",
            "err-code": "0",
            "api-key": world.key,
            "client-ref": "a&b=c d",
            "message-timestamp": f"2026-03-01 12:00:0{second}",
        }
        for second, message in enumerate(messages, 1)
        for message_id in message["ids"]
    ]
    assert [began <= int(stamp) <= ended for stamp, _, _ in stamps] == [True] * 8
    assert len({UUID(nonce) for _, nonce, _ in stamps}) == 8


def test_the_right_version_of_the_library_is_under_test(live: Live) -> None:
    """What is shown here is shown for 4.9.1."""
    packages = sdk_python("vonage").parents[1].glob("lib/*/site-packages/vonage-*.dist-info")
    assert [Path(each).name for each in packages] == ["vonage-4.9.1.dist-info"]
