"""Dumping: what is dumped loads to the same document, in every format."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.dump import dump, plain
from fake_nexmo.scenario.load import load_object, load_text
from tests.scenario.example import EXAMPLE, NAMES

KINDS = ("yaml", "toml", "json")

AWKWARD = (
    *("null", "~", "", "true", "1", "1e3", "-0.0", "no", "12:30", "0x1F", "2026-03-01", "=", "<<", "----BEGIN"),
    *("{", "{{", "{code}", "{{code}", "{a}", " a ", "a: b", "#", "'", '"', "\\"),
    *("\n", "a\nb", "\t", "\x85", "\u2028", "\ufeff", "\x7f", "\x00"),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(AWKWARD)
PATTERNS = TEXTS.filter(lambda text: not text.startswith("/"))
NAMED = st.from_regex(r"[a-z][a-z0-9_. '\"é-]{0,8}", fullmatch=True)
CODES = st.from_regex(r"[0-9]{4,10}", fullmatch=True)
DURATIONS = st.sampled_from(["0", "0.5", "300ms", "3s", "1h30m", "2d"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMED, inner, max_size=3),
    max_leaves=6,
)


def _braced(value: Any) -> Any:
    """What is said so that its texts come out as they are: braces are doubled."""
    if isinstance(value, str):
        return value.replace("{", "{{")
    if isinstance(value, list):
        return [_braced(each) for each in value]
    return {key: _braced(each) for key, each in value.items()} if isinstance(value, dict) else value


def some(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required, optional=optional)


ACCOUNTS = some(
    {},
    {
        "api_secret": TEXTS.filter(bool),
        "balance": st.sampled_from(["unlimited", "2.00 EUR", "0.0001"]),
        "auto_reload": st.booleans() | st.just({"amount": "1 EUR"}),
        "suspended": st.booleans(),
        "limits": st.just({"sms": "30/s"}),
        "code": CODES,
        "signature": some({}, {"secret": TEXTS, "method": st.sampled_from(["md5", "sha256"])}),
        "profile": st.sampled_from(["current", "2020"]),
    },
)
STEPS = st.lists(some({"if_text": PATTERNS}, {"reply": TEXTS}), max_size=1).map(
    lambda steps: [each if "reply" in each else {**each, "ignore": True} for each in steps if each["if_text"]]
)
HANDSETS = some(
    {},
    {
        "network": st.sampled_from([None, "23410"]),
        "power": st.booleans(),
        "receipts": some({"after": DURATIONS}, {"status": st.sampled_from(["delivered", "failed"])}),
        "on_sms": STEPS,
        "code": CODES,
        "roaming": st.none() | st.booleans() | st.just({"country": "FR"}),
        "on_code": st.lists(
            JSON.map(lambda body: {"submit": {"url": "http://127.0.0.1", "json": {"a": body}}}), max_size=1
        ),
        "on_call": st.lists(some({"say": TEXTS.filter(str.strip)}, {"after": DURATIONS}), max_size=2),
        "caller": some({}, {"name": TEXTS, "type": st.sampled_from(["consumer", "business"])}),
    },
)
FAULTS = some(
    {"target": st.just("sms.send"), "call": st.integers(1, 99)},
    {
        "text": PATTERNS,
        "param": st.dictionaries(NAMED, PATTERNS, max_size=2),
        "delay": DURATIONS | st.just({"median": "1s", "p99": "2s"}),
        "answer": st.just("throttled") | st.just({"http": 503, "retry_after": "2s"}),
        "then": st.sampled_from(["truncate", "drop_connection"]),
    },
)
SCENARIOS = some(
    {},
    {
        "scenario": TEXTS,
        "seed": st.integers(0, 2**63 - 1),
        "clock": some({}, {"mode": st.sampled_from(["real", "x60"]), "start": st.just("2026-03-01T09:00:00Z")}),
        "vars": st.dictionaries(st.sampled_from(["a", "b"]), TEXTS, max_size=2),
        "world": some(
            {},
            {
                "settings": some({}, {"profile": st.just("2020"), "conversion_api": st.booleans(), "base_url": TEXTS}),
                "accounts": st.dictionaries(NAMED, ACCOUNTS, min_size=1, max_size=2),
                "networks": st.just({"99999": {"name": "X", "country": "GB", "sms": "0.04 EUR"}}),
            },
        ),
        "handsets": HANDSETS.map(lambda facts: {"a": {"number": "447700900001", **facts}}),
        "faults": st.dictionaries(NAMED, FAULTS, max_size=1),
        "timeline": st.lists(some({"at": DURATIONS, "note": TEXTS}, {}), max_size=2),
        "expect": st.lists(some({"message": some({}, {"text": PATTERNS})}, {}), max_size=2),
        "strict": some({}, {"unused_fault": st.sampled_from(["fail", "warn", "ignore"])}),
    },
)


@settings(max_examples=100, deadline=None)
@given(SCENARIOS)
def test_what_is_dumped_loads_to_the_same(said: dict[str, Any]) -> None:
    """Whatever its texts hold, in all three formats."""
    document = load_object(_braced(said), NAMES)

    for kind in KINDS:
        assert load_text(dump(document, kind), kind, NAMES) == document, kind
    assert load_object(plain(document), NAMES) == document


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_is_dumped(kind: str) -> None:
    """And stays the same when it is dumped again."""
    example = load_text(EXAMPLE, "yaml", NAMES)

    once = dump(example, kind)

    assert load_text(once, kind, NAMES) == example
    assert dump(load_text(once, kind, NAMES), kind) == once


@pytest.mark.parametrize("kind", KINDS)
def test_the_empty_scenario_is_its_version(kind: str) -> None:
    """What is as ever is not said."""
    said = {"yaml": "version: 1\n", "toml": "version = 1\n", "json": '{\n  "version": 1\n}\n'}

    assert dump(Document(), kind) == said[kind]


def test_a_small_scenario_in_every_format() -> None:
    """As people write it."""
    document = load_object(
        {
            "scenario": "it's {{a}",
            "world": {"settings": {"profile": "2020"}},
            "handsets": {"a": {"number": "447700900001", "network": None, "on_sms": [{"reply": "1"}]}},
        },
        NAMES,
    )

    assert (
        dump(document, "yaml")
        == """\
version: 1
scenario: it's {{a}
world:
  settings:
    profile: "2020"
handsets:
  a:
    number: "447700900001"
    network: null
    on_sms:
    - reply: "1"
"""
    )
    assert (
        dump(document, "toml")
        == """\
version = 1
scenario = "it's {{a}"

[world.settings]
profile = "2020"

[handsets.a]
number = "447700900001"
network = {x-null = true}
on_sms = [{reply = "1"}]
"""
    )
