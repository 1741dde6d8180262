"""Faults in a scenario's words: the records they spell, how they are shown, and every complaint."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fake_nexmo.core.instant import MINUTE, SECOND
from fake_nexmo.core.records import Delay, Fault, FaultEffect, HttpAnswer, PartStatus, Reaction
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.faults import COMMON, FaultFacts, Names, fault_words, to_fault

# 2026-01-01T00:00:00Z
NOW = 1_767_225_600_000_000
NAMES = Names(
    operations={"sms.send": ("too_long", "throttled"), "account.balance": ("forbidden",)},
    webhooks=("receipt", "inbound_sms"),
    handsets={"alice": "447700900101", "bob": "447700900102"},
)


def read(target: str = "sms.send", **said: Any) -> Fault:
    """The fault that words spell."""
    return to_fault("f", msgspec.convert({"target": target, **said}, FaultFacts), NAMES, NOW)


FAILED = Reaction(SECOND, PartStatus.FAILED, "1")


@pytest.mark.parametrize(
    ("target", "said", "record"),
    [
        ("sms.send", {}, {}),
        ("sms.*", {}, {}),
        ("*", {}, {}),
        ("sms.send", {"call": 3}, {"first": 3, "last": 3}),
        ("sms.send", {"calls": "1..2"}, {"first": 1, "last": 2}),
        ("sms.send", {"calls": "2.."}, {"first": 2, "last": None}),
        ("sms.send", {"calls": 2}, {"first": 2, "last": 2}),
        ("sms.send", {"every": 10}, {"every": 10}),
        ("sms.send", {"chance": "5%"}, {"chance": 0.05}),
        ("sms.send", {"chance": 0.5}, {"chance": 0.5}),
        ("sms.send", {"account": "main"}, {"account": "main"}),
        ("sms.send", {"to": "alice"}, {"to": "447700900101"}),
        ("sms.send", {"to": "+447700900102"}, {"to": "+447700900102"}),
        ("sms.send", {"to": "4477009*"}, {"to": "4477009*"}),
        ("sms.send", {"to": "/01$/"}, {"to": "/01$/"}),
        ("sms.send", {"from": "bob"}, {"sender": "447700900102"}),
        ("sms.send", {"from": "Acme"}, {"sender": "Acme"}),
        ("sms.send", {"text": "/code/i"}, {"text": "/code/i"}),
        ("sms.send", {"param": {"ttl": "20000", "udh": "/^05/"}}, {"params": {"ttl": "20000", "udh": "/^05/"}}),
        ("sms.send", {"effect": "none"}, {"effect": FaultEffect.NONE}),
        ("sms.send", {"effect": "twice"}, {"effect": FaultEffect.TWICE}),
        ("sms.send", {"answer": "throttled"}, {"answer": "throttled", "effect": FaultEffect.NONE}),
        ("sms.send", {"answer": "too_long"}, {"answer": "too_long", "effect": FaultEffect.NONE}),
        ("*", {"answer": "forbidden"}, {"answer": "forbidden", "effect": FaultEffect.NONE}),
        ("sms.send", {"answer": "throttled", "effect": "applied"}, {"answer": "throttled"}),
        ("sms.send", {"answer": {"http": 503}}, {"answer": HttpAnswer(503), "effect": FaultEffect.NONE}),
        (
            "sms.send",
            {"answer": {"http": 503, "retry_after": "1.5s"}},
            {"answer": HttpAnswer(503, 2), "effect": FaultEffect.NONE},
        ),
        (
            "sms.send",
            {"answer": {"http": 200, "retry_after": 0}},
            {"answer": HttpAnswer(200, 0), "effect": FaultEffect.NONE},
        ),
        ("sms.send", {"delay": "300ms"}, {"delay": Delay(300_000)}),
        ("sms.send", {"delay": 0}, {"delay": Delay(0)}),
        ("sms.send", {"delay": {"median": "1s"}}, {"delay": Delay(SECOND)}),
        ("sms.send", {"delay": {"median": "800ms", "p99": "4s"}}, {"delay": Delay(800_000, 4_000_000)}),
        ("sms.send", {"then": "drop_connection"}, {"then": "drop_connection"}),
        ("sms.send", {"then": "truncate"}, {"then": "truncate"}),
        ("sms.send", {"starts": "5m"}, {"starts_at": NOW + 5 * MINUTE}),
        ("sms.send", {"for": "15m"}, {"until_at": NOW + 15 * MINUTE}),
        ("sms.send", {"starts": "5m", "for": "15m"}, {"starts_at": NOW + 5 * MINUTE, "until_at": NOW + 20 * MINUTE}),
        ("sms.send", {"until": "2026-01-01T01:00:00Z"}, {"until_at": NOW + 60 * MINUTE}),
        ("sms.send", {"until": "disarmed"}, {}),
        ("sms.send", {"until": "spent", "call": 2}, {"spent": True, "first": 2, "last": 2}),
        ("sms.send", {"until": "spent", "calls": "1..2"}, {"spent": True, "last": 2}),
        ("webhook.receipt", {"repeat": 2, "gap": "300ms"}, {"repeat": 2, "gap": 300_000}),
        ("webhook.*", {"order": "shuffled"}, {"shuffled": True}),
        ("webhook.receipt", {"deliver": "late", "delay": "1h"}, {"deliver": "late", "delay": Delay(60 * MINUTE)}),
        ("webhook.inbound_sms", {"deliver": "before_response"}, {"deliver": "before_response"}),
        ("webhook.receipt", {"signature": "none"}, {"signature": "none"}),
        ("webhook.receipt", {"signature": "wrong"}, {"signature": "wrong"}),
        ("network.23410", {"receipts": {"status": "failed"}}, {"receipt": FAILED}),
        (
            "network.*",
            {"receipts": {"sequence": [{"status": "rejected"}]}},
            {"receipt": Reaction(SECOND, PartStatus.REJECTED, "6")},
        ),
    ],
)
def test_a_fault_is_spelled_by_its_words(target: str, said: dict[str, Any], record: dict[str, Any]) -> None:
    """An operation beside an answer does not happen unless the fault says so."""
    assert read(target, **said) == Fault("f", target, **record)


@pytest.mark.parametrize("answer", COMMON)
@pytest.mark.parametrize("target", ["sms.send", "account.*", "*"])
def test_every_operation_has_the_common_troubles(target: str, answer: str) -> None:
    """Each API words them in its own way."""
    assert read(target, answer=answer).answer == answer


@pytest.mark.parametrize(
    ("target", "said", "shown"),
    [
        ("sms.send", {}, {"effect": "applied"}),
        ("sms.send", {"call": 3}, {"calls": "3..3", "effect": "applied"}),
        ("sms.send", {"calls": "2.."}, {"calls": "2..", "effect": "applied"}),
        (
            "sms.send",
            {"every": 10, "chance": "5%", "account": "main", "to": "alice", "from": "Acme", "text": "/x/"},
            {
                "every": 10,
                "chance": 0.05,
                "account": "main",
                "to": "447700900101",
                "from": "Acme",
                "text": "/x/",
                "effect": "applied",
            },
        ),
        (
            "sms.send",
            {"param": {"ttl": "1"}, "answer": {"http": 503, "retry_after": 2}, "then": "truncate", "delay": "1s"},
            {
                "param": {"ttl": "1"},
                "answer": {"http": 503, "retry_after": 2},
                "then": "truncate",
                "delay": "1s",
                "effect": "none",
            },
        ),
        (
            "sms.send",
            {"answer": "throttled", "effect": "twice", "delay": {"median": "1s", "p99": "2s"}, "until": "disarmed"},
            {"answer": "throttled", "effect": "twice", "delay": {"median": "1s", "p99": "2s"}},
        ),
        (
            "sms.send",
            {"starts": "1s", "for": "2s"},
            {
                "starts_at": "2026-01-01T00:00:01.000Z",
                "until_at": "2026-01-01T00:00:03.000Z",
                "effect": "applied",
            },
        ),
        ("sms.send", {"call": 1, "until": "spent"}, {"calls": "1..1", "until": "spent", "effect": "applied"}),
        (
            "webhook.receipt",
            {"repeat": 2, "gap": "300ms", "order": "shuffled", "deliver": "late", "signature": "wrong"},
            {
                "repeat": 2,
                "gap": "300ms",
                "order": "shuffled",
                "deliver": "late",
                "signature": "wrong",
                "effect": "applied",
            },
        ),
        (
            "network.23410",
            {"receipts": {"status": "failed", "err_code": 8}},
            {"receipts": {"status": "failed", "err_code": "8"}, "effect": "applied"},
        ),
    ],
)
def test_a_fault_is_shown_without_what_is_as_ever(target: str, said: dict[str, Any], shown: dict[str, Any]) -> None:
    """In the words that it was armed with; instants instead of spans."""
    assert fault_words(read(target, **said)) == {"name": "f", "target": target, **shown}


ALL = "account.balance, sms.send, webhook.inbound_sms, webhook.receipt, and network.MCCMNC"
COMMONS = ", ".join(COMMON)


def meant_nothing(word: str, target: str, kind: str) -> str:
    """The complaint about a word that is for another kind of target."""
    return f"{word!r} means nothing for a fault on {target!r}, which is a {kind}"


@pytest.mark.parametrize(
    ("target", "said", "path", "what"),
    [
        ("sms.sent", {}, "target", "nothing is called 'sms.sent'; did you mean 'sms.send'?"),
        ("xyz", {}, "target", f"nothing is called 'xyz'; there are: {ALL}"),
        (
            "webhook.reciept",
            {},
            "target",
            "nothing is called 'webhook.reciept'; did you mean 'webhook.receipt'?",
        ),
        ("voice.*", {}, "target", f"nothing is called 'voice.*'; there are: {ALL}"),
        ("sms.send", {"calls": "1..2", "call": 1}, "calls", "call and calls both say which calls; keep one"),
        ("sms.send", {"every": 2, "call": 1}, "every", "call and every both say which calls; keep one"),
        ("sms.send", {"every": 2, "calls": 1}, "every", "calls and every both say which calls; keep one"),
        ("sms.send", {"call": 0}, "call", "0 is too small; it is at least 1"),
        ("sms.send", {"every": 0}, "every", "0 is too small; it is at least 1"),
        ("sms.send", {"calls": "2..1"}, "calls", "'2..1' is no range of calls; write 3, 1..2 or 2.."),
        ("sms.send", {"chance": 0}, "chance", "with a chance of 0 it can never act"),
        ("sms.send", {"chance": "200%"}, "chance", "'200%' is no share; write 5% or 0.05"),
        ("sms.send", {"to": "alise"}, "to", "no phone is called 'alise'; did you mean 'alice'?"),
        (
            "sms.send",
            {"to": "Zed"},
            "to",
            "no phone is called 'Zed'; write a number, a prefix like 4477009*, /a pattern/ or a name",
        ),
        (
            "sms.send",
            {"from": "/(/"},
            "from",
            "'/(/' is no regular expression: missing ), unterminated subpattern at position 0",
        ),
        ("sms.send", {"to": "/*/"}, "to", "'/*/' is no regular expression: nothing to repeat at position 0"),
        ("sms.send", {"text": "/*/"}, "text", "'/*/' is no regular expression: nothing to repeat at position 0"),
        (
            "sms.send",
            {"param": {"ttl": "/*/"}},
            "param.ttl",
            "'/*/' is no regular expression: nothing to repeat at position 0",
        ),
        (
            "sms.send",
            {"answer": "throtled"},
            "answer",
            "sms.send has no answer 'throtled'; did you mean 'throttled'?",
        ),
        (
            "account.*",
            {"answer": "xyz"},
            "answer",
            f"account.* has no answer 'xyz'; there are: {COMMONS}, forbidden",
        ),
        ("account.*", {"answer": "too_long"}, "answer", None),
        ("sms.send", {"answer": {"http": 199}}, "answer.http", "199 is no HTTP status"),
        ("sms.send", {"answer": {"http": 600}}, "answer.http", "600 is no HTTP status"),
        (
            "sms.send",
            {"answer": {"http": 503, "retry_after": "x"}},
            "answer.retry_after",
            "'x' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
        ),
        (
            "sms.send",
            {"delay": "x"},
            "delay",
            "'x' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
        ),
        (
            "sms.send",
            {"delay": {"median": 0, "p99": 1}},
            "delay",
            "the median must be above 0 and not above the 99th percentile",
        ),
        (
            "sms.send",
            {"delay": {"median": 2, "p99": 1}},
            "delay",
            "the median must be above 0 and not above the 99th percentile",
        ),
        (
            "sms.send",
            {"delay": {"median": "x"}},
            "delay.median",
            "'x' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
        ),
        (
            "sms.send",
            {"delay": {"median": 1, "p99": "x"}},
            "delay.p99",
            "'x' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
        ),
        ("sms.send", {"for": 1, "until": "disarmed"}, "until", "for and until both say when it ends; keep one"),
        (
            "sms.send",
            {"until": "tomorrow"},
            "until",
            "'tomorrow' is not understood; take spent, disarmed or an instant like 2026-03-01T09:00:00Z",
        ),
        (
            "sms.send",
            {"until": "2026-01-01T00:00:00Z"},
            "until",
            "it ends before it starts, so it can never act",
        ),
        (
            "sms.send",
            {"starts": "2h", "until": "2026-01-01T01:00:00Z"},
            "until",
            "it ends before it starts, so it can never act",
        ),
        ("sms.send", {"until": "spent"}, "until", "spent goes with call or calls: without them it never is"),
        (
            "sms.send",
            {"until": "spent", "every": 2},
            "until",
            "spent goes with call or calls: without them it never is",
        ),
        (
            "sms.send",
            {"starts": "x"},
            "starts",
            "'x' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
        ),
        ("webhook.receipt", {"repeat": 0}, "repeat", "0 is too small; it is at least 1"),
        (
            "webhook.receipt",
            {"gap": "x"},
            "gap",
            "'x' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
        ),
        (
            "network.23410",
            {},
            "receipts",
            "a fault on a network says what becomes of receipts, such as {status: failed}",
        ),
        (
            "network.23410",
            {"receipts": {"sequence": [{}, {}]}},
            "receipts.sequence",
            "a network that is out says one thing of every part",
        ),
        (
            "network.23410",
            {"receipts": {"err_code": "x"}},
            "receipts.err_code",
            "'x' is no error code; it is a number such as 6",
        ),
        *(
            ("sms.send", {word: said}, word, meant_nothing(word, "sms.send", "operation"))
            for word, said in (
                ("receipts", {}),
                ("repeat", 2),
                ("gap", 1),
                ("order", "shuffled"),
                ("deliver", "late"),
                ("signature", "none"),
            )
        ),
        *(
            ("webhook.receipt", {word: said}, word, meant_nothing(word, "webhook.receipt", "webhook"))
            for word, said in (
                ("receipts", {}),
                ("effect", "none"),
                ("answer", "throttled"),
                ("then", "truncate"),
                ("param", {}),
            )
        ),
        *(
            ("network.1", {word: said, "receipts": {}}, word, meant_nothing(word, "network.1", "network"))
            for word, said in (
                ("effect", "none"),
                ("answer", "throttled"),
                ("then", "truncate"),
                ("param", {}),
                ("repeat", 2),
                ("gap", 1),
                ("order", "shuffled"),
                ("deliver", "late"),
                ("signature", "none"),
                ("delay", 1),
            )
        ),
    ],
)
def test_every_complaint_about_a_fault(target: str, said: dict[str, Any], path: str, what: str | None) -> None:
    """What is wrong, where, and the nearest right thing."""
    with pytest.raises(ScenarioError) as refused:
        read(target, **said)
    assert refused.value.path == path
    if what is None:
        what = f"account.* has no answer 'too_long'; there are: {COMMONS}, forbidden"
    assert refused.value.what == what
