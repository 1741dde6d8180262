"""The ends of a call as a request names them. Pure. Source: reference voice §4.2, §4.4."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from fake_nexmo.apis.voice import loose_rules as loose
from fake_nexmo.apis.voice.body_rules import Body
from fake_nexmo.apis.voice.ends_model import AUDIO, Endpoint, EndpointType
from fake_nexmo.apis.voice.ncco_rules import TYPE, VALUE

URI: Final = "Invalid uri parameter provided"
NUMBER: Final = "can contain up to 15 digits prefixed with +"

_NUMBER: Final = re.compile(r"\+?([0-9]{7,15})")
_DTMF: Final = re.compile(r"[0-9*#p]*")
_HEADERS_MAX: Final = 512


def destination(body: Body) -> Endpoint | None:
    """Whom to call; None: that cannot be said.

    Source: reference voice §4.1, §4.4 (D where it says so).
    Doubt: of several only the first is dialled, so only that one is looked at.
    """
    value = body.given.get("to")
    if value is None:
        body.lacks("to")
        return None
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        body.is_wrong("to", TYPE)
        return None
    given = value[0]
    kind = given.get("type")
    if kind is None:
        body.lacks("type")
    elif not isinstance(kind, str) or kind not in _READERS:
        body.is_wrong("type", TYPE)
    else:
        return _READERS[kind](body, given)
    return None


def caller(body: Body) -> Endpoint | None:
    """Who calls; None: nobody is named, or a number is to be picked.

    Source: reference voice §4.1, §4.4 (D).
    Doubt: an object without a type is taken for a phone's; so is a bare text that is no SIP URI.
    """
    value = body.given.get("from")
    random = body.flag("random_from_number")
    if value is None:
        if loose.flag(body.given.get("random_from_number", False)) is False:
            body.lacks("from")
        return None
    if random:
        body.is_wrong("from", VALUE)
        return None
    if isinstance(value, str):
        value = {"type": "sip", "uri": value} if value.startswith(("sip:", "sips:")) else {"number": value}
    if not isinstance(value, dict):
        body.is_wrong("from", TYPE)
        return None
    kind = "phone" if value.get("type") is None else value["type"]
    if kind not in ("phone", "sip"):
        body.is_wrong("type", TYPE)
        return None
    # Source: reference voice §4.2 (B): only type and number, or URI, matter.
    return _phone(body, {"number": value.get("number")}) if kind == "phone" else _sip(body, {"uri": value.get("uri")})


def _phone(body: Body, given: Mapping[str, Any]) -> Endpoint | None:
    """A phone: E.164, with a plus or without, also as a JSON number. Source: reference voice §3, §4.3 (B, D)."""
    value = given.get("number")
    if value is None:
        body.lacks("number")
        return None
    match = _NUMBER.fullmatch(loose.text(value) or "")
    if match is None:
        body.is_wrong("number", NUMBER)
    dtmf = body.text("dtmfAnswer", of=given) or ""
    if not _DTMF.fullmatch(dtmf):
        body.is_wrong("dtmfAnswer", VALUE)
    return Endpoint(EndpointType.PHONE, match[1] if match else "", dtmf=dtmf)


def _sip(body: Body, given: Mapping[str, Any]) -> Endpoint:
    """A SIP address: ``uri``, or ``user`` and ``domain``. Source: reference voice §4.2 (B).

    Doubt: longer URIs than the fifty characters of 2021 are taken.
    """
    uri = given.get("uri")
    if uri is None and isinstance(given.get("user"), str) and isinstance(given.get("domain"), str):
        uri = f"sip:{given['user']}@{given['domain']}"
    sent = _object(body, given, "headers")
    # The standard headers go out as they are; the others get an ``X-`` in front of their names.
    sent = {**sent, **_object(body, given, "standard_headers")}
    return Endpoint(EndpointType.SIP, _uri(body, uri, ("sip:", "sips:")), headers=sent)


def _websocket(body: Body, given: Mapping[str, Any]) -> Endpoint:
    """A websocket, shown with its content type and headers. Source: reference voice §4.2, §6 (B; C for camel case)."""
    name = "contentType" if "contentType" in given else "content-type"
    audio = body.word(name, AUDIO, AUDIO[0], of=given)
    headers = _object(body, given, "headers")
    if len(msgspec.json.encode(headers)) > _HEADERS_MAX:
        body.is_wrong("headers", VALUE)
    authorization = _object(body, given, "authorization")
    uri = _uri(body, given.get("uri"), ("ws:", "wss:"))
    shown = {"content-type": audio, "headers": headers}
    return Endpoint(EndpointType.WEBSOCKET, uri, shown=shown, headers=headers, authorization=authorization)


def _vbc(body: Body, given: Mapping[str, Any]) -> Endpoint:
    return Endpoint(EndpointType.VBC, _name(body, given, "extension"))


def _app(body: Body, given: Mapping[str, Any]) -> Endpoint:
    return Endpoint(EndpointType.APP, _name(body, given, "user"))


_READERS: Mapping[str, Callable[[Body, Mapping[str, Any]], Endpoint | None]] = {
    EndpointType.PHONE: _phone,
    EndpointType.SIP: _sip,
    EndpointType.WEBSOCKET: _websocket,
    EndpointType.VBC: _vbc,
    EndpointType.APP: _app,
}


def _uri(body: Body, value: Any, schemes: tuple[str, ...]) -> str:
    """Source: reference voice §4.4 (D)."""
    if isinstance(value, str) and value.startswith(schemes) and value not in schemes:
        return value
    body.is_wrong("uri", URI)
    return ""


def _object(body: Body, given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object; null and an empty array, which is how one library writes nothing, are an empty one.

    Source: reference voice §4.2 (C).
    """
    value = given.get(name)
    if isinstance(value, dict):
        return {key: each for key, each in value.items() if each is not None}
    if value not in (None, []):
        body.is_wrong(name, TYPE)
    return {}


def _name(body: Body, given: Mapping[str, Any], name: str) -> str:
    """A required name. Doubt: how a missing one is refused is not documented; as every missing parameter."""
    value = loose.text(given.get(name))
    if value:
        return value
    if given.get(name) in (None, ""):
        body.lacks(name)
    else:
        body.is_wrong(name, TYPE)
    return ""
