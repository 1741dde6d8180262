"""``fake-nexmo run``: a server for the time of one command, which never notices more than its environment."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from fake_nexmo.run import address, run_beside
from fake_nexmo.server import Options
from tests.commands import Ended, call, piped, terminal
from tests.live import PATIENCE_S

#: Counts the signals it gets; says when it is ready for them, and ends with how many there were at its second line.
COUNT = """
import signal, sys
got = []
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, _: got.append(number))
print("ready", flush=True)
while not got:
    signal.pause()
print(signal.Signals(got[0]).name, flush=True)
sys.stdin.readline()
print(len(got), flush=True)
sys.exit(42)
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A data folder of the test's own."""
    return {"FAKE_NEXMO_HOME": str(tmp_path / "home")}


@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_the_exit_status_is_the_commands(home: dict[str, str], script: str, status: int) -> None:
    """128 and more when a signal ended it; not a word of the server."""
    assert call("run", "--", "sh", "-c", script, **home) == Ended(status, "", "")


def test_input_and_output_are_the_commands(home: dict[str, str]) -> None:
    """It reads what we are given and writes where we do; options of its own reach it, with and without ``--``."""
    script = 'cat; echo "$@" >&2'
    for dashes in (["--"], []):
        ended = call("run", "--seed", 7, *dashes, "sh", "-c", script, "sh", "--seed", "--", "x y", stdin="in\n", **home)
        assert ended == Ended(0, "in\n", "--seed -- x y\n")


def test_the_server_is_there_for_the_command_and_gone_after_it(home: dict[str, str]) -> None:
    """On a port of its own, with the seed and the clock that were asked for."""
    script = (
        "import json, os, urllib.request; url = os.environ['FAKE_NEXMO_CONTROL'] + '/worlds/default'; "
        "print(json.dumps([os.environ['FAKE_NEXMO_URL'], json.load(urllib.request.urlopen(url))]))"
    )
    command = ["--clock", "manual", "--seed", 7, "--", sys.executable, "-c", script]
    url, world = json.loads(call("run", *command, **home).out)

    assert (world["seed"], world["clock"]["mode"]) == (7, "manual")
    assert not url.endswith(":6396")
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_real_keys_in_the_environment_do_not_reach_the_command(home: dict[str, str]) -> None:
    """What a library would look for is ours or gone; the rest of the environment stays."""
    real = {
        "VONAGE_API_SECRET": "real",
        "NEXMO_PRIVATE_KEY_PATH": "real.pem",
        "https_proxy": "http://127.0.0.1:9",
        "NO_PROXY": "*",
        "OTHER": "kept",
    }
    script = (
        'echo "$VONAGE_API_SECRET ${NEXMO_PRIVATE_KEY_PATH-gone} $NO_PROXY $OTHER"; '
        'test "$https_proxy" = "$FAKE_NEXMO_URL"'
    )

    assert call("run", "--", "sh", "-c", script, **home, **real) == Ended(
        0, "s3cr3tS3cr3t gone localhost,127.0.0.1,::1 kept\n", ""
    )


def test_webhooks_that_are_owed_are_told_at_the_end(home: dict[str, str]) -> None:
    """The only thing that is ever said of the server; the status stays the command's."""
    script = (
        "import os, sys, urllib.parse, urllib.request; "
        "form = {'api_key': os.environ['NEXMO_API_KEY'], 'api_secret': os.environ['NEXMO_API_SECRET'], 'from': 'Acme', "
        "'to': '447700900001', 'text': 'Hi', 'callback': 'http://127.0.0.1:9/'}; "
        "url = os.environ['FAKE_NEXMO_URL'] + '/sms/json'; "
        "urllib.request.urlopen(url, urllib.parse.urlencode(form).encode()).read(); sys.exit(5)"
    )
    ended = call("run", "--clock", "manual", "--", sys.executable, "-c", script, **home)

    assert ended == Ended(5, "", "fake-nexmo: stopped; 1 webhook pending\n")


def test_a_command_that_is_not_there_is_one_line_and_127(home: dict[str, str], tmp_path: Path) -> None:
    """By name or by path, and a script whose interpreter is missing."""
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    for name in ("no-such-command", str(tmp_path / "nothing"), str(script)):
        said = f"fake-nexmo: {name}: there is no such command\n"
        assert call("run", "--", name, **home) == Ended(127, "", said)


def test_a_command_that_cannot_be_executed_is_one_line_and_126(home: dict[str, str], tmp_path: Path) -> None:
    """A file without the permission, and a folder."""
    plain = tmp_path / "plain"
    plain.write_text("echo no")
    for name in (str(plain), str(tmp_path)):
        said = f"fake-nexmo: {name}: cannot be executed: Permission denied\n"
        assert call("run", "--", name, **home) == Ended(126, "", said)


def test_a_server_that_cannot_start_runs_no_command(tmp_path: Path) -> None:
    """The data folder is a file; the clock has no such mode."""
    home = tmp_path / "home"
    home.write_text("")
    touch = ["--", "touch", str(tmp_path / "touched")]
    ended = call("run", *touch, FAKE_NEXMO_HOME=str(home))
    noon = call("run", "--clock", "noon", *touch, FAKE_NEXMO_HOME=str(tmp_path))

    said = f"The data folder {home} cannot be used (File exists: home): set FAKE_NEXMO_HOME to a folder that can be"
    assert ended == Ended(2, "", f"fake-nexmo: {said} read and written.\n")
    modes = "take real, xN (such as x60, up to x1000000), manual or auto"
    assert noon == Ended(2, "", f"fake-nexmo: --clock: 'noon' is not a clock mode; {modes}\n")
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
async def test_a_signal_goes_to_the_command_which_is_waited_for(home: dict[str, str], number: signal.Signals) -> None:
    """It may take its time, and its status is the answer; the server is there until then."""
    async with piped("run", "--", sys.executable, "-c", COUNT, **home) as command:
        assert await command.line() == "ready"
        command.process.send_signal(number)
        assert await command.line() == number.name
        ended = await command.end()

    assert ended == Ended(42, "1\n", "")


async def test_a_command_that_a_signal_ends_gives_its_status(home: dict[str, str]) -> None:
    """As a shell says it."""
    async with piped("run", "--", "sh", "-c", "echo $$; exec sleep 60", **home) as command:
        assert int(await command.line()) > 0
        ended = await command.end(signal.SIGTERM)

    assert ended == Ended(143, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
async def test_a_signal_before_the_command_is_there_ends_it_too(
    home: dict[str, str], monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """It never starts, or gets the signal at once; the server is stopped, and signals are as they were."""
    monkeypatch.setenv("FAKE_NEXMO_HOME", home["FAKE_NEXMO_HOME"])
    running = asyncio.create_task(run_beside(["sleep", "60"], Options(port=0)))
    # One step: the signals are taken before the server's start first waits for something.
    await asyncio.sleep(0)
    signal.raise_signal(number)
    async with asyncio.timeout(PATIENCE_S):
        assert await running == 128 + number

    assert signal.getsignal(number) is signal.SIG_DFL


async def test_a_signal_that_is_ignored_stays_ignored(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As under ``nohup``."""
    monkeypatch.setenv("FAKE_NEXMO_HOME", home["FAKE_NEXMO_HOME"])
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        running = asyncio.create_task(run_beside(["true"], Options(port=0)))
        await asyncio.sleep(0)
        signal.raise_signal(signal.SIGHUP)
        async with asyncio.timeout(PATIENCE_S):
            assert await running == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_ctrl_c_reaches_the_command_once(home: dict[str, str]) -> None:
    """The terminal tells everybody in its foreground, so it is not passed on; SIGTERM is."""
    with terminal("run", "--", sys.executable, "-c", COUNT, **home) as screen:
        assert screen.line() == "ready"
        screen.type(b"\x03")
        assert screen.line() == "SIGINT"
        screen.type(b"\n")
        assert screen.end() == (42, "1\n")
    with terminal("run", "--", sys.executable, "-c", COUNT, **home) as screen:
        assert screen.line() == "ready"
        os.kill(screen.process.pid, signal.SIGTERM)
        assert screen.line() == "SIGTERM"
        screen.type(b"\n")
        assert screen.end() == (42, "1\n")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
    return port


#: Says how many webhooks there were before it serves, and ends when it got one.
SERVES = """
import http.server, json, os, threading, urllib.request

class App(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        print(self.path.partition("?")[0], flush=True)
        threading.Thread(target=self.server.shutdown).start()
    def log_message(self, *_):
        pass

url = os.environ["FAKE_NEXMO_CONTROL"] + "/worlds/default/webhooks"
print(len(json.load(urllib.request.urlopen(url))["items"]), flush=True)
http.server.HTTPServer(("127.0.0.1", PORT), App).serve_forever()
"""

JOINS = """
world:
  accounts: {main: {webhooks: {inbound_sms: "http://127.0.0.1:{port}/in"}}}
  numbers: {"447700900000": {account: main, country: GB}}
handsets: {ann: {number: "447700900001"}}
timeline: [{at: 0s, handset: ann, send_sms: {to: "447700900000", text: JOIN}}]
expect: [{webhook: {kind: inbound_sms, answered: 2xx}, before: 5s}]
"""


def test_the_world_waits_for_what_the_command_serves(home: dict[str, str], tmp_path: Path) -> None:
    """The command's first connection is one that it was asked by; before it there is no webhook that could fail."""
    port = free_port()
    scenario = tmp_path / "joins.yaml"
    scenario.write_text(JOINS.replace("{port}", str(port)), "utf-8")
    app = SERVES.replace("PORT", str(port))

    flags = ("--clock", "manual", "--scenario", scenario, "--wait-for", f"http://127.0.0.1:{port}/any")
    ended = call("run", *flags, "--", sys.executable, "-c", app, **home)

    assert (ended.status, ended.out.split()) == (0, ["0", "/in"])


def test_a_world_that_waited_in_vain_says_so(home: dict[str, str]) -> None:
    port = free_port()

    ended = call("run", "--wait-for", port, "--", "echo", "ran", **home)

    assert ended == Ended(
        0,
        "ran\n",
        f"fake-nexmo: nobody took a connection at 127.0.0.1:{port}, so the world stood still all the time\n",
    )


@pytest.mark.parametrize("text", ["shop", "http://", ":80", "localhost:http", "http://127.0.0.1:99999"])
def test_what_is_no_address_is_refused(home: dict[str, str], text: str) -> None:
    ended = call("run", "--wait-for", text, "--", "echo", "ran", **home)

    wanted = "write it like http://127.0.0.1:8000, localhost:8000 or 8000"
    assert ended == Ended(2, "", f"fake-nexmo: --wait-for: {text!r} is no address; {wanted}\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("http://shop.test", ("shop.test", 80)),
        ("https://shop.test/x", ("shop.test", 443)),
        ("localhost:8000", ("localhost", 8000)),
        ("8000", ("127.0.0.1", 8000)),
        ("http://[::1]:8000", ("::1", 8000)),
    ],
)
def test_addresses(text: str, found: tuple[str, int]) -> None:
    assert address(text) == found


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--report=junit.xml",), "--report: verdicts go with a --scenario"),
        (
            ("--scenario=default", "--report=none/junit.xml"),
            "--report: there is no folder none; make it first",
        ),
    ],
)
def test_a_report_that_cannot_be_is_refused(home: dict[str, str], flags: tuple[str, ...], said: str) -> None:
    """And nothing is run."""
    ended = call("run", *flags, "--", "echo", "ran", **home)

    assert ended == Ended(2, "", f"fake-nexmo: {said}\n")
