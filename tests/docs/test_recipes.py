"""Every recipe of ``docs/recipes.md`` runs as it is printed, and so do the example apps that it points to."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.live import Live, clean_environment, open_live
from tests.plugin.inner import QUIET

pytest_plugins = ("pytester",)

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "recipes.md").read_text()
APPS = ("django_app", "fastapi_app", "flask_app")


class Block(NamedTuple):
    """A block of code, and the language it is marked with."""

    language: str
    text: str

    @property
    def file(self) -> str:
        """The name of the file that it is, said in its first line; empty: it is a script to run."""
        found = re.match(r"# ([\w.]+\.\w+)\n", self.text)
        return found[1] if found else ""


def blocks_of(text: str) -> list[Block]:
    """All blocks of code, in their order."""
    return [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


SECTIONS = (part.partition("\n") for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:])
RECIPES = {head: blocks_of(text) for head, _, text in SECTIONS}
IN_PYTHON = [head for head, blocks in RECIPES.items() if {each.language for each in blocks} == {"python"}]
IN_SHELL = [head for head in RECIPES if head not in IN_PYTHON]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server for the scripts; the page's port becomes its own."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with open_live(tmp_path_factory.mktemp("recipes")) as opened:
        yield opened


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a person would who has the package's commands on the path."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env=clean_environment(PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}"),
        check=False,
    )


def write(blocks: list[Block], folder: Path) -> None:
    """Put the files of a recipe into a folder."""
    for block in blocks:
        if block.file:
            (folder / block.file).write_text(block.text)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
    return port


def cases(source: str) -> int:
    """How many functions of a file are tests."""
    return len(re.findall(r"^(?:async )?def test_", source, re.MULTILINE))


def test_every_block_is_run() -> None:
    """The page's blocks are those of its recipes; each is a file with a name, or a script."""
    assert [each for blocks in RECIPES.values() for each in blocks] == blocks_of(PAGE)
    assert {each.language for each in blocks_of(PAGE)} == {"python", "yaml", "sh"}
    assert [bool(each.file) for each in blocks_of(PAGE)] == [each.language != "sh" for each in blocks_of(PAGE)]


def test_the_list_at_the_top_is_the_recipes() -> None:
    """All of them, in their order, each with its anchor."""
    listed = re.findall(r"^\d+\. \[(.*)\]\(#(.*)\)$", PAGE, re.MULTILINE)
    anchors = [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in RECIPES]
    assert listed == list(zip(RECIPES, anchors, strict=True))
    assert len(listed) == 18


def test_every_file_that_the_page_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!http|#)([^)#]+)(?:#[^)]*)?\)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


@pytest.mark.parametrize("head", IN_PYTHON)
def test_recipes_in_python(pytester: pytest.Pytester, head: str) -> None:
    """Each in a run of its own; every test of it passes."""
    write(RECIPES[head], pytester.path)

    outcomes = pytester.runpytest_inprocess(*QUIET).parseoutcomes()

    assert set(outcomes) == {"passed"}
    assert outcomes["passed"] >= sum(cases(each.text) for each in RECIPES[head]) > 0


@pytest.mark.parametrize("head", IN_SHELL)
def test_recipes_in_shell(live: Live, tmp_path: Path, head: str) -> None:
    """Its scripts end well, one after the other, beside its files; an app of its own listens on a free port."""
    port = str(free_port())
    recipe = [Block(each.language, each.text.replace("8090", port)) for each in RECIPES[head]]
    write(recipe, tmp_path)
    for block in recipe:
        if not block.file:
            done = run(block.text.replace("http://127.0.0.1:6396", live.http), tmp_path)
            assert done.returncode == 0, done.stdout + done.stderr


def test_a_scenario_whose_expectation_is_not_met_ends_with_one(tmp_path: Path) -> None:
    """As the page says of ``run``."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    blocks = RECIPES["Test programs in other languages"]
    write(blocks, tmp_path)
    script = next(each.text for each in blocks if "fake-nexmo run" in each.text)

    done = run(script.replace("to=447700900201", "to=447700900202"), tmp_path)

    assert done.returncode == 1, done.stdout + done.stderr


@pytest.mark.parametrize("name", APPS)
def test_example_apps(name: str) -> None:
    """Their own tests pass, run as their docstring says."""
    folder = ROOT / "examples" / name
    assert f"``cd examples/{name} && python -m pytest``" in (folder / "app.py").read_text()

    done = run("python -m pytest -q -p no:cacheprovider", folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{cases((folder / 'test_app.py').read_text())} passed" in done.stdout
