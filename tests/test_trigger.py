"""``fake-nexmo trigger``: a simulated person does something, and one line says what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Ended, acall, terminal
from tests.live import FarWorld, Live, open_live, open_world
from tests.receiver import Answer, Receiver

INBOUND = ("trigger", "inbound-sms", "--from", "447700900001", "--to", "447700900000")
NOON = "2026-03-01T12:00:00.000Z"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("trigger")) as opened:
        yield opened


@pytest.fixture
def there(live: Live) -> dict[str, str]:
    """Where the server is, in the environment."""
    return {"FAKE_NEXMO_URL": live.http, "FAKE_NEXMO_HOME": str(live.home)}


def arrived(world: FarWorld, entry: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """The entry of a message that a person sent at noon."""
    part = {"id": entry["id"], "status": "delivered", "err_code": "0", "price": "0.00000000", "status_at": NOON}
    return {
        "seq": entry["seq"],
        "at": NOON,
        "id": entry["id"],
        "ids": [entry["id"]],
        "direction": "inbound",
        "owner": "sms",
        "about": None,
        "account": "main",
        "from": "447700900001",
        "to": "447700900000",
        "type": "text",
        "text": "JOIN",
        "status": "delivered",
        "price": "0.00000000",
        "network": "23410",
        "client_ref": None,
        "parts": [part],
        "settled": True,
        **facts,
    }


async def test_an_inbound_message_reaches_the_app(live: Live, there: dict[str, str]) -> None:
    """Its webhook was sent when the command ends; piped, the entry is one line of JSON."""
    async with Receiver() as receiver, open_world(live.http, "reaches") as world:
        await world.account(webhooks={"inbound_sms": f"{receiver.url}/in", "method": "GET"})
        ended = await acall(*INBOUND, "--text", "JOIN", "--world", "reaches", **there)
        (received,) = receiver.requests

    assert (ended.status, ended.err) == (0, "")
    (entry,) = ended.json_lines()
    assert entry == arrived(world, entry)
    assert (received.params["msisdn"], received.params["to"], received.params["text"]) == (
        "447700900001",
        "447700900000",
        "JOIN",
    )


async def test_a_binary_message_has_a_body_and_a_header(live: Live, there: dict[str, str]) -> None:
    """In hex digits; a plus before a number is no part of it."""
    async with open_world(live.http, "binary"):
        sender = ("trigger", "inbound-sms", "--from", "+447700900001", "--to", "+447700900000")
        ended = await acall(
            *sender, "--body", "48 69".replace(" ", ""), "--udh", "050003cc0101", "--world", "binary", **there
        )

    (entry,) = ended.json_lines()
    assert (entry["from"], entry["to"], entry["type"], entry["text"]) == ("447700900001", "447700900000", "binary", "")
    assert {name: entry["extra"][name] for name in ("body", "udh")} == {"body": "4869", "udh": "050003CC0101"}


async def test_on_a_terminal_it_is_a_line_for_people(live: Live, there: dict[str, str]) -> None:
    """Coloured, unless NO_COLOR says otherwise; what could play with the terminal is written out."""
    async with open_world(live.http, "people"):
        shown = []
        for more in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
            with terminal(*INBOUND, "--text", "Tea \x1b[31m☕", "--world", "people", **there, **more) as screen:
                shown.append(screen.end())

    plain = "2026-03-01 12:00:00  ←  447700900001 → 447700900000  received  Tea \\x1b[31m☕\n"
    colored = plain.replace("2026-03-01 12:00:00", "\x1b[2m2026-03-01 12:00:00\x1b[0m").replace(
        "received", "\x1b[32mreceived\x1b[0m"
    )
    assert shown == [(0, colored), (0, plain), (0, plain)]


async def test_what_the_server_refuses_is_one_line(live: Live, there: dict[str, str]) -> None:
    """A number that nobody owns, a phone that nobody has, hex digits that are none."""
    async with open_world(live.http, "refuses"):
        world = ("--world", "refuses")
        nobody = await acall(
            "trigger", "inbound-sms", "--from", "447700900001", "--to", "447700900999", "--text", "x", *world, **there
        )
        phone = await acall(
            "trigger", "inbound-sms", "--from", "no/body", "--to", "447700900000", "--text", "x", *world, **there
        )
        hexed = await acall(*INBOUND, "--body", "xyz", *world, **there)
        header = await acall(*INBOUND, "--text", "x", "--udh", "00", *world, **there)

    owned = "447700900000, 12015550100"
    assert nobody.err == f"fake-nexmo: Nobody in this world owns 447700900999; owned are: {owned}.\n"
    assert phone.err.startswith("fake-nexmo: ")
    assert hexed == Ended(1, "", "fake-nexmo: body: 'xyz' is not in hex digits\n")
    assert header == Ended(1, "", "fake-nexmo: udh: a header goes with a body\n")
    assert [(each.status, each.out, each.err.count("\n")) for each in (nobody, phone)] == [(1, "", 1)] * 2


async def test_a_name_with_a_line_end_cannot_forge_a_line(live: Live, there: dict[str, str], tmp_path: Path) -> None:
    """What the server repeats of what it was given is written out."""
    ended = await acall(
        "trigger", "inbound-sms", "--from", "x\ny\x1b[2J", "--to", "447700900000", "--text", "x", **there
    )

    assert (ended.status, ended.out, ended.err.count("\n"), ended.err.count("\x1b")) == (1, "", 1, 0)


async def test_a_call_reaches_the_app(live: Live, there: dict[str, str]) -> None:
    """Its application was asked when the command ends; piped, the entry is one line of JSON."""
    ncco = Answer(200, b'[{"action":"talk","text":"Hello."}]', (("Content-Type", "application/json"),))
    async with Receiver() as receiver, open_world(live.http, "called") as world:
        receiver.say(ncco)
        (application,) = (await world.control("GET", ""))["applications"]
        await world.control("PATCH", f"applications/{application['id']}", {"voice": {"answer_url": receiver.url}})
        await world.control("PATCH", "numbers/447700900000", {"application": "main"})
        ended = await acall(
            "trigger", "call", "--from", "447700900101", "--to", "447700900000", "--world", "called", **there
        )
        (received,) = receiver.requests

    assert (ended.status, ended.err) == (0, "")
    (entry,) = ended.json_lines()
    assert (entry["direction"], entry["from"], entry["to"], entry["status"], entry["settled"]) == (
        *("inbound", "447700900101", "447700900000", "answered"),
        True,
    )
    assert [each["text"] for each in entry["transcript"]] == ["Hello."]
    assert received.params["uuid"] == entry["uuid"]


async def test_a_call_on_a_terminal_is_a_line_for_people(live: Live, there: dict[str, str]) -> None:
    """A number without an application has nobody to answer."""
    async with open_world(live.http, "rejected"):
        call = ("trigger", "call", "--from", "447700900101", "--to", "447700900000", "--world", "rejected")
        with terminal(*call, **there, NO_COLOR="1") as screen:
            shown = screen.end()

    assert shown == (0, "2026-03-01 12:00:00  ←  447700900101 → 447700900000  rejected\n")
