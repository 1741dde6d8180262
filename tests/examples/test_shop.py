"""The example shop at work: its own process, the official library, a real server over https, and simulated people."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.live import PATIENCE_S, ROOT, FarWorld, Live, clean_environment, open_live, open_world, sdk_python

pytestmark = pytest.mark.sdk

ALICE = "447700900101"
OWNED = "447700900000"


class Site:
    """The shop as its customers see it, and the world that it lives in."""

    def __init__(self, client: httpx.AsyncClient, world: FarWorld, url: str) -> None:
        self.client = client
        self.world = world
        self.url = url

    async def post(self, path: str, status: int, **form: str) -> Any:
        """Send a form of the shop."""
        answer = await self.client.post(path, data=form)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str) -> Any:
        """Look something up."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def state(self, phone: str = ALICE) -> str:
        """How far a customer got."""
        return str((await self.get(f"/customers/{phone}"))["state"])

    async def types(self, *steps: tuple[str, str], phone: str = ALICE) -> None:
        """Let a person type codes into the shop's own form: which one, and how long after the step before."""
        on_code = [{"submit": {**self.form(which)}, "after": after} for which, after in steps]
        await self.world.control("PUT", f"handsets/{phone}", {"on_code": on_code})

    def form(self, which: str) -> dict[str, Any]:
        """The shop's own form."""
        return {"url": f"{self.url}/sign-up/code", "form": {"phone": "{number}", "code": which}}

    async def submitted(self) -> list[tuple[str, int]]:
        """The codes that people typed, by what was right then, each with what the shop answered."""
        (verification,) = await self.world.items("verifications")
        found = await self.world.items("webhooks", kind="submit")
        assert {each["about"] for each in found} <= {verification["request_id"]}
        return [(each["facts"]["code"], each["attempts"][0]["status"]) for each in found]

    async def verification(self) -> dict[str, Any]:
        """The one verification of the world."""
        (found,) = await self.world.items("verifications")
        return found


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server; without the library and what the shop runs on, the tests are skipped."""
    command = [str(sdk_python("vonage")), "-c", "import starlette, uvicorn"]
    if subprocess.run(command, env=clean_environment(), capture_output=True).returncode:
        pytest.skip("starlette and uvicorn are not beside the library: 'make .sdk/vonage/.set-up' installs them")
    with open_live(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@asynccontextmanager
async def running(environment: dict[str, str], listener: socket.socket) -> AsyncIterator[None]:
    """The shop's process; its socket listens already, so whoever calls waits until it is open."""
    process = await asyncio.create_subprocess_exec(
        *(sdk_python("vonage"), "-m", "uvicorn", "--app-dir", ROOT / "examples" / "shop", "shop:app"),
        *("--fd", str(listener.fileno()), "--log-level", "warning"),
        env=clean_environment(**environment),
        pass_fds=(listener.fileno(),),
    )
    try:
        yield
    finally:
        process.terminate()
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()


@pytest.fixture
async def site(live: Live, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """The shop in a world of its own; webhooks lead to it."""
    name = f"shop-{request.node.name}"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with open_world(live.http, name) as world:
            environment = {
                "VONAGE_API_KEY": world.key,
                "VONAGE_API_SECRET": world.secret,
                "HTTPS_PROXY": live.http,
                "REQUESTS_CA_BUNDLE": live.ca_file,
                "SHOP_NUMBER": OWNED,
                "SHOP_URL": url,
            }
            await world.account(webhooks={"inbound_sms": f"{url}/webhooks/inbound"})
            async with (
                running(environment, listener),
                httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_S) as client,
            ):
                yield Site(client, world, url)


# Signing up.


async def test_a_customer_who_gets_it_right_the_second_time(site: Site) -> None:
    """A wrong code first, the right one ten seconds later."""
    await site.types(("{wrong_code}", "1s"), ("{code}", "10s"))

    await site.post("/sign-up", 201, phone=ALICE)
    begun = await site.state()
    await site.world.advance("30s")

    verification = await site.verification()
    assert (begun, await site.state(), verification["phase"]) == ("pending", "verified", "SUCCESS")
    (_, wrong), (right, accepted) = await site.submitted()
    assert (wrong, accepted, right) == (422, 200, verification["code"])


async def test_a_customer_who_never_gets_it_right(site: Site) -> None:
    """Three wrong codes are the end; a fourth finds nothing any more."""
    await site.types(*[("{wrong_code}", "5s")] * 4)

    await site.post("/sign-up", 201, phone=ALICE)
    await site.world.advance("1m")

    assert (await site.state(), (await site.verification())["phase"]) == ("failed", "FAILED")
    assert [status for _, status in await site.submitted()] == [422, 422, 422, 410]


async def test_a_customer_who_is_too_late(site: Site) -> None:
    """The code is typed one second after it expired; by then the next one is on its way, and expires in its turn."""
    late = "447700900013"
    await site.world.control("PATCH", "settings", {"code_form": site.form("{code}")})

    await site.post("/sign-up", 201, phone=late)
    await site.world.advance("15m")

    assert (await site.state(late), (await site.verification())["phase"]) == ("pending", "EXPIRED")
    assert [status for _, status in await site.submitted()] == [422, 410]


async def test_a_customer_of_the_stock_who_types_wrong_codes(site: Site) -> None:
    """One for each code, into the form that the world names."""
    wrong = "447700900012"
    await site.world.control("PATCH", "settings", {"code_form": site.form("{code}")})

    await site.post("/sign-up", 201, phone=wrong)
    await site.world.advance("15m")

    assert (await site.state(wrong), (await site.verification())["phase"]) == ("pending", "EXPIRED")
    assert [status for _, status in await site.submitted()] == [422, 422]


async def test_a_customer_who_wants_the_code_again(site: Site) -> None:
    """It is spoken then; the same code, typed by hand."""
    await site.post("/sign-up", 201, phone=ALICE)
    sent = await site.world.control("GET", f"handsets/{ALICE}/code?wait=5s")

    await site.post("/sign-up/again", 202, phone=ALICE)
    await site.world.advance("10s")
    spoken = await site.world.control("GET", f"handsets/{ALICE}/code")
    (call,) = await site.world.items("calls")
    await site.post("/sign-up/code", 422, phone=ALICE, code="0000" if sent["code"] != "0000" else "1111")
    await site.post("/sign-up/code", 200, phone=ALICE, code=spoken["code"])

    assert spoken == sent
    assert [line["digits"] for line in call["transcript"]] == [sent["code"]]
    assert await site.state() == "verified"


async def test_a_customer_who_gives_up(site: Site) -> None:
    """Not in the first thirty seconds."""
    await site.post("/sign-up", 201, phone=ALICE)
    again = await site.post("/sign-up", 409, phone=ALICE)

    await site.post("/sign-up/cancel", 409, phone=ALICE)
    await site.world.advance("31s")
    await site.post("/sign-up/cancel", 200, phone=ALICE)

    assert again == {"error": "We cannot send you a code now.", "reason": "10"}
    assert (await site.state(), (await site.verification())["phase"]) == ("cancelled", "CANCELLED")


# Ordering.


async def test_an_order_is_confirmed_and_its_receipt_kept(site: Site) -> None:
    """Delivered after a second; a phone that is off later, and one that cannot be reached never."""
    for phone in (ALICE, "447700900006"):
        order = await site.post("/orders", 201, phone=phone, item="a lamp")
        await site.world.advance("5s")
        (message,) = await site.world.items("messages", to=phone)
        assert message["text"] == f"Order {order['number']}: a lamp is on its way to you."
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
        "Order A2: a lamp is on its way to you.",
        "Acme Shop: we confirm your orders here. Write STOP to end that, START to begin again.",
    ]


async def test_a_stock_character_opts_out_by_itself(site: Site) -> None:
    """After the first message; the second is not sent."""
    phone = "447700900014"
    await site.post("/orders", 201, phone=phone, item="a lamp")
    await site.world.advance("5s")

    second = await site.post("/orders", 201, phone=phone, item="a chair")

    assert (second["attempts"], len(await site.world.items("messages", direction="outbound"))) == (0, 1)
