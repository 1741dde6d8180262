"""``fake-nexmo inbox``: messages for people on a terminal, for programs in a pipe, and as they come."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from fake_nexmo import inbox, remote
from fake_nexmo.inbox import Screen, call_lines, follow, line
from fake_nexmo.remote import NoServer, Remote, harmless
from tests.commands import Ended, acall, call, piped, terminal
from tests.live import COMMAND, PATIENCE_S, Live, clean_environment, open_live, open_world
from tests.receiver import Answer, Receiver

ENTRY: dict[str, Any] = {
    "seq": 3,
    "at": "2026-03-01T12:00:00.250Z",
    "id": "AB",
    "ids": ["AB"],
    "direction": "outbound",
    "from": "Acme",
    "to": "447700900001",
    "type": "text",
    "text": "Hello",
    "status": "submitted",
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("inbox")) as opened:
        yield opened


@pytest.fixture
def there(live: Live) -> dict[str, str]:
    """Where the server is, in the environment."""
    return {"FAKE_NEXMO_URL": live.http, "FAKE_NEXMO_HOME": str(live.home)}


# A line.


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, "2026-03-01 12:00:00  →  Acme → 447700900001  submitted  Hello"),
        (
            {"direction": "inbound", "status": "delivered"},
            "2026-03-01 12:00:00  ←  Acme → 447700900001  received  Hello",
        ),
        ({"ids": ["AB", "CD", "EF"]}, "2026-03-01 12:00:00  →  Acme → 447700900001  submitted  Hello  (3 parts)"),
        ({"text": ""}, "2026-03-01 12:00:00  →  Acme → 447700900001  submitted"),
        ({"type": "unicode", "text": "漢"}, "2026-03-01 12:00:00  →  Acme → 447700900001  submitted  漢"),
        (
            {"type": "wappush", "text": "", "extra": {"title": "A\nb", "url": "http://a.test", "validity": "", "n": 1}},
            "2026-03-01 12:00:00  →  Acme → 447700900001  submitted  wappush  title=A\\nb  url=http://a.test  n=1",
        ),
        (
            {"from": "\x1b[2J", "to": "\x07", "text": "a\r\nb", "at": "\x9b", "status": "\x00"},
            "\\x9b  →  \\x1b[2J → \\x07  \\x00  a\\r\\nb",
        ),
    ],
)
def test_a_line_says_when_which_way_from_whom_how_far_and_what(facts: dict[str, Any], shown: str) -> None:
    """Without a colour it is the bare words."""
    assert line({**ENTRY, **facts}) == shown


@pytest.mark.parametrize(
    ("direction", "status", "color", "word"),
    [
        ("outbound", "submitted", 33, "submitted"),
        ("outbound", "buffered", 33, "buffered"),
        ("outbound", "delivered", 32, "delivered"),
        ("outbound", "failed", 31, "failed"),
        ("outbound", "rejected", 31, "rejected"),
        ("outbound", "expired", 31, "expired"),
        ("inbound", "delivered", 32, "received"),
    ],
)
def test_colours_say_how_far_it_got(direction: str, status: str, color: int, word: str) -> None:
    """Green, red, and yellow while it is under way; each ends before the next word."""
    arrow = "←" if direction == "inbound" else "→"
    assert line({**ENTRY, "direction": direction, "status": status, "ids": ["A", "B"]}, colored=True) == (
        f"\x1b[2m2026-03-01 12:00:00\x1b[0m  {arrow}  Acme → 447700900001  \x1b[{color}m{word}\x1b[0m  Hello"
        "  \x1b[2m(2 parts)\x1b[0m"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ☕ 漢 é", "plain ☕ 漢 é"),
        ("a\nb\tc\rd\\n", "a\\nb\\tc\\rd\\\\n"),
        ("\x00\x1b\x7f\x9b", "\\x00\\x1b\\x7f\\x9b"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\u2028\u2029\ufeff\u200b", "\\u2028\\u2029\\ufeff\\u200b"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("👩\u200d👧 می\u200cخواهم", "👩\u200d👧 می\u200cخواهم"),
    ],
)
def test_nothing_in_a_text_can_play_with_a_terminal(text: str, shown: str) -> None:
    """Control characters, turners of direction and invisible letters are written out; a backslash is doubled."""
    assert harmless(text) == shown


CALL: dict[str, Any] = {
    "seq": 3,
    "at": "2026-03-01T12:00:00.250Z",
    "uuid": "u1",
    "direction": "inbound",
    "from": "447700900101",
    "to": "447700900000",
    "status": "completed",
    "duration": 12,
    "ended_at": "2026-03-01T12:00:12.250Z",
    "transcript": [
        {
            "at": "2026-03-01T12:00:02.250Z",
            "speaker": "platform",
            "kind": "talk",
            "length": 1.25,
            "text": "Press\n1.",
            "cut": True,
        },
        {
            "at": "2026-03-01T12:00:03.500Z",
            "speaker": "person",
            "kind": "dtmf",
            "length": 0.2,
            "text": "",
            "digits": "1",
        },
        {"at": "2026-03-01T12:00:04.250Z", "speaker": "platform", "kind": "beep", "length": 0.0, "text": "(beep)"},
        {"at": "2026-03-01T12:00:05.250Z", "speaker": "person", "kind": "speech", "length": 2.0, "text": "Hello?"},
    ],
}


def test_a_call_is_shown_with_its_transcript() -> None:
    """A line for each thing that was heard, counted from the call's start."""
    assert call_lines(CALL).splitlines() == [
        "2026-03-01 12:00:00  ←  447700900101 → 447700900000  completed  12 s",
        "     2.0 s  platform  talk    Press\\n1.  (1.2 s, broken off)",
        "     3.2 s  person    dtmf    1  (0.2 s)",
        "     4.0 s  platform  beep    (beep)",
        "     5.0 s  person    speech  Hello?  (2.0 s)",
    ]
    assert call_lines({**CALL, "duration": 0, "transcript": CALL["transcript"][2:3]}, colored=True) == (
        "\x1b[2m2026-03-01 12:00:00\x1b[0m  ←  447700900101 → 447700900000  \x1b[32mcompleted\x1b[0m\n"
        "\x1b[2m     4.0 s\x1b[0m  platform  beep    (beep)"
    )


def test_of_a_call_each_status_is_shown_once() -> None:
    """What is heard meanwhile is no news; the transcript comes with the end."""
    ringing = {**CALL, "status": "answered", "duration": 0, "ended_at": None}
    pages = [
        {"items": [ringing], "since": 1},
        {"items": [{**ringing, "seq": 4, "transcript": [*CALL["transcript"], CALL["transcript"][0]]}], "since": 2},
        {"items": [{**CALL, "seq": 5}], "since": 3},
    ]
    shown: list[tuple[str, bool]] = []

    class Seen(Screen):
        def show(self, entry: Any, *, whole: bool = False) -> None:
            shown.append((entry["status"], whole))

    class Paged(Remote):
        def read_page(self, collection: str, query: dict[str, str], wait_s: int = 0) -> dict[str, Any]:
            assert collection == "calls"
            if not pages:
                raise NoServer("it is over")
            return pages.pop(0)

    with Paged() as server, pytest.raises(inbox.Gone):
        follow(server, Seen(readable=True, colored=False), {}, kind="calls")

    assert shown == [("answered", False), ("completed", True)]


# The command.


async def test_in_a_pipe_calls_are_lines_of_json(live: Live, there: dict[str, str]) -> None:
    async with open_world(live.http, "calls") as world:
        await world.control("POST", "handsets/447700900101/call", {"to": "447700900000"})
        await world.control("POST", "handsets/447700900102/call", {"to": "447700900000"})
        items = await world.items("calls")
        done = await acall("inbox", "--world", "calls", "--calls", "--from", "447700900101", **there)

    assert len(items) == 2
    assert done.json_lines() == items[:1]


async def test_in_a_pipe_each_message_is_a_line_of_json(live: Live, there: dict[str, str]) -> None:
    """As the control API words it, newest last; --to, --from and --limit choose."""
    async with open_world(live.http, "pipe") as world:
        for to, sender in (("447700900001", "Acme"), ("447700900002", "Acme"), ("447700900002", "447700900000")):
            await world.send(to=to, from_=sender, text=f"for {to} ☕", type="unicode")
        items = await world.items("messages")
        mine = ("inbox", "--world", "pipe")
        every = await acall(*mine, **there)
        to_it = await acall(*mine, "--to", "+447700900002", **there)
        from_it = await acall(*mine, "--from", "Acme", **there)
        both = await acall(*mine, "--from", "Acme", "--to", "447700900002", **there)
        newest = await acall(*mine, "--limit", "2", **there)
        none = await acall(*mine, "--limit", "0", **there)

    assert [each.json_lines() for each in (every, to_it, from_it, both, newest)] == [
        items,
        items[1:],
        items[:2],
        items[1:2],
        items[1:],
    ]
    assert "☕" in every.out
    assert none == Ended(0, "", "")


async def test_on_a_terminal_each_message_is_a_line_for_people(live: Live, there: dict[str, str]) -> None:
    """And JSON when that is asked for, without a colour."""
    async with open_world(live.http, "terminal") as world:
        await world.send(text="Hi\x1b]0;x\x07", type="unicode")
        await world.send(text="A" * 161)
        items = await world.items("messages")
        with terminal("inbox", "--world", "terminal", **there, NO_COLOR="1") as screen:
            readable = screen.end()
        with terminal("inbox", "--world", "terminal", **there) as screen:
            colored = screen.end()
        with terminal("inbox", "--json", "--world", "terminal", **there) as screen:
            worded = screen.end()

    head = "2026-03-01 12:00:00  →  Acme → 447700900001  submitted"
    assert readable == (0, f"{head}  Hi\\x1b]0;x\\x07\n{head}  {'A' * 161}  (2 parts)\n")
    assert colored[1] == "".join(f"{line(each, colored=True)}\n" for each in items)
    assert Ended(*worded, "").json_lines() == items


async def test_a_terminal_of_few_letters_is_no_reason_to_fail(live: Live, there: dict[str, str]) -> None:
    """What it does not have is written out."""
    async with open_world(live.http, "ascii") as world:
        await world.send(text="☕", type="unicode")
        few = {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1"}
        with terminal("inbox", "--world", "ascii", **there, **few) as screen:
            shown = screen.end()

    assert shown == (0, "2026-03-01 12:00:00  \\u2192  Acme \\u2192 447700900001  submitted  \\u2615\n")


async def test_a_reader_that_has_enough_ends_it_without_a_word(live: Live, there: dict[str, str]) -> None:
    """As with every command before ``head``."""
    async with open_world(live.http, "head") as world:
        for _ in range(60):
            # Together more than a pipe holds.
            await world.send(text="x" * 1500)
        script = f"({COMMAND} inbox --world head; echo $? >&2) | head -n 1"
        done = await asyncio.to_thread(
            subprocess.run,
            ["sh", "-c", script],
            env=clean_environment(**there),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )

    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "1\n")


# Following.


async def test_following_shows_what_comes_and_what_changes(live: Live, there: dict[str, str]) -> None:
    """What is there, each new message, and each again whose status changed; Ctrl-C ends it with status 0."""
    async with open_world(live.http, "follow") as world:
        await world.send(text="one")
        await world.send(text="two")
        async with piped("inbox", "--follow", "--limit", 1, "--world", "follow", **there) as command:
            seen = [await command.entry()]
            await world.send(text="three")
            seen.append(await command.entry())
            await world.advance("5s")
            changed = [await command.entry() for _ in range(3)]
            await world.control("POST", "handsets/447700900001/sms", {"to": "447700900000", "text": "four"})
            seen.append(await command.entry())
            ended = await command.end(signal.SIGINT)

    assert [(each["text"], each["status"]) for each in seen] == [
        ("two", "submitted"),
        ("three", "submitted"),
        ("four", "delivered"),
    ]
    assert [(each["text"], each["status"]) for each in changed] == [
        ("one", "delivered"),
        ("two", "delivered"),
        ("three", "delivered"),
    ]
    assert ended == Ended(0, "", "")


async def test_following_shows_only_what_was_asked_for(live: Live, there: dict[str, str]) -> None:
    """What does not match is passed over, now and later."""
    async with open_world(live.http, "choose") as world:
        await world.send(to="447700900001", text="no")
        await world.send(to="447700900002", text="yes")
        async with piped("inbox", "--follow", "--to", 447700900002, "--world", "choose", **there) as command:
            texts = [(await command.entry())["text"]]
            await world.send(to="447700900001", text="not now")
            await world.send(to="447700900002", text="now")
            texts.append((await command.entry())["text"])

    assert texts == ["yes", "now"]


async def test_following_goes_on_when_the_world_is_put_back(live: Live, there: dict[str, str]) -> None:
    """A reset empties the log; what comes then is shown, even the very same message with the very same id."""
    async with open_world(live.http, "reset") as world:
        await world.send(text="before")
        async with piped("inbox", "--follow", "--world", "reset", **there) as command:
            texts = [(await command.entry())["text"]]
            for text in ("after", "after"):
                await world.control("POST", "reset")
                await world.send(text=text)
                texts.append((await command.entry())["text"])

    assert texts == ["before", "after", "after"]


def test_following_on_a_terminal_ends_at_ctrl_c(there: dict[str, str]) -> None:
    """Silently."""
    made = call("trigger", "inbound-sms", "--from", "447700900001", "--to", "447700900000", "--text", "Hi", **there)
    assert made.status == 0
    with terminal("inbox", "--follow", "--limit", 1, **there, NO_COLOR="1") as screen:
        assert screen.line().endswith("  ←  447700900001 → 447700900000  received  Hi")
        screen.type(b"\x03")
        assert screen.end() == (0, "")


async def test_a_server_that_ends_is_told(there: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """One line, and status 1; what came before it was shown."""
    with open_live(tmp_path_factory.mktemp("ends")) as live:
        async with (
            open_world(live.http, "ends") as world,
            piped("inbox", "--follow", "--url", live.http, "--world", "ends", **there) as command,
        ):
            await world.send(text="last")
            assert (await command.entry())["text"] == "last"
            await asyncio.to_thread(live.stop)
            ended = await command.end()

    assert ended == Ended(1, "", f"fake-nexmo: the server at {live.http} has ended\n")


async def test_a_world_that_goes_is_told(live: Live, there: dict[str, str]) -> None:
    """The same."""
    async with open_world(live.http, "goes") as world:
        await world.send()
        async with piped("inbox", "--follow", "--world", "goes", **there) as command:
            await command.line()
            assert (await world.client.delete("/_fake/worlds/goes")).status_code == 204
            ended = await command.end()

    assert ended == Ended(1, "", "fake-nexmo: the world 'goes' is gone\n")


def problem(kind: str, status: int = 503) -> Answer:
    """A no of the control API."""
    body = f'{{"type": "urn:fake-nexmo:{kind}", "title": "t", "status": {status}, "detail": "said\\nso"}}'
    return Answer(status, body.encode())


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (
            Answer(200, b'{"items": [], "since": 3}'),
            "the world 'default' at {url} was made anew; what was shown is gone",
        ),
        (problem("stopping"), "the server at {url} has ended"),
        (problem("other"), "said\\nso"),
        (Answer(hang_up=True), "the server at {url} has ended"),
        (Answer(200, b"hello"), "the server at {url} has ended"),
    ],
)
async def test_whatever_ends_the_following_is_one_line(there: dict[str, str], second: Answer, said: str) -> None:
    """A server that was started anew counts from below; others say no."""
    async with Receiver() as receiver:
        receiver.say(Answer(200, b'{"items": [], "since": 7}'), second)
        ended = await acall("inbox", "--follow", "--url", receiver.url, **there)
        asked = [(each.path, each.params) for each in receiver.requests]

    assert ended == Ended(1, "", f"fake-nexmo: {said.format(url=receiver.url.rstrip('/'))}\n")
    path = "/_fake/worlds/default/messages"
    assert asked == [(path, {}), (path, {"since": "7", "wait": "30s"})]


async def test_messages_that_were_dropped_unseen_are_told(there: dict[str, str]) -> None:
    """A log that forgets faster than it is read."""
    async with Receiver() as receiver:
        pages = [b'{"items": [], "since": 7}', b'{"items": [], "since": 9, "truncated": true}']
        receiver.say(*(Answer(200, page) for page in pages), problem("stopping"))
        ended = await acall("inbox", "--follow", "--url", receiver.url, **there)

    assert ended.err.splitlines() == [
        "fake-nexmo: some messages were gone before they could be shown; see --retention",
        f"fake-nexmo: the server at {receiver.url.rstrip('/')} has ended",
    ]


class Shown(Screen):
    """A screen that remembers."""

    def __init__(self) -> None:
        super().__init__(readable=False, colored=False)
        self.entries: list[tuple[str, str]] = []

    def show(self, entry: Any, *, whole: bool = False) -> None:
        self.entries.append((entry["id"], entry["status"]))


class Scripted(Remote):
    """A server whose pages are known before: messages by id, with their status and those of their parts."""

    def __init__(self, *pages: list[tuple[str, str, str]]) -> None:
        super().__init__()
        self._pages = iter(enumerate(pages))

    def read_page(self, collection: str, query: dict[str, str], wait_s: int = 0) -> dict[str, Any]:
        for k, page in self._pages:
            items = [{"seq": k, "id": name, "status": status, "parts": [*parts]} for name, status, parts in page]
            return {"items": items, "since": k}
        raise KeyboardInterrupt


def followed(*pages: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """What is shown of pages."""
    screen = Shown()
    with Scripted(*pages) as scripted, pytest.raises(KeyboardInterrupt):
        follow(scripted, screen, {})
    return screen.entries


def test_of_a_long_message_each_status_is_shown_once() -> None:
    """However its parts get there."""
    pages = ([("a", "s", "ss")], [("a", "s", "sd")], [("a", "d", "dd")])

    assert followed(*pages) == [("a", "s"), ("a", "d")]


def test_a_message_that_comes_again_unchanged_is_shown_again() -> None:
    """Only a world that was reset sends the same under the same id."""
    assert followed([("a", "s", "s")], [("a", "s", "s")]) == [("a", "s"), ("a", "s")]


def test_what_was_shown_is_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many messages, the one shown longest ago is forgotten, and would be shown again."""
    monkeypatch.setattr(inbox, "REMEMBERED_MAX", 2)
    pages = (
        [("a", "1", "x"), ("b", "1", "x")],
        [("a", "1", "y")],
        [("c", "1", "x")],
        [("a", "1", "z"), ("b", "1", "y")],
    )

    assert followed(*pages) == [("a", "1"), ("b", "1"), ("c", "1"), ("b", "1")]


# Addresses.


def test_somebody_who_listens_and_never_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while."""
    monkeypatch.setattr(remote, "PATIENCE_S", 0.05)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with Remote(url) as asked, pytest.raises(NoServer) as told:
            asked.read_page("messages", {})

    assert str(told.value) == f"what listens at {url} does not answer"


@pytest.mark.parametrize(
    ("url", "http", "used", "host", "port"),
    [
        ("http://127.0.0.1:6396", "http://127.0.0.1:6396", "http://127.0.0.1:6396", "127.0.0.1", 6396),
        ("HTTP://LocalHost:80/", "http://localhost:80", "http://localhost:80", "localhost", 80),
        ("http://fake", "http://fake:80", "http://fake:80", "fake", 80),
        ("http://[::1]:6396", "http://[::1]:6396", "http://[::1]:6396", "::1", 6396),
    ],
)
def test_an_address_is_taken_apart(url: str, http: str, used: str, host: str, port: int) -> None:
    """One port answers both schemes."""
    with Remote(url) as given:
        assert (given.http, given.url, given.host, given.port) == (http, used, host, port)
        assert given.https == f"https://{given.place}"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "127.0.0.1:6396",
            "ftp://127.0.0.1",
            "http://",
            "http://127.0.0.1:99999",
            "http://127.0.0.1:0",
            "http://[::1",
        ),
        *(
            "http://127.0.0.1:6396/_fake",
            "http://127.0.0.1?x",
            "http://127.0.0.1#x",
            "http://a@127.0.0.1",
            "http://a b",
        ),
    ],
)
def test_what_is_no_address_is_refused(url: str, there: dict[str, str]) -> None:
    """By option or in the environment."""
    said = f"{url!r} is no address of a server; write it like http://127.0.0.1:6396"
    with pytest.raises(ValueError, match="is no address of a server") as refused:
        Remote(url)
    assert str(refused.value) == said


def test_which_address_is_wrong_is_said(there: dict[str, str]) -> None:
    """The option, or the variable."""
    said = "'nowhere' is no address of a server; write it like http://127.0.0.1:6396\n"
    assert call("inbox", "--url", "nowhere", **there) == Ended(2, "", f"fake-nexmo: --url: {said}")
    assert call("inbox", **{**there, "FAKE_NEXMO_URL": "nowhere"}) == Ended(
        2, "", f"fake-nexmo: FAKE_NEXMO_URL: {said}"
    )
