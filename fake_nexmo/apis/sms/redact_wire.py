"""Words of the Redact API on the wire. No framework, no state. Source: reference sms §15."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fake_nexmo.apis.sms.redact_rules import Redact, RedactRefusal
from fake_nexmo.core.records import Direction

_BASE = "https://developer.nexmo.com/api-errors"
_DIRECTIONS = {"outbound": Direction.OUTBOUND, "inbound": Direction.INBOUND}
_TYPES = {Direction.OUTBOUND: "MT", Direction.INBOUND: "MO"}
# Status, place below the base, title, detail. Source: reference sms §15 (B).
# Doubt: the details of invalid JSON and of a server error are ours.
_PROBLEMS: Mapping[RedactRefusal, tuple[int, str, str, str]] = {
    RedactRefusal.PREMATURE: (
        403,
        "/redact#premature-redaction",
        "Premature Redaction",
        "You must wait 60 minutes before redacting ID '{id}'",
    ),
    RedactRefusal.UNPROVISIONED: (
        403,
        "#unprovisioned",
        "Authorisation error",
        "User={key} is not provisioned to redact product={product}",
    ),
    RedactRefusal.NOT_FOUND: (404, "#invalid-id", "Invalid ID", "ID '{id}' could not be found (type={type})"),
    RedactRefusal.INVALID_JSON: (422, "#invalid-json", "Invalid JSON", "The body is not the JSON of a redaction"),
    RedactRefusal.INVALID_PRODUCT: (
        422,
        "/redact#invalid-product",
        "Invalid Product",
        "No product corresponding to supplied string {product}!",
    ),
    RedactRefusal.THROTTLED: (
        429,
        "/redact#rate-limit",
        "Rate Limit Hit",
        "Please wait, then retry your request",
    ),
    RedactRefusal.SERVER_ERROR: (500, "#server-error", "Server Error", "The request could not be carried out"),
}


class _Body(msgspec.Struct):
    id: str
    product: str | None = None
    type: str | None = None


def parse(body: bytes) -> Redact | None:
    """The command in a body; None when it is no JSON of that form, an ``id`` that is a text being the least.

    Source: reference sms §15 for the default of ``type``.
    """
    try:
        read = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return Redact(read.id, read.product, _DIRECTIONS.get(read.type or "outbound"))


def refused(row: RedactRefusal, facts: Mapping[str, Any], key: str, instance: str) -> tuple[int, bytes]:
    """HTTP status and body of a refusal.

    Source: reference sms §15, auth §6.9 (B).
    Doubt: a product that is not named at all reads as ``null``.
    """
    if row is RedactRefusal.BAD_CREDENTIALS:
        return 401, msgspec.json.encode({"type": "UNAUTHORIZED", "error_title": "Unauthorized"})
    status, place, title, detail = _PROBLEMS[row]
    product = facts.get("product")
    said = detail.format(
        id=facts.get("id", ""),
        type=_TYPES[facts.get("direction", Direction.OUTBOUND)],
        key=key,
        product="null" if product is None else product.upper() if row is RedactRefusal.UNPROVISIONED else product,
    )
    members = {"type": _BASE + place, "title": title, "detail": said, "instance": instance}
    return status, msgspec.json.encode(members)
