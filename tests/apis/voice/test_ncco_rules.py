"""The check of NCCOs: every action, every option, every wrong type."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.apis.voice.ncco_rules import ACTIONS, TYPE, VALUE, Problem, check

URL = ["https://shop.test/event"]
PHONE = {"type": "phone", "number": "447700900001"}

# The smallest action of each kind. Source: reference ncco §3.
SMALLEST: dict[str, dict[str, Any]] = {
    "record": {},
    "conversation": {"name": "room"},
    "connect": {"endpoint": [PHONE]},
    "talk": {"text": "Hello"},
    "stream": {"streamUrl": ["https://shop.test/a.mp3"]},
    "input": {},
    "notify": {"payload": {"foo": "bar"}, "eventUrl": URL},
    "wait": {},
    "transfer": {"conversationId": "CON-1"},
    "pay": {},
}


def problems(action: str, **options: Any) -> list[tuple[str, str]]:
    """Key and reason of what is wrong with one action, whose smallest form gets some options."""
    names = {name.replace("__", "-"): value for name, value in options.items()}
    return [(each.key, each.reason) for each in check([{"action": action, **SMALLEST[action], **names}])]


def test_every_action_of_the_reference_is_known() -> None:
    """And no other."""
    assert set(ACTIONS) == set(SMALLEST)


@pytest.mark.parametrize("action", SMALLEST)
def test_the_smallest_form_is_fine(action: str) -> None:
    assert problems(action) == []


# Every option with values that are taken. Source: reference ncco §3.1 to §3.10, §2.3.
TEXTS = ["room", ""]
WHOLES = [3, "3", 3.0, -1, "7200"]
NUMBERS = [0.5, "0.5", 1, "-1"]
FLAGS = [True, "true", "False"]
URLS = [URL, ["https://shop.test/a", "https://shop.test/b"]]
METHODS = ["GET", "POST", "post"]
LISTS = [[], ["63f61863-4a51-4f6b-86e1-46edebcf9356"]]
OBJECTS: list[Any] = [{}, {"a": 1}]
TONES = ["https://shop.test/ring.mp3", ["https://shop.test/ring.mp3"]]
EVENT: dict[str, list[Any]] = {"eventUrl": URLS, "eventMethod": METHODS}
PLAYED: dict[str, list[Any]] = {"bargeIn": FLAGS, "loop": WHOLES, "level": NUMBERS}
HEARD: dict[str, list[Any]] = {"canSpeak": LISTS, "canHear": LISTS, "mute": FLAGS}
OLD_DTMF: dict[str, list[Any]] = {"timeOut": WHOLES, "maxDigits": WHOLES, "submitOnHash": FLAGS}
TRANSCRIPTION = [{}, {"language": "en-US", "eventUrl": URL, "eventMethod": "POST", "sentimentAnalysis": "true"}]
DETECTION = [{}, {"behavior": "hangup", "mode": "detect_beep", "beep_timeout": "45"}]
TAKEN: dict[str, dict[str, list[Any]]] = {
    "record": {
        "format": ["mp3", "wav", "ogg"],
        "split": ["conversation"],
        "channels": WHOLES,
        "endOnSilence": WHOLES,
        "endOnKey": ["#", "1", 1],
        "timeOut": WHOLES,
        "beepStart": FLAGS,
        **EVENT,
        "transcription": TRANSCRIPTION,
    },
    "conversation": {
        "name": TEXTS,
        "musicOnHoldUrl": TONES,
        "startOnEnter": FLAGS,
        "endOnExit": FLAGS,
        "record": FLAGS,
        **HEARD,
        "transcription": TRANSCRIPTION,
        **EVENT,
    },
    "connect": {
        "endpoint": [[PHONE]],
        "from": ["447700900000", 447700900000],
        "randomFromNumber": FLAGS,
        "eventType": ["synchronous"],
        "timeout": [*WHOLES, "45"],
        "limit": WHOLES,
        "machineDetection": ["continue", "hangup"],
        "advancedMachineDetection": DETECTION,
        "advanced_machine_detection": DETECTION,
        **EVENT,
        "ringbackTone": TONES,
    },
    "talk": {
        "text": TEXTS,
        **PLAYED,
        "language": ["en-GB", "xx-XX"],
        "style": WHOLES,
        "premium": FLAGS,
        "voiceName": ["Amy", "Nobody"],
        "provider": TEXTS,
        "providerOptions": OBJECTS,
    },
    "stream": {"streamUrl": URLS, **PLAYED},
    "input": {
        "type": [["dtmf"], ["dtmf", "speech"], []],
        "dtmf": [{}, {"timeOut": "5", "maxDigits": 4, "submitOnHash": True}],
        "speech": [
            {},
            {
                "uuid": ["63f61863-4a51-4f6b-86e1-46edebcf9356"],
                "endOnSilence": 2.5,
                "language": "en-gb",
                "context": ["yes", "no"],
                "startTimeout": 10,
                "maxDuration": "60",
                "saveAudio": False,
                "sensitivity": 90,
            },
        ],
        "mode": ["synchronous", "asynchronous"],
        **EVENT,
        **OLD_DTMF,
    },
    "notify": {"payload": OBJECTS, **EVENT},
    "wait": {"timeout": NUMBERS},
    "transfer": {"conversationId": TEXTS, "conversation_id": TEXTS, **HEARD},
    "pay": {
        "amount": NUMBERS,
        "currency": ["usd"],
        **EVENT,
        "prompts": [[], [{"type": "CardNumber"}]],
        "voice": [{"language": "en-US"}],
    },
}


def test_every_option_has_its_values() -> None:
    """The tables name the same options."""
    assert {action: set(options) for action, options in TAKEN.items()} == {
        action: set(shape.options) for action, shape in ACTIONS.items()
    }


@pytest.mark.parametrize(
    ("action", "option", "value"),
    [(action, option, value) for action, options in TAKEN.items() for option in options for value in options[option]],
)
def test_what_is_taken(action: str, option: str, value: Any) -> None:
    assert problems(action, **{option: value}) == []


# A value of another JSON type for every option: an object fits none but those that are objects.
@pytest.mark.parametrize(("action", "option"), [(action, option) for action in TAKEN for option in TAKEN[action]])
def test_a_wrong_type_is_named(action: str, option: str) -> None:
    wrong: Any = [{"a": 1}, 5] if isinstance(TAKEN[action][option][0], dict) else {"a": 1}

    assert problems(action, **{option: wrong}) == [(option, TYPE)]


@pytest.mark.parametrize(("action", "option"), [(action, option) for action in TAKEN for option in TAKEN[action]])
def test_null_counts_as_absent(action: str, option: str) -> None:
    """So it is missing where it is needed."""
    assert problems(action, **{option: None}) in ([], [(option, VALUE)])


@pytest.mark.parametrize(
    ("action", "options", "key", "reason"),
    [
        # A bare text in the place of an array. Source: reference ncco §2.3 (B, A).
        ("notify", {"eventUrl": "https://shop.test/event"}, "eventUrl", TYPE),
        ("stream", {"streamUrl": "https://shop.test/a.mp3"}, "streamUrl", TYPE),
        ("record", {"eventUrl": []}, "eventUrl", VALUE),
        ("record", {"eventUrl": [5]}, "eventUrl", TYPE),
        ("record", {"eventMethod": "PUT"}, "eventMethod", VALUE),
        ("record", {"format": "flac"}, "format", VALUE),
        ("record", {"split": "yes"}, "split", VALUE),
        ("record", {"channels": "two"}, "channels", TYPE),
        ("record", {"channels": 1.5}, "channels", TYPE),
        ("record", {"channels": True}, "channels", TYPE),
        ("record", {"beepStart": "yes"}, "beepStart", TYPE),
        ("record", {"beepStart": 1}, "beepStart", TYPE),
        ("record", {"transcription": {"language": 5}}, "language", TYPE),
        ("talk", {"level": "loud"}, "level", TYPE),
        ("talk", {"level": True}, "level", TYPE),
        ("talk", {"text": 5}, "text", TYPE),
        ("input", {"type": "dtmf"}, "type", TYPE),
        ("input", {"type": ["dmtf"]}, "type", VALUE),
        ("input", {"dtmf": {"maxDigits": "many"}}, "maxDigits", TYPE),
        ("input", {"speech": {"context": "yes"}}, "context", TYPE),
        ("input", {"mode": "async"}, "mode", VALUE),
        ("pay", {"prompts": ["CardNumber"]}, "prompts", TYPE),
        ("connect", {"eventType": "asynchronous"}, "eventType", VALUE),
        ("connect", {"machineDetection": "stop"}, "machineDetection", VALUE),
        ("connect", {"advancedMachineDetection": {"behavior": "stop"}}, "behavior", VALUE),
        ("connect", {"advancedMachineDetection": {"mode": "off"}}, "mode", VALUE),
        ("connect", {"advanced_machine_detection": {"beep_timeout": "long"}}, "beep_timeout", TYPE),
        ("connect", {"endpoint": []}, "endpoint", VALUE),
        # More than one. Source: reference ncco §2.6, §3.3 (B).
        ("connect", {"endpoint": [PHONE, PHONE]}, "endpoint", VALUE),
        ("connect", {"endpoint": ["447700900001"]}, "endpoint", TYPE),
        ("connect", {"endpoint": [{}]}, "type", VALUE),
        ("connect", {"endpoint": [{"type": 5}]}, "type", TYPE),
        ("connect", {"endpoint": [{"type": "pohne"}]}, "type", VALUE),
        ("connect", {"endpoint": [{"type": "phone"}]}, "number", VALUE),
        ("connect", {"endpoint": [{"type": "phone", "number": []}]}, "number", TYPE),
        # Captured in 2024. Source: reference ncco §2.6 (A).
        ("connect", {"endpoint": [{**PHONE, "dtmfAnswer": "auto"}]}, "dtmfAnswer", VALUE),
        ("connect", {"endpoint": [{**PHONE, "dtmfAnswer": 12}]}, "dtmfAnswer", TYPE),
        ("connect", {"endpoint": [{**PHONE, "onAnswer": URL[0]}]}, "onAnswer", TYPE),
        ("connect", {"endpoint": [{**PHONE, "onAnswer": {}}]}, "url", VALUE),
        ("connect", {"endpoint": [{**PHONE, "shaken": 5}]}, "shaken", TYPE),
        ("connect", {"endpoint": [{"type": "app"}]}, "user", VALUE),
        ("connect", {"endpoint": [{"type": "websocket"}]}, "uri", VALUE),
        ("connect", {"endpoint": [{"type": "websocket", "uri": "ws://a", "headers": "x"}]}, "headers", TYPE),
        ("connect", {"endpoint": [{"type": "sip", "user": "bob"}]}, "uri", VALUE),
        ("connect", {"endpoint": [{"type": "sip", "uri": "sip:a", "standardHeaders": 1}]}, "standardHeaders", TYPE),
        ("connect", {"endpoint": [{"type": "vbc"}]}, "extension", VALUE),
    ],
)
def test_what_is_wrong(action: str, options: dict[str, Any], key: str, reason: str) -> None:
    assert problems(action, **options) == [(key, reason)]


@pytest.mark.parametrize(
    "endpoint",
    [
        {"type": "phone", "number": 447700900001, "dtmfAnswer": "1p2#*", "onAnswer": {"url": URL[0]}},
        {"type": "phone", "number": "447700900001", "onAnswer": {"url": URL, "ringback": URL[0]}, "shaken": "x"},
        {"type": "app", "user": "Alice"},
        {"type": "websocket", "uri": "wss://shop.test/socket"},
        {"type": "websocket", "uri": "wss://shop.test/socket", "content-type": "audio/l16;rate=8000", "headers": {}},
        {"type": "sip", "uri": "sip:bob@shop.test", "headers": {"a": "b"}, "standard_headers": {"User-to-User": "x"}},
        {"type": "sip", "user": "bob", "domain": "shop.test"},
        {"type": "vbc", "extension": "789"},
    ],
)
def test_every_endpoint_can_be_connected(endpoint: dict[str, Any]) -> None:
    assert problems("connect", endpoint=[endpoint]) == []


@pytest.mark.parametrize(
    ("action", "group"),
    [(action, group) for action, shape in ACTIONS.items() for group in shape.needed],
)
def test_what_is_needed_is_named(action: str, group: tuple[str, ...]) -> None:
    """By the first of its names."""
    given = {name: value for name, value in SMALLEST[action].items() if name not in group}

    assert check([{"action": action, **given}]) == (Problem(0, action, group[0], VALUE),)


def test_an_unknown_action_is_named_with_the_nearest_right_one() -> None:
    actions = [{"action": "talk", "text": "Hello"}, {"action": "steam"}, {"action": "xyzzy"}, {"action": "Talk"}]

    assert check(actions) == (
        Problem(1, "steam", "action", VALUE, "stream"),
        Problem(2, "xyzzy", "action", VALUE),
        Problem(3, "Talk", "action", VALUE, "talk"),
    )


def test_a_word_is_named_with_the_nearest_right_one() -> None:
    actions = [{"action": "input", "type": ["speach"]}, {"action": "connect", "endpoint": [{"type": "fone"}]}]

    assert check(actions) == (
        Problem(0, "input", "type", VALUE, "speech"),
        Problem(1, "connect", "type", VALUE, "phone"),
    )


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"action": "talk", "text": "Hello"}, (Problem(-1, "", "ncco", TYPE),)),
        ("talk", (Problem(-1, "", "ncco", TYPE),)),
        (None, (Problem(-1, "", "ncco", TYPE),)),
        (["talk"], (Problem(0, "", "ncco", TYPE),)),
        ([{}], (Problem(0, "", "action", VALUE),)),
        ([{"action": 5}], (Problem(0, "", "action", TYPE),)),
        ([], ()),
        (({"action": "wait"},), ()),
    ],
)
def test_the_document(document: Any, found: tuple[Problem, ...]) -> None:
    """An empty one is fine: what it means is its place's to say."""
    assert check(document) == found


def test_unknown_options_are_ignored() -> None:
    assert problems("talk", eventurl=5, colour="red") == []


def test_all_problems_are_found() -> None:
    """Those of an action: what is missing first, then in the order of the table."""
    assert problems("connect", endpoint=None, limit="x", **{"from": []}) == [
        ("endpoint", VALUE),
        ("from", TYPE),
        ("limit", TYPE),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    st.sampled_from(sorted(ACTIONS)).flatmap(
        lambda action: st.fixed_dictionaries(
            {"action": st.just(action)},
            optional=dict.fromkeys(ACTIONS[action].options, JSON),
        )
    )
)
def test_no_value_breaks_the_check(action: dict[str, Any]) -> None:
    """Whatever stands in an action, each problem names an option of it or of what is in it."""
    for problem in check([action]):
        assert (problem.index, problem.action) == (0, action["action"])
        assert problem.reason in (TYPE, VALUE)
        assert problem.key
