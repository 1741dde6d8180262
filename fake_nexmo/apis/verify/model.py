"""What the Verify API remembers, its state table, its workflows, and the table of its refusals. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import ClassVar, Final

from msgspec import Struct

from fake_nexmo.core.machine import Table
from fake_nexmo.core.records import Account, Handset, OwnNetworks, Record, SeenCode

OWNER: Final = "verify"
"""Who owns the messages and legs that carry codes, by its name in the registry."""

TRIES_MAX: Final = 3
"""Wrong codes per generated code. Source: reference verify §4 (B)."""


class Phase(StrEnum):
    """Where a verification stands, in the words of the wire. Source: reference verify §5 (B)."""

    IN_PROGRESS = "IN PROGRESS"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class Step(StrEnum):
    """What happens to a verification."""

    CODE_RIGHT = "code_right"
    CODE_WRONG = "code_wrong"
    TRIES_SPENT = "tries_spent"
    SEND = "send"
    CANCEL = "cancel"
    TIME_UP = "time_up"


# Source: reference verify §9.3 (B).
MOVES: Table[Phase, Step] = {
    Phase.IN_PROGRESS: {
        Step.CODE_RIGHT: Phase.SUCCESS,
        Step.CODE_WRONG: Phase.IN_PROGRESS,
        Step.TRIES_SPENT: Phase.FAILED,
        Step.SEND: Phase.IN_PROGRESS,
        Step.CANCEL: Phase.CANCELLED,
        Step.TIME_UP: Phase.EXPIRED,
    },
    # Closed is closed.
    Phase.SUCCESS: {},
    Phase.FAILED: {},
    Phase.EXPIRED: {},
    Phase.CANCELLED: {},
}


class Channel(StrEnum):
    """How a code is sent, in the words of search. Source: reference verify §5 (B)."""

    SMS = "sms"
    TTS = "tts"


class Workflow(Struct, frozen=True, gc=False):
    """A sequence of events.

    Attributes:
        channels: of each event.
        waits_s: seconds after each event until the next; the last one has no wait of its own where the table has none.
    """

    channels: tuple[Channel, ...]
    waits_s: tuple[int, ...]


# Source: reference verify §9.1 (B). After the last event the code's expiry decides, see §9.2.
WORKFLOWS: Mapping[int, Workflow] = {
    1: Workflow((Channel.SMS, Channel.TTS, Channel.TTS), (125, 180)),
    2: Workflow((Channel.SMS, Channel.SMS, Channel.TTS), (125, 180)),
    3: Workflow((Channel.TTS, Channel.TTS), (150,)),
    4: Workflow((Channel.SMS, Channel.SMS), (120,)),
    5: Workflow((Channel.SMS, Channel.TTS), (120,)),
    6: Workflow((Channel.SMS,), ()),
    7: Workflow((Channel.TTS,), ()),
}


class Sending(Struct, frozen=True, gc=False):
    """One event of a workflow that was executed.

    Attributes:
        id: on the wire: the message id, or the uuid of the leg.
        price: what it cost, in 10^-8 EUR; a call's is known when it ends.
    """

    id: str
    channel: Channel
    at: int
    price: int


class Check(Struct, frozen=True, gc=False):
    """One code that was handed in."""

    at: int
    code: str
    valid: bool
    ip_address: str = ""


class Verification(Record, frozen=True, kw_only=True, gc=False):
    """One request to verify a number. Its ``id`` is the request id on the wire: 32 lower-case hex digits.

    Attributes:
        account: internal id of the account that pays.
        number: E.164 digits.
        brand: who asks, as messages name it; for a payment, the payee.
        amount: of a payment, as it is named in the message; empty: it is none.
        network: MCC and MNC of the number, or the word in their place.
        language: such as ``en-gb``.
        code: the current one, ``codes`` all that were generated, the current one included, in order.
        supplied: the code was given by the account, so no other is ever generated.
        code_at: when the current one was generated.
        tries: wrong codes handed in for the current one.
        expiry_s: how long a code is valid.
        wait_s: between events, instead of the workflow's own waits; None: those.
        sendings: the events executed, in order.
        price: of the verification itself, in 10^-8 EUR; 0 unless it succeeded.
        event_id: the id of the message or leg that carried the code which was accepted; empty: none was.
    """

    collection: ClassVar[str] = "verifications"

    account: str
    number: str
    brand: str
    network: str
    sender: str
    language: str
    workflow: int
    code: str
    code_at: int
    submitted_at: int
    expiry_s: int
    wait_s: int | None = None
    code_length: int = 4
    amount: str = ""
    supplied: bool = False
    codes: tuple[str, ...] = ()
    tries: int = 0
    phase: Phase = Phase.IN_PROGRESS
    sendings: tuple[Sending, ...] = ()
    checks: tuple[Check, ...] = ()
    price: int = 0
    event_id: str = ""
    finalized_at: int | None = None

    def keys(self) -> tuple[str, ...]:
        return (f"number/{self.number}",)


def running(account: str, number: str) -> str:
    """The name that a running verification claims in its world: one per account and number.

    Source: reference verify §3.2 (B).
    """
    return f"verify/{account}/{number}"


class VerifyRefusal(Enum):
    """The documented refusals. Source: reference verify §12."""

    THROTTLED = "throttled"
    MISSING_KEY = "missing_key"
    MISSING_SECRET = "missing_secret"  # noqa: S105 - the name of a refusal
    MISSING = "missing"
    INVALID = "invalid"
    BAD_CREDENTIALS = "bad_credentials"
    INTERNAL = "internal"
    UNROUTABLE = "unroutable"
    CLOSED = "closed"
    NOT_ACTIVE = "not_active"
    BLOCKED = "blocked"
    NETWORK_BLOCKED = "network_blocked"
    BARRED = "barred"
    NO_CREDIT = "no_credit"
    CONCURRENT = "concurrent"
    UNSUPPORTED_NETWORK = "unsupported_network"
    WRONG_CODE = "wrong_code"
    TRIES_SPENT = "tries_spent"
    TOO_MANY_IDS = "too_many_ids"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    NO_EVENTS = "no_events"
    NO_PIN_CODE = "no_pin_code"
    DEMO = "demo"
    NOT_FOUND = "not_found"


class Start(Struct, frozen=True, gc=False):
    """What ``verify.start`` and ``verify.psd2`` are asked to do, as it was given; nothing is judged yet.

    Attributes:
        payment: it is to authorise a payment: ``brand`` is its payee.
        expiry: ``pin_expiry``, and ``wait`` ``next_event_wait``.
    """

    number: str
    brand: str
    country: str = ""
    sender: str = ""
    code_length: str = ""
    language: str = ""
    expiry: str = ""
    wait: str = ""
    workflow: str = ""
    pin_code: str = ""
    amount: str = ""
    payment: bool = False


class Plan(Struct, frozen=True, gc=False):
    """What a start that is well-formed comes to: every default filled in.

    Attributes:
        number: E.164 digits.
        sender: who the SMS are from.
        pin_code: the code, if the account chooses it; empty: it is generated.
        amount: of a payment, as messages name it; empty: it is none.
    """

    number: str
    brand: str
    sender: str
    code_length: int
    language: str
    expiry_s: int
    wait_s: int | None
    workflow: int
    pin_code: str
    amount: str


class Ways(Struct, frozen=True, gc=False):
    """How the caller's world has the Verify API: its settings, as rules read them.

    Attributes:
        price: of a successful verification, in 10^-8 EUR.
        tries_max: the wrong code that ends a verification.
        limit: requests per second; 0: none.
        blocked: networks and prefixes, ``unsupported`` likewise.
        approved: the numbers that can be verified; None: all.
        pin_code: accounts may choose the code.
        uuids: message ids are UUIDs.
        search_lag_s: how long search does not find what has just ended.
    """

    price: int
    tries_max: int = TRIES_MAX
    limit: int = 0
    blocked: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    approved: tuple[str, ...] | None = None
    pin_code: bool = False
    uuids: bool = False
    search_lag_s: int = 0


class Party(Struct, frozen=True, gc=False):
    """Whom an event concerns, and how things stand when it runs.

    Attributes:
        phone: the phone that is verified, and the person behind it.
        balance: of the account, in 10^-8 EUR.
        seen: the code that the phone saw last; None: none.
        networks: what the world says of networks.
    """

    account: Account
    phone: Handset
    balance: int
    seen: SeenCode | None = None
    networks: OwnNetworks = {}


class Checked(Struct, frozen=True, gc=False):
    """A code was right."""

    verification: Verification


class Unblocked(Record, frozen=True, kw_only=True, gc=False):
    """A block that an account lifted for a time. Its ``id`` is account and entry of the block list.

    Attributes:
        until_at: when the block is in force again.
    """

    until_at: int


class Template(Record, frozen=True, kw_only=True, gc=False):
    """A text that an account would have its codes sent in. Its ``id`` is account, action, language and version.

    Attributes:
        action: ``sms`` or ``voice``.
        type: as it was given.
    """

    account: str
    action: str
    language: str
    text: str
    type: str
    number: int

    def keys(self) -> tuple[str, ...]:
        return (f"{self.account}/{self.action}/{self.language}",)
