"""The newest code that a phone saw or heard, through the control API."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fake_nexmo.core.change import Change
from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.records import SeenCode
from tests.house import House

ALICE = "447700900101"
ABOUT = "6f1d2c3b4a5e60718293a4b5c6d7e8f9"


async def tell(house: House, code: str, *, after: int = 0, number: str = ALICE) -> None:
    """Let a phone see a Verify code, so many seconds after the world's start."""
    start = await house.store.peek("default")
    told = await house.store.get("default", SeenCode, number)
    seen = SeenCode(
        id=number, code=code, about=ABOUT, at=STANDING_START + after * SECOND, version=told.version if told else 0
    )
    await house.store.commit("default", start.epoch, Change(put=(seen,)))


async def code(house: House, query: str = "") -> dict[str, Any]:
    """What the phone was told."""
    answer: dict[str, Any] = await house.control("GET", f"handsets/{ALICE}/code{query}")
    return answer


async def test_a_verify_code_is_told_as_it_is_to_be_typed(house: House) -> None:
    """By number or name, with the request it is about; of whatever form it is."""
    await house.control("PUT", "handsets/alice", {"number": ALICE})
    await tell(house, "ab12", number="447700900102")
    await tell(house, "0471")

    assert await code(house) == {"code": "0471", "about": ABOUT}
    assert await house.control("GET", "handsets/alice/code") == {"code": "0471", "about": ABOUT}
    assert (await house.control("GET", "handsets/447700900102/code"))["code"] == "ab12"


async def test_the_newest_verify_code_counts(house: House) -> None:
    """It takes the place of the one before."""
    await tell(house, "1111")
    await tell(house, "2222", after=1)

    assert (await code(house))["code"] == "2222"


@pytest.mark.parametrize(
    ("text", "told_first", "wanted"),
    [
        ("Brand 2024 code: 0471", False, "0471"),
        ("take 9999", False, "0471"),
        ("take 9999", True, "9999"),
        ("no code here", True, "0471"),
    ],
)
async def test_the_later_of_sms_and_verify_code(house: House, text: str, told_first: bool, wanted: str) -> None:
    """By what happened later, at one instant too; an SMS without a code is none."""
    if told_first:
        await tell(house, "0471")
    sent = await house.send(to=ALICE, text=text)
    if not told_first:
        await tell(house, "0471")

    about = ABOUT if wanted == "0471" else sent["messages"][0]["message-id"]
    assert await code(house) == {"code": wanted, "about": about}


async def test_a_verify_code_can_be_waited_for(house: House) -> None:
    """What another phone is told does not end it."""
    waiting = asyncio.create_task(code(house, "?wait=30s"))
    await asyncio.sleep(0)
    await tell(house, "1111", number="447700900102")
    done, _ = await asyncio.wait([waiting], timeout=0.01)
    assert not done

    await tell(house, "0471")

    assert await asyncio.wait_for(waiting, 5) == {"code": "0471", "about": ABOUT}
