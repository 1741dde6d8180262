"""The timers of calls: what is due, and of which leg. Pure."""

from __future__ import annotations

from typing import Final

from fake_nexmo.apis.voice.model import OWNER
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Timer

NEXT: Final = "next"
"""The timer by which the running action is over, as far as time decides that."""
VERDICT: Final = "verdict"
"""The timer by which it is known whether a machine answered."""
BEEP: Final = "beep"
"""The timer by which the machine's beep is heard, or waited for in vain (``step`` 1)."""
TIDY: Final = "tidy"
"""The timer that takes away what a call that is over had still to come."""
GIVE_UP: Final = "give_up"
"""The timer that ends a call whose NCCO is not to be had."""
HEARD: Final = "heard"
"""The timer by which the platform takes in what somebody pressed or said: the line ``step`` of the transcript."""
TAPED: Final = "taped"
"""The timer by which the recording ``step`` is long enough."""
DIAL: Final = "dial"
"""The timer by which a ``connect`` calls somebody."""
ENTER: Final = "enter"
"""The timer by which a leg enters a named conversation."""
TAPE: Final = "tape"
"""The timer by which the recording of a conversation begins, which has started now."""
MOVE: Final = "move"
"""The timer by which a leg is moved to another conversation by its NCCO."""
JOIN: Final = "join"
"""The timer by which a connected leg is heard by the one that it is connected to."""
PARTED: Final = "parted"
"""The timer by which those whom a leg has left by a transfer learn of that."""
SPREAD: Final = "spread"
"""The timer by which others in the conversation hear a line: that with the number ``step`` on the leg."""
HUSH: Final = "hush"
"""The timer by which a leg hears no more of what began at the instant ``step``."""
ECHO: Final = "echo"
"""The timer by which a leg hears, from its far end, the line ``step`` of the leg that is there."""
ALONE: Final = "alone"
"""The timer by which a leg that was left by others is ended, if nobody is with it and it has nothing to do."""
LEAVE: Final = "leave"
"""The timer by which a leg is ended because of another one."""


def timer(leg: Leg, what: str, due_at: int, step: int = 0) -> Timer:
    """A timer of this API about a leg."""
    return Timer(due_at=due_at, owner=OWNER, what=what, subject=leg.id, step=step)


def leave(leg_id: str, moment: Moment) -> Timer:
    """The timer by which another leg is ended."""
    return Timer(due_at=moment.now, owner=OWNER, what=LEAVE, subject=leg_id)


def alone(leg_id: str, due_at: int) -> Timer:
    """The timer by which a leg that may be alone is ended."""
    return Timer(due_at=due_at, owner=OWNER, what=ALONE, subject=leg_id)


def length_id(leg_id: str) -> str:
    """The id of the timer that ends a call that lasts too long."""
    return f"voice/{leg_id}/length"
