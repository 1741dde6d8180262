"""What webhooks say, as typed objects.

Names are those of the rest of this package: in a receipt the vendor's ``msisdn`` is the recipient, in an inbound SMS
it is the sender.

Source: reference sms §10.2, §11; ncco §4.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct


class Receipt(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What became of one part of a message.

    Attributes:
        recipient: whom the message was sent to.
        sender: whom it was sent from.
        status: a word of `ReceiptStatus`.
        err_code: 0 for a message that arrived.
        scts: the carrier's time, as ``YYMMDDHHMM``.
        message_timestamp: when the receipt was sent; ``timestamp`` is the same in Unix seconds.

    Source: reference sms §10.2 (A).
    """

    recipient: str = msgspec.field(name="msisdn")
    sender: str = msgspec.field(default="", name="to")
    network_code: str = ""
    message_id: str = msgspec.field(name="messageId")
    price: Decimal | None = None
    status: str
    scts: str = ""
    err_code: int = 0
    api_key: str = ""
    client_ref: str = ""
    message_timestamp: datetime | None = None
    timestamp: int | None = None


class InboundSms(Struct, frozen=True, kw_only=True, rename="kebab"):
    """A message, or one part of it, to a number of the account.

    Attributes:
        sender: whose phone it came from.
        to: the account's number.
        concat: it is one of ``concat_total`` parts of the message ``concat_ref``; parts come in any order.
        keyword: its first word, in capitals.
        data: of a binary message, in hexadecimal.

    Source: reference sms §11 (A).
    """

    sender: str = msgspec.field(name="msisdn")
    to: str
    message_id: str = msgspec.field(name="messageId")
    text: str = ""
    type: str = "text"
    keyword: str = ""
    concat: bool = False
    concat_ref: int | None = None
    concat_total: int | None = None
    concat_part: int | None = None
    data: str = ""
    udh: str = ""
    api_key: str = ""
    message_timestamp: datetime | None = None
    timestamp: int | None = None


class CallStatusEvent(Struct, frozen=True, kw_only=True):
    """A leg of a call has another status; money is EUR.

    Attributes:
        status: a word of `CallStatus`, or ``human``, ``disconnected``.
        detail: why, when it failed or was not answered.
        sub_state: ``beep_start`` or ``beep_timeout`` of a machine.
        disconnected_by: ``user`` or ``platform``.

    Source: reference ncco §4.4 (A).
    """

    uuid: str = ""
    conversation_uuid: str = ""
    status: str
    direction: str = ""
    sender: str = msgspec.field(default="", name="from")
    to: str = ""
    timestamp: datetime | None = None
    detail: str = ""
    sub_state: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    duration: int | None = None
    rate: Decimal | None = None
    price: Decimal | None = None
    network: str = ""
    sip_code: int | None = None
    disconnected_by: str = ""
    headers: dict[str, Any] = {}


class TransferEvent(Struct, frozen=True, kw_only=True):
    """A leg has gone to another conversation. Source: reference ncco §4.4 (A)."""

    uuid: str = ""
    conversation_uuid_from: str
    conversation_uuid_to: str
    timestamp: datetime | None = None


class Dtmf(Struct, frozen=True, kw_only=True):
    """Keys that were pressed."""

    digits: str = ""
    timed_out: bool = False


class Heard(Struct, frozen=True, kw_only=True):
    """A reading of what was said, and how sure it is, up to 1."""

    text: str = ""
    confidence: float = 0.0


class Speech(Struct, frozen=True, kw_only=True):
    """What was said, the likeliest reading first."""

    results: tuple[Heard, ...] = ()
    timeout_reason: str = ""
    error: str = ""
    recording_url: str = ""


class InputEvent(Struct, frozen=True, kw_only=True):
    """Somebody has pressed keys or spoken; the answer to it may be actions. Source: reference ncco §4.7 (A)."""

    uuid: str = ""
    conversation_uuid: str = ""
    sender: str = msgspec.field(default="", name="from")
    to: str = ""
    dtmf: Dtmf = Dtmf()
    speech: Speech | None = None
    timestamp: datetime | None = None


class RecordEvent(Struct, frozen=True, kw_only=True):
    """A recording is ready; ``size`` in bytes. Source: reference ncco §4.6 (A)."""

    recording_url: str
    recording_uuid: str = ""
    conversation_uuid: str = ""
    size: int | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    timestamp: datetime | None = None


class TranscriptionEvent(Struct, frozen=True, kw_only=True):
    """The text of a recording is ready. Source: reference ncco §4.6 (B)."""

    transcription_url: str
    recording_uuid: str = ""
    conversation_uuid: str = ""
    status: str = ""


class NotifyEvent(Struct, frozen=True, kw_only=True):
    """A ``notify`` action was reached; the answer to it may be actions. Source: reference ncco §4.9 (B)."""

    payload: Any = None
    conversation_uuid: str = ""
    timestamp: datetime | None = None


class ErrorEvent(Struct, frozen=True, kw_only=True):
    """Something went wrong in a call. Source: reference ncco §4.5, §4.10 (B)."""

    reason: str
    uuid: str = ""
    conversation_uuid: str = ""
    sender: str = msgspec.field(default="", name="from")
    to: str = ""
    original_request: dict[str, Any] = {}
    timestamp: datetime | None = None


class AnswerRequest(Struct, frozen=True, kw_only=True):
    """A call was answered, and the service asks what to do; the answer is actions. Source: reference ncco §4.3 (A)."""

    uuid: str
    conversation_uuid: str = ""
    sender: str = msgspec.field(default="", name="from")
    to: str = ""
    from_user: str = ""
    endpoint_type: str = ""
    region_url: str = ""
    custom_data: Any = None


CallEvent: TypeAlias = (
    CallStatusEvent | TransferEvent | InputEvent | RecordEvent | TranscriptionEvent | NotifyEvent | ErrorEvent
)
