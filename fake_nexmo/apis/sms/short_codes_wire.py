"""Words of the US short codes on the wire. No framework, no state. Source: reference sms §15a (B)."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

import msgspec

from fake_nexmo.apis.sms.model import OptIn
from fake_nexmo.apis.sms.short_codes_rules import Alert, Marketing, Page, TwoFactor
from fake_nexmo.apis.sms.wire import is_wanted
from fake_nexmo.core.instant import spaced

# Parameters of an alert that no template is filled with.
_OWN = frozenset(
    {
        *("api_key", "api_secret", "username", "password", "sig", "timestamp"),
        *("to", "status-report-req", "client-ref", "template", "type"),
    }
)
_PROLOG = "<?xml version='1.0' encoding='UTF-8' ?>"


def parse_two_factor(params: Mapping[str, str]) -> TwoFactor:
    """The command that a request's parameters spell."""
    get = params.get
    return TwoFactor(_number(get("to", "")), get("pin", ""), get("client-ref", ""))


def parse_alert(params: Mapping[str, str]) -> Alert:
    """The command that a request's parameters spell; every name that is not the API's own fills the template."""
    get = params.get
    return Alert(
        to=_number(get("to", "")),
        type=get("type") or "text",
        template=get("template", ""),
        fields={name: text for name, text in params.items() if name not in _OWN},
        wants_receipt=is_wanted(get("status-report-req", "")),
        client_ref=get("client-ref", ""),
    )


def parse_marketing(params: Mapping[str, str]) -> Marketing:
    """The command that a request's parameters spell."""
    get = params.get
    return Marketing(get("from", ""), _number(get("to", "")), get("keyword", ""), get("text", ""))


def parse_msisdn(params: Mapping[str, str]) -> str:
    """The number that is to opt in."""
    return _number(params.get("msisdn", ""))


def json_page(page: Page) -> bytes:
    """Those who opted in; every value is a text."""
    return msgspec.json.encode(
        {"opt-in-count": str(page.count), "opt-in-list": [_members(member) for member in page.members]}
    )


def json_one(member: OptIn) -> bytes:
    """One of them."""
    return msgspec.json.encode(_members(member))


def xml_page(page: Page) -> bytes:
    """Those who opted in. Doubt: where the count stands in the XML."""
    inside = "".join(_element(member) for member in page.members)
    return f"{_PROLOG}<opt-in-list opt-in-count='{page.count}'>{inside}</opt-in-list>".encode()


def xml_one(member: OptIn) -> bytes:
    """One of them."""
    return f"{_PROLOG}{_element(member)}".encode()


def _members(member: OptIn) -> dict[str, str]:
    return {
        "msisdn": member.number,
        "opt-in": "true",
        "opt-in-date": spaced(member.opted_in_at),
        "opt-out": "false",
    }


def _element(member: OptIn) -> str:
    attributes = "".join(f" {name}={quoteattr(text)}" for name, text in _members(member).items())
    return f"<opt-in{attributes}/>"


def _number(text: str) -> str:
    return text.removeprefix("+")
