"""Rows about the library inside another process: imports, worlds, calls, the ladder of retries."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx

from bench.inside import BODY, FORM, Inside, clean, step
from bench.processes import HERE, PYTHON, free_port
from bench.table import Row, say
from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Handset
from fake_nexmo.engine.outbound import HttpAnswer, HttpCall, Outbound, SendFailed
from fake_nexmo.scenario.worlds import Plan, fork_world, make_world
from fake_nexmo.store.memory import wall_clock
from fake_nexmo.store.protocol import NoSuchWorld

_URL = "http://127.0.0.1:6396/sms/json"
_HEADERS = {"content-type": FORM}


def imports(*, quick: bool) -> list[Row]:
    """What ``import fake_nexmo`` adds to the start of the interpreter."""
    codes = {"nothing": "pass", "package": "import fake_nexmo", "app": "import fake_nexmo.asgi"}
    took: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(7 if quick else 25):
        for name, code in codes.items():
            began = time.perf_counter()
            subprocess.run([PYTHON, "-c", code], check=True, cwd=HERE.parent)
            took[name].append((time.perf_counter() - began) * 1e3)
    bare = statistics.median(took["nothing"])
    rows = []
    for name, goal in (("package", "<= 80 ms more"), ("app", "")):
        more = statistics.median(a - b for a, b in zip(took[name], took["nothing"], strict=True))
        say(f"{codes[name]}: {more:.1f} ms more than {bare:.1f} ms")
        rows.append(
            Row(
                name="import",
                what=codes[name],
                figure=f"{more:.1f} ms more",
                reference=f"{bare:.1f} ms (interpreter)",
                goal=goal,
                met=more <= 80 if goal else None,
            )
        )
    return rows


def world(*, quick: bool) -> list[Row]:
    """A fresh world for each test, made and deleted."""
    inside = Inside()

    def once() -> None:
        made = step(make_world(inside.store, wall_clock, Plan(clock="manual")))
        step(inside.store.delete_world(made.world))

    took = _each(once, 300 if quick else 2_000)
    return [
        Row(
            name="world",
            what="fresh world in-process, made and deleted",
            figure=_ms(took),
            goal="<= 1 ms",
            met=took <= 1e-3,
            note="a mock_aws block, the reference of the goal, takes 6 ms; moto is no dependency of ours",
        )
    ]


def call(*, quick: bool) -> list[Row]:
    """One send without a socket and without a client."""
    rounds, count = (3, 200) if quick else (9, 1_000)
    inside = Inside()
    bare = statistics.median(_each(inside.send, count) for _ in range(rounds))
    say(f"in-process call, coroutine stepped: {_us(bare)}")
    return [Row(name="call", what="in-process call, coroutine stepped", figure=_us(bare), note="no client at all")]


def _static(count: int, answer: httpx.Response | None = None) -> float:
    """A send that a static route of respx answers: with a body and two headers, where no other answer is given."""
    import respx

    said = answer or httpx.Response(200, json={"messages": [{"status": "0"}]})
    with respx.mock as router, httpx.Client() as client:
        router.post(_URL).mock(return_value=said)
        return _each(
            lambda: _asked(client.post(_URL, content=BODY, headers=_HEADERS)), count, before=router.calls.reset
        )


def _asked(answer: httpx.Response) -> None:
    assert answer.status_code == 200, answer.text
    assert answer.json()["messages"][0]["status"] == "0", answer.text


class _Refusing(Outbound):
    """An app in this process that refuses every webhook at once."""

    tried = 0

    async def send(self, call: HttpCall) -> HttpAnswer:
        self.tried += 1
        raise SendFailed("connection", f"nobody listens: {call.method}")


def ladder(*, quick: bool) -> list[Row]:
    """A receipt that nobody takes, with all its retries, while a day passes."""
    del quick
    rows = []
    for what, url, outbound in (
        ("24-hour webhook retry ladder, app in-process", "http://shop.test/dlr", _Refusing),
        ("  the same, a closed port of loopback", f"http://127.0.0.1:{free_port()}/dlr", None),
    ):
        took, tried = zip(*(asyncio.run(_a_day(url, outbound)) for _ in range(7)), strict=True)
        median = statistics.median(took)
        say(f"ladder: {_ms(median)} for {tried[0]} attempts")
        goal = "<= 50 ms" if outbound else ""
        rows.append(
            Row(
                name="ladder",
                what=what,
                figure=f"{_ms(median)}, {tried[0]} attempts",
                goal=goal,
                met=median <= 0.05 if goal else None,
            )
        )
    return rows


async def _a_day(url: str, outbound: type[Outbound] | None) -> tuple[float, int]:
    inside = Inside()
    if outbound is not None:
        inside.engine.outbound = outbound()
    callback = url.replace(":", "%3A").replace("/", "%2F").encode()
    inside.send(BODY + b"&callback=" + callback)
    clean()
    began = time.perf_counter()
    done = await inside.engine.advance("default", 24 * 3_600 * 1_000_000)
    took = time.perf_counter() - began
    await inside.engine.stop(1)
    assert done.failed, "webhooks were tried"
    return took, done.failed


def snapshot(*, quick: bool) -> list[Row]:
    """Snapshot, restore and fork of a world with a hundred records."""
    inside = Inside()
    for _ in range(45):
        inside.send()
    phones = tuple(Handset(id=f"447700900{k:03d}") for k in range(5))
    start = step(inside.store.peek("default"))
    step(inside.store.commit("default", start.epoch, Change(put=phones)))
    state = inside.store._worlds["default"].state  # noqa: SLF001 - to say how many there are
    held = sum(len(table) for table in state.records.values())
    count = 100 if quick else 1_000
    taken = step(inside.store.snapshot("default"))

    def fork() -> None:
        made = step(fork_world(inside.store, wall_clock, "default", "", ""))
        try:
            step(inside.store.delete_world(made.world))
        except NoSuchWorld as error:
            raise AssertionError("a fork is a world") from error

    acts: dict[str, Callable[[], object]] = {
        "snapshot": lambda: step(inside.store.snapshot("default")),
        "restore": lambda: step(inside.store.restore("default", taken)),
        "fork (and delete)": fork,
    }
    rows = []
    for name, act in acts.items():
        took = _each(act, count)
        rows.append(
            Row(
                name="snapshot",
                what=f"{name} of a world with {held} records",
                figure=_ms(took),
                goal="<= 1 ms",
                met=took <= 1e-3,
            )
        )
    return rows


def _each(act: Callable[[], Any], count: int, before: Callable[[], Any] | None = None) -> float:
    """Median seconds of an act."""
    act()
    clean()
    took = []
    for _ in range(count):
        if before is not None:
            before()
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} us"
