"""Parcels on Flask, which calls the service with ``requests``.

People log in with a code, are told by SMS that their parcel is there, may answer STOP, and hear on the phone where it
is. The app takes its credentials from the environment, as it would for the real service. Its tests:
``cd examples/flask_app && python -m pytest``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Blueprint, Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from fake_nexmo_client import WebhookError, webhooks

SMS = "https://rest.nexmo.com/sms/json"
VERIFY = "https://api.nexmo.com/verify"
SITE = "https://shop.test"
NUMBER = "447700900000"
WRONG = "16"
"""The status of a code that is not the one, while there is another try."""
FINAL = frozenset({"delivered", "expired", "failed", "rejected"})
MENU = [
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


pages = Blueprint("pages", __name__)


def create_app() -> Flask:
    """The app, which knows nobody yet."""
    app = Flask(__name__)
    app.extensions["shop"] = Shop()
    app.register_blueprint(pages)
    return app


def shop() -> Shop:
    """What the app knows."""
    known: Shop = current_app.extensions["shop"]
    return known


def ask(url: str, **params: str) -> dict[str, Any]:
    """Ask the service."""
    who = {"api_key": os.environ["NEXMO_API_KEY"], "api_secret": os.environ["NEXMO_API_SECRET"]}
    answer: dict[str, Any] = requests.post(url, data={**who, **params}, timeout=10).json()
    return answer


@pages.post("/login")
def begin() -> ResponseReturnValue:
    """A code goes to ``phone``."""
    phone = request.form["phone"]
    started = ask(f"{VERIFY}/json", number=phone, brand="Acme")
    if started["status"] != "0":
        return {"error": started["error_text"]}, 409
    shop().logins[phone] = started["request_id"]
    return {}, 202


@pages.post("/login/code")
def hand_in() -> ResponseReturnValue:
    """200 for the right ``code``, 422: try again, 410: begin again."""
    form = request.form
    checked = ask(f"{VERIFY}/check/json", request_id=shop().logins[form["phone"]], code=form["code"])
    return {}, {"0": 200, WRONG: 422}.get(checked["status"], 410)


@pages.post("/parcels")
def announce() -> ResponseReturnValue:
    """Tell ``phone`` that a parcel is there, unless nobody wants to hear it."""
    parcel = Parcel(request.form["phone"])
    number = f"P{len(shop().parcels) + 1}"
    shop().parcels[number] = parcel
    if parcel.phone in shop().stopped:
        return {"number": number}, 201
    params = {"from": NUMBER, "to": parcel.phone, "text": f"Your parcel {number} is here.", "client-ref": number}
    (message,) = ask(SMS, callback=f"{SITE}/receipts", **params)["messages"]
    if message["status"] != "0":
        return {"error": message["error-text"]}, 502
    return {"number": number}, 201


@pages.get("/parcels/<number>")
def read(number: str) -> ResponseReturnValue:
    """A parcel."""
    return jsonify(shop().parcels[number])


# What the service tells.


@pages.get("/receipts")
def take_receipt() -> ResponseReturnValue:
    """What became of an SMS; a receipt that comes after the final one changes nothing."""
    params = genuine_sms()
    parcel = shop().parcels[params["client-ref"]]
    if parcel.news not in FINAL:
        parcel.news = params["status"]
    return "", 204


@pages.get("/inbound")
def take_sms() -> ResponseReturnValue:
    """What somebody wrote."""
    params = genuine_sms()
    if params["keyword"] == "STOP":
        shop().stopped.add(params["msisdn"])
    return "", 204


@pages.get("/answer")
def answer() -> ResponseReturnValue:
    """What a caller hears first."""
    webhooks.check_token(request.headers.get("Authorization", ""), secret(), query=request.query_string.decode())
    return jsonify(MENU)


@pages.post("/event")
def take_event() -> ResponseReturnValue:
    """A key that a caller pressed is answered; what else happens to a call is of no interest."""
    webhooks.check_token(request.headers.get("Authorization", ""), secret(), body=request.get_data())
    event = request.get_json()
    if "dtmf" not in event:
        return "", 204
    if event["dtmf"]["digits"] != "1":
        return jsonify(MENU)
    theirs = [number for number, each in shop().parcels.items() if each.phone == event["from"]]
    told = f"Your parcel {theirs[-1]} is ready." if theirs else "There is no parcel for you."
    return jsonify([{"action": "talk", "text": told}])


def genuine_sms() -> dict[str, str]:
    """The parameters of a webhook that the account's secret signed."""
    params = request.args.to_dict()
    webhooks.check_sms_signature(params, secret())
    return params


def secret() -> str:
    """What webhooks are signed with."""
    return os.environ["NEXMO_SIGNATURE_SECRET"]


@pages.errorhandler(WebhookError)
def refuse(_: WebhookError) -> ResponseReturnValue:
    """Nobody else can sign a webhook."""
    return "", 401
