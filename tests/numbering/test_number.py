"""Reading numbers as people write them, and what a number is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.numbering import number, plan
from fake_nexmo.numbering.number import Carrier, NumberType, PhoneNumber, carrier, describe, parse
from fake_nexmo.numbering.plan import look_up

KINDS = phonenumbers.PhoneNumberType


def examples() -> list[str]:
    """The example numbers of every region and kind that the library has, seven digits or longer."""
    found = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in KINDS.values():
            example = phonenumbers.example_number_for_type(region, kind)
            if example is not None:
                found.add(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:])
    return sorted(msisdn for msisdn in found if len(msisdn) >= 7)


EXAMPLES = examples()


@pytest.mark.parametrize(
    ("text", "country", "msisdn"),
    [
        ("447700900000", "", "447700900000"),
        ("+44 7700 900000", "", "447700900000"),
        ("0044 (7700) 900-000", "", "447700900000"),
        ("00447700900000", "GB", "447700900000"),
        ("tel:+447700900000", "", "447700900000"),
        ("07700900000", "GB", "447700900000"),
        ("07700900000", "gb", "447700900000"),
        ("7700900000", "GB", "447700900000"),
        ("447700900000", "GB", "447700900000"),
        ("(201) 555-0100", "US", "12015550100"),
        ("1 201 555 0100", "US", "12015550100"),
        ("2015550100", "CA", "12015550100"),
        ("06 6982 1234", "IT", "390669821234"),
        ("390669821234", "IT", "390669821234"),
        ("06 39 98 01 23", "FR", "33639980123"),
        ("0491 570 156", "AU", "61491570156"),
        # Beginning with the country's calling code it is international, or national where only that is possible.
        ("3912345678", "IT", "3912345678"),
        ("45123456", "DK", "4545123456"),
        ("07700900000", "", None),
        ("07700900000", "FR", None),
        ("", "", None),
        ("", "GB", None),
        ("call me", "GB", None),
        ("0", "GB", None),
        ("00", "GB", None),
        ("1", "GB", None),
        ("07700900000", "XX", None),
        ("07700900000", "UM", None),
        ("33639980123", "GB", None),
        ("0033639980123", "GB", None),
        ("80012345678", "", None),
        ("+" + "4" * 100, "", None),
        ("+447700900000" + " " * 60, "", None),
        ("٤٤٧٧٠٠٩٠٠٠٠٠", "", None),
    ],
)
def test_reading_a_number(text: str, country: str, msisdn: str | None) -> None:
    """However it is written; national ones with their country."""
    assert parse(text, country) == msisdn


@pytest.mark.parametrize("text", ["+447700900123", " 447700900123", "00447700900123"])
def test_what_is_written_internationally_is_no_national_number(text: str) -> None:
    """A plus, the blank that it becomes in a query, or two zeros; the digits alone could be a German number."""
    assert parse(text, "GB") == "447700900123"
    assert parse(text, "DE") is None
    assert parse("447700900123", "DE") == "49447700900123"


@pytest.mark.parametrize(
    ("msisdn", "whole"),
    [
        (
            "447700900000",
            PhoneNumber(
                "447700900000",
                "GB",
                "GBR",
                "United Kingdom",
                "44",
                "07700 900000",
                True,
                Carrier("23410", "Telefonica UK Limited (O2)", "GB", NumberType.MOBILE),
            ),
        ),
        (
            "12015550100",
            PhoneNumber(
                "12015550100",
                "US",
                "USA",
                "United States of America",
                "1",
                "(201) 555-0100",
                True,
                Carrier("NONE", "Unknown", "US", NumberType.UNKNOWN),
            ),
        ),
        (
            "18005550100",
            PhoneNumber(
                "18005550100",
                "US",
                "USA",
                "United States of America",
                "1",
                "(800) 555-0100",
                True,
                Carrier("US-TOLL-FREE", "United States of America Toll Free", "US", NumberType.TOLL_FREE),
            ),
        ),
        (
            "441632960123",
            PhoneNumber(
                "441632960123",
                "GB",
                "GBR",
                "United Kingdom",
                "44",
                "01632 960123",
                True,
                Carrier("GB-FIXED", "United Kingdom Landline", "GB", NumberType.LANDLINE),
            ),
        ),
        (
            "3726001234",
            PhoneNumber(
                "3726001234",
                "EE",
                "EST",
                "Estonia",
                "372",
                "600 1234",
                True,
                Carrier("EE-FIXED", "Estonia Landline", "EE", NumberType.LANDLINE),
            ),
        ),
        (
            "390669812345",
            PhoneNumber(
                "390669812345",
                "IT",
                "ITA",
                "Italy",
                "39",
                "06 6981 2345",
                True,
                Carrier("IT-FIXED", "Italy Landline", "IT", NumberType.LANDLINE),
            ),
        ),
    ],
)
def test_what_a_number_is(msisdn: str, whole: PhoneNumber) -> None:
    """By its digits alone."""
    assert describe(msisdn) == whole


@pytest.mark.parametrize("msisdn", ["", "0", "447700", "+447700900000", "80012345678", "call me", "1" * 99])
def test_what_nobody_can_have_is_nothing(msisdn: str) -> None:
    """See the number plan."""
    assert describe(msisdn) is None


@pytest.mark.parametrize(
    ("msisdn", "valid"),
    [
        ("447700900999", True),
        ("442079460123", True),
        ("447700901000", False),
        ("441154960123", True),
        ("33639980123", True),
        ("353209101234", True),
        ("19115550100", True),
        ("19115550200", False),
        ("441111111", False),
        ("440000000000", False),
    ],
)
def test_numbers_for_fiction_are_valid(msisdn: str, valid: bool) -> None:
    """Others as phonenumbers has it."""
    found = describe(msisdn)
    assert found is not None
    assert found.valid is valid


@pytest.mark.parametrize(
    ("network", "country", "kind", "whole"),
    [
        ("23410", "GB", NumberType.UNKNOWN, ("23410", "Telefonica UK Limited (O2)", "GB", "mobile")),
        ("23431", "GB", NumberType.UNKNOWN, ("23431", "EE Limited (T-Mobile)", "GB", "mobile")),
        ("GB-FIXED", "GB", NumberType.MOBILE, ("GB-FIXED", "United Kingdom Landline", "GB", "landline")),
        ("US-FIXED", "US", NumberType.UNKNOWN, ("US-FIXED", "United States of America Landline", "US", "landline")),
        ("GB-PAGER", "GB", NumberType.UNKNOWN, ("GB-PAGER", "United Kingdom Pager", "GB", "pager")),
        (
            "US-VIRTUAL-LEVEL3",
            "US",
            NumberType.UNKNOWN,
            ("US-VIRTUAL-LEVEL3", "Level 3 Communications", "US", "virtual"),
        ),
        ("25001", "RU", NumberType.UNKNOWN, ("25001", "Unknown", "RU", "mobile")),
        ("RU-UNKNOWN", "RU", NumberType.LANDLINE, ("RU-FIXED", "Russian Federation Landline", "RU", "landline")),
        (
            "RU-UNKNOWN",
            "RU",
            NumberType.TOLL_FREE,
            ("RU-TOLL-FREE", "Russian Federation Toll Free", "RU", "landline_tollfree"),
        ),
        (
            "RU-UNKNOWN",
            "RU",
            NumberType.PREMIUM,
            ("RU-PREMIUM", "Russian Federation Premium", "RU", "landline_premium"),
        ),
        ("RU-UNKNOWN", "RU", NumberType.PAGER, ("RU-PAGER", "Russian Federation Pager", "RU", "pager")),
        ("RU-UNKNOWN", "RU", NumberType.MOBILE, ("NONE", "Unknown", "RU", "mobile")),
        ("RU-UNKNOWN", "RU", NumberType.VIRTUAL, ("NONE", "Unknown", "RU", "virtual")),
        ("RU-UNKNOWN", "RU", NumberType.UNKNOWN, ("NONE", "Unknown", "RU", "unknown")),
        ("US-UNKNOWN", "US", NumberType.UNKNOWN, ("NONE", "Unknown", "US", "unknown")),
        (
            "US-UNKNOWN",
            "US",
            NumberType.PREMIUM,
            ("US-PREMIUM", "United States of America Premium", "US", "landline_premium"),
        ),
    ],
)
def test_how_a_network_is_named(network: str, country: str, kind: NumberType, whole: tuple[str, ...]) -> None:
    """As the table has it; else after what kind of line it serves."""
    found = carrier(network, country, kind)
    assert (found.code, found.name, found.country, found.type) == whole


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (KINDS.MOBILE, NumberType.MOBILE),
        (KINDS.FIXED_LINE, NumberType.LANDLINE),
        (KINDS.TOLL_FREE, NumberType.TOLL_FREE),
        (KINDS.PREMIUM_RATE, NumberType.PREMIUM),
        (KINDS.PAGER, NumberType.PAGER),
        (KINDS.VOIP, NumberType.VIRTUAL),
        (KINDS.FIXED_LINE_OR_MOBILE, NumberType.UNKNOWN),
        (KINDS.SHARED_COST, NumberType.UNKNOWN),
        (KINDS.PERSONAL_NUMBER, NumberType.UNKNOWN),
        (KINDS.UAN, NumberType.UNKNOWN),
        (KINDS.VOICEMAIL, NumberType.UNKNOWN),
        (KINDS.UNKNOWN, NumberType.UNKNOWN),
    ],
)
def test_kinds_of_lines(kind: int, word: NumberType) -> None:
    """Those of the library in our words."""
    assert number._kind(kind) is word


def test_there_are_many_examples() -> None:
    """So that the next law says something."""
    assert len(EXAMPLES) > 900


@pytest.mark.parametrize("lead", "123456789")
def test_a_number_reads_back_from_how_it_is_written(lead: str) -> None:
    """Every example number: described, its digits and its national form with its country are the number again."""
    for msisdn in (each for each in EXAMPLES if each.startswith(lead)):
        assert parse("+" + msisdn) == parse(msisdn) == msisdn
        found = describe(msisdn)
        assert found is not None, msisdn
        assert found.valid, msisdn
        assert found.msisdn == msisdn
        assert found.carrier.country == found.country
        assert msisdn.startswith(found.prefix)
        assert parse("+" + found.msisdn) == parse("00" + found.msisdn, found.country) == msisdn
        assert parse(found.national, found.country) == msisdn, found.national


TEXTS = st.one_of(
    st.text(max_size=80),
    st.from_regex(r"\+?[0-9 ()-]{0,20}", fullmatch=True),
    st.builds(str.__add__, st.sampled_from(EXAMPLES), st.from_regex(r"[0-9]{0,4}", fullmatch=True)),
    st.builds(lambda one, size: one[:size], st.sampled_from(EXAMPLES), st.integers(0, 15)),
)
COUNTRIES = st.one_of(st.just(""), st.sampled_from(plan.world()), st.text(max_size=4))


@given(TEXTS, COUNTRIES)
def test_nothing_that_is_written_breaks_it(text: str, country: str) -> None:
    """A number or nothing; and what was read can be looked up, described and read again."""
    look_up(text)
    describe(text)
    msisdn = parse(text, country)
    if msisdn is not None:
        assert msisdn.isascii()
        assert msisdn.isdigit()
        assert 7 <= len(msisdn) <= 15
        assert look_up(msisdn) is not None
        found = describe(msisdn)
        assert found is not None
        assert found.msisdn == msisdn
        assert parse("+" + msisdn) == msisdn


@given(st.text(max_size=12), st.text(max_size=4), st.sampled_from(NumberType), st.sampled_from(plan.world()))
def test_any_network_has_a_name(network: str, tail: str, kind: NumberType, country: str) -> None:
    """Whatever its code."""
    for code in (network, f"{country}-{tail}"):
        found = carrier(code, country, kind)
        assert found.code
        assert found.name


def test_caches_are_bounded() -> None:
    """A million different numbers do not fill the memory."""
    assert number._parse.cache_info().maxsize == 16_384
    assert number._describe.cache_info().maxsize == 16_384


def test_importing_loads_no_library_and_reads_no_table() -> None:
    """They come with the first question that needs them; sending an SMS asks none that needs a library."""
    program = (
        "import sys\n"
        "from fake_nexmo.numbering import names, number, plan, tables\n"
        "def state():\n"
        "    slow = sorted({'phonenumbers', 'pycountry'} & set(sys.modules))\n"
        "    return slow, plan._plan.cache_info().currsize, tables.tables.cache_info().currsize\n"
        "print(state())\n"
        "plan.look_up('447700900000')\n"
        "number.parse('+447700900000')\n"
        "print(state())\n"
        "names.country_name('GB')\n"
        "print(state()[0])\n"
        "number.describe('447700900000')\n"
        "print(state()[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False
    )
    expected = "([], 0, 0)\n([], 1, 1)\n['pycountry']\n['phonenumbers', 'pycountry']\n"
    assert done.stdout == expected, done.stderr
