"""``prefixes.json`` is what its generator makes of phonenumbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import phonenumbers
import pytest

from fake_nexmo.numbering import plan
from tools import number_prefixes
from tools.number_prefixes import american_areas, national_areas, possible, spans

FILE: dict[str, Any] = json.loads(Path(plan.__file__).with_name("prefixes.json").read_text("utf-8"))
REGIONS = {
    code: regions
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    if regions[0] != number_prefixes.NOWHERE
}
AGAIN = "run tools/number_prefixes.py"


def test_the_file_has_its_parts() -> None:
    """And says where it comes from."""
    assert FILE.keys() == {"about", "codes", "lengths", "areas", "others"}
    assert FILE["about"] == number_prefixes.ABOUT


def test_main_countries() -> None:
    """Of all calling codes but North America's, whose areas say it."""
    assert FILE["codes"] == {str(code): regions[0] for code, regions in REGIONS.items() if code != 1}, AGAIN


def test_lengths() -> None:
    """Every length that a number of some kind can have, in some region behind the code."""
    assert FILE["lengths"] == {
        str(code): spans(sorted({size for region in regions for size in possible(region)}))
        for code, regions in REGIONS.items()
    }, AGAIN


def test_american_areas() -> None:
    """Those of other countries by their three digits; all the rest is the main country's."""
    assert FILE["areas"]["1"] == {"US": "2 3 4 5 6 7 8 9"} | american_areas(REGIONS[1]), AGAIN


@pytest.mark.parametrize("code", [7, 262, 599])
def test_national_areas(code: int) -> None:
    """A few that are quickly made."""
    assert FILE["areas"][str(code)] == national_areas(REGIONS[code]), AGAIN


def test_every_region_is_somewhere() -> None:
    """With leading digits of its own, or listed as having none; never both."""
    shared = {str(code): regions for code, regions in REGIONS.items() if len(regions) > 1 and code != 1}
    for code, regions in shared.items():
        apart = set(FILE["areas"].get(code, {}))
        silent = {region for region, home in FILE["others"].items() if home == code}
        assert not apart & silent
        assert apart | silent == set(regions[1:]), AGAIN
    assert set(FILE["areas"]) <= {*shared, "1"}
    assert set(FILE["areas"]["1"]) == set(REGIONS[1])
    assert set(plan.world()) == set(phonenumbers.SUPPORTED_REGIONS)


def test_lengths_are_those_that_phonenumbers_calls_possible() -> None:
    """Whatever a number begins with; those outside 7 to 15 digits are nobody's here."""
    for code, lengths in FILE["lengths"].items():
        lows = [int(span.split("-")[0]) for span in lengths.split()]
        assert lows == sorted(lows)
        assert all(0 < low <= 15 for low in lows), code


@pytest.mark.parametrize(
    ("sizes", "text"), [([9], "9"), ([7, 9, 10], "7 9-10"), ([6, 7, 8], "6-8"), ([4, 6], "4 6"), ([], "")]
)
def test_spans(sizes: list[int], text: str) -> None:
    """Neighbours are drawn together."""
    assert spans(sizes) == text
