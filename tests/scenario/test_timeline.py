"""Timelines: what people, accounts and faults do by themselves, when, in which order, and once."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Event, Number
from fake_nexmo.scenario.document import TimelineStep
from fake_nexmo.scenario.timeline import following, instants, unarmed
from fake_nexmo.store.protocol import View
from fake_nexmo.web.commit import decide
from tests.house import House
from tests.receiver import Answer, Receiver

OWNED = "447700900000"
ALICE = "447700900101"
START = "2026-03-01T09:00:00Z"


async def play(house: House, *timeline: dict[str, Any], status: int = 200, **more: Any) -> None:
    """Put the world ``default`` back to a scenario with such a timeline; Alice's phone is named."""
    scenario = {
        "clock": {"start": START, "mode": "manual"},
        "handsets": {"alice": {"number": ALICE}, "bob": {"number": "447700900102"}},
        "timeline": list(timeline),
        **more,
    }
    await house.control("PUT", "scenario", scenario, status)


async def items(house: House, collection: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await house.control("GET", collection))["items"]
    return found


async def said(house: House) -> list[tuple[str, str]]:
    """When each note was taken down."""
    return [(each["at"][17:23], each["about"]) for each in await items(house, "events") if each["name"] == "note"]


async def problems(house: House) -> list[str]:
    found: list[str] = (await house.control("GET", "expectations"))["problems"]
    return found


def text(words: str = "JOIN", **more: Any) -> dict[str, Any]:
    return {"handset": "alice", "send_sms": {"to": OWNED, "text": words}, **more}


# When.


async def test_steps_are_taken_at_their_instants_in_order(house: House) -> None:
    """By their instants, those of one instant as they are written; a plus counts from the step before."""
    await play(
        house,
        {"at": "3s", "note": "c"},
        {"at": "+1s", "note": "d"},
        {"at": "1s", "note": "a"},
        {"at": "+0s", "note": "b"},
        {"at": "2026-03-01T09:00:01Z", "note": "at once too"},
    )
    assert await said(house) == []

    await house.advance("3.5s")
    assert await said(house) == [("01.000", "a"), ("01.000", "b"), ("01.000", "at once too"), ("03.000", "c")]
    await house.advance("1h")

    assert (await said(house))[4:] == [("04.000", "d")]


async def test_a_step_at_the_start_needs_no_advance(house: House) -> None:
    """What is due now never waits for it."""
    await play(house, {"at": "0s", "note": "a"})

    await house.engine.settle("default")

    assert await said(house) == [("00.000", "a")]


async def test_an_event_sets_a_step_off_once(house: House) -> None:
    """The first that fits; with a delay, counted from it."""
    await play(house, {"when": "message.submitted", "to": "bob", "after": "2s", "note": "a"})
    await house.send(to=ALICE)
    await house.advance("1s")
    await house.send(to="447700900102")
    await house.send(to="447700900102")
    await house.advance("1s")
    assert await said(house) == []

    await house.advance("1m")

    assert await said(house) == [("03.000", "a")]


async def test_several_events_of_one_commit_set_each_step_off_once(house: House) -> None:
    """A call that arrives has started and rings at once; the steps stand in the order of the events."""
    application = {"voice": {"answer_url": "http://127.0.0.1:9/a", "event_url": "http://127.0.0.1:9/e"}}
    world = {
        "applications": {"ivr": {"account": "main", **application}},
        "numbers": {OWNED: {"account": "main", "country": "GB", "application": "ivr"}},
    }
    await play(
        house,
        {"when": "call.ringing", "from": "alice", "note": "rings"},
        {"when": "call.started", "to": OWNED, "note": "started"},
        {"when": "call.started", "note": "started too"},
        {"when": "call.started", "from": "bob", "note": "never"},
        world=world,
    )

    await house.control("POST", "handsets/alice/call", {"to": OWNED})

    assert await said(house) == [("00.000", "started"), ("00.000", "started too"), ("00.000", "rings")]


async def test_a_step_may_count_from_one_that_waited_for_an_event(house: House) -> None:
    """It is set when that was taken, and so is the next one."""
    await play(
        house,
        {"when": "message.submitted", "note": "a"},
        {"at": "+1s", "note": "b"},
        {"at": "+1s", "note": "c"},
        {"at": "5s", "note": "d"},
        {"at": "+1s", "note": "e"},
    )
    await house.advance("2s")
    await house.send()

    await house.advance("1h")

    assert await said(house) == [
        ("02.000", "a"),
        ("03.000", "b"),
        ("04.000", "c"),
        ("05.000", "d"),
        ("06.000", "e"),
    ]


async def test_what_a_step_causes_may_set_another_off(house: House) -> None:
    """At the same instant, without anybody advancing."""
    await play(house, text(at="0s"), {"when": "message.received", "from": "alice", "note": "got it"})

    await house.engine.settle("default")

    assert await said(house) == [("00.000", "got it")]


async def test_events_of_verifications_set_steps_off(house: House) -> None:
    """By the number that is verified; Carol's phone is off before her code comes in the example."""
    await play(house, {"when": "verify.started", "to": "alice", "after": "10s", "handset": "alice", "do": "power_off"})
    account = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
    world = await house.control("GET", "/worlds/default")
    account = {name: world["accounts"][0][name] for name in account}

    for number in ("447700900102", ALICE):
        answer = await house.client.post("/verify/json", data={**account, "number": number, "brand": "Acme"})
        assert answer.json()["status"] == "0"

    await house.advance("9s")
    assert "power" not in await house.control("GET", "handsets/alice")
    await house.advance("1s")
    assert (await house.control("GET", "handsets/alice"))["power"] is False
    assert "power" not in await house.control("GET", "handsets/bob")


async def test_snapshot_restore_and_fork_keep_the_timeline(house: House) -> None:
    """Steps that wait for instants and for events alike, and what was taken already."""
    await play(house, {"at": "1s", "note": "a"}, {"at": "5s", "note": "b"}, {"when": "message.submitted", "note": "c"})
    await house.advance("2s")
    snapshot = await house.control("POST", "snapshot", status=201)
    forked = await house.control("POST", "fork", {"name": "f"}, 201)
    await house.send()
    await house.advance("5s")
    assert [about for _, about in await said(house)] == ["a", "c", "b"]

    await house.control("POST", "restore", snapshot)

    assert [about for _, about in await said(house)] == ["a"]
    await house.send()
    await house.advance("5s")
    assert [about for _, about in await said(house)] == ["a", "c", "b"]
    await house.control("POST", "/worlds/f/clock/advance", {"by": "5s"})
    key = forked["accounts"][0]
    await house.send(api_key=key["api_key"], api_secret=key["api_secret"])
    await house.control("POST", "/worlds/f/clock/advance", {"by": "0s"})
    notes = (await house.control("GET", "/worlds/f/events?name=note"))["items"]
    assert [each["about"] for each in notes] == ["a", "b", "c"]


async def test_a_reset_begins_the_timeline_anew(house: House) -> None:
    """As the world was just made."""
    await play(house, {"at": "1s", "note": "a"}, {"when": "message.submitted", "note": "b"})
    await house.send()
    await house.advance("1s")
    await house.control("POST", "reset")
    assert await said(house) == []

    await house.send()
    await house.advance("1s")

    assert await said(house) == [("00.000", "b"), ("01.000", "a")]


async def test_a_reset_on_a_clock_that_runs_begins_the_timeline_now(house: House) -> None:
    """Steps, faults and the end count from the reset."""
    faults = {
        "later": {"target": "sms.send", "starts": "5s", "for": "1m", "answer": "barred"},
        "over": {"target": "sms.send", "until": "2026-03-01T09:30:00Z", "answer": "barred"},
    }
    await play(house, {"at": "10s", "note": "a"}, clock={"mode": "real"}, faults=faults, ends="20s")
    begun = house.wall
    house.wall += 3_600_000_000

    await house.control("POST", "reset")

    pending = [each.due_at - begun for each in await house.store.pending("default")]
    assert pending == [3_610_000_000, 3_620_000_000]
    said = await house.control("GET", "scenario")
    assert (said["timeline"], said["ends"], list(said["faults"])) == ([{"at": "10s", "note": "a"}], "20s", ["later"])
    assert (said["faults"]["later"]["starts"], said["faults"]["later"]["until"]) == ("5s", "2026-03-01T10:01:05.000Z")


async def test_a_clock_that_jumps_by_itself_jumps_to_steps_and_stops_at_the_end(house: House) -> None:
    """Steps go on by themselves; the end is a deadline."""
    world = {"mode": "auto", "start": START}
    await play(house, {"at": "5m", "note": "a"}, clock=world, ends="10m")

    task = house.engine
    for _ in range(5):
        await task._follow("default")

    assert (await house.control("GET", "clock"))["now"] == "2026-03-01T09:05:00.000Z"


# What.


async def test_a_person_sends_an_sms(house: House) -> None:
    """As if the control API had been asked, faults on its webhook included."""
    async with Receiver() as app:
        accounts = {"main": {"webhooks": {"inbound_sms": f"{app.url}/in"}}}
        numbers = {OWNED: {"account": "main", "country": "GB"}}
        faults = {"twice": {"target": "webhook.inbound_sms", "from": "alice", "repeat": 2}}
        await play(house, text(at="1s"), world={"accounts": accounts, "numbers": numbers}, faults=faults)

        await house.advance("1s")

        assert [each.params["text"] for each in app.requests] == ["JOIN", "JOIN"]
    assert [(each["direction"], each["from"], each["text"]) for each in await items(house, "messages")] == [
        ("inbound", ALICE, "JOIN")
    ]


async def test_phones_are_switched_taken_and_ported(house: House) -> None:
    """One act each."""
    await play(
        house,
        {"at": "1s", "handset": "alice", "do": "power_off"},
        {"at": "1s", "handset": "alice", "roam": "FR"},
        {"at": "1s", "handset": ALICE, "port_to": "23420"},
        {"at": "2s", "handset": "alice", "do": "power_on"},
    )
    await house.advance("1s")
    facts = await house.control("GET", "handsets/alice")
    assert (facts["power"], facts["roaming"], facts["network"], facts["ported"]) == (
        False,
        {"country": "FR"},
        "23420",
        True,
    )

    await house.advance("1s")

    assert (await house.control("GET", "handsets/alice"))["power"] is True


@pytest.mark.parametrize(
    ("wanted", "balance", "suspended"),
    [
        ({"balance": "0 EUR"}, "0.00 EUR", False),
        ({"suspended": True}, "100.00 EUR", True),
        ({"balance": "unlimited", "suspended": False}, "unlimited", False),
    ],
)
async def test_an_account_is_set(house: House, wanted: dict[str, Any], balance: str, suspended: bool) -> None:
    """What is said of it, and nothing else."""
    await play(house, {"at": "1s", "account": "main", "set": wanted})
    key = (await house.control("GET", "/worlds/default"))["accounts"][0]["api_key"]

    await house.advance("1s")

    facts = await house.control("GET", f"accounts/{key}")
    assert (facts["balance"], facts["suspended"]) == (balance, suspended)


async def test_an_account_may_be_named_by_its_key(house: House) -> None:
    """As everywhere."""
    world = {"accounts": {"main": {"api_key": "abcd1234"}}}
    await play(house, {"at": "1s", "account": "abcd1234", "set": {"balance": "1 EUR"}}, world=world)

    await house.advance("1s")

    assert (await house.control("GET", "accounts/abcd1234"))["balance"] == "1.00 EUR"


async def test_faults_are_armed_and_disarmed(house: House) -> None:
    """One that is armed later is not armed before; what it says of time counts from then."""
    faults = {
        "late": {"target": "sms.send", "for": "10s", "call": 1, "answer": "throttled"},
        "early": {"target": "sms.send", "to": "bob", "answer": "barred"},
    }
    await play(
        house,
        {"at": "1m", "fault": "late", "do": "arm"},
        {"at": "2m", "fault": "early", "do": "disarm"},
        {"at": "3m", "fault": "early", "do": "arm"},
        faults=faults,
    )

    async def armed() -> list[str]:
        return [each["name"] for each in await items(house, "faults")]

    assert await armed() == ["early"]
    await house.advance("1m")
    assert await armed() == ["early", "late"]
    assert (await items(house, "faults"))[1]["until_at"] == "2026-03-01T09:01:10.000Z"
    await house.advance("1m")
    assert await armed() == ["late"]
    await house.advance("1m")
    assert await armed() == ["late", "early"]


async def test_people_do_things_in_calls(house: House) -> None:
    """They call, press, speak and hang up; who calls them is answered or rejected."""
    ncco = b'[{"action": "talk", "text": "Welcome"}, {"action": "input", "type": ["dtmf"]}]'
    async with Receiver() as app:
        app.answer_by(
            lambda received: (
                Answer(body=ncco, headers=(("Content-Type", "application/json"),))
                if received.path == "/answer"
                else Answer()
            )
        )
        voice = {"answer_url": f"{app.url}/answer", "event_url": f"{app.url}/event"}
        world = {
            "applications": {"ivr": {"account": "main", "voice": voice}},
            "numbers": {OWNED: {"account": "main", "country": "GB", "application": "ivr"}},
        }
        await play(
            house,
            {"at": "1s", "handset": "alice", "call": {"to": OWNED}},
            {"when": "call.answered", "after": "2s", "handset": "alice", "say": "hello"},
            {"at": "+1s", "handset": "alice", "press": "1"},
            {"at": "+1s", "handset": "alice", "do": "hang_up"},
            world=world,
        )

        await house.advance("1m")

    assert await problems(house) == []
    (call,) = await items(house, "calls")
    said = [(line["speaker"], line.get("digits") or line["text"]) for line in call["transcript"]]
    assert (call["status"], said) == ("completed", [("platform", "Welcome"), ("person", "hello"), ("person", "1")])


@pytest.mark.parametrize(("does", "status"), [("answer", "answered"), ("reject", "rejected")])
async def test_people_answer_and_reject_calls(house: House, does: str, status: str) -> None:
    """Those that ring, of phones that are answered by hand."""
    await play(
        house,
        {"when": "call.ringing", "to": "alice", "after": "2s", "handset": "alice", "do": does},
        handsets={"alice": {"number": ALICE, "answers": "by_hand"}},
    )
    account = (await house.control("GET", "/worlds/default"))["accounts"][0]
    given = {name: account[name] for name in ("api_key", "api_secret")}
    await house.client.post("/verify/json", data={**given, "number": ALICE, "brand": "Acme", "workflow_id": "3"})

    await house.advance("4s")

    assert await problems(house) == []
    assert [each["status"] for each in await items(house, "calls")] == [status]


async def test_an_event_is_known_by_what_it_is_about(house: House) -> None:
    """Also where nothing else is changed with it; one about nothing that is there concerns its person."""
    await play(
        house,
        {"when": "message.delivered", "from": "/^Acme$/", "note": "message"},
        {"when": "call.answered", "to": "alice", "note": "call"},
        {"when": "call.busy", "from": "alice", "note": "never"},
    )
    sent = (await house.send(to="447700900102"))["messages"][0]["message-id"]
    start = await house.store.peek("default")
    moment = Moment(start.clock.at, 99, 42)
    names = (("message.delivered", sent), ("call.answered", "gone"), ("call.busy", "gone"))
    events = tuple(Event(at=moment.now, name=name, about=about, number=ALICE) for name, about in names)

    async def attempt(_: View, __: Moment) -> Outcome[None]:
        return Outcome(Change(log=events), None)

    await decide(house.store, "default", start.epoch, moment, attempt)
    await house.advance("0s")

    assert [about for _, about in await said(house)] == ["message", "call"]


async def test_what_cannot_be_done_changes_nothing_and_is_said(house: House) -> None:
    """Beside the verdicts; the steps behind it are taken all the same."""
    faults = {"some": {"target": "sms.send", "answer": "barred"}}
    await play(
        house,
        {"at": "1s", "handset": "alice", "do": "hang_up"},
        {"at": "1s", "fault": "some", "do": "disarm"},
        {"at": "2s", "fault": "some", "do": "disarm"},
        {"at": "3s", "note": "after"},
        faults=faults,
    )

    await house.advance("3s")

    assert await problems(house) == [
        (
            f"timeline.0 (alice: hang_up): {ALICE} has no call that goes on; hangup takes a call that was answered, "
            "or one of its own that rings."
        ),
        "timeline.2 (some: disarm): No fault 'some' is armed; there are: none.",
    ]
    assert await said(house) == [("03.000", "after")]


async def test_what_is_there_no_more_is_said(house: House) -> None:
    """A number that nobody owns any more, and a key that the account had."""
    faults = {"twice": {"target": "webhook.inbound_sms", "repeat": 2}}
    world = {"accounts": {"main": {"api_key": "abcd1234"}}, "numbers": {OWNED: {"account": "main", "country": "GB"}}}
    gone = {"at": "1s", "account": "abcd1234", "set": {"suspended": True}}
    await play(house, text(at="1s"), gone, faults=faults, world=world)
    await house.control("PATCH", "accounts/abcd1234", {"api_key": "abcd9999"})
    number = await house.store.get("default", Number, OWNED)
    assert number is not None
    await house.store.commit("default", (await house.store.peek("default")).epoch, Change(drop=(number,)))

    await house.advance("1s")

    assert await problems(house) == [
        f"timeline.0 (alice texts {OWNED}: 'JOIN'): Nobody in this world owns {OWNED}; owned are: none.",
        "timeline.1 (account abcd1234: suspended True): No account of the world is called 'abcd1234'.",
    ]


# Export.


async def test_the_steps_to_come_are_exported(house: House) -> None:
    """Counted from the instant of the export, so that the new world goes on from there."""
    faults = {"late": {"target": "sms.send", "for": "10s", "answer": "throttled"}}
    await play(
        house,
        {"at": "1s", "note": "over"},
        {"at": "5m", "note": "timed"},
        {"when": "message.submitted", "after": "1m", "note": "set off"},
        {"at": "+1s", "note": "behind"},
        {"when": "message.failed", "to": "bob", "note": "waits"},
        {"at": "1h", "fault": "late", "do": "arm"},
        faults=faults,
        ends="2h",
    )
    await house.send()
    await house.advance("30s")

    said = await house.control("GET", "scenario")

    assert said["timeline"] == [
        {"at": "4m30s", "note": "timed"},
        {"at": "30s", "note": "set off"},
        {"at": "+1s", "note": "behind"},
        {"when": "message.failed", "to": "bob", "note": "waits"},
        {"at": "59m30s", "fault": "late", "do": "arm"},
    ]
    assert (said["ends"], said["faults"]["late"]) == (
        "1h59m30s",
        {"target": "sms.send", "for": "10s", "answer": "throttled"},
    )
    await house.control("PUT", "scenario", said)


# The plan.


def test_instants_and_what_follows() -> None:
    """Each step's instant, and which step is set when another was taken."""
    timeline = [
        TimelineStep(at="1s", note="a"),
        TimelineStep(at="+1s", note="b"),
        TimelineStep(when="call.answered", note="c"),
        TimelineStep(at="+1s", note="d"),
        TimelineStep(at="9s", note="e"),
    ]

    assert instants(timeline, 0) == [1_000_000, 2_000_000, None, None, 9_000_000]
    assert [[each.due_at for each in following(timeline, k, 0)] for k in range(5)] == [[], [], [1_000_000], [], []]


def test_what_is_armed_first_is_not_armed_before() -> None:
    """What is disarmed first is."""
    timeline = [
        TimelineStep(at="1s", fault="a", do="arm"),
        TimelineStep(at="1s", fault="b", do="disarm"),
        TimelineStep(at="1s", fault="b", do="arm"),
        TimelineStep(at="1s", note="x"),
    ]

    assert unarmed(timeline) == {"a"}
