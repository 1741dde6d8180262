"""Whoever asks the Verify API in tests: its calls with right credentials, and what stands in the world after them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.house import House

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
GOOD = {"api_key": KEY, "api_secret": SECRET}
ALICE, BOB = "447700900101", "447700900102"
XML_PROLOG = "<?xml version='1.0' encoding='UTF-8' ?>\n"


class Desk:
    """An account that verifies numbers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.client: httpx.AsyncClient = house.client

    async def post(self, path: str, **params: Any) -> dict[str, Any]:
        """Ask by a form; the JSON of an answer that is always 200."""
        answer = await self.client.post(f"/verify/{path}", data={**GOOD, **params})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
        read: dict[str, Any] = answer.json()
        return read

    async def xml(self, path: str, **params: Any) -> str:
        """Ask by a form; the XML of an answer that is always 200."""
        answer = await self.client.post(f"/verify/{path}", data={**GOOD, **params})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml"), answer.text
        return answer.text

    async def start(self, **params: Any) -> str:
        """Start a verification of Alice's number; its request id."""
        answer = await self.post("json", **{"number": ALICE, "brand": "Acme", **params})
        assert answer == {"request_id": answer.get("request_id"), "status": "0"}
        return str(answer["request_id"])

    async def check(self, request_id: str, code: str) -> str:
        """The status of a check."""
        return str((await self.post("check/json", request_id=request_id, code=code))["status"])

    async def control(self, request_id: str, cmd: str) -> str:
        """The status of a control."""
        return str((await self.post("control/json", request_id=request_id, cmd=cmd))["status"])

    async def search(self, request_id: str) -> dict[str, Any]:
        """What search says of one."""
        return await self.post("search/json", request_id=request_id)

    async def stand(self, request_id: str) -> dict[str, Any]:
        """What the control API says of one."""
        found: dict[str, Any] = await self.house.control("GET", f"verifications/{request_id}")
        return found

    async def code(self, request_id: str) -> str:
        """Its current code."""
        return str((await self.stand(request_id))["code"])

    async def wrong(self, request_id: str) -> str:
        """A code that is none of its own."""
        codes = (await self.stand(request_id))["codes"]
        return next(each for each in (f"{k:04d}" for k in range(10)) if each not in codes)

    async def items(self, collection: str) -> list[dict[str, Any]]:
        """The entries of a collection."""
        found: list[dict[str, Any]] = (await self.house.control("GET", collection))["items"]
        return found

    async def balance(self) -> str:
        """What the account has."""
        return str((await self.house.control("GET", f"accounts/{KEY}"))["balance"])

    async def events(self) -> list[tuple[str, str]]:
        """Seconds since the world began, and name, of every event of this API."""
        return [
            (each["at"][11:19], each["name"].removeprefix("verify."))
            for each in await self.items("events")
            if each["name"].startswith("verify.")
        ]

    async def settings(self, **settings: Any) -> None:
        """Change settings of the world."""
        await self.house.control("PATCH", "settings", settings)

    async def account(self, **facts: Any) -> None:
        """Change facts of the account."""
        await self.house.control("PATCH", f"accounts/{KEY}", facts)
