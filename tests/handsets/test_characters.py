"""Who is behind a number: declared, of a crowd, or by the magic of its digits."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Crowd, Handset
from fake_nexmo.handsets.characters import person
from fake_nexmo.numbering.plan import look_up
from tests.people import CHARACTERS, WORLD, phone

MOMENT = Moment(1_767_225_600_000_000, 7, 42)
# Source: scenario format, "Stock characters and magic numbers".
MAGIC = {
    1: "answers",
    2: "busy",
    3: "no-answer",
    4: "rejects",
    5: "voicemail",
    6: "unreachable",
    7: "switched-off",
    8: "slow",
    9: "ported",
    10: "barred",
    11: "landline",
    12: "wrong-coder",
    13: "late-coder",
    14: "opt-outer",
    15: "parrot",
    16: "flaky",
    17: "roaming",
    20: "throttled",
    21: "broke",
}


def like(number: str, *crowds: Crowd, moment: Moment = MOMENT, about: str = "") -> str:
    """The character of a number that nobody declared."""
    return person(number, None, replace(WORLD, crowds=crowds), moment, about).like


@pytest.mark.parametrize("digits", range(1, 100))
@pytest.mark.parametrize("range_", ["4477009000", "120155501", "121255501", "199955501"])
def test_the_last_two_digits_of_a_drama_number_choose_its_character(range_: str, digits: int) -> None:
    """In both ranges; digits that are not listed answer."""
    assert like(f"{range_}{digits:02}") == MAGIC.get(digits, "answers")


def test_every_character_of_the_table_has_its_digits() -> None:
    """So each can be had without declaring anybody."""
    assert sorted(MAGIC.values()) == sorted(CHARACTERS)


@pytest.mark.parametrize(
    "number",
    [
        "447700900000",
        "447700900100",
        "447700900110",
        "447700900999",
        "12015550100",
        "12015550210",
        "12015551110",
        "22015550110",
        "33639980110",
        "44770090001",
        "4477009000010",
        "+447700900010",
        "4477009000१०",
        "Acme",
        "",
    ],
)
def test_every_other_number_answers(number: str) -> None:
    """00 and whatever lies outside the two ranges; what is no number at all does too."""
    assert person(number, None, WORLD, MOMENT) == phone(number)


def test_a_declared_handset_wins() -> None:
    """Over its digits and over a crowd that it would be of."""
    declared = phone("447700900010", "busy", name="alice")
    crowd = Crowd("crowd", 447700900000, 447700900099, (("broke", 1.0),))

    assert person("447700900010", declared, replace(WORLD, crowds=(crowd,)), MOMENT) is declared
    assert like("447700900010", crowd) == "broke"
    assert like("447700900010") == "barred"


MIX = (("answers", 0.9), ("unreachable", 0.07), ("wrong-coder", 0.03))
STICKY = Crowd("crowd", 447700900100, 447700900999, MIX)
LOOSE = Crowd("crowd", 447700900100, 447700900999, MIX, sticky=False)
RANGE = range(447700900100, 447700901000)


def draws(crowd: Crowd, seed: int = 42) -> list[str]:
    """The characters of a whole crowd."""
    return [like(str(number), crowd, moment=Moment(MOMENT.now, 7, seed)) for number in RANGE]


@pytest.mark.parametrize("crowd", [STICKY, LOOSE], ids=["sticky", "not sticky"])
def test_a_crowd_is_mixed_as_it_says_by_seed(crowd: Crowd) -> None:
    """The shares come out; another seed is another crowd of the same mix."""
    count = Counter(draws(crowd))

    assert set(count) == {"answers", "unreachable", "wrong-coder"}
    assert 780 < count["answers"] < 840
    assert 40 < count["unreachable"] < 90
    assert 12 < count["wrong-coder"] < 45
    assert draws(crowd) == draws(crowd)
    assert draws(crowd) != draws(crowd, 43)


def test_a_number_of_a_sticky_crowd_keeps_its_character() -> None:
    """Whenever it is asked for, and whatever for."""
    for number in map(str, RANGE[:100]):
        found = {like(number, STICKY, moment=Moment(now, now, 42), about=about) for now in range(5) for about in "ab"}
        assert len(found) == 1


def test_another_crowd_draws_apart() -> None:
    """Its name is in the dice, so adding a crowd moves nobody else."""
    other = Crowd("others", STICKY.first, STICKY.last, MIX)

    assert draws(other) != draws(STICKY)
    before = Crowd("early", 447700900050, 447700900099, MIX)
    assert [like(str(number), before, STICKY) for number in RANGE] == draws(STICKY)


def test_a_number_of_a_loose_crowd_is_drawn_for_each_message() -> None:
    """Once: what was drawn at the submission is found again by the id of the message."""
    moments = [Moment(MOMENT.now, ordinal, 42) for ordinal in range(500)]
    first = [like("447700900100", LOOSE, moment=moment) for moment in moments]

    assert set(first) == {"answers", "unreachable", "wrong-coder"}
    later = Moment(MOMENT.now + 5, 9_999, 42)
    assert [like("447700900100", LOOSE, moment=later, about=moment.message_id()) for moment in moments] == first


def test_the_first_crowd_that_holds_the_number_decides() -> None:
    """With its bounds included, and nothing beyond them."""
    one = Crowd("one", 447700900200, 447700900300, (("busy", 1.0),))
    two = Crowd("two", 447700900250, 447700900400, (("slow", 1.0),))

    drawn = {number: like(str(number), one, two) for number in range(447700900198, 447700900403)}

    assert [number for number, each in drawn.items() if each == "busy"] == list(range(447700900200, 447700900301))
    assert [number for number, each in drawn.items() if each == "slow"] == list(range(447700900301, 447700900401))
    assert like("Acme", one) == "answers"


@given(st.integers(0, 2**63), st.integers(RANGE[0], RANGE[-1]), st.booleans())
def test_a_die_beyond_the_shares_takes_the_last(seed: int, number: int, sticky: bool) -> None:
    """Shares that add up to a hair less than one leave nobody without a character."""
    crowd = Crowd("crowd", RANGE[0], RANGE[-1], (("busy", 0.0), ("slow", 0.0)), sticky)

    assert like(str(number), crowd, moment=Moment(0, 1, seed)) == "slow"


@pytest.mark.parametrize("number", ["447700900009", "12125550109"])
def test_a_ported_phone_is_in_another_network_of_its_country(number: str) -> None:
    """By seed, and always the same one; source: scenario format, "ported"."""
    home = look_up(number)
    assert home is not None
    found = {seed: person(number, None, WORLD, Moment(0, 1, seed)).network for seed in range(30)}

    assert home.network not in found.values()
    assert all(network.isdigit() and network[:3] in {"234", "310", "311"} for network in found.values())
    assert len(set(found.values())) > 1
    assert found == {seed: person(number, None, WORLD, Moment(9, 8, seed)).network for seed in range(30)}


def test_a_declared_ported_phone_says_its_network_or_takes_another() -> None:
    """What it says stands."""
    said = phone("447700900101", "ported", network="23410")
    silent = Handset(id="447700900101", like="ported", name="alice", version=3)

    assert person(said.id, said, WORLD, MOMENT) is said
    found = person(silent.id, silent, WORLD, MOMENT)
    assert found.network in {"23415", "23420", "23430", "23433"}
    assert (found.name, found.version, found.like) == ("alice", 3, "ported")


@pytest.mark.parametrize("number", ["0", "Acme", "8801234567890123", "37012345678"])
def test_where_no_other_network_is_known_a_ported_phone_has_none(number: str) -> None:
    """Then its digits decide, as for everybody."""
    assert person(number, Handset(id=number, like="ported"), WORLD, MOMENT).network == ""
