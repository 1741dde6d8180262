"""Facts read and changed through the control API: RFC 7396 merge patches, in effect at once."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.core.change import Change, Set
from fake_nexmo.core.settings import SETTINGS
from fake_nexmo.keys.pool import key_pair
from tests.house import House
from tests.receiver import Receiver

ACCOUNT: dict[str, Any] = {
    "api_key": "abcd1234",
    "api_secrets": ["s3cr3tS3cr3t"],
    "signature": {"secret": "fake-nexmo-signature-secret-000001", "method": "md5hash"},
    "balance": "100.00 EUR",
    "auto_reload": False,
    "limits": {"sms": None, "verify": None, "insight": None},
    "webhooks": {"inbound_sms": "", "receipts": "", "method": "GET", "signed": False},
    "sms_api": "sms",
    "suspended": False,
    "code": None,
    "profile": None,
}


async def patch(house: House, body: Any, status: int = 200) -> Any:
    """Patch the account of the world ``default``."""
    return await house.control("PATCH", "accounts/abcd1234", body, status)


async def status_of(house: House, **params: str) -> str:
    """The status of one send."""
    status: str = (await house.send(**params))["messages"][0]["status"]
    return status


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ({}, {}),
        ({"balance": "2 EUR"}, {"balance": "2.00 EUR"}),
        ({"balance": "unlimited"}, {"balance": "unlimited"}),
        ({"limits": {"sms": "30/s"}}, {"limits": {"sms": "30/s", "verify": None, "insight": None}}),
        ({"webhooks": {"signed": True}}, {"webhooks": {**ACCOUNT["webhooks"], "signed": True}}),
        (
            {"webhooks": {"receipts": "http://127.0.0.1:9/dlr", "method": "POST-JSON"}},
            {"webhooks": {**ACCOUNT["webhooks"], "receipts": "http://127.0.0.1:9/dlr", "method": "POST-JSON"}},
        ),
        ({"signature": {"method": "sha256"}}, {"signature": {**ACCOUNT["signature"], "method": "sha256"}}),
        ({"signature": {"secret": "s" * 32}}, {"signature": {**ACCOUNT["signature"], "secret": "s" * 32}}),
        ({"api_secret": "Secret02"}, {"api_secrets": ["Secret02"]}),
        ({"api_secrets": ["Secret02", "s3cr3tS3cr3t"]}, {"api_secrets": ["Secret02", "s3cr3tS3cr3t"]}),
        ({"code": "1234", "profile": "2020"}, {"code": "1234", "profile": "2020"}),
        ({"suspended": True, "sms_api": "messages"}, {"suspended": True, "sms_api": "messages"}),
        ({"api_key": "other001"}, {"api_key": "other001"}),
        ({"api_secret": None, "api_secrets": None, "api_key": None, "signature": None}, {}),
    ],
    ids=lambda each: ",".join(each) or "nothing",
)
async def test_patch_answers_with_the_whole_account(
    house: House, body: dict[str, Any], changed: dict[str, Any]
) -> None:
    """What is named changes, what is not named stays, and reading it gives the same."""
    after = {**ACCOUNT, **changed}

    assert await patch(house, body) == after
    assert await house.control("GET", f"accounts/{after['api_key']}") == after


async def test_null_puts_a_fact_back_to_its_default(house: House) -> None:
    """RFC 7396: null removes, and what is not there takes its default; nested facts alike."""
    await patch(
        house,
        {
            "balance": "1 EUR",
            "limits": {"sms": "1/s"},
            "webhooks": {"receipts": "http://127.0.0.1:9/", "method": "POST", "signed": True},
            "suspended": True,
            "code": "1234",
            "profile": "2020",
        },
    )

    one = await patch(house, {"webhooks": {"receipts": None}, "limits": {"sms": None}})
    all_of_it = await patch(
        house,
        {"balance": None, "limits": None, "webhooks": None, "suspended": None, "code": None, "profile": None},
    )

    assert one["webhooks"] == {"inbound_sms": "", "receipts": "", "method": "POST", "signed": True}
    assert one["limits"] == {"sms": None, "verify": None, "insight": None}
    assert all_of_it == ACCOUNT


@pytest.mark.parametrize(
    ("body", "detail", "path"),
    [
        ({"balanec": "1 EUR"}, "balanec: 'balanec' is not known here; did you mean 'balance'?", "balanec"),
        ({"api_secret": ""}, "api_secrets: an account needs at least one secret, and none may be empty", "api_secrets"),
        (
            {"api_secrets": []},
            "api_secrets: an account needs at least one secret, and none may be empty",
            "api_secrets",
        ),
        (
            {"api_secret": "a", "api_secrets": ["b"]},
            "api_secrets: api_secret and api_secrets are two spellings of one fact; keep one",
            "api_secrets",
        ),
        ({"api_key": ""}, "api_key: an account needs a key", "api_key"),
        (
            {"balance": "1 USD"},
            'balance: unknown currency in "1 USD": money is in EUR, write it like "2.50 EUR"',
            "balance",
        ),
        ({"balance": "-1"}, "balance: '-1' is below zero", "balance"),
        (
            {"limits": {"sms": "many"}},
            "limits.sms: 'many' is no rate; write it like 30/s, or null for no limit",
            "limits.sms",
        ),
        (
            {"webhooks": {"receipts": "shop.test"}},
            "webhooks.receipts: 'shop.test' is no URL; it must begin with http:// or https://",
            "webhooks.receipts",
        ),
        ({"suspended": "yes"}, "suspended: true or false is expected here, not 'yes'", "suspended"),
        ({"webhooks": "none"}, "webhooks: a table is expected here, not 'none'", "webhooks"),
        (
            {"webhooks": {"method": "PUT"}},
            "webhooks.method: one of GET, POST, POST-JSON is expected here, not 'PUT'",
            "webhooks.method",
        ),
        (
            {"webhooks": {"receipt": "x"}},
            "webhooks.receipt: 'receipt' is not known here; did you mean 'receipts'?",
            "webhooks.receipt",
        ),
    ],
)
async def test_patch_that_cannot_be_changes_nothing(
    house: House, body: dict[str, Any], detail: str, path: str | None
) -> None:
    """422 with what is wrong and where; the good parts of the same patch are not applied either."""
    answer = await patch(house, {"profile": "2020", **body}, 422)

    problem = {"type": "urn:fake-nexmo:unfit", "title": "That cannot be", "status": 422, "detail": detail}
    assert answer == (problem if path is None else {**problem, "path": path})
    assert await house.control("GET", "accounts/abcd1234") == ACCOUNT


# In effect at once.


async def test_new_secret_works_and_the_old_one_is_refused_at_once(house: House) -> None:
    """A patch is a rotation without a grace period; two secrets are one with."""
    await patch(house, {"api_secret": "Secret02"})
    first = [await status_of(house, api_secret=each) for each in ("s3cr3tS3cr3t", "Secret02")]
    await patch(house, {"api_secrets": ["Secret02", "Secret03"]})
    second = [await status_of(house, api_secret=each) for each in ("Secret02", "Secret03", "s3cr3tS3cr3t")]

    assert (first, second) == (["4", "0"], ["0", "0", "4"])


async def test_suspended_account_is_refused_at_once(house: House) -> None:
    """And let in again at once."""
    await patch(house, {"suspended": True})
    refused = await status_of(house)
    await patch(house, {"suspended": False})

    assert (refused, await status_of(house)) == ("8", "0")


async def test_limit_is_in_effect_at_once(house: House) -> None:
    """Two in a second of the world's clock, the third is throttled; the next second is free."""
    await patch(house, {"limits": {"sms": "2/s"}})

    first = [await status_of(house) for _ in range(3)]
    await house.advance("1s")

    assert (first, await status_of(house)) == (["0", "0", "1"], "0")


async def test_balance_is_in_effect_at_once(house: House) -> None:
    """What is left is enough for one; unlimited is never debited."""
    await patch(house, {"balance": "0.04 EUR"})
    poor = [await status_of(house) for _ in range(2)]
    left = await house.control("GET", "accounts/abcd1234")
    await patch(house, {"balance": "unlimited"})
    rich = [await status_of(house) for _ in range(2)]

    assert (poor, left["balance"], rich) == (["0", "9"], "0.0067 EUR", ["0", "0"])
    assert (await house.control("GET", "accounts/abcd1234"))["balance"] == "unlimited"


async def test_patch_without_a_balance_leaves_what_was_spent(house: House) -> None:
    """A balance is a counter: other facts change around it."""
    await house.send()

    assert (await patch(house, {"profile": "2020"}))["balance"] == "99.9667 EUR"
    assert (await house.send())["messages"][0]["remaining-balance"] == "99.93340000"


async def test_receipt_url_is_in_effect_for_the_next_message(house: House) -> None:
    """A message keeps the URL that stood when it was submitted."""
    async with Receiver() as receiver:
        await house.send(text="before")
        await patch(house, {"webhooks": {"receipts": f"{receiver.url}/dlr", "method": "POST"}})
        await house.send(text="after")

        summary = await house.advance("1s")

    assert (summary["timers"], summary["delivered"]) == (2, 1)
    assert [(each.method, each.path) for each in receiver.requests] == [("POST", "/dlr")]


async def test_changed_key_is_found_at_once(house: House) -> None:
    """The new one leads to the account, with its balance; the old one leads nowhere and is free."""
    await house.send()
    await patch(house, {"api_key": "other001"})

    refused, found = await status_of(house), await house.send(api_key="other001")
    await house.control("GET", "accounts/abcd1234", None, 404)
    made = await house.control("POST", "/worlds", {"name": "second"}, 201)
    key = made["accounts"][0]["api_key"]
    taken = await house.control("PATCH", f"/worlds/second/accounts/{key}", {"api_key": "abcd1234"})

    assert (refused, found["messages"][0]["remaining-balance"]) == ("4", "99.93340000")
    assert taken["api_key"] == "abcd1234"


async def test_key_of_another_world_is_409(house: House) -> None:
    """Nothing changes; the key that is taken is named."""
    made = await house.control("POST", "/worlds", {"name": "second"}, 201)
    key = made["accounts"][0]["api_key"]

    assert await patch(house, {"api_key": key}, 409) == {
        "type": "urn:fake-nexmo:credential-taken",
        "title": "Credential taken",
        "status": 409,
        "detail": f"the key {key!r} is taken",
    }
    assert await status_of(house) == "0"


# Settings.


async def test_settings_are_the_whole_table(house: House) -> None:
    """Every row with its default; a change answers with all, null puts one back."""
    defaults = {name: row.default for name, row in SETTINGS.items()}

    assert await house.control("GET", "settings") == defaults
    patched = await house.control("PATCH", "settings", {"profile": "2020", "base_url": "http://shop.test"})
    assert patched == {**defaults, "profile": "2020", "base_url": "http://shop.test"}
    one = await house.control("PATCH", "settings", {"profile": None})
    assert one == {**defaults, "base_url": "http://shop.test"}
    assert await house.control("GET", "settings") == one


@pytest.mark.parametrize(
    ("body", "path", "detail"),
    [
        ({"profil": "2020"}, "profil", "profil: no setting is called 'profil'; did you mean 'profile'?"),
        ({"profil": None}, "profil", "profil: no setting is called 'profil'; did you mean 'profile'?"),
        ({"profile": "1999"}, "profile", "profile: setting 'profile' cannot be '1999'; it takes 'current', '2020'"),
        (
            {"signature_window": 1},
            "signature_window",
            "signature_window: setting 'signature_window' cannot be 1; it takes true, false",
        ),
        ({"base_url": 5}, "base_url", "base_url: setting 'base_url' takes a str, not 5"),
    ],
)
async def test_setting_that_cannot_be_changes_nothing(
    house: House, body: dict[str, Any], path: str, detail: str
) -> None:
    """422, and good settings of the same patch stay as they were."""
    before = await house.control("GET", "settings")

    answer = await house.control("PATCH", "settings", {"jwt_time": "virtual", **body}, 422)

    assert answer == {
        "type": "urn:fake-nexmo:unfit",
        "title": "That cannot be",
        "status": 422,
        "detail": detail,
        "path": path,
    }
    assert await house.control("GET", "settings") == before


# Numbers and applications.

SIP = {"type": "sip", "value": "sip:ivr@shop.test", "status_url": "http://127.0.0.1:9/ended"}
NUMBER: dict[str, Any] = {
    "account": "main",
    "country": "GB",
    "type": "mobile-lvn",
    "features": ["SMS", "VOICE"],
    "application": "main",
    "inbound_sms": "",
    "voice": {},
    "cost": "0.00 EUR",
}


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ({"features": ["SMS"]}, {"features": ["SMS"]}),
        ({"application": None}, {"application": None}),
        ({"inbound_sms": "http://127.0.0.1:9/in"}, {"inbound_sms": "http://127.0.0.1:9/in"}),
        ({"voice": SIP, "cost": "1.25 EUR"}, {"voice": SIP, "cost": "1.25 EUR"}),
        ({"voice": None, "type": "landline"}, {"type": "landline"}),
        ({"features": None}, {}),
    ],
)
async def test_patch_of_a_number(house: House, body: dict[str, Any], changed: dict[str, Any]) -> None:
    """Answered whole, and read back the same."""
    after = {**NUMBER, **changed}

    assert await house.control("PATCH", "numbers/447700900000", body) == after
    assert await house.control("GET", "numbers/447700900000") == after


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"country": "US"}, "country: 'US' contradicts the digits, which belong to GB"),
        ({"account": "shop"}, "account: no account is called 'shop' in this world"),
        ({"application": "ivr"}, "application: no application is called 'ivr' in this world"),
        ({"account": None}, "'account' is missing here"),
        ({"features": ["FAX"]}, "features.0: one of MMS, SMS, VOICE is expected here, not 'FAX'"),
        ({"featured": []}, "featured: 'featured' is not known here; did you mean 'features'?"),
        ({"voice": {"type": "sip"}}, "voice: type and value go together: the one says what the other is"),
        ({"voice": {"type": "app", "value": "x"}}, "voice.type: one of sip, tel, vxml is expected here, not 'app'"),
    ],
)
async def test_patch_of_a_number_that_cannot_be(house: House, body: dict[str, Any], detail: str) -> None:
    """422, and the number is as it was."""
    answer = await house.control("PATCH", "numbers/447700900000", body, 422)

    assert (answer["type"], answer["detail"]) == ("urn:fake-nexmo:unfit", detail)
    assert await house.control("GET", "numbers/447700900000") == NUMBER


async def test_patch_of_an_application(house: House) -> None:
    """Capabilities merge, the id may change and is found at once, a key of one's own replaces the pair."""
    old = house.world.applications[0]
    whole = {"account": "main", "id": old.application_id, "public_key": old.public_key}
    path = f"applications/{old.application_id}"
    url = "http://127.0.0.1:9/answer"

    assert await house.control("GET", path) == whole
    voiced = {**whole, "voice": {"answer_url": url, "answer_method": "GET"}}
    assert await house.control("PATCH", path, {"voice": {"answer_url": url, "answer_method": "GET"}}) == voiced
    assert await house.control("PATCH", path, {"voice": {"answer_method": None}}) == {
        **whole,
        "voice": {"answer_url": url},
    }
    assert await house.control("PATCH", path, {"voice": None}) == whole
    named = await house.control("PATCH", path, {"id": "app-1", "public_key": key_pair(42, 5).public})
    assert named == {"account": "main", "id": "app-1", "public_key": key_pair(42, 5).public}
    assert await house.control("GET", "applications/app-1") == named
    await house.control("GET", path, None, 404)
    world = await house.control("GET", "/worlds/default")
    assert [each["private_key"] for each in world["applications"]] == [None]


async def test_patch_of_an_application_that_cannot_be(house: House) -> None:
    """An account that is not there is 422, an id that another world has is 409."""
    other = await house.control("POST", "/worlds", {"name": "other"}, 201)
    taken = other["applications"][0]["id"]
    path = f"applications/{house.world.applications[0].application_id}"
    before = await house.control("GET", path)

    unknown = await house.control("PATCH", path, {"account": "shop"}, 422)
    odd = await house.control("PATCH", path, {"voice": {"event_url": {"address": "https://shop.test"}}}, 422)
    conflict = await house.control("PATCH", path, {"id": taken}, 409)

    assert unknown["detail"] == "account: no account is called 'shop' in this world"
    assert odd["path"].startswith("voice")
    assert (conflict["type"], conflict["detail"]) == ("urn:fake-nexmo:credential-taken", f"the id {taken!r} is taken")
    assert await house.control("GET", path) == before


async def test_application_gets_fresh_keys_when_it_asks(house: House) -> None:
    """``keys: generate`` replaces the pair by one that was never used before."""
    old = house.world.applications[0]

    fresh = await house.control("PATCH", f"applications/{old.application_id}", {"keys": "generate"})

    assert fresh["public_key"] not in {key_pair(seed, k).public for seed in (42,) for k in range(16)}


async def test_public_key_that_is_none_is_refused(house: House) -> None:
    """What would do is said."""
    old = house.world.applications[0]

    refused = await house.control("PATCH", f"applications/{old.application_id}", {"public_key": "PEM"}, 422)

    assert refused["detail"] == (
        "public_key: that is no public RSA key; it is PEM that begins -----BEGIN PUBLIC KEY-----"
    )


async def test_an_account_in_debt_is_patched(house: House) -> None:
    """The debt stays, unless the patch says what the balance is."""
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(counters=(Set("balance/main", -5 * 10**8),)))

    suspended = await patch(house, {"suspended": True})
    paid = await patch(house, {"balance": "1.00 EUR"})

    assert (suspended["suspended"], suspended["balance"]) == (True, "-5.00 EUR")
    assert (paid["suspended"], paid["balance"]) == (True, "1.00 EUR")
