"""`Change`: the only way state changes. All of it is applied or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from fake_nexmo.core.records import Delivery, Event, Record, Timer

A_co = TypeVar("A_co", covariant=True)
R = TypeVar("R")


class Add(Struct, frozen=True, gc=False):
    """Adds to a counter, guarded inside the commit.

    Attributes:
        counter: its name within the world.
        delta: what is added; may be negative.
        floor: the commit is refused if the sum would be below this.
        ceiling: the commit is refused if the sum would be above this.
        until_at: the instant after which the counter is forgotten; None: never.
    """

    counter: str
    delta: int
    floor: int | None = None
    ceiling: int | None = None
    until_at: int | None = None


class Set(Struct, frozen=True, gc=False):
    """Sets a counter, whatever it was."""

    counter: str
    value: int


class Claim(Struct, frozen=True, gc=False):
    """Takes a name that only one holder can have, in the world or, for credentials, on the whole server."""

    name: str
    holder: str
    server_wide: bool = False


class Free(Struct, frozen=True, gc=False):
    """Gives a name back; only its holder can."""

    name: str
    holder: str
    server_wide: bool = False


class Change(Struct, frozen=True, gc=False):
    """What a decision changes, applied whole or not at all.

    Attributes:
        put: records to write; one of version 0 must not exist yet, another must be unmoved since it was read.
        drop: records to remove; must be unmoved. One that is gone already is a conflict.
        check: records that were only read and must be unmoved.
        counters: additions and settings, in order.
        claims: names taken and given back, in order.
        timers: timers to set. The commit draws an ordinal for each, their set order.
        deliveries: webhooks to send. The commit draws an ordinal for each, after those of the timers.
        log: events to write down.
    """

    put: tuple[Record, ...] = ()
    drop: tuple[Record, ...] = ()
    check: tuple[Record, ...] = ()
    counters: tuple[Add | Set, ...] = ()
    claims: tuple[Claim | Free, ...] = ()
    timers: tuple[Timer, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    log: tuple[Event, ...] = ()

    def __bool__(self) -> bool:
        """Whether it changes or checks anything."""
        return bool(
            self.put
            or self.counters
            or self.timers
            or self.deliveries
            or self.log
            or self.claims
            or self.drop
            or self.check
        )

    def __add__(self, other: Change) -> Change:
        """Both changes as one: first this, then the other."""
        return Change(
            put=self.put + other.put,
            drop=self.drop + other.drop,
            check=self.check + other.check,
            counters=self.counters + other.counters,
            claims=self.claims + other.claims,
            timers=self.timers + other.timers,
            deliveries=self.deliveries + other.deliveries,
            log=self.log + other.log,
        )

    def only(self, kind: type[R]) -> R:
        """The one record of that kind that is put, set or sent; for tests and for hooks that read a rule's work."""
        found: list[Any] = [each for each in (*self.put, *self.timers, *self.deliveries) if isinstance(each, kind)]
        assert len(found) == 1, f"{len(found)} of {kind.__name__} in the change, not one"
        return found[0]  # type: ignore[no-any-return]


class Outcome(Struct, Generic[A_co], frozen=True, gc=False):
    """What a rule decides: the change, and the facts that the answer is worded from."""

    change: Change
    answer: A_co


class Conflict(Exception):  # noqa: N818 - the ordinary way to say: decide again
    """A commit was refused and nothing was changed: a version moved, a guard broke, or a name was taken."""


class StaleEpoch(Exception):  # noqa: N818 - see Conflict
    """The world was reset, restored or deleted since the decision began; nothing was changed."""
