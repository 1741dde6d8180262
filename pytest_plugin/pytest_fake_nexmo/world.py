"""`Nexmo`: what the fixture ``nexmo`` is."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from pytest_fake_nexmo import judging
from pytest_fake_nexmo.clock import Clock
from pytest_fake_nexmo.entries import Entry, plain
from pytest_fake_nexmo.errors import NexmoUsageError, NexmoWarning
from pytest_fake_nexmo.expecting import Expect, Expectation
from pytest_fake_nexmo.faults import Fault
from pytest_fake_nexmo.happened import Happened
from pytest_fake_nexmo.people import Handset

if TYPE_CHECKING:
    import httpx

    from pytest_fake_nexmo.door import Door
    from pytest_fake_nexmo.strictness import Strictness

_WAY_OUT = "@pytest.mark.nexmo(strict={{{!r}: 'ignore'}})"


class Nexmo(Happened):
    """A world for one test.

    Attributes:
        world: its name; ``seed`` is what its ids, codes and dice are drawn from.
        api_key: the credentials of its first account and of that account's first application.
        environment: the environment in which programs find these; ``misleading`` names what must not be left in it.
        clock: its clock.
        expect: what is to be in it.
        reached_for_real: names of the real service that something tried to reach.
        is_over: nothing more is judged.
        said: the verdict; None: it was not judged.
    """

    def __init__(self, door: Door, strictness: Strictness) -> None:
        from fake_nexmo.environment import MISLEADING, of_world

        account, application = of_world(door.world)
        super().__init__(door)
        self._strictness = strictness
        self.world: str = door.world["world"]
        self.seed: int = door.world["seed"]
        self.api_key: str = account["api_key"] if account else ""
        self.api_secret: str = account["api_secret"] if account else ""
        self.signature_secret: str = account["signature_secret"] if account else ""
        self.application_id: str = application["id"] if application else ""
        self.private_key: str = (application["private_key"] or "") if application else ""
        self.clock = Clock(door)
        self.expect = Expect(self)
        self.expectations: list[Expectation] = []
        self.reached_for_real: list[str] = []
        self.is_over = False
        self.said: str | None = None
        self.misleading = MISLEADING
        self._warned: set[str] = set()
        self._snapshots: dict[str, frozenset[str]] = {}
        # A world in which nothing happens is as it was made, and judged only where its scenario expects something.
        self._judged = -1 if strictness.scenario else 0

    @property
    def credentials(self) -> dict[str, Any]:
        """The credentials by the names that `fake_nexmo_client` takes them by."""
        return {
            "api_key": self.api_key,
            "api_secret": self.api_secret,
            "signature_secret": self.signature_secret,
            "application_id": self.application_id,
            "private_key": self.private_key,
        }

    @property
    def base_url(self) -> str:
        """The origin of the world's server, for clients that are told one; empty in-process, where all are met."""
        return self._door.base_url

    def transport(self) -> httpx.BaseTransport | None:
        """A transport by which an `httpx.Client` reaches the world, and quickly; None: any does that."""
        return self._door.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport | None:
        """A transport for an `httpx.AsyncClient`."""
        return self._door.async_transport()

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which programs find the world."""
        return self._door.environment()

    # What is done.

    def handset(self, name: str) -> Handset:
        """A phone and the person behind it, by number or by name."""
        return Handset(self._door, name)

    def fault(self, target: str, *, calls: tuple[int, int] | int | str | None = None, **words: Any) -> Fault:
        """Arm trouble: at an operation (``sms.send``), a kind of webhook (``webhook.receipt``), or a network.

        Args:
            target: what it is at.
            calls: which calls it hits: ``(1, 2)`` is the first and the second, ``3`` the third alone.
            words: as in a scenario; ``for_`` and ``from_`` where Python keeps the word for itself.

        Raises:
            NexmoUsageError: it cannot be.
        """
        __tracebackhide__ = True
        facts = {"target": target, **plain(words)}
        if isinstance(calls, tuple):
            if len(calls) != 2:
                raise NexmoUsageError(f"fault(calls={calls!r}): write the first and the last one, as in calls=(1, 2)")
            facts["calls"] = f"{calls[0]}..{calls[1]}"
        elif calls is not None:
            facts["calls"] = calls
        said = ", ".join(f"{name}={value!r}" for name, value in facts.items() if name != "target")
        armed = self._door.control("POST", "faults", facts)
        self._door.note("act", f"a fault is armed: {target} {said}")
        return Fault(self._door, armed)

    def mount(self, url: str, app: Any) -> None:
        """Let webhooks below a URL go to a WSGI or ASGI app in this process; its lifespan is its owner's affair."""
        __tracebackhide__ = True
        self._door.mount(url, app)

    def snapshot(self) -> str:
        """Remember the whole world as it is now: what is in it, its clock, and all that is still to come.

        Returns:
            The name to `restore` it by, as often as is wanted.
        """
        self._door.note("act", "a snapshot is taken")
        taken = str(self._door.control("POST", "snapshot")["snapshot"])
        self._snapshots[taken] = frozenset(self._read)
        return taken

    def restore(self, snapshot: str) -> None:
        """Put the world back to how it was; apps stay mounted, and what is expected stays expected.

        Raises:
            NexmoUsageError: this world has no such snapshot.
        """
        __tracebackhide__ = True
        if snapshot not in self._snapshots:
            raise NexmoUsageError(f"restore({snapshot!r}): nexmo.snapshot() has taken no such snapshot of this world")
        self._door.note("act", "the world is put back to a snapshot")
        self._door.control("POST", "restore", {"snapshot": snapshot})
        self._door.restored()
        # What comes now may have the ids of what was there.
        self._read.clear()
        self._read.update(self._snapshots[snapshot])

    def settings(self, **values: Any) -> Entry:
        """Change settings of the world, None puts one back to its default; all settings as they are then."""
        __tracebackhide__ = True
        if not values:
            return Entry(self._door.control("GET", "settings"))
        return Entry(self._door.control("PATCH", "settings", values))

    def account(self, **facts: Any) -> Entry:
        """Change the account in a scenario's words, such as ``balance="0 EUR"``; the account as it is then."""
        __tracebackhide__ = True
        return self._patched(f"accounts/{self.api_key}", facts)

    def application(self, **facts: Any) -> Entry:
        """Change the application, such as ``voice={"answer_url": …}``; the application as it is then."""
        __tracebackhide__ = True
        return self._patched(f"applications/{self.application_id}", facts)

    def number(self, msisdn: str, **facts: Any) -> Entry:
        """Change an owned number, such as ``inbound_sms="https://shop.test/in"``; the number as it is then."""
        __tracebackhide__ = True
        return self._patched(f"numbers/{msisdn}", facts)

    # For the fixture, its expectations and the plugin.

    def verdict(self) -> str:
        """What is not as it should be, expectations included; empty when all is well, or nothing new has happened."""
        if self.is_over:
            return ""
        self._door.settle()
        happened = self._door.happened() + len(self.reached_for_real)
        if happened == self._judged:
            return ""
        self._judged = happened
        given = judging.verdict(self, self._door, self._strictness, self._read, _WAY_OUT)
        for each in given.doubtful:
            if each not in self._warned:
                self._warned.add(each)
                warnings.warn(NexmoWarning(each), stacklevel=2)
        wrong = [*given.wrong, *judging.unmet(given.items)]
        if not wrong:
            return ""
        self.is_over = True
        head = f"The test passed, but its world {self.world!r} (seed {self.seed}) is not as it should be:"
        return "\n".join([head, *wrong, *self.story_lines()])

    def judge(self) -> None:
        """Fail the test when its world is not as it should be."""
        __tracebackhide__ = True
        self.said = self.verdict()
        if self.said:
            pytest.fail(self.said, pytrace=False)

    def judge_all(self, way_out: str) -> judging.Verdict:
        """The verdict on a world that a file is about; see `judging.verdict`."""
        self._door.settle()
        return judging.verdict(self, self._door, self._strictness, self._read, way_out)

    def _patched(self, path: str, facts: Mapping[str, Any]) -> Entry:
        __tracebackhide__ = True
        try:
            return Entry(self._door.control("PATCH", path, plain(facts)))
        except LookupError as error:
            raise NexmoUsageError(str(error)) from None
