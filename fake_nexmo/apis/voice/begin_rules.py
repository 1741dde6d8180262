"""What the beginning of an action comes to. Pure."""

from __future__ import annotations

from typing import NamedTuple

from fake_nexmo.apis.voice.ends_model import Callback
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg


class Begun(NamedTuple):
    """An action that has begun.

    Attributes:
        call: as it is by now, not stored yet; so is ``leg``.
        change: what else there is: timers, webhooks, lines of the log.
        waits: whether the next action waits for this one.
    """

    call: Call
    leg: Leg
    change: Change
    waits: bool


def place(where: Callback, call: Call) -> Callback:
    """Where the webhook of an action goes: to its own place, else to the call's. Source: reference ncco §4.2 (B)."""
    return where if where.url else call.event
