"""The account calls of `vonage` 4.9.1 and `nexmo` 2.5.2, unmodified, against a real server over https."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.live import FarWorld, Live, Sdk, open_live, open_sdk, open_world

pytestmark = pytest.mark.sdk

TRX = "00X123456Y7890123Z"
NOBODY = "00000000-0000-4000-8000-000000000000"
URLS = ("https://shop.test/in", "https://shop.test/dlr")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("account")) as opened:
        yield opened


# ---------------------------------------------------------------------------------------------------------- vonage


async def connect_vonage(sdk: Sdk, live: Live, world: FarWorld, secret: str) -> None:
    options = {"rest_host": live.place, "api_host": live.place}
    await sdk.call("connect", auth={"api_key": world.key, "api_secret": secret}, options=options)


@asynccontextmanager
async def vonage(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world."""
    async with (
        open_world(live.http, name) as world,
        open_sdk("vonage", "account", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        await connect_vonage(sdk, live, world, world.secret)
        yield sdk, world


def raised(outcome: dict[str, Any]) -> tuple[str, int | None]:
    """The class of the library's error and the HTTP status in it."""
    return outcome["raised"], outcome["status"]


def vonage_settings(inbound: str, receipts: str) -> dict[str, Any]:
    """The settings in the types of the library."""
    return {
        "mo_callback_url": inbound,
        "dr_callback_url": receipts,
        "max_outbound_request": 30,
        "max_inbound_request": 30,
        "max_calls_per_second": 30,
    }


async def test_vonage_reads_and_tops_up_the_balance(live: Live) -> None:
    """Refused, the library raises by the HTTP status."""
    async with vonage(live, "v-balance") as (sdk, world):
        before = await sdk.call("balance")
        not_enabled = await sdk.call("top_up", trx=TRX)
        await world.account(auto_reload=True)
        unknown = await sdk.call("top_up", trx="00X")
        done = await sdk.call("top_up", trx=TRX)
        after = await sdk.call("balance")
        await connect_vonage(sdk, live, world, "wr0ngS3cret")
        wrong = await sdk.call("balance")

    assert before == {"value": 100.0, "auto_reload": False}
    assert raised(not_enabled) == ("AuthenticationError", 401)
    assert raised(unknown) == ("HttpRequestError", 420)
    assert "topup failed" in unknown["text"]
    assert done == {"error_code": "200", "error_code_label": "success"}
    assert after == {"value": 110.0, "auto_reload": True}
    assert raised(wrong) == ("AuthenticationError", 401)


async def test_vonage_changes_the_settings(live: Live) -> None:
    """Whether or not a JSON call came before, after which the library labels its forms as JSON."""
    inbound, receipts = URLS
    async with vonage(live, "v-settings") as (sdk, world):
        both = await sdk.call("settings", mo_callback_url=inbound, dr_callback_url=receipts)
        await sdk.call("create", secret="An0therOne")
        cleared = await sdk.call("settings", mo_callback_url="")
        read = await sdk.call("settings")
        refused = await sdk.call("settings", dr_callback_url="no url")
        hooks = (await world.account())["webhooks"]

    assert both == vonage_settings(inbound, receipts)
    assert cleared == read == vonage_settings("", receipts)
    assert raised(refused) == ("HttpRequestError", 420)
    assert (hooks["inbound_sms"], hooks["receipts"]) == ("", receipts)


async def test_vonage_rotates_secrets(live: Live) -> None:
    """The new one is usable at once, the old one until it is revoked; every refusal is the library's own error."""
    async with vonage(live, "v-secrets") as (sdk, world):
        [old] = await sdk.call("secrets")
        last = await sdk.call("revoke", secret_id=old["id"])
        new = await sdk.call("create", secret="An0therOne")
        third = await sdk.call("create", secret="AThirdOne3")
        listed = await sdk.call("secrets")
        read = await sdk.call("read", secret_id=new["id"])
        nobody = await sdk.call("read", secret_id=NOBODY)
        await connect_vonage(sdk, live, world, "An0therOne")
        balance = await sdk.call("balance")
        revoked = await sdk.call("revoke", secret_id=old["id"])
        left = await sdk.call("secrets")
        await connect_vonage(sdk, live, world, world.secret)
        gone = await sdk.call("secrets")

    assert old.keys() == {"id", "created_at"}
    assert new == {"id": new["id"], "created_at": "2026-03-01T12:00:00Z"}
    assert (listed, read, left) == ([old, new], new, [new])
    assert revoked is None
    assert balance == {"value": 100.0, "auto_reload": False}
    assert [raised(each) for each in (last, third, nobody, gone)] == [
        ("ForbiddenError", 403),
        ("ForbiddenError", 403),
        ("NotFoundError", 404),
        ("AuthenticationError", 401),
    ]
    assert "Secret Deletion Forbidden" in last["text"]
    assert "Account reached maximum number [2] of allowed secrets" in third["text"]


# ----------------------------------------------------------------------------------------------------------- nexmo


@asynccontextmanager
async def nexmo(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world; its hosts take no port, so it comes through the proxy."""
    async with (
        open_world(live.http, name) as world,
        open_sdk("nexmo", "account", REQUESTS_CA_BUNDLE=live.ca_file, HTTPS_PROXY=live.http) as sdk,
    ):
        await sdk.call("connect", key=world.key, secret=world.secret)
        yield sdk, world


async def test_nexmo_reads_and_tops_up_the_balance(live: Live) -> None:
    """Dictionaries as they come; a refusal by 401 looks like wrong credentials there."""
    async with nexmo(live, "n-balance") as (sdk, world):
        before = await sdk.call("balance")
        missing = await sdk.call("top_up")
        not_enabled = await sdk.call("top_up", trx=TRX)
        await world.account(auto_reload=True)
        unknown = await sdk.call("top_up", trx="00X")
        done = await sdk.call("top_up", trx=TRX)
        after = await sdk.call("balance")
        await sdk.call("connect", key=world.key, secret="wr0ngS3cret")
        wrong = await sdk.call("balance")

    assert before == {"value": 100.0, "autoReload": False}
    assert missing == {"raised": "ClientError", "text": "400 response from rest.nexmo.com"}
    assert not_enabled == wrong == {"raised": "AuthenticationError", "text": ""}
    assert unknown == {"raised": "ClientError", "text": "420 response from rest.nexmo.com"}
    assert done == {"error-code": "200", "error-code-label": "success"}
    assert after == {"value": 110.0, "autoReload": True}


async def test_nexmo_changes_the_settings(live: Live) -> None:
    """Nothing said is a read; and the secret is replaced the way of before 2018."""
    inbound, receipts = URLS
    async with nexmo(live, "n-settings") as (sdk, world):
        both = await sdk.call("settings", moCallBackUrl=inbound, drCallBackUrl=receipts)
        read = await sdk.call("settings")
        replaced = await sdk.call("settings", drCallBackUrl="", newSecret="N3wSecret")
        old = await sdk.call("balance")
        await sdk.call("connect", key=world.key, secret="N3wSecret")
        new = await sdk.call("balance")

    rates = {"max-outbound-request": 30, "max-inbound-request": 30, "max-calls-per-second": 30}
    assert both == read == {"mo-callback-url": inbound, "dr-callback-url": receipts, **rates}
    assert replaced == {"mo-callback-url": inbound, "dr-callback-url": "", **rates}
    assert old == {"raised": "AuthenticationError", "text": ""}
    assert new == {"value": 100.0, "autoReload": False}


async def test_nexmo_rotates_secrets(live: Live) -> None:
    """Errors are worded from title, detail and type."""
    async with nexmo(live, "n-secrets") as (sdk, world):
        first = await sdk.call("secrets")
        weak = await sdk.call("create", secret="weak")
        new = await sdk.call("create", secret="An0therOne")
        third = await sdk.call("create", secret="AThirdOne3")
        read = await sdk.call("read", secret_id=new["id"])
        other = await sdk.call("secrets_of", api_key="eeee0000")
        await sdk.call("connect", key=world.key, secret="An0therOne")
        [old] = first["_embedded"]["secrets"]
        revoked = await sdk.call("revoke", secret_id=old["id"])
        left = await sdk.call("secrets")
        await sdk.call("connect", key=world.key, secret=world.secret)
        gone = await sdk.call("secrets")

    href = f"/accounts/{world.key}/secrets"
    assert first == {"_links": {"self": {"href": href}}, "_embedded": {"secrets": [old]}}
    assert (
        new
        == read
        == {
            "_links": {"self": {"href": f"{href}/{new['id']}"}},
            "id": new["id"],
            "created_at": "2026-03-01T12:00:00Z",
        }
    )
    assert revoked is None
    assert left == {"_links": {"self": {"href": href}}, "_embedded": {"secrets": [new]}}
    assert gone == {"raised": "AuthenticationError", "text": ""}
    base = "https://developer.vonage.com/api-errors"
    full = "Account reached maximum number [2] of allowed secrets"
    secret_base = f"{base}/account/secret-management"
    assert [weak["text"], third["text"], other["text"]] == [
        f"Bad Request: The request failed due to validation errors ({secret_base}#validation)",
        f"Secret Addition Forbidden: {full} ({secret_base}#add-excess-secret)",
        f"Invalid API Key: API key 'eeee0000' does not exist, or you do not have access ({base}#invalid-api-key)",
    ]
    assert {each["raised"] for each in (weak, third, other)} == {"ClientError"}
