"""What messages carry that are neither text nor unicode: presence, format, size, and the facts that are kept. Pure.

Source: reference sms §5, §8.2 (the texts of refusals D, the limit of a binary message B).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fake_nexmo.apis.sms.model import Content, MessageType, SmsRefusal
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.network.segments import BINARY_MAX, Segments, count_binary, count_port

CHARACTERS_MAX = 3200
"""Doubt: the limit is documented for text; the same is taken for cards and pushes."""
PROTOCOL_MAX = 255
VALIDITY_MS = 172_800_000
"""How long a push is valid when its sender does not say, or says it wrongly. Source: reference sms §5 (B)."""

_NEEDED: Mapping[MessageType, tuple[tuple[str, SmsRefusal], ...]] = {
    MessageType.BINARY: (("body", SmsRefusal.MISSING_BODY),),
    MessageType.WAPPUSH: (("title", SmsRefusal.MISSING_TITLE), ("url", SmsRefusal.MISSING_URL)),
    MessageType.VCARD: (("vcard", SmsRefusal.MISSING_VCARD),),
    MessageType.VCAL: (("vcal", SmsRefusal.MISSING_VCAL),),
}
_HEX = re.compile("(?:[0-9A-Fa-f]{2})+")


def present(kind: MessageType, content: Content) -> None:
    """Refuse a message that lacks what its type carries."""
    for name, row in _NEEDED[kind]:
        if not getattr(content, name):
            raise Refusal(row)


def well_formed(content: Content) -> None:
    """Refuse a binary message that is no hex, or whose header does not fit its first octet, which is its length.

    Doubt: that a header of the wrong length is refused like one that is no hex; and that ``protocol-id`` is read for
    binary messages alone, as one library has it.
    """
    if not _HEX.fullmatch(content.body):
        raise Refusal(SmsRefusal.INVALID_BODY)
    udh = content.udh
    if udh and not (_HEX.fullmatch(udh) and int(udh[:2], 16) == len(udh) // 2 - 1):
        raise Refusal(SmsRefusal.INVALID_UDH)
    if content.protocol_id and not 0 <= _number(content.protocol_id) <= PROTOCOL_MAX:
        raise Refusal(SmsRefusal.INVALID_PROTOCOL)


def count(kind: MessageType, content: Content) -> Segments:
    """Parts and octets; too many are refused."""
    if kind is MessageType.BINARY:
        segments = count_binary(bytes.fromhex(content.body), bytes.fromhex(content.udh))
        if segments.units > BINARY_MAX:
            raise Refusal(SmsRefusal.TOO_LONG)
        return segments
    carried = [getattr(content, name) for name, _ in _NEEDED[kind]]
    if sum(map(len, carried)) > CHARACTERS_MAX:
        raise Refusal(SmsRefusal.TOO_LONG)
    return count_port(*carried)


def facts(kind: MessageType, content: Content) -> dict[str, Any]:
    """What is kept of a message besides its text, by the names of the house; hex in upper case."""
    if kind is MessageType.BINARY:
        return {
            "body": content.body.upper(),
            "udh": content.udh.upper(),
            "protocol_id": int(content.protocol_id or 0),
        }
    if kind is MessageType.WAPPUSH:
        validity = _number(content.validity)
        kept = validity if validity > 0 else VALIDITY_MS
        return {"title": content.title, "url": content.url, "validity": kept}
    name = kind.value
    return {name: getattr(content, name)}


def _number(text: str) -> int:
    """A whole number as it came, -1 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
