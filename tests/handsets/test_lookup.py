"""What a phone says to a look-up: every fact that can be declared, every character, every kind of line."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.core.moment import Moment
from fake_nexmo.handsets.characters import person
from fake_nexmo.handsets.lookup import NOTHING, UNKNOWN_OWNER, Found, Owner, Roaming, Silence, look
from fake_nexmo.numbering.number import Carrier, NumberType, PhoneNumber, describe
from fake_nexmo.numbering.plan import look_up as look_up_number
from fake_nexmo.numbering.tables import tables
from tests import people
from tests.people import CHARACTERS, WORLD

GB, US, FIXED = "447700900123", "12015550123", "442079460123"
O2 = Carrier("23410", "Telefonica UK Limited (O2)", "GB", NumberType.MOBILE)
VODAFONE = Carrier("23415", "Vodafone Ltd", "GB", NumberType.MOBILE)
ORANGE = tables().networks["20801"].name
LANDLINE = Carrier("GB-FIXED", "United Kingdom Landline", "GB", NumberType.LANDLINE)
NOBODY = Carrier("NONE", "Unknown", "US", NumberType.UNKNOWN)
AT_HOME = Roaming("not_roaming")
SOMEWHERE = Roaming("unknown")


def known(number: str) -> PhoneNumber:
    found = describe(number)
    assert found is not None
    return found


def found(number: str = GB, *, owned: bool = False, like: str = "answers", **facts: Any) -> Found:
    """What a look-up of a phone finds; ``network`` and ``power`` as the record has them, all else as declared."""
    own = {name: facts.pop(name) for name in ("network", "power") if facts.get(name) is not None}
    return look(people.phone(number, like, **own, rest=facts), known(number), 42, owned=owned)


HOME = Found(
    current=O2,
    original=O2,
    ported="not_ported",
    said=False,
    valid="valid",
    reach="reachable",
    roaming=AT_HOME,
    silence=Silence.NONE,
    on=True,
    owner=UNKNOWN_OWNER,
    ip_country="GB",
)
SILENT = replace(HOME, ported="unknown", reach="unknown", roaming=SOMEWHERE)


def test_an_ordinary_phone_is_at_home() -> None:
    """The whole of it."""
    assert found() == HOME


@pytest.mark.parametrize(
    ("like", "expected"),
    [
        ("unreachable", replace(HOME, reach="undeliverable")),
        ("switched-off", replace(HOME, reach="absent", on=False)),
        ("slow", replace(SILENT, silence=Silence.SLOW)),
        ("barred", replace(HOME, reach="blacklisted")),
        ("landline", replace(SILENT, current=LANDLINE, original=LANDLINE, silence=Silence.LANDLINE)),
    ],
)
def test_characters(like: str, expected: Found) -> None:
    """Each says its own; declared or magic is one."""
    assert found(like=like) == expected


@pytest.mark.parametrize(
    "like", sorted(CHARACTERS.keys() - {"unreachable", "switched-off", "slow", "barred", "landline", "roaming"})
)
def test_all_other_characters_are_ordinary_phones(like: str) -> None:
    """What they do in calls and with messages, no look-up tells; a ported one is only told by its network."""
    assert found(like=like) == HOME


def test_a_ported_phone_is_on_another_network_than_its_digits_say() -> None:
    """By seed, of its country."""
    number = "447700900009"
    phone = person(number, None, WORLD, Moment(0, 1, 42))

    result = look(phone, known(number), 42)

    assert result.original == O2
    assert result.current is not None
    assert result.current.code == phone.network != "23410"
    assert (result.current.country, result.current.type) == ("GB", NumberType.MOBILE)
    assert replace(result, current=O2, ported="not_ported") == HOME
    assert result.ported == "ported"


@pytest.mark.parametrize("seed", range(20))
def test_a_roaming_phone_is_in_another_country_of_the_plan(seed: int) -> None:
    """A mobile network of that country, the same for the same seed; source: scenario format."""
    phone = people.phone(GB, "roaming")

    one, again = look(phone, known(GB), seed), look(phone, known(GB), seed)

    where = one.roaming
    assert where is not None
    network = tables().networks[where.network]
    assert (where.status, where.country, where.name) == ("roaming", network.country, network.name)
    assert network.type == "mobile"
    assert where.country != "GB"
    assert one == again == replace(HOME, roaming=where)


def test_seeds_lead_to_many_countries() -> None:
    """Not always the same one."""
    where = {(look(people.phone(GB, "roaming"), known(GB), seed).roaming or AT_HOME).country for seed in range(60)}
    assert len(where) > 15


@pytest.mark.parametrize(
    ("facts", "changed"),
    [
        ({"network": "23415"}, {"current": VODAFONE, "ported": "ported"}),
        ({"network": "23410"}, {}),
        ({"network": None}, {"current": None, "ported": "unknown"}),
        ({"original_network": "23415"}, {"original": VODAFONE, "ported": "ported"}),
        ({"original_network": None}, {"original": None, "ported": "unknown"}),
        ({"network": "23415", "original_network": "23415"}, {"current": VODAFONE, "original": VODAFONE}),
        ({"network": "23415", "ported": False}, {"current": VODAFONE, "original": VODAFONE}),
        ({"network": "23415", "ported": True}, {"current": VODAFONE, "ported": "ported"}),
        ({"ported": "assumed_ported"}, {"ported": "assumed_ported", "said": True}),
        ({"ported": "unknown"}, {"ported": "unknown", "said": True}),
        ({"ported": None}, {"ported": None, "said": True}),
        ({"power": False}, {"reach": "absent", "on": False}),
        ({"power": True}, {}),
        ({"line": "unreachable"}, {"reach": "undeliverable"}),
        ({"line": "busy"}, {}),
        ({"reachable": True}, {}),
        ({"reachable": False}, {"reach": "undeliverable"}),
        ({"reachable": "bad_number"}, {"reach": "bad_number"}),
        ({"reachable": None}, {"reach": None}),
        ({"reachable": True, "power": False}, {"on": False}),
        ({"valid": False}, {"valid": "not_valid"}),
        ({"valid": True}, {}),
        ({"valid": "inferred"}, {"valid": "inferred"}),
        ({"valid": None}, {"valid": None}),
        ({"roaming": False}, {}),
        ({"roaming": None}, {"roaming": None}),
        ({"roaming": {"country": "FR", "network": "20801"}}, {"roaming": Roaming("roaming", "FR", "20801", ORANGE)}),
        ({"roaming": {"network": "20801"}}, {"roaming": Roaming("roaming", "FR", "20801", ORANGE)}),
        ({"roaming": {"country": "ZW"}}, {"roaming": Roaming("roaming", "ZW")}),
        ({"ip_country": "FR"}, {"ip_country": "FR"}),
        ({"caller": {}}, {}),
        ({"caller": {"name": "Acme"}}, {"owner": Owner("unknown", "Acme")}),
        ({"caller": {"type": "business", "name": "Acme"}}, {"owner": Owner("business", "Acme")}),
        ({"caller": {"first_name": "Ada"}}, {"owner": Owner("consumer", "Ada", "Ada", "")}),
        (
            {"caller": {"first_name": "Ada", "last_name": "Byron"}},
            {"owner": Owner("consumer", "Ada Byron", "Ada", "Byron")},
        ),
    ],
    ids=str,
)
def test_what_is_declared_decides(facts: dict[str, Any], changed: dict[str, Any]) -> None:
    """One fact after another; null stays null."""
    assert found(**facts) == replace(HOME, **changed)


def test_who_was_ported_without_saying_where_to_is_on_another_network() -> None:
    """As the character has it; where nobody knows another network, it is said to be ported nevertheless."""
    result = found(ported=True)
    assert (result.ported, result.original) == ("ported", O2)
    assert result.current not in (None, O2)
    elsewhere = "3546111234"
    assert look_up_number(elsewhere) is not None
    alone = found(elsewhere, ported=True)
    assert (alone.ported, alone.current) == ("ported", alone.original)


def test_a_country_without_a_network_is_given_one_by_seed() -> None:
    """Where the plan has one."""
    where = found(roaming={"country": "FR"}).roaming
    assert where is not None
    assert tables().networks[where.network].country == "FR"


@pytest.mark.parametrize(
    ("kind", "current", "silence"),
    [
        ("mobile", O2, Silence.NONE),
        ("landline", LANDLINE, Silence.LANDLINE),
        (
            "landline_tollfree",
            Carrier("GB-TOLL-FREE", "United Kingdom Toll Free", "GB", NumberType.TOLL_FREE),
            Silence.LANDLINE,
        ),
        (
            "landline_premium",
            Carrier("GB-PREMIUM", "United Kingdom Premium", "GB", NumberType.PREMIUM),
            Silence.LANDLINE,
        ),
        ("pager", Carrier("GB-PAGER", "United Kingdom Pager", "GB", NumberType.PAGER), Silence.UNSERVED),
        ("unknown", replace(O2, type=NumberType.UNKNOWN), Silence.UNPLACED),
        (None, NOTHING, Silence.UNPLACED),
    ],
)
def test_every_kind_of_line(kind: str | None, current: Carrier, silence: Silence) -> None:
    """Only a mobile phone answers; a kind that is null leaves nothing of the networks."""
    expected = HOME if silence is Silence.NONE else replace(SILENT, current=current, original=current, silence=silence)
    assert found(type=kind) == expected


def test_a_virtual_line_is_with_a_virtual_provider_where_the_plan_has_one() -> None:
    """Else with nobody who is known."""
    british, french = found(type="virtual").current, found("33639980123", type="virtual").current
    assert british is not None
    assert (british.code, british.type) == ("GB-VIRTUAL", NumberType.VIRTUAL)
    assert french == Carrier("NONE", "Unknown", "FR", NumberType.VIRTUAL)
    assert found(type="virtual").silence is Silence.UNSERVED


def test_a_declared_network_keeps_its_name_whatever_the_line_is() -> None:
    """Its type is that of the line."""
    result = found(network="23415", original_network="23420", type="landline")
    assert result.current == replace(VODAFONE, type=NumberType.LANDLINE)
    assert result.original is not None
    assert (result.original.code, result.original.type) == ("23420", NumberType.LANDLINE)
    assert (result.ported, result.silence) == ("ported", Silence.LANDLINE)


def test_facts_that_are_declared_of_a_landline_stand() -> None:
    """Though nothing live is known of it."""
    result = found(FIXED, reachable=True, roaming=False)
    assert result == replace(
        SILENT,
        current=LANDLINE,
        original=LANDLINE,
        reach="reachable",
        roaming=AT_HOME,
        silence=Silence.LANDLINE,
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"like": "unreachable"},
        {"like": "switched-off"},
        {"like": "barred"},
        {"like": "roaming"},
        {"power": True},
        {"reachable": "reachable"},
        {"roaming": False},
        {"type": "mobile"},
    ],
)
def test_where_digits_do_not_tell_a_phone_that_does_what_mobiles_do_is_one(facts: dict[str, Any]) -> None:
    """North American numbers outside the table's ranges."""
    result = found(US, **facts)
    assert result.silence is Silence.NONE
    assert result.current == replace(NOBODY, type=NumberType.MOBILE)


@pytest.mark.parametrize("facts", [{}, {"reachable": None}, {"like": "parrot"}, {"valid": True}])
def test_else_nothing_live_is_known_of_it(facts: dict[str, Any]) -> None:
    """An ordinary one, too."""
    result = found(US, **facts)
    assert (result.silence, result.current, result.ported) == (Silence.UNPLACED, NOBODY, "unknown")
    assert result.roaming == SOMEWHERE


def test_an_owned_number_is_at_home_or_virtual() -> None:
    """By its digits, and where they do not tell, with a virtual provider."""
    assert found(owned=True) == HOME
    american = found(US, owned=True)
    assert american.current is not None
    assert (american.current.code, american.silence) == ("US-VIRTUAL-LEVEL3", Silence.UNSERVED)
    assert found(FIXED, owned=True).silence is Silence.LANDLINE


def test_a_number_that_nobody_can_have_by_the_plan_is_not_valid() -> None:
    """Which decides nothing else; source: reference README rulings."""
    number = "18080000"
    assert not known(number).valid
    assert found(number).valid == "not_valid"
