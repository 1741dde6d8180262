"""The typed model of a scenario, as the whole example of the format spells it."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import UNSET

from fake_nexmo.numbering.number import NumberType
from fake_nexmo.scenario import document as d
from fake_nexmo.scenario import kinds
from fake_nexmo.scenario.faults import DelayFacts, FaultFacts, HttpFacts
from fake_nexmo.scenario.load import load_text
from fake_nexmo.scenario.model import NetworkFacts
from fake_nexmo.scenario.people import HandsetFacts, ReceiptsFacts, SmsStepFacts
from tests.scenario.example import EXAMPLE, NAMES


@pytest.fixture(scope="module")
def example() -> d.Document:
    return load_text(EXAMPLE, "yaml", NAMES)


def test_head(example: d.Document) -> None:
    """Name, seed, clock and variables."""
    assert (example.version, example.scenario, example.seed) == (1, "otp-on-a-bad-day", 42)
    assert example.clock == d.ClockFacts("2026-03-01T09:00:00Z", "manual")
    assert example.vars == {"app": "http://127.0.0.1:8000"}
    assert example.ends is None


def test_world(example: d.Document) -> None:
    """Accounts, applications, networks and numbers, with variables filled in."""
    account = example.world.accounts["main"]
    assert (account.api_key, account.api_secret, account.balance) == ("abcd1234", "s3cr3tS3cr3t", "2.00 EUR")
    assert account.limits.sms == "30/s"
    assert account.webhooks.inbound_sms == "http://127.0.0.1:8000/in"
    assert (account.webhooks.method, account.webhooks.signed) == ("POST-JSON", True)
    assert example.world.settings == {"profile": "current"}
    assert example.world.applications["ivr"].voice == {
        "answer_url": "http://127.0.0.1:8000/answer",
        "event_url": "http://127.0.0.1:8000/event",
    }
    assert example.world.networks == {
        "23410": NetworkFacts(name="O2 UK", country="GB", type=NumberType.MOBILE, sms="0.0412 EUR", voice="0.0127 EUR")
    }
    number = example.world.numbers["447700900000"]
    assert (number.country, number.features, number.application) == ("GB", ["SMS", "VOICE"], "ivr")


def test_handsets(example: d.Document) -> None:
    """Placeholders of a form stay, ``after`` may stand within ``submit``, and the crowd has its shares."""
    assert list(example.handsets) == ["alice", "bob", "carol", "crowd"]
    alice = example.handsets["alice"]
    assert alice.receipts == ReceiptsFacts(after="2s", status="delivered")
    assert alice.on_sms == [SmsStepFacts(reply="STOP", if_text="/offer/i", after="4s")]
    assert alice.on_call == [
        {"answer": {"after": "3s"}},
        {"press": "1", "when_heard": "/for sales/i", "within": "20s", "else": "hang_up"},
        {"say": "yes please"},
        {"hang_up": {"after": "5s"}},
    ]
    url = "http://127.0.0.1:8000/login/otp"
    assert alice.on_code == [
        {"submit": {"url": url, "form": {"phone": "{number}", "code": "{wrong_code}"}}},
        {"submit": {"url": url, "form": {"phone": "{number}", "code": "{code}"}}, "after": "10s"},
    ]
    assert example.handsets["crowd"] == HandsetFacts(
        range="447700900100..447700900999",
        mix={"answers": "90%", "unreachable": "7%", "wrong-coder": "3%"},
        sticky=True,
    )


def test_faults(example: d.Document) -> None:
    """In their order."""
    assert example.faults == {
        "throttled": FaultFacts(target="sms.send", account="main", calls="1..2", answer="throttled"),
        "lost-reply": FaultFacts(target="voice.create_call", call=1, effect="applied", then="drop_connection"),
        "flaky": FaultFacts(target="insight.*", chance="5%", answer=HttpFacts(503, "2s")),
        "slow": FaultFacts(target="verify.check", delay=DelayFacts("800ms", "4s")),
        "twice": FaultFacts(target="webhook.receipt", to="alice", repeat=2, gap="300ms", order="shuffled"),
        "too-early": FaultFacts(target="webhook.receipt", call=3, deliver="before_response"),
        "outage": FaultFacts(
            target="network.23410", starts="5m", for_="15m", receipts=ReceiptsFacts(status="failed", err_code="1")
        ),
    }
    assert list(example.faults) == ["throttled", "lost-reply", "flaky", "slow", "twice", "too-early", "outage"]


def test_timeline(example: d.Document) -> None:
    """Instants stay as they were written."""
    assert example.timeline == [
        d.TimelineStep(at="0s", handset="alice", send_sms=d.Text("447700900000", "JOIN")),
        d.TimelineStep(at="+30s", handset="bob", call=d.Dialled("447700900000")),
        d.TimelineStep(when="verify.started", to="carol", after="10s", handset="carol", do="power_off"),
        d.TimelineStep(at="5m", account="main", set=d.AccountChange(balance="0 EUR")),
    ]


def test_expectations_and_strictness(example: d.Document) -> None:
    """Each expectation is one claim."""
    assert example.expect == [
        d.Expectation(message=d.MessageMatch(to="alice", text=r"/code: \d{4}/i"), count="1", before="5s", as_="otp"),
        d.Expectation(webhook=d.WebhookMatch(kind="receipt", about="otp", answered="2xx")),
        d.Expectation(
            call=d.CallMatch(to="alice", ended="completed", heard=["/welcome/i", "/for sales/i"], lasted="8s..")
        ),
        d.Expectation(never=d.Never(message=d.MessageMatch(to="bob"))),
        d.Expectation(spent=d.Spent("main", at_most="0.20 EUR")),
        d.Expectation(order=["otp", "otp.receipt"]),
    ]
    assert example.strict == d.Strict("fail", "fail", "fail", UNSET, "warn")


def test_every_kind_belongs_to_a_field() -> None:
    """The tables of what is what name no field that is gone."""
    for owner, field in (*kinds.KINDS, *kinds.INSIDE, *kinds.NAMES):
        assert field in {each.name for each in msgspec.structs.fields(owner)}, f"{owner.__name__}.{field}"


def test_scalars_are_texts_until_the_model_says_otherwise() -> None:
    """Norway stays a country, a plus and zeros stay where they are, and a time stays a text."""
    read = load_text(
        """
        handsets:
          a: {number: +447700900001, on_sms: [{reply: 12:30}, ], code: 0012}
          b: {number: 447700900002, on_sms: [{reply: no, if_text: yes}, {reply: "null", if_text: 1e3}]}
        world: {settings: {base_url: 1}, numbers: {"4746740605": {account: main, country: NO}}}
        """,
        "yaml",
        NAMES,
    )

    assert read.handsets["a"].number == "447700900001"
    assert read.handsets["a"].code == "0012"
    assert read.handsets["a"].on_sms == [SmsStepFacts(reply="12:30")]
    assert read.handsets["b"].on_sms == [
        SmsStepFacts(reply="no", if_text="yes"),
        SmsStepFacts(reply="null", if_text="1e3"),
    ]
    assert read.world.numbers["4746740605"].country == "NO"
    assert read.world.settings == {"base_url": "1"}


def test_nothing_is_as_if_it_were_not_said() -> None:
    """But where nothing is something to say, it is said."""
    read = load_text(
        """
        seed: null
        clock: ~
        handsets:
          a: {number: "447700900001", network: null, like: null, on_call: [{hang_up: }]}
        world: {accounts: {main: {balance: , limits: {sms: null}}}}
        """,
        "yaml",
        NAMES,
    )

    assert (read.seed, read.clock) == (None, None)
    assert read.handsets["a"] == HandsetFacts(number="447700900001", network=None, on_call=[{"hang_up": {}}])
    assert read.world.accounts["main"].balance == "100.00 EUR"


def test_notes_are_allowed_everywhere() -> None:
    """``$schema``, and what begins with ``x-``."""
    noted = load_text(
        """
        $schema: ./fake-nexmo.schema.json
        x-why: {who: knows, what: [1, 2]}
        world: {x-a: 1, settings: {x-b: 1, profile: "2020"}, accounts: {x-c: 1, main: {x-d: [], webhooks: {x-e: }}}}
        faults: {a: {x-f: 1, target: sms.send}}
        """,
        "yaml",
        NAMES,
    )

    plain = load_text(
        "{world: {settings: {profile: 2020}, accounts: {main: {}}}, faults: {a: {target: sms.send}}}", "yaml", NAMES
    )
    assert noted == plain


def test_a_phone_may_go_by_its_number_alone() -> None:
    """Its name says it."""
    assert list(load_text("handsets: {+447700900001: {like: busy}}", "yaml", NAMES).handsets) == ["+447700900001"]


def test_a_scenario_without_accounts_stands_on_the_default_one() -> None:
    """What it says of applications and faults may name it."""
    load_text("{world: {applications: {b: {account: main}}}, faults: {a: {target: sms.send, account: main}}}", "yaml",
              NAMES)  # fmt: skip
