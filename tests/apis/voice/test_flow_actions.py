"""Actions of an NCCO that play, wait, ask and listen: whole traces in virtual time, every form of their webhooks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.apis.voice.stage import JSON, OWNED, PERSON, TALK, TALK_S, Stage, ncco, open_stage
from tests.house import House
from tests.receiver import Answer

ANSWERED = [(0, "started"), (0.01, "ringing"), (2, "answered")]
SYNTAX = "Syntax error in NCCO. Invalid value type or action."
FAILED = "Failed to retrieve the NCCO."
STREAM = {"action": "stream", "streamUrl": ["https://shop.test/music.mp3"]}
KEYS = {"action": "input", "type": ["dtmf"]}
WORDS = {"action": "input", "type": ["speech"]}
BOTH = {"action": "input", "type": ["dtmf", "speech"]}


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def run(stage: Stage, *actions: Any) -> str:
    """Call the person with an NCCO, to its end; the uuid."""
    uuid = await stage.create(ncco=list(actions))
    await stage.house.advance("3h")
    assert await stage.house.store.pending("default") == []
    return uuid


def near(trace: list[tuple[float, str]]) -> list[tuple[Any, str]]:
    """A trace whose instants are compared to the millisecond."""
    return [(pytest.approx(at, abs=0.0011), name) for at, name in trace]


# Playing and waiting.


@pytest.mark.parametrize(
    ("action", "lasts"),
    [
        (STREAM, 5),
        ({**STREAM, "loop": 2}, 10),
        ({**STREAM, "loop": "3"}, 15),
        ({**STREAM, "loop": -2}, 7200),
        ({**STREAM, "loop": 0}, 7200),
        ({**STREAM, "bargeIn": True}, 5),
        ({"action": "wait"}, 10),
        ({"action": "wait", "timeout": 2.5}, 2.5),
        ({"action": "wait", "timeout": "4"}, 4),
        ({"action": "wait", "timeout": 0.01}, 0.1),
        ({"action": "wait", "timeout": 99_999}, 7200),
    ],
)
async def test_how_long_an_action_lasts(stage: Stage, action: dict[str, Any], lasts: float) -> None:
    """Source: reference ncco §3.5, §3.8, §5.6."""
    await run(stage, action)

    assert stage.told() == near([*ANSWERED, (2 + lasts, "completed")])


async def test_what_is_heard_of_a_stream(stage: Stage) -> None:
    """Where it comes from."""
    await run(stage, {"action": "wait", "timeout": 1}, STREAM, TALK)

    assert await stage.heard() == [(3, "platform", STREAM["streamUrl"][0]), (8, "platform", TALK["text"])]


# Telling and asking.


def notify(stage: Stage, **options: Any) -> dict[str, Any]:
    """The action."""
    return {"action": "notify", "payload": {"foo": "bar"}, "eventUrl": [f"{stage.receiver.url}/n"], **options}


async def test_every_byte_of_a_notice(stage: Stage) -> None:
    """Source: reference ncco §4.9 (B)."""
    await run(stage, notify(stage), notify(stage, eventMethod="GET"))

    conversation = (await stage.entry())["conversation_uuid"]
    assert stage.sent_to("/n") == [
        f'{{"payload":{{"foo":"bar"}},"conversation_uuid":"{conversation}","timestamp":"2026-01-01T00:00:02.000Z"}}',
        f"payload=%7B%22foo%22:%22bar%22%7D&conversation_uuid={conversation}&timestamp=2026-01-01T00:00:02.000Z",
    ]


REPLIES: dict[str, Answer] = {
    "no body": Answer(204, b""),
    "empty": Answer(200, b"", JSON),
    "no actions": ncco(),
    "OK": Answer(200, b"OK"),
    "html": Answer(200, b"<p>OK</p>", (("Content-Type", "text/html"),)),
    "object": Answer(200, b"{}", JSON),
    "text": Answer(200, b'"ok"', JSON),
    "no utf-8": Answer(200, b'["\xff"]', JSON),
    "deep": Answer(200, b"[" * 100_000, JSON),
}


@pytest.mark.parametrize("name", REPLIES)
async def test_a_reply_that_says_nothing_replaces_nothing(stage: Stage, name: str) -> None:
    """Source: reference ncco §2.2 (B, D)."""
    stage.replies["/n"] = [REPLIES[name]]
    await run(stage, notify(stage), TALK)

    assert stage.told() == near([*ANSWERED, (2, "notify"), (2 + TALK_S, "completed")])


@pytest.mark.parametrize("type_", ["application/json", "text/plain"])
async def test_a_reply_replaces_the_rest(stage: Stage, type_: str) -> None:
    """There is no way back. Source: reference ncco §5.1 (B)."""
    body = json.dumps([{"action": "wait", "timeout": 3}]).encode()
    stage.replies["/n"] = [Answer(200, body, (("Content-Type", type_),))]
    await run(stage, notify(stage), TALK, TALK)

    assert stage.told() == [*ANSWERED, (2, "notify"), (5, "completed")]
    assert await stage.heard() == []


BAD: dict[str, tuple[Answer, str, str]] = {
    "unknown action": (ncco({"action": "tlak"}), SYNTAX, "Invalid%20NCCO."),
    "as html": (Answer(200, b"[]", (("Content-Type", "text/html"),)), SYNTAX, "Invalid%20NCCO."),
    "broken": (Answer(500), FAILED, "Invalid%20response%20code."),
    "not found": (Answer(404), FAILED, "Invalid%20response%20code."),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_reply_that_cannot_be_leaves_the_rest(stage: Stage, name: str) -> None:
    """It is said what is wrong. Source: reference ncco §2.6, §4.5 (B)."""
    stage.replies["/n"] = [BAD[name][0]]
    await run(stage, notify(stage), TALK)

    assert stage.told() == near([*ANSWERED, (2, "notify"), (2, BAD[name][1]), (2 + TALK_S, "completed")])


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("replaces", [False, True])
async def test_the_fallback_of_a_reply(stage: Stage, name: str, replaces: bool) -> None:
    """It is told what the other URL was, and what it was asked. Source: reference ncco §4.5 (B)."""
    await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback")
    stage.replies["/n"] = [BAD[name][0]]
    stage.fallback = ncco({"action": "wait", "timeout": 7}) if replaces else Answer(200, b"OK")
    await run(stage, notify(stage), TALK)

    reason = BAD[name][2].replace("%20", " ")
    over = 9 if replaces else 2 + TALK_S
    assert stage.told() == near([*ANSWERED, (2, "notify"), (2, BAD[name][1]), (2, reason), (over, "completed")])
    (asked,) = stage.sent_to("/fallback")
    conversation = (await stage.entry())["conversation_uuid"]
    assert asked == (
        f"payload=%7B%22foo%22:%22bar%22%7D&conversation_uuid={conversation}&timestamp=2026-01-01T00:00:02.000Z"
        f"&reason={BAD[name][2]}&original_request=%7B%22url%22:%22{stage.receiver.url}/n%22,%22type%22:%22event%22%7D"
    )


async def test_the_fallback_of_a_reply_fails_too(stage: Stage) -> None:
    """The rest goes on."""
    await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback")
    stage.replies["/n"], stage.fallback = [Answer(500)], Answer(500)
    await run(stage, notify(stage), TALK)

    names = [name for _, name in stage.told()[3:]]
    assert names == ["notify", FAILED, "Invalid response code.", FAILED, "completed"]


async def test_a_slow_reply_is_asked_for_twice(stage: Stage) -> None:
    """Source: reference ncco §4.1 (B)."""
    stage.replies["/n"] = [Answer(503), ncco({"action": "wait", "timeout": 1})]
    await run(stage, notify(stage), TALK)

    assert stage.told() == [*ANSWERED, (2, "notify"), (2, "notify"), (3, "completed")]


async def test_a_reply_to_a_call_that_is_over(stage: Stage) -> None:
    """Comes too late."""
    uuid = await stage.create(ncco=[notify(stage), {**TALK, "loop": 0}])
    await stage.house.advance("3s")
    await stage.modify(uuid, action="hangup")
    webhooks = (await stage.house.control("GET", "webhooks?kind=notify"))["items"]
    stage.replies["/n"] = [ncco(TALK)]
    await stage.house.control("POST", f"webhooks/{webhooks[0]['id']}/resend")
    await stage.house.advance("1m")

    assert stage.told()[4:] == [(3, "completed"), (2, "notify")]


async def test_a_reply_that_comes_again_changes_nothing(stage: Stage) -> None:
    """The action that it was for is over."""
    await stage.create(ncco=[notify(stage), {**TALK, "loop": 0}])
    await stage.house.advance("3s")
    webhooks = (await stage.house.control("GET", "webhooks?kind=notify"))["items"]
    stage.replies["/n"] = [ncco(TALK)]
    await stage.house.control("POST", f"webhooks/{webhooks[0]['id']}/resend")
    await stage.house.advance("1m")

    assert (await stage.entry())["status"] == "answered"


async def test_a_transfer_that_is_asked_for_while_replies_come(stage: Stage) -> None:
    """What a reply says runs until the transfer's NCCO is there."""
    stage.replies["/n"] = [ncco({"action": "wait", "timeout": 50})]
    stage.answer = ncco({"action": "wait", "timeout": 1})
    uuid = await stage.create(ncco=[{"action": "wait", "timeout": 3}, notify(stage), {**TALK, "loop": 0}])
    await stage.house.advance("6s")
    destination = {"type": "ncco", "url": [f"{stage.receiver.url}/answer"]}
    await stage.modify(uuid, action="transfer", destination=destination)
    await stage.house.advance("2s")

    assert stage.told()[3:] == [(5, "notify"), (6, "transfer"), (-1, "answer"), (7, "completed")]


# Listening: keys.


@pytest.mark.parametrize(
    ("action", "presses", "told_at", "digits", "timed_out"),
    [
        (KEYS, [], 5, "", True),
        (KEYS, [(3, "1")], 6, "1", True),
        (KEYS, [(3, "1"), (5, "2")], 8, "12", True),
        (KEYS, [(3, "1234")], 3, "1234", False),
        (KEYS, [(3, "12345")], 3, "1234", False),
        (KEYS, [(3, "12"), (4, "3p4")], 4, "1234", False),
        (KEYS, [(3, "1#")], 6, "1#", True),
        ({**KEYS, "dtmf": {"submitOnHash": True}}, [(3, "1#")], 3, "1", False),
        ({**KEYS, "dtmf": {"submitOnHash": "true"}}, [(3, "#")], 3, "", False),
        ({**KEYS, "dtmf": {"maxDigits": 1}}, [(3, "7")], 3, "7", False),
        ({**KEYS, "dtmf": {"maxDigits": "2", "timeOut": "7"}}, [(3, "7")], 10, "7", True),
        ({**KEYS, "dtmf": {"timeOut": 99}}, [], 12, "", True),
        ({**KEYS, "dtmf": {"timeOut": 0}}, [], 2, "", True),
        ({**KEYS, "dtmf": {"maxDigits": 0}}, [(3, "7")], 3, "7", False),
        ({**KEYS, "submitOnHash": True}, [(3, "1#")], 3, "1", False),
        ({"action": "input", "dtmf": {"maxDigits": 1}}, [(3, "7")], 3, "7", False),
        ({**KEYS, "dtmf": {"maxDigits": None}}, [(3, "1234")], 3, "1234", False),
    ],
)
async def test_keys_by_hand(
    stage: Stage, action: dict[str, Any], presses: list[tuple[int, str]], told_at: float, digits: str, timed_out: bool
) -> None:
    """By the settings, in both places where they may stand. Source: reference ncco §3.6, §4.7 (A)."""
    uuid = await stage.create(ncco=[action, TALK])
    at = 0
    for when, keys in presses:
        await stage.house.advance(when - at)
        await stage.act("press", digits=keys)
        at = when
    await stage.house.advance("1m")

    (event,) = (each for each in stage.bodies() if "dtmf" in each)
    conversation = (await stage.entry())["conversation_uuid"]
    assert event == (
        f'{{"speech":{{"error":"Speech was not enabled"}},"dtmf":{{"digits":"{digits}","timed_out":'
        f'{json.dumps(timed_out)}}},"from":"{OWNED}","to":"{PERSON}","uuid":"{uuid}",'
        f'"conversation_uuid":"{conversation}","timestamp":"2026-01-01T00:00:{told_at:02}.000Z"}}'
    )
    assert stage.told()[-1] == (pytest.approx(told_at + TALK_S, abs=0.0011), "completed")


@pytest.mark.parametrize("options", [{}, {"timeOut": 5}, {"maxDigits": "4"}, {"submitOnHash": "false"}])
async def test_the_older_form(stage: Stage, options: dict[str, Any]) -> None:
    """Where nothing of the newer one is said. Source: reference ncco §3.6 (B, D), §4.7."""
    uuid = await stage.create(ncco=[{"action": "input", **options}])
    await stage.house.advance("3s")
    await stage.act("press", digits="12")
    await stage.house.advance("1m")

    (event,) = (each for each in stage.bodies() if "dtmf" in each)
    conversation = (await stage.entry())["conversation_uuid"]
    at = 3 + options.get("timeOut", 3)
    assert event == (
        f'{{"uuid":"{uuid}","conversation_uuid":"{conversation}","timed_out":true,"dtmf":"12",'
        f'"timestamp":"2026-01-01T00:00:{at:02}.000Z"}}'
    )


async def test_an_input_by_get(stage: Stage) -> None:
    """Nested objects as text, what is null left out. Source: reference ncco §4.7 (A), §4.1 (D)."""
    await stage.phone(on_call=[{"answer": {}}, {"press": "3", "after": "1s"}])
    uuid = await run(stage, {**KEYS, "eventUrl": [f"{stage.receiver.url}/i"], "eventMethod": "GET"})

    conversation = (await stage.entry())["conversation_uuid"]
    assert stage.sent_to("/i") == [
        (
            "speech=%7B%22error%22:%22Speech%20was%20not%20enabled%22%7D"
            "&dtmf=%7B%22digits%22:%223%22,%22timed_out%22:true%7D"
            f"&from={OWNED}&to={PERSON}&uuid={uuid}&conversation_uuid={conversation}&timestamp=2026-01-01T00:00:06.000Z"
        )
    ]


async def test_the_reply_to_an_input_replaces_the_rest(stage: Stage) -> None:
    """As the worked flow has it. Source: reference ncco §11 A."""
    await stage.phone(on_call=[{"answer": {}}, {"press": "1", "after": "1.6s"}])
    stage.replies["/i"] = [ncco({"action": "talk", "text": "Thank you"})]
    url = [f"{stage.receiver.url}/i"]
    await run(stage, {"action": "talk", "text": "Press one"}, {**KEYS, "eventUrl": url}, TALK)

    assert stage.told() == near([*ANSWERED, (6.6, "input 1"), (7.2, "completed")])
    assert stage.events()[-1]["duration"] == "5"


async def test_an_input_that_nobody_is_told_of(stage: Stage) -> None:
    """Goes on as if the reply were empty. Source: reference ncco §4.2."""
    await stage.application(event_url=None)
    await run(stage, KEYS, TALK)

    assert (stage.told(), (await stage.entry())["duration"]) == ([], 5)


async def test_hanging_up_in_an_input_tells_nothing_of_it(stage: Stage) -> None:
    """Source: reference ncco §5.1 (D)."""
    await stage.phone(on_call=[{"answer": {}}, {"press": "1"}, {"hang_up": {"after": "1s"}}])
    await run(stage, KEYS)

    assert stage.told() == near([*ANSWERED, (3.4, "completed")])


async def test_a_transfer_in_an_input(stage: Stage) -> None:
    """Drops it at once. Source: reference ncco §5.1 (B)."""
    uuid = await stage.create(ncco=[KEYS, TALK])
    await stage.house.advance("3s")
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "ncco": [TALK]})
    await stage.act("press", digits="1234")
    await stage.house.advance("1m")

    assert stage.told() == near([*ANSWERED, (3, "transfer"), (3 + TALK_S, "completed")])


async def test_the_asynchronous_mode(stage: Stage) -> None:
    """One report for each key, while the next actions run. Source: reference ncco §3.6 (B), §4.8 (D)."""
    stage.replies["/i"] = [ncco(TALK), ncco(TALK)]
    action = {"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": [f"{stage.receiver.url}/i"]}
    uuid = await stage.create(ncco=[action, {"action": "wait", "timeout": 5}])
    await stage.house.advance("3s")
    await stage.act("press", digits="4#")
    await stage.house.advance("1m")

    conversation = (await stage.entry())["conversation_uuid"]
    assert stage.told()[3:] == [(3, "key 4"), (3, "key #"), (7, "completed")]
    assert stage.sent_to("/i")[0] == (
        f'{{"dtmf":{{"digits":"4","timed_out":false}},"from":"{OWNED}","to":"{PERSON}","uuid":"{uuid}",'
        f'"conversation_uuid":"{conversation}","timestamp":"2026-01-01T00:00:03.000Z"}}'
    )


# Listening: speech.


@pytest.mark.parametrize(
    ("action", "acts", "told_at", "speech", "dtmf"),
    [
        (WORDS, [], 12, ("start_timeout", ""), (None, False)),
        ({**WORDS, "speech": {"startTimeout": 4}}, [], 6, ("start_timeout", ""), (None, False)),
        ({**WORDS, "speech": {"startTimeout": 400}}, [], 62, ("start_timeout", ""), (None, False)),
        # Fifteen characters a second, then the silence.
        (WORDS, [(3, "say", "to the sales ok")], 6, ("end_on_silence_timeout", "to the sales ok"), (None, False)),
        (
            {**WORDS, "speech": {"endOnSilence": "0.5"}},
            [(3, "say", "to the sales ok")],
            4.5,
            ("end_on_silence_timeout", "to the sales ok"),
            (None, False),
        ),
        (
            {**WORDS, "speech": {"maxDuration": 5}},
            [(3, "say", "x" * 150)],
            8,
            ("max_duration", "x" * 150),
            (None, False),
        ),
        (
            WORDS,
            [(3, "say", "to the sales ok"), (5, "say", "to the sales ok")],
            8,
            ("end_on_silence_timeout", "to the sales ok to the sales ok"),
            (None, False),
        ),
        (WORDS, [(3, "press", "1234")], 12, ("start_timeout", ""), (None, False)),
        ({"action": "input", "speech": {}}, [], 12, ("start_timeout", ""), (None, False)),
        (BOTH, [], 5, ("start_timeout", ""), ("", True)),
        (BOTH, [(3, "press", "1")], 6, ("start_timeout", ""), ("1", True)),
        (BOTH, [(3, "press", "1"), (4, "say", "sales")], 6, ("start_timeout", ""), ("1", True)),
        (
            BOTH,
            [(3, "say", "to the sales ok"), (4, "press", "1234")],
            6,
            ("end_on_silence_timeout", "to the sales ok"),
            (None, False),
        ),
        ({**BOTH, "dtmf": {"timeOut": 10}, "speech": {"startTimeout": 4}}, [], 6, ("start_timeout", ""), ("", True)),
    ],
)
async def test_speech(
    stage: Stage,
    action: dict[str, Any],
    acts: list[tuple[int, str, str]],
    told_at: float,
    speech: tuple[str, str],
    dtmf: tuple[str | None, bool],
) -> None:
    """By its settings, alone and beside keys. Source: reference ncco §3.6, §4.7 (B, D), §5.6."""
    uuid = await stage.create(ncco=[action])
    at = 0
    for when, act, what in acts:
        await stage.house.advance(when - at)
        said: dict[str, Any] = {"text": what} if act == "say" else {"digits": what}
        await stage.act(act, **said)
        at = when
    await stage.house.advance("2m")

    (event,) = (each for each in stage.bodies() if "dtmf" in each)
    conversation = (await stage.entry())["conversation_uuid"]
    sure = json.loads(event)["speech"]["results"][0]["confidence"] if speech[1] else ""
    results = f'[{{"confidence":"{sure}","text":"{speech[1]}"}}]' if speech[1] else "[]"
    assert event == (
        f'{{"speech":{{"timeout_reason":"{speech[0]}","results":{results}}},"dtmf":{{"digits":{json.dumps(dtmf[0])},'
        f'"timed_out":{json.dumps(dtmf[1])}}},"from":"{OWNED}","to":"{PERSON}","uuid":"{uuid}",'
        f'"conversation_uuid":"{conversation}","timestamp":"2026-01-01T00:00:{told_at % 60:06.3f}Z"}}'
    ).replace("00:00:02.000Z", "00:01:02.000Z" if told_at > 60 else "00:00:02.000Z")
    assert not sure or 0.85 <= float(sure) < 0.95


async def test_what_is_said_to_keys_is_not_heard(stage: Stage) -> None:
    """An input of keys alone takes no words."""
    await stage.phone(on_call=[{"answer": {}}, {"say": "sales"}])
    await run(stage, KEYS)

    assert stage.told() == [*ANSWERED, (5, "input "), (5, "completed")]


# Interrupting.

BARGE = {**TALK, "bargeIn": True}
LONG = {"action": "talk", "text": "x" * 150}


@pytest.mark.parametrize(
    ("actions", "press", "trace"),
    [
        # The key counts already, and the prompts that are left are not heard.
        ([BARGE, KEYS], 3, [(6, "input 7"), (6, "completed")]),
        ([BARGE, LONG, KEYS], 3, [(6, "input 7"), (6, "completed")]),
        # It stays until an input runs.
        ([BARGE, {**LONG, "bargeIn": False}, KEYS], 6, [(9, "input 7"), (9, "completed")]),
        ([{**STREAM, "bargeIn": "true"}, KEYS], 3, [(6, "input 7"), (6, "completed")]),
        ([{**STREAM, "bargeIn": True, "loop": 0}, KEYS], 6, [(9, "input 7"), (9, "completed")]),
        # Without it, and without an input, they play out.
        ([LONG, KEYS], 3, [(15, "input "), (15, "completed")]),
        ([{**LONG, "bargeIn": True}], 3, [(12, "completed")]),
        ([{**LONG, "bargeIn": True}, {"action": "wait"}, KEYS], 3, [(25, "input "), (25, "completed")]),
        ([{**LONG, "bargeIn": True}, WORDS], 3, [(22, "input None"), (22, "completed")]),
        (
            [BARGE, {**KEYS, "dtmf": {"timeOut": 1}}, LONG, KEYS],
            6,
            [(4.933, "input "), (17.933, "input "), (17.933, "completed")],
        ),
        (
            [{**LONG, "bargeIn": True}, {**KEYS, "mode": "asynchronous"}],
            3,
            [(12, "completed")],
        ),
    ],
)
async def test_prompts_are_interrupted_by_keys(
    stage: Stage, actions: list[dict[str, Any]], press: int, trace: list[tuple[float, str]]
) -> None:
    """Where they may be, and an input follows. Source: reference ncco §3.4, §5.4 (B, D)."""
    await stage.create(ncco=actions)
    await stage.house.advance(press)
    await stage.act("press", digits="7")
    await stage.house.advance("5m")

    assert stage.told() == near([*ANSWERED, *trace])


async def test_prompts_are_interrupted_by_speech(stage: Stage) -> None:
    """The same."""
    await stage.phone(on_call=[{"answer": {}}, {"say": "to the sales ok", "after": "1s"}])
    await run(stage, {**LONG, "bargeIn": True}, WORDS)

    assert stage.told() == [*ANSWERED, (6, "input to the sales ok"), (6, "completed")]


async def test_prompts_play_out_where_nobody_interrupts(stage: Stage) -> None:
    """Then the input begins to wait."""
    await run(stage, {**LONG, "bargeIn": True}, KEYS)

    assert stage.told() == [*ANSWERED, (15, "input "), (15, "completed")]


async def test_what_outlasts_the_call_leaves_nothing_behind(stage: Stage) -> None:
    """A talk that would go on for ages ends with the call; no timer of it stays."""
    uuid = await stage.create(ncco=[{**TALK, "loop": 10**15}])
    await stage.house.advance("5s")
    await stage.modify(uuid, action="hangup")
    await stage.house.advance("3h")

    pending = await stage.house.store.pending("default")
    assert [each for each in pending if each.subject == uuid] == []


async def test_prompts_behind_an_asynchronous_input_are_not_interrupted(stage: Stage) -> None:
    """That is an input too, after which nothing can be unless it says so. Source: reference ncco §3.4 (B)."""
    await stage.phone(on_call=[{"answer": {}}, {"press": "1", "after": "3s"}])
    prompt, each_key = {**TALK, "bargeIn": True}, {"action": "input", "mode": "asynchronous"}
    await stage.create(ncco=[prompt, each_key, {**TALK, "text": "x" * 60}, {"action": "input"}])
    await stage.house.advance("1m")

    assert [line.get("cut", False) for line in (await stage.entry())["transcript"] if line["text"]] == [False, False]


async def test_a_mistake_is_told_to_the_developer(stage: Stage) -> None:
    """Among the events, beside what the service reports: where the NCCO came from, what is wrong, and what would do."""
    stage.answer = ncco(TALK, {"action": "tlak"})
    uuid = await stage.create(answer_url=[f"{stage.receiver.url}/answer"])
    await stage.house.advance("1m")

    mistakes = (await stage.house.control("GET", "events?name=call.mistake"))["items"]
    assert [{name: fact for name, fact in each.items() if name != "seq"} for each in mistakes] == [
        {
            "at": "2026-01-01T00:00:02.000Z",
            "name": "call.mistake",
            "about": uuid,
            "account": "main",
            "number": PERSON,
            "text": f"NCCO of GET {stage.receiver.url}/answer: action 2: there is no action 'tlak'; "
            "did you mean 'talk'?",
        }
    ]
