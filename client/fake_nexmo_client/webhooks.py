"""Helpers for a program that receives webhooks: read the request, know that it is genuine, get a typed object.

A request reaches a program as query, form or JSON, whichever the account's settings say; `read_params` makes one
mapping of them. SMS webhooks are signed by a ``sig`` among the parameters, those of calls by a token in the
``Authorization`` header that holds a hash of what was sent.

>>> params = read_params(query="msisdn=447700900001&to=Acme&messageId=0C0000005A17E3B2&status=delivered&err-code=0")
>>> parse_receipt(params).status
'delivered'
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from fake_nexmo_client.errors import WebhookError
from fake_nexmo_client.events import (
    AnswerRequest,
    CallEvent,
    CallStatusEvent,
    ErrorEvent,
    InboundSms,
    InputEvent,
    NotifyEvent,
    Receipt,
    RecordEvent,
    TranscriptionEvent,
    TransferEvent,
)
from fake_nexmo_client.insight import AdvancedInsight, with_roaming
from fake_nexmo_client.reading import convert, dated, tidy
from fake_nexmo_client.signatures import SignatureMethod, is_signed

if TYPE_CHECKING:
    from jwt.types import Options

T = TypeVar("T")

MAX_AGE_S: Final = 300.0
"""How far the instant of a signature may be from now. Source: reference auth §4.1 (C): what Java allows."""


_DIGITS_MAX: Final = 20


class TokenClaims(Struct, frozen=True, kw_only=True):
    """What a genuine token says. Source: reference auth §7.3 (B)."""

    iat: int
    jti: str = ""
    iss: str = ""
    payload_hash: str
    api_key: str = ""
    application_id: str = ""


def read_params(*, query: str = "", body: bytes = b"", content_type: str = "") -> dict[str, Any]:
    """The parameters of a webhook, however it was sent.

    Args:
        query: what stands behind the question mark, still encoded.
        body: as it came.
        content_type: the header of that name; JSON is known by it, or by its opening brace.

    Raises:
        WebhookError: the body is no JSON object although it says so.

    Source: reference webhooks §2 (B).
    """
    params: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    if "json" in content_type or body.lstrip()[:1] == b"{":
        params |= _json_object(body)
    elif body:
        try:
            params |= dict(parse_qsl(body.decode(), keep_blank_values=True))
        except UnicodeDecodeError as error:
            raise WebhookError("the body is no UTF-8") from error
    return params


def check_sms_signature(
    params: Mapping[str, Any],
    signature_secret: str,
    method: SignatureMethod = "md5hash",
    *,
    now_s: float | None = None,
    max_age_s: float | None = MAX_AGE_S,
) -> None:
    """Nothing for a receipt or inbound SMS that the account's secret signed just now.

    Args:
        params: all of them, as `read_params` gives them; with the URL's own query taken out when the webhook is a POST.
        signature_secret: of the account.
        method: the one that the account's settings name.
        now_s: Unix seconds; absent: the wall's clock.
        max_age_s: how old or new ``timestamp`` may be; None: any.

    Raises:
        WebhookError: the signature is absent or wrong, or the timestamp is too far from now.

    >>> params = {"msisdn": "447700900001", "to": "447700900000", "messageId": "0C00000012AB34CD", "text": "Hello"}
    >>> params |= {"type": "text", "message-timestamp": "2020-09-13 12:26:41", "timestamp": "1600000001"}
    >>> params["sig"] = "62b813fc9c4cb653d0db44489117f6a8"
    >>> check_sms_signature(params, "s3cr3tS1gnKey", now_s=1600000060)

    Source: reference sms §4 (B).
    """
    # A value that is no text cannot have been signed: the service sends texts only.
    given = {name: value for name, value in params.items() if isinstance(value, str)}
    if len(given) < len(params) or not is_signed(given, signature_secret, method):
        raise WebhookError("the signature is wrong")
    _check_age(_seconds(given.get("timestamp", "")), now_s, max_age_s)


def check_token(
    authorization: str,
    signature_secret: str,
    *,
    body: bytes = b"",
    query: str = "",
    now_s: float | None = None,
    max_age_s: float | None = MAX_AGE_S,
) -> TokenClaims:
    """What the token of a webhook says, when the account's secret signed it for just this request.

    Args:
        authorization: the header of that name.
        signature_secret: of the account.
        body: of a POST, as it came: not one byte may differ.
        query: of a GET, still encoded, without what the configured URL had already.
        now_s: Unix seconds; absent: the wall's clock.
        max_age_s: how old or new the token may be; None: any.

    Raises:
        WebhookError: it is no token of this secret, it was made for another request, or it is too far from now.

    Source: reference auth §7 (B); the hash of a GET (B, by support).
    Doubt: whether every GET has a hash is not certain; a token without one is refused, since it would fit any request.
    """
    claims = _claims(authorization, signature_secret)
    signed = body if body or not query else _as_json(query)
    if not hmac.compare_digest(hashlib.sha256(signed).hexdigest().encode(), claims.payload_hash.lower().encode()):
        raise WebhookError("the request is not the one that was signed")
    _check_age(claims.iat, now_s, max_age_s)
    return claims


def parse_receipt(params: Mapping[str, Any]) -> Receipt:
    """A delivery receipt.

    Raises:
        WebhookError: it is none.
    """
    return _parse(Receipt, dated(tidy(params), "message-timestamp"))


def parse_inbound_sms(params: Mapping[str, Any]) -> InboundSms:
    """A message to a number of the account, or a part of one.

    Raises:
        WebhookError: it is none.

    >>> sms = parse_inbound_sms({"msisdn": "447700900001", "to": "447700900000", "messageId": "01", "text": "STOP"})
    >>> sms.sender, sms.text
    ('447700900001', 'STOP')
    """
    return _parse(InboundSms, dated(tidy(params), "message-timestamp"))


def parse_insight(params: Mapping[str, Any]) -> AdvancedInsight:
    """What an asynchronous lookup found; look at its ``status``.

    Raises:
        WebhookError: it is none.

    >>> parse_insight({"status": 0, "request_id": "b3c1de42", "reachable": "reachable"}).reachable
    'reachable'

    Source: reference number-insight §7 (B).
    """
    return _parse(AdvancedInsight, with_roaming(tidy(params)))


def parse_answer(params: Mapping[str, Any]) -> AnswerRequest:
    """The question what to do with a call; answer it with a list of actions.

    Raises:
        WebhookError: it is none.

    >>> parse_answer({"uuid": "63f61863", "from": "447700900001", "to": "447700900000"}).to
    '447700900000'
    """
    return _parse(AnswerRequest, _unfolded(params))


def parse_call_event(params: Mapping[str, Any]) -> CallEvent:
    """An event of a call; which kind shows by what it says.

    Raises:
        WebhookError: it is none.

    >>> event = parse_call_event({"uuid": "63f61863", "status": "ringing", "direction": "outbound"})
    >>> type(event).__name__, event.status
    ('CallStatusEvent', 'ringing')

    Source: reference ncco §4.4 to §4.10 (A/B).
    """
    said = _unfolded(params)
    kind = next((kind for name, kind in _KINDS if name in said), None)
    if kind is None:
        raise WebhookError("this is no event of a call")
    if "call_uuid" in said:
        # Machine detection writes it so. Source: reference ncco §4.4 (B).
        said.setdefault("uuid", said["call_uuid"])
    if isinstance(said.get("dtmf"), str) or "timed_out" in said:
        # Until 2020 keys were plain text. Source: reference ncco §4.7 (B).
        said["dtmf"] = {"digits": said.get("dtmf", ""), "timed_out": said.get("timed_out", False)}
    return _parse(kind, said)


# Which member shows which kind, in the order of asking: a transcription has a status, a fallback what it fell from.
# Source: reference ncco §4.4 to §4.10 (A/B).
_KINDS: Final[tuple[tuple[str, type[CallEvent]], ...]] = (
    ("reason", ErrorEvent),
    ("transcription_url", TranscriptionEvent),
    ("recording_url", RecordEvent),
    ("conversation_uuid_to", TransferEvent),
    ("dtmf", InputEvent),
    ("speech", InputEvent),
    ("payload", NotifyEvent),
    ("status", CallStatusEvent),
)

# Members that a GET carries as JSON text. Source: reference ncco §4.1 (A).
_NESTED: Final = ("dtmf", "speech", "payload", "headers", "original_request", "custom_data")
# The application's own; nothing in them is tidied away.
_FOREIGN: Final = ("payload", "headers", "custom_data")


def _unfolded(params: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a voice webhook: nested ones as objects, empty ones left out."""
    nested = {name: _from_text(params[name]) for name in _NESTED if params.get(name) is not None}
    kept = {name: value for name, value in nested.items() if name in _FOREIGN}
    empty = {"dtmf": ""} if nested.get("dtmf") == "" else {}
    return {**tidy({**params, **nested}), **empty, **kept}


def _from_text(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _parse(kind: type[T], document: Mapping[str, Any]) -> T:
    try:
        return convert(kind, document)
    except msgspec.ValidationError as error:
        raise WebhookError(str(error)) from error


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:  # the second: too deep, as only an attacker nests
        raise WebhookError("the body is no JSON") from error
    if not isinstance(document, dict):
        raise WebhookError("the body is no JSON object")
    return document


def _claims(authorization: str, secret: str) -> TokenClaims:
    import jwt

    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise WebhookError("there is no token, or no secret to check it with")
    # Age is judged by us, both ways, whatever the clocks of this machine and of the service are.
    unjudged: Options = {"verify_iat": False, "verify_nbf": False}
    try:
        claims = jwt.decode(token.strip(), secret, algorithms=["HS256"], options=unjudged)
    except jwt.InvalidTokenError as error:
        raise WebhookError(f"the token is wrong: {error}") from error
    return _parse(TokenClaims, claims)


def _as_json(query: str) -> bytes:
    """What is hashed of a GET: its parameters as compact JSON, in their order. Source: reference auth §7.4 (B)."""
    params = dict(parse_qsl(query, keep_blank_values=True))
    return json.dumps(params, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _seconds(text: str) -> int | None:
    """Unix seconds; None for what is no such number, one too long to be read included."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else None


def _check_age(made_s: int | None, now_s: float | None, max_age_s: float | None) -> None:
    if max_age_s is None:
        return
    now = time.time() if now_s is None else now_s
    if made_s is None or abs(now - made_s) > max_age_s:
        raise WebhookError("it was signed too long ago, or by a clock that is wrong")
