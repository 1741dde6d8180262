"""What the tests of the Numbers API share: a house with two accounts, requests, and the answers to compare with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from msgspec.structs import replace

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Fault, Number
from fake_nexmo.scenario.model import AccountFacts, ApplicationFacts, NumberFacts, WorldFacts
from fake_nexmo.scenario.worlds import Plan, make_world
from tests.house import House

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
OTHER_KEY, OTHER_SECRET = "beef5678", "0therS3cret"
AUTH = httpx.BasicAuth(KEY, SECRET)
OTHER = httpx.BasicAuth(OTHER_KEY, OTHER_SECRET)
LIST, SEARCH = "/account/numbers", "/number/search"
BUY, CANCEL, UPDATE = "/number/buy", "/number/cancel", "/number/update"
WRITES = (BUY, CANCEL, UPDATE)
MINE, THEIRS, PHONE = "447700900101", "447700900102", "447700900103"
"""In the range that is for sale: owned by the caller, by the other account, and a declared phone."""
FREE, CROWD = "447700900104", "447700900120"
"""For sale; and the first of a declared crowd of ten."""
APPS = {
    "both": "aaaaaaaa-0000-4000-8000-000000000001",
    "voice": "aaaaaaaa-0000-4000-8000-000000000002",
    "messages": "aaaaaaaa-0000-4000-8000-000000000003",
    "plain": "aaaaaaaa-0000-4000-8000-000000000004",
    "foreign": "aaaaaaaa-0000-4000-8000-000000000005",
}
NOBODY = "aaaaaaaa-0000-4000-8000-00000000ffff"

PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
XML = {"Accept": "application/xml"}
DONE = '{"error-code":"200","error-code-label":"success"}'
NO = '{"error-code":"420","error-code-label":"method failed"}'
UNAUTHORIZED = '{"error-code":"401","error-code-label":"authentication failed"}'
NO_COUNTRY = '{"type":"BAD_REQUEST","error_title":"Bad Request","invalid_parameters":{"country":"Is required."}}'
NO_MSISDN = '{"type":"BAD_REQUEST","error_title":"Bad Request","invalid_parameters":{"msisdn":"Is required."}}'
ADDRESS = (
    '{"error-code":"420","error-code-label":"Numbers from this country can be requested from the Dashboard'
    " (https://dashboard.nexmo.com/buy-numbers) as they require a valid local address to be provided before being"
    ' purchased."}'
)


@asynccontextmanager
async def open_desk(**settings: Any) -> AsyncIterator[House]:
    """A house whose world has two accounts, five applications, an owned number of each account, and phones."""
    able: Mapping[str, dict[str, Any]] = {
        "both": {"voice": {}, "messages": {}},
        "voice": {"voice": {}},
        "messages": {"messages": {}},
        "plain": {},
        "foreign": {"voice": {}},
    }
    facts = WorldFacts(
        settings=settings,
        accounts={
            "main": AccountFacts(api_key=KEY, api_secret=SECRET),
            "other": AccountFacts(api_key=OTHER_KEY, api_secret=OTHER_SECRET),
        },
        applications={
            name: ApplicationFacts(account="other" if name == "foreign" else "main", id=app_id, **able[name])
            for name, app_id in APPS.items()
        },
        numbers={
            MINE: NumberFacts(account="main", country="GB", features=["SMS", "VOICE"], cost="1.25 EUR"),
            THEIRS: NumberFacts(account="other", country="GB"),
        },
    )
    house = House()
    house.world = await make_world(
        house.store, lambda: house.wall, Plan(name="default", seed=42, facts=facts, clock="manual")
    )
    await house.control("PUT", "handsets/carol", {"number": PHONE})
    await house.control("PUT", "handsets/crowd", {"range": f"{CROWD}..447700900129", "mix": {"answers": "100%"}})
    try:
        yield house
    finally:
        await house.client.aclose()
        await house.engine.stop(1)


async def post(house: House, path: str, auth: httpx.Auth = AUTH, /, **params: str) -> httpx.Response:
    """A form with Basic credentials; the number is a GB one unless it is said."""
    given = {"country": "GB", **params}
    return await house.client.post(path, data=given, auth=auth)


async def owned(house: House, auth: httpx.Auth = AUTH, /, **params: str) -> dict[str, Any]:
    """The list of owned numbers."""
    answer = await house.client.get(LIST, params=params, auth=auth)
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def offered(house: House, **params: str) -> dict[str, Any]:
    """What is for sale."""
    answer = await house.client.get(SEARCH, params={"country": "GB", **params}, auth=AUTH)
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


def msisdns(answer: dict[str, Any]) -> list[str]:
    """The numbers of a list."""
    return [each["msisdn"] for each in answer.get("numbers", [])]


async def number(house: House, msisdn: str = MINE) -> Number:
    """The record of an owned number."""
    found = await house.store.get("default", Number, msisdn)
    assert found is not None
    return found


async def balance(house: House, key: str = KEY) -> str:
    """What an account has."""
    return str((await house.control("GET", f"accounts/{key}"))["balance"])


async def requests(house: House) -> list[dict[str, Any]]:
    """What the world wrote down."""
    read: list[dict[str, Any]] = (await house.control("GET", "requests"))["items"]
    return read


async def arm(house: House, fault: Fault) -> None:
    """Arm a fault in the world."""
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(put=(replace(start.world, faults=(fault,)),)))


def assert_answer(answer: httpx.Response, status: int, body: str, media: str = "application/json") -> None:
    """An answer of the old stack: status, body to the byte, and every header of reference account §1.1 in its order."""
    headers = [(name, value) for name, value in answer.headers.multi_items() if name != "allow"]
    trace = answer.headers["x-nexmo-trace-id"]
    assert len(trace) == 32
    assert set(trace) <= set("0123456789abcdef")
    assert (answer.status_code, answer.text) == (status, body)
    assert headers == [
        ("server", "nginx"),
        ("content-type", f"{media};charset=UTF-8"),
        ("content-disposition", 'attachment; filename="api.txt"'),
        ("x-nexmo-trace-id", trace),
        ("x-frame-options", "deny"),
        ("x-xss-protection", "1; mode=block;"),
        ("strict-transport-security", "max-age=31536000; includeSubdomains"),
        ("content-length", str(len(answer.content))),
    ]
