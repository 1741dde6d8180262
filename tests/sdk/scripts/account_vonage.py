# mypy: ignore-errors
"""Drives the account calls of `vonage` 4 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys

from vonage import Auth, HttpClientOptions, Vonage


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.account = None

    def connect(self, auth, options=None):
        """Make the client that the next calls use."""
        self.account = Vonage(Auth(**auth), HttpClientOptions(**(options or {}))).account

    def balance(self):
        """What the account has."""
        return self.account.get_balance().model_dump()

    def top_up(self, trx):
        """Pay in."""
        return self.account.top_up(trx).model_dump()

    def settings(self, **urls):
        """Change the webhook URLs."""
        return self.account.update_default_sms_webhook(**urls).model_dump()

    def secrets(self):
        """All secrets."""
        return [each.model_dump() for each in self.account.list_secrets()]

    def create(self, secret):
        """Add a secret."""
        return self.account.create_secret(secret).model_dump()

    def read(self, secret_id):
        """One secret."""
        return self.account.get_secret(secret_id).model_dump()

    def revoke(self, secret_id):
        """Revoke a secret."""
        return self.account.revoke_secret(secret_id)


def main() -> None:
    """Obey until the input ends."""
    driver = Driver()
    for line in sys.stdin:
        told = json.loads(line)
        try:
            outcome = getattr(driver, told["call"])(**told["params"])
        except Exception as error:  # noqa: BLE001 - whatever the library raises is the outcome
            response = getattr(error, "response", None)
            status = None if response is None else response.status_code
            outcome = {"raised": type(error).__name__, "status": status, "text": str(error)}
        print(json.dumps(outcome), flush=True)


main()
