"""The endpoint of the US short codes. Source: reference sms §15a."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from fake_nexmo.apis.sms import short_codes_rules as rules
from fake_nexmo.apis.sms import short_codes_wire as wire
from fake_nexmo.apis.sms.model import OptIn
from fake_nexmo.apis.sms.routes import ROWS_OF_CREDENTIALS, headed, submit, wants_xml
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import authenticate


async def short_code(call: Call) -> Response:
    """``/sc/us/…``: the path says what is wanted and in which form the answer comes.

    Source: reference sms §15a (B): credentials, statuses and receipts are those of ``/sms``.
    """
    await call.read()
    caller = await authenticate(call, ROWS_OF_CREDENTIALS)
    words = [each for each in call.scope["path"].split("/") if each]
    return await _WANTED["/".join(words[2:-1])](call, caller)


async def _two_factor(call: Call, caller: Account) -> Response:
    return await submit(call, caller, rules.two_factor(wire.parse_two_factor(call.params)))


async def _alert(call: Call, caller: Account) -> Response:
    return await submit(call, caller, rules.alert(wire.parse_alert(call.params)))


async def _marketing(call: Call, caller: Account) -> Response:
    return await submit(call, caller, rules.marketing(wire.parse_marketing(call.params)))


async def _opt_ins(call: Call, caller: Account) -> Response:
    size, number = call.params.get("page-size", ""), call.params.get("page", "")

    async def attempt(view: View, _: Moment) -> Outcome[rules.Page]:
        members = await view.find(OptIn, f"account/{caller.id}", limit=_ALL)
        return Outcome(Change(), rules.page(members, size, number))

    page, _ = await commit(call, attempt)
    if wants_xml(call):
        return headed(call, b"text/xml", wire.xml_page(page))
    return headed(call, b"application/json", wire.json_page(page))


async def _opt_in(call: Call, caller: Account) -> Response:
    number = wire.parse_msisdn(call.params)

    async def attempt(view: View, moment: Moment) -> Outcome[OptIn]:
        known = await view.get(OptIn, rules.opt_in_id(caller, number))
        return rules.opt_in(number, known, caller, moment)

    member, _ = await commit(call, attempt)
    if wants_xml(call):
        return headed(call, b"text/xml", wire.xml_one(member))
    return headed(call, b"application/json", wire.json_one(member))


_ALL = 1_000_000
_WANTED: Mapping[str, Callable[[Call, Account], Awaitable[Response]]] = {
    "2fa": _two_factor,
    "alert": _alert,
    "marketing": _marketing,
    "alert/opt-in/query": _opt_ins,
    "alert/opt-in/manage": _opt_in,
}
PATHS = tuple(
    f"/sc/us/{wanted}/{form}"
    for wanted in _WANTED
    for form in ("json", "xml")
    # Source: reference sms §15a (C): the libraries know this one in JSON alone.
    if (wanted, form) != ("marketing", "xml")
)
"""Where short codes are found."""
