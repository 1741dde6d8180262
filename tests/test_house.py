"""The house's import rules: imports point inwards, pure rooms stay pure, and APIs do not know one another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "fake_nexmo"

# What each room may import besides itself. Source: docs of the house: imports point inwards.
_CORE = frozenset({"core"})
_NETWORK = _CORE | {"numbering", "handsets", "network"}
_WEB = _NETWORK | {"keys", "store", "web"}
_APIS = _WEB | {"apis"}
_ENGINE = _APIS | {"engine"}
_SCENARIO = _ENGINE | {"scenario"}
_CONTROL = _SCENARIO | {"control"}
_SERVER = _CONTROL | {"asgi", "authority", "port", "server"}
ROOMS = {
    "core": _CORE,
    "keys": _CORE | {"keys"},
    "numbering": _CORE | {"numbering"},
    "handsets": _CORE | {"numbering", "handsets"},
    "network": _NETWORK,
    "store": _CORE | {"store"},
    "web": _WEB,
    "apis": _APIS,
    "engine": _ENGINE,
    "scenario": _SCENARIO,
    "control": _CONTROL,
    "asgi": _CONTROL | {"asgi"},
    "authority": frozenset({"authority"}),
    "port": frozenset({"port"}),
    "server": _SERVER,
    "inside": _CONTROL | {"asgi", "inside"},
    "environment": frozenset({"environment"}),
    "recipes": frozenset({"recipes"}),
    "remote": frozenset({"authority", "remote"}),
    "inbox": frozenset({"authority", "remote", "inbox"}),
    "run": _SERVER | {"environment", "run"},
    "cli": _SERVER | {"environment", "recipes", "remote", "inbox", "run", "cli"},
    "__main__": frozenset({"cli"}),
}

PURE_ROOMS = ("core", "numbering", "handsets", "network")
PURE_FILES = ("model.py", "rules.py", "wire.py", "retries.py")
# What touches the world outside: sockets, threads, the wall's clock, chance, frameworks.
IMPURE = {
    *("asyncio", "concurrent", "multiprocessing", "os", "random", "secrets", "select", "signal", "socket", "ssl"),
    *("subprocess", "tempfile", "threading", "time", "urllib.request", "uuid"),
    *("httpcore", "httpx", "requests", "starlette", "uvicorn", "websockets"),
}

MODULES = sorted(HOUSE.rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    """Full names of what a module imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            if node.module == "fake_nexmo" or (node.module or "").startswith("fake_nexmo.apis"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _room(name: str) -> str:
    return name.split(".")[1] if name.startswith("fake_nexmo.") else ""


def _is_pure(path: Path) -> bool:
    inside = path.relative_to(HOUSE).parts
    return inside[0] in PURE_ROOMS or (inside[0] == "apis" and inside[-1].endswith(PURE_FILES))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_point_inwards(path: Path) -> None:
    """A room imports only the rooms further in."""
    inside = path.relative_to(HOUSE).parts
    room = inside[0].removesuffix(".py")
    if room == "__init__":
        assert [name for name in _imports(path) if _room(name)] == []
        return
    allowed = ROOMS[room]
    # The version is the package's own and belongs to no room.
    foreign = {_room(name) for name in _imports(path)} - {"", "__version__"} - allowed
    assert foreign == set(), f"{path.relative_to(ROOT)} imports {foreign}"


@pytest.mark.parametrize("path", [path for path in MODULES if _is_pure(path)], ids=lambda path: str(path.name))
def test_pure_modules_touch_nothing_outside(path: Path) -> None:
    """Records, rules and words import no socket, thread, clock, chance or framework, nor a module that does."""
    names = set(_imports(path))
    assert {name for name in names if name in IMPURE or name.split(".")[0] in IMPURE} == set()
    assert {_room(name) for name in names} & {"store", "web", "engine", "scenario", "control"} == set()
    assert not any(isinstance(node, ast.Await | ast.AsyncFunctionDef) for node in ast.walk(ast.parse(path.read_text())))


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.is_relative_to(HOUSE / "apis") and len(path.relative_to(HOUSE).parts) > 2]
)
def test_apis_do_not_know_one_another(path: Path) -> None:
    """An API imports nothing of another API, nor the registry."""
    own = path.relative_to(HOUSE / "apis").parts[0]
    others = {name.split(".")[2] for name in _imports(path) if name.startswith("fake_nexmo.apis.")} - {own}
    assert others == set()
    assert "fake_nexmo.apis" not in set(_imports(path))


def test_engine_and_control_name_no_api() -> None:
    """What carries work out reads the registry; only the place that builds the engine imports it."""
    naming = {
        str(path.relative_to(HOUSE))
        for room in ("engine", "scenario", "control")
        for path in (HOUSE / room).rglob("*.py")
        if any(name.startswith("fake_nexmo.apis") for name in _imports(path))
    }
    assert naming == {"engine/build.py"}


def test_client_imports_nothing_of_the_house() -> None:
    """The client package works without the emulator."""
    for path in (ROOT / "client").rglob("*.py"):
        assert [name for name in _imports(path) if name.split(".")[0] == "fake_nexmo"] == []


def test_plugin_imports_the_house_late() -> None:
    """An unused plugin costs next to nothing: nothing of the house is imported when it is loaded."""
    for path in (ROOT / "pytest_plugin").rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert [name for name in names if name.split(".")[0] == "fake_nexmo"] == []


def test_every_module_says_what_it_is() -> None:
    """Each module opens with a docstring."""
    silent = [str(path.relative_to(ROOT)) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_nothing_reads_the_sources_it_came_from() -> None:
    """The project stands alone: no path outside the checkout is named in code or tests."""
    outside = "../" + "shared"
    guilty = [
        str(path.relative_to(ROOT))
        for folder in ("fake_nexmo", "client", "pytest_plugin", "tests", "bench", "scenarios")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in {".py", ".md", ".json", ".toml", ".txt"} and outside in path.read_text()
    ]
    assert guilty == []
