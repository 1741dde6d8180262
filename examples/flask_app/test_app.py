"""The app in a world of fake-nexmo: its own process, no server, no wait."""

from __future__ import annotations

from typing import Any

import pytest
from app import NUMBER, SITE, create_app
from flask.testing import FlaskClient

ALICE, UNREACHABLE, BARRED = "447700900201", "447700900006", "447700900010"

pytestmark = pytest.mark.usefixtures("nexmo_env")


@pytest.fixture
def site(nexmo: Any) -> FlaskClient:
    """The app as its users see it; the service calls it back."""
    app = create_app()
    nexmo.mount(SITE, app)
    nexmo.account(webhooks={"inbound_sms": f"{SITE}/inbound", "signed": True})
    nexmo.application(voice={"answer_url": f"{SITE}/answer", "event_url": f"{SITE}/event"})
    return app.test_client()


def announce(site: FlaskClient, phone: str = ALICE) -> str:
    """Have a parcel announced; its number."""
    made = site.post("/parcels", data={"phone": phone})
    assert made.status_code == 201, made.text
    number: str = made.json["number"]
    return number


def hand_in(site: FlaskClient, code: str) -> int:
    """Type a code."""
    return site.post("/login/code", data={"phone": ALICE, "code": code}).status_code


def test_a_login(nexmo: Any, site: FlaskClient) -> None:
    """A wrong code, then the right one, which is read off the phone."""
    nexmo.handset(ALICE).behaves(code="4711")
    assert site.post("/login", data={"phone": ALICE}).status_code == 202

    assert [hand_in(site, code) for code in ("1111", nexmo.code(to=ALICE))] == [422, 200]


def test_a_login_that_comes_too_late(nexmo: Any, site: FlaskClient) -> None:
    """A quarter of an hour passes at once; before, the service verifies a number once at a time."""
    begun = [site.post("/login", data={"phone": ALICE}).status_code for _ in range(2)]
    code = nexmo.code(to=ALICE)
    nexmo.clock.advance("15m")

    assert (begun, hand_in(site, code)) == ([202, 409], 410)


def test_a_parcel_is_announced(nexmo: Any, site: FlaskClient) -> None:
    """Delivered one second after; somebody who cannot be reached is not told."""
    numbers = [announce(site), announce(site, UNREACHABLE)]
    nexmo.clock.advance("1m")

    assert [site.get(f"/parcels/{each}").json["news"] for each in numbers] == ["delivered", "failed"]
    nexmo.expect.message(to=ALICE, text="Your parcel P1 is here.").once()


def test_a_number_that_is_barred(site: FlaskClient) -> None:
    """The service says why."""
    refused = site.post("/parcels", data={"phone": BARRED})

    assert (refused.status_code, refused.json) == (502, {"error": "Number barred."})


def test_the_receipt_comes_first(nexmo: Any, site: FlaskClient) -> None:
    """Before the answer that names the message."""
    nexmo.fault("webhook.receipt", deliver="before_response")

    assert site.get(f"/parcels/{announce(site)}").json["news"] == "delivered"


def test_stop(nexmo: Any, site: FlaskClient) -> None:
    """Whoever writes it gets no SMS any more."""
    announce(site)
    nexmo.handset(ALICE).texts(NUMBER, "Stop it, please")
    announce(site)

    nexmo.expect.message(to=ALICE).once()


def test_a_caller_hears_where_the_parcel_is(nexmo: Any, site: FlaskClient) -> None:
    """After a key that means nothing the menu comes again."""
    alice = nexmo.handset(ALICE)
    announce(site)
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


def test_a_stranger_calls_back(site: FlaskClient) -> None:
    """Nobody else can sign."""
    number = announce(site)
    forged = [
        site.get("/receipts", query_string={"client-ref": number, "status": "failed"}),
        site.get("/inbound", query_string={"msisdn": ALICE, "keyword": "STOP"}),
        site.get("/answer"),
        site.post("/event", json={"dtmf": {"digits": "1"}, "from": ALICE}),
    ]

    assert [each.status_code for each in forged] == [401] * 4
    assert site.get(f"/parcels/{number}").json["news"] == "untold"
