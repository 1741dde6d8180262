"""Rows about a server process: sending, starting, memory, webhooks."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import load
from bench.machine import LOAD_CORE
from bench.processes import Process, emulator, end, free_port, launch, reference, started
from bench.table import Row, ratios, say

_SEND = "SMS send"
_GOAL = ">= 0.8, 1.0 in the end"


def _home() -> dict[str, str]:
    """Where the emulator keeps its authority during a run: made once, ours alone."""
    folder = Path(tempfile.gettempdir()) / "fake-nexmo-bench"
    folder.mkdir(mode=0o700, exist_ok=True)
    return {"FAKE_NEXMO_HOME": str(folder)}


@contextlib.contextmanager
def running(*options: str) -> Iterator[Process]:
    """A fake-nexmo server on the first core, its account rich."""
    port = free_port()
    with started(emulator(port, *options), port, env=_home()) as server:
        server.make_rich()
        yield server


def send(*, quick: bool) -> list[Row]:
    """Sends per second, and processor time per send, beside the bare route."""
    what = {
        "form": "reference, request.form()",
        "qsl": "reference, parse_qsl",
        "manual": f"{_SEND}, receipts scheduled (--clock manual)",
        "real": f"{_SEND}, receipts carried out too (--clock real)",
    }
    if not load.installed():
        return [Row(name="send", what=what["manual"], goal=_GOAL, note=load.HOW_TO_INSTALL)]
    rounds, seconds = (3, 1) if quick else (6, 3)
    with contextlib.ExitStack() as stack:
        servers = {}
        for name in ("form", "qsl"):
            port = free_port()
            servers[name] = stack.enter_context(started(reference(port, name), port))
        for name in ("manual", "real"):
            servers[name] = stack.enter_context(running("--clock", name))
        measured: dict[str, list[load.Load]] = {name: [] for name in servers}
        for k in range(rounds):
            for name in ("form", "manual", "qsl", "real"):
                measured[name].append(_round(servers[name], name, seconds))
            shown = ", ".join(
                f"{name} {runs[-1].per_s:.0f}/s {runs[-1].cpu_us:.0f} us" for name, runs in measured.items()
            )
            say(f"send, round {k + 1} of {rounds}: {shown}")
    return [row for ours in ("manual", "real") for row in _compared(ours, what[ours], measured)]


def _round(server: Process, name: str, seconds: int) -> load.Load:
    """One round: warmed up, so that on a running clock receipts of before are carried out during the measurement."""
    if name == "manual":
        # Nothing falls due here, so nothing is ever evicted: each round begins with an empty world.
        server.control("POST", "reset")
        server.make_rich()
    load.send(server, 1)
    measured = load.send(server, seconds)
    if name == "real":
        server.settle()
    return measured


def _compared(ours: str, what: str, measured: dict[str, list[load.Load]]) -> Iterator[Row]:
    for against, goal in (("form", _GOAL), ("qsl", "")):
        mine, theirs = measured[ours], measured[against]
        ratio, spread = ratios([each.per_s for each in mine], [each.per_s for each in theirs])
        # Less is better here, so it is turned round: above 1 is better, as with the rate.
        cpu, cpu_spread = ratios([each.cpu_us for each in theirs], [each.cpu_us for each in mine])
        met = ratio >= 0.8 if goal and ours == "manual" else None
        yield Row(
            name="send",
            what=what,
            figure=f"{_median(mine, 'per_s'):.0f}/s, p99 {_median(mine, 'p99_ms'):.1f} ms",
            reference=f"{_median(theirs, 'per_s'):.0f}/s ({against})",
            ratio=ratio,
            spread=spread,
            goal=goal,
            met=met,
        )
        yield Row(
            name="send",
            what="  processor time of the server",
            figure=f"{_median(mine, 'cpu_us'):.1f} us each",
            reference=f"{_median(theirs, 'cpu_us'):.1f} us ({against})",
            ratio=cpu,
            spread=cpu_spread,
            goal=goal,
            met=cpu >= 0.8 if met is not None else None,
            note="reference over ours; steadier than the rate when others use the machine" if met is not None else "",
        )


def _median(runs: list[load.Load], field: str) -> float:
    return statistics.median(float(getattr(run, field)) for run in runs)


def start(*, quick: bool) -> list[Row]:
    """From the start of the process to the first answer of ``/sms/json``."""
    with running():
        pass  # the authority is made, and the files are in the cache
    commands: dict[str, Callable[[int], list[str]]] = {"ours": emulator, "theirs": reference}
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(5 if quick else 11):
        for name, command in commands.items():
            took[name].append(_first_answer(command))
    say(f"start: {statistics.median(took['ours']):.3f} s against {statistics.median(took['theirs']):.3f} s")
    ratio, spread = ratios(took["ours"], took["theirs"])
    return [
        Row(
            name="start",
            what="cold start to the first answer of /sms/json",
            figure=f"{statistics.median(took['ours']):.3f} s",
            reference=f"{statistics.median(took['theirs']):.3f} s (bare uvicorn + Starlette)",
            ratio=ratio,
            spread=spread,
            goal="<= 2",
            met=ratio <= 2,
        )
    ]


def _first_answer(command: Callable[[int], list[str]]) -> float:
    port = free_port()
    began = time.perf_counter()
    popen = launch(command(port), env=_home())
    try:
        asked = Process(popen, port)
        while True:
            try:
                asked.call(
                    "POST", "/sms/json", form="api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=A&to=447700900001&text=x"
                )
            except OSError:
                if popen.poll() is not None or time.perf_counter() - began > 30:
                    raise
                time.sleep(0.002)
                continue
            return time.perf_counter() - began
    finally:
        end(popen)


def memory(*, quick: bool) -> list[Row]:
    """Bytes for each stored message, after its receipt was carried out."""
    count = 40_000 if quick else 200_000
    what = f"memory per stored message, {count:,} messages, --retention 200000"
    goal = "<= 1.5 KB"
    if not load.installed():
        return [Row(name="memory", what=what, goal=goal, note=load.HOW_TO_INSTALL)]
    with running("--retention", "200000") as server:
        load.send_count(server, 500)
        server.settle()
        before = server.rss()
        load.send_count(server, count, vary=True)
        server.settle()
        each = (server.rss() - before) / count
        pending = server.control("GET", "events?name=message.delivered&limit=1")["items"]
    say(f"memory: {each:.0f} bytes each, {count} messages")
    assert pending, "receipts were carried out"
    return [
        Row(
            name="memory",
            what=what,
            figure=f"{each:.0f} bytes",
            goal=goal,
            met=each <= 1_500,
            note="resident; a message leaves 2 events and 1 request in the logs, which keep 200,000 entries of each",
        )
    ]


def webhooks(*, quick: bool) -> list[Row]:
    """Receipts delivered per second to a receiver on the second core."""
    what = "receipts delivered per second (--clock real)"
    if not load.installed():
        return [Row(name="webhooks", what=what, note=load.HOW_TO_INSTALL)]
    count = 2_000 if quick else 6_000
    port = free_port()
    with started(reference(port, "receiver"), port, core=LOAD_CORE) as receiver, running() as server:
        load.send_count(server, 200, callback=f"{receiver.url}/dlr")
        server.settle()
        first = receiver.call("GET", "/stats")
        before = server.cpu_s()
        began = time.monotonic()
        load.send_count(server, count, callback=f"{receiver.url}/dlr")
        after = _all_came(receiver, first["count"] + count)
        took = after["last"] - began
        used = server.cpu_s() - before
    came = after["count"] - first["count"]
    # Receipts follow their messages by a second, in which none comes.
    per_s = came / max(took - 1.0, 0.001)
    say(f"webhooks: {came} in {took:.2f} s")
    return [
        Row(
            name="webhooks",
            what=what,
            figure=f"{per_s:.0f}/s, {used / max(came, 1) * 1e6:.0f} us of processor time",
            note="send, receipt and webhook together, over kept connections to one receiver",
        )
    ]


def _all_came(receiver: Process, count: int) -> dict[str, float]:
    until = time.perf_counter() + 40
    while True:
        stats: dict[str, float] = receiver.call("GET", "/stats")
        if stats["count"] >= count or time.perf_counter() > until:
            return stats
        time.sleep(0.1)
