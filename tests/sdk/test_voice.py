"""The voice calls of `vonage` 4.9.1 and `nexmo` 2.5.2, unmodified, against a real server over https.

The libraries make their tokens themselves, from the private key of the world's application.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.live import NOON, FarWorld, Live, Sdk, open_client, open_live, open_sdk
from tests.receiver import Answer, Receiver

pytestmark = pytest.mark.sdk

TO, FROM = "447700900001", "447700900000"
PHONE, CALLER = {"type": "phone", "number": TO}, {"type": "phone", "number": FROM}
ANSWER, EVENT = ["https://shop.test/answer"], ["https://shop.test/event"]
#: It is spoken without end, so the call goes on until somebody hangs up.
ENDLESS = [{"action": "talk", "text": "Hello", "loop": 0}]
FILE = ["https://shop.test/a.mp3"]
SECOND = "447700900102"
JSON = (("Content-Type", "application/json"),)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("voice")) as opened:
        yield opened


@asynccontextmanager
async def open_voice_world(live: Live, name: str, seed: int = 42) -> AsyncIterator[tuple[FarWorld, dict[str, str]]]:
    """A fresh world whose clock stands, and the id and private key of its application."""
    async with open_client(live.http) as client:
        wanted = {"name": name, "seed": seed, "clock": {"mode": "manual", "start": NOON}}
        answer = await client.post("/_fake/worlds", json=wanted)
        assert answer.status_code == 201, answer.text
        application = answer.json()["applications"][0]
        yield (
            FarWorld(client, answer.json()),
            {"application_id": application["id"], "private_key": application["private_key"]},
        )


def info(made: dict[str, Any], status: str, **more: Any) -> dict[str, Any]:
    """A call in the words of the wire, before it is answered unless more is said."""
    return {
        "uuid": made["uuid"],
        "status": status,
        "direction": "outbound",
        "conversation_uuid": made["conversation_uuid"],
        "start_time": "",
        "end_time": "",
        "to": PHONE,
        "from": CALLER,
        **more,
        "_links": {"self": {"href": f"/v1/calls/{made['uuid']}"}},
    }


# ---------------------------------------------------------------------------------------------------------- vonage


@asynccontextmanager
async def vonage(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the key of a fresh world's application."""
    async with (
        open_voice_world(live, name) as (world, auth),
        open_sdk("vonage", "voice", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        await sdk.call("connect", auth=auth, options={"api_host": live.place})
        yield sdk, world


def modelled(known: dict[str, Any]) -> dict[str, Any]:
    """A call as the library's model has it: what is absent is None."""
    absent = dict.fromkeys(("rate", "price", "duration", "network"))
    plain = {name: value for name, value in known.items() if name not in ("_links", "from")}
    return {**absent, **plain, "from_": known["from"], "link": known["_links"]["self"]["href"]}


async def test_vonage_follows_a_call_from_its_making_to_its_end(live: Live) -> None:
    """Every reply passes the library's strict models."""
    async with vonage(live, "v-call") as (sdk, world):
        made = await sdk.call("create", ncco=ENDLESS, to=[{"number": TO}], from_={"number": FROM})
        early = await sdk.call("talk", uuid=made["uuid"], text="Too early")
        await world.advance("1s")
        ringing = await sdk.call("get", uuid=made["uuid"])
        await world.advance("4s")
        answered = await sdk.call("get", uuid=made["uuid"])
        gone = await sdk.call("do", method="hangup", uuid=made["uuid"])
        over = await sdk.call("get", uuid=made["uuid"])
        again = await sdk.call("do", method="hangup", uuid=made["uuid"])
        nobody = await sdk.call("get", uuid="63f61863-4a51-4f6b-86e1-46edebcf9356")

    assert made.keys() == {"uuid", "status", "direction", "conversation_uuid"}
    assert (made["status"], made["direction"]) == ("started", "outbound")
    assert (early["raised"], early["status"]) == ("HttpRequestError", 400)
    assert ringing == modelled(info(made, "ringing"))
    assert (answered["status"], answered["network"]) == ("answered", "23410")
    assert (answered["start_time"], answered["end_time"]) == ("2026-03-01T12:00:02.000Z", "")
    assert answered["price"] is None
    assert gone is None
    assert (over["status"], over["duration"]) == ("completed", "3")
    assert (over["start_time"], over["end_time"]) == ("2026-03-01T12:00:02.000Z", "2026-03-01T12:00:05.000Z")
    assert float(over["price"]) == pytest.approx(float(over["rate"]) * 3 / 60, abs=1e-8)
    assert [(each["raised"], each["status"]) for each in (again, nobody)] == [("NotFoundError", 404)] * 2


@pytest.mark.parametrize(
    "to",
    [
        {"number": TO, "dtmf_answer": "1p2"},
        {"uri": "sip:bob@shop.test", "headers": {"a": "b"}},
        {"uri": "wss://shop.test/s", "content_type": "audio/l16;rate=8000", "headers": {"a": "b"}, "type": "websocket"},
        {"extension": "789"},
    ],
    ids=["phone", "sip", "websocket", "vbc"],
)
async def test_vonage_calls_every_endpoint(live: Live, to: dict[str, Any]) -> None:
    """And reads it back; a caller as a bare number, picked, or given."""
    async with vonage(live, f"v-{len(str(to))}") as (sdk, _):
        more = {
            "answer_url": ANSWER,
            "answer_method": "POST",
            "event_url": EVENT,
            "event_method": "GET",
            "machine_detection": "continue",
            "advanced_machine_detection": {"behavior": "hangup", "mode": "detect", "beep_timeout": 45},
            "length_timer": 60,
            "ringing_timer": 30,
        }
        made = [
            await sdk.call("create", to=[to], **sender, **more)
            for sender in ({"from_": FROM}, {"from_": {"number": FROM}}, {"random_from_number": True})
        ]
        read = [await sdk.call("get", uuid=each["uuid"]) for each in made]

    assert [each["from_"]["number"] for each in read] == [FROM] * 3
    shown = {name: value for name, value in to.items() if name in ("number", "uri", "extension")}
    assert [shown.items() <= each["to"].items() for each in read] == [True] * 3


async def test_vonage_does_everything_to_an_answered_call(live: Live) -> None:
    """Mute, transfer, talk, stream, keys."""
    async with vonage(live, "v-answered") as (sdk, world):
        made = await sdk.call("create", ncco=ENDLESS, to=[{"number": TO}], from_={"number": FROM})
        uuid = made["uuid"]
        await world.advance("5s")
        silent = [await sdk.call("do", method=each, uuid=uuid) for each in ("mute", "unmute", "earmuff", "unearmuff")]
        said = [
            await sdk.call("talk", uuid=uuid, text="Hi", language="en-GB", style=1, premium=True, loop=0, level=0.5),
            await sdk.call("stop", method="stop_tts", uuid=uuid),
            await sdk.call("stream", uuid=uuid, stream_url=FILE, loop=2, level=-0.5),
            await sdk.call("stop", method="stop_audio_stream", uuid=uuid),
            await sdk.call("dtmf", uuid=uuid, digits="1234*#"),
        ]
        moved = [await sdk.call("transfer", uuid=uuid, text="Bye"), await sdk.call("get", uuid=uuid)]
        again = [await sdk.call("transfer", uuid=uuid, url=ANSWER[0]), await sdk.call("get", uuid=uuid)]

    assert silent == [None] * 4
    texts = ["Talk started", "Talk stopped", "Stream started", "Stream stopped", "DTMF sent"]
    assert said == [{"message": text, "uuid": uuid} for text in texts]
    assert moved[0] is again[0] is None
    assert len({made["conversation_uuid"], moved[1]["conversation_uuid"], again[1]["conversation_uuid"]}) == 3


async def test_vonage_builds_every_action_that_it_knows(live: Live, tmp_path: Path) -> None:
    """They are taken as they are built, and run; the recording that comes of them is fetched by the library."""
    phone, tone = {"number": "447700900101", "type": "phone"}, ["https://shop.test/ring.mp3"]
    async with Receiver() as receiver, vonage(live, "v-menu") as (sdk, world):
        told = {"eventUrl": [f"{receiver.url}/told"], "eventMethod": "POST"}
        actions = [
            {"action": "record", "format": "wav", "channels": 2, "beepStart": True, **told},
            {"action": "talk", "text": "Press one", "bargeIn": True, "language": "en-GB", "style": 1, "level": 0.5},
            {"action": "stream", "streamUrl": FILE, "bargeIn": False, "loop": 2, "level": -1},
            {
                "action": "input",
                "type": ["dtmf", "speech"],
                "dtmf": {"maxDigits": 1},
                "speech": {"startTimeout": 2},
                **told,
            },
            {"action": "notify", "payload": {"a": [1]}, **told},
            {"action": "connect", "endpoint": [phone], "from_": FROM, "limit": 5, "ringbackTone": tone, **told},
            {"action": "connect", "endpoint": [{"user": "A"}], "randomFromNumber": True, "limit": 5, **told},
            {"action": "record", "endOnSilence": 3, "endOnKey": "#", "timeOut": 60, **told},
            {"action": "conversation", "name": "room", "startOnEnter": True, "record": False, "mute": True, **told},
        ]
        made = await sdk.call(
            "create", ncco=actions, to=[{"number": TO}], from_={"number": FROM}, event_url=told["eventUrl"]
        )
        await world.advance("3h")
        over = await sdk.call("get", uuid=made["uuid"])
        said = [each.json() for each in receiver.requests]
        recording = next(each for each in said if "recording_url" in each)
        path = tmp_path / "recording.wav"
        nothing = await sdk.call("download", url=recording["recording_url"], path=str(path))

    assert over["status"] == "completed"
    assert [each.get("status") for each in said if each.get("uuid") == made["uuid"] and "status" in each] == [
        *("started", "ringing", "answered", "completed"),
    ]
    assert (nothing, path.stat().st_size, path.read_bytes()[:4]) == (None, recording["size"], b"RIFF")


async def test_vonage_builds_every_way_of_meeting_others(live: Live) -> None:
    """Waits, moves, who hears whom, ends of every type, listening to another leg: all of it is taken and run."""
    async with Receiver() as receiver, vonage(live, "v-meet") as (sdk, world):
        told = {"eventUrl": [f"{receiver.url}/told"], "eventMethod": "POST"}
        caller = {"to": [{"number": TO}], "from_": {"number": FROM}}
        host = await sdk.call("create", ncco=ENDLESS, **caller)
        there, legs = host["conversation_uuid"], [host["uuid"]]
        on_answer = {"url": f"{receiver.url}/none", "ringbackTone": FILE[0]}
        ends = [
            {"type": "phone", "number": "447700900101", "dtmfAnswer": "1p#", "onAnswer": on_answer},
            {"type": "app", "user": "Alice"},
            {"type": "sip", "uri": "sip:shop@shop.test", "standardHeaders": {"User-to-User": "2"}},
            {"type": "vbc", "extension": "123"},
        ]
        detection = {"behavior": "continue", "mode": "detect_beep", "beep_timeout": 50}
        speech = {"uuid": legs, "endOnSilence": 0.5, "language": "en-GB", "context": ["sales"], "startTimeout": 1}
        limits = {"from_": FROM, "limit": 5, "timeout": 5}
        machines = {"machineDetection": "continue", "advancedMachineDetection": detection, "eventType": "synchronous"}
        moved = [
            {"action": "wait", "timeout": 0.01},
            *({"action": "connect", "endpoint": [end], **limits, **told} for end in ends),
            {"action": "connect", "endpoint": [{"number": SECOND}], "randomFromNumber": True, **machines, **told},
            {"action": "input", "type": ["speech"], "speech": {**speech, "saveAudio": True, "sensitivity": 90}, **told},
            {"action": "transfer", "conversationId": there, "canHear": legs, "canSpeak": []},
        ]
        room = {"action": "conversation", "name": "room", "canHear": [], "canSpeak": legs, "musicOnHoldUrl": FILE}
        nccos = {"/moved": await sdk.call("build", ncco=moved), "/room": await sdk.call("build", ncco=[room])}
        receiver.answer_by(lambda received: Answer(200, json.dumps(nccos.get(received.path, [])).encode(), JSON))
        await world.advance("3s")
        made = [await sdk.call("create", answer_url=[f"{receiver.url}{path}"], **caller) for path in nccos]
        await world.advance("1m")
        seen = [await sdk.call("get", uuid=each["uuid"]) for each in made]
        said = [each.json() for each in receiver.requests if each.body]

    assert [each["status"] for each in seen] == ["answered", "answered"]
    assert seen[0]["conversation_uuid"] == there
    assert len({each["conversation_uuid"] for each in (host, *made, *seen)}) == 4
    assert [each for each in said if "reason" in each] == []
    assert [each["speech"] for each in said if "speech" in each] == [{"timeout_reason": "start_timeout", "results": []}]


async def test_vonage_reads_what_an_ncco_is_asked_for_with(live: Live) -> None:
    """By GET and by POST: the library's own model of that."""
    async with Receiver() as receiver, vonage(live, "v-answer") as (sdk, world):
        for method in ("GET", "POST"):
            await sdk.call(
                "create",
                answer_url=[f"{receiver.url}/answer"],
                answer_method=method,
                to=[{"number": TO}],
                from_={"number": FROM},
            )
        await world.advance("10s")
        asked = [each for each in receiver.requests if each.path == "/answer"]
        read = [await sdk.call("answer", **(each.json() if each.body else each.params)) for each in asked]

    assert [each.method for each in asked] == ["GET", "POST"]
    assert [sorted(each) for each in read] == [["conversation_uuid", "from", "to", "uuid"]] * 2
    assert [(each["from"], each["to"]) for each in read] == [(FROM, TO)] * 2


async def test_vonage_lists_calls_page_by_page(live: Live) -> None:
    """It asks for the index after the present one while there is a next link."""
    async with vonage(live, "v-list") as (sdk, world):
        made = []
        for _ in range(5):
            made.append(await sdk.call("create", ncco=ENDLESS, to=[{"number": TO}], from_={"number": FROM}))
            await world.advance("10s")
        whole, none = await sdk.call("list")
        pages: list[list[str]] = []
        index: int | None = 0
        while index is not None:
            page, index = await sdk.call("list", page_size=2, record_index=index, order="desc", status="answered")
            pages.append([each["uuid"] for each in page])
        dated, _ = await sdk.call("list", date_start="2026-03-01T12:00:15Z", date_end="2026-03-01T12:00:35Z")
        one, _ = await sdk.call("list", conversation_uuid=made[3]["conversation_uuid"])

    uuids = [each["uuid"] for each in made]
    assert ([each["uuid"] for each in whole], none) == (uuids, None)
    assert pages == [uuids[:2:-1], uuids[2:0:-1], uuids[:1]]
    assert [each["uuid"] for each in dated] == uuids[2:4]
    assert [each["uuid"] for each in one] == [uuids[3]]


async def test_vonage_with_another_key_is_nobody(live: Live) -> None:
    """The token of one application signed with the key of another."""
    async with (
        open_voice_world(live, "v-key-1") as (_, auth),
        open_voice_world(live, "v-key-2", 43) as (_, other),
        open_sdk("vonage", "voice", REQUESTS_CA_BUNDLE=live.ca_file) as sdk,
    ):
        mixed = {"application_id": auth["application_id"], "private_key": other["private_key"]}
        await sdk.call("connect", auth=mixed, options={"api_host": live.place})
        refused = await sdk.call("list")

    assert (refused["raised"], refused["status"]) == ("AuthenticationError", 401)


# ----------------------------------------------------------------------------------------------------------- nexmo


@asynccontextmanager
async def nexmo(live: Live, name: str) -> AsyncIterator[tuple[Sdk, FarWorld]]:
    """The library with the key of a fresh world's application; its hosts take no port, so it uses the proxy."""
    async with (
        open_voice_world(live, name) as (world, auth),
        open_sdk("nexmo", "voice", REQUESTS_CA_BUNDLE=live.ca_file, HTTPS_PROXY=live.http) as sdk,
    ):
        await sdk.call("connect", key=world.key, secret=world.secret, **auth)
        yield sdk, world


@pytest.mark.parametrize("through", ["voice", "old"])
async def test_nexmo_makes_every_call(live: Live, through: str) -> None:
    """By its voice class, and by the client's older methods."""
    async with nexmo(live, f"n-{through}") as (sdk, world):

        async def ask(method: str, *args: str, **params: Any) -> Any:
            return await sdk.call(through, method=method, args=args, **params)

        made = await ask("create_call", ncco=ENDLESS, to=[PHONE], **{"from": CALLER})
        uuid = made["uuid"]
        early = await ask("send_dtmf", uuid, digits="1")
        await world.advance("1s")
        ringing = await ask("get_call", uuid)
        await world.advance("4s")
        said = [
            await ask("send_speech", uuid, text="Hi", voice_name="Amy", loop=0),
            await ask("stop_speech", uuid),
            await ask("send_audio", uuid, stream_url=FILE),
            await ask("stop_audio", uuid),
            await ask("send_dtmf", uuid, digits="1p2"),
        ]
        wrong = await ask("send_audio", uuid, stream_url=FILE[0])
        silent = [await ask("update_call", uuid, action=each) for each in ("mute", "unmute", "earmuff", "unearmuff")]
        place = {"type": "ncco", "url": ANSWER}
        moved = await ask("update_call", uuid, action="transfer", destination=place)
        answered = await ask("get_call", uuid)
        gone = await ask("update_call", uuid, action="hangup")
        again = await ask("update_call", uuid, action="hangup")
        over = await ask("get_call", uuid)
        listed = await ask("get_calls", status="completed", page_size=1)
        none = await ask("get_calls", status="busy")
        refused = await ask("create_call", to=[PHONE])

    assert ringing == info(made, "ringing")
    texts = ["Talk started", "Talk stopped", "Stream started", "Stream stopped", "DTMF sent"]
    assert said == [{"message": text, "uuid": uuid} for text in texts]
    assert [*silent, moved, gone] == [None] * 6
    assert (answered["status"], over["status"]) == ("answered", "completed")
    assert listed == {
        "page_size": 1,
        "record_index": 0,
        "count": 1,
        "_embedded": {"calls": [over]},
        "_links": {
            "self": {"href": "/v1/calls?page_size=1&record_index=0&status=completed"},
            "first": {"href": "/v1/calls?page_size=1&status=completed"},
            "last": {"href": "/v1/calls?page_size=1&record_index=0&status=completed"},
        },
    }
    assert none["_embedded"] == {"calls": []}
    bad = {"raised": "ClientError", "text": "400 response from api.nexmo.com"}
    assert early == wrong == refused == bad
    assert again == {"raised": "ClientError", "text": "404 response from api.nexmo.com"}
