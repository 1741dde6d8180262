"""Sequences of receipts that can happen, and such that cannot: every status after every way to come there."""

from __future__ import annotations

import itertools

import pytest

from fake_nexmo.core.machine import may
from fake_nexmo.core.records import PartStatus, Reaction
from fake_nexmo.network.carry import MOVES
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.flaws import BrokenScenario
from fake_nexmo.scenario.load import load_text
from fake_nexmo.scenario.receipt_steps import check_receipts
from tests.scenario.example import NAMES

SAID = [each for each in PartStatus if each is not PartStatus.SUBMITTED]


def step(status: PartStatus, share: float = 1.0) -> Reaction:
    return Reaction(0, status, "0", share)


@pytest.mark.parametrize("first", SAID)
@pytest.mark.parametrize("second", SAID)
def test_what_the_paths_of_a_part_allow_is_allowed(first: PartStatus, second: PartStatus) -> None:
    """Every pair of statuses; where the first is left to chance, whatever may come in its place."""
    steps = [step(first), step(second)]
    if may(MOVES, first, second):
        check_receipts(steps, "receipts")
    else:
        with pytest.raises(ScenarioError) as refused:
            check_receipts(steps, "receipts")
        assert refused.value.path == "receipts.1.status"
        assert refused.value.what.startswith(f"a part that is {first} never becomes {second}")
    check_receipts([step(first, 0.5), step(second)], "receipts")


@pytest.mark.parametrize("steps", list(itertools.product(SAID, repeat=3)))
def test_a_step_is_refused_only_if_no_part_ever_reaches_it(steps: tuple[PartStatus, ...]) -> None:
    """By going through all that may happen, one after the other."""
    status, possible = PartStatus.SUBMITTED, True
    for each in steps:
        possible = possible and may(MOVES, status, each)
        status = each
    if possible:
        check_receipts([step(each) for each in steps], "receipts")
    else:
        with pytest.raises(ScenarioError):
            check_receipts([step(each) for each in steps], "receipts")


BROKEN = {
    "[{status: delivered}, {status: failed}]": (
        "1:84: handsets.a.receipts.sequence.1.status: a part that is delivered never becomes failed: "
        "nothing comes after that; leave this step out, or give a share to the one before"
    ),
    "[{status: accepted}, {status: accepted}]": (
        "1:83: handsets.a.receipts.sequence.1.status: a part that is accepted never becomes accepted; "
        "it may become delivered or expired or failed"
    ),
    "[{status: failed, share: 50%}, {status: delivered}, {status: failed}]": (
        "1:114: handsets.a.receipts.sequence.2.status: a part that is delivered or failed never becomes failed: "
        "nothing comes after that; leave this step out, or give a share to the one before"
    ),
}


@pytest.mark.parametrize("sequence", BROKEN)
def test_a_file_says_where(sequence: str) -> None:
    """Line, column, path, and the right thing; of a character's receipts too."""
    text = "handsets: {a: {number: '447700900601', receipts: {sequence: " + sequence + "}}}"

    with pytest.raises(BrokenScenario) as broken:
        load_text(text, "yaml", NAMES)

    assert [str(each).removeprefix("scenario.yaml:") for each in broken.value.flaws] == [BROKEN[sequence]]
    with pytest.raises(BrokenScenario) as broken:
        load_text("characters: {a: {receipts: {sequence: " + sequence + "}}}", "yaml", NAMES)
    assert len(broken.value.flaws) == 1
