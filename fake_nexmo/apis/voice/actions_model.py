"""The actions of an NCCO as they are run: what `ncco_wire` makes of a document that was checked.

Numbers are within their bounds, spans are integer microseconds unless a name ends in ``_s``, and what was not said has
its default. ``where`` is the place of an action's own webhook; without a URL that of the call counts.

Source: reference ncco §3.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from fake_nexmo.apis.voice.ends_model import Callback, Detection, Endpoint
from fake_nexmo.core.instant import SECOND

LONGEST: Final = 7200 * SECOND
"""How long a recording lasts at most where nobody says otherwise. Source: reference ncco §3.1 (B)."""


class TalkAction(Struct, frozen=True, gc=False, tag="talk"):
    """Say a text.

    Attributes:
        loop: how often; 0: until it is stopped.
        barge: prompts can be interrupted from now on.
    """

    text: str
    loop: int = 1
    barge: bool = False


class StreamAction(Struct, frozen=True, gc=False, tag="stream"):
    """Play a file; see `TalkAction`."""

    url: str
    loop: int = 1
    barge: bool = False


class WaitAction(Struct, frozen=True, gc=False, tag="wait"):
    """Do nothing for a while."""

    lasts: int = 10 * SECOND


class InputAction(Struct, frozen=True, kw_only=True, gc=False, tag="input"):
    """Wait for keys, for speech, or for either.

    Attributes:
        each_key: each key is reported by itself while the next actions run.
        old: its webhook has the form of 2018 to 2020.
        dtmf: it takes keys, ``speech``: it takes words.
        digits_max: with so many keys it is over, and with a hash if ``on_hash``.
        between: how long it waits for the first key, and for each further one.
        starts: how long it waits for somebody to begin to speak.
        silence: how much silence ends what was said, ``longest``: how long that may be before it is cut off.
        hints: the words that are expected.
        speaker: the leg whose words they are; empty: its own.
        saves: what was said is kept, to be fetched.
    """

    where: Callback = Callback()
    each_key: bool = False
    old: bool = False
    dtmf: bool = True
    speech: bool = False
    digits_max: int = 4
    on_hash: bool = False
    between: int = 3 * SECOND
    starts: int = 10 * SECOND
    silence: int = 2 * SECOND
    longest: int = 60 * SECOND
    hints: tuple[str, ...] = ()
    speaker: str = ""
    saves: bool = False


class RecordAction(Struct, frozen=True, kw_only=True, gc=False, tag="record"):
    """Record what is heard.

    Attributes:
        blocks: the next action waits for its end; ``timed``: for no other reason than that it has a limit.
        key: the key that ends it, and ``silence``: how much silence does; empty, 0: none.
        limit: how long it lasts at most.
        channels: of the file.
        beeps: it begins with a beep.
        text: what is said is written down too, and ``text_where`` is told of that.
    """

    where: Callback = Callback()
    blocks: bool = False
    timed: bool = False
    key: str = ""
    silence: int = 0
    limit: int = LONGEST
    channels: int = 1
    beeps: bool = False
    text: bool = False
    text_where: Callback = Callback()


class ConversationAction(Struct, frozen=True, kw_only=True, gc=False, tag="conversation"):
    """Enter a named conversation.

    Attributes:
        music: what is heard until it has started; empty: nothing.
        starts: it has started as soon as this leg is in it, ``ends``: it is over for all when this leg leaves.
        muted: the leg is not heard.
        heard_by: the only legs that hear it, and ``hears``: the only ones that it hears; None: nothing is said of that.
        record: it is recorded, as ``tape`` says.
    """

    name: str
    music: str = ""
    starts: bool = True
    ends: bool = False
    muted: bool = False
    heard_by: tuple[str, ...] | None = None
    hears: tuple[str, ...] | None = None
    record: bool = False
    tape: RecordAction = RecordAction()


class ConnectAction(Struct, frozen=True, kw_only=True, gc=False, tag="connect"):
    """Call somebody into the call.

    Attributes:
        to: whom; its keys are pressed when it is answered.
        on_answer: where the called leg's own NCCO comes from; empty: it has none.
        sender: the number that calls; empty: it is not said.
        random_sender: it is one of the application's.
        replaces: the reply to the report that it was not connected may hold another NCCO.
        ringing_s: how long it may ring, ``length_s``: how long it may last.
        detection: None: nobody asked for it.
        ringback: what is heard until somebody answers; empty: nothing of the application's.
    """

    to: Endpoint
    where: Callback = Callback()
    on_answer: str = ""
    sender: str = ""
    random_sender: bool = False
    replaces: bool = False
    ringing_s: int = 60
    length_s: int = 7200
    detection: Detection | None = None
    ringback: str = ""


class NotifyAction(Struct, frozen=True, gc=False, tag="notify"):
    """Tell the application something of its own, and wait for the reply."""

    payload: dict[str, Any]
    where: Callback


class TransferAction(Struct, frozen=True, gc=False, tag="transfer"):
    """Move to a conversation that there is, by its id on the wire; see `ConversationAction`."""

    conversation: str
    muted: bool = False
    heard_by: tuple[str, ...] | None = None
    hears: tuple[str, ...] | None = None


class PayAction(Struct, frozen=True, gc=False, tag="pay"):
    """Have the caller pay."""

    where: Callback = Callback()


Prompt = TalkAction | StreamAction
"""What a leg is made to hear."""
Action = (
    TalkAction
    | StreamAction
    | WaitAction
    | InputAction
    | RecordAction
    | ConversationAction
    | ConnectAction
    | NotifyAction
    | TransferAction
    | PayAction
)
"""One action of an NCCO."""
