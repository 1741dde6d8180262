"""A tree of nodes as the typed model: every text becomes what its key holds, and all that does not fit is noted.

The model's own types decide, with the tables of `kinds` for what a text is. Scalars carry no type of their own: ``30``
is a number where a number is meant and a text where a text is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect

from fake_nexmo.core.settings import SETTINGS, check
from fake_nexmo.scenario import document as d
from fake_nexmo.scenario import kinds
from fake_nexmo.scenario.flaws import Flaw, Flaws, near
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.nodes import Many, Node, Scalar, Step, Table, is_note, of_object, plain_value
from fake_nexmo.scenario.people import HandsetFacts

Path = tuple[Step, ...]

_NOTHING: Any = object()
_WHOLE = re.compile("[-+]?[0-9]{1,30}")

STRICTER: Mapping[kinds.Place, Any] = {
    (HandsetFacts, "machine"): d.Machine,
    (HandsetFacts, "on_call"): list[d.CallStep],
    (HandsetFacts, "on_code"): list[d.CodeStep],
}
"""Fields that the model of a phone keeps as plain objects, and what they are judged by in a file."""


def fit(root: Table, flaws: Flaws) -> d.Document | None:
    """The document that a tree spells, without what does not fit; None: too little of it does.

    Args:
        root: with its variables filled in and what it extends laid beneath it.
        flaws: gets everything that does not fit.
    """
    work = _Fitting(flaws)
    plain = work.struct(_type_of(d.Document), root, ())
    return None if work.lost else msgspec.convert(plain, d.Document)


def flaws_of(given: Mapping[str, Any], kind: Any) -> Sequence[Flaw]:
    """What does not fit in an object that should be of one of the model's kinds.

    Raises:
        ScenarioError: it holds what no scenario can.
    """
    root = of_object(given)
    flaws = Flaws(root)
    _Fitting(flaws).struct(_type_of(kind), root, ())
    return flaws.found


@lru_cache(maxsize=256)
def _type_of(given: Any) -> Any:
    return inspect.type_info(given)


class _Fitting:
    """Goes down a tree beside the types of the model.

    Attributes:
        lost: something that has a name was left out, so that nobody can say whether it is rightly named elsewhere.
    """

    def __init__(self, flaws: Flaws) -> None:
        self.flaws = flaws
        self.lost = False

    def struct(self, kind: Any, node: Node, path: Path) -> Any:
        """A table as the plain object of a struct."""
        fields = {field.encode_name: field for field in kind.fields}
        if not isinstance(node, Table):
            self.flaws.add(path, f"a table is expected here, with {', '.join(fields)}; not {_shown(node)}")
            return _NOTHING
        if kind.cls is d.CodeStep:
            node = _lifted(node)
        said: dict[str, Any] = {}
        for key, each in node.entries.items():
            if is_note(key):
                continue
            if key not in fields:
                self.flaws.add((*path, key), f"{key!r} is not known here; {near(key, list(fields))}")
                continue
            value = self._field(kind.cls, fields[key], each, (*path, key))
            if value is not _NOTHING:
                said[key] = value
        missing = [name for name, field in fields.items() if field.required and name not in said]
        for name in missing:
            if name not in node.entries:
                self.flaws.add(path, f"{name!r} is missing here")
        return _NOTHING if missing else said

    def _field(self, owner: type, field: Any, node: Node, path: Path) -> Any:
        if (owner, field.name) == (WorldFacts, "settings"):
            return self._settings(node, path)
        stricter = STRICTER.get((owner, field.name))
        options = _options(field.type if stricter is None else _type_of(stricter))
        if isinstance(node, Scalar) and node.is_null and not _takes(options, inspect.NoneType, inspect.AnyType):
            if _takes(options, inspect.StructType) and _struct(options).cls is d.Pause:
                return {}
            if field.required:
                self.flaws.add(path, f"{field.encode_name!r} is missing here")
            return _NOTHING
        place = (owner, field.name)
        return self._value(options, node, path, kinds.KINDS.get(place), kinds.INSIDE.get(place), kinds.NAMES.get(place))

    def _value(
        self,
        options: Sequence[Any],
        node: Node,
        path: Path,
        kind: kinds.Kind | None = None,
        inside: kinds.Kind | None = None,
        names: kinds.Kind | None = None,
    ) -> Any:
        """What a node is where one of these types is expected."""
        if isinstance(node, Scalar):
            return self._scalar(options, node, path, kind)
        if isinstance(node, Table):
            if _takes(options, inspect.StructType):
                return self.struct(_struct(options), node, path)
            if _takes(options, inspect.DictType):
                return self._dict(_first(options, inspect.DictType), node, path, inside, names)
        elif _takes(options, inspect.ListType):
            item = _options(_first(options, inspect.ListType).item_type)
            found = [self._value(item, each, (*path, k), inside) for k, each in enumerate(node.items)]
            return _NOTHING if _NOTHING in found else found
        if _takes(options, inspect.AnyType):
            return plain_value(node)
        self.flaws.add(path, f"{_expected(options, kind)} is expected here, not {_shown(node)}")
        return _NOTHING

    def _dict(
        self, kind: Any, node: Table, path: Path, inside: kinds.Kind | None, names: kinds.Kind | None
    ) -> dict[str, Any]:
        options = _options(kind.value_type)
        said: dict[str, Any] = {}
        for key, each in node.entries.items():
            here = (*path, key)
            if is_note(key):
                continue
            name = key
            if names is not None:
                wrong = kinds.complaint(names, key)
                if wrong is not None:
                    self.flaws.add(here, wrong)
                    self.lost = True
                    continue
                name = names.keep(key) if names.keep else key
                if name in said:
                    self.flaws.add(here, f"{name} stands here twice")
                    continue
            if isinstance(each, Scalar) and each.is_null and not _takes(options, inspect.AnyType):
                continue
            value = self._value(options, each, here, inside)
            if value is _NOTHING:
                self.lost = True
            else:
                said[name] = value
        return said

    def _scalar(self, options: Sequence[Any], node: Scalar, path: Path, kind: kinds.Kind | None) -> Any:
        """What a text is where one of these types is expected: a word, a truth value, a text, a number."""
        if node.is_null and _takes(options, inspect.NoneType):
            return None
        words = _words(options)
        for word in words:
            if node.text == str(word):
                return word
        if node.plain and node.truth is not None and _takes(options, inspect.BoolType):
            return node.truth
        if kind is not None:
            wrong = kinds.complaint(kind, node.text)
            if wrong is not None:
                self.flaws.add(path, wrong)
                return _NOTHING
            return kind.keep(node.text) if kind.keep else node.text
        if _takes(options, inspect.StrType):
            return node.text
        if _takes(options, inspect.AnyType):
            return node.value()
        number = _number(options, node.text)
        if number is not None:
            return number
        close = get_close_matches(node.text, [*map(str, words), *_truths(options)], 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        self.flaws.add(path, f"{_expected(options, None)} is expected here, not {_shown(node)}{hint}")
        return _NOTHING

    def _settings(self, node: Node, path: Path) -> Any:
        """The world's settings, each read as its row of the table has it."""
        if not isinstance(node, Table):
            self.flaws.add(path, f"a table of settings is expected here, not {_shown(node)}")
            return _NOTHING
        said: dict[str, Any] = {}
        for name, each in node.entries.items():
            if is_note(name) or (isinstance(each, Scalar) and each.is_null):
                continue
            value = _setting(name, each)
            try:
                check(name, value)
            except ValueError as error:
                self.flaws.add((*path, name), str(error))
                continue
            said[name] = value
        return said


def _lifted(step: Table) -> Table:
    """A step that types a code, with ``after`` beside ``submit`` where it stood in it: both are written."""
    submit = step.entries.get("submit")
    if not isinstance(submit, Table) or "after" not in submit.entries or "after" in step.entries:
        return step
    form = {key: each for key, each in submit.entries.items() if key != "after"}
    entries = {**step.entries, "submit": Table(form, submit.keys, submit.mark), "after": submit.entries["after"]}
    return Table(entries, {**step.keys, "after": submit.keys["after"]}, step.mark)


def _setting(name: str, node: Node) -> Any:
    row = SETTINGS.get(name)
    if isinstance(node, Scalar) and row is not None and isinstance(row.default, str):
        return node.text
    if isinstance(node, Scalar) and node.truth is not None and row is not None and isinstance(row.default, bool):
        return node.truth
    if isinstance(node, Many) and row is not None and isinstance(row.default, list):
        return [each.text if isinstance(each, Scalar) else plain_value(each) for each in node.items]
    return plain_value(node)


def _options(kind: Any) -> Sequence[Any]:
    """The types that a type may be."""
    if isinstance(kind, inspect.Metadata):
        return _options(kind.type)
    if isinstance(kind, inspect.UnionType):
        return tuple(option for each in kind.types for option in _options(each))
    return (kind,)


def _takes(options: Sequence[Any], *kinds_: type) -> bool:
    return any(isinstance(each, kinds_) for each in options)


def _first(options: Sequence[Any], kind: type) -> Any:
    return next(each for each in options if isinstance(each, kind))


def _struct(options: Sequence[Any]) -> Any:
    return _first(options, inspect.StructType)


def _words(options: Sequence[Any]) -> list[Any]:
    """The words that may stand somewhere."""
    found: list[Any] = []
    for each in options:
        if isinstance(each, inspect.LiteralType):
            found += each.values
        elif isinstance(each, inspect.EnumType):
            found += [member.value for member in each.cls]
    return found


def _truths(options: Sequence[Any]) -> tuple[str, ...]:
    return ("true", "false") if _takes(options, inspect.BoolType) else ()


def _number(options: Sequence[Any], text: str) -> int | None:
    return int(text) if _takes(options, inspect.IntType) and _WHOLE.fullmatch(text) else None


_EXPECTED = (
    (inspect.BoolType, "true or false"),
    (inspect.IntType, "a whole number"),
    (inspect.StrType, "a text"),
    (inspect.FloatType, "a number"),
    (inspect.ListType, "a list"),
    (inspect.StructType, "a table"),
    (inspect.DictType, "a table"),
)


def _expected(options: Sequence[Any], kind: kinds.Kind | None) -> str:
    """What may stand somewhere, in words."""
    said = [] if kind is None else [kind.meaning]
    words = _words(options)
    if words:
        said.append("one of " + ", ".join(map(str, words)) if len(words) > 1 else str(words[0]))
    covered = {"a text", "a number"} if kind is not None else set()
    for each, what in _EXPECTED:
        if _takes(options, each) and what not in said and what not in covered:
            said.append(what)
    return " or ".join(said)


def _shown(node: Node) -> str:
    """What stands somewhere, short enough for a line."""
    if isinstance(node, Many):
        return "a list"
    if isinstance(node, Table):
        return "a table"
    if node.is_null:
        return "nothing"
    return repr(node.text if len(node.text) <= 40 else node.text[:39] + "…")
