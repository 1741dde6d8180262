"""The SMS API's commands, answers and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from fake_nexmo.core.records import Message


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
    NOT_NUMERIC = "not_numeric"
    INVALID_TYPE = "invalid_type"
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
    SmsRefusal.NOT_NUMERIC: Row(3, "to address is not numeric", mark="A"),
    SmsRefusal.INVALID_TYPE: Row(3, "Invalid type", mark="D"),
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


class Send(Struct, frozen=True, gc=False):
    """What ``sms.send`` is asked to do, as it was given; nothing is judged yet.

    Attributes:
        to: without the one leading plus that is tolerated.
        wants_receipt: whether ``status-report-req`` leaves delivery receipts on.
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


class Sent(Struct, frozen=True, gc=False):
    """A message was accepted.

    Attributes:
        unlimited: the account's balance is not debited.
    """

    message: Message
    unlimited: bool
