"""Carrying a call to a person: every manner at every step, and the whole change of each."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg, LegStatus, Line, Sound, Speaker, Speech
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Direction, Event, Handset, Timer
from fake_nexmo.handsets.calls import GREETING, Manner, manner
from fake_nexmo.network import calls
from tests import people

NOW = 1_767_225_600_000_000
MOMENT = Moment(NOW, 7, 42)
LEG_ID = "63f61863-4a51-4f6b-86e1-46edebcf9356"
TO = "447700900101"
ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="")
NOTHING: Outcome[Leg | None] = Outcome(Change(), None)
SAID = "Your code is 1 2 3 4."
GREETED = Line(NOW, Speaker.MACHINE, "Beep.", sound=Sound.SPEECH, lasts=SECOND // 2)
LEG = Leg(
    id=LEG_ID,
    owner="verify",
    account="main",
    about="r1",
    direction=Direction.OUTBOUND,
    sender="12015550100",
    to=TO,
    network="23410",
    rate=6_000_000,
    created_at=NOW,
    ringing_s=45,
    script=(Speech(SAID, "en-gb", "1234"), Speech("Bye.", "en-gb")),
)
PHONES = {
    Manner.ANSWERS: Handset(id=TO),
    Manner.BY_HAND: Handset(id=TO, rest={"answers": "by_hand"}),
    Manner.MACHINE: Handset(id=TO, rest={"machine": {"greeting": "Beep."}}),
    Manner.BUSY: people.phone(TO, "busy"),
    Manner.REJECTS: people.phone(TO, "rejects"),
    Manner.SILENT: people.phone(TO, "no-answer"),
    Manner.UNREACHABLE: people.phone(TO, "unreachable"),
}
# By which timer a call is not connected, and how it ends. Source: reference voice §9.1 (B), §9.4 (D).
ENDS = {
    "busy": (LegStatus.BUSY, "", SECOND),
    "reject": (LegStatus.REJECTED, "declined", SECOND // 5),
    "fail": (LegStatus.FAILED, "cannot_route", SECOND // 2),
    "not_reached": (LegStatus.UNANSWERED, "unavailable", 20 * SECOND),
}
NOBODY = {Manner.BUSY: "busy", Manner.REJECTS: "reject", Manner.UNREACHABLE: "not_reached"}
# How long the two texts of the script take: 21 characters at fifteen a second, and half a second at least.
SCRIPT = 1_400_000 + SECOND // 2


def event(status: str, number: str = TO) -> Event:
    """The event of a status."""
    return Event(at=NOW, name=f"call.{status}", about=LEG_ID, account="main", number=number)


def timer(what: str, due_at: int, *, deadline: bool = False) -> Timer:
    """A timer of the call."""
    return Timer(due_at=due_at, owner="network", what=what, subject=LEG_ID, deadline=deadline)


def ended(leg: Leg, status: LegStatus, detail: str, by: str = "") -> Outcome[Leg | None]:
    """The whole outcome of a call that ended."""
    over = replace(leg, status=status, detail=detail, ended_at=NOW, ended_by=by)
    return Outcome(Change(put=(over,), log=(event(status.value),)), over)


def at(status: LegStatus, **facts: Any) -> Leg:
    """The leg, so far."""
    return replace(LEG, status=status, **facts)


def test_every_manner_has_its_phone() -> None:
    """So that the tables below leave none out."""
    assert {each: manner(phone) for each, phone in PHONES.items()} == {each: each for each in Manner}


def test_a_call_is_placed() -> None:
    """It is stored, and rings ten milliseconds later."""
    wanted = Change(put=(LEG,), timers=(timer("ring", NOW + 10_000),), log=(event("started"),))

    assert calls.place(LEG, MOMENT) == wanted


def test_a_persons_call_comes_to_the_platform() -> None:
    """It rings there, or is rejected at once; two events either way."""
    coming = replace(LEG, direction=Direction.INBOUND)
    ringing = replace(coming, status=LegStatus.RINGING)
    rejected = replace(coming, status=LegStatus.REJECTED, ended_at=NOW)
    started = event("started", "12015550100")

    assert calls.arrive(coming, MOMENT) == Outcome(
        Change(put=(ringing,), log=(started, event("ringing", "12015550100"))), ringing
    )
    assert calls.refuse(coming, MOMENT) == Outcome(
        Change(put=(rejected,), log=(started, event("rejected", "12015550100"))), rejected
    )


def test_a_call_that_does_not_ring_is_placed() -> None:
    """It is answered after so long."""
    change = calls.place(LEG, MOMENT, answers_after=SECOND // 2)

    assert change.timers == (timer("pick_up", NOW + SECOND // 2),)


def test_a_call_that_is_barred_is_placed() -> None:
    """The platform rejects it with a detail, and forgets that it was to."""
    barred = replace(LEG, extra={"barred": "restricted"})

    change = calls.place(LEG, MOMENT, barred="restricted")

    assert change == Change(put=(barred,), timers=(timer("barred", NOW + SECOND // 5),), log=(event("started"),))
    assert calls.bar(barred, MOMENT) == ended(LEG, LegStatus.REJECTED, "restricted")


def test_the_person_of_an_inbound_call_is_the_caller() -> None:
    """As events name it."""
    change = calls.place(replace(LEG, direction=Direction.INBOUND), MOMENT)

    assert change.log == (event("started", "12015550100"),)


@pytest.mark.parametrize("how", Manner)
def test_it_rings_or_ends_by_the_manner(how: Manner) -> None:
    """Who answers has a timer for it; who does not, one for the end of the ringing, or of the call."""
    after = {
        Manner.ANSWERS: timer("pick_up", NOW + 2 * SECOND),
        Manner.MACHINE: timer("pick_up", NOW + 2 * SECOND),
        Manner.SILENT: timer("ring_out", NOW + 45 * SECOND),
        Manner.BY_HAND: timer("ring_out", NOW + 45 * SECOND, deadline=True),
    }
    ringing = at(LegStatus.RINGING)
    wanted: Outcome[Leg | None]
    if how in NOBODY:
        what = NOBODY[how]
        wanted = Outcome(Change(timers=(timer(what, NOW + ENDS[what][2]),)), None)
    else:
        wanted = Outcome(Change(put=(ringing,), timers=(after[how],), log=(event("ringing"),)), ringing)

    assert calls.ring(LEG, PHONES[how], MOMENT) == wanted


def test_a_slow_one_picks_up_a_second_before_it_is_too_late() -> None:
    """Source: scenario format, the stock characters."""
    outcome = calls.ring(LEG, people.phone(TO, "slow"), MOMENT)

    assert outcome.change.timers == (timer("pick_up", NOW + 44 * SECOND),)


@pytest.mark.parametrize("how", Manner)
def test_a_network_that_is_out_reaches_nobody(how: Manner) -> None:
    """Whoever it is."""
    wanted: Outcome[Leg | None] = Outcome(Change(timers=(timer("fail", NOW + SECOND // 2),)), None)

    assert calls.ring(LEG, PHONES[how], MOMENT, outage=True) == wanted


@pytest.mark.parametrize("status", LegStatus)
@pytest.mark.parametrize("what", ENDS)
def test_a_call_is_not_connected(what: str, status: LegStatus) -> None:
    """With the status and the detail of its reason, unless it is answered or over by then."""
    waits = status in {LegStatus.STARTED, LegStatus.RINGING}
    wanted = ended(at(status), *ENDS[what][:2]) if waits else NOTHING

    assert calls.not_connected(at(status), what, MOMENT) == wanted
    assert calls.NOT_CONNECTED.keys() == ENDS.keys()


@pytest.mark.parametrize("how", Manner)
def test_it_is_picked_up(how: Manner) -> None:
    """A machine says its greeting first; who became unreachable meanwhile does not answer."""
    ringing = at(LegStatus.RINGING)
    machine = how is Manner.MACHINE
    start = NOW + (SECOND // 2 if machine else 0)
    lines = (
        *((GREETED,) if machine else ()),
        Line(start, Speaker.PLATFORM, SAID, "1234", lasts=1_400_000),
        Line(start + 1_400_000, Speaker.PLATFORM, "Bye.", lasts=SECOND // 2),
    )
    answered = replace(ringing, status=LegStatus.ANSWERED, machine=machine, answered_at=NOW, transcript=lines)
    hang_up = timer("hang_up", start + SCRIPT)
    wanted: Outcome[Leg | None]
    if how in NOBODY:
        wanted = ended(ringing, *ENDS[NOBODY[how]][:2])
    else:
        wanted = Outcome(Change(put=(answered,), timers=(hang_up,), log=(event("answered"),)), answered)

    assert calls.pick_up(ringing, PHONES[how], MOMENT) == wanted


def test_a_call_without_a_script_stays_up() -> None:
    """Its owner says what happens next; what was heard before is kept."""
    heard = Line(NOW - 1, Speaker.PERSON, "Hello?")
    outcome = calls.pick_up(at(LegStatus.RINGING, script=(), transcript=(heard,)), PHONES[Manner.MACHINE], MOMENT)

    assert outcome.change.timers == (timer("tone", NOW + 4 * SECOND),)
    assert outcome.answer is not None
    assert outcome.answer.transcript == (heard, GREETED)


def test_a_machine_without_words_of_its_own() -> None:
    """The stock one."""
    outcome = calls.pick_up(at(LegStatus.RINGING), people.phone(TO, "voicemail"), MOMENT)

    assert outcome.answer is not None
    assert outcome.answer.transcript[0] == replace(GREETED, text=GREETING, lasts=len(GREETING) * SECOND // 15)


def test_a_call_is_cancelled_or_given_up() -> None:
    """By whoever calls, or by the platform that is called."""
    ringing = at(LegStatus.RINGING)

    assert calls.cancel(ringing, MOMENT) == ended(ringing, LegStatus.CANCELLED, "")
    assert calls.give_up(ringing, MOMENT) == ended(ringing, LegStatus.COMPLETED, "", "platform")


def test_ringing_ends() -> None:
    """Nobody came."""
    ringing = at(LegStatus.RINGING)

    assert calls.ring_out(ringing, MOMENT) == ended(ringing, LegStatus.TIMEOUT, "")


@pytest.mark.parametrize("unlimited", [False, True])
@pytest.mark.parametrize("rate", [6_000_000, 0])
def test_hanging_up_charges_the_price(rate: int, unlimited: bool) -> None:
    """Two seconds at 0.06 a minute; an unlimited account, or a call that is free, costs nothing."""
    answered = at(LegStatus.ANSWERED, rate=rate, answered_at=NOW - 2 * SECOND)
    wanted = ended(answered, LegStatus.COMPLETED, "", "platform")
    if rate and not unlimited:
        wanted = replace(wanted, change=wanted.change + Change(counters=(Add("balance/main", -200_000),)))

    assert calls.hang_up(answered, replace(ACCOUNT, unlimited=unlimited), MOMENT) == wanted


def _cancel(leg: Leg) -> Outcome[Leg | None]:
    return calls.cancel(leg, MOMENT)


def _give_up(leg: Leg) -> Outcome[Leg | None]:
    return calls.give_up(leg, MOMENT)


def _bar(leg: Leg) -> Outcome[Leg | None]:
    return calls.bar(replace(leg, extra={"barred": "restricted"}), MOMENT)


def _ring(leg: Leg) -> Outcome[Leg | None]:
    return calls.ring(leg, PHONES[Manner.ANSWERS], MOMENT)


def _ring_in_an_outage(leg: Leg) -> Outcome[Leg | None]:
    return calls.ring(leg, PHONES[Manner.BUSY], MOMENT, outage=True)


def _pick_up(leg: Leg) -> Outcome[Leg | None]:
    return calls.pick_up(leg, PHONES[Manner.ANSWERS], MOMENT)


def _ring_out(leg: Leg) -> Outcome[Leg | None]:
    return calls.ring_out(leg, MOMENT)


def _hang_up(leg: Leg) -> Outcome[Leg | None]:
    return calls.hang_up(leg, ACCOUNT, MOMENT)


@pytest.mark.parametrize("status", LegStatus)
@pytest.mark.parametrize(
    ("step", "only"),
    [
        (_ring, {LegStatus.STARTED}),
        (_ring_in_an_outage, {LegStatus.STARTED}),
        (_pick_up, {LegStatus.STARTED, LegStatus.RINGING}),
        (_ring_out, {LegStatus.RINGING}),
        (_hang_up, {LegStatus.ANSWERED}),
        (_cancel, {LegStatus.STARTED, LegStatus.RINGING}),
        (_give_up, {LegStatus.RINGING}),
        (_bar, {LegStatus.STARTED, LegStatus.RINGING}),
    ],
)
def test_a_step_that_comes_too_late_changes_nothing(step: Any, only: set[LegStatus], status: LegStatus) -> None:
    """Every status at every step: it moves from these alone."""
    assert (step(at(status)) == NOTHING) is (status not in only)


def on_the_line(*steps: dict[str, Any]) -> Handset:
    """A person who does so when they are called."""
    return Handset(id=TO, rest={"on_call": list(steps)})


def person_timer(k: int, due_at: int) -> Timer:
    """The timer of the next thing a person does."""
    return replace(timer("person", due_at), step=k)


def test_who_declines_lets_it_ring_first() -> None:
    """So long; not at all if it has stopped ringing by then."""
    ringing = at(LegStatus.RINGING)
    later = on_the_line({"reject": {"after": "5s"}})

    assert calls.ring(LEG, later, MOMENT) == Outcome(
        Change(put=(ringing,), timers=(timer("reject", NOW + 5 * SECOND),), log=(event("ringing"),)), ringing
    )
    too_late = on_the_line({"reject": {"after": "45s"}})
    assert calls.ring(LEG, too_late, MOMENT).change.timers == (timer("ring_out", NOW + 45 * SECOND),)


def test_an_answered_call_goes_on_with_what_the_person_does() -> None:
    """Beside what the platform says; a machine does nothing."""
    steps = on_the_line({"answer": {}}, {"press": "1", "after": "3s"})

    change = calls.answer(at(LegStatus.RINGING), steps, MOMENT).change
    silent = calls.answer(at(LegStatus.RINGING), steps, MOMENT, machine=True).change

    assert change.timers == (timer("hang_up", NOW + SCRIPT), person_timer(0, NOW + 3 * SECOND))
    assert [each.what for each in silent.timers] == ["hang_up"]


STEPS = on_the_line({"press": "1p2"}, {"say": "x" * 30}, {"wait": "2s"}, {"hang_up": {"after": "5s"}})


@pytest.mark.parametrize(
    ("k", "line", "due_at"),
    [
        # Two keys and a pause; source: reference ncco §5.6 (D).
        (0, Line(NOW, Speaker.PERSON, "", "1p2", sound=Sound.DTMF, lasts=900_000), NOW + 900_000),
        (1, Line(NOW, Speaker.PERSON, "x" * 30, sound=Sound.SPEECH, lasts=2 * SECOND), NOW + 2 * SECOND + 2 * SECOND),
        (2, None, NOW + 5 * SECOND),
    ],
)
def test_a_person_does_one_thing_after_the_other(k: int, line: Line | None, due_at: int) -> None:
    """The next one is due when this one is done, and so long after."""
    answered = at(LegStatus.ANSWERED, answered_at=NOW - SECOND)
    after = answered.with_lines(line) if line else answered

    acted = calls.act(answered, STEPS, person_timer(k, NOW), ACCOUNT, MOMENT)

    wanted = Change(put=(after,) if line else (), timers=(person_timer(k + 1, due_at),))
    assert acted == calls.Acted(wanted, None, after if line else None)


def test_a_person_hangs_up() -> None:
    """The far side ended it; it is charged."""
    answered = at(LegStatus.ANSWERED, answered_at=NOW - 2 * SECOND)
    over = ended(answered, LegStatus.COMPLETED, "", "user")

    acted = calls.act(answered, STEPS, person_timer(3, NOW), ACCOUNT, MOMENT)

    charged = over.change + Change(counters=(Add("balance/main", -200_000),))
    assert acted == calls.Acted(charged, over.answer)


@pytest.mark.parametrize("status", LegStatus)
def test_who_is_not_on_the_line_does_nothing(status: LegStatus) -> None:
    """Nor who has done all."""
    acted = calls.act(at(status), STEPS, person_timer(2, NOW), ACCOUNT, MOMENT)

    assert (acted == calls.Acted(Change())) is (status is not LegStatus.ANSWERED)
    assert calls.act(at(status), STEPS, person_timer(4, NOW), ACCOUNT, MOMENT) == calls.Acted(Change())
