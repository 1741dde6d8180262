"""A request on its way through an API, and what all requests of a server share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.core.settings import value
from fake_nexmo.store.protocol import NoSuchWorld, Start, Store, Wall
from fake_nexmo.web.params import BODY_MAX, Params, read_params

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

    from fake_nexmo.web.api import Operation


class TooLarge(Exception):  # noqa: N818 - an answer
    """The body is larger than the emulator takes: HTTP 413."""


class Shell:
    """What endpoints need of the server around them.

    Attributes:
        depths: per world, how deep the chain of causes is that a runner is carrying out right now; what a request
            sets while it runs was presumably caused by it.
        base_url: the origin by which the server is reached.
    """

    def __init__(self, store: Store, wall: Wall) -> None:
        self.store = store
        self.wall = wall
        self.depths: dict[str, int] = {}
        self.base_url = ""


class Caller:
    """Whose request it is: the account, its world, and the moment in which it is judged."""

    __slots__ = ("account", "moment", "start", "world")

    def __init__(self, start: Start, account: Account, moment: Moment) -> None:
        self.start = start
        self.world = start.world.name
        self.account = account
        self.moment = moment

    def setting(self, name: str) -> Any:
        """A setting of the caller's world; the account's own profile comes first."""
        if name == "profile" and self.account.profile:
            return self.account.profile
        return value(self.start.world.settings, name)


class Call(Request):
    """One request to an emulated API.

    Attributes:
        shell: the server around it.
        operation: what is asked for.
        params: what it says, once `read` has been awaited.
        caller: whose it is, once it is known; what was refused before that belongs to no world.
        about: the id on the wire that it made or read, for the log.
        outcome: the vendor's code and text of the refusal, for the log.
        fault: the fault that acted on it, for the log.
    """

    def __init__(self, scope: Scope, receive: Receive, shell: Shell, operation: Operation) -> None:
        super().__init__(scope, receive)
        self.shell = shell
        self.operation = operation
        self.params = Params()
        self.caller: Caller | None = None
        self.start: Start | None = None
        self.about = ""
        self.outcome = ""
        self.fault = ""

    def header(self, name: bytes) -> str:
        """A request header by its lower-case name; empty when it is absent."""
        for key, text in self.scope["headers"]:
            if key == name:
                return bytes(text).decode("latin-1")
        return ""

    async def read(self) -> Params:
        """Read the parameters; may be awaited again.

        Raises:
            TooLarge: the body is above 1 MiB.
        """
        body = await self.take_body()
        self.params = read_params(self.scope["query_string"], self.header(b"content-type") if body else "", body)
        return self.params

    async def take_body(self) -> bytes:
        """The whole body.

        Raises:
            TooLarge: it is above 1 MiB.
        """
        chunks, size = [], 0
        while True:
            message = await self.receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > BODY_MAX:
                raise TooLarge
            chunks.append(chunk)
            if not message.get("more_body", False):
                break
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def enter(self, world: str) -> Start:
        """Begin in a world: from here on, the request belongs to it."""
        self.start = start = await self.shell.store.begin(world)
        return start

    def moment(self, start: Start) -> Moment:
        """The moment of this request: the world's present, and the ordinal drawn for it."""
        return Moment(clocks.now(start.clock, self.shell.wall()), start.ordinal, start.world.seed)


__all__ = ["Call", "Caller", "NoSuchWorld", "Shell", "TooLarge"]
