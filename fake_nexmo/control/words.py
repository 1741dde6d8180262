"""Entries of a world's collections as the control API shows them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from fake_nexmo.core.instant import SECOND, rfc3339
from fake_nexmo.core.legs import Leg, Line
from fake_nexmo.core.money import format_money
from fake_nexmo.core.records import (
    REDACTED,
    Account,
    Application,
    Delivery,
    DeliveryState,
    Direction,
    Event,
    Message,
    RequestEntry,
)
from fake_nexmo.network.segments import delivered_text, delivered_unicode
from fake_nexmo.web.api import Api, Collection

Words = dict[str, Any]


def message(entry: Message) -> Words:
    """One submission: ``text`` as the recipient sees it, ``price`` of all parts, ``extra`` what only its type has.

    What was redacted reads so; the fake keeps it, since the network may still be carrying it.
    """
    if entry.redacted_at is not None:
        entry = _redacted(entry)
    seen = delivered_unicode(entry.text) if entry.type == "unicode" else delivered_text(entry.text)
    return {
        "seq": entry.seq,
        "at": rfc3339(entry.submitted_at),
        "id": entry.id,
        "ids": [part.id for part in entry.parts],
        "direction": entry.direction.value,
        "owner": entry.owner,
        "about": entry.about or None,
        "account": entry.account,
        "from": entry.sender,
        "to": entry.to,
        "type": entry.type,
        "text": seen,
        **({"text_as_sent": _sayable(entry.text)} if seen != entry.text else {}),
        **({"extra": _facts(entry)} if entry.extra else {}),
        "status": entry.status.value,
        "price": format_money(entry.price * len(entry.parts)),
        "network": entry.network,
        "client_ref": entry.client_ref or None,
        "parts": [
            {
                "id": part.id,
                "status": part.status.value,
                "err_code": part.err_code,
                "price": format_money(entry.price),
                "status_at": rfc3339(part.status_at),
            }
            for part in entry.parts
        ],
    }


def call(entry: Leg) -> Words:
    """One leg: ``transcript`` is what was heard on it, ``price`` what it cost so far."""
    return {
        "seq": entry.seq,
        "at": rfc3339(entry.created_at),
        "uuid": entry.id,
        "conversation_uuid": entry.conversation or None,
        "direction": entry.direction.value,
        "owner": entry.owner,
        "about": entry.about or None,
        "account": entry.account,
        "from": entry.sender,
        "to": entry.to,
        "status": entry.status.value,
        "detail": entry.detail or None,
        "machine": entry.machine,
        "network": entry.network,
        "rate": format_money(entry.rate),
        "price": format_money(entry.price),
        "duration": entry.duration_s,
        "answered_at": None if entry.answered_at is None else rfc3339(entry.answered_at),
        "ended_at": None if entry.ended_at is None else rfc3339(entry.ended_at),
        "transcript": [_heard(entry, line) for line in entry.transcript],
        **({"extra": dict(entry.extra)} if entry.extra else {}),
    }


def _heard(leg: Leg, line: Line) -> Words:
    """One line of a transcript: who was heard when, what kind of thing, for how many seconds, and what.

    The length is that of saying or playing it once, as far as the call lasted; ``cut`` is said of what was broken off.
    """
    lasts = line.lasts if leg.ended_at is None else max(0, min(line.lasts, leg.ended_at - line.at))
    return {
        "at": rfc3339(line.at),
        "speaker": line.speaker.value,
        **({"by": line.by} if line.by else {}),
        "kind": line.sound.value,
        "length": round(lasts / SECOND, 3),
        "text": line.text,
        **({"digits": line.digits} if line.digits else {}),
        **({"cut": True} if line.cut or lasts < line.lasts else {}),
    }


def webhook(entry: Delivery) -> Words:
    """One webhook with all its attempts; ``next_at`` while another is to come."""
    return {
        "seq": entry.seq,
        "at": rfc3339(entry.created_at),
        "id": entry.id,
        "kind": entry.kind,
        "about": entry.about,
        "account": entry.account,
        "url": entry.url,
        "method": entry.method,
        "state": entry.state.value,
        "next_at": rfc3339(entry.due_at) if entry.state is DeliveryState.PENDING else None,
        "facts": dict(entry.facts),
        "fault": entry.fault or None,
        "attempts": [
            {
                "at": rfc3339(attempt.at),
                "method": attempt.method,
                "url": attempt.url,
                "status": attempt.status or None,
                "error": attempt.error or None,
                "took_ms": attempt.took_us // 1000,
            }
            for attempt in entry.attempts
        ],
    }


def request(entry: RequestEntry) -> Words:
    """One request to an emulated API; no parameter stands here, so no secret does."""
    return {
        "seq": entry.seq,
        "at": rfc3339(entry.at),
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "account": entry.account or None,
        "outcome": entry.outcome or None,
        "fault": entry.fault or None,
        "about": entry.about or None,
    }


def event(entry: Event) -> Words:
    """One event."""
    return {
        "seq": entry.seq,
        "at": rfc3339(entry.at),
        "name": entry.name,
        "about": entry.about,
        "account": entry.account or None,
        "number": entry.number or None,
        **({"text": entry.text} if entry.text else {}),
    }


def account(entry: Account) -> Words:
    """Credentials of an account, as the ready file and the answer to a new world give them."""
    return {
        "name": entry.id,
        "api_key": entry.api_key,
        "api_secret": entry.secrets[0].value,
        "signature_secret": entry.signature_secret,
        "signature_method": entry.signature_method.value,
    }


def application(entry: Application) -> Words:
    """Credentials of an application."""
    return {
        "name": entry.id,
        "account": entry.account,
        "id": entry.application_id,
        "private_key": entry.private_key or None,
        "public_key": entry.public_key,
    }


COLLECTIONS: Mapping[str, Collection] = {
    "messages": Collection(
        Message,
        message,
        frozenset(
            (
                *("seq", "at", "id", "direction", "owner", "about", "account", "from", "to", "type", "text", "status"),
                *("price", "network", "client_ref"),
            )
        ),
    ),
    "calls": Collection(
        Leg,
        call,
        frozenset(
            (
                *("seq", "at", "uuid", "conversation_uuid", "direction", "owner", "about", "account", "from", "to"),
                *("status", "detail", "network", "price", "duration"),
            )
        ),
    ),
    "webhooks": Collection(
        Delivery, webhook, frozenset(("seq", "at", "id", "kind", "about", "account", "url", "method", "state"))
    ),
    "requests": Collection(
        RequestEntry,
        request,
        frozenset(("seq", "at", "operation", "method", "path", "status", "account", "outcome", "fault", "about")),
    ),
    "events": Collection(Event, event, frozenset(("seq", "at", "name", "about", "account", "number"))),
}
"""The collections that every world has; an API may add its own."""


def collections(registry: Mapping[str, Api]) -> Mapping[str, Collection]:
    """Every collection by its name: those that each world has, and those of the APIs."""
    return {**COLLECTIONS, **{name: each for api in registry.values() for name, each in api.collections.items()}}


def _redacted(entry: Message) -> Message:
    extra = {name: REDACTED if isinstance(fact, str) else fact for name, fact in entry.extra.items()}
    if entry.direction is Direction.OUTBOUND:
        return replace(entry, to=REDACTED, text=REDACTED, extra=extra)
    return replace(entry, sender=REDACTED, text=REDACTED, extra=extra)


def _facts(entry: Message) -> Words:
    return {name: _sayable(fact) if isinstance(fact, str) else fact for name, fact in entry.extra.items()}


def _sayable(text: str) -> str:
    """The text without broken surrogates, which JSON cannot hold."""
    return text.encode("utf-8", "replace").decode()
