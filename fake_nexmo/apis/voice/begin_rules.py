"""What the beginning of an action comes to, and how its options are read. Pure.

Source: reference ncco §2.3, §2.5 (D: numbers out of range are clamped).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fake_nexmo.apis.voice import loose_rules as loose
from fake_nexmo.apis.voice.model import Call, Callback
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg

Action = Mapping[str, Any]


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


def whole(options: Action, name: str, default: int, low: int, high: int) -> int:
    """A whole number of an action, put within its bounds."""
    read = loose.whole(options.get(name))
    return default if read is None else min(max(read, low), high)


def span(options: Action, name: str, default: float, low: float, high: float) -> int:
    """Microseconds of an option in seconds, put within its bounds."""
    read = loose.number(options.get(name))
    return round((default if read is None else min(max(read, low), high)) * SECOND)


def flag(options: Action, name: str) -> bool:
    """A truth value of an action; false where it is not said."""
    return bool(loose.flag(options.get(name)))


def first(options: Action, name: str) -> str:
    """The first text of an option that is an array of texts, or the text itself; empty: it is not said."""
    value = options.get(name)
    if isinstance(value, str):
        return value
    return str(value[0]) if value else ""


def event_of(action: Action, call: Call) -> Callback:
    """Where the webhook of an action goes. Source: reference ncco §4.2 (B)."""
    url = first(action, "eventUrl")
    return Callback(url, str(action.get("eventMethod") or "POST").upper()) if url else call.event
