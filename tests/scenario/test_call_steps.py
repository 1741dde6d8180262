"""The steps of ``on_call`` as a scenario has them: what can be, and what is said of what cannot."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.scenario.call_steps import check_call_steps
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.people import HandsetFacts, to_handset

DEEDS = "answer, reject, press, say, hang_up, wait"


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{"answer": {"after": "3s"}}, {"press": "1", "when_heard": "/for sales/i", "within": "20s", "else": "hang_up"}],
        [{"answer": {}, "after": 3}, {"say": "yes please"}, {"hang_up": {"after": "5s"}}],
        [{"reject": True}],
        [{"answer": {"after": "last_moment"}}],
        [{"answer": {}, "after": "last_moment"}],
        [{"reject": None}],
        [{"press": 12}, {"press": "1p#*"}, {"wait": "2s", "when_heard": "Hello"}, {"wait": 1.5, "after": "1s"}],
        [{"say": "a", "when_heard": "b", "within": 5, "else": {"press": "0", "after": "1s"}}],
        [{"say": "a", "when_heard": "b", "within": 5, "else": {"hang_up": True}}],
    ],
)
def test_steps_that_can_be(steps: list[dict[str, Any]]) -> None:
    """They are taken, and kept as they are."""
    check_call_steps(steps)
    handset = to_handset("447700900101", "alice", HandsetFacts(on_call=steps), {}, {"answers": None})
    assert handset.rest["on_call"] == steps


@pytest.mark.parametrize(
    ("steps", "path", "what"),
    [
        (
            [{"pres": "1"}],
            "on_call.0.pres",
            "'pres' is not known here; did you mean 'press'?",
        ),
        (
            [{"press": "1", "dance": 1}],
            "on_call.0.dance",
            f"'dance' is not known here; there are {DEEDS}, after, when_heard, within, else",
        ),
        ([{}], "on_call.0", f"a step does one thing of {DEEDS}; such as say: TEXT"),
        ([{"after": "1s"}], "on_call.0", f"a step does one thing of {DEEDS}; such as say: TEXT"),
        ([{"press": "1", "say": "a"}], "on_call.0", f"a step does one thing of {DEEDS}; not press and say"),
        (
            [{"say": "a"}, {"answer": {}}],
            "on_call.1.answer",
            "the phone is answered once: answer is the first step or none",
        ),
        (
            [{"answer": {}}, {"reject": {}}],
            "on_call.1.reject",
            "the phone is answered once: reject is the first step or none",
        ),
        *(
            (
                [{"press": keys}],
                "on_call.0.press",
                f"{keys!r} are no keys; a phone has 0 to 9, * and #, and p pauses",
            )
            for keys in ("", "a", True, None, {"digits": "1"})
        ),
        *(
            ([{"say": text}], "on_call.0.say", f"{text!r} is nothing that can be said; write a text")
            for text in ("", " ", 5, None)
        ),
        ([{"wait": True}], "on_call.0.wait", "True is not a duration; write 3s"),
        (
            [{"wait": "soon"}],
            "on_call.0.wait",
            "'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
        ),
        ([{"say": "a", "after": None}], "on_call.0.after", "None is not a duration; write 3s"),
        (
            [{"answer": {"afer": "3s"}}],
            "on_call.0.answer.afer",
            "'afer' is not known here; did you mean 'after'?",
        ),
        ([{"hang_up": {"after": []}}], "on_call.0.hang_up.after", "[] is not a duration; write 3s"),
        (
            [{"hang_up": "5s"}],
            "on_call.0.hang_up",
            "'5s' says nothing of hang_up; write hang_up: {after: 3s}, or hang_up: true",
        ),
        (
            [{"answer": False}],
            "on_call.0.answer",
            "False says nothing of answer; write answer: {after: 3s}, or answer: true",
        ),
        (
            [{"answer": {}, "when_heard": "a"}],
            "on_call.0.when_heard",
            "nothing is heard before answer; when_heard is for what comes later",
        ),
        (
            [{"say": "a", "within": "3s"}],
            "on_call.0.within",
            "within goes with when_heard: the words that are waited for",
        ),
        (
            [{"say": "a", "else": "hang_up"}],
            "on_call.0.else",
            "else goes with when_heard: the words that are waited for",
        ),
        (
            [{"say": "a", "when_heard": "b", "else": "hang_up"}],
            "on_call.0.else",
            "else goes with within: when the words are not waited for any more",
        ),
        *(
            (
                [{"say": "a", "when_heard": words}],
                "on_call.0.when_heard",
                f"{words!r} is no pattern; write /for sales/i, or the whole text",
            )
            for words in ("", 5, None)
        ),
        (
            [{"say": "a", "when_heard": "/(/"}],
            "on_call.0.when_heard",
            "'/(/' is no regular expression: missing ), unterminated subpattern at position 0",
        ),
        ([{"say": "a", "when_heard": "b", "within": True}], "on_call.0.within", "True is not a duration; write 3s"),
        (
            [{"say": "a", "when_heard": "b", "within": 5, "else": "hangup"}],
            "on_call.0.else",
            "'hangup' cannot be done instead; did you mean 'hang_up'?",
        ),
        *(
            (
                [{"say": "a", "when_heard": "b", "within": 5, "else": deed}],
                "on_call.0.else",
                f"{deed!r} cannot be done instead; write hang_up, or a step such as {{press: '0'}}",
            )
            for deed in ("press", 5, None)
        ),
        (
            [{"say": "a", "when_heard": "b", "within": 5, "else": {"answer": {}}}],
            "on_call.0.else.answer",
            "'answer' is not known here; there are press, say, hang_up, wait, after",
        ),
        (
            [{"say": "a", "when_heard": "b", "within": 5, "else": {"press": "x"}}],
            "on_call.0.else.press",
            "'x' are no keys; a phone has 0 to 9, * and #, and p pauses",
        ),
    ],
)
def test_steps_that_cannot_be(steps: list[dict[str, Any]], path: str, what: str) -> None:
    """Which step, where in it, and the nearest right thing."""
    with pytest.raises(ScenarioError) as refused:
        to_handset("447700900101", "alice", HandsetFacts(on_call=steps), {}, {"answers": None})
    assert (refused.value.path, refused.value.what) == (path, what)
