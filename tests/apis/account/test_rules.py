"""The rules of the Account API, without a server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from msgspec.structs import replace

from fake_nexmo.apis.account import rules
from fake_nexmo.apis.account.model import AccountRefusal, Balance, NewSettings, SecretRefusal
from fake_nexmo.core import reload
from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.money import AMOUNT_MAX, UNIT
from fake_nexmo.core.records import Account, AutoReload, Secret, Timer
from fake_nexmo.core.refusal import Refusal

FIRST = Secret("5ec0e7a1-0000-4000-8000-000000000001", "s3cr3tS3cr3t", 1)
SECOND = Secret("5ec0e7a1-0000-4000-8000-000000000002", "An0therOne", 2)
ACCOUNT = Account(id="main", version=3, api_key="abcd1234", secrets=(FIRST,), signature_secret="x" * 32)
MOMENT = Moment(now=1_767_225_600_000_000, ordinal=7, seed=42)
RELOAD = AutoReload(enabled=True, trx="00X123456Y7890123Z", amount=10 * UNIT, threshold=5 * UNIT)
RELOADING = replace(ACCOUNT, auto_reload=RELOAD)
OFF = replace(ACCOUNT, auto_reload=replace(RELOAD, enabled=False))
MINUTE = 60_000_000


def refusal_of(rule: Callable[[], object]) -> Refusal:
    """The refusal that a rule must end in."""
    with pytest.raises(Refusal) as refused:
        rule()
    return refused.value


@pytest.mark.parametrize(("account", "reloads"), [(ACCOUNT, False), (OFF, False), (RELOADING, True)])
def test_the_balance_says_whether_the_account_reloads(account: Account, reloads: bool) -> None:
    """Switched off again is off; nothing changes by looking."""
    outcome = rules.balance(account, -5)

    assert (outcome.change, outcome.answer) == (Change(), Balance(-5, reloads))


def test_a_top_up_credits_the_amount_of_the_payment() -> None:
    """As one addition to the counter, so that charges at the same time are not lost."""
    outcome = rules.top_up(RELOAD.trx, RELOADING, 3)

    assert outcome.change == Change(counters=(Add("balance/main", 10 * UNIT, ceiling=AMOUNT_MAX),))


def test_a_balance_is_never_credited_beyond_what_it_can_be() -> None:
    """A counter has a largest value."""
    outcome = rules.top_up(RELOAD.trx, RELOADING, AMOUNT_MAX - 1)

    assert outcome.change == Change(counters=(Add("balance/main", 1, ceiling=AMOUNT_MAX),))


@pytest.mark.parametrize(
    ("trx", "account", "row"),
    [
        ("", ACCOUNT, AccountRefusal.MISSING_TRX),
        ("", RELOADING, AccountRefusal.MISSING_TRX),
        (RELOAD.trx, ACCOUNT, AccountRefusal.NOT_AUTO_RELOAD),
        (RELOAD.trx, OFF, AccountRefusal.NOT_AUTO_RELOAD),
        ("00X123456Y7890123z", RELOADING, AccountRefusal.TOPUP_FAILED),
    ],
)
def test_what_is_no_top_up(trx: str, account: Account, row: AccountRefusal) -> None:
    """Parameters before state, and the reference to the letter."""
    assert refusal_of(lambda: rules.top_up(trx, account, 0)).row is row


# ---------------------------------------------------------------------------------------------------- auto-reload


@pytest.mark.parametrize(
    ("account", "balance", "low"),
    [
        (ACCOUNT, -1, False),
        (OFF, 0, False),
        (replace(RELOADING, unlimited=True), 0, False),
        (RELOADING, 5 * UNIT, False),
        (RELOADING, 5 * UNIT - 1, True),
        (RELOADING, -1, True),
    ],
)
def test_an_account_is_low_below_its_threshold(account: Account, balance: int, low: bool) -> None:
    """Only while auto-reload is on, and never one that is not debited."""
    assert reload.is_low(account, balance) is low
    assert (reload.next_look(account, balance, MOMENT.now) is not None) is low


@pytest.mark.parametrize(("minutes", "due"), [(0, 6), (1, 6), (5.999, 6), (6, 12), (7, 12)])
def test_looks_are_at_whole_multiples_of_six_minutes(minutes: float, due: int) -> None:
    """However many requests ask for it, the next look is one and the same."""
    look = reload.next_look(RELOADING, 0, MOMENT.now + round(minutes * MINUTE))

    due_at = MOMENT.now + due * MINUTE
    assert look == Timer(
        id=f"auto_reload/main/{due_at}",
        due_at=due_at,
        owner="account",
        what="auto_reload",
        subject="main",
        deadline=True,
    )


def test_a_look_reloads_once_and_looks_again_only_when_that_was_not_enough() -> None:
    """Below the threshold after the reload: six minutes later once more."""
    enough = rules.look(RELOADING, 4 * UNIT, MOMENT)
    not_enough = rules.look(RELOADING, -6 * UNIT, MOMENT)

    credit = Change(counters=(Add("balance/main", 10 * UNIT, ceiling=AMOUNT_MAX),))
    following = reload.next_look(RELOADING, 4 * UNIT, MOMENT.now)
    assert following is not None
    assert enough == credit
    assert not_enough == credit + Change(timers=(following,))


@pytest.mark.parametrize(("account", "balance"), [(ACCOUNT, 0), (OFF, 0), (RELOADING, 5 * UNIT)])
def test_a_look_that_finds_nothing_changes_nothing(account: Account, balance: int) -> None:
    """Somebody paid in, or switched it off."""
    assert rules.look(account, balance, MOMENT) == Change()


# ------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("command", "fresh"),
    [
        (NewSettings(), ()),
        (NewSettings("", ""), ()),
        (NewSettings("http://a.test/in"), ()),
        (NewSettings("http://b.test", "http://b.test"), ("http://b.test",)),
        (NewSettings("http://b.test", "https://c.test:8443/x?y=z"), ("http://b.test", "https://c.test:8443/x?y=z")),
        (NewSettings("http://a.test/dlr", "http://a.test/in"), ("http://a.test/dlr", "http://a.test/in")),
    ],
)
def test_new_urls_are_those_that_a_webhook_did_not_use_before(command: NewSettings, fresh: tuple[str, ...]) -> None:
    """Each once; what is cleared, kept or left out is none."""
    account = replace(ACCOUNT, inbound_url="http://a.test/in", receipt_url="http://a.test/dlr")

    assert rules.new_urls(command, account) == fresh


@pytest.mark.parametrize(
    "url",
    [
        "shop.test/in",
        "ftp://shop.test",
        "http://",
        "http:///in",
        "http://shop.test:0",
        "http://shop.test:99999",
        "http://[::1",
        "http://shop.test/a b",
        "http://shop.test/\x07",
        "http://shop.test/" + "x" * 239,
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    """In either place, and nothing of the rest is kept."""
    for command in (NewSettings(inbound_url=url), NewSettings("http://shop.test", url)):
        urls = refusal_of(partial(rules.new_urls, command, ACCOUNT))
        whole = refusal_of(partial(rules.settings, command, ACCOUNT, FIRST.value, MOMENT))
        assert (urls.row, whole.row) == (AccountRefusal.METHOD_FAILED, AccountRefusal.METHOD_FAILED)


def test_a_url_may_have_255_characters() -> None:
    """And no more: see the refusals."""
    longest = "http://shop.test/" + "x" * 238
    assert len(longest) == 255

    assert rules.new_urls(NewSettings(longest), ACCOUNT) == (longest,)


def test_settings_change_what_is_said_and_nothing_else() -> None:
    """Left out: as it was; empty: cleared; nothing new: no change at all."""
    account = replace(ACCOUNT, inbound_url="http://a.test/in", receipt_url="http://a.test/dlr")

    read = rules.settings(NewSettings(), account, FIRST.value, MOMENT)
    same = rules.settings(NewSettings("http://a.test/in"), account, FIRST.value, MOMENT)
    cleared = rules.settings(NewSettings(inbound_url=""), account, FIRST.value, MOMENT)
    both = rules.settings(NewSettings("http://b.test", "http://c.test"), account, FIRST.value, MOMENT)

    assert (read.change, read.answer) == (Change(), account)
    assert (same.change, same.answer) == (Change(), account)
    assert cleared.answer == replace(account, inbound_url="")
    assert cleared.change == Change(put=(cleared.answer,))
    assert both.answer == replace(account, inbound_url="http://b.test", receipt_url="http://c.test")
    assert both.change == Change(put=(both.answer,))


@pytest.mark.parametrize(
    ("used", "after"),
    [
        (FIRST.value, (replace(FIRST, value="N3wSecret", created_at=MOMENT.now), SECOND)),
        (SECOND.value, (FIRST, replace(SECOND, value="N3wSecret", created_at=MOMENT.now))),
        ("", (replace(FIRST, value="N3wSecret", created_at=MOMENT.now), SECOND)),
    ],
    ids=["by the first", "by the second", "by a signature"],
)
def test_a_new_secret_takes_the_place_of_the_one_that_was_used(used: str, after: tuple[Secret, ...]) -> None:
    """A signed request names none: then the first is replaced."""
    account = replace(ACCOUNT, secrets=(FIRST, SECOND))

    outcome = rules.settings(NewSettings(secret="N3wSecret"), account, used, MOMENT)

    assert outcome.change == Change(put=(replace(account, secrets=after),))


# -------------------------------------------------------------------------------------------------------- secrets

WEAK = ["", "Abcdef1", "A" + "b1" * 12 + "c", "abcdefg1", "ABCDEFG1", "Abcdefgh", "Äbcdefg1", "Abcdefg١"]
STRONG = ["Abcdefg1", "aB3-aB3-aB3-aB3-aB3-aB3-a", "1ABCDEFg", "a B\n3 4 5", "0123456789abcdefABC", "ééééé1aA"]


@pytest.mark.parametrize("value", WEAK)
def test_a_weak_secret_is_refused_in_either_manner(value: str) -> None:
    """8 to 25 characters, one lower-case, one upper-case letter and one digit, all of ASCII."""
    created = refusal_of(lambda: rules.create_secret(value, ACCOUNT, MOMENT))
    replaced = refusal_of(lambda: rules.settings(NewSettings(secret=value), ACCOUNT, FIRST.value, MOMENT))

    assert (created.row, replaced.row) == (SecretRefusal.INVALID_SECRET, AccountRefusal.METHOD_FAILED)


def test_a_request_without_a_secret_is_refused() -> None:
    """As a weak one, and before the count is looked at."""
    full = replace(ACCOUNT, secrets=(FIRST, SECOND))

    assert refusal_of(lambda: rules.create_secret(None, full, MOMENT)).row is SecretRefusal.INVALID_SECRET


@pytest.mark.parametrize("value", STRONG)
def test_a_second_secret_is_added_behind_the_first(value: str) -> None:
    """With a seeded id; the bounds of the length are both in."""
    outcome = rules.create_secret(value, ACCOUNT, MOMENT)

    made = Secret(MOMENT.uuid(Use.SECRET), value, MOMENT.now)
    assert outcome.answer == made
    assert outcome.change == Change(put=(replace(ACCOUNT, secrets=(FIRST, made)),))


def test_a_third_secret_is_refused() -> None:
    """Two at the same time are for rotation."""
    full = replace(ACCOUNT, secrets=(FIRST, SECOND))

    assert refusal_of(lambda: rules.create_secret("Abcdefg1", full, MOMENT)).row is SecretRefusal.EXCESS_SECRET


def test_the_same_secret_may_be_added_twice() -> None:
    """Nothing forbids it."""
    outcome = rules.create_secret(replace(FIRST, value="Abcdefg1").value, ACCOUNT, MOMENT)
    assert [each.value for each in outcome.change.only(Account).secrets] == [FIRST.value, "Abcdefg1"]


def test_a_secret_is_found_by_its_id_only() -> None:
    """Not by its value."""
    account = replace(ACCOUNT, secrets=(FIRST, SECOND))

    assert rules.find_secret(SECOND.id, account) is SECOND
    refused = refusal_of(lambda: rules.find_secret(FIRST.value, account))
    assert (refused.row, refused.facts) == (SecretRefusal.UNKNOWN_ID, {"id": FIRST.value})


def test_revoking_keeps_the_other_secret() -> None:
    """Whichever it is; the last one stays, and an unknown id is named before that."""
    account = replace(ACCOUNT, secrets=(FIRST, SECOND))

    assert rules.revoke_secret(FIRST.id, account).change == Change(put=(replace(account, secrets=(SECOND,)),))
    assert rules.revoke_secret(SECOND.id, account).change == Change(put=(replace(account, secrets=(FIRST,)),))
    assert refusal_of(lambda: rules.revoke_secret(FIRST.id, ACCOUNT)).row is SecretRefusal.LAST_SECRET
    assert refusal_of(lambda: rules.revoke_secret("nobody", ACCOUNT)).row is SecretRefusal.UNKNOWN_ID


def test_only_the_own_key_is_managed() -> None:
    """Every other one is unknown, whoever has it."""
    rules.managed("abcd1234", ACCOUNT)
    refused = refusal_of(lambda: rules.managed("ABCD1234", ACCOUNT))
    assert (refused.row, refused.facts) == (SecretRefusal.UNKNOWN_KEY, {"key": "ABCD1234"})
