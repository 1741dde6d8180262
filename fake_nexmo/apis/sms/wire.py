"""Words of the SMS API on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from fake_nexmo.apis.sms.model import ROWS, Content, Send, Sent, SmsRefusal
from fake_nexmo.core.instant import spaced
from fake_nexmo.core.moment import Use
from fake_nexmo.core.money import format_money
from fake_nexmo.core.records import WebhookMethod
from fake_nexmo.core.signature import sign
from fake_nexmo.core.wording import Worded, Wording
from fake_nexmo.core.xml import xml_text

Element = list[tuple[str, str]]
"""One message of an answer: names and values in the order of the wire."""

_FALSE = frozenset({"false", "0"})
_SPOKEN = frozenset({"text", "unicode"})
_NOTHING = Content()
# Source: reference sms §6: the XML names of the members.
_XML_NAMES = {
    "to": "to",
    "message-id": "messageId",
    "status": "status",
    "error-text": "errorText",
    "remaining-balance": "remainingBalance",
    "message-price": "messagePrice",
    "network": "network",
    "client-ref": "clientRef",
    "account-ref": "accountRef",
}
# How a fact of a refusal stands in the answer.
_EXTRA: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "to": ("to", str),
    "balance": ("remaining-balance", format_money),
    "price": ("message-price", format_money),
    "network": ("network", str),
}
_quote = msgspec.json.Encoder().encode


def parse_send(params: Mapping[str, str]) -> Send:
    """The command that a request's parameters spell; nothing is judged here.

    Source: reference sms §5; booleans by §2 rule 3 and "unparsable: treat as true".
    """
    get = params.get
    kind = get("type") or "text"
    return Send(
        sender=get("from", ""),
        to=get("to", "").removeprefix("+"),
        type=kind,
        text=get("text", ""),
        wants_receipt=is_wanted(get("status-report-req", "")),
        callback=get("callback", ""),
        ttl=get("ttl", ""),
        message_class=get("message-class", ""),
        network_code=get("network-code", ""),
        client_ref=get("client-ref", ""),
        account_ref=get("account-ref", ""),
        content=_NOTHING if kind in _SPOKEN else _content(params),
    )


def is_wanted(text: str) -> bool:
    """Whether ``status-report-req`` leaves receipts on. Source: reference sms §2 rule 3, §5 ("treat as true")."""
    return text.strip().lower() not in _FALSE


def _content(params: Mapping[str, str]) -> Content:
    get = params.get
    return Content(
        body=get("body", ""),
        udh=get("udh", ""),
        protocol_id=get("protocol-id", ""),
        title=get("title", ""),
        url=get("url", ""),
        validity=get("validity", ""),
        vcard=get("vcard", ""),
        vcal=get("vcal", ""),
    )


def acceptance(sent: Sent, balance: int) -> list[Element]:
    """One element per part; the balance falls from part to part and ends at what is left.

    Args:
        sent: the message.
        balance: the account's balance after all parts, in 10^-8 EUR.

    Source: reference sms §6 (B), §1.2 for the order (A), §8.3 for the falling balance (D).
    """
    message = sent.message
    tail: Element = [("message-price", format_money(message.price)), ("network", message.network)]
    if message.client_ref:
        tail.append(("client-ref", message.client_ref))
    if message.account_ref:
        tail.append(("account-ref", message.account_ref))
    step = 0 if sent.unlimited else message.price
    left = balance + step * len(message.parts)
    elements = []
    for part in message.parts:
        left -= step
        head = [
            ("to", message.to),
            ("message-id", part.id),
            ("status", "0"),
            ("remaining-balance", format_money(left)),
        ]
        elements.append(head + tail)
    return elements


def refused(row: SmsRefusal, facts: Mapping[str, Any]) -> list[Element]:
    """The one element of a refusal. Source: reference sms §7 for texts and extra members, §1.2 for the order (A)."""
    known = ROWS[row]
    said = [
        (name, put(facts[fact])) for fact in known.extra for name, put in (_EXTRA[fact],) if facts.get(fact) is not None
    ]
    head = [each for each in said if each[0] == "to"]
    tail = [each for each in said if each[0] != "to"]
    return [[*head, ("status", str(known.status)), ("error-text", error_text(row, facts)), *tail]]


def error_text(row: SmsRefusal, facts: Mapping[str, Any]) -> str:
    """The text of a row with its facts filled in."""
    text = ROWS[row].text
    return text.format(**facts) if "{" in text else text


def json_answer(elements: list[Element]) -> bytes:
    """The JSON layout of the service, to the byte.

    Source: reference sms §1.2 (A).
    Doubt: how a second element follows the first was not captured; ours opens on the line that closes the first.
    """
    bodies = "}, {\n        ".join(
        [
            ",\n        ".join([f'"{name}": {_quote(text).decode()}' for name, text in element]) + "\n    "
            for element in elements
        ]
    )
    return (f'{{\n    "message-count": "{len(elements)}",\n    "messages": [{{\n        {bodies}}}]\n}}').encode()


def xml_answer(elements: list[Element]) -> bytes:
    """The XML document of the service. Source: reference sms §6 (B)."""
    lines = [
        "<?xml version='1.0' encoding='UTF-8' ?>",
        "<mt-submission-response>",
        f"    <messages count='{len(elements)}'>",
    ]
    for element in elements:
        lines.append("        <message>")
        lines += [f"            <{_XML_NAMES[n]}>{xml_text(text)}</{_XML_NAMES[n]}>" for n, text in element]
        lines.append("        </message>")
    lines += ["    </messages>", "</mt-submission-response>", ""]
    return "\n".join(lines).encode("utf-8", "replace")


def receipt(wording: Wording) -> Worded:
    """Word and sign one attempt of a delivery receipt.

    Source: reference sms §10.2 (A for names and order), §12.1 (forms, user agents), §4 (signature).
    """
    facts, account = wording.delivery.facts, wording.account
    params = {
        "msisdn": facts["number"],
        "to": facts["sender"],
        "network-code": facts["network"],
        "messageId": facts["part"],
        "price": format_money(facts["price"]),
        "status": facts["status"],
        "scts": _scts(facts["status_at"]),
        "err-code": facts["err_code"],
        "api-key": account.api_key,
    }
    if facts["client_ref"]:
        params["client-ref"] = facts["client_ref"]
    params["message-timestamp"] = spaced(wording.now)
    _sign(params, wording)
    return sms_webhook(wording.delivery.method, wording.delivery.url, params, "Nexmo/MessagingHUB/v1.0")


def inbound(wording: Wording) -> Worded:
    """Word and sign one attempt of an inbound message, or of one part of it.

    Source: reference sms §11 (A for names and order; D for the empty text of a binary one).
    """
    facts = wording.delivery.facts
    params = {"msisdn": facts["sender"], "to": facts["number"], "messageId": facts["part"]}
    if facts["count"] > 1:
        params |= {
            "concat": "true",
            "concat-ref": str(facts["concat_ref"]),
            "concat-total": str(facts["count"]),
            "concat-part": str(facts["k"]),
        }
    params |= {"text": facts["text"], "type": facts["type"]}
    if facts["type"] != "binary":
        params["keyword"] = _keyword(facts["text"])
    params["api-key"] = wording.account.api_key
    params["message-timestamp"] = spaced(wording.now)
    binary = {"data": facts["body"], "udh": facts["udh"]} if facts["type"] == "binary" else {}
    _sign(params, wording, binary)
    return sms_webhook(
        wording.delivery.method, wording.delivery.url, params, "Apache-HttpAsyncClient/4.1 (Java/1.8.0_66)"
    )


def _keyword(text: str) -> str:
    """The first word of a text, in upper case; empty when there is none. Source: reference sms §11 (A)."""
    words = text.split(maxsplit=1)
    return words[0].upper() if words else ""


def _sign(params: dict[str, str], wording: Wording, tail: Mapping[str, str] | None = None) -> None:
    """Add what comes last: ``timestamp`` and ``nonce``, ``tail``, and ``sig``, as the account and a fault have it."""
    account, signature = wording.account, wording.delivery.signature
    signed = account.signed_webhooks and signature != "none"
    if signed:
        params["timestamp"] = str(wording.stamp_s)
        params["nonce"] = wording.moment.uuid(Use.NONCE, len(wording.delivery.attempts))
    params.update(tail or {})
    if signed:
        # A wrong signature is a right one under another secret: nobody can tell it by its form.
        secret = account.signature_secret + ("-wrong" if signature == "wrong" else "")
        params["sig"] = sign(account.signature_method, params, secret)


def sms_webhook(method: str, url: str, params: Mapping[str, str], agent: str) -> Worded:
    """An SMS webhook in one of its three forms. Source: reference sms §12.1 (A), webhooks §2 (A)."""
    if method == WebhookMethod.POST_JSON:
        headers = (("Content-Type", "application/json"), ("User-Agent", "Jakarta Commons-HttpClient/3.1"))
        return Worded("POST", url, headers, msgspec.json.encode(params))
    form = urlencode(params, errors="replace")
    if method == WebhookMethod.POST:
        media = "application/x-www-form-urlencoded; charset=UTF-8"
        return Worded("POST", url, (("Content-Type", media), ("User-Agent", agent)), form.encode())
    bare, hash_mark, fragment = url.partition("#")
    joint = "" if bare.endswith(("?", "&")) else "&" if "?" in bare else "?"
    return Worded("GET", f"{bare}{joint}{form}{hash_mark}{fragment}", (("User-Agent", agent),), b"")


def _scts(at: int) -> str:
    """``YYMMDDHHMM`` in UTC. Source: reference sms §10.2 (A)."""
    text = spaced(at)
    return text[2:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16]
