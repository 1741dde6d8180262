"""The check of an NCCO before any of its actions runs. Pure.

What each action takes is a table of its options; unknown options are ignored, and numbers out of range are for the run
to clamp.

Source: reference ncco §2.3, §2.6, §3 (B and C for the types).
Doubt: whether a word that is not one of those documented (a ``mode``, an ``eventMethod``) is an error; it is here, so
that a misspelt one is noticed. Whether a number can be called or a URL be reached shows in the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, Final, NamedTuple

from msgspec import Struct

from fake_nexmo.apis.voice import loose_rules as loose

TYPE: Final = "Invalid type parameter provided"
VALUE: Final = "Invalid parameter provided"

_DTMF: Final = re.compile(r"[0-9*#p]*")


class Problem(Struct, frozen=True, gc=False):
    """Something that is wrong with an NCCO.

    Attributes:
        index: which action it is, from 0; -1: the document itself.
        action: its word; empty: it has none that can be read.
        key: the option concerned, ``action``, or ``ncco`` for the document or an element of it.
        reason: `TYPE` for a wrong JSON type, `VALUE` for a value that cannot be or that is missing.
        nearest: the right word that is nearest to the one given; empty: there is none.
    """

    index: int
    action: str
    key: str
    reason: str
    nearest: str = ""


def told(problem: Problem) -> str:
    """A problem for the one who wrote the NCCO; actions are counted from 1."""
    if problem.key == "ncco":
        where = f"action {problem.index + 1} is no object" if problem.index >= 0 else "it is no list of actions"
        return f"{where}; an NCCO is a list of objects, each with an action"
    where = f"action {problem.index + 1}{f' ({problem.action})' if problem.key != 'action' else ''}"
    hint = f"; did you mean {problem.nearest!r}?" if problem.nearest else ""
    if problem.key == "action" and problem.action:
        return f"{where}: there is no action {problem.action!r}{hint}"
    wrong = "has a wrong type" if problem.reason == TYPE else "is missing, or has a value that cannot be"
    return f"{where}: {problem.key!r} {wrong}{hint}"


class _Flaw(NamedTuple):
    key: str
    reason: str
    nearest: str = ""


_Check = Callable[[str, Any], Iterator[_Flaw]]


class _Shape(Struct, frozen=True):
    """What an object takes.

    Attributes:
        options: how the value of each option must be.
        needed: of each group one at least must be there; the first one is named when none is.
    """

    options: Mapping[str, _Check]
    needed: tuple[tuple[str, ...], ...] = ()


def check(actions: Any) -> tuple[Problem, ...]:
    """What is wrong with an NCCO, action by action; nothing: it can run. An empty one is fine here.

    Source: reference ncco §2.6 (B, A; D for checking the whole before the first action runs).
    """
    if not isinstance(actions, list | tuple):
        return (Problem(-1, "", "ncco", TYPE),)
    return tuple(problem for index, action in enumerate(actions) for problem in _action(index, action))


def _action(index: int, action: Any) -> Iterator[Problem]:
    if not isinstance(action, Mapping):
        yield Problem(index, "", "ncco", TYPE)
        return
    word = action.get("action")
    if not isinstance(word, str):
        yield Problem(index, "", "action", VALUE if word is None else TYPE)
        return
    shape = ACTIONS.get(word)
    if shape is None:
        yield Problem(index, word, "action", VALUE, _nearest(word, ACTIONS))
        return
    for flaw in _members(shape, action):
        yield Problem(index, word, *flaw)


def _members(shape: _Shape, given: Mapping[str, Any]) -> Iterator[_Flaw]:
    """What is missing, then what is wrong, in the order of the table; null is absent."""
    for group in shape.needed:
        if all(given.get(key) is None for key in group):
            yield _Flaw(group[0], VALUE)
    for key, look in shape.options.items():
        value = given.get(key)
        if value is not None:
            yield from look(key, value)


def _nearest(word: str, words: Any) -> str:
    return next(iter(get_close_matches(word, words, 1)), "")


# How values must be.


def _text(key: str, value: Any) -> Iterator[_Flaw]:
    if not isinstance(value, str):
        yield _Flaw(key, TYPE)


def _digits(key: str, value: Any) -> Iterator[_Flaw]:
    if loose.text(value) is None:
        yield _Flaw(key, TYPE)


def _whole(key: str, value: Any) -> Iterator[_Flaw]:
    if loose.whole(value) is None:
        yield _Flaw(key, TYPE)


def _number(key: str, value: Any) -> Iterator[_Flaw]:
    if loose.number(value) is None:
        yield _Flaw(key, TYPE)


def _flag(key: str, value: Any) -> Iterator[_Flaw]:
    if loose.flag(value) is None:
        yield _Flaw(key, TYPE)


def _texts(key: str, value: Any) -> Iterator[_Flaw]:
    if loose.texts(value) is None:
        yield _Flaw(key, TYPE)


def _url(key: str, value: Any) -> Iterator[_Flaw]:
    """An array of one text; a bare one is an error. Source: reference ncco §2.3 (B; A for REST)."""
    read = loose.texts(value)
    if read is None:
        yield _Flaw(key, TYPE)
    elif not read:
        yield _Flaw(key, VALUE)


def _text_or_texts(key: str, value: Any) -> Iterator[_Flaw]:
    if not isinstance(value, str) and loose.texts(value) is None:
        yield _Flaw(key, TYPE)


def _object(key: str, value: Any) -> Iterator[_Flaw]:
    if not isinstance(value, Mapping):
        yield _Flaw(key, TYPE)


def _objects(key: str, value: Any) -> Iterator[_Flaw]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, Mapping) for each in value):
        yield _Flaw(key, TYPE)


def _dtmf(key: str, value: Any) -> Iterator[_Flaw]:
    """Source: reference ncco §3.3 (A: ``"auto"`` is refused)."""
    if not isinstance(value, str):
        yield _Flaw(key, TYPE)
    elif not _DTMF.fullmatch(value):
        yield _Flaw(key, VALUE)


def _one_of(words: tuple[str, ...], key: str, value: Any) -> Iterator[_Flaw]:
    if not isinstance(value, str):
        yield _Flaw(key, TYPE)
    elif value not in words:
        yield _Flaw(key, VALUE, _nearest(value, words))


def _method(key: str, value: Any) -> Iterator[_Flaw]:
    """Doubt: whether lower case is taken; it is here."""
    if not isinstance(value, str):
        yield _Flaw(key, TYPE)
    elif value.upper() not in {"GET", "POST"}:
        yield _Flaw(key, VALUE)


def _kinds(key: str, value: Any) -> Iterator[_Flaw]:
    """What an ``input`` listens to."""
    read = loose.texts(value)
    if read is None:
        yield _Flaw(key, TYPE)
        return
    for each in read:
        yield from _one_of(("dtmf", "speech"), key, each)


def _shaped(shape: _Shape, key: str, value: Any) -> Iterator[_Flaw]:
    if isinstance(value, Mapping):
        yield from _members(shape, value)
    else:
        yield _Flaw(key, TYPE)


def _endpoints(key: str, value: Any) -> Iterator[_Flaw]:
    """An array of exactly one endpoint. Source: reference ncco §2.6, §3.3."""
    if not isinstance(value, list | tuple):
        yield _Flaw(key, TYPE)
    elif len(value) != 1:
        yield _Flaw(key, VALUE)
    elif not isinstance(value[0], Mapping):
        yield _Flaw(key, TYPE)
    else:
        yield from _endpoint(value[0])


def _endpoint(given: Mapping[str, Any]) -> Iterator[_Flaw]:
    word = given.get("type")
    if not isinstance(word, str):
        yield _Flaw("type", VALUE if word is None else TYPE)
    elif word not in _ENDPOINTS:
        yield _Flaw("type", VALUE, _nearest(word, _ENDPOINTS))
    else:
        yield from _members(_ENDPOINTS[word], given)


# What there is. Source: reference ncco §3.1 to §3.10.

_EVENT: Mapping[str, _Check] = {"eventUrl": _url, "eventMethod": _method}

_TRANSCRIPTION = _Shape({"language": _text, **_EVENT, "sentimentAnalysis": _flag})

_DETECTION = _Shape(
    {
        "behavior": partial(_one_of, ("continue", "hangup")),
        "mode": partial(_one_of, ("default", "detect", "detect_beep")),
        "beep_timeout": _whole,
    }
)

_ON_ANSWER = _Shape({"url": _text_or_texts, "ringbackTone": _text_or_texts, "ringback": _text_or_texts}, (("url",),))

_ENDPOINTS: Mapping[str, _Shape] = {
    "phone": _Shape(
        {"number": _digits, "dtmfAnswer": _dtmf, "onAnswer": partial(_shaped, _ON_ANSWER), "shaken": _text},
        (("number",),),
    ),
    "app": _Shape({"user": _text}, (("user",),)),
    "websocket": _Shape(
        {"uri": _text, "content-type": _text, "contentType": _text, "headers": _object, "authorization": _object},
        (("uri",),),
    ),
    "sip": _Shape(
        {
            "uri": _text,
            "user": _text,
            "domain": _text,
            "headers": _object,
            "standardHeaders": _object,
            "standard_headers": _object,
        },
        (("uri", "user"), ("uri", "domain")),
    ),
    "vbc": _Shape({"extension": _digits}, (("extension",),)),
}

_DTMF_SETTINGS = _Shape({"timeOut": _whole, "maxDigits": _whole, "submitOnHash": _flag})

_SPEECH_SETTINGS = _Shape(
    {
        "uuid": _texts,
        "endOnSilence": _number,
        "language": _text,
        "context": _texts,
        "startTimeout": _whole,
        "maxDuration": _whole,
        "saveAudio": _flag,
        "sensitivity": _whole,
    }
)

_PLAYED: Mapping[str, _Check] = {"bargeIn": _flag, "loop": _whole, "level": _number}
_HEARD: Mapping[str, _Check] = {"canSpeak": _texts, "canHear": _texts, "mute": _flag}

ACTIONS: Final[Mapping[str, _Shape]] = {
    "record": _Shape(
        {
            "format": partial(_one_of, ("mp3", "wav", "ogg")),
            "split": partial(_one_of, ("conversation",)),
            "channels": _whole,
            "endOnSilence": _whole,
            "endOnKey": _digits,
            "timeOut": _whole,
            "beepStart": _flag,
            **_EVENT,
            "transcription": partial(_shaped, _TRANSCRIPTION),
        }
    ),
    "conversation": _Shape(
        {
            "name": _text,
            "musicOnHoldUrl": _text_or_texts,
            "startOnEnter": _flag,
            "endOnExit": _flag,
            "record": _flag,
            **_HEARD,
            "transcription": partial(_shaped, _TRANSCRIPTION),
            **_EVENT,
        },
        (("name",),),
    ),
    "connect": _Shape(
        {
            "endpoint": _endpoints,
            "from": _digits,
            "randomFromNumber": _flag,
            "eventType": partial(_one_of, ("synchronous",)),
            "timeout": _whole,
            "limit": _whole,
            "machineDetection": partial(_one_of, ("continue", "hangup")),
            "advancedMachineDetection": partial(_shaped, _DETECTION),
            "advanced_machine_detection": partial(_shaped, _DETECTION),
            **_EVENT,
            "ringbackTone": _text_or_texts,
        },
        (("endpoint",),),
    ),
    "talk": _Shape(
        {
            "text": _text,
            **_PLAYED,
            "language": _text,
            "style": _whole,
            "premium": _flag,
            "voiceName": _text,
            "provider": _text,
            "providerOptions": _object,
        },
        (("text",),),
    ),
    "stream": _Shape({"streamUrl": _url, **_PLAYED}, (("streamUrl",),)),
    "input": _Shape(
        {
            "type": _kinds,
            "dtmf": partial(_shaped, _DTMF_SETTINGS),
            "speech": partial(_shaped, _SPEECH_SETTINGS),
            "mode": partial(_one_of, ("synchronous", "asynchronous")),
            **_EVENT,
            # The form of 2018 to 2020.
            **_DTMF_SETTINGS.options,
        }
    ),
    "notify": _Shape({"payload": _object, **_EVENT}, (("payload",), ("eventUrl",))),
    "wait": _Shape({"timeout": _number}),
    "transfer": _Shape(
        {"conversationId": _text, "conversation_id": _text, **_HEARD}, (("conversationId", "conversation_id"),)
    ),
    "pay": _Shape({"amount": _number, "currency": _text, **_EVENT, "prompts": _objects, "voice": _object}),
}
"""The actions, and what each of them takes."""
