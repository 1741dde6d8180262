"""The ways a request ends that is not carried out."""

from __future__ import annotations

from enum import Enum


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A no that the real API would give: one row of an API's refusal table.

    Attributes:
        row: the member of the API's refusal enum.
        facts: what the API's words for that row need to know, such as ``to`` or ``price``.
    """

    def __init__(self, row: Enum, **facts: object) -> None:
        super().__init__(row, facts)
        self.row = row
        self.facts = facts


class NotEmulated(Exception):  # noqa: N818 - an answer too
    """The real API would do it and we cannot yet: HTTP 501 that names the gap, never a made-up success."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
