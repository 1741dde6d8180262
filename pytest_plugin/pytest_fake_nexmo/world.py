"""`Nexmo`: what the fixture ``nexmo`` is."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_fake_nexmo import judging, telling
from pytest_fake_nexmo.clock import Clock
from pytest_fake_nexmo.entries import Entry, fits, plain
from pytest_fake_nexmo.errors import NexmoFailure, NexmoUsageError, NexmoWarning
from pytest_fake_nexmo.expecting import Expect, Expectation
from pytest_fake_nexmo.faults import Fault
from pytest_fake_nexmo.people import Handset

if TYPE_CHECKING:
    import httpx

    from pytest_fake_nexmo.door import Door
    from pytest_fake_nexmo.strictness import Strictness

_COLLECTIONS = {
    "message": "messages",
    "call": "calls",
    "verification": "verifications",
    "webhook": "webhooks",
    "request": "requests",
    "event": "events",
}
_LOOK_AGAIN_S = 0.01
_WAY_OUT = "@pytest.mark.nexmo(strict={{{!r}: 'ignore'}})"
# What may be a phone's name: neither a number nor a pattern.
_NAME = re.compile(r"[^\W\d][\w.-]*")
# Fields that the control API knows, by collection: asked once in a process.
_fields: set[tuple[str, str]] = set()


class Nexmo:
    """A world for one test.

    Attributes:
        world: its name; ``seed`` is what its ids, codes and dice are drawn from.
        api_key: the credentials of its first account and of that account's first application.
        environment: the environment in which programs find these; ``misleading`` names what must not be left in it.
        clock: its clock.
        expect: what is to be in it.
        reached_for_real: names of the real service that something tried to reach.
        is_over: nothing more is judged.
    """

    def __init__(self, door: Door, strictness: Strictness) -> None:
        from fake_nexmo.environment import MISLEADING, of_world

        account, application = of_world(door.world)
        self._door = door
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
        self.misleading = MISLEADING
        self._read: set[str] = set()
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

    # What happened.

    def message(self, **fields: Any) -> Entry:
        r"""The newest message that fits, whichever way it went.

        A field is compared as scenarios do it: ``text="/code: \d+/"`` is searched for, ``to="4477009*"`` is a
        prefix of a number, everything else is the value itself.

        Raises:
            NexmoFailure: there is none; the nearest miss is shown.
        """
        __tracebackhide__ = True
        return self._one("message", fields)

    def messages(self, **fields: Any) -> list[Entry]:
        """The messages that fit, oldest first."""
        __tracebackhide__ = True
        return self._all("message", fields)

    def call(self, **fields: Any) -> Entry:
        """The newest call that fits; see `message`."""
        __tracebackhide__ = True
        return self._one("call", fields)

    def calls(self, **fields: Any) -> list[Entry]:
        """The calls that fit, oldest first."""
        __tracebackhide__ = True
        return self._all("call", fields)

    def verification(self, **fields: Any) -> Entry:
        """The newest verification that fits; see `message`."""
        __tracebackhide__ = True
        return self._one("verification", fields)

    def verifications(self, **fields: Any) -> list[Entry]:
        """The verifications that fit, oldest first."""
        __tracebackhide__ = True
        return self._all("verification", fields)

    def webhook(self, **fields: Any) -> Entry:
        """The newest webhook that fits; see `message`."""
        __tracebackhide__ = True
        return self._one("webhook", fields)

    def webhooks(self, **fields: Any) -> list[Entry]:
        """The webhooks that fit, oldest first."""
        __tracebackhide__ = True
        return self._all("webhook", fields)

    def requests(self, **fields: Any) -> list[Entry]:
        """The requests to emulated APIs that fit, oldest first."""
        __tracebackhide__ = True
        return self._all("request", fields)

    def events(self, **fields: Any) -> list[Entry]:
        """The events that fit, oldest first."""
        __tracebackhide__ = True
        return self._all("event", fields)

    def code(self, to: str) -> str:
        """The newest code that a phone saw or heard: a Verify code, or the last 4 to 8 digits of its newest SMS.

        Raises:
            NexmoFailure: it saw none.
        """
        __tracebackhide__ = True
        try:
            found = self._door.control("GET", f"handsets/{quote(to, safe='')}/code")
        except LookupError as error:
            lines = telling.head(f"No code for {to}: {error}")
            near = telling.miss("message", self.entries("message"), self.understood("message", {"to": to}))
            raise NexmoFailure("\n".join([*lines, *near, *self.story_lines()])) from None
        self._read.update(
            each["id"] for each in self.entries("message") if fits(each, self.understood("message", {"to": to}))
        )
        return str(found["code"])

    def wait_for(self, kind: str, timeout: float = 5.0, **fields: Any) -> Entry:
        """Wait until something fits that other threads or processes bring about.

        Args:
            kind: ``message``, ``call``, ``verification``, ``webhook``, ``request`` or ``event``.
            timeout: seconds of real time.
            fields: see `message`.

        Raises:
            NexmoFailure: time is over; the nearest miss is shown.
        """
        __tracebackhide__ = True
        if kind not in _COLLECTIONS:
            raise NexmoUsageError(f"wait_for({kind!r}): there are {', '.join(_COLLECTIONS)}")
        from fake_nexmo.store.steady import steady_s

        until = steady_s() + timeout
        while not (have := self._all(kind, fields)):
            if steady_s() >= until:
                return self._one(kind, fields, f" after {timeout:g} s")
            time.sleep(_LOOK_AGAIN_S)
        return have[-1]

    def ivr(self) -> Entry:
        """Which branches of the apps' call flows were taken so far: ``nodes``, ``edges`` and what is ``untaken``."""
        return Entry(self._door.control("GET", "ivr"))

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
        if calls is not None:
            facts["calls"] = f"{calls[0]}..{calls[1]}" if isinstance(calls, tuple) else calls
        said = ", ".join(f"{name}={value!r}" for name, value in facts.items() if name != "target")
        self._door.note("act", f"a fault is armed: {target} {said}")
        return Fault(self._door, self._door.control("POST", "faults", facts))

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
        if not values:
            return Entry(self._door.control("GET", "settings"))
        return Entry(self._door.control("PATCH", "settings", values))

    def account(self, **facts: Any) -> Entry:
        """Change the account in a scenario's words, such as ``balance="0 EUR"``; the account as it is then."""
        return self._patched(f"accounts/{self.api_key}", facts)

    def application(self, **facts: Any) -> Entry:
        """Change the application, such as ``voice={"answer_url": …}``; the application as it is then."""
        return self._patched(f"applications/{self.application_id}", facts)

    def number(self, msisdn: str, **facts: Any) -> Entry:
        """Change an owned number, such as ``inbound_sms="https://shop.test/in"``; the number as it is then."""
        return self._patched(f"numbers/{msisdn}", facts)

    # For the fixture, its expectations and the plugin.

    def entries(self, kind: str) -> list[Entry]:
        """All entries of a kind, oldest first."""
        return [Entry(each) for each in self._door.control("GET", _COLLECTIONS[kind])["items"]]

    def understood(self, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields by their names, with the names of phones as their numbers.

        Raises:
            NexmoUsageError: there is no such field.
        """
        __tracebackhide__ = True
        named = plain(fields)
        for name in named:
            if (kind, name) not in _fields:
                self._door.control("GET", f"{_COLLECTIONS[kind]}?{quote(name)}=")
                _fields.add((kind, name))
        return {name: self._number(name, value) for name, value in named.items()}

    def story_lines(self) -> list[str]:
        """What happened, in lines."""
        return telling.story(self._door.lines(), self.entries("message"))

    def story(self) -> str:
        """What happened."""
        return "\n".join(self.story_lines())

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

    def judge_all(self, way_out: str) -> judging.Verdict:
        """The verdict on a world that a file is about; see `judging.verdict`."""
        self._door.settle()
        return judging.verdict(self, self._door, self._strictness, self._read, way_out)

    def _all(self, kind: str, fields: Mapping[str, Any]) -> list[Entry]:
        __tracebackhide__ = True
        wanted = self.understood(kind, fields)
        have = [each for each in self.entries(kind) if fits(each, wanted)]
        if kind == "message":
            self._read.update(each["id"] for each in have)
        return have

    def _one(self, kind: str, fields: Mapping[str, Any], when: str = "") -> Entry:
        __tracebackhide__ = True
        wanted = self.understood(kind, fields)
        entries = self.entries(kind)
        have = [each for each in entries if fits(each, wanted)]
        if not have:
            head = telling.head(f"No {kind} fits{when}: {telling.wanted(wanted)}")
            raise NexmoFailure("\n".join([*head, *telling.miss(kind, entries, wanted), *self.story_lines()]))
        if kind == "message":
            self._read.add(have[-1]["id"])
        return have[-1]

    def _number(self, field: str, value: Any) -> Any:
        """The number of a phone that is meant by its name."""
        if field not in {"to", "from", "number"} or not isinstance(value, str) or not _NAME.fullmatch(value):
            return value
        try:
            return self._door.control("GET", f"handsets/{quote(value, safe='')}")["number"]
        except LookupError:
            return value

    def _patched(self, path: str, facts: Mapping[str, Any]) -> Entry:
        __tracebackhide__ = True
        try:
            return Entry(self._door.control("PATCH", path, plain(facts)))
        except LookupError as error:
            raise NexmoUsageError(str(error)) from None
