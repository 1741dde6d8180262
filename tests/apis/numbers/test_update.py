"""``POST /number/update``: every row of its tables, and that the links lead where they say. Source: numbers §6."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Application
from tests.apis.numbers.desk import (
    APPS,
    AUTH,
    BUY,
    DONE,
    FREE,
    KEY,
    MINE,
    NO,
    NOBODY,
    PHONE,
    THEIRS,
    UPDATE,
    assert_answer,
    number,
    open_desk,
    owned,
    post,
)
from tests.house import House
from tests.receiver import Answer, Receiver

URL = "http://shop.test/in"
ENDED = "http://shop.test/ended"
SIP = "sip:ivr@shop.test"
DOC = "http://shop.test/call.xml"


@pytest.fixture
async def desk() -> AsyncIterator[House]:
    async with open_desk() as house:
        yield house


async def links(house: House, msisdn: str = MINE) -> dict[str, Any]:
    """The links of a number, those that are set."""
    record = await number(house, msisdn)
    said = {
        "application": record.application,
        "inbound_url": record.inbound_url,
        "smpp_system_type": record.smpp_system_type,
        "voice": dict(record.voice),
    }
    return {name: word for name, word in said.items() if word}


async def have(house: House, **said: Any) -> None:
    """Give the caller's number links."""
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(put=(replace(await number(house), **said),)))


# ------------------------------------------------------------------------------------------------------- parameters

TEL = {"type": "tel", "value": "447700900002"}


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ({}, {}),
        ({"app_id": APPS["both"]}, {"application": "both"}),
        ({"app_id": ""}, {}),
        ({"moHttpUrl": URL}, {"inbound_url": URL}),
        ({"moHttpUrl": f"{URL}?a=b&c=%20"}, {"inbound_url": f"{URL}?a=b&c=%20"}),
        ({"moHttpUrl": ""}, {}),
        ({"moSmppSysType": "inbound"}, {"smpp_system_type": "inbound"}),
        ({"voiceCallbackType": "sip", "voiceCallbackValue": SIP}, {"voice": {"type": "sip", "value": SIP}}),
        ({"voiceCallbackType": "tel", "voiceCallbackValue": "447700900002"}, {"voice": TEL}),
        ({"voiceCallbackType": "vxml", "voiceCallbackValue": DOC}, {"voice": {"type": "vxml", "value": DOC}}),
        ({"voiceCallbackType": "app", "voiceCallbackValue": APPS["voice"]}, {"application": "voice"}),
        ({"voiceCallbackType": "sip"}, {}),
        ({"voiceCallbackType": "tel", "voiceCallbackValue": ""}, {}),
        ({"voiceCallbackType": "vxml"}, {}),
        ({"voiceCallbackType": "", "voiceCallbackValue": ""}, {}),
        ({"voiceStatusCallback": ENDED}, {"voice": {"status_url": ENDED}}),
        ({"voiceStatusCallbackUrl": ENDED}, {"voice": {"status_url": ENDED}}),
        (
            {"voiceCallbackType": "sip", "voiceCallbackValue": SIP, "voiceStatusCallback": ENDED},
            {"voice": {"type": "sip", "value": SIP, "status_url": ENDED}},
        ),
        ({"messagesCallbackType": "app", "messagesCallbackValue": APPS["messages"]}, {"application": "messages"}),
        (
            {
                "app_id": APPS["both"],
                "voiceCallbackType": "app",
                "voiceCallbackValue": APPS["voice"],
                "messagesCallbackType": "app",
                "messagesCallbackValue": APPS["messages"],
            },
            {"application": "both"},
        ),
        (
            {
                "voiceCallbackType": "app",
                "voiceCallbackValue": APPS["voice"],
                "messagesCallbackType": "app",
                "messagesCallbackValue": APPS["messages"],
            },
            {"application": "voice"},
        ),
        (
            {"app_id": APPS["both"], "voiceCallbackType": "tel", "voiceCallbackValue": "447700900002"},
            {"application": "both", "voice": TEL},
        ),
        ({"unknown": "1", "country": "gb"}, {}),
    ],
)
async def test_what_an_update_sets(desk: House, said: dict[str, str], after: dict[str, Any]) -> None:
    """Of a number that had nothing."""
    assert_answer(await post(desk, UPDATE, msisdn=MINE, **said), 200, DONE)
    assert await links(desk) == after


@pytest.mark.parametrize(
    "said",
    [
        {"app_id": NOBODY},
        {"app_id": "no-uuid"},
        {"app_id": "account/main"},
        {"app_id": APPS["foreign"]},
        {"voiceCallbackType": "app"},
        {"voiceCallbackType": "app", "voiceCallbackValue": ""},
        {"voiceCallbackType": "app", "voiceCallbackValue": NOBODY},
        {"voiceCallbackType": "app", "voiceCallbackValue": APPS["foreign"]},
        {"voiceCallbackType": "app", "app_id": APPS["both"]},
        {"voiceCallbackValue": SIP},
        {"voiceCallbackType": "", "voiceCallbackValue": SIP},
        {"voiceCallbackType": "SIP", "voiceCallbackValue": SIP},
        {"voiceCallbackType": "fax", "voiceCallbackValue": "447700900002"},
        {"messagesCallbackType": "app"},
        {"messagesCallbackValue": APPS["messages"]},
        {"messagesCallbackType": "sip", "messagesCallbackValue": APPS["messages"]},
        {"messagesCallbackType": "app", "messagesCallbackValue": NOBODY},
        {"app_id": APPS["both"], "voiceCallbackType": "app", "voiceCallbackValue": NOBODY},
        {"moHttpUrl": "shop.test/in"},
        {"moHttpUrl": "ftp://shop.test/in"},
        {"moHttpUrl": "http://"},
        {"moHttpUrl": "http://[shop"},
        {"moHttpUrl": "http://shop.test:0/"},
        {"moHttpUrl": "http://shop.test/a b"},
        {"moHttpUrl": "http://shop.test/" + "x" * 239},
        {"voiceStatusCallback": "no url"},
    ],
)
async def test_what_an_update_cannot_be(desk: House, said: dict[str, str]) -> None:
    """420, and all is as it was; source: §6 (A, D)."""
    before = {"application": "plain", "inbound_url": URL, "voice": {**TEL, "status_url": ENDED}}
    await have(desk, **before)

    assert_answer(await post(desk, UPDATE, msisdn=MINE, **said), 420, NO)

    assert await links(desk) == before


async def test_a_url_of_255_characters_is_taken(desk: House) -> None:
    """And one of 256 is not; source: account §4 (D)."""
    url = "http://shop.test/" + "x" * 238
    assert len(url) == 255
    assert_answer(await post(desk, UPDATE, msisdn=MINE, moHttpUrl=url), 200, DONE)


# ----------------------------------------------------------------------------------------- omitted means removed

FULL = {
    "application": "both",
    "inbound_url": URL,
    "smpp_system_type": "inbound",
    "voice": {**TEL, "status_url": ENDED},
}
RESENT = {
    "app_id": APPS["both"],
    "moHttpUrl": URL,
    "moSmppSysType": "inbound",
    "voiceCallbackType": "tel",
    "voiceCallbackValue": "447700900002",
    "voiceStatusCallback": ENDED,
}
ROUTE = ("voiceCallbackType", "voiceCallbackValue")


@pytest.mark.parametrize(
    ("omitted", "said", "gone"),
    [
        ((), {}, {}),
        (("app_id",), {}, {"application": ""}),
        (("moHttpUrl",), {}, {"inbound_url": ""}),
        (("moSmppSysType",), {}, {"smpp_system_type": ""}),
        (ROUTE, {}, {}),
        (("voiceStatusCallback",), {}, {}),
        ((*ROUTE, "voiceStatusCallback"), {}, {}),
        (tuple(RESENT), {}, {"application": "", "inbound_url": "", "smpp_system_type": ""}),
        (
            ("app_id", *ROUTE),
            {"voiceCallbackType": "app", "voiceCallbackValue": APPS["voice"]},
            {"application": "voice", "voice": {"status_url": ENDED}},
        ),
        (
            ("app_id", *ROUTE, "voiceStatusCallback"),
            {"voiceCallbackType": "app", "voiceCallbackValue": APPS["voice"]},
            {"application": "voice", "voice": {}},
        ),
        (("voiceCallbackValue", "voiceStatusCallback"), {}, {"voice": {}}),
        (("voiceCallbackValue", "voiceStatusCallback"), {"voiceCallbackType": "sip"}, {"voice": {}}),
        ((*ROUTE, "voiceStatusCallback"), {"voiceStatusCallback": ""}, {"voice": TEL}),
        (
            (*ROUTE, "voiceStatusCallback"),
            {"voiceCallbackType": "sip", "voiceCallbackValue": SIP},
            {"voice": {"type": "sip", "value": SIP, "status_url": ENDED}},
        ),
    ],
)
async def test_omitted_means_removed(
    desk: House, omitted: tuple[str, ...], said: dict[str, str], gone: dict[str, Any]
) -> None:
    """But for a route of calls and its status URL, which is kept until its route goes; source: §6 (A, C, D)."""
    await have(desk, **FULL)
    sent = {name: word for name, word in RESENT.items() if name not in omitted} | said

    assert_answer(await post(desk, UPDATE, msisdn=MINE, **sent), 200, DONE)

    assert await links(desk) == {name: word for name, word in {**FULL, **gone}.items() if word}


async def test_what_was_read_can_be_sent_back(desk: House) -> None:
    """As the PHP library updates: it reads the number, and resends all the members; source: §7."""
    for full in (FULL, {**FULL, "voice": {}}, {**FULL, "application": "messages"}, {**FULL, "application": "plain"}):
        await have(desk, **full)
        [before] = (await owned(desk))["numbers"]
        members = {name: word for name, word in before.items() if name not in ("features", "type")}

        assert_answer(await post(desk, UPDATE, **{**members, "moSmppSysType": "inbound"}), 200, DONE)

        assert (await owned(desk))["numbers"] == [before]
        assert await links(desk) == {name: word for name, word in full.items() if word}


async def test_a_number_leads_nowhere_once_its_application_is_gone(desk: House) -> None:
    """Of an application that does not exist any more nothing is shown, and no number can be linked to it."""
    await have(desk, application="both")
    start = await desk.store.peek("default")
    gone = await desk.store.get("default", Application, "both")
    assert gone is not None
    await desk.store.commit("default", start.epoch, Change(drop=(gone,)))

    bare = {"country": "GB", "msisdn": MINE, "type": "mobile-lvn", "features": ["VOICE", "SMS"]}
    assert await owned(desk) == {"count": 1, "numbers": [bare]}
    assert_answer(await post(desk, UPDATE, msisdn=MINE, app_id=APPS["both"]), 420, NO)


# ------------------------------------------------------------------------------------------------- seen by control


async def test_control_shows_the_links_in_a_scenarios_words(desk: House) -> None:
    """Among them the route of calls, and what is changed there shows here."""
    await post(desk, UPDATE, msisdn=MINE, **RESENT)

    facts = await desk.control("GET", f"numbers/{MINE}")
    await desk.control("PATCH", f"numbers/{MINE}", {"voice": {"type": "sip", "value": SIP}, "application": "voice"})

    assert facts == {
        "account": "main",
        "country": "GB",
        "type": "mobile-lvn",
        "features": ["SMS", "VOICE"],
        "application": "both",
        "inbound_sms": URL,
        "voice": {"type": "tel", "value": "447700900002", "status_url": ENDED},
        "cost": "1.25 EUR",
    }
    assert await links(desk) == {
        **FULL,
        "application": "voice",
        "voice": {"type": "sip", "value": SIP, "status_url": ENDED},
    }


# ---------------------------------------------------------------------------------------------------- inbound SMS


async def test_inbound_messages_go_to_the_numbers_url(desk: House) -> None:
    """The number's before the account's, that of a bought number too, and unlinked to the account's; source: §6 (B)."""
    async with Receiver() as receiver:
        await desk.control("PATCH", f"accounts/{KEY}", {"webhooks": {"inbound_sms": f"{receiver.url}/account"}})
        await post(desk, BUY, msisdn=FREE)

        async def arrives(msisdn: str) -> str:
            await desk.control("POST", f"handsets/{PHONE}/sms", {"to": msisdn, "text": "Hi"})
            return receiver.requests[-1].path

        paths = [await arrives(FREE)]
        await post(desk, UPDATE, msisdn=FREE, moHttpUrl=f"{receiver.url}/number")
        paths += [await arrives(FREE), await arrives(MINE)]
        await post(desk, UPDATE, msisdn=FREE, moHttpUrl=f"{receiver.url}/moved")
        paths.append(await arrives(FREE))
        await post(desk, UPDATE, msisdn=FREE, app_id=APPS["voice"])
        paths.append(await arrives(FREE))
        params = receiver.requests[-1].params

    assert paths == ["/account", "/number", "/account", "/moved", "/account"]
    assert (params["msisdn"], params["to"], params["text"]) == (PHONE, FREE, "Hi")


async def test_a_messages_application_gets_them_where_the_account_says_so(desk: House) -> None:
    """When its SMS setting is Messages API; the number's own URL still comes first; source: §6, webhooks §1."""
    async with Receiver() as receiver:
        await desk.control("PATCH", f"accounts/{KEY}", {"sms_api": "messages"})
        said = {"messages": {"inbound_url": f"{receiver.url}/messages"}}
        await desk.control("PATCH", f"applications/{APPS['messages']}", said)
        await post(desk, UPDATE, msisdn=MINE, app_id=APPS["messages"])
        await desk.control("POST", f"handsets/{PHONE}/sms", {"to": MINE, "text": "Hi"})
        await post(desk, UPDATE, msisdn=MINE, app_id=APPS["messages"], moHttpUrl=f"{receiver.url}/number")
        await desk.control("POST", f"handsets/{PHONE}/sms", {"to": MINE, "text": "Hi"})
        paths = [each.path for each in receiver.requests]

    assert paths == ["/messages", "/number"]


# ---------------------------------------------------------------------------------------------------- the URL check


class Checks:
    """Answers for the check of URLs, and what was asked."""

    def __init__(self, *good: str) -> None:
        self.good = good
        self.asked: list[tuple[str, str, str]] = []

    async def __call__(self, world: str, account: str, url: str) -> bool:
        self.asked.append((world, account, url))
        return url in self.good


async def test_a_new_url_is_called_if_the_world_wants_that(desk: House) -> None:
    """Not by default, not the one that it has, not for a number that is not the caller's; source: §6 (B, D)."""
    desk.engine.shell.check_url = checks = Checks(URL)
    assert_answer(await post(desk, UPDATE, msisdn=MINE, moHttpUrl="http://down.test"), 200, DONE)
    assert checks.asked == []
    await desk.control("PATCH", "settings", {"url_check": True})

    good = await post(desk, UPDATE, msisdn=MINE, moHttpUrl=URL, voiceStatusCallback=ENDED)
    same = await post(desk, UPDATE, msisdn=MINE, moHttpUrl=URL)
    bad = await post(desk, UPDATE, msisdn=MINE, moHttpUrl="http://down.test")
    theirs = await post(desk, UPDATE, msisdn=THEIRS, moHttpUrl="http://down.test")
    none = await post(desk, UPDATE, msisdn=MINE, moHttpUrl="no url")
    kept = (await links(desk))["inbound_url"]
    cleared = await post(desk, UPDATE, msisdn=MINE)

    for answer in (good, same, cleared):
        assert_answer(answer, 200, DONE)
    for answer in (bad, theirs, none):
        assert_answer(answer, 420, NO)
    assert kept == URL
    assert checks.asked == [("default", "main", URL), ("default", "main", "http://down.test")]


@pytest.mark.parametrize(("status", "saved"), [(200, True), (201, False), (204, False), (302, False), (500, False)])
async def test_a_new_url_must_answer_200(status: int, saved: bool) -> None:
    """Exactly that, to a GET."""
    async with open_desk(url_check=True) as desk, Receiver() as receiver:
        receiver.say(Answer(status))
        answer = await post(desk, UPDATE, msisdn=MINE, moHttpUrl=f"{receiver.url}/in")

        assert_answer(answer, 200 if saved else 420, DONE if saved else NO)
        assert [(each.method, each.path) for each in receiver.requests] == [("GET", "/in")]


async def test_a_server_that_calls_nobody_says_so() -> None:
    """501, never a made-up success."""
    async with open_desk(url_check=True) as desk:
        desk.engine.shell.check_url = None

        answer = await desk.client.post(UPDATE, data={"country": "GB", "msisdn": MINE, "moHttpUrl": URL}, auth=AUTH)

        assert answer.status_code == 501
        gap = "the check of a new webhook URL (setting url_check) on a server that calls nobody"
        assert answer.json()["gap"] == gap
        assert await links(desk) == {}
