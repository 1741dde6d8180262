"""Rows about tests: a fixture's world, calls inside one process by each client, and what an unused plugin costs."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import requests

from bench.inside import BODY, FORM
from bench.machine import version
from bench.processes import HERE, PYTHON
from bench.rows_inside import _each, _static
from bench.table import Row, ratios, say
from fake_nexmo.inside.block import blocked
from fake_nexmo.inside.exchange import Ask
from fake_nexmo.inside.fake import Fake
from fake_nexmo.inside.intercept import intercepted
from pytest_fake_nexmo.door import InsideDoor
from pytest_fake_nexmo.strictness import Strictness
from pytest_fake_nexmo.world import Nexmo

_URL = "https://rest.nexmo.com/sms/json"
_HEADERS = {"content-type": FORM}
_OURS = r"(.+\.)?(nexmo|vonage)\.com"


def fixture(*, quick: bool) -> list[Row]:
    """What the fixture ``nexmo`` costs: a test that does nothing, and one that sends an SMS and is judged."""
    count = 200 if quick else 1_000
    idle, busy = _each(_idle_test, count), _each(_busy_test, count)
    say(f"fixture nexmo: {idle * 1e3:.2f} ms, {busy * 1e3:.2f} ms")
    return [
        Row(
            name="fixture",
            what="fixture nexmo, set up and torn down: a test that does nothing",
            figure=f"{idle * 1e3:.2f} ms",
            goal="<= 1 ms",
            met=idle <= 1e-3,
        ),
        Row(
            name="fixture",
            what="fixture nexmo, a test that sends an SMS: the send and its verdict included",
            figure=f"{busy * 1e3:.2f} ms",
        ),
    ]


def _idle_test() -> None:
    with _opened() as (_, opened):
        assert opened.verdict() == ""


def _busy_test() -> None:
    with _opened() as (fake, opened):
        answer = fake.answer(Ask("POST", "/sms/json", b"", [(b"content-type", FORM.encode())], BODY))
        assert answer.status == 200
        assert opened.verdict() == ""


@contextmanager
def _opened() -> Iterator[tuple[Fake, Nexmo]]:
    """What the fixture does, without pytest around it."""
    fake = Fake(seed=1)
    opened = Nexmo(InsideDoor(fake), Strictness.of(None))
    with intercepted(fake), blocked(opened.reached_for_real.append):
        yield fake, opened
    fake.close()


def transports(*, quick: bool) -> list[Row]:
    """One send without a socket by httpx, requests and aiohttp, beside static answers to the same."""
    rounds, count = (3, 200) if quick else (9, 1_000)
    ways: dict[str, Callable[[ExitStack, Fake], Callable[[], Any]]] = {
        "httpx.Client, our transport": _own,
        "httpx.Client, intercepted": _met,
        "httpx.Client, routed by respx": _routed,
    }
    goals = {"httpx.Client, our transport": 1.0, "httpx.Client, routed by respx": 1.6}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    static: list[float] = []
    alike: list[float] = []
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(_round(way, count))
        static.append(_static(count))
        alike.append(_static(count, _an_answer()))
    rows = [_compared(name, took, static, "static respx route", goals.get(name)) for name, took in taken.items()]
    rows += [_compared(name, taken[name], alike, "static respx route, the same answer", None) for name in goals]
    return [*rows, *_by_requests(rounds, count), *_by_aiohttp(rounds, count)]


def _an_answer() -> httpx.Response:
    """What the service answers to the send: half of what a client does with an answer is reading its headers."""
    with httpx.Client(transport=Fake(seed=1).transport()) as client:
        given = client.post(_URL, content=BODY, headers=_HEADERS)
    return httpx.Response(given.status_code, headers=given.headers, content=given.content)


def unused(*, quick: bool) -> list[Row]:
    """What the plugin adds to a run of pytest that does not use it."""
    took: dict[str, list[float]] = {"with": [], "without": []}
    options = {"with": ("-p", "pytest_fake_nexmo"), "without": ()}
    places = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(HERE.parent / "pytest_plugin")}
    environment = {**os.environ, **places}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text("def test_nothing(): pass\n")
        for _ in range(7 if quick else 21):
            for name, more in options.items():
                command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more]
                began = time.perf_counter()
                subprocess.run(command, check=True, cwd=folder, capture_output=True, env=environment)
                took[name].append((time.perf_counter() - began) * 1e3)
    more_ms = statistics.median(a - b for a, b in zip(took["with"], took["without"], strict=True))
    without = statistics.median(took["without"])
    say(f"unused plugin: {more_ms:.1f} ms")
    return [
        Row(
            name="unused",
            what="an empty run of pytest with the plugin, unused",
            figure=f"{more_ms:.1f} ms more",
            reference=f"{without:.0f} ms (without it)",
            goal="<= 30 ms more",
            met=more_ms <= 30,
        )
    ]


def _round(way: Callable[[ExitStack, Fake], Callable[[], Any]], count: int) -> float:
    fake = Fake(seed=1)
    fake.control("PATCH", "accounts/abcd1234", {"balance": "unlimited"})
    with ExitStack() as stack:
        return _each(way(stack, fake), count)


def _own(stack: ExitStack, fake: Fake) -> Callable[[], Any]:
    client = stack.enter_context(httpx.Client(transport=fake.transport()))
    return lambda: _sent(client.post(_URL, content=BODY, headers=_HEADERS))


def _met(stack: ExitStack, fake: Fake) -> Callable[[], Any]:
    stack.enter_context(intercepted(fake))
    client = stack.enter_context(httpx.Client())
    return lambda: _sent(client.post(_URL, content=BODY, headers=_HEADERS))


def _routed(stack: ExitStack, fake: Fake) -> Callable[[], Any]:
    import respx

    router = stack.enter_context(respx.mock())
    router.route(host__regex=_OURS).mock(side_effect=fake.respond)
    client = stack.enter_context(httpx.Client())

    def once() -> None:
        router.calls.reset()
        _sent(client.post(_URL, content=BODY, headers=_HEADERS))

    return once


def _by_requests(rounds: int, count: int) -> list[Row]:
    ours, static = [], []
    for _ in range(rounds):
        ours.append(_round(_session, count))
        static.append(_static_session(count) if version("responses") else 0.0)
    if version("responses"):
        return [_compared("requests, intercepted", ours, static, "static responses route", None)]
    took = statistics.median(ours)
    note = "reference not run: responses is not installed"
    return [Row(name="transports", what=_what("requests, intercepted"), figure=f"{took * 1e6:.0f} us", note=note)]


def _by_aiohttp(rounds: int, count: int) -> list[Row]:
    """Nothing stands beside it: there is no static answer for aiohttp among the dependencies."""
    if not version("aiohttp"):
        return []
    took = statistics.median(asyncio.run(_aiohttp_round(count)) for _ in range(rounds))
    what = _what("aiohttp, intercepted")
    say(f"{what}: {took * 1e6:.0f} us")
    return [Row(name="transports", what=what, figure=f"{took * 1e6:.0f} us")]


async def _aiohttp_round(count: int) -> float:
    import aiohttp

    fake = Fake(seed=1)
    fake.control("PATCH", "accounts/abcd1234", {"balance": "unlimited"})
    took = []
    with intercepted(fake):
        async with aiohttp.ClientSession() as http:
            for _ in range(count):
                began = time.perf_counter()
                async with http.post(_URL, data=BODY, headers=_HEADERS) as answer:
                    read = await answer.json()
                took.append(time.perf_counter() - began)
                assert read["messages"][0]["status"] == "0", read
    return statistics.median(took)


def _session(stack: ExitStack, fake: Fake) -> Callable[[], Any]:
    stack.enter_context(intercepted(fake))
    session = stack.enter_context(requests.Session())
    return lambda: _sent(session.post(_URL, data=BODY, headers=_HEADERS))


def _static_session(count: int) -> float:
    import responses

    with responses.RequestsMock() as router, requests.Session() as session:
        router.add("POST", _URL, json={"messages": [{"status": "0"}]})
        return _each(lambda: _sent(session.post(_URL, data=BODY, headers=_HEADERS)), count, before=router.calls.reset)


def _compared(way: str, ours: list[float], theirs: list[float], reference: str, goal: float | None) -> Row:
    ratio, spread = ratios(ours, theirs)
    say(f"{_what(way)}: {statistics.median(ours) * 1e6:.0f} us, {ratio:.2f}")
    return Row(
        name="transports",
        what=_what(way),
        figure=f"{statistics.median(ours) * 1e6:.0f} us",
        reference=f"{statistics.median(theirs) * 1e6:.0f} us ({reference})",
        ratio=ratio,
        spread=spread,
        goal="" if goal is None else f"<= {goal}",
        met=None if goal is None else ratio <= goal,
    )


def _what(way: str) -> str:
    return f"in-process SMS, {way}"


def _sent(answer: Any) -> None:
    assert answer.status_code == 200, answer.text
    assert answer.json()["messages"][0]["status"] == "0", answer.text
