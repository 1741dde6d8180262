"""The packaged pool of key pairs, taken in seeded order, and fresh pairs that depend on no seed."""

from __future__ import annotations

import random
from functools import lru_cache
from importlib.resources import files

from fake_nexmo.keys.pair import KeyPair

POOL = 16
"""How many pairs there are; a world takes each once."""

TAKEN = "keys"
"""The counter of a world: how many pairs it has taken."""


def key_pair(seed: int, k: int) -> KeyPair:
    """The k-th key pair of a world: within the pool the same for the same seed, beyond it fresh."""
    if k < POOL:
        return _packaged(_order(seed)[k])
    return fresh_pair()


def fresh_pair() -> KeyPair:
    """A key pair that was never used before; it depends on no seed."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(private.decode(), public.decode())


@lru_cache(maxsize=1024)
def _order(seed: int) -> tuple[int, ...]:
    return tuple(random.Random(seed).sample(range(1, POOL + 1), POOL))  # noqa: S311 - an order, not a secret


@lru_cache(maxsize=POOL)
def _packaged(number: int) -> KeyPair:
    text = (files("fake_nexmo.keys") / "test_keys" / f"test-{number:02}.pem").read_text()
    private, end, public = text.partition("-----END PRIVATE KEY-----\n")
    return KeyPair(private + end, public)
