"""What happened in the world of a test, as the test asks for it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_fake_nexmo import telling
from pytest_fake_nexmo.entries import Entry, fits, plain
from pytest_fake_nexmo.errors import NexmoFailure, NexmoUsageError

if TYPE_CHECKING:
    from pytest_fake_nexmo.door import Door

_COLLECTIONS = {
    "message": "messages",
    "call": "calls",
    "verification": "verifications",
    "webhook": "webhooks",
    "request": "requests",
    "event": "events",
}
_LOOK_AGAIN_S = 0.01
# What may be a phone's name: neither a number nor a pattern.
_NAME = re.compile(r"[^\W\d][\w.-]*")
# Fields that the control API knows, by collection: asked once in a process.
_fields: set[tuple[str, str]] = set()


class Happened:
    """What happened in a world; which messages were asked for is remembered."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._read: set[str] = set()

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

    # For expectations and the plugin.

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
