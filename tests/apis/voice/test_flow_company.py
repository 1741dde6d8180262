"""Who hears what in a call with several legs: whole transcripts in virtual time, and what people do on hearing it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_nexmo.apis.voice import due_rules, flow
from fake_nexmo.apis.voice.model import OWNER
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Timer
from fake_nexmo.web.commit import WorldView
from tests.apis.voice.desk import START, UUID, make_call, make_leg
from tests.apis.voice.stage import OWNED, PERSON, Stage, ncco, open_stage, seconds
from tests.house import House

SECOND, THIRD = "447700900102", "447700900103"
MUSIC, RING = "https://shop.test/music.mp3", "https://shop.test/ring.mp3"
HELLO = {"action": "talk", "text": "Hello to all of you, friends."}
#: How long that takes.
HELLO_S = 1.933
WAIT = {"action": "wait", "timeout": 60}
ROOM = {"action": "conversation", "name": "room"}


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def phone(stage: Stage, number: str, *steps: Any, **facts: Any) -> None:
    """Declare somebody, who answers at once when called and then does some things."""
    said = {"on_call": [{"answer": {"after": "0s"}}, *steps], **facts} if steps else facts
    await stage.house.control("PUT", f"handsets/{number}", said)


def connect(number: str = SECOND, **options: Any) -> dict[str, Any]:
    """The action that calls somebody in."""
    return {"action": "connect", "endpoint": [{"type": "phone", "number": number, **options.pop("end", {})}], **options}


async def inbound(stage: Stage, *actions: Any, until: str = "30s") -> None:
    """The first person calls, and the application says what is done."""
    stage.answer = ncco(*actions)
    await stage.act("call", to=OWNED)
    await stage.house.advance(until)


async def meet(stage: Stage, number: str, **options: Any) -> str:
    """Call somebody into the room; the uuid."""
    return await stage.create(to=[{"type": "phone", "number": number}], ncco=[{**ROOM, **options}])


async def heard(stage: Stage, number: str) -> list[tuple[float, str, str]]:
    """What was heard on a leg: when, from whom, and what; with a dash behind what was broken off."""
    ends = {each["to"] if each["direction"] == "outbound" else each["from"]: each for each in await stage.calls()}
    lines = ends[number]["transcript"]
    return [
        (
            round(seconds(each["at"]), 3),
            each.get("by") or each["speaker"],
            (each["text"] or each.get("digits", "")) + (" -" if each.get("cut") else ""),
        )
        for each in lines
    ]


# What the platform says.


async def test_whoever_is_connected_hears_the_rest_of_the_ncco(stage: Stage) -> None:
    """Talks and streams, from when they joined. Source: reference ncco §5.2 (B)."""
    await phone(stage, SECOND, {"wait": "1m"})
    stream = {"action": "stream", "streamUrl": [MUSIC]}
    await inbound(stage, HELLO, connect(), HELLO, stream, WAIT)

    first, second = await heard(stage, PERSON), await heard(stage, SECOND)
    joined = round(HELLO_S + 0.01, 3)
    said = [(joined, "platform", HELLO["text"]), (round(joined + HELLO_S, 3), "platform", MUSIC)]
    assert first == [(0, "platform", HELLO["text"]), *said]
    assert second == said


async def test_what_is_said_to_one_before_they_join_is_heard_by_nobody_else(stage: Stage) -> None:
    """Source: reference ncco §5.2 (B)."""
    await phone(stage, SECOND, {"wait": "1m"})
    stage.replies["/whisper"] = [ncco(HELLO)]
    await inbound(stage, connect(end={"onAnswer": {"url": f"{stage.receiver.url}/whisper"}}), WAIT)

    assert await heard(stage, PERSON) == []
    assert await heard(stage, SECOND) == [(0.01, "platform", HELLO["text"])]


async def test_what_rest_says_is_heard_by_that_leg_alone(stage: Stage) -> None:
    """Source: reference voice §8.5 (B)."""
    await phone(stage, SECOND, {"wait": "1m"})
    await inbound(stage, connect(), WAIT, until="5s")
    first, second = [each["uuid"] for each in await stage.calls()]
    await stage.desk.ask("PUT", f"/v1/calls/{second}/talk", {"text": "You alone."})
    await stage.desk.ask("PUT", f"/v1/calls/{first}/stream", {"stream_url": [MUSIC]})

    assert await heard(stage, PERSON) == [(5, "platform", MUSIC)]
    assert await heard(stage, SECOND) == [(5, "platform", "You alone.")]


async def test_somebody_who_was_connected_acts_on_hearing_the_ncco(stage: Stage) -> None:
    """When it is over, as everybody does."""
    await phone(stage, SECOND, {"press": "1", "when_heard": "/friends/"})
    await inbound(stage, connect(), HELLO, WAIT)

    said = (round(0.01 + HELLO_S, 3), "person", "1")
    assert await heard(stage, SECOND) == [(0.01, "platform", HELLO["text"]), said]
    assert await heard(stage, PERSON) == [(0.01, "platform", HELLO["text"])]


async def test_a_prompt_that_is_interrupted_is_so_for_all(stage: Stage) -> None:
    """Who waited for it to end does nothing."""
    await phone(stage, PERSON, {"press": "5", "after": "1s"})
    await phone(stage, SECOND, {"say": "Yes?", "when_heard": "/friends/"})
    await inbound(stage, connect(), {**HELLO, "bargeIn": True}, {"action": "input", "type": ["dtmf"]}, WAIT)

    assert await heard(stage, PERSON) == [(0.01, "platform", f"{HELLO['text']} -"), (1, "person", "5")]
    assert await heard(stage, SECOND) == [(0.01, "platform", f"{HELLO['text']} -")]


@pytest.mark.parametrize("by", ["transfer", "url", "hangup", "user"])
async def test_who_is_left_behind_hears_no_more_of_it(stage: Stage, by: str) -> None:
    """Nor what comes after it. Source: reference voice §7 (B)."""
    await phone(stage, SECOND, {"say": "Yes?", "when_heard": "/friends/"})
    await phone(stage, THIRD, {"wait": "1m"})
    if by == "user":
        await phone(stage, PERSON, {"hang_up": {"after": "1.5s"}})
    stage.replies["/more"] = [ncco({"action": "talk", "text": "Elsewhere."})]
    await inbound(stage, connect(), connect(THIRD), HELLO, HELLO, until="1.5s")
    uuid = (await stage.calls())[0]["uuid"]
    if by == "hangup":
        await stage.modify(uuid, action="hangup")
    elif by != "user":
        where = {"ncco": [{"action": "talk", "text": "Elsewhere."}]} if by == "transfer" else {}
        url = {"url": [f"{stage.receiver.url}/more"]} if by == "url" else {}
        await stage.modify(uuid, action="transfer", destination={"type": "ncco", **where, **url})
    await stage.house.advance("20s")

    assert await heard(stage, SECOND) == [(0.02, "platform", f"{HELLO['text']} -")]
    assert await heard(stage, THIRD) == [(0.02, "platform", f"{HELLO['text']} -")]
    more = [(1.5, "platform", "Elsewhere.")] if by in {"transfer", "url"} else []
    assert await heard(stage, PERSON) == [(0.02, "platform", f"{HELLO['text']} -"), *more]


# What people say.


async def test_two_people_talk(stage: Stage) -> None:
    """Each does what they do on hearing the other; a third one hears both. Source: reference ncco §1 (B)."""
    await phone(stage, PERSON, {"say": "Hello, who is there?", "after": "1s"}, {"hang_up": {}, "when_heard": "/Bob/"})
    await phone(stage, SECOND, {"say": "Bob is here.", "when_heard": "/who is there/"})
    await phone(stage, THIRD, {"wait": "1m"})
    await inbound(stage, connect(), connect(THIRD), WAIT)

    asked, told = "Hello, who is there?", "Bob is here."
    answers = round(1 + 20 / 15, 3)
    assert await heard(stage, PERSON) == [(1, "person", asked), (answers, SECOND, told)]
    assert await heard(stage, SECOND) == [(1, PERSON, asked), (answers, "person", told)]
    assert await heard(stage, THIRD) == [(1, PERSON, asked), (answers, SECOND, told)]
    first = (await stage.calls())[0]
    assert seconds(first["ended_at"]) == pytest.approx(answers + 0.8, abs=0.001)


async def test_a_machine_that_is_called_in_is_heard(stage: Stage) -> None:
    """Its greeting, once it has joined; what it said while it was asked for an NCCO of its own was not."""
    await phone(stage, SECOND, machine={"greeting": "Nobody is here."})
    await phone(stage, THIRD, machine={"greeting": "Nobody is here either."})
    stage.replies["/whisper"] = [ncco({"action": "wait", "timeout": 1})]
    whisper = {"onAnswer": {"url": f"{stage.receiver.url}/whisper"}}
    await inbound(stage, connect(), connect(THIRD, end=whisper), WAIT)

    assert await heard(stage, PERSON) == [(2, SECOND, "Nobody is here.")]


async def test_keys_are_not_heard_by_others(stage: Stage) -> None:
    """They are no words."""
    await phone(stage, PERSON, {"press": "12", "after": "1s"})
    await phone(stage, SECOND, {"wait": "1m"})
    await inbound(stage, connect(), WAIT)

    assert await heard(stage, SECOND) == []


async def test_people_in_a_room_hear_one_another(stage: Stage) -> None:
    """And nobody who is in another one. Source: reference ncco §3.2 (B)."""
    await phone(stage, PERSON, {"say": "Hello?", "after": "1s"})
    for number in (SECOND, THIRD):
        await phone(stage, number, {"wait": "1m"})
    await meet(stage, SECOND)
    await meet(stage, THIRD, name="another")
    await meet(stage, PERSON)
    await stage.house.advance("10s")

    assert await heard(stage, SECOND) == [(1.01, PERSON, "Hello?")]
    assert await heard(stage, THIRD) == []


@pytest.mark.parametrize(
    ("options", "hears"),
    [
        ({}, [True, True]),
        ({"mute": True}, [False, False]),
        ({"canSpeak": []}, [False, False]),
        ({"canSpeak": ["second"]}, [True, False]),
        ({"canSpeak": ["second", "third"], "canHear": []}, [True, True]),
    ],
)
async def test_who_is_heard_in_a_room(stage: Stage, options: dict[str, Any], hears: list[bool]) -> None:
    """Source: reference ncco §3.2 (B)."""
    await phone(stage, PERSON, {"say": "Hello?", "after": "1s"})
    await phone(stage, SECOND, {"wait": "1m"})
    await phone(stage, THIRD, {"wait": "1m"})
    ids = {"second": await meet(stage, SECOND), "third": await meet(stage, THIRD)}
    named = {name: [ids[each] for each in said] if isinstance(said, list) else said for name, said in options.items()}
    await meet(stage, PERSON, **named)
    await stage.house.advance("10s")

    assert [await heard(stage, each) == [(1.01, PERSON, "Hello?")] for each in (SECOND, THIRD)] == hears


@pytest.mark.parametrize(
    ("can_hear", "hears"), [(None, [True, True]), ([], [False, False]), (["second"], [True, False])]
)
async def test_whom_somebody_hears_in_a_room(stage: Stage, can_hear: list[str] | None, hears: list[bool]) -> None:
    """Source: reference ncco §3.2 (B)."""
    await phone(stage, SECOND, {"say": "Second.", "after": "1s"})
    await phone(stage, THIRD, {"say": "Third.", "after": "1s"})
    await phone(stage, PERSON, {"wait": "1m"})
    ids = {"second": await meet(stage, SECOND), "third": await meet(stage, THIRD)}
    await meet(stage, PERSON, **({} if can_hear is None else {"canHear": [ids[each] for each in can_hear]}))
    await stage.house.advance("10s")

    lines = [(1.01, SECOND, "Second."), (1.01, THIRD, "Third.")]
    assert await heard(stage, PERSON) == [line for line, it in zip(lines, hears, strict=True) if it]


async def test_what_was_said_of_a_room_ends_with_it(stage: Stage) -> None:
    """Who leaves it hears and is heard again."""
    uuid = await meet(stage, PERSON, canSpeak=[], canHear=[])
    await stage.house.advance("5s")
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "ncco": [connect(), WAIT]})
    await phone(stage, SECOND, {"say": "Hello?", "after": "1s"})
    await stage.house.advance("10s")

    known = await stage.desk.call(uuid)
    assert (known.heard_by, known.hears) == (None, None)
    assert [each[1:] for each in await heard(stage, PERSON)] == [(SECOND, "Hello?")]


# Muted and earmuffed.


@pytest.mark.parametrize(
    ("who", "actions", "hears"),
    [
        ("first", [], [True, True]),
        ("first", ["mute"], [True, False]),
        ("first", ["mute", "unmute"], [True, True]),
        ("first", ["earmuff"], [False, True]),
        ("first", ["earmuff", "unearmuff"], [True, True]),
        ("second", ["mute"], [False, True]),
        ("second", ["earmuff"], [True, False]),
    ],
)
async def test_muted_and_earmuffed(stage: Stage, who: str, actions: list[str], hears: list[bool]) -> None:
    """One is not heard, the other does not hear. Source: reference voice §7 (B)."""
    await phone(stage, PERSON, {"say": "First.", "after": "5s"})
    await phone(stage, SECOND, {"say": "Second.", "after": "5s"})
    await inbound(stage, connect(), WAIT, until="2s")
    legs = dict(zip(("first", "second"), [each["uuid"] for each in await stage.calls()], strict=True))
    for action in actions:
        await stage.modify(legs[who], action=action)
    await stage.house.advance("10s")

    lines = [each[1:] for number in (PERSON, SECOND) for each in await heard(stage, number) if each[1] != "person"]
    assert lines == [line for line, it in zip([(SECOND, "Second."), (PERSON, "First.")], hears, strict=True) if it]


async def test_who_is_earmuffed_hears_nothing_of_the_ncco(stage: Stage) -> None:
    """It is the conversation's sound; what REST says to that leg is not. Source: reference voice §7, §8.5 (B)."""
    uuid = await stage.create(ncco=[{"action": "wait", "timeout": 2}, HELLO, WAIT])
    await stage.house.advance("3s")
    await stage.modify(uuid, action="earmuff")
    await stage.house.advance("10s")
    assert await stage.heard() == []

    await stage.desk.ask("PUT", f"/v1/calls/{uuid}/talk", {"text": "You alone."})
    assert await stage.heard() == [(13, "platform", "You alone.")]


async def test_who_is_earmuffed_hears_nothing_of_the_ncco_of_others(stage: Stage) -> None:
    """Nor can it be broken off there."""
    await phone(stage, SECOND, {"wait": "1m"})
    await phone(stage, PERSON, {"hang_up": {"after": "4s"}})
    await inbound(stage, connect(), {"action": "wait", "timeout": 3}, HELLO, until="2s")
    second = (await stage.calls())[1]["uuid"]
    await stage.modify(second, action="earmuff")
    await stage.house.advance("20s")

    assert await heard(stage, SECOND) == []
    assert [each[1:] for each in await heard(stage, PERSON)] == [("platform", f"{HELLO['text']} -")]


async def test_a_prompt_that_was_not_heard_can_be_interrupted(stage: Stage) -> None:
    """By a key."""
    uuid = await stage.create(
        ncco=[{"action": "wait", "timeout": 2}, {**HELLO, "bargeIn": True, "loop": 5}, {"action": "input"}]
    )
    await stage.house.advance("3s")
    await stage.modify(uuid, action="earmuff")
    await stage.house.advance("2s")
    await stage.act("press", digits="1")
    await stage.house.advance("10s")

    assert stage.told()[-2] == (8, "input 1")


async def test_keys_of_who_is_muted_count_and_words_do_not(stage: Stage) -> None:
    """Nothing of what they say is sent; keys are no sound. Source: reference voice §7 (B)."""
    await stage.phone(on_call=[{"answer": {}}, {"say": "sales", "after": "5s"}, {"press": "1", "after": "1s"}])
    listen = {"action": "input", "type": ["dtmf", "speech"], "dtmf": {"timeOut": 10}}
    uuid = await stage.create(ncco=[{"action": "wait", "timeout": 2}, listen])
    await stage.house.advance("3s")
    await stage.modify(uuid, action="mute")
    await stage.house.advance("1m")

    assert [what for _, what in stage.told()][-2:] == ["input 1", "completed"]


# Waiting for a conversation to start.


async def test_music_until_it_starts(stage: Stage) -> None:
    """Those who wait hear the music, and not one another. Source: reference ncco §3.2 (B)."""
    for number in (PERSON, SECOND):
        await phone(stage, number, {"say": "Hello?", "after": "1s"}, {"say": "And now?", "after": "5s"})
    await phone(stage, THIRD, {"wait": "1m"})
    await meet(stage, SECOND, startOnEnter=False)
    await stage.house.advance("0.5s")
    await meet(stage, PERSON, startOnEnter=False, musicOnHoldUrl=[MUSIC])
    await stage.house.advance("4s")
    assert await heard(stage, PERSON) == [(0.51, "platform", MUSIC), (1.51, "person", "Hello?")]
    await meet(stage, THIRD)
    await stage.house.advance("10s")

    music, here, there = (0.51, "platform", f"{MUSIC} -"), 6.51, 7.01
    assert await heard(stage, PERSON) == [
        *(music, (1.51, "person", "Hello?")),
        *((here, SECOND, "And now?"), (there, "person", "And now?")),
    ]
    assert await heard(stage, SECOND) == [
        *(music, (1.01, "person", "Hello?")),
        *((here, "person", "And now?"), (there, PERSON, "And now?")),
    ]
    assert await heard(stage, THIRD) == [(here, SECOND, "And now?"), (there, PERSON, "And now?")]


async def test_each_hears_their_own_music(stage: Stage) -> None:
    """Else that of whoever came with some first; who hears nothing at all hears no music either."""
    other = "https://shop.test/other.mp3"
    for number in (PERSON, SECOND, THIRD):
        await phone(stage, number, {"wait": "1m"})
    deaf = await stage.create(to=[{"type": "phone", "number": "447700900104"}], ncco=[WAIT])
    await stage.house.advance("2s")
    await stage.modify(deaf, action="earmuff")
    destination = {"type": "ncco", "ncco": [{**ROOM, "startOnEnter": False, "musicOnHoldUrl": [other]}]}
    await stage.modify(deaf, action="transfer", destination=destination)
    await meet(stage, PERSON, startOnEnter=False, musicOnHoldUrl=MUSIC)
    await meet(stage, SECOND, startOnEnter=False, musicOnHoldUrl=[other])
    await meet(stage, THIRD, startOnEnter=False)
    await stage.house.advance("10s")

    said = [[each[2] for each in await heard(stage, number)] for number in (PERSON, SECOND, THIRD, "447700900104")]
    assert said == [[MUSIC], [other], [other], []]


async def test_two_come_at_one_instant_with_music_of_their_own(stage: Stage) -> None:
    """Each hears what they brought."""
    for number, music in ((PERSON, MUSIC), (SECOND, RING)):
        await phone(stage, number, {"wait": "1m"})
        room = {**ROOM, "startOnEnter": False, "musicOnHoldUrl": [music]}
        ends = {"to": [{"type": "phone", "number": number}], "from": {"type": "phone", "number": OWNED}}
        answer = await stage.desk.ask("POST", "/v1/calls", {**ends, "ncco": [room]})
        assert answer.status_code == 201
    await stage.house.advance("10s")

    assert await heard(stage, PERSON) == [(0.01, "platform", MUSIC)]
    assert await heard(stage, SECOND) == [(0.01, "platform", RING)]


async def test_whoever_waits_acts_on_hearing_the_music(stage: Stage) -> None:
    """As on every file, by its name; not on music that was broken off."""
    await phone(stage, PERSON, {"press": "1", "when_heard": "/music/"})
    await phone(stage, SECOND, {"press": "1", "when_heard": "/music/"})
    await phone(stage, THIRD, {"wait": "1m"})
    await meet(stage, PERSON, startOnEnter=False, musicOnHoldUrl=[MUSIC])
    await stage.house.advance("3s")
    await meet(stage, SECOND, startOnEnter=False, musicOnHoldUrl=[MUSIC])
    await stage.house.advance("4s")
    await meet(stage, THIRD)
    await stage.house.advance("10s")

    assert [each[2] for each in await heard(stage, PERSON)] == [f"{MUSIC} -", "1"]
    assert [each[2] for each in await heard(stage, SECOND)] == [f"{MUSIC} -"]


async def test_music_that_comes_with_the_start(stage: Stage) -> None:
    """At one instant somebody brings it and somebody else begins: nobody but the one hears it, for no time."""
    for number in (PERSON, SECOND):
        await phone(stage, number, {"wait": "1m"})
        options = {"startOnEnter": False, "musicOnHoldUrl": [MUSIC]} if number == PERSON else {}
        wanted = {"to": [{"type": "phone", "number": number}], "from": {"type": "phone", "number": OWNED}}
        answer = await stage.desk.ask("POST", "/v1/calls", {**wanted, "ncco": [{**ROOM, **options}]})
        assert answer.status_code == 201
    await stage.house.advance("10s")

    assert await heard(stage, PERSON) == [(0.01, "platform", f"{MUSIC} -")]
    assert await heard(stage, SECOND) == []


async def test_leaving_while_music_plays(stage: Stage) -> None:
    """It is broken off."""
    uuid = await meet(stage, PERSON, startOnEnter=False, musicOnHoldUrl=[MUSIC])
    await stage.house.advance("5s")
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "ncco": [HELLO, WAIT]})
    await stage.house.advance("5s")

    assert await stage.heard() == [(2, "platform", MUSIC), (5, "platform", HELLO["text"])]
    assert (await stage.entry())["transcript"][0]["length"] == 3


# The tone until somebody answers.


@pytest.mark.parametrize(
    "options",
    [
        {"ringbackTone": RING},
        {"ringbackTone": [RING], "end": {"onAnswer": {"url": "/none", "ringbackTone": MUSIC}}},
        {"end": {"onAnswer": {"url": "/none", "ringbackTone": RING}}},
        {"end": {"onAnswer": {"url": "/none", "ringback": RING}}},
    ],
)
async def test_a_tone_until_somebody_answers(stage: Stage, options: dict[str, Any]) -> None:
    """Heard by the first leg alone. Source: reference ncco §3.3 (B)."""
    stage.replies["/none"] = [ncco()]
    end = options.get("end")
    if end:
        url = f"{stage.receiver.url}/none"
        options = {**options, "end": {"onAnswer": {**end["onAnswer"], "url": url}}}
    await phone(stage, SECOND)
    await inbound(stage, connect(**options), HELLO, WAIT)

    assert await heard(stage, PERSON) == [(0, "platform", f"{RING} -"), (2, "platform", HELLO["text"])]
    assert await heard(stage, SECOND) == [(2, "platform", HELLO["text"])]


async def test_a_tone_until_nobody_answers(stage: Stage) -> None:
    """Then the next action is heard; who hears nothing hears no tone."""
    await phone(stage, SECOND, like="no-answer")
    await inbound(stage, connect(ringbackTone=RING, timeout=10), HELLO, WAIT)

    assert await heard(stage, PERSON) == [(0, "platform", f"{RING} -"), (10.01, "platform", HELLO["text"])]


async def test_a_tone_that_a_transfer_ends(stage: Stage) -> None:
    """And the call that was made."""
    await phone(stage, SECOND, like="no-answer")
    await inbound(stage, connect(ringbackTone=RING), until="3s")
    uuid = (await stage.calls())[0]["uuid"]
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "ncco": [HELLO, WAIT]})

    assert await heard(stage, PERSON) == [(0, "platform", f"{RING} -"), (3, "platform", HELLO["text"])]


# Listening to another leg.


async def listening(stage: Stage, leg: str, *before: Any, **speech: Any) -> list[str]:
    """What an input came to that listens to one of two legs, 1 or 2, from the second second on."""
    go = {"action": "notify", "payload": {}, "eventUrl": [f"{stage.receiver.url}/go"]}
    await inbound(stage, connect(), {"action": "wait", "timeout": 1.99}, go, WAIT, until="1s")
    uuids = dict(zip("12", [each["uuid"] for each in await stage.calls()], strict=True))
    listens = {"action": "input", "type": ["speech", "dtmf"], "dtmf": {"timeOut": 10}}
    listens["speech"] = {"uuid": [uuids[leg]], **speech}
    stage.replies["/go"] = [ncco(*before, listens, {"action": "wait", "timeout": 1})]
    await stage.house.advance("1m")
    return [what for _, what in stage.told() if what.startswith("input")]


@pytest.mark.parametrize(("leg", "words"), [("1", "mine"), ("2", "yours")])
async def test_an_input_listens_to_one_leg(stage: Stage, leg: str, words: str) -> None:
    """To its words, and not to those of others. Source: reference ncco §3.6 (B)."""
    await phone(stage, PERSON, {"say": "mine", "after": "5s"})
    await phone(stage, SECOND, {"say": "yours", "after": "4s"})

    assert await listening(stage, leg) == [f"input {words}"]


async def test_keys_are_those_of_its_own_leg(stage: Stage) -> None:
    """Whichever it listens to."""
    await phone(stage, PERSON, {"press": "1234", "after": "5s"})
    await phone(stage, SECOND, {"press": "5678", "after": "4s"})

    assert await listening(stage, "2") == ["input 1234"]


async def test_who_is_muted_is_not_understood_from_elsewhere(stage: Stage) -> None:
    """As on a leg of its own."""
    await phone(stage, SECOND, {"say": "yours", "after": "4s"})
    go = {"action": "notify", "payload": {}, "eventUrl": [f"{stage.receiver.url}/go"]}
    await inbound(stage, connect(), {"action": "wait", "timeout": 1}, go, WAIT, until="0.5s")
    second = (await stage.calls())[1]["uuid"]
    stage.replies["/go"] = [ncco({"action": "input", "speech": {"uuid": [second]}}, {"action": "wait", "timeout": 1})]
    await stage.modify(second, action="mute")
    await stage.house.advance("1m")

    assert [what for _, what in stage.told() if what.startswith("input")] == ["input None"]


@pytest.mark.parametrize(("leg", "cut"), [("1", False), ("2", True)])
async def test_a_prompt_is_interrupted_by_whom_the_input_listens_to(stage: Stage, leg: str, cut: bool) -> None:
    """By nobody else's voice."""
    await phone(stage, SECOND, {"say": "yours", "after": "3s"})
    await listening(stage, leg, {**HELLO, "bargeIn": True})

    assert ((2.0, "platform", f"{HELLO['text']} -") in await heard(stage, SECOND)) is cut


async def test_a_recording_goes_on_while_somebody_speaks(stage: Stage) -> None:
    """At whichever end. Source: reference ncco §3.1."""
    await phone(stage, PERSON, {"say": "Hello?", "after": "1s"})
    await phone(stage, SECOND, {"say": "Hello?", "after": "3s"}, {"press": "1", "after": "2s"})
    await inbound(stage, connect(), {"action": "record", "endOnSilence": 3, "endOnKey": "1"})

    (recorded,) = [each for each in stage.events() if "recording_url" in each]
    # Half a second of words, and three of silence.
    assert recorded["end_time"] == "2026-01-01T00:00:06Z"


async def test_words_that_nobody_waits_for(stage: Stage) -> None:
    """Change nothing."""
    await stage.desk.put(make_call(), make_leg(LegStatus.ANSWERED, conversation=""))
    view = WorldView(stage.house.store, "default")
    for what in (due_rules.SPREAD, due_rules.HUSH):
        for step in (-1, 0, START):
            if what == due_rules.HUSH or step == -1:
                timer = Timer(due_at=START, owner=OWNER, what=what, subject=UUID, step=step)
                assert (await flow.TIMERS[what](view, timer, Moment(START, 7, 42))).change == Change()
