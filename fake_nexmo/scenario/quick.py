"""Reading the YAML files that every start reads, quickly: the few forms of YAML that they are written in. Pure.

PyYAML takes longer to be imported than all that a server does with these files, and a server without a scenario needs
no other ones. What is understood: tables and lists, a key or an item on each line; tables and lists in braces and
brackets on one line; texts, in double quotes or without; comments. Anything else is refused, never misread; a test
reads the files in both ways.
"""

from __future__ import annotations

import re
from typing import Any

_COMMENT = re.compile(r'("[^"]*")|(?:^|(?<= ))#.*')
_KEY = re.compile(r'(?:"([^"\\]*)"|([A-Za-z0-9_.$-]+)):(?: +|$)')
_ITEM = re.compile("- +")
_TOKEN = re.compile(
    r' *(?:([{}\[\],])|"([^"\\]*)"|((?:[A-Za-z0-9+/_.]|-(?=\S))[A-Za-z0-9+/_.: -]*?)(?<!:)(?= *(?:[{}\[\],]|: |:$|$)))'
    "(:(?= |$))? *"
)
_TRUTHS = {"true": True, "false": False}
_OTHERS = frozenset({"null", "~", ""})


def read(text: str) -> dict[str, Any]:
    """The table that a file holds; its scalars are texts, and true and false where they stand without quotes.

    Raises:
        ValueError: it holds a form that is not understood; with the line.
    """
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        if not (line.isascii() and line.isprintable()):
            raise _strange(number)
        said = _COMMENT.sub(lambda found: found[1] or "", line).rstrip()
        if said:
            lines.append((number, len(said) - len(said.lstrip(" ")), said.lstrip(" ")))
    found, end = _table(lines, 0, 0)
    if end < len(lines):
        raise _strange(lines[end][0])
    return found


_Lines = list[tuple[int, int, str]]


def _block(lines: _Lines, at: int, above: int) -> tuple[Any, int]:
    """The table or list that begins at a line, which is further in than what it belongs to."""
    if at >= len(lines) or lines[at][1] <= above:
        raise _strange(lines[at - 1][0])
    number, indent, said = lines[at]
    if not said.startswith("- "):
        return _table(lines, at, indent)
    items = []
    while at < len(lines) and lines[at][1] == indent:
        number, _, said = lines[at]
        begin = _ITEM.match(said)
        if begin is None:
            raise _strange(number)
        items.append(_line(said[begin.end() :], number))
        at += 1
    return items, at


def _table(lines: _Lines, at: int, indent: int) -> tuple[dict[str, Any], int]:
    said: dict[str, Any] = {}
    while at < len(lines) and lines[at][1] == indent:
        number, _, line = lines[at]
        key = _KEY.match(line)
        if key is None:
            raise _strange(number)
        name, rest = key[2] or key[1], line[key.end() :]
        if name in said:
            raise _strange(number)
        said[name], at = (_line(rest, number), at + 1) if rest else _block(lines, at + 1, indent)
    return said, at


def _line(said: str, number: int) -> Any:
    """What stands in one line."""
    value, end = _value(said, 0, number)
    if end < len(said):
        raise _strange(number)
    return value


def _value(said: str, at: int, number: int) -> tuple[Any, int]:
    token = _TOKEN.match(said, at)
    if token is None or token[4]:
        raise _strange(number)
    if token[1] == "{":
        return _braces(said, token.end(), number)
    if token[1] == "[":
        return _brackets(said, token.end(), number)
    if token[1]:
        raise _strange(number)
    if token[3] is None:
        return token[2], token.end()
    if token[3] in _OTHERS:
        raise _strange(number)
    return _TRUTHS.get(token[3], token[3]), token.end()


def _braces(said: str, at: int, number: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while not said.startswith("}", at):
        key = _TOKEN.match(said, at)
        if key is None or not key[4] or (key[3] or key[2]) in found:
            raise _strange(number)
        found[key[3] or key[2]], at = _value(said, key.end(), number)
        at = _behind(said, at, "}", number)
    return found, _after(said, at)


def _brackets(said: str, at: int, number: int) -> tuple[list[Any], int]:
    found = []
    while not said.startswith("]", at):
        value, at = _value(said, at, number)
        found.append(value)
        at = _behind(said, at, "]", number)
    return found, _after(said, at)


def _behind(said: str, at: int, end: str, number: int) -> int:
    """Where the next one begins, behind a comma; or where the end stands."""
    if said.startswith(end, at):
        return at
    if not said.startswith(", ", at):
        raise _strange(number)
    return at + 2


def _after(said: str, at: int) -> int:
    at += 1
    while said.startswith(" ", at):
        at += 1
    return at


def _strange(number: int) -> ValueError:
    return ValueError(f"line {number} has a form of YAML that the files of every start are not written in")
