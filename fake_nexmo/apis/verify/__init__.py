"""The Verify API, version 1."""

from __future__ import annotations

from starlette.responses import Response

from fake_nexmo.apis.verify import (
    control_wire,
    hook_rules,
    newer,
    people,
    routes,
    timers,
    troubles_rules,
    workflow_rules,
)
from fake_nexmo.apis.verify.model import OWNER, Verification
from fake_nexmo.apis.verify.refusal_model import ProblemRefusal
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import Api, Collection, Operation
from fake_nexmo.web.call import Call


def _word_refusal(call: Call, refusal: Refusal) -> Response:
    if isinstance(refusal.row, ProblemRefusal):
        return newer.word_refusal(call, refusal)
    return routes.word_refusal(call, refusal)


async def _on_leg(_: View, leg: Leg, account: Account, moment: Moment) -> Change:
    return hook_rules.on_leg(leg, account, moment)


API = Api(
    name=OWNER,
    title="Verify",
    operations=(
        Operation(
            "verify.start",
            ("/verify/json", "/verify/xml"),
            ("POST", "GET"),
            routes.start,
            mark="B",
            source="verify §1-§3, §9-§11",
            gaps=("require_type is ignored", "texts in other languages than English are ours"),
        ),
        Operation(
            "verify.psd2",
            ("/verify/psd2/json", "/verify/psd2/xml"),
            ("POST", "GET"),
            routes.psd2,
            mark="B",
            source="verify §1, §7",
            gaps=("texts are ours",),
        ),
        Operation(
            "verify.check",
            ("/verify/check/json", "/verify/check/xml"),
            ("POST", "GET"),
            routes.check,
            mark="B",
            source="verify §4",
        ),
        Operation(
            "verify.search",
            ("/verify/search/json", "/verify/search/xml"),
            ("GET", "POST"),
            routes.search,
            mark="B",
            source="verify §5",
        ),
        Operation(
            "verify.control",
            ("/verify/control/json", "/verify/control/xml"),
            ("POST", "GET"),
            routes.control,
            mark="B",
            source="verify §6",
        ),
        Operation(
            "verify.unblock_network",
            ("/verify/network-unblock",),
            ("POST",),
            newer.unblock,
            mark="B",
            source="verify §8",
            gaps=("blocks by statistics: the world lists what is blocked",),
        ),
        Operation(
            "verify.templates",
            ("/verify/templates",),
            ("POST",),
            newer.templates,
            mark="D",
            source="verify §9.4",
            gaps=("a template is never approved, so it is never used", "media URLs"),
        ),
    ),
    word_refusal=_word_refusal,
    wrong_verb=routes.wrong_verb,
    timers={
        workflow_rules.EVENT: timers.event,
        workflow_rules.EXPIRY: timers.expiry,
        hook_rules.PAID: timers.paid,
        **people.TIMERS,
    },
    occasions=people.OCCASIONS,
    webhooks=people.WEBHOOKS,
    on_message=hook_rules.on_message,
    on_leg=_on_leg,
    collections={Verification.collection: Collection(Verification, control_wire.entry, control_wire.FIELDS)},
    troubles=troubles_rules.TROUBLES,
    trouble=routes.trouble,
)
