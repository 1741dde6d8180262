"""The SMS API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from starlette.responses import Response

from fake_nexmo.apis.sms import (
    conversion,
    conversion_rules,
    redact,
    redact_rules,
    replies,
    retries,
    routes,
    search,
    search_rules,
    short_codes,
    troubles_rules,
    webhook_rules,
    wire,
)
from fake_nexmo.apis.sms.conversion_rules import ConversionRefusal
from fake_nexmo.apis.sms.model import SmsRefusal
from fake_nexmo.apis.sms.redact_rules import RedactRefusal
from fake_nexmo.apis.sms.search_rules import SearchRefusal
from fake_nexmo.core.change import Change
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Mischief
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.network.carry import Passage
from fake_nexmo.web.api import Api, Operation, Webhook
from fake_nexmo.web.call import Call


def _on_message(passage: Passage, account: Account, moment: Moment, mischief: Mischief | None) -> Change:
    return webhook_rules.receipt(passage.message, passage.k, account, moment, mischief)


_WORDS: Mapping[type[Enum], Callable[[Call, Refusal], Response]] = {
    SmsRefusal: routes.word_refusal,
    SearchRefusal: search.word_refusal,
    ConversionRefusal: conversion.word_refusal,
    RedactRefusal: redact.word_refusal,
}
_WRONG_VERBS: Mapping[str, Callable[[Call], Response]] = {
    "sms.search_message": search.wrong_verb,
    "sms.search_messages": search.wrong_verb,
    "sms.search_rejections": search.wrong_verb,
    "sms.convert": replies.forbidden_verb,
    "sms.redact": replies.forbidden_verb,
}
# Operations whose troubles are worded in another way than those of ``/sms``.
_TROUBLES: Mapping[str, tuple[Mapping[str, Enum], Enum]] = {
    "sms.search_message": (search_rules.TROUBLES, SearchRefusal.SERVER_ERROR),
    "sms.search_messages": (search_rules.TROUBLES, SearchRefusal.SERVER_ERROR),
    "sms.search_rejections": (search_rules.TROUBLES, SearchRefusal.SERVER_ERROR),
    "sms.convert": (conversion_rules.TROUBLES, ConversionRefusal.SERVER_ERROR),
    "sms.redact": (redact_rules.TROUBLES, RedactRefusal.SERVER_ERROR),
}


def _word_refusal(call: Call, refusal: Refusal) -> Response:
    return _WORDS[type(refusal.row)](call, refusal)


def _wrong_verb(call: Call) -> Response:
    return _WRONG_VERBS.get(call.operation.name, routes.wrong_verb)(call)


async def _trouble(call: Call, name: str) -> Refusal:
    own = _TROUBLES.get(call.operation.name)
    return Refusal(own[0].get(name, own[1])) if own else await routes.trouble(call, name)


API = Api(
    name="sms",
    title="SMS",
    operations=(
        Operation(
            "sms.send",
            ("/sms/json", "/sms/xml"),
            ("GET", "POST"),
            routes.send_sms,
            mark="A",
            source="sms §1-§10",
        ),
        Operation(
            "sms.search_message",
            ("/search/message",),
            ("GET",),
            search.search_message,
            mark="B",
            source="sms §13",
            gaps=("the limit of requests per second",),
        ),
        Operation(
            "sms.search_messages",
            ("/search/messages",),
            ("GET",),
            search.search_messages,
            mark="B",
            source="sms §13",
            gaps=("the limit of requests per second",),
        ),
        Operation(
            "sms.search_rejections",
            ("/search/rejections",),
            ("GET",),
            search.search_rejections,
            mark="B",
            source="sms §13",
            gaps=("the limit of requests per second", "what a fault refused"),
        ),
        Operation(
            "sms.convert",
            ("/conversions/sms", "/conversions/voice"),
            ("POST",),
            conversion.convert,
            mark="D",
            source="sms §14; auth §6.10",
        ),
        Operation(
            "sms.redact",
            ("/v1/redact/transaction",),
            ("POST",),
            redact.redact,
            mark="B",
            source="sms §15; auth §6.9",
            gaps=("products other than sms", "rejections, webhooks and events keep what they hold"),
        ),
        Operation(
            "sms.short_code",
            short_codes.PATHS,
            ("GET", "POST"),
            short_codes.short_code,
            mark="D",
            source="sms §15a",
            gaps=("the account's own templates and short codes (texts are ours)", "opting out"),
        ),
    ),
    word_refusal=_word_refusal,
    wrong_verb=_wrong_verb,
    webhooks={
        kind: Webhook(
            word,
            retries.succeeded,
            retries.retried,
            retries.delay,
            connect_s=retries.CONNECT_S,
            response_s=retries.RESPONSE_S,
            source=source,
        )
        for kind, word, source in (
            ("receipt", wire.receipt, "sms §10, §12"),
            ("inbound_sms", wire.inbound, "sms §11, §12"),
        )
    },
    on_message=_on_message,
    on_inbound=webhook_rules.inbound,
    troubles=troubles_rules.ROWS,
    trouble=_trouble,
)
