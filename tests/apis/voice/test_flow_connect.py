"""Calls that are connected to others: the traces of both legs in virtual time, and how each ends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.apis.voice import connect_rules, due_rules, flow
from fake_nexmo.apis.voice.actions_model import ConnectAction, WaitAction
from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.apis.voice.model import OWNER
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Number, Timer
from fake_nexmo.web.commit import WorldView
from tests.apis.voice.desk import START, UUID, make_call, make_leg
from tests.apis.voice.stage import OWNED, PERSON, TALK, TALK_S, Stage, ncco, open_stage, seconds
from tests.house import House
from tests.receiver import Answer
from tests.socket_peer import Peer

SECOND = "447700900102"
THIRD = "447700900103"
OUT = ("timeout", "completed")
WAIT = {"action": "wait", "timeout": 5}
RANG = [(0, "1 ringing"), (0, "1 started"), (0, "1 answered")]
MET = [(0, "2 started"), (0.01, "2 ringing"), (2, "2 answered")]


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def phone(stage: Stage, number: str = SECOND, **facts: Any) -> None:
    """Declare who is called."""
    await stage.house.control("PUT", f"handsets/{number}", facts)


def connect(number: str = SECOND, **options: Any) -> dict[str, Any]:
    """The action."""
    endpoint = {"type": "phone", "number": number, **options.pop("endpoint", {})}
    return {"action": "connect", "endpoint": [endpoint], **options}


async def call(stage: Stage, *actions: Any, until: str = "3h") -> list[tuple[Any, str]]:
    """The person calls; the trace of all legs, by the order of their numbers."""
    stage.answer = ncco(*actions)
    await stage.act("call", to=OWNED)
    await stage.house.advance(until)
    return trace(stage)


def trace(stage: Stage) -> list[tuple[Any, str]]:
    """What was reported: when, of which leg, and what."""
    who = {(PERSON, OWNED): "1", (PERSON, SECOND): "2", (OWNED, SECOND): "2", (PERSON, THIRD): "3", (OWNED, THIRD): "3"}
    said = [each.json() for each in stage.receiver.requests if each.body]
    return [
        (
            pytest.approx(seconds(each["timestamp"]), abs=0.0011),
            f"{who[each['from'], each['to']]} {each['status']}" if "from" in each else str(each.get("reason") or "-"),
        )
        for each in said
    ]


async def test_two_people_talk_until_one_hangs_up(stage: Stage) -> None:
    """Then the other is hung up on at once. Source: reference ncco §5.3 (A)."""
    await phone(stage, on_call=[{"answer": {}}, {"hang_up": {"after": "10s"}}])

    assert await call(stage, connect()) == [*RANG, *MET, (12.2, "2 completed"), (12.2, "1 completed")]
    legs = await stage.calls()
    assert len({each["conversation_uuid"] for each in legs}) == 1
    assert [(each["direction"], each["from"], each["to"], each["duration"]) for each in legs] == [
        ("inbound", PERSON, OWNED, 12),
        ("outbound", PERSON, SECOND, 10),
    ]
    assert await stage.house.store.pending("default") == []


async def test_the_first_one_hangs_up(stage: Stage) -> None:
    """And so is the second. Source: reference ncco §5.3 (D)."""
    await stage.phone(on_call=[{"hang_up": {"after": "9s"}}])

    assert await call(stage, connect()) == [*RANG, *MET, (9.2, "1 completed"), (9.2, "2 completed")]


async def test_the_first_one_hangs_up_while_it_rings(stage: Stage) -> None:
    """Nobody is called any more."""
    await stage.phone(on_call=[{"hang_up": {"after": "1s"}}])

    assert await call(stage, connect()) == [
        *(*RANG, *MET[:2]),
        (1.2, "1 completed"),
        *((1.2, "2 cancelled"), (1.2, "2 completed")),
    ]


@pytest.mark.parametrize(
    ("facts", "options", "ends"),
    [
        ({"like": "busy"}, {}, [(1, "2 busy"), (1, "2 completed")]),
        ({"like": "rejects"}, {}, [(0.2, "2 rejected")]),
        ({"like": "unreachable"}, {}, [(20, "2 unanswered"), (20, "2 completed")]),
        ({"like": "no-answer"}, {}, [(0.01, "2 ringing"), (60.01, "2 timeout"), (60.01, "2 completed")]),
        ({"like": "no-answer"}, {"timeout": "7"}, [(0.01, "2 ringing"), (7.01, "2 timeout"), (7.01, "2 completed")]),
        ({"like": "no-answer"}, {"timeout": 0}, [(0.01, "2 ringing"), (1.01, "2 timeout"), (1.01, "2 completed")]),
        ({"like": "no-answer"}, {"timeout": 500}, [(0.01, "2 ringing"), *[(120.01, f"2 {each}") for each in OUT]]),
    ],
)
async def test_who_is_not_connected(
    stage: Stage, facts: dict[str, Any], options: dict[str, Any], ends: list[tuple[float, str]]
) -> None:
    """The next action runs. Source: reference ncco §3.3, §5.2 (B)."""
    await phone(stage, **facts)

    told = await call(stage, connect(**options), TALK)

    assert told == [*RANG, (0, "2 started"), *ends, (ends[-1][0] + TALK_S, "1 completed")]
    assert await stage.house.store.pending("default") == []


async def test_two_connects_in_a_row_are_a_fall_back(stage: Stage) -> None:
    """The second one runs at once. Source: reference ncco §5.2 (B)."""
    await phone(stage, like="busy")
    await phone(stage, THIRD, on_call=[{"answer": {}}, {"hang_up": {"after": "4s"}}])

    assert await call(stage, connect(), connect(THIRD)) == [
        *(*RANG, (0, "2 started"), (1, "2 busy"), (1, "2 completed")),
        *((1, "3 started"), (1.01, "3 ringing"), (3, "3 answered"), (7.2, "3 completed")),
        (7.2, "1 completed"),
    ]


async def test_the_next_action_runs_right_after_the_answer(stage: Stage) -> None:
    """And when it is over both stay. Source: reference ncco §5.2 (B), §5.3."""
    await phone(stage, on_call=[{"answer": {}}, {"hang_up": {"after": "10s"}}])

    told = await call(stage, connect(), WAIT, TALK)

    assert told == [*RANG, *MET, (12.2, "2 completed"), (12.2, "1 completed")]
    assert [at for at, who, _ in await first_heard(stage) if who == "platform"] == [7]


async def first_heard(stage: Stage) -> list[tuple[float, str, str]]:
    """What was heard on the first leg."""
    lines = (await stage.calls())[0]["transcript"]
    return [(seconds(each["at"]), each["speaker"], each["text"] or each["digits"]) for each in lines]


async def test_the_second_one_leaves_while_the_first_ones_ncco_runs(stage: Stage) -> None:
    """It goes on to its end. Source: reference ncco §5.3."""
    await phone(stage, on_call=[{"answer": {}}, {"hang_up": {"after": "1s"}}])

    assert await call(stage, connect(), WAIT, TALK) == [
        *(*RANG, *MET, (3.2, "2 completed"), (7 + TALK_S, "1 completed")),
    ]


async def test_a_limit(stage: Stage) -> None:
    """Of the second leg; the platform hangs up. Source: reference ncco §3.3, §5.1 (B)."""
    assert await call(stage, connect(limit="30")) == [*RANG, *MET, (32, "2 completed"), (32, "1 completed")]
    assert stage.events()[-2]["disconnected_by"] == "platform"


async def test_three_in_a_conversation(stage: Stage) -> None:
    """When the first one leaves two remain; when one of them leaves as well, nobody does.

    Source: reference ncco §5.3 (D).
    """
    await stage.phone(on_call=[{"hang_up": {"after": "10s"}}])
    await phone(stage, THIRD, on_call=[{"answer": {}}, {"hang_up": {"after": "20s"}}])

    assert await call(stage, connect(), connect(THIRD)) == [
        *(*RANG, *MET, (2, "3 started"), (2.01, "3 ringing"), (4, "3 answered")),
        *((10.2, "1 completed"), (24.2, "3 completed"), (24.2, "2 completed")),
    ]
    assert await stage.house.store.pending("default") == []


async def test_one_of_three_leaves(stage: Stage) -> None:
    """The first one stays with the other."""
    await phone(stage, on_call=[{"answer": {}}, {"hang_up": {"after": "10s"}}])
    await phone(stage, THIRD, on_call=[{"answer": {}}, {"hang_up": {"after": "20s"}}])

    told = await call(stage, connect(), connect(THIRD))

    assert told[-3:] == [(12.2, "2 completed"), (24.2, "3 completed"), (24.2, "1 completed")]


# What is called, and in whose name.


@pytest.mark.parametrize(
    ("options", "sender"),
    [
        ({}, PERSON),
        ({"from": OWNED}, OWNED),
        ({"from": f"+{OWNED}"}, OWNED),
        ({"from": 447700900000}, OWNED),
        ({"randomFromNumber": True}, OWNED),
        ({"randomFromNumber": "false"}, PERSON),
    ],
)
async def test_who_calls(stage: Stage, options: dict[str, Any], sender: str) -> None:
    """Source: reference ncco §3.3 (B, D)."""
    await call(stage, connect(**options), until="1s")

    assert (await stage.calls())[1]["from"] == sender


@pytest.mark.parametrize(
    ("options", "called"),
    [
        ({"from": OWNED}, True),
        ({"from": "447700900999"}, False),
        ({"from": "447700900998"}, False),
        ({}, True),
        ({"randomFromNumber": True}, True),
    ],
)
async def test_who_may_call_in_the_strict_world(stage: Stage, options: dict[str, Any], called: bool) -> None:
    """A number of the account's; another one is reported, and the next action runs. Source: reference ncco §2.6 (D)."""
    await stage.desk.settings(voice_from="owned")
    owner = await stage.house.store.get("default", Number, OWNED)
    assert owner is not None
    await stage.desk.put(replace(owner, id="447700900998", account="other", application="", version=0))
    await call(stage, connect(**options), TALK)

    told = [each.get("status") or each["reason"] for each in stage.events()]
    assert (len(await stage.calls()) == 2) is called
    assert ("The number in from is not owned by the account." in told) is not called
    assert (await stage.calls())[0]["transcript"][-1]["text"] == TALK["text"]


async def test_a_random_number_where_there_is_none(stage: Stage) -> None:
    """The first one's caller stands in; nobody, where that one was not said."""
    uuid = await stage.create(ncco=[connect(randomFromNumber=True)])
    await stage.house.control("PATCH", f"numbers/{OWNED}", {"application": None})
    await stage.house.advance("3s")

    assert [each["from"] for each in await stage.calls()] == [OWNED, OWNED]
    await stage.modify(uuid, action="hangup")
    answer = await stage.desk.ask(
        "POST",
        "/v1/calls",
        {"to": [{"type": "phone", "number": PERSON}], "random_from_number": True, "ncco": [connect()]},
    )
    assert answer.status_code == 201
    await stage.house.advance("3s")
    assert (await stage.calls())[-1]["from"] == "unknown"


@pytest.mark.parametrize(
    ("endpoint", "to", "shown"),
    [
        ({"type": "phone", "number": f"+{SECOND}"}, SECOND, {"type": "phone", "number": SECOND}),
        ({"type": "phone", "number": 447700900102}, SECOND, {"type": "phone", "number": SECOND}),
        ({"type": "app", "user": "Alice"}, "Alice", {"type": "app", "user": "Alice"}),
        ({"type": "vbc", "extension": 123}, "123", {"type": "vbc", "extension": "123"}),
        ({"type": "sip", "uri": "sip:me@shop.test"}, "sip:me@shop.test", {"type": "sip", "uri": "sip:me@shop.test"}),
        (
            {"type": "sip", "user": "me", "domain": "shop.test", "standardHeaders": {"User-to-User": "1"}},
            "sip:me@shop.test",
            {"type": "sip", "uri": "sip:me@shop.test"},
        ),
        (
            {"type": "websocket", "uri": "wss://shop.test/s", "headers": {"a": "b"}},
            "wss://shop.test/s",
            {
                "type": "websocket",
                "uri": "wss://shop.test/s",
                "content-type": "audio/l16;rate=16000",
                "headers": {"a": "b"},
            },
        ),
        (
            {"type": "websocket", "uri": "ws://shop.test/s", "content-type": "audio/l16;rate=8000"},
            "ws://shop.test/s",
            {"type": "websocket", "uri": "ws://shop.test/s", "content-type": "audio/l16;rate=8000", "headers": {}},
        ),
    ],
)
async def test_what_is_called(stage: Stage, endpoint: dict[str, Any], to: str, shown: dict[str, Any]) -> None:
    """Every kind; who does not ring is there at once. Source: reference ncco §3.3 (B, C), voice §9.4."""
    stage.answer = ncco({"action": "connect", "endpoint": [endpoint]})
    async with Peer() as peer:
        there = f"http://127.0.0.1:{peer.port}"
        await stage.house.control("PUT", "routes", {"https://shop.test": there, "http://shop.test": there})
        await stage.act("call", to=OWNED)
        await stage.house.advance("3s")

    _, second = await stage.calls()
    after = {"app": 0.5, "websocket": 0.1}.get(endpoint["type"], 2)
    assert (second["to"], second["status"], seconds(second["answered_at"])) == (to, "answered", after)
    assert (await stage.desk.read(second["uuid"]))["to"] == shown
    headers = {**endpoint.get("headers", {}), **endpoint.get("standardHeaders", {})}
    assert stage.events()[-1]["headers"] == headers


@pytest.mark.parametrize("number", ["12", "1234567890123456", "999999999"])
async def test_a_number_that_cannot_be(stage: Stage, number: str) -> None:
    """Is rejected. Source: reference voice §9.1 (B)."""
    stage.answer = ncco(connect(number), TALK)
    await stage.act("call", to=OWNED)
    await stage.house.advance("1m")

    assert [(each["status"], each.get("detail")) for each in stage.events()[3:]] == [
        ("started", None),
        ("rejected", "invalid_number"),
        ("completed", None),
    ]


async def test_keys_that_are_sent_on_the_answer(stage: Stage) -> None:
    """By the platform. Source: reference ncco §3.3, §5.2."""
    await call(stage, connect(endpoint={"dtmfAnswer": "1p2#"}), until="3s")

    lines = (await stage.calls())[1]["transcript"]
    assert [(each["speaker"], each["digits"]) for each in lines] == [("platform", "1p2#")]


async def test_where_its_events_go(stage: Stage) -> None:
    """Where the action says, by its method. Source: reference ncco §4.2 (B)."""
    await call(stage, connect(eventUrl=[f"{stage.receiver.url}/second"], eventMethod="GET"), until="3s")

    told = [(each.method, each.path, each.params.get("status")) for each in stage.receiver.requests]
    assert told[4:] == [("GET", "/second", "started"), ("GET", "/second", "ringing"), ("GET", "/second", "answered")]


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ({"machineDetection": "continue"}, [(5, "machine")]),
        ({"machineDetection": "hangup"}, [(5, "machine"), (5, "completed")]),
        ({"advancedMachineDetection": {"behavior": "hangup"}}, [(4, "machine"), (4, "completed")]),
        ({"advanced_machine_detection": {"mode": "default", "beep_timeout": 5}}, [(4, "machine")]),
        ({"machineDetection": "hangup", "advancedMachineDetection": {"behavior": "continue"}}, [(4, "machine")]),
    ],
)
async def test_machines(stage: Stage, options: dict[str, Any], verdict: list[tuple[float, str]]) -> None:
    """Only that leg is hung up, and the rest goes on. Source: reference ncco §3.3, §5.2, §7."""
    await phone(stage, like="voicemail")
    await call(stage, connect(**options), {"action": "wait", "timeout": 60}, until="30s")

    told = [(seconds(each["timestamp"]), each["status"]) for each in stage.events()[6:]]
    assert told == verdict
    assert (await stage.calls())[0]["status"] == "answered"


# An NCCO of its own.


async def test_an_ncco_for_the_second_leg_alone(stage: Stage) -> None:
    """It is asked for by GET, runs before the two are joined, and then the first one's goes on.

    Source: reference ncco §5.2 (B, D).
    """
    stage.replies["/whisper"] = [ncco(TALK)]
    on_answer = {"url": [f"{stage.receiver.url}/whisper"]}
    await call(stage, connect(endpoint={"onAnswer": on_answer}), WAIT, until="30s")

    (asked,) = (each for each in stage.receiver.requests if each.path == "/whisper")
    first, second = await stage.calls()
    assert (asked.method, asked.query) == (
        "GET",
        f"to={SECOND}&from={PERSON}&conversation_uuid={first['conversation_uuid']}&uuid={second['uuid']}",
    )
    assert [each["text"] for each in second["transcript"]] == [TALK["text"]]
    assert [each["status"] for each in (first, second)] == ["answered", "answered"]
    known = await stage.desk.call(first["uuid"])
    assert (known.legs, known.doing) == ((second["uuid"],), None)


@pytest.mark.parametrize("fallback", [False, True])
async def test_an_ncco_for_the_second_leg_that_is_not_to_be_had(stage: Stage, fallback: bool) -> None:
    """That leg ends, and the rest goes on; but for a fallback. Source: reference ncco §2.1, §4.5."""
    if fallback:
        await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback")
    stage.replies["/whisper"], stage.fallback = [Answer(500)], ncco(WAIT)
    on_answer = {"url": f"{stage.receiver.url}/whisper"}

    told = await call(stage, connect(endpoint={"onAnswer": on_answer}, limit=20), TALK)

    if fallback:
        assert told[-2:] == [(22, "2 completed"), (22, "1 completed")]
    else:
        assert told[-2:] == [(3, "2 completed"), (3 + TALK_S, "1 completed")]


async def test_the_second_leg_leaves_before_it_is_joined(stage: Stage) -> None:
    """The rest goes on."""
    await phone(stage, on_call=[{"answer": {}}, {"hang_up": {"after": "1s"}}])
    stage.replies["/whisper"] = [ncco(WAIT)]

    told = await call(stage, connect(endpoint={"onAnswer": {"url": f"{stage.receiver.url}/whisper"}}), TALK)

    assert told == [*RANG, *MET, (3.2, "2 completed"), (3.2 + TALK_S, "1 completed")]


# Replies.


@pytest.mark.parametrize(
    ("facts", "options", "at"),
    [
        ({"like": "busy"}, {}, 1),
        ({"like": "rejects"}, {}, 0.2),
        ({"like": "unreachable"}, {}, 20),
        ({"like": "no-answer"}, {"timeout": 5}, 5.01),
    ],
)
@pytest.mark.parametrize("replaces", [True, False])
async def test_the_reply_to_why_nobody_was_connected(
    stage: Stage, facts: dict[str, Any], options: dict[str, Any], at: float, replaces: bool
) -> None:
    """May replace the rest; nothing else is read. Source: reference ncco §5.2 (B), §11 B."""
    await phone(stage, **facts)
    other = ncco({"action": "wait", "timeout": 9}) if replaces else Answer(200, b"OK")
    read = {"busy", "rejected", "unanswered", "timeout"}
    stage.replies["/e"] = [ncco(TALK)] * (2 if "timeout" in options else 1) + [other, ncco(TALK)]
    connecting = connect(eventType="synchronous", eventUrl=[f"{stage.receiver.url}/e"], **options)

    told = await call(stage, connecting, TALK)

    assert [each for each in told if str(each[1])[2:] in read] != []
    assert told[-1] == (pytest.approx(at + (9 if replaces else TALK_S), abs=0.0011), "1 completed")
    assert await stage.house.store.pending("default") == []


async def test_replies_are_not_read_otherwise(stage: Stage) -> None:
    """Whatever they say."""
    await phone(stage, like="busy")
    stage.replies["/e"] = [ncco({"action": "wait", "timeout": 9})] * 3

    told = await call(stage, connect(eventUrl=[f"{stage.receiver.url}/e"]), TALK)

    assert told[-1] == (pytest.approx(1 + TALK_S, abs=0.0011), "1 completed")


async def test_a_reply_that_nobody_is_asked_for(stage: Stage) -> None:
    """Without a URL the next action runs."""
    await stage.application(event_url=None)
    await phone(stage, like="busy")
    await call(stage, connect(eventType="synchronous"), WAIT)

    assert [each["duration"] for each in await stage.calls()] == [6, 0]


async def test_a_reply_that_cannot_be(stage: Stage) -> None:
    """It is said, the fallback is asked, and what that says runs. Source: reference ncco §4.5 (B)."""
    await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback", fallback_answer_method="POST")
    await phone(stage, like="busy")
    stage.replies["/e"], stage.fallback = [Answer(), Answer(404)], ncco({"action": "wait", "timeout": 9})

    told = await call(stage, connect(eventType="synchronous", eventUrl=[f"{stage.receiver.url}/e"]), TALK)

    assert (1, "Failed to retrieve the NCCO.") in told
    assert told[-1] == (10, "1 completed")
    (asked,) = (json.loads(each) for each in stage.sent_to("/fallback"))
    assert (asked["status"], asked["reason"], asked["original_request"]) == (
        "busy",
        "Invalid response code.",
        {"url": f"{stage.receiver.url}/e", "type": "event"},
    )


# Transfers and limits.


async def test_the_first_leg_is_transferred_away(stage: Stage) -> None:
    """The second one stays where it was, alone, and is hung up on. Source: reference ncco §5.1 (B), voice §7 (D)."""
    await call(stage, connect(), until="5s")
    first, second = await stage.calls()
    destination = {"type": "ncco", "ncco": [WAIT]}
    await stage.modify(first["uuid"], action="transfer", destination=destination)
    await stage.house.advance("10s")

    first, second = await stage.calls()
    assert [(each["status"], each["duration"]) for each in (first, second)] == [("completed", 10), ("completed", 4)]
    assert first["conversation_uuid"] != second["conversation_uuid"]


async def test_the_first_leg_is_transferred_while_it_rings(stage: Stage) -> None:
    """Nobody is called any more."""
    await call(stage, connect(), until="1s")
    first, _ = await stage.calls()
    await stage.modify(first["uuid"], action="transfer", destination={"type": "ncco", "ncco": [WAIT]})
    await stage.house.advance("10s")

    assert [each["status"] for each in await stage.calls()] == ["completed", "cancelled"]


async def test_the_second_leg_is_transferred_away(stage: Stage) -> None:
    """The first one is alone, and hung up on; the second runs what it was given."""
    await call(stage, connect(), until="5s")
    _, second = await stage.calls()
    await stage.modify(second["uuid"], action="transfer", destination={"type": "ncco", "ncco": [WAIT]})
    await stage.house.advance("1m")

    legs = await stage.calls()
    assert [(each["status"], each["duration"]) for each in legs] == [("completed", 6), ("completed", 8)]
    assert await stage.house.store.pending("default") == []


async def test_the_limit_of_calls_in_a_second(stage: Stage) -> None:
    """What is connected counts; beyond it that is an error, and the rest goes on. Source: reference voice §1 (B)."""
    await stage.house.control("PATCH", "settings", {"voice_rate_limits": True})
    await phone(stage, like="rejects")
    await stage.create(ncco=[*[connect()] * 5, WAIT])
    await stage.house.advance("1m")

    told = [each.get("reason") or each["status"] for each in stage.events()]
    refused = ["started", "rejected"]
    assert told == [
        *("started", "ringing", "answered", *refused * 3),
        *["Rate limit exceeded."] * 2,
        "completed",
    ]
    assert [each["duration"] for each in await stage.calls()] == [6, 0, 0, 0]


async def test_legs_that_are_transferred_away_and_over(stage: Stage) -> None:
    """Nobody they left is told of that any more."""
    await phone(stage, THIRD, on_call=[{"answer": {}}, {"hang_up": {"after": "30s"}}])
    await call(stage, connect(), connect(THIRD), until="5s")
    _, second, _ = await stage.calls()
    await stage.modify(second["uuid"], action="transfer", destination={"type": "ncco", "ncco": [WAIT]})
    await stage.house.advance("3h")

    assert [each["duration"] for each in await stage.calls()] == [34, 8, 30]
    assert await stage.house.store.pending("default") == []


@pytest.mark.parametrize("what", [due_rules.PARTED, due_rules.LEAVE])
async def test_timers_of_legs_that_are_over(stage: Stage, what: str) -> None:
    """Do nothing."""
    await stage.desk.put(make_call(host="gone"), make_leg(LegStatus.COMPLETED))
    timer = Timer(due_at=START, owner=OWNER, what=what, subject=UUID)

    outcome = await flow.TIMERS[what](WorldView(stage.house.store, "default"), timer, Moment(START, 7, 42))

    assert outcome.change == Change()


async def test_a_leg_whose_first_one_is_not_kept(stage: Stage) -> None:
    """Is tidied up all the same."""
    await stage.desk.put(make_call(host="gone"), make_leg(LegStatus.COMPLETED))
    view = WorldView(stage.house.store, "default")
    for subject in (UUID, "gone"):
        timer = Timer(due_at=START, owner=OWNER, what=due_rules.TIDY, subject=subject)
        assert (await flow.TIMERS[due_rules.TIDY](view, timer, Moment(START, 7, 42))).change == Change()


@pytest.mark.parametrize(
    ("replaces", "url", "status", "waits"),
    [
        (True, "https://shop.test/e", LegStatus.BUSY, True),
        (True, "https://shop.test/e", LegStatus.COMPLETED, False),
        (True, "", LegStatus.BUSY, False),
        (False, "https://shop.test/e", LegStatus.BUSY, False),
    ],
)
def test_a_reply_may_come_later_than_the_end(replaces: bool, url: str, status: LegStatus, waits: bool) -> None:
    """On a clock that runs the NCCO waits for it, where there is one to come."""
    second = make_call(id="second", host=UUID, replaces=replaces, event=Callback(url))
    host = make_call(
        partner="second", doing=ConnectAction(to=Endpoint(EndpointType.PHONE, PERSON)), rest=(WaitAction(),)
    )
    account = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="")
    legs = make_leg(LegStatus.ANSWERED), make_leg(status, id="second")

    change = connect_rules.left(host, legs[0], second, legs[1], account, Moment(START, 7, 42))

    assert (change == Change()) is waits
