"""The part of the control API about scenarios: a world is made from one, put back to one, and exported as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fake_nexmo.control import base, plots, words
from fake_nexmo.control.base import Control, Problem
from fake_nexmo.core import clock as clocks
from fake_nexmo.scenario.arming import names_in
from fake_nexmo.scenario.cast import begun_anew, document_of
from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.dump import dump
from fake_nexmo.scenario.dump import plain as plain_object
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.flaws import BrokenScenario, Flaw
from fake_nexmo.scenario.load import load_named, load_object
from fake_nexmo.scenario.loadable import loadable
from fake_nexmo.scenario.vocabulary import vocabulary
from fake_nexmo.scenario.worlds import Made, Plan, plan_of, remake_world
from fake_nexmo.web.commit import WorldView
from fake_nexmo.web.replies import Reply, json_reply

_MEDIA = {"json": b"application/json", "yaml": b"application/yaml", "toml": b"application/toml"}


async def read_scenario(control: Control, request: Request) -> Response:
    """The world as a scenario that loads; ``format`` is json, yaml or toml."""
    kind = request.query_params.get("format", "json")
    if kind not in _MEDIA:
        raise base.unfit("format", f"no format is called {kind!r}; there are {', '.join(_MEDIA)}")
    engine = control.engine
    start = await engine.store.peek(base.world_of(request))
    view = WorldView(engine.store, start.world.name)
    document = await document_of(view, start.world, start.clock, engine.shell.wall())
    names = await names_in(view, engine.registry)
    document = loadable(document, vocabulary(engine.registry), names.handsets)
    if kind == "json":
        return json_reply(200, plain_object(document))
    return Reply(200, [(b"content-type", _MEDIA[kind])], dump(document, kind).encode())


async def read_expectations(control: Control, request: Request) -> Response:
    """How every expectation of the world's scenario stands; ``final=true`` judges as if this were the end."""
    final = request.query_params.get("final", "false")
    if final not in {"true", "false"}:
        raise base.unfit("final", f"{final!r} is not understood; it is true or false")
    report = await plots.judge(control.engine).report(base.world_of(request), final=final == "true")
    return json_reply(200, plots.NOTHING if report is None else plots.report(report))


async def put_scenario(control: Control, request: Request) -> Response:
    """Put a world back to how a scenario says it: same name, and what the scenario leaves open stays as it is."""
    engine = control.engine
    name = base.world_of(request)
    start = await engine.store.peek(name)
    given = await base.read_object(request)
    names = vocabulary(engine.registry)
    document = _loaded(lambda: load_object(given, names))
    same = document.clock is None
    wanted = plan_of(
        document,
        names,
        name=name,
        seed=start.world.seed if document.seed is None else None,
        clock=clocks.mode_words(start.clock) if same else None,
        start=start.clock.start if same else None,
        usual=clocks.mode_words(start.clock),
        drop_after_idle=start.world.drop_after_idle,
    )
    try:
        again = await remake_world(engine.store, engine.shell.wall, wanted)
    except ScenarioError as error:
        raise base.unfit(error.path, error.what) from None
    if wanted.drop_after_idle:
        engine.watch(name, wanted.drop_after_idle)
    return json_reply(200, made(again))


async def begin_anew(control: Control, world: str) -> None:
    """Have the scenario of a world that was just reset begin now."""
    store = control.engine.store
    start = await store.peek(world)
    now = clocks.now(start.clock, control.engine.shell.wall())
    view = WorldView(store, world)
    change = await begun_anew(view, start.world, await names_in(view, control.engine.registry), now)
    if change:
        await base.try_commit(control, start, change)


def read(control: Control, given: Any, variables: Mapping[str, Any]) -> Document | None:
    """The scenario that a request names or spells; None: none.

    Raises:
        Problem: it is none of the library, or cannot be: everything that is wrong with it.
    """
    if given is None:
        if variables:
            raise base.unfit("vars", "variables go with a scenario")
        return None
    names = vocabulary(control.engine.registry)
    values = {name: _text(name, value) for name, value in variables.items()}
    if isinstance(given, str):
        return _loaded(lambda: load_named(given, names, values))
    return _loaded(lambda: load_object(given, names, values))


def plan(control: Control, document: Document, asked: Plan, mode: str | None) -> Plan:
    """The plan of a world that a request asks for with a scenario; what the request says itself wins."""
    return plan_of(
        document,
        vocabulary(control.engine.registry),
        name=asked.name,
        seed=asked.seed,
        clock=mode,
        start=asked.start,
        usual=control.clock,
        keep=asked.keep,
        drop_after_idle=asked.drop_after_idle,
    )


def made(world: Made) -> dict[str, Any]:
    """A world that was made, as the control API says it."""
    return {
        "world": world.world,
        "seed": world.seed,
        "accounts": [words.account(each) for each in world.accounts],
        "applications": [words.application(each) for each in world.applications],
        "replaced": list(world.replaced),
    }


def _loaded(load: Callable[[], Document]) -> Document:
    """A scenario that is loaded.

    Raises:
        Problem: it cannot be; ``flaws`` says everything that is wrong.
    """
    try:
        return load()
    except BrokenScenario as broken:
        flaws = [_flaw(each) for each in broken.flaws]
        raise Problem(422, "broken-scenario", "A broken scenario", str(broken), flaws=flaws) from None
    except ScenarioError as error:
        raise base.unfit(error.path, error.what) from None


def _flaw(flaw: Flaw) -> dict[str, Any]:
    said: dict[str, Any] = {"path": flaw.path, "what": flaw.what}
    if flaw.mark.line:
        said |= {"file": flaw.mark.file, "line": flaw.mark.line, "column": flaw.mark.column}
    return said


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise base.unfit(f"vars.{name}", f"{value!r} is no value for a variable; it is a text or a number")
    return str(value)
