"""How failures are told, word for word, and that all of it fits 100 columns."""

from __future__ import annotations

import re

import pytest

from fake_nexmo.scenario.telling import NARROW
from pytest_fake_nexmo.errors import NexmoFailure
from pytest_fake_nexmo.world import Nexmo
from tests.inside.fakes import Wsgi
from tests.plugin.test_world import OWNED, PERSON, send, verify

pytestmark = pytest.mark.nexmo(seed=42, clock={"start": "2026-03-01T09:00:00Z"}, strict=False)


def test_a_message_that_is_not_there(nexmo: Nexmo) -> None:
    """The nearest miss, field by field, and everything around it."""
    nexmo.mount("https://shop.test", Wsgi("503 No"))
    nexmo.fault("sms.send", calls=2, answer="throttled")
    send(nexmo, "Hello", callback="https://shop.test/receipts?secret=1")
    send(nexmo, "Again")
    nexmo.handset(PERSON).texts(OWNED, "STOP")
    nexmo.clock.advance("2s")

    with pytest.raises(NexmoFailure) as failed:
        nexmo.message(to=PERSON, from_="Acme", text=r"/code: \d{4}/", status="delivered")

    assert str(failed.value).splitlines() == [
        r"No message fits: to='447700900001', from='Acme', text='/code: \\d{4}/',",
        "    status='delivered'",
        "The nearest of 2 messages, 0C45FFF378C84E45 Acme to 447700900001 at 09:00:00.000:",
        "    to      '447700900001'",
        "    from    'Acme'",
        "  x text    'Hello'",
        r"            wanted /code: \d{4}/",
        "    status  'delivered'",
        "What happened:",
        "  09:00:00.000  act      a fault is armed: sms.send answer='throttled', calls=2",
        "  09:00:00.000  request  sms.send  POST /sms/json  -> 200  to 447700900001 'Hello'",
        "  09:00:00.000  request  sms.send  POST /sms/json  -> 200 by the fault 'fault-1' (1 Through…",
        "  09:00:00.000  act      447700900001 texts 447700900000 'STOP'",
        "  09:00:00.000  clock    advances by 2s  -> 1 timers, 0 webhooks delivered, 1 failed",
        "  09:00:01.000  webhook  GET https://shop.test/receipts  -> 503",
    ]


def test_a_world_in_which_nothing_happened(nexmo: Nexmo) -> None:
    with pytest.raises(NexmoFailure) as failed:
        nexmo.call()

    assert str(failed.value).splitlines() == [
        "No call fits: any",
        "There is no call at all.",
        "Nothing happened: no request reached this world.",
    ]


def test_a_code_that_nobody_saw(nexmo: Nexmo) -> None:
    send(nexmo, "No digits")

    with pytest.raises(NexmoFailure) as failed:
        nexmo.code(to=PERSON)

    assert str(failed.value).splitlines()[:4] == [
        "No code for 447700900001: The newest SMS to 447700900001 holds no group of 4",
        "    to 8 digits.",
        "There is one message that fits:",
        "    0C45FFF378C84E45 Acme to 447700900001 at 09:00:00.000  'No digits'",
    ]


def test_an_expectation_that_is_not_met_when_it_is_written(nexmo: Nexmo) -> None:
    send(nexmo, "One")
    send(nexmo, "Two")

    with pytest.raises(NexmoFailure) as too_many:
        nexmo.expect.message(to=PERSON).once()
    with pytest.raises(NexmoFailure) as too_few:
        nexmo.expect.message(to=PERSON, text="Two").times(2)
    with pytest.raises(NexmoFailure) as none:
        nexmo.expect.verification(number=PERSON).once()
    with pytest.raises(NexmoFailure) as never:
        nexmo.expect.message(text="One").never()

    assert str(too_many.value).splitlines()[:4] == [
        "Expected once: message with to='447700900001'",
        "There are 2 messages that fit:",
        "    0C45FFF378C84E45 Acme to 447700900001 at 09:00:00.000  'One'",
        "    0C91A1F67D4CC65B Acme to 447700900001 at 09:00:00.000  'Two'",
    ]
    assert str(too_few.value).splitlines()[:2] == [
        "Expected 2 times: message with to='447700900001', text='Two'",
        "There is one message that fits:",
    ]
    assert str(none.value).splitlines()[:2] == [
        "Expected once: verification with number='447700900001'",
        "There is no verification at all.",
    ]
    assert str(never.value).splitlines()[:2] == [
        "Expected never: message with text='One'",
        "There is one message that fits:",
    ]
    assert nexmo.expectations == []


def test_expressions_are_told_as_they_were_written(nexmo: Nexmo) -> None:
    send(nexmo)

    with pytest.raises(NexmoFailure, match=r"(?m)^No message fits: text=/\^Bye/$"):
        nexmo.message(text=re.compile("^Bye"))


def test_a_long_story_is_cut_in_length_and_width(nexmo: Nexmo) -> None:
    for k in range(40):
        send(nexmo, f"Message {k}, which says a lot and says it again: " + "word " * 20)
    verify(nexmo)

    with pytest.raises(NexmoFailure) as failed:
        nexmo.message(text="word " * 100)

    lines = str(failed.value).splitlines()
    assert "What happened, the last 30 of 41:" in lines
    assert max(len(line) for line in lines) == NARROW
    assert lines[-1].startswith("  09:00:00.000  request  verify.start  POST /verify/json  -> 200")


def test_long_texts_are_shown_where_they_part(nexmo: Nexmo) -> None:
    send(nexmo, "Dear customer, " * 8 + "your code is 1234")

    with pytest.raises(NexmoFailure) as failed:
        nexmo.message(text="Dear customer, " * 8 + "your code is 4321")

    assert str(failed.value).splitlines()[4:6] == [
        "  x text  …'tomer, your code is 1234'",
        "          wanted …'tomer, your code is 4321'",
    ]


def test_what_is_wanted_is_told_whole_unless_it_is_very_long(nexmo: Nexmo) -> None:
    """In lines that fit; the first one stands behind the name of the failure."""
    with pytest.raises(NexmoFailure) as failed:
        nexmo.message(text="word " * 200)

    lines = str(failed.value).splitlines()
    assert lines[:6] == [
        "No message fits: text='" + " ".join(["word"] * 11),
        *(["    " + " ".join(["word"] * 15)] * 4),
        "    …",
    ]
    assert f"{type(failed.value).__name__}: " == "NexmoFailure: "


def test_an_event_that_did_not_happen(nexmo: Nexmo) -> None:
    """Events are told by their names, and by whose they are."""
    send(nexmo, "Hello")

    with pytest.raises(NexmoFailure) as failed:
        nexmo.expect.event(name="message.delivered", number=PERSON).once()

    assert str(failed.value).splitlines()[:5] == [
        "Expected once: event with name='message.delivered', number='447700900001'",
        "The only event, message.submitted 447700900001 at 09:00:00.000:",
        "  x name    'message.submitted'",
        "            wanted 'message.delivered'",
        "    number  '447700900001'",
    ]
