"""Words of message search on the wire. No framework, no state.

Source: reference sms §13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fake_nexmo.apis.sms.model import ROWS, Rejection, SmsRefusal
from fake_nexmo.apis.sms.search_rules import Found, SearchRefusal, shown
from fake_nexmo.apis.sms.wire import error_text
from fake_nexmo.core.instant import spaced
from fake_nexmo.core.money import format_money
from fake_nexmo.core.records import Direction, PartStatus
from fake_nexmo.core.xml import xml_text

Members = dict[str, Any]
"""The members of an answer in the order of the wire."""

XML_TYPES = ("application/xml", "text/xml")
_PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

# Source: reference sms §13: SMPP's words for a final state.
_FINAL = {
    PartStatus.DELIVERED: "DELIVRD",
    PartStatus.EXPIRED: "EXPIRED",
    PartStatus.FAILED: "UNDELIV",
    PartStatus.REJECTED: "REJECTD",
    PartStatus.UNKNOWN: "UNKNOWN",
}
# Source: the same; A for ACCEPTD. Doubt: the word for a message that waits for a retry is SMPP's.
_PENDING = {
    PartStatus.SUBMITTED: "ACCEPTD",
    PartStatus.ACCEPTED: "ACCEPTD",
    PartStatus.BUFFERED: "ENROUTE",
}
# Source: reference sms §10.2 (B).
_LABELS = {
    "0": "Delivered",
    "1": "Unknown",
    "2": "Absent Subscriber - Temporary",
    "3": "Absent Subscriber - Permanent",
    "4": "Call Barred by User",
    "5": "Portability Error",
    "6": "Anti-Spam Rejection",
    "7": "Handset Busy",
    "8": "Network Error",
    "9": "Illegal Number",
    "10": "Illegal Message",
    "11": "Unroutable",
    "12": "Destination Unreachable",
    "13": "Subscriber Age Restriction",
    "14": "Number Blocked by Carrier",
    "15": "Prepaid Insufficient Funds",
    "50": "Entity Filter",
    "51": "Header Filter",
    "52": "Content Filter",
    "53": "Consent Filter",
    "54": "Regulation Error",
    "99": "General Error",
}


def wanted_xml(accept: str) -> str:
    """The XML type that is asked for before anything else; empty: JSON is. Source: reference sms §13 (D)."""
    first = accept.partition(",")[0].partition(";")[0].strip().lower()
    return first if first in XML_TYPES else ""


def item(found: Found, api_key: str) -> Members:
    """One message, sent or received.

    Source: reference sms §13 (B; A for ``ACCEPTD`` and the price as text).
    Doubt: what stands as error code before the receipt is taken for "unknown"; the place of ``client-ref``.
    """
    message, part = shown(found.message), found.message.parts[found.k]
    members: Members = {
        "message-id": part.id,
        "account-id": api_key,
        "network": message.network,
        "from": _said(message.sender),
        "to": message.to,
        "body": _said(found.body),
    }
    if message.direction is Direction.INBOUND:
        return {**members, "date-received": spaced(message.submitted_at), "type": "MO"}
    members |= {"price": format_money(message.price), "date-received": spaced(message.submitted_at)}
    final = _FINAL.get(part.status)
    if final is None:
        members |= {"status": _PENDING[part.status], **_error("1")}
    else:
        latency_ms = (part.status_at - message.submitted_at) // 1000
        members |= {"final-status": final, "date-closed": spaced(part.status_at), "latency": latency_ms}
        if part.status is not PartStatus.DELIVERED:
            members |= _error(part.err_code)
    if message.client_ref:
        members["client-ref"] = _said(message.client_ref)
    return {**members, "type": "MT"}


def rejection(refused: Rejection, api_key: str) -> Members:
    """One submission that was refused: what is documented and what was captured. Source: reference sms §13 (A, B)."""
    row = SmsRefusal(refused.row)
    return {
        "message-id": refused.id,
        "account-id": api_key,
        **({"network": refused.network} if refused.network else {}),
        "from": _said(refused.sender),
        "to": _said(refused.to),
        "body": _said(refused.body),
        "price": "0",
        "date-received": spaced(refused.rejected_at),
        "status": "REJECTD",
        "error-code": str(ROWS[row].status),
        "error-code-label": error_text(row, refused.facts),
        "type": "MT",
    }


def refused(row: SearchRefusal, facts: Mapping[str, Any]) -> tuple[int, Members]:
    """HTTP status and body of a refusal. Source: reference sms §13 (B); account §1.2 (B, D) for the others."""
    if row is SearchRefusal.BAD_REQUEST:
        return 400, {"type": "BAD_REQUEST", "error_title": "Bad Request", "invalid_parameters": facts["wrong"]}
    if row is SearchRefusal.BAD_CREDENTIALS:
        return 401, {"error-code": "401", "error-code-label": "authentication failed"}
    if row is SearchRefusal.THROTTLED:
        return 429, {"error-code": "429", "error-code-label": "too many requests"}
    return 500, {"error-code": "500", "error-code-label": "unknown error"}


def json_one(members: Members) -> bytes:
    """One message, or a refusal."""
    return msgspec.json.encode(members)


def json_list(items: Sequence[Members]) -> bytes:
    """Several messages or rejections; the count is a number."""
    return msgspec.json.encode({"count": len(items), "items": items})


def xml_one(members: Members) -> bytes:
    """One message."""
    return _document("message", _elements(members))


def xml_list(root: str, each: str, items: Sequence[Members]) -> bytes:
    """Several messages or rejections."""
    inside = "".join(f"<{each}>{_elements(members)}</{each}>" for members in items)
    return _document(root, f"<count>{len(items)}</count><items>{inside}</items>")


def xml_refused(members: Members) -> bytes:
    """A refusal.

    Source: reference sms §13 for the first form; account §1.3 (B) for the root of the second.
    """
    wrong = members.get("invalid_parameters")
    if wrong is None:
        return _document("response", _elements(members))
    entries = "".join(f"<entry>{_elements({'key': name, 'value': why})}</entry>" for name, why in wrong.items())
    title = _elements({name: members[name] for name in ("type", "error_title")})
    return _document("error", f"{title}<invalid_parameters>{entries}</invalid_parameters>")


def _error(code: str) -> Members:
    # Doubt: a code that is in no table reads "Unknown".
    return {"error-code": code, "error-code-label": _LABELS.get(code, "Unknown")}


def _said(text: str) -> str:
    """Without broken surrogates, which JSON cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _document(root: str, inside: str) -> bytes:
    """Doubt: the prolog is that of the other calls of this host."""
    return f"{_PROLOG}<{root}>{inside}</{root}>".encode()


def _elements(members: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in members.items())


def _element(name: str, value: object) -> str:
    return f"<{name}>{xml_text(str(value))}</{name}>"
