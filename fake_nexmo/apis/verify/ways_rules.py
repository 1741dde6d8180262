"""The settings of a world as the rules of the Verify API read them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nexmo.apis.verify.model import Ways
from fake_nexmo.core.money import parse_money
from fake_nexmo.core.records import Account
from fake_nexmo.core.settings import value

# Source: reference verify §14 (B): by profile.
_PRICES: Final = {"2020": 10_000_000, "current": 5_000_000}
_PLATFORMS: Final = {"2020": "Nexmo", "current": "Vonage"}


def ways(settings: Mapping[str, Any], profile: str, account: Account) -> Ways:
    """How a world with these settings has the API for an account of that profile; a limit of its own comes first."""
    price = value(settings, "verify_price")
    approved = _texts(value(settings, "verify_approved")) if value(settings, "verify_demo") else None
    return Ways(
        price=parse_money(price) if price else _PRICES[profile],
        tries_max=value(settings, "verify_wrong_codes"),
        limit=value(settings, "verify_limit") if account.verify_limit is None else account.verify_limit,
        blocked=_texts(value(settings, "verify_blocked")),
        unsupported=_texts(value(settings, "verify_unsupported")),
        approved=approved,
        pin_code=value(settings, "verify_pin_code"),
        uuids=value(settings, "message_ids") == "uuid",
        search_lag_s=value(settings, "verify_search_lag"),
    )


def platform(settings: Mapping[str, Any], profile: str) -> str:
    """What the service calls itself. Source: reference verify §4 (B): until November 2020 Nexmo."""
    word: str = value(settings, "verify_brand_word")
    return _PLATFORMS[profile] if word == "profile" else word


def _texts(entries: list[Any]) -> tuple[str, ...]:
    """Entries as texts without a plus; empty ones say nothing."""
    return tuple(text for text in (str(each).strip().removeprefix("+") for each in entries) if text)
