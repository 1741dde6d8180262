"""The settings of a world: one table of the switches that the reference and the design mention.

A switch of an API that is not emulated yet enters the table with that API, so that what is listed has an effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from msgspec import Struct


class Setting(Struct, frozen=True):
    """One row of the table.

    Attributes:
        values: the words it may take; empty: any value of the default's type.
        default: what it is when nobody says.
        meaning: what it decides, in one sentence.
        source: the place in the reference that mentions it.
    """

    values: tuple[object, ...]
    default: object
    meaning: str
    source: str


SETTINGS: Mapping[str, Setting] = {
    "profile": Setting(
        ("current", "2020"),
        "current",
        "which era of the service is emulated: retry ladder of webhooks and what is retried; an account may differ",
        "design §7; sms §12.2, webhooks §4",
    ),
    "signature_window": Setting(
        (True, False),
        True,
        "whether a signed request is refused when its timestamp is more than 300 s off; false for recorded requests",
        "sms §4.3 (D)",
    ),
    "signature_python4": Setting(
        (True, False),
        False,
        "whether signatures in the broken form of the Python library vonage 4 are accepted besides the right one",
        "sms §4.5",
    ),
    "signature_node3": Setting(
        (True, False),
        False,
        "whether signatures in the broken form of the Node library @vonage/auth 3 are accepted besides the right one",
        "sms §4.5, auth §4.2",
    ),
    "message_ids": Setting(
        ("hex", "uuid"),
        "hex",
        "the form of message ids: 16 upper-case hex digits, or the lower-case UUIDs of the service since about 2022",
        "sms §6, §17",
    ),
    "conversion_api": Setting(
        (True, False),
        True,
        "whether the Conversion API is enabled for the accounts; false: it answers 402",
        "sms §14 (C)",
    ),
    "redact_wait": Setting(
        (True, False),
        False,
        "whether a message can only be redacted 60 minutes after it was submitted",
        "sms §15 (B for the rule, D for the default)",
    ),
    "url_check": Setting(
        (True, False),
        False,
        "whether a new webhook URL in the account's settings is called, and saved only if it answers 200",
        "account §4 (B, D)",
    ),
    "jwt_time": Setting(
        ("real", "virtual"),
        "real",
        "which clock stamps and judges signatures: the timestamp of signed requests and of signed webhooks",
        "design §5; README rulings",
    ),
    "base_url": Setting(
        (),
        "",
        "the origin that URLs made by the emulator start with; empty: the printed https URL",
        "design §6",
    ),
}


def value(settings: Mapping[str, Any], name: str) -> Any:
    """What a setting is in a world that says ``settings``."""
    return settings[name] if name in settings else SETTINGS[name].default


def all_values(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting with its value."""
    return {name: value(settings, name) for name in SETTINGS}


def check(name: str, given: object) -> None:
    """Refuse a setting that does not exist or a value that it cannot take.

    Raises:
        ValueError: with what is wrong and the nearest right thing.
    """
    row = SETTINGS.get(name)
    if row is None:
        near = get_close_matches(name, SETTINGS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(SETTINGS))}"
        raise ValueError(f"no setting is called {name!r}; {hint}")
    if row.values and not any(given is each or (given == each and type(given) is type(each)) for each in row.values):
        allowed = ", ".join(str(each).lower() if isinstance(each, bool) else repr(each) for each in row.values)
        raise ValueError(f"setting {name!r} cannot be {given!r}; it takes {allowed}")
    if not row.values and not isinstance(given, type(row.default)):
        raise ValueError(f"setting {name!r} takes a {type(row.default).__name__}, not {given!r}")
