"""Signatures of SMS requests and webhooks: the text that is signed, its digest, and a check in constant time.

All parameters are laid out as one text: names in byte order, ``&name=value`` each, with ``&`` and ``=`` inside a value
turned into ``_``. A digest of that text and a shared secret travels along as ``sig``. The account's settings say which
digest; a right one by another method is wrong.

Source: reference sms §4 (B), auth §4 (B).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

SignatureMethod: TypeAlias = Literal["md5hash", "md5", "sha1", "sha256", "sha512"]
"""The names that account settings use; ``md5hash`` is the default and the only one that is no HMAC."""

_HEX_LENGTH: Final = {"md5hash": 32, "md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}


def canonical(params: Mapping[str, str], *, blanks: bool = True) -> str:
    """The text that is signed: every parameter but ``sig``.

    Args:
        params: names and decoded values, in any order.
        blanks: keep parameters whose value is empty.

    Source: reference sms §4.3 (B).
    """
    kept = {name: value for name, value in params.items() if name != "sig" and (blanks or value.strip())}
    return "".join(f"&{name}={value.replace('&', '_').replace('=', '_')}" for name, value in sorted(kept.items()))


def sign(params: Mapping[str, str], secret: str, method: SignatureMethod = "md5hash") -> str:
    """The ``sig`` of these parameters, in lower case.

    Source: reference sms §4.3 (B).
    """
    return _digest(canonical(params), secret, method)


def is_signed(params: Mapping[str, str], secret: str, method: SignatureMethod = "md5hash") -> bool:
    """Whether the parameters hold the right ``sig``, in either letter case; never raises.

    The comparison takes the same time wherever the difference is. Empty values are tried kept, then left out.

    Source: reference sms §4.3 (blanks D, letter case B/C).
    """
    given = params.get("sig", "").lower().encode()
    if not secret or len(given) != _HEX_LENGTH[method]:
        return False
    texts = {canonical(params), canonical(params, blanks=False)}
    found = [hmac.compare_digest(_digest(text, secret, method).encode(), given) for text in texts]
    return any(found)


def _digest(text: str, secret: str, method: SignatureMethod) -> str:
    signed, key = text.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass")
    if method == "md5hash":
        return hashlib.md5(signed + key, usedforsecurity=False).hexdigest()
    return hmac.digest(key, signed, method).hex()
