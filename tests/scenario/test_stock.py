"""What comes with the package: every stock character does what the table says, from end to end; and the files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import SECOND, parse_instant
from fake_nexmo.core.records import World
from fake_nexmo.scenario import library, quick
from fake_nexmo.scenario import stock as packaged
from fake_nexmo.scenario.characters import to_characters
from fake_nexmo.scenario.load import load_named
from fake_nexmo.scenario.stock import default_world, stock
from tests.engine.test_carry_calls import TALK, Probe
from tests.house import House, open_house
from tests.live import clean_environment
from tests.receiver import Receiver
from tests.scenario.example import NAMES

ROOT = Path(__file__).parents[2]
OWNED = "447700900000"

# Source: scenario format, "Stock characters and magic numbers".
TABLE = {
    "01": "answers",
    "02": "busy",
    "03": "no-answer",
    "04": "rejects",
    "05": "voicemail",
    "06": "unreachable",
    "07": "switched-off",
    "08": "slow",
    "09": "ported",
    "10": "barred",
    "11": "landline",
    "12": "wrong-coder",
    "13": "late-coder",
    "14": "opt-outer",
    "15": "parrot",
    "16": "flaky",
    "17": "roaming",
    "20": "throttled",
    "21": "broke",
}

DELIVERED = [(0.0, "submitted"), (1.0, "delivered")]
FAILED = [(0.0, "submitted"), (1.0, "failed")]
# What becomes of an SMS, by its events; who is not here has it after a second. "No SMS; voice only" is a failure.
RECEIPTS = {
    "06": FAILED,
    "07": [(0.0, "submitted")],
    "08": [(0.0, "submitted"), (72 * 3600.0 - 1, "delivered")],
    "10": [],
    "11": FAILED,
    "20": [],
    "21": [],
}
# What the first three submissions are answered with: throttled, number barred, quota exceeded. Source: sms §7.
STATUSES = {"10": ["7", "7", "7"], "20": ["1", "1", "0"], "21": ["9", "9", "9"]}

ANSWERED = [(0, "started"), (0.01, "ringing"), (2, "answered"), (2 + TALK, "completed")]
# How a call goes. Source: reference voice §9.4 (D) for when it rings, and when one that is not connected ends.
CALLS: dict[str, list[tuple[float, str]]] = {
    "02": [(0, "started"), (1, "busy")],
    "03": [(0, "started"), (0.01, "ringing"), (60.01, "timeout")],
    "04": [(0, "started"), (0.2, "rejected")],
    "06": [(0, "started"), (20, "unanswered")],
    "07": [(0, "started"), (20, "unanswered")],
    "08": [(0, "started"), (0.01, "ringing"), (59, "answered"), (59 + TALK, "completed")],
}
DETAILS = {"04": "declined", "06": "unavailable", "07": "unavailable"}
HELLO = "Hello, nobody is here. Please leave a message after the beep."

# What a look-up finds, where it is not that the phone is at home and reachable.
LOOK_UPS: dict[str, dict[str, Any]] = {
    "06": {"reachable": "undeliverable"},
    "07": {"reachable": "absent"},
    "08": {"reachable": "unknown", "ported": "unknown", "roaming": "unknown"},
    "09": {"ported": "ported"},
    "10": {"reachable": "blacklisted"},
    "11": {"reachable": "unknown", "ported": "unknown", "roaming": "unknown", "type": "landline"},
    "17": {"roaming": "roaming"},
}


def seconds(at: str) -> float:
    """Seconds since the world's start."""
    return (parse_instant(at) - STANDING_START) / SECOND


async def events(house: House, kind: str, number: str) -> list[tuple[float, str]]:
    """What happened to messages of a number, each with its second."""
    found = (await house.control("GET", "events"))["items"]
    return [
        (seconds(each["at"]), each["name"].removeprefix(kind))
        for each in found
        if each["name"].startswith(kind) and each["number"] == number
    ]


async def send(house: House, number: str, text: str = "Hi") -> str:
    """Send one; the status in the answer."""
    status: str = (await house.send(to=number, text=text, from_=OWNED))["messages"][0]["status"]
    return status


def test_the_file_has_the_characters_of_the_table() -> None:
    """And their digits, and the two ranges."""
    said = load_named("stock", NAMES)

    assert list(said.characters) == list(TABLE.values())
    assert said.magic.digits == TABLE
    assert said.magic.ranges == ["447700900001..447700900099", "1NPA5550101..1NPA5550199"]
    assert stock().magic.digits == TABLE


@pytest.mark.parametrize("digits", [*TABLE, "18", "19", "22", "99"])
@pytest.mark.parametrize("range_", ["4477009000", "121255501"])
async def test_an_sms_to_each(house: House, range_: str, digits: str) -> None:
    """Receipts and refusals; digits that are not listed answer. Flaky is asked below."""
    number = range_ + digits
    statuses = [await send(house, number)]
    await house.advance("2d23h59m59s")

    told = [each for each in await events(house, "message.", number) if each[1] != "received"]
    if digits != "16":
        assert told == RECEIPTS.get(digits, DELIVERED)
    statuses += [await send(house, number), await send(house, number)]
    assert statuses == STATUSES.get(digits, ["0", "0", "0"])


async def test_a_buffered_one_is_delivered_when_the_phone_is_switched_on(house: House) -> None:
    """The receipt says buffered meanwhile."""
    number = "447700900007"
    await send(house, number)
    await house.advance("10s")
    assert [each["status"] for each in (await house.control("GET", "messages"))["items"]] == ["buffered"]

    await house.control("POST", f"handsets/{number}/power", {"on": True})

    assert await events(house, "message.", number) == [(0.0, "submitted"), (10.0, "delivered")]


async def test_one_receipt_in_three_of_the_flaky_one_fails(house: House) -> None:
    """By seed: the same ones in the same world."""

    async def failures(one: House) -> list[bool]:
        for _ in range(150):
            await send(one, "447700900016")
        await one.advance("1m")
        return [each["status"] == "failed" for each in (await one.control("GET", "messages"))["items"]]

    found = await failures(house)
    async with open_house() as again, open_house(seed=43) as other:
        assert found == await failures(again) != await failures(other)
    assert 32 <= sum(found) <= 68


@pytest.mark.parametrize("digits", [*TABLE, "99"])
async def test_a_call_to_each(house: House, digits: str) -> None:
    """When it rings, who answers, and how it ends."""
    probe = Probe(house)

    await probe.place("4477009000" + digits)
    await house.advance("2m")

    if digits == "05":
        return
    assert await probe.trace() == CALLS.get(digits, ANSWERED)
    assert (await probe.call())["detail"] == DETAILS.get(digits)


async def test_a_call_to_the_voicemail(house: House) -> None:
    """A machine with a greeting; and a beep, where nobody speaks at once."""
    probe = Probe(house)

    await probe.place("447700900005", script=())
    await house.advance("10s")

    call = await probe.call()
    assert call["machine"] is True
    heard = [(seconds(line["at"]), line["speaker"], line["text"]) for line in call["transcript"]]
    assert heard[0] == (2.0, "machine", HELLO)
    assert (heard[1][0], heard[1][1]) == (6.0, "machine")


@pytest.mark.parametrize("digits", [*TABLE, "99"])
async def test_a_look_up_of_each(house: House, digits: str) -> None:
    """Where it is, on which network, and whether it can be reached."""
    asked = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "number": "4477009000" + digits}
    answer = (await house.client.get("/ni/advanced/json", params=asked)).json()

    roaming = answer["roaming"]
    found = {
        "reachable": answer["reachable"],
        "ported": answer["ported"],
        "roaming": roaming["status"] if isinstance(roaming, dict) else roaming,
        "type": answer["current_carrier"]["network_type"],
    }
    usual = {"reachable": "reachable", "ported": "not_ported", "roaming": "not_roaming", "type": "mobile"}
    assert found == {**usual, **LOOK_UPS.get(digits, {})}
    assert (answer["current_carrier"]["network_code"] != "23410") == (digits in {"09", "11"})
    assert digits != "17" or roaming["roaming_country_code"] != "GB"


@pytest.mark.parametrize("digits", [*TABLE, "99"])
async def test_a_code_to_each(house: House, digits: str) -> None:
    """Two people type it: one a wrong one, one too late."""
    number = "4477009000" + digits
    asked = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "number": number, "brand": "Acme", "workflow_id": "6"}
    async with Receiver() as receiver:
        form = {"url": f"{receiver.url}/otp", "form": {"code": "{code}"}}
        await house.control("PATCH", "settings", {"code_form": form})
        answer = (await house.client.post("/verify/json", data=asked)).json()
        await house.advance("10m")
        typed = [each.form["code"] for each in receiver.requests]
    at = [second for second, _ in await events(house, "verify.typed", number)]
    if digits not in {"12", "13"}:
        assert (typed, at) == ([], [])
        return
    code = (await house.control("GET", f"verifications/{answer['request_id']}"))["code"]
    assert (typed == [code], at) == ((False, [2.0]) if digits == "12" else (True, [301.0]))
    assert len(typed) == 1
    assert len(typed[0]) == len(code)


@pytest.mark.parametrize("digits", [*TABLE, "99"])
async def test_what_each_writes_back(house: House, digits: str) -> None:
    """One opts out, once; one says what it was told."""
    for text in ("one", "two"):
        await send(house, "4477009000" + digits, text)
        await house.advance("1m")

    found = (await house.control("GET", "messages?direction=inbound"))["items"]
    said = {"14": ["STOP"], "15": ["one", "two"]}
    assert [each["text"] for each in found] == said.get(digits, [])


async def test_a_declared_phone_wins_over_magic(house: House) -> None:
    """And whatever lies outside the ranges answers."""
    await house.control("PUT", "handsets/447700900010", {"like": "answers"})

    assert [await send(house, number) for number in ("447700900010", "447700900110", "447700900021")] == ["0", "0", "9"]


# The files.


def texts(value: Any) -> Any:
    """A value with every truth value as a text."""
    if isinstance(value, dict):
        return {key: texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [texts(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else value


def told(text: str) -> Any:
    """What a file says, by PyYAML."""
    return yaml.load(text, Loader=yaml.BaseLoader)


@pytest.mark.parametrize("name", ["stock", "default"])
def test_what_is_read_quickly_is_read_rightly(name: str) -> None:
    """As PyYAML and the loader of scenarios read it."""
    text = library.path_of(name).read_text()
    assert texts(quick.read(text)) == told(text)

    document = load_named(name, NAMES)
    if name == "default":
        assert document.world == default_world(spelled_out=True)
        assert set(text.split(":")[0].split()) & {"characters", "magic"} == set()
    else:
        assert to_characters(document.characters, {}, NAMES.troubles) == stock().characters
        assert msgspec.to_builtins(document.magic) == quick.read(text)["magic"]


PIECES = (
    *("a", "b1", "NO", "12:30", "1..2", "-5", "- ", "-", "'", '"', "{", "}", "[", "]", ",", ", ", ":", ": ", "#", " #"),
    *(" ", "  ", "\n", "\n  ", "\n- ", "true", "null", "~", "&x", "*x", "|", ">", "!t", "%", "@", "? ", "\\", "\t"),
    *("---", "...", "key: ", "k: {a: b}\n", "k: [a, b]\n", "k:\n  - a\n", '"x y"', "<<: ", "é"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_nothing_is_ever_misread(text: str) -> None:
    """It is read as PyYAML reads it, or refused."""
    try:
        found = quick.read(text)
    except ValueError:
        return
    assert texts(found) == (told(text) or {})


FILE = library.path_of("stock").read_text()


@given(st.integers(0, len(FILE) - 1), st.sampled_from(PIECES), st.integers(0, 3))
def test_nor_is_a_file_that_somebody_edits(at: int, piece: str, gone: int) -> None:
    """Wherever something is put in or taken out."""
    text = FILE[:at] + piece + FILE[at + gone :]
    try:
        found = quick.read(text)
    except ValueError:
        return
    assert texts(found) == told(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 'b'", 1),
        ("a: b\n\nc: |\n  d", 3),
        ("a: null", 1),
        ("a:", 1),
        ("a: b\n  c: d", 2),
        ("a: b\na: c", 2),
        ("a: {b: c, b: d}", 1),
        ("a: {b}", 1),
        ("a: {b: c", 1),
        ("a: [b c: d]", 1),
        ("a: [b, ]]", 1),
        ("a: }", 1),
        ("a:\n  - b\n  c: d", 3),
        ("a:\n  - b: c", 2),
        ("- a", 1),
        ("a: &b c", 1),
        ("a: b: c", 1),
    ],
)
def test_what_is_refused_names_its_line(text: str, line: int) -> None:
    """So that whoever edits a file of the package finds it."""
    with pytest.raises(ValueError, match=f"^line {line} has a form of YAML that"):
        quick.read(text)


def test_nothing_of_it_stands_in_the_code() -> None:
    """No character's name that means nothing else, no credential, no number of the default world."""
    names = ("no-answer", "voicemail", "switched-off", "wrong-coder", "late-coder", "opt-outer", "parrot", "flaky")
    words = [
        *(f'"{each}"' for each in (*names, "broke")),
        *('"abcd1234"', '"s3cr3tS3cr3t"', "fake-nexmo-signature-secret", '"12015550100"', '"447700900000"'),
    ]
    for path in sorted((ROOT / "fake_nexmo").rglob("*.py")):
        assert [each for each in words if each in path.read_text()] == [], path


def test_a_start_without_a_scenario_imports_no_yaml() -> None:
    """Nor the rooms that read and judge scenario files: import time is a feature."""
    code = """
import asyncio, sys
from fake_nexmo.server import Options, start

async def main():
    server = await start(Options(port=0))
    await server.stop(0)
    rooms = ("yaml", "fake_nexmo.scenario.reading", "fake_nexmo.scenario.document", "fake_nexmo.scenario.load")
    print(*(each for each in rooms if each in sys.modules), "fake_nexmo.scenario.stock" in sys.modules)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


async def test_worlds_share_the_characters(house: House) -> None:
    """By reference, whatever becomes of a world; the files are read once."""
    await house.control("POST", "/worlds", {"name": "other"}, 201)
    await house.control("POST", "/worlds/other/fork", {"name": "third"}, 201)
    await house.control("POST", "/worlds/other/reset")

    worlds = [(await house.store.peek(name)).world for name in ("default", "other", "third")]

    assert all(isinstance(each, World) and each.characters is stock().characters for each in worlds)
    assert all(each.magic is stock().magic for each in worlds)
    assert packaged.stock.cache_info().misses == 1
