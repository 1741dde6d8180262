"""``GET /account/numbers``: whole replies, every filter, every field. Source: reference numbers §2."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.core.change import Change, Claim
from fake_nexmo.core.records import Number
from tests.apis.numbers.desk import (
    APPS,
    AUTH,
    LIST,
    MINE,
    NOBODY,
    OTHER,
    PROLOG,
    THEIRS,
    XML,
    assert_answer,
    msisdns,
    number,
    open_desk,
    owned,
)
from tests.house import House

URL = "http://shop.test/in"
SIP = {"type": "sip", "value": "sip:ivr@shop.test"}
ENDED = "http://shop.test/ended"


@pytest.fixture
async def desk() -> AsyncIterator[House]:
    async with open_desk() as house:
        yield house


async def put(house: House, *numbers: Number) -> None:
    """Add owned numbers to the world."""
    start = await house.store.peek("default")
    claims = tuple(Claim(f"number/{each.id}", each.account) for each in numbers)
    await house.store.commit("default", start.epoch, Change(put=numbers, claims=claims))


async def set_links(house: House, **links: Any) -> None:
    """Change the caller's number."""
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(put=(replace(await number(house), **links),)))


# ---------------------------------------------------------------------------------------------------------- fields


async def test_a_bare_number(desk: House) -> None:
    """What is not set is absent; features stand in the order of the captures; of nobody else is a word said."""
    body = (
        f'{{"count":1,"numbers":[{{"country":"GB","msisdn":"{MINE}","type":"mobile-lvn","features":["VOICE","SMS"]}}]}}'
    )
    assert_answer(await desk.client.get(LIST, auth=AUTH), 200, body)
    assert msisdns(await owned(desk, OTHER)) == [THEIRS]


ABLE = [
    ("plain", {}),
    ("voice", {"voiceCallbackType": "app", "voiceCallbackValue": APPS["voice"]}),
    ("messages", {"messagesCallbackType": "app", "messagesCallbackValue": APPS["messages"]}),
    (
        "both",
        {
            "voiceCallbackType": "app",
            "voiceCallbackValue": APPS["both"],
            "messagesCallbackType": "app",
            "messagesCallbackValue": APPS["both"],
        },
    ),
]


@pytest.mark.parametrize(("application", "echo"), ABLE)
async def test_a_linked_number_shows_what_its_application_can_do(
    desk: House, application: str, echo: dict[str, str]
) -> None:
    """Beside ``app_id``, the forms of before, by capability; source: §2 link echo (D)."""
    await set_links(desk, application=application)

    bare = {"country": "GB", "msisdn": MINE, "type": "mobile-lvn", "features": ["VOICE", "SMS"]}
    assert await owned(desk) == {"count": 1, "numbers": [{**bare, **echo, "app_id": APPS[application]}]}


async def test_a_route_of_its_own_shows_instead_of_the_application(desk: House) -> None:
    """``sip``, ``tel`` and ``vxml`` come before voice by application; members stand in the order of the reference."""
    await set_links(desk, application="both", inbound_url=URL, voice={**SIP, "status_url": ENDED}, smpp_system_type="x")

    body = (
        f'{{"count":1,"numbers":[{{"country":"GB","msisdn":"{MINE}","moHttpUrl":"{URL}","type":"mobile-lvn",'
        f'"features":["VOICE","SMS"],"voiceCallbackType":"sip","voiceCallbackValue":"sip:ivr@shop.test",'
        f'"voiceStatusCallback":"{ENDED}","messagesCallbackType":"app","messagesCallbackValue":"{APPS["both"]}",'
        f'"app_id":"{APPS["both"]}"}}]}}'
    )
    assert_answer(await desk.client.get(LIST, auth=AUTH), 200, body)


async def test_the_list_in_xml(desk: House) -> None:
    """Names within a number are hyphened; source: §2 (B, A, D)."""
    await set_links(desk, application="both", inbound_url=f"{URL}?a=1&b=2", voice={"status_url": ENDED})

    answer = await desk.client.get(LIST, auth=AUTH, headers=XML)

    inside = (
        f"<country>GB</country><msisdn>{MINE}</msisdn><mo-http-url>{URL}?a=1&amp;b=2</mo-http-url>"
        "<type>mobile-lvn</type><features><feature>VOICE</feature><feature>SMS</feature></features>"
        f"<voice-callback-type>app</voice-callback-type><voice-callback-value>{APPS['both']}</voice-callback-value>"
        f"<voice-status-callback>{ENDED}</voice-status-callback>"
        "<messages-callback-type>app</messages-callback-type>"
        f"<messages-callback-value>{APPS['both']}</messages-callback-value><app-id>{APPS['both']}</app-id>"
    )
    body = f"{PROLOG}<inbound-numbers><count>1</count><numbers><number>{inside}</number></numbers></inbound-numbers>"
    assert_answer(answer, 200, body, "application/xml")


@pytest.mark.parametrize("features", [(), ("MMS", "SMS"), ("SMS", "MMS", "VOICE")])
async def test_features_are_always_there_and_in_order(desk: House, features: tuple[str, ...]) -> None:
    """VOICE, SMS, MMS."""
    await set_links(desk, features=features)
    shown = (await owned(desk))["numbers"][0]["features"]
    assert shown == [each for each in ("VOICE", "SMS", "MMS") if each in features]


# --------------------------------------------------------------------------------------------------------- nothing


@pytest.mark.parametrize(
    "params",
    [
        {"country": "US"},
        {"pattern": "1"},
        {"index": "2"},
        {"index": "99999999999999999999"},
        {"has_application": "true"},
        {"application_id": APPS["voice"]},
        {"application_id": NOBODY},
        {"application_id": "account/main"},
    ],
)
async def test_nothing_to_list_is_an_empty_object(desk: House, params: dict[str, str]) -> None:
    """No count, no numbers: where filters match nothing, and on a page beyond the end; source: §2 (A, D)."""
    assert_answer(await desk.client.get(LIST, params=params, auth=AUTH), 200, "{}")
    xml = await desk.client.get(LIST, params=params, auth=AUTH, headers=XML)
    assert_answer(xml, 200, f"{PROLOG}<inbound-numbers></inbound-numbers>", "application/xml")


@pytest.mark.parametrize("params", [{"country": "US"}, {"index": "2"}])
async def test_nothing_in_the_long_form(params: dict[str, str]) -> None:
    """By a setting; source: §7."""
    async with open_desk(empty_numbers="long") as desk:
        answer = await desk.client.get(LIST, params=params, auth=AUTH)
        xml = await desk.client.get(LIST, params=params, auth=AUTH, headers=XML)

    assert_answer(answer, 200, '{"count":0,"numbers":[]}')
    body = f"{PROLOG}<inbound-numbers><count>0</count><numbers></numbers></inbound-numbers>"
    assert_answer(xml, 200, body, "application/xml")


# --------------------------------------------------------------------------------------------------------- filters

US, SE = "12015550123", "46701740610"


async def collection(house: House) -> None:
    """Three more numbers, made in no order, two of them linked."""
    await put(
        house,
        Number(id=SE, account="main", country="SE", application="voice"),
        Number(id=US, account="main", country="US", features=("SMS",)),
        Number(id="447700900005", account="main", country="GB", application="both"),
        Number(id="447700900006", account="other", country="GB", application="both"),
    )


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, [US, "447700900005", MINE, SE]),
        ({"country": "GB"}, ["447700900005", MINE]),
        ({"country": "gb"}, ["447700900005", MINE]),
        ({"pattern": "4477"}, ["447700900005", MINE]),
        ({"pattern": "4477", "search_pattern": "0"}, ["447700900005", MINE]),
        ({"pattern": "0", "search_pattern": "2"}, [SE]),
        ({"pattern": "555", "search_pattern": "1"}, [US]),
        ({"pattern": "555", "search_pattern": "7"}, []),
        ({"search_pattern": "2"}, [US, "447700900005", MINE, SE]),
        ({"has_application": "true"}, ["447700900005", SE]),
        ({"has_application": "True"}, ["447700900005", SE]),
        ({"has_application": "False"}, [US, MINE]),
        ({"has_application": "perhaps"}, [US, "447700900005", MINE, SE]),
        ({"application_id": APPS["both"]}, ["447700900005"]),
        ({"application_id": APPS["foreign"]}, []),
        ({"application_id": APPS["voice"], "country": "GB"}, []),
        ({"application_id": APPS["voice"], "has_application": "false"}, []),
        ({"features": "MMS", "type": "landline"}, [US, "447700900005", MINE, SE]),
    ],
)
async def test_filters(desk: House, params: dict[str, str], found: list[str]) -> None:
    """Ascending; ``features`` and ``type`` are none here; source: §2."""
    await collection(desk)

    answer = await owned(desk, **params)

    assert msisdns(answer) == found
    assert answer.get("count", 0) == len(found)


@pytest.mark.parametrize(
    ("params", "page"),
    [
        ({}, range(10)),
        ({"size": "3"}, range(3)),
        ({"size": "3", "index": "2"}, range(3, 6)),
        ({"size": "50", "index": "3"}, range(100, 120)),
        ({"size": "100"}, range(100)),
        ({"size": "101"}, range(100)),
        ({"size": "1000", "index": "2"}, range(100, 120)),
        ({"size": "99999999999999999999"}, range(100)),
        ({"size": "0", "index": "0"}, range(10)),
        ({"size": "-1", "index": "-1"}, range(10)),
        ({"size": "ten", "index": "one"}, range(10)),
        ({"size": "٣"}, range(10)),
    ],
)
async def test_pages_and_an_honest_count(desk: House, params: dict[str, str], page: range) -> None:
    """Ten at a time, a hundred at most; ``count`` is of all that fit; source: §2 (B, D)."""
    numbers = [f"1415555{n:04}" for n in range(120)]
    await put(desk, *(Number(id=each, account="main", country="US") for each in reversed(numbers)))

    answer = await owned(desk, country="US", **params)

    assert answer["count"] == 120
    assert msisdns(answer) == [numbers[n] for n in page]


async def test_a_thousand_and_more_are_all_counted(desk: House) -> None:
    """However many look-ups that takes."""
    await put(desk, *(Number(id=f"1415555{n:04}", account="main", country="US") for n in range(2500)))
    assert (await owned(desk))["count"] == 2501
