"""Outbound calls from the request to the last report: whole traces in virtual time, every manner of being called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.apis.voice.stage import JSON, OWNED, PERSON, TALK, TALK_S, Stage, ncco, open_stage
from tests.house import House
from tests.receiver import Answer


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


ANSWERED = [(0, "started"), (0.01, "ringing"), (2, "answered")]
SPOKEN = [*ANSWERED, (2 + TALK_S, "completed")]


@pytest.mark.parametrize(
    ("facts", "trace", "status", "detail"),
    [
        ({}, SPOKEN, "completed", None),
        ({"like": "busy"}, [(0, "started"), (1, "busy"), (1, "completed")], "busy", None),
        ({"like": "rejects"}, [(0, "started"), (0.2, "rejected")], "rejected", "declined"),
        (
            {"like": "unreachable"},
            [(0, "started"), (20, "unanswered"), (20, "completed")],
            "unanswered",
            "unavailable",
        ),
        (
            {"like": "switched-off"},
            [(0, "started"), (20, "unanswered"), (20, "completed")],
            "unanswered",
            "unavailable",
        ),
        (
            {"like": "no-answer"},
            [(0, "started"), (0.01, "ringing"), (60.01, "timeout"), (60.01, "completed")],
            "timeout",
            None,
        ),
        (
            {"answers": "by_hand"},
            [(0, "started"), (0.01, "ringing"), (60.01, "timeout"), (60.01, "completed")],
            "timeout",
            None,
        ),
        (
            {"on_call": [{"answer": {"after": "3s"}}]},
            [(0, "started"), (0.01, "ringing"), (3, "answered"), (3 + TALK_S, "completed")],
            "completed",
            None,
        ),
        (
            {"on_call": [{"reject": {"after": "5s"}}]},
            [(0, "started"), (0.01, "ringing"), (5, "rejected")],
            "rejected",
            "declined",
        ),
        (
            {"on_call": [{"answer": {}}, {"hang_up": {"after": "1s"}}]},
            [*ANSWERED, (3.2, "completed")],
            "completed",
            None,
        ),
        ({"like": "voicemail"}, SPOKEN, "completed", None),
    ],
)
async def test_reports_come_in_order_and_in_time(
    stage: Stage, facts: dict[str, Any], trace: list[tuple[float, str]], status: str, detail: str | None
) -> None:
    """Source: reference voice §9.3, §9.4; whatever ended it, nothing is left to come."""
    await stage.phone(**facts)

    await stage.create()
    await stage.house.advance("5m")

    assert stage.told() == trace
    call = await stage.entry()
    assert (call["status"], call["detail"]) == (status, detail)
    assert await stage.house.store.pending("default") == []


async def test_the_ringing_timer_of_the_request_counts_from_the_ringing(stage: Stage) -> None:
    """Source: reference voice §4.6."""
    await stage.phone(like="no-answer")

    await stage.create(ringing_timer=7)
    await stage.house.advance("1m")

    assert stage.told() == [(0, "started"), (0.01, "ringing"), (7.01, "timeout"), (7.01, "completed")]


async def test_an_outage_fails_the_call(stage: Stage) -> None:
    """It is looked at when the ringing falls due. Source: design §8."""
    fault = {"name": "outage", "target": "network.23410", "receipts": {"status": "failed"}}
    await stage.house.control("POST", "faults", fault, 201)

    await stage.create()
    await stage.house.advance("1m")

    assert stage.told() == [(0, "started"), (0.5, "failed"), (0.5, "completed")]
    assert (await stage.entry())["detail"] == "cannot_route"


async def test_every_byte_of_an_answered_call(stage: Stage) -> None:
    """Keys in the order of the captures. Source: reference ncco §4.3, §4.4, voice §3 (A)."""
    uuid = await stage.create(answer_url=[f"{stage.receiver.url}/answer"])
    await stage.house.advance("1m")

    call = await stage.entry()
    conversation = call["conversation_uuid"]
    who = f'"from":"{OWNED}","to":"{PERSON}","uuid":"{uuid}","conversation_uuid":"{conversation}"'
    assert stage.bodies() == [
        f'{{"headers":{{}},{who},"status":"started","direction":"outbound","timestamp":"2026-01-01T00:00:00.000Z"}}',
        f'{{"headers":{{}},{who},"status":"ringing","direction":"outbound","timestamp":"2026-01-01T00:00:00.010Z"}}',
        (
            f'{{"start_time":null,"headers":{{}},"rate":null,{who},"status":"answered","direction":"outbound",'
            f'"network":null,"timestamp":"2026-01-01T00:00:02.000Z"}}'
        ),
        f"to={PERSON}&from={OWNED}&conversation_uuid={conversation}&uuid={uuid}",
        (
            f'{{"headers":{{}},"end_time":"2026-01-01T00:00:04.000Z","uuid":"{uuid}","network":"23410","duration":"2",'
            f'"start_time":"2026-01-01T00:00:02.000Z","rate":"{call["rate"]}","price":"{call["price"]}","from":"{OWNED}",'
            f'"to":"{PERSON}","conversation_uuid":"{conversation}","status":"completed","direction":"outbound",'
            f'"timestamp":"2026-01-01T00:00:03.933Z","sip_code":200,"disconnected_by":"platform"}}'
        ),
    ]
    assert [(each.method, each.path) for each in stage.receiver.requests] == [
        *[("POST", "/event")] * 3,
        ("GET", "/answer"),
        ("POST", "/event"),
    ]
    agents = {(each.header("user-agent"), each.header("authorization")) for each in stage.receiver.requests}
    assert agents == {("Apache-HttpAsyncClient/4.1 (Java/1.8.0_66)", None)}
    assert {each.header("content-type") for each in stage.receiver.requests if each.method == "POST"} == {
        "application/json"
    }


@pytest.mark.parametrize(
    ("facts", "worded"),
    [
        (
            {"like": "busy"},
            '"status":"busy","direction":"outbound","timestamp":"2026-01-01T00:00:01.000Z","sip_code":486',
        ),
        (
            {"like": "rejects"},
            (
                '"status":"rejected","detail":"declined","direction":"outbound","timestamp":"2026-01-01T00:00:00.200Z",'
                '"sip_code":603'
            ),
        ),
        (
            {"like": "unreachable"},
            (
                '"status":"unanswered","detail":"unavailable","direction":"outbound",'
                '"timestamp":"2026-01-01T00:00:20.000Z","sip_code":480'
            ),
        ),
        (
            {"like": "no-answer"},
            '"status":"timeout","direction":"outbound","timestamp":"2026-01-01T00:01:00.010Z"',
        ),
    ],
)
async def test_every_byte_of_a_call_that_is_not_connected(stage: Stage, facts: dict[str, Any], worded: str) -> None:
    """The reason, and an end without times. Source: reference ncco §4.4 (A; D for the end)."""
    await stage.phone(**facts)
    uuid = await stage.create()
    await stage.house.advance("5m")

    call = await stage.entry()
    rate, conversation = call["rate"], call["conversation_uuid"]
    who = f'"from":"{OWNED}","to":"{PERSON}","uuid":"{uuid}","conversation_uuid":"{conversation}"'
    rang = 1 if facts["like"] != "no-answer" else 2
    at = worded.partition('"timestamp":')[2][:26]
    completed = (
        f'{{"headers":{{}},"end_time":null,"uuid":"{uuid}","network":"23410","duration":"0","start_time":null,'
        f'"rate":"{rate}","price":"0.00000000","from":"{OWNED}","to":"{PERSON}","conversation_uuid":"{conversation}",'
        f'"status":"completed","direction":"outbound","timestamp":{at}}}'
    )
    ends = [] if facts["like"] == "rejects" else [completed]
    assert stage.bodies()[rang:] == [f'{{"headers":{{}},{who},{worded}}}', *ends]


async def test_get_carries_the_same_in_the_query(stage: Stage) -> None:
    """Only braces, quotes and blanks are encoded, null is left out, and the URL's own query stays.

    Source: reference ncco §4.1 (A; D for null and the own query).
    """
    await stage.create(event_url=[f"{stage.receiver.url}/event?shop=1"], event_method="GET")
    await stage.house.advance("3s")

    call = await stage.entry()
    who = f"from={OWNED}&to={PERSON}&uuid={call['uuid']}&conversation_uuid={call['conversation_uuid']}"
    assert [(each.method, each.query) for each in stage.receiver.requests] == [
        (
            "GET",
            f"shop=1&headers=%7B%7D&{who}&status={status}&direction=outbound&timestamp=2026-01-01T00:00:{at}Z",
        )
        for status, at in (("started", "00.000"), ("ringing", "00.010"), ("answered", "02.000"))
    ]


async def test_answer_by_post(stage: Stage) -> None:
    """The same four, in another order. Source: reference ncco §4.3."""
    uuid = await stage.create(answer_url=[f"{stage.receiver.url}/answer"], answer_method="POST")
    await stage.house.advance("3s")

    (asked,) = (each for each in stage.receiver.requests if each.path == "/answer")
    conversation = (await stage.entry())["conversation_uuid"]
    assert (asked.method, asked.query, asked.body.decode()) == (
        "POST",
        "",
        f'{{"from":"{OWNED}","to":"{PERSON}","uuid":"{uuid}","conversation_uuid":"{conversation}"}}',
    )


async def test_nobody_is_told_where_nobody_listens(stage: Stage) -> None:
    """The call goes its way."""
    await stage.application(event_url=None)

    await stage.create()
    await stage.house.advance("1m")

    assert (stage.told(), (await stage.entry())["status"]) == ([], "completed")


async def test_the_balance_falls_by_the_price_at_the_end(stage: Stage) -> None:
    """Not before. Source: reference voice §3 (D)."""
    before = await stage.balance()
    await stage.create(ncco=[{"action": "talk", "text": "x" * 15 * 60}])
    await stage.house.advance("60s")
    during = await stage.balance()
    await stage.house.advance("60s")

    call = await stage.entry()
    assert (before, during, call["duration"], call["price"]) == ("100.00 EUR", "100.00 EUR", 60, call["rate"])
    assert float((await stage.balance()).split()[0]) == pytest.approx(100 - float(call["price"]))


@pytest.mark.parametrize(
    ("actions", "heard", "ends"),
    [
        ([TALK, {"action": "talk", "text": "Bye"}], [(2, TALK["text"]), (2 + TALK_S, "Bye")], 2 + TALK_S + 0.5),
        ([{"action": "talk", "text": "x" * 30, "loop": "3"}], [(2, "x" * 30)], 8),
        (
            [{"action": "talk", "text": "<speak>Hi &amp; <break time=\"2s\"/> bye<break time='500ms'/></speak>"}],
            [(2, "Hi & bye")],
            2 + 8 / 15 + 2.5,
        ),
        ([], [], 2),
    ],
)
async def test_what_is_said_and_for_how_long(
    stage: Stage, actions: list[dict[str, Any]], heard: list[tuple[float, str]], ends: float
) -> None:
    """Source: reference ncco §5.6 (D)."""
    stage.answer = ncco(*actions)
    await stage.create(answer_url=[f"{stage.receiver.url}/answer"])
    await stage.house.advance("5m")

    assert await stage.heard() == [(pytest.approx(at), "platform", text) for at, text in heard]
    at, last = stage.told()[-1]
    assert (at, last) == (pytest.approx(ends, abs=0.001), "completed")


async def test_endless_talk_ends_with_the_length_timer(stage: Stage) -> None:
    """By the platform. Source: reference ncco §5.1."""
    await stage.create(ncco=[{**TALK, "loop": 0}], length_timer=90)
    await stage.house.advance("5m")

    assert stage.told() == [*ANSWERED, (92, "completed")]
    assert stage.events()[-1]["disconnected_by"] == "platform"
    assert (await stage.entry())["duration"] == 90


async def test_keys_at_the_answer_come_before_the_ncco(stage: Stage) -> None:
    """``dtmfAnswer``. Source: reference voice §4.6 (B)."""
    await stage.create(to=[{"type": "phone", "number": PERSON, "dtmfAnswer": "1p2"}])
    await stage.house.advance("1m")

    assert await stage.heard() == [(2, "platform", "1p2"), (2, "platform", TALK["text"])]


@pytest.mark.parametrize("at", ["0s", "1s"])
async def test_hanging_up_before_the_answer_cancels(stage: Stage, at: str) -> None:
    """Source: reference voice §7 (B)."""
    uuid = await stage.create()
    await stage.house.advance(at)
    await stage.modify(uuid, action="hangup")
    await stage.house.advance("5m")

    second = float(at[:-1])
    rang = [(0.01, "ringing")] if second else []
    assert stage.told() == [(0, "started"), *rang, (second, "cancelled"), (second, "completed")]
    assert await stage.house.store.pending("default") == []


async def test_hanging_up_after_the_answer_completes(stage: Stage) -> None:
    """At once, and nothing more is said."""
    uuid = await stage.create(ncco=[TALK, TALK])
    await stage.house.advance("3s")
    await stage.modify(uuid, action="hangup")
    await stage.house.advance("5m")

    assert stage.told() == [*ANSWERED, (3, "completed")]
    assert len(await stage.heard()) == 1
    assert await stage.house.store.pending("default") == []


async def test_an_app_does_not_ring(stage: Stage) -> None:
    """Source: reference voice §9.3 (A), §9.4 (D)."""
    await stage.create(to=[{"type": "app", "user": "Alice"}])
    await stage.house.advance("1m")

    assert stage.told() == [(0, "started"), (0.5, "answered"), (pytest.approx(0.5 + TALK_S), "completed")]
    assert "headers" not in stage.events()[0]
    assert [stage.events()[-1][name] for name in ("rate", "price", "network")] == ["0.00", "0", None]


async def test_a_number_that_is_not_the_accounts_is_rejected_where_the_world_is_strict(stage: Stage) -> None:
    """Source: reference voice §4.2 (D)."""
    await stage.desk.settings(voice_from="owned")

    await stage.create(**{"from": {"type": "phone", "number": "447700900999"}})
    await stage.house.advance("1m")

    assert stage.told() == [(0, "started"), (0.2, "rejected")]
    assert stage.events()[1]["detail"] == "invalid_number"
    assert (await stage.entry())["status"] == "rejected"


async def test_a_failing_report_is_repeated_once_and_holds_nothing_up(stage: Stage) -> None:
    """Whatever the receiver says, the order stays. Source: reference ncco §4.1 (B, D)."""
    stage.receiver.say(Answer(503), Answer(503), Answer(500), Answer(200, b"[]", JSON))
    await stage.create()
    await stage.house.advance("1m")

    assert stage.told() == [(0, "started"), *SPOKEN]
    webhooks = (await stage.house.control("GET", "webhooks"))["items"]
    assert [(each["kind"], each["state"], len(each["attempts"])) for each in webhooks] == [
        ("event", "given_up", 2),
        ("event", "given_up", 1),
        ("event", "delivered", 1),
        ("event", "delivered", 1),
    ]
