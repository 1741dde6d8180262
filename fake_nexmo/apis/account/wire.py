"""Words of the Account API on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Raw, Struct

from fake_nexmo.apis.account.model import PROBLEMS, ROWS, AccountRefusal, Balance, NewSettings, SecretRefusal
from fake_nexmo.core.instant import spaced
from fake_nexmo.core.money import format_money
from fake_nexmo.core.records import Account, Secret
from fake_nexmo.core.rest import refusal_body, xml_document
from fake_nexmo.core.xml import xml_text

Members = dict[str, Any]
"""The members of an answer in the order of the wire."""

RATE = 30
"""Requests per second in the settings where the account has no limit of its own. Source: reference account §4 (B)."""

_JSON = frozenset({"application/json", "application/*", "*/*"})
_FORM = "application/x-www-form-urlencoded"
_BASES = {"current": "https://developer.vonage.com/", "2020": "https://developer.nexmo.com/"}


class _NewSecret(Struct):
    secret: str


# What requests say.


def accepts_json(accept: str) -> bool:
    """Whether a JSON answer is welcome; without a word about it, it is. Source: reference account §6 (B)."""
    return not accept.strip() or any(media in _JSON for media in _media(accept))


def takes(content_type: str) -> bool:
    """Whether a body of that type is read: JSON, and the form that one library sends. Source: account §5 (C, D)."""
    return next(_media(content_type), "") in {"application/json", _FORM}


def parse_settings(params: Mapping[str, str]) -> NewSettings:
    """The changes that a request's parameters spell; names in any case.

    Source: reference account §4 (B), §9 for the case (one library writes a small b).
    """
    folded: dict[str, str] = {}
    for name, value in params.items():
        folded.setdefault(name.lower(), value)
    return NewSettings(folded.get("mocallbackurl"), folded.get("drcallbackurl"), folded.get("newsecret"))


def parse_secret(content_type: str, body: bytes) -> str | None:
    """The secret in a body; None when there is none that is a text.

    A form under the label of JSON is read as what it is. Source: reference account §5 (C), sdk-surface §3 (C).
    """
    if next(_media(content_type), "") != _FORM:
        try:
            return msgspec.json.decode(body, type=_NewSecret).secret
        except (msgspec.DecodeError, UnicodeDecodeError):
            if body[:1] in b'{["':
                return None
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)).get("secret")


# What answers say: the old stack.


def balance(known: Balance) -> Members:
    """Source: reference account §2 (A, B)."""
    return {"value": _number(known.amount), "autoReload": known.auto_reload}


def success() -> Members:
    """A top-up that was made. Source: reference account §3 (B)."""
    return {"error-code": "200", "error-code-label": "success"}


def settings(account: Account, echo: str | None) -> Members:
    """The five members, and the new secret where the era echoes it. Source: reference account §4 (B, D)."""
    limit = account.sms_limit
    members: Members = {
        "mo-callback-url": account.inbound_url,
        "dr-callback-url": account.receipt_url,
        "max-outbound-request": RATE if limit is None else limit,
        "max-inbound-request": RATE,
        "max-calls-per-second": RATE,
    }
    return members if echo is None else {**members, "api-secret": echo}


def refused(row: AccountRefusal) -> Members:
    """The body of a refusal; all codes are texts. Source: reference account §1.2 (A, B)."""
    return refusal_body(ROWS[row])


def json_answer(members: Members) -> bytes:
    """Compact JSON, as captured."""
    return msgspec.json.encode(members)


def xml_answer(root: str, members: Members) -> bytes:
    """The same members as elements.

    Source: reference account §1.3 (B).
    Doubt: nothing stands between the elements, as in the examples.
    """
    return xml_document(root, "".join(_elements(members)))


# What answers say: the newer stack.


def secret_item(api_key: str, secret: Secret) -> Members:
    """A secret without its value, which is never told. Source: reference account §5.1 (B)."""
    return {
        "_links": {"self": {"href": f"/accounts/{api_key}/secrets/{secret.id}"}},
        "id": secret.id,
        "created_at": spaced(secret.created_at).replace(" ", "T") + "Z",
    }


def secret_list(api_key: str, secrets: Sequence[Secret]) -> Members:
    """Source: reference account §5.1 (B)."""
    items = [secret_item(api_key, secret) for secret in secrets]
    return {"_links": {"self": {"href": f"/accounts/{api_key}/secrets"}}, "_embedded": {"secrets": items}}


def problem(row: SecretRefusal, facts: Mapping[str, object], profile: str, instance: str) -> Members:
    """The problem document of a refusal, in the words of a profile. Source: reference account §5.3, §6."""
    known = PROBLEMS[row]
    said = known.said_2020 if profile == "2020" and known.said_2020 else known.said
    base = _BASES["current" if known.always_vonage else profile]
    members: Members = {"type": base + said.place, "title": said.title}
    if said.detail:
        members["detail"] = said.detail.format(**facts) if "{" in said.detail else said.detail
    if known.reason:
        members["invalid_parameters"] = [{"name": "secret", "reason": known.reason}]
    return {**members, "instance": instance}


def _media(header: str) -> Iterator[str]:
    """The media types of a header in their order, without parameters."""
    return (part.partition(";")[0].strip().lower() for part in header.split(","))


def _number(amount: int) -> Raw:
    """An amount as a JSON number: no exponent, as short as it can be, one decimal at least.

    Source: reference account §2 (A for the decimals, D for the one).
    """
    whole, _, decimals = format_money(amount).partition(".")
    return Raw(f"{whole}.{decimals.rstrip('0') or '0'}")


def _elements(members: Mapping[str, Any]) -> Iterable[str]:
    for name, value in members.items():
        yield f"<{name}>{''.join(_elements(value)) if isinstance(value, Mapping) else _text(value)}</{name}>"


def _text(value: object) -> str:
    return xml_text(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
