"""Key pairs for applications: a packaged pool, taken in seeded order, and fresh ones beyond it."""

from __future__ import annotations

import random
from functools import lru_cache
from importlib.resources import files

from msgspec import Struct

from fake_nexmo.scenario.errors import ScenarioError

POOL = 16


class KeyPair(Struct, frozen=True):
    """An RSA key pair in PEM, the private half as PKCS#8. Source: reference README rulings, private keys."""

    private: str
    public: str


def key_pair(seed: int, k: int) -> KeyPair:
    """The k-th key pair of a world: within the pool the same for the same seed, beyond it fresh."""
    if k < POOL:
        return _packaged(_order(seed)[k])
    return fresh_pair()


@lru_cache(maxsize=1024)
def _order(seed: int) -> tuple[int, ...]:
    return tuple(random.Random(seed).sample(range(1, POOL + 1), POOL))  # noqa: S311 - an order, not a secret


@lru_cache(maxsize=POOL)
def _packaged(number: int) -> KeyPair:
    text = (files("fake_nexmo.scenario") / "test_keys" / f"test-{number:02}.pem").read_text()
    private, end, public = text.partition("-----END PRIVATE KEY-----\n")
    return KeyPair(private + end, public)


def check_public(text: str, path: str) -> None:
    """Refuse what is no public RSA key in PEM.

    Raises:
        ScenarioError: with what would do.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        good = isinstance(load_pem_public_key(text.encode()), RSAPublicKey)
    except (ValueError, UnsupportedAlgorithm):
        good = False
    if not good:
        raise ScenarioError(path, "that is no public RSA key; it is PEM that begins -----BEGIN PUBLIC KEY-----")


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
