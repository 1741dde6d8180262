"""Every operation by both clients, against the emulator: whole typed replies, and the errors it really gives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from fake_nexmo.keys.pool import key_pair
from fake_nexmo_client import (
    ApplicationSettings,
    AsyncClient,
    Client,
    CreateCall,
    HttpError,
    InsightError,
    InvalidParameter,
    NexmoError,
    NoAnswerError,
    NotFoundError,
    PhoneEndpoint,
    SearchCalls,
    ServerError,
    Sms,
    SmsError,
    StartVerification,
    Stream,
    Talk,
    ThrottledError,
    Transfer,
    UnauthorizedError,
    VerifyError,
    webhooks,
)
from fake_nexmo_client.application import Application, ApplicationKeys, ApplicationProduct, ApplicationWebhook
from fake_nexmo_client.call import CallDone, CallInfo, CallPage, CreatedCall
from fake_nexmo_client.developer import Balance, PhonePrice
from fake_nexmo_client.events import CallStatusEvent
from fake_nexmo_client.insight import AdvancedInsight, BasicInsight, Carrier, Roaming, StandardInsight
from fake_nexmo_client.links import Link, Links
from fake_nexmo_client.sms import SmsPart, SmsReply
from fake_nexmo_client.verify import Check, Checked, Controlled, Event, Started, Verification
from tests.client.face import Face
from tests.receiver import Answer, Receiver

ALICE = "447700900001"
SIGNATURE_SECRET = "fake-nexmo-signature-secret-000001"
HELLO = Sms(sender="Acme", to=ALICE, text="Tea & cake = joy", client_ref="order-77")
ENDLESS = [{"action": "talk", "text": "Hello", "loop": 0}]
MAKE = CreateCall(to=PhoneEndpoint(number=ALICE), sender=PhoneEndpoint(number="447700900000"), ncco=ENDLESS)
START = datetime(2026, 1, 1, tzinfo=UTC)


async def error_of(face: Face, operation: Callable[[Any], Any], **changed: Any) -> NexmoError:
    """The error that an operation ends with."""
    with pytest.raises(NexmoError) as raised:
        await face.do(operation, **changed)
    return raised.value


# ---------------------------------------------------------------------------------------------------------------- SMS


async def test_send(face: Face) -> None:
    reply = await face.do(lambda client: client.sms.send(HELLO))
    assert reply == SmsReply(
        message_count=1,
        messages=(
            SmsPart(
                to=ALICE,
                message_id="0C45FFF378C84E45",
                status="0",
                remaining_balance=Decimal("99.96670000"),
                message_price=Decimal("0.03330000"),
                network="23410",
                client_ref="order-77",
            ),
        ),
    )
    message = (await face.house.control("GET", "messages"))["items"][0]
    assert (message["from"], message["to"], message["text"]) == ("Acme", ALICE, "Tea & cake = joy")


@pytest.mark.parametrize("method", ["md5hash", "md5", "sha1", "sha256", "sha512"])
async def test_signed_by_all_methods(face: Face, method: str) -> None:
    """The emulator accepts what is signed by the account's method, everywhere, and by no other."""
    await face.house.control("PATCH", "accounts/abcd1234", {"signature": {"method": method}})
    signed = {"api_secret": "", "signature_secret": SIGNATURE_SECRET, "signature_method": method}

    assert (await face.do(lambda client: client.sms.send(HELLO), **signed)).message_count == 1
    assert (await face.do(lambda client: client.developer.balance(), **signed)).value == Decimal("99.9667")
    assert (await face.do(lambda client: client.application.list(page_size=5), **signed)).count == 1
    made = await face.do(lambda client: client.verify.start(StartVerification(number=ALICE, brand="A")), **signed)
    found = await face.do(lambda client: client.verify.search(made.request_id, "b"), **signed)
    assert [each.request_id for each in found] == [made.request_id]

    other = "sha256" if method != "sha256" else "md5"
    error = await error_of(face, lambda client: client.sms.send(HELLO), **{**signed, "signature_method": other})
    assert (type(error), error.code, error.text) == (SmsError, "14", "Invalid Signature")


async def test_message_that_is_refused(face: Face) -> None:
    error = await error_of(face, lambda client: client.sms.send(HELLO), api_secret="wrong")
    assert isinstance(error, SmsError)
    assert (error.http_status, error.code, error.text, error.partial) == (200, "4", "Bad Credentials", False)
    assert error.reply == SmsReply(message_count=1, messages=(SmsPart(status="4", error_text="Bad Credentials"),))


# ------------------------------------------------------------------------------------------------------------ Insight

BASIC: dict[str, Any] = {
    "status": 0,
    "status_message": "Success",
    "international_format_number": ALICE,
    "national_format_number": "07700 900001",
    "country_code": "GB",
    "country_code_iso3": "GBR",
    "country_name": "United Kingdom",
    "country_prefix": "44",
}
O2 = Carrier(network_code="23410", name="Telefonica UK Limited (O2)", country="GB", network_type="mobile")


async def test_insight(face: Face) -> None:
    """All three levels, whole."""
    basic = await face.do(lambda client: client.insight.basic("07700 900001", country="GB"))
    standard = await face.do(lambda client: client.insight.standard(ALICE))
    advanced = await face.do(lambda client: client.insight.advanced(ALICE))

    assert basic == BasicInsight(**BASIC, request_id=basic.request_id)
    assert standard == StandardInsight(
        **BASIC,
        request_id=standard.request_id,
        request_price=Decimal("0.00500000"),
        remaining_balance=Decimal("99.99500000"),
        current_carrier=O2,
        original_carrier=O2,
        ported="assumed_not_ported",
    )
    assert advanced == AdvancedInsight(
        **BASIC,
        request_id=advanced.request_id,
        request_price=Decimal("0.03000000"),
        remaining_balance=Decimal("99.96500000"),
        current_carrier=O2,
        original_carrier=O2,
        ported="not_ported",
        lookup_outcome=0,
        lookup_outcome_message="Success",
        valid_number="valid",
        reachable="reachable",
        roaming=Roaming(status="not_roaming"),
    )


async def test_insight_that_is_refused(face: Face) -> None:
    error = await error_of(face, lambda client: client.insight.basic("12ab"))
    assert isinstance(error, InsightError)
    text = "Invalid request :: Not valid number format detected [ 12ab ]"
    assert (error.http_status, error.code, error.text) == (200, "3", text)
    assert error.reply == BasicInsight(status=3, status_message=text)


# ------------------------------------------------------------------------------------------------------------- Verify


async def test_verification(face: Face) -> None:
    """Started, looked at, pushed on, a wrong code, the right one."""
    started = await face.do(lambda client: client.verify.start(StartVerification(number=ALICE, brand="Acme")))
    request_id = started.request_id
    assert started == Started(request_id=request_id, status="0")
    code = (await face.house.control("GET", f"verifications/{request_id}"))["code"]
    wrong = "1" * 4 if code != "1" * 4 else "2" * 4

    running = await face.do(lambda client: client.verify.search(request_id))
    sent = running[0].events
    assert running == (
        Verification(
            request_id=request_id,
            account_id="abcd1234",
            number=ALICE,
            sender_id="verify",
            date_submitted=START,
            first_event_date=START,
            last_event_date=START,
            price=Decimal(0),
            currency="EUR",
            status="IN PROGRESS",
            estimated_price_messages_sent=Decimal("0.03330"),
            events=(Event(id=sent[0].id, type="sms"),),
        ),
    )
    assert await face.do(lambda client: client.verify.search(request_id, "b")) == running

    pushed = await face.do(lambda client: client.verify.control(request_id, "trigger_next_event"))
    assert pushed == Controlled(status="0", command="trigger_next_event")

    error = await error_of(face, lambda client: client.verify.check(request_id, wrong))
    assert isinstance(error, VerifyError)
    assert (error.code, error.text, error.request_id) == (
        "16",
        "The code provided does not match the expected value",
        request_id,
    )

    checked = await face.do(lambda client: client.verify.check(request_id, code))
    found = (await face.do(lambda client: client.verify.search(request_id)))[0]
    assert checked == Checked(
        request_id=request_id,
        status="0",
        event_id=checked.event_id,
        price=Decimal("0.05000000"),
        currency="EUR",
        estimated_price_messages_sent=Decimal("0.03330"),
    )
    assert found.checks == (
        Check(date_received=START, code=wrong, status="INVALID"),
        Check(date_received=START, code=code, status="VALID"),
    )
    assert (found.status, found.date_finalized) == ("SUCCESS", START)


async def test_verification_that_runs_already(face: Face) -> None:
    """The error names the request that runs, so that a program can go on with it; it may be cancelled after 30 s."""
    request = StartVerification(number=ALICE, brand="Acme")
    started = await face.do(lambda client: client.verify.start(request))
    error = await error_of(face, lambda client: client.verify.start(request))
    assert isinstance(error, VerifyError)
    assert (error.http_status, error.code, error.request_id) == (200, "10", started.request_id)

    early = await error_of(face, lambda client: client.verify.control(started.request_id, "cancel"))
    assert (type(early), early.code) == (VerifyError, "19")
    await face.house.advance("30s")
    done = await face.do(lambda client: client.verify.control(started.request_id, "cancel"))
    assert done == Controlled(status="0", command="cancel")


async def test_verification_that_nobody_knows(face: Face) -> None:
    error = await error_of(face, lambda client: client.verify.search("nobody"))
    assert (type(error), error.code, error.text) == (VerifyError, "101", "No response found")


# --------------------------------------------------------------------------------------------------------------- Call


async def test_call(face: Face) -> None:
    """A call from its making to its end, with everything that can be done to it."""
    made = await face.do(lambda client: client.call.create(MAKE))
    uuid = made.uuid
    assert made == CreatedCall(
        uuid=uuid, conversation_uuid=made.conversation_uuid, direction="outbound", status="started"
    )
    early = await error_of(face, lambda client: client.call.talk(uuid, Talk("Hi")))
    assert (type(early), early.http_status, early.code, early.text) == (HttpError, 400, "BAD_REQUEST", "Bad Request")

    await face.house.advance("3s")
    answered = CallInfo(
        uuid=uuid,
        conversation_uuid=made.conversation_uuid,
        to=PhoneEndpoint(number=ALICE),
        sender=PhoneEndpoint(number="447700900000"),
        status="answered",
        direction="outbound",
        rate=Decimal("0.03330000"),
        network="23410",
        start_time=datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC),
    )
    assert await face.do(lambda client: client.call.get(uuid)) == answered
    links = "/v1/calls?page_size=5&record_index=0&status=answered"
    assert await face.do(lambda client: client.call.search(SearchCalls(status="answered", page_size=5))) == CallPage(
        count=1,
        page_size=5,
        record_index=0,
        calls=(answered,),
        links=Links(this=Link(links), first=Link("/v1/calls?page_size=5&status=answered"), last=Link(links)),
    )
    for operation, message in (
        (lambda client: client.call.talk(uuid, Talk("Hi", language="en-GB", loop=0)), "Talk started"),
        (lambda client: client.call.stop_talk(uuid), "Talk stopped"),
        (lambda client: client.call.stream(uuid, Stream("https://shop.test/a.mp3", loop=0)), "Stream started"),
        (lambda client: client.call.stop_stream(uuid), "Stream stopped"),
        (lambda client: client.call.send_dtmf(uuid, "17p#"), "DTMF sent"),
    ):
        assert await face.do(operation) == CallDone(message=message, uuid=uuid)
    actions: list[Any] = ["mute", "unmute", "earmuff", "unearmuff", Transfer(ncco=ENDLESS), "hangup"]
    for action in actions:
        assert await face.do(partial(modify, uuid=uuid, action=action)) is None

    await face.house.advance("1s")
    ended = await face.do(lambda client: client.call.get(uuid))
    assert replace(ended, conversation_uuid="") == replace(
        answered,
        conversation_uuid="",
        status="completed",
        price=ended.price,
        duration=ended.duration,
        end_time=ended.end_time,
    )
    assert ended.duration == (ended.end_time - ended.start_time).seconds
    assert isinstance(ended.price, Decimal)


def modify(client: Any, uuid: str, action: Any) -> Any:
    """Modify a call by either client."""
    return client.call.modify(uuid, action)


async def test_calls_that_are_refused(face: Face) -> None:
    """Nobody's call, a wrong number, a key of somebody else, no key."""
    unknown = await error_of(face, lambda client: client.call.get("63f61863-4a51-4f6b-86e1-46edebcf9356"))
    assert (type(unknown), unknown.http_status, unknown.code, unknown.text) == (
        NotFoundError,
        404,
        "NOT_FOUND",
        "Not Found",
    )
    wrong = await error_of(face, lambda client: client.call.create(replace(MAKE, to=PhoneEndpoint(number="12"))))
    assert isinstance(wrong, HttpError)
    assert (wrong.http_status, wrong.code, wrong.text) == (400, "400", "Bad Request")
    assert wrong.invalid_parameters == (InvalidParameter("number", "can contain up to 15 digits prefixed with +"),)
    foreign = await error_of(face, lambda client: client.call.create(MAKE), private_key=key_pair(42, 5).private)
    assert (type(foreign), foreign.code, foreign.text) == (UnauthorizedError, "UNAUTHORIZED", "Unauthorized")


# ---------------------------------------------------------------------------------------------------------- Developer


async def test_balance(face: Face) -> None:
    assert await face.do(lambda client: client.developer.balance()) == Balance(value=Decimal(100), auto_reload=False)
    error = await error_of(face, lambda client: client.developer.balance(), api_key="nobody")
    assert (type(error), error.http_status, error.code, error.text) == (
        UnauthorizedError,
        401,
        "401",
        "authentication failed",
    )


async def test_pricing(face: Face) -> None:
    """What the four calls say agrees with one another."""
    country = await face.do(lambda client: client.developer.country_pricing("ZM"))
    product = await face.do(lambda client: client.developer.product_pricing("sms", "ZM"))
    prefix = await face.do(lambda client: client.developer.prefix_pricing("260"))
    phone = await face.do(lambda client: client.developer.phone_pricing("sms", ALICE))

    assert (country.country, country.name, country.prefix, country.mt) == ("ZM", "Zambia", "260", Decimal("0.28725"))
    assert (prefix.count, prefix.prices) == (1, (country,))
    assert (product.country_code, product.dialing_prefix, product.default_price) == ("ZM", "260", country.mt)
    assert [(each.network_code, each.network_name, each.price) for each in product.networks] == [
        (each.code, each.network, each.mt_price) for each in country.networks
    ]
    assert phone == PhonePrice(
        phone=ALICE, country_code="GB", network_code="23410", network="23410", price=Decimal("0.0333")
    )
    none = await face.do(lambda client: client.developer.prefix_pricing("4"))
    assert (none.count, none.prices) == (0, ())


async def test_pricing_that_is_refused(face: Face) -> None:
    country = await error_of(face, lambda client: client.developer.country_pricing("XX"))
    product = await error_of(face, lambda client: client.developer.product_pricing("fax", "GB"))
    phone = await error_of(face, lambda client: client.developer.phone_pricing("sms", "GB"))
    assert [(type(error), error.http_status, error.code, error.text) for error in (country, phone)] == [
        (HttpError, 420, "420", "method failed")
    ] * 2
    assert (type(product), product.http_status) == (NotFoundError, 404)


# -------------------------------------------------------------------------------------------------------- Application


async def test_application(face: Face) -> None:
    """Made, found, listed, changed, removed."""
    pair = key_pair(42, 1)
    event = ApplicationWebhook(endpoint_type="event_url", endpoint="https://shop.test/event", http_method="POST")
    settings = ApplicationSettings(name="Shop", event_url="https://shop.test/event")

    made = await face.do(lambda client: client.application.create(settings))
    shop = Application(
        id=made.id,
        name="Shop",
        voice=ApplicationProduct(webhooks=(event,)),
        keys=ApplicationKeys(public_key=pair.public),
        links=Links(this=Link(f"/v1/applications/{made.id}")),
    )
    assert made == replace(shop, keys=ApplicationKeys(public_key=pair.public, private_key=pair.private))
    assert await face.do(lambda client: client.application.get(made.id)) == shop

    page = await face.do(lambda client: client.application.list(page_size=1, page_index=2))
    assert (page.count, page.page_size, page.page_index) == (2, 1, 2)
    assert page.applications == (replace(shop, links=Links(this=Link(f"/applications/{made.id}"))),)
    assert page.links.prev == Link("/v1/applications?page_size=1&page_index=1")

    renamed = await face.do(lambda client: client.application.modify(made.id, replace(settings, name="Store")))
    assert renamed == replace(shop, name="Store")

    # The key that was answered makes calls, until the application is gone.
    assert (
        await face.do(lambda client: client.call.search(), application_id=made.id, private_key=made.keys.private_key)
    ).count == 0
    assert await face.do(lambda client: client.application.delete(made.id)) is None
    error = await error_of(face, lambda client: client.application.get(made.id))
    assert (type(error), error.code, error.text) == (NotFoundError, "NOT_FOUND", "Not Found")


async def test_application_that_is_refused(face: Face) -> None:
    error = await error_of(face, lambda client: client.application.create(ApplicationSettings(name="Shop")))
    assert isinstance(error, HttpError)
    assert (error.http_status, error.code, error.text) == (400, "BAD_REQUEST", "Bad Request")
    assert error.invalid_parameters == (InvalidParameter("event_url", "Is required."),)


# ------------------------------------------------------------------------------------------------------------ carrying


@pytest.mark.parametrize(
    ("answer", "kind"),
    [({"http": 429}, ThrottledError), ({"http": 503}, ServerError), ("throttled", SmsError)],
)
async def test_nothing_is_tried_again(face: Face, answer: Any, kind: type[NexmoError]) -> None:
    """One request for each call, whatever comes back."""
    await face.house.control("POST", "faults", {"target": "sms.send", "answer": answer}, 201)
    assert type(await error_of(face, lambda client: client.sms.send(HELLO))) is kind
    assert len((await face.house.control("GET", "requests"))["items"]) == 1


async def test_where_nobody_listens(face: Face) -> None:
    """A connection that fails, and one that breaks, are errors of the family; the cause is httpx's."""
    async with Receiver() as receiver:
        receiver.answer_by(lambda _: Answer(hang_up=True))
        url = receiver.url
        broken = await real(face, url)
        assert len(receiver.requests) == 1
    closed = await real(face, url)
    for error, cause in ((broken, httpx.RemoteProtocolError), (closed, httpx.ConnectError)):
        assert isinstance(error, NoAnswerError)
        assert isinstance(error.__cause__, cause)
        assert (error.http_status, error.code) == (None, "")
        assert error.text.startswith(f"GET {url}/account/get-balance: {cause.__name__}")


async def test_time_outs(face: Face) -> None:
    """Whoever does not answer in time has not answered."""
    async with Receiver() as receiver:
        never = asyncio.Event()
        receiver.answer_by(lambda _: Answer(until=never))
        error = await real(face, receiver.url, timeout_s=0.05)
        never.set()
    assert isinstance(error, NoAnswerError)
    assert isinstance(error.__cause__, httpx.ReadTimeout)


async def real(face: Face, url: str, **options: Any) -> NexmoError:
    """The error of a client that has a connection of its own."""
    credentials = {**face.credentials, **options, "base_url": url}
    if face.kind == "async":
        async with AsyncClient(**credentials) as client:
            with pytest.raises(NexmoError) as raised:
                await client.developer.balance()
    else:
        with Client(**credentials) as waiting, pytest.raises(NexmoError) as raised:
            await asyncio.to_thread(waiting.developer.balance)
    return raised.value


async def test_headers_of_every_request() -> None:
    """Who it is, and that JSON is wanted; a redirect is an error, and nothing follows it."""
    async with Receiver() as receiver:
        receiver.say(Answer(307, headers=(("Location", receiver.url),)))
        async with AsyncClient(api_key="abcd1234", api_secret="x", base_url=receiver.url) as client:
            with pytest.raises(HttpError) as raised:
                await client.developer.balance()
    sent = receiver.requests[0]
    assert (raised.value.http_status, len(receiver.requests)) == (307, 1)
    assert (sent.method, sent.path, sent.header("accept"), sent.header("user-agent")) == (
        "GET",
        "/account/get-balance",
        "application/json",
        "fake-nexmo-client",
    )


async def test_base_url_of_one_service(face: Face) -> None:
    """A service may live elsewhere, said at the start or later, with a slash or without."""

    def elsewhere(client: Any) -> Any:
        client.sms.base_url = "http://127.0.0.1:6396/sms/"
        return client.sms.send(HELLO)

    assert (await face.do(elsewhere)).message_count == 1
    options = {"base_urls": {"developer": "http://127.0.0.1:6396/nowhere"}}
    error = await error_of(face, lambda client: client.developer.balance(), **options)
    assert isinstance(error, ServerError)


def test_real_hosts_and_thirty_seconds() -> None:
    """Without a base URL the client speaks to the service itself."""
    with Client() as client:
        services = (client.sms, client.insight, client.verify, client.call, client.developer, client.application)
        assert [each.base_url for each in services] == [
            "https://rest.nexmo.com/sms",
            "https://api.nexmo.com/ni",
            "https://api.nexmo.com/verify",
            "https://api.nexmo.com/v1/calls",
            "https://rest.nexmo.com",
            "https://api.nexmo.com/v1/applications",
        ]
        assert client._http.timeout == httpx.Timeout(30)


async def test_own_connections_are_closed_and_foreign_ones_are_not() -> None:
    mine, yours = httpx.Client(), httpx.AsyncClient()
    with Client(http=mine):
        pass
    async with AsyncClient(http=yours):
        pass
    assert (mine.is_closed, yours.is_closed) == (False, False)
    with mine, Client() as client:
        http = client._http
    async with yours, AsyncClient() as other:
        own = other._http
    assert (http.is_closed, own.is_closed) == (True, True)


# ------------------------------------------------------------------------------------------------------------ webhooks


@pytest.mark.parametrize("http_method", ["GET", "POST", "POST-JSON"])
@pytest.mark.parametrize("method", ["md5hash", "md5", "sha1", "sha256", "sha512"])
async def test_receipts_of_the_emulator(face: Face, http_method: str, method: Any) -> None:
    """A signed receipt in each form, by each method, is genuine and says what it should."""
    async with Receiver() as receiver:
        hooks = {"signed": True, "method": http_method, "receipts": f"{receiver.url}/receipt"}
        facts = {"signature": {"method": method}, "webhooks": hooks}
        await face.house.control("PATCH", "accounts/abcd1234", facts)
        reply = await face.do(lambda client: client.sms.send(HELLO), signature_method=method)
        await face.house.advance("5s")
        sent = (await receiver.wait_for(1))[0]

    params = webhooks.read_params(query=sent.query, body=sent.body, content_type=sent.header("content-type") or "")
    webhooks.check_sms_signature(params, SIGNATURE_SECRET, method)
    receipt = webhooks.parse_receipt(params)
    assert (receipt.recipient, receipt.sender, receipt.status, receipt.err_code) == (ALICE, "Acme", "delivered", 0)
    assert (receipt.message_id, receipt.client_ref) == (reply.messages[0].message_id, "order-77")


@pytest.mark.parametrize("http_method", ["GET", "POST"])
async def test_call_events_of_the_emulator(face: Face, http_method: Any) -> None:
    """The token of each event fits it, whichever way it came."""
    async with Receiver() as receiver:
        request = replace(MAKE, event_url=f"{receiver.url}/event", event_method=http_method)
        made = await face.do(lambda client: client.call.create(request))
        await face.house.advance("3s")
        sent = await receiver.wait_for(3)

    seen = []
    for each in sent:
        authorization = each.header("authorization") or ""
        claims = webhooks.check_token(authorization, SIGNATURE_SECRET, body=each.body, query=each.query)
        assert (claims.api_key, claims.application_id) == ("abcd1234", face.credentials["application_id"])
        params = webhooks.read_params(query=each.query, body=each.body)
        event = webhooks.parse_call_event(params)
        assert isinstance(event, CallStatusEvent)
        seen.append((event.uuid, event.status))
    assert seen == [(made.uuid, status) for status in ("started", "ringing", "answered")]
