"""What the SMS API decides, as pure functions: the change it makes, whole, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.sms import rules
from fake_nexmo.apis.sms.model import Send, Sent, SmsRefusal
from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import (
    Account,
    Direction,
    Event,
    Handset,
    Message,
    Part,
    PartStatus,
    Secret,
    Timer,
    Trouble,
)
from fake_nexmo.core.refusal import Refusal

NOW = 1_767_225_600_250_000
MOMENT = Moment(NOW, 7, 42)
PRICE = 3_330_000
ACCOUNT = Account(id="main", api_key="k", secrets=(Secret("1", "s", 0),), signature_secret="x")
SEND = Send(sender="Acme", to="447700900001", type="text", text="Hi")
PLENTY = 10**10
PHONE = Handset(id="447700900001")


def send(
    command: Send = SEND,
    account: Account = ACCOUNT,
    balance: int = PLENTY,
    in_second: int = 0,
    moment: Moment = MOMENT,
    phone: Handset = PHONE,
    submissions: int = 0,
) -> tuple[Change, Sent]:
    """An accepted message: the change and the answer's facts."""
    outcome = rules.send(command, account, phone, balance, in_second, moment, submissions=submissions)
    assert isinstance(outcome.answer, Sent)
    return outcome.change, outcome.answer


def refusal(
    command: Send = SEND, account: Account = ACCOUNT, balance: int = PLENTY, in_second: int = 0
) -> tuple[SmsRefusal, dict[str, object]]:
    """Row and facts of a message that must be refused."""
    with pytest.raises(Refusal) as refused:
        rules.send(command, account, PHONE, balance, in_second, MOMENT)
    row = refused.value.row
    assert isinstance(row, SmsRefusal)
    return row, refused.value.facts


def test_an_accepted_message_is_one_change() -> None:
    """Stored, charged, and each part's fate set on the clock; nothing else."""
    command = Send(
        sender="Acme",
        to="447700900001",
        type="unicode",
        text="ż" * 71,
        callback="https://shop.test/dlr",
        ttl="20000",
        message_class="0",
        network_code="23410",
        client_ref="order-77",
        account_ref="shop",
    )

    change, sent = send(command)

    first, second = MOMENT.message_id(0), MOMENT.message_id(1)
    message = Message(
        id=first,
        owner="sms",
        account="main",
        direction=Direction.OUTBOUND,
        sender="Acme",
        to="447700900001",
        type="unicode",
        text="ż" * 71,
        parts=(
            Part(first, PartStatus.SUBMITTED, "0", NOW),
            Part(second, PartStatus.SUBMITTED, "0", NOW),
        ),
        network="23410",
        price=PRICE,
        submitted_at=NOW,
        receipt_url="https://shop.test/dlr",
        client_ref="order-77",
        account_ref="shop",
        ttl_ms=20000,
        message_class=0,
    )
    assert sent == Sent(message, unlimited=False)
    assert change == Change(
        put=(message,),
        counters=(Add("balance/main", -2 * PRICE, floor=0),),
        timers=(
            Timer(due_at=NOW + 1_000_000, owner="network", what="receipt", subject=first, k=0),
            Timer(due_at=NOW + 1_000_000, owner="network", what="receipt", subject=first, k=1),
        ),
        log=(Event(at=NOW, name="message.submitted", about=first, account="main", number="447700900001"),),
    )


def test_ids_can_be_uuids() -> None:
    """The message is known by its first part, as ever; source: reference sms §6."""
    outcome = rules.send(replace(SEND, text="A" * 161), ACCOUNT, PHONE, PLENTY, 0, MOMENT, uuids=True)

    assert isinstance(outcome.answer, Sent)
    message = outcome.answer.message
    assert [part.id for part in message.parts] == [MOMENT.uuid(Use.MESSAGE, 0), MOMENT.uuid(Use.MESSAGE, 1)]
    assert message.id == message.parts[0].id


def test_the_smallest_message_leaves_everything_open() -> None:
    """What was not said is not made up."""
    _, sent = send()

    assert (sent.message.receipt_url, sent.message.client_ref, sent.message.account_ref) == ("", "", "")
    assert (sent.message.ttl_ms, sent.message.message_class) == (None, None)


@pytest.mark.parametrize(
    ("limit", "unlimited", "counters"),
    [
        (None, False, (Add("balance/main", -PRICE, floor=0),)),
        (None, True, ()),
        (30, True, (Add("rate/sms/main/1767225600", 1, ceiling=30, until_at=1_767_225_601_000_000),)),
        (
            1,
            False,
            (
                Add("balance/main", -PRICE, floor=0),
                Add("rate/sms/main/1767225600", 1, ceiling=1, until_at=1_767_225_601_000_000),
            ),
        ),
    ],
)
def test_money_and_throughput_are_guarded_by_the_commit(
    limit: int | None, unlimited: bool, counters: tuple[Add, ...]
) -> None:
    """A balance never falls below zero, and a second never holds more than its limit, whoever else is writing."""
    change, sent = send(account=replace(ACCOUNT, sms_limit=limit, unlimited=unlimited))

    assert change.counters == counters
    assert sent.unlimited is unlimited


def test_an_unlimited_account_needs_no_balance() -> None:
    """Not even a balance below zero stops it."""
    change, _ = send(account=replace(ACCOUNT, unlimited=True), balance=-1)
    assert change.put


@given(now=st.integers(0, 10**16))
def test_a_second_has_one_counter(now: int) -> None:
    """The same for every instant in it, another for the next."""
    name = rules.rate_of(ACCOUNT, now)
    start = now - now % 1_000_000
    assert name == rules.rate_of(ACCOUNT, start) == rules.rate_of(ACCOUNT, start + 999_999)
    assert name != rules.rate_of(ACCOUNT, start + 1_000_000)
    assert name != rules.rate_of(replace(ACCOUNT, id="other"), now)


@pytest.mark.parametrize(
    ("command", "row", "facts"),
    [
        (replace(SEND, sender=""), SmsRefusal.MISSING_FROM, {}),
        (replace(SEND, to=""), SmsRefusal.MISSING_TO, {}),
        (replace(SEND, text=""), SmsRefusal.MISSING_TEXT, {}),
        (replace(SEND, text="", type="unicode"), SmsRefusal.MISSING_TEXT, {}),
        (replace(SEND, text="", type="fax"), SmsRefusal.INVALID_TYPE, {}),
        (replace(SEND, type="TEXT"), SmsRefusal.INVALID_TYPE, {}),
        (replace(SEND, to="+447700900001"), SmsRefusal.NOT_NUMERIC, {}),
        (replace(SEND, to="4477009००००1"), SmsRefusal.NOT_NUMERIC, {}),
        (replace(SEND, ttl="19999"), SmsRefusal.INVALID_TTL, {}),
        (replace(SEND, ttl="604800001"), SmsRefusal.INVALID_TTL, {}),
        (replace(SEND, ttl="9" * 5000), SmsRefusal.INVALID_TTL, {}),
        (replace(SEND, ttl="٢٠٠٠٠"), SmsRefusal.INVALID_TTL, {}),
        (replace(SEND, message_class="4"), SmsRefusal.INVALID_CLASS, {}),
        (replace(SEND, message_class="-0"), SmsRefusal.INVALID_CLASS, {}),
        (replace(SEND, callback="shop.test"), SmsRefusal.CALLBACK_PROTOCOL, {}),
        (replace(SEND, callback="mailto:a@shop.test"), SmsRefusal.CALLBACK_PROTOCOL, {}),
        (replace(SEND, callback="ftp://shop.test"), SmsRefusal.INVALID_CALLBACK, {}),
        (replace(SEND, callback="://shop.test"), SmsRefusal.INVALID_CALLBACK, {}),
        (replace(SEND, callback="http:///dlr"), SmsRefusal.INVALID_CALLBACK, {}),
        (replace(SEND, callback="http://shop.test:99999/"), SmsRefusal.INVALID_CALLBACK, {}),
        (replace(SEND, callback="http://[/"), SmsRefusal.INVALID_CALLBACK, {}),
        (replace(SEND, network_code="abc"), SmsRefusal.INVALID_NETWORK, {}),
        (replace(SEND, network_code="२३४"), SmsRefusal.INVALID_NETWORK, {}),
        (replace(SEND, to="0"), SmsRefusal.UNROUTABLE, {"to": "0"}),
        (replace(SEND, text="A" * 3201), SmsRefusal.TOO_LONG, {}),
        (replace(SEND, text="A" * 3201, type="unicode"), SmsRefusal.TOO_LONG, {}),
    ],
)
def test_what_is_refused_and_with_which_facts(command: Send, row: SmsRefusal, facts: dict[str, object]) -> None:
    """One case for each branch of reference sms §5."""
    assert refusal(command) == (row, facts)


@pytest.mark.parametrize(("kind", "text"), [("text", "A" * 3200), ("unicode", "😀" * 3200), ("text", "€" * 3200)])
def test_the_longest_text_has_an_id_for_every_part(kind: str, text: str) -> None:
    """3200 characters, however many units they take; source: reference sms §8.2."""
    _, sent = send(replace(SEND, type=kind, text=text))

    parts = {"A": 21, "😀": 97, "€": 43}[text[0]]
    assert len({part.id for part in sent.message.parts}) == len(sent.message.parts) == parts


def test_a_throttled_message_says_how_long_to_wait() -> None:
    """Milliseconds to the next second, rounded up, never zero; source: reference sms §7 (A)."""
    limited = replace(ACCOUNT, sms_limit=2)

    assert refusal(account=limited, in_second=2) == (
        SmsRefusal.THROTTLED,
        {"to": "447700900001", "network": "23410", "wait_ms": 750},
    )
    assert refusal(replace(SEND, to="0"), limited, in_second=9)[1] == {"to": "0", "network": None, "wait_ms": 750}
    for past, wait in ((0, 1000), (1, 1000), (999, 1000), (1000, 999), (999_000, 1), (999_999, 1)):
        with pytest.raises(Refusal) as refused:
            rules.send(SEND, limited, PHONE, PLENTY, 2, Moment(1_000_000 + past, 1, 1))
        assert refused.value.facts["wait_ms"] == wait
    assert send(account=limited, in_second=1)[0].put


def test_a_message_that_costs_too_much_is_refused_whole() -> None:
    """With the balance as it is and the price of one part; source: reference sms §8.3."""
    two = replace(SEND, text="A" * 161)

    assert refusal(two, balance=2 * PRICE - 1) == (
        SmsRefusal.NO_CREDIT,
        {"to": "447700900001", "balance": 2 * PRICE - 1, "price": PRICE, "network": "23410"},
    )
    assert send(two, balance=2 * PRICE)[0].counters == (Add("balance/main", -2 * PRICE, floor=0),)


@pytest.mark.parametrize(
    ("callback", "account_url", "wanted", "fixed"),
    [
        ("http://a.test/", "http://b.test/", True, "http://a.test/"),
        ("", "http://b.test/", True, "http://b.test/"),
        ("http://a.test/", "", True, "http://a.test/"),
        ("", "", True, ""),
        ("http://a.test/", "http://b.test/", False, ""),
    ],
)
def test_where_receipts_go_is_fixed_at_submission(callback: str, account_url: str, wanted: bool, fixed: str) -> None:
    """The request's URL, else the account's, unless receipts are off; source: reference sms §10.1, webhooks §4."""
    command = replace(SEND, callback=callback, wants_receipt=wanted)

    _, sent = send(command, replace(ACCOUNT, receipt_url=account_url))

    assert sent.message.receipt_url == fixed


def test_a_ported_phone_is_reached_in_its_own_network() -> None:
    """At the price of its digits; source: reference sms §8.3, "ported numbers may differ" (B)."""
    _, sent = send(phone=replace(PHONE, network="23420"))

    assert (sent.message.network, sent.message.price) == ("23420", PRICE)


@pytest.mark.parametrize("before", range(5))
def test_a_phone_refuses_the_submissions_that_it_names(before: int) -> None:
    """The second and the third; every submission to such a phone counts, a refused one too, and costs nothing."""
    phone = replace(PHONE, submission=Trouble("number_barred", 2, 3))

    outcome = rules.send(SEND, ACCOUNT, phone, PLENTY, 0, MOMENT, submissions=before)

    guard = before + 1 if before < 3 else None
    counted = Add("submissions/447700900001", 1, floor=guard, ceiling=guard)
    if before in {1, 2}:
        assert outcome.change == Change(counters=(counted,))
        assert isinstance(outcome.answer, Refusal)
        assert (outcome.answer.row, outcome.answer.facts["to"]) == (SmsRefusal.NUMBER_BARRED, "447700900001")
    else:
        assert isinstance(outcome.answer, Sent)
        assert outcome.change.counters == (counted, Add("balance/main", -PRICE, floor=0))


@pytest.mark.parametrize(
    ("command", "in_second", "row"),
    [
        (replace(SEND, text=""), 0, SmsRefusal.MISSING_TEXT),
        (replace(SEND, ttl="1"), 0, SmsRefusal.INVALID_TTL),
        (SEND, 1, SmsRefusal.THROTTLED),
    ],
)
def test_what_is_refused_before_the_phone_is_reached_is_no_submission_to_it(
    command: Send, in_second: int, row: SmsRefusal
) -> None:
    """Presence, form and throughput come first, and raise: nothing is counted."""
    phone = replace(PHONE, submission=Trouble("no_credit"))

    with pytest.raises(Refusal) as refused:
        rules.send(command, replace(ACCOUNT, sms_limit=1), phone, PLENTY, in_second, MOMENT)

    assert refused.value.row is row


def test_what_a_phone_refuses_comes_before_length_and_balance() -> None:
    """Routing is checked first; source: reference sms §5.1 (D)."""
    phone = replace(PHONE, submission=Trouble("number_barred"))

    outcome = rules.send(replace(SEND, text="A" * 3201), ACCOUNT, phone, 0, 0, MOMENT)

    assert isinstance(outcome.answer, Refusal)
    assert outcome.answer.row is SmsRefusal.NUMBER_BARRED


@given(
    command=st.builds(
        Send,
        sender=st.sampled_from(["", "Acme"]),
        to=st.sampled_from(["", "x", "0", "447700900001", "12015550101"]),
        type=st.sampled_from(["text", "unicode", "fax"]),
        text=st.sampled_from(["", "Hi", "€" * 200, "A" * 3201]),
        ttl=st.sampled_from(["", "1", "20000"]),
        message_class=st.sampled_from(["", "0", "9"]),
        callback=st.sampled_from(["", "x", "ftp://x", "http://x"]),
        network_code=st.sampled_from(["", "x", "23410"]),
    ),
    balance=st.integers(0, 10**8),
    in_second=st.integers(0, 3),
    limit=st.none() | st.integers(0, 3),
)
def test_a_decision_is_a_refusal_or_a_whole_message(
    command: Send, balance: int, in_second: int, limit: int | None
) -> None:
    """The same twice; if accepted, as much is charged as the parts cost, and no more than was there."""
    account = replace(ACCOUNT, sms_limit=limit)

    def decide() -> object:
        try:
            return rules.send(command, account, PHONE, balance, in_second, MOMENT)
        except Refusal as refused:
            return refused.row, refused.facts

    assert decide() == decide()
    try:
        outcome = rules.send(command, account, PHONE, balance, in_second, MOMENT)
    except Refusal:
        return
    assert isinstance(outcome.answer, Sent)
    message = outcome.answer.message
    paid = outcome.change.counters[0]
    assert isinstance(paid, Add)
    assert 0 < -paid.delta == message.price * len(message.parts) <= balance
    assert [timer.k for timer in outcome.change.timers] == list(range(len(message.parts)))
