"""What counts as the URL of a webhook. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_url(text: str) -> bool:
    """Whether it is an absolute http or https URL. Source: reference application §4.7 (B for https, D for http)."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and text.isprintable() and " " not in text
