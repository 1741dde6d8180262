"""``world.networks``: a network over the built-in table and one beside it, through every API."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest

from tests.house import House

KEY, SECRET = "shop0001", "s3cr3tS3cr3tA"
GOOD = {"api_key": KEY, "api_secret": SECRET}
O2, OURS = "447700900001", "447700900002"
WORLD: dict[str, Any] = {
    "seed": 7,
    "clock": {"start": "2026-03-01T09:00:00Z", "mode": "manual"},
    "world": {
        "settings": {"insight_price_advanced": "0 EUR"},
        "accounts": {"shop": {"api_key": KEY, "api_secret": SECRET, "balance": "100.00 EUR"}},
        "applications": {"ivr": {"account": "shop"}},
        "networks": {
            "23410": {"name": "O2 of ours", "sms": "0.50 EUR", "voice": "0.60 EUR"},
            "23499": {"name": "Ours", "country": "GB", "type": "virtual", "sms": "2.00 EUR", "voice": "3.00 EUR"},
        },
    },
    "handsets": {"ann": {"number": O2}, "ben": {"number": OURS, "network": "23499", "on_call": [{"answer": {}}]}},
}
APP: dict[str, Any] = {}
"""The application that the world of a test was made with."""


@pytest.fixture
async def shop(house: House) -> House:
    made = await house.control("POST", "/worlds", {"name": "w", "scenario": WORLD}, 201)
    APP.update(made["applications"][0])
    return house


async def balance(house: House) -> str:
    entry = await house.control("GET", f"/worlds/w/accounts/{KEY}")
    return str(entry["balance"])


async def get(house: House, path: str, **params: str) -> Any:
    answer: httpx.Response = await house.client.get(path, params={**GOOD, **params})
    return answer.json()


@pytest.mark.parametrize(
    ("to", "network", "price", "left"),
    [(O2, "23410", "0.50000000", "99.50 EUR"), (OURS, "23499", "2.00000000", "98.00 EUR")],
)
async def test_an_sms(shop: House, to: str, network: str, price: str, left: str) -> None:
    """By the network of the digits, or by the one that the phone is declared to be on."""
    sent = await shop.client.post("/sms/json", data={**GOOD, "from": "Shop", "to": to, "text": "Hi"})

    part = sent.json()["messages"][0]
    assert (part["status"], part["network"], part["message-price"]) == ("0", network, price)
    assert await balance(shop) == left


async def test_an_sms_that_is_too_dear(shop: House) -> None:
    await shop.control("PATCH", f"/worlds/w/accounts/{KEY}", {"balance": "1.99 EUR"})

    sent = await shop.client.post("/sms/json", data={**GOOD, "from": "Shop", "to": OURS, "text": "Hi"})

    assert sent.json()["messages"][0]["status"] == "9"


async def test_a_code(shop: House) -> None:
    """The message costs what its network does; the verification itself is paid when it succeeds."""
    begun = await shop.client.post("/verify/json", data={**GOOD, "number": OURS, "brand": "Shop"})

    assert begun.json()["status"] == "0"
    assert await balance(shop) == "98.00 EUR"


async def test_a_spoken_code(shop: House) -> None:
    """The call too: a minute of it has to be there."""
    await shop.control("PATCH", f"/worlds/w/accounts/{KEY}", {"balance": "3.00 EUR"})

    begun = await shop.client.post("/verify/json", data={**GOOD, "number": OURS, "brand": "Shop", "workflow_id": "3"})

    assert begun.json()["status"] == "9"


@pytest.mark.parametrize(("to", "rate"), [(O2, "0.60000000"), (OURS, "3.00000000")])
async def test_a_call(shop: House, to: str, rate: str) -> None:
    """What it costs a minute, in the entry of the call."""
    body = {
        "to": [{"type": "phone", "number": to}],
        "from": {"type": "phone", "number": "447700900500"},
        "ncco": [{"action": "talk", "text": "Hello"}],
    }
    claims = {"application_id": APP["id"], "iat": shop.wall // 1_000_000, "jti": "1"}
    headers = {"Authorization": f"Bearer {jwt.encode(claims, APP['private_key'], 'RS256')}"}
    made = await shop.client.post("/v1/calls", json=body, headers=headers)
    await shop.control("POST", "/worlds/w/clock/advance", {"by": "60s"})

    one = (await shop.client.get(f"/v1/calls/{made.json()['uuid']}", headers=headers)).json()
    assert (one["status"], one["rate"], one["network"]) == ("completed", rate, "23410")


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        (O2, {"network_code": "23410", "name": "O2 of ours", "country": "GB", "network_type": "mobile"}),
        (OURS, {"network_code": "23499", "name": "Ours", "country": "GB", "network_type": "virtual"}),
    ],
)
async def test_a_look_up(shop: House, number: str, carrier: dict[str, str]) -> None:
    found = await get(shop, "/ni/advanced/json", number=number)

    assert found["current_carrier"] == carrier


async def test_the_prices(shop: House) -> None:
    """Of the country, and of a number by its digits."""
    country = await get(shop, "/account/get-pricing/outbound/voice", country="GB")
    phone = await get(shop, "/account/get-phone-pricing/outbound/sms", phone=O2)

    known = {each["networkCode"]: each for each in country["networks"]}
    assert (known["23410"]["networkName"], known["23410"]["price"]) == ("O2 of ours", "0.60000000")
    assert list(known)[-1] == "23499"
    assert known["23499"] == {
        "type": "virtual",
        "price": "3.00000000",
        "currency": "EUR",
        "mcc": "234",
        "mnc": "99",
        "networkCode": "23499",
        "networkName": "Ours",
    }
    assert phone["price"] == "0.50000000"


async def test_a_fork_and_a_reset_keep_them(shop: House) -> None:
    """They are facts of the world."""
    await shop.control("POST", "/worlds/w/reset", {})
    path = "/account/get-phone-pricing/outbound/sms"

    assert (await get(shop, path, phone=O2))["price"] == "0.50000000"
    fork = await shop.control("POST", "/worlds/w/fork", {"name": "v"}, 201)
    key, secret = fork["accounts"][0]["api_key"], fork["accounts"][0]["api_secret"]
    assert (await get(shop, path, phone=O2, api_key=key, api_secret=secret))["price"] == "0.50000000"
