"""Inbound SMS, from a person's act to a real receiver: where they go, every field of them, signatures and retries."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fake_nexmo.core.instant import DAY, SECOND
from fake_nexmo.core.signature import SignatureMethod, verify
from tests.house import House
from tests.receiver import Answer, Received, Receiver

ACCOUNT = "accounts/abcd1234"
SIGNING = "fake-nexmo-signature-secret-000001"
METHODS = ("GET", "POST", "POST-JSON")
ALICE = "447700900101"
OWNED = "447700900000"
PLAIN = ("msisdn", "to", "messageId", "text", "type", "keyword", "api-key", "message-timestamp")
PARTS = ("concat", "concat-ref", "concat-total", "concat-part")
BINARY = ("msisdn", "to", "messageId", "text", "type", "api-key", "message-timestamp")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The customer's server."""
    async with Receiver() as one:
        yield one


async def hooks(house: House, inbound_sms: str, **more: object) -> None:
    """Set the account's webhooks."""
    await house.control("PATCH", ACCOUNT, {"webhooks": {"inbound_sms": inbound_sms, **more}})


async def text(house: House, words: str = "Hello there", to: str = OWNED, **more: str) -> dict[str, Any]:
    """Alice sends an SMS; how it is answered."""
    body = {"to": to, **({"text": words} if words else {}), **more}
    answer: dict[str, Any] = await house.control("POST", f"handsets/{ALICE}/sms", body)
    return answer


async def webhooks(house: House) -> list[dict[str, Any]]:
    """Every webhook of the world."""
    items: list[dict[str, Any]] = (await house.control("GET", "webhooks"))["items"]
    return items


def said(received: Received, method: str) -> dict[str, str]:
    """The parameters in the form of the account, in their order."""
    if method == "GET":
        assert (received.method, received.body) == ("GET", b"")
        return received.params
    assert (received.method, received.query) == ("POST", "")
    read: dict[str, str] = received.json() if method == "POST-JSON" else received.form
    return read


def inbound(message_id: str, **more: str) -> dict[str, str]:
    """What Alice's message says."""
    return {
        "msisdn": ALICE,
        "to": OWNED,
        "messageId": message_id,
        "text": "Hello there",
        "type": "text",
        "keyword": "HELLO",
        "api-key": "abcd1234",
        "message-timestamp": "2026-01-01 00:00:00",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


# ---------------------------------------------------------------------------------------------------------- fields


@pytest.mark.parametrize("method", METHODS)
async def test_an_inbound_message_has_every_field_in_its_order(house: House, receiver: Receiver, method: str) -> None:
    """``msisdn`` is the person, ``to`` the number; all are text; source: reference sms §11 (A)."""
    await hooks(house, receiver.url + "/in", method=method)

    answer = await text(house)

    [got] = receiver.requests
    fields = said(got, method)
    assert fields == inbound(answer["id"])
    assert tuple(fields) == PLAIN
    assert (got.path, answer["settled"]) == ("/in", True)
    [webhook] = await webhooks(house)
    assert (webhook["kind"], webhook["about"], webhook["state"]) == ("inbound_sms", answer["id"], "delivered")


async def test_the_bytes_of_an_inbound_message_by_get(house: House, receiver: Receiver) -> None:
    """Blanks as plus, colons encoded, nothing but the headers of the reference; source: reference sms §12.1 (A)."""
    await hooks(house, receiver.url + "/in?shop=7")

    answer = await text(house, "Tea & 50%\n=joy")

    [got] = receiver.requests
    assert got.query == (
        f"shop=7&msisdn={ALICE}&to={OWNED}&messageId={answer['id']}&text=Tea+%26+50%25%0A%3Djoy&type=text&keyword=TEA"
        "&api-key=abcd1234&message-timestamp=2026-01-01+00%3A00%3A00"
    )
    assert dict(got.headers) == {
        "Host": f"127.0.0.1:{receiver.port}",
        "User-Agent": "Apache-HttpAsyncClient/4.1 (Java/1.8.0_66)",
        "Accept": "*/*",
    }


@pytest.mark.parametrize(
    ("method", "media", "agent"),
    [
        ("POST", "application/x-www-form-urlencoded; charset=UTF-8", "Apache-HttpAsyncClient/4.1 (Java/1.8.0_66)"),
        ("POST-JSON", "application/json", "Jakarta Commons-HttpClient/3.1"),
    ],
)
async def test_the_headers_of_a_posted_inbound_message(
    house: House, receiver: Receiver, method: str, media: str, agent: str
) -> None:
    """Media type and user agent by form; source: reference sms §12.1."""
    await hooks(house, receiver.url, method=method)

    await text(house)

    [got] = receiver.requests
    assert {name.lower(): value for name, value in got.headers} == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-type": media,
        "user-agent": agent,
        "accept": "*/*",
        "content-length": str(len(got.body)),
    }


@pytest.mark.parametrize(
    ("words", "keyword", "kind"),
    [
        ("stop", "STOP", "text"),
        ("  join us ", "JOIN", "text"),
        ("yes\nplease", "YES", "text"),
        ("Ünder", "ÜNDER", "text"),
        ("żółw idzie", "ŻÓŁW", "unicode"),
        ("😀 ok", "😀", "unicode"),
        (" ", "", "text"),
    ],
)
async def test_the_keyword_is_the_first_word_in_upper_case(
    house: House, receiver: Receiver, words: str, keyword: str, kind: str
) -> None:
    """Of any text; one that is blank has none, and the field stays; source: reference sms §11."""
    await hooks(house, receiver.url)

    answer = await text(house, words)

    assert [got.params for got in receiver.requests] == [inbound(answer["id"], text=words, keyword=keyword, type=kind)]


@pytest.mark.parametrize("method", METHODS)
async def test_each_part_is_a_webhook_of_its_own(house: House, receiver: Receiver, method: str) -> None:
    """With its own text and keyword, and one reference for all; source: reference sms §11."""
    await hooks(house, receiver.url, method=method)
    words = "A" * 150 + " bc" + "y for a walk" + "x" * 150

    answer = await text(house, words)

    got = [said(each, method) for each in receiver.requests]
    texts = [words[:153], words[153:306], words[306:]]
    assert answer["ids"] == [each["messageId"] for each in got]
    reference = got[0]["concat-ref"]
    assert 1 <= int(reference) <= 255
    assert got == [
        inbound(
            message_id,
            concat="true",
            concat_ref=reference,
            concat_total="3",
            concat_part=str(k + 1),
            text=texts[k],
            keyword=("A" * 150, "Y", "X" * 9)[k],
        )
        for k, message_id in enumerate(answer["ids"])
    ]
    assert tuple(got[0]) == (*PLAIN[:3], *PARTS, *PLAIN[3:])
    assert "".join(each["text"] for each in got) == words == answer["text"]


async def test_a_long_unicode_text_is_cut_between_characters(house: House, receiver: Receiver) -> None:
    """67 units a part, no pair of surrogates apart; source: reference sms §8.2."""
    await hooks(house, receiver.url, method="POST-JSON")

    await text(house, "ż" + "😀" * 40)

    got = [each.json() for each in receiver.requests]
    assert [(each["text"], each["type"], each["concat-part"]) for each in got] == [
        ("ż" + "😀" * 33, "unicode", "1"),
        ("😀" * 7, "unicode", "2"),
    ]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("udh", ["", "050003cc0201"])
async def test_a_binary_message_has_data_and_header(house: House, receiver: Receiver, method: str, udh: str) -> None:
    """In upper-case hex, with an empty text and no keyword; source: reference sms §11 (A, D)."""
    await hooks(house, receiver.url, method=method)

    answer = await text(house, "", body="00ff7fa0", **({"udh": udh} if udh else {}))

    fields = said(receiver.requests[0], method)
    wanted = inbound(answer["id"], text="", type="binary", data="00FF7FA0", udh=udh.upper())
    del wanted["keyword"]
    assert fields == wanted
    assert tuple(fields) == (*BINARY, "data", "udh")
    assert (answer["type"], answer["text"]) == ("binary", "")


async def test_the_time_of_a_message_is_the_worlds(house: House, receiver: Receiver) -> None:
    """The moment of the push; source: reference sms §11."""
    await hooks(house, receiver.url)
    await house.advance("59d23h59m58s")

    await text(house)

    assert receiver.requests[0].params["message-timestamp"] == "2026-03-01 23:59:58"


# ---------------------------------------------------------------------------------------------------------- routing


@pytest.mark.parametrize(
    ("number", "sms_api", "application", "account", "path"),
    [
        (True, "messages", True, True, "/number"),
        (False, "messages", True, True, "/application"),
        (False, "sms", True, True, "/account"),
        (False, "messages", False, True, "/account"),
        (False, "messages", True, False, "/application"),
        (True, "sms", False, False, "/number"),
        (False, "sms", True, False, None),
        (False, "messages", False, False, None),
    ],
)
async def test_a_message_goes_to_the_nearest_url(
    house: House,
    receiver: Receiver,
    number: bool,
    sms_api: str,
    application: bool,
    account: bool,
    path: str | None,
) -> None:
    """The number's own, the application's of an account on the Messages API, the account's; else nowhere."""
    url = receiver.url
    await hooks(house, f"{url}/account" if account else "")
    await house.control("PATCH", ACCOUNT, {"sms_api": sms_api})
    if number:
        await house.control("PATCH", f"numbers/{OWNED}", {"inbound_sms": f"{url}/number"})
    if application:
        one = house.world.applications[0].application_id
        await house.control("PATCH", f"applications/{one}", {"messages": {"inbound_url": f"{url}/application"}})

    answer = await text(house)

    assert [got.path for got in receiver.requests] == ([path] if path else [])
    assert [each["url"] for each in await webhooks(house)] == ([url + path] if path else [])
    assert (answer["settled"], answer["status"]) == (True, "delivered")


async def test_a_number_without_an_application_uses_the_accounts_url(house: House, receiver: Receiver) -> None:
    """The second owned number has none."""
    await hooks(house, receiver.url + "/account")
    await house.control("PATCH", ACCOUNT, {"sms_api": "messages"})

    answer = await text(house, to="12015550100")

    assert [got.params for got in receiver.requests] == [inbound(answer["id"], to="12015550100")]


async def test_the_messages_of_a_person_come_in_their_order(house: House, receiver: Receiver) -> None:
    """One after the other; their ids differ."""
    await hooks(house, receiver.url)

    answers = [await text(house, f"number {k}") for k in range(5)]

    assert [got.params["messageId"] for got in receiver.requests] == [each["id"] for each in answers]
    assert len({each["id"] for each in answers}) == 5
    assert all(re.fullmatch("0C[0-9A-F]{14}", each["id"]) for each in answers)


# ---------------------------------------------------------------------------------------------------------- retries


async def test_an_inbound_message_is_tried_again_for_a_day(house: House, receiver: Receiver) -> None:
    """5 s, doubling to a quarter of an hour; the same message each time; source: reference sms §12.2."""
    receiver.answer_by(lambda _: Answer(500))
    await hooks(house, receiver.url)
    answer = await text(house)

    await house.advance("2d")

    waits, passed = [5, 10, 20, 40, 80, 160, 320, 640], 0
    instants = [0]
    for wait in [*waits, *[900] * 200]:
        passed += wait
        if passed * SECOND <= DAY:
            instants.append(passed)
    [webhook] = await webhooks(house)
    assert (webhook["state"], webhook["next_at"], len(webhook["attempts"])) == ("given_up", None, len(instants))
    assert len(receiver.requests) == len(instants)
    assert {got.params["messageId"] for got in receiver.requests} == {answer["id"]}
    stamps = [got.params["message-timestamp"] for got in receiver.requests[:5]]
    assert stamps == [f"2026-01-01 00:0{k // 60}:{k % 60:02}" for k in (0, 5, 15, 35, 75)]


async def test_in_the_profile_of_2020_it_is_tried_every_minute_for_a_day(house: House, receiver: Receiver) -> None:
    """Not for the 72 hours of a receipt; source: reference sms §12.2."""
    receiver.answer_by(lambda _: Answer(404))
    await house.control("PATCH", "settings", {"profile": "2020"})
    await hooks(house, receiver.url)
    await text(house)

    await house.advance("4d")

    [webhook] = await webhooks(house)
    assert (webhook["state"], len(webhook["attempts"])) == ("given_up", 24 * 60 + 1)


async def test_what_the_customer_refuses_is_not_tried_again(house: House, receiver: Receiver) -> None:
    """A 404 is an answer today; source: reference sms §12.2. The act is settled all the same."""
    receiver.say(Answer(404))
    await hooks(house, receiver.url)

    answer = await text(house)
    summary = await house.advance("2d")

    assert (answer["settled"], summary["delivered"], summary["failed"]) == (True, 0, 0)
    assert [each["state"] for each in await webhooks(house)] == ["given_up"]


# ------------------------------------------------------------------------------------------------------- signatures


async def signed(house: House, receiver: Receiver, form: str, digest: str) -> list[dict[str, str]]:
    """A signed text, one of two parts and a binary one, by this form and digest."""
    await hooks(house, receiver.url, method=form, signed=True)
    await house.control("PATCH", ACCOUNT, {"signature": {"method": digest}})
    before = len(receiver.requests)
    await text(house, "Tea & cake = joy é")
    await text(house, "ż" * 71)
    await text(house, "", body="00FF", udh="0403020100")
    return [said(each, form) for each in receiver.requests[before:]]


@pytest.mark.parametrize("digest", list(SignatureMethod))
@pytest.mark.parametrize("form", METHODS)
async def test_a_signed_inbound_message_can_be_verified(
    house: House, receiver: Receiver, form: str, digest: SignatureMethod
) -> None:
    """Stamp of wall time, a nonce, and a signature over all that stands there, ``data`` and ``udh`` included."""
    got = await signed(house, receiver, form, digest.value)

    parts = (*PLAIN[:3], *PARTS, *PLAIN[3:])
    stamp = ("timestamp", "nonce")
    assert [tuple(each) for each in got] == [
        (*PLAIN, *stamp, "sig"),
        (*parts, *stamp, "sig"),
        (*parts, *stamp, "sig"),
        (*BINARY, *stamp, "data", "udh", "sig"),
    ]
    for each in got:
        assert each["timestamp"] == "1772355600"
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", each["nonce"])
        assert verify(digest, each, SIGNING, each["sig"])
        assert not verify(digest, each | {"text": "changed"}, SIGNING, each["sig"])
        upper = each["sig"].upper()
        assert each["sig"] == (upper.lower() if digest is SignatureMethod.MD5HASH else upper)
    assert len({each["nonce"] for each in got}) == 4
    assert not verify(digest, got[3] | {"data": "FF"}, SIGNING, got[3]["sig"])


async def test_each_attempt_is_signed_anew(house: House, receiver: Receiver) -> None:
    """Another stamp, nonce and signature, the same message; source: reference sms §12.2 (D)."""
    receiver.say(Answer(500))
    await hooks(house, receiver.url, signed=True)
    await text(house)
    house.wall += 5_000_000

    await house.advance("5s")

    one, two = (got.params for got in receiver.requests)
    fresh = {"message-timestamp", "timestamp", "nonce", "sig"}
    assert {name for name in one if one[name] != two[name]} == fresh
    assert all(verify(SignatureMethod.MD5HASH, each, SIGNING, each["sig"]) for each in (one, two))


_SDK = Path(__file__).parents[3] / ".sdk"
_PROGRAMS = {
    "vonage": """
import json, sys
from vonage_http_client import Auth
secret, method, messages = json.load(sys.stdin)
auth = Auth(api_key="abcd1234", signature_secret=secret, signature_method=method)
print(json.dumps([auth.check_signature(dict(each)) for each in messages]))
""",
    "nexmo": """
import json, sys, nexmo
secret, method, messages = json.load(sys.stdin)
name = None if method == "md5hash" else method
client = nexmo.Client(key="k", secret="s", signature_secret=secret, signature_method=name)
print(json.dumps([client.check_signature(dict(each)) for each in messages]))
""",
}


def check_with_sdk(sdk: str, digest: str, messages: list[dict[str, str]]) -> list[bool]:
    """What the helper of an official library says of each message."""
    python = _SDK / sdk / "bin" / "python"
    if not python.exists():
        pytest.skip(f"the environment of the library {sdk} is not installed")
    given = json.dumps([SIGNING, digest, messages])
    done = subprocess.run([python, "-W", "ignore", "-c", _PROGRAMS[sdk]], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answers: list[bool] = json.loads(done.stdout)
    return answers


@pytest.mark.sdk
@pytest.mark.parametrize(
    ("sdk", "digest"),
    [("nexmo", method.value) for method in SignatureMethod]
    # That library cannot choose the plain hash; source: reference sms §4.5.
    + [("vonage", method.value) for method in SignatureMethod if method is not SignatureMethod.MD5HASH],
)
async def test_the_helpers_of_official_libraries_accept_our_messages(
    house: House, receiver: Receiver, sdk: str, digest: str
) -> None:
    """In all three forms; one that was changed on the way is refused."""
    got = [each for form in METHODS for each in await signed(house, receiver, form, digest)]

    answers = check_with_sdk(sdk, digest, [*got, got[0] | {"text": "changed"}])

    assert answers == [True] * 12 + [False]


# ---------------------------------------------------------------------------------------------- replies and traffic


async def declare(house: House, *steps: dict[str, Any], like: str = "answers") -> None:
    """Alice does this when an SMS arrives."""
    await house.control("PUT", f"handsets/{ALICE}", {"like": like, **({"on_sms": list(steps)} if steps else {})})


async def replies(house: House, receiver: Receiver, *texts: str, sender: str = OWNED) -> list[str]:
    """What Alice writes back to these messages."""
    await hooks(house, receiver.url)
    for words in texts:
        await house.send(to=ALICE, text=words, from_=sender)
        await house.advance("1h")
    return [got.params["text"] for got in receiver.requests]


async def test_a_person_answers_by_the_first_step_that_fits(house: House, receiver: Receiver) -> None:
    """In their order; one that ignores stops the search."""
    await declare(
        house,
        {"ignore": True, "if_text": "/spam/i"},
        {"reply": "STOP", "if_text": "/offer/i"},
        {"reply": "yes", "if_text": "Dinner?"},
    )

    assert await replies(house, receiver, "An OFFER", "offer of SPAM", "Dinner?", "dinner?", "offer") == [
        "STOP",
        "yes",
        "STOP",
    ]


async def test_an_answer_takes_its_time_after_the_arrival(house: House, receiver: Receiver) -> None:
    """On the world's clock; it is a message like any other."""
    await declare(house, {"reply": "later", "after": "4s"})
    await hooks(house, receiver.url)
    await house.send(to=ALICE, from_="+" + OWNED)

    assert (await house.advance("4.999999s"))["delivered"] == 0
    await house.advance("1us")

    [got] = receiver.requests
    message = (await house.control("GET", "messages"))["items"][-1]
    assert got.params == inbound(message["id"], text="later", keyword="LATER", message_timestamp="2026-01-01 00:00:05")
    assert (message["direction"], message["at"]) == ("inbound", "2026-01-01T00:00:05.000Z")


async def test_the_opt_outer_says_stop_once(house: House, receiver: Receiver) -> None:
    """To the first message; source: scenario format, the table."""
    await declare(house, like="opt-outer")
    assert await replies(house, receiver, "one", "two", "three") == ["STOP"]


async def test_the_parrot_repeats_what_it_got(house: House, receiver: Receiver) -> None:
    """As it arrived: what the alphabet lacks are question marks; source: reference sms §8.1 (B, D)."""
    await declare(house, like="parrot")
    assert await replies(house, receiver, "one", "zaż", "A" * 200) == ["one", "za?", "A" * 153, "A" * 47]


@pytest.mark.parametrize("sender", ["Acme", "447700900999", "+447700900999", "0"])
async def test_an_answer_to_nobody_goes_nowhere(house: House, receiver: Receiver, sender: str) -> None:
    """To a name, or to a number that nobody in this world owns."""
    await declare(house, {"reply": "hello?"})

    assert await replies(house, receiver, "Hi", sender=sender) == []
    assert [each["direction"] for each in (await house.control("GET", "messages"))["items"]] == ["outbound"]


async def test_a_person_answers_to_a_number_without_a_url(house: House) -> None:
    """The message arrives, without a webhook."""
    await declare(house, {"reply": "hello?"})
    await house.send(to=ALICE, from_=OWNED)
    await house.advance("1h")

    assert [each["direction"] for each in (await house.control("GET", "messages"))["items"]] == ["outbound", "inbound"]
    assert await webhooks(house) == []


@pytest.mark.parametrize("sender", ["Acme", "12015550100"])
async def test_traffic_to_an_owned_number_arrives_there(house: House, receiver: Receiver, sender: str) -> None:
    """As an inbound message when it is delivered; nothing answers it; source: design §3."""
    await hooks(house, receiver.url + "/in", receipts=receiver.url + "/dlr")

    sent = await house.send(to=OWNED, from_=sender, text="Zaż " + "A" * 200)
    await house.advance("1h")

    ids = [each["message-id"] for each in sent["messages"]]
    out, arrived = (await house.control("GET", "messages"))["items"]
    assert (out["ids"], out["status"], out["direction"]) == (ids, "delivered", "outbound")
    assert (arrived["direction"], arrived["from"], arrived["to"]) == ("inbound", sender, OWNED)
    assert (arrived["text"], arrived["type"], arrived["price"]) == ("Za? " + "A" * 200, "text", "0.00000000")
    receipts = [got.params for got in receiver.requests if got.path == "/dlr"]
    parts = [got.params for got in receiver.requests if got.path == "/in"]
    assert [(each["messageId"], each["status"]) for each in receipts] == [(each, "delivered") for each in ids]
    assert [(each["messageId"], each["msisdn"]) for each in parts] == [(each, sender) for each in arrived["ids"]]
    assert "".join(each["text"] for each in parts) == arrived["text"]


async def test_binary_traffic_to_an_owned_number_stays_binary(house: House, receiver: Receiver) -> None:
    """Body and header as they were sent."""
    await hooks(house, receiver.url)

    await house.send(to=OWNED, type="binary", text="", body="00ff", udh="0403020100")
    await house.advance("1s")

    got = receiver.requests[0].params
    assert (got["type"], got["data"], got["udh"], got["text"]) == ("binary", "00FF", "0403020100", "")


@pytest.mark.parametrize("like", ["unreachable", "flaky", "switched-off", "landline"])
async def test_an_owned_number_is_never_a_person(house: House, receiver: Receiver, like: str) -> None:
    """A crowd that it would be of has no hold on it; source: design §3."""
    await house.control("PUT", "handsets/crowd", {"range": f"{OWNED}..{OWNED}", "like": like})
    await hooks(house, receiver.url)

    for _ in range(5):
        await house.send(to=OWNED)
    await house.advance("1h")

    assert len(receiver.requests) == 5


@pytest.mark.parametrize("like", ["barred", "slow", "ported"])
async def test_an_owned_number_takes_a_submission_like_no_person(house: House, receiver: Receiver, like: str) -> None:
    """It is accepted in its own network and arrives after a second."""
    await house.control("PUT", "handsets/crowd", {"range": f"{OWNED}..{OWNED}", "like": like})
    await hooks(house, receiver.url)

    sent = await house.send(to=OWNED)
    await house.advance("1s")

    assert [(each["status"], each.get("network")) for each in sent["messages"]] == [("0", "23410")]
    assert len(receiver.requests) == 1
