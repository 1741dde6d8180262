"""The JSON Schema (2020-12) of scenario files, made from the model itself.

Editors check YAML by it. Scalars in YAML may be unquoted numbers where a text is meant, so numbers are allowed there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from fake_nexmo.core.settings import SETTINGS
from fake_nexmo.scenario import characters, faults, model, people
from fake_nexmo.scenario import document as d
from fake_nexmo.scenario.fit import STRICTER
from fake_nexmo.scenario.kinds import INSIDE, KINDS, Kind
from fake_nexmo.scenario.vocabulary import EVENTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NOTES = {"^x-": {"description": "a note; it says nothing to the emulator"}}
_PARTS: tuple[type, ...] = (d.Document, d.CallStep, d.Machine, d.CodeStep)


def schema() -> dict[str, Any]:
    """The schema of a whole scenario."""
    _, parts = msgspec.json.schema_components(_PARTS, ref_template="#/$defs/{name}")
    named = {each.__name__: each for module in (d, characters, faults, model, people) for each in _structs(module)}
    for name, part in parts.items():
        if "description" in part:
            part["description"] = _plainly(part["description"])
        if "properties" in part:
            _mend(part, named[name])
    _say_names(parts)
    head = parts.pop("Document")
    properties = head["properties"]
    head["properties"] = {
        "$schema": {"type": "string"},
        "extends": {
            "description": "files, or scenarios of the library, that this one is laid over",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        },
        **properties,
    }
    whole: dict[str, Any] = {
        "$schema": DIALECT,
        "title": "A scenario of fake-nexmo",
        **{key: each for key, each in head.items() if key != "title"},
        "$defs": parts,
    }
    return whole


def _structs(module: Any) -> list[type]:
    return [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]


def _plainly(text: str) -> str:
    """The first paragraph of a docstring, in one line and without where it comes from."""
    return re.split(r"\s+(?:Source|Doubt):", " ".join(text.split("\n\n", maxsplit=1)[0].split()))[0]


def _mend(part: dict[str, Any], owner: type) -> None:
    """Say of every property what its text is, and allow notes beside them."""
    part["patternProperties"] = _NOTES
    fields = {field.encode_name: field.name for field in msgspec.structs.fields(owner)}
    for key, said in part["properties"].items():
        place = (owner, fields[key])
        part["properties"][key] = _mended(said, KINDS.get(place), INSIDE.get(place))
        if place in STRICTER:
            part["properties"][key] = _stricter(key)


def _mended(said: Mapping[str, Any], kind: Kind | None, inside: Kind | None) -> dict[str, Any]:
    after = {key: each for key, each in said.items() if key != "default" or each not in ({}, [])}
    if kind is not None:
        after = {**after, "description": kind.meaning}
    if inside is not None:
        where = "items" if "items" in after else "additionalProperties"
        after[where] = {**_loose(after[where]), "description": inside.meaning}
    return _loose(after)


def _loose(said: dict[str, Any]) -> dict[str, Any]:
    """A text may be an unquoted number, and a phone number is one."""
    if said.get("type") == "string":
        return {**said, "type": ["string", "number"]}
    return {
        key: [_loose(one) for one in each] if key == "anyOf" else _loose(each) if _nested(key, each) else each
        for key, each in said.items()
    }


def _nested(key: str, said: Any) -> bool:
    return key in {"items", "additionalProperties"} and isinstance(said, dict)


def _stricter(key: str) -> dict[str, Any]:
    if key == "machine":
        return {"$ref": "#/$defs/Machine"}
    step = {"on_call": "CallStep", "on_code": "CodeStep"}[key]
    return {"type": "array", "items": {"$ref": f"#/$defs/{step}"}}


def _say_names(parts: dict[str, Any]) -> None:
    """Say what the tables of names, words and notes of the model do not: settings, events, keys in files."""
    parts["WorldFacts"]["properties"]["settings"] = {
        "type": "object",
        "additionalProperties": False,
        "patternProperties": _NOTES,
        "properties": {name: _setting(name) for name in SETTINGS},
    }
    parts["CharacterFacts"] = _without_number(parts["HandsetFacts"])
    parts["Document"]["properties"]["characters"]["additionalProperties"] = {"$ref": "#/$defs/CharacterFacts"}
    parts["TimelineStep"]["properties"]["when"] = {"enum": list(EVENTS), "description": "the name of an event"}
    parts["ApplicationFacts"]["properties"]["public_key_file"] = {
        "type": "string",
        "description": "a file beside this one that holds the public key",
    }


def _without_number(handset: Mapping[str, Any]) -> dict[str, Any]:
    """A character: what a handset may say, but which phone it is."""
    said = {key: each for key, each in handset["properties"].items() if key not in characters.WHICH}
    what = "How a kind of person behaves, for like and mix; over what it is like itself."
    return {**handset, "title": "CharacterFacts", "description": what, "properties": said}


def _setting(name: str) -> dict[str, Any]:
    row = SETTINGS[name]
    said: dict[str, Any] = {"description": row.meaning, "default": row.default}
    return {**said, "enum": list(row.values)} if row.values else said
