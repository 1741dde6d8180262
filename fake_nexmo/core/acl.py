"""What the ``acl`` claim of a token allows: patterns of paths, and methods.

A pattern is compared with the path without query and without a slash at its end. ``*`` is one or more characters of one
segment, ``**`` anything, and ``/**`` at the end also nothing. A pattern that begins with no version, such as
``/messages``, may also fit the path behind its first segment. The precise grammar is not published; all of this is
inferred from examples.

Matching keeps the set of places in the path that the pattern can have come to, so that no pattern, however many stars
it has, takes longer than its length times that of the path.

Source: reference auth §5.5 (D).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_STARS = re.compile(r"(\*\*|\*)")
_VERSIONED = re.compile(r"/(v\d[^/]*(/|$)|[^/]*\*)")
_REST = "/**"


def allows(acl: Any, method: str, path: str) -> bool:
    """Whether an ``acl`` claim allows a request; without a claim, or without paths in it, everything is.

    Filters are ignored.

    Doubt: what is no object, or has no object of paths, allows nothing.
    """
    if acl is None:
        return True
    if not isinstance(acl, Mapping):
        return False
    paths = acl.get("paths")
    if paths is None:
        return True
    if not isinstance(paths, Mapping):
        return False
    return any(_permits(rule, method) and matches(pattern, path) for pattern, rule in paths.items())


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern fits a path; a pattern without a version may leave the first segment of the path out."""
    plain, wanted = _without_slash(path), _without_slash(pattern)
    if _fits(wanted, plain):
        return True
    if _VERSIONED.match(wanted):
        return False
    rest = plain.find("/", 1)
    return rest > 0 and _fits(wanted, plain[rest:])


def _permits(rule: Any, method: str) -> bool:
    """Whether the rule of a pattern allows a method; an empty one, however PHP spells it, allows all.

    Doubt: a rule that is neither, or whose methods are no list, allows none.
    """
    if rule == [] or rule == {}:
        return True
    if not isinstance(rule, Mapping):
        return False
    methods = rule.get("methods")
    return methods is None or (isinstance(methods, list) and method in methods)


def _fits(pattern: str, path: str) -> bool:
    open_end = pattern.endswith(_REST)
    ends = _ends(pattern.removesuffix(_REST) if open_end else pattern, path)
    return len(path) in ends or (open_end and any(path[end] == "/" for end in ends if end < len(path)))


def _ends(pattern: str, path: str) -> Iterable[int]:
    """Where in the path a pattern can end."""
    places = {0}
    for part in _STARS.split(pattern):
        if part == "**":
            places = set(range(min(places), len(path) + 1)) if places else places
        elif part == "*":
            places = _within_segment(places, path)
        elif part:
            places = {place + len(part) for place in places if path.startswith(part, place)}
    return places


def _within_segment(places: set[int], path: str) -> set[int]:
    """The places that one or more characters other than a slash lead to."""
    reached, moving = set(), False
    for at, character in enumerate(path):
        moving = (moving or at in places) and character != "/"
        if moving:
            reached.add(at + 1)
    return reached


def _without_slash(text: str) -> str:
    return text[:-1] if text.endswith("/") and len(text) > 1 else text
