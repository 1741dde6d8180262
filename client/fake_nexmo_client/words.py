"""The vendor's words: what fields of replies may say, and what requests may.

Replies keep their words as plain text, so that a word the vendor adds tomorrow is no error; these enumerations are
texts too, so ``reply.ported == PortedStatus.PORTED`` works.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class MessageType(StrEnum):
    """What an SMS is. Source: reference sms §5 (B)."""

    TEXT = "text"
    UNICODE = "unicode"
    BINARY = "binary"
    WAPPUSH = "wappush"
    VCAL = "vcal"
    VCARD = "vcard"


class PortedStatus(StrEnum):
    """Whether a number has left its first network. Source: reference number-insight §6.3 (B)."""

    PORTED = "ported"
    NOT_PORTED = "not_ported"
    ASSUMED_PORTED = "assumed_ported"
    ASSUMED_NOT_PORTED = "assumed_not_ported"
    UNKNOWN = "unknown"


class NetworkType(StrEnum):
    """What kind of network a number is in. Source: reference number-insight §6.3 (B)."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    LANDLINE_PREMIUM = "landline_premium"
    LANDLINE_TOLLFREE = "landline_tollfree"
    VIRTUAL = "virtual"
    UNKNOWN = "unknown"
    PAGER = "pager"


class CallerType(StrEnum):
    """Whose name a lookup found. Source: reference number-insight §6.5 (B)."""

    BUSINESS = "business"
    CONSUMER = "consumer"
    UNKNOWN = "unknown"


class ValidNumberStatus(StrEnum):
    """Whether a number exists. Source: reference number-insight §6.4 (B)."""

    VALID = "valid"
    NOT_VALID = "not_valid"
    UNKNOWN = "unknown"
    INFERRED = "inferred"
    INFERRED_NOT_VALID = "inferred_not_valid"


class ReachableStatus(StrEnum):
    """Whether a phone can be reached now. Source: reference number-insight §6.4 (B)."""

    REACHABLE = "reachable"
    UNDELIVERABLE = "undeliverable"
    ABSENT = "absent"
    BAD_NUMBER = "bad_number"
    BLACKLISTED = "blacklisted"
    UNKNOWN = "unknown"


class RoamingStatus(StrEnum):
    """Whether a phone is in a foreign network. Source: reference number-insight §6.4 (B)."""

    ROAMING = "roaming"
    NOT_ROAMING = "not_roaming"
    UNKNOWN = "unknown"


class LookupOutcome(IntEnum):
    """How much an advanced lookup found. Source: reference number-insight §6.4 (B)."""

    SUCCESS = 0
    PARTIAL = 1
    FAILED = 2


class VerifyStatus(StrEnum):
    """Where a verification stands. Source: reference verify §5 (B)."""

    IN_PROGRESS = "IN PROGRESS"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class VerifyCommand(StrEnum):
    """What can be done to a running verification. Source: reference verify §6 (B)."""

    CANCEL = "cancel"
    TRIGGER_NEXT_EVENT = "trigger_next_event"


class CallAction(StrEnum):
    """What can be done to a running call, beside a transfer. Source: reference voice §7 (B)."""

    HANGUP = "hangup"
    MUTE = "mute"
    UNMUTE = "unmute"
    EARMUFF = "earmuff"
    UNEARMUFF = "unearmuff"


class CallStatus(StrEnum):
    """Where a call stands. Source: reference voice §9.1 (B)."""

    STARTED = "started"
    RINGING = "ringing"
    ANSWERED = "answered"
    MACHINE = "machine"
    COMPLETED = "completed"
    BUSY = "busy"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    UNANSWERED = "unanswered"


class ReceiptStatus(StrEnum):
    """What a delivery receipt says. Source: reference sms §10.2 (B)."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    BUFFERED = "buffered"
    EXPIRED = "expired"
    FAILED = "failed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
