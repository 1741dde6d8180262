"""The example shop at work: its own process, the official library, a real server over https, and simulated people."""

from __future__ import annotations

import pytest

from tests.examples.shopfront import ALICE, OWNED, Site

pytestmark = pytest.mark.sdk


# Logging in.


async def test_a_customer_who_gets_it_right_the_second_time(site: Site) -> None:
    """A wrong code first, the right one ten seconds later."""
    await site.types(("{wrong_code}", "1s"), ("{code}", "10s"))

    await site.post("/login", 201, phone=ALICE)
    begun = await site.state()
    await site.world.advance("30s")

    verification = await site.verification()
    assert (begun, await site.state(), verification["phase"]) == ("pending", "verified", "SUCCESS")
    (_, wrong), (right, accepted) = await site.submitted()
    assert (wrong, accepted, right) == (422, 200, verification["code"])


async def test_a_customer_who_never_gets_it_right(site: Site) -> None:
    """Three wrong codes are the end; a fourth finds nothing any more."""
    await site.types(*[("{wrong_code}", "5s")] * 4)

    await site.post("/login", 201, phone=ALICE)
    await site.world.advance("1m")

    assert (await site.state(), (await site.verification())["phase"]) == ("failed", "FAILED")
    assert [status for _, status in await site.submitted()] == [422, 422, 422, 410]


async def test_a_customer_who_is_too_late(site: Site) -> None:
    """The code is typed one second after it expired; by then the next one is on its way, and expires in its turn."""
    late = "447700900013"
    await site.world.control("PATCH", "settings", {"code_form": site.form("{code}")})

    await site.post("/login", 201, phone=late)
    await site.world.advance("15m")

    assert (await site.state(late), (await site.verification())["phase"]) == ("pending", "EXPIRED")
    assert [status for _, status in await site.submitted()] == [422, 410]


async def test_a_customer_of_the_stock_who_types_wrong_codes(site: Site) -> None:
    """One for each code, into the form that the world names."""
    wrong = "447700900012"
    await site.world.control("PATCH", "settings", {"code_form": site.form("{code}")})

    await site.post("/login", 201, phone=wrong)
    await site.world.advance("15m")

    assert (await site.state(wrong), (await site.verification())["phase"]) == ("pending", "EXPIRED")
    assert [status for _, status in await site.submitted()] == [422, 422]


async def test_a_customer_who_wants_the_code_again(site: Site) -> None:
    """It is spoken then; the same code, typed by hand."""
    await site.post("/login", 201, phone=ALICE)
    sent = await site.world.control("GET", f"handsets/{ALICE}/code?wait=5s")

    await site.post("/login/again", 202, phone=ALICE)
    await site.world.advance("10s")
    spoken = await site.world.control("GET", f"handsets/{ALICE}/code")
    (call,) = await site.world.items("calls")
    await site.post("/login/otp", 422, phone=ALICE, code="0000" if sent["code"] != "0000" else "1111")
    await site.post("/login/otp", 200, phone=ALICE, code=spoken["code"])

    assert spoken == sent
    assert [line["digits"] for line in call["transcript"]] == [sent["code"]]
    assert await site.state() == "verified"


async def test_a_customer_who_gives_up(site: Site) -> None:
    """Not in the first thirty seconds."""
    await site.post("/login", 201, phone=ALICE)
    again = await site.post("/login", 409, phone=ALICE)

    await site.post("/login/cancel", 409, phone=ALICE)
    await site.world.advance("31s")
    await site.post("/login/cancel", 200, phone=ALICE)

    assert again == {"error": "We cannot send you a code now.", "reason": "10"}
    assert (await site.state(), (await site.verification())["phase"]) == ("cancelled", "CANCELLED")


# Ordering.


async def test_an_order_is_confirmed_and_its_receipt_kept(site: Site) -> None:
    """Delivered after a second; a phone that is off later, and one that cannot be reached never."""
    for phone in (ALICE, "447700900006"):
        order = await site.post("/orders", 201, phone=phone, item="a lamp")
        await site.world.advance("5s")
        (message,) = await site.world.items("messages", to=phone)
        said = f"Order {order['number']}: a lamp is ready; your code: {order['code']}. Our offer of the week: socks."
        assert message["text"] == said
        assert (message["id"], message["from"]) == (order["message_id"], OWNED)

    assert (await site.get("/orders/A1"))["receipts"] == ["delivered"]
    assert (await site.get("/orders/A2"))["receipts"] == ["failed"]
    assert [each["state"] for each in await site.world.items("webhooks", kind="receipt")] == ["delivered"] * 2


async def test_a_service_that_is_throttled_for_a_while(site: Site) -> None:
    """The shop tries again, more slowly, until it is done; beyond its patience the order has no confirmation."""
    await site.world.control(
        "POST", "faults", {"name": "rush", "target": "sms.send", "calls": "1..2", "answer": "throttled"}
    )
    one = await site.post("/orders", 201, phone=ALICE, item="a lamp")
    await site.world.control("POST", "faults", {"name": "rush", "target": "sms.send", "answer": "throttled"})
    two = await site.post("/orders", 201, phone=ALICE, item="a chair")

    assert (one["attempts"], "error" in one) == (3, False)
    assert (two["attempts"], two["message_id"]) == (5, "")
    assert two["error"].startswith("Sms.send_message method failed with error code 1: Throughput Rate Exceeded")
    assert [each["text"][:9] for each in await site.world.items("messages")] == ["Order A1:"]
    assert len(await site.world.items("requests", operation="sms.send", fault="rush")) == 7


# What customers write.


async def test_a_customer_who_wants_no_more(site: Site) -> None:
    """STOP ends it, START begins it again, and HELP is answered."""
    for text in ("Stop!", "STOP"):
        await site.world.control("POST", f"handsets/{ALICE}/sms", {"to": OWNED, "text": text})
    silent = await site.post("/orders", 201, phone=ALICE, item="a lamp")
    await site.world.control("POST", f"handsets/{ALICE}/sms", {"to": OWNED, "text": "start again please"})
    spoken = await site.post("/orders", 201, phone=ALICE, item="a lamp")
    await site.world.control("POST", f"handsets/{ALICE}/sms", {"to": OWNED, "text": "Help"})

    assert (silent["attempts"], spoken["attempts"]) == (0, 1)
    assert (await site.get(f"/customers/{ALICE}"))["wrote"] == ["Stop!", "STOP", "start again please", "Help"]
    texts = [each["text"] for each in await site.world.items("messages", direction="outbound")]
    assert texts == [
        f"Order A2: a lamp is ready; your code: {spoken['code']}. Our offer of the week: socks.",
        "Acme Shop: we confirm your orders here. Write STOP to end that, START to begin again.",
    ]


async def test_a_stock_character_opts_out_by_itself(site: Site) -> None:
    """After the first message; the second is not sent."""
    phone = "447700900014"
    await site.post("/orders", 201, phone=phone, item="a lamp")
    await site.world.advance("5s")

    second = await site.post("/orders", 201, phone=phone, item="a chair")

    assert (second["attempts"], len(await site.world.items("messages", direction="outbound"))) == (0, 1)
