"""The package costs little to import, and its two clients are one."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fake_nexmo_client import AsyncClient, Client, async_services, services

ROOT = Path(__file__).parents[2]
HEAVY = "sorted({name.partition('.')[0] for name in sys.modules} & {'httpx', 'jwt', 'cryptography', 'asyncio', 'ssl'})"


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'client')!r})\n{code}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout.strip()


def test_import_is_light() -> None:
    """No HTTP library, tokens or keys until they are needed; nothing of the emulator ever."""
    assert python(f"import fake_nexmo_client, fake_nexmo_client.webhooks\nprint({HEAVY})") == "[]"
    code = "from fake_nexmo_client import Client\nClient().close()\nprint('httpx' in sys.modules, 'jwt' in sys.modules)"
    assert python(f"{code}\nprint([name for name in sys.modules if name.split('.')[0] == 'fake_nexmo'])") == (
        "True False\n[]"
    )


def waiting(text: str) -> str:
    """A text of the client that awaits, in the words of the one that waits."""
    return re.sub(r"\((client[^\n]*\))\)(\.\w)", r"\1\2", text.replace("await ", "")).replace(
        'in (client.developer.prefix_pricing("260").prices)', 'in client.developer.prefix_pricing("260").prices'
    )


PAIRS = [
    (name, kind, getattr(async_services, f"Async{name}"))
    for name, kind in vars(services).items()
    if inspect.isclass(kind) and issubclass(kind, services.Service)
]


@pytest.mark.parametrize(("name", "waits", "awaits"), PAIRS)
def test_both_clients_say_the_same(name: str, waits: type, awaits: type) -> None:
    """Same methods, parameters and words; one awaits."""
    assert len(PAIRS) == 7
    methods = {name: method for name, method in vars(waits).items() if inspect.isfunction(method)}
    others = {name: method for name, method in vars(awaits).items() if inspect.isfunction(method)}
    assert list(methods) == list(others)
    for each in methods.keys() - {"__init__"}:
        assert inspect.iscoroutinefunction(others[each])
        assert inspect.signature(methods[each]) == inspect.signature(others[each])
        if each != "_do":
            assert inspect.getdoc(methods[each]) == waiting(inspect.getdoc(others[each]) or "")
    assert inspect.getdoc(waits) == inspect.getdoc(awaits)


def test_both_clients_take_the_same() -> None:
    assert list(inspect.signature(Client).parameters) == list(inspect.signature(AsyncClient).parameters)
