"""The SMS API."""

from __future__ import annotations

from fake_nexmo.apis.sms import retries, routes, rules, wire
from fake_nexmo.core.change import Change
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.web.api import Api, Arrival, Operation, Webhook


def _on_message(arrival: Arrival, account: Account, moment: Moment) -> Change:
    return rules.receipt(arrival.message, arrival.k, account, moment)


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
            gaps=("types binary, wappush, vcal and vcard", "inbound SMS", "handsets other than one that answers"),
        ),
    ),
    word_refusal=routes.word_refusal,
    wrong_verb=routes.wrong_verb,
    webhooks={
        "receipt": Webhook(
            wire.receipt,
            retries.succeeded,
            retries.retried,
            retries.delay,
            connect_s=retries.CONNECT_S,
            response_s=retries.RESPONSE_S,
            source="sms §10, §12",
        )
    },
    on_message=_on_message,
)
