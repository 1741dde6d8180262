"""The application calls of `vonage` 4.9.1 and `nexmo` 2.5.2, unmodified, against a real server over https."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.live import FarWorld, Live, Sdk, open_live, open_sdk, open_world

pytestmark = pytest.mark.sdk

NOBODY = "00000000-0000-4000-8000-000000000000"
HOOKS = {
    "answer_url": {"address": "https://shop.test/answer", "http_method": "GET"},
    "event_url": {"address": "https://shop.test/event", "http_method": "POST"},
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("application")) as opened:
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
        open_sdk("vonage", "application", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        await connect_vonage(sdk, live, world, world.secret)
        yield sdk, world


def raised(outcome: dict[str, Any]) -> tuple[str, int | None]:
    """The class of the library's error and the HTTP status in it."""
    return outcome["raised"], outcome["status"]


async def test_vonage_makes_reads_changes_and_deletes(live: Live) -> None:
    """Its models take every answer; the private key comes once."""
    voice = {
        "webhooks": {**HOOKS, "answer_url": {**HOOKS["answer_url"], "connect_timeout": 500, "socket_timeout": 1000}},
        "signed_callbacks": True,
        "conversations_ttl": 48,
        "leg_persistence_time": 7,
        "region": "eu-west",
    }
    messages = {
        "webhooks": {"inbound_url": {"address": "https://shop.test/in", "http_method": "POST"}},
        "version": "v1",
        "authenticate_inbound_media": True,
    }
    rtc = {"webhooks": {"event_url": HOOKS["event_url"]}}
    verify = {"webhooks": {"status_url": {"address": "https://shop.test/s", "http_method": "POST"}}}
    said = {"voice": voice, "messages": messages, "rtc": rtc, "vbc": {}, "verify": verify}
    config = {"name": "Shop", "capabilities": said, "privacy": {"improve_ai": True}}
    async with vonage(live, "v-application") as (sdk, _):
        made = await sdk.call("create", config=config)
        got = await sdk.call("get", application_id=made["id"])
        changed = await sdk.call("update", application_id=made["id"], config={"name": "Store"})
        gone = await sdk.call("delete", application_id=made["id"])
        unknown = await sdk.call("get", application_id=made["id"])

    link = f"/v2/applications/{made['id']}"
    public = {"public_key": made["keys"]["public_key"]}
    assert made["keys"].keys() == {"public_key", "private_key"}
    assert got == {**config, "id": made["id"], "keys": public, "link": link}
    assert made == {**got, "keys": made["keys"]}
    assert changed == {
        "id": made["id"],
        "name": "Store",
        "keys": public,
        "privacy": {"improve_ai": False},
        "capabilities": {},
        "link": link,
    }
    assert gone is None
    assert raised(unknown) == ("NotFoundError", 404)


async def test_vonage_lists_page_by_page(live: Live) -> None:
    """Until the number of the next page is none; of no applications too."""
    async with vonage(live, "v-list") as (sdk, _):
        ids = [(await sdk.call("create", config={"name": f"n{k}"}))["id"] for k in range(2)]
        whole, end = await sdk.call("list")
        first, following = await sdk.call("list", page_size=2)
        last, stop = await sdk.call("list", page_size=2, page=following)
        for each in whole:
            await sdk.call("delete", application_id=each["id"])
        none = await sdk.call("list")

    assert [each["name"] for each in whole] == ["main", "n0", "n1"]
    assert [each["id"] for each in whole[1:]] == ids
    assert (first, last) == (whole[:2], whole[2:])
    assert (end, following, stop) == (None, 2, None)
    assert none == [[], None]


async def test_vonage_is_refused(live: Live) -> None:
    """In its own errors."""
    async with vonage(live, "v-refused") as (sdk, world):
        empty = await sdk.call("create")
        weak = await sdk.call("create", config={"name": "x", "keys": {"public_key": "PEM"}})
        nobody = await sdk.call("update", application_id=NOBODY, config={"name": "x"})
        await connect_vonage(sdk, live, world, "wr0ngS3cret")
        wrong = await sdk.call("list")

    assert [raised(each) for each in (empty, weak, nobody, wrong)] == [
        ("HttpRequestError", 400),
        ("HttpRequestError", 400),
        ("NotFoundError", 404),
        ("AuthenticationError", 401),
    ]
    assert "The request failed due to validation errors" in weak["text"]


# ----------------------------------------------------------------------------------------------------------- nexmo


@asynccontextmanager
async def nexmo(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world; its hosts take no port, so it comes through the proxy."""
    async with (
        open_world(live.http, name) as world,
        open_sdk("nexmo", "application", REQUESTS_CA_BUNDLE=live.ca_file, HTTPS_PROXY=live.http) as sdk,
    ):
        await sdk.call("connect", key=world.key, secret=world.secret)
        yield sdk, world


async def test_nexmo_uses_the_first_version(live: Live) -> None:
    """Five deprecated methods: form, query, and JSON with the credentials inside."""
    said = {"name": "Shop", "type": "voice", "event_url": "https://shop.test/event"}
    async with nexmo(live, "n-first") as (sdk, _):
        made = await sdk.call("create", **said, answer_url="https://shop.test/answer")
        got = await sdk.call("get", application_id=made["id"])
        changed = await sdk.call("update", application_id=made["id"], **{**said, "name": "Store"})
        listed = await sdk.call("list", page_size=1, page_index=2)
        missing = await sdk.call("create", name="x")
        gone = await sdk.call("delete", application_id=made["id"])
        unknown = await sdk.call("get", application_id=made["id"])

    hooks = [
        {"endpoint_type": name, "endpoint": hook["address"], "http_method": hook["http_method"]}
        for name, hook in HOOKS.items()
    ]
    link = {"self": {"href": f"/v1/applications/{made['id']}"}}
    public = {"public_key": made["keys"]["public_key"]}
    one = {"id": made["id"], "name": "Shop", "voice": {"webhooks": hooks}, "keys": public, "_links": link}
    assert got == one
    assert made == {**one, "keys": made["keys"]}
    assert made["keys"]["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
    assert changed == {**one, "name": "Store", "voice": {"webhooks": hooks[1:]}}
    assert (listed["count"], listed["page_index"], len(listed["_embedded"]["applications"])) == (2, 2, 1)
    assert missing == {"raised": "ClientError", "text": "400 response from api.nexmo.com"}
    assert gone is None
    assert unknown == {"raised": "ClientError", "text": "404 response from api.nexmo.com"}


async def test_nexmo_uses_the_second_version(live: Live) -> None:
    """Five methods by Basic; errors are worded from title, detail and type."""
    said = {"name": "Shop", "capabilities": {"voice": {"webhooks": HOOKS}, "vbc": {}}}
    async with nexmo(live, "n-second") as (sdk, world):
        made = await sdk.call("create_2", **said)
        got = await sdk.call("get_2", application_id=made["id"])
        changed = await sdk.call("update_2", application_id=made["id"], name="Store")
        listed = await sdk.call("list_2", page_size=1, page=2)
        empty = await sdk.call("create_2")
        gone = await sdk.call("delete_2", application_id=made["id"])
        unknown = await sdk.call("get_2", application_id=made["id"])
        await sdk.call("connect", key=world.key, secret="wr0ngS3cret")
        wrong = await sdk.call("list_2")

    link = {"self": {"href": f"/v2/applications/{made['id']}"}}
    public = {"public_key": made["keys"]["public_key"]}
    one = {**said, "id": made["id"], "keys": public, "privacy": {"improve_ai": False}, "_links": link}
    assert got == one
    assert made == {**one, "keys": made["keys"]}
    assert changed == {**one, "name": "Store", "capabilities": {}}
    del changed["_links"]
    assert (listed["total_items"], listed["_embedded"]["applications"]) == (2, [changed])
    base = "https://developer.vonage.com/api-errors"
    detail = "The request failed due to validation errors"
    assert empty == {"raised": "ClientError", "text": f"Bad Request: {detail} ({base}/application#payload-validation)"}
    assert gone is None
    detail = f"ID '{made['id']}' does not exist, or you do not have access"
    assert unknown == {"raised": "ClientError", "text": f"Not Found: {detail} ({base}#not-found)"}
    assert wrong["raised"] == "AuthenticationError"
