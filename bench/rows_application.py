"""Rows about applications: one that is made, beside the making of a key pair alone."""

from __future__ import annotations

import statistics
import time

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.inside import Inside, scope, step_app
from bench.table import Row, ratios, say
from fake_nexmo.keys.pool import POOL

_BODY = msgspec.json.encode({"name": "Shop", "capabilities": {"voice": {"webhooks": {}}}})
_HEADERS = ((b"authorization", b"Basic YWJjZDEyMzQ6czNjcjN0UzNjcjN0"), (b"content-type", b"application/json"))


def application(*, quick: bool) -> list[Row]:
    """An application whose key pair comes from the pool of its world, made by stepping the app's coroutine."""
    rounds = 3 if quick else 9
    ours, theirs = zip(*((_made(), _generated(4 if quick else 16)) for _ in range(rounds)), strict=True)
    mine, reference = statistics.median(ours), statistics.median(theirs)
    say(f"application: {mine * 1e3:.2f} ms, a key pair alone {reference * 1e3:.0f} ms")
    ratio, spread = ratios(ours, theirs)
    return [
        Row(
            name="application",
            what="application created (RSA 2048), key pair from the pool",
            figure=f"{mine * 1e3:.2f} ms",
            reference=f"{reference * 1e3:.0f} ms (key generation alone)",
            ratio=ratio,
            spread=spread,
            goal="<= 5 ms",
            met=mine <= 5e-3,
        )
    ]


def _made() -> float:
    """Seconds for one, over all that a fresh world's pool has left."""
    inside, count = Inside(), POOL - 1
    began = time.perf_counter()
    for _ in range(count):
        status, _, body = step_app(inside.app, scope("POST", "/v2/applications", _HEADERS), _BODY)
        assert status == 201, body
    return (time.perf_counter() - began) / count


def _generated(count: int) -> float:
    """Seconds for one key pair."""
    began = time.perf_counter()
    for _ in range(count):
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (time.perf_counter() - began) / count
