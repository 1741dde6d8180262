"""Many tests, in any order and on several workers: none meets another, and there is one server for all of them."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.plugin.inner import QUIET

pytest_plugins = ("pytester",)

BODY = """
import random

import httpx
import pytest


@pytest.fixture(scope="module")
def http():
    with httpx.Client(trust_env=False, verify=False) as client:
        yield client


@pytest.mark.parametrize("k", range(COUNT))
def test_alone(nexmo, SERVER, http, k):
    '''Each sends texts of its own to the same few phones, moves its clock and looks at all that there is.'''
    dice = random.Random(k)
    phone, minutes = f"4477009002{dice.randrange(3):02}", dice.randrange(1, 5)
    texts = [f"{k}-{n}" for n in range(dice.randrange(1, 3))]
    host = nexmo.base_url or "https://rest.nexmo.com"
    for text in texts:
        form = {"api_key": nexmo.api_key, "api_secret": nexmo.api_secret, "from": "A", "to": phone, "text": text}
        assert http.post(f"{host}/sms/json", data=form).json()["messages"][0]["status"] == "0"
    nexmo.clock.advance(f"{minutes}m")
    assert [(each.to, each.text, each.status) for each in nexmo.messages()] == [
        (phone, text, "delivered") for text in texts
    ]
    assert nexmo.clock.now().isoformat() == f"2026-01-01T00:0{minutes}:00+00:00"
    assert len(nexmo.requests()) == len(texts)
"""

SHUFFLED = """
import random


def pytest_collection_modifyitems(items):
    random.Random(7).shuffle(items)
"""


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    found: dict[str, int] = result.parseoutcomes()
    return found


def test_a_thousand_tests_in_any_order_never_meet(pytester: pytest.Pytester) -> None:
    """On two workers, each with the worlds of its own tests."""
    pytester.makeconftest(SHUFFLED)
    pytester.makepyfile(BODY.replace("COUNT", "1000").replace("SERVER", "tmp_path_factory"))

    assert outcomes(pytester.runpytest_subprocess(*QUIET, "-n", "2")) == {"passed": 1000}


@pytest.mark.parametrize("server", ["tmp_path_factory", "nexmo_server"])
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_test_is_the_same_everywhere(pytester: pytest.Pytester, server: str, options: tuple[str, ...]) -> None:
    """In this process or on a server, on one worker or on several."""
    pytester.makeconftest(SHUFFLED)
    pytester.makepyfile(BODY.replace("COUNT", "40").replace("SERVER", server))

    run = pytester.runpytest_subprocess if options else pytester.runpytest_inprocess
    assert outcomes(run(*QUIET, *options)) == {"passed": 40}


WHERE = """
import os
from pathlib import Path

import httpx
import pytest


@pytest.mark.parametrize("k", range(20))
def test_where(nexmo, nexmo_server, k):
    with open(Path(__file__).with_name("where.txt"), "a") as file:
        file.write(f"{os.environ['PYTEST_XDIST_WORKER']} {nexmo_server.http}\\n")
    if k == 0:
        httpx.post(f"{nexmo_server.http}/sms/json", data={"api_key": "a1b2c3d4", "api_secret": "x"}, trust_env=False)
"""


def closed(url: str) -> bool:
    """Whether nobody listens at a URL any more."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) != 0


def test_workers_share_one_server(pytester: pytest.Pytester) -> None:
    """It is started once, has ended when the run has, and what nobody had asked it is told by the controller."""
    pytester.makepyfile(WHERE)

    result = pytester.runpytest_subprocess(*QUIET, "-n", "2")

    assert outcomes(result) == {"passed": 20}
    lines = [line.split() for line in (pytester.path / "where.txt").read_text().splitlines()]
    assert {worker for worker, _ in lines} == {"gw0", "gw1"}
    (url,) = {url for _, url in lines}
    assert closed(url)
    told = "\n".join(result.outlines)
    assert len(re.findall(r"POST /sms/json  nobody has the credential 'a1b2c3d4'", told)) == 1


DYING = """
import os
from pathlib import Path

import pytest


@pytest.mark.parametrize("k", range(8))
def test_one(nexmo, nexmo_server, k):
    with open(Path(__file__).with_name("where.txt"), "a") as file:
        file.write(f"{nexmo_server.http}\\n")
    nexmo.clock.advance("1s")
    if k == 0:
        os._exit(1)
"""


def test_a_worker_that_dies_takes_no_server_with_it(pytester: pytest.Pytester) -> None:
    """The others go on, and whoever takes its place finds the same one."""
    pytester.makepyfile(DYING)

    result = pytester.runpytest_subprocess(*QUIET, "-n", "2")

    assert outcomes(result) == {"passed": 7, "failed": 1}
    (url,) = set((pytester.path / "where.txt").read_text().split())
    assert closed(url)


STUCK = """
import pytest


@pytest.mark.parametrize("k", range(2))
def test_stuck(nexmo, nexmo_server, k):
    print(nexmo_server.http, nexmo.world)
    with open("told", "w") as told:
        told.write(f"{nexmo_server.http}\\n")
    while True:
        pass
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_server_does_not_outlive_a_run_that_was_killed(pytester: pytest.Pytester) -> None:
    """Not even by a signal that nobody can catch."""
    pytester.makepyfile(STUCK)
    told = pytester.path / "told"
    os.mkfifo(told)
    command = [sys.executable, "-m", "pytest", *QUIET, "-n", "2"]
    with subprocess.Popen(command, cwd=pytester.path, stdout=subprocess.DEVNULL, start_new_session=True) as run:
        url = _first_line(told)
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=20) as connection:
            os.kill(run.pid, signal.SIGKILL)
            run.wait()

            try:
                assert connection.recv(1) == b""
            except ConnectionError:
                assert closed(url)
    _end_workers(run.pid)


def _first_line(pipe: Path) -> str:
    """What is written into a named pipe, as soon as it is."""
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert select.select([reading], [], [], 30)[0], "nothing was written in 30 s"
        return os.read(reading, 100).decode().splitlines()[0]
    finally:
        os.close(reading)


def _end_workers(group: int) -> None:
    """Those that were killed with their controller are gone; one that computes for ever is not."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        assert not Path(f"/proc/{group}").exists()


FAILING = """
import pytest

from fake_nexmo_client import Sms


class Shouting:
    def __call__(self, environ, start_response):
        raise RuntimeError("\\n".join(f"line {k}: {'ah' * 60}" for k in range(20)))


def send(client, count):
    for k in range(count):
        client.sms.send(Sms(sender="Acme", to="447700900201", text=f"{k} {'word ' * 40}", callback="https://shop.test"))


@pytest.mark.nexmo(strict=True)
@pytest.mark.parametrize("k", range(200))
def test_unexpected(nexmo, nexmo_client, k):
    send(nexmo_client, 50 if k < 4 else 1)
    if k == 0:
        nexmo.mount("https://shop.test", Shouting())
        nexmo.clock.advance("10s")


def test_counted(nexmo, nexmo_client):
    send(nexmo_client, 50)
    nexmo.expect.message().never()


def test_asserted(nexmo, nexmo_client):
    send(nexmo_client, 50)
    assert nexmo.messages() == [], "see below"


LOST = {"expect": [{"message": {"to": f"4477009002{k:02}"}} for k in range(30)]}


@pytest.mark.nexmo(scenario=LOST)
def test_expected(nexmo):
    pass
"""


def test_a_large_run_that_fails_is_still_read(pytester: pytest.Pytester) -> None:
    """Each failure fits its screen, 100 columns wide; what is left out is counted."""
    pytester.makepyfile(FAILING)

    result = pytester.runpytest_inprocess(*QUIET, "--show-capture=no")

    assert outcomes(result) == {"failed": 203}
    told = re.split(
        r"^_+ (test_\w+.*?) _+$", "\n".join(result.outlines).partition("short test summary")[0], flags=re.MULTILINE
    )
    stories = dict(zip(told[1::2], told[2::2], strict=True))
    assert len(stories) == 203
    del stories["test_asserted"]  # what pytest itself says of two lists
    lines = {name: story.splitlines() for name, story in stories.items()}
    assert max(len(each) for each in lines.values()) <= 85
    assert max(len(line) for each in lines.values() for line in each) <= 100
    assert "… and 40 more" in lines["test_unexpected[1]"]
    assert "What happened, the last 30 of 50:" in lines["test_unexpected[1]"]
    assert "E           … and 40 more" in lines["test_counted"]
    assert "… and 20 more that are not met" in lines["test_expected"]
    assert sum(len(each) for each in lines.values()) < 203 * 15
