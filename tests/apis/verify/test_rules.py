"""The rules by themselves: every phase and every operation, and what only a race or an eviction leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.verify import (
    check_rules,
    control_rules,
    hook_rules,
    rules,
    search_rules,
    timers,
    troubles_rules,
    unblock_rules,
    wire,
    workflow_rules,
)
from fake_nexmo.apis.verify.event_rules import speech
from fake_nexmo.apis.verify.model import (
    MOVES,
    WORKFLOWS,
    Channel,
    Party,
    Phase,
    Sending,
    Start,
    Step,
    Verification,
    VerifyRefusal,
    Ways,
    running,
)
from fake_nexmo.apis.verify.refusal_model import PROBLEMS, ROWS, ProblemRefusal
from fake_nexmo.apis.verify.texts import PAYMENT_LANGUAGES, SPOKEN_IN_ENGLISH
from fake_nexmo.core.change import Add, Change, Free
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.machine import may, step
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import (
    Account,
    Direction,
    Handset,
    Message,
    Part,
    PartStatus,
    Secret,
    SeenCode,
    Timer,
)
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.network.carry import Passage
from fake_nexmo.web.commit import WorldView
from tests.house import House

ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(Secret("1", "s3cr3tS3cr3t", 0),), signature_secret="")
OTHER = replace(ACCOUNT, id="other", api_key="dcba4321")
NUMBER = "447700900101"
ALICE = Handset(id=NUMBER)
PARTY = Party(ACCOUNT, ALICE, 10**9)
WAYS = Ways(price=5_000_000)
NOW = Moment(now=100 * SECOND, ordinal=7, seed=42)
ONE = Verification(
    id="r1",
    account="main",
    number=NUMBER,
    brand="Acme",
    network="23410",
    sender="verify",
    language="en-gb",
    workflow=1,
    code="1234",
    codes=("1234",),
    code_at=0,
    submitted_at=0,
    expiry_s=300,
    sendings=(Sending("m1", Channel.SMS, 0, 3_330_000),),
)
TIMER = Timer(id="verify/r1/event", due_at=125 * SECOND, owner="verify", what="event", subject="r1")
LEG = Leg(
    id="l1",
    owner="verify",
    account="main",
    direction=Direction.OUTBOUND,
    sender="442079460000",
    to=NUMBER,
    network="23410",
    rate=6_000_000,
    created_at=0,
    about="r1",
    extra={"event": 0},
)


def check(one: Verification | None, code: str, moment: Moment = NOW, ways: Ways = WAYS) -> Any:
    return check_rules.check("r1", code, "", one, ACCOUNT, TIMER, ways, moment)


# ------------------------------------------------------------------------------------------------------- state x event

REACHES = {
    Step.CODE_RIGHT: Phase.SUCCESS,
    Step.CODE_WRONG: Phase.IN_PROGRESS,
    Step.TRIES_SPENT: Phase.FAILED,
    Step.SEND: Phase.IN_PROGRESS,
    Step.CANCEL: Phase.CANCELLED,
    Step.TIME_UP: Phase.EXPIRED,
}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("event", Step)
def test_the_state_table(phase: Phase, event: Step) -> None:
    """All that happens, happens in progress; closed is closed."""
    if phase is Phase.IN_PROGRESS:
        assert step(MOVES, phase, event, refusal=VerifyRefusal.CLOSED) is REACHES[event]
        return
    assert not may(MOVES, phase, event)
    with pytest.raises(Refusal):
        step(MOVES, phase, event, refusal=VerifyRefusal.CLOSED)


def right(one: Verification) -> Change:
    return check(one, "1234").change  # type: ignore[no-any-return]


def wrong(one: Verification) -> Change:
    return check(one, "9999").change  # type: ignore[no-any-return]


def spent(one: Verification) -> Change:
    return check(replace(one, tries=2), "9999").change  # type: ignore[no-any-return]


def cancelled(one: Verification) -> Change:
    return control_rules.cancel("r1", one, ACCOUNT, TIMER, NOW).change


def triggered(one: Verification) -> Change:
    return control_rules.trigger("r1", one, PARTY, TIMER, NOW).change


def due(one: Verification) -> Change:
    return control_rules.due(one, PARTY, NOW)


def expired(one: Verification) -> Change:
    return check_rules.expire(one, NOW)


ACTS: list[tuple[Callable[[Verification], Change], Phase, VerifyRefusal | None]] = [
    (right, Phase.SUCCESS, VerifyRefusal.CLOSED),
    (wrong, Phase.IN_PROGRESS, VerifyRefusal.CLOSED),
    (spent, Phase.FAILED, VerifyRefusal.CLOSED),
    (cancelled, Phase.CANCELLED, VerifyRefusal.NOT_ACTIVE),
    (triggered, Phase.IN_PROGRESS, VerifyRefusal.NOT_ACTIVE),
    (due, Phase.IN_PROGRESS, None),
    (expired, Phase.EXPIRED, None),
]


@pytest.mark.parametrize(("act", "reached", "refusal"), ACTS, ids=[each[0].__name__ for each in ACTS])
@pytest.mark.parametrize("phase", Phase)
def test_every_operation_in_every_phase(
    phase: Phase, act: Callable[[Verification], Change], reached: Phase, refusal: VerifyRefusal | None
) -> None:
    """In progress it moves; else an operation is refused and a timer does nothing."""
    one = replace(ONE, phase=phase)
    if phase is not Phase.IN_PROGRESS:
        if refusal is None:
            assert act(one) == Change()
        else:
            with pytest.raises(Refusal) as raised:
                act(one)
            assert raised.value.row is refusal
        return
    change = act(one)
    [after] = [each for each in change.put if isinstance(each, Verification)]
    ended = reached is not Phase.IN_PROGRESS
    assert after.phase is reached
    assert after.finalized_at == (NOW.now if ended else None)
    assert change.claims == ((Free(running("main", NUMBER), "r1"),) if ended else ())
    # The event that falls due is dropped by who carries it out, and a wrong code leaves it as it is.
    assert change.drop == ((TIMER,) if act in {right, spent, cancelled, triggered} else ())


def test_a_wrong_code_is_counted_and_written_down() -> None:
    """Two may be mended; the third closes it, and its refusal is the answer."""
    one, rows = ONE, []
    for _ in range(3):
        outcome = check(one, "9999")
        rows.append(outcome.answer.row)
        [one] = [each for each in outcome.change.put if isinstance(each, Verification)]
    assert rows == [VerifyRefusal.WRONG_CODE] * 2 + [VerifyRefusal.TRIES_SPENT]
    assert (one.tries, len(one.checks), one.phase) == (3, 3, Phase.FAILED)


def test_a_right_code_is_paid_for() -> None:
    """Unless the account is not debited."""
    assert check(ONE, "1234").change.counters == (Add("balance/main", -5_000_000),)
    free = replace(ACCOUNT, unlimited=True)
    assert check_rules.check("r1", "1234", "", ONE, free, None, WAYS, NOW).change.counters == ()


@pytest.mark.parametrize("one", [None, replace(ONE, account="other")])
def test_what_is_nobodys_or_anothers(one: Verification | None) -> None:
    """Is unknown to every operation."""
    for act, row in (
        (lambda: check(one, "1234"), VerifyRefusal.CLOSED),
        (lambda: control_rules.cancel("r1", one, ACCOUNT, None, NOW), VerifyRefusal.NOT_ACTIVE),
        (lambda: control_rules.trigger("r1", one, PARTY, None, NOW), VerifyRefusal.NOT_ACTIVE),
        (lambda: search_rules.found([one], ACCOUNT, WAYS, NOW), VerifyRefusal.NOT_FOUND),
    ):
        with pytest.raises(Refusal) as raised:
            act()
        assert raised.value.row is row


async def test_a_price_whose_verification_or_call_is_kept_no_longer(house: House) -> None:
    """Is written nowhere: retention lets go of what is over."""
    timer = Timer(id="t1", due_at=0, owner="verify", what="paid", subject="r1")
    assert (await timers.paid(WorldView(house.store, "default"), timer, NOW)).change == Change()
    assert hook_rules.paid(ONE, 0, None) == Change()


# ----------------------------------------------------------------------------------------------------------- the hooks


@pytest.mark.parametrize("status", LegStatus)
@pytest.mark.parametrize("machine", [True, False])
def test_what_a_call_leads_to(status: LegStatus, machine: bool) -> None:
    """A person who answers has heard the code; one that ended after an answer has a price."""
    leg = replace(LEG, status=status, machine=machine, answered_at=0, ended_at=60 * SECOND)
    timers = hook_rules.on_leg(leg, ACCOUNT, NOW).timers
    whats = {(LegStatus.ANSWERED, False): ["seen"], (LegStatus.COMPLETED, machine): ["paid"]}
    assert [each.what for each in timers] == whats.get((status, machine), [])
    assert all((each.due_at, each.subject, each.k, each.owner) == (NOW.now, "r1", 0, "verify") for each in timers)


def test_a_call_that_cost_nothing_is_not_paid() -> None:
    """Nothing is to be written down."""
    leg = replace(LEG, status=LegStatus.COMPLETED)
    assert hook_rules.on_leg(leg, ACCOUNT, NOW) == Change()


def test_a_price_is_put_to_its_event() -> None:
    """And to no other."""
    one = replace(ONE, sendings=(*ONE.sendings, Sending("l1", Channel.TTS, SECOND, 0)))
    leg = replace(LEG, answered_at=0, ended_at=30 * SECOND)
    [after] = hook_rules.paid(one, 1, leg).put
    assert isinstance(after, Verification)
    assert [each.price for each in after.sendings] == [3_330_000, 3_000_000]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_message_that_arrived_was_seen(arrived: bool) -> None:
    """As a whole, not by a part of it."""
    message = Message(
        id="m1",
        owner="verify",
        account="main",
        direction=Direction.OUTBOUND,
        sender="verify",
        to=NUMBER,
        type="text",
        text="",
        parts=(Part("m1", PartStatus.DELIVERED, "0", 0),),
        network="23410",
        price=0,
        submitted_at=0,
        about="r1",
        extra={"event": 1},
    )
    timers = hook_rules.on_message(Passage(message, 0, arrived), ACCOUNT, NOW, None).timers
    assert [(each.what, each.subject, each.k) for each in timers] == ([("seen", "r1", 1)] if arrived else [])


# ------------------------------------------------------------------------------------------------ events and their laws


def test_the_phone_has_seen_the_newest_code() -> None:
    """The record is replaced, never made twice."""
    had = SeenCode(id=NUMBER, code="0000", about="r0", at=1, version=4)
    change = control_rules.due(ONE, replace(PARTY, seen=had), NOW)
    [seen] = [each for each in change.put if isinstance(each, SeenCode)]
    assert (seen.id, seen.code, seen.about, seen.at, seen.version) == (NUMBER, "1234", "r1", NOW.now, 4)


def test_a_new_code_is_none_that_was_there_before() -> None:
    """Whatever the dice say first."""
    stale = replace(ONE, code_at=-300 * SECOND)
    drawn = workflow_rules.renewed(stale, ACCOUNT, ALICE, NOW).code
    again = workflow_rules.renewed(replace(stale, codes=(drawn,)), ACCOUNT, ALICE, NOW).code
    assert drawn != again


def test_a_fixed_code_stays_what_it_is() -> None:
    """A new one is the same one; attempts are counted anew all the same."""
    stale = replace(ONE, code_at=-300 * SECOND, tries=2)
    phone = replace(ALICE, rest={"code": "7777"})
    first = workflow_rules.renewed(stale, replace(ACCOUNT, code="5555"), phone, NOW)
    assert (first.codes, first.tries) == (("1234", "7777"), 0)
    assert workflow_rules.renewed(stale, replace(ACCOUNT, code="5555"), ALICE, NOW).code == "5555"


@given(
    workflow=st.sampled_from(sorted(WORKFLOWS)),
    expiry=st.integers(60, 3600),
    wait=st.none() | st.integers(60, 900),
    supplied=st.booleans(),
)
def test_every_verification_ends(workflow: int, expiry: int, wait: int | None, supplied: bool) -> None:
    """It waits for one timer at a time, always ahead; ends with its last code; and no code is sent when it is stale."""
    one = replace(
        ONE,
        workflow=workflow,
        expiry_s=expiry,
        wait_s=wait,
        supplied=supplied,
        sendings=(),
        codes=(),
        phase=Phase.IN_PROGRESS,
    )
    now, told = 0, []
    for ordinal in range(4):
        change = control_rules.due(one, PARTY, Moment(now, ordinal, 42))
        [one] = [each for each in change.put if isinstance(each, Verification)]
        [timer] = [each for each in change.timers if each.owner == "verify"]
        told.append(now)
        assert timer.id == workflow_rules.timer_id(one)
        assert timer.due_at > now
        assert not workflow_rules.is_stale(one, now)
        now = timer.due_at
        if timer.what == "expiry":
            break
    assert timer.deadline
    assert len(told) == len(WORKFLOWS[workflow].channels)
    assert now == one.code_at + expiry * SECOND
    [over] = [each for each in check_rules.expire(one, Moment(now, 9, 42)).put if isinstance(each, Verification)]
    assert over.phase is Phase.EXPIRED


def test_workflows_have_a_wait_between_any_two_events() -> None:
    """One less than events; source: reference verify §9.1."""
    for workflow in WORKFLOWS.values():
        assert len(workflow.waits_s) == len(workflow.channels) - 1


# ----------------------------------------------------------------------------------------------------------- the tables


@pytest.mark.parametrize("row", VerifyRefusal)
def test_every_row_is_worded(row: VerifyRefusal) -> None:
    """With a status and a text, in either era, whatever asks for it."""
    facts = {"id": "r1", "name": "number", "network": "23410"}
    for profile in ("current", "2020"):
        text = wire.error_text(row, facts, starting=False, platform="Vonage", profile=profile)
        said = wire.refused(row, facts, text, profile)
        assert said["status"] == ROWS[row].status
        assert said["error_text"] == text
        assert "{" not in text


@pytest.mark.parametrize("row", ProblemRefusal)
def test_every_problem_is_worded(row: ProblemRefusal) -> None:
    """With an HTTP status of its own kind."""
    assert 400 <= PROBLEMS[row].status <= 500


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ((), "0.00000"),
        ((4_675_000,), "0.04675"),
        ((4_675_000, 4_675_000), "0.09350"),
        ((4_675_001,), "0.04675001"),
        ((4_675_001, 999), "0.04676"),
        ((100_000_000,), "1.00000"),
    ],
)
def test_the_price_of_messages(prices: tuple[int, ...], said: str) -> None:
    """Five decimals, or eight where five do not say it all."""
    sendings = tuple(Sending("m", Channel.SMS, 0, price) for price in prices)
    assert wire.messages_price(replace(ONE, sendings=sendings)) == said


@pytest.mark.parametrize(
    ("operation", "name", "row"),
    [
        ("verify.start", "not_found", VerifyRefusal.UNROUTABLE),
        ("verify.psd2", "not_found", VerifyRefusal.UNROUTABLE),
        ("verify.check", "not_found", VerifyRefusal.CLOSED),
        ("verify.control", "not_found", VerifyRefusal.NOT_ACTIVE),
        ("verify.search", "not_found", VerifyRefusal.NOT_FOUND),
        ("verify.search", "no_block", VerifyRefusal.INTERNAL),
        ("verify.check", "barred", VerifyRefusal.BARRED),
        ("verify.check", "unavailable", VerifyRefusal.INTERNAL),
        ("verify.unblock_network", "barred", ProblemRefusal.FORBIDDEN),
        ("verify.unblock_network", "wrong_code", ProblemRefusal.SERVER_ERROR),
        ("verify.templates", "bad_credentials", ProblemRefusal.UNAUTHORIZED),
    ],
)
def test_troubles_by_operation(operation: str, name: str, row: object) -> None:
    """The same word is another row of another operation."""
    assert troubles_rules.refusal(operation, name, {}).row is row


def test_a_block_is_lifted_again_when_its_time_is_over() -> None:
    """The record is replaced."""
    outcome = unblock_rules.unblock("23410", 60, ("23410",), None, ACCOUNT, NOW)
    [lifted] = outcome.change.put
    assert outcome.answer == NOW.now + 60 * SECOND
    with pytest.raises(Refusal):
        unblock_rules.unblock("23410", 60, ("23410",), lifted, ACCOUNT, NOW)  # type: ignore[arg-type]
    later = replace(NOW, now=NOW.now + 60 * SECOND)
    again = unblock_rules.unblock("23410", 60, ("23410",), lifted, ACCOUNT, later)  # type: ignore[arg-type]
    assert again.answer == NOW.now + 120 * SECOND


# -------------------------------------------------------------------------------------------------------------- races


@pytest.mark.parametrize(("way", "floor"), [("started", WAYS.price), ("triggered", 0), ("due", None)])
def test_an_event_leaves_what_it_must_of_a_balance_that_others_use(way: str, floor: int | None) -> None:
    """The price of the verification itself, or nothing; one that falls due by itself runs whatever is left."""
    one = replace(ONE, workflow=4)
    if way == "started":
        change = rules.start(rules.plan(Start(NUMBER, "Acme", workflow="4"), WAYS), PARTY, WAYS, NOW).change
    elif way == "triggered":
        change = control_rules.trigger("r1", one, PARTY, TIMER, NOW).change
    else:
        change = control_rules.due(one, PARTY, NOW)
    assert change.counters == (Add(ACCOUNT.balance, -3_330_000, floor=floor),)


@pytest.mark.parametrize("language", sorted(PAYMENT_LANGUAGES))
def test_payments_are_spoken_in_english_where_the_service_speaks_no_other(language: str) -> None:
    """Their messages are in the language itself."""
    spoken = speech(replace(ONE, language=language, amount="1.00", brand="Shop"))
    assert spoken.language == ("en-gb" if language in SPOKEN_IN_ENGLISH else language)
