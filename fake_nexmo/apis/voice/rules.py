"""What the operations on a call decide; what they set going is the flow's. Pure. Source: reference voice §7, §8."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.apis.voice import flow_rules as flow
from fake_nexmo.apis.voice import wave_wire
from fake_nexmo.apis.voice.actions_model import Action as NccoAction
from fake_nexmo.apis.voice.body_rules import Body
from fake_nexmo.apis.voice.model import OWNER, Call, Recording, VoiceRefusal
from fake_nexmo.apis.voice.ncco_rules import TYPE, VALUE
from fake_nexmo.apis.voice.voices_rules import spoken
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import DAY, SECOND
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.network.speech import is_ssml

TEXT_MAX: Final = 1500
YOUNG: Final = 2 * SECOND
"""Before this age a call may refuse to be modified, if the world wants that. Source: reference voice §7 (B)."""
CREATIONS_MAX: Final = 3
KEPT: Final = 30 * DAY
"""How long recordings are there. Source: reference ncco §8 (B)."""
REQUESTS_MAX: Final = 15

_LIVE: Final = frozenset({LegStatus.STARTED, LegStatus.RINGING, LegStatus.ANSWERED})
_ANSWERED: Final = frozenset({LegStatus.ANSWERED})
_DIGITS: Final = re.compile(r"[0-9*#p]+")
# What opens a tag ends another: a text full of openings is read once, not once for each of them.
_TAG: Final = re.compile(r"<[^<>]*>")


class Action(StrEnum):
    """What can be done to a call. Source: reference voice §7 (B)."""

    HANG_UP = "hangup"
    MUTE = "mute"
    UNMUTE = "unmute"
    EARMUFF = "earmuff"
    UNEARMUFF = "unearmuff"
    TRANSFER = "transfer"


# In which states each action is taken. Source: reference voice §7 (B, D).
ALLOWED: Mapping[Action, frozenset[LegStatus]] = {
    Action.HANG_UP: _LIVE,
    Action.MUTE: _ANSWERED,
    Action.UNMUTE: _ANSWERED,
    Action.EARMUFF: _ANSWERED,
    Action.UNEARMUFF: _ANSWERED,
    Action.TRANSFER: _ANSWERED,
}


class Manners(Struct, frozen=True, gc=False):
    """What the world's settings say about calls in the wrong state.

    Attributes:
        ended: the status of a request about a call that is over: 404 or 400.
        young: whether a call that was just made refuses to be modified.
    """

    ended: int = 404
    young: bool = False


class Modify(Struct, frozen=True, gc=False):
    """What is to be done to a call.

    Attributes:
        ncco: where a transfer leads; None: it is fetched from ``url``.
    """

    action: Action
    ncco: tuple[NccoAction, ...] | None = None
    url: str = ""


class Say(Struct, frozen=True, gc=False):
    """A text to be spoken on a leg.

    Attributes:
        language: in lower case.
        loop: how often; 0: without end.
        level: how loud, from -1 to 1.
    """

    text: str
    language: str
    loop: int
    level: float


class Play(Struct, frozen=True, gc=False):
    """A recording to be played on a leg; see `Say`."""

    url: str
    loop: int
    level: float


# What requests say.


def read_modify(body: Body) -> Modify:
    """What is to be done to a call.

    Raises:
        Refusal: INVALID, also for what is missing.

    Source: reference voice §7 (D; A for the check of an inline NCCO).
    """
    word = body.given.get("action")
    action = next((each for each in Action if each == word), None)
    if action is None:
        body.is_wrong("action", TYPE if word is not None and not isinstance(word, str) else VALUE)
    ncco, url = _destination(body) if action is Action.TRANSFER else (None, "")
    body.settle()
    assert action is not None, "a request without an action is refused"
    return Modify(action, ncco, url)


def _destination(body: Body) -> tuple[tuple[NccoAction, ...] | None, str]:
    """Where a transfer leads; of an NCCO and a URL the NCCO counts. Source: reference voice §7 (C, D)."""
    given = body.given.get("destination")
    if not isinstance(given, dict):
        body.is_wrong("destination", VALUE if given is None else TYPE)
        return None, ""
    if given.get("type") != "ncco":
        body.is_wrong("type", VALUE)
    if given.get("ncco") is not None:
        return body.ncco(given["ncco"]), ""
    url = body.url("url", of=given)
    if body.is_absent("url", of=given):
        body.is_wrong("url", VALUE)
    return None, url


def read_say(body: Body) -> Say:
    """A text to be spoken.

    Raises:
        Refusal: MISSING or INVALID.

    Source: reference voice §8.2 (B, C). Doubt: an empty text counts as missing.
    """
    text = body.text("text")
    if body.given.get("text") in (None, ""):
        body.lacks("text")
    if text and len(_TAG.sub("", text) if is_ssml(text) else text) > TEXT_MAX:
        body.is_wrong("text", VALUE)
    language = body.text("language") or ""
    # Source: reference voice §8.2 (C): one library sends the names of an NCCO.
    voice = body.text("voice_name") or body.text("voiceName") or ""
    body.whole("style", 0, 0)
    body.flag("premium")
    loop, level = body.whole("loop", 1, 0), body.level()
    body.settle()
    return Say(text or "", spoken(language, voice), loop, level)


def read_play(body: Body) -> Play:
    """A recording to be played.

    Raises:
        Refusal: MISSING or INVALID.

    Source: reference voice §8.1 (B; A for a bare text).
    """
    url = body.url("stream_url", web=False)
    if body.is_absent("stream_url"):
        body.lacks("stream_url")
    loop, level = body.whole("loop", 1, 0), body.level()
    body.settle()
    return Play(url, loop, level)


def read_digits(body: Body) -> str:
    """Keys to be pressed.

    Raises:
        Refusal: MISSING or INVALID.

    Source: reference voice §8.3 (B, D).
    """
    digits = body.text("digits")
    if body.given.get("digits") is None:
        body.lacks("digits")
    elif digits is not None and not _DIGITS.fullmatch(digits):
        body.is_wrong("digits", VALUE)
    body.settle()
    return digits or ""


def read_subscription(body: Body) -> str:
    """Where single keys are to be reported; the name of the parameter in either case.

    Raises:
        Refusal: MISSING or INVALID.

    Source: reference voice §8.4 (B; C for the other name).
    """
    name = "eventUrl" if body.given.get("event_url") is None and "eventUrl" in body.given else "event_url"
    url = body.url(name)
    if body.is_absent(name):
        body.lacks("event_url")
    body.settle()
    return url


# What calls do.


def theirs(call: Call | None, leg: Leg | None, application: Application) -> tuple[Call, Leg]:
    """A call of the application that asks.

    Raises:
        Refusal: NOT_FOUND, for every other one too.

    Source: reference voice §2, §6.1, §8.5 (B, D).
    """
    if call is None or leg is None or leg.owner != OWNER or leg.about != application.id:
        raise Refusal(VoiceRefusal.NOT_FOUND)
    return call, leg


def modify(command: Modify, call: Call, leg: Leg, account: Account, moment: Moment, manners: Manners) -> Outcome[None]:
    """Hang up, mute or transfer a call.

    Raises:
        Refusal: BAD_STATE or NOT_FOUND; nothing changes.

    Source: reference voice §7 (B, D).
    """
    action = command.action
    _permit(leg, ALLOWED[action], manners)
    if manners.young and leg.status is not LegStatus.ANSWERED and moment.now - leg.created_at < YOUNG:
        raise Refusal(VoiceRefusal.BAD_STATE)
    if action is Action.HANG_UP:
        return Outcome(flow.hang_up(call, leg, account, moment), None)
    if action is Action.TRANSFER:
        return Outcome(flow.transfer(call, leg, account, moment, ncco=command.ncco, url=command.url), None)
    if action in (Action.MUTE, Action.UNMUTE):
        after = replace(call, muted=action is Action.MUTE, muted_there=False)
    else:
        after = replace(call, earmuffed=action is Action.EARMUFF)
    return Outcome(Change() if after == call else Change(put=(after,)), None)


def say(command: Say, call: Call, leg: Leg, moment: Moment, manners: Manners) -> Outcome[None]:
    """Speak a text on an answered leg, instead of what REST had it hear before.

    Raises:
        Refusal: BAD_STATE or NOT_FOUND; nothing changes.

    Source: reference voice §8.2, §8.5 (A, B, D).
    """
    _permit(leg, _ANSWERED, manners)
    change = flow.say(
        call, leg, moment, text=command.text, language=command.language, loop=command.loop, level=command.level
    )
    return Outcome(change, None)


def play(command: Play, call: Call, leg: Leg, moment: Moment, manners: Manners) -> Outcome[None]:
    """Play a recording on an answered leg, instead of what REST had it hear before.

    Raises:
        Refusal: BAD_STATE or NOT_FOUND; nothing changes.

    Source: reference voice §8.1, §8.5 (A, B, D).
    """
    _permit(leg, _ANSWERED, manners)
    return Outcome(flow.play(call, leg, moment, url=command.url, loop=command.loop, level=command.level), None)


def stop(kind: str, call: Call, leg: Leg, moment: Moment, manners: Manners) -> Outcome[None]:
    """Stop what REST has a leg hear, ``talk`` or ``stream``; where nothing of that kind plays, nothing happens.

    Raises:
        Refusal: BAD_STATE or NOT_FOUND; nothing changes.

    Source: reference voice §8.1, §8.2, §8.5 (B, D).
    """
    _permit(leg, _ANSWERED, manners)
    if call.playing is None or call.playing.kind != kind:
        return Outcome(Change(), None)
    return Outcome(flow.stop(call, leg, moment, kind), None)


def send_dtmf(digits: str, call: Call, leg: Leg, moment: Moment, manners: Manners) -> Outcome[None]:
    """Press keys on an answered leg.

    Raises:
        Refusal: BAD_STATE or NOT_FOUND; nothing changes.

    Source: reference voice §8.3, §8.5 (B, D).
    """
    _permit(leg, _ANSWERED, manners)
    return Outcome(flow.send_dtmf(call, leg, moment, digits), None)


def subscribe(url: str, call: Call, leg: Leg, manners: Manners) -> Outcome[None]:
    """Report each key of an answered leg from now on; an empty URL: no more.

    Raises:
        Refusal: BAD_STATE or NOT_FOUND; nothing changes.

    Source: reference voice §8.4, §8.5 (B, D).
    """
    _permit(leg, _ANSWERED, manners)
    after = replace(call, dtmf_url=url)
    return Outcome(Change() if after == call else Change(put=(after,)), None)


def read_file(recording: Recording | None, leg: Leg | None, application: Application, now: int) -> bytes:
    """The bytes of a recording, or of what was said in it.

    Raises:
        Refusal: NOT_FOUND, for those of other applications and those that are too old too.

    Source: reference ncco §8 (B), auth §6.6 (A, D).
    """
    if recording is None or leg is None or recording.application != application.id:
        raise Refusal(VoiceRefusal.NOT_FOUND)
    if now - recording.ended_at > KEPT:
        raise Refusal(VoiceRefusal.NOT_FOUND)
    if recording.text:
        return msgspec.json.encode(wave_wire.said(leg, recording.began_at, recording.ended_at))
    return wave_wire.wave(leg, recording.began_at, recording.ended_at, recording.channels)


def rate_of(account: Account, now: int, *, creating: bool) -> tuple[str, int]:
    """The name of the counter of an account's requests in this second, and how many it may count.

    Calls that an NCCO makes count as creations. Source: reference voice §1 (B).
    """
    second = now // SECOND
    if creating:
        return f"rate/voice/new/{account.id}/{second}", CREATIONS_MAX
    return f"rate/voice/{account.id}/{second}", REQUESTS_MAX


def _permit(leg: Leg, states: frozenset[LegStatus], manners: Manners) -> None:
    """Whether a call is in one of the states; one that is over may be gone instead. Source: voice §7, §8.5."""
    if leg.status in states:
        return
    gone = leg.status not in _LIVE and manners.ended == 404
    raise Refusal(VoiceRefusal.NOT_FOUND if gone else VoiceRefusal.BAD_STATE)
