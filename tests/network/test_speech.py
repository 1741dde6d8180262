"""How long it takes to say something, and what is heard of it. Source: reference ncco §5.6 (D)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.instant import SECOND
from fake_nexmo.network.speech import heard, pressed_for, spoken_for


@pytest.mark.parametrize(
    ("text", "wanted", "seconds"),
    [
        ("", "", 0.5),
        ("Hi", "Hi", 0.5),
        ("x" * 15, "x" * 15, 1),
        ("1 < 2 &amp; <b>", "1 < 2 &amp; <b>", 1),
        ("<speak>Tom &amp; Ann</speak>", "Tom & Ann", 9 / 15),
        (" <SPEAK>one<break time='1s'/>two</SPEAK>", "one two", 0.5 + 1),
        ('<speak><break time="250ms"/><p>x</p><break strength="weak" time = "1.5s"></speak>', "x", 0.5 + 1.75),
        ('<speak>x<break strength="strong"/></speak>', "x", 0.5),
        ('<speak><break><x time="9s"/>y</speak>', "y", 0.5),
        ('Hi <break time="9s"/>', 'Hi <break time="9s"/>', 21 / 15),
    ],
)
def test_what_is_heard_and_for_how_long(text: str, wanted: str, seconds: float) -> None:
    """Tags count for nothing, breaks for their time, and only inside ``<speak>``."""
    assert heard(text) == wanted
    assert spoken_for(text) == pytest.approx(seconds * SECOND, abs=1)


@pytest.mark.parametrize(("digits", "seconds"), [("", 0), ("1", 0.2), ("12#", 0.6), ("1p2", 0.9), ("pp", 1)])
def test_how_long_keys_take(digits: str, seconds: float) -> None:
    """A pause is longer than a key."""
    assert pressed_for(digits) == round(seconds * SECOND)


@given(st.text())
def test_saying_takes_half_a_second_at_least(text: str) -> None:
    """Whatever the text."""
    assert spoken_for(text) >= SECOND // 2


@pytest.mark.parametrize(
    "text", ["<speak>" + "<" * 500_000, "<speak>" + "<break " * 100_000, "<speak>" + "<break time=" * 50_000]
)
def test_tags_that_are_never_closed_are_read_in_no_time(text: str) -> None:
    """The time grows with the text, not with its square: this ends before anybody waits for it."""
    assert spoken_for(text) >= SECOND // 2
