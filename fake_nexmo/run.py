"""A command beside a server of its own: ``fake-nexmo run``."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import click
from msgspec.structs import replace

from fake_nexmo.control import words
from fake_nexmo.environment import MISLEADING, environment, of_world
from fake_nexmo.server import Options, Server, fast_runner, start, write_whole
from fake_nexmo.store.protocol import NoSuchWorld

NOT_FOUND = 127
NOT_EXECUTABLE = 126
"""Exit statuses of a command that never ran. Source: POSIX, shell, exit status for commands."""

UNMET = 1
"""The exit status where the command went well, and an expectation is not met."""

_KNOCK_S = 0.05
"""How often it is tried whether the command takes connections yet."""

_PORTS = {"http": 80, "https": 443}

_KILLED = 128
"""Added to the number of the signal that ended a command."""

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Address(NamedTuple):
    """Where somebody listens."""

    host: str
    port: int


def address(text: str) -> Address:
    """Where a URL, ``HOST:PORT`` or a port of this machine leads.

    Raises:
        ValueError: it is none of these.
    """
    no_address = ValueError(f"{text!r} is no address; write it like http://127.0.0.1:8000, localhost:8000 or 8000")
    try:
        parts = urlsplit(text if "//" in text else f"//127.0.0.1:{text}" if text.isdecimal() else f"//{text}")
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        raise no_address from None
    if not host or not port:
        raise no_address
    return Address(host, port)


def run(command: Sequence[str], options: Options, report: Path | None = None, wait_for: Address | None = None) -> int:
    """Run a command while a server is there for it; the command's exit status.

    That of a command that went well is 1 where the scenario's expectations are not met.

    Args:
        command: what is run, with its arguments.
        options: of the server.
        report: a file for the verdicts, in the words of JUnit.
        wait_for: what the command serves: nothing happens in the world by itself before connections are taken there.

    Raises:
        UsageError, AuthorityError: see `fake_nexmo.server.start`.
    """
    with fast_runner() as runner:
        return runner.run(run_beside(command, options, report, wait_for))


async def run_beside(
    command: Sequence[str], options: Options, report: Path | None = None, wait_for: Address | None = None
) -> int:
    """The same on a loop that runs."""
    child = _Child()
    with child.signals():
        server = await start(replace(options, held=wait_for is not None))
        waiting = asyncio.ensure_future(_begin(server, wait_for)) if wait_for is not None else None
        status = await child.run(command, _environment(server, os.environ))
    if waiting is not None and wait_for is not None and not waiting.done():
        waiting.cancel()
        _say(f"nobody took a connection at {wait_for.host}:{wait_for.port}, so the world stood still all the time")
    # From here on a signal ends us at once.
    met = await _judge(server, report)
    pending = await server.stop()
    if pending:
        _say(f"stopped; {len(pending)} webhook{'' if len(pending) == 1 else 's'} pending")
    return status or (0 if met else UNMET)


async def _begin(server: Server, wait_for: Address) -> None:
    """Let the world begin once somebody takes connections there."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(*wait_for)
            writer.close()
            server.begin()
            return
        await asyncio.sleep(_KNOCK_S)


async def _judge(server: Server, report: Path | None) -> bool:
    """Say how the scenario's expectations stand, if there are any, and write that down; whether they are met."""
    try:
        given = await server.judge()
    except NoSuchWorld:
        _say(f"the world {server.made.world!r} is gone, so its scenario cannot be judged")
        return False
    if given is None:
        return True
    from fake_nexmo.scenario.judging import shown
    from fake_nexmo.scenario.junit import junit

    for line in shown(given):
        click.echo(line, err=True)
    if report is not None:
        try:
            write_whole(report, junit(given), mode=0o644)
        except OSError as error:
            _say(f"--report: {report} cannot be written: {error.strerror}")
            return False
    return not given.failed


class _Child:
    """The command, and the signals that are meant for it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._early: list[signal.Signals] = []

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Pass on, as long as this lasts, the signals that ask us to end; ignored ones stay ignored."""
        loop = asyncio.get_running_loop()
        taken = [number for number in _PASSED_ON if signal.getsignal(number) is not signal.SIG_IGN]
        for number in taken:
            loop.add_signal_handler(number, self._pass_on, number)
        try:
            yield
        finally:
            for number in taken:
                loop.remove_signal_handler(number)

    async def run(self, command: Sequence[str], variables: Mapping[str, str]) -> int:
        """Run the command to its end; its status as a shell says it."""
        if self._early:
            return _KILLED + self._early[0]
        try:
            self._process = await asyncio.create_subprocess_exec(*command, env=variables)
        except FileNotFoundError:
            _say(f"{command[0]}: there is no such command")
            return NOT_FOUND
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            _say(f"{command[0]}: cannot be executed: {why}")
            return NOT_EXECUTABLE
        for number in self._early:
            # They came while the command was being started.
            self._tell(number)
        status = await self._process.wait()
        return _KILLED - status if status < 0 else status

    def _pass_on(self, number: signal.Signals) -> None:
        if self._process is None:
            self._early.append(number)
        elif not _typed(number):
            self._tell(number)

    def _tell(self, number: signal.Signals) -> None:
        assert self._process is not None, "it was started"
        if self._process.returncode is None:
            # Not by its own `send_signal`: that asks how the process ended, and then nobody else is told.
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, number)


def _typed(number: signal.Signals) -> bool:
    """Whether a signal came from the terminal's keys, so that the command has it already.

    Ctrl-C goes to every process in the terminal's foreground. Where we stand there, SIGINT is taken to be that.
    """
    if number != signal.SIGINT:
        return False
    try:
        with open("/dev/tty", "rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def _say(what: str) -> None:
    click.echo(f"fake-nexmo: {what}", err=True)


def _environment(server: Server, inherited: Mapping[str, str]) -> dict[str, str]:
    made = server.made
    account, application = of_world(
        {
            "accounts": [words.account(each) for each in made.accounts],
            "applications": [words.application(each) for each in made.applications],
        }
    )
    ours = environment(
        http=server.http,
        https=server.https,
        world=made.world,
        account=account,
        application=application,
        ca_file=server.authority.ca_file,
        bundle=server.bundle,
    )
    return {name: value for name, value in inherited.items() if name not in MISLEADING} | ours
