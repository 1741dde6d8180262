"""Faults at work inside one process: whom they hit, what they do to requests, webhooks and networks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from msgspec.structs import replace

from fake_nexmo.apis import REGISTRY
from fake_nexmo.apis.sms.model import ROWS, SmsRefusal
from fake_nexmo.apis.sms.troubles_rules import ROWS as TROUBLES
from fake_nexmo.asgi import ConnectionDropped
from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Fault
from fake_nexmo.core.signature import SignatureMethod, verify
from fake_nexmo.network.weather import Occasion
from fake_nexmo.scenario.worlds import Plan, make_world
from fake_nexmo.store.memory import MemoryStore
from fake_nexmo.store.protocol import Start
from fake_nexmo.web.weather import weather
from tests.house import House, open_house
from tests.receiver import Answer, Receiver

ALICE, BOB = "447700900101", "447700900102"
OWNED = "447700900000"
SIGNING = "fake-nexmo-signature-secret-000001"
ACCOUNT = "accounts/abcd1234"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The customer's server."""
    async with Receiver() as one:
        yield one


async def arm(house: House, target: str = "sms.send", **said: Any) -> None:
    """Arm a fault; names that Python keeps for itself end in an underscore."""
    words = {name.rstrip("_"): word for name, word in said.items()}
    await house.control("POST", "faults", {"target": target, **words}, 201)


async def matches(house: House) -> dict[str, int]:
    """How often each fault was matched."""
    return {each["name"]: each["matches"] for each in (await house.control("GET", "faults"))["items"]}


async def send(house: House, **params: str) -> str:
    """The status of one send."""
    status: str = (await house.send(**params))["messages"][0]["status"]
    return status


async def items(house: House, collection: str) -> list[dict[str, Any]]:
    """The entries of a collection."""
    found: list[dict[str, Any]] = (await house.control("GET", collection))["items"]
    return found


async def hooks(house: House, receiver: Receiver, **more: object) -> None:
    """Receipts go to ``/dlr``, inbound messages to ``/in``."""
    urls = {"receipts": receiver.url + "/dlr", "inbound_sms": receiver.url + "/in"}
    await house.control("PATCH", ACCOUNT, {"webhooks": {**urls, **more}})


# ------------------------------------------------------------------------------------------------------- selectors


@pytest.mark.parametrize(
    ("said", "statuses"),
    [
        ({}, "111111"),
        ({"call": 1}, "100000"),
        ({"call": 3}, "001000"),
        ({"calls": "2..3"}, "011000"),
        ({"calls": "5.."}, "000011"),
        ({"every": 2}, "010101"),
        ({"every": 3}, "001001"),
        ({"call": 7}, "000000"),
    ],
)
async def test_which_calls_are_hit_is_counted_from_one(house: House, said: dict[str, Any], statuses: str) -> None:
    """One, a range of them, or every n-th."""
    await arm(house, answer="throttled", **said)

    assert "".join([await send(house) for _ in range(6)]) == statuses


async def play(house: House, *faults: dict[str, Any]) -> str:
    """The statuses of two hundred sends under some faults."""
    for fault in faults:
        await arm(house, **fault)
    return "".join([await send(house, to=(ALICE, BOB)[k % 2]) for k in range(200)])


async def test_chance_is_drawn_by_seed_and_no_other_fault_moves_it() -> None:
    """Not one before it, nor behind it; another seed is another draw; source: design §8."""
    flaky = {"name": "flaky", "chance": "30%", "answer": "throttled"}
    never = {"name": "never", "to": "447700900999", "chance": "50%", "answer": "barred"}
    behind = {"name": "behind", "chance": "50%", "answer": "barred"}
    half = {"name": "half", "to": BOB, "chance": "50%", "answer": "server_error"}
    plays = []
    for seed, faults in (
        (42, [flaky]),
        (42, [never, flaky]),
        (42, [flaky, never]),
        (42, [flaky, behind]),
        (42, [half, flaky]),
        (43, [flaky]),
    ):
        async with open_house(seed=seed) as house:
            plays.append(await play(house, *faults))
    alone, early, late, followed, beside, other = plays

    assert 40 < alone.count("1") < 80
    assert alone == early == late != other
    assert followed.replace("7", "0") == alone
    assert 45 < followed.count("7") < 95
    assert [a for a, b in zip(alone, beside, strict=True) if b != "5"] == [b for b in beside if b != "5"]


@pytest.mark.parametrize("account", ["main", "abcd1234"])
async def test_an_account_is_chosen_by_name_or_key(house: House, account: str) -> None:
    """And no other account by that."""
    await arm(house, account=account, answer="throttled")
    await arm(house, account="shop", answer="barred")

    assert await send(house) == "1"


@pytest.mark.parametrize(
    ("said", "hit"),
    [
        ({"to": ALICE}, {"a"}),
        ({"to": "+" + ALICE}, {"a"}),
        ({"to": "44770090010*"}, {"a", "b"}),
        ({"to": "/02$/"}, {"b"}),
        ({"to": "alice"}, {"a"}),
        ({"from_": "Acme"}, {"a", "b"}),
        ({"from_": OWNED}, {"c"}),
        ({"from_": "447700900*"}, {"c"}),
        ({"text": "Hi"}, {"a", "c"}),
        ({"text": "/CODE: \\d+/i"}, {"b"}),
        ({"param": {"client-ref": "order-1"}}, {"a"}),
        ({"param": {"client-ref": "/^order-/"}}, {"a", "b"}),
        ({"param": {"ttl": "20000", "client-ref": "/./"}}, {"b"}),
        ({"param": {"from": "Acme", "text": "/code/"}}, {"b"}),
        ({"to": ALICE, "text": "/code/"}, set()),
        ({"to": BOB, "text": "/code/", "from_": "Acme"}, {"b"}),
    ],
)
async def test_a_fault_hits_what_it_asks_for(house: House, said: dict[str, Any], hit: set[str]) -> None:
    """Recipient, sender, text and parameters: exact, by prefix, by pattern, by the name of a phone."""
    await house.control("PUT", "handsets/alice", {"number": ALICE})
    await arm(house, answer="throttled", **said)
    sends = {
        "a": {"to": "+" + ALICE, "client__ref": "order-1"},
        "b": {"to": BOB, "text": "Your code: 4711", "client__ref": "order-2", "ttl": "20000"},
        "c": {"to": "447700900303", "from_": OWNED},
    }

    assert {name for name, params in sends.items() if await send(house, **params) == "1"} == hit
    assert await matches(house) == {"fault-1": len(hit)}


async def test_a_fault_has_its_time_on_the_worlds_clock(house: House) -> None:
    """From its start, for so long, or until an instant; before and after, nothing matches."""
    await arm(house, name="later", starts="5m", for_="10m", answer="throttled")
    await arm(house, name="now", for_="1m", answer="barred")
    await arm(house, name="until", until="2026-01-01T00:20:00Z", starts="16m", answer="server_error")
    told = []
    for by in ("0s", "59.999999s", "1us", "4m", "599.999999s", "1us", "1m", "4m"):
        await house.advance(by)
        told.append(await send(house))

    assert told == ["7", "7", "0", "1", "1", "0", "5", "0"]
    assert await matches(house) == {"later": 2, "now": 2, "until": 1}


# -------------------------------------------------------------------------------------------------- order, counting


async def test_the_first_that_matches_and_acts_acts_and_all_that_match_are_counted(house: House) -> None:
    """In their order; source: design §8."""
    await arm(house, name="second", call=2, answer="throttled")
    await arm(house, name="bob", to=BOB, answer="barred")
    await arm(house, name="third", calls="2..3", answer="server_error")

    told = [await send(house, to=to) for to in (BOB, ALICE, ALICE, BOB, ALICE)]

    assert told == ["7", "1", "5", "7", "0"]
    assert await matches(house) == {"second": 5, "bob": 2, "third": 5}
    assert [each["fault"] for each in await items(house, "requests")] == ["bob", "second", "third", "bob", None]


async def test_what_is_refused_counts(house: House) -> None:
    """By the rule or by another fault; a send that fails its form as well."""
    await arm(house, name="third", call=3, answer="throttled")

    assert [await send(house, to="x"), await send(house, ttl="1"), await send(house)] == ["3", "16", "1"]


async def test_wrong_credentials_do_not_count(house: House) -> None:
    """Faults act after them; so do a suspended account and an account of another world."""
    await arm(house, name="first", call=1, answer="throttled")
    told = [await send(house, api_secret="wrong"), await send(house, api_key="nobody"), await send(house, sig="x")]
    await house.control("PATCH", ACCOUNT, {"suspended": True})
    told.append(await send(house))
    await house.control("PATCH", ACCOUNT, {"suspended": False})
    before = await matches(house)

    assert told == ["4", "4", "32", "8"]
    assert before == {"first": 0}
    assert await send(house) == "1"


async def test_other_operations_do_not_count(house: House) -> None:
    """Nor do other worlds."""
    await arm(house, name="balance", target="account.balance", call=2, answer={"http": 503})
    await send(house)
    query = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}

    told = [(await house.client.get("/account/get-balance", params=query)).status_code for _ in range(3)]

    assert told == [200, 503, 200]


async def test_the_fault_that_acted_stands_in_the_log(house: House) -> None:
    """With what was answered."""
    await arm(house, name="busy", call=2, answer="throttled")
    await arm(house, name="gone", call=3, answer={"http": 502})
    await arm(house, name="lost", call=4, delay="1s")
    for _ in range(3):
        await house.client.post("/sms/json", data={"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"})
    await house.send()

    entries = await items(house, "requests")
    assert [(each["fault"], each["status"], each["outcome"]) for each in entries] == [
        (None, 200, "2 Missing from param"),
        ("busy", 200, "1 Throughput Rate Exceeded - please wait [ 1000 ] and retry"),
        ("gone", 502, "HTTP 502 by the fault 'gone'"),
        ("lost", 200, None),
    ]
    assert [each["about"] for each in entries[:3]] == [None] * 3


# --------------------------------------------------------------------------------------------------------- effects


async def test_an_answer_alone_means_that_nothing_happened(house: House) -> None:
    """Nothing is stored, charged or set on the clock."""
    await arm(house, answer="throttled")

    assert await send(house) == "1"
    assert await items(house, "messages") == []
    assert (await house.control("GET", ACCOUNT))["balance"] == "100.00 EUR"
    assert await house.store.pending("default") == []


async def test_an_operation_can_happen_and_yet_be_answered_with_a_trouble(house: House) -> None:
    """The message is in the inbox, once; the log knows its id."""
    await arm(house, name="f", effect="applied", answer="server_error")

    answer = await house.send()
    await house.advance("1s")

    assert answer == {"message-count": "1", "messages": [{"status": "5", "error-text": "Server Error"}]}
    [message] = await items(house, "messages")
    [entry] = await items(house, "requests")
    assert (message["status"], entry["about"], entry["outcome"]) == ("delivered", message["id"], "5 Server Error")
    assert (await house.control("GET", ACCOUNT))["balance"] == "99.9667 EUR"


async def test_a_faults_answer_stands_instead_of_a_refusal_too(house: House) -> None:
    """The operation was tried, and refused; the client hears of the fault."""
    await arm(house, name="f", effect="applied", answer={"http": 500})

    answer = await house.client.post("/sms/json", data={"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"})

    assert answer.status_code == 500
    [entry] = await items(house, "requests")
    assert (entry["status"], entry["outcome"], entry["fault"]) == (500, "HTTP 500 by the fault 'f'", "f")


async def test_an_operation_can_happen_twice(house: House, receiver: Receiver) -> None:
    """Two messages with ids and receipts of their own; the first one's answer goes out; it counts once."""
    await hooks(house, receiver)
    await arm(house, name="f", calls="1..2", effect="twice")

    answer = await house.send(text="A" * 161)
    await house.advance("1s")

    one, two = await items(house, "messages")
    assert [each["message-id"] for each in answer["messages"]] == one["ids"]
    assert len({*one["ids"], *two["ids"]}) == 4
    assert {**one, "ids": 0, "id": 0, "seq": 0, "parts": 0} == {**two, "ids": 0, "id": 0, "seq": 0, "parts": 0}
    assert [each["remaining-balance"] for each in answer["messages"]] == ["99.96670000", "99.93340000"]
    assert (await house.control("GET", ACCOUNT))["balance"] == "99.8668 EUR"
    assert [got.params["messageId"] for got in receiver.requests] == [*one["ids"], *two["ids"]]
    assert await matches(house) == {"f": 1}
    assert len(await items(house, "requests")) == 1


async def test_what_happens_twice_can_be_answered_with_a_trouble(house: House) -> None:
    """Both messages are there."""
    await arm(house, effect="twice", answer="throttled")

    assert await send(house) == "1"
    assert len(await items(house, "messages")) == 2


async def test_a_refusal_of_the_second_is_only_logged(house: House) -> None:
    """The first one's answer goes out."""
    await house.control("PATCH", ACCOUNT, {"balance": "0.05 EUR"})
    await arm(house, name="f", effect="twice")

    answer = await house.send()

    assert [(each["status"], each["remaining-balance"]) for each in answer["messages"]] == [("0", "0.01670000")]
    assert len(await items(house, "messages")) == 1
    [entry] = await items(house, "requests")
    assert (entry["status"], entry["fault"], entry["outcome"]) == (
        200,
        "f",
        "done a second time by 'f': refused as no_credit",
    )


async def test_a_refusal_of_the_first_is_the_answer(house: House) -> None:
    """And nothing is tried again."""
    await arm(house, name="f", effect="twice")

    assert await send(house, text="") == "2"
    assert await items(house, "messages") == []


# --------------------------------------------------------------------------------------------------------- answers

FACTS = {
    "to": ALICE,
    "balance": "100.00000000",
    "price": "0.03330000",
    "network": "23410",
    "wait_ms": 1000,
    "max": 30,
    "start_ms": 1_767_225_600_000,
    "since_ms": 0,
}
NAMES = {"to": "to", "balance": "remaining-balance", "price": "message-price", "network": "network"}
XML = {
    "to": "to",
    "status": "status",
    "error-text": "errorText",
    "remaining-balance": "remainingBalance",
    "message-price": "messagePrice",
    "network": "network",
}


def worded(row: SmsRefusal) -> dict[str, str]:
    """The one element of an answer with this row, its members in the order of the wire."""
    known = ROWS[row]
    shown = {NAMES[fact]: str(FACTS[fact]) for fact in known.extra}
    head = {"to": shown.pop("to")} if "to" in shown else {}
    return {**head, "status": str(known.status), "error-text": known.text.format(**FACTS), **shown}


@pytest.mark.parametrize("name", TROUBLES)
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_every_trouble_is_worded_as_the_service_words_it(house: House, name: str, form: str) -> None:
    """HTTP 200 with one element, in either form; source: reference sms §7, design §8."""
    await arm(house, answer=name)
    given = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "from": "Acme", "to": ALICE, "text": "Hi"}

    answer = await house.client.post(f"/sms/{form}", data=given)

    element = worded(TROUBLES[name])
    assert answer.status_code == 200
    if form == "json":
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {"message-count": "1", "messages": [element]}
        assert list(answer.json()["messages"][0]) == list(element)
    else:
        assert answer.headers["content-type"] == "text/xml"
        lines = [f"            <{XML[key]}>{text}</{XML[key]}>" for key, text in element.items()]
        assert answer.text.splitlines() == [
            "<?xml version='1.0' encoding='UTF-8' ?>",
            "<mt-submission-response>",
            "    <messages count='1'>",
            "        <message>",
            *lines,
            "        </message>",
            "    </messages>",
            "</mt-submission-response>",
        ]


@pytest.mark.parametrize(
    ("name", "element"),
    [
        (
            "throttled",
            {
                "to": ALICE,
                "status": "1",
                "error-text": "Throughput Rate Exceeded - please wait [ 1000 ] and retry",
                "network": "23410",
            },
        ),
        ("bad_credentials", {"status": "4", "error-text": "Bad Credentials"}),
        (
            "no_credit",
            {
                "to": ALICE,
                "status": "9",
                "error-text": "Quota Exceeded - rejected",
                "remaining-balance": "100.00000000",
                "message-price": "0.03330000",
                "network": "23410",
            },
        ),
        ("barred", {"to": ALICE, "status": "7", "error-text": "Number barred."}),
        ("server_error", {"status": "5", "error-text": "Server Error"}),
        ("unavailable", {"status": "13", "error-text": "Communication Failed"}),
        ("not_found", {"to": ALICE, "status": "6", "error-text": "Unroutable message - rejected"}),
        (
            "throttled_account",
            {
                "status": "1",
                "error-text": "Exceeded maximum MT throughput[ MAX [ 30 ] INTERVAL [ 1000 ] COUNT [ 30 ]"
                " LAST INT-START [ 1767225600000 ] TIME_SINCE_LAST_INTERVAL_START [ 0 ]  ] ",
            },
        ),
    ],
)
async def test_the_common_troubles_by_hand(house: House, name: str, element: dict[str, str]) -> None:
    """So that the table is not compared with itself; source: reference sms §7."""
    await arm(house, answer=name)

    assert await house.send(to=ALICE) == {"message-count": "1", "messages": [element]}


OPERATIONS = [
    (api.name, operation.name, path, method)
    for api in REGISTRY
    for operation in api.operations
    for path in operation.paths
    for method in operation.methods
]


async def ask(house: House, path: str, method: str) -> httpx.Response:
    """Call an operation with right credentials, and nothing else."""
    for name, value in (
        ("api_key", "abcd1234"),
        ("key", "abcd1234"),
        ("secret", "s3cr3tS3cr3t"),
        ("secret_id", "x"),
        ("product", "sms"),
        ("country", "GB"),
        ("phone", "447700900000"),
    ):
        path = path.replace("{" + name + "}", value)
    pair = ("abcd1234", "s3cr3tS3cr3t")
    if path.startswith(("/v1/calls", "/v2/calls", "/v1/files", "/media/")):
        known = house.world.applications[0]
        claims = {"application_id": known.application_id, "iat": house.wall // 1_000_000, "jti": "1"}
        token = jwt.encode(claims, known.private_key, "RS256")
        return await house.client.request(method, path, headers={"authorization": f"Bearer {token}"})
    if path.startswith(("/accounts/", "/v1/", "/v2/")):
        return await house.client.request(method, path, auth=pair)
    return await house.client.request(method, path, params={"api_key": pair[0], "api_secret": pair[1]})


@pytest.mark.parametrize(("api", "operation", "path", "method"), OPERATIONS)
async def test_every_operation_can_be_hit(house: House, api: str, operation: str, path: str, method: str) -> None:
    """By its name, by its API's, or all at once; with a bare HTTP status, and how long to wait."""
    for target in (operation, f"{api}.*", "*"):
        await arm(house, target, name="f", answer={"http": 503, "retry_after": "1.5s"})

        answer = await ask(house, path, method)

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "urn:fake-nexmo:fault",
            "title": "A fault",
            "status": 503,
            "detail": "The fault 'f' answers this request.",
        }
    entries = await items(house, "requests")
    assert {(each["operation"], each["fault"], each["status"]) for each in entries} == {(operation, "f", 503)}


@pytest.mark.parametrize(("api", "operation", "path", "method"), OPERATIONS)
@pytest.mark.parametrize("trouble", ["throttled", "bad_credentials", "server_error", "no_credit"])
async def test_every_operation_words_the_common_troubles(
    house: House, api: str, operation: str, path: str, method: str, trouble: str
) -> None:
    """In its own way, never in ours."""
    await arm(house, operation, answer=trouble)

    answer = await ask(house, path, method)

    assert "fake-nexmo" not in answer.text
    assert "'fault-1'" not in answer.text
    [entry] = await items(house, "requests")
    assert (entry["fault"], entry["operation"]) == ("fault-1", operation)
    assert entry["outcome"]


@pytest.mark.parametrize("status", [200, 204, 304, 429, 500, 503, 599])
async def test_a_bare_status_is_any(house: House, status: int) -> None:
    """Those that have no body come without one; without a wait there is no such header."""
    await arm(house, answer={"http": status})

    answer = await house.client.post("/sms/json", data={"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"})

    assert answer.status_code == status
    assert "retry-after" not in answer.headers
    if status in {204, 304}:
        assert answer.content == b""
    else:
        assert answer.json()["status"] == status


async def test_an_operation_that_does_not_happen_and_has_no_answer_is_unavailable(house: House) -> None:
    """Something must be said."""
    await arm(house, effect="none")

    answer = await house.client.post("/sms/json", data={"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"})

    assert (answer.status_code, answer.json()["detail"]) == (503, "The fault 'fault-1' answers this request.")


# ----------------------------------------------------------------------------------------------------------- replies


@pytest.mark.parametrize("then", ["drop_connection", "truncate"])
@pytest.mark.parametrize(("effect", "inbox"), [("applied", 1), ("none", 0), ("twice", 2)])
async def test_inside_a_process_a_lost_reply_is_an_error_of_its_own(
    house: House, then: str, effect: str, inbox: int
) -> None:
    """What happened, happened; the next request is answered."""
    await arm(house, name="lost", call=1, then=then, effect=effect)

    with pytest.raises(ConnectionDropped, match=r"^lost$"):
        await house.send()

    assert len(await items(house, "messages")) == inbox
    assert [each["fault"] for each in await items(house, "requests")] == ["lost"]
    assert await send(house) == "0"


async def test_inside_a_process_nothing_sleeps(house: House) -> None:
    """A delay of a day is none."""
    await arm(house, delay="1d")

    assert await send(house) == "0"


async def test_a_fault_that_matches_nothing_changes_nothing() -> None:
    """Every reply is the same to the byte, and so is every webhook; source: design §8."""

    async def told(*faults: dict[str, Any]) -> tuple[list[tuple[int, Any, bytes]], list[bytes]]:
        async with open_house() as house, Receiver() as receiver:
            await house.control("PUT", "routes", {"https://shop.test": receiver.url})
            await house.control("PATCH", ACCOUNT, {"webhooks": {"receipts": "https://shop.test/", "signed": True}})
            for fault in faults:
                await arm(house, **fault)
            answers = []
            for k in range(20):
                given = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "from": "Acme", "to": f"4477009000{k:02}"}
                one = await house.client.post(f"/sms/{('json', 'xml')[k % 2]}", data={**given, "text": "Hi " * k})
                answers.append((one.status_code, one.headers.raw, one.content))
            await house.advance("4d")
            return answers, [got.query.encode() for got in receiver.requests]

    plain = await told()
    beside = await told(
        {"target": "sms.send", "to": "447700900999", "answer": "throttled", "chance": "50%"},
        {"target": "webhook.receipt", "text": "never", "repeat": 5, "signature": "wrong"},
        {"target": "network.20801", "receipts": {"status": "failed"}},
        {"target": "account.*", "answer": {"http": 500}},
        {"target": "sms.*", "starts": "100d", "answer": {"http": 500}},
    )

    assert plain == beside
    assert len(plain[1]) > 10


# ---------------------------------------------------------------------------------------------------------- webhooks


async def person_writes(house: House, text: str = "Hello") -> None:
    """Alice sends an SMS."""
    await house.control("POST", f"handsets/{ALICE}/sms", {"to": OWNED, "text": text})


async def cause(house: House, kind: str) -> None:
    """Let a webhook of this kind be set, and come if it is due within a second."""
    if kind == "receipt":
        await house.send()
    else:
        await person_writes(house)


KINDS = pytest.mark.parametrize("kind", ["receipt", "inbound_sms"])


@KINDS
async def test_a_webhook_is_repeated_at_intervals(house: House, receiver: Receiver, kind: str) -> None:
    """The same each time, on the world's clock."""
    await hooks(house, receiver)
    await arm(house, f"webhook.{kind}", repeat=3, gap="2s")

    await cause(house, kind)
    await house.advance("1h")

    first = 1 if kind == "receipt" else 0
    stamps = [got.params["message-timestamp"] for got in receiver.requests]
    assert stamps == [f"2026-01-01 00:00:0{first + 2 * k}" for k in range(3)]
    same = [{k: v for k, v in got.params.items() if k != "message-timestamp"} for got in receiver.requests]
    assert same == [same[0]] * 3
    assert len(await items(house, "webhooks")) == 3


@KINDS
@pytest.mark.parametrize(
    ("said", "late"), [({"deliver": "late"}, 60), ({"deliver": "late", "delay": "5s"}, 5), ({"delay": "9s"}, 9)]
)
async def test_a_webhook_comes_late(
    house: House, receiver: Receiver, kind: str, said: dict[str, Any], late: int
) -> None:
    """By what the delay says, or by a minute."""
    await hooks(house, receiver)
    await arm(house, f"webhook.{kind}", **said)
    await cause(house, kind)
    first = 1 if kind == "receipt" else 0

    await house.advance(first + late - 0.000001)
    assert receiver.requests == []
    await house.advance("1us")

    assert len(receiver.requests) == 1


@KINDS
async def test_webhooks_are_shuffled_by_seed(house: House, receiver: Receiver, kind: str) -> None:
    """Each comes once; the order is another one, and the same for the same seed."""
    await hooks(house, receiver)
    await arm(house, f"webhook.{kind}", order="shuffled")
    text = "A" * 153 * 6

    async def order(here: House) -> list[str]:
        seen = len(receiver.requests)
        if kind == "receipt":
            await here.send(text=text)
        else:
            await person_writes(here, text)
        await here.advance("10s")
        [message] = await items(here, "messages")
        return [str(message["ids"].index(got.params["messageId"])) for got in receiver.requests[seen:]]

    one = await order(house)
    async with open_house() as again:
        await hooks(again, receiver)
        await arm(again, f"webhook.{kind}", order="shuffled")
        two = await order(again)

    assert sorted(one) == list("012345")
    assert one != list("012345")
    assert one == two


@KINDS
@pytest.mark.parametrize("signature", ["none", "wrong"])
async def test_a_webhook_is_signed_wrongly_or_not_at_all(
    house: House, receiver: Receiver, kind: str, signature: str
) -> None:
    """In form like any other; the next one is right."""
    await hooks(house, receiver, signed=True)
    await arm(house, f"webhook.{kind}", call=1, signature=signature)

    for _ in range(2):
        await cause(house, kind)
        await house.advance("1s")

    one, two = (got.params for got in receiver.requests)
    signs = {"timestamp", "nonce", "sig"}
    if signature == "none":
        assert not signs & set(one)
        assert set(one) | signs == set(two)
    else:
        assert list(one) == list(two)
        assert len(one["sig"]) == 32
        assert not verify(SignatureMethod.MD5HASH, one, SIGNING, one["sig"])
    assert verify(SignatureMethod.MD5HASH, two, SIGNING, two["sig"])


async def test_an_unsigned_account_has_no_wrong_signature(house: House, receiver: Receiver) -> None:
    """There is nothing to get wrong."""
    await hooks(house, receiver)
    await arm(house, "webhook.receipt", signature="wrong")
    await house.send()
    await house.advance("1s")

    assert "sig" not in receiver.requests[0].params


async def test_a_receipt_can_come_before_the_response(house: House, receiver: Receiver) -> None:
    """It is there when the send is answered, for a message of three parts too, and only for the call it names."""
    await hooks(house, receiver)
    await arm(house, "webhook.receipt", call=2, deliver="before_response")

    await house.send()
    before = len(receiver.requests)
    answer = await house.send(text="A" * 400)

    assert before == 0
    assert [got.params["messageId"] for got in receiver.requests] == [each["message-id"] for each in answer["messages"]]
    assert {got.params["message-timestamp"] for got in receiver.requests} == {"2026-01-01 00:00:00"}
    await house.advance("1s")
    assert len(receiver.requests) == 4


async def test_a_webhook_is_matched_once_and_never_per_retry(house: House, receiver: Receiver) -> None:
    """With the submission; what was decided there holds for every attempt; source: design §8."""
    receiver.say(Answer(500), Answer(500))
    await hooks(house, receiver, signed=True)
    await arm(house, "webhook.receipt", name="f", call=1, signature="none")

    await house.send(text="A" * 161)
    at_once = await matches(house)
    await house.advance("1h")

    assert at_once == await matches(house) == {"f": 1}
    assert len(receiver.requests) == 4
    assert all("sig" not in got.params for got in receiver.requests)


async def test_a_fault_that_is_disarmed_keeps_hold_of_what_it_matched(house: House, receiver: Receiver) -> None:
    """And one that is armed later has no hold on what was submitted before."""
    await hooks(house, receiver)
    await arm(house, "webhook.receipt", name="f", repeat=2)
    await house.send()
    await house.control("DELETE", "faults/f", status=204)
    await house.send()
    await arm(house, "webhook.receipt", name="g", repeat=5)
    await house.advance("1s")

    assert len(receiver.requests) == 3


async def test_what_waited_for_its_phone_is_still_under_its_fault(house: House, receiver: Receiver) -> None:
    """Buffered and delivered alike."""
    await hooks(house, receiver)
    await arm(house, "webhook.receipt", repeat=2)
    await house.control("POST", f"handsets/{ALICE}/power", {"on": False})
    await house.send(to=ALICE)
    await house.advance("1m")
    await house.control("POST", f"handsets/{ALICE}/power", {"on": True})

    assert [got.params["status"] for got in receiver.requests] == ["buffered"] * 2 + ["delivered"] * 2


@pytest.mark.parametrize(
    ("said", "hit"),
    [
        ({"to": OWNED, "from_": ALICE}, True),
        ({"text": "/hell/i"}, True),
        ({"account": "main"}, True),
        ({"account": "abcd1234"}, True),
        ({"from_": BOB}, False),
        ({"text": "Bye"}, False),
        ({"account": "other"}, False),
    ],
)
@pytest.mark.parametrize("way", ["act", "reply", "traffic"])
async def test_an_inbound_message_is_matched_however_it_came(
    house: House, receiver: Receiver, way: str, said: dict[str, Any], hit: bool
) -> None:
    """By a person's act, as an answer, or from another account's traffic."""
    await hooks(house, receiver)
    await house.control("PUT", f"handsets/{ALICE}", {"on_sms": [{"reply": "Hello"}]})
    await arm(house, "webhook.inbound_sms", name="f", repeat=2, **said)

    if way == "act":
        await person_writes(house)
    elif way == "reply":
        await house.send(to=ALICE, from_=OWNED)
    else:
        await house.send(to=OWNED, from_=ALICE, text="Hello")
    await house.advance("1h")

    assert len([got for got in receiver.requests if got.path == "/in"]) == 1 + hit
    assert await matches(house) == {"f": int(hit)}


async def test_an_answer_that_goes_nowhere_is_no_match(house: House) -> None:
    """There is no webhook that a fault could act on."""
    await house.control("PUT", f"handsets/{ALICE}", {"on_sms": [{"reply": "Hello", "if_text": "Hi"}]})
    await arm(house, "webhook.inbound_sms", name="f")
    await house.send(to=ALICE)
    await house.send(to=ALICE, text="Bye", from_=OWNED)
    await house.advance("1h")

    assert await matches(house) == {"f": 0}


# ---------------------------------------------------------------------------------------------------------- networks


@pytest.mark.parametrize(
    ("target", "hit"), [("network.23410", True), ("network.*", True), ("network.234*", True), ("network.23415", False)]
)
async def test_a_network_that_is_out_says_one_thing_of_every_part(
    house: House, receiver: Receiver, target: str, hit: bool
) -> None:
    """Whatever the phone would have said; by name or by wildcard."""
    await hooks(house, receiver)
    await arm(house, target, name="f", receipts={"status": "rejected", "err_code": 8})
    for digits in ("01", "06", "07"):
        await house.send(to="4477009000" + digits)
    await house.advance("1s")

    told = [(got.params["status"], got.params["err-code"]) for got in receiver.requests]
    assert told == ([("rejected", "8")] * 3 if hit else [("delivered", "0"), ("failed", "1"), ("buffered", "0")])
    assert await matches(house) == {"f": 3 if hit else 0}


async def test_an_outage_lasts_as_long_as_it_says(house: House, receiver: Receiver) -> None:
    """By when the receipt falls due; source: scenario format, the fault ``outage``."""
    await hooks(house, receiver)
    await arm(house, "network.23410", starts="5m", for_="15m", receipts={"status": "failed", "err_code": "1"})
    for by in ("4m58s", "1s", "14m59s", "1s"):
        await house.advance(by)
        await house.send()
    await house.advance("1m")

    assert [(got.params["message-timestamp"][-5:], got.params["status"]) for got in receiver.requests] == [
        ("04:59", "delivered"),
        ("05:00", "failed"),
        ("19:59", "failed"),
        ("20:00", "delivered"),
    ]


@pytest.mark.parametrize(
    ("said", "hit"),
    [
        ({"to": "447700900001"}, True),
        ({"from_": "Acme"}, True),
        ({"text": "/hi/i"}, True),
        ({"account": "abcd1234"}, True),
        ({"account": "main"}, True),
        ({"call": 2}, False),
        ({"to": ALICE}, False),
        ({"account": "x"}, False),
    ],
)
async def test_an_outage_can_be_for_some(house: House, said: dict[str, Any], hit: bool) -> None:
    """By recipient, sender, text, account and calls."""
    await arm(house, "network.*", receipts={"status": "failed"}, **said)
    await house.send()
    await house.advance("1s")

    assert [each["status"] for each in await items(house, "messages")] == ["failed" if hit else "delivered"]


@pytest.mark.parametrize("status", ["accepted", "buffered"])
async def test_what_an_outage_leaves_under_way_expires(house: House, receiver: Receiver, status: str) -> None:
    """Nothing is for ever."""
    await hooks(house, receiver)
    await arm(house, "network.*", receipts={"status": status})
    await house.send(ttl="60000")
    await house.advance("1h")

    assert [got.params["status"] for got in receiver.requests] == [status, "expired"]


async def test_traffic_to_an_owned_number_of_a_network_that_is_out_does_not_arrive(
    house: House, receiver: Receiver
) -> None:
    """And no fault on the webhook is matched, since there is none."""
    await hooks(house, receiver)
    await arm(house, "network.23410", call=1, receipts={"status": "failed"})
    await arm(house, "webhook.inbound_sms", name="in")

    for _ in range(2):
        await house.send(to=OWNED)
        await house.advance("1s")

    assert [(got.path, got.params.get("status")) for got in receiver.requests] == [
        ("/dlr", "failed"),
        ("/dlr", "delivered"),
        ("/in", None),
    ]
    assert (await matches(house))["in"] == 1


async def test_two_messages_at_once_to_someone_who_answers_once_are_one_match(house: House, receiver: Receiver) -> None:
    """The second answer is never given, so there is no webhook that a fault could act on."""
    await hooks(house, receiver)
    await arm(house, "webhook.inbound_sms", name="f", repeat=2)
    for _ in range(2):
        await house.send(to="447700900014", from_=OWNED)
    await house.advance("1h")

    assert [got.params["text"] for got in receiver.requests if got.path == "/in"] == ["STOP"] * 2
    assert await matches(house) == {"f": 1}


# ------------------------------------------------------------------------------------------------------------- races


async def test_a_spent_fault_that_is_gone_already_stays_gone(house: House) -> None:
    """A request that began before still matches it, and disarms nothing else."""
    await arm(house, name="spent", call=1, until="spent")
    await arm(house, name="stays", call=9)
    start = await house.store.begin("default")

    first = await weather(house.store, start, Occasion("sms.send"), start.clock.at)
    second = await weather(house.store, start, Occasion("sms.send"), start.clock.at)

    assert first is not None
    assert (first.fault.name, first.ordinal, second) == ("spent", 1, None)
    assert await matches(house) == {"stays": 2}


async def test_a_spent_fault_is_disarmed_though_another_is_armed_at_that_instant() -> None:
    """What was armed meanwhile stays; the commit is tried again."""

    class Raced(MemoryStore):
        """A store in which somebody arms a fault between the reading and the writing of another, once."""

        armed = False

        async def peek(self, world: str) -> Start:
            start = await super().peek(world)
            if start.world.faults and not self.armed:
                self.armed = True
                more = replace(start.world, faults=(*start.world.faults, Fault("meanwhile", "sms.send")))
                await self.commit(world, start.epoch, Change(put=(more,)))
            return start

    store = Raced(wall=lambda: 0)
    await make_world(store, lambda: 0, Plan(name="default", seed=42, clock="manual"))
    start = await store.begin("default")
    spent = replace(start.world, faults=(Fault("spent", "sms.send", last=1, spent=True),))
    await store.commit("default", start.epoch, Change(put=(spent,)))
    start = await store.begin("default")

    await weather(store, start, Occasion("sms.send"), 0)

    assert store.armed
    assert [each.name for each in (await store.peek("default")).world.faults] == ["meanwhile"]
