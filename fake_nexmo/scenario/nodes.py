"""What a scenario file says before anybody has judged it: texts, lists and tables, each with its place in the file.

A scalar is always text here, whatever the file's format; what it becomes is decided where it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from fake_nexmo.scenario.errors import ScenarioError

ALLOWED = "$schema"
"""Keys that are always allowed, and say nothing: this one, and all that begin with ``x-``."""

# As long as a number can be; what is longer is a text.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NULLS = frozenset({"", "~", "null"})
DEPTH_MAX = 64
TOO_DEEP = "this goes too deep, or an alias leads back to itself"
_TRUTHS = {"true": True, "false": False}

Step = str | int
"""A step on the way to a node: a key, or an index."""


class Mark(Struct, frozen=True):
    """A place in a file.

    Attributes:
        file: as it was named; empty: it was no file.
        line: from 1, and ``column`` too; 0: unknown.
        excerpt: the whole line.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    excerpt: str = ""


NOWHERE = Mark()


class Scalar(Struct, frozen=True):
    """A text; ``plain`` when it stood without quotes, so that it may be a number, a truth value or nothing."""

    text: str
    plain: bool
    mark: Mark = NOWHERE

    @property
    def is_null(self) -> bool:
        """Whether it says that there is nothing."""
        return self.plain and self.text in _NULLS

    @property
    def truth(self) -> bool | None:
        """The truth value that it is; None: it is none."""
        return _TRUTHS.get(self.text)

    def value(self) -> Any:
        """What it is where anything may stand: nothing, a truth value or a number if it stood plain, else text."""
        if not self.plain:
            return self.text
        if self.text in _NULLS:
            return None
        number = _NUMBER.fullmatch(self.text)
        if number is not None:
            return float(self.text) if number[1] or number[2] else int(self.text)
        truth = self.truth
        return self.text if truth is None else truth


class Many(Struct, frozen=True):
    """A list."""

    items: tuple[Node, ...]
    mark: Mark = NOWHERE


class Table(Struct, frozen=True):
    """A table; ``keys`` are the places of its keys."""

    entries: Mapping[str, Node]
    keys: Mapping[str, Mark] = {}
    mark: Mark = NOWHERE


Node = Scalar | Many | Table


def is_note(key: str) -> bool:
    """Whether a key is one that is always allowed and says nothing."""
    return key == ALLOWED or key.startswith("x-")


def of_object(given: Any, mark: Mark = NOWHERE, depth: int = 0) -> Node:
    """The node of a value that was no file: what JSON or a Python program holds.

    Raises:
        ScenarioError: it holds something that is neither text, number, truth value, list, table nor nothing, or goes
            too deep.
    """
    if depth > DEPTH_MAX:
        raise ScenarioError("", TOO_DEEP)
    if isinstance(given, Mapping):
        entries = {str(key): of_object(value, mark, depth + 1) for key, value in given.items()}
        return Table(entries, dict.fromkeys(entries, mark), mark)
    if isinstance(given, list | tuple):
        return Many(tuple(of_object(each, mark, depth + 1) for each in given), mark)
    if isinstance(given, bool):
        return Scalar("true" if given else "false", plain=True, mark=mark)
    if given is None:
        return Scalar("null", plain=True, mark=mark)
    if isinstance(given, int | float):
        return Scalar(repr(given), plain=True, mark=mark)
    if isinstance(given, str):
        return Scalar(given, plain=False, mark=mark)
    raise ScenarioError("", f"{given!r} cannot stand in a scenario; it holds texts, numbers, lists and tables")


def plain_value(node: Node) -> Any:
    """What a node is where anything may stand."""
    if isinstance(node, Scalar):
        return node.value()
    if isinstance(node, Many):
        return [plain_value(each) for each in node.items]
    return {key: plain_value(each) for key, each in node.entries.items()}


def find(root: Node, path: tuple[Step, ...]) -> Node | None:
    """The node at the end of a way; None: the way ends before."""
    node: Node | None = root
    for step in path:
        node = _child(node, step)
        if node is None:
            return None
    return node


def place(root: Node, path: tuple[Step, ...]) -> Mark:
    """Where the end of a way stands: its key or its item; where the way ends before, the last thing on it."""
    node: Node = root
    mark = root.mark
    for step in path:
        found = _child(node, step)
        if found is None:
            break
        mark = node.keys.get(str(step), found.mark) if isinstance(node, Table) else found.mark
        node = found
    return mark


def _child(node: Node | None, step: Step) -> Node | None:
    if isinstance(node, Table):
        return node.entries.get(str(step))
    if isinstance(node, Many) and str(step).isdigit() and int(step) < len(node.items):
        return node.items[int(step)]
    return None


def lay_over(base: Node, over: Node) -> Node:
    """Two nodes as one: tables deeply by name, a null removes, anything else of ``over`` replaces.

    Source: scenario format, "Loading", ``extends``.
    """
    if not (isinstance(base, Table) and isinstance(over, Table)):
        return over
    entries, keys = dict(base.entries), dict(base.keys)
    for key, node in over.entries.items():
        if key in entries and isinstance(node, Scalar) and node.is_null:
            del entries[key]
            continue
        entries[key] = lay_over(entries[key], node) if key in entries else node
        keys[key] = over.keys.get(key, node.mark)
    return Table(entries, keys, over.mark)
