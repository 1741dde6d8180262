# mypy: ignore-errors
"""Drives the numbers calls of `nexmo` 2.5.2 unmodified: one JSON command a line in, one JSON outcome a line out.

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

    def owned(self, **params):
        """The numbers that are owned."""
        return self.client.get_account_numbers(params)

    def search(self, country, **params):
        """The numbers that are for sale."""
        return self.client.get_available_numbers(country, params)

    def buy(self, **params):
        """Buy a number."""
        return self.client.buy_number(params)

    def cancel(self, **params):
        """Give a number back."""
        return self.client.cancel_number(params)

    def update(self, **params):
        """Replace a number's links."""
        return self.client.update_number(params)


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
