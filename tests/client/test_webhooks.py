"""What a receiver needs: parameters in all forms, signatures and tokens, and typed objects."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from fake_nexmo_client import webhooks
from fake_nexmo_client.errors import WebhookError
from fake_nexmo_client.events import (
    AnswerRequest,
    CallEvent,
    CallStatusEvent,
    Dtmf,
    ErrorEvent,
    Heard,
    InboundSms,
    InputEvent,
    NotifyEvent,
    Receipt,
    RecordEvent,
    Speech,
    TranscriptionEvent,
    TransferEvent,
)
from fake_nexmo_client.insight import AdvancedInsight, Roaming
from fake_nexmo_client.signatures import sign

# Source: reference auth §7.6: worked examples.
SECRET = "emulator-signature-secret-000001"
IAT = 1_577_880_000
APPLICATION = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
HEAD = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
BODY = (
    b'{"from":"447700900000","to":"447700900001","uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab",'
    b'"conversation_uuid":"CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab","status":"ringing","direction":"outbound",'
    b'"timestamp":"2020-01-01T12:00:00.000Z"}'
)
POSTED = (
    "Bearer " + HEAD + "eyJpYXQiOjE1Nzc4ODAwMDAsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNmYmU4Y2U1MTFiNSIsImlzcyI6IlZ"
    "vbmFnZSIsInBheWxvYWRfaGFzaCI6IjhmMjFiOTVlMGQ0ZGNiNzc5MzVmYjA0Yjc4M2I2ZjNhNDQ4MDljZGNiZmEzYzdkODcyZGUwODY0MWY4YzRl"
    "NmYiLCJhcGlfa2V5IjoiYTFiMmMzZDQiLCJhcHBsaWNhdGlvbl9pZCI6ImFhYWFhYWFhLWJiYmItY2NjYy1kZGRkLTAxMjM0NTY3ODlhYiJ9"
    ".kHBYQCUCDxWXE1TkncO3ncDISR1l0vXfYcIoVPap87g"
)
QUERY = (
    "to=447700900001&from=447700900000&conversation_uuid=CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
    "&uuid=aaaaaaaabbbbccccdddd0123456789ab"
)
GOT = (
    "Bearer " + HEAD + "eyJpYXQiOjE1Nzc4ODAwMDAsImp0aSI6IjBmMGIyZTBhLTdjNTctNGEzMS05ZjFjLTZkMmY2YTBmN2MxMSIsImlzcyI6IlZ"
    "vbmFnZSIsInBheWxvYWRfaGFzaCI6IjI1OGUwYTNkNjQ3NjhjOTg3NGE1YzM1ZDRlNmViYWEwNGFmOGU4NmE5M2FhNjgyNzQxNTBhZGI3NThkYzkx"
    "OGMiLCJhcGlfa2V5IjoiYTFiMmMzZDQiLCJhcHBsaWNhdGlvbl9pZCI6ImFhYWFhYWFhLWJiYmItY2NjYy1kZGRkLTAxMjM0NTY3ODlhYiJ9"
    ".IU47nXaqE63s9CdzCz_Exce4Fk9voKnAFUOtqDJ6qhs"
)
CLAIMS = {"iat": IAT, "iss": "Vonage", "api_key": "a1b2c3d4", "application_id": APPLICATION}


# ------------------------------------------------------------------------------------------------------------- tokens


def test_token_of_a_post() -> None:
    """The worked example: the claims of a body of 233 bytes."""
    assert len(BODY) == 233
    assert webhooks.check_token(POSTED, SECRET, body=BODY, now_s=IAT + 5) == webhooks.TokenClaims(
        iat=IAT,
        jti="c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        iss="Vonage",
        payload_hash="8f21b95e0d4dcb77935fb04b783b6f3a44809cdcbfa3c7d872de08641f8c4e6f",
        api_key="a1b2c3d4",
        application_id=APPLICATION,
    )


def test_token_of_a_get() -> None:
    """The worked example: the hash is that of the query as JSON."""
    assert webhooks.check_token(GOT, SECRET, query=QUERY, now_s=IAT) == webhooks.TokenClaims(
        iat=IAT,
        jti="0f0b2e0a-7c57-4a31-9f1c-6d2f6a0f7c11",
        iss="Vonage",
        payload_hash="258e0a3d64768c9874a5c35d4e6ebaa04af8e86a93aa68274150adb758dc918c",
        api_key="a1b2c3d4",
        application_id=APPLICATION,
    )


def test_token_of_an_empty_request() -> None:
    """The hash of nothing. Source: reference auth §7.4."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    token = jwt.encode({**CLAIMS, "payload_hash": empty}, SECRET, "HS256")
    assert webhooks.check_token(f"bearer {token}", SECRET, now_s=IAT).payload_hash == empty


@pytest.mark.parametrize(
    ("authorization", "secret", "body", "now_s", "why"),
    [
        ("", SECRET, BODY, IAT, "no token"),
        ("Basic YTpi", SECRET, BODY, IAT, "no token"),
        (POSTED, "", BODY, IAT, "no secret"),
        ("Bearer x.y.z", SECRET, BODY, IAT, "the token is wrong"),
        (POSTED, "another-signature-secret-0000001", BODY, IAT, "the token is wrong"),
        (POSTED[:-2] + "AA", SECRET, BODY, IAT, "the token is wrong"),
        (POSTED, SECRET, BODY + b" ", IAT, "not the one that was signed"),
        (POSTED, SECRET, b"", IAT, "not the one that was signed"),
        (GOT, SECRET, BODY, IAT, "not the one that was signed"),
        (POSTED, SECRET, BODY, IAT + 301, "too long ago"),
        (POSTED, SECRET, BODY, IAT - 301, "too long ago"),
        (POSTED, SECRET, BODY, None, "too long ago"),
        ("Bearer " + jwt.encode(CLAIMS, SECRET, "HS256"), SECRET, BODY, IAT, "payload_hash"),
        ("Bearer " + jwt.encode(CLAIMS, 2 * SECRET, "HS384"), 2 * SECRET, BODY, IAT, "the token is wrong"),
        ("Bearer " + jwt.encode(CLAIMS, "", "none"), SECRET, BODY, IAT, "the token is wrong"),
    ],
)
def test_tokens_that_are_not_trusted(
    authorization: str, secret: str, body: bytes, now_s: float | None, why: str
) -> None:
    with pytest.raises(WebhookError, match=why):
        webhooks.check_token(authorization, secret, body=body, now_s=now_s)


def test_age_may_be_left_unjudged() -> None:
    assert webhooks.check_token(POSTED, SECRET, body=BODY, max_age_s=None).iat == IAT


# --------------------------------------------------------------------------------------------------------- signatures

RECEIPT = {
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
    "timestamp": "1600000001",
    "nonce": "6f1c0a52-0b5e-4a43-9d0e-3b6f6f0f9a11",
    "sig": "E0C90339F203673E375D854D0143C19A8B198735F665675AFF305A1114CAC570",
}
KEY = "s3cr3tS1gnKey"


def test_signature_of_a_receipt() -> None:
    """Example 3 of the reference, at most five minutes off."""
    for now_s in (1_600_000_001 - 300, 1_600_000_001 + 300):
        webhooks.check_sms_signature(RECEIPT, KEY, "sha256", now_s=now_s)
    webhooks.check_sms_signature(RECEIPT, KEY, "sha256", max_age_s=None)


@pytest.mark.parametrize(
    ("changed", "now_s", "why"),
    [
        ({"status": "failed"}, 1_600_000_001, "signature is wrong"),
        ({"sig": ""}, 1_600_000_001, "signature is wrong"),
        ({"err-code": 0}, 1_600_000_001, "signature is wrong"),
        ({}, 1_600_000_302, "too long ago"),
        ({}, None, "too long ago"),
    ],
)
def test_receipts_that_are_not_trusted(changed: dict[str, Any], now_s: float | None, why: str) -> None:
    with pytest.raises(WebhookError, match=why):
        webhooks.check_sms_signature({**RECEIPT, **changed}, KEY, "sha256", now_s=now_s)


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", "²"])
def test_a_signed_webhook_says_when(timestamp: str | None) -> None:
    """Without an instant a signature would be good for ever."""
    params = {"msisdn": "1"} if timestamp is None else {"msisdn": "1", "timestamp": timestamp}
    with pytest.raises(WebhookError, match="too long ago"):
        webhooks.check_sms_signature({**params, "sig": sign(params, KEY)}, KEY)


# --------------------------------------------------------------------------------------------------------- parameters


def test_parameters_in_all_three_forms() -> None:
    said = {"text": "Zażółć & ☕", "to": "447700900000", "empty": ""}
    form = urlencode(said)
    urlencoded = "application/x-www-form-urlencoded; charset=UTF-8"
    assert webhooks.read_params(query=form) == said
    assert webhooks.read_params(body=form.encode(), content_type=urlencoded) == said
    assert webhooks.read_params(body=json.dumps(said).encode(), content_type="application/json") == said
    assert webhooks.read_params(body=b' {"a": 1}', query="shop=1") == {"shop": "1", "a": 1}
    assert webhooks.read_params() == {}


@pytest.mark.parametrize("body", [b"{", b"[1]", b"", b"\xff"])
def test_bodies_that_are_no_json(body: bytes) -> None:
    with pytest.raises(WebhookError, match="the body is no JSON"):
        webhooks.read_params(body=body, content_type="application/json")


def test_a_form_that_is_no_text() -> None:
    with pytest.raises(WebhookError, match="no UTF-8"):
        webhooks.read_params(body=b"a=\xff")


# -------------------------------------------------------------------------------------------------------------- typed


def test_receipt() -> None:
    assert webhooks.parse_receipt(RECEIPT) == Receipt(
        recipient="447700900123",
        sender="AcmeShop",
        network_code="23410",
        message_id="0C00000012AB34CD",
        price=Decimal("0.03330000"),
        status="delivered",
        scts="2009131226",
        err_code=0,
        api_key="abcd1234",
        client_ref="order-77",
        message_timestamp=datetime(2020, 9, 13, 12, 26, 41, tzinfo=UTC),
        timestamp=1_600_000_001,
    )


def test_inbound_sms() -> None:
    """A part of a long message, and a binary one whose text is empty."""
    said = {
        "msisdn": "447700900001",
        "to": "447700900000",
        "messageId": "0C00000012AB34CD",
        "concat": "true",
        "concat-ref": "7",
        "concat-total": "2",
        "concat-part": "1",
        "text": "y for a",
        "type": "unicode",
        "keyword": "Y",
        "api-key": "abcd1234",
        "message-timestamp": "2020-09-13 12:26:41",
        "timestamp": "1600000001",
        "nonce": "n",
    }
    assert webhooks.parse_inbound_sms(said) == InboundSms(
        sender="447700900001",
        to="447700900000",
        message_id="0C00000012AB34CD",
        concat=True,
        concat_ref=7,
        concat_total=2,
        concat_part=1,
        text="y for a",
        type="unicode",
        keyword="Y",
        api_key="abcd1234",
        message_timestamp=datetime(2020, 9, 13, 12, 26, 41, tzinfo=UTC),
        timestamp=1_600_000_001,
    )
    binary = {"msisdn": "1", "to": "2", "messageId": "3", "type": "binary", "text": "", "data": "00FF", "udh": "06"}
    assert webhooks.parse_inbound_sms(binary) == InboundSms(
        sender="1", to="2", message_id="3", type="binary", data="00FF", udh="06"
    )


def test_insight() -> None:
    """The body of a callback is that of an advanced lookup; a hard status is said, not raised."""
    found = webhooks.parse_insight({"status": 0, "request_id": "r", "roaming": "unknown", "ported": None})
    assert found == AdvancedInsight(status=0, request_id="r", roaming=Roaming(status="unknown"))
    assert webhooks.parse_insight({"status": 5}) == AdvancedInsight(status=5)


NOON = datetime(2021, 3, 10, 10, 36, 37, tzinfo=UTC)
WHO: dict[str, Any] = {"uuid": "u", "conversation_uuid": "CON-1", "to": "447700900001"}
SAID: dict[str, Any] = {**WHO, "from": "447700900000", "timestamp": "2021-03-10T10:36:37.000Z"}
TYPED: dict[str, Any] = {**WHO, "sender": "447700900000", "timestamp": NOON}
CONVERSATION = {"conversation_uuid": "CON-1", "timestamp": "2021-03-10T10:36:37.000Z"}
EVENTS: list[tuple[dict[str, Any], CallEvent]] = [
    (
        {**SAID, "headers": {}, "status": "started", "direction": "outbound"},
        CallStatusEvent(**TYPED, status="started", direction="outbound"),
    ),
    (
        {**SAID, "start_time": None, "rate": None, "network": None, "status": "answered", "direction": "inbound"},
        CallStatusEvent(**TYPED, status="answered", direction="inbound"),
    ),
    (
        {
            **SAID,
            "headers": {"X": ""},
            "end_time": "2021-03-10T10:36:37.000Z",
            "start_time": "2021-03-10T10:36:37.000Z",
            "network": "GB-FIXED",
            "duration": "7",
            "rate": "0.00450000",
            "price": "0.00052500",
            "status": "completed",
            "direction": "outbound",
            "sip_code": 200,
            "disconnected_by": "user",
        },
        CallStatusEvent(
            **TYPED,
            headers={"X": ""},
            end_time=NOON,
            start_time=NOON,
            network="GB-FIXED",
            duration=7,
            rate=Decimal("0.00450000"),
            price=Decimal("0.00052500"),
            status="completed",
            direction="outbound",
            sip_code=200,
            disconnected_by="user",
        ),
    ),
    (
        {**SAID, "status": "failed", "detail": "cannot_route"},
        CallStatusEvent(**TYPED, status="failed", detail="cannot_route"),
    ),
    (
        {
            **{name: value for name, value in SAID.items() if name != "uuid"},
            "call_uuid": "u",
            "status": "machine",
            "sub_state": "beep_start",
        },
        CallStatusEvent(**TYPED, status="machine", sub_state="beep_start"),
    ),
    (
        {
            "conversation_uuid_from": "CON-1",
            "type": "transfer",
            "uuid": "u",
            "conversation_uuid_to": "CON-2",
            "timestamp": "2021-03-10T10:36:37.000Z",
        },
        TransferEvent(uuid="u", conversation_uuid_from="CON-1", conversation_uuid_to="CON-2", timestamp=NOON),
    ),
    (
        {**SAID, "speech": {"error": "Speech was not enabled"}, "dtmf": {"digits": "2", "timed_out": True}},
        InputEvent(**TYPED, speech=Speech(error="Speech was not enabled"), dtmf=Dtmf(digits="2", timed_out=True)),
    ),
    (
        {
            **SAID,
            "speech": {
                "timeout_reason": "end_on_silence_timeout",
                "results": [{"confidence": "0.9405097", "text": "sales"}, {"confidence": "0.7", "text": "sails"}],
                "recording_url": "https://api.nexmo.com/v1/files/a",
            },
            "dtmf": {"digits": None, "timed_out": False},
        },
        InputEvent(
            **TYPED,
            speech=Speech(
                timeout_reason="end_on_silence_timeout",
                results=(Heard(text="sales", confidence=0.9405097), Heard(text="sails", confidence=0.7)),
                recording_url="https://api.nexmo.com/v1/files/a",
            ),
        ),
    ),
    # As until 2020, with keys and without.
    ({**WHO, "timed_out": True, "dtmf": "1234"}, InputEvent(**WHO, dtmf=Dtmf(digits="1234", timed_out=True))),
    ({**WHO, "timed_out": True, "dtmf": ""}, InputEvent(**WHO, dtmf=Dtmf(timed_out=True))),
    (
        {
            **CONVERSATION,
            "start_time": "2021-03-10T10:36:37Z",
            "end_time": "2021-03-10T10:36:37Z",
            "recording_url": "https://api.nexmo.com/v1/files/a",
            "recording_uuid": "r",
            "size": 18990,
        },
        RecordEvent(
            conversation_uuid="CON-1",
            timestamp=NOON,
            start_time=NOON,
            end_time=NOON,
            recording_url="https://api.nexmo.com/v1/files/a",
            recording_uuid="r",
            size=18990,
        ),
    ),
    (
        {
            "conversation_uuid": "CON-1",
            "type": "record",
            "recording_uuid": "r",
            "status": "transcribed",
            "transcription_url": "https://api.nexmo.com/v1/files/t",
        },
        TranscriptionEvent(
            conversation_uuid="CON-1",
            recording_uuid="r",
            status="transcribed",
            transcription_url="https://api.nexmo.com/v1/files/t",
        ),
    ),
    (
        {**CONVERSATION, "payload": {"foo": "", "bar": None}},
        NotifyEvent(conversation_uuid="CON-1", timestamp=NOON, payload={"foo": "", "bar": None}),
    ),
    ({**CONVERSATION, "payload": "text"}, NotifyEvent(conversation_uuid="CON-1", timestamp=NOON, payload="text")),
    (
        {**CONVERSATION, "reason": "Syntax error in NCCO. Invalid value type or action."},
        ErrorEvent(
            conversation_uuid="CON-1", timestamp=NOON, reason="Syntax error in NCCO. Invalid value type or action."
        ),
    ),
    (
        {**SAID, "reason": "Connection closed.", "original_request": {"url": "https://shop.test", "type": "event"}},
        ErrorEvent(
            **TYPED, reason="Connection closed.", original_request={"url": "https://shop.test", "type": "event"}
        ),
    ),
]


def as_query(said: dict[str, Any]) -> dict[str, str]:
    """What a GET makes of an event: nested members as JSON text, nothing where there is null.

    Source: reference ncco §4.1 (A).
    """
    kept = {name: value for name, value in said.items() if value is not None}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in kept.items()}
    return webhooks.read_params(query=urlencode(texts))


@pytest.mark.parametrize(("said", "wanted"), EVENTS)
def test_events_of_calls(said: dict[str, Any], wanted: CallEvent) -> None:
    """Every kind, sent as JSON and in a query."""
    assert webhooks.parse_call_event(webhooks.read_params(body=json.dumps(said).encode())) == wanted
    query = as_query(said)
    if "timed_out" in query:
        query["timed_out"] = "true"
    assert webhooks.parse_call_event(query) == wanted


def test_answer() -> None:
    """A call was answered; an app's user passes data, as an object or as JSON text."""
    wanted = AnswerRequest(
        **WHO, from_user="Alice", endpoint_type="app", region_url="https://api-us-3.vonage.com", custom_data={"a": ""}
    )
    said = {
        **WHO,
        "from_user": "Alice",
        "endpoint_type": "app",
        "region_url": "https://api-us-3.vonage.com",
        "custom_data": {"a": ""},
    }
    assert webhooks.parse_answer(said) == wanted
    assert webhooks.parse_answer(as_query(said)) == wanted


def test_json_text_that_is_none_stays_text() -> None:
    event = webhooks.parse_call_event({"payload": "{not json"})
    assert event == NotifyEvent(payload="{not json")


@pytest.mark.parametrize(
    ("parse", "params"),
    [
        (webhooks.parse_receipt, {}),
        (webhooks.parse_receipt, {**RECEIPT, "err-code": "none"}),
        (webhooks.parse_inbound_sms, RECEIPT | {"msisdn": ""}),
        (webhooks.parse_insight, {"request_id": "r"}),
        (webhooks.parse_answer, {"status": "started"}),
        (webhooks.parse_call_event, {"uuid": "u"}),
        (webhooks.parse_call_event, {"status": {"a": 1}}),
    ],
)
def test_what_is_something_else(parse: Any, params: dict[str, Any]) -> None:
    with pytest.raises(WebhookError):
        parse(params)


def test_what_only_an_attacker_sends_is_a_webhook_error() -> None:
    """Numbers too long to be read, and objects too deep."""
    params = {"msisdn": "447700900001", "timestamp": "9" * 5000}
    params["sig"] = sign(params, "s3cr3tS1gnKey")

    with pytest.raises(WebhookError, match="too long ago"):
        webhooks.check_sms_signature(params, "s3cr3tS1gnKey")
    with pytest.raises(WebhookError, match="no JSON"):
        webhooks.read_params(body=b'{"a":' * 100_000)
