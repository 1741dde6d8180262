# mypy: ignore-errors
"""Drives the Verify calls of `nexmo` 2.5.2 unmodified: one JSON command a line in, one JSON outcome a line out.

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
        self.verify = None
        self.client = None

    def connect(self, **options):
        """Make the client that the next calls use."""
        self.client = nexmo.Client(**options)
        self.verify = nexmo.Verify(self.client)

    def start(self, **params):
        """Verify a number."""
        return self.verify.start_verification(params)

    def psd2(self, **params):
        """Verify a payment."""
        return self.verify.psd2(params)

    def check(self, request_id, code):
        """Check a code."""
        return self.verify.check(request_id, code=code)

    def search(self, request_id):
        """Find one."""
        return self.verify.search(request_id)

    def cancel(self, request_id):
        """Cancel."""
        return self.verify.cancel(request_id)

    def trigger(self, request_id):
        """Run the next event."""
        return self.verify.trigger_next_event(request_id)

    def older(self, name, **params):
        """One of the client's own calls, which came before the class."""
        return getattr(self.client, name)(**params)


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
