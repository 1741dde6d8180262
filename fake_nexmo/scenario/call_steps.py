"""The steps of ``on_call``, checked as a scenario is read; `handsets.calls` carries them out. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from fake_nexmo.core.instant import parse_duration
from fake_nexmo.core.pattern import parse_pattern
from fake_nexmo.handsets.calls import LAST_MOMENT
from fake_nexmo.scenario.errors import ScenarioError

_OPENINGS: Final = ("answer", "reject")
_DEEDS: Final = (*_OPENINGS, "press", "say", "hang_up", "wait")
_LATER: Final = ("press", "say", "hang_up", "wait")
_HEARING: Final = ("when_heard", "within", "else")
_KEYS: Final = re.compile(r"[0-9*#p]+")


def check_call_steps(steps: Sequence[Mapping[str, Any]]) -> None:
    """Look through what a person does in a call.

    Raises:
        ScenarioError: a step that cannot be: which, where in it, and the nearest right thing.
    """
    for error in call_flaws(steps):
        raise error


def call_flaws(steps: Sequence[Mapping[str, Any]]) -> list[ScenarioError]:
    """What is wrong with the steps, one thing for each."""
    found = []
    for k, step in enumerate(steps):
        try:
            _check_call_step(step, k)
        except ScenarioError as error:
            found.append(error)
    return found


def _check_call_step(step: Mapping[str, Any], k: int) -> None:
    path = f"on_call.{k}"
    _check_step(step, path, (*_DEEDS, "after", *_HEARING))
    deed = _deed(step, path)
    if deed in _OPENINGS and k:
        raise ScenarioError(f"{path}.{deed}", f"the phone is answered once: {deed} is the first step or none")
    _check_hearing(step, deed, path)


def _check_step(step: Mapping[str, Any], path: str, known: Sequence[str]) -> None:
    for key in step:
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise ScenarioError(f"{path}.{key}", f"{key!r} is not known here; {hint}")


def _deed(step: Mapping[str, Any], path: str) -> str:
    """What a step does, its argument and its delay looked at."""
    deeds = [each for each in _DEEDS if each in step]
    if len(deeds) != 1:
        said = f"not {' and '.join(deeds)}" if deeds else "such as say: TEXT"
        raise ScenarioError(path, f"a step does one thing of {', '.join(_DEEDS)}; {said}")
    (deed,) = deeds
    given, where = step[deed], f"{path}.{deed}"
    if deed == "press" and not (_is_text(given) and _KEYS.fullmatch(str(given))):
        raise ScenarioError(where, f"{given!r} are no keys; a phone has 0 to 9, * and #, and p pauses")
    if deed == "say" and not (isinstance(given, str) and given.strip()):
        raise ScenarioError(where, f"{given!r} is nothing that can be said; write a text")
    if deed == "wait":
        _check_span(given, where)
    if deed in {*_OPENINGS, "hang_up"}:
        _check_bare(given, where, deed)
    if "after" in step:
        if isinstance(given, Mapping) and "after" in given:
            raise ScenarioError(f"{path}.after", "after stands here twice: in the step and in what is done; keep one")
        _check_after(step["after"], f"{path}.after", deed)
    return deed


def _check_bare(given: Any, where: str, deed: str) -> None:
    """What takes no argument but when: ``true``, nothing, or ``{after: 3s}``."""
    if isinstance(given, Mapping):
        _check_step(given, where, ("after",))
        if "after" in given:
            _check_after(given["after"], f"{where}.after", deed)
    elif given is not None and given is not True:
        raise ScenarioError(where, f"{given!r} says nothing of {deed}; write {deed}: {{after: 3s}}, or {deed}: true")


def _check_hearing(step: Mapping[str, Any], deed: str, path: str) -> None:
    said = [each for each in _HEARING if each in step]
    if not said:
        return
    if deed in _OPENINGS:
        raise ScenarioError(f"{path}.{said[0]}", f"nothing is heard before {deed}; {said[0]} is for what comes later")
    if "when_heard" not in step:
        raise ScenarioError(f"{path}.{said[0]}", f"{said[0]} goes with when_heard: the words that are waited for")
    _check_pattern(step["when_heard"], f"{path}.when_heard")
    if "within" in step:
        _check_span(step["within"], f"{path}.within")
    if "else" in step:
        if "within" not in step:
            raise ScenarioError(f"{path}.else", "else goes with within: when the words are not waited for any more")
        _check_else(step["else"], f"{path}.else")


def _check_else(given: Any, path: str) -> None:
    """What is done instead: ``hang_up``, or a step of its own."""
    if isinstance(given, Mapping):
        _check_step(given, path, (*_LATER, "after"))
        _deed(given, path)
    elif given != "hang_up":
        near = isinstance(given, str) and get_close_matches(given, ["hang_up"], 1)
        hint = "did you mean 'hang_up'?" if near else "write hang_up, or a step such as {press: '0'}"
        raise ScenarioError(path, f"{given!r} cannot be done instead; {hint}")


def _check_pattern(given: Any, path: str) -> None:
    if not isinstance(given, str) or not given:
        raise ScenarioError(path, f"{given!r} is no pattern; write /for sales/i, or the whole text")
    try:
        parse_pattern(given)
    except ValueError as error:
        raise ScenarioError(path, str(error)) from None


def _check_after(given: Any, path: str, deed: str) -> None:
    """How long it takes until something is done; a call can be answered at the last moment."""
    if given == LAST_MOMENT:
        if deed != "answer":
            raise ScenarioError(path, f"{given!r} is when a call is answered; write how long it is until {deed}")
    else:
        _check_span(given, path)


def _check_span(given: Any, path: str) -> None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ScenarioError(path, f"{given!r} is not a duration; write 3s")
    try:
        parse_duration(given)
    except ValueError as error:
        raise ScenarioError(path, str(error)) from None


def _is_text(given: Any) -> bool:
    return isinstance(given, str | int) and not isinstance(given, bool)
