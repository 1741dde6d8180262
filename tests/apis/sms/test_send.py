"""``/sms/json`` and ``/sms/xml`` through the whole house: whole replies, refused and accepted, to the byte."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import string
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import pytest
from msgspec.structs import replace

from fake_nexmo.apis.sms.model import ROWS, SmsRefusal
from fake_nexmo.core.change import Change
from fake_nexmo.core.money import parse_money
from fake_nexmo.core.records import Account
from tests.house import House, open_house

KEY, SECRET, SIGNING = "abcd1234", "s3cr3tS3cr3t", "fake-nexmo-signature-secret-000001"
GOOD = {"api_key": KEY, "api_secret": SECRET, "from": "Acme", "to": "447700900001", "text": "Hi"}
MESSAGE = {"from": "Acme", "to": "447700900001", "text": "Hi"}
# The wall stands at 2026-03-01T09:00:00Z, the world's clock at 2026-01-01T00:00:00Z.
WALL_S, WORLD_S = 1_772_355_600, 1_767_225_600
FORM = "application/x-www-form-urlencoded"

Element = dict[str, str]
XML_NAMES = {
    "to": "to",
    "message-id": "messageId",
    "status": "status",
    "error-text": "errorText",
    "remaining-balance": "remainingBalance",
    "message-price": "messagePrice",
    "network": "network",
    "client-ref": "clientRef",
    "account-ref": "accountRef",
}


def json_bytes(*elements: Element) -> bytes:
    """The layout of reference sms §1.2 around these elements; no value here needs an escape."""
    bodies = [
        "{\n" + ",\n".join(f'        "{name}": "{text}"' for name, text in each.items()) + "\n    }"
        for each in elements
    ]
    return f'{{\n    "message-count": "{len(elements)}",\n    "messages": [{", ".join(bodies)}]\n}}'.encode()


def xml_bytes(*elements: Element) -> bytes:
    """The document of reference sms §6 around these elements; no value here needs an escape."""
    text = "<?xml version='1.0' encoding='UTF-8' ?>\n<mt-submission-response>\n"
    text += f"    <messages count='{len(elements)}'>\n"
    for each in elements:
        text += "        <message>\n"
        for name, value in each.items():
            text += f"            <{XML_NAMES[name]}>{value}</{XML_NAMES[name]}>\n"
        text += "        </message>\n"
    return (text + "    </messages>\n</mt-submission-response>\n").encode()


def accepted(message_id: str, balance: str = "99.96670000", **more: str) -> Element:
    """The element of one accepted part to a British number."""
    return {
        "to": "447700900001",
        "message-id": message_id,
        "status": "0",
        "remaining-balance": balance,
        "message-price": "0.03330000",
        "network": "23410",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def refused(status: int, text: str, **more: str) -> Element:
    """The element of a refusal that says nothing but its status and text, unless told otherwise."""
    to = {"to": more.pop("to")} if "to" in more else {}
    return {**to, "status": str(status), "error-text": text, **{n.replace("_", "-"): v for n, v in more.items()}}


def asked(changes: Mapping[str, str | None] | None = None, **more: str) -> dict[str, str]:
    """A good request with changes; None leaves a parameter out."""
    both = {**GOOD, **(changes or {}), **more}
    return {name: value for name, value in both.items() if value is not None}


async def post(house: House, params: Mapping[str, str], path: str = "/sms/json", **headers: str) -> httpx.Response:
    """Post a form; the HTTP status is 200 whatever comes of it."""
    answer = await house.client.post(path, data=dict(params), headers=headers)
    assert answer.status_code == 200
    return answer


async def only_element(answer: httpx.Response) -> Element:
    """The one element of a JSON answer."""
    read = json.loads(answer.content)
    assert read["message-count"] == "1"
    [element] = read["messages"]
    return dict(element)


async def patch(house: House, **facts: object) -> None:
    """Change the account."""
    await house.control("PATCH", f"accounts/{KEY}", facts)


async def messages(house: House) -> list[dict[str, Any]]:
    """Every message of the world."""
    read: list[dict[str, Any]] = (await house.control("GET", "messages"))["items"]
    return read


async def balance(house: House) -> str:
    """What the account has left, in a scenario's words."""
    text: str = (await house.control("GET", f"accounts/{KEY}"))["balance"]
    return text


async def change_account(house: House, **fields: object) -> None:
    """Change what no scenario can say about an account yet."""
    start = await house.store.begin("default")
    account = await house.store.get("default", Account, "main")
    assert account is not None
    await house.store.commit("default", start.epoch, Change(put=(replace(account, **fields),)))


# ------------------------------------------------------------------------------------------------------ refusals


class Case(NamedTuple):
    """One fault of a request, and the answer to it.

    Attributes:
        changes: to the parameters of a good request.
        account: facts of the account that must hold.
        enabled: whether the account may use the API at all.
    """

    row: SmsRefusal
    changes: dict[str, str | None]
    element: Element
    account: dict[str, object] = {}  # noqa: RUF012 - a tuple's default is never changed
    enabled: bool = True
    why: str = ""

    @property
    def name(self) -> str:
        """Status and name of the row, and what is special about the case."""
        return "-".join(filter(None, (str(ROWS[self.row].status), self.row.value, self.why)))


R = SmsRefusal
NO_SIG = refused(14, "Invalid Signature")
LONG = "A" * 3201

# In the order of the checks: reference sms §3 for the credentials, §5.1 for the rest.
STEPS = (
    Case(R.MISSING_KEY, {"api_key": None}, refused(2, "Missing api_key")),
    Case(R.SIGNATURE_AND_SECRET, {"sig": "0" * 32}, refused(32, "Signature And API Secret Disallowed")),
    Case(R.INVALID_SIGNATURE, {"api_secret": None, "sig": "0" * 32, "timestamp": str(WALL_S)}, NO_SIG),
    Case(R.MISSING_SECRET, {"api_secret": None}, refused(2, "Missing api_secret")),
    Case(R.BAD_CREDENTIALS, {"api_secret": "wrong"}, refused(4, "Bad Credentials")),
    Case(R.ACCOUNT_BARRED, {}, refused(8, "Partner account barred"), {"suspended": True}),
    Case(R.NOT_ENABLED, {}, refused(11, "Account not enabled for REST"), enabled=False),
    Case(R.MISSING_FROM, {"from": None}, refused(2, "Missing from param")),
    Case(R.MISSING_TO, {"to": None}, refused(2, "Missing to param")),
    Case(R.MISSING_TEXT, {"text": None}, refused(2, "Missing Message Text")),
    Case(R.NOT_NUMERIC, {"to": "4477009OOOO1"}, refused(3, "to address is not numeric")),
    Case(R.INVALID_TYPE, {"type": "fax"}, refused(3, "Invalid type")),
    Case(R.INVALID_TTL, {"ttl": "1"}, refused(16, "value for ttl field out of range")),
    Case(R.INVALID_CLASS, {"message-class": "4"}, refused(20, "Invalid Message class")),
    Case(R.CALLBACK_PROTOCOL, {"callback": "shop.test/dlr"}, refused(23, "Bad callback :: Missing Protocol")),
    Case(R.INVALID_NETWORK, {"network-code": "vodafone"}, refused(22, "Invalid Network Code")),
    Case(
        R.THROTTLED,
        {},
        refused(
            1,
            "Throughput Rate Exceeded - please wait [ 1000 ] and retry",
            to="447700900001",
            network="23410",
        ),
        {"limits": {"sms": "0/s"}},
    ),
    Case(R.UNROUTABLE, {"to": "0447700900001"}, refused(6, "Unroutable message - rejected", to="0447700900001")),
    Case(R.TOO_LONG, {"text": LONG}, refused(12, "Message too long")),
    Case(
        R.NO_CREDIT,
        {},
        refused(
            9,
            "Quota Exceeded - rejected",
            to="447700900001",
            remaining_balance="0.03329999",
            message_price="0.03330000",
            network="23410",
        ),
        {"balance": "0.03329999 EUR"},
    ),
)

MORE = (
    *(
        Case(row, {name: ""}, refused(2, text), why="empty")
        for row, name, text in (
            (R.MISSING_KEY, "api_key", "Missing api_key"),
            (R.MISSING_SECRET, "api_secret", "Missing api_secret"),
            (R.MISSING_FROM, "from", "Missing from param"),
            (R.MISSING_TO, "to", "Missing to param"),
            (R.MISSING_TEXT, "text", "Missing Message Text"),
        )
    ),
    Case(R.MISSING_TEXT, {"text": None, "type": "unicode"}, refused(2, "Missing Message Text"), why="unicode"),
    Case(R.BAD_CREDENTIALS, {"api_key": "nobody00"}, refused(4, "Bad Credentials"), why="unknown-key"),
    Case(R.BAD_CREDENTIALS, {"api_secret": SECRET.upper()}, refused(4, "Bad Credentials"), why="case-matters"),
    Case(R.BAD_CREDENTIALS, {"api_key": KEY.upper()}, refused(4, "Bad Credentials"), why="case-of-key"),
    Case(R.INVALID_SIGNATURE, {"api_key": "nobody00", "api_secret": None, "sig": "0" * 32}, NO_SIG, why="unknown-key"),
    Case(R.INVALID_SIGNATURE, {"api_secret": None, "sig": "é" * 32, "timestamp": str(WALL_S)}, NO_SIG, why="no-hex"),
    Case(R.INVALID_SIGNATURE, {"api_secret": None, "sig": "0" * 31, "timestamp": str(WALL_S)}, NO_SIG, why="short"),
    *(
        Case(R.NOT_NUMERIC, {"to": to}, refused(3, "to address is not numeric"), why=why)
        for to, why in (
            ("++447700900001", "two-pluses"),
            ("44 7700 900001", "spaces"),
            ("٤٤٧٧٠٠٩٠٠٠٠١", "other-digits"),
            ("447700900001,447700900002", "two-of-them"),
        )
    ),
    *(
        Case(R.INVALID_TTL, {"ttl": ttl}, refused(16, "value for ttl field out of range"), why=why)
        for ttl, why in (("19999", "low"), ("604800001", "high"), ("-1", "negative"), ("1h", "no-number"))
    ),
    *(
        Case(R.INVALID_CLASS, {"message-class": given}, refused(20, "Invalid Message class"), why=why)
        for given, why in (("-1", "negative"), ("flash", "no-number"), ("1.5", "fraction"))
    ),
    *(
        Case(R.INVALID_CALLBACK, {"callback": url}, refused(23, "Invalid Callback URL"), why=why)
        for url, why in (
            ("ftp://shop.test/dlr", "ftp"),
            ("http://", "no-host"),
            ("http://shop.test:port/", "port"),
            ("http://[::1/dlr", "bracket"),
        )
    ),
    *(
        Case(R.UNROUTABLE, {"to": to}, refused(6, "Unroutable message - rejected", to=to.lstrip("+")), why=why)
        for to, why in (
            ("0", "zero"),
            ("447", "short"),
            ("4477009000010000", "sixteen-digits"),
            ("99977009000", "no-country"),
            ("+00447700900001", "plus-and-zeros"),
        )
    ),
    Case(R.TOO_LONG, {"text": LONG, "type": "unicode"}, refused(12, "Message too long"), why="unicode"),
    *(
        Case(row, {"type": kind, "title": "T", **changes}, refused(status, text), why=why)
        for row, kind, changes, status, text, why in (
            (R.MISSING_BODY, "binary", {}, 2, "Missing body param", "absent"),
            (R.MISSING_BODY, "binary", {"body": ""}, 2, "Missing body param", "empty"),
            (R.MISSING_TITLE, "wappush", {"title": None}, 2, "Missing title param", "alone"),
            (R.MISSING_TITLE, "wappush", {"title": "", "url": "http://a.test"}, 2, "Missing title param", "empty"),
            (R.MISSING_URL, "wappush", {}, 2, "Missing url param", "absent"),
            (R.MISSING_URL, "wappush", {"url": ""}, 2, "Missing url param", "empty"),
            (R.MISSING_VCARD, "vcard", {"vcal": "x"}, 2, "Missing vcard param", "other"),
            (R.MISSING_VCAL, "vcal", {"vcard": "x"}, 2, "Missing vcal param", "other"),
            (R.INVALID_BODY, "binary", {"body": "0x00"}, 3, "Invalid body", "no-hex"),
            (R.INVALID_BODY, "binary", {"body": "000"}, 3, "Invalid body", "odd"),
            (R.INVALID_BODY, "binary", {"body": "00 11"}, 3, "Invalid body", "space"),
            (R.INVALID_BODY, "binary", {"body": "0011\n"}, 3, "Invalid body", "newline"),
            (R.INVALID_UDH, "binary", {"body": "00", "udh": "zz"}, 3, "Invalid udh", "no-hex"),
            (R.INVALID_UDH, "binary", {"body": "00", "udh": "050003cc02"}, 3, "Invalid udh", "short"),
            (R.INVALID_UDH, "binary", {"body": "00", "udh": "050003cc020100"}, 3, "Invalid udh", "long"),
            (R.INVALID_PROTOCOL, "binary", {"body": "00", "protocol-id": "256"}, 3, "Invalid protocol-id", "high"),
            (R.INVALID_PROTOCOL, "binary", {"body": "00", "protocol-id": "-1"}, 3, "Invalid protocol-id", "negative"),
            (R.INVALID_PROTOCOL, "binary", {"body": "00", "protocol-id": "x"}, 3, "Invalid protocol-id", "no-number"),
            (R.TOO_LONG, "binary", {"body": "00" * 141}, 12, "Message too long", "octets"),
            (R.TOO_LONG, "binary", {"body": "00" * 135, "udh": "050003cc0201"}, 12, "Message too long", "with-udh"),
            (R.TOO_LONG, "vcard", {"vcard": LONG}, 12, "Message too long", "vcard"),
            (R.TOO_LONG, "vcal", {"vcal": LONG}, 12, "Message too long", "vcal"),
            (R.TOO_LONG, "wappush", {"title": LONG[1:], "url": "h"}, 12, "Message too long", "wappush"),
        )
    ),
    Case(
        R.NO_CREDIT,
        {"text": "A" * 161},
        refused(
            9,
            "Quota Exceeded - rejected",
            to="447700900001",
            remaining_balance="0.06659999",
            message_price="0.03330000",
            network="23410",
        ),
        {"balance": "0.06659999 EUR"},
        why="two-parts",
    ),
)

ENDPOINT_ROWS = {case.row for case in STEPS + MORE}


async def arrange(house: House, *cases: Case) -> dict[str, str]:
    """Make every fault of the cases true; the parameters of the request that has them all."""
    changes: dict[str, str | None] = {}
    for case in cases:
        changes |= case.changes
        if case.account:
            await patch(house, **case.account)
    # Last: what no scenario can say, a patch forgets.
    if not all(case.enabled for case in cases):
        await change_account(house, rest_enabled=False)
    return asked(changes)


@pytest.mark.parametrize("case", STEPS + MORE, ids=lambda case: case.name)
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_refusal_is_worded_to_the_byte_and_changes_nothing(house: House, case: Case, form: str) -> None:
    """One element with status and text, HTTP 200, nothing charged or made; source: reference sms §3, §5, §7."""
    params = await arrange(house, case)
    before = await balance(house)

    answer = await post(house, params, f"/sms/{form}")

    assert answer.content == (xml_bytes if form == "xml" else json_bytes)(case.element)
    assert await balance(house) == before
    assert await messages(house) == []


def test_every_row_that_a_request_can_cause_has_its_case() -> None:
    """What is left is caused by faults alone, or by operations that are not made yet."""
    assert set(SmsRefusal) - ENDPOINT_ROWS == {
        R.THROTTLED_ACCOUNT,
        R.THROTTLED_PLAIN,
        R.SERVER_ERROR,
        R.NUMBER_BARRED,
        R.TOO_MANY_BINDS,
        R.COMMUNICATION_FAILED,
        R.ILLEGAL_SENDER,
        R.UNREACHABLE,
        R.TOO_MANY_DESTINATIONS,
        R.NOT_ALLOWED,
        R.DEMO,
        R.DEACTIVATED,
        # Of the short codes: see test_short_codes.
        R.MISSING_PIN,
        R.MISSING_KEYWORD,
        R.INVALID_PIN,
        R.INVALID_TEMPLATE,
        R.INVALID_MSISDN,
        R.CAMPAIGN_ACCOUNT,
        R.OPTED_OUT,
        R.CAMPAIGN_SHORT_CODE,
        R.CAMPAIGN_MSISDN,
    }


async def test_the_bytes_of_a_refusal_as_they_were_captured(house: House) -> None:
    """The same four spaces and line ends as an acceptance, in JSON and in XML."""
    bad = asked(api_secret="wrong")

    in_json, in_xml = await post(house, bad), await post(house, bad, "/sms/xml")

    assert in_json.content == (
        b'{\n    "message-count": "1",\n    "messages": [{\n        "status": "4",\n'
        b'        "error-text": "Bad Credentials"\n    }]\n}'
    )
    assert in_xml.content == (
        b"<?xml version='1.0' encoding='UTF-8' ?>\n<mt-submission-response>\n    <messages count='1'>\n"
        b"        <message>\n            <status>4</status>\n            <errorText>Bad Credentials</errorText>\n"
        b"        </message>\n    </messages>\n</mt-submission-response>\n"
    )


# What excludes one another although no parameter says so, and what has a test of its own.
NOT_BOTH = (
    {R.SIGNATURE_AND_SECRET, R.INVALID_SIGNATURE},
    {R.SIGNATURE_AND_SECRET, R.MISSING_SECRET},
    {R.MISSING_TEXT, R.INVALID_TYPE},
    {R.THROTTLED, R.UNROUTABLE},
)


def _pairs() -> list[tuple[Case, Case]]:
    """Every two faults that one request can have; the first one is checked first."""
    pairs = []
    for first, second in itertools.combinations(STEPS, 2):
        shared = first.changes.keys() & second.changes.keys()
        if {first.row, second.row} in NOT_BOTH:
            continue
        if all(first.changes[name] == second.changes[name] for name in shared):
            pairs.append((first, second))
    return pairs


@pytest.mark.parametrize(("first", "second"), _pairs(), ids=lambda case: case.row.value)
async def test_of_two_faults_the_one_that_is_checked_first_is_answered(house: House, first: Case, second: Case) -> None:
    """Credentials, presence, format, throughput, routing, length, balance; source: reference sms §3, §5.1."""
    params = await arrange(house, first, second)

    assert (await post(house, params)).content == json_bytes(first.element)


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"api_secret": "wrong", "to": "x"}, refused(4, "Bad Credentials")),
        (dict.fromkeys(MESSAGE), refused(2, "Missing from param")),
        ({"ttl": "1", "to": "0447700900001"}, refused(16, "value for ttl field out of range")),
    ],
    ids=["credentials-before-to", "nothing-but-credentials", "ttl-before-routing"],
)
async def test_the_relations_that_were_observed(house: House, changes: dict[str, str | None], element: Element) -> None:
    """The starred relations of reference sms §5.1; the one of demo accounts waits for demo accounts."""
    assert (await post(house, asked(changes))).content == json_bytes(element)


async def test_a_type_that_does_not_exist_carries_nothing(house: House) -> None:
    """Without a text it is the type that is refused: nobody knows what else should be there."""
    answer = await post(house, asked({"text": None, "type": "fax"}))

    assert answer.content == json_bytes(refused(3, "Invalid type"))


async def test_a_wrong_secret_of_a_barred_account_is_a_wrong_secret(house: House) -> None:
    """Who has no right secret does not learn that an account is barred."""
    await patch(house, suspended=True)

    assert (await post(house, asked(api_secret="wrong"))).content == json_bytes(refused(4, "Bad Credentials"))
    assert (await post(house, asked())).content == json_bytes(refused(8, "Partner account barred"))
    await patch(house, suspended=False)
    assert (await only_element(await post(house, asked())))["status"] == "0"


async def test_a_refusal_is_written_down_with_its_code(house: House) -> None:
    """Of whoever has a known key; an unknown key is lost and found."""
    await post(house, asked(to="x"))
    await post(house, asked(api_key="nobody00"))

    [entry] = (await house.control("GET", "requests"))["items"]
    assert (entry["operation"], entry["path"], entry["status"]) == ("sms.send", "/sms/json", 200)
    assert (entry["account"], entry["outcome"], entry["about"]) == ("main", "3 to address is not numeric", None)
    [lost] = (await house.control("GET", "/lost-and-found"))["items"]
    assert lost == {
        "at": "2026-03-01T09:00:00.000Z",
        "why": "credential",
        "name": "nobody00",
        "method": "POST",
        "path": "/sms/json",
    }


async def test_bounds_belong_to_what_is_allowed(house: House) -> None:
    """The first and the last value of every range are taken; source: reference sms §5."""
    for changes in (
        {"ttl": "20000"},
        {"ttl": "604800000"},
        {"message-class": "0"},
        {"message-class": "3"},
        {"callback": "http://shop.test"},
        {"callback": "HTTPS://shop.test:8443/dlr?a=1&b=2"},
        {"callback": "https://shop.test/" + "x" * 200},
        {"network-code": "23410"},
        {"text": "A" * 3200},
        {"type": "unicode"},
        {"type": ""},
        {"from": "447700900000"},
        {"client-ref": "x" * 200},
        {"to": "+447700900001"},
        {"unknown": "parameter"},
    ):
        read = (await post(house, asked(changes))).json()
        assert {each["status"] for each in read["messages"]} == {"0"}, changes
        assert {each["to"] for each in read["messages"]} == {"447700900001"}


# ---------------------------------------------------------------------------------------------- limit and balance


async def test_a_throttled_account_may_send_again_in_the_next_second(house: House) -> None:
    """Seconds of the world's clock; the text says how many milliseconds are left; source: reference sms §9 (A)."""

    def too_fast(wait_ms: int) -> bytes:
        text = f"Throughput Rate Exceeded - please wait [ {wait_ms} ] and retry"
        return json_bytes(refused(1, text, to="447700900001", network="23410"))

    await patch(house, limits={"sms": "2/s"})
    sent = [await post(house, asked(text="A" * 161)) for _ in range(2)]
    assert [each.json()["message-count"] for each in sent] == ["2", "2"]  # a message counts once, whatever its parts

    assert (await post(house, asked())).content == too_fast(1000)
    await house.advance("298ms")
    assert (await post(house, asked())).content == too_fast(702)
    await house.advance("701ms")
    assert (await post(house, asked())).content == too_fast(1)
    await house.advance("1ms")
    answers = [await only_element(await post(house, asked())) for _ in range(3)]
    assert [each["status"] for each in answers] == ["0", "0", "1"]

    await patch(house, limits={"sms": None})
    assert (await only_element(await post(house, asked())))["status"] == "0"
    assert len(await messages(house)) == 5


async def test_throttling_comes_before_routing(house: House) -> None:
    """A number without a network is throttled without one."""
    await patch(house, limits={"sms": "0/s"})

    answer = await post(house, asked(to="0447700900001"))

    text = "Throughput Rate Exceeded - please wait [ 1000 ] and retry"
    assert answer.content == json_bytes(refused(1, text, to="0447700900001"))


async def test_requests_at_once_never_break_a_limit(house: House) -> None:
    """Ten at once with three allowed: three."""
    await patch(house, limits={"sms": "3/s"})

    answers = await asyncio.gather(*(post(house, asked()) for _ in range(10)))

    assert sorted(each.json()["messages"][0]["status"] for each in answers) == ["0"] * 3 + ["1"] * 7


async def test_requests_at_once_never_overdraw_a_balance(house: House) -> None:
    """Ten at once with credit for three: three, down to nothing."""
    await patch(house, balance="0.0999 EUR")

    answers = await asyncio.gather(*(post(house, asked()) for _ in range(10)))

    assert sorted(each.json()["messages"][0]["status"] for each in answers) == ["0"] * 3 + ["9"] * 7
    assert await balance(house) == "0.00 EUR"


async def test_the_last_cent_may_be_spent(house: House) -> None:
    """A balance that is exactly the price is enough; then it is 0, and the next message is refused with that."""
    await patch(house, balance="0.0333 EUR")

    first = await only_element(await post(house, asked()))
    second = await post(house, asked())

    assert (first["status"], first["remaining-balance"]) == ("0", "0.00000000")
    assert second.content == json_bytes(
        refused(
            9,
            "Quota Exceeded - rejected",
            to="447700900001",
            remaining_balance="0.00000000",
            message_price="0.03330000",
            network="23410",
        )
    )


async def test_an_unlimited_balance_does_not_fall(house: House) -> None:
    """Every part shows the same figure, and it stays."""
    await patch(house, balance="unlimited")

    for _ in range(2):
        answer = (await post(house, asked(text="A" * 161))).json()
        assert [each["remaining-balance"] for each in answer["messages"]] == ["100.00000000"] * 2
    assert await balance(house) == "unlimited"


# ---------------------------------------------------------------------------------------------------- acceptance


async def test_an_accepted_message_is_worded_to_the_byte(house: House) -> None:
    """Four spaces, the brace on the line of ``messages``, the keys in their order; source: reference sms §1.2 (A)."""
    answer = await post(house, asked())

    [message] = await messages(house)
    expected = (
        '{\n    "message-count": "1",\n    "messages": [{\n        "to": "447700900001",\n'
        f'        "message-id": "{message["id"]}",\n        "status": "0",\n'
        '        "remaining-balance": "99.96670000",\n        "message-price": "0.03330000",\n'
        '        "network": "23410"\n    }]\n}'
    )
    assert answer.content == expected.encode()
    assert len(message["id"]) == 16
    assert set(message["id"]) <= set(string.digits + "ABCDEF")


async def test_the_xml_twin_of_an_accepted_message(house: House) -> None:
    """Single quotes and a space in the declaration; source: reference sms §6 (B)."""
    answer = await post(house, asked(), "/sms/xml")

    [message] = await messages(house)
    expected = (
        "<?xml version='1.0' encoding='UTF-8' ?>\n<mt-submission-response>\n    <messages count='1'>\n"
        f"        <message>\n            <to>447700900001</to>\n            <messageId>{message['id']}</messageId>\n"
        "            <status>0</status>\n            <remainingBalance>99.96670000</remainingBalance>\n"
        "            <messagePrice>0.03330000</messagePrice>\n            <network>23410</network>\n"
        "        </message>\n    </messages>\n</mt-submission-response>\n"
    )
    assert answer.content == expected.encode()


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("params", [asked(), asked(to="x"), {}], ids=["accepted", "refused", "nobody"])
async def test_the_headers_and_their_order(house: House, form: str, params: dict[str, str]) -> None:
    """The same of every answer; the media type has no charset; source: reference sms §1.1 (A)."""
    answer = await post(house, params, f"/sms/{form}")

    trace = answer.headers["x-nexmo-trace-id"]
    assert len(trace) == 32
    assert set(trace) <= set(string.digits + "abcdef")
    assert answer.headers.raw == [
        (b"content-type", b"application/json" if form == "json" else b"text/xml"),
        (b"content-disposition", b'attachment; filename="api.txt"'),
        (b"cache-control", b"max-age=1"),
        (b"x-nexmo-trace-id", trace.encode()),
        (b"x-frame-options", b"deny"),
        (b"x-xss-protection", b"1; mode=block;"),
        (b"strict-transport-security", b"max-age=31536000; includeSubdomains"),
        (b"content-length", str(len(answer.content)).encode()),
    ]


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_each_part_has_an_element_and_the_balance_falls_along(house: House, form: str) -> None:
    """Other ids, same references; the last balance is what is left; source: reference sms §6, §8.3."""
    refs = {"client-ref": "order-77", "account-ref": "shop"}
    answer = await post(house, asked(refs, text="A" * 307), f"/sms/{form}")

    [message] = await messages(house)
    ids = message["ids"]
    assert len(set(ids)) == 3
    assert message["id"] == ids[0]
    elements = [
        accepted(ids[0], "99.96670000", client_ref="order-77", account_ref="shop"),
        accepted(ids[1], "99.93340000", client_ref="order-77", account_ref="shop"),
        accepted(ids[2], "99.90010000", client_ref="order-77", account_ref="shop"),
    ]
    assert answer.content == (xml_bytes if form == "xml" else json_bytes)(*elements)
    assert await balance(house) == "99.9001 EUR"


@pytest.mark.parametrize("name", ["client-ref", "account-ref"])
async def test_a_reference_is_answered_only_when_it_was_sent(house: House, name: str) -> None:
    """And whole, however long; an empty one is as good as none."""
    with_it = await post(house, asked({name: "r" * 300}))
    empty = await post(house, asked({name: ""}))

    first, second = await messages(house)
    said = {name.replace("-", "_"): "r" * 300}
    assert with_it.content == json_bytes(accepted(first["id"], **said))
    assert empty.content == json_bytes(accepted(second["id"], "99.93340000"))


async def test_a_reference_with_everything_in_it_survives_both_forms(house: House) -> None:
    """Quotes, brackets and letters of other scripts are escaped where the form wants it."""
    ref = 'a"b\\c<d>&é漢😀\n'

    in_json = await post(house, asked({"client-ref": ref}))
    in_xml = await post(house, asked({"client-ref": ref}), "/sms/xml")

    assert (await only_element(in_json))["client-ref"] == ref
    assert '"client-ref": "a\\"b\\\\c<d>&é漢😀\\n"\n' in in_json.text
    assert '<clientRef>a"b\\c&lt;d&gt;&amp;é漢😀\n</clientRef>' in in_xml.text


async def test_another_country_has_its_own_network_and_price(house: House) -> None:
    """The answer says what the numbering plan says of the destination."""
    answer = await post(house, asked(to="12015550101"))

    [message] = await messages(house)
    assert answer.content == json_bytes(
        {
            "to": "12015550101",
            "message-id": message["id"],
            "status": "0",
            "remaining-balance": "99.99430000",
            "message-price": "0.00570000",
            "network": "US-UNKNOWN",
        }
    )


# Source: reference sms §8.2 (B).
SEGMENTS = [
    ("text", "A" * 160, 1),
    ("text", "A" * 161, 2),
    ("text", "A" * 306, 2),
    ("text", "A" * 307, 3),
    ("text", "€" * 80, 1),
    ("text", "€" * 81, 2),
    ("text", "€" * 153, 3),
    ("text", "A" * 159 + "€", 2),
    ("text", "A" * 459, 3),
    ("text", "A" * 460, 4),
    ("text", "😀" * 160, 1),  # each becomes one question mark
    ("unicode", "ż" * 70, 1),
    ("unicode", "ż" * 71, 2),
    ("unicode", "A" * 71, 2),
    ("unicode", "ż" * 134, 2),
    ("unicode", "ż" * 135, 3),
    ("unicode", "😀" * 35, 1),
    ("unicode", "😀" * 36, 2),
    ("unicode", "ż" * 201, 3),
    ("unicode", "ż" * 202, 4),
]


@pytest.mark.parametrize(("kind", "text", "parts"), SEGMENTS, ids=lambda value: str(value)[:8])
async def test_a_text_is_counted_charged_and_numbered_by_its_parts(
    house: House, kind: str, text: str, parts: int
) -> None:
    """Count as text, price of one part on each, parts times price off the balance; source: reference sms §8.2, §8.3."""
    answer = await post(house, asked(type=kind, text=text))

    [message] = await messages(house)
    left = [10_000_000_000 - 3_330_000 * (k + 1) for k in range(parts)]
    worded = [f"{each // 10**8}.{each % 10**8:08}" for each in left]
    assert answer.content == json_bytes(
        *(accepted(one, balance) for one, balance in zip(message["ids"], worded, strict=True))
    )
    assert parse_money(await balance(house)) == left[-1]


# ------------------------------------------------------------------------------------------- ways of asking


ALL_IN_QUERY = "/sms/json?" + urlencode(GOOD)
JSON_TYPES = (
    "application/json",
    "application/jsonrequest",
    "application/x-javascript",
    "text/json",
    "text/javascript",
    "text/x-javascript",
    "text/x-json",
    "application/json; charset=utf-8",
    "Application/JSON",
)


def _ways() -> dict[str, tuple[str, str, bytes, dict[str, str]]]:
    """Method, target, body and headers of one and the same message."""
    body = urlencode(GOOD).encode()
    basic = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    ways: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
        "get": ("GET", ALL_IN_QUERY, b"", {}),
        "get-json-type": ("GET", ALL_IN_QUERY, b"", {"content-type": "application/json"}),
        "post-query": ("POST", ALL_IN_QUERY, b"", {}),
        "post-query-json-type": ("POST", ALL_IN_QUERY, b"", {"content-type": "application/json"}),
        "form": ("POST", "/sms/json", body, {"content-type": FORM}),
        "form-charset": ("POST", "/sms/json", body, {"content-type": FORM + "; charset=UTF-8"}),
        "no-media-type": ("POST", "/sms/json", body, {}),
        "form-as-json": ("POST", "/sms/json", body, {"content-type": "application/json"}),
        "both": ("POST", "/sms/json?" + urlencode({"api_key": KEY, "text": "other"}), body, {"content-type": FORM}),
        "username": (
            "POST",
            "/sms/json",
            urlencode(MESSAGE | {"username": KEY, "password": SECRET}).encode(),
            {"content-type": FORM},
        ),
        "basic": (
            "POST",
            "/sms/json",
            urlencode(MESSAGE).encode(),
            {"content-type": FORM, "authorization": basic},
        ),
        "basic-get": ("GET", "/sms/json?" + urlencode(MESSAGE), b"", {"authorization": basic}),
        "basic-json": (
            "POST",
            "/sms/json",
            json.dumps(MESSAGE).encode(),
            {"content-type": "application/json", "authorization": basic.replace("Basic", "bASIC")},
        ),
        "slash": ("POST", "/sms/json/", body, {"content-type": FORM}),
        "slashes": ("POST", "//sms///json//", body, {"content-type": FORM}),
        "empty-query": ("POST", "/sms/json?", body, {"content-type": FORM}),
        "other-host": ("POST", "/sms/json", body, {"content-type": FORM, "host": "rest.nexmo.com"}),
    }
    for media in JSON_TYPES:
        ways[media] = ("POST", "/sms/json", json.dumps(GOOD).encode(), {"content-type": media})
    return ways


WAYS = _ways()


@pytest.mark.parametrize("way", WAYS)
async def test_all_ways_of_asking_are_the_same(house: House, way: str) -> None:
    """Query, form or JSON; credentials as parameters or in the header; source: reference sms §2, §3."""
    method, target, body, headers = WAYS[way]

    answer = await house.client.request(method, "http://127.0.0.1:6396" + target, content=body, headers=headers)

    [message] = await messages(house)
    assert answer.content == json_bytes(accepted(message["id"]))
    assert (message["from"], message["to"], message["text"]) == ("Acme", "447700900001", "Hi")


@pytest.mark.parametrize("path", ["/sms/xml/", "//sms//xml", "/sms/xml?"])
async def test_slashes_do_not_change_the_form_of_the_answer(house: House, path: str) -> None:
    """XML stays XML."""
    answer = await house.client.post("http://127.0.0.1:6396" + path, data=asked(to="x"))

    assert answer.content == xml_bytes(refused(3, "to address is not numeric"))


async def test_numbers_and_booleans_of_json_are_text(house: House) -> None:
    """In their shortest form; null is absent, a list is a repeated parameter; source: reference sms §2 rule 2."""
    given = {
        **GOOD,
        "to": 447700900001,
        "text": 900000,
        "client-ref": 1.5,
        "account-ref": True,
        "ttl": 90000.0,
        "message-class": 1,
        "callback": None,
        "status-report-req": False,
        "type": ["text", "fax"],
    }

    answer = await house.client.post("/sms/json", json=given)

    [message] = await messages(house)
    assert answer.content == json_bytes(accepted(message["id"], client_ref="1.5", account_ref="true"))
    assert message["text"] == "900000"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1, 2]", b'"text"', b"null", b"", b'{"api_key": "\xff"}', b'{"api_key": "\\ud83d"}', b"[" * 100_000],
    ids=["cut", "list", "string", "null", "empty", "no-utf-8", "half-a-surrogate", "deep"],
)
async def test_json_that_cannot_be_read_has_no_parameters(house: House, body: bytes) -> None:
    """Which is answered as such; source: reference sms §2 rule 6."""
    answer = await house.client.post("/sms/json", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 200
    assert answer.content == json_bytes(refused(2, "Missing api_key"))


@pytest.mark.parametrize("media", ["text/plain", "multipart/form-data; boundary=x", "application/xml"])
async def test_a_body_of_another_kind_has_no_parameters(house: House, media: str) -> None:
    """Only forms and JSON are read; source: reference sms §2."""
    answer = await house.client.post("/sms/json", content=urlencode(GOOD), headers={"content-type": media})

    assert answer.content == json_bytes(refused(2, "Missing api_key"))


async def test_odd_bytes_in_a_form_are_no_trouble(house: House) -> None:
    """What is no UTF-8 becomes a replacement character; unescaped UTF-8 is understood."""
    start = urlencode({"api_key": KEY, "api_secret": SECRET, "from": "Acme", "to": "447700900001"}).encode()
    for tail, text in ((b"&text=%ff%FE", "\ufffd\ufffd"), (b"&text=\xff\x00", "\ufffd\x00"), ("&text=é".encode(), "é")):
        answer = await house.client.post(
            "/sms/json", content=start + b"&type=unicode" + tail, headers={"content-type": FORM}
        )
        assert (await only_element(answer))["status"] == "0"
        assert (await messages(house))[-1]["text"] == text

    garbage = await house.client.post("/sms/json", content=bytes(range(256)) * 9, headers={"content-type": FORM})
    assert garbage.content == json_bytes(refused(2, "Missing api_key"))


async def test_the_body_of_a_get_is_ignored(house: House) -> None:
    """Source: reference README rulings, GET or DELETE with a body."""
    answer = await house.client.request("GET", "/sms/json", content=urlencode(GOOD), headers={"content-type": FORM})

    assert answer.content == json_bytes(refused(2, "Missing api_key"))


@pytest.mark.parametrize("value", ["true", "1", "True", "TRUE", "", "maybe", "2", None])
async def test_receipts_are_on_unless_told_otherwise(house: House, value: str | None) -> None:
    """What cannot be read as a boolean counts as true; source: reference sms §2 rule 3, §5."""
    await patch(house, webhooks={"receipts": "http://127.0.0.1:9/"})
    await post(house, asked({"status-report-req": value}))

    await house.advance("1s")

    assert len((await house.control("GET", "webhooks"))["items"]) == 1


@pytest.mark.parametrize("value", ["false", "0", "False", "FALSE", " false "])
async def test_receipts_can_be_switched_off(house: House, value: str) -> None:
    """In every spelling of no; source: reference sms §2 rule 3."""
    await patch(house, webhooks={"receipts": "http://127.0.0.1:9/"})
    await post(house, asked({"status-report-req": value}))

    await house.advance("1s")

    assert (await house.control("GET", "webhooks"))["items"] == []
    assert [each["status"] for each in await messages(house)] == ["delivered"]


# ---------------------------------------------------------------------------------------------------- credentials


def basic(pair: str) -> str:
    """The value of a Basic header."""
    return "Basic " + base64.b64encode(pair.encode()).decode()


ALL_RIGHT = {"status": "0"}
MISSING_KEY = refused(2, "Missing api_key")
BAD = refused(4, "Bad Credentials")


@pytest.mark.parametrize(
    ("params", "header", "element"),
    [
        ({}, basic(f"{KEY}:{SECRET}"), ALL_RIGHT),
        ({}, basic(f"{KEY}:wrong"), BAD),
        ({}, basic(f"nobody00:{SECRET}"), BAD),
        ({}, basic(f"{KEY}:"), BAD),
        ({}, basic(f":{SECRET}"), BAD),
        ({}, basic(KEY), BAD),
        ({}, "Basic !!!", BAD),
        ({}, "Basic", BAD),
        ({}, "Basic YWJjZDEyMzQ6czNjcjN0UzNjcjN", BAD),
        ({}, "Basic /////w==", BAD),
        ({}, basic(f"{KEY}:{SECRET}").replace("Basic Y", "Basic *Y"), BAD),
        ({}, "Bearer " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode(), MISSING_KEY),
        ({}, "", MISSING_KEY),
        # Parameters decide when they are complete, right or wrong.
        ({"api_key": KEY, "api_secret": SECRET}, basic("stale:pair"), ALL_RIGHT),
        ({"api_key": KEY, "api_secret": SECRET}, "Basic !!!", ALL_RIGHT),
        ({"api_key": KEY, "api_secret": SECRET}, "Bearer stale", ALL_RIGHT),
        ({"api_key": KEY, "api_secret": "wrong"}, basic(f"{KEY}:{SECRET}"), BAD),
        ({"api_key": KEY, "sig": "0" * 32}, basic(f"{KEY}:{SECRET}"), NO_SIG),
        # Half a pair is none.
        ({"api_key": KEY}, basic(f"{KEY}:{SECRET}"), ALL_RIGHT),
        ({"api_key": "nobody00"}, basic(f"{KEY}:{SECRET}"), ALL_RIGHT),
        ({"api_secret": "wrong"}, basic(f"{KEY}:{SECRET}"), ALL_RIGHT),
        ({"api_key": "", "api_secret": ""}, basic(f"{KEY}:{SECRET}"), ALL_RIGHT),
        # The older names; the newer ones win.
        ({"username": KEY, "password": SECRET}, "", ALL_RIGHT),
        ({"username": KEY, "api_secret": SECRET}, "", ALL_RIGHT),
        ({"username": "x", "password": "y", "api_key": KEY, "api_secret": SECRET}, "", ALL_RIGHT),
        ({"username": KEY, "password": "wrong"}, "", BAD),
    ],
)
async def test_where_credentials_may_stand_and_which_decide(
    house: House, params: dict[str, str], header: str, element: Element
) -> None:
    """Complete parameters first, then the header; source: reference auth §2, §3, README rulings."""
    headers = {"authorization": header} if header else {}
    answer = await post(house, MESSAGE | params, **headers)

    if element is ALL_RIGHT:
        assert (await only_element(answer))["status"] == "0"
    else:
        assert answer.content == json_bytes(element)


async def test_a_header_is_split_at_its_first_colon(house: House) -> None:
    """A secret may hold colons, and letters beyond ASCII; source: reference auth §3."""
    await patch(house, api_secret="a:b:é")

    assert (await only_element(await post(house, MESSAGE, authorization=basic(f"{KEY}:a:b:é"))))["status"] == "0"
    assert (await post(house, MESSAGE, authorization=basic(f"{KEY}:a"))).content == json_bytes(BAD)


async def test_two_secrets_are_valid_at_the_same_time(house: House) -> None:
    """As parameter and in the header; one that was taken away is not; source: reference sms §3, auth §2."""
    await patch(house, api_secrets=["First1234", "Second1234"])

    for secret, element in (("First1234", ALL_RIGHT), ("Second1234", ALL_RIGHT), (SECRET, BAD)):
        by_params = await only_element(await post(house, asked(api_secret=secret)))
        by_header = await only_element(await post(house, MESSAGE, authorization=basic(f"{KEY}:{secret}")))
        assert by_params["status"] == by_header["status"] == element["status"]


# ----------------------------------------------------------------------------------------------------- signatures

SIGNED = {
    "api_key": KEY,
    "from": "Acme",
    "to": "447700900001",
    "text": "Tea & cake = joy",
    "timestamp": str(WALL_S),
}
SIGNED_TEXT = "&api_key=abcd1234&from=Acme&text=Tea _ cake _ joy&timestamp=1772355600&to=447700900001"
METHODS = ("md5hash", "md5", "sha1", "sha256", "sha512")


def digest(method: str, text: str, secret: str = SIGNING) -> str:
    """The digest of a canonical text, by the standard library alone."""
    if method == "md5hash":
        return hashlib.md5((text + secret).encode()).hexdigest()
    return hmac.digest(secret.encode(), text.encode(), method).hex()


def signed(canonical: str, digest_by: str = "md5hash", /, **params: str) -> dict[str, str]:
    """Parameters and the signature of this canonical text."""
    return {**params, "sig": digest(digest_by, canonical)}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("as_json", [False, True])
async def test_a_signed_request_is_taken(house: House, method: str, upper: bool, as_json: bool) -> None:
    """All five methods, in either letter case, in a form or in JSON; source: reference sms §4."""
    await patch(house, signature={"method": method})
    sig = digest(method, SIGNED_TEXT)
    params = {**SIGNED, "sig": sig.upper() if upper else sig}

    if as_json:
        answer = await house.client.post("/sms/json", json=params)
    else:
        answer = await post(house, params)

    [message] = await messages(house)
    assert answer.content == json_bytes(accepted(message["id"]))
    assert message["text"] == "Tea & cake = joy"


@pytest.mark.parametrize("method", METHODS)
async def test_a_right_digest_by_another_method_is_wrong(house: House, method: str) -> None:
    """The method is the account's; source: reference sms §4.2 (A)."""
    await patch(house, signature={"method": method})

    for other in METHODS:
        if other != method:
            answer = await post(house, signed(SIGNED_TEXT, other, **SIGNED))
            assert answer.content == json_bytes(NO_SIG), other


@pytest.mark.parametrize(
    "change",
    [{"text": "Tea & cake = Joy"}, {"timestamp": str(WALL_S + 1)}, {"client-ref": "x"}, {"unknown": "x"}, {"to": "1"}],
    ids=lambda change: next(iter(change)),
)
async def test_every_parameter_is_signed(house: House, change: dict[str, str]) -> None:
    """One that was changed or added breaks the signature, unknown ones too; source: reference sms §2 rule 5."""
    answer = await post(house, signed(SIGNED_TEXT, **SIGNED) | change)

    assert answer.content == json_bytes(NO_SIG)


async def test_the_secret_of_the_account_signs(house: House) -> None:
    """Neither another secret nor the API secret; a changed one holds at once."""
    for secret in ("another", SECRET, ""):
        answer = await post(house, {**SIGNED, "sig": digest("md5hash", SIGNED_TEXT, secret)})
        assert answer.content == json_bytes(NO_SIG)

    await patch(house, signature={"secret": "another"})
    answer = await post(house, {**SIGNED, "sig": digest("md5hash", SIGNED_TEXT, "another")})
    assert (await only_element(answer))["status"] == "0"


async def test_an_account_without_a_signature_secret_has_no_right_signature(house: House) -> None:
    """Source: reference sms §3 step 3."""
    await change_account(house, signature_secret="")

    answer = await post(house, {**SIGNED, "sig": digest("md5hash", SIGNED_TEXT, "")})

    assert answer.content == json_bytes(NO_SIG)


async def test_blank_values_may_be_signed_or_left_out(house: House) -> None:
    """Both kinds of libraries are taken; source: reference sms §4.3."""
    kept = "&account-ref=" + SIGNED_TEXT
    for text in (kept, SIGNED_TEXT):
        answer = await post(house, signed(text, **SIGNED, **{"account-ref": ""}))
        assert (await only_element(answer))["status"] == "0"


async def test_numbers_of_json_are_signed_as_their_text(house: House) -> None:
    """Source: reference sms §4.3 step 5."""
    text = "&api_key=abcd1234&from=Acme&status-report-req=true&text=Hi&timestamp=1772355600&to=447700900001&ttl=90000"
    given = {
        "api_key": KEY,
        "from": "Acme",
        "status-report-req": True,
        "text": "Hi",
        "timestamp": WALL_S,
        "to": 447700900001,
        "ttl": 90000,
        "sig": digest("md5hash", text),
    }

    answer = await house.client.post("/sms/json", json=given)

    assert (await only_element(answer))["status"] == "0"


def stamped(timestamp: str | None) -> dict[str, str]:
    """A request that is rightly signed over this timestamp."""
    if timestamp is None:
        params = {name: value for name, value in SIGNED.items() if name != "timestamp"}
        return signed(SIGNED_TEXT.replace(f"&timestamp={WALL_S}", ""), **params)
    text = SIGNED_TEXT.replace(str(WALL_S), timestamp)
    return signed(text, **SIGNED | {"timestamp": timestamp})


@pytest.mark.parametrize(
    ("timestamp", "taken"),
    [
        (str(WALL_S - 300), True),
        (str(WALL_S - 301), False),
        (str(WALL_S + 300), True),
        (str(WALL_S + 301), False),
        (str(WORLD_S), False),
        (f"{WALL_S}.0", False),
        (f"{WALL_S}000", False),
        ("now", False),
        ("", False),
        (None, False),
    ],
)
async def test_a_timestamp_must_be_of_the_last_five_minutes_or_the_next(
    house: House, timestamp: str | None, taken: bool
) -> None:
    """Of wall time, wherever the world's clock stands; source: reference sms §4.3, README rulings."""
    answer = await post(house, stamped(timestamp))

    if taken:
        assert (await only_element(answer))["status"] == "0"
    else:
        assert answer.content == json_bytes(NO_SIG)


async def test_advancing_the_clock_ages_no_signature(house: House) -> None:
    """The window is wall time: a day of the world changes nothing, six minutes of the wall do."""
    await house.advance("1d")
    assert (await only_element(await post(house, stamped(str(WALL_S)))))["status"] == "0"

    house.wall += 301_000_000
    assert (await post(house, stamped(str(WALL_S)))).content == json_bytes(NO_SIG)


async def test_the_window_can_follow_the_clock_of_the_world(house: House) -> None:
    """With ``jwt_time: virtual`` the world's instant counts, and the wall's does not."""
    await house.control("PATCH", "settings", {"jwt_time": "virtual"})

    assert (await post(house, stamped(str(WALL_S)))).content == json_bytes(NO_SIG)
    assert (await only_element(await post(house, stamped(str(WORLD_S)))))["status"] == "0"
    await house.advance("5m")
    assert (await only_element(await post(house, stamped(str(WORLD_S)))))["status"] == "0"
    await house.advance("1s")
    assert (await post(house, stamped(str(WORLD_S)))).content == json_bytes(NO_SIG)


async def test_the_window_can_be_switched_off(house: House) -> None:
    """A recorded request may be played again; a timestamp must be there all the same."""
    await house.control("PATCH", "settings", {"signature_window": False})

    assert (await only_element(await post(house, stamped("1600000000"))))["status"] == "0"
    for missing in (None, ""):
        assert (await post(house, stamped(missing))).content == json_bytes(NO_SIG)
    assert (await post(house, stamped("1600000000") | {"sig": "0" * 32})).content == json_bytes(NO_SIG)


async def test_the_broken_form_of_python_4_is_taken_on_request(house: House) -> None:
    """It hashes what it does not send as ``None``: status 14, unless the world says otherwise; source: sms §4.5."""
    await patch(house, signature={"method": "sha256"})
    text = (
        "&account-ref=None&api_key=abcd1234&body=None&callback=None&client-ref=None&content-id=None&entity-id=None"
        "&from=Acme&message-class=None&protocol-id=None&sig=None&status-report-req=None&text=Tea _ cake _ joy"
        "&timestamp=1772355600&to=447700900001&trusted-number=None&ttl=None&type=None&udh=None"
    )
    params = signed(text, "sha256", **SIGNED)

    assert (await post(house, params)).content == json_bytes(NO_SIG)
    await house.control("PATCH", "settings", {"signature_python4": True})
    assert (await only_element(await post(house, params)))["status"] == "0"
    assert (await only_element(await post(house, signed(SIGNED_TEXT, "sha256", **SIGNED))))["status"] == "0"
    assert (await post(house, params | {"text": "x"})).content == json_bytes(NO_SIG)


# ---------------------------------------------------------------------------------------------------- determinism


async def _told(seed: int) -> list[tuple[list[tuple[bytes, bytes]], bytes]]:
    """Headers and bodies of some requests of a world with this seed, and what the control API says afterwards."""
    async with open_house(seed=seed) as house:
        await patch(house, limits={"sms": "3/s"})
        answers = [
            await post(house, params, path)
            for params, path in (
                (asked(), "/sms/json"),
                (asked(to="x"), "/sms/json"),
                (asked(text="€" * 200), "/sms/xml"),
                (asked(to="0"), "/sms/xml"),
                (asked(), "/sms/json"),
                (asked(), "/sms/json"),
            )
        ]
        await house.advance("1h")
        answers += [
            await house.client.get(f"/_fake/worlds/default/{name}")
            for name in ("messages", "webhooks", "requests", "events")
        ]
        return [(answer.headers.raw, answer.content) for answer in answers]


async def test_the_same_seed_and_requests_give_the_same_bytes() -> None:
    """Ids and trace ids too; another seed gives others."""
    one, again, other = await _told(42), await _told(42), await _told(43)

    assert one == again
    assert all(a[0] != b[0] for a, b in zip(one[:6], other[:6], strict=True))
    assert one[0][1] != other[0][1]
    assert one[1][1] == other[1][1]  # a refusal has no id


async def test_no_two_messages_have_the_same_id(house: House) -> None:
    """Fifty messages of two parts: a hundred ids."""
    ids = [
        each["message-id"] for _ in range(50) for each in (await post(house, asked(text="A" * 161))).json()["messages"]
    ]

    assert len(set(ids)) == 100


async def test_ids_can_be_uuids(house: House) -> None:
    """The form since about 2022, on request; each part has one of its own; source: reference sms §6, §17."""
    await house.control("PATCH", "settings", {"message_ids": "uuid"})

    answer = await post(house, asked(text="A" * 161))

    [message] = await messages(house)
    ids = message["ids"]
    assert answer.content == json_bytes(accepted(ids[0]), accepted(ids[1], "99.93340000"))
    assert [str(uuid.UUID(each, version=4)) for each in ids] == ids
    assert ids[0] != ids[1]


async def test_a_refused_request_uses_up_its_number() -> None:
    """The ids of later messages depend on how many requests came before, not on why they were refused."""

    async def id_after(*refused_ones: dict[str, str]) -> str:
        async with open_house() as house:
            for params in refused_ones:
                await post(house, params)
            return (await only_element(await post(house, asked())))["message-id"]

    after_none, after_one = await id_after(), await id_after(asked(to="x"))
    assert after_one != after_none
    assert await id_after(asked(api_secret="wrong")) == after_one
    assert await id_after(asked(api_key="nobody00")) == after_none
