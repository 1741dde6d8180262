"""The example script with the official library, started by ``fake-nexmo run`` and judged by its scenario file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.commands import Ended, call
from tests.live import ROOT, sdk_python

pytestmark = pytest.mark.sdk

FOLDER = ROOT / "examples" / "plain_script"
ALICE, STRANGER, BARRED = "447700900201", "447700900202", "447700900010"
MET = "fake-nexmo: scenario 'parcel': 1 expectation met\n"
UNMET = """\
fake-nexmo: scenario 'parcel': 1 of 1 expectation unmet
  x unexpected_message: Nobody expected the message MESSAGE to 447700900202: 'Hello'

  Expected once: message to alice, text /parcel/i, count 1
  The only message, MESSAGE Acme to 447700900202 at 09:00:00.000:
    x to    '447700900202'
            wanted 'alice'
    x text  'Hello'
            wanted /parcel/i
  What happened:
    09:00:00.000  event    message.submitted  447700900202  'Hello'
    09:00:00.000  request  sms.send  POST /sms/json  -> 200
"""


def send(home: Path, *options: object, to: str = ALICE, text: str = "Your parcel is here") -> Ended:
    """Have the script send an SMS."""
    script = (sdk_python("vonage"), FOLDER / "send.py", to, text)
    return call("run", *options, "--", *script, FAKE_NEXMO_HOME=str(home))


def test_it_sends_without_knowing_where_to(tmp_path: Path) -> None:
    """It prints the id of the message."""
    ended = send(tmp_path)

    assert (ended.status, ended.err) == (0, "")
    assert re.fullmatch(r"[0-9A-F]{16}\n", ended.out)


def test_it_says_why_it_could_not(tmp_path: Path) -> None:
    """In the library's words."""
    ended = send(tmp_path, to=BARRED)

    said = "not sent: Sms.send_message method failed with error code 7: Number barred.\n"
    assert ended == Ended(2, "", said)


def test_its_scenario_is_met(tmp_path: Path) -> None:
    """The message arrives."""
    ended = send(tmp_path, "--scenario", FOLDER / "parcel.yaml")

    assert (ended.status, ended.err) == (0, MET)


def test_its_scenario_is_not_met(tmp_path: Path) -> None:
    """Somebody else got another text; the script went well, and the run fails."""
    ended = send(tmp_path, "--scenario", FOLDER / "parcel.yaml", to=STRANGER, text="Hello")

    assert (ended.status, ended.err) == (1, UNMET.replace("MESSAGE", ended.out.strip()))
