"""What happened in a fake, in the order in which it did: what a failed test is told by."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Clock, Entry, Event, Record, RequestEntry, World
from fake_nexmo.scenario.telling import outcome
from fake_nexmo.store.memory import MemoryStore, _World
from fake_nexmo.store.protocol import Lost, Wall

Kind = Literal["request", "lost", "webhook", "act", "clock", "mistake"]
LINES_MAX = 2_000


class Line(Struct):
    """One thing that happened.

    Attributes:
        at: on the world's clock; 0: in no world.
        what: in a few words; ``outcome`` is what came of it, empty while it is under way.
        about: the id on the wire that it is about; empty: none.
    """

    kind: Kind
    at: int
    what: str
    outcome: str = ""
    about: str = ""


class Chronicle:
    """The newest of what happened, oldest first; requests are put into words only when somebody asks."""

    def __init__(self) -> None:
        self._happened: deque[Line | RequestEntry] = deque(maxlen=LINES_MAX)
        self.count = 0

    def add(self, happened: Line) -> Line:
        """Write a line down; its outcome may be filled in later."""
        self.count += 1
        self._happened.append(happened)
        return happened

    def add_request(self, entry: RequestEntry) -> None:
        """Write a request down."""
        self.count += 1
        self._happened.append(entry)

    def lines(self) -> list[Line]:
        """What happened, in words."""
        return [each if isinstance(each, Line) else _line_of(each) for each in self._happened]


class ChronicleStore(MemoryStore):
    """The memory engine, which tells its chronicle of each request, and of what a developer should know."""

    def __init__(self, chronicle: Chronicle, wall: Wall) -> None:
        super().__init__(wall=wall)
        self.chronicle = chronicle

    async def append(self, world: str, epoch: int, entry: Entry) -> None:
        """See `Store.append`."""
        await super().append(world, epoch, entry)
        if isinstance(entry, RequestEntry):
            self.chronicle.add_request(entry)

    def _write_down(self, live: _World, entry: Entry) -> None:
        super()._write_down(live, entry)
        if isinstance(entry, Event) and entry.text:
            self.chronicle.add(Line("mistake", entry.at, entry.text, about=entry.about))

    async def lose(self, entry: Lost) -> None:
        """See `Store.lose`."""
        await super().lose(entry)
        said = f"nobody has the {entry.why} {entry.name!r}"
        self.chronicle.add(Line("lost", 0, f"{entry.method} {entry.path}", said))


class FollowedStore(ChronicleStore):
    """One that also tells somebody what the clock of a world is set to; tokens in that world go by it."""

    def __init__(self, chronicle: Chronicle, wall: Wall, world: str, follow: Callable[[int], object]) -> None:
        super().__init__(chronicle, wall)
        self._followed = world
        self._follow = follow

    async def create_world(self, world: World, clock: Clock, change: Change) -> None:
        """See `Store.create_world`."""
        if world.name == self._followed:
            world = replace(world, settings={**world.settings, "jwt_time": "virtual"})
        await super().create_world(world, clock, change)

    def _put(self, live: _World, record: Record) -> None:
        super()._put(live, record)
        if type(record) is Clock and live.name == self._followed:
            self._follow(record.at)


def _line_of(entry: RequestEntry) -> Line:
    said = outcome(entry.status, entry.fault, entry.outcome)
    return Line("request", entry.at, f"{entry.operation}  {entry.method} {entry.path}", said, entry.about)
