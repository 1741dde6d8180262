"""`Fake`: one emulator in this process."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from fake_nexmo.asgi import Emulator, build_app
from fake_nexmo.control.base import Control
from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import StaleEpoch
from fake_nexmo.core.records import ClockMode
from fake_nexmo.engine.build import build_engine
from fake_nexmo.engine.runner import AlreadyAdvancing, ChainTooLong, Engine
from fake_nexmo.inside.apps import Mounts
from fake_nexmo.inside.chronicle import Chronicle, ChronicleStore, FollowedStore
from fake_nexmo.inside.exchange import Answer, Ask, Dropped, Exchange, TooLate, patience_s
from fake_nexmo.inside.outbound import InsideOutbound, handling
from fake_nexmo.inside.script import Scenario, load
from fake_nexmo.inside.stepping import Gate
from fake_nexmo.scenario.vocabulary import vocabulary
from fake_nexmo.scenario.worlds import DEFAULT, Made, Plan, make_world, plan_of
from fake_nexmo.store.memory import wall_clock
from fake_nexmo.store.protocol import NoSuchWorld
from fake_nexmo.store.steady import steady_s, steady_wall

if TYPE_CHECKING:
    import httpx
    import requests.adapters

    from fake_nexmo.inside.over_httpx import AsyncInside, Inside

T = TypeVar("T")

log = logging.getLogger(__name__)

_BUSY = "urn:fake-nexmo:already-advancing"
_PATIENCE_S = 30.0
_LOOK_AGAIN_S = 0.002
_USUAL_CLOCK = "manual"
_LOCAL = [(b"host", b"localhost"), (b"content-type", b"application/json")]


class Refused(Exception):  # noqa: N818 - an answer
    """The control API refused a call.

    Attributes:
        status: the HTTP status, and ``problem`` the whole problem document.
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(str(problem.get("detail", problem)))
        self.status = status
        self.problem = problem


class Fake:
    """An emulator with a registry of its own and one world, ``default``.

    It serves threads and event loops alike, and nothing of it sleeps. What a request made due is carried out before
    the next call, or by `settle`.

    Attributes:
        world: the world as it was made, with its seed and credentials.
        document: the scenario that it was made from; None: there was none.
        chronicle: what happened, in order.
        troubles: what went wrong while nobody was there to be told.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        clock: str | None = None,
        start: int | None = None,
        scenario: Scenario | None = None,
        variables: Mapping[str, str] | None = None,
        usual_seed: int | None = None,
        allow: Sequence[str] = (),
        follow: Callable[[int], object] | None = None,
    ) -> None:
        """Make one.

        Args:
            seed: None: that of the scenario, else ``usual_seed``, else a random one.
            clock: ``manual``, ``auto``, ``real`` or ``xN``; None: that of the scenario, else ``manual``.
            start: the instant that the clock starts at, in microseconds; None: see `core.clock.make`.
            scenario: the name of one in the library, the path of a file, or what a file would say, as an object.
            variables: of the scenario; they win over those of the environment, and these over the scenario's own.
            usual_seed: the seed where nobody says one.
            allow: networks and names that webhooks may go to, besides loopback and private addresses.
            follow: called with each instant, in microseconds, that the clock is set to, the first one among them: to
                make the whole process see it. The emulator goes by real time beside it where it must (leases,
                time-outs), and judges tokens and signatures by the world's clock (``jwt_time: virtual``).

        Raises:
            ValueError: no such clock, no seed, or everything that is wrong with the scenario.
        """
        self.gate = Gate()
        self.chronicle = Chronicle()
        self.troubles: list[str] = []
        self.mounts = Mounts()
        self._responder: Inside | None = None
        self._wall = wall_clock if follow is None else steady_wall()
        self.store = (
            ChronicleStore(self.chronicle, self._wall)
            if follow is None
            else FollowedStore(self.chronicle, self._wall, DEFAULT, follow)
        )
        self.outbound = InsideOutbound(self.gate, self.mounts, self.chronicle, self._shown, allow)
        self.engine: Engine = build_engine(self.store, self._wall)
        self.engine.outbound = self.outbound
        self.engine.shell.sleep = _refuse_to_sleep
        # What comes on a websocket comes on the private loop's thread: it is looked at by whoever is inside next.
        self._arrivals: deque[object] = deque()
        self.engine.sockets.arrived = self._arrivals.append
        self.engine.sockets.watches = False
        self.app: Emulator = build_app(self.engine, Control(self.engine, clock=clock or _USUAL_CLOCK))
        self.document = None if scenario is None else load(scenario, self.engine.registry, variables or {})
        if self.document is None:
            plan = Plan(DEFAULT, usual_seed if seed is None else seed, clock or _USUAL_CLOCK, start)
        else:
            seed = usual_seed if seed is None and self.document.seed is None else seed
            names = vocabulary(self.engine.registry)
            plan = plan_of(self.document, names, name=DEFAULT, seed=seed, clock=clock, start=start, usual=_USUAL_CLOCK)
        self.world: Made = self.gate.step(make_world(self.store, self._wall, plan))

    # Requests.

    def answer(self, ask: Ask) -> Answer:
        """Answer a request to a service host, and the control API's below ``/_fake``.

        Raises:
            Dropped: a fault dropped the connection.
            TooLate: the reply would come after the client's time-out.
        """
        return self.gate.step(self._answer(ask))

    async def answer_async(self, ask: Ask) -> Answer:
        """The same for a caller on an event loop; on one that is not asyncio's, nothing is waited for."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self.answer(ask)
        return await self.gate.drive(self._answer(ask))

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """Call the control API: a path below ``/_fake/worlds/default``, or one below ``/_fake`` that begins so.

        Where another thread is at work in the world, this waits for it; within an app that a webhook came to it does
        not, since what is at work waits for that app.

        Raises:
            Refused: it did not do it.
        """
        until = steady_s() + _PATIENCE_S
        read = self._called(method, path, content, until)
        if not isinstance(read, dict) or read.get("settled", True) or handling.get():
            return read
        while not self.gate.step(self.engine.settle(DEFAULT)) and steady_s() < until:
            time.sleep(_LOOK_AGAIN_S)
        return {**read, "settled": True}

    def _called(self, method: str, path: str, content: Any, until: float) -> Any:
        where, _, query = path.partition("?")
        where = f"/_fake{where}" if where.startswith("/") else f"/_fake/worlds/{DEFAULT}/{where}"
        body = b"" if content is None else msgspec.json.encode(content)
        ask = Ask(method, where, query.encode(), _LOCAL, body)
        while True:
            answer = self.answer(ask)
            read = msgspec.json.decode(answer.body) if answer.body else None
            if answer.status < 300:
                return read
            problem = read if isinstance(read, dict) else {}
            waits = problem.get("type") == _BUSY and not handling.get() and steady_s() < until
            if not waits:
                raise Refused(answer.status, problem)
            time.sleep(_LOOK_AGAIN_S)

    # Apps.

    def mount(self, url: str, app: Any) -> None:
        """Let webhooks below a URL go to a WSGI or ASGI app; its lifespan is its owner's affair.

        Raises:
            ValueError: no such URL.
            TypeError: no such app.
        """
        self.mounts.add(url, app)

    # Ways in.

    def transport(self) -> Inside:
        """A transport for `httpx.Client` that answers whatever host the client was told."""
        from fake_nexmo.inside.over_httpx import Inside

        return Inside(self)

    def async_transport(self) -> AsyncInside:
        """A transport for `httpx.AsyncClient` that answers whatever host the client was told."""
        from fake_nexmo.inside.over_httpx import AsyncInside

        return AsyncInside(self)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """The answer to an httpx request: a side effect for a route of respx, synchronous or not."""
        if self._responder is None:
            self._responder = self.transport()
        return self._responder.handle_request(request)

    # respx asks for it at every call.
    respond.__signature__ = inspect.signature(respond)  # type: ignore[attr-defined]

    def adapter(self) -> requests.adapters.BaseAdapter:
        """An adapter for `requests.Session` that answers whatever host the session was told."""
        from fake_nexmo.inside.over_requests import adapter_for

        return adapter_for(self)

    # Time.

    def settle(self) -> None:
        """Carry out what is due now."""
        self.gate.step(self._catch_up())

    def close(self) -> None:
        """Carry out nothing more, and close what webhooks opened."""
        self.gate.step(self.engine.sockets.close_all())
        self.outbound.close()

    def now(self) -> int:
        """What the world's clock shows, in microseconds."""
        return self.gate.step(self._shown())

    async def _shown(self) -> int:
        try:
            return clocks.now((await self.store.peek(DEFAULT)).clock, self._wall())
        except NoSuchWorld:
            return 0

    async def _answer(self, ask: Ask) -> Answer:
        await self._catch_up()
        exchange = Exchange(ask)
        token = patience_s.set(ask.patience)
        try:
            await self.app(exchange.scope(ask), exchange.receive, exchange.send)
        finally:
            patience_s.reset(token)
        return exchange.answer()

    async def _catch_up(self) -> None:
        """Carry out what is due now in any world; on ``auto``, jump on to the next thing that is no deadline."""
        await self.engine.sockets.sweep()
        while self._arrivals:
            await self.engine.sockets.wake(self._arrivals.popleft())
        while worlds := await self.store.worlds_due(self._wall()):
            for world in worlds:
                await self._tend(world)

    async def _tend(self, world: str) -> None:
        try:
            while await self.engine.settle(world):
                start = await self.store.peek(world)
                target = await self.engine.next_jump(world)
                if start.clock.mode is not ClockMode.AUTO or target is None or self.engine.requests:
                    return
                await self.engine.advance(world, max(target - start.clock.at, 0))
        except ChainTooLong as chain:
            self.troubles.append(str(chain))
        except (StaleEpoch, NoSuchWorld, AlreadyAdvancing):
            return


async def _refuse_to_sleep(seconds: float) -> None:
    """What stands for sleeping here: a reply that is late enough is a time-out, any other one comes at once."""
    patience = patience_s.get()
    if patience is not None and seconds > patience:
        raise TooLate(seconds)


__all__ = ["Answer", "Ask", "Dropped", "Fake", "Refused", "TooLate"]
