"""Facts in a user's words become records and come back as the same words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from fake_nexmo.core.records import Account, Secret
from fake_nexmo.core.signature import SignatureMethod
from fake_nexmo.scenario import facts
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.model import AccountFacts, ApplicationFacts, NumberFacts
from fake_nexmo.scenario.stock import default_world

SECRETS = (Secret("id-1", "Secret01", 1), Secret("id-2", "Secret02", 2))


def account_of(**said: Any) -> tuple[Account, int]:
    """The account that these facts make."""
    return facts.to_account("shop", msgspec.convert(said, AccountFacts), "shop0001", SECRETS, "s" * 32)


def test_account_comes_back_in_its_own_words() -> None:
    """Every fact of an account survives the way to the record and back."""
    said = {
        "api_key": "shop0001",
        "api_secrets": ["Secret01", "Secret02"],
        "signature": {"secret": "s" * 32, "method": "sha512"},
        "balance": "0.0412 EUR",
        "auto_reload": {"enabled": False, "trx": "00X1", "amount": "20.00 EUR", "threshold": "1.00 EUR"},
        "limits": {"sms": "30/s", "verify": "5/s", "insight": "2/s"},
        "webhooks": {
            "inbound_sms": "http://shop.test/in",
            "receipts": "https://shop.test/dlr",
            "method": "POST-JSON",
            "signed": True,
        },
        "sms_api": "messages",
        "suspended": True,
        "code": "1234",
        "profile": "2020",
    }

    account, balance = account_of(**said)

    assert balance == 4_120_000
    assert msgspec.to_builtins(facts.account_facts(account, balance)) == said


def test_account_of_nothing_is_the_documented_default() -> None:
    """100 EUR, no limit, unsigned webhooks to nowhere, md5hash."""
    account, balance = account_of()

    assert balance == 100 * 10**8
    assert account == Account(id="shop", api_key="shop0001", secrets=SECRETS, signature_secret="s" * 32)
    assert msgspec.to_builtins(facts.account_facts(account, balance)) == {
        "api_key": "shop0001",
        "api_secrets": ["Secret01", "Secret02"],
        "signature": {"secret": "s" * 32, "method": "md5hash"},
        "balance": "100.00 EUR",
        "auto_reload": False,
        "limits": {"sms": None, "verify": None, "insight": None},
        "webhooks": {"inbound_sms": "", "receipts": "", "method": "GET", "signed": False},
        "sms_api": "sms",
        "suspended": False,
        "code": None,
        "profile": None,
    }


def test_unlimited_balance_is_a_word() -> None:
    """It keeps an amount to show on the wire, and is said as it was given."""
    account, balance = account_of(balance="unlimited")

    assert (account.unlimited, balance) == (True, 100 * 10**8)
    assert facts.account_facts(account, 5).balance == "unlimited"


@pytest.mark.parametrize("profile", ["current", "2020", None])
def test_profile_of_an_account_is_its_own_or_the_worlds(profile: str | None) -> None:
    """Null is the world's."""
    account, balance = account_of(profile=profile)

    assert facts.account_facts(account, balance).profile == profile


@pytest.mark.parametrize(
    ("said", "path", "what"),
    [
        (
            {"balance": "-1 EUR"},
            "balance",
            "'-1 EUR' is below zero",
        ),
        (
            {"balance": "1 USD"},
            "balance",
            'unknown currency in "1 USD": money is in EUR, write it like "2.50 EUR"',
        ),
        (
            {"limits": {"sms": "30"}},
            "limits.sms",
            "'30' is no rate; write it like 30/s, or null for no limit",
        ),
        (
            {"limits": {"verify": "30"}},
            "limits.verify",
            "'30' is no rate; write it like 30/s, or null for no limit",
        ),
        (
            {"code": "123"},
            "code",
            "'123' is no code; it has 4 to 10 digits or letters",
        ),
        (
            {"limits": {"sms": "30/m"}},
            "limits.sms",
            "'30/m' is no rate; write it like 30/s, or null for no limit",
        ),
        (
            {"webhooks": {"receipts": "shop.test"}},
            "webhooks.receipts",
            "'shop.test' is no URL; it must begin with http:// or https://",
        ),
        (
            {"webhooks": {"inbound_sms": "ftp://shop.test"}},
            "webhooks.inbound_sms",
            "'ftp://shop.test' is no URL; it must begin with http:// or https://",
        ),
    ],
)
def test_fact_that_cannot_be_names_its_place(said: dict[str, Any], path: str, what: str) -> None:
    """What, where, and how to write it."""
    with pytest.raises(ScenarioError) as wrong:
        account_of(**said)

    assert (wrong.value.path, wrong.value.what) == (path, what)


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({}, []),
        ({"api_secret": "Secret01"}, ["Secret01"]),
        ({"api_secrets": ["Secret01", "Secret02"]}, ["Secret01", "Secret02"]),
    ],
)
def test_secrets_have_two_spellings(given: dict[str, Any], values: list[str]) -> None:
    """One, several, or none: then they are drawn."""
    assert facts.secret_values(msgspec.convert(given, AccountFacts)) == values


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (
            {"api_secret": "a", "api_secrets": ["b"]},
            "api_secrets: api_secret and api_secrets are two spellings of one fact; keep one",
        ),
        ({"api_secret": ""}, "api_secrets: an account needs at least one secret, and none may be empty"),
        ({"api_secrets": []}, "api_secrets: an account needs at least one secret, and none may be empty"),
        ({"api_secrets": ["a", ""]}, "api_secrets: an account needs at least one secret, and none may be empty"),
    ],
)
def test_secrets_that_cannot_be(given: dict[str, Any], what: str) -> None:
    """Both spellings at once, no secret at all, an empty one."""
    with pytest.raises(ScenarioError) as wrong:
        facts.secret_values(msgspec.convert(given, AccountFacts))

    assert str(wrong.value) == what


def test_secret_that_stays_keeps_its_id_and_age() -> None:
    """New ones get the ids that are handed in, in order."""
    account, _ = account_of()

    after = facts.with_secrets(account, ["New00001", "Secret02", "New00002"], ["id-3", "id-4"], 9)

    assert after.secrets == (Secret("id-3", "New00001", 9), SECRETS[1], Secret("id-4", "New00002", 9))


def test_application_comes_back_in_its_own_words() -> None:
    """Capabilities under their API names; the private key is not among the facts."""
    said = {"account": "shop", "id": "app-1", "public_key": "PUB", "voice": {"answer_url": "http://a"}, "rtc": {}}

    record = facts.to_application("ivr", msgspec.convert(said, ApplicationFacts), "app-1", "PUB", "PRIV")

    assert (record.id, record.application_id, record.private_key) == ("ivr", "app-1", "PRIV")
    assert record.capabilities == {"voice": {"answer_url": "http://a"}, "rtc": {}}
    assert msgspec.to_builtins(facts.application_facts(record)) == said


def test_application_of_the_api_comes_back_whole() -> None:
    """Name, privacy and the product that it was made for; what is as ever is not said."""
    said = {
        "account": "shop",
        "name": "My shop",
        "id": "app-1",
        "public_key": "PUB",
        "messages": {"inbound_url": "http://a", "status_url": "http://b"},
        "video": {"archive_status": "http://c"},
        "improve_ai": True,
        "type": "messages",
    }

    record = facts.to_application("ivr", msgspec.convert(said, ApplicationFacts), "app-1", "PUB", "")

    assert (record.name, record.label, record.improve_ai, record.v1_type) == ("My shop", "My shop", True, "messages")
    assert msgspec.to_builtins(facts.application_facts(record)) == said
    voiced = msgspec.convert({**said, "type": "voice"}, ApplicationFacts)
    assert facts.application_facts(facts.to_application("ivr", voiced, "app-1", "PUB", "")).type == "voice"


def test_the_shorter_words_of_scenarios() -> None:
    """They stand for the service's; nobody says one fact in both."""
    voice = {"answer_url": "http://a", "fallback_url": "http://b", "fallback_method": "POST", "signed": False}
    said = msgspec.convert({"account": "shop", "voice": voice}, ApplicationFacts)
    twice = msgspec.convert({"account": "shop", "voice": {**voice, "signed_callbacks": False}}, ApplicationFacts)

    record = facts.to_application("ivr", said, "app-1", "PUB", "")
    with pytest.raises(ScenarioError) as refused:
        facts.to_application("ivr", twice, "app-1", "PUB", "")

    assert record.capabilities == {
        "voice": {
            "answer_url": "http://a",
            "fallback_answer_url": "http://b",
            "fallback_answer_method": "POST",
            "signed_callbacks": False,
        }
    }
    assert (refused.value.path, refused.value.what) == (
        "voice",
        "signed and signed_callbacks are two spellings of one fact; keep one",
    )


def test_application_with_a_word_that_cannot_be() -> None:
    """It names the capability."""
    said = msgspec.convert({"account": "shop", "voice": {"anser_url": "http://a"}}, ApplicationFacts)

    with pytest.raises(ScenarioError) as refused:
        facts.to_application("ivr", said, "app-1", "PUB", "")

    assert (refused.value.path, refused.value.what) == (
        "voice",
        "'anser_url' is not known here; did you mean 'answer_url'?",
    )


@pytest.mark.parametrize(
    "voice",
    [
        {},
        {"type": "tel", "value": "447700900001"},
        {"status_url": "http://shop.test/ended"},
        {"type": "vxml", "value": "http://shop.test/call.xml", "status_url": "http://shop.test/ended"},
    ],
)
@pytest.mark.parametrize("features", [["SMS"], ["SMS", "VOICE", "MMS"]])
def test_number_comes_back_in_its_own_words(features: list[str], voice: dict[str, str]) -> None:
    """Country in capitals, cost as money, and of the route what is set."""
    said = {
        "account": "shop",
        "country": "gb",
        "type": "landline",
        "features": features,
        "application": "ivr",
        "inbound_sms": "http://shop.test/in",
        "voice": voice,
        "cost": "1.25 EUR",
    }

    record = facts.to_number("447700900000", msgspec.convert(said, NumberFacts))

    assert (record.country, record.type, record.cost) == ("GB", "landline", 125_000_000)
    assert record.voice == voice
    assert msgspec.to_builtins(facts.number_facts(record)) == {**said, "country": "GB"}


@pytest.mark.parametrize(
    ("msisdn", "said", "what"),
    [
        ("0770090", {}, "'0770090' is no phone number; write E.164 digits such as 447700900000"),
        ("447700900000", {"country": "FR"}, "country: 'FR' contradicts the digits, which belong to GB"),
        ("447700900000", {"cost": "-1"}, "cost: '-1' is below zero"),
        ("447700900000", {"inbound_sms": "x"}, "inbound_sms: 'x' is no URL; it must begin with http:// or https://"),
        (
            "447700900000",
            {"voice": {"status_url": "x"}},
            "voice.status_url: 'x' is no URL; it must begin with http:// or https://",
        ),
        (
            "447700900000",
            {"voice": {"value": "sip:a@shop.test"}},
            "voice: type and value go together: the one says what the other is",
        ),
        (
            "447700900000",
            {"voice": {"type": "tel"}},
            "voice: type and value go together: the one says what the other is",
        ),
    ],
)
def test_number_that_cannot_be(msisdn: str, said: dict[str, Any], what: str) -> None:
    """No number, another country's, a negative cost, a URL that is none."""
    with pytest.raises(ScenarioError) as wrong:
        facts.to_number(msisdn, msgspec.convert({"account": "shop", "country": "GB", **said}, NumberFacts))

    assert str(wrong.value) == what


def test_default_world_spells_its_credentials_out_only_as_default() -> None:
    """Elsewhere key and secret are left to be drawn; all else is alike."""
    spelled, drawn = default_world(spelled_out=True), default_world(spelled_out=False)

    main = spelled.accounts["main"]
    assert (main.api_key, main.api_secret) == ("abcd1234", "s3cr3tS3cr3t")
    assert main.signature is not UNSET
    assert main.signature.method is SignatureMethod.MD5HASH
    assert (drawn.accounts["main"].api_key, drawn.accounts["main"].api_secret) == (UNSET, UNSET)
    assert (drawn.applications, drawn.numbers) == (spelled.applications, spelled.numbers)
