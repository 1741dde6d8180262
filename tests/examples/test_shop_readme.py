"""The commands of the shop's README do what it says."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess

import pytest

from tests.examples.shopfront import SHOP, Site
from tests.live import PATIENCE_S, Live, clean_environment

pytestmark = pytest.mark.sdk

README = (SHOP / "README.md").read_text()


async def run(script: str, live: Live, site: Site) -> str:
    """Run a block of commands in the world and with the shop of a test; the last line of what it prints."""
    made = {"http://127.0.0.1:8000": site.url, "worlds/default": f"worlds/{site.world.name}"}
    for name, ours in made.items():
        script = script.replace(name, ours)
    (application,) = (await site.world.control("GET", "scenario"))["world"]["applications"].values()
    done = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-euc", script.replace("curl ", "curl --fail-with-body --silent --show-error ")],
        env=clean_environment(
            FAKE_NEXMO_CONTROL=f"{live.http}/_fake",
            VONAGE_API_KEY=site.world.key,
            VONAGE_APPLICATION_ID=application["id"],
        ),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


async def test_its_commands(live: Live, site: Site) -> None:
    """Everything after the shop has been started, up to its scenarios."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    _, told, log_in, ring, _ = re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)

    await run(told, live, site)
    assert '"state":"verified"' in await run(log_in, live, site)
    assert "You will be connected." in await run(ring, live, site)
    assert (await site.transcript("447700900101"))[1:3] == [
        "For sales, press 1 or say sales. For your order, press 2 or say order. For the operator, press 0.",
        "[1]",
    ]


def test_its_table_is_the_shops() -> None:
    """Every path of the two modules is named, and no other."""
    source = "".join((SHOP / name).read_text() for name in ("shop.py", "ivr.py"))
    paths = set(re.findall(r'Route\("([^"]+)"', source))
    table = README.partition("| call |")[2].partition("\n\n")[0]

    assert set(re.findall(r"(?:`|`(?:GET|POST) )(/[\w/{}-]+)`", table)) == paths
