"""The rules of a websocket alone: what is due by when, what comes of each message in each state, and how it ends."""

from __future__ import annotations

import sys
from array import array
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.voice import socket_ends_rules as ends
from fake_nexmo.apis.voice import socket_wire as words
from fake_nexmo.apis.voice import sound_wire
from fake_nexmo.apis.voice.actions_model import ConnectAction, TalkAction, WaitAction
from fake_nexmo.apis.voice.ask_rules import Heard
from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.apis.voice.model import Call, Talk
from fake_nexmo.apis.voice.socket_model import Mark, Websocket
from fake_nexmo.apis.voice.socket_rules import (
    FRAME,
    PUMP,
    SLICE,
    Incoming,
    Party,
    heard,
    incoming,
    next_pump,
    outgoing,
    pump,
    wake,
)
from fake_nexmo.apis.voice.sound_wire import Span, lasts, sound, tone
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus, Line, Sound, Speaker
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Delivery, Timer
from tests.apis.voice.desk import START, UUID, make_call, make_leg

NOW = START + 10 * SECOND
ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="")
APP = Endpoint(EndpointType.WEBSOCKET, "ws://127.0.0.1:1/", shown={"content-type": "audio/l16;rate=8000"})
SAMPLES = b"\x01\x02"


def moment(now: int = NOW) -> Moment:
    return Moment(now, 7, 42)


def party(*lines: Line, says: Call | None = None, status: LegStatus = LegStatus.ANSWERED, **said: Any) -> Party:
    """Somebody with a websocket, on whose leg something was heard."""
    call = make_call(to=APP, **said)
    return Party(call, make_leg(status, transcript=lines), says or call)


def socket(**said: Any) -> Websocket:
    """A websocket that was opened a second ago."""
    return replace(Websocket(id=UUID, rate=8000, opened_at=NOW - SECOND), **said)


def talk(at: int, lasts: int, **said: Any) -> Line:
    return replace(Line(at, Speaker.PLATFORM, "Hello", lasts=lasts), **said)


def short(messages: tuple[str | bytes, ...]) -> list[Any]:
    """Texts as they are, frames by whether they are sound."""
    return [each if isinstance(each, str) else any(each) for each in messages]


# Outwards.


def test_frames_that_are_whole_are_due() -> None:
    """Those since the last pump, and none that is still going on."""
    sent, messages = outgoing(socket(sent=45), party(), NOW + FRAME - 1)
    assert messages == (bytes(320),) * 5
    assert sent.sent == 50
    assert outgoing(sent, party(), NOW + FRAME).messages == (bytes(320),)
    assert outgoing(sent, party(), NOW).messages == ()


def test_texts_stand_where_their_instants_are() -> None:
    """Of two at an instant the one that was set first comes first; what is later waits."""
    marks = (Mark(NOW - 500_000, "b"), Mark(NOW - 990_000, "a"), Mark(NOW + 1, "d"), Mark(NOW - 500_000, "c"))
    sent, messages = outgoing(socket(marks=marks), party(), NOW)
    assert short(messages) == ["a", *[False] * 25, "b", "c", *[False] * 25]
    assert sent.marks == (Mark(NOW + 1, "d"),)


def test_keys_are_looked_for_once() -> None:
    """Those of others and of the platform; not the app's own, and not digits that are said."""
    keys = (
        Line(NOW - 900_000, Speaker.OTHER, "", "1", sound=Sound.DTMF, lasts=200_000),
        Line(NOW - 500_000, Speaker.PLATFORM, "", "2p3", sound=Sound.DTMF),
        Line(NOW - 400_000, Speaker.PERSON, "", "4", sound=Sound.DTMF),
        Line(NOW - 300_000, Speaker.PLATFORM, "", "5", sound=Sound.TALK),
    )
    sent, messages = outgoing(socket(lines=0), party(*keys), NOW)
    assert [each for each in short(messages) if isinstance(each, str)] == [words.dtmf(digit) for digit in "123"]
    assert not any(each for each in short(messages) if not isinstance(each, str))
    assert sent.lines == 4
    assert outgoing(sent, party(*keys), NOW + SECOND).messages == (bytes(320),) * 50


def test_a_leg_that_is_over_is_sent_what_was_before_its_end() -> None:
    """Nothing of what came after."""
    one = party(status=LegStatus.COMPLETED)
    one = one._replace(leg=replace(one.leg, ended_at=NOW - 800_000))
    assert len(outgoing(socket(), one, NOW).messages) == 10


PROMPT = talk(NOW - SECOND, 300_000)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (party(PROMPT), 300_000),
        (party(PROMPT, saying=PROMPT, doing=TalkAction(text="Hello", loop=1)), 300_000),
        (party(PROMPT, saying=PROMPT, doing=TalkAction(text="Hello", loop=3)), 900_000),
        (party(PROMPT, saying=PROMPT, doing=TalkAction(text="Hello", loop=0)), None),
        (party(PROMPT, saying=PROMPT, doing=WaitAction(lasts=1)), 300_000),
        (party(PROMPT, saying=talk(NOW, 1), doing=TalkAction(text="Hello", loop=3)), 300_000),
        (party(PROMPT, says=make_call(saying=PROMPT, doing=TalkAction(text="Hello", loop=2))), 600_000),
        (party(PROMPT, saying=PROMPT, doing=ConnectAction(to=APP)), None),
        (party(PROMPT, playing=Talk("talk", 0, NOW)), 1_000_000),
        (party(PROMPT, playing=Talk("talk", 0, None)), None),
        (party(PROMPT, playing=Talk("talk", 1, None)), 300_000),
        (party(replace(PROMPT, cut=True), saying=PROMPT, doing=TalkAction(text="Hello", loop=3)), 300_000),
        (party(replace(PROMPT, speaker=Speaker.OTHER, sound=Sound.SPEECH)), 300_000),
        (party(replace(PROMPT, speaker=Speaker.OTHER, sound=Sound.AUDIO)), 300_000),
    ],
    ids=[
        *("once", "one loop", "three loops", "endless", "said before", "another line", "of the host", "ringing"),
        *("REST", "REST endless", "REST of another line", "cut", "somebody else", "another app"),
    ],
)
def test_how_long_a_line_is_heard(one: Party, expected: int | None) -> None:
    """As often as it is said, or until something else comes."""
    (span,) = heard(socket(), one, NOW)
    assert (span.at, span.until - span.at) == (NOW - SECOND, expected or (1 << 62) - span.at)


@pytest.mark.parametrize("line", [replace(PROMPT, speaker=Speaker.PERSON), replace(PROMPT, sound=Sound.DTMF)])
def test_what_makes_no_sound(line: Line) -> None:
    """The app's own, and keys."""
    assert list(heard(socket(), party(line), NOW)) == []


def test_what_went_on_is_heard_to_its_end() -> None:
    """Though the action was over when the pump came, which is at the same instant."""
    loops = party(PROMPT, saying=PROMPT, doing=TalkAction(text="Hello", loop=3))
    before = outgoing(socket(), loops, NOW - 200_000).socket
    assert (before.going, before.going_until) == (0, NOW - 100_000)
    after, messages = outgoing(before, party(PROMPT), NOW)
    assert short(messages) == [True] * 5 + [False] * 5
    assert (after.going, after.going_until) == (-1, 0)


@pytest.mark.parametrize(
    ("sock", "one", "expected"),
    [
        (socket(), party(), (SLICE, True)),
        (socket(), party(talk(NOW - SECOND, SECOND)), (SLICE, True)),
        (socket(), party(talk(NOW - SECOND, SECOND + 1)), (SLICE, False)),
        (socket(), party(talk(NOW + SLICE, SECOND)), (SLICE, True)),
        (socket(), party(talk(NOW + SLICE - 1, SECOND)), (SLICE, False)),
        (socket(), party(PROMPT, saying=PROMPT, doing=TalkAction(text="Hello", loop=9)), (SLICE, False)),
        (socket(), party(PROMPT, saying=PROMPT, doing=TalkAction(text="Hello", loop=0)), (SLICE, True)),
        (socket(plays_until=NOW), party(), (SLICE, True)),
        (socket(plays_until=NOW + 1), party(), (SLICE, False)),
        (socket(marks=(Mark(NOW + SLICE, "a"),)), party(), (SLICE, False)),
        (socket(marks=(Mark(NOW + SLICE + 1, "a"),)), party(), (SLICE, True)),
        (socket(marks=(Mark(NOW + 5, "a"), Mark(NOW + 3, "b"))), party(), (3, False)),
        (socket(marks=(Mark(NOW - 5, "a"),)), party(), (0, False)),
    ],
)
def test_the_next_slice(sock: Websocket, one: Party, expected: tuple[int, bool]) -> None:
    """It ends early for a text, and is idle where nothing is heard and no text falls due."""
    after, idle = expected
    assert next_pump(replace(sock, pumps=3), one, NOW) == Timer(
        id=f"voice/{UUID}/pump/3", due_at=NOW + after, owner="voice", what=PUMP, subject=UUID, idle=idle
    )


def test_other_pumps() -> None:
    """One has an id, so that it is set once."""
    assert pump(UUID, NOW) == Timer(due_at=NOW, owner="voice", what=PUMP, subject=UUID)
    assert wake(UUID) == Timer(id=f"voice/{UUID}/wake", due_at=0, owner="voice", what=PUMP, subject=UUID)


# Inwards: state by message.

QUIET = socket(marks=(Mark(NOW + 5, "key"),))
PLAYING = socket(line=0, plays_until=NOW + SECOND, marks=(Mark(NOW + SECOND, "heard", plays=True), Mark(NOW, "key")))
JUST_DONE = socket(line=0, plays_until=NOW - SLICE)
LONG_DONE = socket(line=0, plays_until=NOW - SLICE - 1)
OWN = Line(NOW - 2 * SECOND, Speaker.PERSON, "", sound=Sound.AUDIO, lasts=3 * SECOND)
ENDED = replace(OWN, lasts=2 * SECOND - SLICE)
FRAME_OF_SOUND = SAMPLES * 160
FRESH = Line(NOW, Speaker.PERSON, "", sound=Sound.AUDIO, lasts=FRAME)


@pytest.mark.parametrize(
    ("sock", "lines", "message", "after", "heard_after"),
    [
        (QUIET, (), FRAME_OF_SOUND, {"plays_until": NOW + FRAME, "line": 0}, (FRESH,)),
        (QUIET, (), bytes(320), {}, ()),
        (QUIET, (), b"", {}, ()),
        (QUIET, (), b"\x01", {}, ()),
        (QUIET, (), '{"action":"clear"}', {"marks": (*QUIET.marks, Mark(NOW, words.cleared()))}, ()),
        (
            QUIET,
            (),
            '{"action":"notify","payload":1}',
            {"marks": (*QUIET.marks, Mark(NOW, words.notified(1), plays=True))},
            (),
        ),
        (QUIET, (), "hello", {}, ()),
        (PLAYING, (OWN,), FRAME_OF_SOUND, {"plays_until": NOW + SECOND + FRAME}, (replace(OWN, lasts=3_020_000),)),
        (PLAYING, (OWN,), bytes(320), {}, (OWN,)),
        (
            PLAYING,
            (OWN,),
            '{"action":"clear"}',
            {"plays_until": NOW, "line": -1, "marks": (Mark(NOW, "key"), Mark(NOW, words.cleared()))},
            (replace(OWN, lasts=2 * SECOND, cut=True),),
        ),
        (
            PLAYING,
            (OWN,),
            '{"action":"notify"}',
            {"marks": (*PLAYING.marks, Mark(NOW + SECOND, '{"event":"websocket:notify"}', plays=True))},
            (OWN,),
        ),
        (JUST_DONE, (ENDED,), FRAME_OF_SOUND, {"plays_until": NOW + FRAME}, (replace(OWN, lasts=2_020_000),)),
        (LONG_DONE, (ENDED,), FRAME_OF_SOUND, {"plays_until": NOW + FRAME, "line": 1}, (ENDED, FRESH)),
        (
            JUST_DONE,
            (ENDED,),
            '{"action":"clear"}',
            {"line": -1, "marks": (Mark(NOW, words.cleared()),)},
            (ENDED,),
        ),
    ],
    ids=[
        *("quiet: sound", "quiet: silence", "quiet: nothing", "quiet: half a sample", "quiet: clear", "quiet: notify"),
        *("quiet: text", "playing: sound", "playing: silence", "playing: clear", "playing: notify"),
        *("just done: sound", "long done: sound", "just done: clear"),
    ],
)
def test_what_comes_of_a_message(
    sock: Websocket, lines: tuple[Line, ...], message: str | bytes, after: dict[str, Any], heard_after: tuple[Line, ...]
) -> None:
    """Every state of the queue, every kind of message."""
    leg = make_leg(LegStatus.ANSWERED, transcript=lines)
    changed = tuple(k for k, line in enumerate(heard_after) if k >= len(lines) or line != lines[k])
    assert incoming(sock, leg, [message], moment()) == Incoming(
        replace(sock, **after), replace(leg, transcript=heard_after), changed
    )


def test_all_messages_of_a_pump_are_one_line() -> None:
    """One message after the other, pauses in between."""
    silence = [bytes(320)] * 25
    burst = [*silence, *[FRAME_OF_SOUND] * 50, *silence, *[FRAME_OF_SOUND] * 25, *silence]
    came = incoming(socket(), make_leg(LegStatus.ANSWERED), burst, moment())
    assert came.leg.transcript == (replace(FRESH, lasts=2 * SECOND),)
    assert (came.changed, came.socket.plays_until) == ((0,), NOW + 2 * SECOND)


def test_a_pause_is_dropped_with_what_came_before_it() -> None:
    """What is said after a ``clear`` is heard at once; another command changes nothing about a pause."""
    said: list[str | bytes] = [FRAME_OF_SOUND, bytes(320), '{"action":"notify"}', FRAME_OF_SOUND]
    assert incoming(socket(), make_leg(LegStatus.ANSWERED), said, moment()).socket.plays_until == NOW + 3 * FRAME
    said[2] = '{"action":"clear"}'
    assert incoming(socket(), make_leg(LegStatus.ANSWERED), said, moment()).socket.plays_until == NOW + FRAME


@given(
    st.lists(
        st.one_of(st.binary(max_size=960), st.sampled_from(['{"action":"clear"}', '{"action":"notify"}', "x"])),
        max_size=20,
    ),
    st.lists(st.integers(1, SECOND), min_size=1, max_size=20),
)
def test_laws_of_what_an_app_says(messages: list[str | bytes], steps: list[int]) -> None:
    """Sounds never overlap, what is dropped is never longer than it was heard, and texts go out once, in order."""
    sock, leg, now = socket(), make_leg(LegStatus.ANSWERED), NOW
    told: list[str] = []
    for k, message in enumerate(messages):
        now += steps[k % len(steps)]
        sock, texts = outgoing(sock, party()._replace(leg=leg), now)
        told += [each for each in texts if isinstance(each, str)]
        sock, leg, _ = incoming(sock, leg, [message], moment(now))
    sock, texts = outgoing(sock, party()._replace(leg=leg), now + 100 * SECOND)
    told += [each for each in texts if isinstance(each, str)]

    for line, following in zip(leg.transcript, leg.transcript[1:], strict=False):
        assert line.at + line.lasts <= following.at
    assert sock.marks == ()
    assert told.count(words.cleared()) == messages.count('{"action":"clear"}')
    assert told.count('{"event":"websocket:notify"}') <= messages.count('{"action":"notify"}')


# Words.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"action":"clear"}', words.Clear()),
        ('{"action":"clear","more":1}', words.Clear()),
        ('{"action":"notify","payload":{"a":[1]}}', words.Notify({"a": [1]})),
        ('{"action":"notify","payload":null}', words.Notify(None)),
        ('{"action":"notify"}', words.Notify(msgspec.UNSET)),
        *[(text, None) for text in ("", "clear", "[]", "null", "{}", '{"action":null}', '{"action":"play"}', "\ud800")],
    ],
)
def test_commands(text: str, expected: object) -> None:
    """Source: reference ncco §6 (B; D for the shapes)."""
    assert words.read(text) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            words.connected("audio/l16;rate=16000", {"a": 1, "b": {"c": [None]}}),
            '{"event":"websocket:connected","content-type":"audio/l16;rate=16000","a":1,"b":{"c":[null]}}',
        ),
        (
            words.connected("x", {"event": "mine", "content-type": "mine", "z": "ü"}),
            '{"event":"websocket:connected","content-type":"x","z":"ü"}',
        ),
        (words.dtmf("#"), '{"event":"websocket:dtmf","digit":"#","duration":260}'),
        (words.cleared(), '{"event":"websocket:cleared"}'),
        (words.notified({"a": 1}), '{"event":"websocket:notify","payload":{"a":1}}'),
        (words.notified(None), '{"event":"websocket:notify","payload":null}'),
        (words.notified(msgspec.UNSET), '{"event":"websocket:notify"}'),
    ],
)
def test_messages(made: str, expected: str) -> None:
    """Each, to the byte. Source: reference ncco §6 (B; D)."""
    assert made == expected


@pytest.mark.parametrize(
    ("content_type", "rate"),
    [
        ("audio/l16;rate=8000", 8000),
        ("audio/l16;rate=16000", 16000),
        ("audio/l16;rate=24000", 24000),
        ("audio/l16", 16000),
        ("audio/l16;rate=44100", 16000),
        ("audio/l16;rate=0", 16000),
    ],
)
def test_rates(content_type: str, rate: int) -> None:
    """Source: reference ncco §3.3, §6 (B)."""
    assert words.rate_of(content_type) == rate


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({}, ()),
        ({"type": "vonage"}, (("Authorization", "Bearer t"),)),
        ({"type": "custom", "value": "Basic x"}, (("Authorization", "Basic x"),)),
        ({"type": "custom", "value": "a\r\nX: y"}, ()),
        ({"type": "custom", "value": "ü"}, ()),
        ({"type": "custom", "value": 5}, ()),
        ({"type": "other", "value": "x"}, ()),
    ],
)
def test_authorization(given_: dict[str, Any], expected: object) -> None:
    """Source: reference voice §4.2 (B)."""
    assert words.authorization(given_, "t") == expected


# Sound.


def test_a_tone_begins_with_its_span_and_goes_on_where_it_was() -> None:
    """Cut anywhere, the pieces are the whole."""
    spans = [Span(Speaker.PLATFORM, NOW + 1_000, NOW + 31_000), Span(Speaker.OTHER, NOW + 20_000, NOW + 60_000)]
    whole = sound(spans, NOW, 0, 640, 8000)
    assert b"".join(sound(spans, NOW, k, k + 160, 8000) for k in range(0, 640, 160)) == whole
    samples = array("h", whole)
    assert samples[:8] == array("h", bytes(16))
    assert samples[8:160] == tone(Speaker.PLATFORM, 8000, 0, 152)
    assert samples[160:480] == tone(Speaker.OTHER, 8000, 0, 320)
    assert samples[480:] == array("h", bytes(320))


@pytest.mark.parametrize("rate", [8000, 16000, 24000])
@pytest.mark.parametrize("speaker", list(Speaker))
def test_tones_go_into_a_second_without_a_rest(rate: int, speaker: Speaker) -> None:
    """So a second of a tone can follow another one without a click."""
    second = tone(speaker, rate, 0, rate)
    assert tone(speaker, rate, rate, 2 * rate) == second
    assert abs(sum(second)) < rate


def test_bytes_come_low_one_first_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that has them the other way round, too."""
    assert sound_wire.in_bytes(array("h", [1, -2])) == (b"\x01\x00\xfe\xff" if sys.byteorder == "little" else b"")
    monkeypatch.setattr(sys, "byteorder", "big" if sys.byteorder == "little" else "little")
    assert sound_wire.in_bytes(array("h", [1, -2])) == b"\x00\x01\xff\xfe"


@pytest.mark.parametrize(("length", "rate", "expected"), [(320, 8000, 20_000), (641, 16000, 20_000), (1, 8000, 0)])
def test_how_long_bytes_last(length: int, rate: int, expected: int) -> None:
    """In microseconds."""
    assert lasts(length, rate) == expected


# Beginning and end.


@pytest.mark.parametrize("status", list(LegStatus))
def test_a_handshake_in_every_state(status: LegStatus) -> None:
    """A leg that waits for it is answered; one that is over has its socket closed."""
    leg = make_leg(status)
    if status is LegStatus.ANSWERED:
        return
    change = ends.opened(make_call(to=APP), leg, ACCOUNT, (FRAME_OF_SOUND,), moment())
    if leg.over:
        assert change == Change(put=(Websocket(id=UUID, rate=8000, opened_at=NOW),), timers=(pump(UUID, NOW),))
        return
    stored: dict[type, Any] = {type(each): each for each in change.put}
    assert (stored[Leg].status, stored[Leg].transcript) == (LegStatus.ANSWERED, (FRESH,))
    assert stored[Websocket] == Websocket(id=UUID, rate=8000, opened_at=NOW, line=0, plays_until=NOW + FRAME)
    assert [each.what for each in change.timers] == ["answered", PUMP]


@pytest.mark.parametrize("status", list(LegStatus))
@pytest.mark.parametrize(
    ("failed", "what", "after"),
    [
        ("refused", "fail", 0.5),
        ("protocol", "fail", 0.5),
        ("timeout", "not_reached", 20),
        ("connection", "not_reached", 20),
    ],
)
def test_no_handshake_in_every_state(status: LegStatus, failed: str, what: str, after: float) -> None:
    """It is known when it is for other calls, or at once if that is past; a leg that is over stays as it is."""
    leg = make_leg(status)
    now = START + SECOND
    change = ends.not_opened(leg, failed, moment(now))
    due_at = max(now, START + round(after * SECOND))
    expected = Timer(due_at=due_at, owner="network", what=what, subject=UUID)
    assert change == (Change() if leg.over else Change(timers=(expected,)))


def reported(call: Call, **said: Any) -> Delivery:
    """The report of a websocket that was closed."""
    return Delivery(
        id="d", kind="event", owner="voice", account="main", about=UUID, subject="s", url="http://127.0.0.1/e",
        method="POST", facts={"uuid": UUID, "left": "host"}, created_at=NOW, due_at=NOW, **said,
    )  # fmt: skip


SECOND_CALL = make_call(to=APP, host="host", parting=True)
THERE = make_leg(LegStatus.COMPLETED, ended_at=NOW)
HOST_LEG = make_leg(LegStatus.ANSWERED, id="host")


def host(**said: Any) -> Call:
    return make_call(id="host", **said)


def replied(one: Call, second: Call, reply: Heard, now: int = NOW) -> Change:
    return ends.replied(one, HOST_LEG, second, THERE, ACCOUNT, reported(second), reply, moment(now))


def test_a_reply_is_taken_in_once() -> None:
    """A second one finds that it was."""
    assert replied(host(legs=(UUID,)), replace(SECOND_CALL, parting=False), Heard(())) == Change()


def test_a_reply_that_is_in_time_leaves_the_rest_to_be_done_when_that_is_due() -> None:
    """The report of the end of the leg comes later than that of its websocket."""
    assert replied(host(legs=(UUID,)), SECOND_CALL, Heard(())) == Change(put=(replace(SECOND_CALL, parting=False),))


def test_the_next_action_begins_though_the_websocket_was_gone_before_it_was_joined() -> None:
    """It had connected, by its handshake."""
    change = replied(host(partner=UUID, rest=(WaitAction(lasts=SECOND),)), SECOND_CALL, Heard(()))
    after = next(each for each in change.put if isinstance(each, Call) and each.id == "host")
    assert (after.doing, after.partner) == (WaitAction(lasts=SECOND), "")


def test_a_reply_that_is_late_finds_the_caller_waiting() -> None:
    """They are hung up now, since nobody is left."""
    change = replied(host(legs=(UUID,)), SECOND_CALL, Heard(()), NOW + SECOND)
    legs = [each for each in change.put if isinstance(each, Leg)]
    assert [(each.id, each.status, each.ended_by) for each in legs] == [("host", LegStatus.COMPLETED, "platform")]


@pytest.mark.parametrize("where", [{"legs": (UUID, "other")}, {"partner": UUID}])
def test_a_reply_with_an_ncco_replaces_what_the_caller_had(where: dict[str, Any]) -> None:
    """Whether the websocket had been joined or not."""
    one = host(**where, rest=(WaitAction(lasts=SECOND),), event=Callback())
    change = replied(one, SECOND_CALL, Heard((WaitAction(lasts=5 * SECOND),)))
    after = next(each for each in change.put if isinstance(each, Call) and each.id == "host")
    assert (after.doing, after.rest, after.partner) == (WaitAction(lasts=5 * SECOND), (), "")
    assert after.legs == tuple(each for each in one.legs if each != UUID)
