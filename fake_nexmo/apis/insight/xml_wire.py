"""The XML of Number Insight, made from the members of the JSON: other names, another order, attributes. Pure.

Source: reference number-insight §8.
Doubt: line breaks and indentation are those of the examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fake_nexmo.apis.insight.model import Level

_PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
_ROOTS = {Level.BASIC: "format"}
_COUNTRY = ("country_code", "country_code_iso3", "country_name", "country_prefix")
# In the order of the examples; what an answer does not have, or has as null, is left out.
_BEFORE = ("request_id", "international_format_number")
_PLAIN = ("request_price", "refund_price", "remaining_balance")
_CARRIERS = ("current_carrier", "original_carrier")
_LIVE = ("valid_number", "reachable", "ported")
_IP = ("ip", "ip_warnings", "ip_match_level", "ip_country")
# The acknowledgement's own spelling, and the order of its example.
_CAMEL = {"request_id": "requestId", "remaining_balance": "remainingBalance", "request_price": "requestPrice"}


def document(level: Level, members: Mapping[str, Any], *, old: bool) -> bytes:
    """An answer of the levels basic, standard and advanced, a callback, or a refusal of those levels.

    Args:
        level: what was asked.
        members: what the JSON would say.
        old: whether it is worded as in 2020.
    """
    lines = [*_elements(_BEFORE, members)]
    if "lookup_outcome" in members:
        lines.append(_coded("lookup_outcome", members["lookup_outcome"], members["lookup_outcome_message"]))
    if "national_format_number" in members:
        country = _attributes((name, members[name]) for name in _COUNTRY)
        lines.append(f"<local_number{country}>{_text(members['national_format_number'])}</local_number>")
    lines.append(_coded("error", members["status"], members["status_message"]))
    lines += _elements(_PLAIN, members)
    lines += [_empty(name, members[name]) for name in _CARRIERS if members.get(name) is not None]
    lines += _elements(_LIVE, members)
    if "lookup_outcome" in members and members.get("roaming") is not None:
        lines.append(_empty("roaming", members["roaming"]))
    lines += _elements(_IP, members)
    lines += _caller(members, old=old)
    if "real_time_data" in members:
        lines.append(_empty("real_time_data", members["real_time_data"]))
    return _whole(_ROOTS.get(level, "lookup"), lines)


def acknowledgement(members: Mapping[str, Any]) -> bytes:
    """What the asynchronous level answers, a refusal too: success is named here.

    Doubt: a refusal has the elements of an acknowledgement, since no other form of this level is known.
    """
    said = {**members, "error_text": members.get("error_text", "Success")}
    return plain({_CAMEL.get(name, name): value for name, value in said.items()})


def plain(members: Mapping[str, Any]) -> bytes:
    """Members as elements under the names they have."""
    return _whole("lookup", [*_elements(members, members)])


def _whole(root: str, lines: Iterable[str]) -> bytes:
    inside = "".join(f"  {line}\n" for line in lines)
    return f"{_PROLOG}\n<{root}>\n{inside}</{root}>\n".encode("utf-8", "replace")


def _caller(members: Mapping[str, Any], *, old: bool) -> Iterator[str]:
    """The owner of the number: hyphens in attributes, and a misspelling that is the service's own."""
    if "caller_identity" not in members:
        return
    yield _empty("caller_identity", {name.replace("_", "-"): said for name, said in members["caller_identity"].items()})
    yield from _elements(("caller_name", "last_name"), members)
    if "first_name" in members:
        yield from _elements(("firs_name",), {"firs_name": members["first_name"]})
        if old:
            yield from _elements(("first_name",), members)
    yield from _elements(("caller_type",), members)


def _elements(names: Iterable[str], members: Mapping[str, Any]) -> Iterator[str]:
    for name in names:
        if members.get(name) is not None:
            yield f"<{name}>{_text(members[name])}</{name}>"


def _coded(name: str, code: int, text: str) -> str:
    return f'<{name} code="{code}">{_text(text)}</{name}>'


def _empty(name: str, said: Mapping[str, Any]) -> str:
    return f"<{name}{_attributes(said.items())}/>"


def _attributes(said: Iterable[tuple[str, Any]]) -> str:
    return "".join(f" {name}={quoteattr(_printable(value))}" for name, value in said if value is not None)


def _text(value: object) -> str:
    return escape(_printable(value))


def _printable(value: object) -> str:
    """What XML 1.0 can hold; other characters become the replacement character."""
    return "".join(
        char if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff") else "\N{REPLACEMENT CHARACTER}"
        for char in str(value)
    )
