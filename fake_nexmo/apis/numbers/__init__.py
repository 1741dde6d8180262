"""The Numbers API: list what is owned, search, buy, cancel and update."""

from __future__ import annotations

from fake_nexmo.apis.numbers import model, routes
from fake_nexmo.web.api import Api, Operation

_SUB_ACCOUNTS = ("sub-accounts (target_api_key)",)

API = Api(
    name=model.OWNER,
    title="Numbers",
    operations=(
        Operation(
            "numbers.list",
            ("/account/numbers",),
            ("GET",),
            routes.list_owned,
            mark="B",
            source="numbers §1, §2",
        ),
        Operation(
            "numbers.search",
            ("/number/search",),
            ("GET",),
            routes.search,
            mark="B",
            source="numbers §1, §3, §8",
        ),
        Operation(
            "numbers.buy",
            ("/number/buy",),
            ("POST",),
            routes.buy,
            mark="B",
            source="numbers §1, §4",
            gaps=_SUB_ACCOUNTS,
        ),
        Operation(
            "numbers.cancel",
            ("/number/cancel",),
            ("POST",),
            routes.cancel,
            mark="B",
            source="numbers §1, §5",
            gaps=_SUB_ACCOUNTS,
        ),
        Operation(
            "numbers.update",
            ("/number/update",),
            ("POST",),
            routes.update,
            mark="C",
            source="numbers §1, §6",
            gaps=_SUB_ACCOUNTS,
        ),
    ),
    word_refusal=routes.word_refusal,
    wrong_verb=routes.wrong_verb,
    timers={model.RENEWAL: routes.renewal},
    troubles=model.TROUBLES,
    trouble=routes.trouble,
)
