"""Voice: make calls, look at them, and speak, play or press keys into them.

Every operation takes a token of an application.

Source: reference voice §4 to §8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from fake_nexmo_client.exchange import Manner, Plan, Response, members, segment, texts
from fake_nexmo_client.links import Links
from fake_nexmo_client.reading import embedded, fill, read_document, read_nothing
from fake_nexmo_client.words import CallAction


class PhoneEndpoint(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="phone"):
    """A telephone; ``dtmf_answer`` are keys that are pressed when it is answered, ``p`` waits half a second."""

    number: str = ""
    dtmf_answer: str | None = msgspec.field(default=None, name="dtmfAnswer")


class SipEndpoint(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="sip"):
    """A SIP address; each header arrives as ``X-<name>``."""

    uri: str = ""
    headers: dict[str, Any] = {}


class WebSocketEndpoint(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab", tag_field="type", tag="websocket"
):
    """A WebSocket that takes the sound of a call, such as ``audio/l16;rate=16000``."""

    uri: str = ""
    content_type: str | None = None
    headers: dict[str, Any] = {}


class VbcEndpoint(Struct, frozen=True, kw_only=True, tag_field="type", tag="vbc"):
    """An extension of the vendor's business telephones."""

    extension: str = ""


class AppEndpoint(Struct, frozen=True, kw_only=True, tag_field="type", tag="app"):
    """A user of the application."""

    user: str = ""


Endpoint: TypeAlias = PhoneEndpoint | SipEndpoint | WebSocketEndpoint | VbcEndpoint | AppEndpoint
HttpMethod: TypeAlias = Literal["GET", "POST"]
T = TypeVar("T")
Action: TypeAlias = CallAction | Literal["hangup", "mute", "unmute", "earmuff", "unearmuff"]


class CreateCall(Struct, frozen=True, kw_only=True):
    """A call to make; what is None is not sent.

    Attributes:
        to: who is called.
        sender: who appears to call; without it, say ``random_from_number``.
        answer_url: where the actions of the call are fetched from; or give them in ``ncco``.
        machine_detection: what to do when a machine answers.
        length_timer: the longest that the call may last, in seconds.
        ringing_timer: the longest that it may ring, in seconds.

    Source: reference voice §4.1 (B).
    """

    to: Endpoint
    sender: Endpoint | None = msgspec.field(default=None, name="from")
    random_from_number: bool | None = None
    answer_url: str | None = None
    answer_method: HttpMethod | None = None
    ncco: Sequence[Mapping[str, Any]] | None = None
    event_url: str | None = None
    event_method: HttpMethod | None = None
    machine_detection: Literal["continue", "hangup"] | None = None
    length_timer: int | None = None
    ringing_timer: int | None = None


class CreatedCall(Struct, frozen=True, kw_only=True):
    """A call that is on its way. Source: reference voice §4.5 (A)."""

    uuid: str
    conversation_uuid: str
    direction: str
    status: str


class CallInfo(Struct, frozen=True, kw_only=True):
    """A call as it stands; money is EUR, ``rate`` by the minute, ``duration`` seconds.

    What is not known before the answer or the end is None or empty.

    Source: reference voice §6 (A).
    """

    uuid: str
    conversation_uuid: str = ""
    to: Endpoint | None = None
    sender: Endpoint | None = msgspec.field(default=None, name="from")
    status: str = ""
    direction: str = ""
    rate: Decimal | None = None
    price: Decimal | None = None
    duration: int | None = None
    network: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None


class SearchCalls(Struct, frozen=True, kw_only=True):
    """Which calls to list; what is None is not sent.

    Attributes:
        date_start: calls made after this instant; without a zone it is UTC, as is ``date_end``.
        record_index: which page, from 0.

    Source: reference voice §5.1 (B).
    """

    status: str | None = None
    date_start: datetime | None = None
    date_end: datetime | None = None
    page_size: int | None = None
    record_index: int | None = None
    order: Literal["asc", "desc"] | None = None
    conversation_uuid: str | None = None


class CallPage(Struct, frozen=True, kw_only=True):
    """One page of calls; ``count`` is that of all pages. Source: reference voice §5.2 (A)."""

    count: int
    page_size: int
    record_index: int
    calls: tuple[CallInfo, ...] = ()
    links: Links = Links()


class Transfer(Struct, frozen=True, kw_only=True):
    """Go on with other actions: give them in ``ncco``, or where to fetch them. Source: reference voice §7 (B)."""

    url: str | None = None
    ncco: Sequence[Mapping[str, Any]] | None = None


class Stream(Struct, frozen=True):
    """Sound to play; ``loop`` 0 repeats for ever, ``level`` is -1 to 1. Source: reference voice §8.1 (B)."""

    url: str
    loop: int | None = None
    level: float | None = None


class Talk(Struct, frozen=True):
    """Text to speak; ``loop`` 0 repeats for ever, ``level`` is -1 to 1. Source: reference voice §8.2 (B)."""

    text: str
    voice_name: str | None = None
    language: str | None = None
    style: int | None = None
    premium: bool | None = None
    loop: int | None = None
    level: float | None = None


class CallDone(Struct, frozen=True, kw_only=True):
    """What was done to a call, in the vendor's words. Source: reference voice §8 (B)."""

    message: str = ""
    uuid: str = ""


def create(request: CreateCall) -> Plan[CreatedCall]:
    """Make a call."""
    said = members(request)
    said["to"] = [said["to"]]
    for name in ("answer_url", "event_url"):
        if name in said:
            said[name] = [said[name]]
    return Plan("POST", "", Manner.TOKEN_JSON, said, lambda response: _fill(CreatedCall, response))


def search(request: SearchCalls) -> Plan[CallPage]:
    """List calls."""
    dates = {name: _utc(getattr(request, name)) for name in ("date_start", "date_end")}
    return Plan("GET", "", Manner.TOKEN_QUERY, texts({**members(request), **dates}), read_page)


def get(uuid: str) -> Plan[CallInfo]:
    """Look at one call."""
    return Plan("GET", segment(uuid), Manner.TOKEN_QUERY, {}, read_call)


def modify(uuid: str, action: Action | Transfer) -> Plan[None]:
    """Hang up, mute, transfer a call."""
    if isinstance(action, Transfer):
        said = members(action)
        if "url" in said:
            said["url"] = [said["url"]]
        body: dict[str, Any] = {"action": "transfer", "destination": {"type": "ncco", **said}}
    else:
        body = {"action": str(action)}
    return Plan("PUT", segment(uuid), Manner.TOKEN_JSON, body, read_nothing)


def stream(uuid: str, request: Stream) -> Plan[CallDone]:
    """Play sound into a call."""
    said = members(request)
    said["stream_url"] = [said.pop("url")]
    return _put(uuid, "stream", said)


def stop_stream(uuid: str) -> Plan[CallDone]:
    """Stop the sound."""
    return _stop(uuid, "stream")


def talk(uuid: str, request: Talk) -> Plan[CallDone]:
    """Speak into a call."""
    return _put(uuid, "talk", members(request))


def stop_talk(uuid: str) -> Plan[CallDone]:
    """Stop speaking."""
    return _stop(uuid, "talk")


def send_dtmf(uuid: str, digits: str) -> Plan[CallDone]:
    """Press keys into a call: ``0-9``, ``*``, ``#``, and ``p`` for half a second of silence."""
    return _put(uuid, "dtmf", {"digits": digits})


def read_call(response: Response) -> CallInfo:
    """A call.

    Raises:
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    return fill(CallInfo, _one_to(read_document(response)), response)


def read_page(response: Response) -> CallPage:
    """A page of calls.

    Raises:
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    document = read_document(response)
    calls = [_one_to(each) for each in embedded(document, "calls")]
    return fill(CallPage, {**document, "calls": calls, "links": document.get("_links", {})}, response)


def _utc(instant: datetime | None) -> str | None:
    # The vendor's form: ISO 8601 that ends in Z. Source: reference voice §5.1 (B).
    if instant is None:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _put(uuid: str, what: str, body: Mapping[str, Any]) -> Plan[CallDone]:
    path = f"{segment(uuid)}/{what}"
    return Plan("PUT", path, Manner.TOKEN_JSON, body, lambda response: _fill(CallDone, response))


def _stop(uuid: str, what: str) -> Plan[CallDone]:
    path = f"{segment(uuid)}/{what}"
    return Plan("DELETE", path, Manner.TOKEN_QUERY, {}, lambda response: _fill(CallDone, response))


def _fill(kind: type[T], response: Response) -> T:
    return fill(kind, read_document(response), response)


def _one_to(document: Any) -> Any:
    # Older documents have a list of one. Source: reference voice §6 (B).
    to = document.get("to") if isinstance(document, dict) else None
    return {**document, "to": to[0]} if isinstance(to, list) and to else document
