"""Which webhooks the SMS API sends, where to, and what a fault makes of them. Pure."""

from __future__ import annotations

from typing import Any

from fake_nexmo.core.change import Change
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Delivery, Direction, Message, Mischief, Number
from fake_nexmo.network.segments import split_text, split_unicode
from fake_nexmo.network.weather import misled


def receipt(message: Message, k: int, account: Account, moment: Moment, mischief: Mischief | None = None) -> Change:
    """Tell the account what became of a part, if it asked for that and a URL is known.

    The URL was fixed when the message was submitted: ``callback``, else the account's.

    Source: reference sms §10.1, §10.2 (A, B); webhooks §4 rule 3 (D).
    """
    if not message.receipt_url or message.direction is not Direction.OUTBOUND:
        return Change()
    part = message.parts[k]
    facts = {
        "number": message.to,
        "sender": message.sender,
        "network": message.network,
        "part": part.id,
        "price": message.price,
        "status": part.status.value,
        "status_at": part.status_at,
        "err_code": part.err_code,
        "client_ref": message.client_ref,
    }
    return _sent("receipt", part.id, message, k, account, message.receipt_url, facts, moment, mischief)


def inbound(
    message: Message,
    account: Account,
    number: Number,
    application: Application | None,
    moment: Moment,
    mischief: Mischief | None = None,
) -> Change:
    """Tell the account of a message that arrived, each part apart: to the number's URL, else the account's.

    Source: reference sms §11 (A, B), webhooks §1.
    Doubt: an account that has switched to the Messages API gets inbound SMS in that API's form, which is not emulated;
    the URL of the number's application is used then, in the form of the SMS API.
    """
    url = number.inbound_url or _messages_url(account, application) or account.inbound_url
    if not url:
        return Change()
    change = Change()
    texts = _texts(message)
    for k, part in enumerate(message.parts):
        facts: dict[str, Any] = {
            "sender": message.sender,
            "number": message.to,
            "part": part.id,
            "type": message.type,
            "text": texts[k],
            "k": k + 1,
            "count": len(message.parts),
            "concat_ref": message.extra.get("concat_ref", 0),
            "body": message.extra.get("body", ""),
            "udh": message.extra.get("udh", ""),
        }
        change += _sent("inbound_sms", part.id, message, k, account, url, facts, moment, mischief)
    return change


def _sent(
    kind: str,
    about: str,
    message: Message,
    k: int,
    account: Account,
    url: str,
    facts: dict[str, Any],
    moment: Moment,
    mischief: Mischief | None,
) -> Change:
    """One webhook, or as many as a fault repeats it, when and in the order that the fault says."""
    shuffled = mischief is not None and mischief.shuffled
    delivery = Delivery(
        kind=kind,
        owner="sms",
        account=account.id,
        about=about,
        # Parts that are shuffled keep no order among themselves either.
        subject=f"{message.id}/{k}" if shuffled else message.id,
        url=url,
        method=account.webhook_method.value,
        facts=facts,
        created_at=moment.now,
        due_at=moment.now,
    )
    return Change(deliveries=misled(delivery, mischief, moment))


def _messages_url(account: Account, application: Application | None) -> str:
    if account.sms_api != "messages" or application is None:
        return ""
    said = application.capabilities.get("messages", {})
    return str(said.get("inbound_url", "")) if isinstance(said, dict) else ""


def _texts(message: Message) -> list[str]:
    """The text of each part."""
    if message.type == "binary":
        return [""]
    return split_text(message.text) if message.type == "text" else split_unicode(message.text)
