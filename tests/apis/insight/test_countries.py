"""A number of every country of the table, the whole answer of every level; what is expected is read from the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET  # the emulator's own answers

import pytest

from fake_nexmo.numbering import plan
from tests.house import House

GOOD = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
READ = json.loads(Path(plan.__file__).with_name("countries.json").read_text("utf-8"))["countries"]
TABLE: dict[str, dict[str, Any]] = {each["countryCode"]: each for each in READ}
FULL = {"US": "United States of America"}
# They share the numbers of another country: they have none of their own.
WITHOUT = {"UM": "US", "VA": "IT"}


class Sample(NamedTuple):
    """A number, how it is written in its country, and the network of its range."""

    country: str
    iso3: str
    number: str
    national: str
    network: str


SAMPLES = [
    Sample("AE", "ARE", "971501234567", "050 123 4567", "42402"),
    Sample("AT", "AUT", "43664123456", "0664 123456", "23201"),
    Sample("AU", "AUS", "61491570156", "0491 570 156", "50503"),
    Sample("BE", "BEL", "32470123456", "0470 12 34 56", "20601"),
    Sample("BR", "BRA", "5511981234567", "(11) 98123-4567", "72403"),
    Sample("CA", "CAN", "14165550123", "(416) 555-0123", "302720"),
    Sample("CH", "CHE", "41751234567", "075 123 45 67", "22801"),
    Sample("DE", "DEU", "4915112345678", "01511 2345678", "26201"),
    Sample("DK", "DNK", "4520123456", "20 12 34 56", "23801"),
    Sample("ES", "ESP", "34600123456", "600 12 34 56", "21401"),
    Sample("FI", "FIN", "3584512345678", "045 12345678", "24405"),
    Sample("FR", "FRA", "33607123456", "06 07 12 34 56", "20801"),
    Sample("GB", "GBR", "447700900123", "07700 900123", "23410"),
    Sample("HK", "HKG", "85291234567", "9123 4567", "45400"),
    Sample("IE", "IRL", "353871234567", "087 123 4567", "27201"),
    Sample("IL", "ISR", "97221234567", "02-123-4567", "IL-FIXED"),
    Sample("IN", "IND", "919810123456", "098101 23456", "40410"),
    Sample("IT", "ITA", "393301234567", "330 123 4567", "22201"),
    Sample("JP", "JPN", "819012345678", "090-1234-5678", "44010"),
    Sample("KE", "KEN", "254701234567", "0701 234567", "63902"),
    Sample("MX", "MEX", "525512345678", "55 1234 5678", "334020"),
    Sample("NG", "NGA", "2347011234567", "0701 123 4567", "62120"),
    Sample("NL", "NLD", "31611123456", "06 11123456", "20404"),
    Sample("NO", "NOR", "4790123456", "90 12 34 56", "24201"),
    Sample("NZ", "NZL", "642112345678", "021 123 45678", "53001"),
    Sample("PL", "POL", "48601123456", "601 123 456", "26001"),
    Sample("PT", "PRT", "351911234567", "911 234 567", "26801"),
    Sample("SE", "SWE", "46701740605", "070-174 06 05", "24001"),
    Sample("SG", "SGP", "6581123456", "8112 3456", "52501"),
    Sample("TR", "TUR", "905312345678", "0531 234 56 78", "28601"),
    Sample("US", "USA", "14155550123", "(415) 555-0123", "310410"),
    Sample("ZA", "ZAF", "27721234567", "072 123 4567", "65501"),
    Sample("ZM", "ZMB", "260771234567", "077 1234567", "64501"),
    Sample("GB", "GBR", "442079460123", "020 7946 0123", "GB-FIXED"),
    Sample("US", "USA", "18005550123", "(800) 555-0123", "US-TOLL-FREE"),
]


def sample_id(sample: Sample) -> str:
    return f"{sample.country}-{sample.network}"


def test_every_country_of_the_table_has_a_sample() -> None:
    """But those that have no numbers."""
    assert {each.country for each in SAMPLES} | WITHOUT.keys() == TABLE.keys()


def carrier(sample: Sample) -> dict[str, str]:
    """The network of a sample, as the table has it."""
    networks = TABLE[sample.country]["networks"]
    network = next(each for each in networks if each["networkCode"] == sample.network)
    names = {"landline": "Landline", "landline_tollfree": "Toll Free"}
    country = FULL.get(sample.country, TABLE[sample.country]["countryName"])
    kind = network["type"]
    name = f"{country} {names[kind]}" if kind in names else network["networkName"]
    return {"network_code": sample.network, "name": name, "country": sample.country, "network_type": kind}


def expected(sample: Sample, level: str, request: str) -> dict[str, Any]:
    """The whole answer about the phone of an ordinary person."""
    country = TABLE[sample.country]
    known: dict[str, Any] = {
        "request_id": request,
        "international_format_number": sample.number,
        "national_format_number": sample.national,
        "country_code": sample.country,
        "country_code_iso3": sample.iso3,
        "country_name": FULL.get(sample.country, country["countryName"]),
        "country_prefix": country["dialingPrefix"],
    }
    good = {"status": 0, "status_message": "Success"}
    if level == "basic":
        return {**good, **known}
    network = carrier(sample)
    both = {"current_carrier": network, "original_carrier": network}
    if level == "standard":
        money = {"request_price": "0.00500000", "remaining_balance": "99.99500000"}
        return {**good, **known, **money, **both, "ported": "assumed_not_ported"}
    money = {"request_price": "0.03000000", "remaining_balance": "99.96500000"}
    if network["network_type"] == "mobile":
        outcome: dict[str, Any] = {**good, "lookup_outcome": 0, "lookup_outcome_message": "Success"}
        live = {"reachable": "reachable", "ported": "not_ported", "roaming": {"status": "not_roaming"}}
    else:
        outcome = {"status": 44, "status_message": "Lookup Handler unable to handle request", "lookup_outcome": 1}
        outcome["lookup_outcome_message"] = "Partial success - some fields populated"
        live = {"reachable": "unknown", "ported": "unknown", "roaming": {"status": "unknown"}}
    return {**outcome, **known, **money, **both, "valid_number": "valid", **live}


@pytest.mark.parametrize("sample", SAMPLES, ids=sample_id)
async def test_the_whole_answer_of_every_level(house: House, sample: Sample) -> None:
    """In JSON; international, and as it is written at home."""
    for level in ("basic", "standard", "advanced"):
        params = {**GOOD, "number": f"+{sample.number}"}
        answer = (await house.client.get(f"/ni/{level}/json", params=params)).json()
        assert answer == expected(sample, level, answer["request_id"])
    at_home = {**GOOD, "number": sample.national.replace(".", " "), "country": sample.country}
    answer = (await house.client.get("/ni/basic/json", params=at_home)).json()
    assert answer == expected(sample, "basic", answer["request_id"])


@pytest.mark.parametrize("sample", SAMPLES, ids=sample_id)
async def test_the_same_in_xml(house: House, sample: Sample) -> None:
    """Every element and attribute of the level advanced, and nothing else."""
    await house.client.get("/ni/standard/xml", params={**GOOD, "number": sample.number})
    answer = await house.client.get("/ni/advanced/xml", params={**GOOD, "number": sample.number})

    root = ET.fromstring(answer.content)
    said = {each.tag: (each.text or "", dict(each.attrib)) for each in root}
    json_like = expected(sample, "advanced", said["request_id"][0])
    country = {name: json_like[name] for name in json_like if name.startswith("country_")}
    assert root.tag == "lookup"
    assert said == {
        "request_id": (json_like["request_id"], {}),
        "international_format_number": (sample.number, {}),
        "lookup_outcome": (json_like["lookup_outcome_message"], {"code": str(json_like["lookup_outcome"])}),
        "local_number": (sample.national, country),
        "error": (json_like["status_message"], {"code": str(json_like["status"])}),
        "request_price": ("0.03000000", {}),
        "remaining_balance": ("99.96500000", {}),
        "current_carrier": ("", json_like["current_carrier"]),
        "original_carrier": ("", json_like["original_carrier"]),
        "valid_number": ("valid", {}),
        "reachable": (json_like["reachable"], {}),
        "ported": (json_like["ported"], {}),
        "roaming": ("", json_like["roaming"]),
    }


@pytest.mark.parametrize(("country", "number", "of"), [("VA", "06 698 12345", "IT"), ("VA", "+39 06 6981 2345", "IT")])
async def test_a_country_without_numbers_has_those_of_another(house: House, country: str, number: str, of: str) -> None:
    """It shares a calling code with it."""
    params = {**GOOD, "number": number, "country": country}
    answer = (await house.client.get("/ni/basic/json", params=params)).json()
    assert (answer["status"], answer["country_code"]) == (0, of)
