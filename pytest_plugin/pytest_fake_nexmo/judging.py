"""The verdict on a world when its test is over."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_fake_nexmo import telling
from pytest_fake_nexmo.entries import Entry
from pytest_fake_nexmo.strictness import Strictness, failed_webhooks, unused_faults

if TYPE_CHECKING:
    from pytest_fake_nexmo.door import Door
    from pytest_fake_nexmo.world import Nexmo

_FRAMES = 3
_CRASHED = 500


def verdict(nexmo: Nexmo, door: Door, strictness: Strictness, read: set[str]) -> tuple[list[str], list[str]]:
    """What is wrong, in lines, and what is only to be warned of."""
    wrong = [
        f"Something tried to reach the real {name} with a client that is not httpx or requests."
        for name in dict.fromkeys(nexmo.reached_for_real)
    ]
    wrong += door.troubles()
    for expectation in nexmo.expectations:
        wrong += expectation.unmet()
    doubtful: list[str] = []
    for name, weight in strictness.weights.items():
        if weight == "ignore":
            continue
        for lines in _RULES[name](nexmo, door, read):
            way_out = f"  (way out: @pytest.mark.nexmo(strict={{{name!r}: 'ignore'}}))"
            if weight == "fail":
                wrong += [*map(telling.cut, lines), way_out]
            else:
                doubtful.append("\n".join(lines))
    return wrong, doubtful


def _failed_webhooks(_: Nexmo, door: Door, __: set[str]) -> Iterator[list[str]]:
    for each in failed_webhooks(_entries(door, "webhooks")):
        last = each["attempts"][-1]
        said = [f"  HTTP {last['status']}"] if last["status"] else telling.folded(f"  {last['error']}")
        if each["state"] == "refused":
            said.append("  (an app in this process is called after nexmo.mount(its origin, the app))")
        tries = "once" if len(each["attempts"]) == 1 else f"{len(each['attempts'])} times"
        then = ", another try is due:" if each["state"] == "pending" else ":"
        head = f"The webhook {each['kind']} to {telling.place(each['url'])} failed {tries}{then}"
        at = each["url"].partition("?")[0]
        crash = next((error for url, error in reversed(door.crashes()) if url.partition("?")[0] == at), None)
        yield [head, *said, *(_crash(crash) if crash is not None and last["status"] == _CRASHED else ())]


def _unused_faults(_: Nexmo, door: Door, __: set[str]) -> Iterator[list[str]]:
    for each in unused_faults(_entries(door, "faults")):
        times = telling.counted(each["matches"], "request")
        yield [f"The fault {each['name']!r} on {each['target']} never acted: {times} met it."]


def _lost_requests(_: Nexmo, door: Door, __: set[str]) -> Iterator[list[str]]:
    for each in door.lost():
        came = f"{each['method']} {each['path']} came with the {each['why']} {each['name']!r}"
        yield [f"{came}, which nobody has;", "  nexmo.api_key is the one of this world."]


def _unexpected_messages(nexmo: Nexmo, _: Door, read: set[str]) -> Iterator[list[str]]:
    said = [each for each in nexmo.expectations if each.kind == "message"]
    for each in nexmo.entries("message"):
        if each["direction"] == "outbound" and each["id"] not in read and not any(one.covers(each) for one in said):
            yield [f"Nobody expected the message {telling.titled(each)}:", f"  {each['text']!r}"]


_RULES = {
    "failed_webhook": _failed_webhooks,
    "unused_fault": _unused_faults,
    "lost_request": _lost_requests,
    "unexpected_message": _unexpected_messages,
}


def _entries(door: Door, path: str) -> list[Entry]:
    return [Entry(each) for each in door.control("GET", path)["items"]]


def _crash(error: BaseException) -> list[str]:
    """The end of an app's traceback, without the house that called it."""
    from fake_nexmo import inside

    house = str(Path(inside.__file__).parent)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not each.filename.startswith(house)]
    where = [f"    {Path(each.filename).name}:{each.lineno} in {each.name}" for each in frames[-_FRAMES:]]
    return ["  the app raised:", *where, *(f"    {line}" for line in f"{type(error).__name__}: {error}".splitlines())]
