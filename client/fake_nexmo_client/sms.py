"""SMS: what is sent, what is answered, and the plan of the operation.

Source: reference sms §5 to §7.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import Struct

from fake_nexmo_client.errors import SmsError
from fake_nexmo_client.exchange import Manner, Plan, Response, members, texts
from fake_nexmo_client.reading import fill, read_document
from fake_nexmo_client.words import MessageType


class Sms(Struct, frozen=True, kw_only=True, rename="kebab"):
    """A message to send; what is None is not sent, and the service's default holds.

    Attributes:
        sender: a number of the account or up to eleven letters and digits.
        to: the recipient's number in international form.
        text: of a ``text`` or ``unicode`` message.
        body: of a ``binary`` message, in hexadecimal.
        udh: the user data header of a binary message, in hexadecimal.
        ttl: how long delivery is tried, in milliseconds.
        validity: of a ``wappush``, in milliseconds.
        callback: where receipts go, instead of the account's URL.
        message_class: 0 shows the message at once.
        client_ref: comes back in the reply and in receipts.

    Source: reference sms §5 (B).
    """

    sender: str = msgspec.field(name="from")
    to: str
    text: str | None = None
    type: MessageType | Literal["text", "unicode", "binary", "wappush", "vcal", "vcard"] | None = None
    body: str | None = None
    udh: str | None = None
    protocol_id: int | None = None
    title: str | None = None
    url: str | None = None
    validity: int | None = None
    vcard: str | None = None
    vcal: str | None = None
    status_report_req: bool | None = None
    ttl: int | None = None
    callback: str | None = None
    message_class: int | None = None
    client_ref: str | None = None
    account_ref: str | None = None
    entity_id: str | None = None
    content_id: str | None = None


class SmsPart(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What became of one part of a message.

    Attributes:
        status: "0" when it was accepted.
        remaining_balance: of the account, in EUR, after this part.
        message_price: of this part, in EUR.
        network: MCC and MNC of the recipient's network.

    Source: reference sms §6 (A).
    """

    status: str
    to: str = ""
    message_id: str = ""
    error_text: str = ""
    remaining_balance: Decimal | None = None
    message_price: Decimal | None = None
    network: str = ""
    client_ref: str = ""
    account_ref: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the service took it."""
        return self.status == "0"


class SmsReply(Struct, frozen=True, kw_only=True, rename="kebab"):
    """The parts that a message was cut into, at least one. Source: reference sms §6 (A)."""

    message_count: int
    messages: tuple[SmsPart, ...]


def send(message: Sms) -> Plan[SmsReply]:
    """Send a message; a form, as documented.

    Source: reference sms §1, §2 (B).
    """
    return Plan("POST", "json", Manner.FORM, texts(members(message)), read_reply, signed=True)


def read_reply(response: Response) -> SmsReply:
    """The parts of a message that was accepted as a whole.

    Raises:
        SmsError: a part was refused.
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    reply = fill(SmsReply, read_document(response), response)
    if all(part.accepted for part in reply.messages):
        return reply
    raise SmsError(reply, http_status=response.status)
