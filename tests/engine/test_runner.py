"""Clocks, runners and `advance`: what falls due, in which order, and who may carry it out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import HOUR, MINUTE, SECOND, parse_duration, rfc3339
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Delivery, Event, Timer
from fake_nexmo.core.wording import Worded, Wording
from fake_nexmo.engine.runner import CHAIN_MAX
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import Api, Webhook
from fake_nexmo.web.replies import not_emulated
from tests.house import WALL_START, House, open_house
from tests.receiver import Answer, Received, Receiver

MODES = ("manual", "auto", "real", "x60")
T0 = rfc3339(STANDING_START)


def at(seconds: float) -> str:
    """So many seconds after a standing clock's start, as replies write it."""
    return rfc3339(STANDING_START + round(seconds * SECOND))


class Bench:
    """An API of the tests: its timers say what happened in ``seen`` and then do what they are called."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.seen: list[str] = []
        rules = {"note": self._note, "again": self._again, "round": self._round, "bug": self._bug, "hook": self._hook}
        house.engine.registry = {
            **house.engine.registry,
            "bench": Api(
                name="bench",
                title="Bench",
                operations=(),
                word_refusal=lambda call, refusal: not_emulated("bench"),
                wrong_verb=lambda call: not_emulated("bench"),
                timers=rules,
                webhooks={
                    "word": Webhook(
                        word=_word,
                        succeeded=lambda status: status == 200,
                        retried=lambda status, profile: True,
                        delay=lambda delivery, attempts, profile: MINUTE,
                        connect_s=3,
                        response_s=5,
                        source="none",
                    )
                },
            ),
        }

    async def set(self, *timers: Timer, deliveries: tuple[Delivery, ...] = (), world: str = "default") -> None:
        """Commit timers, and deliveries after them."""
        start = await self.house.store.peek(world)
        await self.house.store.commit(world, start.epoch, Change(timers=timers, deliveries=deliveries))

    async def _note(self, view: View, timer: Timer, moment: Moment) -> Outcome[None]:
        self.seen.append(timer.subject)
        return Outcome(Change(log=(Event(at=moment.now, name="bench.note", about=timer.subject),)), None)

    async def _again(self, view: View, timer: Timer, moment: Moment) -> Outcome[None]:
        self.seen.append(f"{timer.subject} {rfc3339(moment.now)}")
        return Outcome(Change(timers=(due(1, "again", timer.subject, base=moment.now),)), None)

    async def _round(self, view: View, timer: Timer, moment: Moment) -> Outcome[None]:
        return Outcome(
            Change(timers=(due(0, "round", f"{timer.subject[0]}{timer.k}", base=moment.now, k=timer.k + 1),)), None
        )

    async def _bug(self, view: View, timer: Timer, moment: Moment) -> Outcome[None]:
        raise RuntimeError("a rule that fails")

    async def _hook(self, view: View, timer: Timer, moment: Moment) -> Outcome[None]:
        return Outcome(Change(deliveries=(hook(0, timer.subject, timer.id, base=moment.now),)), None)


def _word(wording: Wording) -> Worded:
    return Worded("GET", wording.delivery.url, (), b"")


def due(
    after: float, what: str, subject: str, *, base: int = STANDING_START, k: int = 0, deadline: bool = False
) -> Timer:
    """A timer of the bench, so many seconds after ``base``."""
    return Timer(due_at=base + round(after * SECOND), owner="bench", what=what, subject=subject, k=k, deadline=deadline)


def hook(after: float, subject: str, url: str, *, base: int = STANDING_START) -> Delivery:
    """A webhook of the bench."""
    instant = base + round(after * SECOND)
    return Delivery(
        kind="word",
        owner="bench",
        account="main",
        about=subject,
        subject=subject,
        url=url,
        method="GET",
        facts={},
        created_at=base,
        due_at=instant,
    )


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver on a free port."""
    async with Receiver() as opened:
        yield opened


@pytest.fixture
def bench(house: House) -> Bench:
    """The test's own API in the house."""
    return Bench(house)


@contextlib.asynccontextmanager
async def driving(house: House) -> AsyncIterator[None]:
    """The engine's loop at work."""
    task = asyncio.create_task(house.engine.drive())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def calling_back(receiver: Receiver, act: Callable[[Received], Awaitable[None]]) -> AsyncIterator[None]:
    """Every webhook's handler awaits ``act`` before it answers; what went wrong in it comes out at the end."""
    tasks: list[asyncio.Task[None]] = []

    def answer_by(received: Received) -> Answer:
        done = asyncio.Event()

        async def run() -> None:
            try:
                await act(received)
            finally:
                done.set()

        tasks.append(asyncio.create_task(run()))
        return Answer(until=done)

    receiver.answer_by(answer_by)
    try:
        yield
    finally:
        await asyncio.gather(*tasks)


async def fence(house: House) -> None:
    """Return when the driver has been round: it carries out something in a world of its own, set after all else."""
    name = (await house.control("POST", "/worlds", {"clock": "real"}, 201))["world"]
    start = await house.store.peek(name)
    timer = Timer(due_at=start.clock.at, owner="nobody", what="fence", subject="fence")
    logging.getLogger("fake_nexmo.engine.runner").addFilter(_no_fence)
    await house.store.commit(name, start.epoch, Change(timers=(timer,)))
    while await house.store.pending(name):
        assert await house.store.changed(name, 1 << 62, 5), "the driver did not come round within 5 s"


def _no_fence(record: logging.LogRecord) -> bool:
    return "fence" not in record.getMessage()


async def statuses(house: House) -> list[str]:
    """The status of each message of the world ``default``."""
    return [each["status"] for each in (await house.control("GET", "messages"))["items"]]


# How clocks move.


async def test_manual_clock_stands_whatever_the_wall_does(house: House) -> None:
    """Time passes in a manual world by `advance` alone, driver or not."""
    await house.send()
    house.wall += HOUR

    async with driving(house):
        await fence(house)

    assert await house.control("GET", "clock") == {"mode": "manual", "now": T0, "advancing": False}
    assert await statuses(house) == ["submitted"]


@pytest.mark.parametrize(("mode", "rate"), [("real", 1), ("x60", 60), ("x0.5", 0.5)])
async def test_running_clock_moves_with_the_wall(mode: str, rate: float) -> None:
    """It starts at the wall's instant and shows N seconds for each second of the wall."""
    async with open_house(clock=mode) as house:
        before = await house.control("GET", "clock")
        house.wall += 3 * SECOND
        after = await house.control("GET", "clock")

    assert before == {"mode": mode, "now": rfc3339(WALL_START), "advancing": False}
    assert after == {"mode": mode, "now": rfc3339(WALL_START + round(3 * rate * SECOND)), "advancing": False}


@pytest.mark.parametrize(("mode", "wall_s"), [("real", 1.0), ("x60", 1 / 60)])
async def test_driver_carries_out_what_falls_due_on_a_running_clock(
    mode: str, wall_s: float, receiver: Receiver
) -> None:
    """A receipt is sent when its second is over, and not before."""
    async with open_house(clock=mode) as house:
        await house.send(callback=receiver.url)
        house.wall += int(wall_s * SECOND) - 1000
        async with driving(house):
            await fence(house)
            early = await statuses(house)
        house.wall += 1001
        async with driving(house):
            delivered = await house.control("GET", "webhooks?state=delivered&wait=5s")

    assert early == ["submitted"]
    assert [each["attempts"][0]["status"] for each in delivered["items"]] == [200]
    assert len(receiver.requests) == 1


async def test_auto_clock_jumps_to_what_happens_next(receiver: Receiver) -> None:
    """A receipt comes at once, a second later on the world's clock, and its retry too; the wall stands still."""
    receiver.say(Answer(500))
    async with open_house(clock="auto") as house, driving(house):
        await house.send(callback=receiver.url)
        delivered = await house.control("GET", "webhooks?state=delivered&wait=5s")
        clock = await house.control("GET", "clock")

    attempts = delivered["items"][0]["attempts"]
    assert [(each["at"], each["status"]) for each in attempts] == [(at(1), 500), (at(6), 200)]
    assert clock == {"mode": "auto", "now": at(6), "advancing": False}


async def test_auto_clock_never_passes_a_deadline() -> None:
    """Deadlines are passed by `advance` alone; what comes after one waits for it, then goes on by itself."""
    async with open_house(clock="auto") as house:
        bench = Bench(house)
        await bench.set(due(1, "note", "before"), due(2, "note", "end", deadline=True), due(3, "note", "after"))
        async with driving(house):
            first = await house.control("GET", "events?about=before&wait=5s")
            await fence(house)
            stands = await house.control("GET", "clock")
            seen = list(bench.seen)
            advanced = await house.advance("1s")
            last = await house.control("GET", "events?about=after&wait=5s")

    assert [each["at"] for each in first["items"]] == [at(1)]
    assert (stands, seen) == ({"mode": "auto", "now": at(1), "advancing": False}, ["before"])
    assert (advanced["from"], advanced["to"], advanced["timers"]) == (at(1), at(2), 1)
    assert [each["at"] for each in last["items"]] == [at(3)]


async def test_auto_clock_waits_while_a_request_is_under_way() -> None:
    """Half a request holds it still; when it is answered, time jumps on."""
    async with open_house(clock="auto") as house:
        await house.send()
        body = asyncio.Event()
        answered: list[Any] = []

        async def receive() -> dict[str, Any]:
            await body.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            answered.append(message["type"])

        scope = {"type": "http", "method": "POST", "path": "/sms/json", "query_string": b"", "headers": []}
        request = asyncio.create_task(house.app(scope, receive, send))
        async with driving(house):
            await fence(house)
            meanwhile = await statuses(house)
            body.set()
            await request
            after = await house.control("GET", "messages?status=delivered&wait=5s")

    assert meanwhile == ["submitted"]
    assert answered == ["http.response.start", "http.response.body"]
    assert len(after["items"]) == 1


async def test_what_is_due_now_does_not_wait_for_a_request() -> None:
    """A request under way keeps an auto clock from jumping, not from carrying out the present instant."""
    async with open_house(clock="auto") as house:
        bench = Bench(house)
        await bench.set(due(0, "note", "now"), due(1, "note", "later"))
        house.engine.request_began()
        async with driving(house):
            await house.control("GET", "events?about=now&wait=5s")
            await fence(house)
            meanwhile = list(bench.seen)
            house.engine.request_ended()
            await house.control("GET", "events?about=later&wait=5s")

    assert (meanwhile, bench.seen) == (["now"], ["now", "later"])


async def test_auto_clock_waits_while_a_webhook_is_under_way(receiver: Receiver) -> None:
    """Time does not jump on while an app thinks about a webhook."""
    gate = asyncio.Event()
    receiver.say(Answer(until=gate))
    async with open_house(clock="auto") as house:
        bench = Bench(house)
        await bench.set(due(2, "note", "later"), deliveries=(hook(1, "one", receiver.url),))
        async with driving(house):
            await receiver.wait_for(1)
            await fence(house)
            meanwhile = await house.control("GET", "clock")
            seen = list(bench.seen)
            gate.set()
            await house.control("GET", "events?about=later&wait=5s")

    assert (meanwhile["now"], seen, bench.seen) == (at(1), [], ["later"])


@pytest.mark.parametrize("after", MODES)
@pytest.mark.parametrize("before", MODES)
async def test_changing_the_mode_keeps_the_instant(before: str, after: str) -> None:
    """However a clock moved so far, it goes on from the instant that it shows."""
    async with open_house(clock=before) as house:
        await house.advance("90s")
        house.wall += 7 * SECOND
        shown = (await house.control("GET", "clock"))["now"]
        changed = await house.control("PUT", "clock", {"mode": after})
        house.wall += SECOND
        later = await house.control("GET", "clock")

    passed = {"manual": 0, "auto": 0, "real": 1, "x60": 60}[after]
    begin = STANDING_START + 90 * SECOND if before in {"manual", "auto"} else WALL_START + 90 * SECOND
    begin += {"manual": 0, "auto": 0, "real": 7, "x60": 420}[before] * SECOND
    assert shown == rfc3339(begin)
    assert changed == {"mode": after, "now": shown, "advancing": False}
    assert later == {"mode": after, "now": rfc3339(begin + passed * SECOND), "advancing": False}


async def test_world_that_is_put_on_auto_goes_on_by_itself(house: House) -> None:
    """The driver hears of the new mode; nobody has to send anything."""
    await house.send()
    async with driving(house):
        await fence(house)
        await house.control("PUT", "clock", {"mode": "auto"})
        after = await house.control("GET", "messages?status=delivered&wait=5s")

    assert [each["parts"][0]["status_at"] for each in after["items"]] == [at(1)]


# Advance.


@pytest.mark.parametrize("mode", MODES)
async def test_advance_works_in_every_mode(mode: str, receiver: Receiver) -> None:
    """It moves the clock by just so much, carries out what is due, and a running clock runs on from there."""
    async with open_house(clock=mode) as house:
        begin = STANDING_START if mode in {"manual", "auto"} else WALL_START
        await house.send(callback=receiver.url)
        summary = await house.advance("5m")
        house.wall += 2 * SECOND
        clock = await house.control("GET", "clock")
        webhooks = await house.control("GET", "webhooks")

    assert summary == {
        "from": rfc3339(begin),
        "to": rfc3339(begin + 5 * MINUTE),
        "timers": 1,
        "delivered": 1,
        "failed": 0,
        "pending": 0,
        "settled": True,
    }
    passed = {"manual": 0, "auto": 0, "real": 2, "x60": 120}[mode]
    assert clock == {"mode": mode, "now": rfc3339(begin + 5 * MINUTE + passed * SECOND), "advancing": False}
    assert [each["attempts"][0]["at"] for each in webhooks["items"]] == [rfc3339(begin + SECOND)]


async def test_advance_takes_a_number_of_seconds(house: House) -> None:
    """``"by": 90`` is a minute and a half, and halves of a second count."""
    assert (await house.advance(90))["to"] == at(90)
    assert (await house.advance(0.5))["to"] == at(90.5)


async def test_advance_carries_out_newly_scheduled_work(house: House, bench: Bench) -> None:
    """A timer that sets the next one a second later is carried out at each of its instants."""
    await bench.set(due(1, "again", "tick"))

    summary = await house.advance("5s")

    assert bench.seen == [f"tick {at(second)}" for second in range(1, 6)]
    assert summary["timers"] == 5
    assert [item.due_at for item in await house.store.pending("default")] == [STANDING_START + 6 * SECOND]


async def test_order_is_due_instant_then_deliveries_then_set_order(
    house: House, bench: Bench, receiver: Receiver
) -> None:
    """At one instant webhooks go before timers, each sort in the order it was set; no timer overtakes a webhook."""

    async def note(received: Received) -> None:
        bench.seen.append(received.path.strip("/"))

    await bench.set(due(2, "note", "t1"), due(1, "note", "t2"), due(2, "note", "t3"))
    await bench.set(
        due(1, "note", "t4"),
        deliveries=(hook(2, "w1", f"{receiver.url}/w1"), hook(1, "w2", f"{receiver.url}/w2")),
    )
    await bench.set(due(1, "note", "t5"), deliveries=(hook(2, "w3", f"{receiver.url}/w3"),))

    async with calling_back(receiver, note):
        summary = await house.advance("2s")

    assert bench.seen == ["w2", "t2", "t4", "t5", "w1", "w3", "t1", "t3"]
    assert (summary["timers"], summary["delivered"]) == (5, 3)


async def test_webhooks_of_a_timer_are_answered_before_the_next_timer(
    house: House, bench: Bench, receiver: Receiver
) -> None:
    """What a timer leads to at its instant comes before the timer that was set after it for the same instant."""

    async def note(received: Received) -> None:
        bench.seen.append(received.path)

    first = Timer(id=f"{receiver.url}/hook", due_at=STANDING_START + SECOND, owner="bench", what="hook", subject="one")
    await bench.set(first, due(1, "note", "next"))

    async with calling_back(receiver, note):
        await house.advance("1s")

    assert bench.seen == ["/hook", "next"]


async def test_summary_counts_attempts_and_what_waits(house: House, bench: Bench, receiver: Receiver) -> None:
    """Delivered and failed are attempts, a refused target is a failure, pending is what waits for a later retry."""
    receiver.answer_by(lambda received: Answer(500 if received.path == "/down" else 200))
    await bench.set(
        due(1, "note", "one"),
        due(90, "note", "too late"),
        deliveries=(
            hook(1, "up", f"{receiver.url}/up"),
            hook(1, "down", f"{receiver.url}/down"),
            hook(1, "far", "http://203.0.113.7/"),
        ),
    )

    summary = await house.advance("1m1s")

    assert summary == {
        "from": T0,
        "to": at(61),
        "timers": 1,
        "delivered": 1,
        "failed": 3,
        "pending": 1,
        "settled": True,
    }


async def test_advance_by_nothing_carries_out_what_is_due_now(house: House, bench: Bench) -> None:
    """``advance(0)`` settles the present instant and leaves the next microsecond alone."""
    await bench.set(due(0, "note", "now"), due(0.000001, "note", "next"))

    summary = await house.advance(0)

    assert (summary["from"], summary["to"], summary["timers"]) == (T0, T0, 1)
    assert bench.seen == ["now"]


async def test_advance_misses_nothing_at_its_end(house: House, bench: Bench) -> None:
    """What is due at the very target is carried out, one microsecond later is not, and it is the next call's."""
    await bench.set(due(1, "note", "in"), due(1.000001, "note", "out"))

    await house.advance("1s")
    first = list(bench.seen)
    await house.advance("1us")

    assert (first, bench.seen) == (["in"], ["in", "out"])


async def test_deadlines_are_passed_by_advance(house: House, bench: Bench) -> None:
    """For `advance` a deadline is a timer like any other."""
    await bench.set(due(1, "note", "end", deadline=True), due(1, "note", "step"))

    await house.advance("1s")

    assert bench.seen == ["end", "step"]


async def test_running_clock_is_held_during_an_advance(receiver: Receiver) -> None:
    """While webhooks are awaited the wall moves and the world does not; then it runs on from the target."""
    clocks: list[Any] = []
    async with open_house(clock="real") as house:

        async def look(_: Received) -> None:
            clocks.append(await house.control("GET", "clock"))
            house.wall += HOUR
            clocks.append(await house.control("GET", "clock"))

        await house.send(callback=receiver.url)
        async with calling_back(receiver, look):
            summary = await house.advance("10s")
        end = await house.control("GET", "clock")
        house.wall += SECOND
        later = await house.control("GET", "clock")

    assert clocks == [{"mode": "real", "now": rfc3339(WALL_START + SECOND), "advancing": True}] * 2
    assert summary["to"] == rfc3339(WALL_START + 10 * SECOND)
    assert end == {"mode": "real", "now": summary["to"], "advancing": False}
    assert later["now"] == rfc3339(WALL_START + 11 * SECOND)


async def test_mode_changed_during_an_advance_holds_afterwards(house: House, receiver: Receiver) -> None:
    """PUT clock from a webhook's handler neither breaks the advance nor is forgotten."""

    async def run(_: Received) -> None:
        await house.control("PUT", "clock", {"mode": "x60"})

    await house.send(callback=receiver.url)
    async with calling_back(receiver, run):
        summary = await house.advance("10s")
    house.wall += SECOND

    assert summary["to"] == at(10)
    assert await house.control("GET", "clock") == {"mode": "x60", "now": at(70), "advancing": False}


# Runners never nest.

ADVANCING = {
    "type": "urn:fake-nexmo:already-advancing",
    "title": "Already advancing",
    "status": 409,
    "detail": "The clock of this world is being advanced, or an act is being carried out; try again when it is done.",
}


async def test_advance_beside_an_advance_is_refused(house: House, receiver: Receiver) -> None:
    """A webhook's handler that advances would wait for itself: 409, and the first one goes on."""
    refused: list[Any] = []

    async def nested(_: Received) -> None:
        refused.append(await house.control("POST", "clock/advance", {"by": 1}, 409))

    await house.send(callback=receiver.url)
    async with calling_back(receiver, nested):
        summary = await house.advance("5s")

    assert refused == [ADVANCING]
    assert (summary["to"], summary["delivered"]) == (at(5), 1)


async def test_advance_beside_an_act_is_refused(house: House, receiver: Receiver) -> None:
    """An act's webhook may lead back to its caller: `advance` does not wait for it."""
    await house.send(callback=receiver.url)
    await house.advance("1s")
    webhook = (await house.control("GET", "webhooks"))["items"][0]["id"]
    refused: list[Any] = []

    async def nested(_: Received) -> None:
        refused.append(await house.control("POST", "clock/advance", {"by": 1}, 409))

    async with calling_back(receiver, nested):
        again = await house.control("POST", f"webhooks/{webhook}/resend")

    assert refused == [ADVANCING]
    assert (again["settled"], len(again["attempts"])) == (True, 2)


async def test_act_from_a_webhooks_handler_runs_nothing(house: House, receiver: Receiver) -> None:
    """It answers ``settled: false`` after its own commit, and the runner at work carries out what it made due."""
    await house.send(callback=f"{receiver.url}/first")
    await house.advance("1s")
    webhook = (await house.control("GET", "webhooks"))["items"][0]["id"]
    await house.send(callback=f"{receiver.url}/second")
    answers: list[Any] = []

    async def act(received: Received) -> None:
        if received.path == "/second":
            answers.append(await house.control("POST", f"webhooks/{webhook}/resend"))

    async with calling_back(receiver, act):
        summary = await house.advance("1s")

    assert [(each["settled"], each["state"], len(each["attempts"])) for each in answers] == [(False, "pending", 1)]
    assert [each.path for each in receiver.requests] == ["/first", "/second", "/first"]
    assert (summary["delivered"], summary["pending"]) == (2, 0)


async def test_act_from_a_handler_on_a_running_clock_does_not_wait_for_it(receiver: Receiver) -> None:
    """On a running clock nobody drives alone, yet an act from a webhook's handler must not wait for that webhook."""
    async with open_house(clock="real") as house:
        await house.send(callback=f"{receiver.url}/first")
        await house.advance("1s")
        webhook = (await house.control("GET", "webhooks"))["items"][0]["id"]
        answers: list[Any] = []

        async def act(received: Received) -> None:
            if received.path == "/second":
                answers.append(await house.control("POST", f"webhooks/{webhook}/resend"))

        await house.send(callback=f"{receiver.url}/second")
        house.wall += SECOND
        async with calling_back(receiver, act), driving(house):
            await receiver.wait_for(3)
            done = await house.control("GET", "webhooks?state=delivered&wait=5s")

    assert [each["settled"] for each in answers] == [False]
    assert [each.path for each in receiver.requests] == ["/first", "/second", "/first"]
    assert len(done["items"]) >= 1


async def test_advance_waits_for_a_runner_that_merely_follows(house: House, bench: Bench, receiver: Receiver) -> None:
    """The driver follows up a request's webhook; `advance` starts when that is answered."""
    gate = asyncio.Event()
    receiver.say(Answer(until=gate))
    await bench.set(due(1, "note", "later"), deliveries=(hook(0, "one", receiver.url),))
    async with driving(house):
        await receiver.wait_for(1)
        advance = asyncio.create_task(house.advance("1s"))
        await fence(house)
        waiting, seen = advance.done(), list(bench.seen)
        gate.set()
        summary = await advance

    assert (waiting, seen, bench.seen) == (False, [], ["later"])
    assert (summary["to"], summary["timers"], summary["delivered"]) == (at(1), 1, 0)


async def test_advance_waits_for_webhooks_under_way_on_a_running_clock(receiver: Receiver) -> None:
    """Nothing is under way at any worker when an advance begins to move the clock."""
    gate = asyncio.Event()
    receiver.say(Answer(until=gate))
    async with open_house(clock="real") as house:
        await house.send(callback=receiver.url)
        house.wall += SECOND
        async with driving(house):
            await receiver.wait_for(1)
            advance = asyncio.create_task(house.advance("1m"))
            await fence(house)
            meanwhile = await house.control("GET", "clock")
            gate.set()
            summary = await advance

    assert meanwhile == {"mode": "real", "now": rfc3339(WALL_START + SECOND), "advancing": False}
    assert summary == {
        "from": rfc3339(WALL_START + SECOND),
        "to": rfc3339(WALL_START + 61 * SECOND),
        "timers": 0,
        "delivered": 0,
        "failed": 0,
        "pending": 0,
        "settled": True,
    }


async def test_request_of_a_webhooks_handler_is_carried_out_too(house: House, receiver: Receiver) -> None:
    """What a handler sends during an advance falls due within it, at the world's instant of the handler."""

    async def answer_with_sms(received: Received) -> None:
        if received.path == "/first":
            await house.send(to="447700900002", callback=f"{receiver.url}/second")

    await house.send(callback=f"{receiver.url}/first")
    async with calling_back(receiver, answer_with_sms):
        summary = await house.advance("5s")

    messages = (await house.control("GET", "messages"))["items"]
    assert [(each["to"], each["at"], each["status"]) for each in messages] == [
        ("447700900001", at(0), "delivered"),
        ("447700900002", at(1), "delivered"),
    ]
    assert [each.path for each in receiver.requests] == ["/first", "/second"]
    assert (summary["timers"], summary["delivered"]) == (2, 2)


# What goes wrong.


async def test_chain_without_end_stops_with_its_last_ten(house: House, bench: Bench) -> None:
    """A thousand causes at one instant are allowed, more are an error; the rest of the world goes on."""
    await bench.set(due(1, "round", "a"), due(1, "note", "other"))

    answer = await house.control("POST", "clock/advance", {"by": "5s"}, 409)

    names = [f"round of a{k}" for k in range(CHAIN_MAX - 9, CHAIN_MAX + 1)]
    assert answer == {
        "type": "urn:fake-nexmo:chain-too-long",
        "title": "A chain of causes does not end",
        "status": 409,
        "detail": f"more than 1000 causes at one instant; the last ten: {', '.join(names)}",
        "last": names,
    }
    assert await house.control("GET", "clock") == {"mode": "manual", "now": at(1), "advancing": False}
    summary = await house.advance("1s")
    assert (summary["from"], summary["to"], summary["timers"]) == (at(1), at(2), 0)
    assert bench.seen == ["other"]


async def test_chain_of_a_thousand_is_no_error(house: House, bench: Bench) -> None:
    """The limit is on causes in a row at one instant, not on work: a thousand and more timers side by side are fine."""
    await bench.set(*(due(1, "note", f"n{k}") for k in range(CHAIN_MAX + 100)))

    assert (await house.advance("1s"))["timers"] == CHAIN_MAX + 100


async def test_handlers_that_resend_one_another_are_a_chain(house: House, receiver: Receiver) -> None:
    """A webhook whose handler has it sent again, for ever, is stopped as any chain of causes."""
    await house.send(callback=receiver.url)

    async def again(_: Received) -> None:
        webhook = (await house.control("GET", "webhooks"))["items"][0]["id"]
        await house.control("POST", f"webhooks/{webhook}/resend")

    async with calling_back(receiver, again):
        answer = await house.control("POST", "clock/advance", {"by": "5s"}, 409)

    message = (await house.control("GET", "messages"))["items"][0]["id"]
    assert answer["last"] == [f"webhook receipt of {message}"] * 10
    assert [each["state"] for each in (await house.control("GET", "webhooks"))["items"]] == ["cancelled"]


@pytest.mark.parametrize("mode", ["manual", "real"])
async def test_driver_logs_a_chain_without_end_and_goes_on(mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever merely follows has nobody to tell: the log names the chain, and other work is done."""
    async with open_house(clock=mode) as house:
        bench = Bench(house)
        base = STANDING_START if mode == "manual" else WALL_START
        await bench.set(due(0, "round", "a", base=base))
        async with driving(house):
            await fence(house)
            while await house.store.pending("default"):
                assert await house.store.changed("default", 1 << 62, 5), "the chain does not end"
            await bench.set(due(0, "note", "other", base=base))
            await house.control("GET", "events?about=other&wait=5s")

    names = ", ".join(f"round of a{k}" for k in range(CHAIN_MAX - 9, CHAIN_MAX + 1))
    said = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert [each for each in said if "fence" not in each] == [
        f"world 'default': more than 1000 causes at one instant; the last ten: {names}"
    ]
    assert bench.seen == ["other"]


async def test_timer_whose_rule_fails_is_logged_and_dropped(
    house: House, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """One bug does not stop the world: the timer is gone, those behind it are carried out."""
    await bench.set(due(1, "bug", "broken"), due(1, "unknown", "lost"), due(1, "note", "fine"))

    summary = await house.advance("2s")

    assert summary["timers"] == 3
    assert bench.seen == ["fine"]
    assert await house.store.pending("default") == []
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == [
        "a bug in fake-nexmo: bug of broken of world 'default' failed and was dropped",
        "a bug in fake-nexmo: unknown of lost of world 'default' failed and was dropped",
    ]


async def test_webhook_that_cannot_be_worded_is_logged_and_cancelled(
    house: House, bench: Bench, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """A kind that its owner does not know is a bug of ours; it fails alone."""
    odd = hook(1, "odd", receiver.url)
    await bench.set(deliveries=(hook(1, "good", receiver.url),))
    start = await house.store.peek("default")
    await house.store.commit(
        "default", start.epoch, Change(deliveries=(Delivery(**{**_fields(odd), "kind": "unheard"}),))
    )

    summary = await house.advance("1s")

    assert (summary["delivered"], summary["failed"], summary["pending"]) == (1, 1, 0)
    assert [each["state"] for each in (await house.control("GET", "webhooks"))["items"]] == ["delivered", "cancelled"]
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == [
        "a bug in fake-nexmo: webhook unheard of odd of world 'default' failed and was dropped"
    ]


def _fields(delivery: Delivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in delivery.__struct_fields__}


STALE = {
    "type": "urn:fake-nexmo:stale",
    "title": "Stale",
    "status": 503,
    "detail": "The world was reset, restored or deleted meanwhile; ask again.",
}


async def test_reset_during_a_webhook_drops_its_outcome(house: House, receiver: Receiver) -> None:
    """The advance is told that its world is another one; nothing of the old one enters the new."""

    async def reset(_: Received) -> None:
        await house.control("POST", "reset")
        await house.send(text="new")

    await house.send(callback=receiver.url, text="old")
    async with calling_back(receiver, reset):
        answer = await house.control("POST", "clock/advance", {"by": "1m"}, 503)

    assert answer == STALE
    assert (await house.control("GET", "webhooks"))["items"] == []
    assert [each["text"] for each in (await house.control("GET", "messages"))["items"]] == ["new"]
    assert await house.control("GET", "clock") == {"mode": "manual", "now": T0, "advancing": False}
    assert (await house.advance("1s"))["timers"] == 1


async def test_restore_during_a_webhook_drops_its_outcome(house: House, receiver: Receiver) -> None:
    """The webhook is pending again as it was remembered, without the attempt, and is sent anew."""
    await house.send(callback=receiver.url)
    snapshot = (await house.control("POST", "snapshot", None, 201))["snapshot"]

    async def restore(_: Received) -> None:
        if len(receiver.requests) == 1:
            await house.control("POST", "restore", {"snapshot": snapshot})

    async with calling_back(receiver, restore):
        assert await house.control("POST", "clock/advance", {"by": "1m"}, 503) == STALE
        after = await house.control("GET", "webhooks")
        summary = await house.advance("1s")

    assert after["items"] == []
    assert (summary["from"], summary["timers"], summary["delivered"]) == (T0, 1, 1)
    assert receiver.requests[0].query == receiver.requests[1].query


async def test_delete_during_a_webhook_drops_its_outcome(house: House, receiver: Receiver) -> None:
    """The advance of a world that is deleted meanwhile is answered 503, as every request is."""

    async def delete(_: Received) -> None:
        await house.control("DELETE", "/worlds/default", None, 204)

    await house.send(callback=receiver.url)
    async with calling_back(receiver, delete):
        answer = await house.control("POST", "clock/advance", {"by": "1m"}, 503)

    assert answer == STALE
    assert (await house.control("GET", "/health"))["worlds"] == []


async def test_reset_while_the_driver_awaits_a_webhook_is_survived(receiver: Receiver) -> None:
    """On a running clock the outcome is dropped silently and the driver goes on."""
    gate = asyncio.Event()
    receiver.say(Answer(until=gate))
    async with open_house(clock="real") as house:
        await house.send(callback=receiver.url)
        house.wall += SECOND
        async with driving(house):
            await receiver.wait_for(1)
            await house.control("POST", "reset")
            gate.set()
            await house.send(callback=receiver.url)
            house.wall += SECOND
            await fence(house)
        async with driving(house):
            done = await house.control("GET", "webhooks?state=delivered&wait=5s")

    assert [len(each["attempts"]) for each in done["items"]] == [1]
    assert len(receiver.requests) == 2


async def test_delete_during_an_acts_webhook_is_503(house: House, receiver: Receiver) -> None:
    """An act is told like an advance that its world is gone."""
    await house.send(callback=receiver.url)
    await house.advance("1s")
    webhook = (await house.control("GET", "webhooks"))["items"][0]["id"]

    async def delete(_: Received) -> None:
        await house.control("DELETE", "/worlds/default", None, 204)

    async with calling_back(receiver, delete):
        assert await house.control("POST", f"webhooks/{webhook}/resend", None, 503) == STALE


@pytest.mark.parametrize("mode", ["manual", "real"])
async def test_stopping_loses_no_webhook(mode: str, receiver: Receiver) -> None:
    """What hangs longer than the grace is cut off; in the store it is still to be sent, without an attempt."""
    gate = asyncio.Event()
    receiver.say(Answer(until=gate))
    async with open_house(clock=mode) as house:
        bench = Bench(house)
        base = STANDING_START if mode == "manual" else WALL_START
        await bench.set(deliveries=(hook(0, "one", receiver.url, base=base),))
        async with driving(house):
            await receiver.wait_for(1)
            await house.engine.stop(0)
        entries = (await house.control("GET", "webhooks"))["items"]

    assert [(each["state"], each["attempts"]) for each in entries] == [("pending", [])]


async def test_stopping_ends_an_advance(house: House, bench: Bench, receiver: Receiver) -> None:
    """A server that stops takes nothing new on: an advance under way ends with 503 instead of going round for ever."""
    gate = asyncio.Event()
    receiver.say(Answer(until=gate))
    await bench.set(due(2, "note", "later"), deliveries=(hook(1, "one", receiver.url),))
    advance = asyncio.create_task(house.control("POST", "clock/advance", {"by": "1m"}, 503))
    await receiver.wait_for(1)

    stop = asyncio.create_task(house.engine.stop(1))
    gate.set()
    answer = await advance
    await stop

    assert answer["status"] == 503
    assert bench.seen == []


# Worlds side by side.


@pytest.mark.parametrize("mode", ["manual", "auto", "real"])
async def test_hanging_receiver_of_one_world_does_not_stop_another(mode: str, receiver: Receiver) -> None:
    """A webhook that nobody answers holds up its own world at most."""
    gate = asyncio.Event()
    receiver.answer_by(lambda received: Answer(until=gate) if received.path == "/hang" else Answer())
    async with open_house(clock=mode) as house:
        other = await house.control("POST", "/worlds", {"clock": mode}, 201)
        account = other["accounts"][0]
        bench = Bench(house)
        base = STANDING_START if mode != "real" else WALL_START
        await bench.set(deliveries=(hook(0, "hang", f"{receiver.url}/hang", base=base),))
        async with driving(house):
            await receiver.wait_for(1)
            await house.send(
                api_key=account["api_key"], api_secret=account["api_secret"], callback=f"{receiver.url}/good"
            )
            summary = await house.control("POST", f"/worlds/{other['world']}/clock/advance", {"by": "1s"})
            hanging = await house.control("GET", "webhooks")
            gate.set()
            done = await house.control("GET", "webhooks?state=delivered&wait=5s")

    assert summary["delivered"] + summary["timers"] in {0, 2}
    assert [each["state"] for each in hanging["items"]] == ["pending"]
    assert [each.path for each in receiver.requests] == ["/hang", "/good"]
    assert [each["url"] for each in done["items"]] == [f"{receiver.url}/hang"]


async def test_world_is_dropped_when_it_is_idle(house: House) -> None:
    """Nobody asked for it for so long of wall time; one that somebody asks for lives on."""
    idle = await house.control("POST", "/worlds", {"name": "idle", "drop_after_idle": "1m"}, 201)
    busy = await house.control("POST", "/worlds", {"name": "busy", "drop_after_idle": "1m"}, 201)
    account = busy["accounts"][0]
    async with driving(house):
        await fence(house)
        for _ in range(3):
            house.wall += 40 * SECOND
            await house.send(api_key=account["api_key"], api_secret=account["api_secret"])
            await fence(house)
        worlds = (await house.control("GET", "/health"))["worlds"]

    assert {"default", "busy"} <= set(worlds)
    assert "idle" not in worlds
    refused = await house.send(api_key=idle["accounts"][0]["api_key"], api_secret="unknown")
    assert refused["messages"][0]["status"] == "4"


async def test_namesake_of_a_world_that_was_to_be_dropped_lives_on(house: House) -> None:
    """What was asked of a world ends with it: one made anew under its name without a limit is never dropped."""
    await house.control("POST", "/worlds", {"name": "twice", "drop_after_idle": "1m"}, 201)
    await house.control("DELETE", "/worlds/twice", None, 204)
    await house.control("POST", "/worlds", {"name": "twice"}, 201)
    async with driving(house):
        await fence(house)
        for _ in range(3):
            house.wall += 40 * SECOND
            await fence(house)
        worlds = (await house.control("GET", "/health"))["worlds"]

    assert "twice" in worlds


async def test_world_deleted_before_it_is_idle_is_forgotten(house: House) -> None:
    """The driver goes on when a world it was to drop is gone already."""
    await house.control("POST", "/worlds", {"name": "gone", "drop_after_idle": "1m"}, 201)
    await house.control("DELETE", "/worlds/gone", None, 204)
    async with driving(house):
        await fence(house)
        for _ in range(3):
            house.wall += 40 * SECOND
            await fence(house)
        worlds = (await house.control("GET", "/health"))["worlds"]

    assert "gone" not in worlds
    assert "default" in worlds


async def test_fork_of_a_world_that_is_dropped_when_idle_is_dropped_too(house: House) -> None:
    """A fork keeps the facts of its source, this one included."""
    await house.control("POST", "/worlds", {"name": "first", "drop_after_idle": "1m"}, 201)
    await house.control("POST", "/worlds/first/fork", {"name": "second"}, 201)
    async with driving(house):
        await fence(house)
        for _ in range(3):
            house.wall += 40 * SECOND
            await fence(house)
        worlds = (await house.control("GET", "/health"))["worlds"]

    assert not {"first", "second"} & set(worlds)


async def test_pending_webhooks_are_foreseen(house: House, bench: Bench, receiver: Receiver) -> None:
    """What a world still owes: webhooks that wait, and those that its timers will lead to; nothing is changed."""
    await house.send(callback=f"{receiver.url}/receipt")
    await house.send()
    await bench.set(deliveries=(hook(9, "one", f"{receiver.url}/hook"),))
    before = await house.store.pending("default")

    owed = [(each.url, each.facts.get("status")) async for each in house.engine.webhooks_pending("default")]

    assert owed == [(f"{receiver.url}/receipt", "delivered"), (f"{receiver.url}/hook", None)]
    assert await house.store.pending("default") == before


# Random walks.

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from(("447700900001", "447700900002", "12015550101", "1"))),
        st.tuples(st.just("advance"), st.sampled_from(("0s", "400ms", "1s", "3s", "1h"))),
        st.tuples(st.just("mode"), st.sampled_from(MODES)),
        st.tuples(st.just("wall"), st.sampled_from(("300ms", "2s"))),
        st.tuples(st.just("snapshot"), st.just("")),
        st.tuples(st.just("restore"), st.integers(0, 5)),
        st.tuples(st.just("reset"), st.just("")),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_laws_hold_on_any_walk(steps: list[tuple[str, Any]]) -> None:
    """The balance is what the messages of the present history left; seq only grows; in the end all is delivered."""
    asyncio.run(_walk(steps))


async def _walk(steps: list[tuple[str, Any]]) -> None:
    async with open_house() as house:
        snapshots: list[str] = []
        highest = 0
        for what, how in steps:
            grown = await _step(house, snapshots, what, how)
            since = await _law_of_money(house)
            assert since > highest if grown else since >= highest, f"seq fell from {highest} to {since} at {what}"
            highest = since
        await house.advance("1d")
        assert all(status == "delivered" for status in await statuses(house))
        assert await house.store.pending("default") == []


async def _step(house: House, snapshots: list[str], what: str, how: Any) -> bool:
    """Take one step; whether it certainly draws a sequence number."""
    if what == "send":
        await house.send(to=how)
    elif what == "advance":
        summary = await house.advance(how)
        assert summary["settled"] is True
    elif what == "mode":
        await house.control("PUT", "clock", {"mode": how})
    elif what == "wall":
        house.wall += parse_duration(how)
    elif what == "snapshot":
        snapshots.append((await house.control("POST", "snapshot", None, 201))["snapshot"])
    elif what == "restore" and snapshots:
        await house.control("POST", "restore", {"snapshot": snapshots[how % len(snapshots)]})
    elif what == "reset":
        await house.control("POST", "reset")
    return what in {"send", "advance", "mode", "reset"}


async def _law_of_money(house: House) -> int:
    page = await house.control("GET", "messages")
    spent = sum(int(each["price"].replace(".", "")) for each in page["items"])
    assert await house.store.counter("default", "balance/main") == 100 * 10**8 - spent
    seqs = [each["seq"] for each in page["items"]]
    assert len(set(seqs)) == len(seqs)
    assert all(seq <= page["since"] for seq in seqs)
    return int(page["since"])
