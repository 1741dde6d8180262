"""Words of the Pricing API on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fake_nexmo.apis.pricing.model import ROWS, CountryPrices, NetworkPrice, PhonePrice, PricingRefusal
from fake_nexmo.core.money import format_money
from fake_nexmo.core.rest import refusal_body, xml_document
from fake_nexmo.core.xml import xml_text

Members = dict[str, Any]
"""The members of an answer in the order of the wire."""

EUR = "EUR"
ONE, SEVERAL, PHONE, REFUSED = "outbound-country-pricing", "outbound-pricing", "phone-pricing", "response"
"""The roots of XML. Source: reference pricing §3 (B), §5 (D). Doubt: refusals in XML are not documented here; we take
the root of ``/account``, and for typed answers the roots of the typeless ones."""

# What the items of a list are called. Doubt: the reference names those of networks only.
_ITEMS = {"networks": "network", "prices": ONE, "countries": ONE, "ranges": "range", "aliases": "alias"}


def prices(
    found: CountryPrices | tuple[CountryPrices, ...], *, typed: bool, xml: bool, currency: str = EUR
) -> tuple[str, Members]:
    """The root and the members of an answer about one country or several.

    Doubt: prices of the old family name no currency; they are in the account's as well.

    Nobody's prefix has an empty ``countries`` in both families, since a library's recorded answer shows it.

    Source: reference pricing §3, §4 (A, B), §6 "No results" (C, D).
    """
    if isinstance(found, CountryPrices):
        return ONE, _typed(found, currency) if typed else _typeless(found, xml=xml)
    if typed:
        return SEVERAL, {"count": len(found), "countries": [_typed(each, currency) for each in found]}
    nobody: Members = {} if found else {"countries": []}
    return SEVERAL, {"count": len(found), **nobody, "prices": [_typeless(each, xml=xml) for each in found]}


def phone(known: PhonePrice) -> Members:
    """Both spellings of the network's code; neither when the number is in no network's range.

    Source: reference pricing §5 (B, C).
    Doubt: whether ``network`` is the code or the name; we take the code.
    """
    network = {"network-code": known.network, "network": known.network} if known.network else {}
    return {"country-code": known.country, **network, "phone": known.phone, "price": format_money(known.price)}


def refused(row: PricingRefusal) -> Members:
    """The body of a refusal; all codes are texts, and that of credentials says its code in both known ways.

    Source: reference pricing §6 (A, B, D).
    """
    body = refusal_body(ROWS[row])
    if row is not PricingRefusal.BAD_CREDENTIALS:
        return body
    code = body["error-code"]
    return {"error-code": code, "code": code, "currency": EUR, "error-code-label": body["error-code-label"]}


def json_answer(members: Members) -> bytes:
    """Compact JSON, as captured."""
    return msgspec.json.encode(members)


def xml_answer(root: str, members: Members) -> bytes:
    """The same members as elements. Source: reference account §1.3 (B), pricing §3 (B)."""
    return xml_document(root, "".join(_elements(members)))


def _typeless(known: CountryPrices, *, xml: bool) -> Members:
    """Source: reference pricing §3 (A for the order in JSON, B for the names in XML)."""
    members: Members = {"country": known.code, "name": known.name, "prefix": known.prefix}
    if known.price is not None:
        name = "name" if xml else "network"
        members["mt"] = format_money(known.price)
        members["networks"] = [
            {"code": each.code, name: each.name, "mtPrice": format_money(each.price)} for each in known.networks
        ]
    return members if xml else {**members, "countryDisplayName": known.display_name}


def _typed(known: CountryPrices, currency: str) -> Members:
    """Source: reference pricing §4 (A for the order; B for the currency).

    Doubt: of a country with a price and without a table of networks, ``networks`` is empty; libraries read a list.
    """
    members: Members = {"dialingPrefix": known.prefix}
    if known.price is not None:
        members["defaultPrice"] = format_money(known.price)
    members |= {
        "currency": currency,
        "countryDisplayName": known.display_name,
        "countryCode": known.code,
        "countryName": known.name,
    }
    if known.price is not None:
        members["networks"] = [_network(each, currency) for each in known.networks]
    return members


def _network(known: NetworkPrice, currency: str) -> Members:
    """Source: reference pricing §4 (A). Doubt: where ``aliases`` stands among the members."""
    members: Members = {"type": known.type, "price": format_money(known.price), "currency": currency}
    given = {"ranges": known.ranges, "aliases": known.aliases, "mcc": known.mcc, "mnc": known.mnc}
    members |= {name: value for name, value in given.items() if value}
    return members | {"networkCode": known.code, "networkName": known.name}


def _elements(members: Mapping[str, Any]) -> Iterator[str]:
    for name, value in members.items():
        item = _ITEMS.get(name, "")
        inner = "".join(f"<{item}>{_content(each)}</{item}>" for each in value) if item else _content(value)
        yield f"<{name}>{inner}</{name}>"


def _content(value: object) -> str:
    if isinstance(value, Mapping):
        return "".join(_elements(value))
    return xml_text(str(value))
