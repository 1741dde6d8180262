"""The gate: one caller at a time, stepped or driven."""

from __future__ import annotations

import asyncio

import pytest

from fake_nexmo.inside.stepping import Gate


async def answer(value: int) -> int:
    """A coroutine that never waits."""
    return value


async def wait(gate: Gate, order: list[str], name: str) -> str:
    """A coroutine that waits once, and says when it is inside."""
    order.append(f"{name} in {gate.stepping}")
    await asyncio.sleep(0)
    order.append(f"{name} out")
    return name


def test_what_never_waits_is_stepped() -> None:
    assert Gate().step(answer(7)) == 7


def test_what_waits_is_refused_and_the_gate_is_open_again() -> None:
    gate = Gate()

    with pytest.raises(RuntimeError, match="needs an event loop"):
        gate.step(wait(gate, [], "a"))

    assert gate.step(answer(7)) == 7


async def test_what_waits_is_driven_and_lets_others_in_meanwhile() -> None:
    gate, order = Gate(), list[str]()

    names = await asyncio.gather(*(gate.drive(wait(gate, order, name)) for name in "ab"))

    assert names == ["a", "b"]
    assert order == ["a in False", "b in False", "a out", "b out"]


async def test_a_cancellation_reaches_what_is_driven() -> None:
    gate, seen = Gate(), list[str]()

    async def hang() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task = asyncio.ensure_future(gate.drive(hang()))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]
    assert gate.step(answer(7)) == 7


def test_whoever_is_stepped_may_open_the_gate() -> None:
    gate = Gate()

    async def outside() -> tuple[bool, int, bool]:
        before = gate.stepping
        with gate.opened():
            inner = gate.step(answer(7))
        return before, inner, gate.stepping

    assert gate.step(outside()) == (True, 7, True)
