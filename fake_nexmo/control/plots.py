"""The plots of scenarios: who takes their steps, who judges their worlds, and how verdicts are shown."""

from __future__ import annotations

from typing import Any

from fake_nexmo.control import words
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import rfc3339
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.plot import ENDS
from fake_nexmo.core.records import Timer, World
from fake_nexmo.engine.carry import Owner
from fake_nexmo.engine.runner import Engine
from fake_nexmo.scenario.judging import Judge, Report
from fake_nexmo.scenario.play import Player
from fake_nexmo.scenario.verdicts import Verdict
from fake_nexmo.store.protocol import View

NOTHING: dict[str, Any] = {"scenario": None, "at": None, "final": False, "items": [], "strict": [], "problems": []}
"""What is said of a world without a scenario."""


def owner(engine: Engine) -> Owner:
    """Who owns the timers of plots: each takes a step, or gives the verdicts at the scenario's end."""
    steps = Player(engine.registry).owner()
    giving = judge(engine)

    async def end(view: View, _: Timer, moment: Moment) -> Outcome[Report]:
        world = await view.get(World, "world")
        assert world is not None, "every world has its facts"
        given = await giving.judge(view, world, moment.now, final=True)
        assert given is not None, "a world with an end has a scenario"
        return Outcome(Change(put=(given,)), given)

    return Owner(timers={**steps.timers, ENDS: end}, occasions=steps.occasions)


def judge(engine: Engine) -> Judge:
    """Who judges the worlds of an engine."""
    return Judge(engine.store, engine.shell.wall, engine.registry, words.collections(engine.registry))


def report(given: Report) -> dict[str, Any]:
    """Verdicts as the control API shows them."""
    return {
        "scenario": given.scenario,
        "at": rfc3339(given.at),
        "final": given.final,
        "items": [_verdict(each) for each in given.verdicts],
        "strict": [
            {"rule": each.rule, "weight": each.weight, "what": each.what, "why": list(each.why)}
            for each in given.breaches
        ],
        "problems": list(given.problems),
    }


def _verdict(each: Verdict) -> dict[str, Any]:
    return {
        "expectation": each.said,
        "kind": each.kind,
        "name": each.name or None,
        "state": each.state,
        "found": list(each.found),
        "why": list(each.why),
        "around": list(each.around),
    }
