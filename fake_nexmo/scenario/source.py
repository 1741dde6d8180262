"""A scenario file, and what it was made from when it was loaded: itself, what it extends, and the keys it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.load import load_file
from fake_nexmo.scenario.vocabulary import Vocabulary

Held = Mapping[Path, bytes | None]
"""What files hold; None: they cannot be read."""


class Source:
    """A file that a scenario is loaded from, with its variables.

    Attributes:
        shown: how it was named by its user.
    """

    def __init__(
        self,
        path: Path,
        vocabulary: Vocabulary,
        given: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.shown = str(path)
        self.vocabulary = vocabulary
        self._path = path
        self._given = given or {}
        self._environment = environment or {}
        self._read: Held = {}

    def load(self) -> Document:
        """The scenario as the file has it now.

        Raises:
            BrokenScenario: everything that is wrong with it.
        """
        before = self.look()
        read: dict[Path, bytes | None] = {}
        try:
            document = load_file(self._path, self.vocabulary, self._given, self._environment, read)
        finally:
            # What a broken file extends is not known to the end, so that all it was ever made from is looked at.
            self._read = {**before, **read}
        self._read = read
        return document

    def look(self) -> Held:
        """What the files hold that it was loaded from."""
        return {path: _held(path) for path in self._read}

    def edited(self, seen: Held) -> bool:
        """Whether what was seen is not what it was loaded from."""
        return seen != self._read


def _held(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
