"""Making the world of a test, and taking it away again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from msgspec.structs import replace

from pytest_fake_nexmo.door import InsideDoor
from pytest_fake_nexmo.errors import NexmoUsageError
from pytest_fake_nexmo.strictness import Strictness, near
from pytest_fake_nexmo.world import Nexmo

if TYPE_CHECKING:
    from fake_nexmo.inside.fake import Fake
    from fake_nexmo.scenario.document import Document

_IDLE = "1h"
_KNOWN = ("scenario", "clock", "strict", "seed", "vars", "expect", "freeze")
_CLOCK = ("mode", "start")
_STANDING = ("manual", "auto")
_FILES = (".yaml", ".yml", ".toml", ".json")


@contextmanager
def open_nexmo(request: pytest.FixtureRequest) -> Iterator[Nexmo]:
    """The world of a test, in the way of every client while the test runs; judged when it is over.

    Raises:
        NexmoUsageError: the marker asks for something that cannot be.
    """
    said = _marked(request.node)
    with ExitStack() as stack:
        opened = (_far if _is_far(request) else _near)(request, said, stack)
        if request.config.getoption("--nexmo-block-real") != "never":
            from fake_nexmo.inside.block import blocked

            stack.enter_context(blocked(opened.reached_for_real.append))
        yield opened
        # Where the run was interrupted there is no test any more that could fail.
        if request.session.exitstatus == pytest.ExitCode.OK:
            opened.judge()


def _is_far(request: pytest.FixtureRequest) -> bool:
    """Whether the world is one on a server: the test asks for the server too, or all tests use one."""
    return bool(request.config.getoption("--nexmo-url")) or "nexmo_server" in request.fixturenames


def _near(request: pytest.FixtureRequest, said: Mapping[str, Any], stack: ExitStack) -> Nexmo:
    from fake_nexmo.inside.intercept import intercepted

    fake = _fake(request, said, stack)
    stack.callback(fake.close)
    stack.enter_context(intercepted(fake))
    return Nexmo(InsideDoor(fake), _strictness(said, fake.document))


def _far(request: pytest.FixtureRequest, said: Mapping[str, Any], stack: ExitStack) -> Nexmo:
    """A fresh world on a server; a scenario is loaded here, where its file is."""
    if said.get("freeze"):
        raise NexmoUsageError("@pytest.mark.nexmo(freeze=…): the world is on a server, which has clocks of its own")
    from pytest_fake_nexmo.remote import RemoteDoor

    server = request.getfixturevalue("nexmo_server")
    clock = said.get("clock")
    document = _document(request, said)
    moves = document is not None and document.clock is not None and document.clock.mode is not None
    usual = {} if moves else {"mode": "manual"}
    asked: dict[str, Any] = {"clock": usual, "drop_after_idle": _IDLE}
    if clock is not None:
        asked["clock"] = {"mode": clock} if isinstance(clock, str) else dict(clock)
    if said.get("seed") is not None or document is None or document.seed is None:
        asked["seed"] = crc32(request.node.nodeid.encode()) if said.get("seed") is None else said["seed"]
    if document is not None:
        from fake_nexmo.scenario.dump import plain

        asked["scenario"] = plain(document)
    door = RemoteDoor(server, asked)
    stack.callback(door.close)
    return Nexmo(door, _strictness(said, document))


def set_environment(nexmo: Nexmo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment in which programs find a world, and leave nothing in it that misleads them."""
    for name in nexmo.misleading:
        monkeypatch.delenv(name, raising=False)
    for name, value in nexmo.environment.items():
        monkeypatch.setenv(name, value)


def strictness_of(given: Any, document: Document | None, *, expects: bool = True) -> Strictness:
    """How a world is judged: as somebody says, else as its scenario does.

    Args:
        given: what a marker says of strictness; None: nothing.
        document: the scenario; None: there is none.
        expects: whether what the scenario expects is judged too.

    Raises:
        NexmoUsageError: the marker says something else.
    """
    strictness = Strictness.of(given, _strict(document))
    if document is None:
        return strictness
    return replace(strictness, expects=expects and bool(document.expect or document.timeline), scenario=True)


def _strictness(said: Mapping[str, Any], document: Document | None) -> Strictness:
    return strictness_of(said.get("strict"), document, expects=bool(said.get("expect", True)))


def _document(request: pytest.FixtureRequest, said: Mapping[str, Any]) -> Document | None:
    if said.get("scenario") is None:
        return None
    from fake_nexmo.apis import REGISTRY
    from fake_nexmo.inside.script import load

    try:
        found = _scenario(request, said["scenario"])
        return load(found, {api.name: api for api in REGISTRY}, _variables(said))
    except (ValueError, OSError) as error:
        raise NexmoUsageError(f"@pytest.mark.nexmo: {error}") from None


def _fake(request: pytest.FixtureRequest, said: Mapping[str, Any], stack: ExitStack) -> Fake:
    from fake_nexmo.inside.fake import Fake

    mode, start = _clock(said.get("clock"))
    follow = _followed(said["freeze"], stack) if said.get("freeze") else None
    try:
        fake = Fake(
            seed=said.get("seed"),
            # The same test gets the same ids and codes each time it runs.
            usual_seed=crc32(request.node.nodeid.encode()),
            clock=mode,
            start=start,
            scenario=_scenario(request, said.get("scenario")),
            variables=_variables(said),
            follow=follow,
        )
    except NexmoUsageError:
        raise
    except (ValueError, TypeError) as error:
        raise NexmoUsageError(f"@pytest.mark.nexmo: {error}") from None
    if follow is not None and (has := fake.control("GET", "clock")["mode"]) not in _STANDING:
        raise NexmoUsageError(
            f"@pytest.mark.nexmo(freeze=…): the clock is {has!r}; {' or '.join(_STANDING)} goes with it"
        )
    return fake


def _followed(wanted: Any, stack: ExitStack) -> Callable[[int], object]:
    """What takes the clocks of the process along with the world's, until all is over."""
    from pytest_fake_nexmo.bridges import bridge

    made = bridge(wanted)
    stack.callback(made.end)
    return made.show


def _scenario(request: pytest.FixtureRequest, given: Any) -> Any:
    """The scenario that a marker means: a file is looked for beside the test, then at the root of the tests."""
    if not isinstance(given, str) or not given.endswith(_FILES):
        return given
    beside, root = request.path.parent / given, request.config.rootpath / given
    return beside if beside.is_file() or not root.is_file() else root


def _variables(said: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in (said.get("vars") or {}).items()}


def _strict(document: Document | None) -> Mapping[str, Any]:
    """What a scenario says of strictness."""
    if document is None:
        return {}
    from msgspec import UNSET

    said = document.strict
    return {name: value for name in said.__struct_fields__ if (value := getattr(said, name)) is not UNSET}


def _marked(item: pytest.Item) -> dict[str, Any]:
    """What the markers say; the nearest one wins, word by word."""
    said: dict[str, Any] = {}
    for marker in item.iter_markers("nexmo"):
        if marker.args:
            raise NexmoUsageError(f"@pytest.mark.nexmo takes words only: {', '.join(_KNOWN)}")
        for name, value in marker.kwargs.items():
            if name not in _KNOWN:
                raise NexmoUsageError(f"@pytest.mark.nexmo: {name!r} is not known; {near(name, _KNOWN)}")
            said.setdefault(name, value)
    _check(said)
    return said


def _check(said: Mapping[str, Any]) -> None:
    """Nothing for words of the right kinds; what they say is judged by whoever makes the world."""
    scenario, variables, seed, clock = (said.get(name) for name in ("scenario", "vars", "seed", "clock"))
    if not isinstance(said.get("expect", True), bool):
        raise NexmoUsageError(f"@pytest.mark.nexmo(expect={said['expect']!r}): write True or False")
    if not isinstance(scenario, str | Path | Mapping | None):
        raise NexmoUsageError(f"@pytest.mark.nexmo(scenario={scenario!r}): write a name, a path, or an object")
    if not isinstance(variables, Mapping | None):
        raise NexmoUsageError(f"@pytest.mark.nexmo(vars={variables!r}): write names and values, as a dict")
    if variables and scenario is None:
        raise NexmoUsageError("@pytest.mark.nexmo(vars=…): variables go with a scenario")
    if isinstance(seed, bool) or not isinstance(seed, int | None):
        raise NexmoUsageError(f"@pytest.mark.nexmo(seed={seed!r}): write a whole number")
    if not isinstance(clock, str | Mapping | None):
        raise NexmoUsageError(f"@pytest.mark.nexmo(clock={clock!r}): write a mode, or {{'start': …, 'mode': …}}")
    for name in () if isinstance(clock, str | None) else clock:
        if name not in _CLOCK:
            raise NexmoUsageError(f"@pytest.mark.nexmo(clock=…): {name!r} is not known; {near(str(name), _CLOCK)}")


def _clock(given: str | Mapping[str, str] | None) -> tuple[str | None, int | None]:
    """Mode and first instant of a clock: a mode, or the clock of a scenario."""
    from fake_nexmo.core.instant import parse_instant

    if given is None or isinstance(given, str):
        return given, None
    start = given.get("start")
    try:
        return given.get("mode"), None if start is None else parse_instant(start)
    except ValueError as error:
        raise NexmoUsageError(f"@pytest.mark.nexmo(clock=…): {error}") from None
