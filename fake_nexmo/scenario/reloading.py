"""Having a live world follow an edit of its scenario: what it rests on is loaded, and the change is committed."""

from __future__ import annotations

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Conflict, StaleEpoch
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.plot import OWNER, PLOT, Plot
from fake_nexmo.core.records import Account, Application, Handset, Number, Timer, World
from fake_nexmo.keys.pool import TAKEN, key_pair
from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.edit import Live, Revision
from fake_nexmo.scenario.judging import Report
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.replot import Going
from fake_nexmo.scenario.revise import revise, wanting
from fake_nexmo.scenario.script import SCRIPT, Played, Script
from fake_nexmo.scenario.vocabulary import Vocabulary
from fake_nexmo.scenario.worlds import Maker
from fake_nexmo.store.protocol import Store, View, Wall
from fake_nexmo.web.commit import WorldView

_MOST = 1 << 30
_TRIES_MAX = 100


async def follow(store: Store, wall: Wall, world: str, document: Document, vocabulary: Vocabulary) -> Revision:
    """Have a live world follow an edited scenario, as one change under one epoch.

    Raises:
        NoSuchWorld: no live world has the name.
        ScenarioError: a fact that cannot be in this world; nothing was changed.
    """
    for _ in range(_TRIES_MAX):
        start = await store.begin(world)
        view = WorldView(store, world)
        moment = Moment(clocks.now(start.clock, wall()), start.ordinal, start.world.seed)
        live = await _live(view, start.world, moment.now)
        revision = await _decided(store, view, live, document, vocabulary, moment)
        if not revision.change:
            return revision
        try:
            await store.commit(world, start.epoch, revision.change)
        except (Conflict, StaleEpoch):
            # Something moved, or the world was put back: look again.
            continue
        return revision
    raise AssertionError(f"the edit of a scenario conflicted {_TRIES_MAX} times running")


async def _decided(
    store: Store, view: View, live: Live, document: Document, vocabulary: Vocabulary, moment: Moment
) -> Revision:
    name, seed = live.world.name, live.world.seed
    maker = Maker(store, name, seed, keep=False, own=name)
    wanted, pairs = wanting(document, live), await view.counter(TAKEN)
    made = await maker.add(wanted, moment.now, pairs)
    taken = {each for each in _spelled(document.world) if await maker.taken_elsewhere(each)}
    revision = revise(
        document,
        live,
        made,
        taken,
        lambda: key_pair(seed, pairs + len(wanted.applications)),
        vocabulary,
        moment,
    )
    return Revision(revision.change, revision.news, revision.restart, (*maker.replaced, *revision.kept))


async def _live(view: View, world: World, now: int) -> Live:
    """What a world holds of what a scenario speaks of; one that was made without a scenario begins with it now."""
    accounts = {each.id: each for each in await view.find(Account, "", limit=_MOST)}
    timers = {each.id: each for each in await view.find(Timer, "", limit=_MOST) if each.owner == OWNER}
    return Live(
        world=world,
        accounts=accounts,
        balances={name: await view.counter(each.balance) for name, each in accounts.items()},
        applications={each.id: each for each in await view.find(Application, "", limit=_MOST)},
        numbers={each.id: each for each in await view.find(Number, "", limit=_MOST)},
        phones={each.id: each for each in await view.find(Handset, "", limit=_MOST)},
        going=Going(
            script=await view.get(Script, SCRIPT) or Script(start_at=now),
            plot=await view.get(Plot, PLOT) or Plot(),
            timers=timers,
            played=await view.find(Played, "", limit=_MOST),
            report=await view.get(Report, "report"),
        ),
    )


def _spelled(world: WorldFacts) -> set[str]:
    """The credentials that a scenario spells, as they are claimed."""
    keys = {f"key/{each.api_key}" for each in world.accounts.values() if isinstance(each.api_key, str)}
    return keys | {f"application/{each.id}" for each in world.applications.values() if isinstance(each.id, str)}
