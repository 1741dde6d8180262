"""What all examples have in common."""

from __future__ import annotations

import re

from tests.commands import call
from tests.live import ROOT

EXAMPLES = ROOT / "examples"


def test_each_example_is_listed() -> None:
    """By its folder, with a link that leads somewhere."""
    listed = re.findall(r"^\| \[(\w+)\]\((\S+)\)", (EXAMPLES / "README.md").read_text(), re.MULTILINE)

    assert {name for name, _ in listed} == {
        each.name for each in EXAMPLES.iterdir() if each.is_dir() and each.name[0].isalpha()
    }
    assert [link for _, link in listed if not (EXAMPLES / link).exists()] == []


def test_each_scenario_file_is_right() -> None:
    """Nothing is wrong with it, and nothing doubtful."""
    files = sorted(EXAMPLES.glob("*/*.yaml"))

    checked = call("scenario", "check", *files)

    assert (checked.status, checked.err) == (0, "")
    assert len(checked.out.splitlines()) == len(files) == 3
