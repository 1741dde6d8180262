"""Words of the SMS API on the wire <-> words of the house. No framework, no state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import msgspec

from fake_nexmo.apis.sms.model import ROWS, Send, Sent, SmsRefusal
from fake_nexmo.core.instant import spaced
from fake_nexmo.core.moment import Use
from fake_nexmo.core.money import format_money
from fake_nexmo.core.records import WebhookMethod
from fake_nexmo.core.signature import sign
from fake_nexmo.core.wording import Worded, Wording

Element = list[tuple[str, str]]
"""One message of an answer: names and values in the order of the wire."""

_FALSE = frozenset({"false", "0"})
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
    return Send(
        sender=get("from", ""),
        to=get("to", "").removeprefix("+"),
        type=get("type") or "text",
        text=get("text", ""),
        wants_receipt=get("status-report-req", "").strip().lower() not in _FALSE,
        callback=get("callback", ""),
        ttl=get("ttl", ""),
        message_class=get("message-class", ""),
        network_code=get("network-code", ""),
        client_ref=get("client-ref", ""),
        account_ref=get("account-ref", ""),
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
        ",\n        ".join([f'"{name}": {_quote(text).decode()}' for name, text in element]) + "\n    "
        for element in elements
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
        lines += [f"            <{_XML_NAMES[n]}>{_xml(text)}</{_XML_NAMES[n]}>" for n, text in element]
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
    if account.signed_webhooks:
        params["timestamp"] = str(wording.stamp_s)
        params["nonce"] = wording.moment.uuid(Use.NONCE, len(wording.delivery.attempts))
        params["sig"] = sign(account.signature_method, params, account.signature_secret)
    return sms_webhook(wording.delivery.method, wording.delivery.url, params, "Nexmo/MessagingHUB/v1.0")


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


def _xml(text: str) -> str:
    return escape("".join(_printable(text)))


def _printable(text: str) -> Iterable[str]:
    """Characters that XML 1.0 can hold; the others, such as NUL and U+FFFE, become the replacement character."""
    for char in text:
        held = char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff")
        yield char if held else "\N{REPLACEMENT CHARACTER}"
