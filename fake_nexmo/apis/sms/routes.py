"""The endpoints of the SMS API."""

from __future__ import annotations

from starlette.responses import Response

from fake_nexmo.apis.sms import rules, search_rules, troubles_rules, wire
from fake_nexmo.apis.sms.model import ROWS, Send, Sent, SmsRefusal
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Handset, Mischief, Number
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.handsets import people
from fake_nexmo.handsets.characters import person
from fake_nexmo.network.weather import Occasion
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.replies import Reply, json_reply
from fake_nexmo.web.traces import trace_id
from fake_nexmo.web.weather import mischief

ROWS_OF_CREDENTIALS = CredentialRows(
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
    caller = await authenticate(call, ROWS_OF_CREDENTIALS)
    return await submit(call, caller, wire.parse_send(params))


async def submit(call: Call, caller: Account, command: Send) -> Response:
    """Submit a message of a caller whose credentials are right, and word what came of it."""
    assert call.caller is not None, "authentication knows the caller"
    world = call.caller.start.world
    uuids = call.caller.setting("message_ids") == "uuid"
    bad = await _receipt_mischief(call, command) if world.faults else None
    purse = caller.balance

    async def attempt(view: View, moment: Moment) -> Outcome[Sent | Refusal]:
        account = await view.get(Account, caller.id)
        assert account is not None, "accounts are never dropped while their world lives"
        phone = person(command.to, await view.get(Handset, command.to), world, moment)
        if not people.is_ordinary(phone) and await view.get(Number, command.to) is not None:
            # An owned number is never a person. An ordinary one takes a submission as an owned number does.
            phone = Handset(id=command.to)
        balance = await view.counter(purse)
        in_second = submissions = 0
        if account.sms_limit is not None:
            in_second = await view.counter(rules.rate_of(account, moment.now))
        if people.submission(phone) is not None:
            submissions = await view.counter(people.submissions_to(command.to))
        try:
            outcome = rules.send(
                command,
                account,
                phone,
                balance,
                in_second,
                moment,
                submissions=submissions,
                mischief=bad,
                uuids=uuids,
                own=world.networks,
            )
        except Refusal as refusal:
            outcome = Outcome(Change(), refusal)
        if isinstance(outcome.answer, Refusal):
            return search_rules.remembered(command, account, outcome, moment, uuids=uuids)
        return outcome

    sent, counters = await commit(call, attempt)
    call.answered_first = bad is not None and bad.before_response
    call.about = sent.message.id
    balance = counters[purse] if purse in counters else await call.shell.store.counter(world.name, purse)
    return _answer(call, wire.acceptance(sent, balance))


async def trouble(call: Call, name: str) -> Refusal:
    """The refusal that a fault asks for. Source: design §8."""
    caller = call.caller
    assert caller is not None, "faults act after credentials"
    balance = await call.shell.store.counter(caller.world, caller.account.balance)
    return troubles_rules.refusal(name, call.params.get("to", ""), balance, caller.moment.now)


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


async def _receipt_mischief(call: Call, command: Send) -> Mischief | None:
    """What a fault does to the receipts of a message: matched once, with the submission."""
    caller = call.caller
    assert caller is not None, "faults act after credentials"
    occasion = Occasion(
        "webhook.receipt", caller.account.id, caller.account.api_key, command.to, command.sender, command.text
    )
    return await mischief(call.shell.store, caller.start, occasion, caller.moment.now)


def _answer(call: Call, elements: list[wire.Element]) -> Reply:
    if wants_xml(call):
        return headed(call, b"text/xml", wire.xml_answer(elements))
    return headed(call, b"application/json", wire.json_answer(elements))


def wants_xml(call: Call) -> bool:
    """Whether the path ends in ``xml``."""
    path: str = call.scope["path"]
    return path.rstrip("/").endswith("xml")


def headed(call: Call, media: bytes, body: bytes) -> Reply:
    """HTTP 200 with all headers of this API."""
    trace = (b"x-nexmo-trace-id", trace_id(call).encode())
    return Reply(200, [(b"content-type", media), *_BEFORE_TRACE, trace, *_AFTER_TRACE], body)
