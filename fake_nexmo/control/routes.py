"""The control API: the emulator's own HTTP interface under ``/_fake``."""

from __future__ import annotations

import platform
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from fake_nexmo import __version__
from fake_nexmo.control import scenarios, words
from fake_nexmo.control.base import (
    LOOK_AGAIN_S,
    Control,
    Problem,
    convert,
    fit,
    read_body,
    read_object,
    try_commit,
    unfit,
    wait_of,
    world_of,
)
from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Change, Claim, Conflict, Free, Set
from fake_nexmo.core.instant import parse_duration, parse_instant, rfc3339
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Application, Delivery, DeliveryState, Number, Record, World
from fake_nexmo.core.settings import SETTINGS, all_values, check
from fake_nexmo.engine.runner import AlreadyAdvancing, ChainTooLong
from fake_nexmo.keys.pool import fresh_pair
from fake_nexmo.scenario import facts as scenario_words
from fake_nexmo.scenario.errors import CredentialTaken, ScenarioError
from fake_nexmo.scenario.model import AccountFacts, ApplicationFacts, NumberFacts
from fake_nexmo.scenario.worlds import Plan, fork_world, held, make_world
from fake_nexmo.store.protocol import NameTaken, NoSuchSnapshot, Page, Start
from fake_nexmo.store.steady import steady_s
from fake_nexmo.web.api import Collection
from fake_nexmo.web.commit import WorldView
from fake_nexmo.web.replies import Reply, json_reply

T = TypeVar("T")

_SHOWN_MAX = 10
"""How many there are is said up to so many, where one is named that is not there."""


# What bodies hold.


class NewWorld(Struct, forbid_unknown_fields=True):
    """``POST /worlds``: all of it may be left out.

    Attributes:
        clock: ``real``, ``x60``, ``manual`` or ``auto``, or an object of ``mode`` and ``start``.
        credentials: ``keep``: refuse instead of replacing a credential that another world has.
        drop_after_idle: a duration of wall time; absent: never dropped.
    """

    name: str = ""
    scenario: Any = None
    vars: dict[str, Any] = msgspec.field(default_factory=dict)
    clock: str | ClockFacts | None = None
    seed: int | None = None
    credentials: str | None = None
    drop_after_idle: str | float | None = None


class ClockFacts(Struct, forbid_unknown_fields=True):
    """A clock as a scenario says it."""

    mode: str | None = None
    start: str | None = None


class ClockMode(Struct, forbid_unknown_fields=True):
    """``PUT /worlds/{w}/clock``."""

    mode: str


class Advance(Struct, forbid_unknown_fields=True):
    """``POST /worlds/{w}/clock/advance``: a duration such as ``5m``, or a number of seconds."""

    by: str | float


class SnapshotName(Struct, forbid_unknown_fields=True):
    """``POST /worlds/{w}/restore``."""

    snapshot: str


class Fork(Struct, forbid_unknown_fields=True):
    """``POST /worlds/{w}/fork``."""

    name: str = ""
    snapshot: str = ""


# The server.


async def health(control: Control, _: Request) -> Response:
    """Versions, store, and the names of all worlds."""
    store = control.engine.store
    return json_reply(
        200,
        {
            "status": "ok",
            "version": __version__,
            "python": platform.python_version(),
            "store": store.name,
            "worlds": list(await store.worlds()),
        },
    )


async def ca_pem(control: Control, _: Request) -> Response:
    """The certificate of the local authority, to be trusted by clients."""
    if control.ca_file is None:
        raise Problem(404, "no-authority", "No authority", "This server does not speak https, so it has no authority.")
    return Reply(200, [(b"content-type", b"application/x-pem-file")], control.ca_file.read_bytes())


async def fidelity(control: Control, _: Request) -> Response:
    """What is emulated, how well it is known, and what is missing."""
    operations = [
        {
            "operation": operation.name,
            "api": api.title,
            "methods": list(operation.methods),
            "paths": list(operation.paths),
            "mark": operation.mark,
            "source": operation.source,
            "gaps": list(operation.gaps),
        }
        for api in control.engine.registry.values()
        for operation in api.operations
    ]
    return json_reply(200, {"operations": operations})


async def lost_and_found(control: Control, _: Request) -> Response:
    """Requests with a credential or a host that no world knows, newest last."""
    items = [
        {"at": rfc3339(each.at), "why": each.why, "name": each.name, "method": each.method, "path": each.path}
        for each in await control.engine.store.lost()
    ]
    return json_reply(200, {"items": items})


# Worlds.


async def create_world(control: Control, request: Request) -> Response:
    """Make a fresh world."""
    wanted = await read_body(request, NewWorld)
    if wanted.credentials not in {None, "keep"}:
        raise unfit("credentials", f"{wanted.credentials!r} is not understood; it may be 'keep', or be left out")
    clock = ClockFacts(wanted.clock) if isinstance(wanted.clock, str) else wanted.clock or ClockFacts()
    document = scenarios.read(control, wanted.scenario, wanted.vars)
    try:
        plan = Plan(
            name=wanted.name,
            seed=wanted.seed,
            clock=clock.mode or control.clock,
            start=None if clock.start is None else parse_instant(clock.start),
            keep=wanted.credentials == "keep",
            drop_after_idle=0 if wanted.drop_after_idle is None else parse_duration(wanted.drop_after_idle),
        )
        if document is not None:
            plan = scenarios.plan(control, document, plan, clock.mode)
        made = await make_world(control.engine.store, control.engine.shell.wall, plan)
    except NameTaken:
        raise _name_taken(wanted.name) from None
    except CredentialTaken as taken:
        raise Problem(409, "credential-taken", "Credential taken", str(taken)) from None
    except ValueError as error:
        raise Problem(422, "unfit", "That cannot be", str(error)) from None
    if plan.drop_after_idle:
        control.engine.watch(made.world, plan.drop_after_idle)
    return json_reply(201, scenarios.made(made))


async def delete_world(control: Control, request: Request) -> Response:
    """Remove a world and everything in it."""
    await control.engine.store.delete_world(world_of(request))
    return Response(status_code=204)


async def reset_world(control: Control, request: Request) -> Response:
    """Put a world back to how it was made; its log is emptied, what is pending is cancelled."""
    name = world_of(request)
    try:
        await control.engine.store.reset_world(name)
    except Conflict as conflict:
        raise Problem(409, "credential-taken", "Credential taken", str(conflict)) from None
    await scenarios.begin_anew(control, name)
    return json_reply(200, {"world": name})


async def snapshot_world(control: Control, request: Request) -> Response:
    """Remember the whole state of a world."""
    return json_reply(201, {"snapshot": await control.engine.store.snapshot(world_of(request))})


async def restore_world(control: Control, request: Request) -> Response:
    """Put a remembered state back."""
    wanted = await read_body(request, SnapshotName)
    try:
        await control.engine.store.restore(world_of(request), wanted.snapshot)
    except NoSuchSnapshot:
        raise _no_snapshot(request, wanted.snapshot) from None
    except Conflict as conflict:
        raise Problem(409, "credential-taken", "Credential taken", str(conflict)) from None
    return json_reply(200, {"world": world_of(request), "snapshot": wanted.snapshot})


async def fork(control: Control, request: Request) -> Response:
    """Make a new world from a live one, or from a snapshot of it."""
    wanted = await read_body(request, Fork)
    engine = control.engine
    try:
        made = await fork_world(engine.store, engine.shell.wall, world_of(request), wanted.name, wanted.snapshot)
    except NameTaken:
        raise _name_taken(wanted.name) from None
    except NoSuchSnapshot:
        raise _no_snapshot(request, wanted.snapshot) from None
    except ScenarioError as error:
        raise Problem(422, "unfit", "That cannot be", str(error)) from None
    idle = (await engine.store.peek(made.world)).world.drop_after_idle
    if idle:
        engine.watch(made.world, idle)
    return json_reply(201, scenarios.made(made))


async def read_world(control: Control, request: Request) -> Response:
    """What a world holds: its accounts and applications with credentials, its numbers, its clock."""
    store = control.engine.store
    start = await store.peek(world_of(request))
    accounts, applications, numbers = await held(WorldView(store, start.world.name))
    return json_reply(
        200,
        {
            "world": start.world.name,
            "seed": start.world.seed,
            "clock": _clock(control, start),
            "accounts": [words.account(each) for each in accounts],
            "applications": [words.application(each) for each in applications],
            "numbers": [each.id for each in numbers],
            "routes": dict(start.world.routes),
        },
    )


# Facts.


async def read_settings(control: Control, request: Request) -> Response:
    """Every setting of the world."""
    start = await control.engine.store.peek(world_of(request))
    return json_reply(200, all_values(start.world.settings))


async def patch_settings(control: Control, request: Request) -> Response:
    """Change settings; null puts one back to its default."""
    patch = await read_object(request)
    for name, value in patch.items():
        try:
            check(name, SETTINGS[name].default if value is None and name in SETTINGS else value)
        except ValueError as error:
            raise unfit(name, str(error)) from None

    def change(world: World) -> World:
        merged = {**world.settings, **patch}
        return replace(world, settings={name: value for name, value in merged.items() if value is not None})

    world = await _change_world(control, request, change)
    return json_reply(200, all_values(world.settings))


async def put_routes(control: Control, request: Request) -> Response:
    """Say where webhooks for an origin really go; the whole table is replaced."""
    table = await read_object(request)
    for origin, target in table.items():
        for each in (origin, target):
            if not isinstance(each, str) or not each.startswith(("http://", "https://")):
                raise unfit(origin, f"{each!r} is no origin; write it like https://shop.test or http://127.0.0.1:8000")
    world = await _change_world(control, request, lambda world: replace(world, routes=table))
    return json_reply(200, dict(world.routes))


async def read_routes(control: Control, request: Request) -> Response:
    """Where webhooks for an origin really go."""
    return json_reply(200, dict((await control.engine.store.peek(world_of(request))).world.routes))


async def read_account(control: Control, request: Request) -> Response:
    """An account in a scenario's words."""
    account, balance = await _account(control, request)
    return json_reply(200, scenario_words.account_facts(account, balance))


async def patch_account(control: Control, request: Request) -> Response:
    """Change an account, in effect at once."""
    patch = await read_object(request)
    if patch.get("api_secret") is not None and "api_secrets" not in patch:
        patch["api_secrets"] = [patch.pop("api_secret")]
    if patch.get("api_key") == "":
        raise unfit("api_key", "an account needs a key")
    start = await control.engine.store.begin(world_of(request))
    while True:
        account, balance = await _account(control, request)
        # A debt is no fact that a scenario could say; one that the patch leaves alone stays.
        before = msgspec.to_builtins(scenario_words.account_facts(account, max(balance, 0)))
        facts = _merged(before, patch, AccountFacts)
        change, after, after_balance = _account_change(control, start, account, facts, patch)
        if await try_commit(control, start, change):
            left = after_balance if "balance" in patch else balance
            return json_reply(200, scenario_words.account_facts(after, left))
        taken = await control.engine.store.tenant(f"key/{after.api_key}")
        if after.api_key != account.api_key and taken is not None:
            raise Problem(409, "credential-taken", "Credential taken", f"the key {after.api_key!r} is taken")


async def read_application(control: Control, request: Request) -> Response:
    """An application in a scenario's words."""
    application, _ = await _application(control, request)
    return json_reply(200, scenario_words.application_facts(application))


async def patch_application(control: Control, request: Request) -> Response:
    """Change an application, in effect at once."""
    patch = await read_object(request)
    while True:
        application, start = await _application(control, request)
        facts = _merged(msgspec.to_builtins(scenario_words.application_facts(application)), patch, ApplicationFacts)
        await _known_account(control, start, facts.account)
        public = application.public_key if facts.public_key is UNSET else facts.public_key
        if public != application.public_key:
            fit(partial(scenario_words.check_public, public, "public_key"))
        new_id = application.application_id if facts.id is UNSET else facts.id
        private = application.private_key if public == application.public_key else ""
        if facts.keys is not UNSET:
            pair = fresh_pair()
            public, private = pair.public, pair.private
        after = fit(partial(scenario_words.to_application, application.id, facts, new_id, public, private))
        claims: tuple[Claim | Free, ...] = ()
        if new_id != application.application_id:
            claims = (
                Free(f"application/{application.application_id}", application.id, server_wide=True),
                Claim(f"application/{new_id}", application.id, server_wide=True),
            )
            if await control.engine.store.tenant(f"application/{new_id}") is not None:
                raise Problem(409, "credential-taken", "Credential taken", f"the id {new_id!r} is taken")
        if await try_commit(control, start, Change(put=(replace(after, version=application.version),), claims=claims)):
            return json_reply(200, scenario_words.application_facts(after))


async def read_number(control: Control, request: Request) -> Response:
    """An owned number in a scenario's words."""
    number, _ = await _number(control, request)
    return json_reply(200, scenario_words.number_facts(number))


async def patch_number(control: Control, request: Request) -> Response:
    """Change an owned number, in effect at once."""
    patch = await read_object(request)
    while True:
        number, start = await _number(control, request)
        facts = _merged(msgspec.to_builtins(scenario_words.number_facts(number)), patch, NumberFacts)
        await _known_account(control, start, facts.account)
        if facts.application and await _of(control, start, Application, facts.application) is None:
            raise unfit("application", f"no application is called {facts.application!r} in this world")
        said = fit(partial(scenario_words.to_number, number.id, facts))
        # What has no word in a scenario stays as it is.
        after = replace(
            said, version=number.version, smpp_system_type=number.smpp_system_type, renews_at=number.renews_at
        )
        claims: tuple[Claim | Free, ...] = ()
        if after.account != number.account:
            claims = (Free(f"number/{number.id}", number.account), Claim(f"number/{number.id}", after.account))
        if await try_commit(control, start, Change(put=(after,), claims=claims)):
            return json_reply(200, scenario_words.number_facts(after))


# The clock.


async def read_clock(control: Control, request: Request) -> Response:
    """What the world's clock shows, and how it moves."""
    return json_reply(200, _clock(control, await control.engine.store.peek(world_of(request))))


async def put_clock(control: Control, request: Request) -> Response:
    """Change how the clock moves; the instant it shows stays."""
    wanted = await read_body(request, ClockMode)
    name = world_of(request)
    while True:
        start = await control.engine.store.peek(name)
        changed = fit(partial(clocks.change_mode, start.clock, wanted.mode, control.engine.shell.wall()), "mode")
        if await try_commit(control, start, Change(put=(changed,))):
            return json_reply(200, _clock(control, await control.engine.store.peek(name)))


async def advance(control: Control, request: Request) -> Response:
    """Move the clock on and carry out everything due on the way; answered when all is settled."""
    wanted = await read_body(request, Advance)
    by = fit(lambda: parse_duration(wanted.by), "by")
    try:
        done = await control.engine.advance(world_of(request), by)
    except AlreadyAdvancing:
        raise Problem(
            409,
            "already-advancing",
            "Already advancing",
            "The clock of this world is being advanced, or an act is being carried out; try again when it is done.",
        ) from None
    except ChainTooLong as chain:
        raise Problem(409, "chain-too-long", "A chain of causes does not end", str(chain), last=chain.last) from None
    return json_reply(
        200,
        {
            "from": rfc3339(done.begin),
            "to": rfc3339(done.end),
            "timers": done.timers,
            "delivered": done.delivered,
            "failed": done.failed,
            "pending": done.pending,
            "settled": True,
        },
    )


# Collections.


async def collection(control: Control, request: Request) -> Response:
    """Entries of a collection, filtered by field; with ``wait`` the reply comes when one matches."""
    collected = words.collections(control.engine.registry)[request.path_params["collection"]]
    query = dict(request.query_params)
    wait = wait_of(query)
    since, limit = _count(query, "since"), _count(query, "limit")
    until = steady_s() + wait
    store, name = control.engine.store, world_of(request)
    while True:
        page = await store.since(name, collected.kind, since or 0)
        items = _matching(page, collected, query, request.path_params["collection"])
        left = until - steady_s()
        if items or left <= 0 or control.engine.stopping:
            break
        await store.changed(name, page.since, min(left, LOOK_AGAIN_S))
    reply: dict[str, Any] = {
        "items": items if limit is None else items[max(0, len(items) - limit) :],
        "since": page.since,
    }
    if since is not None and page.truncated:
        reply["truncated"] = True
    return json_reply(200, reply)


async def entry(control: Control, request: Request) -> Response:
    """One entry of a collection by its id."""
    name, wanted = request.path_params["collection"], request.path_params["id"]
    collected = words.collections(control.engine.registry)[name]
    start = await control.engine.store.peek(world_of(request))
    found = None
    if issubclass(collected.kind, Record):
        found = await control.engine.store.get(start.world.name, collected.kind, wanted)
    if found is None:
        raise Problem(404, "no-such-entry", "No such entry", f"The {name} of this world hold no {wanted!r}.")
    return json_reply(200, collected.say(found))


async def resend(control: Control, request: Request) -> Response:
    """Send a webhook once more, now, whatever became of it; answered when it was sent."""
    store, shell, name = control.engine.store, control.engine.shell, world_of(request)
    start = await store.begin(name)
    while True:
        delivery = await store.get(name, Delivery, request.path_params["id"])
        if delivery is None:
            raise Problem(
                404, "no-such-webhook", "No such webhook", f"The world has no webhook {request.path_params['id']!r}."
            )
        now = clocks.now(start.clock, shell.wall())
        depth = shell.depths.get(name, 0)
        again = replace(delivery, state=DeliveryState.PENDING, due_at=now, depth=depth)
        if await try_commit(control, start, Change(put=(again,))):
            break
    settled = await control.engine.settle(name)
    sent = await store.get(name, Delivery, delivery.id)
    return json_reply(200, {**words.webhook(sent or again), "settled": settled})


# Helpers, in order of use.


def _merged(facts: dict[str, Any], patch: dict[str, Any], kind: type[T]) -> T:
    """The facts with an RFC 7396 merge patch laid over them."""
    return convert(_merge(facts, patch), kind)


def _merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged


def _name_taken(name: str) -> Problem:
    return Problem(
        409, "name-taken", "Name taken", f"A live world is called {name!r}; take another name, or delete that world."
    )


def _no_snapshot(request: Request, snapshot: str) -> Problem:
    return Problem(
        404, "no-such-snapshot", "No such snapshot", f"The world {world_of(request)!r} has no snapshot {snapshot!r}."
    )


def _clock(control: Control, start: Start) -> dict[str, Any]:
    clock = start.clock
    return {
        "mode": clocks.mode_words(clock),
        "now": rfc3339(clocks.now(clock, control.engine.shell.wall())),
        "advancing": bool(clock.held),
    }


async def _change_world(control: Control, request: Request, change: Callable[[World], World]) -> World:
    while True:
        start = await control.engine.store.peek(world_of(request))
        changed = change(start.world)
        if await try_commit(control, start, Change(put=(changed,))):
            return changed


async def _of(control: Control, start: Start, kind: Any, record_id: str) -> Any:
    return await control.engine.store.get(start.world.name, kind, record_id)


async def _known_account(control: Control, start: Start, name: str) -> None:
    if await _of(control, start, Account, name) is None:
        raise unfit("account", f"no account is called {name!r} in this world")


async def _account(control: Control, request: Request) -> tuple[Account, int]:
    store, name, key = control.engine.store, world_of(request), request.path_params["api_key"]
    found = await store.find(name, Account, key, limit=1)
    if not found:
        shown = await store.find(name, Account, "", limit=_SHOWN_MAX)
        keys = ", ".join(each.api_key for each in shown if each.api_key) or "none"
        what = f"No account of the world has the key {key!r}; there are: {keys}."
        raise Problem(404, "no-such-account", "No such account", what)
    return found[0], await store.counter(name, found[0].balance)


async def _application(control: Control, request: Request) -> tuple[Application, Start]:
    store, name, given = control.engine.store, world_of(request), request.path_params["id"]
    start = await store.peek(name)
    found = await store.find(name, Application, given, limit=1)
    if not found:
        there = await store.find(name, Application, "", limit=_SHOWN_MAX)
        ids = ", ".join(each.application_id for each in there) or "none"
        what = f"No application of the world has the id {given!r}; there are: {ids}."
        raise Problem(404, "no-such-application", "No such application", what)
    return found[0], start


async def _number(control: Control, request: Request) -> tuple[Number, Start]:
    store, name, msisdn = control.engine.store, world_of(request), request.path_params["msisdn"].removeprefix("+")
    start = await store.peek(name)
    number = await store.get(name, Number, msisdn)
    if number is None:
        owned = ", ".join(each.id for each in await store.find(name, Number, "", limit=_SHOWN_MAX)) or "none"
        what = f"Nobody in the world owns {msisdn!r}; owned are: {owned}."
        raise Problem(404, "no-such-number", "No such number", what)
    return number, start


def _account_change(
    control: Control, start: Start, account: Account, facts: AccountFacts, patch: dict[str, Any]
) -> tuple[Change, Account, int]:
    """The change that makes an account what its facts say now, the account, and its balance."""
    moment = Moment(clocks.now(start.clock, control.engine.shell.wall()), start.ordinal, start.world.seed)
    key = account.api_key if facts.api_key is UNSET else facts.api_key
    values = fit(lambda: scenario_words.secret_values(facts)) or [each.value for each in account.secrets]
    signing: str | UnsetType = UNSET if facts.signature is UNSET else facts.signature.secret
    made, balance = fit(
        lambda: scenario_words.to_account(account.id, facts, key, account.secrets, signing or account.signature_secret)
    )
    ids = [moment.uuid(Use.SECRET, k) for k in range(len(values))]
    # What has no word in a scenario stays as it is.
    kept = replace(made, version=account.version, rest_enabled=account.rest_enabled)
    after = scenario_words.with_secrets(kept, values, ids, moment.now)
    steps = (Set(after.balance, balance),) if "balance" in patch else ()
    claims: tuple[Claim | Free, ...] = ()
    if key != account.api_key:
        claims = (
            Free(f"key/{account.api_key}", account.id, server_wide=True),
            Claim(f"key/{key}", account.id, server_wide=True),
        )
    return Change(put=(after,), counters=steps, claims=claims), after, balance


def _count(query: dict[str, str], name: str) -> int | None:
    text = query.pop(name, None)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise unfit(name, f"{text!r} is no whole number")
    return int(text)


def _matching(page: Page, collected: Collection, query: dict[str, str], name: str) -> list[dict[str, Any]]:
    items = [collected.say(each) for each in page.items]
    if not query:
        return items
    wanted = {
        field: value.lstrip("+ ") if field in {"to", "from", "number"} else value for field, value in query.items()
    }
    for field in wanted:
        if field not in collected.fields:
            near = get_close_matches(field, collected.fields, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(collected.fields))}."
            raise unfit(field, f"no field of {name} is called {field!r}; {hint}")
    return [each for each in items if all(_said(each.get(field)) == text for field, text in wanted.items())]


def _said(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()
