"""A hundred requests at the same time to a server with a scenario: what happens once happens once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import FarWorld, Live, open_client, open_live
from tests.receiver import Receiver

CROWD = 100
SCENARIO = """
scenario: parallel
seed: 5
clock: {start: 2026-03-01T09:00:00Z, mode: manual}
handsets:
  alice: {number: "447700900601", submission: {answer: throttled, calls: 1..2}}
  bob: {number: "447700900602"}
  typists: {range: 447700900700..447700900799, mix: {wrong-coder: 100%}}
faults:
  once: {target: sms.send, to: bob, call: 1, answer: barred}
timeline:
  - {when: message.submitted, to: bob, note: the first of them}
expect:
  - {message: {to: alice}, count: 98}
  - {message: {to: bob}, count: 99}
  - {request: {fault: once}, count: 1}
  - {webhook: {kind: submit}, count: 100}
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One server for all tests of this file, with the scenario."""
    folder: Path = tmp_path_factory.mktemp("parallel")
    file = folder / "parallel.yaml"
    file.write_text(SCENARIO)
    with open_live(folder / "live", "--scenario", str(file)) as opened:
        yield opened


async def test_each_of_a_hundred_is_another_one(live: Live) -> None:
    """Submissions, a fault's call, a step that waits, the steps of people who type, and what is expected of all."""
    async with Receiver() as receiver, open_client(live.http) as client:
        world = FarWorld(client, (await client.get("/_fake/worlds/default")).json())
        await world.control("PATCH", "settings", {"code_form": {"url": receiver.url, "form": {"code": "{code}"}}})

        for to, statuses in (("447700900601", {"0": 98, "1": 2}), ("447700900602", {"0": 99, "7": 1})):
            sent = await asyncio.gather(*(world.send(to=to) for _ in range(CROWD)))
            assert Counter(each[0]["status"] for each in sent) == statuses
        account = {"api_key": world.key, "api_secret": world.secret, "brand": "Acme"}
        started = await asyncio.gather(
            *(client.post("/verify/json", data={**account, "number": f"4477009007{k:02}"}) for k in range(CROWD))
        )
        assert Counter(each.json()["status"] for each in started) == {"0": CROWD}
        await world.advance("30s")

        assert len(receiver.requests) == CROWD
        assert [each["about"] for each in await world.items("events", name="note")] == ["the first of them"]
        verdicts = await world.control("GET", "expectations?final=true")
        assert [(each["expectation"], each["state"]) for each in verdicts["items"]] == [
            ("message to alice, count 98", "met"),
            ("message to bob, count 99", "met"),
            ("request fault once, count 1", "met"),
            ("webhook kind submit, count 100", "met"),
        ]
