"""A webhook receiver that does nothing but count: ``python bench/receiver.py PORT``.

Every request is answered with 200, but ``GET /stats``, which tells how many came, and the instants (seconds of the
monotonic clock) of the first and the last.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import cast

import uvloop

_ENOUGH = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


class Counter:
    """What came so far."""

    def __init__(self) -> None:
        self.count = 0
        self.first = 0.0
        self.last = 0.0

    def add(self, requests: int) -> None:
        """Some requests came just now."""
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.count += requests

    def answer(self) -> bytes:
        """The answer to ``GET /stats``."""
        body = json.dumps({"count": self.count, "first": self.first, "last": self.last}).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        return head % len(body) + body


class Connection(asyncio.Protocol):
    """One connection; webhooks by GET have no body, so an empty line ends a request."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are registered as none of asyncio's kinds.
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        *whole, self._left = (self._left + data).split(b"\r\n\r\n")
        if whole and whole[0].startswith(b"GET /stats"):
            self._transport.write(self._counter.answer())
        elif whole:
            self._counter.add(len(whole))
            self._transport.write(_ENOUGH * len(whole))


async def serve(port: int) -> None:
    """Serve until terminated."""
    counter = Counter()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(counter), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
