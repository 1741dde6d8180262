"""Reading JSON values as loosely as the service does: numbers and flags also come as texts. Pure.

Source: reference voice §4.3 (C), ncco §2.3 (B, C).
"""

from __future__ import annotations

import re
from typing import Any, Final

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{1,15})?|\.[0-9]{1,15})")
_FLAGS: Final = {"true": True, "false": False}


def whole(value: Any) -> int | None:
    """A whole number: ``7200``, ``"7200"``, ``7200.0``; None: it is none."""
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None


def number(value: Any) -> float | None:
    """A number: ``0.4``, ``"0.4"``, ``"-1"``; None: it is none."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def flag(value: Any) -> bool | None:
    """A truth value: ``true``, ``"true"``; None: it is none."""
    if isinstance(value, str):
        return _FLAGS.get(value.lower())
    return value if isinstance(value, bool) else None


def text(value: Any) -> str | None:
    """A text, or a whole number that stands for one, such as a phone number; None: it is neither."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def texts(value: Any) -> list[str] | None:
    """A list of texts; None: it is none."""
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return list(value)
    return None
