"""Which names are the service's."""

from __future__ import annotations

import re

_OURS = re.compile(r"(?:.+\.)?(?:nexmo|vonage)\.com\.?", re.IGNORECASE)


def is_service(host: str) -> bool:
    """Whether a host is the service's: nexmo.com, vonage.com, and all below them."""
    return _OURS.fullmatch(host) is not None
