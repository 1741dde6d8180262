"""Whole calls of a shop's telephone menu: everything that is reported and everything that is heard, to the instant.

Spoken texts take a second for fifteen characters, a key a fifth of one. Source: reference ncco §5, §11.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.apis.voice.stage import JSON, OWNED, PERSON, Stage, ncco, open_stage, seconds
from tests.house import House
from tests.receiver import Answer

SALES, DESK = "447700900102", "447700900103"
#: Two seconds.
MENU = "Sales: key 1. Repairs: key 2. "
#: One second each.
AGAIN, THANKS, SORRY = "Once more then.", "Thanks, goodbye", "Nobody is here."
assert [len(each) for each in (MENU, AGAIN, THANKS, SORRY)] == [30, 15, 15, 15]

ASK = [
    {"action": "talk", "text": MENU, "bargeIn": True},
    {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1, "timeOut": 5}},
]


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


def talk(text: str) -> dict[str, Any]:
    return {"action": "talk", "text": text}


def connect(number: str, **options: Any) -> dict[str, Any]:
    return {"action": "connect", "from": OWNED, "endpoint": [{"type": "phone", "number": number}], **options}


async def story(stage: Stage, steps: list[dict[str, Any]], *nccos: Any, **others: Any) -> None:
    """The person calls and does some things; each NCCO is the answer to what is reported after the one before."""
    await stage.phone(on_call=steps)
    for number, facts in others.items():
        await stage.house.control("PUT", f"handsets/{number.removeprefix('n')}", facts)
    stage.answer, *replies = (ncco(*each) for each in nccos)
    stage.replies = {"/event": _by_turns(stage, replies)}
    await stage.act("call", to=OWNED)
    await stage.house.advance("5h")
    assert await stage.house.store.pending("default") == []


class _by_turns(list[Answer]):  # noqa: N801 - it stands for a list of answers
    """Answers inputs and notices by turns, and everything else with nothing."""

    def __init__(self, stage: Stage, replies: list[Answer]) -> None:
        super().__init__([Answer(204, b"")])
        self.stage, self.left = stage, replies

    def pop(self, _: Any = 0) -> Answer:
        said = self.stage.receiver.requests[-1].json()
        return self.left.pop(0) if {"dtmf", "payload"} & said.keys() and self.left else Answer(204, b"", JSON)


async def told(stage: Stage) -> list[tuple[float, str]]:
    """All reports, of whom they are and what they say."""
    legs = {each["uuid"]: each["to"] if each["direction"] == "outbound" else "caller" for each in await stage.calls()}
    names = {SALES: "sales", DESK: "desk"}
    found = []
    for each in stage.events():
        who = legs.get(each.get("uuid") or each.get("call_uuid") or "", "")
        what = each.get("status") or each.get("type") or _came(each)
        found.append((round(seconds(each["timestamp"]), 3), f"{names.get(who, who)} {what}".strip()))
    return found


def _came(said: dict[str, Any]) -> str:
    if "recording_url" in said:
        return f"recorded {said['start_time'][17:19]}-{said['end_time'][17:19]}"
    results = said.get("speech", {}).get("results", [])
    return f"heard {results[0]['text'] if results else said['dtmf']['digits']!r}"


async def heard(stage: Stage, k: int = 0) -> list[tuple[float, str, str]]:
    """All that was heard on one leg, by whom; with a dash behind what was broken off."""
    lines = (await stage.calls())[k]["transcript"]
    return [
        (
            round(seconds(each["at"]), 3),
            each.get("by") or each["speaker"],
            (each["text"] or each["digits"]) + (" -" if "cut" in each else ""),
        )
        for each in lines
    ]


RANG = [(0, "caller ringing"), (0, "caller started"), (0, "caller answered")]


async def test_the_wrong_key_and_then_the_right_one(stage: Stage) -> None:
    await story(
        stage,
        [{"press": "7", "after": "3s"}, {"press": "1", "after": "4s"}],
        *(ASK, [talk(AGAIN), *ASK], [talk(THANKS)]),
    )

    # The second key comes while the menu is read again: it breaks that off.
    assert await told(stage) == [*RANG, (3, "caller heard '7'"), (7.2, "caller heard '1'"), (8.2, "caller completed")]
    assert await heard(stage) == [
        *((0, "platform", MENU), (3, "person", "7")),
        *((3, "platform", AGAIN), (4, "platform", MENU), (7.2, "person", "1"), (7.2, "platform", THANKS)),
    ]


async def test_silence(stage: Stage) -> None:
    await story(stage, [{"wait": "1h"}], ASK, [talk(AGAIN), *ASK], [talk(SORRY)])

    assert await told(stage) == [*RANG, (7, "caller heard ''"), (15, "caller heard ''"), (16, "caller completed")]
    said = [(0, MENU), (7, AGAIN), (8, MENU), (15, SORRY)]
    assert await heard(stage) == [(at, "platform", text) for at, text in said]


async def test_voicemail(stage: Stage) -> None:
    """A machine answers: its beep is waited for, then the message is left."""
    await stage.house.control("PUT", f"handsets/{PERSON}", {"machine": {"greeting": SORRY, "beep_after": "6s"}})
    await stage.create(ncco=[talk(MENU)], advanced_machine_detection={"mode": "detect_beep"})
    await stage.house.advance("1h")

    assert stage.told() == [
        *((0, "started"), (0.01, "ringing"), (2, "answered"), (4, "machine"), (8, "machine beep_start")),
        (10, "completed"),
    ]
    assert await heard(stage) == [(2, "machine", SORRY), (8, "machine", "(beep)"), (8, "platform", MENU)]


async def test_a_transfer_to_another_menu(stage: Stage) -> None:
    """By REST, in the midst of an endless prompt."""
    await stage.phone(on_call=[{"press": "1", "after": "13s"}])
    stage.answer = ncco({**talk(MENU), "loop": 0})
    stage.replies = {"/other": [ncco(talk(AGAIN), ASK[1], talk(THANKS))]}
    await stage.act("call", to=OWNED)
    await stage.house.advance("11s")
    uuid = (await stage.entry())["uuid"]
    url = [f"{stage.receiver.url}/other"]
    await stage.modify(uuid, action="transfer", destination={"type": "ncco", "url": url})
    await stage.house.advance("1h")

    assert await told(stage) == [
        *(*RANG, (11, "caller transfer"), (13, "caller heard '1'"), (14, "caller completed")),
    ]
    assert await heard(stage) == [
        *((0, "platform", f"{MENU} -"), (11, "platform", AGAIN), (13, "person", "1"), (13, "platform", THANKS)),
    ]


async def test_a_conference_of_three(stage: Stage) -> None:
    """The last one to come is the moderator, with whom all of it begins and ends."""
    guest = {"action": "conversation", "name": "talk", "startOnEnter": False, "musicOnHoldUrl": ["https://shop.test/m"]}
    steps = {PERSON: [{"say": "Hello everybody", "after": "9s"}], SALES: [{"say": "Anybody there??", "after": "3s"}]}
    for number, doing in steps.items():
        await stage.house.control("PUT", f"handsets/{number}", {"on_call": doing})
        await stage.create(to=[{"type": "phone", "number": number}], ncco=[guest])
    await stage.house.advance("5s")
    hangs_up = [{"answer": {"after": "1s"}}, {"hang_up": {"after": "2s"}, "when_heard": "/everybody/"}]
    await stage.house.control("PUT", f"handsets/{DESK}", {"on_call": hangs_up})
    moderator = {"action": "conversation", "name": "talk", "endOnExit": True, "record": True}
    await stage.create(to=[{"type": "phone", "number": DESK}], ncco=[moderator])
    await stage.house.advance("5h")

    assert [each for each in await told(stage) if each[1].split()[-1] not in {"started", "ringing", "answered"}] == [
        *((2, f"{PERSON} transfer"), (2, "sales transfer"), (6, "desk transfer")),
        *((14, "recorded 06-14"), (14.2, "desk completed")),
        *((14.2, f"{PERSON} completed"), (14.2, "sales completed")),
    ]
    music = (2, "platform", "https://shop.test/m -")
    assert await heard(stage, 0) == [music, (11, "person", "Hello everybody")]
    assert await heard(stage, 1) == [music, (5, "person", "Anybody there??"), (11, PERSON, "Hello everybody")]
    assert await heard(stage, 2) == [(11, PERSON, "Hello everybody")]


async def test_a_connection_with_a_fallback(stage: Stage) -> None:
    """Sales are busy and the desk answers; when they hang up, so is the caller."""
    desk = [{"answer": {"after": "2s"}}, {"say": "The desk, hello", "after": "1s"}, {"hang_up": {"after": "4s"}}]
    await story(
        stage,
        [{"press": "1", "after": "2s"}, {"say": "Hello to you!!!", "when_heard": "/hello/"}],
        ASK,
        [connect(SALES, ringbackTone="https://shop.test/r"), connect(DESK)],
        **{f"n{SALES}": {"line": "busy"}, f"n{DESK}": {"on_call": desk}},
    )

    assert await told(stage) == [
        *(*RANG, (2, "caller heard '1'"), (2, "sales started"), (3, "sales busy"), (3, "sales completed")),
        *((3, "desk started"), (3.01, "desk ringing"), (5, "desk answered")),
        *((11.2, "desk completed"), (11.2, "caller completed")),
    ]
    assert await heard(stage) == [
        *((0, "platform", MENU), (2, "person", "1"), (2, "platform", "https://shop.test/r -")),
        *((6, DESK, "The desk, hello"), (7, "person", "Hello to you!!!")),
    ]
    assert await heard(stage, 2) == [(6, "person", "The desk, hello"), (7, PERSON, "Hello to you!!!")]


async def test_a_recording(stage: Stage) -> None:
    """A message after the beep, which a key ends."""
    record = {"action": "record", "beepStart": True, "endOnKey": "#", "endOnSilence": 5}
    await story(
        stage,
        [{"say": "Please call me.", "after": "2s"}, {"press": "#", "after": "3s"}],
        [talk(SORRY), record, talk(THANKS)],
    )

    assert await told(stage) == [
        *(*RANG, (6.5, "recorded 01-06"), (7.5, "caller completed")),
    ]
    assert await heard(stage) == [
        *((0, "platform", SORRY), (1, "platform", "(beep)"), (2, "person", "Please call me.")),
        *((6, "person", "#"), (6.5, "platform", THANKS)),
    ]


async def test_speech(stage: Stage) -> None:
    """Words that are said when the menu is over; two seconds of silence end them."""
    listen = {"action": "input", "type": ["speech"], "speech": {"endOnSilence": 2, "language": "en-GB"}}
    await story(
        stage,
        [{"say": "To sales please", "when_heard": "/Repairs/"}],
        [ASK[0], listen],
        [talk(THANKS)],
    )

    assert await told(stage) == [
        *(*RANG, (5, "caller heard 'To sales please'"), (6, "caller completed")),
    ]
    assert await heard(stage) == [
        *((0, "platform", MENU), (2, "person", "To sales please"), (5, "platform", THANKS)),
    ]


async def test_synchronous_events(stage: Stage) -> None:
    """The reply to the report that nobody answers says what is done instead."""
    await stage.house.control("PUT", f"handsets/{SALES}", {"like": "no-answer"})
    options = {"eventType": "synchronous", "timeout": 10, "eventUrl": [f"{stage.receiver.url}/why"]}
    stage.answer = ncco(connect(SALES, **options), talk(AGAIN))
    stage.replies = {"/why": [Answer(204, b""), Answer(204, b""), ncco(talk(SORRY))]}
    await stage.act("call", to=OWNED)
    await stage.house.advance("1h")

    assert await told(stage) == [*RANG, (11.01, "caller completed")]
    reports = [each.json() for each in stage.receiver.requests if each.path == "/why"]
    assert [(seconds(each["timestamp"]), each["status"]) for each in reports] == [
        *((0, "started"), (0.01, "ringing"), (10.01, "timeout"), (10.01, "completed")),
    ]
    assert await heard(stage) == [(10.01, "platform", SORRY)]
