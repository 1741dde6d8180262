"""The JSON Schema of scenario files says what the model says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from fake_nexmo.core.settings import SETTINGS
from fake_nexmo.scenario import document as d
from fake_nexmo.scenario.load import load_text
from fake_nexmo.scenario.schema import DIALECT, schema
from fake_nexmo.scenario.vocabulary import EVENTS
from tests.scenario.example import EXAMPLE, NAMES


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return schema()


def _within(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _within(each)


def test_head(made: dict[str, Any]) -> None:
    """Its dialect, and the sections with what only files have."""
    assert made["$schema"] == DIALECT
    assert made["title"] == "A scenario of fake-nexmo"
    assert list(made["properties"]) == ["$schema", "extends", *d.Document.__struct_encode_fields__]
    assert made["additionalProperties"] is False


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    """And every part is reached."""
    named = {
        each["$ref"].removeprefix("#/$defs/") for each in _within(made) if isinstance(each, dict) and "$ref" in each
    }

    assert named == set(made["$defs"])


def test_every_table_refuses_what_is_unknown_and_allows_notes(made: dict[str, Any]) -> None:
    """As the loader does."""
    for name, part in {"": made, **made["$defs"]}.items():
        if part.get("type") == "object":
            assert part["additionalProperties"] is False, name
            assert list(part["patternProperties"]) == ["^x-"], name


def test_texts_say_what_they_are(made: dict[str, Any]) -> None:
    """And may stand unquoted where they look like numbers."""
    account, fault = made["$defs"]["AccountFacts"], made["$defs"]["FaultFacts"]

    assert account["properties"]["balance"] == {
        "type": ["string", "number"],
        "default": "100.00 EUR",
        "description": "an amount of money, or unlimited",
    }
    assert fault["properties"]["delay"]["description"].startswith("a duration: 300ms")
    assert fault["properties"]["delay"]["anyOf"][-1] == {"$ref": "#/$defs/DelayFacts"}
    assert fault["required"] == ["target"]


def test_what_phones_do_is_spelled_out(made: dict[str, Any]) -> None:
    """Though the model keeps it as plain objects."""
    handset = made["$defs"]["HandsetFacts"]["properties"]

    assert handset["machine"] == {"$ref": "#/$defs/Machine"}
    assert handset["on_call"] == {"type": "array", "items": {"$ref": "#/$defs/CallStep"}}
    assert handset["on_code"] == {"type": "array", "items": {"$ref": "#/$defs/CodeStep"}}
    assert "else" in made["$defs"]["CallStep"]["properties"]


def test_settings_and_events_are_listed(made: dict[str, Any]) -> None:
    """By their names."""
    settings = made["$defs"]["WorldFacts"]["properties"]["settings"]

    assert list(settings["properties"]) == list(SETTINGS)
    assert settings["properties"]["profile"]["enum"] == ["current", "2020"]
    assert made["$defs"]["TimelineStep"]["properties"]["when"]["enum"] == list(EVENTS)


def test_the_example_fits(made: dict[str, Any]) -> None:
    """Every key of it is a property of the part that it stands in."""
    document = load_text(EXAMPLE, "yaml", NAMES)
    said = msgspec.to_builtins(document)

    assert _strangers(said, made, made["$defs"], "") == []


def _strangers(value: Any, part: dict[str, Any], parts: dict[str, Any], path: str) -> list[str]:
    """Keys that no part of the schema knows."""
    options = [_followed(each, parts) for each in (part, *part.get("anyOf", ()))]
    if isinstance(value, list):
        inner = next(each["items"] for each in options if "items" in each)
        return [found for k, each in enumerate(value) for found in _strangers(each, inner, parts, f"{path}.{k}")]
    if not isinstance(value, dict):
        return []
    table = next((each for each in options if "properties" in each), None)
    if table is None:
        free = next((each.get("additionalProperties") for each in options if each.get("type") == "object"), None)
        if not isinstance(free, dict):
            return []
        return [found for key, each in value.items() for found in _strangers(each, free, parts, f"{path}.{key}")]
    return [f"{path}.{key}" for key in value if key not in table["properties"]] + [
        found
        for key, each in value.items()
        if key in table["properties"]
        for found in _strangers(each, table["properties"][key], parts, f"{path}.{key}")
    ]


def _followed(part: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    return parts[part["$ref"].removeprefix("#/$defs/")] if "$ref" in part else part


def test_no_description_speaks_of_our_sources(made: dict[str, Any]) -> None:
    """It is written for people who write files."""
    for each in _within(made):
        if isinstance(each, dict) and isinstance(each.get("description"), str):
            assert not re.search(r"\b(Attributes|Doubt|Source):", each["description"]), each["description"]
