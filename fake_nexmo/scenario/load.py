"""Loading a scenario: read, lay over what it extends, fill in variables, fit into the model, judge.

All that is wrong is said at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from fake_nexmo.scenario import library
from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.fit import fit
from fake_nexmo.scenario.flaws import BrokenScenario, Flaw, Flaws
from fake_nexmo.scenario.judge import judge
from fake_nexmo.scenario.nodes import Many, Mark, Node, Scalar, Table, find, lay_over, of_object
from fake_nexmo.scenario.reading import kind_of, read
from fake_nexmo.scenario.variables import fill
from fake_nexmo.scenario.vocabulary import Vocabulary

_APPLICATIONS = ("world", "applications")


class Origin(Struct, frozen=True):
    """Where a scenario comes from.

    Attributes:
        folder: what files are named from; None: it came over the network, so it may name the library alone.
        chain: the files that led to it, to notice a ring.
        read: gets what every file holds that is read; None: what cannot be read.
    """

    folder: Path | None = None
    chain: tuple[Path, ...] = ()
    read: dict[Path, bytes | None] = {}


def load_file(
    path: Path,
    vocabulary: Vocabulary,
    given: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    read: dict[Path, bytes | None] | None = None,
) -> Document:
    """The scenario in a file.

    Args:
        path: its end, such as ``.yaml``, says its format.
        vocabulary: the names it may use.
        given: variables; they win over those of the environment, and these over the file's own.
        environment: the variables of the process.
        read: gets what every file holds that was read, also where that failed; None: what cannot be read.

    Raises:
        BrokenScenario: everything that is wrong with it.
    """
    root = _read_file(path, str(path), Mark(str(path)), Origin(read={} if read is None else read))
    return _document(root, vocabulary, given or {}, environment or {})


def load_text(
    text: str,
    kind: str,
    vocabulary: Vocabulary,
    given: Mapping[str, str] | None = None,
    *,
    file: str = "",
) -> Document:
    """The scenario in a text; ``kind`` is ``yaml``, ``toml`` or ``json``. It can extend the library alone.

    Raises:
        BrokenScenario: everything that is wrong with it.
    """
    return _document(_extended(read(text, file or f"scenario.{kind}", kind), Origin()), vocabulary, given or {}, {})


def load_object(given: Any, vocabulary: Vocabulary, variables: Mapping[str, str] | None = None) -> Document:
    """The scenario that a plain object spells. It can extend the library alone.

    Raises:
        BrokenScenario: everything that is wrong with it.
    """
    try:
        root = of_object(given)
    except ScenarioError as error:
        raise BrokenScenario([Flaw(error.path, error.what)]) from None
    if not isinstance(root, Table):
        raise BrokenScenario([Flaw("", "a scenario is a table, such as {world: {…}}")])
    return _document(_extended(root, Origin()), vocabulary, variables or {}, {})


def load_named(name: str, vocabulary: Vocabulary, variables: Mapping[str, str] | None = None) -> Document:
    """A scenario of the library.

    Raises:
        ScenarioError: the library has none of that name.
        BrokenScenario: everything that is wrong with it.
    """
    return load_file(library.path_of(name), vocabulary, variables)


def _document(
    root: Table, vocabulary: Vocabulary, given: Mapping[str, str], environment: Mapping[str, str]
) -> Document:
    flaws = Flaws(root)
    filled = fill(root, given, environment, flaws)
    flaws.root = filled
    document = fit(filled, flaws)
    if document is not None:
        flaws.close()
        judge(document, vocabulary, flaws)
    flaws.check()
    assert document is not None, "what does not fit was noted"
    return document


def _read_file(path: Path, shown: str, named_at: Mark, origin: Origin) -> Table:
    """The table in a file, with what it extends beneath it; ``origin`` is of what named it.

    Raises:
        BrokenScenario: it cannot be read, or extends itself.
    """
    kind = kind_of(shown)
    whole, chain = path.resolve(), origin.chain
    if whole in chain:
        ring = " -> ".join(each.name for each in (*chain[chain.index(whole) :], whole))
        raise BrokenScenario([Flaw("extends", f"the file extends itself: {ring}", named_at)])
    origin.read[path] = None
    try:
        held = origin.read[path] = path.read_bytes()
        text = held.decode("utf-8-sig")
    except OSError as error:
        name = "this" if named_at.file == shown else shown
        raise BrokenScenario([Flaw("", f"{name} cannot be read: {error.strerror}", named_at)]) from None
    except UnicodeDecodeError:
        raise BrokenScenario([Flaw("", "this is no text in UTF-8", Mark(shown))]) from None
    return _extended(read(text, shown, kind), Origin(path.parent, (*chain, whole), origin.read))


def _extended(root: Table, origin: Origin) -> Table:
    """A table laid over those that it extends, in their order."""
    root = _with_key_files(root, origin)
    named = root.entries.get("extends")
    if named is None:
        return root
    files = named.items if isinstance(named, Many) else (named,)
    below: Node = Table({}, {}, root.mark)
    wrong: list[Flaw] = []
    for k, each in enumerate(files):
        path = f"extends.{k}"
        if not isinstance(each, Scalar):
            wrong.append(Flaw(path, "what a scenario extends is the name of a file", each.mark))
            continue
        try:
            below = lay_over(below, _other(each, path, origin))
        except BrokenScenario as broken:
            wrong += broken.flaws
    if wrong:
        raise BrokenScenario(wrong)
    own = {key: node for key, node in root.entries.items() if key != "extends"}
    merged = lay_over(below, Table(own, root.keys, root.mark))
    assert isinstance(merged, Table), "two tables make a table"
    return merged


def _other(named: Scalar, path: str, origin: Origin) -> Table:
    """A scenario that another one extends: a file beside it, or one of the library."""
    if origin.folder is not None:
        beside = origin.folder / named.text
        if beside.is_file():
            return _read_file(beside, str(beside), named.mark, origin)
        # Once there is one, it is what is meant.
        origin.read[beside] = None
    try:
        there = library.path_of(named.text)
    except ScenarioError as error:
        what = f"there is no file {named.text!r}; {error.what}" if origin.folder is not None else error.what
        raise BrokenScenario([Flaw(path, what, named.mark)]) from None
    return _read_file(there, str(there), named.mark, origin)


def _with_key_files(root: Table, origin: Origin) -> Table:
    """The table with every ``public_key_file`` read, so that what was named beside one file is found from there."""
    applications = find(root, _APPLICATIONS)
    world = root.entries.get("world")
    if not isinstance(applications, Table) or not isinstance(world, Table):
        return root
    wrong: list[Flaw] = []
    changed = {
        name: _with_key(each, f"world.applications.{name}.public_key_file", origin, wrong)
        for name, each in applications.entries.items()
    }
    if wrong:
        raise BrokenScenario(wrong)
    new_applications = Table(changed, applications.keys, applications.mark)
    new_world = Table({**world.entries, "applications": new_applications}, world.keys, world.mark)
    return Table({**root.entries, "world": new_world}, root.keys, root.mark)


def _with_key(node: Node, path: str, origin: Origin, wrong: list[Flaw]) -> Node:
    if not isinstance(node, Table) or "public_key_file" not in node.entries:
        return node
    named = node.entries["public_key_file"]
    entries = {key: each for key, each in node.entries.items() if key != "public_key_file"}
    if "public_key" in entries:
        wrong.append(Flaw(path, "public_key and public_key_file are two spellings of one fact; keep one", named.mark))
    elif not isinstance(named, Scalar):
        wrong.append(Flaw(path, "the name of a file is expected here", named.mark))
    elif origin.folder is None:
        wrong.append(Flaw(path, "only a scenario in a file can name a file; say public_key", named.mark))
    else:
        file = origin.folder / named.text
        origin.read[file] = None
        try:
            held = origin.read[file] = file.read_bytes()
            text = held.decode().replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError):
            wrong.append(Flaw(path, f"{named.text!r} cannot be read", named.mark))
        else:
            entries["public_key"] = Scalar(text, plain=False, mark=named.mark)
    keys = {**node.keys, "public_key": node.keys.get("public_key_file", node.mark)}
    return Table(entries, keys, node.mark)
