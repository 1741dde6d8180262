"""Deciding and committing: an attempt is run again until its change is applied whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from fake_nexmo.core import reload
from fake_nexmo.core.change import Add, Change, Conflict, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.plot import PLOT, Plot
from fake_nexmo.core.records import Account, FaultEffect, Mischief, Record, Timer
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import Store, View
from fake_nexmo.web.call import Call
from fake_nexmo.web.stage import staged
from fake_nexmo.web.weather import meet

A = TypeVar("A")
R = TypeVar("R", bound=Record)

RERUNS_MAX = 10_000
"""A bound against a bug, not against contention: each rerun means that somebody else got on."""

Attempt = Callable[[View, Moment], Awaitable[Outcome[A]]]


class WorldView:
    """One world of a store, as an attempt sees it; it hands the store's own awaitables on."""

    __slots__ = ("_store", "_world")

    def __init__(self, store: Store, world: str) -> None:
        self._store = store
        self._world = world

    def get(self, kind: type[R], record_id: str) -> Awaitable[R | None]:
        """One record."""
        return self._store.get(self._world, kind, record_id)

    def find(
        self, kind: type[R], key: str, after: int = 0, limit: int = 100, *, newest: bool = False
    ) -> Awaitable[Sequence[R]]:
        """Records under a look-up key."""
        return self._store.find(self._world, kind, key, after, limit, newest=newest)

    def counter(self, name: str) -> Awaitable[int]:
        """A counter."""
        return self._store.counter(self._world, name)

    def holder(self, name: str) -> Awaitable[str | None]:
        """Who holds a name in the world."""
        return self._store.holder(self._world, name)


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
    drawn: dict[tuple[str, int], Mischief | None] = {}
    for _ in range(RERUNS_MAX):
        outcome = await attempt(view, moment)
        change = outcome.change
        if not change:
            return outcome.answer, {}
        if change.deliveries and any(each.exposed for each in change.deliveries):
            change = await meet(store, world, change, moment, drawn)
        if (change.log or change.counters) and (plot := await view.get(Plot, PLOT)) is not None:
            change = await staged(view, change, plot, moment.now)
        if depth:
            change = _deepen(change, depth, moment.now)
        try:
            counters = await store.commit(world, epoch, change)
        except Conflict:
            continue
        return outcome.answer, counters
    raise AssertionError(f"an attempt conflicted {RERUNS_MAX} times running")


async def commit(call: Call, attempt: Attempt[A | Refusal]) -> tuple[A, Mapping[str, int]]:
    """Decide and commit for a request whose caller is known; see `decide`.

    A fault may have it done twice: then the second time has a moment and a commit of its own, and the first answer
    stands, be it a refusal that changed something.

    Raises:
        Refusal: the attempt's answer was one; its change is committed.
    """
    caller = call.caller
    assert caller is not None, "no caller: authenticate first"
    if caller.account.auto_reload is not None:
        attempt = _reloading(attempt, caller.account.id)
    shell = call.shell
    depth = shell.depths.get(caller.world, 0) if shell.depths else 0
    epoch = caller.start.epoch
    answer, counters = await decide(shell.store, caller.world, epoch, caller.moment, attempt, depth)
    if call.weather is not None and call.weather.fault.effect is FaultEffect.TWICE:
        again = call.moment(await shell.store.begin(caller.world))
        refusal: A | Refusal
        try:
            refusal, _ = await decide(shell.store, caller.world, epoch, again, attempt, depth)
        except Refusal as raised:
            refusal = raised
        if isinstance(refusal, Refusal):
            call.outcome = f"done a second time by {call.weather.fault.name!r}: refused as {refusal.row.value}"
    if isinstance(answer, Refusal):
        raise answer
    return answer, counters


def _reloading(attempt: Attempt[A | Refusal], account_id: str) -> Attempt[A | Refusal]:
    """The attempt of an account with auto-reload: a balance below the threshold sets the timer, a refusal too.

    Source: see `core.reload`.
    """

    async def watched(view: View, moment: Moment) -> Outcome[A | Refusal]:
        outcome: Outcome[A | Refusal]
        try:
            outcome = await attempt(view, moment)
        except Refusal as refusal:
            outcome = Outcome(Change(), refusal)
        account = await view.get(Account, account_id)
        assert account is not None, "accounts are never dropped while their world lives"
        balance = await view.counter(account.balance)
        steps = [each for each in outcome.change.counters if isinstance(each, Add) and each.counter == account.balance]
        look = reload.next_look(account, balance + sum(each.delta for each in steps), moment.now)
        if look is None or await view.get(Timer, look.id) is not None:
            return outcome
        return Outcome(outcome.change + Change(timers=(look,)), outcome.answer)

    return watched


def _deepen(change: Change, depth: int, now: int) -> Change:
    """Mark what is due at this very instant as one step further down the chain of causes."""
    return replace(
        change,
        timers=tuple(replace(each, depth=depth) if each.due_at <= now else each for each in change.timers),
        deliveries=tuple(replace(each, depth=depth) if each.due_at <= now else each for each in change.deliveries),
    )
