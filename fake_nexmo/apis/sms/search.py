"""The endpoints of message search. Source: reference sms §13."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from starlette.responses import Response

from fake_nexmo.apis.sms import search_rules as rules
from fake_nexmo.apis.sms import search_wire as wire
from fake_nexmo.apis.sms.model import Rejection
from fake_nexmo.apis.sms.replies import traced
from fake_nexmo.apis.sms.search_rules import SearchRefusal
from fake_nexmo.core.records import Account, Message
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import WorldView
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.replies import Reply

_ANY = SearchRefusal.BAD_CREDENTIALS
# Doubt: how a suspended account, or a secret beside a signature, is refused here is not documented.
_ROWS = CredentialRows(_ANY, _ANY, _ANY, _ANY, _ANY, _ANY, _ANY)
_PAGE = 1_000

R = TypeVar("R", Message, Rejection)


async def search_message(call: Call) -> Response:
    """``GET /search/message``: one message by its id; nothing at all for an id that nobody knows.

    Source: reference sms §13 (B; C for the empty body).
    Doubt: the type of an empty body; one library fails when nothing is called JSON.
    """
    caller, view = await _open(call)
    message_id = rules.one_id(call.params.get("id", ""))
    found = await _part(view, message_id, caller)
    call.about = message_id
    if found is None:
        return traced(call, 200, "text/plain", b"")
    members = wire.item(found, caller.api_key)
    xml = wire.wanted_xml(call.header(b"accept"))
    return traced(call, 200, xml or "application/json", wire.xml_one(members) if xml else wire.json_one(members))


async def search_messages(call: Call) -> Response:
    """``GET /search/messages``: up to ten by their ids, or those of a day to a recipient, oldest first."""
    caller, view = await _open(call)
    params = call.params
    asked = rules.ids_or_day(params.all("ids"), params.get("date", ""), params.get("to", ""))
    if isinstance(asked, tuple):
        looked = [await _part(view, message_id, caller) for message_id in asked]
        found = [each for each in looked if each is not None]
    else:
        found = rules.parts_of(await _all(view, Message, asked, caller), asked.to, caller)
    return _list(call, "messages", "message", [wire.item(each, caller.api_key) for each in found])


async def search_rejections(call: Call) -> Response:
    """``GET /search/rejections``: what was refused on a day, by its recipient, oldest first."""
    caller, view = await _open(call)
    asked = rules.day(call.params.get("date", ""), call.params.get("to", ""))
    found = await _all(view, Rejection, asked, caller)
    return _list(call, "rejections", "rejection", [wire.rejection(each, caller.api_key) for each in found])


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """In JSON or XML, as the answer would have been."""
    assert isinstance(refusal.row, SearchRefusal), f"{refusal.row} is no refusal of message search"
    status, members = wire.refused(refusal.row, refusal.facts)
    call.outcome = f"{status} {refusal.row.value}"
    return _worded(call, status, members)


def wrong_verb(call: Call) -> Response:
    """405 and what is allowed. Source: reference account §1.2 (D)."""
    reply = _worded(call, 405, {"error-code": "405", "error-code-label": "method not allowed"})
    reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply


async def _open(call: Call) -> tuple[Account, View]:
    """Who asks, and the world they ask in. Source: account §1.2 (D): credentials before parameters."""
    await call.read()
    account = await authenticate(call, _ROWS)
    assert call.caller is not None, "authentication knows the caller"
    return account, WorldView(call.shell.store, call.caller.world)


async def _part(view: View, message_id: str, account: Account) -> rules.Found | None:
    message = await view.get(Message, message_id)
    if message is None:
        message = next(iter(await view.find(Message, f"part/{message_id}", limit=1)), None)
    return rules.part_of(message, message_id, account)


async def _all(view: View, kind: type[R], asked: rules.Days, caller: Account) -> Sequence[R]:
    """All that the caller sent or got on a day, filtered page by page."""
    found: list[R] = []
    after = 0
    while True:
        page = await view.find(kind, asked.key, after, _PAGE)
        found += [each for each in page if asked.hold(each, caller)]
        if len(page) < _PAGE:
            return found
        after = page[-1].made


def _list(call: Call, root: str, each: str, items: Sequence[wire.Members]) -> Reply:
    xml = wire.wanted_xml(call.header(b"accept"))
    body = wire.xml_list(root, each, items) if xml else wire.json_list(items)
    return traced(call, 200, xml or "application/json", body)


def _worded(call: Call, status: int, members: wire.Members) -> Reply:
    xml = wire.wanted_xml(call.header(b"accept"))
    body = wire.xml_refused(members) if xml else wire.json_one(members)
    return traced(call, status, xml or "application/json", body)
