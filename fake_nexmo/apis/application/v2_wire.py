"""Words of the second version on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from fake_nexmo.apis.application.model import ROWS, ApplicationRefusal, Listed, Problem
from fake_nexmo.core.capabilities import CAPABILITIES, Hook, HookKind, hooks
from fake_nexmo.core.records import Application
from fake_nexmo.core.refusal import Refusal

Members = dict[str, Any]
"""The members of an answer in the order of the wire."""

PATH = "/v2/applications"
_JSON = frozenset({"application/json", "application/*", "*/*"})
_BASES = {"current": "https://developer.vonage.com/", "2020": "https://developer.nexmo.com/"}
_HOOKLESS = frozenset({"vbc", "network_apis"})


def accepts_json(accept: str) -> bool:
    """Whether a JSON answer is welcome; without a word about it, it is. Source: application §4.1 (B)."""
    return not accept.strip() or any(part.partition(";")[0].strip().lower() in _JSON for part in accept.split(","))


def takes(content_type: str) -> bool:
    """Whether a body of that type is read.

    Source: reference application §4.1.
    Doubt: a body without a type is read too, since it names no other one.
    """
    return content_type.partition(";")[0].strip().lower() in {"application/json", ""}


def parse(body: bytes) -> Mapping[str, Any]:
    """The object in a body; without a body it is empty.

    Raises:
        Refusal: MALFORMED_JSON.

    Source: reference application §4.7 (B).
    Doubt: JSON that is no object is refused in the same words.
    """
    if not body.strip():
        return {}
    try:
        read = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Refusal(ApplicationRefusal.MALFORMED_JSON)
    return read


def application(one: Application, origin: str, *, private: bool = False, defaults: bool = False) -> Members:
    """An application, with its private key if that is told now and never again.

    Args:
        one: the application.
        origin: what its link begins with; empty: the link is a path.
        private: whether it was made just now.
        defaults: whether it shows the defaults of today too.

    Source: reference application §4.2, §4.3 (A).
    """
    links = {"self": {"href": f"{origin}{PATH}/{one.application_id}"}}
    return {**_body(one, private=private, defaults=defaults), "_links": links}


def listing(listed: Listed, origin: str, *, defaults: bool = False) -> Members:
    """A page of applications, which have no links of their own. Source: reference application §4.6 (A)."""
    asked = listed.asked
    first = f"{origin}{PATH}?page_size={asked.size}"
    pages = {"last": listed.pages, "prev": listed.before, "next": listed.after}
    links = {
        "self": {"href": f"{first}&page={asked.number}"},
        "first": {"href": first},
        **{name: {"href": f"{first}&page={number}"} for name, number in pages.items() if number},
    }
    return {
        "page_size": asked.size,
        "page": asked.number,
        "total_items": listed.total,
        "total_pages": listed.pages,
        "_embedded": {"applications": [_body(one, private=False, defaults=defaults) for one in listed.items]},
        "_links": links,
    }


def problem(row: ApplicationRefusal, facts: Mapping[str, Any], profile: str, instance: str) -> Members:
    """The problem document of a refusal, in the words of a profile. Source: reference application §4.7; account §6."""
    known = ROWS[row]
    base = _BASES["current" if known.always_vonage else profile]
    title = known.title_2020 if profile == "2020" and known.title_2020 else known.title
    members: Members = {"type": base + known.place, "title": title}
    if known.detail:
        members["detail"] = known.detail.format(**facts) if "{" in known.detail else known.detail
    problems: Sequence[Problem] = facts.get("problems", ())
    if problems:
        members["invalid_parameters"] = [{"name": each.name, "reason": each.reason} for each in problems]
    return {**members, "instance": instance}


def _body(one: Application, *, private: bool, defaults: bool) -> Members:
    keys = {"public_key": one.public_key}
    if private and one.private_key:
        keys = {"private_key": one.private_key, **keys}
    return {
        "id": one.application_id,
        "name": one.label,
        "keys": keys,
        "privacy": {"improve_ai": one.improve_ai},
        "capabilities": {
            name: _capability(name, one.capabilities, defaults=defaults)
            for name in CAPABILITIES
            if name in one.capabilities
        },
    }


def _capability(name: str, said: Mapping[str, Any], *, defaults: bool) -> Members:
    """One capability; those that have webhooks always have the object of them, or a library breaks."""
    known, words = CAPABILITIES[name], said[name]
    members: Members = {}
    if name not in _HOOKLESS:
        members["webhooks"] = {
            each: dict(_hook(hook, known.hooks.get(each), defaults=defaults)) for each, hook in hooks(said, name)
        }
    for each, member in known.members.items():
        if each in words:
            members[each] = words[each]
        elif defaults and member.today is not None:
            members[each] = member.today
    return {**members, **(known.fixed if defaults else {})}


def _hook(hook: Hook, kind: HookKind | None, *, defaults: bool) -> Iterator[tuple[str, Any]]:
    """One webhook; the time for connecting in both spellings. Source: reference application §4.2 (decision 1)."""
    yield "address", hook.address
    if hook.method:
        yield "http_method", hook.method
    connect, response = hook.connect_ms, hook.response_ms
    if defaults and kind is not None:
        connect = kind.connect[1] if connect is None and kind.connect else connect
        response = kind.response[1] if response is None and kind.response else response
    if connect is not None:
        yield "connect_timeout", connect
        yield "connection_timeout", connect
    if response is not None:
        yield "socket_timeout", response
    if hook.active is not None:
        yield "active", hook.active
