"""What the endpoints of the Voice API answer with, refusals among it."""

from __future__ import annotations

from collections.abc import Mapping

from fake_nexmo.apis.voice import wire
from fake_nexmo.apis.voice.body_rules import Wrong
from fake_nexmo.apis.voice.model import VoiceRefusal
from fake_nexmo.apis.voice.ncco_rules import VALUE
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.web.call import Call
from fake_nexmo.web.replies import Reply
from fake_nexmo.web.traces import trace_id

# Source: reference voice §1 (A).
_BEFORE_TRACE = (b"server", b"nginx")
_AFTER_TRACE = (
    (b"strict-transport-security", b"max-age=31536000; includeSubdomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-xss-protection", b"1; mode=block"),
    (b"x-frame-options", b"deny"),
    (b"content-disposition", b'attachment; filename="api.txt"'),
)
_JSON = (b"content-type", b"application/json")
_FILE = (b"content-type", b"application/octet-stream")


def answer(call: Call, status: int, body: bytes = b"") -> Reply:
    """An answer with all its headers; what has no body has no type.

    Source: reference voice §1 (A; B for 204).
    Doubt: the order of the headers.
    """
    typed = (_JSON,) if body else ()
    return Reply(status, [_BEFORE_TRACE, *typed, (b"x-nexmo-trace-id", trace_id(call).encode()), *_AFTER_TRACE], body)


def file_answer(call: Call, body: bytes) -> Reply:
    """An answer that is a file. Source: reference ncco §8 (D for the type: one library reads no other as bytes)."""
    reply = answer(call, 200, body)
    headers = [_FILE if each == _JSON else each for each in reply.raw_headers]
    return Reply(200, headers[:-1], body)


def word_refusal(call: Call, refusal: Refusal) -> Reply:
    """Source: reference voice §2 (A, B, D)."""
    row = refusal.row
    assert isinstance(row, VoiceRefusal), f"{row} is no refusal of the Voice API"
    if call.operation.name == "voice.get_recording":
        status, body = wire.refused_file(row)
    else:
        status, body = wire.refused(row, refusal.facts)
    call.outcome = f"{status} {row.value}"
    reply = answer(call, status, body)
    if row is VoiceRefusal.THROTTLED:
        # Doubt: how long to wait is not documented.
        reply.raw_headers.append((b"retry-after", b"1"))
    return reply


# What a trouble of a fault means here: a row by its name, or a common trouble. Source: design §8.
# Doubt: the service knows no "no_credit", "barred" and "unavailable" here; the nearest rows stand in.
TROUBLES: Mapping[str, VoiceRefusal] = {
    **{row.value: row for row in VoiceRefusal},
    "bad_credentials": VoiceRefusal.UNAUTHORIZED,
    "no_credit": VoiceRefusal.FORBIDDEN,
    "barred": VoiceRefusal.FORBIDDEN,
    "server_error": VoiceRefusal.INTERNAL,
    "unavailable": VoiceRefusal.INTERNAL,
}

# The parameter that a trouble is about, by operation.
_ABOUT: Mapping[str, str] = {
    "voice.create_call": "to",
    "voice.list_calls": "page_size",
    "voice.modify_call": "action",
    "voice.start_talk": "text",
    "voice.start_stream": "stream_url",
    "voice.send_dtmf": "digits",
    "voice.subscribe_dtmf": "event_url",
}


async def trouble(call: Call, name: str) -> Refusal:
    """The refusal that a fault asks for."""
    parameter = _ABOUT.get(call.operation.name, "uuid")
    wrong = (Wrong(parameter, VALUE),)
    return Refusal(TROUBLES[name], names=(parameter,), wrong=wrong)
