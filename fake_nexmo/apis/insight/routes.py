"""The endpoints of the Number Insight API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from starlette.responses import Response

from fake_nexmo.apis.insight import callback_rules, rules, wire, xml_wire
from fake_nexmo.apis.insight.model import ROWS, TROUBLES, Answer, Command, InsightRefusal, Level, Lookup, Prices
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, FaultEffect, Handset, Mischief, Number, Timer, World
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.settings import price, value
from fake_nexmo.handsets import lookup
from fake_nexmo.handsets.characters import person
from fake_nexmo.network.weather import Occasion
from fake_nexmo.numbering.number import PhoneNumber, describe
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import WorldView, commit
from fake_nexmo.web.credentials import CredentialRows, authenticate, present
from fake_nexmo.web.params import read_params
from fake_nexmo.web.replies import Reply, json_reply
from fake_nexmo.web.weather import mischief

A = TypeVar("A")


def _rows(not_enabled: InsightRefusal) -> CredentialRows:
    """The refusals of wrong credentials on a level.

    Source: reference number-insight §2 (C; D for absent ones).
    Doubt: how a suspended account, a wrong signature, or a secret beside one is refused is not documented; as wrong
    credentials. The level basic has no 19, so there an account without the facility is refused so too.
    """
    bad = InsightRefusal.BAD_CREDENTIALS
    return CredentialRows(
        missing_key=InsightRefusal.INCOMPLETE,
        missing_secret=InsightRefusal.INCOMPLETE,
        both=bad,
        bad_signature=bad,
        bad=bad,
        suspended=bad,
        not_enabled=not_enabled,
    )


_BASIC_ROWS = _rows(InsightRefusal.BAD_CREDENTIALS)
_OTHER_ROWS = _rows(InsightRefusal.NOT_ENABLED)


async def basic(call: Call) -> Response:
    """``/ni/basic/…``, ``/number/format/…``: what a number says by its digits. Source: number-insight §1, §6.2 (B)."""
    caller, command = await _open(call, Level.BASIC)
    known = rules.checked(command)

    async def attempt(view: View, moment: Moment) -> Outcome[Answer]:
        counted = await _admit(call, view, await _account(view, caller.id), moment)
        return _with(counted, rules.read(command, known, moment))

    answer, _ = await commit(call, attempt)
    call.about = answer.request_id
    return _answered(call, answer, 0)


async def standard(call: Call) -> Response:
    """``/ni/standard/…``, ``/number/lookup/…``: its networks besides. Source: number-insight §1, §6.3 (B)."""
    return await _look_up(call, Level.STANDARD)


async def advanced(call: Call) -> Response:
    """``/ni/advanced/…``: what the phone says besides. Source: number-insight §1, §6.4 (B)."""
    return await _look_up(call, Level.ADVANCED)


async def _look_up(call: Call, level: Level) -> Response:
    caller, command = await _open(call, level)
    known, prices = rules.checked(command), _prices(call)
    world = _start_world(call)

    async def attempt(view: View, moment: Moment) -> Outcome[Answer]:
        account = await _account(view, caller.id)
        counted = await _admit(call, view, account, moment)
        phone, owned = await _phone(view, known.msisdn, world, moment)
        balance = await view.counter(account.balance)
        outcome = rules.look_up(
            command, known, phone, account, balance, prices, moment, owned=owned, own=world.networks
        )
        return _with(counted, outcome)

    answer, counters = await commit(call, attempt)
    call.about = answer.request_id
    return _answered(call, answer, await _balance(call, counters))


async def advanced_async(call: Call) -> Response:
    """``/ni/advanced/async/…``: acknowledged now, told to the callback later. Source: number-insight §7 (B, C).

    ``/ni/json`` is the same in the form of before 2017.
    """
    caller, command = await _open(call, Level.ASYNC)
    known, prices = rules.checked(command), _prices(call)
    bad = await _mischief(call, known) if _start_world(call).faults else None
    xml, flat = _wants_xml(call), _path(call).startswith(("/ni/json", "/ni/xml"))

    async def attempt(view: View, moment: Moment) -> Outcome[Lookup]:
        account = await _account(view, caller.id)
        counted = await _admit(call, view, account, moment)
        balance = await view.counter(account.balance)
        outcome = callback_rules.acknowledge(
            command, known, account, balance, prices, moment, xml=xml, flat=flat, mischief=bad
        )
        return _with(counted, outcome)

    wanted, counters = await commit(call, attempt)
    call.answered_first = bad is not None and bad.before_response
    call.about = wanted.id
    return _worded(call, wire.acknowledgement(wanted, await _balance(call, counters)))


async def carry_out(view: View, timer: Timer, moment: Moment) -> Outcome[Answer]:
    """Make a look-up that was acknowledged, and set its callback. Source: reference number-insight §7."""
    wanted = await view.get(Lookup, timer.subject)
    world = await view.get(World, "world")
    assert wanted is not None, "a look-up with a timer pending is never dropped"
    assert world is not None, "every world has its facts"
    account = await _account(view, wanted.account)
    known = describe(wanted.msisdn)
    assert known is not None, "it was described when it was acknowledged"
    phone, owned = await _phone(view, wanted.msisdn, world, moment)
    old = (account.profile or value(world.settings, "profile")) == "2020"
    balance = await view.counter(account.balance)
    return callback_rules.carry_out(
        wanted, known, phone, account, balance, timer, moment, owned=owned, old=old, own=world.networks
    )


# Refusals and troubles.


async def trouble(call: Call, name: str) -> Refusal:
    """The refusal that a fault asks for; a row that the level does not have is an internal error.

    A soft row carries the whole answer. Where the fault lets the operation happen, it is charged; where it doesn't,
    what it would have cost counts as paid back. A request that is about no number is refused as ever.

    Source: design §8; reference number-insight §5 ("yes, unless refunded").
    """
    caller, level = call.caller, _level(call)
    assert caller is not None, "faults act after credentials"
    row = TROUBLES[name]
    if level is Level.BASIC and not ROWS[row].basic:
        row = InsightRefusal.SERVER_ERROR
    facts: dict[str, object] = {
        "number": call.params.get("number", ""),
        "request_id": rules.request_id(caller.moment),
    }
    if not ROWS[row].soft:
        return Refusal(row, **facts)
    try:
        facts["answer"] = await _soft(call, level, row)
    except Refusal as refusal:
        return refusal
    facts["remaining"] = await _balance(call, {})
    return Refusal(row, **facts)


async def _soft(call: Call, level: Level, row: InsightRefusal) -> Answer:
    """What a look-up without result would answer now."""
    assert call.caller is not None, "faults act after credentials"
    assert call.weather is not None, "a fault acts"
    world, moment = _start_world(call), call.caller.moment
    view = WorldView(call.shell.store, world.name)
    command = wire.parse_look_up(level, call.params)
    known = rules.checked(command)
    phone, owned = await _phone(view, known.msisdn, world, moment)
    found = lookup.look(phone, known, moment.seed, owned=owned, own=world.networks)
    happened = call.weather.fault.effect is not FaultEffect.NONE
    answer = rules.judged(command, known, found, _prices(call), rules.request_id(moment), forced=row)
    return rules.paid_back(answer, happened=happened)


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """HTTP 200 with the row's status and text. Source: reference number-insight §1, §5."""
    row, level = refusal.row, _level(call)
    assert isinstance(row, InsightRefusal), f"{row} is no refusal of the Number Insight API"
    call.outcome = f"{ROWS[row].status} {wire.refusal_text(row, refusal.facts)}"
    answer, remaining = refusal.facts.get("answer"), refusal.facts.get("remaining")
    if not isinstance(answer, Answer) or not isinstance(remaining, int):
        return _worded(call, wire.refused(level, row, refusal.facts))
    call.about = answer.request_id
    if level is Level.ASYNC:
        return _worded(call, wire.soft_acknowledgement(answer, call.params.get("number", ""), remaining))
    return _answered(call, answer, remaining)


def wrong_verb(call: Call) -> Reply:
    """A verb that the gateway of ``api.nexmo.com`` does not list. Source: reference auth §6.11 (A status, D body)."""
    reply = json_reply(403, {"type": "FORBIDDEN", "error_title": "Forbidden"})
    reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply


# Small things, in order of use.


async def _open(call: Call, level: Level) -> tuple[Account, Command]:
    """Whose request it is, and what it asks for.

    Raises:
        Refusal: UNPARSEABLE, on levels that have it, for a body that says it is JSON and is not; when credentials are
            missing besides, this comes first, since they may stand in that body.

    Source: reference number-insight §2, §5.
    """
    body = b"" if call.method == "GET" else await call.take_body()
    media = call.header(b"content-type") if body else ""
    call.params = read_params(call.scope["query_string"], media, body)
    broken = bool(body) and level is not Level.BASIC and wire.is_unparseable(media, body)
    if broken and not present(call).key:
        raise Refusal(InsightRefusal.UNPARSEABLE)
    caller = await authenticate(call, _BASIC_ROWS if level is Level.BASIC else _OTHER_ROWS)
    if broken:
        raise Refusal(InsightRefusal.UNPARSEABLE)
    return caller, wire.parse_look_up(level, call.params)


async def _admit(call: Call, view: View, account: Account, moment: Moment) -> Change:
    """Count a look-up, where the account or its world has a limit.

    Raises:
        Refusal: THROTTLED.
    """
    most = account.insight_limit
    if most is None:
        most = value(_start_world(call).settings, "insight_limit")
    made = await view.counter(rules.rate_of(account, moment.now)) if most > 0 else 0
    return rules.admitted(account, made, most, moment)


def _with(counted: Change, outcome: Outcome[A]) -> Outcome[A]:
    return Outcome(counted + outcome.change, outcome.answer)


async def _phone(view: View, msisdn: str, world: World, moment: Moment) -> tuple[Handset, bool]:
    """The phone that has a number; and whether an account of the world owns it, so that nobody is behind it."""
    if await view.get(Number, msisdn) is not None:
        return Handset(id=msisdn), True
    return person(msisdn, await view.get(Handset, msisdn), world, moment), False


async def _account(view: View, account_id: str) -> Account:
    account = await view.get(Account, account_id)
    assert account is not None, "accounts are never dropped while their world lives"
    return account


def _start_world(call: Call) -> World:
    assert call.caller is not None, "authentication knows the caller"
    return call.caller.start.world


def _prices(call: Call) -> Prices:
    settings = _start_world(call).settings
    return Prices(*(price(value(settings, f"insight_price_{each}")) for each in ("standard", "advanced", "cnam")))


async def _mischief(call: Call, known: PhoneNumber) -> Mischief | None:
    """What a fault does to the callback: matched once, with the request."""
    caller = call.caller
    assert caller is not None, "faults act after credentials"
    target = f"webhook.{callback_rules.KIND}"
    occasion = Occasion(target, caller.account.id, caller.account.api_key, known.msisdn)
    return await mischief(call.shell.store, caller.start, occasion, caller.moment.now)


async def _balance(call: Call, counters: Mapping[str, int]) -> int:
    """The caller's balance right after a commit; of an account that was not debited, the one it has."""
    caller = call.caller
    assert caller is not None, "authentication knows the caller"
    name = caller.account.balance
    return counters[name] if name in counters else await call.shell.store.counter(caller.world, name)


def _level(call: Call) -> Level:
    return Level(call.operation.name.partition(".")[2])


def _path(call: Call) -> str:
    path: str = call.scope["path"]
    return "/" + "/".join(part for part in path.split("/") if part)


def _wants_xml(call: Call) -> bool:
    """Whether the path ends in ``xml``."""
    return _path(call).endswith("/xml")


def _old(call: Call) -> bool:
    return call.caller is not None and call.caller.setting("profile") == "2020"


def _answered(call: Call, answer: Answer, remaining: int) -> Reply:
    return _worded(call, wire.answer(answer, remaining, old=_old(call)))


def _worded(call: Call, members: wire.Members) -> Reply:
    """HTTP 200 in the format of the path. Source: reference number-insight §1."""
    level = _level(call)
    if not _wants_xml(call):
        return Reply(200, [(b"content-type", b"application/json")], wire.json_answer(members))
    body = (
        xml_wire.acknowledgement(members) if level is Level.ASYNC else xml_wire.document(level, members, old=_old(call))
    )
    return Reply(200, [(b"content-type", b"text/xml")], body)
