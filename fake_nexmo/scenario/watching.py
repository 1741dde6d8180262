"""A scenario file that a server follows: it is looked at again and again, and every edit of it is taken or refused.

The files are read anew at each look, those that it extends and the keys that it names included, and compared by what
they hold: neither a date that did not move nor one that did deceives anybody. Editors write files in more than one go;
an edit is taken when two looks in a row have read the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection

from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.flaws import BrokenScenario
from fake_nexmo.scenario.reloading import follow
from fake_nexmo.scenario.revise import lines
from fake_nexmo.scenario.source import Source
from fake_nexmo.store.protocol import NoSuchWorld, Store, Wall

log = logging.getLogger(__name__)

LOOK_S = 0.5
"""Between two looks, in real time."""
_SETTLE_S = 0.1


async def watch(
    source: Source, store: Store, wall: Wall, world: str, say: Callable[[str], None], fixed: Collection[str] = ()
) -> None:
    """Have a world follow a scenario file, until the task is cancelled.

    Args:
        source: the file; it was loaded, and the world was made from that.
        store: where the world lives, and ``wall`` the clock that its store reads.
        wall: see ``store``.
        world: its name.
        say: takes what is to be told of an edit, line by line.
        fixed: what the command line says in the scenario's place, so that no edit of it matters.
    """
    seen = source.look()
    while True:
        await asyncio.sleep(_SETTLE_S if source.edited(seen) else LOOK_S)
        before, seen = seen, source.look()
        if seen == before and source.edited(seen):
            try:
                told = await _take(source, store, wall, world, fixed)
            except Exception:
                log.exception("a bug in fake-nexmo: the edit of %s was not taken", source.shown)
                told = []
            for line in told:
                say(line)
            seen = source.look()


async def _take(source: Source, store: Store, wall: Wall, world: str, fixed: Collection[str]) -> list[str]:
    """Take one edit, or refuse it; what there is to be told."""
    try:
        revision = await follow(store, wall, world, source.load(), source.vocabulary)
    except BrokenScenario as broken:
        flaws = "1 mistake" if len(broken.flaws) == 1 else f"{len(broken.flaws)} mistakes"
        said = [f"fake-nexmo: {source.shown}: the edit holds {flaws}, so nothing changed:"]
        return [*said, *(each.shown() for each in broken.flaws)]
    except ScenarioError as error:
        return [f"fake-nexmo: {source.shown}: the edit cannot be, so nothing changed: {error}"]
    except NoSuchWorld:
        return [f"fake-nexmo: {source.shown}: the world {world!r} is gone, so nothing changed"]
    return [f"fake-nexmo: {source.shown}: {each}" for each in lines(revision, fixed)]
