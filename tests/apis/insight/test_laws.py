"""Laws: what is charged adds up, whatever is asked; and no text of any length breaks a look-up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_nexmo.apis.insight import rules, wire, xml_wire
from fake_nexmo.apis.insight.model import Answer, Command, InsightRefusal, Level, Prices
from fake_nexmo.core.change import Add
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.money import parse_money
from fake_nexmo.core.records import Account, Handset, Secret
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.handsets import lookup
from fake_nexmo.numbering.number import describe
from tests import people
from tests.house import House, open_house
from tests.people import CHARACTERS

GOOD = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
NUMBERS = ("447700900123", "442079460123", "14155550123", "12015550123", "33639980123", "260771234567", "18080000")
MONEY = st.integers(0, 10**9)
FACTS: dict[str, Any] = {
    "ported": st.none() | st.booleans() | st.sampled_from(list(map(str, lookup.Ported))),
    "reachable": st.none() | st.booleans() | st.sampled_from(list(map(str, lookup.Reach))),
    "valid": st.none() | st.booleans() | st.sampled_from(list(map(str, lookup.Validity))),
    "roaming": st.none() | st.booleans() | st.just({"country": "FR"}) | st.just({"network": "20801"}),
    "type": st.none() | st.sampled_from(["mobile", "landline", "landline_tollfree", "virtual", "pager", "unknown"]),
    "original_network": st.none() | st.sampled_from(["23415", "23410", "99999", "GB-FIXED"]),
    "caller": st.just({"first_name": "Ada"}) | st.just({"type": "business", "name": "Acme"}),
}
PHONES = st.builds(
    people.phone,
    number=st.sampled_from(NUMBERS),
    like=st.sampled_from(sorted(CHARACTERS)),
    power=st.none() | st.booleans(),
    network=st.sampled_from(["", "23415", "99999"]),
    rest=st.fixed_dictionaries({}, optional=FACTS),
)
LEVELS = st.sampled_from([Level.STANDARD, Level.ADVANCED])
ANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def account(*, unlimited: bool = False) -> Account:
    return Account(id="main", api_key="k", secrets=(Secret("1", "s", 0),), signature_secret="x", unlimited=unlimited)


def asked(
    phone: Handset, level: Level, prices: Prices, balance: int, *, cnam: bool, owned: bool, unlimited: bool = False
) -> tuple[Answer, int]:
    """An answer, and what it did to the balance."""
    known = describe(phone.id)
    assert known is not None
    command = Command(level=level, number=phone.id, cnam=cnam, real_time=True, ip="192.0.2.1")
    who = account(unlimited=unlimited)
    outcome = rules.look_up(command, known, phone, who, balance, prices, Moment(0, 1, 42), owned=owned)
    steps = [each for each in outcome.change.counters if isinstance(each, Add)]
    assert len(steps) == len(outcome.change.counters)
    assert {each.counter for each in steps} <= {who.balance}
    return outcome.answer, sum(each.delta for each in steps)


PRICES = st.builds(Prices, MONEY, MONEY, MONEY)


@ANY
@given(PHONES, LEVELS, PRICES, st.booleans(), st.booleans(), st.booleans())
def test_what_is_charged_is_the_price_less_the_refund(
    phone: Handset, level: Level, prices: Prices, cnam: bool, owned: bool, unlimited: bool
) -> None:
    """And the refund is what could not be had: all of it, the name of a number that is not American, or nothing."""
    answer, moved = asked(phone, level, prices, 10**12, cnam=cnam, owned=owned, unlimited=unlimited)

    base = prices.standard if level is Level.STANDARD else prices.advanced
    name = prices.cnam if cnam else 0
    back = base + name if answer.outcome == 2 else 0 if phone.id.startswith("1") else name
    assert (answer.price, answer.refund) == (base + name, back)
    assert moved == (0 if unlimited else back - base - name)


@ANY
@given(PHONES, LEVELS, PRICES, st.booleans(), MONEY)
def test_who_has_less_than_the_price_gets_nothing(
    phone: Handset, level: Level, prices: Prices, cnam: bool, balance: int
) -> None:
    """Though a part of it would be paid back; and who has it is never left with less than nothing."""
    price = (prices.standard if level is Level.STANDARD else prices.advanced) + (prices.cnam if cnam else 0)
    if balance < price:
        with pytest.raises(Refusal) as refused:
            asked(phone, level, prices, balance, cnam=cnam, owned=False)
        assert refused.value.row is InsightRefusal.NO_CREDIT
    else:
        assert balance + asked(phone, level, prices, balance, cnam=cnam, owned=False)[1] >= 0


@ANY
@given(PHONES, LEVELS, st.booleans(), st.booleans(), st.booleans())
def test_answers_keep_the_rules_of_consistency(
    phone: Handset, level: Level, cnam: bool, owned: bool, old: bool
) -> None:
    """Whatever is declared: outcome 0 needs status 0, and soft codes have all that is known; §4 for the types."""
    answer, _ = asked(phone, level, Prices(1, 2, 3), 100, cnam=cnam, owned=owned)
    said = wire.answer(answer, 5, old=old)
    xml = xml_wire.document(level, said, old=old)

    assert type(said["status"]) is int
    assert all(type(said[name]) is str for name in ("request_price", "remaining_balance", "national_format_number"))
    assert xml.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<lookup>\n')
    if level is Level.STANDARD:
        assert said["status"] == 0
        return
    assert said["status"] in (0, 43, 44, 45)
    assert said["lookup_outcome"] in (0, 1, 2)
    assert said["lookup_outcome"] != 0 or said["status"] == 0
    if said["status"]:
        assert said["lookup_outcome"] in (1, 2)
        assert {"national_format_number", "current_carrier", "valid_number"} <= said.keys()
    if said["lookup_outcome"] == 2:
        assert (said["reachable"], said["ported"], said["valid_number"]) == ("unknown", "unknown", "unknown")
    current, original = said["current_carrier"], said["original_carrier"]
    if "ported" not in phone.rest and current and original and current["network_code"] != original["network_code"]:
        assert said["ported"] == "ported"


TEXTS = st.text() | st.text("0123456789+-() \t") | st.from_regex(r"\+?(44|1|49|262)[0-9]{4,14}", fullmatch=True)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.sampled_from(["", "GB", "US", "zz", "Ω"]), st.sampled_from(["json", "xml"]))
async def test_any_text_is_a_number_or_none(text: str, country: str, form: str) -> None:
    """Through the endpoint, on every level: HTTP 200, and a status that there is."""
    async with open_house() as house:
        for level in ("basic", "standard", "advanced", "advanced/async"):
            await _ask(house, f"/ni/{level}/{form}", {"number": text, "country": country})


async def _ask(house: House, path: str, params: dict[str, str]) -> None:
    answer = await house.client.post(path, json={**GOOD, **params, "callback": "http://127.0.0.1:9/"})
    assert answer.status_code == 200
    if path.endswith("json"):
        assert answer.json()["status"] in (0, 3, 43, 44, 45)
    else:
        assert answer.text.rstrip().endswith(("</lookup>", "</format>"))


@given(st.text())
def test_what_is_no_flag_is_not_set(text: str) -> None:
    """Only two words set one."""
    assert wire.is_true(text) == (text.strip().lower() in {"true", "1"})


@given(st.binary(max_size=60))
def test_every_body_can_be_judged(body: bytes) -> None:
    """Whatever bytes come; a body that does not say it is JSON is never judged."""
    assert wire.is_unparseable("application/json", body) in (True, False)
    assert not wire.is_unparseable("text/plain", body)


def test_the_default_prices_are_those_of_the_reference() -> None:
    """Source: reference number-insight §9."""
    from fake_nexmo.core.settings import SETTINGS, price

    names = ("standard", "advanced", "cnam")
    read = [price(str(SETTINGS[f"insight_price_{name}"].default)) for name in names]
    assert read == [parse_money("0.005"), parse_money("0.03"), parse_money("0.01")]
