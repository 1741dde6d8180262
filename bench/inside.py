"""An emulator inside this process, driven without sockets; one loop or none, as the row wants it."""

from __future__ import annotations

import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

from fake_nexmo.asgi import Emulator, build_app
from fake_nexmo.control.base import Control
from fake_nexmo.core.change import Change, Set
from fake_nexmo.engine.build import build_engine
from fake_nexmo.engine.runner import Engine
from fake_nexmo.scenario.worlds import Plan, make_world
from fake_nexmo.store.memory import MemoryStore, wall_clock

T = TypeVar("T")
FORM = "application/x-www-form-urlencoded"
BODY = b"api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900001&text=Your+parcel+comes+today."


class Inside:
    """Store, engine and app, with the world ``default`` on a manual clock and money enough."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.engine: Engine = build_engine(self.store, wall_clock)
        self.app: Emulator = build_app(self.engine, Control(self.engine, clock="manual"))
        step(make_world(self.store, wall_clock, Plan(name="default", seed=1, clock="manual")))
        start = step(self.store.peek("default"))
        rich = Change(counters=(Set("balance/main", 8 * 10**15),))
        step(self.store.commit("default", start.epoch, rich))

    def send(self, body: bytes = BODY) -> bytes:
        """Send an SMS by stepping the app's coroutine; the body of the answer."""
        return step_app(self.app, scope("POST", "/sms/json", ((b"content-type", FORM.encode()),)), body)[2]


def step(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits.

    Raises:
        RuntimeError: it wants to wait.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    coroutine.close()
    raise RuntimeError("the coroutine wants an event loop")


def step_app(app: Emulator, scope: dict[str, Any], body: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of an app's answer."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    step(app(scope, receive, send))
    return sent[0]["status"], sent[0]["headers"], sent[1]["body"]


def scope(method: str, path: str, headers: tuple[tuple[bytes, bytes], ...] = (), query: bytes = b"") -> dict[str, Any]:
    """The scope of a request from this machine."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 6396),
        "client": ("127.0.0.1", 50_000),
        "scheme": "http",
        "method": method,
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(b"host", b"127.0.0.1:6396"), *headers],
    }


def clean() -> None:
    """Collect garbage, so that what came before is not paid for by what is measured now."""
    gc.collect()
    gc.freeze()
