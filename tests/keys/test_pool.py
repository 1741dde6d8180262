"""Key pairs of applications: sixteen from a pool in seeded order, fresh ones beyond."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from fake_nexmo.keys.pair import KeyPair, load_public
from fake_nexmo.keys.pool import POOL, key_pair


def _fits(pair: KeyPair) -> RSAPrivateKey:
    """The private key, once its public half is known to be the other one."""
    private = serialization.load_pem_private_key(pair.private.encode(), None)
    assert isinstance(private, RSAPrivateKey)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert public.decode() == pair.public
    return private


def test_pool_is_taken_in_seeded_order_without_repeating() -> None:
    """Sixteen different pairs, the same ones for every seed, in an order of the seed's own."""
    orders = {seed: [key_pair(seed, k).public for k in range(POOL)] for seed in (1, 2, 42)}

    assert all(len(set(order)) == POOL for order in orders.values())
    assert len({frozenset(order) for order in orders.values()}) == 1
    assert len({tuple(order) for order in orders.values()}) == 3
    assert [key_pair(42, k).public for k in range(POOL)] == orders[42]


def test_pairs_of_the_pool_fit() -> None:
    """Each is RSA of 2048 bits, private half as PKCS#8, public half as SubjectPublicKeyInfo."""
    for k in range(POOL):
        pair = key_pair(0, k)
        assert pair.private.startswith("-----BEGIN PRIVATE KEY-----\n")
        assert _fits(pair).key_size == 2048


def test_keys_beyond_the_pool_are_fresh() -> None:
    """Not reproducible, and never one of the pool."""
    pool = {key_pair(1, k).public for k in range(POOL)}

    one, two = key_pair(1, POOL), key_pair(1, POOL)

    assert len({one.public, two.public} | pool) == POOL + 2
    assert _fits(one).key_size == 2048


def test_public_keys_are_told_from_everything_else() -> None:
    """RSA in PEM, and nothing else."""
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    other = curve.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    pair = key_pair(1, 0)

    assert load_public(pair.public) is load_public(pair.public) is not None
    assert [load_public(text) for text in ("", "PEM", pair.private, other, "\ud800", pair.public[:200])] == [None] * 6
