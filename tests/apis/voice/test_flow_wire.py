"""Webhooks of calls in the words of the wire, their tokens, and what is read out of an answer; without a server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.voice import ask_rules, event_rules, events_wire, retries, signing_wire
from fake_nexmo.apis.voice.actions_model import TalkAction
from fake_nexmo.apis.voice.ask_rules import Heard
from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Attempt, Delivery
from fake_nexmo.core.wording import Wording
from tests.apis.voice.desk import CONVERSATION, START, UUID, make_call, make_leg

MOMENT = Moment(START, 7, 42)
SECRET = "emulator-signature-secret-000001"
APPLICATION = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
IVR = Application(id="main", application_id=APPLICATION, account="main", public_key="")
ACCOUNT = Account(id="main", api_key="a1b2c3d4", secrets=(), signature_secret=SECRET)
LISTENING = Callback("https://shop.test/event")


def said(name: str, status: LegStatus = LegStatus.ANSWERED, *, leg: Any = (), **call: Any) -> dict[str, Any]:
    """What the application is told."""
    change = event_rules.told(make_call(event=LISTENING, **call), make_leg(status, **dict(leg)), name, MOMENT)
    return events_wire.payload(change.only(Delivery))


# Tokens.


def test_token_over_a_body() -> None:
    """Source: reference auth §7.6."""
    body = (
        b'{"from":"447700900000","to":"447700900001","uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab",'
        b'"conversation_uuid":"CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab","status":"ringing","direction":"outbound",'
        b'"timestamp":"2020-01-01T12:00:00.000Z"}'
    )
    hashed = signing_wire.payload_hash(body, {})

    assert len(body) == 233
    assert hashed == "8f21b95e0d4dcb77935fb04b783b6f3a44809cdcbfa3c7d872de08641f8c4e6f"
    jti = "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5"
    assert signing_wire.token(SECRET, "a1b2c3d4", APPLICATION, hashed, jti, 1577880000) == (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE1Nzc4ODAwMDAsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNmYmU4"
        "Y2U1MTFiNSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6IjhmMjFiOTVlMGQ0ZGNiNzc5MzVmYjA0Yjc4M2I2ZjNhNDQ4MDljZGNiZm"
        "EzYzdkODcyZGUwODY0MWY4YzRlNmYiLCJhcGlfa2V5IjoiYTFiMmMzZDQiLCJhcHBsaWNhdGlvbl9pZCI6ImFhYWFhYWFhLWJiYmItY2NjYy1k"
        "ZGRkLTAxMjM0NTY3ODlhYiJ9.kHBYQCUCDxWXE1TkncO3ncDISR1l0vXfYcIoVPap87g"
    )


def test_token_over_a_query() -> None:
    """Source: reference auth §7.6."""
    query = {
        "to": "447700900001",
        "from": "447700900000",
        "conversation_uuid": "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
        "uuid": "aaaaaaaabbbbccccdddd0123456789ab",
    }
    hashed = signing_wire.payload_hash(b"", query)

    assert hashed == "258e0a3d64768c9874a5c35d4e6ebaa04af8e86a93aa68274150adb758dc918c"
    jti = "0f0b2e0a-7c57-4a31-9f1c-6d2f6a0f7c11"
    assert signing_wire.token(SECRET, "a1b2c3d4", APPLICATION, hashed, jti, 1577880000) == (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE1Nzc4ODAwMDAsImp0aSI6IjBmMGIyZTBhLTdjNTctNGEzMS05ZjFjLTZkMmY2"
        "YTBmN2MxMSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6IjI1OGUwYTNkNjQ3NjhjOTg3NGE1YzM1ZDRlNmViYWEwNGFmOGU4NmE5M2"
        "FhNjgyNzQxNTBhZGI3NThkYzkxOGMiLCJhcGlfa2V5IjoiYTFiMmMzZDQiLCJhcHBsaWNhdGlvbl9pZCI6ImFhYWFhYWFhLWJiYmItY2NjYy1k"
        "ZGRkLTAxMjM0NTY3ODlhYiJ9.IU47nXaqE63s9CdzCz_Exce4Fk9voKnAFUOtqDJ6qhs"
    )


def test_hash_of_nothing() -> None:
    """Source: reference auth §7.4."""
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert signing_wire.payload_hash(b"", {}) == nothing
    assert "application_id" not in signing_wire.token(SECRET, "a", "", nothing, "j", 1)


def test_each_attempt_has_a_token_of_its_own() -> None:
    """Even in the same second. Source: reference auth §7.3."""
    change = event_rules.told(
        make_call(event=LISTENING, signed=True),
        make_leg(LegStatus.RINGING),
        "ringing",
        MOMENT,
    )
    delivery = change.only(Delivery)
    again = replace(delivery, attempts=(Attempt(START, "POST", delivery.url, 503, "", 0),))
    first = events_wire.word(Wording(delivery, ACCOUNT, START, 1577880000, MOMENT, IVR))
    second = events_wire.word(Wording(again, ACCOUNT, START, 1577880000, MOMENT, IVR))

    assert first.body == second.body
    assert dict(first.headers)["Authorization"] != dict(second.headers)["Authorization"]


# Reports.

WHO = {"from": "447700900000", "to": "447700900001", "uuid": UUID, "conversation_uuid": CONVERSATION}
AT = "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("status", "detail", "more"),
    [
        (LegStatus.STARTED, "", {}),
        (LegStatus.RINGING, "", {}),
        (LegStatus.CANCELLED, "", {}),
        (LegStatus.TIMEOUT, "", {}),
        (LegStatus.BUSY, "", {"sip_code": 486}),
        (LegStatus.REJECTED, "declined", {"sip_code": 603}),
        (LegStatus.REJECTED, "invalid_number", {"sip_code": 603}),
        (LegStatus.REJECTED, "restricted", {"sip_code": 603}),
        (LegStatus.UNANSWERED, "unavailable", {"sip_code": 480}),
        (LegStatus.UNANSWERED, "timeout", {"sip_code": 480}),
        (LegStatus.FAILED, "cannot_route", {"sip_code": 404}),
        (LegStatus.FAILED, "number_out_of_service", {"sip_code": 404}),
        (LegStatus.FAILED, "internal_error", {"sip_code": 500}),
    ],
)
def test_every_status_and_its_detail(status: LegStatus, detail: str, more: dict[str, int]) -> None:
    """In the order of the captures. Source: reference ncco §4.4."""
    told = said(status, status, leg={"detail": detail})

    wanted: dict[str, Any] = {
        "headers": {},
        **WHO,
        "status": status.value,
        **({"detail": detail} if detail else {}),
        "direction": "outbound",
        "timestamp": AT,
        **more,
    }
    assert list(told.items()) == list(wanted.items())


def test_a_sip_call_carries_its_headers() -> None:
    """Source: reference ncco §4.4 (A)."""
    to = Endpoint(EndpointType.SIP, "sip:me@shop.test", headers={"Order": "17"})

    assert said("answered", to=to)["headers"] == {"Order": "17"}


def test_nobody_calls() -> None:
    """Null in JSON, and nothing in a query. Source: reference ncco §4.1 (D), §4.4."""
    change = event_rules.told(
        make_call(event=Callback("https://shop.test/e", "GET"), sender=None),
        make_leg(LegStatus.RINGING),
        "ringing",
        MOMENT,
    )
    delivery = change.only(Delivery)

    assert events_wire.payload(delivery)["from"] is None
    worded = events_wire.word(Wording(delivery, ACCOUNT, START, 1, MOMENT))
    assert "from=" not in worded.url
    assert worded.body == b""


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://shop.test/e", "https://shop.test/e?a=1"),
        ("https://shop.test/e?", "https://shop.test/e?a=1"),
        ("https://shop.test/e?b=2", "https://shop.test/e?b=2&a=1"),
        ("https://shop.test/e?b=2&", "https://shop.test/e?b=2&a=1"),
        ("https://shop.test/e?b=2#top", "https://shop.test/e?b=2&a=1#top"),
    ],
)
def test_the_urls_own_query_stays(url: str, wanted: str) -> None:
    """Source: reference ncco §4.1 (D)."""
    assert events_wire.with_query(url, {"a": "1"}) == wanted


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_what_is_put_into_a_query_comes_out_again(query: dict[str, str]) -> None:
    """Whatever it is."""
    clean = {
        name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for name, value in query.items()
    }
    read = parse_qsl(urlsplit(events_wire.with_query("https://shop.test/e", clean)).query, keep_blank_values=True)

    assert dict(read) == clean


# Answers.

A_LIST = "an NCCO is a list of objects, each with an action"


def invalid(mistake: str) -> Heard:
    return Heard(None, "Invalid NCCO.", mistakes=(mistake,))


def not_read(media: str) -> Heard:
    return invalid(f"its Content-Type is {media}; write application/json")


def code(status: int) -> Heard:
    return Heard(None, "Invalid response code.", status, (f"it was answered with {status}",))


def silent(reason: str, error: str) -> tuple[tuple[int, str, bytes, str], Heard]:
    return (0, "", b"", error), Heard(None, reason, mistakes=(f"no answer: {error}",))


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ((200, "application/json", b'[{"action":"talk","text":"Hi"}]', ""), Heard((TalkAction("Hi"),))),
        ((299, "", b"[]", ""), Heard(())),
        ((200, "text/html", b"[]", ""), not_read("text/html")),
        ((200, "text/xml", b"[]", ""), not_read("text/xml")),
        ((200, "application/xml", b"[]", ""), not_read("application/xml")),
        ((200, "application/json", b"", ""), invalid("its body is no JSON")),
        ((200, "application/json", b'{"action":"talk"}', ""), invalid(f"it is no list of actions; {A_LIST}")),
        ((199, "", b"[]", ""), code(199)),
        ((300, "", b"[]", ""), code(300)),
        ((503, "", b"[]", ""), code(503)),
        silent("Socket timeout.", "timeout: https://shop.test did not answer within 5 s."),
        silent("Connection reset.", "connection: https://shop.test broke the connection: reset."),
        silent("Connection closed.", "connection: https://shop.test closed the connection."),
        silent("Connection closed.", "refused: 10.0.0.1 is never called"),
    ],
)
def test_what_is_read_out_of_an_answer(answer: tuple[int, str, bytes, str], wanted: Heard) -> None:
    """Source: reference ncco §2.2, §4.5 (B)."""
    assert ask_rules.read(*answer) == wanted


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("talk", f"action 2 is no object; {A_LIST}"),
        ({"text": "Hi"}, "action 2: 'action' is missing, or has a value that cannot be"),
        ({"action": 1}, "action 2: 'action' has a wrong type"),
        ({"action": "tlak"}, "action 2: there is no action 'tlak'; did you mean 'talk'?"),
        ({"action": "xyz"}, "action 2: there is no action 'xyz'"),
        ({"action": "talk"}, "action 2 (talk): 'text' is missing, or has a value that cannot be"),
        ({"action": "talk", "text": 7}, "action 2 (talk): 'text' has a wrong type"),
    ],
)
def test_a_mistake_is_told_to_the_one_who_made_it(action: Any, told: str) -> None:
    """Which action, which option, and what would do."""
    body = json.dumps([{"action": "talk", "text": "Hi"}, action]).encode()

    assert ask_rules.read(200, "application/json", body, "") == invalid(told)


def test_only_the_first_mistakes_are_told() -> None:
    body = json.dumps([{"action": "tlak"}] * 9).encode()

    assert len(ask_rules.read(200, "application/json", body, "").mistakes) == 5


@given(st.integers(0, 999), st.text(), st.binary(), st.text())
def test_no_answer_is_too_odd(status: int, media: str, body: bytes, error: str) -> None:
    """There is an NCCO or there is a reason why not."""
    heard = ask_rules.read(status, media, body, error)

    assert (heard.actions is None) == bool(heard.reason)


RETRIED: Mapping[int, bool] = {0: True, 429: True, 503: True, 504: True}


@pytest.mark.parametrize("status", [0, 200, 204, 299, 300, 301, 400, 404, 408, 429, 500, 502, 503, 504, 599])
def test_what_is_repeated(status: int) -> None:
    """Once, at once. Source: reference ncco §4.1 (B)."""
    change: Change = event_rules.told(make_call(event=LISTENING), make_leg(LegStatus.RINGING), "ringing", MOMENT)

    assert retries.succeeded(status) is (200 <= status < 300)
    assert retries.retried(status, "current") is RETRIED.get(status, False)
    assert [retries.delay(change.only(Delivery), n, "2020") for n in (1, 2, 3)] == [0, None, None]
