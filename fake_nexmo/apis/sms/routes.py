"""The endpoints of the SMS API."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from fake_nexmo.apis.sms import rules, wire
from fake_nexmo.apis.sms.model import ROWS, Sent, SmsRefusal
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Handset
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.replies import Reply, json_reply

_ROWS = CredentialRows(
    missing_key=SmsRefusal.MISSING_KEY,
    missing_secret=SmsRefusal.MISSING_SECRET,
    both=SmsRefusal.SIGNATURE_AND_SECRET,
    bad_signature=SmsRefusal.INVALID_SIGNATURE,
    bad=SmsRefusal.BAD_CREDENTIALS,
    suspended=SmsRefusal.ACCOUNT_BARRED,
    not_enabled=SmsRefusal.NOT_ENABLED,
)

# Source: reference sms §1.1 (A): the headers of every answer, in their order.
_BEFORE_TRACE = (
    (b"content-disposition", b'attachment; filename="api.txt"'),
    (b"cache-control", b"max-age=1"),
)
_AFTER_TRACE = (
    (b"x-frame-options", b"deny"),
    (b"x-xss-protection", b"1; mode=block;"),
    (b"strict-transport-security", b"max-age=31536000; includeSubdomains"),
)


async def send_sms(call: Call) -> Response:
    """``/sms/json`` and ``/sms/xml``: accept one outbound message.

    Always HTTP 200: a refusal is a ``status`` other than "0" in the body.

    Source: reference sms §1, §5.1 (A).
    """
    params = await call.read()
    caller = await authenticate(call, _ROWS)
    command = wire.parse_send(params)
    assert call.caller is not None, "authentication knows the caller"
    uuids = call.caller.setting("message_ids") == "uuid"

    async def attempt(view: View, moment: Moment) -> Outcome[Sent]:
        account = await view.get(Account, caller.id)
        assert account is not None, "accounts are never dropped while their world lives"
        handset = await view.get(Handset, command.to)
        balance = await view.counter(account.balance)
        in_second = 0
        if account.sms_limit is not None:
            in_second = await view.counter(rules.rate_of(account, moment.now))
        return rules.send(command, account, handset, balance, in_second, moment, uuids=uuids)

    sent, counters = await commit(call, attempt)
    call.about = sent.message.id
    name = caller.balance
    balance = counters[name] if name in counters else await call.shell.store.counter(_world(call), name)
    return _answer(call, wire.acceptance(sent, balance))


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """HTTP 200 with the row's status and text. Source: reference sms §1, §7 (A)."""
    row = refusal.row
    assert isinstance(row, SmsRefusal), f"{row} is no refusal of the SMS API"
    call.outcome = f"{ROWS[row].status} {wire.error_text(row, refusal.facts)}"
    return _answer(call, wire.refused(row, refusal.facts))


def wrong_verb(_: Call) -> Response:
    """404 for a verb that ``/sms`` does not know.

    Source: reference auth §6.2 (A for the status); account §1.2 (D) for the body of that host.
    """
    return json_reply(404, {"error-code": "404", "error-code-label": "not found"})


def _answer(call: Call, elements: list[wire.Element]) -> Reply:
    is_xml = call.scope["path"].rstrip("/").endswith("xml")
    body = wire.xml_answer(elements) if is_xml else wire.json_answer(elements)
    media = b"text/xml" if is_xml else b"application/json"
    trace = (b"x-nexmo-trace-id", _trace(call).encode())
    return Reply(200, [(b"content-type", media), *_BEFORE_TRACE, trace, *_AFTER_TRACE], body)


def _trace(call: Call) -> str:
    """The trace id: seeded in a world, random for a request that belongs to none."""
    return call.caller.moment.hex_id(Use.TRACE) if call.caller else secrets.token_hex(16)


def _world(call: Call) -> str:
    assert call.caller is not None, "the message was accepted, so there is a caller"
    return call.caller.world
