"""Credentials by token: whose application signed a request, and whether it may do what it asks for.

The libraries for tokens and keys are loaded with the first token, for they take long.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from fake_nexmo.core.acl import allows
from fake_nexmo.core.bearer import Token, is_timely, read
from fake_nexmo.core.records import Account, Application
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.keys.pair import load_public
from fake_nexmo.store.protocol import Lost
from fake_nexmo.web.call import Call, Caller
from fake_nexmo.web.weather import face

if TYPE_CHECKING:
    from jwt.algorithms import RSAAlgorithm

_SLASHES = re.compile("//+")


class TokenRows(Struct, frozen=True):
    """An API's refusals for everything that can be wrong with a token.

    Attributes:
        bad: all that is wrong up to the times in it; from outside these cases look the same.
        suspended: the account of the application is.
        forbidden: its ``acl`` does not allow the request.
    """

    bad: Enum
    suspended: Enum
    forbidden: Enum


async def authenticate_token(call: Call, rows: TokenRows, *, faults: bool = True) -> tuple[Account, Application]:
    """Find the application that signed a request, its account and its world.

    From here on the request belongs to the world of the application, a refused one too: it burns an ordinal and is
    logged. A token may be used again and again until it is too old. Faults look at the parameters, so whoever has any
    reads them before; ``faults`` is false for what is no operation.

    Raises:
        Refusal: one of the rows.
        Faulted: a fault acts instead of the operation.

    Source: reference auth §5.2 to §5.6 (B; D for the order).
    Doubt: a suspended application is known by its account, and comes after the times, before the ``acl``.
    """
    token = read(call.header(b"authorization"))
    application = None if token is None else await _find(call, token.application_id)
    caller = call.caller
    if token is None or application is None or caller is None:
        raise Refusal(rows.bad)
    if not _is_signed(token, application) or not _is_valid(call, caller, token):
        raise Refusal(rows.bad)
    if caller.account.suspended:
        raise Refusal(rows.suspended)
    if not allows(token.claims.get("acl"), call.method, _SLASHES.sub("/", call.scope["path"])):
        raise Refusal(rows.bad if caller.setting("acl_status") == 401 else rows.forbidden)
    if faults and caller.start.world.faults:
        await face(call)
    return caller.account, application


async def _find(call: Call, application_id: str) -> Application | None:
    """The application of an id, entering its world; an unknown id is written down as lost."""
    shell = call.shell
    tenant = await shell.store.tenant(f"application/{application_id}")
    if tenant is None:
        await shell.store.lose(Lost(shell.wall(), "credential", application_id[:64], call.method, call.shown_path))
        return None
    call.start = start = await shell.store.begin(tenant.world)
    application = await shell.store.get(tenant.world, Application, tenant.holder)
    if application is None:
        # It was deleted between the two questions.
        return None
    account = await shell.store.get(tenant.world, Account, application.account)
    assert account is not None, "an application belongs to an account of its world"
    call.caller = Caller(start, account, call.moment(start))
    return application


def _is_signed(token: Token, application: Application) -> bool:
    """Whether the application's own key signed the token; a key that was replaced is worth nothing at once."""
    key = load_public(application.public_key)
    return key is not None and _rs256().verify(token.signed, key, token.signature)


def _is_valid(call: Call, caller: Caller, token: Token) -> bool:
    """Whether the claims are as the caller's world asks for. Source: reference auth §5.2, §5.3; design §5 (clocks)."""
    if caller.setting("jwt_jti") and token.claims.get("jti") is None:
        return False
    now = caller.moment.now if caller.setting("jwt_time") == "virtual" else call.shell.wall()
    return not caller.setting("jwt_window") or is_timely(token.claims, now)


@cache
def _rs256() -> RSAAlgorithm:
    from jwt.algorithms import RSAAlgorithm

    return RSAAlgorithm(RSAAlgorithm.SHA256)
