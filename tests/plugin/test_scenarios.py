"""Worlds that are made from a scenario: of the library, of a file, of an object; and the clients of a world."""

from __future__ import annotations

import pytest

from fake_nexmo_client import AsyncClient, Client, Sms
from pytest_fake_nexmo.world import Nexmo
from tests.plugin.inner import run
from tests.plugin.test_world import send

pytest_plugins = ("pytester",)


@pytest.mark.nexmo(scenario="bad-day", strict=False)
def test_a_scenario_of_the_library(nexmo: Nexmo) -> None:
    assert nexmo.seed == 42
    assert nexmo.clock.now().isoformat() == "2026-03-01T09:00:00+00:00"
    assert [send(nexmo, to="447700900101")["status"] for _ in range(3)] == ["1", "1", "0"]
    assert nexmo.message(to="alice").to == "447700900101"


@pytest.mark.nexmo(scenario="bad-day", strict=False, seed=7, clock={"start": "2027-01-01T00:00:00Z"})
def test_the_marker_wins_over_the_scenario(nexmo: Nexmo) -> None:
    assert (nexmo.seed, nexmo.clock.now().year) == (7, 2027)


@pytest.mark.nexmo(
    scenario={"version": "1", "world": {"accounts": {"main": {"balance": "{money}"}}}}, vars={"money": "0 EUR"}
)
def test_a_scenario_that_is_an_object(nexmo: Nexmo) -> None:
    assert send(nexmo)["status"] == "9"
    assert nexmo.seed not in {7, 42}


SCENARIO = """
version: 1
world: {accounts: {main: {api_key: abcd1234, api_secret: s3cr3tS3cr3t}}}
handsets: {alice: {number: "447700900150"}}
faults: {first: {target: sms.send, call: 1, answer: throttled}}
strict: {unused_fault: ignore, unexpected_message: fail}
"""

SOURCE = """
@pytest.mark.nexmo(scenario="{name}")
def test_one(nexmo):
    assert nexmo.message


@pytest.mark.nexmo(scenario="{name}")
def test_two(nexmo):
    assert [send(to="447700900150")["status"] for _ in range(2)] == ["1", "0"]
"""


@pytest.mark.parametrize("place", ["", "scenarios/"])
def test_a_scenario_in_a_file(pytester: pytest.Pytester, place: str) -> None:
    """What it says of strictness holds too: the second test sent a message that nobody expected."""
    file = pytester.path / place / "otp.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(SCENARIO)

    result = run(pytester, SOURCE.replace("{name}", f"{place}otp.yaml"))

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["Nobody expected the message *"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("'badday'", "*the library has no scenario 'badday'*bad-day*"),
        ("'none.yaml'", "*none.yaml*"),
        ("{'wrld': {}}", "*world*"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(pytester: pytest.Pytester, name: str, says: str) -> None:
    result = run(pytester, f"@pytest.mark.nexmo(scenario={name})\ndef test_one(nexmo):\n    pass\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{says}"])


# The clients of a world.


def test_the_client_has_the_credentials_of_the_world(nexmo: Nexmo, nexmo_client: Client) -> None:
    reply = nexmo_client.sms.send(Sms(sender="Acme", to="447700900001", text="Hi"))

    assert nexmo.message(to="447700900001").text == "Hi"
    assert [part.status for part in reply.messages] == ["0"]


async def test_the_client_on_an_event_loop(nexmo: Nexmo, nexmo_async_client: AsyncClient) -> None:
    async with nexmo_async_client as client:
        await client.sms.send(Sms(sender="Acme", to="447700900001", text="Hi"))

    assert nexmo.message(to="447700900001").text == "Hi"
