"""The whole example of the scenario format, with the example shop: it passes, and what is not so is told."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fake_nexmo.scenario.nodes import plain_value
from fake_nexmo.scenario.reading import read
from tests.commands import Ended, call
from tests.examples.shopfront import SHOP, environment
from tests.live import PATIENCE_S, Live, clean_environment, open_world, sdk_python
from tests.scenario.example import EXAMPLE

pytestmark = pytest.mark.sdk

ALICE, BOB, CAROL, DAN, OWNED = "447700900001", "447700900002", "447700900003", "447700900150", "447700900000"

# One of each kind that is not so, and one of each word that a kind may have besides.
NOT_SO = r"""
expect:
  - {message: {to: alice, text: "/code: \\d{5}/i"}, as: otp}
  - {message: {to: alice}, count: 2}
  - {message: {to: alice}, before: 0s}
  - {message: {to: alice}, after: 10s, as: late}
  - {call: {to: alice, ended: completed, heard: [/for sales/i, /welcome/i], lasted: 8s..}}
  - {verification: {number: carol, phase: success}}
  - {message: {to: alice}, as: confirmed}
  - {webhook: {kind: receipt, about: confirmed, answered: 5xx}}
  - {request: {operation: voice.create_call}, count: 1}
  - {spent: {account: main, at_most: 0.02 EUR}}
  - {never: {message: {to: alice}}}
  - {order: [confirmed.receipt, confirmed]}
"""
WHY = """\
Expected at least once: otp: message to alice, text /code: \\d{5}/i
The nearest of 3 messages, MESSAGE 447700900000 to 447700900001 at 09:00:00.000:
    to    '447700900001'
  x text  'Order A1: a lamp is ready; your code: CODE. Our offer of the week: socks.'
          wanted /code: \\d{5}/i

Expected 2 times: message to alice, count 2
There is one message that fits:
    MESSAGE 447700900000 to 447700900001 at 09:00:00.000  'Order A1: a lamp is ready; yo…
The nearest of 2 messages, MESSAGE 447700900001 to 447700900000 at 09:00:06.000:
  x to  '447700900000'
        wanted 'alice'

Expected at least once: message to alice, before 0s
The nearest of 3 messages, MESSAGE 447700900000 to 447700900001 at 09:00:00.000:
    to      '447700900001'
  x before  0s after the start
            wanted '0s'

Expected at least once: late: message to alice, after 10s
The nearest of 3 messages, MESSAGE 447700900000 to 447700900001 at 09:00:00.000:
    to     '447700900001'
  x after  0s after the start
           wanted '10s'

Expected at least once: call to alice, ended completed, heard /for sales/i, then /welcome/i,
    lasted 8s..
The nearest of COUNT calls, CALL 447700900000 to 447700900001 at 09:0…
    to      '447700900001'
    ended   'completed'
  x heard   'Welcome to Acme Shop.' | 'For sales, press 1 or say sales. For your order, press 2 o…
            wanted /for sales/i, then /welcome/i
    lasted  LASTED

Expected at least once: verification number carol, phase success
The nearest of 2 verifications, VERIFICATION of 447700900003 at 09:03:00.000:
    number  '447700900003'
  x phase   'IN PROGRESS'
            wanted 'success'

Expected at least once: webhook kind receipt, about confirmed, answered 5xx
The nearest of COUNT webhooks, WEBHOOK receipt to URL/dlr at 09:00:02.000:
    kind      'receipt'
    about     'MESSAGE'
  x answered  200
              wanted '5xx'

Expected once: request operation voice.create_call, count 1
There are 2 requests that fit:
    voice.create_call at 09:00:10.000
    voice.create_call at 09:00:10.000

Expected: spent account main, at_most 0.02 EUR
The account spent MONEY EUR.

Expected never: message to alice
There is one message that fits:
    MESSAGE 447700900000 to 447700900001 at 09:00:00.000  'Order A1: a lamp is ready; yo…

Expected: order confirmed.receipt, then confirmed
    confirmed.receipt  WEBHOOK receipt to URL/dlr at 09:00:02.000
  x confirmed          MESSAGE 447700900000 to 447700900001 at 09:00:00.000, too early"""
# What differs from run to run, or is said elsewhere.
_DRAWN = (
    (r"\b[0-9A-F]{16}\b", "MESSAGE"),
    (r"\b[0-9a-f]{32}\b(?= of)", "VERIFICATION"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "CALL"),
    (r"\bw\d+\b", "WEBHOOK"),
    (r"http://127\.0\.0\.1:\d+", "URL"),
    (r"(?<=code: )\d{4}", "CODE"),
    (r"(?<=of )\d+(?= (calls|webhooks),)", "COUNT"),
    (r"(?<=lasted  )\d+", "LASTED"),
    (r"(?<=spent )[\d.]+(?= EUR)", "MONEY"),
)


def spend_the_day(folder: Path, scenario: str) -> Ended:
    """What is said of the shop's day."""
    file = folder / "scenario.yaml"
    file.write_text(scenario)
    url = free_url()
    run = ("run", "--scenario", file, "--set", f"app={url}", "--", sdk_python("vonage"), SHOP / "bad_day.py")
    return call(*run, FAKE_NEXMO_HOME=str(folder / "home"), SHOP_URL=url)


def free_url() -> str:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.usefixtures("live")
def test_the_whole_example_passes(tmp_path: Path) -> None:
    """Unchanged: each expectation is met, each fault met something, and nobody got what nobody expected."""
    ended = spend_the_day(tmp_path, EXAMPLE)

    assert (ended.status, ended.out) == (0, "")
    assert ended.err.endswith("fake-nexmo: scenario 'otp-on-a-bad-day': all 6 expectations met\n")


@pytest.mark.usefixtures("live")
def test_what_is_not_so_is_told(tmp_path: Path) -> None:
    """Each expectation with its nearest miss, whole."""
    head, _, rest = EXAMPLE.partition("\nexpect:\n")
    ended = spend_the_day(tmp_path, head + NOT_SO + rest[rest.index("\nstrict:") :])

    said = re.sub(r"\n  What happened.*?(?=\n\n|\Z)", "", ended.err.partition("\n\n")[2].rstrip(), flags=re.DOTALL)
    said = re.sub(r"^  ", "", said, flags=re.MULTILINE)
    for pattern, name in _DRAWN:
        said = re.sub(pattern, name, said)
    assert ended.status == 1
    assert "fake-nexmo: scenario 'otp-on-a-bad-day': 11 of 12 expectations unmet\n" in ended.err
    assert said == WHY


async def test_what_happens_in_the_whole_example(live: Live) -> None:
    """All of its people do what they are there for."""
    url = free_url()
    async with open_world(live.http, "bad-day") as world:
        given: Any = plain_value(read(EXAMPLE.replace("http://127.0.0.1:8000", url), "example", "yaml"))
        made = await world.control("PUT", "scenario", given)
        worlds = {"FAKE_NEXMO_CONTROL": f"{live.http}/_fake", "FAKE_NEXMO_WORLD": made["world"]}
        done = await asyncio.to_thread(
            subprocess.run,
            [sdk_python("vonage"), SHOP / "bad_day.py"],
            env=clean_environment(**environment(live, made, url), **worlds),
            capture_output=True,
            timeout=PATIENCE_S,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

        # Alice joins, gets an offer with her code, and wants no more; two sends were throttled, and two had no money.
        told = [(each["from"], each["to"], each["text"][:9]) for each in await world.items("messages")]
        assert told == [(ALICE, OWNED, "JOIN"), (OWNED, ALICE, "Order A1:"), (ALICE, OWNED, "STOP")]
        sends = await world.items("requests", operation="sms.send")
        assert [each["fault"] for each in sends] == ["throttled", "throttled", None, None, None]
        # Her receipt came twice. The library repeated the call whose answer was lost.
        receipts = await world.items("webhooks", kind="receipt")
        assert [each["attempts"][0]["status"] for each in receipts] == [200, 200]
        calls = await world.items("requests", operation="voice.create_call")
        assert [each["fault"] for each in calls] == ["lost-reply", None]
        # Bob listens to the menu three times.
        (bobs,) = await world.items("calls", **{"from": BOB})
        assert [line["text"][:9] for line in bobs["transcript"]] == ["Welcome t", *["For sales"] * 3, "Goodbye."]
        # Alice types the code that she was told, wrong first; Carol's network is out when she is called again.
        assert [each["attempts"][0]["status"] for each in await world.items("webhooks", kind="submit")] == [422, 200]
        verified = [(each["number"], each["phase"]) for each in await world.items("verifications")]
        assert verified == [(ALICE, "SUCCESS"), (CAROL, "IN PROGRESS")]
        spoken = await world.items("calls", to=CAROL, owner="verify")
        assert [each["status"] for each in spoken] == ["completed", "failed"]
        assert await world.balance() == "0.00 EUR"
