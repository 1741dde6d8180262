"""Carrying a message to a phone and back: the table of a part's moves, and the changes of each step."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import HOUR, SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import (
    Direction,
    Event,
    Handset,
    Message,
    Mischief,
    Number,
    Part,
    PartStatus,
    Reaction,
    SmsStep,
    Timer,
    Waiting,
)
from fake_nexmo.handsets.characters import person
from fake_nexmo.network import carry
from fake_nexmo.network.carry import Passage
from tests import people
from tests.people import CHARACTERS

SUBMITTED, ACCEPTED, BUFFERED, DELIVERED, FAILED, REJECTED, EXPIRED, UNKNOWN = PartStatus
FINAL = (DELIVERED, FAILED, REJECTED, EXPIRED, UNKNOWN)

# Every path that reference sms §10.1 draws (B); what is not here must not happen.
PATHS = {
    (SUBMITTED, ACCEPTED),
    (SUBMITTED, BUFFERED),
    (SUBMITTED, DELIVERED),
    (SUBMITTED, FAILED),
    (SUBMITTED, REJECTED),
    (SUBMITTED, EXPIRED),
    (SUBMITTED, UNKNOWN),
    (ACCEPTED, DELIVERED),
    (ACCEPTED, FAILED),
    (ACCEPTED, EXPIRED),
    (BUFFERED, DELIVERED),
    (BUFFERED, EXPIRED),
    (BUFFERED, FAILED),
}
NOW = 1_767_225_600_000_000
MOMENT = Moment(NOW, 7, 42)
LATER = Moment(NOW + SECOND, 8, 42)
TO = "447700900101"
PHONE = Handset(id=TO)
OFF = Handset(id=TO, power=False, version=4)
BAD = Mischief("twice", repeat=2)


def message(*statuses: PartStatus, **facts: Any) -> Message:
    """A message whose parts have got this far."""
    return Message(
        **{
            "id": "m0",
            "version": 1,
            "owner": "sms",
            "account": "main",
            "direction": Direction.OUTBOUND,
            "sender": "Acme",
            "to": TO,
            "type": "text",
            "text": "Hi",
            "parts": tuple(Part(f"m{k}", status, "0", NOW) for k, status in enumerate(statuses)),
            "network": "23410",
            "price": 3_330_000,
            "submitted_at": NOW,
            **facts,
        }
    )


def due(step: int = 0, k: int = 0, at: int = LATER.now, mischief: Mischief | None = None) -> Timer:
    """The timer of a part's step."""
    return Timer(due_at=at, owner="network", what="receipt", subject="m0", k=k, step=step, mischief=mischief)


def ends(k: int = 0, at: int = NOW + 72 * HOUR, mischief: Mischief | None = None) -> Timer:
    """The timer that ends a part."""
    return Timer(
        id=f"expiry/m0/{k}",
        due_at=at,
        owner="network",
        what="expiry",
        subject="m0",
        k=k,
        mischief=mischief,
        deadline=True,
    )


def moved(before: Message, k: int, status: PartStatus, err_code: str = "0", at: int = LATER.now) -> Message:
    """The message with one part moved."""
    part = Part(before.parts[k].id, status, err_code, at)
    return replace(before, parts=(*before.parts[:k], part, *before.parts[k + 1 :]))


def event(name: str, at: int = LATER.now) -> Event:
    """An event about the message and its person."""
    return Event(at=at, name=name, about="m0", account="main", number=TO)


def saying(*receipts: Reaction, **facts: Any) -> Handset:
    """A phone with these receipts."""
    return Handset(id=TO, receipts=receipts, **facts)


NOTHING: Outcome[Passage | None] = Outcome(Change(), None)


@pytest.mark.parametrize("state", PartStatus)
@pytest.mark.parametrize("event_", PartStatus)
def test_every_move_of_a_part(state: PartStatus, event_: PartStatus) -> None:
    """What the reference draws is in the table, and leads where it says; nothing else is."""
    assert (event_ in carry.MOVES[state]) == ((state, event_) in PATHS)
    if (state, event_) in PATHS:
        assert carry.MOVES[state][event_] is event_


def test_the_table_is_complete() -> None:
    """Every state has its row, and every move leads to a state."""
    assert set(carry.MOVES) == set(PartStatus)
    assert {each for row in carry.MOVES.values() for each in row.values()} <= set(PartStatus)


@given(events=st.lists(st.sampled_from(PartStatus)))
def test_final_stays_final(events: list[PartStatus]) -> None:
    """However the network talks, a part that came to its end does not move, and it gets there in two steps."""
    state, steps = SUBMITTED, 0
    for each in events:
        following = carry.MOVES[state].get(each)
        if following is not None:
            state, steps = following, steps + 1
    assert steps <= 2
    if state in FINAL:
        assert carry.MOVES[state] == {}


# ------------------------------------------------------------------------------------------------------ submission


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("mischief", [None, BAD], ids=["", "mischief"])
def test_a_submission_sets_the_fate_of_each_part(parts: int, mischief: Mischief | None) -> None:
    """The message is stored as it is; one timer a part, a second from now; one event."""
    sent = message(*[SUBMITTED] * parts)

    assert carry.submit(sent, PHONE, MOMENT, mischief) == Change(
        put=(sent,),
        timers=tuple(due(k=k, mischief=mischief) for k in range(parts)),
        log=(event("message.submitted", NOW),),
    )


def test_the_first_step_that_the_dice_take_is_set_on_the_clock() -> None:
    """Apart for each part; with none, what is left is the end of its life."""
    flaky = saying(Reaction(5, FAILED, "1", 0.5), Reaction(9, DELIVERED, "0", 0.5))
    sent = message(*[SUBMITTED] * 40)

    timers = carry.submit(sent, flaky, MOMENT).timers

    assert [timer.k for timer in timers] == list(range(40))
    assert set(timers) == {
        *(due(0, timer.k, NOW + 5) for timer in timers if timer.step == 0 and timer.what == "receipt"),
        *(due(1, timer.k, NOW + 9) for timer in timers if timer.step == 1),
        *(ends(timer.k) for timer in timers if timer.what == "expiry"),
    }
    assert {(timer.what, timer.step) for timer in timers} == {("receipt", 0), ("receipt", 1), ("expiry", 0)}


@pytest.mark.parametrize(
    ("ttl_ms", "after", "timer"),
    [
        (20_000, 20 * SECOND, due(at=NOW + 20 * SECOND)),
        (20_000, 20 * SECOND + 1, ends(at=NOW + 20 * SECOND)),
        (None, 72 * HOUR, due(at=NOW + 72 * HOUR)),
        (None, 72 * HOUR + 1, ends()),
    ],
)
def test_what_comes_after_the_life_of_a_message_is_its_expiry(ttl_ms: int | None, after: int, timer: Timer) -> None:
    """72 hours where the sender does not say; source: reference sms §5, ttl (B)."""
    sent = message(SUBMITTED, ttl_ms=ttl_ms)

    assert carry.submit(sent, saying(Reaction(after, DELIVERED, "0")), MOMENT).timers == (timer,)


def test_a_receipt_that_comes_before_the_response_is_due_at_once() -> None:
    """The first one; the steps after it keep their time."""
    early = Mischief("early", before_response=True)
    phone = saying(Reaction(5, ACCEPTED, "0"), Reaction(9, DELIVERED, "0"))
    sent = message(SUBMITTED)

    assert carry.submit(sent, phone, MOMENT, early).timers == (due(at=NOW, mischief=early),)
    first = carry.receipt(sent, due(at=NOW, mischief=early), phone, None, None, MOMENT)
    assert first.change.timers == (due(1, at=NOW + 9, mischief=early),)


# -------------------------------------------------------------------------------------------------------- receipts


@pytest.mark.parametrize("state", PartStatus)
@pytest.mark.parametrize("status", PartStatus)
def test_a_receipt_moves_a_part_where_the_table_allows_it(state: PartStatus, status: PartStatus) -> None:
    """A part that is final stays; one that cannot take this step lives on until the next, or its expiry."""
    before = message(state)
    phone = saying(Reaction(SECOND, status, "7"))

    outcome = carry.receipt(before, due(), phone, None, None, LATER)

    if state in FINAL:
        assert outcome == NOTHING
        return
    if (state, status) not in PATHS:
        assert outcome == Outcome(Change(timers=(ends(),)), None)
        return
    after = moved(before, 0, status, "7")
    told = {DELIVERED: (event("message.delivered"),), ACCEPTED: (), BUFFERED: ()}.get(
        status, (event("message.failed"),)
    )
    timers = (ends(),) if status in {ACCEPTED, BUFFERED} else ()
    assert outcome.answer == Passage(after, 0, arrived=status is DELIVERED)
    assert outcome.change == Change(put=(after,), timers=timers, log=told)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_a_receipt_moves_its_own_part_alone(k: int) -> None:
    """The others keep status and instant; no event before the whole message is through."""
    before = message(SUBMITTED, ACCEPTED, BUFFERED)

    outcome = carry.receipt(before, due(k=k), PHONE, None, None, LATER)

    after = moved(before, k, DELIVERED)
    assert outcome == Outcome(Change(put=(after,)), Passage(after, k))


@pytest.mark.parametrize(
    ("others", "status", "name", "arrived"),
    [
        ((DELIVERED, DELIVERED), DELIVERED, "message.delivered", True),
        ((DELIVERED, SUBMITTED), DELIVERED, None, False),
        ((FAILED, ACCEPTED), DELIVERED, None, False),
        ((FAILED, DELIVERED), DELIVERED, "message.failed", False),
        ((DELIVERED, DELIVERED), FAILED, "message.failed", False),
        ((EXPIRED, BUFFERED), FAILED, None, False),
        ((EXPIRED, REJECTED), UNKNOWN, "message.failed", False),
    ],
)
def test_the_last_part_tells_of_the_whole(
    others: tuple[PartStatus, ...], status: PartStatus, name: str | None, arrived: bool
) -> None:
    """One event for a message, when none of its parts can move any more; it arrived if they all did."""
    before = message(*others, SUBMITTED)

    outcome = carry.receipt(before, due(k=2), saying(Reaction(1, status, "0")), None, None, LATER)

    assert outcome.change.log == ((event(name),) if name else ())
    assert outcome.answer == Passage(moved(before, 2, status), 2, arrived)
    assert carry.completes(before, 2) is all(each is DELIVERED for each in others)


@pytest.mark.parametrize("state", PartStatus)
def test_a_part_that_ended_completes_nothing(state: PartStatus) -> None:
    """Only one that may still arrive does."""
    assert carry.completes(message(state), 0) is ((state, DELIVERED) in PATHS)


SEQUENCE = (Reaction(2, ACCEPTED, "0"), Reaction(3, BUFFERED, "0"), Reaction(5, DELIVERED, "0"))


def test_a_sequence_is_walked_step_by_step() -> None:
    """Each ``after`` counts from the step before, that of a step which cannot be included."""
    now, phone = message(SUBMITTED), saying(*SEQUENCE)
    (timer,) = carry.submit(now, phone, MOMENT).timers
    walked = []
    while timer.what == "receipt":
        outcome = carry.receipt(now, timer, phone, None, None, Moment(timer.due_at, 8, 42))
        now = outcome.answer.message if outcome.answer else now
        walked.append((timer.due_at - NOW, timer.step, now.status))
        if not outcome.change.timers:
            break
        (timer,) = outcome.change.timers

    assert walked == [(2, 0, ACCEPTED), (5, 1, ACCEPTED), (10, 2, DELIVERED)]


def test_a_fault_on_the_receipts_goes_with_every_step() -> None:
    """The next step's timer carries it on, and so does the end."""
    phone = saying(*SEQUENCE)

    following = carry.receipt(message(SUBMITTED), due(mischief=BAD), phone, None, None, LATER)
    ended = carry.receipt(message(ACCEPTED), due(2, mischief=BAD), saying(SEQUENCE[0]), None, None, LATER)

    assert following.change.timers == (due(1, at=LATER.now + 3, mischief=BAD),)
    assert ended.change.timers == (ends(mischief=BAD),)


def test_a_part_that_ends_drops_its_expiry() -> None:
    """Nothing is left that could happen to it."""
    expiry = replace(ends(), version=3)
    before = message(BUFFERED)

    outcome = carry.receipt(before, due(), PHONE, None, expiry, LATER)

    assert outcome.change == Change(
        put=(moved(before, 0, DELIVERED),), drop=(expiry,), log=(event("message.delivered"),)
    )


def test_a_behaviour_that_was_replaced_starts_from_its_first_step() -> None:
    """The timer names a step that the phone does not have any more."""
    outcome = carry.receipt(message(SUBMITTED), due(5), saying(Reaction(1, REJECTED, "6")), None, None, LATER)

    assert outcome.answer == Passage(moved(message(SUBMITTED), 0, REJECTED, "6"), 0)


# ----------------------------------------------------------------------------------------------------------- power


@pytest.mark.parametrize("mischief", [None, BAD], ids=["", "mischief"])
def test_a_part_waits_for_a_phone_that_is_off(mischief: Mischief | None) -> None:
    """The account is told that it is buffered, and its life has an end; source: reference sms §10.2 for the code."""
    before = message(SUBMITTED, SUBMITTED)

    outcome = carry.receipt(before, due(k=1, mischief=mischief), OFF, None, None, LATER)

    after = moved(before, 1, BUFFERED)
    assert outcome == Outcome(
        Change(
            put=(replace(OFF, waiting=(Waiting("m0", 1),)), after),
            timers=(ends(1, mischief=mischief),),
        ),
        Passage(after, 1),
    )


def test_a_part_waits_once() -> None:
    """A second timer finds it waiting."""
    off = replace(OFF, waiting=(Waiting("m0", 0),))

    assert carry.receipt(message(BUFFERED), due(), off, None, ends(), LATER) == NOTHING


@pytest.mark.parametrize("state", [ACCEPTED, BUFFERED])
@pytest.mark.parametrize("expiry", [None, ends()], ids=["fresh", "expiry set"])
def test_a_part_that_went_further_waits_too(state: PartStatus, expiry: Timer | None) -> None:
    """Nothing is told, since there is no such move; its expiry is set once."""
    outcome = carry.receipt(message(state), due(), OFF, None, expiry, LATER)

    assert outcome == Outcome(
        Change(
            put=(replace(OFF, waiting=(Waiting("m0", 0),)),),
            timers=() if expiry else (ends(),),
        ),
        None,
    )


def test_a_phone_that_is_switched_on_gets_what_waited_in_its_order() -> None:
    """At that instant, and nothing waits any more."""
    off = replace(OFF, waiting=(Waiting("m9", 1), Waiting("m0", 0)))

    assert carry.power(off, on=True, moment=LATER) == Change(
        put=(replace(off, power=True, waiting=()),),
        timers=(
            Timer(due_at=LATER.now, owner="network", what="receipt", subject="m9", k=1, step=-1),
            Timer(due_at=LATER.now, owner="network", what="receipt", subject="m0", k=0, step=-1),
        ),
    )


def test_a_phone_that_is_switched_off_lets_all_wait() -> None:
    """What waited already goes on waiting."""
    off = replace(PHONE, waiting=(Waiting("m0", 0),))

    assert carry.power(off, on=False, moment=LATER) == Change(put=(replace(off, power=False),))


def test_a_phone_that_is_declared_anew_and_is_on_gets_what_waited() -> None:
    """Whether it says so or its character does."""
    declared = Handset(id=TO, waiting=(Waiting("m0", 0),))

    assert carry.declare(declared, LATER).timers == (due(-1),)
    assert carry.declare(declared, LATER).put == (Handset(id=TO),)
    off = people.phone(TO, "switched-off", waiting=declared.waiting)
    assert carry.declare(off, LATER) == Change(put=(off,))


@pytest.mark.parametrize(
    ("receipts", "state", "status"),
    [
        ((Reaction(HOUR, DELIVERED, "0"),), BUFFERED, DELIVERED),
        (SEQUENCE, BUFFERED, DELIVERED),
        (SEQUENCE, ACCEPTED, DELIVERED),
        ((Reaction(1, REJECTED, "6"), Reaction(1, FAILED, "9")), BUFFERED, FAILED),
        ((Reaction(1, FAILED, "1", 0.0), Reaction(1, DELIVERED, "0")), BUFFERED, DELIVERED),
        ((Reaction(1, ACCEPTED, "0"), Reaction(1, FAILED, "1", 0.0), Reaction(1, DELIVERED, "0")), BUFFERED, DELIVERED),
        ((Reaction(1, REJECTED, "6"),), BUFFERED, None),
        ((Reaction(1, DELIVERED, "0", 0.0),), BUFFERED, None),
    ],
)
def test_a_phone_switched_on_takes_the_first_step_that_is_possible(
    receipts: tuple[Reaction, ...], state: PartStatus, status: PartStatus | None
) -> None:
    """At once, by its dice; where there is none, the part lives on until its expiry, which is set."""
    outcome = carry.receipt(message(state), due(-1), saying(*receipts), None, ends(), LATER)

    if status is None:
        assert outcome == NOTHING
    else:
        assert outcome.answer is not None
        assert (outcome.answer.message.status, outcome.change.drop) == (status, (ends(),))


# ---------------------------------------------------------------------------------------------------------- outage


@pytest.mark.parametrize("state", PartStatus)
@pytest.mark.parametrize("status", PartStatus)
@pytest.mark.parametrize("phone", [PHONE, OFF], ids=["on", "off"])
def test_a_network_that_is_out_speaks_instead_of_the_phone(
    state: PartStatus, status: PartStatus, phone: Handset
) -> None:
    """Switched on or off; what it cannot say leaves the part to its expiry."""
    before = message(state)

    outcome = carry.receipt(before, due(), phone, Reaction(SECOND, status, "8"), None, LATER)

    if state in FINAL:
        assert outcome == NOTHING
    elif (state, status) in PATHS:
        assert outcome.answer == Passage(moved(before, 0, status, "8"), 0, arrived=status is DELIVERED)
        assert outcome.change.timers == (() if status in FINAL else (ends(),))
    else:
        assert outcome == Outcome(Change(timers=(ends(),)), None)


# ---------------------------------------------------------------------------------------------------------- expiry


@pytest.mark.parametrize("state", PartStatus)
@pytest.mark.parametrize("waiting", [(), (Waiting("m9", 0), Waiting("m0", 0), Waiting("m0", 1))])
def test_a_part_that_waited_too_long_expires(state: PartStatus, waiting: tuple[Waiting, ...]) -> None:
    """With error code 2, and the phone waits for it no longer; source: reference sms §10.2 (D)."""
    before, phone = message(state), replace(OFF, waiting=waiting)

    outcome = carry.expire(before, ends(), phone, LATER)

    if state in FINAL:
        assert outcome == NOTHING
        return
    after = moved(before, 0, EXPIRED, "2")
    freed = (replace(OFF, waiting=(Waiting("m9", 0), Waiting("m0", 1))),) if waiting else ()
    assert outcome == Outcome(Change(put=(after, *freed), log=(event("message.failed"),)), Passage(after, 0))


# --------------------------------------------------------------------------------------------------------- replies


@pytest.mark.parametrize(
    ("text", "timers"),
    [
        ("An offer", (Timer(due_at=LATER.now + 4, owner="network", what="reply", subject="m0", step=1),)),
        ("Spam", ()),
        ("Anything", ()),
    ],
)
def test_a_message_that_arrived_may_be_answered(text: str, timers: tuple[Timer, ...]) -> None:
    """By the first step that fits, so long after the arrival."""
    phone = Handset(id=TO, on_sms=(SmsStep(if_text="Spam"), SmsStep(reply="STOP", if_text="/offer/", after=4)))

    assert carry.receipt(message(SUBMITTED, text=text), due(), phone, None, None, LATER).change.timers == timers


def test_the_whole_message_is_answered_once() -> None:
    """With its last part, and never when a part failed."""
    parrot = people.phone(TO, "parrot")

    assert carry.receipt(message(SUBMITTED, SUBMITTED), due(), parrot, None, None, LATER).change.timers == ()
    assert len(carry.receipt(message(DELIVERED, SUBMITTED), due(k=1), parrot, None, None, LATER).change.timers) == 1
    assert carry.receipt(message(FAILED, SUBMITTED), due(k=1), parrot, None, None, LATER).change.timers == ()


def test_a_person_reads_what_arrives() -> None:
    """Characters that the alphabet lacks come as question marks; source: reference sms §8.1 (B, D)."""
    phone = Handset(id=TO, on_sms=(SmsStep(reply="", if_text="Za?", echo=True),))
    as_text, as_unicode = message(SUBMITTED, text="Zaż"), message(SUBMITTED, text="Zaż", type="unicode")

    assert (carry.seen_text(as_text), carry.seen_text(as_unicode)) == ("Za?", "Zaż")
    assert len(carry.receipt(as_text, due(), phone, None, None, LATER).change.timers) == 1
    assert carry.receipt(as_unicode, due(), phone, None, None, LATER).change.timers == ()
    answer = Timer(due_at=NOW, owner="network", what="reply", subject="m0", step=0)
    assert carry.reply(as_text, answer, phone) == Outcome(Change(), "Za?")


@pytest.mark.parametrize(
    ("step", "replied", "answer", "after"),
    [
        (0, (), "STOP", (0,)),
        (0, (0,), None, (0,)),
        (0, (2,), "STOP", (2, 0)),
        (1, (), "Hi", ()),
        (2, (), None, ()),
        (3, (), "yes", ()),
        (4, (), None, ()),
    ],
)
def test_an_answer_is_judged_when_it_is_due(
    step: int, replied: tuple[int, ...], answer: str | None, after: tuple[int, ...]
) -> None:
    """Once means once, though two messages arrived together; a step that is gone answers nothing."""
    steps = (SmsStep(reply="STOP", once=True), SmsStep(reply="x", echo=True), SmsStep(), SmsStep(reply="yes"))
    phone = Handset(id=TO, on_sms=steps, replied=replied, version=2)
    timer = Timer(due_at=NOW, owner="network", what="reply", subject="m0", step=step)

    outcome = carry.reply(message(DELIVERED), timer, phone)

    put = (replace(phone, replied=after),) if after != replied else ()
    assert outcome == Outcome(Change(put=put), answer)


# --------------------------------------------------------------------------------------------------------- inbound

NUMBER = Number(id="447700900000", account="main", country="GB")


@pytest.mark.parametrize(
    ("text", "extra", "kind", "parts"),
    [
        ("Hello", {}, "text", 1),
        ("", {}, "text", 1),
        ("€" * 80, {}, "text", 1),
        ("A" * 161, {}, "text", 2),
        ("Zaż", {}, "unicode", 1),
        ("ż" * 71, {}, "unicode", 2),
        ("😀" * 68, {}, "unicode", 3),
        ("", {"body": "0102", "udh": ""}, "binary", 1),
    ],
)
def test_a_message_from_a_person_arrives_in_parts(text: str, extra: dict[str, str], kind: str, parts: int) -> None:
    """Unicode as soon as one character needs it; nobody is charged; source: reference sms §11."""
    outcome = carry.arrive(TO, NUMBER, "sms", text, MOMENT, network="23410", extra=extra)

    ids = [MOMENT.message_id(k) for k in range(parts)]
    arrived = Message(
        id=ids[0],
        owner="sms",
        account="main",
        direction=Direction.INBOUND,
        sender=TO,
        to="447700900000",
        type=kind,
        text=text,
        parts=tuple(Part(each, DELIVERED, "0", NOW) for each in ids),
        network="23410",
        price=0,
        submitted_at=NOW,
        extra=extra if parts == 1 else {"concat_ref": outcome.answer.extra["concat_ref"]},
    )
    told = Event(at=NOW, name="message.received", about=ids[0], account="main", number=TO)
    assert outcome == Outcome(Change(put=(arrived,), log=(told,)), arrived)


@given(st.integers(0, 2**40), st.integers(0, 2**63))
def test_the_reference_of_parts_fits_an_octet(ordinal: int, seed: int) -> None:
    """1 to 255; source: reference sms §8.2, §11."""
    moment = Moment(NOW, ordinal, seed)
    outcome = carry.arrive(TO, NUMBER, "sms", "A" * 200, moment, network="", extra={})
    assert 1 <= outcome.answer.extra["concat_ref"] <= 255


# ------------------------------------------------------------------------------------------------------------ laws

REACTIONS = st.builds(
    Reaction,
    after=st.integers(0, 100 * HOUR),
    status=st.sampled_from([each for each in PartStatus if each is not SUBMITTED]),
    err_code=st.sampled_from(["0", "1", "99"]),
    share=st.sampled_from([0.0, 0.3, 1.0]),
)
PEOPLE = st.builds(
    people.phone,
    number=st.just(TO),
    like=st.sampled_from(sorted(CHARACTERS)),
    power=st.sampled_from([None, True, False]),
    receipts=st.lists(REACTIONS, max_size=4).map(tuple),
)


def carried(sent: Message, phone: Handset, acts: list[bool], outages: list[Reaction | None]) -> Message:
    """The message after everything that can happen to it, with a phone switched on and off in between."""
    change = carry.submit(sent, phone, MOMENT)
    timers, ordinal, talk = list(change.timers), 100, [*outages, None]
    now = sent
    while timers:
        timers.sort(key=lambda each: each.due_at)
        timer = timers.pop(0)
        ordinal += 1
        moment = Moment(timer.due_at, ordinal, 42)
        expiry = next((each for each in timers if each.id == carry.expiry_id(now, timer.k)), None)
        if timer.what == "receipt":
            out = talk.pop(0) if len(talk) > 1 else talk[0]
            outcome = carry.receipt(now, timer, phone, out, expiry, moment)
        elif timer.what == "expiry":
            outcome = carry.expire(now, timer, phone, moment)
        else:
            continue
        before, changes = now, [outcome.change]
        if acts:
            on = acts.pop(0)
            put = next((each for each in outcome.change.put if isinstance(each, Handset)), phone)
            changes.append(carry.power(put, on=on, moment=moment))
        for each in changes:
            now = next((one for one in each.put if isinstance(one, Message)), now)
            phone = next((one for one in each.put if isinstance(one, Handset)), phone)
            timers = [one for one in timers if one not in each.drop] + list(each.timers)
        assert len({one.id for one in timers if one.id}) == len([one for one in timers if one.id])
        for old, new in zip(before.parts, now.parts, strict=True):
            assert old == new or (old.status, new.status) in PATHS
    assert phone.waiting == ()
    return now


# How long an example takes says nothing here, and a busy machine may be slow to make them.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    phone=PEOPLE,
    parts=st.integers(1, 3),
    ttl_ms=st.none() | st.sampled_from([20_000, 604_800_000]),
    acts=st.lists(st.booleans(), max_size=6),
    outages=st.lists(st.none() | REACTIONS, max_size=4),
)
def test_every_part_ends_whatever_the_phone_does(
    phone: Handset, parts: int, ttl_ms: int | None, acts: list[bool], outages: list[Reaction | None]
) -> None:
    """By moves of the table alone, with at most one expiry each, and nothing waits for the phone in the end."""
    done = carried(message(*[SUBMITTED] * parts, ttl_ms=ttl_ms), phone, acts, outages)

    assert {part.status for part in done.parts} <= set(FINAL)
    assert all(part.status_at <= carry.expires_at(done) for part in done.parts)


@pytest.mark.parametrize("like", CHARACTERS)
def test_every_character_lets_a_message_end(like: str) -> None:
    """Left alone; source: scenario format, the table."""
    done = carried(message(SUBMITTED), person(TO, Handset(id=TO, like=like), people.WORLD, MOMENT), [], [])

    ended = {"unreachable": (FAILED, "1"), "switched-off": (EXPIRED, "2"), "landline": (FAILED, "11")}
    if like != "flaky":
        assert (done.status, done.parts[0].err_code) == ended.get(like, (DELIVERED, "0"))
