"""Buying and cancelling: who may have which number, what it costs, and what becomes of it. Source: numbers §4, §5."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Fault, FaultEffect, Number
from tests.apis.numbers.desk import (
    ADDRESS,
    APPS,
    AUTH,
    BUY,
    CANCEL,
    CROWD,
    DONE,
    FREE,
    KEY,
    MINE,
    NO,
    OTHER,
    OTHER_KEY,
    PHONE,
    THEIRS,
    UPDATE,
    arm,
    assert_answer,
    balance,
    msisdns,
    number,
    offered,
    open_desk,
    owned,
    post,
    requests,
)
from tests.house import House
from tests.receiver import Answer, Receiver

OUTSIDE = "447700900002"
"""Owned by the caller and in no series."""


@pytest.fixture
async def desk() -> AsyncIterator[House]:
    async with open_desk() as house:
        yield house


async def give(house: House, msisdn: str) -> None:
    """Let the caller own a number."""
    start = await house.store.peek("default")
    given = replace(await number(house), id=msisdn, version=0)
    await house.store.commit("default", start.epoch, Change(put=(given,)))


async def holder(house: House, msisdn: str) -> str | None:
    """Who holds the claim on a number."""
    return await house.store.holder("default", f"number/{msisdn}")


# -------------------------------------------------------------------------------------------------- state x operation

STATES = {
    "for sale": ("GB", FREE, (DONE, NO, NO)),
    "for sale, of another type": ("GB", "442079460100", (DONE, NO, NO)),
    "for sale elsewhere": ("US", FREE, (NO, NO, NO)),
    "owned by the caller": ("GB", MINE, (NO, DONE, DONE)),
    "owned by the caller, another country": ("US", MINE, (NO, NO, NO)),
    "owned by another account": ("GB", THEIRS, (NO, NO, NO)),
    "a declared phone": ("GB", PHONE, (NO, NO, NO)),
    "one of a declared crowd": ("GB", CROWD, (NO, NO, NO)),
    "the last of a declared crowd": ("GB", "447700900129", (NO, NO, NO)),
    "behind a declared crowd": ("GB", "447700900130", (DONE, NO, NO)),
    "in no series": ("GB", "447700900200", (NO, NO, NO)),
    "in a country without stock": ("JP", "819012345678", (NO, NO, NO)),
    "in no country": ("XX", FREE, (NO, NO, NO)),
    "behind an address": ("DE", "4917604069000", (ADDRESS, NO, NO)),
    "behind an address in France": ("FR", "33639980149", (ADDRESS, NO, NO)),
    "no number": ("GB", "carol", (NO, NO, NO)),
}
CASES = [
    (state, path, answer)
    for state, row in STATES.items()
    for path, answer in zip((BUY, CANCEL, UPDATE), row[2], strict=True)
]


@pytest.mark.parametrize(("state", "path", "body"), CASES)
async def test_every_operation_in_every_state(desk: House, state: str, path: str, body: str) -> None:
    """Refused, it has changed nothing."""
    country, msisdn, _ = STATES[state]
    before = [await owned(desk), await owned(desk, OTHER), await balance(desk), await offered(desk, size="100")]

    answer = await post(desk, path, country=country, msisdn=msisdn)

    assert_answer(answer, 200 if body == DONE else 420, body)
    if body != DONE:
        after = [await owned(desk), await owned(desk, OTHER), await balance(desk), await offered(desk, size="100")]
        assert after == before


async def test_a_number_of_a_world_is_not_free_in_it_alone(desk: House) -> None:
    """Worlds are apart: another one sells it; source: design §3."""
    made = await desk.control("POST", "/worlds", {"name": "apart"}, 201)
    account = made["accounts"][0]
    said = {"api_key": account["api_key"], "api_secret": account["api_secret"], "country": "GB", "msisdn": MINE}
    assert_answer(await desk.client.post(BUY, data=said), 200, DONE)
    assert_answer(await post(desk, BUY, msisdn=MINE), 420, NO)


# ----------------------------------------------------------------------------------------------------------- effects


async def test_a_bought_number_is_the_stocks_and_linked_to_nothing(desk: House) -> None:
    """In the account's list, in a scenario's words, by its claim, and a month dearer."""
    assert_answer(await post(desk, BUY, msisdn="14155550100", country="US"), 200, DONE)

    listed = {"country": "US", "msisdn": "14155550100", "type": "mobile-lvn", "features": ["VOICE", "SMS", "MMS"]}
    assert await owned(desk, country="US") == {"count": 1, "numbers": [listed]}
    assert await desk.control("GET", "numbers/14155550100") == {
        "account": "main",
        "country": "US",
        "type": "mobile-lvn",
        "features": ["VOICE", "SMS", "MMS"],
        "application": None,
        "inbound_sms": "",
        "voice": {},
        "cost": "0.67 EUR",
    }
    assert await holder(desk, "14155550100") == "main"
    assert await balance(desk) == "99.33 EUR"
    assert "14155550100" in (await desk.control("GET", "/worlds/default"))["numbers"]
    assert await desk.store.pending("default") == []


async def test_a_cancelled_number_is_gone_with_its_links_and_without_a_refund(desk: House) -> None:
    """For sale at once, to anybody; who buys it finds nothing of the old; source: §5 (D)."""
    await post(desk, BUY, msisdn=FREE)
    await post(desk, UPDATE, msisdn=FREE, app_id=APPS["both"], moHttpUrl="http://shop.test/in")

    assert_answer(await post(desk, CANCEL, msisdn=FREE), 200, DONE)
    gone = await desk.store.get("default", Number, FREE), await holder(desk, FREE), await balance(desk)
    assert_answer(await post(desk, CANCEL, msisdn=FREE), 420, NO)
    assert_answer(await post(desk, BUY, OTHER, msisdn=FREE), 200, DONE)

    assert gone == (None, None, "98.75 EUR")
    bare = {"country": "GB", "msisdn": FREE, "type": "mobile-lvn", "features": ["VOICE", "SMS"]}
    assert await owned(desk, OTHER, pattern=FREE) == {"count": 1, "numbers": [bare]}
    assert (await balance(desk), await balance(desk, OTHER_KEY)) == ("98.75 EUR", "98.75 EUR")
    assert msisdns(await owned(desk)) == [MINE]


async def test_a_number_that_is_in_no_series_can_be_bought_back(desk: House) -> None:
    """It is for sale as what it was, to anybody, and offered in its place."""
    await give(desk, OUTSIDE)
    assert await offered(desk, pattern=OUTSIDE) == {}

    assert_answer(await post(desk, CANCEL, msisdn=OUTSIDE), 200, DONE)
    offer = {"country": "GB", "msisdn": OUTSIDE, "cost": "1.25", "type": "mobile-lvn", "features": ["VOICE", "SMS"]}
    assert await offered(desk, pattern=OUTSIDE) == {"count": 1, "numbers": [offer]}
    assert msisdns(await offered(desk, type="mobile-lvn", size="1")) == [OUTSIDE]
    assert_answer(await post(desk, BUY, OTHER, msisdn=OUTSIDE, country="US"), 420, NO)
    assert_answer(await post(desk, BUY, OTHER, msisdn=OUTSIDE), 200, DONE)

    assert await offered(desk, pattern=OUTSIDE) == {}
    assert await balance(desk, OTHER_KEY) == "98.75 EUR"
    assert_answer(await post(desk, CANCEL, OTHER, msisdn=OUTSIDE), 200, DONE)
    assert msisdns(await offered(desk, pattern=OUTSIDE)) == [OUTSIDE]


async def test_a_reset_takes_everything_back(desk: House) -> None:
    """A number that was bought is for sale again, one that was cancelled is owned again."""
    await post(desk, BUY, msisdn=FREE)
    await post(desk, CANCEL, msisdn=MINE)
    await desk.control("POST", "reset")
    assert msisdns(await owned(desk)) == [MINE]
    assert_answer(await post(desk, BUY, msisdn=FREE), 200, DONE)


async def test_a_bought_number_is_nobodys_phone(desk: House) -> None:
    """No act of a person by it; cancelled, there is one again; source: design §3."""
    await post(desk, BUY, msisdn=FREE)
    await desk.control("GET", f"handsets/{FREE}", None, 422)
    await post(desk, CANCEL, msisdn=FREE)
    await desk.control("GET", f"handsets/{FREE}")
    await desk.control("POST", f"handsets/{PHONE}/sms", {"to": FREE, "text": "Hi"}, 422)


# -------------------------------------------------------------------------------------------------------------- credit


@pytest.mark.parametrize(
    ("has", "body", "left"),
    [
        ("1.25 EUR", DONE, "0.00 EUR"),
        ("1.24999999 EUR", NO, "1.24999999 EUR"),
        ("0.00 EUR", NO, "0.00 EUR"),
        ("unlimited", DONE, "unlimited"),
    ],
)
async def test_credit_must_do_for_the_first_month(desk: House, has: str, body: str, left: str) -> None:
    """To the last fraction of a cent; an unlimited account is not debited; source: §4 (A)."""
    await desk.control("PATCH", f"accounts/{KEY}", {"balance": has})

    answer = await post(desk, BUY, msisdn=FREE)

    assert_answer(answer, 200 if body == DONE else 420, body)
    assert await balance(desk) == left
    assert (FREE in msisdns(await owned(desk))) is (body == DONE)


async def test_auto_reload_notices_a_purchase(desk: House) -> None:
    """And one that is refused for want of credit; six minutes later it can be made; source: account §3."""
    reload = {"trx": "00X1", "amount": "10.00 EUR", "threshold": "5.00 EUR"}
    await desk.control("PATCH", f"accounts/{KEY}", {"balance": "1.00 EUR", "auto_reload": reload})

    assert_answer(await post(desk, BUY, msisdn=FREE), 420, NO)
    await desk.advance("6m")
    assert_answer(await post(desk, BUY, msisdn=FREE), 200, DONE)

    assert await balance(desk) == "9.75 EUR"


# ------------------------------------------------------------------------------------------------------- at one time


@pytest.fixture
async def crossing(desk: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A desk whose store lets others get on between two look-ups, as one over a network does."""
    for name in ("get", "counter", "find"):
        plain: Any = getattr(desk.store, name)

        async def slow(*args: Any, plain: Any = plain, **named: Any) -> Any:
            await asyncio.sleep(0)
            return await plain(*args, **named)

        monkeypatch.setattr(desk.store, name, slow)
    return desk


async def test_one_number_is_sold_once(crossing: House) -> None:
    """Of twenty that want it at the same time one gets it, and pays; all others get 420."""
    auths = [AUTH, OTHER] * 10

    answers = await asyncio.gather(*(post(crossing, BUY, auth, msisdn=FREE) for auth in auths))

    assert sorted(each.text for each in answers) == sorted([DONE] + [NO] * 19)
    winner = auths[[each.text for each in answers].index(DONE)]
    assert msisdns(await owned(crossing, winner, pattern=FREE)) == [FREE]
    left = sorted([await balance(crossing), await balance(crossing, OTHER_KEY)])
    assert left == ["100.00 EUR", "98.75 EUR"]


async def test_credit_is_spent_once(crossing: House) -> None:
    """Ten numbers at the same time for credit that does for three."""
    await crossing.control("PATCH", f"accounts/{KEY}", {"balance": "4.00 EUR"})
    wanted = [f"44770090015{n}" for n in range(10)]

    answers = await asyncio.gather(*(post(crossing, BUY, msisdn=each) for each in wanted))

    assert sorted(each.text for each in answers) == sorted([DONE] * 3 + [NO] * 7)
    assert await balance(crossing) == "0.25 EUR"
    bought = [msisdn for msisdn, answer in zip(wanted, answers, strict=True) if answer.text == DONE]
    assert msisdns(await owned(crossing, pattern="44770090015")) == bought


async def test_one_number_is_given_back_once(crossing: House) -> None:
    """The second finds it gone; an update beside it does not bring it back."""
    asked = [post(crossing, CANCEL, msisdn=MINE), post(crossing, CANCEL, msisdn=MINE)]
    asked += [post(crossing, UPDATE, msisdn=MINE, moHttpUrl=f"http://shop.test/{n}") for n in range(4)]

    answers = await asyncio.gather(*asked)

    assert sorted(each.text for each in answers[:2]) == sorted([DONE, NO])
    assert await owned(crossing) == {}
    assert_answer(await post(crossing, BUY, msisdn=MINE), 200, DONE)
    assert (await number(crossing)).inbound_url == ""


# -------------------------------------------------------------------------------------------------------- renewals


async def test_no_month_is_charged_by_default(desk: House) -> None:
    """Source: §4 (D)."""
    await post(desk, BUY, msisdn=FREE)
    await desk.advance("90d")
    assert await balance(desk) == "98.75 EUR"


@pytest.mark.parametrize("mode", ["manual", "auto"])
async def test_every_thirty_days_are_charged_where_that_is_wanted(mode: str) -> None:
    """Bought numbers only, at the very instant; a deadline, which a jumping clock does not pass by itself."""
    async with open_desk(number_renewals=True) as desk:
        await desk.control("PUT", "clock", {"mode": mode})
        await post(desk, BUY, msisdn=FREE)
        await post(desk, BUY, msisdn="442079460100")
        await desk.control("POST", f"handsets/{PHONE}/sms", {"to": FREE, "text": "Hi"})
        assert await balance(desk) == "97.85 EUR"

        balances = []
        for step in ("29d", "23h", "59m", "59s", "1s", "30d"):
            await desk.advance(step)
            balances.append(await balance(desk))

    assert balances == ["97.85 EUR"] * 4 + ["95.70 EUR", "93.55 EUR"]


async def test_a_renewal_is_charged_below_zero(desk: House) -> None:
    """Doubt: what the service does then is not known; the number stays."""
    await desk.control("PATCH", "settings", {"number_renewals": True})
    await desk.control("PATCH", f"accounts/{KEY}", {"balance": "2.00 EUR"})
    await post(desk, BUY, msisdn=FREE)
    await desk.advance("30d")
    assert await balance(desk) == "-0.50 EUR"
    assert FREE in msisdns(await owned(desk))


async def test_renewals_end_with_the_number_or_the_setting(desk: House) -> None:
    """Cancelled and bought again, a number is renewed once a month, thirty days after it was bought."""
    await desk.control("PATCH", "settings", {"number_renewals": True})
    await post(desk, BUY, msisdn=FREE)
    await desk.advance("10d")
    await post(desk, CANCEL, msisdn=FREE)
    assert await desk.store.pending("default") == []
    await post(desk, BUY, msisdn=FREE)
    assert await balance(desk) == "97.50 EUR"

    await desk.advance("20d")
    assert await balance(desk) == "97.50 EUR"
    await desk.advance("10d")
    assert await balance(desk) == "96.25 EUR"
    await desk.control("PATCH", "settings", {"number_renewals": False})
    await desk.advance("90d")
    assert await balance(desk) == "96.25 EUR"
    assert await desk.store.pending("default") == []


async def test_a_number_that_is_gone_without_being_cancelled_is_not_renewed(desk: House) -> None:
    """As after a scenario was read anew without it."""
    await desk.control("PATCH", "settings", {"number_renewals": True})
    await post(desk, BUY, msisdn=FREE)
    start = await desk.store.peek("default")
    await desk.store.commit("default", start.epoch, Change(drop=(await number(desk, FREE),)))

    await desk.advance("30d")

    assert await balance(desk) == "98.75 EUR"
    assert await desk.store.pending("default") == []


async def test_who_owns_a_number_when_it_renews_pays(desk: House) -> None:
    """A number that was moved to another account, or changed, is renewed as ever."""
    await desk.control("PATCH", "settings", {"number_renewals": True})
    await post(desk, BUY, msisdn=FREE)
    await post(desk, UPDATE, msisdn=FREE, moSmppSysType="inbound")
    await desk.control("PATCH", f"numbers/{FREE}", {"account": "other", "cost": "2.00 EUR"})

    await desk.advance("30d")

    assert (await balance(desk), await balance(desk, OTHER_KEY)) == ("98.75 EUR", "98.00 EUR")
    assert (await number(desk, FREE)).smpp_system_type == "inbound"
    assert await holder(desk, FREE) == "other"


# ------------------------------------------------------------------------------------------------ pending webhooks


async def test_a_cancelled_number_has_its_retries_cancelled(desk: House) -> None:
    """What is still to be sent of messages to it; source: webhooks §4 rule 4 (D)."""
    async with Receiver() as receiver:
        receiver.answer_by(lambda _: Answer(500))
        await post(desk, UPDATE, msisdn=MINE, moHttpUrl=f"{receiver.url}/in")
        await desk.control("PATCH", f"accounts/{OTHER_KEY}", {"webhooks": {"inbound_sms": f"{receiver.url}/other"}})
        for to in (MINE, THEIRS, MINE):
            await desk.control("POST", f"handsets/{PHONE}/sms", {"to": to, "text": "Hi"})
        await post(desk, CANCEL, msisdn=MINE)
        await desk.advance("10s")
        webhooks = (await desk.control("GET", "webhooks"))["items"]

    assert [(each["state"], len(each["attempts"])) for each in webhooks] == [
        ("cancelled", 1),
        ("pending", 2),
        ("cancelled", 1),
    ]


async def test_so_are_those_that_a_fault_shuffles(desk: House) -> None:
    """They keep no order with one another, and are about the number's messages all the same."""
    await arm(desk, Fault(name="f", target="webhook.inbound_sms", repeat=3, shuffled=True))
    async with Receiver() as receiver:
        receiver.answer_by(lambda _: Answer(500))
        for msisdn, auth in ((MINE, AUTH), (THEIRS, OTHER)):
            await post(desk, UPDATE, auth, msisdn=msisdn, moHttpUrl=f"{receiver.url}/in")
            await desk.control("POST", f"handsets/{PHONE}/sms", {"to": msisdn, "text": "Hi"})
        await post(desk, CANCEL, msisdn=MINE)
        webhooks = (await desk.control("GET", "webhooks"))["items"]

    assert [each["state"] for each in webhooks] == ["cancelled"] * 3 + ["pending"] * 3


async def test_webhooks_that_were_sent_stay_as_they_are(desk: House) -> None:
    """And receipts of messages to a number of one's own are no business of the number."""
    async with Receiver() as receiver:
        await post(desk, UPDATE, msisdn=MINE, moHttpUrl=f"{receiver.url}/in")
        await desk.control("POST", f"handsets/{PHONE}/sms", {"to": MINE, "text": "Hi"})
        await desk.send(to=MINE, callback=f"{receiver.url}/dlr")
        await desk.advance("1m")
        await post(desk, CANCEL, msisdn=MINE)
        webhooks = (await desk.control("GET", "webhooks"))["items"]

    assert {each["state"] for each in webhooks} == {"delivered"}
    assert sorted(each["kind"] for each in webhooks) == ["inbound_sms", "inbound_sms", "receipt"]


# ------------------------------------------------------------------------------------------------------------ faults


async def test_a_purchase_that_is_made_twice_is_paid_once(desk: House) -> None:
    """The second is refused, which the log says."""
    await arm(desk, Fault(name="f", target="numbers.buy", effect=FaultEffect.TWICE))

    assert_answer(await post(desk, BUY, msisdn=FREE), 200, DONE)

    assert await balance(desk) == "98.75 EUR"
    assert [each["outcome"] for each in await requests(desk)] == ["done a second time by 'f': refused as method_failed"]
