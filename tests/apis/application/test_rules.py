"""Rules of the Application API beside the wire: changes, conflicts, and the laws of paging."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.application import rules, v1_wire, v2_wire
from fake_nexmo.apis.application.model import ApplicationRefusal, Asked, Problem, Said
from fake_nexmo.core.change import Add, Change, Claim, Free
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Application, Number
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.keys.pair import KeyPair

ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="x")
MOMENT = Moment(1_000, 7, 42)
PAIR = KeyPair("PRIVATE", "PUBLIC")
ONE = Application(id="app", application_id="app-1", account="main", public_key="P", private_key="S", name="One")


def test_create_claims_the_id_and_counts_the_pair() -> None:
    """A pair that another request takes meanwhile is a conflict."""
    said = Said("Shop", {"vbc": {}}, improve_ai=True, v1_type="voice")

    outcome = rules.create(said, ACCOUNT, "w", PAIR, 3, "keys", MOMENT)

    wire_id = rules.wire_id("w", MOMENT)
    made = Application(
        id=MOMENT.uuid(Use.APPLICATION),
        application_id=wire_id,
        account="main",
        public_key="PUBLIC",
        private_key="PRIVATE",
        name="Shop",
        capabilities={"vbc": {}},
        improve_ai=True,
        v1_type="voice",
    )
    assert outcome.answer == made
    assert outcome.change == Change(
        put=(made,),
        counters=(Add("keys", 1, floor=4, ceiling=4),),
        claims=(Claim(f"application/{wire_id}", made.id, server_wide=True),),
    )


def test_create_with_a_key_of_ones_own_takes_no_pair() -> None:
    """Nothing is counted."""
    outcome = rules.create(Said("Shop", {}, public_key="OWN"), ACCOUNT, "w", KeyPair("", "OWN"), 3, "keys", MOMENT)

    assert outcome.change.counters == ()
    assert (outcome.answer.public_key, outcome.answer.private_key) == ("OWN", "")


def test_ids_on_the_wire_are_those_of_seed_and_world() -> None:
    """Worlds of one seed never draw the same one."""
    moments = [Moment(0, ordinal, 42) for ordinal in range(200)]

    ids = [rules.wire_id(world, moment) for world in ("a", "b") for moment in moments]

    assert len(set(ids)) == 400
    assert ids[:200] == [rules.wire_id("a", moment) for moment in moments]


@pytest.mark.parametrize("found", [(), (replace(ONE, account="other"),), (replace(ONE, application_id="x"),)])
def test_only_an_application_of_ones_own_is_found(found: tuple[Application, ...]) -> None:
    """An unknown id, another account's, and one that merely shares a look-up key."""
    with pytest.raises(Refusal) as refused:
        rules.find("app-1", found, ACCOUNT)

    assert (refused.value.row, refused.value.facts) == (ApplicationRefusal.NOT_FOUND, {"id": "app-1"})
    assert rules.find("app-1", (*found, ONE), ACCOUNT) is ONE


HOOKS = {"event_url": "https://a.test"}


@pytest.mark.parametrize(
    ("born", "product", "taken"),
    [
        ("", "voice", True),
        ("", "messages", True),
        ("voice", "voice", True),
        ("voice", "messages", False),
        ("messages", "voice", False),
        ("messages", "messages", True),
        ("voice", "", True),
        ("messages", "", True),
    ],
)
def test_product_of_the_first_version_stays(born: str, product: str, taken: bool) -> None:
    """It binds requests of the first version only; source: reference application §7."""
    said = Said("New", {product: {}} if product else {}, v1_type=product)
    one = replace(ONE, v1_type=born)

    if taken:
        changed = rules.update(said, one).answer
        assert (changed.name, changed.v1_type) == ("New", born)
    else:
        with pytest.raises(Refusal) as refused:
            rules.update(said, one)
        assert refused.value.facts == {"problems": (Problem("type", "Cannot be changed."),)}


@pytest.mark.parametrize(
    ("given_key", "public", "private"), [("", "P", "S"), ("P", "P", "S"), ("NEW", "NEW", ""), ("S", "S", "")]
)
def test_key_is_kept_unless_another_is_given(given_key: str, public: str, private: str) -> None:
    """The private half is forgotten with its public one."""
    changed = rules.update(Said("x", {}, public_key=given_key), ONE).change.only(Application)

    assert (changed.public_key, changed.private_key) == (public, private)


def test_delete_frees_the_id_and_unlinks() -> None:
    """All in one change."""
    number = Number(id="447700900000", account="main", country="GB", application="app")

    change = rules.delete(ONE, (number,)).change

    assert change == Change(
        put=(replace(number, application=""),),
        drop=(ONE,),
        claims=(Free("application/app-1", "app", server_wide=True),),
    )


# ---------------------------------------------------------------------------------------------------------- paging

APPLICATIONS = [replace(ONE, id=f"app-{k}", application_id=f"id-{k}") for k in range(60)]


@given(total=st.integers(0, 60), size=st.integers(1, 70))
def test_following_next_meets_each_application_once(total: int, size: int) -> None:
    """In order; as many pages as were said; and ``prev`` leads all the way back."""
    found = APPLICATIONS[:total]
    seen: list[Application] = []
    numbers: list[int] = []
    number: int | None = 1
    while number is not None:
        listed = rules.page(Asked(size, number), found)
        seen += listed.items
        numbers.append(number)
        assert (listed.total, listed.pages) == (total, max(1, (total + size - 1) // size))
        assert listed.before == (number - 1 or None)
        number = listed.after

    assert seen == found
    assert numbers == list(range(1, listed.pages + 1))


@given(total=st.integers(0, 60), size=st.integers(1, 70), beyond=st.integers(1, 10**9))
def test_page_beyond_the_end_is_empty_and_leads_back_to_the_last(total: int, size: int, beyond: int) -> None:
    """No ``next``; ``prev`` is a page that there is."""
    last = rules.page(Asked(size, 1), APPLICATIONS[:total]).pages

    listed = rules.page(Asked(size, last + beyond), APPLICATIONS[:total])

    assert (listed.items, listed.after, listed.before, listed.pages) == ((), None, last, last)


@given(total=st.integers(0, 60), size=st.integers(1, 70), number=st.integers(1, 80))
def test_both_versions_page_alike(total: int, size: int, number: int) -> None:
    """Same applications, same counts, same links but for their words."""
    listed = rules.page(Asked(size, number), APPLICATIONS[:total])

    one, two = v1_wire.listing(listed, ""), v2_wire.listing(listed, "")

    assert (one["count"], one["page_size"], one["page_index"]) == (two["total_items"], two["page_size"], two["page"])
    ids = [[each["id"] for each in answer["_embedded"]["applications"]] for answer in (one, two)]
    assert ids[0] == ids[1] == [each.application_id for each in listed.items]
    hrefs = [
        {
            name: link["href"].replace("page_index", "page").replace("/v1", "/v2")
            for name, link in answer["_links"].items()
        }
        for answer in (one, two)
    ]
    assert hrefs[0] == hrefs[1]
