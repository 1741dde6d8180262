"""Exact money: whole numbers of 10^-8 EUR, never a float.

Balances are counters of the store, and counters stay below 2^53: about ninety million euros either way.
On the wire an amount has eight decimals (``"12.40120000"``); people write ``"100.00 EUR"`` in scenario
files.

Source: reference sms §6 and §8.3 (eight decimals, EUR in every field, A); design §4 (bounds of counters).
"""

from __future__ import annotations

import re
from typing import Final

UNIT: Final = 100_000_000
"""How many of the smallest amount make one euro."""

AMOUNT_MAX: Final = 2**53 - 1
"""The largest amount, and its negative the smallest."""


def format_money(amount: int) -> str:
    """The amount as the wire has it: eight decimals, plain notation, no currency.

    Source: reference sms §8.3 (A).
    """
    if amount < 0:
        return "-" + format_money(-amount)
    return "%d.%08d" % divmod(amount, UNIT)  # noqa: UP031 - an f-string takes twice as long; every answer has some


def words(amount: int) -> str:
    """The amount as people write it in scenario files: ``"100.00 EUR"``, ``"0.0412 EUR"``.

    As short as it can be and still exact, with two decimals at least.
    """
    plain = format_money(amount)
    return f"{plain[:-6]}{plain[-6:].rstrip('0')} EUR"


def parse_money(text: str) -> int:
    """Read ``"100.00 EUR"``, ``"0.0412 EUR"``, ``"-1.5"`` or ``"2"``: the amount in 10^-8 EUR.

    Raises:
        ValueError: It is not an amount, not in EUR, has more than eight decimals, or is out of bounds.
            The text says which, and what would do.
    """
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{_quoted(text)} is not an amount of money: write it like "100.00 EUR" or "0.0412"')
    sign, whole, decimals, currency = match.groups(default="")
    if currency not in ("", "EUR"):
        raise ValueError(f'unknown currency in {_quoted(text)}: money is in EUR, write it like "2.50 EUR"')
    if len(decimals) > _DECIMALS_MAX:
        raise ValueError(
            f'too many decimals in {_quoted(text)}: {len(decimals)}, and eight at most, like "0.03330000 EUR"'
        )
    # Leading zeros go before int(): it refuses thousands of digits, however few of them count.
    amount = int(whole.lstrip("0")[:_WHOLE_MAX] + decimals.ljust(_DECIMALS_MAX, "0"))
    if amount > AMOUNT_MAX:
        raise ValueError(
            f"{_quoted(text)} is too much: amounts lie between {words(-AMOUNT_MAX)} and {words(AMOUNT_MAX)}"
        )
    return -amount if sign else amount


_MONEY: Final = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:\s*([^\W\d_]+|[€$£¥]))?")
_DECIMALS_MAX: Final = 8
# Digits read before the point: more than AMOUNT_MAX has, so that cutting the rest still refuses.
_WHOLE_MAX: Final = 12
_QUOTE_MAX: Final = 40


def _quoted(text: str) -> str:
    """The text in quotes, cut when someone passed a novel."""
    shown = text if len(text) <= _QUOTE_MAX else text[: _QUOTE_MAX - 1] + "…"
    return f'"{shown}"'
