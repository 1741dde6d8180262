"""Everything that is wrong with a scenario, said at once: where, what, and the nearest right thing."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from msgspec import Struct

from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.nodes import Mark, Node, Step, place


class Flaw(Struct, frozen=True):
    """One thing that is wrong.

    Attributes:
        path: where it stands in the scenario, such as ``world.accounts.main.balance``.
        mark: where that is in the file.
    """

    path: str
    what: str
    mark: Mark = Mark()

    def __str__(self) -> str:
        """In one line: file, line, column, path and what is wrong."""
        where = ""
        if self.mark.file:
            where = self.mark.file
            if self.mark.line:
                where += f":{self.mark.line}:{self.mark.column}"
            where += ": "
        return f"{where}{self.path}: {self.what}" if self.path else f"{where}{self.what}"

    def shown(self) -> str:
        """With the line of the file below it, and a mark under the column."""
        if not self.mark.excerpt.strip():
            return str(self)
        indent = "".join("\t" if each == "\t" else " " for each in self.mark.excerpt[: self.mark.column - 1])
        return f"{self}\n  {self.mark.excerpt}\n  {indent}^"


class BrokenScenario(ScenarioError):  # noqa: N818 - as its kind is called
    """A scenario that cannot be.

    Attributes:
        flaws: all that is wrong with it, in the order of the file.
    """

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("", "\n".join(str(each) for each in flaws))
        self.flaws = tuple(flaws)


class Flaws:
    """Collects what is wrong."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.found: list[Flaw] = []
        self._paths: list[tuple[Step, ...]] = []
        self._closed: set[tuple[Step, ...]] = set()

    def add(self, path: tuple[Step, ...], what: str) -> None:
        """Note a flaw at the end of a way, unless it lies within something that is closed."""
        if _thing(path) in self._closed:
            return
        self._paths.append(path)
        self.found.append(Flaw(".".join(map(str, path)), what, place(self.root, path)))

    def add_below(self, path: tuple[Step, ...], error: ScenarioError) -> None:
        """Note what a converter said of something below a way."""
        self.add((*path, *_steps(error.path)), error.what)

    def close(self) -> None:
        """Take no further flaws within things that have some: they may only follow from those."""
        self._closed = {_thing(path) for path in self._paths}

    def check(self) -> None:
        """Say everything that is wrong.

        Raises:
            BrokenScenario: something is.
        """
        if self.found:
            raise BrokenScenario(sorted(self.found, key=_order))


def near(name: str, names: Sequence[str] | dict[str, object]) -> str:
    """A hint: the nearest name that there is, or all of them."""
    found = get_close_matches(name, names, 1)
    return f"did you mean {found[0]!r}?" if found else f"there are {', '.join(names) or 'none'}"


def _thing(path: tuple[Step, ...]) -> tuple[Step, ...]:
    """The way to the account, number, phone, fault or step that something belongs to."""
    return path[: 3 if path[:1] == ("world",) else 2]


def _order(flaw: Flaw) -> tuple[str, int, int]:
    return flaw.mark.file, flaw.mark.line, flaw.mark.column


def _steps(path: str) -> tuple[Step, ...]:
    return tuple(int(each) if each.isdigit() and len(each) < 4 else each for each in path.split(".")) if path else ()
