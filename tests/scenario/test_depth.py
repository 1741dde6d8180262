"""What goes too deep is refused in every format: it would take the stack, and with it the whole process."""

from __future__ import annotations

import pytest

from fake_nexmo.scenario.flaws import BrokenScenario
from fake_nexmo.scenario.load import load_object, load_text
from tests.scenario.example import NAMES

TOO_DEEP = "this goes too deep"


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize("depth", [65, 100_000])
@pytest.mark.parametrize("form", ["[]", "{}"])
def test_brackets_within_brackets(kind: str, depth: int, form: str) -> None:
    """A hundred thousand are more than the fast parser's stack holds."""
    begin = "[" if form == "[]" else '{"a":'
    with pytest.raises(BrokenScenario, match=TOO_DEEP):
        load_text(f'{{"x": {begin * depth}', kind, NAMES)


@pytest.mark.parametrize("depth", [65, 10_000])
def test_toml(depth: int) -> None:
    """Its reader says so, or we do."""
    with pytest.raises(BrokenScenario, match=TOO_DEEP):
        load_text(f"x = {'[' * depth}{']' * depth}", "toml", NAMES)


@pytest.mark.parametrize("depth", [65, 800])
def test_objects(depth: int) -> None:
    """As they come by the control API."""
    given: list[object] = []
    for _ in range(depth):
        given = [given]
    with pytest.raises(BrokenScenario, match=TOO_DEEP):
        load_object({"x": given}, NAMES)


def test_a_number_that_is_longer_than_numbers_are_is_a_text() -> None:
    """No more digits than Python reads."""
    with pytest.raises(BrokenScenario, match="no setting is called 'x'"):
        load_text(f"world: {{settings: {{x: {'9' * 5000}}}}}", "yaml", NAMES)
