"""The records that APIs share.

A record is immutable, has an id that is unique among its kind in a world, and a version that the store counts. A
kind says by class attributes how the store treats it: in which collection of the control API it shows, and by which
look-up keys it is found. Instants are integer microseconds since the epoch; money is in 10^-8 EUR.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from msgspec import Struct

from fake_nexmo.core.signature import SignatureMethod


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """What all records have.

    Attributes:
        id: unique among the records of this kind in the world.
        version: 0 until it is stored, then counted up by each commit that puts it.
        seq: the world's sequence number of its newest version, drawn by the commit.
        made: the sequence number of its first version: the order of making.
    """

    collection: ClassVar[str] = ""
    """The collection of the control API that it shows in; such kinds are subject to retention."""

    id: str
    version: int = 0
    seq: int = 0
    made: int = 0

    def keys(self) -> tuple[str, ...]:
        """The look-up keys it is found by."""
        return ()

    def subjects(self) -> tuple[str, ...]:
        """What timers and deliveries about it name as their subject: while one is pending, it is kept."""
        return (self.id,)


class Secret(Struct, frozen=True, gc=False):
    """One of an account's API secrets."""

    id: str
    value: str
    created_at: int


class WebhookMethod(StrEnum):
    """How an account's SMS webhooks are sent. Source: reference sms §12.1 (B)."""

    GET = "GET"
    POST = "POST"
    POST_JSON = "POST-JSON"


class AutoReload(Struct, frozen=True, gc=False):
    """The payment that an account is topped up with.

    Attributes:
        enabled: whether the service reloads by itself when the balance is below the threshold.
        trx: the reference of the payment.
        amount: what one reload credits, and ``threshold`` below which it happens, in 10^-8 EUR.

    Source: reference account §3 (B, D).
    """

    enabled: bool
    trx: str
    amount: int
    threshold: int


class Account(Record, frozen=True, kw_only=True, gc=False):
    """A customer's account. Its ``id`` is its name in the scenario; its balance is a counter.

    Attributes:
        sms_limit: outbound messages per second of the world's clock; None: no limit.
        verify_limit: requests per second to the Verify API; None: as the world has it. ``insight_limit``: to Number
            Insight.
        inbound_url: where inbound SMS go unless the number says otherwise.
        receipt_url: where delivery receipts go unless the request says otherwise.
        profile: ``current`` or ``2020`` for this account alone; empty: the world's.
        auto_reload: None: it was never configured.
        code: every Verify code of the account is this one; empty: they are drawn.
    """

    api_key: str
    secrets: tuple[Secret, ...]
    signature_secret: str
    signature_method: SignatureMethod = SignatureMethod.MD5HASH
    unlimited: bool = False
    sms_limit: int | None = None
    verify_limit: int | None = None
    insight_limit: int | None = None
    inbound_url: str = ""
    receipt_url: str = ""
    webhook_method: WebhookMethod = WebhookMethod.GET
    signed_webhooks: bool = False
    suspended: bool = False
    rest_enabled: bool = True
    sms_api: str = "sms"
    profile: str = ""
    auto_reload: AutoReload | None = None
    code: str = ""

    @property
    def balance(self) -> str:
        """The name of its balance among the counters."""
        return f"balance/{self.id}"

    def keys(self) -> tuple[str, ...]:
        return (self.api_key,)


class Application(Record, frozen=True, kw_only=True, gc=False):
    """An application. Its ``id`` is its name in the scenario; on the wire it is ``application_id``.

    Attributes:
        name: as its owner calls it, not unique; empty: by its ``id``.
        private_key: PEM (PKCS#8), empty when the user brought a public key of their own. The service forgets it
            after handing it out; the fake keeps it, so that a test can ask for it again.
        capabilities: ``voice`` and the others, in the words of a scenario; see `core.capabilities`.
        improve_ai: whether its content may be used to improve the vendor's services.
        v1_type: the one product that it was made for by the first version of the API; empty: made otherwise.

    Source: reference application §6.
    """

    application_id: str
    account: str
    public_key: str
    private_key: str = ""
    name: str = ""
    capabilities: Mapping[str, Any] = {}
    improve_ai: bool = False
    v1_type: str = ""

    @property
    def label(self) -> str:
        """Its name on the wire."""
        return self.name or self.id

    def keys(self) -> tuple[str, ...]:
        return (self.application_id, f"account/{self.account}")


class Number(Record, frozen=True, kw_only=True, gc=False):
    """A number that an account owns; its ``id`` is the MSISDN (E.164 without the plus).

    Attributes:
        type: ``mobile-lvn``, ``landline`` or ``landline-toll-free``.
        features: of ``VOICE``, ``SMS`` and ``MMS``.
        application: internal id of the application it is linked to; empty: none.
        inbound_url: where inbound SMS go; empty: to the account's URL.
        smpp_system_type: stored for those who ask, and used by nothing.
        voice: where calls to it go before its application is asked: ``type`` (``sip``, ``tel`` or ``vxml``) and
            ``value``; and ``status_url``, told when such a call ends. What is not set is absent.
        cost: of one month, in 10^-8 EUR.
        renews_at: when the next month is charged; None: never.

    Source: reference numbers §6, §8.
    """

    account: str
    country: str
    type: str = "mobile-lvn"
    features: tuple[str, ...] = ("SMS", "VOICE")
    application: str = ""
    inbound_url: str = ""
    smpp_system_type: str = ""
    voice: Mapping[str, str] = {}
    cost: int = 0
    renews_at: int | None = None

    def keys(self) -> tuple[str, ...]:
        keys = (f"account/{self.account}", f"country/{self.country}")
        return (*keys, f"application/{self.application}") if self.application else keys


class PartStatus(StrEnum):
    """How far one part of a message got. Source: reference sms §10.1, §10.2 (B)."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    BUFFERED = "buffered"
    DELIVERED = "delivered"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Reaction(Struct, frozen=True, gc=False):
    """One thing that a network says of a message part.

    Attributes:
        after: microseconds of the world's clock since the step before, or since the submission.
        err_code: the reason in the receipt; "0" is none.
        share: how likely the step is taken, 0 to 1; a step that is not taken is skipped.
    """

    after: int
    status: PartStatus
    err_code: str
    share: float = 1.0


class Trouble(Struct, frozen=True, gc=False):
    """What submissions to a phone are refused with.

    Attributes:
        answer: a row of the SMS API's refusal table, in lower case, or a common trouble.
        first: the first submission it hits, from 1, and ``last`` the last one; None: all from the first on.
    """

    answer: str
    first: int = 1
    last: int | None = None


class SmsStep(Struct, frozen=True, gc=False):
    """What a person does when an SMS arrives, if its text fits.

    Attributes:
        reply: the text sent back; None: nothing, the message is ignored.
        if_text: the pattern the text must fit; empty: any does.
        after: microseconds between arrival and reply.
        once: only for the first message that fits.
        echo: the reply is the text that arrived.
    """

    reply: str | None = None
    if_text: str = ""
    after: int = 1_000_000
    once: bool = False
    echo: bool = False


class Waiting(Struct, frozen=True, gc=False):
    """A message part that waits for a phone to be switched on."""

    message: str
    k: int


class Character(Struct, frozen=True, gc=False):
    """How a kind of person behaves: what a phone that is like it does where it does not say otherwise.

    The attributes are those of `Handset`; what a character does not say either is as for any phone.
    """

    power: bool | None = None
    network: str = ""
    receipts: tuple[Reaction, ...] = ()
    submission: Trouble | None = None
    on_sms: tuple[SmsStep, ...] | None = None
    rest: Mapping[str, Any] = {}


ANYBODY = Character()
"""A character that says nothing."""

ORDINARY = "answers"
"""The name of the character that every phone has unless something else is said."""


class MagicRange(Struct, frozen=True, gc=False):
    """Numbers whose last two digits choose a character.

    Attributes:
        first: the lowest of them, and ``last`` the highest; ``NPA`` in both stands for any area code.
    """

    first: str
    last: str

    def holds(self, number: str) -> bool:
        """Whether a number, in digits, is one of them."""
        first, given = self.first, number
        if len(number) != len(first):
            return False
        if AREA in first:
            at = first.find(AREA)
            given = f"{number[:at]}{AREA}{number[at + len(AREA) :]}"
        return first <= given <= self.last and number.isascii() and number.isdigit()


AREA = "NPA"
"""Any three digits, in a range of magic numbers."""


class Magic(Struct, frozen=True, gc=False):
    """The numbers that have a character without being declared, and which: by their last two digits."""

    ranges: tuple[MagicRange, ...] = ()
    digits: Mapping[str, str] = {}


class Handset(Record, frozen=True, kw_only=True, gc=False):
    """A phone and the person behind it; its ``id`` is the MSISDN.

    Attributes:
        name: how a scenario calls it; empty: nobody named it.
        like: the name of the character whose behaviour fills what is not said here.
        power: whether it is switched on; None: as the character has it.
        network: MCC and MNC; empty: by its digits.
        receipts: what becomes of message parts; empty: as the character has it.
        submission: what sends to it are refused with; None: as the character has it.
        on_sms: what the person does when a message arrives; None: as the character has it.
        waiting: parts that are buffered until it is switched on.
        replied: numbers of the steps of ``on_sms`` that are done once and for all.
        rest: the other facts of a scenario, as they were given.
        character: what the world has under ``like``, filled in by whoever looks the phone up; see
            `handsets.characters.person`.
    """

    name: str = ""
    like: str = ORDINARY
    power: bool | None = None
    network: str = ""
    receipts: tuple[Reaction, ...] = ()
    submission: Trouble | None = None
    on_sms: tuple[SmsStep, ...] | None = None
    waiting: tuple[Waiting, ...] = ()
    replied: tuple[int, ...] = ()
    rest: Mapping[str, Any] = {}
    character: Character = ANYBODY

    def keys(self) -> tuple[str, ...]:
        return (f"name/{self.name}",) if self.name else ()


class Crowd(Struct, frozen=True, gc=False):
    """A range of phones that are not declared one by one.

    Attributes:
        first: the lowest MSISDN, and ``last`` the highest.
        mix: characters and their shares, which add up to 1.
        sticky: each number keeps its character; else it is drawn anew for each message or call.
    """

    name: str
    first: int
    last: int
    mix: tuple[tuple[str, float], ...]
    sticky: bool = True


class Part(Struct, frozen=True, gc=False):
    """One part of a message: what has an id, a price and a receipt of its own.

    Attributes:
        id: the message id on the wire.
        err_code: the reason given with the newest status; "0" is none.
        status_at: when the newest status was reached.
    """

    id: str
    status: PartStatus
    err_code: str
    status_at: int


_FURTHEST = (
    *(PartStatus.SUBMITTED, PartStatus.ACCEPTED, PartStatus.BUFFERED, PartStatus.UNKNOWN, PartStatus.EXPIRED),
    *(PartStatus.REJECTED, PartStatus.FAILED, PartStatus.DELIVERED),
)


class Direction(StrEnum):
    """Seen from the customer's account: to a person, or from one."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


REDACTED = "REDACTED"
"""What the text and the person's number of a redacted message read as. Source: reference sms §15 (B)."""


class Message(Record, frozen=True, kw_only=True, gc=False):
    """One submitted message with its parts. Its ``id`` is that of the first part.

    Attributes:
        owner: the API that made it, by its name in the registry.
        account: internal id of the account that pays.
        sender: the ``from`` of the request, as given.
        to: the recipient's MSISDN.
        text: the text as the recipient sees it.
        price: of one part, in 10^-8 EUR.
        receipt_url: where receipts go, fixed when it was submitted; empty: nowhere.
        extra: what only some types have, such as ``body`` and ``udh`` (hex).
        redacted_at: when its text and the person's number were made unreadable; None: they were not.
        about: what it was sent for, in its owner's words, such as a verification's request id; empty: for itself.
    """

    collection: ClassVar[str] = "messages"

    owner: str
    account: str
    direction: Direction
    sender: str
    to: str
    type: str
    text: str
    parts: tuple[Part, ...]
    network: str
    price: int
    submitted_at: int
    receipt_url: str = ""
    client_ref: str = ""
    account_ref: str = ""
    ttl_ms: int | None = None
    message_class: int | None = None
    extra: Mapping[str, Any] = {}
    redacted_at: int | None = None
    about: str = ""

    @property
    def status(self) -> PartStatus:
        """The status of the whole: that of its parts where they agree, else the one furthest from delivered."""
        if len(self.parts) == 1:
            return self.parts[0].status
        found = {part.status for part in self.parts}
        return next(status for status in _FURTHEST if status in found)

    def keys(self) -> tuple[str, ...]:
        if len(self.parts) == 1:
            return (f"to/{self.to}",)
        return (f"to/{self.to}", *(f"part/{part.id}" for part in self.parts[1:]))


class SeenCode(Record, frozen=True, kw_only=True, gc=False):
    """The newest Verify code that a phone saw or heard; its ``id`` is the phone's MSISDN.

    Attributes:
        code: as it is to be typed.
        about: the verification's request id.
        at: when the phone was told.
    """

    code: str
    about: str
    at: int


class Mischief(Struct, frozen=True, gc=False):
    """What a fault does to a webhook, fixed when the webhook is set. See `Fault` for the words.

    Attributes:
        late: microseconds by which it comes too late.
    """

    fault: str
    repeat: int = 1
    gap: int = 0
    shuffled: bool = False
    late: int = 0
    before_response: bool = False
    signature: str = ""


class Timer(Record, frozen=True, kw_only=True, gc=False):
    """Something that will happen by itself.

    Attributes:
        id: given by the rule when it means to cancel it later; empty: the commit makes one up.
        due_at: when, on the world's clock.
        owner: the API (or ``network``) that carries it out.
        what: which of the owner's timers it is.
        subject: the message, call or request it is about; order is kept per subject.
        k: which part of the subject, and ``step`` which of its steps.
        mischief: what a fault does to the webhook that it leads to.
        deadline: passed by ``advance`` only, never by a clock that jumps by itself.
        idle: it goes along with time: a clock that jumps by itself neither goes on for its sake nor stops at it.
        order: its set order in the world, drawn by the commit; the ordinal of the moment it is judged in.
        depth: how many causes at this very instant led to it.
    """

    id: str = ""
    due_at: int
    owner: str
    what: str
    subject: str
    k: int = 0
    step: int = 0
    mischief: Mischief | None = None
    deadline: bool = False
    idle: bool = False
    order: int = 0
    depth: int = 0


class DeliveryState(StrEnum):
    """Where a webhook stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Attempt(Struct, frozen=True, gc=False):
    """One try to send a webhook.

    Attributes:
        at: on the world's clock.
        url: where it really went, after the world's routes.
        status: the HTTP status of the answer; 0 when there was none.
        error: why there was no answer, in one sentence; empty when there was one.
        took_us: real time it took, in microseconds.
    """

    at: int
    method: str
    url: str
    status: int
    error: str
    took_us: int


class Delivery(Record, frozen=True, kw_only=True, gc=False):
    """A webhook to send: facts and a fixed URL, never bytes. Its owner words and signs it for each attempt.

    Attributes:
        id: made up by the commit.
        kind: one of the owner's webhook kinds, such as ``receipt``.
        about: the id on the wire that it is about, such as a message id.
        subject: what order is kept for.
        method: how it is sent, fixed with the URL.
        facts: what the owner words it from.
        application: internal id of the application that a token of it names; empty: none.
        signature: ``none`` or ``wrong`` by a fault; empty: right.
        fault: the fault that acted on it; empty: none.
        exposed: faults are still to be asked, by the commit that sets it; else its owner has asked them.
        due_at: when the next attempt is due.
        deadline: always false: a clock that jumps by itself jumps to a retry; so is ``idle``.
        order: its set order, as a timer's.
    """

    collection: ClassVar[str] = "webhooks"

    id: str = ""
    kind: str
    owner: str
    account: str
    about: str
    subject: str
    url: str
    method: str
    facts: Mapping[str, Any]
    application: str = ""
    signature: str = ""
    fault: str = ""
    exposed: bool = False
    created_at: int
    due_at: int
    state: DeliveryState = DeliveryState.PENDING
    attempts: tuple[Attempt, ...] = ()
    order: int = 0
    depth: int = 0
    deadline: ClassVar[bool] = False
    idle: ClassVar[bool] = False

    def keys(self) -> tuple[str, ...]:
        return (f"subject/{self.subject}",)

    def subjects(self) -> tuple[str, ...]:
        return ()


class FaultEffect(StrEnum):
    """Whether the operation that a fault acts on happened."""

    NONE = "none"
    APPLIED = "applied"
    TWICE = "twice"


class HttpAnswer(Struct, frozen=True, gc=False):
    """A fault's answer that is no word of the API: a bare HTTP status.

    Attributes:
        retry_after: seconds in a ``Retry-After`` header; None: no such header.
    """

    http: int
    retry_after: int | None = None


class Delay(Struct, frozen=True, gc=False):
    """How long a reply, or a webhook, is held back: fixed, or log-normal by its median and 99th percentile.

    Attributes:
        median: microseconds.
        p99: microseconds; None: always the median.
    """

    median: int
    p99: int | None = None


class Fault(Struct, frozen=True, gc=False):
    """Trouble that a scenario arms: whom it hits, when, and what it does. Source: design §8.

    Attributes:
        target: an operation, a webhook kind or a network; ``*`` stands for the rest of the name.
        first: the first match it acts on, from 1, and ``last`` the last one; None: all from the first on.
        every: it acts on every n-th match; 0: no such rule.
        chance: how likely it acts on a match, drawn from (seed, name, match ordinal).
        account: internal id or API key of the account; patterns ``to``, ``sender`` and ``text``; ``params`` by name.
        answer: a common trouble or a row of the API's refusal table; or a bare HTTP answer; None: the API's own.
        then: ``drop_connection`` or ``truncate``; empty: the reply goes out whole.
        starts: microseconds of the world's clock after it was armed, or ``starts_at`` set by the arming.
        until_at: the instant from which it acts no more; None: until it is disarmed.
        spent: it is disarmed when its calls are spent.
        repeat: how often a webhook is sent in all, ``gap`` microseconds apart.
        shuffled: webhooks go out in a seeded order.
        deliver: ``late`` or ``before_response``; empty: as ever.
        signature: ``none`` or ``wrong``; empty: right.
        receipt: what a network says of every part while it is out.
    """

    name: str
    target: str
    first: int = 1
    last: int | None = None
    every: int = 0
    chance: float = 1.0
    account: str = ""
    to: str = ""
    sender: str = ""
    text: str = ""
    params: Mapping[str, str] = {}
    effect: FaultEffect = FaultEffect.APPLIED
    answer: str | HttpAnswer | None = None
    delay: Delay | None = None
    then: str = ""
    starts_at: int | None = None
    until_at: int | None = None
    spent: bool = False
    repeat: int = 1
    gap: int = 0
    shuffled: bool = False
    deliver: str = ""
    signature: str = ""
    receipt: Reaction | None = None


class ClockMode(StrEnum):
    """How a world's time moves; ``xN`` is ``SCALED``. Source: design, the clock."""

    REAL = "real"
    SCALED = "x"
    MANUAL = "manual"
    AUTO = "auto"


class Clock(Record, frozen=True, kw_only=True, gc=False):
    """A world's clock: an instant of the world anchored to an instant of the wall.

    Attributes:
        rate: world seconds per wall second while it runs.
        at: the world's instant at the anchor.
        wall_at: the wall's instant at the anchor.
        held: who holds it still while it is advanced; empty: nobody.
        start: the instant it was told to start at; None: it was not told.
    """

    id: str = "clock"
    mode: ClockMode
    rate: float
    at: int
    wall_at: int
    held: str = ""
    start: int | None = None


class OwnNetwork(Struct, frozen=True, gc=False):
    """What a world says of a network, over the built-in table or beside it.

    Attributes:
        name: empty: as the table has it; so are ``country``, ISO 3166-1 alpha-2, and ``type``.
        prices: by product, in 10^-8 EUR, as far as the world says.
    """

    name: str = ""
    country: str = ""
    type: str = ""
    prices: Mapping[str, int] = {}


OwnNetworks = Mapping[str, OwnNetwork]
"""What a world says of networks, by MCC and MNC."""


class World(Record, frozen=True, kw_only=True, gc=False):
    """The facts of a world that are its user's to say.

    Attributes:
        settings: those that differ from the defaults of the settings table.
        routes: where webhooks for an origin really go.
        crowds: ranges of phones that are not declared one by one.
        characters: how kinds of people behave, by name; ``magic`` says which numbers have one without being declared.
        networks: what it says of networks, by MCC and MNC.
        faults: armed, in their order: the first that matches and acts, acts.
        drop_after_idle: microseconds of wall time without a request after which the world is dropped; 0: never.
    """

    id: str = "world"
    name: str
    seed: int
    made_at: int
    settings: Mapping[str, Any] = {}
    routes: Mapping[str, str] = {}
    crowds: tuple[Crowd, ...] = ()
    characters: Mapping[str, Character] = {}
    magic: Magic = Magic()
    networks: OwnNetworks = {}
    faults: tuple[Fault, ...] = ()
    drop_after_idle: int = 0


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened and never changes: a line of a world's log."""

    collection: ClassVar[str] = ""

    seq: int = 0
    at: int


class Event(Entry, frozen=True, kw_only=True, gc=False):
    """An event that scenarios and tests can wait for.

    Attributes:
        name: such as ``message.delivered``.
        about: the id on the wire it is about.
        account: internal id of the account concerned.
        number: the MSISDN of the person concerned; empty: none.
        text: what a developer should know of it, in one sentence; empty: the name says it all.
    """

    collection: ClassVar[str] = "events"

    name: str
    about: str
    account: str = ""
    number: str = ""
    text: str = ""


class RequestEntry(Entry, frozen=True, kw_only=True, gc=False):
    """A request that reached an API, with what came of it; secrets never stand here.

    Attributes:
        outcome: the vendor's own code and text of a refusal; empty when it was carried out.
        fault: the fault that acted on it; empty: none.
        about: the id on the wire that it made or read; empty: none.
    """

    collection: ClassVar[str] = "requests"

    operation: str
    method: str
    path: str
    status: int
    account: str = ""
    outcome: str = ""
    fault: str = ""
    about: str = ""
