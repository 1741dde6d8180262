"""One scenario file, one verdict: under pytest with a program in Python, and under ``run`` with one in Node."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.commands import call
from tests.live import ROOT
from tests.plugin.inner import QUIET

pytest_plugins = ("pytester",)
pytestmark = pytest.mark.sdk

FILE = "parcels.nexmo.yaml"
SCENARIO = """
scenario: parcels
extends: [default]
seed: 42
clock: {start: 2026-03-01T09:00:00Z, mode: manual}
handsets:
  alice: {number: "447700900201"}
  bob: {number: "447700900202"}
faults:
  rush: {target: sms.send, to: bob, call: 1, answer: throttled}
expect:
  - {message: {to: alice, text: /parcel/}, count: 1, as: news}
  - {never: {message: {to: bob}}}
  - {request: {operation: sms.send}, count: 2..}
  - {spent: {account: main, at_most: 0.05 EUR}}
  - {order: [news]}
  - {webhook: {kind: receipt}, count: 0}
strict: {unexpected_message: fail, unused_fault: fail}
"""
ALICE, BOB, CAROL = "447700900201", "447700900202", "447700900203"
# What a program sends, and the expectations that are not met then, with the rules that are broken.
CASES: Mapping[str, tuple[tuple[str, ...], set[str]]] = {
    "all is well": ((ALICE, BOB), set()),
    "too few": ((ALICE,), {"request operation sms.send, count 2..", "strict unused_fault"}),
    "the wrong one": ((BOB, BOB), {"news", "never message to bob", "order news"}),
    "a stranger": (
        (ALICE, CAROL),
        {"spent account main, at_most 0.05 EUR", "strict unexpected_message", "strict unused_fault"},
    ),
    "too many": ((BOB, ALICE, ALICE), {"news", "spent account main, at_most 0.05 EUR"}),
}

PYTHON = """
import os

import requests


def send_all(numbers):
    who = {"api_key": os.environ["NEXMO_API_KEY"], "api_secret": os.environ["NEXMO_API_SECRET"]}
    for to in numbers:
        form = {**who, "from": "Acme", "to": to, "text": "Your parcel is here"}
        requests.post("https://rest.nexmo.com/sms/json", data=form, timeout=10).raise_for_status()
"""
NODE = {
    "@vonage/server-sdk": """
const { Vonage } = require("@vonage/server-sdk");
const { VONAGE_API_KEY: apiKey, VONAGE_API_SECRET: apiSecret, FAKE_NEXMO_URL: host } = process.env;
const vonage = new Vonage({ apiKey, apiSecret }, { restHost: host, apiHost: host });
const send = (to) => vonage.sms.send({ to, from: "Acme", text: "Your parcel is here" });
""",
    "nexmo": """
const Nexmo = require("nexmo");
const { NEXMO_API_KEY: apiKey, NEXMO_API_SECRET: apiSecret, FAKE_NEXMO_URL: url } = process.env;
const { hostname, port } = new URL(url);
const nexmo = new Nexmo({ apiKey, apiSecret }, { restHost: hostname, apiHost: hostname, port: Number(port) });
const send = (to) =>
  new Promise((done, fail) =>
    nexmo.message.sendSms("Acme", to, "Your parcel is here", {}, (error, said) => (error ? fail(error) : done(said))));
""",
}
EACH = """
(async () => {
  for (const to of process.argv.slice(2)) await send(to).catch((error) => console.error(String(error)));
})();
"""


def node() -> str:
    """The command ``node``; without one the test is skipped."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no node on this machine")
    return found


def by_run(folder: Path, library: str, numbers: tuple[str, ...]) -> tuple[bool, dict[str, bool]]:
    """Whether ``run`` succeeds with a program in Node, and what is met by its report."""
    modules = ROOT / ".sdk" / "node" / "node_modules"
    if not (modules / library).exists():
        pytest.skip(f"the library {library} is not installed: 'make .sdk/node/.set-up' installs it")
    script, report = folder / "send.js", folder / "report.xml"
    script.write_text(NODE[library] + EACH)
    command = ("run", "--scenario", folder / FILE, "--report", report, "--", node(), script, *numbers)
    ended = call(*command, FAKE_NEXMO_HOME=str(folder / "home"), NODE_PATH=str(modules))
    assert ended.status in {0, 1}, ended.err
    return ended.status == 0, outcomes(report)


def outcomes(report: Path) -> dict[str, bool]:
    """What passed, by its name: an expectation has that of its ``as``."""
    cases = ET.parse(report).getroot().iter("testcase")
    return {
        each.attrib["name"].removesuffix(": message to alice, text /parcel/, count 1"): not len(each) for each in cases
    }


def by_pytest(pytester: pytest.Pytester, numbers: tuple[str, ...]) -> tuple[bool, dict[str, bool]]:
    """Whether the file passes as a test file, and what is met by pytest's own report; ``load`` is left out."""
    pytester.makeconftest(f"{PYTHON}\n\ndef pytest_nexmo_begin(path, nexmo):\n    send_all({numbers!r})\n")
    ended = pytester.runpytest_inprocess(*QUIET, "--junitxml=pytest.xml", FILE)
    found = outcomes(pytester.path / "pytest.xml")
    assert found.pop("load")
    return ended.ret == pytest.ExitCode.OK, found


def by_marker(pytester: pytest.Pytester, numbers: tuple[str, ...]) -> bool:
    """Whether a test passes that is marked with the file and sends the same."""
    marked = f"""
import pytest


@pytest.mark.nexmo(scenario="{FILE}")
def test_parcels(nexmo, nexmo_env):
    send_all({numbers!r})
"""
    pytester.makepyfile(PYTHON + marked)
    return pytester.runpytest_inprocess(*QUIET).ret == pytest.ExitCode.OK


@pytest.mark.parametrize("library", NODE)
@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_the_same(pytester: pytest.Pytester, library: str, case: str) -> None:
    """Expectation by expectation, in their order, and as a whole."""
    numbers, unmet = CASES[case]
    (pytester.path / FILE).write_text(SCENARIO)

    ran, in_run = by_run(pytester.path, library, numbers)
    passed, in_pytest = by_pytest(pytester, numbers)
    marked = by_marker(pytester, numbers)

    assert {name for name, met in in_run.items() if not met} == unmet
    strict = [in_run.pop(name) for name in list(in_run) if name.startswith("strict ")]
    assert in_pytest.pop("strict") is all(strict)
    assert list(in_pytest.items()) == list(in_run.items())
    assert ran is passed is marked is (not unmet)
