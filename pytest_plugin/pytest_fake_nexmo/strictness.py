"""What fails a test although the test itself passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, Literal

from msgspec import Struct

from pytest_fake_nexmo.entries import Entry
from pytest_fake_nexmo.errors import NexmoUsageError

Weight = Literal["fail", "warn", "ignore"]

_USUAL: Final[Mapping[str, Weight]] = {
    "failed_webhook": "fail",
    "unused_fault": "fail",
    "lost_request": "fail",
    "unexpected_message": "ignore",
}
_WEIGHTS = ("fail", "warn", "ignore")
_BAD_STATES = frozenset({"given_up", "refused"})
_ASKED = frozenset({"url_check", "submit"})
"""Kinds whose answer is somebody's question: a no is no failure."""


class Strictness(Struct, frozen=True):
    """How much each thing weighs. Source: scenario format, ``strict``."""

    weights: Mapping[str, Weight]

    @classmethod
    def of(cls, given: Any, scenario: Mapping[str, Weight] | None = None) -> Strictness:
        """What a marker says (true: everything, false: nothing, names and weights), laid over what a scenario says.

        Raises:
            NexmoUsageError: it says something else.
        """
        usual = {**_USUAL, **{name: weight for name, weight in (scenario or {}).items() if name in _USUAL}}
        if given is None:
            return cls(usual)
        if isinstance(given, bool):
            return cls(dict.fromkeys(_USUAL, "fail" if given else "ignore"))
        if not isinstance(given, Mapping):
            raise NexmoUsageError(
                f"@pytest.mark.nexmo(strict={given!r}): write True, False, or names and one of {', '.join(_WEIGHTS)}"
            )
        for name, weight in given.items():
            _known(name, tuple(_USUAL))
            _known(weight, _WEIGHTS)
        return cls({**usual, **given})


def _known(word: str, words: Sequence[str]) -> None:
    if word not in words:
        near = get_close_matches(str(word), words, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(words)}"
        raise NexmoUsageError(f"@pytest.mark.nexmo(strict=…): {word!r} is not known; {hint}")


def failed_webhooks(webhooks: Sequence[Entry]) -> list[Entry]:
    """Webhooks that nobody took, those whose last attempt failed and that wait for another included."""
    return [
        each
        for each in webhooks
        if each["kind"] not in _ASKED
        and (each["state"] in _BAD_STATES or (each["state"] == "pending" and each["attempts"]))
    ]


def unused_faults(faults: Sequence[Entry]) -> list[Entry]:
    """Armed faults that never acted; those left to chance do not count."""
    return [each for each in faults if each.get("chance", 1) == 1 and each["matches"] < _first(each)]


def _first(fault: Entry) -> int:
    """How many matches it takes until a fault acts."""
    if "every" in fault:
        return int(fault["every"])
    return int(str(fault.get("calls", "1")).partition("..")[0])
