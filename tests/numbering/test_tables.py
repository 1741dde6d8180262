"""The price list: every row of ``countries.json`` agrees with itself, with the others and with the number plan."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fake_nexmo.core.money import format_money
from fake_nexmo.numbering import plan, tables
from fake_nexmo.numbering.tables import PricedCountry

FILE: dict[str, Any] = json.loads(Path(tables.__file__).with_name("countries.json").read_text("utf-8"))
PREFIXES: dict[str, Any] = json.loads(Path(tables.__file__).with_name("prefixes.json").read_text("utf-8"))
COUNTRIES: list[dict[str, Any]] = FILE["countries"]
NETWORKS = [(country, network) for country in COUNTRIES for network in country["networks"]]
LISTED = tables.tables()
PRICE = re.compile(r"\d+\.\d{8}")
PRODUCTS = ("sms", "sms-transit", "voice")
# ITU-T E.212 gives these countries several.
SEVERAL_MCC = {"IN": {"404", "405"}, "US": {"310", "311"}}
MCC_OF = {
    "AE": "424",
    "AT": "232",
    "AU": "505",
    "BE": "206",
    "BR": "724",
    "CA": "302",
    "CH": "228",
    "DE": "262",
    "DK": "238",
    "ES": "214",
    "FI": "244",
    "FR": "208",
    "GB": "234",
    "HK": "454",
    "IE": "272",
    "IL": "425",
    "IT": "222",
    "JP": "440",
    "KE": "639",
    "MX": "334",
    "NG": "621",
    "NL": "204",
    "NO": "242",
    "NZ": "530",
    "PL": "260",
    "PT": "268",
    "SE": "240",
    "SG": "525",
    "TR": "286",
    "ZA": "655",
    "ZM": "645",
}


def network_id(row: tuple[dict[str, Any], dict[str, Any]]) -> str:
    return str(row[1]["networkCode"])


def country_id(row: dict[str, Any]) -> str:
    return str(row["countryCode"])


def positive(text: object) -> bool:
    """A price as the wire has it, above nothing."""
    return isinstance(text, str) and PRICE.fullmatch(text) is not None and float(text) > 0


def test_the_file_has_what_the_reference_says() -> None:
    """Its heads, and how much there is."""
    assert FILE.keys() == {"schema", "about", "currency", "zonePrices", "products", "productFallback", "countries"}
    assert (FILE["schema"], FILE["currency"]) == (1, "EUR")
    assert FILE["products"] == list(PRODUCTS)
    assert FILE["productFallback"] == {"sms-transit": "sms"}
    assert (len(COUNTRIES), len(NETWORKS)) == (35, 222)


def test_every_zone_has_a_price_for_every_product() -> None:
    """A calling code may begin with any digit but 0."""
    assert set(FILE["zonePrices"]) == set("123456789")
    for prices in FILE["zonePrices"].values():
        assert prices.keys() == {"sms", "voice"}
        assert all(positive(price) for price in prices.values())


def test_codes_are_unique() -> None:
    """Those of countries, and those of networks with their aliases."""
    countries = [country["countryCode"] for country in COUNTRIES]
    networks = [network["networkCode"] for _, network in NETWORKS]
    aliases = [alias for _, network in NETWORKS for alias in network.get("aliases", ())]
    assert len(set(countries)) == len(countries)
    assert len({*networks, *aliases}) == len(networks) + len(aliases)


def test_ranges_are_disjoint() -> None:
    """No leading digits are two networks' own; of nested ones the longer decides."""
    ranges = [prefix for _, network in NETWORKS for prefix in network.get("ranges", ())]
    assert len(set(ranges)) == len(ranges)


@pytest.mark.parametrize("country", COUNTRIES, ids=country_id)
def test_a_country_agrees_with_the_plan(country: dict[str, Any]) -> None:
    """Names, the calling code, and prices, or neither prices nor networks."""
    assert country.keys() == {
        "countryCode",
        "countryName",
        "countryDisplayName",
        "dialingPrefix",
        "defaultPrices",
        "networks",
    }
    code = country["countryCode"]
    assert re.fullmatch("[A-Z]{2}", code)
    assert country["countryName"].strip()
    assert country["countryDisplayName"].strip()
    # The outlying islands have no numbers of their own.
    assert country["dialingPrefix"] == ("1" if code == "UM" else plan.calling_code(code))
    if code in {"UM", "VA"}:
        assert (country["defaultPrices"], country["networks"]) == (None, [])
    else:
        assert country["defaultPrices"].keys() == {"sms", "voice"}
        assert all(positive(price) for price in country["defaultPrices"].values())
        assert country["networks"]


@pytest.mark.parametrize("row", NETWORKS, ids=network_id)
def test_a_network_agrees_with_its_country(row: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Its code, MCC, ranges and prices."""
    country, network = row
    code = country["countryCode"]
    if network["type"] == "mobile":
        assert network["networkCode"] == network["mcc"] + network["mnc"]
        assert re.fullmatch(r"\d{3}", network["mcc"])
        assert re.fullmatch(r"\d{2,3}", network["mnc"])
        assert network["mcc"] in SEVERAL_MCC.get(code, {MCC_OF.get(code)})
        assert all(re.fullmatch(r"\d{5,6}", alias) for alias in network.get("aliases", ()))
        owners = SEVERAL_MCC.get(code, {MCC_OF.get(code)})
        assert all(alias[:3] in owners for alias in network.get("aliases", ()))
    else:
        assert network["type"] in {
            "landline",
            "landline_premium",
            "landline_tollfree",
            "virtual",
            "pager",
            "unknown",
        }
        assert network["networkCode"].startswith(f"{code}-")
        assert not {"mcc", "mnc", "aliases"} & network.keys()
    assert network["networkName"].strip()
    assert network["prices"].keys() == {"sms", "voice"}
    assert all(positive(price) for price in network["prices"].values())
    for prefix in network.get("ranges", ()):
        assert type(prefix) is int
        assert str(prefix).startswith(country["dialingPrefix"])


LEADS = {str(lead): network["networkCode"] for _, network in NETWORKS for lead in network.get("ranges", ())} | {
    code + lead: f"{country}-UNKNOWN"
    for code, areas in PREFIXES["areas"].items()
    for country, leads in areas.items()
    for lead in leads.split()
    # Vatican City has no price, so that its numbers are Italy's.
    if country != "VA" and lead not in "23456789"
}


@pytest.mark.parametrize(("country", "network"), NETWORKS, ids=lambda each: str(each.get("networkCode", "")))
def test_the_numbers_of_a_range_are_its_networks(country: dict[str, Any], network: dict[str, Any]) -> None:
    """Or those of a network or a territory with a longer prefix, and of nobody else."""
    for prefix in map(str, network.get("ranges", ())):
        longer = {lead: owner for lead, owner in LEADS.items() if lead.startswith(prefix) and lead != prefix}
        seen = set()
        for tail in range(100):
            for size in range(len(prefix) + 2, 16):
                msisdn = f"{prefix}{tail:02d}234567890123"[:size]
                found = plan.look_up(msisdn)
                if found is None:
                    continue
                seen.add(found.network)
                here = [lead for lead in longer if msisdn.startswith(lead)]
                assert found.network == (longer[max(here, key=len)] if here else network["networkCode"]), msisdn
                assert here or found.country == country["countryCode"]
        assert network["networkCode"] in seen, prefix


def test_each_mcc_belongs_to_one_country() -> None:
    """As ITU-T E.212 gives them out; the ones for the United States lie between 310 and 316."""
    found: dict[str, set[str]] = {}
    for country, network in NETWORKS:
        if "mcc" in network:
            found.setdefault(country["countryCode"], set()).add(network["mcc"])
    assert found == {code: {mcc} for code, mcc in MCC_OF.items()} | SEVERAL_MCC
    owners = [mcc for several in found.values() for mcc in several]
    assert len(set(owners)) == len(owners)
    assert all(310 <= int(mcc) <= 316 for mcc in found["US"])


@pytest.mark.parametrize("country", COUNTRIES, ids=country_id)
def test_the_tables_are_the_file(country: dict[str, Any]) -> None:
    """Nothing is lost or changed when it is read."""
    assert as_file(LISTED.countries[country["countryCode"]]) == without_nothing(country)


def without_nothing(country: dict[str, Any]) -> dict[str, Any]:
    """The country of the file; a network without ranges may say so."""
    networks = [{name: value for name, value in each.items() if value != []} for each in country["networks"]]
    return {**country, "networks": networks}


def as_file(country: PricedCountry) -> dict[str, Any]:
    """A country of the tables as the file writes it."""

    def priced(prices: Any) -> dict[str, str]:
        return {product: format_money(price) for product, price in prices.items()}

    networks = []
    for each in country.networks:
        network: dict[str, Any] = {"type": each.type, "networkCode": each.code, "networkName": each.name}
        network |= {name: value for name, value in (("mcc", each.mcc), ("mnc", each.mnc)) if value}
        network |= {name: list(value) for name, value in (("ranges", each.ranges), ("aliases", each.aliases)) if value}
        networks.append(network | {"prices": priced(each.prices)})
    return {
        "countryCode": country.code,
        "countryName": country.name,
        "countryDisplayName": country.display_name,
        "dialingPrefix": country.prefix,
        "defaultPrices": None if country.prices is None else priced(country.prices),
        "networks": networks,
    }


def test_networks_are_found_by_code_alias_and_range() -> None:
    """Each of them, and nothing else."""
    for country in LISTED.countries.values():
        for network in country.networks:
            assert network.country == country.code
            for code in (network.code, *network.aliases):
                assert LISTED.networks[code] is network
            for lead in network.ranges:
                assert LISTED.ranges[str(lead)] is network
    assert len(LISTED.networks) == sum(1 + len(network.get("aliases", ())) for _, network in NETWORKS)
    assert len(LISTED.ranges) == sum(len(network.get("ranges", ())) for _, network in NETWORKS)
    assert list(LISTED.countries) == [country["countryCode"] for country in COUNTRIES]


@pytest.mark.parametrize("country", plan.world())
def test_every_country_of_the_world_has_a_price_for_every_product(country: str) -> None:
    """Its own, or that of its part of the world; transit costs what SMS does."""
    listed = LISTED.countries.get(country)
    code = plan.calling_code(country)
    assert code is not None
    for product in PRODUCTS:
        row = {"sms-transit": "sms"}.get(product, product)
        want = (listed.prices if listed and listed.prices else LISTED.zones[code[0]])[row]
        assert plan.price_of(country, "", product) == plan.price_of(country, f"{country}-UNKNOWN", product) or (
            f"{country}-UNKNOWN" in LISTED.networks
        )
        assert plan.price_of(country, "", product) == want > 0


@pytest.mark.parametrize(
    ("country", "network", "product", "price"),
    [
        ("GB", "23410", "sms", 3_330_000),
        ("GB", "23410", "sms-transit", 3_330_000),
        ("GB", "23410", "voice", 3_330_000),
        ("GB", "GB-FIXED", "voice", 960_000),
        ("GB", "23431", "voice", 3_330_000),
        # A network of another country's is none of this one's.
        ("GB", "310410", "sms", 3_330_000),
        ("RU", "23410", "sms", 6_000_000),
        ("RU", "25001", "voice", 15_000_000),
        ("VA", "22201", "sms", 7_000_000),
    ],
)
def test_what_a_network_costs(country: str, network: str, product: str, price: int) -> None:
    """Its own price, or its country's."""
    assert plan.price_of(country, network, product) == price
