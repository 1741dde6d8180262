"""The table of the control API's calls, and the ASGI app and OpenAPI document that are made from it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from difflib import SequenceMatcher
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from fake_nexmo import __version__
from fake_nexmo.control import acts, call_acts, reports, routes, scenarios, words
from fake_nexmo.control.base import Control, Problem
from fake_nexmo.control.guard import Guard
from fake_nexmo.core.change import StaleEpoch
from fake_nexmo.engine.acts import CannotAct
from fake_nexmo.engine.runner import Stopping
from fake_nexmo.scenario.faults import FaultFacts
from fake_nexmo.scenario.model import AccountFacts, ApplicationFacts, NumberFacts
from fake_nexmo.scenario.people import HandsetFacts
from fake_nexmo.store.protocol import NoSuchWorld
from fake_nexmo.web.replies import bug, json_reply, problem

log = logging.getLogger(__name__)

Endpoint = Callable[[Control, Request], Awaitable[Response]]


class Entry(Struct, frozen=True):
    """One call of the control API.

    Attributes:
        path: below ``/_fake``, in Starlette's form.
        body: the type of the request's body; None: there is none.
        status: the HTTP status of success.
    """

    method: str
    path: str
    endpoint: Endpoint
    body: Any = None
    status: int = 200


_W = "/worlds/{w}"


async def _openapi(control: Control, _: Request) -> Response:
    """The OpenAPI document of this interface."""
    return json_reply(200, openapi(sorted(words.collections(control.engine.registry))))


async def _index(_: Control, __: Request) -> Response:
    """Every call of this interface."""
    calls = [f"{entry.method} /_fake{entry.path.replace('{collection:collection}', '{collection}')}" for entry in CALLS]
    return json_reply(200, {"fake-nexmo": __version__, "openapi": "/_fake/openapi.json", "calls": calls})


CALLS: tuple[Entry, ...] = (
    Entry("GET", "", _index),
    Entry("GET", "/openapi.json", _openapi),
    Entry("GET", "/health", routes.health),
    Entry("GET", "/ca.pem", routes.ca_pem),
    Entry("GET", "/fidelity", routes.fidelity),
    Entry("GET", "/lost-and-found", routes.lost_and_found),
    Entry("POST", "/worlds", routes.create_world, routes.NewWorld, 201),
    Entry("GET", _W, routes.read_world),
    Entry("DELETE", _W, routes.delete_world, status=204),
    Entry("POST", _W + "/reset", routes.reset_world),
    Entry("POST", _W + "/snapshot", routes.snapshot_world, status=201),
    Entry("POST", _W + "/restore", routes.restore_world, routes.SnapshotName),
    Entry("POST", _W + "/fork", routes.fork, routes.Fork, 201),
    Entry("GET", _W + "/settings", routes.read_settings),
    Entry("PATCH", _W + "/settings", routes.patch_settings, dict),
    Entry("GET", _W + "/accounts/{api_key}", routes.read_account),
    Entry("PATCH", _W + "/accounts/{api_key}", routes.patch_account, AccountFacts),
    Entry("GET", _W + "/numbers/{msisdn}", routes.read_number),
    Entry("PATCH", _W + "/numbers/{msisdn}", routes.patch_number, NumberFacts),
    Entry("GET", _W + "/applications/{id}", routes.read_application),
    Entry("PATCH", _W + "/applications/{id}", routes.patch_application, ApplicationFacts),
    Entry("GET", _W + "/clock", routes.read_clock),
    Entry("PUT", _W + "/clock", routes.put_clock, routes.ClockMode),
    Entry("POST", _W + "/clock/advance", routes.advance, routes.Advance),
    Entry("GET", _W + "/routes", routes.read_routes),
    Entry("PUT", _W + "/routes", routes.put_routes, dict),
    Entry("POST", _W + "/webhooks/{id}/resend", routes.resend),
    Entry("GET", _W + "/handsets/{n}", acts.read_handset),
    Entry("PUT", _W + "/handsets/{n}", acts.put_handset, HandsetFacts),
    Entry("GET", _W + "/handsets/{n}/code", acts.read_code),
    Entry("POST", _W + "/handsets/{n}/sms", acts.send_sms, acts.SendSms),
    Entry("POST", _W + "/handsets/{n}/power", acts.switch, acts.Power),
    Entry("POST", _W + "/handsets/{n}/port", acts.port, acts.Port),
    Entry("POST", _W + "/handsets/{n}/roam", acts.roam, acts.Roam),
    Entry("POST", _W + "/handsets/{n}/call", call_acts.call, call_acts.MakeCall),
    Entry("POST", _W + "/handsets/{n}/answer", call_acts.answer),
    Entry("POST", _W + "/handsets/{n}/reject", call_acts.reject),
    Entry("POST", _W + "/handsets/{n}/hangup", call_acts.hang_up),
    Entry("POST", _W + "/handsets/{n}/press", call_acts.press, call_acts.Press),
    Entry("POST", _W + "/handsets/{n}/say", call_acts.say, call_acts.Say),
    Entry("GET", _W + "/faults", acts.read_faults),
    Entry("POST", _W + "/faults", acts.arm, FaultFacts, 201),
    Entry("DELETE", _W + "/faults/{name}", acts.disarm, status=204),
    Entry("GET", _W + "/scenario", scenarios.read_scenario),
    Entry("PUT", _W + "/scenario", scenarios.put_scenario, dict),
    Entry("GET", _W + "/expectations", scenarios.read_expectations),
    Entry("GET", _W + "/ivr", reports.read_ivr),
    Entry("GET", _W + "/{collection:collection}", routes.collection),
    Entry("GET", _W + "/{collection:collection}/{id}", routes.entry),
)


@functools.cache
def _compiled() -> list[tuple[Entry, Route]]:
    """The table with its patterns, the same for every emulator of the process."""
    return [
        (entry, Route("/_fake" + entry.path.replace(":collection", ""), _unused, methods=[entry.method]))
        for entry in CALLS
    ]


class ControlApp:
    """The control API as an ASGI app; it takes every path under ``/_fake``."""

    def __init__(self, control: Control, guard: Guard) -> None:
        self.control = control
        self.guard = guard
        self._routes = _compiled()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        peer = request.client.host if request.client else None
        refusal = self.guard.refusal(peer, request.headers.get("host", ""), request.headers.get("origin"))
        if refusal:
            return problem(403, "refused", "Refused", refusal)
        try:
            return await self._dispatch(request)
        except Problem as answer:
            return answer.reply
        except CannotAct as no:
            return problem(no.status, no.kind, no.title, no.detail, **no.more)
        except NoSuchWorld as missing:
            names = ", ".join(await self.control.engine.store.worlds()) or "none"
            return problem(404, "no-such-world", "No such world", f"No world is called {missing}; there are: {names}.")
        except StaleEpoch:
            return problem(503, "stale", "Stale", "The world was reset, restored or deleted meanwhile; ask again.")
        except Stopping:
            return problem(503, "stopping", "Stopping", "The server stops; what was not carried out stays pending.")
        except Exception:
            log.exception("a bug in fake-nexmo: %s %s", request.method, request.url.path)
            return bug(f"{request.method} {request.url.path} failed.")

    async def _dispatch(self, request: Request) -> Response:
        scope = request.scope
        path = scope["path"].rstrip("/") or "/"
        others = []
        for entry, route in self._routes:
            match, child = route.matches({**scope, "path": path})
            if match is Match.NONE:
                continue
            params = child["path_params"]
            if "collection" in params and params["collection"] not in words.collections(self.control.engine.registry):
                continue
            if match is Match.FULL:
                scope["path_params"] = params
                return await entry.endpoint(self.control, request)
            others.append(entry.method)
        if others:
            reply = problem(405, "wrong-verb", "Wrong verb", f"{path} takes {', '.join(others)}, not {request.method}.")
            reply.raw_headers.append((b"allow", ", ".join(others).encode()))
            return reply
        near = _nearest(path, words.collections(self.control.engine.registry))
        hint = f"did you mean {near}?" if near else "GET /_fake lists its calls."
        return problem(404, "no-such-call", "No such call", f"The control API has no {path}; {hint}")


def _nearest(path: str, collections: Collection[str]) -> str:
    """The path of a call that differs from a path in one word, and not by much; empty: there is none."""
    given = path.split("/")
    best, nearest = 0.6, ""
    for entry in CALLS:
        for name in collections if "{collection" in entry.path else ("",):
            words_of_it = ("/_fake" + entry.path.replace("{collection:collection}", name)).split("/")
            if len(words_of_it) != len(given):
                continue
            steps = [said if word.startswith("{") else word for said, word in zip(given, words_of_it, strict=True)]
            wrong = [k for k, word in enumerate(steps) if word != given[k]]
            if len(wrong) != 1:
                continue
            ratio = SequenceMatcher(None, given[wrong[0]], steps[wrong[0]]).ratio()
            if ratio > best:
                best, nearest = ratio, "/".join(steps)
    return nearest


def openapi(collections: Sequence[str]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the control API, made from the table of calls; ``collections`` by name."""
    bodies = tuple({entry.body for entry in CALLS if entry.body not in {None, dict}})
    schemas, components = msgspec.json.schema_components(
        sorted(bodies, key=lambda body: str(body.__name__)), ref_template="#/components/schemas/{name}"
    )
    by_body = dict(zip(sorted(bodies, key=lambda body: str(body.__name__)), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for entry in CALLS:
        names = ["{" + name + "}" for name in collections] if ":collection" in entry.path else [""]
        for name in names:
            path = "/_fake" + entry.path.replace("{collection:collection}", name.strip("{}"))
            paths.setdefault(path, {})[entry.method.lower()] = _described(entry, path, by_body)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fake-nexmo control API",
            "version": __version__,
            "description": "The emulator's own interface: worlds, clocks, and what happened in them.",
        },
        "paths": paths,
        "components": {"schemas": {**components, "Problem": _PROBLEM}},
    }


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def _described(entry: Entry, path: str, by_body: dict[Any, Any]) -> dict[str, Any]:
    assert entry.endpoint.__doc__, "every call says what it does"
    text = entry.endpoint.__doc__.strip()
    said: dict[str, Any] = {
        "summary": text.splitlines()[0],
        "operationId": f"{entry.method.lower()}{path.replace('/_fake', '').replace('/', '_').replace('.', '_')}",
        "parameters": [
            {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
            for part in path.split("/")
            if part.startswith("{")
        ],
        "responses": {
            str(entry.status): {"description": "Done."},
            "default": {
                "description": "A problem.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if entry.endpoint is routes.collection:
        said["parameters"] += [
            {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": meaning}
            for name, meaning in _QUERY
        ]
    if entry.body is not None:
        schema = by_body.get(entry.body, {"type": "object"})
        said["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return said


_QUERY = (
    ("since", "Entries made or changed after this sequence number."),
    ("wait", "Wait this long (real time) for a match, such as 5s."),
    ("limit", "The newest so many."),
)


async def _unused(_: Request) -> Response:
    raise AssertionError("the table's own endpoint is called instead")
