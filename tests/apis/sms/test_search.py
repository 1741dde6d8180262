"""Message search: what is found, in JSON and XML, before and after the final receipt, and what is refused."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from fake_nexmo.apis.sms import search_rules as rules
from fake_nexmo.apis.sms import search_wire as wire
from fake_nexmo.apis.sms.model import Content, Rejection, Send, Sent, SmsRefusal
from fake_nexmo.apis.sms.search_rules import Days, Found, SearchRefusal
from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.instant import DAY, SECOND
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Direction, Message, Part, PartStatus, Secret
from fake_nexmo.core.refusal import Refusal
from tests.house import House

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
WHO = {"api_key": KEY, "api_secret": SECRET}
# The world's clock stands at 2026-01-01T00:00:00Z.
DATE = "2026-01-01"
NOW = 1_767_225_600 * SECOND
MOMENT = Moment(NOW, 7, 42)
ACCOUNT = Account(id="main", api_key=KEY, secrets=(Secret("1", SECRET, 0),), signature_secret="x")
PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
XML = ("application/xml", "text/xml")


def message(**facts: Any) -> Message:
    """A message of one part, unless told otherwise."""
    given: dict[str, Any] = {
        "id": "M1",
        "owner": "sms",
        "account": "main",
        "direction": Direction.OUTBOUND,
        "sender": "Acme",
        "to": "447700900001",
        "type": "text",
        "text": "Hi",
        "parts": (Part("M1", PartStatus.SUBMITTED, "0", NOW),),
        "network": "23410",
        "price": 3_330_000,
        "submitted_at": NOW,
    }
    return Message(**given | facts)


def found(status: PartStatus, err_code: str = "0", after: int = 0, **facts: Any) -> Found:
    """The part of a message in a status."""
    one = message(parts=(Part("M1", status, err_code, NOW + after),), **facts)
    return Found(one, 0, rules.body(one, 0))


SENT = {
    "message-id": "M1",
    "account-id": KEY,
    "network": "23410",
    "from": "Acme",
    "to": "447700900001",
    "body": "Hi",
    "price": "0.03330000",
    "date-received": "2026-01-01 00:00:00",
}
UNKNOWN = {"error-code": "1", "error-code-label": "Unknown"}


def closed(word: str, **more: str) -> dict[str, Any]:
    """The members of a message whose final receipt came 3.25 seconds after its submission."""
    return {
        **SENT,
        "final-status": word,
        "date-closed": "2026-01-01 00:00:03",
        "latency": 3250,
        **{name.replace("_", "-"): text for name, text in more.items()},
        "type": "MT",
    }


# ----------------------------------------------------------------------------------------------------- the words


@pytest.mark.parametrize(
    ("status", "err_code", "members"),
    [
        (PartStatus.SUBMITTED, "0", {**SENT, "status": "ACCEPTD", **UNKNOWN, "type": "MT"}),
        (PartStatus.ACCEPTED, "0", {**SENT, "status": "ACCEPTD", **UNKNOWN, "type": "MT"}),
        (PartStatus.BUFFERED, "0", {**SENT, "status": "ENROUTE", **UNKNOWN, "type": "MT"}),
        (PartStatus.DELIVERED, "0", closed("DELIVRD")),
        (
            PartStatus.EXPIRED,
            "2",
            closed("EXPIRED", error_code="2", error_code_label="Absent Subscriber - Temporary"),
        ),
        (PartStatus.FAILED, "4", closed("UNDELIV", error_code="4", error_code_label="Call Barred by User")),
        (PartStatus.REJECTED, "6", closed("REJECTD", error_code="6", error_code_label="Anti-Spam Rejection")),
        (PartStatus.UNKNOWN, "1", closed("UNKNOWN", error_code="1", error_code_label="Unknown")),
        (PartStatus.FAILED, "95", closed("UNDELIV", error_code="95", error_code_label="Unknown")),
    ],
)
def test_a_sent_message_before_and_after_its_final_receipt(
    status: PartStatus, err_code: str, members: dict[str, Any]
) -> None:
    """Members and their order, for every status; source: reference sms §13."""
    said = wire.item(found(status, err_code, 3_250_000), KEY)

    assert list(said.items()) == list(members.items())


def test_every_status_has_its_word() -> None:
    """A new status needs one."""
    for status in PartStatus:
        assert wire.item(found(status), KEY).keys() & {"status", "final-status"}


LABELS = {
    "0": "Delivered",
    "1": "Unknown",
    "2": "Absent Subscriber - Temporary",
    "3": "Absent Subscriber - Permanent",
    "4": "Call Barred by User",
    "5": "Portability Error",
    "6": "Anti-Spam Rejection",
    "7": "Handset Busy",
    "8": "Network Error",
    "9": "Illegal Number",
    "10": "Illegal Message",
    "11": "Unroutable",
    "12": "Destination Unreachable",
    "13": "Subscriber Age Restriction",
    "14": "Number Blocked by Carrier",
    "15": "Prepaid Insufficient Funds",
    "50": "Entity Filter",
    "51": "Header Filter",
    "52": "Content Filter",
    "53": "Consent Filter",
    "54": "Regulation Error",
    "99": "General Error",
}


@pytest.mark.parametrize(("code", "label"), LABELS.items())
def test_every_error_code_has_its_label(code: str, label: str) -> None:
    """Source: reference sms §10.2."""
    said = wire.item(found(PartStatus.FAILED, code), KEY)

    assert (said["error-code"], said["error-code-label"]) == (code, label)


def test_a_reference_is_said_when_there_was_one() -> None:
    """Before the type."""
    said = wire.item(found(PartStatus.DELIVERED, client_ref="order-77"), KEY)

    assert list(said)[-2:] == ["client-ref", "type"]
    assert said["client-ref"] == "order-77"


def test_a_received_message() -> None:
    """The person is the sender; it has no price and no status; source: reference sms §13."""
    said = wire.item(
        found(
            PartStatus.DELIVERED,
            direction=Direction.INBOUND,
            sender="447700900001",
            to="447700900000",
            text="Tea?",
        ),
        KEY,
    )

    assert list(said.items()) == [
        ("message-id", "M1"),
        ("account-id", KEY),
        ("network", "23410"),
        ("from", "447700900001"),
        ("to", "447700900000"),
        ("body", "Tea?"),
        ("date-received", "2026-01-01 00:00:00"),
        ("type", "MO"),
    ]


def test_what_was_redacted_reads_so() -> None:
    """Body and the person's number, whichever side that is on; nothing else; source: reference sms §15."""
    sent = wire.item(found(PartStatus.DELIVERED, after=3_250_000, redacted_at=NOW), KEY)
    got = wire.item(
        found(
            PartStatus.DELIVERED,
            direction=Direction.INBOUND,
            sender="447700900001",
            to="447700900000",
            redacted_at=NOW,
        ),
        KEY,
    )

    assert sent == closed("DELIVRD") | {"to": "REDACTED", "body": "REDACTED"}
    assert (got["from"], got["to"], got["body"]) == ("REDACTED", "447700900000", "REDACTED")


@pytest.mark.parametrize(
    ("facts", "bodies"),
    [
        ({"text": "Hi"}, ["Hi"]),
        ({"text": "Zażółć €"}, ["Zażółć €"]),
        ({"text": "ż" * 160 + "B" * 10}, ["ż" * 153, "ż" * 7 + "B" * 10]),
        ({"text": "€" * 81}, ["€" * 76, "€" * 5]),
        ({"type": "unicode", "text": "Zażółć ☕"}, ["Zażółć ☕"]),
        ({"type": "unicode", "text": "😀" * 36}, ["😀" * 33, "😀" * 3]),
        ({"type": "binary", "text": "", "extra": {"body": "0AFF", "udh": "", "protocol_id": 0}}, ["0AFF"]),
        ({"type": "wappush", "text": "", "extra": {"title": "T", "url": "http://a", "validity": 1}}, ["T http://a"]),
        ({"type": "vcard", "text": "", "extra": {"vcard": "c" * 134}}, ["c" * 134] * 2),
        ({"type": "vcal", "text": "", "extra": {"vcal": "d"}}, ["d"]),
        ({"text": "A" * 161, "redacted_at": NOW}, ["REDACTED", "REDACTED"]),
    ],
)
def test_each_part_has_the_body_that_it_carried(facts: dict[str, Any], bodies: list[str]) -> None:
    """With the characters that were sent, also those that no part can carry."""
    one = message(**facts)

    assert [rules.body(one, k) for k in range(len(bodies))] == bodies


def test_broken_characters_are_replaced() -> None:
    """JSON holds no lone surrogate."""
    one = found(PartStatus.DELIVERED, text="a\ud83d", sender="b\ud83d", client_ref="c\ud83d")

    said = wire.item(one, KEY)

    assert (said["body"], said["from"], said["client-ref"]) == ("a?", "b?", "c?")


def test_xml_names_elements_as_json_names_members() -> None:
    """In the same order, with what markup needs escaped."""
    said = wire.item(found(PartStatus.DELIVERED, after=1_000_000, text="<a> & \x00 é"), KEY)

    assert wire.xml_one(said).decode() == (
        f"{PROLOG}<message><message-id>M1</message-id><account-id>abcd1234</account-id><network>23410</network>"
        "<from>Acme</from><to>447700900001</to><body>&lt;a&gt; &amp; \ufffd é</body><price>0.03330000</price>"
        "<date-received>2026-01-01 00:00:00</date-received><final-status>DELIVRD</final-status>"
        "<date-closed>2026-01-01 00:00:01</date-closed><latency>1000</latency><type>MT</type></message>"
    )


@pytest.mark.parametrize(
    ("accept", "xml"),
    [
        ("", ""),
        ("*/*", ""),
        ("application/json", ""),
        ("application/xml", "application/xml"),
        ("text/xml", "text/xml"),
        ("TEXT/XML;q=0.9, application/json", "text/xml"),
        ("application/json, application/xml", ""),
        ("text/html, application/xml", ""),
    ],
)
def test_xml_is_answered_where_it_is_asked_for_first(accept: str, xml: str) -> None:
    """JSON else; source: reference sms §13 (D)."""
    assert wire.wanted_xml(accept) == xml


@pytest.mark.parametrize(
    ("row", "status", "members"),
    [
        (
            SearchRefusal.BAD_REQUEST,
            400,
            {"type": "BAD_REQUEST", "error_title": "Bad Request", "invalid_parameters": {"id": "Is required."}},
        ),
        (SearchRefusal.BAD_CREDENTIALS, 401, {"error-code": "401", "error-code-label": "authentication failed"}),
        (SearchRefusal.THROTTLED, 429, {"error-code": "429", "error-code-label": "too many requests"}),
        (SearchRefusal.SERVER_ERROR, 500, {"error-code": "500", "error-code-label": "unknown error"}),
    ],
)
def test_every_refusal_has_its_words(row: SearchRefusal, status: int, members: dict[str, Any]) -> None:
    """Source: reference sms §13, account §1.2."""
    assert wire.refused(row, {"wrong": {"id": "Is required."}}) == (status, members)


# ----------------------------------------------------------------------------------------------------- the rules


def wrong(refused: pytest.ExceptionInfo[Refusal]) -> Any:
    assert refused.value.row is SearchRefusal.BAD_REQUEST
    return refused.value.facts["wrong"]


def test_one_id_is_needed() -> None:
    """Whatever it is."""
    assert rules.one_id("M1") == "M1"
    with pytest.raises(Refusal) as refused:
        rules.one_id("")
    assert wrong(refused) == {"id": "Is required."}


@pytest.mark.parametrize(
    ("ids", "date", "to", "asked"),
    [
        (("M1",), "", "", ("M1",)),
        (("M2", "M1", "M2"), "", "", ("M2", "M1")),
        (("M1", ""), DATE, "447700900001", ("M1",)),
        (tuple(f"M{k}" for k in range(10)), "", "", tuple(f"M{k}" for k in range(10))),
        ((), DATE, "447700900001", Days(NOW // DAY, "447700900001")),
        (("",), DATE, "+447700900001", Days(NOW // DAY, "447700900001")),
        ((), "2024-02-29", "x", Days(19782, "x")),
        ((), "1970-01-01", "x", Days(0, "x")),
    ],
)
def test_what_several_messages_are_asked_for_by(
    ids: tuple[str, ...], date: str, to: str, asked: tuple[str, ...] | Days
) -> None:
    """One to ten ids, or a day in UTC and a recipient; source: reference sms §13."""
    assert rules.ids_or_day(ids, date, to) == asked


REQUIRED, BAD_DATE = "Is required.", "Must be a date, YYYY-MM-DD."


@pytest.mark.parametrize(
    ("ids", "date", "to", "said"),
    [
        ((), "", "", {"ids": REQUIRED}),
        (("", ""), "", "", {"ids": REQUIRED}),
        (tuple(f"M{k}" for k in range(11)), "", "", {"ids": "Must be 10 at most."}),
        ((), DATE, "", {"to": REQUIRED}),
        ((), "", "447700900001", {"date": REQUIRED}),
        ((), "01.01.2026", "447700900001", {"date": BAD_DATE}),
        ((), "2026-02-30", "447700900001", {"date": BAD_DATE}),
        ((), "2026-01-01T00:00:00", "447700900001", {"date": BAD_DATE}),
        ((), "20260101", "447700900001", {"date": BAD_DATE}),
        ((), "٢٠٢٦-٠١-٠١", "447700900001", {"date": BAD_DATE}),
        ((), "2026-13-01", "", {"date": BAD_DATE, "to": REQUIRED}),
    ],
)
def test_what_is_missing_or_wrong_is_named(ids: tuple[str, ...], date: str, to: str, said: dict[str, str]) -> None:
    """In the order of the parameters."""
    with pytest.raises(Refusal) as refused:
        rules.ids_or_day(ids, date, to)
    assert list(wrong(refused).items()) == list(said.items())


def test_a_day_needs_both() -> None:
    """For rejections there is nothing else to ask by."""
    with pytest.raises(Refusal) as refused:
        rules.day("", "")
    assert wrong(refused) == {"date": REQUIRED, "to": REQUIRED}


def test_only_ones_own_messages_are_found() -> None:
    """Of the account that asks, and of this API."""
    two = message(parts=(Part("M1", PartStatus.SUBMITTED, "0", 0), Part("M2", PartStatus.SUBMITTED, "0", 0)))
    two = replace(two, text="A" * 161)

    assert rules.part_of(two, "M2", ACCOUNT) == Found(two, 1, "A" * 8)
    assert rules.part_of(None, "M2", ACCOUNT) is None
    assert rules.part_of(replace(two, account="other"), "M2", ACCOUNT) is None
    assert rules.part_of(replace(two, owner="verify"), "M2", ACCOUNT) is None
    others = [replace(two, account="other"), replace(two, owner="verify"), replace(two, redacted_at=NOW)]
    assert rules.parts_of([two, *others], two.to, ACCOUNT) == [Found(two, 0, "A" * 153), Found(two, 1, "A" * 8)]


COMMAND = Send(sender="Acme", to="447700900001", type="text", text="Hi")


REFUSED: Outcome[Sent | Refusal] = Outcome(Change(), Refusal(SmsRefusal.NO_CREDIT, to="447700900001", balance=5))


def test_a_refusal_is_remembered_with_the_id_it_would_have_had() -> None:
    """And with the facts that its words need."""
    outcome = rules.remembered(COMMAND, ACCOUNT, REFUSED, MOMENT)

    assert isinstance(outcome.answer, Refusal)
    assert outcome.answer.row is SmsRefusal.NO_CREDIT
    kept = Rejection(
        id=MOMENT.message_id(),
        account="main",
        sender="Acme",
        to="447700900001",
        body="Hi",
        network="23410",
        row="no_credit",
        facts={"to": "447700900001", "balance": 5},
        rejected_at=NOW,
    )
    assert outcome.change == Change(put=(kept,))
    assert kept.keys() == (Days(NOW // DAY, "447700900001").key,)


def test_the_id_of_a_rejection_can_be_a_uuid() -> None:
    """As that of a message."""
    outcome = rules.remembered(COMMAND, ACCOUNT, REFUSED, MOMENT, uuids=True)

    assert outcome.change.only(Rejection).id == MOMENT.uuid(Use.MESSAGE)


def test_without_a_recipient_nothing_is_remembered() -> None:
    """It could not be found."""
    assert rules.remembered(replace(COMMAND, to=""), ACCOUNT, REFUSED, MOMENT) is REFUSED


def test_a_refusal_that_changed_something_is_remembered_beside() -> None:
    """Both in one change."""
    counted = Change(counters=(Add("submissions/447700900001", 1),))

    barred: Outcome[Sent | Refusal] = Outcome(counted, Refusal(SmsRefusal.NUMBER_BARRED))
    command = replace(COMMAND, type="binary", content=Content(body="0a"))

    outcome = rules.remembered(command, ACCOUNT, barred, MOMENT)

    assert outcome.change.counters == counted.counters
    assert (outcome.change.only(Rejection).row, outcome.change.only(Rejection).body) == ("number_barred", "0A")


def test_a_recipient_that_is_nowhere_has_no_network() -> None:
    """The member is left out then."""
    outcome = rules.remembered(replace(COMMAND, to="x"), ACCOUNT, REFUSED, MOMENT)
    kept = outcome.change.only(Rejection)

    assert kept.network == ""
    assert "network" not in wire.rejection(kept, KEY)


# ------------------------------------------------------------------------------------------- through the house


async def get(house: House, path: str, accept: str = "", /, **params: str | list[str]) -> httpx.Response:
    """Search with the default credentials."""
    headers = {"accept": accept} if accept else {}
    return await house.client.get(f"/search/{path}", params={**WHO, **params}, headers=headers)


async def send(house: House, **params: str) -> str:
    """Send a message; its id."""
    message_id: str = (await house.send(**params))["messages"][0]["message-id"]
    return message_id


def item(message_id: str, **changes: Any) -> dict[str, Any]:
    """A delivered message as it is found, one second after its submission."""
    return {
        **SENT,
        "message-id": message_id,
        "final-status": "DELIVRD",
        "date-closed": "2026-01-01 00:00:01",
        "latency": 1000,
        "type": "MT",
    } | {name.rstrip("_").replace("_", "-"): value for name, value in changes.items()}


async def test_a_message_is_found_by_its_id_before_and_after_delivery(house: House) -> None:
    """To the byte; source: reference sms §13."""
    message_id = await send(house, text="Your parcel is here")

    before = await get(house, "message", id=message_id)
    await house.advance("5s")
    after = await get(house, "message", id=message_id)

    assert before.headers["content-type"] == "application/json"
    assert before.text == (
        f'{{"message-id":"{message_id}","account-id":"abcd1234","network":"23410","from":"Acme",'
        '"to":"447700900001","body":"Your parcel is here","price":"0.03330000",'
        '"date-received":"2026-01-01 00:00:00","status":"ACCEPTD","error-code":"1","error-code-label":"Unknown",'
        '"type":"MT"}'
    )
    assert after.text == (
        f'{{"message-id":"{message_id}","account-id":"abcd1234","network":"23410","from":"Acme",'
        '"to":"447700900001","body":"Your parcel is here","price":"0.03330000",'
        '"date-received":"2026-01-01 00:00:00","final-status":"DELIVRD","date-closed":"2026-01-01 00:00:01",'
        '"latency":1000,"type":"MT"}'
    )
    [entry] = (await house.control("GET", "requests?operation=sms.search_message"))["items"][:1]
    assert (entry["about"], entry["status"], entry["outcome"]) == (message_id, 200, None)


async def test_every_part_of_a_message_is_found_by_its_own_id(house: House) -> None:
    """Each with its own piece of the text."""
    answer = await house.send(text="A" * 153 + "B" * 8)
    first, second = (each["message-id"] for each in answer["messages"])
    await house.advance("5s")

    assert (await get(house, "message", id=first)).json() == item(first, body="A" * 153)
    assert (await get(house, "message", id=second)).json() == item(second, body="B" * 8)
    both = (await get(house, "messages", ids=[second, first])).json()
    assert both == {"count": 2, "items": [item(second, body="B" * 8), item(first, body="A" * 153)]}


@pytest.mark.parametrize("accept", XML)
async def test_one_message_in_xml(house: House, accept: str) -> None:
    """Under the type that was asked for."""
    message_id = await send(house, text="Tea & <cake>", client__ref="7")
    await house.advance("5s")

    answer = await get(house, "message", accept, id=message_id)

    assert answer.headers["content-type"] == accept
    assert answer.text == (
        f"{PROLOG}<message><message-id>{message_id}</message-id><account-id>abcd1234</account-id>"
        "<network>23410</network><from>Acme</from><to>447700900001</to><body>Tea &amp; &lt;cake&gt;</body>"
        "<price>0.03330000</price><date-received>2026-01-01 00:00:00</date-received>"
        "<final-status>DELIVRD</final-status><date-closed>2026-01-01 00:00:01</date-closed>"
        "<latency>1000</latency><client-ref>7</client-ref><type>MT</type></message>"
    )


@pytest.mark.parametrize("accept", ["", "application/json", *XML])
async def test_an_id_that_nobody_knows_is_an_empty_answer(house: House, accept: str) -> None:
    """HTTP 200 and not a byte; no type that a client would try to read; source: reference sms §13 (C)."""
    answer = await get(house, "message", accept, id="0C00000000000000")

    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["content-type"], answer.headers["content-length"]) == ("text/plain", "0")


async def test_messages_are_found_by_day_and_recipient(house: House) -> None:
    """All of that day in UTC to that number, oldest first, and no other."""
    first = await send(house, text="one")
    await send(house, to="447700900002")
    await house.advance("23h")
    second = await send(house, text="two")
    await house.advance("1h")
    third = await send(house, text="three")

    days = [
        (await get(house, "messages", date=date, to="447700900001")).json()
        for date in ("2025-12-31", DATE, "2026-01-02")
    ]

    nothing, one, other = days
    assert nothing == {"count": 0, "items": []}
    assert one == {
        "count": 2,
        "items": [
            item(first, body="one"),
            item(
                second,
                body="two",
                date_received="2026-01-01 23:00:00",
                date_closed="2026-01-01 23:00:01",
            ),
        ],
    }
    assert [each["message-id"] for each in other["items"]] == [third]
    assert (await get(house, "messages", date=DATE, to="+447700900001")).json() == one


async def test_a_list_in_xml(house: House) -> None:
    """Count and items; an empty one too; source: reference sms §13."""
    first, second = await send(house, text="one"), await send(house, text="two", to="447700900002")
    await house.advance("5s")

    answer = await get(house, "messages", "application/xml", ids=[first, "nobody", second])
    empty = await get(house, "messages", "application/xml", ids="nobody")

    def one(message_id: str, to: str, body: str) -> str:
        return (
            f"<message><message-id>{message_id}</message-id><account-id>abcd1234</account-id>"
            f"<network>23410</network><from>Acme</from><to>{to}</to><body>{body}</body><price>0.03330000</price>"
            "<date-received>2026-01-01 00:00:00</date-received><final-status>DELIVRD</final-status>"
            "<date-closed>2026-01-01 00:00:01</date-closed><latency>1000</latency><type>MT</type></message>"
        )

    items = one(first, "447700900001", "one") + one(second, "447700900002", "two")
    assert answer.text == f"{PROLOG}<messages><count>2</count><items>{items}</items></messages>"
    assert empty.text == f"{PROLOG}<messages><count>0</count><items></items></messages>"


@pytest.mark.parametrize("count", [999, 1000, 1001, 2000])
async def test_more_than_a_page_of_the_store_is_found(house: House, count: int) -> None:
    """The count is that of all."""
    sent = [f"M{k}" for k in range(count)]
    await put(house, *(message(id=each, parts=(Part(each, PartStatus.SUBMITTED, "0", NOW),)) for each in sent))

    answer = await get(house, "messages", date=DATE, to="447700900001")

    assert [each["message-id"] for each in answer.json()["items"]] == sent
    assert answer.json()["count"] == count


REJECTED: list[tuple[dict[str, str], str, str, str]] = [
    ({"to": "x"}, "", "3", "to address is not numeric"),
    ({"from_": ""}, "23410", "2", "Missing from param"),
    ({"text": ""}, "23410", "2", "Missing Message Text"),
    ({"ttl": "1"}, "23410", "16", "value for ttl field out of range"),
    ({"to": "0447700900001"}, "", "6", "Unroutable message - rejected"),
    ({"text": "A" * 3201}, "23410", "12", "Message too long"),
]


@pytest.mark.parametrize(("params", "network", "code", "label"), REJECTED, ids=lambda value: str(value)[:30])
async def test_what_was_refused_is_found_among_the_rejections(
    house: House, params: dict[str, str], network: str, code: str, label: str
) -> None:
    """With the status and the text of the submission; source: reference sms §13 (A, B)."""
    sent = {"from_": "Acme", "to": "447700900001", "text": "Hi", **params}
    answer = await house.send(**params)
    assert answer["messages"][0]["status"] == code

    listed = (await get(house, "rejections", date=DATE, to=sent["to"])).json()

    [one] = listed["items"]
    message_id = one["message-id"]
    assert listed["count"] == 1
    assert one == {
        "message-id": message_id,
        "account-id": KEY,
        **({"network": network} if network else {}),
        "from": sent["from_"],
        "to": sent["to"],
        "body": sent["text"],
        "price": "0",
        "date-received": "2026-01-01 00:00:00",
        "status": "REJECTD",
        "error-code": code,
        "error-code-label": label,
        "type": "MT",
    }
    assert len(message_id) == 16
    # It is no message.
    assert (await get(house, "message", id=message_id)).content == b""
    assert (await get(house, "messages", date=DATE, to=sent["to"])).json() == {"count": 0, "items": []}
    assert (await house.control("GET", "messages"))["items"] == []


async def test_throttled_and_unpaid_messages_are_rejections_too(house: House) -> None:
    """With what stands in the text filled in."""
    await house.control("PATCH", f"accounts/{KEY}", {"limits": {"sms": "1/s"}})
    await house.send()
    await house.send()
    await house.control("PATCH", f"accounts/{KEY}", {"limits": {"sms": None}, "balance": "0.01 EUR"})
    await house.send()

    listed = (await get(house, "rejections", date=DATE, to="447700900001")).json()["items"]

    assert [(each["error-code"], each["error-code-label"]) for each in listed] == [
        ("1", "Throughput Rate Exceeded - please wait [ 1000 ] and retry"),
        ("9", "Quota Exceeded - rejected"),
    ]


async def test_what_never_reached_the_platform_is_no_rejection(house: House) -> None:
    """Wrong credentials, and a message to nobody."""
    await house.send(api_secret="wrong")
    await house.send(to="")

    assert (await get(house, "rejections", date=DATE, to="447700900001")).json() == {"count": 0, "items": []}


@pytest.mark.parametrize("accept", XML)
async def test_rejections_in_xml(house: House, accept: str) -> None:
    """Items are called rejection."""
    await house.send(to="x", text="a < b")
    listed = (await get(house, "rejections", date=DATE, to="x")).json()["items"]

    answer = await get(house, "rejections", accept, date=DATE, to="x")

    assert answer.headers["content-type"] == accept
    assert answer.text == (
        f"{PROLOG}<rejections><count>1</count><items><rejection><message-id>{listed[0]['message-id']}</message-id>"
        "<account-id>abcd1234</account-id><from>Acme</from><to>x</to><body>a &lt; b</body><price>0</price>"
        "<date-received>2026-01-01 00:00:00</date-received><status>REJECTD</status><error-code>3</error-code>"
        "<error-code-label>to address is not numeric</error-code-label><type>MT</type></rejection></items></rejections>"
    )


async def put(house: House, *records: Message | Account) -> None:
    """Store what no request can make yet."""
    start = await house.store.begin("default")
    await house.store.commit("default", start.epoch, Change(put=records))


async def test_received_messages_are_found_as_well(house: House) -> None:
    """By id, and by the number they came to."""
    came = message(
        id="IN1",
        direction=Direction.INBOUND,
        sender="447700900001",
        to="447700900000",
        parts=(Part("IN1", PartStatus.DELIVERED, "0", NOW),),
        text="Tea?",
        price=0,
    )
    await put(house, came)
    said = {
        "message-id": "IN1",
        "account-id": KEY,
        "network": "23410",
        "from": "447700900001",
        "to": "447700900000",
        "body": "Tea?",
        "date-received": "2026-01-01 00:00:00",
        "type": "MO",
    }

    assert (await get(house, "message", id="IN1")).json() == said
    by_day = await get(house, "messages", date=DATE, to="447700900000")
    assert by_day.json() == {"count": 1, "items": [said]}
    assert "<type>MO</type>" in (await get(house, "message", "text/xml", id="IN1")).text


async def test_what_a_person_texts_is_found_part_by_part(house: House) -> None:
    """With the number that it came to as the recipient."""
    act = {"to": "447700900000", "text": "A" * 153 + "B" * 8}
    ids = (await house.control("POST", "handsets/447700900001/sms", act))["ids"]

    listed = (await get(house, "messages", date=DATE, to="447700900000")).json()

    assert [(each["message-id"], each["body"], each["type"]) for each in listed["items"]] == [
        (ids[0], "A" * 153, "MO"),
        (ids[1], "B" * 8, "MO"),
    ]
    assert (await get(house, "message", id=ids[1])).json() == listed["items"][1]
    assert (await get(house, "messages", date=DATE, to="447700900001")).json()["count"] == 0


async def test_another_accounts_messages_are_nobodys_business(house: House) -> None:
    """Not by id, not by day, nor its rejections."""
    await put(house, message(id="X1", account="other", parts=(Part("X1", PartStatus.SUBMITTED, "0", NOW),)))

    assert (await get(house, "message", id="X1")).content == b""
    assert (await get(house, "messages", ids="X1")).json() == {"count": 0, "items": []}
    assert (await get(house, "messages", date=DATE, to="447700900001")).json() == {"count": 0, "items": []}


WRONG: list[tuple[str, Mapping[str, str | list[str]], dict[str, str]]] = [
    ("message", {}, {"id": REQUIRED}),
    ("message", {"id": ""}, {"id": REQUIRED}),
    ("message", {"ids": "M1"}, {"id": REQUIRED}),
    ("messages", {}, {"ids": REQUIRED}),
    ("messages", {"ids": [f"M{k}" for k in range(11)]}, {"ids": "Must be 10 at most."}),
    ("messages", {"date": DATE}, {"to": REQUIRED}),
    ("messages", {"to": "1"}, {"date": REQUIRED}),
    ("messages", {"to": "1", "date": "today"}, {"date": BAD_DATE}),
    ("rejections", {}, {"date": REQUIRED, "to": REQUIRED}),
    ("rejections", {"date": DATE}, {"to": REQUIRED}),
    ("rejections", {"to": "1"}, {"date": REQUIRED}),
    ("rejections", {"to": "1", "date": "2026-1-1"}, {"date": BAD_DATE}),
]


@pytest.mark.parametrize(("path", "params", "said"), WRONG)
async def test_missing_and_wrong_parameters_are_named(
    house: House, path: str, params: Mapping[str, str | list[str]], said: dict[str, str]
) -> None:
    """400 with an object of sentences, in JSON and XML; source: reference sms §13 (B)."""
    as_json, as_xml = await get(house, path, **params), await get(house, path, "application/xml", **params)

    assert as_json.status_code == as_xml.status_code == 400
    assert as_json.json() == {"type": "BAD_REQUEST", "error_title": "Bad Request", "invalid_parameters": said}
    entries = "".join(f"<entry><key>{name}</key><value>{why}</value></entry>" for name, why in said.items())
    assert as_xml.headers["content-type"] == "application/xml"
    assert as_xml.text == (
        f"{PROLOG}<error><type>BAD_REQUEST</type><error_title>Bad Request</error_title>"
        f"<invalid_parameters>{entries}</invalid_parameters></error>"
    )


@pytest.mark.parametrize("path", ["message", "messages", "rejections"])
@pytest.mark.parametrize(
    "who",
    [
        {},
        {"api_key": KEY},
        {"api_key": KEY, "api_secret": "wrong"},
        {"api_key": "nobody00", "api_secret": SECRET},
        {"api_key": KEY, "sig": "0" * 32},
        {"api_key": KEY, "api_secret": SECRET, "sig": "0" * 32},
    ],
)
async def test_wrong_credentials_are_401_before_anything_else(house: House, path: str, who: dict[str, str]) -> None:
    """Even where parameters are missing; source: reference sms §13 (B), account §1.2."""
    answer = await house.client.get(f"/search/{path}", params=who)
    in_xml = await house.client.get(f"/search/{path}", params=who, headers={"accept": "text/xml"})

    assert answer.status_code == in_xml.status_code == 401
    assert answer.json() == {"error-code": "401", "error-code-label": "authentication failed"}
    assert in_xml.text == (
        f"{PROLOG}<response><error-code>401</error-code>"
        "<error-code-label>authentication failed</error-code-label></response>"
    )


async def test_a_basic_header_is_taken(house: House) -> None:
    """Source: reference sms §13."""
    token = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()

    answer = await house.client.get(
        "/search/messages", params={"ids": "M1"}, headers={"authorization": f"Basic {token}"}
    )

    assert answer.json() == {"count": 0, "items": []}


@pytest.mark.parametrize("path", ["message", "messages", "rejections"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_search_is_by_get_alone(house: House, path: str, method: str) -> None:
    """405 and what is allowed; source: reference account §1.2 (D)."""
    answer = await house.client.request(method, f"/search/{path}", params=WHO)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json() == {"error-code": "405", "error-code-label": "method not allowed"}


@pytest.mark.parametrize(
    ("trouble", "status"),
    [("bad_credentials", 401), ("throttled", 429), ("server_error", 500), ("unavailable", 500), ("no_credit", 500)],
)
async def test_a_fault_is_worded_as_search_words_it(house: House, trouble: str, status: int) -> None:
    """Never as a refused SMS."""
    fault = {"name": "f", "target": "sms.search_message", "answer": trouble}
    await house.control("POST", "faults", fault, status=201)

    answer = await get(house, "message", id="M1")

    assert answer.status_code == status
    assert answer.json()["error-code"] == str(status)
