"""The ``acl`` claim: the whole match table of the reference, rules and shapes, and laws of patterns."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.acl import allows, matches

# Source: reference auth §5.5, the match table.
TABLE = [
    ("/*/calls/**", "/v1/calls", True),
    ("/*/calls/**", "/v1/calls/", True),
    ("/*/calls/**", "/v1/calls/63f6", True),
    ("/*/calls/**", "/v1/calls/63f6/talk", True),
    ("/*/calls/**", "/v2/calls", True),
    ("/*/calls/**", "/calls", False),
    ("/*/calls/**", "/beta/v1/calls", False),
    ("/*/calls/**", "/v1/callsfoo", False),
    ("/*/calls", "/v1/calls", True),
    ("/*/calls", "/v1/calls/63f6", False),
    ("/v1/calls/*", "/v1/calls", False),
    ("/v1/calls/*", "/v1/calls/63f6", True),
    ("/v1/calls/*", "/v1/calls/63f6/talk", False),
    ("/v1/calls/**", "/v1/calls/63f6/talk", True),
    ("/*/users/**", "/v1/calls", False),
    ("/*/users/**", "/v0.1/users/USR-1", True),
    ("/*/users/**", "/v0.3/conversations/CON-1/users", False),
    ("/**", "/v1/calls/63f6", True),
    ("/*/*", "/v1/calls", True),
    ("/*/*", "/v1/calls/63f6", False),
    ("/v1/call*", "/v1/calls", True),
    ("/*/CALLS/**", "/v1/calls", False),
    ("/*/media/**", "/v3/media/abc", True),
    ("/*/media/**", "/v1/files/abc", False),
    ("/v1/files/**", "/v1/files/abc", True),
    ("/calls", "/v1/calls", True),
]


@pytest.mark.parametrize(("pattern", "path", "fits"), TABLE)
def test_match_table(pattern: str, path: str, fits: bool) -> None:
    """Row by row."""
    assert matches(pattern, path) is fits
    assert allows({"paths": {pattern: {}}}, "GET", path) is fits


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/messages", "/v1/messages", True),
        ("/messages/*/", "/v1/messages/1", True),
        ("/messages/*/", "/v1/messages", False),
        ("/messages", "/messages", True),
        ("/messages", "/beta/v1/messages", False),
        ("/v2/calls", "/v1/v2/calls", False),
        ("/v1", "/v1", True),
        ("/calls", "/calls/v1", False),
        ("/v1/calls/*/talk", "/v1/calls/63f6/talk", True),
        ("/v1/calls/*/talk", "/v1/calls//talk", False),
        ("/v1/c*ls/6*6", "/v1/calls/63f6", True),
        ("/v1/**/talk", "/v1/calls/63f6/talk", True),
        ("/v1/**/talk", "/v1/talk", False),
        ("/v1/**ta**", "/v1/calls/63f6/talk", True),
        ("/v1/calls.*", "/v1/calls", False),
        ("", "/v1/calls", False),
        ("/", "/", True),
        ("**", "/v1/calls", True),
        ("*", "/v1", False),
    ],
)
def test_patterns_beyond_the_table(pattern: str, path: str, fits: bool) -> None:
    """Without a version, with slashes at the end, with stars inside a segment or in the middle."""
    assert matches(pattern, path) is fits


@pytest.mark.parametrize(
    ("acl", "allowed"),
    [
        (None, True),
        ({}, True),
        ({"paths": None}, True),
        ({"other": 1}, True),
        ({"paths": {}}, False),
        ({"paths": []}, False),
        ("all", False),
        ([], False),
        (True, False),
        ({"paths": {"/v1/calls": {}}}, True),
        ({"paths": {"/v1/calls": []}}, True),
        ({"paths": {"/v1/calls": {"methods": ["GET", "POST"]}}}, True),
        ({"paths": {"/v1/calls": {"methods": ["PUT"]}}}, False),
        ({"paths": {"/v1/calls": {"methods": ["get"]}}}, False),
        ({"paths": {"/v1/calls": {"methods": []}}}, False),
        ({"paths": {"/v1/calls": {"methods": "GET"}}}, False),
        ({"paths": {"/v1/calls": {"methods": None}}}, True),
        ({"paths": {"/v1/calls": {"filters": {"from": "447700900000"}}}}, True),
        ({"paths": {"/v1/calls": {"methods": ["PUT"], "filters": {}}}}, False),
        ({"paths": {"/v1/calls": None}}, False),
        ({"paths": {"/v1/calls": "GET"}}, False),
        ({"paths": {"/v1/calls": {"methods": ["PUT"]}, "/*/calls": {"methods": ["GET"]}}}, True),
        ({"paths": {"/*/users/**": {}}}, False),
    ],
)
def test_shapes_and_rules(acl: Any, allowed: bool) -> None:
    """``GET /v1/calls``; source: reference auth §5.5, the elements."""
    assert allows(acl, "GET", "/v1/calls") is allowed


# The list that the documentation gives client applications. Source: reference auth §5.5.
STANDARD = (
    "sessions",
    "users",
    "conversations",
    "image",
    "media",
    "knocking",
    "push",
    "devices",
    "applications",
    "legs",
)


@pytest.mark.parametrize(("path", "allowed"), [("/v1/users/USR-1", True), ("/v1/calls", False), ("/v1/files/a", False)])
def test_standard_list_of_clients(path: str, allowed: bool) -> None:
    """It covers neither calls nor recordings."""
    assert allows({"paths": {f"/*/{name}/**": {} for name in STANDARD}}, "GET", path) is allowed


_PATHS = st.lists(st.sampled_from(["v1", "calls", "a", "aa"]), min_size=1, max_size=4).map(
    lambda all_: "/" + "/".join(all_)
)
_PATTERNS = st.lists(st.sampled_from(["v1", "calls", "a", "*", "a*", "*a", "**"]), min_size=1, max_size=4).map(
    lambda all_: "/" + "/".join(all_)
)


@given(_PATTERNS, _PATHS)
def test_it_agrees_with_a_regular_expression(pattern: str, path: str) -> None:
    """Where the first segment is a version or has a star, so that no segment is left out."""
    pattern = f"/v1{pattern}"
    tail = pattern.endswith("/**")
    core = pattern.removesuffix("/**")
    parts = [{"**": ".*", "*": "[^/]+"}.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*)", core)]
    expression = re.compile("".join(parts) + ("(/.*)?" if tail else ""))

    assert matches(pattern, path) is (expression.fullmatch(path) is not None)


def test_no_pattern_takes_long() -> None:
    """However many stars it has."""
    began = time.perf_counter()

    assert not matches("/v1/" + "*a" * 300 + "b", "/v1/" + "a" * 2_000)
    assert not matches("/v1/" + "**a" * 300 + "b", "/v1/" + "a" * 2_000)

    assert time.perf_counter() - began < 2
