"""Every level of Number Insight by `vonage` 4.9.1 and `nexmo` 2.5.2, unmodified, against a real server over https."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.live import FarWorld, Live, Sdk, open_live, open_sdk, open_world
from tests.receiver import Receiver

pytestmark = pytest.mark.sdk

GB, US, FIXED = "447700900123", "14155550123", "442079460123"
O2 = {"network_code": "23410", "name": "Telefonica UK Limited (O2)", "country": "GB", "network_type": "mobile"}
ATT = {"network_code": "310410", "name": "AT&T Mobility", "country": "US", "network_type": "mobile"}
LANDLINE = {
    "network_code": "GB-FIXED",
    "name": "United Kingdom Landline",
    "country": "GB",
    "network_type": "landline",
}
WHOLE: dict[str, Any] = {"lookup_outcome": 0, "lookup_outcome_message": "Success"}
LIVE: dict[str, Any] = {
    "valid_number": "valid",
    "reachable": "reachable",
    "ported": "not_ported",
    "roaming": {"status": "not_roaming"},
}
ADA = {"type": "consumer", "name": "Ada Byron", "first_name": "Ada", "last_name": "Byron"}
IDENTITY = {"caller_type": "consumer", "caller_name": "Ada Byron", "first_name": "Ada", "last_name": "Byron"}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("insight")) as opened:
        yield opened


@asynccontextmanager
async def vonage(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world, by Basic."""
    options = {"rest_host": live.place, "api_host": live.place}
    async with (
        open_world(live.http, name) as world,
        open_sdk("vonage", "insight", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        await sdk.call("connect", auth={"api_key": world.key, "api_secret": world.secret}, options=options)
        yield sdk, world


@asynccontextmanager
async def nexmo(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world; its hosts take no port, so it comes through the proxy."""
    async with (
        open_world(live.http, name) as world,
        open_sdk("nexmo", "insight", REQUESTS_CA_BUNDLE=live.ca_file, HTTPS_PROXY=live.http) as sdk,
    ):
        await sdk.call("connect", key=world.key, secret=world.secret)
        yield sdk, world


def british(request: str, number: str = GB, national: str = "07700 900123", **more: Any) -> dict[str, Any]:
    """What every level says of a British number."""
    return {
        "status": 0,
        "status_message": "Success",
        "request_id": request,
        "international_format_number": number,
        "national_format_number": national,
        "country_code": "GB",
        "country_code_iso3": "GBR",
        "country_name": "United Kingdom",
        "country_prefix": "44",
        **more,
    }


def american(request: str, **more: Any) -> dict[str, Any]:
    """What every level says of an American number."""
    return {
        "status": 0,
        "status_message": "Success",
        "request_id": request,
        "international_format_number": US,
        "national_format_number": "(415) 555-0123",
        "country_code": "US",
        "country_code_iso3": "USA",
        "country_name": "United States of America",
        "country_prefix": "1",
        **more,
    }


def money(price: str, balance: str) -> dict[str, Any]:
    return {"request_price": price, "remaining_balance": balance}


def carriers(network: dict[str, str]) -> dict[str, Any]:
    return {"current_carrier": network, "original_carrier": network}


# ---------------------------------------------------------------------------------------------------------- vonage


async def test_vonage_asks_every_level(live: Live) -> None:
    """All that its models hold; the name of a number as an object."""
    async with vonage(live, "v-levels") as (sdk, world):
        await world.control("PUT", f"handsets/{US}", {"caller": ADA})
        basic = await sdk.call("basic", number=GB)
        national = await sdk.call("basic", number="7700900123", country="GB")
        standard = await sdk.call("standard", number=US, cnam=True)
        advanced = await sdk.call("advanced", number=GB)

    assert basic == british(basic["request_id"])
    assert national == british(national["request_id"])
    assert standard == american(
        standard["request_id"],
        **money("0.01500000", "99.98500000"),
        **carriers(ATT),
        ported="assumed_not_ported",
        caller_identity=IDENTITY,
    )
    assert advanced == british(
        advanced["request_id"], **WHOLE, **money("0.03000000", "99.95500000"), **carriers(O2), **LIVE
    )


async def test_vonage_takes_what_is_known_in_part(live: Live) -> None:
    """43 to 45 are no errors there; nulls are None; a phone may be abroad."""
    async with vonage(live, "v-parts") as (sdk, world):
        landline = await sdk.call("advanced", number=FIXED)
        slow = await sdk.call("advanced", number="447700900008")
        virtual = await sdk.call("advanced", number="12015550100")
        abroad = await sdk.call("advanced", number="447700900017")
        nulls = dict.fromkeys(("network", "original_network", "ported", "reachable", "roaming"))
        await world.control("PUT", f"handsets/{GB}", nulls)
        nothing = await sdk.call("advanced", number=GB)
        await world.control("PUT", f"handsets/{GB}", {"type": None})
        members = await sdk.call("standard", number=GB)

    assert landline == british(
        landline["request_id"],
        FIXED,
        "020 7946 0123",
        status=44,
        status_message="Lookup Handler unable to handle request",
        lookup_outcome=1,
        lookup_outcome_message="Partial success - some fields populated",
        **money("0.03000000", "99.97000000"),
        **carriers(LANDLINE),
        valid_number="valid",
        reachable="unknown",
        ported="unknown",
        roaming={"status": "unknown"},
    )
    assert (slow["status"], virtual["status"]) == (43, 45)
    assert abroad["roaming"].keys() == {
        *("status", "roaming_country_code", "roaming_network_code", "roaming_network_name"),
    }
    assert [nothing[name] for name in ("current_carrier", "original_carrier", "ported", "reachable", "roaming")] == [
        None
    ] * 5
    assert members["current_carrier"] == dict.fromkeys(O2)


async def test_vonage_is_called_back(live: Live) -> None:
    """The acknowledgement, then the answer at a real receiver."""
    async with Receiver() as receiver, vonage(live, "v-async") as (sdk, world):
        answer = await sdk.call("advanced_async", number=GB, callback=f"{receiver.url}/insight")
        await world.advance("1s")
        [got] = receiver.requests

    request = answer["request_id"]
    assert answer == {"request_id": request, "number": GB, **money("0.03000000", "99.97000000"), "status": 0}
    assert got.json() == british(request, **WHOLE, **money("0.03000000", "99.97000000"), **carriers(O2), **LIVE)


async def test_vonage_raises_what_is_refused(live: Live) -> None:
    """Its own error, with the answer in its text."""
    async with vonage(live, "v-refused") as (sdk, world):
        nobody = await sdk.call("basic", number="9990000000")
        await world.account(balance="0 EUR")
        poor = [
            await sdk.call("standard", number=GB),
            await sdk.call("advanced", number=GB),
            await sdk.call("advanced_async", number=GB, callback="https://shop.test/x"),
        ]
        await sdk.call(
            "connect",
            auth={"api_key": world.key, "api_secret": "wr0ngS3cret"},
            options={"rest_host": live.place, "api_host": live.place},
        )
        wrong = await sdk.call("basic", number=GB)

    quota = "Partner quota exceeded"
    assert {each["raised"] for each in (nobody, wrong, *poor)} == {"NumberInsightError"}
    assert (
        "{'status': 3, 'status_message': 'Invalid request :: Not valid number format detected [ 9990000000 ]'}"
        in (nobody["text"])
    )
    assert all(f"'status': 9, '{name}': '{quota}'" in each["text"] for each, name in zip(poor, NAMES, strict=True))
    assert "'status': 4" in wrong["text"]


NAMES = ("status_message", "status_message", "error_text")


# ----------------------------------------------------------------------------------------------------------- nexmo


async def test_nexmo_asks_every_level(live: Live) -> None:
    """Dictionaries as they come, the old name of standard too; what is refused is no error there."""
    async with nexmo(live, "n-levels") as (sdk, world):
        await world.control("PUT", f"handsets/{US}", {"caller": ADA})
        basic = await sdk.call("get_basic_number_insight", number="07700 900123", country="GB")
        standard = await sdk.call("get_standard_number_insight", number=US, cnam="true")
        old = await sdk.call("get_number_insight", number=GB)
        advanced = await sdk.call("get_advanced_number_insight", number=GB)
        refused = await sdk.call("get_advanced_number_insight", number="12ab")

    assert basic == british(basic["request_id"])
    assert standard == american(
        standard["request_id"],
        **money("0.01500000", "99.98500000"),
        **carriers(ATT),
        ported="assumed_not_ported",
        caller_identity=IDENTITY,
        caller_name="Ada Byron",
        last_name="Byron",
        first_name="Ada",
        caller_type="consumer",
    )
    assert old == british(
        old["request_id"],
        **money("0.00500000", "99.98000000"),
        **carriers(O2),
        ported="assumed_not_ported",
    )
    assert advanced == british(
        advanced["request_id"], **WHOLE, **money("0.03000000", "99.95000000"), **carriers(O2), **LIVE
    )
    assert refused == {
        "status": 3,
        "status_message": "Invalid request :: Not valid number format detected [ 12ab ]",
    }


async def test_nexmo_is_called_back_in_either_form(live: Live) -> None:
    """That of the level advanced, and the flat one of before 2017; its own check for a callback comes first."""
    async with Receiver() as receiver, nexmo(live, "n-async") as (sdk, world):
        missing = await sdk.call("get_async_advanced_number_insight", number=GB)
        answer = await sdk.call("get_async_advanced_number_insight", number=GB, callback=receiver.url)
        await world.advance("1s")
        old = await sdk.call("request_number_insight", number=GB, callback=receiver.url)
        await world.advance("1s")
        new, flat = (each.json() for each in receiver.requests)

    assert missing["raised"] == "ClientError"
    assert answer == {"request_id": answer["request_id"], "number": GB, "status": 0} | money(
        "0.03000000", "99.97000000"
    )
    assert new == british(answer["request_id"], **WHOLE, **money("0.03000000", "99.97000000"), **carriers(O2), **LIVE)
    assert old["status"] == 0
    assert flat == {
        "request_id": old["request_id"],
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
