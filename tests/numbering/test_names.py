"""How countries are called."""

from __future__ import annotations

import pytest

from fake_nexmo.numbering import names, plan
from fake_nexmo.numbering.names import CountryName, country_name
from fake_nexmo.numbering.tables import tables


@pytest.mark.parametrize(
    ("code", "iso3", "name", "full_name"),
    [
        ("US", "USA", "United States", "United States of America"),
        ("GB", "GBR", "United Kingdom", "United Kingdom"),
        ("BO", "BOL", "Bolivia", "Bolivia"),
        ("FR", "FRA", "France", "France"),
        ("VA", "VAT", "Vatican City", "Vatican City"),
        ("UM", "UMI", "United States Minor Outlying Islands", "United States Minor Outlying Islands"),
        ("XK", "XKX", "Kosovo", "Kosovo"),
        ("AC", "ASC", "Ascension Island", "Ascension Island"),
        ("TA", "TAA", "Tristan da Cunha", "Tristan da Cunha"),
    ],
)
def test_the_names_of_a_country(code: str, iso3: str, name: str, full_name: str) -> None:
    """As price lists have them, and in full; those that ISO 3166-1 lacks too."""
    assert country_name(code) == CountryName(code, iso3, name, full_name)


@pytest.mark.parametrize("code", ["", "XX", "gb", "GBR", "United Kingdom", "4", "\ud83d", "AN"])
def test_what_is_no_country(code: str) -> None:
    """In capitals only."""
    assert country_name(code) is None


@pytest.mark.parametrize("code", sorted({*plan.world(), *tables().countries}))
def test_every_country_with_numbers_has_names(code: str) -> None:
    """Those of the price list as the list has them."""
    found = country_name(code)
    assert found is not None
    assert found.code == code
    assert len(found.iso3) == 3
    assert found.iso3.isupper()
    assert found.name
    assert found.full_name
    listed = tables().countries.get(code)
    assert listed is None or found.name == listed.name


def test_no_two_countries_have_the_same_letters_or_name() -> None:
    """Three letters are as good as two."""
    found = [country_name(code) for code in plan.world()]
    assert len({each.iso3 for each in found if each}) == len(found)
    assert len({each.name for each in found if each}) == len(found)


def test_the_cache_is_bounded() -> None:
    """There are no more countries than that."""
    assert names.country_name.cache_info().maxsize == 512
