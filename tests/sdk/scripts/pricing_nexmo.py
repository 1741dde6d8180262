# mypy: ignore-errors
"""Drives the pricing calls of `nexmo` 2.5.2 unmodified: one JSON command a line in, one JSON outcome a line out.

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

    def country(self, country_code):
        """Prices of one country."""
        return self.client.get_country_pricing(country_code)

    def prefix(self, prefix):
        """Prices of a calling code."""
        return self.client.get_prefix_pricing(prefix)

    def sms(self, number):
        """What an SMS to a number costs."""
        return self.client.get_sms_pricing(number)

    def voice(self, number):
        """What a call to a number costs."""
        return self.client.get_voice_pricing(number)


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
