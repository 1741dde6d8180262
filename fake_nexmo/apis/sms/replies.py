"""What the endpoints beside ``/sms`` answer with."""

from __future__ import annotations

from fake_nexmo.web.call import Call
from fake_nexmo.web.replies import Reply, json_reply
from fake_nexmo.web.traces import trace_id


def traced(call: Call, status: int, media: str, body: bytes) -> Reply:
    """A reply with its trace id.

    Doubt: which other headers these calls answer with was not captured.
    """
    return Reply(status, [(b"content-type", media.encode()), (b"x-nexmo-trace-id", trace_id(call).encode())], body)


def forbidden_verb(call: Call) -> Reply:
    """A verb that the gateway of ``api.nexmo.com`` does not list. Source: reference auth §6.11 (A status, D body)."""
    reply = json_reply(403, {"type": "FORBIDDEN", "error_title": "Forbidden"})
    reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply
