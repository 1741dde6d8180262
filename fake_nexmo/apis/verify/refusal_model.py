"""How the refusals of the Verify API read: two tables, for two stacks with two manners. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from msgspec import Struct

from fake_nexmo.apis.verify.model import VerifyRefusal


class Row(Struct, frozen=True):
    """One row of the status table.

    Attributes:
        status: the number on the wire, a text there.
        text: the error text; ``{…}`` is filled from the refusal's facts, and ``{platform}`` by the profile.
        extra: which of the facts stand in the answer besides.
        text_2020: the text of the profile ``2020``, where it differs; empty: it does not.
        mark: the evidence for the text.
    """

    status: str
    text: str
    extra: frozenset[str] = frozenset()
    text_2020: str = ""
    mark: str = "B"


_ID = frozenset({"request_id"})
_NETWORK = frozenset({"network"})
_BLOCKLISTED = "The number you are trying to verify is {}listed for verification"
_UNABLE = "The {platform} platform was unable to process this message for the following reason: "

# Source: reference verify §2, §3, §4, §5, §6, §12.
ROWS: Mapping[VerifyRefusal, Row] = {
    VerifyRefusal.THROTTLED: Row("1", "Throttled"),
    VerifyRefusal.MISSING_KEY: Row("2", "Missing api_key", mark="A"),
    VerifyRefusal.MISSING_SECRET: Row("2", "Missing api_secret", mark="D"),
    VerifyRefusal.MISSING: Row("2", "Your request is incomplete and missing the mandatory parameter: {name}", mark="A"),
    VerifyRefusal.INVALID: Row("3", "Invalid value for param: {name}", mark="A"),
    # The two calls that start say it in other words: see `BAD_CREDENTIALS_AT_START`.
    VerifyRefusal.BAD_CREDENTIALS: Row("4", "Bad credentials"),
    VerifyRefusal.INTERNAL: Row("5", "Internal Error"),
    VerifyRefusal.UNROUTABLE: Row("6", _UNABLE + "The request could not be routed."),
    VerifyRefusal.CLOSED: Row("6", _UNABLE + "Request '{id}' was not found or it has been verified already.", _ID),
    VerifyRefusal.NOT_ACTIVE: Row("6", "The requestId '{id}' does not exist or its no longer active."),
    VerifyRefusal.BLOCKED: Row("7", _BLOCKLISTED.format("block"), _NETWORK, _BLOCKLISTED.format("black")),
    # Doubt: which of the texts of 7 goes with what is blocked; in 2020 there is one for both.
    VerifyRefusal.NETWORK_BLOCKED: Row(
        "7",
        "The network you are trying to verify has been blocked due to possible fraudulent activity",
        _NETWORK,
        _BLOCKLISTED.format("black"),
    ),
    VerifyRefusal.BARRED: Row(
        "8", "The api_key you supplied is for an account that has been barred from submitting messages"
    ),
    VerifyRefusal.NO_CREDIT: Row("9", "Partner quota exceeded"),
    VerifyRefusal.CONCURRENT: Row(
        "10", "Concurrent verifications to the same number are not allowed", frozenset({"request_id", "network_today"})
    ),
    VerifyRefusal.UNSUPPORTED_NETWORK: Row("15", "The destination number is not in a supported network"),
    VerifyRefusal.WRONG_CODE: Row("16", "The code provided does not match the expected value", _ID),
    VerifyRefusal.TRIES_SPENT: Row("17", "The wrong code was provided too many times. Request terminated", _ID),
    VerifyRefusal.TOO_MANY_IDS: Row("18", "Too many request_ids provided"),
    VerifyRefusal.TOO_EARLY: Row("19", "Verification request ['{id}'] can't be cancelled within the first 30 seconds."),
    # The two blanks are the service's.
    VerifyRefusal.TOO_LATE: Row(
        "19",
        "Verification request  ['{id}'] can't be cancelled now. "
        "Too many attempts to re-deliver have already been made.",
    ),
    VerifyRefusal.NO_EVENTS: Row("19", "No more events are left to execute for the request ['{id}']"),
    VerifyRefusal.NO_PIN_CODE: Row("20", "This account does not support the parameter: pin_code."),
    VerifyRefusal.DEMO: Row(
        "29",
        "Your Vonage account is still in demo mode. While in demo mode you must add target numbers to the approved "
        "list for your account. Add funds to your account to remove this limitation.",
    ),
    VerifyRefusal.NOT_FOUND: Row("101", "No response found"),
}

BAD_CREDENTIALS_AT_START: Final = "Invalid credentials were provided"
"""The text of status 4 where a verification starts. Source: reference verify §2 (B)."""


class ProblemRefusal(Enum):
    """The refusals of ``/verify/network-unblock`` and ``/verify/templates``. Source: reference verify §8, §9.4."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NO_BLOCK = "no_block"
    BAD_REQUEST = "bad_request"
    UNPROCESSABLE = "unprocessable"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


class Problem(Struct, frozen=True):
    """One row of the newer stack's table.

    Attributes:
        kind: what follows the common address in ``type``.
        detail: ``{name}`` is the parameter it is about.
    """

    status: int
    kind: str
    title: str
    detail: str
    mark: str = "B"


# Source: reference verify §8 (B for the 404), auth §6.5 (B, C; 422, 400 and 500 are ours, D).
PROBLEMS: Mapping[ProblemRefusal, Problem] = {
    ProblemRefusal.UNAUTHORIZED: Problem(
        401, "unauthorized", "Unauthorized", "You did not provide correct credentials.", "A"
    ),
    ProblemRefusal.FORBIDDEN: Problem(
        403, "forbidden", "Forbidden", "Your account does not have permission to perform this action.", "C"
    ),
    ProblemRefusal.NO_BLOCK: Problem(
        404, "bad-request", "Not Found", "The network you provided does not have an active block."
    ),
    ProblemRefusal.BAD_REQUEST: Problem(
        400, "bad-request", "Bad Request", "The value of the parameter {name} is not valid.", "D"
    ),
    ProblemRefusal.UNPROCESSABLE: Problem(
        422, "unprocessable", "Unprocessable Entity", "The value of the parameter {name} is not valid.", "D"
    ),
    ProblemRefusal.THROTTLED: Problem(429, "rate-limit", "Rate Limit Hit", "Please wait, then retry your request"),
    ProblemRefusal.SERVER_ERROR: Problem(
        500, "internal-error", "Internal Server Error", "Please retry your request", "D"
    ),
}
