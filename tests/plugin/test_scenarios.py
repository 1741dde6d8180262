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


# What a scenario expects is judged when its test is over.


EXPECTS = """
JOIN = {
    "scenario": "join",
    "seed": 42,
    "clock": {"start": "2026-03-01T09:00:00Z"},
    "world": {"accounts": {"main": {}}},
    "handsets": {"alice": {"number": "447700900201"}},
    "timeline": [{"at": "1s", "handset": "alice", "do": "hang_up"}],
    "expect": [
        {"message": {"to": "alice", "text": "/Welcome/"}, "count": 1, "as": "welcome"},
        {"never": {"message": {"to": "447700900202"}}},
    ],
    "strict": {"unexpected_message": "fail", "unknown_number": "fail"},
}


def text(nexmo, to, text):
    form = {"api_key": nexmo.api_key, "api_secret": nexmo.api_secret, "from": "Acme", "to": to, "text": text}
    host = nexmo.base_url or "https://rest.nexmo.com"
    with httpx.Client(trust_env=False) as http:
        http.post(f"{host}/sms/json", data=form)


@pytest.mark.nexmo(scenario=JOIN)
def test_met(nexmo, SERVER):
    text(nexmo, "447700900201", "Welcome")


@pytest.mark.nexmo(scenario=JOIN)
def test_unmet(nexmo, SERVER):
    text(nexmo, "447700900201", "Hi")
    text(nexmo, "447700900202", "Hello")
    nexmo.clock.advance("1m")


@pytest.mark.nexmo(scenario=JOIN)
def test_nothing_happened(nexmo, SERVER):
    pass


@pytest.mark.nexmo(scenario=JOIN, expect=False, strict={"unexpected_message": "ignore", "unknown_number": "warn"})
def test_not_asked(nexmo, SERVER):
    text(nexmo, "447700900202", "Hello")


@pytest.mark.nexmo(scenario=JOIN, expect=False, strict=False)
def test_nothing_asked(nexmo, SERVER):
    pass


@pytest.mark.nexmo(scenario={**JOIN, "ends": "10s", "strict": {}})
def test_the_end_is_the_end(nexmo, SERVER):
    text(nexmo, "447700900201", "Welcome")
    nexmo.clock.advance("1m")
    text(nexmo, "447700900202", "Late")
"""


@pytest.mark.parametrize("where", ["tmp_path", "nexmo_server"])
def test_what_a_scenario_expects_is_judged_at_the_end(pytester: pytest.Pytester, where: str) -> None:
    """In this process, and on a server alike."""
    result = run(pytester, EXPECTS.replace("SERVER", where))

    result.assert_outcomes(passed=4, failed=2, warnings=3)
    result.stdout.fnmatch_lines(
        [
            "*_ test_unmet _*",
            "The test passed, but its world * (seed 42) is not as it should be:",
            "Nobody expected the message * to 447700900201: 'Hi'",
            "  (way out: @pytest.mark.nexmo(strict=[{]'unexpected_message': 'ignore'[}]))",
            "Nobody declared 447700900202, the number of the message *.",
            "  (way out: @pytest.mark.nexmo(strict=[{]'unknown_number': 'ignore'[}]))",
            "Expected once: welcome: message to alice, text /Welcome/, count 1",
            "The nearest of 2 messages, * Acme to 447700900201 at 09:00:00.000:",
            "    to    '447700900201'",
            "  x text  'Hi'",
            "          wanted /Welcome/",
            "Expected never: message to 447700900202",
            "There is one message that fits:",
            "  (way out: @pytest.mark.nexmo(expect=False))",
            "What happened:",
            "  09:00:00.000  request  sms.send  POST /sms/json  -> 200  to 447700900202 'Hello'",
            "*_ test_nothing_happened _*",
            "Expected once: welcome: message to alice, text /Welcome/, count 1",
            "There is no message at all.",
            "Nothing happened: no request reached this world.",
            "*NexmoWarning: could not be done of the scenario: timeline.0 (alice: hang_up): *",
            "*NexmoWarning: Nobody declared 447700900202, the number of the message *.",
        ],
        consecutive=False,
    )
