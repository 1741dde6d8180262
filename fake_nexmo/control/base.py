"""What the endpoints of the control API share: bodies, problems, and deciding again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request

from fake_nexmo.core.change import Change, Conflict
from fake_nexmo.core.instant import parse_duration
from fake_nexmo.engine.runner import Engine
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.store.protocol import Start
from fake_nexmo.web.params import BODY_MAX
from fake_nexmo.web.replies import problem

T = TypeVar("T")

WAIT_MAX_S = 300.0
LOOK_AGAIN_S = 0.25
"""How often a long poll looks whether the server stops."""


class Problem(Exception):  # noqa: N818 - an answer
    """A request to the control API that is answered with a problem document."""

    def __init__(self, status: int, kind: str, title: str, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.reply = problem(status, kind, title, detail, **more)


class Control(Struct, frozen=True):
    """What the control API works on.

    Attributes:
        clock: the mode of worlds that do not say theirs.
        ca_file: the certificate of the local authority; None: the server has none.
    """

    engine: Engine
    clock: str = "real"
    ca_file: Path | None = None


def world_of(request: Request) -> str:
    """The name of the world that a path names."""
    name: str = request.path_params["w"]
    return name


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object of a body; an empty body is an empty one.

    Raises:
        Problem: it is too large, no JSON, or no object.
    """
    body = await _take_body(request)
    try:
        read = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "no-json", "No JSON", f"The body is no JSON: {error}.") from None
    if not isinstance(read, dict):
        raise Problem(400, "no-object", "No object", "The body must be a JSON object.")
    return read


async def read_body(request: Request, kind: type[T]) -> T:
    """The body as a model.

    Raises:
        Problem: it does not fit.
    """
    return convert(await read_object(request), kind)


async def _take_body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_MAX:
            raise Problem(413, "too-large", "Too large", f"The body is above {BODY_MAX} octets.")
        chunks.append(chunk)
    return b"".join(chunks)


def convert(read: dict[str, Any], kind: type[T]) -> T:
    """An object as a model.

    Raises:
        Problem: it does not fit; an unknown name with the nearest known one.
    """
    known = [field.encode_name for field in msgspec.structs.fields(kind)]  # type: ignore[arg-type]
    for name in read:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
            raise unfit(name, f"{name!r} is not known here; {hint}")
    try:
        return msgspec.convert(read, kind)
    except msgspec.ValidationError as error:
        raise _unfit_object(read, kind, str(error)) from None


def _unfit_object(read: dict[str, Any], kind: type[Any], otherwise: str) -> Problem:
    """What does not fit first, as of a scenario: with its place, and the nearest right word."""
    from fake_nexmo.scenario.fit import flaws_of

    with suppress(ScenarioError):
        for flaw in flaws_of(read, kind):
            return unfit(flaw.path, flaw.what) if flaw.path else Problem(422, "unfit", "That cannot be", flaw.what)
    return Problem(422, "unfit", "That cannot be", otherwise)


def fit(make: Callable[[], T], path: str = "") -> T:
    """What ``make`` makes.

    Raises:
        Problem: it said that a value cannot be.
    """
    try:
        return make()
    except ScenarioError as error:
        raise unfit(error.path or path, error.what) from None
    except ValueError as error:
        raise unfit(path, str(error)) from None


def unfit(path: str, what: str) -> Problem:
    """The problem of a value that cannot be: where it stands and what is wrong."""
    return Problem(422, "unfit", "That cannot be", f"{path}: {what}" if path else what, path=path)


async def try_commit(control: Control, start: Start, change: Change) -> bool:
    """Commit; False when something moved, so that the caller decides again."""
    try:
        await control.engine.store.commit(start.world.name, start.epoch, change)
    except Conflict:
        return False
    return True


def wait_of(query: dict[str, str]) -> float:
    """Seconds that a long poll may wait, taken out of the query."""
    return min(fit(lambda: parse_duration(query.pop("wait", "0")), "wait") / 1_000_000, WAIT_MAX_S)


def builtins(facts: Any) -> dict[str, Any]:
    """Facts as plain JSON values; what was not said is left out."""
    plain: dict[str, Any] = msgspec.to_builtins(facts)
    return plain
