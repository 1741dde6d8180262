"""The endpoints of the Verify API: start, payment, check, search, control."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from starlette.responses import Response

from fake_nexmo.apis.verify import check_rules, control_rules, rules, search_rules, troubles_rules, ways_rules, wire
from fake_nexmo.apis.verify import workflow_rules as workflow
from fake_nexmo.apis.verify.loading import load_account, load_party
from fake_nexmo.apis.verify.model import (
    Checked,
    Unblocked,
    Verification,
    VerifyRefusal,
    Ways,
    running,
)
from fake_nexmo.apis.verify.refusal_model import ROWS
from fake_nexmo.apis.verify.unblock_rules import unblocked_id
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Handset, Timer
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.handsets import people
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call, Caller
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.replies import Reply, json_reply
from fake_nexmo.web.weather import face

A = TypeVar("A")

# Doubt: a secret beside a signature, and a wrong signature, are not documented here; as wrong credentials. An account
# that may not use HTTP is as one that is barred.
_CREDENTIALS = CredentialRows(
    missing_key=VerifyRefusal.MISSING_KEY,
    missing_secret=VerifyRefusal.MISSING_SECRET,
    both=VerifyRefusal.BAD_CREDENTIALS,
    bad_signature=VerifyRefusal.BAD_CREDENTIALS,
    bad=VerifyRefusal.BAD_CREDENTIALS,
    suspended=VerifyRefusal.BARRED,
    not_enabled=VerifyRefusal.BARRED,
)
# Source: reference auth §6.11 (A for the statuses, D for the bodies).
_FORBIDDEN = {"type": "FORBIDDEN", "error_title": "Forbidden"}
_NO_PATH = {"type": "NOT_FOUND", "error_title": "Not Found"}


async def start(call: Call) -> Response:
    """``/verify/json`` and ``/verify/xml``: verify a number; its first event runs at once.

    Always HTTP 200: a refusal is a ``status`` other than "0" in the body.

    Source: reference verify §1, §3 (A, B).
    """
    return await _start(call, payment=False)


async def psd2(call: Call) -> Response:
    """``/verify/psd2/json``: verify that somebody authorises a payment; there is no XML, whoever asks for it.

    Source: reference verify §1, §7 (B; D for the 404 to XML); auth §6.11: a path is refused before credentials are.
    """
    if not _wants_xml(call):
        return await _start(call, payment=True)
    # Credentials say only in which world it is written down.
    with suppress(Refusal):
        await _identify(call)
    call.outcome = "404 Not Found"
    return json_reply(404, _NO_PATH)


async def check(call: Call) -> Response:
    """``/verify/check/json`` and ``/verify/check/xml``: whether a code is right. Source: reference verify §4 (A, B)."""
    caller, _ = await _identify(call)
    get = call.params.get
    request_id, code, ip_address = get("request_id", ""), get("code", ""), get("ip_address", "")
    check_rules.well_formed(request_id, code)
    call.about = request_id
    ways = _ways(call)

    async def attempt(view: View, moment: Moment) -> Outcome[Checked | Refusal]:
        account = await load_account(view, caller.id)
        counted = await _admit(view, account, ways, moment)
        found = await view.get(Verification, request_id)
        timer = None if found is None else await view.get(Timer, workflow.timer_id(found))
        return _counting(
            counted,
            lambda: check_rules.check(request_id, code, ip_address, found, account, timer, ways, moment),
        )

    done, _ = await commit(call, attempt)
    return _answer(call, wire.succeeded(done.verification))


async def search(call: Call) -> Response:
    """``/verify/search/json`` and ``/verify/search/xml``: what became of verifications.

    Source: reference verify §5 (A, B).
    """
    caller, _ = await _identify(call)
    wanted = search_rules.well_formed(call.params.get("request_id", ""), call.params.all("request_ids"))
    call.about = wanted.ids[0]
    ways = _ways(call)

    async def attempt(view: View, moment: Moment) -> Outcome[tuple[Verification, ...] | Refusal]:
        account = await load_account(view, caller.id)
        counted = await _admit(view, account, ways, moment)
        found = [await view.get(Verification, each) for each in wanted.ids]
        return _counting(counted, lambda: Outcome(Change(), search_rules.found(found, account, ways, moment)))

    shown, _ = await commit(call, attempt)
    described = [wire.described(each, caller.api_key) for each in shown]
    if _wants_xml(call):
        return _xml(wire.xml_found(described, several=wanted.several))
    return _json({"verification_requests": described} if wanted.several else described[0])


async def control(call: Call) -> Response:
    """``/verify/control/json`` and ``/verify/control/xml``: cancel, or run the next event now.

    Source: reference verify §6 (A, B).
    """
    caller, is_barred = await _identify(call)
    request_id = call.params.get("request_id", "")
    command = control_rules.well_formed(request_id, call.params.get("cmd", ""))
    if is_barred:
        raise Refusal(VerifyRefusal.BARRED)
    call.about = request_id
    ways, world = _ways(call), _caller(call).start.world

    async def attempt(view: View, moment: Moment) -> Outcome[Refusal | None]:
        account = await load_account(view, caller.id)
        counted = await _admit(view, account, ways, moment)
        found = await view.get(Verification, request_id)
        timer = None if found is None else await view.get(Timer, workflow.timer_id(found))
        if command is control_rules.Command.CANCEL:
            return _counting(counted, lambda: control_rules.cancel(request_id, found, account, timer, moment))
        party = await load_party(view, world, account, found.number if found else "", moment)
        return _counting(
            counted, lambda: control_rules.trigger(request_id, found, party, timer, moment, uuids=ways.uuids)
        )

    await commit(call, attempt)
    return _answer(call, wire.obeyed(command.value))


async def trouble(call: Call, name: str) -> Refusal:
    """The refusal that a fault asks for. Source: design §8."""
    return troubles_rules.refusal(call.operation.name, name, call.params)


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """HTTP 200 with the row's status and text. Source: reference verify §1, §12 (B)."""
    row = refusal.row
    assert isinstance(row, VerifyRefusal), f"{row} is no refusal of the Verify API"
    caller = call.caller
    profile = str(caller.setting("profile")) if caller else "current"
    settings = caller.start.world.settings if caller else {}
    text = wire.error_text(
        row,
        refusal.facts,
        starting=call.operation.name in troubles_rules.START,
        platform=ways_rules.platform(settings, profile),
        profile=profile,
    )
    call.outcome = f"{ROWS[row].status} {text}"
    return _answer(call, wire.refused(row, refusal.facts, text, profile))


def wrong_verb(call: Call) -> Response:
    """A verb that the gateway of ``api.nexmo.com`` does not list. Source: reference auth §6.11 (A status, D body)."""
    reply = json_reply(403, _FORBIDDEN)
    reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply


async def _start(call: Call, *, payment: bool) -> Response:
    caller, is_barred = await _identify(call)
    ways, world = _ways(call), _caller(call).start.world
    plan = rules.plan(wire.parse_start(call.params, payment=payment), ways)
    if is_barred:
        raise Refusal(VerifyRefusal.BARRED)

    async def attempt(view: View, moment: Moment) -> Outcome[Verification | Refusal]:
        account = await load_account(view, caller.id)
        counted = await _admit(view, account, ways, moment)
        party = await load_party(view, world, account, plan.number, moment)
        submissions = 0
        if people.submission(party.phone) is not None:
            submissions = await view.counter(people.submissions_to(plan.number))
        holder = await view.holder(running(account.id, plan.number))
        lifted = await _lifted(view, account, _blocking(ways, plan.number, party.phone))
        return _counting(
            counted,
            lambda: rules.start(plan, party, ways, moment, holder=holder, lifted=lifted, submissions=submissions),
        )

    begun, _ = await commit(call, attempt)
    call.about = begun.id
    return _answer(call, wire.started(begun))


def _blocking(ways: Ways, number: str, phone: Handset) -> tuple[str, ...]:
    return rules.hits(ways.blocked, number, rules.network_of(number, phone))


async def _lifted(view: View, account: Account, entries: tuple[str, ...]) -> dict[str, Unblocked]:
    """What the account did about entries of the block list."""
    found = {each: await view.get(Unblocked, unblocked_id(account, each)) for each in entries}
    return {entry: lifted for entry, lifted in found.items() if lifted is not None}


async def _identify(call: Call) -> tuple[Account, bool]:
    """Whose request it is, and whether the account is barred, which is only said after the parameters are judged.

    Source: reference verify §2 (B), §3.1; §12: check and search are not refused to barred accounts.
    """
    await call.read()
    is_barred = False
    try:
        account = await authenticate(call, _CREDENTIALS)
    except Refusal as refusal:
        _in_parameters(call)
        if refusal.row is not VerifyRefusal.BARRED:
            raise
        account, is_barred = _caller(call).account, True
        if _caller(call).start.world.faults:
            await face(call)
    else:
        _in_parameters(call)
    return account, is_barred


def _in_parameters(call: Call) -> None:
    """Refuse credentials in the header where the world does not take them. Source: reference verify §2 (B)."""
    if call.caller is None or call.caller.setting("verify_basic"):
        return
    get = call.params.get
    if not (get("api_key") or get("username")):
        raise Refusal(VerifyRefusal.MISSING_KEY)
    if not (get("api_secret") or get("password") or get("sig")):
        raise Refusal(VerifyRefusal.MISSING_SECRET)


async def _admit(view: View, account: Account, ways: Ways, moment: Moment) -> Change:
    in_second = await view.counter(rules.rate_of(account, moment.now)) if ways.limit > 0 else 0
    return rules.admitted(account, in_second, ways, moment)


def _counting(counted: Change, rule: Callable[[], Outcome[A]]) -> Outcome[A | Refusal]:
    """What a rule decides, and the request counted: one that is refused counts like any other.

    Source: reference verify §2 (B): the limit is of requests.
    """
    try:
        outcome = rule()
    except Refusal as refusal:
        return Outcome(counted, refusal)
    return Outcome(counted + outcome.change, outcome.answer)


def _ways(call: Call) -> Ways:
    caller = _caller(call)
    return ways_rules.ways(caller.start.world.settings, caller.setting("profile"), caller.account)


def _caller(call: Call) -> Caller:
    assert call.caller is not None, "authentication knows the caller"
    return call.caller


def _wants_xml(call: Call) -> bool:
    path: str = call.scope["path"]
    return path.rstrip("/").endswith("xml")


def _answer(call: Call, members: wire.Members) -> Reply:
    """Source: reference verify §3, §6 (B) for the roots."""
    if _wants_xml(call):
        return _xml(
            wire.xml_answer("response" if call.operation.name == "verify.control" else "verify_response", members)
        )
    return _json(members)


def _json(members: wire.Members) -> Reply:
    return Reply(200, [(b"content-type", b"application/json")], wire.json_answer(members))


def _xml(body: bytes) -> Reply:
    return Reply(200, [(b"content-type", b"text/xml")], body)
