"""Fixtures and markers for pytest.

`nexmo` is a fresh world for one test, in this process, on a clock that stands still. Nothing of the house is imported
before a test asks for one of the fixtures.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fake_nexmo_client import AsyncClient, Client
    from pytest_fake_nexmo.serving import Server
    from pytest_fake_nexmo.world import Nexmo

_OPENED = pytest.StashKey["Nexmo"]()
_LOST = pytest.StashKey[list[dict[str, Any]]]()
_BLOCK = pytest.StashKey[ExitStack]()

_MARKER = (
    "nexmo(scenario=None, vars=None, clock='manual', seed=None, strict=None): how the world of the fixture 'nexmo' is "
    "made (scenario: one of the library, a file beside the test, or an object), and what fails its test beside the "
    "test itself: strict=True also messages that nobody asked for, strict=False nothing, "
    "strict={'failed_webhook': 'warn'} by name (and unused_fault, lost_request, unexpected_message)."
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


def pytest_configure(config: pytest.Config) -> None:
    """The marker, and the block where it is for all tests."""
    config.addinivalue_line("markers", _MARKER)
    if config.getoption("--nexmo-block-real") == "always":
        from fake_nexmo.inside.block import blocked

        config.stash[_BLOCK] = stack = ExitStack()
        stack.enter_context(blocked(lambda _: None))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the block."""
    stack = config.stash.get(_BLOCK, None)
    if stack is not None:
        stack.close()


@pytest.fixture(scope="session")
def nexmo_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A live server for the whole run, one for all workers; a test that asks for `nexmo` too has its world there."""
    from pytest_fake_nexmo.serving import open_server

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base
    with open_server(request.config.getoption("--nexmo-url"), shared / "fake-nexmo") as server:
        yield server
        request.config.stash[_LOST] = server.ask("GET", "/lost-and-found")["items"]


@pytest.fixture
def nexmo(request: pytest.FixtureRequest) -> Iterator[Nexmo]:
    """A fresh world for this test: its credentials, what happened in it, its people, its faults and its clock."""
    from pytest_fake_nexmo.errors import NexmoUsageError
    from pytest_fake_nexmo.opening import open_nexmo

    with ExitStack() as stack:
        try:
            opened = stack.enter_context(open_nexmo(request))
        except NexmoUsageError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        # Items live until the session ends; their worlds are not to.
        stack.callback(request.node.stash.__delitem__, _OPENED)
        request.node.stash[_OPENED] = opened
        yield opened


@pytest.fixture
def nexmo_env(nexmo: Nexmo, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The environment in which programs find the credentials of the test's world; as it was again afterwards."""
    for name in nexmo.misleading:
        monkeypatch.delenv(name, raising=False)
    for name, value in nexmo.environment.items():
        monkeypatch.setenv(name, value)
    return nexmo.environment


@pytest.fixture
def nexmo_client(nexmo: Nexmo) -> Iterator[Client]:
    """A client of the package `fake_nexmo_client` with the credentials of the test's world."""
    from fake_nexmo_client import Client

    with Client(**nexmo.credentials, base_url=nexmo.base_url) as client:
        yield client


@pytest.fixture
def nexmo_async_client(nexmo: Nexmo) -> AsyncClient:
    """The same for tests on an event loop; there is nothing in it that must be closed."""
    from fake_nexmo_client import AsyncClient

    if not nexmo.base_url:
        return AsyncClient(**nexmo.credentials)
    import httpx

    # Nobody is there to await its closing, so that no connection may outlive its request.
    transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
    return AsyncClient(**nexmo.credentials, base_url=nexmo.base_url, transport=transport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A test that passed is judged by its world too."""
    result = yield
    opened = item.stash.get(_OPENED, None)
    if opened is not None:
        wrong = opened.verdict()
        if wrong:
            pytest.fail(wrong, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed by itself tells what happened in its world; one that did not pass is judged no further."""
    report = yield
    opened = item.stash.get(_OPENED, None)
    if opened is None or report.passed or report.when == "teardown" or opened.is_over:
        return report
    opened.is_over = True
    told = call.excinfo is not None and getattr(call.excinfo.value, "tells_the_story", False)
    if report.failed and not told:
        report.sections.append((f"fake-nexmo, world {opened.world!r}, seed {opened.seed}", opened.story()))
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Requests that belonged to no world of the server: nobody knows whose they were, so no test failed by them."""
    lost = config.stash.get(_LOST, [])
    if lost:
        terminalreporter.section("fake-nexmo: requests of nobody")
    for each in lost:
        what = f"{each['method']} {each['path']}"
        terminalreporter.line(f"{each['at']}  {what}  nobody has the {each['why']} {each['name']!r}")
