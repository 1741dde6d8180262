"""Variables of a scenario: placeholders such as ``{app}``, and where their values come from.

``{{`` is a brace. A placeholder is ``{[a-z_][a-z0-9_]*}``; any other brace is just a brace, so patterns like ``/x{4}/``
need no care. Where a person types a code, ``{number}``, ``{code}`` and ``{wrong_code}`` stay as they are, and ``{{``
too: they are filled in when the person acts.

Source: scenario format, "Loading".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fake_nexmo.core.forms import NAMES as RESERVED
from fake_nexmo.scenario.flaws import Flaws, near
from fake_nexmo.scenario.nodes import Many, Node, Scalar, Step, Table, is_note

ENVIRONMENT = "FAKE_NEXMO_VAR_"
"""An environment variable of this name and the variable's in capitals gives it its value."""

_PLACE = re.compile(r"\{\{|\{([a-z_][a-z0-9_]*)\}")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_AMBIGUOUS = re.compile(r"\{(?=\{|[a-z_][a-z0-9_]*\})")


def fill(root: Table, given: Mapping[str, str], environment: Mapping[str, str], flaws: Flaws) -> Table:
    """The same scenario with its placeholders filled in; its ``vars`` hold what they were filled with.

    Args:
        root: the whole scenario.
        given: values by name; they win over those of the environment, and these over the scenario's own.
        environment: the variables of the process; empty where a scenario came over the network.
        flaws: gets names that nobody defines, and values that nobody uses.
    """
    work = _Filling(_values(root, given, environment, flaws), environment, flaws)
    entries = {
        key: node if key in {"vars", "extends"} else work.node(node, (key,)) for key, node in root.entries.items()
    }
    declared = root.entries.get("vars")
    names = declared.entries if isinstance(declared, Table) else {}
    for name in given:
        if name not in names and name not in work.used:
            flaws.add(
                ("vars", name), f"nothing in the scenario uses {name!r}; {near(name, sorted({*names, *work.used}))}"
            )
    if isinstance(declared, Table):
        filled = {
            name: Scalar(work.value(name), plain=False, mark=each.mark) if isinstance(each, Scalar) else each
            for name, each in names.items()
            if not is_note(name)
        }
        entries["vars"] = Table(filled, declared.keys, declared.mark)
    return Table(entries, root.keys, root.mark)


def escaped(text: str, path: tuple[Step, ...]) -> str:
    """The text as a file must say it, so that nothing in it is taken for a placeholder."""
    return text if is_form(path) else _AMBIGUOUS.sub("{{", text)


def is_form(path: tuple[Step, ...]) -> bool:
    """Whether a way leads into something that is filled in when a person acts: where a code is typed."""
    if path[:3] == ("world", "settings", "code_form"):
        return True
    return len(path) > 3 and path[0] in {"handsets", "characters"} and path[2] == "on_code"


class _Filling:
    """Fills in placeholders, each value once."""

    def __init__(self, values: Mapping[str, str], environment: Mapping[str, str], flaws: Flaws) -> None:
        self.values = dict(values)
        self.environment = environment
        self.flaws = flaws
        self.used: set[str] = set()
        self._done: dict[str, str] = {}
        self._open: list[str] = []

    def node(self, node: Node, path: tuple[Step, ...]) -> Node:
        if isinstance(node, Scalar):
            text = self._text(node.text, path) if "{" in node.text else node.text
            return node if text == node.text else Scalar(text, plain=False, mark=node.mark)
        if isinstance(node, Many):
            return Many(tuple(self.node(each, (*path, k)) for k, each in enumerate(node.items)), node.mark)
        entries = {key: self.node(each, (*path, key)) for key, each in node.entries.items()}
        return Table(entries, node.keys, node.mark)

    def value(self, name: str, path: tuple[Step, ...] = ("vars",)) -> str:
        """The value of a variable, in which others may stand; ``path`` is where it is asked for."""
        if name in self._open:
            ring = " -> ".join([*self._open[self._open.index(name) :], name])
            self.flaws.add(path, f"the variable {name!r} is made from itself: {ring}")
            return ""
        if name not in self._done:
            self._open.append(name)
            self._done[name] = self._text(self.values[name], ("vars", name))
            self._open.pop()
        return self._done[name]

    def _text(self, text: str, path: tuple[Step, ...]) -> str:
        form = is_form(path)

        def fill_in(found: re.Match[str]) -> str:
            name = found[1]
            if not name:
                return found[0] if form else "{"
            if name in RESERVED:
                if not form and path[0] not in {"timeline", "expect"}:
                    self.flaws.add(path, f"{{{name}}} is filled in only where a code is typed; write {{{{ for a brace")
                return found[0]
            return self._named(name, path, form=form)

        return _PLACE.sub(fill_in, text)

    def _named(self, name: str, path: tuple[Step, ...], *, form: bool) -> str:
        self.used.add(name)
        outside = self.environment.get(ENVIRONMENT + name.upper())
        if name not in self.values and outside is not None:
            self.values[name] = outside
        if name not in self.values:
            known = [*self.values, *(RESERVED if form else ())]
            self.flaws.add(path, f"no variable is called {name!r}; {near(name, known)}, and {{{{ is a brace")
            return ""
        value = self.value(name, path)
        return value.replace("{", "{{") if form else value


def _values(root: Table, given: Mapping[str, str], environment: Mapping[str, str], flaws: Flaws) -> dict[str, str]:
    """Every variable that is declared or given, by name."""
    values: dict[str, str] = {}
    declared = root.entries.get("vars")
    if isinstance(declared, Table):
        for name, node in declared.entries.items():
            if is_note(name) or not isinstance(node, Scalar):
                # That it is no text is said with everything else that does not fit.
                continue
            _check_name(name, flaws)
            values[name] = environment.get(ENVIRONMENT + name.upper(), "" if node.is_null else node.text)
    for name, value in given.items():
        _check_name(name, flaws)
        values[name] = value
    return values


def _check_name(name: str, flaws: Flaws) -> None:
    if name in RESERVED:
        flaws.add(("vars", name), f"{name!r} is kept for what is filled in when a person types a code; take another")
    elif not _NAME.fullmatch(name):
        flaws.add(("vars", name), f"{name!r} cannot name a variable; take small letters, digits and underscores")
