"""The shop's telephone: a menu for whoever calls, or is called back.

Each webhook of the service gets the next part of the call's script, made of the library's own actions. How often the
menu was tried stands in the URL that the next answer goes to, so that nothing is kept between two webhooks but what a
shop wants to know later: what became of calls, and the voicemails.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from vonage import Vonage
from vonage_jwt import VonageVerifyJwtError
from vonage_voice.models import (
    Connect,
    Conversation,
    CreateCallRequest,
    Input,
    NccoAction,
    Phone,
    PhoneEndpoint,
    Record,
    Speech,
    Talk,
    ToPhone,
)
from vonage_voice.models.input_types import Dtmf

WELCOME = "Welcome to Acme Shop."
MENU = "For sales, press 1 or say sales. For your order, press 2 or say order. For the operator, press 0."
SORRY = "Sorry, that was not understood."
GOODBYE = "Goodbye."
CONNECTED = "You will be connected."
NOBODY_FREE = "Nobody is free. Please leave a message after the tone, and press the hash key."
THANKS = "Thank you."
WHICH_ORDER = "Please key in or say the number of your order."
HOLD = "Please hold for the operator."

TRIES = 3
CHOICES = {"1": "sales", "2": "order", "0": "operator"}
NOT_REACHED = frozenset({"busy", "cancelled", "failed", "rejected", "timeout", "unanswered"})
OPERATOR_ROOM = "operator"

Script = list[NccoAction]


@dataclass
class Voicemail:
    """A message for the sales people: who left it, and the file that it is in."""

    phone: str
    file: str


@dataclass
class Telephone:
    """What the shop answers calls with.

    Attributes:
        signature_secret: what webhooks of the service are signed with.
        number: the shop's; ``url`` is where its webhooks go.
        sales: the phone of the sales people; ``operator`` is that of the operator, who calls in.
        folder: for voicemails.
        news: what can be said of an order by its number; None: there is no such order.
        states: what became of each call, by its uuid.
    """

    client: Vonage
    signature_secret: str
    number: str
    url: str
    sales: str
    operator: str
    folder: Path
    news: Callable[[str], str | None]
    states: dict[str, list[str]] = field(default_factory=dict)
    voicemails: list[Voicemail] = field(default_factory=list)

    def welcome(self, caller: str) -> Script:
        """What is heard first; the operator goes to where the others wait."""
        if caller == self.operator:
            return [Conversation(name=OPERATOR_ROOM, startOnEnter=True, endOnExit=True)]
        return [Talk(text=WELCOME), *self.menu()]

    def customer(self, call: dict[str, Any]) -> str:
        """The one of the two ends of a call that is not the shop."""
        return str(call["to"] if call["from"] == self.number else call["from"])

    def menu(self, tried: int = 0) -> Script:
        """The menu, which may be interrupted; after three times it is enough."""
        return self.question(MENU, "/menu", tried, Dtmf(maxDigits=1, timeOut=5), list(CHOICES.values()))

    def which_order(self, tried: int = 0) -> Script:
        """The question for the number of an order."""
        return self.question(WHICH_ORDER, "/order-status", tried, Dtmf(maxDigits=4, submitOnHash=True), ["order"])

    def question(self, text: str, path: str, tried: int, keys: Dtmf, words: list[str]) -> Script:
        """A question that is answered by keys or words; after three times it is enough."""
        if tried == TRIES:
            return [Talk(text=GOODBYE)]
        return [
            Talk(text=text, bargeIn=True),
            Input(
                type=["dtmf", "speech"],
                dtmf=keys,
                speech=Speech(context=words, startTimeout=5, endOnSilence=1),
                eventUrl=[f"{self.url}{path}?tried={tried + 1}"],
            ),
        ]

    def connect(self, caller: str) -> Script:
        """Ring the sales people; when they cannot be reached, `voicemail` is what comes instead."""
        return [
            Talk(text=CONNECTED),
            Connect(
                endpoint=[PhoneEndpoint(number=self.sales)],
                from_=self.number,
                timeout=20,
                eventType="synchronous",
                eventUrl=[f"{self.url}/sales?caller={caller}"],
            ),
        ]

    def voicemail(self, caller: str) -> Script:
        """Record a message, until nothing is heard or the hash key is pressed."""
        told = f"{self.url}/voicemail?caller={caller}"
        record = Record(beepStart=True, endOnSilence=3, endOnKey="#", timeOut=60, eventUrl=[told])
        return [Talk(text=NOBODY_FREE), record, Talk(text=THANKS)]

    async def keep(self, recording: dict[str, Any]) -> None:
        """Fetch a recording, which the application's own token opens."""
        file = self.folder / f"{recording['recording_uuid']}.mp3"
        await run_in_threadpool(self.client.voice.download_recording, recording["recording_url"], str(file))
        self.voicemails.append(Voicemail(recording["caller"], file.name))

    async def call(self, phone: str) -> None:
        """Call somebody back; the call is answered as if they had called."""
        wanted = CreateCallRequest(
            to=[ToPhone(number=phone)],
            from_=Phone(number=self.number),
            answer_url=[f"{self.url}/answer"],
            event_url=[f"{self.url}/event"],
        )
        await run_in_threadpool(self.client.voice.create_call, wanted)


def telephone_of(request: Request) -> Telephone:
    """The shop's telephone."""
    telephone: Telephone = request.app.state.telephone
    return telephone


def pressed_or_said(event: dict[str, Any]) -> str:
    """The keys that were pressed, or else what was most likely said; empty: nothing."""
    results = event["speech"].get("results") or [{"text": ""}]
    return str(event["dtmf"]["digits"] or results[0]["text"])


# What the service asks, and tells.

Handler = Callable[[Telephone, dict[str, Any]], Awaitable[Script]]


def webhook(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    """An endpoint for webhooks of the voice API, which the service has signed; its answer is the call's next script."""

    @wraps(handler)
    async def endpoint(request: Request) -> JSONResponse:
        telephone = telephone_of(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            genuine = telephone.client.voice.verify_signature(token, telephone.signature_secret)
        except VonageVerifyJwtError:
            genuine = False
        if not genuine:
            return JSONResponse({}, 401)
        said = await request.json() if request.method == "POST" else {}
        script = await handler(telephone, dict(request.query_params) | said)
        return JSONResponse([action.model_dump(by_alias=True, exclude_none=True) for action in script])

    return endpoint


@webhook
async def answer(telephone: Telephone, call: dict[str, Any]) -> Script:
    """Somebody calls, or has answered when they were called back."""
    return telephone.welcome(call["from"])


@webhook
async def take_choice(telephone: Telephone, event: dict[str, Any]) -> Script:
    """A choice from the menu; silence is answered by the menu, and what makes no sense by an apology too."""
    said = pressed_or_said(event)
    match CHOICES.get(said, said.lower()):
        case "sales":
            return telephone.connect(telephone.customer(event))
        case "order":
            return telephone.which_order()
        case "operator":
            return [Talk(text=HOLD), Conversation(name=OPERATOR_ROOM, startOnEnter=False)]
    return [*([Talk(text=SORRY)] if said else []), *telephone.menu(int(event["tried"]))]


@webhook
async def tell_status(telephone: Telephone, event: dict[str, Any]) -> Script:
    """The number of an order: how it stands."""
    found = re.search(r"\d+", pressed_or_said(event))
    news = telephone.news(f"A{found[0]}") if found else None
    if news is None:
        return [Talk(text=SORRY), *telephone.which_order(int(event["tried"]))]
    return [Talk(text=news), Talk(text=GOODBYE)]


@webhook
async def take_sales_event(telephone: Telephone, event: dict[str, Any]) -> Script:
    """How the sales people's phone rings."""
    return telephone.voicemail(event["caller"]) if event["status"] in NOT_REACHED else []


@webhook
async def take_voicemail(telephone: Telephone, event: dict[str, Any]) -> Script:
    """A message was recorded."""
    await telephone.keep(event)
    return []


@webhook
async def take_event(telephone: Telephone, event: dict[str, Any]) -> Script:
    """What happened to a call."""
    if "status" in event:
        telephone.states.setdefault(event["uuid"], []).append(event["status"])
    return []


# What customers and sales people ask.


async def call_back(request: Request) -> JSONResponse:
    """``POST /customers/{phone}/call``: the shop calls."""
    await telephone_of(request).call(request.path_params["phone"])
    return JSONResponse({}, 202)


async def read_calls(request: Request) -> JSONResponse:
    """``GET /calls``: what became of each, in the order of the events."""
    return JSONResponse(list(telephone_of(request).states.values()))


async def read_voicemails(request: Request) -> JSONResponse:
    """``GET /voicemails``."""
    return JSONResponse([asdict(each) for each in telephone_of(request).voicemails])


routes = [
    Route("/answer", answer),
    Route("/menu", take_choice, methods=["POST"]),
    Route("/order-status", tell_status, methods=["POST"]),
    Route("/sales", take_sales_event, methods=["POST"]),
    Route("/voicemail", take_voicemail, methods=["POST"]),
    Route("/event", take_event, methods=["POST"]),
    Route("/customers/{phone}/call", call_back, methods=["POST"]),
    Route("/calls", read_calls),
    Route("/voicemails", read_voicemails),
]
