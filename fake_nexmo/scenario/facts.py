"""Facts in a user's words <-> records. Pure: what must be drawn or looked up is handed in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from fake_nexmo.core.capabilities import CAPABILITIES, check
from fake_nexmo.core.money import parse_money
from fake_nexmo.core.money import words as money_words
from fake_nexmo.core.records import Account, Application, AutoReload, Number, OwnNetwork, Secret, WebhookMethod
from fake_nexmo.keys.pair import load_public
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.model import (
    AccountFacts,
    ApplicationFacts,
    AutoReloadFacts,
    Limits,
    NetworkFacts,
    NumberFacts,
    Signature,
    VoiceRoute,
    Webhooks,
)

UNLIMITED = "unlimited"
_CODE = re.compile(r"[A-Za-z0-9]{4,10}", re.ASCII)
_RATE = re.compile(r"(\d+)\s*/\s*s")
_DEFAULT_BALANCE = 100 * 10**8


def secret_values(facts: AccountFacts) -> list[str]:
    """The secrets that an account's facts spell out; none: they are to be drawn.

    Raises:
        ScenarioError: both spellings are used, or one of the secrets is empty.
    """
    if facts.api_secret is not UNSET and facts.api_secrets is not UNSET:
        raise ScenarioError("api_secrets", "api_secret and api_secrets are two spellings of one fact; keep one")
    given = [facts.api_secret] if facts.api_secret is not UNSET else facts.api_secrets
    if given is UNSET:
        return []
    if not given or not all(given):
        raise ScenarioError("api_secrets", "an account needs at least one secret, and none may be empty")
    return list(given)


def to_account(
    name: str, facts: AccountFacts, api_key: str, secrets: tuple[Secret, ...], signature_secret: str
) -> tuple[Account, int]:
    """The record of an account, and its balance in 10^-8 EUR.

    Raises:
        ScenarioError: a fact that cannot be.
    """
    signature = facts.signature if facts.signature is not UNSET else Signature()
    hooks = facts.webhooks
    account = Account(
        id=name,
        api_key=api_key,
        secrets=secrets,
        signature_secret=signature_secret,
        signature_method=signature.method,
        unlimited=facts.balance == UNLIMITED,
        sms_limit=_rate(facts.limits.sms, "limits.sms"),
        verify_limit=_rate(facts.limits.verify, "limits.verify"),
        insight_limit=_rate(facts.limits.insight, "limits.insight"),
        inbound_url=_url(hooks.inbound_sms, "webhooks.inbound_sms"),
        receipt_url=_url(hooks.receipts, "webhooks.receipts"),
        webhook_method=WebhookMethod(hooks.method),
        signed_webhooks=hooks.signed,
        suspended=facts.suspended,
        sms_api=facts.sms_api,
        profile=facts.profile or "",
        auto_reload=_auto_reload(facts.auto_reload),
        code=fixed_code(facts.code or ""),
    )
    return account, _DEFAULT_BALANCE if account.unlimited else _money(facts.balance, "balance")


def account_facts(account: Account, balance: int) -> AccountFacts:
    """An account in a scenario's words."""
    return AccountFacts(
        api_key=account.api_key,
        api_secrets=[secret.value for secret in account.secrets],
        signature=Signature(account.signature_secret, account.signature_method),
        balance=UNLIMITED if account.unlimited else money_words(balance),
        auto_reload=_auto_reload_facts(account.auto_reload),
        limits=Limits(
            sms=_rate_words(account.sms_limit),
            verify=_rate_words(account.verify_limit),
            insight=_rate_words(account.insight_limit),
        ),
        webhooks=Webhooks(
            inbound_sms=account.inbound_url,
            receipts=account.receipt_url,
            method=account.webhook_method.value,
            signed=account.signed_webhooks,
        ),
        sms_api="messages" if account.sms_api == "messages" else "sms",
        suspended=account.suspended,
        code=account.code or None,
        profile="2020" if account.profile == "2020" else "current" if account.profile else None,
    )


def to_networks(said: Mapping[str, NetworkFacts]) -> dict[str, OwnNetwork]:
    """What a world says of networks.

    Raises:
        ScenarioError: a price that is none.
    """
    return {code: _network(facts, code) for code, facts in said.items()}


def _network(facts: NetworkFacts, code: str) -> OwnNetwork:
    prices = {
        product: _money(price, f"{code}.{product}")
        for product, price in (("sms", facts.sms), ("voice", facts.voice))
        if price is not UNSET
    }
    return OwnNetwork(facts.name or "", facts.country or "", facts.type or "", prices)


# The words of scenarios for the voice of an application, where the service's are longer.
_SHORT: Mapping[str, str] = {
    "signed": "signed_callbacks",
    "fallback_url": "fallback_answer_url",
    "fallback_method": "fallback_answer_method",
}


def to_application(
    name: str, facts: ApplicationFacts, application_id: str, public_key: str, private_key: str
) -> Application:
    """The record of an application.

    Raises:
        ScenarioError: a word that its capability does not have, or a value that cannot be.
    """
    said = {each: _spelled(each, getattr(facts, each)) for each in CAPABILITIES}
    for capability, words in said.items():
        if words is not UNSET:
            _check_capability(capability, words)
    return Application(
        id=name,
        application_id=application_id,
        account=facts.account,
        public_key=public_key,
        private_key=private_key,
        name=facts.name or "",
        capabilities={each: value for each, value in said.items() if value is not UNSET},
        improve_ai=bool(facts.improve_ai),
        v1_type=facts.type or "",
    )


def application_facts(application: Application) -> ApplicationFacts:
    """An application in a scenario's words."""
    facts = ApplicationFacts(
        account=application.account, id=application.application_id, public_key=application.public_key
    )
    facts.name = application.name or UNSET
    for name, value in application.capabilities.items():
        setattr(facts, name, value)
    facts.improve_ai = application.improve_ai or UNSET
    if application.v1_type:
        facts.type = "voice" if application.v1_type == "voice" else "messages"
    return facts


def check_public(text: str, path: str) -> None:
    """Refuse what is no public RSA key in PEM.

    Raises:
        ScenarioError: with what would do.
    """
    if load_public(text) is None:
        raise ScenarioError(path, "that is no public RSA key; it is PEM that begins -----BEGIN PUBLIC KEY-----")


def to_number(msisdn: str, facts: NumberFacts) -> Number:
    """The record of an owned number.

    Raises:
        ScenarioError: it is no number, its country contradicts its digits, or another fact cannot be.
    """
    digits = msisdn.removeprefix("+")
    there = look_up(digits)
    if there is None:
        raise ScenarioError("", f"{msisdn!r} is no phone number; write E.164 digits such as 447700900000")
    if facts.country.upper() != there.country:
        raise ScenarioError("country", f"{facts.country!r} contradicts the digits, which belong to {there.country}")
    return Number(
        id=digits,
        account=facts.account,
        country=there.country,
        type=facts.type,
        features=tuple(facts.features),
        application=facts.application or "",
        inbound_url=_url(facts.inbound_sms, "inbound_sms"),
        voice=_voice(facts.voice),
        cost=_money(facts.cost, "cost"),
    )


def number_facts(number: Number) -> NumberFacts:
    """An owned number in a scenario's words."""
    return msgspec.convert(
        {
            "account": number.account,
            "country": number.country,
            "type": number.type,
            "features": list(number.features),
            "application": number.application or None,
            "inbound_sms": number.inbound_url,
            "voice": dict(number.voice),
            "cost": money_words(number.cost),
        },
        NumberFacts,
    )


def _voice(route: VoiceRoute) -> dict[str, str]:
    """What is set of a route; type and value go together, as in the API. Source: reference numbers §6 (B)."""
    if (route.type is None) != (not route.value):
        raise ScenarioError("voice", "type and value go together: the one says what the other is")
    said = {
        "type": route.type or "",
        "value": route.value,
        "status_url": _url(route.status_url, "voice.status_url"),
    }
    return {name: word for name, word in said.items() if word}


def known(name: str, names: Mapping[str, Any], path: str, kind: str) -> None:
    """Refuse a name that nobody declared.

    Raises:
        ScenarioError: with the nearest declared name.
    """
    if name in names:
        return
    near = get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names) or 'none'}"
    raise ScenarioError(path, f"no {kind} is called {name!r}; {hint}")


def fixed_code(code: str) -> str:
    """A code that every verification has, if it is one that can be handed in.

    Raises:
        ScenarioError: it is none.

    Source: reference verify §3 (B), the bounds of ``pin_code``.
    """
    if code and not _CODE.fullmatch(code):
        raise ScenarioError("code", f"{code!r} is no code; it has 4 to 10 digits or letters")
    return code


def with_secrets(account: Account, values: list[str], moment_ids: list[str], created_at: int) -> Account:
    """The account with these secrets; one that it had keeps its id and its age."""
    had = {secret.value: secret for secret in account.secrets}
    fresh = iter(moment_ids)
    secrets = tuple(had.get(each) or Secret(next(fresh), each, created_at) for each in values)
    return replace(account, secrets=secrets)


def _spelled(capability: str, words: dict[str, Any] | UnsetType) -> dict[str, Any] | UnsetType:
    """A capability in the service's words; the shorter ones of scenarios stand for them.

    Raises:
        ScenarioError: one fact is said in both.
    """
    if words is UNSET or capability != "voice":
        return words
    for short, long in _SHORT.items():
        if short in words and long in words:
            raise ScenarioError(capability, f"{short} and {long} are two spellings of one fact; keep one")
    return {_SHORT.get(name, name): value for name, value in words.items()}


def _check_capability(name: str, words: Mapping[str, Any]) -> None:
    try:
        check(name, words)
    except ValueError as error:
        raise ScenarioError(name, str(error)) from None


def _auto_reload(facts: bool | AutoReloadFacts) -> AutoReload | None:
    if facts is False:
        return None
    said = AutoReloadFacts() if facts is True else facts
    return AutoReload(
        enabled=said.enabled,
        trx=said.trx,
        amount=_money(said.amount, "auto_reload.amount"),
        threshold=_money(said.threshold, "auto_reload.threshold"),
    )


def _auto_reload_facts(known: AutoReload | None) -> bool | AutoReloadFacts:
    if known is None:
        return False
    return AutoReloadFacts(
        enabled=known.enabled,
        trx=known.trx,
        amount=money_words(known.amount),
        threshold=money_words(known.threshold),
    )


def _rate_words(rate: int | None) -> str | None:
    return None if rate is None else f"{rate}/s"


def _rate(text: str | None, path: str) -> int | None:
    if text is None:
        return None
    read = _RATE.fullmatch(text.strip())
    if read is None:
        raise ScenarioError(path, f"{text!r} is no rate; write it like 30/s, or null for no limit")
    return int(read[1])


def _money(text: str, path: str) -> int:
    try:
        amount = parse_money(text)
    except ValueError as error:
        raise ScenarioError(path, str(error)) from None
    if amount < 0:
        raise ScenarioError(path, f"{text!r} is below zero")
    return amount


def _url(text: str, path: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ScenarioError(path, f"{text!r} is no URL; it must begin with http:// or https://")
    return text
