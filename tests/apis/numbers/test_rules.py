"""The rules of the Numbers API by themselves: what each decision changes, and that a no changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.numbers import rules
from fake_nexmo.apis.numbers.model import (
    Body,
    Links,
    Listing,
    ListOwned,
    Match,
    Named,
    NumbersRefusal,
    Released,
    Search,
    Series,
    Shelf,
    Window,
)
from fake_nexmo.apis.numbers.wire import body_of
from fake_nexmo.core.change import Add, Change, Claim, Free
from fake_nexmo.core.instant import DAY
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Crowd, Handset, Number, Timer, World
from fake_nexmo.core.refusal import Refusal

NOW = 1_772_355_600_000_000
MOMENT = Moment(NOW, 7, 42)
ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="")
WORLD = World(name="default", seed=42, made_at=NOW)
COST = 125_000_000
STOCKED = Series("GB", "mobile-lvn", ("VOICE", "SMS"), COST, ("447700900104", "447700900105"))
WANT = Named("GB", "447700900104")
SHELF = Shelf(STOCKED, None, None, None, WORLD)
NUMBER = Number(id=WANT.msisdn, account="main", country="GB", cost=COST, features=("VOICE", "SMS"))
RELEASED = Released(id=WANT.msisdn, country="GB", type="landline", features=("VOICE",), cost=7)
CROWD = Crowd(name="crowd", first=447700900104, last=447700900104, mix=(("answers", 1.0),))
RENEWED = replace(NUMBER, renews_at=NOW + 30 * DAY)
TIMER = Timer(
    id=f"renewal/{NUMBER.id}/{NOW + 30 * DAY}",
    due_at=NOW + 30 * DAY,
    owner="numbers",
    what="renewal",
    subject=NUMBER.id,
    deadline=True,
)


def app(name: str, *able: str) -> Application:
    return Application(
        id=name, application_id=f"id-{name}", account="main", public_key="", capabilities=dict.fromkeys(able)
    )


# ------------------------------------------------------------------------------------------------------ buy, cancel


def test_a_purchase_is_one_change() -> None:
    """The number, its claim, the debit, and the world it was judged in; whole."""
    outcome = rules.buy(WANT, ACCOUNT, COST, SHELF, MOMENT, renewing=False)

    assert outcome.answer == NUMBER
    assert outcome.change == Change(
        put=(NUMBER,),
        check=(WORLD,),
        counters=(Add("balance/main", -COST, floor=0),),
        claims=(Claim("number/447700900104", "main"),),
    )


def test_a_purchase_with_renewals_sets_their_timer() -> None:
    """Thirty days on, as a deadline."""
    outcome = rules.buy(WANT, ACCOUNT, COST, SHELF, MOMENT, renewing=True)
    assert outcome.answer == RENEWED
    assert outcome.change.timers == (TIMER,)


def test_a_released_number_is_sold_as_what_it_was() -> None:
    """And is remembered no more; an unlimited account pays nothing, whatever it has."""
    shelf = replace(SHELF, stocked=None, released=RELEASED)
    outcome = rules.buy(WANT, replace(ACCOUNT, unlimited=True), 0, shelf, MOMENT, renewing=False)

    sold = replace(NUMBER, type="landline", features=("VOICE",), cost=7)
    assert outcome.change == Change(
        put=(sold,), drop=(RELEASED,), check=(WORLD,), claims=(Claim("number/447700900104", "main"),)
    )


@pytest.mark.parametrize(
    ("shelf", "want", "balance", "row"),
    [
        (replace(SHELF, stocked=None), WANT, COST, NumbersRefusal.METHOD_FAILED),
        (SHELF, Named("US", WANT.msisdn), COST, NumbersRefusal.METHOD_FAILED),
        (replace(SHELF, number=NUMBER), WANT, COST, NumbersRefusal.METHOD_FAILED),
        (replace(SHELF, number=replace(NUMBER, account="other")), WANT, COST, NumbersRefusal.METHOD_FAILED),
        (replace(SHELF, phone=Handset(id=WANT.msisdn)), WANT, COST, NumbersRefusal.METHOD_FAILED),
        (replace(SHELF, world=replace(WORLD, crowds=(CROWD,))), WANT, COST, NumbersRefusal.METHOD_FAILED),
        (SHELF, WANT, COST - 1, NumbersRefusal.METHOD_FAILED),
        (replace(SHELF, stocked=replace(STOCKED, needs_address=True)), WANT, 0, NumbersRefusal.NEEDS_ADDRESS),
    ],
)
def test_a_purchase_that_is_refused(shelf: Shelf, want: Named, balance: int, row: NumbersRefusal) -> None:
    with pytest.raises(Refusal) as refused:
        rules.buy(want, ACCOUNT, balance, shelf, MOMENT, renewing=False)
    assert refused.value.row is row


def test_what_is_cancelled_goes_with_claim_and_timer() -> None:
    """A number of the stock leaves nothing behind; another one is remembered."""
    stocked = rules.cancel(RENEWED, TIMER, (), stocked=True)
    other = rules.cancel(NUMBER, None, (), stocked=False)

    freed = (Free("number/447700900104", "main"),)
    assert stocked.change == Change(drop=(RENEWED, TIMER), claims=freed)
    back = replace(RELEASED, type="mobile-lvn", features=("VOICE", "SMS"), cost=COST)
    assert other.change == Change(put=(back,), drop=(NUMBER,), claims=freed)


# --------------------------------------------------------------------------------------------------------- renewals


def test_a_renewal_charges_and_sets_the_next() -> None:
    """Without a floor."""
    due_at = NOW + 60 * DAY
    assert rules.renew(RENEWED, ACCOUNT, TIMER, renewing=True) == Change(
        put=(replace(RENEWED, renews_at=due_at),),
        counters=(Add("balance/main", -COST),),
        timers=(replace(TIMER, id=f"renewal/{NUMBER.id}/{due_at}", due_at=due_at),),
    )


def test_a_renewal_of_a_free_number_charges_nothing() -> None:
    change = rules.renew(replace(RENEWED, cost=0), ACCOUNT, TIMER, renewing=True)
    assert (change.counters, len(change.timers)) == ((), 1)


def test_a_renewal_where_nothing_is_renewed_any_more_is_the_last() -> None:
    """Nothing is charged."""
    assert rules.renew(RENEWED, ACCOUNT, TIMER, renewing=False) == Change(put=(NUMBER,))


@pytest.mark.parametrize(
    ("number", "account"),
    [(None, None), (RENEWED, None), (NUMBER, ACCOUNT), (replace(RENEWED, renews_at=NOW), ACCOUNT)],
)
def test_a_renewal_of_what_is_no_more_is_nothing(number: Number | None, account: Account | None) -> None:
    """The number is gone, or was declared anew since."""
    assert rules.renew(number, account, TIMER, renewing=True) == Change()


# ----------------------------------------------------------------------------------------------------------- update


def test_an_update_checks_the_application_that_it_links() -> None:
    """So that none is linked that is deleted at the same time."""
    both = app("both", "voice")
    outcome = rules.update(Links(app_id="id-both"), NUMBER, {"id-both": both})
    linked = replace(NUMBER, application="both")
    assert (outcome.answer, outcome.change) == (linked, Change(put=(linked,), check=(both,)))


WORDS = st.sampled_from(["", "sip", "tel", "vxml", "app", "fax"])
IDS = st.sampled_from(["", "id-both", "id-plain", "id-nobody"])
URLS = st.sampled_from(["", "http://shop.test/in", "https://shop.test:8443/in?a=b", "shop.test"])
LINKS = st.builds(
    Links,
    app_id=IDS,
    inbound_url=URLS,
    smpp_system_type=st.sampled_from(["", "inbound"]),
    voice_type=WORDS,
    voice_value=st.one_of(IDS, st.just("sip:ivr@shop.test")),
    voice_status_url=st.one_of(st.none(), URLS),
    messages_type=st.sampled_from(["", "app", "sip"]),
    messages_value=IDS,
)
ROUTES = st.sampled_from(
    [{}, {"type": "tel", "value": "447700900002"}, {"type": "sip", "value": "sip:a@b.test", "status_url": "http://c"}]
)


@given(links=LINKS, voice=ROUTES, application=st.sampled_from(["", "both"]))
def test_an_update_is_the_same_twice(links: Links, voice: dict[str, str], application: str) -> None:
    """Once done, doing it again changes nothing; a route is whole or not there; nothing else of the number moves."""
    before = replace(NUMBER, voice=voice, application=application)
    known = {"id-both": app("both", "voice", "messages"), "id-plain": app("plain")}
    try:
        once = rules.update(links, before, known).answer
    except Refusal:
        return

    assert rules.update(links, once, known).answer == once
    assert ("type" in once.voice) == ("value" in once.voice)
    assert once.voice.get("type") in (None, "sip", "tel", "vxml")
    assert all(once.voice.values())
    ids = rules.applications_named(links)
    assert once.application == (known[ids[0]].id if ids else "")
    kept = replace(once, voice=voice, application=application, inbound_url="", smpp_system_type="")
    assert kept == before


# ------------------------------------------------------------------------------------------------------- list, search

WINDOWS = st.builds(
    Window,
    pattern=st.text("0179", max_size=3),
    match=st.sampled_from(Match),
    size=st.integers(1, 100),
    index=st.integers(1, 4),
)
MSISDNS = st.sets(st.text("0179", min_size=1, max_size=6), max_size=40)


def fits(window: Window, msisdn: str) -> bool:
    """Where a pattern may stand, said another way."""
    at = [k for k in range(len(msisdn) + 1) if msisdn[k : k + len(window.pattern)] == window.pattern]
    if window.match is Match.ANYWHERE:
        return bool(at)
    return (0 if window.match is Match.START else len(msisdn) - len(window.pattern)) in at


def paged(window: Window, found: Sequence[str]) -> tuple[int, list[str]]:
    begin = (window.index - 1) * window.size
    return len(found), sorted(found)[begin : begin + window.size]


@given(window=WINDOWS, mine=MSISDNS, theirs=MSISDNS)
def test_a_list_is_a_page_of_what_fits(window: Window, mine: set[str], theirs: set[str]) -> None:
    """Whatever was handed in of others."""
    numbers = [Number(id=each, account="main", country="GB") for each in mine]
    numbers += [Number(id=each, account="other", country="GB") for each in theirs]

    found = rules.listed(ListOwned(window), numbers, ACCOUNT)

    assert (found.count, [each.id for each in found.items]) == paged(window, [m for m in mine if fits(window, m)])


@given(window=WINDOWS, pool=MSISDNS, taken=MSISDNS, first=st.integers(0, 9999), spread=st.integers(0, 99_999))
def test_a_search_is_a_page_of_what_is_for_sale(
    window: Window, pool: set[str], taken: set[str], first: int, spread: int
) -> None:
    """None that is taken, none in a crowd."""
    series = [replace(STOCKED, msisdns=tuple(sorted(pool)[k::2])) for k in (0, 1)]
    crowd = replace(CROWD, first=first, last=first + spread)

    found = rules.search(Search(window, "GB"), series, taken, (crowd,))

    free = [m for m in pool - taken if fits(window, m) and not first <= int(m) <= first + spread]
    assert (found.count, [each.msisdn for each in found.items]) == paged(window, free)


def test_a_search_without_a_country_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        rules.search(Search(Window(), ""), (STOCKED,), (), ())
    assert refused.value.row is NumbersRefusal.MISSING_COUNTRY
    assert rules.search(Search(Window(), "GB"), (), (), ()) == Listing(0, ())


# ------------------------------------------------------------------------------------------------------------ bodies


@pytest.mark.parametrize(
    ("label", "body", "kind"),
    [
        ("application/x-www-form-urlencoded", b"country=GB", Body.FORM),
        ("", b"country=GB", Body.FORM),
        ("application/json", b"", Body.FORM),
        ("application/json", b"country=GB", Body.MISLABELLED),
        ("application/json; charset=utf-8", b"a=b", Body.MISLABELLED),
        ("application/json", b'{"country":"GB=US"}', Body.JSON),
        ("application/json", b' \n{"url":"http://a?b=c"}', Body.JSON),
        ("application/json", b'["a=b"]', Body.JSON),
        ("application/json", b'"a=b"', Body.JSON),
        ("application/json", b"nonsense", Body.JSON),
        ("text/plain", b'{"country":"GB"}', Body.FORM),
    ],
)
def test_what_a_body_is(label: str, body: bytes, kind: Body) -> None:
    """By its label and its first octet; source: numbers §1.1."""
    assert body_of(label, body) is kind
