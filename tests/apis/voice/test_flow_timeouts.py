"""How long an application's server may take: what it has chosen for each of its webhooks, else what is usual."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_nexmo.engine.outbound import HttpAnswer, HttpCall, Outbound
from tests.apis.voice.stage import OWNED, TALK, Stage, ncco, open_stage
from tests.house import House
from tests.receiver import Answer


class Watched(Outbound):
    """Makes webhook calls, and keeps how long each was allowed to take: the path, and seconds to connect and answer."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed: list[tuple[str, float, float]] = []

    async def send(self, call: HttpCall) -> HttpAnswer:
        path = call.url.partition("?")[0].rpartition("/")[2]
        self.allowed.append((path, call.connect_s, call.response_s))
        return await super().send(call)


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    async with open_stage(house) as opened:
        yield opened


async def watch(stage: Stage) -> Watched:
    """From now on."""
    await stage.house.engine.outbound.aclose()
    stage.house.engine.outbound = watched = Watched()
    return watched


CHOSEN = {
    "answer_connect_timeout": 300,
    "answer_socket_timeout": 1500,
    "event_connect_timeout": 500,
    "event_socket_timeout": 9000,
    "fallback_answer_connect_timeout": 400,
    "fallback_answer_socket_timeout": 2500,
}


@pytest.mark.parametrize(
    ("chosen", "answer", "event", "fallback"),
    [
        ({}, (1, 5), (1, 10), (1, 5)),
        (CHOSEN, (0.3, 1.5), (0.5, 9), (0.4, 2.5)),
        ({"answer_socket_timeout": 1000}, (1, 1), (1, 10), (1, 5)),
        ({"event_connect_timeout": 300}, (1, 5), (0.3, 10), (1, 5)),
    ],
)
async def test_what_an_application_chooses(
    stage: Stage,
    chosen: dict[str, Any],
    answer: tuple[float, float],
    event: tuple[float, float],
    fallback: tuple[float, float],
) -> None:
    """For every attempt at its own URLs. Source: reference ncco §4.1, application §4.2 (B)."""
    await stage.application(fallback_answer_url=f"{stage.receiver.url}/fallback", **chosen)
    stage.answer, stage.fallback = Answer(503), ncco(TALK)
    watched = await watch(stage)
    await stage.act("call", to=OWNED)
    await stage.house.advance("1m")

    assert [each for each in watched.allowed if each[0] != "event"] == [
        *(("answer", *answer), ("answer", *answer), ("fallback", *fallback)),
    ]
    assert {each[1:] for each in watched.allowed if each[0] == "event"} == {event}


async def test_an_url_of_a_request_or_an_action_has_the_usual_times(stage: Stage) -> None:
    """Nobody chose any for it; what goes to the application's own URL has those of that."""
    await stage.application(**CHOSEN)
    watched = await watch(stage)
    notify = {"action": "notify", "payload": {}, "eventUrl": [f"{stage.receiver.url}/notify"]}
    stage.replies["/mine"] = [ncco(notify, {"action": "input", "timeOut": 1})]
    await stage.create(answer_url=[f"{stage.receiver.url}/mine"])
    await stage.house.advance("1m")

    assert [each for each in watched.allowed if each[0] != "event"] == [("mine", 1, 5), ("notify", 1, 10)]
    assert ("event", 0.5, 9) in watched.allowed
    assert stage.events()[-2]["dtmf"] == ""
