"""The example shop in a process of its own, in a world of its own, and as its customers see it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.live import NOON, PATIENCE_S, ROOT, FarWorld, Live, clean_environment, open_client, sdk_python

SHOP = ROOT / "examples" / "shop"
ALICE, OWNED = "447700900101", "447700900000"
SALES, OPERATOR = "447700900301", "447700900302"
SIGNATURE = {"method": "sha256"}


class Site:
    """The shop as its customers see it, and the world that it lives in.

    Attributes:
        voicemails: the folder that it keeps them in.
    """

    def __init__(self, client: httpx.AsyncClient, world: FarWorld, url: str, voicemails: Path) -> None:
        self.client = client
        self.world = world
        self.url = url
        self.voicemails = voicemails

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
        return {"url": f"{self.url}/login/otp", "form": {"phone": "{number}", "code": which}}

    async def submitted(self) -> list[tuple[str, int]]:
        """The codes that people typed, by what was right then, each with what the shop answered."""
        verification = await self.verification()
        found = await self.world.items("webhooks", kind="submit")
        assert {each["about"] for each in found} <= {verification["request_id"]}
        return [(each["facts"]["code"], each["attempts"][0]["status"]) for each in found]

    async def verification(self) -> dict[str, Any]:
        """The one verification of the world."""
        (found,) = await self.world.items("verifications")
        return found

    async def act(self, phone: str, act: str, **words: Any) -> Any:
        """Have a person do something."""
        return await self.world.control("POST", f"handsets/{phone}/{act}", words)

    async def transcript(self, phone: str) -> list[str]:
        """What was said in the newest call of somebody, the keys that were pressed in brackets."""
        calls = await self.world.items("calls")
        newest = next(each for each in reversed(calls) if phone in (each["from"], each["to"]))
        return [f"[{line['digits']}]" if "digits" in line else line["text"] for line in newest["transcript"]]


def environment(live: Live, made: Mapping[str, Any], url: str) -> dict[str, str]:
    """What the shop must know of a world, and of where it is itself."""
    account, application = made["accounts"][0], made["applications"][0]
    return {
        "VONAGE_API_KEY": account["api_key"],
        "VONAGE_API_SECRET": account["api_secret"],
        "VONAGE_SIGNATURE_SECRET": account["signature_secret"],
        "VONAGE_APPLICATION_ID": application["id"],
        "VONAGE_PRIVATE_KEY": application["private_key"],
        "HTTPS_PROXY": live.http,
        "NO_PROXY": "127.0.0.1",
        "REQUESTS_CA_BUNDLE": live.ca_file,
        "SHOP_URL": url,
    }


@asynccontextmanager
async def running(variables: Mapping[str, str], listener: socket.socket) -> AsyncIterator[None]:
    """The shop's process; its socket listens already, so whoever calls waits until it is open."""
    process = await asyncio.create_subprocess_exec(
        *(sdk_python("vonage"), "-m", "uvicorn", "--app-dir", SHOP, "shop:app"),
        *("--fd", str(listener.fileno()), "--log-level", "warning"),
        env=clean_environment(**variables),
        pass_fds=(listener.fileno(),),
    )
    try:
        yield
    finally:
        process.terminate()
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()


@asynccontextmanager
async def open_site(live: Live, voicemails: Path, scenario: Any = None) -> AsyncIterator[Site]:
    """The shop in a fresh world, whose webhooks lead to it.

    The world is that of a scenario in which the shop is called ``{app}``; else the one that a server starts with.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        plain = {"seed": 42, "clock": {"mode": "manual", "start": NOON}}
        wanted = plain if scenario is None else {"scenario": scenario, "vars": {"app": url}}
        async with open_client(live.http) as control:
            answer = await control.post("/_fake/worlds", json=wanted)
            assert answer.status_code == 201, answer.text
            made, world = answer.json(), FarWorld(control, answer.json())
            if scenario is None:
                await world.account(signature=SIGNATURE, webhooks={"inbound_sms": f"{url}/in", "signed": True})
                voice = {"answer_url": f"{url}/answer", "event_url": f"{url}/event"}
                await world.control("PATCH", f"applications/{made['applications'][0]['id']}", {"voice": voice})
            variables = {
                **environment(live, made, url),
                "SHOP_NUMBER": OWNED,
                "SHOP_SALES": SALES,
                "SHOP_OPERATOR": OPERATOR,
                "SHOP_VOICEMAILS": str(voicemails),
            }
            async with (
                running(variables, listener),
                httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_S) as client,
            ):
                yield Site(client, world, url, voicemails)
