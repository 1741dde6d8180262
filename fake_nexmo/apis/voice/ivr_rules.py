"""The way of a call through its application, step by step, and how an NCCO is known again. Pure.

A scene is an NCCO from a place. What differs from call to call is left out of both: of a URL the uuids, numbers and
instants in its query, uuids in its path, and the port of this machine; of a text its numbers, but for the keys that it
offers. Names that a text holds are part of it, so whoever greets each caller by name gets a scene for each.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from msgspec.structs import replace

from fake_nexmo.apis.voice import offers_rules
from fake_nexmo.apis.voice.actions_model import Action, ConnectAction, InputAction, StreamAction, TalkAction
from fake_nexmo.apis.voice.ivr_model import HANG_UP, NO_INPUT, TIME_OUT, Branch, Scene, Step, Turn, Way
from fake_nexmo.network.speech import heard

INLINE: Final = "inline"
"""The place of an NCCO that came with a request."""

HUNG_UP: Final = Branch(Turn.HANG_UP, HANG_UP)
"""The person hangs up."""
FINISHED: Final = Branch(Turn.END, "end of script")
"""Nothing is left to be done."""
ASKED_TO: Final = Branch(Turn.END, "hung up by REST")
"""The application ends it by a request."""
TOO_LONG: Final = Branch(Turn.END, "time limit")
"""It has lasted as long as it may."""
ALONE: Final = Branch(Turn.END, "the other side left")
"""Whoever it was with has hung up."""
TRANSFERRED: Final = Branch(Turn.TRANSFER, "transfer")
"""The application gives it another NCCO by a request."""
NOTIFIED: Final = Branch(Turn.NOTIFY, "notify")
"""The application is told something of its own."""

_VOLATILE: Final = frozenset(
    (
        *("uuid", "call_uuid", "conversation_uuid", "from", "to", "caller", "timestamp", "time", "ts"),
        *("start_time", "end_time", "conversation_uuid_from", "conversation_uuid_to"),
    )
)
_UUID: Final = re.compile(r"(?:CON-)?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
# An instant, or a number that is too long to be a choice.
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ].*|\d{9,}")
_HERE: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_FIGURES: Final = re.compile(r"\d+(?:[.,:/-]\d+)*")
_LONG: Final = re.compile(r"\d{3,}")
_WORDS: Final = re.compile(r"[^\W_]+|#")
_SAID_MAX: Final = 60
_TEXT_MAX: Final = 200


def place(method: str, url: str) -> str:
    """Where an NCCO comes from, without what differs from call to call, and without a password."""
    return _visible(f"{method} {_address(url)}")


def scene(source: str, actions: Sequence[Action]) -> Scene:
    """An NCCO as a node."""
    inputs = [each for each in actions if isinstance(each, InputAction)]
    spoken = [heard(each.text) for each in actions if isinstance(each, TalkAction)]
    keys = any(each.dtmf or each.each_key for each in inputs)
    known = Scene(
        id="",
        source=source,
        actions=tuple(_named(each) for each in actions),
        texts=tuple(_heard(each) for each in actions if isinstance(each, TalkAction | StreamAction)),
        offers=offers_rules.offered(spoken) if keys else (),
        keys=keys,
        speech=any(each.speech and not each.each_key for each in inputs),
        hints=tuple(dict.fromkeys(said(hint) for each in inputs for hint in each.hints)),
        connects=any(isinstance(each, ConnectAction) and each.replaces for each in actions),
    )
    name = f"n{hashlib.blake2b(msgspec.json.encode(known), digest_size=5).hexdigest()}"
    return replace(known, id=name, texts=tuple(_short(each) for each in known.texts))


def said(text: str) -> str:
    """What was said, as a branch: small letters, no punctuation, long numbers as ``#``, and no more than a line."""
    return " ".join(_WORDS.findall(_LONG.sub("#", text.lower())))[:_SAID_MAX].strip()


def pressed(digits: str) -> Branch:
    """Keys that were pressed: a single one as it is, more of them by their number; a hash alone ends an input."""
    return Branch(Turn.KEY, digits or "#" if len(digits) < 2 else f"{len(digits)} digits")


def heard_out(digits: str, words: str, *, keys: bool, by_hash: bool) -> Branch:
    """What an input came to.

    Args:
        digits: that were pressed.
        words: that were said.
        keys: whether it takes keys.
        by_hash: whether a hash ended it.
    """
    if words:
        return Branch(Turn.SPEECH, said(words))
    if digits or by_hash:
        return pressed(digits)
    return Branch(Turn.TIME_OUT, TIME_OUT) if keys else Branch(Turn.NO_INPUT, NO_INPUT)


# Steps.


def arrived(way: Way, to: Scene, usual: Branch, *, has_fallback: bool = False) -> Way:
    """The call comes to an NCCO, by the branch that it has taken, else by the usual one."""
    step = Step(way.at, way.taken or usual, to, has_fallback=has_fallback)
    return Way((*way.steps, step), to.id)


def taken(way: Way, branch: Branch) -> Way:
    """The call takes a branch, and it will be known later where that leads."""
    return replace(settled(way), taken=branch)


def settled(way: Way) -> Way:
    """The branch that was taken led to nothing new: the NCCO goes on."""
    if way.taken is None:
        return way
    return replace(way, steps=(*way.steps, Step(way.at, way.taken)), taken=None)


def passed(way: Way, branch: Branch) -> Way:
    """A branch led to nothing new; one that was taken before is still open."""
    return replace(way, steps=(*way.steps, Step(way.at, branch)))


def keyed(way: Way, digits: str) -> Way:
    """Keys are pressed that are reported one by one, and change nothing."""
    for digit in digits.replace("p", ""):
        way = passed(way, pressed(digit))
    return way


def failed(way: Way, reason: str, source: str) -> Way:
    """What was asked for an NCCO has none to give; another place may. Several failures in a row are one branch."""
    before = way.taken
    if before is not None and before.turn is Turn.FALLBACK:
        return replace(way, taken=replace(before, label=f"{before.label}, {reason}"))
    return taken(way, Branch(Turn.FALLBACK, reason, source))


def over(way: Way, branch: Branch) -> Way:
    """The call is over: where it was never given an NCCO by what failed, if anything did, else by that branch.

    What is over stays as it is.
    """
    if way.steps and way.steps[-1].over:
        return way
    if not way.steps:
        failure = way.taken
        return way if failure is None else Way((Step(way.at, failure, over=True),), way.at)
    way = settled(way)
    return replace(way, steps=(*way.steps, Step(way.at, branch, over=True)))


def began(way: Way, to: Scene, direction: str, verdict: str, *, connected: bool, asked: bool) -> Way:
    """The call comes to its first NCCO.

    Args:
        way: so far.
        to: the NCCO.
        direction: of the call.
        verdict: who answered, where that was waited for; empty: it was not.
        connected: it is a leg that another one was connected to, and the NCCO is its own.
        asked: another URL would have been asked for it, had the first one failed.
    """
    label = f"{direction}, {verdict}" if verdict else direction
    usual = Branch(Turn.ON_ANSWER, "on answer") if connected else Branch(Turn.START, label)
    return arrived(way, to, usual, has_fallback=asked and way.taken is None)


# Helpers.


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    shown = f"[{host}]" if ":" in host else host
    shown = shown if port is None or host in _HERE else f"{shown}:{port}"
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if _stays(name, value)]
    path = _UUID.sub("{uuid}", parts.path)
    return f"{parts.scheme}://{shown}{path}{'?' if kept else ''}{urlencode(kept)}"


def _stays(name: str, value: str) -> bool:
    return name.lower() not in _VOLATILE and not _UUID.fullmatch(value) and not _INSTANT.fullmatch(value)


def _named(action: Action) -> str:
    """An action in a word or two."""
    word = str(action.__struct_config__.tag)
    if isinstance(action, ConnectAction):
        return f"{word} {action.to.type}"
    if isinstance(action, InputAction):
        kinds = [name for name, wanted in (("dtmf", action.dtmf), ("speech", action.speech)) if wanted]
        return f"{word} {'each key' if action.each_key else ' '.join(kinds)}"
    return word


def _heard(action: TalkAction | StreamAction) -> str:
    """What is heard, without numbers that may be others next time."""
    if isinstance(action, StreamAction):
        return _visible(_address(action.url))
    text = heard(action.text)
    keys = offers_rules.find(text).spans
    return _visible(_FIGURES.sub(lambda figure: figure[0] if figure.span() in keys else "#", text))


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_MAX else f"{text[: _TEXT_MAX - 1].rstrip()}…"


def _visible(text: str) -> str:
    """A text in one line, without what has no shape."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(each for each in line if unicodedata.category(each)[0] != "C")
