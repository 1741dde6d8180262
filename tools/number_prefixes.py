"""Makes `fake_nexmo/numbering/prefixes.json`: what phonenumbers knows of calling codes, in a form read in a moment.

Sending an SMS asks whose a number is and whether anybody can have it. Loading phonenumbers for that would delay the
first answer of every server, so the little that is needed is written out by this program; a test compares.

    python tools/number_prefixes.py > fake_nexmo/numbering/prefixes.json
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumber, region_code_for_number

ABOUT = (
    "Made by tools/number_prefixes.py from the metadata of phonenumbers; do not edit. codes: the main country of each"
    " calling code. lengths: how many digits may follow the code. areas: leading digits of the national number that"
    " make it another country's. others: the codes of countries that have no leading digits of their own."
)
# "Region 001": numbers of no country, such as freephone 800 and satellites.
NOWHERE = "001"
DEPTH = 5
KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
# What follows a prefix when it is tried whether any number begins with it.
TAILS = ("0000000000", "1111111111", "1234567890", "2345678901", "5555555555", "9876543210", "9999999999")
NORTH_AMERICA = 1


def tables() -> dict[str, Any]:
    """The whole file."""
    codes, lengths = {}, {}
    areas: dict[str, dict[str, str]] = {}
    others: dict[str, str] = {}
    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items(), key=lambda each: str(each[0])):
        if regions[0] == NOWHERE:
            continue
        lengths[str(code)] = spans(sorted({size for region in regions for size in possible(region)}))
        if code == NORTH_AMERICA:
            # Its area codes never begin with 0 or 1. Those that are nobody's count as American: 1NPA55501xx is for
            # fiction whatever the area code.
            areas["1"] = {"US": "2 3 4 5 6 7 8 9"} | american_areas(regions)
            continue
        codes[str(code)] = regions[0]
        apart = national_areas(regions)
        if apart:
            areas[str(code)] = apart
        others |= {region: str(code) for region in regions[1:] if region not in apart}
    return {"about": ABOUT, "codes": codes, "lengths": lengths, "areas": areas, "others": others}


def possible(region: str) -> set[int]:
    """The lengths of a region's national numbers."""
    known = metadata(region)
    described = [getattr(known, kind) for kind in KINDS]
    return {size for desc in described if desc is not None for size in desc.possible_length if size > 0}


def metadata(region: str) -> PhoneMetadata:
    """What phonenumbers knows of a region."""
    known = PhoneMetadata.metadata_for_region(region)
    assert known is not None
    return known


def spans(sizes: list[int]) -> str:
    """``[7, 9, 10]`` as ``7 9-10``."""
    out: list[list[int]] = []
    for size in sizes:
        if out and size == out[-1][1] + 1:
            out[-1][1] = size
        else:
            out.append([size, size])
    return " ".join(str(low) if low == high else f"{low}-{high}" for low, high in out)


def american_areas(regions: tuple[str, ...]) -> dict[str, str]:
    """The area codes of North America that are not the main country's, by region."""
    found: dict[str, list[str]] = {}
    for area in range(200, 1000):
        for tail in ("2345678", "5550100", "9876543"):
            region = region_code_for_number(PhoneNumber(NORTH_AMERICA, int(f"{area}{tail}")))
            if region is not None:
                if region != regions[0]:
                    found.setdefault(region, []).append(str(area))
                break
    return {region: " ".join(areas) for region, areas in sorted(found.items())}


def national_areas(regions: tuple[str, ...]) -> dict[str, str]:
    """The leading digits behind a shared calling code that are not the main country's, by region."""
    if len(regions) == 1:
        return {}
    tries = {region: beginnings(region) for region in regions}
    found: dict[str, list[str]] = {}
    for prefix, region in compressed(tries, regions[0], ""):
        found.setdefault(region, []).append(prefix)
    return {region: " ".join(prefixes) for region, prefixes in sorted(found.items())}


def beginnings(region: str) -> set[str]:
    """Every way, up to a few digits, in which a region's numbers begin."""
    known = metadata(region)
    kinds = [desc for kind in KINDS if (desc := getattr(known, kind)) is not None and desc.national_number_pattern]
    pattern = re.compile("|".join(f"(?:{desc.national_number_pattern})" for desc in kinds))
    sizes = sorted({size for desc in kinds for size in desc.possible_length if size >= DEPTH})
    found = {""}
    for lead in range(10**DEPTH):
        prefix = f"{lead:0{DEPTH}}"
        if any(pattern.fullmatch(prefix + tail[: size - DEPTH]) for size in sizes for tail in TAILS):
            found.update(prefix[: k + 1] for k in range(DEPTH))
    return found


def compressed(tries: dict[str, set[str]], main: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The shortest leading digits under which all numbers are one other region's."""
    here = [region for region, known in tries.items() if prefix in known]
    if here == [main] or not here:
        return
    if len(here) == 1:
        yield prefix, here[0]
    elif len(prefix) < DEPTH:
        for digit in "0123456789":
            yield from compressed(tries, main, prefix + digit)


def main() -> None:
    """Print the file."""
    print(json.dumps(tables(), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
