"""Commands beside a running server, as users call them: in a process of their own, piped or on a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

from tests.live import COMMAND, PATIENCE_S, clean_environment


class Ended(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    def json_lines(self) -> list[dict[str, Any]]:
        """What it wrote, a line of JSON each."""
        return [json.loads(line) for line in self.out.splitlines()]


def call(*args: object, stdin: str = "", **environment: str) -> Ended:
    """Call ``fake-nexmo`` with pipes, in an environment without proxies, trust settings and names of the service."""
    done = subprocess.run(
        [str(COMMAND), *map(str, args)],
        env=clean_environment(**environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


async def acall(*args: object, **environment: str) -> Ended:
    """The same from a test whose loop has to go on meanwhile."""
    return await asyncio.to_thread(call, *args, **environment)


class Piped:
    """A command that goes on, read line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> str:
        """The next line of its output, without the line's end; empty at the end."""
        assert self.process.stdout, "it was started with pipes"
        async with asyncio.timeout(PATIENCE_S):
            return (await self.process.stdout.readline()).decode().removesuffix("\n")

    async def entry(self) -> dict[str, Any]:
        """The next line, read as JSON."""
        read: dict[str, Any] = json.loads(await self.line())
        return read

    async def end(self, number: signal.Signals | None = None) -> Ended:
        """Its end, and what it said that was not read yet; after a signal, if one is given."""
        if number is not None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None, "it has ended"
        return Ended(self.process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def piped(*args: object, **environment: str) -> AsyncIterator[Piped]:
    """A command with pipes, in a session of its own; killed if it is still there."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *map(str, args),
        env=clean_environment(**environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Piped(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


# What makes a terminal the controlling one of a new session, and goes on as the command.
_ON_TERMINAL = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """A command in the foreground of a terminal of its own."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process = process
        self._screen = screen
        self._read = b""

    def line(self) -> str:
        """The next line it shows; fails at its end."""
        until = time.monotonic() + PATIENCE_S
        while b"\r\n" not in self._read:
            assert self._more(until), f"it ended after {self._read!r}"
        line, _, self._read = self._read.partition(b"\r\n")
        return line.decode()

    def type(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self._screen, keys)

    def end(self) -> tuple[int, str]:
        """Its exit status, and what it showed that was not read yet."""
        until = time.monotonic() + PATIENCE_S
        while self._more(until):
            pass
        return self.process.wait(PATIENCE_S), self._read.decode().replace("\r\n", "\n")

    def _more(self, until: float) -> bool:
        readable, _, _ = select.select([self._screen], [], [], max(until - time.monotonic(), 0))
        assert readable, f"it shows nothing more after {self._read!r}"
        try:
            read = os.read(self._screen, 65536)
        except OSError:
            # How Linux says that nobody has the other side open any more.
            return False
        self._read += read
        return bool(read)


@contextmanager
def terminal(*args: object, **environment: str) -> Iterator[Terminal]:
    """A command on a terminal that shows no keys; killed if it is still there."""
    screen, other = pty.openpty()
    try:
        attributes = termios.tcgetattr(other)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(other, termios.TCSANOW, attributes)
        fcntl.fcntl(screen, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        command = [sys.executable, "-c", _ON_TERMINAL, str(COMMAND), *map(str, args)]
        given = clean_environment(**{"TERM": "xterm", **environment})
        if "NO_COLOR" not in environment:
            given.pop("NO_COLOR", None)
        process = subprocess.Popen(command, env=given, stdin=other, stdout=other, stderr=other)
        os.close(other)
        try:
            yield Terminal(process, screen)
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                if process.poll() is None:
                    process.kill()
                process.wait(PATIENCE_S)
    finally:
        os.close(screen)
