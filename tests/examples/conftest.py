"""What tests of the example shop begin with."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.examples.shopfront import Site, open_site
from tests.live import Live, clean_environment, open_live, sdk_python


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server; without the library and what the shop runs on, the tests are skipped."""
    command = [str(sdk_python("vonage")), "-c", "import starlette, uvicorn"]
    if subprocess.run(command, env=clean_environment(), capture_output=True).returncode:
        pytest.skip("starlette and uvicorn are not beside the library: 'make .sdk/vonage/.set-up' installs them")
    with open_live(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture
async def site(live: Live, tmp_path: Path) -> AsyncIterator[Site]:
    """The shop in a world of its own; webhooks lead to it."""
    async with open_site(live, tmp_path) as opened:
        yield opened
