"""What comes too late on a clock that runs: timers of calls that are over, answers nobody waits for any more."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.apis.voice import arrive_rules, due_rules, event_rules, flow, run_rules
from fake_nexmo.apis.voice.actions_model import TalkAction
from fake_nexmo.apis.voice.ask_rules import Heard
from fake_nexmo.apis.voice.ends_model import Callback
from fake_nexmo.apis.voice.model import OWNER, Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Delivery, Handset, Timer
from fake_nexmo.web.api import Answered
from fake_nexmo.web.commit import WorldView
from tests.apis.voice.desk import OVER, START, UUID, Desk, make_call, make_leg
from tests.house import House

MOMENT = Moment(START + 3_000_000, 7, 42)
ACCOUNT = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="")
#: Timers that concern calls that were not answered, too.
_ANY = {due_rules.TIDY, due_rules.GIVE_UP, due_rules.LEAVE, due_rules.PARTED}
TALK = {"action": "talk", "text": "Hello"}


def asked(kind: str = event_rules.ANSWER, **facts: Any) -> Delivery:
    """A webhook that asks for an NCCO."""
    return Delivery(
        kind=kind,
        owner=OWNER,
        account="main",
        about=UUID,
        subject=UUID,
        url="https://shop.test/answer",
        method="GET",
        facts={"asked": 1, "first": True, **facts},
        created_at=START,
        due_at=START,
    )


@pytest.mark.parametrize("status", [LegStatus.STARTED, LegStatus.RINGING, *OVER])
@pytest.mark.parametrize("what", [each for each in flow.TIMERS if each not in _ANY])
async def test_timers_of_a_call_that_is_not_answered_do_nothing(
    house: House, desk: Desk, what: str, status: LegStatus
) -> None:
    """Whatever was to come."""
    await desk.seat(status)
    timer = Timer(due_at=START, owner=OWNER, what=what, subject=UUID)

    outcome = await flow.TIMERS[what](WorldView(house.store, "default"), timer, MOMENT)

    assert outcome.change == Change()


@pytest.mark.parametrize(
    ("call", "step"), [(make_call(waits=2, rest=(TALK,)), 1), (make_call(waits=1, asking=True), 1)]
)
@pytest.mark.parametrize("what", [due_rules.NEXT, due_rules.GIVE_UP])
async def test_timers_of_an_earlier_wait_do_nothing(house: House, desk: Desk, what: str, call: Call, step: int) -> None:
    """What they waited for was dropped meanwhile, or is being fetched."""
    if what == due_rules.NEXT and call.asking:
        step = 0
    await desk.put(call, make_leg(LegStatus.ANSWERED))
    timer = Timer(due_at=START, owner=OWNER, what=what, subject=UUID, step=step)

    outcome = await flow.TIMERS[what](WorldView(house.store, "default"), timer, MOMENT)

    assert outcome.change == Change()


@pytest.mark.parametrize("known", [True, False])
async def test_an_answer_for_a_call_that_is_over_or_gone(house: House, desk: Desk, known: bool) -> None:
    """Nobody is there to hear it."""
    if known:
        await desk.seat(LegStatus.COMPLETED)
    answered = Answered(200, "", b'[{"action":"talk","text":"Hi"}]', "")

    assert await flow.take(WorldView(house.store, "default"), asked(), answered, MOMENT) == Change()


async def test_a_leg_that_nobody_knows_more_of(house: House) -> None:
    """Its status and its keys lead to nothing."""
    view = WorldView(house.store, "default")
    leg = make_leg(LegStatus.ANSWERED)

    assert await flow.on_leg(view, leg, ACCOUNT, MOMENT) == Change()
    assert await flow.on_press(view, leg, "1", ACCOUNT, MOMENT) == Change()


@pytest.mark.parametrize(
    "call",
    [
        make_call(asked=2, asking=True),
        make_call(asked=1, asking=False),
    ],
)
def test_an_answer_that_nobody_waits_for(call: Call) -> None:
    """Another one was asked for, or nothing any more."""
    leg = make_leg(LegStatus.ANSWERED)
    heard = Heard((TalkAction("Hello"),))

    assert arrive_rules.taken(call, leg, ACCOUNT, Handset(id="1"), asked(), heard, MOMENT) == Change()


def test_an_ncco_that_ends_while_another_is_fetched_does_not_end_the_call() -> None:
    """What is fetched may have more to say."""
    call, leg = make_call(asking=True, asked=1, running=0, waits=3), make_leg(LegStatus.ANSWERED)

    change = run_rules.go_on(call, leg, ACCOUNT, MOMENT)

    assert change == Change(put=(make_call(asking=True, asked=1, running=-1, waits=4), leg))


@pytest.mark.parametrize(("running", "status"), [(-1, LegStatus.COMPLETED), (0, None)])
def test_what_was_fetched_in_vain(running: int, status: LegStatus | None) -> None:
    """Then the call ends, unless something runs still."""
    call = make_call(asking=True, asked=1, running=running, event=Callback())
    heard, late = Heard(None, "Invalid NCCO."), asked(first=False)

    change = arrive_rules.taken(call, make_leg(LegStatus.ANSWERED), ACCOUNT, Handset(id="1"), late, heard, MOMENT)

    assert change.only(Call).asking is False
    assert [each.status for each in change.put if isinstance(each, Leg)] == ([status] if status else [])


def test_a_call_is_kept_while_anything_about_it_is_to_come() -> None:
    """Timers name the leg, and webhooks keep an order of their own."""
    subjects = make_call().subjects()

    assert subjects == make_leg(LegStatus.RINGING).subjects() == (UUID, f"{UUID}/webhooks")
