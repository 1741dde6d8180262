"""Verdicts of a whole run: what ``run`` and ``serve`` print, the exit status, and the JUnit report."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.commands import call
from tests.live import open_live

SCENARIO = """
scenario: shop
seed: 42
clock: {start: 2026-03-01T09:00:00Z, mode: manual}
vars: {wanted: Hello}
handsets: {alice: {number: "447700900101"}}
timeline:
  - {at: 0s, note: begun}
  - {when: message.submitted, handset: alice, do: hang_up}
expect:
  - {message: {to: alice, text: "{wanted}"}, count: 1, as: greeting}
  - {never: {call: {to: alice}}}
strict: {unexpected_message: STRICT}
"""
SEND = """
import os, urllib.parse, urllib.request
fields = {"api_key": os.environ["NEXMO_API_KEY"], "api_secret": os.environ["NEXMO_API_SECRET"]}
fields |= {"from": "Shop", "to": "447700900101", "text": "Hello"}
body = urllib.parse.urlencode(fields).encode()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.open(os.environ["FAKE_NEXMO_URL"] + "/sms/json", body).read()
"""
UNDONE = "  ! could not be done: timeline.1 (alice: hang_up): 447700900101 has no call that goes on; hangup t…\n"
UNMET = (
    "fake-nexmo: scenario 'shop': 1 of 2 expectations unmet\n"
    + UNDONE
    + """\
  x unexpected_message: Nobody expected the message MESSAGE to 447700900101: 'Hello'

  Expected once: greeting: message to alice, text Bye, count 1
  The only message, MESSAGE Shop to 447700900101 at 09:00:00.000:
      to    '447700900101'
    x text  'Hello'
            wanted 'Bye'
  What happened:
    09:00:00.000  note     begun
    09:00:00.000  event    message.submitted  447700900101  'Hello'
    09:00:00.000  request  sms.send  POST /sms/json  -> 200
    09:00:00.000  step     alice: hang_up
"""
)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"FAKE_NEXMO_HOME": str(tmp_path / "home")}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The scenario, strict."""
    path = tmp_path / "shop.yaml"
    path.write_text(SCENARIO.replace("STRICT", "fail"))
    return path


def test_a_run_whose_expectations_are_met_succeeds(file: Path, home: dict[str, str]) -> None:
    """It says so, and what could not be done."""
    ended = call("run", "--scenario", file, "--", sys.executable, "-c", SEND, **home)

    assert ended == (0, "", f"fake-nexmo: scenario 'shop': all 2 expectations met\n{UNDONE}")


def test_a_run_whose_expectations_are_not_met_fails(file: Path, home: dict[str, str], tmp_path: Path) -> None:
    """Though its command succeeded; what is said fits 100 columns, and the report says it too."""
    report = tmp_path / "junit.xml"

    ended = call("run", "--scenario", file, "--set", "wanted=Bye", "--report", report, "--", sys.executable, "-c", SEND,
                 **home)  # fmt: skip

    message = _message(ended.err)
    assert (ended.status, ended.out, ended.err) == (1, "", UNMET.replace("MESSAGE", message))
    assert max(map(len, ended.err.splitlines())) <= 100
    said = "".join(line[2:] + "\n" for line in ended.err.partition("\n\n")[2].splitlines())
    suite = ET.parse(report).getroot()
    assert (suite.tag, suite.attrib) == (
        "testsuite",
        {"name": "shop", "tests": "3", "failures": "2", "errors": "0"},
    )
    cases = [(each.attrib["classname"], each.attrib["name"], [one.attrib for one in each]) for each in suite if each]
    cases += [(each.attrib["classname"], each.attrib["name"], []) for each in suite if each.attrib and not len(each)]
    assert cases == [
        (
            "shop",
            "greeting: message to alice, text Bye, count 1",
            [{"message": "Expected once: greeting: message to alice, text Bye, count 1"}],
        ),
        (
            "shop",
            "strict unexpected_message",
            [{"message": f"Nobody expected the message {message} to 447700900101: 'Hello'"}],
        ),
        ("shop", "never call to alice", []),
    ]
    failure = suite.find("./testcase/failure")
    assert failure is not None
    assert failure.text == said.rstrip("\n")
    problems = suite.find("system-err")
    assert problems is not None
    assert (problems.text or "").startswith("timeline.1 (alice: hang_up): 447700900101 has no call that goes on")


def _message(said: str) -> str:
    return said.partition("The only message, ")[2].partition(" ")[0]


@pytest.mark.parametrize(("strict", "status"), [("fail", 1), ("warn", 0), ("ignore", 0)])
def test_strictness_decides_too(tmp_path: Path, home: dict[str, str], strict: str, status: int) -> None:
    """Where it says fail; a warning is printed."""
    path = tmp_path / "f.yaml"
    path.write_text(f"strict: {{unexpected_message: {strict}}}")

    ended = call("run", "--scenario", path, "--", sys.executable, "-c", SEND, **home)

    assert ended.status == status
    sign = {"fail": "  x ", "warn": "  ! ", "ignore": ""}[strict]
    lines = ended.err.splitlines()
    assert [line[:4] for line in lines[1:]] == ([sign] if sign else [])
    assert lines[:1] == (["fake-nexmo: the scenario: nothing was expected"] if sign else [])


def test_the_status_of_the_command_comes_first(file: Path, home: dict[str, str]) -> None:
    """Whatever the verdicts are."""
    ended = call("run", "--scenario", file, "--", "sh", "-c", "exit 7", **home)

    assert (ended.status, ended.err.splitlines()[0]) == (7, "fake-nexmo: scenario 'shop': 1 of 2 expectations unmet")


def test_a_scenario_that_expects_nothing_says_nothing(home: dict[str, str]) -> None:
    """Such as those of the library that are worlds only."""
    assert call("run", "--scenario", "default", "--", "true", **home) == (0, "", "")


def test_a_world_that_is_gone_cannot_be_judged(file: Path, home: dict[str, str]) -> None:
    """That is no success."""
    code = (
        "import os, urllib.request as r\n"
        "url = os.environ['FAKE_NEXMO_CONTROL'] + '/worlds/default'\n"
        "r.build_opener(r.ProxyHandler({})).open(r.Request(url, method='DELETE'))"
    )

    ended = call("run", "--scenario", file, "--", sys.executable, "-c", code, **home)

    assert ended == (1, "", "fake-nexmo: the world 'default' is gone, so its scenario cannot be judged\n")


def test_a_report_that_cannot_be_written_is_a_failure(file: Path, home: dict[str, str], tmp_path: Path) -> None:
    """It says why."""
    folder = tmp_path / "folder"
    folder.mkdir()

    ended = call("run", "--scenario", file, "--report", folder, "--", sys.executable, "-c", SEND, **home)

    assert (ended.status, ended.err.splitlines()[-1]) == (
        1,
        f"fake-nexmo: --report: {folder} cannot be written: Is a directory",
    )


def test_serve_prints_verdicts_when_it_stops(file: Path, tmp_path: Path) -> None:
    """Its exit status stays that of a server that was stopped."""
    with open_live(tmp_path / "live", "--scenario", str(file)) as live:
        account = live.ready["accounts"][0]
        fields = {name: account[name] for name in ("api_key", "api_secret")}
        fields |= {"from": "Shop", "to": "447700900101", "text": "Hello"}
        assert httpx.post(f"{live.http}/sms/json", data=fields, trust_env=False).status_code == 200
        stopped = live.stop()

    assert stopped.status == 0
    assert f"fake-nexmo: scenario 'shop': all 2 expectations met\n{UNDONE}" in stopped.err
