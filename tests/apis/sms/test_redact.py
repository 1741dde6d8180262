"""Redaction: what becomes unreadable and where, and every problem that is answered instead."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from fake_nexmo.apis.sms import redact_rules as rules
from fake_nexmo.apis.sms import redact_wire as wire
from fake_nexmo.apis.sms.redact_rules import Redact, RedactRefusal
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import HOUR, SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Direction, Message, Part, PartStatus, Secret
from fake_nexmo.core.refusal import Refusal
from tests.house import House
from tests.receiver import Receiver

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
WHO = {"api_key": KEY, "api_secret": SECRET}
# The world's clock stands at 2026-01-01T00:00:00Z.
NOW = 1_767_225_600 * SECOND
ACCOUNT = Account(id="main", api_key=KEY, secrets=(Secret("1", SECRET, 0),), signature_secret="x")
MESSAGE = Message(
    id="M1",
    owner="sms",
    account="main",
    direction=Direction.OUTBOUND,
    sender="Acme",
    to="447700900001",
    type="text",
    text="Hi",
    parts=(Part("M1", PartStatus.DELIVERED, "0", NOW),),
    network="23410",
    price=3_330_000,
    submitted_at=NOW,
)
OUT, IN = Direction.OUTBOUND, Direction.INBOUND
BASE = "https://developer.nexmo.com/api-errors"
R = RedactRefusal


async def redact(house: House, body: Any, key: str = KEY, secret: str = SECRET) -> httpx.Response:
    """Ask for a redaction."""
    return await house.client.post("/v1/redact/transaction", json=body, auth=(key, secret))


def problem(answer: httpx.Response) -> dict[str, str]:
    """A problem document without its instance, which must be 32 hex digits and the trace of the answer."""
    read: dict[str, str] = answer.json()
    instance = read.pop("instance")
    assert re.fullmatch("[0-9a-f]{32}", instance)
    assert answer.headers["x-nexmo-trace-id"] == instance
    assert answer.headers["content-type"] == "application/json"
    return read


# ----------------------------------------------------------------------------------------------------- the rules


def test_a_message_is_marked_with_the_instant() -> None:
    """And nothing else changes: the network may still be carrying it."""
    later = Moment(NOW + 5, 7, 42)

    outcome = rules.redact(Redact("M1", "sms", OUT), MESSAGE, ACCOUNT, later, wait=False)

    assert outcome.change == Change(put=(replace(MESSAGE, redacted_at=NOW + 5),))


def test_what_is_redacted_stays_so() -> None:
    """A second time changes nothing."""
    done = replace(MESSAGE, redacted_at=NOW)

    assert rules.redact(Redact("M1", "sms", OUT), done, ACCOUNT, Moment(NOW, 7, 42), wait=False).change == Change()


@pytest.mark.parametrize(
    ("command", "message", "row"),
    [
        (Redact("M1", None, OUT), MESSAGE, R.INVALID_PRODUCT),
        (Redact("M1", "fax", None), MESSAGE, R.INVALID_PRODUCT),
        (Redact("M1", "SMS", OUT), MESSAGE, R.INVALID_PRODUCT),
        (Redact("M1", "sms", None), MESSAGE, R.INVALID_JSON),
        (Redact("M1", "sms", OUT), None, R.NOT_FOUND),
        (Redact("M1", "sms", IN), MESSAGE, R.NOT_FOUND),
        (Redact("M1", "sms", OUT), replace(MESSAGE, direction=IN), R.NOT_FOUND),
        (Redact("M1", "sms", OUT), replace(MESSAGE, account="other"), R.NOT_FOUND),
        (Redact("M1", "sms", OUT), replace(MESSAGE, owner="verify"), R.NOT_FOUND),
        *(
            (Redact("M1", product, OUT), MESSAGE, R.NOT_FOUND)
            for product in ("voice", "number-insight", "verify", "verify-sdk", "messages")
        ),
    ],
)
def test_what_cannot_be_redacted(command: Redact, message: Message | None, row: RedactRefusal) -> None:
    """The product is looked at first, then the direction, then the message."""
    with pytest.raises(Refusal) as refused:
        rules.redact(command, message, ACCOUNT, Moment(NOW + 2 * HOUR, 7, 42), wait=True)
    assert refused.value.row is row


@pytest.mark.parametrize(("after", "early"), [(0, True), (HOUR - 1, True), (HOUR, False)])
def test_sixty_minutes_must_have_passed_where_the_world_says_so(after: int, early: bool) -> None:
    """Source: reference sms §15."""
    moment = Moment(NOW + after, 7, 42)

    assert rules.redact(Redact("M1", "sms", OUT), MESSAGE, ACCOUNT, moment, wait=False).change
    if early:
        with pytest.raises(Refusal) as refused:
            rules.redact(Redact("M1", "sms", OUT), MESSAGE, ACCOUNT, moment, wait=True)
        assert (refused.value.row, refused.value.facts) == (R.PREMATURE, {"id": "M1"})
    else:
        assert rules.redact(Redact("M1", "sms", OUT), MESSAGE, ACCOUNT, moment, wait=True).change


# ----------------------------------------------------------------------------------------------------- the words


@pytest.mark.parametrize(
    ("body", "command"),
    [
        (b'{"id":"M1","product":"sms"}', Redact("M1", "sms", OUT)),
        (b'{"id":"M1","product":"sms","type":null}', Redact("M1", "sms", OUT)),
        (b'{"id":"M1","product":"sms","type":""}', Redact("M1", "sms", OUT)),
        (b'{"id":"M1","product":"sms","type":"outbound"}', Redact("M1", "sms", OUT)),
        (b'{"type":"inbound","product":"sms","id":"M1","more":[1]}', Redact("M1", "sms", IN)),
        (b'{"id":"M1","product":"sms","type":"sideways"}', Redact("M1", "sms", None)),
        (b'{"id":"M1"}', Redact("M1", None, OUT)),
        (b'{"id":7,"product":"sms"}', None),
        (b'{"product":"sms"}', None),
        (b"[]", None),
        (b'"M1"', None),
        (b"", None),
        (b"{", None),
        (b'{"id":"\xff"}', None),
        (b"id=M1&product=sms", None),
        (b"[" * 5000, None),
    ],
)
def test_what_a_body_says(body: bytes, command: Redact | None) -> None:
    """JSON with an id at least; outbound unless it says otherwise; source: reference sms §15."""
    assert wire.parse(body) == command


@pytest.mark.parametrize(
    ("row", "facts", "status", "place", "title", "detail"),
    [
        (
            R.PREMATURE,
            {"id": "M1"},
            403,
            "/redact#premature-redaction",
            "Premature Redaction",
            "You must wait 60 minutes before redacting ID 'M1'",
        ),
        (
            R.UNPROVISIONED,
            {"product": "sms"},
            403,
            "#unprovisioned",
            "Authorisation error",
            "User=abcd1234 is not provisioned to redact product=SMS",
        ),
        (
            R.NOT_FOUND,
            {"id": "M1", "direction": OUT},
            404,
            "#invalid-id",
            "Invalid ID",
            "ID 'M1' could not be found (type=MT)",
        ),
        (
            R.NOT_FOUND,
            {"id": "M1", "direction": IN},
            404,
            "#invalid-id",
            "Invalid ID",
            "ID 'M1' could not be found (type=MO)",
        ),
        (R.INVALID_JSON, {}, 422, "#invalid-json", "Invalid JSON", "The body is not the JSON of a redaction"),
        (
            R.INVALID_PRODUCT,
            {"product": "fax"},
            422,
            "/redact#invalid-product",
            "Invalid Product",
            "No product corresponding to supplied string fax!",
        ),
        (
            R.INVALID_PRODUCT,
            {"product": None},
            422,
            "/redact#invalid-product",
            "Invalid Product",
            "No product corresponding to supplied string null!",
        ),
        (
            R.THROTTLED,
            {},
            429,
            "/redact#rate-limit",
            "Rate Limit Hit",
            "Please wait, then retry your request",
        ),
        (R.SERVER_ERROR, {}, 500, "#server-error", "Server Error", "The request could not be carried out"),
    ],
)
def test_every_problem_has_its_words(
    row: RedactRefusal, facts: dict[str, Any], status: int, place: str, title: str, detail: str
) -> None:
    """Four members in this order; source: reference sms §15 (B)."""
    worded = wire.refused(row, facts, KEY, "0" * 32)

    assert worded == (
        status,
        f'{{"type":"{BASE}{place}","title":"{title}","detail":"{detail}","instance":"{"0" * 32}"}}'.encode(),
    )


# ------------------------------------------------------------------------------------------- through the house


async def search(house: House, message_id: str) -> dict[str, Any]:
    """A message as search finds it."""
    read: dict[str, Any] = (await house.client.get("/search/message", params=WHO | {"id": message_id})).json()
    return read


async def newest(house: House) -> dict[str, Any]:
    """The newest message as the control API shows it."""
    read: dict[str, Any] = (await house.control("GET", "messages"))["items"][-1]
    return read


async def test_after_redaction_text_and_number_are_gone(house: House) -> None:
    """204 without a body; search and control API read REDACTED, everything else stays; source: reference sms §15."""
    message_id = (await house.send(text="secret ż", client__ref="7"))["messages"][0]["message-id"]
    await house.advance("5s")
    before, shown_before = await search(house, message_id), await newest(house)

    answer = await redact(house, {"id": message_id, "product": "sms", "type": "outbound"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert await search(house, message_id) == before | {"to": "REDACTED", "body": "REDACTED"}
    shown = await newest(house)
    assert shown.pop("seq") > shown_before.pop("seq")
    assert shown_before.pop("text_as_sent") == "secret ż"
    assert shown == shown_before | {"to": "REDACTED", "text": "REDACTED"}
    assert (await house.control("GET", "messages?to=447700900001"))["items"] == []
    by_day = {"date": "2026-01-01", "to": "447700900001"}
    assert (await house.client.get("/search/messages", params=WHO | by_day)).json() == {"count": 0, "items": []}
    assert (await redact(house, {"id": message_id, "product": "sms"})).status_code == 204
    [entry, again] = (await house.control("GET", "requests?operation=sms.redact"))["items"]
    assert (entry["about"], entry["status"], again["status"]) == (message_id, 204, 204)


async def test_all_parts_go_together_by_any_of_their_ids(house: House) -> None:
    """One submission is one message."""
    answer = await house.send(text="A" * 161)
    first, second = (each["message-id"] for each in answer["messages"])

    assert (await redact(house, {"id": second, "product": "sms"})).status_code == 204

    for message_id in (first, second):
        found = await search(house, message_id)
        assert (found["to"], found["body"]) == ("REDACTED", "REDACTED")


async def test_what_a_type_carries_is_redacted_too(house: House) -> None:
    """Every text of it."""
    sent = await house.send(type="wappush", title="T", url="http://shop.test/447700900001", text="")

    await redact(house, {"id": sent["messages"][0]["message-id"], "product": "sms"})

    shown = await newest(house)
    assert shown["extra"] == {"title": "REDACTED", "url": "REDACTED", "validity": 172_800_000}


async def test_a_received_message_loses_its_sender(house: House) -> None:
    """By ``inbound`` alone; the number it came to is the account's own."""
    came = replace(MESSAGE, id="IN1", direction=IN, sender="447700900001", to="447700900000")
    came = replace(came, parts=(Part("IN1", PartStatus.DELIVERED, "0", NOW),))
    start = await house.store.begin("default")
    await house.store.commit("default", start.epoch, Change(put=(came,)))

    assert (await redact(house, {"id": "IN1", "product": "sms"})).status_code == 404
    assert (await redact(house, {"id": "IN1", "product": "sms", "type": "inbound"})).status_code == 204

    found, shown = await search(house, "IN1"), await newest(house)
    assert (found["from"], found["to"], found["body"]) == ("REDACTED", "447700900000", "REDACTED")
    assert (shown["from"], shown["to"], shown["text"]) == ("REDACTED", "447700900000", "REDACTED")


async def test_what_a_person_texted_is_redacted_and_the_person_still_knows_it(house: House) -> None:
    """The service forgets; the phone at the other end does not."""
    await house.send(text="Your code is 4711")
    sent = await newest(house)
    came = await house.control("POST", "handsets/447700900001/sms", {"to": "447700900000", "text": "4711"})

    for message_id, kind in ((sent["id"], "outbound"), (came["id"], "inbound")):
        assert (await redact(house, {"id": message_id, "product": "sms", "type": kind})).status_code == 204

    shown = (await house.control("GET", "messages"))["items"]
    assert [(each["from"], each["to"], each["text"]) for each in shown] == [
        ("Acme", "REDACTED", "REDACTED"),
        ("REDACTED", "447700900000", "REDACTED"),
    ]
    assert (await house.control("GET", "handsets/447700900001/code"))["code"] == "4711"


async def test_a_message_on_its_way_arrives_all_the_same(house: House) -> None:
    """The network has it already; the receipt goes out as it would have."""
    async with Receiver() as receiver:
        sent = await house.send(callback=f"{receiver.url}/dlr")
        message_id = sent["messages"][0]["message-id"]
        await redact(house, {"id": message_id, "product": "sms"})
        await house.advance("5s")
        [receipt] = receiver.requests

    assert (receipt.params["msisdn"], receipt.params["status"]) == ("447700900001", "delivered")
    assert (await newest(house))["to"] == "REDACTED"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (
            {"id": "0C00000000000000", "product": "sms"},
            404,
            {
                "type": f"{BASE}#invalid-id",
                "title": "Invalid ID",
                "detail": "ID '0C00000000000000' could not be found (type=MT)",
            },
        ),
        (
            {"id": "x", "product": "verify", "type": "inbound"},
            404,
            {"type": f"{BASE}#invalid-id", "title": "Invalid ID", "detail": "ID 'x' could not be found (type=MO)"},
        ),
        (
            {"id": "x", "product": "fax"},
            422,
            {
                "type": f"{BASE}/redact#invalid-product",
                "title": "Invalid Product",
                "detail": "No product corresponding to supplied string fax!",
            },
        ),
        (
            ["x"],
            422,
            {
                "type": f"{BASE}#invalid-json",
                "title": "Invalid JSON",
                "detail": "The body is not the JSON of a redaction",
            },
        ),
    ],
)
async def test_a_problem_is_answered_whole(house: House, body: Any, status: int, said: dict[str, str]) -> None:
    """Type, title, detail and instance; source: reference sms §15."""
    answer = await redact(house, body)

    assert answer.status_code == status
    assert problem(answer) == said


async def test_too_early_is_403_where_the_world_says_so(house: House) -> None:
    """Until the world's clock has run for an hour."""
    await house.control("PATCH", "settings", {"redact_wait": True})
    message_id = (await house.send())["messages"][0]["message-id"]

    answer = await redact(house, {"id": message_id, "product": "sms"})

    assert answer.status_code == 403
    assert problem(answer) == {
        "type": f"{BASE}/redact#premature-redaction",
        "title": "Premature Redaction",
        "detail": f"You must wait 60 minutes before redacting ID '{message_id}'",
    }
    await house.advance("1h")
    assert (await redact(house, {"id": message_id, "product": "sms"})).status_code == 204


@pytest.mark.parametrize(("key", "secret"), [(KEY, "wrong"), ("nobody00", SECRET), ("", "")])
async def test_wrong_credentials_are_401(house: House, key: str, secret: str) -> None:
    """Before the body is looked at; source: reference auth §6.9."""
    answer = await redact(house, ["x"], key, secret)

    assert answer.status_code == 401
    assert answer.json() == {"type": "UNAUTHORIZED", "error_title": "Unauthorized"}


async def test_only_a_header_says_who_asks(house: House) -> None:
    """Neither query nor body; source: reference auth §1."""
    body = {"id": "x", "product": "sms", **WHO}

    answer = await house.client.post("/v1/redact/transaction", params=WHO, json=body)

    assert answer.status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_other_verbs_are_the_gateways_to_refuse(house: House, method: str) -> None:
    """Source: reference auth §6.11."""
    answer = await house.client.request(method, "/v1/redact/transaction")

    assert (answer.status_code, answer.headers["allow"]) == (403, "POST")
    assert answer.json() == {"type": "FORBIDDEN", "error_title": "Forbidden"}


@pytest.mark.parametrize(
    ("trouble", "status"),
    [("bad_credentials", 401), ("barred", 403), ("not_found", 404), ("throttled", 429), ("unavailable", 500)],
)
async def test_a_fault_is_worded_as_this_api_words_it(house: House, trouble: str, status: int) -> None:
    """Never as a refused SMS."""
    await house.control("POST", "faults", {"name": "f", "target": "sms.redact", "answer": trouble}, status=201)

    assert (await redact(house, {"id": "x", "product": "sms"})).status_code == status
