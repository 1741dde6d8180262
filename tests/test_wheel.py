"""The wheel: three packages with their data, two entry points, and nothing else."""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_nexmo import __version__
from tests.live import ROOT, clean_environment

PACKAGES = {
    "fake_nexmo": ROOT / "fake_nexmo",
    "fake_nexmo_client": ROOT / "client" / "fake_nexmo_client",
    "pytest_fake_nexmo": ROOT / "pytest_plugin" / "pytest_fake_nexmo",
}
INFO = f"fake_nexmo-{__version__}.dist-info"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.iterdir()
    assert built.name == f"fake_nexmo-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(built) as opened:
        yield opened


def in_checkout(folder: Path) -> set[str]:
    """The files below a folder, without what Python leaves there."""
    files = {each.relative_to(folder) for each in folder.rglob("*") if each.is_file()}
    return {each.as_posix() for each in files if "__pycache__" not in each.parts}


def test_it_holds_the_three_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """Every file of the checkout's packages and scenarios is there, and no other top-level name."""
    expected = {f"{name}/{file}" for name, folder in PACKAGES.items() for file in in_checkout(folder)}
    expected |= {f"fake_nexmo/scenarios/{file}" for file in in_checkout(ROOT / "scenarios")}
    expected |= {f"{INFO}/{each}" for each in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    expected.add(f"{INFO}/licenses/LICENSE")

    assert set(wheel.namelist()) == expected
    assert {each.partition("/")[0] for each in wheel.namelist()} == {*PACKAGES, INFO}


def test_it_holds_the_data_that_the_packages_read(wheel: zipfile.ZipFile) -> None:
    """Type markers, numbering plans, 16 test keys and the scenarios, those that every world is made from among them."""
    names = set(wheel.namelist())
    keys = {each for each in names if each.startswith("fake_nexmo/keys/test_keys/")}

    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert {"fake_nexmo/numbering/countries.json", "fake_nexmo/scenarios/README.md"} <= names
    assert {f"fake_nexmo/scenarios/{each}.yaml" for each in ("default", "stock")} <= names
    assert len([each for each in keys if each.endswith(".pem")]) == 16


def test_its_entry_points_are_the_command_and_the_plugin(wheel: zipfile.ZipFile) -> None:
    """The plugin's two names are equal, or ``-p no:pytest_fake_nexmo`` does nothing."""
    read = configparser.ConfigParser()
    read.read_string(wheel.read(f"{INFO}/entry_points.txt").decode())

    assert {section: dict(read[section]) for section in read.sections()} == {
        "console_scripts": {"fake-nexmo": "fake_nexmo.cli:main"},
        "pytest11": {"pytest_fake_nexmo": "pytest_fake_nexmo"},
    }


def test_it_works_from_where_it_is_unpacked(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """The unpacked packages start a server and send a message, without the checkout."""
    wheel.extractall(tmp_path / "site")
    code = """
import asyncio, json, urllib.request
import fake_nexmo, fake_nexmo_client, pytest_fake_nexmo
from fake_nexmo.server import Options, start

FORM = b"api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900001&text=Hi"

async def main():
    server = await start(Options(port=0))
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(server.http + "/sms/json", FORM).read())
    await server.stop(0)
    places = [each.__file__ for each in (fake_nexmo, fake_nexmo_client, pytest_fake_nexmo)]
    print(json.dumps([json.loads(answer)["messages"][0]["network"], places]))

asyncio.run(main())
"""
    environment = clean_environment(FAKE_NEXMO_HOME=str(tmp_path / "home"), PYTHONPATH=str(tmp_path / "site"))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["23410", [str(tmp_path / "site" / each / "__init__.py") for each in PACKAGES]]
