"""The webhooks of calls in the words of the wire. Pure.

The order of keys is that of captures. Source: reference ncco §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from fake_nexmo.apis.voice import event_rules as events
from fake_nexmo.apis.voice import signing_wire as signing
from fake_nexmo.core.instant import SECOND, rfc3339
from fake_nexmo.core.moment import Use
from fake_nexmo.core.money import format_money
from fake_nexmo.core.records import Delivery
from fake_nexmo.core.wording import Worded, Wording

AGENT: Final = "Apache-HttpAsyncClient/4.1 (Java/1.8.0_66)"
"""Source: reference ncco §4.1 (A)."""

# What stays as it is in a query, though it need not; of the rest, braces, quotes and blanks are captured. Doubt: what
# would break a query, such as an ampersand, is encoded too.
_PLAIN: Final = "/:,=?@!$'()*~[]"

# Source: reference voice §9.1, ncco §4.4 (B).
_SIP_CODES: Final[Mapping[tuple[str, str], int]] = {
    ("busy", ""): 486,
    ("rejected", "declined"): 603,
    ("rejected", "invalid_number"): 603,
    ("rejected", "restricted"): 603,
    ("unanswered", "unavailable"): 480,
    ("unanswered", "timeout"): 480,
    ("failed", "cannot_route"): 404,
    ("failed", "number_out_of_service"): 404,
    ("failed", "internal_error"): 500,
}

Words = dict[str, Any]


def word(wording: Wording) -> Worded:
    """Word and sign one attempt: JSON, or the same keys in the query.

    Source: reference ncco §4.1 (A, B), auth §7.
    """
    delivery = wording.delivery
    get = delivery.method == "GET"
    said = payload(delivery, get=get)
    query = _flat(said) if get else {}
    body = b"" if get else msgspec.json.encode(said)
    headers = (
        ("User-Agent", AGENT),
        *(() if get else (("Content-Type", "application/json"),)),
        *_token(wording, query, body),
    )
    url = with_query(delivery.url, query) if query else delivery.url
    times = (_chosen(delivery.facts.get(each)) for each in ("connect_ms", "response_ms"))
    return Worded(delivery.method, url, headers, body, *times)


def payload(delivery: Delivery, *, get: bool = False) -> Words:
    """What a webhook says, in the order of its keys; GET has another order of its own for NCCOs."""
    facts = delivery.facts
    said = _event(facts) if "name" in facts else _asked(facts, get=get)
    if delivery.kind == events.FALLBACK:
        original = {"url": facts["original_url"], "type": facts["original"]}
        said |= {"reason": facts["reason"], "original_request": original}
    return said


def with_query(url: str, query: Mapping[str, str]) -> str:
    """A URL with parameters behind those that it has. Source: reference ncco §4.1 (D)."""
    bare, hash_sign, fragment = url.partition("#")
    joint = "" if bare.endswith(("?", "&")) else "&" if "?" in bare else "?"
    pairs = "&".join(f"{quote(name)}={quote(value, safe=_PLAIN)}" for name, value in query.items())
    return f"{bare}{joint}{pairs}{hash_sign}{fragment}"


def _chosen(time_ms: int | None) -> float | None:
    """A time-out that the application has chosen, in seconds. Source: reference ncco §4.1 (B)."""
    return None if time_ms is None else time_ms / 1000


def _asked(facts: Mapping[str, Any], *, get: bool) -> Words:
    """The four parameters by which an NCCO is asked for. Source: reference ncco §4.3 (A)."""
    if get:
        return {
            "to": facts["to"],
            "from": facts["from"],
            "conversation_uuid": facts["conversation"],
            "uuid": facts["uuid"],
        }
    return {"from": facts["from"], "to": facts["to"], "uuid": facts["uuid"], "conversation_uuid": facts["conversation"]}


def _event(facts: Mapping[str, Any]) -> Words:
    name = facts["name"]
    if name in _NAMED:
        return _NAMED[name](facts)
    return _status(facts)


def _status(facts: Mapping[str, Any]) -> Words:
    """Started, ringing, and how a call was not connected. Source: reference ncco §4.4 (A)."""
    said = _headers(facts) if not (facts.get("app") and facts["name"] == "started") else {}
    said |= {**_parties(facts), "status": facts["name"]}
    detail = facts.get("detail", "")
    if detail:
        said["detail"] = detail
    said |= _direction(facts)
    code = _SIP_CODES.get((facts["name"], detail))
    return said if code is None else {**said, "sip_code": code}


def _answered(facts: Mapping[str, Any]) -> Words:
    return {
        "start_time": None,
        **_headers(facts),
        "rate": None,
        **_parties(facts),
        "status": "answered",
        "direction": facts["direction"],
        "network": None,
        "timestamp": rfc3339(facts["at"]),
    }


def _completed(facts: Mapping[str, Any]) -> Words:
    """Source: reference ncco §4.4 (A; D for a call that was never answered, B for the two last keys).

    Doubt: those two are left out where nobody hung up.
    """
    app = facts.get("app", False)
    said = {
        **_headers(facts),
        "end_time": _second(facts["ended_at"] if facts["answered_at"] is not None else None),
        "uuid": facts["uuid"],
        "network": facts["network"] or None,
        "duration": str(facts["duration_s"]),
        "start_time": _second(facts["answered_at"]),
        "rate": "0.00" if app else format_money(facts["rate"]),
        "price": "0" if app else format_money(facts["price"]),
        "from": facts["from"],
        "to": facts["to"],
        "conversation_uuid": facts["conversation"],
        "status": "completed",
        **_direction(facts),
    }
    return {**said, "sip_code": 200, "disconnected_by": facts["by"]} if facts["by"] else said


def _verdict(facts: Mapping[str, Any]) -> Words:
    """Who answered: the leg is called otherwise here. Source: reference ncco §4.4 (B; D for the direction)."""
    state = facts.get("sub_state")
    return {
        "call_uuid": facts["uuid"],
        "from": facts["from"],
        "to": facts["to"],
        "status": facts["name"],
        **({"sub_state": state} if state else {}),
        "conversation_uuid": facts["conversation"],
        **_direction(facts),
    }


def _disconnected(facts: Mapping[str, Any]) -> Words:
    """Source: reference ncco §4.4 (B; D for the direction)."""
    return {**_parties(facts), "status": "disconnected", **_direction(facts), **_headers(facts)}


def _transfer(facts: Mapping[str, Any]) -> Words:
    return {
        "conversation_uuid_from": facts["conversation_from"],
        "type": "transfer",
        "uuid": facts["uuid"],
        "conversation_uuid_to": facts["conversation"],
        "timestamp": rfc3339(facts["at"]),
    }


def _error(facts: Mapping[str, Any]) -> Words:
    return {
        "reason": facts["reason"],
        "conversation_uuid": facts["conversation"],
        "timestamp": rfc3339(facts["at"]),
    }


def _key(facts: Mapping[str, Any]) -> Words:
    """Source: reference ncco §4.8, §4.7 (D)."""
    return {
        "dtmf": {"digits": facts["digit"], "timed_out": False},
        **_parties(facts),
        "timestamp": rfc3339(facts["at"]),
    }


def _input(facts: Mapping[str, Any]) -> Words:
    """What an input came to, in the form that the action asked for.

    Source: reference ncco §4.7 (A for keys alone, B for speech and for the older form, D for the rest).
    Doubt: where both are listened to and speech came first, the keys are null as they are for speech alone.
    """
    if facts["old"]:
        return {
            "uuid": facts["uuid"],
            "conversation_uuid": facts["conversation"],
            "timed_out": facts["timed_out"],
            "dtmf": facts["digits"] or "",
            "timestamp": rfc3339(facts["at"]),
        }
    saved = {"recording_url": file_url(facts["origin"], facts["saved"])} if "saved" in facts else {}
    return {
        "speech": saved | facts.get("speech", _NO_SPEECH),
        "dtmf": {"digits": facts["digits"], "timed_out": facts["timed_out"]},
        **_parties(facts),
        "timestamp": rfc3339(facts["at"]),
    }


def _notify(facts: Mapping[str, Any]) -> Words:
    """Source: reference ncco §4.9 (B)."""
    return {
        "payload": facts["payload"],
        "conversation_uuid": facts["conversation"],
        "timestamp": rfc3339(facts["at"]),
    }


def _record(facts: Mapping[str, Any]) -> Words:
    """Source: reference ncco §4.6 (B)."""
    return {
        "start_time": _plain_second(facts["began_at"]),
        "recording_url": file_url(facts["origin"], facts["file"]),
        "size": facts["size"],
        "recording_uuid": facts["recording"],
        "end_time": _plain_second(facts["ended_at"]),
        "conversation_uuid": facts["conversation"],
        "timestamp": rfc3339(facts["at"]),
    }


def _transcribed(facts: Mapping[str, Any]) -> Words:
    """Source: reference ncco §4.6 (C)."""
    return {
        "conversation_uuid": facts["conversation"],
        "type": "record",
        "recording_uuid": facts["recording"],
        "status": "transcribed",
        "transcription_url": file_url(facts["origin"], facts["file"]),
    }


def _payment(facts: Mapping[str, Any]) -> Words:
    """Source: reference ncco §3.10 (B; D that it fails)."""
    return {
        "from": facts["from"],
        "to": facts["to"],
        "type": "payment",
        "uuid": facts["uuid"],
        "conversation_uuid": facts["conversation"],
        "status": "failure",
        "timestamp": rfc3339(facts["at"]),
    }


def file_url(origin: str, file: str) -> str:
    """Where a file is fetched; libraries want the service's name in it. Source: design §6."""
    host = urlsplit(origin).hostname or ""
    named = not origin or host.endswith((".nexmo.com", ".vonage.com"))
    return f"{origin or _ORIGIN}/v1/files/{file}{'' if named else '?host=api.nexmo.com'}"


def _plain_second(at: int) -> str:
    return rfc3339(at)[:19] + "Z"


_ORIGIN: Final = "https://api.nexmo.com"
_NO_SPEECH: Final = {"error": "Speech was not enabled"}

_NAMED: Final = {
    "answered": _answered,
    "completed": _completed,
    "human": _verdict,
    "machine": _verdict,
    events.DISCONNECTED: _disconnected,
    events.TRANSFER: _transfer,
    events.ERROR: _error,
    events.KEY: _key,
    events.INPUT: _input,
    events.NOTIFY: _notify,
    events.RECORD: _record,
    events.PAYMENT: _payment,
    events.TRANSCRIBED: _transcribed,
}


def _parties(facts: Mapping[str, Any]) -> Words:
    return {
        "from": facts["from"],
        "to": facts["to"],
        "uuid": facts["uuid"],
        "conversation_uuid": facts["conversation"],
    }


def _direction(facts: Mapping[str, Any]) -> Words:
    return {"direction": facts["direction"], "timestamp": rfc3339(facts["at"])}


def _headers(facts: Mapping[str, Any]) -> Words:
    return {"headers": facts.get("headers", {})}


def _second(at: int | None) -> str | None:
    """An instant in whole seconds, as calls start and end. Source: reference voice §3 (A)."""
    return None if at is None else rfc3339((at + SECOND // 2) // SECOND * SECOND)


def _flat(said: Words) -> dict[str, str]:
    """The same in a query: nested values as JSON, and nothing for null. Source: reference ncco §4.1 (A, D)."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in said.items()
        if value is not None
    }


def _token(wording: Wording, query: Mapping[str, str], body: bytes) -> tuple[tuple[str, str], ...]:
    """The header of a signed webhook; a fault may have it left out or made with a wrong secret."""
    delivery = wording.delivery
    if not delivery.facts.get("signed") or delivery.signature == "none":
        return ()
    secret = wording.account.signature_secret + (" but wrong" if delivery.signature == "wrong" else "")
    made = signing.token(
        secret,
        wording.account.api_key,
        wording.application.application_id if wording.application else "",
        signing.payload_hash(body, query),
        wording.moment.uuid(Use.TOKEN, len(delivery.attempts)),
        wording.stamp_s,
    )
    return (("Authorization", f"Bearer {made}"),)
