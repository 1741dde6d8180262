"""The SMS API's commands, answers and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar

from msgspec import Struct

from fake_nexmo.core.records import Message, Record


class MessageType(Enum):
    """The ``type`` of a message. Source: reference sms §5 (B)."""

    TEXT = "text"
    UNICODE = "unicode"
    BINARY = "binary"
    WAPPUSH = "wappush"
    VCAL = "vcal"
    VCARD = "vcard"


class SmsRefusal(Enum):
    """Every refusal of ``/sms``: one member per row of the status table. Source: reference sms §3, §5, §7."""

    THROTTLED = "throttled"
    THROTTLED_ACCOUNT = "throttled_account"
    THROTTLED_PLAIN = "throttled_plain"
    MISSING_KEY = "missing_key"
    MISSING_SECRET = "missing_secret"  # noqa: S105 - the name of a row
    MISSING_FROM = "missing_from"
    MISSING_TO = "missing_to"
    MISSING_TEXT = "missing_text"
    MISSING_BODY = "missing_body"
    MISSING_TITLE = "missing_title"
    MISSING_URL = "missing_url"
    MISSING_VCARD = "missing_vcard"
    MISSING_VCAL = "missing_vcal"
    MISSING_PIN = "missing_pin"
    MISSING_KEYWORD = "missing_keyword"
    NOT_NUMERIC = "not_numeric"
    INVALID_TYPE = "invalid_type"
    INVALID_BODY = "invalid_body"
    INVALID_UDH = "invalid_udh"
    INVALID_PROTOCOL = "invalid_protocol"
    INVALID_PIN = "invalid_pin"
    INVALID_TEMPLATE = "invalid_template"
    BAD_CREDENTIALS = "bad_credentials"
    SERVER_ERROR = "server_error"
    UNROUTABLE = "unroutable"
    NUMBER_BARRED = "number_barred"
    ACCOUNT_BARRED = "account_barred"
    NO_CREDIT = "no_credit"
    TOO_MANY_BINDS = "too_many_binds"
    NOT_ENABLED = "not_enabled"
    TOO_LONG = "too_long"
    COMMUNICATION_FAILED = "communication_failed"
    INVALID_SIGNATURE = "invalid_signature"
    ILLEGAL_SENDER = "illegal_sender"
    INVALID_TTL = "invalid_ttl"
    UNREACHABLE = "unreachable"
    TOO_MANY_DESTINATIONS = "too_many_destinations"
    NOT_ALLOWED = "not_allowed"
    INVALID_CLASS = "invalid_class"
    INVALID_NETWORK = "invalid_network"
    CALLBACK_PROTOCOL = "callback_protocol"
    INVALID_CALLBACK = "invalid_callback"
    DEMO = "demo"
    SIGNATURE_AND_SECRET = "signature_and_secret"  # noqa: S105 - the name of a row
    DEACTIVATED = "deactivated"
    INVALID_MSISDN = "invalid_msisdn"
    CAMPAIGN_ACCOUNT = "campaign_account"
    OPTED_OUT = "opted_out"
    CAMPAIGN_SHORT_CODE = "campaign_short_code"
    CAMPAIGN_MSISDN = "campaign_msisdn"


class Row(Struct, frozen=True):
    """One row of the refusal table.

    Attributes:
        status: the number on the wire.
        text: the error text; ``{…}`` is filled from the refusal's facts.
        extra: which of the facts stand in the answer besides, in the order of the wire.
        mark: the evidence for the text.
    """

    status: int
    text: str
    extra: tuple[str, ...] = ()
    mark: str = "B"


# Source: reference sms §7, with the sub-cases of §3 and §5.
# Doubt: the texts marked D are ours, by analogy; programs should read the status.
ROWS: Mapping[SmsRefusal, Row] = {
    SmsRefusal.THROTTLED: Row(
        1, "Throughput Rate Exceeded - please wait [ {wait_ms} ] and retry", ("to", "network"), "A"
    ),
    SmsRefusal.THROTTLED_ACCOUNT: Row(
        1,
        "Exceeded maximum MT throughput[ MAX [ {max} ] INTERVAL [ 1000 ] COUNT [ {max} ]"
        " LAST INT-START [ {start_ms} ] TIME_SINCE_LAST_INTERVAL_START [ {since_ms} ]  ] ",
        mark="C",
    ),
    SmsRefusal.THROTTLED_PLAIN: Row(1, "Throttled"),
    SmsRefusal.MISSING_KEY: Row(2, "Missing api_key", mark="A"),
    SmsRefusal.MISSING_SECRET: Row(2, "Missing api_secret", mark="D"),
    SmsRefusal.MISSING_FROM: Row(2, "Missing from param", mark="A"),
    # Doubt: one tester reports "Missing from param" here; reference sms §18 takes this text at 75 %.
    SmsRefusal.MISSING_TO: Row(2, "Missing to param"),
    SmsRefusal.MISSING_TEXT: Row(2, "Missing Message Text", mark="A"),
    SmsRefusal.MISSING_BODY: Row(2, "Missing body param", mark="D"),
    SmsRefusal.MISSING_TITLE: Row(2, "Missing title param", mark="D"),
    SmsRefusal.MISSING_URL: Row(2, "Missing url param", mark="D"),
    SmsRefusal.MISSING_VCARD: Row(2, "Missing vcard param", mark="D"),
    SmsRefusal.MISSING_VCAL: Row(2, "Missing vcal param", mark="D"),
    SmsRefusal.MISSING_PIN: Row(2, "Missing pin param", mark="D"),
    SmsRefusal.MISSING_KEYWORD: Row(2, "Missing keyword param", mark="D"),
    SmsRefusal.NOT_NUMERIC: Row(3, "to address is not numeric", mark="A"),
    SmsRefusal.INVALID_TYPE: Row(3, "Invalid type", mark="D"),
    SmsRefusal.INVALID_BODY: Row(3, "Invalid body", mark="D"),
    SmsRefusal.INVALID_UDH: Row(3, "Invalid udh", mark="D"),
    SmsRefusal.INVALID_PROTOCOL: Row(3, "Invalid protocol-id", mark="D"),
    SmsRefusal.INVALID_PIN: Row(3, "Invalid pin", mark="D"),
    SmsRefusal.INVALID_TEMPLATE: Row(3, "Invalid template", mark="D"),
    SmsRefusal.BAD_CREDENTIALS: Row(4, "Bad Credentials", mark="A"),
    SmsRefusal.SERVER_ERROR: Row(5, "Server Error", mark="C"),
    SmsRefusal.UNROUTABLE: Row(6, "Unroutable message - rejected", ("to",), "A"),
    SmsRefusal.NUMBER_BARRED: Row(7, "Number barred.", ("to",), "C"),
    SmsRefusal.ACCOUNT_BARRED: Row(8, "Partner account barred"),
    SmsRefusal.NO_CREDIT: Row(9, "Quota Exceeded - rejected", ("to", "balance", "price", "network"), "A"),
    SmsRefusal.TOO_MANY_BINDS: Row(10, "Too Many Existing Binds"),
    SmsRefusal.NOT_ENABLED: Row(11, "Account not enabled for REST"),
    SmsRefusal.TOO_LONG: Row(12, "Message too long"),
    SmsRefusal.COMMUNICATION_FAILED: Row(13, "Communication Failed"),
    SmsRefusal.INVALID_SIGNATURE: Row(14, "Invalid Signature", mark="A"),
    SmsRefusal.ILLEGAL_SENDER: Row(15, "Illegal Sender Address - rejected", ("to",), "A"),
    SmsRefusal.INVALID_TTL: Row(16, "value for ttl field out of range", mark="A"),
    SmsRefusal.UNREACHABLE: Row(17, "Number unreachable", ("to",), "C"),
    SmsRefusal.TOO_MANY_DESTINATIONS: Row(18, "Too many destinations", mark="C"),
    SmsRefusal.NOT_ALLOWED: Row(19, "Facility not allowed"),
    SmsRefusal.INVALID_CLASS: Row(20, "Invalid Message class"),
    SmsRefusal.INVALID_NETWORK: Row(22, "Invalid Network Code"),
    SmsRefusal.CALLBACK_PROTOCOL: Row(23, "Bad callback :: Missing Protocol"),
    SmsRefusal.INVALID_CALLBACK: Row(23, "Invalid Callback URL"),
    SmsRefusal.DEMO: Row(29, "Non White-listed Destination - rejected", ("to",), "A"),
    SmsRefusal.SIGNATURE_AND_SECRET: Row(32, "Signature And API Secret Disallowed"),
    SmsRefusal.DEACTIVATED: Row(33, "Number De-activated", ("to",)),
    SmsRefusal.INVALID_MSISDN: Row(34, "Invalid or Missing Msisdn Param"),
    SmsRefusal.CAMPAIGN_ACCOUNT: Row(101, "Invalid Account for Campaign", mark="C"),
    SmsRefusal.OPTED_OUT: Row(102, "RESPONSE_MSISDN_OPTED_OUT_FOR_CAMPAIGN"),
    SmsRefusal.CAMPAIGN_SHORT_CODE: Row(102, "RESPONSE_INVALID_CAMPAIGN_SHORTCODE"),
    SmsRefusal.CAMPAIGN_MSISDN: Row(103, "RESPONSE_INVALID_MSISDN"),
}


class Content(Struct, frozen=True, gc=False):
    """What the types other than text and unicode carry, as it was given. Source: reference sms §5."""

    body: str = ""
    udh: str = ""
    protocol_id: str = ""
    title: str = ""
    url: str = ""
    validity: str = ""
    vcard: str = ""
    vcal: str = ""


class Send(Struct, frozen=True, gc=False):
    """What ``sms.send`` is asked to do, as it was given; nothing is judged yet.

    Attributes:
        to: without the one leading plus that is tolerated.
        wants_receipt: whether ``status-report-req`` leaves delivery receipts on.
        content: what is sent instead of the text, by types that have none.
    """

    sender: str
    to: str
    type: str
    text: str
    wants_receipt: bool = True
    callback: str = ""
    ttl: str = ""
    message_class: str = ""
    network_code: str = ""
    client_ref: str = ""
    account_ref: str = ""
    content: Content = Content()


class Sent(Struct, frozen=True, gc=False):
    """A message was accepted.

    Attributes:
        unlimited: the account's balance is not debited.
    """

    message: Message
    unlimited: bool


class Rejection(Record, frozen=True, kw_only=True, gc=False):
    """A submission that was refused, for the search of rejections. Its ``id`` is the message id it would have had.

    Attributes:
        row: the refusal, by the value of its member, and ``facts`` what its words are filled from.
        network: empty: nobody knows it.
    """

    collection: ClassVar[str] = "rejections"

    account: str
    sender: str
    to: str
    body: str
    network: str
    row: str
    facts: Mapping[str, Any]
    rejected_at: int

    def keys(self) -> tuple[str, ...]:
        return (f"to/{self.to}",)


class Conversion(Record, frozen=True, kw_only=True, gc=False):
    """What a customer says became of a message or a call: whether it led to what it was sent for.

    Attributes:
        product: ``sms`` or ``voice``.
        about: the id of the message or call; nobody looks whether there is one.
        converted_at: when, as the customer says, and ``reported_at`` when it was said.
    """

    collection: ClassVar[str] = "conversions"

    account: str
    product: str
    about: str
    delivered: bool
    converted_at: int
    reported_at: int

    def keys(self) -> tuple[str, ...]:
        return (f"{self.account}/{self.about}",)


class OptIn(Record, frozen=True, kw_only=True, gc=False):
    """A number and the alerts of an account's US short code. Its ``id`` is account and number.

    Attributes:
        opted_in_at: when it joined.
    """

    account: str
    number: str
    opted_in_at: int

    def keys(self) -> tuple[str, ...]:
        return (f"account/{self.account}",)
