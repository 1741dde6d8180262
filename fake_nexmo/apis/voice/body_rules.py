"""Reading the JSON body of a request: what is missing and what is wrong are collected, and refused together. Pure.

Source: reference voice §2, §4.4. Most reasons are proposals there (D), built of the two that were captured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from fake_nexmo.apis.voice import loose_rules as loose
from fake_nexmo.apis.voice import ncco_rules, ncco_wire
from fake_nexmo.apis.voice.actions_model import Action
from fake_nexmo.apis.voice.model import VoiceRefusal
from fake_nexmo.apis.voice.ncco_rules import TYPE, VALUE
from fake_nexmo.core.refusal import Refusal

METHODS: Final = ("GET", "POST")


class Wrong(NamedTuple):
    """A parameter that is there and cannot be."""

    name: str
    reason: str


class Body:
    """A request's body as it is read, with all that was found amiss; null counts as absent.

    Attributes:
        given: its members.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self._missing: list[str] = []
        self._wrong: list[Wrong] = []

    def is_absent(self, name: str, *, of: Mapping[str, Any] | None = None) -> bool:
        """Whether a parameter is not there: null and an empty array count as that. Source: voice §4.1 (C)."""
        return (self.given if of is None else of).get(name) in (None, [])

    def lacks(self, name: str) -> None:
        """Note that a required parameter is missing."""
        self._missing.append(name)

    def is_wrong(self, name: str, reason: str) -> None:
        """Note that a parameter is wrong."""
        self._wrong.append(Wrong(name, reason))

    def settle(self) -> None:
        """Refuse the request if anything was amiss; where something is missing, what is wrong goes unsaid.

        Raises:
            Refusal: MISSING with ``names``, else INVALID with ``wrong``.

        Source: reference voice §4.4 (D).
        """
        if self._missing:
            raise Refusal(VoiceRefusal.MISSING, names=tuple(dict.fromkeys(self._missing)))
        if self._wrong:
            raise Refusal(VoiceRefusal.INVALID, wrong=tuple(self._wrong))

    def text(self, name: str, *, of: Mapping[str, Any] | None = None) -> str | None:
        """A text; None: it is absent or wrong."""
        value = (self.given if of is None else of).get(name)
        if value is None or isinstance(value, str):
            return value
        self.is_wrong(name, TYPE)
        return None

    def word(self, name: str, words: tuple[str, ...], default: str, *, of: Mapping[str, Any] | None = None) -> str:
        """One of some words; an empty one counts as absent."""
        value = self.text(name, of=of)
        if value and value not in words:
            self.is_wrong(name, VALUE)
        return value or default

    def method(self, name: str, default: str) -> str:
        """``GET`` or ``POST``. Doubt: whether lower case is taken; it is here."""
        value = (self.text(name) or default).upper()
        if value not in METHODS:
            self.is_wrong(name, VALUE)
        return value

    def whole(
        self, name: str, default: int, low: int, high: int | None = None, *, of: Mapping[str, Any] | None = None
    ) -> int:
        """A whole number within bounds, also as a text. Source: reference voice §4.3 (C)."""
        value = (self.given if of is None else of).get(name)
        if value is None:
            return default
        read = loose.whole(value)
        if read is None:
            self.is_wrong(name, TYPE)
            return default
        if read < low or (high is not None and read > high):
            self.is_wrong(name, VALUE)
        return read

    def level(self) -> float:
        """How loud it is, from -1 to 1, also as a text. Source: reference voice §8.1, §4.3 (C)."""
        value = self.given.get("level")
        if value is None:
            return 0.0
        read = loose.number(value)
        if read is None:
            self.is_wrong("level", TYPE)
            return 0.0
        if not -1 <= read <= 1:
            self.is_wrong("level", VALUE)
        return read

    def flag(self, name: str) -> bool:
        """A truth value, also as a text."""
        value = self.given.get(name)
        read = loose.flag(value)
        if value is not None and read is None:
            self.is_wrong(name, TYPE)
        return bool(read)

    def url(self, name: str, *, of: Mapping[str, Any] | None = None, web: bool = True) -> str:
        """An array of one URL; empty: it is absent or wrong, and an empty array is absent too.

        Args:
            name: of the parameter; a bare text in its place is a wrong type.
            of: the object it stands in; absent: the body.
            web: it must be ``http`` or ``https``.

        Source: reference voice §4.1, §4.3 (A for the bare text).
        Doubt: whether a text that is no such URL is refused; it is here. Of several the first counts.
        """
        value = (self.given if of is None else of).get(name)
        if value is None:
            return ""
        read = loose.texts(value)
        if read is None:
            self.is_wrong(name, TYPE)
            return ""
        if not read:
            return ""
        if web and not read[0].startswith(("http://", "https://")):
            self.is_wrong(name, VALUE)
        return read[0]

    def ncco(self, value: Any) -> tuple[Action, ...]:
        """An inline NCCO, of one action at least. Source: reference voice §4.1, §4.4 (A for the check, D for words).

        Doubt: what is missing in an action is said in the form of what is wrong.
        """
        problems = ncco_rules.check(value)
        for problem in problems:
            self.is_wrong(problem.key, problem.reason)
        if not value and not problems:
            self.is_wrong("ncco", VALUE)
        return () if problems else ncco_wire.parse(value)


def decode(data: bytes) -> dict[str, Any] | None:
    """The JSON object in a request's body; None: it is none. Its label is not looked at.

    Source: reference voice §1 (D).
    """
    try:
        given = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def read(given: Mapping[str, Any] | None) -> Body:
    """The body of a request, to be read.

    Raises:
        Refusal: UNREADABLE, when it is no JSON object.

    Source: reference voice §4.4 (D).
    """
    if given is None:
        raise Refusal(VoiceRefusal.UNREADABLE)
    return Body(given)
