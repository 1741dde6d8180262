"""Recordings: how they end, what is told of them, and the files that come of them."""

from __future__ import annotations

import io
import json
import wave
from array import array
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_nexmo.apis.voice.model import Recording
from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.records import Timer
from tests.apis.voice.desk import START, UUID, make_leg
from tests.apis.voice.stage import OWNED, TALK, Stage, ncco, open_stage
from tests.house import House

RECORD = {"action": "record"}
QUIET = {"action": "wait", "timeout": 4}


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def run(stage: Stage, *actions: Any, steps: tuple[dict[str, Any], ...] = ()) -> list[tuple[Any, str]]:
    """A call to its end; the trace behind the answer, recordings by their length in milliseconds."""
    await stage.phone(on_call=[{"answer": {}}, *steps])
    await stage.create(ncco=list(actions))
    await stage.house.advance("5h")
    assert await stage.house.store.pending("default") == []
    return trace(stage)


def trace(stage: Stage) -> list[tuple[Any, str]]:
    """What was told behind the answer; of a recording its size."""
    said = [each.json() for each in stage.receiver.requests]
    assert [each.get("status") for each in said[:3]] == ["started", "ringing", "answered"]
    return [(each.get("timestamp", "")[14:23], str(each.get("status") or each.get("size"))) for each in said[3:]]


def size(lasts: float, channels: int = 1) -> str:
    """Bytes of so many seconds."""
    return str(44 + 32 * channels * round(lasts * 1000))


@pytest.mark.parametrize(
    ("actions", "steps", "wanted"),
    [
        # Beside the NCCO, until the call is over: told before that.
        ([RECORD, QUIET], (), [("00:06.000", size(4)), ("00:06.000", "completed")]),
        (
            [RECORD, QUIET],
            ({"hang_up": {"after": "1s"}},),
            [("00:03.000", size(1)), ("00:03.200", "completed")],
        ),
        ([QUIET, RECORD, QUIET], (), [("00:10.000", size(4)), ("00:10.000", "completed")]),
        (
            [RECORD, {"action": "wait", "timeout": 1}, {**RECORD, "split": "conversation"}, QUIET],
            (),
            [("00:07.000", size(5)), ("00:07.000", size(4, 2)), ("00:07.000", "completed")],
        ),
        # By time.
        ([{**RECORD, "timeOut": 3}, QUIET], (), [("00:05.500", size(3)), ("00:09.500", "completed")]),
        ([{**RECORD, "timeOut": "1"}, QUIET], (), [("00:05.500", size(3)), ("00:09.500", "completed")]),
        (
            [{**RECORD, "timeOut": 3}],
            ({"say": "Hello there.", "after": "1s"},),
            [("00:05.500", size(3)), ("00:05.500", "completed")],
        ),
        # By silence.
        ([{**RECORD, "endOnSilence": "3"}, QUIET], (), [("00:05.500", size(3)), ("00:09.500", "completed")]),
        ([{**RECORD, "endOnSilence": 99}], (), [("00:12.500", size(10)), ("00:12.500", "completed")]),
        (
            [{**RECORD, "endOnSilence": 3}],
            ({"say": "to the sales ok", "after": "2s"},),
            [("00:08.500", size(6)), ("00:08.500", "completed")],
        ),
        (
            [{**RECORD, "endOnSilence": 3, "timeOut": 5}],
            ({"say": "to the sales ok", "after": "2s"},),
            [("00:07.500", size(5)), ("00:07.500", "completed")],
        ),
        # By a key.
        (
            [{**RECORD, "endOnKey": "#"}, QUIET],
            ({"press": "1", "after": "1s"}, {"press": "2#", "after": "1s"}),
            [("00:04.700", size(2.2)), ("00:08.700", "completed")],
        ),
        (
            [{**RECORD, "endOnKey": 5, "endOnSilence": 4}],
            ({"press": "5", "after": "1s"},),
            [("00:03.500", size(1)), ("00:03.500", "completed")],
        ),
        (
            [{**RECORD, "endOnKey": "*"}],
            ({"hang_up": {"after": "2s"}},),
            [("00:04.000", size(2)), ("00:04.200", "completed")],
        ),
    ],
)
async def test_how_a_recording_ends(
    stage: Stage, actions: list[dict[str, Any]], steps: tuple[dict[str, Any], ...], wanted: list[tuple[str, str]]
) -> None:
    """And when the NCCO goes on. Source: reference ncco §3.1 (B, D), §5.1, §5.6."""
    assert await run(stage, *actions, steps=steps) == wanted


async def test_the_longest_recording(stage: Stage) -> None:
    """Is as long as two hours, though the call is longer. Source: reference ncco §3.1 (B)."""
    await stage.create(ncco=[RECORD, {**TALK, "loop": 0}], length_timer=8000)
    await stage.house.advance("5h")

    assert [each for _, each in trace(stage)] == [size(7200), "completed"]


async def test_a_recording_that_nothing_ends(stage: Stage) -> None:
    """But the call: a key that never comes."""
    await stage.create(ncco=[{**RECORD, "endOnKey": "9"}], length_timer=100)
    await stage.house.advance("5h")

    assert [each for _, each in trace(stage)] == [size(100), "completed"]


async def test_every_byte_of_a_recordings_report(stage: Stage) -> None:
    """Source: reference ncco §4.6 (B); design §6 for the URL."""
    url = [f"{stage.receiver.url}/r"]
    await run(stage, {**RECORD, "timeOut": 5, "eventUrl": url, "beepStart": True})

    (told,) = stage.sent_to("/r")
    said, call = json.loads(told), await stage.entry()
    assert told == (
        '{"start_time":"2026-01-01T00:00:02Z",'
        f'"recording_url":"{said["recording_url"]}","size":160044,"recording_uuid":"{said["recording_uuid"]}",'
        f'"end_time":"2026-01-01T00:00:07Z","conversation_uuid":"{call["conversation_uuid"]}",'
        '"timestamp":"2026-01-01T00:00:07.500Z"}'
    )
    file = said["recording_url"].partition("/v1/files/")[2].partition("?")[0]
    assert said["recording_url"] == f"{stage.house.client.base_url}/v1/files/{file}?host=api.nexmo.com"
    assert len({file, said["recording_uuid"], call["uuid"]}) == 3
    assert await stage.heard() == [(2, "platform", "(beep)")]


async def test_an_inbound_calls_recording_is_at_the_service(stage: Stage) -> None:
    """By its own name."""
    stage.answer = ncco({**RECORD, "timeOut": 3})
    await stage.act("call", to=OWNED)
    await stage.house.advance("1m")

    (told,) = (each.json() for each in stage.receiver.requests if b"recording_url" in each.body)
    assert told["recording_url"].startswith("https://api.nexmo.com/v1/files/")
    assert "?" not in told["recording_url"]


async def test_an_inbound_calls_recording_is_where_the_world_says(stage: Stage) -> None:
    """Of the setting ``base_url``. Source: design §6."""
    await stage.house.control("PATCH", "settings", {"base_url": "https://fake.test:6396/"})
    stage.answer = ncco({**RECORD, "timeOut": 3})
    await stage.act("call", to=OWNED)
    await stage.house.advance("1m")

    (told,) = (each.json() for each in stage.receiver.requests if b"recording_url" in each.body)
    assert told["recording_url"].startswith("https://fake.test:6396/v1/files/")
    assert told["recording_url"].endswith("?host=api.nexmo.com")


async def test_nobody_is_told_where_nobody_listens(stage: Stage) -> None:
    """The call goes on as ever."""
    await stage.application(event_url=None)
    await stage.create(ncco=[{**RECORD, "timeOut": 3, "transcription": {}}])
    await stage.house.advance("1m")

    assert (stage.bodies(), (await stage.entry())["status"]) == ([], "completed")


@pytest.mark.parametrize("options", [{}, {"endOnKey": "1"}])
async def test_a_transfer_ends_recordings(stage: Stage, options: dict[str, Any]) -> None:
    """Since the leg leaves the conversation. Source: reference ncco §3.1, §5.1 (D)."""
    uuid = await stage.create(ncco=[{**RECORD, **options}, {"action": "wait", "timeout": 60}])
    await stage.house.advance("5s")
    destination = {"type": "ncco", "ncco": [QUIET]}
    await stage.modify(uuid, action="transfer", destination=destination)
    await stage.house.advance("5h")

    assert trace(stage) == [("00:05.000", size(3)), ("00:05.000", "None"), ("00:09.000", "completed")]
    assert await stage.house.store.pending("default") == []


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"timeOut": 3}, [("00:05.500", size(3)), ("00:06.000", "completed")]),
        ({"timeOut": 3, "endOnKey": "1"}, [("00:05.500", size(3)), ("00:09.500", "completed")]),
        ({"timeOut": 3, "endOnSilence": 9}, [("00:05.500", size(3)), ("00:09.500", "completed")]),
    ],
)
async def test_a_limit_alone_is_not_waited_for_where_the_world_says_so(
    stage: Stage, options: dict[str, Any], wanted: list[tuple[str, str]]
) -> None:
    """As it was until 2021. Source: reference ncco §3.1 (B, D)."""
    await stage.desk.settings(voice_record_limit="runs_on")

    assert await run(stage, {**RECORD, **options}, QUIET) == wanted


async def test_so_it_is_for_an_inbound_call_and_for_whom_it_connects(stage: Stage) -> None:
    """The setting of when the call began."""
    await stage.desk.settings(voice_record_limit="runs_on", voice_from="owned")
    stage.answer = ncco({"action": "connect", "endpoint": [{"type": "phone", "number": "447700900102"}]}, QUIET)
    await stage.act("call", to=OWNED)
    await stage.house.advance("3s")

    known = [await stage.desk.call(each["uuid"]) for each in await stage.calls()]
    assert [(each.runs_on, each.owned_only) for each in known] == [(True, True)] * 2


# The file.


async def test_what_an_input_has_understood_can_be_fetched(stage: Stage) -> None:
    """From the first word to the end of the silence. Source: reference ncco §3.6, §4.7 (B)."""
    speech = {"action": "input", "speech": {"saveAudio": True}, "eventUrl": [f"{stage.receiver.url}/i"]}
    await stage.phone(on_call=[{"answer": {}}, {"say": "to the sales ok", "after": "1s"}])
    await stage.create(ncco=[speech, speech])
    await stage.house.advance("1h")

    first, second = (json.loads(each) for each in stage.sent_to("/i"))
    assert list(first["speech"]) == ["recording_url", "timeout_reason", "results"]
    assert list(second["speech"]) == ["timeout_reason", "results"]
    path = first["speech"]["recording_url"].removeprefix(str(stage.house.client.base_url))
    answer = await stage.desk.ask("GET", path)
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getnframes() / file.getframerate(), file.getnchannels()) == (3, 1)
        samples = array("h", file.readframes(file.getnframes()))
    assert [any(samples[k * 16_000 : (k + 1) * 16_000]) for k in range(3)] == [True, False, False]


@pytest.mark.parametrize("said", [False, "false", None])
async def test_nothing_is_kept_where_nobody_asks_for_it(stage: Stage, said: Any) -> None:
    await stage.phone(on_call=[{"answer": {}}, {"say": "sales", "after": "1s"}])
    await stage.create(ncco=[{"action": "input", "speech": {"saveAudio": said}}])
    await stage.house.advance("1h")

    assert "recording_url" not in "".join(stage.bodies())
    assert await stage.house.store.find("default", Recording, "", limit=9) == []


async def fetch(stage: Stage, *actions: Any, steps: tuple[dict[str, Any], ...] = ()) -> tuple[str, bytes]:
    """Record a call; the URL of the file, and its bytes."""
    await run(stage, *actions, steps=steps)
    url = next(each["recording_url"] for each in stage.events() if "recording_url" in each)
    path = url.removeprefix(str(stage.house.client.base_url))
    answer = await stage.desk.ask("GET", path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    assert int(answer.headers["content-length"]) == len(answer.content)
    return path, answer.content


async def test_a_file_is_as_long_as_its_recording(stage: Stage) -> None:
    """A WAV file that can be read, silent where nobody spoke, and the same each time."""
    path, content = await fetch(stage, RECORD, QUIET, TALK)

    assert len(content) == 44 + 2 * (4 * 16_000 + 29 * 16_000 // 15)
    with wave.open(io.BytesIO(content)) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 16_000)
        frames = array("h", read.readframes(read.getnframes()))
    assert not any(frames[: 4 * 16_000])
    assert any(frames[4 * 16_000 : 4 * 16_000 + 40])
    assert (await stage.desk.ask("GET", path)).content == content


async def test_a_file_of_two_channels(stage: Stage) -> None:
    """The one end in the first, the rest in the second. Source: reference ncco §3.1 (B)."""
    steps = ({"say": "Hello there, it is me.", "after": "1s"}, {"press": "12"})
    split = {**RECORD, "split": "conversation", "channels": 3}
    _, content = await fetch(stage, split, TALK, QUIET, steps=steps)

    with wave.open(io.BytesIO(content)) as read:
        assert read.getnchannels() == 3
        frames = array("h", read.readframes(read.getnframes()))
    spoken = [[k for k, each in enumerate(frames[channel::3]) if each] for channel in range(3)]
    assert 16_000 <= spoken[0][0] < 16_040
    assert 0 <= spoken[1][0] < 40
    assert spoken[2] == []


async def test_what_was_said(stage: Stage) -> None:
    """Is told three seconds later, and fetched as the sound is. Source: reference ncco §3.1, §4.6 (C), §5.6."""
    steps = ({"say": "to the sales ok", "after": "1s"},)
    told = await run(stage, {**RECORD, "transcription": {}, "timeOut": 5}, TALK, steps=steps)

    assert [each for _, each in told] == [size(5), "completed", "transcribed"]
    said = stage.events()[-1]
    conversation = (await stage.entry())["conversation_uuid"]
    assert said == {
        "conversation_uuid": conversation,
        "type": "record",
        "recording_uuid": stage.events()[3]["recording_uuid"],
        "status": "transcribed",
        "transcription_url": said["transcription_url"],
    }
    path = said["transcription_url"].removeprefix(str(stage.house.client.base_url))
    read = (await stage.desk.ask("GET", path)).json()
    words = [
        {"word": word, "start_time": 1000 + 250 * k, "end_time": 1250 + 250 * k, "confidence": 0.95}
        for k, word in enumerate(["to", "the", "sales", "ok"])
    ]
    sentence = {
        "sentence": "to the sales ok",
        "raw_sentence": "to the sales ok",
        "duration": 1000,
        "timestamp": 1000,
        "words": words,
    }
    assert read == {
        "ver": "2.1.0",
        "request_id": (await stage.entry())["uuid"],
        "channels": [{"transcript": [sentence], "duration": 5}, {"transcript": [], "duration": 5}],
    }


async def test_a_file_by_its_older_address(stage: Stage) -> None:
    """Source: reference voice §1.1."""
    path, content = await fetch(stage, RECORD, QUIET)
    file = path.partition("/v1/files/")[2].partition("?")[0]

    assert (await stage.desk.ask("GET", f"/media/download?id={file}")).content == content


@pytest.mark.parametrize(
    ("path", "token", "status", "body"),
    [
        ("/v1/files/{file}", "", 401, '{"status":401}'),
        ("/v1/files/{file}", "no token", 401, '{"status":401}'),
        ("/v1/files/unknown", None, 404, '{"status":404}'),
        ("/v1/files", None, 400, '{"status":400,"title":"Missing parameters"}'),
        ("/media/download", None, 400, '{"status":400,"title":"Missing parameters"}'),
    ],
)
async def test_files_that_are_not_given(stage: Stage, path: str, token: str | None, status: int, body: str) -> None:
    """Source: reference auth §6.6 (A; D for those of other applications)."""
    url, _ = await fetch(stage, RECORD, QUIET)
    file = url.partition("/v1/files/")[2].partition("?")[0]

    answer = await stage.desk.ask("GET", path.format(file=file), token=token)

    assert (answer.status_code, answer.text) == (status, body)


@pytest.mark.parametrize(("application", "call"), [("other", UUID), ("main", "gone")])
async def test_files_of_others(stage: Stage, application: str, call: str) -> None:
    """Are not there; nor are those of a call that is not kept any more. Source: reference auth §6.6 (D)."""
    recording = Recording(
        id="f", account="main", application=application, call=call, began_at=START, ended_at=START + 1, channels=1
    )
    await stage.desk.put(recording, make_leg(LegStatus.COMPLETED))

    answer = await stage.desk.ask("GET", "/v1/files/f")

    assert (answer.status_code, answer.text) == (404, '{"status":404}')


async def test_files_are_kept_for_thirty_days(stage: Stage) -> None:
    """Source: reference ncco §8 (B)."""
    path, _ = await fetch(stage, RECORD, QUIET)
    await stage.house.advance("29d")
    assert (await stage.desk.ask("GET", path)).status_code == 200
    await stage.house.advance("1d")

    assert (await stage.desk.ask("GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("more", "idle"),
    [
        ({}, True),
        ({"endOnKey": "#"}, True),
        ({"timeOut": 10}, False),
        ({"endOnKey": "#", "timeOut": 10}, False),
        ({"endOnSilence": 5}, False),
    ],
)
async def test_a_limit_that_nobody_chose_is_nothing_that_a_clock_goes_on_for(
    stage: Stage, more: dict[str, Any], idle: bool
) -> None:
    """Else a clock that jumps by itself would stand two hours later when the call is long over."""
    await stage.phone(on_call=[{"answer": {}}])
    await stage.create(ncco=[{**RECORD, **more}, QUIET])
    await stage.house.advance("3s")

    pending = await stage.house.store.pending("default")
    later = [each for each in pending if isinstance(each, Timer) and each.due_at - START > 6_500_000]
    assert [each.idle for each in later if not each.deadline] == [idle]
