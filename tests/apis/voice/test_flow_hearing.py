"""People who wait for words: what they do on hearing them, what else, and machines that greet and beep."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.apis.voice.stage import OWNED, Stage, ncco, open_stage
from tests.house import House

SALES = {"action": "talk", "text": "Press one for sales, two for support."}
SALES_S = 37 / 15
KEYS = {"action": "input", "type": ["dtmf"]}
ANSWERED = [(0, "started"), (0.01, "ringing"), (2, "answered")]
ONE = {"press": "1", "when_heard": "/for sales/i"}


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def run(stage: Stage, steps: list[dict[str, Any]], *actions: Any) -> list[tuple[float, str, str]]:
    """A call to somebody of these steps, to its end; what was heard, but for the prompts."""
    await stage.phone(on_call=[{"answer": {}}, *steps])
    await stage.create(ncco=list(actions))
    await stage.house.advance("3h")
    assert await stage.house.store.pending("default") == []
    lines = await stage.heard()
    return [(round(at, 2), text, who) for at, who, text in lines if who != "platform"]


@pytest.mark.parametrize(
    ("steps", "actions", "done"),
    [
        # The prompt is heard to its end, and the input has begun by then.
        ([ONE], [SALES, KEYS], [(4.47, "1")]),
        ([{**ONE, "after": "1s"}], [SALES, KEYS], [(5.47, "1")]),
        ([{"press": "1", "when_heard": SALES["text"]}], [SALES, KEYS], [(4.47, "1")]),
        ([{"press": "1", "when_heard": "for sales"}], [SALES, KEYS], []),
        ([ONE], [{"action": "talk", "text": "Please wait."}, KEYS, SALES, KEYS], [(8.27, "1")]),
        ([ONE], [{**SALES, "loop": 2}, KEYS], [(4.47, "1")]),
        ([ONE, {"say": "yes please", "after": "1s"}], [SALES, {"action": "wait"}], [(4.47, "1"), (5.67, "yes please")]),
        ([ONE, {**ONE, "press": "2"}], [SALES, SALES, KEYS], [(4.47, "1"), (6.93, "2")]),
        ([{**ONE, "within": "2s"}, {"press": "9"}], [SALES, KEYS], [(4, "9")]),
        ([{**ONE, "within": "2s", "else": {"press": "0"}}, {"press": "9"}], [SALES, KEYS], [(4, "0"), (4.2, "9")]),
        ([{**ONE, "within": "3s", "else": {"press": "0"}}], [SALES, KEYS], [(4.47, "1")]),
        ([{"wait": "1s"}, ONE], [SALES, KEYS], [(4.47, "1")]),
        ([{"wait": "3s"}, ONE], [SALES, {"action": "wait"}], []),
        ([{"wait": "1s", "when_heard": "/sales/"}, {"press": "1"}], [SALES, KEYS], [(5.47, "1")]),
        ([{"say": "sales", "when_heard": "/<speak|&amp;/"}], [{**SALES, "text": "<speak>A &amp; B</speak>"}], []),
        ([ONE], [{"action": "stream", "streamUrl": ["https://shop.test/for sales.mp3"]}, KEYS], [(7, "1")]),
    ],
)
async def test_what_is_done_on_hearing_words(
    stage: Stage, steps: list[dict[str, Any]], actions: list[dict[str, Any]], done: list[tuple[float, str]]
) -> None:
    """When the line is over; instead of it, when it was waited for long enough. Source: scenario format."""
    heard = await run(stage, steps, *actions)

    assert [(at, text) for at, text, _ in heard] == done


async def test_whoever_hangs_up_instead(stage: Stage) -> None:
    """As a word alone."""
    await run(stage, [{**ONE, "within": "1s", "else": "hang_up"}, {"say": "Hello?"}], SALES, KEYS)

    assert stage.told() == [*ANSWERED, (3.2, "completed")]


async def test_whoever_hangs_up_on_hearing(stage: Stage) -> None:
    """The steps behind that are not done."""
    await run(stage, [{"hang_up": {"after": "1s"}, "when_heard": "/sales/"}, {"say": "Hello?"}], SALES, KEYS)

    assert stage.told() == [*ANSWERED, (pytest.approx(3 + SALES_S + 0.2, abs=0.001), "completed")]


async def test_a_line_that_is_broken_off_is_not_heard(stage: Stage) -> None:
    """Nor is one that a transfer ends."""
    await stage.phone(on_call=[{"answer": {}}, {"press": "5", "after": "1s"}, ONE])
    uuid = await stage.create(ncco=[{**SALES, "bargeIn": True}, KEYS, {**SALES, "loop": 9}])
    await stage.house.advance("7s")
    destination = {"type": "ncco", "ncco": [{"action": "wait"}]}
    await stage.modify(uuid, action="transfer", destination=destination)
    await stage.house.advance("1h")

    assert [(each, who) for _, who, each in await stage.heard() if who == "person"] == [("5", "person")]


async def test_what_rest_says_is_heard_too(stage: Stage) -> None:
    """It is said on the leg."""
    await stage.phone(on_call=[{"answer": {}}, {"press": "1", "when_heard": "/sales/"}, {**ONE, "press": "2"}])
    uuid = await stage.create(ncco=[{"action": "wait", "timeout": 60}])
    await stage.house.advance("10s")
    await stage.desk.ask("PUT", f"/v1/calls/{uuid}/talk", {"text": SALES["text"]})
    await stage.house.advance("10s")
    await stage.desk.ask("PUT", f"/v1/calls/{uuid}/stream", {"stream_url": ["https://shop.test/for sales.mp3"]})
    await stage.house.advance("10s")

    assert [(round(at, 2), text) for at, who, text in await stage.heard() if who == "person"] == [
        (12.47, "1"),
        (25, "2"),
    ]


async def test_a_caller_listens_as_well(stage: Stage) -> None:
    """An inbound call has a person too."""
    await stage.phone(on_call=[{"say": "yes please", "when_heard": "/for sales/"}])
    stage.answer = ncco(SALES, KEYS)
    await stage.act("call", to=OWNED)
    await stage.house.advance("1m")

    assert [text for _, who, text in await stage.heard() if who == "person"] == ["yes please"]


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        (
            {"like": "voicemail"},
            [(2, "Hello, nobody is here. Please leave a message after the beep."), (6, "(beep)")],
        ),
        ({"machine": {"greeting": "Leave a message.", "beep_after": "2s"}}, [(2, "Leave a message."), (4, "(beep)")]),
        ({"machine": {"greeting": "Hi.", "beep_after": "1m"}}, [(2, "Hi.")]),
    ],
)
async def test_a_machine_greets_and_beeps(stage: Stage, facts: dict[str, Any], lines: list[tuple[float, str]]) -> None:
    """As long as it is spoken to. Source: reference voice §9.4 (D)."""
    await stage.phone(**facts)
    await stage.create(ncco=[{"action": "wait", "timeout": 20}])
    await stage.house.advance("3m")

    assert [(at, text) for at, who, text in await stage.heard() if who == "machine"] == lines
    assert await stage.house.store.pending("default") == []
