"""How a test fails, and how it is told that it asks for something that cannot be."""

from __future__ import annotations

import pytest


class NexmoFailure(AssertionError):  # noqa: N818 - a test that fails is no error
    """What a test said of its world is not so. The text says what is, and what happened."""

    tells_the_story = True


class NexmoUsageError(ValueError):
    """A test asks for something that cannot be: what, and the nearest right thing."""


# Failures are told with the full names of their types, but for those that are built in; the line is long enough.
for _each in (NexmoFailure, NexmoUsageError):
    _each.__module__ = "builtins"


class NexmoWarning(pytest.PytestWarning):
    """Something that would fail a test, had it not been told to warn."""
