"""The laws of a store: one suite that every engine is run through.

An engine's test file derives a class from `StoreLaws`, says in `open_store` how the engine is opened over a wall's
clock that tests move, and is done. Nothing in here knows an engine: whatever is checked is asked through the protocol,
and whole worlds are compared, so that a commit which left half of itself behind is seen wherever it did.

At the end stands a random walk that compares the engine with a model made of plain dictionaries, too simple to be
wrong: it copies everything before each step and throws the copy away when the step is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Add, Change, Claim, Conflict, Free, Set, StaleEpoch
from fake_nexmo.core.clock import STANDING_START as T0
from fake_nexmo.core.instant import HOUR, MINUTE, SECOND, parse_instant
from fake_nexmo.core.legs import Leg, LegStatus, Line, Speaker, Speech
from fake_nexmo.core.records import (
    Account,
    Application,
    Attempt,
    Clock,
    Delivery,
    DeliveryState,
    Direction,
    Entry,
    Event,
    Handset,
    Message,
    Number,
    Part,
    PartStatus,
    Record,
    RequestEntry,
    SeenCode,
    Timer,
    World,
)
from fake_nexmo.store.protocol import (
    Item,
    Lease,
    Lost,
    NameTaken,
    NoSuchSnapshot,
    NoSuchWorld,
    Page,
    Start,
    Store,
    Tenant,
    View,
)

R = TypeVar("R")
K = TypeVar("K", bound=Record)

WALL = parse_instant("2026-06-01T12:00:00Z")
LEASE = 30 * SECOND
_NOTHING = Change()
KINDS: tuple[type[Record], ...] = (
    *(World, Clock, Account, Application, Number, Handset),
    *(Message, Leg, SeenCode, Timer, Delivery),
)
COLLECTIONS: tuple[type[Record | Entry], ...] = (Message, Leg, Delivery, Event, RequestEntry)
COUNTERS = ("balance", "rate", "other", "drawn")
NAMES = ("name", "other-name", "free-name")
CREDENTIALS = ("key", "other-key", "free-key")


class Wall:
    """A wall's clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.at = WALL

    def __call__(self) -> int:
        return self.at


OpenStore = Callable[[Wall, int], AbstractAsyncContextManager[Store]]
"""Opens an empty engine over that wall's clock, with that retention."""


def account(api_key: str, *, name: str = "main") -> Account:
    """An account found by its key."""
    return Account(id=name, api_key=api_key, secrets=(), signature_secret="fake-nexmo-signature-secret-000001")


def number(msisdn: str, owner: str = "main", *, version: int = 0, cost: int = 0) -> Number:
    """An owned number, found by its account; of no collection."""
    return Number(id=msisdn, account=owner, country="GB", version=version, cost=cost)


def message(message_id: str, to: str = "447700900001", *, version: int = 0, text: str = "hello") -> Message:
    """A message of one part, found by its recipient; of the collection ``messages``."""
    return Message(
        id=message_id,
        version=version,
        owner="sms",
        account="main",
        direction=Direction.OUTBOUND,
        sender="shop",
        to=to,
        type="text",
        text=text,
        parts=(Part(message_id, PartStatus.SUBMITTED, "0", T0),),
        network="23410",
        price=333_000,
        submitted_at=T0,
    )


def timer(due_at: int, subject: str = "s", timer_id: str = "", *, deadline: bool = False, idle: bool = False) -> Timer:
    """A timer; without an id the commit makes one up."""
    return Timer(
        id=timer_id, due_at=due_at, owner="network", what="receipt", subject=subject, deadline=deadline, idle=idle
    )


def delivery(due_at: int, subject: str = "s", delivery_id: str = "") -> Delivery:
    """A webhook to send."""
    return Delivery(
        id=delivery_id,
        kind="receipt",
        owner="sms",
        account="main",
        about="0C00000000000001",
        subject=subject,
        url="https://shop.test/receipt",
        method="GET",
        facts={"status": "delivered"},
        created_at=due_at,
        due_at=due_at,
    )


def event(about: str) -> Event:
    """A line of the log of events."""
    return Event(at=T0, name="message.submitted", about=about)


def request_entry(path: str) -> RequestEntry:
    """A line of the log of requests."""
    return RequestEntry(at=T0, operation="sms.send", method="POST", path=path, status=200)


def ids(items: Sequence[Record]) -> list[str]:
    """The ids of records, in their order."""
    return [item.id for item in items]


def abouts(page: Page) -> list[str]:
    """What the events of a page are about, in their order."""
    return [item.about for item in page.items if isinstance(item, Event)]


def failed_once(first: Delivery, due_at: int) -> Delivery:
    """The same webhook after an attempt that got no answer, to be tried again at ``due_at``."""
    tried = Attempt(T0, "GET", "https://shop.test/receipt", 0, "nobody answers", 1_000)
    return replace(first, attempts=(*first.attempts, tried), due_at=due_at)


class Site:
    """A store with its wall's clock, and the few words that tests say most."""

    def __init__(self, store: Store, wall: Wall) -> None:
        self.store = store
        self.wall = wall

    async def make(
        self, world: str = "w", clock: str = "manual", change: Change = _NOTHING, start: int | None = None
    ) -> None:
        """Make a world."""
        facts = World(name=world, seed=7, made_at=self.wall())
        await self.store.create_world(facts, clocks.make(clock, self.wall(), start), change)

    async def commit(self, change: Change, world: str = "w") -> Mapping[str, int]:
        """Commit under the epoch of this moment."""
        return await self.store.commit(world, await self.epoch(world), change)

    async def epoch(self, world: str = "w") -> int:
        """The epoch of this moment."""
        return (await self.store.peek(world)).epoch

    async def shows(self, world: str = "w") -> int:
        """The instant that the world's clock shows."""
        return clocks.now((await self.store.peek(world)).clock, self.wall())

    async def set_clock(self, at: int, world: str = "w") -> None:
        """Let the world's clock show another instant."""
        clock = (await self.store.peek(world)).clock
        await self.commit(Change(put=(clocks.set_to(clock, at, self.wall()),)), world)

    async def set_mode(self, mode: str, world: str = "w") -> None:
        """Put the world's clock in another mode."""
        clock = (await self.store.peek(world)).clock
        await self.commit(Change(put=(clocks.change_mode(clock, mode, self.wall()),)), world)

    async def get(self, kind: type[Any], record_id: str, world: str = "w") -> Any:
        """A record that must be there."""
        found = await self.store.get(world, kind, record_id)
        assert found is not None, f"no {kind.__name__} {record_id!r}"
        return found

    async def claim(self, limit: int = 100, holder: str = "worker", world: str = "w") -> Sequence[Item]:
        """Claim what is due."""
        return await self.store.claim_due(world, holder, limit, LEASE)

    async def drop(self, item: Item, world: str = "w") -> None:
        """Carry an item out: the commit that drops it."""
        await self.commit(Change(drop=(item,)), world)

    async def told(self, until: int | None = None) -> list[str]:
        """The worlds that need a driver by an instant of the wall; by now, unless told."""
        return list(await self.store.worlds_due(self.wall() if until is None else until))

    async def all_of(self, world: str = "w") -> dict[str, object]:
        """Everything that can be asked about a world, to be compared with ``==``."""
        store = self.store
        seen: dict[str, object] = {"start": await store.peek(world), "pending": list(await store.pending(world))}
        for kind in KINDS:
            seen[kind.__name__] = list(await store.find(world, kind, "", limit=10_000))
        for collection in COLLECTIONS:
            page = await store.since(world, collection, 0)
            seen[f"since {collection.__name__}"] = (list(page.items), page.since, page.truncated)
        seen["counters"] = {name: await store.counter(world, name) for name in COUNTERS}
        seen["holders"] = {name: await store.holder(world, name) for name in NAMES}
        seen["tenants"] = {name: await store.tenant(name) for name in CREDENTIALS}
        seen["under way"] = await store.under_way(world)
        return seen

    async def content_of(self, world: str = "w") -> dict[str, object]:
        """As `all_of`, without what a restore moves: clock, epoch, highest sequence number, and leases."""
        seen = await self.all_of(world)
        start = await self.store.peek(world)
        seen.update(start=(start.world, start.ordinal), Clock=None)
        del seen["under way"]
        for collection in COLLECTIONS:
            page = await self.store.since(world, collection, 0)
            seen[f"since {collection.__name__}"] = (list(page.items), page.truncated)
        return seen


async def rerun(site: Site, decide: Callable[[], Awaitable[Change | None]], world: str = "w") -> bool:
    """Load, let others in, commit; on a conflict once more. False when the decision was a no."""
    while True:
        epoch = await site.epoch(world)
        change = await decide()
        if change is None:
            return False
        await asyncio.sleep(0)
        try:
            await site.store.commit(world, epoch, change)
        except Conflict:
            continue
        return True


async def settle(task: asyncio.Task[Any]) -> None:
    """Let a task come to where it waits."""
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done(), "it did not wait"


class _Base:
    """What all laws stand on."""

    @staticmethod
    def open_store(wall: Wall, retention: int) -> AbstractAsyncContextManager[Store]:
        """Open an empty engine; each engine's test file says how."""
        raise NotImplementedError

    @pytest.fixture
    def wall(self) -> Wall:
        """A wall's clock that stands."""
        return Wall()

    @pytest.fixture
    async def store(self, wall: Wall) -> AsyncIterator[Store]:
        """An empty engine that keeps ten thousand entries of each kind."""
        async with self.open_store(wall, 10_000) as store:
            yield store

    @pytest.fixture
    async def empty(self, store: Store, wall: Wall) -> Site:
        """An engine without a world."""
        return Site(store, wall)

    @pytest.fixture
    async def site(self, empty: Site) -> Site:
        """An engine with one empty world ``w`` whose clock stands."""
        await empty.make()
        return empty


# Worlds.


class WorldLaws(_Base):
    """Worlds are made, named, found by credential, and removed."""

    async def test_a_new_world_holds_its_facts_its_clock_and_its_change(self, empty: Site) -> None:
        """What `create_world` was given is there at once, and nothing else is."""
        await empty.make("w", "x60", Change(put=(account("key"),), counters=(Set("balance", 5),)), start=T0)

        start = await empty.store.peek("w")
        assert (start.world.name, start.world.seed, start.world.made_at) == ("w", 7, WALL)
        assert (start.clock.rate, start.clock.at, start.clock.wall_at, start.clock.start) == (60, T0, WALL, T0)
        assert ids(await empty.store.find("w", Account, "key")) == ["main"]
        assert await empty.store.counter("w", "balance") == 5
        assert await empty.store.pending("w") == []

    async def test_worlds_are_listed_in_the_order_of_their_making(self, empty: Site) -> None:
        """A world made again stands last."""
        for name in ("b", "a", "c"):
            await empty.make(name)
        await empty.store.delete_world("a")
        await empty.make("a")

        assert list(await empty.store.worlds()) == ["b", "c", "a"]

    async def test_a_live_worlds_name_is_taken(self, site: Site) -> None:
        """Neither a new world nor a fork may have it, and the one that has it stays as it was."""
        await site.commit(Change(put=(number("447700900000"),)))
        before = await site.all_of()

        with pytest.raises(NameTaken):
            await site.make("w")
        with pytest.raises(NameTaken):
            await site.store.fork("w", "", World(name="w", seed=1, made_at=0), Change())

        assert await site.all_of() == before

    async def test_a_world_whose_credential_is_taken_is_not_made(self, site: Site) -> None:
        """All of the making is refused: no world, no claim of it."""
        await site.commit(Change(claims=(Claim("key", "main", server_wide=True),)))

        claims = (Claim("free-key", "main", server_wide=True), Claim("key", "main", server_wide=True))
        with pytest.raises(Conflict):
            await site.make("x", change=Change(claims=claims))

        assert list(await site.store.worlds()) == ["w"]
        assert await site.store.tenant("free-key") is None
        assert await site.store.tenant("key") == Tenant("w", "main")

    async def test_worlds_are_apart(self, site: Site) -> None:
        """The same ids, names, counters and subjects in two worlds never meet."""
        await site.make("x")
        change = Change(
            put=(number("447700900000"), message("m")),
            counters=(Add("balance", 1),),
            claims=(Claim("name", "main"),),
            timers=(timer(T0, "s", "t"),),
            log=(event("m"),),
        )
        await site.commit(change)
        before = await site.all_of()
        await site.commit(change, "x")
        await site.drop((await site.claim(world="x"))[0], "x")

        assert await site.all_of() == before
        assert await site.store.pending("x") == []

    async def test_a_deleted_world_is_gone_with_its_credentials(self, site: Site) -> None:
        """Its name and its server-wide names are free again; other worlds keep theirs."""
        await site.make("x", change=Change(claims=(Claim("other-key", "main", server_wide=True),)))
        await site.commit(Change(claims=(Claim("key", "main", server_wide=True), Claim("name", "main"))))

        await site.store.delete_world("w")

        assert list(await site.store.worlds()) == ["x"]
        assert await site.store.tenant("key") is None
        assert await site.store.tenant("other-key") == Tenant("x", "main")
        await site.make("w", change=Change(claims=(Claim("key", "main", server_wide=True),)))
        assert await site.store.tenant("key") == Tenant("w", "main")
        assert await site.store.holder("w", "name") is None

    async def test_every_question_about_a_world_that_is_not_there_is_answered_so(self, site: Site) -> None:
        """`NoSuchWorld`, from every method that does not say otherwise."""
        store = site.store
        await store.delete_world("w")
        facts = World(name="x", seed=1, made_at=0)
        asked: list[Coroutine[Any, Any, Any]] = [
            store.delete_world("w"),
            store.remake_world(World(name="w", seed=1, made_at=0), clocks.make("manual", 0), Change()),
            store.reset_world("w"),
            store.snapshot("w"),
            store.restore("w", "none"),
            store.fork("w", "", facts, Change()),
            store.snapshot_view("w", ""),
            store.begin("w"),
            store.peek("w"),
            store.get("w", Number, "447700900000"),
            store.find("w", Number, ""),
            store.counter("w", "balance"),
            store.holder("w", "name"),
            store.since("w", Event, 0),
            store.changed("w", 0, 0.01),
            store.draw("w", "drawn"),
            store.claim_due("w", "worker", 1, LEASE),
            store.next_due("w"),
            store.under_way("w"),
            store.pending("w"),
            store.drive("w", "worker", "follow", LEASE),
            store.driver("w"),
        ]
        for each in asked:
            with pytest.raises(NoSuchWorld):
                await each

    async def test_what_comes_too_late_for_a_world_that_is_gone_does_nothing(self, site: Site) -> None:
        """A commit is stale; an entry, an item given back and a driver that leaves are let pass."""
        await site.commit(Change(timers=(timer(T0),)))
        epoch = await site.epoch()
        items = await site.claim()
        await site.store.delete_world("w")

        with pytest.raises(StaleEpoch):
            await site.store.commit("w", epoch, Change(log=(event("m"),)))
        await site.store.append("w", epoch, event("m"))
        await site.store.give_back("w", items)
        await site.store.leave("w", "worker")
        assert list(await site.store.worlds()) == []

    async def test_a_commit_begun_before_a_delete_is_refused_by_a_new_world_of_that_name(self, site: Site) -> None:
        """A name made again is another world: what was decided in the old one is stale."""
        epoch = await site.epoch()
        await site.store.delete_world("w")
        await site.make("w")
        before = await site.all_of()

        with pytest.raises(StaleEpoch):
            await site.store.commit("w", epoch, Change(put=(number("447700900000"),)))
        await site.store.append("w", epoch, event("m"))

        assert await site.all_of() == before


# Commits.

_GOOD = Change(
    put=(message("m1"), message("m2")),
    drop=(number("447700900010", version=1), number("447700900011", version=1)),
    check=(number("447700900012", version=1), number("447700900013", version=1)),
    counters=(Add("balance", -1, floor=0), Set("other", 5)),
    claims=(Claim("free-name", "main"), Claim("free-key", "main", server_wide=True)),
    timers=(timer(T0 + 1, "m1"), timer(T0 + 2, "m2", "named")),
    deliveries=(delivery(T0 + 1, "m1"), delivery(T0 + 2, "m2")),
    log=(event("m1"), event("m2")),
)
_MOVED = "447700900014"
"""A number of version 2."""
_GONE = "447700900015"
_BAD: Mapping[str, tuple[str, object]] = {
    "put of an older version": ("put", number(_MOVED, version=1)),
    "put of a newer version": ("put", number(_MOVED, version=3)),
    "put as new of one that exists": ("put", number(_MOVED)),
    "put of one that is not there": ("put", number(_GONE, version=1)),
    "drop of an older version": ("drop", number(_MOVED, version=1)),
    "drop of a newer version": ("drop", number(_MOVED, version=3)),
    "drop of one that is not there": ("drop", number(_GONE, version=1)),
    "check of an older version": ("check", number(_MOVED, version=1)),
    "check of one that is gone": ("check", number(_GONE, version=1)),
    "check of one never stored": ("check", number(_GONE)),
    "counter below its floor": ("counters", Add("balance", -10, floor=0)),
    "counter above its ceiling": ("counters", Add("rate", 3, ceiling=2)),
    "name of another holder": ("claims", Claim("name", "main")),
    "credential of another world": ("claims", Claim("key", "main", server_wide=True)),
    "credential of another holder": ("claims", Claim("other-key", "main", server_wide=True)),
    "timer whose id is set": ("timers", timer(T0, "s", "set")),
    "delivery whose id is there": ("deliveries", delivery(T0, "s", "sent")),
}


class CommitLaws(_Base):
    """A change is applied whole or not at all."""

    async def _guarded(self, empty: Site) -> Site:
        await empty.make("x", change=Change(claims=(Claim("key", "main", server_wide=True),)))
        numbers = tuple(number(f"4477009000{each}") for each in range(10, 15))
        await empty.make(
            "w",
            change=Change(
                put=numbers,
                counters=(Set("balance", 10),),
                claims=(Claim("name", "other"), Claim("other-key", "other", server_wide=True)),
                timers=(timer(T0 + HOUR, "s", "set"),),
                deliveries=(delivery(T0 + HOUR, "s", "sent"),),
            ),
        )
        await empty.commit(Change(put=(number(_MOVED, version=1, cost=1),)))
        return empty

    @pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "between", "last"])
    @pytest.mark.parametrize("bad", _BAD)
    async def test_one_bad_part_anywhere_and_nothing_changes(self, empty: Site, bad: str, place: int) -> None:
        """A guard that breaks refuses the whole change, ordinals included; without the bad part it goes through."""
        site = await self._guarded(empty)
        before = [await site.all_of("w"), await site.all_of("x")]
        field, part = _BAD[bad]
        parts = list(getattr(_GOOD, field))
        parts.insert(place, part)

        with pytest.raises(Conflict):
            await site.commit(replace(_GOOD, **{field: tuple(parts)}))

        assert [await site.all_of("w"), await site.all_of("x")] == before
        assert await site.commit(_GOOD) == {"balance": 9, "other": 5}

    async def test_a_good_change_is_applied_in_all_its_parts(self, empty: Site) -> None:
        """Every part is there afterwards, versions counted and ordinals drawn, timers before deliveries."""
        site = await self._guarded(empty)
        ordinal = (await site.store.begin("w")).ordinal

        await site.commit(_GOOD)

        made = {each.id: each for each in await site.store.find("w", Message, "")}
        assert {key: replace(each, seq=0, made=0) for key, each in made.items()} == {
            "m1": message("m1", version=1),
            "m2": message("m2", version=1),
        }
        assert ids(await site.store.find("w", Number, "account/main")) == ["447700900012", "447700900013", _MOVED]
        assert (await site.get(Number, "447700900012")).version == 1
        assert [await site.store.counter("w", name) for name in ("balance", "other")] == [9, 5]
        assert await site.store.holder("w", "free-name") == "main"
        assert await site.store.tenant("free-key") == Tenant("w", "main")
        pending = [each for each in await site.store.pending("w") if each.due_at < T0 + HOUR]
        assert [(type(each), each.subject, each.order - ordinal, each.version) for each in pending] == [
            (Delivery, "m1", 3, 1),
            (Timer, "m1", 1, 1),
            (Delivery, "m2", 4, 1),
            (Timer, "m2", 2, 1),
        ]
        assert pending[3].id == "named"
        assert len({each.id for each in pending}) == 4
        assert "" not in ids(pending)
        assert abouts(await site.store.since("w", Event, 0)) == ["m1", "m2"]
        assert (await site.store.begin("w")).ordinal == ordinal + 5

    async def test_the_same_change_twice_is_a_conflict(self, site: Site) -> None:
        """Version 0 says that it must not exist yet."""
        await site.commit(Change(put=(message("m"),)))
        before = await site.all_of()

        with pytest.raises(Conflict):
            await site.commit(Change(put=(message("m"),)))

        assert await site.all_of() == before

    async def test_versions_are_counted_and_the_making_is_kept(self, site: Site) -> None:
        """Each put is one version and one fresh sequence number; ``made`` stays that of the first."""
        await site.commit(Change(put=(message("m"),)))
        first = await site.get(Message, "m")
        await site.commit(Change(put=(replace(first, text="again"),)))
        second = await site.get(Message, "m")

        assert (first.version, second.version, second.text) == (1, 2, "again")
        assert first.made == first.seq == second.made < second.seq

    async def test_one_dropped_may_be_made_anew(self, site: Site) -> None:
        """What is gone counts as never stored: version 0 again."""
        await site.commit(Change(put=(number("447700900000"),)))
        await site.commit(Change(drop=(number("447700900000", version=1),)))
        assert await site.store.get("w", Number, "447700900000") is None

        await site.commit(Change(put=(number("447700900000", cost=3),)))

        stored = await site.get(Number, "447700900000")
        assert (stored.version, stored.cost) == (1, 3)

    async def test_ids_are_unique_within_their_kind_only(self, site: Site) -> None:
        """A number and a handset may share an id, and dropping one leaves the other."""
        await site.commit(Change(put=(number("447700900000"), Handset(id="447700900000"))))
        await site.commit(Change(drop=(number("447700900000", version=1),)))

        assert await site.store.get("w", Number, "447700900000") is None
        assert (await site.get(Handset, "447700900000")).version == 1

    @pytest.mark.parametrize(
        "change",
        [
            Change(put=(message("m"), message("m", text="other"))),
            Change(drop=(number("447700900010", version=1),) * 2),
            Change(put=(number("447700900010", version=1),), drop=(number("447700900010", version=1),)),
            Change(timers=(timer(T0, "s", "t"), timer(T0 + 1, "s", "t"))),
            Change(timers=(timer(T0, "s", "t"),), put=(timer(T0, "s", "t"),)),
            Change(deliveries=(delivery(T0, "s", "d"), delivery(T0 + 1, "s", "d"))),
        ],
        ids=["put twice", "dropped twice", "put and dropped", "set twice", "set and put", "sent twice"],
    )
    async def test_a_change_that_writes_one_record_twice_is_our_bug_and_changes_nothing(
        self, empty: Site, change: Change
    ) -> None:
        """Two decisions about one record joined into one change would lose one of them silently."""
        site = await self._guarded(empty)
        before = await site.all_of()

        with pytest.raises(AssertionError):
            await site.commit(Change(log=(event("m"),), counters=(Add("balance", 1),)) + change)

        assert await site.all_of() == before

    async def test_a_record_put_may_be_checked_beside(self, site: Site) -> None:
        """A check looks at what was there before the change."""
        await site.commit(Change(put=(number("447700900000"),)))
        await site.commit(
            Change(put=(number("447700900000", version=1, cost=2),), check=(number("447700900000", version=1),))
        )

        assert (await site.get(Number, "447700900000")).version == 2

    async def test_one_of_many_writers_of_a_version_wins(self, site: Site) -> None:
        """Forty who load, let others in and write, each rerun until it counted: none is lost."""
        await site.commit(Change(put=(number("447700900000"),)))

        async def decide() -> Change:
            read = await site.get(Number, "447700900000")
            await asyncio.sleep(0)
            return Change(put=(replace(read, cost=read.cost + 1),))

        assert await asyncio.gather(*(rerun(site, decide) for _ in range(40))) == [True] * 40
        stored = await site.get(Number, "447700900000")
        assert (stored.cost, stored.version) == (40, 41)


class CounterLaws(_Base):
    """Counters are unversioned and guarded inside the commit."""

    async def test_a_counter_never_set_is_nothing(self, site: Site) -> None:
        """Zero, for reading and for adding."""
        assert await site.store.counter("w", "balance") == 0
        assert await site.commit(Change(counters=(Add("balance", -3),))) == {"balance": -3}
        assert await site.store.counter("w", "balance") == -3

    async def test_a_commit_answers_the_counters_it_touched(self, site: Site) -> None:
        """As they stand right after it, and no others."""
        await site.commit(Change(counters=(Set("balance", 10), Set("other", 1))))

        assert await site.commit(Change(counters=(Add("balance", -2), Add("rate", 1)))) == {"balance": 8, "rate": 1}
        assert await site.commit(Change(put=(message("m"),))) == {}

    @pytest.mark.parametrize(
        ("step", "after"),
        [
            (Add("balance", -10, floor=0), 0),
            (Add("balance", -11, floor=0), None),
            (Add("balance", -11, floor=-1), -1),
            (Add("balance", 5, ceiling=15), 15),
            (Add("balance", 6, ceiling=15), None),
            (Add("balance", 0, floor=11), None),
            (Add("balance", 0, ceiling=9), None),
            (Add("balance", 2, floor=12, ceiling=12), 12),
            (Set("balance", -5), -5),
        ],
    )
    async def test_guards_judge_the_sum(self, site: Site, step: Add | Set, after: int | None) -> None:
        """Floor and ceiling belong to what is allowed; `Set` has no guards."""
        await site.commit(Change(counters=(Set("balance", 10),)))

        if after is None:
            with pytest.raises(Conflict):
                await site.commit(Change(counters=(step,)))
            assert await site.store.counter("w", "balance") == 10
        else:
            assert await site.commit(Change(counters=(step,))) == {"balance": after}
            assert await site.store.counter("w", "balance") == after

    async def test_several_steps_on_one_counter_see_each_other(self, site: Site) -> None:
        """They are judged in order: what is short in between is refused though the end would do."""
        with pytest.raises(Conflict):
            await site.commit(Change(counters=(Add("balance", -1, floor=0), Add("balance", 5))))
        assert await site.store.counter("w", "balance") == 0

        done = await site.commit(
            Change(counters=(Add("balance", 5), Add("balance", -4, floor=1), Set("balance", 7), Add("balance", 1)))
        )
        assert done == {"balance": 8}
        assert await site.store.counter("w", "balance") == 8

    async def test_a_counter_is_forgotten_after_its_instant_on_the_worlds_clock(self, site: Site) -> None:
        """At the instant it still counts, a microsecond later it is as never set; the wall says nothing to it."""
        await site.commit(Change(counters=(Add("rate", 1, ceiling=1, until_at=T0 + SECOND), Add("other", 1))))
        site.wall.at += HOUR
        await site.set_clock(T0 + SECOND)
        assert await site.store.counter("w", "rate") == 1
        with pytest.raises(Conflict):
            await site.commit(Change(counters=(Add("rate", 1, ceiling=1, until_at=T0 + SECOND),)))

        await site.set_clock(T0 + SECOND + 1)

        assert await site.store.counter("w", "rate") == 0
        assert await site.store.counter("w", "other") == 1
        assert await site.commit(Change(counters=(Add("rate", 1, ceiling=1, until_at=T0 + HOUR),))) == {"rate": 1}
        assert await site.store.counter("w", "rate") == 1

    async def test_a_counter_is_forgotten_though_nobody_read_it(self, site: Site) -> None:
        """The guard of a commit sees it forgotten without a reading before."""
        await site.commit(Change(counters=(Add("rate", 1, until_at=T0),)))
        await site.set_clock(T0 + 1)

        assert await site.commit(Change(counters=(Add("rate", 1, ceiling=1),))) == {"rate": 1}

    async def test_the_newest_step_says_when_a_counter_is_forgotten(self, site: Site) -> None:
        """A later instant prolongs it; a step without an instant keeps it for good."""
        await site.commit(Change(counters=(Add("rate", 1, until_at=T0 + 1), Add("other", 1, until_at=T0 + 1))))
        await site.commit(Change(counters=(Add("rate", 1, until_at=T0 + 5), Set("other", 4))))
        await site.set_clock(T0 + 5)
        assert [await site.store.counter("w", name) for name in ("rate", "other")] == [2, 4]

        await site.set_clock(T0 + 6)

        assert [await site.store.counter("w", name) for name in ("rate", "other")] == [0, 4]

    async def test_a_view_has_forgotten_what_its_world_has(self, site: Site) -> None:
        """Of the present and of a snapshot, though nobody read the counter between."""
        await site.commit(Change(counters=(Add("rate", 1, until_at=T0), Add("other", 1, until_at=T0 + 1))))
        await site.set_clock(T0 + 1)
        taken = await site.store.snapshot("w")
        await site.set_clock(T0 + 2)

        for snapshot, counters in (("", [0, 0]), (taken, [0, 1])):
            view = await site.store.snapshot_view("w", snapshot)
            assert [await view.counter(name) for name in ("rate", "other")] == counters

    async def test_counters_fade_on_a_running_clock(self, empty: Site) -> None:
        """The wall moves the world's clock, and that forgets."""
        await empty.make("w", "x60", start=T0)
        await empty.commit(Change(counters=(Add("rate", 1, until_at=T0 + MINUTE - 1),)))

        assert await empty.store.counter("w", "rate") == 1
        empty.wall.at += SECOND
        assert await empty.store.counter("w", "rate") == 0

    async def test_a_balance_never_passes_its_floor_whoever_races(self, site: Site) -> None:
        """Forty spend 3 of 50 at once: sixteen succeed, each is counted once, and 2 are left."""
        await site.commit(Change(counters=(Set("balance", 50),)))

        async def spend(k: int) -> bool:
            async def decide() -> Change | None:
                left = await site.store.counter("w", "balance")
                await asyncio.sleep(0)
                assert left >= 0
                if left < 3:
                    return None
                return Change(put=(message(f"m{k}"),), counters=(Add("balance", -3, floor=0),))

            return await rerun(site, decide)

        done = await asyncio.gather(*(spend(k) for k in range(40)))

        assert sum(done) == 16
        assert await site.store.counter("w", "balance") == 2
        stored = await site.store.find("w", Message, "")
        assert set(ids(stored)) == {f"m{k}" for k, success in enumerate(done) if success}

    async def test_draws_are_atomic_and_no_commit_rolls_them_back(self, site: Site) -> None:
        """Fifty at once get fifty numbers; a change that is refused beside them takes none away."""

        async def decide() -> Change | None:
            raise Conflict

        drawn = await asyncio.gather(*(site.store.draw("w", "drawn") for _ in range(50)))
        with pytest.raises(Conflict):
            await decide()
        with pytest.raises(Conflict):
            await site.commit(Change(drop=(number("447700900000", version=1),)))

        assert sorted(drawn) == list(range(1, 51))
        assert await site.store.draw("w", "drawn") == 51
        assert await site.store.draw("w", "another") == 1
        assert await site.store.counter("w", "drawn") == 51


class ClaimLaws(_Base):
    """A name has one holder."""

    @pytest.mark.parametrize("server_wide", [False, True])
    async def test_a_name_is_held_by_who_claimed_it_first(self, site: Site, server_wide: bool) -> None:
        """The same holder may claim again, another may not, and only the holder frees it."""
        claim = Claim("name", "main", server_wide)
        for _ in range(2):
            await site.commit(Change(claims=(claim,)))
        with pytest.raises(Conflict):
            await site.commit(Change(claims=(Claim("name", "other", server_wide),)))
        await site.commit(Change(claims=(Free("name", "other", server_wide),)))
        assert await self._held(site, server_wide=server_wide) == "main"

        await site.commit(Change(claims=(Free("name", "main", server_wide),)))
        assert await self._held(site, server_wide=server_wide) is None
        await site.commit(Change(claims=(Free("name", "main", server_wide),)))
        await site.commit(Change(claims=(Claim("name", "other", server_wide),)))
        assert await self._held(site, server_wide=server_wide) == "other"

    async def _held(self, site: Site, *, server_wide: bool) -> str | None:
        holder, tenant = await site.store.holder("w", "name"), await site.store.tenant("name")
        if server_wide:
            assert holder is None
            return tenant.holder if tenant else None
        assert tenant is None
        return holder

    @pytest.mark.parametrize("server_wide", [False, True])
    async def test_claims_of_one_change_see_each_other(self, site: Site, server_wide: bool) -> None:
        """Freed and claimed in one change goes over to the new holder; the other way round is taken."""
        await site.commit(Change(claims=(Claim("name", "main", server_wide),)))
        free, claim = Free("name", "main", server_wide), Claim("name", "other", server_wide)

        with pytest.raises(Conflict):
            await site.commit(Change(claims=(claim, free)))
        assert await self._held(site, server_wide=server_wide) == "main"
        with pytest.raises(Conflict):
            await site.commit(Change(claims=(free, claim, Claim("name", "main", server_wide))))
        assert await self._held(site, server_wide=server_wide) == "main"
        await site.commit(Change(claims=(free, claim)))
        assert await self._held(site, server_wide=server_wide) == "other"
        await site.commit(Change(claims=(Free("name", "other", server_wide), Claim("name", "main", server_wide))))
        await site.commit(Change(claims=(Claim("name", "main", server_wide), free)))
        assert await self._held(site, server_wide=server_wide) is None

    async def test_a_credential_is_one_worlds_even_for_holders_of_one_name(self, site: Site) -> None:
        """``main`` of another world is another holder: it can neither take nor free it."""
        await site.make("x")
        await site.commit(Change(claims=(Claim("key", "main", server_wide=True),)))

        with pytest.raises(Conflict):
            await site.commit(Change(claims=(Claim("key", "main", server_wide=True),)), "x")
        await site.commit(Change(claims=(Free("key", "main", server_wide=True),)), "x")

        assert await site.store.tenant("key") == Tenant("w", "main")

    async def test_a_name_of_a_world_is_free_in_every_other(self, site: Site) -> None:
        """An owned number is unique in its world only."""
        await site.make("x")
        await site.commit(Change(claims=(Claim("name", "main"),)))
        await site.commit(Change(claims=(Claim("name", "other"),)), "x")

        assert [await site.store.holder(world, "name") for world in ("w", "x")] == ["main", "other"]

    async def test_one_of_many_claimers_wins(self, site: Site) -> None:
        """Twenty who saw the name free claim it: one has it, the others are refused."""

        async def take(k: int) -> bool:
            async def decide() -> Change | None:
                holder = await site.store.holder("w", "name")
                await asyncio.sleep(0)
                return None if holder else Change(claims=(Claim("name", f"h{k}"),), counters=(Add("other", 1),))

            return await rerun(site, decide)

        done = await asyncio.gather(*(take(k) for k in range(20)))

        assert sum(done) == 1
        assert await site.store.holder("w", "name") == f"h{done.index(True)}"
        assert await site.store.counter("w", "other") == 1


class OrdinalLaws(_Base):
    """An ordinal is drawn once."""

    async def test_begin_draws_and_peek_does_not(self, site: Site) -> None:
        """Facts, clock and epoch are the same; only the ordinal moves, by one."""
        first = await site.store.begin("w")
        assert await site.store.peek("w") == first
        assert await site.store.begin("w") == replace(first, ordinal=first.ordinal + 1)

    async def test_a_commit_draws_for_timers_then_deliveries(self, site: Site) -> None:
        """In their order in the change, whatever they said before, and beside what is due first."""
        first = (await site.store.begin("w")).ordinal
        await site.commit(
            Change(
                timers=(timer(T0 + 3, "a", "t1"), replace(timer(T0 + 1, "b", "t2"), order=99)),
                deliveries=(delivery(T0 + 2, "c", "d1"), delivery(T0, "d", "d2")),
            )
        )

        assert [(each.id, each.order - first) for each in await site.store.pending("w")] == [
            ("d2", 4),
            ("t2", 2),
            ("d1", 3),
            ("t1", 1),
        ]
        assert (await site.store.begin("w")).ordinal == first + 5

    async def test_a_refused_commit_burns_none(self, site: Site) -> None:
        """A rerun gives the same ordinals as a decision that was right at once."""
        first = (await site.store.begin("w")).ordinal
        change = Change(timers=(timer(T0), timer(T0)), deliveries=(delivery(T0),))
        for _ in range(3):
            with pytest.raises(Conflict):
                await site.commit(change + Change(drop=(number("447700900000", version=1),)))

        await site.commit(change)

        assert sorted(each.order - first for each in await site.store.pending("w")) == [1, 2, 3]

    async def test_no_ordinal_is_drawn_twice_whoever_races(self, site: Site) -> None:
        """Requests that begin and commits that set timers draw from one counter."""

        async def one(k: int) -> int:
            start = await site.store.begin("w")
            await asyncio.sleep(0)
            await site.store.commit("w", start.epoch, Change(timers=(timer(T0, f"s{k}"),)))
            return start.ordinal

        begun = await asyncio.gather(*(one(k) for k in range(100)))

        drawn = [*begun, *(each.order for each in await site.store.pending("w"))]
        assert sorted(drawn) == list(range(1, 201))


# Reading.


class FindLaws(_Base):
    """Records are found by id and look-up key, in the order of their making."""

    async def test_a_record_is_found_by_each_of_its_keys(self, site: Site) -> None:
        """By keys of its kind only; nothing is found by what is no key."""
        parts = (Part("p0", PartStatus.SUBMITTED, "0", T0), Part("p1", PartStatus.SUBMITTED, "0", T0))
        await site.commit(Change(put=(replace(message("p0"), parts=parts), number("447700900000"))))
        stored = await site.get(Message, "p0")

        find = site.store.find
        assert list(await find("w", Message, "to/447700900001")) == [stored]
        assert list(await find("w", Message, "part/p1")) == [stored]
        assert list(await find("w", Message, "part/p0")) == []
        assert list(await find("w", Number, "to/447700900001")) == []
        assert list(await find("w", Handset, "")) == []

    async def test_legs_and_seen_codes_are_kept_whole(self, site: Site) -> None:
        """With all that they hold; a leg is found by its person and by what it is about, a seen code by its phone."""
        leg = Leg(
            id="l0",
            owner="verify",
            account="main",
            about="r1",
            direction=Direction.OUTBOUND,
            sender="12015550100",
            to="447700900001",
            network="23410",
            rate=1_000_000,
            created_at=T0,
            status=LegStatus.ANSWERED,
            answered_at=T0,
            script=(Speech("Your code is 1 2.", "en-gb", "12"),),
            transcript=(Line(T0, Speaker.MACHINE, "Beep."), Line(T0 + 1, Speaker.PLATFORM, "Your code is 1 2.", "12")),
            extra={"style": 0, "list": [1, None]},
        )
        seen = SeenCode(id="447700900001", code="12", about="r1", at=T0)
        await site.commit(Change(put=(leg, seen)))

        stored = await site.get(Leg, "l0")
        code = await site.get(SeenCode, "447700900001")
        assert replace(stored, version=0, seq=0, made=0) == leg
        assert replace(code, version=0, seq=0, made=0) == seen
        for key in ("person/447700900001", "about/r1"):
            assert list(await site.store.find("w", Leg, key)) == [stored]
        assert list((await site.store.since("w", Leg, 0)).items) == [stored]

    async def test_pages_follow_the_order_of_making_even_after_updates(self, site: Site) -> None:
        """``after`` is the ``made`` of the last one seen; an update moves nothing between pages."""
        for k in range(7):
            await site.commit(Change(put=(message(f"m{k}", "447700900001" if k % 2 == 0 else "447700900002"),)))
        for changed in ("m2", "m0"):
            await site.commit(Change(put=(replace(await site.get(Message, changed), text="again"),)))

        for key, expected in (("", [f"m{k}" for k in range(7)]), ("to/447700900001", ["m0", "m2", "m4", "m6"])):
            seen: list[str] = []
            after = 0
            while page := await site.store.find("w", Message, key, after, 2):
                assert len(page) <= 2
                seen += ids(page)
                after = page[-1].made
            assert seen == expected

    async def test_newest_takes_the_last_ones_in_the_order_of_making(self, site: Site) -> None:
        """As a page from the end, not turned round; ``after`` still holds."""
        await site.commit(Change(put=tuple(message(f"m{k}") for k in range(5))))
        await site.commit(Change(put=(replace(await site.get(Message, "m0"), text="again"),)))
        third = (await site.get(Message, "m3")).made

        for key in ("", "to/447700900001"):
            assert ids(await site.store.find("w", Message, key, 0, 2, newest=True)) == ["m3", "m4"]
            assert ids(await site.store.find("w", Message, key, third, 2, newest=True)) == ["m4"]
            assert ids(await site.store.find("w", Message, key, 0, 9, newest=True)) == [f"m{k}" for k in range(5)]

    async def test_a_record_whose_keys_change_is_found_by_the_new_ones(self, site: Site) -> None:
        """In its place by the order of making, not at the end, and nowhere under the old key."""
        one, two, three = "447700900001", "447700900002", "447700900003"
        await site.commit(Change(put=(number(one, "a"), number(two, "b"), number(three, "b"))))

        await site.commit(Change(put=(number(one, "b", version=1),)))

        assert ids(await site.store.find("w", Number, "account/a")) == []
        assert ids(await site.store.find("w", Number, "account/b")) == [one, two, three]
        second = (await site.get(Number, two)).made
        assert ids(await site.store.find("w", Number, "account/b", second)) == [three]
        assert ids(await site.store.find("w", Number, "account/b", 0, 2, newest=True)) == [two, three]

    async def test_a_key_that_stays_keeps_the_order_when_another_changes(self, site: Site) -> None:
        """A message that gets a part more is still the older of two to one phone."""
        await site.commit(Change(put=(message("m0"), message("m1"))))
        first = await site.get(Message, "m0")
        parts = (*first.parts, Part("p1", PartStatus.SUBMITTED, "0", T0))
        await site.commit(Change(put=(replace(first, parts=parts),)))

        assert ids(await site.store.find("w", Message, "to/447700900001")) == ["m0", "m1"]
        assert ids(await site.store.find("w", Message, "part/p1")) == ["m0"]

    async def test_a_dropped_record_is_found_no_more(self, site: Site) -> None:
        """By none of its keys, while its neighbours still are."""
        await site.commit(Change(put=(number("447700900001"), number("447700900002"), number("447700900003"))))
        await site.commit(Change(drop=(number("447700900001", version=1), number("447700900003", version=1))))

        assert ids(await site.store.find("w", Number, "account/main")) == ["447700900002"]
        await site.commit(Change(drop=(number("447700900002", version=1),)))
        assert ids(await site.store.find("w", Number, "account/main")) == []
        assert ids(await site.store.find("w", Number, "")) == []


class SinceLaws(_Base):
    """What is new or changed is read by sequence number."""

    async def test_since_tells_what_is_new_or_changed_in_the_order_of_making(self, site: Site) -> None:
        """A record changed twice is told once, as it is now; what did not move is not told."""
        await site.commit(Change(put=tuple(message(f"m{k}") for k in range(4))))
        seen = (await site.store.since("w", Message, 0)).since
        await site.commit(Change(put=(message("m4"),)))
        for changed in ("m3", "m1", "m3"):
            await site.commit(Change(put=(replace(await site.get(Message, changed), text="again"),)))

        page = await site.store.since("w", Message, seen)

        assert list(page.items) == [await site.get(Message, each) for each in ("m1", "m3", "m4")]
        assert page.since == max(item.seq for item in page.items)
        assert not page.truncated
        assert await site.store.since("w", Message, page.since) == Page([], page.since, truncated=False)

    async def test_one_sequence_runs_through_all_collections(self, site: Site) -> None:
        """The number that a page answers is the world's highest, so that one serves for every collection."""
        await site.commit(Change(put=(message("m0"),), log=(event("m0"),)))
        await site.store.append("w", await site.epoch(), request_entry("/sms/json"))

        pages = [await site.store.since("w", kind, 0) for kind in (Message, Event, RequestEntry, Delivery)]

        assert [len(page.items) for page in pages] == [1, 1, 1, 0]
        assert len({page.since for page in pages}) == 1
        seqs = [page.items[0].seq for page in pages[:3]]
        assert sorted(set(seqs)) == seqs
        assert seqs[-1] == pages[0].since

    async def test_log_entries_stand_in_the_order_of_writing(self, site: Site) -> None:
        """Those of commits and those appended alike, each with a number of its own."""
        epoch = await site.epoch()
        for k in range(3):
            await site.commit(Change(log=(event(f"a{k}"), event(f"b{k}"))))
            await site.store.append("w", epoch, event(f"c{k}"))

        page = await site.store.since("w", Event, 0)
        assert abouts(page) == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]
        seqs = [item.seq for item in page.items]
        assert sorted(set(seqs)) == seqs
        assert abouts(await site.store.since("w", Event, seqs[5])) == ["a2", "b2", "c2"]

    async def test_nothing_is_appended_under_an_older_epoch(self, site: Site) -> None:
        """What a request says that began before a reset has no place in the log after it."""
        epoch = await site.epoch()
        await site.store.reset_world("w")
        before = await site.all_of()

        await site.store.append("w", epoch, event("m"))

        assert await site.all_of() == before

    async def test_changed_answers_at_once_when_something_is_new_already(self, site: Site) -> None:
        """Without waiting, for a number below the highest."""
        await site.commit(Change(log=(event("m"),)))
        seq = (await site.store.since("w", Event, 0)).since

        assert await site.store.changed("w", seq - 1, 60) is True

    async def test_changed_ends_when_its_time_is_over(self, site: Site) -> None:
        """False, when nothing was drawn meanwhile."""
        seq = (await site.store.since("w", Event, 0)).since
        assert await site.store.changed("w", seq, 0.01) is False

    @pytest.mark.parametrize("how", ["commit", "append", "reset", "restore", "delete"])
    async def test_changed_is_woken(self, site: Site, how: str) -> None:
        """By a commit, an entry, and whatever replaces or removes the world; all who wait are."""
        store, epoch = site.store, await site.epoch()
        taken = await store.snapshot("w")
        seq = (await store.since("w", Event, 0)).since
        waiting = [asyncio.create_task(store.changed("w", seq, 60)) for _ in range(3)]
        await settle(waiting[-1])

        acts: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "commit": lambda: store.commit("w", epoch, Change(put=(message("m"),))),
            "append": lambda: store.append("w", epoch, event("m")),
            "reset": lambda: store.reset_world("w"),
            "restore": lambda: store.restore("w", taken),
            "delete": lambda: store.delete_world("w"),
        }
        await acts[how]()

        assert await asyncio.wait_for(asyncio.gather(*waiting), 10) == [True] * 3

    async def test_who_is_cancelled_while_being_woken_is_cancelled(self, site: Site) -> None:
        """A driver or a request that must end does end, though something changed at the same time."""
        seq = (await site.store.since("w", Event, 0)).since
        waits: list[Coroutine[Any, Any, Any]] = [site.store.changed("w", seq, 60), site.store.wait_due(60)]
        waiting = [asyncio.create_task(each) for each in waits]
        await settle(waiting[-1])
        await site.commit(Change(timers=(timer(T0),)))
        for task in waiting:
            task.cancel()

        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in ends] == [asyncio.CancelledError] * 2

    async def test_a_change_in_one_world_wakes_nobody_in_another(self, site: Site) -> None:
        """Each world has its own numbers."""
        await site.make("x")
        seq = (await site.store.since("x", Event, 0)).since
        waiting = asyncio.create_task(site.store.changed("x", seq, 60))
        await settle(waiting)

        await site.commit(Change(log=(event("m"),)))

        await settle(waiting)
        await site.commit(Change(log=(event("m"),)), "x")
        assert await asyncio.wait_for(waiting, 10) is True


class RetentionLaws(_Base):
    """So many entries of each kind and world are kept, and all that something still waits for."""

    @pytest.fixture
    async def small(self, wall: Wall) -> AsyncIterator[Site]:
        """A world ``w`` in an engine that keeps three entries of each kind."""
        async with self.open_store(wall, 3) as store:
            assert store.retention == 3
            site = Site(store, wall)
            await site.make()
            yield site

    async def test_the_oldest_records_go(self, small: Site) -> None:
        """By id, by key and by page: gone everywhere, in the order of making, though one was changed since."""
        await small.commit(Change(put=(message("m0"), message("m1"), message("m2"))))
        await small.commit(Change(put=(replace(await small.get(Message, "m0"), text="again"),)))
        await small.commit(Change(put=(message("m3"),)))
        await small.commit(Change(put=(message("m4"),)))

        assert await small.store.get("w", Message, "m0") is None
        assert ids(await small.store.find("w", Message, "")) == ["m2", "m3", "m4"]
        assert ids(await small.store.find("w", Message, "to/447700900001")) == ["m2", "m3", "m4"]
        assert [item.about for item in (await small.store.since("w", Event, 0)).items if isinstance(item, Event)] == []
        page = await small.store.since("w", Message, 0)
        assert ([item.text for item in page.items if isinstance(item, Message)], page.truncated) == (
            ["hello"] * 3,
            True,
        )

    async def test_an_id_that_went_may_be_made_anew(self, small: Site) -> None:
        """What is not kept counts as never stored, and finding it by key works."""
        await small.commit(Change(put=tuple(message(f"m{k}") for k in range(4))))
        await small.commit(Change(put=(message("m0"),)))

        assert ids(await small.store.find("w", Message, "to/447700900001")) == ["m2", "m3", "m0"]

    async def test_kinds_of_no_collection_are_all_kept(self, small: Site) -> None:
        """Numbers and timers are the state itself, not its history."""
        numbers = [f"4477009000{k}" for k in range(10, 20)]
        await small.commit(Change(put=tuple(number(each) for each in numbers)))
        await small.commit(Change(timers=tuple(timer(T0 + k, f"s{k}", f"t{k}") for k in range(10))))

        assert ids(await small.store.find("w", Number, "")) == numbers
        assert ids(await small.store.pending("w")) == [f"t{k}" for k in range(10)]

    @pytest.mark.parametrize("waiting", [Timer, Delivery])
    @pytest.mark.parametrize("together", [True, False])
    async def test_what_has_something_pending_is_kept(
        self, small: Site, waiting: type[Timer | Delivery], together: bool
    ) -> None:
        """However many there are, and whether they came in one commit; the others go before their turn."""
        subjects = [f"p{k}" for k in range(12)]
        parts = [
            Change(put=(message(each),), timers=(timer(T0, each),))
            if waiting is Timer
            else Change(put=(message(each),), deliveries=(delivery(T0, each),))
            for each in subjects
        ]
        if together:
            await small.commit(sum(parts, Change()))
        else:
            for part in parts:
                await small.commit(part)
        for k in range(20):
            await small.commit(Change(put=(message(f"m{k}"),)))

        kept = ids(await small.store.find("w", Message, ""))
        assert kept[:12] == subjects
        assert len(kept) <= 15
        assert ids(await small.store.find("w", Message, "to/447700900001")) == kept

    async def test_what_waited_goes_in_the_end(self, small: Site) -> None:
        """Once nothing waits any more, further messages bring the number down to what is kept."""
        subjects = [f"p{k}" for k in range(12)]
        await small.commit(
            Change(put=tuple(map(message, subjects)), timers=tuple(timer(T0, subject) for subject in subjects))
        )
        for item in await small.claim():
            await small.drop(item)
        for k in range(20):
            await small.commit(Change(put=(message(f"m{k}"),)))

        assert ids(await small.store.find("w", Message, "")) == ["m17", "m18", "m19"]

    async def test_a_webhook_is_kept_until_it_is_answered(self, small: Site) -> None:
        """Pending ones stay beyond the number; delivered ones go, oldest first."""
        await small.commit(Change(deliveries=tuple(delivery(T0, f"s{k}", f"d{k}") for k in range(6))))
        assert ids(await small.store.pending("w")) == [f"d{k}" for k in range(6)]

        for item in await small.claim():
            assert isinstance(item, Delivery)
            await small.commit(Change(put=(replace(item, state=DeliveryState.DELIVERED),)))
        for k in range(6, 12):
            await small.commit(Change(deliveries=(delivery(T0 + HOUR, f"s{k}", f"d{k}"),)))

        assert ids(await small.store.find("w", Delivery, "")) == [f"d{k}" for k in range(6, 12)]
        assert ids(await small.store.pending("w")) == [f"d{k}" for k in range(6, 12)]
        assert ids(await small.store.find("w", Delivery, "subject/s0")) == []

    async def test_logs_keep_their_newest_lines_each_for_itself(self, small: Site) -> None:
        """A page is truncated for a number before the newest line that went, not from it on."""
        epoch = await small.epoch()
        await small.store.append("w", epoch, request_entry("/sms/json"))
        for k in range(5):
            await small.commit(Change(log=(event(f"e{k}"),)))

        full = await small.store.since("w", Event, 0)
        assert (abouts(full), full.truncated) == (["e2", "e3", "e4"], True)
        went = full.items[0].seq - 1
        assert (await small.store.since("w", Event, went - 1)).truncated
        exact = await small.store.since("w", Event, went)
        assert (abouts(exact), exact.truncated) == (["e2", "e3", "e4"], False)
        other = await small.store.since("w", RequestEntry, 0)
        assert (len(other.items), other.truncated) == (1, False)

    async def test_a_page_of_records_is_truncated_from_what_went(self, small: Site) -> None:
        """The number of the newest version of what went decides."""
        await small.commit(Change(put=(message("m0"),)))
        await small.commit(Change(put=(replace(await small.get(Message, "m0"), text="again"),)))
        went = (await small.get(Message, "m0")).seq
        await small.commit(Change(put=tuple(message(f"m{k}") for k in range(1, 4))))

        assert (await small.store.since("w", Message, went - 1)).truncated
        page = await small.store.since("w", Message, went)
        assert ([item.seq > went for item in page.items], page.truncated) == ([True] * 3, False)

    async def test_worlds_keep_entries_each_for_itself(self, small: Site) -> None:
        """One that writes much takes nothing from another."""
        await small.make("x")
        await small.commit(Change(put=(message("m0"),), log=(event("m0"),)), "x")
        await small.commit(Change(put=tuple(message(f"m{k}") for k in range(9)), log=(event("e"),) * 9))

        assert ids(await small.store.find("x", Message, "")) == ["m0"]
        assert abouts(await small.store.since("x", Event, 0)) == ["m0"]


# What is due.


class DueLaws(_Base):
    """Timers and deliveries are taken in order, once, and are never lost."""

    async def test_items_are_taken_in_the_order_of_falling_due(self, site: Site) -> None:
        """By due instant, deliveries before timers, then set order; what is not due yet is left."""
        await site.commit(
            Change(
                timers=(timer(T0 + 1, "a", "t1"), timer(T0, "b", "t2"), timer(T0 + 1, "c", "t3")),
                deliveries=(delivery(T0 + 1, "d", "d1"), delivery(T0 + 1, "e", "d2"), delivery(T0 + 3, "f", "d3")),
            )
        )
        await site.commit(Change(timers=(timer(T0 - 5, "g", "t4"),)))
        order = ["t4", "t2", "d1", "d2", "t1", "t3"]
        pending = list(await site.store.pending("w"))
        assert ids(pending) == [*order, "d3"]

        assert ids(await site.claim()) == ["t4", "t2"]
        assert await site.store.under_way("w") == 2
        await site.set_clock(T0 + 2)
        assert list(await site.claim(3)) == pending[2:5]
        assert list(await site.claim()) == pending[5:6]
        assert list(await site.claim()) == []
        assert await site.store.under_way("w") == 6
        assert list(await site.store.pending("w")) == pending

    async def test_an_item_is_taken_once_by_concurrent_claimers(self, site: Site) -> None:
        """Five workers share twenty items: none is had twice, none is left."""
        await site.commit(Change(timers=tuple(timer(T0, f"s{k}", f"t{k}") for k in range(20))))

        async def work(holder: str) -> list[str]:
            mine: list[str] = []
            while items := await site.claim(3, holder):
                await asyncio.sleep(0)
                for item in items:
                    await site.drop(item)
                mine += ids(items)
            return mine

        had = await asyncio.gather(*(work(f"worker{k}") for k in range(5)))

        assert sorted(each for mine in had for each in mine) == sorted(f"t{k}" for k in range(20))
        assert await site.store.pending("w") == []
        assert await site.store.under_way("w") == 0

    async def test_a_dropped_or_moved_timer_does_not_come_up(self, site: Site) -> None:
        """Dropped it never comes, moved it comes at its new instant only, earlier or later, with its old order."""
        await site.commit(Change(timers=tuple(timer(T0 + 5, f"s{k}", f"t{k}") for k in range(4))))
        dropped, later, earlier, same = [await site.get(Timer, f"t{k}") for k in range(4)]
        await site.commit(
            Change(drop=(dropped,), put=(replace(later, due_at=T0 + 9), replace(earlier, due_at=T0), same))
        )

        assert [(each.id, each.order) for each in await site.claim()] == [("t2", earlier.order)]
        await site.set_clock(T0 + 5)
        assert ids(await site.claim()) == ["t3"]
        await site.set_clock(T0 + 9)
        assert [(each.id, each.order) for each in await site.claim()] == [("t1", later.order)]
        assert await site.store.next_due("w") is None

    async def test_a_timer_dropped_and_set_anew_in_one_change_stands_anew(self, site: Site) -> None:
        """The same id, a fresh order: how a rule starts a timer over."""
        await site.commit(Change(timers=(timer(T0, "s", "t"), timer(T0 + 1, "other", "o"))))
        first = await site.get(Timer, "t")
        await site.commit(Change(drop=(first,), timers=(timer(T0 + 1, "s", "t"),)))

        again = await site.get(Timer, "t")
        assert (again.version, again.due_at) == (1, T0 + 1)
        assert again.order > first.order
        assert await site.claim() == []
        await site.set_clock(T0 + 1)
        assert ids(await site.claim()) == ["o", "t"]

    async def test_an_item_under_way_that_is_dropped_by_another_is_stale(self, site: Site) -> None:
        """Who carried it out cannot commit any more, and its subject is free."""
        await site.commit(Change(timers=(timer(T0, "s", "t1"), timer(T0, "s", "t2"))))
        (item,) = await site.claim()
        await site.drop(await site.get(Timer, "t1"))

        with pytest.raises(Conflict):
            await site.commit(Change(drop=(item,), log=(event("m"),)))
        assert abouts(await site.store.since("w", Event, 0)) == []
        assert ids(await site.claim()) == ["t2"]

    async def test_the_order_of_a_subject_is_kept(self, site: Site) -> None:
        """While one of a subject is under way the next waits; other subjects do not."""
        await site.commit(
            Change(
                timers=(timer(T0, "s", "t1"), timer(T0, "s", "t2"), timer(T0, "other", "t3")),
                deliveries=(delivery(T0 + 1, "s", "d1"),),
            )
        )
        await site.set_clock(T0 + 1)

        first = await site.claim()
        assert ids(first) == ["t1", "t3"]
        assert await site.claim() == []
        await site.drop(first[1])
        assert await site.claim() == []
        await site.drop(first[0])
        second = await site.claim()
        assert ids(second) == ["t2"]
        await site.drop(second[0])
        assert ids(await site.claim()) == ["d1"]

    @pytest.mark.parametrize("how", ["dropped", "moved", "given back", "expired"])
    async def test_what_waits_behind_a_subject_comes_up_when_it_is_released(self, site: Site, how: str) -> None:
        """Whichever way the one before it ended; one that returns is again before it."""
        await site.commit(Change(timers=(timer(T0, "s", "t1"), timer(T0, "s", "t2"), timer(T0, "s", "t3"))))
        (first,) = await site.claim()
        assert await site.claim() == []
        assert isinstance(first, Timer)

        if how == "dropped":
            await site.drop(first)
        elif how == "moved":
            await site.commit(Change(put=(replace(first, due_at=T0 + 1),)))
        elif how == "given back":
            await site.store.give_back("w", [first])
        else:
            site.wall.at += LEASE

        expected = {"dropped": ["t2", "t3"], "moved": ["t2", "t3", "t1"]}.get(how, ["t1", "t2", "t3"])
        await site.set_clock(T0 + 1)
        seen = []
        while items := await site.claim():
            seen += ids(items)
            await site.drop(items[0])
        assert seen == expected

    async def test_what_waits_behind_a_subject_may_be_dropped_or_moved_there(self, site: Site) -> None:
        """It comes up once or not at all when the subject is released."""
        await site.commit(Change(timers=tuple(timer(T0, "s", f"t{k}") for k in range(4))))
        (first,) = await site.claim()
        assert await site.claim() == []
        await site.drop(await site.get(Timer, "t1"))
        moved = await site.get(Timer, "t2")
        await site.commit(Change(put=(replace(moved, due_at=T0 + 1),)))
        assert await site.claim() == []
        await site.drop(first)

        await site.set_clock(T0 + 1)
        seen = []
        while items := await site.claim():
            seen += ids(items)
            await site.drop(items[0])
        assert seen == ["t3", "t2"]

    async def test_a_webhook_that_waits_for_a_retry_holds_up_nothing(self, site: Site) -> None:
        """The next of its subject goes out meanwhile; the retry comes at its instant, with its old order."""
        await site.commit(Change(deliveries=(delivery(T0, "s", "d1"), delivery(T0, "s", "d2"))))
        (first,) = await site.claim()
        assert isinstance(first, Delivery)
        await site.commit(Change(put=(failed_once(first, T0 + MINUTE),)))

        assert ids(await site.claim()) == ["d2"]
        await site.drop(await site.get(Delivery, "d2"))
        assert await site.claim() == []
        assert ids(await site.store.pending("w")) == ["d1"]
        await site.set_clock(T0 + MINUTE)
        (again,) = await site.claim()
        assert (again.id, again.order, again.version) == ("d1", first.order, 2)

    @pytest.mark.parametrize(
        "state", [DeliveryState.DELIVERED, DeliveryState.GIVEN_UP, DeliveryState.REFUSED, DeliveryState.CANCELLED]
    )
    async def test_a_webhook_that_ended_is_kept_and_not_pending(self, site: Site, state: DeliveryState) -> None:
        """It shows among the webhooks, and is never taken again; sent anew by hand it is."""
        await site.commit(Change(deliveries=(delivery(T0, "s", "d1"), delivery(T0, "s", "d2"))))
        (first,) = await site.claim()
        assert isinstance(first, Delivery)
        await site.commit(Change(put=(replace(first, state=state),)))

        assert ids(await site.store.pending("w")) == ["d2"]
        assert ids(await site.claim()) == ["d2"]
        ended = await site.get(Delivery, "d1")
        assert ended.state is state
        await site.drop(await site.get(Delivery, "d2"))
        await site.commit(Change(put=(replace(ended, state=DeliveryState.PENDING),)))
        assert ids(await site.claim()) == ["d1"]

    async def test_a_webhook_that_ended_may_be_dropped(self, site: Site) -> None:
        """Nothing waits for it any more, and its message is none the worse."""
        await site.commit(Change(put=(message("m"),), deliveries=(delivery(T0, "m", "d1"), delivery(T0, "m", "d2"))))
        ended = replace(await site.get(Delivery, "d1"), state=DeliveryState.DELIVERED)
        await site.commit(Change(put=(ended,)))
        await site.drop(await site.get(Delivery, "d1"))

        assert ids(await site.store.find("w", Delivery, "subject/m")) == ["d2"]
        assert ids(await site.claim()) == ["d2"]

    async def test_a_lease_ends_at_its_instant_of_the_wall(self, site: Site) -> None:
        """Until then nobody else has the item; from then on it is due as before. The world's clock says nothing."""
        await site.commit(Change(timers=(timer(T0, "s", "t"),)))
        first = await site.claim()
        site.wall.at += LEASE - 1
        await site.set_clock(T0 + HOUR)
        assert await site.claim() == []
        assert await site.store.under_way("w") == 1

        site.wall.at += 1

        assert await site.store.under_way("w") == 0
        assert await site.claim() == first
        await site.drop(first[0])
        assert await site.store.pending("w") == []

    async def test_what_is_given_back_late_takes_nothing_from_anybody(self, site: Site) -> None:
        """An item that moved on since is left to who has it now, and is not lost."""
        await site.commit(Change(timers=(timer(T0, "s", "t"), timer(T0, "s", "behind"))))
        (stale,) = await site.claim()
        moved = await site.get(Timer, "t")
        await site.commit(Change(put=(replace(moved, due_at=T0 - 1),)))
        (newer,) = await site.claim(holder="another")
        assert newer.id == "t"

        await site.store.give_back("w", [stale])

        assert await site.store.under_way("w") == 1
        assert await site.claim() == []
        await site.store.give_back("w", [newer, stale])
        assert await site.claim() == [newer]
        await site.drop(newer)
        await site.store.give_back("w", [newer])
        assert ids(await site.claim()) == ["behind"]

    async def test_a_timer_and_a_webhook_of_one_id_are_two_items(self, site: Site) -> None:
        """Ids are unique within their kind: leasing one does not hide the other."""
        await site.commit(Change(timers=(timer(T0, "a", "same"),), deliveries=(delivery(T0, "b", "same"),)))
        items = await site.claim()

        assert [type(item) for item in items] == [Delivery, Timer]
        assert await site.store.under_way("w") == 2
        await site.drop(items[0])
        assert await site.store.under_way("w") == 1
        assert await site.claim() == []
        assert list(await site.store.pending("w")) == [items[1]]

    async def test_next_due_is_what_can_be_taken_first_now_or_later(self, site: Site) -> None:
        """What is leased, or waits behind a subject, does not count."""
        assert await site.store.next_due("w") is None
        await site.commit(Change(timers=(timer(T0, "s", "t1"), timer(T0 + 1, "s", "t2"), timer(T0 + 2, "other", "t3"))))
        first = await site.store.next_due("w")
        assert first == await site.get(Timer, "t1")
        assert await site.claim() == [first]
        assert await site.store.next_due("w") == await site.get(Timer, "t3")
        assert first is not None
        await site.store.give_back("w", [first])
        assert await site.store.next_due("w") == first
        await site.drop(first)
        assert await site.store.next_due("w") == await site.get(Timer, "t2")


class DriverLaws(_Base):
    """One holder at a time drives a world."""

    async def test_one_drives_and_the_others_hear_who(self, site: Site) -> None:
        """The first has it, may prolong it and change its purpose; others get its lease as the answer."""
        store = site.store
        assert await store.driver("w") is None
        assert await store.drive("w", "one", "follow", LEASE) is None
        held = Lease("one", "follow", WALL + LEASE)
        assert await store.driver("w") == held
        assert await store.drive("w", "two", "advance", LEASE) == held

        site.wall.at += SECOND
        assert await store.drive("w", "one", "advance", LEASE) is None
        assert await store.driver("w") == Lease("one", "advance", WALL + SECOND + LEASE)

    async def test_a_driver_leaves_for_itself_only(self, site: Site) -> None:
        """Another who leaves changes nothing; afterwards the world is free."""
        store = site.store
        await store.drive("w", "one", "follow", LEASE)
        await store.leave("w", "two")
        assert await store.driver("w") == Lease("one", "follow", WALL + LEASE)
        await store.leave("w", "one")
        assert await store.driver("w") is None
        assert await store.drive("w", "two", "act", LEASE) is None

    async def test_the_lease_to_drive_ends_by_itself(self, site: Site) -> None:
        """At its instant of the wall another may drive, and the first one's leaving does not end that."""
        store = site.store
        await store.drive("w", "one", "follow", LEASE)
        site.wall.at += LEASE - 1
        assert await store.drive("w", "two", "act", LEASE) == Lease("one", "follow", WALL + LEASE)
        site.wall.at += 1
        assert await store.driver("w") is None
        assert await store.drive("w", "two", "act", LEASE) is None
        await store.leave("w", "one")
        assert await store.driver("w") == Lease("two", "act", WALL + 2 * LEASE)

    async def test_nothing_is_taken_while_another_drives(self, site: Site) -> None:
        """The driver itself takes; others do when it left or its lease ended; other worlds are not concerned."""
        await site.make("x")
        for world in ("w", "x"):
            await site.commit(Change(timers=tuple(timer(T0, f"s{k}", f"t{k}") for k in range(3))), world)
        await site.store.drive("w", "driver", "advance", LEASE)

        assert await site.claim() == []
        assert ids(await site.claim(1, "driver")) == ["t0"]
        assert ids(await site.claim(world="x")) == ["t0", "t1", "t2"]
        site.wall.at += LEASE
        assert ids(await site.claim(1)) == ["t0"]
        await site.store.drive("w", "driver", "advance", LEASE)
        assert await site.claim() == []
        await site.store.leave("w", "driver")
        assert ids(await site.claim()) == ["t1", "t2"]

    async def test_one_of_many_drives(self, site: Site) -> None:
        """Ten who try at once: one drives, nine hear of it."""
        answers = await asyncio.gather(*(site.store.drive("w", f"h{k}", "follow", LEASE) for k in range(10)))

        assert answers.count(None) == 1
        held = Lease(f"h{answers.index(None)}", "follow", WALL + LEASE)
        assert [each for each in answers if each is not None] == [held] * 9


class AgendaLaws(_Base):
    """Worlds that need a driver are told, once, at the right instant of the wall."""

    @pytest.mark.parametrize(("mode", "after"), [("real", 60 * SECOND), ("x60", SECOND), ("x0.5", 120 * SECOND)])
    async def test_a_running_world_is_told_when_its_next_item_falls_due(
        self, empty: Site, mode: str, after: int
    ) -> None:
        """Not a microsecond before, once only, deadlines too; and then the item can be taken."""
        await empty.make("w", mode, start=T0)
        assert await empty.store.next_wall() is None
        await empty.commit(Change(timers=(timer(T0 + HOUR), timer(T0 + MINUTE, "other", "t", deadline=True))))

        due = WALL + after
        assert await empty.store.next_wall() == due
        assert await empty.told(due - 1) == []
        assert await empty.told(due) == ["w"]
        assert await empty.told(due) == []
        empty.wall.at = due
        assert ids(await empty.claim()) == ["t"]

    async def test_after_a_claim_the_next_item_is_on_the_agenda(self, empty: Site) -> None:
        """A world is told again for what comes next, when the claim took all that was due."""
        await empty.make("w", "real")
        await empty.commit(Change(timers=(timer(WALL, "a", "t1"), timer(WALL + MINUTE, "b", "t2"))))
        assert await empty.told() == ["w"]
        (item,) = await empty.claim()
        await empty.drop(item)

        assert await empty.told(WALL + MINUTE - 1) == []
        assert await empty.store.next_wall() == WALL + MINUTE
        assert await empty.told(WALL + MINUTE) == ["w"]

    async def test_a_claim_that_leaves_something_due_has_the_world_told_again(self, site: Site) -> None:
        """A batch smaller than what is due is not the end of it."""
        await site.commit(Change(timers=tuple(timer(T0, f"s{k}", f"t{k}") for k in range(3))))
        assert await site.told() == ["w"]
        assert len(await site.claim(2)) == 2
        assert await site.told() == ["w"]
        assert ids(await site.claim(2)) == ["t2"]
        assert await site.told() == []

    async def test_a_standing_world_is_told_only_of_what_is_due_now(self, site: Site) -> None:
        """However far the wall goes; when its clock is moved onto the item, at once."""
        await site.commit(Change(timers=(timer(T0 + 1),)))
        assert await site.store.next_wall() is None
        assert await site.told(WALL + 1_000 * HOUR) == []

        await site.set_clock(T0 + 1)

        next_wall = await site.store.next_wall()
        assert next_wall is not None
        assert next_wall <= site.wall()
        assert await site.told() == ["w"]
        assert await site.told() == []

    @pytest.mark.parametrize(
        ("timers", "expected"),
        [
            ((timer(T0 + HOUR),), ["w"]),
            ((timer(T0 + HOUR, deadline=True),), []),
            ((timer(T0, deadline=True),), ["w"]),
            ((timer(T0 + HOUR, "a", deadline=True), timer(T0 + 2 * HOUR, "b")), []),
            ((timer(T0 + 2 * HOUR, "a", deadline=True), timer(T0 + HOUR, "b")), ["w"]),
            ((timer(T0 + HOUR, idle=True),), []),
            ((timer(T0, idle=True),), ["w"]),
            ((timer(T0 + HOUR, "a", idle=True), timer(T0 + 2 * HOUR, "b")), ["w"]),
            ((timer(T0 + HOUR, "a", idle=True), timer(T0 + 2 * HOUR, "b", deadline=True)), []),
            ((), []),
        ],
        ids=[
            *("progress", "deadline", "deadline now", "progress behind a deadline", "progress before one"),
            *("idle", "idle now", "idle before progress", "idle before a deadline", "nothing"),
        ],
    )
    async def test_a_jumping_world_is_told_of_progress_but_not_of_deadlines(
        self, empty: Site, timers: tuple[Timer, ...], expected: list[str]
    ) -> None:
        """On ``auto`` the next item counts, whenever it is due; a deadline to come only stands in the way.

        What is idle does neither: it is carried out on the way to something else.
        """
        await empty.make("w", "auto", Change(timers=timers))

        assert (await empty.store.next_wall() is not None) == bool(expected)
        assert await empty.told() == expected
        assert await empty.told() == []

    async def test_a_jumping_world_is_told_of_webhooks_to_retry(self, empty: Site) -> None:
        """A delivery is progress."""
        await empty.make("w", "auto", Change(deliveries=(delivery(T0 + HOUR),)))
        assert await empty.told() == ["w"]

    async def test_a_world_is_told_again_when_something_moves(self, site: Site) -> None:
        """Told and not looked after, it waits for the next commit that concerns what is due."""
        await site.commit(Change(timers=(timer(T0),)))
        assert await site.told() == ["w"]
        await site.commit(Change(timers=(timer(T0),)))
        assert await site.told() == ["w"]

    async def test_an_earlier_item_brings_the_world_forward(self, empty: Site) -> None:
        """And a later one does not put it off."""
        await empty.make("w", "real")
        for after in (10, 5, 20):
            await empty.commit(Change(timers=(timer(WALL + after * SECOND, f"s{after}"),)))
        assert await empty.store.next_wall() == WALL + 5 * SECOND
        assert await empty.told(WALL + 5 * SECOND) == ["w"]

    async def test_a_world_is_not_told_of_what_is_gone(self, empty: Site) -> None:
        """A timer dropped or moved, a clock stopped or slowed, a world deleted: nothing is told at the old instant."""
        for world in ("dropped", "moved", "stopped", "slowed", "deleted"):
            await empty.make(world, "real", Change(timers=(timer(WALL + MINUTE, "s", "t"),)))
        await empty.drop(await empty.get(Timer, "t", "dropped"), "dropped")
        moved = await empty.get(Timer, "t", "moved")
        await empty.commit(Change(put=(replace(moved, due_at=WALL + 3 * MINUTE),)), "moved")
        await empty.set_mode("manual", "stopped")
        await empty.set_mode("x0.5", "slowed")
        await empty.store.delete_world("deleted")

        assert await empty.store.next_wall() == WALL + 2 * MINUTE
        assert await empty.told(WALL + 2 * MINUTE - 1) == []
        assert await empty.told(WALL + 2 * MINUTE) == ["slowed"]
        assert await empty.told(WALL + 3 * MINUTE) == ["moved"]
        assert await empty.told(WALL + 1_000 * HOUR) == []
        assert await empty.store.next_wall() is None

    async def test_a_clock_set_going_puts_its_world_on_the_agenda(self, site: Site) -> None:
        """By the new mode's reckoning from this instant of the wall on."""
        await site.commit(Change(timers=(timer(T0 + MINUTE),)))
        site.wall.at += HOUR
        await site.set_mode("x60")
        assert await site.store.next_wall() == WALL + HOUR + SECOND

    async def test_a_driven_world_is_told_when_its_driver_leaves(self, site: Site) -> None:
        """While it is driven nobody else need come."""
        await site.store.drive("w", "driver", "advance", LEASE)
        await site.commit(Change(timers=(timer(T0),)))
        assert await site.told() == []
        await site.store.leave("w", "driver")
        assert await site.told() == ["w"]

    async def test_a_world_whose_driver_died_is_told_when_its_lease_ends(self, site: Site) -> None:
        """A driver that never came back loses nothing of what was due; one that prolongs its lease is let work."""
        await site.store.drive("w", "driver", "advance", LEASE)
        await site.commit(Change(timers=(timer(T0),)))
        site.wall.at += SECOND
        await site.store.drive("w", "driver", "advance", LEASE)

        assert await site.told(WALL + LEASE) == []
        assert await site.store.next_wall() == WALL + SECOND + LEASE
        site.wall.at = WALL + SECOND + LEASE
        assert await site.told() == ["w"]
        assert len(await site.claim()) == 1

    async def test_a_world_whose_worker_died_is_told_when_the_lease_of_its_item_ends(self, site: Site) -> None:
        """An item claimed and never given back is due again, though the world's clock stands."""
        await site.commit(Change(timers=(timer(T0, "s", "t"),)))
        assert await site.told() == ["w"]
        assert len(await site.claim()) == 1
        assert await site.told(WALL + LEASE - 1) == []

        site.wall.at += LEASE

        assert await site.told() == ["w"]
        assert ids(await site.claim()) == ["t"]

    async def test_the_lease_of_an_item_ends_before_the_next_falls_due(self, empty: Site) -> None:
        """Whichever comes first has the world told, on a running clock too."""
        await empty.make("w", "real", Change(timers=(timer(WALL, "a", "t1"), timer(WALL + 2 * LEASE, "b"))))
        assert await empty.told() == ["w"]
        assert ids(await empty.claim()) == ["t1"]

        assert await empty.store.next_wall() == WALL + LEASE
        assert await empty.told(WALL + LEASE) == ["w"]

    async def test_what_is_given_back_is_told_again(self, site: Site) -> None:
        """At once, since it is due."""
        await site.commit(Change(timers=(timer(T0),)))
        await site.told()
        items = await site.claim()
        assert await site.told() == []
        await site.store.give_back("w", items)
        assert await site.told() == ["w"]

    @pytest.mark.parametrize("how", ["reset", "restore", "fork"])
    async def test_a_world_put_back_is_on_the_agenda_by_its_new_state(self, empty: Site, how: str) -> None:
        """What is due in it again, is told again."""
        await empty.make("w", change=Change(timers=(timer(T0, "s", "t"),)))
        taken = await empty.store.snapshot("w")
        assert await empty.told() == ["w"]
        await empty.drop((await empty.claim())[0])
        assert await empty.told() == []

        if how == "reset":
            await empty.store.reset_world("w")
        elif how == "restore":
            await empty.store.restore("w", taken)
        else:
            await empty.store.fork("w", taken, World(name="x", seed=7, made_at=WALL), Change())

        world = "x" if how == "fork" else "w"
        assert await empty.told() == [world]
        assert ids(await empty.claim(world=world)) == ["t"]

    async def test_worlds_are_told_in_the_order_of_their_instants(self, empty: Site) -> None:
        """The next instant is that of the first among all worlds."""
        for after, world in ((30, "c"), (10, "a"), (20, "b")):
            await empty.make(world, "real", Change(timers=(timer(WALL + after * SECOND),)))

        assert await empty.store.next_wall() == WALL + 10 * SECOND
        assert await empty.told(WALL + 20 * SECOND) == ["a", "b"]
        assert await empty.store.next_wall() == WALL + 30 * SECOND

    async def test_wait_due_ends_when_its_time_is_over(self, empty: Site) -> None:
        """Without a word: who waited looks at the agenda again."""
        await empty.store.wait_due(0.01)

    @pytest.mark.parametrize("how", ["set", "advanced", "made", "left"])
    async def test_wait_due_is_woken_when_a_world_needs_a_driver_sooner(self, site: Site, how: str) -> None:
        """By a timer set, a clock moved, a world made, and a driver that leaves something due."""
        await site.commit(Change(timers=(timer(T0 + 1),)))
        await site.store.drive("w", "driver", "advance", LEASE)
        await site.make("x")
        await site.commit(Change(timers=(timer(T0 + 1),)), "x")
        if how == "left":
            await site.set_clock(T0 + 1)
        waiting = asyncio.create_task(site.store.wait_due(60))
        await settle(waiting)

        if how == "set":
            await site.commit(Change(timers=(timer(T0),)), "x")
        elif how == "advanced":
            await site.set_clock(T0 + 1, "x")
        elif how == "made":
            await site.make("y", "real", Change(timers=(timer(WALL),)))
        else:
            await site.store.leave("w", "driver")

        await asyncio.wait_for(waiting, 10)
        assert await site.told() == [{"set": "x", "advanced": "x", "made": "y", "left": "w"}[how]]


# Snapshots, forks, resets.

_KEYS = Application(
    id="main", application_id="app-1", account="main", public_key="public", private_key="private", capabilities={}
)


async def furnish(site: Site) -> None:
    """Make a world ``w`` with something of everything in it, as a scenario would."""
    await site.make(
        "w",
        change=Change(
            put=(account("key"), _KEYS, number("447700900000"), Handset(id="447700900001")),
            counters=(Set("balance", 100),),
            claims=(Claim("key", "main", server_wide=True), Claim("name", "main")),
            timers=(timer(T0 + DAY_OF_RENEWAL, "renewal", "renewal", deadline=True),),
        ),
    )


DAY_OF_RENEWAL = 24 * HOUR


async def live_on(site: Site, tag: str = "1", world: str = "w") -> None:
    """Let things happen in a furnished world: every kind of state moves."""
    start = await site.store.begin(world)
    numbered = await site.get(Number, "447700900000", world)
    now = await site.shows(world)
    await site.commit(
        Change(
            put=(message(f"m{tag}"), replace(numbered, cost=numbered.cost + 1)),
            counters=(Add("balance", -7), Add("rate", 1, until_at=now + MINUTE)),
            claims=(Claim(f"name{tag}", "main"), Claim(f"key{tag}", "main", server_wide=True)),
            timers=(timer(now, f"m{tag}", f"t{tag}"), timer(now + MINUTE, f"m{tag}")),
            deliveries=(delivery(now, f"m{tag}", f"d{tag}"), delivery(now + HOUR, f"n{tag}")),
            log=(event(f"m{tag}"),),
        ),
        world,
    )
    await site.store.draw(world, "drawn")
    await site.store.append(world, start.epoch, request_entry(f"/sms/json?{tag}"))


class SnapshotLaws(_Base):
    """A world can be put back, copied and begun anew, whole."""

    async def test_restore_puts_the_whole_state_back(self, empty: Site) -> None:
        """Records, index, logs, counters, names, timers, webhooks, ordinals: as they were, more than once."""
        await furnish(empty)
        await live_on(empty, "0")
        await live_on(empty)
        before = await empty.content_of()
        taken = await empty.store.snapshot("w")
        assert await empty.content_of() == before

        for tag in ("2", "3"):
            await live_on(empty, tag)
            for item in await empty.claim():
                await empty.drop(item)
            assert await empty.content_of() != before
            await empty.store.restore("w", taken)
            assert await empty.content_of() == before
            assert ids(await empty.store.find("w", Message, "to/447700900001")) == ["m0", "m1"]

    async def test_snapshots_are_apart(self, empty: Site) -> None:
        """Each is put back as it was, in any order, whatever was restored between."""
        await furnish(empty)
        taken, contents = [], []
        for tag in ("1", "2", "3"):
            await live_on(empty, tag)
            taken.append(await empty.store.snapshot("w"))
            contents.append(await empty.content_of())
        assert len(set(taken)) == 3

        for k in (0, 2, 1, 0):
            await empty.store.restore("w", taken[k])
            assert await empty.content_of() == contents[k]

    async def test_what_was_restored_lives_on(self, empty: Site) -> None:
        """Its timers and webhooks are taken, its records move, and the snapshot stays untouched by it."""
        await furnish(empty)
        await live_on(empty)
        taken = await empty.store.snapshot("w")
        content = await empty.content_of()
        await empty.store.restore("w", taken)

        (item,) = [each for each in await empty.claim() if isinstance(each, Delivery)]
        assert item.id == "d1"
        await empty.commit(Change(put=(failed_once(item, T0 + HOUR),)))
        await live_on(empty, "2")

        await empty.store.restore("w", taken)
        assert await empty.content_of() == content

    async def test_what_was_under_way_is_due_in_what_is_restored(self, empty: Site) -> None:
        """A lease is no part of the state: neither of the item, nor of what waits behind it."""
        await furnish(empty)
        await empty.commit(Change(timers=(timer(T0, "s", "t1"), timer(T0, "s", "t2"))))
        assert ids(await empty.claim()) == ["t1"]
        assert await empty.claim() == []
        taken = await empty.store.snapshot("w")
        assert await empty.store.under_way("w") == 1

        await empty.store.restore("w", taken)

        assert await empty.store.under_way("w") == 0
        (first,) = await empty.claim()
        assert first.id == "t1"
        await empty.drop(first)
        assert ids(await empty.claim()) == ["t2"]

    async def test_restore_never_lowers_the_sequence(self, empty: Site) -> None:
        """What comes after it is new to whoever read before it."""
        await furnish(empty)
        taken = await empty.store.snapshot("w")
        await live_on(empty)
        seen = (await empty.store.since("w", Event, 0)).since

        await empty.store.restore("w", taken)
        assert (await empty.store.since("w", Event, 0)).since >= seen
        await live_on(empty, "2")

        page = await empty.store.since("w", Event, seen)
        assert abouts(page) == ["m2"]
        assert ids(
            [item for item in (await empty.store.since("w", Message, seen)).items if isinstance(item, Record)]
        ) == ["m2"]

    @pytest.mark.parametrize("how", ["restore", "reset"])
    async def test_what_was_decided_before_is_stale_after(self, empty: Site, how: str) -> None:
        """The epoch rises each time; a commit and an entry under an older one change nothing."""
        await furnish(empty)
        taken = await empty.store.snapshot("w")
        epochs = [await empty.epoch()]
        for _ in range(2):
            await (empty.store.restore("w", taken) if how == "restore" else empty.store.reset_world("w"))
            epochs.append(await empty.epoch())
        assert sorted(set(epochs)) == epochs
        before = await empty.all_of()

        for epoch in epochs[:-1]:
            with pytest.raises(StaleEpoch):
                await empty.store.commit("w", epoch, Change(put=(message("m"),)))
            await empty.store.append("w", epoch, event("m"))

        assert await empty.all_of() == before
        await empty.store.commit("w", epochs[-1], Change(put=(message("m"),)))

    async def test_the_credentials_of_that_time_are_back(self, empty: Site) -> None:
        """Those freed since are held again, those taken since are free."""
        await furnish(empty)
        taken = await empty.store.snapshot("w")
        await empty.commit(
            Change(claims=(Free("key", "main", server_wide=True), Claim("other-key", "main", server_wide=True)))
        )
        assert await empty.store.tenant("key") is None

        await empty.store.restore("w", taken)

        assert await empty.store.tenant("key") == Tenant("w", "main")
        assert await empty.store.tenant("other-key") is None
        await empty.make("x", change=Change(claims=(Claim("other-key", "main", server_wide=True),)))

    @pytest.mark.parametrize("how", ["restore", "reset"])
    async def test_a_credential_that_another_world_has_now_refuses_it_all(self, empty: Site, how: str) -> None:
        """Neither world changes."""
        await furnish(empty)
        taken = await empty.store.snapshot("w")
        await live_on(empty)
        await empty.commit(Change(claims=(Free("key", "main", server_wide=True),)))
        await empty.make("x", change=Change(claims=(Claim("key", "main", server_wide=True),)))
        before = [await empty.all_of("w"), await empty.all_of("x")]

        with pytest.raises(Conflict):
            await (empty.store.restore("w", taken) if how == "restore" else empty.store.reset_world("w"))

        assert [await empty.all_of("w"), await empty.all_of("x")] == before

    @pytest.mark.parametrize("mode", ["real", "x60", "manual", "auto"])
    async def test_the_clock_goes_on_from_the_instant_it_showed(self, empty: Site, mode: str) -> None:
        """However much later it is restored or forked, and whoever held it still at the time."""
        await empty.make("w", mode, start=T0)
        empty.wall.at += SECOND
        clock = (await empty.store.peek("w")).clock
        shown = await empty.shows()
        await empty.commit(Change(put=(clocks.set_to(clock, shown, empty.wall(), held="advance"),)))
        taken = await empty.store.snapshot("w")
        await empty.set_clock(T0 + 5 * HOUR)
        empty.wall.at += HOUR

        await empty.store.restore("w", taken)
        await empty.store.fork("w", taken, World(name="x", seed=7, made_at=empty.wall()), Change())

        for world in ("w", "x"):
            now = (await empty.store.peek(world)).clock
            assert (now.at, now.wall_at, now.held, now.mode, now.rate) == (
                shown,
                empty.wall(),
                "",
                clock.mode,
                clock.rate,
            )
        empty.wall.at += SECOND
        assert await empty.shows() == shown + int(SECOND * clock.rate)

    async def test_a_snapshot_is_known_by_its_own_world_only(self, empty: Site) -> None:
        """Neither an id made up nor one of another world restores, forks or shows anything."""
        await furnish(empty)
        await empty.make("x")
        taken = await empty.store.snapshot("x")
        before = await empty.all_of()
        facts = World(name="y", seed=7, made_at=WALL)

        for name in ("none", taken):
            with pytest.raises(NoSuchSnapshot):
                await empty.store.restore("w", name)
            with pytest.raises(NoSuchSnapshot):
                await empty.store.fork("w", name, facts, Change())
            with pytest.raises(NoSuchSnapshot):
                await empty.store.snapshot_view("w", name)

        assert await empty.all_of() == before
        assert list(await empty.store.worlds()) == ["w", "x"]

    async def test_snapshots_go_with_their_world(self, empty: Site) -> None:
        """A new world of the name has none of the old one's."""
        await empty.make("w")
        taken = await empty.store.snapshot("w")
        await empty.store.delete_world("w")
        await empty.make("w")

        with pytest.raises(NoSuchSnapshot):
            await empty.store.restore("w", taken)

    async def test_a_view_reads_a_snapshot_without_restoring_it(self, empty: Site) -> None:
        """Its records, counters and holders are those of the time; an empty id reads the present."""
        await furnish(empty)
        taken = await empty.store.snapshot("w")
        await live_on(empty)

        async def seen(view: View) -> object:
            numbered = await view.get(Number, "447700900000")
            assert numbered is not None
            return (
                numbered.cost,
                ids(await view.find(Message, "to/447700900001")),
                ids(await view.find(Message, "", 0, 5, newest=True)),
                await view.counter("balance"),
                await view.holder("name"),
                await view.holder("name1"),
            )

        assert await seen(await empty.store.snapshot_view("w", taken)) == (0, [], [], 100, "main", None)
        assert await seen(await empty.store.snapshot_view("w", "")) == (1, ["m1"], ["m1"], 93, "main", "main")

    async def test_reset_makes_the_world_as_it_was_made(self, empty: Site) -> None:
        """Log and history gone, what was pending cancelled, credentials and names as then, ordinals from the start."""
        await furnish(empty)
        made = await empty.content_of()
        first = (await empty.store.begin("w")).ordinal
        for tag in ("1", "2"):
            await live_on(empty, tag)
        await empty.set_clock(T0 + HOUR)
        empty.wall.at += HOUR
        seen = (await empty.store.since("w", Event, 0)).since

        await empty.store.reset_world("w")

        assert await empty.content_of() == made
        assert await empty.shows() == T0
        assert (await empty.store.peek("w")).clock.wall_at == empty.wall()
        assert ids(await empty.store.pending("w")) == ["renewal"]
        assert [await empty.store.tenant(key) for key in ("key", "key1")] == [Tenant("w", "main"), None]
        assert (await empty.store.begin("w")).ordinal == first
        assert (await empty.store.since("w", Event, 0)).since >= seen
        await live_on(empty)
        assert abouts(await empty.store.since("w", Event, seen)) == ["m1"]

    @pytest.mark.parametrize(
        ("mode", "start"),
        [("real", None), ("real", T0), ("x60", None), ("x60", T0), ("manual", T0 + 5), ("auto", None)],
    )
    async def test_reset_begins_the_clock_anew(self, empty: Site, mode: str, start: int | None) -> None:
        """In the mode, and at the instant, that it was made with: the wall's for a running one that was not told."""
        await empty.make("w", mode, start=start)
        await empty.set_mode("x7")
        await empty.set_clock(T0 + HOUR)
        empty.wall.at += HOUR

        await empty.store.reset_world("w")

        clock = (await empty.store.peek("w")).clock
        assert replace(clock, version=0, seq=0, made=0) == clocks.make(mode, empty.wall(), start)

    async def test_snapshots_outlive_a_reset(self, empty: Site) -> None:
        """They belong to the world, not to its state."""
        await furnish(empty)
        await live_on(empty)
        content = await empty.content_of()
        taken = await empty.store.snapshot("w")
        await empty.store.reset_world("w")
        await empty.store.restore("w", taken)

        assert await empty.content_of() == content


class RemakeLaws(_Base):
    """A world can be made anew under its name, as another one, without ever being gone."""

    async def remake(self, site: Site, change: Change = _NOTHING, *, seed: int = 8, clock: str = "manual") -> None:
        """Make the world ``w`` anew."""
        facts = World(name="w", seed=seed, made_at=site.wall())
        await site.store.remake_world(facts, clocks.make(clock, site.wall()), change)

    async def test_what_it_held_is_gone_and_the_change_is_all_it_holds(self, empty: Site) -> None:
        """Compared with a world that was never anything else; its clock begins anew, and its ordinals too."""
        await furnish(empty)
        await live_on(empty)
        await empty.claim()
        empty.wall.at += HOUR
        change = Change(
            put=(number("447700900009"),),
            counters=(Set("balance", 5),),
            claims=(Claim("key", "other", server_wide=True), Claim("name", "other")),
            timers=(timer(T0 + 1, "s", "t1"),),
            deliveries=(delivery(T0 + 2, "s", "d1"),),
            log=(event("m"),),
        )

        await self.remake(empty, change)

        seen = await empty.all_of()
        start = await empty.store.peek("w")
        assert (start.world.seed, start.world.made_at, start.ordinal) == (8, empty.wall(), 2)
        assert (start.clock.at, start.clock.wall_at) == (T0, empty.wall())
        assert [await empty.store.tenant(name) for name in ("key", "key1")] == [Tenant("w", "other"), None]
        await empty.store.delete_world("w")
        facts = World(name="w", seed=8, made_at=empty.wall())
        await empty.store.create_world(facts, clocks.make("manual", empty.wall()), change)
        assert _bared(seen) == _bared(await empty.all_of())

    async def test_it_never_lowers_the_sequence(self, empty: Site) -> None:
        """What comes after it is new to whoever read before it; whoever waits is told."""
        await furnish(empty)
        await live_on(empty)
        seen = (await empty.store.since("w", Event, 0)).since
        waiting = asyncio.create_task(empty.store.changed("w", seen, 10))
        await settle(waiting)

        await self.remake(empty, Change(log=(event("new"),)))

        assert await waiting
        page = await empty.store.since("w", Event, seen)
        assert abouts(page) == ["new"]
        assert page.since > seen
        assert abouts(await empty.store.since("w", Event, 0)) == ["new"]

    async def test_what_was_decided_before_it_is_stale_after_it(self, empty: Site) -> None:
        """The epoch rises each time; a commit and an entry under an older one change nothing."""
        await furnish(empty)
        epochs = [await empty.epoch()]
        for _ in range(2):
            await self.remake(empty)
            epochs.append(await empty.epoch())
        assert sorted(set(epochs)) == epochs
        before = await empty.all_of()

        for epoch in epochs[:-1]:
            with pytest.raises(StaleEpoch):
                await empty.store.commit("w", epoch, Change(put=(message("m"),)))
            await empty.store.append("w", epoch, event("m"))

        assert await empty.all_of() == before

    @pytest.mark.parametrize(
        "bad",
        [
            Claim("other-key", "main", server_wide=True),
            Claim("other-key", "x", server_wide=True),
        ],
        ids=["holder of the same name", "holder of another name"],
    )
    async def test_a_credential_of_another_world_refuses_it_all(self, empty: Site, bad: Claim) -> None:
        """Neither world changes, whatever stands before it in the change."""
        await furnish(empty)
        await live_on(empty)
        await empty.make("x", change=Change(claims=(Claim("other-key", "main", server_wide=True),)))
        before = [await empty.all_of("w"), await empty.all_of("x")]

        with pytest.raises(Conflict):
            await self.remake(empty, Change(put=(number("1"),), claims=(Claim("key", "b", server_wide=True), bad)))

        assert [await empty.all_of("w"), await empty.all_of("x")] == before

    async def test_its_names_are_free_to_others_after(self, empty: Site) -> None:
        """Those that the change does not take again."""
        await furnish(empty)

        await self.remake(empty)

        assert await empty.store.tenant("key") is None
        await empty.make("x", change=Change(claims=(Claim("key", "main", server_wide=True),)))

    async def test_it_keeps_its_place_and_its_snapshots(self, empty: Site) -> None:
        """They belong to the world, not to its state: one of before is put back whole."""
        await furnish(empty)
        await live_on(empty)
        await empty.make("x")
        content = await empty.content_of()
        taken = await empty.store.snapshot("w")

        await self.remake(empty)

        assert list(await empty.store.worlds()) == ["w", "x"]
        await empty.store.restore("w", taken)
        assert await empty.content_of() == content

    async def test_a_reset_is_to_how_it_was_made_last(self, empty: Site) -> None:
        """Not to what it was before."""
        await furnish(empty)
        await self.remake(empty, Change(put=(number("447700900009"),)), clock="x60")
        made = await empty.content_of()
        await live_on_anew(empty)

        await empty.store.reset_world("w")

        assert await empty.content_of() == made

    async def test_who_drives_it_still_does(self, empty: Site) -> None:
        """And what is due in it now is told to whoever asks."""
        await empty.make()
        await empty.store.drive("w", "a", "act", LEASE)
        assert await empty.told() == []

        await self.remake(empty, Change(timers=(timer(T0),)))

        held = await empty.store.driver("w")
        assert held is not None
        assert held.holder == "a"
        assert await empty.told() == []
        await empty.store.leave("w", "a")
        assert await empty.told() == ["w"]

    async def test_the_old_worlds_items_are_nobodys(self, empty: Site) -> None:
        """What was claimed before is given back to nothing; what was planned for it is not told any more."""
        await empty.make("w", "real")
        await empty.commit(Change(timers=(timer(empty.wall()), timer(empty.wall() + HOUR, "later"))))
        items = await empty.claim()

        await self.remake(empty, clock="real")
        await empty.store.give_back("w", items)

        assert await empty.store.pending("w") == []
        assert await empty.store.under_way("w") == 0
        assert await empty.told(empty.wall() + 2 * HOUR) == []


def _bared(seen: dict[str, object]) -> dict[str, object]:
    """What was asked about a world, without epoch, sequence numbers and the order of making, but in that order."""
    start = seen["start"]
    assert isinstance(start, Start)
    bared: dict[str, object] = {"world": _bare(start.world), "clock": _bare(start.clock), "ordinal": start.ordinal}
    for name, said in seen.items():
        if isinstance(said, tuple):
            items, _, truncated = said
            bared[name] = [_bare(each) if isinstance(each, Record) else replace(each, seq=0) for each in items]
            bared[f"{name} truncated"] = truncated
        elif name != "start":
            bared[name] = [_bare(each) for each in said] if isinstance(said, list) else said
    return bared


async def live_on_anew(site: Site) -> None:
    """Let something happen in a world, whatever it holds."""
    start = await site.store.begin("w")
    await site.commit(Change(put=(message("m9"),), counters=(Add("balance", 1),), log=(event("m9"),)))
    await site.store.append("w", start.epoch, request_entry("/sms/json?9"))


class ForkLaws(_Base):
    """A fork is a world of its own from the instant of its making."""

    async def _fork(self, site: Site, snapshot: str = "") -> None:
        """Fork ``w`` as ``x`` with a key of its own."""
        view = await site.store.snapshot_view("w", snapshot)
        main = await view.get(Account, "main")
        assert main is not None
        change = Change(
            put=(replace(main, api_key="forked-key"),), claims=(Claim("forked-key", "main", server_wide=True),)
        )
        await site.store.fork("w", snapshot, World(name="x", seed=8, made_at=site.wall()), change)

    async def test_a_fork_has_its_own_facts_and_credentials_and_the_same_keys(self, empty: Site) -> None:
        """Its account is found by the new key only; the source keeps its own."""
        await furnish(empty)
        await self._fork(empty)

        start = await empty.store.peek("x")
        assert (start.world.name, start.world.seed) == ("x", 8)
        assert [await empty.store.tenant(key) for key in ("key", "forked-key")] == [
            Tenant("w", "main"),
            Tenant("x", "main"),
        ]
        assert ids(await empty.store.find("x", Account, "key")) == []
        assert (await empty.get(Account, "main", "x")).api_key == "forked-key"
        assert ids(await empty.store.find("x", Account, "forked-key")) == ["main"]
        assert ids(await empty.store.find("w", Account, "key")) == ["main"]
        assert await empty.get(Application, "main", "x") == await empty.get(Application, "main", "w")

    async def test_a_fork_keeps_all_the_rest(self, empty: Site) -> None:
        """Records, logs, counters, names, timers, pending webhooks and ordinals go on from where the source is."""
        await furnish(empty)
        await live_on(empty)
        await empty.claim(1)
        await self._fork(empty)

        source, fork = await empty.content_of("w"), await empty.content_of("x")
        for moved in ("start", "World", "Account"):
            del source[moved], fork[moved]
        assert fork == source
        assert (await empty.store.peek("x")).ordinal == (await empty.store.peek("w")).ordinal
        assert (await empty.store.under_way("w"), await empty.store.under_way("x")) == (1, 0)
        assert ids(await empty.claim(world="x")) == ["d1"]

    async def test_fork_and_source_never_meet_again(self, empty: Site) -> None:
        """What happens in one is not seen in the other, either way."""
        await furnish(empty)
        await live_on(empty)
        source = await empty.all_of("w")
        await self._fork(empty)
        assert await empty.all_of("w") == source

        await live_on(empty, "2", "x")
        for item in await empty.claim(world="x"):
            await empty.drop(item, "x")
        assert await empty.all_of("w") == source

        fork = await empty.all_of("x")
        await live_on(empty, "3")
        await empty.store.reset_world("w")
        await empty.store.delete_world("w")
        del fork["tenants"]
        after = await empty.all_of("x")
        del after["tenants"]
        assert after == fork

    async def test_a_fork_can_start_from_a_snapshot(self, empty: Site) -> None:
        """With the state and the instant of then, and the versions of then for its change."""
        await furnish(empty)
        await empty.set_clock(T0 + HOUR)
        taken = await empty.store.snapshot("w")
        content = await empty.content_of()
        await live_on(empty)
        renamed = replace(await empty.get(Account, "main"), profile="2020")
        await empty.commit(Change(put=(renamed,)))
        await empty.set_clock(T0 + 2 * HOUR)

        await self._fork(empty, taken)

        fork = await empty.content_of("x")
        for moved in ("start", "World", "Account", "tenants"):
            del content[moved], fork[moved]
        assert fork == content
        assert await empty.shows("x") == T0 + HOUR

    async def test_a_fork_whose_change_is_refused_is_not_made(self, empty: Site) -> None:
        """A key of a live world, or a version that is not the copy's: no world, no claim."""
        await furnish(empty)
        before = await empty.all_of()
        main = await empty.get(Account, "main")
        free = Claim("free-key", "main", server_wide=True)

        for change in (
            Change(claims=(free, Claim("key", "main", server_wide=True))),
            Change(claims=(free,), put=(replace(main, version=5),)),
        ):
            with pytest.raises(Conflict):
                await empty.store.fork("w", "", World(name="x", seed=8, made_at=WALL), change)

        assert list(await empty.store.worlds()) == ["w"]
        assert await empty.all_of() == before

    @pytest.mark.parametrize("mode", ["manual", "auto", "x60"])
    async def test_a_fork_is_reset_to_how_it_was_made(self, empty: Site, mode: str) -> None:
        """To the state it copied and the instant it began at, not to the source's beginning."""
        await empty.make("w", mode, start=T0)
        await empty.commit(Change(put=(account("key"), message("m0"))))
        await empty.set_clock(T0 + 5 * HOUR)
        await self._fork(empty)
        made = await empty.content_of("x")
        shown = await empty.shows("x")
        await empty.commit(Change(put=(message("m1"),), timers=(timer(T0),)), "x")
        await empty.set_clock(T0 + 9 * HOUR, "x")
        empty.wall.at += MINUTE

        await empty.store.reset_world("x")

        assert await empty.content_of("x") == made
        assert await empty.shows("x") == shown == T0 + 5 * HOUR
        assert await empty.store.tenant("forked-key") == Tenant("x", "main")

    async def test_the_snapshots_of_the_source_are_not_the_forks(self, empty: Site) -> None:
        """A fork starts without any."""
        await furnish(empty)
        taken = await empty.store.snapshot("w")
        await self._fork(empty)

        with pytest.raises(NoSuchSnapshot):
            await empty.store.restore("x", taken)

    async def test_what_was_decided_in_an_older_world_is_stale_in_a_fork_of_its_name(self, empty: Site) -> None:
        """A fork may have the name of a world that is gone, but not its epoch."""
        await furnish(empty)
        await empty.make("x")
        epoch = await empty.epoch("x")
        await empty.store.delete_world("x")
        await self._fork(empty)

        with pytest.raises(StaleEpoch):
            await empty.store.commit("x", epoch, Change(put=(message("m"),)))


class ServerLaws(_Base):
    """What belongs to no world."""

    async def test_the_newest_thousand_lost_requests_are_kept(self, empty: Site) -> None:
        """Oldest first, and the oldest go."""
        lost = [Lost(WALL + k, "credential", f"key{k}", "POST", "/sms/json") for k in range(1_003)]
        assert list(await empty.store.lost()) == []
        for entry in lost:
            await empty.store.lose(entry)

        assert list(await empty.store.lost()) == lost[3:]

    async def test_an_unknown_credential_has_no_tenant(self, site: Site) -> None:
        """None, not an error: the shell writes it to lost and found."""
        assert await site.store.tenant("nobody") is None


# The random walk.


class _Model:
    """All worlds in plain dictionaries. Every step works on a copy; a refused one is thrown away."""

    def __init__(self) -> None:
        self.worlds: dict[str, _ModelWorld] = {}
        self.tenants: dict[str, tuple[str, str]] = {}

    def copy(self) -> _Model:
        twin = _Model()
        twin.worlds = {name: world.copy() for name, world in self.worlds.items()}
        twin.tenants = dict(self.tenants)
        return twin


class _ModelWorld:
    """One world: records by (kind, id) in the order of making, and whatever else there is."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.ordinal = 0
        self.records: dict[tuple[type, str], Record] = {}
        self.counters: dict[str, int] = {}
        self.claims: dict[str, str] = {}
        self.log: list[str] = []
        self.leases: dict[tuple[type, str], int] = {}

    def copy(self) -> _ModelWorld:
        twin = _ModelWorld(self.at)
        twin.ordinal = self.ordinal
        twin.records, twin.counters, twin.claims = dict(self.records), dict(self.counters), dict(self.claims)
        twin.log, twin.leases = list(self.log), dict(self.leases)
        return twin

    def pending(self) -> list[Timer | Delivery]:
        items = [
            each
            for each in self.records.values()
            if isinstance(each, Timer) or (isinstance(each, Delivery) and each.state is DeliveryState.PENDING)
        ]
        return sorted(items, key=lambda item: (item.due_at, isinstance(item, Timer), item.order))

    def forget_leases(self, wall: int) -> None:
        self.leases = {key: until for key, until in self.leases.items() if until > wall}


def _bare(record: K) -> K:
    """A record without the sequence numbers, which the model does not draw."""
    return replace(record, seq=0, made=0)


def _model_commit(model: _Model, name: str, change: Change) -> dict[str, int]:
    """Apply a change to a model; it is spoiled when this raises."""
    world = model.worlds[name]
    before = dict(world.records)
    for record in change.put:
        there = before.get((type(record), record.id))
        if record.version != (there.version if there else 0):
            raise Conflict
        world.records[type(record), record.id] = replace(record, version=record.version + 1)
        world.leases.pop((type(record), record.id), None)
    for record in change.drop + change.check:
        there = before.get((type(record), record.id))
        if there is None or record.version != there.version:
            raise Conflict
    for record in change.drop:
        del world.records[type(record), record.id]
        world.leases.pop((type(record), record.id), None)
    for item in change.timers + change.deliveries:
        if (type(item), item.id) in world.records:
            raise Conflict
        world.ordinal += 1
        world.records[type(item), item.id] = replace(item, version=1, order=world.ordinal)
    touched = _model_count(world, change)
    for claim in change.claims:
        _model_claim(model, name, claim)
    world.log += [each.about for each in change.log]
    return touched


def _model_count(world: _ModelWorld, change: Change) -> dict[str, int]:
    touched = {}
    for step in change.counters:
        if isinstance(step, Set):
            total = step.value
        else:
            total = world.counters.get(step.counter, 0) + step.delta
            if (step.floor is not None and total < step.floor) or (step.ceiling is not None and total > step.ceiling):
                raise Conflict
        world.counters[step.counter] = touched[step.counter] = total
    return touched


def _model_claim(model: _Model, name: str, claim: Claim | Free) -> None:
    held: dict[str, Any] = model.tenants if claim.server_wide else model.worlds[name].claims
    mine = (name, claim.holder) if claim.server_wide else claim.holder
    if isinstance(claim, Free):
        if held.get(claim.name) == mine:
            del held[claim.name]
    elif held.setdefault(claim.name, mine) != mine:
        raise Conflict


_WALK_NAMES = ("name", "other-name")
_WALK_KEYS = ("key", "other-key")
_WALK_COUNTERS = ("balance", "rate")
_WALK_WORLDS = st.sampled_from(["w", "x", "y"])
# An id, whether its version is right, old, new or zero, and a fact to change.
_WALK_RECORD = st.tuples(
    st.sampled_from(["n0", "n1", "n2", "m0", "m1"]),
    st.sampled_from(["right"] * 8 + ["off", "zero"]),
    st.sampled_from(["a", "b"]),
)
_WALK_STEP = st.builds(
    Add,
    st.sampled_from(_WALK_COUNTERS),
    st.integers(-3, 3),
    st.sampled_from([None, None, -2]),
    st.sampled_from([None, None, 4]),
) | st.builds(Set, st.sampled_from(_WALK_COUNTERS), st.integers(-1, 2))
_WALK_CLAIM = st.builds(
    Claim, st.sampled_from(_WALK_NAMES), st.sampled_from(["main", "other"]), st.just(value=False)
) | st.builds(Claim, st.sampled_from(_WALK_KEYS), st.sampled_from(["main", "other"]), st.just(value=True))
_WALK_FREE = st.builds(
    Free, st.sampled_from(_WALK_NAMES), st.sampled_from(["main", "other"]), st.just(value=False)
) | st.builds(Free, st.sampled_from(_WALK_KEYS), st.sampled_from(["main", "other"]), st.just(value=True))
_WALK_ITEM = st.tuples(
    st.sampled_from(["i0", "i1", "i2", "i3", "i4"]), st.integers(-2, 5), st.sampled_from(["s0", "s1", "s2"])
)


class StoreWalk(RuleBasedStateMachine):
    """Random commits, claims, leases, snapshots, forks, resets and makings anew, each compared with the model."""

    open_store: OpenStore

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.wall = Wall()
        self.opened = type(self).open_store(self.wall, 10_000)
        self.store = self.run(self.opened.__aenter__())
        self.site = Site(self.store, self.wall)
        self.model = _Model()
        self.made: dict[str, tuple[_ModelWorld, dict[str, tuple[str, str]]]] = {}
        self.snapshots: dict[str, list[tuple[str, _ModelWorld, dict[str, tuple[str, str]]]]] = {}
        self.stale: list[tuple[str, int]] = []

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """Run one step of the engine to its end."""
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.runner.close()

    @initialize()
    def begin(self) -> None:
        self._make("w")

    def _make(self, name: str) -> None:
        self.run(self.site.make(name))
        self.model.worlds[name] = _ModelWorld(T0)
        self.made[name] = (self.model.worlds[name].copy(), {})
        self.snapshots[name] = []

    def _tenants_of(self, name: str) -> dict[str, tuple[str, str]]:
        return {key: tenant for key, tenant in self.model.tenants.items() if tenant[0] == name}

    @rule(name=_WALK_WORLDS)
    def make_world(self, name: str) -> None:
        if name in self.model.worlds:
            with pytest.raises(NameTaken):
                self.run(self.site.make(name))
        else:
            self._make(name)

    @precondition(lambda self: len(self.model.worlds) > 1)
    @rule(name=_WALK_WORLDS)
    def delete_world(self, name: str) -> None:
        if name not in self.model.worlds:
            with pytest.raises(NoSuchWorld):
                self.run(self.store.delete_world(name))
            return
        self.stale.append((name, self.run(self.site.epoch(name))))
        self.run(self.store.delete_world(name))
        for key in self._tenants_of(name):
            del self.model.tenants[key]
        del self.model.worlds[name], self.made[name], self.snapshots[name]

    @rule(
        name=_WALK_WORLDS,
        put=st.lists(_WALK_RECORD, max_size=2, unique_by=lambda each: each[0]),
        drop=st.lists(_WALK_RECORD, max_size=1),
        check=st.lists(_WALK_RECORD, max_size=1),
        counters=st.lists(_WALK_STEP, max_size=3),
        claims=st.lists(_WALK_CLAIM | _WALK_FREE, max_size=2),
        timers=st.lists(_WALK_ITEM, max_size=2, unique_by=lambda each: each[0]),
        deliveries=st.lists(_WALK_ITEM, max_size=1),
        log=st.lists(st.sampled_from(["e0", "e1"]), max_size=1),
    )
    def commit(
        self,
        name: str,
        put: list[tuple[str, str, str]],
        drop: list[tuple[str, str, str]],
        check: list[tuple[str, str, str]],
        counters: list[Add | Set],
        claims: list[Claim | Free],
        timers: list[tuple[str, int, str]],
        deliveries: list[tuple[str, int, str]],
        log: list[str],
    ) -> None:
        if name not in self.model.worlds:
            return
        written = {each[0] for each in put}
        change = Change(
            put=tuple(self._record(name, *each) for each in put),
            drop=tuple(self._record(name, *each) for each in drop if each[0] not in written),
            check=tuple(self._record(name, *each) for each in check),
            counters=tuple(counters),
            claims=tuple(claims),
            timers=tuple(timer(T0 + at, subject, item_id) for item_id, at, subject in timers),
            deliveries=tuple(delivery(T0 + at, subject, item_id) for item_id, at, subject in deliveries),
            log=tuple(event(each) for each in log),
        )
        self._commit(name, change)

    def _record(self, name: str, record_id: str, version: str, fact: str) -> Record:
        kind = Number if record_id[0] == "n" else Message
        there = self.model.worlds[name].records.get((kind, record_id))
        right = there.version if there else 0
        given = {"right": right, "off": right + 1, "zero": 0}[version]
        if kind is Number:
            return number(record_id, fact, version=given)
        return message(record_id, f"44770090000{fact == 'a':d}", version=given)

    def _commit(self, name: str, change: Change) -> None:
        draft = self.model.copy()
        try:
            touched = _model_commit(draft, name, change)
        except Conflict:
            with pytest.raises(Conflict):
                self.run(self.site.commit(change, name))
        else:
            assert self.run(self.site.commit(change, name)) == touched
            self.model = draft

    @rule(name=_WALK_WORLDS, step=st.integers(-1, 3), wall=st.sampled_from([0, LEASE // 2, LEASE]))
    def move_clocks(self, name: str, step: int, wall: int) -> None:
        self.wall.at += wall
        if name in self.model.worlds:
            world = self.model.worlds[name]
            world.at = max(T0, world.at + step)
            self.run(self.site.set_clock(world.at, name))

    @rule(
        name=_WALK_WORLDS,
        limit=st.integers(1, 4),
        fates=st.lists(st.sampled_from(["drop", "keep", "back", "retry", "end"]), min_size=4, max_size=4),
    )
    def claim_due(self, name: str, limit: int, fates: list[str]) -> None:
        if name not in self.model.worlds:
            return
        world = self.model.worlds[name]
        world.forget_leases(self.wall())
        busy = {item.subject for item in world.pending() if (type(item), item.id) in world.leases}
        expected: list[Timer | Delivery] = []
        for item in world.pending():
            if item.due_at <= world.at and item.subject not in busy and len(expected) < limit:
                busy.add(item.subject)
                expected.append(item)
        for item in expected:
            world.leases[type(item), item.id] = self.wall() + LEASE

        taken = self.run(self.site.claim(limit, world=name))

        assert [_bare(item) for item in taken] == expected
        for item, fate in zip(taken, fates, strict=False):
            self._meet(name, item, fate)

    def _meet(self, name: str, item: Item, fate: str) -> None:
        """Let an item that was claimed come to one of its ends."""
        if fate == "back":
            self.run(self.store.give_back(name, [item]))
            del self.model.worlds[name].leases[type(item), item.id]
        elif fate == "retry":
            self._commit(name, Change(put=(replace(_bare(item), due_at=item.due_at + 2),)))
        elif fate == "end" and isinstance(item, Delivery):
            self._commit(name, Change(put=(replace(_bare(item), state=DeliveryState.DELIVERED),)))
        elif fate in {"drop", "end"}:
            self._commit(name, Change(drop=(_bare(item),)))

    @rule(name=_WALK_WORLDS)
    def snapshot(self, name: str) -> None:
        if name in self.model.worlds:
            taken = self.run(self.store.snapshot(name))
            self.snapshots[name].append((taken, self.model.worlds[name].copy(), self._tenants_of(name)))

    @rule(name=_WALK_WORLDS, pick=st.integers(0, 9))
    def restore(self, name: str, pick: int) -> None:
        if not self.snapshots.get(name):
            return
        taken, state, tenants = self.snapshots[name][pick % len(self.snapshots[name])]
        self._put_back(name, state, tenants, self.store.restore(name, taken))

    @rule(name=_WALK_WORLDS)
    def reset(self, name: str) -> None:
        if name in self.model.worlds:
            self._put_back(name, *self.made[name], self.store.reset_world(name))

    @rule(name=_WALK_WORLDS, claims=st.lists(_WALK_CLAIM, max_size=2))
    def remake(self, name: str, claims: list[Claim]) -> None:
        if name not in self.model.worlds:
            return
        facts, clock = World(name=name, seed=7, made_at=self.wall()), clocks.make("manual", self.wall())
        act = self.store.remake_world(facts, clock, Change(claims=tuple(claims)))
        draft = self.model.copy()
        draft.worlds[name] = _ModelWorld(T0)
        draft.tenants = {key: tenant for key, tenant in draft.tenants.items() if tenant[0] != name}
        try:
            for claim in claims:
                _model_claim(draft, name, claim)
        except Conflict:
            with pytest.raises(Conflict):
                self.run(act)
            return
        self.stale.append((name, self.run(self.site.epoch(name))))
        self.run(act)
        self.model = draft
        self.made[name] = (draft.worlds[name].copy(), self._tenants_of(name))

    def _put_back(
        self, name: str, state: _ModelWorld, tenants: dict[str, tuple[str, str]], act: Coroutine[Any, Any, None]
    ) -> None:
        epoch = self.run(self.site.epoch(name))
        if any(self.model.tenants.get(key, (name,))[0] != name for key in tenants):
            with pytest.raises(Conflict):
                self.run(act)
            return
        self.run(act)
        self.stale.append((name, epoch))
        for key in self._tenants_of(name):
            del self.model.tenants[key]
        self.model.tenants.update(tenants)
        self.model.worlds[name] = state.copy()
        self.model.worlds[name].leases.clear()

    @rule(source=_WALK_WORLDS, name=_WALK_WORLDS, pick=st.integers(0, 9))
    def fork(self, source: str, name: str, pick: int) -> None:
        if source not in self.model.worlds or name in self.model.worlds:
            return
        kept = [("", self.model.worlds[source], {}), *self.snapshots[source]]
        taken, state, _ = kept[pick % len(kept)]
        self.run(self.store.fork(source, taken, World(name=name, seed=7, made_at=self.wall()), Change()))
        self.model.worlds[name] = state.copy()
        self.model.worlds[name].leases.clear()
        self.made[name] = (self.model.worlds[name].copy(), {})
        self.snapshots[name] = []

    @precondition(lambda self: self.stale)
    @rule(pick=st.integers(0, 99))
    def commit_late(self, pick: int) -> None:
        name, epoch = self.stale[pick % len(self.stale)]
        with pytest.raises(StaleEpoch):
            self.run(self.store.commit(name, epoch, Change(put=(number("447700900099"),))))

    @invariant()
    def engine_and_model_are_one(self) -> None:
        assert list(self.run(self.store.worlds())) == list(self.model.worlds)
        for key in _WALK_KEYS:
            tenant = self.run(self.store.tenant(key))
            assert (tenant and (tenant.world, tenant.holder)) == self.model.tenants.get(key)
        for name, world in self.model.worlds.items():
            world.forget_leases(self.wall())
            assert self.run(self._seen(name)) == self._expected(world)

    async def _seen(self, name: str) -> dict[str, object]:
        store = self.store
        since = await store.since(name, Message, 0)
        return {
            "now": await self.site.shows(name),
            "ordinal": (await store.peek(name)).ordinal,
            "records": [
                _bare(each) for kind in (Number, Message, Timer, Delivery) for each in await store.find(name, kind, "")
            ],
            "by key": [ids(await store.find(name, Number, f"account/{owner}")) for owner in ("a", "b")],
            "newest": ids(await store.find(name, Message, "", 0, 1, newest=True)),
            "since": [_bare(each) for each in since.items if isinstance(each, Record)],
            "counters": [await store.counter(name, each) for each in _WALK_COUNTERS],
            "claims": [await store.holder(name, each) for each in _WALK_NAMES],
            "log": abouts(await store.since(name, Event, 0)),
            "pending": [_bare(each) for each in await store.pending(name)],
            "under way": await store.under_way(name),
        }

    def _expected(self, world: _ModelWorld) -> dict[str, object]:
        def of(*kinds: type) -> list[Any]:
            return [each for kind in kinds for (its, _), each in world.records.items() if its is kind]

        return {
            "now": world.at,
            "ordinal": world.ordinal,
            "records": of(Number, Message, Timer, Delivery),
            "by key": [[each.id for each in of(Number) if each.account == owner] for owner in ("a", "b")],
            "newest": [each.id for each in of(Message)[-1:]],
            "since": of(Message),
            "counters": [world.counters.get(each, 0) for each in _WALK_COUNTERS],
            "claims": [world.claims.get(each) for each in _WALK_NAMES],
            "log": world.log,
            "pending": world.pending(),
            "under way": len(world.leases),
        }


class WalkLaws(_Base):
    """Random walks, beside the tests of each law."""

    def test_the_engine_behaves_as_the_model_whatever_happens(self) -> None:
        """Any row of commits, claims, leases, snapshots, forks and resets gives what plain dictionaries give."""

        class Walk(StoreWalk):
            open_store = staticmethod(self.open_store)

        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=80,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )


class StoreLaws(
    WorldLaws,
    CommitLaws,
    CounterLaws,
    ClaimLaws,
    OrdinalLaws,
    FindLaws,
    SinceLaws,
    RetentionLaws,
    DueLaws,
    DriverLaws,
    AgendaLaws,
    SnapshotLaws,
    RemakeLaws,
    ForkLaws,
    ServerLaws,
    WalkLaws,
):
    """All laws together: what an engine's test class derives from."""
