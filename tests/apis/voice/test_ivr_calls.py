"""Which ways calls have gone through an application: as JSON, as a table, as a drawing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.apis.voice.stage import JSON, OWNED, Stage, ncco, open_stage
from tests.house import House
from tests.receiver import Answer, Received
from tests.socket_peer import Message, Peer, Talk

MAIN = "Press 1 for sales, 2 for support."
SALES = "Press 1 for cars, press 2 for boats."
#: A number whose person is on the phone already.
BUSY = "447700900002"


class Hotline:
    """An application with a menu of two levels.

    Attributes:
        broken: its answer URL fails.
    """

    def __init__(self, stage: Stage) -> None:
        self.url = stage.receiver.url
        self.broken = False

    def menu(self, text: str, path: str) -> Answer:
        where = [f"{self.url}{path}"]
        return ncco(
            {"action": "talk", "text": text},
            {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": where},
        )

    def __call__(self, received: Received) -> Answer:
        said: dict[str, Any] = json.loads(received.body) if received.body else {}
        key = (said.get("dtmf") or {}).get("digits", "")
        if received.path == "/answer":
            return Answer(500) if self.broken else self.menu(MAIN, "/main?uuid=" + received.params["uuid"])
        if received.path == "/main" and key == "2":
            return ncco(
                {
                    "action": "connect",
                    "eventType": "synchronous",
                    "eventUrl": [f"{self.url}/connected"],
                    "endpoint": [{"type": "phone", "number": BUSY}],
                }
            )
        if received.path == "/main":
            return self.menu(SALES, "/sales") if key == "1" else self.menu(f"Sorry. {MAIN}", "/main")
        if received.path == "/sales":
            return ncco({"action": "talk", "text": f"Your order is number {said['timestamp'][:4]}."})
        if received.path == "/connected" and said["status"] == "busy":
            return ncco({"action": "talk", "text": "Everybody is busy."})
        if received.path == "/fallback":
            return ncco({"action": "talk", "text": "We are closed."})
        return Answer(200, b"{}", JSON)


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        await opened.application(fallback_answer_url=f"{opened.receiver.url}/fallback")
        yield opened


async def ring(stage: Stage, *steps: Any) -> None:
    """Somebody calls, does some things, and it is over."""
    await stage.phone(on_call=list(steps))
    await stage.act("call", to=OWNED)
    await stage.house.advance("2m")


async def told(stage: Stage, kind: str) -> tuple[str, str]:
    """The report in another form: its media type and its text."""
    answer = await stage.house.client.get(f"/_fake/worlds/default/ivr?format={kind}")
    assert answer.status_code == 200, answer.text
    return answer.headers["content-type"], answer.text


def node(name: str, source: str, label: str, actions: list[str], count: int, **more: Any) -> dict[str, Any]:
    """A node of the report; what is not said is the usual thing."""
    usual = {"texts": [label], "offers": [], "listens": [], "hints": [], "connects": False, "fallback": False}
    return {"id": name, "source": source, "label": label, "actions": actions, **usual, "count": count, **more}


def edge(begin: str | None, to: str | None, kind: str, branch: str, count: int = 1, **more: Any) -> dict[str, Any]:
    """An edge of the report."""
    return {"from": begin, "to": to, "kind": kind, "branch": branch, "goes_on": False, "count": count, **more}


HERE = "http://127.0.0.1"
ANSWER, CLOSED, CARS, SORRY = "nd2f5f0f86b", "nfb2a02d5bb", "n7b60e4f084", "n047e4fb591"
ORDER, CALLING, TAKEN = "nf7e3c59217", "nd6412ab809", "n5ad3d7c88d"
MENU: dict[str, Any] = {"actions": ["talk", "input dtmf"], "offers": ["1", "2"], "listens": ["keys"]}
NODES = [
    node(ANSWER, f"GET {HERE}/answer", MAIN, count=3, **MENU, fallback=True),
    node(CLOSED, f"GET {HERE}/fallback", "We are closed.", ["talk"], 1),
    node(CARS, f"POST {HERE}/main", SALES, count=1, **MENU),
    node(SORRY, f"POST {HERE}/main", f"Sorry. {MAIN}", count=2, **MENU),
    node(ORDER, f"POST {HERE}/sales", "Your order is number #.", ["talk"], 1),
    node(CALLING, f"POST {HERE}/main", "connect phone", ["connect phone"], 1, texts=[], connects=True),
    node(TAKEN, f"POST {HERE}/connected", "Everybody is busy.", ["talk"], 1),
]
EDGES = [
    edge(None, ANSWER, "start", "inbound", 3),
    edge(None, CLOSED, "fallback", "error 500", failed=f"GET {HERE}/answer"),
    edge(ANSWER, CARS, "key", "1"),
    edge(ANSWER, SORRY, "key", "9"),
    edge(ANSWER, SORRY, "time_out", "time-out"),
    edge(CLOSED, None, "end", "end of script"),
    edge(CARS, ORDER, "key", "1"),
    edge(SORRY, CALLING, "key", "2"),
    edge(SORRY, None, "hang_up", "hang-up"),
    edge(ORDER, None, "end", "end of script"),
    edge(CALLING, TAKEN, "connect", "busy"),
    edge(TAKEN, None, "end", "end of script"),
]
UNTAKEN = [
    *((ANSWER, kind, branch) for kind, branch in (("key", "2"), ("hang_up", "hang-up"))),
    *((CARS, kind, branch) for kind, branch in (("key", "2"), ("key", "wrong key"))),
    *((CARS, kind, branch) for kind, branch in (("time_out", "time-out"), ("hang_up", "hang-up"))),
    *((SORRY, kind, branch) for kind, branch in (("key", "1"), ("key", "wrong key"), ("time_out", "time-out"))),
]
TABLE = """\
4 calls, 7 NCCOs, 12 branches taken, 9 never

calls
  inbound       3x  -> GET http://127.0.0.1/answer  Press 1 for sales, 2 for support.
  error 500     1x  -> GET http://127.0.0.1/fallback  We are closed.

GET http://127.0.0.1/answer  Press 1 for sales, 2 for support.  (3x)
  1                1x  -> POST http://127.0.0.1/main  Press 1 for cars, press 2 for boats.
  2             never
  wrong key: 9     1x  -> POST http://127.0.0.1/main  Sorry. Press 1 for sales, 2 for support.
  time-out         1x  -> POST http://127.0.0.1/main  Sorry. Press 1 for sales, 2 for support.
  hang-up       never

GET http://127.0.0.1/fallback  We are closed.  (1x)
  end of script     1x  over

POST http://127.0.0.1/main  Press 1 for cars, press 2 for boats.  (1x)
  1             1x  -> POST http://127.0.0.1/sales  Your order is number #.
  2          never
  wrong key  never
  time-out   never
  hang-up    never

POST http://127.0.0.1/main  Sorry. Press 1 for sales, 2 for support.  (2x)
  1          never
  2             1x  -> POST http://127.0.0.1/main  connect phone
  wrong key  never
  time-out   never
  hang-up       1x  over

POST http://127.0.0.1/sales  Your order is number #.  (1x)
  end of script     1x  over

POST http://127.0.0.1/main  connect phone  (1x)
  busy     1x  -> POST http://127.0.0.1/connected  Everybody is busy.

POST http://127.0.0.1/connected  Everybody is busy.  (1x)
  end of script     1x  over
"""
MERMAID = """\
flowchart TD
    start(["call"])
    nd2f5f0f86b["GET http://127.0.0.1/answer<br>Press 1 for sales, 2 for support.<br>talk, input dtmf"]
    nfb2a02d5bb["GET http://127.0.0.1/fallback<br>We are closed.<br>talk"]
    n7b60e4f084["POST http://127.0.0.1/main<br>Press 1 for cars, press 2 for boats.<br>talk, input dtmf"]
    n047e4fb591["POST http://127.0.0.1/main<br>Sorry. Press 1 for sales, 2 for support.<br>talk, input dtmf"]
    nf7e3c59217["POST http://127.0.0.1/sales<br>Your order is number #35;.<br>talk"]
    nd6412ab809["POST http://127.0.0.1/main<br>connect phone"]
    n5ad3d7c88d["POST http://127.0.0.1/connected<br>Everybody is busy.<br>talk"]
    over(["over"])
    start -->|"inbound ×3"| nd2f5f0f86b
    start -->|"error 500 ×1"| nfb2a02d5bb
    nd2f5f0f86b -->|"key 1 ×1"| n7b60e4f084
    nd2f5f0f86b -->|"key 9 ×1"| n047e4fb591
    nd2f5f0f86b -->|"time-out ×1"| n047e4fb591
    nfb2a02d5bb -->|"end of script ×1"| over
    n7b60e4f084 -->|"key 1 ×1"| nf7e3c59217
    n047e4fb591 -->|"key 2 ×1"| nd6412ab809
    n047e4fb591 -->|"hang-up ×1"| over
    nf7e3c59217 -->|"end of script ×1"| over
    nd6412ab809 -->|"busy ×1"| n5ad3d7c88d
    n5ad3d7c88d -->|"end of script ×1"| over
    nd2f5f0f86b -.->|"key 2"| never0(["never"]):::never
    nd2f5f0f86b -.->|"hang-up"| never1(["never"]):::never
    n7b60e4f084 -.->|"key 2"| never2(["never"]):::never
    n7b60e4f084 -.->|"wrong key"| never3(["never"]):::never
    n7b60e4f084 -.->|"time-out"| never4(["never"]):::never
    n7b60e4f084 -.->|"hang-up"| never5(["never"]):::never
    n047e4fb591 -.->|"key 1"| never6(["never"]):::never
    n047e4fb591 -.->|"wrong key"| never7(["never"]):::never
    n047e4fb591 -.->|"time-out"| never8(["never"]):::never
    classDef never stroke-dasharray:4 4,opacity:0.6
"""


async def test_calls_through_a_menu(stage: Stage) -> None:
    """A wrong key, a time-out, a hang-up, somebody who is busy, and an answer URL that fails, told in all forms."""
    hotline = Hotline(stage)
    stage.receiver.answer_by(hotline)
    await ring(stage, {"press": "1", "after": "5s"}, {"press": "1", "after": "5s"})
    await ring(stage, {"press": "9", "after": "5s"}, {"hang_up": {"after": "1s"}})
    await ring(stage, {"press": "2", "when_heard": "/Sorry/"})
    hotline.broken = True
    await ring(stage)

    whole = await stage.house.control("GET", "ivr")

    sources = {each["id"]: {"source": each["source"], "label": each["label"]} for each in NODES}
    never = [{"node": name, **sources[name], "kind": kind, "branch": branch} for name, kind, branch in UNTAKEN]
    assert whole == {"calls": 4, "nodes": NODES, "edges": EDGES, "untaken": never}
    assert await told(stage, "mermaid") == ("text/vnd.mermaid; charset=utf-8", MERMAID)
    assert await told(stage, "table") == ("text/plain; charset=utf-8", TABLE)


# One thing after the other.


async def gone(stage: Stage) -> list[tuple[str, str, str]]:
    """Every edge: where it begins, what led on, where to; a dot: the NCCO went on."""
    whole = await stage.house.control("GET", "ivr")
    names = {None: "", **{each["id"]: each["label"] for each in whole["nodes"]}}
    return [
        (names[each["from"]], each["branch"], "." if each["goes_on"] else names[each["to"]])
        for each in whole["edges"]
        for _ in range(each["count"])
    ]


def talk(text: str) -> dict[str, Any]:
    return {"action": "talk", "text": text}


KEYS = {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}}
WORDS = {"action": "input", "type": ["speech"], "speech": {"context": ["sales"]}}
WAIT = {"action": "wait", "timeout": 20}
FOUR = {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 4, "submitOnHash": True}}
EACH = {"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": ["https://shop.test/keys"]}
OVER = ("Hi.", "end of script", "")
BOTH = [{"press": "1", "after": "1s"}, {"press": "2", "after": "1s"}]


@pytest.mark.parametrize(
    ("steps", "actions", "scene", "branches"),
    [
        # The reply to an input holds no NCCO, or nobody is told of it.
        ([{"press": "1", "after": "1s"}], [KEYS, talk("Bye.")], "Bye.", ["1"]),
        ([], [KEYS, talk("Bye.")], "Bye.", ["time-out"]),
        ([{"press": "1234", "after": "1s"}], [FOUR], "input dtmf", ["4 digits"]),
        ([{"press": "#", "after": "1s"}], [FOUR], "input dtmf", ["#"]),
        ([{"say": "Sales, please!", "after": "1s"}], [WORDS], "input speech", ["sales please"]),
        ([], [WORDS], "input speech", ["no input"]),
        ([{"press": "12", "after": "1s"}], [EACH, WAIT], "input each key, wait", ["1", "2"]),
        (BOTH, [KEYS, KEYS], "input dtmf, input dtmf", ["1", "2"]),
    ],
)
async def test_what_leads_on_within_an_ncco(
    stage: Stage, steps: list[Any], actions: list[Any], scene: str, branches: list[str]
) -> None:
    """It goes on."""
    await stage.phone(on_call=[{"answer": {}}, *steps])
    await stage.create(ncco=actions)
    await stage.house.advance("5m")

    assert await gone(stage) == [
        ("", "outbound", scene),
        *((scene, branch, ".") for branch in branches),
        (scene, "end of script", ""),
    ]


async def test_hanging_up_where_nothing_is_asked(stage: Stage) -> None:
    await stage.phone(on_call=[{"answer": {}}, {"hang_up": {"after": "1s"}}])
    await stage.create(ncco=[WAIT])
    await stage.house.advance("5m")

    assert await gone(stage) == [("", "outbound", "wait"), ("wait", "hang-up", "")]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(404), "error 404"),
        (Answer(200, b"[1]", JSON), "invalid NCCO"),
        (Answer(hang_up=True), "no answer"),
    ],
)
async def test_answer_that_is_none(stage: Stage, answer: Answer, why: str) -> None:
    """The fallback is asked, and may fail too; without one the call is over."""
    stage.answer = answer
    stage.fallback = ncco(talk("Closed."))
    await ring(stage)
    assert await gone(stage) == [("", why, "Closed."), ("Closed.", "end of script", "")]

    stage.fallback = Answer(503)
    await ring(stage)
    await stage.application(fallback_answer_url=None)
    await ring(stage)
    assert [each for each in await gone(stage) if not each[2]] == [
        ("", why, ""),
        ("", f"{why}, error 503", ""),
        ("Closed.", "end of script", ""),
    ]


async def test_reply_that_fails(stage: Stage) -> None:
    """The key was pressed; the fallback may have an NCCO, else the one that there is goes on."""
    stage.answer = ncco({**KEYS, "eventUrl": [f"{stage.receiver.url}/menu"]}, talk("Bye."))
    stage.replies = {"/menu": [Answer(500)] * 6}
    stage.fallback = ncco(talk("Closed."))
    await ring(stage, {"press": "1", "after": "1s"})
    stage.fallback = Answer(503)
    await ring(stage, {"press": "1", "after": "1s"})

    assert await gone(stage) == [
        *[("", "inbound", "Bye.")] * 2,
        *[("Bye.", "1", ".")] * 2,
        ("Bye.", "error 500", "Closed."),
        ("Bye.", "error 500, error 503", "."),
        ("Bye.", "end of script", ""),
        ("Closed.", "end of script", ""),
    ]


async def test_fallback_that_was_never_asked(stage: Stage) -> None:
    stage.answer = ncco(talk("Hello."))
    await ring(stage)

    (never,) = (await stage.house.control("GET", "ivr"))["untaken"]

    assert (never["label"], never["kind"], never["branch"]) == ("Hello.", "fallback", "fallback")


async def test_what_is_notified_may_lead_elsewhere(stage: Stage) -> None:
    url = f"{stage.receiver.url}/notified"
    stage.answer = ncco({"action": "notify", "payload": {}, "eventUrl": [url]}, talk("Bye."))
    stage.replies = {"/notified": [ncco(talk("News.")), Answer(200, b"", JSON)]}
    await ring(stage)
    await ring(stage)

    assert sorted(await gone(stage)) == sorted(
        [
            *[("", "inbound", "Bye.")] * 2,
            *(("Bye.", "notify", to) for to in (".", "News.")),
            ("Bye.", "end of script", ""),
            ("News.", "end of script", ""),
        ]
    )


async def test_transfers_and_ends_by_request(stage: Stage) -> None:
    """To an NCCO of the request, to one of a URL; then the application hangs up."""
    uuid = await stage.create(ncco=[talk("Hello."), WAIT])
    await stage.house.advance("3s")
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "ncco": [talk("Here."), WAIT]})
    stage.replies = {"/there": [ncco(talk("There."), WAIT)]}
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "url": [f"{stage.receiver.url}/there"]})
    await stage.house.advance("3s")
    await stage.modify(uuid, action="hangup")

    assert await gone(stage) == [
        ("", "outbound", "Hello."),
        ("Hello.", "transfer", "Here."),
        ("Here.", "transfer", "There."),
        ("There.", "hung up by REST", ""),
    ]


async def test_call_that_lasts_too_long(stage: Stage) -> None:
    await stage.create(ncco=[talk("Hello."), {"action": "wait", "timeout": 7200}], length_timer=60)
    await stage.house.advance("10m")

    assert await gone(stage) == [("", "outbound", "Hello."), ("Hello.", "time limit", "")]


async def test_connected_leg_with_an_ncco_of_its_own(stage: Stage) -> None:
    """It is part of the call; when it has left, so has the call."""
    other = {"type": "phone", "number": "447700900301", "onAnswer": {"url": f"{stage.receiver.url}/whisper"}}
    stage.replies = {"/whisper": [ncco(talk("A call for you."))]}
    await stage.house.control(
        "PUT", "handsets/447700900301", {"on_call": [{"answer": {}}, {"hang_up": {"after": "9s"}}]}
    )
    await stage.create(ncco=[talk("Please wait."), {"action": "connect", "endpoint": [other]}])
    await stage.house.advance("10m")

    assert (await stage.house.control("GET", "ivr"))["calls"] == 1
    assert await gone(stage) == [
        ("", "outbound", "Please wait."),
        ("Please wait.", "answered", "."),
        ("Please wait.", "on answer", "A call for you."),
        ("Please wait.", "the other side left", ""),
        ("A call for you.", "hang-up", ""),
    ]


async def test_connected_leg_that_does_not_answer(stage: Stage) -> None:
    """Without anybody being asked, the NCCO goes on."""
    await stage.create(ncco=[{"action": "connect", "endpoint": [{"type": "phone", "number": BUSY}]}, talk("Bye.")])
    await stage.house.advance("10m")

    assert await gone(stage) == [("", "outbound", "Bye."), ("Bye.", "busy", "."), ("Bye.", "end of script", "")]


async def test_app_on_a_websocket_that_leaves(stage: Stage) -> None:
    """The reply to that may lead elsewhere."""

    async def leave(talk: Talk, message: Message) -> None:
        if isinstance(message, str) and "dtmf" in message:
            await talk.close()

    stage.replies = {"/event": [Answer()] * 5 + [ncco(talk("Back again."))]}
    async with Peer(leave) as peer:
        stage.answer = ncco({"action": "connect", "endpoint": [{"type": "websocket", "uri": peer.url}]})
        await stage.act("call", to=OWNED)
        await stage.house.advance("1s")
        await stage.act("press", digits="4")
        await stage.house.advance("1m")

    assert await gone(stage) == [
        ("", "inbound", "connect websocket"),
        ("connect websocket", "answered", "."),
        ("connect websocket", "disconnected", "Back again."),
        ("Back again.", "end of script", ""),
    ]


@pytest.mark.parametrize(
    ("like", "wanted", "edges"),
    [
        ("answers", {"machine_detection": "continue"}, [("", "outbound", "Hi."), ("Hi.", "human", "."), OVER]),
        ("voicemail", {"machine_detection": "hangup"}, [("", "outbound", "Hi."), ("Hi.", "machine", "")]),
        ("answers", {"advanced_machine_detection": {"mode": "detect"}}, [("", "outbound, human", "Hi."), OVER]),
        ("voicemail", {"advanced_machine_detection": {"mode": "detect", "behavior": "hangup"}}, [("", "machine", "")]),
    ],
)
async def test_who_answered(stage: Stage, like: str, wanted: dict[str, Any], edges: list[Any]) -> None:
    await stage.phone(like=like)
    await stage.create(ncco=[talk("Hi."), WAIT], **wanted)
    await stage.house.advance("10m")

    assert await gone(stage) == edges


@pytest.mark.parametrize("like", ["busy", "no-answer", "rejects"])
async def test_call_that_came_to_nothing(stage: Stage, like: str) -> None:
    """No NCCO was asked for."""
    await stage.phone(like=like)
    await stage.create(ncco=[talk("Hi.")])
    await stage.house.advance("10m")

    assert await stage.house.control("GET", "ivr") == {"calls": 0, "nodes": [], "edges": [], "untaken": []}


async def test_ways_belong_to_their_world(stage: Stage) -> None:
    """A fork has those of its source; a reset forgets them."""
    stage.answer = ncco(talk("Hello."))
    await ring(stage)
    before = await stage.house.control("GET", "ivr")
    fork = await stage.house.control("POST", "fork", {}, 201)

    assert await stage.house.control("GET", f"/worlds/{fork['world']}/ivr") == before
    await stage.house.control("POST", "reset")
    assert (await stage.house.control("GET", "ivr"))["calls"] == 0


async def test_form_that_is_not_known(house: House) -> None:
    answer = await house.control("GET", "ivr?format=dot", None, 422)

    assert answer["detail"] == "format: no format is called 'dot'; there are json, mermaid, table"
    assert (await house.control("GET", "/worlds/nowhere/ivr", None, 404))["type"] == "urn:fake-nexmo:no-such-world"
