# mypy: ignore-errors
"""Drives the application calls of `vonage` 4 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys

from vonage import Auth, HttpClientOptions, Vonage
from vonage_application import ApplicationConfig, ListApplicationsFilter


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.application = None

    def connect(self, auth, options=None):
        """Make the client that the next calls use."""
        self.application = Vonage(Auth(**auth), HttpClientOptions(**(options or {}))).application

    def create(self, config=None):
        """Make an application."""
        made = self.application.create_application(None if config is None else ApplicationConfig(**config))
        return made.model_dump(exclude_none=True)

    def get(self, application_id):
        """One application."""
        return self.application.get_application(application_id).model_dump(exclude_none=True)

    def update(self, application_id, config):
        """Replace what an application is."""
        changed = self.application.update_application(application_id, ApplicationConfig(**config))
        return changed.model_dump(exclude_none=True)

    def list(self, **params):
        """A page of applications, and the number of the next one."""
        found, following = self.application.list_applications(ListApplicationsFilter(**params))
        return [[each.model_dump(exclude_none=True) for each in found], following]

    def delete(self, application_id):
        """Remove an application."""
        return self.application.delete_application(application_id)


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
