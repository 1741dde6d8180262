"""Parcels that are announced by SMS: a plain WSGI app, which sends with ``requests``.

A Flask or Django app differs in how routes are written, and in nothing that matters here. It takes its credentials from
the environment, as it would for the real service. Its tests: ``cd examples/wsgi_app && python -m pytest``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import requests

from fake_nexmo_client import WebhookError, webhooks

URL = "https://rest.nexmo.com/sms/json"
RECEIPTS = "https://shop.test/receipts"
FINAL = frozenset({"delivered", "expired", "failed", "rejected"})


class Parcels:
    """The app: ``POST /parcels`` announces one, ``GET /parcels`` lists all, ``GET /receipts`` is for the service.

    Attributes:
        states: what became of each announcement, by its message id.
    """

    def __init__(self) -> None:
        self.states: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        params = webhooks.read_params(
            query=environ["QUERY_STRING"], body=body, content_type=environ.get("CONTENT_TYPE", "")
        )
        routes = {
            ("POST", "/parcels"): self.announce,
            ("GET", "/parcels"): self.read,
            ("GET", "/receipts"): self.take_receipt,
        }
        route = routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        status, said = route(params) if route else ("404 Not Found", {})
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(said).encode()]

    def announce(self, params: dict[str, str]) -> tuple[str, Any]:
        """Tell somebody that their parcel is there."""
        form = {
            "api_key": os.environ["NEXMO_API_KEY"],
            "api_secret": os.environ["NEXMO_API_SECRET"],
            "from": "Acme",
            "to": params["phone"],
            "text": "Your parcel is here.",
            "callback": RECEIPTS,
        }
        (message,) = requests.post(URL, data=form, timeout=10).json()["messages"]
        if message["status"] != "0":
            return "502 Bad Gateway", {"error": message["error-text"]}
        # The receipt may have come first.
        state = self.states.setdefault(message["message-id"], "sent")
        return "201 Created", {"id": message["message-id"], "state": state}

    def read(self, _: dict[str, str]) -> tuple[str, Any]:
        """What became of all of them."""
        return "200 OK", self.states

    def take_receipt(self, params: dict[str, str]) -> tuple[str, Any]:
        """Believe a receipt that is signed; one that comes after the final one changes nothing."""
        try:
            webhooks.check_sms_signature(params, os.environ["NEXMO_SIGNATURE_SECRET"])
        except WebhookError:
            return "401 Unauthorized", {}
        if self.states.get(params["messageId"]) not in FINAL:
            self.states[params["messageId"]] = params["status"]
        return "200 OK", {}


app = Parcels()
