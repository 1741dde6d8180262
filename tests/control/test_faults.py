"""Arming, listing and disarming faults through the control API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House


async def arm(house: House, target: str = "sms.send", status: int = 201, **said: Any) -> dict[str, Any]:
    """Arm a fault; what is answered."""
    words = {name.rstrip("_"): word for name, word in said.items()}
    answer: dict[str, Any] = await house.control("POST", "faults", {"target": target, **words}, status)
    return answer


async def armed(house: House) -> list[dict[str, Any]]:
    """The faults that are armed."""
    items: list[dict[str, Any]] = (await house.control("GET", "faults"))["items"]
    return items


async def test_a_fault_is_shown_as_it_was_armed_with_its_matches(house: House) -> None:
    """In the order of arming; one without a name gets one."""
    assert await armed(house) == []

    one = await arm(house, name="outage", call=3, answer="throttled")
    two = await arm(house, "webhook.receipt", repeat=2, gap="300ms")
    three = await arm(house, "network.23410", name="", starts="5m", receipts={"status": "failed"})
    await house.send()

    assert one == {"name": "outage", "target": "sms.send", "calls": "3..3", "effect": "none", "answer": "throttled"}
    assert two == {"name": "fault-1", "target": "webhook.receipt", "repeat": 2, "gap": "300ms", "effect": "applied"}
    assert three == {
        "name": "fault-2",
        "target": "network.23410",
        "effect": "applied",
        "receipts": {"status": "failed", "err_code": "1"},
        "starts_at": "2026-01-01T00:05:00.000Z",
    }
    assert await armed(house) == [{**one, "matches": 1}, {**two, "matches": 1}, {**three, "matches": 0}]


async def test_a_fault_that_is_armed_again_takes_its_place_and_counts_from_one(house: House) -> None:
    """Its matches are forgotten, those of the others are not."""
    await arm(house, name="a", call=1, answer="throttled")
    await arm(house, name="b", call=9)
    statuses = [(await house.send())["messages"][0]["status"] for _ in range(2)]

    again = await arm(house, name="a", call=1, answer="barred")
    after = await armed(house)
    statuses += [(await house.send())["messages"][0]["status"] for _ in range(2)]

    assert statuses == ["1", "0", "7", "0"]
    assert [(each["name"], each["matches"]) for each in after] == [("a", 0), ("b", 2)]
    assert after[0] == {**again, "matches": 0}


async def test_a_fault_that_is_disarmed_acts_no_more(house: House) -> None:
    """The others stay."""
    await arm(house, name="a", answer="throttled")
    await arm(house, name="b", answer="barred")

    assert await house.control("DELETE", "faults/a", status=204) is None

    assert [each["name"] for each in await armed(house)] == ["b"]
    assert (await house.send())["messages"][0]["status"] == "7"


@pytest.mark.parametrize("names", [(), ("a", "b")])
async def test_what_is_not_armed_cannot_be_disarmed(house: House, names: tuple[str, ...]) -> None:
    """The names of those that are, are said."""
    for name in names:
        await arm(house, name=name)

    answer = await house.control("DELETE", "faults/c", status=404)

    assert answer == {
        "type": "urn:fake-nexmo:no-such-fault",
        "title": "No such fault",
        "status": 404,
        "detail": f"No fault 'c' is armed; there are: {', '.join(names) or 'none'}.",
    }


async def test_a_fault_whose_calls_are_spent_disarms_itself(house: House) -> None:
    """With the last of them; one that was armed anew meanwhile would stay."""
    await arm(house, name="a", calls="1..2", answer="throttled", until="spent")
    await arm(house, name="b", call=2)

    statuses, left = [], []
    for _ in range(3):
        statuses.append((await house.send())["messages"][0]["status"])
        left.append([(each["name"], each["matches"]) for each in await armed(house)])

    assert statuses == ["1", "1", "0"]
    assert left == [[("a", 1), ("b", 1)], [("b", 2)], [("b", 3)]]


async def test_names_of_phones_are_known_to_faults(house: House) -> None:
    """The number that a phone has when the fault is armed."""
    await house.control("PUT", "handsets/alice", {"number": "447700900101"})

    assert (await arm(house, to="alice"))["to"] == "447700900101"
    assert (await arm(house, "webhook.inbound_sms", from_="alice"))["from"] == "447700900101"


@pytest.mark.parametrize(
    ("body", "detail", "path"),
    [
        ({}, "'target' is missing here", None),
        ({"target": "sms.sent"}, "target: nothing is called 'sms.sent'; did you mean 'sms.send'?", "target"),
        ({"target": "sms.send", "anser": "x"}, "anser: 'anser' is not known here; did you mean 'answer'?", "anser"),
        ({"target": "sms.send", "sender": "x"}, None, "sender"),
        ({"target": "sms.send", "for_": "x"}, "for_: 'for_' is not known here; did you mean 'for'?", "for_"),
        (
            {"target": "sms.send", "effect": "maybe"},
            "effect: one of applied, none, twice is expected here, not 'maybe'",
            "effect",
        ),
        (
            {"target": "sms.send", "then": "explode"},
            "then: one of drop_connection, truncate is expected here, not 'explode'",
            "then",
        ),
        ({"target": "sms.send", "call": "x"}, "call: a whole number is expected here, not 'x'", "call"),
        (
            {"target": "sms.send", "answer": {"htp": 1}},
            "answer.htp: 'htp' is not known here; did you mean 'http'?",
            "answer.htp",
        ),
        (
            {"target": "sms.send", "call": 1, "every": 2},
            "every: call and every both say which calls; keep one",
            "every",
        ),
        ({"target": "sms.send", "answer": "throtled"}, None, "answer"),
        (
            {"target": "network.23410"},
            "receipts: a fault on a network says what becomes of receipts, such as {status: failed}",
            "receipts",
        ),
    ],
)
async def test_a_fault_that_cannot_be_is_refused(
    house: House, body: dict[str, Any], detail: str | None, path: str | None
) -> None:
    """422 with what is wrong and where; nothing is armed."""
    answer = await house.control("POST", "faults", body, 422)

    if path == "sender":
        words = (
            "name, call, calls, every, chance, account, to, from, text, param, effect, answer, delay, then, starts,"
            " for, until, repeat, gap, order, deliver, signature, receipts"
        )
        detail = f"sender: 'sender' is not known here; there are target, {words}."
    if path == "answer":
        detail = "answer: sms.send has no answer 'throtled'; did you mean 'throttled'?"
    assert answer == {
        "type": "urn:fake-nexmo:unfit",
        "title": "That cannot be",
        "status": 422,
        "detail": detail,
        **({"path": path} if path else {}),
    }
    assert await armed(house) == []


async def test_faults_live_and_die_with_their_world(house: House) -> None:
    """A reset takes them away, a restore brings them back with their counts."""
    await arm(house, name="a", call=2, answer="throttled")
    await house.send()
    snapshot = (await house.control("POST", "snapshot", status=201))["snapshot"]

    await house.control("POST", "reset")
    gone = await armed(house)
    await house.control("POST", "restore", {"snapshot": snapshot})

    assert gone == []
    assert [(each["name"], each["matches"]) for each in await armed(house)] == [("a", 1)]
    assert (await house.send())["messages"][0]["status"] == "1"


async def test_faults_of_an_unknown_world_are_none(house: House) -> None:
    """404, whatever is asked."""
    for method, path in (("GET", "faults"), ("POST", "faults"), ("DELETE", "faults/a")):
        body = {"target": "sms.send"} if method == "POST" else None
        answer = await house.control(method, f"/worlds/nowhere/{path}", body, 404)
        assert answer["type"] == "urn:fake-nexmo:no-such-world"
