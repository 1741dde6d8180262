"""Calls in the control API, and single entries of every collection."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.core.change import Change
from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus, Line, Sound, Speaker
from fake_nexmo.core.records import Direction
from tests.house import House

T0, T1, T3 = (f"2026-01-01T00:00:0{second}.000Z" for second in (0, 1, 3))
LEGS = (
    Leg(
        id="63f61863-4a51-4f6b-86e1-46edebcf9356",
        owner="verify",
        account="main",
        about="r1",
        direction=Direction.OUTBOUND,
        sender="12015550100",
        to="447700900101",
        network="23410",
        rate=6_000_000,
        created_at=STANDING_START,
        status=LegStatus.COMPLETED,
        answered_at=STANDING_START,
        ended_at=STANDING_START + 2 * SECOND,
        transcript=(
            Line(STANDING_START, Speaker.PERSON, "Hello?", sound=Sound.SPEECH, lasts=SECOND // 2),
            Line(STANDING_START, Speaker.PLATFORM, "Press 1.", cut=True, lasts=SECOND),
            Line(STANDING_START + SECOND, Speaker.PERSON, "", "1", sound=Sound.DTMF, lasts=SECOND // 5),
            Line(
                STANDING_START + SECOND, Speaker.PLATFORM, "https://a.test/b.mp3", sound=Sound.STREAM, lasts=5 * SECOND
            ),
            Line(STANDING_START + SECOND, Speaker.PLATFORM, "(beep)", sound=Sound.BEEP),
            Line(STANDING_START + SECOND, Speaker.PERSON, "Hi.", by="447700900300"),
            Line(STANDING_START + 3 * SECOND, Speaker.PLATFORM, "Bye.", lasts=SECOND),
        ),
    ),
    Leg(
        id="0779a56d002f1c7f47f82ef5fe84ab79",
        owner="voice",
        account="main",
        conversation="CON-f972836a-550f-45fa-956c-12a2ab5b7d22",
        direction=Direction.INBOUND,
        sender="447700900102",
        to="447700900000",
        network="23415",
        rate=0,
        created_at=STANDING_START,
        status=LegStatus.REJECTED,
        detail="declined",
        extra={"style": 0},
    ),
)


@pytest.fixture
async def called(house: House) -> House:
    """A house with two calls."""
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(put=LEGS))
    return house


async def uuids(house: House, query: str) -> list[str]:
    """Which calls fit, each by the end of its uuid."""
    return [each["uuid"][-4:] for each in (await house.control("GET", f"calls?{query}"))["items"]]


async def test_calls_are_shown_whole(called: House) -> None:
    """In the order of their making; each again by its uuid."""
    page = await called.control("GET", "calls")

    first, second = page["items"]
    assert first == {
        "seq": first["seq"],
        "at": T0,
        "uuid": LEGS[0].id,
        "conversation_uuid": None,
        "direction": "outbound",
        "owner": "verify",
        "about": "r1",
        "account": "main",
        "from": "12015550100",
        "to": "447700900101",
        "status": "completed",
        "detail": None,
        "machine": False,
        "network": "23410",
        "rate": "0.06000000",
        "price": "0.00200000",
        "duration": 2,
        "answered_at": T0,
        "ended_at": "2026-01-01T00:00:02.000Z",
        "transcript": [
            {"at": T0, "speaker": "person", "kind": "speech", "length": 0.5, "text": "Hello?"},
            {"at": T0, "speaker": "platform", "kind": "talk", "length": 1.0, "text": "Press 1.", "cut": True},
            {"at": T1, "speaker": "person", "kind": "dtmf", "length": 0.2, "text": "", "digits": "1"},
            {
                "at": T1,
                "speaker": "platform",
                "kind": "stream",
                "length": 1.0,
                "text": "https://a.test/b.mp3",
                "cut": True,
            },
            {"at": T1, "speaker": "platform", "kind": "beep", "length": 0.0, "text": "(beep)"},
            {"at": T1, "speaker": "person", "by": "447700900300", "kind": "talk", "length": 0.0, "text": "Hi."},
            {"at": T3, "speaker": "platform", "kind": "talk", "length": 0.0, "text": "Bye.", "cut": True},
        ],
    }
    assert second == {
        "seq": second["seq"],
        "at": T0,
        "uuid": LEGS[1].id,
        "conversation_uuid": LEGS[1].conversation,
        "direction": "inbound",
        "owner": "voice",
        "about": None,
        "account": "main",
        "from": "447700900102",
        "to": "447700900000",
        "status": "rejected",
        "detail": "declined",
        "machine": False,
        "network": "23415",
        "rate": "0.00000000",
        "price": "0.00000000",
        "duration": 0,
        "answered_at": None,
        "ended_at": None,
        "transcript": [],
        "extra": {"style": 0},
    }
    assert page == {"items": [first, second], "since": page["since"]}
    assert await called.control("GET", f"calls/{LEGS[0].id}") == first
    assert await called.control("GET", f"calls/{LEGS[1].id}") == second


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"uuid={LEGS[0].id}", ["9356"]),
        (f"conversation_uuid={LEGS[1].conversation}", ["ab79"]),
        ("direction=inbound", ["ab79"]),
        ("owner=verify", ["9356"]),
        ("about=r1", ["9356"]),
        ("account=main", ["9356", "ab79"]),
        ("from=%2B12015550100", ["9356"]),
        ("to=447700900101", ["9356"]),
        ("status=completed", ["9356"]),
        ("status=completed&direction=inbound", []),
        ("detail=declined", ["ab79"]),
        ("network=23415", ["ab79"]),
        ("price=0.00200000", ["9356"]),
        ("duration=2", ["9356"]),
        (f"at={T0}", ["9356", "ab79"]),
        ("limit=1", ["ab79"]),
    ],
)
async def test_calls_are_filtered(called: House, query: str, found: list[str]) -> None:
    """By each of their fields."""
    assert await uuids(called, query) == found


async def test_field_that_calls_do_not_have(called: House) -> None:
    """With the nearest that they do."""
    answer = await called.control("GET", "calls?stats=completed", None, 422)

    assert answer["detail"] == "stats: no field of calls is called 'stats'; did you mean 'status'?"


async def test_messages_and_webhooks_are_shown_one_by_one(house: House) -> None:
    """As they stand in their collections, by their ids."""
    await house.send(callback="http://127.0.0.1:9/dlr")
    await house.advance("1s")

    for collection in ("messages", "webhooks"):
        (entry,) = (await house.control("GET", collection))["items"]
        assert await house.control("GET", f"{collection}/{entry['id']}") == entry


@pytest.mark.parametrize("collection", ["messages", "calls", "webhooks", "requests", "events"])
async def test_entry_that_is_not_there(house: House, collection: str) -> None:
    """404; lines of the log have no id, so none is there."""
    await house.send()
    wanted: dict[str, Any] = {
        "type": "urn:fake-nexmo:no-such-entry",
        "title": "No such entry",
        "status": 404,
        "detail": f"The {collection} of this world hold no '1'.",
    }

    assert await house.control("GET", f"{collection}/1", None, 404) == wanted


async def test_entry_of_a_world_that_is_not_there(house: House) -> None:
    """The world is missed first."""
    answer = await house.control("GET", "/worlds/nowhere/calls/1", None, 404)

    assert answer["type"] == "urn:fake-nexmo:no-such-world"


async def test_entries_are_only_read(house: House) -> None:
    """Another verb is refused with those that are."""
    answer = await house.client.post("/_fake/worlds/default/calls/1")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
