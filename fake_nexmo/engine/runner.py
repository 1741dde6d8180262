"""The engine: it carries out what falls due, and moves the clocks.

One loop per server, `Engine.drive`, asks the store which worlds need attention and tends each in a task of its own.

A world whose clock runs is tended in batches: timers are carried out one after another, webhooks are sent and
websockets spoken on side by side, and the store sees to it that nothing overtakes another thing about the same subject.

A world whose clock stands still has at most one *runner* at a time: whoever holds its driver lease carries out what
is due now, item by item, webhooks awaited. Three kinds of runner exist: one that merely *follows* a request, one that
belongs to an *act* of the control API, and one that *advances* the clock. Runners never nest. Somebody who finds a
runner at work may be called from a webhook that this very runner is waiting for; so an act then runs nothing and says
so, an `advance` waits for a follower, and is refused beside an act or another `advance`, which might wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Change, Conflict, StaleEpoch
from fake_nexmo.core.records import Clock, ClockMode, Delivery, DeliveryState, Timer
from fake_nexmo.engine.carry import Others, carry_out, foresee
from fake_nexmo.engine.deliver import attempt_delivery, probe
from fake_nexmo.engine.outbound import Outbound
from fake_nexmo.engine.sockets import Sockets, carry_errand
from fake_nexmo.store.protocol import Item, NoSuchWorld, Start
from fake_nexmo.web.api import Api
from fake_nexmo.web.call import Shell

log = logging.getLogger(__name__)

CHAIN_MAX = 1_000
"""Causes in a row at one instant before a runner stops with an error."""

_LEASE_US = 60_000_000
_BATCH = 64
_ATTEMPTS_MAX = 64
_NAP_MAX_S = 5.0
_LOOK_AGAIN_S = 0.05
_SWEEP_S = 1.0
_ANY_SEQ = 1 << 62


class AlreadyAdvancing(Exception):  # noqa: N818 - an answer
    """The clock is being advanced, or an act is being carried out, by somebody who may wait for the caller."""


class ChainTooLong(Exception):  # noqa: N818 - an answer
    """More than a thousand things caused one another at one instant; ``last`` names the last ten."""

    def __init__(self, last: Sequence[str]) -> None:
        super().__init__(f"more than {CHAIN_MAX} causes at one instant; the last ten: {', '.join(last)}")
        self.last = last


class Stopping(Exception):  # noqa: N818 - an answer
    """The engine stops and takes nothing new on."""


class Tally(Struct):
    """What a runner has carried out so far."""

    timers: int = 0
    delivered: int = 0
    failed: int = 0


class Advanced(Struct, frozen=True):
    """An `advance` that is settled.

    Attributes:
        begin: the world's instant before, ``end`` after it.
        pending: webhooks that wait for a later retry.
    """

    begin: int
    end: int
    timers: int
    delivered: int
    failed: int
    pending: int


class _Mortal(Struct):
    """A world that is dropped when it is idle: nobody drew an ordinal in it for ``idle_us`` of wall time."""

    idle_us: int
    ordinal: int = -1
    since: int = 0


class Engine:
    """What carries out timers and deliveries, for all worlds of a store.

    Attributes:
        others: finds who owns timers besides the network and the APIs; None: nobody does.
    """

    def __init__(self, shell: Shell, registry: Mapping[str, Api], outbound: Outbound) -> None:
        self.shell = shell
        self.store = shell.store
        self.registry = registry
        self.outbound = outbound
        self.others: Others | None = None
        self.sockets = Sockets(shell.store, shell.wall, lambda: self.outbound)
        self.requests = 0
        self._name = secrets.token_hex(6)
        self._runners = itertools.count()
        self._tended: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._attempts: dict[str, set[asyncio.Task[None]]] = {}
        self._auto: set[str] = set()
        self._mortal: dict[str, _Mortal] = {}
        self._stopping = False
        shell.settle = self.settle
        shell.check_url = self.check_url

    # The loop.

    async def drive(self) -> None:
        """Tend worlds as they fall due, until the task is cancelled or the engine stops."""
        swept = self.shell.wall()
        while not self._stopping:
            wall = self.shell.wall()
            for world in await self.store.worlds_due(wall):
                self._tend(world)
            if wall - swept > _SWEEP_S * 1_000_000:
                swept = wall
                await self._sweep(wall)
            following = await self.store.next_wall()
            nap = _NAP_MAX_S if following is None else (following - self.shell.wall()) / 1_000_000
            if self._mortal:
                nap = min(nap, _SWEEP_S)
            if nap > 0:
                await self.store.wait_due(min(nap, _NAP_MAX_S))
            else:
                await asyncio.sleep(0)

    async def stop(self, grace_s: float) -> None:
        """Take nothing new on, and wait at most ``grace_s`` for what is under way."""
        self._stopping = True
        under_way = {*self._tended.values(), *(task for tasks in self._attempts.values() for task in tasks)}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=grace_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await self.sockets.aclose()
        await self.outbound.aclose()

    def request_began(self) -> None:
        """A request to an API is under way: clocks that jump by themselves wait for it."""
        self.requests += 1

    def request_ended(self) -> None:
        """A request was answered."""
        self.requests -= 1
        if not self.requests and self._auto:
            waiting, self._auto = self._auto, set()
            for world in waiting:
                self._tend(world)

    def watch(self, world: str, idle_us: int) -> None:
        """Drop a world when nobody asked for it for that long, in wall time."""
        self._mortal[world] = _Mortal(idle_us)

    # Acts and the clock.

    async def settle(self, world: str) -> bool:
        """Carry out all that is due now, webhooks awaited; False when another runner is at work and will do it.

        Raises:
            ChainTooLong: causes went round in circles at one instant.
            StaleEpoch: the world was reset, restored or deleted meanwhile.
        """
        holder = self._holder()
        if await self.store.drive(world, holder, "act", _LEASE_US) is not None:
            return False
        try:
            # On a running clock webhooks are under way without anybody driving; the caller may be a handler of one.
            if await self.store.under_way(world):
                return False
            await self._run_due(world, holder, "act", Tally())
        except NoSuchWorld:
            raise StaleEpoch(world) from None
        finally:
            await self.store.leave(world, holder)
        return not self._stopping

    async def advance(self, world: str, by: int) -> Advanced:
        """Move a world's clock by so many microseconds and carry out everything due on the way, in order.

        Raises:
            AlreadyAdvancing: an act or another ``advance`` is at work.
            ChainTooLong: causes went round in circles at one instant.
            StaleEpoch: the world was reset, restored or deleted meanwhile.
            Stopping: the engine stops.
        """
        holder = await self._take_drive(world)
        tally = Tally()
        try:
            await self._quiet(world)
            begin = await self._hold(world, holder)
            end = begin + by
            while True:
                await self._run_due(world, holder, "advance", tally)
                if self._stopping:
                    raise Stopping
                item = await self.store.next_due(world)
                if item is None or item.due_at > end:
                    break
                await self._step(world, holder, item.due_at)
            await self._step(world, holder, end)
        except NoSuchWorld:
            raise StaleEpoch(world) from None
        finally:
            await self._let_go(world, holder)
        pending = await self.store.pending(world)
        waiting = sum(1 for item in pending if isinstance(item, Delivery))
        return Advanced(begin, end, tally.timers, tally.delivered, tally.failed, waiting)

    async def webhooks_pending(self, world: str) -> AsyncIterator[Delivery]:
        """Every webhook that a world still owes: those set already, and those that its timers lead to."""
        start = await self.store.peek(world)
        for item in await self.store.pending(world):
            if isinstance(item, Delivery):
                yield item
            else:
                for delivery in await foresee(self.store, self.registry, start, item):
                    yield delivery

    async def check_url(self, world: str, account: str, url: str) -> bool:
        """Whether a URL answers exactly 200 to a GET, as the service asks before it saves one; listed as a webhook.

        Source: reference webhooks §1, §3 (D for the time-outs), §4.
        """
        start = await self.store.begin(world)
        now = clocks.now(start.clock, self.shell.wall())
        attempt = await probe(self.outbound, self.shell.wall, start, url)
        good = attempt.status == 200
        listed = Delivery(
            id=f"check{start.ordinal}",
            kind="url_check",
            owner="",
            account=account,
            about=url,
            subject=f"check/{start.ordinal}",
            url=url,
            method="GET",
            facts={},
            created_at=now,
            due_at=now,
            state=DeliveryState.DELIVERED if good else DeliveryState.GIVEN_UP,
            attempts=(attempt,),
        )
        await self.store.commit(world, start.epoch, Change(put=(listed,)))
        return good

    @property
    def stopping(self) -> bool:
        """Whether nothing new is taken on."""
        return self._stopping

    # Tending.

    def _tend(self, world: str) -> None:
        if self._stopping:
            return
        if world in self._tended:
            self._again.add(world)
            return
        task = asyncio.get_running_loop().create_task(self._tend_until_done(world), name=f"tend {world}")
        self._tended[world] = task

    async def _tend_until_done(self, world: str) -> None:
        try:
            while True:
                self._again.discard(world)
                with contextlib.suppress(NoSuchWorld, StaleEpoch):
                    clock = (await self.store.peek(world)).clock
                    if clocks.runs(clock):
                        await self._run_batches(world)
                    else:
                        await self._follow(world)
                if world not in self._again or self._stopping:
                    break
        except Exception:
            log.exception("a bug in fake-nexmo: tending world %r failed", world)
        finally:
            del self._tended[world]

    async def _run_batches(self, world: str) -> None:
        """Carry out what is due in a world whose clock runs: timers here, webhooks side by side."""
        holder = self._holder()
        # Counted per world: a receiver that hangs holds up its own world only.
        attempts = self._attempts.setdefault(world, set())
        last: deque[str] = deque(maxlen=9)
        while not self._stopping:
            room = _ATTEMPTS_MAX - len(attempts)
            if room <= 0:
                await asyncio.wait(attempts, return_when=asyncio.FIRST_COMPLETED)
                continue
            items = await self.store.claim_due(world, holder, min(room, _BATCH), _LEASE_US)
            if not items:
                return
            for item in items:
                if item.depth > CHAIN_MAX:
                    await self._give_up(world, item)
                    log.error("world %r: %s", world, ChainTooLong([*last, _name(item)]))
                elif isinstance(item, Timer) and not self._is_errand(item):
                    last.append(_name(item))
                    await self._carry(world, item, Tally())
                else:
                    task = asyncio.get_running_loop().create_task(self._attempt(world, item))
                    attempts.add(task)
                    task.add_done_callback(attempts.discard)
            await asyncio.sleep(0)

    async def _attempt(self, world: str, item: Item) -> None:
        try:
            await self._carry(world, item, Tally())
        except (NoSuchWorld, StaleEpoch):
            return
        except Exception:
            log.exception("a bug in fake-nexmo: %s of world %r failed", _name(item), world)

    async def _follow(self, world: str) -> None:
        """Carry out what is due in a world whose clock stands; on ``auto``, jump on while nothing is under way."""
        if await self._waits(world):
            return
        holder = self._holder()
        if await self.store.drive(world, holder, "follow", _LEASE_US) is not None:
            return
        try:
            while not self._stopping:
                try:
                    await self._run_due(world, holder, "follow", Tally())
                except ChainTooLong as chain:
                    log.error("world %r: %s", world, chain)  # noqa: TRY400 - the chain is the story
                if not await self._jump(world):
                    return
        finally:
            await self.store.leave(world, holder)

    async def _waits(self, world: str) -> bool:
        """Whether all that a clock on ``auto`` could do is wait for a request; when that ends, it is tended again."""
        start = await self.store.peek(world)
        if start.clock.mode is not ClockMode.AUTO:
            return False
        item = await self.store.next_due(world)
        if not self.requests or (item is not None and item.due_at <= start.clock.at):
            return False
        self._auto.add(world)
        return True

    async def _jump(self, world: str) -> bool:
        """On ``auto``, step to the next progress item; a deadline is never passed. Whether it did."""
        start = await self.store.peek(world)
        if start.clock.mode is not ClockMode.AUTO:
            return False
        target = await self.next_jump(world)
        if target is None:
            return False
        if self.requests:
            self._auto.add(world)
            return False
        await self._put_clock(world, start, clocks.set_to(start.clock, target, self.shell.wall()))
        return True

    async def next_jump(self, world: str) -> int | None:
        """Where a clock that jumps by itself goes next: to the next item, where there is progress to be made.

        What is idle is carried out on the way to something else; without that, the clock stands.
        """
        item = await self.store.next_due(world)
        reason: Item | None = item
        if item is not None and item.idle:
            reason = next((each for each in await self.store.pending(world) if not each.idle), None)
        return None if item is None or reason is None or reason.deadline else item.due_at

    # Running.

    async def _run_due(self, world: str, holder: str, purpose: str, tally: Tally) -> None:
        """Carry out everything due now, one item at a time, each webhook answered before the next is taken."""
        last: deque[str] = deque(maxlen=10)
        while not self._stopping:
            await self.store.drive(world, holder, purpose, _LEASE_US)
            items = await self.store.claim_due(world, holder, 1, _LEASE_US)
            if not items:
                return
            item = items[0]
            last.append(_name(item))
            if item.depth > CHAIN_MAX:
                await self._give_up(world, item)
                raise ChainTooLong(list(last))
            try:
                await self._carry(world, item, tally)
            except (StaleEpoch, NoSuchWorld):
                raise
            except BaseException:
                # Whoever waited for it has gone, or was interrupted: it is due again, for the next runner.
                await self.store.give_back(world, items)
                raise

    async def _carry(self, world: str, item: Item, tally: Tally) -> None:
        start = await self.store.peek(world)
        if isinstance(item, Timer):
            tally.timers += 1
            try:
                await self._carry_timer(start, item)
            except (StaleEpoch, NoSuchWorld):
                raise
            except Exception:
                log.exception("a bug in fake-nexmo: %s of world %r failed and was dropped", _name(item), world)
                await self._give_up(world, item)
            return
        depths = self.shell.depths
        if not clocks.runs(start.clock):
            depths[world] = item.depth + 1
        try:
            state = await attempt_delivery(self.store, self.registry, self.outbound, self.shell.wall, start, item)
        except (StaleEpoch, NoSuchWorld):
            raise
        except Exception:
            log.exception("a bug in fake-nexmo: %s of world %r failed and was dropped", _name(item), world)
            await self._give_up(world, item)
            state = DeliveryState.CANCELLED
        finally:
            depths.pop(world, None)
        if state is DeliveryState.DELIVERED:
            tally.delivered += 1
        else:
            tally.failed += 1

    async def _carry_timer(self, start: Start, timer: Timer) -> None:
        if not self._is_errand(timer):
            await carry_out(self.store, self.registry, start, timer, self.others)
            return
        depths, world = self.shell.depths, start.world.name
        if not clocks.runs(start.clock):
            depths[world] = timer.depth + 1
        try:
            rule = self.registry[timer.owner].sockets[timer.what]
            await carry_errand(self.store, self.sockets, rule, self.shell.wall, start, timer)
        finally:
            depths.pop(world, None)

    def _is_errand(self, timer: Timer) -> bool:
        """Whether a timer is carried out on a websocket: others need not wait for that."""
        return timer.owner in self.registry and timer.what in self.registry[timer.owner].sockets

    async def _give_up(self, world: str, item: Item) -> None:
        """Take an item that cannot be carried out out of the way, so that nothing waits behind it."""
        start = await self.store.peek(world)
        if isinstance(item, Timer):
            change = Change(drop=(item,))
        else:
            change = Change(put=(replace(item, state=DeliveryState.CANCELLED),))
        with contextlib.suppress(Conflict):
            await self.store.commit(world, start.epoch, change)

    # The clock.

    async def _take_drive(self, world: str) -> str:
        holder = self._holder()
        while True:
            other = await self.store.drive(world, holder, "advance", _LEASE_US)
            if other is None:
                return holder
            if other.purpose != "follow":
                raise AlreadyAdvancing
            await self.store.changed(world, _ANY_SEQ, _LOOK_AGAIN_S)

    async def _quiet(self, world: str) -> None:
        """Wait until no item of the world is under way at any worker."""
        while await self.store.under_way(world):
            await self.store.changed(world, _ANY_SEQ, _LOOK_AGAIN_S)

    async def _hold(self, world: str, holder: str) -> int:
        """Hold the clock still where it is; the instant it shows."""
        while True:
            start = await self.store.peek(world)
            wall = self.shell.wall()
            shown = clocks.now(start.clock, wall)
            if await self._put_clock(world, start, clocks.set_to(start.clock, shown, wall, held=holder)):
                return shown

    async def _step(self, world: str, holder: str, at: int) -> None:
        """Set the clock on; never back."""
        while True:
            start = await self.store.peek(world)
            if start.clock.held != holder:
                raise StaleEpoch(world)
            step = clocks.set_to(start.clock, max(at, start.clock.at), self.shell.wall())
            if await self._put_clock(world, start, step):
                return

    async def _let_go(self, world: str, holder: str) -> None:
        """Let the clock run on from where it stands, and give the lease back."""
        with contextlib.suppress(NoSuchWorld, StaleEpoch):
            while True:
                start = await self.store.peek(world)
                if start.clock.held != holder:
                    break
                free = clocks.set_to(start.clock, start.clock.at, self.shell.wall(), held="")
                if await self._put_clock(world, start, free):
                    break
        await self.store.leave(world, holder)

    async def _put_clock(self, world: str, start: Start, clock: Clock) -> bool:
        """Commit a clock; False when it moved meanwhile."""
        try:
            await self.store.commit(world, start.epoch, Change(put=(clock,)))
        except Conflict:
            return False
        return True

    # Small things.

    def _holder(self) -> str:
        return f"{self._name}/{next(self._runners)}"

    async def _sweep(self, wall: int) -> None:
        """Drop worlds that nobody asked for since they were last looked at, when they were made to be dropped."""
        for world, mortal in list(self._mortal.items()):
            try:
                start = await self.store.peek(world)
            except NoSuchWorld:
                del self._mortal[world]
                continue
            ordinal = start.ordinal
            if not start.world.drop_after_idle:
                # Another world took the name.
                del self._mortal[world]
            elif ordinal != mortal.ordinal:
                mortal.ordinal, mortal.since = ordinal, wall
            elif wall - mortal.since > mortal.idle_us:
                del self._mortal[world]
                await self.store.delete_world(world)


def _name(item: Item) -> str:
    what = item.what if isinstance(item, Timer) else f"webhook {item.kind}"
    return f"{what} of {item.subject}"
