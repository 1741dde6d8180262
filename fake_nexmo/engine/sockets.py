"""The websockets of worlds: which are open, and the errands that timers have on them.

A socket is a side effect, as a webhook is: the store is the truth. An errand is planned by the owner of its timer from
what is stored, done here, and what was heard is taken in by a rule whose change is committed together with the end of
the timer. Nothing of a socket is stored but what its owner knows of it; so after a restart, a restore or in a fork a
world may believe in a socket that is not there. The next errand finds that out: it hears that the socket is gone.

A socket belongs to an epoch of its world. When the world is reset, restored or deleted, its sockets are closed, and
whatever was under way on them is refused by the store.

Something may come while no errand is done: the app takes its time, or closes. Then the timer that the opening errand
named is set, due at once, and whoever drives the world asks on the socket what came. On a clock that stands this is
how an app's reply gets in without anybody advancing; on one that jumps by itself it is what ends its standing.

A worker has the sockets that it opened. Another one that carries out an errand on such a socket takes it for gone:
more than one worker needs a store that keeps a world's errands at one of them, and no such store exists yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Change, Conflict, Outcome, StaleEpoch
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Timer
from fake_nexmo.core.settings import value
from fake_nexmo.engine.outbound import Outbound, SendFailed, Socket, SocketCall, TargetRefused, route_socket
from fake_nexmo.store.protocol import NoSuchWorld, Start, Store, View, Wall
from fake_nexmo.web.api import Errand, Heard, SocketTimer
from fake_nexmo.web.commit import WorldView, decide

GOING_AWAY: Final = 1001
"""The code with which a socket is closed because of the world or the server, not of the call."""
_GONE: Final = "There is no such socket (any more)."
_ANY_SEQ: Final = 1 << 62
_LOOK_AGAIN_S: Final = 30.0

log = logging.getLogger(__name__)


class _Key(Struct, frozen=True):
    """A socket of a world, as that is since an epoch began."""

    world: str
    epoch: int
    name: str


class _Open(Struct, eq=False):
    """An open socket, and the timer that is set when something comes of its own accord."""

    socket: Socket
    wake: Timer | None


class Sockets:
    """The open websockets of this worker.

    Attributes:
        arrived: told of each socket on which something came outside an errand, by something to hand to `wake`; by
            default that is done at once, by a task.
        watches: tasks look after worlds whose sockets must be closed; if not, `sweep` has to be called.
    """

    def __init__(self, store: Store, wall: Wall, outbound: Callable[[], Outbound]) -> None:
        self.arrived: Callable[[object], None] = self._wake_soon
        self.watches = True
        self._store = store
        self._wall = wall
        self._outbound = outbound
        self._open: dict[_Key, _Open] = {}
        self._tasks: dict[object, asyncio.Task[None]] = {}

    async def run(self, start: Start, errand: Errand) -> Heard:
        """Do an errand; what came of it."""
        key = _Key(start.world.name, start.epoch, errand.socket)
        if errand.url:
            try:
                await self._connect(key, start, errand)
            except TargetRefused as refused:
                log.warning("the websocket %s was not opened: %s", errand.socket, refused.detail)
                return Heard(failed="refused", why=refused.detail)
            except SendFailed as failed:
                log.warning("the websocket %s was not opened: %s", errand.socket, failed.detail)
                return Heard(failed=failed.reason, why=failed.detail)
        there = self._open.get(key)
        if there is None:
            return Heard(why=_GONE)
        exchanged = await there.socket.exchange(errand.messages)
        if exchanged.is_open and not errand.close:
            return Heard(exchanged.received, is_open=True)
        await self._close(key, errand.close or GOING_AWAY)
        return Heard(exchanged.received, why=exchanged.why)

    async def wake(self, key: object) -> None:
        """Set the timer of a socket on which something came, if it is still open and none is set."""
        there = self._open.get(key) if isinstance(key, _Key) else None
        if there is None or there.wake is None:
            return
        assert isinstance(key, _Key), "it was found by it"
        with contextlib.suppress(Conflict, StaleEpoch, NoSuchWorld):
            start = await self._store.peek(key.world)
            due = replace(there.wake, due_at=clocks.now(start.clock, self._wall()))
            await self._store.commit(key.world, key.epoch, Change(timers=(due,)))

    async def sweep(self) -> None:
        """Close the sockets of worlds that were reset, restored or deleted."""
        for world, epoch in {(key.world, key.epoch) for key in self._open}:
            if not await self._lives(world, epoch):
                for key in self._of(world, epoch):
                    await self._close(key, GOING_AWAY)

    async def close_all(self) -> None:
        """Close them one after the other, for who has no loop."""
        for key in list(self._open):
            await self._close(key, GOING_AWAY)

    async def aclose(self) -> None:
        """Close all of them at once, and look after none any more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(
            *tasks, *(self._close(key, GOING_AWAY) for key in list(self._open)), return_exceptions=True
        )

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    async def _connect(self, key: _Key, start: Start, errand: Errand) -> None:
        url = route_socket(errand.url, start.world.routes)
        call = SocketCall(url, errand.headers, errand.connect_s, errand.response_s, errand.patience_s)
        socket = await self._outbound().open_socket(call)
        socket.arrived = lambda: self.arrived(key)
        self._open[key] = _Open(socket, errand.wake)
        if self.watches:
            self._do(("watch", key.world, key.epoch), lambda: self._watch(key.world, key.epoch))

    async def _close(self, key: _Key, code: int) -> None:
        there = self._open.pop(key, None)
        if there is not None:
            await there.socket.close(code)

    async def _watch(self, world: str, epoch: int) -> None:
        """Close a world's sockets as soon as its epoch is over."""
        while self._of(world, epoch):
            if not await self._lives(world, epoch):
                await asyncio.gather(*(self._close(key, GOING_AWAY) for key in self._of(world, epoch)))
                return
            with contextlib.suppress(NoSuchWorld):
                await self._store.changed(world, _ANY_SEQ, _LOOK_AGAIN_S)

    async def _lives(self, world: str, epoch: int) -> bool:
        try:
            return (await self._store.peek(world)).epoch == epoch
        except NoSuchWorld:
            return False

    def _of(self, world: str, epoch: int) -> list[_Key]:
        return [key for key in self._open if key.world == world and key.epoch == epoch]

    def _wake_soon(self, key: object) -> None:
        self._do(("wake", key), lambda: self.wake(key))

    def _do(self, name: object, make: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something in a task, once at a time."""

        async def done() -> None:
            try:
                await make()
            finally:
                del self._tasks[name]

        if name not in self._tasks:
            self._tasks[name] = asyncio.get_running_loop().create_task(done())


async def carry_errand(
    store: Store, sockets: Sockets, rule: SocketTimer, wall: Wall, start: Start, timer: Timer
) -> None:
    """Carry out a timer that has something to do on a websocket.

    Raises:
        StaleEpoch: the world was reset, restored or deleted meanwhile; the outcome is dropped.
    """
    moment = Moment(timer.due_at, timer.order, start.world.seed)
    virtual = value(start.world.settings, "jwt_time") == "virtual"
    stamp_s = (timer.due_at if virtual else wall()) // SECOND
    errand = await rule.plan(WorldView(store, start.world.name), timer, moment, stamp_s)
    heard = await sockets.run(start, errand) if errand is not None else None

    async def attempt(view: View, moment: Moment) -> Outcome[None]:
        current = await view.get(Timer, timer.id)
        if current is None or current.version != timer.version:
            return Outcome(Change(), None)
        change = Change(drop=(current,))
        if errand is not None and heard is not None:
            change += await rule.take(view, timer, errand, heard, moment)
        return Outcome(change, None)

    await decide(store, start.world.name, start.epoch, moment, attempt, timer.depth + 1)
