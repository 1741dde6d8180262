# mypy: ignore-errors
"""Drives Number Insight by `nexmo` 2.5.2 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
import warnings

import nexmo


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.client = None

    def connect(self, **options):
        """Make the client that the next calls use."""
        self.client = nexmo.Client(**options)

    def __getattr__(self, name):
        """Every method of the library's client, by its name."""
        return getattr(self.client, name)


def main() -> None:
    """Obey until the input ends."""
    warnings.simplefilter("ignore")
    driver = Driver()
    for line in sys.stdin:
        told = json.loads(line)
        try:
            outcome = getattr(driver, told["call"])(**told["params"])
        except Exception as error:  # noqa: BLE001 - whatever the library raises is the outcome
            outcome = {"raised": type(error).__name__, "text": str(error)}
        print(json.dumps(outcome), flush=True)


main()
