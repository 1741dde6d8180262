"""The command line.

Whatever is wrong is said in one line on stderr. The exit status is 2 when a command cannot begin: it was called
wrongly, or there is no server; and 1 when a server that is there says no, or ends.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fake_nexmo import __version__

if TYPE_CHECKING:
    from fake_nexmo.remote import Remote
    from fake_nexmo.scenario.document import Document
    from fake_nexmo.scenario.source import Source
    from fake_nexmo.scenario.vocabulary import Vocabulary

_LATER_STORES = ("sqlite", "redis")


class NotYet(click.UsageError):
    """An option or command that is agreed on and not made yet."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not made yet in fake-nexmo {__version__}")


class Failed(click.ClickException):
    """A server that is there said no, or ended."""

    exit_code = 1


@click.group(
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="fake-nexmo")
@click.pass_context
def cli(context: click.Context) -> None:
    """A faithful, stateful emulator of the Nexmo (Vonage) HTTP APIs."""
    if context.invoked_subcommand is None:
        raise click.UsageError("nothing to do; 'fake-nexmo serve' starts the server, 'fake-nexmo --help' says more")


def _variables(command: Callable[..., None]) -> Callable[..., None]:
    """The option that gives a scenario's variables their values."""
    option = click.option(
        "--set",
        "variables",
        multiple=True,
        metavar="NAME=VALUE",
        help="Gives a variable of the scenario its value; wins over $FAKE_NEXMO_VAR_NAME. May be repeated.",
    )
    return option(command)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Name or address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=6396,
    show_default=True,
    help="Port for HTTP, HTTPS and CONNECT alike; 0 takes a free one.",
)
@click.option("--clock", metavar="MODE", help="real (when nobody says), xN (such as x60), manual or auto.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the world default; a random one when nobody says.")
@click.option(
    "--retention",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    metavar="N",
    help="Entries kept per kind and world; what has something pending is always kept.",
)
@click.option(
    "--ready-file", type=click.Path(path_type=Path), help="Appears when, and only when, requests are answered."
)
@click.option(
    "--pending-file",
    type=click.Path(path_type=Path),
    help="Gets the webhooks pending at the stop, as JSON lines.",
)
@click.option(
    "--allow-webhooks-to",
    multiple=True,
    metavar="CIDR|HOST",
    help="Let webhooks go there too, besides loopback and private addresses. May be repeated.",
)
@click.option(
    "--control-from",
    multiple=True,
    metavar="CIDR|any",
    help="Let these peers use the control API, besides loopback. May be repeated.",
)
@click.option(
    "--control-host",
    multiple=True,
    metavar="NAME",
    help="A name the server may be addressed by. May be repeated.",
)
@click.option("--quiet", is_flag=True, help="Say nothing at the start.")
@click.option(
    "--scenario",
    metavar="FILE",
    help="What the world default is made from: a file, which it follows when it is edited, or one of the library.",
)
@click.option("--store", default="memory", show_default=True, help="Where state is kept; only memory is made yet.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Only 1 is made yet.")
def serve(
    *,
    host: str,
    port: int,
    clock: str | None,
    seed: int | None,
    retention: int,
    ready_file: Path | None,
    pending_file: Path | None,
    allow_webhooks_to: tuple[str, ...],
    control_from: tuple[str, ...],
    control_host: tuple[str, ...],
    quiet: bool,
    scenario: str | None,
    store: str,
    workers: int,
) -> None:
    """Answer on one port until Ctrl-C.

    The world "default" holds an account (abcd1234 / s3cr3tS3cr3t) with 100 EUR, and two numbers. More worlds, the
    clock, and everything that happened: see /_fake.
    """
    kind = store.partition(":")[0]
    if kind in _LATER_STORES:
        raise NotYet(f"--store {kind}")
    if store != "memory":
        raise click.UsageError(f"--store: {store!r} is no store; there is memory")
    if workers != 1:
        raise NotYet("--workers above 1")

    source, document = (None, None) if scenario is None else _loaded(scenario)
    # Nothing of what is imported now is garbage; the server switches the collector on again.
    gc.disable()
    from fake_nexmo.authority import AuthorityError
    from fake_nexmo.server import Options, UsageError, run

    logging.basicConfig(level=logging.INFO, format="fake-nexmo: %(levelname)s: %(message)s")
    options = Options(
        host=host,
        port=port,
        clock=clock,
        seed=seed,
        scenario=document,
        source=source,
        retention=retention,
        ready_file=ready_file,
        pending_file=pending_file,
        allow_webhooks_to=allow_webhooks_to,
        control_from=control_from,
        control_host=control_host,
        quiet=quiet,
    )
    try:
        sys.exit(run(options))
    except (UsageError, AuthorityError) as error:
        raise click.UsageError(str(error)) from None


# A server around a command.


@cli.command(context_settings={"allow_interspersed_args": False})
@click.option("--clock", metavar="MODE", help="real (when nobody says), xN (such as x60), manual or auto.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the world default; a random one when nobody says.")
@click.option("--scenario", metavar="FILE", help="What the world is made from: a file, or a scenario of the library.")
@_variables
@click.option(
    "--report", type=click.Path(path_type=Path), help="Gets the scenario's verdicts, as JUnit's XML for build servers."
)
@click.option(
    "--wait-for",
    metavar="URL",
    help="Where COMMAND serves: nothing happens in the world by itself before connections are taken there.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run(
    *,
    clock: str | None,
    seed: int | None,
    scenario: str | None,
    variables: tuple[str, ...],
    report: Path | None,
    wait_for: str | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND while a server of its own is there for it, such as: fake-nexmo run -- pytest.

    The server takes a free port; the command finds it by its environment, which 'fake-nexmo env' prints too. The exit
    status is the command's: 128 and more when a signal ended it, 127 when there is no such command, 126 when it cannot
    be executed. With a scenario, that of a command that went well is 1 when an expectation is not met.
    """
    if report is not None and scenario is None:
        raise click.UsageError("--report: verdicts go with a --scenario")
    if report is not None and not report.absolute().parent.is_dir():
        raise click.UsageError(f"--report: there is no folder {report.parent}; make it first")
    if variables and scenario is None:
        raise click.UsageError("--set: variables go with a --scenario")
    if not command:
        raise click.UsageError("there is no command to run; write it behind --, such as: fake-nexmo run -- pytest")

    document = None if scenario is None else _scenario(scenario, variables)

    from fake_nexmo.authority import AuthorityError
    from fake_nexmo.run import address
    from fake_nexmo.run import run as run_command
    from fake_nexmo.server import Options, UsageError

    try:
        place = None if wait_for is None else address(wait_for)
    except ValueError as error:
        raise click.UsageError(f"--wait-for: {error}") from None
    logging.basicConfig(level=logging.WARNING, format="fake-nexmo: %(levelname)s: %(message)s")
    try:
        sys.exit(run_command(command, Options(port=0, clock=clock, seed=seed, scenario=document), report, place))
    except (UsageError, AuthorityError) as error:
        raise click.UsageError(str(error)) from None


# Commands beside a running server.


def _of_server(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which world of which server."""
    url = click.option("--url", help="Where the server is; $FAKE_NEXMO_URL, or port 6396 on this machine, when absent.")
    world = click.option("--world", help="The world; $FAKE_NEXMO_WORLD, or default, when absent.")
    return url(world(command))


@cli.command()
@click.option("--sdk", metavar="NAME", help="Say also how this library is pointed at the server.")
@_of_server
def env(*, sdk: str | None, url: str | None, world: str | None) -> None:
    """Print the environment in which programs find a running server.

    A shell takes it by: eval "$(fake-nexmo env)"

    Libraries that --sdk knows: python, nexmo-python-2, node, nexmo-node-2, go, java, ruby, php, dotnet, curl.
    """
    from fake_nexmo import environment, recipes
    from fake_nexmo.authority import trust_files

    if sdk is not None:
        try:
            recipes.check_sdk(sdk)
        except ValueError as error:
            raise click.UsageError(f"--sdk: {error}") from None
    with _server(url, world) as remote:
        held = remote.read_world()
        try:
            ca_file, bundle = trust_files(remote.read_ca())
        except ValueError:
            raise remote.stranger() from None
    account, application = environment.of_world(held)
    variables = environment.environment(
        http=remote.http,
        https=remote.https,
        world=remote.world,
        account=account,
        application=application,
        ca_file=ca_file,
        bundle=bundle,
    )
    lines = environment.shell_lines(variables)
    if sdk is not None:
        said = recipes.recipe(
            sdk, http=remote.http, https=remote.https, place=remote.place, host=remote.host, port=remote.port
        )
        # Comments come last, so that they hide nothing from a shell that reads all of this as one line.
        lines += [f"# {each}" for each in said]
    click.echo("\n".join(lines))


@cli.group(invoke_without_command=True, subcommand_metavar="inbound-sms|call [OPTIONS]")
@click.pass_context
def trigger(context: click.Context) -> None:
    """Have a simulated person do something."""
    if context.invoked_subcommand is None:
        raise click.UsageError("nothing to trigger; there are inbound-sms and call, their --help says more")


@trigger.command("inbound-sms")
@click.option("--from", "sender", required=True, metavar="NUMBER", help="The person's number, or the name of a phone.")
@click.option("--to", required=True, metavar="NUMBER", help="A number that an account of the world owns.")
@click.option("--text", default="", help="What the message says.")
@click.option("--body", default="", metavar="HEX", help="What a binary message holds, instead of a text.")
@click.option("--udh", default="", metavar="HEX", help="The user data header of a binary message.")
@_of_server
def inbound_sms(*, sender: str, to: str, text: str, body: str, udh: str, url: str | None, world: str | None) -> None:
    """Send an SMS to an owned number; answered when the webhooks it led to were sent.

    What came of it is one line, or a line of JSON when piped.
    """
    if bool(text) == bool(body):
        raise click.UsageError("an SMS has either a --text or a --body")
    from fake_nexmo.inbox import Screen

    with _server(url, world) as remote:
        given = {"to": to, "text": text, "body": body, "udh": udh}
        sent = remote.act(sender, "sms", {name: value for name, value in given.items() if value})
    Screen.of_stdout().show(sent)


@trigger.command("call")
@click.option("--from", "sender", required=True, metavar="NUMBER", help="The person's number, or the name of a phone.")
@click.option("--to", required=True, metavar="NUMBER", help="A number that an account of the world owns.")
@_of_server
def call(*, sender: str, to: str, url: str | None, world: str | None) -> None:
    """Call an owned number; answered when the webhooks it led to were sent.

    What came of it is one line, or a line of JSON when piped.
    """
    from fake_nexmo.inbox import Screen

    with _server(url, world) as remote:
        made = remote.act(sender, "call", {"to": to}, key="uuid")
    Screen.of_stdout().show(made)


@cli.command()
@click.option("--follow", is_flag=True, help="Go on with what comes and what changes, until Ctrl-C.")
@click.option("--calls", is_flag=True, help="Calls instead of messages, with what was heard on them.")
@click.option("--to", metavar="NUMBER", help="Only messages to it.")
@click.option("--from", "sender", metavar="NUMBER", help="Only messages from it.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Of those that are there, the newest so many.")
@click.option("--json", is_flag=True, help="A line of JSON for each, as when piped, on a terminal too.")
@_of_server
def inbox(
    *,
    follow: bool,
    calls: bool,
    to: str | None,
    sender: str | None,
    limit: int | None,
    json: bool,
    url: str | None,
    world: str | None,
) -> None:
    """Show the messages of a world, the newest last: a line each, or a line of JSON each when piped.

    Arrows are seen from the app: one to the right was sent, one to the left received. $NO_COLOR is respected.
    """
    from fake_nexmo import inbox as box

    query = {name: value for name, value in (("to", to), ("from", sender)) if value is not None}
    screen = box.Screen.of_stdout(json=json)
    try:
        with _server(url, world) as remote:
            (box.follow if follow else box.show)(remote, screen, query, limit, "calls" if calls else "messages")
    except box.Gone as gone:
        raise Failed(str(gone)) from None
    except KeyboardInterrupt:
        if not follow:
            raise


# Scenario files.


@cli.group(invoke_without_command=True, subcommand_metavar="COMMAND [FILE]...")
@click.pass_context
def scenario(context: click.Context) -> None:
    """Look at scenario files before they are used."""
    if context.invoked_subcommand is None:
        raise click.UsageError("nothing to do; there are check, explain and schema, their --help says more")


@scenario.command("check")
@_variables
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check_scenarios(*, files: tuple[str, ...], variables: tuple[str, ...]) -> None:
    """Say everything that is wrong with scenario files; the exit status is 1 if anything is."""
    broken = 0
    for file in files:
        try:
            _scenario(file, variables)
        except _Broken as error:
            click.echo(error.format_message(), err=True)
            broken += 1
        else:
            click.echo(f"{file}: fine")
    sys.exit(1 if broken else 0)


@scenario.command("explain")
@_variables
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def explain_scenarios(*, files: tuple[str, ...], variables: tuple[str, ...]) -> None:
    """Print what scenario files come to: the merged world, a timeline, which fault stands before which."""
    documents = [_scenario(file, variables) for file in files]
    from fake_nexmo.scenario.explain import explain

    click.echo("\n".join(explain(each, _vocabulary()) for each in documents), nl=False)


@scenario.command("schema")
def print_schema() -> None:
    """Print the JSON Schema (2020-12) of scenario files, for editors."""
    import json

    from fake_nexmo.scenario.schema import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


class _Broken(click.UsageError):
    """A scenario that cannot be: every flaw of it, with the line where it stands."""


def _scenario(file: str, variables: tuple[str, ...] = ()) -> Document:
    """The scenario in a file, or of the library."""
    return _loaded(file, variables)[1]


def _loaded(file: str, variables: tuple[str, ...] = ()) -> tuple[Source, Document]:
    """The same, and where it comes from."""
    from fake_nexmo.scenario import library
    from fake_nexmo.scenario.errors import ScenarioError
    from fake_nexmo.scenario.flaws import BrokenScenario
    from fake_nexmo.scenario.source import Source

    given = {}
    for each in variables:
        name, found, value = each.partition("=")
        if not found:
            raise click.UsageError(f"--set: {each!r} names no value; write it like app=http://127.0.0.1:8000")
        given[name] = value
    path = Path(file)
    try:
        if not path.exists() and not path.suffix and len(path.parts) == 1:
            path = library.path_of(file)
        source = Source(path, _vocabulary(), given, os.environ)
        return source, source.load()
    except BrokenScenario as broken:
        raise _Broken("\n".join(each.shown() for each in broken.flaws)) from None
    except ScenarioError as error:
        raise click.UsageError(f"there is no file {file!r}; {error.what}") from None


def _vocabulary() -> Vocabulary:
    """The names that scenarios may use."""
    from fake_nexmo.apis import REGISTRY
    from fake_nexmo.scenario.vocabulary import vocabulary

    return vocabulary({api.name: api for api in REGISTRY})


@contextlib.contextmanager
def _server(url: str | None, world: str | None) -> Iterator[Remote]:
    """The server that was named, or is in the environment; what goes wrong with it is said as this module does."""
    from fake_nexmo import remote as remotes
    from fake_nexmo.authority import AuthorityError

    source = "--url"
    if not url:
        url, source = os.environ.get("FAKE_NEXMO_URL") or remotes.URL, "FAKE_NEXMO_URL"
    try:
        remote = remotes.Remote(url, world or os.environ.get("FAKE_NEXMO_WORLD") or remotes.WORLD)
    except ValueError as error:
        raise click.UsageError(f"{source}: {error}") from None
    except AuthorityError as error:
        raise click.UsageError(str(error)) from None
    with remote:
        try:
            yield remote
        except (remotes.NoServer, AuthorityError) as error:
            raise click.UsageError(str(error)) from None
        except remotes.Refused as error:
            raise Failed(str(error)) from None


def main() -> None:
    """The entry point of the command ``fake-nexmo``."""
    try:
        cli.main(prog_name="fake-nexmo", standalone_mode=False)
    except _Broken as error:
        # All of it: a file is mended at once, not flaw by flaw.
        click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        # Only the first line: what is wrong. How to call it is a --help away.
        click.echo(f"fake-nexmo: {error.format_message().splitlines()[0]}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
