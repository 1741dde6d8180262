"""The reading of NCCOs: what becomes of every option of every action, in all the ways that it may be written."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.voice.actions_model import (
    Action,
    ConnectAction,
    ConversationAction,
    InputAction,
    NotifyAction,
    PayAction,
    RecordAction,
    StreamAction,
    TalkAction,
    TransferAction,
    WaitAction,
)
from fake_nexmo.apis.voice.ends_model import Callback, Detection, Endpoint, EndpointType
from fake_nexmo.apis.voice.ncco_rules import ACTIONS, check
from fake_nexmo.apis.voice.ncco_wire import parse
from fake_nexmo.core.instant import SECOND

URL = "https://shop.test/event"
EVENT = {"eventUrl": [URL], "eventMethod": "get"}
WHERE = Callback(URL, "GET")
NUMBER = "447700900001"
PHONE = Endpoint(EndpointType.PHONE, NUMBER)
LONGEST = 7200 * SECOND


def said(action: str, **options: Any) -> dict[str, Any]:
    """An action in the words of the wire; two underscores stand for a hyphen."""
    return {"action": action, **{name.replace("__", "-").rstrip("_"): value for name, value in options.items()}}


def connect(**options: Any) -> dict[str, Any]:
    return said("connect", **{"endpoint": [{"type": "phone", "number": NUMBER}], **options})


def end(kind: str, **members: Any) -> dict[str, Any]:
    return connect(endpoint=[{"type": kind, **{name.replace("__", "-"): each for name, each in members.items()}}])


SPEECH = InputAction(dtmf=False, speech=True)
READ: list[tuple[dict[str, Any], Action]] = [
    # Source: reference ncco §3.4, §3.5.
    (said("talk", text="Hi"), TalkAction("Hi")),
    (said("talk", text="Hi", loop="2", bargeIn="true", level=1), TalkAction("Hi", 2, True)),
    (said("talk", text="Hi", loop=0, bargeIn=False), TalkAction("Hi", 0)),
    (said("talk", text="Hi", loop=-1), TalkAction("Hi", 0)),
    (said("stream", streamUrl=[URL]), StreamAction(URL)),
    (said("stream", streamUrl=[URL, "https://shop.test/b"], loop=3, bargeIn=True), StreamAction(URL, 3, True)),
    # Source: reference ncco §3.8.
    (said("wait"), WaitAction(10 * SECOND)),
    (said("wait", timeout="0.5"), WaitAction(SECOND // 2)),
    (said("wait", timeout=0), WaitAction(SECOND // 10)),
    (said("wait", timeout=7201), WaitAction(LONGEST)),
    # Source: reference ncco §3.6.
    (said("input"), InputAction(old=True)),
    (
        said("input", timeOut="5", maxDigits=21, submitOnHash="true", **EVENT),
        InputAction(old=True, between=5 * SECOND, digits_max=20, on_hash=True, where=WHERE),
    ),
    (said("input", type=["dtmf"], submitOnHash=True), InputAction(on_hash=True)),
    (
        said("input", type=["dtmf"], dtmf={"timeOut": 11, "maxDigits": 0}),
        InputAction(between=10 * SECOND, digits_max=1),
    ),
    (said("input", timeOut=5, dtmf={"timeOut": 4, "maxDigits": None}), InputAction(between=4 * SECOND)),
    (said("input", type=[]), InputAction()),
    (said("input", dtmf={}), InputAction()),
    (said("input", speech={}), InputAction(dtmf=False, speech=True)),
    (said("input", dtmf={}, speech={}), InputAction(speech=True)),
    (
        said("input", type=["speech", "dtmf"], speech={"endOnSilence": 0.1, "startTimeout": 61, "maxDuration": "30"}),
        InputAction(speech=True, silence=2 * SECOND // 5, starts=60 * SECOND, longest=30 * SECOND),
    ),
    (said("input", speech={"context": ["a", "b"]}), InputAction(dtmf=False, speech=True, hints=("a", "b"))),
    (said("input", speech={"uuid": ["a", "b"], "saveAudio": "true"}), replace(SPEECH, speaker="a", saves=True)),
    (said("input", speech={"uuid": [], "saveAudio": False}), SPEECH),
    (said("input", mode="asynchronous", type=["dtmf"], **EVENT), InputAction(each_key=True, where=WHERE)),
    (said("input", mode="synchronous", eventMethod="GET"), InputAction(old=True)),
    # Source: reference ncco §3.1.
    (said("record"), RecordAction()),
    (said("record", eventUrl=[URL]), RecordAction(where=Callback(URL, "POST"))),
    (said("record", endOnKey=1), RecordAction(blocks=True, key="1")),
    (said("record", endOnSilence="2"), RecordAction(blocks=True, silence=3 * SECOND)),
    (said("record", endOnSilence=11, timeOut=1), RecordAction(blocks=True, silence=10 * SECOND, limit=3 * SECOND)),
    (said("record", timeOut="7201"), RecordAction(blocks=True, timed=True, limit=LONGEST)),
    (said("record", timeOut=9, endOnKey="*"), RecordAction(blocks=True, key="*", limit=9 * SECOND)),
    (said("record", beepStart="true", format="wav"), RecordAction(beeps=True)),
    (said("record", channels=2), RecordAction()),
    (said("record", split="conversation"), RecordAction(channels=2)),
    (said("record", split="conversation", channels=33), RecordAction(channels=32)),
    (said("record", transcription={}), RecordAction(text=True)),
    (said("record", transcription={"language": "en-GB", **EVENT}), RecordAction(text=True, text_where=WHERE)),
    # Source: reference ncco §3.2.
    (said("conversation", name="room"), ConversationAction(name="room")),
    (
        said("conversation", name="room", startOnEnter="false", endOnExit=True),
        ConversationAction(name="room", starts=False, ends=True),
    ),
    (
        said("conversation", name="room", musicOnHoldUrl=URL, mute="true"),
        ConversationAction(name="room", music=URL, muted=True),
    ),
    (said("conversation", name="room", musicOnHoldUrl=[URL]), ConversationAction(name="room", music=URL)),
    (
        said("conversation", name="room", canSpeak=["a"], canHear=[]),
        ConversationAction(name="room", heard_by=("a",), hears=()),
    ),
    (
        said("conversation", name="room", record=True, transcription={}, **EVENT),
        ConversationAction(name="room", record=True, tape=RecordAction(where=WHERE, text=True)),
    ),
    # Source: reference ncco §3.3.
    (connect(), ConnectAction(to=PHONE)),
    (connect(from_="+447700900000"), ConnectAction(to=PHONE, sender="447700900000")),
    (connect(from_=447700900000), ConnectAction(to=PHONE, sender="447700900000")),
    (
        connect(randomFromNumber="true", eventType="synchronous"),
        ConnectAction(to=PHONE, random_sender=True, replaces=True),
    ),
    (connect(ringbackTone=URL), ConnectAction(to=PHONE, ringback=URL)),
    (connect(ringbackTone=[URL]), ConnectAction(to=PHONE, ringback=URL)),
    (
        end("phone", number=NUMBER, onAnswer={"url": URL, "ringback": "b"}),
        ConnectAction(to=PHONE, on_answer=URL, ringback="b"),
    ),
    (
        end("phone", number=NUMBER, onAnswer={"url": URL, "ringback": "b", "ringbackTone": ["a"]}),
        ConnectAction(to=PHONE, on_answer=URL, ringback="a"),
    ),
    (connect(timeout="45", limit=60), ConnectAction(to=PHONE, ringing_s=45, length_s=60)),
    (connect(timeout=121, limit="7201"), ConnectAction(to=PHONE, ringing_s=120)),
    (connect(timeout=0, limit=0, **EVENT), ConnectAction(to=PHONE, ringing_s=1, length_s=1, where=WHERE)),
    (connect(machineDetection="hangup"), ConnectAction(to=PHONE, detection=Detection(hang_up=True))),
    (connect(machineDetection="continue"), ConnectAction(to=PHONE, detection=Detection(hang_up=False))),
    (
        connect(machineDetection="hangup", advancedMachineDetection={"mode": "detect_beep", "beep_timeout": 121}),
        ConnectAction(to=PHONE, detection=Detection(hang_up=False, mode="detect_beep", beep_s=120)),
    ),
    (
        connect(advanced_machine_detection={"behavior": "hangup"}),
        ConnectAction(to=PHONE, detection=Detection(hang_up=True, mode="detect")),
    ),
    (
        end("phone", number="+447700900001", dtmfAnswer="1p#"),
        ConnectAction(to=Endpoint(EndpointType.PHONE, NUMBER, dtmf="1p#")),
    ),
    (end("phone", number=447700900001, onAnswer={"url": URL}), ConnectAction(to=PHONE, on_answer=URL)),
    (end("phone", number=NUMBER, onAnswer={"url": [URL]}), ConnectAction(to=PHONE, on_answer=URL)),
    (end("phone", number="nobody"), ConnectAction(to=Endpoint(EndpointType.PHONE, "nobody"))),
    (end("app", user="Alice"), ConnectAction(to=Endpoint(EndpointType.APP, "Alice"))),
    (end("vbc", extension=123), ConnectAction(to=Endpoint(EndpointType.VBC, "123"))),
    (end("sip", uri="sip:a@shop.test"), ConnectAction(to=Endpoint(EndpointType.SIP, "sip:a@shop.test"))),
    (
        end("sip", user="a", domain="shop.test", headers={"A": "1"}, standardHeaders={"User-to-User": "2"}),
        ConnectAction(
            to=Endpoint(EndpointType.SIP, "sip:a@shop.test", headers={"A": "1", "User-to-User": "2"}),
        ),
    ),
    (
        end("sip", uri="sip:a@shop.test", standard_headers={"User-to-User": "2"}),
        ConnectAction(to=Endpoint(EndpointType.SIP, "sip:a@shop.test", headers={"User-to-User": "2"})),
    ),
    *(
        (
            end("websocket", uri="wss://shop.test/s", headers={"a": 1}, **audio),
            ConnectAction(
                to=Endpoint(
                    EndpointType.WEBSOCKET,
                    "wss://shop.test/s",
                    shown={"content-type": f"audio/l16;rate={rate}", "headers": {"a": 1}},
                    headers={"a": 1},
                )
            ),
        )
        for audio, rate in (
            ({}, 16000),
            ({"content__type": "audio/l16;rate=8000"}, 8000),
            ({"contentType": "audio/l16;rate=24000"}, 24000),
        )
    ),
    # Source: reference ncco §3.7, §3.9, §3.10.
    (said("notify", payload={"foo": ["bar"]}, **EVENT), NotifyAction({"foo": ["bar"]}, WHERE)),
    (said("transfer", conversationId="CON-1"), TransferAction("CON-1")),
    (said("transfer", conversation_id="CON-1", mute=True), TransferAction("CON-1", True)),
    (said("transfer", conversationId="CON-1", canHear=["a"], canSpeak=[]), TransferAction("CON-1", False, (), ("a",))),
    (said("pay", amount=9.99, **EVENT), PayAction(WHERE)),
]


@pytest.mark.parametrize(("words", "action"), READ, ids=str)
def test_what_an_action_says(words: dict[str, Any], action: Action) -> None:
    """Out of range is put within bounds, and texts stand for numbers and flags. Source: reference ncco §2.3, §2.5."""
    assert check([words]) == ()
    assert parse([words]) == (action,)


def test_actions_are_read_in_their_order() -> None:
    assert parse([said("wait"), said("talk", text="Hi"), said("wait")]) == (
        WaitAction(),
        TalkAction("Hi"),
        WaitAction(),
    )


@pytest.mark.parametrize("action", [action for _, action in READ], ids=str)
def test_an_action_comes_back_from_where_it_is_kept(action: Action) -> None:
    """Its kind is written with it."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(action), type=Action) == action


LOOSE = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    *(st.lists(st.text(max_size=3), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)),
    st.sampled_from(["1", "true", "GET", "hangup", [URL], ["dtmf"], {"url": URL}, [{"type": "phone", "number": "1"}]]),
)


@given(
    st.sampled_from(sorted(ACTIONS)).flatmap(
        lambda action: st.fixed_dictionaries(
            {"action": st.just(action)}, optional=dict.fromkeys([*ACTIONS[action].options, "else"], LOOSE)
        )
    )
)
def test_whatever_is_accepted_can_be_read(words: dict[str, Any]) -> None:
    """What the check lets pass is an action."""
    if not check([words]):
        assert len(parse([words])) == 1
