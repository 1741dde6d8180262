"""Laws of calls: whatever is done in whatever order, reports keep their order, over is over, and nothing hangs."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_nexmo.apis.voice import flow_rules
from fake_nexmo.apis.voice.actions_model import TalkAction
from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.apis.voice.model import Call, Room
from fake_nexmo.core.change import Change
from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Direction
from tests.apis.voice.stage import JSON, OWNED, PERSON, TALK, Stage, ncco, open_stage
from tests.house import House, open_house
from tests.receiver import Answer, Received, Receiver

#: What may be reported after what; an inbound call rings first.
FOLLOWS: dict[str | None, set[str]] = {
    None: {"started", "ringing"},
    "started": {"ringing", "answered", "rejected", "busy", "failed", "unanswered", "cancelled", "completed"},
    "ringing": {"started", "answered", "timeout", "busy", "rejected", "unanswered", "cancelled", "completed"},
    "answered": {"human", "machine", "transfer", "error", "completed"},
    "rejected": set(),
    "completed": set(),
    **{each: {"completed"} for each in ("busy", "failed", "unanswered", "cancelled", "timeout")},
}
STEPS = st.one_of(
    st.sampled_from(["create", "call", "answer", "reject", "hangup", "press", "say", "put hangup", "put transfer"]),
    st.floats(0, 20, allow_nan=False).map(lambda by: round(by, 3)),
)
ANSWERS = st.sampled_from([ncco(TALK), ncco(TALK, TALK), ncco(), Answer(503), Answer(200, b"no", JSON)])
PEOPLE: list[dict[str, Any]] = [
    {},
    {"answers": "by_hand"},
    {"like": "voicemail"},
    {"like": "no-answer"},
    {"like": "busy"},
    {"on_call": [{"answer": {"after": "1s"}}, {"press": "1"}, {"hang_up": {"after": "2s"}}]},
]


@given(st.lists(STEPS, max_size=12), ANSWERS, st.sampled_from(PEOPLE), st.sampled_from([None, "continue", "hangup"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_done(
    steps: list[str | float], answer: Answer, person: dict[str, Any], detection: str | None
) -> None:
    """In the end every call is over, every leg's reports follow one another as they may, and nothing is pending."""
    asyncio.run(_walk(steps, answer, person, detection))


SMALL = st.one_of(st.integers(-2, 12), st.sampled_from(["3", "1", 0.5]))
URLS = st.sampled_from(["/reply", "/event", "/dead"])


def options(**known: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the options that an action knows."""
    return st.fixed_dictionaries({}, optional=known)


WHOLE = st.one_of(st.integers(-2, 12), st.sampled_from(["3", "1"]))
PLAYED = options(bargeIn=st.booleans(), loop=st.integers(1, 2))
KEYS = options(timeOut=WHOLE, maxDigits=WHOLE, submitOnHash=st.booleans())
WORDS = options(startTimeout=WHOLE, endOnSilence=SMALL, maxDuration=WHOLE)
KINDS = st.sampled_from([["dtmf"], ["speech"], ["dtmf", "speech"]])
ENDS = ["447700900102", "447700900103", "447700900104", "447700900105", "1"]
ENDPOINTS = st.one_of(
    st.sampled_from([[{"type": "phone", "number": number}] for number in ENDS]),
    st.sampled_from([[{"type": "app", "user": "A"}], [{"type": "websocket", "uri": "wss://shop.test/s"}]]),
)


def made(action: str, needed: dict[str, st.SearchStrategy[Any]], **known: st.SearchStrategy[Any]) -> Any:
    """One kind of action."""
    return st.fixed_dictionaries({"action": st.just(action), **needed}, optional=known)


#: Stands for the conversation of the first leg that asks for an NCCO.
FIRST = "CON-first"
LEGS = st.sampled_from([[], ["63f61863-4a51-4f6b-86e1-46edebcf9356"]])
TONE = st.just("https://shop.test/tone.mp3")
ACTIONS = st.one_of(
    st.just(TALK),
    PLAYED.map(lambda said: {**TALK, **said}),
    PLAYED.map(lambda said: {"action": "stream", "streamUrl": ["https://shop.test/a.mp3"], **said}),
    made("wait", {}, timeout=SMALL),
    made("notify", {"payload": st.just({"a": 1}), "path": URLS}),
    made("input", {"path": URLS}, type=KINDS, dtmf=KEYS, speech=WORDS),
    made("input", {"path": URLS}, timeOut=WHOLE, mode=st.just("asynchronous")),
    made("input", {}, speech=options(uuid=LEGS, saveAudio=st.booleans(), startTimeout=WHOLE)),
    made("record", {"path": URLS}, endOnSilence=WHOLE, endOnKey=st.just("1"), timeOut=WHOLE, transcription=st.just({})),
    made(
        "connect",
        {"endpoint": ENDPOINTS, "path": URLS},
        **{"from": st.sampled_from([OWNED, "447700900999"])},
        randomFromNumber=st.booleans(),
        ringbackTone=TONE,
        eventType=st.just("synchronous"),
        timeout=WHOLE,
        limit=st.integers(1, 60),
        machineDetection=st.sampled_from(["continue", "hangup"]),
    ),
    made(
        "conversation",
        {"name": st.sampled_from("ab")},
        startOnEnter=st.booleans(),
        endOnExit=st.booleans(),
        record=st.booleans(),
        mute=st.booleans(),
        canSpeak=LEGS,
        canHear=LEGS,
        musicOnHoldUrl=TONE,
    ),
    made("transfer", {"conversationId": st.sampled_from(["CON-1", FIRST])}, mute=st.booleans(), canHear=LEGS),
    made("pay", {}),
    made("talk", {}, text=st.integers()),
    made("tlak", {}),
)
HEARING: list[dict[str, Any]] = [
    {},
    {"on_call": [{"press": "1", "when_heard": "/through/"}, {"say": "Hello?"}, {"hang_up": {"after": "40s"}}]},
    {"on_call": [{"say": "Hello?", "after": "1s"}, {"press": "12#"}, {"press": "1", "when_heard": "/x/", "within": 3}]},
]


@given(st.lists(ACTIONS, max_size=6), st.lists(ACTIONS, max_size=3), st.sampled_from(HEARING), st.booleans())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_an_ncco_says(
    actions: list[dict[str, Any]], reply: list[dict[str, Any]], person: dict[str, Any], fallback: bool
) -> None:
    """It runs to its end or is refused; reports keep their order, and nothing is left to come."""
    asyncio.run(_run(actions, reply, person, fallback))


async def _run(
    actions: list[dict[str, Any]], reply: list[dict[str, Any]], person: dict[str, Any], fallback: bool
) -> None:
    async with no_bugs(), open_house() as house, open_stage(house) as stage:
        if fallback:
            await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback")
        _answer(stage, ncco(*(_placed(stage, each) for each in actions)))
        stage.replies = {"/reply": [ncco(*(_placed(stage, each) for each in reply))], "/dead": [Answer(500)] * 3}
        await stage.phone(**person)
        for number, like in (("447700900103", "busy"), ("447700900104", "voicemail"), ("447700900105", "no-answer")):
            await house.control("PUT", f"handsets/{number}", {"like": like})
        for _ in range(2):
            await stage.act("call", to=OWNED)
        await house.advance("1m")
        await house.advance("6h")
        assert [each["status"] for each in await stage.calls() if each["ended_at"] is None] == []
        assert await house.store.pending("default") == []
        _assert_in_order(stage)
        _assert_was_said(await stage.calls())


DONE = st.sampled_from(["create", "hangup", "transfer", "transfer", "mute", "earmuff", "talk", "wait", "wait"])
COMPANY = st.one_of(
    st.just(TALK),
    made("wait", {}, timeout=st.integers(1, 9)),
    made(
        "connect",
        {"endpoint": st.sampled_from([[{"type": "phone", "number": f"44770090010{k}"}] for k in range(1, 5)])},
        timeout=st.integers(1, 9),
    ),
    made("conversation", {"name": st.sampled_from("ab")}, startOnEnter=st.booleans(), musicOnHoldUrl=TONE),
    made("transfer", {"conversationId": st.sampled_from(["CON-1", FIRST])}),
    made("record", {}, timeOut=st.integers(3, 9)),
)


@given(st.lists(st.tuples(DONE, st.integers(0, 9), st.lists(COMPANY, min_size=1, max_size=3)), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_done_to_several_calls_at_once(steps: list[tuple[str, int, list[dict[str, Any]]]]) -> None:
    """Nobody who has nothing to do stays alone on the line, and in the end everybody has left every conversation."""
    asyncio.run(_meet(steps))


async def _meet(steps: list[tuple[str, int, list[dict[str, Any]]]]) -> None:
    async with no_bugs(), open_house() as house, open_stage(house) as stage:
        for k in range(1, 5):
            await house.control("PUT", f"handsets/44770090010{k}", {"on_call": [{"answer": {"after": "0s"}}]})
        for done, k, actions in steps:
            await _do_among(stage, done, k, actions)
        await house.advance("5m")
        legs = [each for each in await house.store.find("default", Leg, "", limit=1000) if not each.over]
        for leg in legs:
            call = await stage.desk.call(leg.id)
            alone = sum(each.conversation == leg.conversation for each in legs) == 1
            assert not alone or call.room or call.doing
        await house.advance("6h")
        assert {each["ended_at"] is None for each in await stage.calls()} <= {False}
        assert [each.members for each in await house.store.find("default", Room, "", limit=100) if each.members] == []
        assert await house.store.pending("default") == []


async def _do_among(stage: Stage, done: str, k: int, actions: list[dict[str, Any]]) -> None:
    """One thing that is done to one of the calls there are, at the instant of the one before unless time passes."""
    calls = await stage.calls()
    if done == "wait":
        await stage.house.advance(k)
    elif done == "create" or not calls:
        ends = {"to": [{"type": "phone", "number": f"44770090010{k % 4 + 1}"}], "ncco": actions}
        await stage.desk.ask("POST", "/v1/calls", {**ends, "from": {"type": "phone", "number": OWNED}})
    else:
        words = json.dumps(actions).replace(FIRST, calls[0]["conversation_uuid"])
        said: dict[str, Any] = {"action": done, "destination": {"type": "ncco", "ncco": json.loads(words)}}
        path = f"/v1/calls/{calls[k % len(calls)]['uuid']}"
        answered = (
            await stage.desk.ask("PUT", f"{path}/talk", {"text": "Hi"})
            if done == "talk"
            else await stage.desk.ask("PUT", path, said)
        )
        assert answered.status_code in {200, 204, 400, 404}


class Watch(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failed: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.failed.append(record.getMessage())


@asynccontextmanager
async def no_bugs() -> AsyncIterator[None]:
    """Nothing that is carried out meanwhile fails by a fault of our own."""
    watch, logger = Watch(), logging.getLogger("fake_nexmo")
    logger.addHandler(watch)
    try:
        yield
    finally:
        logger.removeHandler(watch)
    assert watch.failed == []


def _answer(stage: Stage, answer: Answer) -> None:
    """Answer with an NCCO in which the conversation of the first leg that asks for it has its id."""
    asked: list[str] = []

    def answered(received: Received) -> Answer:
        if received.path != "/answer":
            return stage.replied(received)
        asked.append(received.params["conversation_uuid"])
        return replace(answer, body=answer.body.replace(FIRST.encode(), asked[0].encode()))

    stage.receiver.answer_by(answered)


def _assert_was_said(calls: list[dict[str, Any]]) -> None:
    """Whatever somebody hears from another one has been said at that one's end, at the same instant."""
    said = [
        (line["at"], line["text"], call["to"] if call["direction"] == "outbound" else call["from"])
        for call in calls
        for line in call["transcript"]
        if line["speaker"] in {"person", "machine"}
    ]
    for call in calls:
        heard = [(line["at"], line["text"], line["by"]) for line in call["transcript"] if line["speaker"] == "other"]
        assert set(heard) <= set(said)


def _placed(stage: Stage, action: dict[str, Any]) -> dict[str, Any]:
    """The action with the URL of a path."""
    path = action.get("path")
    said = {key: value for key, value in action.items() if key != "path"}
    return {**said, "eventUrl": [f"{stage.receiver.url}{path}"]} if path else said


async def _walk(steps: list[str | float], answer: Answer, person: dict[str, Any], detection: str | None) -> None:
    async with no_bugs(), open_house() as house, open_stage(house) as stage:
        stage.answer = answer
        await stage.phone(**person)
        for step in steps:
            await _do(stage, step, detection)
        await house.advance("3h")
        assert {each["status"] for each in await stage.calls()} <= {
            *("completed", "busy", "cancelled", "failed", "rejected", "timeout", "unanswered"),
        }
        assert await house.store.pending("default") == []
        _assert_in_order(stage)


async def _do(stage: Stage, step: str | float, detection: str | None) -> None:
    bodies: dict[str, Any] = {"call": {"to": OWNED}, "press": {"digits": "1"}, "say": {"text": "Hi"}}
    if isinstance(step, float):
        await stage.house.advance(step)
    elif step == "create":
        said = {"machine_detection": detection} if detection else {}
        await stage.create(answer_url=[f"{stage.receiver.url}/answer"], **said)
    elif step.startswith("put"):
        action = {"put hangup": {"action": "hangup"}}.get(
            step, {"action": "transfer", "destination": {"type": "ncco", "url": [f"{stage.receiver.url}/answer"]}}
        )
        for call in (await stage.calls())[-1:]:
            answered = await stage.desk.ask("PUT", f"/v1/calls/{call['uuid']}", action)
            assert answered.status_code in {204, 400, 404}
            await stage.house.engine.settle("default")
    else:
        answered = await stage.house.client.post(
            f"/_fake/worlds/default/handsets/{PERSON}/{step}", json=bodies.get(step)
        )
        assert answered.status_code in {200, 409, 422}


def _assert_in_order(stage: Stage) -> None:
    last: dict[str, str | None] = defaultdict(lambda: None)
    stamps: dict[str, str] = defaultdict(str)
    for event in stage.events():
        leg = event.get("uuid") or event.get("call_uuid") or ""
        name = event.get("status")
        if not leg or "type" in event or name in {None, "human", "machine"}:
            continue
        assert name in FOLLOWS[last[leg]], (last[leg], name)
        assert stamps[leg] <= event["timestamp"]
        last[leg], stamps[leg] = name, event["timestamp"]


async def test_a_hundred_calls_of_five_minutes(house: House) -> None:
    """All at once, in one advance; each is reported from its start to its end, in order."""
    account = await house.store.get("default", Account, "main")
    assert account is not None
    start = await house.store.begin("default")
    moment = Moment(STANDING_START, start.ordinal, 42)
    async with Receiver() as receiver:
        change = Change()
        for k in range(100):
            change += _begun(account, moment, k, receiver.url)
        await house.store.commit("default", start.epoch, change)
        await house.advance("10m")

    told: dict[str, list[str]] = defaultdict(list)
    for each in receiver.requests:
        told[each.json()["uuid"]].append(each.json()["status"])
    assert list(told.values()) == [["started", "ringing", "answered", "completed"]] * 100
    legs = await house.store.find("default", Leg, "", limit=1000)
    assert {(leg.status.value, leg.duration_s) for leg in legs} == {("completed", 300)}


def _begun(account: Account, moment: Moment, k: int, url: str) -> Change:
    """One call that lasts five minutes."""
    to = f"442079460{k:03d}"
    leg = Leg(
        id=moment.uuid(Use.CALL, k),
        owner="voice",
        account=account.id,
        direction=Direction.OUTBOUND,
        sender=OWNED,
        to=to,
        network="23410",
        rate=1_000_000,
        created_at=moment.now,
        conversation=f"CON-{moment.uuid(Use.CONVERSATION, k)}",
    )
    call = Call(
        id=leg.id,
        account=account.id,
        application="main",
        sender=Endpoint(EndpointType.PHONE, OWNED),
        to=Endpoint(EndpointType.PHONE, to),
        event=Callback(url),
        ncco=(TalkAction("x" * 15 * 300),),
    )
    return flow_rules.begin(call, leg, account, moment)
