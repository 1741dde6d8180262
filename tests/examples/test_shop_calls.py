"""The example shop's telephone: the people of its scenario file call it, and others are played by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fake_nexmo.scenario.nodes import plain_value
from fake_nexmo.scenario.reading import read
from tests.examples.shopfront import ALICE, OPERATOR, OWNED, SALES, SHOP, Site, open_site
from tests.live import Live

pytestmark = pytest.mark.sdk

CALLS: Any = plain_value(read((SHOP / "calls.yaml").read_text(), "calls.yaml", "yaml"))
ANNA, BEN, CLARA, DORA, EMIL, FRED = (f"4477009003{k}" for k in range(11, 17))

WELCOME = "Welcome to Acme Shop."
MENU = "For sales, press 1 or say sales. For your order, press 2 or say order. For the operator, press 0."
SORRY = "Sorry, that was not understood."
CONNECTED = "You will be connected."
NOBODY_FREE = "Nobody is free. Please leave a message after the tone, and press the hash key."
WHICH_ORDER = "Please key in or say the number of your order."
READY = "Order A1, a lamp, is ready."

HEARD = {
    ANNA: [WELCOME, MENU, "[1]", CONNECTED],
    BEN: [
        *(WELCOME, MENU, "Sales", CONNECTED, NOBODY_FREE, "(beep)"),
        *("Please call me back about the lamp", "[#]", "Thank you."),
    ],
    CLARA: [
        *(WELCOME, MENU, "[7]", SORRY, MENU, "[2]", WHICH_ORDER, "number 99", SORRY),
        *(WHICH_ORDER, "it is 1", READY, "Goodbye."),
    ],
    DORA: [WELCOME, MENU, "[2]", WHICH_ORDER, "[1#]", READY, "Goodbye."],
    EMIL: [WELCOME, MENU, MENU, MENU, "Goodbye."],
    FRED: [WELCOME, MENU, "[0]", "Please hold for the operator."],
}


async def test_whoever_calls_is_served(live: Live, tmp_path: Path) -> None:
    """The scenario is met, each has heard what belongs to what they did, and the one who left a message is kept."""
    async with open_site(live, tmp_path, CALLS) as site:
        await site.post("/orders", 201, phone=ANNA, item="a lamp")
        await site.world.advance("20m")

        verdicts = await site.world.control("GET", "expectations?final=true")
        assert [each["state"] for each in verdicts["items"]] == ["met"] * len(CALLS["expect"])
        assert (verdicts["strict"], verdicts["problems"]) == ([], [])
        assert {phone: await site.transcript(phone) for phone in HEARD} == HEARD
        (message,) = await site.get("/voicemails")
        assert await site.get("/calls") == [["ringing", "started", "answered", "completed"]] * 7
        (recorded,) = await site.world.items("webhooks", kind="record")

    assert message["phone"] == BEN
    assert (tmp_path / message["file"]).stat().st_size == recorded["facts"]["size"] > 0


async def begin(site: Site, phone: str = ALICE) -> None:
    """Call the shop, and listen to the first words."""
    await site.act(phone, "call", to=OWNED)
    await site.world.advance("3s")


async def test_the_menu_is_interrupted_three_times(site: Site) -> None:
    """A key that means nothing leads back to the menu, but not for ever."""
    await begin(site)
    for _ in range(3):
        await site.act(ALICE, "press", digits="5")
        await site.world.advance("4s")
    await site.world.advance("1m")

    assert await site.transcript(ALICE) == [WELCOME, *[MENU, "[5]", SORRY] * 3, "Goodbye."]
    assert await site.get("/calls") == [["ringing", "started", "answered", "completed"]]


async def test_sales_are_reached_by_hand(site: Site) -> None:
    """They hang up, and the call is over."""
    await site.world.control("PUT", f"handsets/{SALES}", {"answers": "by_hand"})
    await begin(site)
    await site.act(ALICE, "press", digits="1")
    await site.world.advance("4s")
    await site.act(SALES, "answer")
    await site.act(SALES, "say", text="Sales, hello")
    await site.world.advance("30s")
    await site.act(SALES, "hangup")
    await site.world.advance("5s")

    inbound, outbound = await site.world.items("calls")
    assert (inbound["from"], inbound["status"]) == (ALICE, "completed")
    assert (outbound["to"], outbound["from"], outbound["status"]) == (SALES, OWNED, "completed")
    assert inbound["conversation_uuid"] == outbound["conversation_uuid"]
    assert await site.get("/voicemails") == []


@pytest.mark.parametrize("manner", ["busy", "rejects", "no-answer", "unreachable"])
async def test_whoever_cannot_reach_sales_leaves_a_message(site: Site, manner: str) -> None:
    """Whatever the reason is; three seconds of silence are the end of the message."""
    await site.world.control("PUT", f"handsets/{SALES}", {"like": manner})
    await begin(site)
    await site.act(ALICE, "say", text="Sales")
    await site.world.advance("2m")

    said = [WELCOME, MENU, "Sales", CONNECTED, NOBODY_FREE, "(beep)", "Thank you."]
    assert await site.transcript(ALICE) == said
    (message,) = await site.get("/voicemails")
    assert message["phone"] == ALICE
    assert (site.voicemails / message["file"]).read_bytes()[:4] == b"RIFF"


async def test_a_customer_is_called_back(site: Site) -> None:
    """The shop calls, and the menu is the same; a message that is left then is theirs."""
    await site.world.control("PUT", f"handsets/{SALES}", {"like": "busy"})
    await site.world.control("PUT", f"handsets/{ALICE}", {"answers": "by_hand"})
    await site.post(f"/customers/{ALICE}/call", 202)
    await site.world.advance("2s")
    await site.act(ALICE, "answer")
    await site.world.advance("3s")
    await site.act(ALICE, "press", digits="1")
    await site.world.advance("1m")

    assert await site.transcript(ALICE) == [WELCOME, MENU, "[1]", CONNECTED, NOBODY_FREE, "(beep)", "Thank you."]
    assert [each["phone"] for each in await site.get("/voicemails")] == [ALICE]
    assert await site.get("/calls") == [["started", "ringing", "answered", "completed"]]


async def test_those_who_hold_are_let_go_when_the_operator_leaves(site: Site) -> None:
    """All of them wait in one room."""
    others = (ALICE, "447700900102")
    for phone in others:
        await begin(site, phone)
        await site.act(phone, "press", digits="0")
    await site.world.advance("1m")
    waiting = [each["status"] for each in await site.world.items("calls")]
    await begin(site, OPERATOR)
    await site.act(OPERATOR, "hangup")
    await site.world.advance("1s")

    calls = await site.world.items("calls")
    assert waiting == ["answered"] * 2
    assert [(each["from"], each["status"]) for each in calls] == [(each, "completed") for each in (*others, OPERATOR)]
    assert len({each["conversation_uuid"] for each in calls}) == 1


async def test_a_stranger_is_not_answered(site: Site) -> None:
    """Nobody but the service can sign its webhooks."""
    call = {"from": ALICE, "to": OWNED, "uuid": "u", "dtmf": {"digits": "1"}, "speech": {}}
    forged = {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.9Xw6bAyWFjlbtiiE2q5k6OkWcSRyJYRRgGdpCUQhaVY"}
    for headers in ({}, {"Authorization": "Bearer nonsense"}, forged):
        asked = [
            await site.client.get("/answer", params={"from": ALICE}, headers=headers),
            await site.client.post("/menu?tried=1", json=call, headers=headers),
            await site.client.post("/dlr", json={"client-ref": "A1", "status": "delivered"}, headers=headers),
        ]
        assert [each.status_code for each in asked] == [401] * 3
