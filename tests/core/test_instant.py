"""Instants and durations: what is read, what is written, and that nothing is rounded between."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.instant import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    duration_words,
    parse_duration,
    parse_instant,
    rfc3339,
    spaced,
)

LONGEST = 5_000 * 365 * DAY
INSTANTS = st.integers(-30_000_000_000 * SECOND, 250_000_000_000 * SECOND)


@pytest.mark.parametrize(
    ("given", "micros"),
    [
        ("300ms", 300_000),
        ("7us", 7),
        ("3s", 3 * SECOND),
        ("5m", 5 * MINUTE),
        ("2h", 2 * HOUR),
        ("1d", DAY),
        ("1h30m", 90 * MINUTE),
        ("1.5h", 90 * MINUTE),
        ("0.25s", 250_000),
        ("1d2h3m4s5ms6us", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5_006),
        (" 5m ", 5 * MINUTE),
        ("0s", 0),
        ("90", 90 * SECOND),
        ("1.5", 1_500_000),
        (90, 90 * SECOND),
        (0.000001, 1),
        (0, 0),
        ("1825000d", LONGEST),
        (LONGEST // SECOND, LONGEST),
    ],
)
def test_a_duration_is_read(given: str | float, micros: int) -> None:
    """Sizes with units, one after another, or a bare number of seconds, as text or as a number."""
    assert parse_duration(given) == micros


@pytest.mark.parametrize(
    "given",
    ["", "m", "5 m", "5min", "5M", "-5m", "-1", "1h-30m", "5m,", "nan", "inf", "five", "1825001d", "1825000d1us"],
)
def test_what_is_no_duration_is_refused(given: str) -> None:
    """The text says what was given."""
    with pytest.raises(ValueError, match="is not a duration; ") as refused:
        parse_duration(given)
    assert repr(given) in str(refused.value)


@pytest.mark.parametrize("given", [-1, -0.5, float("nan"), float("inf"), LONGEST // SECOND + 1, 10**400])
def test_a_number_that_is_no_duration_is_refused(given: float) -> None:
    """Negative, no number at all, or beyond five thousand years."""
    with pytest.raises(ValueError, match="must be between 0 and 5,000 years"):
        parse_duration(given)


def test_a_size_beyond_all_floats_is_refused_as_any_other() -> None:
    """A `ValueError`, which whoever reads scenarios and control requests words for the user."""
    with pytest.raises(ValueError, match="is not a duration; "):
        parse_duration("9" * 400 + "d")


@given(st.integers(0, LONGEST))
def test_the_words_of_a_duration_are_read_back(micros: int) -> None:
    """To the microsecond, for any duration."""
    assert parse_duration(duration_words(micros)) == micros


@pytest.mark.parametrize(
    ("micros", "words"),
    [
        (0, "0s"),
        (1, "1us"),
        (250_000, "250ms"),
        (90 * SECOND, "1m30s"),
        (DAY + 1, "1d1us"),
        (26 * HOUR, "1d2h"),
        (HOUR + 1_001, "1h1ms1us"),
    ],
)
def test_durations_are_written_short(micros: int, words: str) -> None:
    """Largest units first, none that is nothing."""
    assert duration_words(micros) == words


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-03-01T09:00:00Z", 1_772_355_600_000_000),
        ("2026-03-01T10:00:00+01:00", 1_772_355_600_000_000),
        ("2026-03-01T09:00:00", 1_772_355_600_000_000),
        ("2026-03-01 09:00:00.000001", 1_772_355_600_000_001),
        ("2026-03-01", 1_772_323_200_000_000),
        ("1969-12-31T23:59:59.999999Z", -1),
    ],
)
def test_an_instant_is_read(text: str, at: int) -> None:
    """With a zone or in UTC without one, to the microsecond."""
    assert parse_instant(text) == at


@pytest.mark.parametrize("text", ["", "now", "09:00", "2026-13-01T00:00:00Z", "1772355600"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    """The text says what was given and how to write it."""
    with pytest.raises(ValueError, match="is not an instant; write it like 2026-03-01T09:00:00Z") as refused:
        parse_instant(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("at", "long", "short"),
    [
        (0, "1970-01-01T00:00:00.000Z", "1970-01-01 00:00:00"),
        (1_772_355_600_123_999, "2026-03-01T09:00:00.123Z", "2026-03-01 09:00:00"),
        (-1, "1969-12-31T23:59:59.999Z", "1969-12-31 23:59:59"),
    ],
)
def test_an_instant_is_written_as_the_wire_wants_it(at: int, long: str, short: str) -> None:
    """Cut to the millisecond or the second, never rounded up to an instant that has not come."""
    assert (rfc3339(at), spaced(at)) == (long, short)


@given(INSTANTS)
def test_what_is_written_is_read_back_to_the_millisecond(at: int) -> None:
    """For any year of four digits, and as the standard library writes it."""
    assert parse_instant(rfc3339(at)) == at // 1_000 * 1_000
    assert parse_instant(spaced(at)) == at // SECOND * SECOND
    assert datetime.fromisoformat(rfc3339(at)) == datetime.fromtimestamp(at // SECOND, UTC).replace(
        microsecond=at % SECOND // 1_000 * 1_000
    )
