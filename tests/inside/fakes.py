"""What the tests of the room inside share."""

from __future__ import annotations

from typing import Any

import httpx

from fake_nexmo.inside.fake import Fake

URL = "https://rest.nexmo.com/sms/json"
SENT = {
    "message-count": "1",
    "messages": [
        {
            "to": "447700900001",
            "message-id": "0C5FDC3230974E66",
            "status": "0",
            "remaining-balance": "99.96670000",
            "message-price": "0.03330000",
            "network": "23410",
        }
    ],
}
"""The answer to the first send of a world with the seed 1."""


def form(**more: str) -> dict[str, str]:
    """The parameters of a send with the default credentials; ``from_`` is the sender."""
    given = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "from": "Acme", "to": "447700900001", "text": "Hi"}
    return {**given, **{name.rstrip("_"): value for name, value in more.items()}}


def client(fake: Fake, **named: Any) -> httpx.Client:
    """A synchronous client of a fake."""
    return httpx.Client(transport=fake.transport(), **named)


def async_client(fake: Fake, **named: Any) -> httpx.AsyncClient:
    """A client of a fake on an event loop."""
    return httpx.AsyncClient(transport=fake.async_transport(), **named)


def items(fake: Fake, collection: str, **fields: str) -> list[dict[str, Any]]:
    """Entries of a collection of the fake's world."""
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    read: list[dict[str, Any]] = fake.control("GET", f"{collection}?{query}")["items"]
    return read


class Wsgi:
    """A WSGI app that remembers what it was asked.

    Attributes:
        status: what it answers.
        then: called with each request before it answers.
    """

    def __init__(self, status: str = "200 OK", then: Any = None) -> None:
        self.status = status
        self.then = then
        self.asked: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked.append({**environ, "body": environ["wsgi.input"].read()})
        if self.then is not None:
            self.then()
        start_response(self.status, [("Content-Type", "text/plain")])
        return [b"fi", b"ne"]


class Asgi:
    """An ASGI app that remembers what it was asked; see `Wsgi`."""

    def __init__(self, status: int = 200, then: Any = None) -> None:
        self.status = status
        self.then = then
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        self.asked.append({**scope, "body": body})
        if self.then is not None:
            await self.then()
        await send(
            {"type": "http.response.start", "status": self.status, "headers": [(b"Content-Type", b"text/plain")]}
        )
        await send({"type": "http.response.body", "body": b"fi", "more_body": True})
        await send({"type": "http.response.body", "body": b"ne"})
