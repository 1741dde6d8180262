"""A leg: one phone's part in a call, its state table, and what was said on it.

Every spoken call is one or more legs, whoever asked for it. Instants are integer microseconds since the epoch; money is
in 10^-8 EUR.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.machine import Table
from fake_nexmo.core.records import Direction, Record


class LegStatus(StrEnum):
    """How far a leg got, in the words of the wire. Source: reference voice §9.1 (B)."""

    STARTED = "started"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    BUSY = "busy"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    UNANSWERED = "unanswered"


class LegEvent(StrEnum):
    """What happens to a leg."""

    RING = "ring"
    PICK_UP = "pick_up"
    HANG_UP = "hang_up"
    BUSY = "busy"
    CANCEL = "cancel"
    FAIL = "fail"
    REJECT = "reject"
    RING_OUT = "ring_out"
    NOT_REACHED = "not_reached"
    GIVE_UP = "give_up"


_NOT_CONNECTED = {
    LegEvent.BUSY: LegStatus.BUSY,
    LegEvent.CANCEL: LegStatus.CANCELLED,
    LegEvent.FAIL: LegStatus.FAILED,
    LegEvent.NOT_REACHED: LegStatus.UNANSWERED,
    LegEvent.REJECT: LegStatus.REJECTED,
}

# Source: reference voice §9.2 (B; R where it says so).
MOVES: Table[LegStatus, LegEvent] = {
    LegStatus.STARTED: {
        LegEvent.RING: LegStatus.RINGING,
        # An app or a websocket does not ring. Source: reference voice §9.3 (A, R).
        LegEvent.PICK_UP: LegStatus.ANSWERED,
        **_NOT_CONNECTED,
    },
    LegStatus.RINGING: {
        LegEvent.PICK_UP: LegStatus.ANSWERED,
        LegEvent.RING_OUT: LegStatus.TIMEOUT,
        # Doubt: the reference has a caller whose call cannot be told what to do hear it end, "completed", though it was
        # never answered.
        LegEvent.GIVE_UP: LegStatus.COMPLETED,
        **_NOT_CONNECTED,
    },
    LegStatus.ANSWERED: {LegEvent.HANG_UP: LegStatus.COMPLETED},
    # Over is over.
    LegStatus.COMPLETED: {},
    LegStatus.BUSY: {},
    LegStatus.CANCELLED: {},
    LegStatus.FAILED: {},
    LegStatus.REJECTED: {},
    LegStatus.TIMEOUT: {},
    LegStatus.UNANSWERED: {},
}


class Speaker(StrEnum):
    """Who is heard on a leg: the platform, who is at its end, or somebody else in the conversation."""

    PLATFORM = "platform"
    PERSON = "person"
    MACHINE = "machine"
    OTHER = "other"


class Sound(StrEnum):
    """What kind of thing is heard on a leg: a text, a file, words of somebody's own, a beep, or keys.

    Audio is what nobody here understands: it was sent as mere sound.
    """

    TALK = "talk"
    STREAM = "stream"
    SPEECH = "speech"
    BEEP = "beep"
    DTMF = "dtmf"
    AUDIO = "audio"


class Line(Struct, frozen=True, gc=False):
    """One thing that was heard on a leg.

    Attributes:
        at: when it began.
        text: the words; of a file its URL.
        digits: the digits among them that are to be typed somewhere, apart from the words; or the keys pressed.
        cut: it was broken off before its end.
        lasts: microseconds that it takes, said or played once; 0: no time is taken for it.
        by: the number or address of who speaks, where that is another one.
    """

    at: int
    speaker: Speaker
    text: str
    digits: str = ""
    cut: bool = False
    sound: Sound = Sound.TALK
    lasts: int = 0
    by: str = ""


class Speech(Struct, frozen=True, gc=False):
    """What the platform says once a leg is answered.

    Attributes:
        language: BCP-47 in lower case, such as ``en-gb``.
        digits: see `Line`.
    """

    text: str
    language: str
    digits: str = ""


class Leg(Record, frozen=True, kw_only=True, gc=False):
    """One phone's part in a call. Its ``id`` is the uuid on the wire.

    Attributes:
        owner: the API that asked for it, by its name in the registry.
        account: internal id of the account that pays.
        about: what it is about in the owner's words, such as the request it carries a code for; empty: itself.
        conversation: the conversation it is in; empty: none, it is spoken to by the platform alone.
        sender: the caller's number, and ``to`` the number called; E.164 digits.
        machine: a machine answered.
        detail: why it was not connected, in the words of the wire; empty: there is nothing to add.
        rate: per minute, in 10^-8 EUR.
        ringing_s: how long it may ring.
        other: id of the leg at the other end, where both ends are numbers of this world; empty: a person is there.
        script: what the platform says when it is answered.
        ended_by: ``user`` when the far side hung up, else ``platform``; empty: it was not hung up.
        transcript: what was heard, in order.
        listens: whether the person on it waits for words at some time, so that they are to be told of each line.
        ear: the number of the person's step that waits for words now; -1: none does.
        extra: what only some owners have.
    """

    collection: ClassVar[str] = "calls"

    owner: str
    account: str
    direction: Direction
    sender: str
    to: str
    network: str
    rate: int
    created_at: int
    about: str = ""
    conversation: str = ""
    status: LegStatus = LegStatus.STARTED
    machine: bool = False
    detail: str = ""
    answered_at: int | None = None
    ended_at: int | None = None
    ringing_s: int = 60
    ended_by: str = ""
    other: str = ""
    script: tuple[Speech, ...] = ()
    transcript: tuple[Line, ...] = ()
    listens: bool = False
    ear: int = -1
    extra: Mapping[str, Any] = {}

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return not MOVES[self.status]

    @property
    def person(self) -> str:
        """The number of the person on it."""
        return self.to if self.direction is Direction.OUTBOUND else self.sender

    @property
    def duration_s(self) -> int:
        """Whole seconds between answer and end, each rounded to the second; 0 while there is no end.

        Source: reference voice §3 (A).
        """
        if self.answered_at is None or self.ended_at is None:
            return 0
        return _whole(self.ended_at) - _whole(self.answered_at)

    @property
    def price(self) -> int:
        """What it costs in 10^-8 EUR: by the second, rounded half up. Source: reference voice §3 (A; R for half up)."""
        return (self.rate * self.duration_s + 30) // 60

    def with_lines(self, *lines: Line) -> Leg:
        """The leg when more was heard on it."""
        return replace(self, transcript=(*self.transcript, *lines))

    def broken_off(self, line: Line, now: int) -> Leg:
        """The leg when a line of its is broken off; nothing changes if it is none of its."""
        if not any(_same(each, line) for each in self.transcript):
            return self
        cut = replace(line, cut=True, lasts=min(line.lasts, now - line.at))
        return replace(self, transcript=tuple(cut if _same(each, line) else each for each in self.transcript))

    def keys(self) -> tuple[str, ...]:
        about = (f"about/{self.about}",) if self.about else ()
        return (f"person/{self.person}", *about, *((f"conversation/{self.conversation}",) if self.conversation else ()))

    def subjects(self) -> tuple[str, ...]:
        """Itself, and apart from that the webhooks about it: none of them holds up what happens on it."""
        return (self.id, f"{self.id}/webhooks")


def _same(line: Line, other: Line) -> bool:
    return (line.at, line.speaker, line.text) == (other.at, other.speaker, other.text)


def _whole(at: int) -> int:
    return (at + SECOND // 2) // SECOND
