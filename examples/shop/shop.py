"""A small shop that knows its customers by their phones, confirms orders by SMS, and minds what is written back.

Whoever calls it hears a menu: `ivr`. It is an ordinary user of the official library ``vonage``: nothing in it knows
where the service really is. It forgets everything when it ends.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import ivr
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from vonage import Auth, Vonage
from vonage_sms import SmsMessage
from vonage_sms.errors import SmsError
from vonage_verify_legacy import VerifyError, VerifyRequest

BRAND = "Acme Shop"
HELP = "Acme Shop: we confirm your orders here. Write STOP to end that, START to begin again."
OFFER = "Our offer of the week: socks."
THROTTLED = "1"
WRONG_CODE = "16"
TOO_MANY_WRONG_CODES = "17"
"""Statuses of the service's answers."""
SPOKEN = 3
"""The workflow of a verification whose code is spoken in calls, never written."""
SIGNED_BY = "sha256"
"""The method that the account's settings name for signatures of SMS webhooks."""
PAUSES_S = (0.05, 0.1, 0.2, 0.4)
"""How long to wait before each new attempt when the service says that we are too fast."""

_STATUS = re.compile(r"error code (\d+):|'status': '(\d+)'")


@dataclass
class Customer:
    """Somebody with a phone.

    Attributes:
        state: ``pending``, ``verified``, ``failed`` or ``cancelled``.
        request_id: the verification that is under way, or was.
        wants_sms: false once they wrote STOP.
    """

    phone: str
    state: str = "pending"
    request_id: str = ""
    wants_sms: bool = True
    wrote: list[str] = field(default_factory=list)


@dataclass
class Order:
    """Something that was bought.

    Attributes:
        code: whoever knows it gets what was ordered.
        attempts: how often its confirmation was handed to the service.
        receipts: what became of the confirmation, as it was reported.
    """

    number: str
    phone: str
    item: str
    code: str
    message_id: str = ""
    attempts: int = 0
    receipts: list[str] = field(default_factory=list)


class Shop:
    """Customers, orders, and the client of the service.

    Attributes:
        signatures: knows which webhooks are the service's.
        sender: the shop's number; ``url`` is where its webhooks go.
    """

    def __init__(self, client: Vonage, signatures: Auth, sender: str, url: str) -> None:
        self.client = client
        self.signatures = signatures
        self.sender = sender
        self.url = url
        self.customers: dict[str, Customer] = {}
        self.orders: dict[str, Order] = {}

    async def verify(self, call: Callable[..., Any], *args: Any) -> tuple[str, Any]:
        """Call the Verify API: the status of its answer, and the answer if it is a yes."""
        try:
            return "0", await run_in_threadpool(call, *args)
        except VerifyError as error:
            return status_of(error), None

    async def text(self, order: Order, text: str) -> None:
        """Send the confirmation of an order, more slowly when the service says that we are too fast.

        Raises:
            SmsError: it was refused otherwise, or once too often.
        """
        message = SmsMessage(
            to=order.phone,
            from_=self.sender,
            text=text,
            client_ref=order.number,
            callback=f"{self.url}/dlr",
        )
        while True:
            order.attempts += 1
            try:
                sent = await run_in_threadpool(self.client.sms.send, message)
            except SmsError as error:
                if status_of(error) != THROTTLED or order.attempts > len(PAUSES_S):
                    raise
                await asyncio.sleep(PAUSES_S[order.attempts - 1])
            else:
                order.message_id = sent.messages[0].message_id
                return

    def news(self, number: str) -> str | None:
        """What there is to say of an order; None: there is no such order."""
        order = self.orders.get(number)
        return f"Order {number}, {order.item}, is ready." if order else None


def status_of(error: Exception) -> str:
    """The status that the library put into the text of its error."""
    found = _STATUS.search(str(error))
    return (found[1] or found[2]) if found else ""


def shop_of(request: Request) -> Shop:
    """The shop."""
    shop: Shop = request.app.state.shop
    return shop


async def params_of(request: Request) -> dict[str, str]:
    """What a form or a webhook says, in its query or in its body."""
    if request.headers.get("Content-Type") == "application/json":
        said: dict[str, str] = await request.json()
    else:
        said = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    return dict(request.query_params) | said


async def genuine_params_of(request: Request) -> dict[str, str]:
    """The same of an SMS webhook, which nobody but the service can sign."""
    params = await params_of(request)
    if not shop_of(request).signatures.check_signature(params):
        raise HTTPException(401)
    return params


def answer(status: int, **said: Any) -> JSONResponse:
    """What the shop answers."""
    return JSONResponse(said, status)


# Logging in.


async def log_in(request: Request) -> JSONResponse:
    """``POST /login`` with ``phone``: a code is sent to it; with ``by=call`` it is spoken."""
    shop, params = shop_of(request), await params_of(request)
    phone = params["phone"]
    wanted = VerifyRequest(number=phone, brand=BRAND, workflow_id=SPOKEN if params.get("by") == "call" else None)
    status, started = await shop.verify(shop.client.verify_legacy.start_verification, wanted)
    if status != "0":
        return answer(409, error="We cannot send you a code now.", reason=status)
    customer = shop.customers.setdefault(phone, Customer(phone))
    customer.state, customer.request_id = "pending", started.request_id
    return answer(201, **asdict(customer))


async def hand_in_code(request: Request) -> JSONResponse:
    """``POST /login/otp`` with ``phone`` and ``code``: the right one makes a customer."""
    shop, params = shop_of(request), await params_of(request)
    customer = shop.customers[params["phone"]]
    check = shop.client.verify_legacy.check_code
    status, _ = await shop.verify(check, customer.request_id, params["code"])
    if status == "0":
        customer.state = "verified"
        return answer(200, **asdict(customer))
    if status == WRONG_CODE:
        return answer(422, error="That was not the code; look again.")
    if status == TOO_MANY_WRONG_CODES:
        customer.state = "failed"
        return answer(422, error="That was not the code; please log in again.")
    return answer(410, error="That code is not valid any more.")


async def send_again(request: Request) -> JSONResponse:
    """``POST /login/again`` with ``phone``: the code comes once more, in the next way there is."""
    shop, params = shop_of(request), await params_of(request)
    customer = shop.customers[params["phone"]]
    status, _ = await shop.verify(shop.client.verify_legacy.trigger_next_event, customer.request_id)
    return answer(202) if status == "0" else answer(409, error="There is no other way to reach you.")


async def cancel(request: Request) -> JSONResponse:
    """``POST /login/cancel`` with ``phone``: no code is sent any more."""
    shop, params = shop_of(request), await params_of(request)
    customer = shop.customers[params["phone"]]
    status, _ = await shop.verify(shop.client.verify_legacy.cancel_verification, customer.request_id)
    if status != "0":
        return answer(409, error="It is too early, or too late, for that.")
    customer.state = "cancelled"
    return answer(200, **asdict(customer))


async def read_customer(request: Request) -> JSONResponse:
    """``GET /customers/{phone}``."""
    return answer(200, **asdict(shop_of(request).customers[request.path_params["phone"]]))


# Ordering.


async def buy(request: Request) -> JSONResponse:
    """``POST /orders`` with ``phone`` and ``item``: confirmed by SMS, unless the customer does not want that."""
    shop, params = shop_of(request), await params_of(request)
    order = Order(f"A{len(shop.orders) + 1}", params["phone"], params["item"], f"{secrets.randbelow(10_000):04}")
    shop.orders[order.number] = order
    customer = shop.customers.setdefault(order.phone, Customer(order.phone))
    if customer.wants_sms:
        try:
            await shop.text(order, f"Order {order.number}: {order.item} is ready; your code: {order.code}. {OFFER}")
        except SmsError as error:
            return answer(201, **asdict(order), error=str(error))
    return answer(201, **asdict(order))


async def read_order(request: Request) -> JSONResponse:
    """``GET /orders/{number}``."""
    return answer(200, **asdict(shop_of(request).orders[request.path_params["number"]]))


# What the service tells us.


async def take_receipt(request: Request) -> JSONResponse:
    """What became of a confirmation; it may come before the service has answered us, so its reference counts."""
    params = await genuine_params_of(request)
    order = shop_of(request).orders.get(params.get("client-ref", ""))
    if order is not None:
        order.receipts.append(params["status"])
    return answer(200)


async def take_sms(request: Request) -> JSONResponse:
    """What a customer wrote to us."""
    shop, params = shop_of(request), await genuine_params_of(request)
    phone = params["msisdn"]
    customer = shop.customers.setdefault(phone, Customer(phone))
    customer.wrote.append(params["text"])
    keyword = params.get("keyword", "")
    if keyword in {"STOP", "START", "JOIN"}:
        customer.wants_sms = keyword != "STOP"
    if keyword == "HELP":
        reply = SmsMessage(to=phone, from_=shop.sender, text=HELP)
        await run_in_threadpool(shop.client.sms.send, reply)
    return answer(200)


@asynccontextmanager
async def opened(app: Starlette) -> AsyncIterator[None]:
    """Open the shop, with what its environment says."""
    env = os.environ
    key, signature_secret = env["VONAGE_API_KEY"], env["VONAGE_SIGNATURE_SECRET"]
    client = Vonage(
        Auth(
            api_key=key,
            api_secret=env["VONAGE_API_SECRET"],
            application_id=env["VONAGE_APPLICATION_ID"],
            private_key=env["VONAGE_PRIVATE_KEY"],
        )
    )
    # Apart from the client: with a signature secret the library would sign what it sends, too.
    signatures = Auth(api_key=key, signature_secret=signature_secret, signature_method=SIGNED_BY)
    app.state.shop = Shop(client, signatures, env["SHOP_NUMBER"], env["SHOP_URL"])
    app.state.telephone = ivr.Telephone(
        client=client,
        signature_secret=signature_secret,
        number=env["SHOP_NUMBER"],
        url=env["SHOP_URL"],
        sales=env["SHOP_SALES"],
        operator=env["SHOP_OPERATOR"],
        folder=Path(env["SHOP_VOICEMAILS"]),
        news=app.state.shop.news,
    )
    yield


app = Starlette(
    lifespan=opened,
    routes=[
        Route("/login", log_in, methods=["POST"]),
        Route("/login/otp", hand_in_code, methods=["POST"]),
        Route("/login/again", send_again, methods=["POST"]),
        Route("/login/cancel", cancel, methods=["POST"]),
        Route("/customers/{phone}", read_customer),
        Route("/orders", buy, methods=["POST"]),
        Route("/orders/{number}", read_order),
        Route("/dlr", take_receipt, methods=["GET", "POST"]),
        Route("/in", take_sms, methods=["GET", "POST"]),
        *ivr.routes,
    ],
)
