"""Patterns as scenarios write them: an exact text, a prefix of a number, or a regular expression."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

_EXPRESSION = re.compile(r"/(.*)/(i?)", re.DOTALL)


class Pattern(Struct, frozen=True, gc=False):
    """What a text is compared with.

    Attributes:
        text: ``/…/`` or ``/…/i`` is a regular expression that is searched for; ``…*`` a prefix, where a number is
            meant; anything else the exact text.
    """

    text: str

    def matches(self, given: str, *, number: bool = False) -> bool:
        """Whether a text fits; where a number is meant, a leading plus does not count."""
        expression = _compiled(self.text)
        if expression is not None:
            return expression.search(given) is not None
        if not number:
            return given == self.text
        wanted, has = self.text.lstrip("+"), given.lstrip("+")
        return has.startswith(wanted[:-1]) if wanted.endswith("*") else has == wanted


def parse_pattern(text: str) -> Pattern:
    """The pattern that a text spells.

    Raises:
        ValueError: it is a regular expression that cannot be read.
    """
    try:
        _compiled(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return Pattern(text)


@lru_cache(maxsize=1024)
def _compiled(text: str) -> re.Pattern[str] | None:
    read = _EXPRESSION.fullmatch(text)
    return re.compile(read[1], re.IGNORECASE if read[2] else 0) if read else None
