"""What the README says is true: its table is the registry's, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

from fake_nexmo.apis import REGISTRY

README = (Path(__file__).parent.parent / "README.md").read_text()


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
    makefile = (Path(__file__).parent.parent / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"make (serve|test|lint|bench|format|\w+ARGS)\b", README)) <= targets
