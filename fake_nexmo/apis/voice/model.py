"""What the Voice API remembers of a leg beside the leg itself, and the table of its refusals. Pure."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar, Final

from msgspec import Struct

from fake_nexmo.apis.voice.actions_model import Action, InputAction
from fake_nexmo.apis.voice.ends_model import Callback, Detection, Endpoint
from fake_nexmo.apis.voice.ivr_model import Way
from fake_nexmo.core.legs import Line
from fake_nexmo.core.records import Record

OWNER: Final = "voice"
"""Who owns the legs of this API, by its name in the registry."""

LENGTH_S: Final = 7200
"""How long a call may last after it was answered, where nobody says otherwise. Source: reference voice §4.1 (B)."""


class Talk(Struct, frozen=True, gc=False):
    """What is playing on a leg because somebody asked for it by REST.

    Attributes:
        kind: ``talk`` or ``stream``.
        line: which line of the leg's transcript it is.
        ends_at: when it is over; None: it goes on until it is stopped.
        language: BCP-47; empty: it is no speech.
        level: how loud, -1 to 1.
    """

    kind: str
    line: int
    ends_at: int | None
    language: str = ""
    level: float = 0


class Listening(Struct, frozen=True, kw_only=True, gc=False):
    """An input that waits for keys, for speech, or for either.

    Attributes:
        wanted: what it listens to and for how long.
        until: when it is over if nothing more comes.
        digits: the keys so far, ``keyed``: whether there were any, a hash included.
        words: what was said so far, since ``began``.
        reason: why the speech is over, in the words of the wire.
    """

    wanted: InputAction
    until: int = 0
    digits: str = ""
    keyed: bool = False
    words: str = ""
    began: int = 0
    reason: str = "start_timeout"


class Recorder(Struct, frozen=True, kw_only=True, gc=False):
    """A recording that is being made.

    Attributes:
        number: counts the recordings of its leg, from 0.
        file: the id by which it will be fetched, and ``uuid`` the one that it is told by.
        began_at: when it began; ``until`` when it ends at the latest.
        channels: of the file.
        where: who is told when it is done.
        key: the key that ends it, and ``silence``: the microseconds of silence that do; empty, 0: none.
        text_file: the id by which what was said will be fetched, ``text_where``: who is told of that; empty: nobody
            wants it.
    """

    number: int
    file: str
    uuid: str
    began_at: int
    until: int
    channels: int
    where: Callback
    key: str = ""
    silence: int = 0
    text_file: str = ""
    text_where: Callback = Callback()


class Recording(Record, frozen=True, kw_only=True, gc=False):
    """A recording that is done; its ``id`` is that of the file, whose bytes are made when it is fetched.

    Attributes:
        application: internal id of the one that may fetch it.
        call: the leg on which it was made.
        text: it is what was said, not the sound.
    """

    collection: ClassVar[str] = "voice"

    account: str
    application: str
    call: str
    began_at: int
    ended_at: int
    channels: int
    text: bool = False


class Room(Record, frozen=True, kw_only=True, gc=False):
    """A named conversation of an application; it keeps its id when everybody has left.

    Attributes:
        conversation: its id on the wire.
        members: the legs that are in it.
        started: somebody is in it who need not wait for others.
        music: what is heard until then; empty: nothing.
        taped_by: the member whose entry has it recorded; empty: it is not.
    """

    collection: ClassVar[str] = "voice"

    conversation: str
    members: tuple[str, ...] = ()
    started: bool = False
    music: str = ""
    taped_by: str = ""

    def keys(self) -> tuple[str, ...]:
        return (f"conversation/{self.conversation}",)


class Call(Record, frozen=True, kw_only=True, gc=False):
    """What this API knows of a leg; its ``id`` is the leg's uuid.

    The leg's ``about`` is the application's internal id, so that an application's legs are found.

    Attributes:
        application: internal id; empty: nobody's.
        sender: who calls; None: nobody said, or it is hidden.
        event: where its events go, ``answer`` where its NCCO comes from, ``fallback`` where else.
        signed: whether its webhooks carry a token.
        ncco: the one given inline, to be run when it is answered; None: it is fetched from ``answer``.
        rest: the actions that are still to be run, in order.
        running: the number of the action that runs in the present NCCO; -1: none does.
        waits: marks the wait for the end of the running action; a timer of an earlier wait does nothing.
        detection: None: nobody asked for it.
        length_s: how long it may last once it is answered.
        muted: whether it is not heard, ``earmuffed`` whether it does not hear.
        muted_there: it is not heard because its present conversation has it so; elsewhere it is.
        heard_by: the only legs that hear it, and ``hears``: the only ones that it hears; None: nothing is said of that.
        saying: what the running action has said to it, and to whoever else hears that; None: nothing.
        playing: what REST has it hear.
        dtmf_url: where single keys are reported; empty: nowhere.
        barred: the detail with which the platform rejects it instead of placing it; empty: it is placed.
        asked: how often an NCCO was asked for, and ``asking`` whether an answer to that is awaited.
        verdict: ``human`` or ``machine``, once it was told; empty: it was not.
        doing: the action that runs; None: none does.
        barge: prompts can be interrupted, until an input runs.
        listening: the input that runs; None: none does.
        origin: what the URLs of its recordings begin with; empty: the service's own.
        recorders: the recordings that are being made, and ``recorded``: how many were begun.
        taping: the number of the recording that the NCCO waits for; -1: none.
        room: the named conversation that it is in; empty: none.
        ends_room: when it leaves that one, so does everybody.
        partner: the leg that the running ``connect`` waits for; empty: none does.
        legs: those that were connected to it and are not over.
        host: the leg that this one was connected to; empty: it is on its own.
        joined: it takes part in the conversation of others, having run what NCCO it had for itself.
        away: it has left that one's conversation.
        came_from: the conversations that it has left by transfers, while those who were there do not know that yet.
        parting: it is over, and what that means for that one is decided by the reply to the report of it.
        replaces: the reply to the report that it was not connected may hold an NCCO for that one.
        limited: connections count against what an account may have in a second.
        owned_only: nobody is connected from a number that is not the account's.
        runs_on: the next action does not wait for a recording that only a limit of time ends.
        given: where the NCCO that it is to run when it is answered came from; empty: from the request that made it.
        way: its way through its application, for those who want to know which ways were gone.
        each_key: where single keys are reported because an asynchronous input has run.
    """

    collection: ClassVar[str] = "voice"
    """No collection shows it; it is subject to retention as its leg is."""

    account: str
    application: str
    sender: Endpoint | None
    to: Endpoint
    event: Callback = Callback()
    answer: Callback = Callback(method="GET")
    fallback: Callback = Callback(method="GET")
    signed: bool = False
    ncco: tuple[Action, ...] | None = None
    rest: tuple[Action, ...] = ()
    running: int = -1
    waits: int = 0
    detection: Detection | None = None
    length_s: int = LENGTH_S
    muted: bool = False
    muted_there: bool = False
    earmuffed: bool = False
    heard_by: tuple[str, ...] | None = None
    hears: tuple[str, ...] | None = None
    saying: Line | None = None
    playing: Talk | None = None
    dtmf_url: str = ""
    barred: str = ""
    asked: int = 0
    asking: bool = False
    verdict: str = ""
    doing: Action | None = None
    barge: bool = False
    listening: Listening | None = None
    each_key: Callback = Callback()
    origin: str = ""
    recorders: tuple[Recorder, ...] = ()
    recorded: int = 0
    taping: int = -1
    room: str = ""
    ends_room: bool = False
    partner: str = ""
    legs: tuple[str, ...] = ()
    host: str = ""
    joined: bool = False
    away: bool = False
    came_from: tuple[str, ...] = ()
    parting: bool = False
    replaces: bool = False
    limited: bool = False
    owned_only: bool = False
    runs_on: bool = False
    given: str = ""
    way: Way = Way()

    def subjects(self) -> tuple[str, ...]:
        return (self.id, f"{self.id}/webhooks")


class VoiceRefusal(Enum):
    """The documented refusals. Source: reference voice §2, §4.4, §7, §8.5."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    WRONG_VERB = "wrong_verb"
    BAD_STATE = "bad_state"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    THROTTLED = "throttled"
    INTERNAL = "internal"
