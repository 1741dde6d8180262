"""The Pricing API through the whole house: whole replies, compared with the price list as its file has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from fake_nexmo.apis.pricing.model import ROWS, TROUBLES, PricingRefusal
from fake_nexmo.numbering import tables
from tests.house import House

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
GOOD = {"api_key": KEY, "api_secret": SECRET}
BASIC = httpx.BasicAuth(KEY, SECRET)
COUNTRY, FULL = "/account/get-pricing/outbound", "/account/get-full-pricing/outbound"
PREFIX, PHONE = "/account/get-prefix-pricing/outbound", "/account/get-phone-pricing/outbound"
PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
XML = "application/xml"
JSON, XML_TYPE = "application/json;charset=UTF-8", "application/xml;charset=UTF-8"
FILE: list[dict[str, Any]] = json.loads(Path(tables.__file__).with_name("countries.json").read_text("utf-8"))[
    "countries"
]
BY_CODE = {country["countryCode"]: country for country in FILE}
PRODUCTS = {"sms": "sms", "sms-transit": "sms", "voice": "voice"}
ALICE = "447700900000"


def country_id(country: dict[str, Any]) -> str:
    return str(country["countryCode"])


def words(members: Any) -> str:
    """JSON as it goes out: compact, in this order, nothing escaped that need not be."""
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False)


def typeless(country: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says in the words of before 2017; source: reference pricing §3."""
    members = {
        "country": country["countryCode"],
        "name": country["countryName"],
        "prefix": country["dialingPrefix"],
    }
    if country["defaultPrices"]:
        members["mt"] = country["defaultPrices"]["sms"]
        members["networks"] = [
            {"code": each["networkCode"], "network": each["networkName"], "mtPrice": each["prices"]["sms"]}
            for each in country["networks"]
        ]
    return members | {"countryDisplayName": country["countryDisplayName"]}


def typed(country: Mapping[str, Any], product: str) -> dict[str, Any]:
    """What the file says in the words of 2017 on; source: reference pricing §4."""
    row = PRODUCTS[product]
    members = {"dialingPrefix": country["dialingPrefix"]}
    if country["defaultPrices"]:
        members["defaultPrice"] = country["defaultPrices"][row]
    members |= {
        "currency": "EUR",
        "countryDisplayName": country["countryDisplayName"],
        "countryCode": country["countryCode"],
        "countryName": country["countryName"],
    }
    if country["defaultPrices"]:
        members["networks"] = [
            {"type": each["type"], "price": each["prices"][row], "currency": "EUR"}
            | {name: each[name] for name in ("ranges", "aliases", "mcc", "mnc") if each.get(name)}
            | {"networkCode": each["networkCode"], "networkName": each["networkName"]}
            for each in country["networks"]
        ]
    return members


def assert_answer(answer: httpx.Response, status: int, body: str, media: str = JSON) -> None:
    """Status, body to the byte, and every header in its order; source: reference account §1.1."""
    headers = [(name, value) for name, value in answer.headers.multi_items() if name != "allow"]
    trace = answer.headers["x-nexmo-trace-id"]
    assert len(trace) == 32
    assert set(trace) <= set("0123456789abcdef")
    assert (answer.status_code, answer.text) == (status, body)
    assert headers == [
        ("server", "nginx"),
        ("content-type", media),
        ("content-disposition", 'attachment; filename="api.txt"'),
        ("x-nexmo-trace-id", trace),
        ("x-frame-options", "deny"),
        ("x-xss-protection", "1; mode=block;"),
        ("strict-transport-security", "max-age=31536000; includeSubdomains"),
        ("content-length", str(len(answer.content))),
    ]


async def ask(house: House, path: str, accept: str = "", **query: str) -> httpx.Response:
    """A request with credentials in the query; a redirect would fail the test by its status."""
    return await house.client.get(path, params={**GOOD, **query}, headers={"Accept": accept} if accept else {})


async def requests(house: House) -> list[dict[str, Any]]:
    """What the world wrote down."""
    read: list[dict[str, Any]] = (await house.control("GET", "requests"))["items"]
    return read


# ------------------------------------------------------------------------------------------------------ countries


@pytest.mark.parametrize("country", FILE, ids=country_id)
async def test_a_listed_country_in_each_family_and_product(house: House, country: dict[str, Any]) -> None:
    """To the byte what the file says, with a final slash and without."""
    code = country["countryCode"]
    for slash in ("", "/"):
        assert_answer(await ask(house, COUNTRY + slash, country=code), 200, words(typeless(country)))
        for product in PRODUCTS:
            answer = await ask(house, f"{COUNTRY}/{product}{slash}", country=code)
            assert_answer(answer, 200, words(typed(country, product)))


async def test_a_country_by_hand(house: House) -> None:
    """So that the file is not only compared with itself; source: reference pricing §3, §4, §8."""
    small = await ask(house, COUNTRY, country="US")
    large = (await ask(house, f"{COUNTRY}/voice", country="us")).json()

    assert small.text.startswith(
        '{"country":"US","name":"United States","prefix":"1","mt":"0.00570000",'
        '"networks":[{"code":"310410","network":"AT&T Mobility","mtPrice":"0.00570000"},'
    )
    assert small.text.endswith('],"countryDisplayName":"United States"}')
    assert list(large) == [
        "dialingPrefix",
        "defaultPrice",
        "currency",
        "countryDisplayName",
        "countryCode",
        "countryName",
        "networks",
    ]
    assert large["defaultPrice"] == "0.01270000"
    assert [list(each) for each in large["networks"] if each["networkCode"] in {"310410", "US-UNKNOWN"}] == [
        ["type", "price", "currency", "ranges", "aliases", "mcc", "mnc", "networkCode", "networkName"],
        ["type", "price", "currency", "networkCode", "networkName"],
    ]


@pytest.mark.parametrize(
    ("code", "small", "large"),
    [
        (
            "VA",
            '{"country":"VA","name":"Vatican City","prefix":"39","countryDisplayName":"Holy See (Vatican City State)"}',
            (
                '{"dialingPrefix":"39","currency":"EUR","countryDisplayName":"Holy See (Vatican City State)",'
                '"countryCode":"VA","countryName":"Vatican City"}'
            ),
        ),
        (
            "EE",
            (
                '{"country":"EE","name":"Estonia","prefix":"372","mt":"0.07000000","networks":[],'
                '"countryDisplayName":"Estonia"}'
            ),
            (
                '{"dialingPrefix":"372","defaultPrice":"0.07000000","currency":"EUR","countryDisplayName":"Estonia",'
                '"countryCode":"EE","countryName":"Estonia","networks":[]}'
            ),
        ),
    ],
)
async def test_countries_without_price_and_without_table(house: House, code: str, small: str, large: str) -> None:
    """One is listed without a price, the other costs what its part of the world does."""
    assert_answer(await ask(house, COUNTRY, country=code), 200, small)
    assert_answer(await ask(house, f"{COUNTRY}/sms", country=code), 200, large)


async def test_prices_of_a_product_without_a_country_are_a_list(house: House) -> None:
    """As if the full list was asked for; an empty country is none."""
    for product in PRODUCTS:
        whole = await ask(house, f"{FULL}/{product}")
        for query in ({}, {"country": ""}, {"page_index": "1", "page_size": "10", "size": "10"}):
            assert_answer(await ask(house, f"{COUNTRY}/{product}", **query), 200, whole.text)


async def test_a_strict_world_wants_a_country(house: House) -> None:
    """By its setting."""
    await house.control("PATCH", "settings", {"pricing_country_required": True})

    assert_answer(await ask(house, f"{COUNTRY}/sms"), 400, missing("country"))
    assert_answer(await ask(house, f"{COUNTRY}/sms", country="ZM"), 200, words(typed(BY_CODE["ZM"], "sms")))
    assert (await ask(house, f"{FULL}/sms")).status_code == 200


@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_product_in_the_query(house: House, slash: str) -> None:
    """Of an old .NET library, with its trailing ``&``."""
    query = f"api_key={KEY}&api_secret={SECRET}&type=voice&"
    one = await house.client.get(f"{COUNTRY}{slash}?country=ZM&{query}")
    several = await house.client.get(f"{PREFIX}{slash}?prefix=260&{query}")
    full = await house.client.get(f"{FULL}{slash}?{query}")
    unknown = await house.client.get(f"{COUNTRY}{slash}?country=ZM&{query.replace('voice', 'mms')}")

    zambia = typed(BY_CODE["ZM"], "voice")
    assert_answer(one, 200, words(zambia))
    assert_answer(several, 200, words({"count": 1, "countries": [zambia]}))
    assert_answer(full, 200, (await ask(house, f"{FULL}/voice")).text)
    assert_answer(unknown, 420, failed(420, "method failed"))


# ---------------------------------------------------------------------------------------------------------- lists


@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_full_list(house: House, slash: str) -> None:
    """The file's countries in its order, then all others; the count is a number."""
    for product in PRODUCTS:
        answer = await ask(house, f"{FULL}/{product}{slash}")
        read = answer.json()
        assert_answer(answer, 200, words(read))
        assert list(read) == ["count", "countries"]
        assert read["count"] == len(read["countries"]) == 246
        assert read["countries"][:35] == [typed(country, product) for country in FILE]
        assert all(each["networks"] == [] and float(each["defaultPrice"]) > 0 for each in read["countries"][35:])
    small = (await ask(house, FULL + slash)).json()
    assert list(small) == ["count", "prices"]
    assert small["count"] == len(small["prices"]) == 246
    assert small["prices"][:35] == [typeless(country) for country in FILE]


@pytest.mark.parametrize("prefix", sorted({country["dialingPrefix"] for country in FILE}))
async def test_a_prefix_in_each_family(house: House, prefix: str) -> None:
    """The listed countries behind it come first, in the file's order."""
    here = [country for country in FILE if country["dialingPrefix"] == prefix]
    small = await ask(house, PREFIX, prefix=prefix)
    read = small.json()
    assert_answer(await ask(house, f"{PREFIX}/", prefix=prefix), 200, small.text)
    assert_answer(small, 200, words(read))
    assert list(read) == ["count", "prices"]
    assert read["count"] == len(read["prices"])
    assert read["prices"][: len(here)] == [typeless(country) for country in here]
    for product in PRODUCTS:
        large = await ask(house, f"{PREFIX}/{product}", prefix=prefix)
        read = large.json()
        assert_answer(await ask(house, f"{PREFIX}/{product}/", prefix=prefix), 200, large.text)
        assert_answer(large, 200, words(read))
        assert list(read) == ["count", "countries"]
        assert read["count"] == len(read["countries"])
        assert read["countries"][: len(here)] == [typed(country, product) for country in here]


async def test_shared_prefixes(house: House) -> None:
    """Of North America and of Italy; source: reference pricing §4."""
    america = (await ask(house, f"{PREFIX}/sms", prefix="1")).json()
    italy = await ask(house, PREFIX, prefix="+39")

    assert [each["countryCode"] for each in america["countries"]][:3] == ["CA", "UM", "US"]
    assert {each["dialingPrefix"] for each in america["countries"]} == {"1"}
    listed = [typeless(BY_CODE["IT"]), typeless(BY_CODE["VA"])]
    assert_answer(italy, 200, words({"count": 2, "prices": listed}))


@pytest.mark.parametrize("prefix", ["4", "447", "999", "GB"])
async def test_a_prefix_that_nobody_has(house: House, prefix: str) -> None:
    """An empty list, in the typeless family under both names."""
    assert_answer(await ask(house, f"{PREFIX}/sms", prefix=prefix), 200, '{"count":0,"countries":[]}')
    assert_answer(await ask(house, PREFIX, prefix=prefix), 200, '{"count":0,"countries":[],"prices":[]}')


# --------------------------------------------------------------------------------------------------------- phones


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("product", "phone", "body"),
    [
        (
            "sms",
            ALICE,
            '{"country-code":"GB","network-code":"23410","network":"23410","phone":"447700900000","price":"0.03330000"}',
        ),
        (
            "voice",
            "441632960123",
            (
                '{"country-code":"GB","network-code":"GB-FIXED","network":"GB-FIXED","phone":"441632960123",'
                '"price":"0.00960000"}'
            ),
        ),
        (
            "sms-transit",
            "+61491570156",
            (
                '{"country-code":"AU","network-code":"50503","network":"50503","phone":"+61491570156",'
                '"price":"0.03920000"}'
            ),
        ),
        ("sms", "12015550100", '{"country-code":"US","phone":"12015550100","price":"0.00570000"}'),
    ],
)
async def test_what_a_number_costs(house: House, product: str, phone: str, body: str, slash: str) -> None:
    """With the network whose range it is in, or none."""
    assert_answer(await ask(house, f"{PHONE}/{product}{slash}", phone=phone), 200, body)


async def test_an_sms_costs_what_was_said(house: House) -> None:
    """One table for all APIs."""
    said = (await ask(house, f"{PHONE}/sms", phone=ALICE)).json()
    [sent] = (await house.send(to=ALICE))["messages"]
    assert (sent["message-price"], sent["network"]) == (said["price"], said["network"])


# --------------------------------------------------------------------------------------- credentials and the paths


async def test_credentials_in_the_path(house: House) -> None:
    """The form of the oldest clients; they come before every other place, and the secret is masked."""
    country = await house.client.get(f"{COUNTRY}/{KEY}/{SECRET}/ZM", params={"country": "US"})
    phone = await house.client.get(f"{PHONE}/sms/{KEY}/{SECRET}/{ALICE}/", params={"api_key": "eeee0000"})
    wrong = await house.client.get(f"{COUNTRY}/{KEY}/wr0ngS3cret/ZM", params=GOOD, auth=BASIC)
    unknown = await house.client.get(f"{PHONE}/mms/{KEY}/{SECRET}/{ALICE}")

    assert_answer(country, 200, words(typeless(BY_CODE["ZM"])))
    body = '{"country-code":"GB","network-code":"23410","network":"23410","phone":"447700900000","price":"0.03330000"}'
    assert_answer(phone, 200, body)
    assert_answer(wrong, 401, FAILED)
    assert_answer(unknown, 404, failed(404, "not found"))
    assert [(each["operation"], each["path"], each["outcome"]) for each in await requests(house)] == [
        ("pricing.country", f"{COUNTRY}/{KEY}/***/ZM", None),
        ("pricing.phone", f"{PHONE}/sms/{KEY}/***/{ALICE}/", None),
        ("pricing.country", f"{COUNTRY}/{KEY}/***/ZM", "401 authentication failed"),
        ("pricing.phone", f"{PHONE}/mms/{KEY}/***/{ALICE}", "404 not found"),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"params": GOOD},
        {"auth": BASIC},
        {"params": {"username": KEY, "password": SECRET}},
        {"params": GOOD, "headers": {"Authorization": "Bearer eyJ0eXAi.e30.x"}},
        {"params": GOOD, "auth": httpx.BasicAuth(KEY, "wr0ngS3cret")},
    ],
)
async def test_credentials_are_right_wherever_they_stand(house: House, given: dict[str, Any]) -> None:
    """In the query or in the header; a stale header does no harm."""
    answer = await house.client.get(f"{PREFIX}/sms", **{**given, "params": {**given.get("params", {}), "prefix": "4"}})
    assert_answer(answer, 200, '{"count":0,"countries":[]}')


@pytest.mark.parametrize("path", ["/account//get-pricing//outbound", f"{COUNTRY}//", f"{COUNTRY}/?"])
async def test_the_path_is_understood_however_it_is_slashed(house: House, path: str) -> None:
    """And never redirected."""
    answer = await house.client.get(path, params={**GOOD, "country": "ZM"})
    assert_answer(answer, 200, words(typeless(BY_CODE["ZM"])))


# ------------------------------------------------------------------------------------------------------- refusals


def failed(code: int, label: str) -> str:
    """A refusal in JSON."""
    return f'{{"error-code":"{code}","error-code-label":"{label}"}}'


def missing(name: str) -> str:
    """A 400; source: reference pricing §6."""
    said = f'"invalid_parameters":{{"{name}":"Is required."}}'
    return f'{{"type":"BAD_REQUEST","error_title":"Bad Request",{said}}}'


FAILED = '{"error-code":"401","code":"401","currency":"EUR","error-code-label":"authentication failed"}'
REFUSALS: list[tuple[PricingRefusal, str, dict[str, str], str]] = [
    (PricingRefusal.MISSING_COUNTRY, COUNTRY, {}, missing("country")),
    (PricingRefusal.MISSING_COUNTRY, COUNTRY, {"country": ""}, missing("country")),
    (PricingRefusal.MISSING_COUNTRY, COUNTRY, {"type": "sms"}, missing("country")),
    (PricingRefusal.MISSING_PREFIX, PREFIX, {}, missing("prefix")),
    (PricingRefusal.MISSING_PREFIX, f"{PREFIX}/voice", {"prefix": ""}, missing("prefix")),
    (PricingRefusal.MISSING_PHONE, f"{PHONE}/sms", {}, missing("phone")),
    (PricingRefusal.MISSING_PHONE, f"{PHONE}/voice", {"phone": ""}, missing("phone")),
    (PricingRefusal.METHOD_FAILED, COUNTRY, {"country": "XX"}, failed(420, "method failed")),
    (PricingRefusal.METHOD_FAILED, f"{COUNTRY}/sms", {"country": "XX"}, failed(420, "method failed")),
    (PricingRefusal.METHOD_FAILED, f"{PHONE}/sms", {"phone": "GB"}, failed(420, "method failed")),
    (PricingRefusal.METHOD_FAILED, f"{PHONE}/sms", {"phone": "80012345678"}, failed(420, "method failed")),
    (PricingRefusal.NOT_FOUND, f"{COUNTRY}/GB", {}, failed(404, "not found")),
    (PricingRefusal.NOT_FOUND, f"{COUNTRY}/mms", {"country": "GB"}, failed(404, "not found")),
    (PricingRefusal.NOT_FOUND, f"{FULL}/GB", {}, failed(404, "not found")),
    (PricingRefusal.NOT_FOUND, f"{PREFIX}/44", {"prefix": "44"}, failed(404, "not found")),
    (PricingRefusal.NOT_FOUND, f"{PHONE}/SMS", {"phone": ALICE}, failed(404, "not found")),
]


@pytest.mark.parametrize(("row", "path", "query", "body"), REFUSALS)
async def test_refusals(house: House, row: PricingRefusal, path: str, query: dict[str, str], body: str) -> None:
    """One by one, with the reason in the log."""
    for slash in ("", "/"):
        assert_answer(await ask(house, path + slash, **query), ROWS[row].code, body)
    outcome = f"{ROWS[row].code} {ROWS[row].label}"
    assert [each["outcome"] for each in await requests(house)] == [outcome] * 2


@pytest.mark.parametrize(
    "path", [COUNTRY, f"{COUNTRY}/sms", FULL, f"{FULL}/voice", PREFIX, f"{PREFIX}/sms", f"{PHONE}/sms"]
)
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"api_key": KEY},
        {"api_secret": SECRET},
        {**GOOD, "api_secret": "wr0ngS3cret"},
        {**GOOD, "api_key": "eeee0000"},
        {**GOOD, "sig": "0" * 32},
        {"api_key": KEY, "sig": "0" * 32, "timestamp": "1772355600"},
    ],
)
async def test_wrong_credentials_are_one_refusal(house: House, path: str, query: dict[str, str]) -> None:
    """Before a parameter is missed."""
    assert_answer(await house.client.get(path, params=query), 401, FAILED)


async def test_a_suspended_account_is_refused(house: House) -> None:
    """As with wrong credentials."""
    await house.control("PATCH", f"accounts/{KEY}", {"suspended": True})
    assert_answer(await ask(house, COUNTRY, country="GB"), 401, FAILED)


@pytest.mark.parametrize("path", [f"{COUNTRY}/GB", f"{FULL}/GB", f"{PREFIX}/GB", f"{PHONE}/GB"])
async def test_a_path_that_is_nobodys_comes_before_credentials(house: House, path: str) -> None:
    """It is not there for anybody; of the world whose key it is, it is in the log."""
    for query in ({}, {**GOOD, "api_secret": "wr0ngS3cret"}):
        assert_answer(await house.client.get(path, params=query), 404, failed(404, "not found"))
    assert [(each["path"], each["status"]) for each in await requests(house)] == [(path, 404)]
    verb = await house.client.post(path, params=GOOD)
    assert "allow" not in verb.headers
    assert_answer(verb, 404, failed(404, "not found"))
    await house.control("POST", "faults", {"target": "pricing.*", "answer": "throttled"}, 201)
    assert_answer(await ask(house, path), 429, failed(429, "too many requests"))


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path", [COUNTRY, f"{COUNTRY}/sms", FULL, f"{FULL}/sms", PREFIX, f"{PREFIX}/sms", f"{PHONE}/sms"]
)
async def test_other_verbs_are_405(house: House, path: str, verb: str) -> None:
    """With the one that the path takes; no credential is looked at."""
    answer = await house.client.request(verb, path)
    close = answer.headers.pop("connection", None)
    assert close == ("close" if verb == "DELETE" else None)
    assert answer.headers["allow"] == "GET"
    assert_answer(answer, 405, failed(405, "method not allowed"))


async def test_the_newer_pricing_api_is_a_gap(house: House) -> None:
    """501 that says so."""
    for product in ("sms-outbound", "voice-outbound"):
        answer = await house.client.get(f"/v2/account/pricing/{product}", auth=BASIC)
        assert answer.status_code == 501
        assert answer.json()["gap"] == f"GET /v2/account/pricing/{product}"


async def test_one_request_a_second_where_the_world_says_so(house: House) -> None:
    """On the world's clock; what is refused is not counted; nothing is limited otherwise."""
    for _ in range(3):
        assert (await ask(house, f"{PHONE}/sms", phone=ALICE)).status_code == 200
    await house.control("PATCH", "settings", {"pricing_limit": True})

    answers = [await ask(house, f"{PHONE}/sms", phone=ALICE), await ask(house, COUNTRY, country="GB")]
    await house.advance("1s")
    answers += [await ask(house, COUNTRY), await ask(house, f"{FULL}/sms")]

    assert [each.status_code for each in answers] == [200, 429, 400, 429]
    assert_answer(answers[1], 429, failed(429, "too many requests"))


@pytest.mark.parametrize("name", sorted(TROUBLES))
async def test_a_trouble_in_the_words_of_the_api(house: House, name: str) -> None:
    """Of a fault; nothing of the operation happens."""
    await house.control("POST", "faults", {"name": "f", "target": "pricing.*", "answer": name}, 201)

    for path, query in ((COUNTRY, {"country": "GB"}), (f"{FULL}/sms", {}), (PREFIX, {"prefix": "1"})):
        answer = await ask(house, path, **query)
        known = ROWS[TROUBLES[name]]
        body = missing(known.missing) if known.missing else failed(known.code, known.label)
        assert_answer(answer, known.code, FAILED if known.code == 401 else body)
    assert {(each["fault"], each["outcome"]) for each in await requests(house)} == {
        ("f", f"{known.code} {known.label}")
    }


# ------------------------------------------------------------------------------------------------------------ XML


def in_xml(root: str, body: str) -> str:
    """A document."""
    return f"{PROLOG}<{root}>{body}</{root}>"


async def test_a_country_in_xml(house: House) -> None:
    """The name of a network is ``name`` there; source: reference pricing §3."""
    answer = await ask(house, COUNTRY, XML, country="ZM")

    country = BY_CODE["ZM"]
    networks = "".join(
        f"<network><code>{each['networkCode']}</code><name>{each['networkName']}</name>"
        f"<mtPrice>{each['prices']['sms']}</mtPrice></network>"
        for each in country["networks"]
    )
    body = (
        "<country>ZM</country><name>Zambia</name><prefix>260</prefix><mt>0.28725000</mt>"
        f"<networks>{networks}</networks>"
    )
    assert_answer(answer, 200, in_xml("outbound-country-pricing", body), XML_TYPE)
    prefix = await ask(house, PREFIX, "text/xml", prefix="260")
    whole = f"<count>1</count><prices><outbound-country-pricing>{body}</outbound-country-pricing></prices>"
    assert_answer(prefix, 200, in_xml("outbound-pricing", whole), XML_TYPE)


async def test_typed_answers_in_xml(house: House) -> None:
    """Under the same roots, with the names of JSON."""
    country = (await ask(house, f"{COUNTRY}/voice", XML, country="ES")).text
    full = await ask(house, f"{FULL}/sms", XML)

    spain = typed(BY_CODE["ES"], "voice")
    read = ET.fromstring(country)
    assert [each.tag for each in read] == list(spain)
    found = read.find("networks")
    assert found is not None
    for element, network in zip(found, spain["networks"], strict=True):
        assert element.tag == "network"
        assert [each.tag for each in element] == list(network)
        lists = {"ranges": "range", "aliases": "alias"}
        for part in element:
            value = network[part.tag]
            if part.tag in lists:
                assert [(each.tag, each.text) for each in part] == [(lists[part.tag], str(each)) for each in value]
            else:
                assert part.text == value
    root = ET.fromstring(full.text)
    assert (root.tag, root.findtext("count")) == ("outbound-pricing", "246")
    assert [each.findtext("countryCode") for each in root.findall("countries/outbound-country-pricing")][:2] == [
        "AE",
        "AT",
    ]
    assert "AT&amp;T Mobility" in full.text
    nobody = await ask(house, PREFIX, XML, prefix="4")
    empty = "<count>0</count><countries></countries><prices></prices>"
    assert_answer(nobody, 200, in_xml("outbound-pricing", empty), XML_TYPE)


async def test_a_number_in_xml(house: House) -> None:
    """What is sent back is escaped."""
    answer = await ask(house, f"{PHONE}/sms", XML, phone=ALICE)
    body = (
        "<country-code>GB</country-code><network-code>23410</network-code><network>23410</network>"
        "<phone>447700900000</phone><price>0.03330000</price>"
    )
    assert_answer(answer, 200, in_xml("phone-pricing", body), XML_TYPE)


async def test_refusals_in_xml(house: House) -> None:
    """Under the root that ``/account`` has."""
    wrong = await house.client.get(COUNTRY, headers={"Accept": XML})
    none = await ask(house, COUNTRY, XML)
    failing = await ask(house, COUNTRY, XML, country="XX")

    code, label = "<error-code>{0}</error-code>", "<error-code-label>{0}</error-code-label>"
    superset = f"{code.format(401)}<code>401</code><currency>EUR</currency>{label.format('authentication failed')}"
    assert_answer(wrong, 401, in_xml("response", superset), XML_TYPE)
    body = (
        "<type>BAD_REQUEST</type><error_title>Bad Request</error_title>"
        "<invalid_parameters><country>Is required.</country></invalid_parameters>"
    )
    assert_answer(none, 400, in_xml("response", body), XML_TYPE)
    assert_answer(failing, 420, in_xml("response", code.format(420) + label.format("method failed")), XML_TYPE)


@pytest.mark.parametrize("accept", ["application/json", "*/*", "", "application/json, application/xml", "nonsense"])
async def test_json_for_everybody_else(house: House, accept: str) -> None:
    """XML is for those who want it first; source: reference account §1.3."""
    answer = await ask(house, COUNTRY, accept, country="ZM")
    assert_answer(answer, 200, words(typeless(BY_CODE["ZM"])))


# ------------------------------------------------------------------------------------- what client libraries read

TEXTS = ("dialingPrefix", "defaultPrice", "currency", "countryDisplayName", "countryCode", "countryName")
NETWORK_TEXTS = ("type", "price", "currency", "mnc", "mcc", "networkCode", "networkName")


def decodes(value: Mapping[str, Any], name: str, kind: type) -> bool:
    """Whether a typed reader takes a member: absent, null, or of its type and no other."""
    return value.get(name) is None or type(value[name]) is kind


async def raw(house: House, path: str) -> Any:
    """A request of the Go library of 2020: credentials at the end of the query, and no ``Accept``."""
    joint = "&" if "?" in path else "?"
    request = house.client.build_request("GET", f"{path}{joint}api_key={KEY}&api_secret={SECRET}")
    del request.headers["Accept"]
    answer = await house.client.send(request)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == JSON
    return answer.json()


@pytest.mark.parametrize("code", ["GB", "US", "ZM", "VA", "EE"])
async def test_the_go_library_of_2020_reads_a_country(house: House, code: str) -> None:
    """``GetOutboundPricingForCountry`` and ``GetOutboundProductPricing``: every member of its structs."""
    small = await raw(house, f"{COUNTRY}/?country={code}")
    assert all(decodes(small, name, str) for name in ("mt", "country", "prefix", "name"))
    for network in small.get("networks", []):
        assert [type(network[name]) for name in ("network", "code", "mtPrice")] == [str] * 3
    for product in PRODUCTS:
        large = await raw(house, f"{COUNTRY}/{product}/?country={code}")
        assert all(decodes(large, name, str) for name in TEXTS)
        for network in large.get("networks", []):
            assert all(decodes(network, name, str) for name in NETWORK_TEXTS)
            assert decodes(network, "ranges", list)
            assert {type(each) for each in network.get("ranges", [])} <= {int}


@pytest.mark.parametrize("prefix", ["44", "1", "39", "999"])
async def test_the_go_library_of_2020_reads_a_prefix(house: House, prefix: str) -> None:
    """``GetPrefixOutboundPricing``: a count that is a number, and prices of the typeless family."""
    read = await raw(house, f"{PREFIX}/?prefix={prefix}")
    assert type(read["count"]) is int
    assert read["count"] == len(read["prices"])
    for country in read["prices"]:
        assert all(decodes(country, name, str) for name in ("mt", "country", "prefix", "name"))
        for network in country.get("networks", []):
            assert [type(network[name]) for name in ("network", "code", "mtPrice")] == [str] * 3


@pytest.mark.parametrize("product", PRODUCTS)
async def test_the_go_library_of_2020_reads_a_number(house: House, product: str) -> None:
    """``GetPhoneOutboundPricing``: four texts."""
    read = await raw(house, f"{PHONE}/{product}?phone={ALICE}")
    assert [type(read[name]) for name in ("network", "phone", "country-code", "price")] == [str] * 4


async def test_the_php_library_reads_a_country_and_prefixes(house: House) -> None:
    """Typed by country; by prefix typeless under ``prices``, also when there are none."""
    large = (await ask(house, f"{COUNTRY}/sms", country="GB")).json()
    small = (await ask(house, PREFIX, prefix="44", page_index="1")).json()
    nobody = (await ask(house, PREFIX, prefix="4", page_index="1")).json()

    assert large["defaultPrice"]
    assert all(each["networkCode"] and each["networkName"] and each["price"] for each in large["networks"])
    assert small["prices"][0]["mt"]
    assert all(each["code"] and each["network"] and each["mtPrice"] for each in small["prices"][0]["networks"])
    assert nobody["prices"] == []


async def test_the_dotnet_library_reads_lists(house: House) -> None:
    """All countries by the path of one, without ``country`` and with a trailing ``&``; lists are lists."""
    answer = await house.client.get(f"{COUNTRY}/sms?", auth=BASIC)
    trailing = await house.client.get(f"{PREFIX}/sms?prefix=44&", auth=BASIC)

    assert int(answer.json()["count"]) == len(answer.json()["countries"])
    assert all(type(each.get("networks", [])) is list for each in answer.json()["countries"])
    assert trailing.json()["countries"][0] == typed(BY_CODE["GB"], "sms")


async def test_the_node_library_asks_with_a_lonely_question_mark(house: House) -> None:
    """And a content type on a GET; the oldest one has its credentials in the path."""
    headers = {"Content-Type": "application/json"}
    query = f"api_key={KEY}&api_secret={SECRET}"
    country = await house.client.get(f"{COUNTRY}/voice?country=ZM&{query}", headers=headers)
    full = await house.client.get(f"{FULL}/sms?{query}", headers=headers)
    phone = await house.client.get(f"{PHONE}/voice?phone={ALICE}&{query}", headers=headers)
    old = await house.client.get(f"{PHONE}/sms/{KEY}/{SECRET}/{ALICE}?", headers=headers)

    assert country.json() == typed(BY_CODE["ZM"], "voice")
    assert full.json()["count"] == 246
    assert (phone.json()["price"], old.json()["price"]) == ("0.03330000", "0.03330000")
