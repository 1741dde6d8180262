"""The endpoints of the Account API."""

from __future__ import annotations

from starlette.responses import Response

from fake_nexmo.apis.account import rules, wire
from fake_nexmo.apis.account.model import (
    ACCOUNT_TROUBLES,
    PROBLEMS,
    ROWS,
    SECRET_TROUBLES,
    AccountRefusal,
    Balance,
    SecretRefusal,
)
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Secret, Timer
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate, present
from fake_nexmo.web.replies import Reply
from fake_nexmo.web.rest import asks_for_xml, check_urls, rest_reply
from fake_nexmo.web.traces import instance


def _all_alike(row: AccountRefusal | SecretRefusal) -> CredentialRows:
    """Whatever is wrong with the credentials, the refusal is one.

    Doubt: how a suspended account, or a secret beside a signature, is refused is not documented; as wrong credentials.
    """
    return CredentialRows(row, row, row, row, row, row, row)


_OLD = _all_alike(AccountRefusal.BAD_CREDENTIALS)
_NEW = _all_alike(SecretRefusal.BAD_CREDENTIALS)

# The old stack.


async def get_balance(call: Call) -> Response:
    """``GET /account/get-balance``: what the account has. Source: reference account §2 (A, B)."""
    caller = await _identify(call)

    async def attempt(view: View, moment: Moment) -> Outcome[Balance]:  # noqa: ARG001 - an attempt is handed both
        account = await _account(view, caller.id)
        return rules.balance(account, await view.counter(account.balance))

    known, _ = await commit(call, attempt)
    return _answer(call, 200, "accountBalance", wire.balance(known))


async def top_up(call: Call) -> Response:
    """``POST`` or ``GET /account/top-up``: pay in as when auto-reload was switched on. Source: account §3 (B)."""
    caller = await _identify(call)
    trx = call.params.get("trx", "")

    async def attempt(view: View, moment: Moment) -> Outcome[None]:  # noqa: ARG001 - an attempt is handed both
        account = await _account(view, caller.id)
        return rules.top_up(trx, account, await view.counter(account.balance))

    await commit(call, attempt)
    return _answer(call, 200, "response", wire.success())


async def settings(call: Call) -> Response:
    """``POST /account/settings``: change where SMS webhooks go; ``GET`` reads.

    Source: reference account §4 (B; D for GET).
    """
    caller = await _identify(call)
    command = wire.parse_settings({} if call.method == "GET" else call.params)
    used = present(call).secret
    await check_urls(call, rules.new_urls(command, caller), AccountRefusal.METHOD_FAILED)

    async def attempt(view: View, moment: Moment) -> Outcome[Account]:
        return rules.settings(command, await _account(view, caller.id), used, moment)

    account, _ = await commit(call, attempt)
    echo = command.secret if _profile(call) == "2020" else None
    return _answer(call, 200, "account-settings", wire.settings(account, echo))


async def auto_reload(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    """The timer of an account whose balance was found below its threshold. Source: reference account §3 (B)."""
    account = await _account(view, timer.subject)
    return Outcome(rules.look(account, await view.counter(account.balance), moment), None)


# The newer stack.


async def list_secrets(call: Call) -> Response:
    """``GET /accounts/{api_key}/secrets``: all, oldest first. Source: reference account §5.1 (B; D for the order)."""
    caller, _ = await _open(call)
    return _json(200, wire.json_answer(wire.secret_list(caller.api_key, caller.secrets)))


async def create_secret(call: Call) -> Response:
    """``POST /accounts/{api_key}/secrets``: a second secret, valid at once. Source: reference account §5 (B)."""
    caller, body = await _open(call)
    value = wire.parse_secret(call.header(b"content-type"), body)

    async def attempt(view: View, moment: Moment) -> Outcome[Secret]:
        return rules.create_secret(value, await _account(view, caller.id), moment)

    made, _ = await commit(call, attempt)
    call.about = made.id
    return _json(201, wire.json_answer(wire.secret_item(caller.api_key, made)))


async def get_secret(call: Call) -> Response:
    """``GET /accounts/{api_key}/secrets/{secret_id}``. Source: reference account §5.1 (B)."""
    caller, _ = await _open(call)
    secret = rules.find_secret(call.path_params["secret_id"], caller)
    call.about = secret.id
    return _json(200, wire.json_answer(wire.secret_item(caller.api_key, secret)))


async def revoke_secret(call: Call) -> Response:
    """``DELETE /accounts/{api_key}/secrets/{secret_id}``: 204, empty. Source: reference account §5, §5.4 (B)."""
    caller, _ = await _open(call)
    secret_id = call.path_params["secret_id"]

    async def attempt(view: View, moment: Moment) -> Outcome[None]:  # noqa: ARG001 - an attempt is handed both
        return rules.revoke_secret(secret_id, await _account(view, caller.id))

    await commit(call, attempt)
    call.about = secret_id
    return Reply(204, [], b"")


# Refusals.


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """In the manner of the stack that refuses. Source: reference account §1.2, §5.3."""
    row = refusal.row
    if isinstance(row, SecretRefusal):
        return _problem(call, row, **refusal.facts)
    assert isinstance(row, AccountRefusal), f"{row} is no refusal of the Account API"
    known = ROWS[row]
    call.outcome = f"{known.code} {known.label}"
    root = "accountBalance" if call.operation.name == "account.balance" else "response"
    return _answer(call, known.code, root, wire.refused(row))


async def trouble(call: Call, name: str) -> Refusal:
    """The refusal that a fault asks for; a row that only the other stack has is a server error here."""
    if not _about_secrets(call):
        return Refusal(ACCOUNT_TROUBLES.get(name, AccountRefusal.SERVER_ERROR))
    row = SECRET_TROUBLES.get(name, SecretRefusal.SERVER_ERROR)
    values = call.path_params
    return Refusal(row, key=values["api_key"], id=values.get("secret_id", ""), method=call.method)


def wrong_verb(call: Call) -> Response:
    """405, before any credential is looked at. Source: reference account §1.2 (D), §6 (B)."""
    if _about_secrets(call):
        reply = _problem(call, SecretRefusal.WRONG_VERB, method=call.method)
    else:
        reply = word_refusal(call, Refusal(AccountRefusal.WRONG_METHOD))
    reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply


def _problem(call: Call, row: SecretRefusal, **facts: object) -> Response:
    known, profile = PROBLEMS[row], _profile(call)
    call.outcome = f"{known.status} {known.said.title}"
    return _json(known.status, wire.json_answer(wire.problem(row, facts, profile, instance(call, profile))))


# Small things.


def _about_secrets(call: Call) -> bool:
    """Whether it goes to the newer stack."""
    return "secret" in call.operation.name


async def _identify(call: Call) -> Account:
    """Whose request it is: the path, parameters or the header say so.

    Source: reference account §1.4 with the README's rulings; sdk-surface §3 for ``sig``.
    """
    await call.read()
    values = call.path_params
    if values:
        call.params.lay_over([("api_key", values["key"]), ("api_secret", values["secret"])])
    return await authenticate(call, _OLD)


async def _open(call: Call) -> tuple[Account, bytes]:
    """Whose secrets they are, and the body: credentials, then headers, then the account in the path.

    Only a Basic header counts, so no parameter is read before.

    Source: reference account §5 (B), §5.3, §6.
    Doubt: the order of what follows the credentials.
    """
    body = await call.take_body() if call.method == "POST" else b""
    header = call.header(b"authorization")
    if header and header.partition(" ")[0].lower() != "basic":
        raise Refusal(SecretRefusal.NOT_BASIC)
    caller = await authenticate(call, _NEW)
    if not wire.accepts_json(call.header(b"accept")):
        raise Refusal(SecretRefusal.WRONG_ACCEPT)
    if body and not wire.takes(call.header(b"content-type")):
        raise Refusal(SecretRefusal.WRONG_CONTENT_TYPE)
    rules.managed(call.path_params["api_key"], caller)
    return caller, body


async def _account(view: View, account_id: str) -> Account:
    account = await view.get(Account, account_id)
    assert account is not None, "accounts are never dropped while their world lives"
    return account


def _profile(call: Call) -> str:
    """The era that the caller's words are from; who belongs to no world hears those of today."""
    return str(call.caller.setting("profile")) if call.caller else "current"


def _answer(call: Call, status: int, root: str, members: wire.Members) -> Reply:
    """An answer of the old stack, with all its headers."""
    return rest_reply(call, status, wire.xml_answer(root, members) if asks_for_xml(call) else wire.json_answer(members))


def _json(status: int, body: bytes) -> Reply:
    """An answer of the newer stack: the media type is plain JSON, for problems too. Source: account §1.1 (C)."""
    return Reply(status, [(b"content-type", b"application/json")], body)
