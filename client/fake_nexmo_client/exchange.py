"""One request and its reply without a network: a plan becomes a `Request`, a `Response` becomes a typed reply.

Each operation is a plain function that returns a `Plan`: what to ask, and how to read the answer. `build` adds address
and credentials. The two clients only carry bytes between `build` and `Plan.read`; so can any other program.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from fake_nexmo_client.credentials import Credentials, Stamp

T = TypeVar("T")


class Request(Struct, frozen=True):
    """A request as it goes onto the wire."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    content: bytes = b""

    def __repr__(self) -> str:
        """Method and address; headers and content hold secrets."""
        return f"Request(method={self.method!r}, url={self.url!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for programs that print by ``rich``."""
        return [("method", self.method), ("url", self.url)]


class Response(Struct, frozen=True):
    """A reply as it came; names of headers in lower case."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = {}


class Manner(Enum):
    """Where parameters stand, and which credentials go with them."""

    QUERY = auto()
    FORM = auto()
    JSON = auto()
    TOKEN_QUERY = auto()
    TOKEN_JSON = auto()


class Plan(Struct, Generic[T], frozen=True):
    """One operation before it is sent.

    Attributes:
        path: below the base URL of the service; may be empty.
        params: names on the wire; in a query or form every value is text, or a tuple of texts for a repeated name.
        read: makes the typed reply, or raises a `NexmoError`.
        signed: the API documents signatures, so that they are preferred where the caller has both.
    """

    method: str
    path: str
    manner: Manner
    params: Mapping[str, Any]
    read: Callable[[Response], T]
    signed: bool = False


def build(plan: Plan[Any], base_url: str, credentials: Credentials, stamp: Stamp) -> Request:
    """The request of a plan.

    Args:
        plan: what to ask.
        base_url: of the service, with or without a slash at its end.
        credentials: of the caller.
        stamp: instant and uniqueness, for signatures and tokens.

    Raises:
        MissingCredentialsError: the caller lacks what the operation needs.
    """
    url = base_url.rstrip("/") + (f"/{plan.path}" if plan.path else "")
    if plan.manner in (Manner.TOKEN_QUERY, Manner.TOKEN_JSON):
        headers, params = {"Authorization": credentials.bearer(stamp)}, plan.params
    elif credentials.signs(preferred=plan.signed):
        headers, params = {}, {**plan.params, **credentials.signed(_firsts(plan.params), stamp)}
    elif plan.manner is Manner.QUERY:
        headers, params = {"Authorization": credentials.basic()}, plan.params
    else:
        headers, params = {}, {**plan.params, **credentials.said()}
    if plan.manner in (Manner.QUERY, Manner.TOKEN_QUERY):
        query = urlencode(params, doseq=True)
        return Request(plan.method, f"{url}?{query}" if query else url, headers)
    if plan.manner is Manner.FORM:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return Request(plan.method, url, headers, urlencode(params, doseq=True).encode())
    headers["Content-Type"] = "application/json"
    body = json.dumps(params, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return Request(plan.method, url, headers, body)


def segment(name: str) -> str:
    """A name as one segment of a path.

    Raises:
        ValueError: it is empty, and the path would be that of the whole collection.
    """
    if not name:
        raise ValueError("an empty id names the whole collection")
    return quote(name, safe="")


def members(request: Struct) -> dict[str, Any]:
    """What a typed request says, by its names on the wire: everything that is not None."""
    said: dict[str, Any] = msgspec.to_builtins(request)
    return {name: value for name, value in said.items() if value is not None}


def texts(said: Mapping[str, Any]) -> dict[str, str]:
    """Values as a form or query writes them; what is None is left out, truths are ``true`` and ``false``."""
    return {name: _text(value) for name, value in said.items() if value is not None}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _firsts(params: Mapping[str, Any]) -> dict[str, str]:
    # Doubt: how a repeated name is signed is nowhere said; we sign its first value, the one that a Java server reads.
    return {name: value[0] if isinstance(value, tuple) else str(value) for name, value in params.items()}
