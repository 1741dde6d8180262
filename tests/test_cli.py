"""The command line: every mistake is one line, every line of the banner is true, and the process ends as it should."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from fake_nexmo import __version__, cli
from tests.live import COMMAND, PATIENCE_S, clean_environment, open_live, sdk_python


class Ended(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder of commands inside this process, and no server in the environment."""
    folder = tmp_path / "home"
    monkeypatch.setenv("FAKE_NEXMO_HOME", str(folder))
    monkeypatch.delenv("FAKE_NEXMO_URL", raising=False)
    monkeypatch.delenv("FAKE_NEXMO_WORLD", raising=False)
    return folder


class Command:
    """The command line inside this process; for calls that do not serve."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *args: str) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["fake-nexmo", *args])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        said = self._capsys.readouterr()
        return Ended(status, said.out, said.err)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def not_yet(what: str) -> str:
    return f"{what} is not made yet in fake-nexmo {__version__}"


SDKS = "python, nexmo-python-2, node, nexmo-node-2, go, java, ruby, php, dotnet, curl"
MISTAKES = {
    "": "nothing to do; 'fake-nexmo serve' starts the server, 'fake-nexmo --help' says more",
    "nonsense": "No such command 'nonsense'.",
    "run": "there is no command to run; write it behind --, such as: fake-nexmo run -- pytest",
    "run --clock manual --": "there is no command to run; write it behind --, such as: fake-nexmo run -- pytest",
    "run --set a=b -- true": "--set: variables go with a --scenario",
    "run --report junit.xml -- true": "--report: verdicts go with a --scenario",
    "run --zzz -- true": "No such option '--zzz'.",
    "run --seed -1 -- true": "Invalid value for '--seed': -1 is not in the range x>=0.",
    "env --sdk pyton": f"--sdk: 'pyton' is no SDK known here; did you mean 'python'? there are {SDKS}",
    "env --sdk Node": f"--sdk: 'Node' is no SDK known here; did you mean 'node'? there are {SDKS}",
    "env --sdk cobol": f"--sdk: 'cobol' is no SDK known here; there are {SDKS}",
    "env --url 127.0.0.1:6396": "--url: '127.0.0.1:6396' is no address of a server; "
    "write it like http://127.0.0.1:6396",
    "env --url http://127.0.0.1:1": "no server answers at http://127.0.0.1:1; 'fake-nexmo serve' starts one",
    "trigger": "nothing to trigger; there are inbound-sms and call, their --help says more",
    "trigger call": "Missing option '--from'.",
    "trigger call --from 447700900001": "Missing option '--to'.",
    "trigger fax": "No such command 'fax'.",
    "trigger inbound-sms": "Missing option '--from'.",
    "trigger inbound-sms --from 447700900001": "Missing option '--to'.",
    "trigger inbound-sms --from 447700900001 --to 447700900000": "an SMS has either a --text or a --body",
    "trigger inbound-sms --from 1 --to 2 --text a --body 00": "an SMS has either a --text or a --body",
    "inbox now": "Got unexpected extra argument (now)",
    "inbox --limit -1": "Invalid value for '--limit': -1 is not in the range x>=0.",
    "inbox --url http://127.0.0.1:1": "no server answers at http://127.0.0.1:1; 'fake-nexmo serve' starts one",
    "scenario": "nothing to do; there are check, explain and schema, their --help says more",
    "serve --store sqlite:a.db": not_yet("--store sqlite"),
    "serve --store redis://127.0.0.1": not_yet("--store redis"),
    "serve --store cloud": "--store: 'cloud' is no store; there is memory",
    "serve --workers 2": not_yet("--workers above 1"),
    "serve --workers 0": "Invalid value for '--workers': 0 is not in the range x>=1.",
    "serve --clock noon": "--clock: 'noon' is not a clock mode; take real, xN (such as x60, up to x1000000), "
    "manual or auto",
    "serve --port 65536": "Invalid value for '--port': 65536 is not in the range 0<=x<=65535.",
    "serve --port one": "Invalid value for '--port': 'one' is not a valid integer range.",
    "serve --seed -1": "Invalid value for '--seed': -1 is not in the range x>=0.",
    "serve --retention 0": "Invalid value for '--retention': 0 is not in the range x>=1.",
    "serve --control-from here": "--control-from: 'here' is no network; write it like 10.0.0.0/8 or 10.1.2.3, or any",
    "serve --allow-webhooks-to a/b": "--allow-webhooks-to a/b: neither a network (10.0.0.0/8), an address "
    "nor a host name.",
    "serve --zzz 1": "No such option '--zzz'.",
    "serve now": "Got unexpected extra argument (now)",
    "serve --port": "Option '--port' requires an argument.",
    "serve --ready-file nowhere/ready": "--ready-file: there is no folder nowhere; make it first",
    "serve --pending-file nowhere/pending": "--pending-file: there is no folder nowhere; make it first",
    "serve --ready-file folder": "--ready-file: folder cannot be written",
    "serve --pending-file folder": "--pending-file: folder cannot be written",
    "serve --ready-file locked/ready": "--ready-file: locked/ready cannot be written",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_clear_line_and_exit_status_2(
    command: Command, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing on stdout, no traceback, no usage: only what is wrong."""
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("locked").mkdir(mode=0o500)
    if "locked" in line and os.access("locked", os.W_OK):
        pytest.skip("this user may write everywhere")

    assert command(*shlex.split(line)) == Ended(2, "", f"fake-nexmo: {MISTAKES[line]}\n")


def test_a_busy_port_is_named_with_the_way_out(command: Command) -> None:
    """Somebody else listens there."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = command("serve", "--port", str(port))

    message = f"port {port} on 127.0.0.1 is taken; take another with --port, or any with --port 0"
    assert ended == Ended(2, "", f"fake-nexmo: {message}\n")


def test_an_address_of_another_machine_is_named(command: Command) -> None:
    """192.0.2.0/24 is set aside for documentation, so nobody has it."""
    ended = command("serve", "--host", "192.0.2.1", "--port", "0")

    message = "cannot listen on 192.0.2.1 port 0: Cannot assign requested address; see --host and --port"
    assert ended == Ended(2, "", f"fake-nexmo: {message}\n")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            "home is a file",
            (
                "The data folder {home} cannot be used (File exists: home): "
                "set FAKE_NEXMO_HOME to a folder that can be read and written."
            ),
        ),
        (
            "ca-key.pem",
            (
                "{home}/ca-key.pem is damaged (no certificate in it): "
                "delete ca.pem and ca-key.pem to have them made anew, and trust the new ca.pem."
            ),
        ),
        ("keys", "the folder for private keys, {home}/keys, cannot be made: File exists"),
    ],
)
def test_a_data_folder_that_cannot_be_used_is_one_line(command: Command, home: Path, damage: str, message: str) -> None:
    """What is wrong, where, and what would do."""
    if damage == "home is a file":
        home.write_text("")
    else:
        home.mkdir()
        (home / damage).write_text("")

    ended = command("serve", "--port", "0", "--quiet")

    assert ended == Ended(2, "", f"fake-nexmo: {message.format(home=home)}\n")


def test_a_ready_file_that_a_crash_left_behind_is_gone_before_anything_else(command: Command, tmp_path: Path) -> None:
    """It appears when, and only when, requests are answered: not even a failed start leaves the old one."""
    ready = tmp_path / "ready.json"
    ready.write_text("{}")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ended = command("serve", "--port", str(other.getsockname()[1]), "--ready-file", str(ready))

    assert (ended.status, ready.exists()) == (2, False)


def test_a_mistake_leaves_a_ready_file_alone(command: Command, tmp_path: Path) -> None:
    """A call that never got as far as starting removes nothing."""
    ready = tmp_path / "ready.json"
    ready.write_text("{}")
    ended = command("serve", "--clock", "noon", "--ready-file", str(ready))

    assert (ended.status, ready.read_text()) == (2, "{}")


@pytest.mark.parametrize("args", [("--help",), ("-h",)])
def test_help_lists_what_there_is(command: Command, args: tuple[str, ...]) -> None:
    """Only what works is listed."""
    ended = command(*args)

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[0] == "Usage: fake-nexmo [OPTIONS] COMMAND [ARGS]..."
    assert re.findall(r"^  (\w+) ", ended.out.partition("Commands:")[2], re.MULTILINE) == [
        "env",
        "inbox",
        "run",
        "scenario",
        "serve",
        "trigger",
    ]


HELP = {
    "run": ["--clock", "--seed", "--scenario", "--set", "--report", "--wait-for", "--help"],
    "env": ["--sdk", "--url", "--world", "--help"],
    "trigger": ["--help"],
    "trigger call": ["--from", "--to", "--url", "--world", "--help"],
    "trigger inbound-sms": ["--from", "--to", "--text", "--body", "--udh", "--url", "--world", "--help"],
    "inbox": ["--follow", "--calls", "--to", "--from", "--limit", "--json", "--url", "--world", "--help"],
}


@pytest.mark.parametrize("name", HELP)
def test_help_of_a_command_lists_its_options(command: Command, name: str) -> None:
    """All of them."""
    ended = command(*name.split(), "--help")

    assert (ended.status, ended.err) == (0, "")
    assert re.findall(r"^  (?:-h, )?(--[\w-]+)", ended.out, re.MULTILINE) == HELP[name]
    commands = re.findall(r"^  ([\w-]+)  ", ended.out.partition("Commands:")[2], re.MULTILINE)
    assert commands == (["call", "inbound-sms"] if name == "trigger" else [])


def test_help_of_serve_lists_the_options_of_the_design(command: Command) -> None:
    """Every one of them, those that are not made yet included."""
    ended = command("serve", "--help")

    assert (ended.status, ended.err) == (0, "")
    assert re.findall(r"^  (?:-h, )?(--[\w-]+)", ended.out, re.MULTILINE) == [
        "--host",
        "--port",
        "--clock",
        "--seed",
        "--retention",
        "--ready-file",
        "--pending-file",
        "--allow-webhooks-to",
        "--control-from",
        "--control-host",
        "--quiet",
        "--scenario",
        "--store",
        "--workers",
        "--help",
    ]


def test_version_is_one_line(command: Command) -> None:
    """Name and version."""
    assert command("--version") == Ended(0, f"fake-nexmo, version {__version__}\n", "")


def test_the_installed_command_reports_a_mistake(tmp_path: Path) -> None:
    """The same through the console script, in a process of its own."""
    environment = clean_environment(FAKE_NEXMO_HOME=str(tmp_path))
    done = subprocess.run([COMMAND, "serve", "--workers", "2"], env=environment, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"fake-nexmo: {not_yet('--workers above 1')}\n"


@pytest.mark.parametrize(
    ("line", "status"), [("--version", 0), ("scenario check default", 0), ("serve --workers 2", 2)]
)
def test_python_m_is_the_installed_command(tmp_path: Path, line: str, status: int) -> None:
    """Same words, same exit status, same name in what it says."""
    environment = clean_environment(FAKE_NEXMO_HOME=str(tmp_path))
    ended = [
        subprocess.run([*command, *line.split()], env=environment, capture_output=True, text=True)
        for command in ([COMMAND], [sys.executable, "-m", "fake_nexmo"])
    ]

    assert [each.returncode for each in ended] == [status, status]
    assert (ended[0].stdout, ended[0].stderr) == (ended[1].stdout, ended[1].stderr)


# Serving.


def test_the_banner_is_what_a_newcomer_needs(tmp_path: Path) -> None:
    """Where it is, who one is, how to send, see and point an SDK; compared whole."""
    with open_live(tmp_path, "--seed", "7") as live:
        bundle, place, url = live.home / "bundle.pem", live.place, live.http
        send = "-d api_key=abcd1234 -d api_secret=s3cr3tS3cr3t -d from=Acme -d to=447700900001 -d text=Hello"
        options = f"HttpClientOptions(rest_host='{place}', api_host='{place}')"
        assert live.out.splitlines() == [
            f"fake-nexmo {__version__} answers on {url} and {live.https}",
            "World 'default', seed 7. No message leaves this machine.",
            "",
            "  api_key     abcd1234",
            "  api_secret  s3cr3tS3cr3t",
            f"  authority   {live.ca_file}",
            "",
            "Send a message:",
            f"  curl {send} {url}/sms/json",
            "",
            "See what happened:",
            f"  curl {url}/_fake/worlds/default/messages",
            "",
            "Point an SDK at it. By its options, here the Python library (vonage 4):",
            f"  export REQUESTS_CA_BUNDLE={bundle}",
            f"  Vonage(Auth(api_key='abcd1234', api_secret='s3cr3tS3cr3t'), {options})",
            "Or any program unchanged, through the proxy:",
            f"  export HTTPS_PROXY={url} NODE_EXTRA_CA_CERTS={live.ca_file}",
            f"  export REQUESTS_CA_BUNDLE={bundle} SSL_CERT_FILE={bundle}",
            "",
            "Stop it with Ctrl-C.",
        ]
        assert live.err == ""
        assert live.stop()[:3] == (0, live.out, "fake-nexmo: stopped; 0 webhooks pending\n")


def test_the_curl_lines_of_the_banner_work_as_printed(tmp_path: Path) -> None:
    """Copied into a shell they send a message and show it; so does curl by https and through the proxy."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl on this machine")
    with open_live(tmp_path) as live:
        send, see = [line.strip() for line in live.out.splitlines() if line.startswith("  curl ")]
        form, _, _ = send.rpartition(" ")
        trusted = f"{form} --cacert {shlex.quote(live.ca_file)}"
        lines = [
            send,
            f"{trusted} {live.https}/sms/json",
            f"{trusted} --proxy {live.http} https://rest.nexmo.com/sms/json",
            f"{form} --proxy {live.http} http://rest.nexmo.com/sms/json",
            see,
        ]
        *sent, seen = [_shell(f"{line} --silent --show-error --max-time 20") for line in lines]

    assert [each["messages"][0]["status"] for each in sent] == ["0"] * 4
    assert [(each["to"], each["text"]) for each in seen["items"]] == [("447700900001", "Hello")] * 4


def _shell(line: str) -> dict[str, list[dict[str, str]]]:
    done = subprocess.run(["sh", "-c", line], env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    read: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return read


@pytest.mark.sdk
def test_the_sdk_lines_of_the_banner_work_as_printed(tmp_path: Path) -> None:
    """The Python line is Python, the exports are a shell's, and both ways lead to the server."""
    python = sdk_python("vonage")
    with open_live(tmp_path) as live:
        lines = [line.strip() for line in live.out.splitlines()]
        by_option, *by_proxy = [line for line in lines if line.startswith("export ")]
        (made,) = [line for line in lines if line.startswith("Vonage(")]
        unchanged = made.partition(", HttpClientOptions")[0] + ")"
        statuses = [
            _sdk_sends(python, [by_option], made),
            _sdk_sends(python, by_proxy, unchanged),
        ]

    assert statuses == ["0\n", "0\n"]


def _sdk_sends(python: Path, exports: list[str], made: str) -> str:
    code = (
        "from vonage import Auth, HttpClientOptions, Vonage; from vonage_sms import SmsMessage; "
        "message = SmsMessage(to='447700900001', from_='Acme', text='Hi'); "
        f"print({made}.sms.send(message).messages[0].status)"
    )
    line = "; ".join([*exports, shlex.join([str(python), "-c", code])])
    done = subprocess.run(["sh", "-c", line], env=clean_environment(), capture_output=True, text=True, timeout=30)
    return done.stdout or done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_quiet_server_says_nothing_and_ends_with_0(tmp_path: Path, number: signal.Signals) -> None:
    """No banner, no farewell; SIGINT ends it as SIGTERM does."""
    with open_live(tmp_path, "--quiet") as live:
        stopped = live.stop(number)

    assert stopped[:4] == (0, "", "", [])
    assert stopped.took_s < PATIENCE_S / 3


def test_webhooks_that_are_owed_are_told_even_by_a_quiet_server(tmp_path: Path) -> None:
    """A loss is never silent; one is not plural."""
    with open_live(tmp_path, "--quiet", "--clock", "manual") as live:
        form = "api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900001&text=Hi&callback=http://127.0.0.1:9/"
        code = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], sys.argv[2].encode()).read().decode())"
        command = [sys.executable, "-c", code, f"{live.http}/sms/json", form]
        done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True)
        message_id = json.loads(done.stdout)["messages"][0]["message-id"]
        stopped = live.stop()

    entry = {"world": "default", "kind": "receipt", "message-id": message_id, "url": "http://127.0.0.1:9/"}
    said = f"fake-nexmo: stopped; 1 webhook pending, listed in {live.pending_file}\n"
    assert stopped[:4] == (0, "", said, [entry])


def test_a_pending_file_that_cannot_be_written_any_more_is_told(tmp_path: Path) -> None:
    """The count is said in any case; then what went wrong, and the exit status is 2."""
    folder = tmp_path / "gone"
    folder.mkdir()
    pending = folder / "pending"
    with open_live(tmp_path, "--pending-file", str(pending)) as live:
        folder.rmdir()
        stopped = live.stop()

    assert stopped.status == 2
    assert stopped.err.splitlines() == [
        "fake-nexmo: stopped; 0 webhooks pending",
        f"fake-nexmo: --pending-file: {pending} cannot be written: No such file or directory",
    ]
