"""The SMS API's words: what is read from parameters, and every byte of answers and webhooks."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.sms import wire
from fake_nexmo.apis.sms.model import ROWS, Send, Sent, SmsRefusal
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Attempt, Delivery, Direction, Message, Part, PartStatus
from fake_nexmo.core.signature import SignatureMethod
from fake_nexmo.core.wording import Worded, Wording

R = SmsRefusal
TO = ("to", "447700900001")


def said(status: int, text: str, *before: tuple[str, str], after: tuple[tuple[str, str], ...] = ()) -> wire.Element:
    """The element of a refusal."""
    return [*before, ("status", str(status)), ("error-text", text), *after]


# Every row, in the words of reference sms §7 and its sub-cases in §3 and §5.
REFUSALS: list[tuple[SmsRefusal, wire.Element]] = [
    (
        R.THROTTLED,
        said(1, "Throughput Rate Exceeded - please wait [ 702 ] and retry", TO, after=(("network", "23410"),)),
    ),
    (
        R.THROTTLED_ACCOUNT,
        said(
            1,
            "Exceeded maximum MT throughput[ MAX [ 30 ] INTERVAL [ 1000 ] COUNT [ 30 ] LAST INT-START [ 1617784922564 ]"
            " TIME_SINCE_LAST_INTERVAL_START [ 529 ]  ] ",
        ),
    ),
    (R.THROTTLED_PLAIN, said(1, "Throttled")),
    (R.MISSING_KEY, said(2, "Missing api_key")),
    (R.MISSING_SECRET, said(2, "Missing api_secret")),
    (R.MISSING_FROM, said(2, "Missing from param")),
    (R.MISSING_TO, said(2, "Missing to param")),
    (R.MISSING_TEXT, said(2, "Missing Message Text")),
    (R.MISSING_BODY, said(2, "Missing body param")),
    (R.MISSING_TITLE, said(2, "Missing title param")),
    (R.MISSING_URL, said(2, "Missing url param")),
    (R.MISSING_VCARD, said(2, "Missing vcard param")),
    (R.MISSING_VCAL, said(2, "Missing vcal param")),
    (R.MISSING_PIN, said(2, "Missing pin param")),
    (R.MISSING_KEYWORD, said(2, "Missing keyword param")),
    (R.NOT_NUMERIC, said(3, "to address is not numeric")),
    (R.INVALID_TYPE, said(3, "Invalid type")),
    (R.INVALID_BODY, said(3, "Invalid body")),
    (R.INVALID_UDH, said(3, "Invalid udh")),
    (R.INVALID_PROTOCOL, said(3, "Invalid protocol-id")),
    (R.INVALID_PIN, said(3, "Invalid pin")),
    (R.INVALID_TEMPLATE, said(3, "Invalid template")),
    (R.BAD_CREDENTIALS, said(4, "Bad Credentials")),
    (R.SERVER_ERROR, said(5, "Server Error")),
    (R.UNROUTABLE, said(6, "Unroutable message - rejected", TO)),
    (R.NUMBER_BARRED, said(7, "Number barred.", TO)),
    (R.ACCOUNT_BARRED, said(8, "Partner account barred")),
    (
        R.NO_CREDIT,
        said(
            9,
            "Quota Exceeded - rejected",
            TO,
            after=(("remaining-balance", "0.01000000"), ("message-price", "0.03330000"), ("network", "23410")),
        ),
    ),
    (R.TOO_MANY_BINDS, said(10, "Too Many Existing Binds")),
    (R.NOT_ENABLED, said(11, "Account not enabled for REST")),
    (R.TOO_LONG, said(12, "Message too long")),
    (R.COMMUNICATION_FAILED, said(13, "Communication Failed")),
    (R.INVALID_SIGNATURE, said(14, "Invalid Signature")),
    (R.ILLEGAL_SENDER, said(15, "Illegal Sender Address - rejected", TO)),
    (R.INVALID_TTL, said(16, "value for ttl field out of range")),
    (R.UNREACHABLE, said(17, "Number unreachable", TO)),
    (R.TOO_MANY_DESTINATIONS, said(18, "Too many destinations")),
    (R.NOT_ALLOWED, said(19, "Facility not allowed")),
    (R.INVALID_CLASS, said(20, "Invalid Message class")),
    (R.INVALID_NETWORK, said(22, "Invalid Network Code")),
    (R.CALLBACK_PROTOCOL, said(23, "Bad callback :: Missing Protocol")),
    (R.INVALID_CALLBACK, said(23, "Invalid Callback URL")),
    (R.DEMO, said(29, "Non White-listed Destination - rejected", TO)),
    (R.SIGNATURE_AND_SECRET, said(32, "Signature And API Secret Disallowed")),
    (R.DEACTIVATED, said(33, "Number De-activated", TO)),
    (R.INVALID_MSISDN, said(34, "Invalid or Missing Msisdn Param")),
    (R.CAMPAIGN_ACCOUNT, said(101, "Invalid Account for Campaign")),
    (R.OPTED_OUT, said(102, "RESPONSE_MSISDN_OPTED_OUT_FOR_CAMPAIGN")),
    (R.CAMPAIGN_SHORT_CODE, said(102, "RESPONSE_INVALID_CAMPAIGN_SHORTCODE")),
    (R.CAMPAIGN_MSISDN, said(103, "RESPONSE_INVALID_MSISDN")),
]
# All facts that any row can ask for; a row takes its own.
FACTS: dict[str, Any] = {
    "to": "447700900001",
    "network": "23410",
    "balance": 1_000_000,
    "price": 3_330_000,
    "wait_ms": 702,
    "max": 30,
    "start_ms": 1617784922564,
    "since_ms": 529,
}


@pytest.mark.parametrize(("row", "element"), REFUSALS, ids=lambda value: getattr(value, "value", ""))
def test_every_refusal_has_its_status_text_and_extra_members(row: SmsRefusal, element: wire.Element) -> None:
    """In the order of the wire; a row takes no fact that is not its own; source: reference sms §7, §1.2."""
    assert wire.refused(row, FACTS) == [element]
    assert str(ROWS[row].status) == dict(element)["status"]
    assert wire.error_text(row, FACTS) == dict(element)["error-text"]


def test_every_row_of_the_table_has_its_words() -> None:
    """A new row needs a case here."""
    assert [row for row, _ in REFUSALS] == list(SmsRefusal) == list(ROWS)


@pytest.mark.parametrize("row", [R.UNROUTABLE, R.NO_CREDIT], ids=lambda row: row.value)
def test_a_fact_that_nobody_knows_is_left_out(row: SmsRefusal) -> None:
    """Rather than answered as nothing."""
    assert wire.refused(row, {"to": None}) == [said(ROWS[row].status, ROWS[row].text)]


@pytest.mark.parametrize(
    ("row", "pattern"),
    [(R.THROTTLED, "please wait [ 702 ] and retry")],
)
def test_clients_that_read_the_text_find_what_they_look_for(row: SmsRefusal, pattern: str) -> None:
    """One library waits as many milliseconds as stand in the brackets; source: reference sms §9, §19."""
    assert pattern in wire.error_text(row, FACTS)


# ------------------------------------------------------------------------------------------------------- commands


def test_a_command_is_what_the_parameters_say() -> None:
    """Wire names in, words of the house out; source: reference sms §5."""
    params = {
        "from": "Acme",
        "to": "+447700900001",
        "type": "unicode",
        "text": "ż",
        "status-report-req": "0",
        "callback": "http://shop.test/",
        "ttl": "20000",
        "message-class": "0",
        "network-code": "23410",
        "client-ref": "c",
        "account-ref": "a",
        "api_key": "ignored here",
    }

    assert wire.parse_send(params) == Send(
        sender="Acme",
        to="447700900001",
        type="unicode",
        text="ż",
        wants_receipt=False,
        callback="http://shop.test/",
        ttl="20000",
        message_class="0",
        network_code="23410",
        client_ref="c",
        account_ref="a",
    )


def test_what_is_absent_is_empty_and_the_type_is_text() -> None:
    """Nothing is judged here."""
    assert wire.parse_send({}) == Send(sender="", to="", type="text", text="")
    assert wire.parse_send({"type": "", "to": "++1"}) == Send(sender="", to="+1", type="text", text="")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("false", False), ("0", False), ("False", False), (" FALSE\n", False)]
    + [(value, True) for value in ("true", "1", "True", "", "no", "off", "2", "00", "none")],
)
def test_only_a_plain_no_switches_receipts_off(value: str, wanted: bool) -> None:
    """Anything unreadable counts as true; source: reference sms §5."""
    assert wire.parse_send({"status-report-req": value}).wants_receipt is wanted


# -------------------------------------------------------------------------------------------------------- answers


def message(parts: int = 1, **fields: Any) -> Message:
    """A message of so many parts that cost 0.0333 EUR each."""
    given: dict[str, Any] = {
        "id": "ID0",
        "owner": "sms",
        "account": "main",
        "direction": Direction.OUTBOUND,
        "sender": "Acme",
        "to": "447700900001",
        "type": "text",
        "text": "Hi",
        "parts": tuple(Part(f"ID{k}", PartStatus.SUBMITTED, "0", 0) for k in range(parts)),
        "network": "23410",
        "price": 3_330_000,
        "submitted_at": 0,
    }
    return Message(**given | fields)


def test_an_acceptance_has_its_members_in_the_order_of_the_wire() -> None:
    """References last, and only when they were sent; source: reference sms §1.2."""
    head = [
        ("to", "447700900001"),
        ("message-id", "ID0"),
        ("status", "0"),
        ("remaining-balance", "12.40120000"),
        ("message-price", "0.03330000"),
        ("network", "23410"),
    ]
    both = Sent(message(client_ref="c", account_ref="a"), unlimited=False)

    assert wire.acceptance(Sent(message(), unlimited=False), 1_240_120_000) == [head]
    assert wire.acceptance(both, 1_240_120_000) == [[*head, ("client-ref", "c"), ("account-ref", "a")]]


@given(parts=st.integers(1, 100), left=st.integers(0, 10**12), unlimited=st.booleans())
def test_the_balance_falls_by_one_price_a_part_and_ends_at_what_is_left(parts: int, left: int, unlimited: bool) -> None:
    """Of an unlimited account it stays; source: reference sms §8.3."""
    elements = wire.acceptance(Sent(message(parts), unlimited), left)

    shown = [int(dict(each)["remaining-balance"].replace(".", "")) for each in elements]
    step = 0 if unlimited else 3_330_000
    assert shown == [left + step * (parts - 1 - k) for k in range(parts)]
    assert [dict(each)["message-id"] for each in elements] == [f"ID{k}" for k in range(parts)]


TWO: list[wire.Element] = [[("to", "1"), ("status", "0")], [("to", "2"), ("client-ref", 'q"<&>é')]]


def test_the_layout_of_json() -> None:
    """Four spaces; the first element opens on the line of ``messages``; source: reference sms §1.2 (A)."""
    assert wire.json_answer(TWO[:1]) == (
        b'{\n    "message-count": "1",\n    "messages": [{\n        "to": "1",\n        "status": "0"\n    }]\n}'
    )
    assert wire.json_answer(TWO).decode() == (
        '{\n    "message-count": "2",\n    "messages": [{\n        "to": "1",\n        "status": "0"\n    }, {\n'
        '        "to": "2",\n        "client-ref": "q\\"<&>é"\n    }]\n}'
    )


def test_the_layout_of_xml() -> None:
    """Source: reference sms §6 (B)."""
    assert wire.xml_answer(TWO).decode() == (
        "<?xml version='1.0' encoding='UTF-8' ?>\n<mt-submission-response>\n    <messages count='2'>\n"
        "        <message>\n            <to>1</to>\n            <status>0</status>\n        </message>\n"
        '        <message>\n            <to>2</to>\n            <clientRef>q"&lt;&amp;&gt;é</clientRef>\n'
        "        </message>\n    </messages>\n</mt-submission-response>\n"
    )


# What a form or JSON can bring: any character but a lone surrogate.
ANY_TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\x00\x1b\ufffe\uffff\r\n\t<&>]\"'"))


@given(text=ANY_TEXT)
@example(text="\ufffe\uffff")
@example(text="]]>")
@example(text="\r\n")
def test_json_and_xml_are_well_formed_whatever_was_sent(text: str) -> None:
    """JSON gives back every character; XML 1.0 cannot hold some, which become U+FFFD."""
    elements: list[wire.Element] = [[("to", "1"), ("client-ref", text)]]

    assert json.loads(wire.json_answer(elements))["messages"] == [{"to": "1", "client-ref": text}]
    found = ET.fromstring(wire.xml_answer(elements)).findtext("messages/message/clientRef")
    spoken = "".join(char if char.isprintable() or _xml_holds(char) else "\ufffd" for char in text)
    # Whoever reads XML sees every line end as one line feed.
    assert found == spoken.replace("\r\n", "\n").replace("\r", "\n")


def _xml_holds(char: str) -> bool:
    """Whether XML 1.0 can hold the character. Source: the production Char of XML 1.0."""
    return char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char >= "\U00010000"


# ------------------------------------------------------------------------------------------------------- webhooks

ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="s3cr3tS1gnKey")
FACTS_OF_RECEIPT = {
    "number": "447700900123",
    "sender": "AcmeShop",
    "network": "23410",
    "part": "0C00000012AB34CD",
    "price": 3_330_000,
    "status": "delivered",
    "status_at": 1_600_000_000_000_000,
    "err_code": "0",
    "client_ref": "order-77",
}


def wording(method: str = "GET", account: Account = ACCOUNT, attempts: int = 0, **facts: object) -> Wording:
    """An attempt at 2020-09-13 12:26:41 in the world."""
    delivery = Delivery(
        kind="receipt",
        owner="sms",
        account="main",
        about="0C00000012AB34CD",
        subject="0C00000012AB34CD",
        url="http://shop.test/dlr",
        method=method,
        facts=FACTS_OF_RECEIPT | facts,
        created_at=0,
        due_at=0,
        attempts=(Attempt(0, "GET", "", 500, "", 0),) * attempts,
    )
    return Wording(delivery, account, 1_600_000_001_999_999, 1600000001, Moment(1_600_000_001_999_999, 9, 42))


PLAIN = {
    "msisdn": "447700900123",
    "to": "AcmeShop",
    "network-code": "23410",
    "messageId": "0C00000012AB34CD",
    "price": "0.03330000",
    "status": "delivered",
    "scts": "2009131226",
    "err-code": "0",
    "api-key": "abcd1234",
    "client-ref": "order-77",
    "message-timestamp": "2020-09-13 12:26:41",
}


def test_a_receipt_by_get() -> None:
    """In the query, blanks as plus; source: reference sms §10.2 (A), §12.1."""
    assert wire.receipt(wording()) == Worded(
        "GET",
        "http://shop.test/dlr?msisdn=447700900123&to=AcmeShop&network-code=23410&messageId=0C00000012AB34CD"
        "&price=0.03330000&status=delivered&scts=2009131226&err-code=0&api-key=abcd1234&client-ref=order-77"
        "&message-timestamp=2020-09-13+12%3A26%3A41",
        (("User-Agent", "Nexmo/MessagingHUB/v1.0"),),
        b"",
    )


def test_a_receipt_by_form() -> None:
    """The same as a form, in UTF-8; source: reference sms §12.1."""
    worded = wire.receipt(wording("POST", client_ref="ü\n&="))

    assert worded == Worded(
        "POST",
        "http://shop.test/dlr",
        (
            ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),
            ("User-Agent", "Nexmo/MessagingHUB/v1.0"),
        ),
        b"msisdn=447700900123&to=AcmeShop&network-code=23410&messageId=0C00000012AB34CD&price=0.03330000"
        b"&status=delivered&scts=2009131226&err-code=0&api-key=abcd1234&client-ref=%C3%BC%0A%26%3D"
        b"&message-timestamp=2020-09-13+12%3A26%3A41",
    )


def test_a_receipt_by_json() -> None:
    """One flat object of strings, in the same order; source: reference sms §12.1."""
    worded = wire.receipt(wording("POST-JSON"))

    assert (worded.method, worded.url) == ("POST", "http://shop.test/dlr")
    assert worded.headers == (
        ("Content-Type", "application/json"),
        ("User-Agent", "Jakarta Commons-HttpClient/3.1"),
    )
    assert list(json.loads(worded.body).items()) == list(PLAIN.items())


def test_a_receipt_without_a_reference_has_none() -> None:
    """The key is absent, not empty."""
    worded = wire.receipt(wording("POST-JSON", client_ref=""))

    assert json.loads(worded.body) == {name: text for name, text in PLAIN.items() if name != "client-ref"}


def test_a_signed_receipt_has_stamp_nonce_and_signature_at_its_end() -> None:
    """With a fresh nonce for each attempt; source: reference sms §10.2, §12.2."""
    bodies = []
    for attempts in (0, 1):
        account = replace(ACCOUNT, signed_webhooks=True, signature_method=SignatureMethod.SHA256)
        bodies.append(json.loads(wire.receipt(wording("POST-JSON", account, attempts)).body))

    for body in bodies:
        assert list(body) == [*PLAIN, "timestamp", "nonce", "sig"]
        assert {name: body[name] for name in PLAIN} == PLAIN
        assert body["timestamp"] == "1600000001"
    assert bodies[0]["nonce"] != bodies[1]["nonce"]
    assert bodies[0]["sig"] != bodies[1]["sig"]


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("http://a.test", "http://a.test?x=1"),
        ("http://a.test/", "http://a.test/?x=1"),
        ("http://a.test/?", "http://a.test/?x=1"),
        ("http://a.test/?own=2", "http://a.test/?own=2&x=1"),
        ("http://a.test/?own=2&", "http://a.test/?own=2&x=1"),
        ("http://a.test/#part", "http://a.test/?x=1#part"),
        ("http://a.test/?own=2#part?", "http://a.test/?own=2&x=1#part?"),
    ],
)
def test_a_url_keeps_its_own_query(url: str, called: str) -> None:
    """Ours follows it with an ampersand; posted, the URL stays as it is; source: reference sms §12.1."""
    assert wire.sms_webhook("GET", url, {"x": "1"}, "agent").url == called
    assert wire.sms_webhook("POST", url, {"x": "1"}, "agent").url == url
    assert wire.sms_webhook("POST-JSON", url, {"x": "1"}, "agent").url == url


@given(params=st.dictionaries(ANY_TEXT.filter(bool), ANY_TEXT, min_size=1))
def test_the_three_forms_say_the_same(params: dict[str, str]) -> None:
    """Whatever is in a value comes out of each form as it went in."""
    by_get = wire.sms_webhook("GET", "http://a.test/", params, "agent")
    by_form = wire.sms_webhook("POST", "http://a.test/", params, "agent")
    by_json = wire.sms_webhook("POST-JSON", "http://a.test/", params, "agent")

    assert dict(parse_qsl(urlsplit(by_get.url).query, keep_blank_values=True)) == params
    assert dict(parse_qsl(by_form.body.decode("ascii"), keep_blank_values=True)) == params
    assert json.loads(by_json.body) == params
