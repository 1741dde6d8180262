"""Calls from people: whole traces, what the application may answer, and the chain of what is asked in its place."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.apis.voice.stage import JSON, OWNED, PERSON, TALK, TALK_S, Stage, ncco, open_stage
from tests.house import House
from tests.receiver import Answer

SYNTAX = "Syntax error in NCCO. Invalid value type or action."
FAILED = "Failed to retrieve the NCCO."
#: The caller rang, and the application was asked.
RANG = [(0, "ringing"), (0, "started"), (-1, "answer")]
SPOKEN = [(0, "answered"), (pytest.approx(TALK_S), "completed")]


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def call(stage: Stage) -> dict[str, Any]:
    """The person calls the application's number."""
    return await stage.act("call", to=OWNED)


async def test_every_byte_of_an_inbound_call(stage: Stage) -> None:
    """Source: reference ncco §4.3, §4.4, §5.5; voice §3 (A for the id without dashes), §9.3 (A)."""
    made = await call(stage)
    await stage.house.advance("1m")

    uuid, conversation = made["uuid"], made["conversation_uuid"]
    assert len(uuid) == 32
    assert set(uuid) <= set("0123456789abcdef")
    who = f'"from":"{PERSON}","to":"{OWNED}","uuid":"{uuid}","conversation_uuid":"{conversation}"'
    rest = '"direction":"inbound","timestamp":"2026-01-01T00:00:00.000Z"}'
    assert stage.bodies() == [
        f'{{"headers":{{}},{who},"status":"ringing",{rest}',
        f'{{"headers":{{}},{who},"status":"started",{rest}',
        f"to={OWNED}&from={PERSON}&conversation_uuid={conversation}&uuid={uuid}",
        (
            f'{{"start_time":null,"headers":{{}},"rate":null,{who},"status":"answered","direction":"inbound",'
            f'"network":null,"timestamp":"2026-01-01T00:00:00.000Z"}}'
        ),
        (
            f'{{"headers":{{}},"end_time":"2026-01-01T00:00:02.000Z","uuid":"{uuid}","network":"23410","duration":"2",'
            f'"start_time":"2026-01-01T00:00:00.000Z","rate":"0.00450000","price":"0.00015000","from":"{PERSON}",'
            f'"to":"{OWNED}","conversation_uuid":"{conversation}","status":"completed","direction":"inbound",'
            f'"timestamp":"2026-01-01T00:00:01.933Z","sip_code":200,"disconnected_by":"platform"}}'
        ),
    ]
    assert await stage.balance() == "99.99985 EUR"


async def test_answer_of_the_act_is_the_call_as_it_is_by_then(stage: Stage) -> None:
    """Its application was asked, and what it says began."""
    made = await call(stage)

    assert made == {
        "seq": made["seq"],
        "at": "2026-01-01T00:00:00.000Z",
        "uuid": made["uuid"],
        "conversation_uuid": made["conversation_uuid"],
        "direction": "inbound",
        "owner": "voice",
        "about": "main",
        "account": "main",
        "from": PERSON,
        "to": OWNED,
        "status": "answered",
        "detail": None,
        "machine": False,
        "network": "23410",
        "rate": "0.00450000",
        "price": "0.00000000",
        "duration": 0,
        "answered_at": "2026-01-01T00:00:00.000Z",
        "ended_at": None,
        "transcript": [
            {
                "at": "2026-01-01T00:00:00.000Z",
                "speaker": "platform",
                "kind": "talk",
                "length": TALK_S,
                "text": TALK["text"],
            }
        ],
        "settled": True,
    }
    read = await stage.desk.read(made["uuid"])
    assert (read["status"], read["direction"], read["from"]) == (
        "answered",
        "inbound",
        {"type": "phone", "number": PERSON},
    )


@pytest.mark.parametrize("linked", [True, False])
async def test_without_an_application_or_its_url_the_call_is_rejected(stage: Stage, linked: bool) -> None:
    """And nobody is told. Source: reference ncco §5.5 (D)."""
    if linked:
        await stage.application(answer_url=None)
    else:
        await stage.house.control("PATCH", f"numbers/{OWNED}", {"application": None})

    made = await call(stage)
    await stage.house.advance("1m")

    assert (made["status"], made["about"], stage.told()) == ("rejected", "main" if linked else None, [])
    log = (await stage.house.control("GET", "events"))["items"]
    assert sorted(each["name"] for each in log) == ["call.mistake", "call.rejected", "call.started"]
    whose = "its application 'main' has no voice.answer_url" if linked else "it has no application"
    assert [each["text"] for each in log if "text" in each] == [f"a call to {OWNED} was rejected: {whose}"]
    assert await stage.house.store.pending("default") == []


async def test_who_may_be_called(stage: Stage) -> None:
    """A number that somebody owns; one that is routed elsewhere is said not to be emulated."""
    nobody = await stage.act("call", 422, to="447700900999")
    await stage.house.control("PATCH", f"numbers/{OWNED}", {"voice": {"type": "sip", "value": "me@shop.test"}})
    routed = await stage.act("call", 501, to=f"+{OWNED}")

    assert nobody["detail"] == f"Nobody in this world owns 447700900999; owned are: {OWNED}, 12015550100."
    assert (routed["type"], routed["detail"]) == (
        "urn:fake-nexmo:not-emulated",
        (
            f"Calls to {OWNED} are routed to sip me@shop.test, which is not emulated; without that its application "
            "answers."
        ),
    )
    assert await stage.calls() == []


async def test_an_answer_by_post(stage: Stage) -> None:
    """The application says how it is asked."""
    await stage.application(answer_method="POST", event_method="GET")

    await call(stage)

    assert [(each.method, each.path) for each in stage.receiver.requests] == [
        ("GET", "/event"),
        ("GET", "/event"),
        ("POST", "/answer"),
        ("GET", "/event"),
    ]


@pytest.mark.parametrize(
    "headers",
    [JSON, (("Content-Type", "text/plain; charset=utf-8"),), (("Content-Type", "application/vnd.shop"),), ()],
)
async def test_content_types_that_are_read(stage: Stage, headers: tuple[tuple[str, str], ...]) -> None:
    """Source: reference ncco §2.2 (B for the first two)."""
    stage.answer = Answer(201, json.dumps([TALK]).encode(), headers)

    await call(stage)
    await stage.house.advance("1m")

    assert stage.told() == [*RANG, *SPOKEN]


BAD: dict[str, Answer] = {
    "html": Answer(200, json.dumps([TALK]).encode(), (("Content-Type", "text/html"),)),
    "xml": Answer(200, json.dumps([TALK]).encode(), (("Content-Type", "application/xml; charset=utf-8"),)),
    "no body": Answer(204, b""),
    "empty": Answer(200, b"", JSON),
    "no json": Answer(200, b"OK", JSON),
    "no utf-8": Answer(200, b'["\xff"]', JSON),
    "deep": Answer(200, b"[" * 100_000, JSON),
    "object": Answer(200, b"{}", JSON),
    "no action": Answer(200, b'[{"text":"Hi"}]', JSON),
    "unknown action": Answer(200, b'[{"action":"tlak","text":"Hi"}]', JSON),
    "late in it": Answer(200, json.dumps([TALK, {"action": "talk"}]).encode(), JSON),
}
#: Those that are not repeated, and those that are.
REFUSED = {"not found": Answer(404), "redirect": Answer(302), "broken": Answer(500)}
REPEATED = {"busy": Answer(503), "gateway": Answer(504), "too many": Answer(429), "closed": Answer(hang_up=True)}


@pytest.mark.parametrize("name", BAD)
async def test_an_ncco_that_cannot_be_ends_the_call(stage: Stage, name: str) -> None:
    """It is reported, not asked for again, and no action of it runs; a second later the caller is let go.

    Source: reference ncco §2.2, §2.6 (A for the report, B).
    """
    stage.answer = BAD[name]
    made = await call(stage)
    assert (made["status"], made["transcript"]) == ("ringing", [])
    await stage.house.advance("1m")

    assert stage.told() == [*RANG, (0, SYNTAX), (1, "completed")]
    assert stage.bodies()[3] == (
        f'{{"reason":"{SYNTAX}","conversation_uuid":"{made["conversation_uuid"]}",'
        f'"timestamp":"2026-01-01T00:00:00.000Z"}}'
    )
    over = await stage.entry()
    assert (over["status"], over["price"], over["answered_at"], over["transcript"]) == (
        *("completed", "0.00000000", None),
        [],
    )
    assert await stage.house.store.pending("default") == []


@pytest.mark.parametrize("name", [*REFUSED, *REPEATED])
async def test_an_answer_that_cannot_be_had_ends_the_call(stage: Stage, name: str) -> None:
    """Asked twice where that may help. Source: reference ncco §4.1, §4.5 (B)."""
    stage.answer = {**REFUSED, **REPEATED}[name]
    await call(stage)
    await stage.house.advance("1m")

    again = [(-1, "answer")] if name in REPEATED else []
    assert stage.told() == [*RANG, *again, (0, FAILED), (1, "completed")]


async def test_an_outbound_call_ends_the_same_way(stage: Stage) -> None:
    """A second after it was answered."""
    stage.answer = BAD["object"]
    await stage.create(answer_url=[f"{stage.receiver.url}/answer"])
    await stage.house.advance("1m")

    assert stage.told()[3:] == [(-1, "answer"), (2, SYNTAX), (3, "completed")]
    assert stage.events()[-1]["duration"] == "1"


@pytest.mark.parametrize("name", [*BAD, *REFUSED, *REPEATED])
async def test_the_fallback_is_asked_instead(stage: Stage, name: str) -> None:
    """With what was asked, why that was of no use, and where. Source: reference ncco §4.5, §11 C (B)."""
    await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback")
    stage.answer, stage.fallback = {**BAD, **REFUSED, **REPEATED}[name], ncco(TALK)
    made = await call(stage)
    await stage.house.advance("1m")

    again = [(-1, "answer")] if name in REPEATED else []
    report = SYNTAX if name in BAD else FAILED
    assert stage.told() == [*RANG, *again, (0, report), (-1, "fallback"), *SPOKEN]
    (asked,) = (each for each in stage.receiver.requests if each.path == "/fallback")
    reason = "Invalid%20NCCO." if name in BAD else "Invalid%20response%20code."
    if name == "closed":
        reason = "Connection%20closed."
    assert (asked.method, asked.query) == (
        "GET",
        (
            f"to={OWNED}&from={PERSON}&conversation_uuid={made['conversation_uuid']}&uuid={made['uuid']}&reason={reason}"
            f"&original_request=%7B%22url%22:%22{stage.receiver.url}/answer%22,%22type%22:%22answer%22%7D"
        ),
    )


async def test_the_fallback_by_post(stage: Stage) -> None:
    """Nested as JSON has it."""
    await stage.application(
        fallback_answer_url=f"{stage.receiver.url}/fallback", fallback_answer_method="POST", event_url=None
    )
    stage.answer, stage.fallback = BAD["object"], ncco(TALK)
    made = await call(stage)

    (asked,) = (each for each in stage.receiver.requests if each.path == "/fallback")
    assert asked.body.decode() == (
        f'{{"from":"{PERSON}","to":"{OWNED}","uuid":"{made["uuid"]}",'
        f'"conversation_uuid":"{made["conversation_uuid"]}","reason":"Invalid NCCO.",'
        f'"original_request":{{"url":"{stage.receiver.url}/answer","type":"answer"}}}}'
    )


@pytest.mark.parametrize(
    ("fallback", "chain"),
    [
        (BAD["no json"], [(-1, "fallback"), (0, SYNTAX)]),
        (REFUSED["broken"], [(-1, "fallback"), (0, FAILED)]),
        (REPEATED["busy"], [(-1, "fallback"), (-1, "fallback"), (0, FAILED)]),
    ],
)
async def test_the_fallback_fails_too(stage: Stage, fallback: Answer, chain: list[tuple[float, str]]) -> None:
    """Then the call ends. Source: reference ncco §4.5 (B)."""
    await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback")
    stage.answer, stage.fallback = BAD["object"], fallback
    await call(stage)
    await stage.house.advance("1m")

    assert stage.told() == [*RANG, (0, SYNTAX), *chain, (1, "completed")]


async def test_an_empty_ncco_is_answered_and_over(stage: Stage) -> None:
    """Source: reference ncco §2.2 (D)."""
    stage.answer = ncco()
    await call(stage)

    assert stage.told() == [*RANG, (0, "answered"), (0, "completed")]


async def test_an_answer_that_is_sent_again_changes_nothing(stage: Stage) -> None:
    """What was asked for has come already."""
    await call(stage)
    webhooks = (await stage.house.control("GET", "webhooks?kind=answer"))["items"]
    await stage.house.control("POST", f"webhooks/{webhooks[0]['id']}/resend")
    await stage.house.advance("1m")

    assert stage.told() == [*RANG, (0, "answered"), (-1, "answer"), (pytest.approx(TALK_S), "completed")]
    assert len(await stage.heard()) == 1


async def test_the_person_acts_on_the_line_by_their_steps(stage: Stage) -> None:
    """Each so long after the one before; one that waits for words in vain is never done, nor is the next."""
    await stage.phone(
        on_call=[
            {"say": "sales, please", "after": "1s"},
            {"press": "12"},
            {"wait": "2s"},
            {"press": "1", "when_heard": "/sales/"},
            {"hang_up": {"after": "1s"}},
        ]
    )
    stage.answer = ncco({**TALK, "loop": 5})
    await call(stage)
    await stage.house.advance("1m")

    assert await stage.heard() == [
        (0, "platform", TALK["text"]),
        (1, "person", "sales, please"),
        (pytest.approx(1 + 13 / 15, abs=0.001), "person", "12"),
    ]
    assert stage.told()[-1] == (pytest.approx(5 * 29 / 15, abs=0.001), "completed")


async def test_the_person_hangs_up_by_their_steps(stage: Stage) -> None:
    """It is reported a fifth of a second later. Source: reference voice §9.4 (D), ncco §4.4 (B)."""
    await stage.phone(on_call=[{"wait": "4s"}, {"hang_up": {"after": "1s"}}])
    stage.answer = ncco({**TALK, "loop": 5})
    await call(stage)
    await stage.house.advance("1m")

    assert stage.told() == [*RANG, (0, "answered"), (5.2, "completed")]
    last = stage.events()[-1]
    assert (last["end_time"], last["duration"], last["disconnected_by"]) == ("2026-01-01T00:00:05.000Z", "5", "user")
