"""Signatures of SMS requests and webhooks: the text that is signed, the digest, and the check.

Both sides hold a secret. The signer lays all parameters out as one text, hashes that text together with
the secret and sends the digest along as ``sig``; whoever holds the secret does the same and compares.
The text is canonical: names in byte order, ``&name=value`` for each with a leading ``&``, values as
they are after decoding, but ``&`` and ``=`` inside a value become ``_``. ``sig`` itself is left out;
everything else, unknown parameters included, takes part.

Which digest is used is a setting of the account and never said in the request: a right digest by
another method is as wrong as any other.

Source: reference sms §4 (B), auth §4 (B).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import chain
from typing import Final
from urllib.parse import urlencode

WINDOW_S: Final = 300
"""How far ``timestamp`` may be from now, both ways. Source: reference sms §4.3 (D), auth §4.1 (D)."""


class SignatureMethod(StrEnum):
    """How an account signs; the value is the name that its settings use.

    ``MD5HASH`` is the default and the only one that appends the secret to the text; the others are
    HMACs with the secret as key. Source: reference sms §4.2 (B).
    """

    MD5HASH = "md5hash"
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


def canonical(params: Mapping[str, str], *, blanks: bool = True) -> str:
    """The text that is signed: every parameter but ``sig``.

    Args:
        params: Names and decoded values, in any order. ``sig`` may be among them and is skipped.
        blanks: Keep parameters whose value is empty or only white space, as most libraries do. Java
            leaves them out.

    Source: reference sms §4.3 (B); what counts as blank is what Java's ``trim`` leaves nothing of (C).
    """
    return _lines({name: value for name, value in params.items() if name != "sig" and (blanks or not _is_blank(value))})


def sign(method: SignatureMethod, params: Mapping[str, str], secret: str) -> str:
    """The ``sig`` for these parameters in the letter case that the service sends.

    Lower case for ``MD5HASH``, upper case for every HMAC: the Ruby and .NET libraries compare to the
    letter and expect just that. Source: reference sms §4.3 (B/C), auth §4.1 (C).
    """
    digest = _digest(method, canonical(params), secret)
    return digest if method is SignatureMethod.MD5HASH else digest.upper()


def verify(
    method: SignatureMethod,
    params: Mapping[str, str],
    secret: str,
    sig: str,
    *,
    python4: bool = False,
    node3: bool = False,
) -> bool:
    """Whether ``sig`` is right for these parameters, in either letter case; never raises.

    Blank values are tried kept, then left out. An account without a secret has no right signature.

    Args:
        method: The account's method.
        params: All parameters of the request; ``sig`` may be among them and is skipped.
        secret: The account's signature secret.
        sig: The signature as received, whatever it is.
        python4: Accept the broken form of the Python library ``vonage`` 4 too, which a strict service
            answers with status 14: it hashes every optional field of its model that is not set, ``sig``
            too, as the text ``None``, and does not send it.
        node3: Accept the broken form of ``@vonage/auth`` 3 too: the URL-encoded query without a leading ``&``, with
            every ``&`` and ``=`` between pairs turned into ``_``.

    Source: reference sms §4.3 (blanks D, case B/C), §4.5 (C), auth §4.2 (C).
    Doubt: PHP hashes booleans as ``1`` and as empty text but sends JSON ``true`` and ``false``. How the
    service takes that is not known; we hash what was sent, so such a request is refused.
    """
    if not secret or len(sig) != _HEX_LENGTH[method] or not sig.isascii():
        return False
    given = sig.lower().encode("ascii")
    texts = chain(
        _strict_texts(params),
        _python4_texts(params) if python4 else (),
        _node3_texts(params) if node3 else (),
    )
    return any(hmac.compare_digest(_digest(method, text, secret).encode("ascii"), given) for text in texts)


def timestamp_within(value: str, now_s: float, window_s: float = WINDOW_S) -> bool:
    """Whether ``timestamp`` (Unix seconds, decimal digits only) is at most ``window_s`` away from ``now_s``.

    Anything that is not plain digits is not within. ``now_s`` is wall time: clients stamp requests with
    their own clock.
    Source: reference sms §4.1 (B), §4.3 (window D); README rulings, wall or virtual time.
    """
    if not (value.isascii() and value.isdigit()) or len(value) > _TIMESTAMP_DIGITS_MAX:
        return False
    return abs(now_s - int(value)) <= window_s


_TIMESTAMP_DIGITS_MAX: Final = 18
_HEX_LENGTH: Final = {
    SignatureMethod.MD5HASH: 32,
    SignatureMethod.MD5: 32,
    SignatureMethod.SHA1: 40,
    SignatureMethod.SHA256: 64,
    SignatureMethod.SHA512: 128,
}

# Names as vonage-sms 1.2 sends them; `to`, `from` and `text` are mandatory there. Its order does not
# matter: it sorts before it hashes. Source: vonage_sms/requests.py, vonage_http_client/auth.py (C).
_PYTHON4_FIELDS: Final = (
    "sig",
    "client-ref",
    "type",
    "ttl",
    "status-report-req",
    "callback",
    "message-class",
    "body",
    "udh",
    "protocol-id",
    "account-ref",
    "entity-id",
    "content-id",
    "trusted-number",
)
# Before 1.2 (C: an earlier requests.py of the same library) the last one did not exist.
_PYTHON4_FIELDS_OLD: Final = _PYTHON4_FIELDS[:-1]

# What Java's String.trim() removes: everything up to and including the space.
_JAVA_BLANKS: Final = "".join(map(chr, range(0x21)))


def _lines(params: Mapping[str, str]) -> str:
    # Order by code point is order by UTF-8 octet, so names need not be encoded to be sorted. They stay as
    # they are: Java cleans them too, but no name holds "&" or "=".
    ordered = sorted(params.items())
    return "".join([f"&{name}={value.replace('&', '_').replace('=', '_')}" for name, value in ordered])


def _is_blank(value: str) -> bool:
    return not value.strip(_JAVA_BLANKS)


def _digest(method: SignatureMethod, text: str, secret: str) -> str:
    # A lone surrogate, from a broken \u escape in JSON, has no UTF-8 form; it must give a wrong
    # signature, no error.
    signed = text.encode("utf-8", "surrogatepass")
    key = secret.encode("utf-8", "surrogatepass")
    if method is SignatureMethod.MD5HASH:
        return hashlib.md5(signed + key, usedforsecurity=False).hexdigest()
    return hmac.digest(key, signed, method.value).hex()


def _strict_texts(params: Mapping[str, str]) -> Iterator[str]:
    yield canonical(params)
    if any(map(_is_blank, params.values())):
        yield canonical(params, blanks=False)


def _python4_texts(params: Mapping[str, str]) -> Iterator[str]:
    sent = {name: value for name, value in params.items() if name != "sig"}
    for fields in (_PYTHON4_FIELDS, _PYTHON4_FIELDS_OLD):
        yield _lines({**dict.fromkeys(fields, "None"), **sent})


def _node3_texts(params: Mapping[str, str]) -> Iterator[str]:
    sent = sorted((name, value) for name, value in params.items() if name != "sig")
    yield urlencode(sent, errors="replace").replace("&", "_").replace("=", "_")
