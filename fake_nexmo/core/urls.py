"""What counts as the URL of a webhook. Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

URL_MAX: Final = 255
"""Characters of a webhook URL in settings. Source: reference account §4 (D)."""


def is_absolute(url: str) -> bool:
    """Whether it is an absolute http or https URL that something can be sent to.

    Source: reference application §4.7 (B for https, D for http), number-insight §3.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and url.isprintable() and " " not in url


def is_web_url(url: str) -> bool:
    """Whether it is an absolute http or https URL that settings may hold. Source: reference account §4 (D)."""
    return len(url) <= URL_MAX and is_absolute(url)
