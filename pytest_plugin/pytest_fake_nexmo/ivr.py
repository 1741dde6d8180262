"""Which branches of the call flows the whole run has taken: option ``--nexmo-ivr``.

Each test's world tells its graph before it is gone; workers hand theirs to the run that they belong to, which adds all
up, writes a file, and says what was never taken.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fake_nexmo.apis.voice.ivr_model import Graph
    from pytest_fake_nexmo.world import Nexmo

_OPTION = "--nexmo-ivr"
_TOLD = pytest.StashKey[list[dict[str, Any]]]()
_HANDED = "fake_nexmo_ivr"
"""The name by which a worker hands over what it was told."""


def add_option(group: pytest.OptionGroup) -> None:
    """The option."""
    group.addoption(
        _OPTION,
        metavar="PATH",
        help="write which branches of your call flows all tests together have taken: .md a page with a graph and a "
        "table, .mmd the graph in Mermaid, .json to be read by programs, any other name the table; and list those that "
        "were never taken at the end",
    )


def prepare(config: pytest.Config) -> None:
    """Make sure at the beginning that there is a place for the file.

    Raises:
        UsageError: there is none.
    """
    if not config.getoption(_OPTION):
        return
    path = _path(config)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"{_OPTION}: there can be no folder {path.parent}: {error.strerror}") from None
    if path.is_dir():
        raise pytest.UsageError(f"{_OPTION}: {path} is a folder; name a file")


def take(config: pytest.Config, opened: Nexmo) -> None:
    """Take down what happened in a test's world, if it is wanted; nothing where the test removed its world itself."""
    if config.getoption(_OPTION):
        with suppress(LookupError):
            told = opened.ivr()
            if told["calls"]:
                config.stash.setdefault(_TOLD, []).append(dict(told))


def hand_over(config: pytest.Config) -> None:
    """At the end of a run: a worker hands over what it knows, else the file is written."""
    if not config.getoption(_OPTION) or config.getoption("collectonly"):
        return
    told = config.stash.get(_TOLD, [])
    if hasattr(config, "workeroutput"):
        config.workeroutput[_HANDED] = json.dumps(told)
        return
    path = _path(config)
    path.write_text(_worded(_merged(told), path), encoding="utf-8")


def receive(config: pytest.Config, handed: dict[str, Any]) -> None:
    """Take over what a worker handed over; one that crashed has nothing."""
    config.stash.setdefault(_TOLD, []).extend(json.loads(handed.get(_HANDED, "[]")))


def summarize(terminal: Any, config: pytest.Config) -> None:
    """Say at the end what was never taken."""
    if not config.getoption(_OPTION) or config.getoption("collectonly"):
        return
    from fake_nexmo.apis.voice import ivr_wire

    whole = _merged(config.stash.get(_TOLD, []))
    terminal.section("fake-nexmo: call flows")
    terminal.line(f"{ivr_wire.summary(whole) if whole.calls else ivr_wire.NOTHING}; see {config.getoption(_OPTION)}")
    for line in ivr_wire.missing(whole):
        terminal.line(f"never taken: {line}")


def _path(config: pytest.Config) -> Path:
    """The file, counted from where pytest was called."""
    return config.invocation_params.dir / str(config.getoption(_OPTION))


def _merged(told: list[dict[str, Any]]) -> Graph:
    from fake_nexmo.apis.voice import graph_rules, ivr_wire

    return graph_rules.merge(ivr_wire.read(each) for each in told)


def _worded(whole: Graph, path: Path) -> str:
    """The file's text, by the ending of its name."""
    from fake_nexmo.apis.voice import ivr_wire

    words = {".md": ivr_wire.markdown, ".mmd": ivr_wire.mermaid, ".mermaid": ivr_wire.mermaid}
    if path.suffix == ".json":
        return f"{json.dumps(ivr_wire.say(whole), indent=2, ensure_ascii=False)}\n"
    return words.get(path.suffix, ivr_wire.table)(whole)
