"""What counts as the URL of a webhook. Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

URL_MAX: Final = 255
"""Characters of a webhook URL in settings. Source: reference account §4 (D)."""


def is_web_url(url: str) -> bool:
    """Whether it is an absolute http or https URL that settings may hold. Source: reference account §4 (D)."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and len(url) <= URL_MAX and url.isprintable() and " " not in url
