"""Websockets of calls inside one process: to mounted apps without a socket, to others for real.

An app's side of a websocket lives longer than the call that opened it, and whoever speaks on it may be another thread,
with an event loop or without. So the app runs on the private loop, always, and an exchange waits for it there.

No ping is needed to know that a mounted app has taken in what it was sent: it asks for the next message when it has.
One that is busy with something else is waited for a while; what it says later is taken in by a later exchange.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

from fake_nexmo.engine.outbound import Exchanged, SendFailed, Socket, SocketCall
from fake_nexmo.inside import loop
from fake_nexmo.inside.apps import Mount, socket_scope
from fake_nexmo.inside.stepping import Gate

T = TypeVar("T")

BUSY_S: Final = 1.0
"""How long an app is waited for that does not ask for what it was sent."""

# An app may have a task that reads and one that writes; they need a few turns of the loop to pass things on.
_TURNS: Final = 10
_CLOSE_S: Final = 1.0
_WENT_WRONG: Final = 1011
_NORMAL: Final = 1000

log = logging.getLogger(__name__)


async def open_mounted(mount: Mount, call: SocketCall, crashed: Callable[[BaseException], None]) -> MountedSocket:
    """Shake hands with a mounted app, on the private loop.

    Raises:
        SendFailed: it is no ASGI app, or did not accept.
    """
    if not mount.is_asgi:
        raise SendFailed("protocol", f"The app at {mount.url} is a WSGI app, which speaks no websockets.")
    socket = MountedSocket(mount, call, crashed)
    await socket.shake_hands(call)
    return socket


class MountedSocket:
    """The platform's side of a websocket to a mounted app; see `outbound.Socket`. Belongs to the private loop."""

    def __init__(self, mount: Mount, call: SocketCall, crashed: Callable[[BaseException], None]) -> None:
        self.arrived: Callable[[], None] = lambda: None
        self._mount = mount
        self._crashed = crashed
        self._to_app: deque[dict[str, Any]] = deque([{"type": "websocket.connect"}])
        self._from_app: list[str | bytes] = []
        self._sent = asyncio.Event()
        self._asks = asyncio.Event()
        self._accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._over = False
        self._why = ""
        self._listens = True
        self._task = asyncio.create_task(self._run(socket_scope(mount, call)))

    async def shake_hands(self, call: SocketCall) -> None:
        """Wait until the app has accepted.

        Raises:
            SendFailed: it did not.
        """
        try:
            async with asyncio.timeout(call.response_s):
                accepted = await asyncio.shield(self._accepted)
        except TimeoutError:
            self._task.cancel()
            raise SendFailed(
                "timeout", f"The app at {self._mount.url} did not accept within {call.response_s:g} s."
            ) from None
        self._listens = False
        if not accepted:
            raise SendFailed("protocol", f"The app at {self._mount.url} did not accept the websocket.")

    async def exchange(self, messages: Sequence[str | bytes]) -> Exchanged:
        """See `Socket.exchange`."""
        self._listens = True
        if not self._over:
            self._hand(*({"type": "websocket.receive", _kind(each): each} for each in messages))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BUSY_S):
                await self._let_it_reply()
        self._listens = False
        received, self._from_app = tuple(self._from_app), []
        return Exchanged(received, not self._over, self._why)

    async def close(self, code: int) -> None:
        """See `Socket.close`."""
        self.arrived = lambda: None
        self._listens = True
        if not self._over:
            self._over, self._why = True, "It was closed."
            self._hand({"type": "websocket.disconnect", "code": code, "reason": ""})
        await asyncio.wait([self._task], timeout=_CLOSE_S)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _let_it_reply(self) -> None:
        """Wait until the app has nothing more to read and a few turns of the loop bring nothing new."""
        quiet = 0
        while quiet < _TURNS and not self._task.done():
            before = len(self._from_app)
            if self._to_app or not self._asks.is_set():
                asks = asyncio.create_task(self._asks.wait())
                await asyncio.wait([asks, self._task], return_when=asyncio.FIRST_COMPLETED)
                asks.cancel()
            await asyncio.sleep(0)
            quiet = quiet + 1 if self._asks.is_set() and not self._to_app and len(self._from_app) == before else 0

    def _hand(self, *messages: dict[str, Any]) -> None:
        self._to_app.extend(messages)
        if messages:
            self._asks.clear()
            self._sent.set()

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._mount.app(scope, self._receive, self._send)
            self._end(_NORMAL, "it returned")
        except asyncio.CancelledError:
            self._end(_WENT_WRONG, "it was cancelled")
        except BaseException as error:
            log.exception("the app at %s raised", self._mount.url)
            self._crashed(error)
            self._end(_WENT_WRONG, f"it raised {type(error).__name__}")

    async def _receive(self) -> dict[str, Any]:
        while not self._to_app:
            self._sent.clear()
            self._asks.set()
            await self._sent.wait()
        return self._to_app.popleft()

    async def _send(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.accept" and not self._accepted.done():
            self._accepted.set_result(True)
        elif kind == "websocket.close":
            self._end(message.get("code") or _NORMAL, message.get("reason") or "")
        elif kind == "websocket.send" and self._accepted.done() and not self._over:
            said = message.get("text") if message.get("bytes") is None else message["bytes"]
            assert isinstance(said, str | bytes), "an app sends text or bytes"
            self._from_app.append(said)
            self._tell()
        elif not self._over:
            raise RuntimeError(f"an app may not send {kind!r} now")

    def _end(self, code: int, reason: str) -> None:
        """The app has closed the socket, or ended."""
        if not self._accepted.done():
            self._accepted.set_result(False)
        if not self._over:
            self._over = True
            self._why = f"The app at {self._mount.url} closed the websocket: {code} {reason}".strip() + "."
            self._hand({"type": "websocket.disconnect", "code": code, "reason": reason})
            self._tell()

    def _tell(self) -> None:
        if not self._listens:
            self.arrived()


class InsideSocket:
    """A socket of the private loop for whoever is inside: stepped, or driven by a loop of its own."""

    def __init__(self, socket: Socket, gate: Gate) -> None:
        self._socket = socket
        self._gate = gate

    @property
    def arrived(self) -> Callable[[], None]:
        """See `Socket`; called on the private loop's thread."""
        return self._socket.arrived

    @arrived.setter
    def arrived(self, told: Callable[[], None]) -> None:
        self._socket.arrived = told

    async def exchange(self, messages: Sequence[str | bytes]) -> Exchanged:
        """See `Socket.exchange`."""
        return await on_private_loop(self._gate, self._socket.exchange(messages))

    async def close(self, code: int) -> None:
        """See `Socket.close`."""
        await on_private_loop(self._gate, self._socket.close(code))


async def on_private_loop(gate: Gate, coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine of the private loop, for a caller inside that may be stepped."""
    if not gate.stepping:
        return await loop.wait_for(coroutine)
    with gate.opened():
        return loop.run(coroutine)


def _kind(message: str | bytes) -> str:
    return "text" if isinstance(message, str) else "bytes"
