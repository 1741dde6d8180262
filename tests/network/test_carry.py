"""Carrying a message to a phone and back: the table of a part's moves, and the changes of each step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.core.change import Change
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Direction, Event, Handset, Message, Part, PartStatus, Timer
from fake_nexmo.network import carry

SUBMITTED, ACCEPTED, BUFFERED, DELIVERED, FAILED, REJECTED, EXPIRED, UNKNOWN = PartStatus

# Every path that reference sms §10.1 draws (B); what is not here must not happen.
PATHS = {
    (SUBMITTED, ACCEPTED),
    (SUBMITTED, BUFFERED),
    (SUBMITTED, DELIVERED),
    (SUBMITTED, FAILED),
    (SUBMITTED, REJECTED),
    (SUBMITTED, EXPIRED),
    (SUBMITTED, UNKNOWN),
    (ACCEPTED, DELIVERED),
    (ACCEPTED, FAILED),
    (ACCEPTED, EXPIRED),
    (BUFFERED, DELIVERED),
    (BUFFERED, EXPIRED),
    (BUFFERED, FAILED),
}
NOW = 1_767_225_600_000_000
MOMENT = Moment(NOW, 7, 42)
LATER = Moment(NOW + 1_000_000, 8, 42)


def message(*statuses: PartStatus) -> Message:
    """A message whose parts have got this far."""
    return Message(
        id="m0",
        version=1,
        owner="sms",
        account="main",
        direction=Direction.OUTBOUND,
        sender="Acme",
        to="447700900001",
        type="text",
        text="Hi",
        parts=tuple(Part(f"m{k}", status, "0", NOW) for k, status in enumerate(statuses)),
        network="23410",
        price=3_330_000,
        submitted_at=NOW,
    )


@pytest.mark.parametrize("state", PartStatus)
@pytest.mark.parametrize("event", PartStatus)
def test_every_move_of_a_part(state: PartStatus, event: PartStatus) -> None:
    """What the reference draws is in the table, and leads where it says; nothing else is."""
    assert (event in carry.MOVES[state]) == ((state, event) in PATHS)
    if (state, event) in PATHS:
        assert carry.MOVES[state][event] is event


def test_the_table_is_complete() -> None:
    """Every state has its row, and every move leads to a state."""
    assert set(carry.MOVES) == set(PartStatus)
    assert {each for row in carry.MOVES.values() for each in row.values()} <= set(PartStatus)


@given(events=st.lists(st.sampled_from(PartStatus)))
def test_final_stays_final(events: list[PartStatus]) -> None:
    """However the network talks, a part that came to its end does not move, and it gets there in two steps."""
    state, steps = SUBMITTED, 0
    for event in events:
        following = carry.MOVES[state].get(event)
        if following is not None:
            state, steps = following, steps + 1
    assert steps <= 2
    if state in {DELIVERED, FAILED, REJECTED, EXPIRED, UNKNOWN}:
        assert carry.MOVES[state] == {}


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("handset", [None, Handset(id="447700900001")], ids=["nobody", "declared"])
def test_a_submission_sets_the_fate_of_each_part(parts: int, handset: Handset | None) -> None:
    """The message is stored as it is; one timer a part, a second from now; one event."""
    sent = message(*[SUBMITTED] * parts)

    assert carry.submit(sent, handset, MOMENT) == Change(
        put=(sent,),
        timers=tuple(
            Timer(due_at=NOW + 1_000_000, owner="network", what="receipt", subject="m0", k=k) for k in range(parts)
        ),
        log=(Event(at=NOW, name="message.submitted", about="m0", account="main", number="447700900001"),),
    )


@pytest.mark.parametrize("state", PartStatus)
def test_a_receipt_moves_a_part_where_the_table_allows_it(state: PartStatus) -> None:
    """The phone has the message; a part that is final stays as it is, and nothing is told."""
    before = message(state)

    outcome = carry.receipt(before, 0, None, LATER)

    if (state, DELIVERED) not in PATHS:
        assert (outcome.change, outcome.answer) == (Change(), None)
        return
    after = replace(before, parts=(Part("m0", DELIVERED, "0", NOW + 1_000_000),))
    assert outcome.answer == after
    assert outcome.change == Change(
        put=(after,),
        log=(Event(at=LATER.now, name="message.delivered", about="m0", account="main", number="447700900001"),),
    )


@pytest.mark.parametrize("k", [0, 1, 2])
def test_a_receipt_moves_its_own_part_alone(k: int) -> None:
    """The others keep status and instant; no event before the whole message is through."""
    before = message(SUBMITTED, ACCEPTED, BUFFERED)

    outcome = carry.receipt(before, k, None, LATER)

    assert outcome.answer is not None
    assert outcome.change == Change(put=(outcome.answer,))
    for at, (old, new) in enumerate(zip(before.parts, outcome.answer.parts, strict=True)):
        assert new == (Part(f"m{k}", DELIVERED, "0", LATER.now) if at == k else old)
    assert replace(outcome.answer, parts=before.parts) == before


@pytest.mark.parametrize(
    ("others", "name"),
    [
        ((DELIVERED, DELIVERED), "message.delivered"),
        ((DELIVERED, SUBMITTED), None),
        ((FAILED, ACCEPTED), None),
        ((EXPIRED, BUFFERED), None),
    ],
)
def test_the_last_part_tells_of_the_whole(others: tuple[PartStatus, ...], name: str | None) -> None:
    """One event for a message, when none of its parts can move any more."""
    outcome = carry.receipt(message(*others, SUBMITTED), 2, None, LATER)

    assert [event.name for event in outcome.change.log] == ([name] if name else [])


def test_every_part_delivered_is_one_event() -> None:
    """In any order of the parts."""
    for order in ((0, 1, 2), (2, 0, 1)):
        now, names = message(SUBMITTED, SUBMITTED, SUBMITTED), []
        for k in order:
            outcome = carry.receipt(now, k, None, LATER)
            assert outcome.answer is not None
            now = outcome.answer
            names += [event.name for event in outcome.change.log]
        assert now.status is DELIVERED
        assert names == ["message.delivered"]
