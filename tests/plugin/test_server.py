"""Worlds on a live server: started for the run, or one that runs already; one server for all workers."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest

from pytest_fake_nexmo.errors import NexmoUsageError
from pytest_fake_nexmo.remote import _Served
from pytest_fake_nexmo.serving import Share, Watch, open_server
from tests.plugin.inner import run

pytest_plugins = ("pytester",)

FAR = '''
import os

SEND = ("-d", "from=Acme", "-d", "to=447700900001", "-d", "text=Hi", "-d", "callback=https://shop.test/dlr")


def curl(nexmo, *more):
    """Another client, in another process, at the real host's name."""
    import subprocess
    who = ("-d", f"api_key={nexmo.api_key}", "-d", f"api_secret={nexmo.api_secret}")
    url = "https://rest.nexmo.com/sms/json"
    done = subprocess.run(["curl", "-sS", *who, *SEND, *more, url], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


class App:
    """A WSGI app that remembers its paths."""

    def __init__(self, status="200 OK"):
        self.status = status
        self.paths = []

    def __call__(self, environ, start_response):
        self.paths.append((environ["SCRIPT_NAME"], environ["PATH_INFO"]))
        start_response(self.status, [])
        return []


class Asgi:
    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
'''

TESTS = '''
@pytest.mark.parametrize("app", [App(), Asgi()])
def test_one(nexmo, nexmo_server, nexmo_env, app):
    assert nexmo.world != "default"
    assert os.environ["HTTPS_PROXY"] == nexmo_server.http == os.environ["FAKE_NEXMO_URL"]
    assert os.environ["NEXMO_API_KEY"] == nexmo.api_key
    nexmo.mount("https://shop.test", app)
    assert '"0"' in curl(nexmo)
    nexmo.handset("447700900001").texts("447700900000", "STOP")
    nexmo.clock.advance("5s")
    assert nexmo.message(to="447700900001").status == "delivered"
    nexmo.expect.webhook(kind="receipt", state="delivered").once()


@pytest.mark.nexmo(clock={"start": "2027-01-01T00:00:00Z", "mode": "manual"}, seed=5)
def test_failing(nexmo, nexmo_server):
    app = App("503 No")
    nexmo.mount("https://shop.test/below", app)
    fault = nexmo.fault("sms.send", call=2, answer="throttled")
    form = {"api_key": nexmo.api_key, "api_secret": nexmo.api_secret, "from": "Acme", "to": "447700900001",
            "text": "Hi", "callback": "https://shop.test/below/dlr"}
    with httpx.Client(proxy=nexmo_server.http) as http:
        http.post("http://rest.nexmo.com/sms/json", data=form)
        http.post("http://rest.nexmo.com/sms/json", data=form)
    nexmo.clock.advance("1s")
    with pytest.raises(AssertionError) as failed:
        nexmo.message(text="Bye")
    assert str(failed.value).splitlines()[4:] == [
        "What happened:",
        "  00:00:00.000  act      a fault is armed: sms.send call=2, answer='throttled'",
        "  00:00:00.000  clock    advances by 1s  -> 1 timers, 0 webhooks delivered, 1 failed",
        "  00:00:00.000  request  sms.send  POST /sms/json  -> 200  to 447700900001 'Hi'",
        "  00:00:00.000  request  sms.send  POST /sms/json  -> 200 by the fault 'fault-1' (1 Through…",
        "  00:00:01.000  webhook  GET https://shop.test/below/dlr  -> 503",
    ]
    assert app.paths == [("/below", "/dlr")]


def test_two(nexmo, nexmo_server):
    """httpx and requests go where the environment says, and find nobody here."""
    with pytest.raises(httpx.ConnectError, match="a test tried to reach the real"):
        httpx.get("https://rest.nexmo.com/")
    nexmo.reached_for_real.clear()
    assert nexmo.messages() == []


def test_three(nexmo, nexmo_server, nexmo_client, nexmo_env):
    from fake_nexmo_client import Sms
    assert nexmo.messages() == []
    assert nexmo.clock.now().isoformat() == "2026-01-01T00:00:00+00:00"


@pytest.mark.nexmo(scenario="bad-day", strict=False)
def test_four(nexmo, nexmo_server):
    assert nexmo.seed == 42
    assert nexmo.clock.now().isoformat() == "2026-03-01T09:00:00+00:00"
    assert nexmo.handset("alice").power(True).number == "447700900101"


def test_five(nexmo):
    assert nexmo.world == "default"
'''


@pytest.mark.skipif(subprocess.run(["which", "curl"], capture_output=True).returncode != 0, reason="there is no curl")
def test_worlds_on_a_server_of_the_run(pytester: pytest.Pytester) -> None:
    result = run(pytester, FAR + TESTS)
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(
        ["The webhook receipt to https://shop.test/below/dlr failed once, another try is due:", "  HTTP 503"]
    )


def test_worlds_on_a_server_that_runs(pytester: pytest.Pytester) -> None:
    """Every test has its world there; requests of nobody are told at the end, and fail no test."""
    source = """
def test_one(nexmo):
    assert nexmo.world != "default"
    httpx.post(f"{nexmo.environment['FAKE_NEXMO_URL']}/sms/json", data={"api_key": "a1b2c3d4", "api_secret": "x"})


def test_two(nexmo):
    assert nexmo.settings()["profile"] == "current"
    nexmo.expect.message().once()
"""
    with open_server(None) as server:
        result = run(pytester, source, f"--nexmo-url={server.http}")
        worlds = server.ask("GET", "/health")["worlds"]

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["E  *Expected once: message with any", "E  *There is no message at all.", "*requests of nobody*",
         "*POST /sms/json  nobody has the credential 'a1b2c3d4'"]
    )  # fmt: skip
    assert worlds == ["default"]


def test_a_server_that_is_not_there_is_named(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_one(nexmo):\n    pass\n", "--nexmo-url=http://127.0.0.1:1")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no fake-nexmo server answers at http://127.0.0.1:1: *"])


def gone(url: str) -> bool:
    """Whether a server ends: the connection that it is asked by does too."""
    try:
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=20) as connection:
            return connection.recv(1) == b""
    except OSError as error:
        return not isinstance(error, TimeoutError)


def test_one_server_for_all_processes_of_a_run() -> None:
    """The first one starts it; it outlives that one, and ends with the run."""
    watch = Watch()
    share = Share(str(watch.folder), watch.port)
    with open_server(None, share) as first, open_server(None, share) as second:
        assert second.http == first.http
    with open_server(None, share) as third:
        assert third.http == first.http
        assert third.ask("GET", "/health")["worlds"] == ["default"]

    watch.close()

    assert gone(first.http)
    assert not watch.folder.exists()
    with pytest.raises(NexmoUsageError, match="no fake-nexmo server answers"), open_server(first.http):
        pass


def test_a_watch_over_nothing_ends_at_once() -> None:
    watch = Watch()
    watch.close()

    assert not watch.folder.exists()


def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the process that starts it, and to those that wait for it."""
    monkeypatch.setenv("FAKE_NEXMO_HOME", "/proc/nowhere")
    watch = Watch()

    for _ in range(2):
        with pytest.raises(NexmoUsageError, match="the server did not start: "), open_server(None, watch):
            pass
    watch.close()


def test_a_server_that_nobody_starts_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its starter died before it was ready."""
    monkeypatch.setattr("pytest_fake_nexmo.serving._PATIENCE_S", 0.01)
    watch = Watch()
    (watch.folder / "claim").touch()

    with pytest.raises(NexmoUsageError, match="the worker that began to start it has ended"), open_server(None, watch):
        pass
    watch.close()


def test_clients_reach_the_world_on_the_server(pytester: pytest.Pytester) -> None:
    """Without the environment too: they are told the server's origin."""
    result = run(
        pytester,
        """
from fake_nexmo_client import Sms

HELLO = Sms(sender="Acme", to="447700900001", text="Hello")


def test_one(nexmo, nexmo_server, nexmo_client):
    nexmo_client.sms.send(HELLO)
    assert nexmo.message(to="447700900001").text == "Hello"


async def test_two(nexmo, nexmo_server, nexmo_async_client):
    await nexmo_async_client.sms.send(HELLO)
    assert nexmo.message(to="447700900001").text == "Hello"
""",
    )

    result.assert_outcomes(passed=2)


def test_an_app_that_never_answers_does_not_hold_up_the_end() -> None:
    begun = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    served = _Served(app, "")
    with socket.create_connection(("127.0.0.1", urlsplit(served.url).port or 0)) as asking:
        asking.sendall(b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
        assert begun.wait(5)
        ending = threading.Thread(target=served.close, daemon=True)
        ending.start()
        ending.join(10)

    assert not ending.is_alive()


def test_a_world_that_a_test_removed_itself_is_no_failure(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_one(nexmo, nexmo_server):
    nexmo.is_over = True
    nexmo_server.ask("DELETE", f"/worlds/{nexmo.world}")
""",
    )

    result.assert_outcomes(passed=1)
