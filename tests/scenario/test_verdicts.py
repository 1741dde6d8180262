"""Expectations: met, pending and unmet, and what is said of those that are not met, whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.scenario.matching import bounds, in_count
from fake_nexmo.scenario.telling import WIDTH, Happened, around, cut
from tests.house import House
from tests.receiver import Answer, Receiver

OWNED, ALICE, BOB = "447700900000", "447700900101", "447700900102"
HOOKS = {"receipts": "http://shop.test/dlr", "inbound_sms": "http://shop.test/in"}
WORLD = {
    "accounts": {"main": {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "webhooks": HOOKS}},
    "applications": {
        "ivr": {
            "account": "main",
            "voice": {"answer_url": "http://shop.test/answer", "event_url": "http://shop.test/event"},
        }
    },
    "numbers": {OWNED: {"account": "main", "country": "GB", "application": "ivr"}},
}
HI = {"message": {"to": "bob"}, "as": "hi"}
NCCO = b'[{"action": "talk", "text": "Welcome"}, {"action": "talk", "text": "Press 1 for sales"}]'


def app_answers(status: int) -> Any:
    headers = (("Content-Type", "application/json"),)
    return lambda got: Answer(body=NCCO, headers=headers) if got.path == "/answer" else Answer(status)


async def live(house: House, app: Receiver, *expected: dict[str, Any], status: int = 200, **more: Any) -> None:
    """A world in which Alice gets an SMS at 0 s, writes one and calls at 1 s, Bob gets one, and Alice a code at 2 s."""
    app.answer_by(app_answers(status))
    scenario = {
        "scenario": "a day",
        "clock": {"start": "2026-03-01T09:00:00Z", "mode": "manual"},
        "world": WORLD,
        "handsets": {"alice": {"number": ALICE}, "bob": {"number": BOB}},
        "timeline": [
            {"at": "1s", "handset": "alice", "send_sms": {"to": OWNED, "text": "JOIN"}},
            {"at": "1s", "handset": "alice", "call": {"to": OWNED}},
        ],
        "expect": list(expected),
        **more,
    }
    await house.control("PUT", "scenario", scenario)
    await house.control("PUT", "routes", {"http://shop.test": app.url})
    await house.send(text="Your kode: 1234", to=ALICE, from_="Shop")
    await house.advance("1s")
    await house.send(text="Hello", to=BOB)
    await house.advance("1s")
    account = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
    await house.client.post("/verify/json", data={**account, "number": ALICE, "brand": "Acme"})
    await house.advance("28s")


async def verdicts(house: House, *, final: bool = True) -> list[dict[str, Any]]:
    answer = await house.control("GET", f"expectations?final={'true' if final else 'false'}")
    found: list[dict[str, Any]] = answer["items"]
    return found


async def judged(house: House, *expected: dict[str, Any], final: bool = True, **more: Any) -> dict[str, Any]:
    """The verdict on the last one."""
    async with Receiver() as app:
        await live(house, app, *expected, **more)
        return (await verdicts(house, final=final))[-1]


MET: dict[str, tuple[dict[str, Any], ...]] = {
    "message": ({"message": {"to": "bob", "text": "Hello", "status": "delivered", "account": "abcd1234"}},),
    "message by pattern": ({"message": {"to": "4477009001*", "text": "/KODE/i", "type": "text"}, "count": "1"},),
    "inbound message": ({"message": {"direction": "inbound", "from": "alice", "to": f"+{OWNED}"}, "count": "1"},),
    "between": ({"message": {"from": "Acme"}, "after": "1s", "before": "1.1s", "count": 1},),
    "as many": ({"message": {"direction": "outbound"}, "count": "2..3"},),
    "call": (
        {
            "call": {
                "direction": "inbound",
                "from": "alice",
                "to": OWNED,
                "ended": "completed",
                "lasted": "1s..",
                "heard": ["/welcome/i", "/for sales/i"],
            }
        },
    ),
    "verification": (
        {"verification": {"number": "alice", "brand": "Acme", "phase": "in_progress", "checks": 0, "account": "main"}},
    ),
    "webhook": (HI, {"webhook": {"kind": "receipt", "about": "hi", "answered": "2xx", "url": "/dlr$/"}, "count": 1}),
    "webhook by state": ({"webhook": {"state": "delivered", "attempts": "1", "answered": "200"}, "count": "5.."},),
    "request": ({"request": {"operation": "sms.*", "method": "POST", "path": "/sms/json", "status": 200}, "count": 2},),
    "spent": ({"spent": {"account": "abcd1234", "at_most": "0.20 EUR", "at_least": "0.0999 EUR"}},),
    "never": ({"never": {"message": {"to": "bob", "text": "/code/"}}},),
    "never yet": ({"never": {"message": {"to": "bob"}}, "before": "1s"},),
    "order": (HI, {"message": {"text": "/code/"}, "as": "code"}, {"order": ["hi", "hi.receipt", "code"]}),
}


@pytest.mark.parametrize("expected", MET.values(), ids=MET.keys())
async def test_what_is_so_is_met(house: House, expected: tuple[dict[str, Any], ...]) -> None:
    """On demand and at the end alike; nothing more is said."""
    async with Receiver() as app:
        await live(house, app, *expected)

        for final in (False, True):
            one = (await verdicts(house, final=final))[-1]
            assert (one["state"], one["why"], one["around"]) == ("met", [], [])


# One of each kind that is not met: what is said, whole. IDs are those of seed 42.
UNMET: dict[str, tuple[tuple[dict[str, Any], ...], list[str]]] = {
    "message": (
        ({"message": {"to": "alice", "text": "/code: \\d{5}/i", "from": "Shop"}, "count": 1, "before": "5s"},),
        [
            "Expected once: message from Shop, to alice, text /code: \\d{5}/i, count 1, before 5s",
            "The nearest of 4 messages, MESSAGE-0 Shop to 447700900101 at 09:00:00.000:",
            "    from    'Shop'",
            "    to      '447700900101'",
            "  x text    'Your kode: 1234'",
            "            wanted /code: \\d{5}/i",
            "    before  0s after the start",
        ],
    ),
    "too late": (
        ({"message": {"to": "bob"}, "before": "1s"},),
        [
            "Expected at least once: message to bob, before 1s",
            "The nearest of 4 messages, MESSAGE-2 Acme to 447700900102 at 09:00:01.000:",
            "    to      '447700900102'",
            "  x before  1s after the start",
            "            wanted '1s'",
        ],
    ),
    "too early": (
        ({"message": {"to": "bob", "text": "Hello"}, "after": "2s"},),
        [
            "Expected at least once: message to bob, text Hello, after 2s",
            "The nearest of 4 messages, MESSAGE-2 Acme to 447700900102 at 09:00:01.000:",
            "    to     '447700900102'",
            "    text   'Hello'",
            "  x after  1s after the start",
            "           wanted '2s'",
        ],
    ),
    "call": (
        ({"call": {"from": "alice", "ended": "completed", "heard": ["/sales/", "/welcome/i"], "lasted": "..1s"}},),
        [
            "Expected at least once: call from alice, ended completed, heard /sales/, then /welcome/i, lasted",
            "    ..1s",
            "The only call, CALL-0 447700900101 to 447700900000 at 09:00:01.000:",
            "    from    '447700900101'",
            "    ended   'completed'",
            "  x heard   'Welcome' | 'Press 1 for sales'",
            "            wanted /sales/, then /welcome/i",
            "  x lasted  LASTED",
            "            wanted '..1s'",
        ],
    ),
    "verification": (
        ({"verification": {"number": "alice", "phase": "success", "checks": "1.."}},),
        [
            "Expected at least once: verification number alice, phase success, checks 1..",
            "The only verification, VERIFICATION-0 of 447700900101 at 09:00:02.000:",
            "    number  '447700900101'",
            "  x phase   'IN PROGRESS'",
            "            wanted 'success'",
            "  x checks  0",
            "            wanted '1..'",
        ],
    ),
    "webhook": (
        (HI, {"webhook": {"kind": "receipt", "about": "hi", "answered": "500"}}),
        [
            "Expected at least once: webhook kind receipt, about hi, answered 500",
            "The nearest of WEBHOOKS webhooks, RECEIPT-1 receipt to http://shop.test/dlr at 09:00:02.000:",
            "    kind      'receipt'",
            "    about     'MESSAGE-2'",
            "  x answered  200",
            "              wanted '500'",
        ],
    ),
    "request": (
        ({"request": {"operation": "sms.*", "status": 500}, "count": "2.."},),
        [
            "Expected 2 times or more: request operation sms.*, status 500, count 2..",
            "The nearest of 3 requests, sms.send at 09:00:01.000:",
            "    operation  'sms.send'",
            "  x status     200",
            "               wanted 500",
        ],
    ),
    "another call": (
        ({"call": {"to": "bob"}},),
        [
            "Expected at least once: call to bob",
            "The only call, CALL-0 447700900101 to 447700900000 at 09:00:01.000:",
            "  x to  '447700900000'",
            "        wanted 'bob'",
        ],
    ),
    "too few": (
        ({"request": {"operation": "sms.send"}, "count": "3..4"},),
        [
            "Expected 3 to 4 times: request operation sms.send, count 3..4",
            "There are 2 requests that fit:",
            "    sms.send at 09:00:00.000",
            "    sms.send at 09:00:01.000",
            "The only other request, verify.start at 09:00:02.000:",
            "  x operation  'verify.start'",
            "               wanted 'sms.send'",
        ],
    ),
    "too many": (
        ({"request": {"operation": "sms.send"}, "count": 1},),
        [
            "Expected once: request operation sms.send, count 1",
            "There are 2 requests that fit:",
            "    sms.send at 09:00:00.000",
            "    sms.send at 09:00:01.000",
        ],
    ),
    "spent too much": (
        ({"spent": {"account": "main", "at_most": "0.01 EUR"}},),
        ["Expected: spent account main, at_most 0.01 EUR", "The account spent 0.10005 EUR."],
    ),
    "spent too little": (
        ({"spent": {"account": "main", "at_least": "1 EUR"}},),
        ["Expected: spent account main, at_least 1 EUR", "The account spent 0.10005 EUR."],
    ),
    "never": (
        ({"never": {"message": {"to": "bob"}}},),
        [
            "Expected never: message to bob",
            "There is one message that fits:",
            "    MESSAGE-2 Acme to 447700900102 at 09:00:01.000  'Hello'",
        ],
    ),
    "order": (
        (HI, {"message": {"text": "nothing such"}, "as": "none"}, {"order": ["hi.receipt", "hi", "none"]}),
        [
            "Expected: order hi.receipt, then hi, then none",
            "    hi.receipt  RECEIPT-1 receipt to http://shop.test/dlr at 09:00:02.000",
            "  x hi          MESSAGE-2 Acme to 447700900102 at 09:00:01.000, too early",
            "  x none        did not happen",
        ],
    ),
}


@pytest.mark.parametrize("case", UNMET)
async def test_what_is_not_so_is_said_whole(house: House, case: str) -> None:
    """What was expected, and the nearest miss, field by field."""
    expected, why = UNMET[case]
    async with Receiver() as app:
        await live(house, app, *expected)
        one = (await verdicts(house))[-1]

    assert one["state"] == "unmet"
    assert one["why"] == await _with_ids(house, why)
    assert all(len(line) <= WIDTH for line in one["why"] + one["around"])


async def _with_ids(house: House, lines: list[str]) -> list[str]:
    """Lines with the ids that the world has drawn."""
    names = {}
    for kind, word in (("messages", "id"), ("calls", "uuid"), ("verifications", "request_id")):
        for k, each in enumerate((await house.control("GET", kind))["items"]):
            names[f"{kind.removesuffix('s').upper()}-{k}"] = each[word]
    hooks = (await house.control("GET", "webhooks"))["items"]
    receipts = [each["id"] for each in hooks if each["kind"] == "receipt"]
    names |= {f"RECEIPT-{k}": each for k, each in enumerate(receipts)}
    names["WEBHOOKS"] = str(len(hooks))
    names["LASTED"] = str((await house.control("GET", "calls"))["items"][0]["duration"])
    for name, value in names.items():
        lines = [line.replace(name, value) for line in lines]
    return lines


async def test_what_happened_around_it_is_told(house: House) -> None:
    """In order, around the nearest miss: requests, webhooks, events and steps."""
    quiet = {"never": {"message": {"to": "alice"}}, "before": "1s"}
    async with Receiver() as app:
        await live(house, app, quiet, status=500, timeline=[{"at": "0.5s", "note": "now"}])
        (one,) = await verdicts(house)

    assert one["around"] == [
        "What happened around it, 12 of 18:",
        "  09:00:00.000  event    message.submitted  447700900101  'Your kode: 1234'",
        "  09:00:00.000  request  sms.send  POST /sms/json  -> 200",
        "  09:00:00.500  note     now",
        "  09:00:01.000  event    message.delivered  447700900101  'Your kode: 1234'",
        "  09:00:01.000  event    message.submitted  447700900102  'Hello'",
        "  09:00:01.000  request  sms.send  POST /sms/json  -> 200",
        "  09:00:01.000  webhook  receipt to http://shop.test/dlr  -> 500",
        "  09:00:02.000  event    message.delivered  447700900102  'Hello'",
        "  09:00:02.000  event    verify.started  447700900101",
        "  09:00:02.000  event    verify.event_sent  447700900101",
        "  09:00:02.000  event    message.submitted  447700900101  'Acme code: 7175. Valid for 5 minutes.'",
        "  09:00:02.000  request  verify.start  POST /verify/json  -> 200",
    ]


async def test_what_may_still_come_is_pending(house: House) -> None:
    """Until the end; what nothing can mend is unmet at once."""
    states: dict[str, tuple[dict[str, Any], str]] = {
        "may come": ({"message": {"to": "bob", "text": "later"}}, "pending"),
        "may become so": ({"message": {"to": "bob", "status": "failed"}, "before": "2s"}, "pending"),
        "too late": ({"message": {"to": "bob", "text": "later"}, "before": "2s"}, "unmet"),
        "too many": ({"message": {"to": "bob"}, "count": 0}, "unmet"),
        "may be spent": ({"spent": {"account": "main", "at_least": "1 EUR"}}, "pending"),
        "spent": ({"spent": {"account": "main", "at_most": "0 EUR"}}, "unmet"),
        "named": ({"message": {"text": "later"}, "as": "later"}, "pending"),
        "order": ({"order": ["later"]}, "pending"),
        "empty": ({"order": []}, "met"),
    }
    async with Receiver() as app:
        await live(house, app, *(each for each, _ in states.values()))
        now = await verdicts(house, final=False)
        end = await verdicts(house, final=True)

    assert dict(zip(states, (each["state"] for each in now), strict=True)) == {
        name: state for name, (_, state) in states.items()
    }
    assert {each["state"] for each in end} == {"unmet", "met"}


async def test_the_end_gives_verdicts_that_stand(house: House) -> None:
    """Whatever happens after it."""
    async with Receiver() as app:
        await live(house, app, {"never": {"message": {"text": "late"}}}, ends="10s")
    given = await house.control("GET", "expectations")
    assert (given["at"], given["final"], given["items"][0]["state"]) == ("2026-03-01T09:00:10.000Z", True, "met")

    await house.send(text="late")

    assert await house.control("GET", "expectations?final=true") == given


async def test_before_the_end_nothing_is_final(house: House) -> None:
    """Nor is strictness acted upon."""
    one = {"message": {"text": "late"}}
    await house.control("PUT", "scenario", {"expect": [one], "ends": "10s", "strict": {"unexpected_message": "fail"}})
    await house.send()

    given = await house.control("GET", "expectations")

    assert (given["final"], given["items"][0]["state"], given["strict"]) == (False, "pending", [])


async def test_a_world_without_a_scenario_expects_nothing(house: House) -> None:
    """And says so."""
    assert await house.control("GET", "expectations") == {
        "scenario": None,
        "at": None,
        "final": False,
        "items": [],
        "strict": [],
        "problems": [],
    }
    answer = await house.control("GET", "expectations?final=maybe", status=422)
    assert answer["detail"] == "final: 'maybe' is not understood; it is true or false"


# Strictness.


async def strict(house: House, rule: str, **more: Any) -> list[str]:
    """What is said by a rule."""
    async with Receiver() as app:
        await live(house, app, HI, strict={rule: "fail"}, **more)
        given = await house.control("GET", "expectations?final=true")
    assert {(each["rule"], each["weight"]) for each in given["strict"]} <= {(rule, "fail")}
    return [each["what"] for each in given["strict"]]


async def test_messages_that_nobody_expected(house: House) -> None:
    """Those that an expectation found are expected, and what people send is."""
    said = await strict(house, "unexpected_message")

    ids = [each["id"] for each in (await house.control("GET", "messages"))["items"]]
    assert said == [
        f"Nobody expected the message {ids[0]} to 447700900101: 'Your kode: 1234'",
        cut(f"Nobody expected the message {ids[3]} to 447700900101: 'Acme code: 1636. Valid for 5 minutes.'"),
    ]


async def test_faults_that_never_acted(house: House) -> None:
    """Not those left to chance, nor those that were met often enough."""
    faults = {
        "met": {"target": "sms.send", "to": "bob", "call": 1, "delay": "1ms"},
        "once": {"target": "verify.start", "call": 2, "answer": "throttled"},
        "never": {"target": "insight.*", "every": 2, "answer": "throttled"},
        "dice": {"target": "pricing.*", "chance": "5%", "answer": "throttled"},
    }
    house.engine.shell.sleep = _no_sleep

    assert await strict(house, "unused_fault", faults=faults) == [
        "The fault 'once' on verify.start never acted: it was met once.",
        "The fault 'never' on insight.* never acted: it was never met.",
    ]


async def _no_sleep(_: float) -> None:
    return None


async def test_webhooks_that_failed(house: House) -> None:
    """Those that wait for another try included."""
    async with Receiver() as app:
        await live(house, app, HI, strict={"failed_webhook": "fail"}, status=503, timeline=[])
        given = await house.control("GET", "expectations?final=true")

    hooks = (await house.control("GET", "webhooks"))["items"]
    assert [each["state"] for each in hooks] == ["pending"] * 2
    assert given["strict"] == [
        {
            "rule": "failed_webhook",
            "weight": "fail",
            "what": "The webhook receipt to http://shop.test/dlr "
            f"failed {len(each['attempts'])} times, another try is due:",
            "why": ["  HTTP 503"],
        }
        for each in hooks
    ]


async def test_requests_that_nobody_has(house: House) -> None:
    """Where there is one world only."""
    await house.send(api_key="nobody00")
    assert await strict(house, "lost_request", timeline=[]) == [
        "POST /sms/json came with the credential 'nobody00', which nobody has."
    ]
    await house.control("POST", "/worlds", {}, 201)
    given = await house.control("GET", "expectations?final=true")
    assert given["strict"] == []


async def test_numbers_that_nobody_declared(house: House) -> None:
    """Phones, crowds, owned numbers and stock characters are known."""
    crowd = {"range": "447700900200..447700900299", "mix": {"answers": "100%"}}
    handsets = {"alice": {"number": ALICE}, "bob": {"number": BOB}, "crowd": crowd}
    async with Receiver() as app:
        await live(house, app, strict={"unknown_number": "warn"}, handsets=handsets)
        for number in ("447700900205", "447700900006", OWNED, "447700900500"):
            await house.send(to=number)
        given = await house.control("GET", "expectations?final=true")

    (last,) = [each["id"] for each in (await house.control("GET", "messages"))["items"] if each["to"] == "447700900500"]
    assert given["strict"] == [
        {
            "rule": "unknown_number",
            "weight": "warn",
            "what": f"Nobody declared 447700900500, the number of the message {last}.",
            "why": [],
        }
    ]


# Small things.


@pytest.mark.parametrize(
    ("said", "least", "most"), [("2", 2, 2), ("1..3", 1, 3), ("2..", 2, None), (" 0 ", 0, 0), ("0..0", 0, 0)]
)
def test_counts(said: str, least: int, most: int | None) -> None:
    """One number, a range, or a least."""
    assert bounds(said) == (least, most)
    assert [in_count(said, count) for count in range(5)] == [
        least <= count <= (5 if most is None else most) for count in range(5)
    ]


@given(st.text())
def test_a_line_fits_and_moves_nothing(text: str) -> None:
    """Whatever an app sends."""
    line = cut(text)

    assert len(line) <= WIDTH
    assert line.isprintable()


@given(st.integers(0, 40), st.none() | st.integers(-1, 41))
def test_around_shows_what_is_near(count: int, at: int | None) -> None:
    """In order, no more than a dozen, and what it is about among them."""
    happened = [Happened(k, k, f"<{k}>") for k in range(count)]

    head, *lines = around(happened, at)

    shown = [int(line.rpartition("<")[2].removesuffix(">")) for line in lines]
    assert shown == sorted(shown)
    assert len(shown) == min(count, 12)
    assert (head == "Nothing happened.") == (count == 0)
    assert at is None or not 0 <= at < count or at in shown
