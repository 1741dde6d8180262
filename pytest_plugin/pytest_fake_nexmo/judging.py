"""The verdict on a world when its test is over."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from pytest_fake_nexmo.entries import Entry, as_found
from pytest_fake_nexmo.strictness import Strictness

if TYPE_CHECKING:
    from fake_nexmo.scenario.matching import Found
    from fake_nexmo.scenario.strictness import Breach, FaultUse, Loose
    from pytest_fake_nexmo.door import Door
    from pytest_fake_nexmo.world import Nexmo

_FRAMES = 3
_CRASHED = 500
NO_REPORT: Mapping[str, Any] = {"items": (), "strict": (), "problems": ()}
"""What is said of a world whose scenario is not judged."""


class Verdict(Struct, frozen=True):
    """A verdict on a world.

    Attributes:
        wrong: in lines, what is wrong; ``doubtful``: what is only to be warned of.
        items: the verdicts on what its scenario expects, as the control API shows them.
    """

    wrong: Sequence[str]
    doubtful: Sequence[str]
    items: Sequence[Mapping[str, Any]] = ()


def verdict(nexmo: Nexmo, door: Door, strictness: Strictness, read: set[str], way_out: str) -> Verdict:
    """What is wrong with a world, but for what its scenario expects.

    Args:
        nexmo: the world, ``door`` the way to it, and ``read`` the ids of the messages that were asked for.
        door: see ``nexmo``.
        strictness: what weighs how much.
        read: see ``nexmo``.
        way_out: what is to be written where something is meant, with the rule in braces.
    """
    wrong = [
        f"Something tried to reach the real {name} with a client that is not httpx, requests or aiohttp."
        for name in dict.fromkeys(nexmo.reached_for_real)
    ]
    wrong += door.troubles()
    for expectation in nexmo.expectations:
        wrong += expectation.unmet()
    report = door.control("GET", "expectations?final=true") if strictness.asks_scenario else NO_REPORT
    doubtful = [f"could not be done of the scenario: {each}" for each in report["problems"]]
    for rule, group in groupby(_broken(nexmo, door, strictness, report, read), key=lambda each: each[0].rule):
        lines = [told for _, told in group]
        if strictness.weights[rule] == "fail":
            wrong += [*chain(*lines), f"  (way out: {way_out.format(rule)})"]
        else:
            doubtful += ["\n".join(each) for each in lines]
    return Verdict(wrong, doubtful, report["items"] if strictness.expects else ())


def unmet(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a scenario expected in vain, each with its nearest miss."""
    from fake_nexmo.scenario.telling import LISTED

    found = [each for each in items if each["state"] != "met"]
    if not found:
        return []
    lines = [line for each in found[:LISTED] for line in each["why"]]
    left = [f"… and {len(found) - LISTED} more that are not met"] if len(found) > LISTED else []
    return [*lines, *left, "  (way out: @pytest.mark.nexmo(expect=False))"]


def _broken(
    nexmo: Nexmo, door: Door, strictness: Strictness, report: Mapping[str, Any], read: set[str]
) -> list[tuple[Breach, list[str]]]:
    """What breaks the rules that weigh something, each with its lines."""
    from fake_nexmo.scenario.strictness import Breach, breaches, some_of

    weights = {rule: weight for rule, weight in strictness.weights.items() if weight != "ignore"}
    found = breaches(weights, _loose(nexmo, door, weights, report, read)) if weights else []
    # Which numbers are unknown, the world knows alone.
    found += [
        Breach(each["rule"], weights[each["rule"]], each["what"])
        for each in report["strict"]
        if each["rule"] == "unknown_number" and "unknown_number" in weights
    ]
    hooks = {each["id"]: each for each in _entries(door, "webhooks")} if any(each.about for each in found) else {}
    told: list[list[str]] = []
    lines = []
    for each in some_of(found):
        more = _more(each, hooks.get(each.about), door)
        # An app that raises does so again and again.
        lines.append((each, [each.what, *each.why, *(more if more not in told else ())]))
        told.append(more)
    return lines


def _loose(nexmo: Nexmo, door: Door, weights: Mapping[str, str], report: Mapping[str, Any], read: set[str]) -> Loose:
    """What the rules look at, as far as they weigh something."""
    from fake_nexmo.scenario.strictness import Loose, nobody_has

    entries: dict[str, Sequence[Found]] = {"message": (), "call": (), "webhook": ()}
    expected = set(read)
    if "failed_webhook" in weights:
        entries["webhook"] = as_found("webhook", _entries(door, "webhooks"))
    if "unexpected_message" in weights:
        messages = nexmo.entries("message")
        entries["message"] = as_found("message", messages)
        said = [each for each in nexmo.expectations if each.kind == "message"]
        expected |= {each["id"] for each in messages if any(one.covers(each) for one in said)}
        expected |= {found for each in report["items"] if each["kind"] == "message" for found in each["found"]}
    faults = [_use(each) for each in _entries(door, "faults")] if "unused_fault" in weights else []
    nobody = door.lost() if "lost_request" in weights else ()
    lost = [nobody_has(each["method"], each["path"], each["why"], each["name"]) for each in nobody]
    return Loose(entries, expected, (), faults, lost)


def _use(fault: Entry) -> FaultUse:
    """How often a fault was met, and how many times it takes until it acts."""
    from fake_nexmo.scenario.strictness import FaultUse

    needed = int(fault.get("every", 0)) or int(str(fault.get("calls", "1")).partition("..")[0])
    return FaultUse(fault["name"], fault["target"], fault["matches"], needed, fault.get("chance", 1))


def _more(breach: Breach, webhook: Mapping[str, Any] | None, door: Door) -> list[str]:
    """What a test in Python can be told besides."""
    if breach.rule == "lost_request":
        return ["  (nexmo.api_key is the one of this world)"]
    if breach.rule != "failed_webhook" or webhook is None:
        return []
    if webhook["state"] == "refused":
        return ["  (an app in this process is called after nexmo.mount(its origin, the app))"]
    if webhook["attempts"][-1]["status"] != _CRASHED:
        return []
    at = webhook["url"].partition("?")[0]
    crash = next((error for url, error in reversed(door.crashes()) if url.partition("?")[0] == at), None)
    return [] if crash is None else _crash(crash)


def _entries(door: Door, path: str) -> list[Entry]:
    return [Entry(each) for each in door.control("GET", path)["items"]]


def _crash(error: BaseException) -> list[str]:
    """The end of an app's traceback, without the house that called it."""
    from fake_nexmo import inside
    from fake_nexmo.scenario.telling import LISTED, cut

    house = str(Path(inside.__file__).parent)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not each.filename.startswith(house)]
    where = [f"    {Path(each.filename).name}:{each.lineno} in {each.name}" for each in frames[-_FRAMES:]]
    said = [f"    {line}" for line in f"{type(error).__name__}: {error}".splitlines()]
    more = ["    …"] if len(said) > LISTED else []
    return list(map(cut, ["  the app raised:", *where, *said[:LISTED], *more]))
