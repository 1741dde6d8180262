"""Ways of calls as a graph: how an NCCO is known again, what was taken, what never was, and how it is told."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_nexmo.apis.voice import graph_rules, ivr_rules, ivr_wire
from fake_nexmo.apis.voice.ivr_model import Branch, Edge, Graph, Scene, Step, Turn, Way
from fake_nexmo.apis.voice.ncco_wire import parse

TALK: dict[str, Any] = {"action": "talk", "text": "Press 1 for sales, 2 for support."}
KEYS: dict[str, Any] = {"action": "input", "type": ["dtmf"]}
START = Branch(Turn.START, "inbound")
HUNG_UP = Branch(Turn.HANG_UP, "hang-up")


def scene(*actions: dict[str, Any], source: str = "GET https://shop.test/answer") -> Scene:
    """A scene of an NCCO in the words of the wire."""
    return ivr_rules.scene(source, parse(actions))


# How an NCCO is known again.


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://shop.test/answer", "https://shop.test/answer"),
        ("https://shop.test:8443/answer#top", "https://shop.test:8443/answer"),
        ("http://127.0.0.1:43123/answer", "http://127.0.0.1/answer"),
        ("http://localhost:8000/", "http://localhost/"),
        ("http://[::1]:8000/a", "http://[::1]/a"),
        ("http://[fd00::1]:8000/a", "http://[fd00::1]:8000/a"),
        ("https://user:secret@shop.test/a", "https://shop.test/a"),
        ("https://shop.test/a?lang=de&uuid=1&Conversation_UUID=2&from=3&to=4&x=", "https://shop.test/a?lang=de&x="),
        ("https://shop.test/a?id=63f61863-4a51-4f6b-86e1-46edebcf9356&step=2", "https://shop.test/a?step=2"),
        ("https://shop.test/a?c=CON-63f61863-4a51-4f6b-86e1-46edebcf9356", "https://shop.test/a"),
        ("https://shop.test/a?at=2026-01-01T00:00:00Z&n=447700900001", "https://shop.test/a"),
        ("https://shop.test/calls/63f61863-4a51-4f6b-86e1-46edebcf9356/a", "https://shop.test/calls/{uuid}/a"),
        ("http://[::1", "http://[::1"),
        ("http://shop.test:port/", "http://shop.test:port/"),
    ],
)
def test_place_of_an_ncco(url: str, shown: str) -> None:
    """Without what differs from call to call."""
    assert ivr_rules.place("GET", url) == f"GET {shown}"


def test_scene_of_every_action() -> None:
    """In a word or two each, with what is heard."""
    stream = {"action": "stream", "streamUrl": ["https://shop.test/a.mp3?uuid=1"]}
    dtmf = {"action": "input", "mode": "asynchronous", "type": ["dtmf"], "eventUrl": ["https://shop.test/k"]}
    both = {"action": "input", "type": ["dtmf", "speech"], "speech": {"context": ["Sales!", "sales", "Order 12345"]}}
    connect = {
        "action": "connect",
        "eventType": "synchronous",
        "endpoint": [{"type": "phone", "number": "447700900001"}],
    }

    found = scene(
        {**TALK, "text": "<speak>Hello 1234, press <b>1</b>.</speak>"},
        *(stream, dtmf, both, connect, {"action": "wait"}, {"action": "record"}),
        *({"action": "conversation", "name": "x"}, {"action": "notify", "payload": {}, "eventUrl": ["https://a.test"]}),
    )

    assert found == Scene(
        id=found.id,
        source="GET https://shop.test/answer",
        actions=(
            *("talk", "stream", "input each key", "input dtmf speech", "connect phone", "wait", "record"),
            *("conversation", "notify"),
        ),
        texts=("Hello #, press 1 .", "https://shop.test/a.mp3"),
        offers=("1",),
        keys=True,
        speech=True,
        hints=("sales", "order #"),
        connects=True,
    )


@pytest.mark.parametrize(
    "other",
    [
        scene(TALK, KEYS, source="POST https://shop.test/answer"),
        scene(KEYS, TALK),
        scene({**TALK, "text": "Press 1 for sales, 3 for support."}, KEYS),
        scene({**TALK, "text": "Press 1 for sales."}, KEYS),
        scene(TALK),
        scene(TALK, {**KEYS, "type": ["dtmf", "speech"]}),
        scene(TALK, {**KEYS, "type": ["speech"]}),
        scene(),
    ],
)
def test_scenes_that_differ(other: Scene) -> None:
    assert other.id != scene(TALK, KEYS).id


def test_scenes_that_are_the_same() -> None:
    """Numbers that are no keys may be others; so may options of actions."""
    one = scene({**TALK, "text": "Hello 447700900001, you owe 12.50. Press 1 to pay."}, KEYS)
    two = scene({**TALK, "text": "Hello 12015550101, you owe 3. Press 1 to pay.", "loop": 2}, {**KEYS, "dtmf": {}})

    assert one == two
    assert re.fullmatch("n[0-9a-f]{10}", one.id)


def test_long_texts_are_told_by_their_beginning() -> None:
    """And known by the whole."""
    one, two = (scene({**TALK, "text": f"{'word ' * 60}{end}"}) for end in "ab")

    assert one.texts == two.texts == (f"{'word ' * 39}word…",)
    assert one.id != two.id


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Yes, please!", "yes please"),
        ("  It's   number 12 of 447700900001 ", "it s number 12 of #"),
        ("", ""),
        ("a " * 50, ("a " * 30).strip()),
    ],
)
def test_speech_as_a_branch(text: str, words: str) -> None:
    assert ivr_rules.said(text) == words


@pytest.mark.parametrize(
    ("digits", "words", "keys", "by_hash", "branch"),
    [
        ("1", "", True, False, Branch(Turn.KEY, "1")),
        ("*", "", True, False, Branch(Turn.KEY, "*")),
        ("1234", "", True, True, Branch(Turn.KEY, "4 digits")),
        ("", "", True, True, Branch(Turn.KEY, "#")),
        ("", "", True, False, Branch(Turn.TIME_OUT, "time-out")),
        ("", "", False, False, Branch(Turn.NO_INPUT, "no input")),
        ("", "Sales!", True, False, Branch(Turn.SPEECH, "sales")),
    ],
)
def test_what_an_input_comes_to(digits: str, words: str, keys: bool, by_hash: bool, branch: Branch) -> None:
    assert ivr_rules.heard_out(digits, words, keys=keys, by_hash=by_hash) == branch


# Steps.

MENU, SALES = scene(TALK, KEYS), scene({**TALK, "text": "Sales."}, source="POST https://shop.test/menu")
ONE, TWO = Branch(Turn.KEY, "1"), Branch(Turn.KEY, "2")
WHY = Branch(Turn.FALLBACK, "error 500", "GET https://shop.test/answer")
IN_MENU = Way((Step("", START, MENU),), MENU.id)


def test_steps_of_a_call() -> None:
    """A branch leads to the next NCCO; one that leads nowhere is written down when the next is taken."""
    way = ivr_rules.arrived(Way(), MENU, START, has_fallback=True)
    way = ivr_rules.taken(way, TWO)
    way = ivr_rules.taken(way, ONE)
    way = ivr_rules.passed(way, Branch(Turn.VERDICT, "human"))
    way = ivr_rules.arrived(way, SALES, START)
    assert ivr_rules.settled(way) is way
    way = ivr_rules.over(ivr_rules.taken(way, ONE), HUNG_UP)

    assert way == Way(
        (
            Step("", START, MENU, has_fallback=True),
            Step(MENU.id, TWO),
            Step(MENU.id, Branch(Turn.VERDICT, "human")),
            Step(MENU.id, ONE, SALES),
            Step(SALES.id, ONE),
            Step(SALES.id, HUNG_UP, over=True),
        ),
        SALES.id,
    )


def test_over_is_over() -> None:
    """Whatever ends it then; a call that was given nothing, and none in vain, has no way."""
    way = ivr_rules.over(IN_MENU, HUNG_UP)

    assert ivr_rules.over(way, Branch(Turn.END, "time limit")) is way
    assert ivr_rules.over(Way(at="n1"), HUNG_UP) == Way(at="n1")


def test_failures_in_a_row_are_one_branch() -> None:
    """Whether the fallback has an NCCO, has none either, or the call has one that goes on."""
    asked = ivr_rules.failed(Way(), "error 500", WHY.source)
    again = ivr_rules.failed(asked, "invalid NCCO", "GET https://shop.test/fallback")
    twice = Branch(Turn.FALLBACK, "error 500, invalid NCCO", WHY.source)

    assert ivr_rules.arrived(asked, MENU, START) == Way((Step("", WHY, MENU),), MENU.id)
    assert ivr_rules.over(asked, HUNG_UP) == Way((Step("", WHY, over=True),))
    assert ivr_rules.over(again, HUNG_UP) == Way((Step("", twice, over=True),))
    within = ivr_rules.failed(ivr_rules.taken(IN_MENU, ONE), "error 500", WHY.source)
    assert ivr_rules.over(within, HUNG_UP).steps[1:] == (
        Step(MENU.id, ONE),
        Step(MENU.id, WHY),
        Step(MENU.id, HUNG_UP, over=True),
    )


# What never was.


def graph(*ways: Way) -> Graph:
    return graph_rules.graph(ways)


def going(one: Scene, *branches: Branch) -> Graph:
    """The graph of a call that took some branches in a scene."""
    way = ivr_rules.arrived(Way(), one, START)
    for each in branches:
        way = ivr_rules.taken(way, each)
    return graph(ivr_rules.settled(way))


def never(one: Scene, *branches: Branch) -> list[str]:
    return [each.label for each in graph_rules.untaken(going(one, *branches))]


TIMED_OUT, NOTHING_SAID = Branch(Turn.TIME_OUT, "time-out"), Branch(Turn.NO_INPUT, "no input")
SPEECH = {"action": "input", "type": ["speech"]}
HINTS = {**SPEECH, "speech": {"context": ["sales", "support"]}}
BOTH = {**HINTS, "type": ["speech", "dtmf"]}
CALLED = {"action": "connect", "eventType": "synchronous", "endpoint": [{"type": "app", "user": "ada"}]}


@pytest.mark.parametrize(
    ("actions", "taken", "missed"),
    [
        ([TALK, KEYS], [], ["1", "2", "wrong key", "time-out", "hang-up"]),
        ([TALK, KEYS], [ONE], ["2", "wrong key", "time-out", "hang-up"]),
        ([TALK, KEYS], [ONE, TWO, Branch(Turn.KEY, "2 digits"), TIMED_OUT, HUNG_UP], []),
        ([KEYS], [], ["any key", "time-out", "hang-up"]),
        ([KEYS], [Branch(Turn.KEY, "4 digits")], ["time-out", "hang-up"]),
        ([SPEECH], [], ["any words", "no input", "hang-up"]),
        ([SPEECH], [Branch(Turn.SPEECH, "hello"), NOTHING_SAID], ["hang-up"]),
        ([HINTS], [], ["sales", "support", "no input", "hang-up"]),
        ([HINTS], [Branch(Turn.SPEECH, "sales please")], ["support", "no input", "hang-up"]),
        ([HINTS], [Branch(Turn.SPEECH, "salesman")], ["sales", "support", "no input", "hang-up"]),
        ([TALK, BOTH], [TIMED_OUT], ["1", "2", "wrong key", "sales", "support", "hang-up"]),
        ([CALLED], [], ["not connected"]),
        ([CALLED], [Branch(Turn.CONNECT, "answered")], ["not connected"]),
        ([CALLED], [Branch(Turn.CONNECT, "busy")], []),
        ([TALK], [Branch(Turn.VERDICT, "human")], ["machine"]),
        ([TALK], [Branch(Turn.VERDICT, "machine")], ["human"]),
        ([TALK], [Branch(Turn.VERDICT, "human"), Branch(Turn.VERDICT, "machine")], []),
        ([TALK], [], []),
    ],
)  # fmt: skip
def test_branches_that_were_never_taken(actions: list[Any], taken: list[Branch], missed: list[str]) -> None:
    assert never(scene(*actions), *taken) == missed


def test_fallback_that_was_never_asked() -> None:
    """Said once of each place, unless it failed at least once."""
    night = scene({**TALK, "text": "We are closed."})
    day, dark = (ivr_rules.arrived(Way(), each, START, has_fallback=True) for each in (MENU, night))
    failing = ivr_rules.arrived(ivr_rules.failed(Way(), "error 500", MENU.source), SALES, START)
    elsewhere = ivr_rules.arrived(ivr_rules.failed(Way(), "error 500", "GET https://b.test/"), SALES, START)

    def fallbacks(*ways: Way) -> int:
        return sum(each.turn is Turn.FALLBACK for each in graph_rules.untaken(graph(*ways)))

    assert (fallbacks(day), fallbacks(day, dark), fallbacks(day, IN_MENU), fallbacks(IN_MENU)) == (1, 1, 1, 0)
    assert (fallbacks(day, failing), fallbacks(day, elsewhere)) == (0, 1)


# How it is told.

LOST = Scene(id="n0000000000", source="inline", actions=("wait",))


def test_order_is_that_of_a_reader() -> None:
    """From the beginning, breadth first; what no call came to from there stands last, edges of nowhere after that."""
    way = ivr_rules.arrived(ivr_rules.taken(IN_MENU, ONE), SALES, START)
    back = ivr_rules.arrived(ivr_rules.taken(way, TIMED_OUT), MENU, START)
    stray = Way((Step("n9", TWO, LOST),))

    whole = graph(stray, back)

    assert [each.scene for each in graph_rules.nodes(whole)] == [MENU, SALES, LOST]
    assert [(each.origin, each.to) for each in graph_rules.edges(whole)] == [
        ("", MENU.id),
        (MENU.id, SALES.id),
        (SALES.id, MENU.id),
        ("n9", LOST.id),
    ]


def test_nothing_at_all() -> None:
    """A call that no NCCO was asked for counts for nothing."""
    whole = graph(Way(), Way())

    assert whole == Graph()
    assert ivr_wire.say(whole) == {"calls": 0, "nodes": [], "edges": [], "untaken": []}
    assert ivr_wire.table(whole) == "no call was given an NCCO\n"
    assert ivr_wire.mermaid(whole) == 'flowchart TD\n    start(["call"])\n'
    assert ivr_wire.missing(whole) == []
    assert ivr_wire.markdown(whole) == "# Call flows\n\n```text\nno call was given an NCCO\n```\n"


def test_what_is_not_known_is_told_as_it_is() -> None:
    """Where a scene is gone, its id stands for it."""
    whole = Graph(1, {}, {Edge("", START, "n9"): 2})

    assert ivr_wire.table(whole) == "1 call, 0 NCCOs, 1 branch taken, 0 never\n\ncalls\n  inbound     2x  -> n9\n"


@pytest.mark.parametrize(
    ("one", "called"),
    [
        (MENU, "Press 1 for sales, 2 for support."),
        (scene(KEYS, {"action": "wait"}), "input dtmf, wait"),
        (scene(), "nothing"),
        (scene({**TALK, "text": "word " * 20}), f"{'word ' * 11}word…"),
    ],
)
def test_what_a_scene_is_called(one: Scene, called: str) -> None:
    assert ivr_wire.label(one) == called


def test_json_that_is_no_graph() -> None:
    with pytest.raises(msgspec.ValidationError):
        ivr_wire.read({"calls": 1})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Press 1, for sales.", "Press 1, for sales."),
        ('say "yes" [or] (no) {x} <b>', "say #34;yes#34; #91;or#93; #40;no#41; #123;x#125; #60;b#62;"),
        ("# ; & ` | \\ ~ $", "#35; #59; #38; #96; #124; #92; #126; #36;"),
        ("a\n b\tc", "a b c"),
        ("Drücken, 漢字 ☎", "Drücken, 漢字 #9742;"),
        ("\ud800\x00\u202e", ""),
    ],
)
def test_texts_in_mermaid(text: str, shown: str) -> None:
    assert ivr_wire.escaped(text) == shown


# Laws.

TEXTS = st.text(max_size=12)
SCENES = st.builds(
    lambda source, text, keys, speech, offers: ivr_rules.scene(
        source,
        parse(
            [
                {"action": "talk", "text": f"{text} {offers}"},
                *([{"action": "input", "type": ["dtmf"] * keys + ["speech"] * speech}] if keys or speech else []),
            ]
        ),
    ),
    *(TEXTS, TEXTS, st.booleans(), st.booleans(), st.sampled_from(["", "Press 1.", "Press 1 or 2."])),
)
BRANCHES = st.builds(Branch, st.sampled_from(Turn), TEXTS | st.sampled_from("12*#"))


@st.composite
def ways(draw: st.DrawFn) -> Way:
    """A way through a few scenes."""
    way = Way()
    known = draw(st.lists(SCENES, min_size=1, max_size=3))
    for _ in range(draw(st.integers(0, 5))):
        way = ivr_rules.arrived(way, draw(st.sampled_from(known)), START, has_fallback=draw(st.booleans()))
        way = ivr_rules.taken(way, draw(BRANCHES))
    return ivr_rules.over(way, draw(BRANCHES)) if draw(st.booleans()) else way


_ID = r"(?:start|over|n[0-9a-f]{10})"
_TEXT = r'"(?:[^"\[\]{}()<>|`;&#]|#\d+;|<br>)*"'
_LINES = re.compile(
    rf"flowchart TD|    (?:start|over)\(\[{_TEXT}\]\)|    n[0-9a-f]{{10}}\[{_TEXT}\]"
    rf"|    {_ID} (?:-->|-\.->)\|{_TEXT}\| (?:{_ID}|never\d+\(\[\"never\"\]\):::never)"
    r"|    classDef never stroke-dasharray:4 4,opacity:0.6"
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ways(), max_size=4))
def test_mermaid_can_be_read_whatever_is_said(some: list[Way]) -> None:
    """Every line is one of a few forms, no text breaks out of its quotes, and each box is drawn once."""
    lines = ivr_wire.mermaid(graph_rules.graph(some)).split("\n")

    assert lines.pop() == ""
    assert [line for line in lines if not _LINES.fullmatch(line)] == []
    boxes = re.findall(r"^    (\w+)[\[(]", "\n".join(lines), re.MULTILINE)
    assert len(boxes) == len({*boxes})
    assert {end for line in lines for end in re.findall(rf"^    ({_ID}) -|\| ({_ID})$", line) if end in boxes} <= {
        *boxes
    }


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ways(), max_size=5), st.randoms(use_true_random=False), st.integers(0, 5))
def test_graphs_can_be_added_in_any_order(some: list[Way], chance: Any, k: int) -> None:
    """All at once, one after the other, apart, through JSON: the same is told."""
    at_once = graph_rules.graph(some)
    mixed = [*some]
    chance.shuffle(mixed)
    halves = [graph_rules.graph(mixed[:k]), graph_rules.graph(mixed[k:])]
    chance.shuffle(halves)
    read = [ivr_wire.read(msgspec.json.decode(_encoded(each))) for each in halves]

    for whole in (graph_rules.merge(halves), graph_rules.merge(read), graph_rules.graph(mixed)):
        assert ivr_wire.say(whole) == ivr_wire.say(at_once)
        assert ivr_wire.mermaid(whole) == ivr_wire.mermaid(at_once)
        assert ivr_wire.table(whole) == ivr_wire.table(at_once)
        assert ivr_wire.missing(whole) == ivr_wire.missing(at_once)


def _encoded(whole: Graph) -> bytes:
    return msgspec.json.encode(ivr_wire.say(whole))
