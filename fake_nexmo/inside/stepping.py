"""One caller at a time: how the house is driven from threads with and without an event loop.

With the memory engine nothing in the house truly waits, but for the webhooks that it sends. So a synchronous caller
*steps* a coroutine: it is sent on once and is over. A caller on an event loop *drives* it: where it waits, the loop
does. The memory engine is made for one caller at a time, so each stretch between two waits holds a lock.

No lock is held while a webhook is under way. What is driven lets go by waiting; what is stepped cannot wait, so it
lets go by `Gate.opened`, and the app is called in the very thread that steps.
"""

from __future__ import annotations

import threading
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Gate:
    """Lets one caller into the house at a time.

    Attributes:
        stepping: whether who is inside is stepped and cannot wait; to be asked by who is inside.
    """

    def __init__(self) -> None:
        self.stepping = False
        self._lock = threading.Lock()
        self._inside = 0

    def step(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that never waits.

        Raises:
            RuntimeError: it wants to wait, or this very thread is inside already.
        """
        if self._inside == threading.get_ident():
            coroutine.close()
            raise RuntimeError("the house was called from within itself, such as by a handler of its log")
        with self._lock:
            self.stepping = True
            self._inside = threading.get_ident()
            try:
                coroutine.send(None)
            except StopIteration as done:
                result: T = done.value
                return result
            finally:
                self._inside = 0
        coroutine.close()
        raise RuntimeError("this needs an event loop; inside one process nothing in the house waits")

    async def drive(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that the running loop waits for where it waits."""
        return await _Driven(coroutine, self)

    def enter(self) -> None:
        """Take the lock for one stretch of something that is driven."""
        self._lock.acquire()
        self.stepping = False
        self._inside = threading.get_ident()

    def leave(self) -> None:
        """Give it back."""
        self._inside = 0
        self._lock.release()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let others in while a stepped caller is busy outside the house."""
        self._inside = 0
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self.stepping = True
            self._inside = threading.get_ident()


class _Driven(Generic[T]):
    """A coroutine, each stretch of which holds the gate's lock."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], gate: Gate) -> None:
        self._coroutine = coroutine
        self._gate = gate

    def __await__(self) -> Generator[Any, Any, T]:
        sent: Any = None
        thrown: BaseException | None = None
        while True:
            self._gate.enter()
            try:
                waits = self._coroutine.send(sent) if thrown is None else self._coroutine.throw(thrown)
            except StopIteration as done:
                result: T = done.value
                return result
            finally:
                self._gate.leave()
            thrown = None
            try:
                sent = yield waits
            except BaseException as error:  # noqa: BLE001 - a cancellation is the coroutine's own affair
                thrown = error
