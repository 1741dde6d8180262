"""Where the world of a test is: what the fixture needs of it, wherever that may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pytest_fake_nexmo.errors import NexmoUsageError

if TYPE_CHECKING:
    import httpx

    from fake_nexmo.inside.chronicle import Kind, Line
    from fake_nexmo.inside.fake import Fake


class Door(Protocol):
    """The way to a world.

    Attributes:
        world: what the control API answered when it was made.
        base_url: the origin at which clients reach it; empty: the service's own hosts, where it is in their way.
    """

    world: Mapping[str, Any]
    base_url: str

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """Call the control API: a path below that of the world, or one below ``/_fake`` that begins with a slash.

        Raises:
            NexmoUsageError: it did not do it.
            LookupError: there is no such thing.
        """
        ...

    def transport(self) -> httpx.BaseTransport | None:
        """How the bytes of a client of ours travel; None: as ever."""
        ...

    def async_transport(self) -> httpx.AsyncBaseTransport | None:
        """The same for clients on an event loop, where nobody is there to await their closing."""
        ...

    def note(self, kind: Kind, what: str) -> Line:
        """Write down what the test does."""
        ...

    def lines(self) -> Sequence[Line]:
        """What happened, oldest first."""
        ...

    def settle(self) -> None:
        """Carry out what is due now."""
        ...

    def happened(self) -> int:
        """How much happened so far."""
        ...

    def mount(self, url: str, app: Any) -> None:
        """Let webhooks below a URL go to an app."""
        ...

    def restored(self) -> None:
        """Let apps be where they are, though the world is as it was before they were there."""
        ...

    def crashes(self) -> Sequence[tuple[str, BaseException]]:
        """What apps raised, by URL."""
        ...

    def troubles(self) -> Sequence[str]:
        """What else went wrong while nobody was there to be told."""
        ...

    def lost(self) -> Sequence[Mapping[str, Any]]:
        """Requests with a credential that nobody has, as far as they can be the test's."""
        ...

    def environment(self) -> dict[str, str]:
        """The environment in which programs find the world."""
        ...


class InsideDoor:
    """The world of a fake in this process."""

    def __init__(self, fake: Fake) -> None:
        from fake_nexmo.control import words

        made = fake.world
        self.fake = fake
        self.base_url = ""
        self.world: Mapping[str, Any] = {
            "world": made.world,
            "seed": made.seed,
            "accounts": [words.account(each) for each in made.accounts],
            "applications": [words.application(each) for each in made.applications],
        }

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """See `Door.control`."""
        __tracebackhide__ = True
        from fake_nexmo.inside.fake import Refused

        try:
            return self.fake.control(method, path, content)
        except Refused as refused:
            if refused.status == 404:
                raise LookupError(str(refused)) from None
            raise NexmoUsageError(str(refused)) from None

    def transport(self) -> httpx.BaseTransport | None:
        """See `Door.transport`: not over one that reads all certificates, and is met only then."""
        return self.fake.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport | None:
        """See `Door.async_transport`."""
        return self.fake.async_transport()

    def note(self, kind: Kind, what: str) -> Line:
        """See `Door.note`."""
        from fake_nexmo.inside.chronicle import Line

        return self.fake.chronicle.add(Line(kind, self.fake.now(), what))

    def lines(self) -> Sequence[Line]:
        """See `Door.lines`."""
        return self.fake.chronicle.lines()

    def settle(self) -> None:
        """See `Door.settle`."""
        self.fake.settle()

    def happened(self) -> int:
        """See `Door.happened`."""
        return self.fake.chronicle.count

    def mount(self, url: str, app: Any) -> None:
        """See `Door.mount`."""
        __tracebackhide__ = True
        try:
            self.fake.mount(url, app)
        except (ValueError, TypeError) as error:
            raise NexmoUsageError(str(error)) from None

    def restored(self) -> None:
        """See `Door.restored`: what is mounted is no part of the world."""

    def crashes(self) -> Sequence[tuple[str, BaseException]]:
        """See `Door.crashes`."""
        return self.fake.outbound.crashes

    def troubles(self) -> Sequence[str]:
        """See `Door.troubles`."""
        return self.fake.troubles

    def lost(self) -> Sequence[Mapping[str, Any]]:
        """See `Door.lost`."""
        items: Sequence[Mapping[str, Any]] = self.control("GET", "/lost-and-found")["items"]
        return items

    def environment(self) -> dict[str, str]:
        """See `Door.environment`."""
        from fake_nexmo.environment import credentials, of_world

        account, application = of_world(self.world)
        return credentials(str(self.world["world"]), account, application)
