"""The endpoints of the Numbers API."""

from __future__ import annotations

from typing import TypeVar

from starlette.responses import Response

from fake_nexmo.apis.numbers import rules, wire
from fake_nexmo.apis.numbers.model import (
    ROWS,
    TROUBLES,
    Body,
    Listing,
    Named,
    NumbersRefusal,
    Owned,
    Released,
    Shelf,
)
from fake_nexmo.apis.numbers.stock import series_of, series_with
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import (
    Account,
    Application,
    Delivery,
    DeliveryState,
    Direction,
    Handset,
    Message,
    Number,
    Record,
    Timer,
    World,
)
from fake_nexmo.core.refusal import NotEmulated, Refusal
from fake_nexmo.core.settings import value
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import WorldView, commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.params import read_params
from fake_nexmo.web.replies import Reply
from fake_nexmo.web.rest import asks_for_xml, check_urls, rest_reply

R = TypeVar("R", bound=Record)

# Whatever is wrong with the credentials, the refusal is one. Source: reference numbers §4 (B).
# Doubt: how a suspended account, or a secret beside a signature, is refused is not documented; as wrong credentials.
_BAD = NumbersRefusal.BAD_CREDENTIALS
_ROWS = CredentialRows(_BAD, _BAD, _BAD, _BAD, _BAD, _BAD, _BAD)

_AT_ONCE = 1000
"""How many records are fetched at a time."""


async def list_owned(call: Call) -> Response:
    """``GET /account/numbers``: the numbers that the account owns. Source: reference numbers §2 (A, B)."""
    await call.read()
    caller = await authenticate(call, _ROWS)
    command, view = wire.parse_list(call.params), _view(call)
    key = f"account/{caller.id}"
    if command.application_id:
        wanted = await _application_named(view, command.application_id)
        key = f"application/{wanted.id}" if wanted else ""
    numbers = await _all(view, Number, key) if key else []
    found = rules.listed(command, numbers, caller)
    items = [Owned(each, await _application(view, each)) for each in found.items]
    return _answer(call, 200, wire.owned_list(Listing(found.count, tuple(items)), long=_long(call)))


async def search(call: Call) -> Response:
    """``GET /number/search``: the numbers that are for sale in a country. Source: reference numbers §3 (B)."""
    await call.read()
    await authenticate(call, _ROWS)
    command, view = wire.parse_search(call.params), _view(call)
    country = f"country/{command.country}"
    released = [rules.as_series(each) for each in await _all(view, Released, country)]
    owned, phones = await _all(view, Number, country), await _all(view, Handset, "")
    taken = {each.id for each in owned} | {each.id for each in phones}
    caller = call.caller
    assert caller is not None, "authentication knows the caller"
    series = (*series_of(command.country), *released)
    found = rules.search(command, series, taken, caller.start.world.crowds)
    return _answer(call, 200, wire.offer_list(found, long=_long(call)))


async def buy(call: Call) -> Response:
    """``POST /number/buy``: own a number that is for sale. Source: reference numbers §4 (A, B)."""
    caller, command = await _open(call)
    renewing = _setting(call, "number_renewals") is True

    async def attempt(view: View, moment: Moment) -> Outcome[Number]:
        account = await _account(view, caller.id)
        balance = await view.counter(account.balance)
        return rules.buy(command, account, balance, await _shelf(view, command), moment, renewing=renewing)

    await commit(call, attempt)
    return _answer(call, 200, wire.success())


async def cancel(call: Call) -> Response:
    """``POST /number/cancel``: give a number back. Source: reference numbers §5 (A, B)."""
    caller, command = await _open(call)

    async def attempt(view: View, moment: Moment) -> Outcome[None]:  # noqa: ARG001 - an attempt is handed both
        number = rules.own(command, await view.get(Number, command.msisdn), caller)
        timer = await view.get(Timer, rules.renewal_id(number))
        # One that was given back before, and came back by an edit of the scenario, is remembered already.
        remembered = await view.get(Released, number.id)
        stocked = remembered is not None or series_with(number.country, number.id) is not None
        return rules.cancel(number, timer, await _owed(view, number), stocked=stocked)

    await commit(call, attempt)
    return _answer(call, 200, wire.success())


async def update(call: Call) -> Response:
    """``POST /number/update``: replace a number's links. Source: reference numbers §6 (A, B, C)."""
    caller, command = await _open(call)
    links = wire.parse_links(call.params)
    before = rules.own(command, await _view(call).get(Number, command.msisdn), caller)
    url = rules.new_url(links, before)
    await check_urls(call, (url,) if url else (), NumbersRefusal.METHOD_FAILED)

    async def attempt(view: View, moment: Moment) -> Outcome[Number]:  # noqa: ARG001 - an attempt is handed both
        number = rules.own(command, await view.get(Number, command.msisdn), caller)
        found = [await _application_named(view, each) for each in rules.applications_named(links)]
        known = {each.application_id: each for each in found if each is not None and each.account == caller.id}
        return rules.update(links, number, known)

    await commit(call, attempt)
    return _answer(call, 200, wire.success())


async def renewal(view: View, timer: Timer, moment: Moment) -> Outcome[None]:  # noqa: ARG001 - as timers are
    """The timer of a number whose next month begins. Source: reference numbers §4 (D)."""
    number, world = await view.get(Number, timer.subject), await view.get(World, "world")
    account = await view.get(Account, number.account) if number else None
    renewing = world is not None and value(world.settings, "number_renewals") is True
    return Outcome(rules.renew(number, account, timer, renewing=renewing), None)


# Refusals.


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """In the manner of the old stack. Source: reference numbers §4, account §1.2."""
    row = refusal.row
    assert isinstance(row, NumbersRefusal), f"{row} is no refusal of the Numbers API"
    known = ROWS[row]
    call.outcome = f"{known.code} {known.label}"
    return _answer(call, known.code, wire.refused(row))


async def trouble(call: Call, name: str) -> Refusal:  # noqa: ARG001 - troubles are asked for with their call
    """The refusal that a fault asks for."""
    return Refusal(TROUBLES[name])


def wrong_verb(call: Call) -> Response:
    """405, before any credential is looked at. Source: reference numbers §1 (D), account §1.2 (D)."""
    reply = word_refusal(call, Refusal(NumbersRefusal.WRONG_METHOD))
    reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply


# Small things.


async def _open(call: Call) -> tuple[Account, Named]:
    """Who buys, cancels or updates, and which number: credentials, then the body's form, then the parameters.

    Raises:
        NotEmulated: it is done for a sub-account.

    Source: reference numbers §1.1 (A), account §1.2 (D for the order).
    """
    body, label = await call.take_body(), call.header(b"content-type")
    call.params = read_params(call.scope["query_string"], label if body else "", body)
    caller = await authenticate(call, _ROWS)
    kind = wire.body_of(label, body)
    if kind is Body.JSON:
        raise Refusal(NumbersRefusal.MISSING_COUNTRY)
    if kind is Body.MISLABELLED:
        if _setting(call, "mislabelled_forms") == "faithful":
            raise Refusal(NumbersRefusal.METHOD_FAILED)
        call.outcome = "a form labelled application/json was read; the service answers 420 method failed"
    command = wire.parse_named(call.params)
    call.about = command.msisdn
    rules.named(command)
    if command.target_key not in ("", caller.api_key):
        raise NotEmulated("numbers of a sub-account (target_api_key)")
    return caller, command


async def _shelf(view: View, command: Named) -> Shelf:
    world = await view.get(World, "world")
    assert world is not None, "every world has its facts"
    return Shelf(
        series_with(command.country, command.msisdn),
        await view.get(Released, command.msisdn),
        await view.get(Number, command.msisdn),
        await view.get(Handset, command.msisdn),
        world,
    )


async def _owed(view: View, number: Number) -> list[Delivery]:
    """The webhooks of messages to a number that are still to be sent."""
    messages = await _all(view, Message, f"to/{number.id}")
    inbound = {each.id for each in messages if each.direction is Direction.INBOUND}
    if not inbound:
        return []
    # Those that a fault shuffles have a subject each; it begins with that of the message.
    return [
        each
        for each in await _all(view, Delivery, "")
        if each.state is DeliveryState.PENDING and each.subject.partition("/")[0] in inbound
    ]


async def _all(view: View, kind: type[R], key: str) -> list[R]:
    """All records under a key, page by page."""
    found: list[R] = []
    while page := await view.find(kind, key, found[-1].made if found else 0, _AT_ONCE):
        found += page
    return found


async def _account(view: View, account_id: str) -> Account:
    account = await view.get(Account, account_id)
    assert account is not None, "accounts are never dropped while their world lives"
    return account


async def _application(view: View, number: Number) -> Application | None:
    return await view.get(Application, number.application) if number.application else None


async def _application_named(view: View, application_id: str) -> Application | None:
    """An application by its id on the wire, whoever's it is; its other look-up keys are no ids."""
    found = await view.find(Application, application_id, limit=1)
    return next((each for each in found if each.application_id == application_id), None)


def _view(call: Call) -> WorldView:
    caller = call.caller
    assert caller is not None, "authentication knows the caller"
    return WorldView(call.shell.store, caller.world)


def _setting(call: Call, name: str) -> object:
    caller = call.caller
    assert caller is not None, "authentication knows the caller"
    return caller.setting(name)


def _long(call: Call) -> bool:
    return _setting(call, "empty_numbers") == "long"


def _answer(call: Call, status: int, members: wire.Members) -> Reply:
    """An answer with all its headers; lists have a root of their own in XML, when they are refused too.

    Source: reference numbers §2, account §1.1 (A), §1.3 (B).
    """
    root = "response" if "POST" in call.allowed else "inbound-numbers"
    return rest_reply(call, status, wire.xml_answer(root, members) if asks_for_xml(call) else wire.json_answer(members))
