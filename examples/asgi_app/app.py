"""Logging in with a code: an ASGI app on Starlette, which calls Verify with ``httpx``.

A FastAPI app is the same with other words. It takes its credentials from the environment, as it would for the real
service. Its tests: ``cd examples/asgi_app && python -m pytest``.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

URL = "https://api.nexmo.com/verify"
WRONG = "16"
"""The status of a code that is not the one, while there is another try."""


async def ask(path: str, **params: str) -> dict[str, Any]:
    """Ask the service."""
    who = {"api_key": os.environ["NEXMO_API_KEY"], "api_secret": os.environ["NEXMO_API_SECRET"]}
    async with httpx.AsyncClient() as client:
        answer: dict[str, Any] = (await client.post(f"{URL}{path}", data={**who, **params})).json()
    return answer


async def form_of(request: Request) -> dict[str, str]:
    """The form that was sent."""
    return dict(parse_qsl((await request.body()).decode()))


async def begin(request: Request) -> JSONResponse:
    """``POST /login`` with ``phone``: a code goes there."""
    phone = (await form_of(request))["phone"]
    started = await ask("/json", number=phone, brand="Acme")
    if started["status"] != "0":
        return JSONResponse({"error": started["error_text"]}, 409)
    request.app.state.running[phone] = started["request_id"]
    return JSONResponse({}, 202)


async def hand_in(request: Request) -> JSONResponse:
    """``POST /login/code`` with ``phone`` and ``code``: 200 for the right one, 422: try again, 410: begin again."""
    form = await form_of(request)
    checked = await ask("/check/json", request_id=request.app.state.running[form["phone"]], code=form["code"])
    status = {"0": 200, WRONG: 422}.get(checked["status"], 410)
    return JSONResponse({}, status)


def make_app() -> Starlette:
    """The app, with nobody who is logging in."""
    routes = [Route("/login", begin, methods=["POST"]), Route("/login/code", hand_in, methods=["POST"])]
    made = Starlette(routes=routes)
    made.state.running = {}
    return made


app = make_app()
