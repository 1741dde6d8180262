"""The way of a call through its application: which NCCOs it was given, and what led from one to the next. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Turn(StrEnum):
    """What can lead a call on: the kinds of branches, in the order in which they are listed."""

    START = "start"
    KEY = "key"
    SPEECH = "speech"
    TIME_OUT = "time_out"
    NO_INPUT = "no_input"
    CONNECT = "connect"
    ON_ANSWER = "on_answer"
    NOTIFY = "notify"
    TRANSFER = "transfer"
    VERDICT = "verdict"
    FALLBACK = "fallback"
    HANG_UP = "hang_up"
    END = "end"


class Scene(Struct, frozen=True, kw_only=True, gc=False):
    """An NCCO as a call came to it: a node of the graph. Scenes of one id are equal, in any world.

    Attributes:
        source: where it came from: a verb and a URL, or ``inline``.
        actions: its actions, in a word or two each.
        texts: how what is heard begins, without numbers that may be others next time; files by their URLs.
        offers: the keys that its prompts offer, as far as that is understood.
        keys: an input of its takes keys, ``speech``: one takes words, ``hints``: which are expected.
        connects: it calls somebody whose not being there may lead elsewhere.
    """

    id: str
    source: str
    actions: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    keys: bool = False
    speech: bool = False
    hints: tuple[str, ...] = ()
    connects: bool = False


class Branch(Struct, frozen=True, gc=False):
    """What leads a call on.

    Attributes:
        label: what exactly: the key, the words, the reason.
        source: what was asked in vain, where that is why.
    """

    turn: Turn
    label: str
    source: str = ""


class Step(Struct, frozen=True, gc=False):
    """A step of a call.

    Attributes:
        origin: the id of the scene that it began in; empty: none, the call had just come.
        scene: what it led to; None: to nothing new.
        over: the call was over by it; else, where it led to nothing new, the NCCO went on.
        has_fallback: another URL would have been asked for the scene's NCCO.
    """

    origin: str
    branch: Branch
    scene: Scene | None = None
    over: bool = False
    has_fallback: bool = False


TIME_OUT: Final = "time-out"
NO_INPUT: Final = "no input"
HANG_UP: Final = "hang-up"
CONNECTED: Final = "answered"


class Way(Struct, frozen=True, gc=False):
    """The way of a call so far.

    Attributes:
        at: the id of the scene that it is in; of a connected leg without steps, the one that it was called from; empty:
            none yet.
        taken: the branch that was taken last, while it is not known where it leads; None: none.
    """

    steps: tuple[Step, ...] = ()
    at: str = ""
    taken: Branch | None = None


class Node(Struct, frozen=True, gc=False):
    """A scene, and how often calls came to it.

    Attributes:
        has_fallback: another URL would have been asked for it at least once.
    """

    scene: Scene
    count: int
    has_fallback: bool = False


class Edge(Struct, frozen=True, gc=False):
    """Where a branch led from a scene.

    Attributes:
        origin: the id of the scene; empty: the beginning of a call.
        to: the id of the scene that it led to, the same where the NCCO went on; empty: the call was over.
        goes_on: nothing new came of it.
    """

    origin: str
    branch: Branch
    to: str
    goes_on: bool = False


class Graph(Struct, frozen=True, gc=False):
    """The ways of calls, laid over one another; see `graph_rules` for how they are added.

    Attributes:
        calls: how many there are of those that were given an NCCO, or were to be.
        edges: how often each was gone.
    """

    calls: int = 0
    nodes: dict[str, Node] = {}
    edges: dict[Edge, int] = {}


class Untaken(Struct, frozen=True, gc=False):
    """A branch of a scene that no call has taken."""

    scene: str
    turn: Turn
    label: str
