# mypy: ignore-errors
"""Drives the application calls of `nexmo` 2.5.2 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
import warnings

import nexmo

warnings.simplefilter("ignore")


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.client = None

    def connect(self, **options):
        """Make the client that the next calls use."""
        self.client = nexmo.Client(**options)

    def create(self, **said):
        """Make an application by the first version."""
        return self.client.create_application(said)

    def list(self, **params):
        """A page of applications by the first version."""
        return self.client.get_applications(params)

    def get(self, application_id):
        """One application by the first version."""
        return self.client.get_application(application_id)

    def update(self, application_id, **said):
        """Change an application by the first version."""
        return self.client.update_application(application_id, said)

    def delete(self, application_id):
        """Remove an application by the first version."""
        return self.client.delete_application(application_id)

    def create_2(self, **said):
        """Make an application by the second version."""
        return self.client.application_v2.create_application(said)

    def list_2(self, **params):
        """A page of applications by the second version."""
        return self.client.application_v2.list_applications(**params)

    def get_2(self, application_id):
        """One application by the second version."""
        return self.client.application_v2.get_application(application_id)

    def update_2(self, application_id, **said):
        """Replace what an application is by the second version."""
        return self.client.application_v2.update_application(application_id, said)

    def delete_2(self, application_id):
        """Remove an application by the second version."""
        return self.client.application_v2.delete_application(application_id)


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
