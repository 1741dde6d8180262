"""Instants and durations: integers of microseconds, and the ways people and the wire write them.

An instant counts from 1970-01-01T00:00:00Z; it is never a float, so nothing is ever rounded.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"us": 1, "ms": 1_000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:us|ms|s|m|h|d))+")
_PIECE = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d)")
# Ten thousand years are enough for every test, and keep instants inside what a datetime can say.
_LONGEST = 5_000 * 365 * DAY


def parse_duration(given: str | float) -> int:
    """Microseconds of a duration: ``300ms``, ``5m``, ``1h30m``, or a bare number of seconds.

    Raises:
        ValueError: it is none of these, is negative, or is beyond five thousand years.
    """
    if isinstance(given, str):
        text = given.strip()
        try:
            return parse_duration(float(text))
        except ValueError:
            if not _DURATION.fullmatch(text):
                raise ValueError(
                    f"{given!r} is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds"
                ) from None
        return _within(sum(Decimal(size) * _UNITS[unit] for size, unit in _PIECE.findall(text)), given)
    if given != given or given < 0 or given > _LONGEST / SECOND:
        raise ValueError(f"{given!r} is not a duration; it must be between 0 and 5,000 years")
    return round(given * SECOND)


def duration_words(micros: int) -> str:
    """The shortest form that `parse_duration` reads back: ``1m30s``, ``250ms``, ``0s``."""
    if micros == 0:
        return "0s"
    words, rest = [], micros
    for unit in ("d", "h", "m", "s", "ms", "us"):
        size, rest = divmod(rest, _UNITS[unit])
        if size:
            words.append(f"{size}{unit}")
    return "".join(words)


def rfc3339(at: int) -> str:
    """An instant as RFC 3339 in UTC, with milliseconds: ``2026-03-01T09:00:00.000Z``."""
    return f"{_to_second(at // SECOND)}.{at % SECOND // 1000:03d}Z"


def parse_instant(text: str) -> int:
    """The instant that an RFC 3339 or ISO 8601 text names; without a zone it is UTC.

    Raises:
        ValueError: it is no such text.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an instant; write it like 2026-03-01T09:00:00Z") from None
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC)
    return (read - _EPOCH) // timedelta(microseconds=1)


def spaced(at: int) -> str:
    """``YYYY-MM-DD HH:MM:SS`` in UTC: how the SMS API writes an instant.

    Source: reference webhooks §2, sms §10.2 (A).
    """
    return _to_second(at // SECOND).replace("T", " ")


def _within(micros: Decimal | int, given: str) -> int:
    if micros > _LONGEST:
        raise ValueError(f"{given!r} is not a duration; it must be between 0 and 5,000 years")
    return round(micros)


@lru_cache(maxsize=256)
def _to_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
