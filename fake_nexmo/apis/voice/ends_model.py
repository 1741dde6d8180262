"""What both a call and the actions of an NCCO name: ends of a leg, places of webhooks, what is done about machines."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

AUDIO: Final = ("audio/l16;rate=16000", "audio/l16;rate=8000", "audio/l16;rate=24000")
"""The content types of a websocket, the default first. Source: reference voice §4.2 (B)."""
BEEP_S: Final = (30, 120)
"""How long a machine's beep may be waited for. Source: reference voice §4.1 (B)."""


class EndpointType(StrEnum):
    """What a leg leads to. Source: reference voice §4.2 (B)."""

    PHONE = "phone"
    SIP = "sip"
    WEBSOCKET = "websocket"
    VBC = "vbc"
    APP = "app"


class Endpoint(Struct, frozen=True, gc=False):
    """One end of a leg.

    Attributes:
        address: number, URI, extension or user, by its type.
        shown: the other members of the wire's object that a call shows, such as ``content-type``.
        dtmf: keys pressed as soon as it is answered; ``p`` waits half a second.
        headers: what is sent along to a SIP or websocket endpoint, as the request had it.
        authorization: by what the platform shows a websocket who it is, as the request had it.
    """

    type: EndpointType
    address: str
    shown: Mapping[str, Any] = {}
    dtmf: str = ""
    headers: Mapping[str, Any] = {}
    authorization: Mapping[str, Any] = {}


class Detection(Struct, frozen=True, gc=False):
    """What is done about machines.

    Attributes:
        hang_up: whether the platform hangs up on a machine.
        mode: ``default``, ``detect`` or ``detect_beep`` of the advanced one; empty: the simple one.
        beep_s: how long it waits for a beep.
    """

    hang_up: bool
    mode: str = ""
    beep_s: int = 45


class Callback(Struct, frozen=True, gc=False):
    """Where a webhook of a call goes; an empty URL: nowhere.

    Attributes:
        connect_ms: how long a connection may take, ``response_ms`` the answer after that; None: as long as ever.
    """

    url: str = ""
    method: str = "POST"
    connect_ms: int | None = None
    response_ms: int | None = None
