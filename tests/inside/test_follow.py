"""A fake that takes the clocks of its process along."""

from __future__ import annotations

import re
import time
from contextlib import nullcontext
from typing import Any

import freezegun
import pytest
import time_machine

from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.inside.exchange import Ask
from fake_nexmo.inside.fake import Fake
from fake_nexmo.store.steady import steady_s, steady_wall
from tests.inside.fakes import URL, Wsgi, client, form, items
from tests.inside.test_every_operation import BASIC, BODIES, CASES, FORM

HOUR = 3_600_000_000
SECOND = 1_000_000
START = "2026-01-01"


def test_each_instant_that_the_clock_is_set_to_is_told() -> None:
    seen: list[int] = []
    fake = Fake(seed=1, follow=seen.append)
    assert seen == [STANDING_START]

    fake.mount("https://shop.test", Wsgi(then=lambda: seen.append(-1)))
    with client(fake) as http:
        http.post(URL, data=form(callback="https://shop.test/receipt"))
    fake.control("POST", "clock/advance", {"by": "1h"})

    steps = [at - STANDING_START if at > 0 else at for at in seen]
    assert steps[steps.index(-1) - 1] == SECOND, "the webhook came while the receipt's instant was shown"
    assert sorted(each for each in steps if each >= 0) == [each for each in steps if each >= 0]
    assert (set(steps), steps[-1]) == ({-1, 0, SECOND, HOUR}, HOUR)


def test_going_back_is_told_too() -> None:
    seen: list[int] = []
    fake = Fake(seed=1, start=HOUR, follow=seen.append)
    fake.control("POST", "clock/advance", {"by": "1h"})
    taken = fake.control("POST", "snapshot")
    fake.control("POST", "clock/advance", {"by": "1h"})

    fake.control("POST", "reset")
    assert (seen[-1], fake.now()) == (HOUR, HOUR)
    fake.control("POST", "restore", taken)
    assert (seen[-1], fake.now()) == (2 * HOUR, 2 * HOUR)


def test_other_worlds_are_not_told_of() -> None:
    seen: list[int] = []
    fake = Fake(seed=1, follow=seen.append)
    fake.control("POST", "/worlds", {"name": "other", "clock": {"mode": "manual", "start": "2030-01-01T00:00:00Z"}})
    fake.control("POST", "/worlds/other/clock/advance", {"by": "1h"})

    assert set(seen) == {STANDING_START}


@pytest.mark.parametrize(
    "scenario",
    [
        None,
        {"version": 1, "scenario": "parcel"},
        {"version": 1, "scenario": "parcel", "world": {"settings": {"links": "absolute"}}},
    ],
)
def test_tokens_are_of_the_worlds_time(scenario: Any) -> None:
    """Also after a reset, and whatever the world is made from; the rest of it is as it was."""
    plain, followed = Fake(seed=1, scenario=scenario), Fake(seed=1, scenario=scenario, follow=lambda _: None)
    settings = {**plain.control("GET", "settings"), "jwt_time": "virtual"}

    assert plain.control("GET", "settings")["jwt_time"] == "real"
    assert followed.control("GET", "settings") == settings
    assert followed.world == plain.world
    followed.control("POST", "reset")
    assert followed.control("GET", "settings") == settings


@pytest.mark.parametrize(
    "frozen", [lambda: time_machine.travel(86_400, tick=False), lambda: freezegun.freeze_time("1970-01-01")]
)
def test_steady_time_goes_on(frozen: Any) -> None:
    wall, real = steady_wall(), time.time_ns() // 1_000
    with frozen():
        first, began = wall(), steady_s()
        while steady_s() == began:
            assert time.time() <= 86_400
        assert real <= first < real + 60 * SECOND
        assert wall() >= first
        assert steady_s() - began < 60


@pytest.mark.parametrize(
    "later", [lambda: time_machine.travel(9_000_000_000, tick=False), lambda: freezegun.freeze_time("2255-01-01")]
)
def test_leases_are_of_real_time(later: Any) -> None:
    """Whatever the clocks show, who is at work keeps the world."""
    fake = Fake(seed=1, follow=lambda _: None)
    settled: list[bool] = []

    def act() -> None:
        with later():
            said = fake.control("POST", "handsets/447700900201/sms", {"to": "447700900000", "text": "Hi"})
            settled.append(said["settled"])

    fake.mount("https://shop.test", Wsgi(then=act))
    with client(fake) as http:
        http.post(URL, data=form(callback="https://shop.test/receipt"))
    fake.control("POST", "clock/advance", {"by": "1h"})

    assert settled == [False]
    assert [each["direction"] for each in items(fake, "messages")] == ["outbound", "inbound"]


@pytest.mark.parametrize(
    "frozen", [lambda: time_machine.travel(STANDING_START // SECOND, tick=False), lambda: freezegun.freeze_time(START)]
)
def test_every_operation_works_while_time_stands(frozen: Any) -> None:
    """The clocks of the process are those of the world, and the answers are the same as without that."""
    answers: list[list[tuple[int, bytes]]] = []
    for context in (nullcontext, frozen):
        with context():
            fake = Fake(seed=1, follow=lambda _: None)
            answers.append([_asked(fake, case.values) for case in CASES])

    assert answers[0] == answers[1]


def _asked(fake: Fake, case: Any) -> tuple[int, bytes]:
    operation, method, path = case
    where = re.sub(r"{\w+}", "abcd1234", path)
    media, body = BODIES[1 if "json" in operation.name or path.startswith("/v") else 0]
    headers = [(b"host", b"api.nexmo.com"), (b"content-type", media), (b"authorization", BASIC)]
    answer = fake.answer(Ask(method, where, FORM, headers, body))
    return answer.status, answer.body
