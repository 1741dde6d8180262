"""Reading replies: JSON into typed structs, and the vendor's many error documents into one.

Libraries meet empty texts, nulls and absent members for the same thing, and numbers that are texts. So empties are
dropped and such texts converted before a struct is filled; members nobody knows are ignored. A number where the vendor
documents a text is a bad reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec

from fake_nexmo_client.errors import (
    BadReplyError,
    HttpError,
    InvalidParameter,
    NotFoundError,
    ServerError,
    ThrottledError,
    UnauthorizedError,
)
from fake_nexmo_client.exchange import Response

T = TypeVar("T")

_CLASSES: Final[Mapping[int, type[HttpError]]] = {
    401: UnauthorizedError,
    403: UnauthorizedError,
    404: NotFoundError,
    429: ThrottledError,
}
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")


def read_document(response: Response) -> dict[str, Any]:
    """The JSON object of a successful reply, without its empty members.

    Raises:
        HttpError: the HTTP status is no success.
        BadReplyError: the body is no JSON object.
    """
    check_success(response)
    try:
        document = json.loads(response.content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise bad_reply("the reply is no JSON", response) from error
    if not isinstance(document, dict):
        raise bad_reply("the reply is no JSON object", response)
    return tidy(document)


def read_nothing(response: Response) -> None:
    """A successful reply whose body says nothing.

    Raises:
        HttpError: the HTTP status is no success.
    """
    check_success(response)


def fill(kind: type[T], document: Mapping[str, Any], response: Response) -> T:
    """A struct of a document.

    Raises:
        BadReplyError: a member that the struct needs is absent, or is of another type.
    """
    try:
        return convert(kind, document)
    except msgspec.ValidationError as error:
        raise bad_reply(str(error), response) from error


def convert(kind: type[T], document: Mapping[str, Any]) -> T:
    """A struct of a document; texts become the numbers, truths and instants that it wants.

    Raises:
        msgspec.ValidationError: a member that the struct needs is absent, or is of another type.
    """
    return msgspec.convert(document, kind, strict=False)


def tidy(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without members that are null or empty text, at every depth."""
    return {name: _tidy(value) for name, value in document.items() if value is not None and value != ""}


def dated(document: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A document whose instants without a zone, in these members, say that they are UTC.

    Source: reference verify §1, sms §10.2 (A/B).
    """
    found = {name: _utc(document[name]) for name in names if name in document}
    return {**document, **found}


def embedded(document: Mapping[str, Any], name: str) -> list[Any]:
    """The items of a page; none when the page has no place for them."""
    inside = document.get("_embedded")
    items = inside.get(name) if isinstance(inside, dict) else None
    return items if isinstance(items, list) else []


def bad_reply(text: str, response: Response) -> BadReplyError:
    """The error of a reply that says success and is not what the vendor documents."""
    return BadReplyError(text, http_status=response.status, body=response.content)


def check_success(response: Response) -> None:
    """Nothing for a 2xx.

    Raises:
        HttpError: the HTTP status is no success; of the class that belongs to it.
    """
    if 200 <= response.status < 300:
        return
    document = _error_document(response.content)
    title = _first(document, "title", "error_title", "error-code-label")
    kind = ServerError if response.status >= 500 else _CLASSES.get(response.status, HttpError)
    raise kind(
        _first(document, "detail", "error_title", "error-code-label", "title") or "no reason given",
        http_status=response.status,
        code=_first(document, "type", "error-code", "code") or str(response.status),
        title=title,
        instance=_first(document, "instance"),
        invalid_parameters=tuple(_invalid(document.get("invalid_parameters"))),
        body=response.content,
    )


def _tidy(value: Any) -> Any:
    if isinstance(value, dict):
        return tidy(value)
    if isinstance(value, list):
        return [_tidy(each) for each in value]
    return value


def _utc(value: Any) -> Any:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]}T{found[2]}Z" if found else value


def _error_document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _first(document: Mapping[str, Any], *names: str) -> str:
    return next((str(document[name]) for name in names if document.get(name)), "")


def _invalid(said: Any) -> Iterator[InvalidParameter]:
    """The parameters that an error document names, in any of its three forms.

    Source: reference voice §2 (A), account §1.2 (A), pricing §6 (B).
    """
    if isinstance(said, list):
        for each in said:
            if isinstance(each, dict):
                yield InvalidParameter(str(each.get("name", "")), str(each.get("reason", "")))
    elif isinstance(said, dict):
        if said.keys() == {"parameter", "message"}:
            yield InvalidParameter(str(said["parameter"]), str(said["message"]))
        else:
            yield from (InvalidParameter(name, str(reason)) for name, reason in said.items())
