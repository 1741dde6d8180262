"""Forms that a person types a code into: where they go, what they hold, and how they are filled in. Pure.

A form is a plain object of a scenario: ``{url, method, form or json}``. Its texts may hold placeholders, which are
filled when the person acts. ``{{`` is a brace.

Source: scenario format, "Steps of `on_code`" and "Loading".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct

METHODS: Final = ("POST", "GET", "PUT", "PATCH")
"""The first one is taken where none is said. Doubt: which there are is not said; those that send a form."""

NAMES: Final = ("number", "code", "wrong_code")
"""What a placeholder may be."""

_KEYS = ("url", "method", "form", "json")
_PLACE = re.compile(r"\{\{|\{([a-z_][a-z0-9_]*)\}")
_WEB = re.compile(r"https?://[^\s/]+\S*")


class FormError(ValueError):
    """A form that cannot be.

    Attributes:
        path: where it stands within the form, such as ``form.code``; empty: it is the form itself.
        what: what is wrong, with the nearest right thing.
    """

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}" if path else what)
        self.path = path
        self.what = what


class Form(Struct, frozen=True, gc=False):
    """A form as it is said; what is not said is empty.

    Attributes:
        fields: names and texts of an ordinary form; None: it is none.
        json: a JSON body; None: there is none.
    """

    url: str = ""
    method: str = ""
    fields: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None

    def over(self, other: Form) -> Form:
        """This form; where it says nothing, what the other one says.

        Doubt: that a step without a URL takes the rest of the world's form too, unless it says it, is our reading.
        """
        own = self.fields is not None or self.json is not None
        return Form(
            self.url or other.url,
            self.method or other.method,
            self.fields if own else other.fields,
            self.json if own else other.json,
        )

    def names(self) -> frozenset[str]:
        """The placeholders in it."""
        return frozenset(name for _, text in _texts(self) for name in _placeholders(text))

    def filled(self, said: Mapping[str, str]) -> Form:
        """With every placeholder filled in; in the URL it is quoted."""
        quoted = {name: quote(text, safe="") for name, text in said.items()}
        return Form(
            _filled(self.url, quoted),
            self.method or METHODS[0],
            None if self.fields is None else {name: _filled(text, said) for name, text in self.fields.items()},
            None if self.json is None else _mapped(self.json, lambda text: _filled(text, said)),
        )


def read_form(given: Mapping[str, Any]) -> Form:
    """The form that a plain object spells; of an object that says nothing, an empty one.

    Raises:
        FormError: it cannot be.
    """
    for key in given:
        if key not in _KEYS:
            raise FormError(key, f"{key!r} is not known here; {_near(key, _KEYS)}")
    if given.get("form") is not None and given.get("json") is not None:
        raise FormError("json", "a body is a form or JSON, not both")
    form = Form(_url(given.get("url")), _method(given.get("method")), _fields(given.get("form")), _json(given))
    if form.json is not None and form.method == "GET":
        raise FormError("json", "GET has no body; say a form, or another method")
    for path, text in _texts(form):
        for name in _placeholders(text):
            if name not in NAMES:
                raise FormError(path, f"no placeholder is called {name!r}; {_near(name, NAMES)}")
    return form


def _url(given: Any) -> str:
    if given is None:
        return ""
    if not isinstance(given, str) or not _WEB.fullmatch(given):
        raise FormError("url", f"{given!r} is no URL; write it like http://127.0.0.1:8000/login")
    return given


def _method(given: Any) -> str:
    if given is None:
        return ""
    if given not in METHODS:
        raise FormError("method", f"no method is called {given!r}; {_near(str(given).upper(), METHODS)}")
    return str(given)


def _fields(given: Any) -> Mapping[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise FormError("form", f'{given!r} is no form; write names and texts like {{code: "{{code}}"}}')
    for name, text in given.items():
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            raise FormError(f"form.{name}", f"{text!r} is no text; what a form holds is text")
    return {name: str(text) for name, text in given.items()}


def _json(given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    said = given.get("json")
    if said is not None and not isinstance(said, Mapping):
        raise FormError("json", f'{said!r} is no object; write it like {{code: "{{code}}"}}')
    return said


def _near(name: str, names: tuple[str, ...]) -> str:
    near = get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"


def _texts(form: Form) -> list[tuple[str, str]]:
    """Every text that may hold placeholders, with its path."""
    found = [("url", form.url)]
    found += [(f"form.{name}", text) for name, text in (form.fields or {}).items()]
    return found + _within(form.json, "json")


def _within(given: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(given, str):
        return [(path, given)]
    items: list[tuple[Any, Any]] = []
    if isinstance(given, Mapping):
        items = list(given.items())
    elif isinstance(given, list | tuple):
        items = list(enumerate(given))
    return [each for key, value in items for each in _within(value, f"{path}.{key}")]


def _mapped(given: Any, change: Callable[[str], str]) -> Any:
    """The same JSON with every text changed."""
    if isinstance(given, str):
        return change(given)
    if isinstance(given, Mapping):
        return {key: _mapped(value, change) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [_mapped(value, change) for value in given]
    return given


def _placeholders(text: str) -> list[str]:
    return [found[1] for found in _PLACE.finditer(text) if found[1]]


def _filled(text: str, said: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: said[found[1]] if found[1] else "{", text)
