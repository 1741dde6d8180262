"""Money: exact both ways, and errors that say what to write."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fake_nexmo.core.money import AMOUNT_MAX, UNIT, format_money, parse_money, words

AMOUNTS = st.integers(-AMOUNT_MAX, AMOUNT_MAX)


@pytest.mark.parametrize(
    ("amount", "wire", "written"),
    [
        (0, "0.00000000", "0.00 EUR"),
        (1, "0.00000001", "0.00000001 EUR"),
        (-1, "-0.00000001", "-0.00000001 EUR"),
        (3_330_000, "0.03330000", "0.0333 EUR"),
        (28_725_000, "0.28725000", "0.28725 EUR"),
        (1_240_120_000, "12.40120000", "12.4012 EUR"),
        (-50_000_000, "-0.50000000", "-0.50 EUR"),
        (100 * UNIT, "100.00000000", "100.00 EUR"),
        (-250_000_000, "-2.50000000", "-2.50 EUR"),
        (AMOUNT_MAX, "90071992.54740991", "90071992.54740991 EUR"),
        (-AMOUNT_MAX, "-90071992.54740991", "-90071992.54740991 EUR"),
    ],
)
def test_an_amount_is_written_and_read(amount: int, wire: str, written: str) -> None:
    """Eight decimals on the wire; two at least in a scenario file."""
    assert format_money(amount) == wire
    assert words(amount) == written
    assert parse_money(wire) == amount
    assert parse_money(written) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2", 2 * UNIT),
        ("100.00 EUR", 100 * UNIT),
        ("0.0412 EUR", 4_120_000),
        ("0.0412EUR", 4_120_000),
        (" 1.5  EUR ", 150_000_000),
        ("-0", 0),
        ("007.10", 710_000_000),
        ("0" * 10_000 + "1", UNIT),
    ],
)
def test_people_may_write_it_in_several_ways(text: str, amount: int) -> None:
    """With the currency or without, with fewer decimals, with blanks."""
    assert parse_money(text) == amount


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", '"" is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
        ("lots", '"lots" is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
        ("1,50", '"1,50" is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
        ("1e3", '"1e3" is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
        (".5", '".5" is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
        ("5.", '"5." is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
        ("EUR 5", '"EUR 5" is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
        ("٣", '"٣" is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
        ("5 USD", 'unknown currency in "5 USD": money is in EUR, write it like "2.50 EUR"'),
        ("5 eur", 'unknown currency in "5 eur": money is in EUR, write it like "2.50 EUR"'),
        ("5€", 'unknown currency in "5€": money is in EUR, write it like "2.50 EUR"'),
        (
            "0.123456789",
            'too many decimals in "0.123456789": 9, and eight at most, like "0.03330000 EUR"',
        ),
        (
            "90071992.54740992 EUR",
            '"90071992.54740992 EUR" is too much: amounts lie between -90071992.54740991 EUR and 90071992.54740991 EUR',
        ),
        (
            "-" + "9" * 10_000,
            f'"-{"9" * 38}…" is too much: amounts lie between -90071992.54740991 EUR and 90071992.54740991 EUR',
        ),
        ("x" * 41, f'"{"x" * 39}…" is not an amount of money: write it like "100.00 EUR" or "0.0412"'),
    ],
)
def test_what_is_wrong_is_said(text: str, error: str) -> None:
    """The text as written, what is wrong with it, and what would do."""
    with pytest.raises(ValueError, match=f"^{re.escape(error)}$"):
        parse_money(text)


@given(AMOUNTS)
def test_nothing_is_lost_on_the_way(amount: int) -> None:
    """Read what was written: the same amount; and it is what decimal arithmetic says."""
    assert parse_money(format_money(amount)) == amount
    assert parse_money(words(amount)) == amount
    assert Decimal(format_money(amount)) == Decimal(amount) / UNIT


@given(AMOUNTS)
def test_words_are_as_short_as_can_be(amount: int) -> None:
    """Two decimals, or more that do not end in a zero."""
    number, currency = words(amount).split(" ")
    decimals = number.partition(".")[2]
    assert currency == "EUR"
    assert len(decimals) == 2 or (len(decimals) > 2 and not decimals.endswith("0"))


@given(st.text() | st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{0,10})?( ?[A-Z]{3})?", fullmatch=True))
@example("1.00 EUR\n")
def test_any_text_is_an_amount_or_a_value_error(text: str) -> None:
    """Never another exception, never an amount out of bounds."""
    with suppress(ValueError):
        assert -AMOUNT_MAX <= parse_money(text) <= AMOUNT_MAX
