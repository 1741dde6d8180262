"""The Account API: balance, top-up, settings, secrets."""

from __future__ import annotations

from fake_nexmo.apis.account import model, routes
from fake_nexmo.core import reload
from fake_nexmo.web.api import Api, Operation

_ALL = "/accounts/{api_key}/secrets"
_ONE = "/accounts/{api_key}/secrets/{secret_id}"
_PRIMARY = ("secrets of a sub-account by its primary account",)

API = Api(
    name=reload.OWNER,
    title="Account",
    operations=(
        Operation(
            "account.balance",
            ("/account/get-balance", "/account/get-balance/{key}/{secret}"),
            ("GET",),
            routes.get_balance,
            mark="B",
            source="account §1, §2",
        ),
        Operation(
            "account.top_up",
            ("/account/top-up",),
            ("POST", "GET"),
            routes.top_up,
            mark="C",
            source="account §1, §3",
        ),
        Operation(
            "account.settings",
            ("/account/settings",),
            ("POST", "GET"),
            routes.settings,
            mark="B",
            source="account §1, §4",
        ),
        Operation(
            "account.list_secrets",
            (_ALL,),
            ("GET",),
            routes.list_secrets,
            mark="B",
            source="account §5, §6",
            gaps=_PRIMARY,
        ),
        Operation(
            "account.create_secret",
            (_ALL,),
            ("POST",),
            routes.create_secret,
            mark="B",
            source="account §5, §6",
            gaps=_PRIMARY,
        ),
        Operation(
            "account.get_secret",
            (_ONE,),
            ("GET",),
            routes.get_secret,
            mark="B",
            source="account §5, §6",
            gaps=_PRIMARY,
        ),
        Operation(
            "account.revoke_secret",
            (_ONE,),
            ("DELETE",),
            routes.revoke_secret,
            mark="B",
            source="account §5, §6",
            gaps=_PRIMARY,
        ),
    ),
    word_refusal=routes.word_refusal,
    wrong_verb=routes.wrong_verb,
    timers={reload.WHAT: routes.auto_reload},
    troubles=model.TROUBLES,
    trouble=routes.trouble,
)
