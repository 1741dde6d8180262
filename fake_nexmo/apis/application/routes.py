"""The endpoints of the Application API: each answers in the manner of the version in its path."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from fake_nexmo.apis.application import rules, v1_rules, v1_wire, v2_rules, v2_wire
from fake_nexmo.apis.application.model import ROWS, TROUBLES, ApplicationRefusal, Listed, Said
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Number
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.keys.pair import KeyPair
from fake_nexmo.keys.pool import TAKEN
from fake_nexmo.keys.stock import STOCK
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import WorldView, commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.params import read_params
from fake_nexmo.web.replies import Reply
from fake_nexmo.web.traces import instance

_BAD = ApplicationRefusal.BAD_CREDENTIALS
# Doubt: how a suspended account, or a secret beside a signature, is refused is not documented; as wrong credentials.
_ROWS = CredentialRows(_BAD, _BAD, _BAD, _BAD, _BAD, _BAD, _BAD)
_ALL = 1 << 30


async def create(call: Call) -> Response:
    """``POST``: make an application; the answer alone tells its private key. Source: reference application §2, §4.3."""
    account, said = await _open(call)
    world = _world(call)

    async def attempt(view: View, moment: Moment) -> Outcome[Application]:
        taken = await view.counter(TAKEN)
        own = said.public_key
        pair = KeyPair("", own) if own else await STOCK.pair(moment.seed, taken)
        return rules.create(said, account, world, pair, taken, TAKEN, moment)

    made, _ = await commit(call, attempt)
    return _one(call, 201, made, private=True)


async def list_all(call: Call) -> Response:
    """``GET`` of all: a page of the account's applications. Source: reference application §3.3, §4.6."""
    account = await _identify(call)
    if is_first(call):
        asked = v1_rules.asked(call.params)
    else:
        _check_accept(call)
        asked = v2_rules.asked(await call.read())
    found = await _view(call).find(Application, f"account/{account.id}", limit=_ALL)
    return _page(call, rules.page(asked, found))


async def get(call: Call) -> Response:
    """``GET`` of one. Source: reference application §3.3, §4.3."""
    account = await _identify(call)
    if not is_first(call):
        _check_accept(call)
    return _one(call, 200, await _find(_view(call), call.path_params["id"], account))


async def update(call: Call) -> Response:
    """``PUT``: replace what an application is. Source: reference application §4.4, §7."""
    account, said = await _open(call)
    application_id = call.path_params["id"]

    async def attempt(view: View, moment: Moment) -> Outcome[Application]:  # noqa: ARG001 - an attempt is handed both
        return rules.update(said, await _find(view, application_id, account))

    changed, _ = await commit(call, attempt)
    return _one(call, 200, changed)


async def delete(call: Call) -> Response:
    """``DELETE``: 204, empty; its numbers are unlinked. Source: reference application §4.5 (D)."""
    account = await _identify(call)
    if not is_first(call):
        _check_accept(call)
    application_id = call.path_params["id"]

    async def attempt(view: View, moment: Moment) -> Outcome[None]:  # noqa: ARG001 - an attempt is handed both
        one = await _find(view, application_id, account)
        return rules.delete(one, await view.find(Number, f"application/{one.id}", limit=_ALL))

    await commit(call, attempt)
    call.about = application_id
    return Reply(204, [], b"")


# Refusals.


def word_refusal(call: Call, refusal: Refusal) -> Reply:
    """In the manner of the version that is asked. Source: reference application §3.4, §4.7."""
    row = refusal.row
    assert isinstance(row, ApplicationRefusal), f"{row} is no refusal of the Application API"
    known = ROWS[row]
    if is_first(call):
        call.outcome = f"{known.status} {known.error_title}"
        return _json(known.status, v1_wire.refused(row, refusal.facts))
    call.outcome = f"{known.status} {known.title}"
    profile = str(call.caller.setting("profile")) if call.caller else "current"
    return _json(known.status, v2_wire.problem(row, refusal.facts, profile, instance(call, profile)))


async def trouble(call: Call, name: str) -> Refusal:
    """The refusal that a fault asks for, with the facts that its row may show."""
    return Refusal(TROUBLES[name], id=call.path_params.get("id", ""), method=call.method)


def wrong_verb(call: Call) -> Response:
    """405, before any credential is looked at. Source: reference application §3.4 (D), §4.7 (B)."""
    reply = word_refusal(call, Refusal(ApplicationRefusal.WRONG_VERB, method=call.method))
    reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply


# Small things.


def is_first(call: Call) -> bool:
    """Whether it goes to the first version."""
    path: str = call.scope["path"]
    return path.lstrip("/").startswith("v1/")


async def _open(call: Call) -> tuple[Account, Said]:
    """Whose applications they are, and what one is to be: credentials, then headers, then what the request says.

    Source: reference application §3.1, §4.1; account §1.2 for the order (D).
    """
    body = await call.take_body()
    if is_first(call):
        media = v1_wire.media_of(call.header(b"content-type"), body)
        call.params = read_params(call.scope["query_string"], media, body)
        account = await authenticate(call, _ROWS)
        v1_wire.refuse_malformed(media, body)
        return account, v1_rules.read(call.params)
    account = await authenticate(call, _ROWS)
    _check_accept(call)
    if body and not v2_wire.takes(call.header(b"content-type")):
        raise Refusal(ApplicationRefusal.WRONG_CONTENT_TYPE)
    return account, v2_rules.read(v2_wire.parse(body), strict=_setting(call, "application_strict"))


async def _identify(call: Call) -> Account:
    """Whose applications they are; the second version looks at a Basic header only, so nothing is read before.

    Source: reference application §1 (B).
    Doubt: whether the second version takes key and secret as parameters too, as `auth.md` §1 recommends.
    """
    if is_first(call):
        await call.read()
    return await authenticate(call, _ROWS)


def _check_accept(call: Call) -> None:
    if not v2_wire.accepts_json(call.header(b"accept")):
        raise Refusal(ApplicationRefusal.WRONG_ACCEPT)


async def _find(view: View, application_id: str, account: Account) -> Application:
    return rules.find(application_id, await view.find(Application, application_id), account)


def _view(call: Call) -> View:
    return WorldView(call.shell.store, _world(call))


def _world(call: Call) -> str:
    assert call.caller is not None, "authentication knows the caller"
    return call.caller.world


def _setting(call: Call, name: str) -> Any:
    assert call.caller is not None, "authentication knows the caller"
    return call.caller.setting(name)


def _one(call: Call, status: int, one: Application, *, private: bool = False) -> Reply:
    call.about = one.application_id
    if is_first(call):
        return _json(status, v1_wire.application(one, _origin(call), private=private))
    defaults = _setting(call, "application_defaults")
    return _json(status, v2_wire.application(one, _origin(call), private=private, defaults=defaults))


def _page(call: Call, listed: Listed) -> Reply:
    if is_first(call):
        return _json(200, v1_wire.listing(listed, _origin(call)))
    return _json(200, v2_wire.listing(listed, _origin(call), defaults=_setting(call, "application_defaults")))


def _origin(call: Call) -> str:
    """What links begin with: nothing, as live, or the caller's own host. Source: README rulings, HAL links."""
    if _setting(call, "links") == "relative":
        return ""
    host = call.header(b"host")
    return f"{call.scope['scheme']}://{host}" if host else call.shell.base_url


def _json(status: int, members: dict[str, Any]) -> Reply:
    """The media type is plain JSON in both versions, for problems too. Source: application §4.3 (C)."""
    return Reply(status, [(b"content-type", b"application/json")], msgspec.json.encode(members))
