"""The ASGI app: finds the operation of a path, and words what its endpoint could not do.

All service hosts are one origin: the path decides, never the ``Host`` header. Exact paths are one look-up in a
dictionary, because every request pays for the way to its endpoint.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import re
from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fake_nexmo.control.base import Control
from fake_nexmo.control.guard import Guard
from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import StaleEpoch
from fake_nexmo.core.plot import OWNER
from fake_nexmo.core.records import HttpAnswer, RequestEntry
from fake_nexmo.core.refusal import NotEmulated, Refusal
from fake_nexmo.engine.build import build_engine
from fake_nexmo.engine.carry import Owner
from fake_nexmo.engine.runner import Engine
from fake_nexmo.network.weather import delay_of
from fake_nexmo.scenario.worlds import DEFAULT, Made, Plan, make_world
from fake_nexmo.store.memory import MemoryStore, wall_clock
from fake_nexmo.store.protocol import NoSuchWorld, Start
from fake_nexmo.web.api import Api, Operation
from fake_nexmo.web.call import Call, Faulted, Gone, TooLarge
from fake_nexmo.web.replies import Reply, bug, not_emulated, problem

log = logging.getLogger(__name__)

HANG_UP = "fake_nexmo.hang_up"
"""Under this name the server leaves in a scope's state what ends the connection; the same as `port.HANG_UP`."""

_SLASHES = re.compile("//+")
# Answers that cannot have a body. Source: RFC 9110 §15.
_BODILESS = (204, 304)
Place = tuple[Api, Mapping[str, Operation], Mapping[str, str]]
"""Whose path it is, its operations by verb, and the values in it."""


class ConnectionDropped(Exception):  # noqa: N818 - what a fault does, not what went wrong
    """A fault drops the connection; inside one process there is none, and the client's transport says it its way."""


class Emulator:
    """The emulated APIs and the control API, as one ASGI app."""

    def __init__(self, engine: Engine, control: Control, guard: Guard) -> None:
        self.engine = engine
        self._shell = engine.shell
        self._control: ASGIApp | None = None
        self._control_of = (control, guard)
        self._paths = _paths_of(tuple(engine.registry.values()))
        self._plots: Owner | None = None
        engine.others = self._other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            assert scope["type"] != "lifespan", "fake-nexmo has no lifespan: switch it off, or let it be refused"
            await send({"type": "websocket.close", "code": 1000})
            return
        path = scope["path"]
        found = self._paths.exact.get(path)
        if found is None and (path.startswith("/_fake/") or path == "/_fake"):
            await self._control_app()(scope, receive, send)
            return
        if scope["method"] == "DELETE":
            send = _closing(send)
        found = found or self._paths.find(path)
        if found is None:
            await not_emulated(f"{scope['method']} {path}")(scope, receive, send)
            return
        api, operations, values = found
        if values:
            scope["path_params"] = values
        operation = operations.get(scope["method"])
        if operation is None:
            call = Call(scope, receive, self._shell, next(iter(operations.values())))
            call.allowed = tuple(operations)
            await (await _refuse_verb(api, call))(scope, receive, send)
            return
        call = Call(scope, receive, self._shell, operation)
        self.engine.request_began()
        try:
            response = await self._answer(api, call)
            if call.start is not None:
                start, entry = call.start, self._entry(call, call.start, response)
                await self._shell.store.append(start.world.name, start.epoch, entry)
            if call.weather is None and not call.answered_first:
                await response(scope, receive, send)
            else:
                await self._reply_in_bad_weather(call, response, send)
        except Gone:
            return
        finally:
            self.engine.request_ended()

    def _control_app(self) -> ASGIApp:
        """The control API, loaded when it is first asked for: a server that starts has more urgent things to do."""
        if self._control is None:
            from fake_nexmo.control.app import ControlApp

            self._control = ControlApp(*self._control_of)
        return self._control

    def _other(self, name: str) -> Owner:
        """Who owns timers besides the network and the APIs: the plots of scenarios, loaded when one has a timer due."""
        assert name == OWNER, f"nobody called {name!r} owns timers"
        if self._plots is None:
            from fake_nexmo.control.plots import owner

            self._plots = owner(self.engine)
        return self._plots

    async def _answer(self, api: Api, call: Call) -> Response:
        try:
            try:
                response = await call.operation.endpoint(call)
            except Refusal as refusal:
                response = api.word_refusal(call, refusal)
            if call.weather is None or call.weather.fault.answer is None:
                return response
            # A fault's answer stands instead of what the endpoint answered, its refusals included.
            return await self._fault_answer(api, call)
        except Faulted:
            return await self._fault_answer(api, call)
        except NotEmulated as gap:
            call.outcome = f"not emulated: {gap.what}"
            return not_emulated(gap.what, gap.hint)
        except Gone:
            raise
        except TooLarge:
            return problem(413, "too-large", "Too large", "The body is above 1 MiB.")
        except (StaleEpoch, NoSuchWorld):
            return _stale()
        except Exception:
            call.outcome = "a bug in fake-nexmo"
            log.exception("a bug in fake-nexmo: %s", call.operation.name)
            return bug(f"{call.operation.name} failed.")

    async def _fault_answer(self, api: Api, call: Call) -> Response:
        """What a fault answers: a trouble in the API's words, or a bare HTTP status."""
        assert call.weather is not None, "a fault acts"
        fault = call.weather.fault
        if isinstance(fault.answer, str) and api.trouble is not None and fault.answer in api.troubles:
            return api.word_refusal(call, await api.trouble(call, fault.answer))
        bare = fault.answer if isinstance(fault.answer, HttpAnswer) else HttpAnswer(503)
        call.outcome = f"HTTP {bare.http} by the fault {fault.name!r}"
        detail = f"The fault {fault.name!r} answers this request."
        reply = Reply(bare.http, [], b"") if bare.http in _BODILESS else problem(bare.http, "fault", "A fault", detail)
        if bare.retry_after is not None:
            reply.raw_headers.append((b"retry-after", str(bare.retry_after).encode()))
        return reply

    async def _reply_in_bad_weather(self, call: Call, response: Response, send: Send) -> None:
        """Send a reply after its webhook, late, in part, or not at all, as faults have it."""
        if call.answered_first and call.caller is not None and self._shell.settle is not None:
            await self._shell.settle(call.caller.world)
        if call.weather is None:
            await response(call.scope, call.receive, send)
            return
        fault, ordinal = call.weather.fault, call.weather.ordinal
        if fault.delay is not None and self._shell.sleep is not None:
            seed = call.caller.start.world.seed if call.caller else 0
            await self._shell.sleep(delay_of(fault.delay, fault.name, ordinal, seed) / 1_000_000)
        if not fault.then:
            await response(call.scope, call.receive, send)
            return
        hang_up = call.scope.get("state", {}).get(HANG_UP)
        if hang_up is None:
            raise ConnectionDropped(fault.name)
        if fault.then == "truncate":
            half = bytes(response.body)[: len(response.body) // 2]
            start = {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
            await send(start)
            await send({"type": "http.response.body", "body": half, "more_body": True})
        hang_up()
        while (await call.receive())["type"] != "http.disconnect":
            pass

    def _entry(self, call: Call, start: Start, response: Response) -> RequestEntry:
        """What a request leaves in its world, a refused one too."""
        caller = call.caller
        now = caller.moment.now if caller else clocks.now(start.clock, self._shell.wall())
        return RequestEntry(
            at=now,
            operation=call.operation.name,
            method=call.scope["method"],
            path=call.shown_path,
            status=response.status_code,
            account=caller.account.id if caller else "",
            outcome=call.outcome,
            fault=call.weather.fault.name if call.weather else "",
            about=call.about,
        )


class _Paths:
    """From a path to its operation."""

    def __init__(self, registry: Sequence[Api]) -> None:
        self.registry = registry
        self.exact: dict[str, Place] = {}
        # By the number of their segments; patterns would take longer to compile than the whole app takes to be made.
        self._templates: dict[int, list[tuple[list[str], Api, Mapping[str, Operation]]]] = {}
        verbs: dict[tuple[str, str], dict[str, Operation]] = {}
        for api in registry:
            for operation in api.operations:
                for path in operation.paths:
                    here = verbs.setdefault((api.name, path), {})
                    twice = here.keys() & set(operation.methods)
                    assert not twice, f"{path} is registered twice for {', '.join(twice)}"
                    here.update(dict.fromkeys(operation.methods, operation))
                    if len(here) == len(operation.methods):
                        self._add(path, api, here)

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
        segments = plain.split("/")
        for template, api, operations in self._templates.get(len(segments), ()):
            values = _values(template, segments)
            if values is not None:
                return api, operations, values
        return None

    def _add(self, path: str, api: Api, operations: Mapping[str, Operation]) -> None:
        """Enter a path once; operations of further verbs join the mapping later."""
        if "{" not in path:
            assert path not in self.exact, f"{path} is registered twice"
            self.exact[path] = (api, operations, {})
            return
        template = path.split("/")
        self._templates.setdefault(len(template), []).append((template, api, operations))


def _values(template: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    """The values in a path, where it fits a template of as many segments: ``{name}`` is any but an empty one."""
    values = {}
    for wanted, given in zip(template, segments, strict=True):
        if wanted.startswith("{") and given:
            values[wanted[1:-1]] = given
        elif wanted != given:
            return None
    return values


_LATEST: list[_Paths] = []


def _paths_of(registry: Sequence[Api]) -> _Paths:
    """The paths of a registry; the latest are kept, since nearly all emulators of a process have the same APIs."""
    if not _LATEST or [id(api) for api in _LATEST[0].registry] != [id(api) for api in registry]:
        _LATEST[:] = [_Paths(registry)]
    return _LATEST[0]


async def _refuse_verb(api: Api, call: Call) -> Response:
    """What an API answers to a verb that a path of its does not take; some look at the credentials first."""
    try:
        said = api.wrong_verb(call)
        return said if isinstance(said, Response) else await said
    except (StaleEpoch, NoSuchWorld):
        return _stale()


def _stale() -> Response:
    return problem(503, "stale", "Stale", "The world was reset, restored or deleted meanwhile; ask again.")


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


class ReadyApp:
    """An app with a store, a world ``default`` on the real clock, and an engine of its own: ``fake_nexmo.app``.

    Any ASGI server can serve it. The engine's loop starts with the server's lifespan, or with the first request where
    the server has none. It belongs to the event loop that it started on.
    """

    def __init__(self) -> None:
        store = MemoryStore()
        self._engine = build_engine(store, wall_clock)
        # The memory engine never waits, so what makes the world runs to its end without an event loop.
        making = make_world(store, wall_clock, Plan(name=DEFAULT))
        try:
            making.send(None)
        except StopIteration as done:
            self.world: Made = done.value
        else:
            raise AssertionError("the memory engine waited")
        self._app = build_app(self._engine, Control(self._engine))
        self._loop: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self._begin()
        await self._app(scope, receive, send)

    def _begin(self) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop().create_task(self._engine.drive(), name="drive")
            self._engine.shell.sleep = asyncio.sleep

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._engine.stop(_GRACE_S)
                if self._loop is not None:
                    self._loop.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return


_GRACE_S = 10.0


@functools.cache
def ready_app() -> ReadyApp:
    """The one `ReadyApp` of this process, made on first use."""
    return ReadyApp()
