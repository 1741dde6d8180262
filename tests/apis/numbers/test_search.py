"""``GET /number/search`` and the stock behind it. Source: reference numbers §3, §8."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from fake_nexmo.apis.numbers import stock
from fake_nexmo.apis.numbers.model import Series
from fake_nexmo.numbering.plan import look_up, world
from tests.apis.numbers.desk import (
    AUTH,
    BUY,
    FREE,
    MINE,
    NO_COUNTRY,
    PHONE,
    PROLOG,
    SEARCH,
    THEIRS,
    XML,
    assert_answer,
    msisdns,
    offered,
    open_desk,
    post,
)
from tests.house import House

CROWD = [str(n) for n in range(447700900120, 447700900130)]
TAKEN = {MINE, THEIRS, PHONE, *CROWD}
GB_MOBILE = [str(n) for n in range(447700900100, 447700900200) if str(n) not in TAKEN]
GB_LANDLINE = [str(n) for n in range(442079460100, 442079460150)]
GB_FREE = [str(n) for n in range(448081570100, 448081570120)]


@pytest.fixture
async def desk() -> AsyncIterator[House]:
    async with open_desk() as house:
        yield house


async def every(house: House, **params: str) -> list[str]:
    """All numbers for sale, page by page; the count never changes."""
    first = await offered(house, size="100", **params)
    found = msisdns(first)
    for index in range(2, 2 + (first.get("count", 0) - 1) // 100):
        page = await offered(house, size="100", index=str(index), **params)
        assert page["count"] == first["count"]
        found += msisdns(page)
    assert first.get("count", 0) == len(found)
    return found


# ------------------------------------------------------------------------------------------------------ whole words


async def test_a_search(desk: House) -> None:
    """The cost is a text with two decimals; count is of all that fit."""
    params = {"country": "gb", "pattern": "44770090010", "size": "2"}
    body = (
        '{"count":7,"numbers":['
        '{"country":"GB","msisdn":"447700900100","cost":"1.25","type":"mobile-lvn","features":["VOICE","SMS"]},'
        '{"country":"GB","msisdn":"447700900104","cost":"1.25","type":"mobile-lvn","features":["VOICE","SMS"]}]}'
    )
    assert_answer(await desk.client.get(SEARCH, params=params, auth=AUTH), 200, body)


async def test_a_search_in_xml(desk: House) -> None:
    params = {"country": "US", "pattern": "18885550149"}
    answer = await desk.client.get(SEARCH, params=params, auth=AUTH, headers=XML)

    inside = (
        "<country>US</country><msisdn>18885550149</msisdn><cost>1.80</cost><type>landline-toll-free</type>"
        "<features><feature>VOICE</feature><feature>SMS</feature></features>"
    )
    body = f"{PROLOG}<inbound-numbers><count>1</count><numbers><number>{inside}</number></numbers></inbound-numbers>"
    assert_answer(answer, 200, body, "application/xml")


@pytest.mark.parametrize("params", [{}, {"country": ""}, {"pattern": "44"}])
async def test_the_country_is_required(desk: House, params: dict[str, str]) -> None:
    """Source: §3 (A by family)."""
    assert_answer(await desk.client.get(SEARCH, params=params, auth=AUTH), 400, NO_COUNTRY)


@pytest.mark.parametrize(
    "params",
    [
        {"country": "JP"},
        {"country": "XX"},
        {"country": "England"},
        {"type": "mobile"},
        {"features": "FAX"},
        {"features": "SMS", "type": "landline"},
        {"pattern": "33"},
        {"index": "1000"},
        {"index": "9" * 5000},
    ],
)
async def test_nothing_found_is_an_empty_object(desk: House, params: dict[str, str]) -> None:
    """A country that nobody serves, a word that nobody knows, a page beyond the end; source: §3 (D)."""
    answer = await desk.client.get(SEARCH, params={"country": "GB", **params}, auth=AUTH)
    assert_answer(answer, 200, "{}")


async def test_nothing_found_in_the_long_form() -> None:
    """By a setting."""
    async with open_desk(empty_numbers="long") as desk:
        answer = await desk.client.get(SEARCH, params={"country": "JP"}, auth=AUTH)
    assert_answer(answer, 200, '{"count":0,"numbers":[]}')


# ---------------------------------------------------------------------------------------------------------- filters


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, [*GB_LANDLINE, *GB_MOBILE, *GB_FREE]),
        ({"type": "mobile-lvn"}, GB_MOBILE),
        ({"type": "landline"}, GB_LANDLINE),
        ({"type": "landline-toll-free"}, GB_FREE),
        ({"features": "SMS"}, GB_MOBILE),
        ({"features": "SMS,VOICE"}, GB_MOBILE),
        ({"features": "voice,sms"}, GB_MOBILE),
        ({"features": " Voice , SMS,"}, GB_MOBILE),
        ({"features": "VOICE"}, [*GB_LANDLINE, *GB_MOBILE, *GB_FREE]),
        ({"features": "SMS,MMS,VOICE"}, []),
        ({"features": ""}, [*GB_LANDLINE, *GB_MOBILE, *GB_FREE]),
        ({"features": "VOICE", "type": "landline", "pattern": "9", "search_pattern": "2"}, GB_LANDLINE[9::10]),
        ({"pattern": "447", "search_pattern": "0"}, GB_MOBILE),
        ({"pattern": "08157", "search_pattern": "1"}, GB_FREE),
        ({"pattern": "08157"}, []),
        ({"pattern": "190", "search_pattern": "2"}, ["447700900190"]),
    ],
)
async def test_filters(desk: House, params: dict[str, str], found: list[str]) -> None:
    """A number must have all the features, in whatever order and case; never one that is taken."""
    assert await every(desk, **params) == found


async def test_pages_end_where_the_count_says(desk: House) -> None:
    """No number twice, none left out; the default is ten; source: §7 (Ruby loops until it has all)."""
    assert len(msisdns(await offered(desk))) == 10
    found = await every(desk)
    assert found == sorted(set(found))


async def test_what_is_taken_is_not_offered(desk: House) -> None:
    """Nor a number that is bought while one looks; given back, it is offered again."""
    before = await every(desk, type="mobile-lvn")
    assert before == GB_MOBILE

    await post(desk, BUY, msisdn=FREE)
    bought = await every(desk, type="mobile-lvn")
    await post(desk, "/number/cancel", msisdn=FREE)
    await post(desk, "/number/cancel", msisdn=MINE)
    after = await every(desk, type="mobile-lvn")

    assert bought == [each for each in before if each != FREE]
    assert after == sorted([*before, MINE])


async def test_many_declared_phones_are_all_left_out(desk: House) -> None:
    """However many look-ups that takes."""
    for n in range(447700900130, 447700900140):
        await desk.control("PUT", f"handsets/{n}", {"like": "busy"})
    assert await every(desk, pattern="44770090013") == []


# ------------------------------------------------------------------------------------------------------------ stock

# Source: reference numbers §8.
POOL: list[tuple[str, str, tuple[str, ...], int, bool, list[tuple[int, int]]]] = [
    ("GB", "mobile-lvn", ("VOICE", "SMS"), 125, False, [(447700900100, 447700900199)]),
    ("GB", "landline", ("VOICE",), 90, False, [(442079460100, 442079460149)]),
    ("GB", "landline-toll-free", ("VOICE",), 450, False, [(448081570100, 448081570119)]),
    (
        "US",
        "mobile-lvn",
        ("VOICE", "SMS", "MMS"),
        67,
        False,
        [(12015550100, 12015550199), (14155550100, 14155550199)],
    ),
    ("US", "landline-toll-free", ("VOICE", "SMS"), 180, False, [(18885550100, 18885550149)]),
    ("CA", "mobile-lvn", ("VOICE", "SMS"), 67, False, [(16135550100, 16135550149)]),
    (
        "AU",
        "mobile-lvn",
        ("VOICE", "SMS"),
        300,
        False,
        [(61491570006, 61491570006), (61491570110, 61491570110), (61491570156, 61491570159)],
    ),
    ("IE", "mobile-lvn", ("SMS",), 200, False, [(353209100100, 353209100119)]),
    ("SE", "mobile-lvn", ("VOICE", "SMS"), 300, False, [(46701740605, 46701740699)]),
    ("DE", "mobile-lvn", ("VOICE", "SMS"), 500, True, [(4917604069000, 4917604069099)]),
    ("FR", "mobile-lvn", ("VOICE", "SMS"), 700, True, [(33639980100, 33639980149)]),
    ("ES", "mobile-lvn", ("VOICE", "SMS"), 400, False, [(34600000100, 34600000149)]),
    ("NL", "mobile-lvn", ("VOICE", "SMS"), 300, False, [(31600000100, 31600000149)]),
]


def test_the_stock_is_that_of_the_reference() -> None:
    """Countries, types, features, costs and ranges."""
    expected = [
        Series(
            country,
            kind,
            features,
            cents * 10**6,
            tuple(str(n) for first, last in ranges for n in range(first, last + 1)),
            address,
        )
        for country, kind, features, cents, address, ranges in POOL
    ]
    countries = list(dict.fromkeys(row[0] for row in POOL))
    assert [each for country in countries for each in stock.series_of(country)] == expected
    assert [each for each in world() if stock.series_of(each)] == sorted(countries)


def test_what_is_made_up_says_so() -> None:
    """Only where no range is set aside for fiction."""
    read: dict[str, Any] = msgspec.json.decode(stock._DATA.read_bytes())
    assert [each["country"] for each in read["series"] if not each["fictional"]] == ["ES", "NL"]


@pytest.mark.parametrize("country", [row[0] for row in POOL])
def test_every_number_is_one_of_its_country(country: str) -> None:
    """So that its facts can be read and changed in a scenario's words; and none stands twice."""
    numbers = [each for series in stock.series_of(country) for each in series.msisdns]
    assert {there.country if (there := look_up(each)) else None for each in numbers} == {country}
    assert len(set(numbers)) == len(numbers)


def test_a_number_is_found_in_its_country_alone() -> None:
    [mobile, *_] = stock.series_of("GB")
    assert stock.series_with("GB", FREE) is mobile
    assert stock.series_with("US", FREE) is None
    assert stock.series_with("GB", "447700900200") is None
