"""Words of the Voice API on the wire: calls, lists, messages and refusals. No framework, no state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from fake_nexmo.apis.voice.ends_model import Endpoint, EndpointType
from fake_nexmo.apis.voice.model import Call, VoiceRefusal
from fake_nexmo.apis.voice.search_rules import Page, Search
from fake_nexmo.core.instant import SECOND, rfc3339
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.money import format_money

Members = dict[str, Any]
"""The members of an answer in the order of the wire."""

CALLS: Final = "/v1/calls"
UNKNOWN: Final = "unknown"
"""The caller's number where there is none. Source: reference voice §4.2 (B)."""

_UNANSWERED: Final = (LegStatus.STARTED, LegStatus.RINGING)
# The member that holds the address. Source: reference voice §4.2, §6 (B).
_ADDRESS: Mapping[EndpointType, str] = {
    EndpointType.PHONE: "number",
    EndpointType.SIP: "uri",
    EndpointType.WEBSOCKET: "uri",
    EndpointType.VBC: "extension",
    EndpointType.APP: "user",
}
# What is free is written shorter. Source: reference voice §3 (A for app).
# Doubt: how the price of a VBC leg is written; as that of an app leg, since their rates are.
_FREE: Final = (EndpointType.VBC, EndpointType.APP)


class Row(Struct, frozen=True):
    """One row of the table of refusals.

    Attributes:
        word: ``type`` of the body; empty: there is no body.
        title: ``error_title``.
        mark: the evidence for the body.
    """

    status: int
    word: str = ""
    title: str = ""
    mark: str = "A"


# Source: reference voice §2; auth §5.6, §6.11 for FORBIDDEN. INTERNAL is given only when a fault asks for it.
ROWS: Mapping[VoiceRefusal, Row] = {
    VoiceRefusal.UNAUTHORIZED: Row(401, "UNAUTHORIZED", "Unauthorized"),
    VoiceRefusal.FORBIDDEN: Row(403, "FORBIDDEN", "Forbidden", mark="D"),
    VoiceRefusal.WRONG_VERB: Row(405, "METHOD_NOT_ALLOWED", "Method Not Allowed"),
    VoiceRefusal.BAD_STATE: Row(400, "BAD_REQUEST", "Bad Request"),
    VoiceRefusal.UNREADABLE: Row(400, "BAD_REQUEST", "Bad Request", mark="D"),
    VoiceRefusal.MISSING: Row(400, "BAD_REQUEST", "Bad Request", mark="B"),
    VoiceRefusal.INVALID: Row(400, "400", "Bad Request"),
    VoiceRefusal.NOT_FOUND: Row(404, "NOT_FOUND", "Not Found", mark="D"),
    VoiceRefusal.THROTTLED: Row(429, mark="D"),
    VoiceRefusal.INTERNAL: Row(500, "INTERNAL_SERVER_ERROR", "Internal Server Error"),
}


def refused_file(row: VoiceRefusal) -> tuple[int, bytes]:
    """The refusal of a file, status and body.

    Source: reference auth §6.6 (A; A for the words of 400, whose form is not known).
    """
    status = ROWS[row].status
    if row is VoiceRefusal.MISSING:
        return status, msgspec.json.encode({"status": status, "title": "Missing parameters"})
    return status, msgspec.json.encode({"status": status})


def created(leg: Leg) -> bytes:
    """A call that was made; its status is always ``started``. Source: reference voice §4.5 (B, C)."""
    return msgspec.json.encode(
        {
            "uuid": leg.id,
            "status": LegStatus.STARTED.value,
            "direction": leg.direction.value,
            "conversation_uuid": leg.conversation,
        }
    )


def call(known: Call, leg: Leg, origin: str = "") -> Members:
    """A call as it is read.

    Args:
        known: what the API knows of it.
        leg: how far it got.
        origin: what links begin with; empty: they are relative.

    Source: reference voice §6, §6.1 (A; D for what is there before it is answered).
    """
    members: Members = {"uuid": leg.id, "status": leg.status.value, "direction": leg.direction.value}
    free = known.to.type in _FREE
    if leg.status not in _UNANSWERED:
        members["rate"] = "0.00" if free else format_money(leg.rate)
    if leg.ended_at is not None:
        members["price"] = "0" if free else format_money(leg.price)
        members["duration"] = str(leg.duration_s)
    if leg.status not in _UNANSWERED:
        # Doubt: what stands here for a leg that is in no network is not documented; webhooks have null.
        members["network"] = leg.network or None
    answered = leg.answered_at is not None
    return {
        **members,
        "conversation_uuid": leg.conversation,
        "start_time": _whole(leg.answered_at),
        "end_time": _whole(leg.ended_at) if answered else "",
        "to": _endpoint(known.to),
        "from": _endpoint(known.sender) if known.sender else {"type": EndpointType.PHONE.value, "number": UNKNOWN},
        "_links": {"self": {"href": f"{origin}{CALLS}/{leg.id}"}},
    }


def call_list(search: Search, page: Page, calls: Sequence[Members], origin: str = "") -> bytes:
    """A page of calls. Source: reference voice §5.2 (A; D for the filters in links)."""

    def link(index: int | None) -> Members:
        pages = (("page_size", str(page.size)), *((("record_index", str(index)),) if index is not None else ()))
        return {"href": f"{origin}{CALLS}?{urlencode((*pages, *search.repeated))}"}

    links = {"self": link(page.index), "first": link(None), "last": link(page.last)}
    if page.next is not None:
        links["next"] = link(page.next)
    if page.previous is not None:
        links["prev"] = link(page.previous)
    return msgspec.json.encode(
        {
            "page_size": page.size,
            "record_index": page.index,
            "count": page.count,
            "_embedded": {"calls": calls},
            "_links": links,
        }
    )


def one_call(members: Members) -> bytes:
    """Compact JSON, as captured."""
    return msgspec.json.encode(members)


def done(message: str, uuid: str) -> bytes:
    """What was done to a call, such as ``Talk started``. Source: reference voice §8 (B)."""
    return msgspec.json.encode({"message": message, "uuid": uuid})


def refused(row: VoiceRefusal, facts: Mapping[str, Any]) -> tuple[int, bytes]:
    """HTTP status and body of a refusal.

    Source: reference voice §2 (A; B for what is missing).
    """
    known = ROWS[row]
    if row is VoiceRefusal.INVALID:
        wrong = [{"reason": each.reason, "name": each.name} for each in facts["wrong"]]
        return known.status, msgspec.json.encode(
            {"type": known.status, "title": known.title, "invalid_parameters": wrong}
        )
    if not known.word:
        return known.status, b""
    members: Members = {"type": known.word, "error_title": known.title}
    if row is VoiceRefusal.MISSING:
        members["invalid_parameters"] = dict.fromkeys(facts["names"], "Is required.")
    return known.status, msgspec.json.encode(members)


def _endpoint(end: Endpoint) -> Members:
    return {"type": end.type.value, _ADDRESS[end.type]: end.address, **end.shown}


def _whole(at: int | None) -> str:
    """An instant rounded to the second, as it is charged; empty: there is none. Source: reference voice §3 (A)."""
    return "" if at is None else rfc3339((at + SECOND // 2) // SECOND * SECOND)
