"""What ``fake-nexmo env --sdk`` prints works as printed, and under ``fake-nexmo run`` programs need no change."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.commands import Ended, call
from tests.live import COMMAND, PATIENCE_S, ROOT, Live, clean_environment, open_live, sdk_python

pytestmark = pytest.mark.sdk

PY_SEND = """
from vonage_sms import SmsMessage
print(client.sms.send(SmsMessage(to="447700900001", from_="Acme", text={text!r})).messages[0].status)
"""
PY_SEND_2 = """
reply = nexmo.Sms(client).send_message({{"from": "Acme", "to": "447700900001", "text": {text!r}}})
print(reply["messages"][0]["status"])
"""
NODE_SEND = """
vonage.sms.send({{ to: "447700900001", from: "Acme", text: {text!r} }}).then((r) => console.log(r.messages[0].status));
"""
NODE_SEND_2 = """
nexmo.message.sendSms("Acme", "447700900001", {text!r}, {{}}, (error, r) => console.log(error || r.messages[0].status));
"""
NODE_FETCH = """
const { VONAGE_API_KEY: api_key, VONAGE_API_SECRET: api_secret, FAKE_NEXMO_HTTPS: https } = process.env;
const body = new URLSearchParams({ api_key, api_secret, from: "Acme", to: "447700900001", text: "by fetch" });
fetch(`${https}/sms/json`, { method: "POST", body })
  .then((answer) => answer.json())
  .then((read) => console.log(read.messages[0].status));
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("env")) as opened:
        yield opened


def node() -> str:
    """The command ``node``; without one the test is skipped."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no node on this machine")
    return found


def node_modules(name: str) -> Path:
    """Where a library for Node is; without it the test is skipped."""
    modules = ROOT / ".sdk" / "node" / "node_modules"
    if not (modules / name).exists():
        pytest.skip(f"the library {name} is not installed: 'make .sdk/node/.set-up' installs it")
    return modules


def recipe(live: Live, sdk: str) -> list[str]:
    """The lines of a recipe that are there to be copied."""
    ended = call("env", "--sdk", sdk, "--url", live.http, FAKE_NEXMO_HOME=str(live.home))
    assert (ended.status, ended.err) == (0, "")
    return [line.removeprefix("#   ") for line in ended.out.splitlines() if line.startswith("#   ")]


def in_environment(live: Live, *command: object, proxy: bool, **more: str) -> str:
    """What a program prints in the environment of the server; with the names of the proxy, or without."""
    home = {"FAKE_NEXMO_HOME": str(live.home), "FAKE_NEXMO_URL": live.http}
    forget = "" if proxy else "unset HTTPS_PROXY HTTP_PROXY https_proxy http_proxy; "
    script = f'eval "$({shlex.quote(str(COMMAND))} env)"; {forget}exec "$@"'
    done = subprocess.run(
        ["sh", "-euc", script, "sh", *map(str, command)],
        env=clean_environment(**home, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def newest(live: Live) -> str:
    """The text of the newest message of the world ``default``."""
    answer = httpx.get(f"{live.http}/_fake/worlds/default/messages?limit=1", trust_env=False)
    return str(answer.json()["items"][0]["text"])


@pytest.mark.parametrize(("way", "picked"), [("options", (0, 1, 2, 3)), ("proxy", (0, 1, 2, 4))])
def test_python(live: Live, way: str, picked: tuple[int, ...]) -> None:
    """Vonage 4: the client with options needs no proxy, the one without comes through it."""
    python, lines = sdk_python("vonage"), recipe(live, "python")
    code = "\n".join(lines[k] for k in picked) + PY_SEND.format(text=way)

    assert in_environment(live, python, "-c", code, proxy=way == "proxy") == "0\n"
    assert newest(live) == way


@pytest.mark.parametrize(("way", "picked"), [("around", (0, 1, 2)), ("proxy", (0, 1))])
def test_nexmo_python_2(live: Live, way: str, picked: tuple[int, ...]) -> None:
    """Nexmo 2.5: credentials from the environment, signature secret included, and both ways to the server."""
    python, lines = sdk_python("nexmo"), recipe(live, "nexmo-python-2")
    code = "\n".join(lines[k] for k in picked) + PY_SEND_2.format(text=way)

    assert in_environment(live, python, "-c", code, proxy=way == "proxy") == "0\n"
    assert newest(live) == way


def test_curl(live: Live) -> None:
    """Both commands, copied into a shell."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    script = "\n".join(recipe(live, "curl")).replace("curl ", "curl --silent --show-error --max-time 20 ")
    out = in_environment(live, "sh", "-euc", script, proxy=True)

    decoder, statuses = json.JSONDecoder(), []
    while out:
        read, end = decoder.raw_decode(out)
        statuses.append(read["messages"][0]["status"])
        out = out[end:].lstrip()
    assert statuses == ["0", "0"]
    assert newest(live) == "Hello"


def test_plain_node_trusts_the_server(live: Live) -> None:
    """The global fetch, over TLS, by NODE_EXTRA_CA_CERTS."""
    assert in_environment(live, node(), "-e", NODE_FETCH, proxy=False) == "0\n"
    assert newest(live) == "by fetch"


@pytest.mark.parametrize("way", ["http", "https"])
def test_node(live: Live, way: str) -> None:
    """@vonage/server-sdk 3: plain as printed, and with the https origin."""
    command, modules = node(), node_modules("@vonage/server-sdk")
    code = "\n".join(recipe(live, "node")[:3]).replace(live.http, live.http if way == "http" else live.https)
    code += NODE_SEND.format(text=way)

    assert in_environment(live, command, "-e", code, proxy=False, NODE_PATH=str(modules)) == "0\n"
    assert newest(live) == way


def test_nexmo_node_2(live: Live) -> None:
    """Nexmo 2.9.1: plain http at our port."""
    command, modules = node(), node_modules("nexmo")
    code = "\n".join(recipe(live, "nexmo-node-2")) + NODE_SEND_2.format(text="node 2")

    assert in_environment(live, command, "-e", code, proxy=False, NODE_PATH=str(modules)) == "0\n"
    assert newest(live) == "node 2"


def test_a_python_program_runs_unchanged(tmp_path: Path) -> None:
    """It knows the service's hosts only, and what it prints and ends with is its own."""
    script = tmp_path / "app.py"
    auth = 'Auth(api_key=os.environ["VONAGE_API_KEY"], api_secret=os.environ["VONAGE_API_SECRET"])'
    script.write_text(
        "import os, sys\nfrom vonage import Auth, Vonage\n"
        f"client = Vonage({auth}){PY_SEND.format(text='Hi')}print(client.account.get_balance().value)\nsys.exit(7)\n"
    )
    ended = call("run", "--", sdk_python("vonage"), script, FAKE_NEXMO_HOME=str(tmp_path / "home"))

    assert ended == Ended(7, "0\n99.9667\n", "")


def test_a_node_program_runs_too(tmp_path: Path) -> None:
    """By the URL in its environment, over TLS."""
    script = tmp_path / "app.js"
    script.write_text(NODE_FETCH)
    ended = call("run", "--", node(), script, FAKE_NEXMO_HOME=str(tmp_path / "home"))

    assert ended == Ended(0, "0\n", "")
