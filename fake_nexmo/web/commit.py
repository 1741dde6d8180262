"""Deciding and committing: an attempt is run again until its change is applied whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from fake_nexmo.core.change import Change, Conflict, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Record
from fake_nexmo.store.protocol import Store, View
from fake_nexmo.web.call import Call

A = TypeVar("A")
R = TypeVar("R", bound=Record)

RERUNS_MAX = 10_000
"""A bound against a bug, not against contention: each rerun means that somebody else got on."""

Attempt = Callable[[View, Moment], Awaitable[Outcome[A]]]


class WorldView:
    """One world of a store, as an attempt sees it."""

    __slots__ = ("_store", "_world")

    def __init__(self, store: Store, world: str) -> None:
        self._store = store
        self._world = world

    async def get(self, kind: type[R], record_id: str) -> R | None:
        """One record."""
        return await self._store.get(self._world, kind, record_id)

    async def find(
        self, kind: type[R], key: str, after: int = 0, limit: int = 100, *, newest: bool = False
    ) -> Sequence[R]:
        """Records under a look-up key."""
        return await self._store.find(self._world, kind, key, after, limit, newest=newest)

    async def counter(self, name: str) -> int:
        """A counter."""
        return await self._store.counter(self._world, name)

    async def holder(self, name: str) -> str | None:
        """Who holds a name in the world."""
        return await self._store.holder(self._world, name)


async def decide(
    store: Store, world: str, epoch: int, moment: Moment, attempt: Attempt[A], depth: int = 0
) -> tuple[A, Mapping[str, int]]:
    """Run an attempt and commit its change, again and again while others move what it rests on.

    Returns:
        The answer's facts, and the counters that the change touched.

    Raises:
        StaleEpoch: the world was reset, restored or deleted meanwhile.
    """
    view = WorldView(store, world)
    for _ in range(RERUNS_MAX):
        outcome = await attempt(view, moment)
        change = outcome.change
        if not change:
            return outcome.answer, {}
        if depth:
            change = _deepen(change, depth, moment.now)
        try:
            counters = await store.commit(world, epoch, change)
        except Conflict:
            continue
        return outcome.answer, counters
    raise AssertionError(f"an attempt conflicted {RERUNS_MAX} times running")


async def commit(call: Call, attempt: Attempt[A]) -> tuple[A, Mapping[str, int]]:
    """Decide and commit for a request whose caller is known; see `decide`."""
    caller = call.caller
    assert caller is not None, "no caller: authenticate first"
    shell = call.shell
    depth = shell.depths.get(caller.world, 0) if shell.depths else 0
    return await decide(shell.store, caller.world, caller.start.epoch, caller.moment, attempt, depth)


def _deepen(change: Change, depth: int, now: int) -> Change:
    """Mark what is due at this very instant as one step further down the chain of causes."""
    return replace(
        change,
        timers=tuple(replace(each, depth=depth) if each.due_at <= now else each for each in change.timers),
        deliveries=tuple(replace(each, depth=depth) if each.due_at <= now else each for each in change.deliveries),
    )
