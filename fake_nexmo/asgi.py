"""The ASGI app: finds the operation of a path, and words what its endpoint could not do.

All service hosts are one origin: the path decides, never the ``Host`` header. Exact paths are one look-up in a
dictionary, because every request pays for the way to its endpoint.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fake_nexmo.control.app import ControlApp
from fake_nexmo.control.guard import Guard
from fake_nexmo.control.routes import Control
from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import StaleEpoch
from fake_nexmo.core.records import RequestEntry
from fake_nexmo.core.refusal import NotEmulated, Refusal
from fake_nexmo.engine.runner import Engine
from fake_nexmo.store.protocol import NoSuchWorld
from fake_nexmo.web.api import Api, Operation
from fake_nexmo.web.call import Call, TooLarge
from fake_nexmo.web.replies import bug, not_emulated, problem

log = logging.getLogger(__name__)

_SLASHES = re.compile("//+")
Place = tuple[Api, Operation, Mapping[str, str]]


class Emulator:
    """The emulated APIs and the control API, as one ASGI app."""

    def __init__(self, engine: Engine, control: Control, guard: Guard) -> None:
        self.engine = engine
        self._shell = engine.shell
        self._control: ASGIApp = ControlApp(control, guard)
        self._paths = _Paths(tuple(engine.registry.values()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            assert scope["type"] != "lifespan", "fake-nexmo has no lifespan: switch it off, or let it be refused"
            await send({"type": "websocket.close", "code": 1000})
            return
        path = scope["path"]
        if path.startswith("/_fake"):
            await self._control(scope, receive, send)
            return
        found = self._paths.exact.get(path) or self._paths.find(path)
        if found is None:
            await not_emulated(f"{scope['method']} {path}")(scope, receive, send)
            return
        if scope["method"] == "DELETE":
            send = _closing(send)
        engine = self.engine
        engine.request_began()
        try:
            await self._emulate(found, scope, receive, send)
        finally:
            engine.request_ended()

    async def _emulate(self, found: Place, scope: Scope, receive: Receive, send: Send) -> None:
        api, operation, values = found
        call = Call(scope, receive, self._shell, operation)
        if values:
            scope["path_params"] = values
        if scope["method"] not in operation.methods:
            await api.wrong_verb(call)(scope, receive, send)
            return
        response = await self._answer(api, call)
        await self._write_down(call, response)
        await response(scope, receive, send)

    async def _answer(self, api: Api, call: Call) -> Response:
        try:
            return await call.operation.endpoint(call)
        except Refusal as refusal:
            return api.word_refusal(call, refusal)
        except NotEmulated as gap:
            call.outcome = f"not emulated: {gap.what}"
            return not_emulated(gap.what, gap.hint)
        except TooLarge:
            return problem(413, "too-large", "Too large", "The body is above 1 MiB.")
        except (StaleEpoch, NoSuchWorld):
            return problem(503, "stale", "Stale", "The world was reset, restored or deleted meanwhile; ask again.")
        except Exception:
            call.outcome = "a bug in fake-nexmo"
            log.exception("a bug in fake-nexmo: %s", call.operation.name)
            return bug(f"{call.operation.name} failed.")

    async def _write_down(self, call: Call, response: Response) -> None:
        """What a request leaves in its world, a refused one too."""
        start = call.start
        if start is None:
            return
        caller = call.caller
        now = caller.moment.now if caller else clocks.now(start.clock, self._shell.wall())
        entry = RequestEntry(
            at=now,
            operation=call.operation.name,
            method=call.scope["method"],
            path=call.scope["path"],
            status=response.status_code,
            account=caller.account.id if caller else "",
            outcome=call.outcome,
            fault=call.fault,
            about=call.about,
        )
        await self._shell.store.append(start.world.name, start.epoch, entry)


class _Paths:
    """From a path to its operation."""

    def __init__(self, registry: Sequence[Api]) -> None:
        self.exact: dict[str, Place] = {}
        self._patterns: list[tuple[re.Pattern[str], Api, Operation]] = []
        for api in registry:
            for operation in api.operations:
                for path in operation.paths:
                    self._add(path, api, operation)

    def find(self, path: str) -> Place | None:
        """The operation of a path that is not spelled exactly as registered, or that holds values.

        A trailing slash and doubled slashes change nothing, and never lead to a redirect.
        Source: reference README rulings, "trailing slash, empty ?, doubled slash in a path".
        """
        plain = _SLASHES.sub("/", path)
        if len(plain) > 1:
            plain = plain.rstrip("/")
        found = self.exact.get(plain)
        if found is not None:
            return found
        for pattern, api, operation in self._patterns:
            match = pattern.fullmatch(plain)
            if match:
                return api, operation, match.groupdict()
        return None

    def _add(self, path: str, api: Api, operation: Operation) -> None:
        if "{" not in path:
            assert path not in self.exact, f"{path} is registered twice"
            self.exact[path] = (api, operation, {})
            return
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
        self._patterns.append((re.compile(pattern), api, operation))


def _closing(send: Send) -> Send:
    """Close the connection after this reply.

    Source: reference README rulings: old Node libraries send a body with DELETE that nothing frames.
    """

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return closing


def build_app(engine: Engine, control: Control, guard: Guard | None = None) -> Emulator:
    """The app over an engine; without a guard, loopback peers and local names only."""
    return Emulator(engine, control, guard or Guard())
