"""The reader of state tables."""

from __future__ import annotations

from enum import Enum, StrEnum

import pytest

from fake_nexmo.core.machine import Table, may, step
from fake_nexmo.core.refusal import Refusal


class Phase(StrEnum):
    """States of a door."""

    OPEN = "open"
    SHUT = "shut"
    WALLED = "walled"


class Act(Enum):
    """What is done to it."""

    PUSH = 1
    PULL = 2


class Row(Enum):
    """The refusals of a door."""

    STUCK = 1


MOVES: Table[Phase, Act] = {
    Phase.OPEN: {Act.PUSH: Phase.SHUT, Act.PULL: Phase.OPEN},
    Phase.SHUT: {Act.PULL: Phase.OPEN},
    # Walled is walled.
    Phase.WALLED: {},
}


@pytest.mark.parametrize(
    ("state", "event", "following"),
    [
        (Phase.OPEN, Act.PUSH, Phase.SHUT),
        (Phase.OPEN, Act.PULL, Phase.OPEN),
        (Phase.SHUT, Act.PUSH, None),
        (Phase.SHUT, Act.PULL, Phase.OPEN),
        (Phase.WALLED, Act.PUSH, None),
        (Phase.WALLED, Act.PULL, None),
    ],
)
def test_what_is_in_the_table_moves_and_the_rest_is_refused(state: Phase, event: Act, following: Phase | None) -> None:
    """All states by all events; `may` says beforehand what `step` will do."""
    assert may(MOVES, state, event) == (following is not None)
    if following is None:
        with pytest.raises(Refusal) as refused:
            step(MOVES, state, event, refusal=Row.STUCK)
        assert (refused.value.row, refused.value.facts) == (Row.STUCK, {})
    else:
        assert step(MOVES, state, event, refusal=Row.STUCK) is following


def test_a_state_that_the_table_forgot_is_our_bug() -> None:
    """Not a refusal: every state has a row, an empty one if nothing can happen."""
    with pytest.raises(KeyError):
        step({Phase.OPEN: {}}, Phase.SHUT, Act.PULL, refusal=Row.STUCK)
