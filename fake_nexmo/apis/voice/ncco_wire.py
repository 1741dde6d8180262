"""The actions of an NCCO in the words of the wire, read once when the document is accepted. Pure.

Numbers out of range are put within their bounds. What is not known is not looked at.

Source: reference ncco §2.3, §2.5 (D: numbers out of range are clamped), §3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import loose_rules as loose
from fake_nexmo.apis.voice.actions_model import (
    Action,
    ConnectAction,
    ConversationAction,
    InputAction,
    NotifyAction,
    PayAction,
    RecordAction,
    StreamAction,
    TalkAction,
    TransferAction,
    WaitAction,
)
from fake_nexmo.apis.voice.ends_model import AUDIO, BEEP_S, Callback, Detection, Endpoint, EndpointType
from fake_nexmo.core.instant import SECOND

Words = Mapping[str, Any]

_NUMBER: Final = re.compile(r"[+]?([0-9]{7,15})")
_LONGEST: Final = 7200


def parse(actions: Iterable[Words]) -> tuple[Action, ...]:
    """The actions of an NCCO in which `ncco_rules.check` found nothing wrong."""
    return tuple(_READERS[action["action"]](action) for action in actions)


# Action by action.


def _talk(said: Words) -> TalkAction:
    return TalkAction(said["text"], _loop(said), _flag(said, "bargeIn"))


def _stream(said: Words) -> StreamAction:
    return StreamAction(_first(said, "streamUrl"), _loop(said), _flag(said, "bargeIn"))


def _wait(said: Words) -> WaitAction:
    """Source: reference ncco §3.8 (B for the bounds)."""
    return WaitAction(_span(said, "timeout", 10, 0.1, 7200))


def _input(said: Words) -> InputAction:
    """What an input listens to and for how long.

    Source: reference ncco §3.6 (B; D for which form the webhook has, and for forms that are mixed).
    Doubt: the settings of an asynchronous input must be empty; what they say counts for nothing.
    """
    kinds = loose.texts(said.get("type"))
    old = kinds is None and not any(isinstance(said.get(each), Mapping) for each in ("dtmf", "speech"))
    if kinds is None:
        kinds = [each for each in ("dtmf", "speech") if isinstance(said.get(each), Mapping)]
    # Those of the top level are the older ones.
    dtmf: dict[str, Any] = {**said, **_members(said, "dtmf")}
    speech = _members(said, "speech")
    return InputAction(
        where=_where(said),
        each_key=said.get("mode") == "asynchronous",
        old=old,
        dtmf="dtmf" in kinds or not kinds,
        speech="speech" in kinds,
        digits_max=_whole(dtmf, "maxDigits", 4, 1, 20),
        on_hash=_flag(dtmf, "submitOnHash"),
        between=_whole(dtmf, "timeOut", 3, 0, 10) * SECOND,
        starts=_span(speech, "startTimeout", 10, 1, 60),
        silence=_span(speech, "endOnSilence", 2, 0.4, 10),
        longest=_span(speech, "maxDuration", 60, 1, 60),
        hints=tuple(speech.get("context") or ()),
        speaker=_first(speech, "uuid"),
        saves=_flag(speech, "saveAudio"),
    )


def _record(said: Words) -> RecordAction:
    """Source: reference ncco §3.1 (B; D for a time limit alone, which the NCCO waits for as for other conditions)."""
    key, silent = loose.text(said.get("endOnKey")) or "", said.get("endOnSilence") is not None
    limited = said.get("timeOut") is not None
    return replace(
        _tape(said),
        blocks=bool(key or silent or limited),
        timed=limited and not key and not silent,
        key=key,
        silence=_whole(said, "endOnSilence", 3, 3, 10) * SECOND if silent else 0,
        limit=_whole(said, "timeOut", _LONGEST, 3, _LONGEST) * SECOND,
        channels=_channels(said),
        beeps=_flag(said, "beepStart"),
    )


def _tape(said: Words) -> RecordAction:
    """What a conversation too says of its recording."""
    text = said.get("transcription")
    return RecordAction(where=_where(said), text=text is not None, text_where=_where(text or {}))


def _channels(said: Words) -> int:
    """Source: reference ncco §3.1 (B): one, two where the ends are split, or as many as are asked for then."""
    return 1 if said.get("split") != "conversation" else _whole(said, "channels", 2, 1, 32)


def _conversation(said: Words) -> ConversationAction:
    return ConversationAction(
        name=said["name"],
        music=_first(said, "musicOnHoldUrl"),
        starts=said.get("startOnEnter") is None or _flag(said, "startOnEnter"),
        ends=_flag(said, "endOnExit"),
        muted=_flag(said, "mute"),
        heard_by=_legs(said, "canSpeak"),
        hears=_legs(said, "canHear"),
        record=_flag(said, "record"),
        tape=_tape(said),
    )


def _connect(said: Words) -> ConnectAction:
    end = said["endpoint"][0]
    return ConnectAction(
        to=_endpoint(end),
        where=_where(said),
        on_answer=_first(end.get("onAnswer") or {}, "url"),
        sender=(loose.text(said.get("from")) or "").removeprefix("+"),
        random_sender=_flag(said, "randomFromNumber"),
        replaces=said.get("eventType") == "synchronous",
        ringing_s=_whole(said, "timeout", 60, 1, 120),
        length_s=_whole(said, "limit", _LONGEST, 1, _LONGEST),
        detection=_detection(said),
        ringback=_ringback(said),
    )


def _notify(said: Words) -> NotifyAction:
    return NotifyAction(dict(said["payload"]), _where(said))


def _transfer(said: Words) -> TransferAction:
    """Source: reference ncco §3.9 (B for one name, C for the other)."""
    there = said.get("conversationId") or said.get("conversation_id") or ""
    return TransferAction(there, _flag(said, "mute"), _legs(said, "canSpeak"), _legs(said, "canHear"))


def _pay(said: Words) -> PayAction:
    return PayAction(_where(said))


_READERS: Mapping[str, Callable[[Words], Action]] = {
    "talk": _talk,
    "stream": _stream,
    "wait": _wait,
    "input": _input,
    "record": _record,
    "conversation": _conversation,
    "connect": _connect,
    "notify": _notify,
    "transfer": _transfer,
    "pay": _pay,
}


# Whom a connection leads to.


def _endpoint(said: Words) -> Endpoint:
    """Whom to call. Source: reference ncco §3.3 (B, C; D for the audio where it is not said).

    Doubt: what cannot be called at all is a call that is rejected.
    """
    kind = EndpointType(said["type"])
    headers: dict[str, Any] = dict(said.get("headers") or {})
    if kind is EndpointType.PHONE:
        number = str(loose.text(said["number"]))
        match = _NUMBER.fullmatch(number)
        return Endpoint(kind, match[1] if match else number, dtmf=said.get("dtmfAnswer") or "")
    if kind is EndpointType.SIP:
        standard = said.get("standardHeaders") or said.get("standard_headers") or {}
        uri = said.get("uri") or f"sip:{said.get('user')}@{said.get('domain')}"
        return Endpoint(kind, uri, headers={**headers, **standard})
    if kind is EndpointType.WEBSOCKET:
        audio = said.get("content-type") or said.get("contentType") or AUDIO[0]
        shown, shows = {"content-type": audio, "headers": headers}, said.get("authorization") or {}
        return Endpoint(kind, said["uri"], shown=shown, headers=headers, authorization=shows)
    return Endpoint(kind, str(loose.text(said["extension" if kind is EndpointType.VBC else "user"])))


def _ringback(said: Words) -> str:
    """What the first leg hears until somebody answers. Source: reference ncco §3.3 (B).

    Doubt: what the called leg's own NCCO is fetched with may name a tone too; it is heard where no other is named.
    """
    on_answer = said["endpoint"][0].get("onAnswer") or {}
    return _first(said, "ringbackTone") or _first(on_answer, "ringbackTone") or _first(on_answer, "ringback")


def _detection(said: Words) -> Detection | None:
    """What is done about machines; the advanced one overrides the simple one. Source: reference ncco §3.3 (B)."""
    advanced = said.get("advancedMachineDetection") or said.get("advanced_machine_detection")
    simple = said.get("machineDetection")
    if not advanced:
        return Detection(hang_up=simple == "hangup") if simple else None
    known = Detection(hang_up=advanced.get("behavior") == "hangup", mode=advanced.get("mode") or "detect")
    return replace(known, beep_s=_whole(advanced, "beep_timeout", known.beep_s, *BEEP_S))


# How options are read.


def _whole(said: Words, name: str, default: int, low: int, high: int) -> int:
    """A whole number, put within its bounds."""
    read = loose.whole(said.get(name))
    return default if read is None else min(max(read, low), high)


def _span(said: Words, name: str, default: float, low: float, high: float) -> int:
    """Microseconds of an option in seconds, put within its bounds."""
    read = loose.number(said.get(name))
    return round((default if read is None else min(max(read, low), high)) * SECOND)


def _flag(said: Words, name: str) -> bool:
    """A truth value; false where it is not said."""
    return bool(loose.flag(said.get(name)))


def _first(said: Words, name: str) -> str:
    """The first text of an option that is an array of texts, or the text itself; empty: it is not said."""
    value = said.get(name)
    if isinstance(value, str):
        return value
    return str(value[0]) if value else ""


def _legs(said: Words, name: str) -> tuple[str, ...] | None:
    """The legs that an option names; None: it is not said."""
    named = said.get(name)
    return None if named is None else tuple(named)


def _loop(said: Words) -> int:
    read = loose.whole(said.get("loop"))
    return 1 if read is None else max(read, 0)


def _members(said: Words, name: str) -> dict[str, Any]:
    """The members of an option that is an object; null is absent."""
    return {key: value for key, value in (said.get(name) or {}).items() if value is not None}


def _where(said: Words) -> Callback:
    """Where the webhook of an action goes, if it says so. Source: reference ncco §4.2 (B)."""
    url = _first(said, "eventUrl")
    return Callback(url, str(said.get("eventMethod") or "POST").upper()) if url else Callback()
