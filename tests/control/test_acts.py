"""Handsets and what their people do, through the control API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.house import House
from tests.receiver import Answer, Receiver

ALICE = "447700900101"
OWNED = ("447700900000", "12015550100")
EVERYTHING: dict[str, Any] = {
    "like": "parrot",
    "power": False,
    "network": "23420",
    "submission": {"answer": "throttled", "calls": "1..2"},
    "receipts": {
        "sequence": [
            {"status": "buffered", "err_code": "0", "after": "1m30s"},
            {"status": "failed", "err_code": "52", "after": "2s", "share": 0.25},
        ]
    },
    "on_sms": [{"reply": "STOP", "if_text": "/offer/i", "after": "4s"}, {"ignore": True, "after": "1s"}],
    "line": "busy",
    "machine": {"greeting": "Hi", "beep_after": "4s"},
    "on_call": [{"answer": {"after": "3s"}}],
    "on_code": [{"submit": {"url": "http://127.0.0.1:9/"}}],
    "answers": "by_hand",
    "code": "1234",
    "original_network": "23415",
    "ported": True,
    "roaming": {"country": "FR", "network": "20801"},
    "reachable": "unknown",
    "valid": False,
    "type": "mobile",
    "caller": {"type": "consumer", "first_name": "Al"},
    "ip_country": "GB",
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The customer's server."""
    async with Receiver() as one:
        yield one


async def put(house: House, name: str, status: int = 200, **facts: Any) -> dict[str, Any]:
    """Declare a phone; what is answered."""
    answer: dict[str, Any] = await house.control("PUT", f"handsets/{name}", facts, status)
    return answer


async def shown(house: House, name: str) -> dict[str, Any]:
    """A phone as it is shown."""
    answer: dict[str, Any] = await house.control("GET", f"handsets/{name}")
    return answer


async def newest(house: House) -> dict[str, Any]:
    """The newest message."""
    found: dict[str, Any] = (await house.control("GET", "messages"))["items"][-1]
    return found


def unfit(detail: str, path: str | None) -> dict[str, Any]:
    """The answer to what cannot be."""
    told = {"type": "urn:fake-nexmo:unfit", "title": "That cannot be", "status": 422, "detail": detail}
    return told if path is None else {**told, "path": path}


# ------------------------------------------------------------------------------------------------------- declaring


@pytest.mark.parametrize("key", [*EVERYTHING, ""])
async def test_every_key_of_a_handset_is_read_back(house: House, key: str) -> None:
    """By name and by number alike; what is read can be declared again."""
    said = {key: EVERYTHING[key]} if key else EVERYTHING
    whole = {"name": "alice", "number": ALICE, "like": "answers", **said}

    assert await put(house, "alice", number="+" + ALICE, **said) == whole
    assert await shown(house, "alice") == await shown(house, ALICE) == await shown(house, "+" + ALICE) == whole
    again = {name: fact for name, fact in whole.items() if name != "name"}
    assert await put(house, "alice", **again) == await shown(house, "alice") == whole


async def test_a_number_that_nobody_declared_is_shown_by_its_character(house: House) -> None:
    """By the magic of its digits."""
    assert await shown(house, "447700900999") == {"number": "447700900999", "like": "answers"}
    assert await shown(house, "447700900006") == {"number": "447700900006", "like": "unreachable"}


async def test_what_was_said_before_is_replaced(house: House) -> None:
    """By the name or the number; the name stays until another is given."""
    await put(house, "alice", number=ALICE, like="slow", power=False)

    assert await put(house, ALICE, like="busy") == {"name": "alice", "number": ALICE, "like": "busy"}
    assert await put(house, "alice", network="23420") == {
        "name": "alice",
        "number": ALICE,
        "like": "answers",
        "network": "23420",
    }
    assert (await put(house, "bob", number=ALICE))["name"] == "bob"
    assert (await house.control("GET", "handsets/alice", status=404))["type"] == "urn:fake-nexmo:no-such-handset"


async def test_a_name_moves_with_its_number(house: House) -> None:
    """One name, one phone."""
    await put(house, "alice", number=ALICE, like="busy")

    await put(house, "alice", number="447700900102", like="slow")

    assert await shown(house, "alice") == {"name": "alice", "number": "447700900102", "like": "slow"}
    assert await shown(house, ALICE) == {"number": ALICE, "like": "busy"}


async def test_a_range_of_phones_is_declared_and_read_back(house: House) -> None:
    """The last word counts, in the first one's place; a declared phone among them wins."""
    one = await put(house, "crowd", range="447700900100..447700900199", mix={"busy": "25%", "slow": 0.75})
    await put(house, "later", range="447700900150..447700900999", like="flaky")
    two = await put(house, "crowd", range="447700900100..447700900199", like="broke", sticky=False)
    await put(house, ALICE, like="barred")

    assert one == {
        "name": "crowd",
        "range": "447700900100..447700900199",
        "mix": {"busy": 0.25, "slow": 0.75},
        "sticky": True,
    }
    assert two == {"name": "crowd", "range": "447700900100..447700900199", "mix": {"broke": 1.0}, "sticky": False}
    assert await shown(house, "crowd") == two
    likes = [(await shown(house, f"447700900{k}"))["like"] for k in (100, 101, 199, 200, 999)]
    assert likes == ["broke", "barred", "broke", "flaky", "flaky"]


@pytest.mark.parametrize(
    ("name", "body", "detail", "path"),
    [
        (ALICE, {"lik": "busy"}, "lik: 'lik' is not known here; did you mean 'like'?", "lik"),
        (ALICE, {"like": "bussy"}, "like: no character is called 'bussy'; did you mean 'busy'?", "like"),
        (ALICE, {"number": "447700900102"}, f"number: the path says {ALICE}, the body 447700900102", "number"),
        (
            "alice",
            {"like": "busy"},
            "number: no phone is called 'alice' yet, so its number must be said",
            "number",
        ),
        (
            "alice",
            {"number": "0"},
            "number: '0' is no phone number; write E.164 digits such as 447700900001",
            "number",
        ),
        ("0", {}, "number: '0' is no phone number; write E.164 digits such as 447700900001", "number"),
        *(
            (
                number,
                {},
                f"number: {number} is owned by an account of this world, so nobody is behind it",
                "number",
            )
            for number in OWNED
        ),
        (ALICE, {"mix": {"busy": 1}}, "mix: a handset is one number or a range of them, not both", "mix"),
        (
            "crowd",
            {"range": "1..2"},
            "range: '1..2' is no range; write it like 447700900100..447700900999",
            "range",
        ),
        (
            "crowd",
            {"range": "447700900100..447700900199", "mix": {"busy": "90%"}},
            "mix: the shares add up to 90.0%, not to 100%",
            "mix",
        ),
        (
            "crowd",
            {"range": "447700900100..447700900199", "mix": {"busy": "x"}},
            "mix.busy: 'x' is no share; write 5% or 0.05",
            "mix.busy",
        ),
        (ALICE, {"power": "on"}, "power: true or false is expected here, not 'on'", "power"),
        (
            ALICE,
            {"line": "dead"},
            "line: one of busy, free, silent, unreachable is expected here, not 'dead'",
            "line",
        ),
        (
            ALICE,
            {"receipts": {"stat": 1}},
            "receipts.stat: 'stat' is not known here; did you mean 'status'?",
            "receipts.stat",
        ),
        (
            ALICE,
            {"receipts": {"status": "submitted"}},
            (
                "receipts.status: one of accepted, buffered, delivered, expired, failed, rejected, unknown is expected "
                "here, not 'submitted'"
            ),
            "receipts.status",
        ),
        (
            ALICE,
            {"submission": "throtled"},
            "submission: no trouble is called 'throtled'; did you mean 'throttled'?",
            "submission",
        ),
        (
            ALICE,
            {"on_sms": [{"reply": "x", "if_text": "/(/"}]},
            "on_sms.0.if_text: '/(/' is no regular expression: missing ), unterminated subpattern at position 0",
            "on_sms.0.if_text",
        ),
    ],
)
async def test_a_handset_that_cannot_be_is_refused(
    house: House, name: str, body: dict[str, Any], detail: str, path: str | None
) -> None:
    """422 with what is wrong and where; nothing is declared."""
    assert await house.control("PUT", f"handsets/{name}", body, 422) == unfit(detail, path)
    assert await shown(house, ALICE) == {"number": ALICE, "like": "answers"}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_phone_that_nobody_named_is_not_found(house: House, method: str) -> None:
    """Those that are, are said."""
    path = "handsets/zed" + ("/power" if method == "POST" else "")
    body = {"on": True} if method == "POST" else None
    none = await house.control(method, path, body, 404)
    await put(house, "alice", number=ALICE)
    await put(house, "447700900103")
    await put(house, "bob", number="447700900102")

    some = await house.control(method, path, body, 404)

    for answer, named in ((none, "none"), (some, "alice, bob")):
        assert answer == {
            "type": "urn:fake-nexmo:no-such-handset",
            "title": "No such handset",
            "status": 404,
            "detail": f"'zed' is neither a phone number nor the name of a phone; named are: {named}.",
        }


@pytest.mark.parametrize(
    ("method", "act", "body"),
    [("GET", "", None), ("POST", "/power", {"on": False}), ("POST", "/sms", {"to": OWNED[1], "text": "Hi"})],
)
async def test_nobody_is_behind_an_owned_number(house: House, method: str, act: str, body: Any) -> None:
    """So it does nothing; source: design §3."""
    assert await house.control(method, f"handsets/{OWNED[0]}{act}", body, 422) == {
        "type": "urn:fake-nexmo:owned",
        "title": "An owned number",
        "status": 422,
        "detail": f"{OWNED[0]} is owned by an account of this world, so nobody is behind it.",
    }


# ------------------------------------------------------------------------------------------------------------ acts


async def test_a_phone_is_switched_off_and_on(house: House) -> None:
    """What waited is delivered at once, before the act is answered."""
    off = await house.control("POST", f"handsets/{ALICE}/power", {"on": False})
    await house.send(to=ALICE)
    await house.advance("10s")
    waiting = (await newest(house))["status"]

    on = await house.control("POST", f"handsets/{ALICE}/power", {"on": True})

    assert off == {"number": ALICE, "like": "answers", "power": False, "settled": True}
    assert on == {"number": ALICE, "like": "answers", "power": True, "settled": True}
    message = await newest(house)
    assert (waiting, message["status"], message["parts"][0]["status_at"]) == (
        "buffered",
        "delivered",
        "2026-01-01T00:00:10.000Z",
    )


async def test_declaring_a_phone_that_is_on_delivers_what_waited(house: House) -> None:
    """As switching it on does."""
    await put(house, "alice", number=ALICE, power=False)
    await house.send(to=ALICE)
    await house.advance("10s")

    still_off = await put(house, "alice", like="switched-off")
    waiting = (await newest(house))["status"]
    await put(house, "alice", like="answers")

    assert still_off == {"name": "alice", "number": ALICE, "like": "switched-off"}
    assert (waiting, (await newest(house))["status"]) == ("buffered", "delivered")


async def test_a_number_is_ported(house: House) -> None:
    """Messages reach it in its new network."""
    assert await house.control("POST", f"handsets/{ALICE}/port", {"network": "23420"}) == {
        "number": ALICE,
        "like": "answers",
        "network": "23420",
        "ported": True,
        "settled": True,
    }
    assert (await house.send(to=ALICE))["messages"][0]["network"] == "23420"


async def test_a_phone_roams(house: House) -> None:
    """Other facts about it stay."""
    await put(house, "alice", number=ALICE, valid=True)

    answer = await house.control("POST", "handsets/alice/roam", {"to": "FR"})

    assert answer == {
        "name": "alice",
        "number": ALICE,
        "like": "answers",
        "valid": True,
        "roaming": {"country": "FR"},
        "settled": True,
    }


@pytest.mark.parametrize(
    ("act", "body", "detail", "path"),
    [
        ("power", {}, "'on' is missing here", None),
        ("power", {"on": "yes"}, "on: true or false is expected here, not 'yes'", "on"),
        ("power", {"onn": True}, "onn: 'onn' is not known here; did you mean 'on'?", "onn"),
        ("port", {"network": ""}, "network: a network is named by its MCC and MNC, such as 23410", "network"),
        ("roam", {"to": "France"}, "to: 'France' is no country; write two letters such as FR", "to"),
        ("roam", {"to": "fr"}, "to: 'fr' is no country; write two letters such as FR", "to"),
        ("sms", {"to": OWNED[0]}, "text: an SMS has either a text or a body", "text"),
        ("sms", {"to": OWNED[0], "text": "a", "body": "00"}, "text: an SMS has either a text or a body", "text"),
        ("sms", {"to": OWNED[0], "text": "a", "udh": "00"}, "udh: a header goes with a body", "udh"),
        ("sms", {"to": OWNED[0], "body": "0"}, "body: '0' is not in hex digits", "body"),
        ("sms", {"to": OWNED[0], "body": "00", "udh": "xx"}, "udh: 'xx' is not in hex digits", "udh"),
        (
            "sms",
            {"to": OWNED[0], "body": "00" * 135, "udh": "050003010101"},
            "body: header and body together are above 140 octets",
            "body",
        ),
        (
            "sms",
            {"to": OWNED[0], "text": "A" * (255 * 153 + 1)},
            "text: it needs 256 parts; an SMS has at most 255",
            "text",
        ),
        ("sms", {"text": "Hi"}, "'to' is missing here", None),
    ],
)
async def test_an_act_that_cannot_be_is_refused(
    house: House, act: str, body: dict[str, Any], detail: str, path: str | None
) -> None:
    """422 with what is wrong and where; nothing happens."""
    assert await house.control("POST", f"handsets/{ALICE}/{act}", body, 422) == unfit(detail, path)
    assert (await house.control("GET", "messages"))["items"] == []
    assert await shown(house, ALICE) == {"number": ALICE, "like": "answers"}


async def test_an_sms_to_a_number_that_nobody_owns_is_refused(house: House) -> None:
    """Those that are owned, are listed; source: design §7."""
    answer = await house.control("POST", f"handsets/{ALICE}/sms", {"to": "447700900999", "text": "Hi"}, 422)

    assert answer == {
        "type": "urn:fake-nexmo:nobody",
        "title": "Nobody owns that number",
        "status": 422,
        "detail": f"Nobody in this world owns 447700900999; owned are: {', '.join(OWNED)}.",
        "owned": list(OWNED),
    }


async def test_an_sms_of_a_person_is_answered_as_a_message(house: House, receiver: Receiver) -> None:
    """When its webhooks were answered; the number may have its plus."""
    await house.control("PATCH", "accounts/abcd1234", {"webhooks": {"inbound_sms": receiver.url}})

    answer = await house.control("POST", f"handsets/{ALICE}/sms", {"to": "+" + OWNED[0], "text": "Żółw"})

    assert len(receiver.requests) == 1
    assert answer == {
        "seq": answer["seq"],
        "at": "2026-01-01T00:00:00.000Z",
        "id": answer["id"],
        "ids": [answer["id"]],
        "direction": "inbound",
        "owner": "sms",
        "about": None,
        "account": "main",
        "from": ALICE,
        "to": OWNED[0],
        "type": "unicode",
        "text": "Żółw",
        "status": "delivered",
        "price": "0.00000000",
        "network": "23410",
        "client_ref": None,
        "parts": [
            {
                "id": answer["id"],
                "status": "delivered",
                "err_code": "0",
                "price": "0.00000000",
                "status_at": "2026-01-01T00:00:00.000Z",
            }
        ],
        "settled": True,
    }
    assert await newest(house) == {name: fact for name, fact in answer.items() if name != "settled"}
    events = (await house.control("GET", "events"))["items"]
    assert [(each["name"], each["about"], each["number"]) for each in events] == [
        ("message.received", answer["id"], ALICE)
    ]


async def test_an_act_that_comes_from_a_handler_does_not_wait_for_it(house: House, receiver: Receiver) -> None:
    """It is not settled then: the runner at work carries out what it made due; source: design §5."""
    await house.control("PATCH", "accounts/abcd1234", {"webhooks": {"inbound_sms": receiver.url}})
    held = asyncio.Event()
    receiver.say(Answer(until=held))
    first = asyncio.create_task(house.control("POST", f"handsets/{ALICE}/sms", {"to": OWNED[0], "text": "one"}))
    await receiver.wait_for(1)

    second = await house.control("POST", "handsets/447700900102/sms", {"to": OWNED[0], "text": "two"})
    before = len(receiver.requests)
    held.set()

    assert (second["settled"], before) == (False, 1)
    assert (await first)["settled"] is True
    assert [got.params["text"] for got in receiver.requests] == ["one", "two"]


# ----------------------------------------------------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your code: 1234", "1234"),
        ("12345678 is it", "12345678"),
        ("1111 or 2222, take 333", "2222"),
        ("order 123456789 code 4321", "4321"),
        ("a1234b", "1234"),
    ],
)
async def test_the_code_is_the_last_group_of_digits(house: House, text: str, code: str) -> None:
    """Of four to eight, in the newest message; source: design §7."""
    await house.send(to=ALICE, text="9999")
    sent = await house.send(to=ALICE, text=text)
    await house.send(to="447700900102", text="0000")

    assert await house.control("GET", f"handsets/{ALICE}/code") == {
        "code": code,
        "about": sent["messages"][0]["message-id"],
    }


async def test_without_a_message_there_is_no_code(house: House) -> None:
    """Nothing came to the phone, and nobody called it."""
    assert await house.control("GET", f"handsets/{ALICE}/code", status=404) == {
        "type": "urn:fake-nexmo:no-code",
        "title": "No code",
        "status": 404,
        "detail": f"No SMS came to {ALICE}.",
    }


@pytest.mark.parametrize("texts", [("hello 123",), ("1234", "no code here"), ("123456789",)])
async def test_without_a_code_there_is_none(house: House, texts: tuple[str, ...]) -> None:
    """Older messages do not count."""
    for text in texts:
        await house.send(to=ALICE, text=text)

    assert await house.control("GET", f"handsets/{ALICE}/code", status=404) == {
        "type": "urn:fake-nexmo:no-code",
        "title": "No code",
        "status": 404,
        "detail": f"The newest SMS to {ALICE} holds no group of 4 to 8 digits.",
    }


async def test_a_code_can_be_waited_for(house: House) -> None:
    """Until a message that has one; what else happens in the world does not end it."""
    await put(house, "alice", number=ALICE)
    waiting = asyncio.create_task(house.control("GET", "handsets/alice/code?wait=30s"))
    await asyncio.sleep(0)
    await house.send(to="447700900102", text="1111")
    await house.send(to=ALICE, text="soon")
    done, _ = await asyncio.wait([waiting], timeout=0.01)
    assert not done

    sent = await house.send(to=ALICE, text="now 4711")

    assert await asyncio.wait_for(waiting, 5) == {"code": "4711", "about": sent["messages"][0]["message-id"]}


async def test_a_wait_has_an_end(house: House) -> None:
    """In real time; then there is no code. A wait that is no duration is refused."""
    answer = await house.control("GET", f"handsets/{ALICE}/code?wait=20ms", status=404)
    assert answer["type"] == "urn:fake-nexmo:no-code"
    refused = await house.control("GET", f"handsets/{ALICE}/code?wait=x", status=422)
    assert refused["path"] == "wait"


# ------------------------------------------------------------------------------------------------------- refusals


async def test_refusals_are_counted_from_the_declaration(house: House) -> None:
    """Declaring it again begins anew; source: scenario format, ``submission``."""

    async def statuses() -> list[str]:
        return [(await house.send(to=ALICE))["messages"][0]["status"] for _ in range(3)]

    await put(house, "alice", number=ALICE, submission={"answer": "throttled", "calls": "1..2"})
    first = await statuses()
    await put(house, "alice", number=ALICE, submission={"answer": "number_barred", "calls": 2})
    second = await statuses()
    await put(house, "alice", number=ALICE)

    assert (first, second, await statuses()) == (["1", "1", "0"], ["0", "7", "0"], ["0", "0", "0"])
