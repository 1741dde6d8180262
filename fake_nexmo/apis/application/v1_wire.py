"""Words of the first version on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fake_nexmo.apis.application.model import ROWS, ApplicationRefusal, Listed, Problem
from fake_nexmo.core.capabilities import hooks
from fake_nexmo.core.records import Application
from fake_nexmo.core.refusal import Refusal

Members = dict[str, Any]
"""The members of an answer in the order of the wire."""

PATH = "/v1/applications"
# Doubt: the order of sections where there are several. Others than these have no form in the first version.
_SECTIONS = ("voice", "messages", "rtc")
_ORDER = ("answer_url", "fallback_answer_url", "event_url", "status_url", "inbound_url")


def media_of(content_type: str, body: bytes) -> str:
    """How a body is to be read: what looks like an object is JSON, whatever its label. Source: application §3.1 (D)."""
    return "application/json" if body.lstrip()[:1] == b"{" else content_type


def refuse_malformed(media: str, body: bytes) -> None:
    """Refuse a body that claims to be JSON and is none; one library's forms are so labelled, and pass.

    Raises:
        Refusal: MALFORMED_JSON.

    Source: reference application §3.4 (D); sdk-surface §3 (C).
    """
    if media.partition(";")[0].strip().lower() != "application/json" or not body:
        return
    if b"=" in body and body.lstrip()[:1] not in {b"{", b"[", b'"'}:
        return
    try:
        read = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Refusal(ApplicationRefusal.MALFORMED_JSON)


def application(one: Application, origin: str, *, private: bool = False) -> Members:
    """An application, with its private key if that is told now and never again. Source: application §3.3 (A, B)."""
    keys = {"public_key": one.public_key}
    if private and one.private_key:
        keys["private_key"] = one.private_key
    return {**_body(one), "keys": keys, **_self(f"{origin}{PATH}/{one.application_id}")}


def listing(listed: Listed, origin: str) -> Members:
    """A page of applications.

    Source: reference application §3.3 (A).
    The links of items lack the version, as captured.
    """
    asked = listed.asked
    items = [
        {
            **_body(one),
            "keys": {"public_key": one.public_key},
            **_self(f"{origin}/applications/{one.application_id}"),
        }
        for one in listed.items
    ]
    first = f"{origin}{PATH}?page_size={asked.size}"
    pages = {"last": listed.pages, "prev": listed.before, "next": listed.after}
    links = {
        "self": {"href": f"{first}&page_index={asked.number}"},
        "first": {"href": first},
        **{name: {"href": f"{first}&page_index={number}"} for name, number in pages.items() if number},
    }
    head = {"count": listed.total, "page_size": asked.size, "page_index": asked.number}
    return {**head, "_embedded": {"applications": items}, "_links": links}


def refused(row: ApplicationRefusal, facts: Mapping[str, Any]) -> Members:
    """The body of a refusal. Source: reference application §3.4 (A; D where it says so)."""
    known = ROWS[row]
    members: Members = {"type": known.kind, "error_title": known.error_title}
    problems: Sequence[Problem] = facts.get("problems", ())
    if problems:
        members["invalid_parameters"] = {each.name: each.reason for each in problems}
    return members


def _body(one: Application) -> Members:
    """Id, name and sections; webhooks are an array here. Source: reference application §7."""
    members: Members = {"id": one.application_id, "name": one.label}
    for section in _SECTIONS:
        if section in one.capabilities:
            found = sorted(hooks(one.capabilities, section), key=lambda each: _ORDER.index(each[0]))
            members[section] = {
                "webhooks": [
                    {"endpoint_type": name, "endpoint": hook.address, "http_method": hook.method}
                    for name, hook in found
                ]
            }
    return members


def _self(href: str) -> Members:
    return {"_links": {"self": {"href": href}}}
