"""What the Voice API remembers of a leg's websocket beside the leg and its call. Pure."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from fake_nexmo.core.records import Record


class Mark(Struct, frozen=True, gc=False):
    """A text that is sent between the frames, at its instant.

    Attributes:
        plays: it tells that what the app has sent was heard, and is dropped with that.
    """

    at: int
    text: str
    plays: bool = False


class Websocket(Record, frozen=True, kw_only=True, gc=False):
    """The websocket of an answered leg; its ``id`` is the leg's uuid.

    Attributes:
        rate: samples a second, both ways.
        opened_at: when the first frame began.
        sent: how many frames were sent.
        lines: how many lines of the leg's transcript were looked through for keys.
        marks: texts that are still to be sent, in the order of their instants.
        plays_until: when the last of what the app has sent so far will have been heard.
        line: which line of the transcript that is; -1: none.
        pumps: the number of the timer by which the next slice is sent.
        going: which line was to be heard for longer than it takes once, at the last pump; -1: none. ``going_until``:
            how long.
    """

    collection: ClassVar[str] = "voice"
    """No collection shows it; it is subject to retention as its leg is."""

    rate: int
    opened_at: int
    sent: int = 0
    lines: int = 0
    marks: tuple[Mark, ...] = ()
    plays_until: int = 0
    line: int = -1
    pumps: int = 0
    going: int = -1
    going_until: int = 0
