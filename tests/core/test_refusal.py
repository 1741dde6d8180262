"""The two ways a request ends that is not carried out."""

from __future__ import annotations

from enum import Enum

import pytest

from fake_nexmo.core.refusal import NotEmulated, Refusal


class Row(Enum):
    """A table of refusals."""

    BARRED = 7


def test_a_refusal_names_its_row_and_the_facts_for_its_words() -> None:
    """The API words it later; the exception itself says both, for whoever reads a traceback."""
    refusal = Refusal(Row.BARRED, to="447700900001", price=333_000)

    assert (refusal.row, refusal.facts) == (Row.BARRED, {"to": "447700900001", "price": 333_000})
    assert "BARRED" in str(refusal)
    assert "447700900001" in str(refusal)


@pytest.mark.parametrize(("given", "hint"), [(("voice calls",), ""), (("voice calls", "comes later"), "comes later")])
def test_a_gap_names_what_is_missing(given: tuple[str, ...], hint: str) -> None:
    """With a hint where there is one."""
    gap = NotEmulated(*given)
    assert (gap.what, gap.hint, str(gap)) == ("voice calls", hint, "voice calls")
    assert not isinstance(gap, Refusal)
