"""Class `Api`: what an emulated API tells the rest of the house about itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Delivery, Message, Mischief, Number, Timer
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.wording import Worded, Wording
from fake_nexmo.network.carry import Passage
from fake_nexmo.network.weather import Occasion
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call

Endpoint = Callable[[Call], Awaitable[Response]]


class Operation(Struct, frozen=True):
    """One operation of an API and how faithful it is.

    Attributes:
        name: such as ``sms.send``.
        paths: where it is found; ``{name}`` stands for one segment.
        methods: the HTTP verbs it answers.
        mark: the weakest evidence mark that its main behaviour rests on, A to D.
        source: the reference file and sections.
        gaps: what it does not do yet, each in one phrase.
    """

    name: str
    paths: tuple[str, ...]
    methods: tuple[str, ...]
    endpoint: Endpoint
    mark: str
    source: str
    gaps: tuple[str, ...] = ()


class Answered(Struct, frozen=True):
    """What came back on the last attempt of a webhook.

    Attributes:
        status: the HTTP status; 0: there was no answer.
        media: the content type, in lower case and without parameters; empty: none was given.
        error: why there was no answer, in one sentence; empty when there was one.
    """

    status: int
    media: str
    body: bytes
    error: str


class Webhook(Struct, frozen=True):
    """One kind of webhook.

    Attributes:
        word: words and signs one attempt.
        succeeded: whether an HTTP status means that it was received.
        retried: whether another attempt follows after this HTTP status (0: no answer), by profile.
        delay: microseconds until the attempt after the n-th (from 1), by profile; None: given up.
        connect_s: real seconds a connection may take, and ``response_s`` an answer after that.
        take: what its owner makes of the answer once no other attempt follows; None: nobody reads it.
    """

    word: Callable[[Wording], Worded]
    succeeded: Callable[[int], bool]
    retried: Callable[[int, str], bool]
    delay: Callable[[Delivery, int, str], int | None]
    connect_s: float
    response_s: float
    source: str
    take: Callable[[View, Delivery, Answered, Moment], Awaitable[Change]] | None = None


class Errand(Struct, frozen=True):
    """What a timer has to do on a websocket.

    Attributes:
        socket: names it in its world.
        url: the socket is opened first, to this URL; empty: it was opened before.
        headers: of the handshake.
        messages: what is sent, in order; an empty errand asks whether anything came.
        close: it is closed in the end, with this code; 0: it is not.
        wake: the timer that is set, at the instant that it is by then, when something comes later outside an errand;
            its id is its own, so that it is set once.
        connect_s: real seconds that a connection may take, ``response_s`` the answer to the handshake after that, and
            ``patience_s`` the peer to read what it is sent.
        memo: what the owner wants to know again when it takes in what was heard.
    """

    socket: str
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    messages: tuple[str | bytes, ...] = ()
    close: int = 0
    wake: Timer | None = None
    connect_s: float = 1.0
    response_s: float = 5.0
    patience_s: float = 10.0
    memo: Any = None


class Heard(Struct, frozen=True):
    """What came of an errand.

    Attributes:
        messages: what the peer sent, oldest first.
        is_open: the socket is there for further errands.
        failed: why it could not be opened: ``refused`` (webhooks do not go there), ``timeout``, ``connection`` or
            ``protocol``; empty: it was, or it was open before.
        why: in one sentence, why it is not open.
    """

    messages: tuple[str | bytes, ...] = ()
    is_open: bool = False
    failed: str = ""
    why: str = ""


class SocketTimer(Struct, frozen=True):
    """A timer that is carried out on a websocket: its owner plans the errand, and takes in what was heard.

    Attributes:
        plan: what is to be done, by the Unix seconds that signatures go by; None: nothing, and the timer is over.
        take: what follows; committed together with the end of the timer.
    """

    plan: Callable[[View, Timer, Moment, int], Awaitable[Errand | None]]
    take: Callable[[View, Timer, Errand, Heard, Moment], Awaitable[Change]]


class Collection(Struct, frozen=True):
    """A collection of the control API.

    Attributes:
        kind: the records, or lines of the log, that stand in it.
        say: an entry as the control API shows it.
        fields: what it can be filtered by.
    """

    kind: type
    say: Callable[[Any], dict[str, Any]]
    fields: frozenset[str]


class Report(Struct, frozen=True):
    """What the control API tells of a world's records of one kind together.

    Attributes:
        kind: the records.
        make: what they come to.
        say: that as JSON.
        formats: how else it can be told: its media type and its text, by name.
    """

    kind: type
    make: Callable[[Sequence[Any]], Any]
    say: Callable[[Any], dict[str, Any]]
    formats: Mapping[str, tuple[str, Callable[[Any], str]]]


OnInbound = Callable[[Message, Account, Number, Application | None, Moment, Mischief | None], Change]

OnCall = Callable[[str, Number, Account, Application | None, Mapping[str, Any], Moment, str], Outcome[Leg]]

TimerRule = Callable[[View, Timer, Moment], Awaitable[Outcome[Any]]]

OccasionRule = Callable[[View, Timer, Moment], Awaitable[Occasion | None]]


class Api(Struct, frozen=True):
    """An emulated API.

    Attributes:
        name: the first half of its operations' names, and the owner of its records.
        word_refusal: the answer to a `Refusal` that one of its endpoints raised.
        wrong_verb: the answer to a verb that a path of its does not take; most look at no credential.
        timers: how its own timers are carried out.
        sockets: those of its timers that are carried out on websockets.
        occasions: which webhook a timer of its leads to when it is carried out, for faults to act on; None: to none.
        webhooks: the kinds it sends.
        on_message: what it does when a part of a message it owns reached a new status.
        on_leg: what it does when a leg it owns reached a new status; the leg itself is stored by then.
        on_press: what it does when a person pressed keys on a leg it owns, or said something: then there are no digits.
        on_call: what it does when an owned number is called, by profile, and by which leg of this world (empty: by a
            person); the first API that has this gets the calls.
        collections: what it adds to the control API, by name.
        reports: what else it tells the control API of a world, by name.
        troubles: the names of troubles that it can word: rows of its refusal table, and the common ones.
        trouble: the refusal that a trouble asks for.
        on_inbound: what it does when a message arrives at an owned number; the first API that has this gets them.
    """

    name: str
    title: str
    operations: tuple[Operation, ...]
    word_refusal: Callable[[Call, Refusal], Response]
    wrong_verb: Callable[[Call], Response | Awaitable[Response]]
    timers: Mapping[str, TimerRule] = {}
    sockets: Mapping[str, SocketTimer] = {}
    occasions: Mapping[str, OccasionRule] = {}
    webhooks: Mapping[str, Webhook] = {}
    on_message: Callable[[Passage, Account, Moment, Mischief | None], Change] | None = None
    on_inbound: OnInbound | None = None
    on_leg: Callable[[View, Leg, Account, Moment], Awaitable[Change]] | None = None
    on_press: Callable[[View, Leg, str, Account, Moment], Awaitable[Change]] | None = None
    on_call: OnCall | None = None
    collections: Mapping[str, Collection] = {}
    reports: Mapping[str, Report] = {}
    troubles: Mapping[str, object] = {}
    trouble: Callable[[Call, str], Awaitable[Refusal]] | None = None
