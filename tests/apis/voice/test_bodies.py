"""Whatever a body says, it is read or refused in the API's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.apis.voice import body_rules, create_rules, loose_rules, rules
from fake_nexmo.apis.voice.body_rules import Body
from fake_nexmo.apis.voice.model import VoiceRefusal
from fake_nexmo.apis.voice.voices_rules import LANGUAGES, VOICES, spoken
from fake_nexmo.apis.voice.wire import refused
from fake_nexmo.core.records import Application
from fake_nexmo.core.refusal import Refusal

APPLICATION = Application(id="main", application_id="x", account="main", public_key="")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["447700900001", "phone", "sip", "websocket", "transfer", "ncco", "sip:a@b", "https://a", "true"])
)
KEYS = st.sampled_from(["type", "number", "uri", "headers", "extension", "user", "dtmfAnswer", "action", "url", "ncco"])
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS | st.text(), inner), max_leaves=12)


def bodies(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies with any of some members, each any JSON."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON))


def read_create(body: Body) -> object:
    return create_rules.read(body, APPLICATION, event_required=True)


NAMES: dict[Callable[[Body], object], tuple[str, ...]] = {
    read_create: (
        *("to", "from", "random_from_number", "ncco", "answer_url", "answer_method", "event_url", "event_method"),
        *("machine_detection", "advanced_machine_detection", "length_timer", "ringing_timer"),
    ),
    rules.read_modify: ("action", "destination"),
    rules.read_say: ("text", "language", "voice_name", "voiceName", "style", "premium", "loop", "level"),
    rules.read_play: ("stream_url", "loop", "level"),
    rules.read_digits: ("digits",),
    rules.read_subscription: ("event_url", "eventUrl"),
}


def refusal_of(read: Callable[[Body], object], content: dict[str, Any]) -> Refusal | None:
    """How a body is refused; None: it is not."""
    try:
        read(body_rules.read(content))
    except Refusal as refusal:
        return refusal
    return None


@given(st.sampled_from(list(NAMES)).flatmap(lambda read: st.tuples(st.just(read), bodies(*NAMES[read]))))
def test_no_body_breaks_a_reader(case: tuple[Callable[[Body], object], dict[str, Any]]) -> None:
    """A refusal names at least one parameter, and can be worded."""
    refusal = refusal_of(*case)

    if refusal is not None:
        assert refusal.row in (VoiceRefusal.MISSING, VoiceRefusal.INVALID)
        assert refusal.facts.get("names") or refusal.facts.get("wrong")
        assert isinstance(refusal.row, VoiceRefusal)
        assert refused(refusal.row, refusal.facts)[0] == 400


@pytest.mark.parametrize(
    ("value", "whole", "number"),
    [
        (5, 5, 5.0),
        ("5", 5, 5.0),
        ("-5", -5, -5.0),
        ("+5", 5, 5.0),
        (5.0, 5, 5.0),
        (0.5, None, 0.5),
        ("0.5", None, 0.5),
        (".5", None, 0.5),
        ("5.", None, None),
        ("5e1", None, None),
        (" 5", None, None),
        ("five", None, None),
        ("٣", None, None),
        ("", None, None),
        ("9" * 16, None, None),
        (True, None, None),
        (None, None, None),
        ([5], None, None),
        ({}, None, None),
        (float("inf"), None, float("inf")),
    ],
)
def test_numbers(value: Any, whole: int | None, number: float | None) -> None:
    """Also as texts, but never as truth values. Source: reference voice §4.3, ncco §2.3."""
    assert (loose_rules.whole(value), loose_rules.number(value)) == (whole, number)


@pytest.mark.parametrize(
    ("value", "flag"),
    [(True, True), (False, False), ("true", True), ("FALSE", False), ("yes", None), (1, None), (None, None)],
)
def test_flags(value: Any, flag: bool | None) -> None:
    assert loose_rules.flag(value) is flag


@pytest.mark.parametrize(
    ("value", "text"), [("5", "5"), (5, "5"), ("", ""), (True, None), (5.0, None), (None, None), ([], None)]
)
def test_texts_that_are_numbers(value: Any, text: str | None) -> None:
    assert loose_rules.text(value) == text


@pytest.mark.parametrize(
    ("value", "texts"),
    [([], []), (["a"], ["a"]), (("a", "b"), ["a", "b"]), (["a", 5], None), ("a", None), (None, None)],
)
def test_lists_of_texts(value: Any, texts: list[str] | None) -> None:
    assert loose_rules.texts(value) == texts


def test_every_voice_has_a_language_that_there_is() -> None:
    """Source: reference ncco §3.4."""
    assert len(LANGUAGES) == 49
    assert set(VOICES.values()) <= LANGUAGES
    assert {"Chipmunk", "Eric", "Jennifer", "Agnieszka"} <= set(VOICES)
    assert [spoken("", "Kimberly"), spoken("", "Mei-Jia"), spoken("en-GB-WLS"), spoken("")] == [
        "en-us",
        "cmn-tw",
        "en-gb-wls",
        "en-us",
    ]
