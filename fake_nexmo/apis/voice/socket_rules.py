"""What goes over the websocket of a leg, and what comes from it. Pure.

The platform is the client: it opens the socket, says once who calls, then sends twenty milliseconds of sound in each
binary message, without a break: tones where somebody is heard on the leg, silence elsewhere. Between them go texts: a
key that was pressed, an answer to a command. Each has its instant on the world's clock, and what is due by an instant
is sent in order of these.

**Slices.** A *pump* sends what has fallen due and takes in what the app has sent by then. The next one is due a fifth
of a second later: ten frames at a time. That is as fine as anything on the line is here, where a key takes a fifth of a
second and the shortest word half of one; it costs an app that replies to sound at most that much of virtual time, and a
second of a call five timers, so that minutes of it pass in seconds when a clock is advanced. What must not wait for a
slice has a pump of its own at once: a line that begins, a key, the end of the leg, something from the app.

**On a clock that jumps by itself** a slice in which something is heard, or a text falls due, is progress, as speech is
everywhere. A slice of silence is idle: it goes along when the clock goes on for another reason, and is no reason of its
own. As progress it would have the clock race through silence to the limit of the call while the app is still thinking;
as a deadline it would stop the clock a fifth of a second after each sound, and all else in the world with it. So
silence stands until the app says something, which sets a pump, or until somebody advances. What is played without end,
as music is to who waits, is no reason either: it leads nowhere.

**What the app sends** is heard for as long as its bytes last, one message after the other. It is sound without words:
nothing of it is understood, so that no pattern and no speech recognition finds anything in it.

Source: reference ncco §3.3, §5.2, §6; voice §9.3, §9.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from fake_nexmo.apis.voice import socket_wire as words
from fake_nexmo.apis.voice.actions_model import ConnectAction, ConversationAction, Prompt
from fake_nexmo.apis.voice.model import OWNER, Call
from fake_nexmo.apis.voice.socket_model import Mark, Websocket
from fake_nexmo.apis.voice.sound_wire import Span, lasts, samples, sound
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, Line, Sound, Speaker
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Timer

OPEN: Final = "open_socket"
"""The timer by which a websocket is opened."""
PUMP: Final = "pump"
"""The timer by which what is due on a websocket is sent, and what came from it is taken in."""

FRAME: Final = words.FRAME_MS * SECOND // 1000
SLICE: Final = SECOND // 5

_SILENCE: Final = bytes(SECOND)
_NEVER: Final = 1 << 62


class Party(NamedTuple):
    """Somebody with a websocket.

    Attributes:
        call: of the leg.
        leg: an answered one, or one that was.
        says: the call whose NCCO is heard on the leg: itself, or that of the leg that it was connected to.
    """

    call: Call
    leg: Leg
    says: Call


class Outgoing(NamedTuple):
    """What is due on a websocket.

    Attributes:
        socket: as it is when that was sent.
        messages: in order.
    """

    socket: Websocket
    messages: tuple[str | bytes, ...]


class Incoming(NamedTuple):
    """What came from a websocket.

    Attributes:
        socket: as it is by now; so is ``leg``.
        changed: the lines of the transcript that are new or have another length.
    """

    socket: Websocket
    leg: Leg
    changed: tuple[int, ...]


# Outwards.


def outgoing(socket: Websocket, party: Party, now: int) -> Outgoing:
    """What is due by an instant: frames that are whole by then, and texts between them.

    Args:
        socket: as it was left by the pump before.
        party: whose it is.
        now: the instant; of a leg that is over, its end at the latest.
    """
    leg = party.leg
    until = min(now, leg.ended_at) if leg.ended_at is not None else now
    marks = sorted((*socket.marks, *_keys(leg.transcript[socket.lines :])), key=lambda each: each.at)
    spans = tuple(heard(socket, party, until))
    messages: list[str | bytes] = []
    sent = socket.sent
    for mark in [each for each in marks if each.at <= until]:
        due = max(_frames(socket, mark.at), sent)
        messages += _sound(socket, spans, sent, due)
        messages.append(mark.text)
        sent = due
    due = max(_frames(socket, until), sent)
    messages += _sound(socket, spans, sent, due)
    left = tuple(each for each in marks if each.at > until)
    going, going_until = _going(party)
    after = replace(socket, sent=due, lines=len(leg.transcript), marks=left, going=going, going_until=going_until)
    return Outgoing(after, tuple(messages))


def heard(socket: Websocket, party: Party, now: int) -> Iterator[Span]:
    """When what is heard on a leg, from whoever is not at its own end. Keys make no sound here: they are told of.

    What is said or played more than once, or without end, is heard for as long as it goes on.
    """
    for k, line in enumerate(party.leg.transcript):
        if line.sound is Sound.DTMF or line.speaker is Speaker.PERSON:
            continue
        until = line.at + line.lasts
        if not line.cut:
            # What is over since the last pump went on until now, or until it was to be over.
            went_on = min(socket.going_until, now) if k == socket.going else 0
            until = max(_until(party, k, line), went_on)
        yield Span(line.speaker, line.at, until)


def _going(party: Party) -> tuple[int, int]:
    """The line that is heard for longer than it takes once, and until when; -1: none is."""
    for k, line in enumerate(party.leg.transcript):
        until = _until(party, k, line)
        if not line.cut and until > line.at + line.lasts:
            return k, until
    return -1, 0


def _until(party: Party, k: int, line: Line) -> int:
    """When a line is over that was not broken off."""
    playing, said, doing = party.call.playing, party.says.saying, party.says.doing
    if playing is not None and playing.line == k:
        return _NEVER if playing.ends_at is None else playing.ends_at
    if said is None or (line.at, line.sound, line.text) != (said.at, said.sound, said.text):
        return line.at + line.lasts
    if isinstance(doing, Prompt):
        return line.at + line.lasts * doing.loop if doing.loop else _NEVER
    # A call that rings, and the music of a conversation that has not started, go on until that is over.
    return _NEVER if isinstance(doing, ConnectAction | ConversationAction) else line.at + line.lasts


def next_pump(socket: Websocket, party: Party, now: int) -> Timer:
    """The timer of the next slice: it ends early where a text falls due, and is idle where nothing does or sounds."""
    told = min((max(each.at, now) for each in socket.marks), default=now + SLICE + 1)
    due_at = min(told, now + SLICE)
    spans = [each for each in heard(socket, party, now) if each.at < due_at and now < each.until < _NEVER]
    idle = not spans and socket.plays_until <= now and told > due_at
    return Timer(id=pump_id(socket), due_at=due_at, owner=OWNER, what=PUMP, subject=socket.id, idle=idle)


def pump_id(socket: Websocket) -> str:
    """The id of the timer by which the next slice is sent."""
    return f"voice/{socket.id}/pump/{socket.pumps}"


def pump(leg_id: str, now: int) -> Timer:
    """A pump apart from the slices, for what must not wait for the next one."""
    return Timer(due_at=now, owner=OWNER, what=PUMP, subject=leg_id)


def wake(leg_id: str) -> Timer:
    """The pump that is set when something comes from the app of its own accord; its instant is still to be said."""
    return Timer(id=f"voice/{leg_id}/wake", due_at=0, owner=OWNER, what=PUMP, subject=leg_id)


# Inwards.


def incoming(socket: Websocket, leg: Leg, messages: Iterable[str | bytes], moment: Moment) -> Incoming:
    """Take in what the app has sent, in order.

    Silence between sounds is a pause, and is heard as such. Before and after them it is nothing: many apps send it for
    as long as the call lasts, and on a clock that stands it would pile up in front of what they have to say.

    Source: reference ncco §6 (B; D for the shapes of commands).
    Doubt: of sound in messages of other sizes each lasts as long as its bytes do. The limit of the service's buffer,
    1,024 messages once and more today, is not applied: what becomes of more than that is not documented.
    """
    before, pause = leg.transcript, 0
    for message in messages:
        if isinstance(message, str):
            socket, leg = _commanded(socket, leg, words.read(message), moment.now)
            pause = pause if socket.plays_until > moment.now else 0
        elif message.strip(b"\0"):
            socket, leg = _played(socket, leg, pause + lasts(len(message), socket.rate), moment.now)
            pause = 0
        elif socket.plays_until > moment.now:
            pause += lasts(len(message), socket.rate)
    changed = (k for k, line in enumerate(leg.transcript) if k >= len(before) or line is not before[k])
    return Incoming(socket, leg, tuple(changed))


def _played(socket: Websocket, leg: Leg, length: int, now: int) -> tuple[Websocket, Leg]:
    """So many microseconds of sound of the app: they are heard when what came before them has been.

    An app that sends as it speaks is never on time to the millisecond: what follows within a slice goes on with what
    came before.
    """
    if not length:
        return socket, leg
    if socket.plays_until + SLICE < now:
        socket = replace(socket, line=-1)
    ends = max(socket.plays_until, now) + length
    socket = replace(socket, plays_until=ends)
    if socket.line >= 0:
        line = leg.transcript[socket.line]
        return socket, _with(leg, socket.line, replace(line, lasts=ends - line.at))
    line = Line(now, Speaker.PERSON, "", sound=Sound.AUDIO, lasts=ends - now)
    return replace(socket, line=len(leg.transcript)), leg.with_lines(line)


def _commanded(
    socket: Websocket, leg: Leg, command: words.Clear | words.Notify | None, now: int
) -> tuple[Websocket, Leg]:
    """What the app asks for.

    Source: reference ncco §6 (B).
    Doubt: whether an app is still told of the end of what it has dropped is not documented: it is not.
    """
    if isinstance(command, words.Notify):
        mark = Mark(max(socket.plays_until, now), words.notified(command.payload), plays=True)
        return replace(socket, marks=(*socket.marks, mark)), leg
    if command is None:
        return socket, leg
    marks = (*(each for each in socket.marks if not each.plays), Mark(now, words.cleared()))
    stopped = replace(socket, marks=marks, plays_until=min(socket.plays_until, now), line=-1)
    if socket.plays_until <= now or socket.line < 0:
        return stopped, leg
    line = leg.transcript[socket.line]
    return stopped, _with(leg, socket.line, replace(line, lasts=now - line.at, cut=True))


def _with(leg: Leg, number: int, line: Line) -> Leg:
    """The leg with another line in place of one."""
    lines = list(leg.transcript)
    lines[number] = line
    return replace(leg, transcript=tuple(lines))


# Helpers.


def _keys(lines: Sequence[Line]) -> Iterator[Mark]:
    """The texts of keys that others pressed, or that were sent; a pause is none. Source: voice §8.3 (B)."""
    for line in lines:
        if line.sound is Sound.DTMF and line.speaker is not Speaker.PERSON:
            yield from (Mark(line.at, words.dtmf(digit)) for digit in line.digits.replace("p", ""))


def _frames(socket: Websocket, at: int) -> int:
    """How many frames are whole by an instant."""
    return max(at - socket.opened_at, 0) // FRAME


def _sound(socket: Websocket, spans: Sequence[Span], first: int, last: int) -> Iterator[bytes]:
    """The frames between two numbers."""
    size = samples(FRAME, socket.rate)
    begins, ends = (socket.opened_at + each * FRAME for each in (first, last))
    if any(each.at < ends and each.until > begins for each in spans):
        data = sound(spans, socket.opened_at, first * size, last * size, socket.rate)
        return (data[k : k + 2 * size] for k in range(0, len(data), 2 * size))
    return (_SILENCE[: 2 * size] for _ in range(first, last))
