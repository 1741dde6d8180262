"""The instant and the dice of one decision.

A rule is a pure function, so whatever it needs of time and chance is handed to it as a `Moment`. Its dice are
keyed, never a stream: the same purpose gives the same roll however often the rule is run again, and adding one
roll never moves another. Identifiers are not dice at all. They are bijections of (ordinal, k) under the world's
seed: two different pairs can never give the same identifier, at any volume, and yet the ids look unordered.

The bijection is the usual one of mixing functions: exclusive-or with a key, multiplication by an odd number modulo
2^n, and exclusive-or with the own upper half. Each step can be undone, hence so can all of them together.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b

from msgspec import Struct

_MESSAGE_BITS = 56
_MESSAGE_MASK = (1 << _MESSAGE_BITS) - 1
_UUID_BITS = 122
_UUID_MASK = (1 << _UUID_BITS) - 1
_HEX_BITS = 128
_HEX_MASK = (1 << _HEX_BITS) - 1
# Two odd multipliers with well spread bits, from the fractional parts of the golden ratio and of the root of 3.
_ODD_1 = 0x9E3779B97F4A7C15F39CC0605CEDC835
_ODD_2 = 0xBB67AE8584CAA73B25742D7078B83B89


class Use(IntEnum):
    """What an identifier is for: ids of different uses never meet, even at the same ordinal."""

    NONCE = 1
    TRACE = 2
    SECRET = 3
    TOKEN = 4
    REQUEST = 5
    CALL = 6
    CONVERSATION = 7
    APPLICATION = 8
    MESSAGE = 9
    RECORDING = 10


class Moment(Struct, frozen=True, gc=False):
    """When a decision is made, and the dice it may roll.

    Attributes:
        now: the world's instant, in microseconds since the epoch.
        ordinal: the number of this request, timer, delivery or act in its world; never used twice.
        seed: the world's seed.
    """

    now: int
    ordinal: int
    seed: int

    def roll(self, purpose: str, k: int = 0) -> float:
        """A number in [0, 1) that depends on seed, ordinal, purpose and k alone."""
        text = f"{self.seed}|{self.ordinal}|{purpose}|{k}".encode()
        return int.from_bytes(blake2b(text, digest_size=8).digest()[:7]) / (1 << 56)

    def message_id(self, k: int = 0) -> str:
        """The id of the k-th message part (0 to 255) made in this moment: 16 upper-case hex digits.

        Source: reference sms §6 (A for the form: two digits of a platform node, then a counter).
        Doubt: the live counter runs upwards; ours is scattered, so that nobody relies on its order.
        """
        keys = _keys(self.seed, "message")
        return f"0C{_mix((self.ordinal << 8) | k, _MESSAGE_BITS, _MESSAGE_MASK, keys):014X}"

    def uuid(self, use: Use, k: int = 0) -> str:
        """A UUID of version 4 in form: 122 bits, a bijection of (use, ordinal, k); k below 2^32."""
        plain = (self.ordinal << 48) | (use << 32) | k
        mixed = _mix(plain, _UUID_BITS, _UUID_MASK, _keys(self.seed, "uuid"))
        high, low = mixed >> 62, mixed & ((1 << 62) - 1)
        text = f"{(high >> 12) << 16 | 0x4000 | (high & 0xFFF):016x}{1 << 63 | low:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def hex_id(self, use: Use, k: int = 0) -> str:
        """An id of 32 lower-case hex digits: a bijection of (use, ordinal, k); k below 2^32."""
        plain = (self.ordinal << 48) | (use << 32) | k
        return f"{_mix(plain, _HEX_BITS, _HEX_MASK, _keys(self.seed, 'hex')):032x}"


def draw(seed: int, name: str, purpose: str, k: int = 0) -> int:
    """A 128-bit number that depends on seed and world name: what credentials are made of."""
    return int.from_bytes(blake2b(f"{seed}|{name}|{purpose}|{k}".encode(), digest_size=16).digest())


@lru_cache(maxsize=4096)
def _keys(seed: int, space: str) -> tuple[int, int]:
    digest = blake2b(f"{seed}|{space}".encode(), digest_size=32).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:])


def _mix(number: int, bits: int, mask: int, keys: tuple[int, int]) -> int:
    half = bits >> 1
    mixed = (number ^ keys[0]) & mask
    mixed = mixed * (_ODD_1 & mask) & mask
    mixed ^= mixed >> half
    mixed = mixed * (_ODD_2 & mask) & mask
    mixed ^= mixed >> half
    return (mixed ^ keys[1]) & mask
