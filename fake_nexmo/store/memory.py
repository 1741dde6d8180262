"""The memory engine: plain dictionaries in one process.

Nothing here ever waits, but for the two methods whose purpose it is; a commit therefore runs from its checks to its
last write without another task in between. It is made for one event loop, or one caller at a time.

How a world is kept:

- ``records``: per kind, id to record. Kinds that show in a collection stand in the order of their newest change: a
  changed record is taken out and put back at the end, so that "what changed since" is read from the end. The order
  of making is in the records themselves.
- ``index``: per kind, look-up key to the ids found under it, in the order of making. One id alone stands for itself,
  since most keys find one record and a container for each would cost more than the record.
- ``due``: a heap of what is pending. Entries are not removed when an item is dropped or moved; an entry counts only
  if the item still stands as the entry says.
- ``leased`` and ``busy``: items that a runner has in hand, by set order, and their subjects. What comes up behind a
  busy subject is parked with it and put back on the heap when the subject is free again.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import secrets
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Add, Change, Claim, Conflict, Free, Set, StaleEpoch
from fake_nexmo.core.records import Clock, ClockMode, Delivery, DeliveryState, Entry, Record, Timer, World
from fake_nexmo.store.protocol import (
    Item,
    Lease,
    Lost,
    NameTaken,
    NoSuchSnapshot,
    NoSuchWorld,
    Page,
    Start,
    Tenant,
    View,
    Wall,
)

R = TypeVar("R", bound=Record)

RETENTION = 100_000
_LOST_MAX = 1_000
_EVICTION_TRIES = 8

_Due = tuple[int, int, int, str]
"""Due instant, rank (deliveries before timers), set order, id."""


def wall_clock() -> int:
    """The wall's instant."""
    return time.time_ns() // 1000


class _State:
    """All that a snapshot remembers of a world."""

    __slots__ = (
        "busy",
        "claims",
        "counters",
        "due",
        "evicted",
        "fading",
        "index",
        "leased",
        "logs",
        "making",
        "ordinal",
        "parked",
        "pending",
        "records",
        "seq",
        "until",
    )

    def __init__(self) -> None:
        self.ordinal = 0
        self.seq = 0
        self.records: dict[type, dict[str, Any]] = {}
        self.index: dict[type, dict[str, str | dict[str, None]]] = {}
        self.making: dict[type, deque[str]] = {}
        self.logs: dict[type, deque[Entry]] = {}
        self.evicted: dict[type, int] = {}
        self.counters: dict[str, int] = {}
        self.until: dict[str, int] = {}
        self.fading: list[tuple[int, str]] = []
        self.claims: dict[str, str] = {}
        self.due: list[_Due] = []
        self.pending: dict[str, int] = {}
        self.leased: dict[int, tuple[int, Item]] = {}
        self.busy: set[str] = set()
        self.parked: dict[str, list[_Due]] = {}

    def copy(self) -> _State:
        """The same state apart; what was leased is simply due in the copy."""
        twin = _State()
        twin.ordinal, twin.seq = self.ordinal, self.seq
        twin.records = {kind: table.copy() for kind, table in self.records.items()}
        twin.index = {
            kind: {key: ids if isinstance(ids, str) else ids.copy() for key, ids in keys.items()}
            for kind, keys in self.index.items()
        }
        twin.making = {kind: ids.copy() for kind, ids in self.making.items()}
        twin.logs = {kind: log.copy() for kind, log in self.logs.items()}
        twin.evicted = self.evicted.copy()
        twin.counters = self.counters.copy()
        twin.until = self.until.copy()
        twin.fading = self.fading.copy()
        twin.claims = self.claims.copy()
        twin.pending = self.pending.copy()
        twin.due = self.due + [entry for entries in self.parked.values() for entry in entries]
        twin.due += [_due_of(item) for _, item in self.leased.values()]
        heapq.heapify(twin.due)
        return twin

    def made(self, kind: type, record_id: str) -> None:
        """Remember the order of making, for the retention."""
        making = self.making.get(kind)
        if making is None:
            making = self.making[kind] = deque()
        making.append(record_id)

    # Reading.

    def get(self, kind: type[R], record_id: str) -> R | None:
        table = self.records.get(kind)
        return None if table is None else table.get(record_id)

    def find(self, kind: type[R], key: str, after: int, limit: int, *, newest: bool) -> list[R]:
        table: dict[str, R] = self.records.get(kind, {})
        found: Iterable[R]
        if key:
            ids = self.index.get(kind, {}).get(key, {})
            names = (ids,) if isinstance(ids, str) else ids
            found = (table[each] for each in (reversed(names) if newest else names))
        else:
            found = sorted(table.values(), key=lambda record: record.made, reverse=newest)
        taken = []
        for record in found:
            if record.made > after:
                taken.append(record)
                if len(taken) == limit:
                    break
            elif newest:
                break
        return taken[::-1] if newest else taken

    def since(self, kind: type[Record | Entry], seq: int) -> Page:
        log = self.logs.get(kind)
        newest: Iterator[Any] = reversed(log if log is not None else self.records.get(kind, {}).values())
        items = []
        for each in newest:
            if each.seq <= seq:
                break
            items.append(each)
        if log is None:
            items.sort(key=lambda record: record.made)
        else:
            items.reverse()
        return Page(items=items, since=self.seq, truncated=seq < self.evicted.get(kind, 0))

    def live(self, entry: _Due) -> Item | None:
        """The item that a heap entry speaks of, if it still stands so."""
        due_at, rank, order, item_id = entry
        kind = Timer if rank else Delivery
        item: Item | None = self.records.get(kind, {}).get(item_id)
        if item is None or item.due_at != due_at or item.order != order or order in self.leased:
            return None
        return item if rank or cast("Delivery", item).state is DeliveryState.PENDING else None

    def first_due(self) -> Item | None:
        """The item at the head of the heap; entries that mean nothing any more are thrown away on the way."""
        while self.due:
            item = self.live(self.due[0])
            if item is not None:
                if item.subject not in self.busy:
                    return item
                self.parked.setdefault(item.subject, []).append(self.due[0])
            heapq.heappop(self.due)
        return None

    def first_reason(self) -> Item | None:
        """The first item that is not idle. Idle ones are rare, so that looking through the heap for it is too."""
        item = self.first_due()
        if item is None or not item.idle:
            return item
        found = (item for entry in sorted(self.due) if (item := self.live(entry)) is not None)
        return next((item for item in found if not item.idle), None)


class _World:
    """A live world: its state, and what no snapshot remembers."""

    __slots__ = ("drive", "epoch", "made", "name", "next_wall", "snapshots", "state", "tenants", "waiters")

    def __init__(self, name: str, epoch: int) -> None:
        self.name = name
        self.epoch = epoch
        self.state = _State()
        self.made = self.state
        self.snapshots: dict[str, tuple[_State, frozenset[tuple[str, str]], int]] = {}
        self.tenants: dict[str, str] = {}
        self.drive: Lease | None = None
        self.next_wall: int | None = None
        self.waiters: list[asyncio.Future[None]] = []

    @property
    def clock(self) -> Clock:
        clock: Clock = self.state.records[Clock]["clock"]
        return clock

    @property
    def facts(self) -> World:
        facts: World = self.state.records[World]["world"]
        return facts

    def wake(self) -> None:
        """Let everyone who waits for a change look again."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)
        self.waiters.clear()


class MemoryStore:
    """The default engine: fast, and gone with the process."""

    name = "memory"

    def __init__(self, *, retention: int = RETENTION, wall: Wall = wall_clock) -> None:
        self.retention = retention
        self.wall = wall
        self._worlds: dict[str, _World] = {}
        # One count for all worlds: a name that is made again never sees an epoch of the world that had it before.
        self._epochs = itertools.count(1)
        self._tenants: dict[str, Tenant] = {}
        self._agenda: list[tuple[int, str]] = []
        self._agenda_waiters: list[asyncio.Future[None]] = []
        self._lost: deque[Lost] = deque(maxlen=_LOST_MAX)

    # Worlds.

    async def create_world(self, world: World, clock: Clock, change: Change) -> None:
        """See `Store.create_world`."""
        if world.name in self._worlds:
            raise NameTaken(world.name)
        made = _World(world.name, next(self._epochs))
        self._apply(made, Change(put=(clock, world)))
        self._check(made, change)
        self._open(made, change)

    async def remake_world(self, world: World, clock: Clock, change: Change) -> None:
        """See `Store.remake_world`."""
        old = self._world(world.name)
        made = _World(world.name, next(self._epochs))
        made.state.seq = old.state.seq
        self._apply(made, Change(put=(clock, world)))
        freed = {name: self._tenants.pop(name) for name in old.tenants}
        try:
            self._check(made, change)
        except BaseException:
            self._tenants.update(freed)
            raise
        # Whoever drives it or waits for it goes on to do so, and finds it changed.
        made.snapshots, made.drive, made.waiters = old.snapshots, old.drive, old.waiters
        self._open(made, change)

    async def delete_world(self, world: str) -> None:
        """See `Store.delete_world`."""
        gone = self._world(world)
        del self._worlds[world]
        for name in gone.tenants:
            del self._tenants[name]
        gone.wake()

    async def reset_world(self, world: str) -> None:
        """See `Store.reset_world`."""
        await self.restore(world, "")
        reset = self._world(world)
        self._apply(reset, Change(put=(clocks.anew(reset.clock, self.wall()),)))
        self._plan(reset)

    async def snapshot(self, world: str) -> str:
        """See `Store.snapshot`."""
        taken = self._world(world)
        self._fade(taken)
        name = f"snapshot-{secrets.token_hex(6)}"
        now = clocks.now(taken.clock, self.wall())
        taken.snapshots[name] = (taken.state.copy(), frozenset(taken.tenants.items()), now)
        return name

    async def restore(self, world: str, snapshot: str) -> None:
        """See `Store.restore`."""
        live = self._world(world)
        state, tenants, shown = self._snapshot(live, snapshot)
        for name, _ in tenants:
            bound = self._tenants.get(name)
            if bound is not None and bound.world != world:
                raise Conflict(f"credential {name!r} is held by another world now")
        for name in live.tenants:
            del self._tenants[name]
        live.tenants = dict(tenants)
        for name, holder in tenants:
            self._tenants[name] = Tenant(world, holder)
        seq, live.state = live.state.seq, state.copy()
        live.state.seq = max(seq, state.seq)
        live.epoch = next(self._epochs)
        self._reanchor(live, shown)
        live.wake()

    async def fork(self, source: str, snapshot: str, world: World, change: Change) -> None:
        """See `Store.fork`."""
        origin = self._world(source)
        if world.name in self._worlds:
            raise NameTaken(world.name)
        state, shown = origin.state, clocks.now(origin.clock, self.wall())
        if snapshot:
            state, _, shown = self._snapshot(origin, snapshot)
        made = _World(world.name, next(self._epochs))
        made.state = state.copy()
        old = made.facts
        self._check(made, change)
        self._apply(made, Change(put=(replace(world, version=old.version), _begun_at(made.clock, shown))))
        self._worlds[world.name] = made
        self._apply(made, change)
        self._reanchor(made, shown)
        made.made = made.state.copy()
        made.snapshots[""] = (made.made, frozenset(made.tenants.items()), shown)

    async def snapshot_view(self, world: str, snapshot: str) -> View:
        """See `Store.snapshot_view`."""
        live = self._world(world)
        self._fade(live)
        return _Frozen(self._snapshot(live, snapshot)[0] if snapshot else live.state)

    async def worlds(self) -> Sequence[str]:
        """See `Store.worlds`."""
        return list(self._worlds)

    async def tenant(self, credential: str) -> Tenant | None:
        """See `Store.tenant`."""
        return self._tenants.get(credential)

    # One world: reading.

    async def begin(self, world: str) -> Start:
        """See `Store.begin`."""
        live = self._world(world)
        state = live.state
        state.ordinal += 1
        return Start(state.records[World]["world"], state.records[Clock]["clock"], live.epoch, state.ordinal)

    async def peek(self, world: str) -> Start:
        """See `Store.peek`."""
        live = self._world(world)
        return Start(live.facts, live.clock, live.epoch, live.state.ordinal)

    async def get(self, world: str, kind: type[R], record_id: str) -> R | None:
        """See `Store.get`."""
        # Not by `_world` and `_State.get`: every request comes here several times.
        live = self._worlds.get(world)
        if live is None:
            raise NoSuchWorld(world)
        table = live.state.records.get(kind)
        return None if table is None else table.get(record_id)

    async def find(
        self, world: str, kind: type[R], key: str, after: int = 0, limit: int = 100, *, newest: bool = False
    ) -> Sequence[R]:
        """See `Store.find`."""
        return self._world(world).state.find(kind, key, after, limit, newest=newest)

    async def counter(self, world: str, name: str) -> int:
        """See `Store.counter`."""
        live = self._world(world)
        if live.state.fading:
            self._fade(live)
        return live.state.counters.get(name, 0)

    async def holder(self, world: str, name: str) -> str | None:
        """See `Store.holder`."""
        return self._world(world).state.claims.get(name)

    async def since(self, world: str, kind: type[Record | Entry], seq: int) -> Page:
        """See `Store.since`."""
        return self._world(world).state.since(kind, seq)

    async def changed(self, world: str, seq: int, timeout: float) -> bool:
        """See `Store.changed`."""
        live = self._world(world)
        if live.state.seq > seq:
            return True
        return await _wait(live.waiters, timeout)

    # One world: writing.

    async def commit(self, world: str, epoch: int, change: Change) -> Mapping[str, int]:
        """See `Store.commit`."""
        live = self._worlds.get(world)
        if live is None or live.epoch != epoch:
            raise StaleEpoch(world)
        if live.state.fading:
            self._fade(live)
        sums = self._check(live, change)
        self._apply(live, change)
        return sums

    async def append(self, world: str, epoch: int, entry: Entry) -> None:
        """See `Store.append`."""
        live = self._worlds.get(world)
        if live is not None and live.epoch == epoch:
            self._write_down(live, entry)
            if live.waiters:
                live.wake()

    async def draw(self, world: str, counter: str) -> int:
        """See `Store.draw`."""
        counters = self._world(world).state.counters
        counters[counter] = drawn = counters.get(counter, 0) + 1
        return drawn

    # What is due.

    async def claim_due(self, world: str, holder: str, limit: int, lease_us: int) -> Sequence[Item]:
        """See `Store.claim_due`."""
        live = self._world(world)
        wall = self.wall()
        taken: list[Item] = []
        if live.drive is None or live.drive.holder == holder or live.drive.until <= wall:
            state = live.state
            self._expire(live, wall)
            now = clocks.now(live.clock, wall)
            while len(taken) < limit:
                item = state.first_due()
                if item is None or item.due_at > now:
                    break
                heapq.heappop(state.due)
                state.leased[item.order] = (wall + lease_us, item)
                state.busy.add(item.subject)
                taken.append(item)
        self._plan(live)
        return taken

    async def give_back(self, world: str, items: Sequence[Item]) -> None:
        """See `Store.give_back`."""
        live = self._worlds.get(world)
        if live is None:
            return
        for item in items:
            _, leased = live.state.leased.get(item.order, (0, None))
            # One that moved on since is in other hands, or due again as it is now.
            if leased is not None and leased.version == item.version and self._release(live, item):
                heapq.heappush(live.state.due, _due_of(item))
        self._plan(live)
        live.wake()

    async def next_due(self, world: str) -> Item | None:
        """See `Store.next_due`."""
        live = self._world(world)
        self._expire(live, self.wall())
        return live.state.first_due()

    async def under_way(self, world: str) -> int:
        """See `Store.under_way`."""
        live = self._world(world)
        self._expire(live, self.wall())
        return len(live.state.leased)

    async def pending(self, world: str) -> Sequence[Item]:
        """See `Store.pending`."""
        state = self._world(world).state
        items: list[Item] = list(state.records.get(Timer, {}).values())
        waiting: Iterable[Delivery] = state.records.get(Delivery, {}).values()
        items += [each for each in waiting if each.state is DeliveryState.PENDING]
        return sorted(items, key=_due_of)

    async def worlds_due(self, until: int) -> Sequence[str]:
        """See `Store.worlds_due`."""
        due = []
        while (live := self._first_planned()) is not None and self._agenda[0][0] <= until:
            heapq.heappop(self._agenda)
            live.next_wall = None
            due.append(live.name)
        return due

    async def wait_due(self, timeout: float) -> None:
        """See `Store.wait_due`."""
        await _wait(self._agenda_waiters, timeout)

    async def next_wall(self) -> int | None:
        """See `Store.next_wall`."""
        return self._agenda[0][0] if self._first_planned() else None

    async def drive(self, world: str, holder: str, purpose: str, lease_us: int) -> Lease | None:
        """See `Store.drive`."""
        live = self._world(world)
        wall = self.wall()
        held = live.drive
        if held is not None and held.holder != holder and held.until > wall:
            return held
        live.drive = Lease(holder, purpose, wall + lease_us)
        return None

    async def leave(self, world: str, holder: str) -> None:
        """See `Store.leave`."""
        live = self._worlds.get(world)
        if live is not None and live.drive is not None and live.drive.holder == holder:
            live.drive = None
            live.wake()
            self._plan(live)

    async def driver(self, world: str) -> Lease | None:
        """See `Store.driver`."""
        held = self._world(world).drive
        return held if held is not None and held.until > self.wall() else None

    # The server.

    async def lose(self, entry: Lost) -> None:
        """See `Store.lose`."""
        self._lost.append(entry)

    async def lost(self) -> Sequence[Lost]:
        """See `Store.lost`."""
        return list(self._lost)

    async def close(self) -> None:
        """See `Store.close`."""

    # Inside.

    def _world(self, name: str) -> _World:
        try:
            return self._worlds[name]
        except KeyError:
            raise NoSuchWorld(name) from None

    def _open(self, made: _World, change: Change) -> None:
        """Let a world that was made, or made anew, live with a change that was judged."""
        self._worlds[made.name] = made
        self._apply(made, change)
        made.made = made.state.copy()
        made.snapshots[""] = (made.made, frozenset(made.tenants.items()), clocks.now(made.clock, self.wall()))
        self._plan(made)

    def _snapshot(self, live: _World, name: str) -> tuple[_State, frozenset[tuple[str, str]], int]:
        try:
            return live.snapshots[name]
        except KeyError:
            raise NoSuchSnapshot(name) from None

    def _check(self, live: _World, change: Change) -> dict[str, int]:
        """Judge a whole change and change nothing; the counters as they will be."""
        _assert_each_once(change)
        state = live.state
        records = state.records
        for record in change.put:
            there = records.get(type(record), _NOTHING).get(record.id)
            if record.version != (0 if there is None else there.version):
                raise Conflict(f"{type(record).__name__} {record.id!r} moved")
        for record in change.drop + change.check:
            there = records.get(type(record), _NOTHING).get(record.id)
            if there is None or record.version != there.version:
                raise Conflict(f"{type(record).__name__} {record.id!r} moved")
        for item in change.timers + change.deliveries:
            if item.id and item.id in records.get(type(item), _NOTHING) and not _is_dropped(change, item):
                raise Conflict(f"{type(item).__name__} {item.id!r} is there")
        if change.claims:
            self._check_claims(live, change.claims)
        return _sums(state.counters, change.counters)

    def _check_claims(self, live: _World, claims: tuple[Claim | Free, ...]) -> None:
        """Judge claims one after another, each seeing what those before it did."""
        seen: dict[tuple[bool, str], str | None] = {}
        for claim in claims:
            place = (claim.server_wide, claim.name)
            holder = seen[place] if place in seen else self._holder(live, claim)
            if isinstance(claim, Claim):
                if holder is not None and holder != claim.holder:
                    raise Conflict(f"{claim.name!r} is taken")
                seen[place] = claim.holder
            elif holder == claim.holder:
                seen[place] = None

    def _holder(self, live: _World, claim: Claim | Free) -> str | None:
        if not claim.server_wide:
            return live.state.claims.get(claim.name)
        bound = self._tenants.get(claim.name)
        if bound is None:
            return None
        return bound.holder if bound.world == live.name else f"{bound.world}\0{bound.holder}"

    def _apply(self, live: _World, change: Change) -> None:
        """Write a whole change that was judged."""
        state = live.state
        head = state.due[0] if state.due else None
        for record in change.put:
            self._put(live, record)
        for record in change.drop:
            self._drop(live, record)
        for each in change.counters:
            _count_up(state, each)
        for claim in change.claims:
            self._apply_claim(live, claim)
        for item in change.timers + change.deliveries:
            state.ordinal = order = state.ordinal + 1
            if item.id:
                self._put(live, replace(item, order=order))
            else:
                self._put_new(state, item, order)
        for event in change.log:
            self._write_down(live, event)
        self._retain(state)
        if not self._as_planned(live, head, change):
            self._plan(live)
        if live.waiters:
            live.wake()

    def _as_planned(self, live: _World, head: _Due | None, change: Change) -> bool:
        """Whether a change left the agenda right: the same item is next, the clock is as it was, nothing is leased."""
        state = live.state
        if head is None or not state.due or state.due[0] is not head or state.leased or change.drop:
            return False
        for record in change.put:
            if type(record) is Clock:
                return False
        return live.next_wall is not None or (live.clock.mode is ClockMode.MANUAL and head[0] > live.clock.at)

    def _put_new(self, state: _State, item: Item, order: int) -> None:
        """Write an item whose id is made up: nothing of it can be there yet."""
        kind = type(item)
        table = state.records.get(kind)
        if table is None:
            table = state.records[kind] = {}
        state.seq = seq = state.seq + 1
        item_id = f"t{order}" if kind is Timer else f"w{order}"
        new = replace(item, id=item_id, order=order, version=1, seq=seq, made=seq)
        table[item_id] = new
        keys = new.keys()
        if keys:
            self._index(state, kind, item_id, keys)
        if kind.collection:
            state.made(kind, item_id)
        # Most of what is set comes here, so what `_schedule` does stands here once more.
        if kind is Timer or _is_pending(new):
            heapq.heappush(state.due, (new.due_at, 1 if kind is Timer else 0, order, item_id))
            state.pending[new.subject] = state.pending.get(new.subject, 0) + 1

    def _put(self, live: _World, record: Record) -> None:
        state = live.state
        kind = type(record)
        table = state.records.get(kind)
        if table is None:
            table = state.records[kind] = {}
        state.seq = seq = state.seq + 1
        old = table.get(record.id)
        if old is None:
            new = replace(record, version=1, seq=seq, made=seq)
            keys = new.keys()
            if keys:
                self._index(state, kind, new.id, keys)
            if kind.collection:
                state.made(kind, new.id)
        else:
            new = replace(record, version=old.version + 1, seq=seq, made=old.made)
            before, after = old.keys(), new.keys()
            if before != after:
                self._unindex(state, kind, new.id, tuple(key for key in before if key not in after))
                added = tuple(key for key in after if key not in before)
                self._index(state, kind, new.id, added)
                self._sort(state, kind, added)
            if kind.collection:
                del table[new.id]
        table[new.id] = new
        if kind is Timer or kind is Delivery:
            self._schedule(live, cast("Item | None", old), cast("Item", new))

    def _drop(self, live: _World, record: Record) -> None:
        state = live.state
        kind = type(record)
        old = state.records[kind].pop(record.id)
        self._unindex(state, kind, old.id, old.keys())
        if kind.collection:
            state.making[kind].remove(old.id)
        if kind is Timer or kind is Delivery:
            self._release(live, old)
            if _is_pending(old):
                _count(state.pending, old.subject, -1)

    def _schedule(self, live: _World, old: Item | None, new: Item) -> None:
        state = live.state
        if old is not None:
            self._release(live, old)
        was, is_now = old is not None and _is_pending(old), _is_pending(new)
        if is_now:
            heapq.heappush(state.due, _due_of(new))
        if was != is_now:
            _count(state.pending, new.subject, 1 if is_now else -1)

    def _release(self, live: _World, item: Item) -> bool:
        """End the lease of an item; whether it had one."""
        state = live.state
        if state.leased.pop(item.order, None) is None:
            return False
        state.busy.discard(item.subject)
        for entry in state.parked.pop(item.subject, ()):
            heapq.heappush(state.due, entry)
        return True

    def _expire(self, live: _World, wall: int) -> None:
        """Take back what was leased for too long."""
        leased = live.state.leased
        while leased:
            # Leases run equally long, so the one that was taken first ends first.
            until, item = next(iter(leased.values()))
            if until > wall:
                break
            self._release(live, item)
            heapq.heappush(live.state.due, _due_of(item))

    def _plan(self, live: _World) -> None:
        """Put the world on the agenda by when it needs a driver next."""
        if live.name not in self._worlds:
            return
        when = self._when(live)
        if when is None or when == live.next_wall:
            return
        if live.next_wall is None or when < live.next_wall:
            live.next_wall = when
            heapq.heappush(self._agenda, (when, live.name))
            if self._agenda[0][0] == when:
                _wake(self._agenda_waiters)

    def _first_planned(self) -> _World | None:
        """The world at the head of the agenda; entries that were overtaken are thrown away or put off on the way."""
        while self._agenda:
            planned, name = self._agenda[0]
            live = self._worlds.get(name)
            if live is not None and live.next_wall == planned:
                when = self._when(live)
                if when is not None and when <= planned:
                    return live
                live.next_wall = when
                if when is not None:
                    heapq.heapreplace(self._agenda, (when, name))
                    continue
            heapq.heappop(self._agenda)
        return None

    def _when(self, live: _World) -> int | None:
        """The wall's instant at which the world needs a driver; one that is driven, when that lease ends."""
        when = self._when_free(live)
        if when is None or live.drive is None or live.drive.until <= self.wall():
            return when
        return max(when, live.drive.until)

    def _when_free(self, live: _World) -> int | None:
        state = live.state
        item = state.first_due()
        lease_ends = next(iter(state.leased.values()))[0] if state.leased else None
        if item is None:
            return lease_ends
        clock = live.clock
        if clocks.runs(clock):
            when = clocks.wall_of(clock, item.due_at)
        elif item.due_at <= clock.at or (clock.mode is ClockMode.AUTO and self._goes_on(state)):
            when = 0
        else:
            return lease_ends
        return when if lease_ends is None else min(when, lease_ends)

    def _goes_on(self, state: _State) -> bool:
        """Whether a clock that jumps by itself has something to jump to."""
        item = state.first_reason()
        return item is not None and not item.deadline

    def _reanchor(self, live: _World, shown: int) -> None:
        clock = live.clock
        self._apply(live, Change(put=(clocks.set_to(clock, shown, self.wall(), held=""),)))
        self._plan(live)

    def _apply_claim(self, live: _World, claim: Claim | Free) -> None:
        if isinstance(claim, Claim):
            if claim.server_wide:
                self._tenants[claim.name] = Tenant(live.name, claim.holder)
                live.tenants[claim.name] = claim.holder
            else:
                live.state.claims[claim.name] = claim.holder
        elif self._holder(live, claim) == claim.holder:
            if claim.server_wide:
                del self._tenants[claim.name]
                del live.tenants[claim.name]
            else:
                del live.state.claims[claim.name]

    def _write_down(self, live: _World, entry: Entry) -> None:
        state = live.state
        kind = type(entry)
        log = state.logs.get(kind)
        if log is None:
            log = state.logs[kind] = deque()
        state.seq = seq = state.seq + 1
        log.append(replace(entry, seq=seq))
        if len(log) > self.retention:
            state.evicted[kind] = log.popleft().seq

    def _index(self, state: _State, kind: type, record_id: str, keys: tuple[str, ...]) -> None:
        index = state.index.get(kind)
        if index is None:
            index = state.index[kind] = {}
        for key in keys:
            there = index.get(key)
            if there is None:
                index[key] = record_id
            elif isinstance(there, str):
                index[key] = {there: None, record_id: None}
            else:
                there[record_id] = None

    def _sort(self, state: _State, kind: type, keys: tuple[str, ...]) -> None:
        """Bring keys that were given to an older record back into the order of making."""
        index, table = state.index[kind], state.records[kind]
        for key in keys:
            there = index[key]
            if not isinstance(there, str):
                index[key] = dict.fromkeys(sorted(there, key=lambda each: table[each].made))

    def _unindex(self, state: _State, kind: type, record_id: str, keys: tuple[str, ...]) -> None:
        for key in keys:
            there = state.index[kind][key]
            if not isinstance(there, str):
                del there[record_id]
            if isinstance(there, str) or not there:
                del state.index[kind][key]

    def _retain(self, state: _State) -> None:
        """Let go of what is beyond the retention, once a change is written whole: only then is known what waits."""
        for kind, making in state.making.items():
            if len(making) > self.retention:
                self._evict(state, kind, making)

    def _evict(self, state: _State, kind: type, making: deque[str]) -> None:
        """Let go of the oldest records; what has something pending goes to the end instead."""
        table = state.records[kind]
        tries = _EVICTION_TRIES
        while len(making) > self.retention and tries:
            oldest = making.popleft()
            record: Record = table[oldest]
            if (isinstance(record, Delivery) and _is_pending(record)) or not state.pending.keys().isdisjoint(
                record.subjects()
            ):
                making.append(oldest)
                tries -= 1
                continue
            del table[oldest]
            self._unindex(state, kind, oldest, record.keys())
            state.evicted[kind] = max(state.evicted.get(kind, 0), record.seq)

    def _fade(self, live: _World) -> None:
        """Forget counters whose time is over."""
        state = live.state
        now = clocks.now(live.clock, self.wall())
        while state.fading and state.fading[0][0] < now:
            until_at, counter = heapq.heappop(state.fading)
            if state.until.get(counter) == until_at:
                del state.until[counter]
                state.counters.pop(counter, None)


class _Frozen:
    """A snapshot to be read."""

    def __init__(self, state: _State) -> None:
        self._state = state

    async def get(self, kind: type[R], record_id: str) -> R | None:
        return self._state.get(kind, record_id)

    async def find(
        self, kind: type[R], key: str, after: int = 0, limit: int = 100, *, newest: bool = False
    ) -> Sequence[R]:
        return self._state.find(kind, key, after, limit, newest=newest)

    async def counter(self, name: str) -> int:
        return self._state.counters.get(name, 0)

    async def holder(self, name: str) -> str | None:
        return self._state.claims.get(name)


_NOTHING: Mapping[str, Any] = {}


def _begun_at(clock: Clock, shown: int) -> Clock:
    """The clock of a fork: reset takes it back to the instant of the fork, but to the wall's if it follows that."""
    follows_wall = clock.mode is ClockMode.REAL and clock.start is None
    return clock if follows_wall else replace(clock, start=shown)


def _due_of(item: Item) -> _Due:
    return (item.due_at, 1 if isinstance(item, Timer) else 0, item.order, item.id)


def _is_dropped(change: Change, item: Item) -> bool:
    return any(type(each) is type(item) and each.id == item.id for each in change.drop)


def _assert_each_once(change: Change) -> None:
    """Two decisions about one record, joined into one change, would silently lose one of them."""
    if len(change.put) + len(change.drop) > 1:
        _assert_apart(change.put + change.drop)
    if change.timers or change.deliveries:
        # One that is dropped may be set anew beside.
        named = tuple([item for item in change.timers + change.deliveries if item.id])
        if named:
            _assert_apart(change.put + named)


def _assert_apart(written: tuple[Record, ...]) -> None:
    places = {(type(each), each.id) for each in written}
    assert len(places) == len(written), f"one change writes a record twice: {[each.id for each in written]}"


def _is_pending(item: Item) -> bool:
    return isinstance(item, Timer) or item.state is DeliveryState.PENDING


def _count(pending: dict[str, int], subject: str, by: int) -> None:
    left = pending.get(subject, 0) + by
    if left:
        pending[subject] = left
    else:
        del pending[subject]


def _count_up(state: _State, step: Add | Set) -> None:
    counter = step.counter
    if isinstance(step, Set):
        state.counters[counter], until_at = step.value, None
    else:
        state.counters[counter], until_at = state.counters.get(counter, 0) + step.delta, step.until_at
    if until_at is None:
        if state.until:
            state.until.pop(counter, None)
    elif state.until.get(counter) != until_at:
        state.until[counter] = until_at
        heapq.heappush(state.fading, (until_at, counter))


def _sums(counters: Mapping[str, int], steps: tuple[Add | Set, ...]) -> dict[str, int]:
    """The counters as they will be after all steps.

    Raises:
        Conflict: a step would leave its guards.
    """
    sums: dict[str, int] = {}
    for each in steps:
        if isinstance(each, Set):
            sums[each.counter] = each.value
            continue
        total = (sums[each.counter] if each.counter in sums else counters.get(each.counter, 0)) + each.delta
        if (each.floor is not None and total < each.floor) or (each.ceiling is not None and total > each.ceiling):
            raise Conflict(f"counter {each.counter!r} would be {total}")
        sums[each.counter] = total
    return sums


async def _wait(waiters: list[asyncio.Future[None]], timeout: float) -> bool:
    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiters.append(waiter)
    try:
        # Not `wait_for`: up to Python 3.11 it forgets a cancellation that meets the end of the wait.
        async with asyncio.timeout(timeout):
            await waiter
    except TimeoutError:
        return False
    else:
        return True
    finally:
        if waiter in waiters:
            waiters.remove(waiter)


def _wake(waiters: list[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)
    waiters.clear()
