"""The steps of ``on_code``, checked as a scenario is read; `handsets.typing` carries them out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from fake_nexmo.core.forms import FormError, read_form
from fake_nexmo.core.instant import parse_duration
from fake_nexmo.handsets.typing import EXPIRED
from fake_nexmo.scenario.errors import ScenarioError

_KEYS: Final = ("submit", "after", "wrong")


def read_code_steps(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a person does with a code: ``submit: {url, method, form or json}``, ``after`` and ``wrong``, looked through.

    The steps are kept as they were given, with ``after`` in its place; `handsets.typing` carries them out.

    Raises:
        ScenarioError: a step that cannot be: which, where in it, and the nearest right thing.
    """
    steps = [_with_after(step) for step in given]
    for k, step in enumerate(steps):
        path = f"on_code.{k}"
        for key in step:
            if key not in _KEYS:
                near = get_close_matches(key, _KEYS, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_KEYS)}"
                raise ScenarioError(f"{path}.{key}", f"{key!r} is not known here; {hint}")
        if not isinstance(step.get("submit"), Mapping):
            raise ScenarioError(path, "a step says what is typed and where: submit: {url, method, form or json}")
        try:
            read_form(step["submit"])
        except FormError as error:
            raise ScenarioError(f"{path}.submit.{error.path}", error.what) from None
        _check_after(step.get("after"), f"{path}.after")
        if not isinstance(step.get("wrong", False), bool):
            raise ScenarioError(f"{path}.wrong", f"{step['wrong']!r} is neither true nor false")
    return steps


def _with_after(step: dict[str, Any]) -> dict[str, Any]:
    """The step with ``after`` beside ``submit``; it may be written within it too. Source: scenario format, example."""
    submit = step.get("submit")
    if not isinstance(submit, Mapping) or "after" not in submit or "after" in step:
        return step
    form = {key: said for key, said in submit.items() if key != "after"}
    return {**step, "submit": form, "after": submit["after"]}


def _check_after(given: Any, path: str) -> None:
    if given is None or given == EXPIRED:
        return
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ScenarioError(path, f"{given!r} is not a duration; write 10s, or expired")
    if isinstance(given, str) and get_close_matches(given, [EXPIRED], 1):
        raise ScenarioError(path, f"{given!r} is not a duration; did you mean {EXPIRED!r}?")
    try:
        parse_duration(given)
    except ValueError as error:
        raise ScenarioError(path, str(error)) from None
