"""The ways of calls, laid over one another to a graph, and the branches of it that none has taken. Pure.

Whatever the order in which graphs are added, the sum is the same, and so is the order in which it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from fake_nexmo.apis.voice.ivr_model import (
    CONNECTED,
    HANG_UP,
    NO_INPUT,
    TIME_OUT,
    Branch,
    Edge,
    Graph,
    Node,
    Scene,
    Step,
    Turn,
    Untaken,
    Way,
)
from fake_nexmo.apis.voice.ivr_rules import settled

WRONG_KEY: Final = "wrong key"
ANY_KEY: Final = "any key"
ANY_WORDS: Final = "any words"
NOT_CONNECTED: Final = "not connected"
FALLBACK: Final = "fallback"
VERDICTS: Final = ("human", "machine")

_TURNS: Final = tuple(Turn)
_KEYS: Final = "1234567890*#"


def graph(ways: Iterable[Way]) -> Graph:
    """The graph of some calls; one that was given no NCCO, and none in vain, counts for nothing.

    A leg that another one was connected to is part of that call.
    """
    calls, nodes, edges = 0, dict[str, Node](), dict[Edge, int]()
    for way in ways:
        steps = settled(way).steps
        calls += bool(steps) and not steps[0].origin
        for step in steps:
            if step.scene is not None:
                _visit(nodes, Node(step.scene, 1, step.has_fallback))
            edge = _edge(step)
            edges[edge] = edges.get(edge, 0) + 1
    return Graph(calls, nodes, edges)


def merge(graphs: Iterable[Graph]) -> Graph:
    """Several graphs as one."""
    calls, nodes, edges = 0, dict[str, Node](), dict[Edge, int]()
    for each in graphs:
        calls += each.calls
        for node in each.nodes.values():
            _visit(nodes, node)
        for edge, count in each.edges.items():
            edges[edge] = edges.get(edge, 0) + count
    return Graph(calls, nodes, edges)


def nodes(whole: Graph) -> tuple[Node, ...]:
    """The nodes as a reader goes through them: from the beginning, branch by branch; what is not reached is last."""
    seen: dict[str, None] = {}
    ahead = [edge.to for edge in leaving(whole, "")]
    while ahead:
        here, *ahead = ahead
        if here and here not in seen:
            seen[here] = None
            ahead += [edge.to for edge in leaving(whole, here)]
    rest = sorted(whole.nodes.keys() - seen.keys(), key=lambda each: (whole.nodes[each].scene.source, each))
    return tuple(whole.nodes[each] for each in (*seen, *rest) if each in whole.nodes)


def leaving(whole: Graph, origin: str) -> tuple[Edge, ...]:
    """The edges that leave a scene, in the order of their branches."""
    found = [edge for edge in whole.edges if edge.origin == origin]
    return tuple(sorted(found, key=lambda edge: (rank(edge.branch), edge.branch.source, edge.to, edge.goes_on)))


def edges(whole: Graph) -> tuple[Edge, ...]:
    """All edges: those of the beginning, then scene by scene; what leaves a scene that is not known stands last."""
    known = ["", *(node.scene.id for node in nodes(whole))]
    others = sorted({edge.origin for edge in whole.edges} - {*known})
    return tuple(edge for origin in (*known, *others) for edge in leaving(whole, origin))


def untaken(whole: Graph) -> tuple[Untaken, ...]:
    """The branches that no call has taken, scene by scene.

    Of an input for keys: those that are offered, one that is not (where any is offered; else any at all), and none; of
    one for words: each that is expected (else any at all), and none; of both: hanging up. Where a fallback could have
    been asked: that; where a connection could have failed: that; where it was found out who answered: the other one.
    """
    told = nodes(whole)
    first = {node.scene.source: node.scene.id for node in reversed(told) if node.has_fallback}
    failed = {edge.branch.source for edge in whole.edges if edge.branch.turn is Turn.FALLBACK}
    found: list[Untaken] = []
    for node in told:
        scene = node.scene
        taken = [edge.branch for edge in leaving(whole, scene.id)]
        missed = [*_keys(scene, taken), *_words(scene, taken), *_others(scene, taken)]
        if first.get(scene.source) == scene.id and scene.source not in failed:
            missed.append(Branch(Turn.FALLBACK, FALLBACK))
        found += [Untaken(scene.id, each.turn, each.label) for each in sorted(missed, key=rank)]
    return tuple(found)


def rank(branch: Branch) -> tuple[int, int, str]:
    """Where a branch stands among others: by its kind; keys in their order, others by their words."""
    place = _KEYS.find(branch.label) if branch.turn is Turn.KEY and len(branch.label) == 1 else len(_KEYS)
    return _TURNS.index(branch.turn), place, branch.label


def _visit(known: dict[str, Node], node: Node) -> None:
    there = known.get(node.scene.id)
    if there is None:
        known[node.scene.id] = node
    else:
        both = there.has_fallback or node.has_fallback
        known[node.scene.id] = replace(there, count=there.count + node.count, has_fallback=both)


def _edge(step: Step) -> Edge:
    if step.scene is not None:
        return Edge(step.origin, step.branch, step.scene.id)
    if step.over:
        return Edge(step.origin, step.branch, "")
    return Edge(step.origin, step.branch, step.origin, goes_on=True)


def _keys(scene: Scene, taken: Iterable[Branch]) -> Iterator[Branch]:
    if not scene.keys:
        return
    pressed = {branch.label for branch in taken if branch.turn is Turn.KEY}
    for key in scene.offers:
        if key not in pressed:
            yield Branch(Turn.KEY, key)
    if not pressed - {*scene.offers}:
        yield Branch(Turn.KEY, WRONG_KEY if scene.offers else ANY_KEY)
    if not _has(taken, Turn.TIME_OUT):
        yield Branch(Turn.TIME_OUT, TIME_OUT)


def _words(scene: Scene, taken: Iterable[Branch]) -> Iterator[Branch]:
    if not scene.speech:
        return
    said = [f" {branch.label} " for branch in taken if branch.turn is Turn.SPEECH]
    for hint in scene.hints:
        if not any(f" {hint} " in each for each in said):
            yield Branch(Turn.SPEECH, hint)
    if not scene.hints and not said:
        yield Branch(Turn.SPEECH, ANY_WORDS)
    if not scene.keys and not _has(taken, Turn.NO_INPUT):
        yield Branch(Turn.NO_INPUT, NO_INPUT)


def _others(scene: Scene, taken: Iterable[Branch]) -> Iterator[Branch]:
    if (scene.keys or scene.speech) and not _has(taken, Turn.HANG_UP):
        yield Branch(Turn.HANG_UP, HANG_UP)
    if scene.connects and not any(each.turn is Turn.CONNECT and each.label != CONNECTED for each in taken):
        yield Branch(Turn.CONNECT, NOT_CONNECTED)
    verdicts = {branch.label for branch in taken if branch.turn is Turn.VERDICT}
    for verdict in VERDICTS:
        if verdicts and verdict not in verdicts:
            yield Branch(Turn.VERDICT, verdict)


def _has(taken: Iterable[Branch], turn: Turn) -> bool:
    return any(branch.turn is turn for branch in taken)
