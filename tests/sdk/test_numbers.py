"""The numbers calls of `vonage` 4.9.1 and `nexmo` 2.5.2, unmodified, against a real server over https."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.live import FarWorld, Live, Sdk, open_live, open_sdk, open_world, trusting

pytestmark = pytest.mark.sdk

HELD = "447700900000"
WANTED = "447700900150"
URL = "https://shop.test/in"
DONE = {"error_code": "200", "error_code_label": "success"}
RAW_DONE = {"error-code": "200", "error-code-label": "success"}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("numbers")) as opened:
        yield opened


async def application_of(world: FarWorld) -> str:
    """The id of the world's application, which can voice and messages from now on."""
    application_id: str = (await world.control("GET", ""))["applications"][0]["id"]
    await world.control("PATCH", f"applications/{application_id}", {"voice": {}, "messages": {}})
    return application_id


def raised(outcome: dict[str, Any]) -> tuple[str, int | None]:
    """The class of the library's error and the HTTP status in it."""
    return outcome["raised"], outcome["status"]


# ---------------------------------------------------------------------------------------------------------- vonage


@asynccontextmanager
async def vonage(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world."""
    async with (
        open_world(live.http, name) as world,
        open_sdk("vonage", "numbers", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        options = {"rest_host": live.place, "api_host": live.place}
        await sdk.call("connect", auth={"api_key": world.key, "api_secret": world.secret}, options=options)
        yield sdk, world


async def test_vonage_buys_links_and_cancels_a_number(live: Live) -> None:
    """Every answer in the library's own types; a refusal is its HTTP error."""
    async with vonage(live, "v-whole") as (sdk, world):
        app_id = await application_of(world)
        offer = await sdk.call("search", country="GB", pattern=WANTED, search_pattern=0, type="mobile-lvn")
        bought = await sdk.call("buy", country="GB", msisdn=WANTED)
        balance = await world.balance()
        again = await sdk.call("buy", country="GB", msisdn=WANTED)
        gone = await sdk.call("search", country="GB", pattern=WANTED, search_pattern=0)
        bare = await sdk.call("owned", pattern=WANTED, search_pattern=0)
        linked = await sdk.call("update", country="GB", msisdn=WANTED, app_id=app_id, mo_http_url=URL)
        with_app = await sdk.call("owned", application_id=app_id, pattern="150", search_pattern=2)
        routed = await sdk.call(
            "update",
            country="GB",
            msisdn=WANTED,
            voice_callback_type="sip",
            voice_callback_value="sip:ivr@shop.test",
            voice_status_callback="https://shop.test/ended",
        )
        with_route = await sdk.call("owned", country="GB", has_application=False)
        unknown = await sdk.call("update", country="GB", msisdn=WANTED, app_id=NOBODY)
        cancelled = await sdk.call("cancel", country="GB", msisdn=WANTED)
        twice = await sdk.call("cancel", country="GB", msisdn=WANTED)

    is_ = {"country": "GB", "msisdn": WANTED, "type": "mobile-lvn", "features": ["VOICE", "SMS"]}
    assert offer == {"numbers": [{**is_, "cost": "1.25"}], "count": 1, "next": None}
    assert (bought, linked, routed, cancelled) == (DONE, DONE, DONE, DONE)
    assert balance == "98.75 EUR"
    assert gone == {"numbers": [], "count": 0, "next": None}
    assert bare == {"numbers": [is_], "count": 1, "next": None}
    by_app = {
        "mo_http_url": URL,
        "messages_callback_type": "app",
        "messages_callback_value": app_id,
        "voice_callback_type": "app",
        "voice_callback_value": app_id,
        "app_id": app_id,
    }
    assert with_app == {"numbers": [{**is_, **by_app}], "count": 1, "next": None}
    by_sip = {"voice_callback_type": "sip", "voice_callback_value": "sip:ivr@shop.test"}
    assert with_route == {"numbers": [{**is_, **by_sip}], "count": 1, "next": None}
    assert [raised(each) for each in (again, unknown, twice)] == [("HttpRequestError", 420)] * 3
    assert "method failed" in again["text"]


async def test_vonage_reads_pages_and_nothing(live: Live) -> None:
    """Its pages are of a hundred; ``{}`` is an empty page, of owned numbers too."""
    async with vonage(live, "v-pages") as (sdk, _):
        first = await sdk.call("search", country="US", type="mobile-lvn", features="SMS,MMS")
        second = await sdk.call("search", country="US", type="mobile-lvn", features="SMS,MMS", index=2)
        nowhere = await sdk.call("search", country="JP")
        both = await sdk.call("owned", size=1)
        for country, msisdn in (("GB", HELD), ("US", "12015550100")):
            await sdk.call("cancel", country=country, msisdn=msisdn)
        none = await sdk.call("owned")

    assert (len(first["numbers"]), first["count"], first["next"]) == (100, 199, 2)
    assert (len(second["numbers"]), second["count"], second["next"]) == (99, 199, None)
    assert [len(both["numbers"]), both["count"], both["next"]] == [1, 2, 2]
    assert nowhere == none == {"numbers": [], "count": 0, "next": None}


async def test_vonage_mislabels_its_forms_after_a_json_call(live: Live) -> None:
    """Read by default; refused where the world is to be as faithful as that; source: numbers §1.1 (A)."""
    async with vonage(live, "v-label") as (sdk, world):
        await sdk.call("create_secret", secret="An0therOne")
        lenient = await sdk.call("buy", country="GB", msisdn=WANTED)
        await world.control("PATCH", "settings", {"mislabelled_forms": "faithful"})
        faithful = await sdk.call("cancel", country="GB", msisdn=WANTED)
        outcomes = [each["outcome"] for each in await world.items("requests", operation="numbers.buy")]

    assert lenient == DONE
    assert raised(faithful) == ("HttpRequestError", 420)
    assert outcomes == ["a form labelled application/json was read; the service answers 420 method failed"]


async def test_vonage_hears_of_the_address(live: Live) -> None:
    """The long label is in its error."""
    async with vonage(live, "v-address") as (sdk, _):
        refused = await sdk.call("buy", country="DE", msisdn="4917604069000")
    assert raised(refused) == ("HttpRequestError", 420)
    assert "they require a valid local address to be provided before being purchased." in refused["text"]


# ----------------------------------------------------------------------------------------------------------- nexmo


async def test_nexmo_buys_links_and_cancels_a_number(live: Live) -> None:
    """Dictionaries as they come; its hosts take no port, so it comes through the proxy."""
    async with (
        open_world(live.http, "n-whole") as world,
        open_sdk("nexmo", "numbers", REQUESTS_CA_BUNDLE=live.ca_file, HTTPS_PROXY=live.http) as sdk,
    ):
        await sdk.call("connect", key=world.key, secret=world.secret)
        app_id = await application_of(world)
        found = await sdk.call("search", country="GB", pattern="50", search_pattern=2, features="SMS", size=5)
        nothing = await sdk.call("search", country="JP")
        missing = await sdk.call("buy", msisdn=WANTED)
        bought = await sdk.call("buy", country="GB", msisdn=WANTED)
        again = await sdk.call("buy", country="GB", msisdn=WANTED)
        linked = await sdk.call(
            "update",
            country="GB",
            msisdn=WANTED,
            moHttpUrl=URL,
            voiceCallbackType="app",
            voiceCallbackValue=app_id,
        )
        owned = await sdk.call("owned", pattern=WANTED)
        cancelled = await sdk.call("cancel", country="GB", msisdn=WANTED)
        left = await sdk.call("owned")
        none = await sdk.call("owned", index=2)
        await sdk.call("connect", key=world.key, secret="wr0ngS3cret")
        wrong = await sdk.call("owned")

    is_ = {"country": "GB", "msisdn": WANTED, "type": "mobile-lvn", "features": ["VOICE", "SMS"]}
    assert found == {"count": 1, "numbers": [{**is_, "cost": "1.25"}]}
    assert nothing == none == {}
    assert missing == {"raised": "ClientError", "text": "400 response from rest.nexmo.com"}
    assert again == {"raised": "ClientError", "text": "420 response from rest.nexmo.com"}
    assert wrong == {"raised": "AuthenticationError", "text": ""}
    assert bought == linked == cancelled == RAW_DONE
    by_app = {
        "moHttpUrl": URL,
        "voiceCallbackType": "app",
        "voiceCallbackValue": app_id,
        "messagesCallbackType": "app",
        "messagesCallbackValue": app_id,
        "app_id": app_id,
    }
    assert owned == {"count": 1, "numbers": [{**is_, **by_app}]}
    assert [each["msisdn"] for each in left["numbers"]] == ["12015550100", HELD]


# ------------------------------------------------------------------------------------------------------------ node


async def test_the_old_node_library_writes_everything_into_the_query(live: Live) -> None:
    """POST, no body, ``Content-Length: 0`` and a content type all the same; source: numbers §1, sdk-surface."""
    async with (
        open_world(live.http, "node") as world,
        httpx.AsyncClient(base_url=live.https, verify=trusting(live.ca_file), trust_env=False) as client,
    ):
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": "0",
            "Accept": "application/json",
        }
        query = {"country": "GB", "msisdn": WANTED, "api_key": world.key, "api_secret": world.secret}

        async def post(path: str, **more: str) -> Any:
            answer = await client.post(path, params={**query, **more}, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()

        answers = [
            await post("/number/buy"),
            await post("/number/update", moHttpUrl=URL, voiceCallbackType="tel", voiceCallbackValue="447700900001"),
        ]
        facts = await world.control("GET", f"numbers/{WANTED}")
        answers.append(await post("/number/cancel"))

    assert answers == [RAW_DONE] * 3
    assert (facts["inbound_sms"], facts["voice"]) == (URL, {"type": "tel", "value": "447700900001"})


async def test_one_number_is_sold_once_over_real_connections(live: Live) -> None:
    """Of twenty requests at the same time one is carried out, and one month is paid."""
    async with open_world(live.http, "race") as world:
        said = {"api_key": world.key, "api_secret": world.secret, "country": "GB", "msisdn": WANTED}
        answers = await asyncio.gather(*(world.client.post("/number/buy", data=said) for _ in range(20)))
        balance = await world.balance()

    assert sorted(each.status_code for each in answers) == [200, *[420] * 19]
    assert balance == "98.75 EUR"
