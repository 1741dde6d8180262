"""How a message is cut into parts, counted as networks count.

A short message carries 140 octets. Text of ``type=text`` travels in 7-bit septets of the GSM alphabet, 160 of
them; ``type=unicode`` in 16-bit units, 70 of them. A longer message goes out in parts, each of which
spends six octets on a header that says which part it is: 153 septets or 67 units are left.

Two things must not be cut in half. Ten characters of the alphabet (``€`` and brackets among them) are
sent as an escape and a septet; a character beyond the sixteen bits, an emoji say, is sent as two
surrogate units. A part that would end inside such a pair is closed one unit short. That is why 153 ``€``,
306 septets, need three parts and not two.

Characters outside the GSM alphabet do not turn a ``type=text`` message into a unicode one: each arrives as
``?``. A lone surrogate, the remains of a broken escape in JSON, cannot be put on any wire: it arrives as
``?`` in a text and as U+FFFD in a unicode message.

``count_*`` do not build the parts; they are on the way of every message sent. A count always agrees with
the number of parts.

Source: reference sms §8 (B, D).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

import msgspec

Encoding = Literal["gsm", "ucs2", "octets"]

GSM_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic alphabet by position, without 27, which is the escape. Source: reference sms §8.1 (B)."""

GSM_EXTENSION: Final = "\f^{}\\[~]|€"
"""What is sent as an escape and a septet, and so counts twice. Source: reference sms §8.1 (B)."""

GSM_ONE: Final = 160
GSM_EACH: Final = 153
UCS2_ONE: Final = 70
UCS2_EACH: Final = 67
BINARY_MAX: Final = 140
"""Octets of a binary message, its own header included; it is never cut. Source: reference sms §8.2 (B)."""
PORT_ONE: Final = 133
PORT_EACH: Final = 128

PORT_UDH: Final = {
    "wappush": bytes.fromhex("0605040B8423F0"),
    "vcard": bytes.fromhex("06050423F40000"),
    "vcal": bytes.fromhex("06050423F50000"),
}
"""The header that addresses a port of the phone, by ``type``. Source: reference sms §8.2 (D)."""


class Segments(msgspec.Struct, frozen=True, gc=False):
    """What a message weighs: ``units`` are septets, 16-bit units or octets, as ``encoding`` says."""

    parts: int
    units: int
    encoding: Encoding


def is_gsm(text: str) -> bool:
    """Whether the text arrives unchanged as ``type=text``; the empty text does."""
    return _NOT_GSM.search(text) is None


def delivered_text(text: str) -> str:
    """The text of a ``type=text`` message as it arrives: ``?`` for each character outside the tables.

    Source: reference sms §8.1 (B/D).
    Doubt: an emoji becomes one ``?`` here; a service that thinks in 16-bit units might send two.
    """
    return _NOT_GSM.sub("?", text)


def delivered_unicode(text: str) -> str:
    """The text of a ``type=unicode`` message as it arrives: itself, unless it has broken surrogates.

    A high and a low surrogate in a row are the character they spell.
    Doubt: how the service sends a lone one is not known; here it becomes U+FFFD, which is as long.
    """
    try:
        text.encode("utf-16-le")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def text_units(text: str) -> int:
    """Septets of a ``type=text`` message, each replaced character counted as the one ``?`` it becomes."""
    return len(text) + len(_EXTENDED.findall(text))


def unicode_units(text: str) -> int:
    """16-bit units of a ``type=unicode`` message."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def count_text(text: str) -> Segments:
    """Parts and septets of a ``type=text`` message; the empty text is one part of nothing."""
    units = len(text) + len(_EXTENDED.findall(text))
    if units <= GSM_ONE:
        return Segments(1, units, "gsm")
    if units == len(text):
        return Segments(-(-units // GSM_EACH), units, "gsm")
    escaped = _escaped(delivered_text(text))
    cuts = _cuts(units, GSM_EACH, lambda at: escaped[at - 1] == _ESCAPE)
    return Segments(sum(1 for _ in cuts), units, "gsm")


def count_unicode(text: str) -> Segments:
    """Parts and 16-bit units of a ``type=unicode`` message; the empty text is one part of nothing."""
    units = unicode_units(text)
    if units <= UCS2_ONE:
        return Segments(1, units, "ucs2")
    if units == len(text) and _SURROGATE.search(text) is None:
        return Segments(-(-units // UCS2_EACH), units, "ucs2")
    cuts = _cuts(units, UCS2_EACH, _pair_across(text.encode("utf-16-le", "surrogatepass")))
    return Segments(sum(1 for _ in cuts), units, "ucs2")


def count_binary(body: bytes, udh: bytes = b"") -> Segments:
    """Octets of a ``type=binary`` message, its header included: always one part.

    More than ``BINARY_MAX`` are too many for a message; saying so is the caller's.
    Source: reference sms §8.2 (B).
    """
    return Segments(1, len(udh) + len(body), "octets")


def count_port(*contents: str) -> Segments:
    """Parts and octets of a message addressed to a port: ``wappush``, ``vcard``, ``vcal``.

    Args:
        contents: What is sent, in UTF-8: the card, or the title and the address of a push.

    Source: reference sms §8.2 (D).
    Doubt: the envelope that a push puts around its title and address is not counted.
    """
    units = sum(len(content.encode("utf-8", "surrogatepass")) for content in contents)
    parts = 1 if units <= PORT_ONE else -(-units // PORT_EACH)
    return Segments(parts, units, "octets")


def split_text(text: str) -> list[str]:
    """The parts of a ``type=text`` message as they arrive; joined they are ``delivered_text(text)``."""
    arrived = delivered_text(text)
    if text_units(arrived) <= GSM_ONE:
        return [arrived]
    escaped = _escaped(arrived)
    cuts = _cuts(len(escaped), GSM_EACH, lambda at: escaped[at - 1] == _ESCAPE)
    return [escaped[start:end].replace(_ESCAPE, "") for start, end in cuts]


def split_unicode(text: str) -> list[str]:
    """The parts of a ``type=unicode`` message as they arrive; joined they are ``delivered_unicode(text)``."""
    arrived = delivered_unicode(text)
    wire = arrived.encode("utf-16-le")
    if len(wire) <= 2 * UCS2_ONE:
        return [arrived]
    cuts = _cuts(len(wire) // 2, UCS2_EACH, _pair_across(wire))
    return [wire[2 * start : 2 * end].decode("utf-16-le") for start, end in cuts]


_ESCAPE: Final = "\x1b"
_EXTENDED: Final = re.compile(f"[{re.escape(GSM_EXTENSION)}]")
_NOT_GSM: Final = re.compile(f"[^{re.escape(GSM_BASIC + GSM_EXTENSION)}]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _escaped(arrived: str) -> str:
    """The text with one character per septet; an escape of its own has been replaced before."""
    return _EXTENDED.sub(_ESCAPE + r"\g<0>", arrived)


def _pair_across(wire: bytes) -> Callable[[int], bool]:
    """Whether a cut of this little-endian UTF-16 before unit ``at`` would part two surrogates of a pair."""

    def across(at: int) -> bool:
        return wire[2 * at - 1] & 0xFC == 0xD8 and wire[2 * at + 1] & 0xFC == 0xDC

    return across


def _cuts(units: int, each: int, across: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    """Start and end of each part, closed one unit short where a pair lies across the cut."""
    start = 0
    while start < units:
        end = start + each
        if end >= units:
            end = units
        elif across(end):
            end -= 1
        yield start, end
        start = end
