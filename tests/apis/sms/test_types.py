"""Messages that are neither text nor unicode: what they weigh and cost, what is kept of them, and whole answers."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.apis.sms import types_rules as rules
from fake_nexmo.apis.sms import wire
from fake_nexmo.apis.sms.model import Content, MessageType, Send, SmsRefusal
from fake_nexmo.control import words
from fake_nexmo.core.records import Direction, Message, Part, PartStatus
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.network.segments import Segments
from tests.house import House

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
BASE = {"api_key": KEY, "api_secret": SECRET, "from": "Acme", "to": "447700900001"}
UDH = "06050415811581"
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Müller\nEND:VCARD"


def refusal_of(kind: MessageType, content: Content) -> Enum | None:
    """What becomes of a message of that content: the row that refuses it, or None."""
    try:
        rules.present(kind, content)
        if kind is MessageType.BINARY:
            rules.well_formed(content)
        rules.count(kind, content)
    except Refusal as refusal:
        return refusal.row
    return None


@pytest.mark.parametrize(
    ("kind", "content", "row"),
    [
        (MessageType.BINARY, Content(), SmsRefusal.MISSING_BODY),
        (MessageType.BINARY, Content(udh=UDH), SmsRefusal.MISSING_BODY),
        (MessageType.BINARY, Content(body="0"), SmsRefusal.INVALID_BODY),
        (MessageType.BINARY, Content(body="0g"), SmsRefusal.INVALID_BODY),
        (MessageType.BINARY, Content(body="٠٠"), SmsRefusal.INVALID_BODY),
        (MessageType.BINARY, Content(body="00", udh="0"), SmsRefusal.INVALID_UDH),
        (MessageType.BINARY, Content(body="00", udh="01"), SmsRefusal.INVALID_UDH),
        (MessageType.BINARY, Content(body="00", udh="00"), None),
        (MessageType.BINARY, Content(body="00", udh=UDH), None),
        (MessageType.BINARY, Content(body="00", udh=UDH, protocol_id="0"), None),
        (MessageType.BINARY, Content(body="00", udh=UDH, protocol_id="255"), None),
        (MessageType.BINARY, Content(body="00", protocol_id="256"), SmsRefusal.INVALID_PROTOCOL),
        (MessageType.BINARY, Content(body="00", protocol_id="9" * 30), SmsRefusal.INVALID_PROTOCOL),
        (MessageType.BINARY, Content(body="aF" * 140), None),
        (MessageType.BINARY, Content(body="00" * 141), SmsRefusal.TOO_LONG),
        (MessageType.BINARY, Content(body="00" * 133, udh=UDH), None),
        (MessageType.BINARY, Content(body="00" * 134, udh=UDH), SmsRefusal.TOO_LONG),
        (MessageType.WAPPUSH, Content(), SmsRefusal.MISSING_TITLE),
        (MessageType.WAPPUSH, Content(url="u"), SmsRefusal.MISSING_TITLE),
        (MessageType.WAPPUSH, Content(title="t"), SmsRefusal.MISSING_URL),
        (MessageType.WAPPUSH, Content(title="t", url="u"), None),
        (MessageType.WAPPUSH, Content(title="t" * 1600, url="u" * 1600), None),
        (MessageType.WAPPUSH, Content(title="t" * 1600, url="u" * 1601), SmsRefusal.TOO_LONG),
        (MessageType.VCARD, Content(vcal="c"), SmsRefusal.MISSING_VCARD),
        (MessageType.VCARD, Content(vcard="c" * 3200), None),
        (MessageType.VCARD, Content(vcard="c" * 3201), SmsRefusal.TOO_LONG),
        (MessageType.VCAL, Content(vcard="c"), SmsRefusal.MISSING_VCAL),
        (MessageType.VCAL, Content(vcal="c"), None),
    ],
)
def test_what_a_type_needs_and_how_long_it_may_be(kind: MessageType, content: Content, row: SmsRefusal | None) -> None:
    """Each bound from both sides; source: reference sms §5, §8.2."""
    assert refusal_of(kind, content) is row


@pytest.mark.parametrize(
    ("kind", "content", "segments"),
    [
        (MessageType.BINARY, Content(body="00"), Segments(1, 1, "octets")),
        (MessageType.BINARY, Content(body="00" * 133, udh=UDH), Segments(1, 140, "octets")),
        (MessageType.BINARY, Content(body="00" * 140), Segments(1, 140, "octets")),
        (MessageType.WAPPUSH, Content(title="t" * 33, url="u" * 100), Segments(1, 133, "octets")),
        (MessageType.WAPPUSH, Content(title="t" * 34, url="u" * 100), Segments(2, 134, "octets")),
        (MessageType.VCARD, Content(vcard="c" * 133), Segments(1, 133, "octets")),
        (MessageType.VCARD, Content(vcard="c" * 134), Segments(2, 134, "octets")),
        (MessageType.VCARD, Content(vcard="c" * 256), Segments(2, 256, "octets")),
        (MessageType.VCARD, Content(vcard="c" * 257), Segments(3, 257, "octets")),
        (MessageType.VCARD, Content(vcard="€" * 44 + "c"), Segments(1, 133, "octets")),
        (MessageType.VCARD, Content(vcard="ü" * 67), Segments(2, 134, "octets")),
        (MessageType.VCAL, Content(vcal="😀" * 33 + "c"), Segments(1, 133, "octets")),
        (MessageType.VCAL, Content(vcal="c" * 3200), Segments(25, 3200, "octets")),
    ],
)
def test_what_a_message_weighs(kind: MessageType, content: Content, segments: Segments) -> None:
    """Octets, in UTF-8 where it is text: 133 in one part, else 128 each; source: reference sms §8.2."""
    assert rules.count(kind, content) == segments


@given(body=st.binary(min_size=1, max_size=150), rest=st.binary(max_size=20))
def test_any_octets_with_a_right_header_are_one_message_up_to_140(body: bytes, rest: bytes) -> None:
    """Whatever they are; the header says its own length."""
    udh = bytes([len(rest)]) + rest
    content = Content(body=body.hex(), udh=udh.hex())

    row = refusal_of(MessageType.BINARY, content)

    assert row is (None if len(body) + len(udh) <= 140 else SmsRefusal.TOO_LONG)
    kept = rules.facts(MessageType.BINARY, content)
    assert (bytes.fromhex(kept["body"]), bytes.fromhex(kept["udh"])) == (body, udh)
    assert kept["body"] == kept["body"].upper()


@pytest.mark.parametrize(
    ("validity", "kept"),
    [
        ("", 172_800_000),
        ("1", 1),
        ("86400000", 86_400_000),
        ("0", 172_800_000),
        ("-5", 172_800_000),
        ("two days", 172_800_000),
    ],
)
def test_a_validity_that_is_wrong_is_ignored(validity: str, kept: int) -> None:
    """48 hours then, as without one; source: reference sms §5."""
    content = Content(title="t", url="u", validity=validity)

    assert rules.facts(MessageType.WAPPUSH, content) == {"title": "t", "url": "u", "validity": kept}


@pytest.mark.parametrize("kind", ["text", "unicode"])
def test_what_a_text_does_not_carry_is_not_read(kind: str) -> None:
    """Source: reference sms §16: the library fills in whatever its user wrote."""
    command = wire.parse_send({"type": kind, "text": "Hi", "body": "zz", "udh": "1", "protocol-id": "999"})

    assert command == Send(sender="", to="", type=kind, text="Hi")


def test_every_parameter_of_the_types_is_read() -> None:
    """As it came; nothing is judged."""
    params = {
        "type": "binary",
        "body": "b",
        "udh": "u",
        "protocol-id": "p",
        "title": "t",
        "url": "l",
        "validity": "v",
        "vcard": "c",
        "vcal": "d",
    }

    assert wire.parse_send(params).content == Content("b", "u", "p", "t", "l", "v", "c", "d")


# ------------------------------------------------------------------------------------------- through the house


def element(message_id: str, balance: str, **more: str) -> dict[str, str]:
    return {
        "to": "447700900001",
        "message-id": message_id,
        "status": "0",
        "remaining-balance": balance,
        "message-price": "0.03330000",
        "network": "23410",
        **more,
    }


TYPES: list[tuple[dict[str, str], dict[str, Any], int]] = [
    ({"type": "binary", "body": "0aff"}, {"body": "0AFF", "udh": "", "protocol_id": 0}, 1),
    (
        {"type": "binary", "body": "0AfF" * 33, "udh": UDH.lower(), "protocol-id": "127", "text": "beside"},
        {"body": "0AFF" * 33, "udh": UDH, "protocol_id": 127},
        1,
    ),
    (
        {"type": "wappush", "title": "Shop & <b>", "url": "http://shop.test/?a=1&b=é"},
        {"title": "Shop & <b>", "url": "http://shop.test/?a=1&b=é", "validity": 172_800_000},
        1,
    ),
    (
        {"type": "wappush", "title": "T", "url": "u" * 256, "validity": "60000"},
        {"title": "T", "url": "u" * 256, "validity": 60_000},
        3,
    ),
    ({"type": "vcard", "vcard": CARD}, {"vcard": CARD}, 1),
    ({"type": "vcard", "vcard": CARD * 3}, {"vcard": CARD * 3}, 2),
    ({"type": "vcal", "vcal": "BEGIN:VCALENDAR\r\nEND:VCALENDAR"}, {"vcal": "BEGIN:VCALENDAR\r\nEND:VCALENDAR"}, 1),
]


@pytest.mark.parametrize(("fields", "extra", "parts"), TYPES, ids=lambda value: str(getattr(value, "get", str)("type")))
async def test_a_message_of_a_type_is_charged_by_its_parts_and_kept_whole(
    house: House, fields: dict[str, str], extra: dict[str, Any], parts: int
) -> None:
    """One element for each part, the balance falling; the control API shows what the type carries, and no text."""
    answer = await house.client.post("/sms/json", data=BASE | fields | {"client-ref": "7"})

    [message] = (await house.control("GET", "messages"))["items"]
    balances = ["99.96670000", "99.93340000", "99.90010000"][:parts]
    assert answer.json() == {
        "message-count": str(parts),
        "messages": [
            element(message_id, left, **{"client-ref": "7"})
            for message_id, left in zip(message["ids"], balances, strict=True)
        ],
    }
    assert (message["type"], message["text"], message["extra"]) == (fields["type"], "", extra)
    assert (await house.control("GET", f"accounts/{KEY}"))["balance"] == f"{balances[-1][:7].rstrip('0')} EUR"
    await house.advance("5s")
    [message] = (await house.control("GET", "messages"))["items"]
    assert message["status"] == "delivered"


async def test_a_text_has_no_extra(house: House) -> None:
    """The member is there only where a type has something to say."""
    await house.send(text="Hi", body="00")

    [message] = (await house.control("GET", "messages"))["items"]
    assert "extra" not in message


async def test_the_answer_in_xml(house: House) -> None:
    """The same element by element, from a query."""
    answer = await house.client.get("/sms/xml", params=BASE | {"type": "vcard", "vcard": "c" * 134})

    [message] = (await house.control("GET", "messages"))["items"]
    first, second = message["ids"]
    parts = "".join(
        f"        <message>\n            <to>447700900001</to>\n            <messageId>{message_id}</messageId>\n"
        f"            <status>0</status>\n            <remainingBalance>{left}</remainingBalance>\n"
        "            <messagePrice>0.03330000</messagePrice>\n            <network>23410</network>\n"
        "        </message>\n"
        for message_id, left in ((first, "99.96670000"), (second, "99.93340000"))
    )
    assert answer.headers["content-type"] == "text/xml"
    assert answer.text == (
        "<?xml version='1.0' encoding='UTF-8' ?>\n<mt-submission-response>\n    <messages count='2'>\n"
        f"{parts}    </messages>\n</mt-submission-response>\n"
    )


@pytest.mark.parametrize(
    ("worse", "text"),
    [
        ({"type": "binary", "to": "x"}, "Missing body param"),
        ({"type": "wappush", "title": "t", "ttl": "1"}, "Missing url param"),
        ({"type": "binary", "body": "zz", "to": "x"}, "to address is not numeric"),
        ({"type": "binary", "body": "zz", "ttl": "1"}, "value for ttl field out of range"),
        ({"type": "binary", "body": "zz", "to": "0"}, "Invalid body"),
        ({"type": "binary", "body": "zz", "udh": "zz", "protocol-id": "zz"}, "Invalid body"),
        ({"type": "binary", "body": "00", "udh": "zz", "protocol-id": "zz"}, "Invalid udh"),
        ({"type": "binary", "body": "00" * 141, "to": "0"}, "Unroutable message - rejected"),
        ({"type": "vcard", "vcard": "c" * 3201, "to": "0"}, "Unroutable message - rejected"),
    ],
)
async def test_the_order_of_checks_is_that_of_any_message(house: House, worse: dict[str, str], text: str) -> None:
    """Presence, format, routing, length; source: reference sms §5.1."""
    answer = await house.client.post("/sms/json", data=BASE | worse)

    assert answer.json()["messages"][0]["error-text"] == text


def test_broken_characters_are_shown_in_a_way_that_json_can_hold() -> None:
    """A lone surrogate, the remains of a broken escape."""
    one = Message(
        id="M1",
        owner="sms",
        account="main",
        direction=Direction.OUTBOUND,
        sender="Acme",
        to="447700900001",
        type="wappush",
        text="",
        parts=(Part("M1", PartStatus.SUBMITTED, "0", 0),),
        network="23410",
        price=1,
        submitted_at=0,
        extra={"title": "x\ud83d", "url": "u", "validity": 7},
    )

    assert words.message(one)["extra"] == {"title": "x?", "url": "u", "validity": 7}
