"""Playing a scenario file from its beginning to its end, in this process, with the apps that are under test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import Struct

from pytest_fake_nexmo import ivr
from pytest_fake_nexmo.door import InsideDoor
from pytest_fake_nexmo.errors import NexmoUsageError
from pytest_fake_nexmo.opening import set_environment, strictness_of
from pytest_fake_nexmo.strictness import near
from pytest_fake_nexmo.world import Nexmo

if TYPE_CHECKING:
    from fake_nexmo.scenario.document import Document

AFTER_S = 3600
"""How long a file is played on after its last step, where it does not say when it ends."""

_JUMPY = ("manual", "auto")
_WAY_OUT = "in the file: strict: {{{}: ignore}}"


class Played(Struct, frozen=True):
    """What came of it.

    Attributes:
        items: the verdicts on its expectations, as the control API shows them.
        wrong: what breaks its rules of strictness, in lines, and ``doubtful`` what is only to be warned of.
    """

    items: Sequence[Mapping[str, Any]]
    wrong: Sequence[str]
    doubtful: Sequence[str]


def play(path: Path, document: Document, seed: int, config: pytest.Config, hooks: Any) -> Played:
    """Play a file.

    Args:
        path: of the file, and ``document`` what stands in it.
        document: see ``path``.
        seed: where the file says none.
        config: of the run.
        hooks: those of the file's own ``conftest.py`` and of those above it.

    Raises:
        NexmoUsageError: an app is not there.
    """
    from fake_nexmo.core.instant import SECOND
    from fake_nexmo.inside.block import blocked
    from fake_nexmo.inside.fake import Fake
    from fake_nexmo.inside.intercept import intercepted

    mode = document.clock.mode if document.clock is not None else None
    # No test waits: what is to be real time or faster is time that is moved.
    fake = Fake(scenario=path, usual_seed=seed, clock=mode if mode in _JUMPY else "manual")
    start = fake.now()
    with ExitStack() as stack:
        stack.callback(fake.close)
        stack.enter_context(intercepted(fake))
        nexmo = Nexmo(InsideDoor(fake), strictness_of(None, document))
        stack.callback(ivr.take, config, nexmo)
        if config.getoption("--nexmo-block-real") != "never":
            stack.enter_context(blocked(nexmo.reached_for_real.append))
        set_environment(nexmo, stack.enter_context(pytest.MonkeyPatch.context()))
        for url, app in _apps(path, nexmo, document, config, hooks).items():
            nexmo.mount(url, app)
        hooks.pytest_nexmo_begin(path=path, nexmo=nexmo)
        # A clock that jumps is on its way already.
        fake.settle()
        nexmo.clock.advance(max(_end(document, start) - fake.now(), 0) / SECOND)
        given = nexmo.judge_all(_WAY_OUT)
        return Played(given.items, given.wrong, given.doubtful)


def _end(document: Document, start: int) -> int:
    """The instant that a file ends at: the one that it says, else long after its last step."""
    from fake_nexmo.core.instant import SECOND, parse_duration
    from fake_nexmo.scenario.timeline import instants

    if document.ends is not None:
        return start + parse_duration(document.ends)
    steps = [each for each in instants(document.timeline, start) if each is not None]
    return max([start, *steps]) + AFTER_S * SECOND


def _apps(path: Path, nexmo: Nexmo, document: Document, config: pytest.Config, hooks: Any) -> dict[str, Any]:
    """Every app by its URL: those of the settings first, those of the hooks over them, the nearest one last."""
    apps: dict[str, Any] = {}
    for line in config.getini("nexmo_apps"):
        where, equals, what = line.partition("=")
        if not equals:
            raise NexmoUsageError(f"nexmo_apps: {line!r} is no app; write URL = module:app")
        apps[_url(where.strip(), document, "nexmo_apps")] = _named(what.strip())
    # The nearest hook answers first.
    for answered in reversed(hooks.pytest_nexmo_apps(path=path, nexmo=nexmo)):
        for where, app in answered.items():
            apps[_url(where, document, "pytest_nexmo_apps")] = app
    return apps


def _url(where: str, document: Document, who: str) -> str:
    """The URL that is meant: itself, or the value of a variable of the file."""
    if "://" in where:
        return where
    if where in document.vars:
        return document.vars[where]
    names = ", ".join(document.vars) or "no variables"
    raise NexmoUsageError(f"{who}: {where!r} is neither a URL nor a variable of the file; it has {names}")


def _named(what: str) -> Any:
    """The app that ``module:name`` names, or ``module:name()`` makes.

    Raises:
        NexmoUsageError: there is no such module, or nothing of that name in it.
    """
    module, colon, name = what.partition(":")
    if not colon:
        raise NexmoUsageError(f"nexmo_apps: {what!r} names no app; write module:app, or module:make_app()")
    try:
        found = getattr(import_module(module), name.removesuffix("()"))
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise NexmoUsageError(
            f"nexmo_apps: {what!r}: there is no module {error.name!r} on the path; the setting pythonpath adds to it"
        ) from None
    except AttributeError:
        hint = near(name.removesuffix("()"), [each for each in vars(import_module(module)) if each[0] != "_"])
        raise NexmoUsageError(f"nexmo_apps: {what!r}: the module has no {name!r}; {hint}") from None
    return found() if name.endswith("()") else found
