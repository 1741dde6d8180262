"""The number plan: what is possible, where it is, what it costs; look-ups against the tables, read by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.money import parse_money
from fake_nexmo.numbering import plan
from fake_nexmo.numbering.plan import Destination, look_up

REFERENCE: dict[str, Any] = json.loads(Path(plan.__file__).with_name("countries.json").read_text("utf-8"))
TABLES: dict[str, Any] = json.loads(Path(plan.__file__).with_name("prefixes.json").read_text("utf-8"))
PRICED = [country for country in REFERENCE["countries"] if country["defaultPrices"] is not None]
UNPRICED = {country["countryCode"] for country in REFERENCE["countries"]} - {each["countryCode"] for each in PRICED}
AREAS = {
    code + lead: country
    for code, areas in TABLES["areas"].items()
    for country, leads in areas.items()
    if country not in UNPRICED
    for lead in leads.split()
}
RANGES = {
    str(prefix): (country["countryCode"], network["networkCode"], parse_money(network["prices"]["sms"]))
    for country in PRICED
    for network in country["networks"]
    for prefix in network["ranges"]
}


def by_reference(msisdn: str) -> tuple[str, str, int] | None:
    """Longest range of the price list that the number starts with, unless a longer area makes it another country's."""
    found = [prefix for prefix in RANGES if msisdn.startswith(prefix)]
    if not found:
        return None
    longest = max(found, key=len)
    return None if any(msisdn.startswith(area) and len(area) > len(longest) for area in AREAS) else RANGES[longest]


def possible_numbers(prefix: str, tail: str = "123456789012345") -> list[str]:
    """One number of each possible length behind a prefix."""
    numbers = [prefix + tail[: size - len(prefix)] for size in range(7, 16)]
    return [number for number in numbers if number.startswith(prefix) and look_up(number) is not None]


@pytest.mark.parametrize(
    ("msisdn", "destination"),
    [
        ("447700900000", Destination("GB", "23410", 3_330_000)),
        ("447700900999", Destination("GB", "23410", 3_330_000)),
        ("441632960123", Destination("GB", "GB-FIXED", 3_330_000)),
        ("61491570156", Destination("AU", "50503", 3_920_000)),
        ("12015550100", Destination("US", "US-UNKNOWN", 570_000)),
        ("12125550199", Destination("US", "311480", 570_000)),
        ("18005550100", Destination("US", "US-TOLL-FREE", 570_000)),
        ("14165550100", Destination("CA", "302720", 620_000)),
        ("19025550100", Destination("CA", "CA-FIXED", 620_000)),
        ("18765550100", Destination("JM", "JM-UNKNOWN", 6_000_000)),
        ("17875550100", Destination("PR", "PR-UNKNOWN", 6_000_000)),
        ("260971234567", Destination("ZM", "64501", 28_725_000)),
        ("33639980123", Destination("FR", "FR-UNKNOWN", 6_370_000)),
        ("393301234567", Destination("IT", "22201", 8_270_000)),
        ("390669812345", Destination("IT", "IT-FIXED", 8_270_000)),
        ("79161234567", Destination("RU", "RU-UNKNOWN", 6_000_000)),
        ("77011234567", Destination("KZ", "KZ-UNKNOWN", 6_000_000)),
        ("262639123456", Destination("YT", "YT-UNKNOWN", 9_000_000)),
        ("262692123456", Destination("RE", "RE-UNKNOWN", 9_000_000)),
        ("59977712345", Destination("BQ", "BQ-UNKNOWN", 5_000_000)),
        ("59995123456", Destination("CW", "CW-UNKNOWN", 5_000_000)),
        ("998901234567", Destination("UZ", "UZ-UNKNOWN", 6_000_000)),
        ("2908123", Destination("SH", "SH-UNKNOWN", 9_000_000)),
        ("4930123456", Destination("DE", "DE-FIXED", 7_250_000)),
    ],
)
def test_where_a_number_is(msisdn: str, destination: Destination) -> None:
    """By its longest known prefix."""
    assert look_up(msisdn) == destination


@pytest.mark.parametrize(
    "msisdn",
    [
        "",
        "0",
        "447700",
        "4477009001234567",
        "0447700900123",
        "07700900123",
        "+447700900123",
        "447700 900123",
        "44770090012x",
        "٤٤٧٧٠٠٩٠٠١٢٣",
        "4477009001²³",
        "\ud83d" * 12,
        "4" * 10_000,
        # Too short or too long for the country.
        "44770090012345",
        "120155501",
        "120155501001",
        "336399801",
        # No area of North America starts so.
        "10015550100",
        "11115550100",
        # No country's: unassigned, freephone, satellites, networks, and Vatican City's unused one.
        "210123456789",
        "80012345678",
        "870123456789",
        "881612345678",
        "882312345678",
        "979123456789",
        "999123456789",
        "379123456789",
    ],
)
def test_what_nobody_can_have(msisdn: str) -> None:
    """``None``, never an error."""
    assert look_up(msisdn) is None


def test_all_numbers_for_fiction_are_possible() -> None:
    """Whatever the area code, and whatever libraries think of them."""
    british = {look_up(str(number)) for number in range(447700900000, 447700901000)}
    assert british == {Destination("GB", "23410", 3_330_000)}
    for area in range(200, 1000):
        for line in ("00", "99"):
            american = look_up(f"1{area}55501{line}")
            assert american is not None
            assert american.price > 0


@pytest.mark.parametrize("country", PRICED, ids=lambda country: str(country["countryCode"]))
def test_every_network_has_numbers(country: dict[str, Any]) -> None:
    """Each prefix of each network has possible numbers, and they are found there; see the islands below."""
    for network in country["networks"]:
        for prefix in network["ranges"]:
            numbers = possible_numbers(str(prefix)) + possible_numbers(str(prefix), "987654321098765")
            own = [number for number in numbers if by_reference(number) is not None]
            assert own, prefix
            for number in own:
                destination = look_up(number)
                assert destination is not None
                assert (destination.country, destination.network, destination.price) == by_reference(number)
                assert destination.country == country["countryCode"]
                assert destination.price > 0


@pytest.mark.parametrize(
    ("msisdn", "country"),
    [("447781123456", "GG"), ("447797123456", "JE"), ("447624123456", "IM"), ("441481123456", "GG")],
)
def test_an_area_inside_a_range_is_another_countrys(msisdn: str, country: str) -> None:
    """The longer prefix decides: the islands' numbers lie between those of British networks."""
    assert look_up(msisdn) == Destination(country, f"{country}-UNKNOWN", 7_000_000)


@pytest.mark.parametrize("country", PRICED, ids=lambda country: str(country["countryCode"]))
def test_every_country_has_numbers_outside_its_ranges(country: dict[str, Any]) -> None:
    """They cost the country's default, and their network is unknown by name."""
    strays = {
        found
        for number in range(1000)
        for one in possible_numbers(f"{country['dialingPrefix']}{number:03d}")
        if by_reference(one) is None and (found := look_up(one)) is not None
    }
    code = country["countryCode"]
    assert Destination(code, f"{code}-UNKNOWN", parse_money(country["defaultPrices"]["sms"])) in strays


def test_every_calling_code_has_numbers() -> None:
    """No entry of lengths leaves a country without a possible number; none is for a code that is not there."""
    for code, country in TABLES["codes"].items():
        found = {look_up(number) for lead in "123456789" for number in possible_numbers(code + lead)}
        assert country in {one.country for one in found if one is not None}, code
    for code, areas in TABLES["areas"].items():
        for country, leads in areas.items():
            # Those of a country without a price are the main country's.
            there = TABLES["codes"][code] if country in UNPRICED else country
            for lead in leads.split():
                found = {look_up(number) for number in possible_numbers(code + lead)}
                assert there in {one.country for one in found if one is not None}, code + lead
    assert set(TABLES["lengths"]) <= set(TABLES["codes"]) | set(TABLES["areas"])


def test_no_calling_code_begins_another() -> None:
    """The numbering of the world is prefix-free."""
    codes = {*TABLES["codes"], *TABLES["areas"]}
    assert not [(one, other) for one in codes for other in codes if one != other and other.startswith(one)]


def test_countries_are_two_letters_and_have_one_calling_code() -> None:
    """But for the many that live behind ``+1``."""
    countries = [*TABLES["codes"].values(), *TABLES["areas"]["1"]]
    assert all(len(country) == 2 and country.isupper() for country in countries)
    assert len(set(countries)) == len(countries)


NUMBERS = st.one_of(
    st.from_regex(r"[0-9]{1,17}", fullmatch=True),
    st.builds(str.__add__, st.sampled_from(sorted(RANGES)), st.from_regex(r"[0-9]{0,12}", fullmatch=True)),
    st.text(),
)


@given(NUMBERS)
def test_any_text_has_a_destination_or_none(msisdn: str) -> None:
    """A destination is whole, and the reference's wherever it knows one."""
    destination = look_up(msisdn)

    assert look_up(msisdn) == destination
    if destination is not None:
        assert 7 <= len(msisdn) <= 15
        assert msisdn[0] != "0"
        assert destination.price > 0
        known = by_reference(msisdn)
        if known is None:
            assert destination.network == f"{destination.country}-UNKNOWN"
        else:
            assert (destination.country, destination.network, destination.price) == known


def test_the_cache_is_bounded() -> None:
    """A million different numbers do not fill the memory."""
    assert plan._look_up.cache_info().maxsize == 16_384


def test_importing_reads_no_table() -> None:
    """The tables are read at the first look-up."""
    program = "from fake_nexmo.numbering import plan; print(plan._plan.cache_info().currsize)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout == "0\n", done.stderr
