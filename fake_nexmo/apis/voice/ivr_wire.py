"""The graph of call flows in words: JSON, a table for people, and Mermaid. Pure.

The JSON holds all that a graph is made of, so that graphs of several worlds can be read again and added.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, convert, field

from fake_nexmo.apis.voice import graph_rules
from fake_nexmo.apis.voice.ivr_model import Branch, Edge, Graph, Node, Scene, Turn, Untaken

NOTHING: Final = "no call was given an NCCO"
NEVER: Final = "never"

_LABEL_MAX: Final = 60
# What may stand in a Mermaid text as it is; all else is an entity.
_PLAIN: Final = frozenset(" .,:!?'+-=/_")


class _Node(Struct):
    """A node as it is read."""

    id: str
    source: str
    actions: tuple[str, ...]
    texts: tuple[str, ...]
    offers: tuple[str, ...]
    listens: tuple[str, ...]
    hints: tuple[str, ...]
    connects: bool
    fallback: bool
    count: int


class _Edge(Struct):
    """An edge as it is read."""

    origin: str | None = field(name="from")
    to: str | None
    kind: Turn
    branch: str
    goes_on: bool
    count: int
    failed: str | None = None


class _Graph(Struct):
    """A graph as it is read."""

    calls: int
    nodes: tuple[_Node, ...]
    edges: tuple[_Edge, ...]


def say(graph: Graph) -> dict[str, Any]:
    """A graph as JSON: ``from`` is null where calls begin, ``to`` where they are over."""
    return {
        "calls": graph.calls,
        "nodes": [_node(each) for each in graph_rules.nodes(graph)],
        "edges": [_edge(each, graph.edges[each]) for each in graph_rules.edges(graph)],
        "untaken": [_untaken(graph, each) for each in graph_rules.untaken(graph)],
    }


def read(said: Mapping[str, Any]) -> Graph:
    """A graph from its JSON.

    Raises:
        msgspec.ValidationError: it is none.
    """
    known = convert(dict(said), _Graph)
    return Graph(
        known.calls,
        {each.id: Node(_scene(each), each.count, each.fallback) for each in known.nodes},
        {_read(each): each.count for each in known.edges},
    )


def label(scene: Scene) -> str:
    """What a scene is called: what is heard first, else what is done."""
    first = scene.texts[0] if scene.texts else ", ".join(scene.actions) or "nothing"
    return first if len(first) <= _LABEL_MAX else f"{first[: _LABEL_MAX - 1].rstrip()}…"


# A table.


def table(graph: Graph) -> str:
    """A graph as a table: each scene with its branches, how often each was taken, and where it led."""
    if not graph.calls:
        return f"{NOTHING}\n"
    missed = graph_rules.untaken(graph)
    lines = [summary(graph), "", "calls"]
    lines += _rows([_row(graph, each) for each in graph_rules.leaving(graph, "")])
    for node in graph_rules.nodes(graph):
        scene = node.scene
        lines += ["", f"{titled(scene)}  ({node.count}x)"]
        rows = [(graph_rules.rank(each.branch), _row(graph, each)) for each in graph_rules.leaving(graph, scene.id)]
        rows += [
            (graph_rules.rank(Branch(each.turn, each.label)), (each.label, NEVER, ""))
            for each in missed
            if each.scene == scene.id
        ]
        # Sorting keeps the order of those that are alike.
        lines += _rows([row for _, row in sorted(rows, key=lambda each: each[0])])
    return "\n".join(line.rstrip() for line in lines) + "\n"


def summary(graph: Graph) -> str:
    """A graph in one line."""
    calls, scenes = _counted(graph.calls, "call"), _counted(len(graph.nodes), "NCCO")
    gone, missed = _counted(len(graph.edges), "branch", "branches"), len(graph_rules.untaken(graph))
    return f"{calls}, {scenes}, {gone} taken, {missed} never"


def missing(graph: Graph) -> list[str]:
    """The branches that no call has taken, a line for each scene."""
    by_scene: dict[str, list[str]] = {}
    for each in graph_rules.untaken(graph):
        by_scene.setdefault(each.scene, []).append(each.label)
    return [f"{titled(graph.nodes[scene].scene)}: {', '.join(labels)}" for scene, labels in by_scene.items()]


def titled(scene: Scene) -> str:
    """A scene in one line: where it is from, and what it is called."""
    return f"{scene.source}  {label(scene)}"


def _counted(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


def _row(graph: Graph, edge: Edge) -> tuple[str, str, str]:
    branch, known = edge.branch, graph.nodes.get(edge.origin)
    offers = known.scene.offers if known else ()
    wrong = offers and branch.turn is Turn.KEY and branch.label not in offers
    shown = f"{graph_rules.WRONG_KEY}: {branch.label}" if wrong else branch.label
    return shown, f"{graph.edges[edge]}x", _led(graph, edge)


def _led(graph: Graph, edge: Edge) -> str:
    if edge.goes_on:
        return "goes on"
    if not edge.to:
        return "over"
    known = graph.nodes.get(edge.to)
    return f"-> {titled(known.scene)}" if known else f"-> {edge.to}"


def _rows(rows: list[tuple[str, str, str]]) -> list[str]:
    wide = max((len(name) for name, _, _ in rows), default=0)
    return [f"  {name:<{wide}}  {count:>5}  {led}" for name, count, led in rows]


def markdown(graph: Graph) -> str:
    """A graph as a page: drawn, and as a table."""
    drawn = f"```mermaid\n{mermaid(graph)}```\n\n" if graph.calls else ""
    return f"# Call flows\n\n{drawn}```text\n{table(graph)}```\n"


# Mermaid.


def mermaid(graph: Graph) -> str:
    """A graph as a Mermaid flowchart; dotted is what no call has taken, and where an NCCO just went on."""
    lines = ["flowchart TD", '    start(["call"])', *map(_box, graph_rules.nodes(graph))]
    if any(not edge.to for edge in graph.edges):
        lines.append('    over(["over"])')
    lines += [_arrow(edge, count) for edge, count in ((each, graph.edges[each]) for each in graph_rules.edges(graph))]
    missed = graph_rules.untaken(graph)
    for k, each in enumerate(missed):
        said = escaped(_drawn(Branch(each.turn, each.label)))
        lines.append(f'    {each.scene} -.->|"{said}"| never{k}(["{NEVER}"]):::never')
    if missed:
        lines.append("    classDef never stroke-dasharray:4 4,opacity:0.6")
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """A text for a quoted label of Mermaid: what could mean something there is written by its number."""
    return "".join(map(_letter, " ".join(text.split())))


def _letter(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind[0] in "LN" or letter in _PLAIN:
        return letter
    # What has no shape is no part of a drawing.
    return "" if kind[0] == "C" else f"#{ord(letter)};"


def _box(node: Node) -> str:
    scene = node.scene
    lines = [scene.source, label(scene), ", ".join(scene.actions)]
    return f'    {scene.id}["{"<br>".join(escaped(each) for each in dict.fromkeys(lines) if each)}"]'


def _arrow(edge: Edge, count: int) -> str:
    way = "-.->" if edge.goes_on else "-->"
    return f'    {edge.origin or "start"} {way}|"{escaped(_drawn(edge.branch))} ×{count}"| {edge.to or "over"}'


def _drawn(branch: Branch) -> str:
    """A branch at an arrow: a key alone could be taken for the beginning of a list there."""
    return f"key {branch.label}" if branch.turn is Turn.KEY and len(branch.label) == 1 else branch.label


# JSON.


def _node(node: Node) -> dict[str, Any]:
    scene = node.scene
    return {
        "id": scene.id,
        "source": scene.source,
        "label": label(scene),
        "actions": list(scene.actions),
        "texts": list(scene.texts),
        "offers": list(scene.offers),
        "listens": [name for name, listens in (("keys", scene.keys), ("speech", scene.speech)) if listens],
        "hints": list(scene.hints),
        "connects": scene.connects,
        "fallback": node.has_fallback,
        "count": node.count,
    }


def _scene(said: _Node) -> Scene:
    return Scene(
        id=said.id,
        source=said.source,
        actions=said.actions,
        texts=said.texts,
        offers=said.offers,
        keys="keys" in said.listens,
        speech="speech" in said.listens,
        hints=said.hints,
        connects=said.connects,
    )


def _edge(edge: Edge, count: int) -> dict[str, Any]:
    branch = edge.branch
    return {
        "from": edge.origin or None,
        "to": edge.to or None,
        "kind": branch.turn.value,
        "branch": branch.label,
        "goes_on": edge.goes_on,
        "count": count,
        **({"failed": branch.source} if branch.source else {}),
    }


def _read(said: _Edge) -> Edge:
    return Edge(said.origin or "", Branch(said.kind, said.branch, said.failed or ""), said.to or "", said.goes_on)


def _untaken(graph: Graph, missed: Untaken) -> dict[str, Any]:
    scene = graph.nodes[missed.scene].scene
    return {
        "node": scene.id,
        "source": scene.source,
        "label": label(scene),
        "kind": missed.turn.value,
        "branch": missed.label,
    }
