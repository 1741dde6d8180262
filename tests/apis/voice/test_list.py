"""Searching calls: filters, order, pages and their links; whole replies, and the laws of paging."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.voice import search_rules as rules
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.records import Timer
from tests.apis.voice.desk import CALLS, START, Desk, assert_answer, make_call, make_leg, wrong

VALUE = "Invalid parameter provided"


def leg_of(k: int, **said: Any) -> Leg:
    """The k-th of some legs, each made a second after the one before."""
    there = {"id": f"00000000-0000-4000-8000-{k:012d}", "created_at": START + k * 1_000_000}
    return make_leg(said.pop("status", LegStatus.STARTED), **{**there, **said})


async def seat(desk: Desk, count: int, **said: Any) -> list[str]:
    """Put so many calls into the world, in no order; their uuids, oldest first."""
    legs = [leg_of(k, **said) for k in range(count)]
    for leg in random.Random(7).sample(legs, count):
        await desk.put(make_call(id=leg.id), leg)
    return [leg.id for leg in legs]


async def listed(desk: Desk, **query: Any) -> dict[str, Any]:
    """A page of calls."""
    answer = await desk.ask("GET", f"{CALLS}?{'&'.join(f'{name}={value}' for name, value in query.items())}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def uuids(page: dict[str, Any]) -> list[str]:
    return [each["uuid"] for each in page["_embedded"]["calls"]]


async def test_nothing_at_all(desk: Desk) -> None:
    """Source: reference voice §5.2 (A)."""
    assert_answer(
        await desk.ask("GET", CALLS),
        200,
        '{"page_size":10,"record_index":0,"count":0,"_embedded":{"calls":[]},"_links":'
        '{"self":{"href":"/v1/calls?page_size=10&record_index=0"},"first":{"href":"/v1/calls?page_size=10"},'
        '"last":{"href":"/v1/calls?page_size=10"}}}',
    )


async def test_a_page_in_the_middle(desk: Desk) -> None:
    """The order of members and of links. Source: reference voice §5.2 (A)."""
    found = await seat(desk, 3)
    one = (await desk.ask("GET", f"{CALLS}/{found[1]}")).text

    assert_answer(
        await desk.ask("GET", f"{CALLS}/?page_size=1&record_index=1"),
        200,
        f'{{"page_size":1,"record_index":1,"count":3,"_embedded":{{"calls":[{one}]}},"_links":'
        '{"self":{"href":"/v1/calls?page_size=1&record_index=1"},"first":{"href":"/v1/calls?page_size=1"},'
        '"last":{"href":"/v1/calls?page_size=1&record_index=2"},"next":{"href":"/v1/calls?page_size=1&record_index=2"},'
        '"prev":{"href":"/v1/calls?page_size=1&record_index=0"}}}',
    )


async def test_filters_are_repeated_in_links(desk: Desk) -> None:
    """And what is no filter is not. Source: reference voice §5.2 (D)."""
    await seat(desk, 2)

    page = await listed(desk, order="desc", page_index=1, status="started", date_start="2016-11-14T07:45:14Z", x="y")

    query = "page_size=10&record_index=0&order=desc&status=started&date_start=2016-11-14T07%3A45%3A14Z"
    assert page["_links"]["self"]["href"] == f"/v1/calls?{query}"
    assert page["_links"]["first"]["href"] == "/v1/calls?" + query.replace("&record_index=0", "")


async def test_links_can_be_absolute(desk: Desk) -> None:
    """On the caller's host, those of calls too. Source: reference voice §5.2; README rulings."""
    await desk.settings(links="absolute")
    [uuid] = await seat(desk, 1)

    page = await listed(desk)

    here = "http://127.0.0.1:6396/v1/calls"
    assert page["_links"] == {
        "self": {"href": f"{here}?page_size=10&record_index=0"},
        "first": {"href": f"{here}?page_size=10"},
        "last": {"href": f"{here}?page_size=10&record_index=0"},
    }
    assert page["_embedded"]["calls"][0]["_links"] == {"self": {"href": f"{here}/{uuid}"}}
    assert (await desk.read(uuid))["_links"] == {"self": {"href": f"{here}/{uuid}"}}


@pytest.mark.parametrize(
    ("setting", "query", "newest_first"),
    [
        ("asc", {}, False),
        ("desc", {}, True),
        ("asc", {"order": "desc"}, True),
        ("desc", {"order": "asc"}, False),
        ("desc", {"order": ""}, True),
    ],
)
async def test_the_order(desk: Desk, setting: str, query: dict[str, str], newest_first: bool) -> None:
    """By creation; the default is a setting. Source: reference voice §5.1."""
    await desk.settings(voice_order=setting)
    found = await seat(desk, 5)

    assert uuids(await listed(desk, **query)) == (found[::-1] if newest_first else found)


async def test_calls_of_one_instant_stand_by_their_uuids(desk: Desk) -> None:
    """Source: reference voice §5.1 (D)."""
    legs = [leg_of(k, created_at=START) for k in (3, 1, 2)]
    for leg in legs:
        await desk.put(make_call(id=leg.id), leg)

    assert uuids(await listed(desk)) == sorted(leg.id for leg in legs)


#: One call in each state, the answered one by a machine.
EACH = {status: leg_of(k, status=status, machine=status == "answered") for k, status in enumerate(LegStatus)}


@pytest.mark.parametrize("status", [*LegStatus, "machine"])
async def test_filtering_by_status(desk: Desk, status: str) -> None:
    """Source: reference voice §5.1, §9.2."""
    for leg in EACH.values():
        await desk.put(make_call(id=leg.id), leg)

    page = await listed(desk, status=status)

    assert page["count"] == 1
    assert uuids(page) == [EACH[LegStatus("answered" if status == "machine" else status)].id]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"date_start": "2026-01-01T00:00:03Z"}, [3, 4, 5]),
        ({"date_start": "2026-01-01T00:00:02.500Z"}, [3, 4, 5]),
        ({"date_start": "2026-01-01T01:00:03%2B01:00"}, [3, 4, 5]),
        ({"date_start": "2026-01-01%2000:00:03"}, [3, 4, 5]),
        ({"date_end": "2026-01-01T00:00:03Z"}, [0, 1, 2, 3]),
        ({"date_end": "2025-01-01"}, []),
        ({"date_start": "2026-01-01T00:00:01Z", "date_end": "2026-01-01T00:00:02Z"}, [1, 2]),
        ({"date_start": ""}, [0, 1, 2, 3, 4, 5]),
    ],
)
async def test_filtering_by_instant(desk: Desk, query: dict[str, str], found: list[int]) -> None:
    """By creation. Source: reference voice §5.1."""
    made = await seat(desk, 6)

    assert uuids(await listed(desk, **query)) == [made[k] for k in found]


async def test_filtering_by_conversation(desk: Desk) -> None:
    """Exactly. Source: reference voice §5.1."""
    await seat(desk, 2)
    other = leg_of(7, conversation="CON-1")
    await desk.put(make_call(id=other.id), other)

    assert uuids(await listed(desk, conversation_uuid="CON-1")) == [other.id]
    assert (await listed(desk, conversation_uuid="CON-"))["count"] == 0


async def test_only_the_applications_calls_are_listed(desk: Desk) -> None:
    """Source: reference voice §5.1 (D)."""
    await seat(desk, 1)
    for leg in (leg_of(8, about="other"), leg_of(9, owner="verify")):
        await desk.put(make_call(id=leg.id), leg)

    assert (await listed(desk))["count"] == 1


async def test_a_call_that_is_kept_no_more_is_not_listed(desk: Desk) -> None:
    """Legs of other APIs count where legs are kept, so that a call may be let go of before its leg."""
    desk.house.store.retention = 3
    waits, over = leg_of(1), leg_of(2)
    await desk.put(make_call(id=waits.id), waits, make_call(id=over.id), over, leg_of(3, owner="verify"))
    timer = Timer(due_at=START + 1, owner="network", what="ring_out", subject=waits.id)
    await desk.house.store.commit("default", (await desk.house.store.peek("default")).epoch, Change(timers=(timer,)))
    await desk.put(leg_of(4, owner="verify"))
    await desk.house.advance(1)
    for k in (5, 6):
        await desk.put(make_call(id=leg_of(k).id), leg_of(k))
    assert await desk.house.store.get("default", Leg, waits.id) is not None
    assert await desk.house.store.get("default", Call, waits.id) is None

    page = await listed(desk)

    assert (page["count"], uuids(page)) == (2, [leg_of(5).id, leg_of(6).id])


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("status=human", wrong(("status", VALUE))),
        ("status=Started", wrong(("status", VALUE))),
        ("date_start=yesterday", wrong(("date_start", VALUE))),
        ("date_end=0", wrong(("date_end", VALUE))),
        ("page_size=0", wrong(("page_size", VALUE))),
        ("page_size=101", wrong(("page_size", VALUE))),
        ("page_size=ten", wrong(("page_size", VALUE))),
        ("record_index=-1", wrong(("record_index", VALUE))),
        ("record_index=1.5", wrong(("record_index", VALUE))),
        ("order=newest", wrong(("order", VALUE))),
        ("order=x&page_size=0&status=x", wrong(("status", VALUE), ("page_size", VALUE), ("order", VALUE))),
    ],
)
async def test_what_is_refused(desk: Desk, query: str, body: str) -> None:
    """Source: reference voice §5.1 (D)."""
    assert_answer(await desk.ask("GET", f"{CALLS}?{query}"), 400, body)


async def test_empty_parameters_count_as_absent(desk: Desk) -> None:
    await seat(desk, 1)

    page = await listed(desk, status="", page_size="", record_index="", order="", conversation_uuid="")

    assert (page["count"], page["page_size"], page["record_index"]) == (1, 10, 0)


# Source: reference voice §12, "list page arithmetic".
@pytest.mark.parametrize(
    ("counts", "index", "shown", "last", "following", "previous"),
    [
        ("page", 0, 10, 2, 1, None),
        ("page", 1, 10, 2, 2, 0),
        ("page", 2, 3, 2, None, 1),
        ("page", 3, 0, 2, None, 2),
        ("page", 5, 0, 2, None, None),
        ("offset", 0, 10, 20, 10, None),
        ("offset", 10, 10, 20, 20, 0),
        ("offset", 20, 3, 20, None, 10),
        ("offset", 5, 10, 20, 15, 0),
        ("offset", 23, 0, 20, None, 13),
        ("offset", 40, 0, 20, None, None),
    ],
)
async def test_pages(
    desk: Desk, counts: str, index: int, shown: int, last: int, following: int | None, previous: int | None
) -> None:
    """23 calls in pages of ten, by either reading of the index."""
    await desk.settings(voice_record_index=counts)
    await seat(desk, 23)

    page = await listed(desk, record_index=index)

    assert (len(uuids(page)), page["count"], page["record_index"]) == (shown, 23, index)
    indexes = {"self": index, "last": last, "next": following, "prev": previous}
    assert {name: link["href"] for name, link in page["_links"].items()} == {
        "first": "/v1/calls?page_size=10",
        **{name: f"/v1/calls?page_size=10&record_index={at}" for name, at in indexes.items() if at is not None},
    }


async def test_following_next_reads_every_call_once(desk: Desk) -> None:
    """With filters, on either reading."""
    found = await seat(desk, 23)
    for counts in ("page", "offset"):
        await desk.settings(voice_record_index=counts)
        read, href = [], f"{CALLS}?page_size=4&order=desc&status=started"
        while href:
            page = (await desk.ask("GET", href)).json()
            read += uuids(page)
            href = page["_links"].get("next", {}).get("href", "")
        assert read == found[::-1]


async def test_more_calls_than_the_store_hands_out_at_once(desk: Desk) -> None:
    """A thousand and some."""
    legs = [leg_of(k) for k in range(1_005)]
    await desk.put(*legs, *(make_call(id=leg.id) for leg in legs))

    page = await listed(desk, page_size=100, record_index=10)

    assert (page["count"], uuids(page)) == (1_005, [leg.id for leg in legs[1_000:]])


LEGS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(LegStatus), st.booleans(), st.sampled_from(["CON-1", "CON-2"])),
    max_size=40,
).map(
    lambda rows: [
        leg_of(k, status=status, machine=machine, conversation=there, created_at=START + at)
        for k, (at, status, machine, there) in enumerate(rows)
    ]
)
SEARCHES = st.builds(
    rules.Search,
    status=st.sampled_from(["", "started", "machine", "busy"]),
    after=st.none() | st.integers(START - 1, START + 6),
    before=st.none() | st.integers(START - 1, START + 6),
    conversation=st.sampled_from(["", "CON-1"]),
    size=st.integers(1, 7),
    newest_first=st.booleans(),
)


@given(LEGS, SEARCHES, st.booleans())
def test_pages_are_the_whole(legs: list[Leg], search: rules.Search, by_offset: bool) -> None:
    """From the first page by ``next``: each match once, in order, and ``last`` is where that ends."""
    found = rules.matching(search, legs)
    walked: list[Leg] = []
    indexes = [0]
    while True:
        page = rules.page(replace(search, index=indexes[-1]), found, by_offset=by_offset)
        walked += page.legs
        assert page.count == len(found)
        assert page.previous == (indexes[-2] if len(indexes) > 1 else None)
        if page.next is None:
            break
        assert len(page.legs) == search.size
        indexes.append(page.next)

    assert page.last == (indexes[-1] if found else None)
    assert sorted(walked, key=lambda leg: leg.id) == sorted(found, key=lambda leg: leg.id)
    made = [(leg.created_at, leg.id) for leg in walked]
    assert made == sorted(made, reverse=search.newest_first)


@given(LEGS, SEARCHES, st.integers(0, 60), st.booleans())
def test_any_page_is_a_slice(legs: list[Leg], search: rules.Search, index: int, by_offset: bool) -> None:
    """Links name only pages that have something on them."""
    found = rules.matching(search, legs)
    page = rules.page(replace(search, index=index), found, by_offset=by_offset)
    start = index if by_offset else index * search.size

    assert len(page.legs) == max(0, min(search.size, len(found) - start))
    for there in (page.next, page.previous, page.last):
        if there is not None:
            assert rules.page(replace(search, index=there), found, by_offset=by_offset).legs


@given(LEGS, SEARCHES)
def test_only_what_is_asked_for_matches(legs: list[Leg], search: rules.Search) -> None:
    """Each filter by itself narrows, and all together are their intersection."""
    found = rules.matching(search, legs)

    for leg in legs:
        fits = (
            (not search.status or leg.status == search.status or (search.status == "machine" and leg.machine))
            and (search.after is None or leg.created_at >= search.after)
            and (search.before is None or leg.created_at <= search.before)
            and leg.conversation.startswith(search.conversation)
        )
        assert (leg in found) == fits


def test_links_can_be_read_back() -> None:
    """What a link repeats is what was asked for."""
    params = {"status": "busy", "date_start": "2026-01-01T00:00:00+01:00", "page_size": "5", "sig": "x"}
    search = rules.read(params, order="asc")

    assert search.repeated == (("status", "busy"), ("date_start", "2026-01-01T00:00:00+01:00"))
    assert dict(
        parse_qsl(urlsplit("/v1/calls?status=busy&date_start=2026-01-01T00%3A00%3A00%2B01%3A00").query)
    ) == dict(search.repeated)
