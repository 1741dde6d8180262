# mypy: ignore-errors
"""Drives `vonage` 4 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys

from vonage import Auth, HttpClientOptions, Vonage
from vonage_sms import SmsMessage


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.client = None

    def connect(self, auth, options=None):
        """Make the client that the next calls use."""
        self.client = Vonage(Auth(**auth), HttpClientOptions(**(options or {})))

    def send(self, **message):
        """Send an SMS."""
        return self.client.sms.send(SmsMessage(**message)).model_dump()

    def check(self, **params):
        """Judge the signature of a webhook."""
        return self.client.http_client.auth.check_signature(params)


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
