"""A server from start to stop: one port, the world ``default``, and what is said and written on the way."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import ipaddress
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec
from msgspec import Struct

from fake_nexmo import __version__
from fake_nexmo.asgi import build_app
from fake_nexmo.authority import Authority, data_folder
from fake_nexmo.control import words
from fake_nexmo.control.base import Control
from fake_nexmo.control.guard import make_guard
from fake_nexmo.core.change import StaleEpoch
from fake_nexmo.core.clock import parse_mode
from fake_nexmo.engine.build import build_engine
from fake_nexmo.engine.runner import ChainTooLong, Engine
from fake_nexmo.port import OnePort
from fake_nexmo.scenario.worlds import DEFAULT, Made, Plan, make_world, plan_of
from fake_nexmo.store.memory import RETENTION, MemoryStore, wall_clock
from fake_nexmo.store.protocol import Lost, NoSuchWorld

if TYPE_CHECKING:
    # A server without a scenario starts without these.
    from fake_nexmo.scenario.document import Document
    from fake_nexmo.scenario.judging import Report
    from fake_nexmo.scenario.source import Source

PORT = 6396
"""N-E-X-M on a phone keypad."""

CLOCK = "real"
"""The mode of a clock that nobody says."""

GRACE_S = 10.0
"""How long, after SIGINT or SIGTERM, what is in flight may take."""


_LOOKS = 100
"""How often, before verdicts are given, somebody looks whether webhooks are still under way."""
_LOOK_AGAIN_S = 0.02


class UsageError(Exception):
    """The server cannot start as it was asked to: one line with what is wrong and what would do."""


class Options(Struct, frozen=True):
    """What ``fake-nexmo serve`` takes; see its ``--help``.

    Attributes:
        clock: the mode of its clocks; None: as the scenario has it, else real.
        scenario: what the world ``default`` is made from; None: it is as ever.
        source: the file that the scenario is in, which the world follows; None: it follows none.
        held: nothing happens by itself until `Server.begin` is called.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    clock: str | None = None
    seed: int | None = None
    scenario: Document | None = None
    source: Source | None = None
    held: bool = False
    retention: int = RETENTION
    ready_file: Path | None = None
    pending_file: Path | None = None
    allow_webhooks_to: Sequence[str] = ()
    control_from: Sequence[str] = ()
    control_host: Sequence[str] = ()
    quiet: bool = False


class Server:
    """A server that was started.

    Attributes:
        made: the world ``default``.
        scenario: what it was made from; None: as ever.
        http: the origin for plain HTTP, and ``https`` the other one.
    """

    def __init__(
        self, engine: Engine, port: OnePort, authority: Authority, bundle: Path, made: Made, options: Options
    ) -> None:
        self.engine = engine
        self.made = made
        self.scenario = options.scenario
        self.authority = authority
        self.bundle = bundle
        self._port = port
        self._options = options
        self._loop: asyncio.Task[None] | None = None
        if not options.held:
            self.begin()
        place = f"{_shown_host(options.host)}:{port.port}"
        self.http = f"http://{place}"
        self.https = f"https://{place}"
        engine.shell.base_url = self.https
        engine.shell.sleep = asyncio.sleep
        self._key_files: list[Path] = []

    def begin(self) -> None:
        """Have timers carried out as they fall due, if they are not yet."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop().create_task(self.engine.drive(), name="drive")

    def ready(self) -> dict[str, Any]:
        """What the ready file says; private keys are written to files of their own.

        Raises:
            UsageError: the user's data folder cannot be used for them.
        """
        applications = []
        for each in self.made.applications:
            said = words.application(each)
            private = said.pop("private_key")
            applications.append({**said, "private_key_file": str(self._write_key(each.application_id, private))})
        return {
            "http": self.http,
            "https": self.https,
            "proxy": self.http,
            "ca_file": str(self.authority.ca_file),
            "control": f"{self.http}/_fake",
            "world": self.made.world,
            "accounts": [words.account(each) for each in self.made.accounts],
            "applications": applications,
        }

    async def judge(self) -> Report | None:
        """The verdicts on the world that was made from the scenario, as if this were the end; None: there is none.

        What is due now is carried out first.

        Raises:
            NoSuchWorld: the world is gone.
        """
        if self.scenario is None:
            return None
        from fake_nexmo.control import plots

        with contextlib.suppress(StaleEpoch, ChainTooLong):
            for _ in range(_LOOKS):
                if await self.engine.settle(self.made.world):
                    break
                await asyncio.sleep(_LOOK_AGAIN_S)
        return await plots.judge(self.engine).report(self.made.world, final=True)

    async def stop(self, grace_s: float = GRACE_S) -> list[dict[str, str]]:
        """Finish what is in flight, take nothing new, and let go of everything.

        Returns:
            Every webhook that is still owed: world, kind, message-id and URL.
        """
        for path in self._key_files:
            # First of all, for a second signal may come.
            path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        until = loop.time() + grace_s
        # Requests first: their receipts may still be set while the engine finishes what it has in hand.
        engine_stops = loop.create_task(self.engine.stop(grace_s))
        await self._port.stop(grace_s)
        await asyncio.wait({engine_stops}, timeout=max(until - loop.time(), 0) + 1)
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
        pending = await self._pending()
        await self.engine.store.close()
        return pending

    async def _pending(self) -> list[dict[str, str]]:
        return [
            {"world": world, "kind": delivery.kind, "message-id": delivery.about, "url": delivery.url}
            for world in await self.engine.store.worlds()
            async for delivery in self.engine.webhooks_pending(world)
        ]

    def _write_key(self, application_id: str, private: str | None) -> Path:
        folder = data_folder() / "keys"
        # Servers of one seed have the same application; each removes its own file.
        path = folder / f"{application_id}-{secrets.token_hex(4)}.pem"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise UsageError(f"the folder for private keys, {folder}, cannot be made: {error.strerror}") from None
        _write("a private key", path, private or "", mode=0o600)
        self._key_files.append(path)
        return path


async def start(options: Options) -> Server:
    """Start a server with the world ``default``; from the return on, requests are answered.

    Raises:
        UsageError: an option cannot be, or the port is taken.
        AuthorityError: the user's data folder cannot be used.
    """
    _check(options)
    authority = Authority.load(options.host)
    bundle = authority.bundle()
    store = MemoryStore(retention=options.retention)
    try:
        engine = build_engine(store, wall_clock, options.allow_webhooks_to)
    except ValueError as error:
        raise UsageError(str(error)) from None
    try:
        guard = make_guard(options.control_from, options.control_host, options.host)
    except ValueError as error:
        raise UsageError(f"--control-from: {error}") from None
    try:
        made = await make_world(store, wall_clock, _plan(engine, options))
    except ValueError as error:
        raise UsageError(f"--scenario: {error}") from None
    app = build_app(engine, Control(engine, options.clock or CLOCK, authority.ca_file), guard)
    loop = asyncio.get_running_loop()
    keep: set[asyncio.Task[None]] = set()

    def on_foreign(host: str, method: str, target: str) -> None:
        # The target may hold secrets behind its question mark.
        lost = Lost(wall_clock(), "host", host, method, target.partition("?")[0])
        task = loop.create_task(store.lose(lost))
        keep.add(task)
        task.add_done_callback(keep.discard)

    port = OnePort(
        app, host=options.host, port=options.port, tls=authority, on_foreign=on_foreign, names=options.control_host
    )
    try:
        await port.start()
    except OSError as error:
        raise UsageError(_cannot_listen(options, error)) from None
    return Server(engine, port, authority, bundle, made, options)


async def serve(options: Options, *, out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> int:
    """Serve until SIGINT or SIGTERM; the exit status.

    Raises:
        UsageError, AuthorityError: see `start`.
    """
    _check(options)
    if options.ready_file:
        # One that a crash left behind speaks of a server that is gone.
        options.ready_file.unlink(missing_ok=True)
    server = await start(options)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        ready = server.ready()
        if not options.quiet:
            out.write(banner(server, ready))
            out.flush()
        if options.ready_file:
            text = msgspec.json.format(msgspec.json.encode(ready)).decode() + "\n"
            _write("--ready-file", options.ready_file, text, mode=0o600)
    except UsageError:
        await server.stop(0)
        raise
    _tune_collector()
    try:
        with _watched(server, options, err):
            await stopped.wait()
    finally:
        if options.ready_file:
            options.ready_file.unlink(missing_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        # A second signal ends at once.
        loop.remove_signal_handler(number)
    err.writelines(f"{line}\n" for line in await verdicts(server))
    pending = await server.stop()
    said = f"fake-nexmo: stopped; {len(pending)} webhook{'' if len(pending) == 1 else 's'} pending"
    try:
        if options.pending_file:
            lines = "".join(f"{msgspec.json.encode(each).decode()}\n" for each in pending)
            _write("--pending-file", options.pending_file, lines, mode=0o644)
            said += f", listed in {options.pending_file}" if pending else ""
    finally:
        if pending or not options.quiet:
            err.write(f"{said}\n")
    return 0


@contextlib.contextmanager
def _watched(server: Server, options: Options, err: TextIO) -> Iterator[None]:
    """Have the world follow its scenario file, if there is one, as long as this lasts."""
    if options.source is None:
        yield
        return
    from fake_nexmo.scenario.watching import watch

    def say(line: str) -> None:
        err.write(f"{line}\n")
        err.flush()

    given = (("seed", options.seed), ("clock.mode", options.clock))
    fixed = [name for name, value in given if value is not None]
    engine = server.engine
    watching = watch(options.source, engine.store, engine.shell.wall, server.made.world, say, fixed)
    task = asyncio.get_running_loop().create_task(watching, name="watch the scenario")
    try:
        yield
    finally:
        task.cancel()


async def verdicts(server: Server) -> list[str]:
    """What is printed of the scenario's verdicts when the server ends."""
    try:
        report = await server.judge()
    except NoSuchWorld:
        return [f"fake-nexmo: the world {server.made.world!r} is gone, so its scenario cannot be judged"]
    if report is None:
        return []
    from fake_nexmo.scenario.judging import shown

    return shown(report)


def banner(server: Server, ready: dict[str, Any]) -> str:
    """What a newcomer reads: where it is, who one is, and what to do next."""
    account = ready["accounts"][0]
    key, secret = account["api_key"], account["api_secret"]
    place = server.http.removeprefix("http://")
    return f"""fake-nexmo {__version__} answers on {server.http} and {server.https}
World {server.made.world!r}, seed {server.made.seed}. No message leaves this machine.
{_told(server.scenario)}
  api_key     {key}
  api_secret  {secret}
  authority   {ready["ca_file"]}

Send a message:
  curl -d api_key={key} -d api_secret={secret} -d from=Acme -d to=447700900001 -d text=Hello {server.http}/sms/json

See what happened:
  curl {server.http}/_fake/worlds/{server.made.world}/messages

Point an SDK at it. By its options, here the Python library (vonage 4):
  export REQUESTS_CA_BUNDLE={server.bundle}
  Vonage(Auth(api_key={key!r}, api_secret={secret!r}), HttpClientOptions(rest_host={place!r}, api_host={place!r}))
Or any program unchanged, through the proxy:
  export HTTPS_PROXY={server.http} NODE_EXTRA_CA_CERTS={ready["ca_file"]}
  export REQUESTS_CA_BUNDLE={server.bundle} SSL_CERT_FILE={server.bundle}

Stop it with Ctrl-C.
"""


def write_whole(path: Path, text: str, *, mode: int) -> None:
    """Write a file so that nobody ever reads half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _plan(engine: Engine, options: Options) -> Plan:
    """The plan of the world ``default``."""
    if options.scenario is None:
        return Plan(name=DEFAULT, clock=options.clock or CLOCK, seed=options.seed)
    from fake_nexmo.scenario.vocabulary import vocabulary

    names = vocabulary(engine.registry)
    return plan_of(options.scenario, names, name=DEFAULT, seed=options.seed, clock=options.clock, usual=CLOCK)


def _told(scenario: Document | None) -> str:
    """What the banner says of a scenario: its name."""
    if scenario is None:
        return ""
    return f"Scenario {scenario.scenario!r}.\n" if scenario.scenario else "A scenario without a name.\n"


def _write(what: str, path: Path, text: str, *, mode: int) -> None:
    try:
        write_whole(path, text, mode=mode)
    except OSError as error:
        raise UsageError(f"{what}: {path} cannot be written: {error.strerror}") from None


def _check(options: Options) -> None:
    """Refuse what would only fail later."""
    try:
        parse_mode(options.clock or CLOCK)
    except ValueError as error:
        raise UsageError(f"--clock: {error}") from None
    if options.retention < 1:
        raise UsageError(f"--retention: {options.retention} is too few; keep at least 1 entry per kind and world")
    for flag, path in (("--ready-file", options.ready_file), ("--pending-file", options.pending_file)):
        if path is None:
            continue
        if not path.parent.is_dir():
            raise UsageError(f"{flag}: there is no folder {path.parent}; make it first")
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise UsageError(f"{flag}: {path} cannot be written")


def _cannot_listen(options: Options, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {options.port} on {options.host} is taken; take another with --port, or any with --port 0"
    why = error.strerror or str(error)
    return f"cannot listen on {options.host} port {options.port}: {why}; see --host and --port"


def _shown_host(host: str) -> str:
    """The host as it stands in a URL; a server on all addresses is reached by loopback."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return f"[{host}]" if address.version == 6 else host


def _tune_collector() -> None:
    """Records hold no cycles, so full collections would find nothing and cost more with every stored message.

    What the start made is frozen without looking for garbage in it: there is next to none, and the first requests wait.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)
    gc.enable()


def run(options: Options) -> int:
    """Serve on the fastest event loop there is; the exit status.

    Raises:
        UsageError, AuthorityError: see `start`.
    """
    with fast_runner() as runner:
        return runner.run(serve(options))


def fast_runner() -> asyncio.Runner:
    """A runner on the fastest event loop there is."""
    factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    return asyncio.Runner(loop_factory=factory)
