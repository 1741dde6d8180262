# mypy: ignore-errors
"""Drives the account calls of `nexmo` 2.5.2 unmodified: one JSON command a line in, one JSON outcome a line out.

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

    def balance(self):
        """What the account has."""
        return self.client.get_balance()

    def top_up(self, **params):
        """Pay in."""
        return self.client.topup(params)

    def settings(self, **params):
        """Read or change the settings."""
        return self.client.update_settings(params)

    def secrets(self):
        """All secrets."""
        return self.client.list_secrets(self.client.api_key)

    def secrets_of(self, api_key):
        """All secrets of somebody."""
        return self.client.list_secrets(api_key)

    def create(self, secret):
        """Add a secret."""
        return self.client.create_secret(self.client.api_key, secret)

    def read(self, secret_id):
        """One secret."""
        return self.client.get_secret(self.client.api_key, secret_id)

    def revoke(self, secret_id):
        """Revoke a secret."""
        return self.client.delete_secret(self.client.api_key, secret_id)


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
