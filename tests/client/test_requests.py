"""Whole requests of every operation, as bytes: address, headers, body."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jwt
import pytest

from fake_nexmo.keys.pool import key_pair
from fake_nexmo_client import application, call, developer, insight, sms, verify
from fake_nexmo_client.client import places
from fake_nexmo_client.credentials import Credentials, Stamp
from fake_nexmo_client.errors import MissingCredentialsError
from fake_nexmo_client.exchange import Plan, Request, build
from fake_nexmo_client.words import CallAction, MessageType, VerifyCommand

STAMP = Stamp(now_s=1_600_000_000, unique="0f0b2e0a-7c57-4a31-9f1c-6d2f6a0f7c11")
PAIR = key_pair(42, 0)
APPLICATION = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
WHO = Credentials(api_key="abcd1234", api_secret="topSecret99", application_id=APPLICATION, private_key=PAIR.private)
BASIC = {"Authorization": "Basic YWJjZDEyMzQ6dG9wU2VjcmV0OTk="}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
KEYS = "&api_key=abcd1234&api_secret=topSecret99"
ID = "6f1d2c3b4a5e60718293a4b5c6d7e8f9"
UUID = "63f61863-4a51-4f6b-86e1-46edebcf9356"
PHONE = call.PhoneEndpoint(number="447700900001")
CALLER = call.PhoneEndpoint(number="447700900000")
NCCO = [{"action": "talk", "text": "Grüße", "level": None}]
SHOP = application.ApplicationSettings(name="Shop", event_url="https://shop.test/event", event_method="GET")


def form(url: str, body: str) -> Request:
    """A POST of a form with key and secret."""
    return Request("POST", url, FORM, (body + KEYS).encode())


FORMS: list[tuple[str, Plan[Any], Request]] = [
    (
        "sms",
        sms.send(sms.Sms(sender="Acme Shop", to="447700900123", text="Tea & cake = joy ☕", type="unicode")),
        form(
            "https://rest.nexmo.com/sms/json",
            "from=Acme+Shop&to=447700900123&text=Tea+%26+cake+%3D+joy+%E2%98%95&type=unicode",
        ),
    ),
    (
        "sms",
        sms.send(
            sms.Sms(
                sender="Acme",
                to="447700900123",
                type=MessageType.BINARY,
                body="0011",
                udh="0605040B8423F0",
                protocol_id=0,
                status_report_req=False,
                ttl=20000,
                callback="https://shop.test/dlr",
                message_class=0,
                client_ref="order-77",
                account_ref="a",
                entity_id="e",
                content_id="c",
            )
        ),
        form(
            "https://rest.nexmo.com/sms/json",
            "from=Acme&to=447700900123&type=binary&body=0011&udh=0605040B8423F0&protocol-id=0&status-report-req=false"
            "&ttl=20000&callback=https%3A%2F%2Fshop.test%2Fdlr&message-class=0&client-ref=order-77&account-ref=a"
            "&entity-id=e&content-id=c",
        ),
    ),
    (
        "sms",
        sms.send(
            sms.Sms(sender="A", to="1", type=MessageType.WAPPUSH, title="T", url="U", validity=5, vcard="C", vcal="L")
        ),
        form("https://rest.nexmo.com/sms/json", "from=A&to=1&type=wappush&title=T&url=U&validity=5&vcard=C&vcal=L"),
    ),
    (
        "insight",
        insight.basic("07700 900123", country="GB"),
        form("https://api.nexmo.com/ni/basic/json", "number=07700+900123&country=GB"),
    ),
    (
        "insight",
        insight.standard("447700900123", cnam=True),
        form("https://api.nexmo.com/ni/standard/json", "number=447700900123&cnam=true"),
    ),
    (
        "insight",
        insight.advanced("447700900123", ip="192.0.2.1"),
        form("https://api.nexmo.com/ni/advanced/json", "number=447700900123&ip=192.0.2.1"),
    ),
    (
        "verify",
        verify.start(
            verify.StartVerification(
                number="07700900123",
                brand="Acme",
                country="GB",
                sender_id="Acme",
                code_length=6,
                lg="en-gb",
                require_type="All",
                pin_expiry=240,
                next_event_wait=120,
                workflow_id=4,
                pin_code="0123",
            )
        ),
        form(
            "https://api.nexmo.com/verify/json",
            "number=07700900123&brand=Acme&country=GB&sender_id=Acme&code_length=6&lg=en-gb&require_type=All"
            "&pin_expiry=240&next_event_wait=120&workflow_id=4&pin_code=0123",
        ),
    ),
    (
        "verify",
        verify.check(ID, "4821"),
        form("https://api.nexmo.com/verify/check/json", f"request_id={ID}&code=4821"),
    ),
    (
        "verify",
        verify.check(ID, "4821", ip_address="192.0.2.1"),
        form("https://api.nexmo.com/verify/check/json", f"request_id={ID}&code=4821&ip_address=192.0.2.1"),
    ),
    ("verify", verify.search(ID), form("https://api.nexmo.com/verify/search/json", f"request_id={ID}")),
    (
        "verify",
        verify.search(ID, "b"),
        form("https://api.nexmo.com/verify/search/json", f"request_ids={ID}&request_ids=b"),
    ),
    (
        "verify",
        verify.control(ID, VerifyCommand.CANCEL),
        form("https://api.nexmo.com/verify/control/json", f"request_id={ID}&cmd=cancel"),
    ),
]

QUERIES: list[tuple[str, Plan[Any], Request]] = [
    ("developer", developer.balance(), Request("GET", "https://rest.nexmo.com/account/get-balance", BASIC)),
    (
        "developer",
        developer.country_pricing("GB"),
        Request("GET", "https://rest.nexmo.com/account/get-pricing/outbound?country=GB", BASIC),
    ),
    (
        "developer",
        developer.product_pricing("voice", "GB"),
        Request("GET", "https://rest.nexmo.com/account/get-pricing/outbound/voice?country=GB", BASIC),
    ),
    (
        "developer",
        developer.prefix_pricing("44"),
        Request("GET", "https://rest.nexmo.com/account/get-prefix-pricing/outbound?prefix=44", BASIC),
    ),
    (
        "developer",
        developer.phone_pricing("sms", "447700900123"),
        Request("GET", "https://rest.nexmo.com/account/get-phone-pricing/outbound/sms?phone=447700900123", BASIC),
    ),
    ("application", application.list_all(), Request("GET", "https://api.nexmo.com/v1/applications", BASIC)),
    (
        "application",
        application.list_all(page_size=3, page_index=2),
        Request("GET", "https://api.nexmo.com/v1/applications?page_size=3&page_index=2", BASIC),
    ),
    ("application", application.get("a/b"), Request("GET", "https://api.nexmo.com/v1/applications/a%2Fb", BASIC)),
    ("application", application.delete("ab"), Request("DELETE", "https://api.nexmo.com/v1/applications/ab", BASIC)),
    (
        "application",
        application.create(SHOP),
        Request(
            "POST",
            "https://api.nexmo.com/v1/applications",
            JSON,
            b'{"name":"Shop","type":"voice","event_url":"https://shop.test/event","event_method":"GET",'
            b'"api_key":"abcd1234","api_secret":"topSecret99"}',
        ),
    ),
    (
        "application",
        application.modify(
            "ab",
            application.ApplicationSettings(
                name="Chat", type="messages", status_url="https://shop.test/s", inbound_url="https://shop.test/i"
            ),
        ),
        Request(
            "PUT",
            "https://api.nexmo.com/v1/applications/ab",
            JSON,
            b'{"name":"Chat","type":"messages","status_url":"https://shop.test/s","inbound_url":"https://shop.test/i",'
            b'"api_key":"abcd1234","api_secret":"topSecret99"}',
        ),
    ),
]

CALLS: list[tuple[Plan[Any], str, str, Any]] = [
    (
        call.create(call.CreateCall(to=PHONE, sender=CALLER, answer_url="https://shop.test/answer")),
        "POST",
        "",
        {
            "to": [{"type": "phone", "number": "447700900001"}],
            "from": {"type": "phone", "number": "447700900000"},
            "answer_url": ["https://shop.test/answer"],
        },
    ),
    (
        call.create(
            call.CreateCall(
                to=call.PhoneEndpoint(number="447700900001", dtmf_answer="1p2"),
                random_from_number=True,
                ncco=NCCO,
                answer_method="POST",
                event_url="https://shop.test/event",
                event_method="GET",
                machine_detection="hangup",
                length_timer=7200,
                ringing_timer=60,
            )
        ),
        "POST",
        "",
        {
            "to": [{"type": "phone", "number": "447700900001", "dtmfAnswer": "1p2"}],
            "random_from_number": True,
            "answer_method": "POST",
            "ncco": NCCO,
            "event_url": ["https://shop.test/event"],
            "event_method": "GET",
            "machine_detection": "hangup",
            "length_timer": 7200,
            "ringing_timer": 60,
        },
    ),
    (
        call.create(
            call.CreateCall(to=call.SipEndpoint(uri="sip:a@shop.test", headers={"User": "1"}), sender=CALLER, ncco=NCCO)
        ),
        "POST",
        "",
        {
            "to": [{"type": "sip", "uri": "sip:a@shop.test", "headers": {"User": "1"}}],
            "from": {"type": "phone", "number": "447700900000"},
            "ncco": NCCO,
        },
    ),
    (
        call.create(
            call.CreateCall(
                to=call.WebSocketEndpoint(uri="wss://shop.test", content_type="audio/l16;rate=8000", headers={"a": 1}),
                sender=CALLER,
            )
        ),
        "POST",
        "",
        {
            "to": [
                {
                    "type": "websocket",
                    "uri": "wss://shop.test",
                    "content-type": "audio/l16;rate=8000",
                    "headers": {"a": 1},
                }
            ],
            "from": {"type": "phone", "number": "447700900000"},
        },
    ),
    (
        call.create(call.CreateCall(to=call.VbcEndpoint(extension="12"), sender=call.AppEndpoint(user="Alice"))),
        "POST",
        "",
        {"to": [{"type": "vbc", "extension": "12"}], "from": {"type": "app", "user": "Alice"}},
    ),
    (call.search(call.SearchCalls()), "GET", "", None),
    (
        call.search(
            call.SearchCalls(
                status="answered",
                date_start=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
                date_end=datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=1))),
                page_size=5,
                record_index=0,
                order="desc",
                conversation_uuid="CON-1",
            )
        ),
        "GET",
        (
            "?status=answered&date_start=2026-03-01T09%3A00%3A00Z&date_end=2026-03-02T00%3A00%3A00Z&page_size=5"
            "&record_index=0&order=desc&conversation_uuid=CON-1"
        ),
        None,
    ),
    (
        call.search(call.SearchCalls(date_start=datetime(2026, 3, 1, 9))),  # noqa: DTZ001  (that is the point)
        "GET",
        "?date_start=2026-03-01T09%3A00%3A00Z",
        None,
    ),
    (call.get(UUID), "GET", f"/{UUID}", None),
    *((call.modify(UUID, action), "PUT", f"/{UUID}", {"action": str(action)}) for action in CallAction),
    (
        call.modify(UUID, call.Transfer(url="https://shop.test/ncco")),
        "PUT",
        f"/{UUID}",
        {"action": "transfer", "destination": {"type": "ncco", "url": ["https://shop.test/ncco"]}},
    ),
    (
        call.modify(UUID, call.Transfer(ncco=NCCO)),
        "PUT",
        f"/{UUID}",
        {"action": "transfer", "destination": {"type": "ncco", "ncco": NCCO}},
    ),
    (
        call.stream(UUID, call.Stream("https://shop.test/a.mp3", loop=0, level=0.4)),
        "PUT",
        f"/{UUID}/stream",
        {"loop": 0, "level": 0.4, "stream_url": ["https://shop.test/a.mp3"]},
    ),
    (call.stop_stream(UUID), "DELETE", f"/{UUID}/stream", None),
    (
        call.talk(UUID, call.Talk("Hi", "Amy", "en-GB", 1, premium=False, loop=2, level=-1)),
        "PUT",
        f"/{UUID}/talk",
        {
            "text": "Hi",
            "voice_name": "Amy",
            "language": "en-GB",
            "style": 1,
            "premium": False,
            "loop": 2,
            "level": -1,
        },
    ),
    (call.stop_talk(UUID), "DELETE", f"/{UUID}/talk", None),
    (call.send_dtmf(UUID, "17p#"), "PUT", f"/{UUID}/dtmf", {"digits": "17p#"}),
]


@pytest.mark.parametrize(("service", "plan", "wanted"), [*FORMS, *QUERIES])
def test_requests_with_key_and_secret(service: Any, plan: Plan[Any], wanted: Request) -> None:
    """Credentials stand in the body of what has one, else in a Basic header: never in the URL."""
    request = build(plan, places()[service], WHO, STAMP)
    assert request == wanted
    assert "topSecret99" not in request.url


@pytest.mark.parametrize(("plan", "method", "below", "body"), CALLS)
def test_requests_with_a_token(plan: Plan[Any], method: str, below: str, body: Any) -> None:
    """Calls carry a token of the application, and the very JSON that is documented."""
    request = build(plan, places()["call"], WHO, STAMP)

    scheme, _, token = request.headers["Authorization"].partition(" ")
    claims = jwt.decode(token, PAIR.public, algorithms=["RS256"], options={"verify_exp": False})
    assert (scheme, jwt.get_unverified_header(token)) == ("Bearer", {"alg": "RS256", "typ": "JWT"})
    assert claims == {
        "application_id": APPLICATION,
        "iat": 1_600_000_000,
        "exp": 1_600_000_900,
        "jti": "0f0b2e0a-7c57-4a31-9f1c-6d2f6a0f7c11",
    }
    assert (request.method, request.url) == (method, f"https://api.nexmo.com/v1/calls{below}")
    compact = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() if body else b""
    assert request.content == compact
    assert request.headers.get("Content-Type") == ("application/json" if body else None)


def test_sms_are_signed_where_the_caller_can() -> None:
    """With a signature secret an SMS carries ``sig`` and no secret; the digest is that of the reference's example 1."""
    who = Credentials(api_key="abcd1234", api_secret="topSecret99", signature_secret="s3cr3tS1gnKey")
    message = sms.Sms(sender="AcmeShop", to="447700900123", text="Tea & cake = joy")

    assert build(sms.send(message), places()["sms"], who, STAMP) == Request(
        "POST",
        "https://rest.nexmo.com/sms/json",
        FORM,
        b"from=AcmeShop&to=447700900123&text=Tea+%26+cake+%3D+joy&api_key=abcd1234&timestamp=1600000000"
        b"&sig=139c259787083063cc65f1f170012975",
    )
    # Other APIs do not document signatures: they get the secret as long as there is one.
    assert build(developer.balance(), places()["developer"], who, STAMP).headers == BASIC


def test_without_an_api_secret_everything_is_signed() -> None:
    """In a query, in a form with a repeated name, in JSON."""
    who = Credentials(api_key="abcd1234", signature_secret="s3cr3tS1gnKey", signature_method="sha256")
    balance = build(developer.balance(), places()["developer"], who, STAMP)
    search = build(verify.search("a", "b"), places()["verify"], who, STAMP)
    made = build(application.create(SHOP), places()["application"], who, STAMP)

    head, _, sig = balance.url.partition("&sig=")
    assert head == "https://rest.nexmo.com/account/get-balance?api_key=abcd1234&timestamp=1600000000"
    assert (len(sig), balance.headers) == (64, {})
    assert search.content.startswith(b"request_ids=a&request_ids=b&api_key=abcd1234&timestamp=1600000000&sig=")
    assert list(json.loads(made.content)) == [
        *("name", "type", "event_url", "event_method"),
        *("api_key", "timestamp", "sig"),
    ]


@pytest.mark.parametrize(
    ("plan", "who"),
    [
        (developer.balance(), Credentials()),
        (developer.balance(), Credentials(api_key="abcd1234")),
        (developer.balance(), Credentials(api_secret="x", signature_secret="y")),
        (call.get(UUID), Credentials(api_key="abcd1234", api_secret="x")),
        (call.get(UUID), Credentials(application_id=APPLICATION)),
        (call.get(UUID), Credentials(private_key=PAIR.private)),
    ],
)
def test_nothing_is_sent_without_credentials(plan: Plan[Any], who: Credentials) -> None:
    with pytest.raises(MissingCredentialsError, match="this operation needs"):
        build(plan, "https://api.nexmo.com", who, STAMP)


def test_secrets_are_not_shown() -> None:
    """Credentials in a log name the caller only, and so do keys of a reply."""
    assert repr(WHO) == f"Credentials(api_key='abcd1234', application_id='{APPLICATION}')"
    assert repr(application.ApplicationKeys(public_key="P", private_key="S")) == "ApplicationKeys(public_key='P')"


@pytest.mark.parametrize("base", ["http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x/", "http://127.0.0.1:8080/x//"])
def test_a_slash_at_the_end_is_forgiven(base: str) -> None:
    assert build(developer.balance(), base, WHO, STAMP).url == "http://127.0.0.1:8080/x/account/get-balance"
    assert build(application.list_all(), base, WHO, STAMP).url == "http://127.0.0.1:8080/x"


def test_places() -> None:
    """One address for all, and others for some."""
    assert places("http://127.0.0.1:6396/", {"sms": "http://127.0.0.1:1/sms/"}) == {
        "sms": "http://127.0.0.1:1/sms/",
        "insight": "http://127.0.0.1:6396/ni",
        "verify": "http://127.0.0.1:6396/verify",
        "call": "http://127.0.0.1:6396/v1/calls",
        "developer": "http://127.0.0.1:6396",
        "application": "http://127.0.0.1:6396/v1/applications",
    }


def test_an_empty_id_is_not_the_whole_collection() -> None:
    for plan in (call.get, call.stop_talk, application.get, application.delete):
        with pytest.raises(ValueError, match="an empty id"):
            plan("")
    with pytest.raises(ValueError, match="at least one"):
        verify.search()


def test_basic_header_is_that_of_the_reference() -> None:
    assert Credentials(api_key="12345", api_secret="ABCDE").basic() == "Basic MTIzNDU6QUJDREU="
    assert base64.b64decode(WHO.basic().removeprefix("Basic ")) == b"abcd1234:topSecret99"


def test_secrets_are_not_shown_by_rich_or_by_a_request() -> None:
    """Structs of msgspec tell `rich` every field unless they say otherwise."""
    who = Credentials(api_key="key", api_secret="s3cr3t", signature_secret="s1gn", private_key="pr1v")
    request = Request("POST", "https://rest.nexmo.com/sms/json", {"Authorization": "s3cr3t"}, b"api_secret=s3cr3t")
    keys = application.ApplicationKeys(public_key="public", private_key="pr1v")

    assert who.__rich_repr__() == [("api_key", "key"), ("application_id", "")]
    assert repr(request) == "Request(method='POST', url='https://rest.nexmo.com/sms/json')"
    assert request.__rich_repr__() == [("method", "POST"), ("url", "https://rest.nexmo.com/sms/json")]
    assert keys.__rich_repr__() == [("public_key", "public")]
