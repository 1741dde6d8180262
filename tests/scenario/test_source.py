"""A scenario file that is looked at again and again: what counts as an edit of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_nexmo.scenario.flaws import BrokenScenario
from fake_nexmo.scenario.source import Source
from tests.scenario.example import NAMES


def test_a_file_that_is_extended_and_made_later_is_noticed(tmp_path: Path) -> None:
    """Whoever names it first and writes it then has not to touch the file that names it."""
    source = _source(tmp_path, "extends: [people.yaml]\n")
    with pytest.raises(BrokenScenario, match=r"there is no file 'people\.yaml'"):
        source.load()
    assert not source.edited(source.look())

    (tmp_path / "people.yaml").write_text('handsets: {alice: {number: "447700900601"}}\n')

    assert source.edited(source.look())
    assert list(source.load().handsets) == ["alice"]
    assert not source.edited(source.look())


def test_a_file_that_takes_the_place_of_one_of_the_library_is_noticed(tmp_path: Path) -> None:
    """One beside the scenario is what it means, as soon as there is one."""
    source = _source(tmp_path, "extends: [default]\n")
    assert list(source.load().world.accounts) == ["main"]

    (tmp_path / "default").write_text("x")

    assert source.edited(source.look())


def test_a_ring_that_is_undone_elsewhere_is_noticed(tmp_path: Path) -> None:
    """All files of it are looked at."""
    source = _source(tmp_path, "extends: [other.yaml]\n")
    other = tmp_path / "other.yaml"
    other.write_text("extends: [scenario.yaml]\n")
    with pytest.raises(BrokenScenario, match="the file extends itself"):
        source.load()

    other.write_text("scenario: fine\n")

    assert source.edited(source.look())
    assert source.load().scenario == "fine"


def test_a_file_that_is_gone_is_an_edit_and_so_is_its_return(tmp_path: Path) -> None:
    """Each is told once."""
    source = _source(tmp_path, "scenario: one\n")
    source.load()
    path = tmp_path / "scenario.yaml"
    path.unlink()
    assert source.edited(source.look())
    with pytest.raises(BrokenScenario, match="cannot be read"):
        source.load()
    assert not source.edited(source.look())

    path.write_bytes("\ufeffscenario: one\r\n".encode())

    assert source.edited(source.look())
    assert source.load().scenario == "one"


def _source(folder: Path, text: str) -> Source:
    path = folder / "scenario.yaml"
    path.write_text(text)
    return Source(path, NAMES)
