"""The Number Insight API."""

from __future__ import annotations

from fake_nexmo.apis.insight import callback_rules, model, retries, routes, wire
from fake_nexmo.web.api import Api, Operation, Webhook

_VERBS = ("GET", "POST")

API = Api(
    name=callback_rules.OWNER,
    title="Number Insight",
    operations=(
        Operation(
            "insight.basic",
            ("/ni/basic/json", "/ni/basic/xml", "/number/format/json", "/number/format/xml"),
            _VERBS,
            routes.basic,
            mark="B",
            source="number-insight §1-§6, §8",
        ),
        Operation(
            "insight.standard",
            ("/ni/standard/json", "/ni/standard/xml", "/number/lookup/json", "/number/lookup/xml"),
            _VERBS,
            routes.standard,
            mark="B",
            source="number-insight §1-§6, §8, §9",
        ),
        Operation(
            "insight.advanced",
            ("/ni/advanced/json", "/ni/advanced/xml"),
            _VERBS,
            routes.advanced,
            mark="B",
            source="number-insight §1-§6, §8, §9",
        ),
        # Doubt: the old form was documented for POST alone; GET is taken as well.
        Operation(
            "insight.advanced_async",
            ("/ni/advanced/async/json", "/ni/advanced/async/xml", "/ni/json", "/ni/xml"),
            _VERBS,
            routes.advanced_async,
            mark="B",
            source="number-insight §1, §7-§9",
        ),
    ),
    word_refusal=routes.word_refusal,
    wrong_verb=routes.wrong_verb,
    timers={callback_rules.WHAT: routes.carry_out},
    webhooks={
        callback_rules.KIND: Webhook(
            wire.callback,
            retries.succeeded,
            retries.retried,
            retries.delay,
            connect_s=retries.CONNECT_S,
            response_s=retries.RESPONSE_S,
            source="number-insight §7",
        )
    },
    troubles=model.TROUBLES,
    trouble=routes.trouble,
)
