# mypy: ignore-errors
"""Drives the voice calls of `nexmo` 2.5.2 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys

import nexmo


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.client = None

    def connect(self, **options):
        """Make the client that the next calls use."""
        self.client = nexmo.Client(**options)

    def voice(self, method, args=(), **params):
        """A method of the voice class, such as ``create_call``."""
        return getattr(nexmo.Voice(self.client), method)(*args, **({"params": params} if params else {}))

    def old(self, method, args=(), **params):
        """The method of that name which the client had before."""
        return getattr(self.client, method)(*args, **({"params": params} if params else {}))


def main() -> None:
    """Obey until the input ends."""
    driver = Driver()
    for line in sys.stdin:
        told = json.loads(line)
        try:
            outcome = getattr(driver, told["call"])(**told["params"])
        except Exception as error:  # noqa: BLE001 - whatever the library raises is the outcome
            outcome = {"raised": type(error).__name__, "text": str(error)}
        print(json.dumps(outcome), flush=True)


main()
