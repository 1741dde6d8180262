"""What the Pricing API decides, without the house around it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.apis.pricing import rules
from fake_nexmo.apis.pricing.model import ROWS, TROUBLES, Choice, CountryPrices, PhonePrice, PricingRefusal
from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.numbering import plan
from fake_nexmo.numbering.tables import tables

SECOND = 1_000_000
MOMENT = Moment(now=1_772_355_600_250_000, ordinal=7, seed=42)
ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="")
SMS = Choice("sms", typed=True, in_path=True)
TYPELESS = Choice("sms", typed=False, in_path=False)
BY_QUERY = Choice("voice", typed=True, in_path=False)
VOICE = Choice("voice", typed=True, in_path=True)
CHOICES = (SMS, TYPELESS, BY_QUERY, VOICE)


def refusal_of(decide: Callable[[], object]) -> Enum:
    """The row by which a rule refuses."""
    with pytest.raises(Refusal) as refused:
        decide()
    assert refused.value.facts == {}
    return refused.value.row


def one(found: CountryPrices | tuple[CountryPrices, ...]) -> CountryPrices:
    """An answer about one country."""
    assert isinstance(found, CountryPrices)
    return found


def test_every_row_and_every_common_trouble_has_words() -> None:
    """And nothing else has."""
    common = {"throttled", "bad_credentials", "no_credit", "barred", "server_error", "unavailable", "not_found"}
    assert ROWS.keys() == set(PricingRefusal)
    assert TROUBLES.keys() == common | {row.value for row in PricingRefusal}


# ---------------------------------------------------------------------------------------------------------- limit


def test_the_first_request_of_a_second_is_counted() -> None:
    """Until the second is over."""
    second = MOMENT.now // SECOND
    counted = Add(f"pricing/main/{second}", 1, ceiling=1, until_at=(second + 1) * SECOND)
    assert rules.admit(ACCOUNT, 0, MOMENT) == Outcome(Change(counters=(counted,)), None)
    assert rules.rate_of(ACCOUNT, MOMENT.now + SECOND) != rules.rate_of(ACCOUNT, MOMENT.now)


@pytest.mark.parametrize("asked", [1, 2])
def test_the_second_request_of_a_second_is_too_much(asked: int) -> None:
    """And is not counted."""
    assert refusal_of(lambda: rules.admit(ACCOUNT, asked, MOMENT)) is PricingRefusal.THROTTLED


# --------------------------------------------------------------------------------------------------------- choice


@pytest.mark.parametrize(
    ("in_path", "in_query", "choice"),
    [
        ("", "", TYPELESS),
        ("sms", "", SMS),
        ("sms-transit", "", Choice("sms-transit", typed=True, in_path=True)),
        ("voice", "", VOICE),
        ("voice", "sms", VOICE),
        ("voice", "nonsense", VOICE),
        ("", "voice", BY_QUERY),
        ("", "sms", Choice("sms", typed=True, in_path=False)),
    ],
)
def test_the_path_decides_before_the_query(in_path: str, in_query: str, choice: Choice) -> None:
    """And without either it is the family of before 2017."""
    assert rules.choose(in_path, in_query) == choice


@pytest.mark.parametrize("word", ["GB", "SMS", "mms", "sms ", "outbound"])
def test_another_product_is_refused(word: str) -> None:
    """In the path nothing is there; in the query the method fails."""
    assert refusal_of(lambda: rules.choose(word, "sms")) is PricingRefusal.NOT_FOUND
    assert refusal_of(lambda: rules.choose("", word)) is PricingRefusal.METHOD_FAILED
    assert not rules.is_product(word)


# ------------------------------------------------------------------------------------------------------ countries


@pytest.mark.parametrize("choice", CHOICES)
def test_a_country_in_any_case(choice: Choice) -> None:
    """One and the same."""
    found = one(rules.country("GB", choice))
    assert (found.code, found.name, found.prefix) == ("GB", "United Kingdom", "44")
    assert rules.country("gb", choice) == rules.country("gB", choice, strict=True) == found


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("code", ["XX", "GBR", "44", "United Kingdom", " GB", "ß", "\ud83d", "ﬁ"])
def test_what_is_no_country_fails(code: str, choice: Choice) -> None:
    """``ß`` in capitals is ``SS``, South Sudan, and is not meant."""
    assert refusal_of(lambda: rules.country(code, choice)) is PricingRefusal.METHOD_FAILED


def test_without_a_country_a_path_with_a_product_lists_all() -> None:
    """Unless the world is strict; on every other path it is missing."""
    for choice in (SMS, VOICE):
        assert rules.country("", choice) == rules.full(choice)
        assert refusal_of(partial(rules.country, "", choice, strict=True)) is PricingRefusal.MISSING_COUNTRY
    for choice in (TYPELESS, BY_QUERY):
        assert refusal_of(partial(rules.country, "", choice)) is PricingRefusal.MISSING_COUNTRY


def test_all_countries_stand_in_the_order_of_the_list_and_then_by_their_letters() -> None:
    """Each once."""
    codes = [each.code for each in rules.full(SMS)]
    listed = list(tables().countries)
    assert codes == listed + sorted(set(plan.world()) - set(listed))
    assert len(codes) == len(set(codes)) == 246


@pytest.mark.parametrize("product", ["sms", "sms-transit", "voice"])
def test_every_country_of_the_world_has_a_price(product: str) -> None:
    """But those that the list has without one; without a table of its own a country has no networks."""
    choice = Choice(product, typed=True, in_path=True)
    for each in rules.full(choice):
        assert rules.country(each.code, choice) == each
        if each.code in {"UM", "VA"}:
            assert (each.price, each.networks) == (None, ())
        else:
            assert each.price == plan.price_of(each.code, "", product)
            assert bool(each.networks) is (each.code in tables().countries)


def test_transit_costs_what_sms_does() -> None:
    """The table says nothing else."""
    assert rules.full(Choice("sms-transit", typed=True, in_path=True)) == rules.full(SMS)


# ------------------------------------------------------------------------------------------------------- prefixes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("39", ["IT", "VA"]),
        ("+39", ["IT", "VA"]),
        (" 39", ["IT", "VA"]),
        ("0039", ["IT", "VA"]),
        ("44", ["GB", "GG", "IM", "JE"]),
        ("260", ["ZM"]),
        ("7", ["KZ", "RU"]),
        ("4", []),
        ("447", []),
        ("26", []),
        ("0", []),
        ("+", []),
        ("GB", []),
        ("999", []),
    ],
)
@pytest.mark.parametrize("choice", CHOICES)
def test_a_prefix_is_a_whole_calling_code(text: str, codes: list[str], choice: Choice) -> None:
    """Never the beginning of one, nor a longer one."""
    assert [each.code for each in rules.prefix(text, choice)] == codes


def test_countries_that_share_a_calling_code() -> None:
    """Those of the list first."""
    codes = [each.code for each in rules.prefix("1", SMS)]
    assert codes[:3] == ["CA", "UM", "US"]
    assert {"JM", "PR", "BS"} <= set(codes)
    assert all(each.prefix == "1" for each in rules.prefix("1", SMS))


@pytest.mark.parametrize("choice", CHOICES)
def test_a_prefix_and_a_phone_can_be_missing(choice: Choice) -> None:
    """Empty counts as missing."""
    assert refusal_of(lambda: rules.prefix("", choice)) is PricingRefusal.MISSING_PREFIX
    assert refusal_of(lambda: rules.phone("", choice)) is PricingRefusal.MISSING_PHONE


# --------------------------------------------------------------------------------------------------------- phones


@pytest.mark.parametrize(
    ("text", "choice", "known"),
    [
        ("447700900000", SMS, PhonePrice("447700900000", "GB", "23410", 3_330_000)),
        ("+447700900000", SMS, PhonePrice("+447700900000", "GB", "23410", 3_330_000)),
        (" 447700900000", SMS, PhonePrice(" 447700900000", "GB", "23410", 3_330_000)),
        ("00447700900000", SMS, PhonePrice("00447700900000", "GB", "23410", 3_330_000)),
        ("441632960123", SMS, PhonePrice("441632960123", "GB", "GB-FIXED", 3_330_000)),
        ("441632960123", VOICE, PhonePrice("441632960123", "GB", "GB-FIXED", 960_000)),
        ("447700900000", VOICE, PhonePrice("447700900000", "GB", "23410", 3_330_000)),
        # In no network's range: what its country costs, and no network.
        ("12015550100", SMS, PhonePrice("12015550100", "US", "", 570_000)),
        ("12015550100", VOICE, PhonePrice("12015550100", "US", "", 1_270_000)),
        ("33639980123", SMS, PhonePrice("33639980123", "FR", "", 6_370_000)),
        ("79161234567", VOICE, PhonePrice("79161234567", "RU", "", 15_000_000)),
        ("14165550100", SMS, PhonePrice("14165550100", "CA", "302720", 620_000)),
        ("390669812345", SMS, PhonePrice("390669812345", "IT", "IT-FIXED", 8_270_000)),
    ],
)
def test_what_a_number_costs(text: str, choice: Choice, known: PhonePrice) -> None:
    """Its network's price, else its country's; the number comes back as it was sent."""
    assert rules.phone(text, choice) == known


@pytest.mark.parametrize(
    "text", ["GB", "1", "44770090000x", "07700900000", "4477009000001234", "+", "80012345678", "\n447700900000"]
)
def test_what_nobody_can_have_has_no_price(text: str) -> None:
    """The method fails."""
    assert refusal_of(lambda: rules.phone(text, SMS)) is PricingRefusal.METHOD_FAILED


@given(st.text(), st.sampled_from(CHOICES))
def test_any_text_is_answered_or_refused(text: str, choice: Choice) -> None:
    """Nothing that is sent breaks a rule."""
    for rule in (rules.country, rules.prefix, rules.phone):
        with suppress(Refusal):
            rule(text, choice)


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from(["sms", "voice"]))
def test_a_numbers_price_is_one_of_its_countrys(msisdn: str, product: str) -> None:
    """And an SMS costs what the number plan charges for one."""
    choice = Choice(product, typed=True, in_path=True)
    there = plan.look_up(msisdn)
    if there is None:
        return
    known = rules.phone(msisdn, choice)
    country = one(rules.country(there.country, choice))
    prices = {each.code: each.price for each in country.networks} | {"": country.price}
    assert known.price == prices[known.network]
    if product == "sms":
        assert known.price == there.price
