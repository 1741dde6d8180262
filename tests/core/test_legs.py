"""A leg: its table of moves, how long it lasted, and what it costs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.core.instant import HOUR, MINUTE, SECOND
from fake_nexmo.core.legs import MOVES, Leg, LegEvent, LegStatus, Line, Speaker
from fake_nexmo.core.machine import may
from fake_nexmo.core.money import format_money, parse_money
from fake_nexmo.core.records import Direction

STARTED, RINGING, ANSWERED, COMPLETED, BUSY, CANCELLED, FAILED, REJECTED, TIMEOUT, UNANSWERED = LegStatus
# Every path that reference voice §9.2 draws (B); what is not here must not happen.
# Doubt: it has a call rejected before it rings; somebody who declines lets it ring first, so that is possible too.
PATHS = {
    (STARTED, LegEvent.RING): RINGING,
    (STARTED, LegEvent.BUSY): BUSY,
    (STARTED, LegEvent.CANCEL): CANCELLED,
    (STARTED, LegEvent.FAIL): FAILED,
    (STARTED, LegEvent.NOT_REACHED): UNANSWERED,
    (STARTED, LegEvent.REJECT): REJECTED,
    # An app and a websocket do not ring.
    (STARTED, LegEvent.PICK_UP): ANSWERED,
    (RINGING, LegEvent.PICK_UP): ANSWERED,
    # Somebody calls who cannot be told what to do.
    (RINGING, LegEvent.GIVE_UP): COMPLETED,
    (RINGING, LegEvent.RING_OUT): TIMEOUT,
    (RINGING, LegEvent.BUSY): BUSY,
    (RINGING, LegEvent.CANCEL): CANCELLED,
    (RINGING, LegEvent.FAIL): FAILED,
    (RINGING, LegEvent.NOT_REACHED): UNANSWERED,
    (RINGING, LegEvent.REJECT): REJECTED,
    (ANSWERED, LegEvent.HANG_UP): COMPLETED,
}
NOW = 1_767_225_600_000_000


def leg(**facts: Any) -> Leg:
    """A call to a person."""
    said: dict[str, Any] = {
        "id": "63f61863-4a51-4f6b-86e1-46edebcf9356",
        "owner": "verify",
        "account": "main",
        "direction": Direction.OUTBOUND,
        "sender": "12015550100",
        "to": "447700900101",
        "network": "23410",
        "rate": 1_000_000,
        "created_at": NOW,
    }
    return Leg(**(said | facts))


@pytest.mark.parametrize("event", LegEvent)
@pytest.mark.parametrize("status", LegStatus)
def test_every_status_and_every_event(status: LegStatus, event: LegEvent) -> None:
    """What is drawn happens, and nothing else."""
    wanted = PATHS.get((status, event))

    assert may(MOVES, status, event) is (wanted is not None)
    assert MOVES[status].get(event) is wanted


def test_words_of_the_wire() -> None:
    """Source: reference voice §9.1."""
    assert [each.value for each in LegStatus] == [
        *("started", "ringing", "answered", "completed", "busy", "cancelled", "failed", "rejected", "timeout"),
        "unanswered",
    ]


@given(st.lists(st.sampled_from(LegEvent)))
def test_over_is_over(events: list[LegEvent]) -> None:
    """Whatever happens, a leg that has ended stays as it ended."""
    status, ended = STARTED, None
    for event in events:
        status = MOVES[status].get(event, status)
        assert ended in (None, status)
        ended = status if not MOVES[status] else None


@pytest.mark.parametrize(
    ("rate", "seconds", "price"),
    [
        # The captures. Source: reference voice §3 (A).
        ("0.10000000", 2, "0.00333333"),
        ("0.00720000", 12, "0.00144000"),
        ("0.00450000", 7, "0.00052500"),
        # Half up (R).
        ("0.00000001", 30, "0.00000001"),
        ("0.00000001", 29, "0.00000000"),
        ("0.01000000", 0, "0.00000000"),
    ],
)
def test_price_of_the_captures(rate: str, seconds: int, price: str) -> None:
    """By the second, eight decimals."""
    over = leg(rate=parse_money(rate), answered_at=NOW, ended_at=NOW + seconds * SECOND)

    assert (over.duration_s, format_money(over.price)) == (seconds, price)


@given(
    rate=st.integers(0, 10**9),
    answered_at=st.integers(NOW, NOW + HOUR),
    lasted=st.integers(0, 2 * HOUR),
)
def test_price_and_duration_by_exact_arithmetic(rate: int, answered_at: int, lasted: int) -> None:
    """Both instants are rounded to the second first; the price is exact but for one rounding, half up."""
    over = leg(rate=rate, answered_at=answered_at, ended_at=answered_at + lasted)

    half = Fraction(1, 2)
    wanted = (Fraction(over.ended_at or 0, SECOND) + half) // 1 - (Fraction(answered_at, SECOND) + half) // 1
    assert over.duration_s == wanted
    assert over.price == (Fraction(rate * wanted, 60) + half) // 1
    assert abs(over.duration_s * SECOND - lasted) <= SECOND


@pytest.mark.parametrize(
    "facts",
    [{}, {"answered_at": NOW}, {"ended_at": NOW + MINUTE}],
)
def test_call_that_was_not_answered_or_goes_on_costs_nothing(facts: dict[str, int]) -> None:
    """There is no duration without both instants."""
    assert (leg(**facts).duration_s, leg(**facts).price) == (0, 0)


@pytest.mark.parametrize("status", LegStatus)
def test_which_legs_are_over(status: LegStatus) -> None:
    """Those that nothing can happen to."""
    assert leg(status=status).over is (status not in {STARTED, RINGING, ANSWERED})


def test_what_is_heard_is_heard_in_order() -> None:
    """Behind what was heard before."""
    one, two = Line(NOW, Speaker.PERSON, "Hello?"), Line(NOW, Speaker.PLATFORM, "Bye.", "12")

    assert leg(transcript=(one,)).with_lines(two) == leg(transcript=(one, two))


@pytest.mark.parametrize(("after", "lasts"), [(0, 0), (SECOND, SECOND), (5 * SECOND, 2 * SECOND)])
def test_a_line_that_is_broken_off(after: int, lasts: int) -> None:
    """It lasts until then, if it was not over; the lines before and behind it stay as they are."""
    one, two, three = (Line(NOW + k, Speaker.PLATFORM, str(k), lasts=2 * SECOND) for k in range(3))

    cut = replace(two, cut=True, lasts=lasts)
    assert leg(transcript=(one, two, three)).broken_off(two, two.at + after) == leg(transcript=(one, cut, three))


def test_a_line_of_another_leg_is_not_broken_off() -> None:
    """Nothing changes."""
    here = leg(transcript=(Line(NOW, Speaker.PLATFORM, "Hello"),))

    others = [(NOW + 1, Speaker.PLATFORM, "Hello"), (NOW, Speaker.PERSON, "Hello"), (NOW, Speaker.PLATFORM, "")]
    for other in (Line(*each) for each in others):
        assert here.broken_off(other, NOW) is here


def test_leg_is_found_by_its_person_and_by_what_it_is_about() -> None:
    """The person is the one called, or the one who calls; by its conversation too, if it has one."""
    assert leg(about="a", conversation="CON-1").keys() == ("person/447700900101", "about/a", "conversation/CON-1")
    assert leg().keys() == ("person/447700900101",)
    assert leg(about="r1").keys() == ("person/447700900101", "about/r1")
    assert leg(direction=Direction.INBOUND).keys() == ("person/12015550100",)
    assert leg().subjects() == (leg().id, f"{leg().id}/webhooks")
