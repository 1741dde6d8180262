"""The endpoints of ``/verify/network-unblock`` and ``/verify/templates``: HTTP statuses and problem documents."""

from __future__ import annotations

from starlette.responses import Response

from fake_nexmo.apis.verify import newer_wire, unblock_rules, ways_rules
from fake_nexmo.apis.verify.loading import load_account
from fake_nexmo.apis.verify.model import Template, Unblocked
from fake_nexmo.apis.verify.refusal_model import PROBLEMS, ProblemRefusal
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.replies import json_reply
from fake_nexmo.web.traces import trace_id

_BAD = ProblemRefusal.UNAUTHORIZED
# Doubt: how a barred account is refused here is not documented.
_CREDENTIALS = CredentialRows(_BAD, _BAD, _BAD, _BAD, _BAD, ProblemRefusal.FORBIDDEN, ProblemRefusal.FORBIDDEN)
_TEMPLATES_MAX = 10_000


async def unblock(call: Call) -> Response:
    """``POST /verify/network-unblock``: lift the block of a network for a time. Source: reference verify §8 (B)."""
    await call.read()
    account = await authenticate(call, _CREDENTIALS)
    assert call.caller is not None, "authentication knows the caller"
    unblock_rules.permitted(is_enabled=call.caller.setting("verify_network_unblock"))
    network = call.params.get("network", "")
    duration_s = unblock_rules.well_formed(network, newer_wire.parse_duration(call.params))
    ways = ways_rules.ways(call.caller.start.world.settings, call.caller.setting("profile"), call.caller.account)

    async def attempt(view: View, moment: Moment) -> Outcome[int]:
        caller = await load_account(view, account.id)
        before = await view.get(Unblocked, unblock_rules.unblocked_id(caller, network))
        return unblock_rules.unblock(network, duration_s, ways.blocked, before, caller, moment)

    until_at, _ = await commit(call, attempt)
    call.about = network
    return json_reply(202, newer_wire.unblocked(network, until_at))


async def templates(call: Call) -> Response:
    """``POST /verify/templates``: hand in a text of one's own. Source: reference verify §9.4 (B)."""
    await call.read()
    account = await authenticate(call, _CREDENTIALS)
    command = newer_wire.parse_template(call.params)

    async def attempt(view: View, moment: Moment) -> Outcome[Template]:  # noqa: ARG001 - an attempt is handed both
        caller = await load_account(view, account.id)
        before = await view.find(Template, f"{caller.id}/{command.action}/{command.language}", limit=_TEMPLATES_MAX)
        return unblock_rules.hand_in(command, len(before), caller)

    made, _ = await commit(call, attempt)
    call.about = made.id
    return json_reply(201, newer_wire.template(made, account.api_key))


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """The row's HTTP status and its problem document. Source: reference verify §8 (B)."""
    row = refusal.row
    assert isinstance(row, ProblemRefusal), f"{row} is no refusal of the newer stack"
    call.outcome = f"{PROBLEMS[row].status} {PROBLEMS[row].title}"
    return json_reply(PROBLEMS[row].status, newer_wire.problem(row, refusal.facts, trace_id(call)))
