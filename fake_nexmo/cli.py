"""The command line.

Whatever is wrong with how it was called is said in one line on stderr, and the exit status is 2.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from fake_nexmo import __version__

_LATER = {
    "run": "starting a server around a command",
    "scenario": "scenario files",
    "env": "printing the environment for an SDK",
    "trigger": "causing inbound messages and calls by hand",
    "inbox": "reading the inbox",
}
_LATER_STORES = ("sqlite", "redis")


class NotYet(click.UsageError):
    """An option or command that is agreed on and not made yet."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not made yet in fake-nexmo {__version__}")


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


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Name or address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=6396,
    show_default=True,
    help="Port for HTTP, HTTPS and CONNECT alike; 0 takes a free one.",
)
@click.option(
    "--clock", default="real", show_default=True, metavar="MODE", help="real, xN (such as x60), manual or auto."
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the world default; a random one when absent.")
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
@click.option("--scenario", type=click.Path(path_type=Path), help="Not made yet.")
@click.option("--store", default="memory", show_default=True, help="Where state is kept; only memory is made yet.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Only 1 is made yet.")
@click.option("--report", type=click.Path(path_type=Path), hidden=True)
def serve(
    *,
    host: str,
    port: int,
    clock: str,
    seed: int | None,
    retention: int,
    ready_file: Path | None,
    pending_file: Path | None,
    allow_webhooks_to: tuple[str, ...],
    control_from: tuple[str, ...],
    control_host: tuple[str, ...],
    quiet: bool,
    scenario: Path | None,
    store: str,
    workers: int,
    report: Path | None,
) -> None:
    """Answer on one port until Ctrl-C.

    The world "default" holds an account (abcd1234 / s3cr3tS3cr3t) with 100 EUR, and two numbers. More worlds, the
    clock, and everything that happened: see /_fake.
    """
    if scenario is not None:
        raise NotYet("--scenario")
    if report is not None:
        raise NotYet("--report")
    kind = store.partition(":")[0]
    if kind in _LATER_STORES:
        raise NotYet(f"--store {kind}")
    if store != "memory":
        raise click.UsageError(f"--store: {store!r} is no store; there is memory")
    if workers != 1:
        raise NotYet("--workers above 1")

    from fake_nexmo.authority import AuthorityError
    from fake_nexmo.server import Options, UsageError, run

    logging.basicConfig(level=logging.INFO, format="fake-nexmo: %(levelname)s: %(message)s")
    options = Options(
        host=host,
        port=port,
        clock=clock,
        seed=seed,
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


def _later(name: str, what: str) -> None:
    @cli.command(name, hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    def command() -> None:
        raise NotYet(f"fake-nexmo {name} ({what})")


for _name, _what in _LATER.items():
    _later(_name, _what)


def main() -> None:
    """The entry point of the command ``fake-nexmo``."""
    try:
        cli.main(prog_name="fake-nexmo", standalone_mode=False)
    except click.ClickException as error:
        # Only the first line: what is wrong. How to call it is a --help away.
        click.echo(f"fake-nexmo: {error.format_message().splitlines()[0]}", err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
