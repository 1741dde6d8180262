"""What the operations of the Account API decide. Pure."""

from __future__ import annotations

import re
from enum import Enum

from msgspec.structs import replace

from fake_nexmo.apis.account.model import AccountRefusal, Balance, NewSettings, SecretRefusal
from fake_nexmo.core import reload
from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.money import AMOUNT_MAX
from fake_nexmo.core.records import Account, Secret
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.urls import is_web_url

SECRETS_MAX = 2
_COMPLEX = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{8,25}", re.DOTALL)


def balance(account: Account, amount: int) -> Outcome[Balance]:
    """What an account has, and whether it reloads by itself.

    Source: reference account §2 (A, B).
    Doubt: an auto-reload that was configured and switched off again is said to be off.
    """
    return Outcome(Change(), Balance(amount, _reloads(account)))


def top_up(trx: str, account: Account, amount: int) -> Outcome[None]:
    """Credit the amount of the payment by which auto-reload was switched on.

    Args:
        trx: the reference of that payment.
        account: who is credited.
        amount: its balance before, in 10^-8 EUR.

    Raises:
        Refusal: MISSING_TRX, then NOT_AUTO_RELOAD, then TOPUP_FAILED for another payment; nothing changes.

    Source: reference account §3 (A for the missing parameter, B, C).
    Doubt: an empty ``trx`` counts as missing.
    """
    if not trx:
        raise Refusal(AccountRefusal.MISSING_TRX)
    known = account.auto_reload
    if known is None or not known.enabled:
        raise Refusal(AccountRefusal.NOT_AUTO_RELOAD)
    if trx != known.trx:
        raise Refusal(AccountRefusal.TOPUP_FAILED)
    return Outcome(_credit(account, known.amount, amount), None)


def look(account: Account, amount: int, moment: Moment) -> Change:
    """The service looks at a balance by itself: below the threshold it is reloaded once.

    Nothing happens when somebody paid in or switched auto-reload off meanwhile. While one reload is not enough, the
    next look follows.

    Source: reference account §3 (B).
    Doubt: whether the service reloads more than once in a look is not known; ours doesn't.
    """
    known = account.auto_reload
    if known is None or not reload.is_low(account, amount):
        return Change()
    following = reload.next_look(account, amount + known.amount, moment.now)
    return _credit(account, known.amount, amount) + Change(timers=() if following is None else (following,))


def new_urls(command: NewSettings, account: Account) -> tuple[str, ...]:
    """The webhook URLs that the account would use from now on and did not before, each once.

    Raises:
        Refusal: METHOD_FAILED, when one is no absolute http or https URL of 255 characters at most.

    Source: reference account §4 (D for the length).
    Doubt: what a URL that is none leads to is not documented; we answer as to one that fails its check.
    """
    wanted = ((command.inbound_url, account.inbound_url), (command.receipt_url, account.receipt_url))
    fresh = tuple(dict.fromkeys(url for url, had in wanted if url and url != had))
    if not all(is_web_url(url) for url in fresh):
        raise Refusal(AccountRefusal.METHOD_FAILED)
    return fresh


def settings(command: NewSettings, account: Account, used: str, moment: Moment) -> Outcome[Account]:
    """Change an account's webhook URLs, and its secret the way of before 2018; the account as it is then.

    Args:
        command: what is asked for; nothing at all is a read.
        account: whose settings they are.
        used: the secret by which the request was made; empty: it was signed instead.
        moment: now.

    Raises:
        Refusal: METHOD_FAILED, for a URL that is none or a secret that is too weak; nothing changes.

    Source: reference account §4 (B), §5.4 rule 3.
    Doubt: how a weak ``newSecret`` is refused is not documented; we take the general refusal.
    """
    new_urls(command, account)
    after = account
    if command.inbound_url is not None:
        after = replace(after, inbound_url=command.inbound_url)
    if command.receipt_url is not None:
        after = replace(after, receipt_url=command.receipt_url)
    if command.secret is not None:
        _complex(command.secret, AccountRefusal.METHOD_FAILED)
        after = replace(after, secrets=_replaced(account.secrets, used, command.secret, moment))
    return Outcome(Change() if after == account else Change(put=(after,)), after)


def managed(api_key: str, account: Account) -> None:
    """Whether the account in the path is the caller's own.

    Raises:
        Refusal: UNKNOWN_KEY, for every other account, existing or not.

    Source: reference account §5 (B; C for the words).
    """
    if api_key != account.api_key:
        raise Refusal(SecretRefusal.UNKNOWN_KEY, key=api_key)


def create_secret(value: str | None, account: Account, moment: Moment) -> Outcome[Secret]:
    """Add a second secret; it is valid at once, beside the first.

    Args:
        value: None: the request holds none that could be read.
        account: whose secret it is.
        moment: now, and the id.

    Raises:
        Refusal: INVALID_SECRET, then EXCESS_SECRET for a third; nothing changes.

    Source: reference account §5.2 (A, B), §5.4.
    Doubt: one that the account has already is taken once more, since nothing forbids it.
    """
    _complex(value or "", SecretRefusal.INVALID_SECRET)
    if len(account.secrets) >= SECRETS_MAX:
        raise Refusal(SecretRefusal.EXCESS_SECRET)
    made = Secret(moment.uuid(Use.SECRET), value or "", moment.now)
    return Outcome(Change(put=(replace(account, secrets=(*account.secrets, made)),)), made)


def find_secret(secret_id: str, account: Account) -> Secret:
    """One secret by its id.

    Raises:
        Refusal: UNKNOWN_ID.

    Source: reference account §5.3 (B).
    """
    for secret in account.secrets:
        if secret.id == secret_id:
            return secret
    raise Refusal(SecretRefusal.UNKNOWN_ID, id=secret_id)


def revoke_secret(secret_id: str, account: Account) -> Outcome[None]:
    """Revoke a secret, be it the one by which the request was made; it is invalid at once.

    Raises:
        Refusal: UNKNOWN_ID, then LAST_SECRET; nothing changes.

    Source: reference account §5.2, §5.4 (B).
    """
    gone = find_secret(secret_id, account)
    if len(account.secrets) == 1:
        raise Refusal(SecretRefusal.LAST_SECRET)
    kept = tuple(secret for secret in account.secrets if secret is not gone)
    return Outcome(Change(put=(replace(account, secrets=kept),)), None)


def _reloads(account: Account) -> bool:
    return account.auto_reload is not None and account.auto_reload.enabled


def _credit(account: Account, amount: int, before: int) -> Change:
    """Pay in; no further than a balance can be."""
    return Change(counters=(Add(account.balance, min(amount, AMOUNT_MAX - before), ceiling=AMOUNT_MAX),))


def _complex(secret: str, refusal: Enum) -> None:
    """8 to 25 characters with a lower-case and an upper-case letter and a digit. Source: reference account §5.2 (B)."""
    if not _COMPLEX.fullmatch(secret):
        raise Refusal(refusal)


def _replaced(had: tuple[Secret, ...], used: str, value: str, moment: Moment) -> tuple[Secret, ...]:
    """The secrets with the one that was used, else the first, replaced in its place.

    Source: reference account §4, §5.4 rule 3 (D).
    Doubt: the id stays, since the secret keeps its place; its age begins anew.
    """
    place = next((k for k, secret in enumerate(had) if secret.value == used), 0)
    return (*had[:place], replace(had[place], value=value, created_at=moment.now), *had[place + 1 :])
