# mypy: ignore-errors
"""Drives the calls of ``verify_legacy`` in `vonage` 4 unmodified: one JSON command a line in, one JSON outcome out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import logging
import sys

from vonage import Auth, HttpClientOptions, Vonage
from vonage_verify_legacy import Psd2Request, VerifyRequest


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.verify = None

    def connect(self, auth, options=None):
        """Make the client that the next calls use."""
        self.verify = Vonage(Auth(**auth), HttpClientOptions(**(options or {}))).verify_legacy

    def start(self, **params):
        """Verify a number."""
        return self.verify.start_verification(VerifyRequest(**params)).model_dump()

    def psd2(self, **params):
        """Verify a payment."""
        return self.verify.start_psd2_verification(Psd2Request(**params)).model_dump()

    def check(self, request_id, code):
        """Check a code."""
        return self.verify.check_code(request_id, code).model_dump()

    def search(self, request):
        """Find one, or several."""
        found = self.verify.search(request)
        return [each.model_dump() for each in found] if isinstance(found, list) else found.model_dump()

    def cancel(self, request_id):
        """Cancel."""
        return self.verify.cancel_verification(request_id).model_dump()

    def trigger(self, request_id):
        """Run the next event."""
        return self.verify.trigger_next_event(request_id).model_dump()

    def unblock(self, network, duration):
        """Lift a block."""
        return self.verify.request_network_unblock(network, duration).model_dump()


def main() -> None:
    """Obey until the input ends."""
    logging.disable()
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
