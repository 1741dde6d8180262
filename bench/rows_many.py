"""Rows about large runs of tests: thousands of them, each with a world of its own."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench.processes import HERE, PYTHON
from bench.table import Row, ratios, say

_TESTS = {
    "empty": "def test_one(k): pass",
    "world": "def test_one(nexmo, k): pass",
    "sms": "def test_one(nexmo, k):\n    send(nexmo)\n    nexmo.clock.advance('1s')",
}
_HEAD = """
import httpx, pytest

FORM = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "from": "Acme", "to": "447700900001", "text": "Hello"}
HTTP = httpx.Client()


def send(nexmo):
    assert HTTP.post("https://rest.nexmo.com/sms/json", data=FORM).status_code == 200
    assert nexmo.message().text == "Hello"


@pytest.mark.parametrize("k", range({count}))
"""


def many(*, quick: bool) -> list[Row]:
    """Ten thousand tests on one worker, each with a world, beside as many that do nothing."""
    count = 1_000 if quick else 10_000
    took: dict[str, list[float]] = {name: [] for name in _TESTS}
    with tempfile.TemporaryDirectory() as folder:
        for name, test in _TESTS.items():
            (Path(folder) / f"test_{name}.py").write_text(_HEAD.replace("{count}", str(count)) + test + "\n")
        for _ in range(3):
            for name, each in took.items():
                each.append(_run(Path(folder), name))
    limit_s = 30 * count / 10_000
    rows = []
    for name, what, has_goal in (
        ("world", "tests with a world each, one worker", True),
        ("sms", "tests that send an SMS and wait for its receipt, one worker", False),
    ):
        middle = statistics.median(took[name])
        ratio, spread = ratios(took[name], took["empty"])
        say(f"{count} {what}: {middle:.1f} s, {ratio:.2f}")
        rows.append(
            Row(
                name="many",
                what=f"{count:,} {what}",
                figure=f"{middle:.1f} s",
                reference=f"{statistics.median(took['empty']):.1f} s (as many that do nothing)",
                ratio=ratio,
                spread=spread,
                goal=f"<= {limit_s:g} s" if has_goal else "",
                met=middle <= limit_s if has_goal else None,
            )
        )
    return rows


def _run(folder: Path, name: str) -> float:
    """Seconds of a whole run of pytest."""
    places = os.pathsep.join(str(HERE.parent / each) for each in ("", "client", "pytest_plugin"))
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": places}
    command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_fake_nexmo", f"test_{name}.py"]
    began = time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, capture_output=True, env=environment)
    return time.perf_counter() - began
