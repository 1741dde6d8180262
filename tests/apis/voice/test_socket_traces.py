"""Websockets of calls from end to end: what the app hears and says, and what the application is told meanwhile.

Each peer is a real server on loopback. Frames are twenty milliseconds each; a trace has texts as they were sent, and
runs of frames by their number and whether they are sound or silence.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import pytest

from fake_nexmo.core.records import ClockMode
from tests.apis.voice.stage import OWNED, TALK, Stage, ncco, open_stage, seconds
from tests.house import House, open_house
from tests.receiver import Answer, Receiver
from tests.socket_peer import Deaf, Message, Peer, Talk

LOW = "audio/l16;rate=8000"
CONNECTED = '{"event":"websocket:connected","content-type":"audio/l16;rate=8000","caller":"bob"}'
FIVE = '{"event":"websocket:dtmf","digit":"5","duration":260}'
CLEARED = '{"event":"websocket:cleared"}'
SOUND, SILENCE = "sound", "silence"
#: A second of what an app says, in frames of 8,000 samples a second.
SECOND_OF_SOUND = [b"\x10\x27" * 160] * 50
CLEAR = '{"action":"clear"}'


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    """A world with an application."""
    async with open_stage(house) as one:
        yield one


def endpoint(peer: Peer, **said: Any) -> dict[str, Any]:
    """A websocket endpoint of low rate."""
    return {"type": "websocket", "uri": peer.url, "content-type": LOW, "headers": {"caller": "bob"}, **said}


def connect(peer: Peer, **said: Any) -> dict[str, Any]:
    """An action that calls an app in."""
    return {"action": "connect", "from": OWNED, "endpoint": [endpoint(peer)], **said}


def notify(payload: Any) -> str:
    """The command of an app that wants to know when it was heard."""
    return json.dumps({"action": "notify", "payload": payload})


def notified(payload: Any) -> str:
    """What it is told then."""
    return json.dumps({"event": "websocket:notify", "payload": payload}, separators=(",", ":"))


async def on_keys(talk: Talk, message: Message) -> None:
    """An app that does what keys say: 1 speaks, 2 asks when that was heard, 3 wants it dropped, 4 leaves, 6 mumbles."""
    if not isinstance(message, str) or "dtmf" not in message:
        return
    digit = json.loads(message)["digit"]
    if digit == "1":
        await talk.say(*SECOND_OF_SOUND)
    elif digit == "2":
        await talk.say(notify({"n": 2}))
    elif digit == "3":
        await talk.say(CLEAR)
    elif digit == "4":
        await talk.close()
    elif digit == "6":
        await talk.say("hello?", "[]", '{"action":"dance"}', '{"action":5}', b"", b"\x01")


@asynccontextmanager
async def in_call(stage: Stage, *more: Any, **said: Any) -> AsyncIterator[Peer]:
    """Somebody has called, and was connected to an app; a second has passed."""
    async with Peer(on_keys) as peer:
        stage.answer = ncco(connect(peer, **said), *more)
        await stage.act("call", to=OWNED)
        await stage.house.advance("1s")
        yield peer


async def lines(stage: Stage) -> list[list[tuple[float, float, str, str]]]:
    """What was heard on each leg: when, for how long, from whom, and what."""
    return [
        [
            (seconds(each["at"]), each["length"], each["speaker"], each["text"] or each.get("digits") or each["kind"])
            for each in call["transcript"]
        ]
        for call in await stage.calls()
    ]


# A call to an app.


async def test_an_app_is_called_and_hears_its_ncco(stage: Stage) -> None:
    """Started, answered by the handshake, spoken to, hung up on. Source: reference ncco §5.2, §6; voice §9.3, §9.4."""
    async with Peer() as peer:
        speech = {"action": "talk", "text": "Five words for an app."}  # 22 characters: 1.467 s
        uuid = await stage.create(to=[endpoint(peer)], ncco=[speech, {"action": "wait", "timeout": 1}, TALK])
        await stage.house.advance("1m")
        await peer.talk.over.wait()

    assert stage.told() == [(0, "started"), (0.1, "answered"), (4.499, "completed")]
    # 0.1 to 1.567 s: 74 frames, the last of them partly; then a second of silence, and 1.933 s of speech.
    assert peer.talk.short() == [CONNECTED, (74, SOUND), (49, SILENCE), (96, SOUND)]
    assert {len(each) for each in peer.talk.frames} == {320}
    assert peer.talk.digest() == "5d2e2daebc175241"
    assert peer.talk.ended == 1000
    started, answered, completed = stage.events()
    assert started == {
        "headers": {"caller": "bob"},
        "from": OWNED,
        "to": peer.url,
        "uuid": uuid,
        "conversation_uuid": started["conversation_uuid"],
        "status": "started",
        "direction": "outbound",
        "timestamp": "2026-01-01T00:00:00.000Z",
    }
    assert (answered["headers"], answered["status"], answered["network"]) == ({"caller": "bob"}, "answered", None)
    assert {
        "headers": {"caller": "bob"},
        "status": "completed",
        "duration": "4",
        "rate": "0.00400000",
        "price": "0.00026667",
        "disconnected_by": "platform",
    }.items() <= completed.items()
    assert len(stage.house.engine.sockets) == 0
    assert await stage.house.store.pending("default") == []


@pytest.mark.parametrize(("rate", "size"), [(8000, 320), (16000, 640), (24000, 960)])
async def test_frames_are_as_long_as_their_rate_has_them(stage: Stage, rate: int, size: int) -> None:
    """Twenty milliseconds each, whatever the rate. Source: reference ncco §6 (B; D for the highest)."""
    async with Peer() as peer:
        audio = f"audio/l16;rate={rate}"
        await stage.create(to=[endpoint(peer, **{"content-type": audio})], ncco=[TALK])
        await stage.house.advance("2s")
        assert json.loads(peer.talk.texts[0])["content-type"] == audio
        assert [len(each) for each in peer.talk.frames] == [size] * 90
        # The tone has four hundred waves a second, so as many crossings from below in a second.
        samples = memoryview(b"".join(peer.talk.frames[:50])).cast("h")
        assert sum(low < 0 <= high for low, high in itertools.pairwise(samples)) in {399, 400}


async def test_frames_go_out_in_slices_of_time(stage: Stage) -> None:
    """Ten at a time, whatever steps the clock is advanced by. Source: design §5."""
    async with Peer() as peer:
        await stage.create(to=[endpoint(peer)], ncco=[{"action": "wait", "timeout": 60}])
        seen = []
        for by in ("0.29s", "0.01s", "0.1s", "0.1s", "1s"):
            await stage.house.advance(by)
            seen.append(len(peer.talk.frames))
    assert seen == [0, 10, 10, 20, 70]


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [({}, None), ({"type": "custom", "value": "Basic YTpi"}, "Basic YTpi"), ({"type": "custom"}, None)],
)
async def test_an_app_is_shown_what_the_endpoint_says(
    stage: Stage, authorization: dict[str, str], expected: str | None
) -> None:
    """Source: reference voice §4.2 (B)."""
    async with Peer() as peer:
        await stage.create(to=[endpoint(peer, authorization=authorization)])
        await stage.house.advance("1s")
    assert peer.talk.header("Authorization") == expected


async def test_an_app_is_shown_a_token_of_the_platform(stage: Stage) -> None:
    """As a signed webhook has it; in an NCCO too. Source: reference voice §4.2 (B), auth §7.2 (B)."""
    async with Peer() as peer:
        stage.answer = ncco(
            {"action": "connect", "endpoint": [endpoint(peer, authorization={"type": "vonage"})]},
        )
        await stage.act("call", to=OWNED)
        await stage.house.advance("1s")
    bearer, _, token = str(peer.talk.header("Authorization")).partition(" ")
    known = next(each for each in stage.house.world.applications if each.id == "main")
    claims = jwt.decode(token, "fake-nexmo-signature-secret-000001", ["HS256"], options={"verify_iat": False})
    assert bearer == "Bearer"
    assert claims == {
        "iat": stage.house.wall // 1_000_000,
        "jti": claims["jti"],
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(b"").hexdigest(),
        "api_key": "abcd1234",
        "application_id": known.application_id,
    }


async def test_routes_lead_to_the_app(stage: Stage) -> None:
    """Webhooks for a host and websockets to it go the same way. Source: design §7."""
    async with Peer() as peer:
        await stage.house.control("PUT", "routes", {"https://bot.test": f"http://127.0.0.1:{peer.port}/app"})
        await stage.create(to=[endpoint(peer, uri="wss://bot.test/s?a=1")])
        await stage.house.advance("1s")
    assert peer.talk.path == "/app/s?a=1"
    assert [each["to"] for each in stage.events()] == ["wss://bot.test/s?a=1"] * 2


# Between a person and an app.


async def test_what_a_person_says_is_sound_to_the_app(stage: Stage) -> None:
    """And what the app says is heard by the person. Source: reference ncco §6 (B)."""
    async with in_call(stage) as peer:
        await stage.act("say", text="I would like to book a table.")  # 1.933 s
        await stage.house.advance("4s")
        await stage.act("press", digits="1")
        await stage.house.advance("4s")
        await stage.act("hangup")
        await stage.house.advance("1s")
        await peer.talk.over.wait()

    one = '{"event":"websocket:dtmf","digit":"1","duration":260}'
    assert peer.talk.short() == [CONNECTED, (45, SILENCE), (97, SOUND), (103, SILENCE), one, (210, SILENCE)]
    assert await lines(stage) == [
        [
            (1, 1.933, "person", "I would like to book a table."),
            (5, 0.2, "person", "1"),
            (5, 1, "other", "audio"),
        ],
        [
            (1, 1.933, "other", "I would like to book a table."),
            (5, 0.2, "other", "1"),
            (5, 1, "person", "audio"),
        ],
    ]
    assert stage.told() == [
        (0, "ringing"),
        (0, "started"),
        (-1, "answer"),
        (0, "answered"),
        (0, "started"),
        (0.1, "answered"),
        (9.2, "completed"),
        (9.2, "completed"),
    ]
    assert peer.talk.ended == 1000


async def test_what_is_said_to_both_is_sound_to_the_app(stage: Stage) -> None:
    """What the first leg's NCCO goes on to say is heard by both, as often as it is said. Source: ncco §5.2 (B)."""
    speech = {"action": "talk", "text": "Please hold the line.", "loop": 3}  # 1.4 s each
    async with in_call(stage, speech, {"action": "wait", "timeout": 1}) as peer:
        await stage.house.advance("5s")
    assert peer.talk.short() == [CONNECTED, (210, SOUND), (80, SILENCE)]


async def test_each_key_is_told_of_at_once(stage: Stage) -> None:
    """Between the frames of before and after, without anybody advancing; pauses are no keys. Source: ncco §6 (B)."""
    async with in_call(stage) as peer:
        await stage.act("press", digits="5p5")
        assert peer.talk.short() == [CONNECTED, (45, SILENCE), FIVE, FIVE]
        await stage.house.advance("0.3s")
        assert peer.talk.short() == [CONNECTED, (45, SILENCE), FIVE, FIVE, (10, SILENCE)]


async def test_keys_that_are_sent_are_told_of(stage: Stage) -> None:
    """Source: reference voice §8.3 (B)."""
    async with in_call(stage) as peer:
        first, second = await stage.calls()
        await stage.desk.ask("PUT", f"/v1/calls/{second['uuid']}/dtmf", {"digits": "5"})
        await stage.house.engine.settle("default")
        assert peer.talk.texts == [CONNECTED, FIVE]
        await stage.desk.ask("PUT", f"/v1/calls/{first['uuid']}/dtmf", {"digits": "5"})
        await stage.house.advance("1s")
        assert peer.talk.texts == [CONNECTED, FIVE, FIVE]


async def test_what_rest_says_to_an_app_is_sound(stage: Stage) -> None:
    """Until it is stopped. Source: reference voice §8.2."""
    async with in_call(stage) as peer:
        _, second = await stage.calls()
        await stage.desk.ask("PUT", f"/v1/calls/{second['uuid']}/talk", {"text": "Hello", "loop": 0})
        await stage.house.advance("2s")
        await stage.desk.ask("DELETE", f"/v1/calls/{second['uuid']}/talk")
        await stage.house.advance("1s")
    assert peer.talk.short() == [CONNECTED, (45, SILENCE), (100, SOUND), (50, SILENCE)]


async def test_earmuffs_are_silence(stage: Stage) -> None:
    """The app goes on to get frames. Source: reference voice §7 (B)."""
    async with in_call(stage) as peer:
        _, second = await stage.calls()
        await stage.modify(second["uuid"], action="earmuff")
        await stage.act("say", text="Does anybody hear me?")
        await stage.house.advance("2s")
    assert peer.talk.short() == [CONNECTED, (140, SILENCE)]


async def test_a_muted_app_is_not_heard(stage: Stage) -> None:
    """It was said, though. Source: reference voice §7 (B)."""
    async with in_call(stage):
        _, second = await stage.calls()
        await stage.modify(second["uuid"], action="mute")
        await stage.act("press", digits="1")
        await stage.house.advance("2s")
        theirs, own = await lines(stage)
    assert [each[3] for each in theirs] == ["1"]
    assert own == [(1, 0.2, "other", "1"), (1, 1, "person", "audio")]


# Commands.


async def test_an_app_is_told_when_it_was_heard(stage: Stage) -> None:
    """To the microsecond, between the frames. Source: reference ncco §6 (B; D for the shapes)."""
    async with in_call(stage) as peer:
        await stage.act("press", digits="12")
        await stage.house.advance("0.99s")
        assert peer.talk.texts[3:] == []
        await stage.house.advance("0.01s")
        assert peer.talk.texts[3:] == [notified({"n": 2})]
        await stage.act("press", digits="2")
        assert peer.talk.texts[5:] == [notified({"n": 2})]


async def test_an_app_drops_what_it_said(stage: Stage) -> None:
    """It is heard no further, and nothing tells the app of its end. Source: reference ncco §6 (B; D for the shapes)."""
    async with in_call(stage) as peer:
        await stage.act("press", digits="12")
        await stage.house.advance("0.3s")
        await stage.act("press", digits="3")
        await stage.house.advance("3s")
        first, second = await lines(stage)
    assert peer.talk.texts[4:] == [CLEARED]
    assert (1, 0.3, "other", "audio") in first
    assert (1, 0.3, "person", "audio") in second


async def test_an_app_that_has_nothing_to_drop_is_answered(stage: Stage) -> None:
    """Source: reference ncco §6 (B)."""
    async with in_call(stage) as peer:
        await stage.act("press", digits="3")
        assert peer.talk.texts[2:] == [CLEARED]


async def test_words_that_nobody_knows_do_nothing(stage: Stage) -> None:
    """Nor do messages without a sample; the call goes on."""
    async with in_call(stage) as peer:
        await stage.act("press", digits="6")
        await stage.house.advance("1s")
        assert peer.talk.texts[2:] == []
        assert [each["status"] for each in await stage.calls()] == ["answered", "answered"]
        assert [len(each) for each in await lines(stage)] == [1, 1]


async def test_an_app_that_answers_itself_for_ever_is_stopped(stage: Stage) -> None:
    """Causes in a row at one instant are counted, here as everywhere. Source: design §5."""

    async def clears(talk: Talk, message: Message) -> None:
        if isinstance(message, str):
            await talk.say(CLEAR)

    async with Peer(clears) as peer:
        await stage.create(to=[endpoint(peer)], ncco=[{"action": "wait", "timeout": 60}])
        problem = await stage.house.control("POST", "clock/advance", {"by": "1s"}, 409)
    assert problem["type"] == "urn:fake-nexmo:chain-too-long"
    assert len(peer.talk.texts) > 900


# Ends.


async def test_an_app_leaves_and_the_call_is_over(stage: Stage) -> None:
    """Reported, then both legs end, since nobody is left. Source: reference ncco §4.4, §5.3, §6 (B)."""
    async with in_call(stage) as peer:
        await stage.act("press", digits="4")
        assert (await stage.calls())[1]["status"] == "completed"
        await stage.house.advance("1s")

    assert stage.told()[6:] == [(1, "disconnected"), (1.2, "completed"), (1.2, "completed")]
    assert stage.bodies()[6] == (
        f'{{"from":"{OWNED}","to":"{peer.url}","uuid":"{stage.events()[5]["uuid"]}",'
        f'"conversation_uuid":"{stage.events()[5]["conversation_uuid"]}","status":"disconnected",'
        '"direction":"outbound","timestamp":"2026-01-01T00:00:01.000Z","headers":{"caller":"bob"}}'
    )
    assert [each["disconnected_by"] for each in stage.events()[-2:]] == ["user", "platform"]
    assert await stage.house.store.pending("default") == []


async def test_an_app_leaves_and_the_reply_says_what_then(stage: Stage) -> None:
    """The NCCO is for whoever was connected to it. Source: reference ncco §2.1, §6 (B)."""
    stage.replies["/socket"] = [Answer(), Answer(), ncco(TALK)]
    async with in_call(stage, eventUrl=[f"{stage.receiver.url}/socket"]):
        await stage.act("press", digits="4")
        await stage.house.advance("1m")

    assert [(path, told[1]) for path, told in zip(paths(stage), stage.told(), strict=True)][4:] == [
        ("/socket", "started"),
        ("/socket", "answered"),
        ("/socket", "disconnected"),
        ("/socket", "completed"),
        ("/event", "completed"),
    ]
    assert stage.told()[-1][0] == pytest.approx(2.933)
    assert (await lines(stage))[0] == [(1, 0.2, "person", "4"), (1, 1.933, "platform", TALK["text"])]


def paths(stage: Stage) -> list[str]:
    """Where webhooks went."""
    return [each.path for each in stage.receiver.requests]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, b""), ["disconnected", "completed", "completed"]),
        (ncco(), ["disconnected", "completed", "completed"]),
        (Answer(200, b"OK"), ["disconnected", "completed", "completed"]),
        (Answer(404), ["disconnected", "Failed to retrieve the NCCO.", "completed", "completed"]),
        (
            ncco({"action": "dance"}),
            ["disconnected", "Syntax error in NCCO. Invalid value type or action.", "completed", "completed"],
        ),
    ],
    ids=["nothing", "no actions", "OK", "404", "a bad NCCO"],
)
async def test_a_reply_without_an_ncco_replaces_nothing(stage: Stage, answer: Answer, expected: list[str]) -> None:
    """Source: reference ncco §2.2, §2.6 (B, D)."""
    async with in_call(stage):
        stage.replies["/event"] = [answer]
        await stage.act("press", digits="4")
        await stage.house.advance("1m")
    assert [each[1] for each in stage.told()[6:]] == expected


async def test_a_bad_reply_leads_to_the_fallback(stage: Stage) -> None:
    """Whose NCCO replaces what was left. Source: reference ncco §2.1, §4.5 (B)."""
    await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback")
    stage.fallback = ncco(TALK)
    async with in_call(stage):
        stage.replies["/event"] = [Answer(500)]
        await stage.act("press", digits="4")
        await stage.house.advance("1m")
    assert [each[1] for each in stage.told()[6:]] == [
        "disconnected",
        "Failed to retrieve the NCCO.",
        "disconnected",
        "completed",
        "completed",
    ]
    assert "/fallback" in paths(stage)
    assert (await lines(stage))[0][-1][3] == TALK["text"]


async def test_an_app_leaves_while_the_ncco_goes_on(stage: Stage) -> None:
    """The next action is not hurried. Source: reference ncco §5.3 (A), §6 (B)."""
    async with in_call(stage, {"action": "wait", "timeout": 5}, TALK):
        await stage.act("press", digits="4")
        await stage.house.advance("1m")
    assert [(round(at, 3), what) for at, what in stage.told()[6:]] == [
        (1, "disconnected"),
        (1.2, "completed"),
        (7.033, "completed"),
    ]


async def test_an_app_that_was_called_by_rest_leaves(stage: Stage) -> None:
    """Nobody is left for an NCCO. Doubt: nothing is said of that."""
    async with Peer(on_keys) as peer:
        uuid = await stage.create(to=[endpoint(peer)], ncco=[{"action": "wait", "timeout": 60}])
        await stage.house.advance("1s")
        stage.replies["/event"] = [ncco(TALK)]
        await stage.desk.ask("PUT", f"/v1/calls/{uuid}/dtmf", {"digits": "4"})
        await stage.house.advance("1m")
    assert stage.told() == [(0, "started"), (0.1, "answered"), (1, "disconnected"), (1.2, "completed")]
    assert len((await stage.entry())["transcript"]) == 1


async def test_hanging_up_by_rest_closes_the_socket(stage: Stage) -> None:
    """Without a word of ``disconnected``. Source: reference ncco §4.4 (B)."""
    async with in_call(stage) as peer:
        _, second = await stage.calls()
        await stage.modify(second["uuid"], action="hangup")
        await peer.talk.over.wait()
        await stage.house.advance("1s")
    assert stage.told()[6:] == [(1, "completed"), (1, "completed")]
    assert (peer.talk.ended, len(stage.house.engine.sockets)) == (1000, 0)
    assert peer.talk.short() == [CONNECTED, (45, SILENCE)]


async def test_a_call_that_is_given_up_before_the_handshake_opens_nothing(stage: Stage) -> None:
    """Source: reference voice §7 (B)."""
    async with Peer() as peer:
        uuid = await stage.create(to=[endpoint(peer)])
        await stage.modify(uuid, action="hangup")
        await stage.house.advance("1m")
    assert stage.told() == [(0, "started"), (0, "cancelled"), (0, "completed")]
    assert peer.talks == []


async def test_a_call_that_is_given_up_during_the_handshake_is_closed(stage: Stage) -> None:
    """The app accepts when nobody wants it any more."""

    async def hang_up() -> None:
        answer = await stage.desk.ask("PUT", f"/v1/calls/{uuid}", {"action": "hangup"})
        assert answer.status_code == 204

    async with Peer() as peer:
        peer.before = hang_up
        uuid = await stage.create(to=[endpoint(peer)])
        await stage.house.advance("1m")
        await peer.talk.over.wait()
    assert stage.told() == [(0, "started"), (0.1, "cancelled"), (0.1, "completed")]
    assert (peer.talk.ended, len(stage.house.engine.sockets)) == (1000, 0)


async def test_an_app_that_closes_at_once(stage: Stage) -> None:
    """It was answered, and is over."""

    async def leaves(talk: Talk) -> None:
        await talk.close(4000, "no")

    async with Peer(greet=leaves) as peer:
        stage.answer = ncco(connect(peer), TALK)
        await stage.act("call", to=OWNED)
        await stage.house.advance("1m")
    assert [(round(at, 3), what) for at, what in stage.told()[4:]] == [
        (0, "started"),
        (0.1, "answered"),
        (0.1, "disconnected"),
        (0.3, "completed"),
        (2.033, "completed"),
    ]


async def test_an_app_that_is_deaf_is_gone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers no ping within its time, which is real: on the world's clock nothing is lost by it."""
    monkeypatch.setattr("fake_nexmo.apis.voice.retries.EVENT_S", 0.05)
    async with Deaf(reads=True) as url:
        await stage.create(to=[{"type": "websocket", "uri": url}], ncco=[{"action": "wait", "timeout": 60}])
        await stage.house.advance("1m")
    assert stage.told() == [(0, "started"), (0.1, "answered"), (0.1, "disconnected"), (pytest.approx(0.3), "completed")]


async def test_an_app_that_shouts_is_gone(stage: Stage) -> None:
    """A message of more than a mebibyte closes the socket. Doubt: no limit is known."""

    async def shouts(talk: Talk, message: Message) -> None:
        if isinstance(message, bytes):
            await talk.say(bytes((1 << 20) + 1))

    async with Peer(shouts) as peer:
        await stage.create(to=[endpoint(peer)], ncco=[{"action": "wait", "timeout": 60}])
        await stage.house.advance("1m")
    assert [what for _, what in stage.told()] == ["started", "answered", "disconnected", "completed"]
    assert peer.talk.ended == 1009


async def test_a_large_message_is_heard_as_long_as_it_lasts(stage: Stage) -> None:
    """Of whatever size it is. Doubt: the service takes frames of twenty milliseconds."""

    async def talks(talk: Talk, message: Message) -> None:
        if isinstance(message, str):
            await talk.say(b"\x10" * 160_000, b"\x10\x10\x10")

    async with Peer(talks) as peer:
        await stage.create(to=[endpoint(peer)], ncco=[{"action": "wait", "timeout": 60}])
        await stage.house.advance("1s")
    assert await lines(stage) == [[(0.1, 10, "person", "audio")]]


async def test_who_called_leaves_and_the_socket_is_closed(stage: Stage) -> None:
    """Nobody is left for the app. Source: reference ncco §5.3."""
    async with in_call(stage) as peer:
        await stage.act("hangup")
        await stage.house.advance("1s")
        await peer.talk.over.wait()
    assert stage.told()[6:] == [(1.2, "completed"), (1.2, "completed")]
    assert (peer.talk.ended, len(stage.house.engine.sockets)) == (1000, 0)


async def test_an_app_in_a_named_conversation(stage: Stage) -> None:
    """It hears who else is there, and is told of their keys. Source: reference ncco §3.2, §6; voice §8.3."""
    room = {"action": "conversation", "name": "room"}
    async with Peer(on_keys) as peer:
        await stage.create(to=[endpoint(peer)], ncco=[room])
        await stage.house.advance("1s")
        stage.answer = ncco(room)
        await stage.act("call", to=OWNED)
        await stage.house.advance("1s")
        await stage.act("say", text="Is anybody there?")
        await stage.house.advance("3s")
        await stage.act("press", digits="1")
        await stage.house.advance("2s")
        heard = [[each[2:] for each in leg] for leg in await lines(stage)]
    assert heard == [
        [("other", "Is anybody there?"), ("other", "1"), ("person", "audio")],
        [("person", "Is anybody there?"), ("person", "1"), ("other", "audio")],
    ]
    assert [what for what in peer.talk.short() if what[1] == SOUND] == [(57, SOUND)]


# Handshakes that fail.


async def refuses(stage: Stage, go: Any) -> None:
    async with Peer(refuses=403) as peer:
        await go(peer.url)


async def is_no_app(stage: Stage, go: Any) -> None:
    async with Receiver() as receiver:
        await go(receiver.url.replace("http", "ws"))


async def hangs_up(stage: Stage, go: Any) -> None:
    async with Receiver() as receiver:
        receiver.answer_by(lambda _: Answer(hang_up=True))
        await go(receiver.url.replace("http", "ws"))


async def is_not_there(stage: Stage, go: Any) -> None:
    async with Peer() as peer:
        url = peer.url
    await go(url)


async def is_not_allowed(stage: Stage, go: Any) -> None:
    await go("wss://bot.example.com/s")


@pytest.mark.parametrize(
    ("play", "status", "detail", "at"),
    [
        (refuses, "failed", "cannot_route", 0.5),
        (is_no_app, "failed", "cannot_route", 0.5),
        (is_not_allowed, "failed", "cannot_route", 0.5),
        (hangs_up, "unanswered", "unavailable", 20),
        (is_not_there, "unanswered", "unavailable", 20),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("way", ["create", "connect", "synchronous"])
async def test_handshakes_that_fail(stage: Stage, play: Any, status: str, detail: str, at: float, way: str) -> None:
    """Reported with the headers; the next action runs, or what the reply says. Source: ncco §4.4, §5.2 (B, D)."""

    async def create(url: str) -> None:
        await stage.create(to=[{"type": "websocket", "uri": url, "headers": {"caller": "bob"}}])
        await stage.house.advance("1m")

    async def connect_to(url: str) -> None:
        action: dict[str, Any] = {"action": "connect", "from": OWNED}
        action["endpoint"] = [{"type": "websocket", "uri": url, "headers": {"caller": "bob"}}]
        if way == "synchronous":
            action["eventType"] = "synchronous"
            stage.replies["/event"] = [Answer()] * 4 + [ncco({"action": "talk", "text": "The reply."})]
        stage.answer = ncco(action, {"action": "talk", "text": "What is next."})
        await stage.act("call", to=OWNED)
        await stage.house.advance("1m")

    await play(stage, create if way == "create" else connect_to)

    told = [each for each in stage.told() if each[1] not in {"ringing", "answer"}]
    mine = [each for each in stage.events() if each["headers"] == {"caller": "bob"}]
    assert [each["status"] for each in mine] == ["started", status, "completed"]
    assert mine[1]["detail"] == detail
    assert (at, status) in told
    assert not any(each["status"] == "answered" for each in mine)
    if way != "create":
        said = {"connect": "What is next.", "synchronous": "The reply."}[way]
        assert [each[3] for each in (await lines(stage))[0]] == [said]


async def test_a_handshake_that_hangs_is_bounded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """In real time; on the world's clock nothing is lost by it."""
    monkeypatch.setattr("fake_nexmo.apis.voice.retries.ANSWER_S", 0.05)
    import asyncio

    never = asyncio.Event()
    async with Receiver() as receiver:
        receiver.answer_by(lambda _: Answer(until=never))
        await stage.create(to=[{"type": "websocket", "uri": receiver.url.replace("http", "ws")}])
        await stage.house.advance("1m")
    assert stage.told() == [(0, "started"), (20, "unanswered"), (20, "completed")]


# Worlds.


@pytest.mark.parametrize("act", ["reset", "delete"])
async def test_a_world_that_ends_closes_its_sockets(stage: Stage, act: str) -> None:
    """The app is told that the server goes away, and nothing is reported any more."""
    async with in_call(stage) as peer:
        before = len(stage.receiver.requests)
        if act == "reset":
            await stage.house.control("POST", "reset")
        else:
            await stage.house.control("DELETE", "/worlds/default", status=204)
        await peer.talk.over.wait()
        assert (peer.talk.ended, len(stage.receiver.requests)) == (1001, before)
        assert len(stage.house.engine.sockets) == 0


async def test_a_leg_whose_socket_is_gone_was_disconnected(stage: Stage) -> None:
    """What a restore brings back is a leg; the socket it had is closed. Source: reference ncco §4.4 (B)."""
    async with in_call(stage) as peer:
        kept = (await stage.house.control("POST", "snapshot", status=201))["snapshot"]
        await stage.house.advance("1s")
        await stage.house.control("POST", "restore", {"snapshot": kept})
        await peer.talk.over.wait()
        await stage.house.advance("1s")
    assert peer.talk.ended == 1001
    assert [(round(at, 3), what) for at, what in stage.told()[6:]] == [
        (1.1, "disconnected"),
        (1.3, "completed"),
        (1.3, "completed"),
    ]


async def test_a_fork_has_no_sockets(stage: Stage) -> None:
    """The app talks with the first world alone."""
    async with in_call(stage) as peer:
        await stage.house.control("POST", "fork", {"name": "twin"}, 201)
        await stage.house.control("POST", "/worlds/twin/clock/advance", {"by": "1s"})
        calls = (await stage.house.control("GET", "/worlds/twin/calls"))["items"]
        assert [each["status"] for each in calls] == ["completed", "completed"]
        assert [each["status"] for each in await stage.calls()] == ["answered", "answered"]
        await stage.house.advance("1s")
        assert peer.talk.short() == [CONNECTED, (90, SILENCE)]


async def test_what_is_owed_by_a_websocket_is_not_known_before(stage: Stage) -> None:
    """Only what the limits of both calls lead to is foreseen; and nothing is sent for having looked."""
    async with in_call(stage) as peer:
        foreseen = [each.facts["name"] async for each in stage.house.engine.webhooks_pending("default")]
        assert foreseen == ["completed", "completed"]
        assert peer.talk.short() == [CONNECTED, (40, SILENCE)]


async def test_the_same_call_is_the_same_to_the_byte() -> None:
    """Seed, scenario and app the same: the same frames, texts and reports."""
    seen = []
    for _ in range(2):
        async with open_house() as house, open_stage(house) as stage, in_call(stage, TALK) as peer:
            await stage.act("say", text="One.")
            await house.advance("0.5s")
            await stage.act("press", digits="12")
            await house.advance("3s")
            await stage.act("press", digits="4")
            await house.advance("1s")
            seen.append((peer.talk.short(), peer.talk.digest(), stage.told(), await lines(stage)))
    assert seen[0] == seen[1]


# Clocks.


async def test_a_reply_that_takes_its_time_is_taken_in_without_advancing(stage: Stage) -> None:
    """At the instant that it is by then. Source: design §5: what is due now never waits for ``advance``."""
    async with in_call(stage) as peer:
        await peer.talk.say(*SECOND_OF_SOUND, notify(1))
        await until_due(stage)
        await stage.house.engine.settle("default")
        assert (await lines(stage))[1] == [(1, 1, "person", "audio")]
        await peer.talk.close()
        await until_due(stage)
        await stage.house.engine.settle("default")
        assert (await stage.calls())[1]["status"] == "completed"


async def until_due(stage: Stage) -> None:
    """Wait until something is due now."""
    while not await stage.house.store.worlds_due(stage.house.wall):
        await stage.house.store.wait_due(1)


async def test_a_clock_that_jumps_stands_in_silence_until_the_app_speaks(stage: Stage) -> None:
    """It does not race to the limit of the call while the app is thinking, nor stop all else. Source: design §5."""
    await stage.house.control("PUT", "clock", {"mode": ClockMode.AUTO})
    async with Peer() as peer:
        stage.answer = ncco(connect(peer))
        await stage.act("call", to=OWNED)
        await jump(stage)
        assert await shown(stage) == 0.1

        await stage.act("say", text="What is the time?")  # 1.133 s
        await jump(stage)
        assert (await shown(stage), peer.talk.short()) == (1.3, [CONNECTED, (57, SOUND), (3, SILENCE)])

        await peer.talk.say(*SECOND_OF_SOUND, notify("told"))
        await until_due(stage)
        await jump(stage)
        assert (await shown(stage), peer.talk.texts[1:]) == (2.3, [notified("told")])

        # Many apps send silence for as long as the call lasts.
        await peer.talk.say(*[bytes(320)] * 50)
        await until_due(stage)
        await jump(stage)
        assert await shown(stage) == 2.3

        # Something else in the world is ten seconds ahead: silence goes along.
        await stage.house.control("PUT", "handsets/447700900150", {"receipts": {"after": "10s"}})
        await stage.house.send(to="447700900150")
        await jump(stage)
        assert await shown(stage) == 12.3
        assert len(peer.talk.frames) == 610
        assert [each["status"] for each in await stage.calls()] == ["answered", "answered"]


async def jump(stage: Stage) -> None:
    """Let the clock go as far as it goes by itself."""
    await stage.house.engine._follow("default")


async def shown(stage: Stage) -> float:
    """Seconds since the world's start."""
    return seconds((await stage.house.control("GET", "clock"))["now"])
