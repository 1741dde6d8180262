"""``/account/get-balance``, ``/account/top-up`` and ``/account/settings`` through the whole house: whole replies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

import httpx
import pytest

from fake_nexmo.apis.account import routes
from fake_nexmo.apis.account.model import ROWS, AccountRefusal
from fake_nexmo.apis.account.wire import json_answer, refused, xml_answer
from fake_nexmo.core.refusal import Refusal
from tests.house import House
from tests.receiver import Answer, Receiver

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
GOOD = {"api_key": KEY, "api_secret": SECRET}
BASIC = httpx.BasicAuth(KEY, SECRET)
BALANCE, TOP_UP, SETTINGS = "/account/get-balance", "/account/top-up", "/account/settings"
PATHS = (BALANCE, TOP_UP, SETTINGS)
TRX = "00X123456Y7890123Z"
PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
XML = {"Accept": "application/xml"}
RELOAD = {"trx": TRX, "amount": "10.00 EUR", "threshold": "5.00 EUR"}
FAILED = '{"error-code":"401","error-code-label":"authentication failed"}'


async def patch(house: House, **facts: object) -> None:
    """Change the account."""
    await house.control("PATCH", f"accounts/{KEY}", facts)


async def account(house: House) -> dict[str, Any]:
    """The account in a scenario's words."""
    read: dict[str, Any] = await house.control("GET", f"accounts/{KEY}")
    return read


async def requests(house: House) -> list[dict[str, Any]]:
    """What the world wrote down."""
    read: list[dict[str, Any]] = (await house.control("GET", "requests"))["items"]
    return read


def assert_answer(answer: httpx.Response, status: int, body: str, media: str = "application/json") -> None:
    """An answer of the old stack: status, body to the byte, and every header of reference account §1.1 in its order."""
    headers = [(name, value) for name, value in answer.headers.multi_items() if name != "allow"]
    trace = answer.headers["x-nexmo-trace-id"]
    assert len(trace) == 32
    assert set(trace) <= set("0123456789abcdef")
    assert (answer.status_code, answer.text) == (status, body)
    assert headers == [
        ("server", "nginx"),
        ("content-type", f"{media};charset=UTF-8"),
        ("content-disposition", 'attachment; filename="api.txt"'),
        ("x-nexmo-trace-id", trace),
        ("x-frame-options", "deny"),
        ("x-xss-protection", "1; mode=block;"),
        ("strict-transport-security", "max-age=31536000; includeSubdomains"),
        ("content-length", str(len(answer.content))),
    ]


def settings_body(inbound: str = "", receipts: str = "", outbound: int = 30, more: str = "") -> str:
    """The answer of settings."""
    return (
        f'{{"mo-callback-url":"{inbound}","dr-callback-url":"{receipts}","max-outbound-request":{outbound},'
        f'"max-inbound-request":30,"max-calls-per-second":30{more}}}'
    )


# ---------------------------------------------------------------------------------------------------- credentials


class Place(NamedTuple):
    """Where credentials stand in a request."""

    name: str
    query: Mapping[str, str] = {}
    form: Mapping[str, str] = {}
    json: Mapping[str, str] | None = None
    basic: tuple[str, str] | None = None
    bearer: str = ""


def place_id(place: Place) -> str:
    return place.name


RIGHT = [
    Place("query", query=GOOD),
    Place("form", form=GOOD),
    Place("json", json=GOOD),
    Place("basic", basic=(KEY, SECRET)),
    Place("the old names", query={"username": KEY, "password": SECRET}),
    Place("key in the query, secret in the form", query={"api_key": KEY}, form={"api_secret": SECRET}),
    Place("form over query", query={**GOOD, "api_secret": "wr0ngS3cret"}, form=GOOD),
    Place("parameters over a stale basic", query=GOOD, basic=(KEY, "wr0ngS3cret")),
    Place("parameters over a stale bearer", query=GOOD, bearer="eyJ0eXAi.e30.x"),
    Place("half of the parameters beside basic", query={"api_key": KEY}, basic=(KEY, SECRET)),
]
WRONG = [
    Place("nothing"),
    Place("no secret", query={"api_key": KEY}),
    Place("no key", query={"api_secret": SECRET}),
    Place("empty", query={"api_key": "", "api_secret": ""}),
    Place("wrong secret", query={**GOOD, "api_secret": "wr0ngS3cret"}),
    Place("unknown key", query={**GOOD, "api_key": "eeee0000"}),
    Place("other case", query={**GOOD, "api_secret": SECRET.upper()}),
    Place("wrong basic", basic=(KEY, "wr0ngS3cret")),
    Place("bearer alone", bearer="eyJ0eXAi.e30.x"),
    Place("wrong parameters beside right basic", query={**GOOD, "api_secret": "wr0ngS3cret"}, basic=(KEY, SECRET)),
    Place("a secret and a signature", query={**GOOD, "sig": "0" * 32}),
    Place("a wrong signature", query={"api_key": KEY, "sig": "0" * 32, "timestamp": "1772355600"}),
]


async def ask(house: House, path: str, place: Place, **headers: str) -> httpx.Response:
    """A request with credentials in a place: POST where the path takes it, and there is a body."""
    if place.bearer:
        headers["Authorization"] = f"Bearer {place.bearer}"
    auth = httpx.BasicAuth(*place.basic) if place.basic else None
    method = "GET" if path.startswith(BALANCE) else "POST"
    return await house.client.request(
        method,
        path,
        params=dict(place.query),
        data=dict(place.form) or None,
        json=place.json,
        headers=headers,
        auth=auth,
    )


@pytest.mark.parametrize("place", RIGHT, ids=place_id)
async def test_credentials_are_right_wherever_they_stand(house: House, place: Place) -> None:
    """Of a place that the balance can have none of, the settings speak."""
    assert_answer(await ask(house, SETTINGS, place), 200, settings_body())
    if not place.form and place.json is None:
        assert_answer(await ask(house, BALANCE, place), 200, '{"value":100.0,"autoReload":false}')


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("place", WRONG, ids=place_id)
async def test_wrong_credentials_are_one_refusal(house: House, place: Place, path: str) -> None:
    """On every path, and before a parameter is missed: top-up has no ``trx`` here."""
    assert_answer(await ask(house, path, place), 401, FAILED)


@pytest.mark.parametrize(("path", "root"), [(BALANCE, "accountBalance"), (TOP_UP, "response"), (SETTINGS, "response")])
async def test_wrong_credentials_in_xml(house: House, path: str, root: str) -> None:
    """The balance has a root of its own."""
    body = (
        f"{PROLOG}<{root}><error-code>401</error-code>"
        f"<error-code-label>authentication failed</error-code-label></{root}>"
    )
    assert_answer(await ask(house, path, Place("nothing"), **XML), 401, body, "application/xml")


async def test_a_get_says_nothing_by_its_body(house: House) -> None:
    """Credentials in it are none."""
    answer = await house.client.request("GET", BALANCE, data=GOOD)
    assert_answer(answer, 401, FAILED)


async def test_a_suspended_account_is_refused(house: House) -> None:
    """As with wrong credentials."""
    await patch(house, suspended=True)
    assert_answer(await ask(house, BALANCE, Place("", query=GOOD)), 401, FAILED)


async def test_requests_are_written_down_without_secrets(house: House) -> None:
    """A key that nobody knows is lost, and the secret beside it in the path is masked too."""
    await house.client.get(f"{BALANCE}/{KEY}/{SECRET}")
    await house.client.get(f"{BALANCE}/{KEY}/wr0ngS3cret")
    await house.client.get(f"{BALANCE}/eeee0000/wr0ngS3cret")

    assert [(each["operation"], each["path"], each["status"], each["outcome"]) for each in await requests(house)] == [
        ("account.balance", f"{BALANCE}/{KEY}/***", 200, None),
        ("account.balance", f"{BALANCE}/{KEY}/***", 401, "401 authentication failed"),
    ]
    [lost] = (await house.control("GET", "/lost-and-found"))["items"]
    assert (lost["name"], lost["path"]) == ("eeee0000", f"{BALANCE}/eeee0000/***")


# -------------------------------------------------------------------------------------------------- verbs and XML

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
ALLOWED = {BALANCE: "GET", TOP_UP: "POST, GET", SETTINGS: "POST, GET"}


@pytest.mark.parametrize(("path", "verb"), [(p, v) for p in PATHS for v in VERBS if v not in ALLOWED[p].split(", ")])
async def test_other_verbs_are_405_before_credentials(house: House, path: str, verb: str) -> None:
    """With the verbs that the path takes; nothing is written down."""
    answer = await house.client.request(verb, path)

    close = answer.headers.pop("connection", None)
    assert close == ("close" if verb == "DELETE" else None)
    assert answer.headers["allow"] == ALLOWED[path]
    assert_answer(answer, 405, '{"error-code":"405","error-code-label":"method not allowed"}')
    xml = await house.client.request(verb, path, headers=XML)
    assert "<error-code>405</error-code>" in xml.text
    assert await requests(house) == []


@pytest.mark.parametrize(
    ("accept", "is_xml"),
    [
        ("application/xml", True),
        ("text/xml", True),
        ("Application/XML; q=0.9", True),
        ("text/xml, application/json", True),
        ("application/json", False),
        ("application/json, application/xml", False),
        ("*/*", False),
        ("", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9", False),
        ("nonsense", False),
    ],
)
async def test_xml_is_for_those_who_want_it_first(house: House, accept: str, is_xml: bool) -> None:
    """Everybody else gets JSON."""
    answer = await house.client.get(BALANCE, auth=BASIC, headers={"Accept": accept})

    xml = f"{PROLOG}<accountBalance><value>100.0</value><autoReload>false</autoReload></accountBalance>"
    body = xml if is_xml else '{"value":100.0,"autoReload":false}'
    assert_answer(answer, 200, body, "application/xml" if is_xml else "application/json")


@pytest.mark.parametrize("row", AccountRefusal)
def test_every_row_has_a_body_in_both_forms(row: AccountRefusal) -> None:
    """Codes are texts, and none is empty; in XML under the same names."""
    known = ROWS[row]
    body = json.loads(json_answer(refused(row)))
    xml = xml_answer("response", refused(row)).decode()
    if row is AccountRefusal.MISSING_TRX:
        assert body == {
            "type": "BAD_REQUEST",
            "error_title": "Bad Request",
            "invalid_parameters": {"trx": "Is required."},
        }
        return
    assert body == {"error-code": str(known.code), "error-code-label": known.label}
    assert known.label
    assert xml == (
        f"{PROLOG}<response><error-code>{known.code}</error-code>"
        f"<error-code-label>{known.label}</error-code-label></response>"
    )


# -------------------------------------------------------------------------------------------------------- balance


@pytest.mark.parametrize(
    ("balance", "value"),
    [
        ("10.17 EUR", "10.17"),
        ("10.00 EUR", "10.0"),
        ("29.18202293 EUR", "29.18202293"),
        ("24.428075 EUR", "24.428075"),
        ("0.00 EUR", "0.0"),
        ("0.00000001 EUR", "0.00000001"),
        ("12345678.5 EUR", "12345678.5"),
    ],
)
async def test_the_value_is_a_plain_number(house: House, balance: str, value: str) -> None:
    """No exponent, as short as it can be, one decimal at least; a number, never a text."""
    await patch(house, balance=balance)

    json_said = await house.client.get(BALANCE, auth=BASIC)
    xml_said = await house.client.get(BALANCE, auth=BASIC, headers=XML)

    assert_answer(json_said, 200, f'{{"value":{value},"autoReload":false}}')
    assert isinstance(json_said.json()["value"], float)
    body = f"{PROLOG}<accountBalance><value>{value}</value><autoReload>false</autoReload></accountBalance>"
    assert_answer(xml_said, 200, body, "application/xml")


@pytest.mark.parametrize("path", [BALANCE, f"{BALANCE}/", f"//{BALANCE}", f"{BALANCE}?"])
async def test_the_path_is_understood_however_it_is_slashed(house: House, path: str) -> None:
    """A final slash, a doubled one, a lonely question mark."""
    assert_answer(await house.client.get(path, auth=BASIC), 200, '{"value":100.0,"autoReload":false}')


async def test_credentials_in_the_path(house: House) -> None:
    """The form of the oldest clients; they come before every other place."""
    right = await house.client.get(f"{BALANCE}/{KEY}/{SECRET}", params={**GOOD, "api_secret": "wr0ngS3cret"})
    slash = await house.client.get(f"{BALANCE}/{KEY}/{SECRET}/")
    wrong = await house.client.get(f"{BALANCE}/{KEY}/wr0ngS3cret", params=GOOD, auth=BASIC, headers=XML)

    assert_answer(right, 200, '{"value":100.0,"autoReload":false}')
    assert_answer(slash, 200, '{"value":100.0,"autoReload":false}')
    body = "<error-code>401</error-code><error-code-label>authentication failed</error-code-label>"
    assert_answer(wrong, 401, f"{PROLOG}<accountBalance>{body}</accountBalance>", "application/xml")


async def test_the_go_library_of_2020_reads_the_balance(house: House) -> None:
    """Its request: credentials in the query, no Accept; its struct: one member ``value`` that is a float64."""
    request = house.client.build_request("GET", f"{BALANCE}?api_key={KEY}&api_secret={SECRET}")
    del request.headers["Accept"]

    answer = await house.client.send(request)

    assert_answer(answer, 200, '{"value":100.0,"autoReload":false}')
    assert type(answer.json()["value"]) is float


async def test_the_balance_falls_by_what_is_sent(house: House) -> None:
    """It is the account's one balance."""
    await house.send()
    assert_answer(await house.client.get(BALANCE, auth=BASIC), 200, '{"value":99.9667,"autoReload":false}')


# --------------------------------------------------------------------------------------------------------- top-up

DONE = '{"error-code":"200","error-code-label":"success"}'
MISSING = '{"type":"BAD_REQUEST","error_title":"Bad Request","invalid_parameters":{"trx":"Is required."}}'
XML_MISSING = (
    "<type>BAD_REQUEST</type><error_title>Bad Request</error_title>"
    "<invalid_parameters><trx>Is required.</trx></invalid_parameters>"
)
NOT_ENABLED = '{"error-code":"401","error-code-label":"not auto-reload enabled"}'
NO_PAYMENT = '{"error-code":"420","error-code-label":"topup failed"}'


@pytest.mark.parametrize(
    ("reload", "params", "status", "body", "xml"),
    [
        (
            True,
            {"trx": TRX},
            200,
            DONE,
            "<error-code>200</error-code><error-code-label>success</error-code-label>",
        ),
        (
            True,
            {},
            400,
            MISSING,
            XML_MISSING,
        ),
        (
            False,
            {"trx": ""},
            400,
            MISSING,
            XML_MISSING,
        ),
        (
            False,
            {"trx": TRX},
            401,
            NOT_ENABLED,
            "<error-code>401</error-code><error-code-label>not auto-reload enabled</error-code-label>",
        ),
        (
            {**RELOAD, "enabled": False},
            {"trx": TRX},
            401,
            NOT_ENABLED,
            "<error-code>401</error-code><error-code-label>not auto-reload enabled</error-code-label>",
        ),
        (
            True,
            {"trx": "00X"},
            420,
            NO_PAYMENT,
            "<error-code>420</error-code><error-code-label>topup failed</error-code-label>",
        ),
    ],
    ids=["done", "missing", "empty", "never configured", "switched off", "another payment"],
)
@pytest.mark.parametrize("way", ["form", "query", "get"])
async def test_a_top_up(
    house: House, way: str, reload: Any, params: dict[str, str], status: int, body: str, xml: str
) -> None:
    """As a form, with everything in the query, and by GET; a refusal credits nothing."""
    await patch(house, auto_reload=reload)

    for headers, said, media in (
        ({}, body, "application/json"),
        (XML, f"{PROLOG}<response>{xml}</response>", "application/xml"),
    ):
        if way == "form":
            answer = await house.client.post(TOP_UP, data=params, auth=BASIC, headers=headers)
        elif way == "query":
            answer = await house.client.post(TOP_UP, params={**GOOD, **params}, headers=headers)
        else:
            answer = await house.client.get(TOP_UP, params=params, auth=BASIC, headers=headers)
        assert_answer(answer, status, said, media)

    assert (await account(house))["balance"] == ("120.00 EUR" if status == 200 else "100.00 EUR")


async def test_a_form_under_the_label_of_json_is_read(house: House) -> None:
    """What one library sends after any JSON call."""
    await patch(house, auto_reload=True)
    headers = {"Content-Type": "application/json"}

    answer = await house.client.post(TOP_UP, content=f"trx={TRX}", auth=BASIC, headers=headers)

    assert_answer(answer, 200, DONE)


# ----------------------------------------------------------------------------------------------------- auto-reload


async def value(house: House) -> float:
    """The balance, asked of the API."""
    read: float = (await house.client.get(BALANCE, auth=BASIC)).json()["value"]
    return read


async def test_a_balance_below_the_threshold_is_reloaded_within_six_minutes(house: House) -> None:
    """Whatever found it there: here a charge. Once it is rich again, nothing more is due."""
    await patch(house, balance="5.01 EUR", auto_reload=RELOAD)
    assert_answer(await house.client.get(BALANCE, auth=BASIC), 200, '{"value":5.01,"autoReload":true}')
    assert await house.store.pending("default") == []

    await house.send()
    await house.send()

    assert [(each.deadline, each.due_at % 360_000_000) for each in await looks(house)] == [(True, 0)]
    await house.advance("5m59s")
    assert (await account(house))["balance"] == "4.9434 EUR"
    await house.advance("1s")
    assert (await account(house))["balance"] == "14.9434 EUR"
    assert await house.store.pending("default") == []
    assert (await house.advance("1h"))["timers"] == 0


async def test_an_account_without_credit_is_refused_and_then_reloaded(house: House) -> None:
    """A refusal sets the timer as well, or nothing ever would."""
    await patch(house, balance="0.00 EUR", auto_reload=RELOAD)

    refused_one = await house.send()
    assert [each["status"] for each in refused_one["messages"]] == ["9"]
    await house.advance("6m")

    assert [each["status"] for each in (await house.send())["messages"]] == ["0"]


async def test_a_balance_that_is_read_below_the_threshold_is_reloaded_until_it_suffices(house: House) -> None:
    """Every six minutes the amount of the payment."""
    await patch(house, balance="1.00 EUR", auto_reload={**RELOAD, "amount": "1.50 EUR"})
    assert await value(house) == 1.0
    assert await value(house) == 1.0
    assert len(await looks(house)) == 1

    balances = []
    for _ in range(4):
        await house.advance("6m")
        balances.append((await account(house))["balance"])

    assert balances == ["2.50 EUR", "4.00 EUR", "5.50 EUR", "5.50 EUR"]


@pytest.mark.parametrize(
    "facts",
    [{"auto_reload": {**RELOAD, "enabled": False}}, {"auto_reload": False}, {"balance": "5.00 EUR"}],
    ids=["switched off", "taken away", "paid in"],
)
async def test_a_look_finds_what_is_true_then(house: House, facts: dict[str, Any]) -> None:
    """Not what was true when it was set."""
    await patch(house, balance="4.00 EUR", auto_reload=RELOAD)
    assert await value(house) == 4.0
    await patch(house, **facts)
    before = (await account(house))["balance"]

    assert (await house.advance("1h"))["timers"] == 1

    assert (await account(house))["balance"] == before


@pytest.mark.parametrize("facts", [{"auto_reload": False}, {"auto_reload": {**RELOAD, "enabled": False}}])
async def test_without_auto_reload_nothing_is_due(house: House, facts: dict[str, Any]) -> None:
    """Nor is anything said to reload."""
    await patch(house, balance="0.00 EUR", **facts)
    assert_answer(await house.client.get(BALANCE, auth=BASIC), 200, '{"value":0.0,"autoReload":false}')
    assert await house.store.pending("default") == []


async def looks(house: House) -> list[Any]:
    """The timers of auto-reload."""
    return [each for each in await house.store.pending("default") if getattr(each, "what", "") == "auto_reload"]


# -------------------------------------------------------------------------------------------------------- settings


async def settings(house: House, **params: str) -> httpx.Response:
    """Post a form to the settings."""
    return await house.client.post(SETTINGS, data=params, auth=BASIC)


async def test_settings_are_kept_until_they_are_said_anew_or_cleared(house: House) -> None:
    """Left out: unchanged; empty: cleared; and GET only reads."""
    both = await settings(house, moCallBackUrl="https://shop.test/in", drCallBackUrl="https://shop.test/dlr")
    one = await settings(house, drCallBackUrl="https://shop.test/other")
    none = await settings(house)
    read = await house.client.get(SETTINGS, params={**GOOD, "moCallBackUrl": "https://evil.test"})
    cleared = await settings(house, moCallBackUrl="", drCallBackUrl="")

    assert_answer(both, 200, settings_body("https://shop.test/in", "https://shop.test/dlr"))
    for answer in (one, none, read):
        assert_answer(answer, 200, settings_body("https://shop.test/in", "https://shop.test/other"))
    assert_answer(cleared, 200, settings_body())


@pytest.mark.parametrize("name", ["moCallBackUrl", "moCallbackUrl", "mocallbackurl", "MOCALLBACKURL"])
@pytest.mark.parametrize("way", ["form", "query", "json"])
async def test_names_are_read_in_any_case(house: House, way: str, name: str) -> None:
    """One library writes a small b."""
    said = {name: "https://shop.test/in"}
    if way == "form":
        answer = await settings(house, **said)
    elif way == "query":
        answer = await house.client.post(SETTINGS, params={**GOOD, **said})
    else:
        answer = await house.client.post(SETTINGS, json={**GOOD, **said})
    assert_answer(answer, 200, settings_body("https://shop.test/in"))


async def test_settings_in_xml(house: House) -> None:
    """Escaped where it must be."""
    await settings(house, moCallBackUrl="https://shop.test/in?a=b&c=d")

    answer = await house.client.get(SETTINGS, auth=BASIC, headers=XML)

    body = (
        "<mo-callback-url>https://shop.test/in?a=b&amp;c=d</mo-callback-url><dr-callback-url></dr-callback-url>"
        "<max-outbound-request>30</max-outbound-request><max-inbound-request>30</max-inbound-request>"
        "<max-calls-per-second>30</max-calls-per-second>"
    )
    assert_answer(answer, 200, f"{PROLOG}<account-settings>{body}</account-settings>", "application/xml")


async def test_the_rate_of_the_account_is_told(house: House) -> None:
    """Where it has one."""
    await patch(house, limits={"sms": "5/s"})
    assert_answer(await settings(house), 200, settings_body(outbound=5))


async def test_receipts_go_where_the_settings_say(house: House) -> None:
    """From the next message on; the account's facts show the same."""
    await settings(house, moCallBackUrl="http://127.0.0.1:9/in", drCallBackUrl="http://127.0.0.1:9/dlr")

    await house.send()
    await house.advance("1s")

    [webhook] = (await house.control("GET", "webhooks"))["items"]
    assert webhook["url"] == "http://127.0.0.1:9/dlr"
    hooks = (await account(house))["webhooks"]
    assert (hooks["inbound_sms"], hooks["receipts"]) == ("http://127.0.0.1:9/in", "http://127.0.0.1:9/dlr")


NO = '{"error-code":"420","error-code-label":"method failed"}'


@pytest.mark.parametrize(
    "params",
    [
        {"moCallBackUrl": "shop.test/in"},
        {"moCallBackUrl": "https://shop.test/in", "drCallBackUrl": "ftp://shop.test"},
        {"moCallBackUrl": "https://shop.test/in", "newSecret": "weak"},
        {"newSecret": ""},
    ],
)
async def test_a_refused_change_changes_nothing(house: House, params: dict[str, str]) -> None:
    """What was right in it included."""
    assert_answer(await settings(house, **params), 420, NO)
    assert_answer(await settings(house), 200, settings_body())
    assert [each["outcome"] for each in await requests(house)] == ["420 method failed", None]


@pytest.mark.parametrize(("profile", "echo"), [("current", ""), ("2020", ',"api-secret":"N3wSecret"')])
async def test_a_new_secret_replaces_the_one_that_was_used(house: House, profile: str, echo: str) -> None:
    """At once, everywhere; only the answer of 2020 echoes it, and only then."""
    await patch(house, api_secrets=["s3cr3tS3cr3t", "An0therOne"])
    await house.control("PATCH", "settings", {"profile": profile})
    used = {"api_key": KEY, "api_secret": "An0therOne"}

    answer = await house.client.post(SETTINGS, data={**used, "newSecret": "N3wSecret"})

    assert_answer(answer, 200, settings_body(more=echo))
    assert (await account(house))["api_secrets"] == ["s3cr3tS3cr3t", "N3wSecret"]
    assert_answer(await house.client.get(BALANCE, params=used), 401, FAILED)
    assert_answer(await settings(house), 200, settings_body())
    assert (await house.send(api_secret="N3wSecret"))["messages"][0]["status"] == "0"


class Checks:
    """What would call new URLs, and remembers which."""

    def __init__(self, *good: str) -> None:
        self.good = good
        self.asked: list[tuple[str, str, str]] = []

    async def __call__(self, world: str, account_id: str, url: str) -> bool:
        self.asked.append((world, account_id, url))
        return url in self.good


async def test_new_urls_are_called_if_the_world_wants_that(house: House) -> None:
    """Only new ones; and one that does not answer refuses the whole change."""
    house.engine.shell.check_url = checks = Checks("http://a.test", "http://b.test")
    assert_answer(await settings(house, moCallBackUrl="http://down.test"), 200, settings_body("http://down.test"))
    assert checks.asked == []
    await house.control("PATCH", "settings", {"url_check": True})

    good = await settings(house, moCallBackUrl="http://a.test", drCallBackUrl="http://b.test")
    same = await settings(house, moCallBackUrl="http://a.test")
    bad = await settings(house, moCallBackUrl="http://b.test", drCallBackUrl="http://down.test")
    weak = await settings(house, moCallBackUrl="no url")
    cleared = await settings(house, drCallBackUrl="")

    assert_answer(good, 200, settings_body("http://a.test", "http://b.test"))
    assert_answer(same, 200, settings_body("http://a.test", "http://b.test"))
    assert_answer(bad, 420, NO)
    assert_answer(weak, 420, NO)
    assert_answer(cleared, 200, settings_body("http://a.test"))
    urls = ["http://a.test", "http://b.test", "http://b.test", "http://down.test"]
    assert checks.asked == [("default", "main", url) for url in urls]


@pytest.mark.parametrize(("status", "saved"), [(200, True), (201, False), (204, False), (302, False), (500, False)])
async def test_a_new_url_must_answer_200(house: House, status: int, saved: bool) -> None:
    """Exactly that, to a GET."""
    await house.control("PATCH", "settings", {"url_check": True})
    async with Receiver() as receiver:
        receiver.say(Answer(status))
        url = f"{receiver.url}/in"

        answer = await settings(house, moCallBackUrl=url)

    assert_answer(answer, 200 if saved else 420, settings_body(url) if saved else NO)
    assert [(each.method, each.path) for each in receiver.requests] == [("GET", "/in")]


async def test_a_server_that_calls_nobody_says_so(house: House) -> None:
    """501, never a made-up success."""
    house.engine.shell.check_url = None
    await house.control("PATCH", "settings", {"url_check": True})

    answer = await settings(house, moCallBackUrl="http://a.test")

    assert answer.status_code == 501
    assert answer.json()["gap"] == "the check of a new webhook URL (setting url_check) on a server that calls nobody"
    assert_answer(await settings(house), 200, settings_body())


async def test_changes_at_the_same_time_are_all_kept(house: House) -> None:
    """One decides again when the other was faster."""
    await patch(house, auto_reload=True)
    asked = [settings(house, moCallBackUrl="http://a.test"), settings(house, drCallBackUrl="http://b.test")]
    asked += [house.client.post(TOP_UP, data={"trx": TRX}, auth=BASIC) for _ in range(8)]

    answers = await asyncio.gather(*asked)

    assert {each.status_code for each in answers} == {200}
    facts = await account(house)
    assert (facts["webhooks"]["inbound_sms"], facts["webhooks"]["receipts"]) == ("http://a.test", "http://b.test")
    assert facts["balance"] == "180.00 EUR"


# ------------------------------------------------------------------------------------------- what is not emulated


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/account/get-balance.xml"),
        ("GET", f"/accounts/{KEY}/subaccounts"),
        ("POST", f"/accounts/{KEY}/subaccounts"),
        ("PATCH", f"/accounts/{KEY}/subaccounts/sub1"),
        ("POST", f"/accounts/{KEY}/credit-transfers"),
        ("GET", f"/accounts/{KEY}/balance-transfers"),
        ("POST", f"/accounts/{KEY}/transfer-number"),
    ],
)
async def test_what_is_not_emulated_is_named(house: House, verb: str, path: str) -> None:
    """501, so that the gap is visible."""
    answer = await house.client.request(verb, path, auth=BASIC)
    assert (answer.status_code, answer.json()["gap"]) == (501, f"{verb} {path}")


class Foreign(Enum):
    """A table of somebody else."""

    ROW = "row"


def test_refusals_of_other_apis_are_not_worded_here() -> None:
    """Each API words its own."""
    with pytest.raises(AssertionError, match="no refusal of the Account API"):
        routes.word_refusal(object(), Refusal(Foreign.ROW))  # type: ignore[arg-type]
