"""How long it takes to say something, and what is heard of it. Pure.

Source: reference ncco §5.6 (D).
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from fake_nexmo.core.instant import SECOND

_SHORTEST: Final = SECOND // 2
# An unhurried voice.
_CHARACTERS_PER_S: Final = 15
_DIGIT: Final = SECOND // 5
_PAUSE: Final = SECOND // 2

# No tag holds another one, so a text full of open ones is read in no time.
_TAG: Final = re.compile(r"<[^<>]*>")
_BREAK: Final = re.compile(r"<break\b", re.IGNORECASE)
_TIME: Final = re.compile(r"\btime\s*=\s*[\"'](\d{1,6}(?:\.\d{1,6})?)(ms|s)[\"']", re.IGNORECASE)


def heard(text: str) -> str:
    """What is heard of a text: one in SSML without its tags.

    Source: reference ncco §3.4 (B): SSML only inside ``<speak>``.
    """
    if not is_ssml(text):
        return text
    return " ".join(unescape(_TAG.sub(" ", text)).split())


def is_ssml(text: str) -> bool:
    """Whether a text is marked up."""
    return text.lstrip().lower().startswith("<speak")


def spoken_for(text: str) -> int:
    """Microseconds that it takes to say a text: fifteen characters a second, half a second at least, and SSML breaks.

    Source: reference ncco §5.6 (D). Doubt: a break of strength alone, without a time, counts for nothing.
    """
    talking = max(_SHORTEST, len(heard(text)) * SECOND // _CHARACTERS_PER_S)
    return talking + (_breaks(text) if is_ssml(text) else 0)


def pressed_for(digits: str) -> int:
    """Microseconds that it takes to press keys; ``p`` is a pause. Source: reference ncco §5.6 (D)."""
    return sum(_PAUSE if each == "p" else _DIGIT for each in digits)


def _breaks(text: str) -> int:
    found = (_TIME.search(tag) for tag in _TAG.findall(text) if _BREAK.match(tag))
    return sum(_micros(each[1], each[2]) for each in found if each)


def _micros(size: str, unit: str) -> int:
    return round(float(size) * (1_000 if unit == "ms" else SECOND))
