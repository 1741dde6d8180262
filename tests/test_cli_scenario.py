"""The command line about scenarios: check, explain, schema, and what serve and run make of one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from fake_nexmo.scenario.schema import schema
from tests.commands import call
from tests.live import open_live
from tests.scenario.example import EXAMPLE, NAMES

FINE = """
scenario: shop
seed: 5
clock: {start: 2026-03-01T09:00:00Z, mode: manual}
vars: {app: http://127.0.0.1:1}
world: {accounts: {shop: {api_key: shop0001, webhooks: {receipts: "{app}/dlr"}}}}
faults:
  some: {target: sms.send, chance: 5%, answer: throttled}
  all: {target: sms.*, answer: barred}
timeline:
  - {at: 5s, note: second}
  - when: message.delivered
    to: "447700900001"
    after: 1s
    handset: "447700900001"
    send_sms: {to: "447700900000", text: A}
  - {at: 1s, fault: some, do: arm}
  - {at: +1s, handset: "447700900001", say: hello}
  - {when: call.answered, handset: "447700900001", call: {to: "447700900000"}}
expect:
  - {message: {to: "447700900001"}, count: 1, as: first}
  - {order: [first, first.receipt]}
ends: 1m
""".replace("world: {accounts", "world: {numbers: {'447700900000': {account: shop, country: GB}}, accounts")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"FAKE_NEXMO_HOME": str(tmp_path / "home")}


def written(folder: Path, text: str, name: str = "f.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_that_is_fine_says_so(tmp_path: Path) -> None:
    """One line each; scenarios of the library go by name."""
    file = written(tmp_path, EXAMPLE)

    ended = call("scenario", "check", file, "default")

    assert (ended.status, ended.out, ended.err) == (0, f"{file}: fine\ndefault: fine\n", "")


def test_everything_that_is_wrong_is_said(tmp_path: Path) -> None:
    """Of every file, each flaw with its line; the exit status is 1."""
    file = written(tmp_path, "seeed: 1\nclock: {mode: noon}\n")
    fine = written(tmp_path, "seed: 1", "g.yaml")

    ended = call("scenario", "check", file, fine, tmp_path / "none.yaml")

    assert (ended.status, ended.out) == (1, f"{fine}: fine\n")
    assert ended.err == (
        f"{file}:1:1: seeed: 'seeed' is not known here; did you mean 'seed'?\n"
        "  seeed: 1\n"
        "  ^\n"
        f"{file}:2:9: clock.mode: 'noon' is not a clock mode; "
        "take real, xN (such as x60, up to x1000000), manual or auto\n"
        "  clock: {mode: noon}\n"
        "          ^\n"
        f"{tmp_path}/none.yaml: this cannot be read: No such file or directory\n"
    )


MISTAKES = {
    "scenario": "nothing to do; there are check, explain and schema, their --help says more",
    "scenario check": "Missing argument 'FILE...'.",
    "scenario explain": "Missing argument 'FILE...'.",
    "scenario check --set a default": "--set: 'a' names no value; write it like app=http://127.0.0.1:8000",
    "scenario check defautl": "there is no file 'defautl'; the library has no scenario 'defautl'; "
    "did you mean 'default'?",
    "serve --scenario defautl": "there is no file 'defautl'; the library has no scenario 'defautl'; "
    "did you mean 'default'?",
    "run --set a=b -- true": "--set: variables go with a --scenario",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_line(line: str) -> None:
    """And status 2."""
    ended = call(*line.split())

    assert (ended.status, ended.out, ended.err) == (2, "", f"fake-nexmo: {MISTAKES[line]}\n")


def test_variables_come_from_the_command_and_the_environment(tmp_path: Path) -> None:
    """The command wins."""
    file = written(tmp_path, "scenario: '{a}-{b}'\nvars: {a: 1, b: 2}")

    ended = call("scenario", "explain", "--set", "a=x", file, FAKE_NEXMO_VAR_A="y", FAKE_NEXMO_VAR_B="z")

    assert ended.out.splitlines()[2:3] == ["  scenario: x-z"]


EXPLAINED = """\
The whole of it, with what it extends and its variables filled in:
  version: 1
  scenario: shop
  seed: 5
  clock:
    start: '2026-03-01T09:00:00Z'
    mode: manual
  vars:
    app: http://127.0.0.1:1
  world:
    accounts:
      shop:
        api_key: shop0001
        webhooks:
          receipts: http://127.0.0.1:1/dlr
    numbers:
      "447700900000":
        account: shop
        country: GB
  handsets:
    alice:
      number: "447700900002"
  faults:
    some:
      target: sms.send
      chance: 5%
      answer: throttled
    all:
      target: sms.*
      answer: barred
      starts: 30s
      for: 20s
  timeline:
  - at: 5s
    note: second
  - when: message.delivered
    to: "447700900001"
    after: 1s
    handset: "447700900001"
    send_sms:
      to: "447700900000"
      text: A
  - at: 1s
    fault: some
    do: arm
  - at: +1s
    handset: "447700900001"
    say: hello
  - when: call.answered
    handset: "447700900001"
    call:
      to: "447700900000"
  expect:
  - message:
      to: "447700900001"
    count: "1"
    as: first
  - order:
    - first
    - first.receipt
  ends: 1m

Timeline:
       +1s  2026-03-01T09:00:01.000Z  some: arm
       +2s  2026-03-01T09:00:02.000Z  447700900001: say hello
       +5s  2026-03-01T09:00:05.000Z  note: second
      +30s  2026-03-01T09:00:30.000Z  all: begins
      +50s  2026-03-01T09:00:50.000Z  all: ends
       +1m  2026-03-01T09:01:00.000Z  the scenario ends
  when message.delivered (to 447700900001), 1s later: 447700900001 texts 447700900000: 'A'
  when call.answered: 447700900001 calls 447700900000

Expectations:
  first: message to 447700900001, count 1
  order first, then first.receipt

Faults that meet: the first one that matches acts:
  some stands before all

"""


def test_a_scenario_is_explained(tmp_path: Path) -> None:
    """The merged world, the timeline in order, what meets, and what can be named."""
    fine = FINE.replace("answer: barred}", "answer: barred, starts: 30s, for: 20s}")
    file = written(tmp_path, f"extends: base.yaml\n{fine}")
    written(tmp_path, "handsets: {alice: {number: '447700900002'}}", "base.yaml")

    ended = call("scenario", "explain", file)

    assert (ended.status, ended.err) == (0, "")
    explained, found, names = ended.out.partition("Characters that can be named:\n")
    assert (explained, bool(found)) == (EXPLAINED, True)
    parts = {
        part.partition(":\n")[0]: [line[2:] for line in part.partition(":\n")[2].splitlines()]
        for part in (found + names).split("\n\n")
    }
    assert list(parts) == [
        "Characters that can be named",
        "Magic numbers",
        "Operations that can be named",
        "Webhooks that can be named",
        "Events that can be named",
    ]
    characters, magic, operations, webhooks, events = parts.values()
    assert "answers busy no-answer rejects" in characters[0]
    assert magic[:3] == [
        "447700900001..447700900099",
        "1NPA5550101..1NPA5550199",
        "01 answers, 02 busy, 03 no-answer, 04 rejects, 05 voicemail, 06 unreachable, 07 switched-off,",
    ]
    assert [line for line in operations if line.startswith("insight.")] == [
        "insight.basic insight.standard insight.advanced insight.advanced_async"
    ]
    assert sorted(" ".join(operations).split()) == sorted(NAMES.operations)
    assert " ".join(webhooks).split() == [f"webhook.{each}" for each in NAMES.webhooks]
    assert " ".join(events).split() == list(NAMES.events)
    assert max(len(line) for line in ended.out.splitlines()) <= 120


def test_the_schema_is_printed() -> None:
    """As JSON."""
    ended = call("scenario", "schema")

    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out) == json.loads(json.dumps(schema()))


@pytest.mark.parametrize("name", ["check", "explain", "schema"])
def test_help(name: str) -> None:
    """Says what it does."""
    ended = call("scenario", name, "--help")

    assert ended.status == 0
    assert ended.out.startswith(f"Usage: fake-nexmo scenario {name} [OPTIONS]")


# A server from a scenario.


def test_serve_makes_the_world_of_a_scenario(tmp_path: Path) -> None:
    """The banner names it; the ready file has its accounts."""
    file = written(tmp_path, FINE)

    with open_live(tmp_path / "live", "--scenario", str(file)) as live:
        assert live.out.splitlines()[1:5] == [
            "World 'default', seed 5. No message leaves this machine.",
            "Scenario 'shop'.",
            "",
            "  api_key     shop0001",
        ]
        assert [each["name"] for each in live.ready["accounts"]] == ["shop"]
        clock = httpx.get(f"{live.ready['control']}/worlds/default/clock", trust_env=False)
        assert clock.json()["now"] == "2026-03-01T09:00:00.000Z"


def test_options_win_over_the_scenario(tmp_path: Path) -> None:
    """Seed and clock; a scenario of the library goes by name."""
    with open_live(tmp_path, "--seed", "9", "--clock", "x60", "--scenario", "bad-day") as live:
        assert live.out.splitlines()[1:4] == [
            "World 'default', seed 9. No message leaves this machine.",
            "Scenario 'bad-day'.",
            "",
        ]
        world = f"{live.ready['control']}/worlds/default"
        assert httpx.get(f"{world}/clock", trust_env=False).json()["mode"] == "x60"
        assert httpx.get(f"{world}/scenario", trust_env=False).json()["scenario"] == "bad-day"


def test_serve_refuses_a_broken_scenario(tmp_path: Path, home: dict[str, str]) -> None:
    """With everything that is wrong, before it listens."""
    file = written(tmp_path, "seeed: 1\nends: soon\n")

    ended = call("serve", "--port", "0", "--scenario", file, **home)

    assert (ended.status, ended.out) == (2, "")
    assert [line for line in ended.err.splitlines() if not line.startswith("  ")] == [
        f"{file}:1:1: seeed: 'seeed' is not known here; did you mean 'seed'?",
        f"{file}:2:1: ends: 'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
    ]


def test_serve_refuses_what_cannot_be_now(tmp_path: Path, home: dict[str, str]) -> None:
    """A fault that was over before the server started."""
    file = written(tmp_path, "faults: {a: {target: sms.send, until: 2020-01-01T00:00:00Z}}")

    ended = call("serve", "--port", "0", "--scenario", file, **home)

    what = "--scenario: until: it ends before it starts, so it can never act"
    assert (ended.status, ended.out, ended.err) == (2, "", f"fake-nexmo: {what}\n")


def test_run_takes_a_scenario(tmp_path: Path, home: dict[str, str]) -> None:
    """With variables; the command finds its account in the environment."""
    file = written(tmp_path, FINE.partition("expect:")[0].replace("shop0001", "'{key}'"))
    code = "import os; print(os.environ['NEXMO_API_KEY'])"

    ended = call("run", "--scenario", file, "--set", "key=abc12345", "--", sys.executable, "-c", code, **home)

    assert (ended.status, ended.out, ended.err) == (0, "abc12345\n", "")


def test_nothing_reads_yaml_without_a_scenario() -> None:
    """Neither the package nor the server's modules load it."""
    code = "import sys, fake_nexmo, fake_nexmo.server, fake_nexmo.control.app; print('yaml' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
