"""Which fault hides which."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.core.records import Fault
from fake_nexmo.scenario.shadows import meetings, shadow


def fault(name: str, target: str = "sms.send", **facts: Any) -> Fault:
    return Fault(name=name, target=target, **facts)


HIDES: dict[str, tuple[dict[str, Any], dict[str, Any], bool, bool]] = {
    "the same": ({}, {}, True, True),
    "a wider target": ({"target": "sms.*"}, {}, True, True),
    "a narrower target": ({}, {"target": "sms.*"}, False, True),
    "all operations are no webhooks": ({"target": "*"}, {"target": "webhook.receipt"}, False, False),
    "all operations": ({"target": "*"}, {"target": "verify.check"}, True, True),
    "all webhooks": ({"target": "webhook.*"}, {"target": "webhook.receipt"}, True, True),
    "another target": ({"target": "sms.convert"}, {}, False, False),
    "now and then": ({"chance": 0.5}, {}, False, True),
    "only some calls": ({"first": 1, "last": 2}, {"account": "a"}, False, True),
    "more calls of the same": ({"first": 1, "last": 3}, {"first": 2, "last": 2}, True, True),
    "fewer calls of the same": ({"first": 2, "last": 2}, {"first": 1, "last": 3}, False, True),
    "calls without an end": ({"first": 2}, {"first": 3}, True, True),
    "an end before": ({"first": 2, "last": 5}, {"first": 3}, False, True),
    "every second hides every fourth": ({"every": 2}, {"every": 4}, True, True),
    "every second hides no third": ({"every": 2}, {"every": 3}, False, True),
    "every second hides no call": ({"every": 2}, {"first": 2, "last": 2}, False, True),
    "a call hides no second": ({"first": 2}, {"every": 2}, False, True),
    "every one": ({"every": 1}, {"first": 4, "last": 4}, True, True),
    "an account": ({"account": "a"}, {}, False, True),
    "another account": ({"account": "a"}, {"account": "b"}, False, False),
    "one account of all": ({}, {"account": "b"}, True, True),
    "a prefix": ({"to": "4477*"}, {"to": "447700900001"}, True, True),
    "a shorter prefix": ({"to": "4477*"}, {"to": "44770*"}, True, True),
    "a longer prefix": ({"to": "44770*"}, {"to": "4477*"}, False, True),
    "another prefix": ({"to": "33*"}, {"to": "4477*"}, False, False),
    "another number": ({"to": "447700900001"}, {"to": "447700900002"}, False, False),
    "another prefix than the number's": ({"to": "33*"}, {"to": "447700900002"}, False, False),
    "a pattern that nobody can compare": ({"to": "/^44/"}, {"to": "447700900002"}, False, True),
    "a sender": ({"sender": "Acme"}, {"sender": "Other"}, False, False),
    "a text": ({"text": "a"}, {"text": "b"}, False, False),
    "parameters": ({"params": {"a": "1"}}, {"params": {"a": "1", "b": "2"}}, True, True),
    "other parameters": ({"params": {"a": "1"}}, {"params": {"b": "2"}}, False, True),
    "later": ({"starts_at": 5}, {}, False, True),
    "as early": ({"starts_at": 5}, {"starts_at": 5}, True, True),
    "not as long": ({"until_at": 9}, {}, False, True),
    "as long": ({"until_at": 9}, {"until_at": 9}, True, True),
    "over before": ({"until_at": 5}, {"starts_at": 5}, False, False),
    "not yet begun": ({"starts_at": 9}, {"until_at": 9}, False, False),
    "disarmed when spent": ({"first": 1, "last": 2, "spent": True}, {"first": 1, "last": 2}, False, True),
}  # fmt: skip


@pytest.mark.parametrize("case", HIDES)
def test_one_fault_hides_another(case: str) -> None:
    """When it acts whenever the other would; they meet when both may match the same thing."""
    first, second, hidden, meet = HIDES[case]
    one, other = fault("one", **first), fault("other", **second)

    assert shadow(one, other) is hidden
    assert meetings([one, other]) == ([("one", "other")] if meet else [])
