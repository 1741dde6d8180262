"""Credentials for key and secret: where they may stand, and whether they are right.

Every comparison takes the same time however much of a guess is right, and every secret of the account is tried.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from enum import Enum

from msgspec import Struct

from fake_nexmo.core.records import Account
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.signature import timestamp_within, verify
from fake_nexmo.store.protocol import Lost
from fake_nexmo.web.call import Call, Caller
from fake_nexmo.web.weather import face

_SECOND = 1_000_000


class Presented(Struct, frozen=True, gc=False):
    """What a request presents; empty is the same as absent. Source: reference auth §2."""

    key: str
    secret: str
    sig: str


# What a broken Basic header presents: a pair that no account can have.
_IMPOSSIBLE = Presented("\0", "\0", "")


class CredentialRows(Struct, frozen=True):
    """An API's refusals for everything that can be wrong with credentials.

    Attributes:
        dated: the ``timestamp`` of a request is a date that it speaks of, and says nothing about when it was signed.
    """

    missing_key: Enum
    missing_secret: Enum
    both: Enum
    bad_signature: Enum
    bad: Enum
    suspended: Enum
    not_enabled: Enum
    dated: bool = False


def present(call: Call) -> Presented:
    """What the request presents: parameters win over the header, which stale clients leave in place.

    Source: reference auth §2, §3; README rulings "header and credential parameters both present".
    """
    params = call.params
    key = params.get("api_key") or params.get("username") or ""
    secret = params.get("api_secret") or params.get("password") or ""
    sig = params.get("sig") or ""
    if not (key and (secret or sig)):
        basic = _basic(call.header(b"authorization"))
        if basic is not None:
            return basic
    return Presented(key, secret, sig)


async def authenticate(call: Call, rows: CredentialRows) -> Account:
    """Find the caller's account and world, in the order of checks of the SMS API.

    From here on the request belongs to the world of its key, a refused one too: it burns an ordinal and is logged.

    Raises:
        Refusal: one of the rows.
        Faulted: a fault acts instead of the operation.

    Source: reference sms §3 (A where it says so).
    """
    given = present(call)
    account = await _find(call, given.key) if given.key else None
    if not given.key:
        raise Refusal(rows.missing_key)
    if given.sig and given.secret:
        raise Refusal(rows.both)
    if given.sig:
        if account is None or not _signed(call, account, given.sig, dated=rows.dated):
            # Doubt: a signed request with an unknown key: the order of checks says 14, since nothing can be verified.
            raise Refusal(rows.bad_signature)
    elif not given.secret:
        raise Refusal(rows.missing_secret)
    elif account is None or not right_secret(account, given.secret):
        raise Refusal(rows.bad)
    if account.suspended:
        raise Refusal(rows.suspended)
    if not account.rest_enabled:
        raise Refusal(rows.not_enabled)
    if call.start is not None and call.start.world.faults:
        await face(call)
    return account


def right_secret(account: Account, given: str) -> bool:
    """Whether it is one of the account's secrets; any valid one passes."""
    octets = given.encode("utf-8", "surrogatepass")
    right = False
    for secret in account.secrets:
        right |= hmac.compare_digest(secret.value.encode("utf-8", "surrogatepass"), octets)
    return right


async def _find(call: Call, key: str) -> Account | None:
    """The account of a key, entering its world; an unknown key is written down as lost."""
    shell = call.shell
    tenant = await shell.store.tenant(f"key/{key}")
    if tenant is None:
        if key == _IMPOSSIBLE.key:
            return None
        await shell.store.lose(Lost(shell.wall(), "credential", key[:64], call.method, call.shown_path))
        return None
    call.start = start = await shell.store.begin(tenant.world)
    account = await shell.store.get(tenant.world, Account, tenant.holder)
    assert account is not None, f"the key of account {tenant.holder!r} is claimed, but there is no account"
    call.caller = Caller(start, account, call.moment(start))
    return account


def _signed(call: Call, account: Account, sig: str, *, dated: bool) -> bool:
    caller = call.caller
    assert caller is not None, "an account was found, so there is a caller"
    if dated:
        pass
    elif caller.setting("signature_window"):
        now = caller.moment.now if caller.setting("jwt_time") == "virtual" else call.shell.wall()
        if not timestamp_within(call.params.get("timestamp", ""), now / _SECOND):
            return False
    elif not call.params.get("timestamp"):
        return False
    return verify(
        account.signature_method,
        call.params,
        account.signature_secret,
        sig,
        python4=bool(caller.setting("signature_python4")),
        node3=bool(caller.setting("signature_node3")),
    )


def _basic(header: str) -> Presented | None:
    """What a Basic header presents; None when there is none, an impossible pair when it is broken.

    Source: reference auth §3: split at the first colon, broken ones count as wrong credentials.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(token.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return _IMPOSSIBLE
    key, colon, secret = text.partition(":")
    if not colon or not key:
        return _IMPOSSIBLE
    return Presented(key, secret or "\0", "")
