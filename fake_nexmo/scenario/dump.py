"""A document as YAML, TOML or JSON that loads to the same document. What is as ever is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.nodes import Scalar, Step
from fake_nexmo.scenario.reading import NULL
from fake_nexmo.scenario.variables import escaped

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ON_A_LINE = re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*")
_WIDTH = 120


def dump(document: Document, kind: str) -> str:
    """The text of a document; ``kind`` is ``yaml``, ``toml`` or ``json``."""
    return _WRITERS[kind](plain(document))


def plain(document: Document) -> dict[str, Any]:
    """A document as a plain object that loads to the same document: braces are doubled where they must be."""
    said: dict[str, Any] = _spoken(document)
    return {"version": document.version, **{key: _with_braces(each, (key,)) for key, each in said.items()}}


def _spoken(value: Any) -> Any:
    """A value without what is as ever."""
    if isinstance(value, Struct):
        return {
            field.encode_name: _spoken(said)
            for field in msgspec.structs.fields(value)
            if (said := getattr(value, field.name)) is not UNSET and (field.required or said != _usual(field))
        }
    if isinstance(value, Mapping):
        return {key: _spoken(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_spoken(each) for each in value]
    return msgspec.to_builtins(value)


def _usual(field: Any) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _with_braces(value: Any, path: tuple[Step, ...]) -> Any:
    if isinstance(value, str):
        return escaped(value, path)
    if isinstance(value, dict):
        return {key: _with_braces(each, (*path, key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_braces(each, (*path, k)) for k, each in enumerate(value)]
    return value


def _json(said: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode() + "\n"


def _yaml(said: dict[str, Any]) -> str:
    import yaml

    class Writer(yaml.SafeDumper):
        """Says texts so that they are read as texts."""

        def ignore_aliases(self, data: Any) -> bool:
            """Nothing is said by reference."""
            del data
            return True

    def text(writer: Any, given: str) -> Any:
        style = None if Scalar(given, plain=True).value() == given and _ON_A_LINE.fullmatch(given) else '"'
        if given.startswith("-----BEGIN"):
            style = "|"
        return writer.represent_scalar("tag:yaml.org,2002:str", given, style=style)

    Writer.add_representer(str, text)
    written: str = yaml.dump(said, Dumper=Writer, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return written


def _toml(said: dict[str, Any]) -> str:
    return "\n".join(_toml_table(said, ())).lstrip("\n") + "\n"


def _toml_table(said: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """The lines of a table: its own values, then the tables in it."""
    inner = {key: each for key, each in said.items() if isinstance(each, dict) and each}
    own = {key: each for key, each in said.items() if key not in inner}
    if path and (own or not inner):
        yield f"\n[{'.'.join(map(_toml_key, path))}]"
    for key, each in own.items():
        yield f"{_toml_key(key)} = {_toml_value(each)}"
    for key, each in inner.items():
        yield from _toml_table(each, (*path, key))


def _toml_value(value: Any) -> str:
    if value is None:
        return f"{{{NULL} = true}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _toml_text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(key)} = {_toml_value(each)}" for key, each in value.items()) + "}"
    return repr(value)


def _toml_key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _toml_text(key)


def _toml_text(text: str) -> str:
    """A basic string: what it may not hold as it is, is escaped."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    said = "".join(escapes.get(each) or (f"\\u{ord(each):04x}" if each < " " or each == "\x7f" else each)
                   for each in text)  # fmt: skip
    return f'"{said}"'


_WRITERS: Mapping[str, Callable[[dict[str, Any]], str]] = {"yaml": _yaml, "toml": _toml, "json": _json}
