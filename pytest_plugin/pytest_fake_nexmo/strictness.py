"""What fails a test although the test itself passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, Literal

from msgspec import Struct

from pytest_fake_nexmo.errors import NexmoUsageError

Weight = Literal["fail", "warn", "ignore"]

_USUAL: Final[Mapping[str, Weight]] = {
    "failed_webhook": "fail",
    "unused_fault": "fail",
    "lost_request": "fail",
    "unexpected_message": "ignore",
    "unknown_number": "ignore",
}
_WEIGHTS = ("fail", "warn", "ignore")


class Strictness(Struct, frozen=True):
    """How much each thing weighs.

    Attributes:
        weights: by rule. Source: scenario format, ``strict``.
        scenario: whether the world has a scenario, and ``expects`` whether what that expects is judged.
    """

    weights: Mapping[str, Weight]
    scenario: bool = False
    expects: bool = False

    @property
    def asks_scenario(self) -> bool:
        """Whether there is anything that the world's own verdicts must be asked about."""
        return self.expects or (self.scenario and self.weights["unknown_number"] != "ignore")

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


def near(word: str, words: Sequence[str]) -> str:
    """A hint: the nearest word that there is, or all of them."""
    found = get_close_matches(word, words, 1)
    return f"did you mean {found[0]!r}?" if found else f"there are {', '.join(words)}"


def _known(word: str, words: Sequence[str]) -> None:
    if word not in words:
        raise NexmoUsageError(f"@pytest.mark.nexmo(strict=…): {word!r} is not known; {near(str(word), words)}")
