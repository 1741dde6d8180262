"""Replies as the vendor documents them become whole typed objects, or errors that keep status, code and text."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from fake_nexmo_client import application, call, developer, insight, sms, verify
from fake_nexmo_client.errors import (
    BadReplyError,
    HttpError,
    InsightError,
    InvalidParameter,
    NexmoError,
    NotFoundError,
    ServerError,
    SmsError,
    ThrottledError,
    UnauthorizedError,
    VerifyError,
)
from fake_nexmo_client.exchange import Plan, Response
from fake_nexmo_client.links import Link, Links

ID = "6f1d2c3b4a5e60718293a4b5c6d7e8f9"
UUID = "63f61863-4a51-4f6b-86e1-46edebcf9356"
CONVERSATION = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22"
SEND = sms.send(sms.Sms(sender="Acme", to="447700900123", text="Hi"))
START = verify.start(verify.StartVerification(number="447700900123", brand="Acme"))
MAKE = call.create(call.CreateCall(to=call.PhoneEndpoint(number="447700900123")))


def reply(content: Any, status: int = 200) -> Response:
    """A reply in JSON."""
    return Response(status, json.dumps(content).encode())


def refused(plan: Plan[Any], response: Response) -> NexmoError:
    """The error that a plan makes of a reply."""
    with pytest.raises(NexmoError) as raised:
        plan.read(response)
    return raised.value


# ------------------------------------------------------------------------------------------------------------ replies

PART = {
    "to": "447700900123",
    "message-id": "0C0000005A17E3B2",
    "status": "0",
    "remaining-balance": "12.40120000",
    "message-price": "0.03330000",
    "network": "23410",
    "client-ref": "order-77",
    "account-ref": "a",
}
TYPED_PART = sms.SmsPart(
    to="447700900123",
    message_id="0C0000005A17E3B2",
    status="0",
    remaining_balance=Decimal("12.40120000"),
    message_price=Decimal("0.03330000"),
    network="23410",
    client_ref="order-77",
    account_ref="a",
)
CARRIER = {"network_code": "23415", "name": "Vodafone Limited", "country": "GB", "network_type": "mobile"}
TYPED_CARRIER = insight.Carrier(network_code="23415", name="Vodafone Limited", country="GB", network_type="mobile")
BASIC: dict[str, Any] = {
    "status": 0,
    "status_message": "Success",
    "request_id": "0f0d1c9e",
    "international_format_number": "447700900123",
    "national_format_number": "07700 900123",
    "country_code": "GB",
    "country_code_iso3": "GBR",
    "country_name": "United Kingdom",
    "country_prefix": "44",
}
NAMES: dict[str, Any] = {
    "caller_name": "Ada Byron",
    "last_name": "Byron",
    "first_name": "Ada",
    "caller_type": "consumer",
}
STANDARD: dict[str, Any] = {
    **BASIC,
    "request_price": "0.01500000",
    "refund_price": "0.01000000",
    "remaining_balance": "12.39620000",
    "current_carrier": CARRIER,
    "original_carrier": {"network_code": None, "name": None, "country": None, "network_type": None},
    "ported": "ported",
    "caller_identity": {**NAMES, "subscription_type": "prepaid"},
    **NAMES,
}
TYPED_STANDARD: dict[str, Any] = {
    **BASIC,
    "request_price": Decimal("0.01500000"),
    "refund_price": Decimal("0.01000000"),
    "remaining_balance": Decimal("12.39620000"),
    "current_carrier": TYPED_CARRIER,
    "original_carrier": insight.Carrier(),
    "ported": "ported",
    "caller_identity": insight.CallerIdentity(**NAMES, subscription_type="prepaid"),
    **NAMES,
}
LIVE: dict[str, Any] = {
    "lookup_outcome": 1,
    "lookup_outcome_message": "Partial success - some fields populated",
    "valid_number": "valid",
    "reachable": "unknown",
    "ip": "192.0.2.1",
    "ip_warnings": "unknown",
    "ip_match_level": "country",
    "ip_country": "GB",
}
CALL = {
    "uuid": UUID,
    "status": "completed",
    "direction": "outbound",
    "rate": "0.10000000",
    "price": "0.00333333",
    "duration": "2",
    "network": "23410",
    "conversation_uuid": CONVERSATION,
    "start_time": "2024-04-19T01:34:18.000Z",
    "end_time": "2024-04-19T01:34:20.000Z",
    "to": {"type": "phone", "number": "447700900000"},
    "from": {"type": "phone", "number": "447700900001"},
    "_links": {"self": {"href": f"/v1/calls/{UUID}"}},
}
TYPED_CALL = call.CallInfo(
    uuid=UUID,
    status="completed",
    direction="outbound",
    rate=Decimal("0.10000000"),
    price=Decimal("0.00333333"),
    duration=2,
    network="23410",
    conversation_uuid=CONVERSATION,
    start_time=datetime(2024, 4, 19, 1, 34, 18, tzinfo=UTC),
    end_time=datetime(2024, 4, 19, 1, 34, 20, tzinfo=UTC),
    to=call.PhoneEndpoint(number="447700900000"),
    sender=call.PhoneEndpoint(number="447700900001"),
)
RINGING = {
    **{name: CALL[name] for name in ("uuid", "direction", "conversation_uuid")},
    "start_time": "",
    "end_time": "",
}
FOUND = {
    "request_id": ID,
    "account_id": "abcd1234",
    "number": "447700900123",
    "sender_id": "verify",
    "date_submitted": "2020-09-13 12:26:40",
    "date_finalized": "2020-09-13 12:27:31",
    "checks": [{"date_received": "2020-09-13 12:27:10", "code": "1111", "status": "INVALID", "ip_address": ""}],
    "first_event_date": "2020-09-13 12:26:40",
    "last_event_date": "2020-09-13 12:26:41",
    "price": "0.10000000",
    "currency": "EUR",
    "status": "SUCCESS",
    "estimated_price_messages_sent": "0.03330",
    "events": [{"id": "0C0000005A17E3B2", "type": "sms"}],
}
TYPED_FOUND = verify.Verification(
    request_id=ID,
    account_id="abcd1234",
    number="447700900123",
    sender_id="verify",
    date_submitted=datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC),
    date_finalized=datetime(2020, 9, 13, 12, 27, 31, tzinfo=UTC),
    checks=(verify.Check(date_received=datetime(2020, 9, 13, 12, 27, 10, tzinfo=UTC), code="1111", status="INVALID"),),
    first_event_date=datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC),
    last_event_date=datetime(2020, 9, 13, 12, 26, 41, tzinfo=UTC),
    price=Decimal("0.10000000"),
    currency="EUR",
    status="SUCCESS",
    estimated_price_messages_sent=Decimal("0.03330"),
    events=(verify.Event(id="0C0000005A17E3B2", type="sms"),),
)
TYPELESS = {
    "country": "GB",
    "name": "United Kingdom",
    "prefix": "44",
    "mt": "0.03330000",
    "networks": [{"code": "23410", "network": "Telefonica UK Limited", "mtPrice": "0.03330000"}],
    "countryDisplayName": "United Kingdom",
}
TYPED_TYPELESS = developer.CountryPrices(
    country="GB",
    name="United Kingdom",
    prefix="44",
    mt=Decimal("0.03330000"),
    networks=(developer.NetworkPrice(code="23410", network="Telefonica UK Limited", mt_price=Decimal("0.03330000")),),
    country_display_name="United Kingdom",
)
SHOP = {
    "id": "6f1b2c3d-0000-4000-8000-00000000a001",
    "name": "Shop",
    "voice": {
        "webhooks": [
            {"endpoint_type": "answer_url", "endpoint": "https://shop.test/answer", "http_method": "GET"},
            {"endpoint_type": "event_url", "endpoint": "https://shop.test/event", "http_method": "POST"},
        ]
    },
    "messages": {"webhooks": [{"endpoint_type": "status_url", "endpoint": "https://shop.test/status"}]},
    "keys": {"public_key": "PUBLIC", "private_key": "PRIVATE"},
    "_links": {"self": {"href": "/v1/applications/6f1b2c3d-0000-4000-8000-00000000a001"}},
}
TYPED_SHOP = application.Application(
    id="6f1b2c3d-0000-4000-8000-00000000a001",
    name="Shop",
    voice=application.ApplicationProduct(
        webhooks=(
            application.ApplicationWebhook(
                endpoint_type="answer_url", endpoint="https://shop.test/answer", http_method="GET"
            ),
            application.ApplicationWebhook(
                endpoint_type="event_url", endpoint="https://shop.test/event", http_method="POST"
            ),
        )
    ),
    messages=application.ApplicationProduct(
        webhooks=(application.ApplicationWebhook(endpoint_type="status_url", endpoint="https://shop.test/status"),)
    ),
    keys=application.ApplicationKeys(public_key="PUBLIC", private_key="PRIVATE"),
    links=Links(this=Link("/v1/applications/6f1b2c3d-0000-4000-8000-00000000a001")),
)

REPLIES: list[tuple[Plan[Any], Any, Any]] = [
    (
        SEND,
        {"message-count": "2", "messages": [PART, PART]},
        sms.SmsReply(message_count=2, messages=(TYPED_PART, TYPED_PART)),
    ),
    # Early documents have the count as a number, and members may come that nobody knows.
    (
        SEND,
        {"message-count": 1, "messages": [{"status": "0", "x": 1}]},
        sms.SmsReply(message_count=1, messages=(sms.SmsPart(status="0"),)),
    ),
    (insight.basic("1"), BASIC, insight.BasicInsight(**BASIC)),
    (insight.standard("1"), STANDARD, insight.StandardInsight(**TYPED_STANDARD)),
    (
        insight.standard("1"),
        {**BASIC, "ported": None, "current_carrier": None},
        insight.StandardInsight(**BASIC),
    ),
    (
        insight.advanced("1"),
        {
            **STANDARD,
            **LIVE,
            "status": 44,
            "roaming": {
                "status": "roaming",
                "roaming_country_code": "FR",
                "roaming_network_code": "20801",
                "roaming_network_name": "Orange France",
            },
            "real_time_data": {"active_status": "active", "handset_status": "on"},
        },
        insight.AdvancedInsight(
            **{**TYPED_STANDARD, **LIVE, "status": 44},
            roaming=insight.Roaming(
                status="roaming",
                roaming_country_code="FR",
                roaming_network_code="20801",
                roaming_network_name="Orange France",
            ),
            real_time_data=insight.RealTimeData(active_status="active", handset_status="on"),
        ),
    ),
    # Since 2020 the bare word instead of an object.
    (
        insight.advanced("1"),
        {**BASIC, "roaming": "unknown"},
        insight.AdvancedInsight(**BASIC, roaming=insight.Roaming(status="unknown")),
    ),
    (START, {"request_id": ID, "status": "0"}, verify.Started(request_id=ID, status="0")),
    (
        verify.check(ID, "1"),
        {
            "request_id": ID,
            "status": "0",
            "event_id": "0C0000005A17E3B2",
            "price": "0.10000000",
            "currency": "EUR",
            "estimated_price_messages_sent": "0.03330",
        },
        verify.Checked(
            request_id=ID,
            status="0",
            event_id="0C0000005A17E3B2",
            price=Decimal("0.10000000"),
            currency="EUR",
            estimated_price_messages_sent=Decimal("0.03330"),
        ),
    ),
    (verify.search(ID), FOUND, (TYPED_FOUND,)),
    (
        verify.search(ID, "b"),
        {"verification_requests": [FOUND, {"request_id": "b", "date_finalized": "", "status": "IN PROGRESS"}]},
        (TYPED_FOUND, verify.Verification(request_id="b", status="IN PROGRESS")),
    ),
    (verify.search(ID, "b"), {"verification_requests": []}, ()),
    (
        verify.control(ID, "cancel"),
        {"status": "0", "command": "cancel"},
        verify.Controlled(status="0", command="cancel"),
    ),
    (
        MAKE,
        {"uuid": UUID, "status": "started", "direction": "outbound", "conversation_uuid": CONVERSATION},
        call.CreatedCall(uuid=UUID, status="started", direction="outbound", conversation_uuid=CONVERSATION),
    ),
    (call.get(UUID), CALL, TYPED_CALL),
    (
        call.get(UUID),
        {**RINGING, "to": [{"type": "sip", "uri": "sip:a@shop.test", "headers": {}}], "from": None},
        call.CallInfo(
            uuid=UUID,
            direction="outbound",
            conversation_uuid=CONVERSATION,
            to=call.SipEndpoint(uri="sip:a@shop.test"),
        ),
    ),
    (
        call.get(UUID),
        {
            "uuid": UUID,
            "to": {"type": "websocket", "uri": "wss://shop.test", "content-type": "audio/l16;rate=16000"},
            "from": {"type": "app", "user": "Alice"},
        },
        call.CallInfo(
            uuid=UUID,
            to=call.WebSocketEndpoint(uri="wss://shop.test", content_type="audio/l16;rate=16000"),
            sender=call.AppEndpoint(user="Alice"),
        ),
    ),
    (
        call.search(call.SearchCalls()),
        {
            "page_size": 1,
            "record_index": 1,
            "count": 3,
            "_embedded": {"calls": [CALL]},
            "_links": {
                "self": {"href": "/v1/calls?page_size=1&record_index=1"},
                "first": {"href": "/v1/calls?page_size=1"},
                "last": {"href": "/v1/calls?page_size=1&record_index=2"},
                "next": {"href": "/v1/calls?page_size=1&record_index=2"},
                "prev": {"href": "/v1/calls?page_size=1&record_index=0"},
            },
        },
        call.CallPage(
            page_size=1,
            record_index=1,
            count=3,
            calls=(TYPED_CALL,),
            links=Links(
                this=Link("/v1/calls?page_size=1&record_index=1"),
                first=Link("/v1/calls?page_size=1"),
                last=Link("/v1/calls?page_size=1&record_index=2"),
                next=Link("/v1/calls?page_size=1&record_index=2"),
                prev=Link("/v1/calls?page_size=1&record_index=0"),
            ),
        ),
    ),
    (
        call.talk(UUID, call.Talk("Hi")),
        {"message": "Talk started", "uuid": UUID},
        call.CallDone(message="Talk started", uuid=UUID),
    ),
    (call.stop_stream(UUID), {"message": "Stream stopped"}, call.CallDone(message="Stream stopped")),
    (call.modify(UUID, "mute"), {"message": "Received"}, None),
    (
        developer.balance(),
        {"value": 10.28, "autoReload": True},
        developer.Balance(value=Decimal("10.28"), auto_reload=True),
    ),
    (developer.country_pricing("GB"), TYPELESS, TYPED_TYPELESS),
    (developer.country_pricing("VA"), {"country": "VA"}, developer.CountryPrices(country="VA")),
    (
        developer.prefix_pricing("44"),
        {"count": 1, "prices": [TYPELESS]},
        developer.PrefixPrices(count=1, prices=(TYPED_TYPELESS,)),
    ),
    (
        developer.prefix_pricing("4"),
        {"count": 0, "countries": [], "prices": []},
        developer.PrefixPrices(count=0),
    ),
    (
        developer.product_pricing("sms", "GB"),
        {
            "dialingPrefix": "44",
            "defaultPrice": "0.03330000",
            "currency": "EUR",
            "countryDisplayName": "United Kingdom",
            "countryCode": "GB",
            "countryName": "United Kingdom",
            "networks": [
                {
                    "type": "mobile",
                    "price": "0.03330000",
                    "currency": "EUR",
                    "ranges": [44770],
                    "aliases": ["23411"],
                    "mcc": "234",
                    "mnc": "10",
                    "networkCode": "23410",
                    "networkName": "Telefonica UK Limited",
                },
                {"type": "landline", "price": "0.03330000", "currency": "EUR", "networkCode": "GB-FIXED"},
            ],
        },
        developer.ProductPrices(
            dialing_prefix="44",
            default_price=Decimal("0.03330000"),
            currency="EUR",
            country_display_name="United Kingdom",
            country_code="GB",
            country_name="United Kingdom",
            networks=(
                developer.NetworkDetails(
                    type="mobile",
                    price=Decimal("0.03330000"),
                    currency="EUR",
                    ranges=(44770,),
                    aliases=("23411",),
                    mcc="234",
                    mnc="10",
                    network_code="23410",
                    network_name="Telefonica UK Limited",
                ),
                developer.NetworkDetails(
                    type="landline", price=Decimal("0.03330000"), currency="EUR", network_code="GB-FIXED"
                ),
            ),
        ),
    ),
    (
        developer.phone_pricing("sms", "1"),
        {
            "network": "23410",
            "network-code": "23410",
            "phone": "447700900000",
            "country-code": "GB",
            "price": "0.03330000",
        },
        developer.PhonePrice(
            network="23410", network_code="23410", phone="447700900000", country_code="GB", price=Decimal("0.03330000")
        ),
    ),
    (application.get("a"), SHOP, TYPED_SHOP),
    (
        application.list_all(),
        {
            "count": 7,
            "page_size": 3,
            "page_index": 2,
            "_embedded": {"applications": [SHOP]},
            "_links": {"self": {"href": "/v1/applications?page_size=3&page_index=2"}},
        },
        application.ApplicationPage(
            count=7,
            page_size=3,
            page_index=2,
            applications=(TYPED_SHOP,),
            links=Links(this=Link("/v1/applications?page_size=3&page_index=2")),
        ),
    ),
    (application.list_all(), {"count": 0}, application.ApplicationPage()),
]


@pytest.mark.parametrize(("plan", "said", "wanted"), REPLIES)
def test_replies_are_read_whole(plan: Plan[Any], said: Any, wanted: Any) -> None:
    assert plan.read(reply(said)) == wanted


@pytest.mark.parametrize("plan", [call.modify(UUID, "hangup"), application.delete("a")])
def test_nothing_is_a_reply_where_nothing_is_said(plan: Plan[Any]) -> None:
    assert plan.read(Response(204)) is None


# ------------------------------------------------------------------------------------------------------------- errors


def test_a_part_that_was_refused_is_an_error_that_keeps_the_others() -> None:
    """Some parts were accepted and paid for: the whole reply is in the error."""
    said = {"message-count": "2", "messages": [PART, {"status": "1", "error-text": "Throttled", "to": "4477"}]}
    error = refused(SEND, reply(said))
    assert isinstance(error, SmsError)
    part = sms.SmsPart(status="1", error_text="Throttled", to="4477")
    assert error.reply == sms.SmsReply(message_count=2, messages=(TYPED_PART, part))
    assert (error.http_status, error.code, error.text) == (200, "1", "Throttled")
    assert (error.refused, error.partial, str(error)) == ((part,), True, "1: Throttled (HTTP 200)")


def test_a_message_that_was_refused_as_a_whole() -> None:
    error = refused(SEND, reply({"message-count": "1", "messages": [{"status": "4", "error-text": "Bad Credentials"}]}))
    assert isinstance(error, SmsError)
    assert (error.code, error.text, error.partial) == ("4", "Bad Credentials", False)


@pytest.mark.parametrize("status", [43, 44, 45])
def test_soft_statuses_are_partial_replies(status: int) -> None:
    found = insight.standard("1").read(reply({**BASIC, "status": status}))
    assert found == insight.StandardInsight(**{**BASIC, "status": status})
    assert found.partial


@pytest.mark.parametrize("status", [1, 3, 4, 5, 9, 19, 999])
@pytest.mark.parametrize("field", ["status_message", "error_text"])
def test_other_statuses_of_a_lookup_are_errors(status: int, field: str) -> None:
    said: dict[str, Any] = {"status": status, field: "Some words"}
    error = refused(insight.advanced("1"), reply(said))
    assert isinstance(error, InsightError)
    assert (error.http_status, error.code, error.text) == (200, str(status), "Some words")
    assert error.reply == insight.AdvancedInsight(**said)


@pytest.mark.parametrize(
    ("plan", "said", "wanted"),
    [
        (
            START,
            {"request_id": ID, "status": "10", "error_text": "Concurrent verifications"},
            ("10", "Concurrent verifications", ID, ""),
        ),
        (START, {"status": "7", "error_text": "blacklisted", "network": "23410"}, ("7", "blacklisted", "", "23410")),
        (
            verify.check(ID, "1"),
            {"request_id": ID, "status": "16", "error_text": "does not match"},
            ("16", "does not match", ID, ""),
        ),
        (verify.search(ID), {"status": "101", "error_text": "No response found"}, ("101", "No response found", "", "")),
        (
            verify.search(ID),
            {"request_id": ID, "status": "101", "error_text": "No response found"},
            ("101", "No response found", ID, ""),
        ),
        (verify.search(ID), {"status": "1"}, ("1", "no reason given", "", "")),
        (verify.control(ID, "cancel"), {"status": "19", "error_text": "not now"}, ("19", "not now", "", "")),
    ],
)
def test_statuses_of_verify_are_errors(plan: Plan[Any], said: Any, wanted: tuple[str, ...]) -> None:
    error = refused(plan, reply(said))
    assert isinstance(error, VerifyError)
    assert (error.code, error.text, error.request_id, error.network) == wanted
    assert error.http_status == 200


TYPE = "https://developer.nexmo.com/api-errors"
DOCUMENTS: list[tuple[int, Any, type[HttpError], dict[str, Any]]] = [
    (
        401,
        {"type": f"{TYPE}#unauthorized", "title": "Unauthorized", "detail": "You did not.", "instance": "797a8f"},
        UnauthorizedError,
        {"code": f"{TYPE}#unauthorized", "text": "You did not.", "title": "Unauthorized", "instance": "797a8f"},
    ),
    (
        400,
        {
            "type": f"{TYPE}/application#payload-validation",
            "title": "Bad Request",
            "detail": "The request failed",
            "invalid_parameters": [{"name": "page_size", "reason": "must be between 1 and 100"}, "x"],
        },
        HttpError,
        {
            "code": f"{TYPE}/application#payload-validation",
            "text": "The request failed",
            "title": "Bad Request",
            "invalid_parameters": (InvalidParameter("page_size", "must be between 1 and 100"),),
        },
    ),
    (
        403,
        {"type": "FORBIDDEN", "error_title": "Forbidden"},
        UnauthorizedError,
        {"code": "FORBIDDEN", "text": "Forbidden", "title": "Forbidden"},
    ),
    (
        400,
        {"type": 400, "title": "Bad Request", "invalid_parameters": [{"reason": "Wrong type", "name": "to"}]},
        HttpError,
        {
            "code": "400",
            "text": "Bad Request",
            "title": "Bad Request",
            "invalid_parameters": (InvalidParameter("to", "Wrong type"),),
        },
    ),
    (
        400,
        {"type": "BAD_REQUEST", "error_title": "Bad Request", "invalid_parameters": {"event_url": "Is required."}},
        HttpError,
        {
            "code": "BAD_REQUEST",
            "text": "Bad Request",
            "title": "Bad Request",
            "invalid_parameters": (InvalidParameter("event_url", "Is required."),),
        },
    ),
    (
        400,
        {"error_title": "Bad Request", "invalid_parameters": {"parameter": "country", "message": "Is required"}},
        HttpError,
        {
            "code": "400",
            "text": "Bad Request",
            "title": "Bad Request",
            "invalid_parameters": (InvalidParameter("country", "Is required"),),
        },
    ),
    (
        420,
        {"error-code": "420", "error-code-label": "method failed"},
        HttpError,
        {"code": "420", "text": "method failed", "title": "method failed"},
    ),
    (
        404,
        {"type": "NOT_FOUND", "error_title": "Not Found"},
        NotFoundError,
        {"code": "NOT_FOUND", "text": "Not Found", "title": "Not Found"},
    ),
    (429, None, ThrottledError, {"code": "429", "text": "no reason given"}),
    (500, [1], ServerError, {"code": "500", "text": "no reason given"}),
    (501, {"title": "Not emulated"}, ServerError, {"code": "501", "text": "Not emulated", "title": "Not emulated"}),
    (301, {}, HttpError, {"code": "301", "text": "no reason given"}),
]
NONE: dict[str, Any] = {"title": "", "instance": "", "invalid_parameters": ()}


@pytest.mark.parametrize(("status", "said", "kind", "wanted"), DOCUMENTS)
@pytest.mark.parametrize("plan", [SEND, START, MAKE, call.modify(UUID, "mute"), developer.balance()])
def test_error_documents_of_all_manners(
    plan: Plan[Any], status: int, said: Any, kind: type[HttpError], wanted: dict[str, Any]
) -> None:
    """Whatever the vendor's document looks like, status, code and text are kept."""
    response = Response(status, b"<html>" if said is None else json.dumps(said).encode())
    error = refused(plan, response)
    assert type(error) is kind
    found = {name: getattr(error, name) for name in ("http_status", "code", "text", "body", *NONE)}
    assert found == {**NONE, **wanted, "http_status": status, "body": response.content}


def test_an_error_says_which_parameters_are_wrong() -> None:
    error = refused(MAKE, reply({"type": "BAD_REQUEST", "invalid_parameters": {"to": "Is required."}}, 400))
    assert str(error) == "BAD_REQUEST: no reason given (HTTP 400): to: Is required."


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'"x"', b"\xff", b"{}"])
@pytest.mark.parametrize(
    "plan",
    [
        SEND,
        insight.basic("1"),
        START,
        verify.check(ID, "1"),
        verify.search(ID),
        verify.control(ID, "cancel"),
        MAKE,
        call.get(UUID),
        call.search(call.SearchCalls()),
        developer.balance(),
        developer.prefix_pricing("44"),
        application.get("a"),
    ],
)
def test_a_success_that_is_none(plan: Plan[Any], content: bytes) -> None:
    """A proxy's page, an empty body, an object without what it must have."""
    error = refused(plan, Response(200, content))
    assert isinstance(error, BadReplyError)
    assert (error.http_status, error.body) == (200, content)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (SEND, {"message-count": "1", "messages": [{"status": 0}]}),
        (SEND, {"message-count": "one", "messages": []}),
        (verify.search(ID), {"verification_requests": {"a": 1}}),
        (verify.search(ID), {"verification_requests": ["a"]}),
        (verify.search(ID), {"request_id": ID, "checks": [1]}),
        (call.search(call.SearchCalls()), {"count": 1, "page_size": 1, "record_index": 0, "_embedded": {"calls": [1]}}),
        (call.get(UUID), {"uuid": UUID, "to": {"type": "pigeon"}}),
        (developer.balance(), {"value": "much"}),
    ],
)
def test_members_of_another_type(plan: Plan[Any], said: Any) -> None:
    assert isinstance(refused(plan, reply(said)), BadReplyError)


def test_every_error_is_of_one_family() -> None:
    """``except NexmoError`` catches them all."""
    kinds: list[Callable[..., NexmoError]] = [BadReplyError, HttpError, InsightError, SmsError, VerifyError]
    assert all(isinstance(kind, type) and issubclass(kind, NexmoError) for kind in kinds)
    for narrow in (UnauthorizedError, NotFoundError, ThrottledError, ServerError):
        assert issubclass(narrow, HttpError)
