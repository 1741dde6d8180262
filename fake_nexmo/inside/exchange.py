"""One request and its reply, without a connection between them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from msgspec import Struct

from fake_nexmo.asgi import HANG_UP

_HERE = ("127.0.0.1", 443)
_CLIENT = ("127.0.0.1", 1)

Headers = list[tuple[bytes, bytes]]

patience_s: ContextVar[float | None] = ContextVar("patience_s", default=None)
"""How long whoever asks right now waits for a reply, in seconds; None: for ever."""


class Dropped(Exception):  # noqa: N818 - what a fault does, not what went wrong
    """The connection was dropped before a reply came."""


class TooLate(Exception):  # noqa: N818 - what a fault does, not what went wrong
    """The reply would come after the client's time-out.

    Attributes:
        seconds: when it would have come.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the reply would take {seconds:g} s")
        self.seconds = seconds


class Ask(Struct, frozen=True, gc=False):
    """A request.

    Attributes:
        path: as it stood in the URL, percent-encoded; and ``query``, without the question mark.
        headers: names in lower case, ``host`` among them.
        patience: the client's time-out for reading, in seconds; None: it has none.
    """

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes
    patience: float | None = None


class Answer(Struct, frozen=True, gc=False):
    """What came back.

    Attributes:
        whole: not so when the connection was dropped in the middle of the body.
    """

    status: int
    headers: Headers
    body: bytes
    whole: bool = True


class Exchange:
    """The two ends of a connection that is none."""

    __slots__ = ("_asked", "_body", "_ended", "_head", "_hung_up", "_parts")

    def __init__(self, ask: Ask) -> None:
        self._asked = False
        self._body = ask.body
        self._head: Any = None
        self._parts: list[bytes] = []
        self._hung_up = False
        self._ended = False

    def scope(self, ask: Ask) -> dict[str, Any]:
        """The request as ASGI has it."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": _HERE,
            "client": _CLIENT,
            "scheme": "https",
            "method": ask.method,
            "root_path": "",
            "path": decoded(ask.path),
            "raw_path": ask.path.encode("latin-1"),
            "query_string": ask.query,
            "headers": ask.headers,
            "state": {HANG_UP: self.hang_up},
        }

    def hang_up(self) -> None:
        """End the connection as it is."""
        self._hung_up = True

    async def receive(self) -> dict[str, Any]:
        if self._hung_up or self._asked:
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        self._parts.append(message.get("body", b""))
        self._ended = not message.get("more_body", False)

    def answer(self) -> Answer:
        """What came of it.

        Raises:
            Dropped: nothing did.
        """
        if self._head is None:
            raise Dropped
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        return Answer(self._head["status"], self._head["headers"], body, self._ended)


def decoded(path: str) -> str:
    """A path as ASGI has it: percent-decoded."""
    if "%" not in path:
        return path
    from urllib.parse import unquote

    return unquote(path)
