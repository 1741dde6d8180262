"""A server whose scenario file is edited: the world follows, and what cannot be taken changes nothing.

Nothing here sleeps: an edit that is taken is an event of the world, awaited by the control API; what is told on stderr
is awaited by looking at the process and at what it wrote, in turn.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from fake_nexmo.scenario import library
from tests.live import PATIENCE_S, Live, open_live

SHOP = """
scenario: shop
seed: 5
clock: {start: 2026-03-01T09:00:00Z, mode: manual}
world:
  accounts:
    shop: {api_key: shop0001, api_secret: s3cr3tS3cr3tA, balance: 1.00 EUR}
  numbers:
    "447700900500": {account: shop, country: GB}
handsets:
  alice: {number: "447700900601"}
faults:
  some: {target: sms.send, call: 2, answer: throttled}
timeline:
  - {at: 10s, note: first}
  - {at: 20s, note: second}
expect:
  - {message: {to: alice}, count: 1}
"""


class Edited:
    """A server that follows a scenario file, and a client of its control API."""

    def __init__(self, live: Live, file: Path, client: httpx.Client) -> None:
        self.live = live
        self.file = file
        self.client = client
        self._seq = 0

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/_fake/worlds/default/{path}")
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, path: str, content: Any) -> Any:
        answer = self.client.post(f"/_fake/worlds/default/{path}", json=content)
        assert answer.is_success, answer.text
        return answer.json()

    def send(self, to: str = "447700900601") -> dict[str, str]:
        params = {"api_key": "shop0001", "api_secret": "s3cr3tS3cr3tA", "from": "Shop", "to": to, "text": "Hi"}
        sent: dict[str, str] = self.client.post("/sms/json", data=params).json()["messages"][0]
        return sent

    def edit(self, text: str, file: Path | None = None) -> None:
        """Write the file, and wait until the world has followed."""
        (file or self.file).write_text(text)
        page = self.get(f"events?name=scenario.reloaded&since={self._seq}&wait=30s")
        assert [each["about"] for each in page["items"]] == ["shop"], self.live.err
        self._seq = page["since"]

    def told(self, lines: int) -> list[str]:
        """What the server has said on stderr, once there are so many lines; a few may wait for the whole of them."""
        until = time.monotonic() + PATIENCE_S
        while len(said := self.live.err.splitlines()) < lines:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.live.process.wait(0.005)
                raise AssertionError(f"the server ended: {self.live.err}")
            assert time.monotonic() < until, f"only this was said: {said}"
        return [line.replace(str(self.file.parent), "") for line in said]


@contextmanager
def following(folder: Path, text: str, *args: str) -> Iterator[Edited]:
    """A server that follows a file with that text."""
    file = folder / "shop.yaml"
    file.write_text(text)
    with (
        open_live(folder / "live", "--scenario", str(file), *args) as live,
        httpx.Client(base_url=live.http, trust_env=False, timeout=2 * PATIENCE_S) as client,
    ):
        yield Edited(live, file, client)


def test_an_edit_is_followed_and_what_happened_stays(tmp_path: Path) -> None:
    """Accounts, numbers, phones, faults, timeline and expectations; one line says what changed."""
    with following(tmp_path, SHOP) as shop:
        assert shop.send()["status"] == "0"
        shop.post("clock/advance", {"by": "10s"})

        shop.edit(
            SHOP.replace("balance: 1.00 EUR", "balance: 1.00 EUR, limits: {sms: 30/s}")
            .replace("call: 2, answer: throttled", "answer: barred")
            .replace('number: "447700900601"', 'number: "447700900601", receipts: {status: failed}')
            .replace("at: 20s", "at: 30s")
            .replace("count: 1", "count: 2")
            .replace('"447700900500"', '"447700900501"')
        )

        assert shop.told(1) == [
            (
                "fake-nexmo: /shop.yaml: reloaded: world.accounts.shop changed; world.numbers.447700900501 added; "
                "world.numbers.447700900500 removed; handsets.alice changed; faults.some changed; "
                "timeline: 1 added, 1 removed; expect changed"
            ),
        ]
        account = shop.get("accounts/shop0001")
        assert (account["balance"], account["limits"]["sms"]) == ("0.9667 EUR", "30/s")
        assert shop.get("")["numbers"] == ["447700900501"]
        assert [each["status"] for each in shop.get("messages")["items"]] == ["delivered"]
        assert shop.send()["status"] == "7"
        shop.post("clock/advance", {"by": "10s"})
        assert [each["about"] for each in shop.get("events?name=note")["items"]] == ["first"]
        shop.post("clock/advance", {"by": "10s"})
        assert [each["about"] for each in shop.get("events?name=note")["items"]] == ["first", "second"]
        verdict = shop.get("expectations?final=true")["items"][0]
        assert (verdict["expectation"], verdict["state"]) == ("message to alice, count 2", "unmet")


def test_a_broken_edit_changes_nothing_and_every_mistake_is_told_once(tmp_path: Path) -> None:
    """With file, line, column and path; the last good one is kept until the file is mended."""
    with following(tmp_path, SHOP) as shop:
        shop.file.write_text(SHOP.replace("call: 2", "cal: 2").replace("to: alice", "to: alicia"))

        assert shop.told(7) == [
            "fake-nexmo: /shop.yaml: the edit holds 2 mistakes, so nothing changed:",
            "/shop.yaml:13:28: faults.some.cal: 'cal' is not known here; did you mean 'call'?",
            "    some: {target: sms.send, cal: 2, answer: throttled}",
            "                             ^",
            (
                "/shop.yaml:18:16: expect.0.message.to: no phone is called 'alicia'; "
                "did you mean 'alice'? Or write a number"
            ),
            "    - {message: {to: alicia}, count: 1}",
            "                 ^",
        ]
        assert [shop.send()["status"] for _ in range(2)] == ["0", "1"]

        shop.edit(SHOP.replace("call: 2", "call: 3"))

        assert shop.told(8)[7:] == ["fake-nexmo: /shop.yaml: reloaded: faults.some changed"]
        assert [shop.send()["status"] for _ in range(3)] == ["0", "0", "1"]


def test_seed_and_clock_take_a_restart(tmp_path: Path) -> None:
    """The rest of the edit is taken."""
    with following(tmp_path, SHOP) as shop:
        shop.edit(SHOP.replace("seed: 5", "seed: 6").replace("mode: manual", "mode: x60").replace("alice:", "anna:")
                  .replace("to: alice", "to: anna"))  # fmt: skip

        assert shop.told(2) == [
            "fake-nexmo: /shop.yaml: reloaded: handsets.anna added; handsets.alice removed; expect changed",
            "fake-nexmo: /shop.yaml: seed and clock.mode changed, which takes a restart",
        ]
        assert (shop.get("")["seed"], shop.get("clock")["mode"]) == (5, "manual")
        assert shop.get("handsets/anna")["number"] == "447700900601"


def test_what_the_command_line_says_needs_no_restart(tmp_path: Path) -> None:
    """An edit of it is nothing, now and at the next start."""
    with following(tmp_path, SHOP, "--seed", "9", "--clock", "manual") as shop:
        shop.file.write_text(SHOP.replace("seed: 5", "seed: 6").replace("mode: manual", "mode: x60"))

        assert shop.told(1) == ["fake-nexmo: /shop.yaml: reloaded: nothing that matters changed"]


def test_a_file_that_is_extended_is_followed_too(tmp_path: Path) -> None:
    """Also when it was broken, or away for a while."""
    base = tmp_path / "base.yaml"
    base.write_text("handsets: {bob: {number: '447700900602'}}")
    with following(tmp_path, f"extends: base.yaml\n{SHOP}") as shop:
        shop.edit("handsets: {bob: {number: '447700900603'}}", base)
        assert shop.get("handsets/bob")["number"] == "447700900603"

        base.unlink()
        assert shop.told(5)[1:] == [
            "fake-nexmo: /shop.yaml: the edit holds 1 mistake, so nothing changed:",
            (
                "/shop.yaml:1:10: extends.0: there is no file 'base.yaml'; the library has no scenario 'base.yaml'; "
                f"there are {', '.join(library.names())}"
            ),
            "  extends: base.yaml",
            "           ^",
        ]

        shop.edit("handsets: {bob: {number: '447700900604'}}", base)
        assert shop.get("handsets/bob")["number"] == "447700900604"


def test_an_edit_that_cannot_be_in_this_world_changes_nothing(tmp_path: Path) -> None:
    """Though nothing is wrong with the file: a fault that was over before the world began, and a world that is gone."""
    with following(tmp_path, SHOP.replace("clock: {start: 2026-03-01T09:00:00Z, mode: manual}", "")) as shop:
        over = "{target: sms.send, until: 2020-01-01T00:00:00Z, answer: throttled}"
        shop.file.write_text(shop.file.read_text().replace("{target: sms.send, call: 2, answer: throttled}", over))
        assert shop.told(1) == [
            (
                "fake-nexmo: /shop.yaml: the edit cannot be, so nothing changed: "
                "faults.some.until: it ends before it starts, so it can never act"
            ),
        ]

        assert shop.client.delete("/_fake/worlds/default").status_code == 204
        shop.file.write_text(SHOP)
        assert shop.told(2)[1:] == [
            "fake-nexmo: /shop.yaml: the world 'default' is gone, so nothing changed",
        ]
