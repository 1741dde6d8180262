"""What people do with codes: which step comes next, when, and which code it types."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.forms import Form
from fake_nexmo.core.instant import MINUTE, SECOND
from fake_nexmo.core.records import Handset
from fake_nexmo.handsets.typing import CodeStep, code_steps, wrong_code
from tests import people
from tests.people import CHARACTERS

URL = "http://127.0.0.1:8000/otp"
NOW = 1_767_225_600_000_000
# Source: scenario format, "Stock characters and magic numbers"; who is not here types nothing.
STEPS = {"wrong-coder": (CodeStep(wrong=True),), "late-coder": (CodeStep(after=None),)}


def phone(like: str = "answers", **rest: Any) -> Handset:
    """A phone of a stock character."""
    return people.phone("447700900101", like, rest=rest)


@pytest.mark.parametrize("like", CHARACTERS)
def test_every_stock_character_types_as_the_table_says(like: str) -> None:
    """What the handset says comes first, even when it says nothing."""
    said = [{"submit": {"url": URL}}]

    assert code_steps(phone(like)) == STEPS.get(like, ())
    assert code_steps(phone(like, on_code=said)) == (CodeStep(Form(URL)),)
    assert code_steps(phone(like, on_code=[])) == ()


def test_steps_are_read() -> None:
    """Durations in each of their forms."""
    form = {"phone": "{number}", "code": "{wrong_code}"}
    said = [
        {"submit": {"url": URL, "form": form}},
        {"submit": {}, "after": "10s"},
        {"submit": {}, "after": 0},
        {"submit": {}, "after": None},
        {"submit": {"json": {"code": "{code}"}, "method": "PUT"}, "after": "expired"},
    ]

    assert code_steps(phone(on_code=said)) == (
        CodeStep(Form(URL, "", form)),
        CodeStep(after=10 * SECOND),
        CodeStep(after=0),
        CodeStep(after=SECOND),
        CodeStep(Form(method="PUT", json={"code": "{code}"}), after=None),
    )


@pytest.mark.parametrize(
    ("after", "expires_at", "due_at"),
    [
        (SECOND, NOW + MINUTE, NOW + SECOND),
        (0, NOW - MINUTE, NOW),
        (None, NOW + MINUTE, NOW + MINUTE + SECOND),
        (None, NOW, NOW + SECOND),
        (None, NOW - SECOND, NOW),
        (None, NOW - MINUTE, NOW),
    ],
)
def test_when_a_step_is_due(after: int | None, expires_at: int, due_at: int) -> None:
    """One second past the expiry, or at once when that is over."""
    assert CodeStep(after=after).due_at(NOW, expires_at) == due_at


@pytest.mark.parametrize(
    ("asks", "right_for_most"),
    [("{code}", True), ("{wrong_code}", False), ("{code}{wrong_code}", True), ("{number}", True)],
)
def test_which_code_is_typed(asks: str, right_for_most: bool) -> None:
    """As the form asks; a wrong coder gets it wrong whatever it asks."""
    form = Form(fields={"a": asks})

    assert CodeStep().types(form, "1234", "1235") == ("1234" if right_for_most else "1235")
    assert CodeStep(wrong=True).types(form, "1234", "1235") == "1235"


@pytest.mark.parametrize(
    ("code", "codes", "wrong"),
    [
        ("1234", ["1234"], "1235"),
        ("9999", ["9999"], "0000"),
        ("0009", ["0009", "0010", "0011"], "0012"),
        ("1234", [], "1235"),
        ("ab12cd", ["ab12cd"], "000001"),
        ("abcd", ["0001", "0002"], "0003"),
        ("١٢٣٤", ["١٢٣٤"], "0001"),
    ],
)
def test_a_wrong_code(code: str, codes: list[str], wrong: str) -> None:
    """The next one up that is not right, or was not."""
    assert wrong_code(code, codes) == wrong


@given(st.integers(4, 10), st.data())
def test_a_wrong_code_is_wrong(size: int, data: st.DataObject) -> None:
    """Of the same length, none of the codes there were, and the same each time."""
    text = st.text("0123456789abc", min_size=size, max_size=size)
    codes = data.draw(st.lists(text, min_size=1, max_size=5))

    for code in codes:
        wrong = wrong_code(code, codes)
        assert len(wrong) == size
        assert wrong.isdigit()
        assert wrong not in codes
        assert wrong == wrong_code(code, tuple(codes))


def test_of_all_short_codes_the_last_one_left() -> None:
    """However many there were."""
    every = [f"{k:04d}" for k in range(10_000) if k != 17]

    assert wrong_code("0018", every) == "0017"
