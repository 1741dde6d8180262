"""The Verify calls of `vonage` 4.9.1 and `nexmo` 2.5.2, unmodified, against a real server over https."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.live import FarWorld, Live, Sdk, open_live, open_sdk, open_world

pytestmark = pytest.mark.sdk

ALICE, BOB = "447700900101", "447700900102"
WRONG = "The code provided does not match the expected value"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("verify")) as opened:
        yield opened


@asynccontextmanager
async def vonage(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world."""
    async with (
        open_world(live.http, name) as world,
        open_sdk("vonage", "verify", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        options = {"rest_host": live.place, "api_host": live.place}
        await sdk.call("connect", auth={"api_key": world.key, "api_secret": world.secret}, options=options)
        yield sdk, world


@asynccontextmanager
async def nexmo(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the credentials of a fresh world; its hosts take no port, so it comes through the proxy."""
    async with (
        open_world(live.http, name) as world,
        open_sdk("nexmo", "verify", REQUESTS_CA_BUNDLE=live.ca_file, HTTPS_PROXY=live.http) as sdk,
    ):
        await sdk.call("connect", key=world.key, secret=world.secret)
        yield sdk, world


async def stand(world: FarWorld, request_id: str) -> dict[str, Any]:
    """What the control API says of a verification."""
    found: dict[str, Any] = await world.control("GET", f"verifications/{request_id}")
    return found


def found(world: FarWorld, one: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What search says of one that has just begun, and what is otherwise."""
    return {
        "request_id": one["request_id"],
        "account_id": world.key,
        "number": one["number"],
        "sender_id": "verify",
        "date_submitted": "2026-03-01 12:00:00",
        "date_finalized": "",
        "checks": [],
        "first_event_date": "2026-03-01 12:00:00",
        "last_event_date": "2026-03-01 12:00:00",
        "price": "0",
        "currency": "EUR",
        "status": "IN PROGRESS",
        "estimated_price_messages_sent": "0.03330",
        "events": [{"type": "sms", "id": one["events"][0]["id"]}],
        **more,
    }


async def test_vonage_verifies_a_number(live: Live) -> None:
    """Start with every parameter, a wrong and a right check, search: the library's models take every answer."""
    async with vonage(live, "v-verify") as (sdk, world):
        started = await sdk.call(
            "start", number=ALICE, brand="Acme", sender_id="verify", code_length=6, lg="en-gb", pin_expiry=240,
            next_event_wait=120, workflow_id=4, country="gb",
        )  # fmt: skip
        request_id = started["request_id"]
        again = await sdk.call("start", number=ALICE, brand="Acme")
        one = await stand(world, request_id)
        before = await sdk.call("search", request=request_id)
        wrong = await sdk.call("check", request_id=request_id, code="000000" if one["code"] != "000000" else "1" * 6)
        right = await sdk.call("check", request_id=request_id, code=one["code"])
        closed = await sdk.call("check", request_id=request_id, code=one["code"])
        [after] = await sdk.call("search", request=[request_id])
        nobody = await sdk.call("search", request="nobody")

    assert started == {"request_id": request_id, "status": "0"}
    assert (len(one["code"]), one["pin_expiry"], one["next_event_wait"], one["workflow"]) == (6, 240, 120, 4)
    assert before == found(world, one)
    assert right == {
        "request_id": request_id,
        "status": "0",
        "event_id": one["events"][0]["id"],
        "price": "0.05000000",
        "currency": "EUR",
        "estimated_price_messages_sent": "0.03330",
    }
    assert (after["status"], [each["status"] for each in after["checks"]]) == ("SUCCESS", ["INVALID", "VALID"])
    assert {each["raised"] for each in (again, wrong, closed, nobody)} == {"VerifyError"}
    for error, text in ((again, request_id), (wrong, WRONG), (closed, "verified already"), (nobody, "No response")):
        assert text in error["text"]


async def test_vonage_controls_and_finds_several(live: Live) -> None:
    """Trigger, a cancel that comes too early or late, one that is in time; a payment; a list of two."""
    async with vonage(live, "v-control") as (sdk, world):
        one = (await sdk.call("start", number=ALICE, brand="Acme"))["request_id"]
        two = (await sdk.call("psd2", number=BOB, payee="Acme Shop", amount=99.99, lg="de-de"))["request_id"]
        early = await sdk.call("cancel", request_id=one)
        triggered = await sdk.call("trigger", request_id=one)
        await world.advance("30s")
        late = await sdk.call("cancel", request_id=one)
        cancelled = await sdk.call("cancel", request_id=two)
        both = await sdk.call("search", request=[one, two])
        texts = [each["text"] for each in await world.items("messages")]

    assert triggered == {"status": "0", "command": "trigger_next_event"}
    assert cancelled == {"status": "0", "command": "cancel"}
    assert "first 30 seconds" in early["text"]
    assert "Too many attempts" in late["text"]
    assert [(each["status"], len(each["events"])) for each in both] == [("IN PROGRESS", 2), ("CANCELLED", 1)]
    assert "99.99 EUR an Acme Shop" in texts[1]


async def test_vonage_unblocks_a_network(live: Live) -> None:
    """By a parameter of another name than the documented one."""
    async with vonage(live, "v-unblock") as (sdk, world):
        await world.control("PATCH", "settings", {"verify_blocked": ["23410"]})
        blocked = await sdk.call("start", number=ALICE, brand="Acme")
        unblocked = await sdk.call("unblock", network="23410", duration=3600)
        again = await sdk.call("unblock", network="23410", duration=3600)
        started = await sdk.call("start", number=ALICE, brand="Acme")

    assert "'network': '23410'" in blocked["text"]
    assert unblocked == {"network": "23410", "unblocked_until": "2026-03-01T13:00:00Z"}
    assert (again["raised"], again["status"]) == ("NotFoundError", 404)
    assert started["status"] == "0"


async def test_vonage_with_wrong_credentials(live: Live) -> None:
    """HTTP 200, so the library reads the status."""
    async with vonage(live, "v-wrong") as (sdk, world):
        options = {"rest_host": live.place, "api_host": live.place}
        await sdk.call("connect", auth={"api_key": world.key, "api_secret": "wr0ng"}, options=options)
        wrong = await sdk.call("start", number=ALICE, brand="Acme")
    assert (wrong["raised"], "'status': '4'" in wrong["text"]) == ("VerifyError", True)


async def test_nexmo_verifies_a_number(live: Live) -> None:
    """Dictionaries as they come, through every call of the library."""
    async with nexmo(live, "n-verify") as (sdk, world):
        started = await sdk.call("start", number=ALICE, brand="Acme", pin_expiry="300")
        request_id = started["request_id"]
        one = await stand(world, request_id)
        before = await sdk.call("search", request_id=request_id)
        early = await sdk.call("cancel", request_id=request_id)
        wrong = await sdk.call("check", request_id=request_id, code="0000" if one["code"] != "0000" else "1111")
        right = await sdk.call("check", request_id=request_id, code=one["code"])
        payment = await sdk.call("psd2", number=BOB, payee="Acme", amount="5")
        triggered = await sdk.call("trigger", request_id=payment["request_id"])
        nobody = await sdk.call("search", request_id="nobody")
        await sdk.call("connect", key=world.key, secret="wr0ng")
        refused = await sdk.call("start", number=ALICE, brand="Acme")

    assert started == {"request_id": request_id, "status": "0"}
    assert before == found(world, one)
    text = f"Verification request ['{request_id}'] can't be cancelled within the first 30 seconds."
    assert early == {"status": "19", "error_text": text}
    assert wrong == {"request_id": request_id, "status": "16", "error_text": WRONG}
    assert right == {
        "request_id": request_id,
        "status": "0",
        "event_id": one["events"][0]["id"],
        "price": "0.05000000",
        "currency": "EUR",
        "estimated_price_messages_sent": "0.03330",
    }
    assert payment == {"request_id": payment["request_id"], "status": "0"}
    assert triggered == {"status": "0", "command": "trigger_next_event"}
    assert nobody == {"status": "101", "error_text": "No response found"}
    assert refused == {"status": "4", "error_text": "Invalid credentials were provided"}


async def test_nexmo_by_its_older_calls(live: Live) -> None:
    """The client's own methods, deprecated and not gone."""
    async with nexmo(live, "n-older") as (sdk, world):
        one = await sdk.call("older", name="start_verification", number=ALICE, brand="Acme")
        two = await sdk.call("older", name="send_verification_request", number=BOB, brand="Acme")
        three = await sdk.call(
            "older", name="start_psd2_verification_request", number="447700900103", payee="Acme", amount="5"
        )
        first, second, third = (each["request_id"] for each in (one, two, three))
        found = [
            await sdk.call("older", name=name, request_id=first)
            for name in ("get_verification", "get_verification_request")
        ]
        triggered = [
            await sdk.call("older", name="trigger_next_verification_event", request_id=third),
            await sdk.call("older", name="control_verification_request", request_id=third, cmd="trigger_next_event"),
        ]
        await world.advance("30s")
        cancelled = await sdk.call("older", name="cancel_verification", request_id=first)
        code = (await stand(world, second))["code"]
        right = await sdk.call("older", name="check_verification", request_id=second, code=code)
        closed = await sdk.call("older", name="check_verification_request", request_id=second, code=code)

    assert found[0] == found[1]
    assert found[0]["status"] == "IN PROGRESS"
    assert triggered == [{"status": "0", "command": "trigger_next_event"}] * 2
    assert cancelled == {"status": "0", "command": "cancel"}
    assert (right["status"], right["request_id"], closed["status"]) == ("0", second, "6")
