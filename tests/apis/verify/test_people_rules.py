"""What people do with codes: which code an event carried, when it is typed, and the whole change of each step."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.apis.verify import people_rules as rules
from fake_nexmo.apis.verify.model import Channel, Phase, Sending, Verification
from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.forms import Form
from fake_nexmo.core.instant import DAY, MINUTE, SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Delivery, Event, Mischief, Timer
from fake_nexmo.handsets.typing import CodeStep

T0 = 1_767_225_600_000_000
NOW = T0 + 2 * SECOND
MOMENT = Moment(NOW, 7, 42)
NUMBER = "447700900101"
REQUEST = "6f1d2c3b4a5e60718293a4b5c6d7e8f9"
URL = "http://127.0.0.1:8000/otp"
FORM = Form(URL, "", {"phone": "{number}", "code": "{code}"})
WRONG = Form(URL, "", {"phone": "{number}", "code": "{wrong_code}"})
NOTHING = Form()
EVENT = Event(at=NOW, name="verify.typed", about=REQUEST, account="main", number=NUMBER)


def verification(codes: tuple[str, ...] = ("0471",), at: tuple[int, ...] = (0,), **facts: Any) -> Verification:
    """A verification whose events ran so many seconds after its start."""
    said: dict[str, Any] = {
        "id": REQUEST,
        "account": "main",
        "number": NUMBER,
        "brand": "Acme",
        "network": "23410",
        "sender": "verify",
        "language": "en-gb",
        "workflow": 1,
        "code": codes[-1] if codes else "7777",
        "codes": codes,
        "code_at": T0,
        "submitted_at": T0,
        "expiry_s": 300,
        "sendings": tuple(Sending(f"s{k}", Channel.SMS, T0 + each * SECOND, 0) for k, each in enumerate(at)),
    }
    return Verification(**(said | facts))


def timer(step: int, due_at: int, *, k: int = 0, deadline: bool = False) -> Timer:
    """A step that is to be taken."""
    return Timer(due_at=due_at, owner="verify", what="type", subject=REQUEST, k=k, step=step, deadline=deadline)


def delivery(code: str = "0471", step: int = 0, **facts: Any) -> Delivery:
    """The form on its way."""
    said: dict[str, Any] = {
        "kind": "submit",
        "owner": "verify",
        "account": "main",
        "about": REQUEST,
        "subject": REQUEST,
        "url": URL,
        "method": "POST",
        "facts": {
            "number": NUMBER,
            "code": code,
            "step": step,
            "phase": "IN PROGRESS",
            "form": {"phone": NUMBER, "code": code},
            "json": None,
        },
        "created_at": NOW,
        "due_at": NOW,
    }
    return Delivery(**(said | facts))


# The table of reference verify §9.2: pin_expiry, when the events run, and which code each of them carries.
@pytest.mark.parametrize(
    ("expiry_s", "at", "carried"),
    [
        (300, (0, 125, 305), "AAB"),
        (360, (0, 120, 240), "AAA"),
        (240, (0, 120, 240), "AAB"),
        (120, (0, 120, 240), "ABC"),
        (600, (0, 125, 305), "AAA"),
        (300, (0, 60, 120), "AAA"),
    ],
)
def test_which_code_an_event_carried(expiry_s: int, at: tuple[int, ...], carried: str) -> None:
    """As codes are made; each lives from the event that made it."""
    letters = sorted(set(carried))
    one = verification(tuple(letters), at, expiry_s=expiry_s)

    sent = [rules.sent(one, k) for k in range(len(at))]

    assert "".join(each.code for each in sent) == carried
    assert [each.k for each in sent] == [letters.index(each) for each in carried]
    made = [T0 + at[carried.index(each)] * SECOND for each in carried]
    assert [each.expires_at for each in sent] == [each + expiry_s * SECOND for each in made]


@pytest.mark.parametrize("codes", [("7777",), ()])
def test_a_supplied_code_is_used_to_the_end(codes: tuple[str, ...]) -> None:
    """Its age begins anew all the same."""
    one = verification(codes, (0, 125, 305), supplied=True)

    assert [rules.sent(one, k) for k in (0, 2)] == [
        rules.Sent("7777", 0, T0 + 300 * SECOND),
        rules.Sent("7777", 0, T0 + 605 * SECOND),
    ]


@pytest.mark.parametrize(
    ("step", "first"),
    [
        (CodeStep(FORM), timer(0, NOW + SECOND)),
        (CodeStep(FORM, after=MINUTE), timer(0, NOW + MINUTE)),
        (CodeStep(FORM, after=None), timer(0, T0 + 301 * SECOND, deadline=True)),
    ],
)
def test_a_code_is_seen(step: CodeStep, first: Timer) -> None:
    """The first step is set, and that it was set off is remembered for as long as a message may be under way."""
    change = rules.see(verification(), 0, (step, CodeStep(FORM)), 0, MOMENT)

    once = Add(f"typed/{REQUEST}/0", 1, ceiling=1, until_at=NOW + 30 * DAY)
    assert change == Change(counters=(once,), timers=(first,))


def test_a_code_that_was_typed_is_not_typed_again() -> None:
    """However often it is sent; another one is."""
    one = verification(("1111", "2222"), (0, 125, 305))
    names = [rules.typed_once(one, rules.sent(one, k)) for k in range(3)]

    assert names == [f"typed/{REQUEST}/0", f"typed/{REQUEST}/0", f"typed/{REQUEST}/1"]
    assert rules.see(one, 1, (CodeStep(FORM),), 1, MOMENT) == Change()
    assert rules.see(one, 2, (CodeStep(FORM),), 0, MOMENT).timers == (timer(0, NOW + SECOND, k=2),)


def test_who_types_nothing() -> None:
    """Sees a code and leaves it."""
    assert rules.see(verification(), 0, (), 0, MOMENT) == Change()


@pytest.mark.parametrize(
    ("step", "form", "code"),
    [
        (CodeStep(FORM), NOTHING, "0471"),
        (CodeStep(WRONG), NOTHING, "0472"),
        (CodeStep(), FORM, "0471"),
        (CodeStep(wrong=True), FORM, "0472"),
        (CodeStep(WRONG), FORM, "0472"),
    ],
)
def test_a_code_is_typed(step: CodeStep, form: Form, code: str) -> None:
    """Into the step's form, else into the world's."""
    change = rules.type_code(verification(), timer(0, NOW), (step,), form, MOMENT)

    assert change == Change(deliveries=(delivery(code),), log=(EVENT,))


def test_a_json_form_is_typed() -> None:
    """With the placeholders of its URL."""
    step = CodeStep(Form(URL + "/{number}", "PUT", None, {"code": ["{code}"], "right": True}))

    change = rules.type_code(verification(), timer(0, NOW), (step,), FORM, MOMENT)

    facts = dict(delivery().facts) | {"form": None, "json": {"code": ["0471"], "right": True}}
    assert change.deliveries == (delivery(url=f"{URL}/{NUMBER}", method="PUT", facts=facts),)


def test_a_url_alone_is_typed() -> None:
    """There is no body then."""
    change = rules.type_code(verification(), timer(0, NOW), (CodeStep(Form(URL)),), NOTHING, MOMENT)

    assert change.deliveries == (delivery(facts=dict(delivery().facts) | {"form": None}),)


@pytest.mark.parametrize("step", [CodeStep(), CodeStep(Form(fields={"code": "{code}"})), CodeStep(wrong=True)])
def test_without_a_url_nothing_is_sent(step: CodeStep) -> None:
    """It is written down; the next step comes all the same."""
    change = rules.type_code(verification(), timer(0, NOW), (step, CodeStep()), NOTHING, MOMENT)

    assert change == Change(log=(EVENT,), timers=(timer(1, NOW + SECOND),))


def test_steps_follow_one_another() -> None:
    """Each so long after the one before; then there is none."""
    steps = (CodeStep(WRONG), CodeStep(FORM, after=10 * SECOND), CodeStep(FORM, after=None))

    first = rules.type_code(verification(), timer(0, NOW), steps, NOTHING, MOMENT)
    second = rules.type_code(verification(), timer(1, NOW), steps, NOTHING, MOMENT)
    third = rules.type_code(verification(), timer(2, NOW), steps, NOTHING, MOMENT)

    assert first == Change(deliveries=(delivery("0472"),), log=(EVENT,), timers=(timer(1, NOW + 10 * SECOND),))
    assert second == Change(
        deliveries=(delivery(step=1),), log=(EVENT,), timers=(timer(2, T0 + 301 * SECOND, deadline=True),)
    )
    assert third == Change(deliveries=(delivery(step=2),), log=(EVENT,))


def test_a_step_that_the_person_does_not_have_any_more() -> None:
    """Nothing is typed."""
    assert rules.type_code(verification(), timer(1, NOW), (CodeStep(FORM),), NOTHING, MOMENT) == Change()


@pytest.mark.parametrize("phase", Phase)
def test_what_is_due_is_typed_in_every_phase(phase: Phase) -> None:
    """People do not know; the facts say what they found."""
    change = rules.type_code(verification(phase=phase), timer(0, NOW), (CodeStep(FORM),), NOTHING, MOMENT)

    assert change.deliveries == (delivery(facts=dict(delivery().facts) | {"phase": phase.value}),)


def test_the_code_of_the_event_is_typed_though_there_is_a_newer_one() -> None:
    """It is what that person saw; a wrong one is none of them all."""
    one = verification(("0471", "0472"), (0, 125, 305))

    right = rules.type_code(one, timer(0, NOW), (CodeStep(FORM),), NOTHING, MOMENT)
    wrong = rules.type_code(one, timer(0, NOW), (CodeStep(WRONG),), NOTHING, MOMENT)

    assert right.deliveries == (delivery("0471"),)
    assert wrong.deliveries == (delivery("0473"),)


def test_a_fault_acts_on_the_webhook() -> None:
    """It is late, and comes more than once."""
    bad = Mischief("twice", repeat=2, gap=SECOND, late=MINUTE)

    change = rules.type_code(verification(), replace(timer(0, NOW), mischief=bad), (CodeStep(FORM),), NOTHING, MOMENT)

    assert change.deliveries == (
        delivery(fault="twice", due_at=NOW + MINUTE),
        delivery(fault="twice", due_at=NOW + MINUTE + SECOND),
    )


@pytest.mark.parametrize(("gap", "spread"), [(SECOND, 3 * SECOND), (0, 5 * SECOND)])
def test_shuffled_webhooks_keep_no_order(gap: int, spread: int) -> None:
    """Each has a subject of its own, and an instant by the dice."""
    bad = Mischief("mixed", repeat=3, gap=gap, shuffled=True)

    change = rules.type_code(verification(), replace(timer(0, NOW), mischief=bad), (CodeStep(FORM),), NOTHING, MOMENT)

    due = [NOW + int(MOMENT.roll(f"shuffled/submit/{REQUEST}", n) * spread) for n in range(3)]
    assert change.deliveries == tuple(
        delivery(fault="mixed", due_at=due[n], subject=f"{REQUEST}/0/0/{n}") for n in range(3)
    )
    assert len(set(due)) == 3
