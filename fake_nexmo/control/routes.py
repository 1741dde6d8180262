"""The control API: the emulator's own HTTP interface under ``/_fake``."""

from __future__ import annotations

import platform
import time
from collections.abc import Awaitable, Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from fake_nexmo import __version__
from fake_nexmo.control import words
from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Change, Claim, Conflict, Free, Set
from fake_nexmo.core.instant import parse_duration, parse_instant, rfc3339
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Application, Delivery, DeliveryState, Number, World
from fake_nexmo.core.settings import SETTINGS, all_values, check
from fake_nexmo.engine.runner import AlreadyAdvancing, ChainTooLong, Engine
from fake_nexmo.scenario import facts as scenario_words
from fake_nexmo.scenario.errors import CredentialTaken, ScenarioError
from fake_nexmo.scenario.model import AccountFacts, ApplicationFacts, NumberFacts
from fake_nexmo.scenario.worlds import Made, Plan, fork_world, held, make_world
from fake_nexmo.store.protocol import NameTaken, NoSuchSnapshot, Page, Start
from fake_nexmo.web.commit import WorldView
from fake_nexmo.web.params import BODY_MAX
from fake_nexmo.web.replies import Reply, json_reply, not_emulated, problem

T = TypeVar("T")
WAIT_MAX_S = 300.0


class Problem(Exception):  # noqa: N818 - an answer
    """A request to the control API that is answered with a problem document."""

    def __init__(self, status: int, kind: str, title: str, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.reply = problem(status, kind, title, detail, **more)


class Control(Struct, frozen=True):
    """What the control API works on.

    Attributes:
        clock: the mode of worlds that do not say theirs.
        ca_file: the certificate of the local authority; None: the server has none.
    """

    engine: Engine
    clock: str = "real"
    ca_file: Path | None = None


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
    wanted = await _read(request, NewWorld)
    if wanted.scenario is not None or wanted.vars:
        return not_emulated("scenarios in POST /_fake/worlds", "A world without one holds the default account.")
    if wanted.credentials not in {None, "keep"}:
        raise _unfit("credentials", f"{wanted.credentials!r} is not understood; it may be 'keep', or be left out")
    clock = ClockFacts(wanted.clock) if isinstance(wanted.clock, str) else wanted.clock or ClockFacts()
    try:
        plan = Plan(
            name=wanted.name,
            seed=wanted.seed,
            clock=clock.mode or control.clock,
            start=None if clock.start is None else parse_instant(clock.start),
            keep=wanted.credentials == "keep",
            drop_after_idle=0 if wanted.drop_after_idle is None else parse_duration(wanted.drop_after_idle),
        )
        made = await make_world(control.engine.store, control.engine.shell.wall, plan)
    except NameTaken:
        raise _name_taken(wanted.name) from None
    except CredentialTaken as taken:
        raise Problem(409, "credential-taken", "Credential taken", str(taken)) from None
    except ValueError as error:
        raise Problem(422, "unfit", "That cannot be", str(error)) from None
    if plan.drop_after_idle:
        control.engine.watch(made.world, plan.drop_after_idle)
    return json_reply(201, _made(made))


async def delete_world(control: Control, request: Request) -> Response:
    """Remove a world and everything in it."""
    await control.engine.store.delete_world(_world(request))
    return Response(status_code=204)


async def reset_world(control: Control, request: Request) -> Response:
    """Put a world back to how it was made; its log is emptied, what is pending is cancelled."""
    name = _world(request)
    try:
        await control.engine.store.reset_world(name)
    except Conflict as conflict:
        raise Problem(409, "credential-taken", "Credential taken", str(conflict)) from None
    return json_reply(200, {"world": name})


async def snapshot_world(control: Control, request: Request) -> Response:
    """Remember the whole state of a world."""
    return json_reply(201, {"snapshot": await control.engine.store.snapshot(_world(request))})


async def restore_world(control: Control, request: Request) -> Response:
    """Put a remembered state back."""
    wanted = await _read(request, SnapshotName)
    try:
        await control.engine.store.restore(_world(request), wanted.snapshot)
    except NoSuchSnapshot:
        raise _no_snapshot(request, wanted.snapshot) from None
    except Conflict as conflict:
        raise Problem(409, "credential-taken", "Credential taken", str(conflict)) from None
    return json_reply(200, {"world": _world(request), "snapshot": wanted.snapshot})


async def fork(control: Control, request: Request) -> Response:
    """Make a new world from a live one, or from a snapshot of it."""
    wanted = await _read(request, Fork)
    engine = control.engine
    try:
        made = await fork_world(engine.store, engine.shell.wall, _world(request), wanted.name, wanted.snapshot)
    except NameTaken:
        raise _name_taken(wanted.name) from None
    except NoSuchSnapshot:
        raise _no_snapshot(request, wanted.snapshot) from None
    except ScenarioError as error:
        raise Problem(422, "unfit", "That cannot be", str(error)) from None
    return json_reply(201, _made(made))


async def read_world(control: Control, request: Request) -> Response:
    """What a world holds: its accounts and applications with credentials, its numbers, its clock."""
    store = control.engine.store
    start = await store.peek(_world(request))
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
    start = await control.engine.store.peek(_world(request))
    return json_reply(200, all_values(start.world.settings))


async def patch_settings(control: Control, request: Request) -> Response:
    """Change settings; null puts one back to its default."""
    patch = await _read_object(request)
    for name, value in patch.items():
        try:
            check(name, SETTINGS[name].default if value is None and name in SETTINGS else value)
        except ValueError as error:
            raise _unfit(name, str(error)) from None

    def change(world: World) -> World:
        merged = {**world.settings, **patch}
        return replace(world, settings={name: value for name, value in merged.items() if value is not None})

    world = await _change_world(control, request, change)
    return json_reply(200, all_values(world.settings))


async def put_routes(control: Control, request: Request) -> Response:
    """Say where webhooks for an origin really go; the whole table is replaced."""
    table = await _read_object(request)
    for origin, target in table.items():
        for each in (origin, target):
            if not isinstance(each, str) or not each.startswith(("http://", "https://")):
                raise _unfit(origin, f"{each!r} is no origin; write it like https://shop.test or http://127.0.0.1:8000")
    world = await _change_world(control, request, lambda world: replace(world, routes=table))
    return json_reply(200, dict(world.routes))


async def read_routes(control: Control, request: Request) -> Response:
    """Where webhooks for an origin really go."""
    return json_reply(200, dict((await control.engine.store.peek(_world(request))).world.routes))


async def read_account(control: Control, request: Request) -> Response:
    """An account in a scenario's words."""
    account, balance, _ = await _account(control, request)
    return json_reply(200, scenario_words.account_facts(account, balance))


async def patch_account(control: Control, request: Request) -> Response:
    """Change an account, in effect at once."""
    patch = await _read_object(request)
    if "api_secret" in patch and "api_secrets" not in patch:
        patch["api_secrets"] = [patch.pop("api_secret")]
    while True:
        account, balance, start = await _account(control, request)
        before = msgspec.to_builtins(scenario_words.account_facts(account, balance))
        facts = _merged(before, patch, AccountFacts)
        change, after, after_balance = _account_change(control, start, account, facts, patch)
        if await _try(control, start, change):
            return json_reply(200, scenario_words.account_facts(after, after_balance))
        taken = await control.engine.store.tenant(f"key/{after.api_key}")
        if after.api_key != account.api_key and taken is not None:
            raise Problem(409, "credential-taken", "Credential taken", f"the key {after.api_key!r} is taken")


async def read_application(control: Control, request: Request) -> Response:
    """An application in a scenario's words."""
    application, _ = await _application(control, request)
    return json_reply(200, scenario_words.application_facts(application))


async def patch_application(control: Control, request: Request) -> Response:
    """Change an application, in effect at once."""
    patch = await _read_object(request)
    while True:
        application, start = await _application(control, request)
        facts = _merged(msgspec.to_builtins(scenario_words.application_facts(application)), patch, ApplicationFacts)
        await _known_account(control, start, facts.account)
        public = application.public_key if facts.public_key is UNSET else facts.public_key
        new_id = application.application_id if facts.id is UNSET else facts.id
        private = application.private_key if public == application.public_key else ""
        after = scenario_words.to_application(application.id, facts, new_id, public, private)
        claims: tuple[Claim | Free, ...] = ()
        if new_id != application.application_id:
            claims = (
                Free(f"application/{application.application_id}", application.id, server_wide=True),
                Claim(f"application/{new_id}", application.id, server_wide=True),
            )
            if await control.engine.store.tenant(f"application/{new_id}") is not None:
                raise Problem(409, "credential-taken", "Credential taken", f"the id {new_id!r} is taken")
        if await _try(control, start, Change(put=(replace(after, version=application.version),), claims=claims)):
            return json_reply(200, scenario_words.application_facts(after))


async def read_number(control: Control, request: Request) -> Response:
    """An owned number in a scenario's words."""
    number, _ = await _number(control, request)
    return json_reply(200, scenario_words.number_facts(number))


async def patch_number(control: Control, request: Request) -> Response:
    """Change an owned number, in effect at once."""
    patch = await _read_object(request)
    while True:
        number, start = await _number(control, request)
        facts = _merged(msgspec.to_builtins(scenario_words.number_facts(number)), patch, NumberFacts)
        await _known_account(control, start, facts.account)
        if facts.application and await _of(control, start, Application, facts.application) is None:
            raise _unfit("application", f"no application is called {facts.application!r} in this world")
        after = _fit(partial(scenario_words.to_number, number.id, facts))
        claims: tuple[Claim | Free, ...] = ()
        if after.account != number.account:
            claims = (Free(f"number/{number.id}", number.account), Claim(f"number/{number.id}", after.account))
        if await _try(control, start, Change(put=(replace(after, version=number.version),), claims=claims)):
            return json_reply(200, scenario_words.number_facts(after))


# The clock.


async def read_clock(control: Control, request: Request) -> Response:
    """What the world's clock shows, and how it moves."""
    return json_reply(200, _clock(control, await control.engine.store.peek(_world(request))))


async def put_clock(control: Control, request: Request) -> Response:
    """Change how the clock moves; the instant it shows stays."""
    wanted = await _read(request, ClockMode)
    name = _world(request)
    while True:
        start = await control.engine.store.peek(name)
        changed = _fit(partial(clocks.change_mode, start.clock, wanted.mode, control.engine.shell.wall()), "mode")
        if await _try(control, start, Change(put=(changed,))):
            return json_reply(200, _clock(control, await control.engine.store.peek(name)))


async def advance(control: Control, request: Request) -> Response:
    """Move the clock on and carry out everything due on the way; answered when all is settled."""
    wanted = await _read(request, Advance)
    by = _fit(lambda: parse_duration(wanted.by), "by")
    try:
        done = await control.engine.advance(_world(request), by)
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
    kind, say = words.COLLECTIONS[request.path_params["collection"]]
    query = dict(request.query_params)
    wait = min(_fit(lambda: parse_duration(query.pop("wait", "0")), "wait") / 1_000_000, WAIT_MAX_S)
    since, limit = _count(query, "since"), _count(query, "limit")
    until = time.monotonic() + wait
    store, name = control.engine.store, _world(request)
    while True:
        page = await store.since(name, kind, since or 0)
        items = _matching(page, say, query, request.path_params["collection"])
        left = until - time.monotonic()
        if items or left <= 0:
            break
        await store.changed(name, page.since, left)
    reply: dict[str, Any] = {"items": items[-limit:] if limit else items, "since": page.since}
    if since is not None and page.truncated:
        reply["truncated"] = True
    return json_reply(200, reply)


async def resend(control: Control, request: Request) -> Response:
    """Send a webhook once more, now, whatever became of it; answered when it was sent."""
    store, name = control.engine.store, _world(request)
    while True:
        start = await store.begin(name)
        delivery = await store.get(name, Delivery, request.path_params["id"])
        if delivery is None:
            raise Problem(
                404, "no-such-webhook", "No such webhook", f"The world has no webhook {request.path_params['id']!r}."
            )
        now = clocks.now(start.clock, control.engine.shell.wall())
        again = replace(delivery, state=DeliveryState.PENDING, due_at=now)
        if await _try(control, start, Change(put=(again,))):
            break
    settled = await control.engine.settle(name)
    sent = await store.get(name, Delivery, delivery.id)
    return json_reply(200, {**words.webhook(sent or again), "settled": settled})


# What comes later.


def later(what: str) -> Callable[[Control, Request], Awaitable[Response]]:
    """An endpoint that says what is not made yet."""

    async def answer(_: Control, __: Request) -> Response:
        return not_emulated(what)

    return answer


# Helpers, in order of use.


def _world(request: Request) -> str:
    name: str = request.path_params["w"]
    return name


async def _read_object(request: Request) -> dict[str, Any]:
    body = await _body(request)
    try:
        read = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, "no-json", "No JSON", f"The body is no JSON: {error}.") from None
    if not isinstance(read, dict):
        raise Problem(400, "no-object", "No object", "The body must be a JSON object.")
    return read


async def _read(request: Request, kind: type[T]) -> T:
    return _convert(await _read_object(request), kind)


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_MAX:
            raise Problem(413, "too-large", "Too large", f"The body is above {BODY_MAX} octets.")
        chunks.append(chunk)
    return b"".join(chunks)


def _convert(read: dict[str, Any], kind: type[T]) -> T:
    known = [field.encode_name for field in msgspec.structs.fields(kind)]  # type: ignore[arg-type]
    for name in read:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
            raise _unfit(name, f"{name!r} is not known here; {hint}")
    try:
        return msgspec.convert(read, kind)
    except msgspec.ValidationError as error:
        raise Problem(422, "unfit", "That cannot be", str(error)) from None


def _merged(facts: dict[str, Any], patch: dict[str, Any], kind: type[T]) -> T:
    """The facts with an RFC 7396 merge patch laid over them."""
    return _convert(_merge(facts, patch), kind)


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


def _fit(make: Callable[[], T], path: str = "") -> T:
    try:
        return make()
    except ScenarioError as error:
        raise _unfit(error.path or path, error.what) from None
    except ValueError as error:
        raise _unfit(path, str(error)) from None


def _unfit(path: str, what: str) -> Problem:
    return Problem(422, "unfit", "That cannot be", f"{path}: {what}" if path else what, path=path)


def _name_taken(name: str) -> Problem:
    return Problem(
        409, "name-taken", "Name taken", f"A live world is called {name!r}; take another name, or delete that world."
    )


def _no_snapshot(request: Request, snapshot: str) -> Problem:
    return Problem(
        404, "no-such-snapshot", "No such snapshot", f"The world {_world(request)!r} has no snapshot {snapshot!r}."
    )


def _made(made: Made) -> dict[str, Any]:
    return {
        "world": made.world,
        "seed": made.seed,
        "accounts": [words.account(each) for each in made.accounts],
        "applications": [words.application(each) for each in made.applications],
        "replaced": list(made.replaced),
    }


def _clock(control: Control, start: Start) -> dict[str, Any]:
    clock = start.clock
    return {
        "mode": clocks.mode_words(clock),
        "now": rfc3339(clocks.now(clock, control.engine.shell.wall())),
        "advancing": bool(clock.held),
    }


async def _change_world(control: Control, request: Request, change: Callable[[World], World]) -> World:
    while True:
        start = await control.engine.store.peek(_world(request))
        changed = change(start.world)
        if await _try(control, start, Change(put=(changed,))):
            return changed


async def _try(control: Control, start: Start, change: Change) -> bool:
    """Commit; False when something moved, so that the caller decides again."""
    try:
        await control.engine.store.commit(start.world.name, start.epoch, change)
    except Conflict:
        return False
    return True


async def _of(control: Control, start: Start, kind: Any, record_id: str) -> Any:
    return await control.engine.store.get(start.world.name, kind, record_id)


async def _known_account(control: Control, start: Start, name: str) -> None:
    if await _of(control, start, Account, name) is None:
        raise _unfit("account", f"no account is called {name!r} in this world")


async def _account(control: Control, request: Request) -> tuple[Account, int, Start]:
    store, name, key = control.engine.store, _world(request), request.path_params["api_key"]
    start = await store.begin(name)
    found = await store.find(name, Account, key, limit=1)
    if not found:
        raise Problem(404, "no-such-account", "No such account", f"No account of the world has the key {key!r}.")
    return found[0], await store.counter(name, found[0].balance), start


async def _application(control: Control, request: Request) -> tuple[Application, Start]:
    store, name, given = control.engine.store, _world(request), request.path_params["id"]
    start = await store.begin(name)
    found = await store.find(name, Application, given, limit=1)
    if not found:
        raise Problem(
            404, "no-such-application", "No such application", f"No application of the world has the id {given!r}."
        )
    return found[0], start


async def _number(control: Control, request: Request) -> tuple[Number, Start]:
    store, name, msisdn = control.engine.store, _world(request), request.path_params["msisdn"]
    start = await store.begin(name)
    number = await store.get(name, Number, msisdn)
    if number is None:
        raise Problem(404, "no-such-number", "No such number", f"Nobody in the world owns {msisdn!r}.")
    return number, start


def _account_change(
    control: Control, start: Start, account: Account, facts: AccountFacts, patch: dict[str, Any]
) -> tuple[Change, Account, int]:
    """The change that makes an account what its facts say now, the account, and its balance."""
    moment = Moment(clocks.now(start.clock, control.engine.shell.wall()), start.ordinal, start.world.seed)
    key = account.api_key if facts.api_key is UNSET else facts.api_key
    values = _fit(lambda: scenario_words.secret_values(facts)) or [each.value for each in account.secrets]
    signing: str | UnsetType = UNSET if facts.signature is UNSET else facts.signature.secret
    made, balance = _fit(
        lambda: scenario_words.to_account(account.id, facts, key, account.secrets, signing or account.signature_secret)
    )
    ids = [moment.uuid(Use.SECRET, k) for k in range(len(values))]
    after = scenario_words.with_secrets(replace(made, version=account.version), values, ids, moment.now)
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
        raise _unfit(name, f"{text!r} is no whole number")
    return int(text)


def _matching(page: Page, say: Callable[[Any], words.Words], query: dict[str, str], name: str) -> list[words.Words]:
    items = [say(each) for each in page.items]
    if not query:
        return items
    wanted = {
        field: value.lstrip("+ ") if field in {"to", "from", "number"} else value for field, value in query.items()
    }
    for field in wanted:
        if field not in FIELDS[name]:
            near = get_close_matches(field, FIELDS[name], 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(FIELDS[name]))}."
            raise _unfit(field, f"no field of {name} is called {field!r}; {hint}")
    return [each for each in items if all(_said(each.get(field)) == text for field, text in wanted.items())]


def _said(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()


FIELDS: dict[str, frozenset[str]] = {
    "messages": frozenset(
        ("seq", "at", "id", "direction", "owner", "account", "from", "to", "type", "text", "status", "price")
        + ("network", "client_ref")
    ),
    "webhooks": frozenset(("seq", "at", "id", "kind", "about", "account", "url", "method", "state")),
    "requests": frozenset(
        ("seq", "at", "operation", "method", "path", "status", "account", "outcome", "fault", "about")
    ),
    "events": frozenset(("seq", "at", "name", "about", "account", "number")),
}
"""The fields that a collection can be filtered by."""
