"""The app in a world of fake-nexmo: its own process, no server, no wait."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from app import NUMBER, SITE, create_app

ALICE, UNREACHABLE, BARRED = "447700900201", "447700900006", "447700900010"

pytestmark = pytest.mark.usefixtures("nexmo_env")


@pytest.fixture
def site(nexmo: Any) -> httpx.AsyncClient:
    """The app as its users see it; the service calls it back."""
    app = create_app()
    nexmo.mount(SITE, app)
    nexmo.account(webhooks={"inbound_sms": f"{SITE}/inbound", "signed": True})
    nexmo.application(voice={"answer_url": f"{SITE}/answer", "event_url": f"{SITE}/event"})
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE)


async def announce(site: httpx.AsyncClient, phone: str = ALICE) -> str:
    """Have a parcel announced; its number."""
    made = await site.post("/parcels", data={"phone": phone})
    assert made.status_code == 201, made.text
    number: str = made.json()
    return number


async def news(site: httpx.AsyncClient, number: str) -> str:
    """What became of the SMS about a parcel."""
    said: str = (await site.get(f"/parcels/{number}")).json()["news"]
    return said


async def hand_in(site: httpx.AsyncClient, code: str) -> int:
    """Type a code."""
    return (await site.post("/login/code", data={"phone": ALICE, "code": code})).status_code


async def test_a_login(nexmo: Any, site: httpx.AsyncClient) -> None:
    """A wrong code, then the right one, which is read off the phone."""
    nexmo.handset(ALICE).behaves(code="4711")
    assert (await site.post("/login", data={"phone": ALICE})).status_code == 202

    assert [await hand_in(site, code) for code in ("1111", nexmo.code(to=ALICE))] == [422, 200]


async def test_a_login_that_comes_too_late(nexmo: Any, site: httpx.AsyncClient) -> None:
    """A quarter of an hour passes at once; before, the service verifies a number once at a time."""
    begun = [(await site.post("/login", data={"phone": ALICE})).status_code for _ in range(2)]
    code = nexmo.code(to=ALICE)
    nexmo.clock.advance("15m")

    assert (begun, await hand_in(site, code)) == ([202, 409], 410)


async def test_a_parcel_is_announced(nexmo: Any, site: httpx.AsyncClient) -> None:
    """Delivered one second after; somebody who cannot be reached is not told."""
    numbers = [await announce(site), await announce(site, UNREACHABLE)]
    nexmo.clock.advance("1m")

    assert [await news(site, each) for each in numbers] == ["delivered", "failed"]
    nexmo.expect.message(to=ALICE, text="Your parcel P1 is here.").once()


async def test_a_number_that_is_barred(site: httpx.AsyncClient) -> None:
    """The service says why."""
    refused = await site.post("/parcels", data={"phone": BARRED})

    assert (refused.status_code, refused.json()) == (502, {"detail": "Number barred."})


async def test_the_receipt_comes_first(nexmo: Any, site: httpx.AsyncClient) -> None:
    """Before the answer that names the message."""
    nexmo.fault("webhook.receipt", deliver="before_response")

    assert await news(site, await announce(site)) == "delivered"


async def test_stop(nexmo: Any, site: httpx.AsyncClient) -> None:
    """Whoever writes it gets no SMS any more."""
    await announce(site)
    nexmo.handset(ALICE).texts(NUMBER, "Stop it, please")
    await announce(site)

    nexmo.expect.message(to=ALICE).once()


async def test_a_caller_hears_where_the_parcel_is(nexmo: Any, site: httpx.AsyncClient) -> None:
    """After a key that means nothing the menu comes again."""
    alice = nexmo.handset(ALICE)
    await announce(site)
    alice.calls(NUMBER)
    nexmo.clock.advance("5s")
    alice.presses("7")
    nexmo.clock.advance("5s")
    alice.presses("1")
    nexmo.clock.advance("1m")

    call = nexmo.call(from_=ALICE)
    menu = "Welcome to Acme. Press 1 to hear where your parcel is."
    assert [line["text"] for line in call.transcript if line["text"]] == [menu, menu, "Your parcel P1 is ready."]
    assert call.status == "completed"


async def test_a_stranger_calls_back(site: httpx.AsyncClient) -> None:
    """Nobody else can sign."""
    number = await announce(site)
    forged = [
        await site.get("/receipts", params={"client-ref": number, "status": "failed"}),
        await site.get("/inbound", params={"msisdn": ALICE, "keyword": "STOP"}),
        await site.get("/answer"),
        await site.post("/event", json={"dtmf": {"digits": "1"}, "from": ALICE}),
    ]

    assert [each.status_code for each in forged] == [401] * 4
    assert await news(site, number) == "untold"


async def test_alice_types_it_herself(nexmo: Any, site: httpx.AsyncClient) -> None:
    """First a wrong code, ten seconds later the right one, into the app's own form."""
    form = {"url": f"{SITE}/login/code", "form": {"phone": "{number}", "code": "{code}"}}
    wrong = {**form, "form": {"phone": "{number}", "code": "{wrong_code}"}}
    nexmo.handset(ALICE).behaves(on_code=[{"submit": wrong}, {"submit": form, "after": "10s"}])
    await site.post("/login", data={"phone": ALICE})
    nexmo.clock.advance("1m")

    assert [each.attempts[0]["status"] for each in nexmo.webhooks(kind="submit")] == [422, 200]
    assert nexmo.verification(number=ALICE).phase == "SUCCESS"
