"""The official Python library ``nexmo`` 2.5.2, unmodified: its hosts take no port, so it comes through the proxy."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from tests.live import FarWorld, Live, Sdk, open_live, open_sdk, open_world, sdk_python
from tests.receiver import Receiver

pytestmark = pytest.mark.sdk

LONG = "A" * 161
UNICODE = "Zażółć gęślą ☕ 😀"
#: The library's `signature_method` by the account's: None is the plain MD5 hash.
METHODS = {"md5hash": None, "md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    sdk_python("nexmo")
    with open_live(tmp_path_factory.mktemp("nexmo")) as opened:
        yield opened


@asynccontextmanager
async def opened_sdk(live: Live) -> AsyncIterator[Sdk]:
    """The library with the proxy and our authority in its environment, and nothing else changed."""
    async with open_sdk("nexmo", HTTPS_PROXY=live.http, REQUESTS_CA_BUNDLE=live.ca_file) as sdk:
        yield sdk


def entry(message_id: str, balance: str, to: str = "447700900001", **more: str) -> dict[str, str]:
    """One accepted part, as the library returns it."""
    return {
        "to": to,
        "message-id": message_id,
        "status": "0",
        "remaining-balance": balance,
        "message-price": "0.03330000",
        "network": "23410",
        **more,
    }


def refused(status: str, text: str, **more: str) -> dict[str, Any]:
    """A refusal, as the library returns it."""
    return {"message-count": "1", "messages": [{"status": status, "error-text": text, **more}]}


async def connect(sdk: Sdk, world: FarWorld) -> None:
    await sdk.call("connect", key=world.key, secret=world.secret)


async def test_messages_are_accepted_through_the_proxy(live: Live) -> None:
    """Plain, long and unicode messages, by the old way of sending and the new one."""
    async with open_world(live.http, "accepts") as world, opened_sdk(live) as sdk:
        await connect(sdk, world)
        plain = await sdk.call(
            "send", to="447700900001", text="Tea & cake = joy", **{"from": "Acme", "client-ref": "7"}
        )
        long = await sdk.call("send_old", to="447700900002", text=LONG, **{"from": "Acme"})
        other = await sdk.call("send", to="447700900003", text=UNICODE, type="unicode", **{"from": "447700900000"})
        messages = await world.items("messages")

    assert [(each["from"], each["to"], each["type"], each["text"]) for each in messages] == [
        ("Acme", "447700900001", "text", "Tea & cake = joy"),
        ("Acme", "447700900002", "text", LONG),
        ("447700900000", "447700900003", "unicode", UNICODE),
    ]
    (one,), (two, three), (four,) = [each["ids"] for each in messages]
    assert plain == {"message-count": "1", "messages": [entry(one, "99.96670000", **{"client-ref": "7"})]}
    assert long == {
        "message-count": "2",
        "messages": [entry(two, "99.93340000", "447700900002"), entry(three, "99.90010000", "447700900002")],
    }
    assert other == {"message-count": "1", "messages": [entry(four, "99.86680000", "447700900003")]}


async def test_refusals_are_returned_with_status_and_text(live: Live) -> None:
    """Every refusal is HTTP 200, so the library hands it over as it is."""
    message = {"to": "447700900001", "from": "Acme", "text": "Hi"}
    async with open_world(live.http, "refuses") as world, opened_sdk(live) as sdk:
        await connect(sdk, world)
        outcomes = [
            await sdk.call("send", **{**message, "text": ""}),
            await sdk.call("send", to="447700900001", text="Hi"),
            await sdk.call("send", **{**message, "to": "0447700900001"}),
            await sdk.call("send", **message, ttl=19_999),
        ]
        await world.account(balance="0.03 EUR")
        outcomes.append(await sdk.call("send", **message))
        await sdk.call("connect", key=world.key, secret="wr0ng")
        outcomes.append(await sdk.call("send", **message))
        assert await world.balance() == "0.03 EUR"

    assert outcomes == [
        refused("2", "Missing Message Text"),
        refused("2", "Missing from param"),
        refused("6", "Unroutable message - rejected", to="0447700900001"),
        refused("16", "value for ttl field out of range"),
        refused(
            "9",
            "Quota Exceeded - rejected",
            **{
                "to": "447700900001",
                "remaining-balance": "0.03000000",
                "message-price": "0.03330000",
                "network": "23410",
            },
        ),
        refused("4", "Bad Credentials"),
    ]


async def test_signed_messages_are_accepted_with_the_accounts_method_alone(live: Live) -> None:
    """Each method passes for an account of that method; any other method or secret is status 14."""
    message = {"to": "447700900001", "from": "Acme", "text": "Tea & cake = joy ☕", "type": "unicode"}
    statuses = {}
    async with open_world(live.http, "signed") as world, opened_sdk(live) as sdk:
        for method, its_own in METHODS.items():
            await world.account(signature={"secret": world.signature_secret, "method": method})
            for named, by_library in METHODS.items():
                signing = {"signature_secret": world.signature_secret, "signature_method": by_library}
                await sdk.call("connect", key=world.key, **signing)
                answer = await sdk.call("send", **message)
                statuses[method, named] = answer["messages"][0]["status"]
                if method != named:
                    assert answer == refused("14", "Invalid Signature")
            await sdk.call("connect", key=world.key, signature_secret="other", signature_method=its_own)
            assert await sdk.call("send", **message) == refused("14", "Invalid Signature")
        messages = await world.items("messages")

    assert statuses == {(a, b): "0" if a == b else "14" for a in METHODS for b in METHODS}
    assert [each["text"] for each in messages] == ["Tea & cake = joy ☕"] * len(METHODS)


async def test_the_library_accepts_the_signatures_of_receipts(live: Live) -> None:
    """By every method the library says yes to a receipt as it came, and no once a value is changed."""
    judged = {}
    async with Receiver() as receiver, open_world(live.http, "receipts") as world, opened_sdk(live) as sdk:
        await world.account(webhooks={"receipts": f"{receiver.url}/receipt?shop=7", "signed": True})
        began = int(time.time())
        for method, by_library in METHODS.items():
            await world.account(signature={"secret": world.signature_secret, "method": method})
            await world.send(text="Hi", client__ref="a&b=c d")
            await world.advance("1s")
            # What stands in the URL itself is not signed.
            receipt = {name: text for name, text in receiver.requests[-1].params.items() if name != "shop"}
            signing = {"signature_secret": world.signature_secret, "signature_method": by_library}
            await sdk.call("connect", key=world.key, secret=world.secret, **signing)
            right = await sdk.call("check", **receipt)
            wrong = await sdk.call("check", **{**receipt, "price": "0.00000000"})
            judged[method] = (right, wrong, receipt["sig"] == receipt["sig"].upper())
        ended = int(time.time())
        messages = await world.items("messages")

    assert judged == {method: (True, False, method != "md5hash") for method in METHODS}
    receipts = [each.params for each in receiver.requests]
    stamps = [(each.pop("timestamp"), each.pop("nonce"), each.pop("sig")) for each in receipts]
    assert receipts == [
        {
            "shop": "7",
            "msisdn": "447700900001",
            "to": "Acme",
            "network-code": "23410",
            "messageId": message["id"],
            "price": "0.03330000",
            "status": "delivered",
            "scts": "2603011200",
            "err-code": "0",
            "api-key": world.key,
            "client-ref": "a&b=c d",
            "message-timestamp": f"2026-03-01 12:00:0{second}",
        }
        for second, message in enumerate(messages, 1)
    ]
    assert [began <= int(stamp) <= ended for stamp, _, _ in stamps] == [True] * len(METHODS)
    assert len({UUID(nonce) for _, nonce, _ in stamps}) == len(METHODS)


def test_the_right_version_of_the_library_is_under_test(live: Live) -> None:
    """What is shown here is shown for 2.5.2."""
    packages = sdk_python("nexmo").parents[1].glob("lib/*/site-packages/nexmo-*.dist-info")
    assert [each.name for each in packages] == ["nexmo-2.5.2.dist-info"]
