"""Tokens taken apart, and the times in them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.bearer import is_timely, read

T = 1_577_880_000
APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
# Source: reference auth §5.8, the decoded token of the seed.
HEAD = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9"
BODY = (
    "eyJhcHBsaWNhdGlvbl9pZCI6ImFhYWFhYWFhLWJiYmItY2NjYy1kZGRkLTAxMjM0NTY3ODlhYiIsImlhdCI6MTU3Nzg4MDAwMCwianRpIjoi"
    "MTI5ODQ5ODA4MSJ9"
)


def test_token_of_the_seed() -> None:
    """As the reference has it, to the letter."""
    token = read(f"Bearer {HEAD}.{BODY}.AAAA")

    assert token is not None
    assert token.application_id == APP
    assert token.claims == {"application_id": APP, "iat": T, "jti": "1298498081"}
    assert (token.signed, token.signature) == (f"{HEAD}.{BODY}".encode(), b"\0\0\0")


def timely(claims: dict[str, Any], after: float) -> bool:
    """Whether it is valid so many seconds after T."""
    return is_timely(claims, round((T + after) * 1_000_000))


# Source: reference auth §5.3 and the time examples of §5.8.
TIMES: list[tuple[dict[str, Any], float, bool]] = [
    ({"iat": T}, 899, True),
    ({"iat": T}, 930, True),
    ({"iat": T}, 931, False),
    ({"iat": T, "exp": T + 86_400}, 80_000, True),
    ({"iat": T, "exp": T + 200_000}, 86_000, True),
    ({"iat": T, "exp": T + 200_000}, 86_430, True),
    ({"iat": T, "exp": T + 200_000}, 86_431, False),
    ({"iat": T, "exp": T + 200_000}, 90_000, False),
    ({"iat": T, "exp": T + 60}, 90, True),
    ({"iat": T, "exp": T + 60}, 91, False),
    ({"iat": T, "exp": T + 60}, 100, False),
    ({"iat": T, "exp": T + 10}, 5, True),
    ({"iat": T}, -50, True),
    ({"iat": T}, -60, True),
    ({"iat": T}, -61, False),
    ({"iat": T}, -120, False),
    ({"iat": T, "nbf": T + 30}, 0, True),
    ({"iat": T, "nbf": T + 31}, 0, False),
    ({"iat": T, "nbf": None, "exp": None}, 0, True),
    ({"exp": T + 60}, 0, True),
    ({"exp": T + 60}, 91, False),
    ({}, 0, False),
    ({"iat": None, "exp": None}, 0, False),
    ({"nbf": T}, 0, False),
    ({"iat": float(T) + 0.5}, 0, True),
    ({"iat": str(T)}, 0, True),
    ({"iat": str(T), "exp": str(T + 60)}, 100, False),
    ({"iat": f"{T}.25"}, 0, True),
    ({"iat": True}, 0, False),
    ({"iat": T, "exp": True}, 0, False),
    ({"iat": T, "nbf": False}, 0, False),
    ({"iat": "soon"}, 0, False),
    ({"iat": ""}, 0, False),
    ({"iat": "1e9"}, 0, False),
    ({"iat": "NaN"}, 0, False),
    ({"iat": [T]}, 0, False),
    ({"iat": {}}, 0, False),
    ({"iat": T, "exp": float("inf")}, 0, False),
    ({"iat": T, "exp": float("nan")}, 0, False),
    ({"iat": T, "exp": 10**30}, 0, False),
    ({"iat": T, "exp": 1e30}, 0, False),
    ({"iat": T, "nbf": -(10**30)}, 0, False),
    ({"iat": T, "exp": "9" * 400}, 0, False),
]


@pytest.mark.parametrize(("claims", "after", "valid"), TIMES)
def test_times(claims: dict[str, Any], after: float, valid: bool) -> None:
    """Leeway of 30 s, 60 s for ``iat``; 15 minutes without ``exp``, a day at most."""
    assert timely(claims, after) is valid


@given(life=st.integers(0, 10**6), after=st.integers(-(10**6), 10**6))
def test_a_token_with_both_times_is_valid_in_one_stretch(life: int, after: int) -> None:
    """From a minute before ``iat`` to half a minute after ``exp``, or after a day."""
    expected = -60 <= after <= min(life, 86_400) + 30

    assert timely({"iat": T, "exp": T + life}, after) is expected


def part(content: Any) -> str:
    """A part of a token: JSON, or the octets themselves."""
    octets = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def header(head: Any = None, body: Any = None, signature: str = "AAAA", scheme: str = "Bearer ") -> str:
    """An ``Authorization`` header."""
    head = {"alg": "RS256"} if head is None else head
    body = {"application_id": APP} if body is None else body
    return f"{scheme}{part(head)}.{part(body)}.{signature}"


@pytest.mark.parametrize(
    "good",
    [
        header(),
        header(scheme="bearer "),
        header({"typ": "JWT", "alg": "RS256"}),
        header({"alg": "RS256", "typ": "jwt"}),
        header({"alg": "RS256", "kid": "1", "x5u": "https://evil.test", "b64": True}),
        header(body={"application_id": APP, "jti": 5}),
        header(body={"application_id": APP, "jti": 5.5}),
        header(body={"application_id": APP, "jti": None}),
        header(body={"application_id": APP, "sub": 5, "aud": [1]}),
    ],
)
def test_headers_that_can_be(good: str) -> None:
    """What is said besides is ignored."""
    assert read(good) is not None


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "Bearer",
        "Bearer ",
        header(scheme="Basic "),
        header(scheme=""),
        header(scheme="Bearer  "),
        header() + " ",
        header() + "\n",
        header(signature=""),
        header(signature="AAAA.AAAA"),
        header(signature="AAA="),
        header(signature="AA+A"),
        header(signature="AAAAA"),
        header(signature="AB"),
        f"Bearer .{part({'application_id': APP})}.AAAA",
        f"Bearer {HEAD}..AAAA",
        f"Bearer {HEAD}.AAAA",
        f"Bearer {HEAD}",
        header(signature="A" * 20_000),
        header(b"{"),
        header(b"[]"),
        header(b'"RS256"'),
        header(b"\xff"),
        header(b'{"alg":"none","alg":"RS256"}'),
        header(body=b'{"application_id":"x","application_id":"y"}'),
        header(body=b'{"application_id":"x","acl":{"paths":{},"paths":{"/**":{}}}}'),
        header(body=b'{"application_id":"x","iat":NaN}'),
        header(body=b'{"application_id":"x","iat":-Infinity}'),
        header(body=b"[" * 9_000),
        header(body=b'{"application_id":"x","iat":' + b"9" * 6_000 + b"}"),
        header(body=[APP]),
        header({}),
        header({"alg": "none"}),
        header({"alg": "rs256"}),
        header({"alg": ["RS256"]}),
        header({"alg": "RS256", "typ": "JWE"}),
        header({"alg": "RS256", "typ": 5}),
        header({"alg": "RS256", "typ": None}),
        header({"alg": "RS256", "crit": ["b64"]}),
        header({"alg": "RS256", "b64": False}),
        header({"alg": "RS256", "enc": "A256GCM"}),
        header(body={}),
        header(body={"application_id": ""}),
        header(body={"application_id": 5}),
        header(body={"application_id": [APP]}),
        header(body={"application_id": {"id": APP}}),
        header(body={"application_id": None}),
        header(body={"application_id": APP, "jti": ""}),
        header(body={"application_id": APP, "jti": True}),
        header(body={"application_id": APP, "jti": ["x"]}),
        header(body={"application_id": APP, "jti": {}}),
    ],
)
def test_headers_that_cannot_be(bad: str) -> None:
    """None of them is read."""
    assert read(bad) is None


@given(st.text(max_size=200))
def test_nothing_breaks_it(text: str) -> None:
    """Whatever a client sends."""
    assert read(text) is None
    assert read(f"Bearer {text}") is None
