# mypy: ignore-errors
"""Drives the numbers calls of `vonage` 4 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys

from vonage import Auth, HttpClientOptions, Vonage
from vonage_numbers import ListOwnedNumbersFilter, NumberParams, SearchAvailableNumbersFilter, UpdateNumberParams


def page(found):
    """A page of numbers as the library hands it over."""
    numbers, count, following = found
    return {"numbers": [each.model_dump(exclude_none=True) for each in numbers], "count": count, "next": following}


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.client = None
        self.numbers = None

    def connect(self, auth, options=None):
        """Make the client that the next calls use."""
        self.client = Vonage(Auth(**auth), HttpClientOptions(**(options or {})))
        self.numbers = self.client.numbers

    def create_secret(self, secret):
        """A JSON call, after which the library labels its forms as JSON."""
        return self.client.account.create_secret(secret).model_dump()

    def owned(self, **params):
        """A page of the numbers that are owned."""
        return page(self.numbers.list_owned_numbers(ListOwnedNumbersFilter(**params)))

    def search(self, **params):
        """A page of the numbers that are for sale."""
        return page(self.numbers.search_available_numbers(SearchAvailableNumbersFilter(**params)))

    def buy(self, **params):
        """Buy a number."""
        return self.numbers.buy_number(NumberParams(**params)).model_dump()

    def cancel(self, **params):
        """Give a number back."""
        return self.numbers.cancel_number(NumberParams(**params)).model_dump()

    def update(self, **params):
        """Replace a number's links."""
        return self.numbers.update_number(UpdateNumberParams(**params)).model_dump()


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
