"""The shared records: by which keys they are found, what keeps them, and what a message's status is."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.core.records import (
    Account,
    Application,
    Clock,
    ClockMode,
    Delivery,
    Direction,
    Event,
    Handset,
    Message,
    Number,
    Part,
    PartStatus,
    Record,
    RequestEntry,
    Timer,
    World,
)


def message(*statuses: PartStatus) -> Message:
    """A message with a part for each status."""
    return Message(
        id="p0",
        owner="sms",
        account="main",
        direction=Direction.OUTBOUND,
        sender="shop",
        to="447700900001",
        type="text",
        text="hello",
        parts=tuple(Part(f"p{k}", status, "0", 5) for k, status in enumerate(statuses)),
        network="23410",
        price=333_000,
        submitted_at=5,
    )


MESSAGE = message(PartStatus.SUBMITTED, PartStatus.SUBMITTED, PartStatus.SUBMITTED)
TIMER = Timer(due_at=5, owner="network", what="receipt", subject="p0")
DELIVERY = Delivery(
    id="w1",
    kind="receipt",
    owner="sms",
    account="main",
    about="p0",
    subject="p0",
    url="https://shop.test/receipt",
    method="GET",
    facts={},
    created_at=5,
    due_at=5,
)
ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="")
APPLICATION = Application(id="main", application_id="app-1", account="main", public_key="")
NUMBER = Number(id="447700900000", account="main", country="GB")
HANDSET = Handset(id="447700900001")
CLOCK = Clock(mode=ClockMode.MANUAL, rate=0, at=5, wall_at=5)
WORLD = World(name="default", seed=7, made_at=5)


@pytest.mark.parametrize(
    ("record", "keys", "subjects", "collection"),
    [
        (ACCOUNT, ("abcd1234",), ("main",), ""),
        (APPLICATION, ("app-1", "account/main"), ("main",), ""),
        (NUMBER, ("account/main", "country/GB"), ("447700900000",), ""),
        (
            replace(NUMBER, application="ivr"),
            ("account/main", "country/GB", "application/ivr"),
            ("447700900000",),
            "",
        ),
        (HANDSET, (), ("447700900001",), ""),
        (MESSAGE, ("to/447700900001", "part/p1", "part/p2"), ("p0",), "messages"),
        (TIMER, (), ("",), ""),
        (DELIVERY, ("subject/p0",), (), "webhooks"),
        (CLOCK, (), ("clock",), ""),
        (WORLD, (), ("world",), ""),
    ],
)
def test_a_kind_says_how_the_store_treats_it(
    record: Record, keys: tuple[str, ...], subjects: tuple[str, ...], collection: str
) -> None:
    """Its look-up keys, the subjects that keep it, and the collection it shows in."""
    assert (record.keys(), record.subjects(), record.collection) == (keys, subjects, collection)
    assert (record.version, record.seq, record.made) == (0, 0, 0)


def test_the_balance_of_an_account_is_a_counter_of_its_name() -> None:
    """By its internal id, which a fork keeps."""
    assert ACCOUNT.balance == "balance/main"


def test_a_message_of_one_part_is_found_by_its_id_and_recipient() -> None:
    """The first part's id is the message's own, so it is no further key."""
    assert message(PartStatus.SUBMITTED).keys() == ("to/447700900001",)


# From the one furthest from being delivered to being it; source: reference sms §10.1.
FURTHEST = (
    PartStatus.SUBMITTED,
    PartStatus.ACCEPTED,
    PartStatus.BUFFERED,
    PartStatus.UNKNOWN,
    PartStatus.EXPIRED,
    PartStatus.REJECTED,
    PartStatus.FAILED,
    PartStatus.DELIVERED,
)


@given(st.lists(st.sampled_from(PartStatus), min_size=1))
def test_a_message_is_as_far_as_its_least_advanced_part(statuses: list[PartStatus]) -> None:
    """It is delivered only when all of it is, and under way as long as any of it is; where all parts agree, theirs."""
    assert message(*statuses).status is min(statuses, key=FURTHEST.index)


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ((PartStatus.DELIVERED,), PartStatus.DELIVERED),
        ((PartStatus.DELIVERED, PartStatus.SUBMITTED), PartStatus.SUBMITTED),
        ((PartStatus.DELIVERED, PartStatus.BUFFERED), PartStatus.BUFFERED),
        ((PartStatus.FAILED, PartStatus.DELIVERED), PartStatus.FAILED),
        ((PartStatus.EXPIRED, PartStatus.FAILED), PartStatus.EXPIRED),
        ((PartStatus.EXPIRED, PartStatus.EXPIRED), PartStatus.EXPIRED),
    ],
)
def test_the_status_of_a_whole_message(statuses: tuple[PartStatus, ...], whole: PartStatus) -> None:
    """Some cases by hand."""
    assert message(*statuses).status is whole


def test_a_handset_is_found_by_its_name() -> None:
    """One that nobody named has no such key."""
    assert Handset(id="447700900001", name="alice").keys() == ("name/alice",)


@pytest.mark.parametrize(
    "entry", [Event(at=5, name="e", about="p0"), RequestEntry(at=5, operation="o", method="GET", path="/", status=200)]
)
def test_a_line_of_a_log_shows_in_its_collection(entry: Event | RequestEntry) -> None:
    """And has no number before it is written down."""
    assert (entry.collection, entry.seq) == ({Event: "events", RequestEntry: "requests"}[type(entry)], 0)


def test_records_are_immutable() -> None:
    """A snapshot may share them with the state that lives on."""
    with pytest.raises(AttributeError):
        MESSAGE.text = "changed"  # type: ignore[misc]


@pytest.mark.parametrize("record", [ACCOUNT, APPLICATION, NUMBER, HANDSET, MESSAGE, TIMER, DELIVERY, CLOCK, WORLD])
def test_a_record_survives_its_encoding(record: Record) -> None:
    """Engines that write bytes get the same record back."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=type(record)) == record
