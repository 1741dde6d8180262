"""Measure, and print each figure beside its reference: ``make bench``.

Ratios hold for one run on one machine; absolute figures only orient. Nothing here is a test: the status is 0 whatever
the figures are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from bench import (
    machine,
    rows_application,
    rows_calls,
    rows_inside,
    rows_insight,
    rows_ivr,
    rows_many,
    rows_peers,
    rows_plugin,
    rows_server,
    rows_verify,
    rows_voice,
)
from bench.table import Row, as_json, say, text

Measure = Callable[[], Sequence[Row]]


def main() -> None:
    """The command."""
    options = _options()
    _compiled()
    facts = machine.facts()
    for name, value in facts.items():
        print(f"{name:<10}{value}")
    print(flush=True)
    began = time.perf_counter()
    rows: list[Row] = []
    for name, measure in _measures(options).items():
        if options.only and name not in options.only:
            continue
        say(f"{name} …")
        try:
            rows += measure()
        except Exception as error:  # noqa: BLE001 - one broken row must not take the others away
            traceback.print_exc()
            rows.append(Row(name=name, what=name, note=f"failed: {error}".splitlines()[0][:200]))
    print(text(rows))
    print(f"\n{time.perf_counter() - began:.0f} s in all")
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(as_json(rows, facts))) + b"\n")


def _measures(options: argparse.Namespace) -> dict[str, Measure]:
    quick: bool = options.quick
    return {
        "send": partial(rows_server.send, quick=quick),
        "peers": partial(rows_peers.peers, quick=quick, wanted=options.peers),
        "insight": partial(rows_insight.insight, quick=quick),
        "first": partial(rows_insight.first, quick=quick),
        "application": partial(rows_application.application, quick=quick),
        "check": partial(rows_verify.check, quick=quick),
        "verify": partial(rows_verify.verify, quick=quick),
        "voice": partial(rows_voice.voice, quick=quick),
        "calls": partial(rows_calls.calls, quick=quick),
        "fixture": partial(rows_plugin.fixture, quick=quick),
        "transports": partial(rows_plugin.transports, quick=quick),
        "unused": partial(rows_plugin.unused, quick=quick),
        "many": partial(rows_many.many, quick=quick),
        "ivr": partial(rows_ivr.ivr, quick=quick),
        "start": partial(rows_server.start, quick=quick),
        "import": partial(rows_inside.imports, quick=quick),
        "world": partial(rows_inside.world, quick=quick),
        "call": partial(rows_inside.call, quick=quick),
        "memory": partial(rows_server.memory, quick=quick),
        "ladder": partial(rows_inside.ladder, quick=quick),
        "snapshot": partial(rows_inside.snapshot, quick=quick),
        "webhooks": partial(rows_server.webhooks, quick=quick),
    }


def _compiled() -> None:
    """Let every process find compiled modules, ours too: a package that is installed has them."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parent.parent / ".bench" / "pycache")
    imports = "import fake_nexmo.cli, fake_nexmo.server, fake_nexmo.control.app, uvicorn, starlette.applications"
    subprocess.run([sys.executable, "-c", imports], check=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure fake-nexmo. Pass options as ARGS='…'.")
    names = tuple(_measures(argparse.Namespace(quick=True, peers=False)))
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"one of: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: a minute and a half")
    parser.add_argument("--peers", action="store_true", help="install Prism and Mockoon with npm, and measure them too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
