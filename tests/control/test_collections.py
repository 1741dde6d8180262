"""Collections: whole entries, filters, since, limit, and the wait for what is to come."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fake_nexmo.store.memory import MemoryStore
from tests.house import House, open_house
from tests.receiver import Receiver

T0, T1 = "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.000Z"


async def items(house: House, query: str) -> list[dict[str, Any]]:
    """What a collection answers."""
    found: list[dict[str, Any]] = (await house.control("GET", query))["items"]
    return found


async def test_message_is_one_entry_with_its_parts(house: House) -> None:
    """Price of all parts, ids of all parts, and the status of each."""
    sent = await house.send(text="x" * 200, client__ref="mine")
    ids = [each["message-id"] for each in sent["messages"]]
    page = await house.control("GET", "messages")

    (entry,) = page["items"]
    assert page == {"items": [entry], "since": page["since"]}
    assert {name: entry[name] for name in entry if name not in {"seq", "parts"}} == {
        "at": T0,
        "id": ids[0],
        "ids": ids,
        "direction": "outbound",
        "owner": "sms",
        "about": None,
        "account": "main",
        "from": "Acme",
        "to": "447700900001",
        "type": "text",
        "text": "x" * 200,
        "status": "submitted",
        "price": "0.06660000",
        "network": "23410",
        "client_ref": "mine",
    }
    part = {"status": "submitted", "err_code": "0", "price": "0.03330000", "status_at": T0}
    assert entry["parts"] == [{"id": each, **part} for each in ids]


async def test_text_stands_as_the_recipient_sees_it(house: House) -> None:
    """What the alphabet cannot carry is replaced; the text as it was sent stands beside it."""
    await house.send(text="漢", type="text")
    await house.send(text="漢", type="unicode")

    found = [(each["text"], each.get("text_as_sent")) for each in await items(house, "messages")]

    assert found == [("?", "漢"), ("漢", None)]


async def test_requests_are_entered_with_what_came_of_them(house: House) -> None:
    """Accepted or refused, known to the world by the key; nothing of their parameters."""
    sent = await house.send()
    await house.send(api_secret="wrong")
    await house.client.get("/sms/xml?api_key=abcd1234&api_secret=s3cr3tS3cr3t")

    page = await house.control("GET", "requests")

    blank = {"operation": "sms.send", "at": T0, "status": 200, "account": "main", "fault": None}
    assert [{name: each[name] for name in each if name != "seq"} for each in page["items"]] == [
        {
            **blank,
            "method": "POST",
            "path": "/sms/json",
            "outcome": None,
            "about": sent["messages"][0]["message-id"],
        },
        {**blank, "method": "POST", "path": "/sms/json", "outcome": "4 Bad Credentials", "about": None},
        {**blank, "method": "GET", "path": "/sms/xml", "outcome": "2 Missing from param", "about": None},
    ]


async def test_events_tell_the_life_of_a_message(house: House) -> None:
    """Submitted, then delivered, about the message, with the person's number."""
    sent = await house.send()
    await house.advance("1s")

    about = {"about": sent["messages"][0]["message-id"], "account": "main", "number": "447700900001"}
    assert [{name: each[name] for name in each if name != "seq"} for each in await items(house, "events")] == [
        {"at": T0, "name": "message.submitted", **about},
        {"at": T1, "name": "message.delivered", **about},
    ]


async def test_no_secret_stands_in_requests_or_events(house: House) -> None:
    """Whatever way it came: right, wrong, in the query, in a header, as a signature secret."""
    await house.send(api_secret="Wr0ngSecret")
    await house.send(callback="http://127.0.0.1:9/")
    await house.client.get("/sms/json?api_key=abcd1234&api_secret=s3cr3tS3cr3t&to=447700900001&from=a&text=b")
    await house.client.post("/sms/json", data={"from": "a"}, auth=("abcd1234", "s3cr3tS3cr3t"))
    await house.advance("1s")

    for collection in ("requests", "events"):
        text = (await house.client.get(f"/_fake/worlds/default/{collection}")).text
        assert len(text) > 100
        for secret in ("s3cr3tS3cr3t", "Wr0ngSecret", "fake-nexmo-signature-secret"):
            assert secret not in text


# Filters.


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("to=447700900002", ["two"]),
        ("to=%2B447700900002", ["two"]),
        ("from=Acme&to=447700900001", ["one", "three"]),
        ("text=three", ["three"]),
        ("status=submitted", ["three"]),
        ("status=delivered", ["one", "two"]),
        ("direction=inbound", []),
        ("limit=2", ["two", "three"]),
        ("limit=0", []),
        ("to=447700900001&limit=1", ["three"]),
        ("limit=9", ["one", "two", "three"]),
    ],
)
async def test_entries_are_filtered_by_field(house: House, query: str, texts: list[str]) -> None:
    """All filters must fit; the newest of what fits are the limit."""
    await house.send(text="one")
    await house.send(to="447700900002", text="two")
    await house.advance("1s")
    await house.send(text="three")

    assert [each["text"] for each in await items(house, f"messages?{query}")] == texts


async def test_numbers_and_nothing_are_filtered_as_they_are_written(house: House) -> None:
    """A status by its digits, an absent field by nothing."""
    await house.send()
    await house.send(api_secret="wrong")

    assert len(await items(house, "requests?status=200")) == 2
    assert len(await items(house, "requests?status=404")) == 0
    assert len(await items(house, "requests?outcome=")) == 1


@pytest.mark.parametrize(
    ("query", "path", "detail"),
    [
        ("messages?too=1", "too", "too: no field of messages is called 'too'; did you mean 'to'?"),
        (
            "events?colour=red",
            "colour",
            "colour: no field of events is called 'colour'; there are about, account, at, name, number, seq.",
        ),
        ("messages?since=-1", "since", "since: '-1' is no whole number"),
        ("messages?limit=many", "limit", "limit: 'many' is no whole number"),
        (
            "messages?wait=soon",
            "wait",
            "wait: 'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
        ),
    ],
)
async def test_query_that_cannot_be_is_422(house: House, query: str, path: str, detail: str) -> None:
    """An unknown field is never an empty answer, even in an empty collection."""
    assert await house.control("GET", query, None, 422) == {
        "type": "urn:fake-nexmo:unfit",
        "title": "That cannot be",
        "status": 422,
        "detail": detail,
        "path": path,
    }


# Since and wait.


async def test_since_finds_what_is_new_or_changed(house: House) -> None:
    """A change draws a new number; order stays that of making; the reply says where to go on."""
    await house.send(text="one")
    await house.send(text="two")
    first = await house.control("GET", "messages")
    none = await house.control("GET", f"messages?since={first['since']}")
    await house.send(text="three")
    new = await house.control("GET", f"messages?since={first['since']}")
    await house.advance("1s")
    changed = await house.control("GET", f"messages?since={new['since']}")

    assert none == {"items": [], "since": first["since"]}
    assert [each["text"] for each in new["items"]] == ["three"]
    assert [(each["text"], each["status"]) for each in changed["items"]] == [
        ("one", "delivered"),
        ("two", "delivered"),
        ("three", "delivered"),
    ]
    assert first["since"] < new["since"] < changed["since"]
    assert all(new["since"] < each["seq"] <= changed["since"] for each in changed["items"])


async def test_wait_is_ended_by_a_send_from_elsewhere(house: House) -> None:
    """The reply comes when one matches, not when anything happens."""
    waiting = asyncio.create_task(items(house, "messages?to=447700900002&wait=5s"))
    await house.send(to="447700900001")
    await house.control("GET", "clock")
    early = waiting.done()
    await house.send(to="447700900002")

    assert not early
    assert [each["to"] for each in await waiting] == ["447700900002"]


async def test_wait_is_ended_by_a_change_of_status(house: House) -> None:
    """An entry that comes to match counts like a new one."""
    await house.send()
    waiting = asyncio.create_task(items(house, "messages?status=delivered&wait=5s"))
    await house.control("GET", "clock")
    await house.advance("1s")

    assert [each["status"] for each in await waiting] == ["delivered"]


async def test_wait_in_vain_is_an_empty_answer(house: House) -> None:
    """Time over is 200 with nothing in it; the wait is real time, so a standing clock does not prolong it."""
    await house.send()

    page = await house.control("GET", "messages?to=447700900009&wait=20ms")

    assert page == {"items": [], "since": (await house.control("GET", "messages"))["since"]}


async def test_wait_ends_when_the_world_does(house: House) -> None:
    """Nobody waits in a world that is gone."""
    waiting = asyncio.create_task(house.control("GET", "messages?wait=5s", None, 404))
    await house.control("GET", "clock")
    await house.control("DELETE", "/worlds/default", None, 204)

    assert (await waiting)["type"] == "urn:fake-nexmo:no-such-world"


async def test_what_is_kept_no_longer_is_told(house: House) -> None:
    """``truncated`` only for a ``since`` that is older than what is kept."""
    assert isinstance(house.store, MemoryStore)
    house.store.retention = 3
    first = await house.control("GET", "requests")
    for _ in range(5):
        await house.send(api_secret="wrong")

    behind = await house.control("GET", f"requests?since={first['since']}")
    newest = await house.control("GET", "requests")
    ahead = await house.control("GET", f"requests?since={newest['items'][0]['seq']}")

    assert (len(behind["items"]), behind["truncated"]) == (3, True)
    assert (len(newest["items"]), "truncated" in newest) == (3, False)
    assert (len(ahead["items"]), "truncated" in ahead) == (2, False)


async def test_webhook_entry_changes_from_pending_to_delivered() -> None:
    """``since`` sees each attempt, and ``next_at`` says when the next one is due."""
    async with open_house() as house:
        async with Receiver() as receiver:
            url = receiver.url
        await house.send(callback=url)
        await house.advance("1s")
        first = await house.control("GET", "webhooks?state=pending")
        await house.advance("1d")
        second = await house.control("GET", f"webhooks?since={first['since']}")

    assert [(each["kind"], each["next_at"]) for each in first["items"]] == [("receipt", "2026-01-01T00:00:06.000Z")]
    assert [(each["state"], each["next_at"]) for each in second["items"]] == [("given_up", None)]
