"""Messages and calls of a world as a terminal or another program reads them: ``fake-nexmo inbox`` and ``trigger``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click
import msgspec

from fake_nexmo.remote import NoServer, Refused, Remote, harmless

WAIT_S = 30
"""How long one question for news waits at the server."""

REMEMBERED_MAX = 100_000
"""Of so many messages it is known how they were shown last."""

_GOOD, _BAD, _UNDER_WAY, _FAINT = "32", "31", "33", "2"
_COLORS = {
    "delivered": _GOOD,
    "answered": _GOOD,
    "completed": _GOOD,
    "failed": _BAD,
    "rejected": _BAD,
    "expired": _BAD,
}


class Gone(Exception):  # noqa: N818 - said to the user as it is
    """The server that was followed ended, or began anew."""


class Screen:
    """Where messages are shown: a line for people each, or a line of JSON.

    Attributes:
        readable: for people; JSON otherwise.
        colored: with colours, when readable.
    """

    def __init__(self, *, readable: bool, colored: bool) -> None:
        self.readable = readable
        self.colored = colored

    @classmethod
    def of_stdout(cls, *, json: bool = False) -> Screen:
        """For people on a terminal, and coloured unless they asked for no colours; JSON when piped, or asked for."""
        readable = sys.stdout.isatty() and not json
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return cls(readable=readable, colored=readable and not plain)

    def show(self, entry: Mapping[str, Any], *, whole: bool = False) -> None:
        """Show one message, or one call; ``whole``: with its transcript, a line for each thing that was heard."""
        if not self.readable:
            click.echo(msgspec.json.encode(entry))
            return
        encoding = sys.stdout.encoding or "utf-8"
        worded = line if "ids" in entry else call_lines if whole else call_line
        # `color` keeps click from judging the terminal again.
        click.echo(worded(entry, colored=self.colored).encode(encoding, "backslashreplace"), color=self.colored)


def line(entry: Mapping[str, Any], *, colored: bool = False) -> str:
    """A message for people: when, which way, from whom, to whom, how far, and what it says.

    Arrows are seen from the app: ``→`` sent, ``←`` received.
    """
    received = entry["direction"] == "inbound"
    status = "received" if received else harmless(entry["status"])
    shown = _head(entry, status, _GOOD if received else _COLORS.get(status, _UNDER_WAY), colored=colored)
    parts = len(entry["ids"])
    more = [_paint(_FAINT, f"({parts} parts)", colored=colored)] if parts > 1 else []
    return "  ".join([*shown, *_content(entry), *more])


def call_line(entry: Mapping[str, Any], *, colored: bool = False) -> str:
    """A call for people: when, which way, from whom, to whom, how far, and what was said on it."""
    status = harmless(entry["status"])
    said = [harmless(each["text"] or each.get("digits", "")) for each in entry["transcript"]]
    return "  ".join([*_head(entry, status, _COLORS.get(status, _UNDER_WAY), colored=colored), *said])


def call_lines(entry: Mapping[str, Any], *, colored: bool = False) -> str:
    """A call for people with its transcript below it: when, counted from the call's start, who, what kind, and what."""
    status = harmless(entry["status"])
    head = _head(entry, status, _COLORS.get(status, _UNDER_WAY), colored=colored)
    lasted = [_paint(_FAINT, f"{entry['duration']} s", colored=colored)] if entry["duration"] else []
    heard = [_heard(each, entry["at"], colored=colored) for each in entry["transcript"]]
    return "\n".join(["  ".join([*head, *lasted]), *heard])


def _heard(said: Mapping[str, Any], since: str, *, colored: bool) -> str:
    after = (datetime.fromisoformat(said["at"]) - datetime.fromisoformat(since)).total_seconds()
    words = harmless(said.get("digits", "") if said["kind"] == "dtmf" else said["text"])
    length = [f"({said['length']:.1f} s{', broken off' if said.get('cut') else ''})"] if said["length"] else []
    when = _paint(_FAINT, f"{after:>8.1f} s", colored=colored)
    shown = [when, f"{harmless(said['speaker']):<8}", f"{harmless(said['kind']):<6}", words]
    return "  ".join([*shown, *(_paint(_FAINT, each, colored=colored) for each in length)])


def _head(entry: Mapping[str, Any], status: str, color: str, *, colored: bool) -> list[str]:
    """When, which way, from whom, to whom, and how far."""
    at = harmless(entry["at"]).replace("T", " ").removesuffix("Z").partition(".")[0]
    return [
        _paint(_FAINT, at, colored=colored),
        "←" if entry["direction"] == "inbound" else "→",
        f"{harmless(entry['from'])} → {harmless(entry['to'])}",
        _paint(color, status, colored=colored),
    ]


def _paint(color: str, text: str, *, colored: bool) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if colored else text


def _content(entry: Mapping[str, Any]) -> list[str]:
    """The text, and the type of what is more than text with what it holds."""
    extra = [f"{harmless(name)}={harmless(str(fact))}" for name, fact in entry.get("extra", {}).items() if fact != ""]
    special = [harmless(entry["type"])] if entry["type"] not in {"text", "unicode"} else []
    text = [harmless(entry["text"])] if entry["text"] else []
    return [*special, *text, *extra]


def show(
    remote: Remote, screen: Screen, query: dict[str, str], limit: int | None = None, kind: str = "messages"
) -> int:
    """Show the messages, or the calls, that there are, the newest last; returns the sequence number they go up to."""
    page = remote.read_page(kind, query if limit is None else {**query, "limit": str(limit)})
    for entry in page["items"]:
        screen.show(entry, whole=True)
    since: int = page["since"]
    return since


def follow(
    remote: Remote, screen: Screen, query: dict[str, str], limit: int | None = None, kind: str = "messages"
) -> None:
    """Show the messages that there are, then each new one, and each again whose status changed; without end.

    Of calls the transcript is shown when they are over.

    Raises:
        Gone: the server ended, or what it remembered is gone.
        NoServer, Refused: there was nothing to follow in the first place.
    """
    shown = _Shown()
    page = remote.read_page(kind, query if limit is None else {**query, "limit": str(limit)})
    while True:
        for entry in page["items"]:
            if shown.is_news(entry):
                screen.show(entry, whole=entry.get("ended_at") is not None)
        if page.get("truncated"):
            click.echo(f"fake-nexmo: some {kind} were gone before they could be shown; see --retention", err=True)
        page = _news(remote, query, page["since"], kind)


class _Shown:
    """What was shown of each message, or call, last, of so many of them."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def is_news(self, entry: Mapping[str, Any]) -> bool:
        """Whether what came or changed is to be shown: not where only its parts, or what was heard, bit by bit, did."""
        parts = entry.get("parts", entry.get("transcript", []))
        head = {name: fact for name, fact in entry.items() if name not in {"seq", "parts", "transcript"}}
        now = (hash(msgspec.json.encode(head)), hash(msgspec.json.encode(parts)))
        # Taken out first, so that the one put in longest ago stands first.
        name = entry["id"] if "id" in entry else entry["uuid"]
        before = self._last.pop(name, None)
        self._last[name] = now
        if len(self._last) > REMEMBERED_MAX:
            del self._last[next(iter(self._last))]
        # One that comes and is no different was sent again, under the same id, in a world that was reset.
        return before is None or before[0] != now[0] or before == now


def _news(remote: Remote, query: dict[str, str], since: int, kind: str) -> dict[str, Any]:
    try:
        page = remote.read_page(kind, {**query, "since": str(since)}, WAIT_S)
    except NoServer:
        raise Gone(f"the server at {remote.url} has ended") from None
    except Refused as refused:
        if refused.kind == "stopping":
            raise Gone(f"the server at {remote.url} has ended") from None
        if refused.kind == "no-such-world":
            raise Gone(f"the world {remote.world!r} is gone") from None
        raise
    if page["since"] < since:
        raise Gone(f"the world {remote.world!r} at {remote.url} was made anew; what was shown is gone")
    return page
