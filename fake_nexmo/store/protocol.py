"""The one door for state.

Every engine keeps worlds apart, applies a `Change` whole or not at all, and answers in few round trips. Nothing here
scans: what is asked for is named by an id, a look-up key, a sequence number or an instant.

Two kinds of time meet here. Whether a timer or delivery is due is a question of the world's clock; leases, and the
agenda of worlds that need a driver, are on the wall's clock, the server's real time, which an engine is handed as a
function. Both are integer microseconds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Clock, Delivery, Entry, Record, Timer, World

R = TypeVar("R", bound=Record)

Item = Timer | Delivery
"""What falls due."""

Wall = Callable[[], int]
"""Reads the wall's clock: microseconds since the epoch."""


class Start(Struct, frozen=True, gc=False):
    """What a request, timer, delivery or act begins with.

    Attributes:
        epoch: raised by reset, restore and delete; a commit under an older one is refused.
        ordinal: a fresh one, never drawn twice in the world.
    """

    world: World
    clock: Clock
    epoch: int
    ordinal: int


class Tenant(Struct, frozen=True, gc=False):
    """Whose a credential is: the world, and the holder of the claim in it."""

    world: str
    holder: str


class Page(Struct, frozen=True, gc=False):
    """What is new or changed in a collection.

    Attributes:
        items: in the order of their making.
        since: the highest sequence number drawn in the world so far.
        truncated: something after the sequence number asked for is not kept any more.
    """

    items: Sequence[Record | Entry]
    since: int
    truncated: bool


class Lease(Struct, frozen=True, gc=False):
    """Who drives a world: its holder, what for (``follow``, ``act``, ``advance``), and until when on the wall."""

    holder: str
    purpose: str
    until: int


class NameTaken(Exception):  # noqa: N818 - an answer, not a failure
    """A live world has that name already."""


class NoSuchWorld(Exception):  # noqa: N818
    """No live world has that name."""


class NoSuchSnapshot(Exception):  # noqa: N818
    """The world has no snapshot of that id."""


class Store(Protocol):
    """What every engine does. All methods raise `NoSuchWorld` for a world that is not there, unless they say else."""

    name: str
    """How ``--store`` and ``/health`` call the engine."""

    retention: int
    """How many entries of each kind and world are kept; what has a timer or delivery pending is always kept."""

    # Worlds.

    async def create_world(self, world: World, clock: Clock, change: Change) -> None:
        """Make a world and apply the change in it, as one step; remembered for `reset_world`.

        Raises:
            NameTaken: a live world has the name.
            Conflict: a server-wide name in the change is taken.
        """
        ...

    async def delete_world(self, world: str) -> None:
        """Remove a world with all it holds and free its server-wide names."""
        ...

    async def remake_world(self, world: World, clock: Clock, change: Change) -> None:
        """Make a live world anew under its own name, as one step: what it held is gone, and the change is all it holds.

        Its log is emptied, what was pending is cancelled, and the server-wide names it held are free to the change.
        Its snapshots stay, and so does its place among the worlds. Remembered for `reset_world`. Raises its epoch,
        never lowers seq.

        Raises:
            Conflict: a server-wide name in the change is another world's; nothing was changed.
        """
        ...

    async def reset_world(self, world: str) -> None:
        """Put a world back to how it was made: its log emptied, its clock begun anew.

        Raises its epoch, never lowers seq.

        Raises:
            Conflict: a credential of that time is held by another world now.
        """
        ...

    async def snapshot(self, world: str) -> str:
        """Remember the whole state, timers and pending deliveries included; the id to restore it by."""
        ...

    async def restore(self, world: str, snapshot: str) -> None:
        """Put the state back; the clock goes on from the instant it showed then. Raises the epoch, never lowers seq.

        Raises:
            NoSuchSnapshot: the world has none of that id.
            Conflict: a credential of that time is held by another world now.
        """
        ...

    async def fork(self, source: str, snapshot: str, world: World, change: Change) -> None:
        """Make a new world from the present state of ``source``, or from a snapshot of it.

        The new world's facts are ``world``; ``change`` is applied in it in the same step, with versions as they are
        in the state that is copied. Server-wide names are not copied.

        Raises:
            NameTaken, Conflict, NoSuchSnapshot: as above.
        """
        ...

    async def snapshot_view(self, world: str, snapshot: str) -> View:
        """The records of a snapshot, to be read; an empty id is the present state."""
        ...

    async def worlds(self) -> Sequence[str]:
        """The names of all live worlds, in the order of their making."""
        ...

    async def tenant(self, credential: str) -> Tenant | None:
        """Whose a server-wide name is."""
        ...

    # One world: reading.

    async def begin(self, world: str) -> Start:
        """Clock, facts, epoch and a fresh ordinal, in one round trip."""
        ...

    async def peek(self, world: str) -> Start:
        """As `begin`, without drawing: the ordinal is the last one drawn."""
        ...

    async def get(self, world: str, kind: type[R], record_id: str) -> R | None:
        """One record."""
        ...

    async def find(
        self, world: str, kind: type[R], key: str, after: int = 0, limit: int = 100, *, newest: bool = False
    ) -> Sequence[R]:
        """Records under a look-up key, in the order of their making, those made after ``after``.

        With ``newest``, the last ``limit`` of them. An empty key finds all of the kind.
        """
        ...

    async def counter(self, world: str, name: str) -> int:
        """A counter; 0 when it was never set or is forgotten."""
        ...

    async def holder(self, world: str, name: str) -> str | None:
        """Who holds a name in the world."""
        ...

    async def since(self, world: str, kind: type[Record | Entry], seq: int) -> Page:
        """What was made or changed in a collection after a sequence number."""
        ...

    async def changed(self, world: str, seq: int, timeout: float) -> bool:
        """Wait until the world has drawn a sequence number above ``seq``, by any worker; False: time ran out.

        Returns True too when the world is reset, restored or deleted meanwhile.
        """
        ...

    # One world: writing.

    async def commit(self, world: str, epoch: int, change: Change) -> Mapping[str, int]:
        """Apply a change whole or not at all; the counters it touched as they stand right after it.

        Raises:
            Conflict: a version moved, a guard broke, a name is taken; nothing was changed.
            StaleEpoch: the world was reset, restored or deleted since; nothing was changed.
        """
        ...

    async def append(self, world: str, epoch: int, entry: Entry) -> None:
        """Write down what happened; nothing is written under an older epoch or in a world that is gone."""
        ...

    async def draw(self, world: str, counter: str) -> int:
        """One atomic increment of a counter that no commit and no rerun ever rolls back."""
        ...

    # What is due.

    async def claim_due(self, world: str, holder: str, limit: int, lease_us: int) -> Sequence[Item]:
        """Take items due now on the world's clock, and lease them for ``lease_us`` of the wall.

        In the order of due instant, deliveries before timers, then set order; never two of one subject, unless one
        is a delivery that waits for a later retry. Nothing while another holder drives the world. An item is given
        back by the commit that drops it or puts it anew, by `give_back`, or when its lease runs out.
        """
        ...

    async def give_back(self, world: str, items: Sequence[Item]) -> None:
        """Return items that were claimed and not carried out."""
        ...

    async def next_due(self, world: str) -> Item | None:
        """The item that falls due first, whether now or later, among those that nobody leases or waits behind."""
        ...

    async def under_way(self, world: str) -> int:
        """How many items are leased at this moment, at any worker."""
        ...

    async def pending(self, world: str) -> Sequence[Item]:
        """All timers and pending deliveries, in the order in which they fall due."""
        ...

    async def worlds_due(self, until: int) -> Sequence[str]:
        """Worlds that need a driver at an instant of the wall, each told once until something moves in it.

        On a running clock: when their next item falls due by then; standing still: when something is due now; on
        ``auto``: also when the next item, idle ones left aside, is no deadline.
        """
        ...

    async def wait_due(self, timeout: float) -> None:
        """Return when a world may need a driver sooner than `worlds_due` knew, at the latest after ``timeout`` s."""
        ...

    async def next_wall(self) -> int | None:
        """The wall's instant at which the next world needs a driver; None: none that is known."""
        ...

    async def drive(self, world: str, holder: str, purpose: str, lease_us: int) -> Lease | None:
        """Take or renew the lease to drive a world; None when it was had, else the lease of who holds it."""
        ...

    async def leave(self, world: str, holder: str) -> None:
        """Give the lease to drive back; nothing happens when another has it or the world is gone."""
        ...

    async def driver(self, world: str) -> Lease | None:
        """Who drives the world now."""
        ...

    # The server.

    async def lose(self, entry: Lost) -> None:
        """Write down a request with a credential or host that nobody knows; the last 1,000 are kept."""
        ...

    async def lost(self) -> Sequence[Lost]:
        """What was lost, oldest first."""
        ...

    async def close(self) -> None:
        """Let go of connections and files."""
        ...


class Lost(Struct, frozen=True, gc=False):
    """A request that belongs to no world.

    Attributes:
        at: the wall's instant.
        why: ``credential`` or ``host``.
        name: the key or host that nobody knows; never a secret.
    """

    at: int
    why: str
    name: str
    method: str
    path: str


class View(Protocol):
    """One world as an attempt sees it."""

    def get(self, kind: type[R], record_id: str) -> Awaitable[R | None]:
        """One record."""
        ...

    def find(
        self, kind: type[R], key: str, after: int = 0, limit: int = 100, *, newest: bool = False
    ) -> Awaitable[Sequence[R]]:
        """Records under a look-up key; see `Store.find`."""
        ...

    def counter(self, name: str) -> Awaitable[int]:
        """A counter."""
        ...

    def holder(self, name: str) -> Awaitable[str | None]:
        """Who holds a name in the world."""
        ...
