"""What a request is traced by in answers: seeded in a world, random for a request that belongs to none."""

from __future__ import annotations

import secrets
from uuid import UUID

from fake_nexmo.core.moment import Use
from fake_nexmo.web.call import Call


def trace_id(call: Call) -> str:
    """32 hex digits, as in ``x-nexmo-trace-id``. Source: reference account §1.1 (A)."""
    return call.caller.moment.hex_id(Use.TRACE) if call.caller else secrets.token_hex(16)


def instance(call: Call, profile: str) -> str:
    """The trace in a problem: 32 hex digits in 2020, a UUID today. Source: reference account §5.3 (A, C)."""
    if profile == "2020":
        return trace_id(call)
    return call.caller.moment.uuid(Use.TRACE) if call.caller else str(UUID(bytes=secrets.token_bytes(16), version=4))
