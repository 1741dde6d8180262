"""The bytes of a recording: a WAV file of tones where somebody spoke, and silence elsewhere. Pure.

Sixteen-bit samples, 16,000 a second, of the tones of `sound_wire`. With more than one channel the leg is the first, and
everybody else the second.

Source: reference README rulings (recording format); ncco §4.6 for the rate.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from struct import pack
from typing import Final

from fake_nexmo.apis.voice.sound_wire import in_bytes, samples, tone
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, Line, Speaker
from fake_nexmo.network.speech import spoken_for

RATE: Final = 16_000
HEADER: Final = 44
_OTHERS: Final = frozenset((Speaker.PLATFORM, Speaker.OTHER))


def size_of(lasts: int, channels: int) -> int:
    """Bytes of a recording of so many microseconds."""
    return HEADER + 2 * channels * samples(lasts, RATE)


def wave(leg: Leg, began_at: int, ended_at: int, channels: int) -> bytes:
    """The file: what was heard on a leg between two instants."""
    count = samples(ended_at - began_at, RATE)
    mixed = array("h", bytes(2 * channels * count))
    for line in leg.transcript:
        ends = line.at + _lasts(line)
        first, last = (min(max(samples(at - began_at, RATE), 0), count) for at in (line.at, ends))
        channel = 1 if channels > 1 and line.speaker in _OTHERS else 0
        heard = tone(line.speaker, RATE, 0, last - first)
        mixed[first * channels + channel : last * channels + channel : channels] = heard
    return _header(len(mixed) * 2, channels) + in_bytes(mixed)


def _lasts(line: Line) -> int:
    return line.lasts if line.lasts or line.cut else spoken_for(line.text)


def _header(length: int, channels: int) -> bytes:
    form = pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, RATE, RATE * channels * 2, channels * 2, 16)
    return pack("<4sI4s", b"RIFF", length + HEADER - 8, b"WAVE") + form + pack("<4sI", b"data", length)


def said(leg: Leg, began_at: int, ended_at: int) -> dict[str, object]:
    """What a transcription says: each side's lines, in milliseconds from the start. Source: reference ncco §4.6 (C)."""
    sides = (
        [each for each in _within(leg.transcript, began_at, ended_at) if (each.speaker in _OTHERS) is there]
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
