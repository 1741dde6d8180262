"""The app in a world of fake-nexmo; people type codes into it by themselves."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from app import make_app

ALICE = "447700900201"

pytestmark = pytest.mark.usefixtures("nexmo_env")


@pytest.fixture
def site(nexmo: Any) -> httpx.AsyncClient:
    """The app as its users see it, and as the emulated people do."""
    app = make_app()
    nexmo.mount("https://shop.test", app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://shop.test")


async def begin(site: httpx.AsyncClient) -> None:
    """Have a code sent."""
    assert (await site.post("/login", data={"phone": ALICE})).status_code == 202


async def hand_in(site: httpx.AsyncClient, code: str) -> int:
    """Type a code."""
    return (await site.post("/login/code", data={"phone": ALICE, "code": code})).status_code


async def test_the_right_code(nexmo: Any, site: httpx.AsyncClient) -> None:
    """It is read off the phone."""
    await begin(site)

    assert await hand_in(site, nexmo.code(to=ALICE)) == 200


async def test_wrong_codes(nexmo: Any, site: httpx.AsyncClient) -> None:
    """The third one ends it, even for the right one after."""
    nexmo.handset(ALICE).behaves(code="4711")
    await begin(site)

    assert [await hand_in(site, code) for code in ("1111", "2222", "3333", "4711")] == [422, 422, 410, 410]


async def test_a_code_that_is_too_old(nexmo: Any, site: httpx.AsyncClient) -> None:
    """A quarter of an hour passes at once."""
    await begin(site)
    code = nexmo.code(to=ALICE)
    nexmo.clock.advance("15m")

    assert await hand_in(site, code) == 410


async def test_a_second_login_while_one_runs(site: httpx.AsyncClient) -> None:
    """The service verifies a number once at a time."""
    await begin(site)

    assert (await site.post("/login", data={"phone": ALICE})).status_code == 409


async def test_alice_types_it_herself(nexmo: Any, site: httpx.AsyncClient) -> None:
    """First a wrong one, ten seconds later the right one."""
    form = {"url": "https://shop.test/login/code", "form": {"phone": "{number}", "code": "{code}"}}
    wrong = {**form, "form": {"phone": "{number}", "code": "{wrong_code}"}}
    nexmo.handset(ALICE).behaves(on_code=[{"submit": wrong}, {"submit": form, "after": "10s"}])
    await begin(site)
    nexmo.clock.advance("1m")

    assert [each.attempts[0]["status"] for each in nexmo.webhooks(kind="submit")] == [422, 200]
    assert nexmo.verification(number=ALICE).phase == "SUCCESS"
