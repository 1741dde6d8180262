"""State machines are tables, and this is the only reader they have."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from fake_nexmo.core.refusal import Refusal

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)

Table = Mapping[S, Mapping[E, S]]


def step(table: Table[S, E], state: S, event: E, *, refusal: Enum) -> S:
    """The state that follows; what the table does not hold is refused.

    Raises:
        Refusal: with the row given, when the event cannot happen in this state.
    """
    following = table[state].get(event)
    if following is None:
        raise Refusal(refusal)
    return following


def may(table: Table[S, E], state: S, event: E) -> bool:
    """Whether the event can happen in this state."""
    return event in table[state]
