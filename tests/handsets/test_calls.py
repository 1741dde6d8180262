"""What the people behind the numbers do when the phone rings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.records import Handset
from fake_nexmo.handsets.calls import (
    GREETING,
    CallStep,
    Doing,
    Manner,
    beeps_after,
    call_step,
    greeting,
    manner,
    picks_up_after,
    rejects_after,
)
from tests import people
from tests.people import CHARACTERS

# Source: scenario format, "Stock characters and magic numbers"; who is not here answers.
MANNERS = {
    "busy": Manner.BUSY,
    "no-answer": Manner.SILENT,
    "rejects": Manner.REJECTS,
    "voicemail": Manner.MACHINE,
    "unreachable": Manner.UNREACHABLE,
    "switched-off": Manner.UNREACHABLE,
}
LINES = {"busy": Manner.BUSY, "silent": Manner.SILENT, "unreachable": Manner.UNREACHABLE}


def phone(like: str = "answers", power: bool | None = None, **rest: Any) -> Handset:
    """A phone of a stock character."""
    return people.phone("447700900101", like, power=power, rest=rest)


@pytest.mark.parametrize("like", CHARACTERS)
def test_every_stock_character_takes_a_call_as_the_table_says(like: str) -> None:
    """Who is about something else answers after two seconds."""
    assert manner(phone(like)) is MANNERS.get(like, Manner.ANSWERS)
    assert picks_up_after(phone(like), 60 * SECOND) == (59 * SECOND if like == "slow" else 2 * SECOND)
    assert greeting(phone(like)) == GREETING


@pytest.mark.parametrize("like", CHARACTERS)
@pytest.mark.parametrize("line", [*LINES, "free"])
def test_a_line_that_is_said_comes_before_the_character(like: str, line: str) -> None:
    """A free line has a person who answers, whatever the character; a phone that is off has no line."""
    assert manner(phone(like, power=True, line=line)) is LINES.get(line, Manner.ANSWERS)
    assert manner(phone(like, power=False, line=line)) is Manner.UNREACHABLE


@pytest.mark.parametrize(
    ("rest", "wanted"),
    [
        ({"answers": "by_hand"}, Manner.BY_HAND),
        ({"machine": {}}, Manner.MACHINE),
        ({"answers": "by_hand", "machine": {}}, Manner.BY_HAND),
        ({"line": "free", "machine": {}}, Manner.MACHINE),
        ({"line": "free", "answers": "by_hand"}, Manner.BY_HAND),
        ({"line": "busy", "machine": {}, "answers": "by_hand"}, Manner.BUSY),
    ],
)
def test_who_answers_a_free_line(rest: dict[str, Any], wanted: Manner) -> None:
    """By hand, else a machine, else the person as the character has it."""
    assert manner(phone(power=True, **rest)) is wanted
    assert manner(phone("rejects", power=True, **rest)) is wanted


@given(st.sampled_from(sorted(CHARACTERS)), st.integers(0, 200 * SECOND))
def test_nobody_answers_before_it_rings_or_after_it_has_stopped(like: str, ringing: int) -> None:
    """However short the ringing is."""
    assert 0 <= picks_up_after(phone(like), ringing) <= ringing


@pytest.mark.parametrize(
    ("machine", "said"),
    [({"greeting": "Hi, it is me."}, "Hi, it is me."), ({"greeting": ""}, GREETING), ({}, GREETING), (True, GREETING)],
)
def test_a_machine_says_its_own_greeting(machine: Any, said: str) -> None:
    """Or the one that they are sold with."""
    assert greeting(phone(machine=machine)) == said


@pytest.mark.parametrize(
    ("machine", "after"),
    [
        ({}, 4 * SECOND),
        (True, 4 * SECOND),
        ({"beep_after": "2s"}, 2 * SECOND),
        ({"beep_after": 0}, 0),
        ({"beep_after": "soon"}, 4 * SECOND),
        ({"beep_after": True}, 4 * SECOND),
    ],
)
def test_a_machine_beeps(machine: Any, after: int) -> None:
    """After four seconds, unless it says when; source: reference voice §9.4 (D)."""
    assert beeps_after(phone(machine=machine)) == after


@pytest.mark.parametrize(
    ("opening", "how", "picks_up", "rejects"),
    [
        ({"answer": {"after": "3s"}}, Manner.ANSWERS, 3 * SECOND, None),
        ({"answer": {}, "after": "4s"}, Manner.ANSWERS, 4 * SECOND, None),
        ({"answer": True}, Manner.ANSWERS, 2 * SECOND, None),
        ({"reject": {"after": "5s"}}, Manner.REJECTS, 2 * SECOND, 5 * SECOND),
        ({"reject": True}, Manner.REJECTS, 2 * SECOND, None),
    ],
)
@pytest.mark.parametrize("like", ["answers", "busy"])
def test_the_first_step_says_whether_it_is_answered(
    like: str, opening: dict[str, Any], how: Manner, picks_up: int, rejects: int | None
) -> None:
    """And when; whatever the character. The line, and who answers, come before it."""
    one = phone(like, on_call=[opening])

    assert (manner(one), picks_up_after(one, 60 * SECOND), rejects_after(one)) == (how, picks_up, rejects)
    assert manner(phone(like, on_call=[opening], line="silent")) is Manner.SILENT
    assert manner(phone(like, on_call=[opening], machine={})) is Manner.MACHINE


@pytest.mark.parametrize(
    ("steps", "doings"),
    [
        ([], []),
        ([{"answer": {"after": "3s"}}, {"hang_up": {}}], [CallStep(Doing.HANG_UP)]),
        ([{"press": "1#"}], [CallStep(Doing.PRESS, text="1#")]),
        ([{"press": 5, "after": "2s"}], [CallStep(Doing.PRESS, 2 * SECOND, "5")]),
        (
            [{"say": "yes please"}, {"hang_up": {"after": "5s"}}],
            [
                CallStep(Doing.SAY, text="yes please"),
                CallStep(Doing.HANG_UP, 5 * SECOND),
            ],
        ),
        (
            [{"wait": "2s"}, {"wait": "2s", "after": "3s"}, {"wait": True}],
            [
                CallStep(Doing.WAIT, 2 * SECOND),
                CallStep(Doing.WAIT, 5 * SECOND),
                CallStep(Doing.WAIT, 0),
            ],
        ),
        ([{"press": "1", "after": "soon"}], [CallStep(Doing.PRESS, text="1")]),
        (
            [{"press": "1", "when_heard": "/sales/", "within": "20s", "else": "hang_up"}],
            [CallStep(Doing.PRESS, None, "1", "/sales/", 20 * SECOND, CallStep(Doing.HANG_UP))],
        ),
        (
            [{"say": "yes", "after": "1s", "when_heard": "Yes?", "within": 5, "else": {"press": "0"}}],
            [CallStep(Doing.SAY, SECOND, "yes", "Yes?", 5 * SECOND, CallStep(Doing.PRESS, text="0"))],
        ),
        ([{"say": "a"}, {"dance": {}}, {"say": "b"}], [CallStep(Doing.SAY, text="a")]),
    ],
)
def test_what_a_person_does_on_the_line(steps: list[dict[str, Any]], doings: list[CallStep]) -> None:
    """Step by step, behind the one that answers, up to the first that cannot be carried out."""
    one = phone(on_call=steps)

    assert [call_step(one, k) for k in range(len(doings) + 1)] == [*doings, None]


def test_a_person_without_steps_listens() -> None:
    """Until the call ends."""
    assert call_step(phone(), 0) is None
    assert (rejects_after(phone()), rejects_after(phone("rejects"))) == (None, None)
