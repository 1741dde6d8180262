"""The bytes of a recording: a WAV file of tones where somebody spoke, and silence elsewhere. Pure.

Sixteen-bit samples, 16,000 a second. Whoever is at the leg and whoever speaks to it have a tone each; with more than
one channel the leg is the first, and everybody else the second.

Source: reference README rulings (recording format); ncco §4.6 for the rate.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from struct import pack
from typing import Final

from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, Line, Speaker
from fake_nexmo.network.speech import pressed_for, spoken_for

RATE: Final = 16_000
HEADER: Final = 44
_LOUD: Final = 8_000
# Both go into a second of samples without a rest.
_TONES: Final = {Speaker.PERSON: 500, Speaker.MACHINE: 500, Speaker.PLATFORM: 400}


def size_of(lasts: int, channels: int) -> int:
    """Bytes of a recording of so many microseconds."""
    return HEADER + 2 * channels * _samples(lasts)


def wave(leg: Leg, began_at: int, ended_at: int, channels: int) -> bytes:
    """The file: what was heard on a leg between two instants."""
    count = _samples(ended_at - began_at)
    mixed = array("h", bytes(2 * channels * count))
    for line in leg.transcript:
        first, last = (min(max(_samples(at - began_at), 0), count) for at in (line.at, line.at + _lasts(line)))
        channel = 0 if channels == 1 or line.speaker is not Speaker.PLATFORM else 1
        mixed[first * channels + channel : last * channels + channel : channels] = _tone(line.speaker, first, last)
    if sys.byteorder == "big":
        mixed.byteswap()
    return _header(len(mixed) * 2, channels) + mixed.tobytes()


def _samples(lasts: int) -> int:
    return lasts * RATE // SECOND


def _lasts(line: Line) -> int:
    return pressed_for(line.digits) if line.digits and not line.text else spoken_for(line.text)


def _tone(speaker: Speaker, first: int, last: int) -> array[int]:
    """A tone that always begins at the start of its wave, in whole steps so that every machine makes the same."""
    half = RATE // _TONES[speaker] // 2
    rising = [_LOUD * (2 * k - half) // half for k in range(half)]
    period = array("h", [*rising, *(-each for each in rising)])
    return (period * ((last - first) // len(period) + 1))[: last - first]


def _header(length: int, channels: int) -> bytes:
    form = pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, RATE, RATE * channels * 2, channels * 2, 16)
    return pack("<4sI4s", b"RIFF", length + HEADER - 8, b"WAVE") + form + pack("<4sI", b"data", length)


def said(leg: Leg, began_at: int, ended_at: int) -> dict[str, object]:
    """What a transcription says: each side's lines, in milliseconds from the start. Source: reference ncco §4.6 (C)."""
    sides = (
        [each for each in _within(leg.transcript, began_at, ended_at) if (each.speaker is Speaker.PLATFORM) is there]
        for there in (False, True)
    )
    duration = (ended_at - began_at) // SECOND
    channels = [{"transcript": [_sentence(each, began_at) for each in lines], "duration": duration} for lines in sides]
    return {"ver": "2.1.0", "request_id": leg.id, "channels": channels}


def _within(lines: Iterable[Line], began_at: int, ended_at: int) -> Iterable[Line]:
    return (each for each in lines if each.text and began_at <= each.at < ended_at)


def _sentence(line: Line, began_at: int) -> dict[str, object]:
    begins, lasts = (line.at - began_at) // 1000, spoken_for(line.text) // 1000
    words = line.text.split()
    ends = [begins + lasts * (k + 1) // len(words) for k in range(len(words))]
    spoken = [
        {"word": word, "start_time": start, "end_time": end, "confidence": 0.95}
        for word, start, end in zip(words, [begins, *ends], ends, strict=False)
    ]
    return {
        "sentence": line.text,
        "raw_sentence": line.text.lower(),
        "duration": lasts,
        "timestamp": begins,
        "words": spoken,
    }
