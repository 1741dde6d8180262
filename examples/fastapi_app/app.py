"""Parcels on FastAPI, which calls the service with ``httpx`` and awaits it.

People log in with a code, are told by SMS that their parcel is there, may answer STOP, and hear on the phone where it
is. The app takes its credentials from the environment, as it would for the real service. Its tests:
``cd examples/fastapi_app && python -m pytest``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends, FastAPI, Form, HTTPException, Request, Response

from fake_nexmo_client import WebhookError, webhooks

SMS = "https://rest.nexmo.com/sms/json"
VERIFY = "https://api.nexmo.com/verify"
SITE = "https://shop.test"
NUMBER = "447700900000"
WRONG = "16"
"""The status of a code that is not the one, while there is another try."""
FINAL = frozenset({"delivered", "expired", "failed", "rejected"})
MENU: list[dict[str, Any]] = [
    {"action": "talk", "text": "Welcome to Acme. Press 1 to hear where your parcel is.", "bargeIn": True},
    {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}},
]


@dataclass
class Parcel:
    """A parcel, and what became of the SMS about it."""

    phone: str
    news: str = "untold"


@dataclass
class Shop:
    """What the app knows: requests of Verify by phone, parcels by their number, and who wants no SMS."""

    logins: dict[str, str] = field(default_factory=dict)
    parcels: dict[str, Parcel] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)


pages = APIRouter()


def create_app() -> FastAPI:
    """The app, which knows nobody yet."""
    app = FastAPI()
    app.state.shop = Shop()
    app.include_router(pages)
    return app


async def shop_of(request: Request) -> Shop:
    """What the app knows."""
    shop: Shop = request.app.state.shop
    return shop


async def signed_sms(request: Request) -> dict[str, str]:
    """The parameters of an SMS webhook that the account's secret signed; nobody else can."""
    params = dict(request.query_params)
    try:
        webhooks.check_sms_signature(params, os.environ["NEXMO_SIGNATURE_SECRET"])
    except WebhookError as error:
        raise HTTPException(401) from error
    return params


async def signed_call(request: Request) -> dict[str, Any]:
    """The parameters of a voice webhook that the account's secret signed."""
    body, query = await request.body(), request.url.query
    token = request.headers.get("Authorization", "")
    try:
        webhooks.check_token(token, os.environ["NEXMO_SIGNATURE_SECRET"], body=body, query=query)
    except WebhookError as error:
        raise HTTPException(401) from error
    return webhooks.read_params(query=query, body=body)


Known = Annotated[Shop, Depends(shop_of)]
Field = Annotated[str, Form()]
SignedSms = Annotated[dict[str, str], Depends(signed_sms)]
SignedCall = Annotated[dict[str, Any], Depends(signed_call)]


async def ask(url: str, **params: str) -> dict[str, Any]:
    """Ask the service."""
    who = {"api_key": os.environ["NEXMO_API_KEY"], "api_secret": os.environ["NEXMO_API_SECRET"]}
    async with httpx.AsyncClient() as client:
        answer: dict[str, Any] = (await client.post(url, data={**who, **params})).json()
    return answer


@pages.post("/login", status_code=202)
async def begin(shop: Known, phone: Field) -> None:
    """A code goes to ``phone``."""
    started = await ask(f"{VERIFY}/json", number=phone, brand="Acme")
    if started["status"] != "0":
        raise HTTPException(409, started["error_text"])
    shop.logins[phone] = started["request_id"]


@pages.post("/login/code")
async def hand_in(shop: Known, phone: Field, code: Field) -> None:
    """200 for the right ``code``, 422: try again, 410: begin again."""
    checked = await ask(f"{VERIFY}/check/json", request_id=shop.logins[phone], code=code)
    if checked["status"] != "0":
        raise HTTPException(422 if checked["status"] == WRONG else 410)


@pages.post("/parcels", status_code=201)
async def announce(shop: Known, phone: Field) -> str:
    """Tell ``phone`` that a parcel is there, unless nobody wants to hear it; the parcel's number."""
    number = f"P{len(shop.parcels) + 1}"
    shop.parcels[number] = Parcel(phone)
    if phone not in shop.stopped:
        params = {"from": NUMBER, "to": phone, "text": f"Your parcel {number} is here.", "client-ref": number}
        (message,) = (await ask(SMS, callback=f"{SITE}/receipts", **params))["messages"]
        if message["status"] != "0":
            raise HTTPException(502, message["error-text"])
    return number


@pages.get("/parcels/{number}")
async def read(shop: Known, number: str) -> Parcel:
    """A parcel."""
    return shop.parcels[number]


# What the service tells.


@pages.get("/receipts", status_code=204)
async def take_receipt(shop: Known, params: SignedSms) -> None:
    """What became of an SMS; a receipt that comes after the final one changes nothing."""
    parcel = shop.parcels[params["client-ref"]]
    if parcel.news not in FINAL:
        parcel.news = params["status"]


@pages.get("/inbound", status_code=204)
async def take_sms(shop: Known, params: SignedSms) -> None:
    """What somebody wrote."""
    if params["keyword"] == "STOP":
        shop.stopped.add(params["msisdn"])


@pages.get("/answer")
async def answer(_: SignedCall) -> list[dict[str, Any]]:
    """What a caller hears first."""
    return MENU


@pages.post("/event", response_model=None)
async def take_event(shop: Known, event: SignedCall) -> list[dict[str, Any]] | Response:
    """A key that a caller pressed is answered; what else happens to a call is of no interest."""
    if "dtmf" not in event:
        return Response(status_code=204)
    if event["dtmf"]["digits"] != "1":
        return MENU
    theirs = [number for number, each in shop.parcels.items() if each.phone == event["from"]]
    told = f"Your parcel {theirs[-1]} is ready." if theirs else "There is no parcel for you."
    return [{"action": "talk", "text": told}]
