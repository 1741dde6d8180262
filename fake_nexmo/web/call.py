"""A request on its way through an API, and what all requests of a server share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.core.settings import value
from fake_nexmo.store.protocol import NoSuchWorld, Start, Store, Wall
from fake_nexmo.web.params import BODY_MAX, Params, read_params

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

    from fake_nexmo.web.api import Operation
    from fake_nexmo.web.weather import Acting


class Gone(Exception):  # noqa: N818 - nobody is left to be answered
    """The client hung up before its request was whole."""


class Faulted(Exception):  # noqa: N818 - an answer
    """A fault acts instead of the operation: nothing of it happens, and the fault words the answer."""


class TooLarge(Exception):  # noqa: N818 - an answer
    """The body is larger than the emulator takes: HTTP 413."""


class Shell:
    """What endpoints need of the server around them.

    Attributes:
        depths: per world, how deep the chain of causes is that a runner is carrying out right now; what a request
            sets while it runs was presumably caused by it.
        base_url: the origin by which the server is reached.
        settle: carries out all that is due now in a world; see the engine.
        sleep: lets real time pass, in seconds; None inside a process, where nothing sleeps.
        check_url: whether a URL that an account of a world means to use answers 200 to a GET, by the names of world and
            account and the URL; None: this server calls nobody.
    """

    def __init__(self, store: Store, wall: Wall) -> None:
        self.store = store
        self.wall = wall
        self.depths: dict[str, int] = {}
        self.base_url = ""
        self.settle: Callable[[str], Awaitable[bool]] | None = None
        self.sleep: Callable[[float], Awaitable[None]] | None = None
        self.check_url: Callable[[str, str, str], Awaitable[bool]] | None = None


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


class Call:
    """One request to an emulated API: what endpoints need of it, and no more, since every request pays for it.

    Attributes:
        scope: as ASGI hands it in, and ``receive``.
        shell: the server around it.
        operation: what is asked for; of a verb that the path does not take, one of those that it has.
        allowed: the verbs that the path takes.
        params: what it says, once `read` has been awaited.
        caller: whose it is, once it is known; what was refused before that belongs to no world.
        about: the id on the wire that it made or read, for the log.
        outcome: the vendor's code and text of the refusal, for the log.
        weather: the fault that acts on it.
        answered_first: the webhook that it led to is sent before its reply, by a fault.
    """

    __slots__ = (
        "about",
        "allowed",
        "answered_first",
        "caller",
        "operation",
        "outcome",
        "params",
        "receive",
        "scope",
        "shell",
        "start",
        "weather",
    )

    def __init__(self, scope: Scope, receive: Receive, shell: Shell, operation: Operation) -> None:
        self.scope = scope
        self.receive = receive
        self.shell = shell
        self.operation = operation
        self.allowed = operation.methods
        self.params = Params()
        self.caller: Caller | None = None
        self.start: Start | None = None
        self.about = ""
        self.outcome = ""
        self.weather: Acting | None = None
        self.answered_first = False

    @property
    def method(self) -> str:
        """The HTTP verb."""
        verb: str = self.scope["method"]
        return verb

    @property
    def path_params(self) -> Mapping[str, str]:
        """The values in the path, by their names."""
        values: Mapping[str, str] = self.scope.get("path_params") or {}
        return values

    @property
    def shown_path(self) -> str:
        """The path as it may be written down: one that holds a secret is masked."""
        path: str = self.scope["path"]
        if not self.scope.get("path_params"):
            return path
        secret = self.path_params.get("secret")
        return "/".join("***" if part == secret else part for part in path.split("/"))

    def header(self, name: bytes) -> str:
        """A request header by its lower-case name; empty when it is absent."""
        for key, text in self.scope["headers"]:
            if key == name:
                return bytes(text).decode("latin-1")
        return ""

    async def read(self) -> Params:
        """Read the parameters. The body of a GET or DELETE is ignored.

        Raises:
            TooLarge: the body is above 1 MiB.
            Gone: the client hung up.

        Source: reference README rulings, "GET or DELETE with a body".
        """
        body = b"" if self.scope["method"] in {"GET", "DELETE"} else await self.take_body()
        self.params = read_params(self.scope["query_string"], self.header(b"content-type") if body else "", body)
        return self.params

    async def take_body(self) -> bytes:
        """The whole body.

        Raises:
            TooLarge: it is above 1 MiB.
            Gone: the client hung up.
        """
        body: bytes | bytearray = b""
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            chunk: bytes = message.get("body", b"")
            if body:
                body = bytearray(body) if isinstance(body, bytes) else body
                body += chunk
            else:
                body = chunk
            if len(body) > BODY_MAX:
                raise TooLarge
            if not message.get("more_body", False):
                return bytes(body)

    def moment(self, start: Start) -> Moment:
        """The moment of this request: the world's present, and the ordinal drawn for it."""
        return Moment(clocks.now(start.clock, self.shell.wall()), start.ordinal, start.world.seed)


__all__ = ["Call", "Caller", "NoSuchWorld", "Shell", "TooLarge"]
