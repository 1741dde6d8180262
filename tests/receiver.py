"""A webhook receiver for tests: a real server on a free loopback port that remembers what it was sent.

It answers 200 ``OK`` unless told otherwise, either in turn (``receiver.say(Answer(500), Answer(200))``) or by a
callable (``receiver.answer_by(lambda received: Answer(404))``). It speaks just enough HTTP/1.1 to be called by
anything, and it can misbehave on purpose, which a framework would not let it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import ssl
import time
import urllib.parse
from collections import deque
from collections.abc import Callable
from typing import Any, Self, TypeAlias


@dataclasses.dataclass(frozen=True)
class Received:
    """One request as it came.

    Attributes:
        query: What stands behind the question mark, still encoded.
        headers: In the order of the wire, names as they were written.
        at: Seconds of the loop's clock at which the whole request was there.
        connection: Which connection it came on, counted from 1.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float
    connection: int

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the query, decoded."""
        return dict(urllib.parse.parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a form in the body, decoded."""
        return dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """A header by its name in any case; None when it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What to do with one request.

    Attributes:
        headers: Beside ``Content-Length``, which is always sent.
        until: Answer only once this is set.
        hang_up: Close the connection without answering.
        then_close: Close the connection right after the answer, without announcing it.
        raw: Send these bytes instead of an answer.
    """

    status: int = 200
    body: bytes = b"OK"
    headers: tuple[tuple[str, str], ...] = ()
    until: asyncio.Event | None = None
    hang_up: bool = False
    then_close: bool = False
    raw: bytes | None = None

    def worded(self) -> bytes:
        """The bytes of the answer."""
        if self.raw is not None:
            return self.raw
        lines = [f"HTTP/1.1 {self.status} -", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


AnswerBy: TypeAlias = Callable[[Received], Answer]


class Receiver:
    """The server; use it with ``async with``.

    Attributes:
        requests: Everything received so far, oldest first.
        connections: How many connections were accepted so far.
    """

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self._host = host
        self._tls = tls
        self._queue: deque[Answer] = deque()
        self._answer_by: AnswerBy = lambda _: Answer()
        self._arrived = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def port(self) -> int:
        """The port that was free."""
        return self._port

    @property
    def url(self) -> str:
        """Where to call it, without a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self._port}"

    def say(self, *answers: Answer) -> None:
        """Answer the next requests so, one each; then as before."""
        self._queue.extend(answers)

    def answer_by(self, answer_by: AnswerBy) -> None:
        """Answer every request that nothing else was said for by this callable."""
        self._answer_by = answer_by

    async def wait_for(self, count: int, timeout: float = 5.0) -> list[Received]:
        """Wait until at least so many requests have come; answers all of them.

        Raises:
            AssertionError: They did not come in time.
        """
        try:
            async with asyncio.timeout(timeout), self._arrived:
                await self._arrived.wait_for(lambda: len(self.requests) >= count)
        except TimeoutError:
            raise AssertionError(f"{len(self.requests)} of {count} requests came within {timeout:g} s") from None
        return self.requests

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=self._tls, limit=1 << 24)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a server's handler runs in a task"
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._serve_all(reader, writer, self.connections)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the caller went away, or the test is over
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        while True:
            received = await _read(reader, connection)
            self.requests.append(received)
            async with self._arrived:
                self._arrived.notify_all()
            answer = self._queue.popleft() if self._queue else self._answer_by(received)
            if answer.until is not None:
                await answer.until.wait()
            if answer.hang_up:
                return
            writer.write(answer.worded())
            await writer.drain()
            if answer.then_close:
                return


async def _read(reader: asyncio.StreamReader, connection: int) -> Received:
    """Read one request; raises IncompleteReadError when the caller is gone."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    body = await reader.readexactly(length)
    return Received(method, path, query, headers, body, time.monotonic(), connection)
