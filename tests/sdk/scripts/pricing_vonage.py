# mypy: ignore-errors
"""Drives the pricing calls of `vonage` 4 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys

from vonage import Auth, HttpClientOptions, Vonage
from vonage_account import GetCountryPricingRequest, GetPrefixPricingRequest, ServiceType


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.account = None

    def connect(self, auth, options=None):
        """Make the client that the next calls use."""
        self.account = Vonage(Auth(**auth), HttpClientOptions(**(options or {}))).account

    def country(self, country_code, **options):
        """Prices of one country."""
        request = GetCountryPricingRequest(country_code=country_code, **options)
        return self.account.get_country_pricing(request).model_dump()

    def all(self, service):
        """Prices of all countries."""
        return self.account.get_all_countries_pricing(ServiceType(service)).model_dump()

    def prefix(self, prefix, **options):
        """Prices of a calling code."""
        return self.account.get_prefix_pricing(GetPrefixPricingRequest(prefix=prefix, **options)).model_dump()


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
