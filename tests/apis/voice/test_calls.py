"""Operations on a call, in every state it can be in: whole replies, and what they change."""

from __future__ import annotations

import time
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.apis.voice import rules
from fake_nexmo.apis.voice.ends_model import Endpoint, EndpointType
from fake_nexmo.apis.voice.model import Talk
from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.records import Application, Direction
from fake_nexmo.core.refusal import Refusal
from tests.apis.voice.desk import (
    BAD_STATE,
    BODIES,
    CALLER,
    CALLS,
    CONVERSATION,
    EVENT,
    FORBIDDEN,
    FROM,
    NEVER_ANSWERED,
    NOT_FOUND,
    OVER,
    PHONE,
    START,
    TALK,
    TO,
    UNAUTHORIZED,
    UUID,
    WRONG_VERB,
    Desk,
    assert_answer,
    make_call,
    make_leg,
    missing,
    wrong,
)

TYPE, VALUE = "Invalid type parameter provided", "Invalid parameter provided"
HERE = f"{CALLS}/{UUID}"
STARTED, RINGING, ANSWERED = LegStatus.STARTED, LegStatus.RINGING, LegStatus.ANSWERED

#: Every request about a call: verb, what follows its path, body, and what is answered when all is well.
SUBS: list[tuple[str, str, dict[str, Any] | None, int, str]] = [
    ("PUT", "/talk", {"text": "Hello"}, 200, f'{{"message":"Talk started","uuid":"{UUID}"}}'),
    ("DELETE", "/talk", None, 200, f'{{"message":"Talk stopped","uuid":"{UUID}"}}'),
    (
        "PUT",
        "/stream",
        {"stream_url": ["https://shop.test/a.mp3"]},
        200,
        f'{{"message":"Stream started","uuid":"{UUID}"}}',
    ),
    ("DELETE", "/stream", None, 200, f'{{"message":"Stream stopped","uuid":"{UUID}"}}'),
    ("PUT", "/dtmf", {"digits": "1713"}, 200, f'{{"message":"DTMF sent","uuid":"{UUID}"}}'),
    ("PUT", "/input/dtmf", {"event_url": EVENT}, 200, ""),
    ("DELETE", "/input/dtmf", None, 200, ""),
]
ACTIONS: list[tuple[str, str, dict[str, Any] | None, int, str]] = [
    ("PUT", "", {"action": action}, 204, "") for action in ("hangup", "mute", "unmute", "earmuff", "unearmuff")
]
TRANSFERS: list[tuple[str, str, dict[str, Any] | None, int, str]] = [
    ("PUT", "", {"action": "transfer", "destination": {"type": "ncco", **place}}, 204, "")
    for place in ({"url": ["https://shop.test/ncco"]}, {"ncco": TALK})
]
REQUESTS = [*ACTIONS, *TRANSFERS, *SUBS]


def ids(values: list[Any]) -> list[str]:
    return [f"{value[0]} {value[1]} {value[2]}" for value in values]


# ----------------------------------------------------------------------------------------------------- reading one


def shown(status: LegStatus, rates: str = "", network: str = "", times: tuple[str, str] = ("", "")) -> str:
    """A call on the wire. Source: reference voice §6, §12."""
    return (
        f'{{"uuid":"{UUID}","status":"{status}","direction":"outbound",{rates}{network}'
        f'"conversation_uuid":"{CONVERSATION}","start_time":"{times[0]}","end_time":"{times[1]}",'
        f'"to":{{"type":"phone","number":"{TO}"}},"from":{{"type":"phone","number":"{FROM}"}},'
        f'"_links":{{"self":{{"href":"/v1/calls/{UUID}"}}}}}}'
    )


RATE, NETWORK = '"rate":"0.01000000",', '"network":"23410",'
# Source: reference voice §6.1.
STATES = [
    (STARTED, shown(STARTED)),
    (RINGING, shown(RINGING)),
    (ANSWERED, shown(ANSWERED, RATE, NETWORK, ("2026-01-01T00:00:02.000Z", ""))),
    (
        LegStatus.COMPLETED,
        shown(
            LegStatus.COMPLETED,
            RATE + '"price":"0.01016667","duration":"61",',
            NETWORK,
            ("2026-01-01T00:00:02.000Z", "2026-01-01T00:01:03.000Z"),
        ),
    ),
    *((each, shown(each, RATE + '"price":"0.00000000","duration":"0",', NETWORK)) for each in NEVER_ANSWERED),
]


def test_every_state_is_read() -> None:
    assert {status for status, _ in STATES} == set(LegStatus)


@pytest.mark.parametrize(("status", "body"), STATES, ids=[each[0] for each in STATES])
async def test_a_call_in_every_state(desk: Desk, status: LegStatus, body: str) -> None:
    """Which members are there, and in which order; times in whole seconds."""
    await desk.seat(status)

    assert_answer(await desk.ask("GET", HERE), 200, body)


@pytest.mark.parametrize(
    ("rate", "seconds", "price"),
    # Source: reference voice §3, §12: captures, and the table for checks.
    [
        (10_000_000, 2, "0.00333333"),
        (720_000, 12, "0.00144000"),
        (450_000, 7, "0.00052500"),
        (1_000_000, 61, "0.01016667"),
        (450_000, 1, "0.00007500"),
        (39_000_000, 60, "0.39000000"),
    ],
)
async def test_what_it_costs(desk: Desk, rate: int, seconds: int, price: str) -> None:
    """By the second."""
    await desk.seat(LegStatus.COMPLETED, rate=rate, answered_at=START, ended_at=START + seconds * 1_000_000)

    read = await desk.read()

    assert (read["price"], read["duration"]) == (price, str(seconds))


@pytest.mark.parametrize(
    ("end", "rate", "price", "network"),
    [
        (Endpoint(EndpointType.APP, "Alice"), "0.00", "0", None),
        (Endpoint(EndpointType.VBC, "789"), "0.00", "0", None),
        (Endpoint(EndpointType.SIP, "sip:bob@shop.test"), "0.00400000", "0.00400000", None),
        (Endpoint(EndpointType.PHONE, TO), "0.00400000", "0.00400000", "GB-FIXED"),
    ],
)
async def test_what_is_free_is_written_shorter(
    desk: Desk, end: Endpoint, rate: str, price: str, network: str | None
) -> None:
    """And what is in no network says so; source: reference voice §3."""
    leg = make_leg(
        LegStatus.COMPLETED,
        rate=0 if rate == "0.00" else 400_000,
        network=network or "",
        answered_at=START,
        ended_at=START + 60_000_000,
    )
    await desk.put(make_call(to=end), leg)

    read = await desk.read()

    assert (read["rate"], read["price"], read["network"]) == (rate, price, network)


async def test_an_inbound_call_is_read_too(desk: Desk) -> None:
    """Its uuid has no dashes; source: reference voice §3 (A)."""
    uuid = "0779a56d002f1c7f47f82ef5fe84ab79"
    leg = make_leg(ANSWERED, id=uuid, direction=Direction.INBOUND, sender=TO, to=FROM)
    ends = {"sender": Endpoint(EndpointType.PHONE, TO), "to": Endpoint(EndpointType.PHONE, FROM)}
    await desk.put(make_call(id=uuid, **ends), leg)

    read = await desk.read(uuid)

    assert (read["uuid"], read["direction"], read["to"], read["from"]) == (uuid, "inbound", CALLER, PHONE)


@pytest.mark.parametrize("path", [f"{CALLS}/{UUID}/", f"/v1//calls/{UUID}", f"{HERE}?x=y"])
async def test_spellings_of_the_path(desk: Desk, path: str) -> None:
    await desk.seat(ANSWERED)

    assert (await desk.ask("GET", path)).status_code == 200


# ------------------------------------------------------------------------------------------------ state x operation


@pytest.mark.parametrize("status", LegStatus)
@pytest.mark.parametrize("request_", REQUESTS, ids=ids(REQUESTS))
async def test_every_operation_in_every_state(desk: Desk, request_: Any, status: LegStatus) -> None:
    """Hanging up works until it is over, all else while it is answered. Source: reference voice §7, §8.5."""
    verb, sub, content, good, body = request_
    await desk.seat(status)
    before = await desk.leg()

    answer = await desk.ask(verb, HERE + sub, content)

    if status is ANSWERED or (status in (STARTED, RINGING) and content == {"action": "hangup"}):
        assert_answer(answer, good, body)
        return
    assert_answer(answer, *((404, NOT_FOUND) if status in OVER else (400, BAD_STATE)))
    assert await desk.leg() == before
    assert await desk.call() == replace(
        make_call(), version=1, seq=(await desk.call()).seq, made=(await desk.call()).made
    )


@pytest.mark.parametrize("status", OVER)
@pytest.mark.parametrize("request_", REQUESTS, ids=ids(REQUESTS))
async def test_a_call_that_is_over_can_be_in_the_wrong_state(desk: Desk, request_: Any, status: LegStatus) -> None:
    """By a setting. Source: reference voice §7 (A), §8.5."""
    await desk.settings(voice_ended_calls=400)
    await desk.seat(status)

    assert_answer(await desk.ask(request_[0], HERE + request_[1], request_[2]), 400, BAD_STATE)


@pytest.mark.parametrize("status", [STARTED, RINGING, ANSWERED])
@pytest.mark.parametrize(("age", "young"), [(0, True), (1_999_999, True), (2_000_000, False)])
async def test_a_young_call_can_refuse_to_be_hung_up(desk: Desk, status: LegStatus, age: int, young: bool) -> None:
    """By a setting; an answered one never does. Source: reference voice §7 (B)."""
    await desk.settings(voice_young_calls="refuse")
    await desk.seat(status, created_at=START - age)

    answer = await desk.ask("PUT", HERE, {"action": "hangup"})

    if young and status is not ANSWERED:
        assert_answer(answer, 400, BAD_STATE)
    else:
        assert_answer(answer, 204, "")


@pytest.mark.parametrize(
    ("status", "after"),
    [(STARTED, LegStatus.CANCELLED), (RINGING, LegStatus.CANCELLED), (ANSWERED, LegStatus.COMPLETED)],
)
async def test_hanging_up(desk: Desk, status: LegStatus, after: LegStatus) -> None:
    """And once more: it is over. Source: reference voice §7."""
    await desk.seat(status)

    assert_answer(await desk.ask("PUT", HERE, {"action": "hangup", "extra": 1}), 204, "")

    assert (await desk.read())["status"] == after
    assert_answer(await desk.ask("PUT", HERE, {"action": "hangup"}), 404, NOT_FOUND)


@pytest.mark.parametrize(("one", "other", "name"), [("mute", "unmute", "muted"), ("earmuff", "unearmuff", "earmuffed")])
async def test_muting(desk: Desk, one: str, other: str, name: str) -> None:
    """Doing it twice changes nothing; source: reference voice §7."""
    await desk.seat(ANSWERED)
    found = []
    for action in (one, one, other, other):
        assert_answer(await desk.ask("PUT", HERE, {"action": action}), 204, "")
        call = await desk.call()
        found.append((getattr(call, name), call.version))

    assert found == [(True, 2), (True, 2), (False, 3), (False, 3)]


@pytest.mark.parametrize("place", [{"ncco": TALK}, {"url": ["https://shop.test/ncco"]}])
async def test_a_transfer_leads_to_a_conversation_of_its_own(desk: Desk, place: Any) -> None:
    """Source: reference voice §7."""
    await desk.seat(ANSWERED)

    answer = await desk.ask("PUT", HERE, {"action": "transfer", "destination": {"type": "ncco", **place}})

    assert_answer(answer, 204, "")
    read = await desk.read()
    assert read["conversation_uuid"] != CONVERSATION
    assert read["conversation_uuid"].startswith("CON-")


async def test_of_an_ncco_and_a_url_the_ncco_counts(desk: Desk) -> None:
    """However wrong the URL is. Source: reference voice §7 (D)."""
    await desk.seat(ANSWERED)
    content = {"action": "transfer", "destination": {"type": "ncco", "ncco": TALK, "url": "x"}}

    assert_answer(await desk.ask("PUT", HERE, content), 204, "")
    assert [line.text for line in (await desk.leg()).transcript] == ["Hello"]


async def test_talk_is_heard(desk: Desk) -> None:
    """And stopped; stopping the other kind changes nothing. Source: reference voice §8.2."""
    await desk.seat(ANSWERED)
    await desk.ask("PUT", f"{HERE}/talk", {"text": "Hello", "language": "en-GB", "loop": 2, "level": "0.4"})
    playing = (await desk.call()).playing
    assert playing is not None
    assert (playing.kind, playing.language, playing.level) == ("talk", "en-gb", 0.4)
    assert [line.text for line in (await desk.leg()).transcript] == ["Hello"]

    await desk.ask("DELETE", f"{HERE}/stream")
    assert (await desk.call()).playing == playing
    await desk.ask("DELETE", f"{HERE}/talk")

    assert (await desk.call()).playing is None


async def test_a_stream_replaces_talk(desk: Desk) -> None:
    """Source: reference voice §8.5 (D)."""
    await desk.seat(ANSWERED)
    await desk.ask("PUT", f"{HERE}/talk", {"text": "Hello", "loop": "0"})
    assert (await desk.call()).playing == Talk("talk", 0, None, "en-us", 0)

    await desk.ask("PUT", f"{HERE}/stream", {"stream_url": ["a.mp3"], "loop": 0, "level": -1})

    playing = (await desk.call()).playing
    assert playing is not None
    assert (playing.kind, playing.ends_at, playing.level) == ("stream", None, -1)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ({}, "en-us"),
        ({"language": "cy-GB"}, "cy-gb"),
        ({"language": "tlh"}, "en-us"),
        ({"voice_name": "Amy"}, "en-gb"),
        ({"voiceName": "Hans"}, "de-de"),
        ({"voice_name": "Chipmunk"}, "en-us"),
        ({"voice_name": "Nobody"}, "en-us"),
        ({"voice_name": "Amy", "language": "fr-FR"}, "fr-fr"),
        ({"style": "3", "premium": "true", "bargeIn": "yes"}, "en-us"),
    ],
)
async def test_the_language_of_talk(desk: Desk, said: Any, language: str) -> None:
    """By its name or by that of a voice; source: reference voice §8.2, ncco §3.4."""
    await desk.seat(ANSWERED)

    assert (await desk.ask("PUT", f"{HERE}/talk", {"text": "Hello", **said})).status_code == 200

    playing = (await desk.call()).playing
    assert playing is not None
    assert playing.language == language


async def test_keys_are_heard(desk: Desk) -> None:
    """Source: reference voice §8.3."""
    await desk.seat(ANSWERED)

    await desk.ask("PUT", f"{HERE}/dtmf", {"digits": "0-9".replace("-", "p") + "*#"})

    assert [line.digits for line in (await desk.leg()).transcript] == ["0p9*#"]


@pytest.mark.parametrize("name", ["event_url", "eventUrl"])
async def test_keys_are_reported_until_they_are_not(desk: Desk, name: str) -> None:
    """Twice is once. Source: reference voice §8.4."""
    await desk.seat(ANSWERED)
    found = []
    for verb, content in (("PUT", {name: EVENT}), ("PUT", {name: EVENT}), ("DELETE", None), ("DELETE", None)):
        answer = await desk.ask(verb, f"{HERE}/input/dtmf", content)
        assert_answer(answer, 200, "")
        assert answer.headers["content-length"] == "0"
        call = await desk.call()
        found.append((call.dtmf_url, call.version))

    assert found == [(EVENT[0], 2), (EVENT[0], 2), ("", 3), ("", 3)]


# ------------------------------------------------------------------------------------------------------ validation


def destination(**said: Any) -> dict[str, Any]:
    return {"action": "transfer", "destination": said}


LONG = "x" * 1501
# Source: reference voice §7, §8.1 to §8.5.
REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("", {}, wrong(("action", VALUE))),
    ("", {"action": None}, wrong(("action", VALUE))),
    ("", {"action": "explode"}, wrong(("action", VALUE))),
    ("", {"action": "Hangup"}, wrong(("action", VALUE))),
    ("", {"action": 5}, wrong(("action", TYPE))),
    ("", {"action": "transfer"}, wrong(("destination", VALUE))),
    ("", {"action": "transfer", "destination": "https://shop.test"}, wrong(("destination", TYPE))),
    ("", destination(), wrong(("type", VALUE), ("url", VALUE))),
    ("", destination(url=["https://shop.test"]), wrong(("type", VALUE))),
    ("", destination(type="phone", url=["https://shop.test"]), wrong(("type", VALUE))),
    ("", destination(type="ncco"), wrong(("url", VALUE))),
    ("", destination(type="ncco", url=[]), wrong(("url", VALUE))),
    ("", destination(type="ncco", url="https://shop.test"), wrong(("url", TYPE))),
    ("", destination(type="ncco", url=["shop.test"]), wrong(("url", VALUE))),
    ("", destination(type="ncco", ncco="talk"), wrong(("ncco", TYPE))),
    ("", destination(type="ncco", ncco=[]), wrong(("ncco", VALUE))),
    # Captured in 2024. Source: reference ncco §2.6 (A for the refusal).
    (
        "",
        destination(type="ncco", ncco=[{"action": "connect", "endpoint": [{**PHONE, "dtmfAnswer": "auto"}]}]),
        wrong(("dtmfAnswer", VALUE)),
    ),
    ("/talk", {}, missing("text")),
    ("/talk", {"text": ""}, missing("text")),
    ("/talk", {"text": 5}, wrong(("text", TYPE))),
    ("/talk", {"text": LONG}, wrong(("text", VALUE))),
    ("/talk", {"text": "<speak>" + LONG + "</speak>"}, wrong(("text", VALUE))),
    ("/talk", {"text": "a", "language": 5}, wrong(("language", TYPE))),
    ("/talk", {"text": "a", "voice_name": 5}, wrong(("voice_name", TYPE))),
    ("/talk", {"text": "a", "style": "big"}, wrong(("style", TYPE))),
    ("/talk", {"text": "a", "style": -1}, wrong(("style", VALUE))),
    ("/talk", {"text": "a", "premium": 5}, wrong(("premium", TYPE))),
    ("/talk", {"text": "a", "loop": -1}, wrong(("loop", VALUE))),
    ("/talk", {"text": "a", "loop": "x"}, wrong(("loop", TYPE))),
    ("/talk", {"text": "a", "level": 1.1}, wrong(("level", VALUE))),
    ("/talk", {"text": "a", "level": "loud"}, wrong(("level", TYPE))),
    ("/talk", {"text": "a", "level": 2, "loop": -1}, wrong(("loop", VALUE), ("level", VALUE))),
    ("/stream", {}, missing("stream_url")),
    ("/stream", {"stream_url": None}, missing("stream_url")),
    ("/stream", {"stream_url": []}, missing("stream_url")),
    # Captured in 2018. Source: reference voice §2, §4.3 (A).
    ("/stream", {"stream_url": "https://shop.test/a.mp3"}, wrong(("stream_url", TYPE))),
    ("/stream", {"stream_url": ["a"], "loop": "-1"}, wrong(("loop", VALUE))),
    ("/stream", {"stream_url": ["a"], "level": "-1.5"}, wrong(("level", VALUE))),
    ("/dtmf", {}, missing("digits")),
    ("/dtmf", {"digits": None}, missing("digits")),
    ("/dtmf", {"digits": 1713}, wrong(("digits", TYPE))),
    ("/dtmf", {"digits": ""}, wrong(("digits", VALUE))),
    ("/dtmf", {"digits": "12a"}, wrong(("digits", VALUE))),
    ("/input/dtmf", {}, missing("event_url")),
    ("/input/dtmf", {"event_url": []}, missing("event_url")),
    ("/input/dtmf", {"event_url": EVENT[0]}, wrong(("event_url", TYPE))),
    ("/input/dtmf", {"eventUrl": EVENT[0]}, wrong(("eventUrl", TYPE))),
    ("/input/dtmf", {"event_url": ["x"]}, wrong(("event_url", VALUE))),
]


@pytest.mark.parametrize("status", [RINGING, ANSWERED])
@pytest.mark.parametrize(("sub", "content", "body"), REFUSALS, ids=[str(k) for k in range(len(REFUSALS))])
async def test_what_is_refused(desk: Desk, sub: str, content: Any, body: str, status: LegStatus) -> None:
    """To the byte, and before anybody looks at the call's state."""
    await desk.seat(status)

    assert_answer(await desk.ask("PUT", HERE + sub, content), 400, body)

    assert (await desk.call()).version == 1


@pytest.mark.parametrize("sub", [sub for verb, sub in BODIES if verb == "PUT"])
@pytest.mark.parametrize("data", [b"", b"{", b"[]"])
async def test_what_is_no_json_object(desk: Desk, sub: str, data: bytes) -> None:
    """Before anybody looks for the call."""
    assert_answer(await desk.ask("PUT", HERE + sub, data=data), 400, BAD_STATE)


async def test_tags_do_not_count_in_a_text(desk: Desk) -> None:
    """Only inside of speak they are tags. Source: reference voice §8.2."""
    await desk.seat(ANSWERED)
    tags = "<break time='1s'/>" * 100

    spoken = await desk.ask("PUT", f"{HERE}/talk", {"text": f"<speak>{tags}Hello</speak>"})
    plain = await desk.ask("PUT", f"{HERE}/talk", {"text": tags})

    assert spoken.status_code == 200
    assert_answer(plain, 400, wrong(("text", VALUE)))


@pytest.mark.parametrize("opening", ["<speak version='1.1'>", " <SPEAK>"])
async def test_a_text_that_is_spoken_as_marked_up_is_measured_so(desk: Desk, opening: str) -> None:
    """However its first tag is written. Source: reference ncco §3.4."""
    await desk.seat(ANSWERED)

    spoken = await desk.ask("PUT", f"{HERE}/talk", {"text": opening + "<break time='1s'/>" * 100 + "Hello</speak>"})

    assert_answer(spoken, 200, f'{{"message":"Talk started","uuid":"{UUID}"}}')


async def test_tags_that_are_never_closed_are_read_in_no_time(desk: Desk) -> None:
    """A fraction of a second for what would take most of a minute if each were looked for to the end of the text."""
    await desk.seat(ANSWERED)
    began = time.process_time()

    answer = await desk.ask("PUT", f"{HERE}/talk", {"text": "<speak>" + "<" * 300_000})

    assert_answer(answer, 400, wrong(("text", VALUE)))
    assert time.process_time() - began < 3


# ------------------------------------------------------------------------------------------------- whose call it is


ALL = [("GET", "", None, 200, ""), *REQUESTS]


@pytest.mark.parametrize("request_", ALL, ids=ids(ALL))
@pytest.mark.parametrize("uuid", ["63f61863-4a51-4f6b-86e1-000000000000", "x", "CON-1", "%20"])
async def test_an_unknown_call(desk: Desk, request_: Any, uuid: str) -> None:
    """A malformed uuid is unknown too. Source: reference voice §2, §6.1."""
    await desk.seat(ANSWERED)

    assert_answer(await desk.ask(request_[0], f"{CALLS}/{uuid}{request_[1]}", request_[2]), 404, NOT_FOUND)


@pytest.mark.parametrize("request_", ALL, ids=ids(ALL))
@pytest.mark.parametrize("said", [{"about": "other"}, {"owner": "verify"}], ids=["application", "api"])
async def test_a_foreign_call(desk: Desk, request_: Any, said: Any) -> None:
    """Another application's, or one that another API makes. Source: reference voice §2, §8.5 (D)."""
    await desk.seat(ANSWERED, **said)

    assert_answer(await desk.ask(request_[0], HERE + request_[1], request_[2]), 404, NOT_FOUND)


# ------------------------------------------------------------------------------------------------- verbs and tokens


PATHS = {
    CALLS: {"GET", "POST"},
    f"{CALLS}/": {"GET", "POST"},
    HERE: {"GET", "PUT"},
    f"{HERE}/stream": {"PUT", "DELETE"},
    f"{HERE}/talk": {"PUT", "DELETE"},
    f"{HERE}/dtmf": {"PUT"},
    f"{HERE}/input/dtmf": {"PUT", "DELETE"},
    "/v2/calls": {"POST"},
}
# Source: reference voice §1.1.
VERBS = [(path, verb) for path in PATHS for verb in ("GET", "POST", "PUT", "DELETE")]
GATEWAY = [(path, verb) for path in PATHS for verb in ("PATCH", "OPTIONS", "TRACE")]


@pytest.mark.parametrize(("path", "verb"), VERBS)
async def test_the_table_of_verbs(desk: Desk, path: str, verb: str) -> None:
    """401 without a token, whatever the verb; with one 405 where it is not taken."""
    await desk.seat(ANSWERED)

    assert_answer(await desk.ask(verb, path, token=""), 401, UNAUTHORIZED)

    answer = await desk.ask(verb, path, data=b"{}")
    if verb in PATHS[path]:
        assert answer.status_code != 405
    else:
        assert_answer(answer, 405, WRONG_VERB)
        assert set(answer.headers["allow"].split(", ")) == PATHS[path]


@pytest.mark.parametrize("token", ["", None])
@pytest.mark.parametrize(("path", "verb"), GATEWAY)
async def test_verbs_that_the_gateway_does_not_know(desk: Desk, path: str, verb: str, token: str | None) -> None:
    """403 before the token is looked at."""
    assert_answer(await desk.ask(verb, path, token=token), 403, FORBIDDEN)


@pytest.mark.parametrize("path", PATHS)
async def test_head_is_one_of_them(desk: Desk, path: str) -> None:
    """Its answer has no body."""
    answer = await desk.ask("HEAD", path)

    assert (answer.status_code, answer.headers["content-length"]) == (403, str(len(FORBIDDEN)))


async def test_a_wrong_verb_draws_no_fault(desk: Desk) -> None:
    """Nothing of an operation is asked for."""
    await desk.house.control("POST", "faults", {"target": "voice.*", "answer": "throttled", "effect": "none"}, 201)

    assert_answer(await desk.ask("DELETE", CALLS), 405, WRONG_VERB)


@pytest.mark.parametrize("token", ["", None, "x"])
async def test_a_ping_needs_no_token(desk: Desk, token: str | None) -> None:
    """Source: reference voice §1 (A)."""
    assert_answer(await desk.ask("GET", f"{CALLS}/ping", token=token), 200, "{}")
    assert (await desk.ask("HEAD", f"{CALLS}/ping", token=token)).status_code == 200


CREDENTIALS = {"params": {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}, "auth": ("abcd1234", "s3cr3tS3cr3t")}


@pytest.mark.parametrize("name", CREDENTIALS)
@pytest.mark.parametrize("request_", [("POST", "", None), *ALL], ids=str)
async def test_key_and_secret_never_work(desk: Desk, request_: Any, name: str) -> None:
    """Source: reference voice §1 (B)."""
    path = CALLS if request_[0] == "POST" else HERE + request_[1]
    said: Any = {name: CREDENTIALS[name]}

    assert_answer(await desk.house.client.request(request_[0], path, **said), 401, UNAUTHORIZED)


async def test_a_deleted_applications_token_is_worth_nothing(desk: Desk) -> None:
    """Nor one of an application that nobody knows."""
    token = desk.token(application_id="aaaaaaaa-bbbb-cccc-dddd-0123456789ab")

    assert_answer(await desk.ask("GET", CALLS, token=token), 401, UNAUTHORIZED)


@pytest.mark.parametrize("request_", [("POST", "", {}), *ALL], ids=str)
@pytest.mark.parametrize(
    ("acl", "status"),
    [({"paths": {}}, 403), ({"paths": {"/*/users/**": {}}}, 403), ({"paths": {"/*/calls/**": {}}}, 0)],
    ids=["nothing", "users", "calls"],
)
async def test_the_tokens_own_rules(desk: Desk, request_: Any, acl: Any, status: int) -> None:
    """Before the body is looked at. Source: reference auth §5.5, §5.6."""
    path = CALLS if request_[0] == "POST" else HERE + request_[1]

    answer = await desk.ask(request_[0], path, request_[2], token=desk.token(acl=acl))

    if status:
        assert_answer(answer, 403, FORBIDDEN)
    else:
        assert answer.status_code in (400, 404)


async def test_the_tokens_rules_may_be_answered_with_401(desk: Desk) -> None:
    """By a setting."""
    await desk.settings(acl_status=401)

    assert_answer(await desk.ask("GET", CALLS, token=desk.token(acl={"paths": {}})), 401, UNAUTHORIZED)


async def test_a_suspended_account_calls_nobody(desk: Desk) -> None:
    """Source: reference auth §5.4 (D)."""
    await desk.house.control("PATCH", "accounts/abcd1234", {"suspended": True})

    assert_answer(await desk.ask("GET", CALLS), 403, FORBIDDEN)


async def test_what_a_request_leaves_in_the_log(desk: Desk) -> None:
    """Operation, status, the uuid concerned, and how it was refused."""
    made = await desk.create()
    await desk.read(made["uuid"])
    await desk.ask("PUT", f"{CALLS}/{made['uuid']}/talk", {})
    await desk.ask("PUT", f"{CALLS}/{made['uuid']}", {"action": "mute"})

    entries = (await desk.house.control("GET", "requests"))["items"]

    assert [(each["operation"], each["status"], each["about"], each["outcome"]) for each in entries] == [
        ("voice.create_call", 201, made["uuid"], None),
        ("voice.get_call", 200, made["uuid"], None),
        ("voice.start_talk", 400, made["uuid"], "400 missing"),
        ("voice.modify_call", 400, made["uuid"], "400 bad_state"),
    ]


def test_an_unknown_application_owns_nothing() -> None:
    """The rule alone: whoever asks must be the leg's application."""
    other = Application(id="other", application_id="x", account="main", public_key="")
    for call, leg in ((None, None), (make_call(), None), (None, make_leg(ANSWERED)), (make_call(), make_leg(ANSWERED))):
        with pytest.raises(Refusal):
            rules.theirs(call, leg, other)
