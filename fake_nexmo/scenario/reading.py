"""Reading YAML, TOML and JSON into nodes that know their places. YAML is loaded only when a file is read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.flaws import BrokenScenario, Flaw
from fake_nexmo.scenario.nodes import DEPTH_MAX, TOO_DEEP, Many, Mark, Node, Scalar, Step, Table, of_object

if TYPE_CHECKING:
    import yaml

KINDS = {".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}
"""The formats, by the ends of file names."""

NULL = "x-null"
"""TOML has no null: a table that says only ``x-null = true`` stands for it."""

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_UNLIKE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_NODES_MAX = 100_000


def kind_of(file: str) -> str:
    """The format of a file, by its name.

    Raises:
        BrokenScenario: it has none that is known.
    """
    kind = KINDS.get(PurePath(file).suffix.lower())
    if kind is None:
        raise BrokenScenario([Flaw("", f"no format goes with that name; take {', '.join(KINDS)}", Mark(file))])
    return kind


def read(text: str, file: str, kind: str) -> Table:
    """The table that a text holds.

    Args:
        text: the whole of it.
        file: how places are named.
        kind: ``yaml``, ``toml`` or ``json``.

    Raises:
        BrokenScenario: it cannot be read at all, or is no table.
    """
    root = _read_toml(text, file) if kind == "toml" else _Yaml(text, file, kind).root()
    if not isinstance(root, Table):
        raise BrokenScenario([Flaw("", "a scenario is a table, such as world: {…}", root.mark)])
    return root


class _Yaml:
    """Reads YAML, and JSON, which is a part of it: scalars stay text, aliases are followed."""

    def __init__(self, text: str, file: str, kind: str) -> None:
        self.file = file
        self.kind = kind
        self.lines = text.splitlines()
        self.text = _json_as_yaml(text) if kind == "json" else text
        self.left = _NODES_MAX

    def root(self) -> Node:
        """The whole text.

        Raises:
            BrokenScenario: it cannot be read.
        """
        import yaml

        try:
            self._check_depth()
            found: Any = yaml.compose(self.text, Loader=_loader())
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark or error.context_mark
            mark = Mark(self.file) if at is None else self._mark(at)
            what = ", ".join(each for each in (error.context, error.problem) if each)
            raise BrokenScenario([Flaw("", f"this is no {self.kind.upper()}: {what}", mark)]) from None
        except yaml.YAMLError as error:
            what = str(error).splitlines()[0]
            raise BrokenScenario([Flaw("", f"this is no {self.kind.upper()}: {what}", Mark(self.file))]) from None
        if found is None:
            return Table({}, {}, Mark(self.file))
        return self._node(found, 0)

    def _check_depth(self) -> None:
        """Refuse what goes too deep before it is composed: where the stack ends, so does the process."""
        import yaml

        depth = 0
        for event in yaml.parse(self.text, Loader=_loader()):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEPTH_MAX:
                raise BrokenScenario([Flaw("", TOO_DEEP, self._mark(event.start_mark))])

    def _node(self, found: Any, depth: int) -> Node:
        import yaml

        mark = self._mark(found.start_mark)
        self.left -= 1
        if self.left < 0:
            what = f"this holds more than {_NODES_MAX:,} things; aliases of aliases multiply"
            raise BrokenScenario([Flaw("", what, mark)])
        if depth > DEPTH_MAX:
            raise BrokenScenario([Flaw("", TOO_DEEP, mark)])
        if isinstance(found, yaml.ScalarNode):
            return Scalar(found.value, plain=not found.style, mark=mark)
        if isinstance(found, yaml.SequenceNode):
            return Many(tuple(self._node(each, depth + 1) for each in found.value), mark)
        return self._table(found, mark, depth)

    def _table(self, found: Any, mark: Mark, depth: int) -> Table:
        import yaml

        entries: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        for key, value in found.value:
            at = self._mark(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                raise BrokenScenario([Flaw("", "a key is a text; put quotes around what begins with a brace", at)])
            name = str(key.value)
            if name in entries:
                raise BrokenScenario([Flaw(name, f"{name!r} stands here twice; it was in line {keys[name].line}", at)])
            entries[name], keys[name] = self._node(value, depth + 1), at
        return Table(entries, keys, mark)

    def _mark(self, at: Any) -> Mark:
        excerpt = self.lines[at.line] if at.line < len(self.lines) else ""
        return Mark(self.file, at.line + 1, at.column + 1, excerpt)


@lru_cache(maxsize=1)
def _loader() -> type[yaml.BaseLoader]:
    """The fast loader where it was built, else the one in Python."""
    import yaml

    fast: Any = getattr(yaml, "CBaseLoader", None)
    return fast or yaml.BaseLoader


def _json_as_yaml(text: str) -> str:
    """JSON as YAML has it: no tab between tokens, escapes for what YAML refuses, and no character in two halves."""
    plain = _UNLIKE.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\t", " "))
    return _PAIR.sub(lambda found: f"{found[1]}\\U{_joined(found[2], found[3]):08x}", plain)


def _joined(high: str, low: str) -> int:
    """The character that two halves of four hex digits make. Source: Unicode, surrogate pairs."""
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00


def _read_toml(text: str, file: str) -> Node:
    lines = text.splitlines()
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT.search(said)
        line, column = (int(at[1]), int(at[2])) if at and at[1] else (len(lines), 1)
        excerpt = lines[line - 1] if 0 < line <= len(lines) else ""
        what = f"this is no TOML: {_AT.sub('', said)}"
        raise BrokenScenario([Flaw("", what, Mark(file, line, column, excerpt))]) from None
    except RecursionError:
        raise BrokenScenario([Flaw("", TOO_DEEP, Mark(file))]) from None
    return _Toml(file, lines).node(found, ())


class _Toml:
    """Gives what `tomllib` read its places: it tells none, so the lines are looked through for keys."""

    def __init__(self, file: str, lines: Sequence[str]) -> None:
        self.marks = _places(file, lines)
        self.file = file

    def node(self, found: Any, path: tuple[Step, ...]) -> Node:
        mark = self._mark(path)
        if len(path) > DEPTH_MAX:
            raise BrokenScenario([Flaw("", TOO_DEEP, mark)])
        if isinstance(found, dict):
            if found == {NULL: True}:
                return Scalar("null", plain=True, mark=mark)
            entries = {key: self.node(each, (*path, key)) for key, each in found.items()}
            return Table(entries, {key: self._mark((*path, key)) for key in found}, mark)
        if isinstance(found, list):
            return Many(tuple(self.node(each, (*path, k)) for k, each in enumerate(found)), mark)
        if isinstance(found, datetime | date | time):
            return Scalar(found.isoformat().replace("+00:00", "Z"), plain=True, mark=mark)
        try:
            return of_object(found, mark)
        except ScenarioError as error:
            raise BrokenScenario([Flaw(".".join(map(str, path)), error.what, mark)]) from None

    def _mark(self, path: tuple[Step, ...]) -> Mark:
        """The place of a key, or of the nearest one around it."""
        while path not in self.marks and path:
            path = path[:-1]
        return self.marks.get(path, Mark(self.file))


_PART = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[(\[?)\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")


def _places(file: str, lines: Sequence[str]) -> dict[tuple[Step, ...], Mark]:
    """Where keys stand; a key within an inline table stands where its table does."""
    marks: dict[tuple[Step, ...], Mark] = {}
    counts: dict[tuple[Step, ...], int] = {}
    table: tuple[Step, ...] = ()
    for number, line in enumerate(lines, 1):
        header = _HEADER.match(line)
        if header is not None:
            table = _header(_names(header[2]), counts, many=bool(header[1]))
            marks.setdefault(table, Mark(file, number, header.start(2) + 1, line))
            continue
        key = _KEY.match(line)
        if key is not None:
            marks.setdefault((*table, *_names(key[1])), Mark(file, number, key.start(1) + 1, line))
    return marks


def _header(names: tuple[Step, ...], counts: dict[tuple[Step, ...], int], *, many: bool) -> tuple[Step, ...]:
    """The way that a header names; of a table in an array, the newest one."""
    way: tuple[Step, ...] = ()
    for name in names:
        way = (*way, name)
        if many and way == _plain(names, way):
            counts[way] = counts.get(way, -1) + 1
        if way in counts:
            way = (*way, counts[way])
    return way


def _plain(names: tuple[Step, ...], way: tuple[Step, ...]) -> tuple[Step, ...]:
    """The way that names all of a header, with the indices that were met."""
    named = [each for each in way if isinstance(each, str)]
    return way if len(named) == len(names) else ()


def _names(dotted: str) -> tuple[Step, ...]:
    parts = re.findall(_PART, dotted)
    return tuple(tomllib.loads(f"k = {each}")["k"] if each[0] in "\"'" else each for each in parts)
