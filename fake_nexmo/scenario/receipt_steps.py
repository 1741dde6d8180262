"""Whether a sequence of receipts can happen: a step that no part ever reaches would vanish without a word. Pure.

Source: reference sms §10.1 (B), the allowed paths of a part; see `network.carry.MOVES`.
"""

from __future__ import annotations

from collections.abc import Sequence

from fake_nexmo.core.machine import may
from fake_nexmo.core.records import PartStatus, Reaction
from fake_nexmo.network.carry import MOVES
from fake_nexmo.scenario.errors import ScenarioError


def check_receipts(steps: Sequence[Reaction], path: str) -> None:
    """Refuse a step that can never be taken; one that is left to chance may be skipped, so that others come after it.

    Raises:
        ScenarioError: which step, and what would do.
    """
    reached = {PartStatus.SUBMITTED}
    for k, step in enumerate(steps):
        if not any(may(MOVES, each, step.status) for each in reached):
            raise ScenarioError(f"{path}.{k}.status", _impossible(step.status, reached))
        after = {step.status if may(MOVES, each, step.status) else each for each in reached}
        reached = after if step.share >= 1 else reached | after


def _impossible(status: PartStatus, reached: set[PartStatus]) -> str:
    now = " or ".join(sorted(each.value for each in reached))
    further = " or ".join(sorted({to.value for each in reached for to in MOVES[each]}))
    said = f"a part that is {now} never becomes {status.value}"
    if further:
        return f"{said}; it may become {further}"
    return f"{said}: nothing comes after that; leave this step out, or give a share to the one before"
