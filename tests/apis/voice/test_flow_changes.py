"""What REST and machines change in a call that goes on: transfers, talk beside the NCCO, keys, verdicts, signatures."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from fake_nexmo.apis.voice import flow_rules
from fake_nexmo.apis.voice.actions_model import TalkAction
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from tests.apis.voice.desk import START, make_call, make_leg
from tests.apis.voice.stage import OWNED, PERSON, TALK, TALK_S, Stage, ncco, open_stage
from tests.house import House
from tests.receiver import Answer

ANSWERED = [(0, "started"), (0.01, "ringing"), (2, "answered")]
LONG = {"action": "talk", "text": "x" * 150}
"""Ten seconds."""
SYNTAX = "Syntax error in NCCO. Invalid value type or action."


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


# Transfers.


async def transfer(stage: Stage, uuid: str, **destination: Any) -> None:
    """Transfer a call by REST."""
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", **destination})


async def test_a_transfer_to_another_ncco(stage: Stage) -> None:
    """The leg leaves its conversation, and the old NCCO is dropped. Source: reference voice §7."""
    uuid = await stage.create(ncco=[LONG, LONG])
    await stage.house.advance("5s")
    before = (await stage.entry())["conversation_uuid"]
    await transfer(stage, uuid, ncco=[TALK])
    after = (await stage.entry())["conversation_uuid"]
    await stage.house.advance("1m")

    assert before != after
    assert stage.told() == [*ANSWERED, (5, "transfer"), (pytest.approx(5 + TALK_S), "completed")]
    assert stage.bodies()[3] == (
        f'{{"conversation_uuid_from":"{before}","type":"transfer","uuid":"{uuid}","conversation_uuid_to":"{after}",'
        f'"timestamp":"2026-01-01T00:00:05.000Z"}}'
    )
    assert stage.events()[-1]["conversation_uuid"] == after
    assert await stage.heard() == [(2, "platform", LONG["text"]), (5, "platform", TALK["text"])]


async def test_a_transfer_to_a_url(stage: Stage) -> None:
    """It is asked with the new conversation. Source: reference voice §7."""
    uuid = await stage.create(ncco=[LONG, LONG])
    await stage.house.advance("5s")
    await transfer(stage, uuid, url=[f"{stage.receiver.url}/answer"])
    call = await stage.entry()
    await stage.house.advance("1m")

    assert stage.told() == [*ANSWERED, (5, "transfer"), (-1, "answer"), (pytest.approx(5 + TALK_S), "completed")]
    assert stage.receiver.requests[4].params == {
        "to": PERSON,
        "from": OWNED,
        "conversation_uuid": call["conversation_uuid"],
        "uuid": uuid,
    }


@pytest.mark.parametrize("fallback", [False, True])
async def test_a_transfer_to_a_url_that_fails_changes_nothing_more(stage: Stage, fallback: bool) -> None:
    """The old NCCO goes on, where there is no fallback. Source: reference ncco §4.5 (B)."""
    if fallback:
        await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback")
    stage.answer, stage.fallback = ncco({"action": "tlak"}), ncco(TALK)
    uuid = await stage.create(ncco=[LONG, TALK])
    await stage.house.advance("5s")
    await transfer(stage, uuid, url=[f"{stage.receiver.url}/answer"])
    await stage.house.advance("1m")

    rest = [(-1, "fallback"), (5 + TALK_S, "completed")] if fallback else [(12 + TALK_S, "completed")]
    assert stage.told() == [
        *(*ANSWERED, (5, "transfer"), (-1, "answer"), (5, SYNTAX)),
        *((at if at < 0 else pytest.approx(at), name) for at, name in rest),
    ]


async def test_a_transfer_while_the_first_ncco_is_given_up(stage: Stage) -> None:
    """Whoever has something to say is not hung up on."""
    stage.answer = Answer(500)
    uuid = await stage.create(answer_url=[f"{stage.receiver.url}/answer"])
    await stage.house.advance("2.5s")
    await transfer(stage, uuid, ncco=[LONG])
    await stage.house.advance("1m")

    assert stage.told()[-2:] == [(2.5, "transfer"), (12.5, "completed")]


# Beside the NCCO.


async def beside(stage: Stage, method: str, uuid: str, what: str, **said: Any) -> None:
    """Have something played beside the NCCO, or stopped."""
    answer = await stage.desk.ask(method, f"/v1/calls/{uuid}/{what}", said or None)
    assert answer.status_code == 200, answer.text
    await stage.house.engine.settle("default")


async def test_what_rest_plays_is_heard_and_moves_nothing(stage: Stage) -> None:
    """Source: reference voice §8 (D: beside the NCCO)."""
    uuid = await stage.create(ncco=[LONG])
    await stage.house.advance("3s")
    await beside(stage, "PUT", uuid, "talk", text="<speak>Wait &amp; see</speak>", loop=0)
    await beside(stage, "PUT", uuid, "stream", stream_url=["https://shop.test/music.mp3"], loop=2)
    await beside(stage, "DELETE", uuid, "talk")
    playing = (await stage.desk.call(uuid)).playing
    await beside(stage, "DELETE", uuid, "stream")
    await beside(stage, "DELETE", uuid, "stream")
    await beside(stage, "PUT", uuid, "dtmf", digits="1p3")
    await stage.house.advance("1m")

    assert (playing.kind if playing else "", (await stage.desk.call(uuid)).playing) == ("stream", None)
    assert await stage.heard() == [
        (2, "platform", LONG["text"]),
        (3, "platform", "Wait & see"),
        (3, "platform", "https://shop.test/music.mp3"),
        (3, "platform", "1p3"),
    ]
    assert ["cut" in each for each in (await stage.entry())["transcript"]] == [False, True, True, False]
    assert stage.told() == [*ANSWERED, (12, "completed")]


async def test_what_rest_no_longer_plays_is_not_heard_to_its_end(stage: Stage) -> None:
    """Whoever waited for it does nothing; it lasted until it was stopped."""
    await stage.phone(on_call=[{"answer": {}}, {"press": "1", "when_heard": "/music/"}])
    uuid = await stage.create(ncco=[LONG])
    await stage.house.advance("3s")
    await beside(stage, "PUT", uuid, "stream", stream_url=["https://shop.test/music.mp3"])
    await stage.house.advance("2s")
    await beside(stage, "DELETE", uuid, "stream")
    await stage.house.advance("1m")

    played = (await stage.entry())["transcript"][1:]
    assert [(each["length"], each["cut"]) for each in played] == [(2, True)]


async def test_what_was_played_to_its_end_is_not_stopped(stage: Stage) -> None:
    """There is nothing to stop; the record of it stays."""
    uuid = await stage.create(ncco=[{**LONG, "loop": 0}])
    await stage.house.advance("3s")
    await beside(stage, "PUT", uuid, "stream", stream_url=["https://shop.test/music.mp3"])
    await stage.house.advance("5s")
    await beside(stage, "DELETE", uuid, "stream")

    playing = (await stage.desk.call(uuid)).playing
    assert playing is not None
    assert playing.ends_at is not None


# Machines.

BEEP = {"machine": {"greeting": "Leave a message.", "beep_after": "10s"}}
MUTE = {"machine": {"beep_after": "45s"}}
PLAIN = {"like": "voicemail"}


@pytest.mark.parametrize(
    ("facts", "wanted", "trace"),
    [
        ({}, {"machine_detection": "continue"}, [(5, "human"), (12, "completed")]),
        (PLAIN, {"machine_detection": "continue"}, [(5, "machine"), (12, "completed")]),
        ({}, {"machine_detection": "hangup"}, [(5, "human"), (12, "completed")]),
        (PLAIN, {"machine_detection": "hangup"}, [(5, "machine"), (5, "completed")]),
        ({}, {"advanced_machine_detection": {"mode": "default"}}, [(4, "human"), (12, "completed")]),
        (PLAIN, {"advanced_machine_detection": {"mode": "default"}}, [(4, "machine"), (12, "completed")]),
        ({}, {"advanced_machine_detection": {"mode": "detect"}}, [(4, "human"), (14, "completed")]),
        (PLAIN, {"advanced_machine_detection": {"mode": "detect"}}, [(4, "machine"), (14, "completed")]),
        ({}, {"advanced_machine_detection": {"mode": "detect_beep"}}, [(4, "human"), (14, "completed")]),
        (
            PLAIN,
            {"advanced_machine_detection": {"mode": "detect_beep"}},
            [(4, "machine"), (6, "machine beep_start"), (16, "completed")],
        ),
        (
            BEEP,
            {"advanced_machine_detection": {"mode": "detect_beep"}},
            [(4, "machine"), (12, "machine beep_start"), (22, "completed")],
        ),
        (
            MUTE,
            {"advanced_machine_detection": {"mode": "detect_beep", "beep_timeout": 30}},
            [(4, "machine"), (32, "machine beep_timeout"), (42, "completed")],
        ),
        (
            BEEP,
            {"advanced_machine_detection": {"mode": "detect_beep", "behavior": "hangup"}},
            [(4, "machine"), (4, "completed")],
        ),
    ],
)
async def test_who_answered_is_told(
    stage: Stage, facts: dict[str, Any], wanted: dict[str, Any], trace: list[tuple[float, str]]
) -> None:
    """And hung up on, or waited for, as was asked. Source: reference ncco §7, voice §9.3, §9.4."""
    await stage.phone(**facts)

    await stage.create(ncco=[LONG], **wanted)
    await stage.house.advance("5m")

    assert stage.told() == [*ANSWERED, *trace]
    said = "machine" if "machine" in trace[0][1] else "human"
    log = [each["name"] for each in (await stage.house.control("GET", "events"))["items"]]
    assert [each for each in log if each in {"call.human", "call.machine"}] == [f"call.{said}"]
    assert (await stage.desk.call((await stage.entry())["uuid"])).verdict == said
    assert await stage.house.store.pending("default") == []


async def test_every_byte_of_a_verdict(stage: Stage) -> None:
    """The leg has another name there. Source: reference ncco §4.4 (B; D for the direction)."""
    await stage.phone(**PLAIN)
    uuid = await stage.create(ncco=[LONG], advanced_machine_detection={"mode": "detect_beep"})
    await stage.house.advance("6s")

    conversation = (await stage.entry())["conversation_uuid"]
    who = f'{{"call_uuid":"{uuid}","from":"{OWNED}","to":"{PERSON}","status":"machine"'
    rest = f'"conversation_uuid":"{conversation}","direction":"outbound","timestamp":"2026-01-01T00:00:0'
    assert stage.bodies()[3:] == [f'{who},{rest}4.000Z"}}', f'{who},"sub_state":"beep_start",{rest}6.000Z"}}']


@pytest.mark.parametrize("at", ["3s", "5s"])
async def test_a_verdict_comes_too_late(stage: Stage, at: str) -> None:
    """The call is over."""
    await stage.phone(**PLAIN)
    uuid = await stage.create(ncco=[LONG], advanced_machine_detection={"mode": "detect_beep"})
    await stage.house.advance(at)
    await stage.modify(uuid, action="hangup")
    told = stage.told()
    await stage.house.advance("5m")

    assert stage.told() == told
    assert told[-1] == (float(at[:-1]), "completed")


@pytest.mark.parametrize(
    ("at", "rest"), [(3, [(4, "machine"), (6, "machine beep_start")]), (5, [(6, "machine beep_start")])]
)
async def test_a_transfer_comes_before_the_verdict(stage: Stage, at: int, rest: list[tuple[float, str]]) -> None:
    """The NCCO that waited for it is dropped like any other."""
    await stage.phone(**PLAIN)
    uuid = await stage.create(ncco=[TALK, TALK], advanced_machine_detection={"mode": "detect_beep"})
    await stage.house.advance(f"{at}s")
    await transfer(stage, uuid, ncco=[LONG])
    await stage.house.advance("5m")

    before = [(4, "machine")] if at == 5 else []
    assert stage.told() == [*ANSWERED, *before, (at, "transfer"), *rest, (at + 10, "completed")]


async def test_a_transfer_comes_before_the_verdict_on_a_person(stage: Stage) -> None:
    """The same."""
    uuid = await stage.create(ncco=[TALK], advanced_machine_detection={"mode": "detect"})
    await stage.house.advance("3s")
    await transfer(stage, uuid, ncco=[LONG])
    await stage.house.advance("5m")

    assert stage.told() == [*ANSWERED, (3, "transfer"), (4, "human"), (13, "completed")]


# Signed webhooks.


async def test_signed_webhooks(stage: Stage) -> None:
    """A token each, over the bytes of the body or the query, in wall time. Source: reference auth §7."""
    await stage.application(signed_callbacks=True)
    await stage.act("call", to=OWNED)

    account = (await stage.house.control("GET", ""))["accounts"][0]
    application = next(each for each in stage.house.world.applications if each.id == "main")
    ids = []
    for each in stage.receiver.requests:
        scheme, _, token = (each.header("authorization") or "").partition(" ")
        claims = jwt.decode(token, account["signature_secret"], algorithms=["HS256"], options={"verify_iat": False})
        payload = each.body or json.dumps(each.params, separators=(",", ":")).encode()
        ids.append(claims.pop("jti"))
        assert scheme == "Bearer"
        assert claims == {
            "iat": stage.house.wall // 1_000_000,
            "iss": "Vonage",
            "payload_hash": hashlib.sha256(payload).hexdigest(),
            "api_key": "abcd1234",
            "application_id": application.application_id,
        }
    assert len(set(ids)) == len(ids) == 4


_HELPER = """
import json, sys
from vonage_jwt import verify_signature
secret, tokens = json.load(sys.stdin)
print(json.dumps([[verify_signature(each, secret), verify_signature(each, secret + "x")] for each in tokens]))
"""


def _said(python: Path, given: str) -> Any:
    done = subprocess.run([python, "-W", "ignore", "-c", _HELPER], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.sdk
async def test_the_helper_of_the_official_library_accepts_our_webhooks(stage: Stage) -> None:
    """With the account's signature secret, and with no other. Source: reference auth §7.5."""
    python = Path(__file__).parents[3] / ".sdk" / "vonage" / "bin" / "python"
    if not python.exists():
        pytest.skip("the environment of the library vonage is not installed")
    await stage.application(signed_callbacks=True)
    await stage.act("call", to=OWNED)
    await stage.create()
    tokens = [(each.header("authorization") or "").removeprefix("Bearer ") for each in stage.receiver.requests]
    account = (await stage.house.control("GET", ""))["accounts"][0]

    given = json.dumps([account["signature_secret"], tokens])
    assert _said(python, given) == [[True, False]] * len(tokens)
    assert len(tokens) > 4


async def test_a_fork_signs_as_its_own_application(stage: Stage) -> None:
    """In mid-call too: a webhook names its application as it is when it is sent. Source: design §3."""
    await stage.application(signed_callbacks=True)
    await stage.create()
    await stage.house.advance("1s")
    fork = await stage.house.control("POST", "/worlds/default/fork", {"name": "forked"}, 201)
    stage.receiver.requests.clear()
    await stage.house.control("POST", "/worlds/forked/clock/advance", {"by": "1m"})

    tokens = [(each.header("authorization") or "").removeprefix("Bearer ") for each in stage.receiver.requests]
    claims = [jwt.decode(each, options={"verify_signature": False}) for each in tokens]
    (application,), (account,) = fork["applications"], fork["accounts"]
    assert {(each["application_id"], each["api_key"]) for each in claims} == {(application["id"], account["api_key"])}
    assert len(claims) == 2


@pytest.mark.parametrize(
    ("said", "profile", "signed"),
    [(None, "current", True), (None, "2020", False), (True, "2020", True), (False, "current", False)],
)
async def test_whether_they_are_signed(stage: Stage, said: bool | None, profile: str, signed: bool) -> None:
    """By what the application says, else by the era. Source: reference webhooks §9."""
    await stage.application(signed_callbacks=said)
    await stage.house.control("PATCH", "accounts/abcd1234", {"profile": profile})

    await stage.act("call", to=OWNED)
    await stage.create()

    assert {each.header("authorization") is not None for each in stage.receiver.requests} == {signed}


# Faults.


@pytest.mark.parametrize(
    ("fault", "trace"),
    [
        (
            {"target": "webhook.event", "call": 2, "repeat": 2, "gap": "300ms"},
            [(0, "started"), (0.01, "ringing"), (0.01, "ringing"), (2, "answered"), (-1, "answer")],
        ),
        (
            {"target": "webhook.event", "call": 1, "deliver": "late", "delay": "1s"},
            [(0.01, "ringing"), (0, "started"), (2, "answered"), (-1, "answer")],
        ),
        (
            {"target": "webhook.answer", "repeat": 2},
            [(0, "started"), (0.01, "ringing"), (2, "answered"), (-1, "answer"), (-1, "answer")],
        ),
        (
            {"target": "webhook.answer", "to": "447700900102", "repeat": 2},
            [(0, "started"), (0.01, "ringing"), (2, "answered"), (-1, "answer")],
        ),
    ],
)
async def test_faults_on_webhooks(stage: Stage, fault: dict[str, Any], trace: list[tuple[float, str]]) -> None:
    """Matched once, when the webhook is set. Source: design §8."""
    await stage.house.control("POST", "faults", {"name": "trouble", **fault}, 201)

    await stage.create(answer_url=[f"{stage.receiver.url}/answer"])
    await stage.house.advance("1m")

    assert stage.told() == [*trace, (pytest.approx(2 + TALK_S), "completed")]
    assert len(await stage.heard()) == 1
    matches = (await stage.house.control("GET", "faults"))["items"][0]["matches"]
    assert matches == (4 if fault["target"] == "webhook.event" else 0 if "to" in fault else 1)


async def test_a_fault_on_the_fallback(stage: Stage) -> None:
    """Unsigned, where all are to be signed."""
    await stage.application(signed_callbacks=True, fallback_answer_url=f"{stage.receiver.url}/fallback")
    await stage.house.control(
        "POST", "faults", {"name": "bare", "target": "webhook.fallback", "signature": "none"}, 201
    )
    await stage.house.control(
        "POST", "faults", {"name": "forged", "target": "webhook.answer", "signature": "wrong"}, 201
    )
    stage.answer = Answer(500)
    await stage.act("call", to=OWNED)

    (bare,) = (each for each in stage.receiver.requests if each.path == "/fallback")
    (forged,) = (each for each in stage.receiver.requests if each.path == "/answer")
    assert bare.header("authorization") is None
    secret = (await stage.house.control("GET", ""))["accounts"][0]["signature_secret"]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode((forged.header("authorization") or "")[7:], secret, algorithms=["HS256"])


async def test_a_fault_that_shuffles(stage: Stage) -> None:
    """In a seeded order, and each once."""
    fault = {"name": "mixed", "target": "webhook.event", "order": "shuffled", "gap": "20s"}
    await stage.house.control("POST", "faults", fault, 201)

    await stage.create()
    await stage.house.advance("5m")

    assert stage.told() != sorted(stage.told())
    assert sorted(stage.told()) == [*ANSWERED, (pytest.approx(2 + TALK_S), "completed")]


def test_a_transfer_stands_that_came_with_the_report_of_the_answer() -> None:
    """The first NCCO is not begun behind it: nothing but the length of the call is waited for."""
    moment = Moment(now=START + 3_000_000, ordinal=7, seed=42)
    account = Account(id="main", api_key="k", secrets=(), signature_secret="s")
    talk = TalkAction("Bye.")
    leg = make_leg(LegStatus.ANSWERED)
    moved = flow_rules.transfer(make_call(ncco=(talk,) * 9), leg, account, moment, ncco=(talk,), url="")
    call = [each for each in moved.put if isinstance(each, Call)][-1]

    change = flow_rules.answered(call, leg, account, moment)

    assert [each.what for each in change.timers] == ["length"]
    assert [each for each in change.put if isinstance(each, Call)] == []
