"""Which fault acts on what happens: selectors, counting, dice, delays and what they do to a webhook."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.core.instant import MINUTE
from fake_nexmo.core.records import Delay, Fault, Mischief
from fake_nexmo.network.weather import Occasion, acts, delay_of, matching, mischief_of

SEND = Occasion(
    "sms.send",
    "main",
    "abcd1234",
    "+447700900101",
    "Acme",
    "Hello World",
    {"to": "+447700900101", "client-ref": "order-77"},
)


def fault(target: str = "sms.send", **facts: Any) -> Fault:
    """A fault of the name ``f``."""
    return Fault("f", target, **facts)


def fits(one: Fault, occasion: Occasion = SEND, now: int = 0) -> bool:
    """Whether a fault matches."""
    return matching([one], occasion, now) == [one]


@pytest.mark.parametrize(
    ("target", "occasion", "match"),
    [
        ("sms.send", "sms.send", True),
        ("sms.*", "sms.send", True),
        ("*", "sms.send", True),
        ("sms.search_*", "sms.send", False),
        ("account.*", "sms.send", False),
        ("sms", "sms.send", False),
        ("webhook.receipt", "webhook.receipt", True),
        ("webhook.*", "webhook.receipt", True),
        ("webhook.inbound_sms", "webhook.receipt", False),
        ("network.23410", "network.23410", True),
        ("network.234*", "network.23410", True),
        ("network.*", "network.US-UNKNOWN", True),
        ("network.23415", "network.23410", False),
        ("*", "webhook.receipt", False),
        ("*", "network.23410", False),
        ("*.receipt", "webhook.receipt", False),
        ("n*", "network.23410", False),
        ("webhook.*", "sms.send", False),
    ],
)
def test_a_target_stands_for_its_own_kind_alone(target: str, occasion: str, match: bool) -> None:
    """An operation, a webhook or a network; ``*`` is every operation, and nothing else."""
    assert fits(fault(target), replace(SEND, target=occasion)) is match


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        ({"account": "main"}, True),
        ({"account": "abcd1234"}, True),
        ({"account": "other"}, False),
        ({"to": "447700900101"}, True),
        ({"to": "+4477009001*"}, True),
        ({"to": "/0101$/"}, True),
        ({"to": "447700900102"}, False),
        ({"sender": "Acme"}, True),
        ({"sender": "Ac*"}, True),
        ({"sender": "/^acme$/i"}, True),
        ({"sender": "acme"}, False),
        ({"text": "Hello World"}, True),
        ({"text": "/world/i"}, True),
        ({"text": "Hello*"}, False),
        ({"text": "Hello"}, False),
        ({"params": {"client-ref": "order-77"}}, True),
        ({"params": {"client-ref": "/^order/"}}, True),
        ({"params": {"client-ref": "order-78"}}, False),
        ({"params": {"ttl": "20000"}}, False),
        ({"params": {"ttl": ""}}, True),
        ({"params": {"client-ref": "order-77", "to": "/^\\+44/"}}, True),
        ({"params": {"client-ref": "order-77", "to": "x"}}, False),
        ({"to": "447700900101", "sender": "Acme", "text": "/Hello/", "account": "main"}, True),
        ({"to": "447700900101", "sender": "Acme", "text": "/Bye/", "account": "main"}, False),
    ],
)
def test_all_that_a_fault_asks_for_must_fit(facts: dict[str, Any], match: bool) -> None:
    """Account by name or key; numbers with or without plus; parameters by their names on the wire."""
    assert fits(fault(**facts)) is match


@pytest.mark.parametrize(
    ("starts", "until", "hit"),
    [(None, None, [9, 10, 19, 20]), (10, None, [10, 19, 20]), (None, 20, [9, 10, 19]), (10, 20, [10, 19])],
)
def test_a_fault_has_its_time(starts: int | None, until: int | None, hit: list[int]) -> None:
    """From its start on, up to but not at its end."""
    one = fault(starts_at=starts, until_at=until)

    assert [now for now in (9, 10, 19, 20) if fits(one, now=now)] == hit


def test_every_fault_that_matches_is_found_in_their_order() -> None:
    """Whichever of them will act."""
    one, two, three = (Fault(name, "sms.*") for name in "abc")
    other = Fault("other", "sms.send", to="447700900102")

    assert matching([one, other, two, three], SEND, 0) == [one, two, three]
    assert matching([], SEND, 0) == []


@pytest.mark.parametrize(
    ("facts", "hit"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"first": 3, "last": 3}, [3]),
        ({"first": 1, "last": 2}, [1, 2]),
        ({"first": 5}, [5, 6, 7]),
        ({"every": 1}, [1, 2, 3, 4, 5, 6, 7]),
        ({"every": 3}, [3, 6]),
    ],
)
def test_the_match_ordinal_says_whether_a_fault_acts(facts: dict[str, Any], hit: list[int]) -> None:
    """Counted from one."""
    assert [ordinal for ordinal in range(1, 8) if acts(fault(**facts), ordinal, 42)] == hit


def test_chance_is_drawn_from_seed_name_and_ordinal() -> None:
    """As often as it says, and within what the calls allow."""
    half = fault(chance=0.5)
    hit = [ordinal for ordinal in range(1, 4_001) if acts(half, ordinal, 42)]

    assert 1_850 < len(hit) < 2_150
    assert hit == [ordinal for ordinal in range(1, 4_001) if acts(half, ordinal, 42)]
    assert hit != [ordinal for ordinal in range(1, 4_001) if acts(half, ordinal, 43)]
    assert hit != [ordinal for ordinal in range(1, 4_001) if acts(replace(half, name="g"), ordinal, 42)]
    within = replace(half, first=10, last=60)
    assert [ordinal for ordinal in range(1, 4_001) if acts(within, ordinal, 42)] == [k for k in hit if 10 <= k <= 60]
    sixth = replace(half, every=6)
    assert [ordinal for ordinal in range(1, 4_001) if acts(sixth, ordinal, 42)] == [k for k in hit if k % 6 == 0]


@given(st.floats(0.001, 1), st.floats(0.001, 1), st.integers(1, 10**6), st.integers(0, 2**63))
def test_a_greater_chance_acts_wherever_a_smaller_does(one: float, two: float, ordinal: int, seed: int) -> None:
    """The die is the same."""
    low, high = sorted((one, two))
    assert not acts(fault(chance=low), ordinal, seed) or acts(fault(chance=high), ordinal, seed)


def test_a_fixed_delay_is_always_the_same() -> None:
    """Whatever the match."""
    assert {delay_of(Delay(800_000), "f", ordinal, 42) for ordinal in range(20)} == {800_000}
    assert {delay_of(Delay(800_000, 800_000), "f", ordinal, 42) for ordinal in range(20)} == {800_000}


def test_a_spread_delay_has_its_median_and_its_99th_percentile() -> None:
    """Log-normal, by seed, name and ordinal."""
    delay = Delay(800_000, 4_000_000)
    drawn = sorted(delay_of(delay, "f", ordinal, 42) for ordinal in range(10_000))

    assert math.isclose(drawn[5_000], 800_000, rel_tol=0.05)
    assert math.isclose(drawn[9_900], 4_000_000, rel_tol=0.2)
    assert drawn[0] > 0
    assert delay_of(delay, "f", 1, 42) == delay_of(delay, "f", 1, 42)
    assert len({delay_of(delay, name, 1, seed) for name in "fg" for seed in (1, 2)}) == 4


@pytest.mark.parametrize(
    ("facts", "mischief"),
    [
        ({}, Mischief("f")),
        ({"repeat": 3, "gap": 300_000}, Mischief("f", repeat=3, gap=300_000)),
        ({"shuffled": True}, Mischief("f", shuffled=True)),
        ({"deliver": "late"}, Mischief("f", late=MINUTE)),
        ({"deliver": "late", "delay": Delay(5)}, Mischief("f", late=5)),
        ({"delay": Delay(7)}, Mischief("f", late=7)),
        ({"deliver": "before_response"}, Mischief("f", before_response=True)),
        ({"signature": "none"}, Mischief("f", signature="none")),
        ({"signature": "wrong"}, Mischief("f", signature="wrong")),
    ],
)
def test_what_a_fault_does_to_a_webhook(facts: dict[str, Any], mischief: Mischief) -> None:
    """Fixed when it is matched."""
    assert mischief_of(fault("webhook.receipt", **facts), 1, 42) == mischief


def test_a_spread_lateness_is_drawn_for_each_match() -> None:
    """From the same dice as a reply's delay."""
    one = fault("webhook.receipt", delay=Delay(800_000, 4_000_000))
    assert one.delay is not None

    late = [mischief_of(one, ordinal, 42).late for ordinal in range(1, 20)]

    assert late == [delay_of(one.delay, "f", ordinal, 42) for ordinal in range(1, 20)]
    assert len(set(late)) == 19


OCCASIONS = st.builds(
    Occasion,
    target=st.sampled_from(["sms.send", "account.balance", "webhook.receipt", "network.23410"]),
    account=st.sampled_from(["main", "other"]),
    to=st.sampled_from(["447700900101", "447700900202"]),
    text=st.sampled_from(["Hello", "Bye"]),
)
FAULTS = st.lists(
    st.builds(
        Fault,
        name=st.sampled_from("abcd"),
        target=st.sampled_from(["sms.*", "*", "webhook.*", "network.*"]),
        to=st.sampled_from(["", "4477009001*"]),
        text=st.sampled_from(["", "/l/"]),
        first=st.integers(1, 3),
        last=st.none() | st.integers(3, 5),
        chance=st.sampled_from([0.3, 0.7, 1.0]),
    ),
    max_size=4,
    unique_by=lambda one: one.name,
)


def played(faults: list[Fault], occasions: list[Occasion]) -> list[tuple[str, int] | None]:
    """Which fault acts on each occasion, and on which of its matches."""
    drawn: dict[str, int] = {}
    acting: list[tuple[str, int] | None] = []
    for occasion in occasions:
        found = None
        for each in matching(faults, occasion, 0):
            drawn[each.name] = drawn.get(each.name, 0) + 1
            if found is None and acts(each, drawn[each.name], 42):
                found = (each.name, drawn[each.name])
        acting.append(found)
    return acting


# How long an example takes says nothing here, and a busy machine may be slow to make them.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FAULTS, st.lists(OCCASIONS, max_size=30), st.integers(0, 4))
def test_a_fault_that_never_matches_changes_no_dice(faults: list[Fault], occasions: list[Occasion], at: int) -> None:
    """Wherever it stands; source: design §8."""
    idle = Fault("idle", "*", to="447700900999", chance=0.5)

    assert played([*faults[:at], idle, *faults[at:]], occasions) == played(faults, occasions)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FAULTS, st.lists(OCCASIONS, max_size=30))
def test_a_fault_behind_the_others_takes_nothing_from_them(faults: list[Fault], occasions: list[Occasion]) -> None:
    """What acted before acts as before, at the same match."""
    last = Fault("last", "*", chance=0.5)

    before, after = played(faults, occasions), played([*faults, last], occasions)

    assert [new if old else None for old, new in zip(before, after, strict=True)] == before
