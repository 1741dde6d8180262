# mypy: ignore-errors
"""Drives Number Insight by `vonage` 4 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys

from vonage import Auth, HttpClientOptions, Vonage
from vonage_number_insight import (
    AdvancedAsyncInsightRequest,
    AdvancedSyncInsightRequest,
    BasicInsightRequest,
    StandardInsightRequest,
)


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.insight = None

    def connect(self, auth, options=None):
        """Make the client that the next calls use."""
        self.insight = Vonage(Auth(**auth), HttpClientOptions(**(options or {}))).number_insight

    def basic(self, **params):
        """What a number says by its digits."""
        return self.insight.get_basic_info(BasicInsightRequest(**params)).model_dump(exclude_unset=True)

    def standard(self, **params):
        """Its networks besides."""
        return self.insight.get_standard_info(StandardInsightRequest(**params)).model_dump(exclude_unset=True)

    def advanced(self, **params):
        """What the phone says besides."""
        asked = AdvancedSyncInsightRequest(**params)
        return self.insight.get_advanced_info_sync(asked).model_dump(exclude_unset=True)

    def advanced_async(self, **params):
        """The same, told to a callback."""
        asked = AdvancedAsyncInsightRequest(**params)
        return self.insight.get_advanced_info_async(asked).model_dump(exclude_unset=True)


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
