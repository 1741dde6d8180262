"""Phone numbers as people write them, and what a number is by its country's plan.

phonenumbers is loaded at the first question; what was asked before is one dictionary look-up.

Source: reference number-insight §3 (D for what is dropped); ITU E.164.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from fake_nexmo.core.records import OwnNetworks
from fake_nexmo.numbering.names import country_name
from fake_nexmo.numbering.plan import NO_NETWORKS, calling_code, look_up
from fake_nexmo.numbering.tables import tables

_CACHED_MAX: Final = 16_384
_LENGTH_MAX: Final = 64
"""A longer text is no number, however it is written; in characters."""

# Kept by regulators for books and films: nobody has them, and phonenumbers holds some to be invalid, these among them.
# Source: Ofcom (07700 900, 01632 960, 0115 496 0), NANPA (555-01xx), ComReg (020 91x), Arcep (06 39 98).
_FICTION: Final = re.compile(
    r"447700900\d{3}|44(?:1632960|1154960)\d{3}|1[2-9]\d{2}55501\d{2}|3532091\d{5}|3363998\d{4}", re.ASCII
)
# Written the American way whatever their area code, so that unassigned ones look like the others.
_AMERICAN: Final = re.compile(r"1(\d{3})(\d{3})(\d{4})", re.ASCII)


class NumberType(StrEnum):
    """What kind of line a number is. Source: reference number-insight §6.3 (B), pricing §4 (A)."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    PREMIUM = "landline_premium"
    TOLL_FREE = "landline_tollfree"
    VIRTUAL = "virtual"
    PAGER = "pager"
    UNKNOWN = "unknown"


class Carrier(Struct, frozen=True, gc=False):
    """A network as Number Insight names it.

    Attributes:
        code: MCC and MNC, or a word such as ``GB-FIXED``, or ``NONE``.
        country: ISO 3166-1 alpha-2.
    """

    code: str
    name: str
    country: str
    type: NumberType


class PhoneNumber(Struct, frozen=True, gc=False):
    """What a number is by its digits alone.

    Attributes:
        msisdn: E.164 without the plus.
        country: ISO 3166-1 alpha-2, ``iso3`` alpha-3, and ``country_name`` as Number Insight spells it.
        prefix: the calling code.
        national: as it is written in its country.
        valid: whether it can be somebody's by the country's plan; numbers for fiction count.
        carrier: the network that its digits belong to.
    """

    msisdn: str
    country: str
    iso3: str
    country_name: str
    prefix: str
    national: str
    valid: bool
    carrier: Carrier


def parse(text: str, country: str = "") -> str | None:
    """The E.164 digits of a number as somebody wrote it; None: nobody can have such a number.

    Everything but digits is dropped, a leading plus or ``00`` too; with either, the number is international whatever
    ``country`` says. A leading blank is a plus that came unescaped in a query.

    Args:
        text: the number, international, or national together with ``country``.
        country: ISO 3166-1 alpha-2 in any case; with it, a number that does not begin with its calling code is taken
            as a national one. Empty: the number is international.

    Source: reference number-insight §3 (D).
    Doubt: a number beginning with the calling code of ``country`` is international, though it might be a national one;
        where only the latter is possible, it is that.
    """
    return _parse(text, country.upper()) if len(text) <= _LENGTH_MAX else None


def as_said(known: Carrier, own: OwnNetworks) -> Carrier:
    """A network as a world has it."""
    said = own.get(known.code)
    if said is None:
        return known
    kind = NumberType(said.type) if said.type else known.type
    return Carrier(known.code, said.name or known.name, said.country or known.country, kind)


def describe(msisdn: str) -> PhoneNumber | None:
    """What a number in E.164 digits is; None: nobody can have it. See `plan.look_up`."""
    return _describe(msisdn)


def carrier(
    network: str, country: str, kind: NumberType = NumberType.UNKNOWN, own: OwnNetworks = NO_NETWORKS
) -> Carrier:
    """A network by its code; one that no table has is named after what kind of line it serves.

    Args:
        network: MCC and MNC, or the word in their place.
        country: ISO 3166-1 alpha-2 of the number.
        kind: what the line is, where the table does not say.
        own: what the world says of networks, which comes first.

    Source: reference number-insight §6.3 (C for the words of landlines and of carriers unknown).
    """
    if network in own:
        return as_said(carrier(network, country, kind), own)
    known = tables().networks.get(network)
    if known is not None and known.type != NumberType.UNKNOWN:
        name = known.name if known.mcc else _line_name(known.code, known.country, known.name)
        return Carrier(network, name, known.country, NumberType(known.type))
    if network.isdigit():
        return Carrier(network, "Unknown", country, NumberType.MOBILE)
    if kind in _WORDS:
        word, _ = _WORDS[kind]
        return Carrier(f"{country}-{word}", _line_name(f"{country}-{word}", country, ""), country, kind)
    return Carrier("NONE", "Unknown", country, kind)


# How lines without an operator are named. Source: reference number-insight §6.3 (C), pricing §4 (A).
_WORDS: Mapping[NumberType, tuple[str, str]] = {
    NumberType.LANDLINE: ("FIXED", "Landline"),
    NumberType.TOLL_FREE: ("TOLL-FREE", "Toll Free"),
    NumberType.PREMIUM: ("PREMIUM", "Premium"),
    NumberType.PAGER: ("PAGER", "Pager"),
}
_NAMES: Mapping[str, str] = dict(_WORDS.values())


def _line_name(code: str, country: str, otherwise: str) -> str:
    """``US-FIXED`` as ``United States of America Landline``."""
    word = code.partition("-")[2]
    named = country_name(country)
    assert named is not None, f"the number plan has a country {country!r} that has no name"
    return f"{named.full_name} {_NAMES[word]}" if word in _NAMES else otherwise


@lru_cache(maxsize=_CACHED_MAX)
def _parse(text: str, country: str) -> str | None:
    digits = "".join(char for char in text if "0" <= char <= "9")
    international = digits.removeprefix("00")
    if not country:
        return international if look_up(international) is not None else None
    code = calling_code(country)
    if code is None:
        return None
    if international.startswith(code) and look_up(international) is not None:
        return international
    if text[:1] in {"+", " "} or digits.startswith("00"):
        return None
    import phonenumbers

    try:
        read = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(read)
    whole = f"{read.country_code}{national}"
    return whole if str(read.country_code) == code and look_up(whole) is not None else None


@lru_cache(maxsize=_CACHED_MAX)
def _describe(msisdn: str) -> PhoneNumber | None:
    there = look_up(msisdn)
    if there is None:
        return None
    import phonenumbers

    prefix = calling_code(there.country)
    named = country_name(there.country)
    assert prefix is not None, f"{there.country!r} has numbers, so it has a calling code"
    assert named is not None, f"{there.country!r} has numbers, so it has a name"
    fiction = _FICTION.fullmatch(msisdn) is not None
    # Leading zeros belong to the national number in some countries; `parse` knows where.
    read = phonenumbers.parse(f"+{msisdn}")
    american = _AMERICAN.fullmatch(msisdn)
    if american is not None:
        national = f"({american[1]}) {american[2]}-{american[3]}"
    else:
        national = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.NATIONAL)
    return PhoneNumber(
        msisdn=msisdn,
        country=there.country,
        iso3=named.iso3,
        country_name=named.full_name,
        prefix=prefix,
        national=national,
        valid=fiction or phonenumbers.is_valid_number(read),
        carrier=carrier(there.network, there.country, _kind(phonenumbers.number_type(read))),
    )


def _kind(library: int) -> NumberType:
    """A number type of phonenumbers in our words.

    Doubt: where landlines and mobiles share their numbers, as in North America, the digits alone do not tell.
    """
    import phonenumbers

    kinds = phonenumbers.PhoneNumberType
    return {
        kinds.MOBILE: NumberType.MOBILE,
        kinds.FIXED_LINE: NumberType.LANDLINE,
        kinds.TOLL_FREE: NumberType.TOLL_FREE,
        kinds.PREMIUM_RATE: NumberType.PREMIUM,
        kinds.PAGER: NumberType.PAGER,
        kinds.VOIP: NumberType.VIRTUAL,
    }.get(library, NumberType.UNKNOWN)
