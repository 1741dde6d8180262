"""Faults on the operations of the Application API, worded by the version that they hit."""

from __future__ import annotations

import httpx
import pytest
from msgspec.structs import replace

from fake_nexmo.apis.application import v1_wire, v2_wire
from fake_nexmo.apis.application.model import ROWS, TROUBLES, ApplicationRefusal
from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Fault, FaultEffect
from tests.house import House

BASIC = httpx.BasicAuth("abcd1234", "s3cr3tS3cr3t")
COMMON = {"throttled", "bad_credentials", "no_credit", "barred", "server_error", "unavailable", "not_found"}
VOICE = {"name": "Shop", "type": "voice", "event_url": "https://app.test/event"}
REQUESTS = {
    "application.create": ("POST", ""),
    "application.list": ("GET", ""),
    "application.get": ("GET", "/some-id"),
    "application.update": ("PUT", "/some-id"),
    "application.delete": ("DELETE", "/some-id"),
}


async def arm(house: House, fault: Fault) -> None:
    """Arm a fault in the world."""
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(put=(replace(start.world, faults=(fault,)),)))


async def count(house: House) -> int:
    """How many applications there are."""
    return int((await house.client.get("/v2/applications", auth=BASIC)).json()["total_items"])


def test_every_trouble_has_a_row_and_every_row_its_words() -> None:
    """The common ones, and the rows by their names."""
    assert COMMON | {row.value for row in ApplicationRefusal} == TROUBLES.keys()
    assert set(ApplicationRefusal) == ROWS.keys()


@pytest.mark.parametrize("operation", REQUESTS)
@pytest.mark.parametrize("name", sorted(TROUBLES))
async def test_a_trouble_in_the_words_of_either_version(house: House, operation: str, name: str) -> None:
    """Instead of the operation, with the facts that its row shows."""
    await arm(house, Fault(name="f", target=operation, effect=FaultEffect.NONE, answer=name))
    method, tail = REQUESTS[operation]

    first = await house.client.request(method, f"/v1/applications{tail}", auth=BASIC)
    second = await house.client.request(method, f"/v2/applications{tail}", auth=BASIC)

    row, facts = TROUBLES[name], {"id": tail[1:], "method": method}
    assert (first.status_code, first.json()) == (ROWS[row].status, v1_wire.refused(row, facts))
    problem = v2_wire.problem(row, facts, "current", second.json()["instance"])
    assert (second.status_code, second.json()) == (ROWS[row].status, problem)
    entries = (await house.control("GET", "requests"))["items"]
    assert [each["outcome"] for each in entries] == [
        f"{ROWS[row].status} {ROWS[row].error_title}",
        f"{ROWS[row].status} {ROWS[row].title}",
    ]


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_what_a_fault_refuses_is_not_made(house: House, version: str) -> None:
    """And what it lets through is made all the same."""
    await arm(house, Fault(name="f", target="application.create", effect=FaultEffect.NONE, answer="throttled"))
    refused = await house.client.post(f"/{version}/applications", json=VOICE, auth=BASIC)
    none = await count(house)
    await arm(house, Fault(name="f", target="application.create", answer="throttled"))
    applied = await house.client.post(f"/{version}/applications", json=VOICE, auth=BASIC)

    assert (refused.status_code, applied.status_code, none, await count(house)) == (429, 429, 1, 2)


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_an_application_that_is_made_twice(house: House, version: str) -> None:
    """Two ids and two key pairs; the first answer goes out."""
    await arm(house, Fault(name="f", target="application.create", effect=FaultEffect.TWICE))

    made = (await house.client.post(f"/{version}/applications", json=VOICE, auth=BASIC)).json()

    _, one, two = (await house.client.get("/v2/applications", auth=BASIC)).json()["_embedded"]["applications"]
    assert made["id"] == one["id"]
    assert made["keys"]["public_key"] == one["keys"]["public_key"]
    assert one["id"] != two["id"]
    assert one["keys"] != two["keys"]


async def test_an_application_that_is_deleted_twice(house: House) -> None:
    """The first answer goes out, the second time is only logged."""
    application_id = house.world.applications[0].application_id
    await arm(house, Fault(name="f", target="application.delete", effect=FaultEffect.TWICE))

    gone = await house.client.delete(f"/v2/applications/{application_id}", auth=BASIC)

    [entry] = (await house.control("GET", "requests"))["items"]
    assert gone.status_code == 204
    assert entry["outcome"] == "done a second time by 'f': refused as not_found"
