"""Search, conversion, redaction, short codes and binary messages by the official libraries, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.live import (
    PATIENCE_S,
    ROOT,
    FarWorld,
    Live,
    Sdk,
    clean_environment,
    open_live,
    open_sdk,
    open_world,
    sdk_python,
)

pytestmark = pytest.mark.sdk

US = "12015550101"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("sms_extra")) as opened:
        yield opened


@asynccontextmanager
async def opened_nexmo(live: Live, world: FarWorld) -> AsyncIterator[Sdk]:
    """`nexmo` 2.5.2 with the world's credentials, through the proxy."""
    process = await asyncio.create_subprocess_exec(
        sdk_python("nexmo"),
        ROOT / "tests" / "sdk" / "scripts" / "sms_extra_nexmo.py",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=clean_environment(HTTPS_PROXY=live.http, REQUESTS_CA_BUNDLE=live.ca_file),
    )
    assert process.stdin, "the script was started with pipes"
    assert process.stdout, "the script was started with pipes"
    try:
        sdk = Sdk(process.stdin, process.stdout)
        await sdk.call("connect", key=world.key, secret=world.secret)
        yield sdk
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def item(world: FarWorld, message_id: str, **more: Any) -> dict[str, Any]:
    """A delivered message, as search finds it."""
    return {
        "message-id": message_id,
        "account-id": world.key,
        "network": "23410",
        "from": "Acme",
        "to": "447700900001",
        "body": "Hi",
        "price": "0.03330000",
        "date-received": "2026-03-01 12:00:00",
        "final-status": "DELIVRD",
        "date-closed": "2026-03-01 12:00:01",
        "latency": 1000,
        "type": "MT",
        **more,
    }


async def test_nexmo_finds_messages_and_rejections(live: Live) -> None:
    """By id, by several ids, by day and recipient; nothing is nothing, and no error."""
    day = {"date": "2026-03-01", "to": "447700900001"}
    async with open_world(live.http, "finds") as world, opened_nexmo(live, world) as sdk:
        [sent] = await world.send()
        [other] = await world.send(text="Yo")
        await world.send(text="")
        one, two = sent["message-id"], other["message-id"]
        pending = await sdk.call("get_message", message_id=one)
        await world.advance("5s")
        outcomes = [
            await sdk.call("get_message", message_id=one),
            await sdk.call("get_message", message_id="0C00000000000000"),
            await sdk.call("search_messages", ids=[one, two]),
            await sdk.call("search_messages", **day),
            await sdk.call("search_messages", ids=["x"]),
            await sdk.call("search_messages"),
        ]
        rejected = await sdk.call("get_message_rejections", **day)
        await sdk.call("connect", key=world.key, secret="wr0ng")
        unknown = await sdk.call("get_message", message_id=one)

        assert (pending["status"], pending["error-code"], "final-status" in pending) == ("ACCEPTD", "1", False)
        first, second = item(world, one), item(world, two, body="Yo")
        both = {"count": 2, "items": [first, second]}
        assert outcomes == [
            first,
            [""],
            both,
            both,
            {"count": 0, "items": []},
            {"raised": "ClientError", "text": "400 response from rest.nexmo.com"},
        ]
        [refused] = rejected["items"]
        assert rejected["count"] == 1
        assert (refused["error-code"], refused["error-code-label"]) == ("2", "Missing Message Text")
        assert (refused["status"], refused["price"]) == ("REJECTD", "0")
        assert unknown == {"raised": "AuthenticationError", "text": ""}


async def test_nexmo_reports_conversions(live: Live) -> None:
    """The answer is no JSON: the library hands over the bytes."""
    async with open_world(live.http, "converts") as world, opened_nexmo(live, world) as sdk:
        [sent] = await world.send()
        outcomes = [
            await sdk.call("submit_sms_conversion", message_id=sent["message-id"]),
            await sdk.call("submit_sms_conversion", message_id="nobody", delivered=False),
            await sdk.call("submit_sms_conversion", message_id=""),
        ]
        await world.control("PATCH", "settings", {"conversion_api": False})
        outcomes.append(await sdk.call("submit_sms_conversion", message_id="M1"))
        requests = await world.items("requests", operation="sms.convert")

    assert outcomes == [
        ["OK"],
        ["OK"],
        {"raised": "ClientError", "text": "420 response from api.nexmo.com"},
        {"raised": "ClientError", "text": "402 response from api.nexmo.com"},
    ]
    assert [(each["about"], each["status"]) for each in requests] == [
        (sent["message-id"], 200),
        ("nobody", 200),
        (None, 420),
        ("M1", 402),
    ]


async def test_nexmo_redacts(live: Live) -> None:
    """204 is None; a problem is an error with title, detail and type."""
    async with open_world(live.http, "redacts") as world, opened_nexmo(live, world) as sdk:
        [sent] = await world.send()
        message_id = sent["message-id"]
        await world.advance("5s")
        outcomes = [
            await sdk.call("redact_transaction", id=message_id, product="sms", type="outbound"),
            await sdk.call("redact_transaction", id=message_id, product="sms", type="inbound"),
            await sdk.call("redact_transaction", id=message_id, product="fax"),
        ]
        found = await sdk.call("get_message", message_id=message_id)
        await sdk.call("connect", key=world.key, secret="wr0ng")
        outcomes.append(await sdk.call("redact_transaction", id=message_id, product="sms"))
        assert found == item(world, message_id, to="REDACTED", body="REDACTED")

    problem = "https://developer.nexmo.com/api-errors"
    assert outcomes == [
        None,
        {
            "raised": "ClientError",
            "text": f"Invalid ID: ID '{message_id}' could not be found (type=MO) ({problem}#invalid-id)",
        },
        {
            "raised": "ClientError",
            "text": "Invalid Product: No product corresponding to supplied string fax! "
            f"({problem}/redact#invalid-product)",
        },
        {"raised": "AuthenticationError", "text": ""},
    ]


async def test_nexmo_uses_the_short_codes(live: Live) -> None:
    """Codes, alerts, campaigns, and who opted in."""
    async with open_world(live.http, "short-codes") as world, opened_nexmo(live, world) as sdk:
        answers = [
            await sdk.call("send_2fa_message", to=US, pin="1234"),
            await sdk.call("send_event_alert_message", to=US, name="Ann"),
            await sdk.call("send_marketing_message", **{"from": "54321", "to": US, "keyword": "K", "text": "Buy"}),
        ]
        joined = await sdk.call("resubscribe_event_alert_number", msisdn=US)
        listed = await sdk.call("get_event_alert_numbers")
        messages = await world.items("messages")

    assert [answer["messages"][0]["message-id"] for answer in answers] == [each["id"] for each in messages]
    assert [(each["from"], each["text"]) for each in messages] == [
        ("12345", "Your code is 1234"),
        ("12345", "Alert 0; name: Ann"),
        ("54321", "Buy"),
    ]
    assert joined == {"msisdn": US, "opt-in": "true", "opt-in-date": "2026-03-01 12:00:00", "opt-out": "false"}
    assert listed == {"opt-in-count": "1", "opt-in-list": [joined]}


async def test_nexmo_sends_every_type(live: Live) -> None:
    """As the library passes on whatever it is given."""
    contents: list[dict[str, Any]] = [
        {"type": "binary", "body": "0aff", "udh": "06050415811581", "protocol-id": 127},
        {"type": "wappush", "title": "T", "url": "http://shop.test/", "validity": 60000},
        {"type": "vcard", "vcard": "BEGIN:VCARD"},
        {"type": "vcal", "vcal": "BEGIN:VCALENDAR"},
    ]
    async with open_world(live.http, "types") as world, opened_nexmo(live, world) as sdk:
        for content in contents:
            message = {"from": "Acme", "to": "447700900001", **content}
            answer = await sdk.call("send_message", params=message)
            assert answer["messages"][0]["status"] == "0"
        messages = await world.items("messages")

    assert [(each["type"], each["extra"]) for each in messages] == [
        ("binary", {"body": "0AFF", "udh": "06050415811581", "protocol_id": 127}),
        ("wappush", {"title": "T", "url": "http://shop.test/", "validity": 60000}),
        ("vcard", {"vcard": "BEGIN:VCARD"}),
        ("vcal", {"vcal": "BEGIN:VCALENDAR"}),
    ]


async def test_vonage_sends_binary_messages(live: Live) -> None:
    """It sends a text beside them, which means nothing; what is too long or no hex is raised."""
    options = {"rest_host": live.place, "api_host": live.place}
    message: dict[str, Any] = {"to": "447700900001", "from_": "Acme", "text": "", "type": "binary"}
    async with (
        open_world(live.http, "binary") as world,
        open_sdk("vonage", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        await sdk.call("connect", auth={"api_key": world.key, "api_secret": world.secret}, options=options)
        sent = await sdk.call("send", **message, body="0aff", udh="050003cc0201", protocol_id=65)
        refused = [
            await sdk.call("send", **message, udh="050003cc0201"),
            await sdk.call("send", **message, body="xyz"),
            await sdk.call("send", **message, body="00", udh="0500"),
            await sdk.call("send", **message, body="00" * 141),
        ]
        [kept] = await world.items("messages")

    assert [each["message_id"] for each in sent["messages"]] == kept["ids"]
    assert (kept["text"], kept["extra"]) == ("", {"body": "0AFF", "udh": "050003CC0201", "protocol_id": 65})
    assert [each["text"] for each in refused] == [
        f"Sms.send_message method failed with error code {code}: {text}"
        for code, text in (
            (2, "Missing body param"),
            (3, "Invalid body"),
            (3, "Invalid udh"),
            (12, "Message too long"),
        )
    ]
