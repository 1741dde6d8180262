"""The fixture ``nexmo`` in tests that pass: what it knows, what it does, and that each test has its own."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import requests

from pytest_fake_nexmo.errors import NexmoFailure, NexmoUsageError
from pytest_fake_nexmo.world import Nexmo
from tests.inside.fakes import Asgi, Wsgi
from tests.plugin.inner import run

pytest_plugins = ("pytester",)

URL = "https://rest.nexmo.com/sms/json"
PERSON = "447700900001"
OWNED = "447700900000"


def send(nexmo: Nexmo, text: str = "Hi", **more: str) -> dict[str, Any]:
    """Send an SMS; the one part of the answer."""
    given = {"api_key": nexmo.api_key, "api_secret": nexmo.api_secret, "from": "Acme", "to": PERSON, "text": text}
    answer = requests.post(URL, data={**given, **{name.rstrip("_"): value for name, value in more.items()}}, timeout=5)
    (part,) = answer.json()["messages"]
    assert isinstance(part, dict)
    return part


def verify(nexmo: Nexmo, number: str = PERSON) -> str:
    """Start a verification; its request id."""
    form = {"api_key": nexmo.api_key, "api_secret": nexmo.api_secret, "number": number, "brand": "Shop"}
    return str(httpx.post("https://api.nexmo.com/verify/json", data=form).json()["request_id"])


# Who one is.


def test_the_credentials_are_those_of_the_world_default(nexmo: Nexmo) -> None:
    assert (nexmo.world, nexmo.api_key, nexmo.api_secret) == ("default", "abcd1234", "s3cr3tS3cr3t")
    assert nexmo.signature_secret == "fake-nexmo-signature-secret-000001"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", nexmo.application_id)
    assert nexmo.private_key.startswith("-----BEGIN PRIVATE KEY-----")


seeds: dict[str, int] = {}


@pytest.mark.parametrize("k", [1, 2])
def test_each_test_has_a_seed_of_its_own(nexmo: Nexmo, request: pytest.FixtureRequest, k: int) -> None:
    from zlib import crc32

    assert nexmo.seed == crc32(request.node.nodeid.encode())
    seeds[str(k)] = nexmo.seed
    assert len(set(seeds.values())) == len(seeds)


@pytest.mark.nexmo(seed=42)
@pytest.mark.parametrize("k", [1, 2])
def test_each_test_has_a_world_of_its_own(nexmo: Nexmo, k: int) -> None:
    """The same seed gives the same ids, and nothing is left of the test before."""
    assert nexmo.messages() == []

    assert send(nexmo)["message-id"] == "0C45FFF378C84E45"
    assert len(nexmo.messages()) == 1


@pytest.mark.nexmo(seed=7, clock={"start": "2026-03-01T09:00:00Z"})
class TestMarked:
    """What a class says holds for its tests, unless they say otherwise."""

    def test_the_class_is_asked(self, nexmo: Nexmo) -> None:
        assert nexmo.seed == 7
        assert nexmo.clock.now() == datetime(2026, 3, 1, 9, tzinfo=UTC)

    @pytest.mark.nexmo(seed=8)
    def test_the_nearest_marker_wins_word_by_word(self, nexmo: Nexmo) -> None:
        assert nexmo.seed == 8
        assert nexmo.clock.now() == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_the_environment_of_the_world(nexmo: Nexmo, nexmo_env: Mapping[str, str]) -> None:
    import os

    named = {"API_KEY": nexmo.api_key, "API_SECRET": nexmo.api_secret, "SIGNATURE_SECRET": nexmo.signature_secret,
             "APPLICATION_ID": nexmo.application_id, "PRIVATE_KEY": nexmo.private_key}  # fmt: skip
    expected = {"FAKE_NEXMO_WORLD": "default"}
    expected |= {prefix + name: value for prefix in ("NEXMO_", "VONAGE_") for name, value in named.items()}

    assert nexmo_env == expected
    assert {name: os.environ[name] for name in expected} == expected
    assert "NEXMO_PRIVATE_KEY_PATH" not in os.environ


# What happened.


def test_the_newest_message_that_fits(nexmo: Nexmo) -> None:
    send(nexmo, "Your code: 1234")
    sent = send(nexmo, "Your code: 5678")
    send(nexmo, "Good bye", to="447700900100")

    found = nexmo.message(to=f"+{PERSON}", text=r"/code: \d+/")

    assert found.text == "Your code: 5678"
    assert (found.id, found.from_, found.direction) == (sent["message-id"], "Acme", "outbound")
    assert found == nexmo.message(text=re.compile("5678")) == nexmo.messages(to="4477009000*")[-1]
    assert nexmo.message(from_="Acme").text == "Good bye"
    assert [each.text for each in nexmo.messages(to=PERSON)] == ["Your code: 1234", "Your code: 5678"]
    with pytest.raises(AttributeError, match="and no 'colour'"):
        found.colour  # noqa: B018


def test_codes(nexmo: Nexmo) -> None:
    """That of a verification, and that of a plain message, whichever came last."""
    verify(nexmo)
    first = nexmo.code(to=PERSON)
    nexmo.clock.advance(1)
    send(nexmo, "Your PIN is 998877.")

    assert first == nexmo.verification(number=PERSON).code
    assert nexmo.code(to=PERSON) == "998877"
    assert [each.phase for each in nexmo.verifications()] == ["IN PROGRESS"]


def test_webhooks_requests_and_events(nexmo: Nexmo) -> None:
    nexmo.mount("https://shop.test", Wsgi())
    sent = send(nexmo, callback="https://shop.test/receipts")
    nexmo.clock.advance(2)

    assert nexmo.webhook(kind="receipt", state="delivered").about == sent["message-id"]
    assert [each.operation for each in nexmo.requests(status=200)] == ["sms.send"]
    assert [each.name for each in nexmo.events()] == ["message.submitted", "message.delivered"]
    assert len(nexmo.webhooks()) == 1


# What is done.


def test_a_person_sends_an_sms_to_the_app(nexmo: Nexmo) -> None:
    app = Wsgi()
    nexmo.mount("https://shop.test", app)
    nexmo.number(OWNED, inbound_sms="https://shop.test/in")

    answer = nexmo.handset(PERSON).texts(OWNED, "STOP")

    assert (answer.text, answer.direction, answer.settled) == ("STOP", "inbound", True)
    assert [each["PATH_INFO"] for each in app.asked] == ["/in"]
    assert nexmo.handset(PERSON).texts(OWNED, body="0102", udh="050003CC0101").type == "binary"


def test_a_phone_is_switched_moved_and_named(nexmo: Nexmo) -> None:
    nexmo.handset("alice").behaves(number="447700900150", like="answers")
    send(nexmo, to="447700900150")

    assert nexmo.handset("alice").power(False)["power"] is False
    assert nexmo.handset("alice").power(on=True)["power"] is True
    assert nexmo.handset("alice").roams("FR").roaming == {"country": "FR"}
    assert nexmo.handset("alice").ports_to("23415").network == "23415"
    assert nexmo.message(to="alice").to == "447700900150"


def test_a_phone_calls_and_is_called(nexmo: Nexmo) -> None:
    """Answered by hand, rejected, spoken to, keys pressed, hung up."""
    nexmo.mount("https://shop.test", Answering([{"action": "talk", "text": "Welcome"}, {"action": "input"}]))
    nexmo.application(voice={"answer_url": "https://shop.test/answer", "event_url": "https://shop.test/event"})
    person = nexmo.handset(PERSON)

    person.calls(OWNED)
    person.says("Hello")
    person.presses("1")
    person.hangs_up()

    call = nexmo.call(to=OWNED)
    assert (call.status, call.from_, call.direction) == ("completed", PERSON, "inbound")
    assert nexmo.calls(status="completed") == [call]


class Answering(Wsgi):
    """An app that says what a call does."""

    def __init__(self, ncco: list[dict[str, Any]]) -> None:
        super().__init__()
        self.ncco = ncco

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        import json

        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(self.ncco).encode()] if environ["PATH_INFO"] == "/answer" else []


@pytest.mark.parametrize(("verb", "ends"), [("answers", "answered"), ("rejects", "rejected")])
def test_a_phone_that_is_answered_by_hand(nexmo: Nexmo, verb: str, ends: str) -> None:
    nexmo.handset(PERSON).behaves(answers="by_hand")
    verify(nexmo)
    nexmo.clock.advance("3m")
    assert nexmo.call(to=PERSON).status == "ringing"

    getattr(nexmo.handset(PERSON), verb)()

    assert nexmo.call(to=PERSON).status == ends


def test_faults(nexmo: Nexmo) -> None:
    fault = nexmo.fault("sms.send", calls=(1, 2), answer="throttled", from_="Acme")
    other = nexmo.fault("sms.send", call=9, answer="barred")

    statuses = [send(nexmo)["status"] for _ in range(3)]
    other.disarm()

    assert statuses == ["1", "1", "0"]
    assert (fault.name, fault.words.answer, fault.words["from"]) == ("fault-1", "throttled", "Acme")


def test_a_fault_that_drops_the_connection_is_the_clients_own_error(nexmo: Nexmo) -> None:
    nexmo.fault("sms.send", calls=2, then="drop_connection")
    send(nexmo)

    with pytest.raises(requests.ConnectionError, match="Connection aborted"):
        send(nexmo)
    assert len(nexmo.messages()) == 2


def test_the_clock_stands_still_until_it_is_advanced(nexmo: Nexmo) -> None:
    before = nexmo.clock.now()
    send(nexmo)

    done = nexmo.clock.advance("1h30m")

    assert (done.timers, done.delivered, done.settled) == (1, 0, True)
    assert (nexmo.clock.now() - before).total_seconds() == 5400
    assert nexmo.message().status == "delivered"


@pytest.mark.nexmo(clock="auto")
def test_a_clock_on_auto_jumps(nexmo: Nexmo) -> None:
    send(nexmo)

    assert nexmo.message().status == "delivered"


def test_settings_and_accounts(nexmo: Nexmo) -> None:
    assert nexmo.settings()["profile"] == "current"
    assert nexmo.settings(profile="2020")["profile"] == "2020"
    assert nexmo.account(balance="0.00 EUR").balance == "0.00 EUR"
    assert send(nexmo)["status"] == "9"


def test_expectations_that_are_met(nexmo: Nexmo) -> None:
    nexmo.expect.message(to=PERSON).never()
    nexmo.expectations.clear()
    send(nexmo)
    send(nexmo)

    nexmo.expect.message(to=PERSON).times(2)
    nexmo.expect.request(operation="sms.send").times(2)
    nexmo.expect.event(name="message.submitted").times(2)
    nexmo.expect.webhook().never()
    nexmo.expect.call().never()
    nexmo.expect.verification().never()
    nexmo.expect.message(text="Bye").never()


# Threads and loops.


def test_waiting_for_another_thread(nexmo: Nexmo) -> None:
    def work() -> None:
        for k in range(20):
            send(nexmo, f"early {k}")
        send(nexmo, "late")

    thread = threading.Thread(target=work)
    thread.start()
    found = nexmo.wait_for("message", text="late")
    thread.join()

    assert found.text == "late"
    with pytest.raises(NexmoFailure, match=r"No message fits after 0 s: text='never'"):
        nexmo.wait_for("message", timeout=0, text="never")
    with pytest.raises(NexmoUsageError, match="there are message, call"):
        nexmo.wait_for("massage")


async def test_a_test_on_an_event_loop(nexmo: Nexmo) -> None:
    app = Asgi()
    nexmo.mount("https://shop.test", app)
    async with httpx.AsyncClient() as http:
        form = {"api_key": nexmo.api_key, "api_secret": nexmo.api_secret, "from": "Acme", "to": PERSON, "text": "Hi",
                "callback": "https://shop.test/dlr"}  # fmt: skip
        answers = await asyncio.gather(*(http.post(URL, data=form) for _ in range(5)))

    nexmo.clock.advance("1m")

    assert [each.status_code for each in answers] == [200] * 5
    nexmo.expect.webhook(state="delivered").times(5)
    assert len(app.asked) == 5


# What cannot be.


def test_what_cannot_be_is_refused(nexmo: Nexmo) -> None:
    with pytest.raises(NexmoUsageError, match="did you mean 'text'"):
        nexmo.message(texts="Hi")
    with pytest.raises(NexmoUsageError, match="Nobody in this world owns 447700900999"):
        nexmo.handset(PERSON).texts("447700900999", "Hi")
    with pytest.raises(NexmoUsageError, match=r"did you mean 'sms\.send'"):
        nexmo.fault("sms.sent")
    with pytest.raises(NexmoUsageError, match="is not a duration"):
        nexmo.clock.advance("soon")
    with pytest.raises(NexmoUsageError, match="is no place for an app"):
        nexmo.mount("shop.test", Wsgi())
    with pytest.raises(NexmoUsageError, match="Nobody in the world owns"):
        nexmo.number("447700900999", cost="1 EUR")
    with pytest.raises(NexmoUsageError, match="has no call that goes on"):
        nexmo.handset(PERSON).answers()
    with pytest.raises(LookupError, match="neither a phone number nor the name"):
        nexmo.handset("nobody").power(on=True)


@pytest.mark.nexmo(scenario={"handsets": {"late-bob": {"number": "447700900155", "like": "answers"}}})
def test_a_name_with_a_hyphen_is_that_of_a_phone(nexmo: Nexmo) -> None:
    nexmo.handset("late-bob").texts(OWNED, "Hi")

    assert nexmo.message(from_="late-bob").text == "Hi"
    assert nexmo.messages(from_="Acme Inc") == nexmo.messages(from_="nobody-here") == []


# Back to where it was.


BRANCHES = """
def say(nexmo, text):
    form = {"api_key": nexmo.api_key, "api_secret": nexmo.api_secret, "from": "Acme", "to": "447700900201",
            "text": text, "callback": "https://shop.test/dlr"}
    with httpx.Client(trust_env=False) as http:
        http.post(f"{nexmo.base_url or 'https://rest.nexmo.com'}/sms/json", data=form)


@pytest.mark.nexmo(strict={"unexpected_message": "fail"})
def test_back_and_forth(nexmo, SERVER):
    early = nexmo.snapshot()
    nexmo.mount("https://shop.test", App())
    say(nexmo, "Beginning")
    middle = nexmo.snapshot()
    for end in ("A bad end", "Another"):
        say(nexmo, end)
        nexmo.clock.advance("1m")
        assert [each.text for each in nexmo.messages()] == ["Beginning", end]
        nexmo.restore(middle)
    assert [(each.text, each.status) for each in nexmo.messages()] == [("Beginning", "submitted")]
    assert nexmo.clock.now().isoformat() == "2026-01-01T00:00:00+00:00"
    nexmo.clock.advance("1m")
    nexmo.expect.message(status="delivered").once()
    nexmo.restore(early)
    assert nexmo.messages() == []
    say(nexmo, "Beginning")
    nexmo.clock.advance("1m")
    nexmo.expect.webhook(state="delivered").once()


@pytest.mark.nexmo(strict={"unexpected_message": "fail"})
def test_what_was_read_is_read_no_more(nexmo, SERVER):
    early = nexmo.snapshot()
    say(nexmo, "One")
    assert nexmo.message(text="One")
    nexmo.restore(early)
    say(nexmo, "Two")


def test_no_such(nexmo, SERVER):
    nexmo.restore("none")
"""


@pytest.mark.parametrize("where", ["tmp_path", "nexmo_server"])
def test_a_world_is_put_back_to_a_snapshot(pytester: pytest.Pytester, where: str) -> None:
    """With its clock and what is still to come; in this process and on a server alike."""
    result = run(pytester, BRANCHES.replace("SERVER", where))

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "Nobody expected the message * to 447700900201: 'Two'",
            "  00:00:00.000  act      the world is put back to a snapshot",
            ">       nexmo.restore(*",
            "E  *NexmoUsageError: restore('none'): nexmo.snapshot() has taken no such snapshot of this world",
        ]
    )
