"""The Account API's commands, answers and refusals: two tables, for two stacks with two manners."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from fake_nexmo.core.rest import Row


class AccountRefusal(Enum):
    """Every refusal of ``/account``, the old stack. Source: reference account §1.2, §3, §4."""

    BAD_CREDENTIALS = "bad_credentials"
    MISSING_TRX = "missing_trx"
    NOT_AUTO_RELOAD = "not_auto_reload"
    TOPUP_FAILED = "topup_failed"
    METHOD_FAILED = "method_failed"
    NOT_FOUND = "not_found"
    WRONG_METHOD = "wrong_method"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


# Source: reference account §1.2, §3, §4, §9.
# NOT_FOUND, THROTTLED and SERVER_ERROR are given only when a fault asks for them.
ROWS: Mapping[AccountRefusal, Row] = {
    AccountRefusal.BAD_CREDENTIALS: Row(401, "authentication failed", mark="A"),
    AccountRefusal.MISSING_TRX: Row(400, "Bad Request", "trx", mark="A"),
    AccountRefusal.NOT_AUTO_RELOAD: Row(401, "not auto-reload enabled"),
    # Doubt: "topup failed" is in a library's fixture; the general "method failed" is possible too.
    AccountRefusal.TOPUP_FAILED: Row(420, "topup failed", mark="C"),
    AccountRefusal.METHOD_FAILED: Row(420, "method failed", mark="A"),
    AccountRefusal.NOT_FOUND: Row(404, "not found", mark="D"),
    AccountRefusal.WRONG_METHOD: Row(405, "method not allowed", mark="D"),
    AccountRefusal.THROTTLED: Row(429, "too many requests", mark="D"),
    AccountRefusal.SERVER_ERROR: Row(500, "unknown error"),
}


class SecretRefusal(Enum):
    """Every refusal of ``/accounts/{api_key}/secrets``, the newer stack. Source: reference account §5.3, §6."""

    BAD_CREDENTIALS = "bad_credentials"
    NOT_BASIC = "not_basic"
    WRONG_VERB = "wrong_verb"
    WRONG_ACCEPT = "wrong_accept"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    UNKNOWN_KEY = "unknown_key"
    INVALID_SECRET = "invalid_secret"  # noqa: S105 - the name of a row
    EXCESS_SECRET = "excess_secret"  # noqa: S105 - the name of a row
    UNKNOWN_ID = "unknown_id"
    LAST_SECRET = "last_secret"  # noqa: S105 - the name of a row
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


# What a trouble of a fault means on either stack: a row by its name, or a common trouble. Source: design §8.
# Doubt: neither stack knows "no_credit", "barred" and "unavailable"; the nearest rows stand in.
ACCOUNT_TROUBLES: Mapping[str, AccountRefusal] = {
    **{row.value: row for row in AccountRefusal},
    "no_credit": AccountRefusal.METHOD_FAILED,
    "barred": AccountRefusal.METHOD_FAILED,
    "unavailable": AccountRefusal.SERVER_ERROR,
}
SECRET_TROUBLES: Mapping[str, SecretRefusal] = {
    **{row.value: row for row in SecretRefusal},
    "no_credit": SecretRefusal.FORBIDDEN,
    "barred": SecretRefusal.FORBIDDEN,
    "unavailable": SecretRefusal.SERVER_ERROR,
}
TROUBLES: Mapping[str, AccountRefusal | SecretRefusal] = {**SECRET_TROUBLES, **ACCOUNT_TROUBLES}
"""Every name that a trouble may have, on one stack or the other."""


class Words(Struct, frozen=True):
    """How one profile says a problem.

    Attributes:
        place: what follows the base URL in ``type``.
        detail: ``{…}`` is filled from the refusal's facts; empty: not sent.
    """

    place: str
    title: str
    detail: str = ""


class Problem(Struct, frozen=True):
    """One row of the newer stack's table.

    Attributes:
        said: the words of today.
        said_2020: those of the profile ``2020``, where they differ in more than the base URL.
        reason: why the parameter ``secret`` is not taken; empty: the problem is not about a parameter.
        always_vonage: the base URL is that of today in either profile.
        mark: the evidence for the words of today.
    """

    status: int
    said: Words
    said_2020: Words | None = None
    reason: str = ""
    always_vonage: bool = False
    mark: str = "B"


_COMMON = "api-errors"
_SECRETS = "api-errors/account/secret-management"
_CREDENTIALS = "You did not provide correct credentials."

# Source: reference account §5.3, §6; auth §6.5.
# FORBIDDEN, NOT_FOUND, THROTTLED and SERVER_ERROR are given only when a fault asks for them.
PROBLEMS: Mapping[SecretRefusal, Problem] = {
    SecretRefusal.BAD_CREDENTIALS: Problem(
        401,
        Words(f"{_COMMON}#unauthorized", "Unauthorized", _CREDENTIALS),
        Words(f"{_COMMON}#unauthorized", "Invalid credentials supplied", _CREDENTIALS),
        mark="C",
    ),
    SecretRefusal.NOT_BASIC: Problem(
        401,
        Words(
            "",
            "Unauthorized",
            'Invalid credentials format. Expected: "Authorization: (Base64(UTF-8(apiKey:secret)))"',
        ),
    ),
    SecretRefusal.WRONG_VERB: Problem(
        405,
        Words(f"{_COMMON}#wrong-verb", "Request method not allowed", "Request method '{method}' not supported"),
    ),
    SecretRefusal.WRONG_ACCEPT: Problem(
        406,
        Words(
            f"{_COMMON}#accept-header",
            "Invalid Accept header",
            "Invalid Accept header provided. Must be one of the following: 'application/json'",
        ),
    ),
    SecretRefusal.WRONG_CONTENT_TYPE: Problem(
        415,
        Words(
            f"{_COMMON}#content-type-header",
            "Unsupported Content-Type header",
            "Unsupported Content-Type header provided. Must be one of the following: 'application/json'",
        ),
    ),
    SecretRefusal.UNKNOWN_KEY: Problem(
        404,
        Words(
            f"{_COMMON}#invalid-api-key",
            "Invalid API Key",
            "API key '{key}' does not exist, or you do not have access",
        ),
        mark="C",
    ),
    SecretRefusal.INVALID_SECRET: Problem(
        400,
        Words(f"{_SECRETS}#validation", "Bad Request", "The request failed due to validation errors"),
        reason="Does not meet complexity requirements",
        mark="C",
    ),
    SecretRefusal.EXCESS_SECRET: Problem(
        403,
        Words(
            f"{_SECRETS}#add-excess-secret",
            "Secret Addition Forbidden",
            "Account reached maximum number [2] of allowed secrets",
        ),
        # The misspelling is the service's.
        Words(
            f"{_SECRETS}#maximum-secrets-allowed",
            "Maxmimum number of secrets already met",
            "This account has reached maximum number of '2' allowed secrets",
        ),
        mark="A",
    ),
    SecretRefusal.UNKNOWN_ID: Problem(
        404, Words(f"{_COMMON}#invalid-id", "Invalid ID", "ID '{id}' could not be found")
    ),
    SecretRefusal.LAST_SECRET: Problem(
        403,
        Words(
            f"{_SECRETS}#delete-last-secret",
            "Secret Deletion Forbidden",
            "Can not delete the last secret. The account must always have at least 1 secret active at any time",
        ),
    ),
    SecretRefusal.FORBIDDEN: Problem(
        403,
        Words(f"{_COMMON}#forbidden", "Forbidden", "Your account does not have permission to perform this action."),
    ),
    SecretRefusal.NOT_FOUND: Problem(
        404, Words(f"{_COMMON}#not-found", "Not Found", "ID '{id}' does not exist, or you do not have access")
    ),
    SecretRefusal.THROTTLED: Problem(
        429,
        Words(f"{_COMMON}#rate-limit", "Rate Limit Hit", "Please wait, then retry your request"),
        always_vonage=True,
    ),
    SecretRefusal.SERVER_ERROR: Problem(500, Words(_COMMON, "Internal Server Error")),
}


class Balance(Struct, frozen=True, gc=False):
    """What an account has.

    Attributes:
        amount: in 10^-8 EUR.
    """

    amount: int
    auto_reload: bool


class NewSettings(Struct, frozen=True, gc=False):
    """What a request means to change; None leaves a thing as it is, an empty URL clears it."""

    inbound_url: str | None = None
    receipt_url: str | None = None
    secret: str | None = None
