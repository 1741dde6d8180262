"""Reading a Bearer token, and judging the times in it. Its signature is checked elsewhere.

A token is taken apart strictly: what two readers could understand in two ways (a member that is there twice, base64
with stray bits, a header that names extensions) is no token.

Source: reference auth §5.1 to §5.4, §5.7.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

ALGORITHM = "RS256"
LENGTH_MAX = 16_384
"""Characters of a token; the longest that libraries make have a tenth of that."""

LEEWAY_S = 30
"""For ``exp`` and ``nbf``. Doubt: unknown; 0 to 60 s are possible. Source: reference auth §5.3 (D)."""
AHEAD_S = 60
"""How far ``iat`` may lie in the future. Source: reference auth §5.3 (D)."""
LIFE_S = 900
"""How long a token without ``exp`` is valid. Source: reference auth §5.3 (B)."""
AGE_S = 86_400
"""How old a token can be, whatever ``exp`` says. Source: reference auth §5.3 (B)."""

_FORM = re.compile(r"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")
_INSTANT_MAX = 253_402_300_799
"""The last second of the year 9999: what lies beyond is no instant."""


class Token(Struct, frozen=True):
    """A token whose signature nobody has checked yet.

    Attributes:
        application_id: who is said to have signed it.
        claims: all that it says.
        signed: the octets that the signature is over.
    """

    application_id: str
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes


def read(header: str) -> Token | None:
    """The token in an ``Authorization`` header; None: there is none that could be right.

    Source: reference auth §5.1, §5.2, §5.4 (B; D for what is tolerated).
    """
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer" or len(text) > LENGTH_MAX:
        return None
    parts = _FORM.fullmatch(text)
    if parts is None:
        return None
    head, _, body = parts[1].partition(".")
    try:
        named, claims, signature = _object(head), _object(body), _octets(parts[2])
    except (ValueError, RecursionError):
        return None
    if not _is_ours(named) or not _is_whole(claims):
        return None
    return Token(claims["application_id"], claims, parts[1].encode(), signature)


def is_timely(claims: Mapping[str, Any], now: int) -> bool:
    """Whether a token is valid at an instant, in microseconds since the epoch.

    One without ``exp`` lasts 15 minutes from ``iat``, none longer than a day, and one of the two must be there.

    Source: reference auth §5.3, §5.7 (B; D for the leeway).
    Doubt: a token with ``exp`` alone may live as long as it says.
    """
    try:
        issued, expires, begins = (_instant(claims.get(name)) for name in ("iat", "exp", "nbf"))
    except ValueError:
        return False
    if issued is None:
        if expires is None:
            return False
    elif not issued - AHEAD_S * 1_000_000 <= now <= issued + (AGE_S + LEEWAY_S) * 1_000_000:
        return False
    elif expires is None:
        expires = issued + LIFE_S * 1_000_000
    leeway = LEEWAY_S * 1_000_000
    return expires + leeway >= now and (begins is None or begins <= now + leeway)


def _is_ours(header: Mapping[str, Any]) -> bool:
    """Whether a header names our algorithm and nothing that would have to be obeyed.

    Keys and addresses of keys in it mean nothing: the application's own key decides.
    """
    kind = header.get("typ", "JWT")
    plain = "crit" not in header and "enc" not in header and header.get("b64", True) is True
    return plain and header.get("alg") == ALGORITHM and isinstance(kind, str) and kind.upper() == "JWT"


def _is_whole(claims: Mapping[str, Any]) -> bool:
    """Whether the claims name an application, and have no impossible name of their own; a number will do for one."""
    name = claims.get("jti")
    application_id = claims.get("application_id")
    good = name is None or (isinstance(name, str | int | float) and not isinstance(name, bool) and name != "")
    return good and isinstance(application_id, str) and application_id != ""


def _octets(part: str) -> bytes:
    octets = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(octets).rstrip(b"=") != part.encode():
        raise binascii.Error("stray bits")
    return octets


def _object(part: str) -> dict[str, Any]:
    """The JSON object in a part.

    Raises:
        ValueError: there is none, or it has a member twice.
    """
    text = _octets(part).decode()
    read = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    if not isinstance(read, dict):
        raise ValueError("no object")  # noqa: TRY004 - data that is wrong, not a call
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is there twice")
    return members


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _instant(said: Any) -> int | None:
    """An instant in microseconds; a float and a text of digits are tolerated. Source: reference auth §5.2 (B, D).

    Raises:
        ValueError: it is none.
    """
    if said is None:
        return None
    if isinstance(said, str) and _NUMBER.fullmatch(said):
        said = float(said)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise ValueError("no number")  # noqa: TRY004 - data that is wrong, not a call
    if isinstance(said, float) and not math.isfinite(said):
        raise ValueError("no finite number")
    if abs(said) > _INSTANT_MAX:
        raise ValueError("no instant")
    return round(said * 1_000_000)
