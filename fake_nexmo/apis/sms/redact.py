"""The endpoint of the Redact API. Source: reference sms §15."""

from __future__ import annotations

from starlette.responses import Response

from fake_nexmo.apis.sms import redact_rules as rules
from fake_nexmo.apis.sms import redact_wire as wire
from fake_nexmo.apis.sms.redact_rules import RedactRefusal
from fake_nexmo.apis.sms.replies import traced
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Message
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.replies import Reply
from fake_nexmo.web.traces import trace_id

_ANY = RedactRefusal.BAD_CREDENTIALS
_ROWS = CredentialRows(_ANY, _ANY, _ANY, _ANY, _ANY, _ANY, _ANY)


async def redact(call: Call) -> Response:
    """``POST /v1/redact/transaction``: make one message unreadable. Only a Basic header counts.

    Source: reference sms §15 (B), auth §1. Doubt: credentials are looked at before the body.
    """
    body = await call.take_body()
    caller = await authenticate(call, _ROWS)
    assert call.caller is not None, "authentication knows the caller"
    wait = bool(call.caller.setting("redact_wait"))
    command = wire.parse(body)
    if command is None:
        raise Refusal(RedactRefusal.INVALID_JSON)
    call.about = command.id

    async def attempt(view: View, moment: Moment) -> Outcome[None]:
        message = await view.get(Message, command.id)
        if message is None:
            message = next(iter(await view.find(Message, f"part/{command.id}", limit=1)), None)
        return rules.redact(command, message, caller, moment, wait=wait)

    await commit(call, attempt)
    return Reply(204, [(b"x-nexmo-trace-id", trace_id(call).encode())], b"")


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """A problem document, but for wrong credentials."""
    row = refusal.row
    assert isinstance(row, RedactRefusal), f"{row} is no refusal of the Redact API"
    key = call.caller.account.api_key if call.caller else ""
    status, body = wire.refused(row, refusal.facts, key, trace_id(call))
    call.outcome = f"{status} {row.value}"
    return traced(call, status, "application/json", body)
