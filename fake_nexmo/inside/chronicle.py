"""What happened in a fake, in the order in which it did: what a failed test is told by."""

from __future__ import annotations

from collections import deque
from typing import Literal

from msgspec import Struct

from fake_nexmo.core.records import Entry, RequestEntry
from fake_nexmo.store.memory import MemoryStore
from fake_nexmo.store.protocol import Lost

Kind = Literal["request", "lost", "webhook", "act", "clock"]
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
    """The memory engine, which tells its chronicle of each request."""

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__()
        self.chronicle = chronicle

    async def append(self, world: str, epoch: int, entry: Entry) -> None:
        """See `Store.append`."""
        await super().append(world, epoch, entry)
        if isinstance(entry, RequestEntry):
            self.chronicle.add_request(entry)

    async def lose(self, entry: Lost) -> None:
        """See `Store.lose`."""
        await super().lose(entry)
        said = f"nobody has the {entry.why} {entry.name!r}"
        self.chronicle.add(Line("lost", 0, f"{entry.method} {entry.path}", said))


def _line_of(entry: RequestEntry) -> Line:
    said = f"{entry.status}"
    if entry.fault and entry.fault not in entry.outcome:
        said += f" by the fault {entry.fault!r}"
    if entry.outcome:
        said += f" ({entry.outcome})"
    return Line("request", entry.at, f"{entry.operation}  {entry.method} {entry.path}", said, entry.about)
