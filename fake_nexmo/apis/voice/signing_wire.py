"""The token that a signed webhook carries: a JWT by HS256, which vouches for the sender and for the payload. Pure.

It is made by hand, since it is one HMAC: PyJWT warns of every secret under 32 octets, which accounts may well have.

Source: reference auth §7.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

import msgspec

_HEADER: Final = {"alg": "HS256", "typ": "JWT"}


def payload_hash(body: bytes, query: Mapping[str, str]) -> str:
    """The hash of a payload: of the body's bytes, or of the query as a compact JSON object.

    Source: reference auth §7.4 (B; D for the query).
    """
    payload = msgspec.json.encode(query) if query else body
    return hashlib.sha256(payload).hexdigest()


def token(secret: str, api_key: str, application_id: str, hashed: str, jti: str, stamp_s: int) -> str:
    """The token for one request.

    Args:
        secret: the account's signature secret.
        api_key: the account's key.
        application_id: on the wire; empty: none is involved.
        hashed: see `payload_hash`.
        jti: its own id, new for each request.
        stamp_s: when it is made, in Unix seconds.

    Source: reference auth §7.2, §7.3 (B).
    """
    claims: dict[str, object] = {
        "iat": stamp_s,
        "jti": jti,
        "iss": "Vonage",
        "payload_hash": hashed,
        "api_key": api_key,
        **({"application_id": application_id} if application_id else {}),
    }
    signed = f"{_segment(msgspec.json.encode(_HEADER))}.{_segment(msgspec.json.encode(claims))}"
    digest = hmac.digest(secret.encode("utf-8", "surrogatepass"), signed.encode(), "sha256")
    return f"{signed}.{_segment(digest)}"


def _segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
