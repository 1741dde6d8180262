"""What requests of the Application API say, and its table of refusals in the words of both versions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from fake_nexmo.core.records import Application

NAME_MAX = 255
"""Characters of a name. Source: reference application §4.1 (D)."""


class ApplicationRefusal(Enum):
    """Every refusal of either version. Source: reference application §3.4, §4.7."""

    BAD_CREDENTIALS = "bad_credentials"
    INVALID = "invalid"
    INVALID_LIST = "invalid_list"
    MALFORMED_JSON = "malformed_json"
    NOT_FOUND = "not_found"
    WRONG_VERB = "wrong_verb"
    WRONG_ACCEPT = "wrong_accept"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    FORBIDDEN = "forbidden"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"


# What a trouble of a fault means: a row by its name, or a common trouble. Source: design §8.
# Doubt: neither version knows "no_credit", "barred" and "unavailable"; the nearest rows stand in.
TROUBLES: Mapping[str, ApplicationRefusal] = {
    **{row.value: row for row in ApplicationRefusal},
    "no_credit": ApplicationRefusal.FORBIDDEN,
    "barred": ApplicationRefusal.FORBIDDEN,
    "unavailable": ApplicationRefusal.SERVER_ERROR,
}


class Row(Struct, frozen=True):
    """One row of the table.

    Attributes:
        kind, error_title: as the first version says it.
        place: what follows the base URL in the second version's ``type``, with its ``title`` and ``detail``; ``{…}`` is
            filled from the refusal's facts; no detail: not sent.
        title_2020: the title in the profile ``2020``, where it differs.
        always_vonage: the base URL is that of today in either profile.
        mark: the evidence for the words of the second version, ``mark_v1`` for those of the first.
    """

    status: int
    kind: str
    error_title: str
    place: str
    title: str
    detail: str = ""
    title_2020: str = ""
    always_vonage: bool = False
    mark: str = "B"
    mark_v1: str = "D"


_COMMON = "api-errors"
_OWN = "api-errors/application"
_FAILED = "The request failed due to validation errors"
_ONE_OF = "header provided. Must be one of the following: 'application/json'"

# Source: reference application §3.4, §4.7; account §6; auth §6.5.
# FORBIDDEN, THROTTLED and SERVER_ERROR are given only when a fault or a switch asks for them.
ROWS: Mapping[ApplicationRefusal, Row] = {
    ApplicationRefusal.BAD_CREDENTIALS: Row(
        401,
        "UNAUTHORIZED",
        "Unauthorized",
        f"{_COMMON}#unauthorized",
        "Unauthorized",
        "You did not provide correct credentials.",
        title_2020="Invalid credentials supplied",
        mark="A",
        mark_v1="A",
    ),
    ApplicationRefusal.INVALID: Row(
        400, "BAD_REQUEST", "Bad Request", f"{_OWN}#payload-validation", "Bad Request", _FAILED, mark_v1="A"
    ),
    ApplicationRefusal.INVALID_LIST: Row(
        400, "BAD_REQUEST", "Bad Request", f"{_OWN}#list-validation", "Bad Request", _FAILED
    ),
    # Doubt: one capture of the first version has a title that begins "Not a valid JSON format" (auth §6.5).
    ApplicationRefusal.MALFORMED_JSON: Row(
        400,
        "BAD_REQUEST",
        "Bad Request",
        f"{_COMMON}#invalid-json",
        "Bad Request",
        "The request body did not contain valid JSON",
        mark="D",
    ),
    ApplicationRefusal.NOT_FOUND: Row(
        404,
        "NOT_FOUND",
        "Not Found",
        f"{_COMMON}#not-found",
        "Not Found",
        "ID '{id}' does not exist, or you do not have access",
    ),
    ApplicationRefusal.WRONG_VERB: Row(
        405,
        "METHOD_NOT_ALLOWED",
        "Method Not Allowed",
        f"{_COMMON}#wrong-verb",
        "Request method not allowed",
        "Request method '{method}' not supported",
    ),
    # The first version never looks at these two headers: only a fault asks for its words, which are ours.
    ApplicationRefusal.WRONG_ACCEPT: Row(
        406,
        "NOT_ACCEPTABLE",
        "Not Acceptable",
        f"{_COMMON}#accept-header",
        "Invalid Accept header",
        f"Invalid Accept {_ONE_OF}",
    ),
    ApplicationRefusal.WRONG_CONTENT_TYPE: Row(
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "Unsupported Media Type",
        f"{_COMMON}#content-type-header",
        "Unsupported Content-Type header",
        f"Unsupported Content-Type {_ONE_OF}",
    ),
    ApplicationRefusal.FORBIDDEN: Row(
        403,
        "FORBIDDEN",
        "Forbidden",
        f"{_COMMON}#forbidden",
        "Forbidden",
        "Your account does not have permission to perform this action.",
    ),
    ApplicationRefusal.THROTTLED: Row(
        429,
        "TOO_MANY_REQUESTS",
        "Too Many Requests",
        f"{_COMMON}#rate-limit",
        "Rate Limit Hit",
        "Please wait, then retry your request",
        always_vonage=True,
    ),
    ApplicationRefusal.SERVER_ERROR: Row(
        500, "INTERNAL_SERVER_ERROR", "Internal Server Error", _COMMON, "Internal Server Error"
    ),
}


class Problem(Struct, frozen=True):
    """One thing that is wrong with a request: the parameter, or the path to a member, and why."""

    name: str
    reason: str


class Said(Struct, frozen=True):
    """What an application is to be.

    Attributes:
        capabilities: as they are stored; see `core.capabilities`.
        public_key: PEM; empty: none is given.
        v1_type: the product that a request of the first version is about; empty: it is one of the second.
    """

    name: str
    capabilities: Mapping[str, Mapping[str, Any]]
    improve_ai: bool = False
    public_key: str = ""
    v1_type: str = ""


class Asked(Struct, frozen=True, gc=False):
    """Which page is asked for: how many on one, and its number from 1."""

    size: int
    number: int


class Listed(Struct, frozen=True):
    """One page of an account's applications.

    Attributes:
        total: how many there are on all pages.
        pages: how many pages there are, one at least.
    """

    items: tuple[Application, ...]
    asked: Asked
    total: int
    pages: int

    @property
    def before(self) -> int | None:
        """The number of the page before; None: this is the first."""
        return min(self.asked.number - 1, self.pages) or None

    @property
    def after(self) -> int | None:
        """The number of the page behind; None: this is the last, or beyond it."""
        return self.asked.number + 1 if self.asked.number < self.pages else None
