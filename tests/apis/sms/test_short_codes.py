"""US short codes: what each call becomes, what it answers in both forms, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx
import pytest

from fake_nexmo.apis.sms import short_codes_rules as rules
from fake_nexmo.apis.sms import short_codes_wire as wire
from fake_nexmo.apis.sms.model import OptIn, Send, SmsRefusal
from fake_nexmo.apis.sms.short_codes import PATHS
from fake_nexmo.apis.sms.short_codes_rules import Alert, Marketing, Page, TwoFactor
from fake_nexmo.core.change import Change
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Secret
from fake_nexmo.core.refusal import Refusal
from tests.house import House
from tests.receiver import Receiver

KEY, SECRET, SIGNING = "abcd1234", "s3cr3tS3cr3t", "fake-nexmo-signature-secret-000001"
WHO = {"api_key": KEY, "api_secret": SECRET}
US, GB = "12015550101", "447700900001"
ACCOUNT = Account(id="main", api_key=KEY, secrets=(Secret("1", SECRET, 0),), signature_secret="x")
# 2026-01-01T00:00:00Z
NOW = 1_767_225_600_000_000
MOMENT = Moment(NOW, 7, 42)
ANN = OptIn(id="main/12015550101", account="main", number=US, opted_in_at=NOW)
R = SmsRefusal


# ----------------------------------------------------------------------------------------------------- the rules


def test_a_code_becomes_a_text() -> None:
    """From the shared short code."""
    assert rules.two_factor(TwoFactor(US, "0042", "7")) == Send(
        sender="12345", to=US, type="text", text="Your code is 0042", client_ref="7"
    )


def test_an_alert_becomes_a_text_with_what_its_template_is_filled_with() -> None:
    """In the order it came."""
    alert = Alert(US, "unicode", "2", {"name": "Ann", "time": "9:00"}, wants_receipt=False, client_ref="7")

    assert rules.alert(alert) == Send(
        sender="12345",
        to=US,
        type="unicode",
        text="Alert 2; name: Ann; time: 9:00",
        wants_receipt=False,
        client_ref="7",
    )


def test_without_a_template_it_is_the_first() -> None:
    """Source: reference sms §15a."""
    assert rules.alert(Alert(US, "text", "", {}, wants_receipt=True, client_ref="")).text == "Alert 0"


@pytest.mark.parametrize("code", ["12345", "123456"])
def test_a_campaigns_message_is_its_own_text(code: str) -> None:
    """From the short code it names."""
    assert rules.marketing(Marketing(code, US, "SALE", "All must go")) == Send(
        sender=code, to=US, type="text", text="All must go"
    )


def alert(to: str = US, kind: str = "text", template: str = "") -> Alert:
    return Alert(to, kind, template, {}, wants_receipt=True, client_ref="")


def become(command: TwoFactor | Alert | Marketing) -> Send:
    """The SMS that a command becomes."""
    if isinstance(command, TwoFactor):
        return rules.two_factor(command)
    return rules.alert(command) if isinstance(command, Alert) else rules.marketing(command)


@pytest.mark.parametrize(
    ("command", "row"),
    [
        (TwoFactor("", "", ""), R.MISSING_TO),
        (TwoFactor(US, "", ""), R.MISSING_PIN),
        (TwoFactor("x", "1", ""), R.NOT_NUMERIC),
        (TwoFactor(GB, "1", ""), R.CAMPAIGN_MSISDN),
        (TwoFactor(US, "12a4", ""), R.INVALID_PIN),
        (TwoFactor(US, "١٢٣٤", ""), R.INVALID_PIN),
        (alert(""), R.MISSING_TO),
        (alert("x"), R.NOT_NUMERIC),
        (alert(GB), R.CAMPAIGN_MSISDN),
        (alert(kind="binary"), R.INVALID_TYPE),
        (alert(template="first"), R.INVALID_TEMPLATE),
        (alert(template="-1"), R.INVALID_TEMPLATE),
        (Marketing("", US, "K", "T"), R.MISSING_FROM),
        (Marketing("12345", "", "K", "T"), R.MISSING_TO),
        (Marketing("12345", US, "", "T"), R.MISSING_KEYWORD),
        (Marketing("12345", US, "K", ""), R.MISSING_TEXT),
        (Marketing("12345", "x", "K", "T"), R.NOT_NUMERIC),
        (Marketing("12345", GB, "K", "T"), R.CAMPAIGN_MSISDN),
        (Marketing("1234", US, "K", "T"), R.CAMPAIGN_SHORT_CODE),
        (Marketing("1234567", US, "K", "T"), R.CAMPAIGN_SHORT_CODE),
        (Marketing("Acme", US, "K", "T"), R.CAMPAIGN_SHORT_CODE),
    ],
)
def test_what_is_missing_or_wrong(command: TwoFactor | Alert | Marketing, row: SmsRefusal) -> None:
    """Presence first, then the number, then the rest."""
    with pytest.raises(Refusal) as refused:
        become(command)
    assert refused.value.row is row


def test_a_number_that_nobody_can_have_is_left_to_the_routing() -> None:
    """Which refuses it as it would any other."""
    assert rules.two_factor(TwoFactor("0", "1", "")).to == "0"


MANY = tuple(
    OptIn(id=f"main/1201555010{k % 10}", account="main", number=f"1201555010{k % 10}", opted_in_at=NOW + k)
    for k in range(45)
)


@pytest.mark.parametrize(
    ("size", "number", "members"),
    [
        ("", "", MANY[:20]),
        ("", "3", MANY[40:]),
        ("10", "2", MANY[10:20]),
        ("10", "6", ()),
        ("45", "1", MANY),
        ("0", "0", MANY[:20]),
        ("-1", "x", MANY[:20]),
        ("9999999", "", MANY[:20]),
    ],
)
def test_a_page_of_those_who_opted_in(size: str, number: str, members: tuple[OptIn, ...]) -> None:
    """Counted from 1, twenty where nobody says; the count is that of all."""
    assert rules.page(MANY, size, number) == Page(45, members)


def test_a_number_opts_in_once() -> None:
    """A second time changes nothing."""
    first = rules.opt_in(US, None, ACCOUNT, MOMENT)

    assert (first.change, first.answer) == (Change(put=(ANN,)), ANN)
    assert ANN.keys() == ("account/main",)
    again = rules.opt_in(US, ANN, ACCOUNT, Moment(NOW + 9, 8, 42))
    assert (again.change, again.answer) == (Change(), ANN)


@pytest.mark.parametrize("number", ["", "x", GB, "0"])
def test_only_american_numbers_opt_in(number: str) -> None:
    """Source: reference sms §7, status 34."""
    with pytest.raises(Refusal) as refused:
        rules.opt_in(number, None, ACCOUNT, MOMENT)
    assert refused.value.row is R.INVALID_MSISDN


# ----------------------------------------------------------------------------------------------------- the words


def test_what_is_no_parameter_of_the_api_fills_the_template() -> None:
    """Credentials never do."""
    params = {
        "api_key": "k",
        "api_secret": "s",
        "username": "u",
        "password": "p",
        "sig": "x",
        "timestamp": "1",
        "to": "+12015550101",
        "name": "Ann",
        "status-report-req": "0",
        "client-ref": "7",
        "template": "1",
        "type": "unicode",
        "from": "Bob",
    }

    assert wire.parse_alert(params) == Alert(
        US, "unicode", "1", {"name": "Ann", "from": "Bob"}, wants_receipt=False, client_ref="7"
    )


def test_the_smallest_commands() -> None:
    """What was not said is empty."""
    assert wire.parse_two_factor({}) == TwoFactor("", "", "")
    assert wire.parse_alert({}) == Alert("", "text", "", {}, wants_receipt=True, client_ref="")
    assert wire.parse_marketing({}) == Marketing("", "", "", "")
    assert wire.parse_msisdn({}) == ""


# ------------------------------------------------------------------------------------------- through the house


def accepted(message_id: str, balance: str, **more: str) -> dict[str, Any]:
    """The answer to an accepted message."""
    element = {
        "to": US,
        "message-id": message_id,
        "status": "0",
        "remaining-balance": balance,
        "message-price": "0.00570000",
        "network": "US-UNKNOWN",
        **{name.replace("_", "-"): text for name, text in more.items()},
    }
    return {"message-count": "1", "messages": [element]}


async def call(house: House, path: str, method: str = "POST", /, **params: str) -> httpx.Response:
    """Call a short code with the default credentials, by form or query; HTTP 200 whatever comes of it."""
    given = WHO | {name.rstrip("_").replace("__", "-"): text for name, text in params.items()}
    by = {"params": given} if method == "GET" else {"data": given}
    answer = await house.client.request(method, f"/sc/us/{path}", **by)  # type: ignore[arg-type]
    assert answer.status_code == 200
    return answer


async def newest(house: House) -> dict[str, Any]:
    read: dict[str, Any] = (await house.control("GET", "messages"))["items"][-1]
    return read


SENDS = [
    ("2fa", {"to": US, "pin": "1234", "client__ref": "7"}, "12345", "Your code is 1234"),
    ("alert", {"to": f"+{US}", "name": "Ann", "client__ref": "7"}, "12345", "Alert 0; name: Ann"),
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("path", "params", "sender", "text"), SENDS)
async def test_a_call_sends_an_sms(
    house: House, method: str, path: str, params: dict[str, str], sender: str, text: str
) -> None:
    """The answer is that of ``/sms``, in both forms; the message arrives; source: reference sms §15a."""
    as_json = await call(house, f"{path}/json", method, **params)
    first = await newest(house)
    as_xml = await call(house, f"{path}/xml/", method, **params)
    second = await newest(house)

    assert as_json.headers["content-type"] == "application/json"
    assert as_json.json() == accepted(first["id"], "99.99430000", client_ref="7")
    assert (first["from"], first["to"], first["type"], first["text"]) == (sender, US, "text", text)
    assert as_xml.headers["content-type"] == "text/xml"
    assert as_xml.text == (
        "<?xml version='1.0' encoding='UTF-8' ?>\n<mt-submission-response>\n    <messages count='1'>\n"
        f"        <message>\n            <to>{US}</to>\n            <messageId>{second['id']}</messageId>\n"
        "            <status>0</status>\n            <remainingBalance>99.98860000</remainingBalance>\n"
        "            <messagePrice>0.00570000</messagePrice>\n            <network>US-UNKNOWN</network>\n"
        "            <clientRef>7</clientRef>\n        </message>\n    </messages>\n</mt-submission-response>\n"
    )
    await house.advance("5s")
    assert {each["status"] for each in (await house.control("GET", "messages"))["items"]} == {"delivered"}
    logged = (await house.control("GET", "requests?operation=sms.short_code"))["items"]
    assert [each["about"] for each in logged] == [first["id"], second["id"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_campaign_sends_an_sms(house: House, method: str) -> None:
    """In JSON alone; source: reference sms §15a (C)."""
    params = {"from_": "54321", "to": US, "keyword": "SALE", "text": "All must go"}

    answer = await call(house, "marketing/json", method, **params)

    message = await newest(house)
    assert answer.json() == accepted(message["id"], "99.99430000")
    assert (message["from"], message["text"]) == ("54321", "All must go")
    assert (await house.client.post("/sc/us/marketing/xml", data=WHO)).status_code == 501


async def test_receipts_are_those_of_any_sms(house: House) -> None:
    """To the account's URL, unless the alert wants none."""
    async with Receiver() as receiver:
        await house.control("PATCH", f"accounts/{KEY}", {"webhooks": {"receipts": f"{receiver.url}/dlr"}})
        await call(house, "2fa/json", to=US, pin="1")
        await call(house, "alert/json", to=US, status__report__req="0")
        await house.advance("5s")
        [receipt] = receiver.requests

    assert (receipt.params["msisdn"], receipt.params["to"], receipt.params["status"]) == (US, "12345", "delivered")


REFUSED = [
    ("2fa", {}, 2, "Missing to param"),
    ("2fa", {"to": US}, 2, "Missing pin param"),
    ("2fa", {"to": US, "pin": "abc"}, 3, "Invalid pin"),
    ("2fa", {"to": "x", "pin": "1"}, 3, "to address is not numeric"),
    ("2fa", {"to": GB, "pin": "1"}, 103, "RESPONSE_INVALID_MSISDN"),
    ("alert", {}, 2, "Missing to param"),
    ("alert", {"to": US, "template": "x"}, 3, "Invalid template"),
    ("alert", {"to": US, "type": "vcard"}, 3, "Invalid type"),
    ("alert", {"to": GB}, 103, "RESPONSE_INVALID_MSISDN"),
    ("alert", {"to": US, "x": "A" * 3201}, 12, "Message too long"),
    ("alert/opt-in/manage", {}, 34, "Invalid or Missing Msisdn Param"),
    ("alert/opt-in/manage", {"msisdn": GB}, 34, "Invalid or Missing Msisdn Param"),
    ("2fa", {"api_key": ""}, 2, "Missing api_key"),
    ("alert/opt-in/query", {"api_secret": "wrong"}, 4, "Bad Credentials"),
]


@pytest.mark.parametrize(("path", "params", "status", "text"), REFUSED)
async def test_a_refusal_is_that_of_sms(
    house: House, path: str, params: dict[str, str], status: int, text: str
) -> None:
    """HTTP 200, one element with status and text, in both forms; source: reference sms §15a, §7."""
    as_json, as_xml = await call(house, f"{path}/json", **params), await call(house, f"{path}/xml", **params)

    assert as_json.json() == {"message-count": "1", "messages": [{"status": str(status), "error-text": text}]}
    assert as_xml.text == (
        "<?xml version='1.0' encoding='UTF-8' ?>\n<mt-submission-response>\n    <messages count='1'>\n"
        f"        <message>\n            <status>{status}</status>\n            <errorText>{text}</errorText>\n"
        "        </message>\n    </messages>\n</mt-submission-response>\n"
    )
    assert (await house.control("GET", "messages"))["items"] == []


@pytest.mark.parametrize(
    ("missing", "status", "text"),
    [
        ("from_", "2", "Missing from param"),
        ("to", "2", "Missing to param"),
        ("keyword", "2", "Missing keyword param"),
        ("text", "2", "Missing Message Text"),
    ],
)
async def test_a_campaign_needs_all_four(house: House, missing: str, status: str, text: str) -> None:
    """And a short code."""
    params = {"from_": "54321", "to": US, "keyword": "SALE", "text": "All must go"}

    answer = await call(house, "marketing/json", **params | {missing: ""})

    assert answer.json()["messages"] == [{"status": status, "error-text": text}]
    wrong = await call(house, "marketing/json", **params | {"from_": "Acme"})
    assert wrong.json()["messages"] == [{"status": "102", "error-text": "RESPONSE_INVALID_CAMPAIGN_SHORTCODE"}]


async def test_no_credit_and_no_route_are_refused_as_for_any_sms(house: House) -> None:
    """And are found among the rejections."""
    unrouted = await call(house, "2fa/json", to="0", pin="1")
    await house.control("PATCH", f"accounts/{KEY}", {"balance": "0.00 EUR"})
    unpaid = await call(house, "2fa/json", to=US, pin="1")

    assert unrouted.json()["messages"] == [{"to": "0", "status": "6", "error-text": "Unroutable message - rejected"}]
    assert unpaid.json()["messages"] == [
        {
            "to": US,
            "status": "9",
            "error-text": "Quota Exceeded - rejected",
            "remaining-balance": "0.00000000",
            "message-price": "0.00570000",
            "network": "US-UNKNOWN",
        }
    ]
    found = await house.client.get("/search/rejections", params=WHO | {"date": "2026-01-01", "to": US})
    assert [each["body"] for each in found.json()["items"]] == ["Your code is 1"]


def entry(number: str, at: str) -> dict[str, str]:
    return {"msisdn": number, "opt-in": "true", "opt-in-date": at, "opt-out": "false"}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_opted_in_is_remembered_and_listed(house: House, method: str) -> None:
    """Every value a text; in the order of joining; source: reference sms §15a."""
    empty = await call(house, "alert/opt-in/query/json", method)
    one = await call(house, "alert/opt-in/manage/json", method, msisdn=US)
    await house.advance("90s")
    two = await call(house, "alert/opt-in/manage/json", method, msisdn="+12015550102")
    again = await call(house, "alert/opt-in/manage/json", method, msisdn=US)
    both = await call(house, "alert/opt-in/query/json", method)
    second = await call(house, "alert/opt-in/query/json", method, page__size="1", page="2")

    first_entry, other = entry(US, "2026-01-01 00:00:00"), entry("12015550102", "2026-01-01 00:01:30")
    assert empty.text == '{"opt-in-count":"0","opt-in-list":[]}'
    assert (one.json(), two.json(), again.json()) == (first_entry, other, first_entry)
    assert both.json() == {"opt-in-count": "2", "opt-in-list": [first_entry, other]}
    assert second.json() == {"opt-in-count": "2", "opt-in-list": [other]}
    assert one.headers["content-type"] == both.headers["content-type"] == "application/json"


async def test_the_list_in_xml(house: House) -> None:
    """The same names as attributes; source: reference sms §15a."""
    one = await call(house, "alert/opt-in/manage/xml", msisdn=US)
    listed = await call(house, "alert/opt-in/query/xml", "GET")

    prolog = "<?xml version='1.0' encoding='UTF-8' ?>"
    element = f'<opt-in msisdn="{US}" opt-in="true" opt-in-date="2026-01-01 00:00:00" opt-out="false"/>'
    assert one.headers["content-type"] == listed.headers["content-type"] == "text/xml"
    assert one.text == prolog + element
    assert listed.text == f"{prolog}<opt-in-list opt-in-count='1'>{element}</opt-in-list>"


async def test_all_ways_to_say_who_asks(house: House) -> None:
    """As for ``/sms``."""
    token = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    signed = {"api_key": KEY, "pin": "1", "timestamp": "1772355600", "to": US}
    text = "".join(f"&{name}={signed[name]}" for name in sorted(signed))
    signed["sig"] = hashlib.md5((text + SIGNING).encode()).hexdigest()

    answers = [
        await house.client.post(
            "/sc/us/2fa/json", data={"to": US, "pin": "1"}, headers={"authorization": f"Basic {token}"}
        ),
        await house.client.post("/sc/us/2fa/json", json=WHO | {"to": US, "pin": 1234}),
        await house.client.post("/sc/us/2fa/json", data=signed),
    ]

    assert [each.json()["messages"][0]["status"] for each in answers] == ["0", "0", "0"]


@pytest.mark.parametrize("path", PATHS)
async def test_other_verbs_are_unknown(house: House, path: str) -> None:
    """As for ``/sms``; and every path is served."""
    assert (await house.client.put(path)).status_code == 404
    assert (await house.client.get(path)).status_code == 200


def test_the_paths() -> None:
    """Source: reference sms §15a."""
    assert set(PATHS) == {
        "/sc/us/2fa/json",
        "/sc/us/2fa/xml",
        "/sc/us/alert/json",
        "/sc/us/alert/xml",
        "/sc/us/marketing/json",
        "/sc/us/alert/opt-in/query/json",
        "/sc/us/alert/opt-in/query/xml",
        "/sc/us/alert/opt-in/manage/json",
        "/sc/us/alert/opt-in/manage/xml",
    }
