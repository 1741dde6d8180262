"""Both clients before an emulator in this process: the one that awaits, and the one that waits in a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from fake_nexmo_client import AsyncClient, Client
from tests.house import House

BASE_URL = "http://127.0.0.1:6396"


class Bridge(httpx.BaseTransport):
    """Carries the requests of a thread that waits into the loop where the emulator is."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app=app)
        self._loop = asyncio.get_running_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result(30)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        inside = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self._inner.handle_async_request(inside)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


class Face:
    """A client of either kind, used in the same way."""

    def __init__(self, house: House, kind: str) -> None:
        self.house = house
        self.kind = kind
        # The client stamps requests with the real time, and the wall of the house agrees.
        house.wall = time.time_ns() // 1000
        application = house.world.applications[0]
        self.credentials: dict[str, Any] = {
            "api_key": "abcd1234",
            "api_secret": "s3cr3tS3cr3t",
            "application_id": application.application_id,
            "private_key": application.private_key,
        }

    def open_sync(self, **changed: Any) -> Client:
        """A client that waits; use it in a thread."""
        return Client(**{**self.credentials, **changed}, base_url=BASE_URL, transport=Bridge(self.house.app))

    def open_async(self, **changed: Any) -> AsyncClient:
        """A client that awaits."""
        transport = httpx.ASGITransport(app=self.house.app)
        return AsyncClient(**{**self.credentials, **changed}, base_url=BASE_URL, transport=transport)

    async def do(self, operation: Callable[[Any], Any], **changed: Any) -> Any:
        """Have a client do something; what it returns, or its error."""
        if self.kind == "async":
            async with self.open_async(**changed) as client:
                found: Awaitable[Any] = operation(client)
                return await found
        with self.open_sync(**changed) as waiting:
            return await asyncio.to_thread(operation, waiting)
