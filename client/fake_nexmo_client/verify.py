"""Verify: start a verification, check the code that the person typed, look at it, stop it.

Source: reference verify §3 to §6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from fake_nexmo_client.errors import BadReplyError, VerifyError
from fake_nexmo_client.exchange import Manner, Plan, Response, members, texts
from fake_nexmo_client.reading import bad_reply, dated, fill, read_document
from fake_nexmo_client.words import VerifyCommand

Command: TypeAlias = VerifyCommand | Literal["cancel", "trigger_next_event"]


class StartVerification(Struct, frozen=True, kw_only=True):
    """A verification to start; what is None is not sent.

    Attributes:
        number: in international form, or national with ``country``.
        brand: who asks, up to 18 characters.
        code_length: 4 or 6.
        lg: language of the texts, such as ``en-gb``.
        pin_expiry: how long a code is good for, in seconds.
        next_event_wait: how long until the next message or call, in seconds.
        workflow_id: 1 to 7, which messages and calls there are.

    Source: reference verify §3 (B).
    """

    number: str
    brand: str
    country: str | None = None
    sender_id: str | None = None
    code_length: int | None = None
    lg: str | None = None
    require_type: str | None = None
    pin_expiry: int | None = None
    next_event_wait: int | None = None
    workflow_id: int | None = None
    pin_code: str | None = None


class Started(Struct, frozen=True, kw_only=True):
    """A verification that runs. Source: reference verify §3 (A)."""

    request_id: str
    status: str


class Checked(Struct, frozen=True, kw_only=True):
    """A code that was right, and what it cost.

    Attributes:
        event_id: the message or call that carried the code.
        estimated_price_messages_sent: of all messages and calls, in ``currency``.

    Source: reference verify §4.1 (A).
    """

    request_id: str = ""
    status: str
    event_id: str = ""
    price: Decimal | None = None
    currency: str = ""
    estimated_price_messages_sent: Decimal | None = None


class Check(Struct, frozen=True, kw_only=True):
    """A code that was tried; ``status`` is VALID or INVALID."""

    date_received: datetime | None = None
    code: str = ""
    status: str = ""
    ip_address: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """A message or call that was made; ``type`` is sms or tts."""

    id: str
    type: str = ""


class Verification(Struct, frozen=True, kw_only=True):
    """Where a verification stands; ``status`` is a word of `VerifyStatus`. Source: reference verify §5 (A)."""

    request_id: str
    account_id: str = ""
    number: str = ""
    sender_id: str = ""
    date_submitted: datetime | None = None
    date_finalized: datetime | None = None
    checks: tuple[Check, ...] = ()
    first_event_date: datetime | None = None
    last_event_date: datetime | None = None
    price: Decimal | None = None
    currency: str = ""
    status: str = ""
    estimated_price_messages_sent: Decimal | None = None
    events: tuple[Event, ...] = ()


class Controlled(Struct, frozen=True, kw_only=True):
    """A command that was carried out. Source: reference verify §6 (B)."""

    status: str
    command: str = ""


def start(request: StartVerification) -> Plan[Started]:
    """Start a verification."""
    return Plan("POST", "json", Manner.FORM, texts(members(request)), read_started)


def check(request_id: str, code: str, *, ip_address: str | None = None) -> Plan[Checked]:
    """Check the code that a person typed."""
    said = {"request_id": request_id, "code": code, "ip_address": ip_address}
    return Plan("POST", "check/json", Manner.FORM, texts(said), read_checked)


def search(*request_ids: str) -> Plan[tuple[Verification, ...]]:
    """Look at one to ten verifications; a form too, which keeps secrets out of URLs.

    Source: reference verify §5 (B); POST (C).

    Raises:
        ValueError: no id at all.
    """
    if not request_ids:
        raise ValueError("a search needs at least one request id")
    params = {"request_id": request_ids[0]} if len(request_ids) == 1 else {"request_ids": request_ids}
    return Plan("POST", "search/json", Manner.FORM, params, read_found)


def control(request_id: str, command: Command) -> Plan[Controlled]:
    """Cancel a verification, or have its next message or call made now."""
    return Plan("POST", "control/json", Manner.FORM, {"request_id": request_id, "cmd": str(command)}, read_controlled)


def read_started(response: Response) -> Started:
    """The verification that was started.

    Raises:
        VerifyError: the status is not "0"; with 10 it names the request that runs already.
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    return fill(Started, _granted(response), response)


def read_checked(response: Response) -> Checked:
    """The code that was right.

    Raises:
        VerifyError: it was wrong (16, 17), or the request is over or unknown (6).
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    return fill(Checked, _granted(response), response)


def read_controlled(response: Response) -> Controlled:
    """The command that was carried out.

    Raises:
        VerifyError: it was not allowed (19), or the request is over or unknown (6).
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    return fill(Controlled, _granted(response), response)


def read_found(response: Response) -> tuple[Verification, ...]:
    """The verifications that were found, in the order of the reply.

    A reply with ``error_text`` is an error; the ``status`` of a verification is a word.

    Raises:
        VerifyError: none was found (101), or the question was wrong.
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.

    Source: reference verify §5 (C).
    """
    document = read_document(response)
    listed = document.get("verification_requests")
    if listed is None and ("error_text" in document or "request_id" not in document):
        raise _refused(document, response)
    found = [document] if listed is None else listed
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadReplyError(
            "the verifications are no list of objects", http_status=response.status, body=response.content
        )
    return tuple(fill(Verification, _dated(each), response) for each in found)


def _granted(response: Response) -> dict[str, Any]:
    document = read_document(response)
    if str(document.get("status")) != "0":
        raise _refused(document, response)
    return document


def _refused(document: Mapping[str, Any], response: Response) -> VerifyError | BadReplyError:
    if "status" not in document:
        return bad_reply("the reply has no status", response)
    return VerifyError(
        str(document.get("error_text", "no reason given")),
        http_status=response.status,
        code=str(document["status"]),
        request_id=str(document.get("request_id", "")),
        network=str(document.get("network", "")),
    )


def _dated(document: Mapping[str, Any]) -> dict[str, Any]:
    checks = [dated(each, "date_received") if isinstance(each, dict) else each for each in document.get("checks", ())]
    names = ("date_submitted", "date_finalized", "first_event_date", "last_event_date")
    return {**dated(document, *names), "checks": checks}
