"""A key pair, and what counts as a public key. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


class KeyPair(Struct, frozen=True):
    """An RSA key pair in PEM, the private half as PKCS#8. Source: reference README rulings, private keys."""

    private: str
    public: str


@lru_cache(maxsize=1024)
def load_public(text: str) -> RSAPublicKey | None:
    """The public RSA key that a PEM text holds; None: it holds none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) else None
