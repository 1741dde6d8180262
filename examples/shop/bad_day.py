"""A bad day of the shop, for the scenario beside it: opens the shop, and does what its customers do in their browsers.

``fake-nexmo run --scenario otp-on-a-bad-day.yaml -- python bad_day.py``, with a Python that has what the shop needs.
The clock of that world stands still, so the day takes no longer than its work. What became of it is judged by the
scenario.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

ALICE, CAROL, DAN = "447700900001", "447700900003", "447700900150"
URL = os.environ.get("SHOP_URL", "http://127.0.0.1:8000")
CLOCK = f"{os.environ['FAKE_NEXMO_CONTROL']}/worlds/{os.environ['FAKE_NEXMO_WORLD']}/clock/advance"


@contextmanager
def opened_shop() -> Iterator[None]:
    """The shop in a process of its own; its socket listens before it is open, so nobody has to wait for it."""
    place = urlsplit(URL)
    with (
        tempfile.TemporaryDirectory() as voicemails,
        socket.create_server((place.hostname or "", place.port or 80)) as listener,
    ):
        variables = {
            "SHOP_URL": URL,
            "SHOP_NUMBER": "447700900000",
            "SHOP_SALES": CAROL,
            "SHOP_OPERATOR": "447700900160",
            "SHOP_VOICEMAILS": voicemails,
        }
        command = ["uvicorn", "--app-dir", str(Path(__file__).parent), "shop:app", "--fd", str(listener.fileno())]
        shop = subprocess.Popen(  # noqa: S603 - it is this folder's own
            [sys.executable, "-m", *command, "--log-level", "warning"],
            env={**os.environ, **variables},
            pass_fds=(listener.fileno(),),
        )
        try:
            yield
        finally:
            shop.terminate()
            shop.wait()


def post(path: str, **form: str) -> dict[str, object]:
    """Send a form of the shop."""
    answer = requests.post(URL + path, data=form, timeout=30)
    answer.raise_for_status()
    said: dict[str, object] = answer.json()
    return said


def wait(by: str) -> None:
    """Let time pass, and everything happen that is due meanwhile."""
    requests.post(CLOCK, json={"by": by}, timeout=60).raise_for_status()


def main() -> None:
    """The day."""
    post("/orders", phone=ALICE, item="a lamp")
    wait("10s")
    # The answer to this one is lost.
    post(f"/customers/{ALICE}/call")
    wait("50s")
    post("/login", phone=ALICE, by="call")
    wait("2m")
    post("/login", phone=CAROL, by="call")
    wait("3m")
    # By now the account is empty.
    for item in ("a chair", "a table"):
        post("/orders", phone=DAN, item=item)
    wait("1m")


with opened_shop():
    main()
