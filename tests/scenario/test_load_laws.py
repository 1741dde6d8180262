"""Laws of loading: whatever a file holds, it loads or is refused in words; nothing else comes of it."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_nexmo.scenario.flaws import BrokenScenario
from fake_nexmo.scenario.load import load_object, load_text
from tests.scenario.example import EXAMPLE, NAMES

WORDS = (
    *("world", "accounts", "applications", "networks", "numbers", "settings", "code_form", "main", "23410"),
    *("handsets", "a", "number", "range", "on_call", "press", "on_code", "submit", "after", "on_sms", "reply"),
    *("faults", "target", "receipts", "delay", "median", "param", "timeline", "at", "expect", "message", "to"),
    *("never", "order", "vars", "extends", "clock", "start", "strict", "ends", "seed", "voice", "account", "version"),
)
LEAVES = st.sampled_from([None, True, 0, -1, 1.5, "", "a", "1s", "main", "447700900001", "sms.send", "{a}", "{", "/(/"])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 12), st.text("{}[]:,'\"-&*!|>%@`x1 \n\t#~", max_size=5))
def test_a_file_that_was_mangled_is_read_or_refused(at: int, cut: int, text: str) -> None:
    """Wherever something was cut out or put in."""
    mangled = EXAMPLE[:at] + text + EXAMPLE[at + cut :]

    with contextlib.suppress(BrokenScenario):
        load_text(mangled, "yaml", NAMES)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(WORDS), ANYTHING, max_size=4))
def test_any_object_is_read_or_refused(said: dict[str, Any]) -> None:
    """Whatever it holds, and wherever."""
    with contextlib.suppress(BrokenScenario):
        load_object(said, NAMES)
