"""Words of the Number Insight API on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fake_nexmo.apis.insight import xml_wire
from fake_nexmo.apis.insight.model import ROWS, Answer, Command, InsightRefusal, Level, Lookup
from fake_nexmo.core.money import format_money
from fake_nexmo.core.wording import Worded, Wording
from fake_nexmo.handsets.lookup import UNKNOWN_OWNER, CallerType, Found, Owner, Reach, Roaming
from fake_nexmo.numbering.number import Carrier

Members = dict[str, Any]
"""The members of an answer in the order of the wire."""

SUCCESS = "Success"
# Source: reference number-insight §6.4 (B).
OUTCOMES = (SUCCESS, "Partial success - some fields populated", "Failed")
# Source: reference number-insight §7 (C).
NOT_RETURNED = "Live mobile lookup not returned"

# Source: reference README rulings: one name of our own where none was captured.
_AGENT = "fake-nexmo"
_TRUE = frozenset({"true", "1"})
_BRACKETS = (b"{", b"[", b'"')


# What requests say.


def parse_look_up(level: Level, params: Mapping[str, str]) -> Command:
    """The command that a request's parameters spell; nothing is judged here.

    Source: reference number-insight §3; booleans "unparsable: false".
    """
    get = params.get
    return Command(
        level=level,
        number=get("number", ""),
        country=get("country", ""),
        cnam=is_true(get("cnam", "")),
        ip=get("ip", ""),
        real_time=is_true(get("real_time_data", "")),
        callback=get("callback", ""),
    )


def is_true(text: str) -> bool:
    """Whether a flag is set. Source: reference number-insight §3 (D): what cannot be read is not."""
    return text.strip().lower() in _TRUE


def is_unparseable(content_type: str, body: bytes) -> bool:
    """Whether a body says that it is JSON and is no object of it.

    Source: reference number-insight §5, status 999 (D for what is meant by it).
    Doubt: a form under the label of JSON, which one library sends, is read as what it is.
    """
    if "json" not in content_type.partition(";")[0].lower() or not body.strip():
        return False
    try:
        return not isinstance(msgspec.json.decode(body), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b"=" not in body or body.startswith(_BRACKETS)


# What answers say.


def answer(said: Answer, remaining: int, *, old: bool) -> Members:
    """An answer of the levels basic, standard and advanced, and of a callback.

    Args:
        said: what was found out.
        remaining: the account's balance afterwards, in 10^-8 EUR.
        old: whether it is worded as in 2020.

    Source: reference number-insight §6 (the order of the matrix, and of the examples).
    """
    members: Members = {"status": 0, "status_message": SUCCESS}
    if said.status is not None:
        row = ROWS[said.status]
        members = {"status": row.status, "status_message": row.text}
    advanced = said.level in (Level.ADVANCED, Level.ASYNC)
    if advanced:
        members |= {"lookup_outcome": said.outcome, "lookup_outcome_message": OUTCOMES[said.outcome]}
    number = said.number
    members |= {
        "request_id": said.request_id,
        "international_format_number": number.msisdn,
        "national_format_number": number.national,
        "country_code": number.country,
        "country_code_iso3": number.iso3,
        "country_name": number.country_name,
        "country_prefix": number.prefix,
    }
    if said.found is None:
        return members
    members |= _money(said, remaining)
    members["current_carrier"] = _carrier(said.found.current)
    members["original_carrier"] = _carrier(said.found.original)
    members |= _live(said.found, said, old=old) if advanced else _supposed(said.found, old=old)
    return members | _caller(said) | _real_time(said)


def acknowledgement(wanted: Lookup, remaining: int) -> Members:
    """What the asynchronous level answers at once. Source: reference number-insight §7 (B, C)."""
    return {
        "request_id": wanted.id,
        "number": wanted.command.number,
        "remaining_balance": format_money(remaining),
        "request_price": format_money(wanted.price),
        "status": 0,
    }


def soft_acknowledgement(said: Answer, number: str, remaining: int) -> Members:
    """The same when the look-up is known to be without result already. Source: reference number-insight §7 (C)."""
    return {
        "request_id": said.request_id,
        "number": number,
        "remaining_balance": format_money(remaining),
        "request_price": format_money(said.price),
        "status": 0 if said.status is None else ROWS[said.status].status,
        "error_text": NOT_RETURNED,
    }


def refused(level: Level, row: InsightRefusal, facts: Mapping[str, Any]) -> Members:
    """The body of a refusal. Source: reference number-insight §5 (C for the names of the text)."""
    known = ROWS[row]
    named = {"request_id": facts["request_id"]} if known.numbered and facts.get("request_id") else {}
    if level is Level.ASYNC:
        return {**named, "status": known.status, "error_text": refusal_text(row, facts)}
    return {"status": known.status, "status_message": refusal_text(row, facts), **named}


def refusal_text(row: InsightRefusal, facts: Mapping[str, Any]) -> str:
    """The text of a row with its facts filled in."""
    text = ROWS[row].text
    return text.format(**facts) if "{" in text else text


def json_answer(members: Members) -> bytes:
    """Compact JSON."""
    return msgspec.json.encode(members)


# The callback.


def callback(wording: Wording) -> Worded:
    """Word one attempt of the callback; it is never signed, and the same each time.

    Source: reference number-insight §7 (B, C; D for the signature).
    """
    facts = wording.delivery.facts
    said = msgspec.convert(facts["answer"], Answer)
    members = flat(said) if facts["flat"] else answer(said, facts["remaining"], old=facts["old"])
    if not facts["xml"]:
        media, body = "application/json", json_answer(members)
    elif facts["flat"]:
        media, body = "text/xml", xml_wire.plain(members)
    else:
        media, body = "text/xml", xml_wire.document(said.level, members, old=facts["old"])
    headers = (("Content-Type", media), ("User-Agent", _AGENT))
    return Worded(wording.delivery.method, wording.delivery.url, headers, body)


def flat(said: Answer) -> Members:
    """The callback of ``/ni``, before 2017: its status is the outcome of the look-up.

    Source: reference number-insight §7 (C for the names, B for the status).
    Doubt: its texts are not known; those of the outcome stand in.
    """
    found = said.found
    assert found is not None, "a look-up that was made has found something out"
    current = _carrier(found.current) or {}
    where = _roaming(found.roaming) or {}
    members: Members = {
        "request_id": said.request_id,
        "number": said.number.msisdn,
        "status": said.outcome,
        "status_message": OUTCOMES[said.outcome],
        "number_type": current.get("network_type"),
        "carrier_network_code": current.get("network_code"),
        "carrier_network_name": current.get("name"),
        "carrier_country_code": current.get("country"),
        "valid": found.valid,
        "ported": found.ported,
        "reachable": found.reach,
        "roaming": where.get("status"),
    }
    return members | {name: value for name, value in where.items() if name.endswith("_code")}


# Pieces of an answer.


def _money(said: Answer, remaining: int) -> Members:
    """Source: reference number-insight §9: a refund is named only when there is one."""
    back = {"refund_price": format_money(said.refund)} if said.refund else {}
    return {"request_price": format_money(said.price), **back, "remaining_balance": format_money(remaining)}


def _carrier(known: Carrier | None) -> Members | None:
    """Source: reference number-insight §6.3, §4 (members or the whole may be null)."""
    if known is None:
        return None
    return {
        "network_code": known.code or None,
        "name": known.name or None,
        "country": known.country or None,
        "network_type": known.type.value if known.code else None,
    }


def _supposed(found: Found, *, old: bool) -> Members:
    """The end of the level standard. Source: reference number-insight §6.3 (roaming: profile 2020)."""
    return {"ported": found.ported, **({"roaming": {"status": "unknown"}} if old else {})}


def _live(found: Found, said: Answer, *, old: bool) -> Members:
    """The end of the level advanced. Source: reference number-insight §6.4, §6.6."""
    members: Members = {
        "valid_number": found.valid,
        "reachable": found.reach,
        "ported": found.ported,
        "roaming": _roaming(found.roaming),
    }
    return {**members, **_ip(found, said)} if old else members


def _roaming(where: Roaming | None) -> Members | None:
    """Always the object, never the bare text. Source: reference number-insight §4, Decision."""
    if where is None:
        return None
    more = {
        "roaming_country_code": where.country,
        "roaming_network_code": where.network,
        "roaming_network_name": where.name,
    }
    return {"status": where.status, **{name: value for name, value in more.items() if value}}


def _ip(found: Found, said: Answer) -> Members:
    """How the caller's address fits the number.

    Source: reference number-insight §6.6.
    Doubt: whether the service says "Country Level" (documentation) or "country" (a library's constant); we follow the
    documentation. Where an address is, only a scenario tells; else it is in the number's country.
    """
    if not said.ip:
        return {"ip_warnings": "unknown"}
    same = found.ip_country == said.number.country
    return {
        "ip": said.ip,
        "ip_warnings": "no_warning",
        "ip_match_level": "Country Level" if same else "Mismatch",
        "ip_country": found.ip_country,
    }


def _caller(said: Answer) -> Members:
    """Who the number belongs to, as an object and flat. Source: reference number-insight §6.5, Decision."""
    if not said.cnam or said.found is None:
        return {}
    owner = said.found.owner if said.number.country == "US" else UNKNOWN_OWNER
    kind, name = owner.type, owner.name or "unknown"
    first, last = _names(owner)
    return {
        "caller_identity": {"caller_type": kind, "caller_name": name, **first, **last},
        "caller_name": name,
        **last,
        **first,
        "caller_type": kind,
    }


def _names(owner: Owner) -> tuple[Members, Members]:
    """First and last name; consumers alone have them."""
    if owner.type != CallerType.CONSUMER:
        return {}, {}
    first = {"first_name": owner.first_name} if owner.first_name else {}
    return first, {"last_name": owner.last_name} if owner.last_name else {}


def _real_time(said: Answer) -> Members:
    """Whether line and phone are in use. Source: reference number-insight §6.7 (B; D for when they are)."""
    if not said.real_time or said.found is None:
        return {}
    active = said.found.reach == Reach.REACHABLE
    in_use, power = "active" if active else "inactive", "on" if said.found.on else "off"
    return {"real_time_data": {"active_status": in_use, "handset_status": power}}
