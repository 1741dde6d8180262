"""Patterns: an exact text, a prefix of a number, or a regular expression."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.pattern import Pattern, parse_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("Hello", "Hello", True),
        ("Hello", "hello", False),
        ("Hello", "Hello!", False),
        ("Hello", "", False),
        ("", "", True),
        ("Hell*", "Hello", False),
        ("Hell*", "Hell*", True),
        ("/ell/", "Hello", True),
        ("/ELL/", "Hello", False),
        ("/ELL/i", "Hello", True),
        ("/^Hello$/", "Hello World", False),
        (r"/code: \d{4}/i", "Your Code: 1234", True),
        ("/a/b/", "xa/bx", True),
        ("//", "anything", True),
        ("/one\ntwo/", "one\ntwo", True),
        ("/ell/x", "Hello", False),
        ("/ell/x", "/ell/x", True),
        ("/", "/", True),
    ],
)
def test_what_a_text_is_compared_with(pattern: str, text: str, fits: bool) -> None:
    """Between slashes a regular expression that is searched for, anything else the exact text."""
    assert parse_pattern(pattern) == Pattern(pattern)
    assert Pattern(pattern).matches(text) is fits


@pytest.mark.parametrize(
    ("pattern", "number", "fits"),
    [
        ("447700900101", "447700900101", True),
        ("447700900101", "+447700900101", True),
        ("+447700900101", "447700900101", True),
        ("447700900101", "4477009001010", False),
        ("447700900101", "44770090010", False),
        ("4477009001*", "447700900101", True),
        ("+4477009001*", "+447700900101", True),
        ("4477009001*", "447700900201", False),
        ("*", "447700900201", True),
        ("*", "", True),
        ("/0101$/", "447700900101", True),
        ("/^44/", "447700900101", True),
        ("/^44/", "+447700900101", False),
        ("Acme", "Acme", True),
        ("Acme", "acme", False),
    ],
)
def test_what_a_number_is_compared_with(pattern: str, number: str, fits: bool) -> None:
    """A star at the end makes it a prefix, and a leading plus does not count; an expression sees what is there."""
    assert Pattern(pattern).matches(number, number=True) is fits


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/(/", "missing ), unterminated subpattern at position 0"),
        ("/[a/i", "unterminated character set at position 0"),
        ("/*/", "nothing to repeat at position 0"),
    ],
)
def test_an_expression_that_cannot_be_read_is_refused(text: str, why: str) -> None:
    """Whole, with what is wrong."""
    with pytest.raises(ValueError, match="^" + re.escape(f"{text!r} is no regular expression: {why}") + "$"):
        parse_pattern(text)


@given(st.text(), st.text())
def test_a_text_without_slashes_fits_itself_alone(pattern: str, text: str) -> None:
    """Whatever characters it has."""
    plain = "." + pattern

    assert Pattern(plain).matches(plain)
    assert Pattern(plain).matches(text) is (plain == text)


@given(st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True), st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True))
def test_a_prefix_fits_every_number_that_begins_so(one: str, other: str) -> None:
    """And its own."""
    assert Pattern(one + "*").matches(one, number=True)
    assert Pattern(one + "*").matches(other, number=True) is other.lstrip("+").startswith(one.lstrip("+"))


@given(st.text("ab.*", max_size=5), st.text("ab", max_size=8), st.booleans())
def test_an_expression_is_searched_for_as_python_does(expression: str, text: str, blind: bool) -> None:
    """With ``i`` the letter case does not count."""
    try:
        wanted = re.search(expression, text.upper(), re.IGNORECASE if blind else 0) is not None
    except re.error:
        with pytest.raises(ValueError, match="is no regular expression"):
            parse_pattern(f"/{expression}/")
        return
    assert Pattern(f"/{expression}/{'i' * blind}").matches(text.upper()) is wanted
