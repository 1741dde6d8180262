"""Reading a request's parameters: query, form and JSON become one ordered mapping.

Source: reference sms §2 (D unless marked there).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

BODY_MAX = 1 << 20
"""A larger body is answered with 413, in octets."""

_FORM = "application/x-www-form-urlencoded"
# Source: reference sms §2 (B).
_JSON = frozenset(
    {
        "application/json",
        "application/jsonrequest",
        "application/x-javascript",
        "text/json",
        "text/javascript",
        "text/x-javascript",
        "text/x-json",
    }
)


class Params(dict[str, str]):
    """The parameters of a request by name, in the order they came; of a repeated one, the first value.

    Doubt: which value of a repeated parameter counts is not known; a Java server reads the first.

    Attributes:
        repeated: all values of the names that came more than once in one place.
    """

    repeated: Mapping[str, tuple[str, ...]] = {}

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter, in order; none when it is absent."""
        return self.repeated.get(name) or ((self[name],) if name in self else ())

    def lay_over(self, pairs: list[tuple[str, str]]) -> None:
        """Take the pairs of a later place: they replace what earlier places said."""
        if not self:
            # The usual case: one place alone, and no name twice.
            self.update(pairs)
            if len(self) == len(pairs):
                return
            self.clear()
        here: dict[str, str] = dict(pairs)
        if self.repeated:
            self.repeated = {name: values for name, values in self.repeated.items() if name not in here}
        if len(here) < len(pairs):
            here = {}
            several: dict[str, list[str]] = {}
            for name, value in pairs:
                here.setdefault(name, value)
                several.setdefault(name, []).append(value)
            again = {name: tuple(values) for name, values in several.items() if len(values) > 1}
            self.repeated = {**self.repeated, **again}
        self.update(here)


def read_params(query: bytes, content_type: str, body: bytes) -> Params:
    """One mapping of what query and body say; the body wins. What cannot be decoded counts as absent."""
    params = Params()
    if query:
        params.lay_over(_form(query))
    if body:
        media = content_type if content_type == _FORM else content_type.partition(";")[0].strip().lower()
        if media in {_FORM, ""}:
            params.lay_over(_form(body))
        elif media in _JSON:
            params.lay_over(_json(body))
    return params


def _form(data: bytes) -> list[tuple[str, str]]:
    if not data.isascii():
        return _raw_form(data)
    # What `parse_qsl` does, without what it does for names and values that need no decoding: most of them.
    pairs = []
    for pair in data.decode("ascii").replace("+", " ").split("&"):
        if pair:
            name, _, value = pair.partition("=")
            pairs.append((unquote(name) if "%" in name else name, unquote(value) if "%" in value else value))
    return pairs


def _raw_form(data: bytes) -> list[tuple[str, str]]:
    # A client that leaves UTF-8 unescaped is understood; bytes that are no UTF-8 become replacement characters.
    return parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)


def _json(body: bytes) -> list[tuple[str, str]]:
    try:
        read = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # A form under the label of JSON is what one library sends after any JSON call. Source: sdk-surface §3 (C).
        return _form(body) if b"=" in body and body[:1] not in b'{["' else []
    if not isinstance(read, dict):
        return []
    pairs = []
    for name, value in read.items():
        if isinstance(value, list):
            pairs += [(name, _text(each)) for each in value if each is not None]
        elif value is not None:
            pairs.append((name, _text(value)))
    return pairs


def _text(value: Any) -> str:
    """A JSON scalar as text: numbers in their shortest decimal form, booleans as JSON spells them."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return msgspec.json.encode(value).decode()
