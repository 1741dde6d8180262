"""Changes: what they hold, and how two become one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from fake_nexmo.core.change import Add, Change, Claim, Conflict, Free, Outcome, Set, StaleEpoch
from fake_nexmo.core.records import Delivery, Event, Handset, Number, Timer

NUMBER = Number(id="447700900000", account="main", country="GB")
HANDSET = Handset(id="447700900001")
TIMER = Timer(due_at=5, owner="network", what="receipt", subject="m")
EVENT = Event(at=5, name="message.submitted", about="m")
DELIVERY = Delivery(
    kind="receipt",
    owner="sms",
    account="main",
    about="m",
    subject="m",
    url="https://shop.test/receipt",
    method="GET",
    facts={},
    created_at=5,
    due_at=5,
)
ONE_OF_EACH = [
    Change(put=(NUMBER,)),
    Change(drop=(NUMBER,)),
    Change(check=(NUMBER,)),
    Change(counters=(Add("balance", -1),)),
    Change(claims=(Claim("name", "main"),)),
    Change(timers=(TIMER,)),
    Change(deliveries=(DELIVERY,)),
    Change(log=(EVENT,)),
]
# Not built from the class by name alone: its annotations name types that are there for type checkers only.
CHANGES = st.tuples(
    *(
        st.lists(st.sampled_from(each), max_size=2).map(tuple)
        for each in (
            [NUMBER, HANDSET],
            [NUMBER],
            [HANDSET],
            [Add("balance", 1), Set("rate", 2)],
            [Claim("name", "main"), Free("name", "main")],
            [TIMER],
            [DELIVERY],
            [EVENT],
        )
    )
).map(lambda parts: Change(*parts))


@pytest.mark.parametrize("change", ONE_OF_EACH)
def test_a_change_of_any_one_part_is_something(change: Change) -> None:
    """True for each part alone, a check included; a change without any is nothing."""
    assert bool(change)
    assert not Change()


def test_every_part_is_covered_by_these_tests() -> None:
    """A part added to `Change` has to be added above."""
    assert [next(name for name, part in asdict(change).items() if part) for change in ONE_OF_EACH] == list(
        Change.__struct_fields__
    )


@given(CHANGES, CHANGES)
def test_two_changes_are_one_with_the_first_in_front(first: Change, second: Change) -> None:
    """Part by part, nothing lost and nothing merged."""
    both = asdict(first + second)
    assert both == {name: getattr(first, name) + getattr(second, name) for name in Change.__struct_fields__}


@given(CHANGES, CHANGES, CHANGES)
def test_joining_changes_has_no_order_of_its_own(one: Change, two: Change, three: Change) -> None:
    """However they are bracketed; an empty one adds nothing on either side."""
    assert (one + two) + three == one + (two + three)
    assert one + Change() == one == Change() + one


@pytest.mark.parametrize(("kind", "found"), [(Number, NUMBER), (Timer, TIMER), (Delivery, DELIVERY)])
def test_only_finds_the_one_of_a_kind(kind: type, found: object) -> None:
    """Among what is put, set and sent; what is dropped or checked does not count."""
    change = Change(put=(NUMBER,), timers=(TIMER,), deliveries=(DELIVERY,), drop=(HANDSET,), check=(NUMBER,))
    assert change.only(kind) == found


@pytest.mark.parametrize("change", [Change(drop=(NUMBER,)), Change(put=(NUMBER, NUMBER))], ids=["none", "two"])
def test_only_asserts_that_there_is_one(change: Change) -> None:
    """None and two are bugs of whoever asks."""
    with pytest.raises(AssertionError, match="of Number in the change, not one"):
        change.only(Number)


def test_an_outcome_holds_a_change_and_its_answer() -> None:
    """A no that changes something is returned with its change."""
    outcome = Outcome(Change(log=(EVENT,)), "throttled")
    assert (outcome.change.log, outcome.answer) == ((EVENT,), "throttled")


def test_a_conflict_and_a_stale_epoch_are_told_apart() -> None:
    """One asks for a rerun, the other ends the request: neither is caught as the other."""
    assert not issubclass(Conflict, StaleEpoch)
    assert not issubclass(StaleEpoch, Conflict)
