"""What the README says is true: its table is the registry's, its commands exist, and its examples run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_nexmo.apis import REGISTRY
from tests.live import Live, clean_environment, open_live, sdk_python
from tests.plugin.inner import QUIET
from tests.plugin.test_example import TEST

pytest_plugins = ("pytester",)

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
EXAMPLES = dict(re.findall(r"<!-- example: (\w+) -->\n```\w+\n(.*?)```", README, re.DOTALL))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server for all examples; the README's port becomes its own."""
    with open_live(tmp_path_factory.mktemp("readme")) as opened:
        yield opened


def run(live: Live, name: str) -> str:
    """The output of an example, run as a person would, but on the test's port."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    script = EXAMPLES[name].replace("http://127.0.0.1:6396", live.http)
    done = subprocess.run(
        ["bash", "-euc", script], capture_output=True, text=True, timeout=30, env=clean_environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects that an example printed, one behind the other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        one, end = decoder.raw_decode(text)
        found.append(one)
        text = text[end:]
    return found


def test_table_of_endpoints_is_the_registry() -> None:
    """Every operation stands in the table with its paths and gaps, and nothing else does."""
    section = README.partition("## What works")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\S+)` \| (.*) \| (.*) \|$", section, re.MULTILINE)
    said = {name: (paths, gaps) for name, paths, gaps in rows}
    true = {
        operation.name: (", ".join(f"`{path}`" for path in operation.paths), "; ".join(operation.gaps) or "–")
        for api in REGISTRY
        for operation in api.operations
    }
    assert said == true


def test_commands_named_in_the_readme_exist() -> None:
    """Each ``make`` target that is named is one."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    assert {"serve", "test", "lint", "bench"} <= named
    assert named <= targets


def test_every_file_that_the_readme_links_to_is_there() -> None:
    """No link leads nowhere."""
    links = re.findall(r"\]\((?!http|#)([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_examples_follow_one_another(live: Live) -> None:
    """A message is sent, seen, receipted, the clock advanced, and a world made, by the README's own lines."""
    sent = json.loads(run(live, "send"))
    assert [each["status"] for each in sent["messages"]] == ["0"]
    shown = {name: value for name, value in sent["messages"][0].items() if name != "message-id"}
    example: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
    assert {name: value for name, value in example["messages"][0].items() if name != "message-id"} == shown

    inbox = json.loads(run(live, "inbox"))
    assert [(each["id"], each["text"]) for each in inbox["items"]] == [(sent["messages"][0]["message-id"], "Hello")]

    facts = json.loads(run(live, "receipts"))
    assert facts["webhooks"]["receipts"] == "http://127.0.0.1:8000/receipt"

    advanced = json.loads(run(live, "advance"))
    assert advanced["settled"] is True

    people = re.findall(r"\{.*?\}(?=\{|$)", run(live, "person"))
    assert [json.loads(each).get("number") for each in people] == ["447700900200", None, "447700900200"]

    armed = re.findall(r"\{.*?\}(?=\{|$)", run(live, "fault"))
    assert [json.loads(each)["name"] for each in armed] == ["busy", "twice"]

    started, code, verifications = _objects(run(live, "verify"))
    [verification] = verifications["items"]
    assert (verification["request_id"], verification["code"]) == (started["request_id"], code["code"])

    _, advanced, calls = _objects(run(live, "calls"))
    [call] = calls["items"]
    assert (call["status"], [each["speaker"] for each in call["transcript"]]) == ("completed", ["platform"])

    [found] = _objects(run(live, "insight"))
    assert (found["status"], found["ported"]) == (0, "ported")

    made = json.loads(run(live, "world"))
    assert made["seed"] == 42


def test_scenario_example_runs() -> None:
    """The files of the package are without a flaw; one is explained; the schema is JSON."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", EXAMPLES["scenario"]],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**clean_environment(), "PATH": path},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    checked, _, schema = done.stdout.partition("\n{")
    assert "scenarios/default.yaml: fine" in checked
    assert json.loads("{" + schema)["$schema"].endswith("2020-12/schema")


def test_the_whole_test_passes(pytester: pytest.Pytester) -> None:
    """The first one that a reader copies, as it is printed."""
    [source] = re.findall(r"```python\n(# test_parcel.py\n.*?)```", README, re.DOTALL)
    pytester.makepyfile(test_parcel=source)

    assert pytester.runpytest_inprocess(*QUIET).parseoutcomes() == {"passed": 1}


def test_the_pytest_example_is_the_one_that_is_run() -> None:
    """Word for word; only the comments stand closer."""
    example = README.partition("```python\ndef test_signup")[2].partition("```")[0]
    assert example
    assert "def test_signup" + example in re.sub(r" +#", "  #", TEST)


@pytest.mark.sdk
def test_python_example_sends(live: Live) -> None:
    """The lines for the official Python library work as they stand."""
    script = EXAMPLES["vonage"].replace("127.0.0.1:6396", live.place)
    done = subprocess.run(
        [str(sdk_python("vonage")), "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env=clean_environment(REQUESTS_CA_BUNDLE=live.ca_file),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[0-9A-F]{16}\n", done.stdout)
