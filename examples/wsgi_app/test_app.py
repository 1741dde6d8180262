"""The app in a world of fake-nexmo: its own process, no server, no wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from app import RECEIPTS, Parcels

pytestmark = pytest.mark.usefixtures("nexmo_env")


@pytest.fixture
def site(nexmo: Any) -> Iterator[httpx.Client]:
    """The app as its users see it; the service calls it back."""
    parcels = Parcels()
    nexmo.mount("https://shop.test", parcels)
    nexmo.account(webhooks={"signed": True})
    with httpx.Client(transport=httpx.WSGITransport(app=parcels), base_url="https://shop.test") as client:
        yield client


def announce(site: httpx.Client, phone: str = "447700900001") -> httpx.Response:
    """Have a parcel announced."""
    return site.post("/parcels", data={"phone": phone})


def test_an_announcement_arrives(nexmo: Any, site: httpx.Client) -> None:
    """One second after it was sent."""
    made = announce(site)
    assert (made.status_code, made.json()["state"]) == (201, "sent")

    nexmo.clock.advance("1s")
    assert site.get("/parcels").json() == {made.json()["id"]: "delivered"}
    nexmo.expect.message(to="447700900001", text="Your parcel is here.").once()


def test_a_phone_that_cannot_be_reached(nexmo: Any, site: httpx.Client) -> None:
    """The person behind 06."""
    announce(site, "447700900006")
    nexmo.clock.advance("1m")

    assert list(site.get("/parcels").json().values()) == ["failed"]


def test_a_number_that_is_barred(site: httpx.Client) -> None:
    """The person behind 10."""
    refused = announce(site, "447700900010")

    assert (refused.status_code, site.get("/parcels").json()) == (502, {})


def test_the_receipt_comes_first(nexmo: Any, site: httpx.Client) -> None:
    """Before the answer that names the message."""
    nexmo.fault("webhook.receipt", deliver="before_response")

    assert announce(site).json()["state"] == "delivered"


def test_a_stranger_calls(site: httpx.Client) -> None:
    """Nobody else can sign a receipt."""
    made = announce(site).json()
    forged = site.get(RECEIPTS, params={"messageId": made["id"], "status": "failed"})

    assert (forged.status_code, site.get("/parcels").json()) == (401, {made["id"]: "sent"})
