"""The private loop: an event loop on a thread of its own, for what a synchronous caller cannot wait for itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, run on the private loop while the calling thread waits; cancelled where that ends."""
    future = submit(coroutine)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


async def wait_for(coroutine: Coroutine[Any, Any, T]) -> T:
    """The same for a caller on another loop, which goes on meanwhile."""
    return await asyncio.wrap_future(submit(coroutine))


def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Start a coroutine on the private loop, which is made when it is first needed."""
    global _loop  # noqa: PLW0603 - one for the process, and never ended: its thread dies with it
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="fake-nexmo webhooks", daemon=True).start()
    return asyncio.run_coroutine_threadsafe(coroutine, _loop)
