"""Where the webhooks of a fake go: to the apps that were mounted, else out for real, under the address check."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from traceback import walk_tb

from fake_nexmo.engine.outbound import (
    HttpAnswer,
    HttpCall,
    Outbound,
    SendFailed,
    Socket,
    SocketCall,
    TargetRefused,
    as_http,
)
from fake_nexmo.inside import loop
from fake_nexmo.inside.apps import Mount, Mounts, call_asgi, call_wsgi
from fake_nexmo.inside.chronicle import Chronicle, Line
from fake_nexmo.inside.sockets import InsideSocket, on_private_loop, open_mounted
from fake_nexmo.inside.stepping import Gate

handling: ContextVar[bool] = ContextVar("handling", default=False)
"""Whether this is called from within an app that a webhook came to: then a runner is at work, and waits for us."""

log = logging.getLogger(__name__)

# Whoever ends a run or gives up waiting is not the app.
_NOT_THE_APPS = (KeyboardInterrupt, GeneratorExit, asyncio.CancelledError)


class InsideOutbound(Outbound):
    """Calls mounted apps in this process; what nobody mounted, from the private loop.

    Attributes:
        crashes: what apps raised, by URL: a server would have answered 500, and so it counts as that. Raised in an
            app, ``pytest.fail`` and ``sys.exit`` are no more than that either; an interrupt is passed on, and so is
            what the handler of a signal raises to end a test (``pytest.fail``, as pytest-timeout does).
    """

    def __init__(
        self, gate: Gate, mounts: Mounts, chronicle: Chronicle, now: Callable[[], Awaitable[int]], allow: Sequence[str]
    ):
        super().__init__(allow=allow)
        self.crashes: list[tuple[str, BaseException]] = []
        self._gate = gate
        self._mounts = mounts
        self._chronicle = chronicle
        self._now = now
        self._allow = allow
        self._real: Outbound | None = None

    async def send(self, call: HttpCall) -> HttpAnswer:
        """See `Outbound.send`."""
        line = self._chronicle.add(Line("webhook", await self._now(), f"{call.method} {_shown(call.url)}"))
        try:
            answer = await self._send(call)
        except SendFailed as failed:
            line.outcome = f"no answer: {failed.detail}"
            raise
        except TargetRefused as refused:
            line.outcome = f"refused: {refused.detail}"
            raise
        line.outcome = str(answer.status)
        return answer

    async def open_socket(self, call: SocketCall) -> Socket:
        """See `Outbound.open_socket`."""
        line = self._chronicle.add(Line("webhook", await self._now(), f"OPEN {_shown(call.url)}"))
        try:
            socket = await on_private_loop(self._gate, self._open(call))
        except (SendFailed, TargetRefused) as error:
            line.outcome = f"not opened: {error.detail}"
            raise
        line.outcome = "opened"
        return InsideSocket(socket, self._gate)

    async def _open(self, call: SocketCall) -> Socket:
        """Open it; on the private loop."""
        mount = self._mounts.find(as_http(call.url))
        if mount is None:
            if self._real is None:
                self._real = Outbound(allow=self._allow)
            return await self._real.open_socket(call)
        token = handling.set(True)
        try:
            return await open_mounted(mount, call, lambda error: self.crashes.append((call.url, error)))
        finally:
            handling.reset(token)

    def close(self) -> None:
        """Close the connections of webhooks that went out for real."""
        if self._real is not None:
            real, self._real = self._real, None
            loop.run(real.aclose())

    async def _send(self, call: HttpCall) -> HttpAnswer:
        stepping = self._gate.stepping
        mount = self._mounts.find(call.url)
        if mount is None:
            return self._in_thread(call) if stepping else await loop.wait_for(self._really(call))
        token = handling.set(True)
        try:
            if stepping:
                with self._gate.opened():
                    return loop.run(call_asgi(mount, call)) if mount.is_asgi else call_wsgi(mount, call)
            return await _awaited(mount, call)
        except (SendFailed, *_NOT_THE_APPS):
            raise
        except BaseException as error:
            if _is_of_a_signal(error):
                raise
            self.crashes.append((call.url, error))
            await self._log(mount, error)
            return HttpAnswer(500, (), f"{type(error).__name__}: {error}".encode(), 0.0)
        finally:
            handling.reset(token)

    async def _log(self, mount: Mount, error: BaseException) -> None:
        """Say what an app raised, from outside the house: whoever listens to the log may call us."""
        if self._gate.stepping:
            with self._gate.opened():
                await _said(mount, error)
        else:
            await asyncio.get_running_loop().create_task(_said(mount, error))

    def _in_thread(self, call: HttpCall) -> HttpAnswer:
        with self._gate.opened():
            return loop.run(self._really(call))

    async def _really(self, call: HttpCall) -> HttpAnswer:
        """Send it; on the private loop, which the connections belong to."""
        if self._real is None:
            self._real = Outbound(allow=self._allow)
        return await self._real.send(call)


async def _awaited(mount: Mount, call: HttpCall) -> HttpAnswer:
    """Call an app from a loop: in a task of its own, so that it does not run inside the house."""
    if mount.is_asgi:
        return await asyncio.get_running_loop().create_task(call_asgi(mount, call))
    return await asyncio.to_thread(call_wsgi, mount, call)


async def _said(mount: Mount, error: BaseException) -> None:
    log.error("the app at %s raised", mount.url, exc_info=error)


def _is_of_a_signal(error: BaseException) -> bool:
    """Whether it was raised by the handler of a signal, such as a time-out's that is for the whole test.

    Only what ``except Exception`` lets pass: anything else would be caught on its way to the test.
    """
    if isinstance(error, Exception):
        return False
    handlers = {getattr(signal.getsignal(each), "__code__", None) for each in signal.valid_signals()}
    return any(frame.f_code in handlers for frame, _ in walk_tb(error.__traceback__))


def _shown(url: str) -> str:
    """The URL without query and credentials, which may hold secrets."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
