"""The pricing calls of `vonage` 4.9.1 and `nexmo` 2.5.2, unmodified, against a real server over https."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fake_nexmo.numbering import tables
from tests.live import FarWorld, Live, Sdk, open_live, open_sdk, open_world

pytestmark = pytest.mark.sdk

ALICE = "447700900000"
FILE: list[dict[str, Any]] = json.loads(Path(tables.__file__).with_name("countries.json").read_text("utf-8"))[
    "countries"
]
BY_CODE = {country["countryCode"]: country for country in FILE}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("pricing")) as opened:
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
        open_sdk("vonage", "pricing", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        await connect_vonage(sdk, live, world, world.secret)
        yield sdk, world


def as_vonage(country: dict[str, Any], product: str) -> dict[str, Any]:
    """A country of the file in the types of the library; what is absent is None there."""
    priced = country["defaultPrices"]
    networks = [
        {
            "aliases": each.get("aliases") or None,
            "currency": "EUR",
            "mcc": each.get("mcc"),
            "mnc": each.get("mnc"),
            "network_code": each["networkCode"],
            "network_name": each["networkName"],
            "price": each["prices"][product],
            "type": each["type"],
            "ranges": each.get("ranges") or None,
        }
        for each in country["networks"]
    ]
    return {
        "country_code": country["countryCode"],
        "country_display_name": country["countryDisplayName"],
        "country_name": country["countryName"],
        "currency": "EUR",
        "default_price": priced[product] if priced else None,
        "dialing_prefix": country["dialingPrefix"],
        "networks": networks if priced else None,
    }


async def test_vonage_reads_a_country(live: Live) -> None:
    """Of each product; an unknown one is the library's error by the HTTP status."""
    async with vonage(live, "v-country") as (sdk, world):
        plain = await sdk.call("country", country_code="GB")
        transit = await sdk.call("country", country_code="US", type="sms-transit")
        voice = await sdk.call("country", country_code="ZM", type="voice")
        unpriced = await sdk.call("country", country_code="VA")
        unknown = await sdk.call("country", country_code="XX")
        await connect_vonage(sdk, live, world, "wr0ngS3cret")
        wrong = await sdk.call("country", country_code="GB")

    assert plain == as_vonage(BY_CODE["GB"], "sms")
    assert transit == as_vonage(BY_CODE["US"], "sms")
    assert voice == as_vonage(BY_CODE["ZM"], "voice")
    assert unpriced == as_vonage(BY_CODE["VA"], "sms")
    assert (unknown["raised"], unknown["status"]) == ("HttpRequestError", 420)
    assert "method failed" in unknown["text"]
    assert (wrong["raised"], wrong["status"]) == ("AuthenticationError", 401)


@pytest.mark.parametrize("product", ["sms", "voice"])
async def test_vonage_reads_lists(live: Live, product: str) -> None:
    """All countries, and those behind a calling code; nobody's is an empty list."""
    async with vonage(live, f"v-lists-{product}") as (sdk, _):
        everybody = await sdk.call("all", service=product)
        italy = await sdk.call("prefix", prefix="39", type=product)
        nobody = await sdk.call("prefix", prefix="447", type=product)

    assert everybody["count"] == len(everybody["countries"]) == 246
    assert everybody["countries"][:35] == [as_vonage(country, product) for country in FILE]
    assert italy == {"count": 2, "countries": [as_vonage(BY_CODE[code], product) for code in ("IT", "VA")]}
    assert nobody == {"count": 0, "countries": []}


# ----------------------------------------------------------------------------------------------------------- nexmo


@asynccontextmanager
async def nexmo(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world; its hosts take no port, so it comes through the proxy."""
    async with (
        open_world(live.http, name) as world,
        open_sdk("nexmo", "pricing", REQUESTS_CA_BUNDLE=live.ca_file, HTTPS_PROXY=live.http) as sdk,
    ):
        await sdk.call("connect", key=world.key, secret=world.secret)
        yield sdk, world


def as_nexmo(country: dict[str, Any]) -> dict[str, Any]:
    """A priced country of the file in the typeless words."""
    return {
        "country": country["countryCode"],
        "name": country["countryName"],
        "prefix": country["dialingPrefix"],
        "mt": country["defaultPrices"]["sms"],
        "networks": [
            {"code": each["networkCode"], "network": each["networkName"], "mtPrice": each["prices"]["sms"]}
            for each in country["networks"]
        ],
        "countryDisplayName": country["countryDisplayName"],
    }


async def test_nexmo_reads_countries_and_prefixes(live: Live) -> None:
    """Of the typeless family."""
    async with nexmo(live, "n-country") as (sdk, world):
        country = await sdk.call("country", country_code="GB")
        prefix = await sdk.call("prefix", prefix="260")
        number = await sdk.call("prefix", prefix=260)
        nobody = await sdk.call("prefix", prefix="447")
        unknown = await sdk.call("country", country_code="XX")
        await sdk.call("connect", key=world.key, secret="wr0ngS3cret")
        wrong = await sdk.call("country", country_code="GB")

    assert country == as_nexmo(BY_CODE["GB"])
    assert prefix == number == {"count": 1, "prices": [as_nexmo(BY_CODE["ZM"])]}
    assert nobody == {"count": 0, "countries": [], "prices": []}
    assert unknown == {"raised": "ClientError", "text": "420 response from rest.nexmo.com"}
    assert wrong == {"raised": "AuthenticationError", "text": ""}


async def test_nexmo_reads_what_a_number_costs(live: Live) -> None:
    """By SMS and by voice."""
    async with nexmo(live, "n-phone") as (sdk, _):
        sms = await sdk.call("sms", number=ALICE)
        voice = await sdk.call("voice", number="441632960123")
        unplaced = await sdk.call("sms", number="12015550100")
        nobody = await sdk.call("voice", number="GB")

    networks = {code: {"network-code": code, "network": code} for code in ("23410", "GB-FIXED")}
    assert sms == {"country-code": "GB", **networks["23410"], "phone": ALICE, "price": "0.03330000"}
    assert voice == {"country-code": "GB", **networks["GB-FIXED"], "phone": "441632960123", "price": "0.00960000"}
    assert unplaced == {"country-code": "US", "phone": "12015550100", "price": "0.00570000"}
    assert nobody == {"raised": "ClientError", "text": "420 response from rest.nexmo.com"}
