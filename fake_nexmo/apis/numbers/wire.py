"""Words of the Numbers API on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from fake_nexmo.apis.numbers.model import (
    ROWS,
    Body,
    Links,
    Listing,
    ListOwned,
    Match,
    Named,
    NumbersRefusal,
    Offer,
    Owned,
    Search,
    Window,
)
from fake_nexmo.core.money import words as money_words
from fake_nexmo.core.rest import refusal_body, xml_document
from fake_nexmo.core.xml import xml_text

Members = dict[str, Any]
"""The members of an answer in the order of the wire."""

SIZE = 10
SIZE_MAX = 100
_HUGE = 10**9
_FEATURES = ("VOICE", "SMS", "MMS")
# Every label under which parameters are read from JSON.
_JSON = re.compile("json|javascript")
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")


# What requests say.


def body_of(content_type: str, body: bytes) -> Body:
    """What a body is: one library keeps the label of an earlier JSON call on its forms.

    Source: reference numbers §1.1 (A).
    Doubt: a body that is neither JSON nor a form counts as JSON under that label.
    """
    if not body or not _JSON.search(_media(content_type)):
        return Body.FORM
    return Body.MISLABELLED if b"=" in body and body.lstrip()[:1] not in b'{["' else Body.JSON


def parse_list(params: Mapping[str, str]) -> ListOwned:
    """Source: reference numbers §2 (B; D for the case).

    Doubt: a ``has_application`` that is neither true nor false filters nothing.
    """
    linked = {"true": True, "false": False}.get(params.get("has_application", "").lower())
    return ListOwned(_window(params), _country(params), params.get("application_id", ""), linked)


def parse_search(params: Mapping[str, str]) -> Search:
    """Source: reference numbers §3 (B; D for order and case of the features)."""
    features = {each.strip().upper() for each in params.get("features", "").split(",")}
    return Search(_window(params), _country(params), params.get("type", ""), frozenset(features - {""}))


def parse_named(params: Mapping[str, str]) -> Named:
    """The number that a request is about; a plus before it, escaped or not, is dropped. Source: numbers §4 (D)."""
    return Named(_country(params), params.get("msisdn", "").strip().lstrip("+"), params.get("target_api_key", ""))


def parse_links(params: Mapping[str, str]) -> Links:
    """Source: reference numbers §6 (B; D for the second spelling of the status URL)."""
    return Links(
        app_id=params.get("app_id", ""),
        inbound_url=params.get("moHttpUrl", ""),
        smpp_system_type=params.get("moSmppSysType", ""),
        voice_type=params.get("voiceCallbackType", ""),
        voice_value=params.get("voiceCallbackValue", ""),
        voice_status_url=params.get("voiceStatusCallback", params.get("voiceStatusCallbackUrl")),
        messages_type=params.get("messagesCallbackType", ""),
        messages_value=params.get("messagesCallbackValue", ""),
    )


# What answers say.


def owned_list(found: Listing[Owned], *, long: bool) -> Members:
    """Source: reference numbers §2 (A, B)."""
    return _list(found.count, [_owned(each) for each in found.items], long=long)


def offer_list(found: Listing[Offer], *, long: bool) -> Members:
    """Source: reference numbers §3 (B)."""
    return _list(found.count, [_offer(each) for each in found.items], long=long)


def success() -> Members:
    """Bought, cancelled or updated. Source: reference numbers §4 (B)."""
    return {"error-code": "200", "error-code-label": "success"}


def refused(row: NumbersRefusal) -> Members:
    """The body of a refusal; all codes are texts. Source: reference numbers §4 (A, B), account §1.2."""
    return refusal_body(ROWS[row])


def json_answer(members: Members) -> bytes:
    """Compact JSON, as captured."""
    return msgspec.json.encode(members)


def xml_answer(root: str, members: Members) -> bytes:
    """The same members as elements; the names of a number's own are hyphened.

    Source: reference numbers §2 (B for the root, A and D for the names within), account §1.3.
    Doubt: ``app_id`` is hyphened like its neighbours.
    """
    return xml_document(root, "".join(_elements(members)))


def _media(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def _country(params: Mapping[str, str]) -> str:
    return params.get("country", "").strip().upper()


def _window(params: Mapping[str, str]) -> Window:
    """Which page of which numbers.

    Source: reference numbers §2 (B; D for the clamp).
    Doubt: what is no whole number from 1 on counts as left out; an unknown ``search_pattern`` too.
    """
    match = {each.value: each for each in Match}.get(params.get("search_pattern", ""), Match.START)
    size = min(_whole(params.get("size", ""), SIZE), SIZE_MAX)
    return Window(params.get("pattern", ""), match, size, _whole(params.get("index", ""), 1))


def _whole(text: str, default: int) -> int:
    if not (text.isascii() and text.isdigit()):
        return default
    return (int(text) if len(text) < 10 else _HUGE) or default


def _list(count: int, numbers: Sequence[Members], *, long: bool) -> Members:
    """A page; one that is empty says nothing at all, unless the long form is wanted.

    Source: reference numbers §2 (A; D for a page beyond the end), §7.
    """
    if numbers:
        return {"count": count, "numbers": numbers}
    return {"count": 0, "numbers": []} if long else {}


def _owned(owned: Owned) -> Members:
    """A number with what is set of it; its application shows by what that can do.

    Source: reference numbers §2 (A, B; D for the echo of links).
    """
    number, application = owned.number, owned.application
    able: Iterable[str] = application.capabilities if application else ()
    app_id = application.application_id if application else ""
    by_app = "app" if "voice" in able else ""
    said: Members = {
        "country": number.country,
        "msisdn": number.id,
        "moHttpUrl": number.inbound_url,
        "type": number.type,
        "features": _ordered(number.features),
        "voiceCallbackType": number.voice.get("type", by_app),
        "voiceCallbackValue": number.voice.get("value", app_id if by_app else ""),
        "voiceStatusCallback": number.voice.get("status_url", ""),
        "messagesCallbackType": "app" if "messages" in able else "",
        "messagesCallbackValue": app_id if "messages" in able else "",
        "app_id": app_id,
    }
    return {name: word for name, word in said.items() if word or name == "features"}


def _offer(offer: Offer) -> Members:
    series = offer.series
    return {
        "country": series.country,
        "msisdn": offer.msisdn,
        "cost": money_words(series.cost).removesuffix(" EUR"),
        "type": series.type,
        "features": _ordered(series.features),
    }


def _ordered(features: Sequence[str]) -> list[str]:
    """In the order of the captures. Source: reference numbers §2."""
    return [each for each in _FEATURES if each in features]


def _elements(members: Mapping[str, Any]) -> Iterable[str]:
    for name, value in members.items():
        if isinstance(value, Mapping):
            inside = "".join(_elements(value))
        elif isinstance(value, list):
            single = name.removesuffix("s")
            inside = "".join("".join(_elements({single: each})) for each in value)
        else:
            inside = xml_text(str(value))
        element = _hyphened(name)
        yield f"<{element}>{inside}</{element}>"


def _hyphened(name: str) -> str:
    if name == "app_id":
        return "app-id"
    return _CAPITAL.sub(lambda found: f"-{found[0].lower()}", name)
