"""Prices that a world has of its own: its networks, and another currency."""

from __future__ import annotations

from fake_nexmo.apis.pricing import rules
from fake_nexmo.apis.pricing.model import Choice, CountryPrices, NetworkPrice, PhonePrice
from fake_nexmo.core.records import OwnNetwork
from fake_nexmo.numbering.plan import Destination, look_up, on_network, price_of
from tests.house import House

SMS = Choice("sms", typed=True, in_path=True)
TRANSIT = Choice("sms-transit", typed=True, in_path=True)
VOICE = Choice("voice", typed=True, in_path=True)
ALICE = "447700900001"
EUR = 10**8
OWN = {
    "23410": OwnNetwork(name="O2 of ours", prices={"sms": 5 * EUR}),
    "23499": OwnNetwork(name="Ours", country="GB", type="virtual", prices={"voice": 2 * EUR}),
}
GOOD = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}


def country(code: str, choice: Choice) -> CountryPrices:
    found = rules.country(code, choice)
    assert isinstance(found, CountryPrices)
    return found


def test_a_network_over_the_table_and_one_beside_it() -> None:
    """The one keeps its place and what is not said of it; the other stands behind all of the table's."""
    before = country("GB", SMS)
    after = rules.laid_over(before, SMS, OWN)

    assert isinstance(after, CountryPrices)
    known = {each.code: each for each in after.networks}
    was = {each.code: each for each in before.networks}
    assert [each.code for each in after.networks] == [*was, "23499"]
    assert known["23410"] == NetworkPrice(
        "mobile", "23410", "O2 of ours", "234", "10", was["23410"].ranges, was["23410"].aliases, 5 * EUR
    )
    assert known["23499"] == NetworkPrice("virtual", "23499", "Ours", "234", "99", (), (), before.price or 0)
    assert {code: each for code, each in known.items() if code not in OWN} == {
        code: each for code, each in was.items() if code not in OWN
    }


def test_what_a_world_says_is_of_one_product() -> None:
    """A product that it says nothing of costs what it did; one that takes another's price takes it here as well."""
    assert price_of("GB", "23410", "voice", OWN) == price_of("GB", "23410", "voice")
    assert price_of("GB", "23499", "voice", OWN) == 2 * EUR
    assert price_of("GB", "23410", "sms-transit", OWN) == 5 * EUR
    assert rules.laid_over(country("GB", TRANSIT), TRANSIT, OWN) == rules.laid_over(country("GB", SMS), SMS, OWN)


def test_other_countries_stay_as_they_are() -> None:
    full = rules.full(VOICE)
    after = rules.laid_over(full, VOICE, OWN)

    assert isinstance(after, tuple)
    assert [each.code for each, was in zip(after, full, strict=True) if each != was] == ["GB"]


def test_a_number_costs_what_its_network_does() -> None:
    assert rules.phone(ALICE, SMS, OWN) == PhonePrice(ALICE, "GB", "23410", 5 * EUR)


def test_a_phone_is_charged_for_by_the_network_that_it_is_said_to_be_on() -> None:
    """Where the world has a price for that one; else by its digits."""
    there = look_up(ALICE)
    assert there is not None

    own = {"23415": OwnNetwork(prices={"sms": 7}), "23499": OwnNetwork(name="Ours", country="GB")}
    assert on_network(there, "", own) == there
    assert on_network(there, "23415", own) == Destination("GB", "23415", 7)
    assert on_network(there, "23499", own) == Destination("GB", "23499", there.price)
    assert on_network(there, "23430", own) == Destination("GB", "23430", there.price)
    assert on_network(there, "", OWN) == Destination("GB", "23410", 5 * EUR)


def test_another_currency() -> None:
    """Every price is multiplied, and rounded half up; what has no price has none."""
    before = rules.full(SMS)
    after = rules.exchanged(before, 110_000_000)

    assert isinstance(after, tuple)
    for was, each in zip(before, after, strict=True):
        assert each.price == (None if was.price is None else (was.price * 11 + 5) // 10)
        assert [one.price for one in each.networks] == [(one.price * 11 + 5) // 10 for one in was.networks]
    assert rules.exchanged(country("GB", SMS), EUR) == country("GB", SMS)
    assert rules.phone_exchanged(PhonePrice(ALICE, "GB", "23410", 3), EUR // 2).price == 2


async def test_prices_in_dollars(house: House) -> None:
    """In every answer, where the world says so; balances stay in euros."""
    await house.control("PATCH", "settings", {"pricing_currency": "USD", "pricing_usd_rate": "2"})

    path = "/account/get-pricing/outbound"
    typed = (await house.client.get(f"{path}/sms", params={**GOOD, "country": "ZM"})).json()
    old = (await house.client.get(path, params={**GOOD, "country": "ZM"})).json()
    phone = await house.client.get("/account/get-phone-pricing/outbound/sms", params={**GOOD, "phone": ALICE})
    balance = (await house.client.get("/account/get-balance", params=GOOD)).json()

    there = country("ZM", SMS)
    doubled = rules.exchanged(there, 2 * EUR)
    assert isinstance(doubled, CountryPrices)
    assert there.price
    assert doubled.price == 2 * there.price
    assert typed["currency"] == "USD"
    assert typed["defaultPrice"] == old["mt"] == f"{doubled.price / EUR:.8f}"
    assert {each["currency"] for each in typed["networks"]} == {"USD"}
    assert phone.json() == {
        "country-code": "GB",
        "network-code": "23410",
        "network": "23410",
        "phone": ALICE,
        "price": "0.06660000",
    }
    assert balance["value"] == 100.0
