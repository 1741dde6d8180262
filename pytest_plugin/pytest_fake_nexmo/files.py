"""Scenario files as tests: ``test_*.nexmo.yaml``, and the same with ``.yml``, ``.toml`` and ``.json``.

A file is played once in a process, when the first of its tests runs. Its tests are ``load`` (it loads, and can be
played), one for each expectation, by its name, and ``strict``.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

from pytest_fake_nexmo.errors import NexmoFailure, NexmoUsageError, NexmoWarning

if TYPE_CHECKING:
    from fake_nexmo.scenario.document import Document
    from pytest_fake_nexmo.playing import Played

_NAME_MOST = 60


class NexmoFile(pytest.File):
    """A scenario file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its tests; of a file that cannot be, the one that says why."""
        yield _Loaded.from_parent(self, name="load")
        try:
            document = self.document
        except NexmoUsageError:
            return
        for k, name in enumerate(_names(document)):
            yield _Expected.from_parent(self, name=name, k=k)
        yield _Strict.from_parent(self, name="strict")

    @cached_property
    def document(self) -> Document:
        """What stands in the file.

        Raises:
            NexmoUsageError: everything that is wrong with it, in lines.
        """
        from fake_nexmo.apis import REGISTRY
        from fake_nexmo.inside.script import load
        from fake_nexmo.scenario.flaws import BrokenScenario

        try:
            return load(self._shown(), {api.name: api for api in REGISTRY}, {})
        except BrokenScenario as broken:
            raise NexmoUsageError("\n".join(each.shown() for each in broken.flaws)) from None

    @cached_property
    def outcome(self) -> Played | BaseException:
        """What came of playing it, or why that could not be done; a hook may have skipped it, or failed it."""
        from pytest_fake_nexmo.playing import play

        try:
            hooks = self.session.gethookproxy(self.path)
            return play(self._shown(), self.document, crc32(self.nodeid.encode()), self.config, hooks)
        except (Exception, pytest.skip.Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - told by its tests
            return error

    def _shown(self) -> Path:
        """The path as it is told: from the current folder, where it is below it."""
        return Path(os.path.relpath(self.path)) if self.path.is_relative_to(Path.cwd()) else self.path


class _Item(pytest.Item):
    """A test that a file holds."""

    parent: NexmoFile

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, and how it is called: not by the end of its id, in which pytest would change the dots."""
        return self.path, None, f"{self.name} ({self.parent.name})"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, and no lines of ours."""
        if isinstance(excinfo.value, NexmoFailure | NexmoUsageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def result(self) -> Played:
        """What came of playing the file.

        Raises:
            NexmoFailure: it could not be played; the test ``load`` says more.
        """
        outcome = self.parent.outcome
        if isinstance(outcome, pytest.skip.Exception):
            raise outcome
        if isinstance(outcome, BaseException):
            said = str(outcome) if isinstance(outcome, NexmoUsageError) else f"{type(outcome).__name__}: {outcome}"
            raise NexmoFailure(f"The file could not be played (see {self.parent.nodeid}::load):\n  {said}")
        return outcome


class _Loaded(_Item):
    def runtest(self) -> None:
        """Load the file and play it."""
        # That it cannot be loaded comes first.
        assert self.parent.document is not None, "it was loaded"
        outcome = self.parent.outcome
        if isinstance(outcome, BaseException):
            raise outcome
        for each in outcome.doubtful:
            warnings.warn(NexmoWarning(each), stacklevel=1)


class _Expected(_Item):
    def __init__(self, *, k: int, **more: Any) -> None:
        super().__init__(**more)
        self._k = k

    def runtest(self) -> None:
        """Compare with the verdict."""
        given = self.result().items[self._k]
        if given["state"] != "met":
            raise NexmoFailure("\n".join([*given["why"], *given["around"]]))


class _Strict(_Item):
    def runtest(self) -> None:
        """Compare with what nobody expected."""
        wrong = self.result().wrong
        if wrong:
            raise NexmoFailure("\n".join(wrong))


def _names(document: Document) -> list[str]:
    """What the expectations of a file are called: by their ``as``, else in a few words; no two alike."""
    from msgspec import UNSET

    from fake_nexmo.scenario.sayings import expectation

    taken = {"load", "strict"}
    names = []
    for each in document.expect:
        named = "" if each.as_ is UNSET else each.as_.strip()
        # A name is one line, and two colons part the names of tests from those of files.
        said = " ".join((named or expectation(each)).split()).replace("::", ":")
        short = said if len(said) <= _NAME_MOST else f"{said[: _NAME_MOST - 1]}…"
        name, k = short, 1
        while name in taken:
            k += 1
            name = f"{short} ({k})"
        taken.add(name)
        names.append(name)
    return names
