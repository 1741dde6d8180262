"""Sound in samples: a tone for whoever speaks, and silence elsewhere; for recordings, and for websockets. Pure.

Sixteen bits a sample, little-endian, one channel. Whoever is at a leg and whoever speaks to it have a tone each.

Source: reference README rulings (recording format).
Doubt: in which order the bytes of ``audio/l16`` come on a websocket is not documented; the format's own description
(RFC 2586) has the high one first, recordings (WAV) the low one, and so has what is sent here.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Speaker

_LOUD: Final = 8_000
# Each goes into a second of samples without a rest, at every rate there is.
_TONES: Final = {Speaker.PERSON: 500, Speaker.MACHINE: 500, Speaker.PLATFORM: 400, Speaker.OTHER: 250}


class Span(NamedTuple):
    """Somebody is heard, from an instant to another one."""

    speaker: Speaker
    at: int
    until: int


def samples(lasts: int, rate: int) -> int:
    """How many whole samples so many microseconds have, at so many samples a second."""
    return lasts * rate // SECOND


def lasts(length: int, rate: int) -> int:
    """How many microseconds so many bytes last; a byte too many counts for nothing."""
    return length // 2 * SECOND // rate


def tone(speaker: Speaker, rate: int, first: int, last: int) -> array[int]:
    """The samples of a tone between two numbers, counted from its beginning.

    In whole steps, so that every machine makes the same.
    """
    period = _period(speaker, rate)
    skipped = first % len(period)
    return (period * ((skipped + last - first) // len(period) + 1))[skipped : skipped + last - first]


def sound(spans: Iterable[Span], began_at: int, first: int, last: int, rate: int) -> bytes:
    """The samples of what is heard between two numbers, counted from an instant; of two at a time the later is heard.

    A tone begins at the start of its wave, where its span does.
    """
    mixed = array("h", bytes(2 * (last - first)))
    for span in spans:
        starts, ends = (samples(max(at - began_at, 0), rate) for at in (span.at, span.until))
        low, high = max(starts, first), min(ends, last)
        if low < high:
            mixed[low - first : high - first] = tone(span.speaker, rate, low - starts, high - starts)
    return in_bytes(mixed)


def in_bytes(mixed: array[int]) -> bytes:
    """The bytes of samples, the low one first."""
    if sys.byteorder == "big":
        mixed = array("h", mixed)
        mixed.byteswap()
    return mixed.tobytes()


@lru_cache
def _period(speaker: Speaker, rate: int) -> array[int]:
    half = rate // _TONES[speaker] // 2
    rising = [_LOUD * (2 * k - half) // half for k in range(half)]
    return array("h", [*rising, *(-each for each in rising)])
