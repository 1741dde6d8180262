"""The words on the websocket of a call, both ways. Pure.

Source: reference ncco §6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

FRAME_MS: Final = 20
"""How long the sound of one binary message is. Source: reference ncco §6 (B)."""

# Source: reference ncco §6 (B). Doubt: how long a key is said to be pressed is known from that one example.
_KEY_MS: Final = 260
_RATE: Final = re.compile(r"rate=([0-9]{1,6})")
_RATES: Final = (16_000, 8_000, 24_000)


class Clear(NamedTuple):
    """The app wants nothing more of what it has sent to be heard."""


class Notify(NamedTuple):
    """The app wants to be told when all that it has sent was heard.

    Attributes:
        payload: is told it back; absent if it said none.
    """

    payload: Any = msgspec.UNSET


def rate_of(content_type: str) -> int:
    """Samples a second of a content type.

    Source: reference ncco §3.3, §6 (B). Doubt: what an NCCO says of other rates is taken for the usual one.
    """
    found = _RATE.search(content_type)
    return int(found[1]) if found and int(found[1]) in _RATES else _RATES[0]


def connected(content_type: str, headers: Mapping[str, Any]) -> str:
    """The first message: the headers stand beside its own members.

    Source: reference ncco §6 (B). Doubt: a header that is called as one of those two is left out.
    """
    return _worded({**headers, "event": "websocket:connected", "content-type": content_type}, "event", "content-type")


def dtmf(digit: str) -> str:
    """A key was pressed. Source: reference ncco §6 (B)."""
    return _worded({"event": "websocket:dtmf", "digit": digit, "duration": _KEY_MS})


def cleared() -> str:
    """What was queued is dropped. Source: reference ncco §6 (B; D for the shape)."""
    return _worded({"event": "websocket:cleared"})


def notified(payload: Any) -> str:
    """What was queued has been heard. Source: reference ncco §6 (B; D for the shape)."""
    said = {"event": "websocket:notify"}
    return _worded(said if payload is msgspec.UNSET else {**said, "payload": payload})


def read(text: str) -> Clear | Notify | None:
    """What a text of the app asks for; None: nothing that is known.

    Source: reference ncco §6 (B; D for the shapes). Doubt: what happens on other texts is not documented: nothing.
    """
    try:
        said = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    action = said.get("action") if isinstance(said, dict) else None
    if action == "clear":
        return Clear()
    return Notify(said.get("payload", msgspec.UNSET)) if action == "notify" else None


def authorization(given: Mapping[str, Any], token: str) -> tuple[tuple[str, str], ...]:
    """The header by which the platform shows who it is, as the endpoint's ``authorization`` has it.

    Args:
        given: the object; empty: it shows nothing.
        token: the platform's own.

    Source: reference voice §4.2 (B: the two types).
    Doubt: that the one is a bearer token as that of a signed webhook, and the other the header's whole value, is not
    documented; nor is what other types come to: nothing.
    """
    if given.get("type") == "vonage":
        return (("Authorization", f"Bearer {token}"),)
    value = given.get("value")
    if given.get("type") == "custom" and isinstance(value, str) and value.isprintable() and value.isascii():
        return (("Authorization", value),)
    return ()


def _worded(said: Mapping[str, Any], *first: str) -> str:
    ordered = {**{name: said[name] for name in first}, **said}
    return msgspec.json.encode(ordered).decode()
