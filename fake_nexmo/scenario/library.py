"""The scenario library: files that come with the package, by name."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from fake_nexmo.scenario.errors import ScenarioError

_HOUSE = Path(__file__).parent.parent
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@lru_cache(maxsize=1)
def folder() -> Path:
    """Where the files are: in the package, or beside it in a checkout."""
    packaged = _HOUSE / "scenarios"
    return packaged if packaged.is_dir() else _HOUSE.parent / "scenarios"


def names() -> list[str]:
    """Every scenario of the library."""
    from fake_nexmo.scenario.reading import KINDS

    return sorted(path.stem for path in folder().iterdir() if path.suffix in KINDS)


def path_of(name: str) -> Path:
    """The file of a scenario of the library.

    Raises:
        ScenarioError: there is none of that name.
    """
    # Every start asks where the library is, and few which scenarios it has.
    from fake_nexmo.scenario.flaws import near
    from fake_nexmo.scenario.reading import KINDS

    if _NAME.fullmatch(name):
        for end in KINDS:
            path = folder() / f"{name}{end}"
            if path.is_file():
                return path
    raise ScenarioError("scenario", f"the library has no scenario {name!r}; {near(name, names())}")
