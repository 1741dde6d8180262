"""What the people behind the numbers do with a message: their receipts, their refusals, and what they write back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.change import Add, Change
from fake_nexmo.core.instant import HOUR, SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Handset, PartStatus, Reaction, SmsStep, Trouble
from fake_nexmo.handsets import people
from tests import people as everybody
from tests.people import CHARACTERS

NUMBER = "447700900101"
MOMENT = Moment(1_767_225_600_000_000, 7, 42)
DELIVERED = (Reaction(SECOND, PartStatus.DELIVERED, "0"),)
RECEIPTS = {
    "unreachable": (Reaction(SECOND, PartStatus.FAILED, "1"),),
    "slow": (Reaction(72 * HOUR - SECOND, PartStatus.DELIVERED, "0"),),
    "landline": (Reaction(SECOND, PartStatus.FAILED, "11"),),
    "flaky": (Reaction(SECOND, PartStatus.FAILED, "1", 1 / 3), Reaction(SECOND, PartStatus.DELIVERED, "0")),
}
TROUBLES = {
    "barred": Trouble("number_barred"),
    "throttled": Trouble("throttled", 1, 2),
    "broke": Trouble("no_credit"),
}
REPLIES = {"opt-outer": SmsStep(reply="STOP", once=True), "parrot": SmsStep(reply="", echo=True)}


def phone(like: str = "answers", **facts: object) -> Handset:
    """A phone of a stock character."""
    return everybody.phone(NUMBER, like, **facts)


@pytest.mark.parametrize("like", CHARACTERS)
def test_every_stock_character_does_with_a_message_what_the_table_says(like: str) -> None:
    """Delivered after a second unless the character is about something else; source: scenario format, the table."""
    one = phone(like)

    assert tuple(people.reactions(one)) == RECEIPTS.get(like, DELIVERED)
    assert people.is_on(one) is (like != "switched-off")
    assert people.submission(one) == TROUBLES.get(like)
    number = people.reply_to(one, "Hello")
    assert (None if number is None else people.sms_step(one, number)) == REPLIES.get(like)


def test_what_a_handset_says_comes_before_its_character() -> None:
    """Power, receipts, refusals and replies alike; an empty list of replies is one."""
    said = (Reaction(5, PartStatus.REJECTED, "6"),)

    assert people.reactions(phone("slow", receipts=said)) == said
    assert people.is_on(phone("switched-off", power=True))
    assert not people.is_on(phone(power=False))
    assert people.submission(phone("barred", submission=Trouble("throttled"))) == Trouble("throttled")
    assert people.reply_to(phone("parrot", on_sms=()), "Hello") is None


@pytest.mark.parametrize(
    ("trouble", "hit"),
    [
        (None, set()),
        (Trouble("throttled"), {0, 1, 2, 3, 4}),
        (Trouble("throttled", 1, 2), {0, 1}),
        (Trouble("throttled", 3, 3), {2}),
        (Trouble("throttled", 3), {2, 3, 4}),
    ],
)
def test_which_submissions_are_refused_is_counted_from_one(trouble: Trouble | None, hit: set[int]) -> None:
    """By how many were made before; source: scenario format, ``submission``."""
    one = phone(submission=trouble)

    assert {before for before in range(5) if people.trouble(one, before) == "throttled"} == hit
    assert {before for before in range(5) if people.trouble(one, before) is None} == set(range(5)) - hit


@pytest.mark.parametrize(
    ("trouble", "guarded"),
    [
        (Trouble("throttled", 1, 2), {0, 1}),
        (Trouble("throttled", 3, 3), {0, 1, 2}),
        (Trouble("throttled", 3, None), {0, 1}),
        (Trouble("throttled"), set()),
    ],
)
def test_a_submission_is_guarded_as_long_as_its_count_decides(trouble: Trouble, guarded: set[int]) -> None:
    """So that two at one time are never the same one of them; later ones need not wait for each other."""
    one = phone(submission=trouble)
    for before in range(5):
        nth = before + 1 if before in guarded else None
        counted = Add("submissions/447700900101", 1, floor=nth, ceiling=nth)
        assert people.submitted(one, before) == Change(counters=(counted,))


def test_submissions_are_counted_for_each_number() -> None:
    """Under a name of its own."""
    assert people.submissions_to(NUMBER) == "submissions/447700900101"
    assert people.submitted(phone(), 0) == Change()


SURE = Reaction(1, PartStatus.DELIVERED, "0")
NEVER = Reaction(1, PartStatus.FAILED, "1", 0.0)


@pytest.mark.parametrize(
    ("receipts", "start", "taken"),
    [
        ((SURE,), 0, 0),
        ((SURE,), 1, None),
        ((SURE, SURE), 1, 1),
        ((NEVER, SURE), 0, 1),
        ((NEVER, NEVER), 0, None),
        ((SURE, NEVER), 1, None),
    ],
)
def test_a_step_that_its_dice_do_not_take_is_skipped(
    receipts: tuple[Reaction, ...], start: int, taken: int | None
) -> None:
    """A share of 1 is always taken, one of 0 never."""
    assert people.taken_step(phone(receipts=receipts), start, 0, MOMENT) == taken


def test_a_share_is_taken_as_often_as_it_says() -> None:
    """By the seed: the same again for the same moment, apart for each part; source: the character ``flaky``."""
    one = phone("flaky")
    failed = {ordinal for ordinal in range(3_000) if people.taken_step(one, 0, 0, Moment(MOMENT.now, ordinal, 42)) == 0}

    assert 900 < len(failed) < 1_100
    assert failed == {ordinal for ordinal in range(3_000) if people.taken_step(one, 0, 0, Moment(0, ordinal, 42)) == 0}
    assert failed != {
        ordinal for ordinal in range(3_000) if people.taken_step(one, 0, 0, Moment(MOMENT.now, ordinal, 43)) == 0
    }
    assert {people.taken_step(one, 0, k, MOMENT) for k in range(50)} == {0, 1}


STEPS = (
    SmsStep(reply="once only", if_text="/offer/i", once=True),
    SmsStep(reply=None, if_text="/spam/"),
    SmsStep(reply="yes", if_text="Dinner?"),
    SmsStep(reply="an offer again", if_text="/offer/i"),
)


@pytest.mark.parametrize(
    ("text", "replied", "number"),
    [
        ("An OFFER", (), 0),
        ("An OFFER", (0,), 3),
        ("spam offer", (), 0),
        ("spam offer", (0,), None),
        ("Dinner?", (), 2),
        ("dinner?", (), None),
        ("Dinner? Yes", (), None),
        ("", (), None),
    ],
)
def test_the_first_step_whose_text_fits_answers(text: str, replied: tuple[int, ...], number: int | None) -> None:
    """In their order; one that ignores ends the search, one that is done once and for all is passed over."""
    assert people.reply_to(phone(on_sms=STEPS, replied=replied), text) == number


def test_a_step_that_the_person_has_no_more_is_none() -> None:
    """Its behaviour may be replaced while an answer is under way."""
    assert people.sms_step(phone(on_sms=STEPS), 3) == STEPS[3]
    assert people.sms_step(phone(on_sms=STEPS), 4) is None
    assert people.sms_step(phone(), 0) is None


@given(st.lists(st.floats(0, 1)), st.integers(0, 6), st.integers(0, 5), st.integers(0, 2**40))
def test_the_step_taken_is_never_one_before_the_start(shares: list[float], start: int, k: int, ordinal: int) -> None:
    """And always one of the list, or none."""
    one = phone(receipts=tuple(Reaction(1, PartStatus.ACCEPTED, "0", share) for share in shares) or (SURE,))

    taken = people.taken_step(one, start, k, Moment(0, ordinal, 1))

    assert taken is None or start <= taken < len(one.receipts)
