"""Fixtures and markers for pytest.

`nexmo` is a fresh world for one test, in this process, on a clock that stands still. Nothing of the house is imported
before a test asks for one of the fixtures.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_fake_nexmo import ivr

if TYPE_CHECKING:
    from fake_nexmo_client import AsyncClient, Client
    from pytest_fake_nexmo.files import NexmoFile
    from pytest_fake_nexmo.serving import Server, Watch
    from pytest_fake_nexmo.world import Nexmo

_FILES = (".nexmo.yaml", ".nexmo.yml", ".nexmo.toml", ".nexmo.json")

_OPENED = pytest.StashKey["Nexmo"]()
_RUNNING = pytest.StashKey[bool]()
_LOST = pytest.StashKey[list[dict[str, Any]]]()
_BLOCK = pytest.StashKey[ExitStack]()
_WATCH = pytest.StashKey["Watch"]()
_SHARED = "fake_nexmo"

_MARKER = (
    "nexmo(scenario=None, vars=None, clock='manual', freeze=False, seed=None, strict=None, expect=True): how the world "
    "of the fixture 'nexmo' is made (scenario: one of the library, a file beside the test, or an object), whether the "
    "clocks of the process show what its clock does (freeze: True, 'time-machine' or 'freezegun'), and what fails its "
    "test beside the test itself: strict=True also messages that nobody asked for, strict=False nothing, "
    "strict={'failed_webhook': 'warn'} by name (and unused_fault, lost_request, unexpected_message, unknown_number); "
    "expect=False: not what the scenario expects."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("fake-nexmo", "emulated Nexmo (Vonage) APIs")
    group.addoption(
        "--nexmo-url",
        metavar="URL",
        help="use the fake-nexmo server that runs there, such as http://127.0.0.1:6396: each test gets a world on it",
    )
    group.addoption(
        "--nexmo-block-real",
        choices=("used", "always", "never"),
        nargs="?",
        const="always",
        default="used",
        help="let attempts to reach the real nexmo.com and vonage.com fail: in tests that use the fixture 'nexmo' "
        "(used, the default), in all tests (always, also when nothing is said), or nowhere (never)",
    )
    ivr.add_option(group)
    parser.addini(
        "nexmo_apps",
        "apps that scenario files are played with, one in a line: URL = module:app, or the name of a variable of the "
        "file = module:make_app()",
        type="linelist",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """What a ``conftest.py`` may have for scenario files that are tests."""
    from pytest_fake_nexmo import hooks

    pluginmanager.add_hookspecs(hooks)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> NexmoFile | None:
    """Scenario files that are tests: ``test_*.nexmo.yaml``, and every ``*.nexmo.yaml`` that is named itself."""
    name = file_path.name
    if not name.endswith(_FILES) or not (name.startswith("test_") or parent.session.isinitpath(file_path)):
        return None
    from pytest_fake_nexmo.files import NexmoFile

    made: NexmoFile = NexmoFile.from_parent(parent, path=file_path)
    return made


def pytest_configure(config: pytest.Config) -> None:
    """The marker, and the block where it is for all tests."""
    config.addinivalue_line("markers", _MARKER)
    ivr.prepare(config)
    if config.getoption("--nexmo-block-real") == "always":
        from fake_nexmo.inside.block import blocked

        config.stash[_BLOCK] = stack = ExitStack()
        stack.enter_context(blocked(lambda _: None))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the block, and the server of the workers."""
    stack = config.stash.get(_BLOCK, None)
    if stack is not None:
        stack.close()
    watch = config.stash.get(_WATCH, None)
    if watch is not None:
        watch.close()


@pytest.fixture(scope="session")
def nexmo_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A live server for the whole run, one for all workers; a test that asks for `nexmo` too has its world there."""
    from pytest_fake_nexmo.serving import Share, open_server

    given = getattr(request.config, "workerinput", {}).get(_SHARED)
    with open_server(request.config.getoption("--nexmo-url"), Share(*given) if given else None) as server:
        yield server
        lost = server.ask("GET", "/lost-and-found")["items"]
    request.config.stash[_LOST] = lost
    if given:
        request.config.workeroutput[_SHARED] = lost  # type: ignore[attr-defined]  # pytest-xdist puts it there


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the server is, or is to be started."""
    watch = _watch_of(node.config)
    node.workerinput[_SHARED] = (str(watch.folder), watch.port)


def _watch_of(config: pytest.Config) -> Watch:
    """What the controller of pytest-xdist keeps, made when its first worker is."""
    from pytest_fake_nexmo.serving import Watch

    if _WATCH not in config.stash:
        config.stash[_WATCH] = Watch()
    return config.stash[_WATCH]


@pytest.fixture
def nexmo(request: pytest.FixtureRequest) -> Iterator[Nexmo]:
    """A fresh world for this test: its credentials, what happened in it, its people, its faults and its clock."""
    from pytest_fake_nexmo.errors import NexmoUsageError
    from pytest_fake_nexmo.opening import open_nexmo

    with ExitStack() as stack:
        try:
            opened = stack.enter_context(open_nexmo(request))
            stack.callback(ivr.take, request.config, opened)
        except NexmoUsageError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        # Items live until the session ends; their worlds are not to.
        stack.callback(request.node.stash.__delitem__, _OPENED)
        request.node.stash[_OPENED] = opened
        yield opened


@pytest.fixture
def nexmo_env(nexmo: Nexmo, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The environment in which programs find the credentials of the test's world; as it was again afterwards."""
    from pytest_fake_nexmo.opening import set_environment

    _must_be_ours(nexmo, "nexmo_env")
    set_environment(nexmo, monkeypatch)
    return nexmo.environment


@pytest.fixture
def nexmo_client(nexmo: Nexmo) -> Iterator[Client]:
    """A client of the package `fake_nexmo_client` with the credentials of the test's world."""
    from fake_nexmo_client import Client

    _must_be_ours(nexmo, "nexmo_client")
    with Client(**nexmo.credentials, base_url=nexmo.base_url, transport=nexmo.transport()) as client:
        yield client


@pytest.fixture
def nexmo_async_client(nexmo: Nexmo) -> AsyncClient:
    """The same for tests on an event loop; there is nothing in it that must be closed."""
    from fake_nexmo_client import AsyncClient

    _must_be_ours(nexmo, "nexmo_async_client")
    return AsyncClient(**nexmo.credentials, base_url=nexmo.base_url, transport=nexmo.async_transport())


def _must_be_ours(nexmo: Any, fixture: str) -> None:
    """A test suite may have a fixture of the same name; it wins, and is none that others of ours know."""
    from pytest_fake_nexmo.world import Nexmo

    if not isinstance(nexmo, Nexmo):
        pytest.fail(
            f"{fixture} belongs to the fixture 'nexmo' of fake-nexmo, but here another one of that name stands before "
            f"it, which gave {nexmo!r}. Rename that one, or let it return what it is based on: def nexmo(nexmo): …",
            pytrace=False,
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A test that passed is judged by its world too."""
    item.stash[_RUNNING] = True
    try:
        result = yield
    finally:
        del item.stash[_RUNNING]
    opened = item.stash.get(_OPENED, None)
    if opened is not None:
        opened.judge()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed by itself tells what happened in its world; one that did not pass is judged no further.

    So does each part of a test that failed (a subtest); one that was left out says nothing of the whole.
    """
    report = yield
    opened = item.stash.get(_OPENED, None)
    if opened is None or report.passed or report.when == "teardown":
        return report
    if report.failed or _RUNNING not in item.stash:
        opened.is_over = True
    error = call.excinfo.value if call.excinfo is not None else None
    told = getattr(error, "tells_the_story", False) or (error is not None and str(error) == opened.said)
    if report.failed and not told:
        report.sections.append((f"fake-nexmo, world {opened.world!r}, seed {opened.seed}", opened.story()))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The call flows of all tests are written down."""
    ivr.hand_over(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has ended, and hands over what it knows: of call flows, and of requests of nobody.

    One that died knows nothing.
    """
    told = getattr(node, "workeroutput", {})
    ivr.receive(node.config, told)
    lost = node.config.stash.setdefault(_LOST, [])
    lost += [each for each in told.get(_SHARED, []) if each not in lost]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Requests that belonged to no world of the server: nobody knows whose they were, so no test failed by them.

    And the branches of call flows that were never taken, where that is wanted.
    """
    ivr.summarize(terminalreporter, config)
    lost = config.stash.get(_LOST, [])
    if lost:
        terminalreporter.section("fake-nexmo: requests of nobody")
    for each in lost:
        what = f"{each['method']} {each['path']}"
        terminalreporter.line(f"{each['at']}  {what}  nobody has the {each['why']} {each['name']!r}")
