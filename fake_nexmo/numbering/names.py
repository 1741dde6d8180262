"""The names of countries, and their three-letter codes.

pycountry is loaded at the first question, since most uses of the emulator never ask.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from msgspec import Struct

from fake_nexmo.numbering.tables import tables


class CountryName(Struct, frozen=True, gc=False):
    """How a country is called.

    Attributes:
        code: ISO 3166-1 alpha-2, and ``iso3`` alpha-3.
        name: as in price lists, such as ``United States``.
        full_name: as in Number Insight, such as ``United States of America``.
    """

    code: str
    iso3: str
    name: str
    full_name: str


# Number plans have them, ISO 3166-1 has not: codes in common use, and those that ISO keeps for them.
_BESIDE: Final = {
    "AC": ("ASC", "Ascension Island"),
    "TA": ("TAA", "Tristan da Cunha"),
    "XK": ("XKX", "Kosovo"),
}
# Source: reference number-insight §6.4 against pricing §4.
_FULL: Final = {"US": "United States of America"}


@lru_cache(maxsize=512)
def country_name(code: str) -> CountryName | None:
    """The names of a country by its two letters, in upper case; None: there is no such country.

    Source: reference pricing §8 for the countries of the price list; pycountry for all others.
    Doubt: how the service spells countries that no sample shows is not known.
    """
    listed = tables().countries.get(code)
    if code in _BESIDE:
        iso3, name = _BESIDE[code]
    else:
        import pycountry

        known = pycountry.countries.get(alpha_2=code)
        # pycountry takes small letters too.
        if known is None or known.alpha_2 != code:
            return None
        iso3, name = known.alpha_3, getattr(known, "common_name", known.name)
    name = listed.name if listed else name
    return CountryName(code, iso3, name, _FULL.get(code, name))
