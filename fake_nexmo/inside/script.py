"""The scenario that a fake is made from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from fake_nexmo.scenario.vocabulary import vocabulary

if TYPE_CHECKING:
    from fake_nexmo.scenario.document import Document
    from fake_nexmo.web.api import Api

Scenario: TypeAlias = str | Path | Mapping[str, Any]
"""The name of a scenario of the library, the path of a file, or what a file would say, as an object."""


def load(scenario: Scenario, registry: Mapping[str, Api], variables: Mapping[str, str]) -> Document:
    """The scenario that is meant.

    Raises:
        ValueError: everything that is wrong with it, or there is none.
    """
    from fake_nexmo.scenario.load import load_file, load_named, load_object

    names = vocabulary(registry)
    if isinstance(scenario, Path):
        return load_file(scenario, names, variables, os.environ)
    if isinstance(scenario, str):
        return load_named(scenario, names, variables)
    return load_object(dict(scenario), names, variables)
