"""The examples of docstrings and of ``docs/client.md`` run as they stand, each docstring in a world of its own."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import importlib
import inspect
import io
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import httpx
import pytest

import fake_nexmo_client
from fake_nexmo_client import webhooks
from tests.client.face import Bridge, Face
from tests.house import House, open_house

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
MODULES = [
    importlib.import_module(f"fake_nexmo_client.{each.name}")
    for each in pkgutil.iter_modules(fake_nexmo_client.__path__)
]
PARSER, CHECKER = doctest.DocTestParser(), doctest.OutputChecker()


def documented() -> Iterator[tuple[str, str]]:
    """Whatever has examples: its name and its docstring."""
    for module in MODULES:
        yield module.__name__, module.__doc__ or ""
        for name, thing in vars(module).items():
            if getattr(thing, "__module__", "") != module.__name__ or not hasattr(thing, "__doc__"):
                continue
            yield f"{module.__name__}.{name}", inspect.getdoc(thing) or ""
            for below, method in vars(thing).items() if inspect.isclass(thing) else ():
                if inspect.isfunction(method):
                    yield f"{module.__name__}.{name}.{below}", inspect.getdoc(method) or ""


EXAMPLES = [(name, text) for name, text in documented() if ">>> " in text]


async def run_one(example: doctest.Example, names: dict[str, Any]) -> str:
    """What an example prints; those that do not await run in a thread, since their client waits."""
    code = compile(example.source, "<example>", "single", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if code.co_flags & inspect.CO_COROUTINE:
            await eval(code, names)
        else:
            await asyncio.to_thread(_run_code, code, names)
    return printed.getvalue()


def _run_code(code: CodeType, names: dict[str, Any]) -> None:
    exec(code, names)


async def check(text: str, names: dict[str, Any]) -> int:
    """Run all examples of a text; how many there were."""
    examples = PARSER.get_examples(text)
    for example in examples:
        got = await run_one(example, names)
        assert CHECKER.check_output(example.want, got, 0), f"{example.source}{got}instead of\n{example.want}"
    names.pop("__builtins__", None)
    return len(examples)


@contextlib.asynccontextmanager
async def open_names(house: House, *, awaits: bool) -> Any:
    """What examples may name: a client, an answered call, a running verification, an application."""
    face = Face(house, "async")
    application_id = face.credentials["application_id"]
    async with face.open_async() as client:
        made = await client.call.create(
            fake_nexmo_client.CreateCall(
                to=fake_nexmo_client.PhoneEndpoint(number="447700900001"),
                sender=fake_nexmo_client.PhoneEndpoint(number="447700900000"),
                ncco=[{"action": "talk", "text": "Hello", "loop": 0}],
            )
        )
        await house.advance("3s")
        started = await client.verify.start(fake_nexmo_client.StartVerification(number="447700900001", brand="Acme"))
        code = (await house.control("GET", f"verifications/{started.request_id}"))["code"]
        names = {name: getattr(fake_nexmo_client, name) for name in fake_nexmo_client.__all__}
        names |= {
            name: getattr(webhooks, name) for name in vars(webhooks) if name.startswith(("check", "parse", "read"))
        }
        names |= {"uuid": made.uuid, "request_id": started.request_id, "code": code, "application_id": application_id}
        if awaits:
            yield names | {"client": client}
        else:
            with face.open_sync() as waiting:
                yield names | {"client": waiting}


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
async def test_examples_of_docstrings(house: House, name: str, text: str) -> None:
    async with open_names(house, awaits="Async" in name) as names:
        assert await check(text, names) > 0


@pytest.mark.parametrize("module", [fake_nexmo_client.services, fake_nexmo_client.async_services])
def test_every_method_has_an_example(module: Any) -> None:
    """All 27 of them."""
    kinds = [kind for kind in vars(module).values() if inspect.isclass(kind) and kind.__module__ == module.__name__]
    public = [
        method
        for kind in kinds
        for name, method in vars(kind).items()
        if inspect.isfunction(method) and not name.startswith("_") and name != "do"
    ]
    assert len(public) == 27
    assert [each.__qualname__ for each in public if ">>> " not in (each.__doc__ or "")] == []


async def test_examples_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is run from its first line to its last, in one world, as a reader would."""
    async with open_house() as house:
        face = Face(house, "sync")

        def advance(by: str) -> None:
            asyncio.run_coroutine_threadsafe(house.advance(by), loop).result(30)

        def code_of(request_id: str) -> str:
            asked = house.control("GET", f"verifications/{request_id}")
            return str(asyncio.run_coroutine_threadsafe(asked, loop).result(30)["code"])

        loop = asyncio.get_running_loop()
        # The page makes clients as a reader would; their bytes go to the emulator in this process.
        bridge, inside = Bridge(house.app), httpx.ASGITransport(app=house.app)
        for kind, transport in ((httpx.Client, bridge), (httpx.AsyncClient, inside)):
            monkeypatch.setattr(kind, "_init_transport", lambda *_, given=transport, **__: given)
        named = ("application_id", "private_key")
        names: dict[str, Any] = {name: face.credentials[name] for name in named}
        names |= {"advance": advance, "code_of": code_of}
        assert await check(PAGE.read_text(), names) > 20
