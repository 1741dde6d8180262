"""Words of the Verify API on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from fake_nexmo.apis.verify.model import Start, Verification, VerifyRefusal
from fake_nexmo.apis.verify.refusal_model import BAD_CREDENTIALS_AT_START, ROWS
from fake_nexmo.core.instant import spaced
from fake_nexmo.core.money import format_money

Members = dict[str, Any]
"""The members of an answer in the order of the wire; every value is a text, a list, or members again."""

_SPACED_UNIT = 1_000  # 10^-5 EUR in 10^-8 EUR


# What requests say.


def parse_start(params: Mapping[str, str], *, payment: bool) -> Start:
    """The command that a request's parameters spell; nothing is judged here.

    Source: reference verify §3, §7 (``sender_id`` and ``pin_code`` of a payment are ignored).
    """
    get = params.get
    return Start(
        number=get("number", ""),
        brand=get("payee" if payment else "brand", ""),
        country=get("country", ""),
        sender="" if payment else get("sender_id", ""),
        code_length=get("code_length", ""),
        language=get("lg", ""),
        expiry=get("pin_expiry", ""),
        wait=get("next_event_wait", ""),
        workflow=get("workflow_id", ""),
        pin_code="" if payment else get("pin_code", ""),
        amount=get("amount", ""),
        payment=payment,
    )


# What answers say.


def started(verification: Verification) -> Members:
    """Source: reference verify §3 (B)."""
    return {"request_id": verification.id, "status": "0"}


def succeeded(verification: Verification) -> Members:
    """A code was right. Source: reference verify §4.1 (A, C)."""
    return {
        "request_id": verification.id,
        "status": "0",
        "event_id": verification.event_id,
        "price": price(verification),
        "currency": "EUR",
        "estimated_price_messages_sent": messages_price(verification),
    }


def obeyed(command: str) -> Members:
    """Source: reference verify §6 (B)."""
    return {"status": "0", "command": command}


def described(verification: Verification, api_key: str) -> Members:
    """One verification as search shows it. Source: reference verify §5 (A, C for names and order)."""
    over = verification.finalized_at
    return {
        "request_id": verification.id,
        "account_id": api_key,
        "number": verification.number,
        "sender_id": verification.sender,
        "date_submitted": spaced(verification.submitted_at),
        "date_finalized": "" if over is None else spaced(over),
        "checks": [
            {
                "date_received": spaced(each.at),
                "code": each.code,
                "status": "VALID" if each.valid else "INVALID",
                "ip_address": each.ip_address,
            }
            for each in verification.checks
        ],
        "first_event_date": spaced(verification.sendings[0].at),
        "last_event_date": spaced(verification.sendings[-1].at),
        "price": price(verification),
        "currency": "EUR",
        "status": verification.phase.value,
        "estimated_price_messages_sent": messages_price(verification),
        "events": [{"id": each.id, "type": each.channel.value} for each in verification.sendings],
    }


def price(verification: Verification) -> str:
    """What the verification itself cost. Source: reference verify §5, §15 (60 %: ``0`` unless it succeeded)."""
    return format_money(verification.price) if verification.event_id else "0"


def messages_price(verification: Verification) -> str:
    """What its messages and calls cost so far, with five decimals; with eight where five do not say it all.

    Source: reference verify §11 (A for five, B for eight).
    """
    total = sum(each.price for each in verification.sendings)
    text = format_money(total)
    return text if total % _SPACED_UNIT else text[:-3]


def error_text(row: VerifyRefusal, facts: Mapping[str, object], *, starting: bool, platform: str, profile: str) -> str:
    """The text of a row with its facts filled in.

    Args:
        row: of the table.
        facts: of the refusal.
        starting: it is the answer to a start. Source: reference verify §2 (B).
        platform: the word for the platform.
        profile: the era.
    """
    if row is VerifyRefusal.BAD_CREDENTIALS and starting:
        return BAD_CREDENTIALS_AT_START
    known = ROWS[row]
    text = known.text_2020 if profile == "2020" and known.text_2020 else known.text
    return text.format(platform=platform, **facts) if "{" in text else text


def refused(row: VerifyRefusal, facts: Mapping[str, object], text: str, profile: str) -> Members:
    """The answer of a refusal. Source: reference verify §3, §3.2, §4, §12; §14 for ``network``."""
    known = ROWS[row]
    members: Members = {}
    if "request_id" in known.extra:
        members["request_id"] = facts["id"]
    members |= {"status": known.status, "error_text": text}
    if "network" in known.extra or ("network_today" in known.extra and profile != "2020"):
        members["network"] = facts["network"]
    return members


def json_answer(members: Members) -> bytes:
    """Compact JSON, as in the examples."""
    return msgspec.json.encode(members)


def xml_answer(root: str, members: Members) -> bytes:
    """One element per member.

    Source: reference verify §3 (B).
    Doubt: the examples of errors have no line breaks; a parser does not see them.
    """
    lines = ["<?xml version='1.0' encoding='UTF-8' ?>", f"<{root}>"]
    lines += [f"    {_element(name, value)}" for name, value in members.items()]
    lines += [f"</{root}>", ""]
    return "\n".join(lines).encode("utf-8", "replace")


def xml_found(found: Sequence[Members], *, several: bool) -> bytes:
    """The answer of a search: the verification itself, or a list of them. Source: reference verify §5 (B, C)."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    if several:
        lines += ["<verification_requests>"]
    for each in found:
        lines += [("  " if several else "") + line for line in _found_lines(each)]
    if several:
        lines += ["</verification_requests>"]
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


def _found_lines(members: Members) -> Iterable[str]:
    yield "<verify_request>"
    for name, value in members.items():
        if name == "checks" and value:
            yield "  <checks>"
            for each in value:
                yield "    <check>"
                yield from (f"      {_element(key, text)}" for key, text in each.items())
                yield "    </check>"
            yield "  </checks>"
        elif name == "events":
            inner = "".join(
                f"<event>{''.join(_element(key, text) for key, text in each.items())}</event>" for each in value
            )
            yield f"  <events>{inner}</events>"
        else:
            yield f"  {_element(name, value)}"
    yield "</verify_request>"


def _element(name: str, value: object) -> str:
    """An element with a text; an empty one closes itself."""
    return f"<{name}>{_text(str(value))}</{name}>" if value else f"<{name}/>"


def _text(text: str) -> str:
    """A text as it stands between two tags; characters that XML 1.0 cannot hold become the replacement character."""
    return escape("".join(c if _is_held(c) else "\N{REPLACEMENT CHARACTER}" for c in text))


def _is_held(char: str) -> bool:
    return char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff")
