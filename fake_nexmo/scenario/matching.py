"""Whether an entry of a world is what an expectation speaks of, field by field. Pure.

An entry is what the control API shows of a message, call, verification, webhook or request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from msgspec import UNSET, Struct

from fake_nexmo.core.instant import SECOND, parse_duration
from fake_nexmo.core.pattern import Pattern
from fake_nexmo.scenario.document import Expectation

Words = Mapping[str, Any]


class Found(Struct, frozen=True):
    """An entry.

    Attributes:
        kind: ``message``, ``call``, ``verification``, ``webhook``, ``request`` or ``event``.
        at: when it was made, and ``made`` its place in the order of everything that was.
    """

    kind: str
    words: Words
    at: int
    made: int

    @property
    def ids(self) -> set[str]:
        """What it is called by others that are about it."""
        named = ("id", "uuid", "conversation_uuid", "request_id")
        own = {str(self.words[name]) for name in named if self.words.get(name)}
        return own | {str(each) for each in self.words.get("ids", ())}

    @property
    def id(self) -> str:
        """Its own id; of a request its operation and of an event its name, since they have none."""
        named = ("id", "uuid", "request_id", "operation", "name")
        return str(next(self.words[name] for name in named if name in self.words))


class Names(Struct, frozen=True):
    """What names in expectations stand for.

    Attributes:
        start: the instant that ``before`` and ``after`` count from.
        phones: numbers by the names of phones.
        accounts: internal ids by API keys.
        ids: of what earlier expectations found, by their names.
    """

    start: int
    phones: Mapping[str, str]
    accounts: Mapping[str, str]
    ids: dict[str, set[str]]


class Field(Struct, frozen=True):
    """One field of a match.

    Attributes:
        has: what an entry has there.
        fits: whether that is what is wanted.
        moves: whether it may change while the entry is there.
    """

    has: Callable[[Words], Any]
    fits: Callable[[Any, Any, Names], bool]
    moves: bool = False


class Compared(Struct, frozen=True):
    """One field of an entry beside what was wanted there."""

    name: str
    has: Any
    wanted: Any
    fits: bool
    moves: bool = False


def compare(each: Expectation, match: Any, found: Found, names: Names) -> list[Compared]:
    """An entry beside what is wanted of it: every field that is said, and the time between which it was made."""
    lines = []
    for word, field in _FIELDS[found.kind].items():
        wanted = getattr(match, word)
        if wanted is not UNSET:
            has = field.has(found.words)
            lines.append(Compared(word.rstrip("_"), has, wanted, field.fits(wanted, has, names), field.moves))
    since = found.at - names.start
    for word, late in (("before", True), ("after", False)):
        bound = getattr(each, word)
        if bound is not UNSET:
            fits = since < parse_duration(bound) if late else since >= parse_duration(bound)
            lines.append(Compared(word, Span(since), bound, fits))
    return lines


def in_count(said: str, count: int) -> bool:
    """Whether so many are as many as ``2``, ``1..3`` or ``2..`` says."""
    least, most = bounds(said)
    return count >= least and (most is None or count <= most)


def bounds(said: str) -> tuple[int, int | None]:
    """The least and the most that ``2``, ``1..3`` or ``2..`` says; None: there is no most."""
    first, dots, last = said.strip().partition("..")
    return int(first), int(last) if last else None if dots else int(first)


class Span(int):
    """Microseconds from the start."""


def _text(wanted: str, has: Any, _: Names) -> bool:
    return has is not None and Pattern(wanted).matches(str(has))


def _exactly(wanted: Any, has: Any, _: Names) -> bool:
    return bool(has == wanted)


def _number(wanted: str, has: Any, names: Names) -> bool:
    return has is not None and Pattern(names.phones.get(wanted, wanted)).matches(str(has), number=True)


def _account(wanted: str, has: Any, names: Names) -> bool:
    return bool(has == names.accounts.get(wanted, wanted))


def _phase(wanted: str, has: str, _: Names) -> bool:
    """``IN PROGRESS`` as the wire has it, or ``in_progress`` as the rest of a scenario is written."""
    return wanted.lower().replace("_", " ") == has.lower()


def _many(wanted: str, has: int, _: Names) -> bool:
    return in_count(wanted, has)


def _operation(wanted: str, has: str, _: Names) -> bool:
    return fnmatchcase(has, wanted)


def _about(wanted: str, has: str, names: Names) -> bool:
    return has in names.ids.get(wanted, set())


def _answered(wanted: str, has: int | str | None, _: Names) -> bool:
    """``2xx``, a status, or ``none``: it was tried, and there was no answer."""
    return has is not None and (str(has) == wanted or (wanted.endswith("xx") and str(has)[0] == wanted[0]))


def _heard(wanted: Sequence[str], has: Sequence[str], _: Names) -> bool:
    """Whether the patterns are found in this order; several may be found in one sentence."""
    k = 0
    for pattern in wanted:
        while k < len(has) and not Pattern(pattern).matches(has[k]):
            k += 1
        if k == len(has):
            return False
    return True


def _lasted(wanted: str, has: int, _: Names) -> bool:
    first, _dots, last = wanted.strip().partition("..")
    least = parse_duration(first) if first else 0
    most = parse_duration(last) if last else None if ".." in wanted else least
    return has * SECOND >= least and (most is None or has * SECOND <= most)


def _of(name: str) -> Callable[[Words], Any]:
    return lambda words: words.get(name)


def _last_answer(words: Words) -> int | str | None:
    tries = words["attempts"]
    return (tries[-1]["status"] or "none") if tries else None


def _spoken(words: Words) -> list[str]:
    return [line["text"] for line in words["transcript"] if line["text"]]


_FIELDS: Mapping[str, Mapping[str, Field]] = {
    "message": {
        "direction": Field(_of("direction"), _exactly),
        "account": Field(_of("account"), _account),
        "from_": Field(_of("from"), _number),
        "to": Field(_of("to"), _number),
        "type": Field(_of("type"), _exactly),
        "text": Field(_of("text"), _text),
        "status": Field(_of("status"), _exactly, moves=True),
    },
    "call": {
        "direction": Field(_of("direction"), _exactly),
        "from_": Field(_of("from"), _number),
        "to": Field(_of("to"), _number),
        "ended": Field(_of("status"), _exactly, moves=True),
        "heard": Field(_spoken, _heard, moves=True),
        "lasted": Field(_of("duration"), _lasted, moves=True),
    },
    "verification": {
        "account": Field(_of("account"), _account),
        "number": Field(_of("number"), _number),
        "brand": Field(_of("brand"), _text),
        "phase": Field(_of("phase"), _phase, moves=True),
        "checks": Field(lambda words: len(words["checks"]), _many, moves=True),
    },
    "webhook": {
        "kind": Field(_of("kind"), _exactly),
        "about": Field(_of("about"), _about),
        "url": Field(_of("url"), _text),
        "state": Field(_of("state"), _exactly, moves=True),
        "answered": Field(_last_answer, _answered, moves=True),
        "attempts": Field(lambda words: len(words["attempts"]), _many, moves=True),
    },
    "request": {
        "operation": Field(_of("operation"), _operation),
        "account": Field(_of("account"), _account),
        "method": Field(_of("method"), _exactly),
        "path": Field(_of("path"), _text),
        "status": Field(_of("status"), _exactly),
        "fault": Field(_of("fault"), _exactly),
    },
}
