"""Class `Api`: what an emulated API tells the rest of the house about itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Delivery, Message, Mischief, Number, Timer
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.wording import Worded, Wording
from fake_nexmo.network.carry import Passage
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


class Webhook(Struct, frozen=True):
    """One kind of webhook.

    Attributes:
        word: words and signs one attempt.
        succeeded: whether an HTTP status means that it was received.
        retried: whether another attempt follows after this HTTP status (0: no answer), by profile.
        delay: microseconds until the attempt after the n-th (from 1), by profile; None: given up.
        connect_s: real seconds a connection may take, and ``response_s`` an answer after that.
    """

    word: Callable[[Wording], Worded]
    succeeded: Callable[[int], bool]
    retried: Callable[[int, str], bool]
    delay: Callable[[Delivery, int, str], int | None]
    connect_s: float
    response_s: float
    source: str


OnInbound = Callable[[Message, Account, Number, Application | None, Moment, Mischief | None], Change]

TimerRule = Callable[[View, Timer, Moment], Awaitable[Outcome[Any]]]


class Api(Struct, frozen=True):
    """An emulated API.

    Attributes:
        name: the first half of its operations' names, and the owner of its records.
        word_refusal: the answer to a `Refusal` that one of its endpoints raised.
        wrong_verb: the answer to a verb that a path of its does not take; no credential is looked at.
        timers: how its own timers are carried out.
        webhooks: the kinds it sends.
        on_message: what it does when a part of a message it owns reached a new status.
        troubles: the names of troubles that it can word: rows of its refusal table, and the common ones.
        trouble: the refusal that a trouble asks for.
        on_inbound: what it does when a message arrives at an owned number; the first API that has this gets them.
    """

    name: str
    title: str
    operations: tuple[Operation, ...]
    word_refusal: Callable[[Call, Refusal], Response]
    wrong_verb: Callable[[Call], Response]
    timers: Mapping[str, TimerRule] = {}
    webhooks: Mapping[str, Webhook] = {}
    on_message: Callable[[Passage, Account, Moment, Mischief | None], Change] | None = None
    on_inbound: OnInbound | None = None
    troubles: Mapping[str, object] = {}
    trouble: Callable[[Call, str], Awaitable[Refusal]] | None = None
